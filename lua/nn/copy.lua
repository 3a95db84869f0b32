-- clone, share, type: copies and conversions of whole modules.  Tensors that
-- share a storage before share one after.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local layout = require 'nn.layout'
local emptied = require 'torch.emptied'

local M = {}

-- The tensor like t on the storage that make(all of t's storage) gives; memo
-- has one for each storage.
local function on_new_storage (t, memo, make)
  local id = core.storage_id(t)
  if id == 0 or t:nElement() == 0 then return make(t) end
  local whole = memo[id]
  if not whole then
    local storage = t:storage()
    whole = make(core.from_storage(storage, 1, {#storage}))
    memo[id], memo[whole] = whole, storage -- the old one must stay alive
  end
  return core.from_storage(whole:storage(), t:storageOffset(), t:size(),
                           t:stride())
end

local function copy (x, memo)
  if torch.isTensor(x) then
    memo[x] = memo[x] or on_new_storage(x, memo, function (t)
      return t:clone()
    end)
    return memo[x]
  elseif type(x) ~= 'table' or rawget(x, '__typename') then
    return x
  elseif memo[x] then
    return memo[x]
  end
  local mt = debug.getmetatable(x)
  local skip = {}
  for _, key in ipairs(type(mt) == 'table' and mt.__transient or {}) do
    skip[key] = true
  end
  local out = {}
  memo[x] = out
  for key, value in next, x do
    if not skip[key] then out[copy(key, memo)] = copy(value, memo) end
  end
  for _, key in ipairs(type(mt) == 'table' and mt.__emptied or {}) do
    local value = rawget(x, key)
    if type(value) == 'table' then out[key] = emptied(value) end
  end
  return setmetatable(out, mt)
end

-- A copy of a tensor or of a table of them.
function M.values (x) return copy(x, {}) end

-- A copy of the module; the fields that are named are shared with it.
--   local tied = encoder:clone('weight', 'bias')
function M.clone (self, ...)
  local other = copy(self, {})
  if other.clearState then other:clearState() end
  if select('#', ...) == 0 then return other end
  if not other.share then
    errors.fail(self, 'clone: it has no fields to share; without arguments it '
                .. 'copies all')
  end
  other:share(self, ...)
  return other
end

-- The named fields (weight, bias, gradWeight, ...) of self, and of the
-- modules in it, become views of other's.  Returns self.
function M.share (self, other, ...)
  if type(other) ~= 'table' or torch.type(other) ~= torch.type(self) then
    errors.raise('%s: share: argument #1: a module of the same class '
                 .. 'expected, got %s', torch.type(self), torch.type(other))
  end
  for _, name in ipairs {...} do
    local mine, theirs = self[name], other[name]
    if torch.isTensor(mine) and torch.isTensor(theirs) then
      if not mine:isSameSizeAs(theirs) or mine:dtype() ~= theirs:dtype() then
        errors.raise('%s: share: %s is %s of %s, that of the other module %s '
                     .. 'of %s', torch.type(self), name, errors.shape(mine),
                     mine:dtype(), errors.shape(theirs), theirs:dtype())
      end
      mine:set(theirs)
      layout.changed(self)
    end
  end
  local mine, theirs = self:children(), other:children()
  for i, child in ipairs(mine) do
    if not theirs[i] then
      errors.raise('%s: share: it holds %d modules, the other %d',
                   torch.type(self), #mine, #theirs)
    end
    child:share(theirs[i], ...)
  end
  return self
end

local function is_float (t) return t:dtype():find '^float' ~= nil end

-- Converts every floating point tensor of x in place.
local function convert (x, dtype, memo)
  if memo[x] then return end
  memo[x] = true
  for key, value in next, x do
    if torch.isTensor(value) then
      if is_float(value) and value:dtype() ~= dtype then
        memo[value] = memo[value]
                      or on_new_storage(value, memo, function (t)
                        return t:type(dtype)
                      end)
        x[key] = memo[value]
      end
    elseif type(value) == 'table' and not rawget(value, '__typename') then
      convert(value, dtype, memo)
    end
  end
  if x._type then x._type = torch.zeros(0, {dtype = dtype}):type() end
end

-- The type of the module's tensors; with a name ('torch.DoubleTensor',
-- 'float64'), converts all of them.  Returns self.
function M.type (self, name)
  if name == nil then return self._type end
  local ok, t = pcall(function () return torch.zeros(1):type(name) end)
  if not ok or not is_float(t) then
    errors.raise('%s: type: argument #1: torch.FloatTensor or '
                 .. 'torch.DoubleTensor expected, got %s', torch.type(self),
                 errors.shape(name))
  end
  local function forget (m)
    m._record, m._flat = nil, nil
  end
  if self.apply then
    self:apply(forget)
    layout.all_changed(self)
  end
  convert(self, t:dtype(), {})
  return self
end

function M.float (self) return M.type(self, 'torch.FloatTensor') end
function M.double (self) return M.type(self, 'torch.DoubleTensor') end

-- Torch7's name for the update of parameters that share memory.
function M.sharedAccUpdateGradParameters (self, input, gradOutput, lr)
  return self:accUpdateGradParameters(input, gradOutput, lr)
end

return M
