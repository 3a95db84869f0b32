-- The course's application: a network learns whether the noisy sum of its
-- inputs is above 6.
--
--   nnlua scripts/classifier.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local random = require 'random'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local M = {}

-- Inputs (n x 36), n = 8 unless given, and labels (n x 1): 1 where the sum of
-- 12 inputs + noise is above 6, else 0.  The notebook draws inputs and noise
-- from one key, so that they are equal; here each has its own.
function M.build_input_output (key, n)
  local input_key, noise_key = random.split(key)
  local inputs = random.normal(input_key, {n or 8, 36})
  local noisy = 12 * inputs + random.normal(noise_key, {n or 8, 36})
  return inputs, torch.gt(noisy:sum(2), 6):long()
end

-- Linear(12), ReLU, Linear(12), ReLU, Linear(1): at least 0 means label 1.
function M.my_net_func (x)
  local h = nn.functional.relu(nn.Linear(12)(x))
  h = nn.functional.relu(nn.Linear(12)(h))
  return nn.Linear(1)(h)
end

M.my_net = nn.without_apply_rng(nn.transform(M.my_net_func))

-- sum f (1 - 2 y) + 0.01 sum f^2.  The first part alone has no minimum; with
-- the second each example has its least loss, -25, at f = 50 (2 y - 1).
function M.my_loss (params, net, x, labels)
  local f = net.apply(params, x)
  return torch.cmul(f, 1 - 2 * labels):sum() + 0.01 * torch.pow(f, 2):sum()
end

-- One update of gradient descent: the loss before it, the new parameters.
function M.my_update_function (params, net, x, labels, rate)
  local loss, grads = autograd.value_and_grad(M.my_loss)(params, net, x,
                                                         labels)
  return loss, autograd.tree.map(function (p, g) return p - rate * g end,
                                 params, grads)
end

-- The share of examples with the right label.
function M.my_accuracy (params, net, x, labels)
  local predicted = torch.ge(net.apply(params, x), 0)
  return torch.eq(predicted:long(), labels:long()):double():mean()
end

-- So many updates; iteration i, from 0, takes the examples batch(i).  Returns
-- the parameters and two lists: each loss, and the accuracy on the same
-- examples after the update.
function M.train (params, batch, rate, iterations)
  local step = autograd.jit(M.my_update_function)
  local losses, accuracies = {}, {}
  for i = 0, iterations - 1 do
    local x, labels = batch(i)
    losses[i + 1], params = step(params, M.my_net, x, labels, rate)
    accuracies[i + 1] = M.my_accuracy(params, M.my_net, x, labels)
  end
  return params, losses, accuracies
end

-- ---- the script ----

-- Means of n neighbours.
local function smooth (list, n)
  local means = {}
  for i = n, #list do
    local sum = 0
    for k = i - n + 1, i do sum = sum + list[k] end
    means[#means + 1] = sum / n
  end
  return torch.range(n, #list), means
end

local function picture (run, losses, accuracies, f, labels)
  local n = math.min(20, #losses)
  local x, loss = smooth(losses, n)
  local _, accuracy = smooth(accuracies, n)
  local mean = (' (mean of %d updates)'):format(n)
  run:plot {
    plot.line {{x = x, y = loss}, title = 'Loss' .. mean, xlabel = 'update'},
    plot.line {{x = x, y = accuracy}, title = 'Accuracy' .. mean,
               xlabel = 'update'},
    plot.hist {{f[torch.eq(labels, 0)], label = 'label 0'},
               {f[torch.eq(labels, 1)], label = 'label 1'},
               title = 'Outputs for new examples', bins = 40, xlabel = 'f(x)',
               ylabel = 'examples', key = 'outside'},
    columns = 3, size = {1560, 420}}
end

local function main (run)
  local opt, net = run.opt, M.my_net
  local weight_key, data_key, test_key = random.split(run.key, 3)

  run:part 'The data'
  local x, labels = M.build_input_output(data_key)
  run:say('sample input, its first columns:', x:narrow(2, 1, 6))
  run:say('sample output:', labels)

  run:part 'The network, the loss, the accuracy'
  local params = net.init(weight_key, x)
  run:say('parameters:', params)
  run:say('loss:', M.my_loss(params, net, x, labels), 'accuracy:',
          M.my_accuracy(params, net, x, labels))
  -- a network whose output is 50 times the side that the label says
  local ideal = {apply = function () return 50 * (2 * labels:float() - 1) end}
  run:near('the least loss is -25 for each example',
           M.my_loss(nil, ideal, x, labels), -25 * 8)

  run:part 'Training'
  local losses, accuracies
  params, losses, accuracies = M.train(params, function (i)
    return M.build_input_output(random.fold_in(data_key, i))
  end, opt.rate, opt.iterations)
  run:finite(losses[opt.iterations])
  for i = 0, opt.iterations - 1, 100 do
    run:say(('Accuracy at iteration %d: %.3f'):format(i, accuracies[i + 1]))
    run:say(('Loss at iteration %d: %.4f'):format(i, losses[i + 1]))
  end

  run:part 'New examples'
  x, labels = M.build_input_output(test_key, 4000)
  local accuracy = M.my_accuracy(params, net, x, labels)
  -- what the noise leaves to whoever knows the rule but not the noise
  local rule = torch.gt(12 * x:sum(2), 6):long()
  run:say(('accuracy of the network %.4f, of the rule itself %.4f'):format(
    accuracy, torch.eq(rule, labels):double():mean()))
  picture(run, losses, accuracies, net.apply(params, x), labels)
  return run:finish('accuracy on new examples %.4f', accuracy)
end

return exercise.script(M, main, {
  name = 'classifier',
  about = 'Learns whether the noisy sum of 36 numbers is above a bound.',
  options = {
    {'--iterations', 1000, 'steps of gradient descent', least = 1},
    {'--rate', 0.01, 'size of a step', above = 0},
  }})
