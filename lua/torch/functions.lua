-- Functions and methods that are compositions of others.

local fail = require 'nnlua.fail'
local with_result = require 'torch.result'

return function (torch, core)
  local methods = core.methods

  local function check (name, i, x)
    if not torch.isTensor(x) then
      fail('%s: argument #%d: tensor expected, got %s', name, i, torch.type(x))
    end
    return x
  end

  local function integer (name, i, what, v)
    if not math.tointeger(v) or type(v) == 'string' or v < 0 then
      fail('%s: argument #%d (%s): an integer of at least 0 expected, got %s',
           name, i, what, torch.isTensor(v) and 'a tensor' or tostring(v))
    end
  end

  local function text (x) return table.concat(x:size(), ' x ') end

  -- allclose(x, y[, rtol[, atol]]): is every |x - y| <= atol + rtol |y|?
  -- Shapes must be equal; NaN is close to nothing.
  --   torch.allclose(torch.ones(2), torch.ones(2), 1e-5, 1e-8)     --> true
  function torch.allclose (x, y, rtol, atol)
    check('allclose', 1, x)
    check('allclose', 2, y)
    if not x:isSameSizeAs(y) then return false end
    x, y = x:double(), y:double()
    local bound = torch.abs(y) * (rtol or 1e-5) + (atol or 1e-8)
    local near = torch.le(torch.abs(x - y), bound)
    return torch.all(torch.bitor(near, torch.eq(x, y)))
  end

  -- equal(x, y): same shape and elements, as numbers
  function torch.equal (x, y)
    check('equal', 1, x)
    check('equal', 2, y)
    return x:isSameSizeAs(y) and torch.all(torch.eq(x, y))
  end

  -- cross(x, y[, dim]): vector product along a dimension of size 3, the first
  -- one unless it is given
  function torch.cross (x, y, dim)
    check('cross', 1, x)
    check('cross', 2, y)
    if not dim then
      for d = x:dim(), 1, -1 do if x:size(d) == 3 then dim = d end end
    end
    if not dim or x:size(dim) ~= 3 or not x:isSameSizeAs(y) then
      fail('cross: two tensors of equal sizes with a dimension of 3 elements '
           .. 'expected, got %s and %s', text(x), text(y))
    end
    local function part (t, i) return t:narrow(dim, i, 1) end
    local function component (i, j)
      return torch.cmul(part(x, i), part(y, j))
             - torch.cmul(part(x, j), part(y, i))
    end
    return torch.cat({component(2, 3), component(3, 1), component(1, 2)}, dim)
  end

  -- renorm(x, p, dim, maxnorm): slices along dim whose p-norm is larger are
  -- scaled down to it; x:renorm(...) in place
  function torch.renorm (x, p, dim, maxnorm)
    check('renorm', 1, x)
    local others = {}
    for d = 1, x:dim() do
      if d ~= dim then others[#others + 1] = d end
    end
    local norm = torch.norm(x, p, others)
    local scale = torch.where(torch.gt(norm, maxnorm), maxnorm / norm, 1)
    return torch.cmul(x, scale)
  end

  function methods.renorm (x, ...)
    if torch.isTensor((...)) then return torch.renorm(x, ...) end
    return x:copy(torch.renorm(x, ...))
  end

  -- unique(x): x's different elements, sorted
  function torch.unique (x)
    check('unique', 1, x)
    if x:nElement() < 2 then return x:clone():view(-1) end
    local sorted = torch.sort(x:contiguous():view(-1))
    local n = sorted:size(1)
    local differs = torch.ne(sorted:narrow(1, 2, n - 1),
                             sorted:narrow(1, 1, n - 1))
    return sorted[torch.cat(torch.ones(1, 'bool'), differs)]
  end

  -- bincount(x[, weights[, minlength]]): how often, or with which weight, x
  -- holds 1, 2, ...: element i of the result counts i
  function torch.bincount (x, weights, minlength)
    check('bincount', 1, x)
    if type(weights) == 'number' then weights, minlength = nil, weights end
    if weights ~= nil then check('bincount', 2, weights) end
    integer('bincount', 3, 'minlength', minlength or 0)
    x = x:contiguous():view(-1):long()
    local empty = x:nElement() == 0
    if not empty and x:min() < 1 then
      error(('bincount: integers from 1 on expected, got %d')
            :format(x:min()), 2)
    end
    local n = math.max(empty and 0 or x:max(), minlength or 0)
    local counts = torch.zeros(n, weights and weights:dtype() or 'int64')
    if empty or n == 0 then return counts end
    return counts:indexAdd(1, x, weights and weights:contiguous():view(-1)
                                 or torch.ones(x:size(1), 'int64'))
  end

  -- histc(x[, bins[, min, max]]): counts (int64 where x has integers) in `bins`
  -- (100) equal intervals of [min, max]; of x's range when they are equal or
  -- absent
  function torch.histc (x, bins, min, max)
    check('histc', 1, x)
    bins, min, max = bins or 100, min or 0, max or 0
    integer('histc', 2, 'bins', bins)
    for i, v in ipairs {min, max} do
      if type(v) ~= 'number' then
        fail('histc: argument #%d: a number expected, got %s', i + 2,
             torch.type(v))
      end
    end
    x = x:contiguous():view(-1)
    if x:dtype() == 'bool' then x = x:byte() end
    if min == max then min, max = x:min(), x:max() end
    if min == max then min, max = min - 1, max + 1 end
    local dtype = x:dtype():find '^float' and x:dtype() or 'int64'
    local counts = torch.zeros(bins, dtype)
    local inside = x[torch.bitand(torch.ge(x, min), torch.le(x, max))]
    if inside:nElement() == 0 then return counts end
    local place = torch.floor((inside - min) * (bins / (max - min))) + 1
    place = torch.clamp(place, 1, bins):long()
    return counts:indexAdd(1, place, torch.ones(place:size(1), dtype))
  end

  torch.cross = with_result(torch.cross, 2)
  torch.histc = with_result(torch.histc, 1)
  torch.renorm = with_result(torch.renorm, 1)
  for _, name in ipairs {'equal', 'cross', 'unique', 'histc'} do
    methods[name] = torch[name]
  end
  torch.mod, methods.mod = torch.remainder, methods.remainder

  -- what lives on a graphics card elsewhere
  function methods.cuda ()
    error('cuda: nnlua computes on the CPU; leave the :cuda() out', 2)
  end
end
