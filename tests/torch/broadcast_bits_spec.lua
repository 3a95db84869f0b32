-- What eager elementwise operations do without laying operands out gives the
-- bits of operands that were laid out.

local torch = require 'torch'

local function laid_out (x, sizes)
  return torch.expand(x, sizes):clone():contiguous()
end

local functions = {
  add = function (a, b) return a + b end,
  sub = function (a, b) return a - b end,
  cmul = torch.cmul,
  cdiv = torch.cdiv,
  pow = torch.pow,
  atan2 = torch.atan2,
  lt = torch.lt,
  cmax = torch.cmax,
}

local function same (a, b)
  return torch.typename(a) == torch.typename(b)
         and torch.equal(torch.isnan(a:double()), torch.isnan(b:double()))
         and torch.all(torch.cmax(torch.eq(a, b), torch.isnan(a:double())))
end

-- result sizes, and a smaller operand's
local shapes = {
  {{7}, {1}}, {{3, 5}, {5}}, {{3, 5}, {1, 5}}, {{3, 5}, {3, 1}},
  {{3, 5}, {1, 1}}, {{1, 5}, {5}}, {{5, 1}, {1}}, {{5, 1}, {5, 1}},
  {{2, 3, 4}, {4}}, {{2, 3, 4}, {3, 4}}, {{2, 3, 4}, {2, 1, 1}},
  {{2, 3, 4}, {2, 3, 1}}, {{2, 3, 4}, {3, 1}}, {{2, 3, 4}, {1, 3, 1}},
  {{1, 3, 4}, {3, 1}}, {{1, 1, 4}, {4}}, {{128, 12}, {128, 1}},
  {{128, 12}, {1, 12}}, {{9, 16}, {9, 1}}, {{9, 17}, {9, 1}},
  {{9, 17}, {17}}, {{5, 63}, {5, 1}}, {{5, 64}, {5, 1}}, {{5, 65}, {5, 1}},
  {{5, 63}, {63}}, {{5, 64}, {64}}, {{5, 65}, {65}}, {{3, 300}, {3, 1}},
  {{3, 300}, {300}}, {{600, 3}, {600, 1}}, {{600, 3}, {3}}, {{1}, {1, 1}},
}

describe('an operand that is broadcast', function ()
  for name, f in pairs(functions) do
    it('gives the bits of one laid out: ' .. name, function ()
      torch.manualSeed(1)
      for _, dtype in ipairs {'float', 'double', 'int'} do
        for _, s in ipairs(shapes) do
          local large = (torch.rand(table.unpack(s[1])) * 6 - 3)[dtype](
            torch.rand(table.unpack(s[1])) * 6 - 3)
          local small = torch.floor(torch.rand(table.unpack(s[2])) * 5 - 1)
          small = small[dtype](small)
          local sizes = (torch.zeros(s[1]) + torch.zeros(s[2])):size()
          local a, b = laid_out(large, sizes), laid_out(small, sizes)
          if not (dtype == 'int' and (name == 'pow' or name == 'cdiv'
                                      or name == 'atan2')) then
            assert.is_true(same(f(a, b), f(large, small)))
            assert.is_true(same(f(b, a), f(small, large)))
          end
        end
      end
    end)
  end

  it('may be a view with gaps, a number, or hold no element', function ()
    local m = torch.randn(12, 10)
    local column, row = m:narrow(2, 3, 1), m:select(1, 2)
    local x = torch.randn(12, 10)
    assert.is_true(same(x + laid_out(column, x:size()), x + column))
    assert.is_true(same(x + laid_out(row, x:size()), x + row))
    local corner = m:narrow(2, 2, 4):narrow(1, 3, 5)
    local y = torch.randn(5, 4)
    assert.is_true(same(torch.square(corner:clone()), torch.square(corner)))
    assert.is_true(same(y - corner:clone(), y - corner))
    assert.is_true(same(corner:clone() / m:narrow(2, 1, 1):narrow(1, 1, 5),
                        corner / m:narrow(2, 1, 1):narrow(1, 1, 5)))
    local t = torch.randn(30, 40):t()
    assert.is_true(same(torch.exp(t:clone()), torch.exp(t)))
    assert.same({0, 3}, (torch.zeros(0, 3) + torch.ones(3)):size():totable())
    assert.same({3, 0}, (torch.ones(3, 1) + torch.zeros(3, 0)):size()
                          :totable())
    assert.has_error(function () return torch.ones(3, 2) + torch.ones(3) end)
  end)
end)

describe('pow', function ()
  it('has the bits of its exponent alone', function ()
    for _, dtype in ipairs {'float', 'double'} do
      local x = torch.randn(70)[dtype](torch.randn(70) * 3)
      x[1], x[2], x[3], x[4] = 0 / 0, 1 / 0, -1 / 0, -0.0
      for _, e in ipairs {1, 2, 3, 0, 0.5, -1, 4} do
        local mixed = torch.pow(x, (x * 0 + e):fill(e))
        local others = x:clone():fill(e)
        others[70] = e + 1
        local y = torch.pow(x, others)
        assert.is_true(same(mixed, torch.pow(x, e)))
        assert.is_true(same(y:narrow(1, 1, 69), mixed:narrow(1, 1, 69)))
        assert.is_true(same(torch.pow(x:narrow(1, 70, 1), e + 1),
                            y:narrow(1, 70, 1)))
        assert.is_true(same(mixed, x:clone():pow(e)))
      end
    end
  end)
end)

describe('a reduction of permuted dimensions', function ()
  local names = {'sum', 'prod', 'mean', 'max', 'min', 'argmax', 'logsumexp'}
  local function of (name, x, dim)
    local y, at = torch[name](x, dim)
    return y, at or torch.LongTensor()
  end
  it('has the bits of a copy, and its places', function ()
    local x = torch.randn(7, 66, 3, 11)
    for _, order in ipairs {{1, 2, 3, 4}, {2, 1, 3, 4}, {4, 3, 2, 1},
                            {1, 4, 2, 3}, {3, 4, 1, 2}} do
      local whole = x:permute(table.unpack(order))
      for _, v in ipairs {whole, whole:narrow(2, 2, 2), whole:select(3, 1),
                          torch.expand(whole:narrow(1, 1, 1), whole:size())} do
        local copy = v:contiguous()
        assert.equal(copy:sum(), v:sum())
        for dim = 1, v:dim() do
          for _, name in ipairs(names) do
            local y, at = of(name, v, dim)
            local want, there = of(name, copy, dim)
            assert.is_true(same(want, y), name)
            assert.is_true(torch.equal(there, at), name)
          end
        end
      end
    end
  end)
end)
