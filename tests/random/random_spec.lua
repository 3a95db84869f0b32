-- Explicit keys: the same key gives the same numbers, split keys others.
local torch = require 'torch'
local random = require 'random'
local autograd = require 'autograd'
require 'nnlua.busted'

describe('random', function ()
  local key = random.key(7)

  it('gives the same numbers for the same key', function ()
    for _, f in ipairs {random.normal, random.uniform} do
      assert.tensor_equal(f(key, {3, 4}), f(random.key(7), {3, 4}))
    end
    local a, b = random.split(key)
    local x, y = random.normal(a, 4), random.normal(b, 4)
    assert.is_true((x - y):abs():max() > 0)
  end)

  it('does not disturb the global generator', function ()
    torch.manualSeed(1)
    local want = torch.randn(3)
    torch.manualSeed(1)
    random.normal(key, 5)
    assert.tensor_equal(want, torch.randn(3))
  end)

  it('splits into many and folds in integers', function ()
    assert.equal(2, select('#', random.split(key)))
    assert.equal(9, random.split(key, 9):size(1))
    local x = random.normal(random.fold_in(key, 1), 3)
    local y = random.normal(random.fold_in(key, 2), 3)
    assert.is_true((x - y):abs():max() > 0)
    assert.tensor_equal(x, random.normal(random.fold_in(key, 1), 3))
  end)

  it('uniform lies in its bounds', function ()
    local u = random.uniform(key, {1000}, -2, 3)
    assert.is_true(u:min() >= -2 and u:max() < 3)
    assert.near(0.5, u:mean(), 0.2)
  end)

  it('truncated normal lies in its bounds, with the right spread', function ()
    local x = random.truncated_normal(key, -2, 2, {20000},
                                      {dtype = 'float64'})
    assert.is_true(x:min() >= -2 and x:max() <= 2)
    assert.near(0.8796, x:std(), 0.01) -- of a normal cut at two
  end)

  it('bernoulli has its rate', function ()
    local b = random.bernoulli(key, 0.25, {10000})
    assert.equal('bool', b:dtype())
    assert.near(0.25, b:double():mean(), 0.02)
  end)

  it('permutation holds each number once', function ()
    local p = random.permutation(key, 100)
    assert.tensor_equal(torch.range(1, 100):long(), (torch.sort(p)))
    local x = torch.range(1, 5):view(5, 1)
    assert.near(15, random.permutation(key, x):sum(), 0)
  end)

  it('works under jit, and under vmap with one key for each', function ()
    local f = autograd.jit(function (k) return random.normal(k, {3}) end)
    for _ = 1, 3 do
      assert.tensor_equal(random.normal(key, {3}), f(key))
    end
    local keys = random.split(key, 9)
    local many = autograd.vmap(function (k)
      return random.normal(k, {3})
    end)(keys)
    for i = 1, 9 do
      assert.tensor_equal(random.normal(keys[i], {3}), many[i])
    end
  end)

  it('says what a key is', function ()
    assert.error_matches(function () random.normal(3, {2}) end,
      'random.normal: argument #1: a key of random.key(seed) expected, got '
      .. 'number', 1, true)
  end)
end)
