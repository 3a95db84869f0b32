-- optim.nag(opfunc, x, config, state): Nesterov's accelerated gradient; the
-- gradient is taken where the momentum leads.
-- config: learningRate (1e-3), learningRateDecay (0), weightDecay (0),
-- momentum (0.9), learningRates (a vector like x).
--   x = x + momentum buf;  g = gradient there
--   x = x - rate g;  buf = momentum buf - rate g

local torch = require 'torch'
local errors = require 'nn.errors'
local M = require 'optim.define'

local function prepare (o, n)
  if o.momentum <= 0 then
    errors.raise('optim.nag: momentum: a number above 0 expected, got %g',
                 o.momentum)
  end
  return {rate = o.learningRate / (1 + n * o.learningRateDecay)}
end

local function before (x, s, _, o)
  x:add(o.momentum, M.buffer(s, 'dfdx', x))
end

local function update (x, g, s, k, o)
  g = M.decayed(g, x, o)
  if o.learningRates then g = torch.cmul(o.learningRates, g) end
  local buf = M.buffer(s, 'dfdx', x)
  x:add(-k.rate, g)
  buf:mul(o.momentum):add(-k.rate, g)
end

return M.define('nag', {
  options = {learningRate = 1e-3, learningRateDecay = 0, weightDecay = 0,
             momentum = 0.9, learningRates = M.NONE},
  counter = 'evalCounter', prepare = prepare, before = before,
  update = update,
})
