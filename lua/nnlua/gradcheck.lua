-- Gradients against central differences, in float64: the check behind
-- assert.gradcheck.

local compare = require 'nnlua.compare'

local function floating (x)
  return compare.is_tensor(x) and x:dtype():find '^float' ~= nil
end

-- A copy of a tree with its floating tensors in float64; they are added to
-- `leaves` with their paths.
local function copy (v, path, leaves)
  if floating(v) then
    local x = v:double():clone()
    leaves[#leaves + 1] = {x = x, path = path}
    return x
  elseif math.type(v) == 'float' then
    local torch = require 'torch'
    local x = torch.tensor({v}, 'float64')
    leaves[#leaves + 1] = {x = x, path = path, number = true}
    return x
  elseif type(v) == 'table' and not getmetatable(v) then
    local out = {}
    for key, w in pairs(v) do
      out[key] = copy(w, ('%s[%s]'):format(path, tostring(key)), leaves)
    end
    return out
  end
  return v
end

-- f's first result as a float64 scalar: an array is weighted, so that wrong
-- signs in it do not cancel.
local function scalar (y)
  local dtype = math.type(y) == 'integer' and 'int64'
                or compare.is_tensor(y) and not floating(y) and y:dtype()
  if dtype then
    error(('gradcheck: the result of the function is of dtype %s, which has '
           .. 'no gradient; compute it in floats'):format(dtype), 0)
  end
  if type(y) == 'number' then return y end
  if not compare.is_tensor(y) then
    error('gradcheck: the function has to return a number or a tensor, got '
          .. type(y), 0)
  end
  if y:dim() == 0 then return y end
  local torch = require 'torch'
  local n = y:nElement()
  local weights = torch.range(1, n):double():mul(0.7):sin():add(0.3)
  return torch.dot(y:double():contiguous():view(n), weights)
end

local function numeric (loss, x, i, step)
  local flat = x:view(-1)
  local before = flat[i]
  flat[i] = before + step
  local high = loss()
  flat[i] = before - step
  local low = loss()
  flat[i] = before
  return (high - low) / (2 * step)
end

local function find (tree, path_of) -- the gradients, by path
  local out = {}
  local function walk (v, path)
    if compare.is_tensor(v) then
      out[path] = v
    elseif type(v) == 'table' then
      for key, w in pairs(v) do
        walk(w, ('%s[%s]'):format(path, tostring(key)))
      end
    end
  end
  walk(tree, path_of)
  return out
end

-- gradcheck(f, x, ..., [options]): are the gradients of f(x, ...) with respect
-- to all floating tensors and float numbers in its arguments (nested tables
-- too) those of central differences?  f's first result is a number or a
-- tensor of any shape.  options, the last table with one of these names: step
-- (1e-5), atol (1e-6), rtol (1e-4).  Returns true, or false and where the
-- largest difference is.
return function (f, ...)
  local arguments = table.pack(...)
  local options = {}
  local last = arguments[arguments.n]
  if type(last) == 'table' and (last.step or last.atol or last.rtol) then
    options = last
    arguments.n = arguments.n - 1
  end
  local autograd = require 'autograd'
  local leaves, params = {}, {}
  for i = 1, arguments.n do
    params[i] = copy(arguments[i], ('argument[%d]'):format(i), leaves)
  end
  if #leaves == 0 then
    return false, 'there is no floating tensor among the arguments'
  end
  local function loss (p)
    return scalar((f(table.unpack(p, 1, arguments.n))))
  end
  local gradients = find((autograd.grad(loss)(params)), 'argument')
  local step = options.step or 1e-5
  local atol, rtol = options.atol or 1e-6, options.rtol or 1e-4
  local worst, text = 0, nil
  for _, leaf in ipairs(leaves) do
    local got = gradients[leaf.path]
    if not got then return false, leaf.path .. ' has no gradient' end
    local values = compare.flat(got)
    for i = 1, leaf.x:nElement() do
      local want = numeric(function () return loss(params) end, leaf.x, i,
                           step)
      local d = math.abs(values[i] - want)
      local excess = (d == d and d or math.huge) - atol - rtol * math.abs(want)
      if excess > worst then
        worst = excess
        text = ('the gradient of %s (%s) differs at element %d: autograd '
                .. '%.8g, differences %.8g'):format(leaf.path,
                compare.describe(leaf.x), i, values[i], want)
      end
    end
  end
  return text == nil, text
end
