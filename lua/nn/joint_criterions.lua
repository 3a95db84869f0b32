-- Criterions made of criterions: MultiCriterion, ParallelCriterion,
-- ModuleCriterion.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Criterion'

local nn = require 'nn'

local function add (self, criterion, weight)
  if type(criterion) ~= 'table' or not criterion.updateGradInput
     or torch.isTypeOf(criterion, 'nn.Module') then
    errors.raise('%s: add: a criterion expected, got %s',
                 torch.typename(self), torch.typename(criterion)
                 or errors.shape(criterion))
  end
  if weight ~= nil and type(weight) ~= 'number' then
    errors.raise('%s: add: argument #2 (weight): a number expected, got %s',
                 torch.typename(self), errors.shape(weight))
  end
  table.insert(self.criterions, criterion)
  self.weights[#self.criterions] = weight or 1
  return self
end

-- nn.MultiCriterion(): the weighted sum of criterions of one input and target.
--   nn.MultiCriterion():add(nn.MSECriterion()):add(nn.AbsCriterion(), 0.5)
local Multi, multi_parent = torch.class('nn.MultiCriterion', 'nn.Criterion',
                                        nn)

function Multi:__init ()
  multi_parent.__init(self)
  self.criterions, self.weights = {}, {}
end

Multi.add = add

function Multi:compute (input, target)
  local loss = 0
  for i, criterion in ipairs(self.criterions) do
    loss = loss + self.weights[i] * criterion:forward(input, target)
  end
  return loss
end

-- nn.ParallelCriterion([repeatTarget]): the weighted sum of criterions, the
-- i-th of input[i] and target[i] (or target, with repeatTarget).
local Parallel, parallel_parent = torch.class('nn.ParallelCriterion',
                                              'nn.Criterion', nn)

function Parallel:__init (repeatTarget)
  parallel_parent.__init(self)
  self.criterions, self.weights = {}, {}
  self.repeatTarget = repeatTarget or false
end

Parallel.add = add

function Parallel:compute (input, target)
  if type(input) ~= 'table' or #input ~= #self.criterions then
    errors.fail(self, 'expected a table of %d inputs, got %s',
                #self.criterions, errors.shape(input))
  end
  local loss = 0
  for i, criterion in ipairs(self.criterions) do
    local t = target
    if not self.repeatTarget then t = target[i] end
    loss = loss + self.weights[i] * criterion:forward(input[i], t)
  end
  return loss
end

-- nn.ModuleCriterion(criterion[, inputModule[, targetModule]]): the criterion
-- of what the modules make of input and target.
local ModuleCriterion, module_parent = torch.class('nn.ModuleCriterion',
                                                   'nn.Criterion', nn)

function ModuleCriterion:__init (criterion, inputModule, targetModule)
  module_parent.__init(self)
  if type(criterion) ~= 'table' or not criterion.updateGradInput
     or torch.isTypeOf(criterion, 'nn.Module') then
    errors.raise('nn.ModuleCriterion: a criterion expected, got %s',
                 torch.typename(criterion) or errors.shape(criterion))
  end
  for i, m in pairs {[2] = inputModule, [3] = targetModule} do
    if not torch.isTypeOf(m, 'nn.Module') then
      errors.raise('nn.ModuleCriterion: argument #%d: a module expected, got '
                   .. '%s', i, torch.typename(m) or errors.shape(m))
    end
  end
  self.criterion, self.inputModule = criterion, inputModule
  self.targetModule = targetModule
end

function ModuleCriterion:compute (input, target)
  if self.inputModule then input = self.inputModule:forward(input) end
  if self.targetModule then target = self.targetModule:forward(target) end
  return self.criterion:forward(input, target)
end
