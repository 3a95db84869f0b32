-- Records of linear algebra: see check.lua.
local torch = require 'torch'
local matrices = require 'ops.matrices'

local records = {}

local function input (...) return {shape = {...}} end

local function nested (list, sizes)
  local rows = {}
  for i = 1, sizes[1] do
    rows[i] = {table.unpack(list, (i - 1) * sizes[2] + 1, i * sizes[2])}
  end
  return rows
end

-- f of nested matrices as a reference: for one matrix, or each of a batch
local function reference (f)
  return function (lists, sizes)
    local n, out, size = 1, {}, nil
    for d = 1, #sizes[1] - 2 do n = n * sizes[1][d] end
    for b = 1, n do
      local parts = {}
      for i, list in ipairs(lists) do
        local s = {table.unpack(sizes[i], #sizes[i] - 1)}
        local k = s[1] * s[2]
        parts[i] = nested({table.unpack(list, (b - 1) * k + 1, b * k)}, s)
      end
      local r = f(table.unpack(parts))
      size = {table.unpack(sizes[1], 1, #sizes[1] - 2)}
      if type(r) == 'number' then r = {{r}}
      elseif type(r[1]) == 'table' then
        size[#size + 1], size[#size + 2] = #r, #r[1]
      else
        size[#size + 1] = #r
        r = {r}
      end
      for _, row in ipairs(r) do
        for _, v in ipairs(row) do out[#out + 1] = v end
      end
    end
    return out, size
  end
end

local function add (name, inputs, call, f)
  records[#records + 1] = {
    name = name, inputs = inputs, call = call, reference = reference(f),
    dtypes = {'float32'}, tolerance = 1e-12, loose = 1e-4,
  }
end

-- a + c I, far from singular
local function shifted (a, c)
  local m, n = a:size(a:dim() - 1), a:size(a:dim())
  return a + torch.eye(m, n):type(a:type()) * c
end
local function plain_shift (a, c)
  for i in ipairs(a) do
    if a[i][i] then a[i][i] = a[i][i] + c end
  end
  return a
end

local function plain_symmetric (a)
  local out = {}
  for i in ipairs(a) do
    out[i] = {}
    for j in ipairs(a) do out[i][j] = a[i][j] + a[j][i] end
  end
  return out
end
local function symmetric (a)
  return a + a:transpose(a:dim() - 1, a:dim())
end

local SQUARE = {{input(3, 3)}, {input(2, 4, 4)}}

add('solve', {{input(3, 3), input(3, 2)}, {input(2, 3, 3), input(2, 3, 1)}},
    function (a, b) return torch.gesv(b, shifted(a, 5)) end,
    function (a, b) return (matrices.solve(plain_shift(a, 5), b)) end)
-- det of a batch is a value for each; of one matrix a number
add('det', {{input(3, 3)}, {input(2, 4, 4)}, {input(0, 0)}},
    function (a) return torch.det(shifted(a, 3)) end,
    function (a)
      return (select(2, matrices.solve(plain_shift(a, 3), a)))
    end)
add('cholesky', SQUARE,
    function (a) return torch.cholesky(shifted(symmetric(a), 9)) end,
    function (a)
      return matrices.cholesky(plain_shift(plain_symmetric(a), 9))
    end)
for i = 1, 2 do
  add('eigh', SQUARE, function (a)
    return (select(i, torch.symeig(symmetric(a), 'V')))
  end, function (a)
    return (select(i, matrices.eigh(plain_symmetric(a))))
  end)
  add('qr', {{input(3, 3)}, {input(4, 2)}, {input(2, 4)}, {input(2, 3, 2)}},
      function (a) return (select(i, torch.qr(shifted(a, 3)))) end,
      function (a) return (select(i, matrices.qr(plain_shift(a, 3)))) end)
end

-- svd by the eigenvalues of a' a and a a'; the signs are u's
local function plain_svd (a, which)
  local tall = #a >= #a[1]
  local t = matrices.transposed(a)
  local w, v = matrices.eigh(tall and matrices.product(t, a)
                             or matrices.product(a, t))
  local s, small = {}, {} -- descending
  for i, row in ipairs(v) do
    small[i] = {}
    for k in ipairs(row) do small[i][k] = row[#row + 1 - k] end
  end
  for k = 1, #w do s[k] = math.sqrt(w[#w + 1 - k]) end
  local large = matrices.product(tall and a or t, small)
  for k = 1, #s do
    for i in ipairs(large) do large[i][k] = large[i][k] / s[k] end
  end
  local u, most = tall and large or small, {}
  for k = 1, #s do
    most[k] = 0
    for i in ipairs(u) do
      if math.abs(u[i][k]) > math.abs(most[k]) then most[k] = u[i][k] end
    end
    for _, m in ipairs {small, large} do
      for i in ipairs(m) do
        m[i][k] = m[i][k] * (most[k] < 0 and -1 or 1)
      end
    end
  end
  return ({u, s, tall and small or large})[which]
end
for i = 1, 3 do
  add('svd', {{input(3, 3)}, {input(4, 2)}, {input(2, 4)}},
      function (a) return (select(i, torch.svd(shifted(a, 3)))) end,
      function (a) return plain_svd(plain_shift(a, 3), i) end)
end

return records
