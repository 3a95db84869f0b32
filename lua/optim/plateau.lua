-- optim.schedule.plateau: a rate that follows the loss.

local errors = require 'nn.errors'
local read = require 'optim.schedule_options'

local Plateau = {}
Plateau.__index = Plateau

-- Whether the loss beats the best; NaN never does.
local function better (self, loss)
  local o, best = self.options, self.best
  if best == nil then return loss == loss end
  local sign = o.mode == 'max' and -1 or 1
  local margin = o.relative and best * o.threshold or o.threshold
  return sign * loss < sign * best - margin
end

-- The rate after an epoch of that loss.
function Plateau:__call (loss)
  if type(loss) ~= 'number' then
    errors.raise('optim.schedule.plateau: the loss of an epoch: a number '
                 .. 'expected, got %s', errors.shape(loss))
  end
  local o = self.options
  if better(self, loss) then
    self.best, self.bad = loss, 0
  else
    self.bad = self.bad + 1
  end
  if self.rest > 0 then self.rest, self.bad = self.rest - 1, 0 end
  if self.bad > o.patience then
    local new = math.max(self.rate * o.factor, o.last)
    if self.rate - new > o.epsilon then self.rate = new end
    self.rest, self.bad = o.cooldown, 0
  end
  return self.rate
end

-- plateau{factor = 0.1, patience = 10, threshold = 1e-4, mode = 'min' (or
-- 'max'), relative = true, cooldown = 0, last = 0, epsilon = 1e-8}: a function
-- of the loss after each epoch; the rate is times factor when the best loss
-- was not beaten by the threshold for more than `patience` epochs.  Its fields
-- rate, best, bad (epochs) and rest (epochs of the cooldown) are what it knows.
--   local rate = optim.schedule.plateau {learningRate = 0.1}
--   local config = {learningRate = rate(0.7)}          -- the epoch's loss
return function (given)
  local o = read.options('plateau', given, {factor = 0.1, patience = 10,
    threshold = 1e-4, mode = 'min', relative = true, cooldown = 0, last = 0,
    epsilon = 1e-8})
  if o.mode ~= 'min' and o.mode ~= 'max' then
    errors.raise("optim.schedule.plateau: mode: 'min' or 'max' expected, got "
                 .. '%s', errors.shape(o.mode))
  end
  return setmetatable({options = o, rate = o.learningRate, bad = 0, rest = 0},
                      Plateau)
end
