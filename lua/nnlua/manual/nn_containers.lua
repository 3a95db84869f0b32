-- The manual: nn, containers and graphs.

return [==[
# Containers
@Errors: what is no module; an input that a module in it does not take, with that module's number and the container's name.

nn.Container(modules...)
  What modules that hold others share; its children are in `modules`.
  Shapes: those of the modules.
  Example:
    print(nn.Container(nn.Tanh(), nn.ReLU()):size()) --> 2

container:add(module)
container:get(i)
container:size()
container:insert(module[, index])
container:remove([index])
  Appends a module and returns the container; the i-th one (negative: from the
  end); how many there are; puts one at a place; takes one away (the last).
  Shapes: none.
  Errors: a place that there is not; what is no module.
  Example:
    local net = nn.Sequential():add(nn.Tanh()):add(nn.ReLU())
    net:remove(1)
    print(net:size(), net:get(-1))              --> 1 nn.ReLU

container:describe(head, mark)
  The text that print shows.
  Shapes: a string.
  Example:
    print(type(nn.Sequential():describe()))     --> string

nn.Sequential(modules...)
  Each module gets the output of the one before.
  Shapes: those of the first input and the last output.
  Example:
    local net = nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 1))
    print(net:forward(torch.ones(4, 2)):size(2)) --> 1

nn.ConcatTable(modules...)
  Each module gets the input; the output is a table.
  Shapes: x to {y1, y2, ...}.
  Example:
    local m = nn.ConcatTable(nn.Identity(), nn.MulConstant(2))
    print(m:forward(torch.Tensor{3})[2])        --> 6

nn.ParallelTable(modules...)
  Module i gets entry i of the input; the output is a table.
  Shapes: {x1, x2, ...} to {y1, y2, ...}.
  Errors: an input that is no table, or has fewer entries.
  Example:
    local m = nn.ParallelTable(nn.Square(), nn.Abs())
    print(m:forward({torch.Tensor{-3}, torch.Tensor{-3}})[1]) --> 9

nn.Concat(dim, modules...)
  Each module gets the input; the outputs are joined along dim.
  Shapes: x to [* x n1 + n2 + ... x *].
  Example:
    local m = nn.Concat(2, nn.Dense(2, 3), nn.Dense(2, 4))
    print(m:forward(torch.ones(5, 2)):size(2))  --> 7

nn.Parallel(inputDim, outputDim, modules...)
  Module i gets slice i of inputDim; the outputs are joined along outputDim.
  Shapes: [* x modules x *] to the joined outputs.
  Example:
    local m = nn.Parallel(1, 1, nn.MulConstant(2), nn.MulConstant(10))
    print(m:forward(torch.Tensor{{1, 1}, {1, 1}})) --> 2 2 10 10

nn.DepthConcat(dim, modules...)
  As nn.Concat, of outputs whose other sizes differ: smaller ones get zeros
  around them.
  Shapes: x to [* x n1 + n2 + ... x the largest others].
  Example:
    local m = nn.DepthConcat(1, nn.SpatialConvolution(1, 2, 1, 1),
                             nn.SpatialConvolution(1, 3, 3, 3))
    print(m:forward(torch.ones(1, 5, 5)):size(1)) --> 5

nn.MapTable([module])
  The module for each entry of a table, with one set of parameters.
  Shapes: {x1, x2, ...} to {y1, y2, ...}.
  Example:
    local m = nn.MapTable(nn.Square())
    print(#m:forward {torch.ones(1), torch.ones(1), torch.ones(1)}) --> 3

nn.Bottle(module[, nInputDim[, nOutputDim]])
  The module for inputs with more dimensions: all but the last nInputDim - 1
  (nInputDim is 2) are made one for it.
  Shapes: [a x b x nin] to [a x b x nout] for a dense layer.
  Example:
    print(nn.Bottle(nn.Dense(3, 4)):forward(torch.ones(2, 5, 3)):size(3))
    --> 4

nn.Decorator(module)
  Does what the module does; to be inherited from.
  Shapes: those of the module.
  Example:
    print(nn.Decorator(nn.Square()):forward(torch.Tensor{3})) --> 9

nn.WeightNorm(module[, outputDim])
  The module with its weight as g v / |v|, a direction and a length for each
  output (Salimans and Kingma, 2016).  Parameters: v, g, the module's bias.
  Shapes: those of the module.
  Example:
    print(nn.WeightNorm(nn.Dense(3, 2)):forward(torch.ones(4, 3)):size(2))
    --> 2

# Graphs
@Errors: inputs that no output needs, loops, what is no node.

nn.gModule(inputs, outputs)
  A network as a graph, as nngraph's.  A module that is called without
  arguments, or with nodes, makes a node.
  Shapes: one input is a tensor, several are a table; so are the outputs.
  Example:
    local x = nn.Identity()()
    local a, b = nn.Square()(x), nn.MulConstant(10)(x)
    local net = nn.gModule({x}, {nn.CAddTable()({a, b})})
    print(net:forward(torch.Tensor{1, 2}))      --> 11 24

nn.Node(module, inputs)
node:annotate(notes)
node:split(n)
  A node of a graph: made by calling a module.  annotate{name = 'hidden'} is
  for people; split(n) gives n nodes for the n entries of its output.
  Shapes: none.
  Example:
    local x = nn.Identity()()
    local a, b = x:split(2)
    local net = nn.gModule({x}, {nn.CSubTable()({a, b})})
    print(net:forward {torch.Tensor{5}, torch.Tensor{3}}) --> 2

# Pure functions
@Errors: parameters that are missing or do not fit the modules.

nn.transform(f)
  A function that makes and calls modules becomes a pair of pure functions,
  as Haiku's: init(key, ...) -> parameters, apply(params, key, ...) -> f's
  results.  Parameters are named after the modules: linear, linear_1, ...
  Shapes: those of f.
  Example:
    local net = nn.transform(function (x) return nn.Linear(2)(x) end)
    local params = net.init(random.key(0), torch.ones(1, 3))
    print(params.linear.w:size(1), params.linear.b) --> 3 0 0

nn.without_apply_rng(t)
  The same with apply(params, ...), for functions that draw no noise.
  Shapes: those of f.
  Example:
    local net = nn.without_apply_rng(nn.transform(function (x)
      return nn.Linear(2)(x)
    end))
    local params = net.init(random.key(0), torch.ones(1, 3))
    print(net.apply(params, torch.zeros(1, 3))) --> 0 0

# Training and tests
@Shapes: those of the module.

nn.StochasticGradient(module, criterion)
trainer:train(dataset)
  Torch7's trainer, one example at a time.  Fields: learningRate (0.01),
  learningRateDecay (0), maxIteration (25), shuffleIndices (true), verbose
  (true), hookExample, hookIteration.  dataset[i] is {input, target}.  Returns
  the mean error of the last pass.
  Errors: a dataset without size.
  Example:
    local trainer = nn.StochasticGradient(nn.Dense(1, 1), nn.MSECriterion())
    trainer.verbose, trainer.learningRate = false, 0.1
    local examples = {{torch.ones(1), torch.Tensor{3}}}
    print(trainer:train(examples) < 1e-3)       --> true

nn.Jacobian
nn.Jacobian.testJacobian(module, input[, minval, maxval, perturbation])
nn.Jacobian.testJacobianParameters(module, input, param, dparam[, minval, maxval, perturbation])
nn.Jacobian.testJacobianUpdateParameters(module, input, param[, minval, maxval, perturbation])
nn.Jacobian.testAllUpdate(module, input, weight, gradWeight)
nn.Jacobian.testIO(module, input[, minval, maxval])
nn.Jacobian.forward(module, input[, param, perturbation])
nn.Jacobian.backward(module, input[, param, dparam])
nn.Jacobian.backwardUpdate(module, input, param)
  Tests of modules' backward against differences, as Torch7's: the largest
  difference for the input (drawn from minval..maxval, -2..2, first), for a
  parameter by its gradient or its update, and between a module and its copy
  through a file; the matrices.  testAllUpdate compares ways to update the
  fields of those names.
  Use float64.
  Errors: a parameter that is not the module's.
  Example:
    local m = nn.Tanh():double()
    print(nn.Jacobian.testJacobian(m, torch.DoubleTensor(3)) < 1e-6)
    --> true
]==]
