-- vmap: dimensions in and out, trees, what is not mapped, random numbers,
-- code in place.
require 'nnlua.busted'
local torch = require 'torch'
local autograd = require 'autograd'
local vmap = autograd.vmap

local function fails (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(text, (message:gsub('^[^:]*:%d+: ', '')))
end

describe('vmap', function ()
  local x, y
  before_each(function ()
    x = torch.range(1, 6):view(3, 2)
    y = torch.Tensor {10, 20}
  end)

  it('maps the first dimension of all arguments', function ()
    assert.tensor_equal(torch.Tensor {3, 7, 11},
                        (vmap(function (v) return v:sum() end)(x)))
    assert.tensor_equal(x + x * 2, (vmap(function (a, b) return a + b end)(
      x, x * 2)))
  end)

  it('maps other dimensions', function ()
    local f = function (a, b) return torch.cmul(a, b):sum() end
    assert.tensor_equal(torch.Tensor {9, 12},
                        (vmap(torch.sum, 2)(x)))
    assert.tensor_equal(vmap(f)(x, x), (vmap(f, {1, 2})(x, x:t())))
    assert.tensor_equal(vmap(f)(x, x), (vmap(f, {-2, -1})(x, x:t())))
  end)

  it('puts the dimension where out_dims says', function ()
    local same = function (v) return v end
    assert.tensor_equal(x:t(), (vmap(same, 1, 2)(x)))
    assert.tensor_equal(x, (vmap(same, 2, 2)(x)))
    assert.tensor_equal(x:t(), (vmap(same, 1, -1)(x)))
    local a, b = vmap(function (v) return v, v end, 1, {1, 2})(x)
    assert.tensor_equal(x, a)
    assert.tensor_equal(x:t(), b)
  end)

  it('leaves arguments as they are with 0, false or a missing tensor',
     function ()
    local f = function (a, b) return torch.cmul(a, b) end
    local want = torch.cmul(x, y:view(1, 2):expand(3, 2))
    assert.tensor_equal(want, (vmap(f, {1, 0})(x, y)))
    assert.tensor_equal(want, (vmap(f, {1, false})(x, y)))
    local scale = function (v, n, s, o) return v * n, s, o end
    local out, s, o = vmap(scale)(x, 3, 'text', nil)
    assert.tensor_equal(x * 3, out)
    assert.equal('text', s)
    assert.is_nil(o)
  end)

  it('maps trees, with dimensions for each leaf', function ()
    local p = {w = x, b = {torch.Tensor {1, 2, 3}, 5.0}, name = 'p', y = y}
    local f = function (q)
      return {sum = q.w + q.b[1], same = q.b[2], name = q.name,
              prod = torch.cmul(q.w, q.y)}
    end
    local out = vmap(f, {{w = 1, b = {1}, y = 0}})(p)
    assert.tensor_equal(x + torch.Tensor {{1, 1}, {2, 2}, {3, 3}}, out.sum)
    assert.tensor_equal(torch.ones(3) * 5, out.same)
    assert.equal('p', out.name)
    assert.tensor_equal(torch.cmul(x, y:view(1, 2):expand(3, 2)), out.prod)
    local back = vmap(f, {{w = 1, b = {1}, y = 0}},
                      {{sum = 2, same = 1, prod = 2}})(p)
    assert.tensor_equal(out.sum:t(), back.sum)
    assert.tensor_equal(out.prod:t(), back.prod)
  end)

  it('takes any keys in dimensions of trees', function ()
    local p = {['a.b'] = x, ['c[1]'] = {x:t()}, [true] = x, [2.5] = y}
    local out = vmap(function (q)
      return {['d.e'] = q['a.b'] + q['c[1]'][1] + q[true] + q[2.5]}
    end, {{['a.b'] = 1, ['c[1]'] = 2, [true] = 1}}, {{['d.e'] = 2}})(p)
    assert.tensor_equal((x * 3 + y:view(1, 2):expand(3, 2)):t(), out['d.e'])
  end)

  it('nests', function ()
    local outer = vmap(vmap(function (a, b) return a * b end, {0, 1}), {1, 0})
    local v = torch.Tensor {1, 2, 3}
    assert.tensor_equal(torch.ger(v, y), (outer(v, y)))
    local deep = torch.randn(2, 3, 2, 3)
    local f = function (a) return torch.tanh(a):sum() end
    local want = torch.tanh(deep):sum(4):squeeze(4)
    assert.tensor_near(want, (vmap(vmap(vmap(f)))(deep)), 1e-6)
  end)

  it('repeats a result that is the same for all', function ()
    local a, b, c = vmap(function () return y, 2.5, 3 end)(x)
    assert.tensor_equal(y:view(1, 2):expand(3, 2), a)
    assert.tensor_equal(torch.ones(3) * 2.5, b)
    assert.tensor_equal(torch.ones(3):long() * 3, c)
  end)

  it('works for one example and for none', function ()
    local f = function (v) return torch.tanh(v):sum() end
    assert.same({1}, vmap(f)(x:narrow(1, 1, 1)):size():totable())
    assert.same({0}, vmap(f)(torch.zeros(0, 2)):size():totable())
    assert.same({0, 2}, vmap(torch.exp)(torch.zeros(0, 2)):size():totable())
  end)

  it('gives each example the bits that it has alone', function ()
    torch.manualSeed(2)
    local w, batch = torch.randn(5, 7), torch.randn(9, 7)
    local f = function (v) return torch.softmax(torch.tanh(w * v)) end
    local all = vmap(f)(batch)
    for i = 1, 9 do assert.tensor_equal(f(batch[i]), all[i]) end
  end)

  it('draws random numbers anew for each example', function ()
    torch.manualSeed(1)
    local a = vmap(function (v) return torch.randn(2) + v * 0 end)(x)
    assert.is_true(a[1][1] ~= a[2][1] and a[2][1] ~= a[3][1])
    local b = vmap(function (v) return torch.randn(2) + v * 0 end)(x)
    assert.is_true(a[1][1] ~= b[1][1])
    torch.manualSeed(1)
    assert.tensor_equal(a, (vmap(function (v)
      return torch.randn(2) + v * 0
    end)(x)))
    local many = vmap(function () return torch.randn(1000):mean() end)(
      torch.zeros(50))
    assert.is_true(many:std() > 0.01 and many:std() < 0.1)
  end)

  it('draws anew inside what is compiled, too, mapped arguments or not',
     function ()
    local nn = require 'nn'
    local zeros = torch.zeros(4)
    local function draw () return torch.normal() end
    local jitted = autograd.jit(draw)
    local mask, weights = nn.Dropout(0.5), torch.randn(40)
    for name, f in pairs {
      jit = function (v) return v + jitted() end,
      fori = function (v)
        return v + autograd.fori(1, 2, function (_, c)
          return c + draw()
        end, 0.0)
      end,
      ['fori of it'] = function (v)
        return autograd.fori(1, 2, function (_, c) return c + draw() end, v)
      end,
      scan = function (v)
        local _, ys = autograd.scan(function (c, e) return c, e + draw() end,
                                    0.0, torch.zeros(2))
        return v + ys[2]
      end,
      checkpoint = function (v) return v + autograd.checkpoint(draw)() end,
      cond = function (v)
        return v + autograd.cond(torch.gt(torch.ones(1):sum(), 0), draw, draw)
      end,
      custom = function (v)
        local own = autograd.custom_vjp(function (u) return u + draw() end,
          function (u) return u + draw(), {} end,
          function (_, ct) return ct end)
        return v + own(1.0)
      end,
      module = function (v)
        return v + torch.dot(mask:forward(torch.ones(40)), weights)
      end,
    } do
      local mapped = autograd.vmap(f)
      for _, g in ipairs {mapped, autograd.jit(mapped)} do
        for _ = 1, 3 do
          local r = g(zeros)
          for i = 1, 3 do
            assert.is_true(r[i] ~= r[i + 1], name .. ': one draw for all')
          end
        end
      end
    end
    -- the generator goes on as from the same draws one by one
    local _, ys = autograd.jit(function (v)
      return v, autograd.vmap(function (u)
        return u + autograd.fori(1, 3, function (_, c)
          return c + draw()
        end, 0.0)
      end)(v)
    end)(zeros)
    assert.is_true(ys:std() > 0)
    assert.is_true(torch.normal() ~= torch.normal())
  end)

  it('draws the same numbers for all from an explicit key', function ()
    local random = require 'random'
    local key = random.key(3)
    local a = vmap(function (v)
      return random.normal(key, {2}) + v * 0
    end)(x)
    assert.tensor_equal(a[1], a[2])
    local keys = torch.stack({random.split(key, 3)}, 1)
    local b = vmap(function (k) return random.normal(k, {2}) end)(keys)
    for i = 1, 3 do
      assert.tensor_equal(random.normal(keys[i], {2}), b[i])
    end
  end)

  it('runs code in place', function ()
    local f = function (v)
      local z = v * 2
      z[1] = z[2] ^ 2
      z:add(1)
      z:narrow(1, 2, 1):mul(10)
      return z
    end
    local all = vmap(f)(x)
    for i = 1, 3 do assert.tensor_equal(f(x[i]), all[i]) end
  end)

  it('lets writes to mapped arguments reach the caller', function ()
    local a, t = x:clone(), x:t():clone()
    vmap(function (v) v:mul(2) end)
    vmap(function (v, w)
      v:mul(2)
      w[1] = v:sum()
      return 0
    end, {1, 2})(a, t)
    assert.tensor_equal(x * 2, a)
    assert.tensor_equal(torch.Tensor {{6, 14, 22}, {2, 4, 6}}, t)
  end)

  it('writes what is no example to outer tensors', function ()
    vmap(function (v)
      y:fill(5)
      return v
    end)(x)
    assert.tensor_equal(torch.Tensor {5, 5}, y)
  end)

  it('refuses to write an example to an outer tensor, at the write',
     function ()
    local text = "vmap: a per-example value can't be written to a tensor made "
                 .. 'outside; return it from the function instead, or make '
                 .. 'what keeps it (an optimizer, an average) inside'
    local reached = false
    fails(text, vmap(function (v)
      y:add(v)
      reached = true
      return v
    end), x)
    assert.is_false(reached)
    assert.tensor_equal(torch.Tensor {10, 20}, y)
    fails(text, vmap(function (v, w)
      w:copy(v)
      return v
    end, {1, 0}), x, y)
    assert.tensor_equal(torch.Tensor {10, 20}, y)
  end)

  it('refuses to read an example as a number', function ()
    local f = vmap(function (v)
      if v:sum() > 5 then return v end
      return -v
    end)
    local ok, message = pcall(f, x)
    assert.is_false(ok)
    assert.truthy(message:find('reading a number: a value that vmap traces '
      .. 'has no elements yet; use torch.where(torch.gt(x, 0), ...) instead '
      .. 'of branching on it; inside vmap at ', 1, true))
  end)

  it('gives once what all examples share, with out_dims 0', function ()
    local rows, shared = torch.ones(3, 2), torch.Tensor {5, 6}
    local function f (v, u)
      return v + u, {twice = u * 2, sum = u:sum(), n = 3, name = 'k', u = u}
    end
    local dims = {{1, 0}, {1, 0}}
    local jit = autograd.jit
    for _, g in ipairs {vmap(f, table.unpack(dims)),
                        jit(vmap(f, table.unpack(dims))),
                        vmap(jit(f), table.unpack(dims))} do
      for _ = 1, 3 do
        local each, once = g(rows, shared)
        assert.same({3, 2}, each:size():totable())
        assert.tensor_equal(torch.Tensor {10, 12}, once.twice)
        assert.equal(11.0, once.sum)
        assert.equal(3, once.n)
        assert.equal('k', once.name)
        once.u:fill(9) -- no alias of the argument
        assert.tensor_equal(torch.Tensor {5, 6}, shared)
      end
    end
    local slope = autograd.grad(function (w)
      local _, s = vmap(function (v, u) return v * u, u ^ 3 end,
                        table.unpack(dims))(rows, w)
      return s
    end)(2.0)
    assert.equal(12.0, slope)
    fails('vmap: out_dims at u is 0, but each example has its own result; '
          .. 'give its dimension',
          vmap(function (v) return {u = v} end, 1, {{u = 0}}), rows)
  end)

  it('says which dimension is wrong', function ()
    local want = '; a dimension 1..2, or 0 for none, was expected'
    fails('vmap: in_dims is number 3' .. want, vmap(torch.exp, 3), x)
    fails('vmap: in_dims is number 2.5' .. want, vmap(torch.exp, 2.5), x)
    fails("vmap: in_dims is string 'a'" .. want, vmap(torch.exp, 'a'), x)
    fails('vmap: in_dims at w is number 4' .. want,
          vmap(function (p) return p.w end, {{w = 4}}), {w = x})
    fails('vmap: out_dims is number 3' .. want, vmap(torch.exp, 1, 3), x)
    fails('vmap: out_dims is 0, but each example has its own result; give its '
          .. 'dimension', vmap(torch.exp, 1, 0), x)
    fails('vmap: the mapped sizes differ: 3 before, 2 in argument #2',
          vmap(torch.add), x, y)
    fails('vmap: the mapped sizes differ: 3 before, 2 in argument #1 at b',
          vmap(function (p) return p.a end), {a = x, b = y})
    fails('vmap: no argument has a dimension to map over', vmap(torch.exp, 0),
          x)
    fails('vmap: no argument has a dimension to map over',
          vmap(function () return 1 end))
    fails('vmap: the function returned nothing', vmap(function () end), x)
    fails('vmap: argument #1: a function expected, got nil', vmap)
  end)

  it('of numbers beside what has their dimension: each its own', function ()
    local m = torch.DoubleTensor {{0.25, 0.5}, {1, 2}, {4, 8}}
    local t = torch.DoubleTensor {{1, 0}, {10, 0}, {100, 0}}
    local _, d = autograd.jvp(function (rows)
      return (vmap(function (v) return v:sum() % 1.5 end)(rows))
    end, {m}, {t})
    assert.tensor_equal(torch.DoubleTensor {1, 10, 100}, d)
  end)
end)
