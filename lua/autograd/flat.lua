-- Trees as flat lists of their data leaves, for functions that are captured.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'

local M = {}

local is_tensor = core.torch.isTensor

-- Floats and tensors are data; the rest stands in the structure.
function M.is_leaf (v)
  return math.type(v) == 'float' or is_tensor(v)
end

-- The data leaves of t, and a function from such a list (and the position of
-- its first leaf) to the tree; `leaf` may be another test.
function M.flatten (t, leaf)
  local all, data = tree.leaves(t), {}
  leaf = leaf or M.is_leaf
  for _, v in ipairs(all) do
    if leaf(v) then data[#data + 1] = v end
  end
  return data, function (list, from)
    local i = from
    return tree.map(function (v)
      if not leaf(v) then return v end
      i = i + 1
      return list[i - 1]
    end, t), from + #data
  end
end

function M.pack (...)
  return {n = select('#', ...), ...}
end

return M
