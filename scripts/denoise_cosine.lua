-- The exercise "denoise a cosine": a network with one hidden layer learns to
-- take the noise out of a signal of 200 samples.
--
--   nnlua scripts/denoise_cosine.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local autograd = require 'autograd'
local random = require 'random'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local M = {}

-- y: n samples of the cosine from -3 pi to 3 pi.
function M.cosine (n)
  return torch.cos(torch.linspace(-3 * math.pi, 3 * math.pi, n))
end

-- The signal with noise of standard deviation 1, drawn from a key.
function M.add_noise (key, y)
  return y + random.normal(key, {y:nElement()})
end

function M.sigmoid (x) return 1 / (1 + torch.exp(-x)) end

-- o = W_2 sigmoid(W_1 x + b): W_1 (hidden x n), W_2 (n x hidden), b (hidden).
-- `*` of a matrix and a vector is NumPy's @.
function M.net (params, x)
  return params.W_2 * M.sigmoid(params.W_1 * x + params.b)
end

-- Weights and bias from U[-0.1, 0.1].
function M.init (key, n, hidden)
  local k1, k2, k3 = random.split(key, 3)
  return {
    W_1 = random.uniform(k1, {hidden, n}, -0.1, 0.1),
    W_2 = random.uniform(k2, {n, hidden}, -0.1, 0.1),
    b = random.uniform(k3, {hidden}, -0.1, 0.1),
  }
end

-- 1/2 sum (y - o)^2
function M.cost (y, o) return 0.5 * torch.pow(y - o, 2):sum() end

-- The forward pass: the network, then the cost.
function M.net_cost (params, x, y) return M.cost(y, M.net(params, x)) end

-- One update of gradient descent, w = w - rate dcost/dw for each weight.
-- Returns the cost before it, and the new weights.
function M.update (params, x, y, rate)
  local cost, grads = autograd.value_and_grad(M.net_cost)(params, x, y)
  return cost, autograd.tree.map(function (w, g) return w - rate * g end,
                                 params, grads)
end

-- So many updates; update k takes the signal noisy(k).  Returns the weights
-- and the list of costs.
function M.train (params, noisy, y, rate, updates)
  local step, costs = autograd.jit(M.update), {}
  for k = 1, updates do
    costs[k], params = step(params, noisy(k), y, rate)
  end
  return params, costs
end

-- ---- the script ----

local function picture (run, x, y, o, costs)
  local t = torch.linspace(-3 * math.pi, 3 * math.pi, y:nElement())
  run:plot {
    plot.line {
      {x = t, y = x, label = 'noisy signal', color = '#b0b0b0'},
      {x = t, y = o, label = 'network output', color = '#2f7fb8'},
      {x = t, y = y, label = 'cosine', style = 'dashed', color = '#d9732e'},
      title = 'A denoised cosine', xlabel = 't', key = 'top right',
      yrange = {-4, 5}},
    plot.line {
      {y = costs}, title = 'Cost of each update', xlabel = 'update',
      ylabel = '1/2 sum (y - o)^2', logy = true},
    columns = 2, size = {1200, 450}}
end

local function main (run)
  local opt = run.opt
  local data_key, weight_key = random.split(run.key)

  run:part 'A cosine and noise'
  local y = M.cosine(opt.samples)
  local function noisy (k) return M.add_noise(random.fold_in(data_key, k), y) end
  local x = noisy(1)
  run:say(('%d samples, standard deviation of the noise %.3f')
          :format(opt.samples, torch.std(x - y)))

  run:part 'The sigmoid'
  local at = torch.Tensor {-2, 0, 2}
  run:say('sigmoid of -2, 0, 2:', M.sigmoid(at))
  run:near('it is (1 + tanh(x/2)) / 2', M.sigmoid(at),
           (1 + torch.tanh(at / 2)) / 2)

  run:part 'A dense layer, with weights from U[-0.1, 0.1]'
  local params = M.init(weight_key, opt.samples, opt.hidden)
  run:say(params)
  local o = M.net(params, x)
  run:check('the output has as many samples as the signal',
            o:nElement() == y:nElement())

  run:part 'The squared error, and its gradient'
  local cost, grads = autograd.value_and_grad(M.net_cost)(params, x, y)
  run:say(('cost before training: %.4f'):format(cost))
  -- by hand: dcost/dW_2 = (o - y) s', with s the hidden layer's output
  local s = M.sigmoid(params.W_1 * x + params.b)
  run:near('the gradient of W_2 is (o - y) s', grads.W_2, torch.ger(o - y, s))

  run:part(('%d updates, each with fresh noise'):format(opt.updates))
  local costs
  params, costs = M.train(params, noisy, y, opt.rate, opt.updates)
  run:finite(costs[opt.updates])
  for k = math.max(1, opt.updates // 10), opt.updates,
          math.max(1, opt.updates // 10) do
    run:say(('update %3d  cost %.4f'):format(k, costs[k]))
  end

  run:part 'The output after training'
  o = M.net(params, x)
  local function distance (v) return torch.pow(v - y, 2):mean() end
  run:say(('mean squared distance to the cosine: noisy signal %.2g, '
           .. 'output %.2g'):format(distance(x), distance(o)))
  -- What it has learned is this one signal, not to take out noise: from noise
  -- alone it makes much the same cosine.
  run:say(('output on noise without any signal: %.2g')
          :format(distance(M.net(params, noisy(0) - y))))
  picture(run, x, y, o, costs)
  return run:finish('final cost %.4f', M.cost(y, o))
end

return exercise.script(M, main, {
  name = 'denoise_cosine',
  about = 'Learns to take the noise out of a cosine.',
  options = {
    {'--samples', 200, 'length of the signal', least = 2},
    {'--hidden', 10, 'hidden neurons', least = 1},
    {'--updates', 100, 'steps of gradient descent', least = 1},
    {'--rate', 0.01, 'size of a step', above = 0},
  }})
