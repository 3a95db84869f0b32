-- Checks of arguments that the files of data/ share.

local nearest = require 'nnlua.nearest'

local M = {}

-- Raises an error at the line of the user's code that called the library.
function M.fail (message, ...)
  if select('#', ...) > 0 then message = message:format(...) end
  local level, own = 2, debug.getinfo(1, 'S').source:match '^(.*[/\\])data[/\\]'
  while own do
    local info = debug.getinfo(level, 'Sl')
    if not info then break end
    if info.currentline > 0 and info.source:sub(1, #own) ~= own then
      error(message, level)
    end
    level = level + 1
  end
  error(message, 0)
end

-- A value for messages: `string 'abc'`, `number 2.5`, `table`.
function M.describe (value)
  local kind = type(value)
  if kind == 'number' then return 'number ' .. value end
  if kind == 'string' and #value <= 40 then return ("string '%s'"):format(value) end
  if kind == 'boolean' then return tostring(value) end
  if kind == 'userdata' then return 'an object' end
  return kind
end

-- options(name, given, known): given (a table or nil) must have only keys of
-- `known`, a table {option = type or function that returns true, or false and
-- what was expected}.  Returns a copy.
function M.options (name, given, known)
  if given == nil then given = {} end
  if type(given) ~= 'table' then
    M.fail('%s: a table of options expected, got %s', name, M.describe(given))
  end
  local copy = {}
  for key, value in pairs(given) do
    local check = known[key]
    if not check then
      if type(key) ~= 'string' then
        M.fail('%s: options are {name = value}, got the key %s', name, tostring(key))
      end
      local near = nearest(key, known)
      local names = {}
      for k in pairs(known) do
        names[#names + 1] = k
        if not near and #k > 3 and key:sub(1, #k) == k then near = k end
      end
      table.sort(names)
      M.fail('%s: unknown option "%s"%s', name, key, near
        and (', did you mean "%s"'):format(near)
        or ('; there are: ' .. table.concat(names, ', ')))
    end
    local ok, wanted
    if type(check) == 'string' then
      ok, wanted = type(value) == check, check
    else
      ok, wanted = check(value)
    end
    if not ok then
      M.fail('%s: %s: %s expected, got %s', name, key, wanted, M.describe(value))
    end
    copy[key] = value
  end
  return copy
end

-- A check of an integer between low and high.
function M.integer (low, high)
  return function (value)
    local i = type(value) == 'number' and math.tointeger(value)
    return i and i >= low and i <= high,
           high < math.maxinteger and ('integer from %d to %d'):format(low, high)
           or low > math.mininteger and ('integer of at least %d'):format(low)
           or 'integer'
  end
end

-- Is it a tensor?
function M.is_tensor (value)
  local torch = require 'torch'
  return type(value) == 'userdata' and torch.isTensor(value)
end

return M
