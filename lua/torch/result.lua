-- Torch7's result argument for functions that are written in Lua.

-- f(x1, ..., xn, options...) whose first n arguments are tensors can be
-- called with one tensor more in front: the result goes there, resized.
return function (f, n)
  return function (result, ...)
    if not (require 'torch'.isTensor((select(n, ...)))) then
      return f(result, ...)
    end
    local y = f(...)
    if not require 'torch'.isTensor(result) then
      error(('argument #1: a tensor for the result expected, got %s'):format(
            require 'torch'.type(result)), 2)
    end
    return result:resize(y:size()):copy(y)
  end
end
