-- Torch7's documentation of criterions, training and testing of modules: the
-- documented formulas and examples.
require 'nnlua.busted'
local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'

local function T (...) return torch.Tensor {...} end
local exp, log, max = math.exp, math.log, math.max

-- the sum of f over the elements of x (and y)
local function total (f, x, y)
  local sum = 0
  for i = 1, x:size(1) do sum = sum + f(x[i], y and y[i]) end
  return sum
end

-- loss and gradient of one sample against the formula and its differences
local function check (criterion, f, x, y)
  assert.near(f(x, y), criterion:forward(x, y), 1e-5)
  assert.near(f(x, y), criterion.output, 1e-5)
  local g, h = criterion:backward(x, y), 1e-2
  for i = 1, x:size(1) do
    local value = x[i]
    x[i] = value + h
    local above = f(x, y)
    x[i] = value - h
    local below = f(x, y)
    x[i] = value
    assert.near((above - below) / (2 * h), g[i], 2e-3)
  end
end

describe('documented: criterions', function ()
  local x, y
  before_each(function ()
    x, y = T(0.3, -0.6, 1.4, 0.1), T(0.8, 0.5, -0.9, 1.5)
  end)

  local regression = {
    AbsCriterion = function (a, b) return math.abs(a - b) end,
    MSECriterion = function (a, b) return (a - b) ^ 2 end,
    SmoothL1Criterion = function (a, b)
      local d = math.abs(a - b)
      return d < 1 and 0.5 * d * d or d - 0.5
    end,
  }
  for name, f in pairs(regression) do
    it(name .. ', its average and its sum', function ()
      local c = nn[name]()
      check(c, function (a, b) return total(f, a, b) / 4 end, x, y)
      c.sizeAverage = false
      check(c, function (a, b) return total(f, a, b) end, x, y)
      -- as many elements in other sizes
      assert.near(c:forward(x, y), c:forward(x:view(2, 2), y), 1e-5)
    end)
  end

  it('ClassNLLCriterion and CrossEntropyCriterion, with weights', function ()
    local w = T(1, 2, 0.5, 3)
    local function lse (v) return log(total(exp, v)) end
    for class = 1, 4 do
      check(nn.ClassNLLCriterion(), function (v) return -v[class] end, x,
            class)
      check(nn.CrossEntropyCriterion(), function (v)
        return -v[class] + lse(v)
      end, x, class)
      local c = nn.ClassNLLCriterion(w)
      c.sizeAverage = false
      check(c, function (v) return -w[class] * v[class] end, x, class)
      c = nn.CrossEntropyCriterion(w)
      c.sizeAverage = false
      check(c, function (v) return w[class] * (-v[class] + lse(v)) end, x,
            class)
    end
    local both = torch.Tensor {{1, 2, 3}, {3, 2, 1}}
    assert.near(-2, nn.ClassNLLCriterion():forward(both, T(1, 1)), 1e-6)
    assert.near(-2.5, nn.ClassNLLCriterion():forward(
      both, torch.LongTensor {3, 2}), 1e-6)
    assert.has_error(function () nn.ClassNLLCriterion():forward(both,
                                                                T(0, 1)) end)
  end)

  it('BCECriterion, DistKLDivCriterion', function ()
    local p, t = T(0.3, 0.6, 0.9), T(1, 0, 1)
    check(nn.BCECriterion(), function (a, b)
      return -total(function (o, u)
        return u * log(o) + (1 - u) * log(1 - o)
      end, a, b) / 3
    end, T(0.3, 0.6, 0.7), t)
    local w = T(1, 2, 3)
    local loss = -(log(0.3) + 2 * log(0.4) + 3 * log(0.9)) / 3
    assert.near(loss, nn.BCECriterion(w):forward(p, t), 1e-5)
    check(nn.DistKLDivCriterion(), function (a, b)
      return total(function (v, u) return u * (log(u) - v) end, a, b) / 4
    end, x, T(0.1, 0.2, 0.3, 0.4))
  end)

  it('margins of two classes', function ()
    local s = T(1, -1, 1, -1)
    check(nn.MarginCriterion(), function (a, b)
      return total(function (v, u) return max(0, 1 - u * v) end, a, b) / 4
    end, x, s)
    check(nn.MarginCriterion(0.5), function (a, b)
      return total(function (v, u) return max(0, 0.5 - u * v) end, a, b) / 4
    end, x, s)
    check(nn.SoftMarginCriterion(), function (a, b)
      return total(function (v, u) return log(1 + exp(-u * v)) end, a, b) / 4
    end, x, s)
    check(nn.HingeEmbeddingCriterion(), function (a, b)
      return total(function (v, u)
        return u == 1 and v or max(0, 1 - v)
      end, a, b) / 4
    end, x, s)
  end)

  it('margins of many classes', function ()
    local function multi (p, margin, w)
      return function (a, class)
        local sum = 0
        for i = 1, 4 do
          if i ~= class then
            sum = sum + max(0, margin - a[class] + a[i]) ^ p
          end
        end
        return (w or 1) * sum / 4
      end
    end
    check(nn.MultiMarginCriterion(), multi(1, 1), x, 2)
    check(nn.MultiMarginCriterion(2), multi(2, 1), x, 2)
    check(nn.MultiMarginCriterion(1, nil, 0.5), multi(1, 0.5), x, 4)
    check(nn.MultiMarginCriterion(1, T(1, 2, 3, 4)), multi(1, 1, 2), x, 2)
    check(nn.MultiLabelMarginCriterion(), function (a)
      local sum = 0
      for _, j in ipairs {1, 3} do
        for _, i in ipairs {2, 4} do
          sum = sum + max(0, 1 - (a[j] - a[i]))
        end
      end
      return sum / 4
    end, x, T(1, 3, 0, 0))
    local c = nn.MultiLabelMarginCriterion()
    assert.is_number(c:forward(torch.randn(2, 4),
                               torch.Tensor {{1, 3, 0, 0}, {4, 0, 0, 0}}))
    check(nn.MultiLabelSoftMarginCriterion(), function (a, b)
      return -total(function (v, u)
        return u * log(exp(v) / (1 + exp(v))) + (1 - u) * log(1 / (1 + exp(v)))
      end, a, b) / 4
    end, x, T(1, 0, 0, 1))
  end)

  it('embeddings and rankings of two inputs', function ()
    local d = (x - y):abs():sum()
    local c = nn.L1HingeEmbeddingCriterion(5)
    assert.near(d, c:forward({x, y}, 1), 1e-5)
    assert.near(max(0, 5 - d), c:forward({x, y}, -1), 1e-5)
    local cos = (x * y) / (x:norm() * y:norm())
    c = nn.CosineEmbeddingCriterion(-0.9)
    assert.near(1 - cos, c:forward({x, y}, 1), 1e-5)
    assert.near(max(0, cos + 0.9), c:forward({x, y}, T(-1)), 1e-5)
    c = nn.MarginRankingCriterion(0.1)
    assert.near(0.6, c:forward({T(1), T(1.5)}, 1), 1e-6)
    assert.near(0, c:forward({T(1), T(1.5)}, -1), 1e-6)
    local g = c:backward({T(2), T(1)}, -1)
    assert.same({{1}, {-1}}, {g[1]:totable(), g[2]:totable()})
    assert.near((0.6 + 0) / 2,
                c:forward({T(1, 1), T(1.5, 0)}, T(1, 1)), 1e-6)
  end)

  it('MultiCriterion, ParallelCriterion', function ()
    local input, target = torch.rand(2, 10), torch.IntTensor {1, 8}
    local nll, ce = nn.ClassNLLCriterion(), nn.CrossEntropyCriterion()
    local mc = nn.MultiCriterion():add(nll, 0.5):add(ce)
    assert.near(nll:forward(input, target) / 2 + ce:forward(input, target),
                mc:forward(input, target), 1e-5)
    assert.same({2, 10}, mc:backward(input, target):size():totable())
    local mse = nn.MSECriterion()
    local pc = nn.ParallelCriterion():add(nll, 0.5):add(mse)
    local a, b = torch.randn(2, 10), torch.randn(2, 10)
    assert.near(nll:forward(input, target) / 2 + mse:forward(a, b),
                pc:forward({input, a}, {target, b}), 1e-5)
    pc = nn.ParallelCriterion(true):add(mse):add(mse, 2)
    assert.near(mse:forward(input, b) + 2 * mse:forward(a, b),
                pc:forward({input, a}, b), 1e-5)
  end)

  it('the margins separate two points, as documented', function ()
    for _, name in ipairs {'MarginCriterion', 'SoftMarginCriterion'} do
      torch.manualSeed(5)
      local net = nn.Sequential():add(nn.Linear(5, 1))
      local x1, x2, c = torch.rand(5), torch.rand(5), nn[name]()
      for _ = 1, 1000 do
        for _, pair in ipairs {{x1, T(1)}, {x2, T(-1)}} do
          local pred = net:forward(pair[1])
          c:forward(pred, pair[2])
          net:zeroGradParameters()
          net:backward(pair[1], c:backward(pred, pair[2]))
          net:updateParameters(0.05)
        end
      end
      local a, b = net:forward(x1)[1], net:forward(x2)[1]
      assert.is_true(a > 0.5 and b < -0.5, name)
    end
  end)
end)

-- Torch7's XOR of two signs
local function xor (n)
  local inputs, labels = torch.Tensor(n, 2), torch.DoubleTensor(n)
  for i = 1, n do
    local input = torch.randn(2)
    inputs[i]:copy(input)
    labels[i] = input[1] * input[2] > 0 and -1 or 1
  end
  return inputs, labels
end

local function network ()
  local model = nn.Sequential()
  model:add(nn.Linear(2, 20))
  model:add(nn.Tanh())
  model:add(nn.Linear(20, 1))
  return model
end

local corners = torch.Tensor {{0.5, 0.5}, {0.5, -0.5}, {-0.5, 0.5},
                              {-0.5, -0.5}}

local function assert_xor (model)
  local y = model:forward(corners)
  assert.is_true(y[1][1] < 0 and y[2][1] > 0 and y[3][1] > 0 and y[4][1] < 0,
                 tostring(y))
  assert.near(y[2][1], model:forward(corners[2])[1], 1e-6)
end

describe('documented: training', function ()
  it('by hand, in three steps', function ()
    torch.manualSeed(1)
    local mlp, criterion = network(), nn.MSECriterion()
    local inputs, labels = xor(2500)
    for i = 1, 2500 do
      local input, output = inputs[i], labels[{ {i} }]
      criterion:forward(mlp:forward(input), output)
      mlp:zeroGradParameters()
      mlp:backward(input, criterion:backward(mlp.output, output))
      mlp:updateParameters(0.03)
    end
    assert_xor(mlp)
  end)

  it('by StochasticGradient: hooks, decay, order, prints', function ()
    torch.manualSeed(2)
    local inputs, labels = xor(100)
    local dataset = {}
    function dataset.size () return 100 end
    for i = 1, 100 do dataset[i] = {inputs[i], labels[{ {i} }]} end
    local mlp = network()
    local trainer = nn.StochasticGradient(mlp, nn.MSECriterion())
    assert.same({0.01, 0, 25, true},
                {trainer.learningRate, trainer.learningRateDecay,
                 trainer.maxIteration, trainer.shuffleIndices})
    trainer.learningRate, trainer.learningRateDecay = 0.05, 0.001
    local examples, iterations, first = 0, 0, nil
    function trainer.hookExample (self, example)
      assert.equal(trainer, self)
      first = first or example
      examples = examples + 1
    end
    function trainer.hookIteration (self, iteration)
      assert.equal(trainer, self)
      iterations = iterations + 1
      assert.equal(iterations, iteration)
    end
    local lines, before = {}, _G.print
    _G.print = function (line) lines[#lines + 1] = line end
    local ok, err = pcall(trainer.train, trainer, dataset)
    _G.print = before
    assert.is_true(ok, err)
    assert.equal(2500, examples)
    assert.equal(25, iterations)
    assert.equal(0.05, trainer.learningRate) -- as documented: unchanged
    assert.matches('# current error = %d', lines[2])
    assert_xor(mlp)
    trainer.shuffleIndices, trainer.verbose, first = false, false, nil
    trainer.maxIteration, trainer.hookIteration = 1, nil
    trainer:train(dataset)
    assert.equal(dataset[1], first)
    local again = torch.deserialize(torch.serialize(nn.StochasticGradient(
      mlp, nn.MSECriterion())))
    assert.equal('nn.StochasticGradient', torch.type(again))
  end)

  it('by optim.sgd with getParameters, as documented', function ()
    torch.manualSeed(3)
    local model, criterion = network(), nn.MSECriterion()
    local inputs, labels = xor(128)
    local params, gradParams = model:getParameters()
    assert.equal(1, params:dim())
    assert.equal(81, params:nElement())
    local state = {learningRate = 0.1}
    local function feval (p)
      assert.equal(params, p)
      gradParams:zero()
      local outputs = model:forward(inputs)
      local loss = criterion:forward(outputs, labels)
      model:backward(inputs, criterion:backward(outputs, labels))
      return loss, gradParams
    end
    local x, fs
    for _ = 1, 1000 do x, fs = optim.sgd(feval, params, state) end
    assert.equal(params, x)
    assert.equal(1, #fs)
    assert_xor(model)
  end)
end)

describe('documented: nn.Jacobian', function ()
  local function double (...) return torch.rand(...):double() end

  it('testJacobian, Parameters, UpdateParameters', function ()
    local m = nn.Linear(4, 3):double()
    local x = double(5, 4)
    local J = nn.Jacobian
    assert.is_true(J.testJacobian(m, x) < 1e-6)
    assert.is_true(J.testJacobian(m, x, 0, 1, 1e-5) < 1e-6)
    assert.is_true(x:min() >= 0 and x:max() <= 1)
    for _, name in ipairs {'weight', 'bias'} do
      local grad = 'grad' .. name:gsub('^%l', string.upper)
      assert.is_true(J.testJacobianParameters(m, x, m[name], m[grad]) < 1e-6)
      assert.is_true(J.testJacobianUpdateParameters(m, x, m[name]) < 1e-6)
    end
    local all = J.testAllUpdate(m, x, 'weight', 'gradWeight')
    for name, err in pairs(all) do assert.is_true(err < 1e-6, name) end
    -- a module that updates too much
    local wrong = nn.Linear(4, 3):double()
    function wrong.accUpdateGradParameters (self, input, g, lr)
      nn.Linear.accUpdateGradParameters(self, input, g, 2 * lr)
    end
    assert.is_true(J.testJacobianUpdateParameters(wrong, x, wrong.weight)
                   > 1e-2)
    wrong = nn.Linear(4, 3):double()
    function wrong.accGradParameters (self, input, g, scale)
      nn.Linear.accGradParameters(self, input, g, 2 * (scale or 1))
    end
    assert.is_true(J.testJacobianParameters(wrong, x, wrong.weight,
                                            wrong.gradWeight) > 1e-2)
  end)

  it('forward and backward give the matrices', function ()
    local m, x = nn.Linear(4, 3):double(), double(4)
    local back = nn.Jacobian.backward(m, x)
    assert.same({4, 3}, back:size():totable())
    assert.tensor_near(m.weight:t(), back, 1e-12)
    assert.tensor_near(m.weight:t(), nn.Jacobian.forward(m, x, x), 1e-8)
    assert.tensor_near(torch.eye(3):double(),
                       nn.Jacobian.backward(m, x, m.bias, m.gradBias), 1e-12)
    assert.tensor_near(torch.eye(3):double(),
                       nn.Jacobian.forward(m, x, m.bias), 1e-8)
    local y, g = nn.Jacobian.testIO(nn.Sequential(m, nn.Tanh()), x)
    assert.equal(0, y)
    assert.equal(0, g)
  end)
end)
