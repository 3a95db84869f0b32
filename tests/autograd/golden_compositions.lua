-- Functions for the cases of tests/golden/transforms.lua that compose
-- transforms, by case name: inputs -> outputs, both as named there.  The
-- formulas are in the cases, their makers in transforms.py.
local torch = require 'torch'
local autograd = require 'autograd'
local grad, vmap, jvp = autograd.grad, autograd.vmap, autograd.jvp

local M = {}

-- ---- scalar functions up to the fourth derivative ----

local scalars = {
  x3_sin = function (x) return x ^ 3 * torch.sin(x) end,
  tanh = torch.tanh,
  logistic = function (x) return 1 / (1 + torch.exp(-x)) end,
  x_to_x = function (x) return x ^ x end,
  gauss = function (x) return torch.exp(-x * x) end,
  softplus = function (x) return torch.log1p(torch.exp(x)) end,
  lorentz = function (x) return 1 / (1 + x * x) end,
  root = function (x) return torch.sqrt(1 + x * x) end,
  chirp = function (x) return torch.sin(x * x) * torch.cos(3 * x) end,
  erf = torch.erf,
  atan = torch.atan,
  log = torch.log,
  lgamma = torch.lgamma,
  gelu = function (x) return 0.5 * x * (1 + torch.erf(x / math.sqrt(2))) end,
  nested = function (x)
    return torch.exp(torch.sin(torch.exp(torch.sin(x))))
  end,
  sinh_ratio = function (x) return torch.sinh(x) / torch.cosh(2 * x) end,
}
for name, f in pairs(scalars) do
  M['scalar/' .. name] = function (i)
    local out, g = {y = vmap(f)(i.x)}, f
    for k = 1, 4 do
      g = grad(g)
      out['d' .. k] = vmap(g)(i.x)
    end
    return out
  end
end

-- ---- trees and several arguments ----

M['grad/tree'] = function (i)
  local g, value = grad(function (p)
    local h = torch.tanh(p.layer1.w * p.x + p.layer1.b)
    return torch.cmul(p.layer2.w, h):sum() ^ 2 + p.scale * (p.x ^ 2):sum()
  end)(i.params)
  return {value = value, grad = g}
end
M['grad/number'] = function (i)
  local g, value = grad(function (x) return x ^ 2 end)(i.x)
  return {value = value, grad = g}
end
M['grad/argnums'] = function (i)
  local function f (x, n, y) return torch.cmul(x ^ n, torch.exp(y)):sum() end
  local function by (nums) return (grad(f, {argnums = nums})(i.x, i.n, i.y)) end
  return {d1 = by(1), d3 = by(3), both = by {1, 3}}
end
M['grad/aux'] = function (i)
  local value, g, aux = autograd.value_and_grad(function (x)
    return torch.sin(x):sum(), {cos = torch.cos(x), n = torch.max(x)}
  end)(i.x)
  return {value = value, aux = aux, grad = g}
end
M['grad/unused'] = function (i)
  return {grad = grad(function (p) return (p.a ^ 2):sum() end)(i.params)}
end
M['grad/shared'] = function (i)
  return {grad = grad(function (a) return torch.sum(torch.cmul(
    torch.cmul(a, a), i.b)) end)(i.a)}
end

-- ---- jvp, vjp, jacobian, hessian ----

local function two (x, y)
  return {torch.cmul(torch.sin(x), y), torch.cmul(x, y ^ 2):sum()}
end
M['jvp/two_outputs'] = function (i)
  local value, tangent = jvp(two, {i.x, i.y}, {i.tx, i.ty})
  return {value = value, tangent = tangent}
end
M['vjp/two_outputs'] = function (i)
  local value, pull = autograd.vjp(two, i.x, i.y)
  local gx, gy = pull {i.ct_u, i.ct_v}
  return {value = value, gx = gx, gy = gy}
end

-- the jacobian by forward mode, column by column, which stand last
local function forward (f, x)
  local n = x:size(1)
  return vmap(function (t)
    local _, dy = jvp(f, {x}, {t})
    return dy
  end, 1, -1)(torch.eye(n, n):double())
end

M['jacobian/r3_r4'] = function (i)
  local function f (x)
    return torch.stack {x[1] * x[2], torch.exp(x[3]) * x[1], torch.sin(x[2]),
                        x[1] ^ 2 + x[3] ^ 3}
  end
  return {jacobian = autograd.jacobian(f)(i.x), forward = forward(f, i.x)}
end
M['jacobian/matrix'] = function (i)
  return {jacobian = autograd.jacobian(function (a)
    return torch.tanh(a * a:t())
  end)(i.a)}
end
M['jacobian/softmax'] = function (i)
  return {jacobian = autograd.jacobian(torch.softmax)(i.x)}
end
M['jacobian/tree'] = function (i)
  return {jacobian = autograd.jacobian(function (p)
    return torch.ger(p.a, torch.sin(p.b))
  end)(i.params)}
end
M['hessian/rosenbrock'] = function (i)
  local function f (x)
    local n = x:size(1)
    local a, b = x:narrow(1, 1, n - 1), x:narrow(1, 2, n - 1)
    return (100 * (b - a ^ 2) ^ 2 + (1 - a) ^ 2):sum()
  end
  local g, value = grad(f)(i.x)
  local _, product = jvp(grad(f), {i.x}, {torch.ones(4):double()})
  return {value = value, grad = g, hessian = autograd.hessian(f)(i.x),
          product = product}
end
M['hessian/logsumexp'] = function (i)
  return {hessian = autograd.hessian(torch.logsumexp)(i.x)}
end
M['hessian/tree'] = function (i)
  return {hessian = autograd.hessian(function (p)
    return torch.sin(p.a):sum() * (p.b ^ 2):sum() + p.a[1] ^ 3
  end)(i.params)}
end
M['hessian/vector'] = function (i)
  return {hessian = autograd.jacobian(autograd.jacobian(function (x)
    return torch.stack {x[1] ^ 2 * x[2], torch.sin(x[1] * x[2] * x[3])}
  end))(i.x)}
end
M['hessian/third'] = function (i)
  return {third = forward(autograd.hessian(function (x)
    return x[1] ^ 2 * torch.sin(x[2])
  end), i.x)}
end

-- ---- vmap ----

local function layer (x, w) return torch.tanh(torch.matmul(x, w)) end
M['vmap/both'] = function (i) return {y = vmap(layer, {1, 3})(i.x, i.w)} end
M['vmap/out_second'] = function (i)
  return {y = vmap(layer, {1, 3}, 2)(i.x, i.w)}
end
M['vmap/one'] = function (i) return {y = vmap(layer, {1, false})(i.x, i.w)} end
M['vmap/outer'] = function (i)
  local rows = vmap(function (x, y) return x * y + torch.sin(x) end,
                    {false, 1})
  return {y = vmap(rows, {1, false})(i.a, i.b)}
end
M['vmap/two_axes'] = function (i)
  local inner = vmap(function (x, y) return x ^ 2 + torch.cumsum(y, 1) end,
                     {2, false})
  return {y = vmap(inner, {3, 1})(i.x, i.y)}
end
M['vmap/tree'] = function (i)
  return {y = vmap(function (p, t)
    return torch.cmul(p.w, t):sum() + p.b
  end, {1, false})(i.params, i.t)}
end
M['vmap/index'] = function (i)
  return {y = vmap(function (x, at)
    return (x:index(1, at:view(1)) + x:index(1, at:view(1) + 1)):sum()
  end)(i.x, i.index)}
end
M['vmap/constant_out'] = function (i)
  local u, v = vmap(function (x) return x ^ 2, i.t end)(i.x)
  return {u = u, v = v}
end
local each = {
  sum_dim = function (a) return torch.sum(a, 2):squeeze(2) end,
  sort = function (a) return (torch.sort(a)) end,
  argmax = function (a) return torch.argmax(a) end,
  transpose = function (a) return a:t() end,
  softmax = torch.softmax,
  inverse = torch.inverse,
  det = torch.det,
  cat = function (a) return torch.cat(a, 2 * a) end,
  where = function (a) return torch.where(torch.gt(a, 0), a, -2 * a) end,
  set = function (a)
    local z = 2 * a
    z[1] = z[2] ^ 2
    return z
  end,
}
for name, f in pairs(each) do
  M['vmap/' .. name] = function (i) return {y = vmap(f)(i.x)} end
end

-- ---- compositions ----

local function f (x) return torch.sin(x) * x ^ 2 end
local function s (x)
  return torch.cmul(torch.sin(x), x ^ 2):sum() + torch.prod(x)
end
local function along (h, x, v)
  local _, t = jvp(h, {x}, {v})
  return t
end
local function compose (name, h)
  M['compose/' .. name] = function (i) return {y = h(i.x, i)} end
end

compose('vmap_grad', function (x) return vmap(grad(f))(x) end)
compose('grad_vmap', function (x)
  return (grad(function (v) return vmap(f)(v):sum() end)(x))
end)
compose('vmap_grad_grad', function (x) return vmap(grad(grad(f)))(x) end)
compose('grad_vmap_grad', function (x)
  return (grad(function (v) return (vmap(grad(f))(v) ^ 2):sum() end)(x))
end)
compose('jvp_vjp', function (x, i) return along(grad(s), x, i.v) end)
compose('vjp_jvp', function (x, i)
  return (grad(function (u) return along(s, u, i.v) end)(x))
end)
compose('jvp_jvp', function (x, i)
  return along(function (u) return along(s, u, i.v) end, x, i.v)
end)
M['compose/jacfwd_jacrev'] = function (i)
  local function by_forward (x)
    return vmap(function (t) return along(s, x, t) end)(
      torch.eye(4, 4):double())
  end
  return {y = forward(grad(s), i.x),
          other = autograd.jacobian(by_forward)(i.x)}
end
compose('vmap_hessian', function (x) return vmap(autograd.hessian(s))(x) end)
compose('vmap_jvp', function (x)
  return vmap(function (t) return along(s, x, t) end)(torch.eye(4, 4):double())
end)
compose('grad_cubed', function (x)
  return vmap(grad(grad(grad(function (v)
    return v ^ 5 + torch.exp(2 * v)
  end))))(x)
end)
compose('gradient_penalty', function (x, i)
  return (grad(function (w)
    local g = grad(function (v) return torch.tanh(w * v):sum() end)(x)
    return (torch.norm(g) - 1) ^ 2
  end)(i.w))
end)
compose('through_update', function (x, i)
  local function loss (w) return ((torch.tanh(w * x) - i.v) ^ 2):sum() end
  return (grad(function (w) return loss(w - 0.1 * grad(loss)(w)) end)(i.w))
end)

-- ---- perturbation confusion ----

local function d (h) return function (x) return along(h, x, 1.0) end end
for kind, D in pairs {reverse = grad, forward = d} do
  M['confusion/' .. kind] = function (i)
    return {
      one = D(function (x)
        return x * D(function (y) return x + y end)(1.0)
      end)(i.x),
      two = D(function (x)
        return x * D(function (y) return x * y end)(2.0)
      end)(i.x),
      three = D(function (x)
        return x * D(function (y)
          return y * D(function (z) return x * y * z end)(3.0)
        end)(x)
      end)(i.x),
      four = D(function (x)
        return (D(function (y) return x * y * y end)(x))
      end)(i.x),
    }
  end
end
M['confusion/mixed'] = function (i)
  local function xyy (x) return function (y) return x * y ^ 2 end end
  return {
    forward_in_reverse = grad(function (x) return x * d(xyy(x))(2.0) end)(i.x),
    reverse_in_forward = d(function (x) return x * grad(xyy(x))(2.0) end)(i.x),
  }
end
M['confusion/vmap'] = function (i)
  return {y = grad(function (x)
    return vmap(function (t)
      return t * grad(function (y) return t * y end)(1.0)
    end)(x):sum()
  end)(i.x)}
end

-- ---- stop_gradient ----

local stop = autograd.stop_gradient
M['stop/product'] = function (i)
  local function h (x) return torch.cmul(x, stop(x) ^ 2):sum() end
  local g, value = grad(h)(i.x)
  return {value = value, grad = g, hessian = autograd.hessian(h)(i.x),
          jvp = along(h, i.x, torch.ones(3):double())}
end
M['stop/sum'] = function (i)
  local function h (x)
    return (x ^ 2 + torch.cmul(stop(torch.sin(x)), x)):sum()
  end
  return {grad = grad(h)(i.x), hessian = autograd.hessian(h)(i.x)}
end
M['stop/vmap'] = function (i)
  return {grad = vmap(grad(function (x) return x * stop(torch.exp(x)) end))(
    i.x)}
end
M['stop/inner_only'] = function (i)
  local function inner (x)
    return (grad(function (y) return y ^ 2 * stop(x * y) end)(x))
  end
  return {inner = inner(i.x), outer = grad(inner)(i.x)}
end

return M
