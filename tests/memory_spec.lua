-- Memory of transforms: loops stay flat without collectgarbage(), long chains
-- and large graphs need neither stack nor patience.
local torch = require 'torch'
local core = require 'nnlua.core'
local autograd = require 'autograd'
local grad, vmap, jit, jvp = autograd.grad, autograd.vmap, autograd.jit,
  autograd.jvp

local function bytes ()
  collectgarbage()
  collectgarbage()
  return core.bytes_used()
end

-- step() many times: what is in use afterwards does not grow.  A leak would
-- grow with each round; the allocator's pages do in the first ones.
local function flat (step, n)
  local before, rounds = 0, 0
  repeat
    local last = before
    for _ = 1, n do step() end
    before, rounds = bytes(), rounds + 1
  until before == last or rounds == 20
  for _ = 1, n do step() end
  assert.equal(before, bytes())
end

describe('a loop of', function ()
  local x = torch.ones(100, 100)
  local w = torch.randn(100, 100)

  local function loss (p) return torch.tanh(torch.matmul(p, x)):sum() end
  local key = {1}
  local steps = {
    grad = function () grad(loss)(w) end,
    ['grad of grad'] = function ()
      grad(function (p) return (grad(loss)(p) ^ 2):sum() end)(w)
    end,
    ['vjp without a pullback'] = function () autograd.vjp(loss, w) end,
    vjp = function ()
      local _, pull = autograd.vjp(loss, w)
      pull(1.0)
      pull(1.0)
    end,
    jvp = function () jvp(loss, {w}, {x}) end,
    vmap = function () vmap(torch.tanh)(w) end,
    ['vmap of grad'] = function () vmap(grad(torch.norm))(w) end,
    jacobian = function () autograd.jacobian(torch.exp)(w[1]) end,
    ['new jits'] = function () jit(loss)(w) end,
    ['custom rules'] = function ()
      local f = autograd.custom_vjp(torch.exp, function (v)
        return torch.exp(v), v
      end, function (v, ct) return torch.cmul(v, ct) end)
      grad(function (v) return f(v):sum() end)(w)
    end,
    checkpoint = function () grad(autograd.checkpoint(loss))(w) end,
    ['escaped values'] = function ()
      grad(function (p)
        key.out = torch.tanh(p)
        return key.out:sum()
      end)(w)
    end,
    ['in place'] = function ()
      grad(function (p)
        local q = p:clone()
        for i = 1, 10 do q[i]:add(1) end
        return q:sum()
      end)(w)
    end,
    coroutines = function ()
      coroutine.wrap(function () return grad(loss)(w) end)()
    end,
  }
  for name, step in pairs(steps) do
    it(name .. ' stays flat', function () flat(step, 30) end)
  end

  it('a jitted function stays flat', function ()
    local f = jit(function (p) return (grad(loss)(p)) end)
    flat(function () f(w) end, 30)
  end)

  it('shapes that all compile stays bounded', function ()
    local f = jit(function (v) return v * 2 end)
    for n = 1, 1000 do f(torch.ones(n)) end
    local before = bytes()
    for n = 1001, 2000 do f(torch.ones(n)) end
    assert.is_true(bytes() - before < 2^20)
  end)

  it('grads in large steps needs no collectgarbage()', function ()
    local p = torch.zeros(1000, 1000) -- 4 MB
    collectgarbage()
    local before = core.bytes_used()
    for _ = 1, 100 do
      local g = grad(function (v) return torch.square(v):sum() end)(p)
      p = p - g * 0.1
    end
    assert.is_true(core.bytes_peak() < before + 120 * 2^20,
                   'peak of ' .. core.bytes_peak())
  end)

  it('large steps under jit needs none either', function ()
    local p = torch.zeros(1000, 1000)
    local step = jit(function (v)
      return v - grad(function (u) return torch.square(u):sum() end)(v) * 0.1
    end)
    collectgarbage()
    local before = core.bytes_used()
    for _ = 1, 100 do p = step(p) end
    assert.is_true(core.bytes_used() < before + 120 * 2^20)
  end)
end)

-- Graphs in a tape must not hold the tape, by storages of traced values.
describe('what is compiled and dropped leaves nothing:', function ()
  local w, x = torch.rand(5, 3):double(), torch.rand(3):double()
  local function scanned (v)
    return autograd.scan(function (c, row)
      return torch.tanh(c + torch.cmul(row, v))
    end, v, w, {checkpoint = true})
  end
  local square = autograd.custom_vjp(function (v) return torch.cmul(v, v) end,
    function (v) return torch.cmul(v, v), v end,
    function (v, g) return torch.cmul(v, g) * 2 end)
  local functions = {
    ['a scan with checkpoints'] = scanned,
    ['a checkpoint that reads'] = function (v)
      return autograd.checkpoint(function (u) return torch.cmul(u, v) end)(v)
    end,
    ['a custom rule'] = square,
    ['a jitted function that reads'] = function (v)
      return jit(function (u) return torch.cmul(u, v) end)(v * 2)
    end,
  }
  local function rounds (step)
    for _ = 1, 5 do step() end
    local before = bytes()
    for _ = 1, 20 do step() end
    return (bytes() - before) / 20
  end
  for name, f in pairs(functions) do
    it(name, function ()
      local step = function ()
        local _, pull = autograd.vjp(jit(f), x)
        pull(x)
        vmap(pull)(torch.eye(3):double())
        autograd.vjp(grad(function (v) return jit(f)(v):sum() end), x)
        jit(function (v)
          local _, inner = autograd.vjp(f, v)
          return inner(v)
        end)(x)
      end
      assert.is_true(rounds(step) < 20000) -- the allocator's pages
    end)
  end
end)

describe('a chain of 10,000 operations', function ()
  local x = torch.Tensor {0.5, 0.25}
  local function chain (n, f)
    return function (v)
      for _ = 1, n do v = f(v) end
      return v:sum()
    end
  end
  local long = chain(10000, torch.sin)

  it('in grad, twice', function ()
    local g, y = grad(long)(x)
    assert.is_true(y > 0.03 and y < 0.04)
    assert.is_true(g[1] > 0)
    local _, t = jvp(long, {x}, {torch.ones(2)})
    assert.is_true(math.abs(t - g:sum()) < 1e-5 * t)
    grad(function (v) return grad(chain(2000, torch.sin))(v):sum() end)(x)
  end)

  it('in jit and what is made of it', function ()
    local f = jit(long)
    local want, g = long(x), grad(long)(x)
    for _ = 1, 3 do assert.equal(want, f(x)) end
    assert.is_true(torch.allclose(g, (grad(f)(x))))
    assert.equal(want, vmap(f)(x:view(1, 2))[1])
  end)

  it('in place', function ()
    local function f (v)
      v = v * 1
      for i = 1, 10000 do
        v:mul(1.0001)
        v[i % 2 + 1] = v[1] * 1
      end
      return v:sum()
    end
    grad(f)(x)
    local j = jit(f)
    assert.equal(f(x), j(x))
  end)

  it('of views', function ()
    local function f (v)
      for _ = 1, 2500 do v = v:view(1, 2):t():squeeze(2):narrow(1, 1, 2) end
      return v:sum()
    end
    assert.same({1, 1}, grad(f)(x):totable())
    assert.equal(0.75, jit(f)(x))
  end)
end)

describe('a graph of 20,000 equations and more', function ()
  it('is captured, compared and run', function ()
    local f = jit(function (v)
      local s = v * 0
      for i = 1, 10000 do s = s + v * i end
      return s:sum()
    end)
    local x = torch.ones(2):double()
    for _ = 1, 3 do assert.equal(100010000.0, f(x)) end
    local text = autograd.jit_info(f).graphs[1]
    assert.is_true(#text > 100000)
  end)

  it('grows by 100,000 #long', function ()
    local f = jit(function (v)
      for _ = 1, 100000 do v = torch.sin(v) end
      return v:sum()
    end)
    local x = torch.ones(2)
    for _ = 1, 3 do f(x) end
    grad(f)(x)
  end)
end)

describe('memory that was given back', function ()
  local MIB = 1 << 20
  local function state ()
    collectgarbage()
    collectgarbage()
    return core.bytes_used() // MIB, core.bytes_cached() // MIB
  end
  local function hold (count, elements)
    local list = {}
    for i = 1, count do list[i] = torch.zeros(elements) end
    return list
  end

  -- sanitizers' builds keep nothing
  it('is kept as far as it was in use, and not for ever #release', function ()
    local used = state()
    local list = hold(40, 2 * MIB) -- luacheck: ignore (320 MiB)
    assert.equal(used + 320, (state()))
    list = nil -- luacheck: ignore
    local _, cached = state()
    assert.is_true(cached >= 300 and cached <= used + 320 + 64, cached)
    list = hold(40, 3 * MIB) -- luacheck: ignore (480 MiB)
    local now, beside = state()
    assert.is_true(beside <= 64 + now / 2, beside)
    list = nil -- luacheck: ignore
    for _ = 1, 12 do
      for _ = 1, 1100 do torch.zeros(5000) end
      collectgarbage()
    end
    used, cached = state()
    assert.is_true(cached <= 70 + used / 2, cached)
  end)
end)
