-- Inputs and comparisons for the checks of operations.
local torch = require 'torch'

local M = {}

local GOLDEN = 0.6180339887498949

-- A nested table of the tensor's elements, or its number, as a flat list.
function M.flat (v)
  if not torch.isTensor(v) then return {v} end
  local out = {}
  local function walk (t)
    if type(t[1]) == 'table' then
      for _, row in ipairs(t) do walk(row) end
    else
      table.move(t, 1, #t, #out + 1, out)
    end
  end
  local all = v:totable()
  walk(type(all) == 'table' and all or {all})
  return out
end

function M.sizes (v)
  local out = {}
  if not torch.isTensor(v) then return out end
  for d = 1, v:dim() do out[d] = v:size(d) end
  return out
end

-- A tensor of a flat list's elements.
function M.tensor (list, sizes, dtype)
  local n = 1
  for _, s in ipairs(sizes) do n = n * s end
  if #sizes == 0 then return torch.tensor(list[1], dtype) end
  if n == 0 then return torch.zeros(sizes, dtype) end
  return torch.tensor(list, dtype):view(table.unpack(sizes))
end

-- An input: {shape, from, to, dtype}.  Its elements are spread over the
-- interval, none twice (integers: as often as they must), others for another
-- seed.  dtype: float64 (default), int64, bool ...
function M.input (spec, seed, dtype)
  local n, list = 1, {}
  local from, to = spec.from or -2, spec.to or 2
  dtype = spec.dtype or dtype or 'float64'
  for _, s in ipairs(spec.shape) do n = n * s end
  local float = dtype:find '^float' and not spec.whole
  for i = 1, n do
    local u = ((i + 0.37 * seed) * GOLDEN + 0.11 * seed) % 1
    if dtype == 'bool' then
      list[i] = u < 0.5
    elseif float then
      list[i] = from + (to - from) * u
    else
      list[i] = math.tointeger(from + (to - from + 1) * u // 1)
    end
  end
  return M.tensor(list, spec.shape, dtype)
end

-- A direction or cotangent of v's shape.
function M.like (v, seed)
  if not torch.isTensor(v) then return 0.7 + 0.1 * seed end
  return M.input({shape = M.sizes(v), from = -1, to = 1}, seed)
end

function M.stack (list)
  for i, v in ipairs(list) do
    if not torch.isTensor(v) then
      v = torch.tensor(v, type(v) == 'boolean' and 'bool' or 'float64')
    end
    list[i] = v:view(1, table.unpack(M.sizes(v)))
  end
  return torch.cat(list, 1)
end

-- The same element, 0 and -0 being different and each NaN like another.
local function same_element (a, b)
  return a == b and (a ~= 0 or 1 / a == 1 / b) or a ~= a and b ~= b
end

-- Do two results have the same bits, sizes and type?  (A boolean is a 0-d
-- tensor where it comes out of a transform.)
function M.same (v, w)
  if torch.isTensor(v) and v:dtype() == 'bool' and v:dim() == 0 then
    v = v:item()
  end
  if torch.isTensor(w) and w:dtype() == 'bool' and w:dim() == 0 then
    w = w:item()
  end
  if not (torch.isTensor(v) and torch.isTensor(w)) then
    return type(v) == type(w) and math.type(v) == math.type(w)
           and same_element(v, w)
  end
  if v:dtype() ~= w:dtype()
     or table.concat(M.sizes(v), 'x') ~= table.concat(M.sizes(w), 'x') then
    return false
  end
  local a, b = M.flat(v), M.flat(w)
  if #a ~= #b then return false end
  for i, x in ipairs(a) do
    if not same_element(x, b[i]) then return false end
  end
  return true
end

-- The largest |got - want| / (1 + |want|), or a text that says why not.
function M.distance (got, want)
  local a, b, worst = M.flat(got), M.flat(want), 0
  local sa, sb = table.concat(M.sizes(got), 'x'),
                 table.concat(M.sizes(want), 'x')
  if sa ~= sb then return 'sizes ' .. sa .. ', want ' .. sb end
  for i, x in ipairs(a) do
    local y = b[i]
    if type(x) == 'boolean' or type(y) == 'boolean' then
      if x ~= y then return ('element %d is %s'):format(i, x) end
    elseif x ~= y and not (x ~= x and y ~= y) then
      local d = math.abs(x - y) / (1 + math.abs(y))
      if d ~= d then return ('element %d is %s, want %s'):format(i, x, y) end
      worst = math.max(worst, d)
    end
  end
  return worst
end

function M.dot (list, others)
  local sum = 0
  for i, v in ipairs(list) do
    local a, b = M.flat(v), M.flat(others[i])
    for k, x in ipairs(a) do sum = sum + x * b[k] end
  end
  return sum
end

return M
