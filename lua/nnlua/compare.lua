-- Compares tensors and trees of them, and says where they differ: for
-- torch.Tester and the specs' assertions.

local class = require 'torch.class'

local M = {}

function M.is_tensor (x)
  if type(x) ~= 'userdata' then return false end
  local name = class.typename(x)
  return name ~= nil and name:find 'Tensor$' ~= nil
end

local function sizes_of (x)
  local sizes = {}
  for d = 1, x:dim() do sizes[d] = x:size(d) end
  return sizes
end

-- "3 x 4 float32"
function M.describe (x)
  local sizes = sizes_of(x)
  return (#sizes > 0 and table.concat(sizes, ' x ') or '()') .. ' '
         .. x:dtype()
end

-- The elements in row-major order.
function M.flat (x)
  local out = {}
  local function add (t)
    if type(t) ~= 'table' then out[#out + 1] = t return end
    for _, v in ipairs(t) do add(v) end
  end
  if x:dim() == 0 then
    if x:nElement() == 1 then out[1] = x:item() end
  else
    add(x:totable())
  end
  return out
end

local function number (v)
  if type(v) == 'boolean' then return v and 1 or 0 end
  return v
end

-- |a - b|; equal infinities and two NaNs do not differ
local function difference (a, b)
  a, b = number(a), number(b)
  if a == b or (a ~= a and b ~= b) then return 0 end
  local d = math.abs(a - b)
  return d == d and d or math.huge
end

-- "[2,3]": where element i (1-based) of a tensor like x stands
local function position (x, i)
  local sizes, index = sizes_of(x), {}
  i = i - 1
  for d = #sizes, 1, -1 do
    index[d] = i % sizes[d] + 1
    i = i // sizes[d]
  end
  return '[' .. table.concat(index, ',') .. ']'
end

local function worst (a, b, allowed)
  local fa, fb = M.flat(a), M.flat(b)
  local place, largest, wrong = nil, -1, 0
  for i = 1, #fa do
    local d = difference(fa[i], fb[i])
    if d > allowed(number(fb[i])) then
      wrong = wrong + 1
      if d > largest then place, largest = i, d end
    end
  end
  return place, largest, wrong, fa, fb
end

-- tensors(got, want, options) -> true, or false and what differs.  options:
-- atol and rtol (default 0: equal); dtype = true: the dtypes must agree too.
function M.tensors (got, want, options)
  options = options or {}
  if not M.is_tensor(got) or not M.is_tensor(want) then
    return false, ('tensors expected, got %s and %s')
                  :format(class.type(got), class.type(want))
  end
  local shape_a, shape_b = sizes_of(got), sizes_of(want)
  local heads = ('got %s, expected %s'):format(M.describe(got),
                                               M.describe(want))
  if table.concat(shape_a, ' ') ~= table.concat(shape_b, ' ') then
    return false, 'shapes differ: ' .. heads
  end
  if options.dtype and got:dtype() ~= want:dtype() then
    return false, 'dtypes differ: ' .. heads
  end
  local atol, rtol = options.atol or 0, options.rtol or 0
  local place, largest, wrong, fa, fb = worst(got, want, function (b)
    local r = rtol * math.abs(b)
    return r < math.huge and r == r and atol + r or atol
  end)
  if not place then return true end
  return false, ('%s: %d of %d elements differ by more than %g%s;\n'
                 .. 'the largest difference is %g at %s: got %s, expected %s')
                :format(heads, wrong, #fa, atol,
                        rtol > 0 and (' + %g * |expected|'):format(rtol) or '',
                        largest, position(want, place), fa[place], fb[place])
end

local function key_text (path, key)
  if type(key) == 'string' and key:find '^[%a_][%w_]*$' then
    return path .. (path == '' and '' or '.') .. key
  end
  return ('%s[%s]'):format(path, type(key) == 'string' and ('%q'):format(key)
                                 or tostring(key))
end

-- values(got, want, tolerance) -> true, or false and what differs, where:
-- numbers and tensors within the tolerance, tables by their contents.
function M.values (got, want, tolerance, path)
  path = path or ''
  tolerance = tolerance or 0
  local function no (text)
    return false, (path ~= '' and path .. ': ' or '') .. text
  end
  if M.is_tensor(got) and M.is_tensor(want) then
    local same, text = M.tensors(got, want, {atol = tolerance})
    if same then return true end
    return no(text)
  elseif type(got) == 'number' and type(want) == 'number' then
    local d = difference(got, want)
    if d <= tolerance then return true end
    return no(('got %s, expected %s (difference %g)')
              :format(got, want, d))
  elseif type(got) == 'table' and type(want) == 'table' then
    if rawequal(got, want) then return true end
    for key, value in pairs(want) do
      local same, text = M.values(got[key], value, tolerance,
                                  key_text(path, key))
      if not same then return false, text end
    end
    for key in pairs(got) do
      if want[key] == nil then
        path = key_text(path, key)
        return no(('got %s, expected nothing')
                  :format(class.type(got[key])))
      end
    end
    return true
  end
  if got == want then return true end
  return no(('got %s, expected %s'):format(tostring(got), tostring(want)))
end

return M
