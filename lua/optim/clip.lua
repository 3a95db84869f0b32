-- optim.clip_grad_norm, optim.clip_grad_value: gradients kept within bounds,
-- in place.  `grads` is a tensor or a tree of tensors.

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

local function leaves (name, grads, limit)
  if type(limit) ~= 'number' or limit < 0 or limit ~= limit then
    errors.raise('optim.%s: argument #2 (limit): a number of at least 0 '
                 .. 'expected, got %s', name, errors.shape(limit))
  end
  local list = torch.isTensor(grads) and {grads}
               or type(grads) == 'table'
                  and require 'autograd'.tree.leaves(grads)
  if not list then
    errors.raise('optim.%s: argument #1 (grads): a tensor or a tree of '
                 .. 'tensors expected, got %s', name, errors.shape(grads))
  end
  for _, g in ipairs(list) do
    if not torch.isTensor(g) then
      errors.raise('optim.%s: argument #1 (grads): a tree of tensors expected, '
                   .. 'got %s in it', name, errors.shape(g))
    end
  end
  return list
end

-- Multiplies all by min(1, limit / (norm + eps)), norm the p-norm (2) of all
-- elements together, eps 1e-6.  Returns grads and that norm.
--   optim.clip_grad_norm(torch.Tensor{3, 4}, 1)       --> 0.6000 0.8000  5.0
function M.clip_grad_norm (grads, limit, p, eps)
  p, eps = p or 2, eps or 1e-6
  local list = leaves('clip_grad_norm', grads, limit)
  if type(p) ~= 'number' or p <= 0 or p ~= p then
    errors.raise('optim.clip_grad_norm: argument #3 (p): a number above 0 '
                 .. 'expected, got %s', errors.shape(p))
  end
  local total
  for _, g in ipairs(list) do
    local n = g:norm(p)
    if p == math.huge then
      total = total and torch.cmax(total, n) or n
    else
      n = torch.pow(n, p)
      total = total and total + n or n
    end
  end
  if not total then return grads, 0 end
  if p ~= math.huge then total = torch.pow(total, 1 / p) end
  local factor = torch.cmin(limit / (total + eps), 1)
  for _, g in ipairs(list) do g:mul(factor) end
  return grads, total
end

-- Puts every element within -limit..limit.  Returns grads.
function M.clip_grad_value (grads, limit)
  for _, g in ipairs(leaves('clip_grad_value', grads, limit)) do
    g:clamp(-limit, limit)
  end
  return grads
end

return M
