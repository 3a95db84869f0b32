-- The prompt: reads a chunk (more lines while it is incomplete), prints the
-- value of an expression unless it ends in ';', survives errors and Ctrl-C;
-- ?name prints the manual's entry of a name.

local sys = require 'nnlua.sys'
local cli = require 'nnlua.cli'
local complete = require 'nnlua.complete'

local M = {}

local function prompt (name, default)
  local value = rawget(_G, name)
  return value == nil and default or tostring(value)
end

local function incomplete (message)
  return message and message:find '<eof>$' ~= nil
end

-- A function for the text, or nil and why; an expression returns its values.
local function compile (text)
  local f = load('return ' .. text, '=stdin', 't')
  if f then return f end
  return load(text, '=stdin', 't')
end

-- Reads one chunk: a function; or false and a message ('' when there is
-- nothing to say); or nil at the end of input.
local function read ()
  local text = sys.readline(prompt('_PROMPT', '> '), complete)
  if text == nil then return nil end
  if text == false then io.stdout:write '\n' return false, '' end
  if text:find '^%s*$' then return false, '' end
  local name = text:match '^%s*%?%s*(.-)%s*$' -- no chunk of Lua begins so
  if name then
    return function ()
      require 'nnlua.help'.help(name ~= '' and name or nil)
    end
  end
  while true do
    local f, message = compile(text)
    if f then return f, text:find ';%s*$' ~= nil end
    if not incomplete(message) then return false, message end
    local line = sys.readline(prompt('_PROMPT2', '>> '), complete)
    if line == nil then return false, message end
    if line == false then io.stdout:write '\n' return false, '' end
    text = text .. '\n' .. line
  end
end

local function show (quiet, ...)
  if select('#', ...) == 0 then return end
  rawset(_G, '_LAST', (...))
  if not quiet then print(...) end
end

-- Runs until the end of input.  greet() is called first, if given.
function M.run (greet)
  sys.hold()
  if greet then greet() end
  while true do
    local f, note = read()
    if f == nil then break end
    if f then
      cli.protected(function () show(note, f()) end)
      sys.was_interrupted()
    elseif note ~= '' then
      io.stderr:write(note, '\n')
    end
  end
  if sys.isatty(0) then io.stdout:write '\n' end
end

return M
