-- Pieces of random programs (../programs.lua) whose derivative is what their
-- definition says, not that of their values: stop_gradient, states without
-- noise.  freeze makes of a program the function that
-- has these derivatives, for differences.
local torch = require 'torch'
local autograd = require 'autograd'
local core = require 'nnlua.core'

local M = {}

local memo -- while a frozen program runs

-- f's value, with the derivative of `smooth` (none: constant)
local function held (f, smooth)
  return function (...)
    if not memo then return f(...) end
    memo.i = memo.i + 1
    local was = memo.taken[memo.i]
    if not was then
      was = {f(...), smooth and smooth(...)}
      memo.taken[memo.i] = was
    end
    if not smooth then return was[1] end
    return was[1] + (smooth(...) - was[2])
  end
end

local function cdf (x, sd) return torch.erf(x / (sd * math.sqrt(2))) / 2 end

-- The program f near x: what it holds is what it was at x.
function M.freeze (f, ...)
  local taken = {}
  local function frozen (...)
    memo = {taken = taken, i = 0}
    local y = f(...)
    memo = nil
    return y
  end
  memo = nil
  frozen(...)
  return frozen
end

local stop = held(autograd.stop_gradient)
local ternary = held(function (x)
  return core.states(x, -0.4, 0.3, 0.6, 0, -1, false)
end, function (x) return cdf(x + 0.4, 0.6) + cdf(x - 0.3, 0.6) end)
local binary = held(function (x, y)
  return core.states(x, y, y, 0.5, 0, 0, false)
end, function (x, y) return cdf(x - y, 0.5) end)
local density = held(function (x) -- its slope is its own
  local _, pull = autograd.vjp(function (v)
    return core.states(v, -0.5, 0.4, 0.7, 0, -1, false)
  end, x)
  return (pull(torch.cos(x)))
end, function (x)
  local function pdf (v)
    return torch.exp(torch.square(v / 0.7) * -0.5)
           / (0.7 * math.sqrt(2 * math.pi))
  end
  return torch.cmul(torch.cos(x), pdf(x + 0.5) + pdf(x - 0.4))
end)

M.pieces = {
  stop = function (x) return torch.cmul(stop(torch.sin(x)), x) end,
  stopped_part = function (x)
    return x + stop(torch.round(x * 3) / 3 - x) * 0.9
  end,
  states = function (x) return ternary(x) / 2 + x / 3 end,
  binary = function (x) -- no ties, as 0 and 1 would be
    return binary(x, torch.sin(x) / 4) / 2 + x / 5
  end,
  density = density,
}

return M
