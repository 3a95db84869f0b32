-- One epoch of training on MNIST: 50,000 images in batches of 200, shuffled,
-- gathered from bytes and normalised as part of the time.  The shorter form
-- of a quick run is scaled to the whole.

local torch = require 'torch'
local nn = require 'nn'
local optim = require 'optim'
local autograd = require 'autograd'
local data = require 'data'

local M = {}

local BATCH, STEPS = 200, 250
local MEAN, STD = 0.1307, 0.3081 -- MNIST's; loading is timed, not finding them
local rates = {sgd = 0.01, adam = 0.001}

local images
local function training_images (dir)
  if not images then
    images = data.split(data.mnist {dir = dir}, STEPS * BATCH)
  end
  return images
end

local function sizes_of (name)
  return name == '512' and {784, 512, 512, 10} or {784, 128, 10}
end

local function network (name)
  local net, sizes = nn.Sequential(nn.View(-1, 784)), sizes_of(name)
  for i = 2, #sizes do
    net:add(nn.Dense(sizes[i - 1], sizes[i]))
    if i < #sizes then net:add(nn.ReLU()) end
  end
  return net
end
M.network = network

-- ---- idioms: each makes step(x, y) -> loss ----

-- Gradients of a function; the parameters are changed in place.
local function functional (net, rule, jitted)
  local f, params = autograd.functionalize(net)
  local criterion, state = nn.CrossEntropyCriterion(), {}
  local gradient = autograd.value_and_grad(function (p, x, y)
    return criterion:forward(f(p, x), y)
  end)
  local config = {learningRate = rates[rule]}
  local function step (p, x, y)
    local loss, grads = gradient(p, x, y)
    if rule == 'sgd' then
      autograd.tree.map(function (w, g) return w:add(-rates.sgd, g) end, p,
                        grads)
    else
      optim.adam(function () return loss, grads end, p, config, state)
    end
    return loss
  end
  if jitted then step = autograd.jit(step) end
  return function (x, y) return step(params, x, y) end
end

-- Torch7's way: forward, backward, an optimizer on the flat parameters.
local function modules (net, rule)
  local criterion, state = nn.CrossEntropyCriterion(), {}
  local w, dw = net:getParameters()
  local config = {learningRate = rates[rule]}
  return function (x, y)
    local loss
    optim[rule](function ()
      dw:zero()
      local out = net:forward(x)
      loss = criterion:forward(out, y)
      net:backward(x, criterion:backward(out, y))
      return loss, dw
    end, w, config, state)
    return loss
  end
end

local idioms = {
  eager = function (net, rule) return functional(net, rule, false) end,
  jit = function (net, rule) return functional(net, rule, true) end,
  modules = modules,
}

-- step(x, y) -> loss of a network
function M.trainer (net, rule, idiom) return idioms[idiom](net, rule) end

-- of(net, rule, idiom, o) -> a function that trains and returns the seconds of
-- an epoch.  o: data (folder), threads, steps (fewer than 250).
function M.of (net, rule, idiom, o)
  torch.manualSeed(1)
  local loader = data.loader(training_images(o.data), {
    batch = BATCH, shuffle = true, workers = o.threads > 1 and 1 or 0,
    normalize = {MEAN, STD}})
  local step = idioms[idiom](net, rule)
  local number = 0
  local function run (steps)
    number = number + 1
    local done, loss = 0, 0
    local start = o.clock()
    for x, y in loader:epoch(number) do
      loss = step(x, y)
      done = done + 1
      if done == steps then break end
    end
    local spent = o.clock() - start
    assert(loss < 10, 'the loss has grown')
    return spent * STEPS / steps
  end
  run(3)
  return function () return run(math.min(o.steps or STEPS, STEPS)) end
end

-- The same of the network `name`.
function M.epoch (name, rule, idiom, o)
  torch.manualSeed(1)
  return M.of(network(name), rule, idiom, o)
end

-- The seconds of capturing and compiling a jitted Adam step: its first call
-- less its third, which replays (the second captures again, to compare).
function M.compile (o)
  local x, y = torch.rand(BATCH, 784), torch.ones(BATCH):long()
  return function ()
    local step = functional(network '512', 'adam', true)
    local times = {}
    for i = 1, 3 do
      local start = o.clock()
      step(x, y)
      times[i] = o.clock() - start
    end
    return times[1] - times[3]
  end
end

-- Images a second become seconds for each image: inference on random images.
function M.infer (name, batch, idiom)
  local f, params = autograd.functionalize(network(name):evaluate())
  local x = torch.randn(batch, 784)
  local g = idiom == 'jit' and autograd.jit(f) or f
  return function () return g(params, x) end
end

return M
