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

function M.image (out, f, id)
  local image, low, high = f.image, f.low, f.high
  local name = 'd' .. id
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
    return {'$' .. name .. ' using 1:2:3:4:5 with rgbimage notitle'}
  end
  draw.block(out, name, image_rows(image))
  out[#out + 1] = 'set palette ' .. (draw.palettes[f.options.palette or 'gray'])
  out[#out + 1] = ('set cbrange [%s:%s]'):format(draw.num(low),
                  draw.num(high > low and high or low + 1))
  return {'$' .. name .. ' using 1:2:3 with image notitle'}
end

-- A matrix in colours, row 1 on top; with its numbers if they are wanted.
function M.heatmap (out, f, id)
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
  if o.xlabels then draw.ticks(out, 'x', o.xlabels, 1) end
  if o.ylabels then draw.ticks(out, 'y', o.ylabels, 1) end
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
        draw.block(out, name .. key_name, list)
        parts[#parts + 1] = ("$%s%s using 1:2:3 with labels font ',9' "
                             .. "textcolor rgb '%s' notitle")
                            :format(name, key_name, tint)
      end
    end
    table.sort(parts)
  end
  return parts
end

return M
