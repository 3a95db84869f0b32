-- A module and the modules in it: children, walks, search.  A child is an
-- entry of `modules` or any other field that holds a module; the fields come
-- after `modules`, sorted by name.

local class = require 'torch.class'

local M = {}

local function check_function (name, f)
  local meta = type(f) == 'table' and getmetatable(f)
  if type(f) ~= 'function' and not (meta and meta.__call) then
    error(('%s: argument #1: a function of a module expected, got %s'):format(
          name, class.type(f)), 3)
  end
end

local function is_module (x)
  return type(x) == 'table' and class.isTypeOf(x, 'nn.Module')
end

-- The names of the fields that hold modules, sorted.
function M.fields (self)
  local names = {}
  for key, value in next, self do
    if type(key) == 'string' and key ~= 'modules' and is_module(value) then
      names[#names + 1] = key
    end
  end
  table.sort(names)
  return names
end

-- The children as a list, each once.
function M.children (self)
  local list, seen = {}, {}
  local function add (x)
    if not seen[x] then
      seen[x] = true
      list[#list + 1] = x
    end
  end
  for _, child in ipairs(rawget(self, 'modules') or {}) do add(child) end
  for _, name in ipairs(M.fields(self)) do add(self[name]) end
  return list
end

-- Calls f(module) for the module and all in it, outer ones first.
function M.apply (self, f)
  check_function('apply', f)
  f(self)
  for _, child in ipairs(self:children()) do child:apply(f) end
end

-- The module and all in it, in the order of apply.
function M.listModules (self)
  local list = {}
  self:apply(function (m) list[#list + 1] = m end)
  return list
end

-- All modules of exactly that type name, and their containers:
--   local net = nn.Sequential(nn.Dropout())
--   local nodes, containers = net:findModules('nn.Dropout')
function M.findModules (self, typename, container)
  if type(typename) ~= 'string' then
    error('findModules: argument #1: a type name such as nn.Dense in a '
          .. 'string expected, got ' .. class.type(typename), 2)
  end
  local nodes, containers = {}, {}
  if class.typename(self) == typename then
    nodes[1], containers[1] = self, container or self
  end
  for _, child in ipairs(self:children()) do
    local n, c = child:findModules(typename, self)
    table.move(n, 1, #n, #nodes + 1, nodes)
    table.move(c, 1, #c, #containers + 1, containers)
  end
  return nodes, containers
end

-- Puts f(child) in the place of every module, inner ones after outer ones;
-- returns f(self).
--   nn.Sequential(nn.Dropout()):replace(function (m)
--     return torch.type(m) == 'nn.Dropout' and nn.Identity() or m
--   end)
function M.replace (self, f)
  check_function('replace', f)
  local out = f(self)
  if not is_module(out) then
    error(('replace: argument #1: a function that returns a module expected, '
           .. 'it returned %s for %s; return the module itself to keep it')
          :format(class.type(out), class.typename(self)), 0)
  end
  if out ~= self then return out end
  for i, child in ipairs(rawget(self, 'modules') or {}) do
    self.modules[i] = child:replace(f)
  end
  for _, key in ipairs(M.fields(self)) do self[key] = self[key]:replace(f) end
  require 'nn.layout'.changed(self)
  return out
end

M.is_module = is_module

return M
