-- nn.utils: what Torch7's modules use for buffers that are tensors or tables
-- of tensors.

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

local function each (name, t, u, f)
  if torch.isTensor(u) then
    t = torch.isTensor(t) and t or u.new()
    f(t, u)
    return t
  elseif type(u) == 'table' then
    t = type(t) == 'table' and t or {}
    for key, x in next, u do t[key] = each(name, t[key], x, f) end
    for key in next, t do if u[key] == nil then t[key] = nil end end
    return t
  end
  errors.raise('nn.utils.%s: tensors or tables of them expected, got %s',
               name, errors.shape(u))
end

-- x (a tensor, a module, a table of them) in another type; what is shared is
-- shared after.  Returns x, or the new tensor.
--   nn.utils.recursiveType({net1, net2}, 'torch.DoubleTensor')
function M.recursiveType (x, name)
  if torch.isTensor(x) then return x:type(name) end
  if type(x) == 'table' then require 'nn.copy'.type(x, name) end
  return x
end

-- t takes the sizes of u, tensor by tensor; tensors that are missing are made,
-- others than u's given up.  Returns t and u.
function M.recursiveResizeAs (t, u)
  return each('recursiveResizeAs', t, u, function (a, b)
    a:resizeAs(b)
  end), u
end

-- t becomes a copy of u.  Returns t and u.
function M.recursiveCopy (t, u)
  return each('recursiveCopy', t, u, function (a, b)
    a:resizeAs(b):copy(b)
  end), u
end

-- Fills all tensors with a number.  Returns t.
function M.recursiveFill (t, value)
  each('recursiveFill', t, t, function (a) a:fill(value) end)
  return t
end

-- t = t + value (1) u.  Returns t and u.
function M.recursiveAdd (t, value, u)
  if u == nil then value, u = 1, value end
  each('recursiveAdd', t, u, function (a, b) a:add(value, b) end)
  return t, u
end

-- Empties fields of a module: tensors, and tables of them.  Returns it.
--   local m = nn.utils.clear(nn.Tanh(), 'output', '_buffer')
function M.clear (self, ...)
  local names = {...}
  if type(names[1]) == 'table' then names = names[1] end
  for _, name in ipairs(names) do
    local value = self[name]
    if torch.isTensor(value) then
      value:set()
    elseif value ~= nil then
      self[name] = type(value) == 'table' and {} or nil
    end
  end
  return self
end

return M
