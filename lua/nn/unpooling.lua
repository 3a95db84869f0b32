-- Where the greatest elements of poolings stood, and SpatialMaxUnpooling, which
-- puts elements back there.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local maker = require 'nn.maker'

local M = {}

-- What poolings saw last, by their `seen`: under transforms too, where a
-- module keeps nothing.
local last = setmetatable({}, {__mode = 'k'})

-- From here on the pooling keeps its indices.
function M.watch (pooling)
  pooling.seen = pooling.seen or {}
  return pooling.seen
end

-- What a pooling kept: {indices =, height =, width =}, or nil.
function M.seen (seen) return last[seen] end

-- The number within the plane, y * width + x + 1, for the number within the
-- window, 1..kH * kW.
local function places (self, best, x)
  local function along (n, d, pad, shape)
    local first = torch.range(0, n - 1):long() * d - pad
    return first:view(table.unpack(shape))
  end
  local k, oH, oW = best - 1, best:size(3), best:size(4)
  local row = torch.idiv(k, self.kW) * (self.dilationH or 1)
              + along(oH, self.dH, self.padH, {1, 1, oH, 1})
  local column = torch.remainder(k, self.kW) * (self.dilationW or 1)
                 + along(oW, self.dW, self.padW, {1, 1, 1, oW})
  return torch.clamp(row, 0, x:size(3) - 1) * x:size(4)
         + torch.clamp(column, 0, x:size(4) - 1) + 1
end

-- Keeps the indices of x's pooling; back removes a batch that x had not.
function M.keep (self, best, x, back)
  if not self.seen then return end
  local indices = back(places(self, best, x))
  last[self.seen] = {indices = indices, height = x:size(3), width = x:size(4)}
  if not core.tracer_kind(indices) then self.indices = indices end
end

-- nn.SpatialMaxUnpooling(pooling): each element goes where the pooling, which
-- runs before, had taken its greatest; 0 elsewhere, in images of the pooling's
-- input's size.
--   local pool = nn.SpatialMaxPooling(2, 2)
--   local net = nn.Sequential(pool, nn.SpatialMaxUnpooling(pool))
local Unpooling = maker.define('SpatialMaxUnpooling', {'of'}, function (self,
                                                                       input)
  local n = errors.check(self, input, 3, 4, '[batch, planes, height, width]')
  local saw = last[self.of.seen]
  if not saw then
    errors.fail(self, 'its pooling has not run yet')
  end
  if not input:isSameSizeAs(saw.indices) then
    errors.fail(self, 'expected %s, as its pooling gave, got %s',
                errors.shape(saw.indices), errors.shape(input))
  end
  local sizes = input:size():totable()
  local cells = sizes[n - 1] * sizes[n]
  sizes[n - 1], sizes[n] = cells, nil
  local index = saw.indices:reshape(table.unpack(sizes))
  local x = input:reshape(table.unpack(sizes))
  sizes[n - 1] = saw.height * saw.width
  local y = torch.zeros(sizes, {dtype = input:dtype()}):scatter(n - 1, index, x)
  sizes[n - 1], sizes[n] = saw.height, saw.width
  return y:reshape(table.unpack(sizes))
end)

function Unpooling:build ()
  local pooling = self.of
  if not torch.isTypeOf(pooling, 'nn.SpatialMaxPooling')
     and not torch.isTypeOf(pooling, 'nn.SpatialDilatedMaxPooling') then
    errors.raise('nn.SpatialMaxUnpooling: pooling: an nn.SpatialMaxPooling '
                 .. 'expected, got %s', errors.shape(pooling))
  end
  self.of = {seen = M.watch(pooling)} -- not the module: it is no child
end

return M
