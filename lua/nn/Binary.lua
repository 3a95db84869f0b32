-- nn.Binary{threshold = 0, noise_sd = 0.3, low = -1, ...}: states 1 above the
-- threshold and low (-1 or 0) elsewhere, of the input plus normal noise; see
-- nn.functional.binary.  Options learn ('threshold' or 'noise_sd' for one of
-- them), noise and expected as nn.Ternary's.

local torch = require 'torch'
local errors = require 'nn.errors'
local noisy = require 'nn.noisy'
local F = require 'nn.functional.ternary'

local Binary, parent = torch.class('nn.Binary', 'nn.Module', require 'nn')

local allowed = {threshold = true, noise_sd = true, low = true, learn = true,
                 noise = true, expected = true}

function Binary:__init (options)
  parent.__init(self)
  local o = noisy.options('nn.Binary', options, allowed)
  self.threshold, self.low = o.threshold or 0, o.low or -1
  F.check_threshold('nn.Binary', self.threshold)
  F.check_low('nn.Binary', self.low)
  if o.learn ~= nil and o.learn ~= 'threshold' and o.learn ~= 'noise_sd'
     and type(o.learn) ~= 'boolean' then
    errors.raise("nn.Binary: learn: true, false, 'threshold' or 'noise_sd' "
                 .. 'expected, got %s', errors.shape(o.learn))
  end
  noisy.init(self, 'nn.Binary', o, {'threshold'})
end

function Binary:compute (input)
  errors.check(self, input, 0, 8, 'a tensor')
  local t, sd, low = F.check_binary(self, input, self.threshold,
                                    noisy.sd(self), self.low)
  if self.expected then
    return F.expected_binary_state(input, t, sd, low)
  end
  return F.noisy_binary(input, t, sd, noisy.draws(self), low)
end

function Binary:__tostring__ ()
  return ('nn.Binary(%s; noise %s, low %d)'):format(
    noisy.text(self.threshold), noisy.text(self.noise_sd), self.low)
end

return Binary
