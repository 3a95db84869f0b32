-- The Lagrangians of nn.functional.lagrangian as modules: forward gives the
-- Lagrangian (a number), activation(x) its gradient.
--
-- Made from a table of options.  beta, scale, gamma and delta are parameters:
-- a number, or a tensor with one for each unit, that broadcasts with the
-- input; learn = false makes them constants.  The forward pass uses
-- max(beta, min_beta), min_beta 1e-6, and max(v, 0) of learned scale and
-- gamma: below that they have no gradient.
--   nn.LSoftmax{beta = 2, axis = -1}:forward(torch.zeros(3, 4))

local torch = require 'torch'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'
local F = require 'nn.functional.lagrangian'

local function options_of (options, positional)
  if type(options) == 'number' and positional then
    return {[positional] = options}
  end
  return options
end

-- A beta must be at least min_beta where it begins.
local function check_beta (full, beta, min_beta)
  local least = bounds.extremes(bounds.operand(full, 'beta', beta))
  if least and (least < min_beta or least ~= least) then
    bounds.fail(full, 'beta', ('a number of at least min_beta = %g'):
                format(min_beta), bounds.text(least))
  end
end

-- nn.NAME of F.lagrangian[kind]: parameters and constants with defaults.
local function define (name, kind, parameters, constants, positional)
  local full = 'nn.' .. name
  local C, parent = torch.class(full, 'nn.Module', require 'nn')
  local allowed = {learn = true}
  for key in pairs(parameters) do allowed[key] = true end
  for key in pairs(constants) do allowed[key] = true end
  if parameters.beta then allowed.min_beta = true end
  local names = {}
  for key in pairs(parameters) do names[#names + 1] = key end
  table.sort(names)
  C.kind = kind

  function C:__init (options)
    parent.__init(self)
    local o = noisy.options(full, options_of(options, positional),
                            allowed)
    if parameters.beta then
      self.min_beta = o.min_beta or 1e-6
      F.check_option(full, 'min_beta', self.min_beta)
      check_beta(full, o.beta or parameters.beta, self.min_beta)
    end
    bounds.boolean(full, 'learn', o.learn)
    self.parameterNames = o.learn ~= false and names or {}
    for key, default in pairs(parameters) do
      local v = o[key] == nil and default or o[key]
      if key ~= 'beta' then F.check_option(full, key, v) end
      self[key] = o.learn ~= false and noisy.parameter(v) or v
    end
    for key, default in pairs(constants) do
      self[key] = o[key] == nil and default or o[key]
      F.check_option(full, key, self[key])
      if key == 'axis' then F.check_axis(full, self.axis) end
    end
  end

  -- The options for the functional forms, clipped.
  function C:options ()
    local o = {}
    for key in pairs(parameters) do o[key] = self[key] end
    for key in pairs(constants) do o[key] = self[key] end
    if o.beta then o.beta = noisy.at_least(o.beta, self.min_beta) end
    for _, key in ipairs {'scale', 'gamma'} do
      if noisy.learns(self, key) then o[key] = noisy.at_least(o[key], 0) end
    end
    return o
  end

  function C:compute (input)
    errors.check(self, input, 1, 8, 'a tensor with at least 1 dimension')
    return F.lagrangian[kind](input, self:options(), full)
  end

  -- grad of forward with respect to x
  function C:activation (x)
    errors.check(self, x, 1, 8, 'a tensor with at least 1 dimension')
    return F.lagrangian_activation[kind](x, self:options(), full)
  end

  function C:__tostring__ ()
    local text = {}
    for _, key in ipairs(names) do
      text[#text + 1] = key .. ' ' .. noisy.text(self[key])
    end
    if #text == 0 then return full end
    return ('%s(%s)'):format(full, table.concat(text, ', '))
  end
end

define('LIdentity', 'identity', {}, {})
define('LRelu', 'relu', {}, {})
define('LRepu', 'repu', {}, {n = 2}, 'n')
define('LExp', 'exp', {beta = 1}, {}, 'beta')
define('LRexp', 'rexp', {beta = 1}, {}, 'beta')
define('LSigmoid', 'sigmoid', {beta = 1, scale = 1}, {}, 'beta')
define('LTanh', 'tanh', {beta = 1}, {}, 'beta')
define('LSoftmax', 'softmax', {beta = 1}, {axis = -1}, 'beta')
define('LGhostmax', 'ghostmax', {beta = 1}, {axis = -1}, 'beta')
define('LLayerNorm', 'layernorm', {gamma = 1, delta = 0},
       {axis = -1, eps = 1e-5}, 'gamma')
define('LSphericalNorm', 'spherical_norm', {gamma = 1, delta = 0},
       {axis = -1, eps = 1e-5}, 'gamma')
