-- nn.functional: what modules compute, as pure functions of tensors.  They
-- work on traced values; x is a tensor of any shape unless it says otherwise.

local torch = require 'torch'
local errors = require 'nn.errors'
local checked = require 'nn.functional.checked'

local F = {}

for _, name in ipairs {'relu', 'sigmoid', 'tanh', 'abs', 'pow', 'square',
                       'exp', 'log'} do
  F[name] = torch[name]
end

local where, gt, lt = torch.where, torch.gt, torch.lt

-- x where it is at most 0, else 0: keeps exp() of unused branches finite.
local function negative_part (x) return where(gt(x, 0), 0, x) end

-- x within low..high (-1, 1); the derivative is 0 at the ends
function F.hard_tanh (x, low, high)
  low, high = low or -1, high or 1
  return where(torch.le(x, low), low, where(torch.ge(x, high), high, x))
end

function F.relu6 (x) return F.hard_tanh(x, 0, 6) end

function F.leaky_relu (x, slope)
  return where(gt(x, 0), x, torch.mul(x, slope or 0.01))
end

function F.threshold (x, threshold, value)
  return where(gt(x, threshold), x, value)
end

function F.elu (x, alpha)
  return where(gt(x, 0), x,
               torch.mul(torch.expm1(negative_part(x)), alpha or 1))
end

function F.selu (x)
  return F.elu(x, 1.6732632423543772848170429916717)
         * 1.0507009873554804934193349852946
end

function F.celu (x, alpha)
  alpha = alpha or 1
  local low = torch.expm1(torch.div(negative_part(x), alpha))
  return where(gt(x, 0), x, torch.mul(low, alpha))
end

-- approximate: 'none' or 'tanh'
function F.gelu (x, approximate)
  if approximate ~= nil and approximate ~= 'none' and approximate ~= 'tanh' then
    errors.raise("nn.functional.gelu: argument #2 (approximate): 'none' or "
                 .. "'tanh' expected, got %s", errors.shape(approximate))
  elseif approximate == 'tanh' then
    local u = (x + torch.pow(x, 3) * 0.044715) * math.sqrt(2 / math.pi)
    return torch.cmul(x, torch.tanh(u) + 1) * 0.5
  end
  return torch.cmul(x, torch.erfc(x * -math.sqrt(0.5))) * 0.5
end

function F.silu (x) return torch.cmul(x, torch.sigmoid(x)) end

F.swish = F.silu

function F.mish (x) return torch.cmul(x, torch.tanh(torch.softplus(x))) end

function F.hard_sigmoid (x) return F.relu6(x + 3) / 6 end

function F.hard_swish (x) return torch.cmul(x, F.relu6(x + 3)) / 6 end

F.hard_silu = F.hard_swish

function F.log_sigmoid (x) return -torch.softplus(-x) end

function F.hard_shrink (x, lambda)
  return where(gt(torch.abs(x), lambda or 0.5), x, 0)
end

function F.soft_shrink (x, lambda)
  lambda = lambda or 0.5
  return where(gt(x, lambda), x - lambda,
               where(lt(x, -lambda), x + lambda, 0))
end

function F.tanh_shrink (x) return x - torch.tanh(x) end

function F.softplus (x, beta, threshold)
  beta = beta or 1
  local z = torch.mul(x, beta)
  return where(gt(z, threshold or 20), x, torch.div(torch.softplus(z), beta))
end

function F.soft_sign (x) return torch.cdiv(x, torch.abs(x) + 1) end

-- sqrt(x + eps), its derivative 0 where that is 0
function F.sqrt (x, eps)
  local s = eps and eps ~= 0 and x + eps or x
  local zero = torch.eq(s, 0)
  return where(zero, 0, torch.sqrt(where(zero, 1, s)))
end

-- ---- over a dimension: dim is 1-based, the last one by default ----

function F.softmax (x, dim) return torch.softmax(x, dim or x:dim()) end

function F.log_softmax (x, dim) return torch.logsoftmax(x, dim or x:dim()) end

-- Half of x times the sigmoid of the other half.
function F.glu (x, dim)
  return require 'nn'.GatedLinearUnit(dim):compute(x)
end

-- Of images [batch x planes x height x width], with the arguments of the
-- modules: kW, kH, dW (kW; for avg_pool 1), dH, padW, padH.
function F.max_pool (x, ...)
  return require 'nn'.SpatialMaxPooling(...):compute(x)
end

-- The same, and where the greatest elements stood: y * width + x + 1
function F.max_pool_indices (x, ...)
  local pooling = require 'nn'.SpatialMaxPooling(...):keepIndices()
  local y = pooling:compute(x)
  return y, require 'nn.unpooling'.seen(pooling.seen).indices
end

function F.avg_pool (x, ...)
  return require 'nn'.SpatialAveragePooling(...):compute(x)
end

-- x with `before` and `after` elements of that value (0) more in a dimension;
-- negative numbers cut.
function F.pad (x, dim, before, after, value)
  if before < 0 then x = x:narrow(dim, 1 - before, x:size(dim) + before) end
  if after < 0 then x = x:narrow(dim, 1, x:size(dim) + after) end
  local function filled (n)
    local sizes = x:size():totable()
    sizes[dim] = n
    return torch.full(sizes, value or 0, {dtype = x:dtype()})
  end
  local parts = {x}
  if before > 0 then table.insert(parts, 1, filled(before)) end
  if after > 0 then parts[#parts + 1] = filled(after) end
  return #parts == 1 and x or torch.cat(parts, dim)
end

-- x, with its gradient multiplied by `factor`
function F.scale_gradient (x, factor)
  local constant = require 'autograd'.stop_gradient(x)
  return constant + torch.mul(x - constant, factor)
end

-- labels 1..n of any shape -> [..., n] of 0 and 1
function F.one_hot (labels, n, dtype)
  return torch.onehot(labels, n, dtype or torch.getdefaultdtype())
end

checked(F, {
  hard_tanh = {'low', 'high'}, relu6 = {}, leaky_relu = {'slope'},
  threshold = {'threshold!', 'value!'}, elu = {'alpha'}, selu = {},
  celu = {'alpha'}, gelu = {}, silu = {}, swish = {}, mish = {},
  hard_sigmoid = {}, hard_swish = {}, hard_silu = {}, log_sigmoid = {},
  hard_shrink = {'lambda'}, soft_shrink = {'lambda'}, tanh_shrink = {},
  softplus = {'beta', 'threshold'}, soft_sign = {}, sqrt = {'eps'},
  scale_gradient = {'factor!'},
})
local windows = {'kW:integer!', 'kH:integer', 'dW:integer', 'dH:integer',
                 'padW:integer', 'padH:integer'}
checked(F, {
  softmax = {'dim:integer'}, log_softmax = {'dim:integer'},
  glu = {'dim:integer'},
  max_pool = windows, max_pool_indices = windows, avg_pool = windows,
  pad = {'dim:integer!', 'before:integer!', 'after:integer!', 'value'},
}, true)

-- ---- further ones, loaded when they are first named ----

local files = {}
local function list (file, names)
  for name in names:gmatch '%S+' do files[name] = 'nn.functional.' .. file end
end

list('ternary', [[ternary binary expected_state expected_binary_state
  gaussian_cdf gaussian_pdf]])
list('lagrangian', 'lagrangian lagrangian_activation tempered_sigmoid')
list('kaf', 'kaf kaf2d kaf_centres kaf_ridge')

return setmetatable(F, {
  __index = function (self, name)
    local value = files[name] and require(files[name])[name]
    rawset(self, name, value)
    return value
  end,
})
