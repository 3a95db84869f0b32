-- optim.lamb(opfunc, x, config, state): adam with steps in proportion to each
-- tensor's norm, for large batches (https://arxiv.org/abs/1904.00962).
-- config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-6),
-- weightDecay (0).
--   u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
--       + weightDecay x
--   x = x - rate |x| / |u| u; the factor is 1 where |x| or |u| is 0

local torch = require 'torch'
local M = require 'optim.define'
local A = require 'optim.adam'

local function update (x, g, s, k, o)
  local m, v = A.moments(x, g, s, o)
  local denom = torch.div(torch.sqrt(v), k.root2):add(o.epsilon)
  local u = torch.cdiv(m, denom):div(k.c1)
  if o.weightDecay ~= 0 then u:add(o.weightDecay, x) end
  local a, b = x:norm(), u:norm()
  local yes = torch.gt(torch.cmin(a, b), 0)
  local trust = torch.where(yes, a / torch.where(yes, b, 1), 1)
  x:add(-(k.rate * trust), u)
end

return M.define('lamb', {
  options = {learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6,
             weightDecay = 0},
  counter = 't', prepare = A.prepare, update = update,
})
