-- Figures as a gnuplot script.

local draw = require 'plot.draw'
local curves = require 'plot.draw_curves'
local pictures = require 'plot.draw_pictures'

local M = {}

-- ---- axes ----

local function range_text (range)
  if not range then return '[*:*]' end
  return ('[%s:%s]'):format(draw.num(range[1]), draw.num(range[2]))
end

-- What every panel begins with: nothing is left from the one before.
local function axes (out, f)
  local o = f.options
  local function add (...) out[#out + 1] = table.concat {...} end
  add 'unset label; unset object; unset logscale; unset colorbox'
  add 'unset key; unset xzeroaxis'
  add "set offsets 0, 0, 0, 0; set format '%g'"
  add("set border 3 lc rgb '", draw.INK, "' lw 1")
  add("set tics nomirror out scale 0.6 textcolor rgb '", draw.INK, "'")
  add 'set xtics auto norotate; set ytics auto; set size noratio'
  add("set grid xtics ytics back lt 1 lc rgb '", draw.FAINT, "' lw 1 dt 1")
  if o.grid == false then add 'unset grid' end
  add('set title ', o.title and draw.quote(o.title) or "''",
      " offset 0,-0.3 textcolor rgb '#111111' font ',13'")
  for _, axis in ipairs {'xlabel', 'ylabel'} do
    add('set ', axis, ' ', draw.quote(o[axis] or ''), " textcolor rgb '",
        draw.INK, "'")
  end
  add('set autoscale; set xrange ', range_text(o.xrange), '; set yrange ',
      range_text(o.yrange))
  if o.logx then add 'set logscale x' end
  if o.logy then add 'set logscale y' end
end

local places = {
  ['top left'] = 'inside top left', ['top right'] = 'inside top right',
  ['bottom left'] = 'inside bottom left',
  ['bottom right'] = 'inside bottom right',
  outside = 'outside right top',
}

-- Beside the axes; among panels, where that would take half of one, below.
local function key (out, f, many)
  local any = false
  for _, s in ipairs(f.series) do any = any or s.label ~= nil end
  if not any or f.options.key == 'none' then return end
  local where = places[f.options.key or '']
                or many and 'outside center bottom horizontal'
                or places.outside
  out[#out + 1] = ("set key %s reverse Left samplen 2 spacing 1.3 width 1 "
                   .. "textcolor rgb '%s' noautotitle"):format(where, draw.INK)
end

-- ---- the whole ----

local terminals = {
  png = "set encoding utf8\nif (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) "
        .. "{set terminal pngcairo size %d,%d noenhanced font 'sans,11' "
        .. "background '#ffffff'} else {set terminal png size %d,%d "
        .. "noenhanced}",
  svg = "set encoding utf8\nset terminal svg size %d,%d dynamic noenhanced "
        .. "font 'sans,11' fontscale 1.27 background '#ffffff'",
}

-- Is there a point that the axes can show?  gnuplot refuses to draw nothing.
local function drawable (f)
  if not f.series then return true end
  local o = f.options
  for _, s in ipairs(f.series) do
    for i = 1, #s.x do
      local x, y = s.x[i], s.y[i]
      if draw.num(x) ~= 'NaN' and draw.num(y) ~= 'NaN' and (not o.logx or x > 0)
         and (not o.logy or y > 0) then
        return true
      end
    end
  end
  return false
end

local function panel (out, f, id, many, format)
  axes(out, f)
  if not drawable(f) then
    out[#out + 1] = 'unset logscale; set xrange [0:1]; set yrange [0:1]\n'
                    .. 'plot NaN notitle'
    return
  end
  if f.series then key(out, f, many) end
  local parts = (curves[f.kind] or pictures[f.kind])(out, f, id, format)
  out[#out + 1] = 'plot ' .. table.concat(parts, ', \\\n     ')
end

-- The script that draws the figures (one panel each) to the file that is its
-- argument.  whole: {format = 'png' or 'svg', width =, height =, rows =,
-- columns =, title =}
function M.text (figures, whole)
  local w, h = whole.width, whole.height
  local out = {(terminals[whole.format]:format(w, h, w, h)),
               'set output ARG1'}
  local many = #figures > 1
  if many then
    out[#out + 1] = ("set multiplot layout %d,%d%s"):format(whole.rows,
      whole.columns, whole.title and ' title ' .. draw.quote(whole.title)
                                     .. " font ',15'" or '')
  end
  for i, f in ipairs(figures) do panel(out, f, i, many, whole.format) end
  if many then out[#out + 1] = 'unset multiplot' end
  out[#out + 1] = 'unset output'
  return table.concat(out, '\n') .. '\n'
end

return M
