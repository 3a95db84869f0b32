-- nn.Jacobian: tests of modules' backward against differences, as Torch7's.
--   local module = nn.Tanh():double()
--   assert(nn.Jacobian.testJacobian(module, torch.DoubleTensor(3)) < 1e-6)
-- Use float64: module:double(), torch.randn(...):double().

local torch = require 'torch'

local M = {}

-- The rows are elements of the parameter (of input when there is none), the
-- columns elements of the output: by backward, with its gradient dparam.
function M.backward (module, input, param, dparam)
  local output = module:forward(input)
  local doutput = torch.mul(output, 0)
  local n = output:nElement()
  local jacobian = torch.zeros((param or input):nElement(), n,
                               {dtype = input:dtype()})
  local flat = doutput:view(-1)
  for i = 1, n do
    doutput:zero()
    flat[i] = 1
    module:zeroGradParameters()
    local din = module:updateGradInput(input, doutput)
    module:accGradParameters(input, doutput)
    jacobian:select(2, i):copy((dparam or din):reshape(-1))
  end
  return jacobian
end

-- The same by central differences.
function M.forward (module, input, param, perturbation)
  param = param or input
  perturbation = perturbation or 1e-6
  local flat, rows = param:view(-1), {}
  for i = 1, flat:size(1) do
    local value = flat[i]
    flat[i] = value - perturbation
    local below = module:forward(input):clone()
    flat[i] = value + perturbation
    local above = module:forward(input)
    flat[i] = value
    rows[i] = ((above - below) / (2 * perturbation)):reshape(-1)
  end
  return torch.stack(rows, 1)
end

-- The same as backward for a parameter, by how accUpdateGradParameters with a
-- learning rate of 1 changes it.
function M.backwardUpdate (module, input, param)
  local output = module:forward(input)
  local doutput, before = torch.mul(output, 0), param:clone()
  local n = output:nElement()
  local jacobian = torch.zeros(param:nElement(), n, {dtype = input:dtype()})
  local flat = doutput:view(-1)
  for i = 1, n do
    doutput:zero()
    flat[i] = 1
    module:forward(input)
    module:updateGradInput(input, doutput)
    module:accUpdateGradParameters(input, doutput, 1)
    jacobian:select(2, i):copy((before - param):reshape(-1))
    param:copy(before)
  end
  return jacobian
end

local function largest (a, b) return torch.abs(a - b):max() end

local function redraw (x, minval, maxval)
  minval, maxval = minval or -2, maxval or 2
  x:copy(torch.rand(x:size()) * (maxval - minval) + minval)
end

-- The largest difference for the input, which is drawn from minval..maxval
-- (-2..2) first.
function M.testJacobian (module, input, minval, maxval, perturbation)
  redraw(input, minval, maxval)
  return largest(M.forward(module, input, input, perturbation),
                 M.backward(module, input))
end

-- The largest difference for a parameter and its gradient's tensor.
function M.testJacobianParameters (module, input, param, dparam, minval,
                                   maxval, perturbation)
  redraw(input, minval, maxval)
  redraw(param, minval, maxval)
  return largest(M.forward(module, input, param, perturbation),
                 M.backward(module, input, param, dparam))
end

-- The largest difference between a parameter's change by
-- accUpdateGradParameters and the one by differences.
function M.testJacobianUpdateParameters (module, input, param, minval, maxval,
                                         perturbation)
  redraw(input, minval, maxval)
  redraw(param, minval, maxval)
  return largest(M.forward(module, input, param, perturbation),
                 M.backwardUpdate(module, input, param))
end

-- A table of the differences between two ways to update the parameter of that
-- name: gradients and updateParameters, and accUpdateGradParameters; for the
-- module alone, and for it with a clone that shares the parameter.
function M.testAllUpdate (module, input, weight, gradWeight)
  local rate = torch.uniform(0.1, 1)
  local output = module:forward(input)
  local g = torch.randn(output:size()):typeAs(output)
  local function pair (update)
    local a = module:clone()
    local b = a:clone(weight, gradWeight)
    for _, m in ipairs {a, b} do m:forward(input) end
    update(a, b)
    return a[weight]
  end
  local function both (shared)
    local by_gradients = pair(function (a, b)
      a:zeroGradParameters()
      a:backward(input, g)
      if shared then b:backward(input, g) end
      a[weight]:add(-rate, a[gradWeight])
    end)
    local at_once = pair(function (a, b)
      for _, m in ipairs {a, shared and b or nil} do
        m:updateGradInput(input, g)
        m:accUpdateGradParameters(input, g, rate)
      end
    end)
    return largest(by_gradients, at_once)
  end
  return {accUpdateGradParameters = both(false),
          ['accUpdateGradParameters [shared]'] = both(true)}
end

-- The largest differences of output and gradient between the module and its
-- copy through a file's format.
function M.testIO (module, input, minval, maxval)
  redraw(input, minval, maxval)
  local other = torch.deserialize(torch.serialize(module))
  local a, b = module:forward(input):clone(), other:forward(input)
  local g = torch.mul(a, 0) + 1
  return largest(a, b), largest(module:backward(input, g):clone(),
                                other:backward(input, g))
end

return M
