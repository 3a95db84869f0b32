-- optim.nag(opfunc, x, config, state): Nesterov's accelerated gradient; the
-- gradient is taken where the momentum leads.
-- config: learningRate (1e-3), learningRateDecay (0), weightDecay (0),
-- momentum (0.9), learningRates (a vector like x).
--   x = x + momentum buf;  g = gradient there
--   x = x - rate g;  buf = momentum buf - rate g
-- As an object its parameters stay where momentum has led, which is where the
-- next gradient is to be taken; opt:result(params) is x.

local torch = require 'torch'
local M = require 'optim.define'

local function prepare (o, n)
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

-- For objects: x is where the gradient is taken, so that it moves on to the
-- next such point; the buffer is momentum buf, what x is ahead by.
local function after (x, g, s, k, o)
  g = M.decayed(g, x, o)
  if o.learningRates then g = torch.cmul(o.learningRates, g) end
  local buf = M.buffer(s, 'dfdx', x)
  x:add(-k.rate, g)
  x:add(buf:add(-k.rate, g):mul(o.momentum))
end

local function result (x, s) return s.dfdx and x - s.dfdx or x:clone() end

return M.define('nag', {
  options = {learningRate = 1e-3, learningRateDecay = 0, weightDecay = 0,
             momentum = 0.9, learningRates = M.NONE},
  bounds = {momentum = {0, math.huge, true, true}},
  counter = 'evalCounter', prepare = prepare, before = before,
  update = update, after = after, result = result,
})
