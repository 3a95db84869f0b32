-- What every kind of drawing writes into a gnuplot script: texts, numbers,
-- colours, blocks of data.  Only numbers that we format and texts that we
-- quote come into a script: a title can not become a command.

local M = {}

-- A text in single quotes, where gnuplot expands nothing.  An apostrophe
-- becomes a typographic one: gnuplot reads '''x' as two strings.
function M.quote (text)
  return "'" .. tostring(text):gsub("[%c\127]", ' '):gsub("'", '’') .. "'"
end

-- A number, whatever the host's locale; NaN for what is no finite one.
function M.num (x)
  if x ~= x or x == math.huge or x == -math.huge then return 'NaN' end
  return (('%.9g'):format(x):gsub(',', '.'))
end

-- Colours that the colour-blind can tell apart.
local colors = {'#2f6fb5', '#e0772b', '#3d9a5d', '#c44e52', '#8566b0',
                '#8c6d4f', '#d078b0', '#7a7f87', '#a9a52f', '#38a5b8'}

-- The colour of series i.
function M.color (s, i)
  return M.quote(s.color or colors[(i - 1) % #colors + 1])
end

M.INK, M.FAINT = '#333333', '#dcdcdc'

M.palettes = {
  viridis = "defined (0 '#440154', 1 '#482878', 2 '#3e4a89', 3 '#31688e', "
            .. "4 '#26828e', 5 '#1f9e89', 6 '#35b779', 7 '#6dcd59', "
            .. "8 '#b4de2c', 9 '#fde725')",
  gray = "defined (0 '#000000', 1 '#ffffff')",
  blues = "defined (0 '#f7fbff', 1 '#c6dbef', 2 '#6baed6', 3 '#2171b5', "
          .. "4 '#08306b')",
  diverging = "defined (0 '#2166ac', 1 '#92c5de', 2 '#f7f7f7', "
              .. "3 '#f4a582', 4 '#b2182b')",
}

-- Rows of text as a data block.
function M.block (out, name, rows)
  out[#out + 1] = '$' .. name .. ' << EOD'
  for _, row in ipairs(rows) do out[#out + 1] = row end
  out[#out + 1] = 'EOD'
end

-- Two lists as the columns of a data block.
function M.columns (out, name, x, y)
  local rows = {}
  for i = 1, #x do rows[i] = M.num(x[i]) .. ' ' .. M.num(y[i]) end
  if #rows == 0 then rows[1] = 'NaN NaN' end
  M.block(out, name, rows)
end

function M.title (s) return 'title ' .. M.quote(s.label or '') end

-- Labels of the positions 1..n on an axis ('x' or 'y').
function M.ticks (out, axis, labels, from)
  local list = {}
  for i, label in ipairs(labels) do
    list[i] = ('%s %d'):format(M.quote(label), i - 1 + from)
  end
  local longest = 0
  for _, label in ipairs(labels) do
    longest = math.max(longest, #tostring(label))
  end
  local turn = axis == 'x' and longest * #labels > 70
               and ' rotate by 40 right' or ''
  out[#out + 1] = ('set %stics (%s)%s'):format(axis, table.concat(list, ', '),
                                               turn)
end

return M
