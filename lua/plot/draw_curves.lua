-- Lines, points, bars and histograms as gnuplot commands.  Each function adds
-- data and settings to `out` and returns the parts of the plot command.

local draw = require 'plot.draw'

local M = {}

-- The x axis ends with the data, and a few whole numbers get a tick each.
local function fit_x (out, f)
  if f.options.xrange or f.options.logx then return end
  local low, high, whole = math.huge, -math.huge, true
  for _, s in ipairs(f.series) do
    for _, x in ipairs(s.x) do
      low, high = math.min(low, x), math.max(high, x)
      whole = whole and x == math.floor(x)
    end
  end
  if low < high then
    out[#out + 1] = 'set autoscale xfix; set offsets graph 0.02, graph 0.02'
  end
  if whole and high - low <= 15 then out[#out + 1] = 'set xtics 1' end
end

-- Lines: points too where they are few.
function M.line (out, f, id)
  local parts = {}
  fit_x(out, f)
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    draw.columns(out, name, s.x, s.y)
    local points = f.options.points
    if points == nil then points = #s.x <= 40 end
    local how = points and 'with linespoints pt 7 ps 0.55' or 'with lines'
    if s.style == 'dashed' then how = how .. ' dt 2' end
    if s.style == 'points' then how = 'with points pt 7 ps 0.7' end
    parts[i] = ('$%s using 1:2 %s lw 2 lc rgb %s %s')
               :format(name, how, draw.color(s, i), draw.title(s))
  end
  return parts
end

function M.scatter (out, f, id)
  local parts = {}
  fit_x(out, f)
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    draw.columns(out, name, s.x, s.y)
    local size = #s.x > 2000 and 0.3 or #s.x > 300 and 0.5 or 0.8
    parts[i] = ('$%s using 1:2 with points pt 7 ps %g lc rgb %s %s')
               :format(name, size, draw.color(s, i), draw.title(s))
  end
  return parts
end

local function bar_tics (out, f)
  if f.options.labels then draw.ticks(out, 'x', f.options.labels, 1) end
  out[#out + 1] = 'unset grid'
  out[#out + 1] = ("set grid ytics back lt 1 lc rgb '%s' lw 1 dt 1")
                  :format(draw.FAINT)
end

-- Groups of bars beside each other, from zero.
function M.bar (out, f, id)
  local n, longest, below = #f.series, 0, false
  local width = 0.8 / n
  local parts = {}
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    local shifted = {}
    for k, x in ipairs(s.x) do
      shifted[k] = x + (i - (n + 1) / 2) * width
    end
    longest = math.max(longest, #s.x)
    for _, y in ipairs(s.y) do below = below or y < 0 end
    draw.columns(out, name, shifted, s.y)
    parts[i] = ('$%s using 1:2:(%s) with boxes fs solid 0.9 noborder '
                .. 'lc rgb %s %s'):format(name, draw.num(width * 0.94),
                                          draw.color(s, i), draw.title(s))
  end
  bar_tics(out, f)
  if below then
    out[#out + 1] = ("set xzeroaxis lt 1 lw 1 lc rgb '%s'"):format(draw.INK)
  end
  local o = f.options
  if not o.labels and longest <= 20 then out[#out + 1] = 'set xtics 1' end
  if not o.xrange then
    out[#out + 1] = 'set offsets graph 0.02, graph 0.02, graph 0.05, 0'
  end
  if not o.yrange and not o.logy then
    out[#out + 1] = 'set yrange [*<0:0<*]'
  end
  return parts
end

function M.hist (out, f, id)
  local parts = {}
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    draw.columns(out, name, s.x, s.y)
    parts[i] = ('$%s using 1:2:(%s) with boxes fs %s noborder lc rgb %s %s')
               :format(name, draw.num(s.step * 0.97),
                       #f.series > 1 and 'transparent solid 0.6'
                       or 'solid 0.9', draw.color(s, i), draw.title(s))
  end
  bar_tics(out, f)
  if not f.options.yrange and not f.options.logy then
    out[#out + 1] = 'set yrange [0:*]'
  end
  return parts
end

return M
