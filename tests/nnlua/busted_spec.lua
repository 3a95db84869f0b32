-- The specs' own assertions: they hold, and say why when they do not.
local torch = require 'torch'
require 'nnlua.busted'

local function message (f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return tostring(err)
end

describe('assert.tensor_near', function ()
  it('holds within the tolerance', function ()
    local x = torch.tensor {{1, 2}, {3, 4}}
    assert.tensor_near(x, x)
    assert.tensor_near(x, x + 1e-6)
    assert.tensor_near(x, x + 0.05, 0.1)
    assert.tensor_near(x, x * 1.05, {rtol = 0.1})
    assert.tensor_near({{1, 2}, {3, 4}}, x)
    assert.tensor_near(x, x:double())
    assert.is_not.tensor_near(x, x + 1)
    assert.tensor_near(torch.tensor {0 / 0, 1 / 0}, torch.tensor {0 / 0, 1 / 0})
  end)
  it('shows shapes, dtypes, the largest difference and where', function ()
    local x = torch.tensor {{1, 2}, {3, 4}}
    local text = message(function ()
      assert.tensor_near(x, torch.tensor {{1, 2.5}, {5, 4}}, 0.1)
    end)
    assert.is_truthy(text:find('got 2 x 2 float32, expected 2 x 2 float32: 2 '
      .. 'of 4 elements differ by more than 0.1;\nthe largest difference is 2 '
      .. 'at [2,1]: got 5.0, expected 3.0', 1, true), text)
    text = message(function () assert.tensor_near(x, torch.zeros(4)) end)
    assert.is_truthy(text:find('shapes differ: got 4 float32, expected 2 x 2 '
      .. 'float32', 1, true), text)
    text = message(function () assert.tensor_near(x, x + 0 / 0) end)
    assert.is_truthy(text:find('4 of 4 elements differ', 1, true), text)
    text = message(function () assert.tensor_near(x, nil) end)
    assert.is_truthy(text:find('tensors expected, got nil and torch.Float',
                               1, true), text)
    text = message(function () assert.is_not.tensor_near(x, x) end)
    assert.is_truthy(text:find('equal within the tolerance', 1, true), text)
  end)
end)

describe('assert.tensor_equal', function ()
  it('wants every bit and the dtype', function ()
    local x = torch.tensor {1, 2, 3}
    assert.tensor_equal(x, x:clone())
    assert.tensor_equal({1, 2, 3}, x)
    assert.is_truthy(message(function ()
      assert.tensor_equal(x, x:double())
    end):find('dtypes differ: got 3 float64, expected 3 float32', 1, true))
    assert.is_truthy(message(function ()
      assert.tensor_equal(x, x + 1e-6)
    end):find('of 3 elements differ by more than 0;', 1, true))
  end)
end)

describe('assert.gradcheck', function ()
  it('holds for right gradients, of any arguments', function ()
    assert.gradcheck(function (x) return torch.cmul(x, x):sum() end,
                     torch.randn(3))
    assert.gradcheck(torch.tanh, torch.randn(2, 3)) -- a tensor as result
    assert.gradcheck(function (p, y)
      return (torch.cmul(p.w, p[1]) - y):sum()
    end, {w = torch.randn(4), torch.randn(4)}, torch.randn(4))
    assert.gradcheck(function (x, n) return (x ^ n):sum() end,
                     torch.rand(3) + 0.5, 3)
    assert.gradcheck(function (x) return x ^ 3 end, 2.0)
  end)
  it('shows what differs', function ()
    local autograd = require 'autograd'
    local text = message(function ()
      assert.gradcheck(function (x)
        return torch.cmul(x, autograd.stop_gradient(x)):sum()
      end, torch.tensor {1, 2})
    end)
    assert.matches('gradcheck: the gradient of argument%[1%] %(2 float64%) '
      .. 'differs at element 2: autograd 2, differences 4', text)
    text = message(function ()
      assert.gradcheck(function () error 'inside' end, torch.ones(1))
    end)
    assert.matches('gradcheck: .*inside', text)
    assert.matches('no floating tensor', message(function ()
      assert.gradcheck(function (x) return x end, 'text')
    end))
  end)
end)
