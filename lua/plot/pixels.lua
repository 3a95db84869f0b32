-- Images and matrices as rows of numbers: {rows =, columns =, channels = 1 or
-- 3, [r][c] = number or {r, g, b}}, row 1 on top.

local values = require 'plot.values'

local M = {}

local function nested (name, v)
  if values.is_array(v) then v = values.list_of(v) end
  if type(v) ~= 'table' then
    values.fail(name, 'a tensor or nested lists expected, got %s', type(v))
  end
  return v
end

local function depth (v)
  local n = 0
  while type(v) == 'table' do n, v = n + 1, v[1] end
  return n
end

M.depth = function (name, v) return depth(nested(name, v)) end

local function check_matrix (name, m)
  if #m == 0 or #m[1] == 0 then values.fail(name, 'no data: the matrix is empty') end
  for i, row in ipairs(m) do
    if #row ~= #m[1] then
      values.fail(name, 'row %d has %d numbers, row 1 has %d', i, #row, #m[1])
    end
    for j, x in ipairs(row) do
      if type(x) == 'boolean' then row[j] = x and 1 or 0 end
      if type(row[j]) ~= 'number' then
        values.fail(name, 'row %d holds a %s', i, type(x))
      end
    end
  end
  return m
end

-- A matrix (rows x columns) of numbers.
function M.matrix (name, v)
  local m = nested(name, v)
  if #m == 0 then values.fail(name, 'no data: the matrix is empty') end
  if depth(m) ~= 2 then
    values.fail(name, 'a matrix (2 dimensions) expected, got %d dimension%s',
                depth(m), depth(m) == 1 and '' or 's')
  end
  local copy = {}
  for i, row in ipairs(m) do copy[i] = table.move(row, 1, #row, 1, {}) end
  return check_matrix(name, copy)
end

local function interleave (name, planes)
  local r, g, b = planes[1], planes[2], planes[3]
  for _, plane in ipairs(planes) do check_matrix(name, plane) end
  local out = {channels = 3, rows = #r, columns = #r[1]}
  for i = 1, #r do
    out[i] = {}
    for j = 1, #r[1] do out[i][j] = {r[i][j], g[i][j], b[i][j]} end
  end
  return out
end

-- One image: height x width, 1 x h x w, or 3 x h x w (red, green, blue).
function M.image (name, v)
  local m = nested(name, v)
  if #m == 0 then values.fail(name, 'no data: the image is empty') end
  if depth(m) == 3 and #m == 1 then m = m[1] end
  if depth(m) == 3 and #m == 3 then return interleave(name, m) end
  if depth(m) ~= 2 then
    values.fail(name, 'an image of height x width or 3 x height x width '
                .. 'expected')
  end
  local out = M.matrix(name, m)
  out.channels, out.rows, out.columns = 1, #out, #out[1]
  return out
end

-- The least and the largest finite number.
function M.range (image)
  local low, high = math.huge, -math.huge
  local function see (x)
    if x == x and x ~= math.huge and x ~= -math.huge then
      low, high = math.min(low, x), math.max(high, x)
    end
  end
  for _, row in ipairs(image) do
    for _, x in ipairs(row) do
      if type(x) == 'table' then
        for _, y in ipairs(x) do see(y) end
      else
        see(x)
      end
    end
  end
  if low > high then low, high = 0, 1 end
  return low, high
end

local NONE = 0 / 0

-- Many images beside each other, `gap` empty pixels between them.  Returns
-- the big image and where the tiles begin: a list of {row, column}.
function M.tile (name, list, columns, gap)
  local images, rows_of, columns_of, channels = {}, 0, 0, 1
  for i, v in ipairs(list) do
    local image = M.image(name, v)
    images[i] = image
    rows_of = math.max(rows_of, image.rows)
    columns_of = math.max(columns_of, image.columns)
    channels = math.max(channels, image.channels)
  end
  local lines = (#images + columns - 1) // columns
  local out = {channels = channels, rows = lines * (rows_of + gap) - gap,
               columns = columns * (columns_of + gap) - gap}
  local empty = channels == 3 and {NONE, NONE, NONE} or NONE
  for r = 1, out.rows do
    out[r] = {}
    for c = 1, out.columns do out[r][c] = empty end
  end
  local places = {}
  for i, image in ipairs(images) do
    local top = (i - 1) // columns * (rows_of + gap)
    local left = (i - 1) % columns * (columns_of + gap)
    places[i] = {top, left}
    for r = 1, image.rows do
      for c = 1, image.columns do
        local x = image[r][c]
        if channels == 3 and type(x) == 'number' then x = {x, x, x} end
        out[top + r][left + c] = x
      end
    end
  end
  return out, places, rows_of, columns_of
end

return M
