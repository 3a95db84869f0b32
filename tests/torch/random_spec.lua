-- Random tensors and numbers: streams, ranges and moments.
require 'nnlua.busted'
local torch = require 'torch'

local function moments (x, mean, std, tolerance)
  assert.is_true(math.abs(x:mean() - mean) < tolerance,
                 ('mean %g, not %g'):format(x:mean(), mean))
  if std then
    assert.is_true(math.abs(x:std() - std) < tolerance,
                   ('std %g, not %g'):format(x:std(), std))
  end
end

describe('random', function ()
  before_each(function () torch.manualSeed(1) end)

  it('one seed gives one stream', function ()
    torch.manualSeed(42)
    local a, b = torch.rand(5), torch.randn(3)
    torch.manualSeed(42)
    assert.equal(42, torch.initialSeed())
    assert.tensor_equal(a, torch.rand(5))
    assert.tensor_equal(b, torch.randn(3))
    assert.is_false(torch.equal(a, torch.rand(5)))
    local seed = torch.seed()
    assert.equal(seed, torch.initialSeed())
  end)

  it('the state can be kept', function ()
    local state = torch.getRNGState()
    local a = torch.rand(4)
    torch.setRNGState(state)
    assert.tensor_equal(a, torch.rand(4))
    local ok, message = pcall(torch.setRNGState, torch.ones(2))
    assert.is_false(ok)
    assert.matches('setRNGState: argument #1: a state of torch.getRNGState%(%) '
                   .. 'expected, got tensor of 2 float32', message)
  end)

  it('rand and randn', function ()
    local u = torch.rand(100, 100)
    assert.equal('float32', u:dtype())
    assert.is_true(u:min() >= 0 and u:max() < 1)
    moments(u, 0.5, math.sqrt(1 / 12), 0.02)
    moments(torch.randn(10000, 'float64'), 0, 1, 0.05)
    local r = torch.DoubleTensor()
    assert.equal(r, torch.rand(r, 2, 2))
    assert.same({2, 2}, r:size():totable())
  end)

  it('fills', function ()
    local x = torch.zeros(10000)
    assert.equal(x, x:uniform(2, 4))
    assert.is_true(x:min() >= 2 and x:max() < 4)
    moments(x, 3, math.sqrt(4 / 12), 0.05)
    moments(x:normal(5, 2), 5, 2, 0.1)
    moments(x:bernoulli(0.3), 0.3, nil, 0.03)
    assert.same({0, 1}, torch.unique(x):totable())
    moments(x:exponential(2), 0.5, 0.5, 0.05)
    moments(x:logNormal(1, 0.5), 1, 0.5, 0.05)
    moments(x:geometric(0.5), 2, math.sqrt(2), 0.1)
    assert.is_true(x:min() >= 1)
    assert.tensor_near({1}, (torch.median(x:cauchy(1, 2))), {atol = 0.15})
    local d = torch.LongTensor(1000):random(1, 6)
    assert.same({1, 2, 3, 4, 5, 6}, torch.unique(d):totable())
    assert.same({1, 2}, torch.unique(d:random(2)):totable())
    assert.same({1}, torch.zeros(2):bernoulli(torch.ones(2))[{ {1} }]
                :totable())
  end)

  it('numbers', function ()
    for _ = 1, 20 do
      local u = torch.uniform(3, 4)
      assert.is_true(u >= 3 and u < 4)
      local d = torch.random(1, 6)
      assert.equal('integer', math.type(d))
      assert.is_true(d >= 1 and d <= 6)
      local b = torch.bernoulli(0.5)
      assert.is_true(b == 0 or b == 1)
      assert.equal('float', math.type(torch.normal(0, 1)))
    end
  end)

  it('permutations', function ()
    local p = torch.randperm(100)
    assert.equal('int64', p:dtype())
    assert.same(torch.range(1, 100):totable(), (torch.sort(p)):totable())
    assert.is_false(torch.equal(p, torch.randperm(100)))
    assert.equal(0, torch.randperm(0):nElement())
  end)

  it('multinomial under jit and vmap', function ()
    local autograd = require 'autograd'
    local rows = torch.Tensor {{1, 2, 3, 0}, {0, 1, 0, 0}, {5, 5, 5, 5}}
    for _, again in ipairs {true, false} do
      local n = again and 5 or 1
      local function draw (w) return torch.multinomial(w, n, again) end
      for _, w in ipairs {rows, rows[1]} do
        local jitted = autograd.jit(draw)
        for seed = 1, 4 do
          torch.manualSeed(seed)
          local want = draw(w)
          torch.manualSeed(seed)
          assert.tensor_equal(want, jitted(w))
        end
      end
      local each = autograd.vmap(draw)(rows)
      assert.same({3, n}, each:size():totable())
      for i = 1, n do
        assert.equal(2, each[2][i])
        assert.is_true(each[1][i] >= 1 and each[1][i] <= 3)
      end
    end
  end)

  it('multinomial', function ()
    local p = torch.Tensor{0, 1, 3}
    local i = torch.multinomial(p, 10000, true)
    assert.same({2, 3}, torch.unique(i):totable())
    moments(i:double(), 2.75, nil, 0.03)
    local rows = torch.multinomial(torch.ones(4, 3), 3)
    for r = 1, 4 do
      assert.same({1, 2, 3}, (torch.sort(rows[r])):totable())
    end
    local ok, message = pcall(torch.multinomial, p, 3)
    assert.is_false(ok)
    assert.matches('multinomial: 3 different indices of 2 with a weight '
                   .. 'above 0', message)
  end)

  it('generators are streams of their own', function ()
    local g, h = torch.Generator(7), torch.Generator(7)
    local outer = torch.rand(3)
    torch.manualSeed(1)
    local a = torch.rand(g, 3)
    assert.tensor_equal(outer, torch.rand(3))
    assert.tensor_equal(a, torch.rand(h, 3))
    torch.manualSeed(g, 7)
    assert.tensor_equal(a, torch.rand(g, 3))
    local x = torch.zeros(3)
    torch.manualSeed(g, 7)
    x:uniform(g, 0, 1)
    assert.tensor_equal(a, x)
  end)

  it('keys', function ()
    local core = require 'nnlua.core'
    local key = core.random_key(3)
    local a = torch.rand(4, {key = key})
    torch.rand(100)
    assert.tensor_equal(a, torch.rand(4, {key = key}))
    local keys = core.random_split(key, 2)
    assert.is_false(torch.equal(torch.rand(4, {key = keys[1]}),
                                torch.rand(4, {key = keys[2]})))
    local x = torch.zeros(4)
    x:uniform(0, 1, {key = key})
    assert.tensor_equal(a, x)
    assert.equal('float64',
                 torch.randn(2, {key = key, dtype = 'float64'}):dtype())
    assert.has_error(function () torch.rand(2, {key = torch.ones(3)}) end)
    assert.has_error(function () torch.rand(2, {key = 5}) end)
  end)
end)
