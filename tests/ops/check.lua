-- The checks that hold for every operation.  A record:
--   name        of the primitive
--   call        a function of the inputs; the first result counts
--   inputs      lists of inputs (see tensors.lua), one list for each case
--   reference   the same function of flat lists, then the inputs' sizes:
--               returns a flat list and sizes; or `each`, of numbers, for
--               elementwise operations
--   tolerance   of values in float64 (float32: 1e-5 unless `loose` says)
--   dtypes      what the values are checked in, besides float64
--   constant    it has no gradient: zeros are wanted
--   unlike      it has no differences (a cast): only <ct, J t> = <J' ct, t>
--   forward     it has derivatives in forward mode only
--   direct      `call` hands its arguments to the library as they are (so do
--               elementwise ones): wrong ones are refused in words
--   threaded    is also computed on two threads
--   method      writes in place as a method of that name
local torch = require 'torch'
local autograd = require 'autograd'
local T = require 'ops.tensors'
local C = require 'ops.cases'

local M = {}

-- ---- values ----

local function by_element (f)
  return function (lists, sizes)
    local out = {}
    for i = 1, #lists[1] do
      local v = {}
      for k, list in ipairs(lists) do v[k] = list[i] end
      out[i] = f(table.unpack(v))
    end
    return out, sizes[1]
  end
end

function M.values (record)
  local reference = record.reference or by_element(record.each)
  local dtypes = {'float64', table.unpack(record.dtypes or {})}
  if record.only then dtypes = record.only end
  for _, case in ipairs(record.inputs) do
    for _, dtype in ipairs(dtypes) do
      local inputs = C.make(case, 1, dtype)
      local lists, sizes = {}, {}
      for i, v in ipairs(inputs) do
        lists[i], sizes[i] = T.flat(v), T.sizes(v)
      end
      local got = record.call(table.unpack(inputs))
      local want, size = reference(lists, sizes, dtype)
      local flat = T.flat(got)
      assert(#flat == #want, ('%s: %d elements, want %d'):format(dtype, #flat,
                                                                 #want))
      local sa = table.concat(T.sizes(got), 'x')
      assert(sa == table.concat(size, 'x'), dtype .. ': sizes are ' .. sa)
      local tolerance = record.tolerance or 1e-14
      if dtype == 'float32' then tolerance = record.loose or 1e-5 end
      for i, x in ipairs(flat) do
        C.near(x, want[i], tolerance, ('%s, element %d of %s'):format(dtype, i,
                                                                    sa))
      end
    end
  end
end

-- ---- derivatives ----

local function moved (xs, ts, h)
  local out = {}
  for i, x in ipairs(xs) do out[i] = x + ts[i] * h end
  return out
end

local function difference (f, xs, ts, h)
  local up = f(table.unpack(moved(xs, ts, h)))
  local down = f(table.unpack(moved(xs, ts, -h)))
  return (up - down) / (2 * h)
end

local function adjoint (jt, ct, grads, ts, tolerance, what)
  local a, b = T.dot({jt}, {ct}), T.dot(grads, ts)
  local off = math.abs(a - b)
  if off ~= off or off > tolerance * (1 + math.abs(a)) then
    error(('%s: <ct, J t> is %.15g, <J\' ct, t> %.15g'):format(what, a, b), 0)
  end
end

local function first_order (record, f, xs, ts, ct)
  local _, jt = autograd.jvp(f, xs, ts)
  if not record.unlike then
    C.near(jt, difference(f, xs, ts, 1e-6), record.first or 1e-7, 'jvp')
  end
  if record.forward then return end
  adjoint(jt, ct, C.pull(f, xs, ct), ts, record.unlike and 1e-5 or 1e-11,
          'vjp')
end

-- The same for a number made of the gradient.
local function second_order (record, f, xs, ts, ct)
  local function g (...)
    local sum = 0
    for i, p in ipairs(C.pull(f, {...}, ct)) do
      sum = sum + torch.sum(torch.cmul(p, T.like(p, 20 + i)))
    end
    return sum
  end
  local _, gt = autograd.jvp(g, xs, ts)
  if not record.unlike then
    C.near(gt, difference(g, xs, ts, 1e-5), record.second or 1e-6,
           'second derivative')
  end
  adjoint(gt, 0.5, C.pull(g, xs, 0.5), ts, 1e-9, 'second vjp')
end

function M.derivatives (record)
  for _, case in ipairs(record.inputs) do
    local f, xs = C.of_floats(record, case, C.make(case, 1))
    local y = f(table.unpack(xs))
    if #xs > 0 and #T.flat(y) > 0 and #T.flat(xs[1]) > 0 then
      local ts, ct = C.likes(xs, 3), T.like(y, 7)
      first_order(record, f, xs, ts, ct)
      if not record.forward then second_order(record, f, xs, ts, ct) end
    end
  end
end

-- An operation that is constant where it is differentiable gives zeros.
function M.zero_gradient (record)
  for _, case in ipairs(record.inputs) do
    local f, xs = C.of_floats(record, case, C.make(case, 1))
    for i, x in ipairs(xs) do
      local _, back = autograd.vjp(function (...)
        local y = f(...)
        if torch.isTensor(y) then y = y:double() end
        return torch.sum(y) + 0 * torch.sum((...))
      end, table.unpack(xs))
      local g = select(i, back(1.0))
      C.near(g, x * 0, 0, 'gradient')
    end
  end
end

return M
