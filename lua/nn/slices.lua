-- Modules that pick, repeat, add or reduce dimensions.  Dimensions are
-- 1-based, negative ones count from the end; with nInputDims, the number of
-- dimensions of one sample, an input with one more is a batch.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local nn = require 'nn'

local make = require 'nn.maker'.define

local function define (name, fields, f, defaults)
  local C = make(name, fields, f, defaults)
  function C:setNumInputDims (n)
    self.nInputDims = n
    return self
  end
end

local function dim_of (self, x, d)
  local n = errors.check(self, x, 0, 8, 'a tensor')
  if d < 0 then
    d = n + 1 + d
  elseif self.nInputDims and n == self.nInputDims + 1 then
    d = d + 1
  end
  if d < 1 or d > n then
    errors.fail(self, 'expected a tensor with a dimension %d, got %s', d,
                errors.shape(x))
  end
  return d
end

-- nn.Narrow(dim, offset[, length = 1]): negative lengths count from the end
define('Narrow', {'dimension', 'index', 'length'}, function (self, x)
  local d = dim_of(self, x, self.dimension)
  local first, length = self.index, self.length
  if first < 0 then first = x:size(d) + 1 + first end
  if length < 0 then length = x:size(d) - first + 2 + length end
  if first < 1 or length < 1 or first + length - 1 > x:size(d) then
    errors.fail(self, 'expected at least %d in dimension %d, got %s',
                first + length - 1, d, errors.shape(x))
  end
  return x:narrow(d, first, length)
end, {nil, 1, 1})

-- nn.Select(dim, index)
define('Select', {'dimension', 'index'}, function (self, x)
  local d = dim_of(self, x, self.dimension)
  local i = self.index < 0 and x:size(d) + 1 + self.index or self.index
  if i < 1 or i > x:size(d) then
    errors.fail(self, 'expected at least %d in dimension %d, got %s', i, d,
                errors.shape(x))
  end
  return x:select(d, i)
end)

-- nn.Squeeze([dim[, nInputDims]])
define('Squeeze', {'dim', 'nInputDims'}, function (self, x)
  errors.check(self, x, 0, 8, 'a tensor')
  if not self.dim then return x:squeeze() end
  return x:squeeze(dim_of(self, x, self.dim))
end)

-- nn.Unsqueeze(pos[, nInputDims]): a dimension of size 1 before `pos`
define('Unsqueeze', {'pos', 'nInputDims'}, function (self, x)
  local p = self.pos
  errors.check(self, x, 1, 7, 'a tensor with 1 to 7 dimensions')
  if self.nInputDims and x:dim() == self.nInputDims + 1 then p = p + 1 end
  if p < 1 or p > x:dim() + 1 then
    errors.fail(self, 'expected a tensor with at least %d dimensions, got %s',
                p - 1, errors.shape(x))
  end
  return x:unsqueeze(p)
end)

-- nn.Transpose({d1, d2}, ...): swaps pairs of dimensions, one after the other
local Transpose, transpose_parent = torch.class('nn.Transpose', 'nn.Module',
                                                nn)

function Transpose:__init (...)
  transpose_parent.__init(self)
  self.permutations = {...}
  for i, pair in ipairs(self.permutations) do
    if type(pair) ~= 'table' or not math.tointeger(pair[1])
       or not math.tointeger(pair[2]) or #pair ~= 2 then
      errors.raise('nn.Transpose: argument #%d: a pair of dimensions expected, '
                   .. '{1, 2}, got %s', i, errors.shape(pair))
    end
  end
end

function Transpose:compute (x)
  errors.check(self, x, 1, 8, 'a tensor with at least 1 dimension')
  for _, pair in ipairs(self.permutations) do
    x = x:transpose(dim_of(self, x, pair[1]), dim_of(self, x, pair[2]))
  end
  return x:contiguous()
end

Transpose.setNumInputDims = nn.Narrow.setNumInputDims

-- nn.Padding(dim, pad[, nInputDims[, value = 0[, index]]]): |pad| values more,
-- before (pad < 0) or after; or before the index-th element from that side
define('Padding', {'dim', 'pad', 'nInputDims', 'value', 'index'},
       function (self, x)
  local d = dim_of(self, x, self.dim)
  local n, at = math.abs(self.pad), self.index or 1
  local F = nn.functional
  if self.pad < 0 then
    if at == 1 then return F.pad(x, d, n, 0, self.value) end
    local head = x:narrow(d, 1, at - 1)
    return torch.cat({head, F.pad(x:narrow(d, at, x:size(d) - at + 1), d, n,
                                  0, self.value)}, d)
  end
  if at == 1 then return F.pad(x, d, 0, n, self.value) end
  local keep = x:size(d) - at + 1
  return torch.cat({F.pad(x:narrow(d, 1, keep), d, 0, n, self.value),
                    x:narrow(d, keep + 1, at - 1)}, d)
end, {nil, nil, nil, 0})

-- nn.Replicate(n[, dim = 1[, ndim]]): n copies along a new dimension
define('Replicate', {'nfeatures', 'dim', 'nInputDims'}, function (self, x)
  local d = self.dim
  errors.check(self, x, 1, 7, 'a tensor with 1 to 7 dimensions')
  if self.nInputDims and x:dim() > self.nInputDims then d = d + 1 end
  local sizes = x:size():totable()
  table.insert(sizes, d, self.nfeatures)
  return x:unsqueeze(d):expand(table.unpack(sizes))
end, {nil, 1})

-- nn.Index(dim): {x, indices}: rows of x by their numbers
define('Index', {'dimension'}, function (self, input)
  local x, i = errors.tensors(self, input, 2)
  local d = dim_of(self, x, self.dimension)
  if i:dim() ~= 1 or not i:dtype():find 'int' then
    errors.fail(self, 'expected integer indices [n] as #2, got %s of %s',
                errors.shape(i), i:dtype())
  end
  return x:index(d, errors.labels(self, i, x:size(d)))
end)

-- nn.MaskedSelect(): {x, mask}: the elements where the mask is true
define('MaskedSelect', {}, function (self, input)
  local x, mask = errors.tensors(self, input, 2)
  local dtype = mask:dtype()
  if dtype ~= 'bool' and dtype ~= 'uint8'
     or mask:nElement() ~= x:nElement() then
    errors.fail(self, 'expected a mask of bool or uint8 like %s as #2, got %s '
                .. 'of %s', errors.shape(x), errors.shape(mask), dtype)
  end
  return torch.masked_select(x, mask)
end)

-- nn.Collapse(n): the last n dimensions made one
define('Collapse', {'nInputDims'}, function (self, x)
  local sizes, last = {}, 1
  errors.check(self, x, 1, 8, 'a tensor with at least 1 dimension')
  for d = 1, x:dim() do
    if d <= x:dim() - self.nInputDims then sizes[d] = x:size(d)
    else last = last * x:size(d) end
  end
  sizes[#sizes + 1] = last
  return x:reshape(table.unpack(sizes))
end)

local function reduced (name, f, fields)
  define(name, fields, function (self, x)
    local d = dim_of(self, x, self.dimension)
    local y = f(self, x, d)
    if self.squeeze == false or y:dim() == 1 then return y end
    return y:squeeze(d)
  end, {1})
end

-- nn.Max([dim = 1[, nInputDims]]), nn.Min: the largest, smallest of a
-- dimension, which goes away
reduced('Max', function (_, x, d) return (x:max(d)) end,
        {'dimension', 'nInputDims'})
reduced('Min', function (_, x, d) return (x:min(d)) end,
        {'dimension', 'nInputDims'})

-- nn.Sum([dim = 1[, nInputDims[, sizeAverage[, squeeze = true]]]])
reduced('Sum', function (self, x, d)
  return self.sizeAverage and x:mean(d) or x:sum(d)
end, {'dimension', 'nInputDims', 'sizeAverage', 'squeeze'})

-- nn.Mean([dim = 1[, nInputDims[, squeeze = true]]])
reduced('Mean', function (_, x, d) return x:mean(d) end,
        {'dimension', 'nInputDims', 'squeeze'})
