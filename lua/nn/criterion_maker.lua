-- Makes the classes of criterions that are a formula.
--
-- define(name, arguments, f): nn.NAME takes the arguments, a list of {name,
-- default, kind}, keeps them as fields, and computes f(self, input, target).
-- A default nil means that there may be none.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Criterion'

local M = {}

local function is_kind (value, kind)
  if kind == 'tensor' then return torch.isTensor(value) end
  return type(value) == kind
end

function M.define (name, arguments, f)
  local full = 'nn.' .. name
  local C, parent = torch.class(full, 'nn.Criterion', require 'nn')

  function C:__init (...)
    parent.__init(self)
    for i, spec in ipairs(arguments) do
      local value = select(i, ...)
      if value == nil then value = spec[2] end
      if value ~= nil and not is_kind(value, spec[3]) then
        errors.raise('%s: %s: a %s expected, got %s', full, spec[1], spec[3],
                     errors.shape(value))
      end
      self[spec[1]] = value
    end
  end

  function C:compute (input, target) return f(self, input, target) end
  return C
end

M.sizeAverage = {'sizeAverage', true, 'boolean'}

-- The mean of the losses or, without sizeAverage, their sum.
function M.reduce (self, losses)
  return self.sizeAverage and losses:mean() or losses:sum()
end

-- The target in the shape of the input: a tensor of as many elements, or a
-- number for all.
function M.pair (self, input, target)
  errors.check(self, input, 0, 8, 'a tensor')
  if type(target) == 'number' then return input, target end
  errors.check(self, target, 0, 8, 'a tensor as target')
  if input:isSameSizeAs(target) then return input, target end
  if input:nElement() ~= target:nElement() then
    errors.fail(self, 'input %s and target %s differ in shape',
                errors.shape(input), errors.shape(target))
  end
  return input, target:viewAs(input)
end

-- The losses times the weights, which are like them or broadcast to them.
function M.weighted (self, losses, weights)
  if weights == nil then return losses end
  local more = losses:dim() - weights:dim()
  local fits = more >= 0
  for d = 1, fits and weights:dim() or 0 do
    fits = fits and (weights:size(d) == 1
                     or weights:size(d) == losses:size(d + more))
  end
  if not fits then
    errors.fail(self, 'input %s: weights of this shape, or that broadcast to '
                .. 'it, expected, got %s', errors.shape(losses),
                errors.shape(weights))
  end
  return torch.cmul(losses, weights)
end

-- A table of two tensors of one shape.
function M.two (self, input)
  if type(input) ~= 'table' or #input ~= 2 or not torch.isTensor(input[1])
     or not torch.isTensor(input[2]) then
    errors.fail(self, 'expected a table of two tensors, got %s',
                errors.shape(input))
  end
  if not input[1]:isSameSizeAs(input[2]) then
    errors.fail(self, 'the two inputs %s and %s differ in shape',
                errors.shape(input[1]), errors.shape(input[2]))
  end
  return input[1], input[2]
end

-- max(x, 0), its derivative 0 at 0
function M.positive (x) return torch.relu(x) end

return M
