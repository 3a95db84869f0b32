-- The known name nearest to a mistyped one, for "did you mean".

-- Edits (insert, delete, replace, swap neighbours) from a to b.
local function distance (a, b)
  local before, last, row = {}, {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    row[0] = i
    local ca = a:byte(i)
    for j = 1, #b do
      local cb = b:byte(j)
      local best = math.min(last[j] + 1, row[j - 1] + 1,
                            last[j - 1] + (ca == cb and 0 or 1))
      if i > 1 and j > 1 and ca == b:byte(j - 1) and a:byte(i - 1) == cb then
        best = math.min(best, before[j - 2] + 1)
      end
      row[j] = best
    end
    before, last, row = last, row, before
  end
  return last[#b]
end

-- nearest(name, list) -> the name in list (or key of it, where it has no
-- array part) that is nearest to `name`, or nil when none is near: at most a
-- third of the letters wrong, case aside; or `name` begins exactly one.
--   nearest('--thread', {'--threads', '--seed'}) == '--threads'
local function nearest (name, list)
  local names = {}
  if #list > 0 then
    names = list
  else
    for key in pairs(list) do
      if type(key) == 'string' then names[#names + 1] = key end
    end
    table.sort(names)
  end
  local lower = name:lower()
  local best, best_distance = nil, math.max(1, #name // 3) + 1
  local begun, count = nil, 0
  for _, candidate in ipairs(names) do
    local other = candidate:lower()
    if math.abs(#other - #lower) < best_distance then
      local d = distance(lower, other)
      if d < best_distance then best, best_distance = candidate, d end
    end
    if #lower >= 2 and other:sub(1, #lower) == lower then
      begun, count = candidate, count + 1
    end
  end
  return best or (count == 1 and begun or nil)
end

return nearest
