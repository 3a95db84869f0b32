-- What nn.Ternary and nn.Binary share: options, parameters and the noise.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local F = require 'nn.functional.ternary'
require 'nn.Module'

local M = {}

local LEAST = 1e-6 -- of a learned noise_sd

-- The options; raises where one is not among `allowed`.
function M.options (name, options, allowed)
  if options == nil then return {} end
  if type(options) ~= 'table' then
    errors.raise('%s: a table of options expected, got %s', name,
                 errors.shape(options))
  end
  for key in pairs(options) do
    if not allowed[key] then
      local near = require 'nnlua.nearest'(tostring(key), allowed)
      errors.raise('%s: it has no option %s%s', name, tostring(key),
                   near and '; did you mean ' .. near or '')
    end
  end
  return options
end

-- A number as a tensor of one element, to be learned.
function M.parameter (v)
  if type(v) == 'number' then
    return require 'autograd'.outside(function ()
      return torch.Tensor(1):fill(v)
    end)
  end
  return v:clone()
end

-- Fills in noise_sd and the parameters that are learned; thresholds are the
-- names of the fields that hold these.
function M.init (self, name, o, thresholds)
  self.noise_sd = o.noise_sd or 0.3
  F.check_noise(name, self.noise_sd)
  self.noise = o.noise or 'training'
  if self.noise ~= 'training' and self.noise ~= 'always'
     and self.noise ~= 'never' then
    errors.raise("%s: noise: 'training', 'always' or 'never' expected, got %s",
                 name, errors.shape(o.noise))
  end
  bounds.boolean(name, 'expected', o.expected)
  self.expected = o.expected or false
  self.parameterNames = {}
  local names = {}
  if o.learn and o.learn ~= 'noise_sd' then
    for _, key in ipairs(thresholds) do names[#names + 1] = key end
  end
  if o.learn == true or o.learn == 'noise_sd' then
    names[#names + 1] = 'noise_sd'
  end
  for _, key in ipairs(names) do
    self[key] = M.parameter(self[key])
    self.parameterNames[#self.parameterNames + 1] = key
  end
end

-- v, at least `least`, without a gradient below it; a NaN stays one.
function M.at_least (v, least)
  if type(v) == 'number' then return v < least and least or v end
  return torch.where(torch.lt(v, least), least, v)
end

-- Is the field of that name a parameter?
function M.learns (self, name)
  for _, key in ipairs(self.parameterNames) do
    if key == name then return true end
  end
  return false
end

-- noise_sd as it counts
function M.sd (self)
  if not M.learns(self, 'noise_sd') then return self.noise_sd end
  return M.at_least(self.noise_sd, LEAST)
end

-- min_sigma of a kernel activation function with a sigma of self.width and
-- centres `step` apart.
function M.min_sigma (self, name, o, step)
  self.min_sigma = o.min_sigma or step / 100
  bounds.positive_number(name, 'min_sigma', self.min_sigma)
  local least = bounds.extremes(self.width)
  if o.learn_sigma and least and least < self.min_sigma then
    bounds.fail(name, 'sigma', ('a number of at least min_sigma = %g'):
                format(self.min_sigma), bounds.text(least))
  end
end

-- A kernel activation function's sigma as it counts.
function M.sigma (self)
  if not self.sigma then return self.width end
  return M.at_least(self.sigma, self.min_sigma or LEAST)
end

-- What noise is drawn from: a key, true for the generator, false for none.
function M.draws (self)
  local draws = self.noise == 'always'
                or self.noise == 'training' and self:training_mode()
  return draws and (self:draw_key() or true) or false
end

function M.text (v)
  if type(v) == 'number' then return ('%.6g'):format(v) end
  if v:nElement() == 1 and not core.tracer_kind(v) then
    return ('%.6g'):format(v:view(1)[1])
  end
  return errors.shape(v)
end

return M
