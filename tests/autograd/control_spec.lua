-- scan, fori, while_loop, cond and checkpoint: as loops and branches of Lua
-- outside jit, as one equation inside it, with the same bits.
local torch = require 'torch'
local A = require 'autograd'
require 'nnlua.busted'

local function double (x) return x:double() end

-- a recurrence with weights, a final state and an output at each step
local function recurrence (w, xs)
  local s, ys = A.scan(function (state, x)
    state = torch.tanh(state + torch.cmul(w, x))
    return state, state:sum()
  end, double(torch.zeros(3)), xs)
  return torch.cmul(s, s):sum() + torch.cmul(ys, ys):sum()
end

describe('control flow', function ()
  local w, xs, f

  before_each(function ()
    torch.manualSeed(1)
    xs, w = double(torch.randn(6, 3)), double(torch.randn(3))
    f = A.jit(recurrence)
  end)

  it('scan is one equation under jit', function ()
    f(w, xs)
    local text = A.jit_info(f).graphs[1]
    assert.truthy(text:find('= scan(', 1, true))
    assert.falsy(text:find('tanh'))
  end)

  it('scan has eager bits', function ()
    for _ = 1, 3 do assert.equal(recurrence(w, xs), f(w, xs)) end
  end)

  it('scan is differentiated in reverse, inside and outside jit', function ()
    local g = A.grad(recurrence)(w, xs)
    assert.tensor_equal(g, (A.grad(f)(w, xs)))
    assert.tensor_equal(g, A.jit(function (...)
      return (A.grad(recurrence)(...))
    end)(w, xs))
    assert.gradcheck(function (v) return recurrence(v, xs) end, w)
  end)

  it('scan to second order and forward', function ()
    local function of_w (v) return recurrence(v, xs) end
    local h = A.hessian(of_w)(w)
    assert.tensor_near(h, A.jit(A.hessian(of_w))(w), 1e-12)
    local t = double(torch.randn(3))
    local _, d = A.jvp(of_w, {w}, {t})
    local _, dj = A.jvp(function (v) return f(v, xs) end, {w}, {t})
    assert.equal(d, dj)
  end)

  it('scan under vmap', function ()
    local many = double(torch.randn(4, 3))
    local want = A.vmap(function (v) return recurrence(v, xs) end)(many)
    for i = 1, 4 do
      assert.near(recurrence(many[i], xs), want[i], 1e-12)
    end
    assert.tensor_equal(want, A.vmap(function (v) return f(v, xs) end)(many))
    assert.tensor_equal(A.vmap(A.grad(recurrence), {1, 0})(many, xs),
      A.jit(function (m) return A.vmap(A.grad(recurrence), {1, 0})(m, xs) end)
        (many))
  end)

  it('scan goes from the end', function ()
    local function weighted (x)
      local s = A.scan(function (c, v) return c * 0.5 + v end, 0.0, x,
                       {reverse = true})
      return s
    end
    local x = torch.Tensor{1, 2, 4}
    assert.near(1 + 0.5 * (2 + 0.5 * 4), torch.item(weighted(x)), 1e-6)
    assert.equal(torch.item(weighted(x)), torch.item(A.jit(weighted)(x)))
  end)

  it('fori draws new numbers in each round, as eager does', function ()
    local function walk (x)
      return A.fori(1, 4, function (_, s) return s + torch.randn(3) end, x)
    end
    torch.manualSeed(3)
    local eager = walk(torch.zeros(3))
    torch.manualSeed(3)
    assert.tensor_equal(eager, A.jit(walk)(torch.zeros(3)))
  end)

  it('fori gives the index as a number of the loop', function ()
    local function sum (x)
      return A.fori(2, 5, function (i, s) return s + x * i end, x)
    end
    assert.tensor_equal(torch.ones(2) * 15, sum(torch.ones(2)))
    assert.tensor_equal(torch.ones(2) * 15, A.jit(sum)(torch.ones(2)))
  end)

  it('fori carries numbers', function ()
    local function sum (x)
      return A.fori(1, 10, function (i, s) return s + i end, 0.0) + x
    end
    assert.tensor_equal(torch.ones(2) * 56, sum(torch.ones(2)))
    assert.tensor_equal(torch.ones(2) * 56, A.jit(sum)(torch.ones(2)))
  end)

  it('while_loop, its jvp, and vmap with its own count for each', function ()
    local function grow (x)
      return A.while_loop(function (c)
        return torch.lt(c[1]:sum(), 100)
      end, function (c) return {c[1] * 2, c[2] + 1} end, {x, 0.0})[1]
    end
    local ones, fives = torch.ones(3), torch.ones(3) * 5
    assert.tensor_equal(ones * 64, grow(ones))
    assert.tensor_equal(ones * 64, A.jit(grow)(ones))
    local both = torch.stack({ones, fives})
    local want = torch.stack({grow(ones), grow(fives)})
    assert.tensor_equal(want, A.vmap(grow)(both))
    assert.tensor_equal(want, A.jit(A.vmap(grow))(both))
    local _, d = A.jvp(A.jit(grow), {ones}, {ones})
    assert.tensor_equal(ones * 64, d)
  end)

  it('while_loop draws for each example, for as long as it goes on',
     function ()
    local function walk (x)
      return A.while_loop(function (c)
        return torch.lt(c[1]:sum(), 3)
      end, function (c)
        return {c[1] + torch.rand(2), c[2] + 1}
      end, {x, 0.0})
    end
    local from = torch.Tensor{{0, 0}, {0, 0}, {5, 5}, {1, 1}}
    local function run (mapped)
      torch.manualSeed(3)
      local r = mapped(from)
      return r[1], r[2], torch.rand(1)[1]
    end
    local at, steps, after = run(A.vmap(walk))
    assert.is_true((at[1] - at[2]):abs():max() > 0)
    assert.tensor_equal(from[3], at[3])
    assert.equal(0, steps[3])
    for i = 1, 4 do assert.is_true(at[i]:sum() >= 3) end
    for i = 1, 4 do assert.is_true(at[i]:sum() < 5 or i == 3) end
    for name, mapped in pairs {jit_of = A.jit(A.vmap(walk)),
                               of_jit = A.vmap(A.jit(walk))} do
      local a, s, then_ = run(mapped)
      assert.tensor_equal(at, a, nil, name)
      assert.tensor_equal(steps, s, nil, name)
      assert.equal(after, then_, name)
    end
    local twice = A.vmap(A.vmap(walk))(torch.stack({from, from}))
    assert.is_true((twice[1][1] - twice[1][2]):abs():max() > 0)
    assert.tensor_equal(from[3], twice[1][{2, 3}])
  end)

  it('while_loop with a test that all examples share', function ()
    local function power (x, n)
      return A.while_loop(function (c) return torch.lt(c[2], n) end,
                          function (c)
                            return {torch.cmul(c[1], x), c[2] + 1}
                          end,
                          {torch.ones(2), 0.0})
    end
    local x = torch.Tensor{{1, 2}, {3, 4}}
    local cube = A.vmap(function (v) return power(v, 3)[1] end)
    assert.tensor_equal(torch.pow(x, 3), cube(x))
    assert.tensor_equal(torch.pow(x, 3), A.jit(cube)(x))
  end)

  it('refuses other strings, booleans and objects of a graph', function ()
    local x = torch.ones(3)
    local function says (text, h)
      for _, g in ipairs {A.jit(h), A.vmap(h), A.jit(A.vmap(h))} do
        local ok, message = pcall(g, x)
        assert.is_false(ok)
        assert.truthy(message:find(text, 1, true), message)
      end
    end
    local function choose (a, b)
      return function (v)
        return A.cond(torch.gt(v:sum(), 0), function (u) return u * 1, a end,
                      function (u) return u * 2, b end, v)
      end
    end
    local rest = '; inside jit and vmap it chooses between numbers and tensors '
                 .. 'alone: return a number (1 and 0 for a boolean)'
    says("cond: where the condition holds result[2] is 'yes', else 'no'"
         .. rest, choose('yes', 'no'))
    says('cond: where the condition holds result[2] is true, else false'
         .. rest, choose(true, false))
    says('cond: where the condition holds result[2].f is a function, else '
         .. 'another' .. rest, choose({f = torch.sin}, {f = torch.cos}))
    for _, h in ipairs {choose('yes', 'yes'), choose(1, 0),
                        choose(true, true)} do
      assert.tensor_equal(x, (A.jit(h)(x)))
    end
    assert.equal('yes', select(2, choose('yes', 'no')(x)))
    rest = '; inside jit and vmap only numbers and tensors can change: carry a '
           .. 'number (1 and 0 for a boolean)'
    says("while_loop: the carry[2] goes in as 'a' and comes out as 'ab'"
         .. rest, function (v)
      return A.while_loop(function (c) return torch.lt(c[1], v:sum()) end,
        function (c) return {c[1] + 1, c[2] .. 'b'} end, {0.0, 'a'})[1]
    end)
    local flip = A.jit(function (v)
      return A.scan(function (c, u)
        return {sum = c.sum + u, odd = not c.odd}, nil
      end, {sum = 0.0, odd = false}, v)
    end)
    local ok, message = pcall(flip, x)
    assert.is_false(ok)
    assert.truthy(message:find('scan: the carry.odd goes in as false and comes '
                               .. 'out as true' .. rest, 1, true), message)
  end)

  it('loops write in place to what is theirs', function ()
    local x, c = torch.Tensor {1, 2, 3}, torch.zeros(1)
    local function same (h, ...)
      local want = {...}
      for _, g in ipairs {h, A.jit(h), function (a, b)
        local r
        A.grad(function (p)
          r = {h(p, b)}
          return p:sum()
        end)(a)
        return table.unpack(r)
      end} do
        local got = {g(x, c)}
        for i, v in ipairs(want) do
          assert.tensor_equal(v, got[i])
        end
        assert.tensor_equal(torch.Tensor {1, 2, 3}, x)
        assert.tensor_equal(torch.zeros(1), c)
      end
    end
    local six = torch.Tensor {6}
    same(function (xs_, s)
      local last, ys = A.scan(function (a, v)
        a:add(v)
        return a, a
      end, s, xs_)
      return last + s, ys
    end, six, torch.Tensor {{1}, {3}, {6}})
    same(function (xs_, s)
      return (A.scan(function (a, v)
        v:mul(2)
        return a + v:sum(), nil
      end, s, xs_:view(3, 1)))
    end, six * 2)
    same(function (_, s)
      return A.fori(1, 3, function (i, a) return a:add(i) end, s) + s
    end, six)
    same(function (_, s)
      return A.while_loop(function (a) return torch.lt(a:sum(), 6) end,
                          function (a) return a:add(1) end, s) + s
    end, six)
  end)

  it('a branch or a test that writes to its arguments is an error', function ()
    local function says (text, h)
      local ok, message = pcall(A.jit(h), torch.ones(2))
      assert.is_false(ok)
      assert.truthy(message:find(text .. ' writes to a tensor that is its '
        .. 'argument, which would not reach the caller; write to a clone and '
        .. 'return that', 1, true), message)
    end
    says('cond: a branch', function (v)
      return A.cond(torch.gt(v:sum(), 0), function (u) return u * 2 end,
                    function (u) return u:mul(3) end, v)
    end)
    says('while_loop: the test', function (v)
      return A.while_loop(function (u) return torch.lt(u:add(1):sum(), 9) end,
                          function (u) return u * 2 end, v)
    end)
    says('checkpoint: the function', A.checkpoint(function (v)
      return v:mul(2)
    end))
    says('custom_vjp: the function', A.custom_vjp(function (v)
      return v:mul(2)
    end, function (v) return v * 2, {} end, function (_, ct) return ct end))
  end)

  it('while_loop refuses a test that writes or draws', function ()
    local count = torch.zeros(1)
    local function writes (x)
      return A.while_loop(function (c)
        count:add(1)
        return torch.lt(c, x:sum())
      end, function (c) return c + 1 end, 0.0)
    end
    local function draws (x)
      return A.while_loop(function ()
        return torch.lt(torch.rand(1)[1], 0.5)
      end, function (c) return c + x:sum() end, 0.0)
    end
    for _, h in ipairs {A.jit(writes), A.jit(draws), A.vmap(draws)} do
      local ok, message = pcall(h, torch.ones(3))
      assert.is_false(ok)
      assert.truthy(message:find('while_loop: the test writes to a tensor or '
        .. 'draws random numbers, which only the body may; carry what it needs',
        1, true), message)
    end
    assert.equal(0.0, count[1])
    assert.equal(3.0, writes(torch.ones(3)))
    assert.equal(4.0, count[1])
  end)

  it('while_loop has no reverse gradient under jit, and says so', function ()
    local function loss (x)
      return A.while_loop(function (c) return torch.lt(c:sum(), 100) end,
                          function (c) return c * 2 end, x):sum()
    end
    assert.tensor_equal(torch.ones(3) * 64, (A.grad(loss)(torch.ones(3))))
    assert.error_matches(function () A.grad(A.jit(loss))(torch.ones(3)) end,
                         'while_loop: has no gradient under jit', 1, true)
  end)

  it('cond branches on data', function ()
    local function branch (x)
      return A.cond(torch.gt(x:sum(), 0), function (v) return v * 2 end,
                    function (v) return torch.tanh(v) * 3 end, x)
    end
    local function loss (x) return branch(x):sum() end
    local up, down = torch.ones(3), -torch.ones(3)
    for _, x in ipairs {up, down} do
      assert.tensor_equal(branch(x), A.jit(branch)(x))
      assert.tensor_equal((A.grad(loss)(x)), (A.grad(A.jit(loss))(x)))
      local _, d = A.jvp(branch, {x}, {x})
      local _, dj = A.jvp(A.jit(branch), {x}, {x})
      assert.tensor_equal(d, dj)
    end
    assert.tensor_equal(torch.stack({branch(up), branch(down)}),
                        A.vmap(branch)(torch.stack({up, down})))
  end)

  it('checkpoint computes again, with the same random numbers', function ()
    local function noisy (v)
      return torch.tanh(torch.cmul(v, v) + double(torch.randn(3)))
    end
    local saved = A.checkpoint(noisy)
    torch.manualSeed(1)
    local g = A.grad(function (v) return noisy(v):sum() end)(w)
    torch.manualSeed(1)
    assert.tensor_equal(g, (A.grad(function (v)
      return saved(v):sum()
    end)(w)))
  end)

  it('a carry that changes its shape is an error', function ()
    assert.error_matches(function ()
      A.jit(function (x)
        return A.scan(function (c, v) return torch.cat(c, c), v end, x, x)
      end)(torch.ones(3))
    end, 'scan: the carry goes in as a tensor of 3 float32 and comes out as a '
         .. 'tensor of 6 float32; it must stay alike', 1, true)
  end)

  it('scan in segments has the same results and derivatives', function ()
    local ws = torch.stack {w, w * 2}
    for _, n in ipairs {1, 2, 5, 6} do
      for _, size in ipairs {true, 1, 3, 100} do
        for _, reverse in ipairs {false, true} do
          local x = xs:narrow(1, 1, n)
          local function loss (opts)
            return function (v)
              local c, ys = A.scan(function (c, row)
                local h = torch.tanh(c.h + torch.cmul(v, row))
                return {h = h, n = c.n + 1}, {h:sum(), h * 2}
              end, {h = double(torch.zeros(3)), n = 0.0}, x, opts)
              assert.equal(n, ys[2]:size(1))
              return c.h:sum() + c.n + (ys[1] ^ 2):sum()
                     + torch.cmul(ys[2], ys[2]):sum()
            end
          end
          local f1 = loss {reverse = reverse}
          local f2 = loss {reverse = reverse, checkpoint = size}
          local g, h = A.grad(f1)(w), A.hessian(f1)(w)
          assert.equal(f1(w), f2(w))
          assert.tensor_near(g, (A.grad(f2)(w)), 1e-12)
          assert.tensor_near(h, A.hessian(f2)(w), 1e-11)
          local jg = A.jit(function (v) return (A.grad(f2)(v)) end)
          local gj = A.grad(A.jit(f2))
          for _ = 1, 3 do
            assert.tensor_near(g, jg(w), 1e-12)
            assert.tensor_near(g, (gj(w)), 1e-12)
          end
          local all = A.vmap(function (v) return (A.grad(f2)(v)) end)(ws)
          assert.tensor_near(g, all[1], 1e-12)
        end
      end
    end
  end)

  it('scan in segments needs the memory of sqrt(n) steps', function ()
    local core = require 'nnlua.core'
    local big, steps = torch.ones(20000), 400
    local function peak (opts)
      local gradient = A.jit(function (v)
        return (A.grad(function (u)
          return A.scan(function (c) return torch.tanh(torch.cmul(c, u)) end,
                        big, nil, opts):sum()
        end)(v))
      end)
      collectgarbage()
      collectgarbage()
      local before = core.bytes_used()
      core.bytes_peak(true)
      for _ = 1, 3 do gradient(big) end
      return (core.bytes_peak() - before) / (big:nElement() * 4)
    end
    local few = peak {length = steps, checkpoint = true}
    local all = peak {length = steps}
    assert.is_true(all > 2 * steps)
    assert.is_true(few < 8 * math.sqrt(steps))
  end)

  it('scan and fori refuse carries that change', function ()
    local x = double(torch.ones(2))
    local function wrong (text, h, ...)
      for _, g in ipairs {h, A.jit(h), A.grad(h)} do
        local ok, message = pcall(g, ...)
        assert.is_false(ok)
        assert.equal(text, (message:gsub('^[%w_./]+:%d+: ', '')))
      end
    end
    wrong('scan: the carry.c goes in as a tensor of 2 float64 and comes out '
          .. 'as nil; it must stay alike', function (v)
      A.scan(function (c) return {h = c.h} end, {h = v, c = v}, xs)
      return v:sum()
    end, x)
    wrong('fori: the carry goes in as a tensor of 2 float64 and comes out as '
          .. 'a table; it must stay alike', function (v)
      A.fori(1, 3, function (_, c) return {c} end, v)
      return v:sum()
    end, x)
    wrong('while_loop: the carry[1] goes in as a tensor of 2 float64 and '
          .. 'comes out as nil; it must stay alike', function (v)
      A.while_loop(function (c) return torch.lt(c[1]:sum(), 5) end,
                   function (c) return {c = c[1] + 1} end, {v})
      return v:sum()
    end, x)
    wrong("while_loop: the test's result is nil; a boolean or a tensor of one "
          .. 'element was expected', function (v)
      A.while_loop(function () end, function (c) return c end, v)
      return v:sum()
    end, x)
    wrong('cond: argument #1 is a tensor of 2 bool; one element was expected, '
          .. 'as of torch.all(x)', function (v)
      return A.cond(torch.gt(v, 0), torch.sum, torch.sum, v)
    end, x)
    wrong('scan: no option lenght', function (v)
      return A.scan(function (c) return c end, v, nil, {lenght = 3}):sum()
    end, x)
  end)

  it('cond names where its branches differ', function ()
    local ok, message = pcall(A.jit(function (v)
      return A.cond(torch.gt(v:sum(), 0), function (u) return {a = {u}} end,
                    function (u) return {a = {u, u}} end, v)
    end), w)
    assert.is_false(ok)
    assert.truthy(message:find('cond: where the condition holds result[1].a[2] '
      .. 'is nil, else a tensor of 3 float64; both branches must return alike',
      1, true))
  end)

  it('keeps numbers for the way back as numbers under vmap', function ()
    local h = A.jit(function (v)
      return A.cond(torch.lt(v:sum(), 100), function (u) return u * u:sum() end,
                    torch.sin, v)
    end)
    local m = torch.DoubleTensor {{1, 2}, {3, 4}}
    local function pulled (v)
      return (select(2, A.vjp(h, v))(torch.DoubleTensor {1, 10}))
    end
    assert.tensor_equal(torch.stack({pulled(m[1]), pulled(m[2])}, 1),
                        (A.vmap(pulled)(m)))
  end)

  -- the same draws compiled or not, each example its own, the generator as far
  it('draws random numbers under vmap', function ()
    local function noisy (v) return torch.tanh(v + torch.randn(2):double()) end
    local rows = torch.DoubleTensor {{1, 2}, {1, 2}, {-1, -2}, {-1, -2}}
    local t = torch.DoubleTensor {1, -1}
    local functions = {
      scan = function (v)
        return (A.scan(function (c, x) return noisy(c) * x end, v,
                       torch.DoubleTensor {0.5, 2}))
      end,
      segments = function (v)
        return (A.scan(function (c, x) return noisy(c) * x end, v,
                       torch.DoubleTensor {0.5, 2, 1, 3}, {checkpoint = true}))
      end,
      cond = function (v)
        return A.cond(torch.gt(v:sum(), 0), function (u)
          return noisy(noisy(u))
        end, noisy, v)
      end,
      custom_jvp = A.custom_jvp(noisy, function (p, d)
        return noisy(p[1]), torch.cmul(p[1], d[1])
      end),
    }
    local function seeded (k, ...)
      torch.manualSeed(3)
      local y = k(...)
      return y, torch.rand(1)
    end
    for name, h in pairs(functions) do
      local y, following = seeded(A.vmap(h), rows)
      for _, k in ipairs {A.vmap(A.jit(h)),
                          A.jit(function (m) return (A.vmap(h)(m)) end)} do
        local again, after = seeded(k, rows)
        assert.tensor_equal(y, again)
        assert.tensor_equal(following, after)
      end
      assert.is_true(y[1][1] ~= y[2][1] and y[3][2] ~= y[4][2])
      local function sum (v) return h(v):sum() end
      local function slope (v) return (select(2, A.jvp(sum, {v}, {t}))) end
      local g = seeded(A.vmap(A.jit(A.grad(sum))), rows)
      if name ~= 'custom_jvp' then
        assert.tensor_near(seeded(A.vmap(slope), rows), g * t, {rtol = 1e-12})
      end
    end
  end)

  it('maps gradients of branches that solve', function ()
    local function h (v)
      return A.cond(torch.gt(v:sum(), 0), function (u)
        local m = torch.diag(torch.square(u) + 1)
        return torch.gesv(u:view(2, 1), m):sum()
      end, torch.sum, v)
    end
    local rows = torch.DoubleTensor {{1, 2}, {-1, -2}}
    local function g (v) return (A.grad(h)(v)) end
    local want = torch.stack({g(rows[1]), g(rows[2])}, 1)
    for _, k in ipairs {g, A.grad(A.jit(h)), A.jit(g)} do
      assert.tensor_near(want, (A.vmap(k)(rows)), {rtol = 1e-13})
    end
  end)
end)
