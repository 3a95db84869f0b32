-- optim.adagrad(opfunc, x, config, state), by Duchi, Hazan and Singer (2011).
-- config: learningRate (1e-3), learningRateDecay (0), weightDecay (0),
-- epsilon (1e-10), initialAccumulator (0).
--   sum = sum + g^2;  x = x - rate g / (sqrt(sum) + epsilon)
--   rate = learningRate / (1 + updates * learningRateDecay)

local torch = require 'torch'
local M = require 'optim.define'

local function prepare (o, n)
  return {rate = o.learningRate / (1 + n * o.learningRateDecay)}
end

local function update (x, g, s, k, o)
  g = M.decayed(g, x, o)
  local sum = M.buffer(s, 'paramVariance', x, o.initialAccumulator)
  sum:addcmul(1, g, g)
  x:addcdiv(-k.rate, g, torch.sqrt(sum):add(o.epsilon))
end

return M.define('adagrad', {
  options = {learningRate = 1e-3, learningRateDecay = 0, weightDecay = 0,
             epsilon = 1e-10, initialAccumulator = 0},
  counter = 'evalCounter', prepare = prepare, update = update,
})
