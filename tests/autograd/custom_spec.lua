-- custom_vjp, custom_jvp and checkpoint under every transform, with trees,
-- state, and their errors.
require 'nnlua.busted'
local core = require 'nnlua.core'
local torch = require 'torch'
local autograd = require 'autograd'
local grad, vmap, jit, jvp = autograd.grad, autograd.vmap, autograd.jit,
  autograd.jvp
local custom_vjp, custom_jvp = autograd.custom_vjp, autograd.custom_jvp

local function gradient (f)
  return function (x) return (grad(function (v) return f(v):sum() end)(x)) end
end

local function along (f, x, t)
  local _, d = jvp(f, {x}, {t})
  return d
end

-- x^2 with derivative 10 x, both ways: seen wherever the rule is used
local by_vjp = custom_vjp(function (x) return torch.cmul(x, x) end,
  function (x) return torch.cmul(x, x), x end,
  function (x, ct) return torch.cmul(x, ct) * 10 end)
local by_jvp = custom_jvp(function (x) return torch.cmul(x, x) end,
  function (p, t)
    return torch.cmul(p[1], p[1]), torch.cmul(p[1], t[1]) * 10
  end)

for name, f in pairs {custom_vjp = by_vjp, custom_jvp = by_jvp} do
  describe(name, function ()
    local x, ones, rows
    before_each(function ()
      x, ones = torch.DoubleTensor {1, 2, 3}, torch.ones(3):double()
      rows = torch.stack {x, x * 2}
    end)

    it('is the function itself outside transforms', function ()
      assert.tensor_equal(torch.cmul(x, x), f(x))
      assert.equal(6.25, torch.cmul(torch.Tensor {2.5}, torch.Tensor {2.5})[1])
    end)

    it('in grad, vjp, jvp', function ()
      assert.tensor_equal(x * 10, gradient(f)(x))
      local y, pull = autograd.vjp(f, x)
      assert.tensor_equal(torch.cmul(x, x), y)
      assert.tensor_equal(x * 20, (pull(ones * 2)))
      assert.tensor_equal(x * 10, along(f, x, ones))
    end)

    it('in vmap and jit', function ()
      assert.tensor_equal(torch.cmul(rows, rows), (vmap(f)(rows)))
      local j = jit(f)
      for _ = 1, 3 do assert.tensor_equal(torch.cmul(x, x), j(x)) end
    end)

    it('in compositions', function ()
      local g, j = gradient(f), jit(f)
      assert.tensor_equal(rows * 10, (vmap(g)(rows)))
      assert.tensor_equal(rows * 10, gradient(function (m)
        return vmap(f)(m)
      end)(rows))
      for _ = 1, 3 do
        assert.tensor_equal(x * 10, (jit(g)(x)))
        assert.tensor_equal(x * 10, gradient(j)(x))
        assert.tensor_equal(x * 10, along(j, x, ones))
        assert.tensor_equal(rows * 10, (vmap(gradient(j))(rows)))
        assert.tensor_equal(rows * 10, (jit(function (m)
          return (vmap(g)(m))
        end)(rows)))
      end
      assert.tensor_equal(torch.ones(3):double() * 10, gradient(g)(x))
      assert.tensor_equal(ones * 10, along(g, x, ones))
      assert.tensor_equal(ones * 10, gradient(function (v)
        return along(f, v, ones)
      end)(x))
      assert.tensor_equal(torch.diag(x) * 10, autograd.jacobian(f)(x))
      assert.tensor_equal((vmap(function (t)
        return along(f, x, t)
      end)(torch.eye(3):double())), autograd.jacobian(f)(x))
    end)

    it('on both sides of a vmap: mapped and shared arguments', function ()
      local shared = gradient(function (w)
        return vmap(function (r) return torch.cmul(f(w), r) end)(rows)
      end)(x)
      assert.tensor_equal(torch.cmul(x * 10, rows:sum(1):view(3)), shared)
    end)

    it('with numbers', function ()
      local h = name == 'custom_vjp'
        and custom_vjp(function (v) return v * v end,
                       function (v) return v * v, v end,
                       function (v, ct) return v * ct * 10 end)
        or custom_jvp(function (v) return v * v end,
                      function (p, t) return p[1] * p[1], p[1] * t[1] * 10 end)
      assert.equal(9.0, h(3.0))
      assert.equal(30.0, (grad(h)(3)))
      assert.equal(10.0, (grad(grad(h))(3)))
      assert.equal(60.0, along(h, 3, 2))
      assert.tensor_equal(x * 10, (vmap(grad(h))(x)))
    end)
  end)
end

describe('custom rules', function ()
  local x
  before_each(function () x = torch.DoubleTensor {1, 2, 3} end)

  it('take and give trees', function ()
    local f = custom_vjp(function (p, key)
      return {u = p.a * p.b, v = {p.b, key}}
    end, function (p, key)
      return {u = p.a * p.b, v = {p.b, key}}, {p, 'kept', 3}
    end, function (res, ct)
      assert.equal('kept', res[2])
      return {a = ct.u * 100, b = ct.v[1] * res[1].b}
    end)
    local g, y, key = grad(function (p)
      local r = f(p, 'key')
      return r.u:sum() + r.v[1] * 5, r.v[2]
    end) {a = x, b = 2.0, c = 1.0}
    assert.tensor_equal(torch.ones(3):double() * 100, g.a)
    assert.equal(10.0, g.b)
    assert.equal(0.0, g.c)
    assert.equal(22.0, y)
    assert.equal('key', key)
  end)

  it('may give gradients of another float type', function ()
    local f = custom_vjp(torch.exp, function (v) return torch.exp(v), v end,
                         function (_, ct) return ct:float() * 2 end)
    local g = custom_jvp(torch.exp, function (p, t)
      return torch.exp(p[1]), t[1]:float() * 2
    end)
    for _, h in ipairs {f, g} do
      assert.tensor_equal(torch.ones(3):double() * 2, gradient(h)(x))
    end
    assert.tensor_equal(torch.ones(3):double() * 2, along(g, x,
                                                    torch.ones(3):double()))
  end)

  it('have nil for no gradient, and none for integers', function ()
    local f = custom_vjp(function (v, i) return v:index(1, i) end,
      function (v, i) return v:index(1, i), i end,
      function (i, ct)
        return torch.zeros(3):double():indexAdd(1, i, ct) * 10, nil
      end)
    local i = torch.LongTensor {2, 2, 3}
    assert.tensor_equal(torch.DoubleTensor {0, 20, 10},
                        gradient(function (v) return f(v, i) end)(x))
    local none = custom_vjp(torch.exp,
      function (v) return torch.exp(v), {} end, function () return nil end)
    assert.tensor_equal(torch.zeros(3):double(), gradient(none)(x))
  end)

  it('may call their own function, five derivatives deep', function ()
    local exp
    exp = custom_jvp(torch.exp, function (p, t)
      local y = exp(p[1])
      return y, torch.cmul(y, t[1])
    end)
    local f = exp
    for _ = 1, 5 do f = gradient(f) end
    assert.tensor_near(torch.exp(x), f(x), 1e-12)
    local tanh
    tanh = custom_vjp(torch.tanh, function (v)
      local y = tanh(v)
      return y, y
    end, function (y, ct) return torch.cmul(1 - torch.cmul(y, y), ct) end)
    assert.tensor_near(gradient(gradient(gradient(torch.tanh)))(x),
                       gradient(gradient(gradient(tanh)))(x), 1e-12)
  end)

  it('read and write outer tensors by reference', function ()
    local w, n = torch.ones(3):double() * 2, torch.zeros(1)
    local f = custom_vjp(function (v)
      n:add(1)
      return torch.cmul(v, w)
    end, function (v)
      n:add(1)
      return torch.cmul(v, w), {}
    end, function (_, ct) return torch.cmul(ct, w) * 7 end)
    assert.tensor_equal(torch.ones(3):double() * 14, gradient(f)(x))
    assert.equal(1.0, n[1])
    local j = jit(gradient(f))
    for i = 2, 4 do
      assert.tensor_equal(w * 7, j(x))
      assert.equal(i, n[1])
      w:add(1)
    end
  end)

  it('draw the same numbers as the function alone', function ()
    local f = function (v) return v + torch.randn(3):double() end
    local c = custom_vjp(f, function (v) return f(v), {} end,
                         function (_, ct) return ct end)
    torch.manualSeed(1)
    local want = f(x):sum()
    torch.manualSeed(1)
    local _, got = grad(function (v) return c(v):sum() end)(x)
    assert.equal(want, got)
  end)

  it('refuse to lose the gradient of what they read otherwise', function ()
    local text = 'the function reads a tensor that is differentiated, but '
      .. 'not through an argument, so that its rule gives no gradient for it; '
      .. 'pass it as an argument, or give the function '
      .. 'autograd.stop_gradient(x)'
    local function uses (make)
      return function (w)
        return make(w)(x):sum()
      end
    end
    local by_pull = uses(function (w)
      return custom_vjp(function (v) return torch.cmul(v, w) end,
        function (v) return torch.cmul(v, w), {} end,
        function (_, ct) return ct end)
    end)
    local by_rule = uses(function (w)
      return custom_jvp(function (v) return torch.cmul(v, w) end,
        function (p, t) return torch.cmul(p[1], w), t[1] end)
    end)
    for what, f in pairs {custom_vjp = by_pull, custom_jvp = by_rule} do
      for _, run in ipairs {
        function () grad(f)(x) end,
        function () jvp(f, {x}, {x}) end,
        function () grad(function (w) return vmap(function (r)
          return f(torch.cmul(w, r))
        end)(torch.stack {x, x}):sum() end)(x) end,
      } do
        assert.error_matches(run, what .. ': ' .. text, 1, true)
      end
      -- what is not differentiated may be read
      assert.equal(14.0, f(x))
      grad(function (v) return f(autograd.stop_gradient(v)) + v:sum() end)(x)
    end
  end)

  it('say what is wrong with them', function ()
    local function use (...)
      local f = custom_vjp(...)
      return function () grad(function (v) return f(v):sum() end)(x) end
    end
    local function fails (text, run)
      local ok, message = pcall(run)
      assert.is_false(ok)
      assert.equal(text, (message:gsub('^[^:]*:%d+: ', '')))
    end
    local exp = torch.exp
    local function fwd (v) return exp(v), v end
    fails('custom_vjp: the backward function returned nothing; one gradient '
          .. 'for each argument was expected, nil where there is none',
          use(exp, fwd, function () end))
    fails('custom_vjp: the backward function returned 2 gradients for 1 '
          .. 'argument', use(exp, fwd, function (_, ct) return ct, ct end))
    fails('custom_vjp: the gradient of argument #1 is [4], the argument [3]',
          use(exp, fwd, function () return torch.ones(4) end))
    fails('custom_vjp: the gradient of argument #1 is a string, the argument '
          .. '[3]', use(exp, fwd, function () return 'x' end))
    fails('custom_vjp: the gradient of argument #1 is a tensor of 3 int64; a '
          .. 'float tensor was expected',
          use(exp, fwd, function (_, ct) return ct:long() end))
    fails("custom_vjp: the forward function's result is a tensor of 3 float32, "
          .. "the function's a tensor of 3 float64",
          use(exp, function (v) return exp(v):float(), v end, fwd))
    fails('custom_vjp: the forward function returned 3 results; two were '
          .. 'expected, the result (a table for several) and the residuals',
          use(exp, function (v) return v, v, v end, fwd))
    fails('custom_vjp: the forward function returned 0 results; two were '
          .. 'expected, the result (a table for several) and the residuals',
          use(exp, function () end, fwd))
    fails("custom_vjp: the forward function's result is [1 x 3], the "
          .. "function's [3]",
          use(exp, function (v) return v:view(1, 3), v end, fwd))
    fails("custom_vjp: the forward function's result is a table, the "
          .. "function's [3]", use(exp, function (v) return {v, v} end, fwd))
    fails('custom_vjp: the function returned 2 results; one was expected, '
          .. 'which may be a table', use(function (v) return v, v end, fwd,
                                         fwd))
    local function rule (r)
      local f = custom_jvp(exp, r)
      return function () grad(function (v) return f(v):sum() end)(x) end
    end
    fails('custom_jvp: the rule returned no tangent after the result',
          rule(function (p) return exp(p[1]) end))
    fails('custom_jvp: the tangent is [4], the result [3]',
          rule(function (p) return exp(p[1]), torch.ones(4) end))
    fails("custom_jvp: the rule's result is a number, the function's [3]",
          rule(function (p, t) return p[1]:sum(), t[1]:sum() end))
    for _, tangent in ipairs {
      function (_, t) return torch.cmul(t, t) end,
      function (p, t) return torch.cmul(p, torch.abs(t)) end,
      function (_, t) return torch.where(torch.gt(t, 0), t, t * 0.1) end,
      function (p, t) return torch.cdiv(p, t + 1) end,
      autograd.jit(function (_, t) return torch.tanh(t) end),
    } do
      fails("custom_jvp: the rule's tangent is not linear in the tangents "
            .. 'that it gets, so the function has no gradient; a rule returns '
            .. 'the result and the Jacobian times the tangents',
            rule(function (p, t) return exp(p[1]), tangent(p[1], t[1]) end))
    end
    fails('custom_vjp: argument #2: a function expected, got nil', function ()
      custom_vjp(exp)
    end)
    fails('custom_jvp: argument #2: a function expected, got a number',
          function () custom_jvp(exp, 3) end)
  end)
end)

it('a rule is linear through whatever is linear', function ()
  local function twice (t) return autograd.fori(1, 2, function (_, c)
    return c * 0.5
  end, t) end
  for _, of in ipairs {
    function (p, t) return torch.cmul(p, t) + t:cumsum(1) - t end,
    function (p, t) return torch.where(torch.gt(p, 0), t, -t) end,
    function (p, t) return torch.cdiv(t, torch.square(p) + 1) end,
    function (p, t) return (t:index(1, torch.LongTensor{2, 1, 3}) * 2
                            + p * torch.dot(p, t)) end,
    function (_, t) return twice(t) end,
    function (p, t) return autograd.cond(true, function (u)
      return torch.cmul(p, u)
    end, function (u) return u end, t) end,
    autograd.jit(function (p, t) return torch.cmul(torch.exp(p), t) end),
  } do
    local v = torch.randn(3):double()
    local f = custom_jvp(torch.exp, function (p, t)
      return torch.exp(p[1]), of(p[1], t[1])
    end)
    -- <ones, J t> = <J' ones, t>
    local t = torch.randn(3):double()
    local _, dy = autograd.jvp(f, {v}, {t})
    local g = autograd.grad(function (u) return f(u):sum() end)(v)
    assert.near(dy:sum(), torch.dot(g, t), 1e-12)
  end
end)

describe('a custom rule that draws random numbers', function ()
  local rows = torch.randn(3, 4):double()
  local f = autograd.custom_vjp(function (v)
    return torch.cmul(v, torch.rand(4):double())
  end, function (v)
    local mask = torch.rand(4):double()
    return torch.cmul(v, mask), mask
  end, function (mask, ct) return torch.cmul(mask, ct) end)
  -- its pullback draws once more, and sees what forward saw
  local again = autograd.custom_vjp(function (v)
    return torch.cmul(v, torch.rand(4):double())
  end, function (v)
    return torch.cmul(v, torch.rand(4):double()), v
  end, function (_, ct) return torch.cmul(torch.rand(4):double(), ct) end)

  it('draws for each example under vmap', function ()
    for _, g in ipairs {f, again} do
      for _, way in ipairs {vmap(g), jit(vmap(g))} do
        local mask = torch.cdiv(way(rows), rows)
        assert.is_false(torch.equal(mask[1], mask[2]))
        assert.is_false(torch.equal(way(rows), way(rows)))
      end
      assert.same({2, 3, 4}, vmap(vmap(g))(torch.stack({rows, rows})):size()
                             :totable())
    end
  end)

  it('has the gradient of what it drew', function ()
    for _, g in ipairs {f, again} do
      local function each (v)
        local d, _, y = grad(function (u)
          local y = g(u)
          return y:sum(), y
        end)(v)
        return d, y
      end
      local function all (v)
        local d, _, y = grad(function (u)
          local y = vmap(g)(u)
          return y:sum(), y
        end)(v)
        return d, y
      end
      for _, way in ipairs {vmap(each), all, jit(vmap(each)), jit(all)} do
        local d, y = way(rows)
        assert.tensor_near(torch.cdiv(y, rows), d, 1e-12)
      end
    end
  end)
end)

describe('checkpoint', function ()
  local x, w
  before_each(function ()
    torch.manualSeed(1)
    x, w = torch.randn(3):double(), torch.randn(3, 3):double()
  end)

  -- what the block reads from outside is differentiated as well
  local function loss (wrap)
    return function (p)
      local block = wrap(function (v)
        local h = torch.tanh(p.w * v)
        return torch.tanh(p.w * h + p.b), h:sum()
      end)
      local y, s = block(p.x)
      return block(y):sum() + s
    end
  end
  local function same (f) return f end

  it('has the gradients of the plain function, closures included', function ()
    local p = {w = w, b = 0.5, x = x}
    local want, value = grad(loss(same))(p)
    local saved = loss(autograd.checkpoint)
    for _ = 1, 2 do
      local got, y = grad(saved)(p)
      assert.near(value, y, 1e-12)
      assert.tensor_near(want.w, got.w, 1e-12)
      assert.tensor_near(want.x, got.x, 1e-12)
      assert.near(want.b, got.b, 1e-12)
    end
    local jitted = jit(function (q) return (grad(saved)(q)) end)
    for _ = 1, 3 do assert.tensor_near(want.w, jitted(p).w, 1e-12) end
  end)

  it('to second order, forward, mapped', function ()
    local function of_x (f) return function (v)
      return f {w = w, b = 0.5, x = v}
    end end
    local f, g = of_x(loss(same)), of_x(loss(autograd.checkpoint))
    assert.tensor_near(autograd.hessian(f)(x), autograd.hessian(g)(x), 1e-12)
    assert.near(along(f, x, x), along(g, x, x), 1e-12)
    local rows = torch.stack {x, x * 2}
    assert.tensor_near((vmap(grad(f))(rows)), (vmap(grad(g))(rows)), 1e-12)
    assert.tensor_near((vmap(grad(f))(rows)), grad(function (m)
      return vmap(g)(m):sum()
    end)(rows), 1e-12)
  end)

  it('draws the same random numbers again', function ()
    local function noisy (v)
      return torch.cmul(v, torch.randn(3):double()):tanh()
    end
    torch.manualSeed(5)
    local want = gradient(noisy)(x)
    local after = torch.getRNGState()
    torch.manualSeed(5)
    assert.tensor_equal(want, gradient(autograd.checkpoint(noisy))(x))
    assert.tensor_equal(after, torch.getRNGState())
  end)

  it('writes outer tensors once', function ()
    local n = torch.zeros(1)
    local f = autograd.checkpoint(function (v)
      n:add(1)
      return torch.exp(v)
    end)
    gradient(f)(x)
    assert.equal(1.0, n[1])
  end)

  it('saves memory', function ()
    local v = torch.ones(10000)
    local function peak (wrap)
      local block = wrap(function (u)
        for _ = 1, 20 do u = torch.tanh(u) end
        return u
      end)
      local _, pull = autograd.vjp(function (u)
        return block(block(block(u)))
      end, v)
      collectgarbage()
      collectgarbage()
      local held = core.bytes_used()
      pull(v)
      return held
    end
    local plain, saved = peak(same), peak(autograd.checkpoint)
    assert.is_true(plain - saved > 40 * 40000)
  end)
end)
