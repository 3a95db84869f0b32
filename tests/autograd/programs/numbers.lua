-- Pieces of random programs (../programs.lua): numbers, plain ones outside
-- transforms.  `from` makes one of a vector, `arithmetic` one of two, `with`
-- is a vector's with a number.  Numbers stay in about [-2, 2].
local torch = require 'torch'

return {
  from = {
    sum = function (x) return x:sum() / 4 end,
    mean = function (x) return torch.mean(x) end,
    max = function (x) return x:max() / 2 end,
    min = function (x) return torch.min(x) / 2 end,
    prod = function (x) return torch.prod(torch.tanh(x) + 0.6) end,
    norm = function (x) return torch.norm(x + 3) / 6 end,
    std = function (x) return torch.std(x + torch.range(1, 6):double()) / 2 end,
    dot = function (x) return torch.dot(x, torch.sin(x)) / 6 end,
    element = function (x) return x[3] end,
    item = function (x) return torch.tanh(x[{{2}}]:sum()) end,
    argmax = function (x) return torch.argmax(x) / 6 end,
    dist = function (x) return torch.dist(x, torch.cos(x) + 4) / 8 end,
    count = function (x) return torch.gt(x, 0):double():sum() / 6 end,
  },
  arithmetic = {
    add = function (s, z) return (s + z) / 2 end,
    sub = function (s, z) return s - z / 2 end,
    mul = function (s, z) return s * z / 2 end,
    div = function (s, z) return s / (1 + z * z) end,
    pow = function (s, z) return (s * s + 0.5) ^ (z / 2) / 2 end,
    neg = function (s, z) return -s + 0.1 * z end,
    modulo = function (s, z) return s * 2 % 1.3 - z / 4 end,
    quotient = function (s, z) return s * 3 // 1.1 / 4 + z / 2 end,
    tanh = function (s, z) return torch.tanh(s + z) end,
    where = function (s, z)
      return torch.where(torch.gt(s, z), s, z * z / 4)
    end,
    cmax = function (s, z) return torch.cmax(s, z) / 2 + torch.cmin(s, 0.4) end,
    atan2 = function (s, z) return torch.atan2(s, z * z + 1) end,
    exp = function (s, z) return torch.exp(-(s * s)) * z end,
    integers = function (s, z)
      return torch.sin(torch.floor(s * 3) // 2 + torch.round(z * 2) % 3)
    end,
  },
  with = {
    scale = function (x, s) return x * s end,
    shift = function (x, s) return (x + s) / 2 end,
    from = function (x, s) return s - x / 2 end,
    over = function (x, s) return torch.tanh(x) / (1 + s * s) end,
    under = function (x, s) return s / (torch.square(x) + 1) end,
    cmax = function (x, s) return torch.cmax(x, s) end,
    gt = function (x, s) return torch.where(torch.gt(x, s), x, x * s) end,
    filled = function (x, s)
      local z = x:clone()
      z:narrow(1, 2, 2):fill(s)
      return z
    end,
    element = function (x, s)
      local z = torch.sin(x)
      z[4] = s
      return z
    end,
    masked = function (x, s)
      local z = torch.tanh(x)
      z:maskedFill(torch.lt(x, 0.1), s)
      return z
    end,
    lerp = function (x, s) return torch.lerp(x, torch.cos(x), s) end,
    power = function (x, s) return (torch.square(x) + 0.7) ^ s / 3 end,
    added = function (x, s) return torch.add(x, s, torch.sin(x)) / 2 end,
    list = function (x, s) return torch.cat(x:narrow(1, 1, 5),
                                            torch.zeros(1):double() + s, 1) end,
  },
}
