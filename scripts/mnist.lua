-- The exercise "identify MNIST digits": a dense network learns to read
-- handwritten digits by stochastic gradient descent.
--
--   nnlua scripts/mnist.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
local data = require 'data'
local random = require 'random'
local plot = require 'plot'
local nnlua = require 'nnlua'
local exercise = require 'nnlua.exercise'

local tree = autograd.tree

local M = {}

local CLASSES, VALIDATION, QUICK = 10, 10000, 20000

-- ---- the exercise ----

-- (x - mean) / std over all pixels of all images.  Without mean and std they
-- are those of the images themselves; they are returned as well, to be used
-- for the validation and test images.
--   local images, mean, std = M.normalize(train)
function M.normalize (images, mean, std)
  local x = images:dtype():find '^float' and images or images:float()
  if not mean then
    local all = images:double()
    mean, std = all:mean(), all:std(true) -- divided by the count
  end
  return (x - mean) / std, mean, std
end

-- Dense layers with ReLU between them and a sigmoid for each class.
--   local net = M.Net(784, {512, 512}, 10)
function M.Net (inputs, hidden, classes)
  local net = nn.Sequential(nn.View(-1, inputs))
  for _, n in ipairs(hidden) do
    net:add(nn.Dense(inputs, n)):add(nn.ReLU())
    inputs = n
  end
  return net:add(nn.Dense(inputs, classes)):add(nn.Sigmoid())
end

-- Label k of 1..classes to a row with 1 at place k, else 0.
function M.one_hot (labels, classes)
  return nn.functional.one_hot(labels, classes or CLASSES)
end

-- -(1/n) sum over n rows and all classes of y ln o + (1 - y) ln(1 - o).  o is
-- kept within 1e-7 of 0 and 1, where float32 has its last number below 1.
function M.cross_entropy (label, out)
  local o = torch.clamp(out, 1e-7, 1 - 1e-7)
  local terms = torch.cmul(label, torch.log(o))
                + torch.cmul(1 - label, torch.log(1 - o))
  return -terms:sum() / out:size(1)
end

-- The loss of a batch, and the network's output.  apply(params, x) is the
-- network; see autograd.functionalize.
function M.forward_step (params, apply, images, labels)
  local out = apply(params, images)
  return M.cross_entropy(M.one_hot(labels, out:size(2)), out), out
end

-- One step of gradient descent: p - rate g for each parameter p.
function M.sgd_step (params, grads, rate)
  return tree.map(function (p, g) return p - rate * g end, params, grads)
end

-- The same in place, with momentum: v = momentum v + g, p = p - rate v.
function M.momentum_step (params, velocity, grads, rate, momentum)
  tree.map(function (p, v, g)
    v:mul(momentum):add(g)
    return p:add(-rate, v)
  end, params, velocity, grads)
end

-- The share of images that the network puts into the right class.
function M.get_acc (apply, params, images, labels)
  local right, n = 0, images:size(1)
  for first = 1, n, 2000 do
    local count = math.min(2000, n - first + 1)
    local out = apply(params, images:narrow(1, first, count))
    right = right + M.right(out, labels:narrow(1, first, count))
  end
  return right / n
end

-- How many rows have their largest element at the label.
function M.right (out, labels)
  return torch.eq(out:argmax(2):view(-1), labels):sum()
end

-- The first n images, at most, that the network puts into the wrong class, as
-- a list, and "9 as 4" for each, of classes that are named.
function M.mistakes (apply, params, images, labels, n, names)
  local wrong, texts = {}, {}
  local predicted = apply(params, images:narrow(1, 1,
    math.min(images:size(1), 2000))):argmax(2)
  for i = 1, predicted:size(1) do
    local guess, label = predicted[i][1], labels[i]
    if guess ~= label and #wrong < n then
      wrong[#wrong + 1] = images[i]
      texts[#texts + 1] = names[label] .. ' as ' .. names[guess]
    end
  end
  return wrong, texts
end

-- ---- options ----

local spec = {
  name = 'mnist',
  about = 'Trains a dense network on MNIST and tests it.',
  quick = 'one epoch over 20,000 images',
  options = {
    {'--epochs', 5, 'how often all training images are seen', least = 0},
    {'--batch', 100, 'images in a step', least = 1},
    {'--lr', 0, 'learning rate (0: 0.1, for adam 0.001)'},
    {'--hidden', '512,512', 'sizes of the hidden layers'},
    {'--optimizer', 'momentum', 'sgd, momentum (0.9) or adam',
     choices = {'sgd', 'momentum', 'adam'}},
    {'--threads', 0, 'threads of the products (0: one for each core)',
     least = 0, most = 64},
    {'--workers', 1, 'threads that prepare batches (0: none)', least = 0,
     most = 64},
    {'--data', '', 'folder of the IDX files (default: they are fetched)'},
    {'--dataset', 'mnist', 'mnist or fashion-mnist',
     choices = {'mnist', 'fashion-mnist'}},
    {'--save', '', 'file for the trained network'},
    {'--load', '', 'file of a network to go on with'},
  },
}

local function hidden_sizes (text)
  local sizes = {}
  for word in (text .. ','):gmatch '%s*([^,]*),' do
    local n = word:match '^%d+%s*$' and math.tointeger(tonumber(word))
    if not n or n < 1 or n > 1e6 then return nil end
    sizes[#sizes + 1] = n
  end
  return sizes
end

function spec.check (opt)
  opt.sizes = hidden_sizes(opt.hidden)
  if not opt.sizes then
    return ("option --hidden: sizes such as 512,512 expected, got '%s'")
           :format(opt.hidden)
  end
  if not (opt.lr >= 0 and opt.lr < math.huge) then
    return ('option --lr: a number above 0 expected, got %s'):format(opt.lr)
  end
  if opt.lr == 0 then opt.lr = opt.optimizer == 'adam' and 0.001 or 0.1 end
  if opt.quick then opt.epochs = 1 end
end

-- ---- training ----

local function read_data (opt)
  local reader = opt.dataset == 'mnist' and data.mnist or data.fashion_mnist
  local dir = opt.data ~= '' and opt.data or nil
  local all = reader {dir = dir}
  local test = reader {dir = dir, train = false}
  -- the whole set has 10,000 images to validate with, a small one a fifth
  local held = math.min(VALIDATION, #all // 5)
  local train, valid = data.split(all, #all - held)
  if opt.quick and #train > QUICK then train = data.split(train, QUICK) end
  return train, valid, test
end

-- step(x, y, rate) -> loss, output; it updates params in place.
local function stepper (opt, apply, params)
  local gradient = autograd.value_and_grad(M.forward_step)
  local state, velocity = {}, tree.map(function (p)
    return torch.mul(p, 0)
  end, params)
  local update = {
    sgd = function (_, grads, rate)
      local new = M.sgd_step(params, grads, rate)
      tree.map(function (p, q) return p:copy(q) end, params, new)
    end,
    momentum = function (_, grads, rate)
      M.momentum_step(params, velocity, grads, rate, 0.9)
    end,
    adam = function (loss, grads, rate)
      optim.adam(function () return loss, grads end, params,
                 {learningRate = rate}, state)
    end,
  }
  return function (x, y, rate)
    local loss, grads, out = gradient(params, apply, x, y)
    update[opt.optimizer](loss, grads, rate)
    return loss, out
  end
end

-- The rate falls linearly from lr to a hundredth of it over all steps.
local function rate_at (opt, done, steps)
  return opt.lr * (1 - 0.99 * done / steps)
end

-- One epoch: the mean loss and the share of right answers meanwhile.
local function train_epoch (opt, loader, epoch, step)
  local steps, loss, right, seen = opt.epochs * #loader, 0, 0, 0
  local done = (epoch - 1) * #loader
  local bar <close> = nnlua.bar {total = #loader, quiet = opt.quiet,
    label = ('epoch %d/%d'):format(epoch, opt.epochs)}
  for x, y, info in loader:epoch(epoch) do
    local l, out = step(x, y, rate_at(opt, done, steps))
    done = done + 1
    loss, right, seen = loss + l * x:size(1), right + M.right(out, y),
                        seen + x:size(1)
    bar:update(info.batch, ('loss %.4f'):format(loss / seen))
  end
  return loss / seen, right / seen
end

local function load_params (run, params)
  local opt = run.opt
  local file = run:try(torch.load, opt.load)
  if type(file) ~= 'table' or type(file.params) ~= 'table'
     or type(file.sizes) ~= 'table' then
    run:fail(("'%s' holds no network of this script"):format(opt.load))
  end
  local theirs, ours = table.concat(file.sizes, ','),
                       table.concat(opt.sizes, ',')
  if theirs ~= ours then
    run:fail(("'%s' holds a network with hidden layers of %s, not %s; use "
              .. '--hidden %s'):format(opt.load, theirs, ours, theirs))
  end
  tree.map(function (p, q) return p:copy(q) end, params, file.params)
end

-- ---- the script ----

-- The parts of the exercise that can be checked by hand.
local function check_functions (run)
  run:part 'The cost'
  -- the exercise's own example
  local label = torch.Tensor {{1, 0}, {0, 1}, {0, 0}}
  local out = torch.Tensor {{0.2, 0.12}, {0.42, 0.21}, {0.22, 0.34}}
  run:near('cross_entropy of the example is 1.5022',
           M.cross_entropy(label, out), 1.5022, 5e-5)
  run:near('one_hot of 1 and 2', M.one_hot(torch.LongTensor {1, 2}, 2),
           torch.eye(2))
  local z = random.normal(run.key, {3, 2})
  run:near('its gradient before the sigmoid is (o - y) / n',
           autograd.grad(function (v)
             return M.cross_entropy(label, torch.sigmoid(v))
           end)(z), (torch.sigmoid(z) - label) / 3)
end

local names = {
  mnist = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'},
  ['fashion-mnist'] = {'top', 'trouser', 'pullover', 'dress', 'coat',
                       'sandal', 'shirt', 'sneaker', 'bag', 'boot'},
}

local function draw (run, curves, wrong, texts)
  if #curves.train == 0 then return end
  local figures = {plot.line {
    {y = curves.train, label = 'training'},
    {y = curves.valid, label = 'validation'},
    {x = {1, #curves.train}, y = {curves.test, curves.test}, label = 'test',
     style = 'dashed', color = '#666666'},
    title = 'Accuracy', xlabel = 'epoch', key = 'bottom right'},
    columns = 2, size = {1300, 500}}
  if #wrong > 0 then
    figures[2] = plot.grid {wrong, labels = texts, columns = 4,
                            title = 'Test images read wrongly'}
  end
  run:plot(figures)
end

-- Trains and tests as the options say; returns the test accuracy.
local function main (run)
  local opt = run.opt
  if opt.save ~= '' then -- what can fail at the end is tried before the work
    local ok, why = require 'nnlua.core'.file_writable(opt.save)
    if not ok then run:fail(why) end
  end
  if opt.threads > 0 then torch.setnumthreads(opt.threads) end

  local train, valid, test = run:try(read_data, opt)
  run:part 'The data'
  run:say(('%d images to train with, %d to validate, %d to test')
          :format(#train, #valid, #test))
  local mean, std = train:moments()
  local function prepared (set)
    return (M.normalize(set.images:float():div(255), mean, std)), set.labels
  end
  local valid_x, valid_y = prepared(valid)
  local loader = data.loader(train, {
    batch = opt.batch, shuffle = true, seed = opt.seed,
    workers = opt.workers, normalize = {mean, std}})
  check_functions(run)

  run:part 'Training'
  local net = M.Net(28 * 28, opt.sizes, CLASSES)
  local apply, params = autograd.functionalize(net)
  if opt.load ~= '' then load_params(run, params) end
  local step = stepper(opt, apply, params)
  local curves, timer = {train = {}, valid = {}}, torch.Timer()
  for epoch = 1, opt.epochs do
    local start = timer:time().real
    local loss, acc = train_epoch(opt, loader, epoch, step)
    local spent = timer:time().real - start
    local valid_acc = M.get_acc(apply, params, valid_x, valid_y)
    curves.train[epoch], curves.valid[epoch] = acc, valid_acc
    run:say(('epoch %d/%d  loss %.4f  training %.4f  validation %.4f  %.1f s')
            :format(epoch, opt.epochs, loss, acc, valid_acc, spent))
  end
  local test_x, test_y = prepared(test)
  curves.test = M.get_acc(apply, params, test_x, test_y)
  if opt.save ~= '' then
    torch.save(opt.save, {params = params, sizes = opt.sizes, mean = mean,
                          std = std, dataset = opt.dataset})
  end
  draw(run, curves, M.mistakes(apply, params, test_x, test_y, 12,
                               names[opt.dataset]))
  return run:finish('test accuracy %.4f', curves.test)
end

return exercise.script(M, main, spec)
