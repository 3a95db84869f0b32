-- optim.ConfusionMatrix(n[, names]) or (names): how often each class was taken
-- for which: mat[target][prediction].
--   local confusion = optim.ConfusionMatrix(10)
--   confusion:batchAdd(net:forward(x), y)      -- scores [n x 10], labels [n]
--   print(confusion)
--   confusion.totalValid                       -- the share of right ones

local torch = require 'torch'
local errors = require 'nn.errors'

local Matrix = torch.class('optim.ConfusionMatrix', nil, {})

function Matrix:__init (n, names)
  if type(n) == 'table' then n, names = #n, n end
  self.nclasses = errors.integer('optim.ConfusionMatrix',
                                 'number of classes', n)
  self.classes = names or {}
  self.mat = torch.zeros(n, n, {dtype = 'int64'})
  self.valids, self.unionvalids = torch.zeros(n), torch.zeros(n)
  self.totalValid, self.averageValid, self.averageUnionValid = 0, 0, 0
end

function Matrix:zero ()
  self.mat:zero()
  self.valids:zero()
  self.unionvalids:zero()
  self.totalValid, self.averageValid, self.averageUnionValid = 0, 0, 0
  return self
end

-- A class as a number: itself, or the place of the largest score.  nil for a
-- target of 0 or below: it is missing.
local function class_of (self, what, x)
  if torch.isTensor(x) then
    x = x:nElement() == 1 and torch.item(x) or torch.item(x:argmax())
  end
  local i = math.tointeger(x)
  if i and i < 1 and what == 'target' then return nil end
  if not i or i < 1 or i > self.nclasses then
    errors.raise('optim.ConfusionMatrix: %s: a class 1..%d expected, got %s',
                 what, self.nclasses, errors.shape(x))
  end
  return i
end

-- One prediction (a class or scores) and its target (a class or one-hot).
-- As in Torch7, a target of 0 or below is missing and not counted.
function Matrix:add (prediction, target)
  local p = class_of(self, 'prediction', prediction)
  local t = class_of(self, 'target', target)
  if t then self.mat[t][p] = self.mat[t][p] + 1 end
  return self
end

local function classes_of (self, what, x)
  if not torch.isTensor(x) or x:dim() < 1 or x:dim() > 2
     or x:dim() == 2 and x:size(2) ~= 1 and x:size(2) ~= self.nclasses then
    errors.raise('optim.ConfusionMatrix: %s: [n] or [n x %d] expected, got %s',
                 what, self.nclasses, errors.shape(x))
  end
  if x:dim() == 2 and x:size(2) > 1 then x = x:argmax(2) end
  x = x:reshape(-1):long()
  local least = what == 'targets' and -math.huge or 1 -- missing ones
  if x:nElement() > 0 and (x:min() < least or x:max() > self.nclasses) then
    errors.raise('optim.ConfusionMatrix: %s: classes 1..%d expected, got %d '
                 .. 'to %d', what, self.nclasses, x:min(), x:max())
  end
  return x
end

-- Predictions [n] or scores [n x classes], targets likewise.
function Matrix:batchAdd (predictions, targets)
  local p = classes_of(self, 'predictions', predictions)
  local t = classes_of(self, 'targets', targets)
  if p:nElement() ~= t:nElement() then
    errors.raise('optim.ConfusionMatrix: batchAdd: %d predictions and %d '
                 .. 'targets', p:nElement(), t:nElement())
  end
  local known = torch.gt(t, 0)
  if not torch.all(known) then p, t = p[known], t[known] end
  if t:nElement() == 0 then return self end
  local place = (t - 1) * self.nclasses + p
  local ones = torch.ones(place:size(1), {dtype = 'int64'})
  self.mat:view(-1):indexAdd(1, place, ones)
  return self
end

-- The shares of right ones: of each row (valids), over row and column
-- (unionvalids), their averages, and of all (totalValid).
function Matrix:updateValids ()
  local mat = self.mat:double()
  local right, rows, columns = mat:diag(), mat:sum(2):view(-1),
                               mat:sum(1):view(-1)
  local function share (a, b)
    return torch.where(torch.gt(b, 0), torch.cdiv(a, torch.cmax(b, 1)), 0)
  end
  local union = rows + columns - right
  self.valids, self.unionvalids = share(right, rows), share(right, union)
  local function average (v, over)
    local n = torch.gt(over, 0):sum()
    return n > 0 and v:sum() / n or 0
  end
  self.averageValid = average(self.valids, rows)
  self.averageUnionValid = average(self.unionvalids, union)
  local all = mat:sum()
  self.totalValid = all > 0 and right:sum() / all or 0
  return self
end

require 'optim.confusion_rates' (Matrix)

-- A picture of the matrix, each row by its sum: plot.confusion's figure.
function Matrix:render (options)
  local names = #self.classes > 0 and self.classes or nil
  local o = {labels = names}
  if options ~= nil and type(options) ~= 'table' then
    error("render: a table of options such as {file = 'x.png'} expected, got "
          .. torch.type(options), 2)
  end
  for key, value in next, options or {} do o[key] = value end
  return require 'plot'.confusion(self.mat, o)
end

function Matrix:__tostring__ ()
  self:updateValids()
  local lines, n = {'ConfusionMatrix:'}, self.nclasses
  local width = math.max(8, #tostring(self.mat:max()) + 1)
  for t = 1, n do
    local cells = {}
    for p = 1, n do
      cells[p] = (' '):rep(width - #tostring(self.mat[t][p]))
                 .. self.mat[t][p]
    end
    lines[#lines + 1] = ('%s[%s]%s  %.3f%%%s'):format(
      t == 1 and '[' or ' ', table.concat(cells), t == n and ']' or ' ',
      self.valids[t] * 100, self.classes[t]
      and (' \t[class: %s]'):format(self.classes[t]) or '')
  end
  lines[#lines + 1] = (' + average row correct: %.6g%%')
                      :format(self.averageValid * 100)
  lines[#lines + 1] = (' + average rowUcol correct (VOC measure): %.6g%%')
                      :format(self.averageUnionValid * 100)
  lines[#lines + 1] = (' + global correct: %.6g%%')
                      :format(self.totalValid * 100)
  return table.concat(lines, '\n')
end

return function (...)
  local self = setmetatable({}, Matrix)
  self:__init(...)
  return self
end
