-- Lagrangians of neurons and their gradients, the activations.
--
-- nn.functional.lagrangian.NAME(x, options): a number, the sum over all
-- elements (or over all vectors along options.axis); convex in x, and finite
-- with right derivatives of all orders for |x| up to 1e4 wherever the value
-- itself is (logaddexp and log-cosh forms; nothing is exp'ed that is above 0).
-- nn.functional.lagrangian_activation.NAME(x, options): its gradient.
--
-- Options: beta (1), scale (1), gamma (1), delta (0): numbers, or tensors that
-- broadcast with x (for softmax and ghostmax beta is one number); n (2); eps
-- (1e-5); axis (-1, the last; 'all': x as one vector).

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'

local L, A = {}, {} -- Lagrangians, activations
local M = {lagrangian = L, lagrangian_activation = A}

local where, gt, cmul = torch.where, torch.gt, torch.cmul

local allowed = {
  identity = {}, relu = {}, repu = {n = 2},
  exp = {beta = 1}, rexp = {beta = 1}, tanh = {beta = 1},
  sigmoid = {beta = 1, scale = 1},
  softmax = {beta = 1, axis = -1}, ghostmax = {beta = 1, axis = -1},
  layernorm = {gamma = 1, delta = 0, eps = 1e-5, axis = -1},
  spherical_norm = {gamma = 1, delta = 0, eps = 1e-5, axis = -1},
}

-- option -> {is it right?, in words}
local bounds = {
  beta = {function (v) return v > 0 end, 'a number above 0'},
  scale = {function (v) return v >= 0 end, 'a number of at least 0'},
  gamma = {function (v) return v >= 0 end, 'a number of at least 0'},
  eps = {function (v) return v >= 0 end, 'a number of at least 0'},
  n = {function (v) return v >= 1 end, 'a number of at least 1'},
  delta = {function (v) return v == v end, 'a number'},
}

-- Raises unless the option is what the Lagrangian takes.
function M.check_option (what, key, v)
  local bound = bounds[key]
  if not bound or torch.isTensor(v) and key ~= 'n' and key ~= 'eps' then
    return
  end
  if type(v) ~= 'number' or not bound[1](v) then
    errors.raise('%s: %s: %s expected, got %s', what, key, bound[2],
                 errors.shape(v))
  end
end

local function axis_of (what, x, axis)
  if axis == 'all' then return x:reshape(x:nElement()), 1 end
  local n, d = x:dim(), math.tointeger(axis)
  if d and d < 0 then d = n + 1 + d end
  if not d or d < 1 or d > n then
    errors.raise("%s: axis: 1..%d, -%d..-1 or 'all' expected, got %s", what,
                 n, n, errors.shape(axis))
  end
  return x, d
end

-- The options with defaults filled in.
local function take (name, x, options)
  local what = 'lagrangian.' .. name
  if not torch.isTensor(x) then
    errors.raise('%s: x: a tensor expected, got %s', what, errors.shape(x))
  end
  local o = {}
  for key, default in pairs(allowed[name]) do o[key] = default end
  for key, value in pairs(options or {}) do
    if o[key] == nil then
      errors.raise('%s: it has no option %s', what, tostring(key))
    end
    M.check_option(what, key, value)
    o[key] = value
  end
  return o
end

-- ---- the parts that need rules of their own ----

local rules = {}
local function custom (name, f, rule)
  return function (x)
    rules[name] = rules[name] or require 'autograd'.custom_jvp(f, rule)
    return rules[name](x)
  end
end

-- log cosh z; its derivative tanh z
local log_cosh = custom('log_cosh', function (z)
  local a = torch.abs(z)
  return a + torch.softplus(a * -2) - math.log(2)
end, function (p, t)
  local a = torch.abs(p[1])
  return a + torch.softplus(a * -2) - math.log(2),
         cmul(torch.tanh(p[1]), t[1])
end)

local function positive (x) return where(gt(x, 0), x, 0) end

-- x^n where x > 0, else 0
local function power (x, n)
  if n >= 1 and n <= 4 and n % 1 == 0 then -- products are fast
    local y = torch.relu(x)
    local p = y
    for _ = 2, n do p = cmul(p, y) end
    return p
  end
  local up = gt(x, 0)
  return where(up, torch.pow(where(up, x, 1), n), 0)
end

-- Where beta and scale are numbers (or tensors of one), value and gradient
-- are a primitive of the core, which computes both in one pass.
local function single (v)
  return type(v) == 'number' or v:nElement() == 1
end

local function scaled (x, v)
  return v == 1 and x or cmul(x, v)
end

local function fused (kind, z, o)
  local v = core.lagrangian(z, kind, o.n or 0)
  if o.beta and o.beta ~= 1 then v = v / o.beta end
  if o.scale and o.scale ~= 1 then v = v * o.scale end
  if torch.isTensor(v) and v:dim() > 0 then v = v:sum() end
  return v
end

local function fused_gradient (kind, z, o)
  return core.lagrangian_gradient(z, kind, o.n or 0)
end

-- x - its mean, and 1 / sqrt(variance + eps), along d
local function centred (x, d)
  return x - x:mean(d)
end

-- ---- Lagrangians ----

local function elementwise (name, f) -- f(x, options) -> its terms
  L[name] = function (x, options)
    return f(x, take(name, x, options)):sum()
  end
end

-- The same of z = beta x, by the primitive where it can be.
local function primitive (name, f)
  L[name] = function (x, options)
    local o = take(name, x, options)
    if single(o.beta) and single(o.scale or 1) then
      return fused(name, scaled(x, o.beta), o)
    end
    return f(x, o):sum()
  end
end

local function along (name, f, g) -- f(x, options, dim) -> terms
  L[name] = function (x, options)
    local o = take(name, x, options)
    local v, d = axis_of('lagrangian.' .. name, x, o.axis)
    return f(v, o, d)
  end
  A[name] = function (x, options)
    local o = take(name, x, options)
    local v, d = axis_of('lagrangian.' .. name, x, o.axis)
    local y = g(v, o, d)
    return o.axis == 'all' and y:viewAs(x) or y
  end
end

local function activation (name, f)
  A[name] = function (x, options) return f(x, take(name, x, options)) end
end

-- identity: sum x^2 / 2
elementwise('identity', function (x) return cmul(x, x) / 2 end)
activation('identity', function (x) return x * 1 end)
-- repu: sum max(x, 0)^n / n
local function repu (x, o)
  if o.n % 1 == 0 and o.n >= 2 and o.n <= 8 then return fused('repu', x, o) end
  return (power(x, o.n) / o.n):sum()
end
L.repu = function (x, options) return repu(x, take('repu', x, options)) end
activation('repu', function (x, o) return power(x, o.n - 1) end)
-- relu: repu of n = 2
L.relu = function (x, options)
  take('relu', x, options)
  return repu(x, {n = 2})
end
activation('relu', function (x) return torch.relu(x) end)
-- exp: sum e^(beta x) / beta
primitive('exp', function (x, o)
  return torch.exp(cmul(x, o.beta)) / o.beta
end)
activation('exp', function (x, o) return torch.exp(cmul(x, o.beta)) end)
-- rexp: sum e^(beta y) / beta - y, y = max(x, 0)
elementwise('rexp', function (x, o)
  local y = positive(x)
  return torch.exp(cmul(y, o.beta)) / o.beta - y
end)
activation('rexp', function (x, o)
  return torch.expm1(cmul(positive(x), o.beta))
end)
-- sigmoid: sum scale log(1 + e^(beta x)) / beta
primitive('sigmoid', function (x, o)
  return cmul(torch.softplus(cmul(x, o.beta)) / o.beta, o.scale)
end)
-- tanh: sum log cosh(beta x) / beta
primitive('tanh', function (x, o)
  return log_cosh(cmul(x, o.beta)) / o.beta
end)
activation('tanh', function (x, o) return torch.tanh(cmul(x, o.beta)) end)

--- nn.functional.tempered_sigmoid(x, beta, scale): scale / (1 + exp(-beta x)).
-- The gradient of the sigmoid Lagrangian. beta (1) and scale (1) are numbers
-- or tensors that broadcast with x.
function M.tempered_sigmoid (x, beta, scale)
  return cmul(torch.sigmoid(cmul(x, beta or 1)), scale or 1)
end
activation('sigmoid', function (x, o)
  return M.tempered_sigmoid(x, o.beta, o.scale)
end)

-- The vectors along d as the last dimension, for the primitive.
local function last (x, d, f)
  local n = x:dim()
  if x:nElement() == 0 or d == n then return f(x) end
  return f(x:transpose(d, n)), d, n
end

local function of_vectors (name)
  along(name, function (x, o, d)
    return (last(x, d, function (v)
      return fused(name, scaled(v, o.beta), o)
    end))
  end, function (x, o, d)
    local y, from, to = last(x, d, function (v)
      return fused_gradient(name, scaled(v, o.beta), o)
    end)
    return from and y:transpose(from, to) or y
  end)
end
-- softmax: sum over vectors of log(sum e^(beta x)) / beta
of_vectors 'softmax'
-- ghostmax: of log(1 + sum e^(beta x)) / beta
of_vectors 'ghostmax'
-- layernorm: of D gamma sqrt(var(x) + eps), plus sum delta x
along('layernorm', function (x, o, d)
  local c = centred(x, d)
  local sd = torch.sqrt(cmul(c, c):mean(d) + o.eps)
  return (cmul(sd, o.gamma)):sum() * x:size(d) + (cmul(x, o.delta)):sum()
end, function (x, o, d)
  local c = centred(x, d)
  local sd = torch.sqrt(cmul(c, c):mean(d) + o.eps)
  return cmul(torch.cdiv(c, sd), o.gamma) + o.delta
end)
-- spherical_norm: of gamma sqrt(sum x^2 + eps), plus sum delta x
along('spherical_norm', function (x, o, d)
  local r = torch.sqrt(cmul(x, x):sum(d) + o.eps)
  return (cmul(r, o.gamma)):sum() + (cmul(x, o.delta)):sum()
end, function (x, o, d)
  local r = torch.sqrt(cmul(x, x):sum(d) + o.eps)
  return cmul(torch.cdiv(x, r), o.gamma) + o.delta
end)

return M
