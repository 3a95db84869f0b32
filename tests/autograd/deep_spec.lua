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
    local ok, message = pcall(autograd.grad(bottom), deep(10000))
    assert.is_false(ok)
    assert.truthy(message:find 'grad: tables nested deeper than 100')
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
