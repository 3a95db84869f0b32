-- optim.Logger(file[, timestamp]): numbers of a training run, a line each, in
-- a text file with tabs between them; without a file they are kept only.
--   local log = optim.Logger()    -- or optim.Logger('train.log')
--   log:setNames{'loss', 'accuracy'}
--   log:add{0.7, 0.81}            -- or log:add{loss = 0.7, accuracy = 0.81}
--   log:style{'-', '-'}           -- then log:plot('train.png')

local torch = require 'torch'
local errors = require 'nn.errors'

local Logger = torch.class('optim.Logger', nil, {})

Logger.__transient = {'file'}

function Logger:__init (filename, timestamp)
  self.names, self.symbols, self.styles = {}, {}, {}
  self.empty, self.painted = true, false
  if filename == nil then return end
  if type(filename) ~= 'string' then
    errors.raise('optim.Logger: argument #1 (file): string expected, got %s',
                 errors.shape(filename))
  end
  if timestamp then
    filename = filename .. os.date '-%Y-%m-%d-%H-%M-%S'
  end
  local file, why = io.open(filename, 'w')
  if not file then errors.raise('optim.Logger: %s', why) end
  self.name, self.file = filename, file
end

local function write (self, fields)
  if not self.file then return end
  self.file:write(table.concat(fields, '\t'), '\n')
  self.file:flush()
end

-- Names of the columns.
function Logger:setNames (names)
  self.names = names
  self.empty = false
  for i = 1, #names do self.symbols[i] = self.symbols[i] or {} end
  write(self, names)
  return self
end

-- A line: values in the order of the names, or by name.  Without setNames the
-- names are those of the first line, sorted.
function Logger:add (values)
  if self.empty then
    local names = {}
    for key in next, values do names[#names + 1] = key end
    table.sort(names, function (a, b) return tostring(a) < tostring(b) end)
    for i, name in ipairs(names) do names[i] = tostring(name) end
    self:setNames(names)
  end
  local line = {}
  for i, name in ipairs(self.names) do
    local value = values[name]
    if value == nil then value = values[i] end
    local kind = type(value)
    if kind ~= 'number' and kind ~= 'string' then
      errors.raise('optim.Logger: add: a number or a string for %s expected, '
                   .. 'got %s', name, errors.shape(value))
    end
    line[i] = kind == 'number' and ('%11.4e'):format(value) or value
  end
  for i, name in ipairs(self.names) do -- all of the line is right
    local value = values[name]
    if value == nil then value = values[i] end
    table.insert(self.symbols[i], value)
  end
  write(self, line)
  return self
end

local points = {['.'] = true, ['+'] = true}
local styles = {['.'] = true, ['+'] = true, ['-'] = true, ['+-'] = true,
                ['~'] = true, ['|'] = true}

-- How columns are drawn: '.' and '+' as points, '-', '+-', '~' and '|' as
-- lines; one for all, or a list, or by name.
function Logger:style (wanted)
  for i, name in ipairs(self.names) do
    local style = wanted
    if type(wanted) == 'table' then style = wanted[name] or wanted[i] end
    if style ~= nil and not styles[style] then
      errors.raise("optim.Logger: style: one of . + - +- ~ | expected for %s, "
                   .. 'got %s', name, errors.shape(style))
    end
    self.styles[i] = style or self.styles[i]
  end
  return self
end

function Logger:setlogscale (on)
  self.logscale = on ~= false
  return self
end

-- Torch7 opens a window; here plot writes a file, and display does nothing.
function Logger:display () return self end

-- Draws the columns into a PNG file, by default beside the log.
function Logger:plot (path)
  local series = {}
  for i, name in ipairs(self.names) do
    local y = {}
    for k, value in ipairs(self.symbols[i]) do y[k] = tonumber(value) end
    if #y > 0 and #y == #self.symbols[i] then -- a column of numbers
      series[#series + 1] = {y = y, label = name,
                             style = points[self.styles[i]] and 'points'
                                     or nil}
    end
  end
  if #series == 0 then
    errors.raise('optim.Logger: plot: there is no column of numbers yet')
  end
  series.file = path or self.name and self.name .. '.png'
  series.logy = self.logscale
  series.xlabel = 'line'
  return require 'plot'.line(series)
end

-- Closes the file.
function Logger:close ()
  if self.file then self.file:close() end
  self.file = nil
end

return function (...)
  local self = setmetatable({}, Logger)
  self:__init(...)
  return self
end
