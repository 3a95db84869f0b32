-- Tensors of one dimension as bytes (little endian, row-major) and back, in
-- plain Lua: for torch.serialize and for the small parts of files.

local M = {}

local formats = {bool = 'B', uint8 = 'B', int8 = 'b', int16 = 'i2',
                 int32 = 'i4', int64 = 'i8', float32 = 'f', float64 = 'd'}
local CHUNK = 128 -- elements a call; Lua's stack bounds it

M.bytes = {bool = 1, uint8 = 1, int8 = 1, int16 = 2, int32 = 4, int64 = 8,
           float32 = 4, float64 = 8}

local full = {}
for dtype, format in pairs(formats) do
  full[dtype] = '<' .. format:rep(CHUNK)
end

-- The elements of a 1-D tensor as a string.
function M.pack (x)
  local dtype = x:dtype()
  local values = x:nElement() > 0 and x:totable() or {}
  if dtype == 'bool' then
    for i, v in ipairs(values) do values[i] = (v == true or v == 1) and 1 or 0
    end
  end
  local out = {}
  for first = 1, #values, CHUNK do
    local last = math.min(first + CHUNK - 1, #values)
    local format = last - first + 1 == CHUNK and full[dtype]
                   or '<' .. formats[dtype]:rep(last - first + 1)
    out[#out + 1] = format:pack(table.unpack(values, first, last))
  end
  return table.concat(out)
end

-- A 1-D tensor of that dtype with the elements in text from `at` on.
function M.unpack (dtype, n, text, at)
  local torch = require 'torch'
  local values, size = {}, M.bytes[dtype]
  for first = 1, n, CHUNK do
    local count = math.min(CHUNK, n - first + 1)
    local format = count == CHUNK and full[dtype]
                   or '<' .. formats[dtype]:rep(count)
    local part = {format:unpack(text, at + (first - 1) * size)}
    table.move(part, 1, count, first, values)
  end
  if dtype == 'bool' then
    for i, v in ipairs(values) do values[i] = v ~= 0 end
  end
  return torch.tensor(values, dtype)
end

return M
