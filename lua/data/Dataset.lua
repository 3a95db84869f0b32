-- Dataset: a fixed number of items in arrays of one length, the fields.  The
-- first field is what a network gets, the second what it should answer.
--
--   ds.images, ds.labels   a field by its name
--   #ds                    how many items
--   ds[i]                  item i: {input, target}, as the loader gives them
--   ds:moments()           mean and standard deviation of the first field
--
-- Options: names of the fields; shape, the sizes of an input as the loader
-- hands it out; unit, true where uint8 inputs mean x / 255; lazy, a table
-- {name = decoder} of fields that a thread still reads.  A subset has a parent
-- and either `first` and `count` or `rows`; it holds no copy.

local options = require 'data.options'
local torch = require 'torch'

local Dataset = {}
local meta = {}

local function is_field (self, name)
  for i, field in ipairs(rawget(self, 'names')) do
    if field == name then return i end
  end
end

-- The arrays, and which rows of them belong to the set (nil: all).
function Dataset:source ()
  local parent = rawget(self, 'parent')
  if not parent then
    local tensors = {}
    for i, name in ipairs(self.names) do tensors[i] = self[name] end
    return tensors, nil
  end
  local tensors, rows = parent:source()
  if rawget(self, 'rows') then
    return tensors, rows and rows:index(1, self.rows) or self.rows
  elseif rows then
    return tensors, rows:narrow(1, self.first, self.count)
  end
  for i, tensor in ipairs(tensors) do
    tensors[i] = self.count == 0 and torch.zeros(0):typeAs(tensor)
                 or tensor:narrow(1, self.first, self.count)
  end
  return tensors, nil
end

-- A field of the whole set, made when it is first asked for.
local function load_field (self, name)
  local lazy = rawget(self, 'lazy')
  if lazy and lazy[name] then
    local tensor = lazy[name]:tensor()
    lazy[name] = nil
    return tensor
  end
  if not rawget(self, 'parent') then return nil end
  local tensors, rows = self:source()
  local tensor = tensors[is_field(self, name)]
  return rows and tensor:index(1, rows) or tensor
end

-- x as the loader gives it: uint8 in unit sets as float32 from 0 to 1.
local function convert (self, x, i)
  if i > 1 or not options.is_tensor(x) then return x end
  if self.unit then x = x:double():div(255):float() end
  if self.shape then x = x:reshape(table.unpack(self.shape)) end
  return x
end

function Dataset:item (i)
  local n = #self
  if i < 1 or i > n then
    options.fail('dataset: item %d of %d', i, n)
  end
  local parent = rawget(self, 'parent')
  if parent then
    local rows = rawget(self, 'rows')
    return parent:item(rows and rows[i] or self.first + i - 1)
  end
  local item = {}
  for k, name in ipairs(self.names) do
    item[k] = convert(self, self[name][i], k)
  end
  return item
end

-- Mean and standard deviation of all elements of the first field (divided by
-- n); of uint8 elements as x / 255, which is what the loader normalizes.
--   local ds = data.TensorDataset(torch.randn(8, 2))
--   data.loader(ds, {normalize = {ds:moments()}}):close()
function Dataset:moments ()
  local x = self[self.names[1]]
  if x:dtype() == 'uint8' then return require 'nnlua.core'.moments(x) end
  x = x:double()
  local mean = x:mean()
  return mean, math.sqrt((x - mean):pow(2):mean())
end

function meta.__index (self, key)
  local method = Dataset[key]
  if method ~= nil then return method end
  if math.type(key) == 'integer' then return Dataset.item(self, key) end
  if type(key) == 'string' and is_field(self, key) then
    local tensor = load_field(self, key)
    rawset(self, key, tensor)
    return tensor
  end
end

function meta.__len (self) return rawget(self, 'n') end

function meta.__tostring (self)
  return ('dataset of %d items: %s'):format(#self, table.concat(self.names, ', '))
end

-- Dataset{names=, n=, [field] = tensor, ...}: the table itself becomes it.
local function new (self) return setmetatable(self, meta) end

local function is (value) return getmetatable(value) == meta end

-- The same fields, some of the items: part is {first=, count=} or {rows=}.
local function part_of (parent, part)
  part.parent, part.names = parent, parent.names
  part.shape, part.unit = parent.shape, parent.unit
  part.n = part.count or part.rows:size(1)
  return new(part)
end

return {new = new, is = is, part_of = part_of}
