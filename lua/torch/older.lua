-- Names of Torch7 that are other functions here, or none any more.

return function (torch, core)
  local methods = core.methods

  -- one function takes a number or a tensor
  local one = {cbitand = 'bitand', cbitor = 'bitor', cbitxor = 'bitxor',
               clshift = 'lshift', crshift = 'rshift', cmod = 'remainder'}
  for name, same in pairs(one) do
    torch[name], methods[name] = torch[same], methods[same]
  end
  torch.fill, torch.zero = methods.fill, methods.zero
  torch.isSameSizeAs = methods.isSameSizeAs

  for _, name in ipairs {'inverse', 'gesv', 'gels', 'qr', 'svd', 'symeig',
                         'potrf'} do
    methods[name] = torch[name]
  end

  -- x:randn(2, 3) is torch.randn(x, 2, 3)
  for _, name in ipairs {'zeros', 'ones', 'rand', 'randn', 'range', 'eye',
                         'linspace', 'logspace', 'randperm'} do
    methods[name] = function (x, size, ...)
      if size == nil then
        error(name .. ': sizes expected, got nil', 2)
      end
      return torch[name](x, size, ...)
    end
  end

  -- totable(x): a tensor's or a storage's numbers in nested tables
  function torch.totable (x)
    if not torch.isTensor(x) and not torch.isStorage(x)
       and torch.type(x) ~= 'torch.LongStorage' then
      error('totable: a tensor or a storage expected, got ' .. torch.type(x),
            2)
    end
    return x:totable()
  end

  -- isequal(a, b): are both one and the same table or object?  Tensors that
  -- share all their elements are.
  function torch.isequal (a, b)
    if torch.isTensor(a) and torch.isTensor(b) then return a:isSetTo(b) end
    return type(a) == 'table' and rawequal(a, b)
  end

  -- pointer(object): an integer that stands for a table, a function, a thread,
  -- a tensor or a storage, for use as a key; one for all x:storage()
  function torch.pointer (object)
    if torch.isStorage(object) then return core.storage_id(object) end
    local address = ('%p'):format(object)
    if address == '(null)' or type(object) == 'string' then
      error('pointer: a table, a function, a thread, a tensor or a storage '
            .. 'expected, got ' .. torch.type(object), 2)
    end
    return math.tointeger(tonumber(address))
  end
end
