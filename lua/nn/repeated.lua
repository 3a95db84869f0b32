-- Containers in which one module stands several times.  Its children keep what
-- the last of its forwards left, which is not what the walk back through the
-- others needs.  So such a container has its gradient as one function, from
-- autograd, like a module that only says how to compute.

local core = require 'nnlua.core'
local errors = require 'nn.errors'
local record = require 'nn.record'
local Module = require 'nn.Module'

-- Does a module stand twice among self's?
local function repeated (self)
  local modules = self.modules
  local n = #modules
  if n < 2 then return false end
  if n == 2 then return rawequal(modules[1], modules[2]) end
  local seen = {}
  for i = 1, n do
    local m = modules[i]
    if seen[m] then return true end
    seen[m] = true
  end
  return false
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
