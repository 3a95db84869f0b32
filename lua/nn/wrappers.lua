-- Containers around one module: MapTable, Bottle, Decorator.

local torch = require 'torch'
local errors = require 'nn.errors'
local native = require 'nn.native'
require 'nn.Container'

local nn = require 'nn'

-- nn.MapTable(module): the module for each entry of a table, with one set of
-- parameters.
local MapTable, map_parent = torch.class('nn.MapTable', 'nn.Container', nn)

function MapTable:__init (module)
  map_parent.__init(self)
  if module ~= nil then self:add(module) end
end

-- It has one module: a second one takes the first one's place.
function MapTable:add (module)
  self.modules = {}
  return map_parent.add(self, module)
end

MapTable.compute = errors.loop(function (self, input)
  local i = 1 -- for messages: the child's place
  if not self.modules[i] then
    errors.fail(self, 'it has no module; add one: map:add(nn.Tanh())')
  end
  if type(input) ~= 'table' then
    errors.fail(self, 'expected a table, got %s', errors.shape(input))
  end
  local out = {}
  for k, x in ipairs(input) do
    out[k] = native.own_output(self.modules[i], self.modules[i]:forward(x))
  end
  return out
end)

-- nn.Bottle(module[, nInputDim = 2[, nOutputDim]]): inputs with more
-- dimensions; all but the last nInputDim - 1 are made one for the module.
local Bottle, bottle_parent = torch.class('nn.Bottle', 'nn.Container', nn)

function Bottle:__init (module, nInputDim, nOutputDim)
  bottle_parent.__init(self, module)
  self.nInputDim = nInputDim or 2
  self.nOutputDim = nOutputDim or self.nInputDim
end

Bottle.compute = errors.loop(function (self, input)
  local i = 1
  local n = errors.check(self, input, self.nInputDim, 8,
                         ('a tensor with at least %d dimensions')
                         :format(self.nInputDim))
  if n == self.nInputDim then
    local y = self.modules[i]:forward(input)
    return y -- no tail call: errors find this frame
  end
  local lead, sizes, rows = n - self.nInputDim + 1, {}, 1
  for d = 1, lead do
    sizes[d] = input:size(d)
    rows = rows * sizes[d]
  end
  local inner = {rows}
  for d = lead + 1, n do inner[#inner + 1] = input:size(d) end
  local y = self.modules[i]:forward(input:reshape(table.unpack(inner)))
  for d = 2, y:dim() do sizes[#sizes + 1] = y:size(d) end
  return y:reshape(table.unpack(sizes))
end)

-- nn.Decorator(module): does what the module does; to be inherited from.
local Decorator, decorator_parent = torch.class('nn.Decorator',
                                                'nn.Container', nn)

function Decorator:__init (module) decorator_parent.__init(self, module) end

Decorator.compute = errors.loop(function (self, input)
  local i = 1
  local y = self.modules[i]:forward(input)
  return y
end)
