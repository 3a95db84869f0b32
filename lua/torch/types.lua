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
    if #other ~= #self then
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

return function (torch, core)
  torch.Tensor = constructor('torch.Tensor', core.new.Tensor)
  for dtype, name in pairs(names) do
    local tensor, storage = name .. 'Tensor', name .. 'Storage'
    torch[tensor] = constructor('torch.' .. tensor, core.new[tensor])
    torch[storage] = constructor('torch.' .. storage, function (what)
      return core.new_storage(dtype, what)
    end)
  end
  torch.Storage = constructor('torch.Storage', function (what)
    return core.new_storage(torch.getdefaultdtype(), what)
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
