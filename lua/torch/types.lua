-- The types: torch.Tensor and torch.FloatTensor (callable, as Torch7's
-- constructors), storages, and LongStorage, the object that sizes come in.

local names = {bool = 'Bool', uint8 = 'Byte', int8 = 'Char', int16 = 'Short',
               int32 = 'Int', int64 = 'Long', float32 = 'Float',
               float64 = 'Double'}

-- A callable table: torch.FloatTensor(2, 3), torch.FloatTensor.new(2, 3).
local function constructor (name, make)
  return setmetatable({__typename = name, new = make}, {
    __call = function (_, ...) return make(...) end,
    __tostring = function () return name end,
  })
end

-- ---- sizes: a list of integers with Torch7's methods of a LongStorage ----

local function add_sizes_methods (mt)
  local sizes = {}
  mt.__index = sizes
  mt.__name = 'torch.LongStorage'

  function sizes:size () return #self end

  function sizes:totable ()
    return table.move(self, 1, #self, 1, {})
  end

  function sizes:fill (n)
    for i = 1, #self do self[i] = n end
    return self
  end

  function sizes:copy (other)
    if type(other) ~= 'table' then
      error('copy: a LongStorage or a table of integers expected, got '
            .. type(other), 2)
    elseif #other ~= #self then
      error(('copy: a LongStorage of %d elements expected, got %d')
            :format(#self, #other), 2)
    end
    return table.move(other, 1, #other, 1, self)
  end

  function sizes:resize (n)
    for i = #self + 1, n do self[i] = 0 end
    for i = #self, n + 1, -1 do self[i] = nil end
    return self
  end

  -- torch.LongStorage{2, 3} == x:size()
  function mt.__eq (a, b)
    if #a ~= #b then return false end
    for i = 1, #a do
      if a[i] ~= b[i] then return false end
    end
    return true
  end

  function mt.__tostring (self)
    local out = {}
    for i, n in ipairs(self) do out[i] = ' ' .. n end
    out[#out + 1] = ('[torch.LongStorage of size %d]'):format(#self)
    return table.concat(out, '\n')
  end
end

-- LongStorage(n): zeros; LongStorage{2, 3}: these integers
local function long_storage (mt)
  return function (what, ...)
    local self = {}
    if select('#', ...) > 0 then
      error('LongStorage: one argument expected, a size or a table; for the '
            .. 'sizes 2 x 3 use torch.LongStorage{2, 3}', 3)
    elseif type(what) == 'table' then
      for i, n in ipairs(what) do
        self[i] = math.tointeger(n)
        if not self[i] then
          error(('LongStorage: element #%d: an integer expected, got %s')
                :format(i, tostring(n)), 3)
        end
      end
    elseif what ~= nil then
      local n = math.tointeger(what)
      if not n or n < 0 or n > 1e6 then
        error(('LongStorage: a size or a table expected, got %s')
              :format(tostring(what)), 3)
      end
      for i = 1, n do self[i] = 0 end
    end
    return setmetatable(self, mt)
  end
end

-- ByteStorage and CharStorage hold the bytes of a string: s:string('abc')
-- writes them, s:string() reads them.
local function storage_string (self, text)
  local kind = require 'torch.class'.typename(self)
  local format = ({['torch.ByteStorage'] = 'B',
                   ['torch.CharStorage'] = 'b'})[kind]
  if not format then
    error('string: a ByteStorage or a CharStorage expected, got a ' .. kind, 2)
  end
  if text == nil then
    local out = {}
    for i, byte in ipairs(self:totable()) do
      out[i] = string.pack(format, byte)
    end
    return table.concat(out)
  elseif type(text) ~= 'string' then
    error('string: a string expected, got ' .. type(text), 2)
  end
  self:resize(#text)
  for i = 1, #text do self[i] = string.unpack(format, text, i) end
  return self
end

-- torch.FloatStorage(n or {numbers}), and why nothing else
local function new_storage (core, dtype, what)
  if type(what) == 'string' then
    error("Storage: files are not mapped; data.read reads them, or "
          .. "torch.CharStorage():string(text)", 3)
  elseif core.torch.isStorage(what) then
    error('Storage: a storage is no view of another; for one use '
          .. 'torch.FloatTensor(storage, offset, size), for a copy '
          .. ':resize(#s):copy(s)', 3)
  end
  return core.new_storage(dtype, what)
end

return function (torch, core)
  core.storage_methods.string = storage_string
  torch.Tensor = constructor('torch.Tensor', core.new.Tensor)
  for dtype, name in pairs(names) do
    local tensor, storage = name .. 'Tensor', name .. 'Storage'
    torch[tensor] = constructor('torch.' .. tensor, core.new[tensor])
    torch[storage] = constructor('torch.' .. storage, function (what)
      return new_storage(core, dtype, what)
    end)
  end
  torch.Storage = constructor('torch.Storage', function (what)
    return new_storage(core, torch.getdefaultdtype(), what)
  end)
  add_sizes_methods(core.sizes_metatable)
  torch.LongStorage = constructor('torch.LongStorage',
                                  long_storage(core.sizes_metatable))

  -- methods may be added to the type: torch.getmetatable('torch.FloatTensor')
  local class_metatable = torch.getmetatable
  function torch.getmetatable (name)
    if type(name) == 'string' and name:find '^torch%.%a*Tensor$' then
      return core.methods
    end
    return class_metatable(name)
  end
end
