-- The single operations of tests/golden/transforms.lua, by case name: a
-- function of the inputs that the formula names.  See transforms_ops.py.
local torch = require 'torch'
local autograd = require 'autograd'

local M = {elementwise = {}, binary = {}, at_a_point = {}, linearised = {}}

local e = M.elementwise
for _, name in ipairs {
  'exp', 'exp2', 'expm1', 'log', 'log2', 'log10', 'log1p', 'sqrt', 'rsqrt',
  'cbrt', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh',
  'asinh', 'acosh', 'atanh', 'erf', 'erfc', 'erfinv', 'sigmoid', 'softplus',
  'lgamma', 'digamma', 'reciprocal', 'abs', 'relu', 'square',
} do
  e[name] = torch[name]
end
function e.logsigmoid (x) return -torch.softplus(-x) end
function e.silu (x) return torch.cmul(x, torch.sigmoid(x)) end
function e.gelu (x)
  return torch.cmul(x, 1 + torch.erf(x / math.sqrt(2))) / 2
end
function e.sinc (x)
  local safe = torch.where(torch.eq(x, 0), 1.0, math.pi * x)
  return torch.where(torch.eq(x, 0), 1.0, torch.sin(safe) / safe)
end

local b = M.binary
b.pow, b.atan2, b.hypot = torch.pow, torch.atan2, torch.hypot
b.logaddexp, b.fmod, b.remainder = torch.logaddexp, torch.fmod, torch.remainder
function b.div (x, y) return x / y end
function b.mul (x, y) return x * y end

-- f at the number or vector x; grad is the derivative there
-- Where the choice is ours: abs has derivative 0 at 0, as PyTorch's; a norm
-- of zeros has the useful subgradient 0.
M.chosen = {['convention/abs_at_0'] = 0, ['convention/norm2_at_0'] = 0}
local p = M.at_a_point
p.abs_at_0, p.relu_at_0, p.sqrt_at_0 = torch.abs, torch.relu, torch.sqrt
p.log_at_0, p.sign_at_1, p.floor = torch.log, torch.sign, torch.floor
p.round, p.erf_far, p.tanh_far = torch.round, torch.erf, torch.tanh
p.softplus_far, p.sigmoid_far, p.sinc_at_0 = torch.softplus, torch.sigmoid,
  e.sinc
function p.max_tie (x) return torch.cmax(x, 1.0) end
function p.cube_at_0 (x) return x ^ 3 end
function p.clamp_at_bound (x) return torch.clamp(x, -1, 1) end
function p.norm_at_0 (x) return torch.sqrt(x * x) end
function p.power_zero_exponent (x) return x ^ 0 end
function p.power_2_at_0 (x) return x ^ 2.0 end
function p.where_trap (x)
  return torch.where(torch.gt(x, 0), torch.sqrt(x), 0.0)
end
function p.where_safe (x)
  local safe = torch.where(torch.gt(x, 0), x, 1.0)
  return torch.where(torch.gt(x, 0), torch.sqrt(safe), 0.0)
end
function p.max_ties (x) return torch.max(x) end
function p.norm2_at_0 (x) return torch.norm(x, 2) end

-- functions of the inputs by name; integers and masks have no derivative
local l = M.linearised
for _, name in ipairs {
  '3@3', '2x3@3', '3@3x2', '2x3@3x4', '2x2x3@3x4', '2x3@2x3x4',
  '2x1x2x3@3x3x2', '1x2x3@4x3x1',
} do
  l['matmul/' .. name] = function (i) return torch.matmul(i.a, i.b) end
end
l['linalg/trace_outer'] = function (i)
  return torch.trace(i.a) * torch.ger(i.v, i.v)
end
l['linalg/tril'] = function (i)
  return torch.tril(i.a, 0) + torch.triu(i.a, 1) ^ 2
end

l['linalg/solve'] = function (i) return (torch.gesv(i.b, i.a)) end
l['linalg/inverse'] = function (i) return torch.inverse(i.a) end
l['linalg/det'] = function (i) return torch.det(i.a) end
l['linalg/logdet'] = function (i)
  return torch.log(torch.abs(torch.det(i.a)))
end
l['linalg/cholesky'] = function (i)
  return torch.cholesky(i.s * i.s:t() + 3 * torch.eye(3):double(), 'L')
end
l['linalg/eigvalsh'] = function (i) return (torch.symeig(i.s + i.s:t())) end
l['linalg/svdvals'] = function (i)
  local _, values = torch.svd(i.a)
  return values
end

local function movement (name, f) l['movement/' .. name] = f end
movement('transpose_reshape', function (i) return i.x:t():reshape(2, 6) end)
movement('expand', function (i) return i.x:expand(3, 5) end)
movement('broadcast_mul', function (i) return torch.cmul(i.x, i.y) + i.z end)
movement('narrow', function (i) return i.x[{{2, 3}, {1, 2}}] end)
movement('select', function (i) return i.x[2] end)
movement('cat', function (i) return torch.cat(i.x, i.y, 1) end)
movement('split', function (i)
  local halves = i.x:split(2, 2)
  return torch.cmul(halves[1], halves[2])
end)
movement('flip_roll', function (i)
  return i.x:index(2, torch.LongTensor {4, 3, 2, 1})
end)
movement('repeat', function (i) return torch.repeatTensor(i.x, 2, 1) end)
movement('unfold', function (i) return i.x:unfold(2, 3, 1) end)
movement('diag', function (i) return torch.diag(i.v) end)
movement('where', function (i) return torch.where(i.mask, i.x, 2 * i.x) end)
movement('maskedFill', function (i)
  return i.x:clone():maskedFill(i.mask, 0)
end)
movement('maskedSelect', function (i) return i.x:maskedSelect(i.mask) end)
movement('gather', function (i) return i.x:gather(1, i.index) end)
movement('index', function (i) return i.x:index(1, i.index) end)
movement('indexAdd', function (i)
  return i.x:clone():indexAdd(1, i.index, i.src)
end)
movement('indexCopy', function (i)
  return i.x:clone():indexCopy(1, i.index, i.src)
end)
movement('assign_row', function (i)
  local z = i.x * 2
  z[2] = torch.cmul(z[1], z[3])
  return z
end)
movement('assign_twice', function (i)
  local z = i.x ^ 2
  z[1][1] = torch.sin(i.x[1][1])
  z[{{}, 1}] = 3 * z[{{}, 1}]
  return z
end)
movement('sort', function (i) return (torch.sort(i.x, 2)) end)
movement('topk', function (i) return (torch.topk(i.x, 2, 2, true, true)) end)
movement('pad', function (i)
  local z = torch.zeros(4, 6):double()
  z[{{2, 4}, {1, 4}}] = i.x
  return z
end)
movement('clamp', function (i) return torch.clamp(i.x, -0.5, 0.8) end)
movement('lerp', function (i) return torch.lerp(i.a, i.b, 0.3) end)
movement('addcdiv', function (i) return torch.addcdiv(i.x, 0.5, i.a, i.b) end)
movement('conv2', function (i) return torch.conv2(i.x, i.k, 'V') end)
movement('xcorr2', function (i) return torch.xcorr2(i.x, i.k, 'V') end)

local dims = {dim1 = 1, dim2_3 = {2, 3}, all = {1, 2, 3}}
for what, dim in pairs(dims) do
  local function reduction (name, f)
    l[('reduce/%s/%s'):format(name, what)] = function (i)
      return (f(i.x, dim))
    end
  end
  for _, name in ipairs {'sum', 'mean', 'logsumexp'} do
    reduction(name, torch[name])
  end
  -- max and min of Torch7 take one dimension
  for _, name in ipairs {'max', 'min'} do
    reduction(name, function (x)
      if dim == 1 then return (torch[name](x, 1)) end
      local first = what == 'all' and 1 or 2
      local flat = first == 1 and x:view(1, -1) or x:view(x:size(1), -1)
      return (torch[name](flat, 2)):view(first == 1 and 1 or x:size(1), 1, 1)
    end)
  end
  for flag, kind in pairs {[false] = 'unbiased', [true] = 'biased'} do
    reduction('var_' .. kind, function (x, d) return torch.var(x, d, flag) end)
    reduction('std_' .. kind, function (x, d) return torch.std(x, d, flag) end)
  end
  for k = 1, 3 do
    reduction('norm' .. k, function (x, d) return torch.norm(x, k, d) end)
  end
end
for _, name in ipairs {'prod', 'cumprod', 'cumsum'} do
  l['reduce/' .. name] = function (i) return (torch[name](i.x, 2)) end
end
-- the reference sums dimension 2 away here
l['reduce/prod'] = function (i) return torch.prod(i.x, 2):squeeze(2) end
l.softmax = function (i) return torch.softmax(i.x, 2) end
l.logsoftmax = function (i) return torch.logsoftmax(i.x, 2) end
for _, zeros in ipairs {'one_zero', 'two_zeros'} do
  l['convention/cumprod_' .. zeros] = function (i)
    local _, pull = autograd.vjp(function (x)
      return torch.cumprod(x, 1)
    end, i.x)
    return {grad = pull(i.ct)}
  end
  l['convention/prod_' .. zeros] = function (i)
    return {grad = autograd.grad(torch.prod)(i.x),
            hessian = autograd.hessian(torch.prod)(i.x)}
  end
end

return M
