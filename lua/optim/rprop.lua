-- optim.rprop(opfunc, x, config, state): resilient propagation, a step size
-- for each parameter and the gradient's sign alone (Riedmiller and Braun,
-- 1993).  For whole batches.
-- config: stepsize (0.1), etaplus (1.2), etaminus (0.5), stepsizemax (50),
-- stepsizemin (1e-6).
-- A step grows by etaplus while the sign stays, shrinks by etaminus when it
-- changes; then the parameter waits for one update.

local torch = require 'torch'
local M = require 'optim.define'

local function prepare () return {} end

local function update (x, g, s, _, o)
  local last = M.buffer(s, 'delta', x)
  local step = M.buffer(s, 'steps', x, o.stepsize)
  local same = torch.cmul(g, last)
  local changed = torch.lt(same, 0)
  step:cmul(torch.where(torch.gt(same, 0), o.etaplus,
                        torch.where(changed, o.etaminus, 1)):typeAs(x))
  step:clamp(o.stepsizemin, o.stepsizemax)
  g = torch.where(changed, 0, g)
  x:addcmul(-1, torch.sign(g), step)
  last:copy(g)
end

return M.define('rprop', {
  options = {stepsize = 0.1, etaplus = 1.2, etaminus = 0.5, stepsizemax = 50,
             stepsizemin = 1e-6},
  counter = 'evalCounter', prepare = prepare, update = update,
})
