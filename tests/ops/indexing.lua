-- Records of indexing, sorting, scans and softmax: see check.lua.
local torch = require 'torch'
local walk = require 'ops.walk'

local records = {}

local function input (...) return {shape = {...}} end
local function whole (from, to, ...)
  return {shape = {...}, from = from, to = to, dtype = 'int64'}
end

-- The lines of an index, and of a source, along dim beside those of x.
local function lines (list, sizes, dim)
  local rows = {}
  walk.along(list, sizes, dim, function (row, o, i)
    rows[o .. ',' .. i] = row
    return row
  end)
  return function (o, i) return rows[o .. ',' .. i] end
end

-- Each operation along each dimension of a (3, 4, 2) tensor.
local function along (name, call, f, more)
  for dim = 1, 3 do
    local r = {
      name = name, inputs = {{input(3, 4, 2)}}, dtypes = {'float32'},
      tolerance = 1e-13, direct = true,
      call = function (...) return (call(dim, ...)) end,
      reference = function (lists, sizes)
        local others = {}
        for i = 2, #lists do others[i] = lines(lists[i], sizes[i], dim) end
        return walk.along(lists[1], sizes[1], dim, function (row, o, i)
          local rest = {}
          for k, line in pairs(others) do rest[k - 1] = line(o, i) end
          return f(row, table.unpack(rest))
        end)
      end,
    }
    for k, v in pairs(more and more(dim) or {}) do r[k] = v end
    records[#records + 1] = r
  end
end

-- x, an index of 5 along dim, and (for scatters) a source of its shape.
local function with_index (source)
  return function (dim)
    local sizes = {3, 4, 2}
    local n = sizes[dim]
    sizes[dim] = 5
    local case = {input(3, 4, 2), whole(1, n, table.unpack(sizes))}
    if source then case[3] = input(table.unpack(sizes)) end
    local cases = {case}
    if dim == 1 then -- nothing, at no place
      cases[2] = {input(2, 3), whole(1, 2, 0, 3)}
      if source then cases[2][3] = input(0, 3) end
    end
    return {inputs = cases, dtypes = {'float32', 'int64'}}
  end
end

along('gather', function (dim, x, i) return torch.gather(x, dim, i) end,
  function (row, index)
    local out = {}
    for k, i in ipairs(index) do out[k] = row[i] end
    return out
  end, with_index(false))
along('scatter', function (dim, x, i, s) return torch.scatter(x, dim, i, s) end,
  function (row, index, source)
    for k, i in ipairs(index or {}) do row[i] = source[k] end
    return row
  end, with_index(true))
along('scatter_add', function (dim, x, i, s)
  return torch.scatterAdd(x, dim, i, s)
end, function (row, index, source)
  for k, i in ipairs(index or {}) do row[i] = row[i] + source[k] end
  return row
end, with_index(true))

-- ---- order ----

-- Positions in a stable order.
local function order (row, before)
  local at = {}
  for i = 1, #row do at[i] = i end
  table.sort(at, function (a, b)
    if row[a] ~= row[b] then return before(row[a], row[b]) end
    return a < b
  end)
  return at
end

local function ties () -- sorting repeats too
  return {
    inputs = {{input(3, 4, 2)}, {whole(-1, 1, 2, 7, 3)}, {input(1, 1, 0)}},
    constant = true,
  }
end
along('argsort', function (dim, x) return torch.argsort(x, dim) end,
  function (row)
    return order(row, function (a, b) return a < b end)
  end, ties)
along('argsort', function (dim, x) return torch.argsort(x, dim, true) end,
  function (row)
    return order(row, function (a, b) return a > b end)
  end, ties)
along('argsort', function (dim, x) return torch.sort(x, dim) end,
  function (row)
    table.sort(row)
    return row
  end)
along('argsort', function (dim, x) return torch.topk(x, 2, dim, true) end,
  function (row)
    table.sort(row)
    return {row[#row], row[#row - 1]}
  end)
along('argmode', function (dim, x) return torch.mode(x, dim) end,
  function (row)
    local count, best = {}, nil
    for _, v in ipairs(row) do count[v] = (count[v] or 0) + 1 end
    for v, n in pairs(count) do
      local m = count[best] or 0
      if n > m or n == m and v < best then best = v end
    end
    return {best}
  end, function ()
    return {inputs = {{input(3, 4, 2)}, {whole(-1, 1, 2, 7, 3)}}}
  end)

-- ---- scans and softmax ----

local function scan (f)
  return function (row)
    for k = 2, #row do row[k] = f(row[k - 1], row[k]) end
    return row
  end
end
along('cumsum', function (dim, x) return torch.cumsum(x, dim) end,
      scan(function (a, b) return a + b end))
along('recurrence', function (dim, x) return torch.cumprod(x, dim) end,
      scan(function (a, b) return a * b end))

local function log_sum (row)
  local top, sum = -math.huge, 0
  for _, v in ipairs(row) do top = math.max(top, v) end
  for _, v in ipairs(row) do sum = sum + math.exp(v - top) end
  return top + math.log(sum)
end
local function softmax (log)
  return function (row)
    local s, out = log_sum(row), {}
    for k, v in ipairs(row) do out[k] = log and v - s or math.exp(v - s) end
    return out
  end
end
local function threaded () return {threaded = true, direct = false} end

-- (the check of threads gives them a matrix)
local function last (x, dim) return math.min(dim, x:dim()) end
along('softmax', function (dim, x) return torch.softmax(x, last(x, dim)) end,
      softmax(false), threaded)
along('log_softmax', function (dim, x)
  return torch.logsoftmax(x, last(x, dim))
end, softmax(true), threaded)
along('logsumexp', function (dim, x)
  return torch.logsumexp(x, last(x, dim))
end, function (row) return {log_sum(row)} end, threaded)

return records
