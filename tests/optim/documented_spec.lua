-- Torch7's documentation of optim: the interface of the algorithms, checkgrad,
-- Logger and ConfusionMatrix.
require 'nnlua.busted'
local torch = require 'torch'
local optim = require 'optim'

local function D (...) return torch.DoubleTensor {...} end

local function rosenbrock (x)
  local a, b = x[1], x[2]
  return 100 * (b - a * a) ^ 2 + (1 - a) ^ 2,
         D(-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a))
end

local function message (f, ...)
  local ok, text = pcall(f, ...)
  assert.is_false(ok)
  return (text:gsub('^[^:]*:%d+: ', ''))
end

describe('documented: algorithms', function ()
  -- name -> configuration, steps, how far from (1, 1) Torch7's tests allow
  local cases = {
    {'sgd', {learningRate = 1e-3}, 10000, 0.1},
    {'sgd', {learningRate = 1e-3, momentum = 0.5}, 5000, 0.1},
    {'sgd', {learningRate = 1e-3, momentum = 0.9, nesterov = true,
             dampening = 0}, 2000, 0.1},
    {'sgd', {learningRate = 2e-3, learningRateDecay = 1e-6}, 10000, 0.1},
    {'nag', {learningRate = 1e-3, momentum = 0.9}, 2000, 0.1},
    {'asgd', {eta0 = 1e-3, t0 = 1}, 10000, 0.3},
    {'adagrad', {learningRate = 1e-1}, 10000, 0.1},
    {'adadelta', {eps = 1e-10}, 10001, 0.1},
    {'adam', {learningRate = 2e-3}, 10000, 0.1},
    {'adamax', {learningRate = 2e-3}, 10000, 0.1},
    {'rmsprop', {learningRate = 5e-4}, 10000, 0.1},
    {'rprop', {stepsize = 0.01}, 1000, 0.1},
  }
  for _, case in ipairs(cases) do
    local name, config, steps, near = table.unpack(case)
    it(name .. ' returns x, {f} and goes down to the minimum', function ()
      local x, state = torch.zeros(2):double(), {}
      local point, fs
      for i = 1, steps do
        local now = i == 1 and rosenbrock(x)
        point, fs = optim[name](rosenbrock, x, config, state)
        if i == 1 then assert.near(now, fs[1], 1e-12) end -- before the step
      end
      assert.equal(x, point)
      assert.equal(1, #fs)
      assert.is_true(x:dist(D(1, 1)) < near, tostring(x))
    end)
  end

  it('cg and lbfgs return all values, the last one the least', function ()
    for name, config in pairs {
      cg = {maxIter = 60, maxEval = 200}, lbfgs = {maxIter = 100},
    } do
      local x, fs = optim[name](rosenbrock, torch.zeros(2):double(), config)
      assert.is_true(x:dist(D(1, 1)) < 1e-3, name)
      assert.equal(1, fs[1], name) -- before any step
      assert.is_true(fs[#fs] < 1e-5, name)
    end
    local x = optim.lbfgs(rosenbrock, torch.zeros(2):double(),
                          {maxIter = 100, lineSearch = optim.lswolfe})
    assert.is_true(x:dist(D(1, 1)) < 1e-3)
  end)

  it('asgd returns the average too', function ()
    local x, config = D(0, 0), {eta0 = 1e-3}
    local p, fs, average = optim.asgd(rosenbrock, x, config)
    assert.equal(x, p)
    assert.is_number(fs[1])
    assert.same({2}, average:size():totable())
  end)

  it('without a state the configuration keeps it', function ()
    local config = {learningRate = 0.1, momentum = 0.5}
    local x = D(1)
    local function f () return 0, D(1) end
    optim.sgd(f, x, config)
    optim.sgd(f, x, config)
    assert.near(1 - 0.1 - 0.15, x[1], 1e-12)
    local other = {learningRate = 0.1, momentum = 0.5}
    x = D(1)
    for _ = 1, 2 do optim.sgd(f, x, other, {}) end -- a new state each time
    assert.near(0.8, x[1], 1e-12)
  end)

  it("sgd's rates and decays of single parameters", function ()
    local x = D(1, 1)
    optim.sgd(function () return 0, D(1, 1) end, x,
              {learningRate = 0.1, learningRates = D(1, 2)}, {})
    assert.tensor_near({0.9, 0.8}, x, 1e-12)
    x = D(1, 1)
    optim.sgd(function () return 0, D(0, 0) end, x,
              {learningRate = 0.1, weightDecays = D(0, 1)}, {})
    assert.tensor_near({1, 0.9}, x, 1e-12)
    x = D(1, 2)
    optim.sgd(function () return 0, D(0, 0) end, x,
              {learningRate = 0.1, weightDecay = 0.5}, {})
    assert.tensor_near({0.95, 1.9}, x, 1e-12)
  end)
end)

describe('documented: checkgrad', function ()
  it('returns the difference and both gradients', function ()
    local x = D(0.3, -0.7)
    local diff, dc, estimate = optim.checkgrad(rosenbrock, x, 1e-6)
    assert.is_true(diff < 1e-8)
    assert.tensor_near(select(2, rosenbrock(x)), dc, 1e-12)
    assert.tensor_near(dc, estimate, 1e-5)
    assert.tensor_near({0.3, -0.7}, x, 0)
    assert.is_true(optim.checkgrad(function (p)
      local f, g = rosenbrock(p)
      return f, g * 1.1
    end, x) > 1e-2)
  end)

  it('works with one buffer for all gradients', function ()
    local buffer = D(0, 0)
    local diff = optim.checkgrad(function (p)
      local f, g = rosenbrock(p)
      return f, buffer:copy(g)
    end, D(0.3, -0.7))
    assert.is_true(diff < 1e-6)
  end)
end)

describe('documented: Logger', function ()
  local function with_file (f)
    local path = os.tmpname()
    local ok, err = pcall(f, path)
    os.remove(path)
    os.remove(path .. '.png')
    if not ok then error(err, 0) end
  end
  local function text_of (path) return assert(io.open(path)):read 'a' end

  it('writes the documented table', function ()
    with_file(function (path)
      local logger = optim.Logger(path)
      logger:setNames {'Training acc.', 'Test acc.'}
      logger:add {70, 59}
      assert.equal('Training acc.\tTest acc.\n 7.0000e+01\t 5.9000e+01\n',
                   text_of(path)) -- at once, not at the end
      logger:add {76, -8}
      assert.matches(' 7.6000e%+01\t%-8.0000e%+00\n$', text_of(path))
      assert.equal(path, logger.name)
      assert.same({{70, 76}, {59, -8}}, logger.symbols)
    end)
  end)

  it('takes values by name, strings too; a line that is wrong is not kept',
     function ()
    with_file(function (path)
      local logger = optim.Logger(path)
      logger:add {['test error'] = 0.5, note = 'first'}
      logger:add {['test error'] = 0.25, note = 'second'}
      assert.equal('note\ttest error\nfirst\t 5.0000e-01\n'
                   .. 'second\t 2.5000e-01\n', text_of(path))
      assert.equal('optim.Logger: add: a number or a string for test error '
                   .. 'expected, got nil', message(logger.add, logger,
                                                   {note = 'x'}))
      assert.equal(2, #logger.symbols[1])
    end)
  end)

  it('a time stamp makes the name unique', function ()
    with_file(function (path)
      local logger = optim.Logger(path, true)
      assert.matches('%-%d%d%d%d%-%d%d%-%d%d%-%d%d%-%d%d%-%d%d$', logger.name)
      logger:close()
      os.remove(logger.name)
    end)
  end)

  it('plots in the documented styles', function ()
    with_file(function (path)
      local logger = optim.Logger(path)
      assert.matches('no column of numbers', message(logger.plot, logger))
      logger:setNames {'a', 'b', 'note'}
      for i = 1, 5 do logger:add {i, i * i, 'n'} end
      for _, style in ipairs {'.', '+', '-', '+-', '~', '|'} do
        assert.equal(logger, logger:style(style))
        assert.equal(style, logger.styles[2])
      end
      logger:style {'+', '+-'}
      assert.same({'+', '+-', '|'}, logger.styles)
      logger:style {b = '-'}
      assert.same({'+', '-', '|'}, logger.styles)
      assert.matches('one of', message(logger.style, logger, 'x'))
      logger:setlogscale()
      local plot, drawn = require 'plot', nil
      local before = plot.line
      plot.line = function (series) drawn = series end
      local ok, err = pcall(logger.plot, logger)
      plot.line = before
      assert.is_true(ok, err)
      assert.equal(2, #drawn) -- the column of notes is none
      assert.same({y = {1, 4, 9, 16, 25}, label = 'b'}, drawn[2])
      assert.equal('points', drawn[1].style)
      assert.equal(path .. '.png', drawn.file)
      assert.is_true(drawn.logy)
      assert.equal(logger, logger:display(false))
    end)
  end)

  it('is saved as data, without the file', function ()
    local logger = optim.Logger()
    logger:add {loss = 0.5}
    local back = torch.deserialize(torch.serialize(logger))
    assert.equal('optim.Logger', torch.type(back))
    assert.same({{0.5}}, back.symbols)
    back:add {loss = 0.25}
    assert.same({{0.5, 0.25}}, back.symbols)
  end)
end)

describe('documented: ConfusionMatrix', function ()
  local c
  before_each(function ()
    c = optim.ConfusionMatrix {'cat', 'dog', 'person'}
  end)

  it('add: numbers, scores, one-hot targets', function ()
    c:add(2, 1)
    c:add(torch.Tensor {0.1, 0.7, 0.2}, 2)
    c:add(torch.Tensor {0.1, 0.2, 0.7}, torch.Tensor {1, 0, 0})
    assert.same({{0, 1, 1}, {0, 1, 0}, {0, 0, 0}}, c.mat:totable())
    c:zero()
    assert.equal(0, c.mat:sum())
  end)

  it('batchAdd: classes, columns, scores, one-hot rows', function ()
    local want = {{1, 0, 0}, {0, 0, 1}, {0, 0, 0}}
    local scores = torch.Tensor {{3, 1, 2}, {0, 1, 5}}
    local hot = torch.Tensor {{1, 0, 0}, {0, 1, 0}}
    for _, pair in ipairs {
      {torch.Tensor {1, 3}, torch.Tensor {1, 2}},
      {torch.LongTensor {1, 3}, torch.IntTensor {1, 2}},
      {torch.Tensor {{1}, {3}}, torch.Tensor {{1}, {2}}},
      {scores, torch.Tensor {1, 2}}, {scores, hot},
    } do
      c:zero()
      c:batchAdd(pair[1], pair[2])
      assert.same(want, c.mat:totable())
    end
  end)

  it('targets of 0 and below are missing', function ()
    c:add(2, 0)
    c:add(2, -1)
    c:batchAdd(torch.Tensor {1, 2, 3}, torch.Tensor {0, 2, -3})
    assert.same({{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}, c.mat:totable())
    c:batchAdd(torch.Tensor {1}, torch.Tensor {0})
    assert.equal(1, c.mat:sum())
  end)

  it('refuses other classes and sizes', function ()
    assert.equal('optim.ConfusionMatrix: prediction: a class 1..3 expected, '
                 .. 'got the number 0', message(c.add, c, 0, 1))
    assert.equal('optim.ConfusionMatrix: target: a class 1..3 expected, '
                 .. 'got the number 4', message(c.add, c, 1, 4))
    assert.equal('optim.ConfusionMatrix: predictions: [n] or [n x 3] '
                 .. 'expected, got [2 x 4]',
                 message(c.batchAdd, c, torch.zeros(2, 4), torch.ones(2)))
    assert.equal('optim.ConfusionMatrix: targets: [n] or [n x 3] '
                 .. 'expected, got nil',
                 message(c.batchAdd, c, torch.ones(2)))
    assert.equal('optim.ConfusionMatrix: batchAdd: 2 predictions and 3 '
                 .. 'targets',
                 message(c.batchAdd, c, torch.ones(2), torch.ones(3)))
    assert.matches('targets: classes 1..3 expected, got 1 to 5',
                   message(c.batchAdd, c, torch.ones(2),
                           torch.Tensor {1, 5}))
    assert.equal('optim.ConfusionMatrix: number of classes: an integer of '
                 .. 'at least 1 expected, got the number 0',
                 message(optim.ConfusionMatrix, 0))
    assert.equal(0, c.mat:sum())
  end)

  it('updateValids: of classes that occur', function ()
    c.mat:copy(torch.LongTensor {{6, 2, 0}, {1, 1, 0}, {0, 0, 0}})
    c:updateValids()
    assert.tensor_near({6 / 8, 1 / 2, 0}, c.valids)
    assert.tensor_near({6 / 9, 1 / 4, 0}, c.unionvalids)
    assert.near(0.625, c.averageValid, 1e-6)
    assert.near((6 / 9 + 1 / 4) / 2, c.averageUnionValid, 1e-6)
    assert.near(0.7, c.totalValid, 1e-6)
  end)

  it('prints rows, shares and class names', function ()
    c.mat:copy(torch.LongTensor {{6, 2, 0}, {1, 1, 0}, {0, 0, 0}})
    assert.equal('ConfusionMatrix:\n'
      .. '[[       6       2       0]   75.000% \t[class: cat]\n'
      .. ' [       1       1       0]   50.000% \t[class: dog]\n'
      .. ' [       0       0       0]]  0.000% \t[class: person]\n'
      .. ' + average row correct: 62.5%\n'
      .. ' + average rowUcol correct (VOC measure): 45.8333%\n'
      .. ' + global correct: 70%', tostring(c))
    c = optim.ConfusionMatrix(1)
    assert.matches('%[%[       0%]%]  0.000%%', tostring(c))
  end)

  it('farFrr, sensitivity, specificity, matthewsCorrelation', function ()
    c.mat:copy(torch.LongTensor {{6, 2, 0}, {1, 1, 0}, {0, 0, 0}})
    local frr, far, frrs, fars = c:farFrr()
    assert.tensor_near({0.25, 0.5, -1}, frr)
    assert.tensor_near({0.5, 0.25, -1}, far)
    assert.tensor_near({0.25, 0.5}, frrs)
    assert.tensor_near({0.5, 0.25}, fars)
    assert.tensor_near({6 / 8, 1 / 2, 0}, c:sensitivity())
    assert.tensor_near({1 / 2, 6 / 8, 1}, c:specificity())
    local mcc = (6 * 1 - 1 * 2) / math.sqrt(7 * 8 * 2 * 3)
    assert.near(mcc, c:matthewsCorrelation()[1], 1e-6)
    assert.equal(0, c:matthewsCorrelation()[3])
  end)
end)
