-- nn.CrossEntropyCriterion([weights[, sizeAverage = true]]): LogSoftMax and
-- ClassNLLCriterion in one, for scores (logits) x [n x C], [C] or
-- [n x C x ...].  The target is labels 1..C, or a distribution over the
-- classes for each sample, of the shape of x.  Options by name: {weights =,
-- sizeAverage =, ignoreIndex =, labelSmoothing = 0}.
--   nn.CrossEntropyCriterion():forward(torch.zeros(2, 10),
--                                      torch.LongTensor{3, 1})   -- log(10)

local torch = require 'torch'
local errors = require 'nn.errors'
local labels = require 'nn.class_labels'
local F = require 'nn.functional'
require 'nn.ClassNLLCriterion'

local CrossEntropy, parent = torch.class('nn.CrossEntropyCriterion',
                                         'nn.ClassNLLCriterion',
                                         require 'nn')

local function is_distribution (x, target)
  return torch.isTensor(target) and target:dtype():find '^float'
         and x:nElement() > 1 and target:isSameSizeAs(x)
end

function CrossEntropy:compute (input, target)
  local dim, count = labels.classes(self, input)
  local x = F.log_softmax(input, dim)
  if not is_distribution(input, target) then
    return parent.nll(self, x, target)
  end
  if self.weights then
    x = torch.cmul(x, labels.weights(self.weights:type(x:type()), dim,
                                     x:dim(), count))
  end
  local eps = self.labelSmoothing
  if eps ~= 0 then target = target * (1 - eps) + eps / count end
  local loss = -torch.cmul(x, target):sum()
  if not self.sizeAverage then return loss end
  if input:nElement() == 0 then
    errors.fail(self, 'expected [batch, classes], got %s',
                errors.shape(input))
  end
  return loss / (input:nElement() // count)
end

return CrossEntropy
