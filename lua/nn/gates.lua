-- Activations with parameters, with noise, or of several elements: PReLU,
-- RReLU, CReLU, GatedLinearUnit, Maxout.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local nn = require 'nn'
local define = maker.define

-- nn.PReLU([n = 0]): x where x > 0, else w x; one w, or one for each of n
-- planes
local PReLU = define('PReLU', {'nOutputPlane'}, function (self, x)
  local n = errors.check(self, x, 1, 8, 'a tensor')
  local w = self.weight
  if self.nOutputPlane > 0 then
    local sizes, plane = {}, n % 2 == 1 and n <= 3 and 1 or 2
    if x:size(plane) ~= self.nOutputPlane and n > 1 then plane = 2 end
    if x:size(plane) ~= self.nOutputPlane then
      errors.fail(self, 'expected %d planes, got %s', self.nOutputPlane,
                  errors.shape(x))
    end
    for d = 1, n do sizes[d] = d == plane and self.nOutputPlane or 1 end
    w = w:view(table.unpack(sizes))
  end
  return torch.where(torch.gt(x, 0), x, torch.cmul(x, w))
end, {0})

function PReLU:build ()
  maker.parameter(self, 'weight', {math.max(self.nOutputPlane, 1)}, 0.25)
end

-- nn.RReLU([1/8[, 1/3]]): x where x > 0, else a x; a from U(lower, upper) for
-- each element, their mean in evaluate()
local RReLU = define('RReLU', {'lower', 'upper'}, function (self, x)
  errors.check(self, x, 0, 8, 'a tensor')
  local low, high = self.lower, self.upper
  local slope = (low + high) / 2
  if self:training_mode() then
    slope = torch.rand(x:size(), {dtype = x:dtype(), key = self:draw_key()})
            * (high - low) + low
  end
  return torch.where(torch.gt(x, 0), x, torch.mul(x, slope))
end, {1 / 8, 1 / 3})

function RReLU:build ()
  if self.lower > self.upper then
    errors.raise('nn.RReLU: lower: at most upper (%g) expected, got %g',
                 self.upper, self.lower)
  end
end

-- nn.CReLU([nInputDims = 3]): relu(x) and relu(-x) joined along the first
-- dimension of a sample
define('CReLU', {'nInputDims'}, function (self, x)
  local n = errors.check(self, x, self.nInputDims, self.nInputDims + 1,
                         ('%d or %d dimensions'):format(self.nInputDims,
                                                        self.nInputDims + 1))
  return torch.cat({torch.relu(x), torch.relu(-x)}, n - self.nInputDims + 1)
end, {3})

-- nn.GatedLinearUnit([dim]): the first half of a dimension (the last) times
-- the sigmoid of the second
define('GatedLinearUnit', {'dim'}, function (self, x)
  local n = errors.check(self, x, 1, 8, 'a tensor')
  local d = self.dim or n
  if d < 1 or d > n or x:size(d) % 2 == 1 then
    errors.fail(self, 'expected an even size in dimension %d, got %s', d,
                errors.shape(x))
  end
  local half = x:size(d) // 2
  return torch.cmul(x:narrow(d, 1, half),
                    torch.sigmoid(x:narrow(d, half + 1, half)))
end)

-- nn.Maxout(nin, nout, k): the largest of k dense layers, for each output
local Maxout, maxout_parent = torch.class('nn.Maxout', 'nn.Dense', nn)

function Maxout:__init (nin, nout, k)
  self.k = errors.integer('nn.Maxout', 'number of layers', k)
  self.outputs = errors.integer('nn.Maxout', 'number of outputs', nout)
  maxout_parent.__init(self, nin, nout * k)
end

function Maxout:compute (x)
  local y = maxout_parent.compute(self, x)
  local n = y:dim() == 1 and 1 or y:size(1)
  local best = y:view(n, self.k, self.outputs):max(2):view(n, self.outputs)
  return y:dim() == 1 and best:view(self.outputs) or best
end

Maxout.updateGradInput = nn.Module.updateGradInput
Maxout.accGradParameters = nn.Module.accGradParameters

function Maxout:__tostring__ ()
  return ('nn.Maxout(%d, %d, %d)'):format(self.nin, self.outputs, self.k)
end
