-- Turns any tree of tables, numbers, strings, booleans, tensors, storages and
-- objects of torch.class into bytes: encode(object) -> text, arrays, names.
--
-- The text is a sequence of records, each a tag byte and its contents (little
-- endian; decode.lua has the list).  A table, object or tensor met again is a
-- reference to its first record, so shared parts and cycles are kept.
-- Elements stand apart, in arrays (encode_views.lua).
--
-- Never code: a function (or a foreign object) is refused with its path.

local class = require 'torch.class'
local views = require 'torch.encode_views'

local MAX_DEPTH = 20000
local LIST = {} -- stands for a key that is no word, in paths

-- ---- paths, for messages ----

local function path_text (path)
  local out = {}
  for _, key in ipairs(path) do
    if key == LIST then
      out[#out + 1] = '[key]'
    elseif type(key) == 'string' and key:find '^[%a_][%w_]*$' then
      out[#out + 1] = (#out > 0 and '.' or '') .. key
    elseif type(key) == 'string' then
      out[#out + 1] = ('[%q]'):format(key)
    else
      out[#out + 1] = ('[%s]'):format(tostring(key))
    end
  end
  return #out > 0 and table.concat(out) or 'object'
end

local function refuse (self, what, remedy)
  error(('can not save %s: it is %s%s'):format(path_text(self.path), what,
        remedy and '; ' .. remedy or ''), 0)
end

-- ---- what kinds of things there are ----

local function kind_of (v)
  local kind = type(v)
  if kind == 'userdata' or kind == 'table' then
    if kind == 'table' and rawget(v, '__typename') then return 'class' end
    local name = class.typename(v)
    if name == nil then return kind end
    if name == 'torch.LongStorage' and kind == 'table' then return 'sizes' end
    if kind == 'userdata' and name:find '^torch%.%w+Tensor$' then
      return 'tensor', name
    elseif kind == 'userdata' and name:find '^torch%.%w+Storage$' then
      return 'storage'
    end
    return kind == 'table' and 'object' or kind, name
  end
  return kind
end

-- ---- records ----

local write

local function put (self, text) self.out[#self.out + 1] = text end

local function put_string (self, s) put(self, ('<s4'):pack(s)) end

local order = {string = 1, number = 2, boolean = 3}

-- The keys of t in an order that depends on its contents alone (but for keys
-- that are objects); fields that the class calls transient are left out.
local function keys_of (t, skip)
  local keys, n = {}, #t
  for i = 1, n do keys[i] = i end
  local rest = {}
  for key in next, t do
    if not (math.type(key) == 'integer' and key >= 1 and key <= n)
       and not (skip and skip[key] == true) then
      rest[#rest + 1] = key
    end
  end
  table.sort(rest, function (a, b)
    local oa, ob = order[type(a)] or 9, order[type(b)] or 9
    if oa ~= ob then return oa < ob end
    if oa <= 2 then return a < b end
    return tostring(a) < tostring(b)
  end)
  return table.move(rest, 1, #rest, n + 1, keys)
end

local function write_fields (self, t, skip)
  local keys = keys_of(t, skip)
  put(self, ('<I4'):pack(#keys))
  local path = self.path
  local depth = #path + 1
  if depth > MAX_DEPTH then
    error(('can not save: tables are nested more than %d deep')
          :format(MAX_DEPTH), 0)
  end
  for _, key in ipairs(keys) do
    path[depth] = type(key) ~= 'table' and type(key) ~= 'userdata' and key
                  or LIST
    write(self, key)
    path[depth] = key
    local value = rawget(t, key)
    if skip and skip[key] then value = skip[key] end
    write(self, value)
  end
  path[depth] = nil
end

-- The transient fields: true, or what is written instead (for those that the
-- class lists in __emptied, where they are tables of tensors).
local function transient (object)
  local list = object.__transient
  if type(list) ~= 'table' then return nil end
  local set = {}
  for key, value in pairs(list) do
    if math.type(key) == 'integer' then set[value] = true
    elseif value then set[key] = true end
  end
  for _, key in ipairs(object.__emptied or {}) do
    local value = rawget(object, key)
    if type(value) == 'table' then
      set[key] = require 'torch.emptied'(value) or true
    end
  end
  return set
end

local writers = {}

writers['nil'] = function (self) put(self, 'N') end
function writers.boolean (self, v) put(self, v and 'T' or 'F') end
function writers.string (self, v) put(self, 'S') put_string(self, v) end

function writers.number (self, v)
  if math.type(v) == 'integer' then
    put(self, 'I' .. ('<i8'):pack(v))
  else
    put(self, 'D' .. ('<d'):pack(v))
  end
end

function writers.sizes (self, v)
  put(self, 'z' .. ('<I4'):pack(#v) .. views.integers(views.list(v)))
end

function writers.table (self, v)
  if debug.getmetatable(v) then
    refuse(self, 'a table with a metatable of its own',
           'only objects of torch.class keep theirs')
  end
  put(self, 't')
  write_fields(self, v)
end

function writers.object (self, v, name)
  put(self, 'o')
  put_string(self, name)
  write_fields(self, v, transient(v))
end

function writers.tensor (self, v, name)
  if v:dim() == 0 and v:nElement() == 0 then -- without a storage
    put(self, 'e')
    put_string(self, name)
    return
  end
  views.add(self, v, false, path_text(self.path))
end

function writers.storage (self, v)
  views.add(self, v, true, path_text(self.path))
end

local shared = {table = true, object = true, tensor = true, storage = true,
                sizes = true}

function write (self, v)
  local kind, name = kind_of(v)
  local writer = writers[kind]
  if not writer then
    local article = kind == 'userdata' and 'an object that is no data'
                    or 'a ' .. kind
    refuse(self, article, 'files hold data, never code')
  end
  if shared[kind] then
    local index = self.refs[v]
    if index then put(self, 'r' .. ('<I4'):pack(index)) return end
    self.count = self.count + 1
    self.refs[v] = self.count
  end
  writer(self, v, name)
end

return function (object)
  local self = {out = {}, refs = {}, count = 0, views = {}, path = {}}
  write(self, object)
  local arrays, names = views.finish(self)
  return table.concat(self.out), arrays, names
end
