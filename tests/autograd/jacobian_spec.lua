-- jacobian and hessian: shapes, trees, numbers, compositions.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local jacobian, hessian = autograd.jacobian, autograd.hessian

describe('jacobian', function ()
  local x
  before_each(function () x = torch.DoubleTensor {1, 2, 3} end)

  it('has the sizes of the result, then of the argument', function ()
    local m = torch.randn(2, 3):double()
    local j = jacobian(function (a) return torch.matmul(a, a:t()) end)(m)
    assert.same({2, 2, 2, 3}, j:size():totable())
    assert.tensor_equal(torch.eye(6):double():view(2, 3, 2, 3),
                        jacobian(function (a) return a * 1 end)(m))
    assert.tensor_equal(m, jacobian(function (v) return m * v end)(x))
  end)

  it('of scalars and of numbers', function ()
    assert.tensor_equal(x * 2, jacobian(function (v)
      return (v ^ 2):sum()
    end)(x))
    assert.tensor_equal(x, jacobian(function (n) return x * n end)(2.0))
    assert.equal(6.0, jacobian(function (n) return n ^ 2 end)(3))
    assert.equal(12.0, hessian(function (n) return n ^ 3 end)(2))
  end)

  it('of trees: [leaf of the result][leaf of the argument]', function ()
    local j = jacobian(function (p)
      return {y = p.a * p.b, s = p.a:sum(), name = 'text', n = 3}
    end) {a = x, b = 2.0, k = torch.LongTensor {1}, name = 'p'}
    assert.tensor_equal(torch.eye(3):double() * 2, j.y.a)
    assert.tensor_equal(x, j.y.b)
    assert.tensor_equal(torch.ones(3):double(), j.s.a)
    assert.equal(0.0, j.s.b)
    assert.is_nil(j.y.k)
    assert.is_nil(j.name)
    assert.is_nil(j.n)
  end)

  it('passes further arguments and drops further results', function ()
    local j, rest = jacobian(function (v, k, name)
      assert.equal('name', name)
      return v * k, 'extra'
    end)(x, 3, 'name')
    assert.tensor_equal(torch.eye(3):double() * 3, j)
    assert.is_nil(rest)
  end)

  it('composes', function ()
    local function f (v) return torch.exp(v):sum() * v[1] end
    local h = hessian(f)(x)
    assert.tensor_near(h:t(), h, 1e-12)
    assert.tensor_near(h, autograd.jit(hessian(f))(x), 1e-12)
    local rows = torch.stack {x, x / 2}
    local mapped = autograd.vmap(hessian(f))(rows)
    assert.tensor_near(h, mapped[1], 1e-12)
    assert.tensor_near(hessian(f)(x / 2), mapped[2], 1e-12)
    local g = autograd.grad(function (v) return hessian(f)(v):sum() end)(x)
    local third = jacobian(hessian(f))(x)
    assert.tensor_near(third:sum(1):sum(2):view(3), g, 1e-10)
  end)

  it('wants a function', function ()
    for name, f in pairs {jacobian = jacobian, hessian = hessian} do
      assert.error_matches(function () f(3) end, name
        .. ': argument #1: a function expected, got a number', 1, true)
    end
  end)
end)
