-- Pieces of random programs (../programs.lua): functions of a vector x of N and
-- a constant matrix w of N x N, by views, indices and reductions.
local torch = require 'torch'

local N = 6

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
  var = function (x, w) return x * torch.var(torch.tanh(w * x)) end,
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
    return torch.prod(torch.tanh(w * x) * 0.8 + 0.9, 1):view(1):expand(N) / 8
           + x / 2
  end,
  pad = function (x, w)
    local y = torch.zeros(N + 2):double()
    y[{{2, N + 1}}] = x
    return y:unfold(1, 3, 1) * w[1]:narrow(1, 1, 3) / 3
  end,
  diag = function (x, w) return torch.diag(torch.diag(x) * w) end,
}

return matrix
