-- What tensors held at some time, to see later whether they were changed in
-- place: held.hold(x), held.same(h, x), held.drop(h) for a tensor or a table of
-- tensors (to any depth).  Nothing is copied: while h lives, a write to x goes
-- to other memory.

local core = require 'nnlua.core'

local is_tensor = core.torch.isTensor

local M = {}

function M.hold (x, depth)
  depth = depth or 0
  if is_tensor(x) then return core.held(x) end
  if type(x) ~= 'table' or depth > 50 then return x end
  local h = {}
  for k, v in next, x do h[k] = M.hold(v, depth + 1) end
  return h
end

function M.same (h, x)
  if is_tensor(h) then return is_tensor(x) and core.holds(h, x) end
  if type(h) ~= 'table' or type(x) ~= 'table' or rawequal(h, x) then
    return rawequal(h, x)
  end
  for k in next, x do
    if h[k] == nil then return false end
  end
  for k, v in next, h do
    if not M.same(v, rawget(x, k)) then return false end
  end
  return true
end

-- At once, not when garbage is collected: writes are in place again.
function M.drop (h, depth)
  depth = depth or 0
  if is_tensor(h) then
    h:set()
  elseif type(h) == 'table' and depth <= 50 then
    for _, v in next, h do M.drop(v, depth + 1) end
  end
end

return M
