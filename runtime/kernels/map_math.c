/* map_math.c: transcendental functions.  Those that SLEEF has are SLEEF's with
 * at most 1.0 ulp; the others are made of them.  name_f and name_d compute a
 * vector of float32 and float64. */
#include "kernels/maps.h"

NL_SLEEF1(exp, u10)
NL_SLEEF1(exp2, u10)
NL_SLEEF1(expm1, u10)
NL_SLEEF1(log, u10)
NL_SLEEF1(log2, u10)
NL_SLEEF1(log10, u10)
NL_SLEEF1(log1p, u10)
NL_SLEEF1(cbrt, u10)
NL_SLEEF1(sin, u10)
NL_SLEEF1(cos, u10)
NL_SLEEF1(tan, u10)
NL_SLEEF1(asin, u10)
NL_SLEEF1(acos, u10)
NL_SLEEF1(atan, u10)
NL_SLEEF1(sinh, u10)
NL_SLEEF1(cosh, u10)
NL_SLEEF1(asinh, u10)
NL_SLEEF1(acosh, u10)
NL_SLEEF1(atanh, u10)
NL_SLEEF1(erf, u10)
NL_SLEEF2(pow, u10)
NL_SLEEF2(atan2, u10)
NL_SLEEF2(hypot, u05)

/* kernels of SLEEF's functions as they are */
#define AS_IT_IS(name)                                                        \
  void NL_MAP(name, f32) NL_MAP_ARGS { map1_f32(n, in, out, name##_vf); }     \
  void NL_MAP(name, f64) NL_MAP_ARGS { map1_f64(n, in, out, name##_vd); }
AS_IT_IS(exp2)
AS_IT_IS(expm1)
AS_IT_IS(log)
AS_IT_IS(log2)
AS_IT_IS(log10)
AS_IT_IS(cbrt)
AS_IT_IS(sin)
AS_IT_IS(cos)
AS_IT_IS(tan)
AS_IT_IS(asin)
AS_IT_IS(acos)
AS_IT_IS(atan)
AS_IT_IS(atanh)
AS_IT_IS(erf)
#define AS_IT_IS2(name)                                                       \
  void NL_MAP(name, f32) NL_MAP_ARGS { map2_f32(n, in, out, name##_vf); }     \
  void NL_MAP(name, f64) NL_MAP_ARGS { map2_f64(n, in, out, name##_vd); }
AS_IT_IS2(atan2)
AS_IT_IS2(hypot)

/* pow: x itself, its square and its cube, which programs and derivatives of
   powers are full of, cost no logarithm.  The other lanes are SLEEF's, so that
   an element's bits do not depend on its neighbours. */
NL_INLINE vf pow_f (vf x, vf y) {
  vi two = y == 2, three = y == 3, known = two | three | (y == 1);
  vf s = x * x, z = sel_f(two, s, sel_f(three, s * x, x));
  return any_lane((vl)~known) ? sel_f(known, z, pow_vf(x, y)) : z;
}
NL_INLINE vd pow_d (vd x, vd y) {
  vl two = y == 2, three = y == 3, known = two | three | (y == 1);
  vd s = x * x, z = sel_d(two, s, sel_d(three, s * x, x));
  return any_lane(~known) ? sel_d(known, z, pow_vd(x, y)) : z;
}

/* Is every one of n exponents e? */
static bool every_f (int64_t n, const float *y, float e) {
  vi other = {0};
  int64_t i = 0;
  for (; i + NL_VF <= n; i += NL_VF) other |= load_f(y + i) != e;
  if (i < n) other |= load_part_f(y + i, n - i, e) != e;
  return !any_lane((vl)other);
}
static bool every_d (int64_t n, const double *y, double e) {
  vl other = {0};
  int64_t i = 0;
  for (; i + NL_VD <= n; i += NL_VD) other |= load_d(y + i) != e;
  if (i < n) other |= load_part_d(y + i, n - i, e) != e;
  return !any_lane(other);
}

/* Mostly all exponents are one number. */
#define POWERS(s, T, all, lanes)                                              \
  void NL_MAP(pow, s) NL_MAP_ARGS {                                           \
    const T *x = in[0], *y = in[1], e = n > 0 ? y[0] : 0;                     \
    T *z = out;                                                               \
    if ((e != 2 && e != 3) || !all(n, y, e)) {                                \
      map2_##s(n, in, out, lanes);                                            \
    } else if (e == 2) {                                                      \
      NL_IVDEP NL_FOUR for (int64_t i = 0; i < n; i++) z[i] = x[i] * x[i];    \
    } else {                                                                  \
      NL_IVDEP NL_FOUR for (int64_t i = 0; i < n; i++)                        \
        z[i] = x[i] * x[i] * x[i];                                            \
    }                                                                         \
  }
POWERS(f32, float, every_f, pow_f)
POWERS(f64, double, every_d, pow_d)

/* Where SLEEF gives up before the result overflows, other formulas take over;
   few vectors have such lanes, so they are computed only when one is there. */

/* exp: e^x = e^(x - 1) e just below the overflow (float64 only). */
NL_INLINE vf exp_f (vf x) { return exp_vf(x); }
NL_INLINE vd exp_d (vd x) {
  vl big = x > 709.78;
  vd y = exp_vd(x);
  return any_lane(big) ? sel_d(big, exp_vd(x - 1) * 2.718281828459045, y) : y;
}
NL_MAP_VEC1(exp)

/* log1p(x) = log(x) where 1 + x is x. */
NL_INLINE vf log1p_f (vf x) {
  vi big = x > 1e30f;
  vf y = log1p_vf(x);
  return any_lane((vl)big) ? sel_f(big, log_vf(x), y) : y;
}
NL_INLINE vd log1p_d (vd x) {
  vl big = x > 1e300;
  vd y = log1p_vd(x);
  return any_lane(big) ? sel_d(big, log_vd(x), y) : y;
}
NL_MAP_VEC1(log1p)

/* cosh and |sinh|: e^(|x| - 1) e/2 when large. */
NL_INLINE vf half_exp_f (vf a) { return exp_vf(a - 1) * 1.3591409142f; }
NL_INLINE vd half_exp_d (vd a) { return exp_vd(a - 1) * 1.3591409142295225; }
NL_INLINE vf cosh_f (vf x) {
  vf a = abs_f(x), y = cosh_vf(x);
  vi big = a > 88;
  return any_lane((vl)big) ? sel_f(big, half_exp_f(a), y) : y;
}
NL_INLINE vd cosh_d (vd x) {
  vd a = abs_d(x), y = cosh_vd(x);
  vl big = a > 709;
  return any_lane(big) ? sel_d(big, half_exp_d(a), y) : y;
}
NL_MAP_VEC1(cosh)
NL_INLINE vf sinh_f (vf x) {
  vf a = abs_f(x), y = sinh_vf(x);
  vi big = a > 88;
  return any_lane((vl)big) ? sel_f(big, sign_as_f(half_exp_f(a), x), y) : y;
}
NL_INLINE vd sinh_d (vd x) {
  vd a = abs_d(x), y = sinh_vd(x);
  vl big = a > 709;
  return any_lane(big) ? sel_d(big, sign_as_d(half_exp_d(a), x), y) : y;
}
NL_MAP_VEC1(sinh)

/* acosh and |asinh|: log(2 |x|) = log |x| + log 2 when large. */
NL_INLINE vf acosh_f (vf x) {
  vi big = x > 0x1p40f;
  vf y = acosh_vf(x);
  return any_lane((vl)big) ? sel_f(big, log_vf(x) + 0.69314718f, y) : y;
}
NL_INLINE vd acosh_d (vd x) {
  vl big = x > 0x1p300;
  vd y = acosh_vd(x);
  return any_lane(big) ? sel_d(big, log_vd(x) + 0.6931471805599453, y) : y;
}
NL_MAP_VEC1(acosh)
NL_INLINE vf asinh_f (vf x) {
  vf a = abs_f(x), y = asinh_vf(x);
  vi big = a > 0x1p40f;
  if (!any_lane((vl)big)) return y;
  return sel_f(big, sign_as_f(log_vf(a) + 0.69314718f, x), y);
}
NL_INLINE vd asinh_d (vd x) {
  vd a = abs_d(x), y = asinh_vd(x);
  vl big = a > 0x1p300;
  if (!any_lane(big)) return y;
  return sel_d(big, sign_as_d(log_vd(a) + 0.6931471805599453, x), y);
}
NL_MAP_VEC1(asinh)

/* tanh: x + x^3 P(x^2), P a Chebyshev fit, for |x| < 0.625; else of e^2|x|.
   Twice as fast as SLEEF's, within 1.5 ulp. */
NL_INLINE vf tanh_f (vf x) {
  vf a = abs_f(x), q = x * x;
  vf e = exp_vf(a + a);
  vf p = q * 0.0022925576f - 0.0083437804f;
  p = p * q + 0.021768868f;
  p = p * q - 0.053959253f;
  p = p * q + 0.133333035f;
  p = p * q - 0.3333333317f;
  return sign_as_f(sel_f(a < 0.625f, a + a * (q * p), 1 - 2 / (e + 1)), x);
}
NL_INLINE vd tanh_d (vd x) {
  vd a = abs_d(x), q = x * x;
  vd e = exp_vd(a + a);
  vd p = q * 6.484104982405479e-06 - 3.119892666773487e-05;
  p = p * q + 9.256923588512033e-05;
  p = p * q - 0.0002375896885211701;
  p = p * q + 0.0005896603606552671;
  p = p * q - 0.0014557753532096296;
  p = p * q + 0.0035921217436959856;
  p = p * q - 0.008863235102653483;
  p = p * q + 0.02186948851898143;
  p = p * q - 0.05396825396789636;
  p = p * q + 0.13333333333333042;
  p = p * q - 0.3333333333333333;
  return sign_as_d(sel_d(a < 0.625, a + a * (q * p), 1 - 2 / (e + 1)), x);
}
NL_MAP_VEC1(tanh)

/* sigmoid: 1 / (1 + e^-x), as e^x / (1 + e^x) where x < 0: never overflows. */
NL_INLINE vf sigmoid_f (vf x) {
  vf e = exp_vf(-abs_f(x));
  return sel_f(x < 0, e, all_f(1)) / (1 + e);
}
NL_INLINE vd sigmoid_d (vd x) {
  vd e = exp_vd(-abs_d(x));
  return sel_d(x < 0, e, all_d(1)) / (1 + e);
}
NL_MAP_VEC1(sigmoid)

/* softplus: log(1 + e^x) = max(x, 0) + log1p(e^-|x|). */
NL_INLINE vf softplus_f (vf x) {
  return sel_f(x <= 0, all_f(0), x) + log1p_vf(exp_vf(-abs_f(x)));
}
NL_INLINE vd softplus_d (vd x) {
  return sel_d(x <= 0, all_d(0), x) + log1p_vd(exp_vd(-abs_d(x)));
}
NL_MAP_VEC1(softplus)

/* logaddexp: log(e^x + e^y) = max + log1p(e^-|x - y|); equal infinities are
   the answer themselves, where x - y is NaN. */
NL_INLINE vf logaddexp_f (vf x, vf y) {
  vf m = sel_f((x > y) | (x != x), x, y);
  vf d = sel_f(x == y, all_f(0), abs_f(x - y));
  return m + log1p_vf(exp_vf(-d));
}
NL_INLINE vd logaddexp_d (vd x, vd y) {
  vd m = sel_d((x > y) | (x != x), x, y);
  vd d = sel_d(x == y, all_d(0), abs_d(x - y));
  return m + log1p_vd(exp_vd(-d));
}
NL_MAP_VEC2(logaddexp)
