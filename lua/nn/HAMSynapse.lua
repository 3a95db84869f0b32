-- What the synapses of nn.HAM share: modules whose forward takes the list of
-- the activations that they connect and gives their energy, a number.
--
-- A field `connects` has the sizes of the layers that a synapse connects, in
-- words, to be checked when a HAM is made.  Weights are drawn from a normal
-- distribution with sd 0.02.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local M = {}

function M.dot (a, b) return torch.cmul(a, b):sum() end

-- The list of n tensors, or an error.
function M.take (self, input, n)
  if type(input) ~= 'table' or #input ~= n then
    errors.fail(self, 'expected a list of %d activations, got %s', n,
                errors.shape(input))
  end
  return table.unpack(input)
end

-- x, if it is [n].
function M.vector (self, x, n)
  if not torch.isTensor(x) or x:dim() ~= 1 or x:size(1) ~= n then
    errors.fail(self, 'expected activations [%d], got %s', n, errors.shape(x))
  end
  return x
end

function M.class (name)
  local C, parent = torch.class('nn.' .. name, 'nn.Module', require 'nn')
  function C:reset (stdv)
    for _, key in ipairs(self.parameterNames) do
      if self[key] and key ~= 'beta' then self[key]:normal(0, stdv or 0.02) end
    end
    return self
  end
  return C, parent
end

return M
