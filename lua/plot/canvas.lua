-- A canvas of dots for terminals: 2 x 4 in a braille letter, or one in a plain
-- letter.

local M = {}

local BITS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
-- Letters for series where there is no braille.
M.MARKS = {'*', 'o', '+', 'x', '#', '@'}

function M.new (columns, rows, braille)
  local c = {columns = columns, rows = rows, braille = braille,
             width = braille and columns * 2 or columns,
             height = braille and rows * 4 or rows}
  for r = 1, rows do c[r] = {} end
  return c
end

-- A dot at x, y (from 0, y downwards); outside is left out.
function M.dot (c, x, y, mark)
  if x < 0 or y < 0 or x >= c.width or y >= c.height then return end
  if not c.braille then c[y + 1][x + 1] = mark return end
  local row, column = c[y // 4 + 1], x // 2 + 1
  row[column] = (row[column] or 0) | BITS[y % 4 + 1][x % 2 + 1]
end

function M.segment (c, x0, y0, x1, y1, mark)
  local steps = math.max(math.abs(x1 - x0), math.abs(y1 - y0), 1)
  for i = 0, steps do
    M.dot(c, math.floor(x0 + (x1 - x0) * i / steps + 0.5),
        math.floor(y0 + (y1 - y0) * i / steps + 0.5), mark)
  end
end

function M.lines (c)
  local out = {}
  for r = 1, c.rows do
    local line = {}
    for k = 1, c.columns do
      local v = c[r][k]
      if not v then line[k] = ' '
      elseif c.braille then line[k] = utf8.char(0x2800 + v)
      else line[k] = v end
    end
    out[r] = table.concat(line)
  end
  return out
end

return M
