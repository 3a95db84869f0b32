-- nn.HAMConvolution{inputs =, outputs =, kernel = 3, stride = 1, padding =
-- 'same' | 'valid'}: the synapse -sum y conv(x, W) of nn.HAM, x [height, width,
-- in], y [height', width', out], W [out, in, kernel, kernel].

local torch = require 'torch'
local errors = require 'nn.errors'
local noisy = require 'nn.noisy'
local synapse = require 'nn.HAMSynapse'
local F = require 'nn.functional'

local Convolution, parent = synapse.class 'HAMConvolution'

local conv_options = {inputs = true, outputs = true, kernel = true,
                      stride = true, padding = true}

function Convolution:__init (options)
  parent.__init(self)
  local name = 'nn.HAMConvolution'
  local o = noisy.options(name, options, conv_options)
  local nin = errors.integer(name, 'inputs', o.inputs)
  local nout = errors.integer(name, 'outputs', o.outputs)
  self.kernel = errors.integer(name, 'kernel', o.kernel or 3)
  self.stride = errors.integer(name, 'stride', o.stride or 1)
  self.padding = o.padding or 'same'
  if self.padding ~= 'same' and self.padding ~= 'valid' then
    errors.raise("%s: padding: 'same' or 'valid' expected, got %s", name,
                 errors.shape(o.padding))
  end
  self.weight = torch.zeros(nout, nin, self.kernel, self.kernel)
  self:reset()
end

-- x padded along d so that `out` windows of stride s are within; and out.
local function windows (self, x, d)
  local n, k, s = x:size(d), self.kernel, self.stride
  local out, before = (n - k) // s + 1, 0
  if self.padding == 'same' then
    out = (n + s - 1) // s
    before = math.max((out - 1) * s + k - n, 0) // 2
  end
  if out < 1 then
    errors.fail(self, 'expected at least %d x %d positions, got %s', k, k,
                errors.shape(x))
  end
  return F.pad(x, d, before, out * s + k - 1 - n - before), out
end

-- [height, width, in] -> [height', width', out]
function Convolution:convolve (x)
  local nin = self.weight:size(2)
  if not torch.isTensor(x) or x:dim() ~= 3 or x:size(3) ~= nin then
    errors.fail(self, 'expected activations [height x width x %d], got %s',
                nin, errors.shape(x))
  end
  local s, y = self.stride, nil
  local padded, rows = windows(self, x, 1)
  local all, columns = windows(self, padded, 2)
  for i = 1, self.kernel do
    for j = 1, self.kernel do
      local part = all:narrow(1, i, rows * s):narrow(2, j, columns * s)
      part = part:reshape(rows, s, columns, s, nin):select(2, 1):select(3, 1)
      local w = self.weight:select(4, j):select(3, i)
      local term = part:reshape(rows * columns, nin) * w:t()
      y = y and y + term or term
    end
  end
  return y:view(rows, columns, self.weight:size(1))
end

function Convolution:compute (input)
  local x, y = synapse.take(self, input, 2)
  local z = self:convolve(x)
  if not torch.isTensor(y) or not y:isSameSizeAs(z) then
    errors.fail(self, 'expected second activations %s, got %s',
                errors.shape(z), errors.shape(y))
  end
  return -synapse.dot(z, y)
end

return Convolution
