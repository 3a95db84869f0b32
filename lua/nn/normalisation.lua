-- Normalisation: BatchNormalization, SpatialBatchNormalization,
-- LayerNormalization, GroupNormalization, InstanceNormalization.  All are
-- (x - mean) / sqrt(variance + eps), the variance divided by the count; with
-- `affine` (true) times a weight plus a bias.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local nn = require 'nn'
local define, parameter = maker.define, maker.parameter

-- Mean and variance over some dimensions, which are kept.
local function moments (x, dims)
  local mean = x:mean(dims)
  local centred = x - mean
  return mean, torch.square(centred):mean(dims), centred
end

-- A vector [C] in the shape [1 x C x 1 ...] of n dimensions.
local function plane (v, n)
  local sizes = {1, v:nElement()}
  for d = 3, n do sizes[d] = 1 end
  return v:view(table.unpack(sizes))
end

local function affine (self, y)
  if not self.weight then return y end
  return torch.cmul(y, plane(self.weight, y:dim()))
         + plane(self.bias, y:dim())
end

local function make_affine (self, sizes)
  if self.affine then
    parameter(self, 'weight', sizes, 1)
    parameter(self, 'bias', sizes)
  end
end

local function reset (self)
  if self.weight then
    self.weight:fill(1)
    self.bias:zero()
  end
  if self.running_mean then
    self.running_mean:zero()
    self.running_var:fill(1)
  end
  return self
end

-- nn.BatchNormalization(n[, eps = 1e-5[, momentum = 0.1[, affine]]]): over all
-- dimensions but the second, of n.  Training keeps running_mean and
-- running_var (unbiased; momentum is the weight of the new value), which
-- evaluate() uses.
local function batch (name, low, high, wanted)
  local C = define(name, {'nOutput', 'eps', 'momentum', 'affine'},
                   function (self, x)
    local n = errors.check(self, x, low, high, wanted)
    if x:size(2) ~= self.nOutput then
      errors.fail(self, 'expected %d in dimension 2, got %s', self.nOutput,
                  errors.shape(x))
    end
    if not self:training_mode() then
      local std = torch.sqrt(self.running_var + self.eps)
      return affine(self, torch.cdiv(x - plane(self.running_mean, n),
                                     plane(std, n)))
    end
    local dims, count = {}, x:nElement() // self.nOutput
    for d = 1, n do if d ~= 2 then dims[#dims + 1] = d end end
    local mean, var, centred = moments(x, dims)
    local m, unbiased = self.momentum, count > 1 and count / (count - 1) or 1
    local stop = require 'autograd'.stop_gradient
    self.running_mean:mul(1 - m):add(m, stop(mean):view(-1))
    self.running_var:mul(1 - m):add(m * unbiased, stop(var):view(-1))
    return affine(self, torch.cdiv(centred, torch.sqrt(var + self.eps)))
  end, {nil, 1e-5, 0.1, true})

  function C:build ()
    errors.integer('nn.' .. name, 'number of features', self.nOutput)
    self.running_mean = torch.zeros(self.nOutput)
    self.running_var = torch.ones(self.nOutput)
    make_affine(self, {self.nOutput})
  end

  C.reset = reset
end

batch('BatchNormalization', 2, 8, '[batch, features]')
batch('SpatialBatchNormalization', 4, 4, '[batch, planes, height, width]')

-- nn.LayerNormalization(n[, bias = 0[, eps = 1e-10[, affine]]]): over the last
-- dimension, or the last ones where n is a list of sizes.  As in Torch7, eps
-- is added to the sum of squares: to the variance, eps / n.
local Layer = define('LayerNormalization',
                     {'nOutput', 'bias_value', 'eps', 'affine'},
                     function (self, x)
  local sizes, dims = self.sizes, {}
  local n = errors.check(self, x, #sizes, 8, '[*, '
                         .. table.concat(sizes, ', ') .. ']')
  for i, size in ipairs(sizes) do
    dims[i] = n - #sizes + i
    if x:size(dims[i]) ~= size then
      errors.fail(self, 'expected [*, %s], got %s',
                  table.concat(sizes, ', '), errors.shape(x))
    end
  end
  local _, var, centred = moments(x, dims)
  local y = torch.cdiv(centred,
                       torch.sqrt(var + self.eps / maker.product(sizes)))
  if not self.weight then return y end
  return torch.cmul(y, self.weight) + self.bias
end, {nil, 0, 1e-10, true})

function Layer:build ()
  self.sizes = maker.sizes(self.nOutput)
  for i, size in ipairs(self.sizes) do
    self.sizes[i] = errors.integer('nn.LayerNormalization', 'size #' .. i, size)
  end
  make_affine(self, self.sizes)
end

function Layer:reset ()
  reset(self)
  if self.bias then self.bias:fill(self.bias_value) end
  return self
end

-- The channels in groups, each normalised for each sample.
local function grouped (self, x, groups)
  local n = errors.check(self, x, 2, 8, '[batch, channels, ...]')
  local channels = x:size(2)
  if self.nChannels and channels ~= self.nChannels
     or channels % groups ~= 0 then
    errors.fail(self, 'expected %s channels in dimension 2, got %s',
                self.nChannels or 'a multiple of ' .. groups,
                errors.shape(x))
  end
  local count = channels // groups -- elements of a group, also of no sample
  for d = 3, n do count = count * x:size(d) end
  local _, var, centred = moments(x:reshape(x:size(1), groups, count), 3)
  local y = torch.cdiv(centred, torch.sqrt(var + self.eps))
  return affine(self, y:view(table.unpack(x:size():totable(), 1, n)))
end

-- nn.GroupNormalization(groups, channels[, eps = 1e-5[, affine]])
local Group = define('GroupNormalization',
                     {'groups', 'nChannels', 'eps', 'affine'},
                     function (self, x)
  return grouped(self, x, self.groups)
end, {nil, nil, 1e-5, true})

function Group:build ()
  errors.integer('nn.GroupNormalization', 'groups', self.groups)
  errors.integer('nn.GroupNormalization', 'nChannels', self.nChannels)
  if self.nChannels % self.groups ~= 0 then
    errors.raise('nn.GroupNormalization: %d groups do not divide %d channels',
                 self.groups, self.nChannels)
  end
  make_affine(self, {self.nChannels})
end

Group.reset = reset

-- nn.InstanceNormalization(channels[, eps = 1e-5[, affine]]): each channel of
-- each sample
local Instance = define('InstanceNormalization',
                        {'nChannels', 'eps', 'affine'}, function (self, x)
  return grouped(self, x, self.nChannels)
end, {nil, 1e-5, true})

function Instance:build ()
  self.nChannels = errors.integer('nn.InstanceNormalization', 'nChannels',
                                  self.nChannels)
  make_affine(self, {self.nChannels})
end
Instance.reset = reset

return nn
