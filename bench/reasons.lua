-- Why a figure may fall short: what profiles showed, by a work's title.

local list = {
}

-- The reason for a row that missed what was wanted.
return function (row)
  for _, entry in ipairs(list) do
    if row.work:find(entry[1], 1, true) then return entry[2] end
  end
  if row.wanted:find "^<" then return "not looked into" end
  return ('%.2f times what was wanted; not looked into'):format(
    row.ratio and tonumber(row.wanted) and row.ratio / row.wanted or 0)
end
