-- Modules that give their input another shape: Identity, Copy, Contiguous,
-- View, Reshape, Flatten.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local nn = require 'nn'

-- nn.Identity(): its input, whatever it is.
local Identity = torch.class('nn.Identity', 'nn.Module', nn)

function Identity:compute (input) return input end -- luacheck: ignore self

function Identity:updateGradInput (input, gradOutput)
  errors.gradient(self, input, gradOutput)
  self.gradInput = gradOutput
  return gradOutput
end

-- nn.Contiguous(): the same elements in row-major order.
local Contiguous = torch.class('nn.Contiguous', 'nn.Identity', nn)

function Contiguous:compute (input)
  errors.check(self, input, 0, 8, 'a tensor')
  return input:contiguous()
end

-- nn.Copy([from, to]): a copy, of type `to`.
local Copy, copy_parent = torch.class('nn.Copy', 'nn.Module', nn)

function Copy:__init (from, to)
  copy_parent.__init(self)
  self.from, self.to = from, to
end

function Copy:compute (input)
  errors.check(self, input, 0, 8, 'a tensor')
  return self.to and input:type(self.to) or input:clone()
end

-- The sizes in the arguments: numbers, a table or a LongStorage.
local function sizes_of (name, ...)
  local first = ...
  local list = type(first) == 'table' and table.move(first, 1, #first, 1, {})
               or {...}
  local unknown = 0
  for i, n in ipairs(list) do
    if n == -1 then unknown = unknown + 1
    else list[i] = errors.integer(name, 'size #' .. i, n, 0) end
  end
  if #list == 0 or unknown > 1 then
    errors.raise('%s: sizes expected, at most one of them -1', name)
  end
  return list
end

local function product (sizes)
  local n = 1
  for _, size in ipairs(sizes) do if size ~= -1 then n = n * size end end
  return n
end

local function shape (sizes) return '[' .. table.concat(sizes, ' x ') .. ']' end

local function text (self)
  return ('%s(%s)'):format(torch.typename(self),
                           table.concat(self.sizes, ', '))
end

-- nn.View(sizes...): the input's elements in that shape; one size may be -1.
-- Where there are more elements than the sizes' product, a batch dimension
-- comes in front: nn.View(784) makes [200 x 28 x 28] to [200 x 784].
-- setNumInputDims(n) says how many dimensions one sample has.
local View, view_parent = torch.class('nn.View', 'nn.Module', nn)

function View:__init (...)
  view_parent.__init(self)
  self:resetSize(...)
end

function View:resetSize (...)
  self.sizes = sizes_of(torch.typename(self), ...)
  return self
end

function View:setNumInputDims (n)
  self.numInputDims = n
  return self
end

function View:compute (input)
  local n = errors.check(self, input, 0, 8, 'a tensor')
  local sizes, part = self.sizes, product(self.sizes)
  local own = math.min(self.numInputDims or n, n) -- dimensions of a sample
  local inner, batch = 1, 1
  for d = n, n - own + 1, -1 do inner = inner * input:size(d) end
  if part == 0 and inner ~= 0 or part ~= 0 and inner % part ~= 0 then
    errors.fail(self, 'expected elements that fit %s, got the %d of %s',
                shape(sizes), inner, errors.shape(input))
  end
  local guess = false
  for _, size in ipairs(sizes) do guess = guess or size == -1 end
  if not guess and part > 0 then batch = inner // part end
  for d = n - own, 1, -1 do batch = batch * input:size(d) end
  if batch == 1 and n <= (self.numInputDims or n) then
    return input:reshape(table.unpack(sizes))
  end
  return input:reshape(batch, table.unpack(sizes))
end

View.__tostring__ = text

-- nn.Reshape(sizes...[, batchMode]): one sample's elements in that shape.
-- Without batchMode, an input with more elements, or with a first dimension
-- of 1, is a batch.
local Reshape, reshape_parent = torch.class('nn.Reshape', 'nn.Module', nn)

function Reshape:__init (...)
  reshape_parent.__init(self)
  local arguments = table.pack(...)
  if type(arguments[arguments.n]) == 'boolean' then
    self.batchMode = arguments[arguments.n]
    arguments.n = arguments.n - 1
  end
  self.sizes = sizes_of('nn.Reshape', table.unpack(arguments, 1, arguments.n))
  for i, n in ipairs(self.sizes) do
    errors.integer('nn.Reshape', 'size #' .. i, n, 0)
  end
end

function Reshape:compute (input)
  errors.check(self, input, 1, 8, 'a tensor with at least 1 dimension')
  local part, count = product(self.sizes), input:nElement()
  local first = input:size(1)
  local batch = self.batchMode
  if batch == nil then batch = count ~= part or first == 1 end
  if count ~= (batch and part * first or part) then
    errors.fail(self, 'expected elements that fit %s%s, got the %d of %s',
                shape(self.sizes), batch and ' for each of ' .. first or '',
                count, errors.shape(input))
  end
  if batch then return input:reshape(first, table.unpack(self.sizes)) end
  return input:reshape(table.unpack(self.sizes))
end

Reshape.__tostring__ = text

-- nn.Flatten(): [n x ...] to [n x rest].
local Flatten = torch.class('nn.Flatten', 'nn.Module', nn)

function Flatten:compute (input)
  errors.check(self, input, 1, 8, 'a tensor with at least 1 dimension')
  local rest = 1
  for d = 2, input:dim() do rest = rest * input:size(d) end
  return input:reshape(input:size(1), rest)
end
