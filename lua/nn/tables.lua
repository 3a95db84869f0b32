-- Modules with tables: elementwise combinations, joining, splitting, picking.

local torch = require 'torch'
local errors = require 'nn.errors'
local define = require 'nn.maker'.define

local function check (self, input, least)
  if type(input) ~= 'table' or #input < (least or 1) then
    errors.fail(self, 'expected a table of at least %d, got %s', least or 1,
                errors.shape(input))
  end
  return input
end

local function folded (name, least, f)
  define(name, {}, function (self, input)
    check(self, input, least)
    errors.tensors(self, input, #input)
    local y = input[1]
    for i = 2, #input do
      errors.broadcasts(self, y, input[i], true)
      y = f(y, input[i])
    end
    return y
  end)
end

-- nn.CAddTable(): the sum of the table's tensors; so the others
folded('CAddTable', 1, torch.add)
folded('CMulTable', 1, torch.cmul)
folded('CMaxTable', 1, torch.cmax)
folded('CMinTable', 1, torch.cmin)
folded('CSubTable', 2, torch.csub)
folded('CDivTable', 2, torch.cdiv)

-- The dimension d of one sample with n dimensions (negative: from the end),
-- moved by one for a batch.
local function batch_dim (self, x, d, n)
  local ndim = x:dim()
  if d < 0 then return ndim + 1 + d end
  if n and ndim == n + 1 then d = d + 1 end
  if d < 1 or d > ndim then
    errors.fail(self, 'expected a tensor with a dimension %d, got %s', d,
                errors.shape(x))
  end
  return d
end

-- nn.JoinTable(dim[, nInputDims]): joins the tensors along a dimension
define('JoinTable', {'dimension', 'nInputDims'}, function (self, input)
  check(self, input)
  errors.tensors(self, input, #input)
  local x = input[1]
  local d = batch_dim(self, x, self.dimension, self.nInputDims)
  for i, y in ipairs(input) do
    local fits = y:dim() == x:dim()
    for k = 1, fits and x:dim() or 0 do
      fits = fits and (k == d or y:size(k) == x:size(k))
    end
    if not fits then
      errors.fail(self, 'expected sizes that fit %s but in dimension %d as '
                  .. '#%d, got %s', errors.shape(x), d, i, errors.shape(y))
    end
  end
  return torch.cat(input, d)
end)

local MOST = 10000000 -- slices, as of torch.split

-- nn.SplitTable(dim[, nInputDims]): the slices along a dimension
define('SplitTable', {'dimension', 'nInputDims'}, function (self, input)
  errors.check(self, input, 1, 8, 'a tensor')
  local d, out = batch_dim(self, input, self.dimension, self.nInputDims), {}
  if input:size(d) > MOST then
    errors.fail(self, 'expected at most %d slices, got %s', MOST,
                errors.shape(input))
  end
  for i = 1, input:size(d) do out[i] = input:select(d, i) end
  return out
end)

-- nn.SelectTable(index): one entry (negative: from the end; or by name)
define('SelectTable', {'index'}, function (self, input)
  check(self, input, type(self.index) == 'string' and 0 or 1)
  local i = self.index
  if type(i) == 'number' and i < 0 then i = #input + 1 + i end
  if input[i] == nil then
    errors.fail(self, 'expected a table with an entry %s, got %s',
                tostring(self.index), errors.shape(input))
  end
  return input[i]
end)

-- nn.NarrowTable(offset[, length = 1]): some entries
define('NarrowTable', {'offset', 'length'}, function (self, input)
  check(self, input, self.offset + self.length - 1)
  return table.move(input, self.offset, self.offset + self.length - 1, 1, {})
end, {1, 1})

local function flatten (input, out)
  for _, x in ipairs(input) do
    if type(x) == 'table' then flatten(x, out) else out[#out + 1] = x end
  end
  return out
end

-- nn.FlattenTable(): nested tables as one
define('FlattenTable', {}, function (self, input)
  return flatten(check(self, input), {})
end)

-- nn.ZipTable(): {{a1, a2}, {b1, b2}} to {{a1, b1}, {a2, b2}}
define('ZipTable', {}, function (self, input)
  local out = {}
  for i, list in ipairs(check(self, input)) do
    if type(list) ~= 'table' then
      errors.fail(self, 'expected a table of tables, got %s as #%d',
                  errors.shape(list), i)
    end
    for k, x in ipairs(list) do
      out[k] = out[k] or {}
      out[k][i] = x
    end
  end
  return out
end)

-- nn.ZipTableOneToMany(): {a, {b1, b2}} to {{a, b1}, {a, b2}}
define('ZipTableOneToMany', {}, function (self, input)
  local first, list = check(self, input, 2)[1], input[2]
  if type(list) ~= 'table' then
    errors.fail(self, 'expected a table as second entry, got %s',
                errors.shape(list))
  end
  local out = {}
  for i, x in ipairs(list) do out[i] = {first, x} end
  return out
end)

-- nn.MixtureTable([dim]): {gate, experts}: the sum of the experts, a table or
-- a tensor with them along dim, weighted by the columns of the gate
define('MixtureTable', {'dim'}, function (self, input)
  local gate, experts = check(self, input, 2)[1], input[2]
  errors.tensors(self, {gate}, 1)
  local count = type(experts) == 'table' and #experts
  if not count then
    errors.tensors(self, input, 2)
    local d = self.dim or gate:dim()
    count = d <= experts:dim() and experts:size(d)
  end
  if gate:dim() < 1 or gate:size(gate:dim()) ~= count then
    errors.fail(self, 'expected a gate with a column for each expert, got %s '
                .. 'and %s', errors.shape(gate), errors.shape(experts))
  end
  local column = gate:dim()
  local function weight (i, like)
    local w = gate:select(column, i)
    if gate:dim() == 1 then return w end
    local sizes = {like:size(1)}
    for d = 2, like:dim() do sizes[d] = 1 end
    return w:view(table.unpack(sizes))
  end
  local list = experts
  if torch.isTensor(experts) then
    local d = self.dim or column
    list = {}
    for i = 1, experts:size(d) do list[i] = experts:select(d, i) end
  end
  local y
  for i, x in ipairs(list) do
    local part = torch.mul(x, weight(i, x))
    y = y and y + part or part
  end
  return y
end)

-- The table's two entries, tensors whose inner sizes fit.
local function factors (self, input, a, b)
  a, b = a or input[1], b or input[2]
  local inner = b:dim() == 1 and b:size(1) or b:size(b:dim() - 1)
  if a:size(a:dim()) ~= inner then
    errors.fail(self, 'expected factors that fit, got %s and %s',
                errors.shape(a), errors.shape(b))
  end
  return a, b
end

local function transposed (x, yes)
  return yes and x:transpose(x:dim() - 1, x:dim()) or x
end

-- nn.MM([transA[, transB]]): the product of two matrices, or of batches
define('MM', {'transA', 'transB'}, function (self, input)
  for _, x in ipairs {errors.tensors(self, input, 2)} do
    errors.check(self, x, 2, 8, 'two matrices')
  end
  return torch.matmul(factors(self, input, transposed(input[1], self.transA),
                              transposed(input[2], self.transB)))
end)

-- nn.MV([trans]): the product of a matrix and a vector, or of batches
define('MV', {'trans'}, function (self, input)
  errors.tensors(self, input, 2)
  errors.check(self, input[1], 2, 3, 'a matrix and a vector')
  errors.check(self, input[2], 1, 2, 'a matrix and a vector')
  local m, v = transposed(input[1], self.trans), input[2]
  if m:size(m:dim()) ~= v:size(v:dim()) or m:dim() ~= v:dim() + 1
     or m:dim() == 3 and m:size(1) ~= v:size(1) then
    errors.fail(self, 'expected factors that fit, got %s and %s',
                errors.shape(m), errors.shape(v))
  end
  if v:dim() == 1 then return torch.mv(m, v) end
  return torch.matmul(m, v:unsqueeze(v:dim() + 1)):squeeze(v:dim() + 1)
end)
