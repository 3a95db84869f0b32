/* gemm_packed.h: products on packed operands: A in strips of MR rows that pass
 * through the first cache, B in panels that stay in the second.  A is packed
 * once for a block of k, by all threads together; B by whoever needs it. */
#ifndef NL_GEMM_PACKED_H
#define NL_GEMM_PACKED_H

#include "kernels/gemm_pack.h"

/* Packed B of one block: half a second cache. */
#define B_BYTES ((NL_LEVEL == 3 ? 512 : 256) * 1024)
#define PART 8192         /* outputs that are told of together */

static int64_t min64 (int64_t a, int64_t b) { return a < b ? a : b; }

/* Rows [i, i + m) and columns [j, j + n) are finished and stand at c. */
static void tell (const nl_gemm_extra *x, int64_t i, int64_t m, int64_t j,
                  int64_t n, real *c, int64_t ldc) {
  nl_gemm_part part = { x->which, i, i + m, j, j + n, c, ldc, x->slot };
  x->done(x->ud, &part);
}

/* ---- memory ---- */

static size_t packed_bytes (int64_t m, int64_t kb) {
  size_t bytes = (size_t)(strip_count(m) * STRIP(kb)) * sizeof(real);
  return (bytes + 63) & ~(size_t)63;
}

/* The most columns of B that are packed together, for at most n. */
static int64_t widest_block (int64_t n, int64_t kb) {
  int64_t fit = B_BYTES / (kb * (int64_t)sizeof(real)) / NR * NR;
  return min64(fit, (n + NR - 1) / NR * NR);
}

static int64_t block_columns (int64_t n, int64_t kb) {
  int64_t fit = widest_block(n, kb);
  int64_t blocks = (n + fit - 1) / fit;
  int64_t even = (n + blocks - 1) / blocks; /* blocks of like sizes */
  return (even + NR - 1) / NR * NR;
}

/* Panels of B, and a part of C where nobody keeps it. */
static size_t room (int64_t n, int64_t kb) {
  int64_t wide = widest_block(n, kb);
  return (size_t)(kb * wide + PART + MR * wide) * sizeof(real);
}

/* ---- running ---- */

/* To the second cache, rows i .. i + mr and columns j .. j + NR of the arrays
   that are gone through with the finished part. */
static inline void fetch (const nl_gemm_extra *x, int64_t i, int mr,
                          int64_t j) {
  for (int k = 0; k < x->nahead; k++) {
    const nl_gemm_ahead *a = &x->ahead[k];
    const char *p = a->p + (size_t)(i * a->ld + j) * a->elem;
    for (int r = 0; r < mr; r++, p += (size_t)a->ld * a->elem)
      for (size_t at = 0; at < NR * a->elem; at += 64)
        __builtin_prefetch(p + at, 0, 2);
  }
}

/* All strips of g against columns [j0, j0 + nb), packed in bp. */
static void multiply (const nl_gemm_block *g, int64_t j0, int64_t nb,
                      const real *bp, real *spare, int64_t j_told) {
  const real *ap = (const real *)g->a;
  int64_t i = strip_row(g->m, g->s0), told = i;
  int64_t ldc = g->c != NULL ? g->ldc : nb;
  bool ahead = g->x != NULL && g->last && g->x->nahead > 0;
  for (int64_t s = g->s0; s < g->s1; s++) {
    int64_t next = strip_row(g->m, s + 1);
    int mr = (int)(next - i);
    real *c = g->c != NULL ? (real *)g->c + i * ldc + j0
                           : spare + (i - told) * nb;
    for (int64_t j = 0; j < nb; j += NR) {
      int nc = (int)min64(NR, nb - j), v = nc > LANES ? 2 : 1;
      if (ahead) fetch(g->x, g->i0 + i, mr, j_told + j);
      packed[v][mr](g->kb, ap + s * STRIP(g->kb), bp + j * g->kb, c + j, ldc,
                    nc - (v - 1) * LANES, !g->first);
    }
    i = next;
    if (g->x == NULL || !g->last) continue;
    if ((i - told) * nb < PART && s + 1 < g->s1) continue;
    real *from = g->c != NULL ? (real *)g->c + told * ldc + j0 : spare;
    tell(g->x, g->i0 + told, i - told, j_told, nb, from, ldc);
    told = i;
  }
}

/* Told columns count from `shift` on. */
static void block_at (const nl_gemm_block *g, int64_t shift) {
  int64_t step = block_columns(g->n1 - g->n0, g->kb);
  real *bp = (real *)g->scratch, *spare = bp + g->kb * step;
  operand b = { (const real *)g->b.p, g->b.rs, g->b.cs };
  for (int64_t j0 = g->n0; j0 < g->n1; j0 += step) {
    int64_t nb = min64(step, g->n1 - j0);
    operand from = { b.p + j0 * b.cs, b.rs, b.cs };
    pack_panels(bp, from, g->kb, nb);
    multiply(g, j0, nb, bp, spare, shift + j0);
  }
}

static void block (const nl_gemm_block *g) { block_at(g, 0); }

static void pack (int64_t m, int64_t kb, nl_mat a, int64_t s0, int64_t s1,
                  void *to) {
  operand from = { (const real *)a.p, a.rs, a.cs };
  pack_strips((real *)to, from, m, kb, s0, s1);
}

#endif
