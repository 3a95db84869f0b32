-- data.read and data.write: arrays in files that other programs know.

local core = require 'nnlua.core'
local options = require 'data.options'

local M = {}

local function check_path (name, path)
  if type(path) ~= 'string' then
    options.fail('%s: argument #1: file name expected, got %s', name,
                 options.describe(path))
  end
end

-- What a file is, by its first bytes.
local function kind_of (path)
  local f, why = io.open(path, 'rb')
  if not f then options.fail('data.read: cannot open %s', why) end
  local head = f:read(9) or ''
  f:close()
  if head:sub(1, 6) == '\x93NUMPY' then return 'npy' end
  if head:sub(1, 2) == '\0\0' or head:sub(1, 2) == '\x1f\x8b' then return 'idx' end
  if head:sub(9, 9) == '{' or path:find('%.safetensors$') then
    return 'safetensors'
  end
  return path:match '%.npy$' and 'npy' or path:match 'idx' and 'idx' or nil
end

-- The tensor of an .npy or IDX file (also gzip), or the table {name = tensor}
-- and the metadata of a .safetensors file.
-- So data.write('x.npy', x) and x = data.read('x.npy').
function M.read (path)
  check_path('data.read', path)
  local kind = kind_of(path)
  if not kind then
    options.fail('data.read: "%s" is no .npy, IDX or .safetensors file', path)
  end
  if kind == 'safetensors' then return core.safetensors_load(path) end
  return core[kind .. '_read'](path)
end

-- Writes a tensor as .npy, .idx or .idx.gz, or a table {name = tensor} as
-- .safetensors, by the file's name.  The file is replaced whole or not at all.
-- data.write('x.npy', x) for a tensor x,
-- data.write('net.safetensors', {w = w, b = b}, {format = 'pt'}) for two.
function M.write (path, what, metadata)
  check_path('data.write', path)
  local name = path:gsub('%.gz$', '')
  if name:find('%.safetensors$') and name == path then
    core.safetensors_save(path, what, metadata)
  elseif name:find('%.npy$') and name == path then
    core.npy_write(path, what)
  elseif name:find('%.idx$') or name:find('idx%d%-ubyte$') then
    core.idx_write(path, what)
  else
    options.fail('data.write: "%s": a name that ends in .npy, .idx, .idx.gz or '
                 .. '.safetensors expected', path)
  end
end

return M
