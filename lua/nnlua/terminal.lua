-- What is known of the terminal and the clock: from the program (nnlua.sys),
-- else from the core, else as well as plain Lua can.

local M = {}

local function part (name)
  local ok, module = pcall(require, name)
  return ok and type(module) == 'table' and module or {}
end

local sys = part 'nnlua.sys'
if not sys.isatty then sys = part 'nnlua.core' end
local tty = {} -- fd -> answer

-- Is fd (0, 1, 2) a terminal that can move its cursor?
function M.is_terminal (fd)
  if os.getenv 'TERM' == 'dumb' then return false end
  if tty[fd] == nil then
    if sys.isatty then
      tty[fd] = sys.isatty(fd)
    else
      tty[fd] = os.execute('test -t ' .. fd) == true
    end
  end
  return tty[fd]
end

-- Columns of the terminal behind fd; $COLUMNS or 80 where it does not say.
function M.columns (fd)
  return sys.columns and sys.columns(fd)
         or math.tointeger(tonumber(os.getenv 'COLUMNS' or '')) or 80
end

-- May colours be used on fd?
function M.colours (fd)
  local cli = package.loaded['nnlua.cli']
  if cli and type(cli) == 'table' and cli.no_color then return false end
  local no = os.getenv 'NO_COLOR'
  return (no == nil or no == '') and M.is_terminal(fd)
end

-- Does the terminal show UTF-8?
function M.utf8 ()
  for _, name in ipairs {'LC_ALL', 'LC_CTYPE', 'LANG'} do
    local value = os.getenv(name)
    if value and value ~= '' then
      return value:lower():find 'utf%-?8' ~= nil
    end
  end
  return false
end

local clock

-- Seconds of a clock that never goes back.
function M.clock ()
  if not clock then
    clock = sys.clock or os.time
  end
  return clock()
end

return M
