-- The course's full regression: a network learns 12 x + 6 from noisy examples,
-- 5000 updates, eager and jitted.
--
--   nnlua scripts/linear_regression.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local random = require 'random'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local M = {}

-- Inputs (n x 3), and outputs (n x 6): 12 [x, x] + 6 and noise of standard
-- deviation 1.  The notebook draws both from one key, so that its noise
-- repeats its inputs; here each has its own.
function M.build_data (key, n)
  local input_key, noise_key = random.split(key)
  local inputs = random.normal(input_key, {n, 3})
  local noise = random.normal(noise_key, {n, 6})
  return inputs, 12 * torch.cat(inputs, inputs, 2) + 6 + noise
end

-- Linear(5), ReLU, Linear(6).
M.my_haiku_net = nn.without_apply_rng(nn.transform(function (x)
  local h = nn.functional.relu(nn.Linear(5)(x))
  return nn.Linear(6)(h)
end))

-- The mean of the squared differences.
function M.square_loss (params, net, x, y)
  return torch.pow(net.apply(params, x) - y, 2):mean()
end

-- The root of their sum; see scripts/functional.lua.
function M.norm_loss (params, net, x, y)
  return torch.sqrt(torch.pow(net.apply(params, x) - y, 2):sum())
end

-- One update of gradient descent: the loss before it, the new parameters.
function M.my_update (params, net, x, y, rate, loss_of)
  local loss, grads = autograd.value_and_grad(loss_of or M.square_loss)(
    params, net, x, y)
  return loss, autograd.tree.map(function (p, g) return p - rate * g end,
                                 params, grads)
end

-- So many calls of update (my_update, or it jitted): the parameters after
-- them, and the list of losses.
function M.train (update, params, x, y, rate, iterations, loss_of)
  local losses = {}
  for i = 1, iterations do
    losses[i], params = update(params, M.my_haiku_net, x, y, rate, loss_of)
  end
  return params, losses
end

-- ---- the script ----

local function main (run)
  local opt = run.opt
  local data_key, weight_key = random.split(run.key)
  local x, y = M.build_data(data_key, 128)
  local start = M.my_haiku_net.init(weight_key, x)

  local function train (update)
    return M.train(update, start, x, y, opt.rate, opt.iterations)
  end

  run:part 'The training loop, eager'
  local slow, params, losses = run:time('eager', train, M.my_update)
  run:finite(losses[opt.iterations])
  for i = 99, opt.iterations - 1, 100 do -- as the notebook counts, from 0
    run:say(('Loss at iteration %d: %.4f'):format(i, losses[i]))
  end
  run:say(('Loss after all updates: %.4f'):format(
    M.square_loss(params, M.my_haiku_net, x, y)))

  run:part 'The same, jitted'
  local fast, same, again = run:time('jitted', train,
                                     autograd.jit(M.my_update))
  run:say(('jitted is %.1f times as fast'):format(slow / fast))
  local equal = true
  for i = 1, opt.iterations do equal = equal and losses[i] == again[i] end
  run:check('all losses have the same bits', equal)
  run:near('so have the weights', same, params, 0)

  run:part 'What it has learned'
  local out = M.my_haiku_net.apply(params, x)
  local grads = autograd.grad(M.square_loss)(params, M.my_haiku_net, x, y)
  run:near('the gradient of the last bias is the mean of 2 (f(x) - y) / 6',
           grads.linear_1.b, (2 * (out - y)):mean(1):view(-1) / 6)
  -- the best that a linear function could do, by least squares
  local ones = torch.cat(x, torch.ones(128, 1), 2)
  local best = ones * torch.gels(y, ones)
  run:say(('mean square of the noise that least squares leaves: %.4f')
          :format(torch.pow(best - y, 2):mean()))
  local first = x:select(2, 1)
  local function distance (v) return v:select(2, 1) - (12 * first + 6) end
  run:plot {
    plot.line {{y = losses}, title = 'Loss of each update', logy = true,
               xlabel = 'update', ylabel = 'mean square', logx = true},
    plot.scatter {
      {x = first, y = distance(y), label = 'given', color = '#b0b0b0'},
      {x = first, y = distance(out), label = 'learned', color = '#2f7fb8'},
      title = 'The first output less 12 x + 6', xlabel = 'first input',
      key = 'top right'},
    columns = 2, size = {1200, 450}}
  return run:finish('final loss %.4f',
                    M.square_loss(params, M.my_haiku_net, x, y))
end

return exercise.script(M, main, {
  name = 'linear_regression',
  about = 'Learns 12 x + 6 from noisy examples, eager and jitted.',
  options = {
    {'--iterations', 5000, 'steps of gradient descent', least = 1},
    {'--rate', 0.01, 'size of a step', above = 0},
  }})
