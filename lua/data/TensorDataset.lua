-- data.TensorDataset(x, y, ...): items from tensors whose first dims agree.

local Dataset = require 'data.Dataset'
local options = require 'data.options'

-- A dataset of the rows of its tensors: ds.x, ds.y, ds.z3, ..., ds[i] =
-- {x[i], y[i], ...}.  The tensors are shared, not copied; a loader reads what
-- they held when it was made.  At most 8.
--   local ds = data.TensorDataset(torch.randn(100, 3), torch.ones(100))
local function TensorDataset (...)
  local n = select('#', ...)
  if n < 1 or n > 8 then
    options.fail('data.TensorDataset: 1 to 8 tensors expected, got %d', n)
  end
  local self = {names = {}}
  for i = 1, n do
    local tensor = select(i, ...)
    if not options.is_tensor(tensor) then
      options.fail('data.TensorDataset: argument #%d: tensor expected, got %s',
                   i, options.describe(tensor))
    elseif tensor:dim() < 1 then
      options.fail('data.TensorDataset: argument #%d has no items; a tensor '
                   .. 'whose first dim counts them expected', i)
    elseif i > 1 and tensor:size(1) ~= self.n then
      options.fail('data.TensorDataset: argument #1 has %d items, argument '
                   .. '#%d has %d', self.n, i, tensor:size(1))
    end
    local name = ({'x', 'y'})[i] or 'z' .. i
    self.n, self.names[i], self[name] = tensor:size(1), name, tensor
  end
  return Dataset.new(self)
end

return {TensorDataset = TensorDataset}
