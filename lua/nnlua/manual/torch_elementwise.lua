-- The manual: torch, functions of each element.

return [==[
# Functions of each element
@Shapes: the result has x's sizes.
@Errors: x that is no tensor or number.

torch.abs([r,] x)
x:abs()
  By elements: |x|.  The method changes x.
  Example:
    print(torch.abs(torch.Tensor{-1.5, 2}))     --> 1.5000 2.0000

torch.neg([r,] x)
x:neg()
  By elements: -x.  The method changes x.
  Example:
    print(torch.neg(torch.Tensor{-1.5, 2}))     --> 1.5000 -2.0000

torch.sign([r,] x)
x:sign()
  By elements: -1, 0 or 1.  The method changes x.
  Example:
    print(torch.sign(torch.Tensor{-3, 0, 2}))   --> -1 0 1

torch.square([r,] x)
x:square()
  By elements: x^2.  The method changes x.
  Example:
    print(torch.square(torch.Tensor{-3, 2}))    --> 9 4

torch.sqrt([r,] x)
x:sqrt()
  By elements: square root; nan below 0.  The method changes x.
  Example:
    print(torch.sqrt(torch.Tensor{4, 9}))       --> 2 3

torch.rsqrt([r,] x)
x:rsqrt()
  By elements: 1 / sqrt(x).  The method changes x.
  Example:
    print(torch.rsqrt(torch.Tensor{4, 16}))     --> 0.5000 0.2500

torch.cbrt([r,] x)
x:cbrt()
  By elements: cube root.  The method changes x.
  Example:
    print(torch.cbrt(torch.Tensor{8, -27}))     --> 2 -3

torch.cinv([r,] x)
x:cinv()
  By elements: 1 / x.  The method changes x.
  Example:
    print(torch.cinv(torch.Tensor{2, 4}))       --> 0.5000 0.2500

torch.reciprocal([r,] x)
x:reciprocal()
  By elements: 1 / x, as cinv.  The method changes x.
  Example:
    print(torch.reciprocal(torch.Tensor{2, 4})) --> 0.5000 0.2500

torch.exp([r,] x)
x:exp()
  By elements: e^x.  The method changes x.
  Example:
    print(torch.exp(torch.Tensor{0, 1}))        --> 1.0000 2.7183

torch.exp2([r,] x)
x:exp2()
  By elements: 2^x.  The method changes x.
  Example:
    print(torch.exp2(torch.Tensor{0, 3}))       --> 1 8

torch.expm1([r,] x)
x:expm1()
  By elements: e^x - 1, exact for small x.  The method changes x.
  Example:
    print(torch.expm1(torch.Tensor{0, 1}))      --> 0.0000 1.7183

torch.log([r,] x)
x:log()
  By elements: natural logarithm; nan below 0, -inf at 0.  The method
  changes x.
  Example:
    print(torch.log(torch.Tensor{1, 10}))       --> 0.0000 2.3026

torch.log2([r,] x)
x:log2()
  By elements: logarithm to base 2.  The method changes x.
  Example:
    print(torch.log2(torch.Tensor{1, 8}))       --> 0 3

torch.log10([r,] x)
x:log10()
  By elements: logarithm to base 10.  The method changes x.
  Example:
    print(torch.log10(torch.Tensor{1, 100}))    --> 0 2

torch.log1p([r,] x)
x:log1p()
  By elements: log(1 + x), exact for small x.  The method changes x.
  Example:
    print(torch.log1p(torch.Tensor{0, 1}))      --> 0.0000 0.6931

torch.sin([r,] x)
x:sin()
  By elements: sine.  The method changes x.
  Example:
    print(torch.sin(torch.Tensor{0, 1}))        --> 0.0000 0.8415

torch.cos([r,] x)
x:cos()
  By elements: cosine.  The method changes x.
  Example:
    print(torch.cos(torch.Tensor{0, 1}))        --> 1.0000 0.5403

torch.tan([r,] x)
x:tan()
  By elements: tangent.  The method changes x.
  Example:
    print(torch.tan(torch.Tensor{0, 1}))        --> 0.0000 1.5574

torch.asin([r,] x)
x:asin()
  By elements: arc sine, in [-pi/2, pi/2].  The method changes x.
  Example:
    print(torch.asin(torch.Tensor{0, 1}))       --> 0.0000 1.5708

torch.acos([r,] x)
x:acos()
  By elements: arc cosine, in [0, pi].  The method changes x.
  Example:
    print(torch.acos(torch.Tensor{0, 1}))       --> 1.5708 0.0000

torch.atan([r,] x)
x:atan()
  By elements: arc tangent.  The method changes x.
  Example:
    print(torch.atan(torch.Tensor{0, 1}))       --> 0.0000 0.7854

torch.sinh([r,] x)
x:sinh()
  By elements: hyperbolic sine.  The method changes x.
  Example:
    print(torch.sinh(torch.Tensor{0, 1}))       --> 0.0000 1.1752

torch.cosh([r,] x)
x:cosh()
  By elements: hyperbolic cosine.  The method changes x.
  Example:
    print(torch.cosh(torch.Tensor{0, 1}))       --> 1.0000 1.5431

torch.tanh([r,] x)
x:tanh()
  By elements: hyperbolic tangent.  The method changes x.
  Example:
    print(torch.tanh(torch.Tensor{0, 1}))       --> 0.0000 0.7616

torch.asinh([r,] x)
x:asinh()
  By elements: inverse hyperbolic sine.  The method changes x.
  Example:
    print(torch.asinh(torch.Tensor{0, 1}))      --> 0.0000 0.8814

torch.acosh([r,] x)
x:acosh()
  By elements: inverse hyperbolic cosine.  The method changes x.
  Example:
    print(torch.acosh(torch.Tensor{1, 2}))      --> 0.0000 1.3170

torch.atanh([r,] x)
x:atanh()
  By elements: inverse hyperbolic tangent.  The method changes x.
  Example:
    print(torch.atanh(torch.Tensor{0, 0.5}))    --> 0.0000 0.5493

torch.erf([r,] x)
x:erf()
  By elements: error function.  The method changes x.
  Example:
    print(torch.erf(torch.Tensor{0, 1}))        --> 0.0000 0.8427

torch.erfc([r,] x)
x:erfc()
  By elements: 1 - erf(x), exact for large x.  The method changes x.
  Example:
    print(torch.erfc(torch.Tensor{0, 1}))       --> 1.0000 0.1573

torch.erfinv([r,] x)
x:erfinv()
  By elements: inverse of erf.  The method changes x.
  Example:
    print(torch.erfinv(torch.Tensor{0, 0.5}))   --> 0.0000 0.4769

torch.lgamma([r,] x)
x:lgamma()
  By elements: logarithm of the gamma function.  The method changes x.
  Example:
    print(torch.lgamma(torch.Tensor{1, 5}))     --> 0.0000 3.1781

torch.gamma([r,] x)
x:gamma()
  By elements: the gamma function, (x - 1)! of integers; NaN at the negative
  ones.  The method changes x.
  Example:
    print(torch.gamma(torch.Tensor{1, 5}))      --> 1 24

torch.sinc([r,] x)
x:sinc()
  By elements: sin(pi x) / (pi x), 1 at 0.  The method changes x.
  Example:
    print(torch.sinc(torch.Tensor{0, 0.5}))     --> 1.0000 0.6366

torch.rint([r,] x)
x:rint()
  By elements: the nearest integer, of two the even one (round goes away from
  0).  The method changes x.
  Example:
    print(torch.rint(torch.Tensor{0.5, 1.5}))   --> 0 2

torch.digamma([r,] x)
x:digamma()
  By elements: derivative of lgamma.  The method changes x.
  Example:
    print(torch.digamma(torch.Tensor{1, 5}))    --> -0.5772 1.5061

torch.sigmoid([r,] x)
x:sigmoid()
  By elements: 1 / (1 + e^-x).  The method changes x.
  Example:
    print(torch.sigmoid(torch.Tensor{0, 2}))    --> 0.5000 0.8808

torch.softplus([r,] x)
x:softplus()
  By elements: log(1 + e^x).  The method changes x.
  Example:
    print(torch.softplus(torch.Tensor{0, 2}))   --> 0.6931 2.1269

torch.relu([r,] x)
x:relu()
  By elements: x where it is positive, else 0.  The method changes x.
  Example:
    print(torch.relu(torch.Tensor{-1, 2}))      --> 0 2

torch.ceil([r,] x)
x:ceil()
  By elements: the next integer above.  The method changes x.
  Example:
    print(torch.ceil(torch.Tensor{-1.5, 1.2}))  --> -1 2

torch.floor([r,] x)
x:floor()
  By elements: the next integer below.  The method changes x.
  Example:
    print(torch.floor(torch.Tensor{-1.5, 1.2})) --> -2 1

torch.round([r,] x)
x:round()
  By elements: the nearest integer, halves away from 0.  The method changes
  x.
  Example:
    print(torch.round(torch.Tensor{-1.5, 1.2})) --> -2 1

torch.trunc([r,] x)
x:trunc()
  By elements: x without what is behind the point.  The method changes x.
  Example:
    print(torch.trunc(torch.Tensor{-1.5, 1.2})) --> -1 1

torch.frac([r,] x)
x:frac()
  By elements: what is behind the point, with its sign.  The method changes
  x.
  Example:
    print(torch.frac(torch.Tensor{-1.5, 1.25})) --> -0.5000 0.2500

torch.bitnot([r,] x)
x:bitnot()
  By elements: all bits of integers inverted.  The method changes x.
  Errors: x that is no tensor of integers.
  Example:
    print(torch.bitnot(torch.LongTensor{0, 1})) --> -1 -2

torch.isnan(x)
x:isnan()
  By elements: is it not a number?
  Shapes: bool of x's sizes.
  Example:
    print(torch.isnan(torch.Tensor{1, 1 / 0, 0 / 0})) --> false false true

torch.isinf(x)
x:isinf()
  By elements: is it infinite?
  Shapes: bool of x's sizes.
  Example:
    print(torch.isinf(torch.Tensor{1, 1 / 0, 0 / 0})) --> false true false

torch.isfinite(x)
x:isfinite()
  By elements: is it a finite number?
  Shapes: bool of x's sizes.
  Example:
    print(torch.isfinite(torch.Tensor{1, 1 / 0, 0 / 0}))
    --> true false false

# Functions of two arguments
@Shapes: x and y broadcast, as NumPy's; a number goes with all.
@Errors: sizes that do not broadcast; what is no tensor or number.

torch.mul([r,] x, y)
x:mul(y)
  By elements: x y; y a number or a tensor.  The method changes x.
  Example:
    print(torch.mul(torch.Tensor{1, 2}, torch.Tensor{3, 4})) --> 3 8

torch.cmul([r,] x, y)
x:cmul(y)
  By elements: x y.  The method changes x.
  Example:
    print(torch.cmul(torch.Tensor{1, 2}, torch.Tensor{3, 4})) --> 3 8

torch.div([r,] x, y)
x:div(y)
  By elements: x / y, of integers too.  The method changes x.
  Example:
    print(torch.div(torch.Tensor{1, 2}, torch.Tensor{2, 4}))
    --> 0.5000 0.5000

torch.cdiv([r,] x, y)
x:cdiv(y)
  By elements: x / y, of integers too.  The method changes x.
  Example:
    print(torch.cdiv(torch.Tensor{1, 2}, torch.Tensor{2, 4}))
    --> 0.5000 0.5000

torch.pow([r,] x, y)
x:pow(y)
  By elements: x^y.  The method changes x.
  Example:
    print(torch.pow(torch.Tensor{2, 3}, 2))     --> 4 9

torch.cpow([r,] x, y)
x:cpow(y)
  By elements: x^y.  The method changes x.
  Example:
    print(torch.cpow(torch.Tensor{2, 3}, torch.Tensor{3, 2})) --> 8 9

torch.cmax([r,] x, y)
x:cmax(y)
  By elements: the larger of x and y.  The method changes x.
  Example:
    print(torch.cmax(torch.Tensor{1, 4}, torch.Tensor{2, 3})) --> 2 4

torch.cmin([r,] x, y)
x:cmin(y)
  By elements: the smaller of x and y.  The method changes x.
  Example:
    print(torch.cmin(torch.Tensor{1, 4}, torch.Tensor{2, 3})) --> 1 3

torch.fmod([r,] x, y)
x:fmod(y)
  By elements: the rest of x / y, with x's sign.  The method changes x.
  Example:
    print(torch.fmod(torch.Tensor{-7, 7}, 4))   --> -3 3

torch.cfmod([r,] x, y)
x:cfmod(y)
  By elements: the rest of x / y, with x's sign.  The method changes x.
  Example:
    print(torch.cfmod(torch.Tensor{-7, 7}, torch.Tensor{4, 4})) --> -3 3

torch.remainder([r,] x, y)
x:remainder(y)
torch.cmod([r,] x, y)
x:cmod(y)
  By elements: the rest of x / y, with y's sign, as Lua's %.  The method
  changes x.
  Example:
    print(torch.remainder(torch.Tensor{-7, 7}, 4)) --> 1 3

torch.cremainder([r,] x, y)
x:cremainder(y)
  By elements: the rest of x / y, with y's sign, as Lua's %.  The method
  changes x.
  Example:
    print(torch.cremainder(torch.Tensor{-7, 7}, torch.Tensor{4, 4}))
    --> 1 3

torch.mod([r,] x, y)
x:mod(y)
  By elements: as remainder.  The method changes x.
  Example:
    print(torch.mod(torch.Tensor{-7, 7}, 4))    --> 1 3

torch.idiv([r,] x, y)
x:idiv(y)
  By elements: x / y, rounded down, as Lua's //.  The method changes x.
  Example:
    print(torch.idiv(torch.Tensor{-7, 7}, 2))   --> -4 3

torch.atan2([r,] x, y)
x:atan2(y)
  By elements: the angle of the point (y, x), for x and y in this order: the
  angle whose tangent is x / y.  The method changes x.
  Example:
    print(torch.atan2(torch.Tensor{1, 0}, torch.Tensor{0, -1}))
    --> 1.5708 3.1416

torch.hypot([r,] x, y)
x:hypot(y)
  By elements: sqrt(x^2 + y^2).  The method changes x.
  Example:
    print(torch.hypot(torch.Tensor{3, 5}, torch.Tensor{4, 12})) --> 5 13

torch.logaddexp([r,] x, y)
x:logaddexp(y)
  By elements: log(e^x + e^y), without overflow.  The method changes x.
  Example:
    print(torch.logaddexp(torch.Tensor{0, 1000}, torch.Tensor{0, 1000}))
    --> 0.6931 1000.6932

torch.bitand([r,] x, y)
x:bitand(y)
torch.cbitand([r,] x, y)
x:cbitand(y)
  By elements of integers: bits of both.  The method changes x.
  Errors: sizes that do not broadcast; what is no integer.
  Example:
    print(torch.bitand(torch.LongTensor{6}, torch.LongTensor{3})) --> 2

torch.bitor([r,] x, y)
x:bitor(y)
torch.cbitor([r,] x, y)
x:cbitor(y)
  By elements of integers: bits of either.  The method changes x.
  Errors: sizes that do not broadcast; what is no integer.
  Example:
    print(torch.bitor(torch.LongTensor{6}, torch.LongTensor{3})) --> 7

torch.bitxor([r,] x, y)
x:bitxor(y)
torch.cbitxor([r,] x, y)
x:cbitxor(y)
  By elements of integers: bits of one of them.  The method changes x.
  Errors: sizes that do not broadcast; what is no integer.
  Example:
    print(torch.bitxor(torch.LongTensor{6}, torch.LongTensor{3})) --> 5

torch.lshift([r,] x, y)
x:lshift(y)
torch.clshift([r,] x, y)
x:clshift(y)
  By elements of integers: x << y.  The method changes x.
  Errors: sizes that do not broadcast; what is no integer.
  Example:
    print(torch.lshift(torch.LongTensor{6}, torch.LongTensor{1})) --> 12

torch.rshift([r,] x, y)
x:rshift(y)
torch.crshift([r,] x, y)
x:crshift(y)
  By elements of integers: x >> y.  The method changes x.
  Errors: sizes that do not broadcast; what is no integer.
  Example:
    print(torch.rshift(torch.LongTensor{6}, torch.LongTensor{1})) --> 3

# Comparisons
@Shapes: bool, of the broadcast sizes of x and y.
@Errors: sizes that do not broadcast.

torch.lt([r,] x, y)
x:lt(y)
  By elements: x < y, for tensors and numbers.
  Example:
    print(torch.lt(torch.Tensor{1, 2, 3}, 2))   --> true false false

torch.le([r,] x, y)
x:le(y)
  By elements: x <= y, for tensors and numbers.
  Example:
    print(torch.le(torch.Tensor{1, 2, 3}, 2))   --> true true false

torch.gt([r,] x, y)
x:gt(y)
  By elements: x > y, for tensors and numbers.
  Example:
    print(torch.gt(torch.Tensor{1, 2, 3}, 2))   --> false false true

torch.ge([r,] x, y)
x:ge(y)
  By elements: x >= y, for tensors and numbers.
  Example:
    print(torch.ge(torch.Tensor{1, 2, 3}, 2))   --> false true true

torch.eq([r,] x, y)
x:eq(y)
  By elements: x == y, for tensors and numbers.
  Example:
    print(torch.eq(torch.Tensor{1, 2, 3}, 2))   --> false true false

torch.ne([r,] x, y)
x:ne(y)
  By elements: x ~= y, for tensors and numbers.
  Example:
    print(torch.ne(torch.Tensor{1, 2, 3}, 2))   --> true false true
]==]
