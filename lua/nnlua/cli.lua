-- The program nnlua: main(argv) -> exit code.  bindings/main.c calls it.

local sys = require 'nnlua.sys'
local options = require 'nnlua.options'
local traceback = require 'nnlua.traceback'

local io = io -- a script may lose its own

local M = {}

local OK, ERROR, USAGE, FILE, MEMORY, INTERRUPTED = 0, 1, 2, 3, 4, 130

local function say (text)
  io.stdout:flush()
  io.stderr:write('nnlua: ', text, '\n')
end

-- The exit code that belongs to an error's message.
local function code_of (message)
  if sys.was_interrupted() and message:find 'interrupted' then
    return INTERRUPTED
  end
  local kind = sys.failure(message)
  return kind == 'memory' and MEMORY or kind == 'file' and FILE or ERROR
end

-- Calls f; an error is told with its traceback.  Returns an exit code.
local function run (f, ...)
  local ok, err = sys.interruptible(f, traceback.handler, ...)
  if ok then return OK end
  if type(err) ~= 'table' then -- the handler itself failed: out of memory
    err = {message = traceback.text(err), text = traceback.text(err)}
  end
  say(err.text)
  return code_of(err.message)
end

M.protected = run

local function version ()
  io.stdout:write('nnlua ', sys.version, ' (', _VERSION, ')\n')
end

-- `-l mod` and `-l g=mod`
local function require_global (text)
  local name, module = text:match '^([%a_][%w_]*)=(.*)$'
  module = module or text
  _G[name or module] = require(module)
end

local function run_text (text, name)
  local f, message = load(text, name, 't')
  if not f then error(message, 0) end
  f()
end

-- LUA_INIT, as lua has it
local function initial ()
  local name = 'LUA_INIT_5_4'
  local text = os.getenv(name)
  if not text then name = 'LUA_INIT'; text = os.getenv(name) end
  if not text then return end
  if text:sub(1, 1) == '@' then
    assert(loadfile(text:sub(2), 't'))()
  else
    run_text(text, '=' .. name)
  end
end

-- Loads a script (nil: stdin).  Returns the function, or an exit code.
local function load_script (path)
  if path then
    local file, message = io.open(path, 'r')
    if not file then
      local why = message:gsub('^.*: ', '')
      say(("can not open '%s': %s"):format(path, why))
      return FILE
    end
    file:close()
  end
  local f, message = loadfile(path, 't')
  if f then return f end
  if path and message:find '^cannot read' then -- a folder
    say(message)
    return FILE
  end
  say(message)
  return ERROR
end

local function run_script (path, args)
  local f = load_script(path ~= '-' and path or nil)
  if type(f) ~= 'function' then return f end
  return run(f, table.unpack(args))
end

-- lua's arg table: the script at 0, its arguments above, the rest below
local function arg_table (argv, script)
  local first = script or 0
  local arg = {}
  for i = 0, #argv do arg[i - first] = argv[i] end
  return arg
end

local commands = {
  help = function (args) return require('nnlua.help').main(args) end,
  doctor = function (args) return require('nnlua.doctor').main(args) end,
}

-- A script of that name in this folder goes before the command.
local function command_of (o)
  local f = o.script and commands[o.script]
  if not f then return nil end
  local file = io.open(o.script, 'r')
  if file then file:close(); return nil end
  return f
end

local function configure (o)
  sys.configure(o.threads, o.seed, o.gemm)
  if o.seed then math.randomseed(o.seed) end
  traceback.debug = o.debug or false
  M.no_color = o.no_color or os.getenv 'NO_COLOR' ~= nil
  require 'nnlua.preload' ()
  if o.warnings then warn '@on' end
end

local function start (o, argv)
  if not o.no_environment then
    local code = run(initial)
    if code ~= OK then return code end
  end
  for _, item in ipairs(o.run) do
    local code
    if item.kind == '-e' then
      code = run(run_text, item.text, '=(command line)')
    else
      code = run(require_global, item.text)
    end
    if code ~= OK then return code end
  end
  local command = command_of(o)
  local args = table.move(argv, (o.index or 0) + 1, #argv, 1, {})
  local code = OK
  if command then return command(args) end
  if o.script then code = run_script(o.script, args) end
  local idle = not o.script and #o.run == 0 and not o.show_version
  if o.interactive or idle and sys.isatty(0) then
    if code == INTERRUPTED then code = OK end
    if code ~= OK and not o.interactive then return code end
    require('nnlua.repl').run(code == OK and version or nil)
    return OK
  end
  if idle then return run_script('-', {}) end
  return code
end

function M.main (argv)
  local o, message = options.parse(argv)
  if not o then
    say(message .. "\n(try: nnlua --help)")
    return USAGE
  end
  arg = arg_table(argv, o.index) -- luacheck: globals arg
  if o.help then io.stdout:write(options.help) return OK end
  if o.version or o.show_version then version() end
  if o.version then return OK end
  configure(o)
  return start(o, argv)
end

return M
