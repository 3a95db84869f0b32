-- Torch7's result argument for functions that are written in Lua.

-- f(x1, ..., xn, options...) whose first n arguments are tensors can be
-- called with one tensor more in front: the result goes there, resized.
return function (f, n)
  return function (result, ...)
    if not (require 'torch'.isTensor((select(n, ...)))) then
      return (f(result, ...)) -- no tail call: errors name this function
    end
    local y = f(...)
    if not require 'torch'.isTensor(result) then
      require 'nnlua.fail' ('argument #1: a tensor for the result expected, '
                            .. 'got %s', require 'torch'.type(result))
    end
    return result:resize(y:size()):copy(y)
  end
end
