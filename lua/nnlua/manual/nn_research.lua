-- The manual: nn, noisy units, learned activations, associative memories.

return [==[
# Noisy states
@Shapes: input and output alike.
@Errors: thresholds out of order or NaN, noise that is not above 0, unknown options.

nn.Ternary{thresholds =, noise_sd =, learn =, noise =, expected =}
  States -1, 0 and 1 of the input plus normal noise, its gradient that of the
  expected state.  thresholds {-0.5, 0.5}, noise_sd 0.3; learn = true (or
  'thresholds', 'noise_sd') makes parameters of them: of thresholds that crossed
  in training the lower one is the first, and a learned noise_sd counts at least
  1e-6, below which it has no gradient; noise 'training' (the default: none in
  evaluate()), 'always' or 'never'; expected = true gives the expected state.
  Example:
    local m = nn.Ternary{noise = 'never'}
    print(m:forward(torch.Tensor{-2, 0.1, 3}))  --> -1 0 1

nn.Binary{threshold =, noise_sd =, low =, learn =, noise =, expected =}
  States 1 above the threshold (0) and low (-1, or 0) elsewhere, of the input
  plus normal noise.
  Example:
    print(nn.Binary{noise = 'never'}:forward(torch.Tensor{-2, 3})) --> -1 1

# Learned activations
@Errors: another number of units than the module's, unknown options, D outside 2..256, boundary or sigma that is not above 0, a learned sigma that begins below min_sigma, a singular ridge system.

nn.KAF(n[, options])
kaf:curves([x])
  n units that each learn their own activation, a sum of D (20) kernels with
  centres in [-boundary, boundary] (3).  Options: D, boundary, kernel
  ('gaussian', 'relu', 'softplus' or a function), sigma, learn_sigma, init
  ('random', 'relu', 'tanh', 'elu' or a function), eps, shared, channels.
  A learned sigma counts at least min_sigma (a hundredth of the centres'
  distance), below which it has no gradient.
  curves gives the functions at the points x.
  Shapes: [* x n]; parameters alpha [n x D].
  Example:
    local m = nn.KAF(2, {init = 'tanh'})
    local y = m:forward(torch.Tensor{{0, 1}})
    print(math.abs(y[1][2] - torch.tanh(1)) < 0.05) --> true

nn.KAF2D(n[, options])
kafs:surfaces([x])
  n / 2 functions of two inputs each: output h of inputs h and n/2 + h.
  surfaces gives them on the grid of the points x, [n / 2 x m x m], first inputs
  along columns.
  Options: D (10), boundary (3), sigma, learn_sigma, min_sigma.
  Shapes: [* x n] to [* x n / 2]; alpha [n / 2 x D D].
  Errors: n that is odd.
  Example:
    print(nn.KAF2D(4):forward(torch.randn(5, 4)):size(2)) --> 2

nn.Activation(f, ...)
  The module of any function of its input, further arguments passed on.  Its
  gradient is autograd's, or f's own (autograd.custom_vjp).
  Shapes: those of f.
  Errors: f that is no function.
  Example:
    print(nn.Activation(torch.clamp, 0, 1):forward(torch.Tensor{-1, 2}))
    --> 0 1

nn.Lagrangian(l)
  The activation of a Lagrangian: its gradient at the input.  l: one of those
  below, or any function or module from a tensor to a number.
  Shapes: input and output alike.
  Example:
    print(nn.Lagrangian(nn.LSoftmax{}):forward(torch.Tensor{0, 0}))
    --> 0.5000 0.5000

# Lagrangians
@Shapes: [*] to a number; activation(x) of x's sizes; beta and scale one number, or what broadcasts to x. They, gamma and delta are parameters; learn = false, an option of all, makes them constants, and min_beta is one where beta is.
@Errors: unknown options, an initial beta below min_beta, negative gamma or scale, an axis that x has not.  Learned ones count at least min_beta (1e-6), scale and gamma at least 0; below that they have no gradient.

nn.LIdentity{}
  sum x^2 / 2; activation x.
  Example:
    print(nn.LIdentity{}:forward(torch.Tensor{3, 4})) --> 12.5

nn.LRepu{n =}
  sum max(x, 0)^n / n, n = 2; activation max(x, 0)^(n - 1).
  Example:
    print(nn.LRepu{n = 3}:activation(torch.Tensor{-1, 2})) --> 0 4

nn.LRelu{}
  LRepu of n = 2: activation max(x, 0).
  Example:
    print(nn.LRelu{}:activation(torch.Tensor{-1, 2})) --> 0 2

nn.LSoftmax{beta =, axis =}
  log(sum e^(beta x)) / beta along axis (-1); activation softmax(beta x).
  Example:
    print(nn.LSoftmax{beta = 2}:activation(torch.Tensor{0, 0}))
    --> 0.5000 0.5000

nn.LGhostmax{beta =, axis =}
  log(1 + sum e^(beta x)) / beta: a softmax that may choose nothing.
  Example:
    print(nn.LGhostmax{}:activation(torch.Tensor{0})) --> 0.5000

nn.LExp{beta =}
  sum e^(beta x) / beta; activation e^(beta x).
  Example:
    print(nn.LExp{}:activation(torch.Tensor{0, 1})) --> 1.0000 2.7183

nn.LRexp{beta =}
  sum e^(beta y) / beta - y, y = max(x, 0); activation e^(beta y) - 1.
  Example:
    print(nn.LRexp{}:activation(torch.Tensor{-1, 1})) --> 0.0000 1.7183

nn.LSigmoid{beta =, scale =}
  sum scale log(1 + e^(beta x)) / beta; activation scale sigmoid(beta x).
  Example:
    print(nn.LSigmoid{}:activation(torch.Tensor{0})) --> 0.5000

nn.LTanh{beta =}
  sum log cosh(beta x) / beta; activation tanh(beta x).
  Example:
    print(nn.LTanh{beta = 2}:activation(torch.Tensor{0, 0.5}))
    --> 0.0000 0.7616

nn.LLayerNorm{gamma =, delta =, eps =, axis =}
  D gamma sqrt(var(x) + eps) plus sum delta x; activation layer normalisation.
  Example:
    print(nn.LLayerNorm{}:activation(torch.Tensor{1, 3}))
    --> -1.0000 1.0000

nn.LSphericalNorm{gamma =, delta =, eps =, axis =}
  gamma sqrt(sum x^2 + eps) plus sum delta x; activation x / |x|.
  Example:
    print(nn.LSphericalNorm{}:activation(torch.Tensor{3, 4}))
    --> 0.6000 0.8000

# Hierarchical associative memories
@Shapes: states are tables name -> tensor of the layer's sizes, or all with a batch dimension before.
@Errors: layers that synapses name and neurons do not, synapses of other sizes, states that do not fit, unknown options.

nn.HAM{neurons =, connections =, step =, steps =, tau =}
  Layers of neurons, name -> {Lagrangian, sizes...}, and synapses between any
  number of them, {names..., synapse}.  forward(states) descends the energy and
  gives the last activations, differentiably.
  Example:
    local ham = nn.HAM{neurons = {x = {nn.LIdentity{}, 4}},
                       connections = {{'x', nn.HAMMemory(4, 2)}}}
    print(ham:forward(ham:zeros()).x:size(1))   --> 4

ham:descend{states =, step =, steps =, tau =, keep =, tolerance =, monotone =, record =, quiet =}
  Descends the energy: x <- x - step / tau keep dE/dxhat.  Returns the last
  states and a report: steps, converged, energy, rises, step; with record
  states and energies.  keep: 0 clamps an element.
  Example:
    local ham = nn.HAM{neurons = {x = {nn.LIdentity{}, 4}},
                       connections = {{'x', nn.HAMMemory(4, 2)}}}
    local states = {x = torch.ones(4)}
    local last, report = ham:descend {states = states, steps = 3}
    print(last.x:size(1), report.steps)         --> 4 3

ham:zeros([batch])
ham:activations(xs)
ham:energy(xhats, xs)
ham:energies(xhats, xs)
ham:gradient(xhats, xs)
ham:batched(xs[, what])
  States of zeros; the gradient of each Lagrangian; the energy, a number or
  [batch]; its parts {neurons =, connections =}; dE/dxhat; are the states a
  batch?
  Example:
    local ham = nn.HAM{neurons = {x = {nn.LIdentity{}, 2}}, connections = {}}
    local xs = {x = torch.Tensor{3, 4}}
    print(ham:energy(ham:activations(xs), xs))  --> 12.5

nn.HAMLinear(n, m[, bias])
  The synapse -x W y [- b y] of two layers.
  Shapes: {[n], [m]} to a number; W [n x m].
  Example:
    local s = nn.HAMLinear(2, 3)
    s.weight:fill(1)
    print(s:forward {torch.ones(2), torch.ones(3)}) --> -6.0

nn.HAMBias(sizes...)
  The synapse -sum b x of one layer.
  Shapes: {[sizes]} to a number.
  Example:
    local s = nn.HAMBias(2)
    s.bias:fill(1)
    print(s:forward {torch.Tensor{1, 2}})       --> -3.0

nn.HAMEdge(n, m, k)
  The synapse -sum W[i][j][k] x_i y_j z_k of three layers.
  Shapes: {[n], [m], [k]} to a number.
  Example:
    local s = nn.HAMEdge(2, 2, 2)
    s.weight:fill(1)
    print(s:forward {torch.ones(2), torch.ones(2), torch.ones(2)}) --> -8.0

nn.HAMConvolution{inputs =, outputs =, kernel =, stride =, padding =}
  The synapse -sum y conv(x, W); kernel 3, stride 1, padding 'same' or 'valid'.
  Shapes: x [height x width x in], y [height' x width' x out].
  Example:
    local s = nn.HAMConvolution{inputs = 1, outputs = 2}
    print(s:convolve(torch.ones(5, 5, 1)):size(3)) --> 2

nn.HAMMemory(n, m[, {kind =, beta =, power =, unit_columns =}])
  A dense associative memory of m patterns, the columns of W [n x m]: kind
  'lse' -log(sum e^(beta x W)) / beta, or 'power' -sum max(0, x W)^power / power.
  Shapes: {[n]} to a number.
  Example:
    local s = nn.HAMMemory(2, 4)
    s.weight:zero()
    print(math.abs(s:forward {torch.ones(2)} + math.log(4)) < 1e-6)
    --> true
]==]
