-- References on flat, row-major lists.
local M = {}

-- A function from indices to elements.
function M.reader (list, sizes)
  return function (...)
    local at = 0
    for d, s in ipairs(sizes) do at = at * s + (select(d, ...)) - 1 end
    return list[at + 1]
  end
end

-- The list of f(i, j ...) for all indices, and the sizes.
function M.make (sizes, f)
  local out, index = {}, {}
  local function walk (d)
    if d > #sizes then
      out[#out + 1] = f(table.unpack(index))
      return
    end
    for i = 1, sizes[d] do
      index[d] = i
      walk(d + 1)
    end
  end
  walk(1)
  return out, sizes
end

-- f from the list of elements along dim (and the position of this line) to
-- another list; returns the lists put together, and the sizes.
function M.along (list, sizes, dim, f)
  local outer, inner, n, m = 1, 1, sizes[dim], nil
  local out, size = {}, {table.unpack(sizes)}
  for d, s in ipairs(sizes) do
    if d < dim then outer = outer * s end
    if d > dim then inner = inner * s end
  end
  for o = 0, outer - 1 do
    for i = 0, inner - 1 do
      local row = {}
      for k = 0, n - 1 do row[k + 1] = list[(o * n + k) * inner + i + 1] end
      row = f(row, o, i)
      m = #row
      for k = 0, m - 1 do out[(o * m + k) * inner + i + 1] = row[k + 1] end
    end
  end
  size[dim] = m or n
  return out, size
end

return M
