-- The manual: nn, layers with parameters, noise.

return [==[
# Dense layers
@Errors: an input whose last size is not nin, with the remedy; arguments that are no integers.

nn.Dense([nin,] nout[, bias])
  y = x W' + b.  nn.Dense(nout) takes nin from its first input.  Weight
  [nout x nin] and bias [nout] are drawn from U(-1/sqrt(nin), 1/sqrt(nin));
  bias = false leaves it out.
  Shapes: [* x nin] to [* x nout].
  Example:
    print(nn.Dense(784, 10):forward(torch.zeros(200, 784)):size(2)) --> 10

nn.Linear([nin,] nout[, bias])
  Torch7's name of nn.Dense.
  Shapes: [* x nin] to [* x nout].
  Example:
    print(nn.Linear(2, 3))                      --> nn.Linear(2 -> 3)

nn.Bilinear(nin1, nin2, nout[, bias])
  {x1, x2} to y[k] = x1' W[k] x2 + b[k].
  Shapes: {[n x nin1], [n x nin2]} to [n x nout]; W [nout x nin1 x nin2].
  Example:
    local m = nn.Bilinear(2, 3, 4)
    print(m:forward({torch.ones(5, 2), torch.ones(5, 3)}):size(2)) --> 4

nn.Euclidean(nin, nout)
  y[j] = |x - w[:, j]|, distances to learned points.
  Shapes: [n x nin] to [n x nout]; w [nin x nout].
  Example:
    local m = nn.Euclidean(2, 1)
    m.weight:zero()
    print(m:forward(torch.Tensor{{3, 4}}))      --> 5

nn.Cosine(nin, nout)
  The cosines of x with learned vectors.
  Shapes: [n x nin] to [n x nout]; w [nout x nin].
  Example:
    local m = nn.Cosine(2, 1)
    m.weight:copy(torch.Tensor{{1, 0}})
    print(m:forward(torch.Tensor{{5, 0}}))      --> 1

nn.LookupTable(n, size[, paddingValue[, maxNorm[, normType]]])
nn.Embed(n, size[, paddingValue[, maxNorm[, normType]]])
  Row i of the weight for each index i in 1..n.  The row paddingValue gets no
  gradient; with maxNorm, rows that are longer are made that long first.
  Shapes: [*] integers to [* x size].
  Errors: an index outside 1..n.
  Example:
    local m = nn.LookupTable(5, 2)
    print(m:forward(torch.LongTensor{3, 1, 3}):size(1)) --> 3

nn.Embedding(n, size[, paddingValue[, maxNorm[, normType]]])
  Another name of nn.LookupTable.
  Shapes: [*] integers to [* x size].
  Errors: an index outside 1..n.
  Example:
    print(nn.Embedding(5, 2):forward(torch.LongTensor{{1, 2}}):dim()) --> 3

# Adding and multiplying
@Errors: an input that the parameter's sizes do not fit.

nn.Add(n[, scalar])
  x + b, a bias of n elements, or one for all with scalar = true.
  Shapes: [n] or [batch x n].
  Example:
    local m = nn.Add(2)
    m.bias:copy(torch.Tensor{10, 20})
    print(m:forward(torch.Tensor{{1, 2}}))      --> 11 22

nn.CAdd(sizes...)
  x + b, a bias for each element of a sample.
  Shapes: the sizes, or a batch of them.
  Example:
    local m = nn.CAdd(2)
    m.bias:fill(5)
    print(m:forward(torch.Tensor{1, 2}))        --> 6 7

nn.Mul()
  w x, one learned number.
  Shapes: [*].
  Example:
    local m = nn.Mul()
    m.weight:fill(3)
    print(m:forward(torch.Tensor{1, 2}))        --> 3 6

nn.CMul(sizes...)
  w x by elements, a weight for each element of a sample.
  Shapes: the sizes, or a batch of them.
  Example:
    local m = nn.CMul(2)
    m.weight:copy(torch.Tensor{2, 3})
    print(m:forward(torch.Tensor{10, 10}))      --> 20 30

nn.AddConstant(c)
  x + c, a number or a tensor that fits.
  Shapes: [*].
  Example:
    print(nn.AddConstant(5):forward(torch.Tensor{1, 2})) --> 6 7

nn.MulConstant(c)
  c x, a number or a tensor that fits.
  Shapes: [*].
  Example:
    print(nn.MulConstant(5):forward(torch.Tensor{1, 2})) --> 5 10

nn.Constant(value[, nInputDim])
  The value, whatever comes; with nInputDim once for each sample of a batch.
  Shapes: as the value.
  Example:
    print(nn.Constant(torch.Tensor{7}):forward(torch.ones(3))) --> 7

nn.Identity()
  Its input, whatever it is.
  Shapes: any.
  Example:
    print(nn.Identity():forward(torch.Tensor{1, 2})) --> 1 2

# Noise
@Shapes: input and output alike.
@Errors: probabilities outside [0, 1), an input that is no tensor.

nn.Dropout([p[, v1]])
  In training mode each element is 0 with probability p (0.5), the others are
  divided by 1 - p; nothing in evaluate().  v1 = true: Torch7's first version,
  which scales when it evaluates.
  Example:
    local m = nn.Dropout(0.5)
    print(m:forward(torch.ones(1000)):max())    --> 2.0
    m:evaluate()
    print(m:forward(torch.ones(1000)):max())    --> 1.0

nn.SpatialDropout([p])
  Dropout of whole planes.
  Shapes: [planes x height x width], or with a batch before.
  Example:
    local m = nn.SpatialDropout(0.5)
    m:evaluate()
    print(m:forward(torch.ones(2, 3, 3)):sum()) --> 18.0

nn.WhiteNoise([mean[, std]])
  Adds normal noise (mean 0, std 0.1) in training mode.
  Example:
    local m = nn.WhiteNoise(0, 1)
    m:evaluate()
    print(m:forward(torch.ones(2)))             --> 1 1

# Gradients
@Shapes: input and output alike.
@Errors: an input that is no tensor.

nn.GradientReversal([lambda])
  x, with gradient -lambda (1) times what comes.
  Example:
    local m, x = nn.GradientReversal(2), torch.ones(2)
    m:forward(x)
    print(m:backward(x, torch.Tensor{1, 10}))   --> -2 -20

nn.ZeroGrad()
  x, with gradient 0.
  Example:
    local m, x = nn.ZeroGrad(), torch.ones(2)
    m:forward(x)
    print(m:backward(x, torch.Tensor{1, 10}))   --> 0 0

nn.L1Penalty(weight[, sizeAverage[, provideOutput]])
  x; its gradient has weight times the sign of x more.  `loss` is weight times
  the sum of |x|.
  Example:
    local m, x = nn.L1Penalty(0.1), torch.Tensor{-2, 3}
    m:forward(x)
    print(m:backward(x, torch.zeros(2)))        --> -0.1000 0.1000

# Normalisation
@Errors: another number of features or channels than the module's.

nn.BatchNormalization(n[, eps[, momentum[, affine]]])
nn.BatchNorm(n[, eps[, momentum[, affine]]])
  (x - mean) / sqrt(variance + eps) over the batch, times a weight plus a bias
  (affine).  Training keeps running_mean and running_var, which evaluate()
  uses; eps 1e-5, momentum 0.1 (the weight of the new value).
  Shapes: [batch x n].
  Example:
    local m = nn.BatchNormalization(1)
    print(m:forward(torch.Tensor{{1}, {3}}))    --> -1.0000 1.0000

nn.SpatialBatchNormalization(n[, eps[, momentum[, affine]]])
  As BatchNormalization, over batch, height and width.
  Shapes: [batch x n x height x width].
  Example:
    local m = nn.SpatialBatchNormalization(2)
    print(math.abs(m:forward(torch.randn(4, 2, 3, 3)):mean()) < 1e-5)
    --> true

nn.LayerNormalization(n[, bias[, eps[, affine]]])
  Over the last dimension, or the last ones where n is a list of sizes.  As in
  Torch7, eps (1e-10) is added to the sum of squares.
  Shapes: [* x n].
  Example:
    print(nn.LayerNormalization(2):forward(torch.Tensor{{1, 3}})) --> -1 1

nn.LayerNorm(n[, eps[, affine]])
  nn.LayerNormalization with flax's and PyTorch's eps (1e-6), which is added to
  the variance.
  Shapes: [* x n].
  Errors: eps below 0.
  Example:
    print(nn.LayerNorm(2):forward(torch.Tensor{{1, 3}})) --> -1.0000 1.0000

nn.GroupNormalization(groups, channels[, eps[, affine]])
nn.GroupNorm(groups, channels[, eps[, affine]])
  The channels in groups, each normalised for each sample.
  Shapes: [batch x channels x *].
  Errors: channels that the groups do not divide.
  Example:
    print(nn.GroupNormalization(2, 4):forward(torch.randn(3, 4, 5)):size(2))
    --> 4

nn.InstanceNormalization(channels[, eps[, affine]])
nn.InstanceNorm(channels[, eps[, affine]])
  Each channel of each sample normalised.
  Shapes: [batch x channels x *].
  Example:
    print(nn.InstanceNormalization(2):forward(torch.randn(3, 2, 5)):size(3))
    --> 5

nn.Normalize(p[, eps])
  Rows x / (sum |x|^p + eps)^(1/p); p may be math.huge.
  Shapes: [n] or [batch x n].
  Example:
    print(nn.Normalize(2):forward(torch.Tensor{3, 4})) --> 0.6000 0.8000
]==]
