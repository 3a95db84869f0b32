-- Views, which share storage, and movements, which do not.
require 'nnlua.busted'
local torch = require 'torch'

local function fails (text, f, ...)
  local ok, message = pcall(f, ...)
  assert.is_false(ok, 'no error; expected: ' .. text)
  assert.equal(text, (tostring(message):gsub('^[^\n]-:%d+: ', '')))
end

local function matrix () return torch.range(1, 6):view(2, 3) end

-- a write to the view is seen in x, where the view is and nowhere else
local function shares (x, view)
  view:fill(77)
  local n = 0
  for _, v in ipairs(x:storage():totable()) do n = n + (v == 77 and 1 or 0) end
  assert.equal(view:nElement(), n)
end

describe('views', function ()
  it('narrow', function ()
    assert.same({{2, 3}, {5, 6}}, matrix():narrow(2, 2, 2):totable())
    assert.same({{4, 5, 6}}, torch.narrow(matrix(), 1, -1, 1):totable())
    assert.same({0, 3}, matrix():narrow(1, 1, 0):size():totable())
    local x = matrix()
    shares(x, x:narrow(2, 1, 2))
    fails('narrow: argument #2: first element 4 is outside 1..3 of dimension '
          .. '2', x.narrow, x, 2, 4, 1)
    fails('narrow: argument #3: 2 elements from element 3 on: dimension 2 has '
          .. '3', x.narrow, x, 2, 3, 2)
    fails('narrow: argument #2: dimension 3 is outside 1..2 of the tensor',
          torch.narrow, x, 3, 1, 1)
  end)

  it('sub', function ()
    assert.same({{2, 3}}, matrix():sub(1, 1, 2, 3):totable())
    assert.same({{4, 5, 6}}, matrix():sub(-1, -1):totable())
    local x = matrix()
    shares(x, x:sub(1, 2, 1, 1))
    fails('sub: pairs of first and last element expected; for subtraction use '
          .. 'x:csub(y) or torch.csub(x, y)', x.sub, x, 1)
    fails('sub: argument #2: last element 1 is before the first, 2',
          x.sub, x, 2, 1)
  end)

  it('select', function ()
    assert.same({4, 5, 6}, matrix():select(1, 2):totable())
    assert.same({3, 6}, matrix():select(2, -1):totable())
    assert.equal(5, torch.range(1, 5):select(1, 5))
    local x = matrix()
    shares(x, x:select(2, 2))
    fails('select: argument #2: index 3 is outside 1..2', x.select, x, 1, 3)
    fails('select: argument #2: index 0 is outside 1..2', x.select, x, 1, 0)
  end)

  it('transpose t permute', function ()
    assert.same({{1, 4}, {2, 5}, {3, 6}}, matrix():t():totable())
    assert.same({{1, 4}, {2, 5}, {3, 6}}, matrix():transpose(1, 2):totable())
    local x = torch.range(1, 24):view(2, 3, 4)
    local y = x:permute(3, 1, 2)
    assert.same({4, 2, 3}, y:size():totable())
    assert.equal(x[2][3][4], y[4][2][3])
    x = matrix()
    shares(x, x:t())
    fails('t: a matrix expected, got a tensor of 2 x 3 x 4 float32; use '
          .. 'x:transpose(dim1, dim2)', torch.t, torch.ones(2, 3, 4))
    fails('permute: 2 dimensions named for a tensor of 3', torch.permute,
          torch.ones(2, 3, 4), 1, 2)
    fails('permute: dimension 1 is named twice', torch.permute,
          torch.ones(2, 3), 1, 1)
  end)

  it('unfold', function ()
    assert.same({{1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}},
                torch.range(1, 6):unfold(1, 2, 1):totable())
    assert.same({{1, 2}, {3, 4}}, torch.range(1, 5):unfold(1, 2, 2):totable())
    local x = matrix():unfold(2, 2, 1)
    assert.same({2, 2, 2}, x:size():totable())
    assert.same({{4, 5}, {5, 6}}, x[2]:totable())
    fails('unfold: argument #2: windows of 7 elements of 6 in dimension 1',
          torch.range(1, 6).unfold, torch.range(1, 6), 1, 7, 1)
  end)

  it('view and viewAs', function ()
    local x = torch.range(1, 6)
    assert.same({{1, 2}, {3, 4}, {5, 6}}, x:view(3, -1):totable())
    assert.same({2, 3}, x:viewAs(torch.ones(2, 3)):size():totable())
    assert.same({1, 6, 1}, x:view(torch.LongStorage{1, 6, 1}):size():totable())
    shares(x, x:view(2, 3))
    local r = torch.Tensor()
    assert.equal(r, r:view(x, 2, 3))
    assert.same({2, 3}, r:size():totable())
    -- where strides allow it, transposed and narrowed ones too
    assert.same({2, 2, 1, 3}, torch.ones(4, 3):narrow(1, 2, 2):view(2, 1, 3)
                :view(2, 1, 3):unsqueeze(2):expand(2, 2, 1, 3):size():totable())
    fails("view: 6 elements can't be seen as 4 x 2", x.view, x, 4, 2)
    fails("view: 6 elements can't be seen as -1 x 4", x.view, x, -1, 4)
    fails('view: only one size may be -1', x.view, x, -1, -1)
    fails('view: the tensor is not contiguous; use x:contiguous():view(...) '
          .. 'or x:reshape(...)', x.view, x:view(2, 3):t(), 6)
  end)

  it('expand', function ()
    local x = torch.Tensor{{1}, {2}}
    assert.same({{1, 1, 1}, {2, 2, 2}}, x:expand(2, 3):totable())
    assert.same({{1, 1}, {2, 2}}, x:expand(-1, 2):totable())
    assert.same({3, 2, 1}, x:expand(3, 2, 1):size():totable())
    assert.same({2, 4}, x:expandAs(torch.ones(2, 4)):size():totable())
    assert.same({1, 0}, x:expand(2, 5):stride():totable())
    fails("expand: a tensor of 2 x 1 can't be expanded to 3 x 1; only "
          .. 'dimensions of size 1 can', x.expand, x, 3, 1)
    fails('add: dimension 2 of the tensor to be written is expanded, its 3 '
          .. 'elements are one; write to x:clone() instead',
          x.add, x:expand(2, 3), 1)
    assert.same({{5}, {5}}, (function ()
      x:expand(2, 3):fill(5)
      return x:totable()
    end)())
  end)

  it('squeeze and unsqueeze', function ()
    local x = torch.ones(1, 3, 1)
    assert.same({3}, x:squeeze():size():totable())
    assert.same({3, 1}, x:squeeze(1):size():totable())
    assert.same({1, 3, 1}, x:squeeze(2):size():totable())
    assert.same({3, 1}, torch.ones(3):unsqueeze(2):size():totable())
    assert.same({1, 3}, torch.unsqueeze(torch.ones(3), 1):size():totable())
    assert.equal(4, torch.Tensor{{4}}:squeeze())
  end)

  it('split and chunk', function ()
    local parts = torch.range(1, 5):split(2)
    assert.equal(3, #parts)
    assert.same({5}, parts[3]:totable())
    assert.same({{2}, {5}}, matrix():split(1, 2)[2]:totable())
    assert.equal(2, #torch.chunk(torch.ones(5, 2), 2))
    assert.same({3, 2}, torch.chunk(torch.ones(5, 2), 2)[1]:size():totable())
    parts[1]:fill(0)
    fails('split: argument #1: pieces of at least 1 element expected, got 0',
          parts[1].split, parts[1], 0)
  end)
end)

describe('copies', function ()
  it('a transpose of any size becomes dense', function ()
    for _, dtype in ipairs {'Float', 'Double', 'Int', 'Byte'} do
      for _, rows in ipairs {1, 3, 4, 15, 16, 17, 63, 64, 65, 130, 300} do
        for _, columns in ipairs {1, 7, 8, 9, 16, 33, 64, 67, 257} do
          local n = rows * columns
          local x = torch[dtype .. 'Tensor'](n)
          x:copy(torch.remainder(torch.range(0, n - 1), 251))
          local want = torch.remainder(torch.range(0, columns - 1):view(-1, 1)
                       + torch.range(0, rows - 1):view(1, -1) * columns, 251)
          local got = x:view(rows, columns):t():contiguous()
          assert.is_true(torch.all(torch.eq(got:float(), want)),
                         dtype .. ' ' .. rows .. ' ' .. columns)
        end
      end
    end
    local x = torch.range(1, 5 * 40 * 50):view(5, 40, 50)
    local t = x:transpose(2, 3)
    for i = 1, 5 do
      assert.is_true(torch.all(torch.eq(t:contiguous()[i],
                                        x[i]:t():contiguous())))
    end
    assert.equal(x[3][17][20], t:narrow(2, 5, 30):contiguous()[3][16][17])
  end)

  it('large transposes have the bits of their copies', function ()
    local x = torch.randn(512, 400)
    local t, y = x:t(), torch.randn(400, 512)
    local c = t:contiguous()
    assert.tensor_equal(torch.exp(c), torch.exp(t))
    assert.tensor_equal(c + y, t + y)
    assert.tensor_equal(y - c, y - t)
    assert.tensor_equal(torch.where(torch.gt(c, 0), c, y),
                        torch.where(torch.gt(t, 0), t, y))
    assert.tensor_equal(torch.addcmul(y, c, y), torch.addcmul(y, t, y))
    assert.tensor_equal(y:clone():add(2, c), y:clone():add(2, t))
    assert.tensor_equal(x:clone():mul(2):t(), t * 2)
    assert.tensor_equal(c:double() / 3, x:double():t() / 3)
    local function f (a, b) return torch.exp(a:t()) + b, a:t() * 2 + 1 end
    local jitted = require 'autograd'.jit(f)
    for _ = 1, 3 do
      local one, two = jitted(x, y)
      assert.tensor_equal(torch.exp(c) + y, one)
      assert.tensor_equal(c * 2 + 1, two)
    end
  end)

  it('clone contiguous reshape', function ()
    local x = matrix()
    local y = x:clone()
    y[1][1] = 100
    assert.equal(1, x[1][1])
    assert.equal(x, x:contiguous())
    local t = x:t():contiguous()
    assert.same({2, 1}, t:stride():totable())
    assert.same({{1, 4}, {2, 5}, {3, 6}}, t:totable())
    local r = x:t():reshape(2, 3)
    assert.same({{1, 4, 2}, {5, 3, 6}}, r:totable())
    assert.same({6}, torch.reshape(x, -1):size():totable())
    assert.equal(0, torch.Tensor():clone():dim())
  end)

  it('repeatTensor', function ()
    assert.same({1, 2, 1, 2}, torch.Tensor{1, 2}:repeatTensor(2):totable())
    assert.same({{1, 2}, {1, 2}, {1, 2}},
                torch.repeatTensor(torch.Tensor{1, 2}, 3, 1):totable())
    assert.same({{1, 2, 1, 2}, {3, 4, 3, 4}},
                torch.Tensor{{1, 2}, {3, 4}}:repeatTensor(1, 2):totable())
    fails('repeatTensor: 1 counts for a tensor of 2 dimensions',
          torch.repeatTensor, matrix(), 2)
  end)

  it('cat and stack', function ()
    local a, b = torch.Tensor{{1}, {2}}, torch.Tensor{{3}, {4}}
    assert.same({{1, 3}, {2, 4}}, torch.cat(a, b):totable())
    assert.same({{1}, {2}, {3}, {4}}, torch.cat(a, b, 1):totable())
    assert.same({{1}, {2}, {3}, {4}}, torch.cat({a, b}, 1):totable())
    assert.same({{1, 3}, {2, 4}}, a:cat(b, 2):totable())
    assert.same({{1}, {2}}, torch.cat({a, torch.Tensor()}, 1):totable())
    local r = torch.Tensor()
    assert.equal(r, torch.cat(r, a, b, 1))
    assert.same({4, 1}, r:size():totable())
    assert.same({1, 2, 3}, torch.cat(torch.Tensor{1, 2},
                                     torch.Tensor{3}):totable())
    assert.equal('float64', torch.cat(a, b:double()):dtype())
    assert.same({2, 2, 1}, torch.stack{a, b}:size():totable())
    assert.same({2, 1, 2}, torch.stack({a, b}, 3):size():totable())
    assert.same({1, 2}, torch.stack{1, 2}:totable())
    fails('cat: tensor #2 of 1 x 3 does not fit tensor #1 of 2 x 1 along '
          .. 'dimension 1', torch.cat, a, torch.ones(1, 3), 1)
    fails('cat: tensor expected as #2, got string \'x\'', torch.cat, {a, 'x'})
    fails('cat: no tensors to be joined', torch.cat, {})
    fails('stack: argument #1: a table of tensors expected, got tensor of 2 x '
          .. '1 float32', torch.stack, a)
  end)

  it('of views that repeat or step, of any element size', function ()
    local function check (v) -- a dense copy against reading one by one
      local c, d = v:clone(), v + 0
      for i = 1, v:size(1) do
        for j = 1, v:size(2) do
          assert.equal(v[i][j], c[i][j])
          assert.equal(v[i][j], d[i][j])
        end
      end
    end
    for _, dtype in ipairs {'uint8', 'int16', 'float32', 'float64'} do
      for _, columns in ipairs {1, 2, 3, 4, 5, 7, 8, 12, 17} do
        local x = torch.range(1, 7 * columns):type(dtype):view(7, columns)
        check(x:narrow(2, columns, 1):expand(7, columns))
        check(x:narrow(1, 3, 1):expand(7, columns))
        check(x:t())
        check(x:narrow(1, 2, 4))
        if columns > 2 then check(x:narrow(2, 2, columns - 1)) end
      end
    end
    -- more than a tile, from the middle of a row on
    local x = torch.range(1, 12):view(1, 12):expand(400, 12)
    local y = torch.range(1, 400):view(400, 1):expand(400, 12)
    local z = torch.cmul(x, y)
    for _, i in ipairs {1, 85, 86, 87, 171, 400} do
      for j = 1, 12 do assert.equal(i * j, z[i][j]) end
    end
  end)

  it('diag trace tril triu', function ()
    assert.same({{1, 0}, {0, 2}}, torch.diag(torch.Tensor{1, 2}):totable())
    assert.same({1, 5}, matrix():diag():totable())
    assert.same({2, 6}, torch.diag(matrix(), 1):totable())
    assert.equal(6, torch.trace(matrix()))
    assert.same({{1, 0, 0}, {4, 5, 0}}, torch.tril(matrix()):totable())
    assert.same({{0, 2, 3}, {0, 0, 6}}, matrix():triu(1):totable())
    fails('diag: a vector or a matrix expected, got tensor of 1 x 1 x 1 '
          .. 'float32', torch.diag, torch.ones(1, 1, 1))
    fails('diag: a matrix of 2 x 3 has no diagonal 3', torch.diag, matrix(), 3)
  end)
end)
