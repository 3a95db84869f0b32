-- plot.line, scatter, bar and hist.

local figure = require 'plot.figure'
local values = require 'plot.values'
local check = require 'plot.options'

local M = {}

local function curves (kind)
  return function (a, b, c)
    local o = figure.early(values.arguments(kind, a, b, c))
    local series = values.series(kind, o)
    local longest = 0
    for _, s in ipairs(series) do longest = math.max(longest, #s.y) end
    if longest == 0 then
      values.fail(kind, 'no data: every series is empty')
    end
    if kind == 'bar' then check.labels(kind, o, 'labels', longest) end
    return figure.new(kind, o, {series = series})
  end
end

M.line, M.scatter, M.bar = curves 'line', curves 'scatter', curves 'bar'

-- How many fall between equal steps.
local function count (numbers, bins, low, high, density)
  local step = (high - low) / bins
  if step <= 0 then step, low = 1, low - 0.5 end
  local y, x, total = {}, {}, 0
  for i = 1, bins do y[i], x[i] = 0, low + (i - 0.5) * step end
  for _, v in ipairs(numbers) do
    if v >= low and v <= low + bins * step then
      local i = math.min(math.floor((v - low) / step) + 1, bins)
      y[i], total = y[i] + 1, total + 1
    end
  end
  if density and total > 0 then
    for i = 1, bins do y[i] = y[i] / (total * step) end
  end
  return {x = x, y = y, step = step}
end

function M.hist (a, b, c)
  local o = figure.early(values.arguments('hist', a, b, c))
  local given = values.series('hist', o)
  local low, high, most = math.huge, -math.huge, 1
  for _, s in ipairs(given) do
    most = math.max(most, #s.y)
    for _, v in ipairs(s.y) do
      if v == v and math.abs(v) ~= math.huge then
        low, high = math.min(low, v), math.max(high, v)
      end
    end
  end
  if o.range then low, high = o.range[1], o.range[2] end
  if low > high then
    values.fail('hist', 'no data: there is no finite number')
  end
  local bins = o.bins or math.min(math.max(math.ceil(2 * most ^ (1 / 3)), 8),
                                  100)
  if low == high then bins = 1 end
  local series = {}
  for i, s in ipairs(given) do
    local counted = count(s.y, math.floor(bins), low, high, o.density)
    counted.label, counted.color = s.label, s.color
    series[i] = counted
  end
  o.ylabel = o.ylabel or (o.density and 'density' or 'count')
  return figure.new('hist', o, {series = series})
end

return M
