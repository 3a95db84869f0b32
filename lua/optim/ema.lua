-- optim.ema(decay[, {zero = false, debias = false}]): an exponential moving
-- average of a tensor, or of a tree of them:
--   average = decay average + (1 - decay) x
-- It starts as the first value; with zero, at 0, and with debias it is then
-- divided by 1 - decay^t.  Inside jit too; inside vmap each example has its
-- own average.
--   local ema, params = optim.ema(0.999), {w = torch.ones(2)}
--   ema:update(params)          -- after each step; returns the average
--   ema:average()

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local kept = require 'optim.kept'

local Ema = {__name = 'optim.ema'}
Ema.__index = Ema

local function map (f, ...) return require 'autograd'.tree.map(f, ...) end

-- Refuses values unlike those before.
local function check (self, x)
  local paths = require 'optim.groups'.paths
  local old, new = paths(self.raw), paths(x)
  for i = 1, math.max(#old, #new) do
    local a, b = old[i], new[i]
    if not (a and b and a.path == b.path and torch.isTensor(b.leaf)
            and b.leaf:isSameSizeAs(a.leaf)) then
      local function text (leaf)
        if not leaf then return 'no ' .. (a or b).path end
        return (leaf.path == '' and '' or leaf.path .. ': ')
               .. errors.shape(leaf.leaf)
      end
      errors.raise('optim.ema: update: got %s, it averages %s', text(b),
                   text(a))
    end
  end
end

-- Where an average begins: outside of every transform, so that a jitted step
-- finds it again; that of a vmap's example inside, each has its own.
local function begun (v)
  if not torch.isTensor(v) then
    errors.raise('optim.ema: update: a tensor or a tree of tensors expected, '
                 .. 'got %s', errors.shape(v))
  end
  local function make () return torch.zeros(v:size(), {dtype = v:dtype()}) end
  return core.mapped(v) and make() or require 'autograd'.outside(make)
end

function Ema:update (x)
  local d = self.decay
  if self.raw == nil then self.raw = map(begun, x) end
  check(self, x)
  local n = kept.count(self, 't')
  -- at first the value itself
  local old = self.zero and d or torch.where(torch.eq(n, 0), 0, d)
  local new = self.zero and 1 - d or torch.where(torch.eq(n, 0), 1, 1 - d)
  map(function (a, v) return a:mul(old):add(new, v) end, self.raw, x)
  kept.advance(self, 't')
  return self:average()
end

function Ema:average ()
  if self.raw == nil then return nil end
  if not self.debias then return self.raw end
  local factor = 1 / (1 - torch.pow(self.decay, kept.count(self, 't')))
  return map(function (a) return a * factor end, self.raw)
end

return function (decay, options)
  if type(decay) ~= 'number' or not (decay >= 0 and decay <= 1) then
    errors.raise('optim.ema: argument #1 (decay): a number from 0 to 1 '
                 .. 'expected, got %s', errors.shape(decay))
  end
  options = options or {}
  if type(options) ~= 'table' then
    errors.raise('optim.ema: argument #2 (options): a table expected, got %s',
                 errors.shape(options))
  end
  for key in next, options do
    if key ~= 'zero' and key ~= 'debias' then
      errors.raise('optim.ema: no option %s; there are zero and debias',
                   tostring(key))
    end
  end
  return setmetatable({decay = decay, t = 0, debias = options.debias,
                       zero = options.zero or options.debias}, Ema)
end
