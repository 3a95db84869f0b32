-- `nnlua doctor`: versions, kernels, threads and what is missing, as text.

local M = {}

local function first_line (command)
  local pipe = io.popen(command .. ' 2>/dev/null')
  local line = pipe and pipe:read 'l'
  if pipe then pipe:close() end
  return line
end

-- Prints the report.  Returns the exit code: 0 when everything works, 2 for
-- arguments, of which there are none.
function M.main (args)
  if #args > 0 then
    io.stderr:write(("nnlua: doctor: unexpected argument '%s'\n")
                    :format(args[1]))
    return 2
  end
  local function row (name, value)
    io.write(('%-14s %s\n'):format(name, tostring(value)))
  end
  local ok, core = pcall(require, 'nnlua.core')
  if not ok then
    row('core', 'can not be loaded: ' .. tostring(core))
    return 3
  end
  row('nnlua', core.version)
  row('Lua', _VERSION)
  row('kernels', core.cpu_kernels())
  row('threads', require 'torch'.getnumthreads())
  row('products', core.gemm())
  row('Lua files', debug.getinfo(1, 'S').source:match '^@(.*)/nnlua/')
  row('module', package.searchpath('nnlua.core', package.cpath) or 'built in')
  row('gzip', core.gzip() or 'missing: no .gz files (Debian: apt install '
                             .. 'zlib1g-dev, then make)')
  local is_program, sys = pcall(require, 'nnlua.sys')
  if is_program then
    row('prompt', sys.editor() and 'edited by libedit'
                  or 'plain: no history, no completion (Debian: apt install '
                     .. 'libedit-dev, then make)')
  end
  row('gnuplot', first_line 'gnuplot --version'
                 or 'missing: no pictures (Debian: apt install gnuplot-nox)')
  for _, name in ipairs {'NNLUA_CPU', 'NNLUA_COMPILE', 'NNLUA_DATA'} do
    if os.getenv(name) then row(name, os.getenv(name)) end
  end
  return 0
end

return M
