-- nn.ClassNLLCriterion([weights[, sizeAverage = true[, ignoreIndex = -100]]]):
-- - sum of w[y] x[.., y, ..] over the samples, divided by the sum of w[y]
-- (sizeAverage), for log-probabilities x [n x C], [C] or [n x C x ...] and
-- labels y in 1..C, [n] or [n x ...] or a number.  Samples with the label
-- ignoreIndex do not count; when all are, the loss is 0.  Options can also
-- come by name: {weights =, sizeAverage =, ignoreIndex =}.
--   local logp = nn.LogSoftMax():forward(torch.zeros(2, 4))
--   nn.ClassNLLCriterion():forward(logp, torch.LongTensor{3, 1})    -- log(4)

local torch = require 'torch'
local errors = require 'nn.errors'
local labels = require 'nn.class_labels'
local core = require 'nnlua.core'
require 'nn.Criterion'

local ClassNLL, parent = torch.class('nn.ClassNLLCriterion', 'nn.Criterion',
                                     require 'nn')

local known = {weights = true, sizeAverage = true, ignoreIndex = true,
               labelSmoothing = true}

function ClassNLL:__init (weights, sizeAverage, ignoreIndex)
  parent.__init(self)
  local o = {weights = weights, sizeAverage = sizeAverage,
             ignoreIndex = ignoreIndex}
  if type(weights) == 'table' then o = weights end
  for key in next, o do
    if not known[key] then
      errors.raise('%s: no option %s', torch.typename(self), tostring(key))
    end
  end
  if o.weights ~= nil and not torch.isTensor(o.weights) then
    errors.raise('%s: weights: a tensor with one weight for each class '
                 .. 'expected, got %s', torch.typename(self),
                 errors.shape(o.weights))
  end
  self.weights = o.weights
  self.sizeAverage = o.sizeAverage ~= false
  self.ignoreIndex = o.ignoreIndex or -100
  self.labelSmoothing = o.labelSmoothing or 0
end

local function weights_for (self, x, dim, count)
  local w = self.weights
  if not w then return nil end
  if w:nElement() ~= count then
    errors.fail(self, '%d classes in %s, but %d weights', count,
                errors.shape(x), w:nElement())
  end
  return labels.weights(w:type(x:type()), dim, x:dim(), count)
end

-- The loss for log-probabilities x.
function ClassNLL:nll (x, target)
  local dim, count = labels.classes(self, x)
  local y = labels.labels(self, x, target, dim, count)
  labels.check(self, y, count, self.ignoreIndex)
  local w = weights_for(self, x, dim, count)
  local mask = labels.mask(y, dim, count, self.ignoreIndex)
  local weighted = w and torch.cmul(x, w) or x
  local loss = -torch.where(mask, weighted, 0):sum()
  local total = torch.where(mask, w or 1, 0):sum()
  local eps = self.labelSmoothing
  if eps ~= 0 then -- only for samples that count
    local counted = torch.gt(mask:long():sum(dim), 0)
    local rest = -torch.where(counted, weighted, 0):sum()
    loss = loss * (1 - eps) + rest * (eps / count)
  end
  if self.sizeAverage then
    loss = loss / torch.where(torch.eq(total, 0), 1, total)
  end
  if core.tracing() then
    loss = labels.poison(loss, y, count, self.ignoreIndex)
  end
  return loss
end

function ClassNLL:compute (input, target) return self:nll(input, target) end

return ClassNLL
