/* map_pair.c: two elementwise functions in one pass, z = (x f y) g u,
 * u g (x f y) or g(x f y), with the bits of one after the other: each
 * operation rounds by itself.  Most of what a small map does is to load and
 * store. */
#include "kernels/maps.h"

/* f: add sub mul; g: the same and div, and sub and div the other way round,
   and relu */
#define PAIR(name, s, T, expr)                                                \
  static void name##_##s NL_MAP_ARGS {                                        \
    const T *x_ = in[0], *y_ = in[1], *u_ = in[2];                            \
    T *z_ = out;                                                              \
    NL_IVDEP NL_FOUR for (int64_t i = 0; i < n; i++) {                        \
      const T x = x_[i], y = y_[i], u = u_[i];                                \
      (void)u;                                                                \
      z_[i] = expr;                                                           \
    }                                                                         \
  }
#define PAIRS(f, s, T, t)                                                     \
  PAIR(f##_add, s, T, (t) + u)                                                \
  PAIR(f##_sub, s, T, (t) - u)                                                \
  PAIR(f##_from, s, T, u - (t))                                               \
  PAIR(f##_mul, s, T, (t) * u)                                                \
  PAIR(f##_div, s, T, (t) / u)                                                \
  PAIR(f##_under, s, T, u / (t))                                              \
  PAIR(f##_relu, s, T, (t) <= 0 ? 0 : (t))
PAIRS(add, f32, float, x + y)
PAIRS(sub, f32, float, x - y)
PAIRS(mul, f32, float, x * y)
PAIRS(add, f64, double, x + y)
PAIRS(sub, f64, double, x - y)
PAIRS(mul, f64, double, x * y)

#define ROW(f, s)                                                             \
  { f##_add_##s, f##_sub_##s, f##_from_##s, f##_mul_##s, f##_div_##s,         \
    f##_under_##s, f##_relu_##s }
#define TABLE(s) { ROW(add, s), ROW(sub, s), ROW(mul, s) }
static const nl_map_fn f32s[3][7] = TABLE(f32), f64s[3][7] = TABLE(f64);

nl_map_fn NL_K(map_pair) (int f, int g, int at, nl_dtype d) {
  int row = f == NL_MAP_add ? 0 : f == NL_MAP_sub ? 1 : -1, column = -1;
  if (f == NL_MAP_mul || f == NL_MAP_square) row = 2;
  if (g == NL_MAP_add) column = 0;
  if (g == NL_MAP_sub) column = at == 0 ? 1 : 2;
  if (g == NL_MAP_mul) column = 3;
  if (g == NL_MAP_div) column = at == 0 ? 4 : 5;
  if (g == NL_MAP_relu && at == 0) column = 6;
  if (row < 0 || column < 0) return NULL;
  return d == NL_F32   ? f32s[row][column]
         : d == NL_F64 ? f64s[row][column]
                       : NULL;
}
