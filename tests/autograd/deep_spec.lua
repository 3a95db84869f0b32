-- Depth and size: graphs that nest 10,000 deep, tapes and graphs of 100,000
-- equations, in a coroutine's C stack too; and all of it freed.
require 'nnlua.busted'
local core = require 'nnlua.core'
local torch = require 'torch'
local autograd = require 'autograd'

local function bytes ()
  collectgarbage()
  collectgarbage()
  return core.bytes_used()
end

-- f compiled within a compiled function within ...
local function nested (n, f)
  f = autograd.jit(f)
  local x = torch.ones(3)
  for _ = 1, n do
    local inner = f
    f(x)
    f(x)
    f = autograd.jit(function (v) return inner(v) end)
  end
  return f
end

local function all_of (f, x)
  local y = torch.tanh(x)
  local slope = 1 - torch.square(y)
  for _ = 1, 3 do assert.tensor_near(y, (f(x))) end
  local g = autograd.grad(function (v) return f(v):sum() end)(x)
  assert.tensor_near(slope, g)
  assert.tensor_near(torch.stack {y, y}, autograd.vmap(f)(torch.stack {x, x}))
  local _, t = autograd.jvp(f, {x}, {torch.ones(3)})
  assert.tensor_near(slope, t)
end

local wrapped = {
  custom_vjp = function (g)
    return autograd.custom_vjp(g, function (v) return g(v), v end,
                               function (_, ct) return ct end)
  end,
  custom_jvp = function (g)
    return autograd.custom_jvp(g, function (p, t) return g(p[1]), t[1] end)
  end,
  checkpoint = autograd.checkpoint,
  cond = function (g) return function (v)
    return autograd.cond(torch.gt(v:sum(), 0), g, torch.neg, v)
  end end,
  fori = function (g) return function (v)
    return autograd.fori(1, 1, function (_, c) return g(c) end, v)
  end end,
}

describe('depth', function ()
  local x = torch.Tensor {0.5, -1, 2}

  it('of 10,000 compiled functions', function ()
    all_of(nested(10000, torch.tanh), x)
  end)

  it('of 1,000 compiled functions in a coroutine', function ()
    coroutine.wrap(function () all_of(nested(1000, torch.tanh), x) end)()
  end)

  for name, wrap in pairs(wrapped) do
    it('of ' .. name .. ' ends with an error, what was made works', function ()
      local f, deepest, message = nested(0, torch.tanh), 0, nil
      repeat
        f(x)
        f(x)
        local inner = wrap(f)
        local g = autograd.jit(function (v) return inner(v) end)
        local ok, e = pcall(g, x)
        if ok then f, deepest = g, deepest + 1 else message = e end
      until message or deepest == 1000
      assert.truthy(message:find('jit: custom rules, checkpoints, loops and '
        .. 'branches nest more than 256 deep', 1, true))
      assert.is_true(deepest > 50)
      assert.tensor_near(torch.tanh(x), f(x))
      if name ~= 'fori' then -- whose residuals get an axis a level
        assert.is_true(pcall(autograd.grad(function (v)
          return f(v):sum()
        end), x))
      end
      autograd.vmap(f)(torch.stack {x, x})
    end)
  end

  it('of trees', function ()
    local function deep (n)
      local t = x
      for _ = 1, n do t = {t} end
      return t
    end
    local function bottom (t)
      while type(t) == 'table' do t = t[1] end
      return t:sum()
    end
    assert.is_true(pcall(autograd.grad(bottom), deep(99)))
    -- numbers down there are numbers
    local function number (t)
      while type(t) == 'table' do t = t[1] end
      return math.type(t)
    end
    local function nest (v)
      for _ = 1, 99 do v = {v} end
      return v
    end
    local f = autograd.jit(function (v) return nest(v * 2) end)
    assert.equal('float', number(f(1.5)))
    assert.equal('float', number((autograd.vjp(f, 1.5))))
    assert.equal('float', number(select(3, autograd.grad(function (v)
      return v * v, nest(v * 2)
    end)(1.5))))
    local ok, message = pcall(autograd.grad(bottom), deep(10000))
    assert.is_false(ok)
    assert.truthy(message:find 'grad: tables nested deeper than 100')
  end)
end)

describe('1,000 transforms of one another', function ()
  local x = torch.Tensor {0.5, -1, 2}
  local wraps = {
    grad = function (f) return function (v)
      return (autograd.grad(function (u) return f(u):sum() end)(v))
    end end,
    vjp = function (f) return function (v)
      local y, pull = autograd.vjp(f, v)
      return pull(y)
    end end,
    jvp = function (f) return function (v)
      local _, t = autograd.jvp(f, {v}, {v})
      return t
    end end,
    vmap = function (f) return function (v)
      return autograd.vmap(function (_, u) return f(u) end, {1, 0})(x, v)[1]
    end end,
    jit = autograd.jit, checkpoint = autograd.checkpoint,
    outside = function (f) return function (v)
      return autograd.outside(f, v)
    end end,
  }
  local names = {}
  for name in pairs(wraps) do names[#names + 1] = name end
  table.sort(names)
  local function deep (n, name)
    local f = torch.tanh
    for i = 1, n do f = wraps[name or names[i % #names + 1]](f) end
    return f
  end

  for _, name in ipairs(names) do
    it(name .. ' are an error, or work', function ()
      local before = bytes()
      for _ = 1, 2 do
        local ok, message = pcall(deep(1000, name), x)
        assert.is_true(ok or message:find('C stack overflow; Lua nests about '
          .. '200 C calls, and a transform takes two or three', 1, true) ~= nil)
        assert.is_false(autograd.tracing())
      end
      assert.tensor_equal(torch.tanh(x), torch.tanh(x:clone()))
      assert.is_true(bytes() - before < 2^22)
    end)
  end

  it('mixed, and in coroutines', function ()
    local f = deep(1000)
    assert.is_false(pcall(f, x))
    assert.is_false(coroutine.resume(coroutine.create(function ()
      return f(x)
    end)))
    assert.is_false(autograd.tracing())
    local y = torch.tanh(x)
    assert.tensor_near(1 - torch.cmul(y, y), (autograd.grad(function (v)
      return torch.tanh(v):sum()
    end)(x)))
  end)
end)

describe('100,000 equations', function ()
  local N = 100000
  local x = torch.Tensor {0.5, -1, 2}
  -- factors near 1, so that the derivative says how many there were
  local function chain (v)
    for _ = 1, N do v = v * 1.00001 end
    return v
  end
  local want = math.exp(N * math.log(1.00001))

  it('on a tape, which is freed', function ()
    local function short (v)
      for _ = 1, N // 10 do v = v * 1.00001 end
      return v
    end
    local function run ()
      autograd.grad(function (v) return short(v):sum() end)(x)
      autograd.vjp(short, x)
    end
    local g = autograd.grad(function (v) return chain(v):sum() end)(x)
    assert.tensor_near(torch.ones(3) * want, g, {rtol = 1e-2})
    -- small objects come from slabs that are kept, as many as were needed
    -- between two collections; what leaks grows for ever
    local n, before = 0
    repeat
      n, before = n + 1, bytes()
      run()
    until bytes() == before or n == 20
    assert.is_true(n < 20)
  end)

  it('captured', function ()
    local f = autograd.jit(chain)
    local y = f(x)
    assert.tensor_equal(chain(x), y)
    for _ = 1, 2 do assert.tensor_equal(y, f(x)) end
    local g = autograd.grad(function (v) return f(v):sum() end)(x)
    assert.tensor_near(torch.ones(3) * want, g, {rtol = 1e-2})
  end)
end)

-- In time that grows as their number; were each sought in a list of those
-- before it, this would not end within a test's time.
describe('300,000 tensors made outside', function ()
  local N = 300000
  local x = torch.Tensor {1, 2}
  local list

  -- not before: each collection of the tests above would go over them
  setup(function ()
    list = {}
    for i = 1, N do list[i] = torch.zeros(1) end
  end)
  teardown(function () list = nil end)

  local function written (f)
    for i = 1, N do list[i]:zero() end
    f(function (v)
      for i = 1, N do list[i]:add(1) end
      for i = N, 1, -1 do list[i]:add(1) end
      return v:sum()
    end)
    for i = 1, N, N // 3 do assert.equal(2.0, list[i][1]) end
    assert.equal(2.0, list[N][1])
  end

  it('written under grad', function ()
    written(function (f) autograd.grad(f)(x) end)
  end)

  it('written under jvp', function ()
    written(function (f) autograd.jvp(f, {x}, {x}) end)
  end)

  it('written under vmap', function ()
    written(function (f) autograd.vmap(f)(torch.ones(2, 2)) end)
  end)

  it('written under jit', function ()
    written(function (f) autograd.jit(f)(x) end)
  end)

  it('read in a branch and a loop that are compiled', function ()
    local most = N // 3
    local function total (v)
      for i = 1, most do v = v + list[i] end
      return v
    end
    local f = autograd.jit(function (v)
      v = autograd.cond(torch.gt(v:sum(), 0), total, torch.neg, v)
      return autograd.fori(1, 1, function (_, c) return total(c) end, v)
    end)
    for i = 1, N do list[i]:fill(2.0 ^ -10) end
    assert.tensor_near(x + 2 * most * 2.0 ^ -10, f(x), {rtol = 1e-3})
  end)
end)

it('getParameters of 20,000 layers: each is sought once', function ()
  local nn = require 'nn'
  local net = nn.Sequential()
  for _ = 1, 20000 do net:add(nn.Mul()) end
  local w = net:getParameters()
  assert.equal(20000, w:nElement())
  w:fill(3)
  assert.equal(3.0, net:get(20000).weight[1])
end)
