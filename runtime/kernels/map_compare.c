/* map_compare.c: elementwise comparisons, choices and tests, of all dtypes.
 * A bool is a byte, 0 or 1. */
#include "kernels/maps.h"

#define COMPARE(s, T)                                                         \
  NL_MAP2(lt, s, T, uint8_t, x < y)                                           \
  NL_MAP2(le, s, T, uint8_t, x <= y)                                          \
  NL_MAP2(gt, s, T, uint8_t, x > y)                                           \
  NL_MAP2(ge, s, T, uint8_t, x >= y)                                          \
  NL_MAP2(eq, s, T, uint8_t, x == y)                                          \
  NL_MAP2(ne, s, T, uint8_t, x != y)
#define WHERE(s, T)                                                           \
  void NL_MAP(where, s) NL_MAP_ARGS {                                         \
    const uint8_t *c = in[0];                                                 \
    const T *x = in[1], *y = in[2];                                           \
    T *z = out;                                                               \
    NL_IVDEP for (int64_t i = 0; i < n; i++) {                                \
      const T a = x[i], b = y[i];                                             \
      z[i] = c[i] ? a : b;                                                    \
    }                                                                         \
  }
#define INT_EXTREMA(s, T)                                                     \
  NL_MAP2(max2, s, T, T, x > y ? x : y)                                       \
  NL_MAP2(min2, s, T, T, x < y ? x : y)
/* NaN wins; of zeros y, which is what the reductions do too */
#define FLOAT_EXTREMA(s, T)                                                   \
  NL_MAP2(max2, s, T, T, ((x > y) | (x != x)) ? x : y)                         \
  NL_MAP2(min2, s, T, T, ((x < y) | (x != x)) ? x : y)
#define TESTS(s, T, INF)                                                      \
  NL_MAP1(isnan, s, T, uint8_t, x != x)                                       \
  NL_MAP1(isinf, s, T, uint8_t, (x == INF) | (x == -INF))                     \
  NL_MAP1(isfinite, s, T, uint8_t, (x < INF) & (x > -INF))

COMPARE(b, uint8_t)
COMPARE(u8, uint8_t)
COMPARE(i8, int8_t)
COMPARE(i16, int16_t)
COMPARE(i32, int32_t)
COMPARE(i64, int64_t)
COMPARE(f32, float)
COMPARE(f64, double)
WHERE(b, uint8_t)
WHERE(u8, uint8_t)
WHERE(i8, int8_t)
WHERE(i16, int16_t)
WHERE(i32, int32_t)
WHERE(i64, int64_t)
WHERE(f32, float)
WHERE(f64, double)
INT_EXTREMA(b, uint8_t)
INT_EXTREMA(u8, uint8_t)
INT_EXTREMA(i8, int8_t)
INT_EXTREMA(i16, int16_t)
INT_EXTREMA(i32, int32_t)
INT_EXTREMA(i64, int64_t)
FLOAT_EXTREMA(f32, float)
FLOAT_EXTREMA(f64, double)
TESTS(f32, float, HUGE_VALF)
TESTS(f64, double, HUGE_VAL)
NL_MAP2(and, b, uint8_t, uint8_t, x &y)
NL_MAP2(or, b, uint8_t, uint8_t, x | y)
NL_MAP2(xor, b, uint8_t, uint8_t, x ^ y)
NL_MAP1(not, b, uint8_t, uint8_t, x == 0)
