-- Classes written for Torch7 (updateOutput, updateGradInput,
-- accGradParameters by hand) under transforms: a custom rule runs their
-- methods on a copy of the module.
--
-- The copy is made inside the trace: parameters are the traced ones, gradients
-- begin as zeros, every other tensor is a copy, in tables and modules in it
-- too, so methods may write to all of them.  What the fields hold after
-- updateOutput is kept for backward, which so finds the buffers, masks and
-- noise of its own forward.  Modules in it that only compute run once more in
-- backward, from the generator's state that forward left in their _noise: so
-- they draw the same.  The module itself stays as it is: what updateOutput
-- writes for later calls (running statistics) is not kept.

local torch = require 'torch'
local core = require 'nnlua.core'

local M = {}

M.depth = 0 -- inside a rule: modules of these classes run as they are

local down = setmetatable({}, {__close = function () M.depth = M.depth - 1 end})

local function deeper (f, ...)
  M.depth = M.depth + 1
  local _ <close> = down
  return f(...)
end

-- f(...) with modules as they are.
local function inside (...)
  return core.enclosed(deeper, ...)
end

-- f(...) with the noise that the module drew in forward.
function M.same_noise (module, f, ...)
  local noise = M.depth > 0 and rawget(module, '_noise')
  if not noise then return f(...) end
  local now = torch.getRNGState()
  torch.setRNGState(noise)
  local results = table.pack(f(...))
  torch.setRNGState(now)
  return table.unpack(results, 1, results.n)
end

local transient = {_record = true, _flat = true}

local function is_empty (t) return t:nElement() == 0 and t:dim() == 0 end

-- x with its tables and modules copied, tensors as tensor(t) says; memo has
-- what is there already.
local function rebuild (x, memo, tensor)
  if torch.isTensor(x) then
    if memo[x] == nil then
      memo[x] = is_empty(x) and x.new() or tensor(x)
    end
    return memo[x]
  elseif type(x) ~= 'table' or rawget(x, '__typename') then
    return x
  elseif memo[x] ~= nil then
    return memo[x]
  end
  local out = {}
  memo[x] = out
  for key, value in next, x do
    if not transient[key] then
      out[key] = rebuild(value, memo, tensor)
    end
  end
  return setmetatable(out, debug.getmetatable(x))
end

-- Makes the buffers that a file did not keep.
function M.fill (module)
  for _, key in ipairs {'output', 'gradInput'} do
    if module[key] == nil and module._type then
      module[key] = torch.Tensor():type(module._type)
    end
  end
end

-- A copy of the module with these parameters (params[i] for from[i]) and zeros
-- for the gradients.  Returns it and the gradients.
local function copy_of (module, from, grads, params, tensor)
  local memo, zeros = {}, {}
  for i, w in ipairs(from) do
    memo[w] = params[i]
    zeros[i] = torch.mul(params[i], 0)
    if grads[i] ~= nil then memo[grads[i]] = zeros[i] end
  end
  local copy = rebuild(module, memo, tensor)
  copy:apply(M.fill)
  return copy, zeros
end

-- An output that the module will write to again: copied where a class in it
-- is written for Torch7 and nothing is traced.
function M.own_output (module, y)
  if core.tracing() then return y end
  local base = require 'nn.Module'
  for _, m in ipairs(module:listModules()) do
    if m.updateOutput ~= base.updateOutput then
      return require 'nn.copy'.values(y)
    end
  end
  return y
end

-- All tensors in x but those of `skip`, in an order that depends on names.
local function collect (x, skip, list, seen)
  if seen[x] or skip[x] then return list end
  if torch.isTensor(x) then
    seen[x] = true
    if not is_empty(x) then list[#list + 1] = x end
  elseif type(x) == 'table' and not rawget(x, '__typename') then
    seen[x] = true
    local keys = {}
    for key in next, x do
      if not transient[key] and key ~= 'gradInput' then
        keys[#keys + 1] = key
      end
    end
    table.sort(keys, function (a, b)
      if type(a) == type(b) and type(a) ~= 'table' then return a < b end
      return tostring(a) < tostring(b)
    end)
    for _, key in ipairs(keys) do collect(x[key], skip, list, seen) end
  end
  return list
end

local function clone (t) return t:clone() end

local function own_parameters (module)
  local w, g = module:parameters()
  return w or {}, g or {}
end

-- The module's output for an input, its own backward as the rule.
function M.custom (self, input)
  local w, g = own_parameters(self)
  local last -- the copy that ran forward: its tables and numbers
  local function forward (p, x)
    local zeros
    last, zeros = copy_of(self, w, g, p, clone)
    local y = inside(last.updateOutput, last, x)
    local skip = {}
    for i, t in ipairs(p) do skip[t], skip[zeros[i]] = true, true end
    return y, collect(last, skip, {}, {}), zeros
  end
  local f = require 'autograd'.custom_vjp(function (p, x)
    return (forward(p, x))
  end, function (p, x)
    local y, kept, zeros = forward(p, x)
    local m = last
    return y, {p = p, x = x, kept = kept,
               fields = function () return m, kept, p, zeros end}
  end, function (saved, gradOutput)
    local m, kept, p, zeros = saved.fields()
    local place = {}
    for i, t in ipairs(kept) do place[t] = saved.kept[i] end
    local back, grads = copy_of(m, p, zeros, saved.p, function (t)
      return place[t] and place[t]:clone() or t.new()
    end)
    local gradInput = inside(back.updateGradInput, back, saved.x, gradOutput)
    inside(back.accGradParameters, back, saved.x, gradOutput, 1)
    return grads, gradInput
  end)
  return f(w, input)
end

return M
