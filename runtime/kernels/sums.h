/* sums.h: the reductions of one float type, by the rule of kernels.h.
 * reduce_f32.c and reduce_f64.c include it with T, the element's type, V, its
 * vectors of W lanes, and F(name), name_f or name_d of lanes.h.
 * The rule: element k of a sequence goes to lane k % 64 of its block of 4096,
 * a block's lanes are combined by halves, the blocks' results are a sequence
 * of their own.  Absent lanes hold the operation's identity (-0 for sums,
 * since x + -0 is x for every x), which is the same as being absent. */

#include "kernels/reduce.h"

#define LANES 64
#define STRIP_OF(T) (256 / (int)sizeof(T))
#define STRIP ((int64_t)STRIP_OF(T)) /* columns at a time */

typedef enum { SUM, PROD, MAX, MIN } fold_op;

NL_INLINE T identity (fold_op op) {
  return op == SUM    ? (T)-0.0
         : op == PROD ? 1
         : op == MAX  ? (T)-HUGE_VAL
                      : (T)HUGE_VAL;
}

/* a op b; NaN wins */
NL_INLINE T fold1 (fold_op op, T a, T b) {
  switch (op) {
    case SUM: return a + b;
    case PROD: return a * b;
    case MAX: return ((a > b) | (a != a)) ? a : b;
    default: return ((a < b) | (a != a)) ? a : b;
  }
}

/* a[i] = a[i] op b[i] */
NL_INLINE void fold (fold_op op, T *restrict a, const T *restrict b,
                     int64_t n) {
  NL_FOUR for (int64_t i = 0; i < n; i++) a[i] = fold1(op, a[i], b[i]);
}

/* acc holds r <= 64 lanes of w columns: combines them by halves into the
   first. */
NL_INLINE void fold_lanes (fold_op op, T *acc, int64_t r, int64_t w) {
  for (int64_t h = LANES / 2; h > 0; h /= 2)
    if (r > h) { /* is any upper lane there? */
      fold(op, acc, acc + h * w, (r - h) * w);
      r = h;
    }
}

/* a op b, of vectors */
NL_INLINE V fold_v (fold_op op, V a, V b) {
  switch (op) {
    case SUM: return a + b;
    case PROD: return a * b;
    case MAX: return F(sel)((a > b) | (a != a), a, b);
    default: return F(sel)((a < b) | (a != a), a, b);
  }
}

/* One block of STRIP columns in vectors, without a place in memory for each
   lane: lanes come in the order in which halves are combined (l, l + 32, then
   l + 16, l + 48, ...), and what waits for its other half waits in a stack. */
NL_INLINE void block_v (fold_op op, const T *x, int64_t n, int64_t stride,
                        T *out) {
  enum { NV = STRIP_OF(T) / W };
  V waits[7][NV], acc[NV];
  int bits = 0, depth = 0;
  while (1 << bits < LANES && 1 << bits < n) bits++;
  for (int i = 0; i < 1 << bits; i++) {
    int64_t l = 0;
    for (int j = 0; j < bits; j++) l |= (int64_t)(i >> j & 1) << (bits - 1 - j);
    const T *row = x + l * stride;
    NL_UNROLL
    for (int v = 0; v < NV; v++)
      acc[v] = l < n ? F(load)(row + v * W) : F(all)(identity(op));
    for (int64_t k = l + LANES; k < n; k += LANES) {
      row += LANES * stride;
      NL_UNROLL
      for (int v = 0; v < NV; v++)
        acc[v] = fold_v(op, acc[v], F(load)(row + v * W));
    }
    for (int j = i; j & 1; j >>= 1) {
      depth--;
      NL_UNROLL
      for (int v = 0; v < NV; v++)
        acc[v] = fold_v(op, waits[depth][v], acc[v]);
    }
    NL_UNROLL
    for (int v = 0; v < NV; v++) waits[depth][v] = acc[v];
    depth++;
  }
  NL_UNROLL
  for (int v = 0; v < NV; v++) F(store)(out + v * W, waits[0][v]);
}

/* One block: n <= 4096 rows of w columns, `stride` apart. */
NL_INLINE void block (fold_op op, const T *x, int64_t n, int64_t stride,
                      int64_t w, T *out) {
  if (w == STRIP && w < stride) {
    block_v(op, x, n, stride, out);
    return;
  }
  T acc[LANES * STRIP];
  int64_t r = n < LANES ? n : LANES;
  int64_t k = LANES;
  if (w == stride && n >= 2 * LANES) { /* two rows of lanes at once */
    const T *restrict y = x + LANES * w;
    NL_FOUR for (int64_t i = 0; i < LANES * w; i++)
      acc[i] = fold1(op, x[i], y[i]);
    k = 2 * LANES;
  } else if (w == stride) memcpy(acc, x, (size_t)(r * w) * sizeof(T));
  else
    for (int64_t l = 0; l < r; l++)
      memcpy(acc + l * w, x + l * stride, (size_t)w * sizeof(T));
  for (; k < n; k += LANES) {
    int64_t m = n - k < LANES ? n - k : LANES;
    if (w == stride) fold(op, acc, x + k * stride, m * w);
    else
      for (int64_t l = 0; l < m; l++)
        fold(op, acc + l * w, x + (k + l) * stride, w);
  }
  fold_lanes(op, acc, r, w);
  memcpy(out, acc, (size_t)w * sizeof(T));
}

/* A vector of lanes combined by halves. */
NL_INLINE T fold_vector (fold_op op, V v) {
  for (int h = W / 2; h > 0; h /= 2) v = fold_v(op, v, F(down)(v, h));
  return v[0];
}

/* One block of a single column: n <= 4096 elements. */
NL_INLINE T block1 (fold_op op, const T *x, int64_t n) {
  V acc[LANES / W];
  const T e = identity(op);
  if (n <= W) return fold_vector(op, F(load_part)(x, n, e));
  int64_t k = 0;
  if (n >= LANES) {
    for (int j = 0; j < LANES / W; j++) acc[j] = F(load)(x + j * W);
    for (k = LANES; k + LANES <= n; k += LANES)
      for (int j = 0; j < LANES / W; j++)
        acc[j] = fold_v(op, acc[j], F(load)(x + k + j * W));
  } else
    for (int j = 0; j < LANES / W; j++) acc[j] = F(all)(e);
  for (int j = 0; j < LANES / W; j++) /* the last lanes */
    if (n - k > j * W)
      acc[j] = fold_v(op, acc[j],
                      F(load_part)(x + k + j * W, n - k - j * W, e));
  for (int h = LANES / W / 2; h > 0; h /= 2)
    for (int j = 0; j < h; j++) acc[j] = fold_v(op, acc[j], acc[j + h]);
  return fold_vector(op, acc[0]);
}

/* A sequence of n > 0 elements whose blocks of 4096 are, at level > 0,
   sequences of span elements themselves. */
static T column (fold_op op, const T *x, int64_t n, int64_t span) {
  if (span == 1) switch (op) {
      case SUM: return block1(SUM, x, n);
      case PROD: return block1(PROD, x, n);
      case MAX: return block1(MAX, x, n);
      default: return block1(MIN, x, n);
    }
  T acc[LANES];
  int64_t j = 0;
  for (int64_t k = 0; k < n; k += span, j++) {
    T b = column(op, x + k, n - k < span ? n - k : span,
                 span / NL_RED_BLOCK);
    acc[j % LANES] = j < LANES ? b : fold1(op, acc[j % LANES], b);
  }
  fold_lanes(op, acc, j < LANES ? j : LANES, 1);
  return acc[0];
}

/* The same for w <= STRIP columns at once. */
static void strip (fold_op op, const T *x, int64_t n, int64_t stride,
                   int64_t w, int64_t span, T *out) {
  if (span == 1) switch (op) {
      case SUM: block(SUM, x, n, stride, w, out); return;
      case PROD: block(PROD, x, n, stride, w, out); return;
      case MAX: block(MAX, x, n, stride, w, out); return;
      default: block(MIN, x, n, stride, w, out); return;
    }
  T acc[LANES * STRIP], b[STRIP];
  int64_t j = 0;
  for (int64_t k = 0; k < n; k += span, j++) {
    T *a = acc + j % LANES * w;
    strip(op, x + k * stride, n - k < span ? n - k : span, stride, w,
          span / NL_RED_BLOCK, j < LANES ? a : b);
    if (j >= LANES) fold(op, a, b, w);
  }
  fold_lanes(op, acc, j < LANES ? j : LANES, w);
  memcpy(out, acc, (size_t)w * sizeof(T));
}

/* The elements of one block at the top level of a sequence of n. */
NL_INLINE int64_t top_span (int64_t n) {
  int64_t span = 1;
  while ((n - 1) / span >= NL_RED_BLOCK) span *= NL_RED_BLOCK;
  return span;
}

NL_INLINE void reduce (fold_op op, int64_t outer, int64_t n, int64_t inner,
                       int64_t o0, int64_t o1, int64_t i0, int64_t i1,
                       const T *x, T *out) {
  (void)outer;
  int64_t span = n > 0 ? top_span(n) : 0;
  for (int64_t o = o0; o < o1; o++) {
    const T *row = x + o * n * inner;
    T *to = out + o * inner;
    if (n == 0)
      for (int64_t i = i0; i < i1; i++) to[i] = op == SUM ? 0 : identity(op);
    else if (inner == 1)
      *to = span == 1 ? block1(op, row, n) : column(op, row, n, span);
    else
      for (int64_t i = i0, w; i < i1; i += w) {
        w = i1 - i < STRIP ? i1 - i : STRIP;
        strip(op, row + i, n, inner, w, span, to + i);
      }
  }
}

/* The results of blocks [b0, b1) of a sequence. */
NL_INLINE void blocks (fold_op op, int64_t n, int64_t b0, int64_t b1,
                       const T *x, T *out) {
  for (int64_t b = b0; b < b1; b++) {
    int64_t k = b * NL_RED_BLOCK, m = n - k;
    out[b] = block1(op, x + k, m < NL_RED_BLOCK ? m : NL_RED_BLOCK);
  }
}
