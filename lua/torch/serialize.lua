-- torch.save, load, serialize, deserialize: any tree of tables, numbers,
-- strings, booleans, tensors, storages and objects of torch.class, as data.
-- Shared parts stay shared, cycles are kept, integers stay integers, views
-- stay views of one storage.  Nothing of a file is ever run.
--
-- A saved file is a safetensors file, which other programs can read: its
-- arrays carry the paths of the tensors (`model.modules[1].weight`), and the
-- uint8 array `nnlua.tree` the rest (encode.lua).  A class keeps fields out of
-- its files by naming them: `C.__transient = {'output', 'gradInput'}`.

local encode = require 'torch.encode'
local decode = require 'torch.decode'
local pack = require 'torch.pack'

local M = {}

local TREE, VERSION = 'nnlua.tree', '1'
local MAGIC = 'nnlua\26\10' .. VERSION

local function core () return require 'nnlua.core' end

-- The names of the arrays, then the records.
local function tree_text (names, records)
  local out = {('<I4'):pack(#names)}
  for i, name in ipairs(names) do out[i + 1] = ('<s4'):pack(name) end
  out[#out + 1] = records
  return table.concat(out)
end

local function split_tree (text)
  local function bad () error('the file is damaged: it ends too early', 0) end
  if #text < 4 then bad() end
  local n, at = ('<I4'):unpack(text)
  if n > #text // 4 then bad() end
  local names = {}
  for i = 1, n do
    if #text - at + 1 < 4 then bad() end
    local length = ('<I4'):unpack(text, at)
    if length > #text - at - 3 then bad() end
    names[i] = text:sub(at + 4, at + 3 + length)
    at = at + 4 + length
  end
  return names, text:sub(at)
end

local function check_path (name, path)
  if type(path) ~= 'string' then
    error(('torch.%s: argument #1 (path): string expected, got %s')
          :format(name, type(path)), 3)
  end
end

-- Calls f; what it raises begins with the position of who called the function
-- of that name, and the name.
local function named (name, f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  if type(result) == 'string' then
    result = name .. ': ' .. result:gsub('^[^\n]-:%d+: ', '')
  end
  error(result, 3)
end

local function write_file (path, object)
  local records, arrays, names = encode(object)
  local text = tree_text(names, records)
  local all = {[TREE] = pack.unpack('uint8', #text, text, 1)}
  for i, array in ipairs(arrays) do all[names[i]] = array end
  core().safetensors_save(path, all, {format = 'nnlua', version = VERSION})
end

-- Saves an object.  The file is written beside its place and moved there, so
-- that a file is either the old one or the new one, whole.  (Torch7's further
-- arguments, mode and referenced, mean nothing here.)
-- So torch.save('model.t', {net = net, epoch = 3}).
function M.save (path, object)
  check_path('save', path)
  named('torch.save', write_file, path, object)
end

local function read_file (path)
  local arrays, metadata = core().safetensors_load(path)
  local tree = arrays[TREE]
  if not tree or (metadata or {}).format ~= 'nnlua' then
    error(('"%s" was not written by torch.save; data.read reads other '
           .. 'formats'):format(path), 0)
  elseif metadata.version ~= VERSION then
    error(('"%s" has version %s of the format, this nnlua reads version %s')
          :format(path, metadata.version, VERSION), 0)
  elseif tree:dtype() ~= 'uint8' or tree:dim() ~= 1 then
    error(('"%s" is damaged: its tree is no array of bytes'):format(path), 0)
  end
  local names, records = split_tree(pack.pack(tree))
  local list = {}
  for i, name in ipairs(names) do
    list[i] = arrays[name]
    if not list[i] or list[i]:dim() ~= 1 then
      error(('"%s" is damaged: it has no array "%s"'):format(path,
        name:gsub('[^\32-\126]', function (c)
          return ('\\x%02X'):format(c:byte())
        end)), 0)
    end
  end
  return decode(records, list)
end

-- Loads what torch.save saved.  The classes of its objects must be known.
function M.load (path)
  check_path('load', path)
  local object = named('torch.load', read_file, path)
  return object -- no tail call: named looks for its caller
end

local function to_string (object)
  local records, arrays, names = encode(object)
  local out = {MAGIC, ('<I4'):pack(#arrays)}
  for _, x in ipairs(arrays) do
    out[#out + 1] = ('<s1I8'):pack(x:dtype(), x:nElement())
    out[#out + 1] = pack.pack(x)
  end
  out[#out + 1] = tree_text(names, records)
  return table.concat(out)
end

-- An object as a string; torch.deserialize makes it an object again.
function M.serialize (object)
  local text = named('torch.serialize', to_string, object)
  return text
end

local function from_string (text)
  local function damaged (why) error('the text is damaged: ' .. why, 0) end
  if text:sub(1, #MAGIC) ~= MAGIC then
    error('the text was not made by torch.serialize', 0)
  end
  local at = #MAGIC + 1
  local function take (n)
    if n > #text - at + 1 then damaged 'it ends too early' end
    at = at + n
    return at - n
  end
  local count = ('<I4'):unpack(text, take(4))
  local arrays = {}
  for i = 1, count do
    local length = text:byte(take(1))
    local dtype = text:sub(take(length), at - 1)
    local n = ('<i8'):unpack(text, take(8))
    local size = pack.bytes[dtype]
    if not size or n < 0 or n > #text then
      damaged 'an array of no known type or size'
    end
    arrays[i] = pack.unpack(dtype, n, text, take(n * size))
  end
  local names, records = split_tree(text:sub(at))
  if #names ~= count then damaged 'its arrays and names do not agree' end
  return decode(records, arrays)
end

-- The object that torch.serialize made text from.
function M.deserialize (text)
  if type(text) ~= 'string' then
    error('torch.deserialize: argument #1: string expected, got '
          .. type(text), 2)
  end
  local object = named('torch.deserialize', from_string, text)
  return object
end

return M
