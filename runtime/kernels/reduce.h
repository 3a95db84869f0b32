/* reduce.h: the names of the reductions, and what their files share. */
#ifndef NL_KERNELS_REDUCE_H
#define NL_KERNELS_REDUCE_H

#include "kernels/maps.h"

#define NL_REDUCE(name, s) NL_K(reduce_##name##_##s)
#define NL_REDUCE_ARGS                                                        \
  (int64_t outer, int64_t n, int64_t inner, int64_t o0, int64_t o1,           \
   int64_t i0, int64_t i1, const void *x, void *out)
#define NL_REDUCES(X, s)                                                      \
  X(sum, s) X(prod, s) X(max, s) X(min, s) X(all, s) X(any, s)                \
  X(argmax, s) X(argmin, s)
#define NL_ALL_REDUCES(X)                                                     \
  NL_REDUCES(X, b) NL_REDUCES(X, u8) NL_REDUCES(X, i8) NL_REDUCES(X, i16)     \
  NL_REDUCES(X, i32) NL_REDUCES(X, i64) NL_REDUCES(X, f32) NL_REDUCES(X, f64)
#define NL_DECLARE_REDUCE(name, s) void NL_REDUCE(name, s) NL_REDUCE_ARGS;
NL_ALL_REDUCES(NL_DECLARE_REDUCE)

#define NL_BLOCKS(name, s) NL_K(blocks_##name##_##s)
#define NL_BLOCKS_ARGS                                                        \
  (int64_t n, int64_t b0, int64_t b1, const void *x, void *out)
#define NL_DECLARE_BLOCKS(s)                                                  \
  void NL_BLOCKS(sum, s) NL_BLOCKS_ARGS;                                      \
  void NL_BLOCKS(prod, s) NL_BLOCKS_ARGS;                                     \
  void NL_BLOCKS(max, s) NL_BLOCKS_ARGS;                                      \
  void NL_BLOCKS(min, s) NL_BLOCKS_ARGS;
NL_DECLARE_BLOCKS(b)
NL_DECLARE_BLOCKS(u8)
NL_DECLARE_BLOCKS(i8)
NL_DECLARE_BLOCKS(i16)
NL_DECLARE_BLOCKS(i32)
NL_DECLARE_BLOCKS(i64)
NL_DECLARE_BLOCKS(f32)
NL_DECLARE_BLOCKS(f64)

#endif
