-- Containers in which one module stands several times, among their modules or
-- deeper.  It keeps what the last of its forwards left, which is not what the
-- walk back through the others needs.  So such a container has its gradient as
-- one function, from autograd, like a module that only says how to compute.

local core = require 'nnlua.core'
local errors = require 'nn.errors'
local record = require 'nn.record'
local Module = require 'nn.Module'

-- Does one of the modules, or of those in them, stand in `seen` or twice?
local function again (modules, seen)
  for i = 1, #modules do
    local m = modules[i]
    if seen[m] then return true end
    seen[m] = true
    local inner = m.modules
    if inner and again(inner, seen) then return true end
  end
  return false
end

-- Does a module stand twice in self?
local function repeated (self)
  local modules = self.modules
  local n = #modules
  if n == 0 or n == 1 and not modules[1].modules then return false end
  return again(modules, {})
end

-- Gives the class's methods that second way.
return function (C)
  local compute, backward = C.compute, C.backward
  local updateGradInput, accGradParameters = C.updateGradInput,
                                             C.accGradParameters

  function C:compute (input)
    if self.train ~= false and record.depth == 0 and not core.tracing()
       and repeated(self) then
      local output
      output, self._record = record.run(self, input)
      return output
    end
    return compute(self, input)
  end

  function C:backward (input, gradOutput, scale)
    if repeated(self) then
      errors.ran(self)
      return Module.backward(self, input, gradOutput, scale)
    end
    return backward(self, input, gradOutput, scale)
  end

  function C:updateGradInput (input, gradOutput)
    if repeated(self) then
      errors.ran(self)
      return Module.updateGradInput(self, input, gradOutput)
    end
    return updateGradInput(self, input, gradOutput)
  end

  function C:accGradParameters (input, gradOutput, scale)
    if repeated(self) then
      return Module._accumulate(self, input, gradOutput, scale)
    end
    return accGradParameters(self, input, gradOutput, scale)
  end
end
