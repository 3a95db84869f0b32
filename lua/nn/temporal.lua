-- Sequences of frames [n x frames x size] (or [frames x size]):
-- TemporalConvolution, TemporalMaxPooling.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local function batch (self, x, size)
  local n = errors.check(self, x, 2, 3, ('[batch, frames, %s]')
                         :format(size or 'size'))
  if size and x:size(n) ~= size then
    errors.fail(self, 'expected [batch, frames, %d], got %s', size,
                errors.shape(x))
  end
  if n == 2 then x = x:unsqueeze(1) end
  if x:size(2) < self.kW then
    errors.fail(self, 'expected at least %d frames, got %s', self.kW,
                errors.shape(x))
  end
  return x:contiguous(), n == 2 and function (y) return y:squeeze(1) end
         or function (y) return y end
end

-- nn.TemporalConvolution(size, nOut, kW[, dW = 1]): weight [nOut x kW size],
-- the frames of a window one after the other
local Convolution = maker.define('TemporalConvolution', {'inputFrameSize',
  'outputFrameSize', 'kW', 'dW'}, function (self, input)
  local x, back = batch(self, input, self.inputFrameSize)
  local n = (x:size(2) - self.kW) // self.dW + 1
  local width = self.kW * self.inputFrameSize
  local windows = core.from_storage(x:storage(), x:storageOffset(),
    {x:size(1), n, width},
    {x:stride(1), x:stride(2) * self.dW, x:stride(3)})
  local y = windows:reshape(x:size(1) * n, width) * self.weight:t()
            + self.bias
  return back(y:view(x:size(1), n, self.outputFrameSize))
end, {nil, nil, nil, 1})

function Convolution:build ()
  local name = 'nn.TemporalConvolution'
  for _, field in ipairs {'inputFrameSize', 'outputFrameSize', 'kW', 'dW'} do
    self[field] = errors.integer(name, field, self[field])
  end
  maker.parameter(self, 'weight', {self.outputFrameSize,
                                   self.kW * self.inputFrameSize})
  maker.parameter(self, 'bias', {self.outputFrameSize})
end

function Convolution:reset (stdv)
  return maker.uniform(self, {'weight', 'bias'},
                       self.kW * self.inputFrameSize, stdv)
end

-- nn.TemporalMaxPooling(kW[, dW = kW])
maker.define('TemporalMaxPooling', {'kW', 'dW'}, function (self, input)
  local x, back = batch(self, input)
  local d = self.dW or self.kW
  local n = (x:size(2) - self.kW) // d + 1
  local windows = core.from_storage(x:storage(), x:storageOffset(),
    {x:size(1), n, x:size(3), self.kW},
    {x:stride(1), x:stride(2) * d, x:stride(3), x:stride(2)})
  return back((windows:max(4)):view(x:size(1), n, x:size(3)))
end)

return torch
