-- One format for all elements of a tensor that are shown, as Torch7 chooses
-- it.  blocks: a list of {rows = list of lists of elements}; M.GAP anywhere
-- in it stands for what is left out.

local M = {GAP = {}}

local function each (blocks, f)
  for _, block in ipairs(blocks) do
    for _, row in ipairs(block ~= M.GAP and block.rows or {}) do
      for _, v in ipairs(row ~= M.GAP and row or {}) do
        if v ~= M.GAP then f(v) end
      end
    end
  end
end

local function exponent (x) -- digits before the point
  return x == 0 and 0 or math.floor(math.log(x, 10) + 1e-12) + 1
end

-- What decides the format: are all whole, the least and largest magnitude.
local function survey (blocks)
  local whole, low, high, special, width = true, math.huge, 0, false, 0
  each(blocks, function (v)
    if type(v) == 'boolean' then
      width = math.max(width, v and 4 or 5)
    elseif math.type(v) == 'integer' then
      width = math.max(width, #tostring(v):gsub('^%-', ''))
      low, high = math.min(low, math.abs(v)), math.max(high, math.abs(v))
    elseif v ~= v or v == math.huge or v == -math.huge then
      special = true
    else
      if v ~= math.floor(v) then whole = false end
      local a = math.abs(v)
      low, high = math.min(low, a), math.max(high, a)
    end
  end)
  if low > high then low = 0 end
  return whole, exponent(low), exponent(high), special, width
end

-- A function from element to text of one width (at least `least`) with p
-- digits, that width, and the scale.
function M.choose (blocks, dtype, p, least)
  local whole, low, high, special, width = survey(blocks)
  local spec, scale
  if dtype == 'bool' or dtype:find 'int' then
    local w = math.max(width + 1, least)
    return function (v) return ('%' .. w .. 's'):format(v) end, w
  elseif whole and high <= 9 then
    width = math.max(high + 1, special and 4 or 2, least)
    spec = '%.0f'
  elseif whole or high - low > 4 then
    width = p + 7 + ((high > 99 or low < -98) and 1 or 0)
    spec = '%.' .. p .. 'e'
  else
    width = math.max(high, 1) + p + 2
    spec = '%.' .. p .. 'f'
    if high > 5 or high < 0 then scale, width = 10.0 ^ (high - 1), p + 3 end
    if high == 0 then width = p + 3 end
  end
  local padded = '%' .. width .. 's'
  return function (v)
    if v ~= v then return padded:format 'nan' end
    if v == math.huge then return padded:format 'inf' end
    if v == -math.huge then return padded:format '-inf' end
    return padded:format(spec:format(scale and v / scale or v))
  end, width, scale
end

return M
