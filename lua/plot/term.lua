-- Figures as text for the terminal: curves and points in braille dots (or
-- letters where there is no UTF-8), bars and images in blocks.  No gnuplot.

local pixels = require 'plot.pixels'
local canvas = require 'plot.canvas'

local M = {}

local function utf8_terminal () return require 'nnlua.terminal'.utf8() end

local function number (x)
  if x == math.floor(x) and math.abs(x) < 1e6 then return ('%d'):format(x) end
  return ('%.4g'):format(x)
end

local function finite (x) return x == x and math.abs(x) ~= math.huge end

local function bounds (series, key, range, log)
  if range then return range[1], range[2] end
  local low, high = math.huge, -math.huge
  for _, s in ipairs(series) do
    for _, v in ipairs(s[key]) do
      if finite(v) and (not log or v > 0) then
        low, high = math.min(low, v), math.max(high, v)
      end
    end
  end
  if low > high then return 0, 1 end
  if low == high then return low - 0.5, high + 0.5 end
  return low, high
end

-- ---- axes around it ----

local function axis_frame (lines, f, x, y, fancy)
  local o, out = f.options, {}
  local low, high = number(y[1]), number(y[2])
  local wide = math.max(#low, #high)
  local bar, corner, dash = fancy and '│' or '|', fancy and '└' or '+',
                            fancy and '─' or '-'
  local columns = #lines[1] > 0 and (utf8.len(lines[1]) or #lines[1]) or 0
  if o.title then
    local pad = math.max(0, wide + 1 + (columns - #o.title) // 2)
    out[1] = (' '):rep(pad) .. o.title
  end
  for i, line in ipairs(lines) do
    local label = i == 1 and high or i == #lines and low or ''
    out[#out + 1] = ('%' .. wide .. 's'):format(label) .. bar
                    .. line:gsub(' +$', '')
  end
  out[#out + 1] = (' '):rep(wide) .. corner .. dash:rep(columns)
  local left, right = number(x[1]), number(x[2])
  local middle = o.xlabel or ''
  local space = columns - #left - #right - #middle
  local before = math.max(1, space // 2)
  out[#out + 1] = (' '):rep(wide + 1) .. left .. (' '):rep(before) .. middle
                  .. (' '):rep(math.max(1, space - before)) .. right
  return out
end

local function legend (out, f, braille)
  if braille and #f.series < 2 and not f.series[1].label then return end
  local parts = {}
  for i, s in ipairs(f.series) do
    if s.label then
      parts[#parts + 1] = (braille and '' or canvas.MARKS[(i - 1) % #canvas.MARKS + 1] .. ' ')
                          .. tostring(s.label)
    end
  end
  if #parts > 0 then
    out[#out + 1] = '  ' .. table.concat(parts, braille and ', ' or '   ')
  end
end

local function scale (log)
  return log and function (v) return v > 0 and math.log(v) or 0 / 0 end
         or function (v) return v end
end

local function curve (f, columns, rows, fancy, join)
  local o = f.options
  local c = canvas.new(columns, rows, fancy)
  local x0, x1 = bounds(f.series, 'x', o.xrange, o.logx)
  local y0, y1 = bounds(f.series, 'y', o.yrange, o.logy)
  local fx, fy = scale(o.logx), scale(o.logy)
  local ax, bx, ay, by = fx(x0), fx(x1), fy(y0), fy(y1)
  for i, s in ipairs(f.series) do
    local mark = canvas.MARKS[(i - 1) % #canvas.MARKS + 1]
    local px, py
    for k = 1, #s.x do
      local u = (fx(s.x[k]) - ax) / (bx - ax)
      local v = (fy(s.y[k]) - ay) / (by - ay)
      if finite(u) and finite(v) then
        local qx = math.floor(u * (c.width - 1) + 0.5)
        local qy = math.floor((1 - v) * (c.height - 1) + 0.5)
        if join and px then
          canvas.segment(c, px, py, qx, qy, mark)
        else
          canvas.dot(c, qx, qy, mark)
        end
        px, py = qx, qy
      else
        px = nil
      end
    end
  end
  local out = axis_frame(canvas.lines(c), f, {x0, x1}, {y0, y1}, fancy)
  legend(out, f, fancy)
  return out
end

-- ---- bars, lying ----

local EIGHTHS = {'▏', '▎', '▍', '▌', '▋', '▊', '▉'}

local function bar_text (share, columns, fancy)
  local eighths = math.floor(share * columns * 8 + 0.5)
  if not fancy then return ('#'):rep(eighths // 8) end
  return ('█'):rep(eighths // 8) .. (EIGHTHS[eighths % 8] or '')
end

local function bars (f, columns, fancy)
  local out, labels, wide, most = {}, {}, 0, 0
  for i, s in ipairs(f.series) do
    labels[i] = {}
    for k = 1, #s.y do
      local name = f.options.labels and f.options.labels[k] or number(s.x[k])
      if #f.series > 1 then
        name = name .. ' ' .. tostring(s.label or i)
      end
      labels[i][k] = tostring(name)
      wide = math.max(wide, utf8.len(labels[i][k]) or #labels[i][k])
      if finite(s.y[k]) then most = math.max(most, math.abs(s.y[k])) end
    end
  end
  if f.options.title then out[1] = f.options.title end
  local room = math.max(columns - wide - 12, 10)
  for k = 1, #f.series[1].y do
    for i, s in ipairs(f.series) do
      if s.y[k] then
        local label = labels[i][k]
        local share = most > 0 and math.abs(s.y[k]) / most or 0
        if not finite(share) then share = 0 end
        out[#out + 1] = (' '):rep(wide - (utf8.len(label) or #label)) .. label
                        .. ' ' .. bar_text(share, room, fancy) .. ' '
                        .. number(s.y[k])
      end
    end
  end
  return out
end

-- ---- images ----

local SHADES = {fancy = {' ', '░', '▒', '▓', '█'},
                plain = {' ', '.', ':', '+', '*', '#', '@'}}

-- A pixel is two letters wide; some are left out where they do not fit.
local function shades (f, columns, fancy)
  local image = f.image
  local set = fancy and SHADES.fancy or SHADES.plain
  local low, high = f.low or 0, f.high or 1
  if not f.low then low, high = pixels.range(image) end
  local step = math.max(1, image.columns * 2 / columns)
  local wide = math.floor(image.columns / step)
  local tall = math.max(1, math.floor(image.rows / step))
  local out = {}
  if f.options.title then out[1] = f.options.title end
  for r = 1, tall do
    local line = {}
    for c = 1, wide do
      local v = image[math.floor((r - 1) * step) + 1]
                     [math.floor((c - 1) * step) + 1]
      if type(v) == 'table' then v = (v[1] + v[2] + v[3]) / 3 end
      local u = high > low and (v - low) / (high - low) or 0
      if u ~= u then u = 0 end
      local k = math.floor(math.min(math.max(u, 0), 1) * (#set - 1) + 0.5) + 1
      line[c] = set[k]:rep(2)
    end
    out[#out + 1] = (table.concat(line):gsub(' +$', ''))
  end
  return out
end

-- The text of a figure.  options: width and height in letters (the terminal's
-- width less a margin, 16), utf8 = false for plain letters.
function M.text (f, options)
  local fancy = options.utf8
  if fancy == nil then fancy = utf8_terminal() end
  local all = options.width or require 'nnlua.terminal'.columns(1)
  local columns = math.max(20, math.min(all, options.width or 100) - 10)
  local rows = math.max(3, math.floor(options.height or 16))
  columns = math.floor(columns)
  local out
  if f.kind == 'line' or f.kind == 'scatter' then
    out = curve(f, columns, rows, fancy, f.kind == 'line')
  elseif f.kind == 'bar' or f.kind == 'hist' then
    out = bars(f, columns, fancy)
  else
    out = shades(f, columns, fancy)
  end
  return table.concat(out, '\n') .. '\n'
end

return M
