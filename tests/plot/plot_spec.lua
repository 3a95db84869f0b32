-- plot: what figures are made of, the files they become, what goes wrong.
local plot = require 'plot'
local gnuplot = require 'plot.gnuplot'
local draw = require 'plot.draw'
local torch = require 'torch'
local nn = require 'nn'

local folder = os.tmpname()
os.remove(folder)
assert(os.execute('mkdir ' .. folder))

local function path (name) return folder .. '/' .. name end

local function bytes (name)
  local file = io.open(path(name), 'rb')
  if not file then return nil end
  local text = file:read 'a'
  file:close()
  return text
end

local function files ()
  local pipe = assert(io.popen('ls -A ' .. folder))
  local list = pipe:read 'a'
  pipe:close()
  return list
end

local function size_of_png (text) -- width and height from its header
  assert.equal('\137PNG\r\n\26\n', text:sub(1, 8))
  return ('>I4I4'):unpack(text, 17)
end

describe('figures', function ()
  it('take lists, tensors, x and y, and many series', function ()
    local f = plot.line {1, 4, 9, title = 'squares'}
    assert.same({1, 2, 3}, f.series[1].x)
    assert.same({1, 4, 9}, f.series[1].y)
    assert.equal('squares', f.options.title)
    f = plot.line(torch.range(1, 3))
    assert.same({1, 2, 3}, f.series[1].y)
    f = plot.scatter(torch.range(1, 3), {3, 2, 1}, {title = 't'})
    assert.same({3, 2, 1}, f.series[1].y)
    assert.equal('t', f.options.title)
    f = plot.line {{y = {1, 2}, label = 'a'}, {{5, 6}, {7, 8}, 'b'},
                   torch.ones(2), legend = {nil, nil, 'c'}}
    assert.equal(3, #f.series)
    assert.equal('a', f.series[1].label)
    assert.same({5, 6}, f.series[2].x)
    assert.same({7, 8}, f.series[2].y)
    assert.equal('b', f.series[2].label)
    assert.same({1, 1}, f.series[3].y)
  end)

  it('refuse what they can not draw, at the caller\'s line', function ()
    local function says (f, ...)
      local ok, err = pcall(f, ...)
      assert.is_false(ok)
      assert.matches('^[^\n]*plot_spec.lua:%d+: plot', err)
      return (err:gsub('^.-:%d+: ', ''))
    end
    assert.equal("plot.line: unknown option 'titel'; did you mean 'title'",
                 says(function () plot.line {{1}, titel = 'x'} end))
    assert.equal('plot.line: option title: string expected, got number',
                 says(function () plot.line {{1}, title = 3} end))
    assert.equal('plot.line: xrange: two finite numbers expected',
                 says(function () plot.line {{1}, xrange = {1}} end))
    assert.equal('plot.line: series #1: x has 2 numbers, y has 3; one x for '
                 .. 'each y',
                 says(function () plot.line {x = {1, 2}, y = {1, 2, 3}} end))
    assert.equal('plot.line: no data: give y = numbers, or a list of series',
                 says(function () plot.line {title = 'x'} end))
    assert.equal('plot.line: numbers expected, got string',
                 says(function () plot.line {y = {'a'}} end))
    assert.equal('plot.bar: a tensor, a list or a table of options expected, '
                 .. 'got nil', says(function () plot.bar(nil) end))
    local function no_options (f, n, got, ...)
      local text = ('plot.%s: argument #%d: options are a table, such as '
                    .. "{file = 'x.png'}; got %s"):format(f, n, got)
      local args = table.pack(...)
      assert.equal(text, says(function ()
        plot[f](table.unpack(args, 1, args.n))
      end))
    end
    local v, m = torch.ones(3), torch.ones(2, 2)
    for _, f in ipairs {'line', 'scatter', 'bar', 'hist'} do
      no_options(f, 2, 'string', v, 'x.png')
      no_options(f, 3, 'string', v, v, 'x.png')
      no_options(f, 3, 'a tensor', v, v, v)
    end
    for _, f in ipairs {'image', 'grid', 'heatmap', 'confusion', 'term'} do
      no_options(f, 2, 'boolean', m, true)
      no_options(f, 2, 'a tensor', m, m)
    end
    no_options('kaf', 2, 'string', nn.KAF(3), 'x.png')
    assert.equal('plot.grid: a tensor or a list of images expected, got number',
                 says(function () plot.grid(5) end))
    assert.equal('plot.confusion: a matrix or an optim.ConfusionMatrix '
                 .. 'expected, got string',
                 says(function () plot.confusion 'x' end))
    assert.equal('plot.hist: no data: there is no finite number',
                 says(function () plot.hist {{0 / 0}} end))
    assert.equal('plot.heatmap: row 2 has 1 numbers, row 1 has 2',
                 says(function () plot.heatmap {{{1, 2}, {3}}} end))
    assert.equal('plot.image: an image of height x width or 3 x height x '
                 .. 'width expected',
                 says(function () plot.image(torch.zeros(2, 3, 4)) end))
    assert.equal("plot.heatmap: unknown palette 'pink'; there are viridis, "
                 .. 'gray, blues and diverging',
      says(function () plot.heatmap(torch.zeros(2, 2), {palette = 'pink'}) end))
    assert.equal('plot.save: no figure', says(function () plot.save 'x' end))
  end)

  it('refuse bad options, each with what was wanted', function ()
    local function says (f, ...)
      local ok, err = pcall(f, ...)
      assert.is_false(ok)
      return (err:gsub('^.-:%d+: ', ''))
    end
    for _, case in ipairs {
      {'plot.line: no data: every series is empty', plot.line, {y = {}}},
      {'plot.line: no data: every series is empty', plot.line,
       torch.zeros(0)},
      {"plot.line: series #1: unknown option 'colour'; did you mean 'color'",
       plot.line, {{y = {1}, colour = 'red'}}},
      {"plot.line: color: '#rrggbb' or a name such as 'red' expected, got "
       .. "'redd'", plot.line, {y = {1}, color = 'redd'}},
      {"plot.line: key: one of 'bottom left' 'bottom right' 'none' 'outside' "
       .. "'top left' 'top right' expected, got 'center'", plot.line,
       {y = {1}, key = 'center'}},
      {'plot.line: size: {width, height} in pixels, 50 to 10000 each, '
       .. 'expected', plot.line, {y = {1}, size = {-3, 10}}},
      {'plot.line: xrange: from less to more, got {3, 1}', plot.line,
       {y = {1}, xrange = {3, 1}}},
      {'plot.line: yrange: a logarithmic axis begins above 0, got -1',
       plot.line, {y = {1}, logy = true, yrange = {-1, 2}}},
      {'plot.line: a vector expected, got a tensor with 2 dimensions; plot '
       .. 'its rows as series: plot.line{m[1], m[2]}', plot.line,
       torch.zeros(3, 4)},
      {'plot.bar: labels: 2 texts for 3', plot.bar,
       {y = {1, 2, 3}, labels = {'a', 'b'}}},
      {'plot.hist: bins: a whole number from 1 to 10000 expected, got 1e+09',
       plot.hist, {{1, 2}, bins = 1e9}},
      {'plot.image: no data: the image is empty', plot.image,
       torch.zeros(0, 3)},
      {'plot.heatmap: xlabels: 1 texts for 3', plot.heatmap,
       {torch.zeros(2, 3), xlabels = {'a'}}},
      {'plot.confusion: a square matrix (true x predicted class) expected',
       plot.confusion, torch.zeros(2, 3)},
      {'plot.confusion: classes: 1 texts for 2', plot.confusion,
       {torch.zeros(2, 2), classes = {'a'}}},
      {"plot.term: unknown option 'wdth'; did you mean 'width'", plot.term,
       {1, 2}, {wdth = 3}},
    } do
      assert.equal(case[1], says(case[2], case[3], case[4]))
    end
  end)

  it('show what KAFs have learned', function ()
    local kaf = nn.KAF(3)
    local f = plot.kaf(nn.Sequential(nn.Dense(2, 3), kaf),
                       {units = {3, 1}, target = math.sin})
    assert.equal(3, #f.series)
    assert.equal('unit 3', f.series[1].label)
    assert.near(math.sin(-4), f.series[3].y[1], 1e-12)
    local x = torch.zeros(1, 3):fill(f.series[1].x[50])
    assert.near(kaf:forward(x)[1][3], f.series[1].y[50], 1e-6)
    local function says (...)
      local ok, err = pcall(plot.kaf, ...)
      assert.is_false(ok)
      return (err:gsub('^.-:%d+: ', ''))
    end
    assert.equal('plot.kaf: units: numbers from 1 to 3 expected, got 4',
                 says(kaf, {units = 4}))
    assert.equal('plot.kaf: an nn.KAF, or a module that holds one, expected, '
                 .. 'got nn.ReLU', says(nn.ReLU()))
  end)

  it('show functions of two inputs as pictures', function ()
    local kaf = nn.KAF2D(6)
    local all, x = kaf:surfaces(torch.linspace(-2, 2, 7))
    assert.same({3, 7, 7}, all:size():totable())
    local input = torch.zeros(1, 6)
    input[1][2], input[1][5] = x[6], x[3] -- unit 2, its partner
    assert.near(kaf:forward(input)[1][2], all[2][3][6], 1e-6)
    local f = plot.kaf(nn.Sequential(nn.Dense(2, 6), kaf), {units = {3, 1}})
    assert.equal('image figure', tostring(f))
    assert.truthy(f.image.columns > f.image.rows) -- two side by side
    local ok, err = pcall(plot.kaf, kaf, {target = math.sin})
    assert.is_false(ok)
    assert.truthy(err:find('plot.kaf: target: functions of one input have one, '
                           .. 'this is nn.KAF2D', 1, true), err)
  end)

  it('lay out panels in rows and columns', function ()
    local layout = require 'plot.figure'.layout
    assert.same({2, 2}, {layout(4, {})})
    assert.same({1, 4}, {layout(4, {rows = 1})})
    assert.same({4, 1}, {layout(4, {columns = 1})})
    assert.same({3, 2}, {layout(5, {columns = 2})})
    assert.same({3, 2}, {layout(5, {rows = 3})})
  end)

  it('have diverging colours around zero', function ()
    local f = plot.heatmap {{{-1, 3}, {2, 0}}, palette = 'diverging'}
    assert.same({-3, 3}, {f.low, f.high})
  end)

  it('count into bins', function ()
    local f = plot.hist {{0, 0.1, 0.5, 1}, bins = 2}
    assert.same({2, 2}, f.series[1].y)
    assert.same({0.25, 0.75}, f.series[1].x)
    f = plot.hist {{1, 1, 1}}
    assert.same({3}, f.series[1].y)
    f = plot.hist {{0, 1, 2, 3}, bins = 4, density = true}
    local area = 0
    for _, y in ipairs(f.series[1].y) do area = area + y * f.series[1].step end
    assert.is_true(math.abs(area - 1) < 1e-12)
    f = plot.hist {{-5, 0.5, 9}, bins = 1, range = {0, 1}}
    assert.same({1}, f.series[1].y)
  end)

  it('tile images', function ()
    local f = plot.grid {torch.ones(5, 2, 2), columns = 3}
    assert.equal(3 * 3 - 1, f.image.columns)
    assert.equal(2 * 3 - 1, f.image.rows)
    assert.is_true(f.image[1][3] ~= f.image[1][3]) -- the gap
    assert.equal(1, f.image[4][4])
    f = plot.grid {torch.ones(2, 3, 4, 4), labels = {'a', 'b'}}
    assert.equal(3, f.image.channels)
    assert.equal('a', f.tile_labels[1].text)
    assert.same({1, 1, 1}, f.image[1][1])
  end)
end)

describe('scripts', function ()
  it('quote every text, so that none becomes a command', function ()
    assert.equal("'it’s'", draw.quote "it's")
    assert.equal("'a b c'", draw.quote 'a\nb\0c')
    local evil = "'; system('touch " .. path 'pwned' .. "'); `touch "
                 .. path 'pwned' .. "` \" \\"
    local f = plot.line {{y = {1, 2}, label = evil}, title = evil,
                         xlabel = evil, ylabel = evil, file = path 'evil.png'}
    assert.equal('line', f.kind)
    plot.bar {y = {1}, labels = {evil}, file = path "'evil' `x`.svg"}
    assert.is_nil(bytes 'pwned')
    assert.is_truthy(bytes 'evil.png')
    assert.is_truthy(bytes "'evil' `x`.svg")
  end)
  it('put labels inside again after a panel with them outside', function ()
    local function labelled (key)
      return plot.line {{y = {1, 2}, label = 'a'}, key = key}
    end
    local text = require 'plot.script'.text(
      {labelled 'outside', labelled 'top left', labelled 'bottom right'},
      {format = 'png', width = 600, height = 400, rows = 1, columns = 3})
    local keys = {}
    for where in text:gmatch 'set key (%a+)' do keys[#keys + 1] = where end
    assert.same({'outside', 'inside', 'inside'}, keys)
  end)
  it('draw points among lines', function ()
    local f = plot.line {{y = {1, 2, 1}, style = 'points'}, {y = {1, 2, 3}}}
    local text = require 'plot.script'.text({f},
      {format = 'png', width = 600, height = 400})
    assert.equal(1, select(2, text:gsub('with points ', '')))
    assert.equal(1, select(2, text:gsub('with linespoints ', '')))
    local function marks (style)
      local g = plot.line {{x = {0, 1}, y = {0, 1}, style = style}}
      return select(2, g:text {utf8 = false, width = 40, height = 12}
                        :gsub('%*', ''))
    end
    assert.equal(2, marks 'points')
    assert.is_true(marks 'solid' > 5)
  end)
  it('write numbers for any locale, and gaps for what is none', function ()
    assert.equal('0.5', draw.num(0.5))
    assert.equal('NaN', draw.num(0 / 0))
    assert.equal('NaN', draw.num(1 / 0))
    assert.equal('-1e-300', draw.num(-1e-300))
  end)
end)

describe('files', function ()
  it('are PNG of the size that was asked for', function ()
    plot.line {{1, 2, 3}, file = path 'a.png', size = {320, 240}}
    local w, h = size_of_png(bytes 'a.png')
    assert.same({320, 240}, {w, h})
  end)
  it('have the same bytes for the same figure', function ()
    for _, name in ipairs {'same1.svg', 'same2.svg'} do
      plot.save(path(name), plot.line {{1, 3, 2}, title = 'é'},
                plot.heatmap {{{1, 0 / 0}, {1 / 0, 2}}, values = true},
                {rows = 1})
    end
    assert.equal(bytes 'same1.svg', bytes 'same2.svg')
  end)
  it('hold images as rectangles in SVG, which nothing smooths', function ()
    plot.image {{{0, 1}, {1, 0}}, file = path 'i.svg'}
    plot.heatmap {torch.eye(2), file = path 'h.svg'}
    plot.image {torch.rand(3, 2, 2), file = path 'rgb.svg'}
    for _, name in ipairs {'i.svg', 'h.svg', 'rgb.svg'} do
      assert.is_nil(bytes(name):find '<image')
    end
  end)
  it('are SVG', function ()
    plot.line {{1, 2, 3}, title = 'ein <Titel> & mehr', file = path 'a.svg'}
    local text = bytes 'a.svg'
    assert.is_truthy(text:find '^<%?xml')
    assert.is_truthy(text:find '</svg>%s*$')
    assert.is_truthy(text:find '&lt;Titel> &amp; mehr')
  end)
  it('of every kind of figure, several in one', function ()
    local x = torch.rand(8, 8)
    local figures = {
      plot.line {{1, 2}, logy = true}, plot.scatter {x:view(-1)},
      plot.bar {y = {1, -2}, labels = {'up', 'down'}}, plot.hist {x},
      plot.image {x}, plot.image(torch.rand(3, 8, 8)),
      plot.grid(torch.rand(4, 8, 8)), plot.heatmap {x, values = true},
      plot.confusion {{{5, 1}, {0, 7}}, classes = {'cat', 'dog'}},
      plot.line {y = {0 / 0, 1 / 0}}, plot.line {y = {3, 3, 3}},
      plot.heatmap {torch.zeros(2, 3)},
    }
    plot.save(path 'all.png', figures, {title = 'all', columns = 4})
    local w, h = size_of_png(bytes 'all.png')
    assert.same({4 * 520, 3 * 390}, {w, h})
    for i, f in ipairs(figures) do
      plot.save(path(i .. '.svg'), f)
      assert.is_truthy(bytes(i .. '.svg'):find '</svg>')
    end
  end)
  it('leave nothing beside them', function ()
    assert.is_nil(files():find '%.tmp')
  end)
end)

describe('what goes wrong is told before the work', function ()
  local function says (f, ...)
    local ok, err = pcall(f, ...)
    assert.is_false(ok)
    return (err:gsub('^.-:%d+: ', ''))
  end
  it('the ending, the folder', function ()
    assert.equal("plot: 'x.gif': the file name has to end in .png or .svg",
                 says(function () plot.check 'x.gif' end))
    assert.equal("plot: can not write '/nowhere/x.png': No such file or "
      .. 'directory', says(function () plot.check '/nowhere/x.png' end))
    assert.equal("plot: can not write '/nowhere/x.png': No such file or "
      .. 'directory', says(function ()
      plot.line {{'never looked at'}, file = '/nowhere/x.png'}
    end))
    assert.is_true(plot.check(path 'new.png'))
    assert.is_nil(bytes 'new.png')
  end)
  it('a missing gnuplot', function ()
    assert.is_true(plot.available())
    gnuplot.forget()
    local execute = os.execute
    os.execute = function () return nil, 'exit', 127 end -- luacheck: ignore
    local ok, why = plot.available()
    os.execute = execute -- luacheck: ignore
    assert.is_false(ok)
    assert.equal('gnuplot is not installed (Debian: apt install gnuplot-nox)',
                 why)
    assert.equal('plot: ' .. why,
                 says(function () plot.check(path 'x.png') end))
    gnuplot.forget()
  end)
  it('a gnuplot that fails leaves the old picture', function ()
    local popen = io.popen
    plot.line {{1, 2}, file = path 'old.png'}
    local before = bytes 'old.png'
    io.popen = function () -- luacheck: ignore
      return popen 'echo "\\"x\\" line 3: out of ink" ; false'
    end
    local text = says(function () plot.line {{1}, file = path 'old.png'} end)
    io.popen = popen -- luacheck: ignore
    assert.matches("^plot: gnuplot could not draw '.*old.png': ", text)
    assert.equal(before, bytes 'old.png')
    assert.is_nil(files():find '%.tmp')
  end)
end)

describe('plot.term', function ()
  it('draws with dots, letters and blocks', function ()
    local text = plot.line {y = {1, 2, 3}, title = 'up'}:text {
      utf8 = false, width = 30, height = 3}
    assert.equal([[
               up
3|                     *******
 |        *************
1|********
 +----------------------------
  1                          3
]], text)
    text = plot.line {1, 2, 3}:text {utf8 = true, width = 40, height = 4}
    assert.is_truthy(utf8.len(text))
    assert.matches('[⠀-⣿]', text)
    text = plot.bar {y = {1, 2}, labels = {'a', 'bb'}}:text {utf8 = false,
                                                             width = 30}
    assert.equal(' a ############ 1\nbb ######################### 2\n', text)
    text = plot.image {{{0, 1}, {1, 0}}}:text {utf8 = false, width = 30}
    assert.equal('  @@\n@@\n', text)
  end)
  it('is never wider than the terminal, down to 20 columns', function ()
    torch.manualSeed(1)
    local long = 'a title that is longer than a narrow terminal'
    for _, f in ipairs {
      plot.line {{y = {0.123456, 2e-5, 3}, label = 'the loss in training'},
                 {y = {3, 3, 1}, label = 'validation'}, title = long,
                 xlabel = long},
      plot.bar {y = {3, 5, -2}, labels = {'apples and pears', 'b', 'c'}},
      plot.hist {torch.randn(100) * 1e6, bins = 4, title = long},
      plot.heatmap {torch.randn(5, 40), title = long},
      plot.scatter {y = torch.randn(50) * 1e-7, x = torch.randn(50) * 12345},
    } do
      for _, width in ipairs {20, 33, 80} do
        for _, fancy in ipairs {true, false} do
          for line in f:text {width = width, utf8 = fancy}:gmatch '[^\n]+' do
            assert.is_true(utf8.len(line) <= width, line)
          end
        end
      end
    end
  end)
  it('tells several series apart', function ()
    local text = plot.line {{y = {0, 0, 0}, label = 'a'},
                            {y = {1, 1, 1}, label = 'b'}}:text {width = 20}
    assert.matches('%*%*%*', text)
    assert.matches('ooo', text)
    assert.matches('\n  %* a   o b\n', text)
  end)
  it('survives what has no size', function ()
    for _, y in ipairs {{0 / 0}, {1 / 0, 1}, {5}, {5, 5}} do
      assert.is_string(plot.line {y = y}:text {utf8 = false, width = 1,
                                               height = 1})
      assert.is_string(plot.bar {y = y}:text {width = 5})
    end
  end)
end)

teardown(function () os.execute('rm -r ' .. folder) end)
