-- autograd.while_loop and cond.
--
-- Where nothing is traced without elements they are plain Lua loops and
-- branches; inside jit and vmap they become one equation each.
local core = require 'nnlua.core'
local flat = require 'autograd.flat'
local carried = require 'autograd.carry'

local M = {}

local fail, callable = flat.fail, flat.callable
local number_or_tensor, holds = carried.number_or_tensor, carried.holds
local check_condition = carried.check_condition

-- ---- while ----

function M.while_loop (test, body, carry)
  callable(test, 'while_loop')
  callable(body, 'while_loop', 2)
  local function condition (c)
    local p = test(c)
    check_condition(p, 'while_loop', "the test's result")
    return p
  end
  local function step (c)
    local after = body(c)
    carried.check_carry('while_loop', c, after, true)
    return after
  end
  if not core.abstract() then
    carry = carried.own(carry)
    while holds(condition(carry)) do carry = step(carry) end
    return carry
  end
  local c, back = flat.flatten(carry, number_or_tensor,
                               'while_loop')
  local function flat_test (...)
    local p = condition((back({...}, 1)))
    if type(p) == 'boolean' then return p and 1 or 0 end
    return p
  end
  local function flat_body (...)
    local before = back({...}, 1)
    local after = step(before)
    carried.check_constants('while_loop', before, after)
    return table.unpack((flat.flatten(after, number_or_tensor)))
  end
  return (back({core.while_call(carried.paths(carry), flat_test, flat_body,
                                table.unpack(c))}, 1))
end

-- ---- cond ----

-- A number that is an integer in one branch is one with a fraction in both.
local function as_float (v)
  if type(v) == 'number' then return v + 0.0 end
  return v:dtype():find '^float' and v or v * 1.0
end

function M.cond (pred, f, g, ...)
  check_condition(pred, 'cond', 'argument #1')
  callable(f, 'cond', 2)
  callable(g, 'cond', 3)
  if type(pred) == 'boolean' or not core.abstract() then
    if holds(pred) then return f(...) end
    return g(...)
  end
  local args, back = flat.flatten(flat.pack(...), flat.is_leaf, 'cond')
  local out_back, first, paths = nil, nil, {float = {}}
  local function branch (h)
    return function (...)
      local list = back({...}, 1)
      local results = flat.pack(h(table.unpack(list, 1, list.n)))
      local leaves
      leaves, out_back = flat.flatten(results, number_or_tensor, 'cond')
      for i in pairs(paths.float) do leaves[i] = as_float(leaves[i]) end
      if not first then
        first = results
        carried.paths(results, '', paths)
      end
      local path, was, is = carried.differ(first, results)
      if path then
        fail('cond: where the condition holds result%s is %s, else %s; both '
             .. 'branches must return alike', path, was, is)
      end
      path, was, is = carried.other_constant(first, results, '')
      if path then
        fail('cond: where the condition holds result%s is %s, else %s; inside '
             .. 'jit and vmap it chooses between numbers and tensors alone: '
             .. 'return a number (1 and 0 for a boolean)', path, was, is)
      end
      -- n counts the results; it is no data
      return table.unpack(leaves, 1, #leaves - 1)
    end
  end
  local out = {core.cond_call(paths, pred, branch(f), branch(g),
                              table.unpack(args))}
  out[#out + 1] = 0
  local r = out_back(out, 1)
  return table.unpack(r, 1, first.n)
end

return M
