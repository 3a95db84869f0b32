-- optim.adam(opfunc, x, config, state), by Kingma and Ba
-- (https://arxiv.org/abs/1412.6980).
-- config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-8),
-- weightDecay (0), learningRateDecay (0), amsgrad (false), correctedEpsilon
-- (false).
--   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
--   x = x - rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
-- This is Torch7's form.  With correctedEpsilon epsilon is added after the
-- correction, as in PyTorch and JAX:
--   x = x - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
-- With amsgrad the largest v so far takes the place of v; decoupled, the
-- weight decay is a factor of x and no part of g.
-- optim.adamw (https://arxiv.org/abs/1711.05101): adam, decoupled, with
-- correctedEpsilon and weightDecay 0.01.

local torch = require 'torch'
local M = require 'optim.define'

local A = {}

-- The corrections of an update, n updates after the first.
function A.prepare (o, n)
  local t = n + 1
  return {
    rate = o.learningRate / (1 + n * (o.learningRateDecay or 0)),
    c1 = 1 - torch.pow(o.beta1, t),
    root2 = torch.sqrt(1 - torch.pow(o.beta2, t)),
  }
end

-- g with the decay of x added; decoupled, x shrinks by itself, by the rate.
function A.decayed (g, x, o, rate)
  if not o.decoupled then return M.decayed(g, x, o) end
  x:mul(1 - rate * o.weightDecay)
  return g
end

-- The moments m and v after g.
function A.moments (x, g, s, o)
  local m, v = M.buffer(s, 'm', x), M.buffer(s, 'v', x)
  m:mul(o.beta1):add(1 - o.beta1, g)
  v:mul(o.beta2):addcmul(1 - o.beta2, g, g)
  return m, v
end

function A.update (x, g, s, k, o)
  g = A.decayed(g, x, o, k.rate)
  local m, v = A.moments(x, g, s, o)
  if o.amsgrad then
    v = M.buffer(s, 'largest', x):cmax(v)
  end
  if o.correctedEpsilon then
    local denom = torch.div(torch.sqrt(v), k.root2):add(o.epsilon)
    x:addcdiv(-(k.rate / k.c1), m, denom)
  else
    local denom = torch.sqrt(v):add(o.epsilon)
    x:addcdiv(-(k.rate * k.root2 / k.c1), m, denom)
  end
end

local function define (name, options)
  local all = {learningRate = 1e-3, learningRateDecay = 0, weightDecay = 0,
               beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false,
               correctedEpsilon = false, decoupled = false}
  for key, value in next, options do all[key] = value end
  return M.define(name, {options = all, counter = 't', prepare = A.prepare,
                         update = A.update})
end

A.adam = define('adam', {})
A.adamw = define('adamw', {weightDecay = 0.01, correctedEpsilon = true,
                           decoupled = true})

return A
