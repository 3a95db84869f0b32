-- nn.Node: a place in the graph of an nn.gModule: a module and the nodes whose
-- outputs it gets.  A module that is called without arguments, or with nodes,
-- makes one.

local torch = require 'torch'
local errors = require 'nn.errors'

local nn = require 'nn'

local Node = torch.class('nn.Node', nil, nn)

function Node:__init (module, inputs)
  self.module, self.inputs = module, inputs
  self.data = {module = module, annotations = {}}
end

-- Notes for people: node:annotate{name = 'hidden'}.  Returns the node.
function Node:annotate (notes)
  if type(notes) ~= 'table' then
    error('annotate: argument #1: a table of notes expected, got '
          .. torch.type(notes), 2)
  end
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

-- The node of a module that was called with nodes, or with nothing.
function M.of (module, input)
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
  return nn.Node(module, inputs)
end

return M
