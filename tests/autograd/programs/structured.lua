-- Pieces of random programs (../programs.lua): transforms and control flow
-- inside the program, of a vector x and a constant matrix w.
local torch = require 'torch'
local autograd = require 'autograd'

local N = 6

local tanh_vjp = autograd.custom_vjp(torch.tanh,
  function (v)
    local y = torch.tanh(v)
    return y, y
  end, function (y, ct) return torch.cmul(1 - torch.square(y), ct) end)
local sin_jvp
sin_jvp = autograd.custom_jvp(torch.sin, function (p, t)
  return sin_jvp(p[1]), torch.cmul(torch.cos(p[1]), t[1])
end)
local jitted = autograd.jit(function (x, w)
  return torch.tanh(w * x), x:sum()
end)
local structured = {
  scan = function (x, w)
    local c, ys = autograd.scan(function (c, row)
      c = torch.tanh(c + torch.cmul(row, x) / 2)
      return c, c:sum()
    end, x, w:narrow(1, 1, 3))
    return c + ys:mean() / 4
  end,
  fori = function (x, w)
    return autograd.fori(1, 3, function (i, c)
      return torch.sin(c + w[2] / 4) * (1 + i / 10)
    end, x)
  end,
  scan_back = function (x, w)
    local c = autograd.scan(function (c, row)
      return {h = torch.tanh(c.h + torch.cmul(row, x) / 2), n = c.n + c.h:sum()}
    end, {h = x, n = 0.0}, w:narrow(1, 1, 5), {reverse = true,
                                               checkpoint = true})
    return c.h + c.n / 30
  end,
  cond = function (x, w)
    return autograd.cond(torch.gt(x:sum(), 0.3), function (v)
      return torch.tanh(v + w[1])
    end, function (v) return torch.cmul(v, torch.cos(v)) end, x)
  end,
  checkpoint = function (x, w)
    return autograd.checkpoint(function (v)
      return torch.tanh(torch.tanh(w * v) + x)
    end)(x)
  end,
  custom_vjp = function (x) return tanh_vjp(x) end,
  custom_jvp = function (x) return sin_jvp(x) end,
  jit = function (x, w)
    local y, s = jitted(x, w)
    return y + s / 10
  end,
  vmap_columns = function (x, w)
    local rows = autograd.vmap(function (column, row)
      return torch.cmul(column, row) + x[1]
    end, {2, 1}, 2)
    return torch.tanh(rows(w, w)):mean(2):view(N) + x / 2
  end,
  hessian = function (x, w)
    return autograd.hessian(function (v)
      return torch.sin(torch.dot(v, w[1]) / 3) + torch.tanh(v):sum()
    end)(x) * x / 6
  end,
  custom_tree = function (x, w)
    local f = autograd.custom_vjp(function (p)
      return {torch.cmul(p.a, p.b)}
    end, function (p) return {torch.cmul(p.a, p.b)}, p end, function (p, ct)
      return {a = torch.cmul(ct[1], p.b), b = torch.cmul(ct[1], p.a)}
    end)
    return f({a = torch.sin(x), b = w[2], name = 'pair'})[1] / 2
  end,
  jit_unused = function (x, w) return (jitted(x, w)) end,
  vmap = function (x, w)
    return autograd.vmap(function (row, v)
      return torch.tanh(torch.dot(row, x) / 3) * v
    end)(w, x)
  end,
  grad = function (x, w)
    return (autograd.grad(function (v)
      return torch.sin(torch.cmul(v, w[3])):sum()
    end)(x)) / 2
  end,
  vjp = function (x)
    local y, pull = autograd.vjp(torch.tanh, x)
    return pull(y)
  end,
  unview = function (x, w) -- the gradient of a view that sees x many times
    local _, pull = autograd.vjp(function (v) return v:unfold(1, 3, 1) end, x)
    return pull(torch.cmul(w:narrow(1, 1, 4):narrow(2, 1, 3),
                           torch.sin(x:unfold(1, 3, 1)))) / 2
  end,
  trigamma = function (x)
    local _, t = autograd.jvp(torch.digamma, {torch.square(x) + 1.2}, {x})
    return t
  end,
  jvp = function (x, w)
    local _, t = autograd.jvp(torch.erf, {x}, {w[1]})
    return t
  end,
}

return structured
