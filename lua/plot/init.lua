-- plot: pictures of training curves, distributions, images and matrices, as
-- PNG or SVG through gnuplot, or as text on the terminal.
--
--   plot.line{{y = train, label = 'training'}, {y = valid, label = 'validation'},
--             title = 'Accuracy', xlabel = 'epoch', file = 'accuracy.png'}
--   plot.save('all.png', plot.hist{w}, plot.image{x[1]}, {columns = 2})
--   plot.term(plot.line{losses})
--
-- Each function returns a figure; with `file` it also draws it there.  Data
-- are tensors or lists of numbers.  Options of all: title, xlabel, ylabel,
-- size = {width, height}, xrange, yrange = {from, to}, logx, logy, grid =
-- false, key = 'top left'...'outside'|'none' (where the labels stand).

local values = require 'plot.values'
local pixels = require 'plot.pixels'

local M = {}

local Figure = {}
Figure.__index = Figure
Figure.__name = 'figure'

local function is_figure (v) return getmetatable(v) == Figure end

-- Runs f; its errors begin at the caller's line.
local function from_caller (f)
  return function (...)
    local ok, result = pcall(f, ...)
    if ok then return result end
    error(result, 2)
  end
end

local save -- M.save without the caller's line before its errors

local function finish (kind, options, fields)
  fields.kind, fields.options = kind, options
  local figure = setmetatable(fields, Figure)
  if options.file then save(options.file, figure) end
  return figure
end

local function early (options) -- before any work
  if options.file then require 'plot.gnuplot'.check(options.file) end
  return options
end

local function curves (kind)
  return from_caller(function (a, b, c)
    local o = early(values.arguments(kind, a, b, c))
    return finish(kind, o, {series = values.series(kind, o)})
  end)
end

-- Lines through points: plot.line{y = ys, x = xs}, plot.line{series, ...}
-- with a series {y =, x =, label =, color =, style = 'dashed'} or numbers.
M.line = curves 'line'

-- Points: as plot.line.
M.scatter = curves 'scatter'

-- Bars, of several series beside each other; labels = the bars' names.
--   plot.bar{y = {3, 5, 2}, labels = {'a', 'b', 'c'}}
M.bar = curves 'bar'

-- How many fall between equal steps.
local function count (name, numbers, bins, low, high, density)
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
  if #numbers == 0 then values.fail(name, 'no data') end
  return {x = x, y = y, step = step}
end

-- How the numbers are distributed: bins (default from their number), range,
-- density = true (area 1), for one or several series of numbers.
--   plot.hist{weights, bins = 50, title = 'weights'}
M.hist = from_caller(function (a, b, c)
  local o = early(values.arguments('hist', a, b, c))
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
  if low > high then values.fail('hist', 'there is no finite number') end
  local bins = o.bins or math.min(math.max(math.ceil(2 * most ^ (1 / 3)), 8),
                                  100)
  if low == high then bins = 1 end
  local series = {}
  for i, s in ipairs(given) do
    local counted = count('hist', s.y, math.max(1, math.floor(bins)), low,
                          high, o.density)
    counted.label, counted.color = s.label, s.color
    series[i] = counted
  end
  o.ylabel = o.ylabel or (o.density and 'density' or 'count')
  return finish('hist', o, {series = series})
end)

local function one_array (name, a, b)
  if values.is_array(a) then
    return a, values.options(name, b or {})
  end
  if type(a) ~= 'table' then
    values.fail(name, 'a tensor or a table expected, got %s', type(a))
  end
  local o = values.options(name, a)
  if type(a[1]) == 'table' and type(a[1][1]) == 'number' then
    return table.move(a, 1, #a, 1, {}), o -- the rows themselves
  end
  if a[1] == nil then values.fail(name, 'no data') end
  return a[1], o
end

local function picture (o, image, more)
  local low, high = pixels.range(image)
  if o.range then low, high = o.range[1], o.range[2] end
  more.image, more.low, more.high = image, low, high
  return more
end

-- An image: height x width, or 3 x height x width in red, green, blue; the
-- least number is black, the largest white, or range = {black, white}.
--   plot.image{x, title = 'a digit', file = 'digit.png'}
M.image = from_caller(function (a, b)
  local data, o = one_array('image', a, b)
  early(o)
  return finish('image', o, picture(o, pixels.image('image', data), {}))
end)

-- Many images beside each other: n x height x width, n x channels x height x
-- width, or a list of images; labels = a text for each, columns.
--   plot.grid{x:narrow(1, 1, 16), labels = digits, file = 'digits.png'}
M.grid = from_caller(function (a, b)
  local data, o
  if values.is_array(a) then
    data, o = a, values.options('grid', b or {})
  else
    o = values.options('grid', a)
    data = #a == 1 and a[1] or table.move(a, 1, #a, 1, {})
  end
  early(o)
  if values.is_array(data) then data = data:totable() end
  if type(data) ~= 'table' or #data == 0 then
    values.fail('grid', 'images expected')
  end
  local columns = math.floor(o.columns or math.ceil(math.sqrt(#data)))
  columns = math.max(1, math.min(columns, #data))
  local first = pixels.image('grid', data[1])
  local gap = math.max(1, first.rows // 14)
  local labels = o.labels and values.is_array(o.labels) and o.labels:totable()
                 or o.labels
  if labels then gap = math.max(gap, math.ceil(first.rows * 0.22)) end
  local image, places, _, wide = pixels.tile('grid', data, columns, gap)
  local texts = {}
  for i, place in ipairs(labels and places or {}) do
    if labels[i] ~= nil then
      texts[#texts + 1] = {text = labels[i], x = place[2] + wide / 2 + 0.5,
                           y = place[1] - gap / 2 + 0.5}
    end
  end
  return finish('image', o, picture(o, image, {tile_labels = texts,
                                               top = labels and gap or 0}))
end)

local function heatmap (a, b)
  local data, o = one_array('heatmap', a, b)
  early(o)
  local m = pixels.matrix('heatmap', data)
  m.channels, m.rows, m.columns = 1, #m, #m[1]
  local script = require 'plot.script'
  if o.palette and not script.palettes[o.palette] then
    values.fail('heatmap', "unknown palette '%s'", o.palette)
  end
  return finish('heatmap', o, picture(o, m, {}))
end

-- A matrix in colours: xlabels and ylabels name columns and rows, values =
-- true writes the numbers, palette = 'viridis', 'gray', 'blues', 'diverging'.
M.heatmap = from_caller(heatmap)

-- A confusion matrix (rows: the true class): a matrix, or an
-- optim.ConfusionMatrix.  classes = their names.
M.confusion = from_caller(function (a, b)
  local o = {}
  local data = a
  if type(a) == 'table' and not values.is_array(a) then
    if a.mat then
      data, o.classes = a.mat, a.classes
    else
      data, o = one_array('confusion', a)
      if type(data) == 'table' and data.mat then
        data, o.classes = data.mat, o.classes or data.classes
      end
    end
  end
  for key, v in pairs(b or {}) do o[key] = v end
  local options = {values = true, palette = 'blues', xlabel = 'predicted',
                   ylabel = 'true', xlabels = o.classes, ylabels = o.classes}
  for key, v in pairs(values.options('confusion', o)) do
    if type(key) == 'string' then options[key] = v end
  end
  options[1] = data
  return heatmap(options)
end)

-- Width and height in pixels.
local function size_of (figures, o)
  if o.size then return o.size[1], o.size[2] end
  local f = figures[1]
  if #figures > 1 then
    local columns = math.min(o.columns or math.ceil(math.sqrt(#figures)),
                             #figures)
    local rows = (#figures + columns - 1) // columns
    return columns * 520, rows * 390
  elseif f.options.size then
    return f.options.size[1], f.options.size[2]
  elseif f.kind == 'image' then -- whole pixels, up to 900 of them
    local longest = math.max(f.image.rows, f.image.columns)
    local scale = math.max(1, math.min(900 // longest, 24))
    return f.image.columns * scale + 60,
           (f.image.rows + (f.top or 0)) * scale
           + (f.options.title and 80 or 50)
  elseif f.kind == 'heatmap' then
    local cell = f.options.values and 52 or 640 // math.max(f.image.columns, 8)
    return math.max(420, math.min(1200, f.image.columns * cell + 180)),
           math.max(340, math.min(1200, f.image.rows * cell + 120))
  end
  return 800, 500
end

function save (path, ...)
  local figures, o = {}, {}
  for i = 1, select('#', ...) do
    local v = select(i, ...)
    if is_figure(v) then
      figures[#figures + 1] = v
    elseif type(v) == 'table' then
      for _, w in ipairs(v) do
        if not is_figure(w) then values.fail('save', 'figures expected') end
        figures[#figures + 1] = w
      end
      for key, w in pairs(v) do
        if type(key) == 'string' then o[key] = w end
      end
    else
      values.fail('save', 'figures expected, got %s', type(v))
    end
  end
  if #figures == 0 then values.fail('save', 'no figure') end
  values.options('save', o)
  local width, height = size_of(figures, o)
  return require 'plot.gnuplot'.save(path, figures, {
    width = math.floor(width), height = math.floor(height),
    columns = o.columns, title = o.title})
end

-- Draws figures into one file, one panel each: save(path, figure, ...,
-- {columns =, title =, size =}) or save(path, {figures...}, options).
M.save = from_caller(save)

-- Draws a figure with characters: plot.term(figure, {width =, height =});
-- with a file object as options.out it goes there instead of stdout.
M.term = from_caller(function (figure, o)
  if not is_figure(figure) then
    figure = M.line(figure)
  end
  local text = require 'plot.term'.text(figure, o or {})
  io.stdout:write(text)
  return figure
end)

-- Is gnuplot there?  true, or false and why not.
function M.available () return require 'plot.gnuplot'.available() end

-- Raises unless a picture could be written to the path: to be called before
-- the work whose result will be drawn.
M.check = from_caller(function (path)
  return require 'plot.gnuplot'.check(path)
end)

Figure.save = function (self, path, o) return M.save(path, self, o or {}) end
Figure.term = function (self, o) return M.term(self, o) end
Figure.text = function (self, o)
  return require 'plot.term'.text(self, o or {})
end
Figure.__tostring = function (self) return self.kind .. ' figure' end

return M
