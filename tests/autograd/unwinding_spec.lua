-- Errors inside transformed functions, at every level and in coroutines,
-- leave the state as it was: the next call works, storages hold what they
-- held, and nothing leaks.
require 'nnlua.busted'
local core = require 'nnlua.core'
local torch = require 'torch'
local autograd = require 'autograd'

local function boom () error('boom', 0) end

-- each transform of f, called on x; f's result is a scalar
local transforms = {
  grad = function (f)
    return function (x) return (autograd.grad(f)(x)):sum() end
  end,
  vjp = function (f) return function (x)
    local _, pull = autograd.vjp(f, x)
    return pull(1.0):sum()
  end end,
  jvp = function (f) return function (x)
    local _, t = autograd.jvp(f, {x}, {x})
    return t
  end end,
  vmap = function (f) return function (x)
    return autograd.vmap(f)(torch.stack {x, x}):sum()
  end end,
  jit = function (f)
    local jitted = autograd.jit(f)
    return function (x) return jitted(x) end
  end,
  -- outside transforms it would be f as it is
  custom = function (f)
    f = autograd.custom_vjp(f, function (x) return f(x), x end,
                            function (x, ct) return x * ct end)
    return function (x) return (autograd.grad(f)(x)):sum() end
  end,
}
local names = {}
for name in pairs(transforms) do names[#names + 1] = name end
table.sort(names)

local function works (x)
  assert.is_false(autograd.tracing())
  assert.tensor_equal(x * 2, (autograd.grad(function (v)
    return (v ^ 2):sum()
  end)(x)))
end

local function bytes ()
  collectgarbage()
  collectgarbage()
  return core.bytes_used()
end

describe('an error inside', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  for _, outer in ipairs(names) do
    for _, inner in ipairs(names) do
      it(outer .. ' of ' .. inner .. ' unwinds', function ()
        local state = torch.zeros(3)
        local f = transforms[outer](transforms[inner](function (v)
          local y = torch.exp(v)
          state:add(1)
          if y:dim() == 1 then boom() end
          return y:sum()
        end))
        local ok, message = pcall(f, x)
        assert.is_false(ok)
        assert.equal('boom', message)
        assert.tensor_equal(torch.zeros(3), state)
        works(x)
      end)
    end
  end

  for _, name in ipairs(names) do
    it(name .. ' leaks nothing', function ()
      local big = torch.ones(1000)
      local f = transforms[name](function (v)
        local y = torch.exp(v)
        if y:dim() == 1 then boom() end
        return y:sum()
      end)
      -- a leak grows with each round; the allocator's pages do at first
      local before, rounds = 0, 0
      repeat
        local last = before
        for _ = 1, 60 do pcall(f, big) end
        before, rounds = bytes(), rounds + 1
      until before == last or rounds == 30
      for _ = 1, 60 do pcall(f, big) end
      assert.equal(before, bytes())
    end)

    it(name .. ' in a coroutine that dies', function ()
      local state = torch.zeros(3)
      local f = transforms[name](function (v)
        state:add(1)
        if v:dim() == 1 then boom() end
        return v:sum()
      end)
      local ok, message = coroutine.resume(coroutine.create(f), x)
      assert.is_false(ok)
      assert.equal('boom', message)
      assert.tensor_equal(torch.zeros(3), state)
      works(x)
    end)

    it(name .. ' refuses a yield', function ()
      local f = transforms[name](function (v)
        coroutine.yield()
        return v:sum()
      end)
      local ok, message = coroutine.resume(coroutine.create(f), x)
      assert.is_false(ok)
      assert.truthy(message:find('attempt to yield across a C-call boundary',
                                 1, true))
      works(x)
    end)
  end

  it('passes any error value on', function ()
    for _, value in ipairs {{code = 3}, true, 5, print} do
      local ok, e = pcall(autograd.grad(function () error(value) end), x)
      assert.is_false(ok)
      assert.equal(value, e)
    end
    local ok, e = pcall(autograd.grad(function () error() end), x)
    assert.is_false(ok)
    assert.is_nil(e)
    works(x)
  end)

  it('may be caught inside, and the outer transform goes on', function ()
    for _, name in ipairs(names) do
      local g = autograd.grad(function (v)
        pcall(transforms[name](function (u)
          v:mul(2)
          if u:dim() == 1 then boom() end
          return u:sum()
        end), v)
        return (v ^ 2):sum()
      end)(x)
      assert.tensor_equal(x * 2, g)
    end
  end)

  it('in a pullback unwinds', function ()
    local _, pull = autograd.vjp(torch.exp, x)
    assert.is_false(pcall(pull, torch.ones(4)))
    assert.tensor_equal(torch.exp(x), (pull(torch.ones(3))))
    works(x)
  end)

  it('in a finalizer that runs inside harms nothing', function ()
    local g = autograd.grad(function (v)
      setmetatable({}, {__gc = boom})
      setmetatable({}, {__gc = function () return x:clone():add(1) end})
      collectgarbage()
      return (v ^ 2):sum()
    end)(x)
    assert.tensor_equal(x * 2, g)
  end)

  it('restores storages that were written, the random state too', function ()
    torch.manualSeed(3)
    local before = torch.getRNGState()
    pcall(autograd.grad(function (v)
      torch.randn(3)
      v:zero()
      boom()
    end), x)
    assert.tensor_equal(torch.Tensor {1, 2, 3}, x)
    assert.tensor_equal(before, torch.getRNGState())
  end)

  it('a stack of pcalls and transforms', function ()
    local function deep (v, n)
      if n == 0 then boom() end
      local f = transforms[names[n % #names + 1]]
      return f(function (u) return deep(u, n - 1) end)(v)
    end
    for n = 1, 8 do
      assert.is_false(pcall(deep, x, n))
      works(x)
    end
  end)

  it('an endless recursion of transforms is an error', function ()
    local function f (v) return (autograd.grad(f)(v)):sum() end
    local ok, message = pcall(f, x)
    assert.is_false(ok)
    assert.truthy(tostring(message):find 'stack overflow')
    works(x)
  end)
end)
