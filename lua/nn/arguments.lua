-- What the arguments of modules may be, by the fields that keep them: a
-- constructor refuses the others, and an integral float becomes an integer.

local torch = require 'torch'
local errors = require 'nn.errors'

local function fail (name, field, wanted, value)
  errors.raise('nn.%s: %s: %s expected, got %s', name, field, wanted,
               errors.shape(value))
end

local function integer (least)
  return function (name, field, value)
    return errors.integer('nn.' .. name, field, value, least)
  end
end

local function whole (name, field, value)
  local n = type(value) == 'number' and math.tointeger(value)
  return n or fail(name, field, 'an integer', value)
end

-- 1, 2, ... or from the end -1, -2, ...
local function place (name, field, value)
  local n = type(value) == 'number' and math.tointeger(value)
  if not n or n == 0 then
    fail(name, field, 'an integer other than 0', value)
  end
  return n
end

local function number (low, high, wanted, open)
  return function (name, field, value)
    if type(value) ~= 'number' or not (value >= low and value <= high)
       or open and value == low then
      fail(name, field, wanted, value)
    end
    return value
  end
end

local function number_or_tensor (name, field, value)
  if type(value) ~= 'number' and not torch.isTensor(value) then
    fail(name, field, 'a number or a tensor', value)
  end
  return value
end

local inf = math.huge
local any = number(-inf, inf, 'a number')
local least_0 = number(0, inf, 'a number of at least 0')
local above_0 = number(0, inf, 'a number above 0', true)

local kinds = {
  dimension = place, dim = place, index = place, pos = place,
  nInputDims = integer(1), offset = place, length = whole, pad = whole,
  nfeatures = integer(1), scale_factor = integer(1),
  pad_l = whole, pad_r = whole, pad_t = whole, pad_b = whole,
  kW = integer(1), kH = integer(1), dW = integer(1), dH = integer(1),
  padW = integer(0), padH = integer(0), nChannels = integer(1),
  groups = integer(1), eps = least_0, p = above_0, value = any,
  bias_value = any,
  momentum = number(0, 1, 'a number of at least 0 and at most 1'),
  lower = any, upper = any, mean = any, std = least_0, maxNorm = above_0,
  normType = above_0, paddingValue = integer(0),
  nin = integer(1), nin1 = integer(1), nin2 = integer(1), nout = integer(1),
  oW = integer(1), oH = integer(1), nOutputPlane = integer(0),
  constant_scalar = number_or_tensor, outputSize = integer(1),
  lambda = any, nInputDim = integer(0),
}

-- These can not be left out.
local needed = {dimension = true, nfeatures = true, scale_factor = true,
                pos = true, pad = true, offset = true, nin = true,
                nin1 = true, nin2 = true, nout = true, oW = true, oH = true,
                constant_scalar = true, outputSize = true, kW = true}
local needed_by = {Collapse = {nInputDims = true}}

local function has (classes, name, field)
  return classes[name] and classes[name][field]
end

-- Fields that are something else in some classes.
local others = {
  SelectTable = {index = true}, -- or a key
  Constant = {value = true},    -- or a tensor
}

-- The value for a field of nn.NAME; raises where it can't be one.
return function (name, field, value)
  local check = kinds[field]
  if not check or has(others, name, field) then return value end
  if value == nil and not needed[field] and not has(needed_by, name, field) then
    return value
  end
  return check(name, field, value)
end
