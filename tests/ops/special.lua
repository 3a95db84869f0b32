-- Plain references for functions that Lua's math lacks.
local M = {}

-- Taylor series, exact enough for |x| < 3.
function M.erf (x)
  local term, sum, n = x, x, 0
  while math.abs(term) > 1e-18 * math.abs(sum) do
    n = n + 1
    term = -term * x * x / n
    sum = sum + term / (2 * n + 1)
  end
  return sum * 2 / math.sqrt(math.pi)
end

function M.erfc (x) return 1 - M.erf(x) end

function M.erfinv (y) -- Newton's method
  local x = 0
  for _ = 1, 60 do
    x = x - (M.erf(x) - y) * math.sqrt(math.pi) / 2 * math.exp(x * x)
  end
  return x
end

-- Recurrences up to x > 30, then the asymptotic series in 1/x^2.
function M.lgamma (x)
  local shift = 0
  while x < 30 do
    shift = shift - math.log(x)
    x = x + 1
  end
  local r = 1 / (x * x)
  return shift + (x - 0.5) * math.log(x) - x + 0.5 * math.log(2 * math.pi)
    + (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / x
end

function M.digamma (x)
  local shift = 0
  while x < 30 do
    shift = shift - 1 / x
    x = x + 1
  end
  local r = 1 / (x * x)
  return shift + math.log(x) - 0.5 / x
    - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))
end

function M.trigamma (x)
  local shift = 0
  while x < 30 do
    shift = shift + 1 / (x * x)
    x = x + 1
  end
  local r = 1 / (x * x)
  return shift + 1 / x + r / 2
    + r / x * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * 5 / 66))))
end

function M.log1p (x) -- log((1 + x)) corrected for what 1 + x loses
  local u = 1 + x
  return u == 1 and x or math.log(u) * x / (u - 1)
end

function M.cbrt (x)
  local y = math.abs(x) ^ (1 / 3)
  return x < 0 and -y or y
end

function M.round (x) -- half away from zero
  return x < 0 and -math.floor(0.5 - x) or math.floor(x + 0.5)
end

function M.trunc (x) return x < 0 and math.ceil(x) or math.floor(x) end

return M
