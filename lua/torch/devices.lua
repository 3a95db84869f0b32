-- What torch.File stands on: bytes that can be read and written at a
-- position, on disk or in memory.  Positions count from 0.  A device has
-- read(n) -> at most n bytes, write(text) -> true or nil and why,
-- seek(position), position(), size(), flush(), close().

local M = {}

-- ---- a file on disk ----

local Disk = {}
Disk.__index = Disk

-- mode: 'r', 'w' (made new), 'rw' (kept, or made).  nil and why on failure.
function M.disk (path, mode)
  local file, message
  if mode == 'rw' then
    file, message = io.open(path, 'r+b')
    if not file then file, message = io.open(path, 'w+b') end
  else
    file, message = io.open(path, mode .. 'b')
  end
  if not file then return nil, message end
  return setmetatable({file = file, last = 'seek'}, Disk)
end

-- C wants a seek between reading and writing one file.
local function turn (self, to)
  if self.last ~= to and self.last ~= 'seek' then self.file:seek('cur', 0) end
  self.last = to
end

function Disk:read (n)
  turn(self, 'read')
  return self.file:read(n) or ''
end

function Disk:write (text)
  turn(self, 'write')
  return self.file:write(text)
end

function Disk:seek (position)
  self.last = 'seek'
  return self.file:seek('set', position)
end

function Disk:position () return self.file:seek('cur', 0) end

function Disk:size ()
  local here = self.file:seek('cur', 0)
  local size = self.file:seek('end', 0)
  self:seek(here)
  return size
end

function Disk:flush () return self.file:flush() end
function Disk:close () return self.file:close() end

-- ---- a pipe to or from a command ----

local Pipe = {}
Pipe.__index = Pipe

function M.pipe (command, mode)
  local file, message = io.popen(command, mode)
  if not file then return nil, message end
  return setmetatable({file = file, at = 0, ahead = ''}, Pipe)
end

function Pipe:read (n)
  local text = self.ahead:sub(1, n)
  self.ahead = self.ahead:sub(n + 1)
  if #text < n then text = text .. (self.file:read(n - #text) or '') end
  self.at = self.at + #text
  return text
end

function Pipe:write (text)
  self.at = self.at + #text
  return self.file:write(text)
end

-- A pipe can only give back what was read last.
function Pipe:back (text)
  self.ahead = text .. self.ahead
  self.at = self.at - #text
end

function Pipe.seek () return nil, 'a pipe has no positions' end
function Pipe:position () return self.at end
function Pipe.size () return math.huge end
function Pipe:flush () return self.file:flush() end
function Pipe:close () return self.file:close() end

-- ---- memory ----

local Memory = {}
Memory.__index = Memory

function M.memory (text)
  return setmetatable({text = text or '', tail = {}, at = 0}, Memory)
end

-- What was appended is joined when it is looked at.
local function joined (self)
  if #self.tail > 0 then
    self.text = self.text .. table.concat(self.tail)
    self.tail = {}
    self.length = nil
  end
  return self.text
end

function Memory:read (n)
  local text = joined(self):sub(self.at + 1, self.at + n)
  self.at = self.at + #text
  return text
end

function Memory:write (text)
  local length = self.length or #self.text
  if self.at == length then
    self.tail[#self.tail + 1] = text
    self.length = length + #text
  else
    local all = joined(self)
    self.text = all:sub(1, self.at) .. text .. all:sub(self.at + #text + 1)
    self.length = nil
  end
  self.at = self.at + #text
  return true
end

function Memory:seek (position) self.at = position return position end
function Memory:position () return self.at end
function Memory:size () return #joined(self) end
function Memory.flush () return true end
function Memory.close () return true end
function Memory:content () return joined(self) end

-- Makes text that was read from a device the next that is read.
function M.give_back (device, text)
  if device.back then
    device:back(text)
  elseif #text > 0 then
    device:seek(device:position() - #text)
  end
end

return M
