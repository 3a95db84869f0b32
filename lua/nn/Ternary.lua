-- nn.Ternary{thresholds = {-0.5, 0.5}, noise_sd = 0.3, ...}: states -1, 0 and
-- 1 of the input plus normal noise; see nn.functional.ternary.  Input and
-- output of any shape.  Options:
--   thresholds  {lower, upper}, numbers or tensors that broadcast with x
--   noise_sd    the noise's standard deviation, a number or a tensor
--   learn       true: thresholds and noise_sd are parameters (t1, t2,
--               noise_sd), or the one that is named, 'thresholds' or
--               'noise_sd'; a learned noise_sd counts at least 1e-6 (below
--               it has no gradient), of learned thresholds that crossed the
--               lower one is the first
--   noise       'training' (default): none in evaluate(); 'always'; 'never'
--   expected    true: the output is the expected state, without noise
--   nn.Ternary{noise_sd = 0.1}:forward(torch.randn(4, 8))

local torch = require 'torch'
local errors = require 'nn.errors'
local noisy = require 'nn.noisy'
local F = require 'nn.functional.ternary'

local Ternary, parent = torch.class('nn.Ternary', 'nn.Module', require 'nn')

local allowed = {thresholds = true, noise_sd = true, learn = true,
                 noise = true, expected = true}

function Ternary:__init (options)
  parent.__init(self)
  local o = noisy.options('nn.Ternary', options, allowed)
  local t = o.thresholds or {-0.5, 0.5}
  self.t1, self.t2 = F.pair('nn.Ternary', t)
  if o.learn ~= nil and o.learn ~= 'thresholds' and o.learn ~= 'noise_sd'
     and type(o.learn) ~= 'boolean' then
    errors.raise("nn.Ternary: learn: true, false, 'thresholds' or 'noise_sd' "
                 .. 'expected, got %s', errors.shape(o.learn))
  end
  noisy.init(self, 'nn.Ternary', o, {'t1', 't2'})
end

-- In order: a step may have moved learned ones past each other.
local function thresholds (self)
  local t1, t2 = self.t1, self.t2
  if not noisy.learns(self, 't1') then return {t1, t2} end
  local crossed = torch.gt(t1, t2)
  return {torch.where(crossed, t2, t1), torch.where(crossed, t1, t2)}
end

function Ternary:compute (input)
  errors.check(self, input, 0, 8, 'a tensor')
  local t1, t2, sd = F.check_ternary(self, input, thresholds(self),
                                     noisy.sd(self))
  if self.expected then return F.expected_state(input, {t1, t2}, sd) end
  return F.noisy_ternary(input, t1, t2, sd, noisy.draws(self))
end

function Ternary:__tostring__ ()
  return ('nn.Ternary(%s, %s; noise %s)'):format(noisy.text(self.t1),
    noisy.text(self.t2), noisy.text(self.noise_sd))
end

return Ternary
