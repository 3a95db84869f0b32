-- Modules that add or multiply: Add, CAdd, Mul, CMul, AddConstant,
-- MulConstant.  A parameter of one sample's shape serves a whole batch.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local define, parameter, uniform = maker.define, maker.parameter, maker.uniform

local function tensor (self, x) errors.check(self, x, 0, 8, 'a tensor') end

-- nn.Add(n[, scalar]): x + b, a bias of n elements, or one with scalar
local Add = define('Add', {'inputSize', 'scalar'}, function (self, x)
  tensor(self, x)
  errors.broadcasts(self, self.bias, x)
  return x + self.bias
end)

function Add:build ()
  errors.integer('nn.Add', 'size', self.inputSize)
  parameter(self, 'bias', {self.scalar and 1 or self.inputSize})
end

function Add:reset (stdv)
  return uniform(self, {'bias'}, self.bias:nElement(), stdv)
end

-- nn.Mul(): w x, one weight
local Mul = define('Mul', {}, function (self, x)
  tensor(self, x)
  return torch.mul(x, self.weight)
end)

function Mul:build () parameter(self, 'weight', {1}) end

function Mul:reset (stdv) return uniform(self, {'weight'}, 1, stdv) end

-- A parameter that fits the input: its sizes may be those of a sample.
local function fitted (self, p, x)
  tensor(self, x)
  errors.broadcasts(self, p, x)
  if p:dim() == x:dim() or p:nElement() == 1 then return p end
  local sizes = p:size():totable()
  while #sizes < x:dim() do table.insert(sizes, 1, 1) end
  if #sizes ~= x:dim() then
    errors.fail(self, 'expected %s, got %s', errors.shape(p), errors.shape(x))
  end
  return p:view(table.unpack(sizes))
end

local function sized (name, field, f)
  local C, parent = torch.class('nn.' .. name, 'nn.Module', require 'nn')

  function C:__init (...)
    parent.__init(self)
    self.size = maker.sizes(...)
    for i = 1, math.max(#self.size, type((...)) == 'table' and 1
                                    or select('#', ...), 1) do
      self.size[i] = errors.integer('nn.' .. name, 'size #' .. i, self.size[i])
    end
    parameter(self, field, self.size)
    self:reset()
  end

  function C:reset (stdv)
    return uniform(self, {field}, maker.product(self.size), stdv)
  end

  function C:compute (x) return f(x, fitted(self, self[field], x)) end

  function C:__tostring__ ()
    return ('nn.%s(%s)'):format(name, table.concat(self.size, ', '))
  end
end

-- nn.CAdd(sizes...), nn.CMul(sizes...): a bias, a weight for each element
sized('CAdd', 'bias', function (x, b) return x + b end)
sized('CMul', 'weight', function (x, w) return torch.cmul(x, w) end)

-- nn.AddConstant(c), nn.MulConstant(c): a number, or a tensor that fits
define('AddConstant', {'constant_scalar'}, function (self, x)
  tensor(self, x)
  return x + self.constant_scalar
end)

define('MulConstant', {'constant_scalar'}, function (self, x)
  tensor(self, x)
  return torch.mul(x, self.constant_scalar)
end)
