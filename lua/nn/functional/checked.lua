-- checked(F, kinds): replaces functions of F by ones that look at their
-- arguments first.  kinds[name] = the arguments after x, each 'name' (a number
-- or a tensor) or 'name:integer'; those without '!' may be left out.

local core = require 'nnlua.core'
local errors = require 'nn.errors'

local is_tensor = core.torch.isTensor

local function refuse (name, i, argument, wanted, got)
  errors.raise('nn.functional.%s: argument #%d (%s): %s expected, got %s', name,
               i, argument, wanted, errors.shape(got))
end

-- The names and kinds of a list such as {'dim:integer'}.
local function parsed (list)
  local names, integer, needed = {}, {}, {}
  for i, text in ipairs(list) do
    names[i] = text:match '^%a+'
    integer[i] = text:find ':integer' ~= nil
    needed[i] = text:find '!$' ~= nil
  end
  return names, integer, needed
end

local function results (...) return ... end

local function checked (name, f, list, tensors)
  local names, integer, needed = parsed(list)
  local n = #names
  local function look (i, v)
    if integer[i] then
      if not math.tointeger(v) or type(v) == 'string' then
        refuse(name, i + 1, names[i], 'an integer', v)
      end
    elseif type(v) ~= 'number' and not is_tensor(v) then
      refuse(name, i + 1, names[i], 'a number or a tensor', v)
    end
  end
  return function (x, ...)
    if not is_tensor(x) and (tensors or type(x) ~= 'number') then
      refuse(name, 1, 'x', tensors and 'a tensor' or 'a tensor or a number', x)
    end
    for i = 1, n do
      local v = select(i, ...)
      if v ~= nil or needed[i] then look(i, v) end
    end
    return results(f(x, ...)) -- not a tail call: errors see this function
  end
end

return function (F, kinds, tensors)
  for name, list in pairs(kinds) do
    F[name] = checked(name, F[name], list, tensors)
  end
end
