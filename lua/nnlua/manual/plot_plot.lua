-- The manual: plot.

return [==[
# Curves
@Shapes: series {y =, x =, label =, color =, style =} or plain numbers: [n] tensors or lists, as many x as y.
@Errors: no data, x and y of different lengths, unknown options with the nearest known one, a file that can not be written.

plot.line{series..., title =, xlabel =, ylabel =, file =, ...}
plot.line(y[, options])
plot.line(x, y[, options])
  Lines through points; with file (.png or .svg, through gnuplot) it also draws
  them.  Options of all plots: title, xlabel, ylabel, size = {width, height},
  xrange, yrange = {from, to}, logx, logy, grid = false, key = 'top left' ...
  'outside' or 'none', legend = {labels}, points.  NaN and infinity are gaps.
  Example:
    local figure = plot.line{{y = {0.92, 0.97}, label = 'training'},
                             {y = {0.95, 0.96}, label = 'validation'}}
    print(figure, #figure.series)               --> line figure 2

plot.scatter{series..., options...}
  Points: as plot.line.
  Example:
    print(plot.scatter(torch.randn(9), torch.randn(9), {title = 'points'}))
    --> scatter figure

plot.bar{y =, labels =, options...}
  Bars from zero, of several series beside each other; labels name them.
  Errors: another number of labels than bars.
  Example:
    print(plot.bar{y = {3, 5, 2}, labels = {'a', 'b', 'c'}}) --> bar figure

plot.hist{numbers..., bins =, range =, density =, options...}
  How numbers are distributed: bins (default from their number), range = {from,
  to}, density = true (area 1).
  Shapes: tensors of any shape, or lists.
  Errors: no finite number, bins outside 1..10000.
  Example:
    local figure = plot.hist{{0, 0.1, 0.9, 1}, bins = 2}
    print(figure.series[1].y[1], figure.series[1].y[2]) --> 2 2

plot.kaf(module[, {units =, range =, target =, options...}])
  The functions that an nn.KAF, or the first one in a module, has: units =
  which (the first 6), range = {from, to}, target = a function of a number,
  drawn dashed beside them.  Those of an nn.KAF2D are pictures, its first
  inputs from left to right, their partners upwards.
  Shapes: none.
  Errors: a module without an nn.KAF, units that it does not have.
  Example:
    print(#plot.kaf(nn.KAF(3), {units = {1, 3}}).series) --> 2

# Pictures
@Errors: an empty image, sizes that fit no image, unknown options and palettes, a file that can not be written.

plot.image{x, range =, options...}
  An image: the least number is black, the largest white, or range = {black,
  white}.
  Shapes: [height x width], [1 x height x width] or [3 x height x width].
  Example:
    print(plot.image{torch.rand(28, 28), title = 'noise'}) --> image figure

plot.grid{xs, labels =, columns =, options...}
  Many images beside each other, with a text for each.
  Shapes: [n x height x width], [n x channels x height x width], or a list.
  Errors: an empty list, another number of labels than images.
  Example:
    print(plot.grid{torch.rand(4, 8, 8), columns = 2}.image.rows) --> 17

plot.heatmap{m, xlabels =, ylabels =, values =, palette =, options...}
  A matrix in colours; values = true writes the numbers; palette 'viridis',
  'gray', 'blues' or 'diverging' (zero in its middle).
  Shapes: [rows x columns].
  Errors: what is no matrix, another number of labels than rows or columns.
  Example:
    print(plot.heatmap{torch.eye(3), values = true}) --> heatmap figure

plot.confusion{m, classes =, options...}
  A confusion matrix, rows the true class: a matrix or an optim.ConfusionMatrix.
  Shapes: [classes x classes].
  Errors: a matrix that is not square, another number of classes.
  Example:
    print(plot.confusion{torch.Tensor{{5, 1}, {2, 7}}, classes = {'cat', 'dog'}})
    --> heatmap figure

# Output
@Shapes: none.
@Errors: a path that ends neither in .png nor in .svg or can not be written; no gnuplot.

plot.save(path, figure..., {rows =, columns =, title =, size =})
figure:save(path[, options])
  Draws figures into one file, a panel each.  The picture is replaced whole or
  not at all; the same figures give the same bytes of SVG.
  Example:
    if plot.available() then
      local path = os.tmpname()
      plot.save(path .. '.svg', plot.line{1, 2}, plot.line{2, 1}, {rows = 1})
      os.remove(path .. '.svg')
      os.remove(path)
    end
    print(select(2, pcall(plot.save, 'x.pdf', plot.line{1, 2})):match "'.*")
    --> 'x.pdf': the file name has to end in .png or .svg

plot.term(figure[, {width =, height =, utf8 =}])
figure:term([options])
figure:text([options])
  Draws a figure with characters on stdout, no wider than the terminal; text
  returns them.  utf8 = false: plain letters.
  Errors: unknown options.
  Example:
    local figure = plot.bar{y = {1, 2}, labels = {'a', 'b'}}
    print(figure:text {width = 20, utf8 = false})
    --> a ######## 1
    --> b ################ 2

plot.available()
  Is gnuplot there?  true, or false and what to do.
  Errors: none.
  Example:
    print(type(plot.available()))               --> boolean

plot.check(path)
  Raises unless a picture could be written there: for the beginning of a program
  that draws at its end.
  Example:
    print((pcall(plot.check, 'picture.pdf')))   --> false
]==]
