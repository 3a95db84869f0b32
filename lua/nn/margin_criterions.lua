-- Criterions of classes by margins: MultiMargin and MultiLabelMargin.

local torch = require 'torch'
local errors = require 'nn.errors'
local labels = require 'nn.class_labels'
local M = require 'nn.criterion_maker'

local NONE = math.mininteger -- no label is ignored

local function batch (self, input)
  local n = errors.check(self, input, 1, 2, '[batch, classes]')
  return n == 1 and input:view(1, input:nElement()) or input
end

-- The mean over the samples, or the sum, of losses [n x 1] / C.
local function finish (self, losses, count)
  losses = losses / count
  return M.reduce(self, losses)
end

-- nn.MultiMarginCriterion([p = 1[, weights[, margin = 1]]]): for a sample of
-- class y, 1/C times the sum over j other than y of
-- w[y] max(0, margin - x[y] + x[j])^p
M.define('MultiMarginCriterion', {{'p', 1, 'number'},
         {'weights', nil, 'tensor'}, {'margin', 1, 'number'}, M.sizeAverage},
         function (self, input, target)
  local x = batch(self, input)
  local count = x:size(2)
  if self.p ~= 1 and self.p ~= 2 then
    errors.fail(self, 'p: 1 or 2 expected, got %s', errors.shape(self.p))
  end
  if self.weights and self.weights:nElement() ~= count then
    errors.fail(self, '%d classes in %s, but %d weights', count,
                errors.shape(input), self.weights:nElement())
  end
  local y = labels.labels(self, x, target, 2, count)
  labels.check(self, y, count, NONE)
  local hot = labels.mask(y, 2, count, NONE)
  local own = torch.where(hot, x, 0):sum(2)
  local loss = M.positive(x - own + self.margin)
  if self.p == 2 then loss = torch.square(loss) end
  if self.weights then
    loss = torch.cmul(loss, torch.where(hot, self.weights:view(1, count), 0)
                            :sum(2))
  end
  return finish(self, torch.where(hot, 0, loss):sum(2), count)
end)

-- nn.MultiLabelMarginCriterion([sizeAverage]): targets are rows of labels that
-- end at the first 0; 1/C times the sum over labels y and other classes j of
-- max(0, 1 - x[y] + x[j])
M.define('MultiLabelMarginCriterion', {M.sizeAverage},
         function (self, input, target)
  local x = batch(self, input)
  local n, count = x:size(1), x:size(2)
  if not torch.isTensor(target) or target:nElement() ~= n * count then
    errors.fail(self, 'expected rows of labels that end at a 0, %s, got %s',
                errors.shape(input), errors.shape(target))
  end
  local t = target:reshape(n, count):long()
  local valid = torch.gt(torch.cumprod(torch.ne(t, 0):long(), 2), 0)
  labels.check(self, torch.where(valid, t, 1), count, NONE)
  -- given[i][k][c]: label k of sample i is class c
  local classes = torch.arange(1, count + 1, {dtype = 'int64'})
                  :view(1, 1, count)
  local given = torch.bitand(torch.eq(t:view(n, count, 1), classes),
                             valid:view(n, count, 1))
  local is_label = given:any(2) -- n, 1, C
  local own = torch.where(given, x:view(n, 1, count), 0):sum(3) -- n, C, 1
  local loss = M.positive(1 - own + x:view(n, 1, count))
  local counts = torch.bitand(valid:view(n, count, 1),
                              torch.bitnot(is_label))
  return finish(self, torch.where(counts, loss, 0):sum({2, 3}):view(n, 1),
                count)
end)
