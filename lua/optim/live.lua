-- The options of an optimizer that is an object: a table that may be assigned
-- to between updates, jitted ones too.
--
-- A jitted step does not run Lua when it is replayed.  So numbers that are
-- often scheduled are read from tensors there, which an assignment fills: a
-- new rate needs no new compilation.  Of numbers that decide what is computed
-- (no momentum, no buffer) it is guarded whether they are 0; all else is
-- guarded by its value.

local torch = require 'torch'

local M = {}

local rates = {learningRate = true, eta0 = true}
local scheduled = {learningRate = true, eta0 = true, weightDecay = true,
                   momentum = true}

local inside = setmetatable({}, {__mode = 'k'})

local function kind (key, value)
  if type(value) ~= 'number' or not scheduled[key] then return 'other' end
  return (rates[key] or value ~= 0) and 'number' or 'zero'
end

local Live = {
  __index = function (self, key) return inside[self].values[key] end,
  __newindex = function (self, key, value)
    local s = inside[self]
    s.check(key, value)
    s.values[key], s.kinds[key] = value, kind(key, value)
    if s.scalars[key] and type(value) == 'number' then
      s.scalars[key]:fill(value)
    end
  end,
  __pairs = function (self) return next, inside[self].values, nil end,
}

-- A live copy of config; check(key, value) raises for what is refused.
function M.new (config, check)
  local self = setmetatable({}, Live)
  inside[self] = {values = {}, kinds = {}, scalars = {}, check = check}
  for key, value in pairs(config) do self[key] = value end
  return self
end

-- config[key] inside a transform.
function M.read (config, key)
  local static = require 'autograd'.static
  local s = inside[config]
  if not s then return static(config, key) end
  if static(s.kinds, key) ~= 'number' then return static(s.values, key) end
  if not s.scalars[key] then
    s.scalars[key] = require 'autograd'.outside(torch.full, {1},
      s.values[key], {dtype = 'float64'})
  end
  return s.scalars[key][1]
end

return M
