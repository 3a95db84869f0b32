-- nn.init: initial values, in place; each function returns its tensor.
--
-- Weights are laid out as [outputs x inputs x kernel ...]: fan_in is the
-- inputs times the kernel's elements, fan_out the outputs times them.
--   nn.init.kaiming_normal(nn.Dense(3, 4).weight)

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

-- What is left of a normal distribution's deviation when it is cut at 2.
local CUT = 0.8796256610342398

local function check_tensor (w)
  if not torch.isTensor(w) then
    errors.raise('nn.init: a tensor expected, got %s', errors.shape(w))
  end
end

local function check_weight (w)
  check_tensor(w)
  if not w:dtype():find '^float' then
    errors.raise('nn.init: a tensor of floats expected, got %s', w:dtype())
  end
end

-- Refuses NaN, infinities and numbers below (strict: at) 0.
local function positive (name, what, value, strict)
  if type(value) ~= 'number' or not (value > 0 or not strict and value == 0)
     or value == math.huge then
    errors.raise('nn.init.%s: %s: a number %s expected, got %s', name, what,
                 strict and 'above 0' or 'of at least 0',
                 type(value) == 'number' and tostring(value)
                 or errors.shape(value))
  end
end

local function number (name, what, value)
  if type(value) ~= 'number' then
    errors.raise('nn.init.%s: %s: a number expected, got %s', name, what,
                 errors.shape(value))
  end
end

local function ordered (name, a, b)
  if type(a) ~= 'number' or type(b) ~= 'number' or a >= b
     or a ~= a or b ~= b then
    errors.raise('nn.init.%s: a: a number below b expected, got %s and %s',
                 name, tostring(a), tostring(b))
  end
end

-- fan_in and fan_out of a weight.
function M.fans (w)
  check_weight(w)
  if w:dim() < 2 then
    errors.raise('nn.init: a weight with at least 2 dimensions expected, got '
                 .. '%s', errors.shape(w))
  elseif w:nElement() == 0 then
    errors.raise('nn.init: a weight with elements expected, got %s',
                 errors.shape(w))
  end
  local kernel = w:nElement() // (w:size(1) * w:size(2))
  return w:size(2) * kernel, w:size(1) * kernel
end

-- torch(w): Torch7's default, uniform within 1 / sqrt(fan_in)
function M.torch (w)
  local r = 1 / math.sqrt((M.fans(w)))
  return w:uniform(-r, r)
end

-- constant(w, value), zeros(w), ones(w)
function M.constant (w, value)
  check_tensor(w)
  number('constant', 'value', value)
  return w:fill(value)
end
function M.zeros (w) return M.constant(w, 0) end
function M.ones (w) return M.constant(w, 1) end

-- uniform(w[, a = 0[, b = 1]]), normal(w[, mean = 0[, std = 1]])
function M.uniform (w, a, b)
  check_weight(w)
  a, b = a or 0, b or 1
  ordered('uniform', a, b)
  return w:uniform(a, b)
end

function M.normal (w, mean, std)
  check_weight(w)
  number('normal', 'mean', mean or 0)
  positive('normal', 'std', std or 1)
  return w:normal(mean or 0, std or 1)
end

-- trunc_normal(w[, mean = 0[, std = 1[, a = -2[, b = 2]]]]): normal, drawn
-- again outside a..b
function M.trunc_normal (w, mean, std, a, b)
  check_weight(w)
  mean, std, a, b = mean or 0, std or 1, a or -2, b or 2
  number('trunc_normal', 'mean', mean)
  positive('trunc_normal', 'std', std, true)
  ordered('trunc_normal', a, b)
  local root = std * math.sqrt(2)
  local low = torch.erf((a - mean) / root)
  local high = torch.erf((b - mean) / root)
  local u = torch.rand(w:size(), {dtype = 'float64'}) * (high - low) + low
  return w:copy(torch.clamp(torch.erfinv(u) * root + mean, a, b))
end

-- The square root of what a nonlinearity leaves of the variance, for `tanh`,
-- `relu`, `leaky_relu` (slope a, 0.01), `selu`, `sigmoid`, `linear`.
function M.calculate_gain (nonlinearity, a)
  if nonlinearity == 'tanh' then return 5 / 3 end
  if nonlinearity == 'relu' then return math.sqrt(2) end
  if nonlinearity == 'leaky_relu' then
    return math.sqrt(2 / (1 + (a or 0.01)^2))
  end
  if nonlinearity == 'selu' then return 3 / 4 end
  if nonlinearity == 'linear' or nonlinearity == 'sigmoid' then return 1 end
  errors.raise('nn.init.calculate_gain: a nonlinearity such as tanh, relu or '
               .. 'leaky_relu expected, got %s', errors.shape(nonlinearity))
end

local function by_variance (w, variance, distribution)
  local std = math.sqrt(variance)
  if distribution == 'uniform' then
    local r = math.sqrt(3) * std
    return w:uniform(-r, r)
  elseif distribution == 'truncated_normal' then
    local base = std / CUT
    return M.trunc_normal(w, 0, base, -2 * base, 2 * base)
  end
  return w:normal(0, std)
end

local modes = {fan_in = 1, fan_out = 1, fan_avg = 1,
               text = 'fan_in, fan_out and fan_avg'}
local distributions = {uniform = 1, normal = 1, truncated_normal = 1,
                       text = 'uniform, normal and truncated_normal'}

-- variance_scaling(w, scale, mode, distribution): variance scale / n, n by
-- mode fan_in, fan_out or fan_avg; distribution uniform, normal or
-- truncated_normal (at two deviations, rescaled).
function M.variance_scaling (w, scale, mode, distribution)
  for _, given in ipairs {{'mode', mode, modes},
                          {'distribution', distribution, distributions}} do
    if given[2] ~= nil and not given[3][given[2]] then
      errors.raise('nn.init.variance_scaling: %s: one of %s expected, got %s',
                   given[1], given[3].text, tostring(given[2]))
    end
  end
  positive('variance_scaling', 'scale', scale or 1, true)
  local fan_in, fan_out = M.fans(w)
  local n = mode == 'fan_out' and fan_out
            or mode == 'fan_avg' and (fan_in + fan_out) / 2 or fan_in
  return by_variance(w, (scale or 1) / n, distribution or 'truncated_normal')
end

-- xavier_uniform(w[, gain = 1]), xavier_normal: variance gain^2 times
-- 2 / (fan_in + fan_out)
function M.xavier_uniform (w, gain)
  positive('xavier_uniform', 'gain', gain or 1, true)
  return M.variance_scaling(w, (gain or 1)^2, 'fan_avg', 'uniform')
end

function M.xavier_normal (w, gain)
  positive('xavier_normal', 'gain', gain or 1, true)
  return M.variance_scaling(w, (gain or 1)^2, 'fan_avg', 'normal')
end

local function kaiming (distribution)
  return function (w, o)
    o = o or {}
    if type(o) ~= 'table' then
      errors.raise("nn.init.kaiming_%s: argument #2: a table such as {mode = "
                   .. "'fan_in'} expected, got %s", distribution,
                   errors.shape(o))
    end
    for key in next, o do
      if key ~= 'mode' and key ~= 'nonlinearity' and key ~= 'a' then
        local near = require 'nnlua.nearest'(tostring(key),
                                             {'mode', 'nonlinearity', 'a'})
        errors.raise('nn.init.kaiming_%s: no option %s%s', distribution,
                     tostring(key), near and '; did you mean ' .. near or '')
      end
    end
    local gain = M.calculate_gain(o.nonlinearity or 'relu', o.a)
    return M.variance_scaling(w, gain^2, o.mode or 'fan_in', distribution)
  end
end

-- kaiming_uniform(w[, {mode = 'fan_in', nonlinearity = 'relu', a =}])
M.kaiming_uniform = kaiming 'uniform'
M.kaiming_normal = kaiming 'normal'

-- JAX's: glorot is xavier; their normals are truncated.
for name, spec in pairs {glorot = {1, 'fan_avg'}, lecun = {1, 'fan_in'},
                         he = {2, 'fan_in'}} do
  M[name .. '_uniform'] = function (w)
    return M.variance_scaling(w, spec[1], spec[2], 'uniform')
  end
  M[name .. '_normal'] = function (w)
    return M.variance_scaling(w, spec[1], spec[2], 'truncated_normal')
  end
end

-- truncated_normal(w[, std = 1]): normal, cut at two deviations.
function M.truncated_normal (w, std)
  std = std or 1
  positive('truncated_normal', 'std', std, true)
  return M.trunc_normal(w, 0, std, -2 * std, 2 * std)
end

-- orthogonal(w[, gain = 1]): seen as [outputs x rest], the rows (or, where
-- there are more of them, the columns) are orthogonal and of length gain.
function M.orthogonal (w, gain)
  check_weight(w)
  if w:dim() < 2 then
    errors.raise('nn.init.orthogonal: a weight with at least 2 dimensions '
                 .. 'expected, got %s', errors.shape(w))
  end
  if w:nElement() == 0 then return w end
  local rows, columns = w:size(1), w:nElement() // w:size(1)
  local a = torch.randn(math.max(rows, columns), math.min(rows, columns),
                        {dtype = 'float64'})
  local q, r = torch.qr(a)
  q = torch.cmul(q, torch.sign(r:diag()):view(1, -1))
  if rows < columns then q = q:t() end
  return w:copy((q * (gain or 1)):reshape(w:size()))
end

return M
