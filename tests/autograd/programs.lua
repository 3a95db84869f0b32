-- Random programs for the property tests: programs.make(seed) returns a
-- function from a vector of 6 float64 to a scalar, made of smooth primitives,
-- views, broadcasts and writes in place, and what it was made of as a text.
-- The same seed makes the same program.
local torch = require 'torch'
local autograd = require 'autograd'

local M = {}

local N = 6

-- Each takes the generator r and a picker of values of a shape, and returns
-- a function of the environment.  Values stay in about [-2, 2].
local unary = {
  tanh = torch.tanh, sin = torch.sin, sigmoid = torch.sigmoid,
  cos = torch.cos, erf = torch.erf, atan = torch.atan, asinh = torch.asinh,
  softplus = function (x) return torch.softplus(x) / 2 end,
  square = function (x) return torch.square(torch.tanh(x)) end,
  exp = function (x) return torch.exp(-torch.square(x)) end,
  sqrt = function (x) return torch.sqrt(torch.square(x) + 1) / 2 end,
  log = function (x) return torch.log(torch.square(x) + 1) end,
  pow = function (x) return (torch.square(x) + 0.5) ^ 0.7 / 2 end,
  rsqrt = function (x) return torch.rsqrt(torch.square(x) + 1) end,
  reciprocal = function (x) return 1 / (2 + torch.sin(x)) end,
  neg = function (x) return -x end,
  softmax = function (x) return torch.softmax(x) * 2 end,
  logsoftmax = function (x) return torch.logsoftmax(x) / 3 end,
  cumsum = function (x) return torch.cumsum(x, 1) / 3 end,
  cumprod = function (x) return torch.cumprod(torch.tanh(x) + 0.5, 1) end,
  sort = function (x) return (torch.sort(x)) end,
  log1p = function (x) return torch.log1p(torch.square(x)) end,
  expm1 = function (x) return torch.expm1(torch.tanh(x)) / 2 end,
  sinh = function (x) return torch.sinh(torch.tanh(x)) end,
  gelu = function (x) return require 'nn'.functional.gelu(x) end,
  flip = function (x)
    return x:index(1, torch.LongTensor {6, 5, 4, 3, 2, 1})
  end,
  abs = function (x) return torch.abs(x + 3) / 3 end,
  tan = function (x) return torch.tan(torch.tanh(x) / 2) end,
  asin = function (x) return torch.asin(torch.tanh(x) / 2) end,
  acos = function (x) return torch.acos(torch.tanh(x) / 2) - 1 end,
  atanh = function (x) return torch.atanh(torch.tanh(x) / 2) end,
  acosh = function (x) return torch.acosh(torch.square(x) + 2) / 2 end,
  exp2 = function (x) return torch.exp2(torch.tanh(x)) / 2 end,
  log2 = function (x) return torch.log2(torch.square(x) + 1) / 2 end,
  log10 = function (x) return torch.log10(torch.square(x) + 1) end,
  cbrt = function (x) return torch.cbrt(torch.square(x) + 1) / 2 end,
  erfinv = function (x) return torch.erfinv(torch.tanh(x) / 2) end,
  lgamma = function (x) return torch.lgamma(torch.square(x) + 1.5) / 3 end,
  digamma = function (x) return torch.digamma(torch.square(x) + 1.5) / 2 end,
}
local binary = {
  add = function (x, y) return (x + y) / 2 end,
  sub = function (x, y) return (x - y) / 2 end,
  cmul = torch.cmul,
  div = function (x, y) return torch.cdiv(x, torch.square(y) + 1) end,
  atan2 = function (x, y) return torch.atan2(x, torch.square(y) + 1) end,
  hypot = function (x, y) return torch.hypot(x, y + 3) / 3 end,
  logaddexp = function (x, y) return torch.logaddexp(x, y) / 2 end,
  where = function (x, y) return torch.where(torch.gt(x, 0.1), y, x * 2) end,
  cmax = torch.cmax,
  lerp = function (x, y) return torch.lerp(x, y, 0.3) end,
  addcmul = function (x, y) return torch.addcmul(x, 0.5, x, y) end,
  scaled = function (x, y) return x * torch.tanh(y:sum()) + y:mean() end,
  dot = function (x, y) return x * (torch.dot(x, y) / 6) end,
}
-- of a vector and a constant matrix of N x N
local matrix = {
  mv = function (x, w) return w * x / 3 end,
  matmul = function (x, w) return torch.matmul(x, w:t()) / 3 end,
  outer = function (x, w)
    return torch.cmul(torch.ger(x, x), w):sum(2):view(N) / 3
  end,
  rows = function (x, w)
    return (torch.tanh(w + x:view(1, N):expand(N, N))):mean(1):view(N)
  end,
  columns = function (x, w) return (w + x:view(N, 1)):max(2):view(N) / 2 end,
  norm = function (x, w) return x + torch.norm(w * x, 2) / 6 end,
  reshape = function (x, w)
    local m = x:view(2, 3):t():reshape(2, 3)
    return torch.matmul(m, w:narrow(1, 1, 3)):view(-1):narrow(1, 4, N) / 3
  end,
  var = function (x, w) return x * torch.var(w * x) / 4 end,
  logsumexp = function (x, w)
    return torch.logsumexp(w + x:view(1, N):expand(N, N), 2):view(N) / 3
  end,
  cat = function (x, w)
    return torch.cat(x:narrow(1, 4, 3), w[1]:narrow(1, 1, 3))
  end,
  index = function (x)
    return x:index(1, torch.LongTensor {2, 2, 6, 1, 5, 1})
  end,
  gather = function (x, w)
    local m = torch.cmul(w, x:view(N, 1):expand(N, N))
    local index = torch.LongTensor {3, 1, 6, 2, 2, 5}:view(N, 1)
    return m:gather(2, index):view(N)
  end,
  bmm = function (x, w)
    local a = x:view(2, 3, 1):expand(2, 3, 3)
    local b = w:narrow(1, 1, 3):narrow(2, 1, 3):contiguous():view(1, 3, 3)
    return torch.matmul(a, b):sum(3):view(N) / 4
  end,
  solve = function (x, w)
    local a = torch.tanh(w) / 8 + torch.eye(N):double()
    return torch.matmul(torch.inverse(a), x) / 2
  end,
  topk = function (x, w)
    return torch.topk(torch.cmul(w, x:view(N, 1):expand(N, N)), 1, 2, true)
           :view(N) / 2
  end,
  prod = function (x, w)
    return torch.prod(torch.tanh(w * x) + 1.5, 1):view(1):expand(N) / 8 + x / 2
  end,
  pad = function (x, w)
    local y = torch.zeros(N + 2):double()
    y[{{2, N + 1}}] = x
    return y:unfold(1, 3, 1) * w[1]:narrow(1, 1, 3) / 3
  end,
  diag = function (x, w) return torch.diag(torch.diag(x) * w) end,
}
-- transforms and control flow inside the program, of a vector and a matrix
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
  jvp = function (x, w)
    local _, t = autograd.jvp(torch.erf, {x}, {w[1]})
    return t
  end,
}
-- in place on z, a value of its own
local writes = {
  add = function (z, x) z:add(x):div(2) end,
  mul = function (z, x) z:cmul(torch.tanh(x)) end,
  element = function (z, x) z[2] = x[3] end,
  range = function (z, x) z[{{2, 4}}] = x[{{1, 3}}] end,
  narrow = function (z, x) z:narrow(1, 3, 2):add(x:narrow(1, 5, 2)) end,
  itself = function (z) z:narrow(1, 1, 3):copy(z:narrow(1, 4, 3)) end,
  strided = function (z, x) z:view(3, 2):select(2, 1):mul(x[1]) end,
  double = function (z) z:add(z):div(2) end,
  tanh = function (z) z:tanh() end,
  fill = function (z) z:narrow(1, 2, 1):fill(0.5) end,
  indexAdd = function (z, x)
    z:indexAdd(1, torch.LongTensor {1, 1, 4}, x:narrow(1, 2, 3)):div(2)
  end,
  masked = function (z, x) z:maskedFill(torch.gt(x, 0.7), 0.25) end,
}

local function sorted (t)
  local list = {}
  for k in pairs(t) do list[#list + 1] = k end
  table.sort(list)
  return list
end
local names = {unary = sorted(unary), binary = sorted(binary),
               matrix = sorted(matrix), writes = sorted(writes),
               structured = sorted(structured)}
local functions = {unary = unary, binary = binary, matrix = matrix,
                   writes = writes, structured = structured}
local kinds = {'unary', 'unary', 'binary', 'binary', 'matrix', 'writes',
               'structured'}

-- A small generator of its own: math.random is the tests'.
local function generator (seed)
  local s = seed * 2654435761 % 4294967296 + 1
  return function (n)
    for _ = 1, 3 do
      s = s ~ (s << 13) & 0xffffffff
      s = s ~ s >> 17
      s = s ~ (s << 5) & 0xffffffff
    end
    return s % n + 1
  end
end

-- opts.outer: also writes to a tensor made outside, which is its state
function M.make (seed, opts)
  local r = generator(seed)
  local steps, text = {}, {}
  local w = {}
  torch.manualSeed(seed)
  for i = 1, 3 do w[i] = torch.randn(N, N):double() end
  local state = torch.zeros(N):double()
  for i = 1, 4 + r(6) do
    local kind = kinds[r(#kinds)]
    local name = names[kind][r(#names[kind])]
    local a, b, m = r(i), r(i), r(3)
    steps[i] = {kind = kind, f = functions[kind][name], a = a, b = b,
                m = m}
    text[i] = ('%s.%s(%d,%d,%d)'):format(kind, name, a, b, m)
  end
  local function f (x)
    local v = {x}
    for i, s in ipairs(steps) do
      local y
      if s.kind == 'unary' then y = s.f(v[s.a])
      elseif s.kind == 'binary' then y = s.f(v[s.a], v[s.b])
      elseif s.kind == 'matrix' or s.kind == 'structured' then
        y = s.f(v[s.a], w[s.m])
      else
        y = v[s.a]:clone()
        s.f(y, v[s.b])
      end
      v[i + 1] = y
    end
    local last = v[#v] + v[#v - 1] / 2
    if opts and opts.outer then
      last = last + state
      state:add(0.1)
    end
    return torch.tanh(last):sum()
  end
  return f, table.concat(text, ' '), state
end

M.N = N

return M
