-- Records of the kernel activation functions.
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

return records
