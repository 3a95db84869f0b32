-- Figures: what a plot function returns, and how it becomes a file.

local values = require 'plot.values'

local M = {}

local Figure = {}
Figure.__index = Figure
Figure.__name = 'figure'

function M.is_figure (v) return getmetatable(v) == Figure end

-- Rows and columns of n panels; options: rows, columns.
function M.layout (n, o)
  local columns = o.columns or o.rows and (n + o.rows - 1) // o.rows
                  or math.ceil(math.sqrt(n))
  columns = math.floor(math.min(columns, n))
  local rows = math.floor(math.max(o.columns and o.rows or 1,
                                   (n + columns - 1) // columns))
  return rows, columns
end

-- Width and height in pixels.
local function size_of (figures, o)
  if o.size then return o.size[1], o.size[2] end
  local f = figures[1]
  if #figures > 1 then
    local rows, columns = M.layout(#figures, o)
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
    return math.max(460, math.min(1200, f.image.columns * cell + 190)),
           math.max(340, math.min(1200, f.image.rows * cell + 120))
  end
  return 800, 500
end

-- Draws figures into one file, see plot.save.
function M.save (path, ...)
  local figures, o = {}, {}
  for i = 1, select('#', ...) do
    local v = select(i, ...)
    if M.is_figure(v) then
      figures[#figures + 1] = v
    elseif type(v) == 'table' then
      for _, w in ipairs(v) do
        if not M.is_figure(w) then values.fail('save', 'figures expected') end
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
  local rows, columns = M.layout(#figures, o)
  return require 'plot.gnuplot'.save(path, figures, {
    width = math.floor(width), height = math.floor(height),
    rows = rows, columns = columns, title = o.title})
end

-- Checks the file that options name, before any work.  Returns options.
function M.early (options)
  if options.file then require 'plot.gnuplot'.check(options.file) end
  return options
end

-- Makes a figure of that kind; draws it when options name a file.
function M.new (kind, options, fields)
  fields.kind, fields.options = kind, options
  local figure = setmetatable(fields, Figure)
  if options.file then M.save(options.file, figure) end
  return figure
end

-- The figure as text, see plot.term.
function Figure:text (o) return require 'plot.term'.text(self, o or {}) end
function Figure:save (path, o) return M.save(path, self, o or {}) end
function Figure:term (o) return require 'plot'.term(self, o) end
function Figure:__tostring () return self.kind .. ' figure' end

return M
