-- nn.CTCCriterion([{blank = 1, sizeAverage = true, zeroInfinity = false}]):
-- connectionist temporal classification (Graves et al., 2006): - ln of the
-- probability of the labels, over all their alignments, for scores (logits)
-- x [time x batch x classes].  The target is {labels, times, counts}: labels
-- [batch x most] in 1..classes, padded with 0; how many steps of each sample
-- count; how many labels each has.  The latter two, or the table, may be left
-- out.  sizeAverage: each loss over its number of labels, then the mean.

local torch = require 'torch'
local errors = require 'nn.errors'
local F = require 'nn.functional'
require 'nn.Criterion'

local CTC, parent = torch.class('nn.CTCCriterion', 'nn.Criterion',
                                require 'nn')

local NEVER = -1e30 -- the logarithm of no probability, without infinities

function CTC:__init (options)
  parent.__init(self)
  local o = options or {}
  if type(o) ~= 'table' then
    errors.raise('nn.CTCCriterion: a table of options expected, got %s',
                 errors.shape(o))
  end
  self.blank = errors.integer('nn.CTCCriterion', 'blank', o.blank or 1)
  self.sizeAverage = o.sizeAverage ~= false
  self.zeroInfinity = o.zeroInfinity or false
end

local function parse (self, x, target)
  errors.check(self, x, 3, 3, '[time, batch, classes]')
  local labels, times, counts = target, nil, nil
  if not torch.isTensor(target) then
    if type(target) ~= 'table' then
      errors.fail(self, 'expected labels as target, got %s',
                  errors.shape(target))
    end
    labels, times, counts = table.unpack(target)
  end
  if not torch.isTensor(labels) or labels:dim() ~= 2
     or labels:size(1) ~= x:size(2) then
    errors.fail(self, 'expected labels [%d, most], got %s', x:size(2),
                errors.shape(labels))
  end
  labels = labels:long()
  counts = counts and counts:long()
           or torch.gt(labels, 0):long():sum(2):view(-1)
  return labels, times and times:long(), counts
end

-- Labels with blanks around them [batch x 2 most + 1], and where a path may
-- skip the blank before a label: it differs from the label before.
local function extended (self, labels)
  local n, most = labels:size(1), labels:size(2)
  local blanks = torch.full({n, most, 1}, self.blank, {dtype = 'int64'})
  local safe = torch.where(torch.gt(labels, 0), labels, self.blank)
  local pairs_of = torch.cat({blanks, safe:unsqueeze(3)}, 3)
                   :reshape(n, 2 * most)
  local ext = torch.cat({pairs_of, blanks:narrow(2, 1, 1):view(n, 1)}, 2)
  local before = F.pad(ext, 2, 2, -2, self.blank)
  return ext, torch.bitand(torch.ne(ext, self.blank),
                           torch.ne(ext, before))
end

local function shifted (alpha, by)
  return F.pad(alpha, 2, by, -by, NEVER)
end

function CTC:compute (x, target)
  local labels, times, counts = parse(self, x, target)
  local ext, skip = extended(self, labels)
  local n, width = ext:size(1), ext:size(2)
  local logp = F.log_softmax(x, 3)
  local place = torch.arange(1, width + 1):view(1, width)
  local function emitted (t) return logp:select(1, t):gather(2, ext) end
  local alpha = torch.where(torch.le(place, 2), emitted(1), NEVER)
  for t = 2, x:size(1) do
    local new = torch.logaddexp(alpha, shifted(alpha, 1))
    new = torch.logaddexp(new, torch.where(skip, shifted(alpha, 2), NEVER))
    new = new + emitted(t)
    if times then
      new = torch.where(torch.ge(times, t):view(n, 1), new, alpha)
    end
    alpha = new
  end
  local last = counts:view(n, 1) * 2
  local final = torch.logaddexp(
    alpha:gather(2, last + 1),
    torch.where(torch.gt(last, 0),
                alpha:gather(2, torch.cmax(last, 1)), NEVER))
  local loss = -final:view(n)
  local impossible = torch.gt(loss, -NEVER / 2)
  loss = torch.where(impossible, self.zeroInfinity and 0 or math.huge, loss)
  if not self.sizeAverage then return loss:sum() end
  return torch.cdiv(loss, torch.cmax(counts, 1):type(loss:type())):mean()
end

return CTC
