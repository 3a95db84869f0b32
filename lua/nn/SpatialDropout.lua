-- nn.SpatialDropout([p = 0.5]): nn.Dropout of whole planes, for inputs
-- [n x planes x ...] or [planes x height x width].

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Dropout'

local SpatialDropout = torch.class('nn.SpatialDropout', 'nn.Dropout',
                                   require 'nn')

function SpatialDropout:compute (input)
  local n = errors.check(self, input, 2, 8, '[batch, planes, ...]')
  if not self:training_mode() then return input * 1 end
  local sizes = {}
  for d = 1, n do
    sizes[d] = (d <= 2 and n ~= 3 or d == 1) and input:size(d) or 1
  end
  local keep = torch.rand(sizes, {dtype = input:dtype(),
                                  key = self:draw_key()})
  return torch.where(torch.ge(keep, self.p), input / (1 - self.p), 0)
end

return SpatialDropout
