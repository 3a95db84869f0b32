-- Records of control flow, inside jit where it is one equation: see check.lua.
local torch = require 'torch'
local autograd = require 'autograd'
local walk = require 'ops.walk'

local function input (...) return {shape = {...}} end

local function recurrent (reverse)
  return autograd.jit(function (x, w)
    local _, ys = autograd.scan(function (c, v)
      c = torch.tanh(torch.cmul(c, w) + v)
      return c, c * 2
    end, w * 0, x, {reverse = reverse})
    return ys
  end)
end
local forwards, backwards = recurrent(false), recurrent(true)

local function reference (reverse)
  return function (lists, sizes)
    local x = walk.reader(lists[1], sizes[1])
    local w, n, m = lists[2], sizes[1][1], sizes[1][2]
    local out = {}
    for j = 1, m do
      local c = 0
      for t = 1, n do
        local i = reverse and n + 1 - t or t
        c = 1 - 2 / (math.exp(2 * (c * w[j] + x(i, j))) + 1)
        out[(i - 1) * m + j] = 2 * c
      end
    end
    return out, sizes[1]
  end
end

-- doubled until the sum of squares passes 50
local doubled = autograd.jit(function (x)
  return (autograd.while_loop(function (v)
    return torch.lt(torch.sum(torch.square(v)), 50)
  end, function (v) return v * 2 end, x))
end)

local branch = autograd.jit(function (x, y)
  return (autograd.cond(torch.gt(torch.sum(x), torch.sum(y)),
                        function (a, b) return torch.cmul(a, torch.exp(b)) end,
                        function (a, b) return torch.sin(a) - b end, x, y))
end)

return {
  {
    name = 'scan', inputs = {{input(5, 3), input(3)}}, tolerance = 1e-13,
    call = function (x, w) return forwards(x, w) end,
    reference = reference(false), dtypes = {'float32'},
  },
  {
    name = 'scan', inputs = {{input(5, 3), input(3)}}, tolerance = 1e-13,
    call = function (x, w) return backwards(x, w) end,
    reference = reference(true),
  },
  {
    name = 'while', inputs = {{input(4)}, {input(2, 3)}}, forward = true,
    call = function (x) return doubled(x) end,
    reference = function (lists, sizes)
      local x, sum = lists[1], 0
      for _, v in ipairs(x) do sum = sum + v * v end
      while sum < 50 do
        sum = sum * 4
        for i, v in ipairs(x) do x[i] = v * 2 end
      end
      return x, sizes[1]
    end,
  },
  {
    name = 'cond', tolerance = 1e-13,
    inputs = {{input(4), {shape = {4}, from = 2, to = 3}},
              {input(4), {shape = {4}, from = -3, to = -2}}},
    call = function (x, y) return branch(x, y) end,
    reference = function (lists, sizes)
      local x, y, out, more = lists[1], lists[2], {}, 0
      for i in ipairs(x) do more = more + x[i] - y[i] end
      for i in ipairs(x) do
        out[i] = more > 0 and x[i] * math.exp(y[i]) or math.sin(x[i]) - y[i]
      end
      return out, sizes[1]
    end,
  },
}
