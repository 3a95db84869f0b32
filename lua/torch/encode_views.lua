-- The tensors that encode.lua meets, gathered into arrays: tensors whose
-- ranges of one storage touch share an array, so views stay views of one
-- another, and what nobody looks at is not kept.  A lone view that is not
-- dense is made so.  An array's name is the path of its largest view.

local M = {}

local function extent (offset, size, stride) -- of a view, 0-based, inclusive
  local last = offset
  for d = 1, #size do
    if size[d] == 0 then return offset, offset - 1 end
    last = last + (size[d] - 1) * stride[d]
  end
  return offset, last
end

-- A sizes object as a plain list.
function M.list (x)
  local out = {}
  for i = 1, #x do out[i] = x[i] end
  return out
end

-- Notes a view (a tensor, or a whole storage) that stands at a path; its
-- record is written when all are known.
function M.add (self, x, is_storage, path)
  local core = require 'nnlua.core'
  local view = {x = x, id = core.storage_id(x), at = #self.out + 1,
                is_storage = is_storage, path = path}
  if is_storage then
    view.offset, view.size, view.stride = 0, {x:size()}, {1}
  else
    view.offset = x:storageOffset() - 1
    view.size, view.stride = M.list(x:size()), M.list(x:stride())
  end
  view.first, view.last = extent(view.offset, view.size, view.stride)
  self.out[view.at] = ''
  self.views[#self.views + 1] = view
end

-- Groups views of one storage whose ranges touch.
local function groups_of (views)
  local order = table.move(views, 1, #views, 1, {})
  local first_seen = {}
  for i, view in ipairs(views) do
    first_seen[view.id] = first_seen[view.id] or i
  end
  table.sort(order, function (a, b)
    if a.id ~= b.id then return first_seen[a.id] < first_seen[b.id] end
    if a.first ~= b.first then return a.first < b.first end
    return a.at < b.at
  end)
  local groups, current = {}, nil
  for _, view in ipairs(order) do
    if not current or current.id ~= view.id or view.first > current.last + 1
    then
      current = {id = view.id, first = view.first, last = view.first - 1}
      groups[#groups + 1] = current
    end
    current.last = math.max(current.last, view.last)
    current[#current + 1] = view
  end
  return groups
end

local function dense_strides (size)
  local stride, step = {}, 1
  for d = #size, 1, -1 do
    stride[d] = step
    step = step * size[d]
  end
  return stride, step
end

-- Integers as 8 bytes each.
function M.integers (list)
  local out = {}
  for i, v in ipairs(list) do out[i] = ('<i8'):pack(v) end
  return table.concat(out)
end

local function write_view (self, view, index, offset, stride)
  if view.is_storage then
    self.out[view.at] = 'g' .. ('<I4'):pack(index)
  else
    self.out[view.at] = 'x' .. ('<I4i8B'):pack(index, offset, #view.size)
                        .. M.integers(view.size) .. M.integers(stride)
  end
end

-- A name for the array of a group: the path of its largest view.
local function name_of (group, taken)
  local best = group[1]
  for _, view in ipairs(group) do
    if view.last - view.first > best.last - best.first then best = view end
  end
  local name, n = best.path, 1
  while taken[name] do
    n = n + 1
    name = best.path .. '#' .. n
  end
  taken[name] = true
  return name
end

-- The arrays of all views, whose records are written now, and their names.
function M.finish (self)
  local core = require 'nnlua.core'
  local arrays, names, taken = {}, {}, {}
  for index, group in ipairs(groups_of(self.views)) do
    names[index] = name_of(group, taken)
    local view = group[1]
    local stride, count = dense_strides(view.size)
    local length = group.last - group.first + 1
    if #group == 1 and not view.is_storage and count ~= length then
      arrays[index] = view.x:contiguous():view(-1)
      write_view(self, view, index, 0, stride)
    else
      local storage = view.is_storage and view.x or view.x:storage()
      arrays[index] = core.from_storage(storage, group.first + 1, {length},
                                        {1})
      for _, v in ipairs(group) do
        write_view(self, v, index, v.offset - group.first, v.stride)
      end
    end
  end
  return arrays, names
end

return M
