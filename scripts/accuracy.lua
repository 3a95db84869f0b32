-- How well networks with learned activation functions, with ternary units, and
-- a small convolutional network read MNIST: the accuracies that the README
-- reports, of several seeds each.
--
--   nnlua scripts/accuracy.lua --net kaf --seeds 5
--   nnlua scripts/accuracy.lua --net ternary --seeds 5
--   nnlua scripts/accuracy.lua --net convnet --seeds 5
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
local data = require 'data'
local exercise = require 'nnlua.exercise'

local M = {}

local CLASSES, BATCH, QUICK = 10, 100, 10000

-- ---- the networks ----

-- Dense layers 784-512-512-10 with act(units) after the hidden ones.
local function dense (act)
  local net = nn.Sequential(nn.View(-1, 784))
  net:add(nn.Dense(784, 512)):add(act(512))
  net:add(nn.Dense(512, 512)):add(act(512))
  return net:add(nn.Dense(512, CLASSES))
end

M.nets = {
  relu = function () return dense(nn.ReLU) end,
  -- each unit learns its own function, which begins as elu
  kaf = function ()
    return dense(function (n) return nn.KAF(n, {init = 'elu'}) end)
  end,
  -- states -1, 0, 1 of a batch-normalised input and noise
  ternary = function ()
    return dense(function (n)
      return nn.Sequential(nn.BatchNormalization(n),
        nn.Ternary {thresholds = {-0.5, 0.5}, noise_sd = 0.3})
    end)
  end,
  convnet = function ()
    return nn.Sequential(
      nn.View(-1, 1, 28, 28),
      nn.SpatialConvolution(1, 16, 5, 5), nn.ReLU(),
      nn.SpatialMaxPooling(2, 2, 2, 2),
      nn.SpatialConvolution(16, 32, 5, 5), nn.ReLU(),
      nn.SpatialMaxPooling(2, 2, 2, 2),
      nn.View(-1, 512), nn.Dense(512, 128), nn.ReLU(),
      nn.Dense(128, CLASSES))
  end,
}

-- ---- training ----

-- Adam, whose rate falls to 0 along a cosine.  Returns the network's function
-- of a batch after training.
function M.train (net, train, opt, progress)
  local loader = data.loader(train, {batch = BATCH, shuffle = true,
                                     normalize = {0.1307, 0.3081}})
  local steps = opt.epochs * #loader
  local rate = optim.schedule.cosine {learningRate = opt.lr, steps = steps}
  local f, params = autograd.functionalize(net:training())
  local criterion, state = nn.CrossEntropyCriterion(), {}
  local gradient = autograd.value_and_grad(function (p, x, y)
    return criterion:forward(f(p, x), y)
  end)
  local step = autograd.jit(function (p, x, y, lr)
    local loss, grads = gradient(p, x, y)
    optim.adam(function () return loss, grads end, p, {learningRate = lr},
               state)
    return loss
  end)
  local i = 0
  for epoch = 1, opt.epochs do
    local sum = 0
    for x, y in loader:epoch(epoch) do
      i = i + 1
      sum = sum + step(params, x, y, rate(i))
    end
    if progress then progress(epoch, sum / #loader) end
  end
  return function (x)
    net:evaluate()
    return f(params, x)
  end
end

-- The fraction of images whose label is predicted.
function M.accuracy (predict, test)
  local right, all = 0, 0
  for x, y in data.loader(test, {batch = 500, normalize = {0.1307, 0.3081}})
              :epoch(1) do
    local _, best = predict(x):max(2)
    right = right + torch.eq(best:view(-1), y:view(-1)):sum()
    all = all + y:size(1)
  end
  return right / all
end

local function main (run)
  local opt = run.opt
  local dir = opt.data ~= '' and opt.data or nil
  local train = run:try(data.mnist, {dir = dir})
  local test = run:try(data.mnist, {dir = dir, train = false})
  if opt.quick and #train > QUICK then train = (data.split(train, QUICK)) end
  local sum, least, most = 0, 1, 0
  for seed = opt.seed, opt.seed + opt.seeds - 1 do
    torch.manualSeed(seed)
    local net = M.nets[opt.net]()
    local timer = torch.Timer()
    local predict = M.train(net, train, opt, function (epoch, loss)
      run:say(('seed %d, epoch %d: loss %.4f'):format(seed, epoch, loss))
    end)
    local seconds = timer:time().real
    local a = M.accuracy(predict, test)
    run:say(('seed %d: test accuracy %.4f, %.1f s an epoch'):format(
      seed, a, seconds / opt.epochs))
    sum, least, most = sum + a, math.min(least, a), math.max(most, a)
  end
  return run:finish('%s: test accuracy %.4f (%.4f to %.4f), %d seeds',
                    opt.net, sum / opt.seeds, least, most, opt.seeds)
end

return exercise.script(M, main, {
  name = 'accuracy', about = 'Test accuracies of networks on MNIST.',
  picture = false, quick = '10,000 training images',
  options = {
    {'--net', 'kaf', 'kaf, ternary, convnet or relu',
     choices = {'kaf', 'ternary', 'convnet', 'relu'}},
    {'--epochs', 5, 'how often all training images are seen', least = 1},
    {'--lr', 1e-3, 'Adam\'s first rate; it falls to 0 along a cosine',
     above = 0},
    {'--seeds', 1, 'how many seeds, from --seed on', least = 1},
    {'--data', '', 'folder of the IDX files (default: they are fetched)'},
  },
})
