-- Pieces of random programs (../programs.lua): smooth functions of one vector
-- and of two.  Values stay in about [-2, 2].
local torch = require 'torch'

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
  gamma = function (x) return torch.gamma(torch.sigmoid(x) + 1) end,
  sinc = function (x) return torch.sinc(x / 2) end,
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

return {unary = unary, binary = binary}
