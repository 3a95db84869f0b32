/* gemm_drive.c: cuts products into pieces and runs these on threads.
 *
 * A kernel gives an output the same bits in whatever piece it is computed, so
 * the cut is a matter of speed: enough pieces for the threads, no piece so
 * large that an interrupt waits, none so small that packing its operands
 * costs more than it saves.  OpenBLAS's bits do depend on the cut; there it
 * follows from the shape alone. */
#include "ops/gemm_drive.h"

#include <cblas.h>
#include <limits.h>

#define NS_PER_FLOP 0.01   /* what a core does about */
#define NS_PER_BYTE 0.02   /* of operands, for products that only read */
#define PIECE_NS 8000.0    /* smaller pieces are not worth a thread */
#define LONG_NS 2e6        /* products that get more, smaller pieces */
#define PATIENCE_FLOP 1e9  /* of one piece: an interrupt waits so long */
#define STACK_BYTES 16384  /* of scratch, before it comes from the heap */
#define BLAS_M 512         /* OpenBLAS's pieces */
#define BLAS_N 256
#define BLAS_FLOP 8e6      /* products below are one piece */

typedef struct product {
  const nl_gemm_kernel *kernel;
  nl_dtype d;
  bool blas;
  int64_t m, n, k;
  nl_mat a, b;
  char *c;
  int64_t ldc;
  const nl_gemm_batch *batch; /* NULL: one */
  int64_t rows, cols; /* pieces along m and n */
  char *scratch;      /* one for each thread */
  size_t scratch_size;
  atomic_uint_least64_t taken; /* which scratches are in use */
} product;

/* ---- where to cut ---- */

/* Piece i of `parts` of [0, size), cut at multiples of unit. */
static void cut (int64_t size, int64_t unit, int64_t parts, int64_t i,
                 int64_t *from, int64_t *to) {
  int64_t units = (size + unit - 1) / unit;
  *from = units * i / parts * unit;
  *to = i + 1 == parts ? size : units * (i + 1) / parts * unit;
}

/* Cuts into about `wanted` pieces.  Columns first: pieces side by side share
   A, which is cheap to pack, where pieces one below the other share B. */
static void grid (product *p, double wanted) {
  int64_t um = p->kernel->tile_m, un = p->kernel->tile_n;
  p->rows = p->cols = 1;
  while ((double)(p->rows * p->cols) < wanted) {
    int64_t h = p->m / p->rows, w = p->n / p->cols;
    bool tall = h >= 8 * um, wide = w >= 4 * un;
    if (wide && (2 * w >= h || !tall))
      p->cols *= 2;
    else if (tall)
      p->rows *= 2;
    else if (w >= 2 * un)
      p->cols *= 2;
    else if (h >= 2 * um)
      p->rows *= 2;
    else
      return;
  }
}

/* An estimate of one whole product, in nanoseconds. */
static double duration (const product *p) {
  double m = (double)p->m, n = (double)p->n, k = (double)p->k;
  double flop = 2 * m * n * k;
  double bytes = (m * k + k * n + m * n) * (double)nl_dtype_size(p->d);
  double compute = flop * NS_PER_FLOP * (p->d == NL_F64 ? 2 : 1);
  double memory = bytes * NS_PER_BYTE;
  return compute > memory ? compute : memory;
}

static void plan (const nl_ctx *C, product *p, double batches, double ns) {
  double flop = 2 * (double)p->m * (double)p->n * (double)p->k;
  if (p->blas) {
    p->cols = flop < BLAS_FLOP ? 1 : (p->n + BLAS_N - 1) / BLAS_N;
    p->rows = flop < BLAS_FLOP ? 1 : (p->m + BLAS_M - 1) / BLAS_M;
    return;
  }
  double wanted = 1;
  if (C->nthreads > 1) {
    wanted = (ns * batches > LONG_NS ? 4 : 2) * C->nthreads / batches;
    if (wanted > ns / PIECE_NS) wanted = ns / PIECE_NS;
  }
  if (wanted < flop / PATIENCE_FLOP) wanted = flop / PATIENCE_FLOP;
  grid(p, wanted);
}

/* ---- a piece by OpenBLAS ---- */

/* How BLAS sees x (rows, cols): its leading dimension, or 0 if it can't. */
static int blas_ld (nl_mat x, int64_t rows, int64_t cols, bool *t) {
  *t = x.cs != 1;
  int64_t ld = *t ? x.cs : x.rs, len = *t ? rows : cols;
  int64_t lines = *t ? cols : rows;
  if (*t && x.rs != 1) return 0;
  if (lines == 1) ld = len; /* then it is never stepped */
  return ld >= len && ld >= 1 && ld <= INT_MAX ? (int)ld : 0;
}

static bool blas_can (const product *p) {
  bool t;
  return p->k >= 1 && p->k <= INT_MAX && p->ldc <= INT_MAX &&
         p->m <= INT_MAX && p->n <= INT_MAX &&
         blas_ld(p->a, p->m, p->k, &t) && blas_ld(p->b, p->k, p->n, &t);
}

static void blas_piece (const product *p, nl_mat a, nl_mat b, char *c,
                        int64_t m0, int64_t m1, int64_t n0, int64_t n1) {
  bool ta, tb;
  int lda = blas_ld(a, p->m, p->k, &ta), ldb = blas_ld(b, p->k, p->n, &tb);
  int m = (int)(m1 - m0), n = (int)(n1 - n0), k = (int)p->k;
  CBLAS_TRANSPOSE fa = ta ? CblasTrans : CblasNoTrans;
  CBLAS_TRANSPOSE fb = tb ? CblasTrans : CblasNoTrans;
  int64_t at_a = m0 * a.rs, at_b = n0 * b.cs, at_c = m0 * p->ldc + n0;
  if (p->d == NL_F32)
    cblas_sgemm(CblasRowMajor, fa, fb, m, n, k, 1, (const float *)a.p + at_a,
                lda, (const float *)b.p + at_b, ldb, 0, (float *)c + at_c,
                (int)p->ldc);
  else
    cblas_dgemm(CblasRowMajor, fa, fb, m, n, k, 1, (const double *)a.p + at_a,
                lda, (const double *)b.p + at_b, ldb, 0, (double *)c + at_c,
                (int)p->ldc);
}

/* ---- running ---- */

static int take_scratch (product *p) {
  uint64_t taken = atomic_load_explicit(&p->taken, memory_order_relaxed);
  int slot;
  do {
    slot = __builtin_ctzll(~(unsigned long long)taken);
  } while (!atomic_compare_exchange_weak_explicit(
      &p->taken, &taken, taken | UINT64_C(1) << slot, memory_order_acquire,
      memory_order_relaxed));
  return slot;
}

static void piece (void *ud, int64_t i) {
  product *p = (product *)ud;
  int64_t each = p->rows * p->cols, which = i / each, rest = i % each;
  int64_t m0, m1, n0, n1, da = 0, db = 0, dc = 0;
  size_t size = nl_dtype_size(p->d);
  for (int j = p->batch == NULL ? -1 : p->batch->ndim - 1; j >= 0; j--) {
    int64_t at = which % p->batch->shape[j];
    which /= p->batch->shape[j];
    da += at * p->batch->a[j];
    db += at * p->batch->b[j];
    dc += at * p->batch->c[j];
  }
  nl_mat a = p->a, b = p->b;
  a.p = (const char *)a.p + da * (int64_t)size;
  b.p = (const char *)b.p + db * (int64_t)size;
  char *c = p->c + dc * (int64_t)size;
  cut(p->m, p->kernel->tile_m, p->rows, rest / p->cols, &m0, &m1);
  cut(p->n, p->kernel->tile_n, p->cols, rest % p->cols, &n0, &n1);
  if (m0 == m1 || n0 == n1) return;
  if (p->blas) {
    blas_piece(p, a, b, c, m0, m1, n0, n1);
    return;
  }
  int slot = take_scratch(p);
  p->kernel->tile(p->m, p->n, p->k, a, b, c, p->ldc, m0, m1, n0, n1,
                  p->scratch + (size_t)slot * p->scratch_size);
  atomic_fetch_and_explicit(&p->taken, ~(UINT64_C(1) << slot),
                            memory_order_release);
}

/* What one thread needs for any piece, in whole cache lines. */
static size_t scratch_for (const product *p) {
  int64_t um = p->kernel->tile_m, un = p->kernel->tile_n;
  int64_t h = (p->m / um / p->rows + 2) * um;
  int64_t w = (p->n / un / p->cols + 2) * un;
  size_t need = p->kernel->work(h < p->m ? h : p->m, w < p->n ? w : p->n,
                                p->k);
  return (need + 63) & ~(size_t)63;
}

static nl_status run (nl_ctx *C, product *p, int64_t batches) {
  double ns = duration(p);
  plan(C, p, (double)batches, ns);
  int64_t each = p->rows * p->cols, items = batches * each;
  double work = ns / (double)each;
  if (p->blas) return nl__parallel_for(C, items, work, piece, p);
  int64_t threads = C->nthreads < items ? C->nthreads : items;
  _Alignas(64) char small[STACK_BYTES];
  nl_buffer *large = NULL;
  p->scratch_size = scratch_for(p);
  p->scratch = small;
  if (p->scratch_size * (size_t)threads > sizeof small) {
    large = nl__buffer_new(C, p->scratch_size * (size_t)threads);
    if (large == NULL) return C->status;
    p->scratch = (char *)large->data;
  }
  nl_status st = nl__parallel_for(C, items, work, piece, p);
  if (large != NULL) nl__buffer_release(C, large);
  return st;
}

nl_status nl__gemm_batched (nl_ctx *C, nl_dtype d, int64_t m, int64_t n,
                            int64_t k, nl_mat a, nl_mat b, void *c,
                            int64_t ldc, const nl_gemm_batch *batch) {
  int64_t batches = 1;
  if (C->k->gemm[d] == NULL)
    return nl_error(C, NL_ERROR, "matmul: no product of %s matrices",
                    nl_dtype_name(d));
  for (int j = 0; batch != NULL && j < batch->ndim; j++)
    batches *= batch->shape[j];
  if (m == 0 || n == 0 || batches == 0) return NL_OK;
  product p = { .kernel = C->k->gemm[d], .d = d, .m = m, .n = n, .k = k,
                .a = a, .b = b, .c = (char *)c, .ldc = ldc, .batch = batch };
  p.blas = C->gemm_openblas && blas_can(&p);
  if (p.blas && C->cfg.set_blas_threads && openblas_get_num_threads() != 1)
    openblas_set_num_threads(1);
  return run(C, &p, batches);
}

nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc) {
  return nl__gemm_batched(C, d, m, n, k, a, b, c, ldc, NULL);
}
