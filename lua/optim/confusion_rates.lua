-- Rates of single classes from a confusion matrix: sensitivity, specificity,
-- Matthews' correlation, false rejections and acceptances.  Returns a function
-- that adds the methods.

local torch = require 'torch'

return function (Matrix)

-- Right ones, false ones and the rest of each class, by itself against all
-- others: tp, tn, fp, fn.
local function counts (self)
  local mat = self.mat:double()
  local tp = mat:diag()
  local fn, fp = mat:sum(2):view(-1) - tp, mat:sum(1):view(-1) - tp
  return tp, mat:sum() - tp - fn - fp, fp, fn
end

-- a / b by elements, 0 where b is 0
local function ratio (a, b)
  return torch.where(torch.ne(b, 0), torch.cdiv(a, b), 0)
end

-- For each class: the share of its examples that were found.
function Matrix:sensitivity ()
  local tp, _, _, fn = counts(self)
  return ratio(tp, tp + fn)
end

-- For each class: the share of the others' examples that were not taken for it.
function Matrix:specificity ()
  local _, tn, fp = counts(self)
  return ratio(tn, tn + fp)
end

-- Matthews' correlation of each class.
function Matrix:matthewsCorrelation ()
  local tp, tn, fp, fn = counts(self)
  local product = torch.cmul(torch.cmul(tp + fp, tp + fn),
                             torch.cmul(tn + fp, tn + fn))
  return ratio(torch.cmul(tp, tn) - torch.cmul(fp, fn), torch.sqrt(product))
end

-- False rejection and false acceptance rates: by class (-1 for a class
-- without examples), then of the classes that have some.
function Matrix:farFrr ()
  local mat, n = self.mat:double(), self.nclasses
  local rows = mat:sum(2):view(-1)
  local frr, far = torch.zeros(n) - 1, torch.zeros(n) - 1
  local some = {{}, {}}
  for i = 1, n do
    if rows[i] > 0 then
      local sum, others = 0, 0
      for j = 1, n do
        if j ~= i and rows[j] > 0 then
          sum, others = sum + mat[j][i] / rows[j], others + 1
        end
      end
      frr[i] = 1 - mat[i][i] / rows[i]
      far[i] = others > 0 and sum / others or 0
      table.insert(some[1], frr[i])
      table.insert(some[2], far[i])
    end
  end
  return frr, far, torch.Tensor(some[1]), torch.Tensor(some[2])
end

end
