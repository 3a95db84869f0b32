-- Lagrangians of neurons and their gradients, the activations.
--
-- nn.functional.lagrangian.NAME(x, options): a number, the sum over all
-- elements (or over all vectors along options.axis); convex in x, and finite
-- with right derivatives of all orders for |x| up to 1e4 wherever the value
-- itself is (logaddexp and log-cosh forms; nothing is exp'ed that is above 0).
-- nn.functional.lagrangian_activation.NAME(x, options): its gradient.
--
-- Options: beta (1), scale (1), delta (0): numbers, or tensors that broadcast
-- to x's sizes; one number are gamma (1), and beta for softmax and ghostmax; n
-- (2); eps (1e-5); axis (-1, the last; 'all': x as one vector).
-- Values are checked, under transforms where they are computed.  A third
-- argument is whom errors name, the module that calls.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'

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

local wanted = {
  beta = bounds.POSITIVE, min_beta = bounds.POSITIVE,
  scale = bounds.AT_LEAST_0, gamma = bounds.AT_LEAST_0,
  eps = bounds.AT_LEAST_0, delta = bounds.NUMBER,
  n = {1, math.huge, 0, 'a number of at least 1'},
}

local tensors = {beta = true, scale = true, gamma = true, delta = true}

-- v, the option, if it is what the Lagrangian takes; else raises.
function M.check_option (what, key, v)
  local bound = wanted[key]
  if not bound then return v end
  if not tensors[key] and type(v) ~= 'number' then
    bounds.fail(what, key, bound[4], errors.shape(v))
  end
  return bounds.check(what, key, v, bound)
end

-- One number is beta of vectors (with one for each entry the Lagrangian has
-- no such gradient), and gamma.
local function check_sizes (what, name, o, x)
  local vectors = name == 'softmax' or name == 'ghostmax'
  for key in pairs(tensors) do
    local v = o[key]
    if torch.isTensor(v) then
      if key == 'gamma' or key == 'beta' and vectors then
        bounds.entries(what, key, v)
      else
        bounds.broadcasts(what, key, v, x, v:nElement() > 1)
      end
    end
  end
end

-- Raises unless axis may be one of some tensor.
function M.check_axis (what, axis)
  if axis ~= 'all' and (math.type(axis) == nil or axis == 0
                        or not math.tointeger(axis)) then
    bounds.fail(what, 'axis', "a dimension (1 the first, -1 the last) or 'all'",
                errors.shape(axis))
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
local function take (name, x, options, owner)
  local what = owner or 'lagrangian.' .. name
  if not torch.isTensor(x) then
    errors.raise('%s: x: a tensor expected, got %s', what, errors.shape(x))
  end
  local o = {}
  for key, default in pairs(allowed[name]) do o[key] = default end
  for key, value in pairs(noisy.options(what, options, allowed[name])) do
    o[key] = M.check_option(what, key, value)
  end
  check_sizes(what, name, o, x)
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

local function positive (x) return where(gt(x, 0), x, 0) end

-- log cosh z; its derivative tanh z.  Near 0 the form for large z cancels.
local function log_cosh_of (z)
  local a, t = torch.abs(z), torch.tanh(z)
  return where(torch.lt(a, 0.625), torch.log1p(-cmul(t, t)) * -0.5,
               a + torch.softplus(a * -2) - math.log(2))
end
local log_cosh = custom('log_cosh', log_cosh_of, function (p, t)
  return log_cosh_of(p[1]), cmul(torch.tanh(p[1]), t[1])
end)

-- e^y - y of y = max(z, 0); its derivative e^y - 1 has its digits near 0
local function rexp_of (z)
  local y = positive(z)
  return torch.exp(y) - y
end
local rexp = custom('rexp', rexp_of, function (p, t)
  return rexp_of(p[1]), cmul(torch.expm1(positive(p[1])), t[1])
end)

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

-- Where beta and scale are numbers, or tensors of one entry or with one for
-- each unit of the last dimension, value and gradients are a primitive of the
-- core, which computes them in one pass.  MANY: below it rows are too short
-- for the kernel.
local MANY = 16

-- 1, or the number of units that v is for; nil for any other.
local function units_of (v, x)
  if type(v) == 'number' or v:nElement() == 1 then return 1 end
  local n = v:size(v:dim())
  if n == v:nElement() and n >= MANY and n == x:size(x:dim()) then return n end
end

local function each (v, n, x)
  if type(v) == 'number' then
    return torch.zeros(n, {dtype = x:dtype()}) + v
  end
  return v:nElement() == 1 and v:reshape(1):expand(n) or v:reshape(n)
end

-- The value, or nil where the primitive has no such form.
local function fused (kind, x, o)
  local beta, scale = o.beta or 1, o.scale or 1
  local nb, ns = units_of(beta, x), units_of(scale, x)
  if not nb or not ns then return nil end
  if ns > 1 then beta = each(beta, ns, x) end
  local v = core.lagrangian(x, kind, o.n or 0, beta)
  if scale ~= 1 then
    v = v * (ns > 1 and scale:reshape(ns) or scale)
  end
  if torch.isTensor(v) and v:dim() > 0 then v = v:sum() end
  return v
end

-- x - its mean, and 1 / sqrt(variance + eps), along d
local function centred (x, d)
  return x - x:mean(d)
end

-- ---- Lagrangians ----

local function elementwise (name, f) -- f(x, options) -> its terms
  L[name] = function (x, options, owner)
    return f(x, take(name, x, options, owner)):sum()
  end
end

-- The same, by the primitive where it can be.
local function primitive (name, f)
  L[name] = function (x, options, owner)
    local o = take(name, x, options, owner)
    return fused(name, x, o) or f(x, o):sum()
  end
end

local function along (name, f, g) -- f(x, options, dim) -> terms
  L[name] = function (x, options, owner)
    local o = take(name, x, options, owner)
    local v, d = axis_of(owner or 'lagrangian.' .. name, x, o.axis)
    return f(v, o, d)
  end
  A[name] = function (x, options, owner)
    local o = take(name, x, options, owner)
    local v, d = axis_of(owner or 'lagrangian.' .. name, x, o.axis)
    local y = g(v, o, d)
    return o.axis == 'all' and y:viewAs(x) or y
  end
end

local function activation (name, f)
  A[name] = function (x, options, owner)
    return f(x, take(name, x, options, owner))
  end
end

-- identity: sum x^2 / 2
elementwise('identity', function (x) return cmul(x, x) / 2 end)
activation('identity', function (x) return x * 1 end)
-- repu: sum max(x, 0)^n / n
local function repu (x, o)
  if o.n % 1 == 0 and o.n >= 2 and o.n <= 8 then return fused('repu', x, o) end
  return (power(x, o.n) / o.n):sum()
end
L.repu = function (x, options, owner)
  return repu(x, take('repu', x, options, owner))
end
activation('repu', function (x, o) return power(x, o.n - 1) end)
-- relu: repu of n = 2
L.relu = function (x, options, owner)
  take('relu', x, options, owner)
  return repu(x, {n = 2})
end
activation('relu', function (x) return torch.relu(x) end)
-- exp: sum e^(beta x) / beta
primitive('exp', function (x, o)
  return torch.exp(cmul(x, o.beta)) / o.beta
end)
activation('exp', function (x, o) return torch.exp(cmul(x, o.beta)) end)
-- rexp: sum e^(beta y) / beta - y, y = max(x, 0)
primitive('rexp', function (x, o)
  return rexp(cmul(x, o.beta)) / o.beta
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
-- Errors: beta <= 0, scale < 0, sizes that do not broadcast to x's.
function M.tempered_sigmoid (x, beta, scale)
  local what, o = 'tempered_sigmoid', {beta = beta or 1, scale = scale or 1}
  if not torch.isTensor(x) then
    bounds.fail(what, 'x', 'a tensor', errors.shape(x))
  end
  for key, v in pairs(o) do o[key] = M.check_option(what, key, v) end
  check_sizes(what, 'sigmoid', o, x)
  return cmul(torch.sigmoid(cmul(x, o.beta)), o.scale)
end
activation('sigmoid', function (x, o)
  return cmul(torch.sigmoid(cmul(x, o.beta)), o.scale)
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
      return fused(name, v, o)
    end))
  end, function (x, o, d)
    local y, from, to = last(x, d, function (v)
      return core.lagrangian_gradient(v, name, 0, o.beta)
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
