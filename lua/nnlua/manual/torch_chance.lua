-- The manual: torch, random numbers.

return [==[
# Random tensors
@Errors: sizes that are no integers or are negative; an unknown dtype.
@Shapes: the sizes.

torch.rand([r,] sizes...[, {key =, dtype =}])
  Uniform random numbers of [0, 1).  With a key of random.key the generator is
  not touched.
  Example:
    local x = torch.rand(1000)
    print(x:min() >= 0, x:max() < 1)            --> true true

torch.randn([r,] sizes...[, {key =, dtype =}])
  Random numbers of the normal distribution with mean 0 and deviation 1.
  Example:
    print(math.abs(torch.randn(10000):mean()) < 0.1) --> true

torch.randperm([r,] n)
  1..n in random order, int64.
  Shapes: [n].
  Example:
    print((torch.randperm(4):sort()))           --> 1 2 3 4

torch.multinomial(p, n[, replacement])
x:multinomial(n[, replacement])
  n indices drawn with the weights p, without replacement unless it is true.
  Shapes: p [m] gives int64 [n], p [rows x m] gives [rows x n].
  Errors: negative weights, all weights 0, more than there are to draw without
  replacement; inside jit and vmap none of these is seen.
  Example:
    print(torch.multinomial(torch.Tensor{0, 1, 0}, 3, true)) --> 2 2 2

# Filling with random numbers
@Shapes: a number; the method fills x, whatever its sizes.
@Errors: parameters that the distribution does not have.

torch.uniform([a, b])
x:uniform([a, b])
  A random number of [a, b), [0, 1) by default.
  Example:
    print(torch.Tensor(100):uniform(5, 6):min() >= 5) --> true

torch.normal([mean, deviation])
x:normal([mean, deviation])
  A normal random number, mean 0 and deviation 1 by default.
  Example:
    print(math.abs(torch.Tensor(10000):normal(3, 1):mean() - 3) < 0.1)
    --> true

torch.bernoulli([p])
x:bernoulli([p])
  1 with probability p (0.5), else 0; p may be a tensor of x's sizes.
  Example:
    print(torch.Tensor(4):bernoulli(1))         --> 1 1 1 1

torch.exponential([rate])
x:exponential([rate])
  A random number with density rate exp(-rate x), rate 1 by default.
  Example:
    print(torch.Tensor(100):exponential(2):min() >= 0) --> true

torch.cauchy([median, width])
x:cauchy([median, width])
  A random number of the Cauchy distribution, median 0 and width 1 by default.
  Example:
    print(torch.Tensor(3):cauchy():nElement())  --> 3

torch.logNormal([mean, deviation])
x:logNormal([mean, deviation])
  A random number whose logarithm is normal; mean (1) and deviation (2) are its
  own.
  Example:
    print(torch.Tensor(100):logNormal():min() > 0) --> true

torch.geometric([p])
x:geometric([p])
  How many trials until the first failure, each going on with probability p.
  Example:
    print(torch.Tensor(100):geometric(0.5):min() >= 1) --> true

torch.random([[first,] last])
x:random([[first,] last])
  A random integer of first (1) to last.
  Example:
    local x = torch.LongTensor(100):random(3, 5)
    print(x:min() >= 3, x:max() <= 5)           --> true true

# The generator
@Shapes: none.
@Errors: a seed that is no integer, a state that is none.

torch.manualSeed([generator,] n)
  Seeds the generator: one seed gives one stream of numbers, on any machine
  and for any number of threads.
  Example:
    torch.manualSeed(7)
    local x = torch.rand(3)
    torch.manualSeed(7)
    print(torch.equal(x, torch.rand(3)))        --> true

torch.seed([generator])
  Seeds the generator from the clock; returns the seed.
  Example:
    print(math.type(torch.seed()))              --> integer

torch.initialSeed([generator])
  The seed in force.
  Example:
    torch.manualSeed(7)
    print(torch.initialSeed())                  --> 7

torch.getRNGState([generator])
  The generator's state, for torch.setRNGState.
  Example:
    local state = torch.getRNGState()
    local x = torch.rand(3)
    torch.setRNGState(state)
    print(torch.equal(x, torch.rand(3)))        --> true

torch.setRNGState([generator,] state)
  Puts a state of torch.getRNGState back.
  Example:
    torch.manualSeed(3)
    local state = torch.getRNGState()
    local x = torch.randperm(9)
    torch.setRNGState(state)
    print(torch.equal(x, torch.randperm(9)))    --> true

torch.Generator()
  A generator of one's own, which can be the first argument of the functions
  of random numbers.
  Example:
    local g = torch.Generator()
    torch.manualSeed(g, 1)
    local a = torch.rand(g, 2)
    torch.manualSeed(g, 1)
    print(torch.equal(a, torch.rand(g, 2)))     --> true
]==]
