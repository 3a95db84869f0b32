-- Kernel activation functions (Scardapane et al., Kafnets, arXiv 1707.04035):
-- phi(x) = sum_i alpha_i kappa(x, c_i) with D centres c equispaced within
-- [-boundary, boundary].  Kernels: gaussian exp(-(x - c)^2 / (2 sigma^2)), relu
-- max(0, x - c), softplus log(1 + exp(x - c)), or a Lua function (x, c).
--
-- The three named kernels are a primitive of the core, which holds neither
-- forward nor backward an array with an entry for each element and centre; a
-- Lua function is added up centre by centre.
--
-- `owner`, behind the arguments, is whom errors name: the module that calls,
-- or nothing for the function itself.

local torch = require 'torch'
local core = require 'nnlua.core'
local errors = require 'nn.errors'
local bounds = require 'nn.bounds'
local noisy = require 'nn.noisy'

local M = {}

local kernels = {
  gaussian = function (x, c, sigma)
    local z = (x - c) / sigma
    return torch.exp(torch.cmul(z, z) * -0.5)
  end,
  relu = function (x, c) return torch.relu(x - c) end,
  softplus = function (x, c) return torch.softplus(x - c) end,
}

local allowed = {kernel = true, boundary = true, sigma = true,
                 channels = true}

-- Raises unless `kernel` is a kernel.
function M.check_kernel (what, kernel)
  if type(kernel) == 'function' or kernels[kernel] then return end
  errors.raise("%s: kernel: 'gaussian', 'relu', 'softplus' or a function "
               .. '(x, c) expected, got %s', what, errors.shape(kernel))
end

-- sigma, if it is a number above 0, or a tensor of such, of one entry or of
-- `units` of them; else raises.
function M.check_sigma (what, sigma, units)
  bounds.entries(what, 'sigma', bounds.operand(what, 'sigma', sigma), units)
  return bounds.positive(what, 'sigma', sigma)
end

-- Raises unless eps is a regulariser.
function M.check_eps (owner, eps)
  if type(eps) ~= 'number' or not (eps >= 0 and eps < math.huge) then
    bounds.fail(owner, 'eps', 'a finite number of at least 0',
                errors.shape(eps))
  end
end

local MOST = 256 -- centres of a named kernel
local MOST_CENTRES = 65536 -- of any

-- Raises unless so many centres are possible.
function M.check_count (what, D, kernel)
  if type(kernel) == 'string' and D > MOST then
    bounds.fail(what, 'D', ('2..%d centres of the %s kernel'):format(MOST,
      kernel), tostring(D))
  end
end

--- nn.functional.kaf_centres(D, boundary): the centres and their distance.
-- Returns a float64 tensor of D equispaced numbers in [-boundary, boundary],
-- and the distance of neighbours; the rule of thumb for sigma is twice that.
-- Errors: D < 2, boundary <= 0.
function M.kaf_centres (D, boundary, owner)
  owner = owner or 'kaf_centres'
  D = errors.integer(owner, 'D', D, 2)
  if D > MOST_CENTRES then
    bounds.fail(owner, 'D', ('2..%d centres'):format(MOST_CENTRES), tostring(D))
  end
  bounds.positive_number(owner, 'boundary', boundary)
  local step = 2 * boundary / (D - 1)
  local c = {}
  for i = 1, D do c[i] = -boundary + (i - 1) * step end
  c[D] = boundary
  return torch.tensor(c, 'float64'), step
end

-- The units' parameters along the dimension of x that holds units.
local function along (v, x, channels)
  if type(v) == 'number' or v:nElement() == 1 or not channels then return v end
  local sizes = {v:size(1)}
  for d = 2, x:dim() - channels + 1 do sizes[d] = 1 end
  return v:view(table.unpack(sizes))
end

-- Which dimension of x holds the units; false when alpha is shared.
local function units_dim (owner, x, alpha, channels)
  if alpha:dim() == 1 then return false end
  local units, d = alpha:size(1), x:dim()
  if channels then d = x:dim() == 3 and 1 or 2 end
  if d < 1 or d > x:dim() or x:size(d) ~= units then
    errors.raise('%s: x is %s, alpha is for %d %s', owner, errors.shape(x),
                 units, channels and 'channels (dimension 1 of 3, else 2)'
                 or 'units (the last dimension)')
  end
  return d
end

local function check (owner, x, alpha, o)
  if not torch.isTensor(x) then
    errors.raise('%s: x: a tensor expected, got %s', owner, errors.shape(x))
  end
  if not torch.isTensor(alpha) or alpha:dim() < 1 or alpha:dim() > 2
     or alpha:size(alpha:dim()) < 2 then
    errors.raise('%s: alpha: a tensor [units x D] or [D] with D of at least '
                 .. '2 expected, got %s', owner, errors.shape(alpha))
  end
  return noisy.options(owner, o, allowed)
end

-- What a Lua kernel makes of x, which has x's sizes.
local function of_kernel (owner, kernel, x, centre, sigma)
  local v = kernel(x, centre, sigma)
  if not torch.isTensor(v) or not v:isSameSizeAs(x) then
    bounds.fail(owner, 'kernel', ('a function (x, c) that gives %s for such '
      .. 'an x'):format(errors.shape(x)), errors.shape(v))
  end
  return v
end

local function by_centres (owner, x, alpha, kernel, centres, sigma, dim)
  local D, y = alpha:size(alpha:dim()), nil
  local lines = type(sigma) ~= 'number' and along(sigma, x, dim) or sigma
  for i = 1, D do
    local a = alpha:select(alpha:dim(), i)
    if dim then a = along(a, x, dim) end
    local term = torch.cmul(of_kernel(owner, kernel, x, centres[i], lines), a)
    y = y and y + term or term
  end
  return y
end

--- nn.functional.kaf(x, alpha, options): kernel activation functions.
-- alpha: [units, D] for x [*, units], [D] for all elements of any x, or with
-- channels = true [channels, D] for x [batch, channels, *] (or [channels, h,
-- w]). options: kernel ('gaussian'), boundary (3), sigma (twice the centres'
-- distance; a number, or a tensor of one entry or one for each unit).
-- Returns a tensor of x's shape.
-- Example:
--   nn.functional.kaf(torch.zeros(2, 3), torch.ones(3, 20))
function M.kaf (x, alpha, options, owner)
  owner = owner or 'kaf'
  local o = check(owner, x, alpha, options)
  local kernel, boundary = o.kernel or 'gaussian', o.boundary or 3
  local D = alpha:size(alpha:dim())
  M.check_kernel(owner, kernel)
  M.check_count(owner, D, kernel)
  local centres, step = M.kaf_centres(D, boundary, owner)
  local dim = units_dim(owner, x, alpha, o.channels)
  local sigma = M.check_sigma(owner, o.sigma or 2 * step,
                              dim and alpha:size(1))
  if core.kaf and type(kernel) == 'string' then
    return core.kaf(x, alpha, sigma, kernel, boundary, dim or 0)
  end
  return by_centres(owner, x, alpha, kernels[kernel] or kernel,
                    centres:totable(), sigma, dim)
end

-- The sum of the grid's rows of centres.  Each row is a checkpoint, which the
-- backward pass computes again: so nothing is kept for each centre.
local function by_rows (first, second, alpha, centres, sigma, boundary)
  local D, y = centres:size(1), nil
  local width = torch.isTensor(sigma) and sigma
                or torch.tensor({sigma}, 'float64'):type(first:type())
  local row = require 'autograd'.checkpoint(function (u, v, a, c, s)
    local one = torch.exp(torch.square((v - c) / s) * -0.5)
    return torch.cmul(M.kaf(u, a, {boundary = boundary, sigma = s}), one)
  end)
  for i = 1, D do
    local term = row(first, second, alpha:narrow(2, (i - 1) * D + 1, D),
                     centres:narrow(1, i, 1):type(first:type()), width)
    y = y and y + term or term
  end
  return y
end

--- nn.functional.kaf2d(x, alpha, options): activation functions of pairs.
-- Unit h of the H/2 outputs is a function of x[:, h] and x[:, H/2 + h], with
-- the product of two gaussian kernels on the grid of D x D centres. x: [N, H];
-- alpha: [H/2, D * D], column (i - 1) D + j for x[:, h] at centre j and its
-- partner at centre i. options: boundary (3), sigma (twice the centres'
-- distance, divided by sqrt 2). Returns [N, H/2].
function M.kaf2d (x, alpha, options, owner)
  owner = owner or 'kaf2d'
  local o = check(owner, x, alpha, options)
  local D = math.tointeger(math.sqrt(alpha:size(alpha:dim())) // 1 | 0)
  if alpha:dim() ~= 2 or D * D ~= alpha:size(2) or D < 2 then
    errors.raise('%s: alpha: a tensor [pairs x D * D] with D of at least 2 '
                 .. 'expected, got %s', owner, errors.shape(alpha))
  end
  local half = alpha:size(1)
  if x:dim() ~= 2 or x:size(2) ~= 2 * half then
    errors.raise('%s: x is %s, alpha is for %d pairs: [N x %d] expected',
                 owner, errors.shape(x), half, 2 * half)
  end
  if not x:dtype():find '^float' then x = x:type(alpha:type()) end
  local centres, step = M.kaf_centres(D, o.boundary or 3, owner)
  local sigma = M.check_sigma(owner, o.sigma or 2 * step / math.sqrt(2),
                              half)
  -- copies, to which the rows' gradients add up before they become one of x
  local first = x:narrow(2, 1, half):clone()
  local second = x:narrow(2, half + 1, half):clone()
  return by_rows(first, second, alpha, centres, sigma, o.boundary)
end

-- ---- kernel ridge regression ----

local targets = {
  relu = function (x) return math.max(x, 0) end,
  tanh = function (x) return torch.item(torch.tanh(x)) end,
  elu = function (x) return x > 0 and x or math.exp(x) - 1 end,
}

-- f(centre), which has to be a number.
local function target_of (owner, target, f, centre)
  local y = f(centre)
  if torch.isTensor(y) and y:nElement() == 1 then y = torch.item(y) end
  if type(y) ~= 'number' or y ~= y or math.abs(y) == math.huge then
    bounds.fail(owner, target,
      ('a function that gives a finite number at %g'):format(centre),
      errors.shape(y))
  end
  return y
end

-- The solution of A x = b (rows of numbers) by elimination with pivots.
local function solve (A, b)
  local n = #b
  local most = 0
  for i = 1, n do
    for j = 1, n do most = math.max(most, math.abs(A[i][j])) end
  end
  for k = 1, n do
    local p = k
    for i = k + 1, n do
      if math.abs(A[i][k]) > math.abs(A[p][k]) then p = i end
    end
    A[k], A[p], b[k], b[p] = A[p], A[k], b[p], b[k]
    local pivot = A[k][k]
    if pivot ~= pivot or math.abs(pivot) <= 1e-15 * most then return nil end
    for i = k + 1, n do
      local f = A[i][k] / pivot
      if f ~= 0 then
        local row, from = A[i], A[k]
        for j = k, n do row[j] = row[j] - f * from[j] end
        b[i] = b[i] - f * b[k]
      end
    end
  end
  for i = n, 1, -1 do
    local s = b[i]
    for j = i + 1, n do s = s - A[i][j] * b[j] end
    b[i] = s / A[i][i]
  end
  return b
end

--- nn.functional.kaf_ridge(target, options): alpha that fits a function.
-- Solves (K + eps I) alpha = target(centres). target: 'relu', 'tanh', 'elu' or
-- a Lua function of a number. options: D (20), boundary (3), kernel, sigma,
-- eps (1e-4). Returns a float64 tensor [D].
-- Errors: the relu kernel (its matrix is singular), a singular system.
-- Example:
--   local alpha = nn.functional.kaf_ridge('tanh', {D = 20})
function M.kaf_ridge (target, options, owner)
  local o = options or {}
  local f, argument = targets[target] or target, owner and 'init' or 'target'
  owner = owner or 'kaf_ridge'
  if type(f) ~= 'function' then
    errors.raise("%s: %s: %s'relu', 'tanh', 'elu' or a function of a number "
                 .. 'expected, got %s', owner, argument,
                 argument == 'init' and "'random', " or '',
                 errors.shape(target))
  end
  local kernel = o.kernel or 'gaussian'
  M.check_kernel(owner, kernel)
  if kernel == 'relu' then
    errors.raise('%s: kernel: the relu kernel has no ridge regression '
                 .. "(its matrix is singular); use 'gaussian' or 'softplus', "
                 .. "or init = 'random'", owner)
  end
  local D, eps = o.D or 20, o.eps or 1e-4
  local centres, step = M.kaf_centres(D, o.boundary or 3, owner)
  local sigma = M.check_sigma(owner, o.sigma or 2 * step)
  if torch.isTensor(sigma) then sigma = torch.item(sigma:view(1)[1]) end
  M.check_eps(owner, eps)
  local list, A, b = centres:totable(), {}, {}
  for i = 1, D do A[i] = {} end
  for j = 1, D do
    local column = of_kernel(owner, kernels[kernel] or kernel, centres,
                             list[j], sigma):totable()
    for i = 1, D do A[i][j] = column[i] + (i == j and eps or 0) end
    b[j] = target_of(owner, argument, f, list[j])
  end
  local alpha = solve(A, b)
  if not alpha then
    errors.raise('%s: the system is singular; a larger eps (got %g), or a '
                 .. "sigma (got %g) nearer to the centres' distance %g, makes "
                 .. 'it regular', owner, eps, sigma, step)
  end
  return torch.tensor(alpha, 'float64')
end

return M
