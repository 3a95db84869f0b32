-- For specs that look at the program from outside: run(arguments, options).

local M = {}

local here = debug.getinfo(1, 'S').source:match '^@(.*)/tests/nnlua/run%.lua$'
             or '.'

local build = os.getenv 'NNLUA_BUILD' or here .. '/build'

-- Before `lua5.4`: where it finds the library's files.
M.paths = ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' LUA_CPATH='%s/lua/?.so"
           .. ";;'"):format(here, here, build)

-- The program: $NNLUA_BIN, or the one of the build ($NNLUA_BUILD, build/).
M.program = os.getenv 'NNLUA_BIN'
            or build .. '/nnlua'

local function quote (text) return "'" .. text:gsub("'", "'\\''") .. "'" end

M.quote = quote

function M.contents (path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read 'a'
  file:close()
  return text
end

local function take (path)
  local ok, text = pcall(M.contents, path)
  os.remove(path)
  return ok and text or ''
end

-- Runs a shell command: stdout, stderr, exit code.
function M.shell (command)
  local out, err = os.tmpname(), os.tmpname()
  local _, how, code = os.execute(('{ %s\n} >%s 2>%s'):format(command, out,
                                                              err))
  if how == 'signal' then code = 128 + code end
  return take(out), take(err), code
end

-- Runs the program with a list of arguments.  options: stdin (a text; nothing
-- by default), before (words before the program, such as an assignment or
-- `timeout`).
function M.run (arguments, options)
  options = options or {}
  local words = {options.before or '', quote(M.program)}
  for _, a in ipairs(arguments) do words[#words + 1] = quote(a) end
  local input = os.tmpname()
  local file = assert(io.open(input, 'wb'))
  file:write(options.stdin or '')
  file:close()
  local out, err, code = M.shell(table.concat(words, ' ') .. ' <' .. input)
  os.remove(input)
  return out, err, code
end

-- Writes a script to a file of its own; returns its path.
function M.script (text)
  local path = os.tmpname()
  local file = assert(io.open(path, 'wb'))
  file:write(text)
  file:close()
  return path
end

return M
