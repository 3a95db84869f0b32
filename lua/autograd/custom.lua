-- autograd.custom_vjp and custom_jvp: functions with rules of their own.
--
-- The core knows flat lists; here trees become flat and flat lists trees
-- again. Leaves that are neither tensors nor numbers pass through untouched.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat_list = require 'autograd.flat'

local M = {}

local is_tensor = core.torch.isTensor

local flatten, packed, is_leaf = flat_list.flatten, flat_list.pack,
                                 flat_list.is_leaf

-- g aligned with the leaves of x: false where there is no gradient.
local function align (x, g, out, path)
  if type(x) == 'table' and debug.getmetatable(x) == nil then
    for _, k in ipairs(tree.keys(x)) do
      local part
      if type(g) == 'table' then part = g[k] end
      align(x[k], part, out, path .. '.' .. tostring(k))
    end
  elseif is_leaf(x) then
    if g == nil then g = false end
    out[#out + 1] = g
  end
end

-- The function on flat leaves of `args`; results(...) makes the flat results.
local function flat (f, rebuild, results)
  return function (...)
    local args = rebuild({...}, 1)
    return results(f(table.unpack(args, 1, args.n)))
  end
end

-- A list with n among its keys is a tree too; n is an integer and passes.
local function arguments (...)
  local args = packed(...)
  local data, rebuild = flatten(args)
  return args, data, function (list, from) return (rebuild(list, from)) end
end

-- Rules may call their own function, as log1pexp's does, so a call inside a
-- rule is captured with its rule, and so on: that many derivatives deep. One
-- more is NaN.
local LEVELS = 5

-- A counter of the rules that are running, and what makes a rule count.
local function nesting ()
  local level = {n = 0}
  local down = setmetatable({}, {__close = function ()
    level.n = level.n - 1
  end})
  return level, function (rule)
    return function (...)
      level.n = level.n + 1
      local _ <close> = down
      return rule(...)
    end
  end
end

local function nan_like (t)
  return (tree.map(function (v)
    return is_leaf(v) and v * (0 / 0) or v
  end, t))
end

local function vjp_at_bottom (f)
  return function (...) return f(...), packed(...) end, function (args)
    return table.unpack(nan_like(args), 1, args.n)
  end
end

local function jvp_at_bottom (f, n)
  return function (primals)
    local y = f(table.unpack(primals, 1, n))
    return y, nan_like(y)
  end
end

function M.vjp (f, own_fwd, own_bwd)
  local level, counted = nesting()
  local counted_fwd, counted_bwd = counted(own_fwd), counted(own_bwd)
  return function (...)
    if not core.tracing() then return f(...) end
    local fwd, bwd = counted_fwd, counted_bwd
    if level.n >= LEVELS then fwd, bwd = vjp_at_bottom(f) end
    local args, data, rebuild = arguments(...)
    local back, res_back, nres
    local function results (...)
      local leaves
      leaves, back = flatten(packed(...))
      return table.unpack(leaves)
    end
    local function fwd_results (y, res, ...)
      if select('#', ...) > 0 then
        error('custom_vjp: the forward function returns two values, the '
              .. 'result (a table of them for several) and the residuals', 0)
      end
      local leaves = flatten {y, n = 1}
      local rest
      rest, res_back = flatten {res, n = 1}
      nres = #rest
      table.move(rest, 1, nres, #leaves + 1, leaves)
      return table.unpack(leaves)
    end
    local function pull (...)
      local list = {...}
      local res = res_back(list, 1)[1]
      local ct = back(list, nres + 1)[1]
      local grads, out = packed(bwd(res, ct)), {}
      for i = 1, args.n do align(args[i], grads[i], out, tostring(i)) end
      return table.unpack(out)
    end
    return (function (...)
      local r = back({...}, 1)
      return table.unpack(r, 1, r.n)
    end)(core.custom_call('vjp', flat(f, rebuild, results),
                          flat(fwd, rebuild, fwd_results), pull,
                          table.unpack(data)))
  end
end

function M.jvp (f, own_rule)
  local level, counted = nesting()
  local counted_rule = counted(own_rule)
  return function (...)
    if not core.tracing() then return f(...) end
    local args, data, rebuild = arguments(...)
    local rule = counted_rule
    if level.n >= LEVELS then rule = jvp_at_bottom(f, args.n) end
    local back
    local function results (...)
      local leaves
      leaves, back = flatten(packed(...))
      return table.unpack(leaves)
    end
    local function flat_rule (...)
      local list = {...}
      local primals = rebuild(list, 1)
      local tangents, at = {}, #data + 1
      for _, v in ipairs(data) do
        local float = not is_tensor(v) or v:dtype():find 'float'
        tangents[#tangents + 1] = float and list[at] or false
        if float then at = at + 1 end
      end
      local t = rebuild(tangents, 1)
      primals.n, t.n = nil, nil
      local y, dy = rule(primals, t)
      local leaves = flatten {y, n = 1}
      local rest = {}
      align({y}, {dy}, rest, 'tangent')
      for i, v in ipairs(rest) do
        leaves[#leaves + 1] = v or 0.0 * leaves[i]
      end
      return table.unpack(leaves)
    end
    return (function (...)
      local r = back({...}, 1)
      return table.unpack(r, 1, r.n)
    end)(core.custom_call('jvp', flat(f, rebuild, results), flat_rule, false,
                          table.unpack(data)))
  end
end

return M
