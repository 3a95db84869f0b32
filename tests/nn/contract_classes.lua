-- Three classes written for Torch7 (updateOutput, updateGradInput,
-- accGradParameters, buffers, in place), and for each a twin that says only
-- compute.  For contract_spec.lua.

local torch = require 'torch'
require 'nn'

local C = {}

-- y = w tanh(x) + b, with a buffer that backward reads
local Scale, scale_parent = torch.class('contract.Scale', 'nn.Module', C)

function Scale:__init (n)
  scale_parent.__init(self)
  self.weight, self.bias = torch.Tensor(n), torch.Tensor(n)
  self.gradWeight, self.gradBias = torch.Tensor(n), torch.Tensor(n)
  self.buffer = torch.Tensor()
  self:reset()
end

function Scale:reset ()
  self.weight:uniform(0.5, 1.5)
  self.bias:uniform(-1, 1)
  return self
end

local function over (v, x) -- a vector along the last dimension
  local sizes = {}
  for d = 1, x:dim() do sizes[d] = 1 end
  sizes[x:dim()] = v:size(1)
  return v:view(table.unpack(sizes)):expandAs(x)
end

function Scale:updateOutput (input)
  self.buffer:resizeAs(input):copy(input):tanh()
  self.output:resizeAs(input):copy(self.buffer)
  self.output:cmul(over(self.weight, input)):add(over(self.bias, input))
  return self.output
end

function Scale:updateGradInput (input, gradOutput)
  self.gradInput:resizeAs(input):copy(self.buffer):pow(2):mul(-1):add(1)
  self.gradInput:cmul(gradOutput):cmul(over(self.weight, input))
  return self.gradInput
end

function Scale:accGradParameters (_, gradOutput, scale)
  scale = scale or 1
  local n = self.weight:size(1)
  local rows = torch.cmul(self.buffer, gradOutput)
  self.gradWeight:add(scale, rows:reshape(rows:nElement() // n, n):sum(1)
                             :view(-1))
  self.gradBias:add(scale, gradOutput:reshape(rows:nElement() // n, n):sum(1)
                           :view(-1))
end

local NewScale, new_scale_parent = torch.class('contract.NewScale',
                                               'nn.Module', C)

function NewScale:__init (n)
  new_scale_parent.__init(self)
  self.weight, self.bias = torch.Tensor(n), torch.Tensor(n)
  Scale.reset(self)
end

function NewScale:compute (x)
  return torch.cmul(torch.tanh(x), over(self.weight, x)) + over(self.bias, x)
end

-- {a, b} to {a b, a - 2 b}, tables of buffers
local Pair, pair_parent = torch.class('contract.Pair', 'nn.Module', C)

function Pair:__init ()
  pair_parent.__init(self)
  self.output = {torch.Tensor(), torch.Tensor()}
  self.gradInput = {torch.Tensor(), torch.Tensor()}
end

function Pair:updateOutput (input)
  local a, b = input[1], input[2]
  self.output = self.output or {torch.Tensor(), torch.Tensor()}
  self.output[1]:resizeAs(a):copy(a):cmul(b)
  self.output[2]:resizeAs(a):copy(a):add(-2, b)
  return self.output
end

function Pair:updateGradInput (input, gradOutput)
  local g, h = gradOutput[1], gradOutput[2]
  self.gradInput = self.gradInput or {torch.Tensor(), torch.Tensor()}
  self.gradInput[1]:resizeAs(g):cmul(g, input[2]):add(h)
  self.gradInput[2]:resizeAs(g):cmul(g, input[1]):add(-2, h)
  return self.gradInput
end

local NewPair = torch.class('contract.NewPair', 'nn.Module', C)

function NewPair.compute (_, input) -- luacheck: ignore
  local a, b = input[1], input[2]
  return {torch.cmul(a, b), a - b * 2}
end

-- y = x^3, without any state
local Cube = torch.class('contract.Cube', 'nn.Module', C)

function Cube:updateOutput (input)
  self.output:resizeAs(input):copy(input):cmul(input):cmul(input)
  return self.output
end

function Cube:updateGradInput (input, gradOutput)
  self.gradInput:resizeAs(input):copy(input):pow(2):mul(3):cmul(gradOutput)
  return self.gradInput
end

local NewCube = torch.class('contract.NewCube', 'nn.Module', C)

function NewCube.compute (_, x) return torch.pow(x, 3) end

return C
