-- Pieces of random programs (../programs.lua): steps, comparisons, truths,
-- positions and bits, of vectors x and y.  Their derivative is 0 wherever they
-- have one, or that of the branch taken.
local torch = require 'torch'
local random = require 'random'

local floor, where = torch.floor, torch.where

-- small integers of either sign
local function whole (x) return floor(x * 4):long() end
local function back (i) return torch.sin(i:double()) end

local unary = {
  floor = function (x) return floor(x * 2) / 4 + x / 3 end,
  ceil = function (x) return torch.ceil(x * 2) / 4 end,
  round = function (x) return torch.round(x * 3) / 6 end,
  rint = function (x) return torch.rint(x * 3) / 6 end,
  trunc = function (x) return torch.trunc(x * 2) / 4 + x / 2 end,
  frac = function (x) return torch.frac(x * 2) end,
  sign = function (x) return torch.sign(x) / 2 + x / 3 end,
  relu = torch.relu,
  relus = function (x) return torch.relu(x) - torch.relu(-x) / 3 end,
  recip = function (x) return torch.reciprocal(torch.square(x) + 1) end,
  cosh = function (x) return torch.cosh(torch.tanh(x)) - 1 end,
  clamp = function (x) return torch.clamp(x, -0.6, 0.8) end,
  remainder = function (x) return (x * 2) % 1.3 end,
  idiv = function (x) return x // 0.4 / 5 + x / 4 end,
  bits = function (x) return back(torch.bitnot(whole(x))) end,
  shift = function (x) return back(torch.lshift(whole(x), 2)) end,
  shift_right = function (x) return back(torch.rshift(whole(x), 1)) end,
  mode = function (x)
    local value, at = torch.mode(floor(x * 2), 1)
    return x / 2 + value:expand(6) / 4 + at:double():expand(6) / 12
  end,
  argsort = function (x)
    local _, at = torch.sort(x, 1, true)
    return torch.sin(at:double()) + x / 3
  end,
  argmax = function (x) return x[torch.argmax(x)] - x / 2 end,
  -- an index that is data: the largest to the front
  gathered = function (x)
    local _, at = torch.max(x, 1)
    return x:gather(1, at):expand(6) - x / 2
  end,
  argmin = function (x)
    local least, at = torch.min(x, 1)
    return x / 2 - least:expand(6) / 3 + at:double():expand(6) / 12
  end,
  kth = function (x)
    local value, at = torch.kthvalue(x, 3, 1)
    return x / 2 + value:expand(6) / 3 + at:double():expand(6) / 12
  end,
  median = function (x)
    return x - (torch.median(x, 1)):expand(6) / 2
  end,
  -- a key that depends on the data: another draw only beyond a step
  drawn = function (x)
    return random.normal(whole(x):narrow(1, 1, 2), {6}) / 3 + x / 3
  end,
  dropped = function (x)
    local kept = random.bernoulli(random.key(7), 0.7, {6})
    return torch.cmul(x, kept:double())
  end,
  permuted = function (x)
    return x:index(1, random.permutation(random.key(5), 6))
  end,
  single = function (x) return torch.cmul(x, x:float():gt(0.2):double()) end,
}

local binary = {
  lt = function (x, y) return where(torch.lt(x, y), x, y / 2) end,
  le = function (x, y) return where(torch.le(x, y - 0.5), torch.cos(x), y) end,
  ge = function (x, y)
    return torch.cmul(torch.ge(x, y):double(), x + y) / 2
  end,
  eq = function (x, y)
    return where(torch.eq(floor(x * 2), floor(y * 2)), x / 2, y)
  end,
  ne = function (x, y)
    return where(torch.ne(torch.sign(x), torch.sign(y)), x, torch.sin(y))
  end,
  isnan = function (x, y)
    return where(torch.isnan(torch.sqrt(x)), x / 2, y)
  end,
  isinf = function (x, y)
    return where(torch.isinf(1 / floor(torch.abs(x) * 2)), torch.sin(x), y / 2)
  end,
  isfinite = function (x, y)
    return where(torch.isfinite(torch.log(floor(x * 2))), x, y)
  end,
  all = function (x, y)
    return where(torch.all(torch.gt(x, -1)), x, y / 2)
  end,
  any = function (x, y)
    return where(torch.any(torch.gt(x, 1.2)), torch.sin(x), y)
  end,
  any_of = function (x, y)
    local p = torch.any(torch.gt(x:view(2, 3), 0.5), 1)
    return where(p:expand(2, 3), x:view(2, 3), y:view(2, 3)):view(6)
  end,
  logic = function (x, y)
    local p, q = torch.gt(x, 0), torch.lt(y, 0.3)
    return where(torch.bitor(torch.bitand(p, q), torch.bitxor(p, q)), x, y / 2)
           + torch.bitnot(p):double() / 4
  end,
  cmin = torch.cmin,
  fmod = function (x, y) return torch.fmod(x * 2, torch.abs(y) + 0.7) end,
  modulo = function (x, y) return (x * 2) % (torch.square(y) + 0.7) end,
  quotient = function (x, y) return x // (torch.square(y) + 0.7) / 4 end,
  ['and'] = function (x, y) return back(torch.bitand(whole(x), whole(y))) end,
  ['or'] = function (x, y) return back(torch.bitor(whole(x), whole(y))) end,
  xor = function (x, y) return back(torch.bitxor(whole(x), whole(y))) end,
  integers = function (x, y)
    local i, j = whole(x), whole(y)
    return back(torch.cmul(i, j) - i // 3 + torch.cmax(i, j) % 5)
  end,
  scatter = function (x, y)
    local at = torch.LongTensor {4, 1, 6}
    return torch.scatter(x, 1, at, y:narrow(1, 2, 3))
  end,
  scatter_back = function (x, y)
    local _, at = torch.sort(y)
    return torch.scatter(x * 0, 1, at, x) + y / 2
  end,
}

return {unary = unary, binary = binary}
