-- Where an error of a module happened: its path in the network, and the line of
-- the script.
--
-- No path is kept while a network runs.  When an error is raised, the Lua
-- stack is walked instead: the containers' loops are marked (M.loop), and
-- each such frame has a local `self` and a local `i`, the child that runs.

local class = require 'torch.class'

local M = {}

local own = debug.getinfo(1, 'S').source:gsub('nn[/\\]error_place%.lua$', '')
local loops = setmetatable({}, {__mode = 'k'})

-- Marks a container's function whose locals `self` and `i` say which child
-- it is calling.  Returns the function.
function M.loop (f)
  loops[f] = true
  return f
end

local function short (module)
  return (class.type(module):gsub('^nn%.', ''))
end

-- The values of the locals `self` and `i` of the function at that level.
local function locals (level)
  local self, i
  local n = 1
  while true do
    local name, value = debug.getlocal(level + 1, n)
    if not name then return self, i end
    if name == 'self' then self = value end
    if name == 'i' then i = value end
    n = n + 1
  end
end

-- "nn.Dense #3 of Sequential #1 of Concat"
function M.path (module)
  local text, inner = {class.type(module)}, module
  local level = 2
  local info = debug.getinfo(level, 'f')
  while info do
    if loops[info.func] then
      local self, i = locals(level)
      local list = self and (self.modules or self.inner)
      local child = i and list and list[i]
      if child then
        local mt = debug.getmetatable(inner) -- of a module's stand-in, perhaps
        local same = child == inner or mt and rawget(mt, '__index') == child
        if #text == 1 then same = class.type(child) == text[1] end
        if not same then text[#text + 1] = ' in ' .. short(child) end
        text[#text + 1] = (' #%d of %s'):format(i, short(self))
        inner = self
      end
    end
    level = level + 1
    info = debug.getinfo(level, 'f')
  end
  return table.concat(text)
end

-- "train.lua:12: ", the innermost line that is not the library's own.
function M.position ()
  local level = 2
  local info = debug.getinfo(level, 'Sl')
  while info do
    if info.currentline > 0 and info.source:sub(1, #own) ~= own then
      return ('%s:%d: '):format(info.short_src, info.currentline)
    end
    level = level + 1
    info = debug.getinfo(level, 'Sl')
  end
  return ''
end

return M
