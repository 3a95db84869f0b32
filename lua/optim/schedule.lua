-- optim.schedule: learning rates that change.  Each function takes options by
-- name and returns a function from the number of the update (1, 2, ...) to its
-- rate; all have learningRate.
--
--   local rate = optim.schedule.cosine {learningRate = 0.1, steps = 1000}
--   local x, state = torch.ones(2), {}
--   local function feval (x) return torch.dot(x, x), x * 2 end
--   for i = 1, 1000 do
--     optim.sgd(feval, x, {learningRate = rate(i)}, state)
--   end

local errors = require 'nn.errors'

local M = {}

-- Options with defaults; NEEDED ones must be numbers.
local NEEDED = {}

local function options (name, given, known)
  local o = {}
  if type(given) ~= 'table' then
    errors.raise('optim.schedule.%s: a table of options expected, got %s',
                 name, errors.shape(given))
  end
  for key in next, given do
    if key ~= 'learningRate' and known[key] == nil then
      local near = require 'nnlua.nearest'(tostring(key), known)
      errors.raise('optim.schedule.%s: no option %s%s', name, tostring(key),
                   near and ('; did you mean %s'):format(near) or '')
    end
  end
  known.learningRate = NEEDED
  for key, default in next, known do
    local value = given[key]
    if value == nil and default ~= NEEDED then value = default end
    if default == NEEDED and type(value) ~= 'number' then
      errors.raise('optim.schedule.%s: %s: a number expected, got %s', name,
                   key, errors.shape(value))
    end
    o[key] = value
  end
  return o
end

-- define(name, known, f): schedule.NAME(options) with rate(i) = f(i - 1, o)
local function define (name, known, f)
  M[name] = function (given)
    local copy = {}
    for key, value in next, known do copy[key] = value end
    local o = options(name, given, copy)
    return function (i) return f(i - 1, o) end
  end
end

local function share (t, o) -- of the steps that are done, within 0..1
  return math.min(math.max((t - (o.begin or 0)) / o.steps, 0), 1)
end

-- step{every =, gamma =}: times gamma after every so many updates
define('step', {every = NEEDED, gamma = 0.1}, function (t, o)
  return o.learningRate * o.gamma ^ (t // o.every)
end)

-- steps{at = {5, 12}, gamma =}: times gamma after these updates; gamma may be
-- a list as well
define('steps', {at = false, gamma = 0.1}, function (t, o)
  local rate = o.learningRate
  for k, n in ipairs(o.at or {}) do
    if t >= n then
      rate = rate * (type(o.gamma) == 'table' and o.gamma[k] or o.gamma)
    end
  end
  return rate
end)

-- exponential{gamma =, every = 1, staircase = false, begin = 0, last = 0}:
-- times gamma for every so many updates, smoothly or in steps, never below
-- last
define('exponential', {gamma = NEEDED, every = 1, staircase = false,
       begin = 0, last = 0}, function (t, o)
  local n = math.max(t - o.begin, 0) / o.every
  if o.staircase then n = math.floor(n) end
  return math.max(o.learningRate * o.gamma ^ n, o.last)
end)

-- linear{steps =, last = 0, begin = 0}: in a line to last
define('linear', {steps = NEEDED, last = 0, begin = 0}, function (t, o)
  return o.learningRate + (o.last - o.learningRate) * share(t, o)
end)

-- polynomial{steps =, power = 1, last = 0, begin = 0}
define('polynomial', {steps = NEEDED, power = 1, last = 0, begin = 0},
       function (t, o)
  return o.last + (o.learningRate - o.last) * (1 - share(t, o)) ^ o.power
end)

-- inverse{decay =}: over 1 + decay times the updates done, as sgd's
-- learningRateDecay
define('inverse', {decay = NEEDED}, function (t, o)
  return o.learningRate / (1 + t * o.decay)
end)

local function half_wave (from, to, s)
  return to + (from - to) * (1 + math.cos(math.pi * s)) / 2
end

-- cosine{steps =, last = 0, warmup = 0, first = 0}: in a line from first
-- during warmup, then a half wave to last; steps counts both
define('cosine', {steps = NEEDED, last = 0, warmup = 0, first = 0},
       function (t, o)
  if t < o.warmup then
    return o.first + (o.learningRate - o.first) * t / o.warmup
  end
  return half_wave(o.learningRate, o.last,
                   math.min((t - o.warmup) / (o.steps - o.warmup), 1))
end)

-- cosine_restarts{period =, growth = 1, last = 0}: half waves, each `growth`
-- times as long as the one before
define('cosine_restarts', {period = NEEDED, growth = 1, last = 0},
       function (t, o)
  local period = o.period
  while t >= period do
    t = t - period
    period = period * o.growth
  end
  return half_wave(o.learningRate, o.last, t / period)
end)

-- one_cycle{steps =, start = 0.3, div = 25, final_div = 1e4, anneal = 'cos' or
-- 'linear', three_phase = false}: from learningRate / div up to it during the
-- share `start` of the steps, then down to the beginning over final_div; with
-- three_phase back to the beginning first
define('one_cycle', {steps = NEEDED, start = 0.3, div = 25, final_div = 1e4,
       anneal = 'cos', three_phase = false}, function (t, o)
  local top, first = o.learningRate, o.learningRate / o.div
  local last = first / o.final_div
  local turn = o.start * o.steps - 1
  local phases = {{turn, first, top}, {o.steps - 1, top, last}}
  if o.three_phase then
    phases = {{turn, first, top}, {2 * o.start * o.steps - 2, top, first},
              {o.steps - 1, first, last}}
  end
  local from = 0
  for k, phase in ipairs(phases) do
    if t <= phase[1] or k == #phases then
      local s = math.min((t - from) / (phase[1] - from), 1)
      if o.anneal == 'linear' then
        return phase[2] + (phase[3] - phase[2]) * s
      end
      return half_wave(phase[2], phase[3], s)
    end
    from = phase[1]
  end
end)

-- plateau{factor = 0.1, patience = 10, threshold = 1e-4, mode = 'min' (or
-- 'max'), relative = true, cooldown = 0, last = 0, epsilon = 1e-8}: a function
-- of the loss after each epoch; the rate is times factor when the best loss
-- was not beaten by the threshold for more than `patience` epochs.
--   local rate = optim.schedule.plateau {learningRate = 0.1}
--   local config = {learningRate = rate(0.7)}          -- the epoch's loss
function M.plateau (given)
  local o = options('plateau', given, {factor = 0.1, patience = 10,
    threshold = 1e-4, mode = 'min', relative = true, cooldown = 0, last = 0,
    epsilon = 1e-8})
  local sign = o.mode == 'max' and -1 or 1
  local rate, best, bad, rest = o.learningRate, nil, 0, 0
  local function better (loss)
    if best == nil then return true end
    local margin = o.relative and best * o.threshold or o.threshold
    return sign * loss < sign * best - margin
  end
  return function (loss)
    if better(loss) then
      best, bad = loss, 0
    else
      bad = bad + 1
    end
    if rest > 0 then rest, bad = rest - 1, 0 end
    if bad > o.patience then
      local new = math.max(rate * o.factor, o.last)
      if rate - new > o.epsilon then rate = new end
      rest, bad = o.cooldown, 0
    end
    return rate
  end
end

return M
