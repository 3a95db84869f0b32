-- Pooling and other modules of images without parameters:
-- SpatialMaxPooling, SpatialAveragePooling, SpatialAdaptiveMaxPooling,
-- SpatialAdaptiveAveragePooling, SpatialDilatedMaxPooling,
-- SpatialZeroPadding, SpatialUpSamplingNearest.

local torch = require 'torch'
local errors = require 'nn.errors'
local conv = require 'nn.convolution'
local maker = require 'nn.maker'
local unpooling = require 'nn.unpooling'

local nn = require 'nn'
local F = nn.functional

local function batch (self, x)
  local n = errors.check(self, x, 3, 4, '[batch, planes, height, width]')
  if n == 4 then return x, function (y) return y end end
  return x:unsqueeze(1), function (y) return y:squeeze(1) end
end

-- How many windows; with ceil the last one may reach out, but must begin
-- within the image or its padding before.
local function windows (size, k, d, pad, ceil, dilation)
  local span = (k - 1) * (dilation or 1) + 1
  local room = size + 2 * pad - span
  local n = (ceil and -(-room // d) or room // d) + 1
  if ceil and (n - 1) * d >= size + pad then n = n - 1 end
  return n, span
end

-- x padded so that all windows fit; the windows themselves.
local function view_of (self, x, value)
  local dilH, dilW = self.dilationH or 1, self.dilationW or 1
  local oH, spanH = windows(x:size(3), self.kH, self.dH, self.padH,
                            self.ceil_mode, dilH)
  local oW, spanW = windows(x:size(4), self.kW, self.dW, self.padW,
                            self.ceil_mode, dilW)
  if oH < 1 or oW < 1 then
    errors.fail(self, 'expected images of at least %d x %d, got %s', spanH,
                spanW, errors.shape(x))
  end
  local function after (n, d, span, size, pad)
    return math.max((n - 1) * d + span - size - pad, 0)
  end
  x = F.pad(x, 3, self.padH, after(oH, self.dH, spanH, x:size(3), self.padH),
            value)
  x = F.pad(x, 4, self.padW, after(oW, self.dW, spanW, x:size(4), self.padW),
            value)
  return conv.windows(x, self.kH, self.kW, self.dH, self.dW, dilH, dilW)
         :narrow(3, 1, oH):narrow(4, 1, oW), oH, oW
end

local function common (C, stride_is_kernel)
  function C:build ()
    local name = torch.typename(self)
    for _, field in ipairs {'kW', 'kH'} do
      self[field] = errors.integer(name, field, self[field])
    end
    self.dW = self.dW or stride_is_kernel and self.kW or 1
    self.dH = self.dH or stride_is_kernel and self.kH or 1
    self.padW, self.padH = self.padW or 0, self.padH or 0
    if 2 * self.padW > self.kW or 2 * self.padH > self.kH then
      errors.raise('%s: padding of at most half the kernel expected, got '
                   .. '%d x %d for %d x %d', name, self.padW, self.padH,
                   self.kW, self.kH)
    end
  end

  function C:ceil () self.ceil_mode = true return self end

  function C:floor () self.ceil_mode = false return self end

  function C:__tostring__ ()
    return ('%s(%dx%d, %d,%d%s)'):format(torch.typename(self), self.kW,
      self.kH, self.dW, self.dH, (self.padW ~= 0 or self.padH ~= 0)
      and (', %d,%d'):format(self.padW, self.padH) or '')
  end
end

local function max_pool (self, input)
  local x, back = batch(self, input)
  local v, oH, oW = view_of(self, x, -math.huge)
  local flat = v:reshape(v:size(1), v:size(2), oH, oW, self.kH * self.kW)
  local y, best = flat:max(5)
  unpooling.keep(self, best:view(v:size(1), v:size(2), oH, oW), x, back)
  return back(y:view(v:size(1), v:size(2), oH, oW))
end

-- nn.SpatialMaxPooling(kW, kH[, dW = kW[, dH = kH[, padW = 0[, padH = 0]]]])
-- keepIndices() makes forward put the places of the greatest elements, numbers
-- within the planes, into the field indices; SpatialMaxUnpooling calls it.
local Max = maker.define('SpatialMaxPooling',
  {'kW', 'kH', 'dW', 'dH', 'padW', 'padH'}, max_pool)
common(Max, true)

local Dilated = maker.define('SpatialDilatedMaxPooling',
  {'kW', 'kH', 'dW', 'dH', 'padW', 'padH', 'dilationW', 'dilationH'}, max_pool)
common(Dilated, true)

function Max:keepIndices () unpooling.watch(self) return self end

Dilated.keepIndices = Max.keepIndices

-- How many elements of the image (and its padding) each window has.
local function divisors (n, size, k, d, pad, include)
  local list = {}
  for i = 0, n - 1 do
    local first = i * d - pad
    local last = math.min(first + k, size + pad)
    if not include then
      first, last = math.max(first, 0), math.min(last, size)
    end
    list[i + 1] = last - first
  end
  return torch.tensor(list, 'float64')
end

-- nn.SpatialAveragePooling(kW, kH[, dW = 1[, dH = 1[, padW[, padH]]]]): the
-- padding counts, unless setCountExcludePad() was called
local Average = maker.define('SpatialAveragePooling',
  {'kW', 'kH', 'dW', 'dH', 'padW', 'padH'}, function (self, input)
  local x, back = batch(self, input)
  local v, oH, oW = view_of(self, x, 0)
  local include = not self.exclude
  local rows = divisors(oH, x:size(3), self.kH, self.dH, self.padH, include)
  local columns = divisors(oW, x:size(4), self.kW, self.dW, self.padW,
                           include)
  local sums = v:sum({5, 6}):view(v:size(1), v:size(2), oH, oW)
  return back(torch.cdiv(sums, torch.ger(rows, columns):type(x:type())))
end)

common(Average, false)

function Average:setCountIncludePad () self.exclude = false return self end

function Average:setCountExcludePad () self.exclude = true return self end

-- Output i of n covers first..last of size elements.
local function span (i, n, size)
  local first = (i - 1) * size // n
  return first + 1, -(-(i * size) // n) - first
end

local MOST = 1048576 -- cells of an output: each is narrowed and pooled by itself

local function adaptive (name, f)
  maker.define(name, {'oW', 'oH'}, function (self, input)
    local x, back = batch(self, input)
    local rows = {}
    if self.oH > MOST or self.oW > MOST // self.oH then
      errors.fail(self, 'oW and oH: at most %d cells expected, got %d x %d',
                  MOST, self.oH, self.oW)
    end
    for i = 1, self.oH do
      local top, height = span(i, self.oH, x:size(3))
      local band, cells = x:narrow(3, top, height), {}
      for k = 1, self.oW do
        local left, width = span(k, self.oW, x:size(4))
        local cell = band:narrow(4, left, width)
        cells[k] = f(cell:reshape(cell:size(1), cell:size(2), 1,
                                  height * width))
      end
      rows[i] = torch.cat(cells, 4)
    end
    return back(torch.cat(rows, 3))
  end)
end

-- nn.SpatialAdaptiveMaxPooling(oW, oH): to images of that size
adaptive('SpatialAdaptiveMaxPooling', function (x) return (x:max(4)) end)
adaptive('SpatialAdaptiveAveragePooling', function (x) return x:mean(4) end)

-- nn.SpatialZeroPadding(left[, right[, top[, bottom]]]): negative ones cut
maker.define('SpatialZeroPadding', {'pad_l', 'pad_r', 'pad_t', 'pad_b'},
             function (self, input)
  local x, back = batch(self, input)
  local l = self.pad_l
  x = F.pad(x, 4, l, self.pad_r or l)
  return back(F.pad(x, 3, self.pad_t or l, self.pad_b or l))
end)

-- nn.SpatialUpSamplingNearest(scale): each element scale x scale times
maker.define('SpatialUpSamplingNearest', {'scale_factor'},
             function (self, input)
  local x, back = batch(self, input)
  local s = self.scale_factor
  local n, c, h, w = x:size(1), x:size(2), x:size(3), x:size(4)
  return back(x:reshape(n, c, h, 1, w, 1):expand(n, c, h, s, w, s)
              :reshape(n, c, h * s, w * s))
end)
