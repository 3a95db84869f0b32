-- Records of kernel activation functions, noisy thresholds and Lagrangians.
local core = require 'nnlua.core'
local autograd = require 'autograd'
local torch = require 'torch'

local records = {}

local BOUNDARY = 2

local kappa = {
  gaussian = function (u, s, k)
    local g = math.exp(-u * u / (2 * s * s))
    return k == 0 and g or -u / (s * s) * g
  end,
  softplus = function (u, _, k)
    return k == 0 and math.log(1 + math.exp(u)) or 1 / (1 + math.exp(-u))
  end,
}

local function input (...) return {shape = {...}} end
local function width (...) return {shape = {...}, from = 0.4, to = 1.1} end

local function centre (d, D) return -BOUNDARY + 2 * BOUNDARY * d / (D - 1) end

-- f(element, unit, d, u = x - c_d, sigma) over x [rows, units], D centres
local function each (x, sigma, sizes, D, f)
  local units = sizes[2]
  for i = 1, sizes[1] * units do
    local unit = (i - 1) % units + 1
    for d = 1, D do
      f(i, unit, d, x[i] - centre(d - 1, D), sigma[#sigma > 1 and unit or 1])
    end
  end
end

local function define (kernel, units, s)
  local k = kappa[kernel]
  local function kaf (x, alpha, sigma)
    return core.kaf(x, alpha, sigma, kernel, BOUNDARY, 2)
  end
  local D = 5
  records[#records + 1] = {
    name = 'kaf', call = kaf, tolerance = 1e-12, dtypes = {'float32'},
    inputs = {{input(3, units), input(units, D), width(s)}},

    reference = function (lists, sizes)
      local x, alpha, sigma = table.unpack(lists)
      local out = {}
      each(x, sigma, sizes[1], D, function (i, unit, d, u, w)
        out[i] = (out[i] or 0) + alpha[(unit - 1) * D + d] * k(u, w, 0)
      end)
      return out, sizes[1]
    end,
  }
  records[#records + 1] = {
    name = 'kaf_alpha', tolerance = 1e-12, dtypes = {'float32'},
    call = function (x, g, sigma)
      local zero = torch.zeros({units, D}, {dtype = x:dtype()})
      local _, pull = autograd.vjp(function (a) return kaf(x, a, sigma) end,
                                   zero)
      return (pull(g))
    end,
    inputs = {{input(3, units), input(3, units), width(s)}},
    reference = function (lists, sizes)
      local x, g, sigma = table.unpack(lists)
      local out = {}
      for i = 1, units * D do out[i] = 0 end
      each(x, sigma, sizes[1], D, function (i, unit, d, u, w)
        local at = (unit - 1) * D + d
        out[at] = out[at] + g[i] * k(u, w, 0)
      end)
      return out, {units, D}
    end,
  }
  records[#records + 1] = {
    name = 'kaf_back', tolerance = 1e-12, dtypes = {'float32'},
    call = function (x, alpha, g, sigma)
      local _, pull = autograd.vjp(function (v, a)
        return kaf(v, a, sigma)
      end, x, alpha)
      local dx, da = pull(g)
      return torch.cat(torch.reshape(dx, 3 * units),
                       torch.reshape(da, units * D), 1)
    end,
    inputs = {{input(3, units), input(units, D), input(3, units), width(s)}},
    reference = function (lists, sizes)
      local x, alpha, g, sigma = table.unpack(lists)
      local out, n = {}, 3 * units
      for i = 1, n + units * D do out[i] = 0 end
      each(x, sigma, sizes[1], D, function (i, unit, d, u, w)
        local at = (unit - 1) * D + d
        out[i] = out[i] + g[i] * alpha[at] * k(u, w, 1)
        out[n + at] = out[n + at] + g[i] * k(u, w, 0)
      end)
      return out, {n + units * D}
    end,
  }
end

define('gaussian', 2, 1)
define('gaussian', 3, 3)
define('softplus', 2, 1)

-- ---- noisy thresholds; t1, t2 and sd one number each, or one for each ----

local low, high = {from = -1, to = -0.2}, {from = 0.1, to = 1}
local noise = {from = 0.3, to = 0.9}
local function sized (spec, ...)
  return {from = spec.from, to = spec.to, shape = {...}}
end

-- of element i, or the only one
local function entry (list, i) return list[#list > 1 and i or 1] end

local function quiet (x, t1, t2, sd)
  return core.states(x, t1, t2, sd, 0, -1, false)
end

local function of_elements (f)
  return function (lists, sizes)
    local out = {}
    for i = 1, #lists[1] do
      local v = {}
      for k, list in ipairs(lists) do v[k] = entry(list, i) end
      out[i] = f(table.unpack(v))
    end
    return out, sizes[1]
  end
end

local cases = {
  {input(3, 4), sized(low), sized(high), sized(noise)},
  {input(2, 3), sized(low, 2, 3), sized(high, 2, 3), sized(noise, 2, 3)},
}
records[#records + 1] = {
  name = 'states', call = quiet, tolerance = 0, dtypes = {'float32'},
  unlike = true, inputs = cases,
  reference = of_elements(function (x, a, b)
    return x > b and 1 or x < a and -1 or 0
  end),
}

local function pdf (u, sd)
  return math.exp(-u * u / (2 * sd * sd)) / (sd * math.sqrt(2 * math.pi))
end

records[#records + 1] = {
  name = 'density', tolerance = 1e-13, dtypes = {'float32'},
  call = function (x, g, a, b, sd)
    local _, pull = autograd.vjp(function (v) return quiet(v, a, b, sd) end, x)
    return (pull(g))
  end,
  inputs = {
    {input(3, 4), input(3, 4), table.unpack(cases[1], 2)},
    {input(2, 3), input(2, 3), table.unpack(cases[2], 2)},
  },
  reference = of_elements(function (x, g, a, b, sd)
    return g * (pdf(a - x, sd) + pdf(b - x, sd))
  end),
}

-- ---- Lagrangians: kind, power, the term and its derivative ----

local function total (f)
  return function (lists)
    local sum = 0
    for _, x in ipairs(lists[1]) do sum = sum + f(x) end
    return {sum}, {}
  end
end

local function lagrangian (kind, power, value, slope, shapes)
  local inputs = {}
  for i, shape in ipairs(shapes or {{3, 4}, {}, {70}}) do
    inputs[i] = {{shape = shape}}
  end
  records[#records + 1] = {
    name = 'lagrangian', dtypes = {'float32'}, inputs = inputs,
    tolerance = 1e-13, reference = value,
    call = function (x) return core.lagrangian(x, kind, power) end,
  }
  records[#records + 1] = {
    name = 'lagrangian_both', dtypes = {'float32'}, inputs = inputs,
    tolerance = 1e-13, reference = slope, threaded = true,
    call = function (x) return core.lagrangian_gradient(x, kind, power) end,
  }
end

local function elementwise (kind, power, value, slope)
  lagrangian(kind, power, total(value), of_elements(slope))
end

local function tanh (x)
  local e = math.exp(-2 * math.abs(x))
  return (x < 0 and -1 or 1) * (1 - e) / (1 + e)
end
-- With beta, one number or one for each unit: values l(beta x) / beta and
-- their derivatives in beta, from z = beta x, l and its derivative.
local function with_beta (kind, l, slope)
  local inputs = {}
  for i, shapes in ipairs {{{3, 4}, {}}, {{5}, {1}}, {{2, 3, 5}, {5}},
                           {{70, 3}, {3}}} do
    inputs[i] = {{shape = shapes[1]}, sized({from = 0.5, to = 2},
                                            table.unpack(shapes[2]))}
  end
  local function sums (f)
    return function (lists, sizes)
      local beta, out = lists[2], {}
      for u = 1, #beta do out[u] = 0 end
      for i, x in ipairs(lists[1]) do
        local u = (i - 1) % #beta + 1
        out[u] = out[u] + f(beta[u] * x, beta[u])
      end
      return out, #beta > 1 and sizes[2] or {}
    end
  end
  records[#records + 1] = {
    name = 'lagrangian', dtypes = {'float32'}, inputs = inputs,
    tolerance = 1e-13,
    call = function (x, b) return core.lagrangian(x, kind, 0, b) end,
    reference = sums(function (z, b) return l(z) / b end),
  }
  records[#records + 1] = {
    name = 'lagrangian_all', dtypes = {'float32'}, inputs = inputs,
    tolerance = 1e-13,
    call = function (x, b)
      return (autograd.grad(function (c)
        local v = core.lagrangian(x, kind, 0, c)
        return b:nElement() > 1 and v:sum() or v
      end)(b)):reshape(b:nElement() > 1 and b:size() or {})
    end,
    reference = sums(function (z, b)
      return (z * slope(z) - l(z)) / (b * b)
    end),
  }
end

local function sigmoid (x) return 1 / (1 + math.exp(-x)) end
local function softplus (x) return math.log(1 + math.exp(x)) end
local function log_cosh (x)
  return math.log((math.exp(x) + math.exp(-x)) / 2)
end
local function rexp (x)
  local y = math.max(x, 0)
  return math.exp(y) - y
end
local function rexp_slope (x) return math.exp(math.max(x, 0)) - 1 end

with_beta('sigmoid', softplus, sigmoid)
with_beta('tanh', log_cosh, tanh)
with_beta('exp', math.exp, math.exp)
with_beta('rexp', rexp, rexp_slope)
elementwise('rexp', 0, rexp, rexp_slope)
elementwise('sigmoid', 0, softplus, sigmoid)
elementwise('tanh', 0, log_cosh, tanh)
elementwise('exp', 0, math.exp, math.exp)
for power = 2, 4 do
  elementwise('repu', power,
              function (x) return math.max(x, 0)^power / power end,
              function (x) return math.max(x, 0)^(power - 1) end)
end

-- sums of e^x over vectors of the last size; `extra` 1 for ghostmax
local function vectors (kind, extra)
  local function sums (list, sizes)
    local d, out = sizes[#sizes], {}
    for i, x in ipairs(list) do
      local v = (i - 1) // d + 1
      out[v] = (out[v] or extra) + math.exp(x)
    end
    return out, d
  end
  lagrangian(kind, 0, function (lists, sizes)
    local all = 0
    for _, s in ipairs((sums(lists[1], sizes[1]))) do
      all = all + math.log(s)
    end
    return {all}, {}
  end, function (lists, sizes)
    local s, d = sums(lists[1], sizes[1])
    local out = {}
    for i, x in ipairs(lists[1]) do
      out[i] = math.exp(x) / s[(i - 1) // d + 1]
    end
    return out, sizes[1]
  end, {{3, 4}, {70}, {2, 1, 5}})
end
vectors('softmax', 0)
vectors('ghostmax', 1)

return records
