/* gemm_bench.c: our products against OpenBLAS's, one thread, interleaved.
 *
 *   gemm_bench [f64] [SUBSTRING]    shapes whose line holds SUBSTRING
 *
 * For each shape the median over rounds of GFLOP/s (of microseconds for the
 * small ones); each round times every contender in turn, so that a change of
 * clock or a neighbour on the machine meets them all. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/kernels.h"

#define ROUNDS 15
#define ROUND_NS 3e6 /* of each contender */

typedef struct shape {
  const char *what;
  int64_t m, n, k;
  char ta, tb; /* 'N': rows contiguous, 'T': columns */
} shape;

static const shape shapes[] = {
  { "mlp forward 1", 200, 512, 784, 'N', 'N' },
  { "mlp forward 1", 200, 512, 784, 'N', 'T' },
  { "mlp dW 1", 784, 512, 200, 'T', 'N' },
  { "mlp dW 1'", 512, 784, 200, 'T', 'N' },
  { "mlp forward 2", 200, 512, 512, 'N', 'N' },
  { "mlp forward 2", 200, 512, 512, 'N', 'T' },
  { "mlp dW 2", 512, 512, 200, 'T', 'N' },
  { "mlp forward 3", 200, 10, 512, 'N', 'N' },
  { "mlp forward 3", 200, 10, 512, 'N', 'T' },
  { "mlp dX 3", 200, 512, 10, 'N', 'T' },
  { "mlp dX 3", 200, 512, 10, 'N', 'N' },
  { "mlp dW 3", 512, 10, 200, 'T', 'N' },
  { "mlp dW 3'", 10, 512, 200, 'T', 'N' },
  { "mlp128 forward", 200, 128, 784, 'N', 'T' },
  { "mlp128 dW", 128, 784, 200, 'T', 'N' },
  { "tiny", 8, 12, 36, 'N', 'N' },
  { "tiny", 8, 12, 12, 'N', 'N' },
  { "tiny", 128, 5, 3, 'N', 'N' },
  { "tiny", 128, 6, 5, 'N', 'T' },
  { "tiny", 3, 5, 128, 'T', 'N' },
  { "tiny", 10, 1, 200, 'N', 'N' },
  { "tiny", 200, 1, 10, 'N', 'N' },
  { "batch 1", 1, 512, 784, 'N', 'N' },
  { "batch 1", 1, 512, 784, 'N', 'T' },
  { "batch 1", 1, 512, 512, 'N', 'T' },
  { "batch 1", 1, 10, 512, 'N', 'T' },
  { "batch 4", 4, 512, 784, 'N', 'T' },
  { "batch 16", 16, 512, 784, 'N', 'T' },
  { "batch 16", 16, 512, 784, 'N', 'N' },
  { "dot", 1, 1, 100000, 'N', 'N' },
  { "square", 64, 64, 64, 'N', 'N' },
  { "square", 128, 128, 128, 'N', 'N' },
  { "square", 512, 512, 512, 'N', 'N' },
  { "square", 512, 512, 512, 'T', 'T' },
  { "square", 1024, 1024, 1024, 'N', 'N' },
  { "square", 1024, 1024, 1024, 'N', 'T' },
  { "square", 2048, 2048, 2048, 'N', 'N' },
};

typedef struct job {
  const shape *s;
  nl_dtype d;
  const nl_gemm_kernel *ours; /* NULL: OpenBLAS */
  void *a, *b, *c, *work;
} job;

/* The thread's own time, which other programs on the machine don't stretch. */
static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static nl_mat mat (const void *p, int64_t rows, int64_t cols, char t) {
  if (t == 'N') return (nl_mat){ p, cols, 1 };
  return (nl_mat){ p, 1, rows };
}

static void once (const job *j) {
  const shape *s = j->s;
  if (j->ours != NULL) {
    j->ours->tile(s->m, s->n, s->k, mat(j->a, s->m, s->k, s->ta),
                  mat(j->b, s->k, s->n, s->tb), j->c, s->n, 0, s->m, 0, s->n,
                  j->work, NULL);
    return;
  }
  int m = (int)s->m, n = (int)s->n, k = (int)s->k;
  CBLAS_TRANSPOSE ta = s->ta == 'N' ? CblasNoTrans : CblasTrans;
  CBLAS_TRANSPOSE tb = s->tb == 'N' ? CblasNoTrans : CblasTrans;
  int lda = s->ta == 'N' ? k : m, ldb = s->tb == 'N' ? n : k;
  if (j->d == NL_F32)
    cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, j->a, lda, j->b, ldb, 0,
                j->c, n);
  else
    cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, j->a, lda, j->b, ldb, 0,
                j->c, n);
}

/* Nanoseconds a call, over about ROUND_NS. */
static double round_of (const job *j, int times) {
  double t = now();
  for (int i = 0; i < times; i++) once(j);
  return (now() - t) / times;
}

static int ascending (const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

static void *filled (nl_dtype d, int64_t n) {
  size_t bytes = ((size_t)n * 8 + 127) / 64 * 64;
  void *p = aligned_alloc(64, bytes);
  if (p == NULL) exit(1);
  for (int64_t i = 0; i < n; i++) {
    double x = (double)(i * 7919 % 2001 - 1000) / 1000;
    if (d == NL_F32) ((float *)p)[i] = (float)x;
    else ((double *)p)[i] = x;
  }
  return p;
}

#define CONTENDERS 3

static void measure (const shape *s, nl_dtype d,
                     const nl_gemm_kernel *const *ours) {
  double t[CONTENDERS][ROUNDS];
  int times[CONTENDERS];
  job j[CONTENDERS];
  void *a = filled(d, s->m * s->k), *b = filled(d, s->k * s->n);
  void *c = filled(d, s->m * s->n), *work = filled(d, 1 << 22);
  for (int i = 0; i < CONTENDERS; i++) {
    j[i] = (job){ s, d, ours[i], a, b, c, work };
    if (i < 2 && ours[i] == NULL) continue;
    once(&j[i]);
    double one = round_of(&j[i], 2);
    times[i] = one > ROUND_NS ? 1 : (int)(ROUND_NS / one) + 1;
  }
  for (int r = 0; r < ROUNDS; r++)
    for (int i = 0; i < CONTENDERS; i++)
      if (i == 2 || ours[i] != NULL) t[i][r] = round_of(&j[i], times[i]);
  double flop = 2.0 * (double)s->m * (double)s->n * (double)s->k;
  printf("%-14s %4dx%4dx%4d %c%c", s->what, (int)s->m, (int)s->n, (int)s->k,
         s->ta, s->tb);
  for (int i = 0; i < CONTENDERS; i++) {
    if (i < 2 && ours[i] == NULL) {
      printf("         -          ");
      continue;
    }
    qsort(t[i], ROUNDS, sizeof(double), ascending);
    qsort(t[2], ROUNDS, sizeof(double), ascending);
    printf(" %8.2f us %7.1f", t[i][ROUNDS / 2] / 1e3,
           flop / t[i][ROUNDS / 2]);
    if (i < 2) printf(" (%4.2f)", t[2][ROUNDS / 2] / t[i][ROUNDS / 2]);
  }
  printf("\n");
  fflush(stdout);
  free(a);
  free(b);
  free(c);
  free(work);
}

int main (int argc, char **argv) {
  bool f64 = argc > 1 && strcmp(argv[1], "f64") == 0;
  const char *only = argc > 1 + f64 ? argv[1 + f64] : "";
  nl_dtype d = f64 ? NL_F64 : NL_F32;
  const nl_kernels *k512 = nl__kernels_pick("avx512");
  const nl_kernels *k2 = nl__kernels_pick("avx2");
  const nl_gemm_kernel *ours[CONTENDERS] = {
    k512 != NULL ? k512->gemm[d] : NULL, k2 != NULL ? k2->gemm[d] : NULL, NULL
  };
  openblas_set_num_threads(1);
  printf("%s, one thread; OpenBLAS kernels: %s; in parentheses OpenBLAS's "
         "time over ours\n%-30s %20s %27s %19s\n", nl_dtype_name(d),
         openblas_get_corename(), "      m    n    k", "avx512, GFLOP/s",
         "avx2, GFLOP/s", "OpenBLAS");
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    char text[80];
    const shape *s = &shapes[i];
    snprintf(text, sizeof text, "%s %dx%dx%d %c%c", s->what, (int)s->m,
             (int)s->n, (int)s->k, s->ta, s->tb);
    if (strstr(text, only) != NULL) measure(s, d, ours);
  }
  return 0;
}
