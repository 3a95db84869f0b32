-- The manual: nn.init.

return [==[
# Initial values
@Shapes: w [outputs x inputs x kernel...], which is filled and returned.
@Errors: w that is no tensor of floats, or has no fans; an unknown mode, distribution or nonlinearity; a deviation, scale or gain below 0, ends out of order.

nn.init
nn.initializers
  Initial values, in place.  fan_in is the inputs times the kernel's elements,
  fan_out the outputs times them.
  Example:
    print(nn.init.ones(torch.Tensor(2)))        --> 1 1

nn.init.constant(w, value)
  Fills w with a number.
  Example:
    print(nn.init.constant(torch.Tensor(2), 3)) --> 3 3

nn.init.zeros(w)
  Fills w with 0.
  Example:
    print(nn.init.zeros(torch.ones(2)))         --> 0 0

nn.init.ones(w)
  Fills w with 1.
  Example:
    print(nn.init.ones(torch.Tensor(2)))        --> 1 1

nn.init.uniform(w[, a[, b]])
  Draws from U(a, b), 0 and 1 by default.
  Example:
    print(nn.init.uniform(torch.Tensor(100), 2, 3):min() >= 2) --> true

nn.init.normal(w[, mean[, std]])
  Draws from the normal distribution, mean 0 and deviation 1 by default.
  Example:
    print(math.abs(nn.init.normal(torch.Tensor(10000), 5, 1):mean() - 5) < 0.1)
    --> true

nn.init.trunc_normal(w[, mean[, std[, a[, b]]]])
  Normal, drawn again outside a..b (-2..2).
  Example:
    print(nn.init.trunc_normal(torch.Tensor(1000)):abs():max() <= 2)
    --> true

nn.init.truncated_normal(w[, std])
  Normal, cut at two deviations, as JAX does.
  Example:
    print(nn.init.truncated_normal(torch.Tensor(1000), 0.1):abs():max() < 0.3)
    --> true

nn.init.variance_scaling(w, scale, mode, distribution)
  Variance scale / n, n by mode 'fan_in', 'fan_out' or 'fan_avg';
  distribution 'uniform', 'normal' or 'truncated_normal'.
  Example:
    local w = nn.init.variance_scaling(torch.Tensor(50, 60), 1, 'fan_in', 'uniform')
    print(w:abs():max() <= math.sqrt(3 / 60))   --> true

nn.init.calculate_gain(nonlinearity[, a])
  The square root of what a nonlinearity leaves of the variance: 'tanh',
  'relu', 'leaky_relu' (slope a), 'selu', 'sigmoid', 'linear'.
  Example:
    print(('%.4f'):format(nn.init.calculate_gain 'tanh')) --> 1.6667

nn.init.fans(w)
  fan_in and fan_out of a weight.
  Example:
    print(nn.init.fans(torch.Tensor(8, 4, 3, 3))) --> 36 72

nn.init.orthogonal(w[, gain])
  Seen as [outputs x rest], the rows (or columns, where there are more rows)
  are orthogonal and of length gain (1).
  Example:
    local w = nn.init.orthogonal(torch.Tensor(2, 5))
    print(torch.dist(torch.mm(w, w:t()), torch.eye(2)) < 1e-5) --> true

nn.init.xavier_uniform(w[, gain])
  Draws from a uniform distribution of variance gain^2 2 / (fan_in +
  fan_out).
  Example:
    local w = nn.init.xavier_uniform(torch.Tensor(50, 60))
    print(w:abs():max() <= math.sqrt(6 / 110))  --> true

nn.init.xavier_normal(w[, gain])
  Draws from a normal distribution of variance gain^2 2 / (fan_in +
  fan_out).
  Example:
    local w = nn.init.xavier_normal(torch.Tensor(50, 60))
    print(math.abs(w:std() / math.sqrt(2 / 110) - 1) < 0.1) --> true

nn.init.torch(w)
  Draws from a uniform distribution within 1 / sqrt(fan_in), Torch7's default.
  Example:
    local w = nn.init.torch(torch.Tensor(50, 25))
    print(w:abs():max() <= 0.2)                 --> true

nn.init.glorot_uniform(w)
  Draws from a uniform distribution of variance 2 / (fan_in + fan_out).
  Example:
    local w = nn.init.glorot_uniform(torch.Tensor(50, 60))
    print(w:abs():max() <= math.sqrt(6 / 110))  --> true

nn.init.glorot_normal(w)
  Draws from a normal, cut at two deviations, distribution of variance 2 /
  (fan_in + fan_out).
  Example:
    local w = nn.init.glorot_normal(torch.Tensor(50, 60))
    print(math.abs(w:std() / math.sqrt(2 / 110) - 1) < 0.1) --> true

nn.init.kaiming_uniform(w[, {mode =, nonlinearity =, a =}])
  Draws from a uniform distribution of variance gain^2 / fan_in.
  Example:
    local w = nn.init.kaiming_uniform(torch.Tensor(50, 60))
    print(w:abs():max() <= math.sqrt(6 / 60))   --> true

nn.init.kaiming_normal(w[, {mode =, nonlinearity =, a =}])
  Draws from a normal distribution of variance gain^2 / fan_in.
  Example:
    local w = nn.init.kaiming_normal(torch.Tensor(50, 60))
    print(math.abs(w:std() / math.sqrt(2 / 60) - 1) < 0.1) --> true

nn.init.he_uniform(w)
  Draws from a uniform distribution of variance 2 / fan_in.
  Example:
    local w = nn.init.he_uniform(torch.Tensor(50, 60))
    print(w:abs():max() <= math.sqrt(6 / 60))   --> true

nn.init.he_normal(w)
  Draws from a normal, cut at two deviations, distribution of variance 2 /
  fan_in.
  Example:
    local w = nn.init.he_normal(torch.Tensor(50, 60))
    print(math.abs(w:std() / math.sqrt(2 / 60) - 1) < 0.1) --> true

nn.init.lecun_uniform(w)
  Draws from a uniform distribution of variance 1 / fan_in.
  Example:
    local w = nn.init.lecun_uniform(torch.Tensor(50, 60))
    print(w:abs():max() <= math.sqrt(3 / 60))   --> true

nn.init.lecun_normal(w)
  Draws from a normal, cut at two deviations, distribution of variance 1 /
  fan_in.
  Example:
    local w = nn.init.lecun_normal(torch.Tensor(50, 60))
    print(math.abs(w:std() / math.sqrt(1 / 60) - 1) < 0.1) --> true
]==]
