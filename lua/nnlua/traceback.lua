-- Tracebacks for people: the script's lines, without C functions and the
-- program's own frames (all of them with --debug).

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

-- The stack from `level` on as text, at most 22 lines; '' when all of it is
-- hidden.
function M.stack (level)
  local lines = {}
  local info = debug.getinfo(level, 'Slnt')
  while info do
    if not hidden(info) then
      local where = info.short_src
      if info.currentline > 0 then where = where .. ':' .. info.currentline end
      lines[#lines + 1] = ('\t%s: in %s'):format(where, describe(info))
    end
    if info.istailcall and not hidden(info) then
      lines[#lines + 1] = '\t(...tail calls...)'
    end
    level = level + 1
    info = debug.getinfo(level, 'Slnt')
  end
  if #lines > 22 then
    local skipped = #lines - 21
    table.move(lines, #lines - 9, #lines, 13)
    lines[12] = ('\t... (skipping %d levels)'):format(skipped)
    for i = #lines, 23, -1 do lines[i] = nil end
  end
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
