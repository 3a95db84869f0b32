-- What nn.Ternary and nn.Binary share: options, parameters and the noise.

local torch = require 'torch'
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

-- noise_sd as it counts
function M.sd (self)
  local sd = self.noise_sd
  if type(sd) == 'number' then return sd end
  return torch.where(torch.gt(sd, LEAST), sd, LEAST)
end

-- What noise is drawn from: a key, true for the generator, false for none.
function M.draws (self)
  local draws = self.noise == 'always'
                or self.noise == 'training' and self:training_mode()
  return draws and (self:draw_key() or true) or false
end

function M.text (v)
  if type(v) == 'number' then return ('%.6g'):format(v) end
  if v:nElement() == 1 then return ('%.6g'):format(v:view(1)[1]) end
  return errors.shape(v)
end

return M
