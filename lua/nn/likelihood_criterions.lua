-- Criterions that are the negative logarithm of a likelihood: the mean (with
-- sizeAverage, the default) or the sum over elements; constants are left out
-- unless `full`.

local torch = require 'torch'
local M = require 'nn.criterion_maker'

local define, reduce, average = M.define, M.reduce, M.sizeAverage
local full = {'full', false, 'boolean'}

-- nn.PoissonNLLCriterion([sizeAverage[, logInput = true[, full[, eps =
-- 1e-8]]]]): exp(x) - t x for x the logarithm of the rate; without logInput
-- x - t ln(x + eps) for the rate x.  full adds Stirling's t ln t - t
-- + ln(2 pi t) / 2 where t > 1.
define('PoissonNLLCriterion', {average, {'logInput', true, 'boolean'}, full,
       {'eps', 1e-8, 'number'}}, function (self, input, target)
  local x, t = M.pair(self, input, target)
  local loss = self.logInput and torch.exp(x) - torch.mul(x, t)
               or x - torch.mul(torch.log(x + self.eps), t)
  if self.full then
    if not torch.isTensor(t) then t = torch.ones_like(x) * t end
    local many = torch.gt(t, 1)
    local s = torch.where(many, t, 1)
    local log = torch.cmul(s, torch.log(s)) - s
                + torch.log(s * (2 * math.pi)) * 0.5
    loss = loss + torch.where(many, log, 0)
  end
  return reduce(self, loss)
end)

-- nn.GaussianNLLCriterion([sizeAverage[, full[, eps = 1e-6]]]): (ln v
-- + (x - t)^2 / v) / 2 for inputs {x, v}, v the variance; one below eps counts
-- as eps, with the gradient that eps would have.
define('GaussianNLLCriterion', {average, full, {'eps', 1e-6, 'number'}},
       function (self, input, target)
  local x, var = M.two(self, input)
  local _, t = M.pair(self, x, target)
  local missing = torch.cmax(var, self.eps) - var
  local v = var + require 'autograd'.stop_gradient(missing)
  local loss = (torch.log(v) + torch.cdiv(torch.square(x - t), v)) * 0.5
  if self.full then loss = loss + 0.5 * math.log(2 * math.pi) end
  return reduce(self, loss)
end)
