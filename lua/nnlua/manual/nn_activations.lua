-- The manual: nn, activations.

return [==[
# Activations of each element
@Shapes: input and output [*], any shape.
@Errors: an input that is no tensor, arguments that are no numbers.

nn.ReLU()
  By elements: max(x, 0).
  Example:
    print(nn.ReLU():forward(torch.Tensor{-1, 2})) --> 0 2

nn.ReLU6()
  By elements: min(max(x, 0), 6).
  Example:
    print(nn.ReLU6():forward(torch.Tensor{-1, 2, 9})) --> 0 2 6

nn.LeakyReLU([negval])
  By elements: x where x > 0, else negval x, negval 0.01 by default.
  Example:
    print(nn.LeakyReLU(0.5):forward(torch.Tensor{-2, 3})) --> -1 3

nn.ELU([alpha])
  By elements: x where x > 0, else alpha (exp(x) - 1), alpha 1 by default.
  Example:
    print(nn.ELU():forward(torch.Tensor{-1, 2})) --> -0.6321 2.0000

nn.SELU()
  By elements: ELU with the scale and alpha that keep mean 0 and variance 1.
  Example:
    print(nn.SELU():forward(torch.Tensor{-1, 2})) --> -1.1113 2.1014

nn.CELU([alpha])
  By elements: x where x > 0, else alpha (exp(x / alpha) - 1), alpha 1 by
  default.
  Example:
    print(nn.CELU(2):forward(torch.Tensor{-1, 2})) --> -0.7869 2.0000

nn.GELU(['none' or 'tanh'])
  By elements: x times the normal distribution function; 'tanh': its
  approximation.
  Example:
    print(nn.GELU():forward(torch.Tensor{-1, 2})) --> -0.1587 1.9545

nn.SiLU()
  By elements: x sigmoid(x).
  Example:
    print(nn.SiLU():forward(torch.Tensor{-1, 2})) --> -0.2689 1.7616

nn.Swish()
  By elements: x sigmoid(x), another name of SiLU.
  Example:
    print(nn.Swish():forward(torch.Tensor{-1, 2})) --> -0.2689 1.7616

nn.Mish()
  By elements: x tanh(softplus(x)).
  Example:
    print(nn.Mish():forward(torch.Tensor{-1, 2})) --> -0.3034 1.9440

nn.HardSigmoid()
  By elements: min(max(x + 3, 0), 6) / 6.
  Example:
    print(nn.HardSigmoid():forward(torch.Tensor{-4, 0, 1.5}))
    --> 0.0000 0.5000 0.7500

nn.HardSwish()
  By elements: x min(max(x + 3, 0), 6) / 6.
  Example:
    print(nn.HardSwish():forward(torch.Tensor{-4, 0, 3})) --> -0 0 3

nn.Sigmoid()
  By elements: 1 / (1 + exp(-x)).
  Example:
    print(nn.Sigmoid():forward(torch.Tensor{0, 2})) --> 0.5000 0.8808

nn.LogSigmoid()
  By elements: log(1 / (1 + exp(-x))).
  Example:
    print(nn.LogSigmoid():forward(torch.Tensor{0, 2})) --> -0.6931 -0.1269

nn.Tanh()
  By elements: tanh(x).
  Example:
    print(nn.Tanh():forward(torch.Tensor{0, 1})) --> 0.0000 0.7616

nn.HardTanh([min_val[, max_val]])
  By elements: x within min_val (-1) and max_val (1).
  Example:
    print(nn.HardTanh():forward(torch.Tensor{-3, 0.5, 3}))
    --> -1.0000 0.5000 1.0000

nn.Clamp(min_val, max_val)
  By elements: x within the two.
  Example:
    print(nn.Clamp(0, 2):forward(torch.Tensor{-3, 1, 3})) --> 0 1 2

nn.HardShrink([lambda])
  By elements: x where |x| > lambda, else 0; lambda 0.5 by default.
  Example:
    print(nn.HardShrink():forward(torch.Tensor{-2, 0.3})) --> -2 0

nn.SoftShrink([lambda])
  By elements: x moved by lambda (0.5) towards 0.
  Example:
    print(nn.SoftShrink():forward(torch.Tensor{-2, 0.3}))
    --> -1.5000 0.0000

nn.TanhShrink()
  By elements: x - tanh(x).
  Example:
    print(nn.TanhShrink():forward(torch.Tensor{0, 1})) --> 0.0000 0.2384

nn.SoftPlus([beta[, threshold]])
  By elements: log(1 + exp(beta x)) / beta, and x where beta x is above the
  threshold; beta 1, threshold 20 by default.
  Example:
    print(nn.SoftPlus():forward(torch.Tensor{0, 2})) --> 0.6931 2.1269

nn.SoftSign()
  By elements: x / (1 + |x|).
  Example:
    print(nn.SoftSign():forward(torch.Tensor{-1, 3})) --> -0.5000 0.7500

nn.Threshold([threshold[, value]])
  By elements: x where x > threshold, else value; both 0 by default.
  Example:
    print(nn.Threshold(1, -1):forward(torch.Tensor{0.5, 2})) --> -1 2

nn.Abs()
  By elements: |x|.
  Example:
    print(nn.Abs():forward(torch.Tensor{-1, 2})) --> 1 2

nn.Power(p)
  By elements: x^p.
  Example:
    print(nn.Power(3):forward(torch.Tensor{-1, 2})) --> -1 8

nn.Square()
  By elements: x^2.
  Example:
    print(nn.Square():forward(torch.Tensor{-1, 2})) --> 1 4

nn.Sqrt([eps])
  By elements: sqrt(x + eps), eps 0 by default; its derivative is 0 where
  that is 0.
  Example:
    print(nn.Sqrt():forward(torch.Tensor{4, 9})) --> 2 3

nn.Exp()
  By elements: e^x.
  Example:
    print(nn.Exp():forward(torch.Tensor{0, 1})) --> 1.0000 2.7183

nn.Log()
  By elements: the natural logarithm.
  Example:
    print(nn.Log():forward(torch.Tensor{1, 10})) --> 0.0000 2.3026

nn.PReLU([n])
  x where x > 0, else w x, with a learned w: one (n = 0, the default), or one
  for each of n planes.  w begins as 0.25.
  Shapes: input and output [*], or [batch x n x *].
  Errors: another number of planes.
  Example:
    print(nn.PReLU():forward(torch.Tensor{-4, 2})) --> -1 2

nn.RReLU([lower[, upper]])
  x where x > 0, else a x, with a drawn from U(lower, upper) for each element
  in training mode, their mean in evaluate(); 1/8 and 1/3 by default.
  Example:
    local m = nn.RReLU(0.5, 0.5)
    print(m:forward(torch.Tensor{-4, 2}))       --> -2 2

# Activations of several elements
@Errors: an input that does not have the dimension.

nn.SoftMax([dim])
  exp(x) divided by its sum over the classes.
  Shapes: as Torch7's, classes in dimension 1 of inputs with 1 or 3 dimensions,
  2 of 2 or 4, unless dim is given (negative: from the end).
  Example:
    print(nn.SoftMax():forward(torch.Tensor{0, 0})) --> 0.5000 0.5000

nn.SoftMin([dim])
  SoftMax of -x.
  Shapes: as SoftMax.
  Example:
    print(nn.SoftMin():forward(torch.Tensor{0, 1000})) --> 1 0

nn.LogSoftMax([dim])
  The logarithm of SoftMax, what ClassNLLCriterion takes.
  Shapes: as SoftMax.
  Example:
    print(nn.LogSoftMax():forward(torch.Tensor{{0, 0}}))
    --> -0.6931 -0.6931

nn.SpatialSoftMax([dim])
  SoftMax over the planes of images.
  Shapes: [planes x height x width], [batch x planes x height x width].
  Example:
    print(nn.SpatialSoftMax():forward(torch.zeros(2, 1, 1)):view(-1))
    --> 0.5000 0.5000

nn.SpatialLogSoftMax([dim])
  LogSoftMax over the planes of images.
  Shapes: [planes x height x width], [batch x planes x height x width].
  Example:
    print(nn.SpatialLogSoftMax():forward(torch.zeros(2, 1, 1)):view(-1))
    --> -0.6931 -0.6931

nn.CReLU([nInputDims])
  relu(x) and relu(-x), joined along the first dimension of a sample.
  nInputDims (3) is a sample's number of dimensions.
  Shapes: [n x *] to [2n x *], or with a batch before.
  Example:
    print(nn.CReLU(1):forward(torch.Tensor{-1, 2})) --> 0 2 1 0

nn.GatedLinearUnit([dim])
  The first half of a dimension (the last) times the sigmoid of the second.
  Shapes: [* x 2n] to [* x n].
  Errors: a dimension of odd size.
  Example:
    print(nn.GatedLinearUnit():forward(torch.Tensor{3, 0})) --> 1.5000

nn.Maxout(nin, nout, k)
  The largest of k dense layers, for each output.
  Shapes: [* x nin] to [* x nout].
  Example:
    print(nn.Maxout(4, 2, 3):forward(torch.ones(5, 4)):size(2)) --> 2
]==]
