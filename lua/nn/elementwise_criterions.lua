-- Criterions that are a sum, or a mean (sizeAverage), of a function of each
-- element of input and target.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Criterion'

-- nn.NAME([sizeAverage = true]); f(input, target, self) -> the elements
local function define (name, f)
  local C, parent = torch.class('nn.' .. name, 'nn.Criterion', require 'nn')

  function C:__init (sizeAverage)
    parent.__init(self)
    self.sizeAverage = sizeAverage ~= false
  end

  function C:compute (input, target)
    errors.check(self, input, 0, 8, 'a tensor')
    if type(target) ~= 'number' then
      errors.check(self, target, 0, 8, 'a tensor as target')
      if not input:isSameSizeAs(target) then
        if input:nElement() ~= target:nElement() then
          errors.fail(self, 'input %s and target %s differ in shape',
                      errors.shape(input), errors.shape(target))
        end
        target = target:viewAs(input)
      end
    end
    local losses = f(input, target, self)
    return self.sizeAverage and losses:mean() or losses:sum()
  end
  return C
end

-- nn.MSECriterion([sizeAverage]): (x - y)^2
define('MSECriterion', function (x, y) return torch.square(x - y) end)
