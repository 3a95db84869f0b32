-- nn.WeightNorm(module[, outputDim = 1]): the module with its weight as
-- g v / |v|, a direction and a length for each output (Salimans and Kingma,
-- https://arxiv.org/abs/1602.07868).  The parameters are v, g and the module's
-- bias; they begin as its weight.
--   nn.WeightNorm(nn.Dense(784, 10))

local torch = require 'torch'
local errors = require 'nn.errors'
local record = require 'nn.record'
local tree = require 'nn.tree'
require 'nn.Module'

local WeightNorm, parent = torch.class('nn.WeightNorm', 'nn.Module',
                                       require 'nn')

WeightNorm.parameterNames = {'v', 'g', 'bias'}

-- The norms of v for each place of the dimension.
local function norms (v, dim)
  local others = {}
  for d = 1, v:dim() do if d ~= dim then others[#others + 1] = d end end
  if #others == 0 then return torch.abs(v) end
  return torch.sqrt(torch.square(v):sum(others))
end

function WeightNorm:__init (module, outputDim)
  parent.__init(self)
  if not tree.is_module(module) or not torch.isTensor(module.weight) then
    errors.raise('nn.WeightNorm: argument #1: a module with a weight '
                 .. 'expected, got %s', errors.shape(module))
  end
  self.outputDim = outputDim or 1
  self.inner = {module} -- in a table: its weight is no parameter of ours
  self.v = module.weight:clone()
  self.g = norms(self.v, self.outputDim)
  self.gradV, self.gradG = torch.mul(self.v, 0), torch.mul(self.g, 0)
  self.bias, self.gradBias = module.bias, module.gradBias
end

WeightNorm.compute = errors.loop(function (self, input)
  local i = 1 -- for messages
  local module = self.inner[i]
  local w = torch.cmul(self.v, torch.cdiv(self.g,
                                          norms(self.v, self.outputDim)))
  local entries, values = {{module = module, name = 'weight'}}, {w}
  if self.bias then
    entries[2], values[2] = {module = module, name = 'bias'}, self.bias
  end
  local y = record.with(entries, values, module.forward, module, input)
  return y
end)

-- Draws the module's weight again.
function WeightNorm:reset (stdv)
  local module = self.inner[1]
  module:reset(stdv)
  self.v:copy(module.weight)
  self.g:copy(norms(self.v, self.outputDim))
  return self
end

function WeightNorm:__tostring__ ()
  return ('nn.WeightNorm(%s)'):format(tostring(self.inner[1]))
end

return WeightNorm
