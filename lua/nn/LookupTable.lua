-- nn.LookupTable(n, size[, paddingValue[, maxNorm[, normType = 2]]]): row i of
-- the weight [n x size] for each index i in 1..n, of any shape: [...] to
-- [..., size].  The row paddingValue gets no gradient.  With maxNorm, rows that
-- are looked up and longer are made that long first, in place.
-- scaleGradByFreq(): gradients are divided by how often an index came.
-- nn.Embedding is the same.

local torch = require 'torch'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local nn = require 'nn'

local function check (self, index)
  if not torch.isTensor(index)
     or index:dim() == 0 and index:nElement() == 0 then
    errors.fail(self, 'expected a tensor of indices 1..%d, got %s',
                self.nIndex, errors.shape(index))
  end
  index = errors.labels(self, index, self.nIndex)
  local flat = index:reshape(-1)
  return flat:long()
end

-- Rows that are too long become row * maxNorm / (norm + 1e-7), in place.
local function shorter (self, w, flat)
  local norms = w:norm(self.normType, 2)
  local hit = torch.zeros(w:size(1), {dtype = 'int64'})
              :indexFill(1, flat, 1):view(-1, 1)
  local long = torch.bitand(torch.gt(norms, self.maxNorm), torch.gt(hit, 0))
  return torch.where(long, torch.cmul(w, self.maxNorm / (norms + 1e-7)), w)
end

-- Under a transform the gradient of a row is that of the shorter one, as
-- accGradParameters has it: to be shortened is no part of the function.
local passing

local function renorm (self, flat)
  local w = self.weight
  local autograd = require 'autograd'
  if not autograd.tracing() then return w:copy(shorter(self, w, flat)) end
  passing = passing or autograd.custom_vjp(function (_, new)
    return new:clone()
  end, function (_, new) return new:clone(), {} end, function (_, g)
    return g, torch.mul(g, 0)
  end)
  w:copy(passing(w, autograd.stop_gradient(shorter(self, w, flat))))
end

-- How often each index came: as many numbers as indices.
local function counts (self, flat)
  local options = {dtype = self.weight:dtype()}
  local n = torch.zeros(self.nIndex, options)
  n:indexAdd(1, flat, torch.ones(flat:size(1), options))
  return n:index(1, flat):view(-1, 1)
end

local LookupTable = maker.define('LookupTable', {'nIndex', 'size',
  'paddingValue', 'maxNorm', 'normType'}, function (self, index)
  local flat = check(self, index)
  if self.maxNorm then renorm(self, flat) end
  local rows = self.weight:index(1, flat)
  local stop = require 'autograd'.stop_gradient
  if self.paddingValue ~= 0 then
    rows = torch.where(torch.eq(flat, self.paddingValue):view(-1, 1),
                       stop(rows), rows)
  end
  if self.by_frequency then
    rows = nn.functional.scale_gradient(rows, 1 / counts(self, flat))
  end
  local sizes = index:size():totable()
  sizes[#sizes + 1] = self.size
  return rows:view(table.unpack(sizes))
end, {nil, nil, 0, nil, 2})

function LookupTable:build ()
  errors.integer('nn.LookupTable', 'number of rows', self.nIndex)
  errors.integer('nn.LookupTable', 'size of a row', self.size)
  maker.parameter(self, 'weight', {self.nIndex, self.size})
end

-- Draws from N(0, stdv).
function LookupTable:reset (stdv)
  self.weight:normal(0, stdv or 1)
  return self
end

function LookupTable:scaleGradByFreq ()
  self.by_frequency = true
  return self
end

function LookupTable:setMaxNorm (maxNorm)
  self.maxNorm = maxNorm
  return self
end

function LookupTable:setNormType (normType)
  self.normType = normType
  return self
end

-- The gradient of the weight alone; indices have none.
function LookupTable:updateGradInput (index, gradOutput) -- luacheck: ignore
  self.gradInput = torch.zeros(index:size())
  return self.gradInput
end

function LookupTable:accGradParameters (index, gradOutput, scale)
  local flat = check(self, index)
  local n = torch.isTensor(gradOutput) and gradOutput:nElement()
  if n ~= flat:nElement() * self.size then
    local sizes = index:size():totable()
    sizes[#sizes + 1] = self.size
    errors.fail(self, 'backward: gradOutput: [%s] expected, like the output; '
                .. 'got %s', table.concat(sizes, ' x '),
                errors.shape(gradOutput))
  end
  local g = gradOutput:reshape(flat:size(1), self.size) * (scale or 1)
  if self.paddingValue ~= 0 then
    g = torch.where(torch.eq(flat, self.paddingValue):view(-1, 1), 0, g)
  end
  if self.by_frequency then
    g = torch.cdiv(g, counts(self, flat))
  end
  self.gradWeight:indexAdd(1, flat, g)
end

local Embedding = torch.class('nn.Embedding', 'nn.LookupTable', nn)

return {LookupTable = LookupTable, Embedding = Embedding}
