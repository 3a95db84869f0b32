-- Images and heat maps as gnuplot commands, as in draw_curves.lua.

local draw = require 'plot.draw'

local M = {}

local function bare (out) -- a picture: no axes around it
  out[#out + 1] = 'unset border; unset xtics; unset ytics; unset grid'
end

local function image_rows (image)
  local rows = {}
  for r = 1, image.rows do
    for c = 1, image.columns do
      local x = image[r][c]
      if type(x) == 'table' then
        x = draw.num(x[1]) .. ' ' .. draw.num(x[2]) .. ' ' .. draw.num(x[3])
      else
        x = draw.num(x)
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

-- An SVG's bitmaps are smoothed by who shows them; rectangles are not.
local function sharp (image, format)
  return format == 'svg' and image.rows * image.columns <= 20000
         and ' pixels' or ''
end

function M.image (out, f, id, format)
  local image, low, high = f.image, f.low, f.high
  local name, pixels = 'd' .. id, sharp(image, format)
  bare(out)
  out[#out + 1] = 'set size ratio -1'
  out[#out + 1] = ('set xrange [0.5:%d.5]; set yrange [%d.5:%s]')
                  :format(image.columns, image.rows,
                          draw.num(0.5 - (f.top or 0)))
  for _, label in ipairs(f.tile_labels or {}) do
    out[#out + 1] = ("set label %s at %s,%s center font ',10' "
                     .. "textcolor rgb '%s' front"):format(
                    draw.quote(label.text), draw.num(label.x),
                    draw.num(label.y), draw.INK)
  end
  if image.channels == 3 then
    draw.block(out, name, image_rows(scaled(image, low, high)))
    return {'$' .. name .. ' using 1:2:3:4:5 with rgbimage' .. pixels .. ' notitle'}
  end
  draw.block(out, name, image_rows(image))
  out[#out + 1] = 'set palette ' .. (draw.palettes[f.options.palette or 'gray'])
  out[#out + 1] = ('set cbrange [%s:%s]'):format(draw.num(low),
                  draw.num(high > low and high or low + 1))
  return {'$' .. name .. ' using 1:2:3 with image' .. pixels .. ' notitle'}
end

-- Is white text readable on a palette's colour at u in 0..1?
local white = {
  viridis = function (u) return u < 0.6 end,
  gray = function (u) return u < 0.55 end,
  blues = function (u) return u >= 0.55 end,
  diverging = function (u) return math.abs(u - 0.5) > 0.33 end,
}

local function cell_text (x)
  if x ~= x then return 'nan' end
  if math.abs(x) == math.huge then return x > 0 and 'inf' or '-inf' end
  if x == math.floor(x) and math.abs(x) < 1e6 then return ('%d'):format(x) end
  if math.abs(x) < 100 and math.abs(x) >= 0.01 then
    return (('%.2f'):format(x))
  end
  return (('%.2g'):format(x))
end

-- The matrix' numbers over its colours.
local function numbers (out, f, name, parts)
  local m, dark, light = f.image, {}, {}
  local is_white = white[f.options.palette or 'viridis']
  for r = 1, m.rows do
    for c = 1, m.columns do
      local x = m[r][c]
      local u = f.high > f.low and (x - f.low) / (f.high - f.low) or 0
      u = math.min(math.max(u, 0), 1)
      -- what is no number has no colour
      local list = x == x and is_white(u) and light or dark
      list[#list + 1] = ('%d %d "%s"'):format(c, r, cell_text(x))
    end
  end
  for i, list in ipairs {dark, light} do
    if #list > 0 then
      local block = name .. (i == 1 and 'dark' or 'light')
      draw.block(out, block, list)
      parts[#parts + 1] = ("$%s using 1:2:3 with labels font ',9' textcolor "
                           .. "rgb '%s' notitle")
                          :format(block, i == 1 and '#222222' or '#ffffff')
    end
  end
end

-- A matrix in colours, row 1 on top; with its numbers if they are wanted.
function M.heatmap (out, f, id, format)
  local m, o, name = f.image, f.options, 'd' .. id
  draw.block(out, name, image_rows(m))
  local add = function (text) out[#out + 1] = text end
  add('set palette ' .. draw.palettes[o.palette or 'viridis'])
  add(('set cbrange [%s:%s]'):format(draw.num(f.low),
      draw.num(f.high > f.low and f.high or f.low + 1)))
  add("set colorbox; set cbtics nomirror out scale 0.4 textcolor rgb '#333333'")
  add 'unset grid; set border 0; set tics scale 0'
  add(('set xrange [0.5:%d.5]; set yrange [%d.5:0.5]'):format(m.columns,
      m.rows))
  if m.columns <= 15 then add 'set xtics 1' end
  if m.rows <= 15 then add 'set ytics 1' end
  if o.xlabels then draw.ticks(out, 'x', o.xlabels, 1) end
  if o.ylabels then draw.ticks(out, 'y', o.ylabels, 1) end
  if m.rows <= 40 and m.columns <= 40 then add 'set size ratio -1' end
  local parts = {'$' .. name .. ' using 1:2:3 with image'
                 .. sharp(m, format) .. ' notitle'}
  if o.values then numbers(out, f, name, parts) end
  return parts
end

return M
