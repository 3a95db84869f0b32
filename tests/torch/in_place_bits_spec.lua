-- Operations in place give the bits of the same operations out of place,
-- whatever else sees the memory that they write.

local torch = require 'torch'
local autograd = require 'autograd'

local function values (x)
  local all = {}
  for i, v in ipairs(x:clone():view(-1):totable()) do
    all[i] = ('%a'):format(v)
  end
  return all
end

local function same_bits (want, got, name) -- of numbers that are not NaN
  assert.equal(want:type(), got:type(), name)
  assert.is_true(torch.all(torch.eq(want, got)), name)
end

-- name -> f(x, y, z): in place on x;  g(x, y, z): the same as a new tensor
local operations = {
  add = {function (x, y) return x:add(y) end,
         function (x, y) return x + y end},
  ['add a number'] = {function (x) return x:add(0.3) end,
                      function (x) return x + 0.3 end},
  ['scaled add'] = {function (x, y) return x:add(-0.3, y) end,
                    function (x, y) return x + y * -0.3 end},
  ['scaled csub'] = {function (x, y) return x:csub(0.7, y) end,
                     function (x, y) return x - y * 0.7 end},
  mul = {function (x) return x:mul(0.9) end,
         function (x) return x * 0.9 end},
  cmul = {function (x, y) return x:cmul(y) end,
          function (x, y) return torch.cmul(x, y) end},
  cdiv = {function (x, y) return x:cdiv(y) end,
          function (x, y) return x / y end},
  ['div by a number'] = {function (x) return x:div(3) end,
                         function (x) return x / 3 end},
  addcmul = {function (x, y, z) return x:addcmul(0.1, y, z) end,
             function (x, y, z) return x + torch.cmul(y * 0.1, z) end},
  ['addcmul without a scale'] = {
    function (x, y, z) return x:addcmul(y, z) end,
    function (x, y, z) return x + torch.cmul(y, z) end},
  addcdiv = {function (x, y, z) return x:addcdiv(-0.1, y, z) end,
             function (x, y, z) return x + y * -0.1 / z end},
  pow = {function (x) return x:pow(3) end,
         function (x) return torch.pow(x, 3) end},
  cmax = {function (x, y) return x:cmax(y) end,
          function (x, y) return torch.cmax(x, y) end},
  exp = {function (x) return x:exp() end,
         function (x) return torch.exp(x) end},
}

describe('in place', function ()
  for name, o in pairs(operations) do
    it('has the same bits: ' .. name, function ()
      torch.manualSeed(2)
      for _, dtype in ipairs {'float', 'double'} do
        for _, n in ipairs {1, 7, 511, 512, 513, 1500, 20000} do
          local x, y, z = torch.randn(n), torch.randn(n), torch.randn(n)
          x, y, z = x[dtype](x), y[dtype](y), z[dtype](z)
          local want = values(o[2](x, y, z))
          assert.equal(x, o[1](x, y, z))
          assert.same(want, values(x))
        end
      end
    end)

    it('takes its own memory as an operand: ' .. name, function ()
      local x = torch.rand(700) + 0.5
      local want = values(o[2](x, x, x))
      assert.same(want, values(o[1](x, x, x)))
      x = torch.rand(10, 10) + 0.5 -- views that overlap in part
      local all = x:view(-1)
      local a, b, c = all:narrow(1, 2, 80), all:narrow(1, 3, 80),
                      all:narrow(1, 1, 80)
      want = values(o[2](a, b, c))
      o[1](a, b, c)
      assert.same(want, values(a))
    end)

    it('writes through views and leaves the rest: ' .. name, function ()
      local x, y, z = torch.rand(6, 8) + 0.5, torch.rand(2, 8) + 0.5,
                      torch.rand(2, 8) + 0.5
      local before = x:clone()
      local want = values(o[2](x:narrow(1, 3, 2), y, z))
      o[1](x:narrow(1, 3, 2), y, z)
      assert.same(want, values(x:narrow(1, 3, 2)))
      assert.same(values(before:narrow(1, 1, 2)), values(x:narrow(1, 1, 2)))
      assert.same(values(before:narrow(1, 5, 2)), values(x:narrow(1, 5, 2)))
      local column, w = x:select(2, 3), torch.rand(6) + 0.5
      want = values(o[2](column, w, w))
      o[1](column, w, w)
      assert.same(want, values(x:select(2, 3)))
    end)
  end

  -- what stands beside [3 x 70 x 12], of its own or by a view
  local beside = {
    row = function () return torch.rand(12) + 0.5 end,
    ['row with dimensions'] = function () return torch.rand(1, 1, 12) + 0.5 end,
    column = function () return torch.rand(3, 70, 1) + 0.5 end,
    ['of the middle'] = function () return torch.rand(70, 1) + 0.5 end,
    ['of the ends'] = function () return torch.rand(3, 1, 12) + 0.5 end,
    ['one element'] = function () return torch.rand(1) + 0.5 end,
    plane = function () return torch.rand(70, 12) + 0.5 end,
    transpose = function () return torch.rand(3, 12, 70):transpose(2, 3) end,
    ['every other'] = function () return torch.rand(3, 70, 24):unfold(3, 1, 2)
                                    :select(4, 1) end,
    ['a reversed view of views'] = function ()
      return torch.rand(12, 70, 3):transpose(1, 3):narrow(2, 1, 70)
    end,
  }
  for what, make in pairs(beside) do
    it('broadcasts to the bits of what is spread out: ' .. what, function ()
      torch.manualSeed(3)
      for name, o in pairs(operations) do
        for _, dtype in ipairs {'float', 'double'} do
          local function of (t) return t[dtype](t) end
          local x, y, z = of(torch.rand(3, 70, 12)), of(make()), of(make())
          local dense = {y = y:expand(3, 70, 12):clone(),
                         z = z:expand(3, 70, 12):clone()}
          local w = dense.z
          local kept = x:clone()
          local want = o[2](x, dense.y, w)
          same_bits(want, o[2](x, y, z), name)
          same_bits(want, o[2](x, y, w), name)
          same_bits(o[2](x, w, dense.y), o[2](x, w, y), name)
          same_bits(kept, x)
          assert.equal(x, o[1](x, y, z))
          same_bits(want, x, name)
        end
      end
    end)
  end

  it('makes the bits of the same in place, as a new tensor', function ()
    for _, size in ipairs {{7}, {3, 5}, {40, 50}, {30, 1000}} do
      local x, y, z = torch.rand(size), torch.rand(size), torch.rand(size) + 1
      local before = values(x)
      for name, makes in pairs {add = {y}, csub = {0.7, y}, addcmul = {y, z},
                                addcdiv = {-0.1, y, z}} do
        local new = torch[name](x, table.unpack(makes))
        assert.same(before, values(x))
        local own = x:clone()
        own[name](own, table.unpack(makes))
        assert.same(values(own), values(new), name)
        local given = torch.rand(2)
        assert.equal(given, torch[name](given, x, table.unpack(makes)))
        assert.same(values(own), values(given), name)
      end
      assert.same(values(x * 2 + x), values(torch.add(x, 2, x)))
    end
    assert.same({2, 3}, torch.add(torch.rand(3), 2, torch.rand(2, 1)):size()
                            :totable())
  end)

  it('takes a row of its own memory', function ()
    local x = torch.rand(6, 8) + 0.5
    local row, column = x[2]:clone(), x:narrow(2, 3, 1):clone()
    local want = values(x + row * 0.5)
    assert.same(want, values(x:clone():add(0.5, row)))
    local own = x:clone()
    assert.same(want, values(own:add(0.5, own[2])))
    want = values(x + torch.cmul(column, row))
    own = x:clone()
    assert.same(want, values(own:addcmul(own:narrow(2, 3, 1), own[2])))
    own = (torch.rand(6, 6) + 0.5)
    want = values(own + own:t():clone())
    assert.same(want, values(own:add(own:t())))
  end)

  it('fills with what a conversion of the number gives', function ()
    local largest = math.maxinteger
    for _, x in ipairs {0, -0.0, 1, 2.5, 1e300, 1 / 0, 2 ^ 60 + 2 ^ 36,
                        (1 << 60) + (1 << 36) + 1, largest, -largest} do
      for _, n in ipairs {1, 3, 513, 9000} do
        local want = torch.DoubleTensor {x}:float()
        if math.type(x) == 'integer' then
          want = torch.LongTensor {x}:float()
        end
        local got = torch.rand(n):fill(x)
        assert.same({values(want)[1], values(want)[1]},
                    {values(got)[1], values(got)[n]})
      end
    end
    local x, kept = torch.ones(4, 4), torch.ones(4, 4)
    local y, pull = autograd.vjp(function (v) return v * 3 end, x)
    y:fill(1)
    x:narrow(1, 2, 2):zero()
    assert.equal(8, x:sum())
    x:select(2, 1):fill(5)
    assert.equal(26, x:sum())
    assert.equal(48, pull(kept):sum())
    for _, t in ipairs {'Byte', 'Char', 'Short', 'Int', 'Long'} do
      assert.equal(0, torch[t .. 'Tensor'](5):fill(3):zero():sum())
    end
    assert.is_false(torch.any(torch.BoolTensor(5):fill(true):zero()))
  end)

  it('does not spoil what a gradient saved', function ()
    local x = torch.rand(600) + 0.5
    local kept = x:clone()
    local y, pull = autograd.vjp(function (v) return torch.cmul(v, v) end, x)
    x:add(1):mul(3):addcmul(2, x, x)
    assert.same(values(kept * 2), values(pull(torch.ones(600))))
    assert.same(values(torch.cmul(kept, kept)), values(y))
  end)

  it('is differentiated, batched and compiled as before', function ()
    local function f (v)
      local a = v * 1
      a:mul(2):add(0.5, v):addcmul(0.25, v, v):addcdiv(0.5, v, v + 3)
      return a:sum()
    end
    local x = torch.rand(5):double()
    assert.is_true(autograd.gradcheck(f, x))
    assert.same({('%a'):format(f(x))},
                {('%a'):format(autograd.jit(f)(x))})
    local each = autograd.vmap(f)(torch.stack({x, x + 1}))
    assert.same({('%a'):format(f(x)), ('%a'):format(f(x + 1))}, values(each))
  end)

  it('refuses what does not fit, and changes nothing', function ()
    local x = torch.rand(4)
    local before = values(x)
    for _, f in ipairs {
      function () x:add(torch.rand(5)) end,
      function () x:add(2, torch.rand(5)) end,
      function () x:addcmul(2, torch.rand(4), torch.rand(3)) end,
      function () x:add(torch.rand(2, 4)) end,
      function () x:expand(3, 4):add(1) end,
    } do
      assert.has_error(f)
      assert.same(before, values(x))
    end
    x:add(torch.rand(4):double() * 0) -- other dtypes are converted
    assert.same(before, values(x))
    assert.same({'0x1.8p+0', '0x1.8p+0'},
                values(torch.ones(2):add(torch.full({1}, 0.5))))
  end)
end)
