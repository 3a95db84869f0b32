/* gemm_tile.h: a tile of a product, for the element type and instruction set
 * of vec.h.  The including file exports GEMM_KERNEL under its own name.
 *
 * Every path calls micro-kernels of gemm_micro.h on blocks of KB elements of
 * k in order, so all give the same bits; which one runs is a matter of speed
 * alone:
 *   packed    the usual one, in gemm_packed.h
 *   direct    few rows or one panel: A where it lies, B too if its rows are
 *             contiguous and not read often
 *   small     few columns and a short k: all of B in registers
 *   columns   up to four rows against contiguous columns of B: transposed in
 *             registers, no copy
 *   dot       one output: blocks of k are independent, eight chains at once */
#ifndef NL_GEMM_TILE_H
#define NL_GEMM_TILE_H

#include "kernels/gemm_packed.h"
#include "kernels/gemm_small.h"

#define SMALL_B (16 * 1024)  /* with few columns: not worth packing */
#define SMALL_N (NL_LEVEL == 3 ? 4 * NR : 2 * NR)

/* What is computed: c (m, n) = a b, with scratch w. */
typedef struct product {
  int64_t m, n, k;
  operand a, b;
  real *c;
  int64_t ldc;
  real *w;
  const nl_gemm_extra *x; /* may be NULL */
  int64_t i0, j0;         /* where c is, for x */
} product;

/* Rows [i, i + m) and columns [j, j + n) of t are finished. */
static void finished (const product *t, int64_t i, int64_t m, int64_t j,
                      int64_t n) {
  tell(t->x, t->i0 + i, m, t->j0 + j, n, t->c + i * t->ldc + j, t->ldc);
}

static operand at (operand x, int64_t i, int64_t j) {
  return (operand){ x.p + i * x.rs + j * x.cs, x.rs, x.cs };
}

/* Room for one narrow panel, or for packed A and a block. */
static size_t work (int64_t m, int64_t n, int64_t k) {
  int64_t kb = min64(k, KB);
  if (m == 0 || n == 0 || k == 0) return 64;
  if (n <= NR) return (size_t)(kb * NR) * sizeof(real);
  return packed_bytes(min64(m, NL_GEMM_ROWS), kb) + room(n, kb);
}

static void packed_tile (const product *t) {
  for (int64_t i = 0; i < t->m; i += NL_GEMM_ROWS)
    for (int64_t p = 0; p < t->k; p += KB) {
      int64_t kb = min64(KB, t->k - p), m = min64(NL_GEMM_ROWS, t->m - i);
      int64_t count = strip_count(m);
      char *w = (char *)t->w;
      pack_strips(t->w, at(t->a, i, p), m, kb, 0, count);
      nl_gemm_block g = {
        .m = m, .kb = kb, .i0 = t->i0 + i, .s1 = count, .n0 = 0, .n1 = t->n,
        .a = w, .b = { at(t->b, p, 0).p, t->b.rs, t->b.cs },
        .c = t->c == NULL ? NULL : t->c + i * t->ldc, .ldc = t->ldc,
        .first = p == 0, .last = p + kb == t->k,
        .scratch = w + packed_bytes(m, kb), .x = t->x
      };
      block_at(&g, t->j0);
    }
}

/* ---- direct ---- */

/* m rows against a panel of v vectors, `last` lanes of the last.  Narrow rows
   that follow each other are stored as whole vectors, but for the last ones:
   a part of a vector takes as long as the whole product. */
static void direct_panel (int64_t m, int v, int64_t kb, operand a,
                          const real *b, int64_t bks, real *c, int64_t ldc,
                          int last, bool add) {
  static const int most[4] = { DIRECT_ROWS, ROWS_2, ROWS_4, 1 };
  int log = v == 8 ? 3 : v >> 1;
  if (m <= most[log]) { /* tiny products feel a division */
    direct[log][m](kb, a.p, a.rs, a.cs, b, bks, c, ldc, last,
                   add ? ADD : STORE);
    return;
  }
  int64_t count = (m + most[log] - 1) / most[log];
  int64_t low = m / count, more = m % count;
  bool apart = ldc != (v - 1) * LANES + last; /* there's more in a row of c */
  const real *end = c + m * ldc;
  for (int64_t s = 0; s < count; s++) {
    int64_t mr = low + (s < more);
    put how = add ? ADD : STORE;
    if (!add && !apart && c + (mr - 1) * ldc + v * LANES <= end) how = OVER;
    direct[log][mr](kb, a.p, a.rs, a.cs, b, bks, c, ldc, last, how);
    a.p += mr * a.rs;
    c += mr * ldc;
  }
}

/* B's rows where they lie, in panels as wide as the rows allow. */
static void direct_tile (const product *t) {
  int64_t m = t->m, n = t->n, rs = t->b.rs;
  int widest = m == 1 ? 8 : m <= ROWS_4 ? 4 : 2;
  for (int64_t p = 0; p < t->k; p += KB) {
    int64_t kb = min64(KB, t->k - p);
    for (int64_t j = 0; j < n;) {
      int v = widest;
      while (v > 1 && (v - 1) * LANES >= n - j) v /= 2;
      int64_t nc = min64(v * LANES, n - j);
      direct_panel(m, v, kb, at(t->a, 0, p), t->b.p + p * rs + j, rs,
                   t->c + j, t->ldc, (int)(nc - (v - 1) * LANES), p > 0);
      j += nc;
    }
  }
}

/* Few columns: one panel of B packed, A where it lies. */
static void narrow_tile (const product *t) {
  int n = (int)t->n, v = n > LANES ? 2 : 1;
  for (int64_t p = 0; p < t->k; p += KB) {
    int64_t kb = min64(KB, t->k - p);
    pack_panel(t->w, at(t->b, p, 0), kb, n);
    direct_panel(t->m, v, kb, at(t->a, 0, p), t->w, NR, t->c, t->ldc,
                 n - (v - 1) * LANES, p > 0);
  }
}

/* ---- columns ---- */

static void columns_tile (const product *t) {
  int64_t m = t->m, wide = LANES * GROUPS(m);
  for (int64_t p = 0; p < t->k; p += KB) {
    int64_t kb = min64(KB, t->k - p);
    for (int64_t j = 0; j < t->n; j += wide)
      columns[m](kb, at(t->a, 0, p), at(t->b, p, j).p, t->b.cs, t->c + j,
                 t->ldc, (int)min64(wide, t->n - j), p > 0);
  }
}

/* ---- dot ---- */

static real chain (int64_t k, const real *a, int64_t as, const real *b,
                   int64_t bs) {
  real s = 0;
  for (int64_t p = 0; p < k; p++) s = fma1(a[p * as], b[p * bs], s);
  return s;
}

/* One output.  Eight whole blocks at a time; blocks that are not there are
   copies of the first, computed in its shadow and dropped. */
static void dot (int64_t k, const real *a, int64_t as, const real *b,
                 int64_t bs, real *c) {
  int64_t p = 0;
  real sum = 0;
  while (k - p >= KB) {
    int blocks = (int)min64(8, (k - p) / KB);
    int64_t at_a[8], at_b[8];
    real s[8] = { 0 };
    for (int j = 0; j < 8; j++) {
      int64_t from = p + (j < blocks ? j : 0) * KB;
      at_a[j] = from * as;
      at_b[j] = from * bs;
    }
    for (int64_t q = 0; q < KB; q++) {
      NL_UNROLL
      for (int j = 0; j < 8; j++)
        s[j] = fma1(a[at_a[j] + q * as], b[at_b[j] + q * bs], s[j]);
    }
    for (int j = 0; j < blocks; j++) sum = p + j > 0 ? sum + s[j] : s[j];
    p += blocks * KB;
  }
  if (p < k) {
    real s = chain(k - p, a + p * as, as, b + p * bs, bs);
    sum = p > 0 ? sum + s : s;
  }
  *c = sum;
}

/* ---- the tile ---- */

static void zero (int64_t m, int64_t n, real *c, int64_t ldc) {
  for (int64_t i = 0; i < m; i++)
    memset(c + i * ldc, 0, (size_t)n * sizeof(real));
}

/* B stays in the first cache as it is. */
static bool small_b (const product *t) {
  return t->n <= SMALL_N && t->k <= KB && t->b.rs >= 0 &&
         t->k * t->b.rs <= SMALL_B / (int64_t)sizeof(real);
}

/* Strides of NULL: whatever they are. */
static bool packs (int64_t m, int64_t n, int64_t k, const nl_mat *a,
                   const nl_mat *b) {
  (void)a;
  if (b == NULL) return k > 0 && m > DIRECT_ROWS && n > SMALL_N;
  product t = { .m = m, .n = n, .k = k, .b = { NULL, b->rs, b->cs } };
  return k > 0 && n > NR && m > COLUMNS_MAX &&
         !(b->cs == 1 && (m <= DIRECT_ROWS || small_b(&t)));
}

static void choose (const product *t) {
  if (small_product(t->m, t->n, t->k, t->a, t->b, t->c, t->ldc)) return;
  if (t->k == 0) {
    zero(t->m, t->n, t->c, t->ldc);
  } else if (t->m == 1 && t->n == 1) {
    dot(t->k, t->a.p, t->a.cs, t->b.p, t->b.rs, t->c);
  } else if (t->n == 1 && t->ldc == 1 && (t->a.rs == 1 || t->a.cs == 1)) {
    product row = { 1, t->m, t->k, { t->b.p, t->b.cs, t->b.rs },
                    { t->a.p, t->a.cs, t->a.rs }, t->c, t->m, t->w, NULL, 0,
                    0 };
    choose(&row); /* a column is the transposed product's row */
  } else if (t->b.cs == 1 && (t->m <= DIRECT_ROWS || small_b(t))) {
    direct_tile(t);
  } else if (t->b.rs == 1 && t->m <= COLUMNS_MAX) {
    columns_tile(t);
  } else if (t->n <= NR) {
    narrow_tile(t);
  } else {
    packed_tile(t);
  }
}

/* The other paths, in parts that stay in the cache until they are told of. */
static void in_parts (const product *t) {
  int64_t wide = t->m <= DIRECT_ROWS ? min64(t->n, PART) : t->n;
  int64_t rows = PART / wide < DIRECT_ROWS ? DIRECT_ROWS : PART / wide;
  for (int64_t i = 0; i < t->m; i += rows)
    for (int64_t j = 0; j < t->n; j += wide) {
      product part = { min64(rows, t->m - i), min64(wide, t->n - j), t->k,
                       at(t->a, i, 0), at(t->b, 0, j), t->c + i * t->ldc + j,
                       t->ldc, t->w, NULL, 0, 0 };
      choose(&part);
      finished(t, i, part.m, j, part.n);
    }
}

static void tile (int64_t m, int64_t n, int64_t k, nl_mat a, nl_mat b, void *c,
                  int64_t ldc, int64_t m0, int64_t m1, int64_t n0, int64_t n1,
                  void *scratch, const nl_gemm_extra *x) {
  real *to = c == NULL ? NULL : (real *)c + m0 * ldc + n0;
  product t = { m1 - m0, n1 - n0, k,
                { (const real *)a.p + m0 * a.rs, a.rs, a.cs },
                { (const real *)b.p + n0 * b.cs, b.rs, b.cs },
                to, ldc, (real *)scratch, x, m0, n0 };
  (void)m;
  (void)n;
  if (t.m <= 0 || t.n <= 0) return;
  if (x == NULL || packs(t.m, t.n, k, &a, &b)) {
    choose(&t);
  } else if (t.m * t.n <= PART) {
    t.x = NULL; /* which is told of the whole */
    choose(&t);
    tell(x, m0, t.m, n0, t.n, to, ldc);
  } else {
    in_parts(&t);
  }
}

#define GEMM_KERNEL                                                           \
  { .tile_m = MR, .tile_n = NR, .work = work, .tile = tile, .packs = packs,   \
    .packed = packed_bytes, .pack = pack, .room = room, .block = block }

#endif
