-- torch.DiskFile, MemoryFile and PipeFile.

local class = require 'torch.class'
local devices = require 'torch.devices'

local M = {File = require 'torch.File'.File}

local function check_mode (name, mode, allowed)
  if not allowed[mode] then
    error(("torch.%s: mode 'r', 'w' or 'rw' expected, got '%s'")
          :format(name, tostring(mode)), 4) -- the constructor's caller
  end
end

local function check_text (name, what, value)
  if type(value) ~= 'string' then
    error(('torch.%s: argument #1 (%s): string expected, got %s')
          :format(name, what, class.type(value)), 4)
  end
end

local Disk, parent = class.class('torch.DiskFile', 'torch.File', M)

-- torch.DiskFile(path [, mode [, quiet]]): mode 'r' (default), 'w' or 'rw'.
function Disk:__init (path, mode, quiet)
  mode = mode or 'r'
  check_text('DiskFile', 'path', path)
  check_mode('DiskFile', mode, {r = true, w = true, rw = true})
  local device, message = devices.disk(path, mode)
  if not device and not quiet then
    error(('torch.DiskFile: can not open %s'):format(message), 3)
  end
  parent.__init(self, device, mode)
  self.is_quiet, self.failed = quiet or false, device == nil
end

local Memory = class.class('torch.MemoryFile', 'torch.File', M)

-- torch.MemoryFile([storage,] [mode]): a CharStorage's bytes, or nothing;
-- mode 'rw' by default.
function Memory:__init (storage, mode)
  if type(storage) == 'string' then storage, mode = nil, storage end
  mode = mode or 'rw'
  check_mode('MemoryFile', mode, {r = true, w = true, rw = true})
  local text = ''
  if storage then
    if not class.type(storage):find 'Storage$' then
      error('torch.MemoryFile: a CharStorage or a mode expected, got '
            .. class.type(storage), 3)
    end
    local bytes = storage:totable()
    if bytes[#bytes] ~= 0 then
      error('torch.MemoryFile: the last byte of the storage has to be 0', 3)
    end
    for i, v in ipairs(bytes) do bytes[i] = string.char(v & 255) end
    text = table.concat(bytes, '', 1, #bytes - 1)
  end
  parent.__init(self, devices.memory(text), mode)
end

-- The contents as a CharStorage, with a 0 at its end.  A copy.
function Memory:storage ()
  local text = self:_device('storage'):content()
  local bytes = {}
  for i = 1, #text do
    local b = text:byte(i)
    bytes[i] = b < 128 and b or b - 256
  end
  bytes[#text + 1] = 0
  return require 'torch'.CharStorage(bytes)
end

local Pipe = class.class('torch.PipeFile', 'torch.File', M)

-- torch.PipeFile(command [, mode]): what a command prints ('r') or reads ('w').
function Pipe:__init (command, mode)
  mode = mode or 'r'
  check_text('PipeFile', 'command', command)
  check_mode('PipeFile', mode, {r = true, w = true})
  local device, message = devices.pipe(command, mode)
  if not device then
    error(('torch.PipeFile: %s'):format(message), 3)
  end
  parent.__init(self, device, mode)
end

return M
