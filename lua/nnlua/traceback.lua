-- Tracebacks for people: the script's lines, without C functions and the
-- program's own frames (all of them with --debug).

local debug, table = debug, table -- a script may lose its own

local M = {debug = false}

local own = debug.getinfo(1, 'S').source:gsub('traceback%.lua$', '')

local function hidden (info)
  if M.debug then return false end
  return info.what == 'C' or info.source:sub(1, #own) == own
end

local function describe (info)
  if info.what == 'main' then return 'main chunk' end
  if info.what == 'C' then
    return ("C function '%s'"):format(info.name or '-')
  end
  if info.name then
    local kind = info.namewhat == 'method' and 'method'
                 or info.namewhat == 'metamethod' and 'metamethod'
                 or 'function'
    return ("%s '%s'"):format(kind, info.name)
  end
  return ('function <%s:%d>'):format(info.short_src, info.linedefined)
end

-- How many levels the stack has from `level` on.  Lua counts its way to each
-- level that is asked for, so not one by one: a stack overflow has 200000.
local function height (level)
  local low, high = 0, 1 -- there are more than low, at most high
  while debug.getinfo(level + high, 'l') do low, high = high, high * 2 end
  while low < high do
    local middle = (low + high) // 2
    if debug.getinfo(level + middle, 'l') then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- Adds a level's lines at the place `at`.
local function add (lines, at, info)
  if hidden(info) then return end
  local where = info.short_src
  if info.currentline > 0 then where = where .. ':' .. info.currentline end
  if info.istailcall then table.insert(lines, at, '\t(...tail calls...)') end
  table.insert(lines, at, ('\t%s: in %s'):format(where, describe(info)))
end

local TOP, BOTTOM = 11, 10 -- lines
local MOST = 100 -- levels that are looked at for either

-- The stack from `level` on as text, of a high one both ends; '' when all of
-- it is hidden.
function M.stack (level)
  local first, last = level, level + height(level + 1) - 1
  local lines, below = {}, {}
  while first <= last and #lines < TOP and first < level + MOST do
    add(lines, #lines + 1, debug.getinfo(first, 'Slnt'))
    first = first + 1
  end
  local lowest = last - MOST
  while first <= last and #below < BOTTOM and last > lowest do
    add(below, 1, debug.getinfo(last, 'Slnt'))
    last = last - 1
  end
  if first == last then
    add(lines, #lines + 1, debug.getinfo(first, 'Slnt'))
  elseif first < last then
    lines[#lines + 1] = ('\t... (skipping %d levels)'):format(last - first + 1)
  end
  table.move(below, 1, #below, #lines + 1, lines)
  if #lines == 0 then return '' end
  return '\nstack traceback:\n' .. table.concat(lines, '\n')
end

-- Any error value as text.
function M.text (message)
  if type(message) == 'string' then return message end
  local mt = getmetatable(message)
  if type(mt) == 'table' and mt.__tostring then
    local ok, text = pcall(tostring, message)
    if ok then return text end
  end
  if type(message) == 'number' then return tostring(message) end
  return ('(error object is a %s value)'):format(type(message))
end

-- For xpcall: the error with its traceback, as {message =, text =}.
function M.handler (message)
  local text = M.text(message)
  return {message = text, text = text .. M.stack(3)}
end

return M
