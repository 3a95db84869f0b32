-- The exercise "ternary activation": neurons that are -1, 0 or 1, with a
-- gradient of their own, and a network of them that learns MNIST.
--
--   nnlua scripts/ternary_mnist.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
local random = require 'random'
local data = require 'data'
local plot = require 'plot'
local nnlua = require 'nnlua'
local exercise = require 'nnlua.exercise'

local M = {}

-- ---- the activation and its gradient ----

-- -1 below the first threshold, 1 above the second, 0 between.
function M.states (x, thresholds)
  local kind = x:type()
  return torch.gt(x, thresholds[2]):type(kind)
         - torch.lt(x, thresholds[1]):type(kind)
end

function M.gaussian_cdf (x, mean, sd)
  return torch.erfc((mean - x) / (sd * math.sqrt(2))) / 2
end

function M.gaussian_pdf (x, mean, sd)
  return torch.exp(torch.pow((x - mean) / sd, 2) * -0.5)
         / (sd * math.sqrt(2 * math.pi))
end

-- The mean of the states of x with noise: P(x + noise > t2) - P(x + noise <
-- t1).  Both as left tails: 1 - cdf would lose the digits of small ones.
function M.expected_state (x, thresholds, noise_sd)
  local t1, t2 = thresholds[1], thresholds[2]
  return M.gaussian_cdf(x - t2, 0, noise_sd)
         - M.gaussian_cdf(t1 - x, 0, noise_sd)
end

-- Its derivative, which takes the place of that of the states: that one is 0
-- nearly everywhere, and nothing could be learned from it.
function M.slope (x, thresholds, noise_sd)
  return M.gaussian_pdf(thresholds[1] - x, 0, noise_sd)
         + M.gaussian_pdf(thresholds[2] - x, 0, noise_sd)
end

-- The states of x + noise_sd noise, with that gradient for x, and none for the
-- other arguments.  custom_vjp takes the function, one that also gives what the
-- backward pass needs, and the backward pass of this and the incoming gradient.
M.ternary_of_noise = autograd.custom_vjp(
  function (x, thresholds, noise_sd, noise)
    return M.states(x + noise * noise_sd, thresholds)
  end,
  function (x, thresholds, noise_sd, noise)
    return M.states(x + noise * noise_sd, thresholds),
           {x, thresholds, noise_sd}
  end,
  function (saved, grads)
    return torch.cmul(M.slope(table.unpack(saved)), grads), nil, nil, nil
  end)

-- The ternary activation.  Each call draws noise of its own: from the key when
-- one is given, and a key is used once; else from torch's generator.
function M.ternary (x, thresholds, noise_sd, key)
  local noise = torch.randn(x:size(), {dtype = x:dtype(), key = key})
  return M.ternary_of_noise(x, thresholds, noise_sd, noise)
end

-- ---- a module of it, and a network ----

local classes = {}
local Ternary, parent = torch.class('ternary.Ternary', 'nn.Module', classes)

Ternary.parameterNames = {}

-- The activation as a module: with noise in training, without in evaluate().
function Ternary:__init (thresholds, noise_sd)
  parent.__init(self)
  self.thresholds, self.noise_sd = thresholds, noise_sd
end

function Ternary:compute (x)
  if not self:training_mode() then return M.states(x, self.thresholds) end
  return M.ternary(x, self.thresholds, self.noise_sd)
end

M.Ternary = classes.Ternary

-- Dense layers with ternary neurons between them.
--   local net = M.Net(784, {256, 256}, 10, {-0.5, 0.5}, 0.3)
function M.Net (inputs, hidden, outputs, thresholds, noise_sd)
  local net = nn.Sequential(nn.View(-1, inputs))
  for _, n in ipairs(hidden) do
    net:add(nn.Dense(inputs, n)):add(M.Ternary(thresholds, noise_sd))
    inputs = n
  end
  return net:add(nn.Dense(inputs, outputs))
end

-- The loss of a batch; apply(params, x) is the network.
function M.loss (params, apply, x, y)
  return nn.CrossEntropyCriterion():forward(apply(params, x), y)
end

-- A step of Adam, in place: step(x, y, rate) -> loss.
function M.stepper (apply, params)
  local gradient, state = autograd.value_and_grad(M.loss), {}
  return autograd.jit(function (x, y, rate)
    local loss, grads = gradient(params, apply, x, y)
    optim.adam(function () return loss, grads end, params,
               {learningRate = rate}, state)
    return loss
  end)
end

-- The share of images that f(x) [n x classes] puts into the right class.
function M.accuracy (f, images, labels)
  local right, n = 0, images:size(1)
  for first = 1, n, 1000 do
    local count = math.min(1000, n - first + 1)
    local class = f(images:narrow(1, first, count)):argmax(2):view(-1)
    right = right + torch.eq(class, labels:narrow(1, first, count)):sum()
  end
  return right / n
end

-- ---- the script ----

local function read_data (run)
  local dir = run.opt.data ~= '' and run.opt.data or nil
  local train = data.mnist {dir = dir}
  if run.quick then
    train = data.subset(train, 1, math.min(#train, 10000))
  end
  return train, data.mnist {dir = dir, train = false}
end

-- Trains; returns the losses and test accuracies of the epochs.
local function train_all (run, net, apply, params, loader, test_x, test_y)
  local opt, curves = run.opt, {loss = {}, test = {}}
  local step, timer = M.stepper(apply, params), torch.Timer()
  for epoch = 1, opt.epochs do
    local sum, start = 0, timer:time().real
    local bar <close> = nnlua.bar {total = #loader, quiet = run.quiet,
      label = ('epoch %d/%d'):format(epoch, opt.epochs)}
    for x, y, info in loader:epoch(epoch) do
      sum = sum + step(x, y, opt.rate)
      bar:update(info.batch, ('loss %.4f'):format(sum / info.batch))
    end
    local spent = timer:time().real - start
    net:evaluate()
    curves.loss[epoch] = sum / #loader
    curves.test[epoch] = M.accuracy(function (v) return apply(params, v) end,
                                    test_x, test_y)
    net:training()
    run:say(('epoch %d/%d  loss %.4f  test accuracy %.4f  %.1f s'):format(
      epoch, opt.epochs, curves.loss[epoch], curves.test[epoch], spent))
  end
  return curves
end

-- The shares of -1, 0 and 1 among states.
local function shares (states)
  local list = {}
  for i, s in ipairs {-1, 0, 1} do list[i] = torch.eq(states, s):mean() end
  return list
end

local function picture (run, thresholds, sd, sampled, hidden, curves)
  local x = torch.linspace(-2, 2, 201)
  local few = torch.linspace(-2, 2, 41)
  local epochs = torch.range(1, #curves.test)
  run:plot {
    plot.line {
      {x = few, y = M.ternary(few, thresholds, sd, random.key(3)),
       label = 'one sample', style = 'points', color = '#b0b0b0'},
      {x = few, y = sampled(few), label = 'mean of 1000', style = 'points',
       color = '#d9732e'},
      {x = x, y = M.expected_state(x, thresholds, sd),
       label = 'expected state', color = '#2f7fb8'},
      title = 'Expected state and samples', xlabel = 'x', key = 'top left',
      yrange = {-1.2, 1.2}},
    plot.line {
      {x = x, y = M.slope(x, thresholds, sd), label = 'noise sd ' .. sd},
      {x = x, y = M.slope(x, thresholds, sd / 2), label = 'half of it'},
      {x = x, y = M.slope(x, thresholds, sd * 2), label = 'twice it'},
      title = 'The gradient that is told', xlabel = 'x', key = 'top right'},
    plot.bar {
      {y = hidden.before, label = 'before training'},
      {y = hidden.after, label = 'after'},
      labels = {'-1', '0', '1'}, title = 'States of the first hidden layer',
      ylabel = 'share', key = 'top right'},
    plot.line {{x = epochs, y = curves.test},
               title = 'Test accuracy on MNIST', xlabel = 'epoch'},
    columns = 2, size = {1200, 900}}
end

local function main (run)
  local opt = run.opt
  local thresholds, sd = {-opt.threshold, opt.threshold}, opt.noise
  local train, test = run:try(read_data, run)

  run:part 'The ternary activation'
  local x = torch.linspace(-1.5, 1.5, 7, {dtype = 'float64'})
  local function row (t) return ('%5.2f '):rep(t:nElement()):format(
    table.unpack(t:totable())) end
  run:say('x              ' .. row(x))
  run:say('without noise  ' .. row(M.states(x, thresholds)))
  run:say('with noise     ' .. row(M.ternary(x, thresholds, sd)))
  run:say('with noise     ' .. row(M.ternary(x, thresholds, sd)))
  local half = torch.full({10000}, 0.5)
  local function sample (key)
    return M.ternary(half, {-0.5, 0.5}, 0.3, key)
  end
  run:check('each call draws its own noise',
            torch.ne(sample(), sample()):mean() > 0.4)
  run:check('one key gives one noise', torch.equal(sample(run.key),
                                                   sample(run.key)))

  run:part 'The expected state'
  run:say('expected       ' .. row(M.expected_state(x, thresholds, sd)))
  local function sampled (v)
    local all = v:view(1, -1):expand(1000, v:nElement()):contiguous()
    return M.ternary(all, thresholds, sd):mean(1):view(-1)
  end
  run:say('mean of 1000   ' .. row(sampled(x)))
  -- a state's standard deviation is at most 1, so that of the mean 0.032
  run:near('the mean of samples is the expected state, within 5 of its '
           .. 'standard deviations', sampled(x),
           M.expected_state(x, thresholds, sd), 5 / math.sqrt(1000))

  run:part 'The gradient'
  local function sum_of (f)
    return (autograd.grad(function (v) return f(v, thresholds, sd):sum() end)(x))
  end
  run:say('gradient       ' .. row(sum_of(M.ternary)))
  run:near('it is that of the expected state', sum_of(M.ternary),
           sum_of(M.expected_state))
  run:near('and of nn.Ternary', sum_of(M.ternary),
           sum_of(nn.functional.ternary))

  run:part 'A network of ternary neurons learns MNIST'
  local net = M.Net(28 * 28, {opt.hidden, opt.hidden}, 10, thresholds, sd)
  run:say(net)
  local apply, params = autograd.functionalize(net)
  local mean, std = train:moments()
  local test_x = (test.images:float() / 255 - mean) / std
  local some = test_x:narrow(1, 1, math.min(1000, #test))
  local function first_states ()
    local first = nn.Sequential(net:get(1), net:get(2), net:get(3))
    return shares(first:forward(some))
  end
  local hidden = {before = first_states()}
  local loader <close> = data.loader(train, {
    batch = opt.batch, shuffle = true, seed = opt.seed, workers = 1,
    normalize = {mean, std}})
  local curves = train_all(run, net, apply, params, loader, test_x,
                           test.labels)
  hidden.after = first_states()

  run:part 'How it reads the test digits'
  local function f (v) return apply(params, v) end
  local noisy = M.accuracy(f, test_x, test.labels)
  local votes = M.accuracy(function (v)
    local sum = 0
    for _ = 1, 10 do sum = sum + torch.softmax(f(v), 2) end
    return sum
  end, test_x, test.labels)
  net:evaluate()
  local quiet = M.accuracy(f, test_x, test.labels)
  run:say(('with noise %.4f, mean of 10 samples %.4f, without noise %.4f')
          :format(noisy, votes, quiet))
  run:say(('states -1, 0, 1 of the first layer: %.2f %.2f %.2f')
          :format(table.unpack(hidden.after)))
  picture(run, thresholds, sd, sampled, hidden, curves)
  return run:finish('test accuracy %.4f', quiet)
end

return exercise.script(M, main, {
  name = 'ternary_mnist',
  about = 'A network of ternary neurons learns MNIST.',
  quick = 'trains on 10,000 images only',
  check = function (opt)
    if opt.noise < 1e-6 then
      return ('option --noise: at least 1e-6 expected, got %g'):format(
        opt.noise)
    end
  end,
  options = {
    {'--threshold', 0.5, 'states are 0 between minus it and it', above = 0},
    {'--noise', 0.3, 'standard deviation of the noise', above = 0},
    {'--hidden', 256, 'neurons in each of two hidden layers', least = 1},
    {'--epochs', 3, 'how often the training images are seen', least = 1},
    {'--batch', 100, 'images in a step', least = 1},
    {'--rate', 0.001, "Adam's learning rate", above = 0},
    {'--data', '', 'folder of the IDX files (default: they are fetched)'},
  }})
