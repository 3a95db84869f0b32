-- The manual: nn.functional.

return [==[
# Functions of each element
@Shapes: as x, any.
@Errors: x that is no tensor.

nn.functional
  What modules compute, as pure functions that every transform takes.
  Example:
    print(nn.functional.relu(torch.Tensor{-1, 2})) --> 0 2

nn.functional.relu(x)
nn.relu(x)
  By elements: max(x, 0).
  Example:
    print(nn.functional.relu(torch.Tensor{-1, 2})) --> 0 2

nn.functional.relu6(x)
nn.relu6(x)
  By elements: min(max(x, 0), 6).
  Example:
    print(nn.functional.relu6(torch.Tensor{-1, 9})) --> 0 6

nn.functional.leaky_relu(x[, slope])
nn.leaky_relu(x[, slope])
  By elements: x where x > 0, else slope (0.01) x.
  Example:
    print(nn.functional.leaky_relu(torch.Tensor{-2, 3}, 0.5)) --> -1 3

nn.functional.elu(x[, alpha])
nn.elu(x[, alpha])
  By elements: x where x > 0, else alpha (1) times exp(x) - 1.
  Example:
    print(nn.functional.elu(torch.Tensor{-1, 2}, 1)) --> -0.6321 2.0000

nn.functional.selu(x)
nn.selu(x)
  By elements: elu with the scale that keeps mean 0 and variance 1.
  Example:
    print(nn.functional.selu(torch.Tensor{-1, 2})) --> -1.1113 2.1014

nn.functional.celu(x[, alpha])
nn.celu(x[, alpha])
  By elements: x where x > 0, else alpha (1) times exp(x / alpha) - 1.
  Example:
    print(nn.functional.celu(torch.Tensor{-1, 2}, 2)) --> -0.7869 2.0000

nn.functional.gelu(x[, 'none' or 'tanh'])
nn.gelu(x[, 'none' or 'tanh'])
  By elements: x times the normal distribution function; flax's default is
  'tanh', an approximation.
  Example:
    print(nn.functional.gelu(torch.Tensor{-1, 2})) --> -0.1587 1.9545

nn.functional.silu(x)
nn.silu(x)
nn.functional.swish(x)
nn.swish(x)
  By elements: x sigmoid(x).
  Example:
    print(nn.functional.silu(torch.Tensor{-1, 2})) --> -0.2689 1.7616

nn.functional.mish(x)
  By elements: x tanh(softplus(x)).
  Example:
    print(nn.functional.mish(torch.Tensor{-1, 2})) --> -0.3034 1.9440

nn.functional.hard_sigmoid(x)
nn.hard_sigmoid(x)
  By elements: min(max(x + 3, 0), 6) / 6.
  Example:
    print(nn.functional.hard_sigmoid(torch.Tensor{-4, 0}))
    --> 0.0000 0.5000

nn.functional.hard_swish(x)
nn.hard_swish(x)
nn.functional.hard_silu(x)
nn.hard_silu(x)
  By elements: x hard_sigmoid(x).
  Example:
    print(nn.functional.hard_swish(torch.Tensor{-4, 3})) --> -0 3

nn.functional.sigmoid(x)
nn.sigmoid(x)
  By elements: 1 / (1 + exp(-x)).
  Example:
    print(nn.functional.sigmoid(torch.Tensor{0, 2})) --> 0.5000 0.8808

nn.functional.log_sigmoid(x)
nn.log_sigmoid(x)
  By elements: log(sigmoid(x)).
  Example:
    print(nn.functional.log_sigmoid(torch.Tensor{0, 2}))
    --> -0.6931 -0.1269

nn.functional.tanh(x)
nn.tanh(x)
  By elements: tanh(x).
  Example:
    print(nn.functional.tanh(torch.Tensor{0, 1})) --> 0.0000 0.7616

nn.functional.hard_tanh(x[, low[, high]])
nn.hard_tanh(x[, low[, high]])
  By elements: x within low (-1) and high (1).
  Example:
    print(nn.functional.hard_tanh(torch.Tensor{-3, 0.5}, -1, 1))
    --> -1.0000 0.5000

nn.functional.hard_shrink(x[, lambda])
  By elements: x where |x| > lambda (0.5), else 0.
  Example:
    print(nn.functional.hard_shrink(torch.Tensor{-2, 0.3}, 0.5)) --> -2 0

nn.functional.soft_shrink(x[, lambda])
  By elements: x moved by lambda (0.5) towards 0.
  Example:
    print(nn.functional.soft_shrink(torch.Tensor{-2, 0.3}, 0.5))
    --> -1.5000 0.0000

nn.functional.tanh_shrink(x)
  By elements: x - tanh(x).
  Example:
    print(nn.functional.tanh_shrink(torch.Tensor{0, 1})) --> 0.0000 0.2384

nn.functional.softplus(x[, beta[, threshold]])
nn.softplus(x[, beta[, threshold]])
  By elements: log(1 + exp(beta x)) / beta, x where beta x is above the
  threshold.
  Example:
    print(nn.functional.softplus(torch.Tensor{0, 30}, 1, 20))
    --> 0.6931 30.0000

nn.functional.soft_sign(x)
nn.soft_sign(x)
  By elements: x / (1 + |x|).
  Example:
    print(nn.functional.soft_sign(torch.Tensor{-1, 3})) --> -0.5000 0.7500

nn.functional.threshold(x, threshold, value)
  By elements: x where x > threshold, else value.
  Example:
    print(nn.functional.threshold(torch.Tensor{0.5, 2}, 1, -1)) --> -1 2

nn.functional.abs(x)
  By elements: |x|.
  Example:
    print(nn.functional.abs(torch.Tensor{-1, 2})) --> 1 2

nn.functional.pow(x, p)
  By elements: x^p.
  Example:
    print(nn.functional.pow(torch.Tensor{-1, 2}, 3)) --> -1 8

nn.functional.square(x)
  By elements: x^2.
  Example:
    print(nn.functional.square(torch.Tensor{-1, 2})) --> 1 4

nn.functional.sqrt(x, eps)
  By elements: sqrt(x + eps), its derivative 0 where that is 0.
  Example:
    print(nn.functional.sqrt(torch.Tensor{4, 9}, 0)) --> 2 3

nn.functional.exp(x)
  By elements: e^x.
  Example:
    print(nn.functional.exp(torch.Tensor{0, 1})) --> 1.0000 2.7183

nn.functional.log(x)
  By elements: the natural logarithm.
  Example:
    print(nn.functional.log(torch.Tensor{1, 10})) --> 0.0000 2.3026

# Functions of a dimension
@Errors: a dimension that x does not have.

nn.functional.softmax(x[, dim])
nn.softmax(x[, dim])
  exp(x) divided by its sum along dim (the last).
  Shapes: as x.
  Example:
    print(nn.functional.softmax(torch.Tensor{0, 0})) --> 0.5000 0.5000

nn.functional.log_softmax(x[, dim])
nn.log_softmax(x[, dim])
  The logarithm of softmax.
  Shapes: as x.
  Example:
    print(nn.functional.log_softmax(torch.Tensor{0, 0}))
    --> -0.6931 -0.6931

nn.functional.glu(x[, dim])
nn.glu(x[, dim])
  The first half of x along dim (the last) times the sigmoid of the second.
  Shapes: dim is halved.
  Example:
    print(nn.functional.glu(torch.Tensor{2, 0})) --> 1

nn.functional.max_pool(x, kW, kH[, dW[, dH[, padW[, padH]]]])
nn.functional.avg_pool(x, kW, kH[, dW[, dH[, padW[, padH]]]])
nn.max_pool(x, kW, kH[, dW[, dH[, padW[, padH]]]])
nn.avg_pool(x, kW, kH[, dW[, dH[, padW[, padH]]]])
  The largest, or the mean, of windows kW x kH every dW x dH (the window's
  sizes; for avg_pool 1), as nn.SpatialMaxPooling and nn.SpatialAveragePooling.
  Shapes: x [batch x planes x height x width], or without batch.
  Errors: images that are smaller than a window.
  Example:
    print(nn.max_pool(torch.range(1, 4):view(1, 1, 2, 2), 2, 2):view(-1)) --> 4

nn.functional.max_pool_indices(x, kW, kH[, dW[, dH[, padW[, padH]]]])
  max_pool, and where the greatest elements stood: y * width + x + 1.
  Shapes: as max_pool, twice.
  Errors: images that are smaller than a window.
  Example:
    local x = torch.range(1, 4):view(1, 1, 2, 2)
    print(select(2, nn.functional.max_pool_indices(x, 2, 2)):view(-1)) --> 4

nn.functional.pad(x, dim, before, after[, value])
  x with `before` and `after` elements of that value (0) more in a dimension;
  negative numbers cut.
  Shapes: dim grows by before + after.
  Example:
    print(nn.functional.pad(torch.Tensor{1, 2}, 1, 1, 2)) --> 0 1 2 0 0

nn.functional.one_hot(labels, n[, dtype])
nn.one_hot(labels, n[, dtype])
  Labels 1..n as rows of 0 and 1.
  Shapes: [*] to [* x n].
  Errors: a label outside 1..n.
  Example:
    print(nn.functional.one_hot(torch.LongTensor{2, 1}, 3))
    --> 0 1 0
    --> 1 0 0

nn.functional.scale_gradient(x, factor)
  x, with its gradient multiplied by factor.
  Shapes: as x.
  Errors: x that is no tensor.
  Example:
    local f = function (x) return nn.functional.scale_gradient(x, 10):sum() end
    print((autograd.grad(f)(torch.ones(2))))    --> 10 10

# Noisy states
@Shapes: as x; thresholds and noise_sd are numbers or broadcast with it.
@Errors: noise_sd that is not above 0, thresholds out of order or NaN.

nn.functional.ternary(x, thresholds, noise_sd[, key])
  x + noise below thresholds[1] gives -1, above thresholds[2] 1, else 0; drawn
  from `key` where one is given, without noise for false.  Its gradient is
  that of the expected state.
  Example:
    print(nn.functional.ternary(torch.Tensor{-2, 0, 2}, {-0.5, 0.5}, 0.1))
    --> -1 0 1

nn.functional.binary(x, threshold, noise_sd[, key[, low]])
  As ternary, with one threshold; low is -1 or 0.
  Example:
    print(nn.functional.binary(torch.Tensor{-2, 2}, 0, 0.1)) --> -1 1

nn.functional.expected_state(x, thresholds, noise_sd)
  P(x + noise > thresholds[2]) - P(x + noise < thresholds[1]).
  Example:
    print(nn.functional.expected_state(torch.Tensor{-9, 0, 9}, {-1, 1}, 0.5))
    --> -1 0 1

nn.functional.expected_binary_state(x, threshold, noise_sd[, low])
  The expectation of binary.
  Example:
    print(nn.functional.expected_binary_state(torch.Tensor{0, 9}, 0, 0.5))
    --> 0 1

nn.functional.gaussian_cdf(x[, mean, sd])
  The normal distribution function, exact in both tails; mean 0, sd 1.
  Example:
    print(nn.functional.gaussian_cdf(torch.Tensor{0, 1})) --> 0.5000 0.8413

nn.functional.gaussian_pdf(x[, mean, sd])
  The normal density.
  Example:
    print(nn.functional.gaussian_pdf(torch.Tensor{0, 1})) --> 0.3989 0.2420

# Kernel activation functions
@Errors: D below 2, boundary or sigma not above 0, an unknown kernel.

nn.functional.kaf(x, alpha[, {kernel =, boundary =, sigma =, channels =}])
  phi(x) = sum_i alpha_i kappa(x, c_i), D centres within [-boundary, boundary]
  (3); kernel 'gaussian', 'relu', 'softplus' or a function (x, c); sigma twice
  the centres' distance.
  Shapes: x [* x units], alpha [units x D], or [D] for all; as x.
  Example:
    print(nn.functional.kaf(torch.zeros(1, 2), torch.zeros(2, 20))) --> 0 0

nn.functional.kaf2d(x, alpha[, {boundary =, sigma =}])
  Functions of two inputs: output h of x[:, h] and x[:, H/2 + h].
  Shapes: x [n x H], alpha [H/2 x D D]; [n x H/2].
  Example:
    print(nn.functional.kaf2d(torch.zeros(1, 2), torch.zeros(1, 100)))
    --> 0

nn.functional.kaf_centres(D, boundary)
  D equispaced numbers in [-boundary, boundary], and their distance.
  Shapes: float64 [D].
  Example:
    print((nn.functional.kaf_centres(3, 3)))    --> -3 0 3

nn.functional.kaf_ridge(target[, {D =, boundary =, kernel =, sigma =, eps =}])
  The alpha of a function ('relu', 'tanh', 'elu' or one of a number), by kernel
  ridge regression at the centres.
  Shapes: float64 [D].
  Errors: the relu kernel, whose matrix is singular.
  Example:
    print(nn.functional.kaf_ridge('tanh', {D = 20}):size(1)) --> 20

# Lagrangians
@Shapes: [*] to a number, along axis where there is one.
@Errors: unknown options, options of another kind.

nn.functional.lagrangian
  Lagrangians of neurons by name, each f(x, {beta =, scale =, gamma =, delta =,
  n =, eps =, axis =}).
  Example:
    print(nn.functional.lagrangian.identity(torch.Tensor{3, 4})) --> 12.5

nn.functional.lagrangian_activation
  Their gradients, by the same names.
  Shapes: as x.
  Example:
    print(nn.functional.lagrangian_activation.relu(torch.Tensor{-1, 2}))
    --> 0 2

nn.functional.tempered_sigmoid(x[, beta[, scale]])
  scale sigmoid(beta x), the gradient of the sigmoid Lagrangian.
  Shapes: as x.
  Example:
    print(nn.functional.tempered_sigmoid(torch.Tensor{0}, 2, 3)) --> 1.5000

nn.functional.lagrangian.identity(x[, options])
  sum x^2 / 2.
  Example:
    print(nn.functional.lagrangian.identity(torch.Tensor{3, 4})) --> 12.5

nn.functional.lagrangian.relu(x[, options])
  sum max(x, 0)^2 / 2.
  Example:
    print(nn.functional.lagrangian.relu(torch.Tensor{-3, 4})) --> 8.0

nn.functional.lagrangian.repu(x[, options])
  sum max(x, 0)^n / n, n = 2.
  Example:
    print(nn.functional.lagrangian.repu(torch.Tensor{-3, 3}, {n = 3}))
    --> 9.0

nn.functional.lagrangian.exp(x[, options])
  sum e^(beta x) / beta.
  Example:
    print(nn.functional.lagrangian.exp(torch.Tensor{0, 0})) --> 2.0

nn.functional.lagrangian.rexp(x[, options])
  sum e^(beta y) / beta - y, y = max(x, 0).
  Example:
    print(nn.functional.lagrangian.rexp(torch.Tensor{-1, 0})) --> 2.0

nn.functional.lagrangian.sigmoid(x[, options])
  sum scale log(1 + e^(beta x)) / beta.
  Example:
    print(('%.4f'):format(nn.functional.lagrangian.sigmoid(torch.Tensor{0})))
    --> 0.6931

nn.functional.lagrangian.tanh(x[, options])
  sum log cosh(beta x) / beta.
  Example:
    print(('%.4f'):format(nn.functional.lagrangian.tanh(torch.Tensor{0, 1})))
    --> 0.4338

nn.functional.lagrangian.softmax(x[, options])
  log(sum e^(beta x)) / beta along axis.
  Example:
    print(('%.4f'):format(nn.functional.lagrangian.softmax(torch.Tensor{0, 0})))
    --> 0.6931

nn.functional.lagrangian.ghostmax(x[, options])
  log(1 + sum e^(beta x)) / beta along axis.
  Example:
    print(('%.4f'):format(nn.functional.lagrangian.ghostmax(torch.Tensor{0})))
    --> 0.6931

nn.functional.lagrangian.layernorm(x[, options])
  D gamma sqrt(var(x) + eps) plus sum delta x along axis.
  Example:
    print(nn.functional.lagrangian.layernorm(torch.Tensor{1, 3}, {eps = 0}))
    --> 2.0

nn.functional.lagrangian.spherical_norm(x[, options])
  gamma sqrt(sum x^2 + eps) plus sum delta x along axis.
  Example:
    print(nn.functional.lagrangian.spherical_norm(torch.Tensor{3, 4}, {eps = 0}))
    --> 5.0
]==]
