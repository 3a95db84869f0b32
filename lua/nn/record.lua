-- How a module that only says how to compute gets its gradient: its forward
-- runs under autograd.vjp over its parameters and its input, and the pullback
-- is kept for backward.
--
-- Inside, the parameters' fields must hold the traced tensors.  A module
-- without children is stood in for by a table that holds them and reads all
-- else from the module; modules in modules get their fields exchanged while
-- the function runs (a to-be-closed variable puts them back on errors too).

local torch = require 'torch'

local M = {}

local function autograd () return require 'autograd' end

-- The field names of a module's own parameters.  Where a class overrides
-- `parameters`, the fields that hold what it returns.
function M.own_names (module)
  local base = require 'nn.Module'
  if module.parameters == base.parameters or module.modules then
    local names = {}
    for _, name in ipairs(module.parameterNames) do
      if module[name] ~= nil then names[#names + 1] = name end
    end
    return names
  end
  local names = {}
  local tensors = {}
  for _, t in ipairs((module:parameters()) or {}) do tensors[t] = true end
  for key, value in next, module do
    if type(key) == 'string' and type(value) == 'userdata'
       and tensors[value] then
      names[#names + 1] = key
    end
  end
  table.sort(names)
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

-- Every parameter of the modules in the tree: {module =, name =} each.
function M.entries (self)
  local list, seen = {}, {}
  for _, module in ipairs(self:listModules()) do
    if not seen[module] then
      seen[module] = true
      for _, name in ipairs(M.own_names(module)) do
        list[#list + 1] = {module = module, name = name}
      end
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

-- f(...) while the entries' fields hold `tensors`.
function M.with (entries, tensors, f, ...)
  local saved <close> = setmetatable({}, restore) -- luacheck: ignore 211
  M.depth = M.depth + 1
  for i, entry in ipairs(entries) do
    saved[-i], saved[i] = entry.module[entry.name], entry
    entry.module[entry.name] = tensors[i]
  end
  return f(...) -- no tail call: saved is closed after it
end

-- output, and a record for M.pull.  self.compute must be pure.
function M.run (self, input)
  local entries, output, pull
  if #self:children() == 0 then
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
  return output, {input = input, entries = entries, pull = pull}
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

-- ---- classes that define updateGradInput (and accGradParameters) ----

-- A copy of the module to run Torch7's methods on traced tensors: fresh
-- buffers, the given parameters, zero gradients.
local function working_copy (self, params)
  local t = {}
  for key, value in next, self do t[key] = value end
  for name, p in next, params do
    t[name] = p
    t[M.grad_name(name)] = torch.mul(p, 0)
  end
  t.output, t.gradInput = torch.Tensor(), torch.Tensor()
  if self._type then
    t.output, t.gradInput = t.output:type(self._type),
                            t.gradInput:type(self._type)
  end
  return setmetatable(t, debug.getmetatable(self))
end

-- The module's output under a transform, its own backward as the rule.
function M.custom (self, input)
  local params = {}
  for _, name in ipairs(M.own_names(self)) do params[name] = self[name] end
  local function forward (p, x) return working_copy(self, p):updateOutput(x) end
  local f = autograd().custom_vjp(forward, function (p, x)
    return forward(p, x), {p = p, x = x}
  end, function (saved, gradOutput)
    local m = working_copy(self, saved.p)
    m:updateOutput(saved.x) -- again: its buffers belong to another trace
    local gradInput = m:updateGradInput(saved.x, gradOutput)
    m:accGradParameters(saved.x, gradOutput, 1)
    local grads = {}
    for name in next, saved.p do grads[name] = m[M.grad_name(name)] end
    return grads, gradInput
  end)
  return f(params, input)
end

return M
