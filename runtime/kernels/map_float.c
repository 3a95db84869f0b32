/* map_float.c: elementwise arithmetic and rounding of floats: what IEEE 754
 * defines to the last bit.  NaN in gives NaN out. */
#include "kernels/maps.h"

/* Lua's %: C's fmod, moved to the sign of y. */
static inline float rem_f (float x, float y) {
  float m = fmodf(x, y);
  return (m > 0 && y < 0) || (m < 0 && y > 0) ? m + y : m;
}

static inline double rem_d (double x, double y) {
  double m = fmod(x, y);
  return (m > 0 && y < 0) || (m < 0 && y > 0) ? m + y : m;
}

#define FLOAT_ARITH(s, T)                                                     \
  NL_MAP2_FOUR(add, s, T, T, x + y)                                           \
  NL_MAP2_FOUR(sub, s, T, T, x - y)                                           \
  NL_MAP2_FOUR(mul, s, T, T, x *y)                                            \
  NL_MAP2_FOUR(div, s, T, T, x / y)                                           \
  NL_MAP1_FOUR(neg, s, T, T, -x)                                              \
  NL_MAP1_FOUR(square, s, T, T, x *x)                                         \
  NL_MAP1(recip, s, T, T, 1 / x)                                              \
  NL_MAP1(sign, s, T, T, x > 0 ? 1 : x < 0 ? -1 : x) /* NaN, 0, -0: itself */ \
  NL_MAP1_FOUR(relu, s, T, T, x <= 0 ? 0 : x)

FLOAT_ARITH(f32, float)
FLOAT_ARITH(f64, double)

NL_MAP2(fmod, f32, float, float, fmodf(x, y))
NL_MAP2(fmod, f64, double, double, fmod(x, y))
NL_MAP2(remainder, f32, float, float, rem_f(x, y))
NL_MAP2(remainder, f64, double, double, rem_d(x, y))
NL_MAP2(idiv, f32, float, float, floorf(x / y))
NL_MAP2(idiv, f64, double, double, floor(x / y))
NL_MAP1(abs, f32, float, float, fabsf(x))
NL_MAP1(abs, f64, double, double, fabs(x))
NL_MAP1(sqrt, f32, float, float, sqrtf(x))
NL_MAP1(sqrt, f64, double, double, sqrt(x))
NL_MAP1(rsqrt, f32, float, float, 1 / sqrtf(x))
NL_MAP1(rsqrt, f64, double, double, 1 / sqrt(x))
NL_MAP1(floor, f32, float, float, floorf(x))
NL_MAP1(floor, f64, double, double, floor(x))
NL_MAP1(ceil, f32, float, float, ceilf(x))
NL_MAP1(ceil, f64, double, double, ceil(x))
NL_MAP1(round, f32, float, float, roundf(x)) /* half away from zero */
NL_MAP1(round, f64, double, double, round(x))
NL_MAP1(rint, f32, float, float, rintf(x)) /* half to even */
NL_MAP1(rint, f64, double, double, rint(x))
NL_MAP1(trunc, f32, float, float, truncf(x))
NL_MAP1(trunc, f64, double, double, trunc(x))
NL_MAP1(frac, f32, float, float, x - truncf(x)) /* NaN at infinity */
NL_MAP1(frac, f64, double, double, x - trunc(x))
