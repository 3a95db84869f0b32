-- Each trap that users of Torch7, torch-autograd and JAX fell into, one test.
local torch = require 'torch'
local autograd = require 'autograd'
local nn = require 'nn'
require 'nnlua.busted'

local function message (f, ...)
  local ok, text = pcall(f, ...)
  assert.is_false(ok)
  return tostring(text)
end

describe('footguns', function ()
  it('jit: a counter in a table is noticed at the second call', function ()
    local state = {t = 0}
    local f = autograd.jit(function (x)
      state.t = state.t + 1
      return x * state.t
    end)
    f(torch.ones(2))
    assert.matches('the number 1 became 2', message(f, torch.ones(2)))
  end)

  it('jit: a counter in an upvalue is noticed at once', function ()
    local t = 0
    local f = autograd.jit(function (x) t = t + 1 return x * t end)
    assert.matches("changed its upvalue 't' from 0 to 1",
                   message(f, torch.ones(2)))
  end)

  it('jit: math.random would be frozen, and is refused', function ()
    local f = autograd.jit(function (x) return x * math.random() end)
    f(torch.ones(2))
    assert.matches('not the same at its second call',
                   message(f, torch.ones(2)))
  end)

  it('jit: torch.randn draws anew in each replay', function ()
    local f = autograd.jit(function (x) return x + torch.randn(3) end)
    local x = torch.zeros(3)
    f(x) f(x)
    assert.is_true((f(x) - f(x)):abs():max() > 0)
  end)

  it('jit: weights are read and written by reference', function ()
    local w = torch.ones(2)
    local f = autograd.jit(function (x) w:add(1) return torch.cmul(w, x) end)
    for i = 2, 5 do assert.tensor_equal(torch.ones(2) * i, f(torch.ones(2))) end
    w:fill(10)
    assert.tensor_equal(torch.ones(2) * 11, f(torch.ones(2)))
    assert.tensor_equal(torch.ones(2) * 11, w)
  end)

  it('jit: an upvalue that gets a new tensor is seen', function ()
    local w = torch.ones(2)
    local f = autograd.jit(function (x) return torch.cmul(w, x) end)
    for _ = 1, 3 do f(torch.ones(2)) end
    w = torch.ones(2) * 7
    assert.tensor_equal(torch.ones(2) * 7, f(torch.ones(2)))
  end)

  it('jit: a decaying rate never compiles again', function ()
    local f = autograd.jit(function (x, lr) return x * lr end)
    for i = 1, 100 do
      assert.near(1 / i, f(torch.ones(1), 1 / i)[1], 1e-7)
    end
    assert.equal(1, #autograd.jit_info(f).graphs)
  end)

  it('jit: training and evaluation are compiled apart', function ()
    local net = nn.Sequential(nn.Dropout(0.5))
    local f = autograd.jit(function (x) return net:forward(x) end)
    local x = torch.ones(1000)
    for _ = 1, 3 do assert.is_true(f(x):min() == 0) end
    net:evaluate()
    for _ = 1, 3 do assert.tensor_equal(x, f(x)) end
    net:training()
    assert.is_true(f(x):min() == 0)
  end)

  it('grad: a value that was saved for backward is not spoilt', function ()
    local g = autograd.grad(function (x)
      local y = torch.exp(x)
      local z = y * 1
      y:mul(0) -- in place, after exp saved it
      return z:sum()
    end)(torch.zeros(2))
    assert.tensor_equal(torch.ones(2), g)
  end)

  it('grad: what escapes becomes its value', function ()
    local best
    autograd.grad(function (x)
      best = x * 2
      return x:sum()
    end)(torch.ones(2))
    assert.tensor_equal(torch.ones(2) * 2, best)
    assert.equal(4, (best + 0):sum())
  end)

  it('vmap: what escapes says where it was made', function ()
    local kept
    autograd.vmap(function (x) kept = x * 2 return x end)(torch.ones(3, 2))
    assert.matches('escaped tracer: a value made inside vmap at .*footguns',
                   message(function () return kept + 1 end))
  end)

  it('grad: a closure in place of the argument is no zero', function ()
    local w = torch.ones(2)
    assert.matches('does not use differentiated input #1', message(
      autograd.grad(function () return torch.cmul(w, w):sum() end), w))
  end)

  it('an error inside a transform leaves nothing behind', function ()
    local w = torch.ones(2)
    local function broken (x) w:add(x) error 'stop' end
    for _, t in ipairs {autograd.grad, autograd.jit} do
      pcall(t(broken), torch.ones(2))
      local co = coroutine.wrap(function ()
        return pcall(t(broken), torch.ones(2))
      end)
      co()
      assert.tensor_equal(torch.ones(2), w)
      assert.is_false(autograd.tracing())
    end
  end)

  it('x:add(x), and views that overlap', function ()
    local x = torch.range(1, 4)
    x:add(x)
    assert.tensor_equal(torch.Tensor{2, 4, 6, 8}, x)
    x[{ {2, 4} }] = x[{ {1, 3} }]
    assert.tensor_equal(torch.Tensor{2, 2, 4, 6}, x)
  end)

  it('a clone and a value do not follow their origin', function ()
    local x = torch.ones(2)
    local y, z = x:clone(), x + 0
    x:zero()
    assert.tensor_equal(torch.ones(2), y)
    assert.tensor_equal(torch.ones(2), z)
  end)

  it('writing to an expanded tensor is refused', function ()
    assert.matches('write to x:clone%(%) instead', message(function ()
      torch.ones(1, 3):expand(2, 3):add(1)
    end))
  end)

  it('getParameters twice gives the same pair', function ()
    local net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    local w, dw = net:getParameters()
    local w2, dw2 = net:getParameters()
    w:fill(2)
    dw:fill(3)
    assert.tensor_equal(w, w2)
    assert.tensor_equal(dw, dw2)
    assert.equal(2, net:get(1).weight[1][1])
  end)

  it('trees are walked in sorted order, whatever pairs does', function ()
    local t = {}
    for i = 26, 1, -1 do t[string.char(96 + i)] = i end
    local leaves = autograd.tree.leaves(t)
    for i = 1, 26 do assert.equal(i, leaves[i]) end
  end)

  it('one example and a batch of one have the same numbers', function ()
    local net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
    local x = torch.randn(7, 5)
    local all = net:forward(x):clone()
    for i = 1, 7 do
      assert.tensor_equal(all[i], net:forward(x[{ {i, i} }])[1])
    end
  end)

  it('perturbations of nested derivatives are not confused', function ()
    local d = autograd.grad(function (x)
      return x * autograd.grad(function (y) return x + y end)(1.0)
    end)(1.0)
    assert.equal(1, d)
  end)
end)
