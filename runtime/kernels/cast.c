/* cast.c: conversions between all dtypes.  To bool: x != 0, so NaN is true.
 * Float to integer: towards zero, saturating, NaN is 0.  Integer to a narrower
 * integer: modulo 2^bits.  Else the nearest value. */
#include "kernels/maps.h"

#define CAST(f, F, t, T, expr)                                                \
  void NL_CAST(f, t) (int64_t n, const void *in, void *out) {                 \
    const F *x_ = in;                                                         \
    T *z_ = out;                                                              \
    NL_IVDEP for (int64_t i = 0; i < n; i++) {                                \
      const F x = x_[i];                                                      \
      z_[i] = (T)(expr);                                                      \
    }                                                                         \
  }

#define FROM_INT(f, F)                                                        \
  CAST(f, F, b, uint8_t, x != 0)                                              \
  CAST(f, F, u8, uint8_t, x)                                                  \
  CAST(f, F, i8, int8_t, x)                                                   \
  CAST(f, F, i16, int16_t, x)                                                 \
  CAST(f, F, i32, int32_t, x)                                                 \
  CAST(f, F, i64, int64_t, x)                                                 \
  CAST(f, F, f32, float, x)                                                   \
  CAST(f, F, f64, double, x)

/* x as a T of [lo, hi]; (F)hi may round up, to hi + 1, hence >= */
#define SATURATE(F, T, lo, hi)                                                \
  (x >= (F)(hi) ? (hi) : x > (F)(lo) ? (T)x : x == x ? (lo) : 0)

#define FROM_FLOAT(f, F)                                                      \
  CAST(f, F, b, uint8_t, x != 0)                                              \
  CAST(f, F, u8, uint8_t, SATURATE(F, int32_t, 0, UINT8_MAX))                 \
  CAST(f, F, i8, int8_t, SATURATE(F, int32_t, INT8_MIN, INT8_MAX))            \
  CAST(f, F, i16, int16_t, SATURATE(F, int32_t, INT16_MIN, INT16_MAX))        \
  CAST(f, F, i32, int32_t, SATURATE(F, int32_t, INT32_MIN, INT32_MAX))        \
  CAST(f, F, i64, int64_t, SATURATE(F, int64_t, INT64_MIN, INT64_MAX))        \
  CAST(f, F, f32, float, x)                                                   \
  CAST(f, F, f64, double, x)

FROM_INT(b, uint8_t)
FROM_INT(u8, uint8_t)
FROM_INT(i8, int8_t)
FROM_INT(i16, int16_t)
FROM_INT(i32, int32_t)
FROM_INT(i64, int64_t)
FROM_FLOAT(f32, float)
FROM_FLOAT(f64, double)
