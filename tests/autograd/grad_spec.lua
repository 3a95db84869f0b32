-- grad and value_and_grad: what may be differentiated, what passes through,
-- what f returns and writes.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local grad = autograd.grad

local function fails (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(text, (message:gsub('^[^:]*:%d+: ', '')))
end

describe('grad', function ()
  local x
  before_each(function () x = torch.Tensor {1, 2, 3} end)

  it('of a number is a number', function ()
    local g, y = grad(function (v) return v ^ 2 end)(3)
    assert.equal(6.0, g)
    assert.equal(9.0, y)
    assert.equal('float', math.type(g))
    assert.equal(1.0, (grad(function (v) return torch.item(v) + v end)(2.5)))
  end)

  it('of a tensor has its shape and dtype', function ()
    for _, dtype in ipairs {'float32', 'float64'} do
      local v = torch.ones({2, 3}, dtype)
      local g, y = grad(function (t) return (t ^ 3):sum() end)(v)
      assert.tensor_equal(v * 3, g)
      assert.equal(6.0, y)
    end
  end)

  it('of a tree has its structure, without what is no float', function ()
    local module = setmetatable({}, {})
    local p = {
      a = torch.ones(2), b = 2.5, n = 4, name = 'tanh', on = true,
      f = print, long = torch.ones(2):long(), module = module,
      list = {torch.ones(2, 2), {deep = 0.5}}, [7] = 1.5, empty = {},
    }
    local g = grad(function (q)
      assert.equal('tanh', q.name)
      assert.is_true(q.on)
      assert.equal(print, q.f)
      assert.equal(module, q.module)
      assert.equal('torch.LongTensor', q.long:type())
      return q.a:sum() * q.b * q.n + q.list[1]:sum() * q.list[2].deep
             + q[7] ^ 2
    end)(p)
    local keys = {}
    for k in pairs(g) do keys[tostring(k)] = true end
    assert.same({a = true, b = true, n = true, list = true, ['7'] = true,
                 empty = true}, keys)
    assert.tensor_equal(torch.Tensor {10, 10}, g.a)
    assert.equal(8.0, g.b)
    assert.equal(5.0, g.n)
    assert.tensor_equal(torch.ones(2, 2) * 0.5, g.list[1])
    assert.equal(4.0, g.list[2].deep)
    assert.equal(3.0, g[7])
    assert.same({}, g.empty)
  end)

  it('gives zeros for what f does not use', function ()
    local g = grad(function (p) return p.a:sum() end) {a = x, b = x:clone(),
                                                       c = 3.0}
    assert.tensor_equal(torch.zeros(3), g.b)
    assert.equal(0.0, g.c)
  end)

  it('gives zeros where the loss is a constant', function ()
    local g, y = grad(function () return 3.5 end)(x)
    assert.tensor_equal(torch.zeros(3), g)
    assert.equal(3.5, y)
  end)

  it('counts every use of a shared argument', function ()
    local p = {x, x}
    local g = grad(function (q) return torch.cmul(q[1], q[2]):sum() end)(p)
    assert.tensor_equal(x, g[1])
    assert.tensor_equal(x, g[2])
  end)

  it('by argnums', function ()
    local function f (a, k, b) return (a * k * 1.0 + b * 2):sum() end
    local g = grad(f, {argnums = 3})(x, 2, x)
    assert.tensor_equal(torch.ones(3) * 2, g)
    local both, y = grad(f, {argnums = {3, 1}})(x, 2, x)
    assert.tensor_equal(torch.ones(3) * 2, both[1])
    assert.tensor_equal(torch.ones(3) * 2, both[2])
    assert.equal(24.0, y)
    assert.equal(6.0, grad(f, {argnums = {2}})(x, 2, x)[1])
  end)

  it('refuses argnums that make no sense', function ()
    local function by (nums)
      return function () grad(torch.sum, {argnums = nums})(x) end
    end
    fails('grad: differentiates argument #2, but the function got 1 argument',
          by(2))
    fails('grad: differentiates argument #0, but the function got 1 argument',
          by(0))
    fails('grad: argnums has 0 entries; 1 to 16 were expected', by {})
    fails('grad: argnums has argument #1 twice', by {1, 1})
    fails('grad: argnums has number 1.5; an integer, or a table of integers, '
          .. 'was expected', by {1.5})
    fails("grad: argnums has string '1'; an integer, or a table of integers, "
          .. 'was expected', by {'1'})
    fails('grad: argnums is an integer or a table of integers, got string',
          by 'x')
    fails('grad: no option argnum; did you mean argnums', grad, torch.sum,
          {argnum = 1})
    fails('grad: argument #2: a table of options expected, got number', grad,
          torch.sum, 1)
    fails('grad: argument #1: a function expected, got nil', grad, nil)
  end)

  it('returns what else f returns', function ()
    local g, loss, out, name, none, count = grad(function (v)
      local y = v * 2
      return y:sum(), {y = y, parts = {y:sum(), v[1]}}, 'name', nil, 5
    end)(x)
    assert.tensor_equal(torch.ones(3) * 2, g)
    assert.equal(12.0, loss)
    assert.tensor_equal(x * 2, out.y)
    assert.same({12.0, 1.0}, out.parts)
    assert.equal('name', name)
    assert.is_nil(none)
    assert.equal(5, count)
  end)

  it('has value_and_grad in the other order', function ()
    local loss, g, extra = autograd.value_and_grad(function (v)
      return v:sum(), 'extra'
    end)(x)
    assert.equal(6.0, loss)
    assert.tensor_equal(torch.ones(3), g)
    assert.equal('extra', extra)
  end)

  it('takes strong scalars and tensors without dimensions as losses',
     function ()
    local g = grad(function (v) return v:sum(1):squeeze() end)(x)
    assert.tensor_equal(torch.ones(3), g)
  end)

  it('wants a scalar loss', function ()
    local texts = {
      [function (v) return v end] = 'tensor of 3 float32',
      [function (v) return v:sum(1) end] = 'tensor of 1 float32',
      [function () return 'a' end] = "string 'a'",
      [function () return {} end] = 'table',
      [function () return nil end] = 'nil',
    }
    for f, what in pairs(texts) do
      fails('grad: the function must return a scalar loss first, got ' .. what
            .. '; reduce it, as with x:sum(), or use autograd.vjp', grad(f), x)
    end
    fails('grad: the function returned nothing; it must return a scalar loss '
          .. 'first', grad(function () end), x)
  end)

  it('refuses a loss that counts or decides', function ()
    local function refuses (dtype, f, at, rest)
      local text = 'grad: the loss is of dtype ' .. dtype .. ', which has no '
        .. 'gradient; compute it in floats, as with x:float() before it is '
        .. 'reduced' .. (rest or '')
      fails(text, grad(f), at)
      fails(text, autograd.value_and_grad(f), at)
      fails(text, autograd.hessian(f), at)
    end
    local function count (v) return v:long():sum() end
    refuses('int64 (6)', count, x, ', or return 6.0 where it is constant')
    refuses('int64 (6)', autograd.jit(count), x,
            ', or return 6.0 where it is constant')
    refuses('int64 (0)', function () return 0 end, 2.5,
            ', or return 0.0 where it is constant')
    refuses('bool', function () return true end, x)
    refuses('bool', function (v) return torch.gt(v:sum(), 0) end, x)
    refuses('int64 (3)', function (v) return torch.argmax(v) end, x,
            ', or return 3.0 where it is constant')
    local rest = ', which has no gradient; compute it in floats, as with '
                 .. 'x:float() before it is reduced'
    local text = 'grad: the loss is of dtype int64' .. rest
    fails(text, autograd.jit(grad(count)), x)
    fails(text, autograd.vmap(grad(count)), torch.ones(2, 3))
    fails(text, autograd.jit(autograd.vmap(grad(count))), torch.ones(2, 3))
    refuses('int64 (6)', grad(count), x,
            ', or return 6.0 where it is constant')
    fails('gradcheck: the result of the function is of dtype int64, which has '
          .. 'no gradient; compute it in floats',
          autograd.gradcheck, count, x)
    assert.tensor_equal(torch.zeros(3), (grad(function () return 3.0 end)(x)))
    assert.tensor_equal(torch.zeros(3), (grad(function (v)
      return v:long():double():sum()
    end)(x)))
  end)

  it('pulls nothing back through integers', function ()
    local y, pull = autograd.vjp(function (v)
      return {n = v:long(), twice = v * 2, k = 3, yes = true}
    end, x)
    assert.equal('int64', y.n:dtype())
    local zeros = torch.zeros(3):long()
    assert.tensor_equal(torch.ones(3) * 2, (pull {
      n = zeros, twice = torch.ones(3), k = 3, yes = true}))
    local rest = ', which has no gradient; compute the output in floats, or '
                 .. 'return it after the first result'
    fails('vjp: the cotangent n is tensor of 3 float32, but its output is of '
          .. 'dtype int64' .. rest, pull,
          {n = torch.ones(3), twice = torch.ones(3), k = 0, yes = false})
    local _, number = autograd.vjp(function (v) return v:long():sum() end, x)
    fails('vjp: the cotangent is number 1, but its output is of dtype int64'
          .. rest, number, 1)
    local _, truth = autograd.vjp(function (v) return torch.gt(v, 0) end, x)
    fails('vjp: the cotangent is tensor of 3 float32, but its output is of '
          .. 'dtype bool' .. rest, truth, torch.ones(3))
  end)

  it('refuses arguments that share what is written', function ()
    local b = torch.ones(6)
    local m = torch.ones(3, 2)
    local text = ': two arguments share memory and one of them is written; '
                 .. 'clone one'
    local function f (u, v) u:mul(2) return u:sum() + v:sum() end
    local function tree (p) return f(p[1], p[2]) end
    local ones = torch.ones(3)
    local function meet (u, v)
      fails('grad' .. text, grad(f, {argnums = {1, 2}}), u, v)
      fails('grad' .. text, grad(tree), {u, v})
      fails('vjp' .. text, autograd.vjp, f, u, v)
      fails('vmap' .. text, autograd.vmap(f), u, v)
      fails('jvp' .. text, autograd.jvp, f, {u, v}, {ones, ones})
    end
    local function apart (u, v)
      local value = select(2, grad(tree)({u, v}))
      assert.equal(9.0, value)
      assert.tensor_equal(ones * 2, u)
      assert.tensor_equal(ones, v)
      u:fill(1)
    end
    meet(b:narrow(1, 1, 3), b:narrow(1, 2, 3))
    meet(b:narrow(1, 2, 3), b:narrow(1, 1, 3))
    meet(m:select(2, 1), m:select(2, 1))
    meet(m:select(2, 1), m:view(-1):narrow(1, 3, 3))
    assert.tensor_equal(torch.ones(6), b)
    assert.tensor_equal(torch.ones(3, 2), m)
    apart(b:narrow(1, 1, 3), b:narrow(1, 4, 3))
    apart(m:select(2, 1), m:select(2, 2))
    apart(torch.ones(3), torch.ones(3))
    local w = torch.ones(3)
    assert.tensor_equal(ones * 2, grad(function (p)
      return torch.dot(p[1], p[2])
    end)({w, w})[1] * 2)
  end)

  it('refuses an argument that a closure writes, or reads beside writes',
     function ()
    local text = ': a tensor is an argument and reached by a closure as well, '
                 .. 'and one of them is written (views of one storage count as '
                 .. 'one tensor); use it one way only, or pass a clone'
    local w, ones
    local hows = {
      grad = function (f) return grad(f)(w) end,
      vjp = function (f) return autograd.vjp(f, w) end,
      jvp = function (f) return autograd.jvp(f, {w}, {ones}) end,
      vmap = function (f) return autograd.vmap(f)(w) end,
    }
    local function reach (v) return torch.cmul(v, v):sum() end
    local functions = {
      function (v) w:mul(2) return reach(v) end,
      function (v) w:fill(2) return reach(v) end,
      function (v) local y = v:sum() w:mul(2) return reach(v) + y end,
      function (v) w:mul(2) v:mul(3) return reach(v) end,
      function (v) w:narrow(1, 1, 1):fill(0) return reach(v) end,
      function (v) v:mul(2) return reach(w) + v:sum() end,
      function (v) v:mul(2) return reach(w) end,
      function (v)
        return (autograd.jit(function (u) w:mul(2) return reach(u) end)(v))
      end,
    }
    for name, how in pairs(hows) do
      for i, f in ipairs(functions) do
        w, ones = torch.Tensor {1, 2, 3}, torch.ones(3)
        local ok, message = pcall(how, f)
        assert.is_false(ok, name .. i)
        assert.is_truthy(message:find(name .. text, 1, true),
                         name .. i .. ': ' .. message)
        assert.tensor_equal(torch.Tensor {1, 2, 3}, w)
      end
      -- read both ways, or through a clone
      w = torch.Tensor {1, 2, 3}
      how(function (v) return torch.cmul(v, w):sum() end)
      local kept = w
      w = w:clone()
      local apart = w
      how(function (v) kept:mul(2) return torch.cmul(v, apart):sum() end)
      assert.tensor_equal(torch.Tensor {2, 4, 6}, kept)
    end
  end)

  it('holds integers out', function ()
    local i = torch.LongTensor {1, 3}
    local g = grad(function (p) return p.x:index(1, p.i):sum() end) {x = x,
                                                                     i = i}
    assert.tensor_equal(torch.Tensor {1, 0, 1}, g.x)
    assert.is_nil(g.i)
  end)

  it('lets writes to arguments reach the caller', function ()
    local y = x:clone()
    local g = grad(function (v)
      local s = v:sum() * 2
      v:mul(3)
      v[2] = 0
      return s + v:sum()
    end)(y)
    assert.tensor_equal(torch.Tensor {5, 2, 5}, g)
    assert.tensor_equal(torch.Tensor {3, 0, 9}, y)
  end)

  it('lets writes to views and upvalues reach the caller', function ()
    local y, seen = torch.zeros(2, 3), torch.zeros(1)
    grad(function (v)
      v:copy(x)
      seen:fill(7)
      return v:sum()
    end)(y[2])
    assert.tensor_equal(torch.Tensor {{0, 0, 0}, {1, 2, 3}}, y)
    assert.equal(7.0, seen[1])
  end)

  it('refuses an argument that only a closure reads', function ()
    fails('grad: the function does not use argument #1, which is '
          .. 'differentiated, but a closure reads the same storage; read it '
          .. 'through the argument',
          grad(function () return x:sum() end), x)
    -- read both ways is no mistake: the closure's is a constant
    local g = grad(function (v) return torch.cmul(v, x):sum() end)(x)
    assert.tensor_equal(x, g)
  end)

  it('keeps what a tape saved when it is overwritten', function ()
    local g = grad(function (v)
      local y = torch.exp(v)
      local s = torch.cmul(y, v):sum()
      y:zero()
      return s
    end)(x)
    assert.tensor_near(torch.cmul(torch.exp(x), x + 1), g, 1e-4)
  end)

  it('is autograd(f) of torch-autograd', function ()
    local df = autograd(function (p, t) return torch.cmul(p.w, t):sum() end)
    local g, loss = df({w = x}, x)
    assert.tensor_equal(x, g.w)
    assert.equal(14.0, loss)
  end)

  it('wants something to differentiate', function ()
    local what = '; a float tensor, a number or a table of these was expected'
    for text, v in pairs {
      ['tensor of 1 int64'] = torch.LongTensor {1}, ["string 'a'"] = 'a',
      ['table'] = setmetatable({}, {}), ['function'] = print,
    } do
      fails('grad: differentiates argument #1, which is ' .. text .. what,
            grad(torch.sum), v)
    end
    fails('grad: differentiates argument #2, which is nil' .. what,
          grad(torch.sum, {argnums = 2}), x, nil)
    assert.same({}, (grad(function () return 1.0 end) {}))
  end)

  it('takes callable objects', function ()
    local f = setmetatable({}, {__call = function (_, v) return v:sum() end})
    assert.tensor_equal(torch.ones(3), (grad(f)(x)))
    assert.tensor_equal(torch.ones(3), (grad(autograd.jit(torch.sum))(x)))
  end)

  it('may be called within itself with the same function', function ()
    local function f (v, n)
      if n == 0 then return (v ^ 2):sum() end
      return (grad(f)(v, n - 1) * v):sum()
    end
    local g, y = grad(f)(x, 1)
    assert.equal(28.0, y)
    assert.tensor_equal(x * 4, g)
  end)

  it('may be called within itself where an argument is not used', function ()
    local y = torch.ones(2)
    local first = grad(function (t)
      return torch.cmul(t.x, torch.square(t.x)):sum()
    end)
    local g = grad(function (t) return first(t).x:sum() end) {x = x, y = y}
    assert.tensor_equal(x * 6, g.x)
    assert.tensor_equal(torch.zeros(2), g.y)
    local third = grad(function (t)
      return grad(function (s) return first(s).x:sum() end)(t).x:sum()
    end) {x = x, y = y}
    assert.tensor_equal(torch.ones(3) * 6, third.x)
    -- and tells, inside another, of one that a closure reads
    local ok, text = pcall(grad(function (t)
      return grad(function () return t.x:sum() end)(t.x):sum()
    end), {x = x})
    assert.is_false(ok)
    assert.truthy(text:find('a closure reads the same storage', 1, true))
  end)

  it('branches on values', function ()
    local f = grad(function (v)
      if v:sum() > 5 then return v:sum() * 2 end
      return v:sum()
    end)
    assert.tensor_equal(torch.ones(3) * 2, (f(x)))
    assert.tensor_equal(torch.ones(3), (f(-x)))
  end)
end)
