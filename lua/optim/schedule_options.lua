-- The options of optim.schedule's functions: names, defaults, bounds.

local errors = require 'nn.errors'

local M = {}

-- Options with defaults; NEEDED ones must be numbers.
local NEEDED = {}
M.NEEDED = NEEDED

local inf = math.huge

-- name -> {least, most, what is wanted}
local bounds = {
  steps = {1, inf, 'a number of at least 1'},
  every = {1, inf, 'a number of at least 1'},
  period = {1, inf, 'a number of at least 1'},
  growth = {1, inf, 'a number of at least 1'},
  start = {0, 1, 'a number from 0 to 1'},
  factor = {0, 1, 'a number from 0 to 1'},
}
bounds.back = bounds.start
local plain = {0, inf, 'a number of at least 0'}

local function check (name, key, value)
  local b = bounds[key] or plain
  if not (value >= b[1] and value <= b[2] and value < inf) then
    errors.raise('optim.schedule.%s: %s: %s expected, got %s', name, key, b[3],
                 tostring(value))
  end
end

-- Options by name, those left out from `known`.
function M.options (name, given, known)
  local o = {}
  if type(given) ~= 'table' then
    errors.raise('optim.schedule.%s: a table of options expected, got %s',
                 name, errors.shape(given))
  end
  for key in next, given do
    if key ~= 'learningRate' and known[key] == nil then
      local near = require 'nnlua.nearest'(tostring(key), known)
      errors.raise('optim.schedule.%s: no option %s%s', name, tostring(key),
                   near and ('; did you mean %s'):format(near) or '')
    end
  end
  known.learningRate = NEEDED
  for key, default in next, known do
    local value = given[key]
    if value == nil and default ~= NEEDED then value = default end
    local list = type(value) == 'table'
                 and (key == 'gamma' and given.at or key == 'at')
    if (default == NEEDED or type(default) == 'number' or key == 'at' and value)
       and type(value) ~= 'number' and not list then
      errors.raise('optim.schedule.%s: %s: a %s expected, got %s', name, key,
                   key == 'at' and 'list of numbers' or 'number',
                   errors.shape(value))
    end
    for _, v in ipairs(list and value or {}) do check(name, key, v) end
    if type(value) == 'number' then check(name, key, value) end
    o[key] = value
  end
  return o
end

return M
