-- Changes of modules that compiled functions can not see: other modules in a
-- container, other tensors in a field (net:double(), share, getParameters).
-- Each capture that runs a module guards one count of all such changes, to
-- modules that some capture has run; so it is captured anew after one.

local M = {}

local count = {changes = 0}
local traced = setmetatable({}, {__mode = 'k'})

-- A capture, perhaps, runs the module.
function M.trace (module)
  traced[module] = true
  require 'autograd'.static(count, 'changes')
end

-- The module got other parts.
function M.changed (module)
  if traced[module] then count.changes = count.changes + 1 end
end

-- The module and those in it did.
function M.all_changed (module)
  for _, m in ipairs(module:listModules()) do
    if traced[m] then return M.changed(m) end
  end
end

return M
