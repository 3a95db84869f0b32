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
local plot = require 'plot'
local nnlua = require 'nnlua'

local tree = autograd.tree

local M = {}

local CLASSES, VALIDATION = 10, 10000

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

-- ---- options ----

local function command_line ()
  local cmd = torch.CmdLine()
  cmd:text 'Trains a dense network on MNIST and tests it.'
  cmd:text()
  cmd:option('--epochs', 5, 'how often all training images are seen')
  cmd:option('--batch', 100, 'images in a step')
  cmd:option('--lr', 0, 'learning rate (0: 0.1 for sgd, 0.001 for adam)')
  cmd:option('--hidden', '512,512', 'sizes of the hidden layers')
  cmd:option('--optimizer', 'sgd', 'sgd (with momentum 0.9) or adam')
  cmd:option('--seed', 1, 'of the weights and of the order of the images')
  cmd:option('--threads', 0, 'threads of the products (0: one for each core)')
  cmd:option('--workers', 1, 'threads that prepare batches (0: none)')
  cmd:option('--data', '', 'folder of the IDX files (default: they are fetched)')
  cmd:option('--dataset', 'mnist', 'mnist or fashion-mnist')
  cmd:option('--save', '', 'file for the trained network')
  cmd:option('--load', '', 'file of a network to go on with')
  cmd:option('--plot', '', 'PNG file for the curves of accuracy '
             .. '(default: mnist.png; none: no picture)')
  cmd:option('--quiet', false, 'print the last line only')
  return cmd
end

local function integer (cmd, opt, name, least, most)
  local n = math.tointeger(opt[name])
  if not n or n < least or most and n > most then
    cmd:error(('option --%s: an integer %s expected, got %s'):format(name,
      most and ('from %d to %d'):format(least, most)
      or ('of at least %d'):format(least), tostring(opt[name])))
  end
  opt[name] = n
end

local function hidden_sizes (cmd, text)
  local sizes = {}
  for word in (text .. ','):gmatch '%s*([^,]*),' do
    local n = word:match '^%d+%s*$' and math.tointeger(tonumber(word))
    if not n or n < 1 or n > 1e6 then
      cmd:error(("option --hidden: sizes such as 512,512 expected, got '%s'")
                :format(text))
    end
    sizes[#sizes + 1] = n
  end
  return sizes
end

local function parse (args)
  local cmd = command_line()
  local opt = cmd:parse(args)
  integer(cmd, opt, 'epochs', 0)
  integer(cmd, opt, 'batch', 1)
  integer(cmd, opt, 'seed', math.mininteger)
  integer(cmd, opt, 'threads', 0, 64)
  integer(cmd, opt, 'workers', 0, 64)
  opt.sizes = hidden_sizes(cmd, opt.hidden)
  if opt.optimizer ~= 'sgd' and opt.optimizer ~= 'adam' then
    cmd:error(("option --optimizer: sgd or adam expected, got '%s'")
              :format(opt.optimizer))
  end
  if opt.dataset ~= 'mnist' and opt.dataset ~= 'fashion-mnist' then
    cmd:error(("option --dataset: mnist or fashion-mnist expected, got '%s'")
              :format(opt.dataset))
  end
  if not (opt.lr >= 0 and opt.lr < math.huge) then
    cmd:error(('option --lr: a number above 0 expected, got %s')
              :format(opt.lr))
  end
  if opt.lr == 0 then opt.lr = opt.optimizer == 'sgd' and 0.1 or 0.001 end
  return opt
end

-- Ends the script with a message: for mistakes that need no traceback.
local function fail (message)
  io.stdout:flush()
  io.stderr:write('mnist.lua: ', message, '\n')
  os.exit(1, true)
end

-- f(...); its error ends the script.
local function try (f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local message = tostring(results[2])
  if message:find('interrupted', 1, true) then error(message, 0) end
  fail((message:gsub('^[^:]*mnist%.lua:%d+: ', '')))
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
  return train, valid, test
end

-- Updates in place: step(x, y, rate) -> loss, output.
local function stepper (opt, apply, params)
  local gradient = autograd.value_and_grad(M.forward_step)
  if opt.optimizer == 'adam' then
    local state = {}
    return function (x, y, rate)
      local loss, grads, out = gradient(params, apply, x, y)
      optim.adam(function () return loss, grads end, params,
                 {learningRate = rate}, state)
      return loss, out
    end
  end
  local velocity = tree.map(function (p) return torch.mul(p, 0) end, params)
  return function (x, y, rate)
    local loss, grads, out = gradient(params, apply, x, y)
    M.momentum_step(params, velocity, grads, rate, 0.9)
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

local function load_params (opt, params)
  local file = try(torch.load, opt.load)
  if type(file) ~= 'table' or type(file.params) ~= 'table'
     or type(file.sizes) ~= 'table' then
    fail(("'%s' holds no network of this script"):format(opt.load))
  end
  local theirs, ours = table.concat(file.sizes, ','),
                       table.concat(opt.sizes, ',')
  if theirs ~= ours then
    fail(("'%s' holds a network with hidden layers of %s, not %s; use "
          .. '--hidden %s'):format(opt.load, theirs, ours, theirs))
  end
  tree.map(function (p, q) return p:copy(q) end, params, file.params)
end

-- What can fail at the end is tried before the work.
local function check_targets (opt)
  local asked = opt.plot ~= ''
  if opt.save ~= '' then
    local ok, why = require 'nnlua.core'.file_writable(opt.save)
    if not ok then fail(why) end
  end
  if opt.plot == 'none' then return nil end
  local file = asked and opt.plot or 'mnist.png'
  local ok, why = pcall(plot.check, file)
  if ok then return file end
  if asked then fail(why) end
  if not opt.quiet then print('no picture: ' .. why) end
end

local function draw (file, opt, curves)
  if not file or #curves.train == 0 then return end
  plot.line {
    {y = curves.train, label = 'training'},
    {y = curves.valid, label = 'validation'},
    {x = {#curves.train}, y = {curves.test}, label = 'test',
     style = 'points'},
    title = opt.dataset, xlabel = 'epoch', ylabel = 'accuracy',
    key = 'bottom right', file = file}
end

-- Trains and tests as the options say; returns the test accuracy.
function M.main (args)
  local opt = parse(args)
  local say = opt.quiet and function () end or print
  local picture = check_targets(opt)
  torch.manualSeed(opt.seed)
  if opt.threads > 0 then torch.setnumthreads(opt.threads) end

  local train, valid, test = try(read_data, opt)
  local mean, std = train:moments()
  local function prepared (set)
    return (M.normalize(set.images:float():div(255), mean, std)), set.labels
  end
  local valid_x, valid_y = prepared(valid)
  local loader = data.loader(train, {
    batch = opt.batch, shuffle = true, seed = opt.seed,
    workers = opt.workers, normalize = {mean, std}})

  local net = M.Net(28 * 28, opt.sizes, CLASSES)
  local apply, params = autograd.functionalize(net)
  if opt.load ~= '' then load_params(opt, params) end
  say(('%d images to train with, %d to validate, %d to test')
      :format(#train, #valid, #test))

  local step = stepper(opt, apply, params)
  local curves, timer = {train = {}, valid = {}}, torch.Timer()
  for epoch = 1, opt.epochs do
    local start = timer:time().real
    local loss, acc = train_epoch(opt, loader, epoch, step)
    local spent = timer:time().real - start
    local valid_acc = M.get_acc(apply, params, valid_x, valid_y)
    curves.train[epoch], curves.valid[epoch] = acc, valid_acc
    say(('epoch %d/%d  loss %.4f  training %.4f  validation %.4f  %.1f s')
        :format(epoch, opt.epochs, loss, acc, valid_acc, spent))
  end
  curves.test = M.get_acc(apply, params, prepared(test))
  if opt.save ~= '' then
    torch.save(opt.save, {params = params, sizes = opt.sizes, mean = mean,
                          std = std, dataset = opt.dataset})
  end
  draw(picture, opt, curves)
  print(('test accuracy %.4f'):format(curves.test))
  return curves.test
end

local function is_script (...)
  local file = select('#', ...) == 2 and select(2, ...)
  if type(file) == 'string' and file:find 'mnist%.lua$' then return false end
  return arg and arg[0] and arg[0]:find 'mnist%.lua$'
end

if is_script(...) then M.main(arg) end

return M
