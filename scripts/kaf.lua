-- The exercise "kernel activation functions": activation functions that each
-- unit learns for itself, from a scalar function by vmap to a layer.
--
--   nnlua scripts/kaf.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
local data = require 'data'
local plot = require 'plot'
local nnlua = require 'nnlua'
local exercise = require 'nnlua.exercise'

local M = {}

-- ---- the function ----

-- The interlude on transforms: grad takes a function and returns one.
function M.square_sum (x) return torch.pow(x, 2):sum() end

-- exp(-(x - c)^2 / (2 sigma^2)), for one centre or a vector of them.
function M.gauss_kernel (x, center, sigma)
  return torch.exp(torch.pow(x - center, 2) / (-2 * sigma ^ 2))
end

-- phi(x) = sum_i alpha_i kernel(x, c_i): a number for a number x; alpha (D),
-- centers (D).
function M.kaf (x, alpha, centers, sigma)
  return torch.cmul(M.gauss_kernel(x, centers, sigma), alpha):sum()
end

-- x (n), alpha (n x D): a function for each unit.  The centers are shared, so
-- their dimension is 0.
M.kaf_units = autograd.vmap(M.kaf, {1, 1, 0, 0})

-- x (batch x n), alpha (n x D): the same functions for each example.
M.kaf_batch = autograd.vmap(M.kaf_units, {1, 0, 0, 0})

-- D centers from -boundary to boundary, and sigma: twice their distance.
function M.dictionary (D, boundary)
  return torch.linspace(-boundary, boundary, D, {dtype = 'float64'}),
         2 * (2 * boundary / (D - 1))
end

-- The alpha that makes phi the function f (of a tensor), by kernel ridge
-- regression: (K + eps I) alpha = f(centers), K_ij = kernel(c_i, c_j).
function M.ridge (f, centers, sigma, eps)
  local K = autograd.vmap(M.gauss_kernel, {1, 0, 0})(centers, centers, sigma)
  local D = centers:nElement()
  local A = K + torch.eye(D):type(K:type()) * eps
  return torch.gesv(f(centers):view(D, 1), A):view(D)
end

-- ---- a layer ----

local classes = {}
local KAF, parent = torch.class('kaf.KAF', 'nn.Module', classes)

KAF.parameterNames = {'alpha'}

-- n units with D centers each, all ReLUs (of their centers' range) at first.
--   M.KAF(3, 20, 3):forward(torch.randn(5, 3))
function KAF:__init (n, D, boundary)
  parent.__init(self)
  local centers, sigma = M.dictionary(D, boundary)
  local alpha = M.ridge(torch.relu, centers, sigma, 1e-4)
  self.sigma, self.centers = sigma, centers
  self.alpha = alpha:view(1, D):expand(n, D):clone():type(self._type)
end

function KAF:compute (x)
  return M.kaf_batch(x, self.alpha, self.centers:type(x:type()), self.sigma)
end

M.KAF = classes.KAF

-- ---- training ----

-- The mean squared error of units at x (batch x n).
function M.fit_loss (alpha, x, y, centers, sigma)
  return torch.pow(M.kaf_batch(x, alpha, centers, sigma) - y, 2):mean()
end

-- Gradient descent, alpha = alpha - rate dloss/dalpha.  Returns alpha and the
-- losses before each step.
function M.fit (alpha, x, y, centers, sigma, rate, steps)
  local step = autograd.jit(function (a, r)
    local loss, g = autograd.value_and_grad(M.fit_loss)(a, x, y, centers,
                                                        sigma)
    return a - r * g, loss
  end)
  local losses = {}
  for k = 1, steps do alpha, losses[k] = step(alpha, rate) end
  return alpha, losses
end

-- 784 - hidden - 10 with `activation` (a module) between.
function M.Net (hidden, activation)
  return nn.Sequential(nn.View(-1, 28 * 28), nn.Dense(28 * 28, hidden),
                       activation, nn.Dense(hidden, 10))
end

-- A step of Adam, in place: step(x, y, rate) -> loss.
function M.stepper (apply, params)
  local state = {}
  local gradient = autograd.value_and_grad(function (p, x, y)
    return nn.CrossEntropyCriterion():forward(apply(p, x), y)
  end)
  return autograd.jit(function (x, y, rate)
    local loss, grads = gradient(params, x, y)
    optim.adam(function () return loss, grads end, params,
               {learningRate = rate}, state)
    return loss
  end)
end

-- The share of images that the network puts into the right class.
function M.accuracy (apply, params, images, labels)
  local right, n = 0, images:size(1)
  for first = 1, n, 1000 do
    local count = math.min(1000, n - first + 1)
    local out = apply(params, images:narrow(1, first, count))
    right = right + torch.eq(out:argmax(2):view(-1),
                             labels:narrow(1, first, count)):sum()
  end
  return right / n
end

-- ---- the script ----

-- What one unit learns: no common activation function.
local function target (x)
  return torch.cmul(torch.sin(x * 2.5), torch.exp(torch.pow(x, 2) * -0.15))
end

local function read_data (run)
  local dir = run.opt.data ~= '' and run.opt.data or nil
  local train = data.mnist {dir = dir}
  if run.quick then
    train = data.subset(train, 1, math.min(#train, 10000))
  end
  return train, data.mnist {dir = dir, train = false}
end

-- Trains a network; returns its test accuracy after each epoch.
local function train_net (run, name, net, loader, test_x, test_y)
  local opt, list, timer = run.opt, {}, torch.Timer()
  local apply, params = autograd.functionalize(net)
  local step = M.stepper(apply, params)
  for epoch = 1, opt.epochs do
    local sum, start = 0, timer:time().real
    local bar <close> = nnlua.bar {total = #loader, quiet = run.quiet,
      label = ('%s %d/%d'):format(name, epoch, opt.epochs)}
    for x, y, info in loader:epoch(epoch) do
      sum = sum + step(x, y, opt.rate)
      bar:update(info.batch, ('loss %.4f'):format(sum / info.batch))
    end
    local spent = timer:time().real - start
    list[epoch] = M.accuracy(apply, params, test_x, test_y)
    run:say(('%-4s epoch %d/%d  loss %.4f  test accuracy %.4f  %.1f s'):format(
      name, epoch, opt.epochs, sum / #loader, list[epoch], spent))
  end
  return list
end

-- The units whose functions are farthest from the one they began with.
local function changed_most (curves, first, count)
  local far = torch.pow(curves - first:view(1, -1):expandAs(curves), 2):sum(2)
  local _, order = far:view(-1):sort(1, true)
  return order:narrow(1, 1, count):totable()
end

local function picture (run, x, fits, layer, accuracies)
  local curves, at = layer:curves(torch.linspace(
    -run.opt.boundary, run.opt.boundary, 121))
  local first = torch.relu(at)
  local learned = {{x = at, y = first, label = 'ReLU', style = 'dashed',
                    color = '#333333'}}
  for _, i in ipairs(changed_most(curves, first, 6)) do
    learned[#learned + 1] = {x = at, y = curves[i], label = 'unit ' .. i}
  end
  local epochs = torch.range(1, run.opt.epochs)
  run:plot {
    plot.line {
      {x = x, y = torch.relu(x), label = 'ReLU'},
      {x = x, y = fits.relu, label = 'ridge regression', style = 'dashed'},
      title = 'A KAF that begins as ReLU', xlabel = 'x', key = 'top left',
      yrange = {-0.5, run.opt.boundary + 1}},
    plot.line {
      {x = x, y = target(x), label = 'function'},
      {x = x, y = fits.learned, label = 'learned', style = 'dashed'},
      {x = x, y = fits.relu, label = 'before', color = '#b0b0b0'},
      title = 'One unit learns a function', xlabel = 'x', key = 'top left',
      xrange = {-3, 3}, yrange = {-1.5, 3}},
    plot.line {title = 'Functions learned on MNIST', xlabel = 'x',
               key = 'top left', table.unpack(learned)},
    plot.line {
      {x = epochs, y = accuracies.kaf, label = 'KAF'},
      {x = epochs, y = accuracies.relu, label = 'ReLU', style = 'dashed'},
      title = 'Test accuracy on MNIST', xlabel = 'epoch',
      key = 'bottom right'},
    columns = 2, size = {1200, 900}}
end

local function main (run)
  local opt = run.opt
  local train, test = run:try(read_data, run)

  run:part 'A transform takes a function and returns one'
  local grad = autograd.grad(M.square_sum)(torch.ones(3))
  run:say('grad(square_sum)(1, 1, 1) =', table.unpack(grad:totable()))
  run:near('it is 2 x', grad, torch.full({3}, 2))

  run:part 'The gaussian kernel, and a KAF of a scalar'
  local centers, sigma = M.dictionary(opt.D, opt.boundary)
  local alpha = torch.randn(opt.D):double()
  run:say(('%d centers from %g to %g, sigma %.4f'):format(opt.D,
    -opt.boundary, opt.boundary, sigma))
  run:near('the kernel is 1 at its centre and e^-1/2 at sigma',
           {M.gauss_kernel(0.5, 0.5, sigma),
            M.gauss_kernel(0.5 + sigma, 0.5, sigma)}, {1, math.exp(-0.5)})
  run:say(('phi(0.5) = %.4f'):format(M.kaf(0.5, alpha, centers, sigma)))

  run:part 'vmap: vectors, units, batches'
  local n = 4
  local x, alphas = torch.randn(8, n):double(),
                    torch.randn(n, opt.D):double()
  local y = M.kaf_batch(x, alphas, centers, sigma)
  run:say('a batch of 8 for 4 units:', y:size(1) .. ' x ' .. y:size(2))
  run:near('entry 3, 2 is unit 2 of example 3', y[3][2],
           M.kaf(x[3][2], alphas[2], centers, sigma))

  run:part 'A layer'
  local mine = M.KAF(n, opt.D, opt.boundary):double()
  local theirs = nn.KAF(n, {D = opt.D, boundary = opt.boundary}):double()
  theirs.alpha:copy(mine.alpha)
  local g = torch.randn(8, n):double()
  run:near('it has the outputs of nn.KAF', mine:forward(x), theirs:forward(x),
           1e-9)
  run:near('its gradient for x', mine:backward(x, g), theirs:backward(x, g),
           1e-9)
  run:near('and for alpha', mine.gradAlpha, theirs.gradAlpha, 1e-9)

  run:part 'Beginning as ReLU'
  local relu = M.ridge(torch.relu, centers, sigma, 1e-4)
  run:near("alpha is nn.KAF's {init = 'relu'}", relu,
           nn.functional.kaf_ridge('relu', {D = opt.D,
                                            boundary = opt.boundary}), 1e-6)
  local line = torch.linspace(-opt.boundary - 1, opt.boundary + 1, 161,
                              {dtype = 'float64'})
  local function at (a)
    return M.kaf_batch(line:view(-1, 1), a:view(1, -1), centers, sigma):view(-1)
  end
  local inside = torch.le(torch.abs(line), opt.boundary)
  local fits = {relu = at(relu)}
  run:say(('largest distance to ReLU within the boundary: %.4f'):format(
    torch.abs(fits.relu - torch.relu(line))[inside]:max()))

  run:part(('One unit learns a function in %d steps'):format(opt.steps))
  local points = torch.linspace(-3, 3, 101, {dtype = 'float64'}):view(-1, 1)
  local learned, losses = M.fit(relu:view(1, -1), points, target(points),
                                centers, sigma, 0.5, opt.steps)
  fits.learned = at(learned)
  for k = 1, opt.steps, math.max(1, opt.steps // 5) do
    run:say(('step %4d  loss %.6f'):format(k, losses[k]))
  end
  run:say(('step %4d  loss %.6f'):format(opt.steps + 1,
    M.fit_loss(learned, points, target(points), centers, sigma)))

  run:part 'A network with them reads digits'
  -- nn.KAF computes the same without an array of all kernels' values.
  local mean, std = train:moments()
  local test_x = (test.images:float() / 255 - mean) / std
  local loader <close> = data.loader(train, {
    batch = opt.batch, shuffle = true, seed = opt.seed, workers = 1,
    normalize = {mean, std}})
  local layer = nn.KAF(opt.hidden, {D = opt.D, boundary = opt.boundary,
                                    init = 'relu'})
  local net = M.Net(opt.hidden, layer)
  run:say(net)
  local plain = net:clone()
  plain:replace(function (m)
    return torch.isTypeOf(m, 'nn.KAF') and nn.ReLU() or m
  end)
  local accuracies = {
    kaf = train_net(run, 'KAF', net, loader, test_x, test.labels),
    relu = train_net(run, 'ReLU', plain, loader, test_x, test.labels)}
  picture(run, line, fits, layer, accuracies)
  return run:finish('test accuracy %.4f, with ReLU %.4f',
                    accuracies.kaf[opt.epochs], accuracies.relu[opt.epochs])
end

return exercise.script(M, main, {
  name = 'kaf',
  about = 'Activation functions that each unit learns for itself.',
  quick = 'trains on 10,000 images only',
  options = {
    {'--D', 20, 'centers of a function', least = 2, most = 100},
    {'--boundary', 4, 'centers are between minus it and it', above = 0},
    {'--steps', 1000, 'steps to learn a function in', least = 1},
    {'--hidden', 100, 'units of the network', least = 6},
    {'--epochs', 3, 'how often the training images are seen', least = 1},
    {'--batch', 100, 'images in a step', least = 1},
    {'--rate', 0.001, "Adam's learning rate", above = 0},
    {'--data', '', 'folder of the IDX files (default: they are fetched)'},
  }})
