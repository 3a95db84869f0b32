-- The same bits wherever the elements stand: on views, in place, on threads.
local torch = require 'torch'
local T = require 'ops.tensors'
local C = require 'ops.cases'

local M = {}

-- ---- views ----

-- x's elements in other places: as a transposed copy, or inside a larger one.
local function transposed (x)
  if x:dim() < 2 then
    local wide = torch.cat({x:view(-1, 1), x:view(-1, 1)}, 2)
    return wide:select(2, 2)
  end
  local n = x:dim()
  return x:transpose(1, n):contiguous():transpose(1, n)
end

local function inside (x)
  local sizes = T.sizes(x)
  for d, s in ipairs(sizes) do sizes[d] = s + 3 end
  local v = torch.zeros(sizes, x:dtype())
  for d = 1, x:dim() do v = v:narrow(d, 2, x:size(d)) end
  return v:copy(x)
end

function M.views (record)
  for _, case in ipairs(record.inputs) do
    local inputs = C.make(case, 1)
    local want = record.call(table.unpack(inputs))
    for _, other in ipairs {transposed, inside} do
      local list = {}
      for i, v in ipairs(inputs) do
        list[i] = v:dim() > 0 and v:nElement() > 0 and other(v) or v
      end
      C.same(record.call(table.unpack(list)), want, 'on views')
    end
  end
end

function M.in_place (record)
  for _, case in ipairs(record.inputs) do
    local inputs = C.make(case, 1)
    local x = inputs[1]
    if x:dim() > 0 and x:nElement() > 0 then
      local want = record.call(table.unpack(inputs))
      local view = inside(x)
      local base = view:storage()
      local zeros, rest = 0, {table.unpack(inputs, 2)}
      local back = view[record.method](view, table.unpack(rest))
      assert(back:isSetTo(view), 'returns its tensor')
      C.same(view:clone(), want:clone(), 'on a view')
      for i = 1, #base do if base[i] == 0 then zeros = zeros + 1 end end
      local used = 0
      for _, e in ipairs(T.flat(want)) do if e ~= 0 then used = used + 1 end end
      assert(zeros == #base - used, 'wrote outside of its view')
      local old = x:clone() -- what others hold stays
      C.same(x[record.method](x, table.unpack(rest)), want, 'in place')
      C.same(record.call(old, table.unpack(rest)), want, 'the old value')
    end
  end
end

function M.threads (record)
  local big, before = {}, torch.getnumthreads()
  for i, spec in ipairs(record.inputs[1]) do
    local s = {}
    for k, v in pairs(spec) do s[k] = v end
    s.shape = {301, 257}
    big[i] = T.input(s, i)
  end
  torch.setnumthreads(1)
  local want = record.call(table.unpack(big))
  torch.setnumthreads(2)
  local ok = pcall(C.same, record.call(table.unpack(big)), want, 'threads')
  torch.setnumthreads(before)
  assert(ok, 'one and two threads: other bits')
end

return M
