-- nnlua: the library's packages by name, and what belongs to none of them:
-- progress, bar, version.  Everything is required when it is first used.

local packages = {torch = 1, nn = 1, optim = 1, autograd = 1, data = 1,
                  plot = 1, random = 1}
local functions = {progress = 'nnlua.progress', bar = 'nnlua.progress',
                   print = 'torch.print', help = 'nnlua.help'}

return setmetatable({}, {__index = function (self, name)
  local value
  if packages[name] then
    value = require(name)
  elseif functions[name] then
    value = require(functions[name])[name]
  elseif name == 'version' then
    value = require 'nnlua.core'.version
  end
  rawset(self, name, value)
  return value
end})
