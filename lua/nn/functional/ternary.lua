-- Ternary and binary states of a noisy threshold, and the normal distribution
-- that they come from.  nn.functional offers all of these by name.
--
-- A state is drawn from x + noise_sd times normal noise; its gradient is that
-- of the state's expectation.  Thresholds and noise_sd are numbers, or tensors
-- that broadcast with x.  Both tails are written as left tails (erfc, never
-- 1 - cdf), so that probabilities of 1e-200 keep their digits.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'

local M = {}

-- Each check returns what it checked, which is to be used: see nn.bounds.

-- Raises unless noise_sd is above 0.
function M.check_noise (name, noise_sd)
  return bounds.positive(name, 'noise_sd', noise_sd)
end

-- Raises unless t is a number or tensor without NaN.
function M.check_threshold (name, t)
  return bounds.check(name, 'threshold', t, bounds.NUMBER)
end

-- Raises unless `low` is a lower state.
function M.check_low (name, low)
  if low ~= -1 and low ~= 0 then
    bounds.fail(name, 'low', '-1 or 0', errors.shape(low))
  end
end

local GAP = {0, math.huge, 0, 'the lower one first (a distance of at least 0)'}

-- The same under transforms: the distance is checked where it is computed.
local function in_order (name, t1, t2)
  if torch.isTensor(t2) then
    t2 = bounds.traced(name, 'thresholds', t2, t2 - t1, GAP)
  elseif torch.isTensor(t1) then
    t1 = bounds.traced(name, 'thresholds', t1, t2 - t1, GAP)
  elseif t1 > t2 or t1 ~= t1 or t2 ~= t2 then
    bounds.fail(name, 'thresholds', GAP[4], bounds.text(t2 - t1))
  end
  return t1, t2
end

-- The lower and the upper threshold of a table {t1, t2} or a tensor of two
-- entries; raises unless t1 <= t2.
function M.pair (name, thresholds)
  local t1, t2
  if type(thresholds) == 'table' and #thresholds == 2
     or torch.isTensor(thresholds) and thresholds:dim() > 0
     and thresholds:size(1) == 2 then
    t1, t2 = thresholds[1], thresholds[2]
  else
    bounds.fail(name, 'thresholds', 'a table {lower, upper}',
                errors.shape(thresholds))
  end
  bounds.operand(name, 'thresholds[1]', t1)
  bounds.operand(name, 'thresholds[2]', t2)
  if torch.isTensor(t1) then
    bounds.broadcasts(name, 'thresholds[1]', t1, torch.isTensor(t2) and t2
                                                 or t1)
  end
  if core.tracing() then return in_order(name, t1, t2) end
  local low, high = bounds.extremes(t1), bounds.extremes(t2)
  if low and low ~= low or high and high ~= high then
    bounds.fail(name, 'thresholds', 'numbers', 'NaN')
  end
  local gap = t2 - t1
  if low and high and bounds.extremes(gap) < 0 then
    bounds.fail(name, 'thresholds', 'the lower one first',
                ('one that is %g above the other'):
                format(-bounds.extremes(gap)))
  end
  return t1, t2
end

-- ---- the normal distribution ----

local function cdf (x, sd)
  return torch.erfc(x / sd * -math.sqrt(0.5)) * 0.5
end

local function sizes (name, x, key, v, ...)
  if key == nil or type(x) == 'number' then return end
  bounds.broadcasts(name, key, v, x)
  sizes(name, x, ...)
end

local function check_normal (name, x, mean, sd)
  bounds.operand(name, 'x', x)
  bounds.operand(name, 'mean', mean)
  bounds.operand(name, 'sd', sd)
  sizes(name, x, 'mean', mean, 'sd', sd)
  return mean, bounds.positive(name, 'sd', sd)
end

--- nn.functional.gaussian_cdf(x, mean, sd): P(z <= x) of a normal z.
-- mean (0) and sd (1): numbers or tensors that broadcast with x.
-- Example:
--   nn.functional.gaussian_cdf(torch.zeros(1), 0, 1)        --> 0.5000
function M.gaussian_cdf (x, mean, sd)
  mean, sd = check_normal('gaussian_cdf', x, mean or 0, sd or 1)
  return cdf(x - mean, sd)
end

--- nn.functional.gaussian_pdf(x, mean, sd): the density of that distribution.
function M.gaussian_pdf (x, mean, sd)
  mean, sd = check_normal('gaussian_pdf', x, mean or 0, sd or 1)
  local z = (x - mean) / sd
  return torch.exp(torch.cmul(z, z) * -0.5) / (sd * math.sqrt(2 * math.pi))
end

-- ---- expectations ----

local function expected_ternary (x, t1, t2, sd)
  return cdf(x - t2, sd) - cdf(t1 - x, sd)
end

local function expected_binary (x, t, sd, low)
  local up = cdf(x - t, sd)
  return low == 0 and up or up + cdf(t - x, sd) * low
end

-- The arguments of a ternary state of x, checked: returns t1, t2, noise_sd.
function M.check_ternary (owner, x, thresholds, noise_sd)
  local t1, t2 = M.pair(owner, thresholds)
  noise_sd = M.check_noise(owner, noise_sd)
  sizes(owner, x, 'thresholds[1]', t1, 'thresholds[2]', t2, 'noise_sd',
        noise_sd)
  return t1, t2, noise_sd
end

-- The same of a binary state: returns threshold, noise_sd, low.
function M.check_binary (owner, x, threshold, noise_sd, low)
  threshold = M.check_threshold(owner, threshold)
  noise_sd = M.check_noise(owner, noise_sd)
  M.check_low(owner, low or -1)
  sizes(owner, x, 'threshold', threshold, 'noise_sd', noise_sd)
  return threshold, noise_sd, low or -1
end

--- nn.functional.expected_state(x, thresholds, noise_sd): E of a ternary state.
-- P(x + noise > t2) - P(x + noise < t1), for thresholds {t1, t2}.
-- Errors: noise_sd <= 0, t1 > t2, NaN.
function M.expected_state (x, thresholds, noise_sd)
  bounds.operand('expected_state', 'x', x)
  return expected_ternary(x, M.check_ternary('expected_state', x, thresholds,
                                             noise_sd))
end

--- nn.functional.expected_binary_state(x, threshold, noise_sd, low): E of a
-- state that is 1 above the threshold, else low (-1, or 0).
function M.expected_binary_state (x, threshold, noise_sd, low)
  bounds.operand('expected_binary_state', 'x', x)
  return expected_binary(x, M.check_binary('expected_binary_state', x,
                                           threshold, noise_sd, low))
end

-- ---- states ----

local function tensor (name, x)
  if not torch.isTensor(x) then
    bounds.fail(name, 'x', 'a tensor', errors.shape(x))
  end
end

-- What noise comes from: true without a key.
local function check_key (name, key, x)
  if key == nil or type(key) == 'boolean' then return key ~= false end
  if not torch.isTensor(key) then
    bounds.fail(name, 'key', 'a key (random.key(seed)), true or false',
                errors.shape(key))
  end
  if key:dtype():find '^float' then bounds.broadcasts(name, 'key', key, x) end
  return key
end

-- Draws from `key`, a key, or the generator where it is true; false: without
-- noise.  The primitive draws the noise as it uses it; its gradient is that of
-- the expected state, with respect to thresholds and noise_sd too.
local function states (x, t1, t2, noise_sd, middle, low, key)
  if torch.isTensor(key) and key:dtype():find '^float' then
    local stop = require 'autograd'.stop_gradient -- key is the noise itself
    local quiet = states(x, t1, t2, noise_sd, middle, low, false)
    return stop(states(x + torch.cmul(key, noise_sd), t1, t2, noise_sd, middle,
                       low, false)) + (quiet - stop(quiet))
  end
  return core.states(x, t1, t2, noise_sd, middle, low, key and true,
                     torch.isTensor(key) and key or nil)
end

-- The same without checks: what the modules call.  noise: true for fresh
-- noise, false for none, a key, or the noise, a tensor of x's sizes.
function M.noisy_ternary (x, t1, t2, noise_sd, noise)
  return states(x, t1, t2, noise_sd, 0, -1, noise)
end

function M.noisy_binary (x, t, noise_sd, noise, low)
  return states(x, t, t, noise_sd, low, low, noise)
end

--- nn.functional.ternary(x, thresholds, noise_sd, key): states -1, 0 and 1.
-- x + noise below thresholds[1] gives -1, above thresholds[2] 1, anything else
-- (NaN too) 0. noise_sd is the noise's standard deviation; each call draws
-- anew, from `key` where one is given (`false`: without noise). Its gradient,
-- with respect to thresholds and noise_sd too, is that of the expected state.
-- Errors: noise_sd <= 0, thresholds out of order or NaN, sizes that do not
-- broadcast with x. A tensor of x's sizes for a key is the noise itself.
-- Example:
--   nn.functional.ternary(torch.Tensor{-2, 0, 2}, {-0.5, 0.5}, 0.1)  --> -1 0 1
function M.ternary (x, thresholds, noise_sd, key)
  tensor('ternary', x)
  local t1, t2, sd = M.check_ternary('ternary', x, thresholds, noise_sd)
  return M.noisy_ternary(x, t1, t2, sd, check_key('ternary', key, x))
end

--- nn.functional.binary(x, threshold, noise_sd, key, low): states low and 1.
-- As ternary, with one threshold; low is -1 (default) or 0.
function M.binary (x, threshold, noise_sd, key, low)
  tensor('binary', x)
  local t, sd, state = M.check_binary('binary', x, threshold, noise_sd, low)
  return M.noisy_binary(x, t, sd, check_key('binary', key, x), state)
end

return M
