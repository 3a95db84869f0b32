-- Runs gnuplot on a script and puts the picture in its place: written beside
-- the target, then renamed, so that a picture is either old or new, whole.

local script = require 'plot.script'

local M = {}

local available -- nil: not asked yet

-- Is gnuplot there?  true, or false and what to do.
function M.available ()
  if available == nil then
    available = os.execute 'command -v gnuplot >/dev/null 2>&1' == true
  end
  if available then return true end
  return false, 'gnuplot is not installed (Debian: apt install gnuplot-nox)'
end

-- Forgets the answer (for tests that change PATH).
function M.forget () available = nil end

local function format_of (path)
  local ending = path:lower():match '%.(%w+)$'
  if ending == 'png' or ending == 'svg' then return ending end
  return nil
end

local serial = 0

local function temporary (path)
  serial = serial + 1
  return ('%s.%x%d.tmp'):format(path, os.time(), serial)
end

-- Raises unless a picture could be written there: its ending is known,
-- gnuplot is there, the folder can be written.  For the start of a program
-- that draws at its end.
function M.check (path)
  if type(path) ~= 'string' then
    error('plot: a file name expected, got ' .. type(path), 0)
  end
  if not format_of(path) then
    error(("plot: '%s': the file name has to end in .png or .svg")
          :format(path), 0)
  end
  local ok, why = M.available()
  if not ok then error('plot: ' .. why, 0) end
  local probe = temporary(path)
  local file, message = io.open(probe, 'w')
  if not file then
    error(("plot: can not write '%s': %s"):format(path,
          message:gsub('^.*: ', '')), 0)
  end
  file:close()
  os.remove(probe)
  return true
end

-- gnuplot's own words without the script's lines and the caret.
local function complaint (text)
  local lines = {}
  for line in text:gmatch '[^\n]+' do
    if line:find '%S' and not line:find '^%s*%^' then
      lines[#lines + 1] = line:match '^".-" line %d+: (.*)$' or line
    end
  end
  return #lines > 0 and lines[#lines] or 'it gave no reason'
end

local function quote (text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function run (text, target)
  local name = os.tmpname()
  local file = assert(io.open(name, 'w'))
  file:write(text)
  file:close()
  local pipe = assert(io.popen(('LC_ALL=C gnuplot -d -c %s %s 2>&1')
                               :format(quote(name), quote(target))))
  local output = pipe:read 'a'
  local ok, how, code = pipe:close()
  os.remove(name)
  if ok then return true end
  if how == 'signal' or code == 130 then return false, 'interrupted' end
  return false, complaint(output)
end

-- Draws the figures into a file.  whole: width, height, rows, columns, title.
function M.save (path, figures, whole)
  M.check(path)
  local target = temporary(path)
  local ok, message = run(script.text(figures, {
    format = format_of(path), width = whole.width, height = whole.height,
    rows = whole.rows, columns = whole.columns, title = whole.title}), target)
  if ok then
    local file = io.open(target, 'r')
    local size = file and file:seek 'end' or 0
    if file then file:close() end
    if size == 0 then ok, message = false, 'it wrote nothing' end
  end
  if ok then ok, message = os.rename(target, path) end
  if not ok then
    os.remove(target)
    error(("plot: gnuplot could not draw '%s': %s"):format(path, message), 0)
  end
  return path
end

return M
