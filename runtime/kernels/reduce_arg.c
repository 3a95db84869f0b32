/* reduce_arg.c: argmax and argmin: the 0-based index of the first maximum or
 * minimum, or of the first NaN.  Of nothing: 0.  Two loops serve all types,
 * over int64 and over float64, into which pieces of x are widened exactly. */
#include "kernels/reduce.h"

#define PIECE 512

typedef void (*cast_fn) (int64_t n, const void *in, void *out);

/* Is b better than a, the best before it? */
NL_INLINE int better_int (int max, int64_t a, int64_t b) {
  return max ? b > a : b < a;
}
NL_INLINE int better_float (int max, double a, double b) {
  return (a == a) & ((b != b) | (max ? b > a : b < a));
}

NL_INLINE void arg_int (int max, size_t size, cast_fn widen, int64_t n,
                        int64_t inner, int64_t o, int64_t i0, int64_t i1,
                        const char *x, int64_t *out) {
  int64_t buf[PIECE], best[PIECE];
  x += (size_t)(o * n * inner) * size;
  out += o * inner;
  for (int64_t i = i0; i < i1; i++) out[i] = 0;
  for (int64_t k = 0, m; inner == 1 && k < n; k += m) {
    m = n - k < PIECE ? n - k : PIECE;
    widen(m, x + (size_t)k * size, buf);
    if (k == 0) best[0] = buf[0];
    for (int64_t j = 0; j < m; j++)
      if (better_int(max, best[0], buf[j])) best[0] = buf[j], out[0] = k + j;
  }
  for (int64_t i = i0, w; inner > 1 && i < i1; i += w) {
    w = i1 - i < PIECE ? i1 - i : PIECE;
    for (int64_t k = 0; k < n; k++) {
      widen(w, x + (size_t)(k * inner + i) * size, k ? buf : best);
      for (int64_t j = 0; k && j < w; j++) {
        int b = better_int(max, best[j], buf[j]);
        best[j] = b ? buf[j] : best[j];
        out[i + j] = b ? k : out[i + j];
      }
    }
  }
}

NL_INLINE void arg_float (int max, size_t size, cast_fn widen, int64_t n,
                          int64_t inner, int64_t o, int64_t i0, int64_t i1,
                          const char *x, int64_t *out) {
  double buf[PIECE], best[PIECE];
  x += (size_t)(o * n * inner) * size;
  out += o * inner;
  for (int64_t i = i0; i < i1; i++) out[i] = 0;
  for (int64_t k = 0, m; inner == 1 && k < n; k += m) {
    m = n - k < PIECE ? n - k : PIECE;
    widen(m, x + (size_t)k * size, buf);
    if (k == 0) best[0] = buf[0];
    for (int64_t j = 0; j < m; j++)
      if (better_float(max, best[0], buf[j])) best[0] = buf[j], out[0] = k + j;
  }
  for (int64_t i = i0, w; inner > 1 && i < i1; i += w) {
    w = i1 - i < PIECE ? i1 - i : PIECE;
    for (int64_t k = 0; k < n; k++) {
      widen(w, x + (size_t)(k * inner + i) * size, k ? buf : best);
      for (int64_t j = 0; k && j < w; j++) {
        int b = better_float(max, best[j], buf[j]);
        best[j] = b ? buf[j] : best[j];
        out[i + j] = b ? k : out[i + j];
      }
    }
  }
}

#define ARG(name, s, T, max, kind, wide)                                      \
  void NL_REDUCE(name, s) NL_REDUCE_ARGS {                                    \
    (void)outer;                                                              \
    for (int64_t o = o0; o < o1; o++)                                         \
      arg_##kind(max, sizeof(T), NL_CAST(s, wide), n, inner, o, i0, i1, x,    \
                 out);                                                        \
  }
#define ARGS(s, T, kind, wide)                                                \
  ARG(argmax, s, T, 1, kind, wide) ARG(argmin, s, T, 0, kind, wide)
ARGS(b, uint8_t, int, i64)
ARGS(u8, uint8_t, int, i64)
ARGS(i8, int8_t, int, i64)
ARGS(i16, int16_t, int, i64)
ARGS(i32, int32_t, int, i64)
ARGS(i64, int64_t, int, i64)
ARGS(f32, float, float, f64)
ARGS(f64, double, float, f64)
