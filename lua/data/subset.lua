-- data.subset and data.split: parts of a dataset that share its memory.

local Dataset = require 'data.Dataset'
local options = require 'data.options'
local torch = require 'torch'

local M = {}

local function check_dataset (name, ds)
  if not Dataset.is(ds) then
    options.fail('%s: argument #1: dataset expected, got %s', name,
                 options.describe(ds))
  end
end

local function row_list (ds, rows)
  if type(rows) == 'table' then
    for i, row in ipairs(rows) do
      if not math.tointeger(row) then
        options.fail('data.subset: row #%d: integer expected, got %s', i,
                     options.describe(row))
      end
    end
    rows = #rows > 0 and torch.LongTensor(rows) or torch.LongTensor()
  elseif options.is_tensor(rows) then
    rows = rows:long()
  else
    options.fail('data.subset: argument #2: first and last item, a table or '
                 .. 'a tensor of rows expected, got %s', options.describe(rows))
  end
  if rows:nElement() == 0 then return nil end
  if rows:dim() ~= 1 then
    options.fail('data.subset: rows: one dim expected, got %d', rows:dim())
  elseif rows:min() < 1 or rows:max() > #ds then
    options.fail('data.subset: rows from 1 to %d expected, got %d to %d', #ds,
                 rows:min(), rows:max())
  end
  return rows
end

local function range (ds, first, count)
  return Dataset.part_of(ds, {first = first, count = count})
end

-- Some items of a dataset: first to last, or a table or tensor of rows.
--   local ds = data.TensorDataset(torch.range(1, 9))
--   print(#data.subset(ds, 1, 5), #data.subset(ds, {3, 1, 4}))     --> 5 3
function M.subset (ds, first, last)
  check_dataset('data.subset', ds)
  if type(first) == 'number' then
    local a, b = math.tointeger(first), math.tointeger(last)
    if not a or not b or a < 1 or b > #ds or b < a - 1 then
      options.fail('data.subset: first and last from 1 to %d expected, got '
                   .. '%s and %s', #ds, tostring(first), tostring(last))
    end
    return range(ds, a, b - a + 1)
  end
  local rows = row_list(ds, first)
  if not rows then return range(ds, 1, 0) end
  return Dataset.part_of(ds, {rows = rows})
end

local known = {shuffle = 'boolean', seed = options.integer(math.mininteger, math.maxinteger)}

-- Two parts: the first n items (or that fraction of them, for 0 < n < 1) and
-- the rest.  {shuffle = true, seed = 1} draws them at random.
--   local ds = data.TensorDataset(torch.range(1, 9))
--   local train, validation = data.split(ds, 6)
--   print(#train, #validation)                                     --> 6 3
function M.split (ds, n, opts)
  check_dataset('data.split', ds)
  local o = options.options('data.split', opts, known)
  local count = type(n) == 'number'
    and (n > 0 and n < 1 and math.floor(n * #ds) or math.tointeger(n))
  if not count or count < 0 or count > #ds then
    options.fail('data.split: a number of items up to %d or a fraction '
                 .. 'expected, got %s', #ds, options.describe(n))
  end
  if not o.shuffle or #ds == 0 then
    return range(ds, 1, count), range(ds, count + 1, #ds - count)
  end
  local rows = require 'nnlua.core'.permutation(#ds, o.seed or 1)
  local function part (first, size)
    if size == 0 then return range(ds, 1, 0) end
    return Dataset.part_of(ds, {rows = rows:narrow(1, first, size)})
  end
  return part(1, count), part(count + 1, #ds - count)
end

return M
