-- OneHot, Constant, GradientReversal, WhiteNoise, L1Penalty, ZeroGrad.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local nn = require 'nn'
local define = maker.define
local F = nn.functional

-- nn.OneHot(n): labels 1..n of any shape to [..., n] of 0 and 1
define('OneHot', {'outputSize'}, function (self, labels)
  if type(labels) == 'number' then
    return F.one_hot(torch.LongTensor {labels}, self.outputSize)
           :view(self.outputSize)
  end
  errors.check(self, labels, 0, 7, 'a tensor of labels')
  if labels:dim() == 0 and labels:nElement() == 1 then
    labels = labels:view(1)
  end
  if labels:nElement() == 0 then
    errors.fail(self, 'expected a tensor of labels, got %s',
                errors.shape(labels))
  end
  labels = errors.labels(self, labels, self.outputSize)
  return F.one_hot(labels, self.outputSize)
end)

-- nn.Constant(value[, nInputDim]): the value, whatever comes; with nInputDim,
-- once for each sample
define('Constant', {'value', 'nInputDim'}, function (self, x)
  local v = self.value
  if type(v) ~= 'number' and not torch.isTensor(v) then
    errors.fail(self, 'its value: a number or a tensor expected, got %s',
                errors.shape(v))
  end
  if type(v) == 'number' then v = torch.tensor {v} end
  if self.nInputDim then errors.check(self, x, 0, 8, 'a tensor') end
  if self.nInputDim and x:dim() > self.nInputDim then
    return v:unsqueeze(1):expand(x:size(1), table.unpack(v:size():totable()))
  end
  return v * 1
end)

-- nn.GradientReversal([lambda = 1]): x, with gradient -lambda
local Reversal = define('GradientReversal', {'lambda'}, function (self, x)
  errors.check(self, x, 0, 8, 'a tensor')
  return F.scale_gradient(x, -self.lambda)
end, {1})

function Reversal:setLambda (lambda)
  self.lambda = lambda
  return self
end

-- nn.ZeroGrad(): x, with gradient 0
define('ZeroGrad', {}, function (self, x)
  errors.check(self, x, 0, 8, 'a tensor')
  return F.scale_gradient(x, 0)
end)

-- nn.WhiteNoise([mean = 0[, std = 0.1]]): adds normal noise in training mode
define('WhiteNoise', {'mean', 'std'}, function (self, x)
  errors.check(self, x, 0, 8, 'a tensor')
  if not self:training_mode() then return x * 1 end
  return x + (torch.randn(x:size(), {dtype = x:dtype(),
                                    key = self:draw_key()}) * self.std
              + self.mean)
end, {0, 0.1})

-- nn.L1Penalty(weight[, sizeAverage[, provideOutput = true]]): x; its gradient
-- has weight times the sign of x more.  `loss` is weight times the sum of |x|.
local L1Penalty, penalty_parent = torch.class('nn.L1Penalty', 'nn.Module', nn)

function L1Penalty:__init (l1weight, sizeAverage, provideOutput)
  penalty_parent.__init(self)
  if type(l1weight) ~= 'number' then
    errors.raise('nn.L1Penalty: argument #1 (l1weight): a number expected, got '
                 .. '%s', errors.shape(l1weight))
  end
  self.l1weight, self.sizeAverage = l1weight, sizeAverage or false
  self.provideOutput = provideOutput ~= false
end

local function weight_of (self, x)
  return self.sizeAverage and self.l1weight / x:nElement() or self.l1weight
end

function L1Penalty:updateOutput (x)
  errors.check(self, x, 0, 8, 'a tensor')
  self.loss = torch.abs(x):sum() * weight_of(self, x)
  self.output = x * 1
  return self.output
end

function L1Penalty:updateGradInput (x, gradOutput)
  if self.provideOutput then errors.gradient(self, x, gradOutput) end
  local g = torch.sign(x) * weight_of(self, x)
  self.gradInput = self.provideOutput and g + gradOutput or g
  return self.gradInput
end
