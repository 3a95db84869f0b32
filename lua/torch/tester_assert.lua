-- The assertions of torch.Tester.  Returns a function that adds them.  Each
-- returns whether it holds, and keeps a failure for the report.

return function (Tester, compare)

local function violation (name, got, wanted)
  return (' %s violation   val=%s, condition=%s')
         :format(name, tostring(got), tostring(wanted))
end

function Tester:assert (condition, message)
  return self:_check(condition,
                     ' BOOL violation   condition=' .. tostring(condition),
                     message)
end

function Tester:assertlt (a, b, message)
  return self:_check(a < b, violation('LT(<)', a, b), message)
end

function Tester:assertgt (a, b, message)
  return self:_check(a > b, violation('GT(>)', a, b), message)
end

function Tester:assertle (a, b, message)
  return self:_check(a <= b, violation('LE(<=)', a, b), message)
end

function Tester:assertge (a, b, message)
  return self:_check(a >= b, violation('GE(>=)', a, b), message)
end

function Tester:asserteq (a, b, message)
  return self:_check(a == b, violation('EQ(==)', a, b), message)
end

function Tester:assertne (a, b, message)
  return self:_check(a ~= b, violation('NE(~=)', a, b), message)
end

-- The arguments (message, number) in either order.
local function options (x, y)
  if type(x) == 'number' then return x, y end
  if type(y) == 'number' then return y, x end
  return 1e-16, x or y
end

-- |a - b| <= tolerance (1e-16)
function Tester:assertalmosteq (a, b, x, y)
  local tolerance, message = options(x, y)
  local err = math.abs(a - b)
  return self:_check(err <= tolerance,
                     violation('ALMOST_EQ(==)', err, tolerance), message)
end

local function same (got, want, tolerance)
  if compare.is_tensor(got) or compare.is_tensor(want) then
    return compare.tensors(got, want, {atol = tolerance})
  end
  local torch = require 'torch'
  if torch.isStorage(got) and torch.isStorage(want) then
    return compare.values(got:totable(), want:totable(), tolerance)
  end
  return compare.values(got, want, tolerance)
end

-- Equal within the tolerance (1e-16): numbers, strings, tensors (sizes too), and
-- tables of them.  eq(got, expected [, message] [, tolerance])
function Tester:eq (got, want, x, y)
  local tolerance, message = options(x, y)
  local holds, text = same(got, want, tolerance)
  return self:_check(holds, ' EQ violation   ' .. tostring(text), message)
end

function Tester:ne (got, want, x, y)
  local tolerance, message = options(x, y)
  return self:_check(not same(got, want, tolerance),
                     violation('NE', got, want), message)
end

Tester.assertGeneralEq, Tester.assertGeneralNe = Tester.eq, Tester.ne

-- max |a - b| <= tolerance, and types and sizes are equal
function Tester:assertTensorEq (a, b, x, y)
  local tolerance, message = options(x, y)
  local holds, text = compare.tensors(a, b, {atol = tolerance, dtype = true})
  return self:_check(holds, ' TensorEQ(==) violation   ' .. tostring(text),
                     message)
end

function Tester:assertTensorNe (a, b, x, y)
  local tolerance, message = options(x, y)
  return self:_check(not compare.tensors(a, b, {atol = tolerance,
                                                dtype = true}),
                     (' TensorNE(~=) violation   equal within %g')
                     :format(tolerance), message)
end

function Tester:assertTableEq (a, b, x, y)
  local tolerance, message = options(x, y)
  local holds, text = compare.values(a, b, tolerance)
  return self:_check(holds, ' TableEQ(==) violation   ' .. tostring(text),
                     message)
end

function Tester:assertTableNe (a, b, x, y)
  local tolerance, message = options(x, y)
  return self:_check(not compare.values(a, b, tolerance),
                     ' TableNE(~=) violation   the tables are equal', message)
end

-- f() has to raise; accept(error) may look at what it raises.
function Tester:assertErrorObj (f, accept, message)
  local ok, err = pcall(f)
  return self:_check(not ok and accept(err),
                     ' ERROR violation   '
                     .. (ok and 'nothing was raised'
                         or 'raised ' .. tostring(err)), message)
end

function Tester:assertError (f, message)
  return self:assertErrorObj(f, function () return true end, message)
end

-- The message has to be that one; a position before it ("file:3: ") is no
-- part of it.
function Tester:assertErrorMsg (f, wanted, message)
  return self:assertErrorObj(f, function (err)
    return err == wanted or type(err) == 'string'
           and err:gsub('^[^\n]-:%d+: ', '') == wanted
  end, message)
end

function Tester:assertErrorPattern (f, pattern, message)
  return self:assertErrorObj(f, function (err)
    return tostring(err):find(pattern) ~= nil
  end, message)
end

function Tester:assertNoError (f, message)
  local ok, err = pcall(f)
  return self:_check(ok, ' ERROR violation   raised ' .. tostring(err),
                     message)
end

end
