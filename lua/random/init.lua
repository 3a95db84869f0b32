-- random: draws from explicit keys, as in JAX.
--
-- A key is a tensor of two int64; the same key gives the same numbers, always
-- and everywhere. Keys are split, not used twice. (torch.randn and its like
-- draw from the global generator, unless they get {key = k}.)
local core = require 'nnlua.core'
local torch = require 'torch'

local random = {}

local function sizes (name, shape)
  if shape == nil then return {} end
  if math.type(shape) == 'integer' then return {shape} end
  if type(shape) == 'table' then return shape end
  error(('random.%s: sizes: a table of integers expected, got %s')
        :format(name, type(shape)), 3)
end

local function options (name, key, opts)
  if not torch.isTensor(key) then
    error(('random.%s: argument #1: a key of random.key(seed) expected, got '
           .. '%s'):format(name, type(key)), 3)
  end
  if opts ~= nil and type(opts) ~= 'table' then
    error(("random.%s: options: a table such as {dtype = 'float64'} expected, "
           .. 'got %s'):format(name, type(opts)), 3)
  end
  return {key = key, dtype = opts and opts.dtype}
end

--- random.key(seed): the key of an integer seed.
-- Example:
--   local key = random.key(0)
function random.key (seed)
  if math.type(seed) ~= 'integer' then
    error('random.key: an integer seed expected, got ' .. tostring(seed), 2)
  end
  return core.random_key(seed)
end

--- random.split(key, n): n new keys (default 2), independent of each other.
-- Returns them one by one up to n = 8, more as a tensor (n, 2).
-- Example:
--   local a, b = random.split(random.key(0))
function random.split (key, n)
  options('split', key)
  n = n or 2
  if math.type(n) ~= 'integer' or n < 1 then
    error('random.split: a positive integer expected, got ' .. tostring(n), 2)
  end
  local keys = core.random_split(key, n)
  if n > 8 then return keys end
  local list = {}
  for i = 1, n do list[i] = keys[i] end
  return table.unpack(list)
end

--- random.fold_in(key, i): a new key from a key and an integer.
-- Example:
--   for step = 1, 3 do local k = random.fold_in(random.key(0), step) end
function random.fold_in (key, i)
  options('fold_in', key)
  return core.random_fold(key, i)
end

--- random.uniform(key, sizes, lo, hi, {dtype =}): uniform in [lo, hi).
-- sizes: a table, an integer, or nil for one number; lo 0, hi 1.
-- Example:
--   random.uniform(random.key(0), {2, 3}, -1, 1)
function random.uniform (key, shape, lo, hi, opts)
  local u = torch.rand(sizes('uniform', shape),
                       options('uniform', key, opts))
  if lo == nil and hi == nil then return u end
  lo, hi = lo or 0, hi or 1
  return u * (hi - lo) + lo
end

--- random.normal(key, sizes, {dtype =}): normal of mean 0 and variance 1.
-- Example:
--   random.normal(random.key(0), {2, 3})
function random.normal (key, shape, opts)
  return torch.randn(sizes('normal', shape), options('normal', key, opts))
end

--- random.bernoulli(key, p, sizes): bool, true with probability p (0.5).
-- Example:
--   random.bernoulli(random.key(0), 0.3, {10})
function random.bernoulli (key, p, shape)
  local u = torch.rand(sizes('bernoulli', shape), options('bernoulli', key))
  return torch.lt(u, p or 0.5)
end

--- random.truncated_normal(key, lower, upper, sizes, {dtype =}): a normal
-- that is drawn again until it lies in (lower, upper), by inversion:
-- sqrt(2) erfinv(u), u uniform in (erf(lower / sqrt 2), erf(upper / sqrt 2)).
-- Example:
--   random.truncated_normal(random.key(0), -2, 2, {3})
function random.truncated_normal (key, lower, upper, shape, opts)
  if not (type(lower) == 'number' and type(upper) == 'number'
          and lower < upper) then
    error(('random.truncated_normal: bounds lower < upper expected, got %s '
           .. 'and %s'):format(tostring(lower), tostring(upper)), 2)
  end
  local root = math.sqrt(2)
  local a, b = torch.erf(lower / root), torch.erf(upper / root)
  local u = random.uniform(key, shape, a, b, opts)
  return torch.clamp(torch.erfinv(u) * root, lower, upper)
end

--- random.permutation(key, n): the numbers 1..n in random order (int64), or
-- the rows of a tensor.
-- Example:
--   random.permutation(random.key(0), 5)
function random.permutation (key, n)
  options('permutation', key)
  if torch.isTensor(n) then
    return n:index(1, random.permutation(key, n:size(1)))
  end
  if math.type(n) ~= 'integer' or n < 0 then
    error('random.permutation: an integer or a tensor expected, got '
          .. tostring(n), 2)
  end
  local _, order = torch.sort(torch.rand({n}, {key = key, dtype = 'float64'}),
                              1)
  return order
end

return random
