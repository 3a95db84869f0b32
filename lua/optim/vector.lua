-- A tensor or a tree of parameters as one vector, for optimizers that think in
-- vectors (lbfgs, cg).

local torch = require 'torch'
local errors = require 'nn.errors'
local groups = require 'optim.groups'

local M = {}

-- One vector of the tensors in the list, float64 if one of them is.
local function joined (list)
  local flat, double = {}, false
  for i, t in ipairs(list) do
    flat[i] = t:reshape(t:nElement())
    double = double or t:dtype() == 'float64'
  end
  if double then
    for i, t in ipairs(flat) do flat[i] = t:double() end
  end
  return #flat == 1 and flat[1]:clone() or torch.cat(flat, 1)
end

-- A function from trees (or tensors) like x to vectors, and one from vectors to
-- such trees.
function M.of (name, x)
  if torch.isTensor(x) then
    return function (g)
      if not torch.isTensor(g) or g:nElement() ~= x:nElement() then
        errors.raise('optim.%s: opfunc must return the loss and the gradient, '
                     .. 'a tensor like x %s; got %s', name, errors.shape(x),
                     errors.shape(g))
      end
      return g:reshape(g:nElement()):clone()
    end, function (v) return v:reshape(x:size()) end
  end
  local leaves = groups.paths(x)
  local function join (g)
    if type(g) ~= 'table' then
      errors.raise('optim.%s: opfunc must return the loss and a tree of '
                   .. 'gradients like x; got %s', name, errors.shape(g))
    end
    local gs, list = require 'autograd'.tree.leaves(g), {}
    require 'optim.kept'.same_tree(name, 'its gradient', x, leaves, g, gs)
    for i, t in ipairs(gs) do
      local p = leaves[i].leaf
      if not torch.isTensor(t) or t:nElement() ~= p:nElement() then
        errors.raise('optim.%s: %s is %s, its gradient %s', name,
                     leaves[i].path, errors.shape(p), errors.shape(t))
      end
      list[i] = t
    end
    return joined(list)
  end
  return join, function (v)
    local at, list = 1, {}
    for i, leaf in ipairs(leaves) do
      local p = leaf.leaf
      local n = p:nElement()
      list[i] = v:narrow(1, at, n):reshape(p:size()):typeAs(p)
      at = at + n
    end
    return require 'autograd'.tree.unflatten(x, list)
  end
end

-- The loss that opfunc returned, as a number.
function M.loss (name, f)
  if type(f) == 'number' then return f end
  if not torch.isTensor(f) or f:nElement() ~= 1 then
    errors.raise('optim.%s: opfunc must return the loss, a number, and the '
                 .. 'gradient; got %s', name, errors.shape(f))
  end
  return torch.item(f:reshape(1)[1])
end

-- x's elements become those of the tree.
function M.copy (x, from)
  if torch.isTensor(x) then return x:copy(from) end
  require 'autograd'.tree.map(function (p, q) p:copy(q) end, x, from)
end

-- Refuses what is no tensor, no tree and no function.
function M.check (name, opfunc, x, config, known, state)
  local options = require 'optim.options'
  require 'optim.call'.check(name, opfunc, x, config, state)
  if require 'nnlua.core'.tracing() then
    errors.raise('optim.%s: it looks at losses, which a transform has not; '
                 .. 'call it outside, with a jitted opfunc', name)
  end
  options.check_names(name, known, config, state == nil and 'kept' or 'given')
  for key, value in pairs(config) do
    if known[key] == 1 then
      options.check_number(name, key, value)
    end
  end
end

return M
