-- nn.Dropout([p = 0.5]): in training mode each element is 0 with probability
-- p, the others are divided by 1 - p; nothing in evaluate().  The second
-- argument true: Torch7's first version, which scales when it evaluates.

local torch = require 'torch'
local errors = require 'nn.errors'
require 'nn.Module'

local Dropout, parent = torch.class('nn.Dropout', 'nn.Module', require 'nn')

function Dropout:__init (p, v1)
  parent.__init(self)
  self.v2 = not v1
  self:setp(p or 0.5)
end

function Dropout:setp (p)
  if type(p) ~= 'number' or not (p >= 0 and p < 1) then
    errors.raise('%s: p: a number of at least 0 and below 1 expected, got %s',
                 torch.typename(self), errors.shape(p))
  end
  self.p = p
  return self
end

function Dropout:compute (input)
  errors.check(self, input, 0, 8, 'a tensor')
  if not self:training_mode() then
    return self.v2 and input * 1 or input * (1 - self.p)
  end
  if self.p == 0 then return input * 1 end
  local keep = torch.rand(input:size(), {dtype = input:dtype(),
                          key = self:draw_key()})
  local scale = self.v2 and 1 / (1 - self.p) or 1
  return torch.where(torch.ge(keep, self.p), input * scale, 0)
end

function Dropout:__tostring__ ()
  return ('%s(%g)'):format(torch.typename(self), self.p)
end

return Dropout
