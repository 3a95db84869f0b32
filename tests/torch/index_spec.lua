-- x[key] and x[key] = value.
require 'nnlua.busted'
local torch = require 'torch'

local function fails (text, f)
  local ok, message = pcall(f)
  assert.is_false(ok, 'no error; expected: ' .. text)
  assert.equal(text, (tostring(message):gsub('^[^\n]-:%d+: ', '')))
end

local x

describe('indexing', function ()
  before_each(function () x = torch.range(1, 24):view(2, 3, 4) end)

  it('by integers', function ()
    assert.same({3, 4}, x[1]:size():totable())
    assert.equal(24, x[2][3][4])
    assert.equal(24, x[-1][-1][-1])
    assert.equal(24, x[2.0][3][4])
    assert.equal('integer', math.type(torch.LongTensor{3}[1]))
    assert.is_true(torch.tensor{true}[1])
  end)

  it('by tables', function ()
    assert.equal(7, x[{1, 2, 3}])
    assert.equal(7, x[torch.LongStorage{1, 2, 3}])
    assert.same({5, 6, 7, 8}, x[{1, 2}]:totable())
    assert.same({{1, 2, 3, 4}, {5, 6, 7, 8}}, x[{1, {1, 2}}]:totable())
    assert.same({{2, 6, 10}, {14, 18, 22}}, x[{ {}, {}, 2 }]:totable())
    assert.same({1, 3, 1}, x[{ {2}, {}, {-1} }]:size():totable())
    assert.same({2, 3, 4}, x[{}]:size():totable())
    assert.same({{{17, 18}}}, x[{ {2, 2}, {2, 2}, {1, 2} }]:totable())
  end)

  it('makes views', function ()
    local y = x[{ {}, 2 }]
    y:fill(0)
    assert.equal(0, x[2][2][3])
    assert.equal(1, x[1][1][1])
  end)

  it('by masks and index tensors', function ()
    local y = torch.Tensor{5, 6, 7, 8}
    assert.same({7, 8}, y[torch.gt(y, 6)]:totable())
    assert.same({5, 8}, y[torch.ByteTensor{1, 0, 0, 1}]:totable())
    assert.same({8, 5}, y[torch.LongTensor{4, 1}]:totable())
    assert.same({{8, 5}, {6, 6}},
                y[torch.LongTensor{{4, 1}, {2, 2}}]:totable())
    assert.same({1, 3, 4}, x[torch.IntTensor{2}]:size():totable())
    assert.same({}, y[torch.gt(y, 100)]:totable())
  end)

  it('has methods and no other fields', function ()
    assert.is_function(x.add)
    assert.is_nil(x.nosuch)
    fails("a tensor has no field 'foo' to set", function () x.foo = 1 end)
  end)

  it('says what is out of range', function ()
    fails('index 3 is outside 1..2 of dimension 1 of a tensor of 2 x 3 x 4 '
          .. 'float32', function () return x[3] end)
    fails('index 0 is outside 1..2 of dimension 1 of a tensor of 2 x 3 x 4 '
          .. 'float32', function () return x[0] end)
    fails('index 5 is outside 1..4 of dimension 3 of a tensor of 2 x 3 x 4 '
          .. 'float32', function () return x[{1, 1, 5}] end)
    fails('4 indices for a tensor of 2 x 3 x 4 float32',
          function () return x[{1, 1, 1, 1}] end)
    fails('a tensor can\'t be indexed by number 1.5',
          function () return x[1.5] end)
    fails('a tensor can\'t be indexed by boolean',
          function () return x[true] end)
    fails('range {2, 1} of dimension 1 is empty',
          function () return x[{ {2, 1} }] end)
    fails('a range is {}, {i} or {first, last}, got 3 numbers',
          function () return x[{ {1, 2, 1} }] end)
    fails('an empty tensor can\'t be indexed',
          function () return torch.Tensor()[1] end)
    fails('a tensor without dimensions can\'t be indexed; x:item() reads its '
          .. 'number', function () return torch.tensor(1)[1] end)
    fails('an index tensor must be of an integer type or a bool mask, got '
          .. 'tensor of 1 float32; convert it with k:long()',
          function () return x[torch.ones(1)] end)
    assert.has_error(function () return x[torch.LongTensor{3}] end)
    assert.has_error(function () return x[torch.LongTensor{0}] end)
  end)
end)

describe('assignment', function ()
  before_each(function () x = torch.range(1, 6):view(2, 3) end)

  it('of numbers', function ()
    x[1][2] = 20
    x[{2, 3}] = 60
    assert.same({{1, 20, 3}, {4, 5, 60}}, x:totable())
    x[2] = 0
    x[{ {}, {1} }] = -1
    assert.same({{-1, 20, 3}, {-1, 0, 0}}, x:totable())
    x[{}] = 7
    assert.same({{7, 7, 7}, {7, 7, 7}}, x:totable())
    local b = torch.tensor{true, false}
    b[2] = true
    assert.same({true, true}, b:totable())
  end)

  it('of tensors, which broadcast or have as many elements', function ()
    x[1] = torch.Tensor{7, 8, 9}
    assert.same({{7, 8, 9}, {4, 5, 6}}, x:totable())
    x[{ {}, 2 }] = torch.Tensor{1, 2}
    assert.same({{7, 1, 9}, {4, 2, 6}}, x:totable())
    x[{ {}, {1, 2} }] = torch.Tensor{{5}, {6}}
    assert.same({{5, 5, 9}, {6, 6, 6}}, x:totable())
    x[{}] = torch.range(1, 6)
    assert.same({{1, 2, 3}, {4, 5, 6}}, x:totable())
    x[{ {1}, {} }] = x[{ {2}, {} }]
    assert.same({{4, 5, 6}, {4, 5, 6}}, x:totable())
    x[1] = torch.LongTensor{1, 2, 3}
    assert.same({1, 2, 3}, x[1]:totable())
  end)

  it('of overlapping parts', function ()
    local y = torch.range(1, 5)
    y[{ {2, 5} }] = y[{ {1, 4} }]
    assert.same({1, 1, 2, 3, 4}, y:totable())
    x[{}] = x:clone():t():reshape(2, 3)
    assert.same({{1, 4, 2}, {5, 3, 6}}, x:totable())
  end)

  it('by masks and index tensors', function ()
    x[torch.gt(x, 4)] = 0
    assert.same({{1, 2, 3}, {4, 0, 0}}, x:totable())
    x[torch.eq(x, 0)] = torch.Tensor{8, 9}
    assert.same({{1, 2, 3}, {4, 8, 9}}, x:totable())
    x[torch.LongTensor{2}] = 5
    assert.same({{1, 2, 3}, {5, 5, 5}}, x:totable())
    x[torch.LongTensor{2, 1}] = torch.Tensor{{1, 1, 1}, {2, 2, 2}}
    assert.same({{2, 2, 2}, {1, 1, 1}}, x:totable())
    x:maskedFill(torch.eq(x, 1), 6)
    x:maskedCopy(torch.eq(x, 2), torch.Tensor{1, 2, 3})
    assert.same({{1, 2, 3}, {6, 6, 6}}, x:totable())
  end)

  it('says what does not fit', function ()
    fails("index: 4 elements of 4 can't be copied to 1 of ()",
          function () x[1][1] = torch.ones(4) end)
    assert.has_error(function () x[1] = torch.ones(2) end)
    assert.has_error(function () x[1] = 'a' end)
    assert.has_error(function () x[3] = 1 end)
    assert.same({{1, 2, 3}, {4, 5, 6}}, x:totable())
  end)
end)

describe('index functions', function ()
  it('write in place as methods and are pure as functions', function ()
    local y = torch.zeros(3, 2)
    local i = torch.LongTensor{3, 1}
    assert.equal(y, y:indexFill(1, i, 5))
    assert.same({{5, 5}, {0, 0}, {5, 5}}, y:totable())
    local z = torch.indexAdd(y, 1, i, torch.ones(2, 2))
    assert.same({{6, 6}, {0, 0}, {6, 6}}, z:totable())
    assert.same({{5, 5}, {0, 0}, {5, 5}}, y:totable())
    y:indexCopy(2, torch.LongTensor{1}, torch.Tensor{{1}, {2}, {3}})
    assert.same({{1, 5}, {2, 0}, {3, 5}}, y:totable())
    assert.same({{3, 5}, {1, 5}}, y:index(1, i):totable())
    local r = torch.Tensor()
    assert.equal(r, torch.index(r, y, 1, i))
    assert.same({2, 2}, r:size():totable())
    fails('index: argument #2: indices of an integer type expected, got '
          .. 'tensor of 1 float32; convert them with :long()',
          function () y:index(1, torch.ones(1)) end)
  end)

  it('unique bincount histc', function ()
    assert.same({1, 2, 5}, torch.unique(torch.Tensor{5, 1, 2, 1, 5}):totable())
    assert.same({2, 1, 0, 0, 2},
                torch.bincount(torch.LongTensor{5, 1, 2, 1, 5}):totable())
    assert.same({2, 0, 3, 0}, torch.bincount(torch.LongTensor{1, 3},
                                             torch.Tensor{2, 3}, 4):totable())
    assert.same({1, 2, 1}, torch.histc(torch.Tensor{0, 1.1, 1.2, 3}, 3)
                :totable())
    assert.same({2, 0}, torch.histc(torch.Tensor{0, 0.1, 5}, 2, 0, 1)
                :totable())
    local bytes = torch.ByteTensor{1, 2, 255}:repeatTensor(200)
    assert.same({400, 0, 200}, torch.histc(bytes, 3):totable())
    assert.same({1, 2}, torch.histc(torch.BoolTensor{true, false, true}, 2)
                        :totable())
  end)
end)
