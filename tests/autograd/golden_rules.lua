-- Functions for the cases of tests/golden/transforms.lua on custom rules and
-- small networks, by case name.  The formulas are in the cases, their makers
-- in transforms_nested.py.
local torch = require 'torch'
local autograd = require 'autograd'
local grad, vmap, jvp, tree = autograd.grad, autograd.vmap, autograd.jvp,
  autograd.tree

local M = {}

local function along (h, x, v)
  local _, t = jvp(h, {x}, {v})
  return t
end
local function each (h, ...) return (vmap(h)(...)) end
local function twice (h) return grad(grad(h)) end

-- ---- custom rules, some of them wrong on purpose ----

local clip = autograd.custom_vjp(function (x) return x end,
  function (x) return x, {} end,
  function (_, ct) return torch.clamp(ct, -0.5, 0.5) end)

M['custom_vjp/clip_gradient'] = function (i)
  local function f (x) return (clip(x) ^ 2):sum() end
  local function by (h) return (grad(h)(i.x)) end
  return {
    value = f(i.x), grad = by(f),
    inside = by(function (x) return torch.cmul(clip(3 * x), x):sum() end),
    vmap_grad = each(grad(function (t) return clip(torch.sin(t)) * 4 end),
                     i.x),
    twice = each(twice(function (t) return clip(t ^ 2) end), i.x),
    chain = by(function (x)
      return torch.exp(clip(torch.sin(clip(x)))):sum()
    end),
  }
end

-- half to even, as the reference rounds
local function round (x)
  local down = torch.floor(x)
  local odd = down - 2 * torch.floor(down / 2)
  local part = x - down
  return down + torch.where(torch.eq(part, 0.5), odd,
                            torch.where(torch.gt(part, 0.5), 1.0, 0.0))
end
local through = autograd.custom_vjp(round,
  function (x) return round(x), {} end, function (_, ct) return ct end)
local through_self
through_self = autograd.custom_vjp(round,
  function (x) return through_self(x), {} end, function (_, ct) return ct end)

M['custom_vjp/straight_through'] = function (i)
  local function f (x) return (through(3 * x) ^ 2):sum() end
  return {
    value = f(i.x), grad = grad(f)(i.x),
    by_stop = grad(function (x)
      return ((3 * x + autograd.stop_gradient(round(3 * x) - 3 * x)) ^ 2)
             :sum()
    end)(i.x),
    jacobian = autograd.jacobian(function (x)
      return torch.cmul(through(x), x)
    end)(i.x),
    second = each(twice(function (t) return through(t) ^ 3 end), i.x),
    second_self = each(twice(function (t) return through_self(t) ^ 3 end),
                       i.x),
  }
end

local log1pexp
log1pexp = autograd.custom_jvp(
  function (x) return torch.log(1 + torch.exp(x)) end,
  function (p, t)
    return log1pexp(p[1]), torch.cmul(1 - 1 / (1 + torch.exp(p[1])), t[1])
  end)

M['custom_jvp/log1pexp'] = function (i)
  return {
    grad = each(grad(log1pexp), i.x),
    jvp = along(log1pexp, i.x, torch.ones(6):double()),
    second = each(twice(log1pexp), i.near),
    third = each(grad(twice(log1pexp)), i.near),
    hessian = autograd.hessian(function (v)
      return torch.cmul(log1pexp(v), v):sum()
    end)(i.near),
  }
end

local square_lie
square_lie = autograd.custom_jvp(function (x) return x ^ 2 end,
  function (p, t)
    return square_lie(p[1]), torch.cmul(3 * p[1] ^ 2, t[1])
  end)

M['custom_jvp/square_lie'] = function (i)
  return {
    value = square_lie(i.x), grad = each(grad(square_lie), i.x),
    second = each(twice(square_lie), i.x),
    third = each(grad(twice(square_lie)), i.x),
    jvp = along(square_lie, i.x, 2 * i.x),
    chain = grad(function (x) return torch.sin(square_lie(x)):sum() end)(i.x),
    hessian = autograd.hessian(function (x)
      return torch.prod(square_lie(x))
    end)(i.x),
  }
end

local function sin_lie_rule (x, ct) return torch.cmul(2 * torch.cos(x), ct) end
local sin_lie = autograd.custom_vjp(torch.sin,
  function (x) return torch.sin(x), x end, sin_lie_rule)
local sin_lie_self
sin_lie_self = autograd.custom_vjp(torch.sin,
  function (x) return sin_lie_self(x), x end, sin_lie_rule)

M['custom_vjp/sin_lie'] = function (i)
  local function hessian (h)
    return autograd.jacobian(autograd.jacobian(function (x)
      return torch.cmul(h(x), x):sum()
    end))(i.x)
  end
  return {
    value = sin_lie(i.x), grad = each(grad(sin_lie), i.x),
    second = each(twice(sin_lie), i.x), third = each(grad(twice(sin_lie)), i.x),
    chain = grad(function (x)
      return torch.cmul(sin_lie(x) ^ 2, x):sum()
    end)(i.x),
    hessian = hessian(sin_lie), hessian_self = hessian(sin_lie_self),
    vmapped = grad(function (x) return each(sin_lie, x):sum() end)(i.x),
  }
end

local scaled = autograd.custom_vjp(function (x, scale) return x * scale end,
  function (x, scale) return x * scale, scale end,
  function (scale, ct) return 10 * scale * ct, nil end)

M['custom_vjp/none'] = function (i)
  return {
    value = scaled(i.x, i.s),
    grad = grad(function (x) return scaled(x, i.s):sum() end)(i.x),
    grad_s = grad(function (c) return scaled(i.x, c):sum() end)(i.s),
    second = each(twice(function (t) return scaled(t ^ 2, i.s) end), i.x),
  }
end

local sin_times
sin_times = autograd.custom_jvp(
  function (x, y) return torch.cmul(torch.sin(x), y) end,
  function (p, t)
    local x, y = p[1], p[2]
    return sin_times(x, y), torch.cmul(torch.cmul(torch.cos(x), t[1]), y)
                            + torch.cmul(5 * torch.sin(x), t[2])
  end)

M['custom_jvp/two_arguments'] = function (i)
  local _, tangent = jvp(sin_times, {i.x, i.y}, {i.y, i.x})
  local by_y = grad(sin_times, {argnums = 2})
  return {gx = each(grad(sin_times), i.x, i.y), gy = each(by_y, i.x, i.y),
          jvp = tangent, mixed = each(grad(by_y), i.x, i.y)}
end

-- ---- networks ----

local function network (p, x)
  local h = torch.tanh(torch.matmul(x, p.w1) + p.b1)
  return torch.matmul(h, p.w2) + p.b2
end
local function cross_entropy (p, x, label)
  return -torch.logsoftmax(network(p, x)):index(1, label:view(1)):sum()
end
local function batch_loss (p, x, labels)
  return vmap(cross_entropy, {0, 1, 1})(p, x, labels):mean()
end

M['network/per_example'] = function (i)
  local g, loss = vmap(grad(cross_entropy), {0, 1, 1})(i.params, i.x, i.labels)
  return {loss = loss, grad = g}
end
M['network/batch'] = function (i)
  local loss, g = autograd.value_and_grad(batch_loss)(i.params, i.x, i.labels)
  return {loss = loss, grad = g}
end
local function gradient (i)
  return function (p) return (grad(batch_loss)(p, i.x, i.labels)) end
end
M['network/hvp'] = function (i)
  return {hvp = along(gradient(i), i.params, i.tangent)}
end
M['network/hvp_reverse'] = function (i)
  return {hvp = grad(function (p)
    local products = tree.map(function (g, t)
      return torch.cmul(g, t):sum()
    end, gradient(i)(p), i.tangent)
    return tree.reduce(function (a, b) return a + b end, products)
  end)(i.params)}
end
M['network/hessian'] = function (i)
  return {hessian = autograd.hessian(batch_loss)(i.params, i.x, i.labels)}
end
M['network/jacobian_inputs'] = function (i)
  return {jacobian = each(function (x)
    return autograd.jacobian(function (v) return network(i.params, v) end)(x)
  end, i.x)}
end
M['network/sgd_steps'] = function (i)
  local p, losses = i.params, {}
  for step = 1, 10 do
    local loss, g = autograd.value_and_grad(batch_loss)(p, i.x, i.labels)
    p = tree.map(function (w, dw) return w - 0.5 * dw end, p, g)
    losses[step] = loss
  end
  return {params = p, losses = torch.DoubleTensor(losses)}
end

-- ---- control flow ----

local newton_sqrt
newton_sqrt = autograd.custom_vjp(function (a)
  return autograd.while_loop(
    function (s) return torch.gt(torch.abs(s * s - a), 1e-13 * a) end,
    function (s) return 0.5 * (s + a / s) end, a)
end, function (a)
  local s = newton_sqrt(a)
  return s, s
end, function (s, ct) return ct / (2 * s) end)

M['custom_vjp/newton_sqrt'] = function (i)
  return {value = each(newton_sqrt, i.a), grad = each(grad(newton_sqrt), i.a),
          second = each(twice(newton_sqrt), i.a)}
end

local clip_tenth = autograd.custom_vjp(function (x) return x end,
  function (x) return x, {} end,
  function (_, ct) return torch.clamp(ct, -0.1, 0.1) end)
M['custom_vjp/in_scan'] = function (i)
  local function rnn (w)
    return (autograd.scan(function (h, t)
      return clip_tenth(torch.tanh(w * h + t))
    end, 0.3, i.x))
  end
  return {value = rnn(i.w), grad = grad(rnn)(i.w)}
end

local function rnn_scan (p, xs, wrap)
  local function step (h, x)
    h = torch.tanh(p.w * h + p.u * x)
    return h, (h ^ 2):sum()
  end
  return autograd.scan(wrap and wrap(step) or step, p.h0, xs)
end
local function rnn_loss (p, xs)
  local h, ys = rnn_scan(p, xs)
  return h:sum() + torch.cmul(ys, torch.range(1, xs:size(1)):double()):sum()
end

M['scan/rnn'] = function (i)
  local h, ys = rnn_scan(i.params, i.xs)
  local g, loss = grad(rnn_loss)(i.params, i.xs)
  return {h = h, ys = ys, loss = loss, grad = g,
          grad_xs = grad(rnn_loss, {argnums = 2})(i.params, i.xs)}
end
M['scan/rnn_forward'] = function (i)
  return {
    jvp = along(function (p) return rnn_loss(p, i.xs) end, i.params,
                i.tangent),
    hvp = along(function (p) return (grad(rnn_loss)(p, i.xs)) end, i.params,
                i.tangent),
  }
end
M['scan/vmap'] = function (i)
  return {grad_u = vmap(grad(rnn_loss), {0, 1})(i.params, i.xs).u}
end
M['scan/checkpoint'] = function (i)
  return {grad = grad(function (p)
    return (autograd.scan(autograd.checkpoint(function (h, x)
      return torch.tanh(p.w * h + p.u * x)
    end), p.h0, i.xs)):sum()
  end)(i.params)}
end
M['scan/reverse_cumulative'] = function (i)
  local c, ys = autograd.scan(function (c, t)
    c = 0.5 * c + t
    return c, c
  end, 1.0, i.x, {reverse = true})
  return {c = c, ys = ys}
end
M['scan/nested'] = function (i)
  local function nest (a)
    return (autograd.scan(function (s)
      return (autograd.scan(function (r, t)
        return r * torch.cos(t)
      end, s + a, i.x))
    end, 1.0, nil, {length = 3}))
  end
  return {value = nest(i.a), grad = grad(nest)(i.a), second = twice(nest)(i.a)}
end
M['fori/sines'] = function (i)
  local function it (a)
    return autograd.fori(0, 6, function (k, s)
      return torch.sin(s) * a + 0.01 * k
    end, 0.8)
  end
  return {value = it(i.a), grad = grad(it)(i.a), second = twice(it)(i.a)}
end
M['while/growing'] = function (i)
  local function growing (x, limit)
    return autograd.while_loop(function (s) return torch.lt(s, limit) end,
      function (s) return 2 * s + 0.1 * torch.sin(s) end, x)
  end
  return {
    value = each(growing, i.x, i.limit),
    jvp = each(function (x, limit)
      return along(function (v) return growing(v, limit) end, x, 1.0)
    end, i.x, i.limit),
  }
end
M['while/integers'] = function (i)
  return {steps = each(function (n)
    return autograd.while_loop(function (s) return torch.ne(s[1], 1) end,
      function (s)
        local half, even = torch.idiv(s[1], 2), torch.eq(s[1] % 2, 0)
        return {torch.where(even, half, 3 * s[1] + 1), s[2] + 1}
      end, {n, 0})[2]
  end, i.n)}
end
M['cond/two_branches'] = function (i)
  local function f (x)
    return autograd.cond(torch.gt(x, 0), function (v) return v ^ 3 end,
                         function (v) return -2 * torch.sin(v) end, x)
  end
  return {value = each(f, i.x), grad = each(grad(f), i.x),
          second = each(twice(f), i.x),
          jvp = each(function (x) return along(f, x, 2.0) end, i.x)}
end
M['cond/guard'] = function (i)
  local g = grad(function (x)
    return autograd.cond(torch.gt(x, 0), torch.sqrt,
                         function (v) return 0.0 * v end, x)
  end)
  return {at_4 = g(i.x[1]), at_0 = g(i.x[2])}
end
M['cond/switch'] = function (i)
  local function switch (k)
    return function (x)
      return autograd.cond(torch.eq(k, 1), torch.sin, function (v)
        return autograd.cond(torch.eq(k, 2), torch.cos, torch.tanh, v)
      end, x)
    end
  end
  local value, g = {}, {}
  for k = 1, 3 do
    g[k], value[k] = grad(switch(k))(i.x)
  end
  return {value = torch.DoubleTensor(value), grad = torch.DoubleTensor(g)}
end
M['network/checkpoint'] = function (i)
  local saved = autograd.checkpoint(network)
  local loss, g = autograd.value_and_grad(function (p)
    return vmap(function (logits, label)
      return -torch.logsoftmax(logits):index(1, label:view(1)):sum()
    end)(saved(p, i.x), i.labels):mean()
  end)(i.params)
  return {loss = loss, grad = g}
end

return M
