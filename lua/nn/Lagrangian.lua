-- nn.Lagrangian(l): the activation of a Lagrangian, grad(l)(input), of the
-- input's shape.  l: one of nn's Lagrangians (nn.LTanh{...}), whose analytic
-- gradient is used, or any function or module from a tensor to a number.
--   nn.Lagrangian(nn.LSoftmax{beta = 2}):forward(torch.zeros(3, 4))

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local Lagrangian, parent = torch.class('nn.Lagrangian', 'nn.Module',
                                       require 'nn')

Lagrangian.parameterNames = {}

function Lagrangian:__init (l)
  parent.__init(self)
  if torch.isTypeOf(l, 'nn.Module') then
    self.modules = {l}
  elseif type(l) ~= 'function' then
    errors.raise('nn.Lagrangian: a Lagrangian (nn.LTanh{...}, or a function '
                 .. 'from a tensor to a number) expected, got %s',
                 errors.shape(l))
  end
  self.l = l
end

function Lagrangian:compute (input)
  errors.check(self, input, 1, 8, 'a tensor with at least 1 dimension')
  local l = self.l
  if type(l) ~= 'function' and l.activation then return l:activation(input) end
  return (require 'autograd'.grad(function (x)
    local v
    if type(l) == 'function' then v = l(x) else v = l:compute(x) end
    if type(v) ~= 'number' and not (torch.isTensor(v) and v:dim() == 0) then
      errors.fail(self, 'a number expected of the Lagrangian, got %s',
                  errors.shape(v))
    end
    return v
  end)(input))
end

function Lagrangian:__tostring__ ()
  if type(self.l) == 'function' then return 'nn.Lagrangian(function)' end
  return ('nn.Lagrangian(%s)'):format(tostring(self.l))
end

return Lagrangian
