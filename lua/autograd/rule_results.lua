-- What the functions of custom rules return: trees like those of the function
-- itself and of its arguments, or an error that names the path.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'
local carried = require 'autograd.carry'

local M = {}

local is_tensor = core.torch.isTensor
local is_leaf, fail = flat.is_leaf, flat.fail

local function shape (v)
  if not is_tensor(v) or v:dim() == 0 then return 'a number' end
  return '[' .. table.concat(v:size():totable(), ' x ') .. ']'
end

local function sizes (v)
  return is_leaf(v) and shape(v) or flat.describe(v)
end

-- The one result of f, which may be a table.
function M.one_result (what, ...)
  local n = select('#', ...)
  if n ~= 1 then
    fail('%s: the function returned %d results; one was expected, which may '
         .. 'be a table', what, n)
  end
  return (...)
end

-- y, a result of `which`, must be a tree like the function's own, in sizes and
-- dtypes too.
function M.check_same (what, which, y, own)
  local path, was, is, wanted, got = carried.differ(own, y, '', 'dtype')
  if path then
    if sizes(got) ~= sizes(wanted) then is, was = sizes(got), sizes(wanted) end
    fail("%s: %s%s is %s, the function's %s", what, which, path, is, was)
  end
end

function M.is_float (x)
  return not is_tensor(x) or x:dtype():find '^float' ~= nil
end

-- g with the dtype of x, whose gradient or tangent it is.
local function like (x, g, which, path)
  if not g or not is_tensor(g) or not is_tensor(x) then return g end
  if not M.is_float(x) then return false end
  if not M.is_float(g) then
    fail('%s%s is %s; a float tensor was expected', which, path,
         flat.describe(g))
  end
  return (g:dim() == 0 or g:dtype() == x:dtype()) and g or g:type(x:dtype())
end

-- g aligned with the data of x: false where there is no gradient or tangent.
-- which: what g is, of: what x is, with `all` each must have one.
function M.align (x, g, out, which, of, all, path)
  path = path or ''
  if carried.is_node(x) then
    if g ~= nil and g ~= false and not carried.is_node(g) then
      fail('%s%s is %s, %s a table', which, path, sizes(g), of)
    end
    for _, k in ipairs(tree.keys(x)) do
      local part
      if g then part = g[k] end
      M.align(x[k], part, out, which, of, all, carried.step_to(path, k))
    end
    for _, k in ipairs(g and tree.keys(g) or {}) do
      if x[k] == nil then
        fail('%s has %s, %s has not', which,
             carried.step_to(path, k):gsub('^%.', ''), of)
      end
    end
  elseif is_leaf(x) then
    if g == nil and not (all and M.is_float(x)) then g = false end
    if g ~= false
       and (not carried.number_or_tensor(g) or shape(g) ~= shape(x)) then
      fail('%s%s is %s, %s %s', which, path, sizes(g), of, shape(x))
    end
    out[#out + 1] = like(x, g, which, path)
  end
end

return M
