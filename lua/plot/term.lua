-- Figures as text for the terminal: curves and points in braille dots (or
-- letters where there is no UTF-8), bars and images in blocks.  No gnuplot.

local pixels = require 'plot.pixels'
local canvas = require 'plot.canvas'

local M = {}

local function utf8_terminal () return require 'nnlua.terminal'.utf8() end

local function number (x)
  if x ~= x then return 'nan' end
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

local function width_of (text) return utf8.len(text) or #text end

-- At most so many letters.
local function cut (text, columns)
  text = tostring(text):gsub('%c', ' ')
  if width_of(text) <= columns then return text end
  local last = utf8.len(text) and utf8.offset(text, columns + 1)
               or columns + 1
  return text:sub(1, last - 1)
end

local function spaces (n) return (' '):rep(math.max(n, 0)) end

-- ---- axes around it ----

-- The numbers at the axis' ends, the label between or below them.
local function x_labels (out, o, x, wide, columns)
  local left, right = number(x[1]), number(x[2])
  local label = cut(o.xlabel or '', columns)
  local space = columns - #left - #right
  if width_of(label) > space - 2 then
    local before = wide + 1 + math.min(space - 1, 0) -- moved where it's narrow
    out[#out + 1] = cut(spaces(before) .. left .. spaces(math.max(space, 1))
                        .. right, wide + 1 + columns)
    if label ~= '' then
      out[#out + 1] = spaces(wide + 1 + (columns - width_of(label)) // 2)
                      .. label
    end
    return
  end
  space = space - width_of(label)
  out[#out + 1] = spaces(wide + 1) .. left .. spaces(space // 2) .. label
                  .. spaces(space - space // 2) .. right
end

local function axis_frame (lines, f, x, y, columns, fancy)
  local o, out = f.options, {}
  local low, high = number(y[1]), number(y[2])
  local wide = math.max(#low, #high)
  local bar, corner, dash = fancy and '│' or '|', fancy and '└' or '+',
                            fancy and '─' or '-'
  if o.title then
    local title = cut(o.title, wide + 1 + columns)
    out[1] = spaces(math.min(wide + 1 + (columns - width_of(title)) // 2,
                             wide + 1 + columns - width_of(title))) .. title
  end
  for i, line in ipairs(lines) do
    local label = i == 1 and high or i == #lines and low or ''
    out[#out + 1] = ('%' .. wide .. 's'):format(label) .. bar
                    .. line:gsub(' +$', '')
  end
  out[#out + 1] = spaces(wide) .. corner .. dash:rep(columns)
  x_labels(out, o, x, wide, columns)
  return out
end

-- Which mark is which series, in as few lines as they fit.
local function legend (out, f, marks, all)
  local line = ''
  for i, s in ipairs(f.series) do
    if s.label then
      local text = cut(marks(i) .. s.label, all - 2)
      if line ~= '' and width_of(line) + width_of(text) + 3 > all then
        out[#out + 1], line = line, ''
      end
      line = line .. (line == '' and '  ' or '   ') .. text
    end
  end
  if line ~= '' then out[#out + 1] = line end
end

local function scale (log)
  return log and function (v) return v > 0 and math.log(v) or 0 / 0 end
         or function (v) return v end
end

local function curve (f, all, rows, fancy, join)
  local o = f.options
  local x0, x1 = bounds(f.series, 'x', o.xrange, o.logx)
  local y0, y1 = bounds(f.series, 'y', o.yrange, o.logy)
  local fx, fy = scale(o.logx), scale(o.logy)
  local wide = math.max(#number(y0), #number(y1))
  local columns = math.max(all - wide - 1, 4)
  -- several series are told apart by letters
  local c = canvas.new(columns, rows, fancy and #f.series == 1)
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
        if join and px and s.style ~= 'points' then
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
  local out = axis_frame(canvas.lines(c), f, {x0, x1}, {y0, y1}, columns,
                         fancy)
  legend(out, f, function (i)
    return c.braille and '' or canvas.MARKS[(i - 1) % #canvas.MARKS + 1] .. ' '
  end, all)
  return out
end

-- ---- bars, lying ----

local EIGHTHS = {'▏', '▎', '▍', '▌', '▋', '▊', '▉'}

local function bar_text (share, columns, fancy)
  local eighths = math.floor(share * columns * 8 + 0.5)
  if not fancy then return ('#'):rep(eighths // 8) end
  return ('█'):rep(eighths // 8) .. (EIGHTHS[eighths % 8] or '')
end

local function bars (f, all, fancy)
  local out, labels, wide, most, digits = {}, {}, 0, 0, 0
  for i, s in ipairs(f.series) do
    labels[i] = {}
    for k = 1, #s.y do
      local name = f.options.labels and f.options.labels[k] or number(s.x[k])
      if #f.series > 1 then
        name = name .. ' ' .. tostring(s.label or i)
      end
      labels[i][k] = cut(name, all // 2)
      wide = math.max(wide, width_of(labels[i][k]))
      digits = math.max(digits, #number(s.y[k]))
      if finite(s.y[k]) then most = math.max(most, math.abs(s.y[k])) end
    end
  end
  if f.options.title then out[1] = cut(f.options.title, all) end
  local room = math.max(all - wide - digits - 2, 1)
  local longest = 0
  for _, s in ipairs(f.series) do longest = math.max(longest, #s.y) end
  for k = 1, longest do
    for i, s in ipairs(f.series) do
      if s.y[k] then
        local label = labels[i][k]
        local share = most > 0 and math.abs(s.y[k]) / most or 0
        if not finite(share) then share = 0 end
        out[#out + 1] = spaces(wide - width_of(label)) .. label .. ' '
                        .. bar_text(share, room, fancy) .. ' '
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
  local wide = math.max(1, math.floor(image.columns / step))
  local tall = math.max(1, math.floor(image.rows / step))
  local out = {}
  if f.options.title then out[1] = cut(f.options.title, columns) end
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
-- width, at most 100; 16), utf8 = false for plain letters.
function M.text (f, options)
  if type(options) ~= 'table' then
    error('plot: text: a table such as {width = 60} expected, got '
          .. type(options), 2)
  end
  local fancy = options.utf8
  if fancy == nil then fancy = utf8_terminal() end
  local all = options.width
              or math.min(require 'nnlua.terminal'.columns(1) - 1, 100)
  all = math.max(math.floor(all), 12)
  local rows = math.max(3, math.floor(options.height or 16))
  local out
  if f.kind == 'line' or f.kind == 'scatter' then
    out = curve(f, all, rows, fancy, f.kind == 'line')
  elseif f.kind == 'bar' or f.kind == 'hist' then
    out = bars(f, all, fancy)
  else
    out = shades(f, all, fancy)
  end
  return table.concat(out, '\n') .. '\n'
end

return M
