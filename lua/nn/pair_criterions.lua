-- Criterions of two inputs, {x1, x2}, and a target 1 (alike) or -1.

local torch = require 'torch'
local errors = require 'nn.errors'
local M = require 'nn.criterion_maker'

local define, reduce, two, average = M.define, M.reduce, M.two, M.sizeAverage

-- The target like the losses, or a number.
local function sign (self, target, losses)
  if type(target) == 'number' then return target end
  if not torch.isTensor(target) then
    errors.fail(self, 'expected a target, 1 (alike) or -1, got %s',
                errors.shape(target))
  elseif target:isSameSizeAs(losses) then
    return target
  elseif target:nElement() == 1 then
    return torch.item(target)
  elseif target:nElement() ~= losses:nElement() then
    errors.fail(self, 'expected a target of 1 and -1 for each of %d, got %s',
                losses:nElement(), errors.shape(target))
  end
  return target:viewAs(losses)
end

local function hinge (self, target, alike, different)
  return torch.where(torch.gt(sign(self, target, alike), 0), alike,
                     M.positive(different))
end

-- nn.CosineEmbeddingCriterion([margin = 0]): 1 - cos(x1, x2) for 1,
-- max(0, cos - margin) for -1
define('CosineEmbeddingCriterion', {{'margin', 0, 'number'}, average},
       function (self, input, target)
  local a, b = two(self, input)
  if a:dim() == 1 then
    a, b = a:view(1, a:nElement()), b:view(1, b:nElement())
  end
  local function dot (x, y) return torch.cmul(x, y):sum(2):view(-1) end
  local norms = torch.cmul(dot(a, a) + 1e-12, dot(b, b) + 1e-12)
  local cos = torch.cdiv(dot(a, b), torch.sqrt(norms))
  return reduce(self, hinge(self, target, 1 - cos, cos - self.margin))
end)

-- A target that is one number.
local function single (self, target)
  if type(target) ~= 'number'
     and not (torch.isTensor(target) and target:nElement() == 1) then
    errors.fail(self, 'expected one target, 1 (alike) or -1, got %s',
                errors.shape(target))
  end
  return torch.item(target)
end

-- nn.L1HingeEmbeddingCriterion([margin = 1]): d = sum |x1 - x2| for 1,
-- max(0, margin - d) for -1
define('L1HingeEmbeddingCriterion', {{'margin', 1, 'number'}},
       function (self, input, target)
  local a, b = two(self, input)
  local d = torch.abs(a - b):sum()
  return torch.where(torch.gt(single(self, target), 0), d,
                     M.positive(self.margin - d))
end)

-- nn.MarginRankingCriterion([margin = 1]): max(0, margin - t (x1 - x2))
define('MarginRankingCriterion', {{'margin', 1, 'number'}, average},
       function (self, input, target)
  if type(input) == 'table' and type(input[1]) == 'number'
     and type(input[2]) == 'number' then
    return M.positive(self.margin
                      - (input[1] - input[2]) * single(self, target))
  end
  local a, b = two(self, input)
  return reduce(self, M.positive(self.margin
                                 - torch.mul(a - b,
                                             sign(self, target, a))))
end)

-- nn.TripletMarginCriterion([margin = 1[, p = 2[, swap]]]): inputs {anchor,
-- positive, negative}, no target: max(0, d(a, p) - d(a, n) + margin), with
-- swap the smaller of d(a, n) and d(p, n)
define('TripletMarginCriterion', {{'margin', 1, 'number'}, {'p', 2, 'number'},
                                  {'swap', false, 'boolean'}, average},
       function (self, input)
  local function distance (x, y)
    return (x - y + 1e-6):norm(self.p, x:dim())
  end
  local a, p, n = errors.tensors(self, input, 3)
  if not (a:isSameSizeAs(p) and a:isSameSizeAs(n)) then
    errors.fail(self, 'the three inputs %s, %s and %s differ in shape',
                errors.shape(a), errors.shape(p), errors.shape(n))
  end
  local far = distance(a, n)
  if self.swap then far = torch.cmin(far, distance(p, n)) end
  return reduce(self, M.positive(distance(a, p) - far + self.margin))
end)
