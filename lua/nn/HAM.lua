-- nn.HAM{neurons =, connections =, ...}: a hierarchical associative memory:
-- layers of neurons, each with a Lagrangian, and synapses between any number
-- of them (a hypergraph).  Energy: sum over layers of xhat . x - L(x), plus
-- the synapses' energies of the activations xhat = grad L(x).
--   neurons      name -> {Lagrangian, sizes...}: {nn.LTanh{beta = 2}, 784}
--   connections  a list of {names..., synapse}: {'v', 'h', nn.HAMLinear(8, 4)};
--                synapses: nn.HAMSynapses, or any module from a list of
--                activations to a number
--   step, steps, tau: of forward's descent, see :descend
-- States and activations are tables name -> tensor of the layer's sizes, or
-- all with one dimension more before them: a batch, for which energies are a
-- tensor [batch].  forward(states) descends and gives the last activations;
-- it is differentiable, through all steps.
--   local ham = nn.HAM{neurons = {x = {nn.LIdentity(), 16}},
--                      connections = {{'x', nn.HAMMemory(16, 4)}}}
--   local states, report = ham:descend{states = ham:zeros(), step = 0.5}

local torch = require 'torch'
local errors = require 'nn.errors'
local graph = require 'nn.HAMGraph'
local noisy = require 'nn.noisy'
require 'nn.Module'

local HAM, parent = torch.class('nn.HAM', 'nn.Module', require 'nn')

HAM.parameterNames = {}

local function autograd () return require 'autograd' end

function HAM:__init (options)
  parent.__init(self)
  local o = noisy.options('nn.HAM', options, {neurons = true, step = true,
    connections = true, steps = true, tau = true})
  if type(o.neurons) ~= 'table' or type(o.connections) ~= 'table' then
    errors.raise('nn.HAM: tables neurons and connections expected, got %s and '
                 .. '%s', errors.shape(o.neurons), errors.shape(o.connections))
  end
  self.modules, self.names, self.layers, self.connections = {}, {}, {}, {}
  graph.add_neurons(self, o.neurons)
  for i, connection in ipairs(o.connections) do
    graph.add_connection(self, i, connection)
  end
  self.step, self.steps, self.tau = o.step or 0.1, o.steps or 20, o.tau
  require 'nn.HAMDescentOptions'.check(self, o, 'nn.HAM')
end

-- Checks that xs has a tensor of each layer's sizes; returns whether it is a
-- batch.
function HAM:batched (xs, what)
  return graph.batched(self, xs, what)
end

-- States of zeros, of `batch` examples where it is given.
function HAM:zeros (batch)
  local xs = {}
  for _, name in ipairs(self.names) do
    local sizes = {table.unpack(self.layers[name].sizes)}
    if batch then table.insert(sizes, 1, batch) end
    xs[name] = torch.zeros(sizes, {
      dtype = torch.zeros(0):type(self._type):dtype()})
  end
  return xs
end

local function mapped (batched, f)
  return batched and autograd().vmap(f) or f
end

-- L(x) of a layer, a number
local function lagrangian (self, name, x)
  local l = self.layers[name].l
  local y = l:compute(x)
  if type(y) ~= 'number' and not (torch.isTensor(y) and y:dim() == 0) then
    errors.fail(self, 'layer %s: a Lagrangian, whose output is a number, '
                .. 'expected, got %s with output %s; its sum is one', name,
                tostring(l), errors.shape(y))
  end
  return y
end

-- grad L(x) of each layer
function HAM:activations (xs)
  return mapped(self:batched(xs, 'states'), function (x)
    local out = {}
    for _, name in ipairs(self.names) do
      local l = self.layers[name].l
      if l.activation then
        out[name] = l:activation(x[name])
      else
        out[name] = autograd().grad(function (v)
          return lagrangian(self, name, v)
        end)(x[name])
      end
    end
    return out
  end)(xs)
end

-- The energy of connection i at these activations, a number.
local function energy_of (self, i, xhats)
  local connection, list = self.connections[i], {}
  for k, name in ipairs(connection.names) do list[k] = xhats[name] end
  local e = connection.synapse:compute(list)
  if type(e) ~= 'number' and not (torch.isTensor(e) and e:dim() == 0) then
    errors.raise('nn.HAM: connection #%d: an energy, a number, of %s '
                 .. 'expected, got %s', i, tostring(connection.synapse),
                 errors.shape(e))
  end
  return e
end

local function connection_energy (self, xhats)
  local sum = 0
  for i = 1, #self.connections do sum = sum + energy_of(self, i, xhats) end
  return sum
end

-- The parts of the energy: {neurons = {name -> energy}, connections = list}.
function HAM:energies (xhats, xs)
  self:batched(xhats, 'activations')
  return mapped(self:batched(xs, 'states'), function (g, x)
    local out = {neurons = {}, connections = {}}
    for _, name in ipairs(self.names) do
      out.neurons[name] = torch.cmul(g[name], x[name]):sum()
                          - lagrangian(self, name, x[name])
    end
    for i = 1, #self.connections do
      out.connections[i] = energy_of(self, i, g)
    end
    return out
  end)(xhats, xs)
end

-- The energy of activations and states, or of states and their activations:
-- a number, or [batch].
function HAM:energy (xhats, xs)
  if xs == nil then xhats, xs = self:activations(xhats), xhats end
  local parts = self:energies(xhats, xs)
  local sum = 0
  for _, name in ipairs(self.names) do sum = sum + parts.neurons[name] end
  for _, e in ipairs(parts.connections) do sum = sum + e end
  return sum
end

-- d energy / d activations, a table as the states.
function HAM:gradient (xhats, xs)
  if xs == nil then xhats, xs = self:activations(xhats), xhats end
  local batched = self:batched(xs, 'states')
  local of = autograd().grad(function (g)
    local e = mapped(batched, function (v)
      return connection_energy(self, v)
    end)(g)
    if batched then return e:sum() end
    return e
  end)
  if #self.connections == 0 then return xs end
  local pull, out = of(xhats), {}
  for _, name in ipairs(self.names) do
    local touched = pull[name] ~= nil
    out[name] = touched and xs[name] + pull[name] or xs[name] * 1
  end
  return out
end

-- Descends the energy: x <- x - step / tau * keep * dE/dxhat.  Returns the last
-- states and a report; see nn.HAMDescent for the options.
function HAM:descend (options)
  return require 'nn.HAMDescent'.descend(self, options)
end

function HAM:compute (input)
  self:batched(input, 'states')
  local last = self:descend {states = input, step = self.step,
                             steps = self.steps, tau = self.tau,
                             tolerance = 0, quiet = true}
  return self:activations(last)
end

function HAM:__tostring__ () return graph.describe(self) end

return HAM
