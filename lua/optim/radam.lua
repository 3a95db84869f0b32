-- optim.radam(opfunc, x, config, state): rectified adam
-- (https://arxiv.org/abs/1908.03265).
-- config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-8),
-- weightDecay (0), decoupled (false).
--   r = 2 / (1 - beta2) - 1,  rt = r - 2 t beta2^t / (1 - beta2^t)
--   x = x - rate m / (1 - beta1^t) f, f = 1 if rt <= 5, else
--   sqrt((rt - 4) (rt - 2) r / ((r - 4) (r - 2) rt)) sqrt(1 - beta2^t)
--   / (sqrt(v) + epsilon)

local torch = require 'torch'
local M = require 'optim.define'
local A = require 'optim.adam'

local function prepare (o, n)
  local t = n + 1
  local power = torch.pow(o.beta2, t)
  local r = 2 / (1 - o.beta2) - 1
  local rt = r - 2 * t * power / (1 - power)
  local yes = torch.gt(rt, 5)
  local safe = torch.where(yes, rt, 6)
  local factor = torch.sqrt((safe - 4) * (safe - 2) * r
                            / ((r - 4) * (r - 2) * safe))
  return {rate = o.learningRate, yes = yes,
          c1 = 1 - torch.pow(o.beta1, t),
          factor = factor * torch.sqrt(1 - power)}
end

local function update (x, g, s, k, o)
  g = A.decayed(g, x, o, k.rate)
  local m, v = A.moments(x, g, s, o)
  local adaptive = torch.cdiv(m, torch.sqrt(v):add(o.epsilon)):mul(k.factor)
  x:add(-(k.rate / k.c1), torch.where(k.yes, adaptive, m))
end

return M.define('radam', {
  options = {learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8,
             weightDecay = 0, decoupled = false},
  counter = 't', prepare = prepare, update = update,
})
