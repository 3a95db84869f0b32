-- vjp and jvp: results, pullbacks and tangents of trees, and their errors.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local vjp, jvp = autograd.vjp, autograd.jvp

local function fails (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(text, (message:gsub('^[^:]*:%d+: ', '')))
end

describe('vjp', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('gives the result, the pullback, and what else f returns', function ()
    local y, pull, extra, more = vjp(function (v)
      return torch.cmul(v, v), 'extra', v:sum()
    end, x)
    assert.tensor_equal(torch.cmul(x, x), y)
    assert.equal('extra', extra)
    assert.equal(6.0, more)
    assert.tensor_equal(x * 2, (pull(torch.ones(3))))
  end)

  it('pulls back many times, in any order', function ()
    local _, pull = vjp(function (v) return torch.cmul(v, torch.exp(v)) end, x)
    local want = {}
    for i = 1, 3 do
      want[i] = pull(torch.eye(3)[i])
      assert.equal(0.0, want[i][i % 3 + 1])
    end
    collectgarbage()
    for i = 3, 1, -1 do
      assert.tensor_equal(want[i], (pull(torch.eye(3)[i])))
    end
    assert.tensor_equal(want[1] + want[2] + want[3], (pull(torch.ones(3))))
  end)

  it('gives one gradient for each argument', function ()
    local _, pull = vjp(function (a, n, b) return (a * n):sum() * b end, x, 2,
                        0.5)
    local ga, gn, gb = pull(1)
    assert.tensor_equal(torch.ones(3), ga)
    assert.equal(3.0, gn)
    assert.equal(12.0, gb)
  end)

  it('takes and gives trees', function ()
    local y, pull = vjp(function (p)
      return {sum = p.a:sum() + p.b, parts = {p.a * p.b, 'text', 4}}
    end, {a = x, b = 2.0, n = torch.LongTensor {1}})
    assert.equal(8.0, y.sum)
    assert.equal('text', y.parts[2])
    local g = pull {sum = 1.0, parts = {torch.ones(3), 'text', 4}}
    assert.tensor_equal(torch.ones(3) * 3, g.a)
    assert.equal(7.0, g.b)
    assert.is_nil(g.n)
  end)

  it('pulls back outside of the trace that made it', function ()
    local pull
    local g = autograd.grad(function (v)
      local _
      _, pull = vjp(torch.exp, torch.zeros(3))
      return v:sum()
    end)(x)
    assert.tensor_equal(torch.ones(3), g)
    assert.tensor_equal(x, (pull(x)))
  end)

  it('pulls back inside grad, jvp, vmap and jit', function ()
    local _, pull = vjp(function (v) return v ^ 2 end, x)
    local g = autograd.grad(function (ct) return pull(ct):sum() end)(x)
    assert.tensor_equal(x * 2, g)
    local _, t = jvp(pull, {x}, {torch.ones(3)})
    assert.tensor_equal(x * 2, t)
    local rows = autograd.vmap(pull)(torch.eye(3))
    assert.tensor_equal(torch.diag(x * 2), rows)
    assert.tensor_equal(x * 2, (autograd.jit(pull)(torch.ones(3))))
  end)

  it('lets writes reach the caller once, not at the pullback', function ()
    local y = torch.zeros(3)
    local _, pull = vjp(function (v)
      y:add(1)
      return v * 2
    end, x)
    pull(x)
    pull(x)
    assert.tensor_equal(torch.ones(3), y)
  end)

  it('casts a cotangent to its output', function ()
    local _, pull = vjp(torch.exp, x)
    local g = pull(torch.ones(3):double())
    assert.equal('torch.FloatTensor', g:type())
  end)

  it('has no derivative of integers', function ()
    local _, pull = vjp(function (v) return v:long() end, x)
    assert.tensor_equal(torch.zeros(3), (pull(torch.ones(3):long())))
  end)

  it('says what a cotangent must be', function ()
    local _, pull = vjp(torch.exp, x)
    fails('vjp: the pullback takes a cotangent like the output', pull)
    fails('vjp: the cotangent is nil, a tensor was expected', pull, nil)
    fails('vjp: the cotangent is number 1, its output [3]', pull, 1)
    fails('vjp: the cotangent is tensor of 4 float32, its output [3]', pull,
          torch.ones(4))
    local _, tree_pull = vjp(function (v) return {a = v, b = {v}} end, x)
    fails('vjp: tree #2 has no b', tree_pull, {a = x})
    fails('vjp: the cotangent b[1] is string \'c\', a tensor was expected',
          tree_pull, {a = x, b = {'c'}})
    fails('vjp: tree #2 has tensor of 3 float32 at its root where tree #1 '
          .. 'has a table', tree_pull, x)
    fails('vjp: the function returned nothing', vjp, function () end, x)
    fails('vjp: argument #1: a function expected, got a number', vjp, 3)
  end)
end)

describe('jvp', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('gives the result, its tangent, and what else f returns', function ()
    local y, t, extra = jvp(function (v) return v ^ 2, 'extra' end, {x},
                            {torch.ones(3)})
    assert.tensor_equal(x ^ 2, y)
    assert.tensor_equal(x * 2, t)
    assert.equal('extra', extra)
    local v, d = jvp(function (a, b) return a * b end, {3, 2.0}, {1, 10})
    assert.equal(6.0, v)
    assert.equal(32.0, d)
  end)

  it('takes and gives trees', function ()
    local y, t = jvp(function (p, q)
      return {u = p.a * q, v = {p.b, 'text', 3}}
    end, {{a = x, b = 1.5, s = 'x'}, 2.0}, {{a = x, b = 10, s = 'x'}, 0.0})
    assert.tensor_equal(x * 2, y.u)
    assert.tensor_equal(x * 2, t.u)
    assert.same({1.5, 'text', 3}, y.v)
    assert.equal(10.0, t.v[1])
  end)

  it('has zero tangents where nothing flows', function ()
    local _, t = jvp(function (v)
      return {torch.ones(2), v:long(), 4.0, torch.sign(v)}
    end, {x}, {x})
    assert.tensor_equal(torch.zeros(2), t[1])
    assert.tensor_equal(torch.zeros(3), t[2]:float())
    assert.equal(0.0, t[3])
    assert.tensor_equal(torch.zeros(3), t[4])
  end)

  it('lets writes to arguments reach the caller as primals', function ()
    local y = x:clone()
    local _, t = jvp(function (v)
      v:mul(2)
      return v:sum()
    end, {y}, {torch.ones(3)})
    assert.equal(6.0, t)
    assert.tensor_equal(x * 2, y)
  end)

  it('reads values', function ()
    local _, t = jvp(function (v)
      if v:sum() > 0 then return v * 2 end
      return v
    end, {x}, {x})
    assert.tensor_equal(x * 2, t)
  end)

  it('says what the arguments must be', function ()
    local text = 'jvp: argument #%d: a table of %s expected, got tensor of 3 '
                 .. 'float32'
    fails(text:format(2, 'arguments'), jvp, torch.exp, x, {x})
    fails(text:format(3, 'tangents'), jvp, torch.exp, {x}, x)
    fails('jvp: tree #2 has no [1]', jvp, torch.exp, {x}, {})
    fails('jvp: tree #2 has [2], tree #1 has not', jvp, torch.exp, {x}, {x, x})
    fails('jvp: the tangent [1] is [4], its primal [3]', jvp,
          torch.exp, {x}, {torch.ones(4)})
    fails('jvp: the tangent [1] is boolean, a float tensor was expected', jvp,
          torch.exp, {x}, {false})
    fails('jvp: the function returned nothing', jvp, function () end, {x}, {x})
    fails('jvp: argument #1: a function expected, got nil', jvp)
  end)

  it('agrees with vjp', function ()
    local function f (p)
      return torch.matmul(p.w, torch.tanh(p.v)) + p.b
    end
    torch.manualSeed(1)
    local function draw ()
      return {w = torch.randn(2, 3):double(), v = torch.randn(3):double(),
              b = 0.5}
    end
    local p, t = draw(), draw()
    local ct = torch.randn(2):double()
    local _, dy = jvp(f, {p}, {t})
    local _, pull = vjp(f, p)
    local g = pull(ct)
    assert.near(torch.dot(ct, dy),
                torch.dot(g.w:view(-1), t.w:view(-1)) + torch.dot(g.v, t.v)
                + g.b * t.b, 1e-12)
  end)

  it('of numbers gives numbers, of every function', function ()
    for _, f in ipairs {torch.cmax, torch.cmin, torch.fmod, torch.atan2,
                        function (a, b) return a % b end} do
      local _, d = jvp(f, {0.3, 0.7}, {1.0, 1.0})
      assert.equal('number', type(d))
      local _, again = jvp(function (a)
        return (autograd.grad(f)(a, 0.7))
      end, {0.3}, {1.0})
      assert.equal('number', type(again))
      local _, g = autograd.grad(function (a)
        return (autograd.grad(f)(a, 0.7))
      end)(0.3)
      assert.equal('number', type(g))
    end
  end)
end)
