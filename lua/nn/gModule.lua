-- nn.gModule(inputs, outputs): a network as a graph, as nngraph's.  A module
-- that is called without arguments, or with nodes, makes a node:
--
--   local x = nn.Identity()()
--   local h = nn.Tanh()(nn.Dense(10, 5)(x))
--   local net = nn.gModule({x}, {nn.CAddTable()({h, nn.Dense(10, 5)(x)})})
--
-- One input is passed as a tensor, several as a table; so are the outputs.
-- What nodes are: Node.lua.

local torch = require 'torch'
local errors = require 'nn.errors'
local native = require 'nn.native'
local is_node = require 'nn.Node'.is_node
require 'nn.Container'

local gModule, parent = torch.class('nn.gModule', 'nn.Container',
                                    require 'nn')

-- The nodes that the outputs need, each after its inputs.
local function sorted (outputs)
  local order, state = {}, {}
  local function visit (node)
    if state[node] == 'done' then return end
    if state[node] then errors.raise('nn.gModule: the graph has a cycle') end
    state[node] = 'open'
    for _, input in ipairs(node.inputs) do visit(input) end
    state[node] = 'done'
    order[#order + 1] = node
  end
  for _, node in ipairs(outputs) do visit(node) end
  return order
end

local function check_nodes (name, list)
  if is_node(list) then list = {list} end
  if type(list) ~= 'table' or #list == 0 then
    errors.raise('nn.gModule: %s: a table of nodes expected, got %s', name,
                 errors.shape(list))
  end
  for i, node in ipairs(list) do
    if not is_node(node) then
      errors.raise('nn.gModule: %s: entry #%d: a node expected, got %s', name,
                   i, errors.shape(node))
    end
  end
  return list
end

function gModule:__init (inputs, outputs)
  parent.__init(self)
  self.inputs = check_nodes('inputs', inputs)
  self.outputs = check_nodes('outputs', outputs)
  -- place: the number of each node's module, which may be replaced
  self.nodes, self.shared, self.place = sorted(self.outputs), {}, {}
  self.forwardnodes = self.nodes -- nngraph's name
  local given, seen, reached = {}, {}, {}
  for k, node in ipairs(self.inputs) do
    given[node] = true
    if #node.inputs > 0 then
      errors.raise('nn.gModule: inputs: entry #%d: a node without inputs '
                   .. 'expected, got the %s', k, tostring(node))
    end
  end
  for _, node in ipairs(self.nodes) do
    reached[node] = true
    if #node.inputs == 0 and not given[node] then
      errors.raise('nn.gModule: the %s has no input and is none of the '
                   .. "graph's inputs", tostring(node))
    end
    if seen[node.module] then -- it stands in several places
      self.shared[seen[node.module]] = true
    else
      table.insert(self.modules, node.module)
      seen[node.module] = #self.modules
    end
    self.place[node] = seen[node.module]
  end
  for k, node in ipairs(self.inputs) do
    if not reached[node] then
      errors.raise('nn.gModule: inputs: entry #%d: no output needs the %s', k,
                   tostring(node))
    end
  end
end

-- What the nodes say of their modules, after one was replaced.
function gModule:replace (f)
  local out = parent.replace(self, f)
  for node, i in next, out == self and self.place or {} do
    node.module, node.data.module = self.modules[i], self.modules[i]
  end
  return out
end

for _, name in ipairs {'add', 'insert', 'remove'} do
  gModule[name] = function ()
    errors.raise('nn.gModule: %s: its modules are those of its nodes; make a '
                 .. 'new graph, or put another module in the place of one '
                 .. 'with replace', name)
  end
end

gModule.compute = errors.loop(function (self, input)
  local values, place, modules = {}, self.place, self.modules
  if #self.inputs == 1 then
    local node = self.inputs[1]
    values[node] = modules[place[node]]:forward(input)
  else
    if type(input) ~= 'table' or #input ~= #self.inputs then
      errors.fail(self, 'expected a table of %d inputs, got %s',
                  #self.inputs, errors.shape(input))
    end
    for k, node in ipairs(self.inputs) do
      values[node] = modules[place[node]]:forward(input[k])
    end
  end
  for _, node in ipairs(self.nodes) do
    if values[node] == nil then
      local x = values[node.inputs[1]]
      if #node.inputs > 1 then
        x = {}
        for k, from in ipairs(node.inputs) do x[k] = values[from] end
      end
      local i = place[node] -- for messages
      values[node] = modules[i]:forward(x)
      if self.shared[i] then
        values[node] = native.own_output(modules[i], values[node])
      end
    end
  end
  if #self.outputs == 1 then return values[self.outputs[1]] end
  local out = {}
  for k, node in ipairs(self.outputs) do out[k] = values[node] end
  return out
end)

return gModule
