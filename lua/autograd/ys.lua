-- What the steps of a scan return beside the carry: the ys, to be stacked.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local carried = require 'autograd.carry'

local M = {}

local torch = core.torch
local is_tensor = torch.isTensor
local number_or_tensor = carried.number_or_tensor

local fail = require 'nnlua.fail'

-- Numbers among the ys become tensors of the widest float dtype of the tensors
-- that go in, or the default; a number that is traced (0-d) has none of its own.
function M.wide_dtype (...)
  for _, t in ipairs {...} do
    for _, v in ipairs(tree.leaves(t)) do
      if is_tensor(v) and v:dim() > 0 and v:dtype() == 'float64' then
        return 'float64'
      end
    end
  end
  return core.torch.getdefaultdtype()
end

-- What is stacked: numbers, tensors, and what comparing numbers gives.
function M.is_y (v)
  return type(v) == 'boolean' or number_or_tensor(v)
end

local is_y = M.is_y

local kept = {int64 = true, bool = true}

function M.strong (y, dtype)
  if is_tensor(y) then
    if y:dim() > 0 then return y end
    return y:type(kept[y:dtype()] and y:dtype() or dtype)
  end
  if not is_y(y) then return y end
  return torch.tensor(y, {dtype = type(y) == 'boolean' and 'bool'
                                or math.type(y) == 'integer' and 'int64'
                                or dtype})
end

-- The ys of all n steps must be like that of the first.
local function check_ys (name, ys, n)
  for i = 2, n do
    local path, was, is = carried.differ(ys[1], ys[i], '', true)
    if path then
      fail('%s: the result%s is %s at element 1 and %s at element %d; it must '
           .. 'stay alike', name, path, was, is, i)
    end
    path, was, is = carried.other_constant(ys[1], ys[i], '')
    if path then
      fail('%s: the result%s is %s at element 1 and %s at element %d; only '
           .. 'numbers, booleans and tensors can change', name, path, was, is,
           i)
    end
  end
end

function M.stack (name, ys, n)
  check_ys(name, ys, n)
  local first = ys[1]
  if first == nil then return nil end
  local columns = {}
  for i, y in ipairs(ys) do columns[i] = tree.leaves(y) end
  local at = 0
  return (tree.map(function (leaf)
    at = at + 1
    if not is_y(leaf) then return leaf end
    local list = {}
    for i, c in ipairs(columns) do list[i] = c[at] end
    return torch.stack(list, 1)
  end, first))
end

return M
