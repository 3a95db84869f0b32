-- Operators, elementwise functions and products: their three forms (pure, in
-- place, with a result tensor), broadcasting, dtypes and error texts.
require 'nnlua.busted'
local torch = require 'torch'

local function fails (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, 'no error; expected: ' .. text)
  assert.equal(text, (tostring(message):gsub('^[^\n]-:%d+: ', '')))
end

local function T (...) return torch.Tensor{...} end

describe('operators', function ()
  it('compute by elements', function ()
    local x, y = T(1, 2, 3), T(4, 5, 6)
    assert.same({5, 7, 9}, (x + y):totable())
    assert.same({-3, -3, -3}, (x - y):totable())
    assert.same({2, 3, 4}, (x + 1):totable())
    assert.same({0, -1, -2}, (1 - x):totable())
    assert.same({2, 4, 6}, (2 * x):totable())
    assert.same({4, 2.5, 2}, (y / x):totable())
    assert.same({12, 6, 4}, (12 / x):totable())
    assert.same({1, 4, 9}, (x ^ 2):totable())
    assert.same({2, 4, 8}, (2 ^ x):totable())
    assert.same({1, 0, 1}, (x % 2):totable())
    assert.same({1, 1, 0}, (T(-1, 1, -2) % 2):totable())
    assert.same({0, 1, 1}, (x // 2):totable())
    assert.same({-1, -2, -3}, (-x):totable())
    assert.same({1, 2, 3}, x:totable())
  end)

  it('broadcast', function ()
    local x = torch.Tensor{{1}, {2}}
    assert.same({{11, 21}, {12, 22}}, (x + T(10, 20)):totable())
    fails("add: can't broadcast [2 x 3] with [2]: sizes 3 and 2 at dimension "
          .. '2', function () return torch.ones(2, 3) + torch.ones(2) end)
  end)

  it('* is dot, mv, mm', function ()
    local a = torch.Tensor{{1, 2}, {3, 4}}
    assert.equal(11, T(1, 2) * T(3, 4))
    assert.same({5, 11}, (a * T(1, 2)):totable())
    assert.same({{7, 10}, {15, 22}}, (a * a):totable())
    fails('mul: x * y is the product of matrices and vectors, got tensors of '
          .. '3 and 3 x 2; use torch.cmul(x, y) for elements, '
          .. 'torch.matmul(x, y) for batches',
          function () return torch.ones(3) * torch.ones(3, 2) end)
    fails('matmul: [2 x 2] times [3]: inner sizes must be equal',
          function () return a * torch.ones(3) end)
  end)

  it('compare only numbers', function ()
    local x = torch.tensor(2)
    assert.is_true(x < 3)
    assert.is_true(1 < x)
    assert.is_false(x >= 3)
    assert.is_true(x <= torch.tensor(2))
    fails('lt: < and <= compare numbers, got a tensor of 2; use '
          .. 'torch.lt(x, y) for elements',
          function () return T(1, 2) < 3 end)
    local y = x
    assert.is_true(x == y)
    assert.is_false(x == torch.tensor(2)) -- identity, as in Torch7
  end)

  it('bits', function ()
    local x, y = torch.LongTensor{6, 5}, torch.LongTensor{3, 4}
    assert.same({2, 4}, (x & y):totable())
    assert.same({7, 5}, (x | y):totable())
    assert.same({5, 1}, (x ~ y):totable())
    assert.same({-7, -6}, (~x):totable())
    assert.same({12, 10}, (x << 1):totable())
    local m = torch.gt(T(1, 2), 1)
    assert.same({true, false}, (~m):totable())
    assert.same({false, true}, (m & torch.gt(T(1, 2), 0)):totable())
  end)

  it('refuse what is no number', function ()
    fails("add: argument #2: tensor or number expected, got string 'a'",
          function () return torch.ones(1) + 'a' end)
    fails('sub: argument #1: tensor or number expected, got nil',
          function () return nil - torch.ones(1) end)
  end)
end)

describe('forms of an operation', function ()
  it('pure, in place, with a result', function ()
    local x, y, r = T(1, 2), T(3, 4), torch.Tensor()
    assert.same({4, 6}, torch.add(x, y):totable())
    assert.same({1, 2}, x:totable())
    assert.equal(r, torch.add(r, x, y))
    assert.same({4, 6}, r:totable())
    assert.equal(x, x:add(y))
    assert.same({4, 6}, x:totable())
    assert.equal(x, x:add(y, y))
    assert.same({6, 8}, x:totable())
    local exp = torch.exp(T(0, 1))
    local z = T(0, 1)
    assert.equal(z, z:exp())
    assert.tensor_equal(exp, z)
    assert.equal(z, z:sqrt(T(4, 9)))
    assert.same({2, 3}, z:totable())
    torch.exp(r, T(0, 0, 0))
    assert.same({1, 1, 1}, r:totable())
  end)

  it('scaled sums', function ()
    local x, y = T(1, 2), T(3, 4)
    assert.same({7, 10}, torch.add(x, 2, y):totable())
    assert.same({-5, -6}, torch.csub(x, 2, y):totable())
    assert.same({-5, -6}, torch.sub(x, 2, y):totable())
    assert.same({3, 4}, torch.add(x, 2):totable())
    assert.same({3, 4}, torch.add(2, x):totable())
    x:add(0.5, y)
    assert.same({2.5, 4}, x:totable())
    x:add(y, -1, y)
    assert.same({0, 0}, x:totable())
    x:csub(1)
    assert.same({-1, -1}, x:totable())
    assert.same({7, 10}, x:addcmul(T(1, 2), 2, y, T(1, 1)):totable())
    assert.same({16, 26}, x:addcmul(y, y):totable())
    assert.same({17, 27}, x:addcdiv(y, y):totable())
    assert.same({2, 3}, torch.lerp(T(1, 2), T(3, 4), 0.5):totable())
    assert.same({2, 3}, T(1, 2):lerp(T(3, 4), 0.5):totable())
  end)

  it('clamp, max, min, powers', function ()
    assert.same({1, 2, 3}, torch.clamp(T(0, 2, 4), 1, 3):totable())
    assert.same({1, 2, 3}, T(0, 2, 4):clamp(1, 3):totable())
    assert.same({2, 2, 4}, torch.cmax(T(0, 2, 4), 2):totable())
    assert.same({0, 1}, T(0, 2):cmin(T(1, 1)):totable())
    assert.same({1, 8}, torch.pow(T(1, 2), 3):totable())
    assert.same({3, 9}, torch.pow(3, T(1, 2)):totable())
    assert.same({1, 8}, T(1, 2):cpow(T(5, 3)):totable())
    assert.same({0.5, 0.25}, T(2, 4):cinv():totable())
    assert.same({2, 1}, T(4, 3):idiv(2):totable())
    assert.same({-1, 1}, torch.fmod(T(-5, 5), 2):totable())
    assert.same({1, 1}, torch.remainder(T(-5, 5), 2):totable())
  end)

  it('where and comparisons', function ()
    local x = T(1, 2, 3)
    local m = torch.gt(x, 2)
    assert.equal('bool', m:dtype())
    assert.same({false, false, true}, m:totable())
    assert.same({true, false, false}, x:eq(T(1, 1, 1)):totable())
    assert.same({0, 0, 3}, torch.where(m, x, 0):totable())
    assert.same({1, 2, 3}, x:totable())
    assert.is_true(torch.gt(2, 1))
    assert.equal(5, torch.where(true, 5, 6))
    local r = torch.ByteTensor()
    torch.le(r, x, 2)
    assert.same({1, 1, 0}, r:totable())
    assert.same({true, false}, torch.isnan(T(0 / 0, 1)):totable())
  end)

  it('takes numbers alone', function ()
    assert.equal(3, torch.add(1, 2))
    assert.equal('integer', math.type(torch.add(1, 2)))
    assert.equal(math.exp(1), torch.exp(1))
    assert.equal(2, torch.abs(-2))
    assert.equal(1, torch.clamp(5, 0, 1))
  end)

  it('on views, in place', function ()
    local x = torch.range(1, 6):view(2, 3)
    x:t():mul(2)
    assert.same({{2, 4, 6}, {8, 10, 12}}, x:totable())
    x[{ {}, 2 }]:add(100)
    assert.same({{2, 104, 6}, {8, 110, 12}}, x:totable())
    local y = torch.range(1, 5)
    y:narrow(1, 2, 4):add(y:narrow(1, 1, 4)) -- overlapping
    assert.same({1, 3, 5, 7, 9}, y:totable())
    local z = torch.Tensor{{1, 2}, {3, 4}}
    z:add(z:t())
    assert.same({{2, 5}, {5, 8}}, z:totable())
    local a = torch.Tensor{{1, 2}, {3, 4}}
    torch.add(a:t(), a, a)
    assert.same({{2, 6}, {4, 8}}, a:totable())
  end)

  it('a clone keeps its value', function ()
    local x = torch.ones(3)
    local y = x:clone()
    x:add(1)
    y:mul(5)
    assert.same({2, 2, 2}, x:totable())
    assert.same({5, 5, 5}, y:totable())
  end)

  it('apply map map2', function ()
    local x = T(1, 2, 3)
    assert.equal(x, x:apply(function (v) return v * 2 end))
    assert.same({2, 4, 6}, x:totable())
    x:apply(function (v) if v == 4 then return 0 end end)
    assert.same({2, 0, 6}, x:totable())
    x:map(T(1, 1, 2), function (a, b) return a / b end)
    assert.same({2, 0, 3}, x:totable())
    x:map2(T(1, 1, 1), T(2, 2, 2), function (a, b, c) return a + b + c end)
    assert.same({5, 3, 6}, x:totable())
    assert.has_error(function () x:apply(function () return 'a' end) end)
    fails('apply: the result has shape 3 and does not fit into the tensor of 1 '
          .. 'float32 in place; use the form that makes a new tensor',
          x.apply, x, function () x:resize(1) return 1 end)
  end)

  it('copy needs as many elements', function ()
    local x = torch.zeros(2, 3)
    x:copy(torch.range(1, 6))
    assert.same({{1, 2, 3}, {4, 5, 6}}, x:totable())
    x:copy(torch.LongTensor{{1}, {2}})
    assert.same({{1, 1, 1}, {2, 2, 2}}, x:totable())
    fails("copy: argument #1: tensor expected, got a number; use "
          .. 'x:fill(number)', x.copy, x, 3)
    fails("copy: 4 elements of 4 can't be copied to 6 of 2 x 3",
          x.copy, x, torch.ones(4))
    fails('fill: argument #1: a number expected, got tensor of 2 float32; use '
          .. 'x:copy(tensor)', x.fill, x, torch.ones(2))
  end)
end)

describe('powers', function ()
  it('of 1 and 2 are exact, whatever stands beside them', function ()
    for _, dtype in ipairs {'float32', 'float64'} do
      local x = torch.cat(torch.randn(70, {dtype = dtype}) * 9, torch.tensor(
        {0, -0.0, math.huge, -math.huge, 0 / 0, 1e-30, 1e30}, dtype), 1)
      local n = x:nElement()
      assert.tensor_equal(torch.cmul(x, x), torch.pow(x, 2))
      assert.tensor_equal(x, torch.pow(x, 1))
      assert.equal(-math.huge, 1 / torch.pow(x, 1)[72])
      for first = 0, 3 do
        local y = torch.zeros(n, {dtype = dtype})
        for i = 1, n do y[i] = (first + i) % 4 end
        local all = torch.pow(x, y)
        for i = 1, n do
          local alone = torch.pow(x:narrow(1, i, 1), torch.item(y[i]))
          assert.tensor_equal(alone, all:narrow(1, i, 1))
        end
      end
    end
  end)
end)

describe('dtypes', function ()
  it('promote', function ()
    local l, f = torch.LongTensor{1, 2}, torch.FloatTensor{0.5, 1}
    assert.equal('float32', (l + f):dtype())
    assert.equal('float64', (f + f:double()):dtype())
    assert.equal('int64', (l + 1):dtype())
    assert.equal('float32', (l + 0.5):dtype())
    assert.equal('float32', (l / 2):dtype())
    assert.equal('float32', (f + 0.1):dtype())
    assert.equal('float32', torch.exp(l):dtype())
    assert.equal('int64', torch.abs(l):dtype())
    assert.equal('int16', (torch.ByteTensor{1} + torch.CharTensor{1}):dtype())
    l:add(0.5)
    assert.same({1, 2}, l:totable())
    assert.same({0, 1}, torch.LongTensor{1, 2}:div(2):totable())
  end)
end)

describe('errors of operations', function ()
  it('say what was expected and what came', function ()
    local x = torch.ones(2, 3)
    fails("exp: arguments ([result,] x) expected, got (string 'a')",
          torch.exp, 'a')
    fails('exp: arguments ([result,] x) expected, got ()', torch.exp)
    fails('add: arguments ([result,] x, [number,] y) expected, got (tensor of '
          .. '2 x 3 float32)', torch.add, x)
    fails('add: arguments ([number,] y) expected, got (tensor of 2 x 3 '
          .. 'float32, nil)', x.add, x, nil)
    fails('exp: call it as x:exp(...) on a tensor x, with a colon; got '
          .. 'nothing', x.exp)
    fails("add: can't broadcast [2 x 3] with [4]: sizes 3 and 4 at dimension "
          .. '2', x.add, x, torch.ones(4))
    fails('add: the result has shape 2 x 3 and does not fit into the tensor '
          .. 'of 3 float32 in place; use the form that makes a new tensor',
          function () torch.ones(3):add(x) end)
  end)

  it('stand where the user called', function ()
    local _, message = pcall(function () torch.cross(1, 2) end)
    assert.matches('^tests/torch/math_spec.lua:%d+: cross: ', message)
    _, message = pcall(function () torch.histc(torch.ones(2), -3) end)
    assert.matches('^tests/torch/math_spec.lua:%d+: ', message)
  end)
end)

describe('products', function ()
  local a = torch.Tensor{{1, 2}, {3, 4}}
  local v, w = T(1, 2), T(3, 4)

  it('in all forms', function ()
    assert.same({{7, 10}, {15, 22}}, torch.mm(a, a):totable())
    assert.same({{7, 10}, {15, 22}}, a:mm(a):totable())
    local r = torch.Tensor()
    assert.equal(r, r:mm(a, a))
    assert.same({{7, 10}, {15, 22}}, r:totable())
    assert.same({5, 11}, torch.mv(a, v):totable())
    assert.equal(11, torch.dot(v, w))
    assert.equal(30, torch.dot(a, a))
    assert.same({{3, 4}, {6, 8}}, torch.ger(v, w):totable())
    assert.same({{10, 14}, {14, 20}}, (a:t() * a):totable())
    local b = torch.ones(3, 2, 2)
    assert.same({3, 2, 2}, torch.bmm(b, b):size():totable())
  end)

  it('add to a matrix', function ()
    local m = torch.ones(2, 2)
    assert.same({{8, 11}, {16, 23}}, torch.addmm(m, a, a):totable())
    assert.same({{8, 11}, {16, 23}}, m:clone():addmm(a, a):totable())
    assert.same({{15, 21}, {31, 45}}, m:clone():addmm(2, a, a):totable())
    assert.same({{7.5, 10.5}, {15.5, 22.5}},
                m:clone():addmm(0.5, 1, a, a):totable())
    assert.same({{7.5, 10.5}, {15.5, 22.5}},
                torch.addmm(0.5, m, 1, a, a):totable())
    assert.same({{9, 12}, {17, 24}},
                m:clone():addmm(2, m, 1, a, a):totable())
    local r = torch.Tensor()
    r:addmm(0.5, m, 1, a, a)
    assert.same({{7.5, 10.5}, {15.5, 22.5}}, r:totable())
    assert.same({6, 12}, torch.addmv(torch.ones(2), a, v):totable())
    assert.same({{4, 5}, {7, 9}}, m:clone():addr(v, w):totable())
    local nan = torch.full({2, 2}, 0 / 0)
    assert.same({{7, 10}, {15, 22}}, nan:addmm(0, 1, a, a):totable())
    local b = torch.ones(3, 2, 2)
    assert.same({{7, 7}, {7, 7}}, torch.addbmm(m, b, b):totable())
    assert.same({3, 3}, b:clone():baddbmm(b, b)[1][1]:totable())
  end)

  it('say which shapes they got', function ()
    fails('mm: a matrix and a matrix expected, got tensors of 2 and 2 x 2',
          torch.mm, v, a)
    fails('mv: a matrix and a vector expected, got tensors of 2 x 2 and 2 x 2',
          torch.mv, a, a)
    fails('dot: as many elements expected, got tensors of 2 and 3', torch.dot,
          v, T(1, 2, 3))
    fails('mm: [2 x 2] times [3 x 2]: inner sizes must be equal',
          torch.mm, a, torch.ones(3, 2))
    fails('addmm: arguments ([result,] [number,] x, [number,] y, z) expected, '
          .. 'got (tensor of 2 x 2 float32, number 2)', torch.addmm, a, 2)
  end)

  it('cross renorm equal allclose', function ()
    assert.same({0, 0, 1}, torch.cross(T(1, 0, 0), T(0, 1, 0)):totable())
    assert.is_true(torch.equal(v, T(1, 2)))
    assert.is_false(v:equal(w))
    assert.is_true(torch.allclose(v, v + 1e-6))
    assert.is_false(torch.allclose(v, w))
    assert.tensor_near(torch.Tensor{{0.6, 0.8}, {0.3, 0.4}},
                       torch.Tensor{{3, 4}, {0.3, 0.4}}:renorm(2, 1, 1))
  end)
end)

describe('reductions', function ()
  local x = torch.Tensor{{1, 5, 3}, {4, 2, 6}}

  it('to numbers and along dimensions', function ()
    assert.equal(21, x:sum())
    assert.equal(21, torch.sum(x))
    assert.same({{5, 7, 9}}, x:sum(1):totable())
    assert.same({{9}, {12}}, torch.sum(x, 2):totable())
    assert.same({9, 12}, x:sum(2, {keepdim = false}):totable())
    assert.same({9, 12}, x:sum(2, false):totable())
    assert.same({{21}}, x:sum{1, 2}:totable())
    assert.same({{9}, {12}}, x:sum(-1):totable())
    local r = torch.Tensor()
    assert.equal(r, torch.sum(r, x, 1))
    assert.same({{5, 7, 9}}, r:totable())
    assert.equal(720, x:prod())
    assert.equal(3.5, x:mean())
    assert.equal(math.type(torch.LongTensor{1, 2}:sum()), 'integer')
    assert.equal(749, torch.ByteTensor{255, 255, 239}:sum())
  end)

  it('max and min give values and indices', function ()
    assert.equal(6, x:max())
    assert.equal(1, torch.min(x))
    local v, i = x:max(2)
    assert.same({{5}, {6}}, v:totable())
    assert.same({{2}, {3}}, i:totable())
    assert.equal('int64', i:dtype())
    v, i = torch.min(x, 1)
    assert.same({{1, 2, 3}}, v:totable())
    assert.same({{1, 2, 1}}, i:totable())
    assert.equal(6, x:argmax())
    assert.same({{2}, {3}}, x:argmax(2):totable())
    local rv, ri = torch.Tensor(), torch.LongTensor()
    torch.max(rv, ri, x, 1)
    assert.same({{4, 5, 6}}, rv:totable())
    assert.same({{2, 1, 2}}, ri:totable())
    fails('max: argument #2: a dimension expected, got tensor of 2 x 3 '
          .. 'float32; the elementwise form is torch.cmax(x, y)',
          torch.max, x, x)
  end)

  it('spread and norms', function ()
    assert.tensor_near({3.5}, x:var())
    assert.tensor_near({2.9166667}, x:var(true))
    assert.tensor_near({{4.5, 4.5, 4.5}}, x:var(1))
    assert.tensor_near({{1.5, 1.5, 1.5}}, x:std(1, true))
    assert.tensor_near({math.sqrt(91)}, x:norm())
    assert.equal(21, x:norm(1))
    assert.equal(6, x:norm(math.huge))
    assert.equal(6, x:norm(0))
    assert.tensor_near({{9}, {12}}, x:norm(1, 2))
    assert.equal(5, torch.dist(T(0, 0), T(3, 4)))
    assert.is_true(torch.all(torch.gt(x, 0)))
    assert.is_false(torch.any(torch.gt(x, 6)))
    assert.same({{false, false, true}}, torch.gt(x, 5):any(1):totable())
  end)

  it('running ones and order', function ()
    assert.same({1, 3, 6}, torch.cumsum(T(1, 2, 3)):totable())
    assert.same({{1, 6, 9}, {4, 6, 12}}, x:cumsum(2):totable())
    assert.same({1, 2, 6}, T(1, 2, 3):cumprod():totable())
    local v, i = torch.sort(x, 2, true)
    assert.same({{5, 3, 1}, {6, 4, 2}}, v:totable())
    assert.same({{2, 3, 1}, {3, 1, 2}}, i:totable())
    v = torch.sort(x, true)
    assert.same({{5, 3, 1}, {6, 4, 2}}, v:totable())
    v, i = x:topk(2, 2, true)
    assert.same({{5, 3}, {6, 4}}, v:totable())
    assert.same({{2, 3}, {3, 1}}, i:totable())
    v, i = torch.kthvalue(x, 2)
    assert.same({{3}, {4}}, v:totable())
    assert.same({{3}, {1}}, i:totable())
    assert.same({{3}, {4}}, (torch.median(x)):totable())
    assert.same({{1}, {2}}, (torch.mode(x)):totable())
    fails('kthvalue: argument #2: k 4 is outside 1..3', torch.kthvalue, x, 4)
  end)

  it('say what is wrong', function ()
    fails('sum: argument #2: dimension 3 is outside 1..2 of the tensor',
          torch.sum, x, 3)
    fails('sum: argument #1: dimension 0 is outside 1..2 of the tensor',
          x.sum, x, 0)
    fails("sum: argument #1: tensor expected, got string 'x'", torch.sum, 'x')
    fails('sum: argument #2: dimension 1 is named twice', torch.sum, x, {1, 1})
    assert.has_error(function () torch.max(torch.zeros(0)) end)
  end)
end)
