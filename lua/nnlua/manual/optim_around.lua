-- The manual: optim, what stands around the algorithms.

return [==[
# Gradients
@Errors: gradients that are no tensors.

optim.clip_grad_norm(grads, limit[, p[, eps]])
  Multiplies all by min(1, limit / (norm + eps)), norm the p-norm (2) of all
  elements together, eps 1e-6.  Returns grads and that norm.
  Shapes: a tensor or a tree of tensors, in place.
  Example:
    local g, norm = optim.clip_grad_norm({torch.Tensor{3}, torch.Tensor{4}}, 1)
    print(norm)                                 --> 5.0

optim.clip_grad_value(grads, limit)
  Puts every element within -limit..limit.  Returns grads.
  Shapes: a tensor or a tree of tensors, in place.
  Example:
    print(optim.clip_grad_value(torch.Tensor{-3, 0.5, 3}, 1))
    --> -1.0000 0.5000 1.0000

optim.checkgrad(opfunc, x[, eps])
  The gradient that opfunc returns against central differences: the norm of the
  difference over the norm of the sum, then the two gradients. eps is 1e-7 for
  float64, 5e-3 for float32, where right gradients give about 1e-4.
  Shapes: x of floats.
  Errors: a gradient of other sizes than x.
  Example:
    local function opfunc (x) return torch.dot(x, x), x * 2 end
    print(optim.checkgrad(opfunc, torch.DoubleTensor{1, 2}) < 1e-6)
    --> true

optim.ema(decay[, {zero =, debias =}])
ema:update(x)
ema:average()
  An exponential moving average of a tensor, or of a tree of them: average =
  decay average + (1 - decay) x, beginning as the first value; with zero at 0,
  and with debias then divided by 1 - decay^t.  Inside autograd.jit too; inside
  autograd.vmap each example has its own.
  Shapes: those of x.
  Errors: x of other sizes than before, a decay outside [0, 1].
  Example:
    local ema = optim.ema(0.5)
    ema:update(torch.Tensor{1})
    print(ema:update(torch.Tensor{3}))          --> 2

# Schedules of the learning rate
@Shapes: a function from the number of the update (1, 2, ...) to its rate.
@Errors: an option that is missing, unknown, out of bounds, or no number.

optim.schedule
  Functions that take learningRate and other options by name and return a
  function of the number of the update. It may stand as learningRate among an
  optimizer's options, inside autograd.jit too (plateau's takes the loss).
  Example:
    print(optim.schedule.step {learningRate = 1, every = 2, gamma = 0.5}(3))
    --> 0.5

optim.schedule.step{learningRate =, every =, gamma =}
  Times gamma after every so many updates.
  Example:
    local rate = optim.schedule.step {learningRate = 1, every = 2, gamma = 0.5}
    print(rate(2), rate(3), rate(5))            --> 1.0 0.5 0.25

optim.schedule.steps{learningRate =, at =, gamma =}
  Times gamma after the updates in the list at; gamma may be a list as well.
  Example:
    local rate = optim.schedule.steps {learningRate = 1, at = {2}, gamma = 0.1}
    print(rate(2), rate(3))                     --> 1.0 0.1

optim.schedule.exponential{learningRate =, gamma =, every =, staircase =, begin =, last =}
  Times gamma for every (1) so many updates, smoothly or in steps, never below
  last.
  Example:
    print(optim.schedule.exponential {learningRate = 1, gamma = 0.5}(3))
    --> 0.25

optim.schedule.linear{learningRate =, steps =, last =, begin =}
  In a line to last (0).
  Example:
    print(optim.schedule.linear {learningRate = 1, steps = 10}(6)) --> 0.5

optim.schedule.polynomial{learningRate =, steps =, power =, last =, begin =}
  (1 - share done)^power from learningRate to last.
  Example:
    local f = optim.schedule.polynomial
    print(f {learningRate = 1, steps = 10, power = 2}(6)) --> 0.25

optim.schedule.inverse{learningRate =, decay =}
  Over 1 + decay times the updates done, as sgd's learningRateDecay.
  Example:
    print(optim.schedule.inverse {learningRate = 1, decay = 1}(4)) --> 0.25

optim.schedule.cosine{learningRate =, steps =, last =, warmup =, first =}
  In a line from first during warmup, then a half wave to last; steps counts
  both.
  Example:
    local rate = optim.schedule.cosine {learningRate = 1, steps = 100}
    print(rate(1), rate(51))                    --> 1.0 0.5

optim.schedule.warmup{learningRate =, steps =, first =, after =}
  In a line from first (0) to learningRate, then what the schedule `after` says
  of the updates from there on; without it learningRate.
  Errors: steps below 1, an `after` that is no function.
  Example:
    local after = optim.schedule.step {learningRate = 1, every = 10}
    local rate = optim.schedule.warmup {learningRate = 1, steps = 4,
                                        after = after}
    print(rate(1), rate(3), rate(5), rate(15))  --> 0.0 0.5 1.0 0.1

optim.schedule.cosine_restarts{learningRate =, period =, growth =, last =}
  Half waves, each `growth` (1) times as long as the one before.
  Example:
    local f = optim.schedule.cosine_restarts
    print(f {learningRate = 1, period = 10}(11)) --> 1.0

optim.schedule.one_cycle{learningRate =, steps =, start =, div =, final_div =, anneal =, three_phase =, back =}
  From learningRate / div (25) up to it during the share `start` (0.3) of the
  steps, then down to the beginning over final_div (1e4); with three_phase back
  to the beginning first, until the share `back`.
  Example:
    local rate = optim.schedule.one_cycle {learningRate = 1, steps = 100}
    print(rate(1))                              --> 0.04

optim.schedule.plateau{learningRate =, factor =, patience =, threshold =, mode =, relative =, cooldown =, last =, epsilon =}
  A function of the loss after each epoch: the rate is times factor (0.1) when
  the best loss was not beaten for more than `patience` (10) epochs.
  Shapes: a function from a loss to the rate.
  Example:
    local rate = optim.schedule.plateau {learningRate = 1, patience = 0}
    print(rate(5), rate(5))                     --> 1 0.1

# Records of a run
@Shapes: none.
@Errors: a file that can not be written, another number of values than names.

optim.Logger([file[, timestamp]])
logger:setNames(names)
logger:add(values)
logger:style(styles)
logger:setlogscale(on)
logger:plot([path])
logger:display()
logger:close()
  Numbers of a training run, a line each, in a text file with tabs between
  them; without a file they are kept only.  plot draws the columns.
  Example:
    local logger = optim.Logger()
    logger:setNames {'loss', 'accuracy'}
    logger:add {0.7, 0.81}
    print(#logger.names)                        --> 2

optim.ConfusionMatrix(n[, names])
confusion:add(prediction, target)
confusion:batchAdd(predictions, targets)
confusion:updateValids()
confusion:farFrr()
confusion:sensitivity()
confusion:specificity()
confusion:matthewsCorrelation()
confusion:render([options])
confusion:zero()
  How often each class was taken for which: mat[target][prediction].
  updateValids computes totalValid, averageValid and valids, the shares of
  right ones; sensitivity, specificity and matthewsCorrelation those of each
  class; farFrr false rejections and acceptances, by class and of the classes
  that occur; render gives plot.confusion's figure.  A target of 0 or below is
  missing and not counted.
  Shapes: predictions [batch] labels or [batch x n] scores; targets [batch].
  Errors: a class above n, a prediction below 1, other sizes.
  Example:
    local confusion = optim.ConfusionMatrix(2)
    confusion:batchAdd(torch.LongTensor{1, 2, 2, 1},
                       torch.LongTensor{1, 2, 1, 1})
    confusion:updateValids()
    print(confusion.mat[1][2], confusion.totalValid) --> 1 0.75
]==]
