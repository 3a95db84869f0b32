-- What the criterions over classes 1..C share: which dimension holds the
-- classes, checks of labels, and labels as a mask.

local torch = require 'torch'
local errors = require 'nn.errors'

local M = {}

-- The dimension of the classes and how many there are: dimension 1 of one
-- sample, else 2.
function M.classes (self, input)
  local n = errors.check(self, input, 1, 8, '[batch, classes]')
  local dim = n == 1 and 1 or 2
  return dim, input:size(dim)
end

local function readable (f)
  local ok, value = pcall(f)
  if ok then return value end
end

local function out_of_range (self, label, count)
  errors.fail(self, 'labels are 1..%d; got %s%s', count,
              math.tointeger(label) or tostring(label), label == 0
              and ' (did you load 0-based MNIST labels; add 1)' or '')
end

-- Labels of one sample come as a number, of a batch as a tensor like the
-- input without the dimension of the classes.  Returns them as a tensor with
-- size 1 in that dimension, of int64.
function M.labels (self, input, target, dim, count)
  local want = {}
  for d = 1, input:dim() do want[d] = d == dim and 1 or input:size(d) end
  local t = target
  if type(t) == 'number' then t = torch.tensor {t} end
  if not torch.isTensor(t) then
    errors.fail(self, 'labels expected as a tensor, got %s',
                errors.shape(target))
  end
  local n = 1
  for _, size in ipairs(want) do n = n * size end
  if t:nElement() ~= n then
    errors.fail(self, 'input %s needs %d label%s, got %s%s',
                errors.shape(input), n, n == 1 and '' or 's',
                errors.shape(target), t:nElement() == n * count
                and '; labels are numbers 1..' .. count .. ', not one-hot'
                or '')
  end
  return t:reshape(table.unpack(want))
end

-- Where labels are no integers of 1..count, nor `ignore`.
local function wrong_ones (labels, count, ignore)
  local wrong = torch.bitor(torch.lt(labels, 1), torch.gt(labels, count))
  if labels:dtype():find '^float' then
    wrong = torch.bitor(wrong, torch.ne(labels, torch.floor(labels)))
  end
  return torch.bitand(wrong, torch.ne(labels, ignore))
end

-- Raises where labels are wrong.  Labels that can not be read (under vmap and
-- jit) pass: see M.poison.
function M.check (self, labels, count, ignore)
  if labels:nElement() == 0 then return end
  local wrong = wrong_ones(labels, count, ignore)
  local any = readable(function () return torch.item(wrong:any()) end)
  if any ~= true then return end
  local first = torch.item(wrong:reshape(-1):long():argmax())
  out_of_range(self, torch.item(labels:reshape(-1)[first]), count)
end

-- The mask [.. classes ..]: true at each sample's label, nowhere for ignored
-- ones.
function M.mask (labels, dim, count, ignore)
  local sizes = {}
  for d = 1, labels:dim() do sizes[d] = d == dim and count or 1 end
  local classes = torch.arange(1, count + 1, {dtype = 'int64'})
                  :view(table.unpack(sizes))
  local hot = torch.eq(labels, classes)
  if ignore >= 1 and ignore <= count then
    hot = torch.bitand(hot, torch.ne(labels, ignore))
  end
  return hot
end

-- loss, or NaN where a label that could not be checked is wrong.
function M.poison (loss, labels, count, ignore)
  return torch.where(wrong_ones(labels, count, ignore):any(), 0 / 0, loss)
end

-- The weights of the classes in the shape [1 x C x 1 ...].
function M.weights (weights, dim, ndim, count)
  local sizes = {}
  for d = 1, ndim do sizes[d] = d == dim and count or 1 end
  return weights:view(table.unpack(sizes))
end

return M
