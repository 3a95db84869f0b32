-- optim.adamax(opfunc, x, config, state): adam with the largest gradient in
-- the place of the second moment (https://arxiv.org/abs/1412.6980).
-- config: learningRate (2e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-38),
-- weightDecay (0).
--   m = beta1 m + (1 - beta1) g;  u = max(beta2 u, |g| + epsilon)
--   x = x - rate / (1 - beta1^t) m / u

local torch = require 'torch'
local M = require 'optim.define'

local function prepare (o, n)
  return {step = o.learningRate / (1 - torch.pow(o.beta1, n + 1))}
end

local function update (x, g, s, k, o)
  g = M.decayed(g, x, o)
  local m, u = M.buffer(s, 'm', x), M.buffer(s, 'u', x)
  m:mul(o.beta1):add(1 - o.beta1, g)
  u:mul(o.beta2):cmax(torch.abs(g):add(o.epsilon))
  x:addcdiv(-k.step, m, u)
end

return M.define('adamax', {
  options = {learningRate = 2e-3, beta1 = 0.9, beta2 = 0.999,
             epsilon = 1e-38, weightDecay = 0},
  counter = 't', prepare = prepare, update = update,
})
