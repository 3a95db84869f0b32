-- Pieces of random programs (../programs.lua): linear algebra and the
-- activations of the core, of a vector x of N and a constant matrix w of N x N.
local torch = require 'torch'
local autograd = require 'autograd'
local core = require 'nnlua.core'

local N = 6

-- A matrix n x n near the diagonal 2, 4, ...: far from singular, its
-- eigenvalues far from each other.
local function near_diagonal (x, w, n)
  local m = torch.ger(x:narrow(1, 1, n), x:narrow(1, N - n + 1, n)) / 8
  m = torch.tanh(w:narrow(1, N - n + 1, n):narrow(2, 1, n) + m) / 4
  return m + torch.diag(torch.linspace(2, 2 * n, n):double())
end

local function symmetric (x, w, n)
  local a = near_diagonal(x, w, n)
  return a + a:t()
end

local function lagrangian (kind, power)
  return function (x) return x * (core.lagrangian(x, kind, power) / 12) end
end

local function slope (kind, power)
  return function (x)
    return core.lagrangian_gradient(torch.tanh(x), kind, power) / 2
  end
end

return {
  cholesky = function (x, w)
    return torch.mv(torch.cholesky(symmetric(x, w, N)), x) / 8
  end,
  det = function (x, w) return x * (torch.det(near_diagonal(x, w, 3)) / 48) end,
  dets = function (x, w)
    local a = near_diagonal(x, w, 4)
    local both = torch.stack({a, a:t() * 0.7}, 1)
    return x * (torch.det(both):sum() / 400)
  end,
  eigenvalues = function (x, w)
    return (torch.symeig(symmetric(x, w, N), 'V')) / 12
  end,
  eigenvectors = function (x, w)
    local values, vectors = torch.symeig(symmetric(x, w, 4), 'V')
    return torch.cat(torch.mv(vectors, values) / 12, x:narrow(1, 2, 2))
  end,
  singular = function (x, w)
    local u, s, v = torch.svd(near_diagonal(x, w, 4))
    return torch.cat(torch.mv(u, torch.cmul(s, v[2])) / 8, x:narrow(1, 1, 2))
  end,
  tall = function (x, w)
    local a = near_diagonal(x, w, 4):narrow(2, 1, 2)
    local u, s = torch.svd(a)
    return torch.cat({u[1], s / 4, x:narrow(1, 3, 2)}, 1)
  end,
  qr = function (x, w)
    local q, r = torch.qr(near_diagonal(x, w, 3))
    return torch.cat(torch.mv(q, r[1]) / 4, r:select(2, 3) / 6)
  end,
  triangles = function (x, w)
    local a = near_diagonal(x, w, N)
    return torch.mv(torch.tril(a) - torch.triu(a, 1), x) / 12
  end,
  gesv = function (x, w)
    return (torch.gesv(x:view(N, 1), near_diagonal(x, w, N))):view(N) * 2
  end,
  addmm = function (x, w)
    local a = x:view(2, 3)
    return torch.addmm(0.5, a, 0.2, a, w:narrow(1, 1, 3):narrow(2, 1, 3))
           :view(N)
  end,
  within = function (x) -- found to be above 0, wherever that is known
    local sd = torch.square(x) + 0.5
    return torch.cmul(core.within(x, sd, 0, 1e9, 1, 'sd: too small'), sd) / 3
  end,
  kaf = function (x, w)
    return core.kaf(x:view(2, 3), w:narrow(1, 1, 3), 0.8, 'gaussian', 2, 2)
           :view(N) / 3
  end,
  kaf_softplus = function (x, w)
    return core.kaf(x:view(3, 2), w:narrow(1, 1, 2):narrow(2, 1, 4),
                    torch.square(x:narrow(1, 1, 2)) / 4 + 0.6, 'softplus', 2, 2)
           :view(N) / 8
  end,
  kaf_of_alpha = function (x, w)
    return core.kaf(w:narrow(1, 1, 3), x:view(1, N):expand(N, N), 0.7,
                    'gaussian', 2, 2):sum(1):view(N) / 6
  end,
  kaf_alpha = function (x, w)
    local _, pull = autograd.vjp(function (a)
      return core.kaf(x:view(3, 2), a, 0.9, 'gaussian', 2, 2)
    end, w:narrow(1, 1, 2):narrow(2, 1, 3))
    return pull(torch.cos(x):view(3, 2)):reshape(N) / 3
  end,
  kaf_back = function (x, w)
    local _, pull = autograd.vjp(function (v, a)
      return core.kaf(v, a, 0.9, 'gaussian', 2, 2)
    end, x:view(2, 3), w:narrow(1, 1, 3))
    local dx, da = pull(torch.sin(x):view(2, 3))
    return dx:view(N) / 3 + da:sum(1):view(N) / 6
  end,
  lagrangian = lagrangian('softmax', 0),
  lagrangian_tanh = lagrangian('tanh', 0),
  lagrangian_repu = lagrangian('repu', 3),
  lagrangian_both = slope('sigmoid', 0),
  lagrangian_rexp = slope('rexp', 0),
  lagrangian_ghost = slope('ghostmax', 0),
  lagrangian_all = function (x, w)
    local of_beta = autograd.grad(function (b)
      return core.lagrangian(torch.cmul(w, x:view(1, N):expand(N, N)) / 2,
                             'sigmoid', 0, b):sum()
    end)
    return of_beta(torch.square(x) / 4 + 0.7) / 6
  end,
}
