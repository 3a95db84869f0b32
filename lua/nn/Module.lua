-- nn.Module: what every module can do.
--
-- A class says how to compute in one of three ways:
--   compute(input) -> output, of pure functions only: the gradient comes from
--     autograd, and the module works under every transform;
--   compute, and updateGradInput (accGradParameters) by hand, for speed: the
--     latter are used outside transforms, and must give the same gradient;
--   Torch7's updateOutput, updateGradInput, accGradParameters: they work
--     unchanged, under transforms as a custom rule.
-- Parameters are the fields named in `parameterNames` (weight and bias unless
-- the class says otherwise); gradWeight and gradBias hold their gradients.
-- Outside transforms, in training mode, forward keeps what backward needs;
-- under a transform it keeps nothing.

local torch = require 'torch'
local core = require 'nnlua.core'
local parameters = require 'nn.own_parameters'
local record = require 'nn.record'
local native = require 'nn.native'
local layout = require 'nn.layout'
local errors = require 'nn.errors'

local Module = torch.class('nn.Module', nil, require 'nn')

local tracing = core.tracing

Module.parameterNames = {'weight', 'bias'}
Module.__transient = {'output', 'gradInput', '_record', '_flat'}
Module.__emptied = {'output', 'gradInput'} -- tables of buffers keep their form

function Module:__init ()
  self.gradInput = torch.Tensor()
  self.output = torch.Tensor()
  self._type = self.output:type()
  self.train = true
  if Module.context then Module.context:register(self) end -- nn.transform
end

-- Gives the module the name that nn.transform uses.  Returns it.
function Module:named (name)
  if Module.context then Module.context:rename(self, name) end
  return self
end

-- Refuses a module that nn.transform's function made and that outlived it.
function Module:check_inside ()
  if self.transformed then
    errors.fail(self, 'it was made inside the function of an nn.transform '
                .. 'that ended and has no parameters of its own; make it and '
                .. 'call it in there')
  end
end

-- A new key for random numbers inside nn.transform, nil elsewhere.
function Module:draw_key ()
  return Module.context and Module.context:next_key(self)
end

-- Is the module in training mode?  Under jit the answer is watched, so that
-- evaluate() is seen by a compiled function.
function Module:training_mode ()
  if tracing() then
    return require 'autograd'.static(self, 'train') ~= false
  end
  return self.train ~= false
end

-- ---- forward and backward ----

-- Under a transform nothing is kept, but on a copy that nn.native made.
local function traced (self, input)
  layout.trace(self)
  if native.depth == 0 then return self:compute(input) end
  self._noise = torch.getRNGState()
  self.output = self:compute(input)
  return self.output
end

-- The output for an input: a tensor, or for some modules a table of them.
--   local y = net:forward(x)
function Module:forward (input)
  if Module.context then return Module.context:forward(self, input) end
  self:check_inside()
  if self.updateOutput ~= Module.updateOutput then
    if tracing() then
      if self.compute then return traced(self, input) end
      if self.updateGradInput ~= Module.updateGradInput
         and native.depth == 0 then
        layout.trace(self)
        return native.custom(self, input)
      end
    else
      native.fill(self)
    end
  end
  return self:updateOutput(input)
end

function Module:updateOutput (input)
  if not self.compute then
    errors.fail(self, 'its class has neither a method compute nor '
                .. 'updateOutput')
  end
  if tracing() or record.depth > 0 then return traced(self, input) end
  local output
  self._record = nil
  if self.train ~= false
     and self.updateGradInput == Module.updateGradInput then
    output, self._record = record.run(self, input)
  else
    output = self:compute(input)
  end
  self.output = output
  return output
end

-- The gradient with respect to the input, for the one with respect to the
-- output; adds scale (1) times the parameters' gradients to gradWeight, ...
function Module:backward (input, gradOutput, scale)
  if self.gradInput == nil and self._type then native.fill(self) end
  local gradInput = self:updateGradInput(input, gradOutput)
  local r = self._record
  if r then r.fresh = true end -- its grads are of this gradOutput as it is
  self:accGradParameters(input, gradOutput, scale or 1)
  return gradInput
end

-- What forward recorded; or, in evaluate() or for another input, again.
local function recorded (self, input)
  local r = self._record
  if not r or not rawequal(r.input, input) then
    if not self.compute then
      errors.fail(self, 'its class defines updateOutput without '
                  .. 'updateGradInput: there is no gradient')
    end
    local _
    _, r = native.same_noise(self, record.run, self, input)
    self._record = r
  end
  return r
end

-- The gradients by gradOutput, of the parameters and of the input.
local function pulled (self, r, gradOutput)
  errors.gradient(self, r.output, gradOutput)
  return r.pull(gradOutput)
end

-- Pulls each time: gradOutput may be a buffer that holds other numbers now.
function Module:updateGradInput (input, gradOutput)
  local r = recorded(self, input)
  r.grads, self.gradInput = pulled(self, r, gradOutput)
  r.gradOutput, r.fresh = gradOutput, nil
  return self.gradInput
end

function Module:accGradParameters (input, gradOutput, scale)
  if self.updateGradInput ~= Module.updateGradInput
     or self.updateOutput ~= Module.updateOutput then
    return -- by hand, and without parameters
  end
  self:_accumulate(input, gradOutput, scale)
end

-- accGradParameters by what forward recorded.
function Module:_accumulate (input, gradOutput, scale)
  local r = recorded(self, input)
  local grads = r.fresh and rawequal(r.gradOutput, gradOutput) and r.grads
                or pulled(self, r, gradOutput)
  for _, entry in ipairs(r.entries) do
    local grad = entry.grad or parameters.grad_of(entry.module, entry.name)
    grad:add(scale or 1, grads[entry.key])
  end
  r.grads, r.gradOutput, r.fresh = nil, nil, nil
end

-- m(x) is m:forward(x); m(x, gradOutput) is forward and backward; m() and
-- m(node) make a node for nn.gModule.
function Module:__call__ (...)
  local input, gradOutput = ...
  if select('#', ...) == 0 or type(input) == 'table'
     and torch.typename(input[1] or input) == 'nn.Node' then
    return require 'nn.Node'.of(self, input)
  end
  local output = self:forward(input)
  if gradOutput == nil then return output end
  return output, self:backward(input, gradOutput)
end

require 'nn.module_methods'(Module)

function Module:__tostring__ () return torch.typename(self) end

return Module
