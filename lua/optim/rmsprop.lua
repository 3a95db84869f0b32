-- optim.rmsprop(opfunc, x, config, state), by Tieleman and Hinton (2012).
-- config: learningRate (1e-2), alpha (0.99), epsilon (1e-8), weightDecay (0),
-- centered (false), momentum (0), initialMean (0).
--   v = alpha v + (1 - alpha) g^2;  x = x - rate g / (sqrt(v) + epsilon)
-- centered: v less the square of the mean gradient.  With momentum:
--   buf = momentum buf + that quotient;  x = x - rate buf

local torch = require 'torch'
local M = require 'optim.define'

local function prepare (o) return {rate = o.learningRate} end

local function update (x, g, s, k, o)
  g = M.decayed(g, x, o)
  local v = M.buffer(s, 'm', x, o.initialMean)
  v:mul(o.alpha):addcmul(1 - o.alpha, g, g)
  local variance = v
  if o.centered then
    local mean = M.buffer(s, 'mean', x)
    mean:mul(o.alpha):add(1 - o.alpha, g)
    variance = v - torch.square(mean)
  end
  local denom = torch.sqrt(variance):add(o.epsilon)
  if o.momentum == 0 then
    x:addcdiv(-k.rate, g, denom)
  else
    local buf = M.buffer(s, 'buf', x)
    buf:mul(o.momentum):addcdiv(1, g, denom)
    x:add(-k.rate, buf)
  end
end

return M.define('rmsprop', {
  options = {learningRate = 1e-2, alpha = 0.99, epsilon = 1e-8,
             weightDecay = 0, centered = false, momentum = 0,
             initialMean = 0},
  bounds = {alpha = {0, 1}},
  counter = 'evalCounter', prepare = prepare, update = update,
})
