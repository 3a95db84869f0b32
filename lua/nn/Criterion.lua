-- nn.Criterion: a number that says how far an input is from its target, and
-- its gradient with respect to the input.
--
-- A class says compute(input, target) -> number, of pure functions, and may
-- add updateGradInput(input, target) by hand; or Torch7's updateOutput and
-- updateGradInput.  Under a transform nothing is kept.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local copy = require 'nn.copy'
local held = require 'nn.held'

local Criterion = torch.class('nn.Criterion', nil, require 'nn')

Criterion.__transient = {'output', 'gradInput', '_record'}

function Criterion:__init ()
  self.gradInput = torch.Tensor()
  self.output = 0
  self._type = self.gradInput:type()
end

-- The loss of an input for a target.
--   local loss = criterion:forward(net:forward(x), y)
function Criterion:forward (input, target)
  return self:updateOutput(input, target)
end

local function run (self, input, target)
  if not self.compute then
    errors.fail(self, 'its class has neither a method compute nor '
                .. 'updateGradInput')
  end
  local output, pull = require 'autograd'.vjp(function (x)
    return self:compute(x, target)
  end, input)
  return output, {input = input, target = target, pull = pull,
                  held = held.hold {input, target, self.weights}}
end

-- Is what forward kept that of these, and have they still the same elements?
-- A buffer that was filled anew since counts as it is now, as in Torch7.
local function current (self, r, input, target)
  if not r then return false end
  local same = rawequal(r.input, input) and rawequal(r.target, target)
               and held.same(r.held, {input, target, self.weights})
  held.drop(r.held)
  return same
end

function Criterion:updateOutput (input, target)
  if not self.compute then
    errors.fail(self, 'its class has neither a method compute nor '
                .. 'updateOutput')
  end
  if core.tracing() then return self:compute(input, target) end
  self._record = nil
  if self.updateGradInput == Criterion.updateGradInput then
    self.output, self._record = run(self, input, target)
  else
    self.output = self:compute(input, target)
  end
  return self.output
end

-- The gradient of the loss with respect to the input.
function Criterion:backward (input, target)
  return self:updateGradInput(input, target)
end

function Criterion:updateGradInput (input, target)
  local r = self._record
  if not current(self, r, input, target) then
    local _
    _, r = run(self, input, target)
    held.drop(r.held)
  end
  self._record = nil -- what is in input and target may change until the next
  self.gradInput = r.pull(1)
  return self.gradInput
end

function Criterion:__call__ (input, target)
  return self:forward(input, target), self:backward(input, target)
end

Criterion.clone = copy.clone
Criterion.type = copy.type
Criterion.float = copy.float
Criterion.double = copy.double

function Criterion:clearState ()
  self._record = nil
  self.gradInput = torch.Tensor():type(self._type)
  return self
end

function Criterion:__tostring__ () return torch.typename(self) end

return Criterion
