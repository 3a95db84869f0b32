-- scripts/kaf.lua: kernels, functions, layers and ridge regression against the
-- reference values in float64, training of the reference's network, and the
-- script on 2,000 images.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
require 'nnlua.busted'
local research = dofile 'tests/nn/research.lua'
local outside = dofile 'tests/scripts/outside.lua'
local golden = research.golden

local kaf = dofile 'scripts/kaf.lua'

local function gaussian (case) return case.args.kernel == 'gaussian' end

describe('the dictionary has the reference values:', function ()
  for _, case in ipairs(research.cases 'kaf_dictionary') do
    it(case.name, function ()
      local p, out = research.load(case)
      local centers, sigma = kaf.dictionary(p.D, p.boundary)
      golden.near(out.centres, centers, 'centers')
      golden.near(out.sigma, sigma, 'sigma')
    end)
  end
end)

describe('the gaussian kernel has the reference values:', function ()
  for _, case in ipairs(research.cases 'kaf_kernel') do
    if gaussian(case) then
      it(case.name, function ()
        research.differentiated(case, function (p)
          return kaf.gauss_kernel(p.x:view(-1, 1), p.centres, p.sigma)
        end)
      end)
    end
  end
end)

describe('units have the reference values:', function ()
  local count = 0
  for _, case in ipairs(research.cases 'kaf') do
    local per_unit = case.name:find 'sigma_per_unit' -- sigma is shared here
    if gaussian(case) and case.args.layout == 'unit' and not per_unit
       and case.inp.g then
      count = count + 1
      it(case.name, function ()
        research.differentiated(case, function (p)
          return kaf.kaf_batch(p.x, p.alpha, p.centres, p.sigma)
        end)
      end)
    end
  end

  it('all cases', function () assert.is_true(count >= 7) end)

  it('for one number as for a batch', function ()
    local case = golden.case('research_modules', 'kaf_gaussian_a')
    local p, out = research.load(case)
    for i = 1, p.x:size(1) do
      golden.near(out.value[i], kaf.kaf_units(p.x[i], p.alpha, p.centres,
                                              p.sigma), 'example ' .. i)
      golden.near(out.value[i][2], kaf.kaf(p.x[i][2], p.alpha[2], p.centres,
                                           p.sigma), 'unit 2')
    end
  end)
end)

describe('ridge regression', function ()
  local targets = {relu = torch.relu, tanh = torch.tanh,
                   elu = function (x) return nn.functional.elu(x) end}
  for _, case in ipairs(research.cases 'kaf_ridge') do
    if gaussian(case) and targets[case.args.target] then
      it('has the reference alpha: ' .. case.name, function ()
        local p, out = research.load(case)
        local centers, sigma = kaf.dictionary(p.D, p.boundary)
        local alpha = kaf.ridge(targets[p.target], centers, p.sigma or sigma,
                                p.eps)
        golden.near(out.alpha, alpha, 'alpha', 0,
                    1e-15 * p.condition * torch.abs(out.alpha):max())
      end)
    end
  end
end)

describe('a layer', function ()
  it('is that of the library, with its gradients', function ()
    local mine = kaf.KAF(5, 12, 2):double()
    local theirs = nn.KAF(5, {D = 12, boundary = 2}):double()
    mine.alpha:copy(theirs.alpha)
    local x, g = torch.randn(7, 5):double(), torch.randn(7, 5):double()
    assert.tensor_near(theirs:forward(x), mine:forward(x), 1e-12)
    mine:zeroGradParameters()
    theirs:zeroGradParameters()
    assert.tensor_near(theirs:backward(x, g), mine:backward(x, g), 1e-12)
    assert.tensor_near(theirs.gradAlpha, mine.gradAlpha, 1e-12)
  end)

  it('begins as ReLU', function ()
    local x = torch.linspace(-2.5, 2.5, 51):view(-1, 1):expand(51, 3)
    local y = kaf.KAF(3, 20, 3):forward(x:contiguous())
    assert.is_true(torch.abs(y - torch.relu(x)):max() < 0.06)
  end)

  it('has the same bits eager and jitted', function ()
    local layer = kaf.KAF(4, 20, 3)
    local f, params = autograd.functionalize(layer)
    local x = torch.randn(6, 4)
    local jitted = autograd.jit(f)
    for _ = 1, 3 do assert.tensor_equal(f(params, x), jitted(params, x)) end
  end)
end)

describe('training', function ()
  it('of a network has the reference losses and weights', function ()
    local p, out = research.load(golden.case('research_modules', 'train_kaf'))
    local function loss (w)
      local h = kaf.kaf_batch(p.x * w.W1:t() + w.b1, w.alpha, p.centres,
                              p.sigma)
      return torch.pow(h * w.W2:t() + w.b2 - p.target, 2):mean()
    end
    local w = {}
    for _, key in ipairs(p.learned) do w[key] = p[key] end
    for k = 1, p.steps do
      local value, g = autograd.value_and_grad(loss)(w)
      golden.near(out.losses[k], value, 'loss ' .. k)
      w = autograd.tree.map(function (a, b) return a - p.lr * b end, w, g)
    end
    for key, v in pairs(w) do golden.near(out['final_' .. key], v, key) end
  end)

  it('of a unit finds the function', function ()
    local centers, sigma = kaf.dictionary(20, 3)
    local x = torch.linspace(-2, 2, 41, {dtype = 'float64'}):view(-1, 1)
    local start = kaf.ridge(torch.relu, centers, sigma, 1e-4):view(1, -1)
    local alpha, losses = kaf.fit(start, x, torch.sin(x), centers, sigma, 0.5,
                                  300)
    assert.equal(300, #losses)
    assert.near(kaf.fit_loss(start, x, torch.sin(x), centers, sigma),
                losses[1], 1e-14)
    for k = 2, #losses do assert.is_true(losses[k] <= losses[k - 1]) end
    assert.is_true(kaf.fit_loss(alpha, x, torch.sin(x), centers, sigma) < 1e-3)
  end)
end)

outside.script('kaf', {'--data', 'tests/data/mnist', '--hidden', '32',
                       '--steps', '50', '--quick'}, {
  data = true,
  last = '^kaf: test accuracy (0%.%d+), with ReLU 0%.%d+$',
  value = function (acc) assert.is_true(tonumber(acc) > 0.75) end,
  lines = {'checked: it has the outputs of nn.KAF',
           "checked: alpha is nn.KAF's {init = 'relu'}",
           'KAF  epoch 3/3  loss 0%.%d+  test accuracy 0%.%d+'}})
