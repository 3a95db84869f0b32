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
