-- Checks of arguments that the research modules share.  `owner` is a name or
-- a module, whose path the error then says.  Entries of tensors can only be
-- read outside transforms: inside, core.within checks them where they are
-- computed, each time; so what is checked has to be used, not what was given.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'

local M = {}

-- Raises "OWNER: ARGUMENT: wanted expected, got GOT".
function M.fail (owner, argument, wanted, got)
  local text = ('%s: %s expected, got %s'):format(argument, wanted, got)
  if type(owner) == 'string' then
    errors.raise('%s: %s', owner, text)
  end
  errors.fail(owner, '%s', text)
end

-- A number in words; a NaN has no sign.
function M.text (v)
  if v ~= v then return 'NaN' end
  return ('%.6g'):format(v)
end

-- The least and the greatest entry (NaN, NaN where there is a NaN), or nil
-- where they can't be read or there are none.
function M.extremes (v)
  if type(v) == 'number' then return v, v end
  if not torch.isTensor(v) or core.tracing() or v:nElement() == 0 then
    return nil
  end
  if v:dim() == 0 then return torch.item(v), torch.item(v) end
  local low, high = v:min(), v:max()
  if low ~= low or high ~= high then return 0 / 0, 0 / 0 end
  return low, high
end

function M.operand (owner, argument, v)
  if type(v) ~= 'number' and not torch.isTensor(v) then
    M.fail(owner, argument, 'a number or a tensor', errors.shape(v))
  end
  return v
end

-- Bounds: the least, the greatest, which of both is out itself (1, 2 or both
-- added), in words.
M.POSITIVE = {0, math.huge, 3, 'a finite number above 0'}
M.AT_LEAST_0 = {0, math.huge, 0, 'a number of at least 0'}
M.NUMBER = {-math.huge, math.huge, 0, 'a number'}

local function inside (v, bound)
  local low, high, open = bound[1], bound[2], bound[3]
  return v >= low and v <= high and not (v == low and open & 1 ~= 0)
         and not (v == high and open & 2 ~= 0)
end

-- x, after the check of v, a traced tensor; raises now where values are known.
function M.traced (owner, argument, x, v, bound)
  local text = ('%s: %s: %s expected'):format(type(owner) == 'string' and owner
    or errors.path(owner), argument, bound[4])
  local ok, y = pcall(core.within, x, v, bound[1], bound[2], bound[3], text)
  if ok then return y end
  local at = type(y) == 'string' and y:find(text, 1, true)
  if not at then error(y, 0) end
  errors.raise('%s', y:sub(at))
end

-- v, a number or a tensor of numbers within the bounds; else raises.
function M.check (owner, argument, v, bound)
  M.operand(owner, argument, v)
  if type(v) ~= 'number' and core.tracing() then
    return M.traced(owner, argument, v, v, bound)
  end
  local low, high = M.extremes(v)
  if low and not (inside(low, bound) and inside(high, bound)) then
    M.fail(owner, argument, bound[4],
           M.text(inside(low, bound) and high or low))
  end
  return v
end

-- v, a number above 0 or a tensor of such; else raises.
function M.positive (owner, argument, v)
  return M.check(owner, argument, v, M.POSITIVE)
end

-- The same of a number alone.
function M.positive_number (owner, argument, v)
  if type(v) ~= 'number' then
    M.fail(owner, argument, 'a finite number above 0', errors.shape(v))
  end
  M.positive(owner, argument, v)
end

-- Raises unless v is a number or broadcasts with x, either to the other; with
-- `strict`, to x's sizes.
function M.broadcasts (owner, argument, v, x, strict)
  if type(v) == 'number' then return end
  local n, m = v:dim(), x:dim()
  local right = not strict or n <= m
  for i = 0, math.min(n, m) - 1 do
    local a, b = v:size(n - i), x:size(m - i)
    right = right and (a == b or a == 1 or b == 1 and not strict)
  end
  if not right then
    M.fail(owner, argument, ('a number or a tensor that broadcasts with %s'):
      format(errors.shape(x)), errors.shape(v))
  end
end

-- Raises unless v is a number or a tensor of 1 entry, or of `units` of them.
function M.entries (owner, argument, v, units)
  if type(v) == 'number' or v:nElement() == 1
     or v:dim() == 1 and v:size(1) == units then return end
  M.fail(owner, argument, units and
    ('a number, or a tensor [1] or [%d]'):format(units) or
    'a number or a tensor of one entry', errors.shape(v))
end

function M.boolean (owner, argument, v)
  if v ~= nil and type(v) ~= 'boolean' then
    M.fail(owner, argument, 'true or false', errors.shape(v))
  end
end

return M
