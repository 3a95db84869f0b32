-- What the parts of a tree of parameters have of their own.
--
-- An option that is a number may be a tree of numbers like x, where a number
-- stands for all below it.  config.groups is a list of tables of options for
-- the tensors that `match` names (a Lua pattern of paths or a list of them, or
-- a function of the path and the tensor) or `params` lists; a tensor belongs
-- to the first group that has it.

local torch = require 'torch'
local errors = require 'nn.errors'
local options = require 'optim.options'

local M = {}

-- The leaves of a tree, their paths ("layers.1.bias") and lists of keys, in
-- the order of autograd.tree.leaves.
function M.paths (x)
  local list = {}
  local keys = require 'autograd'.tree.keys
  local function walk (t, trail)
    if type(t) == 'table' and not getmetatable(t) then
      for _, key in ipairs(keys(t)) do
        local longer = table.move(trail, 1, #trail, 1, {})
        longer[#longer + 1] = key
        walk(t[key], longer)
      end
    else
      local words = {}
      for i, key in ipairs(trail) do words[i] = tostring(key) end
      list[#list + 1] = {leaf = t, keys = trail,
                         path = table.concat(words, '.')}
    end
  end
  walk(x, {})
  return list
end

local function matches (match, leaf)
  if type(match) == 'function' then return match(leaf.path, leaf.leaf) end
  if type(match) == 'string' then return leaf.path:find(match) ~= nil end
  for _, pattern in ipairs(match) do
    if leaf.path:find(pattern) then return true end
  end
  return false
end

local function belongs (group, leaf)
  if group.match ~= nil then return matches(group.match, leaf) end
  for _, p in ipairs(require 'autograd'.tree.leaves(group.params)) do
    if rawequal(p, leaf.leaf) or torch.isTensor(p) and torch.isTensor(leaf.leaf)
       and p:isSetTo(leaf.leaf) then
      return true
    end
  end
  return false
end

-- members[i]: the number of the group of leaf i of x, or nil.
function M.members (name, groups, x)
  if type(groups) ~= 'table' then
    errors.raise('optim.%s: groups: a list of tables of options expected, '
                 .. 'got %s', name, errors.shape(groups))
  end
  local members, count = {}, {}
  local leaves = M.paths(x)
  for g, group in ipairs(groups) do
    local match = type(group) == 'table' and group.match
    if type(group) ~= 'table' or group.params == nil and not match
       or match and type(match) ~= 'string' and type(match) ~= 'table'
          and type(match) ~= 'function' then
      errors.raise('optim.%s: groups[%d]: a table of options with `match` (a '
                   .. 'pattern of paths, a list of them, or a function) or '
                   .. '`params` (a list of tensors) expected', name, g)
    end
    count[g] = 0
    for i, leaf in ipairs(leaves) do
      if not members[i] and belongs(group, leaf) then
        members[i], count[g] = g, count[g] + 1
      end
    end
  end
  for g in ipairs(groups) do
    if count[g] == 0 then
      for i, leaf in ipairs(leaves) do leaves[i] = leaf.path end
      errors.raise('optim.%s: groups[%d]: it has none of the parameters %s',
                   name, g, table.concat(leaves, ' '))
    end
  end
  return members
end

-- The number in a tree of options for one leaf.
local function inside (name, key, value, leaf, get)
  for _, k in ipairs(leaf.keys) do
    if type(value) ~= 'table' then break end
    value = get(value, k)
  end
  if value == nil or type(value) == 'table' then
    errors.raise('optim.%s: %s: it is a tree without a number for %s', name,
                 key, leaf.path)
  end
  return value
end

-- Refuses options of parts where x is one tensor.
function M.refuse (name, o, spec, config)
  local key = config.groups and 'groups'
  for option, v in next, o do
    if type(v) == 'table' and type(spec.options[option]) == 'number' then
      key = option
    end
  end
  errors.raise('optim.%s: %s: x is one tensor; give its parts as a tree, '
               .. '{weight = w, bias = b}', name, key)
end

local skip = {match = true, params = true}

-- A list of options, one for each leaf of x, from config's o.
function M.each (name, spec, config, o, x, n, members)
  local get, list = options.getter(), {}
  local groups = config.groups
  members = members or groups and M.members(name, groups, x)
  for i, leaf in ipairs(M.paths(x)) do
    local own = {}
    local group = members and groups[members[i]]
    for key, value in next, o do own[key] = value end
    for key in pairs(group or {}) do
      if not skip[key] then
        local where = ('groups[%d]: '):format(members[i])
        local default = spec.options[key]
        if default == nil then
          options.check_names(name, spec.options, {[key] = 1}, 'strict', where)
        end
        own[key] = options.at(key, get(group, key), n)
        if type(default) == 'number' then
          options.check_number(name, key, own[key], spec.bounds, where)
        end
      end
    end
    for key, value in next, own do
      if type(value) == 'table' and type(spec.options[key]) == 'number' then
        own[key] = inside(name, key, value, leaf, get)
        options.check_number(name, key, own[key], spec.bounds,
                             leaf.path .. ': ')
      end
    end
    list[i] = own
  end
  return list
end

return M
