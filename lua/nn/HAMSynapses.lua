-- Synapses of nn.HAM that are linear in each of their activations:
--   nn.HAMLinear(n, m[, bias])  -x W y [- b y], W [n, m], b [m]
--   nn.HAMBias(sizes...)        -sum b x
--   nn.HAMEdge(n, m, k)         -sum W_ijk x_i y_j z_k

local torch = require 'torch'
local errors = require 'nn.errors'
local synapse = require 'nn.HAMSynapse'

local dot, take, vector = synapse.dot, synapse.take, synapse.vector
local class = synapse.class

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
