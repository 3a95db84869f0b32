-- The course's "introduction to haiku": networks as pure functions of their
-- parameters, and gradient descent on them.
--
--   nnlua scripts/functional.lua --help
--
-- Required as a module, it returns the exercise's functions and runs nothing.

local torch = require 'torch'
local nn = require 'nn'
local autograd = require 'autograd'
local plot = require 'plot'
local exercise = require 'nnlua.exercise'

local tree = autograd.tree

local M = {}

-- One dense layer of 12 outputs.  The function is impure: the layer makes
-- parameters of its own, other ones in each call.  nn.transform turns it into
-- a pair of pure ones, init and apply.
function M.easy_linear_net (x) return nn.Linear(12)(x) end

-- The exercise: Linear(5), ReLU, Linear(6).  The layers are constructed in
-- the order in which they are called, since that is how they are numbered.
function M.my_haiku_net_func (x)
  local h = nn.Linear(5)(x)
  h = nn.functional.relu(h)
  return nn.Linear(6)(h)
end

M.ez_linear = nn.without_apply_rng(nn.transform(M.easy_linear_net))
M.my_haiku_net = nn.without_apply_rng(nn.transform(M.my_haiku_net_func))

-- The sum of the outputs.
function M.loss_fn (params, net, input)
  return net.apply(params, input):sum()
end

-- One update of gradient descent on loss_fn: the loss, the new parameters.
function M.update_fn (params, net, input, rate)
  local loss, grads = autograd.value_and_grad(M.loss_fn)(params, net, input)
  return loss, tree.map(function (p, g) return p - rate * g end, params, grads)
end

-- The mean of the squared differences.
function M.square_loss (params, net, input, target)
  return torch.pow(net.apply(params, input) - target, 2):mean()
end

-- The other reading of the text, "the L2 norm": the root of their sum.  Its
-- gradient does not shrink near the minimum, so that training goes on
-- jumping there; that is why the mean of squares is used.
function M.norm_loss (params, net, input, target)
  return torch.sqrt(torch.pow(net.apply(params, input) - target, 2):sum())
end

-- The same update on square_loss, or another loss.
function M.my_update (params, net, input, target, rate, loss_of)
  local loss, grads = autograd.value_and_grad(loss_of or M.square_loss)(
    params, net, input, target)
  return loss, tree.map(function (p, g) return p - rate * g end, params, grads)
end

-- p - g for each leaf of two trees.
function M.subtract (params, grads)
  return tree.map(function (p, g) return p - g end, params, grads)
end

-- ---- the script ----

local function transform (run)
  run:part 'nn.transform: init and apply'
  local net = nn.transform(M.easy_linear_net)
  local params = net.init(run.key, torch.zeros(1, 6))
  run:say('parameters:', params)
  local out = net.apply(params, run.key, torch.ones(1, 6))
  run:say('outputs:', out)
  run:near('they are x w + b', out,
           torch.ones(1, 6) * params.linear.w + params.linear.b)
  -- Question: why do we need a random key to initialise the parameters
  -- Answer: the weights are drawn at random, since equal units would get
  -- equal gradients and stay equal; and a pure function has no generator of
  -- its own, so its randomness has to be an argument.
  run:check('one key gives the same parameters each time', torch.equal(
    params.linear.w, net.init(run.key, torch.zeros(1, 6)).linear.w))

  -- In Haiku the function itself, not transformed, can't be called.
  run:check('called without nn.transform, its weights are other ones each time',
            not torch.equal(M.easy_linear_net(torch.ones(1, 6)),
                            M.easy_linear_net(torch.ones(1, 6))))

  run:part 'nn.without_apply_rng: apply without a key'
  local pure = M.ez_linear.apply(params, torch.ones(1, 6))
  run:check('the outputs are the same', torch.equal(out, pure))
  return params
end

local function own_net (run)
  run:part 'Exercise: Linear(5), ReLU, Linear(6)'
  local x = torch.ones(3, 12)
  local params = M.my_haiku_net.init(run.key, x)
  run:say('parameters:', params)
  local out = M.my_haiku_net.apply(params, x)
  run:say('outputs:', out)
  run:near('equal rows give equal outputs', out[1], out[3])
  return params
end

local function losses (run, params)
  run:part 'A loss and its gradient'
  -- Question: why is it important that the first argument of the loss is the
  -- network parameters
  -- Answer: grad differentiates its function by the first argument.
  -- Question: what is the dimension of the output of the loss function, and
  -- why is it important
  -- Answer: 0, it is one number.  The gradient is that of a number; for more
  -- outputs there would be a matrix of derivatives (autograd.jacobian).
  local x = torch.ones(1, 6)
  local loss = M.loss_fn(params, M.ez_linear, x)
  local grads = autograd.grad(M.loss_fn)(params, M.ez_linear, x)
  run:say('loss:', loss, 'gradient:', grads)
  run:near('dloss/dw is x for each output, dloss/db is 1', grads, {
    linear = {w = torch.ones(6, 12), b = torch.ones(12)}}, 0)

  run:part 'Both by one call, value_and_grad'
  local value, again = autograd.value_and_grad(M.loss_fn)(params, M.ez_linear,
                                                          x)
  run:near('loss and gradient are the same', {value, again}, {loss, grads}, 0)

  run:part 'An update: p - 0.1 g'
  local before, new = M.update_fn(params, M.ez_linear, x, 0.1)
  local after = M.loss_fn(new, M.ez_linear, x)
  run:say('loss before and after:', before, after)
  -- each of 12 x (6 + 1) parameters moves by 0.1 times 1
  run:near('it falls by 0.1 x 84', before - after, 8.4)
end

local function trees (run)
  run:part 'tree.map'
  local values = {a = torch.ones(2, 2), b = torch.zeros(4)}
  local grads = {a = torch.Tensor {{0.1, 0}, {0.2, 0.3}},
                 b = torch.Tensor {0.1, 0, 0, 0}}
  local new = M.subtract(values, grads)
  run:say('a:', new.a, 'b:', new.b)
  run:near('each leaf is p - g', new,
           {a = torch.Tensor {{0.9, 1}, {0.8, 0.7}},
            b = torch.Tensor {-0.1, 0, 0, 0}})
end

local function square (run, params)
  run:part 'Exercise: square_loss and my_update'
  local x, target = torch.ones(3, 12), torch.ones(3, 6)
  local step = autograd.jit(M.my_update)
  local curve, first = {}, nil
  for k = 1, 30 do
    curve[k], params = step(params, M.my_haiku_net, x, target, 0.1)
    first = first or params
  end
  run:say('value:', curve[1])
  run:say('new parameters:', first)
  run:say(('after 10, 20 and 30 updates: %.3g, %.3g, %.3g')
          :format(curve[10], curve[20], curve[30]))
  return curve
end

-- JAX refuses this: its jit takes arrays and trees of them, and a network is
-- neither, so that there it has to come in through a closure.  Here jit
-- passes whatever is no tensor or number to the function untouched, and
-- compiles anew for another network.
local function modules (run, params)
  run:part 'A network as an argument of jit'
  local x = torch.ones(1, 6)
  local loss, new = autograd.jit(M.update_fn)(params, M.ez_linear, x, 0.1)
  run:say('value:', loss)
  local by_closure = autograd.jit(function (p, input, rate)
    return M.update_fn(p, M.ez_linear, input, rate)
  end)
  run:near('by a closure, as the course does, it is the same',
           {by_closure(params, x, 0.1)}, {loss, new}, 0)
  -- a module that holds its weights works too: they are read by reference
  local module = nn.Linear(6, 12)
  local forward = autograd.jit(function (m, input) return m:forward(input) end)
  local same = true
  for _ = 1, 3 do
    same = same and torch.equal(forward(module, x), module:forward(x))
    module.weight:mul(2)
  end
  run:check("a module's weights may change between the calls", same)
end

local function initial_weights (run, curve)
  run:part 'How a Linear draws its weights'
  local n = 64
  local net = nn.transform(function (x) return nn.Linear(50)(x) end)
  local w = net.init(run.key, torch.zeros(1, n)).linear.w * math.sqrt(n)
  run:check('they are at most 2 / sqrt(inputs)',
            torch.abs(w):max() <= 2)
  run:plot {
    plot.line {{y = curve}, title = 'square_loss', xlabel = 'update',
               ylabel = 'loss'},
    plot.hist {w, bins = 25, range = {-2.5, 2.5},
               title = 'Initial weights of a Linear',
               xlabel = 'w sqrt(inputs)', ylabel = 'weights'},
    columns = 2, size = {1100, 430}}
end

local function main (run)
  local easy = transform(run)
  local params = own_net(run)
  losses(run, easy)
  trees(run)
  local curve = square(run, params)
  modules(run, easy)
  initial_weights(run, curve)
  return run:finish('loss after 30 updates %.3g', curve[#curve])
end

return exercise.script(M, main, {
  name = 'functional',
  about = 'Networks as pure functions of their parameters.'})
