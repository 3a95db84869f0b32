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

local M = {}

local tracing = core.tracing

-- The values of a number or of a tensor outside transforms, else nil: inside,
-- a check would have to read what is only known later.
local function known (v)
  if type(v) == 'number' then return v, v end
  if torch.isTensor(v) and not tracing() and v:nElement() > 0 then
    if v:dim() == 0 then return torch.item(v), torch.item(v) end
    local low, high = v:min(), v:max()
    if low ~= low or high ~= high then return 0 / 0, 0 / 0 end
    return low, high
  end
end

local function operand (name, argument, v)
  if type(v) ~= 'number' and not torch.isTensor(v) then
    errors.raise('%s: %s: a number or a tensor expected, got %s', name,
                 argument, errors.shape(v))
  end
  return v
end

-- Raises unless noise_sd is above 0.
function M.check_noise (name, noise_sd)
  local low = known(operand(name, 'noise_sd', noise_sd))
  if low and not (low > 0 and low < math.huge) then
    errors.raise('%s: noise_sd: a finite number above 0 expected, got %g',
                 name, low)
  end
end

-- Raises unless t is a number or tensor without NaN.
function M.check_threshold (name, t)
  local low = known(operand(name, 'threshold', t))
  if low and low ~= low then
    errors.raise('%s: threshold: a number expected, got NaN', name)
  end
end

-- The lower and the upper threshold of a table {t1, t2} or a tensor of two
-- entries; raises unless t1 <= t2.
function M.pair (name, thresholds)
  local t1, t2
  if type(thresholds) == 'table' and thresholds[3] == nil
     or torch.isTensor(thresholds) and thresholds:dim() > 0
     and thresholds:size(1) == 2 then
    t1, t2 = thresholds[1], thresholds[2]
  else
    errors.raise('%s: thresholds: a table {lower, upper} expected, got %s',
                 name, errors.shape(thresholds))
  end
  operand(name, 'thresholds[1]', t1)
  operand(name, 'thresholds[2]', t2)
  local low, high = known(t1), known(t2)
  if low and low ~= low or high and high ~= high then
    errors.raise('%s: thresholds: numbers expected, got NaN', name)
  end
  if low and high then
    local gap = t2 - t1
    if type(gap) ~= 'number' then gap = gap:min() end
    if gap < 0 then
      errors.raise('%s: thresholds: the lower one first expected, got one '
                   .. 'that is %g above the other', name, -gap)
    end
  end
  return t1, t2
end

-- ---- the normal distribution ----

local function scaled (x, mean, sd) return (x - mean) / sd end

local function cdf (x, sd)
  return torch.erfc(x / sd * -math.sqrt(0.5)) * 0.5
end

--- nn.functional.gaussian_cdf(x, mean, sd): P(z <= x) of a normal z.
-- mean (0) and sd (1): numbers or tensors that broadcast with x.
-- Example:
--   nn.functional.gaussian_cdf(torch.zeros(1), 0, 1)        --> 0.5000
function M.gaussian_cdf (x, mean, sd)
  sd = sd or 1
  M.check_noise('gaussian_cdf', sd)
  return cdf(x - (mean or 0), sd)
end

--- nn.functional.gaussian_pdf(x, mean, sd): the density of that distribution.
function M.gaussian_pdf (x, mean, sd)
  sd = sd or 1
  M.check_noise('gaussian_pdf', sd)
  local z = scaled(x, mean or 0, sd)
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

--- nn.functional.expected_state(x, thresholds, noise_sd): E of a ternary state.
-- P(x + noise > t2) - P(x + noise < t1), for thresholds {t1, t2}.
-- Errors: noise_sd <= 0, t1 > t2, NaN.
function M.expected_state (x, thresholds, noise_sd)
  local t1, t2 = M.pair('expected_state', thresholds)
  M.check_noise('expected_state', noise_sd)
  return expected_ternary(x, t1, t2, noise_sd)
end

--- nn.functional.expected_binary_state(x, threshold, noise_sd, low): E of a
-- state that is 1 above the threshold, else low (-1, or 0).
function M.expected_binary_state (x, threshold, noise_sd, low)
  M.check_threshold('expected_binary_state', threshold)
  M.check_noise('expected_binary_state', noise_sd)
  return expected_binary(x, threshold, noise_sd, low or -1)
end

-- ---- states ----

local function tensor (name, x)
  if not torch.isTensor(x) then
    errors.raise('%s: x: a tensor expected, got %s', name, errors.shape(x))
  end
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
-- Errors: noise_sd <= 0, thresholds out of order or NaN.
-- Example:
--   nn.functional.ternary(torch.Tensor{-2, 0, 2}, {-0.5, 0.5}, 0.1)  --> -1 0 1
function M.ternary (x, thresholds, noise_sd, key)
  tensor('ternary', x)
  local t1, t2 = M.pair('ternary', thresholds)
  M.check_noise('ternary', noise_sd)
  return M.noisy_ternary(x, t1, t2, noise_sd, key == nil or key)
end

--- nn.functional.binary(x, threshold, noise_sd, key, low): states low and 1.
-- As ternary, with one threshold; low is -1 (default) or 0.
function M.binary (x, threshold, noise_sd, key, low)
  tensor('binary', x)
  M.check_threshold('binary', threshold)
  M.check_noise('binary', noise_sd)
  return M.noisy_binary(x, threshold, noise_sd, key == nil or key, low or -1)
end

return M
