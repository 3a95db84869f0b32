-- nn.Activation(f[, ...]): the module of any function of its input, further
-- arguments passed on: f(input, ...).  Its gradient is autograd's, or f's own
-- when f comes from autograd.custom_vjp or custom_jvp.
--   nn.Activation(torch.tanh):forward(torch.zeros(3))          -- 0 0 0

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local Activation, parent = torch.class('nn.Activation', 'nn.Module',
                                       require 'nn')

function Activation:__init (f, ...)
  parent.__init(self)
  local mt = getmetatable(f)
  if type(f) ~= 'function'
     and not (type(mt) == 'table' and type(mt.__call) == 'function') then
    errors.raise('nn.Activation: a function of a tensor expected, got %s',
                 errors.shape(f))
  end
  self.f, self.arguments = f, table.pack(...)
end

function Activation:compute (input)
  if type(input) ~= 'table' then
    errors.check(self, input, 0, 8, 'a tensor')
  end
  local a = self.arguments
  local y = self.f(input, table.unpack(a, 1, a.n))
  if y == nil then
    errors.fail(self, 'its function returned nothing; a tensor expected')
  end
  return y
end

return Activation
