/* gemm_problem.h: products with the results of a naive loop, for the tests of
 * the kernels. */
#ifndef GEMM_PROBLEM_H
#define GEMM_PROBLEM_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernels/kernels.h"

static const char *const isas[] = { "avx512", "avx2", "generic" };

static uint64_t state = 88172645463325252u;
static uint64_t draw (void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}
static int64_t below (int64_t n) { return (int64_t)(draw() % (uint64_t)n); }

/* ---- elements by dtype ---- */

static void put (nl_dtype d, void *p, int64_t i, double x) {
  if (d == NL_F32)
    ((float *)p)[i] = (float)x;
  else
    ((double *)p)[i] = x;
}

static double number (bool special) {
  static const double odd[] = { 0.0, -0.0, 1e-40, -1e-310, INFINITY, -INFINITY,
                                NAN, 3e38, 1e-30 };
  if (special && below(10) == 0) return odd[below(9)];
  return (double)(int64_t)(draw() >> 11) / 9007199254740992.0 - 0.5;
}

/* Equal bits, where every NaN is one. */
static bool same (nl_dtype d, const void *x, const void *y, int64_t i) {
  if (d == NL_F32) {
    const float *a = (const float *)x + i, *b = (const float *)y + i;
    return memcmp(a, b, sizeof *a) == 0 || (isnan(*a) && isnan(*b));
  }
  const double *a = (const double *)x + i, *b = (const double *)y + i;
  return memcmp(a, b, sizeof *a) == 0 || (isnan(*a) && isnan(*b));
}

/* The twins run on machines with FMA alone (has_fma): as an instruction it is
   ten times as fast as a call of the C library. */
#if defined(__x86_64__)
#define WITH_FMA __attribute__((target("fma")))
#else
#define WITH_FMA
#endif

#define TWIN(type, fma_)                                                      \
  WITH_FMA                                                                    \
  static void twin_##type (int64_t m, int64_t n, int64_t k, const type *a,    \
                           const type *b, type *c) {                          \
    for (int64_t i = 0; i < m; i++)                                           \
      for (int64_t j = 0; j < n; j++) {                                       \
        type sum = 0;                                                         \
        for (int64_t p0 = 0; p0 < k; p0 += 512) {                             \
          type s = 0;                                                         \
          for (int64_t p = p0; p < k && p < p0 + 512; p++)                    \
            s = fma_(a[i * k + p], b[p * n + j], s);                          \
          sum = p0 == 0 ? s : sum + s;                                        \
        }                                                                     \
        c[i * n + j] = sum;                                                   \
      }                                                                       \
  }
TWIN(float, fmaf)
TWIN(double, fma)

/* ---- a product: dense operands and the twin's result ---- */

typedef struct problem {
  nl_dtype d;
  size_t size;
  int64_t m, n, k;
  void *a, *b, *want;
} problem;

static void *dense (nl_dtype d, int64_t n, bool special) {
  void *p = malloc((size_t)n * nl_dtype_size(d) + 1);
  for (int64_t i = 0; i < n; i++) put(d, p, i, number(special));
  return p;
}

static problem pose (nl_dtype d, int64_t m, int64_t n, int64_t k,
                     bool special) {
  problem p = { d, nl_dtype_size(d), m, n, k, dense(d, m * k, special),
                dense(d, k * n, special), dense(d, m * n, false) };
  if (d == NL_F32) twin_float(m, n, k, p.a, p.b, p.want);
  else twin_double(m, n, k, p.a, p.b, p.want);
  return p;
}

static void drop (problem *p) {
  free(p->a);
  free(p->b);
  free(p->want);
}

/* A copy of x (rows, cols) in memory of exactly the size that its layout
   needs, so that a sanitizer sees any read beyond: 0 rows contiguous, 1
   columns, 2 padded rows, 3 padded columns, 4 neither. */
static nl_mat lay (const problem *p, const void *x, int64_t rows, int64_t cols,
                   int layout, void **memory) {
  int64_t rs, cs, pad = layout >= 2 ? 1 + below(5) : 0;
  if (layout % 2 == 0) rs = cols + pad, cs = 1;
  else rs = 1, cs = rows + pad;
  if (layout == 4) rs = 3 * cols + 1, cs = 3;
  int64_t need = rows * cols == 0 ? 0 : (rows - 1) * rs + (cols - 1) * cs + 1;
  char *to = (char *)malloc((size_t)need * p->size);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < cols; j++)
      memcpy(to + (size_t)(i * rs + j * cs) * p->size,
             (const char *)x + (size_t)(i * cols + j) * p->size, p->size);
  *memory = to;
  return (nl_mat){ to, rs, cs };
}

/* ---- tiles by the kernels themselves ---- */

/* Computes the tile into a C whose other elements must stay what they are. */
static void check_tile (const problem *p, const char *isa, int la, int lb,
                        int64_t m0, int64_t m1, int64_t n0, int64_t n1) {
  const nl_kernels *ks = nl__kernels_pick(isa);
  if (ks == NULL) return;
  const nl_gemm_kernel *g = ks->gemm[p->d];
  void *ma, *mb;
  nl_mat a = lay(p, p->a, p->m, p->k, la, &ma);
  nl_mat b = lay(p, p->b, p->k, p->n, lb, &mb);
  int64_t ldc = p->n + below(2) * below(7), bad = 0;
  int64_t need = p->m * p->n == 0 ? 0 : (p->m - 1) * ldc + p->n;
  char *c = (char *)malloc((size_t)need * p->size);
  char *was = (char *)malloc((size_t)need * p->size);
  for (int64_t i = 0; i < need; i++) put(p->d, c, i, 7.0 + (double)i);
  memcpy(was, c, (size_t)need * p->size);
  size_t work = (g->work(m1 - m0, n1 - n0, p->k) + 63) / 64 * 64;
  void *scratch = aligned_alloc(64, work);
  memset(scratch, 0xff, work); /* NaNs */
  g->tile(p->m, p->n, p->k, a, b, c, ldc, m0, m1, n0, n1, scratch, NULL);
  for (int64_t i = 0; i < need; i++) {
    int64_t r = i / ldc, j = i % ldc;
    bool in = r >= m0 && r < m1 && j >= n0 && j < n1;
    if (in) memcpy(was + (size_t)i * p->size,
                   (char *)p->want + (size_t)(r * p->n + j) * p->size,
                   p->size);
    bad += !same(p->d, c, was, i);
  }
  CHECK(bad == 0,
        "%s %s %d x %d x %d, layouts %d %d, rows %d-%d, columns %d-%d, ldc "
        "%d: %d wrong", isa, nl_dtype_name(p->d), (int)p->m, (int)p->n,
        (int)p->k, la, lb, (int)m0, (int)m1, (int)n0, (int)n1, (int)ldc,
        (int)bad);
  free(scratch);
  free(was);
  free(c);
  free(mb);
  free(ma);
}

static void check_all (const problem *p, int layouts) {
  for (int i = 0; i < 3; i++) {
    int64_t m0 = below(p->m + 1), m1 = m0 + below(p->m - m0 + 1);
    int64_t n0 = below(p->n + 1), n1 = n0 + below(p->n - n0 + 1);
    for (int l = 0; l < 25; l++)
      if (layouts < 0 || l == layouts % 25)
        check_tile(p, isas[i], l / 5, l % 5, 0, p->m, 0, p->n);
    check_tile(p, isas[i], (int)below(5), (int)below(5), m0, m1, n0, n1);
  }
}

/* Without it products have other bits; says so. */
static bool has_fma (void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("fma")) {
    printf("skipped: no FMA, other bits\n0 passed, 0 failed\n");
    return false;
  }
#endif
  return true;
}

#endif
