-- plot.image, grid, heatmap and confusion.

local figure = require 'plot.figure'
local pixels = require 'plot.pixels'
local values = require 'plot.values'
local check = require 'plot.options'

local M = {}

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

local function palette (name, o)
  if not o.palette then return end
  local known = require 'plot.draw'.palettes
  if not known[o.palette] then
    local near = require 'nnlua.nearest'(o.palette, known)
    values.fail(name, "unknown palette '%s'; there are viridis, gray, blues "
                .. 'and diverging%s', o.palette,
                near and ("; did you mean '%s'"):format(near) or '')
  end
end

local function picture (o, image, more)
  local low, high = pixels.range(image)
  if o.range then low, high = o.range[1], o.range[2] end
  more.image, more.low, more.high = image, low, high
  return more
end

function M.image (a, b)
  local data, o = one_array('image', a, b)
  palette('image', o)
  figure.early(o)
  return figure.new('image', o, picture(o, pixels.image('image', data), {}))
end

function M.grid (a, b)
  local data, o
  if values.is_array(a) then
    data, o = a, values.options('grid', b or {})
  else
    if type(a) ~= 'table' then
      values.fail('grid', 'a tensor or a list of images expected, got %s',
                  type(a))
    end
    o = values.options('grid', a)
    data = #a == 1 and a[1] or table.move(a, 1, #a, 1, {})
  end
  palette('grid', o)
  figure.early(o)
  if values.is_array(data) then data = values.list_of(data) end
  if type(data) ~= 'table' or #data == 0 then
    values.fail('grid', 'no data: n x height x width, or a list of images, '
                .. 'expected')
  end
  local columns = math.floor(o.columns or math.ceil(math.sqrt(#data)))
  columns = math.max(1, math.min(columns, #data))
  local first = pixels.image('grid', data[1])
  local gap = math.max(1, first.rows // 14)
  local labels = check.labels('grid', o, 'labels', #data)
  if labels then gap = math.max(gap, math.ceil(first.rows * 0.22)) end
  local image, places, _, wide = pixels.tile('grid', data, columns, gap)
  local texts = {}
  for i, place in ipairs(labels and places or {}) do
    if labels[i] ~= nil then
      texts[#texts + 1] = {text = labels[i], x = place[2] + wide / 2 + 0.5,
                           y = place[1] - gap / 2 + 0.5}
    end
  end
  return figure.new('image', o, picture(o, image, {tile_labels = texts,
                                               top = labels and gap or 0}))
end

function M.heatmap (a, b)
  local data, o = one_array('heatmap', a, b)
  figure.early(o)
  local m = pixels.matrix('heatmap', data)
  m.channels, m.rows, m.columns = 1, #m, #m[1]
  palette('heatmap', o)
  check.labels('heatmap', o, 'xlabels', m.columns)
  check.labels('heatmap', o, 'ylabels', m.rows)
  local f = picture(o, m, {})
  if o.palette == 'diverging' and not o.range then -- its middle is zero
    f.high = math.max(math.abs(f.low), math.abs(f.high))
    f.low = -f.high
  end
  return figure.new('heatmap', o, f)
end

function M.confusion (a, b)
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
  if type(data) == 'userdata' and data.dim then
    local rows, columns = data:size(1), data:dim() == 2 and data:size(2)
    if rows ~= columns then
      values.fail('confusion', 'a square matrix (true x predicted class) '
                  .. 'expected')
    end
    check.labels('confusion', o, 'classes', rows)
  end
  local options = {values = true, palette = 'blues', xlabel = 'predicted',
                   ylabel = 'true', xlabels = o.classes, ylabels = o.classes}
  for key, v in pairs(values.options('confusion', o)) do
    if type(key) == 'string' then options[key] = v end
  end
  if type(data) ~= 'table' and not values.is_array(data) then
    values.fail('confusion', 'a matrix or an optim.ConfusionMatrix expected, '
                .. 'got %s', type(data))
  end
  options[1] = data
  return M.heatmap(options)
end

return M
