-- What a word of the prompt may become: `torch.ra` the functions that begin
-- so, `net:for` the methods of the object that stands there now.  Nothing of
-- the user's is called, which could take for ever: of __index functions only
-- those of the packages and of _G, which load what is not there yet.

local manual = require 'nnlua.manual'

local KEYWORDS = {'and', 'break', 'do', 'else', 'elseif', 'end', 'false', 'for',
                  'function', 'goto', 'if', 'in', 'local', 'nil', 'not', 'or',
                  'repeat', 'return', 'then', 'true', 'until', 'while'}
local PACKAGES = {'torch', 'nn', 'optim', 'autograd', 'data', 'plot', 'random',
                  'nnlua'}

-- f(name) for each name that a value has, its own and its classes'.
local function each_name (value, f)
  for _ = 1, 20 do -- classes on classes
    if type(value) == 'table' then
      for name in next, value do
        if type(name) == 'string' then f(name) end
      end
    end
    local mt = getmetatable(value)
    if type(mt) ~= 'table' then return end
    local index = rawget(mt, '__index')
    if index == nil and type(value) == 'userdata' then
      index = mt -- of tensors one sees the methods instead
    end
    if type(index) ~= 'table' or rawequal(index, value) then return end
    value = index
  end
end

local function is_package (value)
  if rawequal(value, _G) then return true end
  for _, name in ipairs(PACKAGES) do
    if rawequal(value, package.loaded[name]) then return true end
  end
  return false
end

-- value[name] without a call of the user's functions, or nil.
local function field (value, name)
  if is_package(value) then return value[name] end
  for _ = 1, 20 do
    if type(value) ~= 'table' then return nil end
    local found = rawget(value, name)
    if found ~= nil then return found end
    local mt = getmetatable(value)
    value = type(mt) == 'table' and rawget(mt, '__index') or nil
  end
end

-- The value of `a.b.c`, or nil.
local function value_of (path)
  local value = _G
  for name in path:gmatch '[^.:]+' do value = field(value, name) end
  return value
end

-- A list of what the word may become, sorted; empty for what is unknown.
return function (word)
  local path, separator, start = word:match '^(.-)([.:])([%w_]*)$'
  if not path then
    path, separator, start = '', '', word
  elseif not path:find '^[%a_][%w_.:]*$' then
    return {}
  end
  local seen, list = {}, {}
  local function add (name)
    if not seen[name] and name:sub(1, #start) == start
       and name:find '^[%a_][%w_]*$'
       and (start:find '^_' or not name:find '^_') then
      seen[name] = true
      list[#list + 1] = path .. separator .. name
    end
  end
  if path == '' then
    for _, name in ipairs(KEYWORDS) do add(name) end
    for _, name in ipairs(PACKAGES) do add(name) end
    each_name(_G, add)
  else
    local ok, value = pcall(value_of, path)
    if ok and value ~= nil then
      pcall(each_name, value, add)
      if type(value) == 'table' and separator == '.' then
        for _, name in ipairs(manual.names()) do -- not loaded yet
          if name:sub(1, #path + 1) == path .. '.' then
            add(name:sub(#path + 2))
          end
        end
      end
    end
  end
  table.sort(list)
  return list
end
