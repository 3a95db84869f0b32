-- optim.adadelta(opfunc, x, config, state), by Zeiler
-- (https://arxiv.org/abs/1212.5701).
-- config: rho (0.9), epsilon (1e-6; or eps, as in Torch7), weightDecay (0),
-- learningRate (1; Torch7 has none).
--   v = rho v + (1 - rho) g^2;  d = sqrt(a + epsilon) / sqrt(v + epsilon) g
--   a = rho a + (1 - rho) d^2;  x = x - learningRate d

local torch = require 'torch'
local M = require 'optim.define'

local function prepare () return {} end

local function update (x, g, s, _, o)
  g = M.decayed(g, x, o)
  local v, a = M.buffer(s, 'paramVariance', x), M.buffer(s, 'accDelta', x)
  local epsilon = o.eps or o.epsilon
  v:mul(o.rho):addcmul(1 - o.rho, g, g)
  local d = torch.cmul(torch.cdiv(torch.sqrt(a + epsilon),
                                  torch.sqrt(v + epsilon)), g)
  a:mul(o.rho):addcmul(1 - o.rho, d, d)
  x:add(-o.learningRate, d)
end

return M.define('adadelta', {
  options = {learningRate = 1, rho = 0.9, epsilon = 1e-6, eps = M.NONE,
             weightDecay = 0},
  counter = 'evalCounter', prepare = prepare, update = update,
})
