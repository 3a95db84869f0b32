-- optim.nadam(opfunc, x, config, state): adam with Nesterov's momentum
-- (Dozat, 2016).
-- config: learningRate (2e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-8),
-- weightDecay (0), momentumDecay (4e-3), decoupled (false).
--   mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2),  M = mu_1 ... mu_t
--   x = x - rate ((1 - mu_t) / (1 - M) g + mu_(t+1) / (1 - M mu_(t+1)) m)
--           / (sqrt(v / (1 - beta2^t)) + epsilon)

local torch = require 'torch'
local M = require 'optim.define'
local A = require 'optim.adam'

local function mu (o, t)
  return o.beta1 * (1 - 0.5 * torch.pow(0.96, t * o.momentumDecay))
end

local function prepare (o, n, state)
  local t = n + 1
  local product = M.scalar(state, 'product', 1)
  local now, later = mu(o, t), mu(o, t + 1)
  local all = product[1] * now
  product[1] = all
  return {rate = o.learningRate, gradient = (1 - now) / (1 - all),
          moment = later / (1 - all * later),
          root2 = torch.sqrt(1 - torch.pow(o.beta2, t))}
end

local function update (x, g, s, k, o)
  g = A.decayed(g, x, o, k.rate)
  local m, v = A.moments(x, g, s, o)
  local denom = torch.div(torch.sqrt(v), k.root2):add(o.epsilon)
  x:addcdiv(-(k.rate * k.gradient), g, denom)
  x:addcdiv(-(k.rate * k.moment), m, denom)
end

return M.define('nadam', {
  options = {learningRate = 2e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8,
             weightDecay = 0, momentumDecay = 4e-3, decoupled = false},
  counter = 't', prepare = prepare, update = update,
})
