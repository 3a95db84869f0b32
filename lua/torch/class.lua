-- Torch7's classes: torch.class, factory, newmetatable, setmetatable,
-- getmetatable, type, typename, isTypeOf.  Returns a table of those functions,
-- which torch/init.lua copies.
--
-- A class is two tables.  The metatable `C` holds the methods and is what
-- torch.class returns; the constructor `pkg.C` is what users call, and reads
-- and writes through to C.  C reads through to its parent, so a method that
-- is added to a parent later is seen by every child.
--
-- Lua looks metamethods up raw, so every class gets trampolines that call the
-- inherited `__tostring__`, `__call__`, `__add__` and so on.  Only `__index__`
-- and `__newindex__` are set when they are defined: they would slow down every
-- field access of every object.

local M = {}

-- the true metatable: a constructor and a class show another one
local rawmeta = debug.getmetatable

local classes = {}                          -- type name -> metatable
local parents = setmetatable({}, {__mode = 'k'}) -- metatable -> parent's
local children = setmetatable({}, {__mode = 'k'})

local trampolines = require 'torch.class_operators' (M)

-- Sets the access hooks of C, and of the classes that inherit them.
local function set_hooks (C)
  local index, newindex = C.__index__, C.__newindex__
  rawset(C, '__index', not index and C or function (self, key)
    local value, found = C.__index__(self, key)
    if found then return value end
    return C[key]
  end)
  rawset(C, '__newindex', newindex and function (self, key, value)
    if not C.__newindex__(self, key, value) then rawset(self, key, value) end
  end or nil)
  for child in pairs(children[C] or {}) do set_hooks(child) end
end

-- The table that a class of that name is put into, and its key there.
local function place (name, module)
  local package_name, key = name:match('^(.*)%.([^.]+)$')
  if module then return module, key or name end
  if not package_name then return _G, name end
  local where = package.loaded[package_name]
  if type(where) ~= 'table' then
    where = _G
    for part in package_name:gmatch('[^.]+') do
      where = type(where) == 'table' and where[part] or nil
    end
  end
  if type(where) ~= 'table' then
    error(("torch.class: there is no table '%s' to put class '%s' into; "
           .. 'make one, or pass it as the third argument')
          :format(package_name, name), 3)
  end
  return where, key
end

-- The metatable of that class.  Packages such as nn load a class when it is
-- first named, so its name is looked up there as well.
local function known (name)
  if classes[name] or type(name) ~= 'string' then return classes[name] end
  local package_name, key = name:match('^(%w+)%.([%w_]+)$')
  pcall(function () -- a global package too, which nnlua loads when it is named
    local module = package.loaded[package_name] or _G[package_name]
    return module[key]
  end)
  return classes[name]
end

-- Makes and registers the metatable of a class without a constructor.
-- torch.newmetatable(name [, parent]) -> metatable
function M.newmetatable (name, parent_name)
  if type(name) ~= 'string' then
    error('torch.newmetatable: argument #1 (name): string expected, got '
          .. M.type(name), 2)
  end
  local parent
  if parent_name ~= nil then
    parent = known(parent_name)
    if not parent then
      error(("torch.class: '%s' shall inherit from '%s', which is no class")
            :format(name, tostring(parent_name)), 3)
    end
  end
  local C = {__typename = name, __version = 1}
  for key, f in pairs(trampolines) do C[key] = f end
  C.__index = C
  function C.__factory () return setmetatable({}, C) end
  setmetatable(C, {
    __index = parent,
    __metatable = parent, -- getmetatable(C) is the parent, as in Torch7
    __newindex = function (t, key, value)
      rawset(t, key, value)
      if key == '__index__' or key == '__newindex__' then set_hooks(t) end
    end,
  })
  parents[C] = parent
  if parent then
    children[parent] = children[parent] or setmetatable({}, {__mode = 'k'})
    children[parent][C] = true
    if parent.__index__ or parent.__newindex__ then set_hooks(C) end
  end
  classes[name] = C
  return C
end

-- Makes a class.  torch.class(name [, parent name] [, module]) -> metatable,
-- parent's metatable.  The constructor is put into the table that `name`'s
-- package names (a loaded module or a global), or into `module`.
--
--   local my = {}
--   local Net, parent = torch.class('my.Net', 'nn.Module', my)
--   function Net:__init (n) parent.__init(self); self.n = n end
--   local net = my.Net(3)
function M.class (name, parent_name, module)
  if type(name) ~= 'string' or name == '' then
    error('torch.class: argument #1 (name): string expected, got '
          .. M.type(name), 2)
  end
  if type(parent_name) == 'table' and module == nil
     and not rawget(classes, parent_name) then
    local C = getmetatable(parent_name)
    if type(C) == 'table' and C.__typename then -- a constructor as parent
      parent_name = C.__typename
    else
      parent_name, module = nil, parent_name
    end
  end
  local where, key = place(name, module)
  local C = M.newmetatable(name, parent_name)
  local function construct (_, ...)
    local object = setmetatable({}, C)
    local init = C.__init
    if init then
      local result = init(object, ...)
      if result ~= nil then return result end
    end
    return object
  end
  where[key] = setmetatable({}, {
    __index = C, __newindex = C, __metatable = C, __call = construct,
    __tostring = function () return 'class ' .. name end,
  })
  return C, parents[C]
end

-- A function that makes an object of that class without calling __init;
-- nil when there is no such class.
function M.factory (name)
  local C = known(name)
  return C and C.__factory
end

-- The metatable of the class of that name, or nil.
function M.getmetatable (name) return known(name) end

-- Makes a table an object of the class of that name.  Returns it.
function M.setmetatable (object, name)
  if type(object) ~= 'table' then
    error('torch.setmetatable: argument #1 (object): table expected, got '
          .. M.type(object), 2)
  end
  local C = known(name)
  if not C then
    error(("torch.setmetatable: there is no class '%s'")
          :format(tostring(name)), 2)
  end
  return setmetatable(object, C)
end

-- The class name of an object ("nn.Linear"; a tensor's by its dtype:
-- "torch.FloatTensor"), or nil.
function M.typename (object)
  local kind = type(object)
  if kind ~= 'table' and kind ~= 'userdata' then return nil end
  local mt = rawmeta(object)
  if not mt then return nil end
  local core = package.loaded['nnlua.core']
  if core and (kind == 'userdata' or mt == core.sizes_metatable) then
    local name = core.typename(object) -- tensors, storages, sizes
    if name then return name end
  end
  local name = mt.__typename
  if type(name) == 'function' then return name(object) end
  return name or kind == 'userdata' and mt.__name or nil
end

-- The class name of an object, or Lua's type of anything else.
function M.type (object)
  return M.typename(object) or type(object)
end

local function matches (name, spec)
  local match = name:match(spec)
  -- a plain name has to match whole
  return match and (match ~= spec or match == name)
end

-- Is the object of that class, or of one that inherits from it?  spec is a
-- name, a pattern or a constructor.
--   torch.isTypeOf(nn.Tanh(), 'nn.Module')                         --> true
--   torch.isTypeOf(torch.ones(1), 'torch.*Tensor')                 --> true
function M.isTypeOf (object, spec)
  if type(spec) == 'table' then
    local mt = getmetatable(spec)
    spec = rawget(spec, '__typename') or type(mt) == 'table' and mt.__typename
  end
  if type(spec) ~= 'string' then
    error('torch.isTypeOf: argument #2: a class name, a pattern or a '
          .. 'constructor expected', 2)
  end
  if type(object) ~= 'table' then
    local name = M.typename(object)
    return name ~= nil and
           (matches(name, spec) or spec == 'torch.Tensor'
            and name:match('Tensor$') ~= nil) and true or false
  end
  local C = rawmeta(object)
  while C do
    local name = C.__typename
    if type(name) == 'string' and matches(name, spec) then return true end
    C = parents[C]
  end
  return false
end

return M
