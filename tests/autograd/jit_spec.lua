-- jit: state by reference, floats as data, what makes it capture anew, what
-- it refuses, nesting.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local jit = autograd.jit

local function graphs (f) return #autograd.jit_info(f).graphs end

-- f three times: capture, capture again, replay; the last result
local function thrice (f, ...)
  f(...)
  f(...)
  return f(...)
end

describe('jit', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('has eager bits at each call', function ()
    torch.manualSeed(1)
    local w = torch.randn(20, 30)
    local f = function (v) return torch.tanh(w * torch.exp(v)):sum() * 0.1 end
    local g, v = jit(f), torch.randn(30)
    for _ = 1, 4 do assert.equal(f(v), g(v)) end
  end)

  it('takes and gives trees', function ()
    local f = jit(function (p, n, name)
      return {sum = p.a + p.b[1], n = n, parts = {p.a:sum(), name, true}}, nil,
             n * 2, p.b[2]
    end)
    for i = 1, 4 do
      local out, none, n, b = f({a = x, b = {x, 0.5 * i}}, 3, 'name')
      assert.tensor_equal(x * 2, out.sum)
      assert.same({6.0, 'name', true}, out.parts)
      assert.equal(3, out.n)
      assert.is_nil(none)
      assert.equal(6, n)
      assert.equal(0.5 * i, b)
    end
    assert.equal(1, graphs(f))
  end)

  -- in time that grows as their number: a search for shared memory among all
  -- pairs would take minutes here
  it('takes 100,000 tensors, and sees those that are shared', function ()
    local n, list = 100000, {}
    for i = 1, n do list[i] = torch.Tensor {i} end
    local f = jit(function (t) t[n]:add(1) t[40]:add(t[n]) return t[50] * 2 end)
    for i = 1, 3 do
      assert.equal(100, f(list)[1])
      assert.equal(n + i, list[n][1])
    end
    assert.equal(40 + 3 * n + 6, list[40][1])
    local before = list[40]
    for _, k in ipairs {39, n} do
      local kept = list[k]
      list[k] = before
      local ok, message = pcall(f, list)
      assert.is_false(ok)
      assert.is_truthy(message:find('two arguments share memory and one of '
                                    .. 'them is written', 1, true), message)
      list[k] = kept
    end
    list[7], list[60] = list[50], list[50] -- only read: a graph of its own
    assert.equal(100, f(list)[1])
    assert.equal(4, graphs(f)) -- what is shared belongs to the signature
  end)

  it('reads and writes 50,000 tensors of its closure', function ()
    local n, list = 50000, {}
    for i = 1, n do list[i] = torch.Tensor {i} end
    local f = jit(function () for i = 1, n do list[i]:add(i) end end)
    for k = 1, 3 do
      f()
      for i = 1, n, 7777 do assert.equal(i + k * i, list[i][1]) end
    end
    local g = jit(function (v) return v + list[9] end)
    for _ = 1, 2 do g(list[8]) end
    local h = jit(function (v) list[n]:add(1) return v + list[9] end)
    assert.equal(8 * 4 + 9 * 4, h(list[8])[1])
    assert.has_error(function () h(list[n]) end)
  end)

  it('gives each call results of its own', function ()
    local f = jit(function (v) return {v * 2} end)
    local a, b = thrice(f, x), f(x * 2)
    a[1]:zero()
    assert.tensor_equal(x * 4, b[1])
    assert.tensor_equal(x * 2, f(x)[1])
  end)

  it('passes functions and modules through, by identity', function ()
    local module = setmetatable({scale = 2}, {})
    local f = jit(function (v, m, h) return h(v * m.scale), m end)
    for _ = 1, 3 do
      local y, m = f(x, module, torch.exp)
      assert.tensor_equal(torch.exp(x * 2), y)
      assert.equal(module, m)
    end
    assert.tensor_equal(torch.tanh(x * 2), (f(x, module, torch.tanh)))
    assert.equal(2, graphs(f))
  end)

  it('reads and writes upvalues by reference', function ()
    local w, n = torch.ones(3), torch.zeros(1)
    local f = jit(function (v)
      n:add(1)
      w:add(v)
      return torch.dot(w, v)
    end)
    for i = 1, 5 do
      local want = torch.dot(w + x, x)
      assert.equal(want, f(x))
      assert.equal(i, n[1])
    end
    w:zero() -- from outside
    assert.equal(14.0, f(x))
    assert.tensor_equal(x, w)
    assert.equal(1, graphs(f))
  end)

  it('lets writes to arguments reach the caller', function ()
    local f = jit(function (v, u)
      v:mul(2)
      u[1] = 9
      return v:sum()
    end)
    local big = torch.zeros(2, 3)
    for i = 1, 3 do
      assert.equal(2.0 ^ i * 6, f(x, big[2]))
      assert.equal(9.0, big[2][1])
      big:zero()
    end
  end)

  it('compiles anew when a static field changes, absent ones too', function ()
    local options = {b = 2}
    local f = jit(function (v)
      return v * (autograd.static(options, 'a') or 1)
             * autograd.static(options, 'b')
             * (autograd.static(options, 'c') or 1)
    end)
    local ones = torch.ones(2)
    for _ = 1, 5 do assert.tensor_equal(torch.Tensor{2, 2}, f(ones)) end
    assert.equal(1, graphs(f))
    options.a = 5
    for _ = 1, 3 do assert.tensor_equal(torch.Tensor{10, 10}, f(ones)) end
    assert.equal(2, graphs(f))
    options.a, options.b = nil, 3
    for _ = 1, 3 do assert.tensor_equal(torch.Tensor{3, 3}, f(ones)) end
    assert.equal(3, graphs(f))
  end)

  it('compiles an optimizer\'s step once', function ()
    local optim = require 'optim'
    local params, state, config = {torch.ones(3)}, {}, {learningRate = 0.1}
    local f = jit(function (p)
      local g = autograd.grad(function (q) return torch.square(q[1]):sum() end)
      return optim.adam(function () return 0, (g(p)) end, p, config, state)
    end)
    for _ = 1, 5 do f(params) end
    assert.equal(1, graphs(f))
  end)

  it('replays a whole step with no allocation and no Lua', function ()
    local nn, optim = require 'nn', require 'optim'
    local core = require 'nnlua.core'
    torch.manualSeed(1)
    local criterion = nn.CrossEntropyCriterion()
    local f, params = autograd.functionalize(nn.Sequential(
      nn.Dense(20, 30), nn.Tanh(), nn.Dropout(0.1), nn.Dense(30, 5)))
    local state, config = {}, {learningRate = 0.01}
    local step = jit(function (v, y)
      optim.adam(function ()
        return autograd.value_and_grad(function (p)
          return criterion:forward(f(p, v), y)
        end)(params)
      end, params, config, state)
    end)
    local v, y = torch.randn(64, 20), torch.LongTensor(64):fill(2)
    for _ = 1, 5 do step(v, y) end
    local before = params[1].weight:clone()
    step(v, y) -- the clone shared the weight's array until it was written
    local gc, used = collectgarbage, core.bytes_used -- globals are found in Lua
    local sethook, getinfo = debug.sethook, debug.getinfo
    gc()
    gc()
    gc 'stop'
    local lua, bytes, calls = gc 'count', used(), 0
    for _ = 1, 100 do step(v, y) end
    lua, bytes = gc 'count' - lua, used() - bytes
    sethook(function ()
      if getinfo(2, 'S').what ~= 'C' then calls = calls + 1 end
    end, 'c')
    for _ = 1, 10 do step(v, y) end
    sethook()
    gc 'restart'
    assert.equal(0, calls) -- of Lua functions
    assert.equal(0, bytes)
    assert.equal(0.0, lua)
    assert.equal(1, graphs(step))
    assert.is_true((params[1].weight - before):norm() > 0)
  end)

  it('compiles a cosine schedule over 1000 steps once', function ()
    local w = torch.ones(3)
    local f = jit(function (lr) w:mul(1 - lr) end)
    local want = torch.ones(3)
    for step = 1, 1000 do
      local lr = 0.001 * (1 + math.cos(math.pi * step / 1000)) / 2
      f(lr)
      want = want * (1 - lr)
    end
    assert.tensor_equal(want, w)
    assert.equal(1, graphs(f))
  end)

  it('keeps an optimizer as state', function ()
    local function make ()
      local w, m = torch.ones(3), torch.zeros(3)
      local v, t = torch.zeros(3), torch.zeros(1)
      local function step (target, lr)
        local loss, g = autograd.value_and_grad(function (p)
          return ((p - target) ^ 2):sum()
        end)(w)
        t:add(1)
        m:mul(0.9):add(0.1, g)
        v:mul(0.999):addcmul(0.001, g, g)
        local mhat, vhat = m / (1 - 0.9 ^ t), v / (1 - 0.999 ^ t)
        w:add(-lr * torch.cdiv(mhat, torch.sqrt(vhat) + 1e-8))
        return loss
      end
      return step, w
    end
    local eager, w = make()
    local step, v = make()
    step = jit(step)
    for i = 1, 50 do
      assert.equal(eager(x, 0.1 / i), step(x, 0.1 / i))
      assert.tensor_equal(w, v)
    end
    assert.equal(1, graphs(step))
  end)

  it('advances the random state', function ()
    local f = function (v) return v + torch.randn(3) * torch.uniform() end
    local g = jit(f)
    torch.manualSeed(4)
    local want = {}
    for i = 1, 5 do want[i] = f(x) end
    local after = torch.getRNGState()
    torch.manualSeed(4)
    for i = 1, 5 do assert.tensor_equal(want[i], g(x)) end
    assert.tensor_equal(after, torch.getRNGState())
    torch.manualSeed(4)
    assert.tensor_equal(want[1], g(x))
  end)

  it('captures anew for another signature, and only for that', function ()
    local seen = {}
    local f = jit(function (v, n, s, b)
      seen.called = true -- Lua runs while it is captured
      return v * n, s, b
    end)
    local calls = {
      {x, 2, 'a', true}, {torch.ones(4), 2, 'a', true}, {x:double(), 2, 'a',
      true}, {torch.ones(1, 3), 2, 'a', true}, {x, 3, 'a', true},
      {x, 2, 'b', true}, {x, 2, 'a', false}, {x, 2, 'a'}, {x, 2.5, 'a', true},
    }
    for round = 1, 3 do
      for i, c in ipairs(calls) do
        seen.called = false
        local y, s, b = f(table.unpack(c, 1, 4))
        assert.tensor_equal(c[1] * c[2], y)
        assert.equal(c[3], s)
        assert.equal(c[4], b)
        assert.equal(round < 3, seen.called, 'call ' .. i)
      end
    end
    assert.equal(#calls, graphs(f))
  end)

  it('keeps the cache bounded over 1000 shapes', function ()
    local f = jit(function (v) return v:sum() * 2 end)
    for n = 1, 1000 do assert.equal(2.0 * n, f(torch.ones(n))) end
    assert.is_true(graphs(f) <= 256)
    for _ = 1, 3 do assert.equal(14.0, f(torch.ones(7))) end
  end)

  it('sees an upvalue that is another tensor or number now', function ()
    local w, lr, name, on = torch.ones(3), 0.5, 'a', true
    local f = jit(function (v)
      local y = torch.cmul(v, w) * lr
      return on and y or -y, name
    end)
    assert.tensor_equal(x * 0.5, (thrice(f, x)))
    w = torch.ones(3) * 4
    assert.tensor_equal(x * 2, (thrice(f, x)))
    lr = 1
    assert.tensor_equal(x * 4, (thrice(f, x)))
    name, on = 'b', false
    local y, s = thrice(f, x)
    assert.tensor_equal(x * -4, y)
    assert.equal('b', s)
  end)

  it('is guarded by fields read through autograd.static', function ()
    local net = {train = true, scale = 3}
    local f = jit(function (v)
      if autograd.static(net, 'train') then return v * 2 end
      return v * autograd.static(net, 'scale')
    end)
    assert.tensor_equal(x * 2, (thrice(f, x)))
    net.train = false
    assert.tensor_equal(x * 3, (thrice(f, x)))
    net.scale = 5
    assert.tensor_equal(x * 5, (thrice(f, x)))
    net.train = true
    assert.tensor_equal(x * 2, (f(x)))
    assert.equal(3, graphs(f))
    assert.equal(5, autograd.static(net, 'scale'))
  end)

  it('passes guards of an inner jit on to the outer', function ()
    local net = {train = true}
    local inner = jit(function (v)
      return autograd.static(net, 'train') and v * 2 or v
    end)
    local outer = jit(function (v) return inner(v) + 1 end)
    assert.tensor_equal(x * 2 + 1, (thrice(outer, x)))
    net.train = false
    assert.tensor_equal(x + 1, (thrice(outer, x)))
  end)

  it('nests, and calls itself', function ()
    local inner = jit(function (v) return torch.exp(v) end)
    local outer = jit(function (v)
      return inner(v):sum() + inner(v * 2):sum()
    end)
    local want = torch.exp(x):sum() + torch.exp(x * 2):sum()
    for _ = 1, 3 do assert.equal(want, outer(x)) end
    local f
    f = jit(function (v, n)
      if n == 0 then return v end
      return f(v, n - 1) * 2
    end)
    for _ = 1, 3 do assert.tensor_equal(x * 8, (f(x, 3))) end
  end)

  it('is transformed', function ()
    local w = torch.ones(3) * 2
    local f = function (v) return torch.cmul(w, torch.exp(v)):sum() end
    local g = jit(f)
    for _ = 1, 3 do
      assert.tensor_equal((autograd.grad(f)(x)), (autograd.grad(g)(x)))
      assert.tensor_equal((autograd.vmap(f)(torch.stack {x, x * 2})),
                          (autograd.vmap(g)(torch.stack {x, x * 2})))
      assert.same({autograd.jvp(f, {x}, {x})}, {autograd.jvp(g, {x}, {x})})
    end
  end)

  it('is transformed where a number that it returns is not used', function ()
    local g = jit(function (v) return torch.exp(v), v:sum() end)
    local rows = torch.stack {x, x * 2}
    local function loss (v) return (g(v)):sum() end
    assert.tensor_equal(torch.exp(rows), (autograd.vmap(autograd.grad(loss))(
      rows)))
    assert.tensor_equal(torch.exp(rows), (autograd.grad(function (m)
      return autograd.vmap(loss)(m):sum()
    end)(rows)))
  end)

  it('captures functions that make tensors for inner closures', function ()
    local f = jit(function (v)
      local w = v * 2
      local double = autograd.custom_vjp(
        function (u) return torch.cmul(u, w) end,
        function (u) return torch.cmul(u, w), {} end,
        function (_, ct) return ct end)
      return double(v) + autograd.checkpoint(function (u) return u + w end)(v)
    end)
    assert.tensor_equal(torch.cmul(x, x) * 2 + x * 3, (thrice(f, x)))
  end)

  it('has state and gradients at once', function ()
    local w, n = torch.ones(3), torch.zeros(1)
    local g = jit(function (v)
      n:add(1)
      return torch.cmul(w, v):sum()
    end)
    for i = 1, 4 do
      assert.tensor_equal(torch.ones(3), (autograd.grad(g)(x)))
      assert.equal(i, n[1])
    end
  end)

  it('sees another default dtype, and integers that become floats',
     function ()
    local n = 2
    local f = jit(function ()
      return torch.ones(2) * n, torch.LongTensor {3} * n
    end)
    local a, b = thrice(f)
    assert.equal('torch.FloatTensor', a:type())
    assert.equal('torch.LongTensor', b:type())
    torch.setdefaulttensortype 'torch.DoubleTensor'
    local ok, message = pcall(function ()
      a = thrice(f)
      assert.equal('torch.DoubleTensor', a:type())
    end)
    torch.setdefaulttensortype 'torch.FloatTensor'
    assert(ok, message)
    n = 2.0
    b = select(2, thrice(f))
    assert.equal('torch.FloatTensor', b:type())
    local g = jit(function (t) return t[true] or t[false] * 2 end)
    assert.tensor_equal(x, thrice(g, {[true] = x}))
    assert.tensor_equal(x * 2, thrice(g, {[false] = x}))
  end)

  it('tells new functions from those that were collected', function ()
    local f = jit(function (v, h) return h(v) end)
    for i = 1, 100 do
      local n = i
      for _ = 1, 3 do
        assert.equal(i, f(x, function (v) return v * n end)[1])
      end
      collectgarbage()
    end
  end)

  it('sees outer tensors change their size', function ()
    local t = {w = torch.ones(3)}
    local w = t.w
    local by_field = jit(function (v) return v:sum() + t.w:sum() end)
    local by_upvalue = jit(function (v) return v:sum() + w:size(1) end)
    assert.equal(9.0, thrice(by_field, x))
    assert.equal(9.0, thrice(by_upvalue, x))
    w:resize(5):fill(2)
    assert.equal(16.0, thrice(by_field, x))
    assert.equal(11.0, thrice(by_upvalue, x))
  end)

  it('keeps state that is made outside at its first call', function ()
    local buffer
    local f = jit(function (v)
      buffer = buffer or autograd.outside(torch.zeros, 3)
      buffer:add(v)
      return buffer:sum()
    end)
    for i = 1, 5 do assert.equal(6.0 * i, f(x)) end
    assert.tensor_equal(x * 5, buffer)
  end)

  it('shows its graph', function ()
    local f = jit(function (v) return v * 2 + 1 end)
    f(x)
    local text = autograd.jit_info(f).graphs[1]
    assert.truthy(text:find('input float32[3]', 1, true))
    assert.truthy(text:find('= mul(', 1, true))
    assert.truthy(text:find('= add(', 1, true))
  end)

  it('shows its graph before and after, and the arena', function ()
    local w = torch.ones(3, 3)
    local f = jit(function (v)
      local _ = torch.exp(v) -- nobody reads it
      w:add(1)
      return torch.tanh(v) + torch.tanh(v), (w * v.new(3):fill(2)):sum()
    end)
    assert.equal('not called yet', tostring(autograd.jit_info(f)))
    for _ = 1, 3 do f(x) end
    f(torch.ones(4))
    local info = autograd.jit_info(f)
    assert.equal(2, #info.captured)
    for i, captured in ipairs(info.captured) do
      assert.equal(2, select(2, captured:gsub('= tanh%(', '')))
      assert.equal(1, select(2, captured:gsub('= exp%(', '')))
      assert.equal(1, select(2, info.graphs[i]:gsub('= tanh%(', '')))
      assert.falsy(info.graphs[i]:find 'exp')
      for _, text in ipairs {captured, info.graphs[i]} do
        assert.truthy(text:find('^%%0 = input float32%[%d%]\n%%%d = tensor '
                                .. 'float32%[3 x 3%]\n'))
        assert.truthy(text:find('\nreturn %%%d+, %%%d+\nwrite %%%d+ := '
                                .. '%%%d+\n$'))
      end
      assert.equal(math.tointeger(info.plans[i]:match 'arena (%d+) bytes'),
                   info.arena[i])
    end
    assert.is_true(info.arena[1] > 0)
    local text = tostring(info)
    assert.truthy(text:find('^signature 1 of 2\ncaptured, %d+ equations:\n'))
    assert.truthy(text:find('\n\nsimplified, %d+ equations:\n'))
    assert.truthy(text:find('\n\nreplayed:\n.*arena %d+ bytes\n.*'
                            .. 'signature 2 of 2\n'))
  end)

  it('works on views, empty tensors and numbers', function ()
    local m = torch.randn(4, 5)
    local f = function (v) return torch.tanh(v) * 2 end
    local g = jit(f)
    for _, v in ipairs {m:t(), m:narrow(2, 2, 3), m:select(1, 2),
                        m[2]:view(1, 5):expand(3, 5), torch.zeros(0, 3)} do
      assert.tensor_equal(f(v), thrice(g, v))
    end
    assert.equal(f(0.5), thrice(g, 0.5))
    assert.equal(f(0.25), g(0.25))
  end)

  it('leaves state as it was where f fails', function ()
    local n = torch.zeros(1)
    local fail = true
    local t = {}
    local f = jit(function (v)
      n:add(1)
      if t.fail then error 'no' end
      return v
    end)
    t.fail = fail
    assert.is_false(pcall(f, x))
    assert.equal(0.0, n[1])
    t.fail = false
    for i = 1, 3 do
      f(x)
      assert.equal(i, n[1])
    end
  end)

  it('nests: a compiled function that reads a part of a tensor', function ()
    local w, a = torch.randn(3, 2), torch.ones(2)
    local inner = jit(function (v, u) return v / 2 + u end)
    local outer = jit(function (v) return inner(v, w[3]) end)
    for _ = 1, 3 do
      assert.tensor_equal(w[3] + 0.5, inner(a, w[3]))
      assert.tensor_equal(w[3] + 0.5, outer(a))
    end
  end)

  it('returns what a call inside gave back, and it stays', function ()
    local inner = jit(function (v) return torch.sin(v), v end)
    local f = jit(function (v)
      local sorted = torch.sort(v)
      local _, part = inner(sorted:narrow(1, 2, 2))
      return part
    end)
    for _ = 1, 3 do
      local first = f(torch.Tensor {3, 2, 1})
      f(torch.Tensor {30, 20, 10})
      assert.tensor_equal(torch.Tensor {2, 3}, first)
    end
  end)

  it('has no NaN in gradients from results that nobody uses', function ()
    local function f (v) return v:sum(), torch.sqrt(v) * v:sum() end
    local j = jit(f)
    local v = torch.DoubleTensor {4, -1}
    local ones = torch.ones(2):double()
    local function first (h) return function (u) return (h(u)) end end
    assert.tensor_equal(ones, (autograd.grad(first(f))(v)))
    assert.tensor_equal(ones, (autograd.grad(first(j))(v)))
    local function square (u) -- what it saves of sqrt(u) is not used again
      return torch.where(torch.isnan(torch.sqrt(u)), u, torch.square(u)):sum()
    end
    local h = jit(square)
    local looped = jit(function (u)
      return autograd.fori(1, 1, function (_, c)
        return c + square(u) / 4
      end, u):sum() * 2 - u:sum() * 2
    end)
    local branched = jit(function (u)
      return autograd.cond(torch.lt(u:sum(), 9), square, torch.sum, u)
    end)
    for _, k in ipairs {square, h, looped, branched} do
      assert.tensor_equal(torch.DoubleTensor {2, 0},
        (autograd.grad(function (u)
          return (autograd.grad(k)(u)):sum()
        end)(v)))
    end
  end)
end)

describe('jit refuses', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  local function fails (text, f, ...)
    local ok, message = pcall(f, ...)
    assert.is_false(ok)
    message = message:gsub('^[^:]*:%d+: ', ''):gsub('%S*jit_spec.lua:%d+',
                                                   'LINE')
    assert.equal(text, message)
  end

  local again = 'jit: the function is not the same at its second call: '
  local remedy = '. Keep what changes in tensors or pass it as an argument; '
                 .. 'floats that are arguments may change freely'

  it('a counter in a table', function ()
    local state = {t = 0}
    local f = jit(function (v)
      state.t = state.t + 1
      return v * state.t
    end)
    f(x)
    fails(again .. 'LINE: the number 1 became 2 in mul' .. remedy, f, x)
  end)

  it('a counter in an upvalue, which keeps its value', function ()
    local n = 0
    local f = jit(function (v)
      n = n + 1
      return v * n
    end)
    fails("jit: the function changed its upvalue 'n' from 0 to 1; that would "
          .. 'happen only while it is captured. Keep it in a tensor, or pass '
          .. 'it as an argument and return it', f, x)
    assert.equal(0, n)
  end)

  it('a flag or a text in an upvalue, which keeps its value', function ()
    local flip, text = false, 'a'
    local f = jit(function (v)
      flip = not flip
      return flip and v * 2 or v * 3
    end)
    local g = jit(function (v)
      text = text .. 'b'
      return v
    end)
    local changed = "jit: the function changed its upvalue '%s' from %s to %s; "
      .. 'that would happen only while it is captured. Keep it in a tensor, or '
      .. 'pass it as an argument and return it'
    for _ = 1, 3 do
      fails(changed:format('flip', 'false', 'true'), f, x)
      fails(changed:format('text', 'a', 'ab'), g, x)
    end
    assert.is_false(flip)
    assert.equal('a', text)
  end)

  it('an upvalue that gets a new tensor, and keeps the old one', function ()
    local w = torch.ones(3)
    local f = jit(function (v)
      w = w + v
      return w:sum()
    end)
    fails("jit: the function set its upvalue 'w' to a new tensor; that would "
          .. 'happen only while it is captured. Write into the old one '
          .. '(w:copy(...)), or pass it as an argument and return it', f, x)
    assert.tensor_equal(torch.ones(3), w)
  end)

  it('math.random and clocks', function ()
    math.randomseed(1)
    local f = jit(function (v) return v * math.random() end)
    f(x)
    local ok, message = pcall(f, x)
    assert.is_false(ok)
    assert.truthy(message:find(again, 1, true))
    assert.truthy(message:find('the number 0%.%d+ became 0%.%d+ in'))
    local now = 0
    local t = {clock = function ()
      now = now + 1
      return now
    end}
    local g = jit(function (v) return v, t.clock() end)
    g(x)
    fails(again .. 'it returned other constants or another table than at the '
          .. 'first call' .. remedy, g, x)
  end)

  it('another number of operations', function ()
    local t = {0}
    local f = jit(function (v)
      t[1] = t[1] + 1
      for _ = 1, t[1] do v = torch.exp(v) end
      return v
    end)
    f(x)
    local ok, message = pcall(f, x)
    assert.is_false(ok)
    assert.truthy(message:find(again, 1, true))
  end)

  it('a tensor that is a written argument and an upvalue', function ()
    local w = torch.ones(3)
    local f = jit(function (v)
      w:add(1)
      return v:sum()
    end)
    f(x)
    f(x)
    local text = 'jit: a tensor is an argument and reached by a closure as '
                 .. 'well, and one of them is written (views of one storage '
                 .. 'count as one tensor); use it one way only, or pass a clone'
    fails(text, f, w)
    local all = torch.zeros(6) -- separate parts of one storage too
    local a, b = all:narrow(1, 1, 3), all:narrow(1, 4, 3)
    fails(text, jit(function (v) b:add(1) return v:sum() end), a)
    fails(text, jit(function (v) v:add(1) return b:sum() end), a)
    assert.equal(0, all:sum())
    jit(function (v) b:add(1) return v:sum() end)(a:clone())
    jit(function (u, v) v:add(1) return u:sum() end)(a, b)
    assert.equal(6, all:sum())
  end)

  it('two arguments that share memory where one is written', function ()
    local f = jit(function (a, b)
      a:add(1)
      return b * 2
    end)
    f(x, torch.ones(3))
    local text = 'jit: two arguments share memory and one of them is written; '
                 .. 'clone one'
    fails(text, f, x, x)
    local m = torch.zeros(5)
    fails(text, f, m:narrow(1, 1, 3), m:narrow(1, 2, 3))
    -- reading both is no problem
    local g = jit(function (a, b) return a + b end)
    for _ = 1, 3 do assert.tensor_equal(x * 2, g(x, x)) end
  end)

  it('not views of one memory that lie apart', function ()
    local function f (u, v)
      u:mul(2):add(v)
      v:add(u)
      return torch.dot(u, v)
    end
    local both = autograd.grad(f, {argnums = {1, 2}})
    local function g (u, v) return both(u, v)[1] end
    for i, views in ipairs {
      function (m) return m:select(1, 2), m:select(1, 1) end,
      function (m) return m:select(2, 6), m:select(2, 1) end,
      function (m) return m:narrow(1, 1, 2):view(-1),
                           m:narrow(1, 3, 2):view(-1) end,
    } do
      for k, h in pairs {f = f, grad = g} do
        local one = jit(h)
        for n = 1, 3 do
          local a = torch.randn(4, 6)
          local b = a:clone()
          local want, got = h(views(a)), one(views(b))
          if k == 'f' then assert.equal(want, got, i)
          else assert.tensor_equal(want, got) end
          assert.tensor_equal(a, b, i .. k .. n)
        end
      end
    end
  end)

  it('to read values', function ()
    local what = 'a value that jit traces has no elements yet; use '
                 .. 'torch.where(torch.gt(x, 0), ...) instead of branching on '
                 .. 'it; inside jit at LINE'
    fails('reading a number: ' .. what, jit(function (v)
      if v:sum() > 0 then return v end
    end), x)
    fails('reading a number: ' .. what, jit(function (v)
      return torch.item(v[1])
    end), x)
    fails('reading elements: ' .. what, jit(function (v)
      return v:totable()
    end), x)
  end)

  it('results whose size depends on the data', function ()
    for _, name in ipairs {'nonzero', 'maskedSelect'} do
      local ok, message = pcall(jit(function (v)
        return v[name](v, torch.gt(v, 0))
      end), x)
      assert.is_false(ok)
      assert.truthy(message:find(name .. ': how many elements there are '
        .. "depends on the data, which jit doesn't know; use torch.where("
        .. 'mask, x, 0); inside jit at ', 1, true))
    end
  end)

  it('to resize an argument', function ()
    fails("jit: an argument can't be resized inside",
          jit(function (v) v:resize(5) return v end), x)
  end)

  it('cycles and odd keys', function ()
    local t = {}
    t.t = t
    fails('jit: tables nested deeper than 100, perhaps a cycle', jit(print), t)
    fails('jit: a key of a table is a function; numbers and strings are keys '
          .. 'of trees', jit(print), {[print] = 1})
  end)

  it('values that escaped, where they are used', function ()
    local t = {}
    local f = jit(function (v)
      t.out = v * 2
      return v
    end)
    f(x)
    fails('escaped tracer: a value made inside jit at LINE was kept and used '
          .. 'after it ended; return it from the function instead',
          function () return t.out + 1 end)
  end)

  it('what is no function', function ()
    fails('jit: argument #1: a function expected, got a number', jit, 3)
    fails('jit_info: argument #1: a function made by autograd.jit expected, '
          .. 'got function', autograd.jit_info, print)
  end)
end)
