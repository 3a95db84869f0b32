-- autograd.scan, fori, while_loop, cond.
--
-- Where no capture is active they are plain Lua loops and branches, traced
-- step by step; inside jit they become one equation each.
local core = require 'nnlua.core'
local tree = require 'autograd.tree'
local flat = require 'autograd.flat'

local M = {}

local is_tensor = core.torch.isTensor
local torch_item = core.torch.item

local fail, callable = flat.fail, flat.callable

local function number_or_tensor (v)
  return type(v) == 'number' or is_tensor(v)
end

-- ---- scan ----

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

-- Numbers among the ys become tensors of the widest float dtype of what goes
-- in, or the default.
local function wide_dtype (...)
  for _, t in ipairs {...} do
    for _, v in ipairs(tree.leaves(t)) do
      if is_tensor(v) and v:dtype() == 'float64' then return 'float64' end
    end
  end
  return core.torch.getdefaultdtype()
end

local function strong (y, dtype)
  if type(y) == 'number' then
    return require 'torch'.tensor(y, {dtype = math.type(y) == 'integer'
                                      and 'int64' or dtype})
  end
  if is_tensor(y) and y:dim() == 0 then return y:type(dtype) end
  return y
end

local function stack (ys)
  local first = ys[1]
  if first == nil then return nil end
  local torch = require 'torch'
  local columns = {}
  for i, y in ipairs(ys) do columns[i] = tree.leaves(y) end
  local at = 0
  return (tree.map(function (leaf)
    at = at + 1
    if not number_or_tensor(leaf) then return leaf end
    local list = {}
    for i, c in ipairs(columns) do list[i] = c[at] end
    return torch.stack(list, 1)
  end, first))
end

local function plain_scan (f, carry, xs, n, reverse)
  local ys, dtype = {}, wide_dtype(carry, xs == nil and {} or xs)
  for t = 1, n do
    local i = reverse and n + 1 - t or t
    local y
    carry, y = f(carry, element(xs, i))
    if y ~= nil then
      ys[i] = tree.map(function (v) return strong(v, dtype) end, y)
    end
  end
  return carry, stack(ys)
end

function M.scan (f, carry, xs, opts)
  callable(f, 'scan')
  opts = opts or {}
  local n = scan_length(xs, opts)
  if not core.capturing() or n == 0 then
    return plain_scan(f, carry, xs, n, opts.reverse)
  end
  local c, carry_back = flat.flatten(carry, number_or_tensor)
  local x, x_back = flat.flatten(xs == nil and {} or xs, is_tensor)
  local y_back, ny
  local dtype = wide_dtype(carry, xs == nil and {} or xs)
  local function body (...)
    local list = {...}
    local next_carry, y = f((carry_back(list, 1)),
                            xs ~= nil and (x_back(list, #c + 1)) or nil)
    local out = flat.flatten(next_carry, number_or_tensor)
    if #out ~= #c then
      fail('scan: the carry has %d leaves, f returned %d', #c, #out)
    end
    local ys
    ys, y_back = flat.flatten(y == nil and {} or y, number_or_tensor)
    ny = y ~= nil
    for i, v in ipairs(ys) do out[#c + i] = strong(v, dtype) end
    return table.unpack(out)
  end
  local args = table.move(x, 1, #x, #c + 1, table.move(c, 1, #c, 1, {}))
  local out = {core.scan_call(body, n, opts.reverse or false, #c,
                              table.unpack(args))}
  return (carry_back(out, 1)), ny and (y_back(out, #c + 1)) or nil
end

function M.fori (first, last, f, carry)
  if math.type(first) ~= 'integer' or math.type(last) ~= 'integer' then
    fail('fori: integers expected, got %s and %s', tostring(first),
         tostring(last))
  end
  callable(f, 'fori', 3)
  if not core.capturing() then
    for i = first, last do carry = f(i, carry) end
    return carry
  end
  if last < first then return carry end
  local torch = require 'torch'
  local index = torch.range(first, last):long()
  return (M.scan(function (c, i) return f(core.weak(i), c) end, carry, index))
end

-- ---- while ----

function M.while_loop (test, body, carry)
  callable(test, 'while_loop')
  callable(body, 'while_loop', 2)
  if not core.abstract() then
    local function holds (c)
      local p = test(c)
      if type(p) == 'boolean' then return p end
      p = torch_item(p)
      return p ~= 0 and p ~= false
    end
    while holds(carry) do carry = body(carry) end
    return carry
  end
  local c, back = flat.flatten(carry, number_or_tensor)
  local function flat_test (...)
    local p = test((back({...}, 1)))
    if type(p) == 'boolean' then return p and 1 or 0 end
    return p
  end
  local function flat_body (...)
    return table.unpack((flat.flatten(body((back({...}, 1))),
                                      number_or_tensor)))
  end
  return (back({core.while_call(flat_test, flat_body, table.unpack(c))}, 1))
end

-- ---- cond ----

function M.cond (pred, f, g, ...)
  if type(pred) ~= 'boolean' and not number_or_tensor(pred) then
    fail('cond: argument #1: a boolean or a tensor expected, got %s',
         type(pred))
  end
  callable(f, 'cond', 2)
  callable(g, 'cond', 3)
  if type(pred) == 'boolean' then
    if pred then return f(...) end
    return g(...)
  end
  if not core.abstract() then
    local p = torch_item(pred)
    if p ~= 0 and p ~= false then return f(...) end
    return g(...)
  end
  local args, back = flat.flatten(flat.pack(...), flat.is_leaf)
  local out_back
  local function branch (h)
    return function (...)
      local list = back({...}, 1)
      local leaves
      leaves, out_back = flat.flatten(flat.pack(h(table.unpack(list, 1,
                                                               list.n))),
                                      number_or_tensor)
      -- n counts the results; it is no data
      return table.unpack(leaves, 1, #leaves - 1)
    end
  end
  local out = {core.cond_call(pred, branch(f), branch(g),
                              table.unpack(args))}
  local n = #out
  out[n + 1] = 0
  local r = out_back(out, 1)
  local count = 0
  for k in pairs(r) do
    if math.type(k) == 'integer' and k > count then count = k end
  end
  return table.unpack(r, 1, count)
end

return M
