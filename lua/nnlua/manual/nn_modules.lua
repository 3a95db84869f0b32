-- The manual: nn, what every module and criterion can do.

return [==[
# Modules
@Shapes: those of the module.
@Errors: an input that the module does not take: its name, what came, what it wanted.

nn.Module()
  What every module inherits.  A class of one's own writes compute(input), of
  functions that do not change their arguments; or Torch7's updateOutput,
  updateGradInput and accGradParameters.  Parameters are weight and bias, or
  the fields in parameterNames.
  Example:
    local my = {}
    local Double = torch.class('my.Double', 'nn.Module', my)
    function Double:compute (x) return x * 2 end
    print(my.Double():forward(torch.Tensor{1, 2})) --> 2 4

module:forward(input)
module:updateOutput(input)
  The output for an input: a tensor, or for some modules a table of them.
  module(input) is the same.  In training mode, outside transforms, it keeps
  what backward needs.
  Example:
    local net = nn.Sequential(nn.Dense(2, 3), nn.Tanh())
    print(net:forward(torch.ones(4, 2)):size(2)) --> 3

module:compute(input)
  What a class of one's own writes: the output, by functions that do not change
  their arguments.  forward calls it and the gradient comes from autograd.
  Example:
    print(nn.Square():compute(torch.Tensor{1, 2})) --> 1 4

module:backward(input, gradOutput[, scale])
  The gradient with respect to the input, for the one with respect to the
  output; adds scale (1) times the parameters' gradients to gradWeight and
  gradBias.
  Shapes: gradOutput as the output; the result as the input.
  Example:
    local m = nn.MulConstant(3)
    local x = torch.ones(2)
    m:forward(x)
    print(m:backward(x, torch.Tensor{1, 10}))   --> 3 30

module:updateGradInput(input, gradOutput)
  The first part of backward: the gradient with respect to the input.
  Shapes: gradOutput as the output; the result as the input.
  Example:
    local m = nn.Square()
    local x = torch.Tensor{1, 2}
    m:forward(x)
    print(m:updateGradInput(x, torch.ones(2)))  --> 2 4

module:accGradParameters(input, gradOutput[, scale])
  The second part of backward: adds to the parameters' gradients.
  Shapes: gradOutput as the output.
  Example:
    local m = nn.Dense(1, 1)
    local x = torch.Tensor{{5}}
    m:zeroGradParameters()
    m:forward(x)
    m:accGradParameters(x, torch.ones(1, 1))
    print(m.gradWeight)                         --> 5

module:backwardUpdate(input, gradOutput, lr)
  backward, and an update of the parameters by -lr times their gradients in the
  place of adding to gradWeight.
  Shapes: those of backward; returns the gradient of the input.
  Errors: those of backward.
  Example:
    local m, x = nn.Linear(2, 1), torch.ones(1, 2)
    m.weight:zero()
    m:forward(x)
    m:backwardUpdate(x, torch.ones(1, 1), 0.5)
    print(m.weight)                             --> -0.5000 -0.5000

module:accUpdateGradParameters(input, gradOutput, lr)
module:sharedAccUpdateGradParameters(input, gradOutput, lr)
  Updates the parameters by -lr times their gradients at once.
  Shapes: gradOutput as the output.
  Example:
    local m = nn.Add(1)
    m.bias:zero()
    local x = torch.zeros(1, 1)
    m:forward(x)
    m:accUpdateGradParameters(x, torch.ones(1, 1), 0.5)
    print(m.bias)                               --> -0.5000

module:parameters()
  Two lists: the parameters and their gradients, in the order of the modules.
  Example:
    local w, dw = nn.Dense(2, 3):parameters()
    print(#w, w[1]:size(1))                     --> 2 3

module:getParameters()
  All parameters as one flat tensor and their gradients as another; the
  module's become views of them.  Gives the same pair each time.
  Shapes: two vectors.
  Example:
    local w, dw = nn.Dense(2, 3):getParameters()
    print(w:nElement(), dw:nElement())          --> 9 9

module:zeroGradParameters()
  Sets the parameters' gradients to 0.
  Example:
    local m = nn.Dense(2, 1)
    m:zeroGradParameters()
    print(m.gradWeight)                         --> 0 0

module:updateParameters(lr)
  Subtracts lr times the gradients from the parameters.
  Example:
    local m = nn.Mul()
    m.weight:fill(1)
    m.gradWeight:fill(2)
    m:updateParameters(0.25)
    print(m.weight)                             --> 0.5000

module:training()
module:evaluate()
module:training_mode()
  Switch the module and all in it to training (dropout draws, batch
  normalisation counts) or evaluation; is it in training mode?
  Example:
    local m = nn.Dropout(0.5)
    m:evaluate()
    print(m:training_mode(), m:forward(torch.ones(2))) --> false 1 1

module:clone([fields...])
  A copy; the fields that are named (for instance 'weight') are shared with it.
  Example:
    local a = nn.Dense(2, 2)
    local b = a:clone('weight', 'bias')
    a.weight:fill(7)
    print(b.weight)
    --> 7 7
    --> 7 7

module:share(other, fields...)
  Makes the named fields, and those of the modules in it, views of other's.
  Returns the module.
  Example:
    local a, b = nn.Dense(2, 2), nn.Dense(2, 2)
    b:share(a, 'weight')
    a.weight:fill(3)
    print(b.weight[1][1])                       --> 3.0

module:apply(f)
  Calls f with the module and each module in it.  Returns the module.
  Errors: f that is no function.
  Example:
    local n = 0
    nn.Sequential(nn.Tanh(), nn.Tanh()):apply(function () n = n + 1 end)
    print(n)                                    --> 3

module:listModules()
  A list of the module and all modules in it.
  Example:
    print(#nn.Sequential(nn.Tanh(), nn.ReLU()):listModules()) --> 3

module:findModules(typename)
  The modules of a class in it, and their containers.
  Example:
    local net = nn.Sequential(nn.Dense(2, 2), nn.Tanh())
    print(#net:findModules 'nn.Tanh')           --> 1

module:children()
  The modules directly in it.
  Example:
    print(#nn.Sequential(nn.Tanh(), nn.ReLU()):children()) --> 2

module:summary([input])
  A table in words, a line for each module: its place, its name, its parameters
  and, with an input, the sizes of what it gives.
  Shapes: a string.
  Example:
    local text = nn.Sequential(nn.Dense(2, 3)):summary(torch.zeros(1, 2))
    print(text:find 'nn.Dense' ~= nil)          --> true

module:replace(f)
  Puts f(module) in the place of the module and each one in it; returns what
  became of the module.
  Example:
    local net = nn.Sequential(nn.Dense(2, 2), nn.Tanh()):replace(function (m)
      return torch.isTypeOf(m, 'nn.Tanh') and nn.ReLU() or m
    end)
    print(net:get(2))                           --> nn.ReLU

module:clearState()
  Drops outputs, gradients of inputs and other traces of forward, for saving.
  Example:
    local m = nn.Tanh()
    m:forward(torch.ones(2))
    m:clearState()
    print(m.output:nElement())                  --> 0

module:reset([stdv])
  Draws the parameters anew.
  Example:
    local m = nn.Dense(2, 2)
    m.weight:zero()
    m:reset()
    print(m.weight:norm() > 0)                  --> true

module:type([name])
module:float()
module:double()
  The type of the module's tensors; converts them.  Returns the module.
  Errors: an unknown type, one that is not floating.
  Example:
    print(nn.Dense(2, 2):double().weight:dtype()) --> float64

module:cuda()
  Always an error that says what to use instead.
  Errors: always.
  Example:
    print((pcall(function () nn.Tanh():cuda() end))) --> false

module:named(name)
  Gives the module the name that nn.transform uses.  Returns it.
  Errors: none; a name that two modules have is an error of nn.transform.
  Example:
    local net = nn.transform(function (x)
      return nn.Linear(2):named 'head' (x)
    end)
    print(net.init(random.key(0), torch.ones(1, 3)).head.b) --> 0 0

# Methods of some modules
@Shapes: none.
@Errors: none.

module:noBias()
  Of nn.Dense and the convolutions: leaves the bias out.  Returns the module.
  Example:
    print(nn.Dense(3, 2):noBias().bias)         --> nil

module:setNumInputDims(n)
  Of modules of dimensions (View, Select, Narrow, Max...): how many dimensions
  one sample has; an input with one more is a batch.  Returns the module.
  Example:
    print(nn.View(4):setNumInputDims(2):forward(torch.ones(3, 2, 2)):size(1))
    --> 3

module:resetSize(sizes...)
  Of nn.View: other sizes.  Returns the module.
  Example:
    print(nn.View(4):resetSize(2, 2):forward(torch.ones(4)):size(2)) --> 2

module:ceil()
module:floor()
  Of the pooling modules: the last window may reach out of the image, or not
  (the default).  Returns the module.
  Example:
    local x = torch.ones(1, 5, 5)
    print(nn.SpatialMaxPooling(2, 2):ceil():forward(x):size(2)) --> 3

module:keepIndices()
  Of nn.SpatialMaxPooling: forward puts where the greatest elements stood, y *
  width + x + 1, into the field indices.  nn.SpatialMaxUnpooling calls it.
  Returns the module.
  Example:
    local m = nn.SpatialMaxPooling(2, 2):keepIndices()
    m:forward(torch.range(1, 4):view(1, 2, 2))
    print(m.indices:view(-1))                   --> 4

module:setCountIncludePad()
module:setCountExcludePad()
  Of nn.SpatialAveragePooling: does the padding count?  Returns the module.
  Example:
    local m = nn.SpatialAveragePooling(2, 2, 2, 2, 1, 1)
    print(m:setCountExcludePad():forward(torch.ones(1, 2, 2)):view(-1))
    --> 1 1 1 1

module:setp(p)
  Of nn.Dropout: another probability.  Returns the module.
  Example:
    print(nn.Dropout(0.5):setp(0.1).p)          --> 0.1

module:setLambda(lambda)
  Of nn.GradientReversal: another factor.  Returns the module.
  Example:
    print(nn.GradientReversal():setLambda(3).lambda) --> 3

module:scaleGradByFreq()
module:setMaxNorm(maxNorm)
module:setNormType(p)
  Of nn.LookupTable: gradients are divided by how often an index came; rows
  that are longer than maxNorm in the p-norm are made that long.  Each returns
  the module.
  Example:
    local m = nn.LookupTable(3, 2):setMaxNorm(1)
    m.weight:fill(3)
    print(m:forward(torch.LongTensor{2}))       --> 0.7071 0.7071

module:activation(x)
  Of the Lagrangians: their gradient at x.
  Shapes: as x.
  Errors: x that is no tensor.
  Example:
    print(nn.LTanh{}:activation(torch.Tensor{0, 1})) --> 0.0000 0.7616

module:convolve(x)
  Of nn.HAMConvolution: the convolution alone.
  Shapes: [height x width x inputs] to [height' x width' x outputs].
  Errors: another number of inputs.
  Example:
    local s = nn.HAMConvolution{inputs = 1, outputs = 2, padding = 'valid'}
    print(s:convolve(torch.ones(5, 5, 1)):size(1)) --> 3

# Buffers
@Shapes: any.
@Errors: what is no tensor and no table of tensors.

nn.utils
nn.utils.recursiveType(x, type)
nn.utils.recursiveResizeAs(t, u)
nn.utils.recursiveCopy(t, u)
nn.utils.recursiveFill(t, number)
nn.utils.recursiveAdd(t[, number], u)
nn.utils.clear(module, name, ...)
  Torch7's helpers for buffers that are tensors or tables of tensors: another
  type (for modules too; what is shared stays so), u's sizes, a copy of u, a
  number everywhere, t + number u; the module's named fields emptied.
  Example:
    local t = nn.utils.recursiveCopy(nil, {torch.ones(2), torch.ones(3)})
    print(nn.utils.recursiveFill(t, 5)[2])      --> 5 5 5

# Criterions as such
@Shapes: a number; gradients as the input.
@Errors: input and target that do not fit each other.

nn.Criterion()
  What every criterion inherits.  A class of one's own writes compute(input,
  target), or Torch7's updateOutput and updateGradInput.
  Example:
    local my = {}
    local Far = torch.class('my.Far', 'nn.Criterion', my)
    function Far:compute (x, t) return torch.abs(x - t):sum() end
    print(my.Far():forward(torch.Tensor{1, 2}, torch.Tensor{3, 3})) --> 3.0

criterion:forward(input, target)
criterion:updateOutput(input, target)
  The loss of an input for a target.  criterion(input, target) is the same.
  Example:
    print(nn.MSECriterion():forward(torch.Tensor{1, 2}, torch.Tensor{1, 4}))
    --> 2.0

criterion:compute(input, target)
  What a class of one's own writes: the loss, by functions that do not change
  their arguments.
  Example:
    print(nn.AbsCriterion():compute(torch.Tensor{1}, torch.Tensor{4}))
    --> 3.0

criterion:backward(input, target)
criterion:updateGradInput(input, target)
  The gradient of the loss with respect to the input.
  Example:
    print(nn.MSECriterion():backward(torch.Tensor{1, 2}, torch.Tensor{1, 4}))
    --> 0 -2

criterion:clone()
criterion:clearState()
  A copy; drops what forward and backward left.
  Example:
    print(torch.type(nn.MSECriterion():clone())) --> nn.MSECriterion

criterion:type([name])
criterion:float()
criterion:double()
  The type of the criterion's tensors; converts them.
  Example:
    local w = nn.ClassNLLCriterion(torch.ones(3)):double().weights
    print(w:dtype())                            --> float64
]==]
