-- optim.ema(decay[, {zero = false, debias = false}]): an exponential moving
-- average of a tensor, or of a tree of them:
--   average = decay average + (1 - decay) x
-- It starts as the first value; with zero, at 0, and with debias it is then
-- divided by 1 - decay^t.
--   local ema, params = optim.ema(0.999), {w = torch.ones(2)}
--   ema:update(params)          -- after each step; returns the average
--   ema:average()

local torch = require 'torch'
local errors = require 'nn.errors'

local Ema = {__name = 'optim.ema'}
Ema.__index = Ema

local function map (f, ...) return require 'autograd'.tree.map(f, ...) end

function Ema:update (x)
  local d = self.decay
  self.t = self.t + 1
  if self.raw == nil then
    if self.zero then
      self.raw = map(function (v) return torch.mul(v, 1 - d) end, x)
    else
      self.raw = map(function (v) return v:clone() end, x)
    end
  else
    map(function (a, v) return a:mul(d):add(1 - d, v) end, self.raw, x)
  end
  return self:average()
end

function Ema:average ()
  if self.raw == nil then return nil end
  if not self.debias then return self.raw end
  local factor = 1 / (1 - self.decay ^ self.t)
  return map(function (a) return a * factor end, self.raw)
end

return function (decay, options)
  if type(decay) ~= 'number' or decay < 0 or decay > 1 then
    errors.raise('optim.ema: argument #1 (decay): a number from 0 to 1 '
                 .. 'expected, got %s', errors.shape(decay))
  end
  options = options or {}
  return setmetatable({decay = decay, t = 0, debias = options.debias,
                       zero = options.zero or options.debias}, Ema)
end
