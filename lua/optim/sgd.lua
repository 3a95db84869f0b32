-- optim.sgd(opfunc, x, config, state): gradient descent.
-- config: learningRate (1e-3), learningRateDecay (0), weightDecay (0),
-- momentum (0), dampening (0; Torch7's is the momentum), nesterov (false),
-- learningRates and weightDecays (vectors like x).
--   buf = momentum buf + (1 - dampening) g;  x = x - rate buf
--   rate = learningRate / (1 + updates * learningRateDecay)
-- with nesterov g + momentum buf in the place of buf.

local torch = require 'torch'
local errors = require 'nn.errors'
local M = require 'optim.define'

local function prepare (o, n)
  if o.nesterov and (o.momentum == 0 or o.dampening ~= 0) then
    errors.raise('optim.sgd: nesterov needs a momentum above 0 and no '
                 .. 'dampening, got momentum %s and dampening %s',
                 tostring(o.momentum), tostring(o.dampening))
  end
  if o.weightDecays and o.weightDecay ~= 0 then
    errors.raise('optim.sgd: weightDecay or weightDecays, not both')
  end
  return {
    rate = o.learningRate / (1 + n * o.learningRateDecay),
    -- the first gradient is not dampened
    share = o.dampening == 0 and 1
            or torch.where(torch.eq(n, 0), 1, 1 - o.dampening),
  }
end

local function update (x, g, s, k, o)
  g = M.decayed(g, x, o)
  if o.momentum ~= 0 then
    local buf = M.buffer(s, 'dfdx', x):mul(o.momentum):add(k.share, g)
    g = o.nesterov and g:add(o.momentum, buf) or buf
  end
  if o.learningRates then
    g = torch.cmul(M.vector('sgd', 'learningRates', o.learningRates, x), g)
  end
  x:add(-k.rate, g)
end

return M.define('sgd', {
  options = {learningRate = 1e-3, learningRateDecay = 0, weightDecay = 0,
             momentum = 0, dampening = 0, nesterov = false,
             learningRates = M.NONE, weightDecays = M.NONE},
  counter = 'evalCounter', prepare = prepare, update = update,
})
