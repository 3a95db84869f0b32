-- autograd.custom_vjp, custom_jvp and checkpoint: functions whose derivatives
-- are made in their own way.
--
-- The core knows flat lists; here trees become flat and flat lists trees
-- again. Leaves that are neither tensors nor numbers pass through untouched.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat_list = require 'autograd.flat'
local results_of = require 'autograd.rule_results'

local M = {}

local flatten, packed, is_leaf = flat_list.flatten, flat_list.pack,
                                 flat_list.is_leaf

local fail = flat_list.fail
local one_result, check_same = results_of.one_result, results_of.check_same
local align, is_float = results_of.align, results_of.is_float

-- ---- flat functions ----

-- The function on flat leaves of its arguments; results(...) makes the flat
-- results.
local function flat (f, rebuild, results)
  return function (...)
    local args = rebuild({...}, 1)
    return results(f(table.unpack(args, 1, args.n)))
  end
end

-- A list with n among its keys is a tree too; n is an integer and passes.
local function arguments (what, ...)
  local args = packed(...)
  local data, rebuild = flatten(args, nil, what)
  return args, data, function (list, from) return (rebuild(list, from)) end
end

local function unpacked (list) return table.unpack(list, 1, list.n) end

-- ---- rules that call their own function ----

-- log1pexp's does, so a call inside a rule is captured with its rule, and so
-- on: that many derivatives deep. One more is NaN.
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
    return unpacked(nan_like(args))
  end
end

local function jvp_at_bottom (f, n)
  return function (primals)
    local y = f(table.unpack(primals, 1, n))
    return y, nan_like(y)
  end
end

-- ---- custom_vjp ----

-- One gradient (or false) for each leaf of the arguments.
local function gradients (args, ...)
  local grads, out = packed(...), {}
  if grads.n == 0 then
    fail('custom_vjp: the backward function returned nothing; one gradient '
         .. 'for each argument was expected, nil where there is none')
  end
  for i = args.n + 1, grads.n do
    if grads[i] ~= nil then
      fail('custom_vjp: the backward function returned %d gradients for %d '
           .. 'argument%s', i, args.n, args.n == 1 and '' or 's')
    end
  end
  for i = 1, args.n do
    align(args[i], grads[i], out,
          ('custom_vjp: the gradient of argument #%d'):format(i),
          'the argument')
  end
  return table.unpack(out)
end

function M.vjp (f, own_fwd, own_bwd)
  local what = 'custom_vjp'
  local level, counted = nesting()
  local counted_fwd, counted_bwd = counted(own_fwd), counted(own_bwd)
  return function (...)
    if not core.tracing() then return f(...) end
    local fwd, bwd = counted_fwd, counted_bwd
    if level.n >= LEVELS then fwd, bwd = vjp_at_bottom(f) end
    local args, data, rebuild = arguments(what, ...)
    local back, own, res_back, nres
    local function results (...)
      local leaves
      own = one_result(what, ...)
      leaves, back = flatten({own, n = 1}, nil, what)
      return table.unpack(leaves)
    end
    local function fwd_results (...)
      local n = select('#', ...)
      if n < 1 or n > 2 then
        fail('custom_vjp: the forward function returned %d results; two were '
             .. 'expected, the result (a table for several) and the residuals',
             n)
      end
      local y, res = ...
      check_same(what, "the forward function's result", y, own)
      local leaves = flatten({y, n = 1}, nil, what)
      local rest
      rest, res_back = flatten({res, n = 1}, nil, what)
      nres = #rest
      table.move(rest, 1, nres, #leaves + 1, leaves)
      return table.unpack(leaves)
    end
    local function pull (...)
      local list = {...}
      local res = res_back(list, 1)[1]
      return gradients(args, bwd(res, back(list, nres + 1)[1]))
    end
    return (function (...)
      return back({...}, 1)[1]
    end)(core.custom_call(what, flat(f, rebuild, results),
                          flat(fwd, rebuild, fwd_results), pull,
                          table.unpack(data)))
  end
end

-- ---- custom_jvp ----

-- A list like data of the tangents in list from `at` on; false for integers.
local function tangents_of (data, list, at)
  local tangents = {}
  for i, v in ipairs(data) do
    local float = is_float(v)
    tangents[i] = float and list[at] or false
    if float then at = at + 1 end
  end
  return tangents
end

function M.jvp (f, own_rule)
  local what = 'custom_jvp'
  local level, counted = nesting()
  local counted_rule = counted(own_rule)
  return function (...)
    if not core.tracing() then return f(...) end
    local args, data, rebuild = arguments(what, ...)
    local rule = counted_rule
    if level.n >= LEVELS then rule = jvp_at_bottom(f, args.n) end
    local back, own
    local function results (...)
      local leaves
      own = one_result(what, ...)
      leaves, back = flatten({own, n = 1}, nil, what)
      return table.unpack(leaves)
    end
    local function flat_rule (...)
      local list = {...}
      local primals = rebuild(list, 1)
      local t = rebuild(tangents_of(data, list, #data + 1), 1)
      primals.n, t.n = nil, nil
      local y, dy = rule(primals, t)
      if dy == nil then
        fail 'custom_jvp: the rule returned no tangent after the result'
      end
      check_same(what, "the rule's result", y, own)
      local leaves, rest = (flatten({y, n = 1}, nil, what)), {}
      align(y, dy, rest, 'custom_jvp: the tangent', 'the result', true)
      local n = #leaves
      for i, v in ipairs(rest) do leaves[n + i] = v or 0.0 * leaves[i] end
      return table.unpack(leaves)
    end
    return (function (...)
      return back({...}, 1)[1]
    end)(core.custom_call(what, flat(f, rebuild, results), flat_rule, false,
                          table.unpack(data)))
  end
end

-- ---- checkpoint ----

function M.checkpoint (f)
  return function (...)
    if not core.tracing() then return f(...) end
    local _, data, rebuild = arguments('checkpoint', ...)
    local back
    local function results (...)
      local leaves
      leaves, back = flatten(packed(...), nil, 'checkpoint')
      return table.unpack(leaves)
    end
    return (function (...)
      return unpacked(back({...}, 1))
    end)(core.custom_call('checkpoint', flat(f, rebuild, results), false,
                          false, table.unpack(data)))
  end
end

return M
