/* gemm_micro.h: the innermost loops of the products, for the element type and
 * instruction set of vec.h.
 *
 * One body, micro(), inlined with constant row and vector counts.  Each
 * output's sum over a block of k is one chain of FMAs that starts from zero,
 * in the order of k; the block's sum is stored, or added to what is there.
 * Nothing else may touch the arithmetic: it is what keeps the bits the same
 * for every shape, path and instruction set. */
#ifndef NL_GEMM_MICRO_H
#define NL_GEMM_MICRO_H

#include "kernels/kernels.h"
#include "kernels/vec.h"

#define KB NL_GEMM_BLOCK

/* MR rows of two vectors are what the registers hold. */
#if NL_LEVEL == 3
#define MR 14
#elif NL_LEVEL == 2
#define MR 6
#elif defined(NL_NEON)
#define MR 12
#else
#define MR 4
#endif
#define NR (2 * LANES)

typedef struct operand {
  const real *p;
  int64_t rs, cs;
} operand;

/* What becomes of a row's sums: OVER stores whole vectors, over what follows
   the row in memory, which is the next row and is computed later. */
typedef enum put { STORE, ADD, OVER } put;

/* Adds or stores one row of nv vectors, `last` lanes of the last. */
NL_INLINE void put_row (const vec *acc, int nv, real *c, int last, put how) {
  const bool add = how == ADD;
  NL_UNROLL
  for (int v = 0; v < nv; v++, c += LANES) {
    vec s = acc[v];
    if (v == nv - 1 && last < LANES && how != OVER) {
      if (add) s = vloadn(c, vmask_of(last)) + s;
      vstoren(c, s, last);
    } else {
      if (add) s = vload(c) + s;
      vstore(c, s);
    }
  }
}

/* c (mr, nv vectors) = a (mr, k) b (k, nv vectors).  With `masked` only
   `last` lanes of b's last vector are read. */
NL_INLINE void micro (int mr, int nv, bool masked, int64_t k, const real *a,
                      int64_t ars, int64_t aks, const real *b, int64_t bks,
                      real *c, int64_t ldc, int last, put how) {
  vec acc[MR > 8 ? MR : 8][8];
  vmask mask = vmask_of(last);
  NL_UNROLL
  for (int i = 0; i < mr; i++) {
    NL_UNROLL
    for (int v = 0; v < nv; v++) acc[i][v] = vall(0);
  }
  for (int64_t p = 0; p < k; p++) {
    vec bv[8];
    NL_UNROLL
    for (int v = 0; v < nv; v++)
      bv[v] = masked && v == nv - 1 ? vloadn(b + v * LANES, mask)
                                    : vload(b + v * LANES);
    NL_UNROLL
    for (int i = 0; i < mr; i++) {
      vec x = vall(a[i * ars]);
      NL_UNROLL
      for (int v = 0; v < nv; v++) acc[i][v] = vfma(x, bv[v], acc[i][v]);
    }
    a += aks;
    b += bks;
  }
  NL_UNROLL
  for (int i = 0; i < mr; i++) put_row(acc[i], nv, c + i * ldc, last, how);
}

/* ---- on packed operands ---- */

/* The lines of c that will be written: rows are far apart, and a wait for
   each would come at the end. */
NL_INLINE void fetch_rows (int mr, int nv, const real *c, int64_t ldc) {
  NL_UNROLL
  for (int i = 0; i < mr; i++) {
    NL_UNROLL
    for (int j = 0; j < nv * LANES; j += 64 / (int)sizeof(real))
      __builtin_prefetch(c + i * ldc + j, 1);
  }
}

typedef void (*packed_fn) (int64_t k, const real *a, const real *b, real *c,
                           int64_t ldc, int last, bool add);
#define PACKED(M, V)                                                          \
  static void packed_##M##_##V (int64_t k, const real *a, const real *b,      \
                                real *c, int64_t ldc, int last, bool add) {   \
    fetch_rows(M, V, c, ldc);                                                 \
    micro(M, V, false, k, a, 1, MR, b, NR, c, ldc, last, add ? ADD : STORE);  \
  }
#define EACH4(X, V) X(1, V) X(2, V) X(3, V) X(4, V)
#define EACH6(X, V) EACH4(X, V) X(5, V) X(6, V)
#define EACH8(X, V) EACH6(X, V) X(7, V) X(8, V)
#define EACH12(X, V) EACH8(X, V) X(9, V) X(10, V) X(11, V) X(12, V)
#define EACH14(X, V) EACH12(X, V) X(13, V) X(14, V)
#define EACH_MR NL_PASTE(EACH, MR)

EACH_MR(PACKED, 1) EACH_MR(PACKED, 2)

#define PACKED_NAME(M, V) packed_##M##_##V,
static const packed_fn packed[3][MR + 1] = { /* [V][M] */
  { NULL },
  { NULL, EACH_MR(PACKED_NAME, 1) },
  { NULL, EACH_MR(PACKED_NAME, 2) },
};

/* ---- on operands where they lie ---- */

typedef void (*direct_fn) (int64_t k, const real *a, int64_t ars, int64_t aks,
                           const real *b, int64_t bks, real *c, int64_t ldc,
                           int last, put how);
#define DIRECT(M, V)                                                          \
  static void direct_##M##_##V (int64_t k, const real *a, int64_t ars,        \
                                int64_t aks, const real *b, int64_t bks,      \
                                real *c, int64_t ldc, int last, put how) {    \
    micro(M, V, true, k, a, ars, aks, b, bks, c, ldc, last, how);             \
  }

/* The most rows for 1, 2, 4 and 8 vectors. */
#define DIRECT_ROWS 8
#if NL_LEVEL == 3
#define ROWS_2 8
#define ROWS_4 4
#else
#define ROWS_2 6
#define ROWS_4 2
#endif

EACH8(DIRECT, 1)
EACH8(DIRECT, 2)
EACH4(DIRECT, 4)
DIRECT(1, 8)

#define DIRECT_NAME(M, V) direct_##M##_##V,
static const direct_fn direct[4][DIRECT_ROWS + 1] = { /* [log2 V][M] */
  { NULL, EACH8(DIRECT_NAME, 1) },
  { NULL, EACH8(DIRECT_NAME, 2) },
  { NULL, EACH4(DIRECT_NAME, 4) },
  { NULL, direct_1_8 },
};

/* ---- b's columns contiguous: transposed in registers ---- */

/* The next LANES elements of k (rem of them, the last time) of nc columns of
   b, as vectors over columns. */
NL_INLINE void load_columns (vec t[LANES], const real *b, int64_t bcs, int nc,
                             int64_t rem) {
  if (rem >= LANES && nc >= LANES) {
    vload_transposed(t, b, bcs);
    return;
  }
  if (rem >= LANES) {
    NL_UNROLL
    for (int j = 0; j < LANES; j++) t[j] = vload(b + (j < nc ? j : 0) * bcs);
  } else {
    vmask mask = vmask_of((int)rem);
    NL_UNROLL
    for (int j = 0; j < LANES; j++)
      t[j] = vloadn(b + (j < nc ? j : 0) * bcs, mask);
  }
  vtranspose(t);
}

#define LINE (64 / (int)sizeof(real)) /* elements of a cache line */

/* acc (mr, groups) += a (mr, k) b for whole groups of columns, as far as k
   goes in lines; returns how far.  Each line of b is read once, however many
   there are that drive each other out of the cache. */
NL_INLINE int64_t add_lines (int mr, int groups, int64_t k, const real *a,
                             int64_t ars, int64_t aks, const real *b,
                             int64_t bcs, vec acc[4][2]) {
  int64_t p = 0;
  for (; p + LINE <= k; p += LINE, a += LINE * aks) {
    NL_UNROLL
    for (int g = 0; g < groups; g++) {
      NL_UNROLL
      for (int h = 0; h < LINE; h += LANES) {
        vec t[LANES];
        vload_transposed(t, b + g * LANES * bcs + p + h, bcs);
        NL_UNROLL
        for (int q = 0; q < LANES; q++) {
          NL_UNROLL
          for (int i = 0; i < mr; i++)
            acc[i][g] = vfma(vall(a[i * ars + (h + q) * aks]), t[q],
                             acc[i][g]);
        }
      }
    }
  }
  return p;
}

/* acc (mr, groups) += a (mr, k) b over the columns of `groups` groups. */
NL_INLINE void add_columns (int mr, int groups, int64_t k, const real *a,
                            int64_t ars, int64_t aks, const real *b,
                            int64_t bcs, int nc, vec acc[4][2]) {
  for (int64_t p = 0; p < k; p += LANES) {
    NL_UNROLL
    for (int g = 0; g < groups; g++) {
      vec t[LANES];
      if (nc <= g * LANES) break;
      load_columns(t, b + g * LANES * bcs + p, bcs, nc - g * LANES, k - p);
      NL_UNROLL
      for (int q = 0; q < LANES; q++) {
        if (q >= k - p) break;
        NL_UNROLL
        for (int i = 0; i < mr; i++)
          acc[i][g] = vfma(vall(a[i * ars + q * aks]), t[q], acc[i][g]);
      }
    }
    a += LANES * aks;
  }
}

/* c (mr, nc <= groups * LANES) = a (mr, k) b, b(p, j) at b[p + j * bcs].
   Columns a multiple of CONFLICT apart drive each other's lines out of the
   cache: where lines are read in parts, these are copied in pieces first. */
#if NL_LEVEL == 3
#define CONFLICT (4096 / (int)sizeof(real))
#else
#define CONFLICT (2048 / (int)sizeof(real))
#endif
#define CHUNK (1024 / (int)sizeof(real))        /* of a column, copied */
#define APART (CHUNK + 64 / (int)sizeof(real))  /* columns in the copy */

NL_INLINE void micro_t (int mr, int groups, int64_t k, const real *a,
                        int64_t ars, int64_t aks, const real *b, int64_t bcs,
                        real *c, int64_t ldc, int nc, bool add) {
  vec acc[4][2];
  NL_UNROLL
  for (int i = 0; i < mr; i++) {
    NL_UNROLL
    for (int g = 0; g < groups; g++) acc[i][g] = vall(0);
  }
  int64_t done = 0;
  if (nc == groups * LANES && (NL_LEVEL < 3 || bcs % CONFLICT != 0))
    done = aks == 1 ? add_lines(mr, groups, k, a, ars, 1, b, bcs, acc)
                    : add_lines(mr, groups, k, a, ars, aks, b, bcs, acc);
  k -= done, a += done * aks, b += done;
  if (k == 0 || bcs % CONFLICT != 0) {
    add_columns(mr, groups, k, a, ars, aks, b, bcs, nc, acc);
  } else {
    real copy[2 * LANES * APART];
    for (int64_t p = 0; p < k; p += CHUNK) {
      int64_t kc = k - p < CHUNK ? k - p : CHUNK;
      for (int j = 0; j < nc; j++)
        memcpy(copy + j * APART, b + j * bcs + p, (size_t)kc * sizeof(real));
      add_columns(mr, groups, kc, a + p * aks, ars, aks, copy, APART, nc, acc);
    }
  }
  NL_UNROLL
  for (int i = 0; i < mr; i++) {
    int left = nc;
    NL_UNROLL
    for (int g = 0; g < groups; g++, left -= LANES)
      if (left > 0)
        put_row(&acc[i][g], 1, c + i * ldc + g * LANES,
                left < LANES ? left : LANES, add ? ADD : STORE);
  }
}

#define COLUMNS_MAX 4 /* rows */
#if NL_LEVEL == 3
#define GROUPS(M) 1
#else
#define GROUPS(M) ((M) <= 2 ? 2 : 1)
#endif

/* nc: at most LANES * GROUPS(rows). */
typedef void (*columns_fn) (int64_t k, operand a, const real *b, int64_t bcs,
                            real *c, int64_t ldc, int nc, bool add);
#define COLUMNS(M, V)                                                         \
  static void columns_##M##_##V (int64_t k, operand a, const real *b,         \
                                 int64_t bcs, real *c, int64_t ldc, int nc,   \
                                 bool add) {                                  \
    micro_t(M, GROUPS(M), k, a.p, a.rs, a.cs, b, bcs, c, ldc, nc, add);       \
  }
EACH4(COLUMNS, 1)
#define COLUMNS_NAME(M, V) columns_##M##_##V,
static const columns_fn columns[COLUMNS_MAX + 1] = { NULL,
                                                     EACH4(COLUMNS_NAME, 1) };

#endif
