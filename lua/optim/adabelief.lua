-- optim.adabelief(opfunc, x, config, state): adam by the variance about the
-- mean gradient (https://arxiv.org/abs/2010.07468).
-- config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-16),
-- epsilonRoot (1e-16), weightDecay (0), decoupled (false).
--   m = beta1 m + (1 - beta1) g
--   v = beta2 v + (1 - beta2) (g - m)^2 + epsilonRoot
--   x = x - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)

local torch = require 'torch'
local M = require 'optim.define'
local A = require 'optim.adam'

local function prepare (o, n)
  return {rate = o.learningRate / (1 - torch.pow(o.beta1, n + 1)),
          c2 = 1 - torch.pow(o.beta2, n + 1)}
end

local function update (x, g, s, k, o)
  g = A.decayed(g, x, o, o.learningRate)
  local m, v = M.buffer(s, 'm', x), M.buffer(s, 'v', x)
  m:mul(o.beta1):add(1 - o.beta1, g)
  local d = g - m
  v:mul(o.beta2):addcmul(1 - o.beta2, d, d):add(o.epsilonRoot)
  x:addcdiv(-k.rate, m, torch.div(v, k.c2):sqrt():add(o.epsilon))
end

return M.define('adabelief', {
  options = {learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999,
             epsilon = 1e-16, epsilonRoot = 1e-16, weightDecay = 0,
             decoupled = false},
  counter = 't', prepare = prepare, update = update,
})
