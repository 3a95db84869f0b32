/* gemm_test.c: every product gives the bits of a naive loop of fmaf or fma
 * over blocks of 512, on each instruction set, in any cut, on any number of
 * threads; and touches nothing but its own tile. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "gemm_problem.h"
#include "ops/gemm_drive.h"

static void test_edges (void) {
  static const int64_t ks[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 36,
                                63, 100 };
  for (int i = 0; i < 700; i++) {
    int64_t m = below(41), n = below(41), k = ks[below(16)];
    problem p = pose(i % 3 == 0 ? NL_F64 : NL_F32, m, n, k, i % 2 == 0);
    check_all(&p, (int)below(25));
    drop(&p);
  }
}

static void test_layouts (void) {
  static const int64_t s[][3] = { { 1, 1, 3 }, { 1, 40, 20 }, { 3, 33, 18 },
                                  { 5, 70, 9 }, { 40, 1, 33 }, { 30, 12, 40 },
                                  { 20, 37, 17 }, { 29, 65, 30 } };
  for (size_t i = 0; i < sizeof s / sizeof *s; i++)
    for (int d = 0; d < 2; d++) {
      problem p = pose(d ? NL_F64 : NL_F32, s[i][0], s[i][1], s[i][2], false);
      check_all(&p, -1);
      drop(&p);
    }
}

/* k across one and two blocks, for every path */
static void test_blocks (void) {
  static const int64_t ms[] = { 1, 2, 4, 5, 8, 9, 15, 29 };
  static const int64_t ns[] = { 1, 2, 10, 16, 17, 33, 67 };
  static const int64_t ks[] = { 511, 512, 513, 520, 1023, 1024, 1025, 1100 };
  for (int i = 0; i < 60; i++) {
    problem p = pose(i % 3 == 0 ? NL_F64 : NL_F32, ms[below(8)], ns[below(7)],
                     ks[below(8)], i % 2 == 0);
    check_all(&p, (int)below(25));
    drop(&p);
  }
  static const int64_t dots[] = { 4095, 4096, 4097, 5000, 9000 };
  for (int i = 0; i < 10; i++) {
    problem p = pose(i % 2 ? NL_F64 : NL_F32, 1, 1, dots[i / 2], false);
    check_all(&p, (int)below(25));
    drop(&p);
  }
}

/* wider than one block of packed columns */
static void test_wide (void) {
  problem p = pose(NL_F32, 31, 601, 530, false);
  for (int l = 0; l < 25; l += 6) check_all(&p, l);
  drop(&p);
  p = pose(NL_F64, 17, 300, 515, false);
  for (int l = 0; l < 25; l += 6) check_all(&p, l);
  drop(&p);
}

/* a row or a column that every index sees: strides 0 */
static void test_broadcast (void) {
  problem p = pose(NL_F32, 20, 40, 30, false);
  for (int i = 1; i < 20; i++)
    memcpy((char *)p.a + (size_t)i * 30 * 4, p.a, 30 * 4);
  for (int i = 0; i < 30; i++)
    for (int j = 1; j < 40; j++)
      ((float *)p.b)[i * 40 + j] = ((float *)p.b)[i * 40];
  float c[800], work[70000], column[30];
  twin_float(20, 40, 30, p.a, p.b, p.want);
  for (int i = 0; i < 30; i++) column[i] = ((float *)p.b)[i * 40];
  for (int i = 0; i < 3; i++) {
    const nl_kernels *ks = nl__kernels_pick(isas[i]);
    if (ks == NULL) continue;
    memset(c, 0, sizeof c);
    CHECK(ks->gemm[NL_F32]->work(20, 40, 30) <= sizeof work, "more room");
    ks->gemm[NL_F32]->tile(20, 40, 30, (nl_mat){ p.a, 0, 1 },
                           (nl_mat){ column, 1, 0 }, c, 40, 0, 20, 0, 40,
                           work, NULL);
    CHECK(memcmp(c, p.want, sizeof c) == 0, "%s: strides of 0", isas[i]);
  }
  drop(&p);
}

/* ---- the driver ---- */

static int64_t allocations;

static void *counted (void *ud, size_t size) {
  (void)ud;
  allocations++;
  return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void released (void *ud, void *p, size_t size) {
  (void)ud;
  (void)size;
  free(p);
}

static nl_ctx *make (int threads, const char *cpu, const char *gemm) {
  nl_config cfg;
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.threads = threads;
  cfg.cpu = cpu;
  cfg.gemm = gemm;
  cfg.set_blas_threads = true;
  cfg.alloc = (nl_allocator){ counted, released, NULL };
  cfg.no_recycling = true;
  return nl_ctx_new(&cfg);
}

/* Each driven product has the bits of the first kernel's whole tile. */
static void test_drive (void) {
  static const int64_t s[][3] = {
    { 200, 512, 784 }, { 784, 512, 200 }, { 200, 10, 512 }, { 200, 512, 10 },
    { 10, 512, 200 }, { 1, 512, 784 }, { 512, 1, 784 }, { 700, 300, 65 },
    { 33, 1000, 600 }, { 1, 1, 3000 }, { 3, 4, 0 }, { 0, 4, 3 },
    { 2100, 70, 530 }
  };
  for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
    int64_t m = s[i][0], n = s[i][1], k = s[i][2];
    problem p = pose(i % 4 == 3 ? NL_F64 : NL_F32, m, n, k, false);
    void *c = malloc((size_t)(m * n) * p.size + 1);
    for (int t = 1; t <= 3; t++)
      for (int l = 0; l < 25; l += 4) {
        nl_ctx *C = make(t, t == 3 ? "avx2" : NULL, NULL);
        void *ma, *mb;
        nl_mat a = lay(&p, p.a, m, k, l / 5, &ma);
        nl_mat b = lay(&p, p.b, k, n, l % 5, &mb);
        memset(c, 0xff, (size_t)(m * n) * p.size);
        nl_status st = nl__gemm(C, p.d, m, n, k, a, b, c, n);
        CHECK(st == NL_OK && memcmp(c, p.want, (size_t)(m * n) * p.size) == 0,
              "%d threads, %d x %d x %d, layout %d: %s", t, (int)m, (int)n,
              (int)k, l, nl_errmsg(C));
        free(mb);
        free(ma);
        nl_ctx_free(C);
      }
    free(c);
    drop(&p);
  }
}

/* (2, 3) products, b the same along the first axis */
static void check_batch (nl_ctx *C, int64_t m, int64_t n, int64_t k) {
  problem p[6];
  float *a = malloc((size_t)(6 * m * k) * 4);
  float *b = malloc((size_t)(3 * k * n) * 4);
  float *c = malloc((size_t)(6 * m * n) * 4);
  for (int i = 0; i < 6; i++) {
    p[i] = pose(NL_F32, m, n, k, false);
    memcpy(a + i * m * k, p[i].a, (size_t)(m * k) * 4);
    if (i < 3) memcpy(b + i * k * n, p[i].b, (size_t)(k * n) * 4);
    else twin_float(m, n, k, p[i].a, p[i - 3].b, p[i].want);
  }
  const int64_t shape[] = { 2, 3 }, sa[] = { 3 * m * k, m * k };
  const int64_t sb[] = { 0, k * n }, sc[] = { 3 * m * n, m * n };
  nl_gemm_batch batch = { 2, shape, sa, sb, m % 8 == 0 ? NULL : sc };
  nl_gemm_call q = { .d = NL_F32, .m = m, .n = n, .k = k, .a = { a, k, 1 },
                .b = { b, n, 1 }, .c = c, .ldc = n, .batch = &batch };
  nl_status st = nl__gemm_run(C, &q);
  int bad = 0;
  for (int i = 0; i < 6; i++) {
    bad += memcmp(c + i * m * n, p[i].want, (size_t)(m * n) * 4) != 0;
    drop(&p[i]);
  }
  CHECK(st == NL_OK && bad == 0, "batch of %d x %d x %d: %d wrong", (int)m,
        (int)n, (int)k, bad);
  free(c);
  free(b);
  free(a);
}

static void test_batched (void) {
  for (int t = 1; t <= 2; t++) {
    nl_ctx *C = make(t, NULL, NULL);
    check_batch(C, 4, 5, 6);
    check_batch(C, 40, 70, 20);
    check_batch(C, 150, 200, 100);
    CHECK(nl__gemm(C, NL_I32, 1, 1, 1, (nl_mat){ C, 1, 1 },
                   (nl_mat){ C, 1, 1 }, C, 1) == NL_ERROR, "int32");
    nl_error_clear(C);
    nl_interrupt(C);
    static float x[1000000], y[1000000];
    CHECK(nl__gemm(C, NL_F32, 1000, 1000, 1000, (nl_mat){ x, 1000, 1 },
                   (nl_mat){ x, 1000, 1 }, y, 1000) == NL_INTERRUPTED,
          "an interrupt was ignored");
    nl_ctx_free(C);
  }
}

/* ---- with a function over each finished part ---- */

typedef struct check_parts {
  const problem *p;
  const void *c;
  int64_t ldc, batches;
  int slots;
  atomic_int_least64_t seen, wrong;
  atomic_int busy[64];
  atomic_uchar *times; /* per output */
} check_parts;

/* f(x, i, j) = |x| * 2 + (i + j): elementwise, and knows where it is */
static double along (double x, int64_t i, int64_t j) {
  return fabs(x) * 2 + (double)(i + j);
}

static void part_done (void *ud, const nl_gemm_part *part) {
  check_parts *u = (check_parts *)ud;
  const problem *p = u->p;
  int64_t size = (int64_t)p->size, bad = 0;
  int64_t at = part->which * p->m * u->ldc + part->i0 * u->ldc + part->j0;
  bad += part->c != (const char *)u->c + at * size || part->ldc != u->ldc;
  bad += part->i0 < 0 || part->i0 >= part->i1 || part->i1 > p->m;
  bad += part->j0 < 0 || part->j0 >= part->j1 || part->j1 > p->n;
  bad += part->which < 0 || part->which >= u->batches;
  bad += part->slot < 0 || part->slot >= u->slots;
  if (bad == 0) {
    bad += atomic_fetch_add(&u->busy[part->slot], 1) != 0;
    for (int64_t i = part->i0; i < part->i1; i++)
      for (int64_t j = part->j0; j < part->j1; j++) {
        int64_t k = (i - part->i0) * part->ldc + j - part->j0;
        if (p->d == NL_F32) {
          float *c = (float *)part->c + k;
          *c = (float)along(*c, i, j);
        } else {
          double *c = (double *)part->c + k;
          *c = along(*c, i, j);
        }
        atomic_fetch_add(&u->times[(part->which * p->m + i) * p->n + j], 1);
      }
    atomic_fetch_sub(&u->busy[part->slot], 1);
  }
  atomic_fetch_add(&u->seen, (part->i1 - part->i0) * (part->j1 - part->j0));
  atomic_fetch_add(&u->wrong, bad);
}

/* ---- products that nobody keeps ---- */

typedef struct passing {
  int64_t m, n;
  size_t size;
  char *to;
} passing;

static void part_passes (void *ud, const nl_gemm_part *part) {
  const passing *u = (const passing *)ud;
  const char *c = (const char *)part->c;
  for (int64_t i = part->i0; i < part->i1; i++) {
    int64_t at = (part->which * u->m + i) * u->n + part->j0;
    memcpy(u->to + (size_t)at * u->size,
           c + (size_t)((i - part->i0) * part->ldc) * u->size,
           (size_t)(part->j1 - part->j0) * u->size);
  }
}

static void check_passing (nl_ctx *C, const problem *p, int l, bool batched) {
  void *ma, *mb;
  int64_t two = 2, none = 0;
  size_t each = (size_t)(p->m * p->n) * p->size;
  nl_gemm_batch batch = { 1, &two, &none, &none, NULL };
  passing u = { p->m, p->n, p->size, calloc(2, each) };
  nl_gemm_call q = { .d = p->d, .m = p->m, .n = p->n, .k = p->k,
                     .a = lay(p, p->a, p->m, p->k, l / 5, &ma),
                     .b = lay(p, p->b, p->k, p->n, l % 5, &mb), .ldc = p->n,
                     .batch = batched ? &batch : NULL, .done = part_passes,
                     .ud = &u };
  nl_status st = nl__gemm_run(C, &q);
  CHECK(st == NL_OK && memcmp(u.to, p->want, each) == 0 &&
            (!batched || memcmp(u.to + each, p->want, each) == 0),
        "%d threads, %d x %d x %d %s, layout %d, kept by nobody: %s",
        nl_threads(C), (int)p->m, (int)p->n, (int)p->k, nl_dtype_name(p->d), l,
        nl_errmsg(C));
  free(u.to);
  free(mb);
  free(ma);
}

static void test_passing (void) {
  static const int64_t s[][3] = { { 200, 512, 300 }, { 784, 512, 100 },
                                  { 9, 400, 512 }, { 60, 70, 1 },
                                  { 2100, 70, 40 } };
  static const char *const cpu[] = { NULL, "avx2", "generic" };
  for (int t = 1; t <= 3; t++) {
    nl_ctx *C = make(t, cpu[t - 1], NULL);
    for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
      problem p = pose(i % 2 ? NL_F64 : NL_F32, s[i][0], s[i][1], s[i][2],
                       false);
      nl_gemm_call q = { .d = p.d, .m = p.m, .n = p.n, .k = p.k };
      CHECK(nl__gemm_spares(C, &q), "%d x %d x %d wants memory", (int)p.m,
            (int)p.n, (int)p.k);
      for (int l = 0; l < 25; l += 4) check_passing(C, &p, l, l % 8 == 0);
      drop(&p);
    }
    nl_gemm_call longer = { .d = NL_F32, .m = 200, .n = 200, .k = 513 };
    CHECK(!nl__gemm_spares(C, &longer), "two blocks of k without memory");
    nl_ctx_free(C);
  }
  nl_ctx *C = make(2, NULL, "openblas"); /* has to be given memory */
  problem p = pose(NL_F64, 90, 80, 1, false);
  for (int l = 0; l < 25; l += 6) check_passing(C, &p, l, l == 6);
  drop(&p);
  nl_ctx_free(C);
}

/* Two times the same product as a batch, or one into rows of its own. */
static void check_parts_of (nl_ctx *C, const problem *p, int l, bool batched,
                            bool given) {
  void *ma, *mb;
  int64_t two = 2, none = 0, batches = batched ? 2 : 1;
  int64_t ldc = p->n + (batched ? 0 : 3), total = batches * p->m * ldc;
  nl_gemm_batch batch = { 1, &two, &none, &none, NULL };
  check_parts u = { .p = p, .ldc = ldc, .batches = batches,
                    .slots = nl_threads(C) };
  char *c = malloc((size_t)total * p->size + 1);
  memset(c, 0xff, (size_t)total * p->size);
  u.c = c;
  u.times = calloc((size_t)(batches * p->m * p->n) + 1, 1);
  nl_gemm_call q = { .d = p->d, .m = p->m, .n = p->n, .k = p->k, .c = c,
                     .a = lay(p, p->a, p->m, p->k, l / 5, &ma),
                     .b = lay(p, p->b, p->k, p->n, l % 5, &mb), .ldc = ldc,
                     .batch = batched ? &batch : NULL, .done = part_done,
                     .ud = &u };
  void *scratch = NULL;
  size_t need = nl__gemm_scratch(C, &q);
  if (given) q.scratch = scratch = aligned_alloc(64, need + 64);
  if (given) memset((char *)scratch + need, 0x5a, 64);
  int64_t before = allocations;
  nl_status st = nl__gemm_run(C, &q);
  int64_t bad = atomic_load(&u.wrong);
  for (int64_t i = 0; i < batches * p->m; i++)
    for (int64_t j = 0; j < ldc; j++) {
      float x;
      int64_t w = i % p->m * p->n + j, at = i * ldc + j;
      double want = NAN;
      if (j >= p->n) {
        memcpy(&x, c + (size_t)at * p->size, 4);
        bad += !isnan(x);
        continue;
      }
      bad += u.times[i * p->n + j] != 1;
      if (p->d == NL_F32) {
        want = along(((float *)p->want)[w], i % p->m, j);
        bad += ((float *)(void *)c)[at] != (float)want;
      } else {
        want = along(((double *)p->want)[w], i % p->m, j);
        bad += ((double *)(void *)c)[at] != want;
      }
    }
  for (int i = 0; i < 64 && given; i++)
    bad += ((char *)scratch)[need + (size_t)i] != 0x5a;
  CHECK(st == NL_OK && bad == 0 && u.seen == batches * p->m * p->n &&
            (!given || allocations == before),
        "%d threads, %d x %d x %d %s, layout %d, batched %d: %d wrong: %s",
        nl_threads(C), (int)p->m, (int)p->n, (int)p->k, nl_dtype_name(p->d),
        l, batched, (int)bad, nl_errmsg(C));
  free(scratch);
  free(u.times);
  free(c);
  free(mb);
  free(ma);
}

static void test_done (void) {
  static const int64_t s[][3] = {
    { 200, 512, 784 }, { 130, 300, 200 }, { 200, 10, 512 }, { 200, 512, 10 },
    { 10, 512, 200 }, { 1, 700, 600 }, { 700, 1, 600 }, { 3, 9000, 20 },
    { 4, 40, 530 }, { 9000, 5, 3 }, { 1, 1, 3000 }, { 33, 1000, 600 },
    { 40, 33, 0 }, { 0, 4, 3 }, { 8, 12, 36 }, { 700, 30, 65 },
    { 3000, 3, 70 }, { 128, 5, 3 }, { 128, 6, 5 }, { 5, 6, 128 }, { 7, 2, 8 },
    { 300, 1, 8 }, { 1, 300, 8 }, { 20, 30, 333 }
  };
  static const char *const cpu[] = { NULL, "avx2", "generic" };
  for (int t = 1; t <= 3; t++) {
    nl_ctx *C = make(t, cpu[t - 1], NULL);
    problem warm = pose(NL_F32, 200, 300, 400, false); /* the workers */
    check_parts_of(C, &warm, 0, false, false);
    drop(&warm);
    for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
      if (t == 3 && s[i][0] * s[i][1] * s[i][2] > 10000000) continue;
      problem p = pose(i % 4 == 3 ? NL_F64 : NL_F32, s[i][0], s[i][1],
                       s[i][2], false);
      for (int l = 0; l < 25; l += 6)
        check_parts_of(C, &p, l, l == 6 || l == 18, l == 0 || l == 6);
      drop(&p);
    }
    nl_ctx_free(C);
  }
  nl_ctx *C = make(2, NULL, "openblas"); /* exact in any order */
  problem p = pose(NL_F32, 600, 520, 100, false);
  for (int64_t i = 0; i < p.m * p.k; i++) ((float *)p.a)[i] = (float)(i % 7);
  for (int64_t i = 0; i < p.k * p.n; i++) ((float *)p.b)[i] = (float)(i % 5);
  twin_float(p.m, p.n, p.k, p.a, p.b, p.want);
  for (int l = 24; l >= 0; l -= 6) check_parts_of(C, &p, l, l == 6, l == 0);
  drop(&p);
  nl_ctx_free(C);
}

/* OpenBLAS: near our values, its own bits independent of our threads */
static void test_blas (void) {
  static const int64_t s[][3] = { { 3, 4, 5 }, { 300, 520, 100 },
                                  { 1, 600, 700 }, { 600, 1, 70 } };
  for (size_t i = 0; i < sizeof s / sizeof *s; i++)
    for (int l = 0; l < 25; l++) {
      int64_t m = s[i][0], n = s[i][1], k = s[i][2], bad = 0;
      problem p = pose(NL_F64, m, n, k, false);
      double *c[2];
      void *ma, *mb;
      nl_mat a = lay(&p, p.a, m, k, l / 5, &ma);
      nl_mat b = lay(&p, p.b, k, n, l % 5, &mb);
      for (int t = 0; t < 2; t++) {
        nl_ctx *C = make(t + 1, NULL, "openblas");
        c[t] = malloc((size_t)(m * n) * 8);
        CHECK(nl__gemm(C, NL_F64, m, n, k, a, b, c[t], n) == NL_OK, "%s",
              nl_errmsg(C));
        nl_ctx_free(C);
      }
      for (int64_t j = 0; j < m * n; j++)
        bad += !(fabs(c[0][j] - ((double *)p.want)[j]) < 1e-12 * (double)k);
      CHECK(bad == 0 && memcmp(c[0], c[1], (size_t)(m * n) * 8) == 0,
            "OpenBLAS %d x %d x %d, layout %d: %d wrong", (int)m, (int)n,
            (int)k, l, (int)bad);
      free(c[0]);
      free(c[1]);
      free(mb);
      free(ma);
      drop(&p);
    }
}

int main (void) {
  if (!has_fma()) return 0;
  test_edges();
  test_layouts();
  test_blocks();
  test_wide();
  test_broadcast();
  test_drive();
  test_batched();
  test_done();
  test_passing();
  test_blas();
  return check_done();
}
