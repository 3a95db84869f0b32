-- Synapses of nn.HAM: modules whose forward takes the list of the activations
-- that they connect and gives their energy, a number.
--
--   nn.HAMLinear(n, m[, bias])  -x W y [- b y], W [n, m], b [m]
--   nn.HAMBias(sizes...)        -sum b x
--   nn.HAMEdge(n, m, k)         -sum W_ijk x_i y_j z_k
--   nn.HAMConvolution{...}      -sum y conv(x, W), x [height, width, in],
--                               y [height', width', out], W [out, in, kh, kw]
--   nn.HAMMemory(n, m, {...})   a dense associative memory of m patterns, the
--                               columns of W [n, m]
-- A field `connects` has the sizes of the layers that a synapse connects, in
-- words, to be checked when a HAM is made.  Weights are drawn from a normal
-- distribution with sd 0.02.

local torch = require 'torch'
local nn = require 'nn'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'
local F = require 'nn.functional'
require 'nn.Module'

local function dot (a, b) return torch.cmul(a, b):sum() end

-- The list of n tensors, or an error.
local function take (self, input, n)
  if type(input) ~= 'table' or #input ~= n then
    errors.fail(self, 'expected a list of %d activations, got %s', n,
                errors.shape(input))
  end
  return table.unpack(input)
end

local function vector (self, x, n)
  if not torch.isTensor(x) or x:dim() ~= 1 or x:size(1) ~= n then
    errors.fail(self, 'expected activations [%d], got %s', n, errors.shape(x))
  end
  return x
end

local function class (name)
  local C, parent = torch.class('nn.' .. name, 'nn.Module', nn)
  function C:reset (stdv)
    for _, key in ipairs(self.parameterNames) do
      if self[key] and key ~= 'beta' then self[key]:normal(0, stdv or 0.02) end
    end
    return self
  end
  return C, parent
end

-- ---- linear ----

local Linear, linear_parent = class 'HAMLinear'

function Linear:__init (n, m, bias)
  linear_parent.__init(self)
  self.n = errors.integer('nn.HAMLinear', 'n', n)
  self.m = errors.integer('nn.HAMLinear', 'm', m)
  self.connects = {tostring(n), tostring(m)}
  self.weight = torch.zeros(n, m)
  if bias then self.bias = torch.zeros(m) end
  self:reset()
end

function Linear:compute (input)
  local x, y = take(self, input, 2)
  vector(self, x, self.n)
  vector(self, y, self.m)
  local energy = -dot(self.weight:t() * x, y)
  return self.bias and energy - dot(self.bias, y) or energy
end

-- ---- bias ----

local Bias, bias_parent = class 'HAMBias'

function Bias:__init (...)
  bias_parent.__init(self)
  for i = 1, math.max(select('#', ...), 1) do
    errors.integer('nn.HAMBias', 'size', (select(i, ...)))
  end
  self.connects = {table.concat({...}, ' x ')}
  self.bias = torch.zeros(...)
  self:reset()
end

function Bias:compute (input)
  local x = take(self, input, 1)
  if not torch.isTensor(x) or not x:isSameSizeAs(self.bias) then
    errors.fail(self, 'expected activations %s, got %s',
                errors.shape(self.bias), errors.shape(x))
  end
  return -dot(self.bias, x)
end

-- ---- three layers at once ----

local Edge, edge_parent = class 'HAMEdge'

function Edge:__init (n, m, k)
  edge_parent.__init(self)
  self.n = errors.integer('nn.HAMEdge', 'n', n)
  self.m = errors.integer('nn.HAMEdge', 'm', m)
  self.k = errors.integer('nn.HAMEdge', 'k', k)
  self.connects = {tostring(n), tostring(m), tostring(k)}
  self.weight = torch.zeros(n, m, k)
  self:reset()
end

function Edge:compute (input)
  local x, y, z = take(self, input, 3)
  local n, m, k = self.n, self.m, self.k
  vector(self, x, n)
  vector(self, y, m)
  vector(self, z, k)
  local pairs_of = self.weight:reshape(n * m, k) * z
  return -dot(pairs_of:view(n, m):t() * x, y)
end

-- ---- convolution ----

local Convolution, convolution_parent = class 'HAMConvolution'

local conv_options = {inputs = true, outputs = true, kernel = true,
                      stride = true, padding = true}

-- {inputs = , outputs = , kernel = 3, stride = 1, padding = 'same' | 'valid'}
function Convolution:__init (options)
  convolution_parent.__init(self)
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
  local x, y = take(self, input, 2)
  local z = self:convolve(x)
  if not torch.isTensor(y) or not y:isSameSizeAs(z) then
    errors.fail(self, 'expected second activations %s, got %s',
                errors.shape(z), errors.shape(y))
  end
  return -dot(z, y)
end

-- ---- dense associative memory ----

local Memory, memory_parent = class 'HAMMemory'

Memory.parameterNames = {'weight', 'beta'}

local memory_options = {kind = true, beta = true, power = true,
                        unit_columns = true}

-- kind 'lse' (default): -log(sum_j exp(beta (x W)_j)) / beta, modern Hopfield;
-- unit_columns = true scales the columns to norm 1; beta (1) is a parameter.
-- kind 'power': -sum_j max(0, (x W)_j)^power / power, power 3.
function Memory:__init (n, m, options)
  memory_parent.__init(self)
  local name = 'nn.HAMMemory'
  local o = noisy.options(name, options, memory_options)
  bounds.boolean(name, 'unit_columns', o.unit_columns)
  self.n = errors.integer(name, 'n', n)
  self.connects = {tostring(n)}
  self.kind, self.unit_columns = o.kind or 'lse', o.unit_columns or false
  if self.kind == 'power' then
    self.power = o.power or 3
    if type(self.power) ~= 'number' or self.power < 1
       or self.power ~= self.power then
      bounds.fail(name, 'power', 'a number of at least 1',
                  errors.shape(self.power))
    end
  elseif self.kind == 'lse' then
    local beta = o.beta or 1
    bounds.positive(name, 'beta', beta)
    bounds.entries(name, 'beta', beta)
    self.beta = noisy.parameter(beta)
  else
    errors.raise("%s: kind: 'lse' or 'power' expected, got %s", name,
                 errors.shape(o.kind))
  end
  self.weight = torch.zeros(n, errors.integer(name, 'm', m))
  self:reset()
end

function Memory:compute (input)
  local x = vector(self, take(self, input, 1), self.n)
  local W = self.weight
  if self.unit_columns then
    W = torch.cdiv(W, torch.sqrt(torch.square(W):sum(1)))
  end
  local h = W:t() * x
  if self.kind == 'power' then
    return -F.lagrangian.repu(h, {n = self.power})
  end
  return -F.lagrangian.softmax(h, {beta = noisy.at_least(self.beta, 1e-6)})
end
