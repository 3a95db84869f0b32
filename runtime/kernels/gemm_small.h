/* gemm_small.h: products of a short k with few columns, such as a layer of a
 * few units makes, for the element type and instruction set of vec.h.
 *
 * All of B is held in registers and whole rows of C are made one after the
 * other, so that nothing is left to do but the chains of FMAs themselves.
 * There is one block of k: the chains start from zero, in the order of k.
 * Where FMAs are calls there is nothing to gain. */
#ifndef NL_GEMM_SMALL_H
#define NL_GEMM_SMALL_H

#include "kernels/gemm_micro.h"

#if NL_LEVEL > 1 || defined(NL_NEON)
#define SMALL_K 8

/* B as rows of nv vectors; lanes beyond its columns are anything. */
NL_INLINE void load_small (int nv, int64_t k, operand b, int64_t n,
                           real *to) {
  const int last = (int)(n - (nv - 1) * LANES);
  if (b.cs == 1) {
    const vmask mask = vmask_of(last);
    for (int64_t p = 0; p < k; p++, b.p += b.rs, to += nv * LANES) {
      if (nv == 2) vstore(to, vload(b.p));
      vstore(to + (nv - 1) * LANES, vloadn(b.p + (nv - 1) * LANES, mask));
    }
  } else if (b.rs == 1) {
    for (int64_t p = 0; p < k; p += LANES)
      for (int v = 0; v < nv; v++) {
        vec t[LANES];
        load_columns(t, b.p + v * LANES * b.cs + p, b.cs,
                     v + 1 < nv ? LANES : last, k - p);
        for (int q = 0; q < LANES && q < k - p; q++)
          vstore(to + ((p + q) * nv + v) * LANES, t[q]);
      }
  } else {
    memset(to, 0, (size_t)(k * nv * LANES) * sizeof(real));
    for (int64_t p = 0; p < k; p++)
      for (int64_t j = 0; j < n; j++)
        to[p * nv * LANES + j] = b.p[p * b.rs + j * b.cs];
  }
}

/* acc (nv vectors) = a row of A times b. */
NL_INLINE void small_row (int k, int nv, const real *a, int64_t cs,
                          vec b[SMALL_K][2], vec acc[2]) {
  NL_UNROLL
  for (int v = 0; v < nv; v++) acc[v] = vall(0);
  NL_UNROLL
  for (int p = 0; p < k; p++) {
    vec x = vall(a[p * cs]);
    NL_UNROLL
    for (int v = 0; v < nv; v++) acc[v] = vfma(x, b[p][v], acc[v]);
  }
}

/* c (m, n) = a (m, k) w.  A row is stored as whole vectors as long as what
   they reach beyond it is a row to come; the rest in part. */
NL_INLINE void small_rows (int k, int nv, bool four, int64_t m, int64_t n,
                           operand a, vec w[SMALL_K][2], real *c,
                           int64_t ldc) {
  const int last = (int)(n - (nv - 1) * LANES);
  const int64_t wide = nv * LANES;
  /* from c on, elements that whole vectors may touch */
  int64_t left = ldc == n || last == LANES ? (m - 1) * ldc + n : 0;
  vec acc[2];
  int64_t i = 0;
  for (; four && left >= 3 * ldc + wide; left -= 4 * ldc, i += 4) {
    NL_UNROLL
    for (int r = 0; r < 4; r++, a.p += a.rs, c += ldc) {
      small_row(k, nv, a.p, a.cs, w, acc);
      put_row(acc, nv, c, LANES, STORE);
    }
  }
  for (; i < m; i++, left -= ldc, a.p += a.rs, c += ldc) {
    small_row(k, nv, a.p, a.cs, w, acc);
    put_row(acc, nv, c, left >= wide ? LANES : last, STORE);
  }
}

NL_INLINE void small_of (int k, int nv, int64_t m, int64_t n, operand a,
                         operand b, real *c, int64_t ldc) {
  real memory[SMALL_K * 2 * LANES];
  vec w[SMALL_K][2];
  load_small(nv, k, b, n, memory);
  NL_UNROLL
  for (int p = 0; p < k; p++) {
    NL_UNROLL
    for (int v = 0; v < nv; v++) w[p][v] = vload(memory + (p * nv + v) * LANES);
  }
  if (a.cs == 1) /* then its elements are a constant way off */
    small_rows(k, nv, true, m, n, (operand){ a.p, a.rs, 1 }, w, c, ldc);
  else
    small_rows(k, nv, false, m, n, a, w, c, ldc);
}

typedef void (*small_fn) (int64_t m, int64_t n, operand a, operand b, real *c,
                          int64_t ldc);
#define SMALL(K, V)                                                           \
  static void small_##K##_##V (int64_t m, int64_t n, operand a, operand b,    \
                               real *c, int64_t ldc) {                        \
    small_of(K, V, m, n, a, b, c, ldc);                                       \
  }
EACH8(SMALL, 1) EACH8(SMALL, 2)
#define SMALL_NAME(K, V) small_##K##_##V,
static const small_fn small[3][SMALL_K + 1] = { /* [V][K] */
  { NULL },
  { NULL, EACH8(SMALL_NAME, 1) },
  { NULL, EACH8(SMALL_NAME, 2) },
};

/* c (m, n) = a (m, k) b, if it is such a product; else false.  A single
   column is better taken for a row, a single row has B as it lies. */
static bool small_product (int64_t m, int64_t n, int64_t k, operand a,
                           operand b, real *c, int64_t ldc) {
  if (k < 1 || k > SMALL_K || n < 2 || n > NR || m < 2) return false;
  small[n > LANES ? 2 : 1][k](m, n, a, b, c, ldc);
  return true;
}
#else
static bool small_product (int64_t m, int64_t n, int64_t k, operand a,
                           operand b, real *c, int64_t ldc) {
  (void)m, (void)n, (void)k, (void)a, (void)b, (void)c, (void)ldc;
  return false;
}
#endif

#endif
