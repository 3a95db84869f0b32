-- Transforms against plain calls: vmap as a loop, jit bit for bit, and both
-- with gradients.
local autograd = require 'autograd'
local T = require 'ops.tensors'
local C = require 'ops.cases'

local M = {}

-- ---- transforms ----

-- f over a first dimension of the inputs marked, against a loop.
local function mapped (f, parts, marked, what)
  local n, each, args, dims = #parts, {}, {}, {}
  for k = 1, n do
    local list = {}
    for i in ipairs(parts[1]) do
      list[i] = parts[marked[i] and k or 1][i]
    end
    each[k] = (f(table.unpack(list)))
  end
  for i in ipairs(parts[1]) do
    dims[i] = marked[i] and 1 or 0
    args[i] = parts[1][i]
    if marked[i] then
      local list = {}
      for k = 1, n do list[k] = parts[k][i] end
      args[i] = T.stack(list)
    end
  end
  local number = type(each[1]) == 'number'
  local got = autograd.vmap(f, dims)(table.unpack(args))
  if number then -- a number has no dtype to keep
    C.near(got, T.stack(each), 1e-6, what)
  else
    C.same(got, T.stack(each), what)
  end
end

function M.vmap (record)
  for _, case in ipairs(record.inputs) do
    local parts = {}
    for k = 1, 3 do parts[k] = C.make(case, k) end
    local all = {}
    for i = 1, #case do
      all[i] = true
      mapped(record.call, parts, {[i] = true}, ('over input %d'):format(i))
    end
    mapped(record.call, parts, all, 'over all')
    local f, xs = C.of_floats(record, case, parts[1])
    if #xs == #case and C.has_gradient(record) then
      local ct = T.like(f(table.unpack(xs)), 7)
      mapped(function (...) return C.pull(f, {...}, ct)[1] end, parts, all,
             'over the gradient')
    end
  end
end

function M.jit (record)
  for _, case in ipairs(record.inputs) do
    local inputs = C.make(case, 1)
    local fast = autograd.jit(function (...) return (record.call(...)) end)
    for run = 1, 3 do -- captured, compared, replayed
      local list = C.make(case, run)
      C.same(fast(table.unpack(list)), (record.call(table.unpack(list))),
           'run ' .. run)
    end
    local f, xs = C.of_floats(record, case, inputs)
    if #xs > 0 and C.has_gradient(record) then
      local ct = T.like(f(table.unpack(xs)), 7)
      local want = C.pull(f, xs, ct)
      local compiled = autograd.jit(f)
      local back = autograd.jit(function (...)
        return C.pull(f, {...}, ct)
      end)
      for run = 1, 2 do
        local outer, inner = C.pull(compiled, xs, ct), back(table.unpack(xs))
        for i, w in ipairs(want) do
          C.same(outer[i], w, 'grad(jit), run ' .. run)
          C.same(inner[i], w, 'jit(grad), run ' .. run)
        end
      end
    end
  end
end

return M
