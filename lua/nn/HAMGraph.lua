-- The hypergraph of an nn.HAM: its layers and connections, checked.

local torch = require 'torch'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'

local M = {}

-- Raises unless there is a layer of that name.
function M.check_name (self, what, name)
  if not self.layers[name] then
    errors.raise('nn.HAM: %s: there is no layer %s; the layers are %s', what,
                 tostring(name), table.concat(self.names, ', '))
  end
end

-- Fills in the layers.
function M.add_neurons (self, neurons)
  for name, layer in pairs(neurons) do
    local l = type(layer) == 'table' and layer[1]
    if type(name) ~= 'string' or not torch.isTypeOf(l, 'nn.Module') then
      errors.raise('nn.HAM: neurons: name = {Lagrangian, sizes...} expected, '
                   .. 'got %s = %s', tostring(name), errors.shape(layer))
    end
    local sizes = {}
    if #layer < 2 then
      bounds.fail('nn.HAM', 'neurons',
                  ('%s = {Lagrangian, sizes...}'):format(name), 'no size')
    end
    for i = 2, #layer do
      sizes[i - 1] = errors.integer('nn.HAM', 'size of layer ' .. name,
                                    layer[i])
    end
    self.names[#self.names + 1] = name
    self.layers[name] = {l = l, sizes = sizes}
  end
  if #self.names == 0 then
    bounds.fail('nn.HAM', 'neurons', 'at least one layer', 'none')
  end
  table.sort(self.names)
  for _, name in ipairs(self.names) do
    self.modules[#self.modules + 1] = self.layers[name].l
  end
end

-- Raises unless the synapse, where it says what it connects, connects layers
-- of these sizes.
local function check_sizes (self, i, names, synapse)
  local wanted = synapse.connects
  if not wanted then return end
  local right = #wanted == #names
  local got = {}
  for k, name in ipairs(names) do
    local sizes = table.concat(self.layers[name].sizes, ' x ')
    right = right and (wanted[k] == nil or wanted[k] == sizes)
    got[k] = ('%s [%s]'):format(name, sizes)
  end
  if not right then
    errors.raise('nn.HAM: connection #%d: %s connects layers of sizes [%s], '
                 .. 'got %s', i, tostring(synapse),
                 table.concat(wanted, '], ['), table.concat(got, ', '))
  end
end

-- Adds connection #i, {names..., synapse}.
function M.add_connection (self, i, connection)
  local synapse = type(connection) == 'table' and connection[#connection]
  if not torch.isTypeOf(synapse, 'nn.Module') then
    errors.raise('nn.HAM: connection #%d: a synapse expected at its end, got '
                 .. '%s', i, errors.shape(synapse or connection))
  end
  local names = {}
  for k = 1, #connection - 1 do
    M.check_name(self, ('connection #%d'):format(i), connection[k])
    names[k] = connection[k]
  end
  if #names == 0 then
    errors.raise('nn.HAM: connection #%d: names of layers before its synapse '
                 .. 'expected, got none', i)
  end
  check_sizes(self, i, names, synapse)
  self.connections[i] = {names = names, synapse = synapse}
  self.modules[#self.modules + 1] = synapse
end

-- Checks that xs has a tensor of each layer's sizes; returns whether it is a
-- batch.
function M.batched (self, xs, what)
  if type(xs) ~= 'table' then
    errors.fail(self, '%s: a table of tensors expected, got %s', what,
                errors.shape(xs))
  end
  local batch
  for name in pairs(xs) do M.check_name(self, what, name) end
  for _, name in ipairs(self.names) do
    local x, sizes = xs[name], self.layers[name].sizes
    local extra = torch.isTensor(x) and x:dim() - #sizes
    local right = extra == 0 or extra == 1
    for d, n in ipairs(sizes) do
      right = right and x:size(d + extra) == n
    end
    local rows = extra == 1 and x:size(1) or false
    if not right or batch ~= nil and rows ~= batch then
      errors.fail(self, '%s: layer %s: expected [%s%s], got %s', what, name,
                  batch and batch .. ' x ' or '',
                  table.concat(sizes, ' x '), errors.shape(x))
    end
    batch = rows
  end
  return batch and true or false
end

function M.describe (self)
  local text = {}
  for _, name in ipairs(self.names) do
    local layer = self.layers[name]
    text[#text + 1] = ('  %s [%s] %s'):format(name,
      table.concat(layer.sizes, ' x '), tostring(layer.l))
  end
  for _, c in ipairs(self.connections) do
    text[#text + 1] = ('  %s: %s'):format(table.concat(c.names, ' - '),
                                          tostring(c.synapse))
  end
  return 'nn.HAM {\n' .. table.concat(text, '\n') .. '\n}'
end

return M
