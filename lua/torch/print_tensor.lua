-- Tensors as text, in Torch7's way: one format for all elements (integers, 4
-- digits, a common scale or exponents), matrices by columns that fit the
-- width, more dimensions as one matrix after the other, and in the last line
-- the type and size.  Above `threshold` elements only the edges are read and
-- shown, so that a huge tensor costs no more than a small one.

local print_format = require 'torch.print_format'

local M = {}

local defaults = {threshold = 1000, edgeitems = 3, linewidth = 80,
                  precision = 4}
M.options = setmetatable({}, {__index = defaults})

-- stands for the elements that are left out
local GAP = print_format.GAP

-- The indices of a dimension that are shown, GAP between them.
local function shown (n, short)
  local edge = M.options.edgeitems
  local list = {}
  if not short or n <= 2 * edge then
    for i = 1, n do list[i] = i end
    return list
  end
  for i = 1, edge do list[i] = i end
  list[edge + 1] = GAP
  for i = n - edge + 1, n do list[#list + 1] = i end
  return list
end

-- A vector's shown elements.
local function row_of (x, short)
  local n, edge = x:size(1), M.options.edgeitems
  if not short or n <= 2 * edge then return x:totable() end
  local row = x:narrow(1, 1, edge):totable()
  row[#row + 1] = GAP
  for _, v in ipairs(x:narrow(1, n - edge + 1, edge):totable()) do
    row[#row + 1] = v
  end
  return row
end

local function rows_of (x, short)
  local rows = {}
  for k, i in ipairs(shown(x:size(1), short)) do
    rows[k] = i == GAP and GAP or row_of(x:select(1, i), short)
  end
  return rows
end

-- The leading indices of matrix number k (0-based) of a tensor with more than
-- two dimensions, and the matrix.
local function block_of (x, k)
  local index, dims = {}, x:dim() - 2
  for d = dims, 1, -1 do
    local n = x:size(d)
    index[d] = k % n + 1
    k = k // n
  end
  for d = 1, dims do x = x:select(1, index[d]) end
  return table.concat(index, ',') .. ',.,.', x
end

-- All that is shown: a list of {title, rows}; GAP among them.
local function blocks_of (x, short)
  local dims = x:dim()
  if dims == 1 then
    local rows = {}
    for i, v in ipairs(row_of(x, short)) do
      rows[i] = v == GAP and GAP or {v}
    end
    return {{rows = rows}}
  elseif dims == 2 then
    return {{rows = rows_of(x, short)}}
  end
  local count = 1
  for d = 1, dims - 2 do count = count * x:size(d) end
  local blocks = {}
  for i, k in ipairs(shown(count, short)) do
    if k == GAP then
      blocks[i] = GAP
    else
      local title, matrix = block_of(x, k - 1)
      blocks[i] = {title = title, rows = rows_of(matrix, short)}
    end
  end
  return blocks
end

-- ---- layout ----

local function scale_text (scale) return scale and ('%g *'):format(scale) end

local function add_column (out, rows, format, width, indent)
  for _, row in ipairs(rows) do
    if row == GAP then
      out[#out + 1] = indent .. (' '):rep(width - 3) .. '...'
    else
      out[#out + 1] = indent .. format(row[1])
    end
  end
end

local function add_matrix (out, rows, format, width, scale, indent)
  local columns = #(rows[1] or {})
  local fit = math.max(1, (M.options.linewidth - #indent) // (width + 1))
  for first = 1, columns, fit do
    local last = math.min(first + fit - 1, columns)
    if fit < columns then
      if first > 1 then out[#out + 1] = '' end
      out[#out + 1] = ('%sColumns %d to %d'):format(indent, first, last)
    end
    if scale then out[#out + 1] = indent .. scale_text(scale) end
    for _, row in ipairs(rows) do
      local cells = {}
      for c = first, last do
        local v
        if row ~= GAP then v = row[c] end
        if row == GAP or v == GAP then
          cells[#cells + 1] = ('%' .. width .. 's')
                              :format(row == GAP and c > first and '' or '...')
        else
          cells[#cells + 1] = format(v)
        end
      end
      out[#out + 1] = indent .. table.concat(cells, ' '):gsub(' +$', '')
    end
  end
end

local function size_text (x)
  local sizes = {}
  for d = 1, x:dim() do sizes[d] = x:size(d) end
  return #sizes > 0 and table.concat(sizes, 'x') or '()'
end

M.size_text = size_text

-- The text of a tensor; typename is what its last line says.
function M.text (x, typename)
  local dims, dtype = x:dim(), x:dtype()
  local last = ('[%s of size %s]'):format(typename, size_text(x))
  if x:nElement() == 0 then
    if dims == 0 or dims == 1 then
      return ('[%s with no dimension]'):format(typename)
    end
    return last
  end
  if dims == 0 then
    local blocks = {{rows = {{x:item()}}}}
    local format, _, scale = print_format.choose(blocks, dtype,
                                                      M.options.precision, 0)
    local text = format(blocks[1].rows[1][1]):gsub('^ +', '')
    return (scale and scale_text(scale) .. ' ' or '') .. text .. '\n' .. last
  end
  local short = x:nElement() > M.options.threshold
  local blocks = blocks_of(x, short)
  local format, width, scale = print_format.choose(blocks, dtype,
    M.options.precision, short and 4 or 0)
  local out = {}
  for _, block in ipairs(blocks) do
    if block == GAP then
      out[#out + 1] = '...\n'
    elseif dims == 1 then
      if scale then out[1] = scale_text(scale) end
      add_column(out, block.rows, format, width, '')
    elseif dims == 2 then
      add_matrix(out, block.rows, format, width, scale, '')
    else
      out[#out + 1] = '(' .. block.title .. ') ='
      add_matrix(out, block.rows, format, width, scale, ' ')
      out[#out + 1] = ''
    end
  end
  if out[#out] == '' then out[#out] = nil end
  out[#out + 1] = last
  return table.concat(out, '\n')
end

return M
