-- What `nnlua help` and `?name` say of the functions that are written in C:
-- a table from name to text.  Of an operation's forms, torch.f is pure, with
-- [r,] a tensor that gets the result; x:f where it is said changes x.

local doc = {}

-- Entries begin with `torch.` in the first column.
local function section (text)
  local name
  for line in text:gmatch '[^\n]+' do
  name = line:match '^torch%.[%w_]+' or name
  doc[name] = doc[name] and doc[name] .. '\n' .. line or line
  end
end

section(require 'torch.doc_tensor')
section(require 'torch.doc_math')

-- elementwise functions of one and of two arguments
local one = {
  abs = '|x|', acos = 'arc cosine', acosh = 'inverse hyperbolic cosine',
  asin = 'arc sine', asinh = 'inverse hyperbolic sine', atan = 'arc tangent',
  atanh = 'inverse hyperbolic tangent', cbrt = 'cube root',
  ceil = 'the next integer above', cinv = '1 / x', cos = 'cosine',
  cosh = 'hyperbolic cosine', digamma = 'derivative of lgamma',
  erf = 'error function', erfc = '1 - erf(x)', erfinv = 'inverse of erf',
  exp = 'e^x', exp2 = '2^x', expm1 = 'e^x - 1', floor = 'the next integer below',
  frac = 'what is behind the point', lgamma = 'logarithm of the gamma function',
  log = 'natural logarithm', log10 = 'logarithm to base 10',
  log1p = 'log(1 + x)', log2 = 'logarithm to base 2', neg = '-x',
  reciprocal = '1 / x', relu = 'x where it is positive, else 0',
  round = 'the nearest integer, halves away from 0', rsqrt = '1 / sqrt(x)',
  sigmoid = '1 / (1 + e^-x)', sign = '-1, 0 or 1', sin = 'sine',
  sinh = 'hyperbolic sine', softplus = 'log(1 + e^x)', sqrt = 'square root',
  square = 'x^2', tan = 'tangent', tanh = 'hyperbolic tangent',
  trunc = 'x without what is behind the point', bitnot = 'all bits inverted',
}
for name, text in pairs(one) do
  doc['torch.' .. name] = ('torch.%s([r,] x)\n  By elements: %s.  x:%s() '
                           .. 'changes x.'):format(name, text, name)
end

local two = {
  mul = 'x y', cmul = 'x y', div = 'x / y', cdiv = 'x / y',
  idiv = 'x // y, rounded down', pow = 'x^y', cpow = 'x^y',
  cmax = 'the larger of x and y', cmin = 'the smaller of x and y',
  fmod = "the rest of x / y with x's sign", cfmod = "the rest of x / y with x's sign",
  remainder = "the rest of x / y with y's sign, Lua's %",
  cremainder = "the rest of x / y with y's sign, Lua's %",
  mod = "the rest of x / y with y's sign, Lua's %",
  atan2 = 'the angle of the point (y, x)', hypot = 'sqrt(x^2 + y^2)',
  logaddexp = 'log(e^x + e^y)', bitand = 'bits of both', bitor = 'bits of either',
  bitxor = 'bits of one of them', lshift = 'x << y', rshift = 'x >> y',
}
for name, text in pairs(two) do
  doc['torch.' .. name] = ('torch.%s([r,] x, y)\n  By elements, y a tensor or '
                           .. 'a number: %s.  x:%s(y) changes x.')
                          :format(name, text, name)
end
for name, sign in pairs{lt = '<', le = '<=', gt = '>', ge = '>=', eq = '==',
                        ne = '~='} do
  doc['torch.' .. name] = ('torch.%s([r,] x, y)\n  By elements: x %s y, as '
                           .. 'bool; y a tensor or a number.'):format(name, sign)
end
for name, what in pairs{isnan = 'not a number', isinf = 'infinite',
                        isfinite = 'a finite number'} do
  doc['torch.' .. name] = ('torch.%s(x)\n  By elements: is it %s?')
                          :format(name, what)
end

return doc
