/* gemm_pack.h: copies of operands in the order that micro-kernels read them.
 * Whatever the strides, one pass: along contiguous memory where one of them
 * is 1. */
#ifndef NL_GEMM_PACK_H
#define NL_GEMM_PACK_H

#include "kernels/gemm_micro.h"

/* ---- B: panels of NR columns, k after k, zeros beyond the last ---- */

/* Rows of a panel are far apart: they are fetched some k ahead. */
#define AHEAD 12
#define PANELS 4 /* at most, that are packed together */

static void panel_rows (real *to, const real *b, int64_t rs, int64_t k,
                        int nc) {
  bool one = nc <= LANES;
  int rest = one ? nc : nc - LANES;
  vmask mask = vmask_of(rest);
  if (nc == NR) {
    for (int64_t p = 0; p < k; p++, b += rs, to += NR) {
      __builtin_prefetch(b + AHEAD * rs);
      __builtin_prefetch(b + AHEAD * rs + NR - 1);
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

/* `count` full panels together, which share pages and what is fetched ahead. */
static void panels_of_rows (real *to, const real *b, int64_t rs, int64_t k,
                            int64_t count) {
  for (int64_t p = 0; p < k; p++, b += rs, to += NR)
    for (int64_t c = 0; c < count; c++) {
      __builtin_prefetch(b + AHEAD * rs + c * NR);
      vec low = vload(b + c * NR), high = vload(b + c * NR + LANES);
      vstore(to + c * k * NR, low);
      vstore(to + c * k * NR + LANES, high);
    }
}

/* LANES columns, of which nc are there, from k = p on, to half a panel. */
NL_INLINE void half_panel (real *to, const real *b, int64_t cs, int nc,
                           int64_t p, int64_t k) {
  vec t[LANES];
  load_columns(t, b + p, cs, nc, k - p);
  NL_UNROLL
  for (int q = 0; q < LANES; q++) {
    if (q >= k - p) break;
    vstore(to + (p + q) * NR, t[q]);
  }
}

/* By lines of b and of the panel: each is read and written at once. */
static void panel_columns (real *to, const real *b, int64_t cs, int64_t k,
                           int nc) {
  int64_t p = 0;
  for (; p + LINE <= k && nc == NR; p += LINE)
    for (int v = 0; v < NR; v += LANES) {
      for (int j = 0; j < LANES; j++)
        __builtin_prefetch(b + (v + j) * cs + p + 2 * LINE);
      for (int h = 0; h < LINE; h += LANES)
        half_panel(to + v, b + v * cs, cs, LANES, p + h, k);
    }
  for (int v = 0; v < NR; v += LANES)
    for (int64_t o = p; o < k; o += LANES) {
      if (nc > v) {
        half_panel(to + v, b + v * cs, cs, nc - v, o, k);
        continue;
      }
      /* nothing reads it, but it must not be stale NaNs */
      for (int64_t q = o; q < k && q < o + LANES; q++)
        vstore(to + q * NR + v, vall(0));
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

/* nb columns of B, a panel after another. */
static void pack_panels (real *to, operand b, int64_t k, int64_t nb) {
  int64_t j = 0;
  if (b.cs == 1)
    for (int64_t some; j + NR <= nb; j += some * NR) {
      some = (nb - j) / NR < PANELS ? (nb - j) / NR : PANELS;
      panels_of_rows(to + j * k, b.p + j, b.rs, k, some);
    }
  for (; j < nb; j += NR) {
    operand panel = { b.p + j * b.cs, b.rs, b.cs };
    pack_panel(to + j * k, panel, k, nb - j < NR ? (int)(nb - j) : NR);
  }
}

/* ---- A: strips of at most MR rows, k after k ---- */

/* A strip of kb elements of k.  Whole vectors are stored: each overruns into
   the next column, the last into the slack behind. */
#define STRIP(kb) (MR * (kb) + 64 / (int64_t)sizeof(real))

/* m rows are `count` strips of like heights: 200 are 34 of 5 or 6. */
static int64_t strip_count (int64_t m) { return (m + MR - 1) / MR; }
static int64_t strip_row (int64_t m, int64_t s) {
  int64_t count = strip_count(m), low = m / count, more = m % count;
  return s * low + (s < more ? s : more);
}

/* Rows contiguous: transposed in registers. */
static void strip_of_rows (real *to, operand a, int mr, int64_t k) {
  for (int g = 0; g < mr; g += LANES)
    for (int64_t p = 0; p < k; p += LANES) {
      vec t[LANES];
      load_columns(t, a.p + g * a.rs + p, a.rs, mr - g, k - p);
      NL_UNROLL
      for (int q = 0; q < LANES; q++) {
        if (q >= k - p) break;
        if (g > 0 && g + LANES > MR) /* the next column is there already */
          vstoren(to + (p + q) * MR + g, t[q], mr - g);
        else
          vstore(to + (p + q) * MR + g, t[q]);
      }
    }
}

/* Columns contiguous: several strips together, which share cache lines. */
#define TOGETHER 8
static void strips_of_columns (real *to, operand a, int64_t m, int64_t k,
                               int64_t s0, int64_t s1) {
  int64_t row[TOGETHER + 1];
  for (int64_t s = s0; s <= s1; s++) row[s - s0] = strip_row(m, s);
  for (int64_t p = 0; p < k; p++) {
    const real *x = a.p + p * a.cs;
    for (int64_t s = 0; s < s1 - s0; s++) {
      real *at = to + s * STRIP(k) + p * MR;
      int mr = (int)(row[s + 1] - row[s]), i = 0;
      for (; i + LANES <= mr; i += LANES) vstore(at + i, vload(x + row[s] + i));
      if (i < mr) vstore(at + i, vloadn(x + row[s] + i, vmask_of(mr - i)));
    }
  }
}

/* Strips [s0, s1) of the m rows of a, kb elements of each; strip 0's place is
   `to`. */
static void pack_strips (real *to, operand a, int64_t m, int64_t kb,
                         int64_t s0, int64_t s1) {
  for (int64_t s = s0; s < s1;) {
    int64_t row = strip_row(m, s), end = s1 - s > TOGETHER ? s + TOGETHER : s1;
    real *at = to + s * STRIP(kb);
    if (a.rs == 1 && a.cs != 1) {
      strips_of_columns(at, a, m, kb, s, end);
      s = end;
      continue;
    }
    int mr = (int)(strip_row(m, s + 1) - row);
    operand strip = { a.p + row * a.rs, a.rs, a.cs };
    if (a.cs == 1) {
      strip_of_rows(at, strip, mr, kb);
    } else {
      for (int64_t p = 0; p < kb; p++, at += MR)
        for (int i = 0; i < mr; i++) at[i] = strip.p[i * a.rs + p * a.cs];
    }
    s++;
  }
}

#endif
