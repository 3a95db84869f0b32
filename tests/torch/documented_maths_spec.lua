-- Torch7's documentation of mathematical functions: each documented call
-- gives the documented result, in its three forms.
require 'nnlua.busted'
local torch = require 'torch'

local function T (...) return torch.Tensor {...} end
local function full (value, ...) return torch.Tensor(...):fill(value) end
local function sizes (x) return x:size():totable() end
local function double (t) return torch.DoubleTensor(t) end

describe('documented: construction', function ()
  it('cat', function ()
    assert.same({1, 1, 1, 0, 0},
                torch.cat(torch.ones(3), torch.zeros(2)):totable())
    assert.same({{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
                torch.cat(torch.ones(3, 2), torch.zeros(2, 2), 1):totable())
    assert.same({{1, 1, 0, 0}, {1, 1, 0, 0}},
                torch.cat(torch.ones(2, 2), torch.zeros(2, 2), 2):totable())
    assert.same({{1, 1, 0, 0}, {1, 1, 0, 0}}, -- the last dimension
                torch.cat(torch.ones(2, 2), torch.zeros(2, 2)):totable())
    assert.same({7, 2}, sizes(torch.cat({torch.ones(2, 2), torch.zeros(2, 2),
                                         torch.rand(3, 2)}, 1)))
    local r = torch.Tensor()
    torch.cat(r, T(1), T(2), 1)
    assert.same({1, 2}, r:totable())
    r:cat(T(3), T(4, 5), 1)
    assert.same({3, 4, 5}, r:totable())
    torch.cat(r, {T(1), T(2), T(3)}, 1)
    assert.same({1, 2, 3}, r:totable())
    assert.same({1, 2, 3}, T(1):cat(T(2, 3), 1):totable())
  end)

  it('diag, eye, tril, triu', function ()
    assert.same({{1, 0}, {0, 2}}, torch.diag(T(1, 2)):totable())
    local x = torch.range(1, 9):resize(3, 3)
    assert.same({1, 5, 9}, torch.diag(x):totable())
    assert.same({2, 6}, torch.diag(x, 1):totable())
    assert.same({4, 8}, torch.diag(x, -1):totable())
    assert.same({{1, 0}, {0, 1}}, torch.eye(2):totable())
    assert.same({{1, 0, 0}, {0, 1, 0}}, torch.eye(2, 3):totable())
    assert.same({{1, 0, 0}, {4, 5, 0}, {7, 8, 9}}, torch.tril(x):totable())
    assert.same({{1, 2, 0}, {4, 5, 6}, {7, 8, 9}}, torch.tril(x, 1):totable())
    assert.same({{1, 2, 3}, {0, 5, 6}, {0, 0, 9}}, torch.triu(x):totable())
    assert.same({{1, 2, 3}, {4, 5, 6}, {0, 8, 9}},
                torch.triu(x, -1):totable())
    local r = torch.Tensor()
    torch.triu(r, x, 1)
    assert.same({{0, 2, 3}, {0, 0, 6}, {0, 0, 0}}, r:totable())
  end)

  it('linspace, logspace, range, randperm', function ()
    assert.equal(100, torch.linspace(1, 2):nElement())
    assert.same({1, 2, 3, 4, 5}, torch.linspace(1, 5, 5):totable())
    assert.equal(100, torch.logspace(1, 2):nElement())
    assert.tensor_near({1, 10, 100}, torch.logspace(0, 2, 3))
    assert.same({2, 3, 4, 5}, torch.range(2, 5):totable())
    assert.tensor_near({2, 3.2, 4.4}, torch.range(2, 5, 1.2))
    assert.same({5, 4, 3}, torch.range(5, 3, -1):totable())
    local p = torch.randperm(20)
    assert.same(torch.range(1, 20):totable(), (p:sort()):totable())
  end)

  it('ones, zeros, rand of a LongStorage, of five sizes', function ()
    local five = torch.LongStorage {2, 3, 1, 2, 2}
    assert.same({2, 3, 1, 2, 2}, sizes(torch.ones(five)))
    assert.same({2, 3, 1, 2, 2}, sizes(torch.zeros(2, 3, 1, 2, 2)))
    local u = torch.rand(five)
    assert.is_true(u:min() >= 0 and u:max() < 1)
    assert.same({2, 3}, sizes(torch.randn(2, 3)))
    local r = torch.Tensor()
    torch.ones(r, 2, 2)
    assert.same({{1, 1}, {1, 1}}, r:totable())
    assert.same({2, 6}, sizes(torch.reshape(torch.ones(3, 4), 2, 6)))
    assert.same({2, 6}, sizes(torch.reshape(torch.ones(3, 4),
                                            torch.LongStorage {2, 6})))
  end)

  it('histc', function ()
    local x = T(1, 2, 1, 4, 4, 4)
    assert.equal(100, torch.histc(x):nElement())
    assert.same({2, 1, 0, 3}, torch.histc(x, 4):totable())
    assert.same({2, 1, 0}, torch.histc(x, 3, 1, 3):totable())
  end)

  it('multinomial', function ()
    torch.manualSeed(7)
    local a = torch.multinomial(T(1, 1, 0.5, 0), 10000, true)
    assert.equal('torch.LongTensor', a:type())
    local n = {}
    for i = 1, 4 do n[i] = a:eq(i):sum() end
    assert.is_true(math.abs(n[1] - 4000) < 250)
    assert.is_true(math.abs(n[2] - 4000) < 250)
    assert.is_true(math.abs(n[3] - 2000) < 250)
    assert.equal(0, n[4])
    local b = torch.multinomial(torch.ones(3, 5), 5) -- no replacement
    assert.same({3, 5}, sizes(b))
    assert.same({1, 2, 3, 4, 5}, (b[2]:sort()):totable())
    assert.has_error(function () torch.multinomial(torch.ones(3), 4) end)
  end)
end)

describe('documented: elementwise', function ()
  local functions = {
    abs = math.abs, acos = math.acos, asin = math.asin, atan = math.atan,
    ceil = math.ceil, cos = math.cos, exp = math.exp, floor = math.floor,
    log = math.log, sin = math.sin, sqrt = math.sqrt, tan = math.tan,
    cosh = function (x) return (math.exp(x) + math.exp(-x)) / 2 end,
    sinh = function (x) return (math.exp(x) - math.exp(-x)) / 2 end,
    tanh = function (x) return 1 - 2 / (math.exp(2 * x) + 1) end,
    log1p = function (x) return math.log(1 + x) end,
    round = function (x) return math.floor(x + 0.5) end,
    trunc = function (x) return x < 0 and math.ceil(x) or math.floor(x) end,
    frac = function (x) return math.fmod(x, 1) end,
    rsqrt = function (x) return 1 / math.sqrt(x) end,
    cinv = function (x) return 1 / x end,
    neg = function (x) return -x end,
    sign = function (x) return x > 0 and 1 or x < 0 and -1 or 0 end,
    sigmoid = function (x) return 1 / (1 + math.exp(-x)) end,
  }
  for name, f in pairs(functions) do
    it(name .. ': new, in place, with a result', function ()
      local x = double {0.1, 0.45, 0.7, 0.99}
      local want = {}
      for i = 1, 4 do want[i] = f(x[i]) end
      assert.tensor_near(want, torch[name](x), 1e-12)
      assert.tensor_near({0.1, 0.45, 0.7, 0.99}, x, 0)
      local r = double {}
      assert.equal(r, torch[name](r, x))
      assert.tensor_near(want, r, 1e-12)
      local y = double {}:resizeAs(x)
      y[name](y, x) -- y:f(x) writes to y
      assert.tensor_near(want, y, 1e-12)
      assert.equal(x, x[name](x))
      assert.tensor_near(want, x, 1e-12)
    end)
  end

  it('pow, both ways; atan2, clamp, lerp, fmod, remainder', function ()
    local x = T(1, 2, 3)
    assert.same({1, 4, 9}, torch.pow(x, 2):totable())
    assert.same({2, 4, 8}, torch.pow(2, x):totable())
    assert.same({1, 4, 9}, x:pow(2):totable())
    assert.same({0, 0.5, 1}, torch.clamp(T(-1, 0.5, 2), 0, 1):totable())
    local z = torch.Tensor()
    torch.clamp(z, T(-1, 3), 0, 1)
    assert.same({0, 1}, z:totable())
    z:clamp(T(-5, 5), -2, 2)
    assert.same({-2, 2}, z:totable())
    assert.tensor_near({math.atan(1, 2)}, torch.atan2(T(1), T(2)))
    assert.same({1.5, 3}, torch.lerp(T(1, 2), T(2, 4), 0.5):totable())
    assert.same({-1, 1}, torch.fmod(T(-3, 3), 2):totable())
    assert.same({1, 1}, torch.remainder(T(-3, 3), 2):totable())
  end)
end)

describe('documented: basic operations', function ()
  local x, y
  before_each(function ()
    x, y = full(2, 2, 2), full(3, 2, 2)
  end)

  it('add in all its forms', function ()
    assert.same({{5, 5}, {5, 5}}, x:add(y):totable())
    x:fill(2)
    assert.same({{8, 8}, {8, 8}}, x:add(2, y):totable())
    x:fill(2)
    local z = torch.Tensor()
    torch.add(z, x, y)
    assert.equal(5, z[1][1])
    z:add(x, 10, y)
    assert.equal(32, z[2][2])
    torch.add(z, x, 2, y)
    assert.equal(8, z[1][2])
    assert.equal(12, torch.add(x, 10)[1][1])
    assert.equal(17, torch.add(x, 5, y)[1][1])
    z:add(x, y)
    assert.equal(5, z[1][1])
    z:add(x, 1)
    assert.equal(3, z[1][1])
    assert.equal(2, x[1][1])
    assert.equal(-1, torch.csub(x, y)[1][1])
    assert.equal(-4, torch.csub(x, 2, y)[1][1])
    x:csub(1)
    assert.equal(1, x[2][1])
  end)

  it('sizes that differ: an error, see docs/torch7.md', function ()
    assert.has_error(function () full(2, 2, 2):add(full(3, 4)) end)
    assert.has_error(function () return full(2, 2, 2) + full(3, 4) end)
  end)

  it('mul, div, cmul, cdiv, cpow', function ()
    local z = torch.Tensor()
    assert.equal(4, torch.mul(x, 2)[1][1])
    torch.mul(z, x, 3)
    assert.equal(6, z[1][1])
    z:mul(x, 4)
    assert.equal(8, z[1][1])
    assert.equal(4, x:mul(2)[1][1])
    z:div(x, 8)
    assert.equal(0.5, z[1][1])
    torch.div(z, x, 2)
    assert.equal(2, z[1][1])
    assert.equal(2, x:div(2)[1][1])
    assert.equal(6, torch.cmul(x, y)[1][1])
    z:cmul(y, y)
    assert.equal(9, z[1][1])
    assert.equal(6, x:cmul(y)[1][1])
    x:fill(2)
    assert.equal(8, torch.cpow(x, y)[1][1])
    assert.equal(8, x:cpow(y)[2][2])
    local d = full(1, 2, 2):cdiv(torch.range(1, 4):resize(2, 2))
    assert.tensor_near({{1, 0.5}, {1 / 3, 0.25}}, d)
    torch.cdiv(z, y, full(2, 2, 2))
    assert.equal(1.5, z[1][1])
  end)

  it('addcmul, addcdiv', function ()
    local z = full(5, 2, 2)
    assert.equal(32, x:addcmul(2, y, z)[1][1])
    assert.equal(2 + 15, torch.addcmul(full(2, 2, 2), y, z)[1][1])
    local one, four = full(1, 2, 2), torch.range(1, 4):resize(2, 2)
    assert.tensor_near({{1.4, 1.8}, {2.2, 2.6}}, one:addcdiv(2, four, z))
    local r = torch.Tensor()
    torch.addcdiv(r, full(1, 2, 2), 2, four, z)
    assert.tensor_near({{1.4, 1.8}, {2.2, 2.6}}, r)
    torch.addcmul(r, full(1, 2, 2), 2, four, four)
    assert.same({{3, 9}, {19, 33}}, r:totable())
  end)

  it('dot, addmv, addr', function ()
    assert.equal(24, x:dot(full(3, 4))) -- both as vectors
    assert.equal(24, torch.dot(x, y))
    local v = torch.zeros(3)
    local M = full(3, 3, 2)
    assert.same({12, 12, 12}, v:addmv(M, full(2, 2)):totable())
    assert.same({24, 24, 24}, torch.addmv(v, M, full(2, 2)):totable())
    assert.same({36, 36, 36}, torch.addmv(2, v, M, full(2, 2)):totable())
    assert.same({18, 18, 18}, torch.addmv(0.5, v, 1, M, full(2, 2)):totable())
    v:addmv(0, 2, M, full(2, 2))
    assert.same({24, 24, 24}, v:totable())
    local r = torch.Tensor()
    torch.addmv(r, v, M, full(2, 2))
    assert.same({36, 36, 36}, r:totable())
    local N = torch.zeros(3, 2):addr(torch.range(1, 3), torch.range(1, 2))
    assert.same({{1, 2}, {2, 4}, {3, 6}}, N:totable())
    N:addr(2, T(1, 1, 1), T(1, 1))
    assert.same({{3, 4}, {4, 6}, {5, 8}}, N:totable())
    assert.same({{1, 1}, {1, 1}},
                torch.addr(torch.zeros(2, 2), T(1, 1), T(1, 1)):totable())
  end)

  it('addmm, addbmm, baddbmm, mv, mm, bmm, ger', function ()
    local A, B = torch.range(1, 6):resize(2, 3), torch.range(1, 6):resize(3, 2)
    local AB = {{22, 28}, {49, 64}}
    local M = torch.ones(2, 2)
    assert.same({{23, 29}, {50, 65}}, torch.addmm(M, A, B):totable())
    assert.same({{45, 57}, {99, 129}}, torch.addmm(M, 2, A, B):totable())
    assert.same({{47, 59}, {101, 131}}, torch.addmm(3, M, 2, A, B):totable())
    local r = torch.Tensor()
    torch.addmm(r, M, A, B)
    assert.same({{23, 29}, {50, 65}}, r:totable())
    assert.same({{23, 29}, {50, 65}}, M:addmm(A, B):totable())
    M:addmm(0, 1, A, B)
    assert.same(AB, M:totable())
    assert.same(AB, torch.mm(A, B):totable())
    r:mm(A, B)
    assert.same(AB, r:totable())
    assert.same({14, 32}, torch.mv(A, T(1, 2, 3)):totable())
    assert.same({{1, 2}, {2, 4}}, torch.ger(T(1, 2), T(1, 2)):totable())
    local bA, bB = A:view(1, 2, 3):expand(3, 2, 3):contiguous(),
                   B:view(1, 3, 2):expand(3, 3, 2):contiguous()
    assert.same(AB, torch.bmm(bA, bB)[3]:totable())
    assert.same({{67, 85}, {148, 193}},
                torch.addbmm(torch.ones(2, 2), bA, bB):totable())
    assert.same({{23, 29}, {50, 65}},
                torch.baddbmm(torch.ones(3, 2, 2), bA, bB)[2]:totable())
    assert.same({{46, 58}, {100, 130}}, torch.baddbmm(
      2, torch.ones(3, 2, 2), 2, bA, bB)[1]:totable())
  end)

  it('operators', function ()
    local M, N, v, w = full(2, 2, 2), full(3, 2, 4), full(4, 2), full(5, 2)
    assert.equal(40, v * w)
    assert.same({16, 16}, (M * v):totable())
    assert.same({{12, 12, 12, 12}, {12, 12, 12, 12}}, (M * N):totable())
    assert.same({{4, 4}, {4, 4}}, (2 * M):totable())
    assert.same({{-2, -2}, {-2, -2}}, (-M):totable())
    assert.tensor_near({{0.6667, 0.6667}, {0.6667, 0.6667}}, M / 3, 1e-4)
    assert.same({{5, 5}, {5, 5}}, (M + 3):totable())
  end)
end)

describe('documented: reductions', function ()
  local x
  before_each(function () x = double {{4, 1, 3}, {2, 6, 5}} end)

  it('sum, prod, mean keep the dimension', function ()
    assert.equal(21, torch.sum(x))
    assert.same({{6, 7, 8}}, torch.sum(x, 1):totable())
    assert.same({{8}, {13}}, torch.sum(x, 2):totable())
    assert.equal(720, torch.prod(x))
    local a = double {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}
    assert.same({{{5, 12}, {21, 32}}}, torch.prod(a, 1):totable())
    assert.equal(3.5, torch.mean(x))
    assert.same({{3, 3.5, 4}}, torch.mean(x, 1):totable())
    local r = double {}
    torch.sum(r, x, 1)
    assert.same({{6, 7, 8}}, r:totable())
  end)

  it('max, min, median, kthvalue, mode, topk, sort', function ()
    assert.equal(6, torch.max(x))
    assert.equal(1, x:min())
    local y, i = torch.max(x, 1)
    assert.same({{4, 6, 5}}, y:totable())
    assert.same({{1, 2, 2}}, i:totable())
    assert.equal('torch.LongTensor', i:type())
    y, i = torch.min(x, 2)
    assert.same({{{1}, {2}}, {{2}, {1}}}, {y:totable(), i:totable()})
    local ry, ri = double {}, torch.LongTensor()
    torch.max(ry, ri, x, 2)
    assert.same({{4}, {6}}, ry:totable())
    assert.same({{1}, {2}}, ri:totable())
    y, i = torch.median(x)
    assert.same({{{3}, {5}}, {{3}, {3}}}, {y:totable(), i:totable()})
    y = torch.median(double {4, 1, 3, 2}) -- one before the middle
    assert.same({2}, y:totable())
    y, i = torch.kthvalue(x, 3, 2)
    assert.same({{{4}, {6}}, {{1}, {2}}}, {y:totable(), i:totable()})
    y = torch.mode(double {{1, 2, 2}, {3, 3, 1}}, 2)
    assert.same({{2}, {3}}, y:totable())
    y, i = torch.topk(x, 2, 2, true, true) -- the largest, in order
    assert.same({{{4, 3}, {6, 5}}, {{1, 3}, {2, 3}}},
                {y:totable(), i:totable()})
    y = torch.topk(x, 1)
    assert.same({{1}, {2}}, y:totable()) -- the smallest, by default
    y, i = torch.sort(x)
    assert.same({{1, 3, 4}, {2, 5, 6}}, y:totable())
    assert.same({{2, 3, 1}, {1, 3, 2}}, i:totable())
    y = torch.sort(x, 1, true)
    assert.same({{4, 6, 5}, {2, 1, 3}}, y:totable())
    y = torch.sort(x, true)
    assert.same({{4, 3, 1}, {6, 5, 2}}, y:totable())
    assert.same({4, 6, 3}, torch.cmax(double {4, 1, 3},
                                      double {2, 6, 3}):totable())
    assert.same({2, 2}, torch.cmin(double {4, 2}, 2):totable())
  end)

  it('std, var with n-1 and n; norm, dist, renorm', function ()
    local v = double {1, 2, 3, 4}
    assert.near(math.sqrt(5 / 3), torch.std(v), 1e-12)
    assert.near(5 / 3, torch.var(v), 1e-12)
    assert.tensor_near({5 / 3}, torch.var(v, 1, false), 1e-12)
    assert.tensor_near({5 / 4}, torch.var(v, 1, true), 1e-12)
    assert.tensor_near({math.sqrt(5 / 4)}, torch.std(v, 1, true), 1e-12)
    assert.near(math.sqrt(30), torch.norm(v), 1e-12)
    assert.equal(10, torch.norm(v, 1))
    assert.equal(4, torch.norm(double {0, 2, 0, 1, 1, 1}, 0))
    assert.tensor_near({{8}, {13}}, torch.norm(x, 1, 2), 1e-12)
    assert.near(math.sqrt(2), torch.dist(double {1, 2}, double {2, 3}), 1e-12)
    assert.equal(2, torch.dist(double {1, 2}, double {2, 3}, 1))
    local r = torch.renorm(double {{3, 4}, {0.3, 0.4}}, 2, 1, 1)
    assert.tensor_near({{0.6, 0.8}, {0.3, 0.4}}, r, 1e-6)
    assert.equal(6, torch.numel(x))
    assert.equal(5, torch.trace(double {{1, 2}, {3, 4}}))
  end)

  it('cumsum, cumprod, cross', function ()
    assert.same({{4, 1, 3}, {6, 7, 8}}, torch.cumsum(x):totable())
    assert.same({{4, 5, 8}, {2, 8, 13}}, torch.cumsum(x, 2):totable())
    assert.same({{4, 4, 12}, {2, 12, 60}}, torch.cumprod(x, 2):totable())
    assert.same({0, 0, 1}, torch.cross(double {1, 0, 0},
                                       double {0, 1, 0}):totable())
    local r = double {}
    torch.cumsum(r, x, 1)
    assert.same({{4, 1, 3}, {6, 7, 8}}, r:totable())
    torch.cross(r, double {0, 1, 0}, double {0, 0, 1})
    assert.same({1, 0, 0}, r:totable())
  end)

  it('comparisons, all, any', function ()
    local a, b = double {1, 2, 3}, double {3, 2, 1}
    local function bits (t) return t:byte():totable() end
    assert.same({1, 0, 0}, bits(torch.lt(a, b)))
    assert.same({1, 1, 0}, bits(torch.le(a, b)))
    assert.same({0, 0, 1}, bits(torch.gt(a, b)))
    assert.same({0, 1, 1}, bits(torch.ge(a, 2)))
    assert.same({0, 1, 0}, bits(torch.eq(a, b)))
    assert.same({1, 0, 1}, bits(a:ne(b)))
    a[torch.gt(a, b)] = 10
    assert.same({1, 2, 10}, a:totable())
    local c = torch.ones(3):byte()
    assert.is_true(torch.all(c))
    c[2] = 0
    assert.is_false(torch.all(c))
    assert.is_true(torch.any(c))
    c:zero()
    assert.is_false(c:any())
  end)
end)

describe('documented: convolutions', function ()
  it('sizes of conv2, valid and full', function ()
    local x, k = torch.rand(100, 100), torch.rand(10, 10)
    local c = torch.conv2(x, k)
    assert.same({91, 91}, sizes(c))
    assert.same({109, 109}, sizes(torch.conv2(x, k, 'F')))
    local r = torch.Tensor()
    torch.conv2(r, x, k)
    assert.equal(0, r:dist(c))
    assert.same({91, 91}, sizes(torch.xcorr2(x, k, 'V')))
    assert.same({3, 91, 91}, sizes(torch.conv2(torch.rand(3, 100, 100),
                                               torch.rand(3, 10, 10))))
    assert.same({5, 91, 91}, sizes(torch.conv2(torch.rand(3, 100, 100),
                                               torch.rand(5, 3, 10, 10))))
  end)

  it('planes: each with its kernel, or summed over as a matrix', function ()
    local x, k = torch.rand(3, 6, 5), torch.rand(3, 2, 3)
    local c = torch.conv2(x, k)
    for p = 1, 3 do
      assert.tensor_near(torch.conv2(x[p], k[p]), c[p])
    end
    k = torch.rand(2, 3, 2, 3)
    c = x:xcorr2(k)
    for q = 1, 2 do
      local sum = torch.zeros(5, 3)
      for p = 1, 3 do sum:add(torch.xcorr2(x[p], k[q][p])) end
      assert.tensor_near(sum, c[q])
    end
  end)

  it('conv2 turns the kernel, xcorr2 does not', function ()
    local x, k = torch.range(1, 9):resize(3, 3), T(1, 2, 3, 4):resize(2, 2)
    assert.same({{23, 33}, {53, 63}}, torch.conv2(x, k):totable())
    assert.same({{37, 47}, {67, 77}}, torch.xcorr2(x, k):totable())
  end)
end)
