-- Makes the classes of modules that are a function of each element and have
-- no parameters.
--
-- define(name, arguments, f[, check]): nn.NAME takes the arguments, a list of {name,
-- default[, kind]} (a default nil: the argument is required), keeps them as
-- fields, and computes f(input, its arguments...).  Torch7's last argument
-- `inplace` is accepted and has no effect.  check(its arguments...) returns what
-- is wrong with them, if something is.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local function take (class_name, spec, value)
  local name, default, kind = spec[1], spec[2], spec[3] or 'number'
  if value == nil then value = default end
  if type(value) ~= kind then
    errors.raise('%s: %s: a %s expected, got %s', class_name, name, kind,
                 errors.shape(value))
  end
  return value
end

local function text (self, arguments)
  local out = {}
  for i, spec in ipairs(arguments) do
    local value = self[spec[1]]
    out[i] = type(value) == 'number' and ('%.6g'):format(value)
             or tostring(value)
  end
  if #out == 0 then return torch.typename(self) end
  return ('%s(%s)'):format(torch.typename(self), table.concat(out, ', '))
end

return function (name, arguments, f, check)
  local nn = require 'nn'
  local full = 'nn.' .. name
  local C, parent = torch.class(full, 'nn.Module', nn)

  function C:__init (...)
    parent.__init(self)
    for i, spec in ipairs(arguments) do
      local value = select(i, ...)
      -- where a number belongs, a boolean is `inplace`
      if type(value) == 'boolean' and (spec[3] or 'number') == 'number' then
        value = nil
      end
      self[spec[1]] = take(full, spec, value)
    end
    if check then
      local values = {}
      for i, spec in ipairs(arguments) do values[i] = self[spec[1]] end
      local wrong = check(table.unpack(values))
      if wrong then errors.raise('%s: %s', full, wrong) end
    end
  end

  if #arguments == 0 then
    function C:compute (input)
      if not torch.isTensor(input) then
        errors.check(self, input, 0, 8, 'a tensor')
      end
      return f(input)
    end
  else
    function C:compute (input)
      errors.check(self, input, 0, 8, 'a tensor')
      local values = {}
      for i, spec in ipairs(arguments) do values[i] = self[spec[1]] end
      return f(input, table.unpack(values))
    end
  end

  function C:__tostring__ () return text(self, arguments) end
  return C
end
