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
local parameters = require 'nn.own_parameters'

local M = {}

local function autograd () return require 'autograd' end

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

-- output, and a record: its pull(gradOutput) gives the gradients, of the
-- parameters (by entry.key) and of input.  self.compute must be pure.
function M.run (self, input)
  local entries, output, pull
  if #self:children() == 0 and not parameters.overridden(self) then
    local params, names = {}, parameters.own_names(self)
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
    entries = parameters.entries(self)
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

return M
