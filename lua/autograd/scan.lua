-- autograd.scan and fori.
--
-- Where no capture is active they are plain Lua loops, traced step by step;
-- inside jit they become one equation each.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'

local carried = require 'autograd.carry'
local rows = require 'autograd.ys'

local M = {}

local is_tensor = core.torch.isTensor
local fail, callable = flat.fail, flat.callable
local number_or_tensor, check_carry = carried.number_or_tensor,
                                      carried.check_carry
local is_y, strong, wide_dtype = rows.is_y, rows.strong, rows.wide_dtype

local function scan_length (xs, opts)
  local n = opts.length
  for _, x in ipairs(tree.leaves(xs == nil and {} or xs)) do
    if is_tensor(x) then
      if x:dim() == 0 then
        fail 'scan: xs must have a dimension to go along'
      end
      if n ~= nil and n ~= x:size(1) then
        fail('scan: lengths %d and %d differ', n, x:size(1))
      end
      n = x:size(1)
    end
  end
  if n == nil then
    fail('scan: xs has no tensor; say how long with {length = n}')
  end
  return n
end

local function element (xs, i)
  if xs == nil then return nil end
  return (tree.map(function (x)
    return is_tensor(x) and x[i] or x
  end, xs))
end

local function plain_scan (name, f, carry, xs, n, reverse)
  local ys, dtype = {}, wide_dtype(carry, xs == nil and {} or xs)
  carry, xs = carried.own(carry), carried.own(xs)
  for t = 1, n do
    local i = reverse and n + 1 - t or t
    local after, y = f(carry, element(xs, i))
    if t == 1 or after == nil then
      check_carry(name, carry, after, true)
    end
    carry = after
    if y ~= nil then
      ys[i] = tree.map(function (v) -- the next step may write to it
        return core.apart(strong(v, dtype))
      end, y)
    end
  end
  return carry, rows.stack(name, ys, n)
end

-- The step as a function of flat values; the carry's and xs's leaves, the
-- number of the carry's, and functions that make results of the step trees.
local function flat_step (name, f, carry, xs)
  local c, carry_back = flat.flatten(carry, number_or_tensor, name)
  local x, x_back = flat.flatten(xs == nil and {} or xs, is_tensor, name)
  local y_back, ny
  local dtype = wide_dtype(carry, xs == nil and {} or xs)
  local function step (...)
    local list = {...}
    for i, v in ipairs(x) do -- an element of a vector is a number
      if v:dim() == 1 and v:dtype() ~= 'bool' then
        list[#c + i] = core.weak(list[#c + i])
      end
    end
    local next_carry, y = f((carry_back(list, 1)),
                            xs ~= nil and (x_back(list, #c + 1)) or nil)
    check_carry(name, carry, next_carry, true)
    carried.check_constants(name, carry, next_carry)
    local out = flat.flatten(next_carry, number_or_tensor, name)
    local ys
    ys, y_back = flat.flatten(y == nil and {} or y, is_y, name)
    ny = y ~= nil
    for i, v in ipairs(ys) do out[#c + i] = strong(v, dtype) end
    return table.unpack(out)
  end
  local args = table.move(x, 1, #x, #c + 1, table.move(c, 1, #c, 1, {}))
  return step, args, #c, carry_back, function (out)
    return ny and (y_back(out, #c + 1)) or nil
  end
end

-- As one equation; of no steps, only what it would return.
local function captured_scan (name, f, carry, xs, n, reverse)
  local step, args, nc, carry_back, ys_back = flat_step(name, f, carry, xs)
  local out = {core.scan_call(name, carried.paths(carry), step, n,
                              reverse or false, nc, table.unpack(args))}
  return (carry_back(out, 1)), ys_back(out)
end

-- No step is taken: the carry stays, and the ys have no rows.  What a row is
-- like says a step that is traced without data, and dropped.
local function no_scan (name, f, carry, xs)
  carry = carried.own(carry)
  local _, ys = captured_scan(name .. ' over no elements', f, carry, xs, 0)
  return carry, ys
end

local function run_scan (name, f, carry, xs, n, reverse)
  local run = n == 0 and no_scan or core.capturing() and captured_scan
              or plain_scan
  return run(name, f, carry, xs, n, reverse)
end

local function check_scan (name, f, opts)
  callable(f, name)
  if opts == nil then return {} end
  if type(opts) ~= 'table' then
    fail('%s: argument #4: a table of options expected, got %s', name,
         type(opts))
  end
  local known = {length = 'integer', reverse = 'boolean', checkpoint = true}
  for k, v in pairs(opts) do
    local kind = known[k]
    if not kind then fail('%s: no option %s', name, tostring(k)) end
    if k == 'checkpoint' and v ~= true and v ~= false
       and not (math.type(v) == 'integer' and v > 0) then
      fail('%s: checkpoint is true or a number of steps, got %s', name,
           tostring(v))
    elseif k == 'length' and not (math.type(v) == 'integer' and v >= 0) then
      fail('%s: length is a number of steps, got %s', name, tostring(v))
    end
  end
  return opts
end

function M.scan (f, carry, xs, opts)
  opts = check_scan('scan', f, opts)
  local n = scan_length(xs, opts)
  if not opts.checkpoint or n == 0 then
    return run_scan('scan', f, carry, xs, n, opts.reverse)
  end
  return require('autograd.segments')(function (...)
    return run_scan('scan', ...)
  end, f, carry, xs, n, opts)
end

function M.fori (first, last, f, carry)
  if math.type(first) ~= 'integer' or math.type(last) ~= 'integer' then
    fail('fori: integers expected, got %s and %s', tostring(first),
         tostring(last))
  end
  callable(f, 'fori', 3)
  if not core.capturing() then
    carry = carried.own(carry)
    for i = first, last do
      local after = f(i, carry)
      if i == first or after == nil then
        check_carry('fori', carry, after, true)
      end
      carry = after
    end
    return carry
  end
  if last < first then return carry end
  local torch = require 'torch'
  local index = torch.range(first, last):long()
  return (captured_scan('fori', function (c, i) return f(core.weak(i), c) end,
                        carry, index, last - first + 1))
end

return M
