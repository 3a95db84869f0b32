-- The part of torch.File that reads and writes numbers and storages of them.
-- Returns a function that adds readByte, writeByte and so on to the class.

local class = require 'torch.class'
local give_back = require 'torch.devices'.give_back

local formats = {Byte = 'B', Char = 'b', Short = 'i2', Int = 'i4',
                 Long = 'i8', Float = 'f', Double = 'd'}
local texts = {Float = '%.9g', Double = '%.17g'}
local ranges = {Byte = {0, 255}, Char = {-128, 127}, Short = {-32768, 32767},
                Int = {-(1 << 31), (1 << 31) - 1}}

return function (File)

-- The next word of text, or nil at the end; what follows stays.
local function word (device)
  local letters, c = {}, device:read(1)
  while c ~= '' and c:find '%s' do c = device:read(1) end
  while c ~= '' and not c:find '%s' do
    letters[#letters + 1] = c
    c = device:read(1)
  end
  give_back(device, c)
  return #letters > 0 and table.concat(letters) or nil
end

-- n numbers, or fewer at the end of the file.
local function read_numbers (self, kind, n)
  local device = self:_device('read' .. kind, false)
  local list = {}
  if self.is_binary then
    local format = self.order .. formats[kind]
    local size = format:packsize()
    for i = 1, n do
      local text = device:read(size)
      if #text < size then break end
      list[i] = format:unpack(text)
    end
    return list
  end
  for i = 1, n do
    local text = word(device)
    local v = text and tonumber(text)
    if text and (text:lower():match '^[-+]?nan') then v = 0 / 0 end
    if text and text:lower():match '^[-+]?inf' then
      v = text:sub(1, 1) == '-' and -math.huge or math.huge
    end
    if not v then break end
    list[i] = texts[kind] and v + 0.0 or math.tointeger(v) or v // 1
  end
  if self.spacing then
    local c = device:read(1)
    if c ~= '\n' then give_back(device, c) end
  end
  return list
end

local function read (self, kind, what)
  if what == nil then
    local v = read_numbers(self, kind, 1)[1]
    if v == nil then
      self:_fail('read' .. kind, 'there is no number to read')
    end
    return v or 0
  end
  local n = math.type(what) == 'integer' and what or nil
  local storage = not n and what or nil
  if not n and not pcall(function () return #storage end) then
    error(('File:read%s: a number or a storage expected, got %s')
          :format(kind, type(what)), 3)
  end
  local list = read_numbers(self, kind, n or #storage)
  if #list < (n or #storage) then
    self:_fail('read' .. kind, 'read %d numbers instead of %d', #list,
         n or #storage)
  end
  if n then return require 'torch'[kind .. 'Storage'](list) end
  for i, v in ipairs(list) do storage[i] = v end
  return #list
end

local function as_kind (kind, v)
  if texts[kind] then return v + 0.0 end
  local whole = math.tointeger(v) or math.tointeger(v < 0 and math.ceil(v)
                                                    or math.floor(v))
  local range = ranges[kind]
  if not whole or range and (whole < range[1] or whole > range[2]) then
    error(('File:write%s: %s does not fit'):format(kind, v), 4)
  end
  return whole
end

local function write (self, kind, what)
  local device = self:_device('write' .. kind, true)
  local list = type(what) == 'number' and {what}
               or type(what) == 'userdata' and what.totable and what:totable()
               or class.typename(what) == 'torch.LongStorage' and what
  if not list then
    error(('File:write%s: a number or a storage expected, got %s')
          :format(kind, type(what)), 3)
  end
  local parts = {}
  local format = self.is_binary and self.order .. formats[kind]
                 or texts[kind] or '%d'
  for i = 1, #list do
    local v = as_kind(kind, list[i])
    parts[i] = self.is_binary and format:pack(v) or format:format(v)
  end
  local text = table.concat(parts, not self.is_binary and self.spacing and ' '
                                   or '')
  if not self.is_binary and self.spacing then text = text .. '\n' end
  local ok, message = device:write(text)
  if not ok then
    self:_fail('write' .. kind, '%s', message)
    return 0
  end
  return #list
end

for kind in pairs(formats) do
  File['read' .. kind] = function (self, what) return read(self, kind, what) end
  File['write' .. kind] = function (self, what)
    return write(self, kind, what)
  end
end

function File:readBool () return self:readInt() == 1 end
function File:writeBool (v) return self:writeInt(v == true and 1 or 0) end

end
