-- Criterions over pairs of elements, and their relatives: the mean (with
-- sizeAverage, the default) or the sum of a loss of each element.

local torch = require 'torch'
local errors = require 'nn.errors'
local M = require 'nn.criterion_maker'

local define, reduce, pair, average = M.define, M.reduce, M.pair,
                                      M.sizeAverage

local function elementwise (name, f, ...)
  local arguments = {...}
  define(name, arguments, function (self, input, target)
    local x, t = pair(self, input, target)
    return reduce(self, f(x, t, self))
  end)
end

-- nn.MSECriterion([sizeAverage]): (x - t)^2
elementwise('MSECriterion', function (x, t) return torch.square(x - t) end,
            average)

-- nn.WeightedMSECriterion(weights[, sizeAverage]): w (x - t)^2, the weights in
-- a shape that broadcasts with x
elementwise('WeightedMSECriterion', function (x, t, self)
  local loss = torch.square(x - t)
  return M.weighted(self, loss, self.weight)
end, {'weight', nil, 'tensor'}, average)

-- nn.AbsCriterion([sizeAverage]): |x - t|
elementwise('AbsCriterion', function (x, t) return torch.abs(x - t) end,
            average)

-- nn.SmoothL1Criterion([sizeAverage[, beta = 1]]): (x - t)^2 / (2 beta) where
-- |x - t| < beta, else |x - t| - beta / 2
elementwise('SmoothL1Criterion', function (x, t, self)
  local d, beta = torch.abs(x - t), self.beta
  return torch.where(torch.lt(d, beta), torch.square(d) * (0.5 / beta),
                     d - 0.5 * beta)
end, average, {'beta', 1, 'number'})

-- nn.HuberCriterion([sizeAverage[, delta = 1]]): delta times SmoothL1's
elementwise('HuberCriterion', function (x, t, self)
  local d, delta = torch.abs(x - t), self.delta
  return torch.where(torch.lt(d, delta), torch.square(d) * 0.5,
                     (d - 0.5 * delta) * delta)
end, average, {'delta', 1, 'number'})

-- nn.BCECriterion([weights[, sizeAverage]]): - t ln x - (1 - t) ln(1 - x) for
-- probabilities x; the logarithms are of x + 1e-12, as in Torch7
elementwise('BCECriterion', function (x, t, self)
  local loss = -(torch.cmul(t, torch.log(x + 1e-12))
                 + torch.cmul(1 - t, torch.log(1 - x + 1e-12)))
  return M.weighted(self, loss, self.weights)
end, {'weights', nil, 'tensor'}, average)

-- nn.BCEWithLogitsCriterion([weights[, sizeAverage[, positive]]]): the same
-- for scores, exact for large ones; `positive` weighs the targets 1
elementwise('BCEWithLogitsCriterion', function (x, t, self)
  local loss
  if self.positive then
    loss = torch.cmul(torch.cmul(t, self.positive), torch.softplus(-x))
           + torch.cmul(1 - t, torch.softplus(x))
  else
    loss = torch.softplus(x) - torch.cmul(x, t)
  end
  return M.weighted(self, loss, self.weights)
end, {'weights', nil, 'tensor'}, average, {'positive', nil, 'tensor'})

-- nn.MultiLabelSoftMarginCriterion([weights[, sizeAverage]]): the same, as
-- Torch7 names it
elementwise('MultiLabelSoftMarginCriterion', function (x, t, self)
  local loss = torch.softplus(x) - torch.cmul(x, t)
  return M.weighted(self, loss, self.weights)
end, {'weights', nil, 'tensor'}, average)

-- nn.DistKLDivCriterion([sizeAverage[, logTarget]]): t (ln t - x) where t > 0,
-- x log-probabilities; with logTarget t is a logarithm too
elementwise('DistKLDivCriterion', function (x, t, self)
  if self.logTarget then return torch.cmul(torch.exp(t), t - x) end
  local some = torch.gt(t, 0)
  local log = torch.log(torch.where(some, t, 1))
  return torch.where(some, torch.cmul(t, log - x), 0)
end, average, {'logTarget', false, 'boolean'})

-- nn.SoftMarginCriterion([sizeAverage]): ln(1 + exp(-t x)) for t = 1 or -1
elementwise('SoftMarginCriterion', function (x, t)
  return torch.softplus(-torch.mul(x, t))
end, average)

-- nn.MarginCriterion([margin = 1]): max(0, margin - t x) for t = 1 or -1
elementwise('MarginCriterion', function (x, t, self)
  return M.positive(self.margin - torch.mul(x, t))
end, {'margin', 1, 'number'}, average)

-- nn.HingeEmbeddingCriterion([margin = 1]): x where t = 1, max(0, margin - x)
-- where t = -1
elementwise('HingeEmbeddingCriterion', function (x, t, self)
  return torch.where(torch.gt(t, 0), x, M.positive(self.margin - x))
end, {'margin', 1, 'number'}, average)

-- nn.L1Cost([sizeAverage = false]): the sum of |x|; there is no target
define('L1Cost', {{'sizeAverage', false, 'boolean'}}, function (self, input)
  errors.check(self, input, 0, 8, 'a tensor')
  return reduce(self, torch.abs(input))
end)
