-- What the program has that plain lua5.4 has not: the packages as globals,
-- each required at its first use, so that start stays in milliseconds; and a
-- print that shows tables and tensors.

local packages = {torch = true, nn = true, optim = true, autograd = true,
                  data = true, plot = true, random = true, nnlua = true}

-- Without tables and objects it is Lua's own print, to the byte.
local plain = print

local function print_any (...)
  local f = plain
  for i = 1, select('#', ...) do
    local kind = type((select(i, ...)))
    if kind == 'table' or kind == 'userdata' then
      f = require 'torch.print'.print
      break
    end
  end
  local progress = package.loaded['nnlua.progress']
  if type(progress) == 'table' then return progress.aside(f, ...) end
  return f(...)
end

return function ()
  require 'nnlua.instead' ()
  setmetatable(_G, {__index = function (globals, name)
    if packages[name] then
      local value = require(name)
      rawset(globals, name, value)
      return value
    end
  end})
  print = print_any -- luacheck: globals print
end
