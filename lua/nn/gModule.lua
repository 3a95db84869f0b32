-- nn.gModule(inputs, outputs): a network as a graph, as nngraph's.  A module
-- that is called without arguments, or with nodes, makes a node:
--
--   local x = nn.Identity()()
--   local h = nn.Tanh()(nn.Dense(10, 5)(x))
--   local net = nn.gModule({x}, {nn.CAddTable()({h, nn.Dense(10, 5)(x)})})
--
-- One input is passed as a tensor, several as a table; so are the outputs.

local torch = require 'torch'
local errors = require 'nn.errors'
local native = require 'nn.native'
require 'nn.Container'

local nn = require 'nn'

-- A node: a module and the nodes whose outputs it gets.
local Node = torch.class('nn.Node', nil, nn)

function Node:__init (module, inputs)
  self.module, self.inputs = module, inputs
  self.data = {module = module, annotations = {}}
end

-- Notes for people: node:annotate{name = 'hidden'}.  Returns the node.
function Node:annotate (notes)
  for key, value in next, notes do self.data.annotations[key] = value end
  return self
end

-- n nodes for the n entries of this one's output.
function Node:split (n)
  local out = {}
  for i = 1, n do out[i] = nn.SelectTable(i)(self) end
  return table.unpack(out)
end

-- node - module is module(node)
function Node:__sub__ (module) return module(self) end

function Node:__tostring__ ()
  return ('node of %s'):format(tostring(self.module))
end

local M = {}

function M.is_node (x) return torch.typename(x) == 'nn.Node' end

-- The node of a module that was called with nodes.
function M.node (module, input)
  local inputs = {}
  if M.is_node(input) then
    inputs = {input}
  elseif type(input) == 'table' then
    for i, node in ipairs(input) do
      if not M.is_node(node) then
        errors.raise('%s: entry #%d: a node expected, got %s',
                     torch.typename(module), i, errors.shape(node))
      end
      inputs[i] = node
    end
  end
  return Node and nn.Node(module, inputs)
end

local gModule, parent = torch.class('nn.gModule', 'nn.Container', nn)

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
  if M.is_node(list) then list = {list} end
  if type(list) ~= 'table' or #list == 0 then
    errors.raise('nn.gModule: %s: a table of nodes expected, got %s', name,
                 errors.shape(list))
  end
  for i, node in ipairs(list) do
    if not M.is_node(node) then
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
  self.nodes, self.shared = sorted(self.outputs), {}
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
      self.shared[node.module] = true
    else
      seen[node.module] = true
      table.insert(self.modules, node.module)
    end
  end
  for k, node in ipairs(self.inputs) do
    if not reached[node] then
      errors.raise('nn.gModule: inputs: entry #%d: no output needs the %s', k,
                   tostring(node))
    end
  end
end

gModule.compute = errors.loop(function (self, input)
  local values, place = {}, {}
  if #self.inputs == 1 then
    values[self.inputs[1]] = self.inputs[1].module:forward(input)
  else
    if type(input) ~= 'table' or #input ~= #self.inputs then
      errors.fail(self, 'expected a table of %d inputs, got %s',
                  #self.inputs, errors.shape(input))
    end
    for k, node in ipairs(self.inputs) do
      values[node] = node.module:forward(input[k])
    end
  end
  for k, module in ipairs(self.modules) do place[module] = k end
  for _, node in ipairs(self.nodes) do
    if values[node] == nil then
      local x = values[node.inputs[1]]
      if #node.inputs > 1 then
        x = {}
        for k, from in ipairs(node.inputs) do x[k] = values[from] end
      end
      local i = place[node.module] -- for messages
      values[node] = self.modules[i]:forward(x)
      if self.shared and self.shared[node.module] then
        values[node] = native.own_output(node.module, values[node])
      end
    end
  end
  if #self.outputs == 1 then return values[self.outputs[1]] end
  local out = {}
  for k, node in ipairs(self.outputs) do out[k] = values[node] end
  return out
end)

M.gModule, M.Node = nn.gModule, nn.Node

return M
