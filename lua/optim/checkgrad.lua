-- optim.checkgrad(opfunc, x[, eps]): the gradient that opfunc returns against
-- central differences: the norm of the difference over the norm of the sum,
-- then the two gradients.  eps is 1e-7 for float64, where right gradients give
-- about 1e-8, and 5e-3 for float32, whose digits a smaller step would leave
-- nothing of: about 1e-4.
--   local function feval (x) return torch.dot(x, x), x * 2 end
--   assert(optim.checkgrad(feval, torch.DoubleTensor{1, 2}) < 1e-6)

local torch = require 'torch'
local errors = require 'nn.errors'

return function (opfunc, x, eps)
  require 'optim.call'.opfunc('checkgrad', opfunc)
  if not torch.isTensor(x) or not x:dtype():find '^float' then
    errors.raise('optim.checkgrad: argument #2 (x): a tensor of floats '
                 .. 'expected, got %s', errors.shape(x))
  end
  eps = eps or (x:dtype() == 'float64' and 1e-7 or 5e-3)
  local f, g = opfunc(x)
  if not torch.isTensor(g) then
    errors.raise('optim.checkgrad: opfunc has to return a loss and its '
                 .. 'gradient, a tensor; it returned %s and %s',
                 errors.shape(f), errors.shape(g))
  end
  local dc = g:clone() -- opfunc may use one buffer for all its gradients
  local estimate = torch.mul(dc, 0)
  local flat, out = x:view(-1), estimate:view(-1)
  for i = 1, flat:size(1) do
    local value = flat[i]
    flat[i] = value + eps
    local above = opfunc(x)
    flat[i] = value - eps
    local below = opfunc(x)
    flat[i] = value
    out[i] = (above - below) / (2 * eps)
  end
  local sum = (dc + estimate):norm()
  return sum > 0 and (dc - estimate):norm() / sum or 0, dc, estimate
end
