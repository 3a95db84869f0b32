-- Convolutions of images [n x planes x height x width] (or of one sample
-- [planes x height x width]): SpatialConvolution, SpatialDilatedConvolution,
-- SpatialDepthWiseConvolution, SpatialFullConvolution.  As in Torch7 widths
-- come before heights in the arguments.

local torch = require 'torch'
local errors = require 'nn.errors'
local conv = require 'nn.convolution'
local maker = require 'nn.maker'

local nn = require 'nn'

-- A batch of the input, and how to take the batch dimension away again.
local function batch (self, x)
  local n = errors.check(self, x, 3, 4,
                         ('[batch, %d, height, width]')
                         :format(self.nInputPlane))
  if x:size(n - 2) ~= self.nInputPlane then
    errors.fail(self, 'expected [batch, %d, height, width], got %s',
                self.nInputPlane, errors.shape(x))
  end
  if n == 4 then return x, function (y) return y end end
  return x:unsqueeze(1), function (y) return y:squeeze(1) end
end

local function positive (name, self, fields, least)
  for _, field in ipairs(fields) do
    self[field] = errors.integer('nn.' .. name, field, self[field], least)
  end
end

local function draw (self, stdv)
  local n = self.kW * self.kH * self.fan
  return maker.uniform(self, {'weight', 'bias'}, n, stdv)
end

local function no_bias (self)
  self.bias, self.gradBias = nil, nil
  require 'nn.layout'.changed(self)
  return self
end

local function options_of (self)
  return {dH = self.dH, dW = self.dW, padH = self.padH, padW = self.padW,
          dilH = self.dilationH, dilW = self.dilationW, groups = self.groups,
          adjH = self.adjH, adjW = self.adjW}
end

local function check_fits (self, x)
  local h = (self.kH - 1) * (self.dilationH or 1) + 1
  local w = (self.kW - 1) * (self.dilationW or 1) + 1
  if x:size(3) + 2 * self.padH < h or x:size(4) + 2 * self.padW < w then
    errors.fail(self, 'expected images of at least %d x %d (with padding), '
                .. 'got %s', h, w, errors.shape(x))
  end
end

local function check_groups (name, self)
  self.groups = self.groups or 1
  positive(name, self, {'groups'}, 1)
  if self.nInputPlane % self.groups ~= 0
     or self.nOutputPlane % self.groups ~= 0 then
    errors.raise('nn.%s: %d groups do not divide %d and %d planes', name,
                 self.groups, self.nInputPlane, self.nOutputPlane)
  end
end

-- Torch7's arguments, with their defaults, into fields.
local function define (name, fields, defaults)
  local C = maker.define(name, fields, function (self, input)
    local x, back = batch(self, input)
    check_fits(self, x)
    return back(conv.conv2d(x, self.weight, self.bias, options_of(self)))
  end, defaults)

  function C:build ()
    self.padH = self.padH or self.padW
    positive(name, self, {'nInputPlane', 'nOutputPlane', 'kW', 'kH', 'dW',
                          'dH'}, 1)
    positive(name, self, {'padW', 'padH'}, 0)
    if self.dilationW then
      positive(name, self, {'dilationW', 'dilationH'}, 1)
    end
    check_groups(name, self)
    self.fan = self.nInputPlane // self.groups
    maker.parameter(self, 'weight', {self.nOutputPlane, self.fan, self.kH,
                                     self.kW})
    maker.parameter(self, 'bias', {self.nOutputPlane})
  end

  C.reset, C.noBias = draw, no_bias

  function C:__tostring__ ()
    local text = ('nn.%s(%d -> %d, %dx%d'):format(name, self.nInputPlane,
      self.nOutputPlane, self.kW, self.kH)
    if self.dW ~= 1 or self.dH ~= 1 or self.padW ~= 0 or self.padH ~= 0 then
      text = text .. (', %d,%d'):format(self.dW, self.dH)
    end
    if self.padW ~= 0 or self.padH ~= 0 then
      text = text .. (', %d,%d'):format(self.padW, self.padH)
    end
    if (self.dilationW or 1) ~= 1 or (self.dilationH or 1) ~= 1 then
      text = text .. (', dilation %d,%d'):format(self.dilationW,
                                                 self.dilationH)
    end
    if self.groups and self.groups ~= 1 then
      text = text .. (', %d groups'):format(self.groups)
    end
    return text .. ')' .. (self.bias and '' or ' without bias')
  end
  return C
end

-- nn.SpatialConvolution(nIn, nOut, kW, kH[, dW = 1[, dH = 1[, padW = 0[,
-- padH = padW[, groups = 1]]]]])
define('SpatialConvolution', {'nInputPlane', 'nOutputPlane', 'kW', 'kH', 'dW',
       'dH', 'padW', 'padH', 'groups'}, {nil, nil, nil, nil, 1, 1, 0})

-- the same with dilationW and dilationH (1) as the last arguments
define('SpatialDilatedConvolution', {'nInputPlane', 'nOutputPlane', 'kW',
       'kH', 'dW', 'dH', 'padW', 'padH', 'dilationW', 'dilationH', 'groups'},
       {nil, nil, nil, nil, 1, 1, 0, nil, 1, 1})

-- nn.SpatialDepthWiseConvolution(nIn, multiplier, kW, kH[, dW ...]): each
-- plane by itself, to `multiplier` planes
local DepthWise = define('SpatialDepthWiseConvolution', {'nInputPlane',
  'multiplier', 'kW', 'kH', 'dW', 'dH', 'padW', 'padH'},
  {nil, nil, nil, nil, 1, 1, 0})

local build = DepthWise.build

function DepthWise:build ()
  local name = 'nn.SpatialDepthWiseConvolution'
  self.groups = errors.integer(name, 'nInputPlane', self.nInputPlane)
  self.nOutputPlane = self.groups
                      * errors.integer(name, 'multiplier', self.multiplier)
  build(self)
end

-- nn.SpatialFullConvolution(nIn, nOut, kW, kH[, dW = 1[, dH = 1[, padW = 0[,
-- padH = 0[, adjW = 0[, adjH = 0[, groups = 1]]]]]]]): the transposed
-- convolution, weight [nIn x nOut/groups x kH x kW].  A table {x, like} as
-- input gives an output of the size of `like`.
local Full = maker.define('SpatialFullConvolution', {'nInputPlane',
  'nOutputPlane', 'kW', 'kH', 'dW', 'dH', 'padW', 'padH', 'adjW', 'adjH',
  'groups'}, function (self, input)
  local like
  if type(input) == 'table' and not torch.isTensor(input) then
    input, like = input[1], input[2]
  end
  local x, back = batch(self, input)
  local o = options_of(self)
  if like then
    local n = errors.check(self, like, 2, 8, '[..., height, width] as #2')
    local function adjust (size, from, stride, pad, kernel)
      local least = (from - 1) * stride - 2 * pad + kernel
      if size < least or size >= least + stride then
        errors.fail(self, 'sizes of %d to %d can come of %d, not the %d of %s '
                    .. 'as #2', least, least + stride - 1, from, size,
                    errors.shape(like))
      end
      return size - least
    end
    o.adjH = adjust(like:size(n - 1), x:size(3), self.dH, self.padH, self.kH)
    o.adjW = adjust(like:size(n), x:size(4), self.dW, self.padW, self.kW)
  end
  return back(conv.full_conv2d(x, self.weight, self.bias, o))
end, {nil, nil, nil, nil, 1, 1, 0, 0, 0, 0, 1})

function Full:build ()
  positive('SpatialFullConvolution', self, {'nInputPlane', 'nOutputPlane',
           'kW', 'kH', 'dW', 'dH'}, 1)
  positive('SpatialFullConvolution', self, {'padW', 'padH', 'adjW', 'adjH'}, 0)
  for adj, step in pairs {adjW = 'dW', adjH = 'dH'} do
    if self[adj] >= self[step] then
      errors.raise('nn.SpatialFullConvolution: %s: below %s (%d) expected, got '
                   .. '%d', adj, step, self[step], self[adj])
    end
  end
  check_groups('SpatialFullConvolution', self)
  self.fan = self.nInputPlane
  self.dilationW, self.dilationH = 1, 1
  maker.parameter(self, 'weight', {self.nInputPlane,
                                   self.nOutputPlane // self.groups, self.kH,
                                   self.kW})
  maker.parameter(self, 'bias', {self.nOutputPlane})
end

-- Torch7 draws these by the input planes, as SpatialConvolution does.
Full.reset, Full.noBias = draw, no_bias

return nn
