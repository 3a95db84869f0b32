-- What a descent of nn.HAM takes, and what it refuses; HAMDescent.lua says what
-- each option means.

local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local graph = require 'nn.HAMGraph'
local noisy = require 'nn.noisy'

local allowed = {states = true, step = true, steps = true, tau = true,
                 keep = true, tolerance = true, monotone = true,
                 record = true, quiet = true}

local M = {}

-- A table of layers: raises where a name is none.
local function names (ham, what, key, t)
  local inner = what:match '^nn.HAM: (.*)$'
  for name in pairs(t) do
    graph.check_name(ham, inner and inner .. ': ' .. key or key, name)
  end
end

-- Raises unless step, steps and tau are what a descent takes.
function M.check (ham, o, what)
  if o.step ~= nil then bounds.positive_number(what, 'step', o.step) end
  if o.steps ~= nil then errors.integer(what, 'steps', o.steps, 0) end
  if type(o.tau) == 'table' then
    names(ham, what, 'tau', o.tau)
    for _, t in pairs(o.tau) do bounds.positive_number(what, 'tau', t) end
  elseif o.tau ~= nil then
    bounds.positive_number(what, 'tau', o.tau)
  end
end

local function check_rest (ham, o, what)
  local t = o.tolerance
  if t ~= nil and (type(t) ~= 'number' or t < 0 or t ~= t) then
    bounds.fail(what, 'tolerance', 'a number of at least 0', errors.shape(t))
  end
  for _, key in ipairs {'monotone', 'record', 'quiet'} do
    bounds.boolean(what, key, o[key])
  end
  if o.keep == nil then return end
  if type(o.keep) ~= 'table' then
    bounds.fail(what, 'keep', 'a table name -> number or tensor',
                errors.shape(o.keep))
  end
  names(ham, what, 'keep', o.keep)
  for name, keep in pairs(o.keep) do
    local key = 'keep of layer ' .. name
    bounds.operand(what, key, keep)
    bounds.broadcasts(what, key, keep, o.states[name], true)
  end
end

-- The options of ham:descend, checked.
function M.descent (ham, options)
  local what = 'nn.HAM: descend'
  local o = noisy.options(what, options, allowed)
  ham:batched(o.states, 'descend: states')
  M.check(ham, o, what)
  check_rest(ham, o, what)
  return o
end

return M
