-- The metamethods that every class of torch.class gets: they call the inherited
-- `__add__`, `__tostring__` and so on.  Returns a function of the class module.

local binary = {'add', 'sub', 'mul', 'div', 'mod', 'pow', 'idiv', 'concat',
                'lt', 'le', 'band', 'bor', 'bxor', 'shl', 'shr'}
local unary = {'unm', 'bnot'}

return function (class)

-- The metamethod of either operand, as Lua itself looks for it.
local function operator (name)
  local hook = '__' .. name .. '__'
  return function (a, b)
    local ma, mb = getmetatable(a), getmetatable(b)
    local f = type(ma) == 'table' and ma[hook]
              or type(mb) == 'table' and mb[hook]
    if not f then
      error(('%s and %s have no operator %s')
            :format(class.type(a), class.type(b), hook), 2)
    end
    return f(a, b)
  end
end

local trampolines = {}
for _, name in ipairs(binary) do trampolines['__' .. name] = operator(name) end
for _, name in ipairs(unary) do trampolines['__' .. name] = operator(name) end

function trampolines.__eq (a, b)
  local f = getmetatable(a).__eq__
  if f then return f(a, b) end
  return false -- Lua asks only when they are not the same object
end

function trampolines.__len (a)
  local f = getmetatable(a).__len__
  if f then return f(a) end
  return rawlen(a)
end

function trampolines.__tostring (a)
  local C = getmetatable(a)
  local f = C.__tostring__
  if f then return f(a) end
  return ('%s [%p]'):format(C.__typename, a)
end

function trampolines.__call (a, ...)
  local f = getmetatable(a).__call__
  if not f then
    error(('an object of %s can not be called: it has no __call__')
          :format(class.type(a)), 2)
  end
  return f(a, ...)
end

return trampolines

end
