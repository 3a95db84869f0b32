-- Functions and methods that are compositions of others.

local function check (torch, name, i, x)
  if not torch.isTensor(x) then
    error(('%s: argument #%d: tensor expected, got %s')
          :format(name, i, torch.type(x)), 3)
  end
  return x
end

return function (torch, core)
  local methods = core.methods

  -- allclose(x, y[, rtol[, atol]]): is every |x - y| <= atol + rtol |y|?
  -- Shapes must be equal; NaN is close to nothing.
  --   torch.allclose(x, y, 1e-5, 1e-8)
  function torch.allclose (x, y, rtol, atol)
    check(torch, 'allclose', 1, x)
    check(torch, 'allclose', 2, y)
    if not x:isSameSizeAs(y) then return false end
    x, y = x:double(), y:double()
    local bound = torch.abs(y) * (rtol or 1e-5) + (atol or 1e-8)
    local near = torch.le(torch.abs(x - y), bound)
    return torch.all(torch.bitor(near, torch.eq(x, y)))
  end

  -- equal(x, y): same shape and elements, as numbers
  function torch.equal (x, y)
    check(torch, 'equal', 1, x)
    check(torch, 'equal', 2, y)
    return x:isSameSizeAs(y) and torch.all(torch.eq(x, y))
  end

  -- cross(x, y[, dim]): vector product along a dimension of size 3, the first
  -- one unless it is given
  function torch.cross (x, y, dim)
    check(torch, 'cross', 1, x)
    check(torch, 'cross', 2, y)
    if not dim then
      for d = x:dim(), 1, -1 do if x:size(d) == 3 then dim = d end end
    end
    if not dim or x:size(dim) ~= 3 or not x:isSameSizeAs(y) then
      error(('cross: two tensors of equal sizes with a dimension of 3 '
             .. 'elements expected, got %s and %s')
            :format(table.concat(x:size(), ' x '),
                    table.concat(y:size(), ' x ')), 2)
    end
    local function part (t, i) return t:narrow(dim, i, 1) end
    local function component (i, j)
      return torch.cmul(part(x, i), part(y, j))
             - torch.cmul(part(x, j), part(y, i))
    end
    return torch.cat({component(2, 3), component(3, 1), component(1, 2)}, dim)
  end

  for _, name in ipairs {'equal', 'cross'} do methods[name] = torch[name] end

  -- the other way round of repeatTensor's and expand's names
  torch.mod, methods.mod = torch.remainder, methods.remainder

  -- what lives on a graphics card elsewhere
  function methods.cuda ()
    error('cuda: nnlua computes on the CPU; leave the :cuda() out', 2)
  end
end
