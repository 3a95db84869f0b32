-- Help on any function or class of the library, by name: the manual's entry
-- (docs/reference/ is made of the same), else the comment that stands over it
-- in its source, with its signature.  `nnlua help nn.Linear`,
-- nnlua.help(torch.load).

local nearest = require 'nnlua.nearest'
local source_of = require 'nnlua.help_source'
local manual = require 'nnlua.manual'

local M = {}

local packages = {'torch', 'nn', 'optim', 'autograd', 'data', 'plot',
                  'random', 'nnlua'}

local function of_function (name, f)
  local info = debug.getinfo(f, 'S')
  if info.what == 'C' then
    return name .. '\nA function of the core, written in C.'
  end
  local source = info.source:gsub('^@', '')
  local lines = source_of.lines(source)
  if not lines then return source_of.signature(name, f) end
  local line = lines[info.linedefined]
  local comment = source_of.made(name, source)
                  or source_of.comment(lines, info.linedefined)
  if line and not line:find 'function' then line = nil end
  return source_of.signature(name, f, line)
         .. (comment and '\n' .. comment or '')
end

-- A method that the class itself defines, for the file that it is in.
local function own_method (C)
  for _, v in pairs(C) do
    if type(v) == 'function' then
      local info = debug.getinfo(v, 'S')
      if info.what ~= 'C' and not info.source:find 'torch[/\\]class%.lua$' then
        return v
      end
    end
  end
end

-- A class: the head of its file and its constructor's arguments.
local function of_class (name, C)
  local init = C.__init
  local f = rawget(C, '__init')
  while not f and C do
    f = own_method(C)
    if not f then C = getmetatable(C) end
  end
  if not C then return name end
  local out = {name}
  if init then
    local text = source_of.signature(name, init)
    out[1] = text:gsub('%(self, ', '('):gsub('%(self%)', '()')
  end
  local source = debug.getinfo(f, 'S').source:gsub('^@', '')
  local lines = source_of.lines(source)
  local head = lines and source_of.head(lines)
  if head then out[2] = head end
  local parent = getmetatable(C)
  if type(parent) == 'table' and parent.__typename then
    out[#out + 1] = 'Parent: ' .. parent.__typename
  end
  return table.concat(out, '\n')
end

local function of_table (name, t)
  local names = {}
  for key in pairs(t) do
    if type(key) == 'string' and not key:find '^_' then
      names[#names + 1] = key
    end
  end
  table.sort(names)
  local out = manual.wrapped(table.concat(names, ' '))
  table.insert(out, 1, name)
  return table.concat(out, '\n')
end

local function describe (name, v)
  local entry = manual.entry(name)
  if entry then return manual.text(entry) end
  if type(v) == 'function' then return of_function(name, v) end
  if type(v) == 'table' then
    local C = getmetatable(v)
    if type(C) == 'table' and C.__typename and rawget(v, '__typename') == nil
       and C.__init then
      return of_class(name, C)
    end
    return of_table(name, v)
  end
  return ('%s is a %s: %s'):format(name, type(v), tostring(v))
end

-- The value of a dotted name, or nil and a hint.
local function find (name)
  local known = {}
  for _, p in ipairs(packages) do known[p] = true end
  local first = name:match '^[^.:]+' or name
  if not known[first] then
    for _, p in ipairs(packages) do -- a bare name: of whichever has it
      local ok, module = pcall(require, p)
      local has, v = pcall(function () return ok and module[name] end)
      if has and v then return v, p .. '.' .. name end
    end
    return nil, nearest(name, packages)
  end
  local ok, v = pcall(require, first)
  if not ok then return nil, nil end
  for part in name:sub(#first + 1):gmatch '[%w_]+' do
    local parent = v
    local found, value = pcall(function () return parent[part] end)
    if not found or value == nil then
      local near = type(parent) == 'table' and nearest(part, parent)
      return nil, near and name:gsub('[%w_]+$', near) or nil
    end
    v = value
  end
  return v, name
end

-- The name under which a loaded package has a value.
local function name_of (value)
  for _, p in ipairs(packages) do
    local module = package.loaded[p]
    for key, v in pairs(type(module) == 'table' and module or {}) do
      if rawequal(v, value) and type(key) == 'string' then
        return p .. '.' .. key
      end
    end
  end
end

-- The help on a name ("nn.Linear") or a value, as text; nil and a message
-- when there is none.
function M.text (what)
  if what == nil then
    return 'help NAME, where NAME is a package or something in one:\n  '
           .. table.concat(packages, ' ')
  elseif type(what) ~= 'string' then
    return describe(name_of(what) or type(what), what)
  end
  local entry = manual.entry(what)
  if entry then return manual.text(entry) end
  local v, name = find(what)
  if v == nil then
    return nil, ("there is nothing called '%s'%s"):format(what,
      name and ("; did you mean '%s'"):format(name) or '')
  end
  return describe(name, v)
end

-- Prints the help on a name or a value.
-- For instance nnlua.help 'torch.save'.
function M.help (what)
  local text, message = M.text(what)
  io.write(text or message, '\n')
end

-- `nnlua help [NAME ...]` -> exit code
function M.main (names)
  local code = 0
  for i = 1, math.max(#names, 1) do
    local text, message = M.text(names[i])
    if text then
      io.write(i > 1 and '\n' or '', text, '\n')
    else
      io.stderr:write('nnlua: help: ', message, '\n')
      code = 1
    end
  end
  return code
end

return M
