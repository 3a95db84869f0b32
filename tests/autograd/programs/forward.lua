-- Pieces of random programs (../programs.lua) with derivatives in forward mode
-- alone: loops that end when the data says so, with bodies b of two vectors.
local torch = require 'torch'
local autograd = require 'autograd'

return {
  ['while'] = function (b)
    return function (x, w)
      local c = autograd.while_loop(function (c)
        return torch.lt(c.n, 6)
      end, function (c)
        local h = torch.tanh(b(c.h, w[1]))
        return {h = h, n = c.n + torch.abs(h):sum() / 2 + 0.5}
      end, {h = x, n = 0.0})
      return c.h + c.n / 12
    end
  end,
  closure = function (b)
    return function (x)
      return autograd.while_loop(function (v)
        return torch.lt(torch.square(v):sum(), 9)
      end, function (v) return v + torch.square(x) / 4
                               + torch.square(b(v, x)) / 9 + 0.3 end, x) / 2
    end
  end,
}
