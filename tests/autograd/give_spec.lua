-- jit's donate: arguments that a call gives up.  Their memory may be taken by
-- results, what others hold is spared, and reading one afterwards is an error.
require 'nnlua.busted'
local core = require 'nnlua.core'
local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local jit = autograd.jit

local text = 'donated tensor: it was given up to the function jitted with '
  .. '{donate = ...} at LINE, whose results may stand in its memory; use the '
  .. 'results, or leave the argument out of donate'

local function says (want, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, 'no error')
  assert.equal(want, (message:gsub('^[%w_./]+:%d+: ', '')
                             :gsub('%S*give_spec.lua:%d+', 'LINE')))
  assert.is_false(autograd.tracing())
end

local function gone (x) says(text, torch.exp, x) end

-- how many arrays results took at the last call of f
local function taken (f)
  local plan = autograd.jit_info(f).plans[1]
  return tonumber(plan:match 'donated at the last call: (%d+)' or 0), plan
end

local function copies (t)
  return autograd.tree.map(function (v)
    return torch.isTensor(v) and v:clone() or v
  end, t)
end

local function momentum (p, m, g)
  m = autograd.tree.map(function (a, b) return a * 0.9 + b end, m, g)
  p = autograd.tree.map(function (a, b) return a - 0.1 * b end, p, m)
  return p, m
end

describe('donated arguments', function ()
  local p, m, g
  before_each(function ()
    torch.manualSeed(3)
    p = {w = torch.randn(50, 40), b = torch.randn(40)}
    m = {w = torch.zeros(50, 40), b = torch.zeros(40)}
    g = {w = torch.randn(50, 40), b = torch.randn(40)}
  end)

  it('give their memory to results, with the same bits', function ()
    local step = jit(momentum, {donate = {1, 2}})
    local q, n = copies(p), copies(m)
    for call = 1, 5 do
      local was = {p, m}
      p, m = step(p, m, g)
      q, n = momentum(q, n, g)
      for key in pairs(q) do
        assert.tensor_equal(q[key], p[key])
        assert.tensor_equal(n[key], m[key])
        gone(was[1][key])
        gone(was[2][key])
      end
      assert.tensor_equal(g.w, copies(g).w) -- it was not given up
      local count, plan = taken(step)
      -- a first call may find values that its capture still holds
      if call > 2 then assert.equal(4, count, plan) end
    end
    assert.truthy(autograd.jit_info(step).plans[1]:find('float32%[50 x 40%] '
                                                        .. 'over %%'))
  end)

  it('lower the peak of memory', function ()
    local big = torch.ones(300000)
    local function peak (f)
      local x = torch.zeros(300000)
      for _ = 1, 3 do x = f(x, big) end
      collectgarbage()
      collectgarbage()
      local before = core.bytes_used()
      core.bytes_peak(true)
      x = f(x, big)
      return (core.bytes_peak() - before) / (4 * big:nElement()), x
    end
    local function f (x, y) return x * 0.5 + y end
    assert.is_true(peak(jit(f)) > 0.9)
    assert.is_true(peak(jit(f, {donate = 1})) < 0.1)
  end)

  it('are gone for every use', function ()
    local f = jit(function (v) return v * 2 end, {donate = 1})
    local x = torch.ones(2, 3)
    local view, row = x:view(6), x[2]
    assert.tensor_equal(torch.ones(2, 3) * 2, f(x))
    for _, use in ipairs {
      function () return x + 1 end, function () return tostring(x) end,
      function () return x[1][2] end, function () return x:clone() end,
      function () return x:totable() end, function () x[1][2] = 3 end,
      function () x:add(1) end, function () return x:sum() end,
      function () return x:t() * x end,
      function () return torch.ones(2, 3):copy(x) end,
      function () return f(x) end, function () return x:view(6) + 0 end,
      function () return jit(torch.exp)(x) end,
      function () return autograd.grad(torch.sum)(x) end,
      function () return autograd.vjp(torch.sum, x) end,
      function () return autograd.jvp(torch.exp, {x}, {x}) end,
      function () return autograd.vmap(torch.exp)(x) end,
      function () return autograd.checkpoint(torch.exp)(x):sum() end,
      function () return autograd.grad(function (v)
        return torch.cmul(v, x):sum()
      end)(torch.ones(2, 3)) end,
    } do says(text, use) end
    says('torch.serialize: ' .. text, torch.serialize, x)
    assert.same({2, 3}, x:size():totable()) -- which is no reading
    assert.equal('float32', x:dtype())
    -- others on its storage are not spoiled
    assert.tensor_equal(torch.ones(6), view)
    assert.tensor_equal(torch.ones(3), row)
    x:copy(torch.zeros(2, 3)) -- new elements
    assert.tensor_equal(torch.ones(2, 3), x + 1)
  end)

  it('spare what others hold', function ()
    local f = jit(function (v, y) return v + y end, {donate = 1})
    local y = torch.ones(3)
    for _ = 1, 3 do f(torch.zeros(3), y) end
    assert.equal(1, (taken(f)))
    local function spared (x, look, want)
      want = want or x:clone()
      f(x, y)
      assert.equal(0, (taken(f)))
      assert.tensor_equal(want, look())
      gone(x)
    end
    local x = torch.Tensor {1, 2, 3}
    local view = x:view(3, 1)
    spared(x, function () return view:view(3) end)
    local z = torch.Tensor {1, 2, 3}
    local storage = z:storage()
    spared(z, function () return torch.Tensor(storage) end)
    local rows = torch.range(1, 6):view(2, 3)
    spared(rows[2], function () return rows[2] end)
    local u = torch.Tensor {1, 2, 3}
    local _, pull = autograd.vjp(function (v) return torch.cmul(u, v) end, y)
    spared(u, function () return (pull(torch.ones(3))) end)
    -- what a closure of f's own reads
    local w = torch.Tensor {1, 2, 3}
    local w2 = w:view(3)
    local h = jit(function (v) return v + w2 end, {donate = 1})
    for _ = 1, 3 do
      assert.tensor_equal(torch.Tensor {2, 4, 6}, h(w:view(3)))
      assert.tensor_equal(torch.Tensor {1, 2, 3}, w)
    end
  end)

  it('that are given twice, written or returned', function ()
    local f = jit(function (a, b) return a + b, a * b, a end,
                  {donate = {1, 2}})
    for _ = 1, 3 do
      local x, y = torch.Tensor {1, 2, 3}, torch.Tensor {1, 2, 3}
      local s, _, same = f(x, x)
      assert.tensor_equal(y * 2, s)
      assert.tensor_equal(y, same)
      gone(x)
      s, _, same = f(y, y:view(3))
      assert.tensor_equal(torch.Tensor {2, 4, 6}, s)
      assert.tensor_equal(torch.Tensor {1, 2, 3}, same)
      gone(y)
    end
    local written = jit(function (a) a:add(1) return a * 2 end, {donate = 1})
    for _ = 1, 3 do
      local a = torch.zeros(3)
      local other = a:view(3)
      assert.tensor_equal(torch.ones(3) * 2, written(a))
      assert.tensor_equal(torch.ones(3), other)
      gone(a)
    end
  end)

  it('are kept where the call fails', function ()
    local f = jit(function (v, y) return v + y end, {donate = 1})
    local x = torch.ones(3)
    for _ = 1, 3 do f(torch.zeros(3), x) end
    for _ = 1, 3 do
      assert.is_false(pcall(f, x, torch.ones(2)))
      assert.tensor_equal(torch.ones(3), x)
    end
    local h = jit(function () error('no', 0) end, {donate = 1})
    assert.is_false(pcall(h, x))
    assert.tensor_equal(torch.ones(3), x)
  end)

  it('are not given up inside transforms', function ()
    local f = jit(function (v) return torch.cmul(v, v) end, {donate = 1})
    local x = torch.Tensor {1, 2, 3}
    for _ = 1, 3 do
      assert.tensor_equal(x * 2, (autograd.grad(function (v)
        return f(v):sum()
      end)(x)))
      assert.tensor_equal(torch.cmul(x, x) + x, jit(function (v)
        return f(v) + v
      end)(x))
      assert.tensor_equal(torch.cmul(x, x):view(1, 3),
                          autograd.vmap(f)(x:view(1, 3)))
    end
    assert.tensor_equal(torch.Tensor {1, 2, 3}, x)
  end)

  it('may be trees with numbers and anything else in them', function ()
    local f = jit(function (t, s) return {w = t.w * t.lr * s}, t.name end,
                  {donate = {1, 2}})
    for i = 1, 4 do
      local t = {w = torch.ones(3), lr = 0.5 * i, name = 'a', f = print}
      local out, name = f(t, 2.0)
      assert.tensor_equal(torch.ones(3) * i, out.w)
      assert.equal('a', name)
      assert.equal(0.5 * i, t.lr)
      gone(t.w)
    end
  end)

  it("are a module's own weights if these are given", function ()
    local net = nn.Dense(3, 2)
    local apply, params = autograd.functionalize(net)
    local step = jit(function (q, x)
      return autograd.tree.map(function (w) return w * 0.5 end, q),
             apply(q, x):sum()
    end, {donate = 1})
    step(params, torch.ones(1, 3))
    says(text, net.forward, net, torch.ones(1, 3))
  end)

  it('leave nothing behind', function ()
    local f = jit(function (v) return v * 2 end, {donate = 1})
    local function round ()
      local x = torch.ones(1000)
      for _ = 1, 20 do x = f(x) end
    end
    local n, before = 0 -- luacheck: ignore 311
    repeat
      n, before = n + 1, core.bytes_used()
      for _ = 1, 5 do round() end
      collectgarbage()
      collectgarbage()
    until core.bytes_used() == before or n == 20
    assert.is_true(n < 20)
    local x = torch.ones(2)
    f(x)
    f = nil -- what x is marked with lives on
    collectgarbage()
    gone(x)
  end)

  it('are named wrongly', function ()
    local function f (v) return v end
    says('jit: argument #2: a table of options expected, got number', jit, f, 1)
    says('jit: no option donote; did you mean donate', jit, f, {donote = 1})
    says("jit: donate is an argument's number or a table of such, got a string",
         jit, f, {donate = 'a'})
    says("jit: donate is an argument's number or a table of such, got a table",
         jit, f, {donate = {1.5}})
    for _, k in ipairs {0, -1, 65} do
      says(("jit: donate has number %d; an argument's number from 1 to 64 was "
            .. 'expected'):format(k), jit, f, {donate = {k}})
    end
    says('jit: donates argument #2, but the function got 1 argument',
         jit(f, {donate = {2}}), torch.ones(2))
    assert.tensor_equal(torch.ones(2), jit(f, {donate = {}})(torch.ones(2)))
  end)
end)
