-- What a script prints while a bar stands on the terminal's last line: the
-- bar is taken away, the text printed, the bar drawn again, below it.  While a
-- bar stands, io.write and the write of stdout and stderr go through here;
-- after a text that does not end a line the bar waits for the end of it.

local terminal = require 'nnlua.terminal'

local M = {}

local active        -- the bar that stands on the last line
local hidden        -- it is taken away
local partial       -- the last text did not end its line
local inside        -- a call is under way, or the bar writes
local redrawn = 0   -- when it was last drawn again: at most 10 times a second

local saved         -- what is replaced while a bar stands

-- What bars write themselves.
function M.raw (text)
  local before = inside
  inside = true
  io.stderr:write(text)
  io.stderr:flush()
  inside = before
end

-- f(...) with the bar taken away.
function M.call (f, ...)
  if not active or inside then return f(...) end
  inside = true
  if not hidden then M.raw '\r\27[K' end
  hidden = true
  local results = table.pack(pcall(f, ...))
  io.stdout:flush()
  inside = false
  local now = terminal.clock()
  if not partial and now - redrawn >= 0.1 then
    redrawn = now
    active:draw()
  end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

-- The same, for f that writes whole lines.
function M.print (f, ...)
  partial = nil
  return M.call(f, ...)
end

local function note_end (...)
  local last = select('#', ...) > 0 and tostring((select(-1, ...))) or ''
  if last ~= '' then partial = last:sub(-1) ~= '\n' end
end

local function replace ()
  local methods = (getmetatable(io.stdout) or {}).__index
  if saved or type(methods) ~= 'table' then return end
  local stdout, stderr = io.stdout, io.stderr
  saved = {methods = methods, write = methods.write, io_write = io.write}
  function methods.write (file, ...)
    if inside or file ~= stdout and file ~= stderr then
      return saved.write(file, ...)
    end
    note_end(...)
    return M.call(saved.write, file, ...)
  end
  io.write = function (...) -- luacheck: ignore 122
    return io.output():write(...)
  end
end

local function restore ()
  if not saved then return end
  local was = saved
  was.methods.write = was.write
  io.write = was.io_write -- luacheck: ignore 122
  saved = nil
end

-- Does a bar have to wait until a line ends?
function M.waits () return partial end

-- The bar was drawn.
function M.show (bar)
  active, hidden = bar, false
  replace()
end

-- Ends a line that a script began.
function M.line ()
  if not partial then return end
  partial = nil
  if active then M.raw '\n' end
end

-- The bar is done.
function M.remove (bar)
  if active ~= bar then return end
  active, hidden, partial = nil, nil, nil
  restore()
end

return M
