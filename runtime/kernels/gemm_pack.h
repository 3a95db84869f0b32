/* gemm_pack.h: copies of operands in the order that micro-kernels read them.
 * Whatever the strides, one pass: along contiguous memory where one of them
 * is 1. */
#ifndef NL_GEMM_PACK_H
#define NL_GEMM_PACK_H

#include "kernels/gemm_micro.h"

/* ---- B: panels of NR columns, k after k, zeros beyond the last ---- */

static void panel_rows (real *to, const real *b, int64_t rs, int64_t k,
                        int nc) {
  bool one = nc <= LANES;
  int rest = one ? nc : nc - LANES;
  vmask mask = vmask_of(rest);
  if (nc == NR) {
    for (int64_t p = 0; p < k; p++, b += rs, to += NR) {
      vstore(to, vload(b));
      vstore(to + LANES, vload(b + LANES));
    }
  } else if (one) {
    for (int64_t p = 0; p < k; p++, b += rs, to += NR) {
      vstore(to, vloadn(b, mask));
      vstore(to + LANES, vall(0));
    }
  } else {
    for (int64_t p = 0; p < k; p++, b += rs, to += NR) {
      vstore(to, vload(b));
      vstore(to + LANES, vloadn(b + LANES, mask));
    }
  }
}

static void panel_columns (real *to, const real *b, int64_t cs, int64_t k,
                           int nc) {
  for (int v = 0; v < NR; v += LANES) {
    int here = nc - v < LANES ? nc - v : LANES;
    if (here <= 0) { /* nothing reads it, but it must not be stale NaNs */
      for (int64_t p = 0; p < k; p++) vstore(to + p * NR + v, vall(0));
      continue;
    }
    for (int64_t p = 0; p < k; p += LANES) {
      vec t[LANES];
      int64_t rem = k - p;
      load_columns(t, b + v * cs + p, cs, here, rem);
      NL_UNROLL
      for (int q = 0; q < LANES; q++) {
        if (q >= rem) break;
        vstore(to + (p + q) * NR + v, t[q]);
      }
    }
  }
}

static void panel_any (real *to, const real *b, int64_t rs, int64_t cs,
                       int64_t k, int nc) {
  for (int64_t p = 0; p < k; p++, b += rs, to += NR)
    for (int j = 0; j < NR; j++) to[j] = j < nc ? b[j * cs] : 0;
}

/* One panel: k rows and nc <= NR columns from b on. */
static void pack_panel (real *to, operand b, int64_t k, int nc) {
  if (b.cs == 1)
    panel_rows(to, b.p, b.rs, k, nc);
  else if (b.rs == 1)
    panel_columns(to, b.p, b.cs, k, nc);
  else
    panel_any(to, b.p, b.rs, b.cs, k, nc);
}

/* ---- A: mr rows, as rows where they are contiguous, else as columns ---- */

static void pack_rows (real *to, operand a, int mr, int64_t k) {
  for (int i = 0; i < mr; i++)
    memcpy(to + i * ROW, a.p + i * a.rs, (size_t)k * sizeof(real));
}

/* Stores whole vectors: each overruns into the next column, the last into
   the slack behind. */
static void pack_columns (real *to, operand a, int mr, int64_t k) {
  for (int64_t p = 0; p < k; p++, to += MR) {
    const real *x = a.p + p * a.cs;
    int i = 0;
    for (; i + LANES <= mr; i += LANES) vstore(to + i, vload(x + i));
    if (i < mr) vstore(to + i, vloadn(x + i, vmask_of(mr - i)));
  }
}

/* Returns whether it packed by columns. */
static int pack_a (real *to, operand a, int mr, int64_t k) {
  if (a.cs == 1) {
    pack_rows(to, a, mr, k);
    return 0;
  }
  if (a.rs == 1) {
    pack_columns(to, a, mr, k);
    return 1;
  }
  for (int64_t p = 0; p < k; p++, to += MR)
    for (int i = 0; i < mr; i++) to[i] = a.p[i * a.rs + p * a.cs];
  return 1;
}

/* Asks for the strip that will be packed next: while the present one is
   multiplied it comes into the second cache. */
static void fetch_a (operand a, int mr, int64_t k) {
  const int64_t line = 64 / (int64_t)sizeof(real);
  if (a.cs == 1) {
    for (int i = 0; i < mr; i++)
      for (int64_t p = 0; p < k; p += line)
        __builtin_prefetch(a.p + i * a.rs + p, 0, 2);
  } else if (a.rs == 1) {
    for (int64_t p = 0; p < k; p++) __builtin_prefetch(a.p + p * a.cs, 0, 2);
  }
}

#endif
