-- How a module that only says how to compute gets its gradient: its forward
-- runs under autograd.vjp over its parameters and its input, and the pullback
-- is kept for backward.
--
-- Inside, the parameters' fields must hold the traced tensors.  A module
-- without children is stood in for by a table that holds them and reads all
-- else from the module; modules in modules get their fields exchanged while
-- the function runs (a to-be-closed variable puts them back on errors too).

local torch = require 'torch'
local core = require 'nnlua.core'

local M = {}

local function autograd () return require 'autograd' end

local function overridden (module)
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
  if overridden(module) then
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
    grad = autograd().outside(function ()
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

M.depth = 0 -- of M.with: inside it modules keep nothing

local restore = {__close = function (saved)
  M.depth = M.depth - 1
  for i, entry in ipairs(saved) do
    entry.module[entry.name] = saved[-i]
  end
end}

local function exchanged (entries, tensors, f, ...)
  local saved <close> = setmetatable({}, restore) -- luacheck: ignore 211
  M.depth = M.depth + 1
  for i, entry in ipairs(entries) do
    saved[-i], saved[i] = entry.module[entry.name], entry
    entry.module[entry.name] = tensors[i]
  end
  return f(...) -- no tail call: saved is closed after it
end

-- f(...) while the entries' fields hold `tensors`.
function M.with (...)
  return core.enclosed(exchanged, ...)
end

-- output, and a record for M.pull.  self.compute must be pure.
function M.run (self, input)
  local entries, output, pull
  if #self:children() == 0 and not overridden(self) then
    local params, names = {}, M.own_names(self)
    for _, name in ipairs(names) do params[name] = self[name] end
    output, pull = autograd().vjp(function (p, x)
      local stand_in = {}
      for key, value in next, p do stand_in[key] = value end
      return self.compute(setmetatable(stand_in, {
        __index = self, __newindex = self,
        __typename = torch.typename(self)}), x)
    end, params, input)
    entries = {}
    for i, name in ipairs(names) do
      entries[i] = {module = self, name = name, key = name}
    end
  else
    entries = M.entries(self)
    local params = {}
    for i, entry in ipairs(entries) do
      entry.key = i
      params[i] = entry.module[entry.name]
    end
    output, pull = autograd().vjp(function (p, x)
      return M.with(entries, p, self.compute, self, x)
    end, params, input)
  end
  return output, {input = input, entries = entries, pull = pull,
                  output = output}
end

-- The gradients by gradOutput: of the parameters (by entry.key), of input.
-- The last ones are kept for accGradParameters.
function M.pull (record, gradOutput)
  if not rawequal(record.gradOutput, gradOutput) or not record.grads then
    record.grads, record.gradInput = record.pull(gradOutput)
    record.gradOutput = gradOutput
  end
  return record.grads, record.gradInput
end

return M
