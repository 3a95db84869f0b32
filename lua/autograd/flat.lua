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
-- its first leaf) to the tree; `leaf` may be another test, errors are name's.
function M.flatten (t, leaf, name)
  local all, data = tree.leaves(t, name), {}
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

-- "a tensor of 2 x 3 float32", "number 3", "a table"
function M.describe (v)
  if is_tensor(v) then
    if v:dim() == 0 then return 'a number' end
    return ('a tensor of %s %s'):format(table.concat(v:size():totable(), ' x '),
                                        v:dtype())
  end
  if type(v) == 'number' then return 'a number' end
  if v == nil then return 'nil' end
  local mt = debug.getmetatable(v)
  local name = type(mt) == 'table' and rawget(mt, '__name')
  return type(name) == 'string' and name or 'a ' .. type(v)
end

M.fail = require 'nnlua.fail'

function M.is_callable (f)
  if type(f) == 'function' then return true end
  local mt = debug.getmetatable(f)
  return core.is_jit(f) or type(mt) == 'table' and mt.__call ~= nil
end

-- f, unless it is nothing that can be called: argument number i of `name`.
function M.callable (f, name, i)
  if M.is_callable(f) then return f end
  return M.fail('%s: argument #%d: a function expected, got %s', name, i or 1,
                M.describe(f))
end

return M
