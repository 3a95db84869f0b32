-- Constructors, types and conversions.
require 'nnlua.busted'
local torch = require 'torch'

local function fails (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, 'no error; expected: ' .. text)
  assert.equal(text, (tostring(message):gsub('^[^\n]-:%d+: ', '')))
end

local function flat (x) return x:contiguous():view(-1):totable() end

describe('torch.Tensor', function ()
  it('is empty without arguments', function ()
    local x = torch.Tensor()
    assert.equal(0, x:dim())
    assert.equal(0, x:nElement())
    assert.same({}, x:size():totable())
    assert.equal('torch.DoubleTensor', torch.DoubleTensor():type())
  end)

  it('takes sizes and is zero', function ()
    local x = torch.Tensor(2, 3)
    assert.tensor_equal(torch.zeros(2, 3), x)
    assert.equal('torch.FloatTensor', x:type())
    assert.same({2, 3}, torch.Tensor(torch.LongStorage{2, 3}):size():totable())
    assert.same({5}, torch.Tensor(5):size():totable())
    assert.same({4, 2}, torch.Tensor(4.0, 2):size():totable())
  end)

  it('takes nested tables', function ()
    local x = torch.Tensor{{1, 2, 3}, {4, 5, 6}}
    assert.same({2, 3}, x:size():totable())
    assert.equal(6, x[2][3])
    assert.same({{1, 2, 3}, {4, 5, 6}}, x:totable())
    assert.same({1}, torch.Tensor{5}:size():totable())
  end)

  it('shares a tensor and a storage', function ()
    local x = torch.range(1, 6)
    local y = torch.FloatTensor(x)
    y[2] = 20
    assert.equal(20, x[2])
    local z = torch.FloatTensor(x:storage(), 2, {2, 2})
    assert.same({{20, 3}, {4, 5}}, z:totable())
    z[1][1] = 7
    assert.equal(7, x[2])
    local s = torch.FloatTensor(x:storage(), 1, {2, 3}, {1, 2})
    assert.same({{1, 3, 5}, {7, 4, 6}}, s:totable())
    assert.has_error(function ()
      torch.FloatTensor(x:storage(), 3, {2, 3})
    end)
    assert.has_error(function () torch.DoubleTensor(x) end)
  end)

  it('has a type for each dtype', function ()
    local names = {Byte = 'uint8', Char = 'int8', Short = 'int16',
                   Int = 'int32', Long = 'int64', Float = 'float32',
                   Double = 'float64', Bool = 'bool'}
    for name, dtype in pairs(names) do
      local x = torch[name .. 'Tensor'](2, 2)
      assert.equal('torch.' .. name .. 'Tensor', x:type())
      assert.equal(dtype, x:dtype())
      assert.equal(x:type(), torch.type(x))
      assert.is_true(torch.isTypeOf(x, 'torch.' .. name .. 'Tensor'))
      assert.is_true(torch.isTypeOf(x, torch[name .. 'Tensor']))
      assert.is_true(torch.isTypeOf(x, 'torch.*Tensor'))
      assert.is_true(torch.isTensor(x))
      assert.equal(dtype, x.new(3):dtype())
      assert.equal(x, x:type(dtype))
    end
  end)

  it('x.new makes the same type', function ()
    local x = torch.DoubleTensor(2)
    assert.same({3, 4}, x.new(3, 4):size():totable())
    assert.equal('float64', x.new{1, 2}:dtype())
    assert.equal('float64', x:new():dtype())
    assert.same({2, 2}, x.new(torch.LongStorage{2, 2}):size():totable())
  end)
end)

describe('torch.tensor', function ()
  it('is float for numbers and bool for booleans', function ()
    assert.equal('float32', torch.tensor{1, 2}:dtype())
    assert.equal('bool', torch.tensor{true, false}:dtype())
    assert.equal('int64', torch.tensor({1, 2}, 'int64'):dtype())
    assert.equal('int32', torch.tensor({1}, {dtype = 'int32'}):dtype())
    assert.equal('float64', torch.tensor({1}, 'double'):dtype())
    assert.same({true, false}, torch.tensor{true, false}:totable())
  end)

  it('makes 0-d tensors of numbers, to the last digit', function ()
    local x = torch.tensor(0.1, 'float64')
    assert.equal(0, x:dim())
    assert.equal(0.1, x:item())
    assert.equal(2^53 + 1 | 0, torch.tensor(2^53 + 1 | 0, 'int64'):item())
  end)

  it('copies tensors', function ()
    local x = torch.ones(2)
    local y = torch.tensor(x)
    y[1] = 5
    assert.equal(1, x[1])
  end)

  it('joins tensors in tables', function ()
    local x = torch.tensor{torch.tensor{1, 2}, torch.tensor{3, 4}}
    assert.same({{1, 2}, {3, 4}}, x:totable())
    local y = torch.tensor{{1, torch.tensor(2)}, {3, 4}}
    assert.same({{1, 2}, {3, 4}}, y:totable())
  end)

  it('says what is wrong with a table', function ()
    fails('tensor: the table is ragged: row 2 has 1 where others have 2 '
          .. 'elements', torch.tensor, {{1, 2}, {3}})
    fails('tensor: the table is ragged: row 2 has number 3 where others have '
          .. '2 elements', torch.tensor, {{1, 2}, 3})
    fails("tensor: element [2 x 1] is string 'a', which is no float32",
          torch.tensor, {{1, 2}, {'a', 3}})
    fails('ByteTensor: element [2] is number 300, which is no uint8',
          torch.ByteTensor, {1, 300})
    local deep = {}
    for _ = 1, 20 do deep = {deep} end
    assert.has_error(function () torch.tensor(deep) end)
    local cyclic = {}
    cyclic[1] = cyclic
    fails('tensor: the table is nested more than 8 deep', torch.tensor, cyclic)
  end)
end)

describe('filled tensors', function ()
  it('zeros ones full empty eye', function ()
    assert.same({0, 0}, torch.zeros(2):totable())
    assert.same({{1, 1}, {1, 1}}, torch.ones(2, 2):totable())
    assert.same({{1, 1}, {1, 1}}, torch.ones({2, 2}):totable())
    assert.same({2.5, 2.5}, torch.full({2}, 2.5):totable())
    assert.same({{7, 7}}, torch.full(1, 2, 7):totable())
    assert.same({true}, torch.full({1}, true):totable())
    assert.equal(0.1, torch.full({1}, 0.1, 'float64')[1])
    assert.same({3}, torch.empty(3):size():totable())
    assert.same({{1, 0}, {0, 1}}, torch.eye(2):totable())
    assert.same({{1, 0, 0}, {0, 1, 0}}, torch.eye(2, 3):totable())
    assert.equal('int64', torch.zeros(2, 'int64'):dtype())
    assert.equal('int64', torch.zeros(2, {dtype = 'torch.LongTensor'}):dtype())
    assert.same({0, 3}, torch.zeros(0, 3):size():totable())
    assert.same({2, 3}, torch.zeros(torch.ones(2, 3):size()):size():totable())
  end)

  it('writes to a result tensor, resizing it', function ()
    local r = torch.DoubleTensor()
    assert.equal(r, torch.ones(r, 2, 2))
    assert.same({{1, 1}, {1, 1}}, r:totable())
    assert.equal('float64', r:dtype())
    torch.range(r, 1, 3)
    assert.same({1, 2, 3}, r:totable())
  end)

  it('like another tensor', function ()
    local x = torch.LongTensor{1, 2}
    local y = torch.zeros(x)
    assert.equal('int64', y:dtype())
    assert.same({1, 2}, x:totable())
  end)

  it('range includes its end, arange does not', function ()
    assert.same({2, 3, 4, 5}, torch.range(2, 5):totable())
    assert.same({1, 3, 5}, torch.range(1, 6, 2):totable())
    assert.same({3, 2, 1}, torch.range(3, 1, -1):totable())
    assert.same({0, 1, 2}, torch.arange(3):totable())
    assert.same({1, 3}, torch.arange(1, 5, 2):totable())
    assert.equal(11, torch.range(0, 1, 0.1):nElement())
    fails('range: argument #3: the step is 0', torch.range, 1, 2, 0)
    assert.has_error(function () torch.range(1, 2, -1) end)
  end)

  it('linspace and logspace end where they should', function ()
    local x = torch.linspace(0, 0.3, 7, 'float64')
    assert.equal(7, x:nElement())
    assert.equal(0.3, x[7])
    assert.equal(100, torch.linspace(1, 2):nElement())
    assert.tensor_near(torch.tensor{1, 10, 100}, torch.logspace(0, 2, 3))
    assert.same({4}, torch.linspace(4, 5, 1):totable())
  end)

  it('says what is wrong', function ()
    fails('zeros: size #2 is -3; sizes must not be negative', torch.zeros, 2,
          -3)
    fails('zeros: argument #1: size: an integer expected, got number 2.5',
          torch.zeros, 2.5)
    fails("zeros: argument #1: no dtype of that name: string 'x'; there are "
          .. 'bool, uint8, int8, int16, int32, int64, float32, float64 and '
          .. "Torch7's names such as torch.FloatTensor (tensors live on the "
          .. 'CPU)', torch.zeros, 'x')
    fails('zeros: a tensor of 9223372036854775807 x 2 is too large for any '
          .. 'memory', torch.zeros, math.maxinteger, 2)
    fails('ones: argument #9: at most 8 dimensions', torch.ones, 1, 1, 1, 1,
          1, 1, 1, 1, 1)
    local ok, message = pcall(torch.zeros, 1e6, 1e6)
    assert.is_false(ok)
    assert.matches('not enough memory for 1000000 x 1000000 of float32 '
                   .. '%(3814697.3 MiB%); %d+%.%d MiB in use', message)
  end)
end)

describe('conversions', function ()
  it('give the tensor itself when nothing changes', function ()
    local x = torch.FloatTensor{1.5, -2.5}
    assert.equal(x, x:float())
    assert.same({1, -2}, x:long():totable())
    assert.same({true, true}, x:bool():totable())
    assert.equal('float64', x:double():dtype())
    assert.equal('int32', x:type('torch.IntTensor'):dtype())
    assert.equal('int64', x:typeAs(torch.LongTensor()):dtype())
    assert.same({1, -2}, x:int():totable())
    assert.same({1, -2}, x:short():totable())
    assert.same({1, -2}, x:char():totable())
    assert.equal(1, x:byte()[1])
  end)

  it('says where CUDA is', function ()
    local x = torch.ones(1)
    fails('cuda: nnlua computes on the CPU; leave the :cuda() out', x.cuda, x)
    assert.has_error(function () x:type('torch.CudaTensor') end)
  end)

  it('the default type can be set', function ()
    assert.equal('torch.FloatTensor', torch.getdefaulttensortype())
    torch.setdefaulttensortype('torch.DoubleTensor')
    local got, dtype = torch.Tensor(2):dtype(), torch.rand(2):dtype()
    torch.setdefaulttensortype('torch.FloatTensor')
    assert.equal('float64', got)
    assert.equal('float64', dtype)
    fails('setdefaulttensortype: argument #1: the default is float32 or '
          .. 'float64, got int64', torch.setdefaulttensortype,
          'torch.LongTensor')
  end)
end)

describe('metadata', function ()
  local x = torch.zeros(2, 3, 4)

  it('sizes and strides', function ()
    assert.equal(3, x:dim())
    assert.equal(3, x:nDimension())
    assert.equal(24, x:nElement())
    assert.equal(24, x:numel())
    assert.equal(3, x:size(2))
    assert.equal(4, x:size(-1))
    assert.same({2, 3, 4}, x:size():totable())
    assert.same({2, 3, 4}, (#x):totable())
    assert.same({12, 4, 1}, x:stride():totable())
    assert.equal(4, x:stride(2))
    assert.equal(1, x:storageOffset())
    assert.equal(4, x:elementSize())
    assert.equal(13, x[2]:storageOffset())
    assert.is_true(x:isContiguous())
    assert.is_false(x:transpose(1, 2):isContiguous())
    assert.is_true(x:isSameSizeAs(torch.ones(2, 3, 4)))
    assert.is_false(x:isSameSizeAs(torch.ones(2, 3)))
    assert.is_true(x:isSize(torch.LongStorage{2, 3, 4}))
    assert.is_true(x:isSetTo(x:narrow(1, 1, 2)))
    fails('size: argument #1: dimension 4 is outside 1..3 of the tensor',
          x.size, x, 4)
    fails('size: call it as x:size(...) on a tensor x, with a colon; got '
          .. 'nothing', x.size)
    fails('dim: call it as x:dim(...) on a tensor x, with a colon; got '
          .. 'number 3', x.dim, 3)
  end)

  it('sizes are LongStorages', function ()
    local s = x:size()
    assert.equal('torch.LongStorage', torch.type(s))
    assert.is_true(torch.isStorage(s))
    assert.equal(3, s:size())
    assert.equal(3, s[2])
    assert.is_true(s == torch.LongStorage{2, 3, 4})
    assert.equal(' 2\n 3\n 4\n[torch.LongStorage of size 3]', tostring(s))
    assert.same({2, 3, 4}, {table.unpack(s)})
    assert.same({0, 0}, torch.LongStorage(2):totable())
    assert.same({1, 1}, torch.LongStorage(2):fill(1):totable())
    assert.has_error(function () torch.LongStorage(5, 2) end)
  end)

  it('item and totable', function ()
    assert.equal(5, torch.tensor{5}:item())
    assert.equal(5, torch.item(5))
    assert.equal(math.type(torch.LongTensor{5}:item()), 'integer')
    assert.is_true(torch.tensor(true):item())
    fails('item: one element expected, got 2 float32; x[{i, j}] reads one of '
          .. 'many', torch.item, torch.ones(2))
    assert.same({}, torch.Tensor():totable())
    assert.same({{}, {}}, torch.zeros(2, 0):totable())
  end)

  it('methods can be added as in Torch7', function ()
    local methods = torch.getmetatable('torch.FloatTensor')
    function methods.twice (t) return t * 2 end
    local got = torch.ones(1):twice()[1]
    methods.twice = nil
    assert.equal(2, got)
    assert.is_nil(torch.ones(1).twice)
    assert.is_nil(getmetatable(torch.ones(1)).__gc)
  end)
end)

describe('storages', function ()
  it('are the elements under a tensor', function ()
    local x = torch.range(1, 6):view(2, 3)
    local s = x[2]:storage()
    assert.equal(6, s:size())
    assert.equal(6, #s)
    assert.equal(3, s[3])
    s[3] = 30
    assert.equal(30, x[1][3])
    assert.same({1, 2, 30, 4, 5, 6}, s:totable())
    s:fill(2)
    assert.same({2, 2, 2, 2, 2, 2}, flat(x))
    s:copy(torch.FloatStorage{6, 5, 4, 3, 2, 1})
    assert.equal(6, x[1][1])
    assert.equal('torch.FloatStorage', torch.type(s))
    assert.is_true(torch.isStorage(s))
    assert.has_error(function () return s[7] end)
    assert.has_error(function () s:resize(2) end)
    assert.equal('torch.DoubleStorage', torch.type(torch.DoubleStorage(3)))
    assert.equal(8, s:resize(8):size())
    assert.equal(8, x:storage():size())
  end)
end)

describe('resize and set', function ()
  it('keeps elements, grows with zeros', function ()
    local x = torch.range(1, 4)
    x:resize(2, 3)
    assert.same({{1, 2, 3}, {4, 0, 0}}, x:totable())
    x:resize(2)
    assert.same({1, 2}, x:totable())
    x:resizeAs(torch.ones(3, 1))
    assert.same({{1}, {2}, {3}}, x:totable())
    local e = torch.DoubleTensor():resize(2, 2)
    assert.equal('float64', e:dtype())
    assert.same({{0, 0}, {0, 0}}, e:totable())
  end)

  it('set shares', function ()
    local x, y = torch.Tensor(), torch.range(1, 3)
    x:set(y)
    x[1] = 9
    assert.equal(9, y[1])
    x:set(y:storage(), 2, 2)
    assert.same({2, 3}, x:totable())
    assert.equal(0, x:set():dim())
    assert.has_error(function () x:set(torch.LongTensor(1)) end)
  end)
end)
