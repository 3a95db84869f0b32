/* reduce_int.c: reductions that are exact in any order: those of integers and
 * bool, and all and any of every type.  One loop over int64 serves all types;
 * pieces of x are widened into a small buffer first (all and any: to bool). */
#include "kernels/reduce.h"

#define PIECE 512

typedef void (*cast_fn) (int64_t n, const void *in, void *out);
typedef enum { SUM, PROD, MAX, MIN } fold_op;

NL_INLINE int64_t fold1 (fold_op op, int64_t a, int64_t b) {
  switch (op) {
    case SUM: return (int64_t)((uint64_t)a + (uint64_t)b);
    case PROD: return (int64_t)((uint64_t)a * (uint64_t)b);
    case MAX: return a > b ? a : b;
    default: return a < b ? a : b;
  }
}

NL_INLINE int64_t fold_all (fold_op op, const int64_t *x, int64_t n,
                            int64_t a) {
  for (int64_t i = 0; i < n; i++) a = fold1(op, a, x[i]);
  return a;
}

NL_INLINE void fold (fold_op op, int64_t *restrict a,
                     const int64_t *restrict b, int64_t n) {
  for (int64_t i = 0; i < n; i++) a[i] = fold1(op, a[i], b[i]);
}

/* Reduces with x of `size` bytes an element widened by `widen`, and results
   of `osize` bytes narrowed by `narrow`. */
NL_INLINE void reduce (fold_op op, int64_t init, size_t size, cast_fn widen,
                       size_t osize, cast_fn narrow, int64_t n, int64_t inner,
                       int64_t o0, int64_t o1, int64_t i0, int64_t i1,
                       const char *x, char *out) {
  int64_t buf[PIECE], acc[PIECE];
  for (int64_t o = o0; o < o1; o++) {
    const char *row = x + (size_t)(o * n * inner) * size;
    char *to = out + (size_t)(o * inner) * osize;
    if (inner == 1) {
      acc[0] = init;
      for (int64_t k = 0, m; k < n; k += m) {
        m = n - k < PIECE ? n - k : PIECE;
        widen(m, row + (size_t)k * size, buf);
        acc[0] = fold_all(op, buf, m, acc[0]);
      }
      narrow(1, acc, to);
    } else
      for (int64_t i = i0, w; i < i1; i += w) {
        w = i1 - i < PIECE ? i1 - i : PIECE;
        for (int64_t j = 0; j < w; j++) acc[j] = init;
        for (int64_t k = 0; k < n; k++) {
          widen(w, row + (size_t)(k * inner + i) * size, buf);
          fold(op, acc, buf, w);
        }
        narrow(w, acc, to + (size_t)i * osize);
      }
  }
}

/* the result of each block of x */
NL_INLINE void blocks (fold_op op, int64_t init, size_t size, cast_fn widen,
                       size_t osize, cast_fn narrow, int64_t n, int64_t b0,
                       int64_t b1, const char *x, char *out) {
  for (int64_t b = b0; b < b1; b++) {
    int64_t k = b * NL_RED_BLOCK, m = n - k;
    if (m > NL_RED_BLOCK) m = NL_RED_BLOCK;
    reduce(op, init, size, widen, osize, narrow, m, 1, 0, 1, 0, 1,
           x + (size_t)k * size, out + (size_t)b * osize);
  }
}

#define REDUCE(name, s, T, op, init, to, R)                                   \
  void NL_REDUCE(name, s) NL_REDUCE_ARGS {                                    \
    (void)outer;                                                              \
    reduce(op, init, sizeof(T), NL_CAST(s, i64), sizeof(R), NL_CAST(i64, to), \
           n, inner, o0, o1, i0, i1, x, out);                                 \
  }                                                                           \
  void NL_BLOCKS(name, s) NL_BLOCKS_ARGS {                                    \
    blocks(op, init, sizeof(T), NL_CAST(s, i64), sizeof(R), NL_CAST(i64, to), \
           n, b0, b1, x, out);                                                \
  }
#define INT_REDUCES(s, T, lo, hi)                                             \
  REDUCE(sum, s, T, SUM, 0, i64, int64_t)                                     \
  REDUCE(prod, s, T, PROD, 1, i64, int64_t)                                   \
  REDUCE(max, s, T, MAX, lo, s, T)                                            \
  REDUCE(min, s, T, MIN, hi, s, T)

INT_REDUCES(b, uint8_t, 0, 1)
INT_REDUCES(u8, uint8_t, 0, UINT8_MAX)
INT_REDUCES(i8, int8_t, INT8_MIN, INT8_MAX)
INT_REDUCES(i16, int16_t, INT16_MIN, INT16_MAX)
INT_REDUCES(i32, int32_t, INT32_MIN, INT32_MAX)
INT_REDUCES(i64, int64_t, INT64_MIN, INT64_MAX)

/* all: the least of the elements as bool; any: the greatest */
NL_INLINE void reduce_bool (int any, size_t size, cast_fn to_bool, int64_t n,
                            int64_t inner, int64_t o0, int64_t o1, int64_t i0,
                            int64_t i1, const char *x, uint8_t *out) {
  uint8_t buf[PIECE];
  for (int64_t o = o0; o < o1; o++) {
    const char *row = x + (size_t)(o * n * inner) * size;
    uint8_t *to = out + o * inner;
    for (int64_t i = i0; i < i1; i++) to[i] = !any;
    for (int64_t k = 0, m; inner == 1 && k < n && to[0] == !any; k += m) {
      m = n - k < PIECE ? n - k : PIECE;
      to_bool(m, row + (size_t)k * size, buf);
      for (int64_t j = 0; j < m; j++)
        to[0] = any ? to[0] | buf[j] : to[0] & buf[j];
    }
    for (int64_t k = 0; inner > 1 && k < n; k++)
      for (int64_t i = i0, w; i < i1; i += w) {
        w = i1 - i < PIECE ? i1 - i : PIECE;
        to_bool(w, row + (size_t)(k * inner + i) * size, buf);
        for (int64_t j = 0; j < w; j++)
          to[i + j] = any ? to[i + j] | buf[j] : to[i + j] & buf[j];
      }
  }
}

#define BOOL_REDUCE(name, s, T, any)                                          \
  void NL_REDUCE(name, s) NL_REDUCE_ARGS {                                    \
    (void)outer;                                                              \
    reduce_bool(any, sizeof(T), NL_CAST(s, b), n, inner, o0, o1, i0, i1, x,   \
                out);                                                         \
  }
#define BOOL_REDUCES(s, T) BOOL_REDUCE(all, s, T, 0) BOOL_REDUCE(any, s, T, 1)
BOOL_REDUCES(b, uint8_t)
BOOL_REDUCES(u8, uint8_t)
BOOL_REDUCES(i8, int8_t)
BOOL_REDUCES(i16, int16_t)
BOOL_REDUCES(i32, int32_t)
BOOL_REDUCES(i64, int64_t)
BOOL_REDUCES(f32, float)
BOOL_REDUCES(f64, double)
