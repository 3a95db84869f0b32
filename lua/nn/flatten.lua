-- Module:getParameters(): the parameters and their gradients move into two
-- flat tensors, each tensor becoming a view at its place.  Parameters that
-- share memory share it still.  When all of them stand without gaps in one
-- storage already, nothing moves: so a second call gives the same pair, and
-- a part of a network views its part of the network's.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'

-- First and last position (1-based) that a tensor uses in its storage.
local function extent (t)
  local first = t:storageOffset()
  local last = first
  for d = 1, t:dim() do last = last + (t:size(d) - 1) * t:stride(d) end
  return first, last
end

-- The parts of storages that the tensors use, in the order of the tensors;
-- overlapping ones (with `join`, adjacent ones too) made one.  Also in which of
-- them each tensor is.
local function intervals (tensors, join)
  local by_storage, order = {}, {}
  for i, t in ipairs(tensors) do
    local id = core.storage_id(t)
    if not by_storage[id] then
      by_storage[id] = {}
      order[#order + 1] = id
    end
    local first, last = extent(t)
    table.insert(by_storage[id], {first = first, last = last, tensor = t,
                                  i = i})
  end
  local list, home = {}, {}
  for _, id in ipairs(order) do
    local parts = by_storage[id]
    table.sort(parts, function (a, b)
      if a.first ~= b.first then return a.first < b.first end
      return a.last < b.last
    end)
    local current
    for _, part in ipairs(parts) do
      if current and part.first <= current.last + (join and 1 or 0) then
        current.last = math.max(current.last, part.last)
      else
        current = {first = part.first, last = part.last,
                   tensor = part.tensor}
        list[#list + 1] = current
      end
      home[part.i] = current
    end
  end
  return list, home
end

-- All of an interval as a 1-D tensor.
local function line (interval)
  return core.from_storage(interval.tensor:storage(), interval.first,
                           {interval.last - interval.first + 1})
end

-- Moves the tensors into one; their places are those of `places`, intervals
-- of tensors laid out alike (or their own).
local function move (tensors)
  local list, home = intervals(tensors)
  local total = 0
  for _, part in ipairs(list) do
    part.at = total + 1
    total = total + part.last - part.first + 1
  end
  local flat = torch.zeros(total, {dtype = tensors[1]:dtype()})
  for _, part in ipairs(list) do
    flat:narrow(1, part.at, part.last - part.first + 1):copy(line(part))
  end
  local storage = flat:storage()
  for i, t in ipairs(tensors) do
    local part = home[i]
    t:set(storage, part.at + t:storageOffset() - part.first, t:size(),
          t:stride())
  end
  return flat
end

-- Do w[i] and g[i] stand at the same places of one gapless part each?
local function flat_already (w, g)
  local iw, ig = intervals(w, true), intervals(g, true)
  if #iw ~= 1 or #ig ~= 1 then return nil end
  local distance = iw[1].first - ig[1].first
  for i, p in ipairs(w) do
    if p:storageOffset() - g[i]:storageOffset() ~= distance then return nil end
  end
  if iw[1].last - iw[1].first ~= ig[1].last - ig[1].first then return nil end
  return line(iw[1]), line(ig[1])
end

local function same (a, b)
  return a and core.storage_id(a) == core.storage_id(b)
         and a:storageOffset() == b:storageOffset()
         and a:nElement() == b:nElement()
end

local function check (self, w)
  local dtype = w[1]:dtype()
  for _, p in ipairs(w) do
    if p:dtype() ~= dtype then
      errors.fail(self, 'getParameters: parameters of %s and %s can not be '
                  .. 'one tensor; convert the module: net:float()', dtype,
                  p:dtype())
    end
  end
end

return function (self)
  local w, g = self:parameters()
  if not w or #w == 0 then return torch.Tensor(), torch.Tensor() end
  check(self, w)
  local flat_w, flat_g = flat_already(w, g)
  if not flat_w then
    -- views of one parameter may be laid out in another way than their
    -- gradients; then both get places of their own
    for i, p in ipairs(w) do
      if not g[i]:isSameSizeAs(p) then
        errors.fail(self, 'getParameters: a parameter of %s has a gradient '
                    .. 'of %s', errors.shape(p), errors.shape(g[i]))
      end
    end
    flat_w, flat_g = move(w), move(g)
    require 'nn.layout'.all_changed(self)
    if flat_w:nElement() ~= flat_g:nElement() then
      errors.fail(self, 'getParameters: the parameters share memory in '
                  .. 'another way than their gradients')
    end
  end
  local cached = self._flat
  if cached and same(cached[1], flat_w) and same(cached[2], flat_g) then
    return cached[1], cached[2]
  end
  self._flat = {flat_w, flat_g}
  return flat_w, flat_g
end
