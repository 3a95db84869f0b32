-- optim.asgd(opfunc, x, config, state): averaged stochastic gradient descent;
-- returns x, {fx}, the average of x.
-- config: eta0 (1e-4), lambda (1e-4), alpha (0.75), t0 (1e6), weightDecay (0).
--   x = (1 - lambda eta) x - eta g,  eta = eta0 / (1 + lambda eta0 n)^alpha
--   ax = ax + (x - ax) / max(1, n - t0), n updates before this one

local torch = require 'torch'
local M = require 'optim.define'

local function prepare (o, n)
  local base = 1 + o.lambda * o.eta0 * n
  return {eta = o.eta0 / torch.pow(base, o.alpha),
          share = 1 / torch.cmax(n - o.t0, 1)}
end

local function update (x, g, s, k, o)
  g = M.decayed(g, x, o)
  x:mul(1 - o.lambda * k.eta):add(-k.eta, g)
  local ax = M.buffer(s, 'ax', x)
  ax:add(k.share, x - ax)
end

local function results (x, state)
  if torch.isTensor(x) then return state.ax end
  local averages = {}
  for i, part in ipairs(state.parts) do averages[i] = part.ax end
  return require 'autograd'.tree.unflatten(x, averages)
end

return M.define('asgd', {
  options = {eta0 = 1e-4, lambda = 1e-4, alpha = 0.75, t0 = 1e6,
             weightDecay = 0},
  counter = 't', prepare = prepare, update = update, results = results,
  result = function (x, s) return (s.ax or x):clone() end,
})
