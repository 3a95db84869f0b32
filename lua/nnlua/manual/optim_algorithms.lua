-- The manual: optim, algorithms.

return [==[
# Algorithms
@Shapes: x and the gradient alike: a tensor or a tree of tensors; returns x and {loss}.
@Errors: a gradient of other sizes than x, opfunc that is no function, options that are unknown (with the nearest known one), NaN or out of bounds, a state for other parameters.

optim.sgd(opfunc, x[, config[, state]])
  Gradient descent: x = x - rate g, with momentum. opfunc(x) returns the
  loss and its gradient; x is updated in place.
  config: learningRate (1e-3), learningRateDecay, weightDecay, momentum (0),
  dampening (0), nesterov (false), learningRates, weightDecays.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.sgd(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.nag(opfunc, x[, config[, state]])
  Nesterov's accelerated gradient. opfunc(x) returns the loss and its
  gradient; x is updated in place.
  config: learningRate (1e-3), learningRateDecay, weightDecay, momentum
  (0.9), learningRates.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.nag(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.asgd(opfunc, x[, config[, state]])
  Averaged gradient descent; returns the average as third result. opfunc(x)
  returns the loss and its gradient; x is updated in place.
  config: eta0 (1e-4), lambda (1e-4), alpha (0.75), t0 (1e6), weightDecay.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.asgd(opfunc, x, {eta0 = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.adam(opfunc, x[, config[, state]])
  Adam (Kingma and Ba): steps by the first and second moments of the
  gradient, epsilon before the bias correction as in Torch7, after it with
  correctedEpsilon. opfunc(x) returns the loss and its gradient; x is
  updated in place.
  config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-8),
  weightDecay, learningRateDecay, amsgrad, correctedEpsilon, decoupled.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.adam(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.adamw(opfunc, x[, config[, state]])
  Adam with decoupled weight decay, 0.01, and correctedEpsilon. opfunc(x)
  returns the loss and its gradient; x is updated in place.
  config: those of adam.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.adamw(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.adamax(opfunc, x[, config[, state]])
  Adam with the largest gradient in the place of the second moment.
  opfunc(x) returns the loss and its gradient; x is updated in place.
  config: learningRate (2e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-38),
  weightDecay.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.adamax(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.nadam(opfunc, x[, config[, state]])
  Adam with Nesterov's momentum. opfunc(x) returns the loss and its
  gradient; x is updated in place.
  config: learningRate (2e-3), beta1, beta2, epsilon, weightDecay,
  momentumDecay (4e-3), decoupled.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.nadam(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.radam(opfunc, x[, config[, state]])
  Rectified Adam. opfunc(x) returns the loss and its gradient; x is updated
  in place.
  config: learningRate (1e-3), beta1, beta2, epsilon, weightDecay,
  decoupled.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.radam(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.adagrad(opfunc, x[, config[, state]])
  Steps over the root of the sum of squared gradients. opfunc(x) returns the
  loss and its gradient; x is updated in place.
  config: learningRate (1e-3), learningRateDecay, weightDecay, epsilon
  (1e-10), initialAccumulator (0).
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.adagrad(opfunc, x, {learningRate = 1}, state) end
    print(x:norm() < 1)                         --> true

optim.adadelta(opfunc, x[, config[, state]])
  Steps by the ratio of averages of squared steps and gradients. opfunc(x)
  returns the loss and its gradient; x is updated in place.
  config: rho (0.9), epsilon (1e-6), weightDecay, learningRate (1).
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.adadelta(opfunc, x, {learningRate = 100}, state) end
    print(x:norm() < 1)                         --> true

optim.rmsprop(opfunc, x[, config[, state]])
  Steps over the root of the average of squared gradients. opfunc(x) returns
  the loss and its gradient; x is updated in place.
  config: learningRate (1e-2), alpha (0.99), epsilon (1e-8), weightDecay,
  centered, momentum, initialMean (0).
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.rmsprop(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.rprop(opfunc, x[, config[, state]])
  Resilient propagation: a step size for each parameter and the gradient's
  sign alone; for whole batches. opfunc(x) returns the loss and its
  gradient; x is updated in place.
  config: stepsize (0.1), etaplus (1.2), etaminus (0.5), stepsizemax (50),
  stepsizemin (1e-6).
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.rprop(opfunc, x, {}, state) end
    print(x:norm() < 1)                         --> true

optim.lion(opfunc, x[, config[, state]])
  The sign of an average of gradients. opfunc(x) returns the loss and its
  gradient; x is updated in place.
  config: learningRate (1e-4), beta1 (0.9), beta2 (0.99), weightDecay.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.lion(opfunc, x, {learningRate = 0.05}, state) end
    print(x:norm() < 1)                         --> true

optim.adabelief(opfunc, x[, config[, state]])
  Adam by the variance about the mean gradient. opfunc(x) returns the loss
  and its gradient; x is updated in place.
  config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-16),
  epsilonRoot (1e-16), weightDecay, decoupled.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.adabelief(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

optim.lamb(opfunc, x[, config[, state]])
  Adam with steps in proportion to each tensor's norm, for large batches.
  opfunc(x) returns the loss and its gradient; x is updated in place.
  config: learningRate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-6),
  weightDecay.
  Example:
    local x, state = torch.Tensor{1, 2}, {}
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    for _ = 1, 100 do optim.lamb(opfunc, x, {learningRate = 0.1}, state) end
    print(x:norm() < 1)                         --> true

# Objects
@Shapes: params, a tensor or a tree of tensors; grads like it.
@Errors: params other than those of init (their path and sizes), grads without one of them; options as above, when they are set.

opt:init(params)
opt:update(params, grads[, more])
opt:result(params)
  An optimizer called with its options alone, optim.adam {learningRate = 1e-3},
  is an object. init begins anew for these parameters and returns opt; update
  changes them by their gradients and returns them, inside autograd.jit too.
  opt.config has the options, which may be assigned to between updates (a new
  rate needs no new compilation), opt.state what the optimizer keeps.
  opt.config.groups (of Torch7's form too) is a list of options for parts of the
  parameters: {match = 'bias', weightDecay = 0}, match a Lua pattern of paths, a
  list of them or a function of path and tensor, or params = {tensors}; a tensor
  belongs to the first that has it.
  In the place of grads may stand a function that returns the loss and the
  gradients; the loss is then the second result. lbfgs and cg, which evaluate
  where they choose, need it, or more = {value = loss, value_and_grad = f};
  lbfgs without lineSearch works with gradients alone, a step an update.
  result gives what the parameters mean where that is not they themselves: the
  average of asgd; for nag, whose params stand where the next gradient is to be
  taken, those without what they are ahead.
  Example:
    local params = {w = torch.Tensor{3, -4}, b = torch.Tensor{1}}
    local f = autograd.value_and_grad(function (p)
      return torch.square(p.w):sum() + torch.square(p.b):sum()
    end)
    local opt = optim.adam {learningRate = optim.schedule.cosine {
      learningRate = 0.2, steps = 100}}
    opt:init(params)
    for _ = 1, 100 do
      local loss, grads = f(params)
      opt:update(params, grads)
    end
    print(f(params) < 0.1)                      --> true

# Whole batches
@Shapes: x and the gradient alike, a tensor or a tree of tensors; returns x, the list of losses, the number of evaluations.
@Errors: opfunc that is no function, x that is no tensor, options as above; a call inside a transform, which has no losses to look at.

optim.lbfgs(opfunc, x[, config[, state]])
  Limited-memory BFGS.  config: maxIter (20), maxEval (1.25 maxIter), tolFun
  (1e-5), tolX (1e-9), nCorrection (100), learningRate (1), lineSearch
  (optim.lswolfe), lineSearchOptions.
  Example:
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    local x = torch.DoubleTensor{3, -4}
    local _, losses = optim.lbfgs(opfunc, x)
    print(losses[1], x:norm() < 1e-5)           --> 25.0 true

optim.cg(opfunc, x[, config[, state]])
  Conjugate gradients with a line search, after Rasmussen's minimize.  config:
  maxIter (20), maxEval, rho (0.01), sig (0.5), int (0.1), ext (3), ratio
  (100), red (1).
  Example:
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    local x = torch.DoubleTensor{3, -4}
    optim.cg(opfunc, x)
    print(x:norm() < 1e-5)                      --> true

optim.lswolfe(opfunc, x, t, d, f, g, gtd, options)
  A line search for the strong Wolfe conditions from x along d, where f is the
  value, g the gradient and gtd = g . d; tries the step t first.  options: c1
  (1e-4), c2 (0.9), tolX (1e-9), maxIter (25).  Returns f, g, x, t, evaluations.
  Errors: a direction that does not descend.
  Example:
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    local x = torch.DoubleTensor{1}
    local f, g = opfunc(x)
    print((optim.lswolfe(opfunc, x, 0.5, -g, f, g, -4, {}))) --> 0.0
]==]
