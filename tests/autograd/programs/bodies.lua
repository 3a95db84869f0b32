-- Pieces of random programs (../programs.lua) whose bodies are random programs
-- themselves.  Each takes two bodies b and d of two vectors, and returns a
-- function of a vector x and a constant matrix w.
local torch = require 'torch'
local autograd = require 'autograd'

local N = 6

local pieces = {}

-- ---- control flow ----

function pieces.scan (b)
  return function (x, w)
    local c, ys = autograd.scan(function (c, row)
      c = torch.tanh(b(c, row))
      return c, c:sum()
    end, x, w:narrow(1, 1, 3))
    return c + ys:mean() / 4
  end
end

-- the closure reads x
function pieces.scan_back (b)
  return function (x, w)
    local c = autograd.scan(function (c, row)
      return {h = torch.tanh(b(c.h, x) + row / 2), n = c.n + c.h:sum()}
    end, {h = torch.sin(x), n = 0.0}, w:narrow(1, 1, 5),
    {reverse = true, checkpoint = true})
    return c.h + c.n / 30
  end
end

function pieces.fori (b)
  return function (x)
    return autograd.fori(1, 3, function (i, c)
      return torch.sin(b(c, x) * (1 + i / 10))
    end, x)
  end
end

function pieces.cond (b, d)
  return function (x, w)
    return autograd.cond(torch.gt(x:sum(), 0.3), function (v)
      return b(v, w[1])
    end, function (v) return d(v, x) end, x)
  end
end

pieces['while'] = function (b)
  return function (x, w) -- as often as integers say; no derivative goes in
    local y = b(x, w[2])
    local n = autograd.while_loop(function (i)
      return torch.lt(i:sum(), 40)
    end, function (i)
      return i * 2 + 1
    end, torch.floor(torch.abs(y) * 2):long())
    return y / 2 + torch.sin(n:double()) / 2
  end
end

-- ---- transforms ----

function pieces.checkpoint (b)
  local f = autograd.checkpoint(b)
  return function (x, w) return f(torch.tanh(x), w[1]) + x / 2 end
end

function pieces.checkpoint_closure (b)
  return function (x)
    return autograd.checkpoint(function (v) return b(v, x) end)(x)
  end
end

function pieces.jit (b)
  local f = autograd.jit(b)
  return function (x, w) return f(x, w[3]) end
end

function pieces.jit_twice (b)
  local f = autograd.jit(function (v, u) return b(v, u), u:sum() end)
  return function (x, w)
    local y, s = f(x, w[1])
    return f(w[2], y) + s / 4
  end
end

function pieces.vmap (b)
  return function (x, w)
    return autograd.vmap(function (row) return b(row, x):sum() end)(w) / 6
  end
end

function pieces.vmap_both (b)
  return function (x, w)
    local m = torch.cmul(w, x:view(N, 1):expand(N, N))
    return autograd.vmap(b, {2, 1}, 2)(m, w):mean(2):view(N)
  end
end

function pieces.vmap_number (b)
  return function (x)
    return autograd.vmap(function (s, v) return b(v * s, v)[1] end,
                         {1, 0})(x, torch.cos(x))
  end
end

function pieces.custom_vjp (b)
  local f = autograd.custom_vjp(b, function (v, u)
    return b(v, u), {v, u}
  end, function (kept, ct)
    local _, pull = autograd.vjp(b, kept[1], kept[2])
    return pull(ct)
  end)
  return function (x, w) return f(x, w[1]) / 2 + f(w[2], torch.sin(x)) / 2 end
end

function pieces.custom_jvp (b)
  local f
  f = autograd.custom_jvp(function (v) return b(v, v) end, function (p, t)
    return f(p[1]), (select(2, autograd.jvp(function (v) return b(v, v) end,
                                            {p[1]}, {t[1]})))
  end)
  return function (x) return f(x) end
end

function pieces.grad (b)
  return function (x, w)
    return torch.tanh((autograd.grad(function (v)
      return torch.sin(b(v, w[1])):sum()
    end)(torch.cos(x))) / 2)
  end
end

-- no perturbation confusion: x is in the derivative and beside it
function pieces.grad_closure (b)
  return function (x)
    return torch.tanh((autograd.grad(function (v)
      return torch.dot(b(v, x), x)
    end)(torch.cos(x))) / 4)
  end
end

function pieces.vjp (b)
  return function (x, w)
    local y, pull = autograd.vjp(function (v) return b(v, w[1]) end,
                                  torch.sin(x))
    return torch.tanh(pull(torch.sin(y)) / 2)
  end
end

function pieces.jvp (b)
  return function (x)
    local y, t = autograd.jvp(function (v) return b(v, x) end,
                              {torch.sin(x)}, {torch.cos(x)})
    return torch.tanh(t / 2 + y / 4)
  end
end

function pieces.jacobian (b)
  return function (x, w)
    local m = autograd.jacobian(function (v)
      return b(v, w[3])
    end)(torch.cos(x))
    return torch.tanh(torch.mv(m, torch.sin(x)) / 2)
  end
end

function pieces.vmap_of_grad (b)
  return function (x, w)
    return torch.tanh(autograd.vmap(function (row)
      return (autograd.grad(function (v)
        return torch.dot(b(v, x), row)
      end)(row / 2))
    end)(w):sum(1):view(N) / 6)
  end
end

function pieces.jit_of_grad (b)
  local f = autograd.jit(function (v, u)
    return (autograd.grad(function (z) return b(z, u):sum() end)(v))
  end)
  return function (x, w) return torch.tanh(f(torch.sin(x), w[2]) / 2) end
end

function pieces.hook_in_place (b)
  return function (x) -- a view of a value, then written through another view
    local z = torch.cmul(x, x)
    local first, last = z:narrow(1, 1, 3), z:narrow(1, 4, 3)
    first:copy(b(x, z):narrow(1, 2, 3))
    last:add(first):div(2)
    return torch.tanh(z)
  end
end

return pieces
