-- Distances and products: Bilinear, Euclidean, Cosine with weights; DotProduct,
-- CosineDistance, PairwiseDistance of two inputs; Normalize.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'
local two = require 'nn.criterion_maker'.two

local define, parameter, uniform = maker.define, maker.parameter, maker.uniform

-- [n] to [1 x n]; whether it was one sample
local function rows (self, x, size)
  local n = errors.check(self, x, 1, 2, ('[*, %s]'):format(size or 'size'))
  if size and x:size(n) ~= size then
    errors.fail(self, 'expected [*, %d], got %s', size, errors.shape(x))
  end
  if n == 1 then return x:view(1, x:nElement()), true end
  return x, false
end

-- nn.Bilinear(nin1, nin2, nout[, bias = true]): {x1, x2} to
-- y[k] = x1' W[k] x2 + b[k], W [nout x nin1 x nin2]
local Bilinear = define('Bilinear', {'nin1', 'nin2', 'nout', 'with_bias'},
                        function (self, input)
  if type(input) ~= 'table' or #input ~= 2 then
    errors.fail(self, 'expected a table of two tensors, got %s',
                errors.shape(input))
  end
  local a, single = rows(self, input[1], self.nin1)
  local b = rows(self, input[2], self.nin2)
  local n = a:size(1)
  if b:size(1) ~= n or input[1]:dim() ~= input[2]:dim() then
    errors.fail(self, 'expected as many rows in both, got %s and %s',
                errors.shape(input[1]), errors.shape(input[2]))
  end
  -- a W: [n x nout x nin2]
  local w = self.weight:permute(2, 1, 3):reshape(self.nin1,
                                                 self.nout * self.nin2)
  local aw = (a * w):view(n, self.nout, self.nin2)
  local y = torch.cmul(aw, b:unsqueeze(2)):sum(3):view(n, self.nout)
  if self.bias then y = y + self.bias end
  return single and y:view(self.nout) or y
end, {nil, nil, nil, true})

function Bilinear:build ()
  parameter(self, 'weight', {self.nout, self.nin1, self.nin2})
  if self.with_bias then parameter(self, 'bias', {self.nout}) end
end

function Bilinear:reset (stdv)
  return uniform(self, {'weight', 'bias'}, self.nin1, stdv)
end

-- nn.Euclidean(nin, nout): y[j] = |x - w[:, j]|, w [nin x nout]
local Euclidean = define('Euclidean', {'nin', 'nout'}, function (self, input)
  local x, single = rows(self, input, self.nin)
  local d = x:unsqueeze(3) - self.weight:unsqueeze(1)
  local y = d:norm(2, 2):view(x:size(1), self.nout)
  return single and y:view(self.nout) or y
end)

function Euclidean:build ()
  parameter(self, 'weight', {self.nin, self.nout})
end

function Euclidean:reset (stdv)
  return uniform(self, {'weight'}, self.nin, stdv)
end

-- nn.Cosine(nin, nout): the cosines of x with the rows of w [nout x nin]
local Cosine = define('Cosine', {'nin', 'nout'}, function (self, input)
  local x, single = rows(self, input, self.nin)
  local w = self.weight
  local norms = torch.cmul(x:norm(2, 2) + 1e-12,
                           (w:norm(2, 2) + 1e-12):t())
  local y = torch.cdiv(x * w:t(), norms)
  return single and y:view(self.nout) or y
end)

function Cosine:build () parameter(self, 'weight', {self.nout, self.nin}) end

-- As in Torch7, by the number of outputs.
function Cosine:reset (stdv)
  return uniform(self, {'weight'}, self.nout, stdv)
end

local function of_two (name, fields, f, defaults)
  define(name, fields, function (self, input)
    local a, b = two(self, input)
    local x, y = rows(self, a), rows(self, b)
    return f(self, x, y):view(-1)
  end, defaults)
end

-- nn.DotProduct(): {x, y} to the products of their rows
of_two('DotProduct', {}, function (_, x, y) return torch.cmul(x, y):sum(2) end)

-- nn.CosineDistance(): the cosines of their rows
of_two('CosineDistance', {}, function (_, x, y)
  local function dot (a, b) return torch.cmul(a, b):sum(2) end
  return torch.cdiv(dot(x, y), torch.sqrt(torch.cmul(dot(x, x) + 1e-12,
                                                     dot(y, y) + 1e-12)))
end)

-- nn.PairwiseDistance([p = 2[, eps = 0]]): (sum |x - y + eps|^p)^(1/p)
of_two('PairwiseDistance', {'norm', 'eps'}, function (self, x, y)
  local d = x - y
  if self.eps ~= 0 then d = d + self.eps end
  return d:norm(self.norm, 2)
end, {2, 0})

-- nn.Normalize(p[, eps = 1e-10]): rows x / (sum |x|^p + eps)^(1/p)
define('Normalize', {'p', 'eps'}, function (self, input)
  local x, single = rows(self, input)
  local size
  if self.p == math.huge then
    size = torch.abs(x):max(2) + self.eps
  else
    size = torch.pow(torch.pow(torch.abs(x), self.p):sum(2) + self.eps,
                     1 / self.p)
  end
  local y = torch.cdiv(x, size)
  return single and y:view(-1) or y
end, {2, 1e-10})
