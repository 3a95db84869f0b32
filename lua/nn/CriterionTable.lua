-- nn.CriterionTable(criterion): a criterion as a module of {input, target}, so
-- that a network can end with it.  backward takes 1 where gradOutput is left
-- out; the target gets zeros.
--   nn.CriterionTable(nn.MSECriterion()):forward{torch.ones(2), torch.zeros(2)}

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local CriterionTable, parent = torch.class('nn.CriterionTable', 'nn.Module',
                                           require 'nn')

function CriterionTable:__init (criterion)
  parent.__init(self)
  if not torch.isTypeOf(criterion, 'nn.Criterion') then
    errors.raise('nn.CriterionTable: argument #1: a criterion expected, got '
                 .. '%s', errors.shape(criterion))
  end
  self.criterion = criterion
end

function CriterionTable:compute (input)
  if type(input) ~= 'table' or #input < 2 then
    errors.fail(self, 'expected a table {input, target}, got %s',
                errors.shape(input))
  end
  return self.criterion:forward(input[1],
                                require 'autograd'.stop_gradient(input[2]))
end

function CriterionTable:updateGradInput (input, gradOutput)
  return parent.updateGradInput(self, input, gradOutput or 1)
end

return CriterionTable
