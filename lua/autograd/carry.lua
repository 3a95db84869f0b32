-- What goes round in loops and through branches: conditions and carries.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'

local M = {}

local is_tensor = core.torch.isTensor

local fail = flat.fail

local function is_node (v)
  return type(v) == 'table' and debug.getmetatable(v) == nil
end

local function step_to (path, k)
  return math.type(k) == 'integer' and ('%s[%d]'):format(path, k)
         or ('%s.%s'):format(path, tostring(k))
end

-- Where trees a and b differ in structure: the path ('' at the root) and what
-- each has there; nothing where they are alike.  Tensors and numbers are both
-- data.
function M.differ (a, b, path)
  path = path or ''
  if #path > 2000 then return end -- a cycle is found elsewhere
  if is_node(a) and is_node(b) then
    for _, k in ipairs(tree.keys(a)) do
      local at, was, is = M.differ(a[k], b[k], step_to(path, k))
      if at then return at, was, is end
    end
    for _, k in ipairs(tree.keys(b)) do
      if a[k] == nil then return step_to(path, k), 'nil', flat.describe(b[k]) end
    end
    return
  end
  local function data (v) return type(v) == 'number' or is_tensor(v) end
  if is_node(a) or is_node(b) or data(a) ~= data(b)
     or (a == nil) ~= (b == nil) then
    return path, flat.describe(a), flat.describe(b)
  end
end

function M.number_or_tensor (v)
  return type(v) == 'number' or is_tensor(v)
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

function M.check_carry (name, carry, after)
  local path, was, is = M.differ(carry, after)
  if path then
    fail('%s: the carry%s goes in as %s and comes out as %s; it must stay '
         .. 'alike', name, path, was, is)
  end
end

return M
