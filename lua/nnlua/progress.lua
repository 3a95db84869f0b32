-- Progress of a loop, on stderr: a line that is redrawn at most ten times a
-- second on a terminal; elsewhere (a file, TERM=dumb) a plain line for each
-- tenth of the work or each 30 seconds.
--
--   for x, y in nnlua.progress(loader:epoch(1), batches) do ... end
--   for i in nnlua.progress(1000, {label = 'sampling'}) do ... end
--   local bar = nnlua.bar {total = 10, label = 'epoch 1'}
--   bar:update(3, 'loss 0.25'); bar:line 'saved'; bar:finish()

local terminal = require 'nnlua.terminal'
local aside = require 'nnlua.progress_aside'

local M = {}

local Bar = {}
Bar.__index = Bar

local INTERVAL, PLAIN_INTERVAL = 0.1, 30

M.render = require 'nnlua.progress_text'

local write = aside.raw

-- A bar.  options: total, label, quiet (draws nothing).
function M.bar (options)
  options = options or {}
  local now = terminal.clock()
  local on_terminal = not options.quiet and terminal.is_terminal(2)
  return setmetatable({
    total = options.total, label = options.label, quiet = options.quiet,
    count = 0, started = now, drawn = on_terminal and now - 1 or now,
    tenth = 0, on_terminal = on_terminal, fancy = terminal.utf8(),
  }, Bar)
end

function Bar:_text (columns)
  return M.render({count = self.count, total = self.total, label = self.label,
                   note = self.note, fancy = self.fancy,
                   plain = not self.on_terminal,
                   elapsed = terminal.clock() - self.started}, columns)
end

-- Draws on the terminal, whatever the time.
function Bar:draw ()
  if not self.on_terminal or self.done or aside.waits() then return end
  write('\r\27[K' .. self:_text(math.max(terminal.columns(2) - 1, 1)))
  aside.show(self)
end

function Bar:_plain (now)
  local tenth = self.total and self.total > 0
                and self.count * 10 // self.total or 0
  if tenth > self.tenth or now - self.drawn >= PLAIN_INTERVAL then
    self.tenth, self.drawn = tenth, now
    write(self:_text(100) .. '\n')
  end
end

-- What is shown behind the bar: a text, or a table of numbers and texts by
-- name, with loss and accuracy first.
local function note_text (note)
  if type(note) ~= 'table' then return tostring(note) end
  local keys, first = {}, {loss = 1, accuracy = 2}
  for key in pairs(note) do keys[#keys + 1] = key end
  table.sort(keys, function (a, b)
    local x, y = first[a] or 3, first[b] or 3
    if x ~= y then return x < y end
    return tostring(a) < tostring(b)
  end)
  for i, key in ipairs(keys) do
    local v = note[key]
    if math.type(v) == 'float' then v = ('%.4f'):format(v) end
    keys[i] = tostring(key) .. ' ' .. tostring(v)
  end
  return table.concat(keys, '  ')
end

-- So many are done; note (a text, or a table such as {loss = 0.5}) is shown
-- behind the bar.  Draws when it is time.
function Bar:update (count, note)
  self.count = count
  if note ~= nil then self.note = note_text(note) end
  if self.quiet or self.done then return end
  local now = terminal.clock()
  if not self.on_terminal then
    self:_plain(now)
  elseif now - self.drawn >= INTERVAL then
    self.drawn = now
    self:draw()
  end
end

-- Writes a line of text on stderr above the bar that is drawn now.
function Bar:line (text) -- luacheck: ignore self
  aside.call(write, text .. '\n')
end

-- Draws the last state and leaves it standing.  May be called again.
function Bar:finish (note)
  if self.done then return end
  if note ~= nil then self.note = note_text(note) end
  if not self.quiet then
    if self.on_terminal then
      aside.line() -- what a script wrote without an end of line
      self:draw()
      aside.remove(self)
      write '\n'
    elseif not (self.total and self.tenth >= 10) then
      write(self:_text(100) .. '\n')
    end
  end
  self.done = true
end

function Bar.__close (bar) bar:finish() end -- Lua passes the error too
Bar.__name = 'progress bar'

-- For who prints on the terminal meanwhile: f() with the bar taken away.
M.aside = aside.print

-- What progress(x) counts, as an iterator.
local function iterator (x)
  if math.type(x) == 'integer' then
    local i = 0
    return function ()
      if i < x then i = i + 1 return i end
    end, x
  elseif type(x) == 'table' and not (getmetatable(x) or {}).__call then
    local i = 0
    return function ()
      i = i + 1
      if x[i] ~= nil then return i, x[i] end
    end, #x
  end
  return x, nil
end

-- progress(iter [, total] [, options]): for a generic `for`, the same values
-- as iter gives (an iterator function or object, a list, or a number n for
-- 1..n), with a bar.  options: label, quiet, note = function () -> text.
function M.progress (iter, total, options)
  if type(total) == 'table' then total, options = nil, total end
  options = options or {}
  local kind = type(iter)
  if kind ~= 'function' and kind ~= 'table' and kind ~= 'userdata'
     and math.type(iter) ~= 'integer' then
    error('progress: argument #1: an iterator, a list or a number expected, '
          .. 'got ' .. kind, 2)
  end
  local f, n = iterator(iter)
  local bar = M.bar {total = total or n or options.total,
                     label = options.label, quiet = options.quiet}
  -- Fast iterations ask the clock every 16th time, slow ones each time.
  local due, asked, last = 1, bar.started, 0
  local function tick (count)
    bar:update(count, options.note and options.note() or nil)
    local now = terminal.clock()
    local each = (now - asked) / (count - last)
    due = count + (count > 3 and each < 6e-4 and 16 or 1)
    asked, last = now, count
    if not bar.on_terminal and bar.total then -- and at each tenth
      local tenth = -(-(bar.tenth + 1) * bar.total // 10)
      due = math.max(math.min(due, tenth), count + 1)
    end
  end
  local function pass (first, ...)
    if first == nil then
      bar:finish(options.note and options.note() or nil)
      return nil
    end
    local count = bar.count + 1
    bar.count = count
    if count >= due then tick(count) end
    return first, ...
  end
  return function (state, control) return pass(f(state, control)) end,
         nil, nil, bar
end

return M
