-- nn.HAMMemory(n, m[, options]): a dense associative memory of m patterns, the
-- columns of W [n, m], as a synapse of nn.HAM.  Options:
--   kind   'lse' (default): -log(sum_j exp(beta (x W)_j)) / beta, modern
--          Hopfield; or 'power': -sum_j max(0, (x W)_j)^power / power
--   beta   1, a parameter, which counts at least 1e-6
--   power  3
--   unit_columns  true: the columns are scaled to norm 1

local torch = require 'torch'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'
local synapse = require 'nn.HAMSynapse'
local F = require 'nn.functional'

local Memory, parent = synapse.class 'HAMMemory'

Memory.parameterNames = {'weight', 'beta'}

local allowed = {kind = true, beta = true, power = true, unit_columns = true}

function Memory:__init (n, m, options)
  parent.__init(self)
  local name = 'nn.HAMMemory'
  local o = noisy.options(name, options, allowed)
  bounds.boolean(name, 'unit_columns', o.unit_columns)
  self.n = errors.integer(name, 'n', n)
  self.connects = {tostring(n)}
  self.kind, self.unit_columns = o.kind or 'lse', o.unit_columns or false
  if self.kind == 'power' then
    self.power = o.power or 3
    if type(self.power) ~= 'number' or self.power < 1
       or self.power ~= self.power then
      bounds.fail(name, 'power', 'a number of at least 1',
                  errors.shape(self.power))
    end
  elseif self.kind == 'lse' then
    local beta = o.beta or 1
    bounds.positive(name, 'beta', beta)
    bounds.entries(name, 'beta', beta)
    self.beta = noisy.parameter(beta)
  else
    errors.raise("%s: kind: 'lse' or 'power' expected, got %s", name,
                 errors.shape(o.kind))
  end
  self.weight = torch.zeros(n, errors.integer(name, 'm', m))
  self:reset()
end

function Memory:compute (input)
  local x = synapse.vector(self, synapse.take(self, input, 1), self.n)
  local W = self.weight
  if self.unit_columns then
    W = torch.cdiv(W, torch.sqrt(torch.square(W):sum(1)))
  end
  local h = W:t() * x
  if self.kind == 'power' then
    return -F.lagrangian.repu(h, {n = self.power})
  end
  return -F.lagrangian.softmax(h, {beta = noisy.at_least(self.beta, 1e-6)})
end

return Memory
