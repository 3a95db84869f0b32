-- torch.CmdLine: a script's options and arguments, as Torch7's.  Beyond it:
-- `--name`, `-name` and `--name=value` all work, an unknown option is answered
-- with the nearest known one, and a mistake ends the script with code 2.
--
--   local cmd = torch.CmdLine()
--   cmd:text('Train a network.')
--   cmd:argument('data', 'folder of the images')
--   cmd:option('--lr', 0.1, 'learning rate')
--   cmd:option('--quiet', false, 'say nothing')
--   local opt = cmd:parse{'images', '--lr', '0.5'}       -- or parse(arg)
--   print(opt.lr, opt.quiet, opt.data)               --> 0.5 false images

local class = require 'torch.class'
local nearest = require 'nnlua.nearest'

local M = {}
local CmdLine = class.class('torch.CmdLine', nil, M)

local function strip (key) return (key:gsub('^%-+', '')) end

-- A number as a script writes it: 1e-3, 0x10, 5; not "nan" or " 5 ".
local function to_number (text)
  return text:find('^[-+]?%.?%d') and tonumber(text) or nil
end

-- The separators are those of `string`.
function CmdLine:__init (argseparator, keyseparator)
  self.argseparator = argseparator or ','
  self.keyseparator = keyseparator or '='
  self.options, self.arguments, self.helplines = {}, {}, {}
  self.silentio = false
end

-- A line of text for the help.
function CmdLine:text (text)
  text = text or ''
  if type(text) ~= 'string' then
    error('CmdLine:text: argument #1: string expected, got ' .. type(text), 2)
  end
  self.helplines[#self.helplines + 1] = text
  return self
end

-- A required argument without a dash; kind 'number' or 'string' (default).
-- With a default it may be left out.
function CmdLine:argument (key, help, kind, default)
  local entry = {key = strip(key), help = help, type = kind,
                 default = default, positional = true}
  self.arguments[#self.arguments + 1] = entry
  self.helplines[#self.helplines + 1] = entry
  return self
end

-- An option; its type is that of the default (number, boolean or string).  A
-- boolean option takes no value and turns the default round; it can be
-- written `--name=true` as well.
function CmdLine:option (key, default, help, kind)
  if default == nil then
    error(('CmdLine:option: option %s has no default value'):format(key), 2)
  end
  kind = kind or type(default)
  if type(default) ~= kind then
    error(('CmdLine:option: the default of %s is a %s, not a %s')
          :format(key, type(default), kind), 2)
  end
  local entry = {key = key, default = default, help = help, type = kind}
  self.options[strip(key)] = entry
  self.helplines[#self.helplines + 1] = entry
  return self
end

-- What `parse` gives when there is nothing to parse.
function CmdLine:default ()
  local params = {}
  for name, option in pairs(self.options) do params[name] = option.default end
  for _, argument in ipairs(self.arguments) do
    params[argument.key] = argument.default
  end
  return params
end

local function convert (entry, value, label)
  if entry.type == 'number' then
    local number = to_number(value)
    if not number then
      return nil, ("%s: a number expected, got '%s'"):format(label, value)
    end
    return number
  elseif entry.type == 'boolean' then
    if value == 'true' then return true end
    if value == 'false' then return false end
    return nil, ("%s: true or false expected, got '%s'"):format(label, value)
  end
  return value
end

function CmdLine:__unknown (word)
  local known = {'--help'}
  for _, option in pairs(self.options) do known[#known + 1] = option.key end
  table.sort(known)
  local name = word:match('^(.-)=') or word
  local short = {} -- compared without dashes
  for i, key in ipairs(known) do short[i] = strip(key) end
  local near = nearest(strip(name), short)
  for i, key in ipairs(short) do
    if key == near then
      return ("unknown option '%s'; did you mean '%s'"):format(name, known[i])
    end
  end
  return ("unknown option '%s'"):format(name)
end

-- Reads the option at arg[i]: the number of words taken, or nil and why.
function CmdLine:__option (params, arg, i)
  local word = arg[i]
  local name, value = word:match('^%-+([^=]+)=(.*)$')
  name = name or strip(word)
  local option = self.options[name]
  if not option then return nil, self:__unknown(word) end
  local taken = 1
  if value == nil then
    if option.type == 'boolean' then
      params[name] = not option.default
      return 1
    end
    value, taken = arg[i + 1], 2
    if value == nil then
      return nil, ('option %s needs a value'):format(option.key)
    end
  end
  local message
  value, message = convert(option, value, 'option ' .. option.key)
  if message then return nil, message end
  params[name] = value
  return taken
end

-- The table of values; or nil and a message; or 'help'.  Never ends the
-- program, as `parse` does.
function CmdLine:try (arg)
  local params = self:default()
  local i, position = 1, 0
  while i <= #arg do
    local word = arg[i]
    if word == '-h' or word == '-help' or word == '--help' then
      return 'help'
    elseif word:find('^%-') and not to_number(word) and word ~= '-' then
      local taken, message = self:__option(params, arg, i)
      if not taken then return nil, message end
      i = i + taken
    else
      position = position + 1
      local argument = self.arguments[position]
      if not argument then
        return nil, ("unexpected argument '%s'"):format(word)
      end
      local value, message = convert(argument, word,
                                     'argument <' .. argument.key .. '>')
      if message then return nil, message end
      params[argument.key] = value
      i = i + 1
    end
  end
  for k = position + 1, #self.arguments do
    if self.arguments[k].default == nil then
      return nil, ('argument <%s> is missing'):format(self.arguments[k].key)
    end
  end
  return params
end

-- The table of values of the words in arg.  `--help` prints the help and ends
-- the program; a mistake is told on stderr and ends it with code 2.
function CmdLine:parse (arg)
  local params, message = self:try(arg)
  if params == 'help' then
    self:help(arg)
    os.exit(0, true)
  elseif not params then
    self:error(message, arg)
  end
  return params
end

function CmdLine:error (message, arg) -- luacheck: ignore self
  local script = arg and arg[0] or _G.arg and _G.arg[0] or 'script'
  io.stderr:write(('%s: %s\n(try: %s --help)\n'):format(script, message,
                                                        script))
  os.exit(2, true)
end

require('torch.cmdline_text')(CmdLine)

return M
