-- What the specs with reference values share: tests/golden/NAME.lua as
-- tensors, and how near a result must come.

local torch = require 'torch'

local M = {}

local loaded = {}

-- {shape =, dtype =, data =} to a tensor (a number where the shape is empty);
-- tables of them likewise; anything else as it is.
function M.tensor (v)
  if type(v) ~= 'table' then return v end
  if not v.data then
    local out = {}
    for key, value in pairs(v) do out[key] = M.tensor(value) end
    return out
  end
  if #v.shape == 0 then return v.data[1] end
  local n = 1
  for _, size in ipairs(v.shape) do n = n * size end
  if n == 0 then return torch.zeros(v.shape, {dtype = v.dtype}) end
  return torch.tensor(v.data, v.dtype):view(table.unpack(v.shape))
end

-- The cases of a file as a list, or with `field` those whose field matches the
-- pattern.
function M.cases (file, field, pattern)
  loaded[file] = loaded[file] or dofile('tests/golden/' .. file .. '.lua')
  if not field then return loaded[file].cases end
  local list = {}
  for _, case in ipairs(loaded[file].cases) do
    if case[field]:find(pattern) then list[#list + 1] = case end
  end
  return list
end

-- The case of that name.
function M.case (file, name)
  local case = M.cases(file, 'name', '^' .. name:gsub('%p', '%%%0') .. '$')[1]
  return case or error('no case ' .. name, 2)
end

local function largest (x)
  return x:nElement() > 0 and torch.abs(x:double()):max() or 0
end

-- Raises unless got is near want: |got - want| <= rtol |want| + atol, where
-- atol is at least 1e-14 times the largest |want|.
function M.near (want, got, what, rtol, atol)
  rtol = rtol or 1e-10
  if type(want) == 'number' then
    got = torch.item(got)
    local allowed = rtol * math.abs(want) + (atol or 1e-14)
    if not (math.abs(got - want) <= allowed
            or got == want or got ~= got and want ~= want) then
      error(('%s: got %.17g, expected %.17g'):format(what, got, want), 2)
    end
    return
  end
  local compare = require 'nnlua.compare'
  local same, text = compare.tensors(got:double(), want:double(),
    {rtol = rtol, atol = math.max(atol or 0, 1e-14 * largest(want))})
  if not same then error(what .. ': ' .. text, 2) end
end

-- The same for every array of a tree of parameters, name -> field -> array.
function M.near_all (want, got, what)
  for name, fields in pairs(want) do
    for field, value in pairs(fields) do
      M.near(value, got[name][field],
             ('%s of %s.%s'):format(what, name, field))
    end
  end
end

return M
