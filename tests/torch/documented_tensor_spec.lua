-- Torch7's documentation of tensors, storages and indexing: each documented
-- call gives the documented result.  What differs on purpose is in
-- docs/torch7.md.
require 'nnlua.busted'
local torch = require 'torch'

local function count (...)
  local i = 0
  return torch.Tensor(...):apply(function () i = i + 1; return i end)
end

local function sizes (x) return x:size():totable() end

describe('documented: constructors', function ()
  it('of sizes, of a LongStorage, with strides', function ()
    assert.same({4, 5, 6, 2}, sizes(torch.Tensor(4, 5, 6, 2)))
    local s = torch.LongStorage(6)
    s[1], s[2], s[3], s[4], s[5], s[6] = 4, 5, 6, 2, 7, 3
    local x = torch.Tensor(s)
    assert.equal(6, x:nDimension())
    assert.same({4, 5, 6, 2, 7, 3}, sizes(x))
    assert.equal('torch.LongStorage', torch.type(x:size()))
    x = torch.Tensor(torch.LongStorage {4}, torch.LongStorage {0}):zero()
    x[1] = 1
    assert.same({1, 1, 1, 1}, x:totable())
    -- a negative stride: the one that makes it contiguous
    x = torch.Tensor(torch.LongStorage {2, 3}, torch.LongStorage {-1, -1})
    assert.same({3, 1}, x:stride():totable())
  end)

  it('of a LongStorage: sizes, but elements of a LongTensor', function ()
    local a = torch.LongStorage {1, 2}
    assert.same({1, 2}, sizes(torch.FloatTensor(a)))
    local c = torch.LongTensor(a) -- a copy: see docs/torch7.md
    assert.same({1, 2}, c:totable())
    assert.equal('torch.LongTensor', c:type())
  end)

  it('of a tensor share, of a table copy', function ()
    local x = torch.Tensor(2, 5):fill(3.14)
    torch.Tensor(x):zero()
    assert.equal(0, x:norm())
    assert.same({2, 4}, sizes(torch.Tensor {{1, 2, 3, 4}, {5, 6, 7, 8}}))
    assert.equal(0, torch.Tensor():dim())
  end)

  it('of a storage: offset, sizes, strides', function ()
    local s = torch.Storage(10):fill(1)
    local x = torch.Tensor(s, 1, torch.LongStorage {2, 5})
    assert.same({2, 5}, sizes(x))
    x:zero()
    for i = 1, 10 do assert.equal(0, s[i]) end
    for i = 1, 10 do s[i] = i end
    assert.same({10}, sizes(torch.Tensor(s)))
    assert.same({3, 4, 5}, torch.Tensor(s, 3, 3):totable())
    assert.same({3, 5, 7}, torch.Tensor(s, 3, 3, 2):totable())
    assert.same({{2, 3, 4}, {5, 6, 7}},
                torch.Tensor(s, 2, 2, 3, 3, 1):totable())
    assert.same({{1, 2}, {3, 4}},
                torch.Tensor(s, 1, torch.LongStorage {2, 2},
                             torch.LongStorage {2, 1}):totable())
    assert.same({2, 3, 4}, torch.Tensor():set(s, 2, 3):totable())
    assert.same({2, 5, 8}, torch.Tensor():set(s, 2, 3, 3):totable())
    assert.same({{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}}, torch.Tensor():set(
      s, 1, torch.LongStorage {2, 5}):totable())
    assert.same({10}, sizes(torch.Tensor():set(s)))
  end)
end)

describe('documented: structure', function ()
  it('an element is at offset and strides in the storage', function ()
    local x = count(7, 7, 7)
    assert.equal(x[3][4][5],
                 x:storage()[x:storageOffset() + (3 - 1) * x:stride(1)
                             + (4 - 1) * x:stride(2) + (5 - 1) * x:stride(3)])
    local y = torch.Tensor(4, 5)
    local s = y:storage()
    for i = 1, s:size() do s[i] = i end
    assert.same({16, 17, 18, 19, 20}, y[4]:totable())
    assert.same({5, 1}, y:stride():totable())
    assert.equal(6, y:select(1, 2):storageOffset())
  end)

  it('sizes and their comparisons', function ()
    local x = torch.Tensor(4, 5)
    assert.equal(2, x:nDimension())
    assert.equal(2, x:dim())
    assert.equal(5, x:size(2))
    assert.equal(20, x:nElement())
    assert.same({4, 5}, (#x):totable())
    assert.is_true(x:isSize(torch.LongStorage {4, 5}))
    assert.is_false(x:isSize(torch.LongStorage {5, 4, 1}))
    assert.is_true(x:isSize(x:size()))
    assert.is_true(x:isSameSizeAs(torch.Tensor(4, 5)))
    assert.is_false(x:isSameSizeAs(torch.Tensor(4, 6)))
    assert.is_true(x:isContiguous())
    local y = x:select(2, 3)
    assert.is_false(y:isContiguous())
    assert.same({5}, y:stride():totable())
  end)

  it('isSetTo, set', function ()
    local x, y = torch.Tensor(2, 5):fill(3), torch.Tensor()
    assert.is_false(y:isSetTo(x))
    y:set(x)
    assert.is_true(y:isSetTo(x))
    assert.is_false(y:t():isSetTo(x))
    y:zero()
    assert.equal(0, x:sum())
  end)

  it('type and its shorthands', function ()
    local x = torch.Tensor(3):fill(3.14)
    x:type(x:type()):zero() -- the very tensor
    assert.equal(0, x:sum())
    x:fill(3.14)
    assert.equal('torch.IntTensor', x:type 'torch.IntTensor':type())
    assert.same({3, 3, 3}, x:int():totable())
    assert.equal('torch.IntTensor', x:typeAs(torch.IntTensor()):type())
    for _, name in ipairs {'Byte', 'Char', 'Short', 'Int', 'Long', 'Float',
                           'Double'} do
      assert.equal('torch.' .. name .. 'Tensor', x[name:lower()](x):type())
    end
    assert.is_true(torch.isTensor(torch.randn(3, 4)))
    assert.is_true(torch.isTensor(torch.randn(3, 4)[1]))
    assert.is_false(torch.isTensor(torch.randn(3, 4)[1][2]))
  end)

  it('contiguous returns the tensor, or a copy', function ()
    local x = torch.Tensor(2, 3):fill(1)
    x:contiguous():fill(2)
    assert.equal(12, x:sum())
    x:t():contiguous():fill(3.14)
    assert.equal(12, x:sum())
    local y = x:clone()
    y:fill(1)
    assert.equal(12, x:sum())
  end)

  it('resize keeps the storage when smaller', function ()
    local x = count(4, 5)
    local s = x:storage()
    x:resize(2, 3)
    assert.same({2, 3}, sizes(x))
    assert.same({3, 1}, x:stride():totable())
    assert.equal(20, s:size())
    assert.same({3, 3}, sizes(x:resize(torch.LongStorage {3, 3})))
    assert.same({1, 7}, sizes(x:resizeAs(torch.Tensor(1, 7))))
    assert.same({2, 2}, sizes(torch.Tensor(2, 2):copy(torch.ones(4))))
  end)
end)

describe('documented: indexing', function ()
  it('by number, table, LongStorage, mask', function ()
    local x = count(3, 3)
    assert.same({4, 5, 6}, x[2]:totable())
    assert.equal(6, x[2][3])
    assert.equal(6, x[{2, 3}])
    assert.equal(6, x[torch.LongStorage {2, 3}])
    assert.same({1, 2, 3}, x[torch.le(x, 3)]:totable())
  end)

  it('writes', function ()
    local x = torch.Tensor(5, 6):zero()
    x[{1, 3}] = 1
    x[{2, {2, 4}}] = 2
    x[{ {}, 4 }] = -1
    x[{ {}, 2 }] = torch.range(1, 5)
    x[torch.lt(x, 0)] = -2
    assert.same({{0, 1, 1, -2, 0, 0}, {0, 2, 2, -2, 0, 0},
                 {0, 3, 0, -2, 0, 0}, {0, 4, 0, -2, 0, 0},
                 {0, 5, 0, -2, 0, 0}}, x:totable())
    x[2] = torch.ones(6)
    x[{ {3, 4}, {1, 2} }] = torch.range(1, 4):view(2, 2)
    assert.same({1, 1, 1, 1, 1, 1}, x[2]:totable())
    assert.same({{1, 2}, {3, 4}}, x[{ {3, 4}, {1, 2} }]:totable())
  end)

  it('narrow, sub, select share', function ()
    local x = torch.Tensor(5, 6):zero()
    local y = x:sub(2, 4):fill(1)
    x:sub(2, 4, 3, 4):fill(2)
    assert.same({{0, 0, 0, 0, 0, 0}, {1, 1, 2, 2, 1, 1}, {1, 1, 2, 2, 1, 1},
                 {1, 1, 2, 2, 1, 1}, {0, 0, 0, 0, 0, 0}}, x:totable())
    assert.same({{2, 2}}, y:sub(-1, -1, 3, 4):totable())
    x:zero():narrow(1, 2, 3):fill(1)
    assert.equal(18, x:sum())
    x:zero():select(1, 2):fill(2)
    x:select(2, 5):fill(5)
    assert.same({2, 2, 2, 2, 5, 2}, x[2]:totable())
    assert.same({0, 0, 0, 0, 5, 0}, x[1]:totable())
    assert.equal(37 - 2, x:sum())
  end)

  it('index, indexCopy, indexAdd, indexFill', function ()
    local x = count(5, 5)
    local y = x:index(1, torch.LongTensor {3, 1})
    assert.same({{11, 12, 13, 14, 15}, {1, 2, 3, 4, 5}}, y:totable())
    y:fill(1)
    assert.equal(325, x:sum())
    local z = torch.Tensor()
    z:index(x, 1, torch.LongTensor {3, 1})
    assert.same({2, 5}, sizes(z))
    assert.equal(11, z[1][1])
    z = torch.Tensor(5, 2)
    z:select(2, 1):fill(-1)
    z:select(2, 2):fill(-2)
    x:indexCopy(2, torch.LongTensor {5, 1}, z)
    assert.same({-2, 2, 3, 4, -1}, x[1]:totable())
    x = count(5, 5):indexAdd(2, torch.LongTensor {5, 1}, z)
    assert.same({-1, 2, 3, 4, 4}, x[1]:totable())
    local a = torch.range(1, 5)
    a:indexAdd(1, torch.LongTensor {1, 1, 3, 3}, torch.range(1, 4))
    assert.same({4, 2, 10, 4, 5}, a:totable())
    x = count(5, 5):indexFill(2, torch.LongTensor {4, 2}, -10)
    assert.same({1, -10, 3, -10, 5}, x[1]:totable())
  end)

  it('gather, scatter', function ()
    local x = count(5, 5)
    assert.same({{1, 7, 13, 19, 25}, {6, 12, 18, 24, 5}},
                x:gather(1, torch.LongTensor {{1, 2, 3, 4, 5},
                                              {2, 3, 4, 5, 1}}):totable())
    local z = x:gather(2, torch.LongTensor {{1, 2}, {2, 3}, {3, 4}, {4, 5},
                                            {5, 1}})
    assert.same({{1, 2}, {7, 8}, {13, 14}, {19, 20}, {25, 21}}, z:totable())
    local r = torch.Tensor()
    r:gather(x, 2, torch.LongTensor {{5}, {4}, {3}, {2}, {1}})
    assert.same({{5}, {9}, {13}, {17}, {21}}, r:totable())
    local y = torch.zeros(3, 5):scatter(
      1, torch.LongTensor {{1, 2, 3, 1, 1}, {3, 1, 1, 2, 3}}, count(2, 5))
    assert.same({{1, 7, 8, 4, 5}, {0, 2, 0, 9, 0}, {6, 0, 3, 0, 10}},
                y:totable())
    y = torch.zeros(2, 4):scatter(2, torch.LongTensor {{3}, {4}}, 1.5)
    assert.same({{0, 0, 1.5, 0}, {0, 0, 0, 1.5}}, y:totable())
  end)

  it('masks of another shape and equal number', function ()
    local x = torch.range(1, 12):double():resize(3, 4)
    local mask = torch.ByteTensor {{1, 0, 1, 0, 0, 0}, {1, 1, 0, 0, 0, 1}}
    assert.same({1, 3, 7, 8, 12}, x:maskedSelect(mask):totable())
    local z = torch.DoubleTensor()
    z:maskedSelect(x, mask)
    assert.same({1, 3, 7, 8, 12}, z:totable())
    local y = torch.DoubleTensor(2, 4):fill(-1)
    y:maskedCopy(torch.ByteTensor {{0, 0, 1, 1, 1, 0, 1, 0}},
                 torch.range(1, 4):double():resize(2, 2))
    assert.same({{-1, -1, 1, 2}, {3, -1, 4, -1}}, y:totable())
    x = torch.Tensor {0, 0, 0, 0}
    x:maskedCopy(torch.ByteTensor {0, 1, 0, 1}, torch.Tensor {10, 20})
    assert.same({0, 10, 0, 20}, x:totable())
    x = torch.range(1, 4):double():resize(1, 4)
    x:maskedFill(torch.ByteTensor {{0, 0}, {1, 1}}, -1)
    assert.same({{1, 2, -1, -1}}, x:totable())
  end)

  it('nonzero', function ()
    local x = torch.IntTensor {{2, 0, 1}, {0, 0, 1}}
    local want = {{1, 1}, {1, 3}, {2, 3}}
    assert.same(want, torch.nonzero(x):totable())
    assert.same(want, x:nonzero():totable())
    local indices = torch.LongTensor()
    x.nonzero(indices, x)
    assert.same(want, indices:totable())
    assert.same({{1, 3}, {2, 3}}, x:eq(1):nonzero():totable())
    assert.equal('torch.LongTensor', x:nonzero():type())
  end)
end)

describe('documented: views and copies', function ()
  it('expand, repeatTensor, squeeze', function ()
    local x = torch.rand(10, 1)
    local y = torch.expand(x, 10, 2)
    assert.same({10, 2}, sizes(y))
    y:fill(1)
    assert.equal(10, x:sum())
    -- fill is the one writer of an expanded tensor: see docs/torch7.md
    assert.has_error(function () y:apply(function (v) return v + 1 end) end)
    assert.equal(10, x:sum())
    assert.same({10, 2}, sizes(x:expandAs(torch.Tensor(10, 2))))
    assert.same({10, 2}, sizes(x:expand(torch.LongStorage {10, 2})))
    assert.has_error(function () torch.ones(2, 3):expand(2, 6) end)
    x = torch.range(1, 5)
    local r = torch.repeatTensor(x, 3, 2)
    assert.same({3, 10}, sizes(r))
    assert.same({1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, r[3]:totable())
    assert.same({3, 2, 5}, sizes(torch.repeatTensor(x, 3, 2, 1)))
    assert.same({10}, sizes(x:repeatTensor(torch.LongStorage {2})))
    local into = torch.Tensor()
    into:repeatTensor(x, 2)
    assert.same({10}, sizes(into))
    x = torch.rand(2, 1, 2, 1, 2)
    assert.same({2, 2, 2}, sizes(torch.squeeze(x)))
    assert.same({2, 2, 1, 2}, sizes(torch.squeeze(x, 2)))
    assert.same({2, 1, 2, 1, 2}, sizes(torch.squeeze(x, 1)))
  end)

  it('view, viewAs, with a result', function ()
    local x = torch.zeros(4)
    assert.same({2, 2}, sizes(x:view(2, 2)))
    assert.same({2, 2}, sizes(x:view(2, -1)))
    assert.same({2, 2}, sizes(x:view(torch.LongStorage {2, 2})))
    assert.same({2, 2}, sizes(x:viewAs(torch.Tensor(2, 2))))
    local y = torch.Tensor()
    y:view(x, 2, 2):fill(3)
    assert.equal(12, x:sum())
    torch.view(y, x, 4, 1):fill(1)
    assert.equal(4, x:sum())
    assert.same({4, 1}, sizes(y))
    torch.viewAs(y, x, torch.Tensor(1, 4))
    assert.same({1, 4}, sizes(y))
  end)

  it('transpose, t, permute, unfold', function ()
    local x = torch.Tensor(3, 4):zero()
    x:select(2, 3):fill(7)
    local y = x:transpose(1, 2)
    assert.same({{0, 0, 0}, {0, 0, 0}, {7, 7, 7}, {0, 0, 0}}, y:totable())
    y:select(2, 3):fill(8)
    assert.same({8, 8, 8, 8}, x[3]:totable())
    assert.same({4, 3}, sizes(x:t()))
    assert.same({4, 2, 3, 5},
                sizes(torch.Tensor(3, 4, 2, 5):permute(2, 3, 1, 4)))
    x = torch.range(1, 7)
    assert.same({{1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}},
                x:unfold(1, 2, 1):totable())
    assert.same({{1, 2}, {3, 4}, {5, 6}}, x:unfold(1, 2, 2):totable())
  end)

  it('apply, map, map2', function ()
    local z = count(3, 3)
    z:apply(math.sin)
    assert.near(0.8415, z[1][1], 1e-4)
    assert.near(-0.9589, z[2][2], 1e-4)
    local sum = 0
    z:apply(function (x) sum = sum + x end)
    assert.near(1.9552094821074, sum, 1e-6)
    assert.near(1.9552094821074, z:sum(), 1e-6)
    local x = count(3, 3)
    assert.equal(x, x:map(count(9), function (a, b) return a * b end))
    assert.same({{1, 4, 9}, {16, 25, 36}, {49, 64, 81}}, x:totable())
    x = count(3, 3):apply(function (i) return math.cos(i) ^ 2 end)
    x:map2(count(9), count(3, 3), function (a, b, c) return a + b * c end)
    assert.tensor_near({1.2919, 4.1732, 9.9801}, x[1], 1e-4)
    assert.tensor_near({49.5684, 64.0212, 81.8302}, x[3], 1e-4)
  end)

  it('split, chunk', function ()
    local x = torch.randn(3, 4, 5)
    local function of (list)
      local out = {}
      for i, t in ipairs(list) do out[i] = sizes(t) end
      return out
    end
    assert.same({{2, 4, 5}, {1, 4, 5}}, of(x:split(2, 1)))
    assert.same({{3, 3, 5}, {3, 1, 5}}, of(x:split(3, 2)))
    assert.same({{3, 4, 2}, {3, 4, 2}, {3, 4, 1}}, of(x:split(2, 3)))
    assert.same({{2, 4, 5}, {1, 4, 5}}, of(x:chunk(2, 1)))
    assert.same({{3, 2, 5}, {3, 2, 5}}, of(x:chunk(2, 2)))
    assert.same({{3, 4, 3}, {3, 4, 2}}, of(x:chunk(2, 3)))
    local result = {1, 2, 3, 4, 5}
    assert.equal(result, torch.split(result, x, 2, 1))
    assert.same({{2, 4, 5}, {1, 4, 5}}, of(result))
    torch.chunk(result, x, 2, 3)
    assert.same({{3, 4, 3}, {3, 4, 2}}, of(result))
  end)
end)
