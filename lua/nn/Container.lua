-- nn.Container: what modules that hold others in `modules` share.

local torch = require 'torch'
local errors = require 'nn.errors'
local tree = require 'nn.tree'
local layout = require 'nn.layout'
require 'nn.Module'

local Container, parent = torch.class('nn.Container', 'nn.Module',
                                      require 'nn')

Container.parameterNames = {}

function Container:__init (...)
  parent.__init(self)
  self.modules = {}
  for i = 1, select('#', ...) do self:add((select(i, ...))) end
end

local function check (self, what, module)
  if not tree.is_module(module) then
    local hint = ''
    local mt = type(module) == 'table' and getmetatable(module)
    if type(mt) == 'table' and mt.__typename and
       rawget(mt, '__typename') and rawget(module, '__typename') == nil
       and next(module) == nil then
      hint = ('; call the class: %s()'):format(mt.__typename)
    end
    errors.raise('%s: %s: a module expected, got %s%s', torch.type(self),
                 what, errors.shape(module), hint)
  end
  return module
end

-- Appends a module.  Returns self.
function Container:add (module)
  table.insert(self.modules, check(self, 'add', module))
  layout.changed(self)
  return self
end

-- The i-th module; negative i count from the end.
function Container:get (i)
  local n = #self.modules
  local k = math.tointeger(i)
  if k and k < 0 then k = n + 1 + k end
  if not k or not self.modules[k] then
    errors.raise('%s: get: there is no module #%s, it has %d',
                 torch.type(self), tostring(i), n)
  end
  return self.modules[k]
end

function Container:size () return #self.modules end

-- Puts a module at that place (the end). Returns self.
function Container:insert (module, index)
  local n = #self.modules
  index = index or n + 1
  if not math.tointeger(index) or index < 1 or index > n + 1 then
    errors.raise('%s: insert: index 1..%d expected, got %s',
                 torch.type(self), n + 1, tostring(index))
  end
  table.insert(self.modules, index, check(self, 'insert', module))
  layout.changed(self)
  return self
end

-- Takes the module at that place (the last one) away.
function Container:remove (index)
  local n = #self.modules
  index = index or n
  if not math.tointeger(index) or index < 1 or index > n then
    errors.raise('%s: remove: index 1..%d expected, got %s',
                 torch.type(self), n, tostring(index))
  end
  table.remove(self.modules, index)
  layout.changed(self)
  return self
end

function Container:__len__ () return #self.modules end

-- Adds what accUpdateGradParameters needs: each child by itself.
function Container:accUpdateGradParameters (input, gradOutput, lr)
  parent.accUpdateGradParameters(self, input, gradOutput, lr)
end

local function indent (text, by) return (text:gsub('\n', '\n' .. by)) end

-- How many numbers the parameters are, those that children share once; 0
-- while some layer does not know its sizes.
local function count (self)
  local n, seen = 0, {}
  local known, list = pcall(self.parameters, self)
  for _, w in ipairs(known and list or {}) do
    if not seen[w] then n = n + w:nElement() end
    seen[w] = true
  end
  return n
end

-- How the children are drawn: after `head` a line for each, with the marks of
-- mark(i, n) before its first line and the others; then `foot`.
function Container:describe (head, mark, foot)
  local lines = {torch.typename(self) .. ' {'}
  if head then lines[#lines + 1] = '  ' .. tostring(head) end
  for i, child in ipairs(self.modules) do
    local first, others = '', ''
    if mark then first, others = mark(i, #self.modules) end
    lines[#lines + 1] = ('  %s(%d): %s'):format(first, i, indent(
      tostring(child), '  ' .. others))
  end
  lines[#lines + 1] = foot
  local n = count(self)
  lines[#lines + 1] = n > 0 and ('} with %d parameters'):format(n) or '}'
  return table.concat(lines, '\n')
end

function Container:__tostring__ () return self:describe() end

return Container
