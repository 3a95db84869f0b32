-- Records of the elementwise primitives: see check.lua.
local torch = require 'torch'
local autograd = require 'autograd'
local special = require 'ops.special'

local records = {}

local SHAPES = {{3, 4}, {5}, {2, 3, 2}, {0, 3}}
local FLOATS = {'float32'}
local WHOLE = {'int64', 'int32', 'int16', 'int8', 'uint8'}

-- Cases of inputs with the same shape, each in its own interval.
local function cases (spans, dtype)
  local list = {}
  for _, shape in ipairs(SHAPES) do
    local case = {}
    for i, span in ipairs(spans) do
      case[i] = {shape = shape, from = span[1], to = span[2],
                 dtype = span.dtype or dtype, whole = span.whole}
    end
    list[#list + 1] = case
  end
  return list
end

local function add (r)
  r.elementwise = true
  records[#records + 1] = r
end

-- NAME, torch.NAME where it differs, interval, the function of a number.
local function unary (name, span, each, more)
  local r = {name = name, inputs = cases {span}, each = each,
             dtypes = FLOATS, tolerance = 1e-13}
  for k, v in pairs(more or {}) do r[k] = v end
  local f = torch[r.as or name]
  r.call = r.call or function (x) return f(x) end
  r.method = r.method == nil and (r.as or name) or r.method
  add(r)
end

local function binary (name, spans, each, more)
  local r = {name = name, inputs = cases(spans), each = each,
             dtypes = FLOATS, tolerance = 1e-13}
  for k, v in pairs(more or {}) do r[k] = v end
  if r.whole then
    r.inputs = cases({{spans[1][1], spans[1][2]}, {spans[2][1], spans[2][2]}},
                     'int64')
    r.dtypes, r.constant = {}, true
  end
  local f = torch[r.as or name]
  r.call = r.call or function (x, y) return f(x, y) end
  r.method = r.method == nil and (r.as or name) or r.method
  add(r)
end

local function log (b) return function (x) return math.log(x, b) end end

unary('neg', {-2, 2}, function (x) return -x end)
unary('abs', {-2, 2}, math.abs)
unary('square', {-2, 2}, function (x) return x * x end)
unary('recip', {0.5, 2}, function (x) return 1 / x end, {as = 'reciprocal'})
unary('sqrt', {0.1, 4}, math.sqrt)
unary('rsqrt', {0.1, 4}, function (x) return 1 / math.sqrt(x) end)
unary('cbrt', {0.2, 4}, special.cbrt)
unary('exp', {-2, 2}, math.exp)
unary('exp2', {-2, 2}, function (x) return 2.0 ^ x end)
unary('expm1', {-2, 2}, function (x) return math.exp(x) - 1 end)
unary('log', {0.1, 4}, math.log)
unary('log2', {0.1, 4}, log(2))
unary('log10', {0.1, 4}, log(10))
unary('log1p', {-0.6, 3}, special.log1p)
unary('sin', {-4, 4}, math.sin)
unary('cos', {-4, 4}, math.cos)
unary('tan', {-1.2, 1.2}, math.tan)
unary('asin', {-0.9, 0.9}, math.asin)
unary('acos', {-0.9, 0.9}, math.acos)
unary('atan', {-3, 3}, math.atan)
unary('sinh', {-2, 2}, function (x)
  return (math.exp(x) - math.exp(-x)) / 2
end)
unary('cosh', {-2, 2}, function (x)
  return (math.exp(x) + math.exp(-x)) / 2
end)
unary('tanh', {-2, 2}, function (x) return 1 - 2 / (math.exp(2 * x) + 1) end)
unary('asinh', {-3, 3}, function (x)
  local y = math.log(math.abs(x) + math.sqrt(x * x + 1))
  return x < 0 and -y or y
end)
unary('acosh', {1.2, 4}, function (x)
  return math.log(x + math.sqrt(x * x - 1))
end)
unary('atanh', {-0.9, 0.9}, function (x)
  return 0.5 * math.log((1 + x) / (1 - x))
end)
unary('sigmoid', {-4, 4}, function (x) return 1 / (1 + math.exp(-x)) end)
unary('softplus', {-4, 4}, function (x) return math.log(1 + math.exp(x)) end)
unary('relu', {-2, 2}, function (x) return x > 0 and x or 0.0 end)
unary('erf', {-2, 2}, special.erf)
unary('erfc', {-2, 2}, special.erfc)
unary('erfinv', {-0.9, 0.9}, special.erfinv)
unary('lgamma', {0.4, 6}, special.lgamma)
unary('gamma', {0.4, 4}, function (x) return math.exp(special.lgamma(x)) end)
unary('sinc', {-3, 3}, function (x)
  return x == 0 and 1 or math.sin(math.pi * x) / (math.pi * x)
end, {tolerance = 1e-14})
unary('digamma', {0.4, 6}, special.digamma)
unary('trigamma', {0.4, 6}, special.trigamma, {
  call = function (x) -- the derivative of digamma
    local _, t = autograd.jvp(torch.digamma, {x}, {x * 0 + 1})
    return t
  end,
  method = false, second = 1e-5,
})
unary('frac', {-3, 3}, function (x) return x - special.trunc(x) end)
for name, each in pairs {
  sign = function (x) return x > 0 and 1.0 or x < 0 and -1.0 or 0.0 end,
  floor = math.floor, ceil = math.ceil, round = special.round,
  trunc = special.trunc, rint = function (x)
    local low = math.floor(x)
    return x - low == 0.5 and low + low % 2 or special.round(x)
  end,
} do
  unary(name, {-3, 3}, each, {constant = true})
end
for name, each in pairs {
  isnan = function (x) return x ~= x end,
  isinf = function (x) return x == 1 / 0 or x == -1 / 0 end,
  isfinite = function (x) return x == x and math.abs(x) < 1 / 0 end,
} do
  local f = torch[name]
  unary(name, {-1, 1}, function (x)
    return each(x < -0.5 and 0 / 0 or x > 0.5 and -1 / 0 or x)
  end, {
    call = function (x)
      x = torch.where(torch.lt(x, -0.5), x * 0 + 0 / 0, x)
      return f(torch.where(torch.gt(x, 0.5), x * 0 - 1 / 0, x))
    end,
    constant = true, method = false,
  })
end
unary('not', {-9, 9, dtype = 'int64'}, function (x) return ~x end,
      {as = 'bitnot', constant = true, dtypes = {}})

binary('add', {{-2, 2}, {-3, 1}}, function (x, y) return x + y end,
       {dtypes = {'float32', 'int64', 'int32'}})
binary('sub', {{-2, 2}, {-3, 1}}, function (x, y) return x - y end,
       {method = 'csub', dtypes = {'float32', 'int64'}})
binary('mul', {{-2, 2}, {-3, 1}}, function (x, y) return x * y end,
       {as = 'cmul', dtypes = {'float32', 'int64', 'int16'}})
binary('div', {{-2, 2}, {0.5, 2}}, function (x, y) return x / y end,
       {as = 'cdiv'})
binary('pow', {{0.3, 2}, {-2, 2}}, function (x, y) return x ^ y end,
       {as = 'cpow'})
binary('atan2', {{-2, 2}, {-3, 1}}, math.atan)
binary('hypot', {{-2, 2}, {-3, 1}}, function (x, y)
  return math.sqrt(x * x + y * y)
end)
binary('logaddexp', {{-2, 2}, {-3, 1}}, function (x, y)
  return math.log(math.exp(x) + math.exp(y))
end)
binary('max2', {{-2, 2}, {-3, 1}}, math.max,
       {as = 'cmax', dtypes = {'float32', 'int64'}})
binary('min2', {{-2, 2}, {-3, 1}}, math.min,
       {as = 'cmin', dtypes = {'float32', 'int64'}})
binary('remainder', {{-5, 5}, {0.7, 1.9}}, function (x, y) return x % y end)
binary('fmod', {{-5, 5}, {0.7, 1.9}}, math.fmod)
binary('idiv', {{-5, 5}, {0.7, 1.9}}, function (x, y) return x // y end,
       {constant = true})
for name, each in pairs {
  lt = function (x, y) return x < y end, le = function (x, y) return x <= y end,
  gt = function (x, y) return x > y end, ge = function (x, y) return x >= y end,
  eq = function (x, y) return x == y end,
  ne = function (x, y) return x ~= y end,
} do
  binary(name, {{0, 2, whole = true}, {0, 2, whole = true}}, each,
         {constant = true, method = false, dtypes = WHOLE})
end
for name, each in pairs {
  ['and'] = function (x, y) return x & y end,
  ['or'] = function (x, y) return x | y end,
  xor = function (x, y) return x ~ y end,
} do
  binary(name, {{-9, 9}, {-9, 9}}, each,
         {as = 'bit' .. name, whole = true})
end
binary('shl', {{-9, 9}, {0, 7}}, function (x, y) return x << y end,
       {as = 'lshift', whole = true})
binary('shr', {{0, 99}, {0, 7}}, function (x, y) return x >> y end,
       {as = 'rshift', whole = true})

local three = {}
for _, case in ipairs(cases {{0, 1, dtype = 'bool'}, {-2, 2}, {-3, 1}}) do
  three[#three + 1] = case
end
add {
  name = 'where', inputs = three, call = torch.where, dtypes = FLOATS,
  each = function (c, x, y) if c then return x end return y end,
}

return records
