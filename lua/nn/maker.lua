-- Makes the classes of modules that are a formula of their input, their
-- arguments and perhaps parameters.
--
-- define(name, fields, f [, defaults]): nn.NAME takes arguments, keeps them in
-- the fields named (with these defaults), and computes f(self, input).
-- with_parameters(C, build, reset): build(self) is called after the
-- constructor and makes the parameters with M.parameter; reset(self, stdv)
-- draws them.

local torch = require 'torch'
local errors = require 'nn.errors'
local parameters = require 'nn.own_parameters'
local argument = require 'nn.arguments'
require 'nn.Module'

local M = {}

local function text (self, fields)
  local out = {}
  for _, field in ipairs(fields) do
    local value = self[field]
    if type(value) == 'number' then out[#out + 1] = ('%g'):format(value) end
  end
  return #out == 0 and torch.typename(self)
         or ('%s(%s)'):format(torch.typename(self), table.concat(out, ', '))
end

function M.define (name, fields, f, defaults)
  local C, parent = torch.class('nn.' .. name, 'nn.Module', require 'nn')
  defaults = defaults or {}

  function C:__init (...)
    parent.__init(self)
    for i, field in ipairs(fields) do
      local value = select(i, ...)
      if value == nil then value = defaults[i] end
      self[field] = argument(name, field, value)
    end
    if self.build then
      self:build()
      if self.reset then self:reset() end
    end
  end

  function C:compute (input) return f(self, input) end

  function C:__tostring__ () return text(self, fields) end
  return C
end

-- Adds a parameter of zeros (or of `value`s) and its gradient.
function M.parameter (self, name, sizes, value)
  self[name] = torch.full(sizes, value or 0)
  self[parameters.grad_name(name)] = torch.zeros(sizes)
  return self[name]
end

-- Draws the named parameters from U(-r, r), r = 1 / sqrt(n) or, with stdv,
-- for that standard deviation.
function M.uniform (self, names, n, stdv)
  if stdv ~= nil and type(stdv) ~= 'number' then
    errors.fail(self, 'reset: argument #1 (stdv): a number expected, got %s',
                errors.shape(stdv))
  end
  local r = stdv and stdv * math.sqrt(3) or 1 / math.sqrt(n)
  for _, name in ipairs(names) do
    if self[name] then self[name]:uniform(-r, r) end
  end
  return self
end

-- The sizes of a list, for messages.
function M.sizes (...)
  local first = ...
  if type(first) == 'table' then return table.move(first, 1, #first, 1, {}) end
  return {...}
end

function M.product (sizes)
  local n = 1
  for _, size in ipairs(sizes) do n = n * size end
  return n
end

return M
