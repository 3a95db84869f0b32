-- optim.schedule: learning rates that change.  Each function takes options by
-- name and returns a function from the number of the update (1, 2, ...) to its
-- rate; all have learningRate.  That function may stand as learningRate itself:
-- the optimizer then gives it the number of its update, inside jit too.
--
--   local rate = optim.schedule.cosine {learningRate = 0.1, steps = 1000}
--   local x, state = torch.ones(2), {}
--   local function feval (x) return torch.dot(x, x), x * 2 end
--   for _ = 1, 1000 do
--     optim.sgd(feval, x, {learningRate = rate}, state)
--   end
--   print(rate(1), rate(501))                          --> 0.1 0.05

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

local read = require 'optim.schedule_options'
local NEEDED = read.NEEDED

-- define(name, known, f): schedule.NAME(options) with rate(i) = f(i - 1, o)
local function define (name, known, f)
  M[name] = function (given)
    local copy = {}
    for key, value in next, known do copy[key] = value end
    local o = read.options(name, given, copy)
    return function (i) return f(i - 1, o) end
  end
end

local function within (x, low, high)
  return torch.cmin(torch.cmax(x, low), high)
end

local function choose (yes, a, b) return torch.where(yes, a, b) end

local function share (t, o) -- of the steps that are done, within 0..1
  return within((t - (o.begin or 0)) / o.steps, 0, 1)
end

-- step{every =, gamma =}: times gamma after every so many updates
define('step', {every = NEEDED, gamma = 0.1}, function (t, o)
  return o.learningRate * torch.pow(o.gamma, torch.floor(t / o.every))
end)

-- steps{at = {5, 12}, gamma =}: times gamma after these updates; gamma may be
-- a list as well
define('steps', {at = false, gamma = 0.1}, function (t, o)
  local rate = o.learningRate
  for k, n in ipairs(o.at or {}) do
    local gamma = type(o.gamma) == 'table' and o.gamma[k] or o.gamma
    rate = rate * choose(torch.ge(t, n), gamma, 1)
  end
  return rate
end)

-- exponential{gamma =, every = 1, staircase = false, begin = 0, last = 0}:
-- times gamma for every so many updates, smoothly or in steps, never below
-- last
define('exponential', {gamma = NEEDED, every = 1, staircase = false,
       begin = 0, last = 0}, function (t, o)
  local n = torch.cmax(t - o.begin, 0) / o.every
  if o.staircase then n = torch.floor(n) end
  return torch.cmax(o.learningRate * torch.pow(o.gamma, n), o.last)
end)

-- linear{steps =, last = 0, begin = 0}: in a line to last
define('linear', {steps = NEEDED, last = 0, begin = 0}, function (t, o)
  return o.learningRate + (o.last - o.learningRate) * share(t, o)
end)

-- polynomial{steps =, power = 1, last = 0, begin = 0}
define('polynomial', {steps = NEEDED, power = 1, last = 0, begin = 0},
       function (t, o)
  local left = torch.pow(1 - share(t, o), o.power)
  return o.last + (o.learningRate - o.last) * left
end)

-- inverse{decay =}: over 1 + decay times the updates done, as sgd's
-- learningRateDecay
define('inverse', {decay = NEEDED}, function (t, o)
  return o.learningRate / (1 + t * o.decay)
end)

local function half_wave (from, to, s)
  return to + (from - to) * (1 + torch.cos(math.pi * s)) / 2
end

-- cosine{steps =, last = 0, warmup = 0, first = 0}: in a line from first
-- during warmup, then a half wave to last; steps counts both
define('cosine', {steps = NEEDED, last = 0, warmup = 0, first = 0},
       function (t, o)
  local rest = math.max(o.steps - o.warmup, 1)
  local down = half_wave(o.learningRate, o.last,
                         within((t - o.warmup) / rest, 0, 1))
  if o.warmup == 0 then return down end
  local up = o.first + (o.learningRate - o.first) * t / o.warmup
  return choose(torch.lt(t, o.warmup), up, down)
end)

-- warmup{steps =, first = 0, after = constant}: in a line from first to
-- learningRate, then what the schedule `after` says of the updates from there
-- on
define('warmup', {steps = NEEDED, first = 0, after = false}, function (t, o)
  local up = o.first + (o.learningRate - o.first)
             * within(t / o.steps, 0, 1)
  if not o.after then return up end
  if type(o.after) ~= 'function' then
    errors.raise('optim.schedule.warmup: after: a schedule expected, got %s',
                 errors.shape(o.after))
  end
  return choose(torch.lt(t, o.steps), up,
                o.after(torch.cmax(t - o.steps, 0) + 1))
end)

-- cosine_restarts{period =, growth = 1, last = 0}: half waves, each `growth`
-- times as long as the one before
define('cosine_restarts', {period = NEEDED, growth = 1, last = 0},
       function (t, o)
  local period = o.period
  local rest
  if o.growth == 1 then
    rest = t - torch.floor(t / period) * period
  else -- the k-th wave begins at period (growth^k - 1) / (growth - 1)
    local grown = 1 + t * (o.growth - 1) / period
    local k = torch.floor(torch.log(grown) / math.log(o.growth) + 1e-9)
    local power = torch.pow(o.growth, k)
    rest = t - period * (power - 1) / (o.growth - 1)
    period = period * power
  end
  return half_wave(o.learningRate, o.last, rest / period)
end)

-- one_cycle{steps =, start = 0.3, div = 25, final_div = 1e4, anneal = 'cos' or
-- 'linear', three_phase = false, back = 2 start - 1 / steps}: from
-- learningRate / div up to it during the share `start` of the steps, then down
-- to the beginning over final_div; with three_phase back to the beginning
-- first, until the share `back`
define('one_cycle', {steps = NEEDED, start = 0.3, div = 25, final_div = 1e4,
       anneal = 'cos', three_phase = false, back = false},
       function (t, o)
  local top, first = o.learningRate, o.learningRate / o.div
  local last = first / o.final_div
  local turn = o.start * o.steps - 1
  local phases = {{turn, first, top}, {o.steps - 1, top, last}}
  if o.three_phase then
    local back = o.back and o.back * o.steps - 1 or 2 * o.start * o.steps - 2
    phases = {{turn, first, top}, {back, top, first},
              {o.steps - 1, first, last}}
  end
  local rate
  for k = #phases, 1, -1 do
    local till, a, b = table.unpack(phases[k])
    local from = k > 1 and phases[k - 1][1] or 0
    local part = within((t - from) / math.max(till - from, 1e-9), 0, 1)
    local now = o.anneal == 'linear' and a + (b - a) * part
                or half_wave(a, b, part)
    rate = rate and choose(torch.le(t, till), now, rate) or now
  end
  return rate
end)

M.plateau = require 'optim.plateau'

return M
