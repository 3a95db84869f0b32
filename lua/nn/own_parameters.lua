-- Which tensors are a module's own parameters: the fields that the class names
-- in parameterNames, or what its method `parameters` returns where the class
-- has one; and where their gradients are.

local torch = require 'torch'

local M = {}

-- Does the class say itself which they are?
function M.overridden (module)
  return module.parameters ~= require 'nn.Module'.parameters
         and not module.modules
end

-- Where tensors of `wanted` stand in the fields of x and in plain tables there.
local function find (x, wanted, list, depth)
  local keys = {}
  for key, value in next, x do
    if wanted[value] ~= nil or type(value) == 'table' then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, function (a, b)
    if math.type(a) == math.type(b) and type(a) ~= 'table' then return a < b end
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local value = x[key]
    if wanted[value] ~= nil then
      list[#list + 1] = {module = x, name = key, grad = wanted[value] or nil}
    elseif depth < 3 and type(value) == 'table'
           and not debug.getmetatable(value) then
      find(value, wanted, list, depth + 1)
    end
  end
  return list
end

-- The module's own parameters: {module =, name =} each, the table that holds
-- it and its key, and grad, its gradient's tensor, where the class overrides
-- `parameters`.
function M.own (module)
  if M.overridden(module) then
    local wanted = {}
    local w, g = module:parameters()
    for i, t in ipairs(w or {}) do wanted[t] = g and g[i] or false end
    return find(module, wanted, {}, 1)
  end
  local list = {}
  for _, name in ipairs(module.parameterNames) do
    if module[name] ~= nil then
      list[#list + 1] = {module = module, name = name}
    end
  end
  return list
end

-- The names of the fields that are the module's own parameters.
function M.own_names (module)
  local names = {}
  for _, entry in ipairs(M.own(module)) do
    if entry.module == module then names[#names + 1] = entry.name end
  end
  return names
end

-- 'weight' -> 'gradWeight'
function M.grad_name (name)
  return 'grad' .. name:sub(1, 1):upper() .. name:sub(2)
end

-- The gradient's tensor of that parameter, made when it is missing.
function M.grad_of (module, name)
  local key = M.grad_name(name)
  local grad = module[key]
  if grad == nil then
    local p = module[name]
    grad = require 'autograd'.outside(function ()
      return torch.zeros(p:size(), {dtype = p:dtype()})
    end)
    module[key] = grad
  end
  return grad
end

-- Every parameter of the modules in the tree, as M.own has them.
function M.entries (self)
  local list, seen = {}, {}
  for _, module in ipairs(self:listModules()) do
    if not seen[module] then
      seen[module] = true
      local own = M.own(module)
      table.move(own, 1, #own, #list + 1, list)
    end
  end
  return list
end

return M
