-- Errors inside transformed functions, at every level and in coroutines,
-- leave the state as it was: the next call works, storages hold what they
-- held, and nothing leaks.
require 'nnlua.busted'
local core = require 'nnlua.core'
local torch = require 'torch'
local nn = require 'nn'
local random = require 'random'
local autograd = require 'autograd'

local function boom () error('boom', 0) end

local function captured (f)
  f = autograd.jit(f)
  return function (x) return f(x) end
end

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
  jit = captured,
  -- outside transforms it would be f as it is
  custom = function (f)
    f = autograd.custom_vjp(f, function (x) return f(x), x end,
                            function (x, ct) return x * ct end)
    return function (x) return (autograd.grad(f)(x)):sum() end
  end,
  custom_jvp = function (f)
    f = autograd.custom_jvp(f, function (p, t)
      return f(p[1]), torch.cmul(p[1], t[1]):sum()
    end)
    return function (x) return (autograd.grad(f)(x)):sum() end
  end,
  ['custom backward'] = function (f)
    local own = autograd.custom_vjp(torch.sum, function (x)
      return x:sum(), x
    end, function (x, ct) return x * ct * f(x) end)
    return function (x) return (autograd.grad(own)(x)):sum() end
  end,
  ['custom rule'] = function (f)
    local own = autograd.custom_jvp(torch.sum, function (p, t)
      return p[1]:sum(), t[1]:sum() * f(p[1])
    end)
    return function (x) return (autograd.grad(own)(x)):sum() end
  end,
  value_and_grad = function (f)
    return function (x) return (autograd.value_and_grad(f)(x)) end
  end,
  jacobian = function (f)
    return function (x) return autograd.jacobian(f)(x):sum() end
  end,
  hessian = function (f)
    return function (x) return autograd.hessian(f)(x):sum() end
  end,
  checkpoint = function (f)
    f = autograd.checkpoint(f)
    return function (x) return (autograd.grad(f)(x)):sum() end
  end,
  gradcheck = function (f)
    return function (x) return autograd.gradcheck(f, x) and 1.0 or 0.0 end
  end,
  cond = function (f)
    return captured(function (x)
      return autograd.cond(torch.gt(x:sum(), -1e9), f, f, x)
    end)
  end,
  while_loop = function (f)
    return captured(function (x)
      return autograd.while_loop(function (c) return torch.lt(c, 1e9) end,
                                 function (c) return c + f(x) end, 0.0)
    end)
  end,
  ['while_loop test'] = function (f)
    return captured(function (x)
      return autograd.while_loop(function (c) return torch.lt(c, f(x)) end,
                                 function (c) return c + 1 end, 0.0)
    end)
  end,
  scan = function (f)
    return captured(function (x)
      return (autograd.scan(function (c, e) return c + f(x), e end, 0.0, x))
    end)
  end,
  fori = function (f)
    return captured(function (x)
      return autograd.fori(1, 3, function (_, c) return c + f(x) end, 0.0)
    end)
  end,
  functionalize = function (f)
    local module = nn.Dense(3, 1)
    module.compute = function (_, x) return f(x) end
    return captured(function (x)
      local g, p = autograd.functionalize(module)
      return g(p, x)
    end)
  end,
  ['nn.transform, init'] = function (f)
    return captured(function (x)
      local result
      nn.transform(function (v) result = f(v) end).init(nil, x)
      return result
    end)
  end,
  ['nn.transform, apply'] = function (f)
    return captured(function (x)
      return nn.transform(f).apply({}, nil, x)
    end)
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
        for _ = 1, 20 do pcall(f, big) end
        before, rounds = bytes(), rounds + 1
      until before == last or rounds == 30
      for _ = 1, 20 do pcall(f, big) end
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
      assert.truthy(message:find('attempt to yield across a C-call boundary; '
        .. 'a function that is transformed must not yield', 1, true))
      works(x)
    end)
  end

  -- nothing is traced here: what is exchanged meanwhile comes back
  it('functionalize or nn.transform, at top level and in coroutines',
     function ()
    local function stop (how, v)
      if how == 'error' then boom() end
      coroutine.yield()
      return v
    end
    local dense = nn.Dense(3, 2)
    local own = {dense.weight, dense.bias}
    local stopping = nn.Module()
    local f, p = autograd.functionalize(nn.Sequential(dense, stopping))
    p = autograd.tree.map(function (v) return v * 2 end, p)
    local net = nn.transform(function (v, how)
      return stop(how, nn.Linear(2)(v))
    end)
    local input = torch.ones(1, 3)
    for _, run in ipairs {pcall, function (g, ...)
      return coroutine.resume(coroutine.create(g), ...)
    end} do
      for how, text in pairs {error = 'boom', yield = 'attempt to yield'} do
        stopping.compute = function (_, v) return stop(how, v) end
        for _, g in ipairs {
          function () return f(p, input) end,
          function () return net.init(random.key(0), input, how) end,
          function ()
            return net.apply({linear = {w = torch.ones(3, 2),
                                        b = torch.ones(2)}}, nil, input, how)
          end,
        } do
          local ok, message = run(g)
          assert.is_false(ok)
          assert.truthy(message:find(text, 1, true))
          assert.equal(own[1], dense.weight)
          assert.equal(own[2], dense.bias)
          assert.is_nil(nn.Module.context)
          assert.equal(0, require 'nn.record'.depth)
        end
      end
    end
    stopping.compute = function (_, v) return v end
    assert.tensor_equal(dense:forward(input) * 2, f(p, input))
    works(x)
  end)

  it('a module in a coroutine inside a transform', function ()
    local P = {}
    local Old = torch.class('spec.Unwinding', 'nn.Module', P)
    function Old:updateOutput (v)
      if self.fails then boom() end
      self.output = v * 2
      return self.output
    end
    function Old:updateGradInput (_, g)
      self.gradInput = g * 2
      return self.gradInput
    end
    local old = P.Unwinding()
    local g = autograd.grad(function (v)
      old.fails = true
      local ok, message = coroutine.resume(coroutine.create(function ()
        return old:forward(v)
      end))
      assert.is_false(ok)
      assert.equal('boom', message)
      assert.equal(0, require 'nn.native'.depth)
      old.fails = nil
      return old:forward(v):sum()
    end)(x)
    assert.tensor_equal(torch.ones(3) * 2, g)
  end)

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

  -- its index is refused when the backward runs, after the function ended
  it('a pullback takes back what the function wrote', function ()
    local far = autograd.custom_vjp(torch.sum, function (v)
      return v:sum(), v
    end, function (v, ct)
      return v:index(1, torch.ones(3):mul(ct * 9):long())
    end)
    local count, rows = torch.zeros(3), torch.ones(2, 3)
    local function f (v)
      count:add(1)
      count:narrow(1, 2, 1):mul(torch.uniform())
      v:mul(2)
      return far(v)
    end
    local function apart (v)
      count:add(1)
      return far(v)
    end
    torch.manualSeed(3)
    local before = torch.getRNGState()
    for name, run in pairs {
      grad = function () autograd.grad(f)(rows[1]) end,
      nested = function () autograd.grad(autograd.grad(f))(rows[1]) end,
      vmap = function () autograd.vmap(autograd.grad(apart))(rows) end,
      ['grad of a caught one'] = function ()
        autograd.grad(function (v)
          assert.is_false(pcall(autograd.grad(f), v))
          assert.equal(3, torch.item(v:sum()))
          return v:sum()
        end)(rows[1])
        boom()
      end,
    } do
      local ok, message = pcall(run)
      assert.is_false(ok)
      assert.truthy(tostring(message):find(name:find 'caught' and 'boom'
        or 'index: 9 is outside 1..3', 1, true), name)
      assert.tensor_equal(torch.zeros(3), count)
      assert.tensor_equal(torch.ones(2, 3), rows)
      assert.tensor_equal(before, torch.getRNGState())
      works(x)
    end
    -- a vjp has succeeded before its pullback runs, as jacobian has it
    assert.is_false(pcall(autograd.jacobian(apart), rows[1]))
    assert.tensor_equal(torch.ones(3), count)
    count:zero()
    autograd.grad(function (v) -- what was caught inside leaves nothing
      pcall(autograd.grad(f), v)
      count:add(1)
      return (v ^ 2):sum()
    end)(rows[1])
    assert.tensor_equal(torch.ones(3), count)
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
    assert.truthy(tostring(message):find('stack overflow; Lua nests about 200 '
      .. 'C calls', 1, true))
    works(x)
  end)
end)
