-- optim.lion(opfunc, x, config, state): the sign of a momentum
-- (https://arxiv.org/abs/2302.06675).
-- config: learningRate (1e-4), beta1 (0.9), beta2 (0.99), weightDecay (0).
--   x = x - rate (sign(beta1 m + (1 - beta1) g) + weightDecay x)
--   m = beta2 m + (1 - beta2) g

local torch = require 'torch'
local M = require 'optim.define'

local function prepare (o) return {rate = o.learningRate} end

local function update (x, g, s, k, o)
  local m = M.buffer(s, 'm', x)
  local direction = torch.sign(torch.mul(m, o.beta1):add(1 - o.beta1, g))
  if o.weightDecay ~= 0 then direction:add(o.weightDecay, x) end
  x:add(-k.rate, direction)
  m:mul(o.beta2):add(1 - o.beta2, g)
end

return M.define('lion', {
  options = {learningRate = 1e-4, beta1 = 0.9, beta2 = 0.99,
             weightDecay = 0},
  counter = 't', prepare = prepare, update = update,
})
