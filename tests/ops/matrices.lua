-- Plain references for linear algebra, on nested tables.
local M = {}

function M.product (a, b)
  local out = {}
  for i = 1, #a do
    out[i] = {}
    for j = 1, #b[1] do
      local sum = 0
      for k = 1, #b do sum = sum + a[i][k] * b[k][j] end
      out[i][j] = sum
    end
  end
  return out
end

function M.transposed (a)
  local out = {}
  for j = 1, #a[1] do
    out[j] = {}
    for i = 1, #a do out[j][i] = a[i][j] end
  end
  return out
end

-- Gauss with pivots: x of a x = b, and a's determinant.
function M.solve (a, b)
  local n, det = #a, 1
  local m = {}
  for i = 1, n do
    m[i] = {table.unpack(a[i])}
    for _, v in ipairs(b[i]) do m[i][#m[i] + 1] = v end
  end
  for c = 1, n do
    local best = c
    for i = c + 1, n do
      if math.abs(m[i][c]) > math.abs(m[best][c]) then best = i end
    end
    if best ~= c then
      m[c], m[best], det = m[best], m[c], -det
    end
    det = det * m[c][c]
    for i = 1, n do
      local f = i ~= c and m[i][c] / m[c][c] or 0
      for j = c, #m[c] do m[i][j] = m[i][j] - f * m[c][j] end
    end
  end
  local x = {}
  for i = 1, n do
    x[i] = {}
    for j = 1, #b[1] do x[i][j] = m[i][n + j] / m[i][i] end
  end
  return x, det
end

function M.cholesky (a)
  local l = {}
  for i = 1, #a do
    l[i] = {}
    for j = 1, #a do l[i][j] = 0.0 end
    for j = 1, i do
      local sum = a[i][j]
      for k = 1, j - 1 do sum = sum - l[i][k] * l[j][k] end
      l[i][j] = i == j and math.sqrt(sum) or sum / l[j][j]
    end
  end
  return l
end

-- Gram-Schmidt, twice for its digits; r = q' a.
function M.qr (a)
  local columns, q = M.transposed(a), {}
  for j = 1, math.min(#a, #columns) do
    local c = {table.unpack(columns[j])}
    for _ = 1, 2 do
      for _, e in ipairs(q) do
        local dot = 0
        for i, x in ipairs(c) do dot = dot + x * e[i] end
        for i in ipairs(c) do c[i] = c[i] - dot * e[i] end
      end
    end
    local norm = 0
    for _, x in ipairs(c) do norm = norm + x * x end
    for i in ipairs(c) do c[i] = c[i] / math.sqrt(norm) end
    q[j] = c
  end
  return M.transposed(q), M.product(q, a)
end

-- Jacobi's rotations: ascending eigenvalues, eigenvectors as columns whose
-- largest component is positive.
function M.eigh (a)
  local n, v = #a, {}
  for i = 1, n do
    a[i], v[i] = {table.unpack(a[i])}, {}
    for j = 1, n do v[i][j] = i == j and 1.0 or 0.0 end
  end
  for _ = 1, 30 do
    for p = 1, n do
      for q = p + 1, n do
        local t = 0.5 * math.atan(2 * a[p][q], a[q][q] - a[p][p])
        local c, s = math.cos(t), math.sin(t)
        for k = 1, n do
          a[k][p], a[k][q] = c * a[k][p] - s * a[k][q],
                             s * a[k][p] + c * a[k][q]
        end
        for k = 1, n do
          a[p][k], a[q][k] = c * a[p][k] - s * a[q][k],
                             s * a[p][k] + c * a[q][k]
          v[k][p], v[k][q] = c * v[k][p] - s * v[k][q],
                             s * v[k][p] + c * v[k][q]
        end
      end
    end
  end
  local order, w, out = {}, {}, {}
  for i = 1, n do order[i], out[i] = i, {} end
  table.sort(order, function (i, j) return a[i][i] < a[j][j] end)
  for k, j in ipairs(order) do
    local most = 0
    for i = 1, n do
      if math.abs(v[i][j]) > math.abs(most) then most = v[i][j] end
    end
    w[k] = a[j][j]
    for i = 1, n do out[i][k] = v[i][j] * (most < 0 and -1 or 1) end
  end
  return w, out
end

return M
