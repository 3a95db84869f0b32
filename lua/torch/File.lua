-- torch.File: numbers, strings, storages and objects read and written at a
-- position, in text or binary, as Torch7's.  file_kinds.lua has DiskFile,
-- MemoryFile and PipeFile.
--
--   local file = torch.MemoryFile():binary()
--   file:writeDouble(0.5); file:writeInt(torch.IntStorage{1, 2}); file:close()
--
-- Each type (Byte Char Short Int Long Float Double) has readTYPE() -> number,
-- readTYPE(n) -> storage, readTYPE(storage) -> how many, and writeTYPE(number
-- or storage); beside them readBool, writeBool, readString, writeString,
-- readObject and writeObject.  An object is written as torch.serialize does,
-- and what two objects of a file share is written twice.

local class = require 'torch.class'
local give_back = require 'torch.devices'.give_back

local M = {}
local File = class.class('torch.File', nil, M)

function File:__init (device, mode)
  self.device = device
  self.readable = mode:find 'r' ~= nil
  self.writable = mode:find 'w' ~= nil
  self.is_binary, self.is_quiet, self.failed = false, false, false
  self.spacing, self.is_referenced = true, true
  self.order = '<'
end

-- ---- modes ----

function File:ascii () self.is_binary = false return self end
function File:binary () self.is_binary = true return self end
function File:autoSpacing () self.spacing = true return self end
function File:noAutoSpacing () self.spacing = false return self end
function File:quiet () self.is_quiet = true return self end
function File:pedantic () self.is_quiet = false return self end
function File:clearError () self.failed = false return self end
function File:littleEndianEncoding () self.order = '<' return self end
function File:bigEndianEncoding () self.order = '>' return self end
function File:nativeEndianEncoding () self.order = '=' return self end
function File:referenced (yes) self.is_referenced = yes return self end
function File:isReferenced () return self.is_referenced end
function File:isBinary () return self.is_binary end
function File:isQuiet () return self.is_quiet end
function File:hasError () return self.failed end
function File:isReadable () return self.readable end
function File:isWritable () return self.writable end
function File:isAutoSpacing () return self.spacing end
function File:isOpened () return self.device ~= nil end

-- Notes a failure; raises it unless the file is quiet.
function File:_fail ( name, text, ...)
  self.failed = true
  if not self.is_quiet then
    error(('File:%s: ' .. text):format(name, ...), 3)
  end
end

-- The device of an open file, of the right direction.
function File:_device (name, for_writing)
  if not self.device then
    error(('File:%s: the file is closed'):format(name), 4)
  elseif for_writing and not self.writable then
    error(('File:%s: the file is open for reading only'):format(name), 4)
  elseif for_writing == false and not self.readable then
    error(('File:%s: the file is open for writing only'):format(name), 4)
  end
  return self.device
end

-- ---- position ----

-- The first byte is 1.
function File:position () return self:_device('position'):position() + 1 end

function File:seek (position)
  local device = self:_device('seek')
  if math.type(position) ~= 'integer' or position < 1
     or position > device:size() + 1 then
    self:_fail('seek', 'position %s is not in the file', tostring(position))
  else
    local ok, message = device:seek(position - 1)
    if not ok then self:_fail('seek', '%s', message) end
  end
  return self
end

function File:seekEnd ()
  local device = self:_device('seekEnd')
  device:seek(device:size())
  return self
end

function File:synchronize () self:_device('synchronize'):flush() end

function File:close ()
  self:_device('close'):close()
  self.device = nil
end

require 'torch.file_numbers' (File)

-- ---- strings and objects ----

-- format '*l': the next line, without its end; '*a': all that is left.
function File:readString (format)
  local device = self:_device('readString', false)
  local kind = type(format) == 'string' and format:match '^%*?([la])'
  if not kind then
    error("File:readString: '*l' or '*a' expected", 2)
  end
  local parts, n = {}, 0
  repeat
    local text = device:read(kind == 'a' and 65536 or 256)
    n = n + #text
    local stop = kind == 'l' and text:find('\n', 1, true)
    if stop then
      give_back(device, text:sub(stop + 1))
      parts[#parts + 1] = text:sub(1, stop - 1)
      return table.concat(parts)
    end
    parts[#parts + 1] = text
  until text == ''
  if n == 0 then
    self:_fail('readString', 'there is nothing left to read')
  end
  return table.concat(parts)
end

function File:writeString (text)
  local ok, message = self:_device('writeString', true):write(text)
  if ok then return #text end
  self:_fail('writeString', '%s', message)
  return 0
end

function File:writeObject (object)
  local device = self:_device('writeObject', true)
  local text = require 'torch.serialize'.serialize(object)
  local ok, message = device:write(('<I8'):pack(#text) .. text)
  if not ok then self:_fail('writeObject', '%s', message) end
end

function File:readObject ()
  local device = self:_device('readObject', false)
  local head = device:read(8)
  local n = #head == 8 and ('<i8'):unpack(head) or -1
  if n < 0 or n > device:size() then
    self:_fail('readObject', 'there is no object here')
    return nil
  end
  return require 'torch.serialize'.deserialize(device:read(n))
end

return M
