-- What the checks of operations share: inputs of a record's cases, comparisons
-- that raise, pullbacks.
local autograd = require 'autograd'
local T = require 'ops.tensors'

local M = {}

function M.near (got, want, tolerance, what)
  local d = T.distance(got, want)
  if type(d) == 'string' then error(what .. ': ' .. d, 0) end
  if d > tolerance then
    error(('%s: off by %.3g'):format(what, d), 0)
  end
end

function M.same (got, want, what)
  if not T.same(got, want) then
    local d = T.distance(got, want)
    error(('%s: other bits (%s)'):format(what, d), 0)
  end
end

function M.make (case, seed, dtype)
  local list = {}
  for i, spec in ipairs(case) do
    list[i] = T.input(spec, seed + 10 * i, dtype)
  end
  return list
end

-- The positions of inputs that are floats.
local function floats (case)
  local at = {}
  for i, spec in ipairs(case) do
    if not spec.dtype or spec.dtype:find '^float' then at[#at + 1] = i end
  end
  return at
end

function M.has_gradient (record)
  return not record.constant and not record.forward
end

-- call as a function of its float inputs, the others fixed.
function M.of_floats (record, case, inputs)
  local at = floats(case)
  local function f (...)
    local all = {table.unpack(inputs, 1, #case)}
    for k, i in ipairs(at) do all[i] = (select(k, ...)) end
    return (record.call(table.unpack(all, 1, #case)))
  end
  local xs = {}
  for k, i in ipairs(at) do xs[k] = inputs[i] end
  return f, xs
end

function M.likes (list, seed)
  local out = {}
  for i, v in ipairs(list) do out[i] = T.like(v, seed + i) end
  return out
end

function M.pull (f, xs, ct)
  local _, back = autograd.vjp(f, table.unpack(xs))
  return {back(ct)}
end

return M
