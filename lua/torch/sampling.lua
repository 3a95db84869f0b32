-- torch.multinomial: indices drawn by their probabilities.

return function (torch, core)

-- Draws with replacement: the first place where the running sum is above u.
local function repeated (p, n)
  local total = torch.cumsum(p, 2)
  local rows, classes = p:size(1), p:size(2)
  local u = torch.rand(rows, n, 'float64')
  u = torch.cmul(u, total:narrow(2, classes, 1))
  local below = torch.le(total:view(rows, 1, classes), u:view(rows, n, 1))
  return torch.clamp(below:sum(3):view(rows, n) + 1, 1, classes):long()
end

-- Draws without replacement: the n largest of log p plus Gumbel noise.
local function distinct (p, n)
  local noise = torch.log(torch.neg(torch.log1p(
                  torch.neg(torch.rand(p:size(), 'float64')))))
  local _, index = torch.topk(torch.log(p) - noise, n, 2, true)
  return index
end

-- What is wrong with the weights, or nil.
local function check (rows, n, replacement)
  local least = rows:sum(2):min()
  if rows:min() < 0 or least ~= least or least <= 0 then
    return 'weights of at least 0 with a sum above 0 expected'
  end
  local most = not replacement and torch.gt(rows, 0):sum(2):min()
  if most and n > most then
    return ('%d different indices of %d with a weight above 0')
           :format(n, most)
  end
end

-- multinomial(p, n[, replacement]): n indices for a vector p of weights, or
-- for each row of a matrix; int64 (n) or (rows, n).  Inside jit and vmap the
-- weights are not looked at.
function torch.multinomial (p, n, replacement, ...)
  local result
  if torch.isTensor(n) then
    result, p, n, replacement = p, n, replacement, (...)
  end
  if not torch.isTensor(p) or p:dim() < 1 or p:dim() > 2 then
    error('multinomial: a vector or a matrix of weights expected, got '
          .. torch.type(p), 2)
  end
  if math.type(n) ~= 'integer' or n < 1 then
    error(('multinomial: at least one draw expected, got %s')
          :format(tostring(n)), 2)
  end
  local rows = p:dim() == 2 and p or p:view(1, -1)
  local wrong = not core.abstract() and check(rows, n, replacement)
  if wrong then error('multinomial: ' .. wrong, 2) end
  rows = rows:double()
  local index = (replacement and repeated or distinct)(rows, n)
  if p:dim() == 1 then index = index:select(1, 1) end
  if result then return result:resizeAs(index):copy(index) end
  return index
end

core.methods.multinomial = torch.multinomial

end
