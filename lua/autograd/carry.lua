-- What goes round in loops and through branches: conditions and carries.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'

local M = {}

local is_tensor = core.torch.isTensor

local fail = flat.fail

function M.is_node (v)
  return type(v) == 'table' and debug.getmetatable(v) == nil
end

-- 'layer' and 'weight' -> 'layer.weight'
function M.step_to (path, k)
  return math.type(k) == 'integer' and ('%s[%d]'):format(path, k)
         or ('%s.%s'):format(path, tostring(k))
end

local is_node, step_to = M.is_node, M.step_to

function M.number_or_tensor (v)
  return type(v) == 'number' or is_tensor(v)
end

local data = M.number_or_tensor

local function sizes_differ (a, b, dtypes)
  local n = is_tensor(a) and a:dim() or 0
  local differ = n ~= (is_tensor(b) and b:dim() or 0)
  for d = 1, differ and 0 or n do differ = differ or a:size(d) ~= b:size(d) end
  return differ or dtypes and n > 0 and a:dtype() ~= b:dtype()
end

-- Where trees a and b differ in structure, with sizes also in the sizes of
-- their tensors ('dtype': and in their dtypes): the path ('' at the root), what
-- each has there, in words and as it is; nothing where they are alike.  Tensors
-- and numbers are both data.
function M.differ (a, b, path, sizes, depth)
  path, depth = path or '', depth or 1
  if rawequal(a, b) then return end
  if depth > 100 then fail 'tables nested deeper than 100, perhaps a cycle' end
  if is_node(a) and is_node(b) then
    for _, k in ipairs(tree.keys(a)) do
      local at = table.pack(M.differ(a[k], b[k], step_to(path, k), sizes,
                                     depth + 1))
      if at[1] then return table.unpack(at, 1, 5) end
    end
    for _, k in ipairs(tree.keys(b)) do
      if a[k] == nil then
        return step_to(path, k), 'nil', flat.describe(b[k]), nil, b[k]
      end
    end
    return
  end
  if is_node(a) or is_node(b) or data(a) ~= data(b) or (a == nil) ~= (b == nil)
     or sizes and data(a) and sizes_differ(a, b, sizes == 'dtype') then
    return path, flat.describe(a), flat.describe(b), a, b
  end
end

local function show (v)
  if type(v) == 'string' and #v <= 40 then return ("'%s'"):format(v) end
  if type(v) == 'boolean' then return tostring(v) end
  return flat.describe(v)
end

-- Where trees of the same structure hold other strings, booleans or objects,
-- which a graph can't choose between: the path, what each has there.
local function other_constant (a, b, path)
  if is_node(a) then
    for _, k in ipairs(tree.keys(a)) do
      local at, was, is = other_constant(a[k], b[k], step_to(path, k))
      if at then return at, was, is end
    end
  elseif not data(a) and not rawequal(a, b) then
    local was, is = show(a), show(b)
    return path, was, was == is and 'another' or is
  end
end
M.other_constant = other_constant

-- Inside a graph only numbers and tensors of a carry can change.
function M.check_constants (name, carry, after)
  local path, was, is = other_constant(carry, after, '')
  if path then
    fail('%s: the carry%s goes in as %s and comes out as %s; inside jit and '
         .. 'vmap only numbers and tensors can change: carry a number (1 and '
         .. '0 for a boolean)', name, path, was, is)
  end
end

-- A loop's own carry or elements: its steps may write to them in place, which
-- the caller's do not see.
function M.own (t)
  if t == nil then return nil end
  return (tree.map(core.apart, t))
end

-- The paths of a tree's numbers and tensors, in the order of its leaves.
function M.paths (t, path, list)
  path, list = path or '', list or {}
  if is_node(t) then
    for _, k in ipairs(tree.keys(t)) do
      M.paths(t[k], step_to(path, k), list)
    end
  elseif M.number_or_tensor(t) then
    list[#list + 1] = path
  end
  return list
end

-- One bool, number or boolean of Lua's, to branch on.
function M.check_condition (p, name, what)
  if type(p) == 'boolean' or type(p) == 'number' then return end
  if not is_tensor(p) then
    fail('%s: %s is %s; a boolean or a tensor of one element was expected',
         name, what, flat.describe(p))
  end
  if p:nElement() ~= 1 then
    fail('%s: %s is %s; one element was expected, as of torch.all(x)', name,
         what, flat.describe(p))
  end
end

function M.holds (p)
  if type(p) == 'boolean' then return p end
  p = core.torch.item(p)
  return p ~= 0 and p ~= false
end

-- How to keep a carry's dtype, where nothing else differs.
local function remedy (a, b)
  local alike = is_tensor(a) and is_tensor(b) and not sizes_differ(a, b)
  return not alike and '' or (": begin with x:type('%s')"):format(b:dtype())
end

-- Raises unless the carry that a step returned is like the one that it got; in
-- `wholly` also of its sizes and dtypes, as loops within jit need it.
function M.check_carry (name, carry, after, wholly)
  local path, was, is, a, b = M.differ(carry, after, '', wholly and 'dtype')
  if path then
    fail('%s: the carry%s goes in as %s and comes out as %s; it must stay '
         .. 'alike%s', name, path, was, is, remedy(a, b))
  end
end

return M
