-- Tensors of Lua under transforms: the same methods, with weak numbers where
-- a number would be.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'

local function T (...) return torch.Tensor{...} end

describe('tensors under grad', function ()
  local function gradient (f, ...)
    return (autograd.grad(f)(...)):totable()
  end

  it('index and assign', function ()
    assert.same({2, 1, 1}, gradient(function (x)
      return x[1] * x[2] + x[{3}]
    end, T(1, 2, 3)))
    assert.same({5, 3, 1}, gradient(function (x)
      local y = torch.zeros(3)
      y[{ {1, 2} }] = x[{ {2, 3} }]
      y:narrow(1, 1, 1):mul(3)
      y[3] = x[1] * 5
      return y:sum()
    end, T(1, 2, 3)))
    assert.same({0, 1, 1}, gradient(function (x)
      return x[torch.gt(x, 1)]:sum()
    end, T(1, 2, 3)))
    assert.same({2, 0, 1}, gradient(function (x)
      return x:index(1, torch.LongTensor{1, 3, 1}):sum()
    end, T(1, 2, 3)))
  end)

  it('write in place', function ()
    assert.same({3, 5, 7}, gradient(function (x)
      local y = x:clone()
      y:add(1):mul(x)
      return y:sum()
    end, T(1, 2, 3)))
    local outer = torch.zeros(3)
    assert.same({1, 1, 1}, gradient(function (x)
      outer:copy(x)
      return outer:sum()
    end, T(1, 2, 3)))
    assert.same({1, 2, 3}, outer:totable())
  end)

  it('numbers compute as numbers', function ()
    assert.equal(6, autograd.grad(function (x) return x ^ 2 end)(3))
    autograd.grad(function (x)
      local s = x:sum()
      assert.is_true(s:isWeak())
      assert.equal('float64', s:dtype())
      assert.equal('float32', (x * s):dtype())
      assert.is_true(s > 5 and s < 7)
      assert.equal(6, torch.item(s))
      return s
    end)(T(1, 2, 3))
    assert.same({1, 2}, gradient(function (x)
      return torch.tensor{x[1], x[2] * 2}:sum()
    end, T(1, 2)))
    assert.tensor_near({0, 1, 0}, autograd.grad(function (x)
      local v, i = x:max(1)
      assert.equal(2, i[1])
      return v:sum()
    end)(T(1, 5, 3)))
  end)

  it('refuse a Lua function for each element', function ()
    local ok, message = pcall(autograd.grad(function (x)
      return x:clone():apply(function (v) return v end):sum()
    end), T(1, 2))
    assert.is_false(ok)
    assert.matches("apply: a Lua function that is called for each element "
                   .. "can't be traced", message)
  end)
end)

describe('tensors under vmap and jit', function ()
  it('see one example', function ()
    local y = autograd.vmap(function (x)
      assert.equal(1, x:dim())
      return x:sum() * x
    end)(torch.Tensor{{1, 2}, {3, 4}})
    assert.same({{3, 6}, {21, 28}}, y:totable())
  end)

  it('replay writes and draws', function ()
    local w = torch.ones(2)
    local step = autograd.jit(function (x)
      w:add(x)
      return w:sum()
    end)
    for i = 1, 4 do assert.equal(2 + 3 * i, step(T(1, 2))) end
    assert.same({5, 9}, w:totable())
    local draw = autograd.jit(function () return torch.randperm(50) end)
    local a, b, c = draw(), draw(), draw()
    assert.is_false(torch.equal(a, b))
    assert.is_false(torch.equal(b, c))
    assert.same(torch.range(1, 50):totable(), (torch.sort(c)):totable())
  end)

  it('refuse branches on data', function ()
    for _, transform in ipairs{'vmap', 'jit'} do
      local ok, message = pcall(autograd[transform](function (x)
        if x:sum() > 0 then return x end
        return -x
      end), torch.ones(2, 2))
      assert.is_false(ok)
      assert.matches('torch.where', message)
    end
  end)
end)
