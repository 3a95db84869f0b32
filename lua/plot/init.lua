-- plot: pictures of training curves, distributions, images and matrices, as
-- PNG or SVG through gnuplot, or as text on the terminal.
--
--   plot.line{{y = {0.8, 0.9}, label = 'training'},
--             {y = {0.7, 0.8}, label = 'validation'},
--             title = 'Accuracy', xlabel = 'epoch'}
--
-- With file = 'accuracy.png' that is drawn; plot.save draws several figures,
-- plot.term(figure) with characters.
--
-- Each function returns a figure; with `file` it also draws it there.  Data
-- are tensors or lists of numbers.  Options of all: title, xlabel, ylabel,
-- size = {width, height}, xrange, yrange = {from, to}, logx, logy, grid =
-- false, key = 'top left'...'outside'|'none' (where the labels stand).

local figure = require 'plot.figure'
local values = require 'plot.values'
local curves = require 'plot.curves'
local pictures = require 'plot.pictures'
local kaf = require 'plot.kaf'

local M = {}

-- f, whose errors begin at the caller's line.  data: what stands before the
-- options in plot[name], at most so many tensors or lists; without it the
-- arguments are f's own matter.
local function from_caller (f, name, data)
  return function (...)
    local ok, result = pcall(function (...)
      if data then values.only_options(name, data, ...) end
      return f(...)
    end, ...)
    if ok then return result end
    error(result, 2)
  end
end

-- Lines through points: plot.line{y = ys, x = xs}, plot.line{series, ...}
-- with a series {y =, x =, label =, color =, style = 'dashed'} or numbers;
-- style = 'points' for points without a line.
M.line = from_caller(curves.line, 'line', 2)

-- Points: as plot.line.
M.scatter = from_caller(curves.scatter, 'scatter', 2)

-- Bars, of several series beside each other; labels = the bars' names.
--   plot.bar{y = {3, 5, 2}, labels = {'a', 'b', 'c'}}
M.bar = from_caller(curves.bar, 'bar', 2)

-- How the numbers are distributed: bins (default from their number), range,
-- density = true (area 1), for one or several series of numbers.
--   plot.hist{torch.randn(100), bins = 50, title = 'weights'}
M.hist = from_caller(curves.hist, 'hist', 2)

-- An image: height x width, or 3 x height x width in red, green, blue; the
-- least number is black, the largest white, or range = {black, white}.
--   plot.image{torch.rand(28, 28), title = 'noise'}
M.image = from_caller(pictures.image, 'image', 1)

-- Many images beside each other: n x height x width, n x channels x height x
-- width, or a list of images; labels = a text for each, columns.
--   plot.grid{torch.rand(4, 28, 28), labels = {'a', 'b', 'c', 'd'}}
M.grid = from_caller(pictures.grid, 'grid', 1)

-- A matrix in colours: xlabels and ylabels name columns and rows, values =
-- true writes the numbers, palette = 'viridis', 'gray', 'blues', 'diverging'.
M.heatmap = from_caller(pictures.heatmap, 'heatmap', 1)

-- A confusion matrix (rows: the true class): a matrix, or an
-- optim.ConfusionMatrix.  classes = their names.
M.confusion = from_caller(pictures.confusion, 'confusion', 1)

-- The functions that an nn.KAF (or the first one in a module) has: units =
-- which (the first 6), range = {from, to}, target = a function of a number
-- that is drawn dashed beside them.
--   plot.kaf(nn.KAF(3), {units = {1, 2}, target = math.sin})
M.kaf = from_caller(kaf.kaf, 'kaf', 1)

-- Draws figures into one file, one panel each: save(path, figure, ...,
-- {rows =, columns =, title =, size =}) or save(path, {figures...}, options).
M.save = from_caller(figure.save)

-- Draws a figure (or the numbers of a line) with characters on stdout.
-- options: width, height (in letters), utf8 = false for plain letters.
-- For instance plot.term(plot.hist{w}).
M.term = from_caller(function (f, options)
  if not figure.is_figure(f) then f = curves.line(f) end
  require 'plot.options'.options('term', options or {})
  io.stdout:write(f:text(options))
  return f
end, 'term', 1)

-- Is gnuplot there?  true, or false and why not.
function M.available () return require 'plot.gnuplot'.available() end

-- Raises unless a picture could be written to the path: to be called before
-- the work whose result will be drawn.
M.check = from_caller(function (path)
  return require 'plot.gnuplot'.check(path)
end)

return M
