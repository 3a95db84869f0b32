-- Figures as gnuplot commands.  Only numbers that we format and texts that we
-- quote come into a script: a title can not become a command.

local M = {}

-- A text in single quotes, where gnuplot expands nothing.  An apostrophe
-- becomes a typographic one: gnuplot reads '''x' as two strings.
local function quote (text)
  return "'" .. tostring(text):gsub("[%c\127]", ' '):gsub("'", '’') .. "'"
end

M.quote = quote

local function num (x)
  if x ~= x or x == math.huge or x == -math.huge then return 'NaN' end
  return (('%.9g'):format(x):gsub(',', '.')) -- whatever the host's locale
end

M.num = num

-- Colours that the colour-blind can tell apart.
local colors = {'#2f6fb5', '#e0772b', '#3d9a5d', '#c44e52', '#8566b0',
                '#8c6d4f', '#d078b0', '#7a7f87', '#a9a52f', '#38a5b8'}

local function color_of (s, i)
  return quote(s.color or colors[(i - 1) % #colors + 1])
end

local INK, FAINT = '#333333', '#dcdcdc'

local palettes = {
  viridis = "defined (0 '#440154', 1 '#482878', 2 '#3e4a89', 3 '#31688e', "
            .. "4 '#26828e', 5 '#1f9e89', 6 '#35b779', 7 '#6dcd59', "
            .. "8 '#b4de2c', 9 '#fde725')",
  gray = "defined (0 '#000000', 1 '#ffffff')",
  blues = "defined (0 '#f7fbff', 1 '#c6dbef', 2 '#6baed6', 3 '#2171b5', "
          .. "4 '#08306b')",
  diverging = "defined (0 '#2166ac', 1 '#92c5de', 2 '#f7f7f7', "
              .. "3 '#f4a582', 4 '#b2182b')",
}

M.palettes = palettes

-- ---- axes ----

local function range_text (range)
  if not range then return '[*:*]' end
  return ('[%s:%s]'):format(num(range[1]), num(range[2]))
end

-- What every panel begins with: nothing is left from the one before.
local function axes (out, f)
  local o = f.options
  local function add (...) out[#out + 1] = table.concat {...} end
  add 'unset label; unset object; unset logscale; unset colorbox; unset key'
  add "set offsets 0, 0, 0, 0; set format '%g'"
  add("set border 3 lc rgb '", INK, "' lw 1")
  add("set tics nomirror out scale 0.6 textcolor rgb '", INK, "'")
  add 'set xtics auto norotate; set ytics auto; set size noratio'
  add("set grid xtics ytics back lt 1 lc rgb '", FAINT, "' lw 1 dt 1")
  if o.grid == false then add 'unset grid' end
  add('set title ', o.title and quote(o.title) or "''",
      " offset 0,-0.3 textcolor rgb '#111111' font ',13'")
  add('set xlabel ', quote(o.xlabel or ''), " textcolor rgb '", INK, "'")
  add('set ylabel ', quote(o.ylabel or ''), " textcolor rgb '", INK, "'")
  add('set autoscale; set xrange ', range_text(o.xrange), '; set yrange ',
      range_text(o.yrange))
  if o.logx then add 'set logscale x' end
  if o.logy then add 'set logscale y' end
end

local places = {
  ['top left'] = 'top left', ['top right'] = 'top right',
  ['bottom left'] = 'bottom left', ['bottom right'] = 'bottom right',
  outside = 'outside right top',
}

local function key (out, f)
  local any = false
  for _, s in ipairs(f.series) do any = any or s.label ~= nil end
  if not any or f.options.key == 'none' then return end
  local where = places[f.options.key or ''] or 'outside right top'
  out[#out + 1] = ("set key %s reverse Left samplen 2 spacing 1.3 width 1 "
                   .. "textcolor rgb '%s' noautotitle"):format(where, INK)
end

-- ---- data ----

local function block (out, name, rows)
  out[#out + 1] = '$' .. name .. ' << EOD'
  for _, row in ipairs(rows) do out[#out + 1] = row end
  out[#out + 1] = 'EOD'
end

local function columns_block (out, name, x, y)
  local rows = {}
  for i = 1, #x do rows[i] = num(x[i]) .. ' ' .. num(y[i]) end
  if #rows == 0 then rows[1] = 'NaN NaN' end
  block(out, name, rows)
end

local function title_of (s) return 'title ' .. quote(s.label or '') end

-- ---- kinds of figures ----

local kinds = {}

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
function kinds.line (out, f, id)
  local parts = {}
  fit_x(out, f)
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    columns_block(out, name, s.x, s.y)
    local points = f.options.points
    if points == nil then points = #s.x <= 40 end
    local how = points and 'with linespoints pt 7 ps 0.55' or 'with lines'
    if s.style == 'dashed' then how = how .. ' dt 2' end
    parts[i] = ('$%s using 1:2 %s lw 2 lc rgb %s %s')
               :format(name, how, color_of(s, i), title_of(s))
  end
  return parts
end

function kinds.scatter (out, f, id)
  local parts = {}
  fit_x(out, f)
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    columns_block(out, name, s.x, s.y)
    local size = #s.x > 2000 and 0.3 or #s.x > 300 and 0.5 or 0.8
    parts[i] = ('$%s using 1:2 with points pt 7 ps %g lc rgb %s %s')
               :format(name, size, color_of(s, i), title_of(s))
  end
  return parts
end

-- Labels of the positions 1..n on an axis ('x' or 'y').
local function ticks (out, axis, labels, from)
  local list = {}
  for i, label in ipairs(labels) do
    list[i] = ('%s %d'):format(quote(label), i - 1 + from)
  end
  local longest = 0
  for _, label in ipairs(labels) do
    longest = math.max(longest, #tostring(label))
  end
  local turn = axis == 'x' and longest * #labels > 70
               and ' rotate by 40 right' or ''
  out[#out + 1] = ('set %stics (%s)%s'):format(axis, table.concat(list, ', '),
                                               turn)
end

local function bar_tics (out, f)
  if f.options.labels then ticks(out, 'x', f.options.labels, 1) end
  out[#out + 1] = 'unset grid'
  out[#out + 1] = ("set grid ytics back lt 1 lc rgb '%s' lw 1 dt 1")
                  :format(FAINT)
end

-- Groups of bars beside each other, from zero.
function kinds.bar (out, f, id)
  local n, longest = #f.series, 0
  local width = 0.8 / n
  local parts = {}
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    local shifted = {}
    for k, x in ipairs(s.x) do
      shifted[k] = x + (i - (n + 1) / 2) * width
    end
    longest = math.max(longest, #s.x)
    columns_block(out, name, shifted, s.y)
    parts[i] = ('$%s using 1:2:(%s) with boxes fs solid 0.9 noborder '
                .. 'lc rgb %s %s'):format(name, num(width * 0.94),
                                          color_of(s, i), title_of(s))
  end
  bar_tics(out, f)
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

function kinds.hist (out, f, id)
  local parts = {}
  for i, s in ipairs(f.series) do
    local name = ('d%s_%d'):format(id, i)
    columns_block(out, name, s.x, s.y)
    parts[i] = ('$%s using 1:2:(%s) with boxes fs %s noborder lc rgb %s %s')
               :format(name, num(s.step * 0.97),
                       #f.series > 1 and 'transparent solid 0.6'
                       or 'solid 0.9', color_of(s, i), title_of(s))
  end
  bar_tics(out, f)
  if not f.options.yrange and not f.options.logy then
    out[#out + 1] = 'set yrange [0:*]'
  end
  return parts
end

local function bare (out) -- a picture: no axes around it
  out[#out + 1] = 'unset border; unset xtics; unset ytics; unset grid'
end

local function image_rows (image)
  local rows = {}
  for r = 1, image.rows do
    for c = 1, image.columns do
      local x = image[r][c]
      if type(x) == 'table' then
        x = num(x[1]) .. ' ' .. num(x[2]) .. ' ' .. num(x[3])
      else
        x = num(x)
      end
      rows[#rows + 1] = ('%d %d %s'):format(c, r, x)
    end
    rows[#rows + 1] = ''
  end
  return rows
end

-- 0..255 of [low, high]
local function scaled (image, low, high)
  local k = high > low and 255 / (high - low) or 0
  local out = {rows = image.rows, columns = image.columns}
  for r = 1, image.rows do
    out[r] = {}
    for c = 1, image.columns do
      local x, rgb = image[r][c], {}
      for i = 1, 3 do
        rgb[i] = math.min(math.max((x[i] - low) * k, 0), 255)
        if x[i] ~= x[i] then rgb[i] = 255 end
      end
      out[r][c] = rgb
    end
  end
  return out
end

function kinds.image (out, f, id)
  local image, low, high = f.image, f.low, f.high
  local name = 'd' .. id
  bare(out)
  out[#out + 1] = 'set size ratio -1'
  out[#out + 1] = ('set xrange [0.5:%d.5]; set yrange [%d.5:%s]')
                  :format(image.columns, image.rows, num(0.5 - (f.top or 0)))
  for _, label in ipairs(f.tile_labels or {}) do
    out[#out + 1] = ("set label %s at %s,%s center font ',10' "
                     .. "textcolor rgb '%s' front"):format(
                    quote(label.text), num(label.x), num(label.y), INK)
  end
  if image.channels == 3 then
    block(out, name, image_rows(scaled(image, low, high)))
    return {'$' .. name .. ' using 1:2:3:4:5 with rgbimage notitle'}
  end
  block(out, name, image_rows(image))
  out[#out + 1] = 'set palette ' .. (palettes[f.options.palette or 'gray'])
  out[#out + 1] = ('set cbrange [%s:%s]'):format(num(low),
                  num(high > low and high or low + 1))
  return {'$' .. name .. ' using 1:2:3 with image notitle'}
end

-- A matrix in colours, row 1 on top; with its numbers if they are wanted.
function kinds.heatmap (out, f, id)
  local m, o, name = f.image, f.options, 'd' .. id
  block(out, name, image_rows(m))
  local add = function (text) out[#out + 1] = text end
  add('set palette ' .. palettes[o.palette or 'viridis'])
  add(('set cbrange [%s:%s]'):format(num(f.low),
      num(f.high > f.low and f.high or f.low + 1)))
  add("set colorbox; set cbtics nomirror out scale 0.4 textcolor rgb '#333333'")
  add 'unset grid; set border 0; set tics scale 0'
  add(('set xrange [0.5:%d.5]; set yrange [%d.5:0.5]'):format(m.columns,
      m.rows))
  if o.xlabels then ticks(out, 'x', o.xlabels, 1) end
  if o.ylabels then ticks(out, 'y', o.ylabels, 1) end
  if m.rows <= 40 and m.columns <= 40 then add 'set size ratio -1' end
  local parts = {'$' .. name .. ' using 1:2:3 with image notitle'}
  if o.values then
    local dark, light = {}, {}
    local dark_low = o.palette == 'blues' -- low values are light there
    for r = 1, m.rows do
      for c = 1, m.columns do
        local x = m[r][c]
        local low = x - f.low < (f.high - f.low) * 0.55
        local text = x == math.floor(x) and ('%d'):format(x)
                     or ('%.2f'):format(x)
        local list = low == dark_low and dark or light
        list[#list + 1] = ('%d %d %s'):format(c, r, text)
      end
    end
    for key_name, list in pairs {dark = dark, light = light} do
      local tint = key_name == 'dark' and '#222222' or '#ffffff'
      if #list > 0 then
        block(out, name .. key_name, list)
        parts[#parts + 1] = ("$%s%s using 1:2:3 with labels font ',9' "
                             .. "textcolor rgb '%s' notitle")
                            :format(name, key_name, tint)
      end
    end
    table.sort(parts)
  end
  return parts
end

-- ---- the whole ----

local terminals = {
  png = "set encoding utf8\nif (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) "
        .. "{set terminal pngcairo size %d,%d noenhanced font 'sans,11' "
        .. "background '#ffffff'} else {set terminal png size %d,%d "
        .. "noenhanced}",
  svg = "set encoding utf8\nset terminal svg size %d,%d dynamic noenhanced "
        .. "font 'sans,14' background '#ffffff'",
}

-- Is there a point that the axes can show?  gnuplot refuses to draw nothing.
local function drawable (f)
  if not f.series then return true end
  local o = f.options
  for _, s in ipairs(f.series) do
    for i = 1, #s.x do
      local x, y = s.x[i], s.y[i]
      if num(x) ~= 'NaN' and num(y) ~= 'NaN' and (not o.logx or x > 0)
         and (not o.logy or y > 0) then
        return true
      end
    end
  end
  return false
end

local function panel (out, f, id)
  axes(out, f)
  if not drawable(f) then
    out[#out + 1] = 'unset logscale; set xrange [0:1]; set yrange [0:1]\n'
                    .. 'plot NaN notitle'
    return
  end
  if f.series then key(out, f) end
  local parts = kinds[f.kind](out, f, id)
  out[#out + 1] = 'plot ' .. table.concat(parts, ', \\\n     ')
end

-- The script that draws the figures (one panel each) to the file that is its
-- argument.  whole: {format = 'png' or 'svg', width =, height =, columns =,
-- title =}
function M.text (figures, whole)
  local w, h = whole.width, whole.height
  local out = {(terminals[whole.format]:format(w, h, w, h)),
               'set output ARG1'}
  local columns = math.min(whole.columns or math.ceil(math.sqrt(#figures)),
                           #figures)
  local many = #figures > 1
  if many then
    local rows = (#figures + columns - 1) // columns
    out[#out + 1] = ("set multiplot layout %d,%d%s"):format(rows, columns,
      whole.title and ' title ' .. quote(whole.title)
                      .. " font ',15'" or '')
  end
  for i, f in ipairs(figures) do panel(out, f, i) end
  if many then out[#out + 1] = 'unset multiplot' end
  out[#out + 1] = 'unset output'
  return table.concat(out, '\n') .. '\n'
end

return M
