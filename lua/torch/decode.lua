-- Reads what encode.lua wrote: decode(text, arrays) -> object.  arrays[i] is
-- a 1-D tensor.  The text may be damaged or made with bad intent: every
-- length, count, reference and view is checked, nothing in it is ever run,
-- and the only modules that are loaded for a class are the library's own.
--
-- Records: N nil, T true, F false, I int64, D float64, S length bytes; t count
-- (key value)*; o class count (key value)*; x array offset ndim sizes strides
-- (a tensor); e name (an empty one); g array (its storage); z count int64*
-- (sizes); r number: the n-th of the t, o, x, e, g and z records.

local class = require 'torch.class'

local MAX_DEPTH, MAX_DIM = 20000, 8

-- Packages whose classes are found by their name's beginning.
local packages = {torch = true, nn = true, optim = true, data = true,
                  autograd = true, random = true}

local function damaged (text, ...)
  error('the file is damaged: ' .. text:format(...), 0)
end

local function take (self, n)
  local at = self.at
  if n < 0 or n > #self.text - at + 1 then damaged('it ends too early') end
  self.at = at + n
  return self.text:sub(at, at + n - 1)
end

local function unpack_one (self, format, n)
  return (format:unpack(take(self, n)))
end

local function unsigned (self) return unpack_one(self, '<I4', 4) end

local function string_of (self) return take(self, unsigned(self)) end

-- A number of things of at least `bytes` bytes each.
local function count_of (self, bytes)
  local n = unsigned(self)
  if n * bytes > #self.text - self.at + 1 then
    damaged('it promises %d entries, which do not fit in', n)
  end
  return n
end

local function remember (self, v)
  self.refs[#self.refs + 1] = v
  return v
end

local function array_of (self)
  local index = unsigned(self)
  local array = self.arrays[index]
  if not array then damaged('there is no array %d', index) end
  return array
end

local read

local function read_fields (self, t)
  self.depth = self.depth + 1
  if self.depth > MAX_DEPTH then
    damaged('its tables are nested more than %d deep', MAX_DEPTH)
  end
  for _ = 1, count_of(self, 2) do
    local key = read(self)
    if key == nil or key ~= key then damaged('a key that can be none') end
    rawset(t, key, read(self))
  end
  self.depth = self.depth - 1
  return t
end

-- The view lies within n elements: no product may overflow on the way.
local function check_view (offset, size, stride, n)
  if offset < 0 or offset > n then damaged('a tensor outside its array') end
  local last = offset
  for d = 1, #size do
    if size[d] < 0 or stride[d] < 0 then
      damaged('a tensor with a negative size or stride')
    end
    if size[d] == 0 then return end
  end
  for d = 1, #size do
    local steps = size[d] - 1
    if stride[d] > 0 and steps > (n - last) // stride[d] then
      damaged('a tensor outside its array')
    end
    last = last + steps * stride[d]
  end
  if last >= n then damaged('a tensor outside its array') end
end

local MAX_ELEMENTS = 1 << 60 -- of an expanded view

local function check_count (size)
  local count = 1
  for d = 1, #size do
    if size[d] > 0 and count > MAX_ELEMENTS // size[d] then
      damaged('a tensor of too many elements')
    end
    count = count * math.max(size[d], 1)
  end
end

local function integers (self, n)
  local list = {}
  for i = 1, n do list[i] = unpack_one(self, '<i8', 8) end
  return list
end

local readers = {
  N = function () return nil end,
  T = function () return true end,
  F = function () return false end,
  I = function (self) return unpack_one(self, '<i8', 8) end,
  D = function (self) return unpack_one(self, '<d', 8) end,
  S = string_of,
  t = function (self) return read_fields(self, remember(self, {})) end,
}

function readers.r (self)
  local index = unsigned(self)
  local v = self.refs[index]
  if v == nil then damaged('there is no record %d to refer to', index) end
  return v
end

function readers.z (self)
  local list = integers(self, count_of(self, 8))
  return remember(self, require 'torch'.LongStorage(list))
end

function readers.g (self)
  return remember(self, array_of(self):storage())
end

function readers.x (self)
  local array = array_of(self)
  local offset = unpack_one(self, '<i8', 8)
  local ndim = unpack_one(self, 'B', 1)
  if ndim > MAX_DIM then damaged('a tensor of %d dimensions', ndim) end
  local size, stride = integers(self, ndim), integers(self, ndim)
  check_view(offset, size, stride, array:nElement())
  check_count(size)
  local core = require 'nnlua.core'
  local base = array:storageOffset() - 1
  return remember(self, core.from_storage(array:storage(),
                                          base + offset + 1, size, stride))
end

function readers.e (self)
  local name = string_of(self):match '^torch%.(%a+Tensor)$'
  local make = name and require 'torch'[name]
  if not make then damaged('an empty tensor of no known type') end
  return remember(self, make())
end

local function metatable_of (name)
  local C = class.getmetatable(name)
  local package_name = name:match '^(%w+)%.'
  if not C and packages[package_name] then
    pcall(require, package_name)
    local module = package.loaded[package_name]
    local key = name:match '^%w+%.([%w_]+)$'
    -- classes are loaded when they are first named
    if type(module) == 'table' and key then
      pcall(function () return module[key] end)
    end
    C = class.getmetatable(name)
  end
  return C
end

function readers.o (self)
  local name = string_of(self)
  local C = metatable_of(name)
  if not C then
    error(("class '%s' is unknown: run the file that defines it first")
          :format(name:gsub('%c', ' '):sub(1, 80)), 0)
  end
  return setmetatable(read_fields(self, remember(self, {})), C)
end

function read (self)
  local tag = take(self, 1)
  local reader = readers[tag]
  if not reader then damaged('no record begins with byte %d', tag:byte()) end
  return reader(self)
end

return function (text, arrays)
  local self = {text = text, at = 1, arrays = arrays, refs = {}, depth = 0}
  local object = read(self)
  if self.at <= #text then damaged('there is more than one object in it') end
  return object
end
