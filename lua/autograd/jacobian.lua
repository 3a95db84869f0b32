-- autograd.jacobian of trees: reverse mode, one pullback mapped over the
-- elements of each result.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'

local is_tensor = core.torch.isTensor

-- A tree of zeros like y, with `value` at its leaf number k.
local function cotangent (y, k, value)
  local i = 0
  return (tree.map(function (v)
    i = i + 1
    if i == k then return value end
    return is_tensor(v) and core.torch.zeros(v:size(), v:dtype()) or 0.0
  end, y))
end

local function sizes_of (v)
  local sizes = {}
  if is_tensor(v) then
    for d = 1, v:dim() do sizes[d] = v:size(d) end
  end
  return sizes
end

-- The derivatives of y's leaf number k, a tree like x: sizes of v, then of x.
local function rows (pull, y, k, v)
  if type(v) == 'number' or v:dim() == 0 then
    local one = is_tensor(v) and core.torch.ones(v:size(), v:dtype()) or 1.0
    return (pull(cotangent(y, k, one)))
  end
  local n, sizes = v:nElement(), sizes_of(v)
  local basis = core.torch.eye(n, n):type(v:type())
  local mapped = core.vmap_call(function (row)
    return (pull(cotangent(y, k, row:view(table.unpack(sizes)))))
  end, nil, nil, basis)
  return (tree.map(function (g) -- n, then the sizes of x's leaf
    local all = sizes_of(g)
    table.move(all, 2, #all, #sizes + 1)
    table.move(sizes, 1, #sizes, 1, all)
    return g:view(table.unpack(all))
  end, mapped))
end

return function (f)
  return function (x, ...)
    local rest = table.pack(...)
    local y, pull = core.vjp_call(function (v)
      return (f(v, table.unpack(rest, 1, rest.n)))
    end, core.pullback_call, x)
    local k, found = 0, false
    local result = tree.map(function (v)
      k = k + 1
      local float = math.type(v) == 'float'
                    or is_tensor(v) and v:dtype():find '^float'
      found = found or float
      return float and rows(pull, y, k, v) or nil
    end, y)
    if not found then
      flat.fail("jacobian: the function's first result is %s; a float tensor, "
                .. 'a number or a table of these was expected', flat.describe(y))
    end
    return result
  end
end
