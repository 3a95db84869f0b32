-- autograd.tree: nested tables of tensors and numbers, in sorted key order.
local core = require 'nnlua.core'

local tree = {}

--- tree.map(f, t, ...): a tree like t of f(leaf, ...).
-- The other trees must have the same keys. Anything that is no plain table is
-- a leaf.
-- Example:
--   tree.map(function(p, g) return p - 0.1 * g end, params, grads)
tree.map = core.tree.map

--- tree.leaves(t): an array of t's leaves, in sorted key order.
tree.leaves = core.tree.leaves

--- tree.unflatten(t, leaves): a tree like t with those leaves.
tree.unflatten = core.tree.unflatten

--- tree.keys(t): the keys of one table, sorted.
tree.keys = core.tree.keys

--- tree.flatten(t): its leaves, and a function from leaves to such a tree.
function tree.flatten(t)
  return tree.leaves(t), function(leaves) return tree.unflatten(t, leaves) end
end

--- tree.reduce(f, t, init): f(... f(f(init, leaf1), leaf2) ...).
-- Without init the first leaf is where it begins.
function tree.reduce(f, t, init)
  require('autograd.flat').callable(f, 'tree.reduce')
  local acc, from = init, 1
  local leaves = tree.leaves(t)
  if init == nil then acc, from = leaves[1], 2 end
  for i = from, #leaves do acc = f(acc, leaves[i]) end
  return acc
end

return tree
