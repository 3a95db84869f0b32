-- nn.Dense(nin, nout[, bias = true]): y = x W' + b, with x [*, nin], weight W
-- [nout, nin], bias b [nout], y [*, nout].  nn.Dense(nout) takes nin from its
-- first input.  Weight and bias are drawn from U(-1/sqrt(nin), 1/sqrt(nin)).
--   nn.Dense(784, 10):forward(torch.zeros(200, 784))   -- [200 x 10]

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
require 'nn.Module'

local Dense, parent = torch.class('nn.Dense', 'nn.Module', require 'nn')

function Dense:__init (nin, nout, bias)
  parent.__init(self)
  local name = torch.typename(self)
  if nout == nil or type(nout) == 'boolean' then
    nin, nout, bias = nil, nin, nout
  end
  self.nout = errors.integer(name, 'number of outputs', nout)
  self.with_bias = bias ~= false
  if nin ~= nil then
    self:build(errors.integer(name, 'number of inputs', nin))
  end
end

-- Makes the parameters; once the number of inputs is known.
function Dense:build (nin)
  local options = {dtype = torch.zeros(0):type(self._type):dtype()}
  self.nin = nin
  self.weight = torch.zeros(self.nout, nin, options)
  self.gradWeight = torch.zeros(self.nout, nin, options)
  if self.with_bias then
    self.bias = torch.zeros(self.nout, options)
    self.gradBias = torch.zeros(self.nout, options)
  end
  self:reset()
end

-- Draws anew: U(-r, r), r = 1/sqrt(nin), or such that the standard deviation
-- is stdv.
function Dense:reset (stdv)
  if not self.weight then return self end
  stdv = stdv and stdv * math.sqrt(3) or 1 / math.sqrt(self.nin)
  self.weight:uniform(-stdv, stdv)
  if self.bias then self.bias:uniform(-stdv, stdv) end
  return self
end

function Dense:noBias ()
  self.with_bias, self.bias, self.gradBias = false, nil, nil
  require 'nn.layout'.changed(self)
  return self
end

function Dense:parameters ()
  if not self.weight then
    errors.fail(self, 'its number of inputs is not known yet; run one batch '
                .. 'through first: net:forward(x), or say it: '
                .. 'nn.Dense(nin, %d)', self.nout)
  end
  return parent.parameters(self)
end

local function check (self, input)
  local nin = self.nin
  local last = torch.isTensor(input) and input:dim() > 0
               and input:size(input:dim())
  if last and last > 0 and nin == nil then
    require 'autograd'.outside(self.build, self, last)
  elseif not last or last ~= nin then
    local hint = ''
    if last and input:dim() > 2 and nin then
      local n = 1
      for d = 2, input:dim() do n = n * input:size(d) end
      if n == nin or input:nElement() % nin == 0 then
        hint = ('; flatten first: nn.View(-1, %d)'):format(nin)
      end
    end
    errors.fail(self, 'expected [*, %s], got %s%s', nin or 'inputs',
                errors.shape(input), hint)
  end
end

-- All dimensions but the last made one.
local function rows (x)
  if x:dim() == 2 then return x end
  return x:reshape(x:nElement() // x:size(x:dim()), x:size(x:dim()))
end

function Dense:compute (input)
  check(self, input)
  local x = rows(input)
  local y = x * self.weight:t()
  if self.bias then y = y + self.bias end
  if input:dim() == 2 then return y end
  local sizes = input:size():totable()
  sizes[#sizes] = self.nout
  return y:view(table.unpack(sizes))
end

-- A gradient [*, nout] with as many rows as the input.
local function check_gradient (self, input, g)
  if not core.same_rows(input, g, self.nin, self.nout) then
    local sizes = input:size():totable()
    sizes[#sizes] = self.nout
    errors.fail(self, 'backward: gradOutput: [%s] expected, like the output; '
                .. 'got %s', table.concat(sizes, ' x '), errors.shape(g))
  end
end

function Dense:updateGradInput (input, gradOutput)
  check(self, input)
  check_gradient(self, input, gradOutput)
  local g = rows(gradOutput) * self.weight
  self.gradInput = input:dim() == 2 and g or g:viewAs(input)
  return self.gradInput
end

function Dense:accGradParameters (input, gradOutput, scale)
  check_gradient(self, input, gradOutput)
  local x, g = rows(input), rows(gradOutput)
  if (scale or 1) == 1 then -- without a pass over the product
    self.gradWeight:addmm(g:t(), x)
    if self.bias then self.gradBias:add(g:sum(1):view(-1)) end
  else
    self.gradWeight:addmm(scale, g:t(), x)
    if self.bias then self.gradBias:add(scale, g:sum(1):view(-1)) end
  end
end

function Dense:__tostring__ ()
  return ('%s(%s%d)%s'):format(torch.typename(self),
    self.nin and self.nin .. ' -> ' or '', self.nout,
    self.with_bias and '' or ' without bias')
end

return Dense
