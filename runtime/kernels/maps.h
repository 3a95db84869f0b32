/* maps.h: the names of all elementwise and cast kernels by dtype, and the
 * loops that most of them are.  table.c lists the same names, and a test holds
 * the table against NL_MAPS of kernels.h. */
#ifndef NL_KERNELS_MAPS_H
#define NL_KERNELS_MAPS_H

#include "kernels/kernels.h"
#include "kernels/lanes.h"

/* suffix of a dtype -> its enumerator */
#define NL_DT_b NL_BOOL
#define NL_DT_u8 NL_U8
#define NL_DT_i8 NL_I8
#define NL_DT_i16 NL_I16
#define NL_DT_i32 NL_I32
#define NL_DT_i64 NL_I64
#define NL_DT_f32 NL_F32
#define NL_DT_f64 NL_F64

/* the maps of integers, of floats and of bool, as NL_MAPS has them */
#define NL_MAPS_INT(X)                                                        \
  X(add) X(sub) X(mul) X(idiv) X(fmod) X(remainder) X(pow) X(max2) X(min2)    \
  X(lt) X(le) X(gt) X(ge) X(eq) X(ne) X(where) X(and) X(or) X(xor) X(not)     \
  X(shl) X(shr) X(neg) X(abs) X(sign) X(square) X(relu)                       \
  X(floor) X(ceil) X(round) X(trunc) X(rint)
#define NL_MAPS_FLOAT(X)                                                      \
  X(add) X(sub) X(mul) X(div) X(idiv) X(fmod) X(remainder) X(pow) X(atan2)    \
  X(hypot) X(logaddexp) X(max2) X(min2)                                       \
  X(lt) X(le) X(gt) X(ge) X(eq) X(ne) X(where)                                \
  X(neg) X(abs) X(sign) X(square) X(recip) X(sqrt) X(rsqrt) X(cbrt)           \
  X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p)                    \
  X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(tanh)        \
  X(asinh) X(acosh) X(atanh) X(sigmoid) X(softplus) X(relu)                   \
  X(erf) X(erfc) X(erfinv) X(lgamma) X(digamma) X(trigamma)                   \
  X(gamma) X(sinc) X(rint)                                                    \
  X(floor) X(ceil) X(round) X(trunc) X(frac) X(isnan) X(isinf) X(isfinite)
#define NL_MAPS_BOOL(X)                                                       \
  X(max2) X(min2) X(lt) X(le) X(gt) X(ge) X(eq) X(ne) X(where)                \
  X(and) X(or) X(xor) X(not)

#define NL_MAP(name, s) NL_K(map_##name##_##s)
#define NL_MAP_ARGS (int64_t n, const void *const *in, void *out)
#define NL_DECLARE_INT(name)                                                  \
  void NL_MAP(name, u8) NL_MAP_ARGS;                                          \
  void NL_MAP(name, i8) NL_MAP_ARGS;                                          \
  void NL_MAP(name, i16) NL_MAP_ARGS;                                         \
  void NL_MAP(name, i32) NL_MAP_ARGS;                                         \
  void NL_MAP(name, i64) NL_MAP_ARGS;
#define NL_DECLARE_FLOAT(name)                                                \
  void NL_MAP(name, f32) NL_MAP_ARGS;                                         \
  void NL_MAP(name, f64) NL_MAP_ARGS;
#define NL_DECLARE_BOOL(name) void NL_MAP(name, b) NL_MAP_ARGS;
NL_MAPS_INT(NL_DECLARE_INT)
NL_MAPS_FLOAT(NL_DECLARE_FLOAT)
NL_MAPS_BOOL(NL_DECLARE_BOOL)

nl_map_fn NL_K(map_pair) (int f, int g, int at, nl_dtype d);
void NL_K(spread) (int64_t n, size_t elem, const void *x, void *out);

#define NL_CAST(from, to) NL_K(cast_##from##_##to)
#define NL_CASTS_FROM(X, f)                                                   \
  X(f, b) X(f, u8) X(f, i8) X(f, i16) X(f, i32) X(f, i64) X(f, f32) X(f, f64)
#define NL_CASTS(X)                                                           \
  NL_CASTS_FROM(X, b) NL_CASTS_FROM(X, u8) NL_CASTS_FROM(X, i8)               \
  NL_CASTS_FROM(X, i16) NL_CASTS_FROM(X, i32) NL_CASTS_FROM(X, i64)           \
  NL_CASTS_FROM(X, f32) NL_CASTS_FROM(X, f64)
#define NL_DECLARE_CAST(from, to)                                             \
  void NL_CAST(from, to) (int64_t n, const void *in, void *out);
NL_CASTS(NL_DECLARE_CAST)

/* A kernel from an expression of x (and y): elements of type T give one of
   type R.  Plain loops, which the compiler makes vectors of; NL_FOUR: of four
   at a time, for what is in every program. */
#define NL_MAP1_OF(hint, name, s, T, R, expr)                                 \
  void NL_MAP(name, s) NL_MAP_ARGS {                                          \
    const T *x_ = in[0];                                                      \
    R *z_ = out;                                                              \
    NL_IVDEP hint for (int64_t i = 0; i < n; i++) {                           \
      const T x = x_[i];                                                      \
      z_[i] = (R)(expr);                                                      \
    }                                                                         \
  }
#define NL_MAP2_OF(hint, name, s, T, R, expr)                                 \
  void NL_MAP(name, s) NL_MAP_ARGS {                                          \
    const T *x_ = in[0], *y_ = in[1];                                         \
    R *z_ = out;                                                              \
    NL_IVDEP hint for (int64_t i = 0; i < n; i++) {                           \
      const T x = x_[i], y = y_[i];                                           \
      z_[i] = (R)(expr);                                                      \
    }                                                                         \
  }
#define NL_MAP1(name, s, T, R, expr) NL_MAP1_OF(, name, s, T, R, expr)
#define NL_MAP2(name, s, T, R, expr) NL_MAP2_OF(, name, s, T, R, expr)
#define NL_MAP1_FOUR(name, s, T, R, expr)                                     \
  NL_MAP1_OF(NL_FOUR, name, s, T, R, expr)
#define NL_MAP2_FOUR(name, s, T, R, expr)                                     \
  NL_MAP2_OF(NL_FOUR, name, s, T, R, expr)

/* The loops over vector functions.  The tail goes through the same function,
   padded, so an element's bits don't depend on where it stands. */
NL_INLINE void map1_f32 (int64_t n, const void *const *in, void *out,
                         vf (*f)(vf)) {
  const float *x = in[0];
  float *z = out;
  int64_t i = 0;
  for (; i + NL_VF <= n; i += NL_VF) store_f(z + i, f(load_f(x + i)));
  if (i < n) store_part_f(z + i, n - i, f(load_part_f(x + i, n - i, 0)));
}

NL_INLINE void map1_f64 (int64_t n, const void *const *in, void *out,
                         vd (*f)(vd)) {
  const double *x = in[0];
  double *z = out;
  int64_t i = 0;
  for (; i + NL_VD <= n; i += NL_VD) store_d(z + i, f(load_d(x + i)));
  if (i < n) store_part_d(z + i, n - i, f(load_part_d(x + i, n - i, 0)));
}

NL_INLINE void map2_f32 (int64_t n, const void *const *in, void *out,
                         vf (*f)(vf, vf)) {
  const float *x = in[0], *y = in[1];
  float *z = out;
  int64_t i = 0;
  for (; i + NL_VF <= n; i += NL_VF)
    store_f(z + i, f(load_f(x + i), load_f(y + i)));
  if (i < n) /* a tail? */
    store_part_f(z + i, n - i, f(load_part_f(x + i, n - i, 0),
                                 load_part_f(y + i, n - i, 0)));
}

NL_INLINE void map2_f64 (int64_t n, const void *const *in, void *out,
                         vd (*f)(vd, vd)) {
  const double *x = in[0], *y = in[1];
  double *z = out;
  int64_t i = 0;
  for (; i + NL_VD <= n; i += NL_VD)
    store_d(z + i, f(load_d(x + i), load_d(y + i)));
  if (i < n) /* a tail? */
    store_part_d(z + i, n - i, f(load_part_d(x + i, n - i, 0),
                                 load_part_d(y + i, n - i, 0)));
}

/* The kernels of both float types from functions name_f and name_d. */
#define NL_MAP_VEC1(name)                                                     \
  void NL_MAP(name, f32) NL_MAP_ARGS { map1_f32(n, in, out, name##_f); }      \
  void NL_MAP(name, f64) NL_MAP_ARGS { map1_f64(n, in, out, name##_d); }
#define NL_MAP_VEC2(name)                                                     \
  void NL_MAP(name, f32) NL_MAP_ARGS { map2_f32(n, in, out, name##_f); }      \
  void NL_MAP(name, f64) NL_MAP_ARGS { map2_f64(n, in, out, name##_d); }

#endif
