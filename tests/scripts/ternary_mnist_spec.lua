-- scripts/ternary_mnist.lua: the activation and its gradient against the
-- reference values in float64, training of the reference's network, fresh
-- noise, and the script on 2,000 images.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local random = require 'random'
require 'nnlua.busted'
local research = dofile 'tests/nn/research.lua'
local outside = dofile 'tests/scripts/outside.lua'
local golden = research.golden

local ternary = dofile 'scripts/ternary_mnist.lua'

local function each (op, check)
  for _, case in ipairs(research.cases(op)) do
    it(case.name, function () check(research.load(case)) end)
  end
end

describe('the normal distribution has the reference values:', function ()
  for _, name in ipairs {'gaussian_cdf', 'gaussian_pdf'} do
    for _, case in ipairs(research.cases(name)) do
      if not case.name:find '_special$' then
        it(case.name, function ()
          research.differentiated(case, function (p)
            return ternary[name](p.x, p.mean, p.sd)
          end)
        end)
      end
    end
  end
end)

describe('the expected state has the reference values:', function ()
  each('expected_state', function (p, out)
    local thresholds = {p.t1, p.t2}
    golden.near(out.value, ternary.expected_state(p.x, thresholds, p.noise_sd),
                'value')
    golden.near(out.slope, ternary.slope(p.x, thresholds, p.noise_sd), 'slope')
  end)
end)

describe('states have the reference values:', function ()
  each('ternary_hard', function (p, out)
    assert.tensor_equal(out.value, ternary.states(p.x, {p.t1, p.t2}))
  end)
  each('ternary_noisy', function (p, out)
    local thresholds = {p.t1, p.t2}
    assert.tensor_equal(out.value, ternary.ternary_of_noise(p.x, thresholds,
                                                    p.noise_sd, p.noise))
    local function loss (x)
      return torch.cmul(ternary.ternary_of_noise(x, thresholds, p.noise_sd,
                                                 p.noise), p.g):sum()
    end
    golden.near(out.vjp_x, (autograd.grad(loss)(p.x)), 'gradient')
    golden.near(out.vjp_x, (autograd.jit(autograd.grad(loss))(p.x)),
                'gradient under jit')
  end)
end)

describe('the noise', function ()
  local x = torch.full({2000}, 0.5)
  local function states (key)
    return ternary.ternary(x, {-0.5, 0.5}, 0.3, key)
  end

  it('is fresh at each call, under jit and vmap too', function ()
    assert.is_false(torch.equal(states(), states()))
    local jitted = autograd.jit(function () return states() end)
    local a, b, c = jitted(), jitted(), jitted()
    assert.is_false(torch.equal(a, b))
    assert.is_false(torch.equal(b, c))
    local rows = autograd.vmap(function (v)
      return ternary.ternary(v, {-0.5, 0.5}, 0.3)
    end)(torch.full({2, 2000}, 0.5))
    assert.is_false(torch.equal(rows[1], rows[2]))
  end)

  it('is that of a key, where one is given', function ()
    assert.tensor_equal(states(random.key(1)), states(random.key(1)))
    assert.is_false(torch.equal(states(random.key(1)), states(random.key(2))))
  end)

  it('has the expected state as its mean', function ()
    torch.manualSeed(3)
    for _, at in ipairs {-0.7, 0.1, 0.4, 0.9} do
      local many = torch.full({20000}, at)
      local want = ternary.expected_state(torch.Tensor {at}, {-0.5, 0.5}, 0.3)
      assert.near(want[1], ternary.ternary(many, {-0.5, 0.5}, 0.3):mean(),
                  5 / math.sqrt(20000))
    end
  end)

  it('keeps the dtype', function ()
    for _, kind in ipairs {'float64', 'float32'} do
      local y = ternary.ternary(torch.zeros({3}, {dtype = kind}), {-1, 1}, 0.3)
      assert.equal(kind, y:dtype())
    end
  end)
end)

describe('networks', function ()
  it('of expected states train as in the reference', function ()
    local p, out = research.load(golden.case('research_modules',
                                             'train_ternary'))
    local function loss (w)
      local h = p.x * w.W1:t() + w.b1
      h = ternary.expected_state(h, {p.t1, p.t2}, p.noise_sd)
      return torch.pow(h * w.W2:t() + w.b2 - p.target, 2):mean()
    end
    local w = {W1 = p.W1, b1 = p.b1, W2 = p.W2, b2 = p.b2}
    for k = 1, 10 do
      local value, g = autograd.value_and_grad(loss)(w)
      golden.near(out.losses[k], value, 'loss ' .. k)
      w = autograd.tree.map(function (a, b) return a - p.lr * b end, w, g)
    end
    for key, v in pairs(w) do golden.near(out['final_' .. key], v, key) end
  end)

  it('have noise in training only', function ()
    torch.manualSeed(1)
    local net = ternary.Net(6, {50, 50}, 3, {-0.1, 0.1}, 0.3)
    local x = torch.randn(4, 6)
    assert.same({4, 3}, net:forward(x):size():totable())
    assert.is_false(torch.equal(net:forward(x):clone(), net:forward(x)))
    local hidden = net:get(3).output
    assert.is_true(torch.eq(torch.cmul(hidden, hidden),
                            torch.abs(hidden)):all())
    net:evaluate()
    assert.tensor_equal(net:forward(x):clone(), net:forward(x))
    -- a compiled function sees the change
    local apply, params = autograd.functionalize(net)
    local f = autograd.jit(function (v) return apply(params, v) end)
    f(x)
    assert.tensor_equal(f(x), f(x))
    net:training()
    assert.is_false(torch.equal(f(x), f(x)))
  end)

  it('pass the gradient of the library on', function ()
    local x, g = torch.randn(3, 5), torch.randn(3, 5)
    local mine = ternary.Ternary({-0.5, 0.5}, 0.3)
    local theirs = nn.Ternary {thresholds = {-0.5, 0.5}, noise_sd = 0.3}
    mine:forward(x)
    theirs:forward(x)
    assert.tensor_near(theirs:backward(x, g), mine:backward(x, g), 1e-6)
  end)

  it('are measured by the share of right answers', function ()
    local scores = torch.Tensor {{0, 1}, {2, 1}, {0, 3}, {5, 1}}
    assert.equal(0.75, ternary.accuracy(function (x) return x end, scores,
                                        torch.LongTensor {2, 1, 1, 1}))
  end)
end)

outside.script('ternary_mnist', {'--data', 'tests/data/mnist', '--hidden',
                                 '64', '--quick'}, {
  data = true,
  last = '^ternary_mnist: test accuracy (0%.%d+)$',
  value = function (acc) assert.is_true(tonumber(acc) > 0.75) end,
  lines = {'checked: each call draws its own noise',
           'checked: it is that of the expected state',
           'epoch 3/3  loss 0%.%d+  test accuracy 0%.%d+'}})
