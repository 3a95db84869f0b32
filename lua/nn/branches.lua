-- Containers whose modules stand side by side: ConcatTable, ParallelTable,
-- Concat, Parallel, DepthConcat.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Container'

local nn = require 'nn'

-- a + b of tensors, or of tables of them
local function add (a, b)
  if torch.isTensor(a) or type(a) == 'number' then return a + b end
  local out = {}
  for i, x in ipairs(a) do out[i] = add(x, b[i]) end
  return out
end

-- A drawing of branches from input to output.
local function branches (self)
  return self:describe('input', function (i, n)
    if i == n then return '   `-> ', '       ' end
    return '  |`-> ', '  |    '
  end, '     ... -> output')
end

-- A class with, for module i: pick(self, input, i), its input;
-- part(self, gradOutput, i, from), its part of the gradient, where `from`
-- begins at 1 and is part's second result for the next module.
-- join(self, outputs) and merge(self, gradInputs) put all together.
local function define (name, rules)
  local C = torch.class('nn.' .. name, 'nn.Container', nn)

  C.compute = errors.loop(function (self, input)
    if rules.check then rules.check(self, input) end
    local outputs = {}
    for i = 1, #self.modules do
      outputs[i] = self.modules[i]:forward(rules.pick(self, input, i))
    end
    return rules.join(self, outputs)
  end)

  -- f(module, its input, its gradOutput) for each
  local walk = errors.loop(function (self, input, gradOutput, f)
    errors.ran(self)
    local results, from = {}, 1
    for i = 1, #self.modules do
      local g
      g, from = rules.part(self, gradOutput, i, from)
      results[i] = f(self.modules[i], rules.pick(self, input, i), g)
    end
    return results
  end)

  C.__tostring__ = branches

  function C:backward (input, gradOutput, scale)
    if rules.gradient then
      errors.ran(self)
      rules.gradient(self, gradOutput)
    end
    self.gradInput = rules.merge(self, walk(self, input, gradOutput,
      function (module, x, g) return module:backward(x, g, scale) end))
    return self.gradInput
  end

  function C:updateGradInput (input, gradOutput)
    if rules.gradient then
      errors.ran(self)
      rules.gradient(self, gradOutput)
    end
    self.gradInput = rules.merge(self, walk(self, input, gradOutput,
      function (module, x, g) return module:updateGradInput(x, g) end))
    return self.gradInput
  end

  function C:accGradParameters (input, gradOutput, scale)
    walk(self, input, gradOutput, function (module, x, g)
      module:accGradParameters(x, g, scale)
    end)
  end

  require 'nn.repeated'(C)

  function C:accUpdateGradParameters (input, gradOutput, lr)
    walk(self, input, gradOutput, function (module, x, g)
      module:accUpdateGradParameters(x, g, lr)
    end)
  end
  return C
end

local function whole (_, input) return input end

local function entry (_, x, i) return x[i], i + 1 end

local function as_table (_, list) return list end

local function sum (_, list)
  local total = list[1]
  for i = 2, #list do total = add(total, list[i]) end
  return total
end

-- The slice along a dimension that module i's output has.
local function slice (dim_of)
  return function (self, gradOutput, i, from)
    local dim = dim_of(self)
    local size = self.modules[i].output:size(dim)
    return gradOutput:narrow(dim, from, size), from + size
  end
end

-- What Concat and Parallel do along the dimension that dim_of gives.
local function joined (dim_of, rules)
  rules.part = slice(dim_of)

  function rules.join (self, outputs)
    local dim, one = dim_of(self), outputs[1]
    for i, y in ipairs(outputs) do
      local fits = torch.isTensor(y) and dim <= y:dim()
                   and y:dim() == one:dim()
      for d = 1, fits and y:dim() or 0 do
        fits = fits and (d == dim or y:size(d) == one:size(d))
      end
      if not fits then
        errors.fail(self, 'outputs that can be joined in dimension %d '
                    .. 'expected, got %s%s', dim, errors.shape(one), i > 1
                    and (' and %s of #%d'):format(errors.shape(y), i) or '')
      end
    end
    return torch.cat(outputs, dim)
  end

  function rules.gradient (self, g)
    local dim, size, one = dim_of(self), 0, self.modules[1].output
    for _, module in ipairs(self.modules) do
      size = size + module.output:size(dim)
    end
    local fits = torch.isTensor(g) and g:dim() == one:dim()
    for d = 1, fits and g:dim() or 0 do
      fits = fits and g:size(d) == (d == dim and size or one:size(d))
    end
    if not fits then
      local sizes = one:size():totable()
      sizes[dim] = size
      errors.fail(self, 'backward: gradOutput: [%s] expected, like the output; '
                  .. 'got %s', table.concat(sizes, ' x '), errors.shape(g))
    end
  end
  return rules
end

local function check_table (self, input)
  if type(input) ~= 'table' or #input < #self.modules then
    errors.fail(self, 'expected a table of %d, got %s', #self.modules,
                errors.shape(input))
  end
end

local function gradient_table (self, g)
  if type(g) ~= 'table' then
    errors.fail(self, 'backward: gradOutput: a table of %d expected, like the '
                .. 'output; got %s', #self.modules, errors.shape(g))
  end
end

-- nn.ConcatTable(...): each module gets the input; the output is a table.
define('ConcatTable', {pick = whole, join = as_table, part = entry,
                       merge = sum, gradient = gradient_table})

-- nn.ParallelTable(...): module i gets input[i]; the output is a table.
define('ParallelTable', {check = check_table, join = as_table, part = entry,
                         gradient = gradient_table,
                         pick = function (_, input, i) return input[i] end,
                         merge = as_table})

local function dimension (self) return self.dimension end

-- nn.Concat(dim, ...): each module gets the input; the outputs are joined
-- along the dimension.
local Concat = define('Concat', joined(dimension, {pick = whole, merge = sum}))

function Concat:__init (dim, ...)
  nn.Container.__init(self, ...)
  self.dimension = errors.integer('nn.Concat', 'dimension', dim)
end

-- nn.Parallel(inputDim, outputDim, ...): module i gets the i-th slice of the
-- input; the outputs are joined along outputDim.
local Parallel = define('Parallel', joined(function (self)
  return self.outputDimension
end, {
  check = function (self, input)
    errors.check(self, input, self.inputDimension, 8,
                 ('a tensor with a dimension %d'):format(self.inputDimension))
    if input:size(self.inputDimension) ~= #self.modules then
      errors.fail(self, 'expected %d slices in dimension %d, got %s',
                  #self.modules, self.inputDimension, errors.shape(input))
    end
  end,
  pick = function (self, input, i)
    return input:select(self.inputDimension, i)
  end,
  merge = function (self, list)
    return torch.stack(list, self.inputDimension)
  end,
}))

function Parallel:__init (inputDimension, outputDimension, ...)
  nn.Container.__init(self, ...)
  self.inputDimension = errors.integer('nn.Parallel', 'inputDimension',
                                       inputDimension)
  self.outputDimension = errors.integer('nn.Parallel', 'outputDimension',
                                        outputDimension)
end

-- nn.DepthConcat(dim, ...): nn.Concat of outputs whose other sizes differ:
-- smaller ones get zeros around them.
local DepthConcat, depth_parent = torch.class('nn.DepthConcat',
                                              'nn.Container', nn)

function DepthConcat:__init (dim, ...)
  depth_parent.__init(self, ...)
  self.dimension = errors.integer('nn.DepthConcat', 'dimension', dim)
end

DepthConcat.__tostring__ = branches

DepthConcat.compute = errors.loop(function (self, input)
  local outputs, largest = {}, {}
  for i = 1, #self.modules do
    local y = self.modules[i]:forward(input)
    for d = 1, y:dim() do
      largest[d] = math.max(largest[d] or 0, y:size(d))
    end
    outputs[i] = y
  end
  for k, y in ipairs(outputs) do
    for d = 1, y:dim() do
      if d ~= self.dimension then
        y = nn.functional.pad(y, d, (largest[d] - y:size(d)) // 2,
                              (largest[d] - y:size(d) + 1) // 2)
      end
    end
    outputs[k] = y
  end
  return torch.cat(outputs, self.dimension)
end)
