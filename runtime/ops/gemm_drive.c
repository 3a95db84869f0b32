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
  const nl_gemm_call *q;
  const nl_gemm_kernel *kernel;
  bool blas;
  int64_t batches, rows, cols; /* pieces along m and n */
  char *scratch;               /* one for each thread */
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
    int64_t h = p->q->m / p->rows, w = p->q->n / p->cols;
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
static double duration (const nl_gemm_call *q) {
  double m = (double)q->m, n = (double)q->n, k = (double)q->k;
  double flop = 2 * m * n * k;
  double bytes = (m * k + k * n + m * n) * (q->d == NL_F64 ? 8 : 4);
  double compute = flop * NS_PER_FLOP * (q->d == NL_F64 ? 2 : 1);
  double memory = bytes * NS_PER_BYTE;
  return compute > memory ? compute : memory;
}

static void plan (const nl_ctx *C, product *p, double ns) {
  const nl_gemm_call *q = p->q;
  double flop = 2 * (double)q->m * (double)q->n * (double)q->k;
  double batches = (double)p->batches;
  if (p->blas) {
    p->cols = flop < BLAS_FLOP ? 1 : (q->n + BLAS_N - 1) / BLAS_N;
    p->rows = flop < BLAS_FLOP ? 1 : (q->m + BLAS_M - 1) / BLAS_M;
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

static bool blas_can (const nl_gemm_call *q) {
  bool t;
  return q->k >= 1 && q->k <= INT_MAX && q->ldc <= INT_MAX &&
         q->m <= INT_MAX && q->n <= INT_MAX &&
         blas_ld(q->a, q->m, q->k, &t) && blas_ld(q->b, q->k, q->n, &t);
}

static void blas_piece (const nl_gemm_call *q, nl_mat a, nl_mat b, char *c,
                        int64_t m0, int64_t m1, int64_t n0, int64_t n1) {
  bool ta, tb;
  int lda = blas_ld(a, q->m, q->k, &ta), ldb = blas_ld(b, q->k, q->n, &tb);
  int m = (int)(m1 - m0), n = (int)(n1 - n0), k = (int)q->k;
  CBLAS_TRANSPOSE fa = ta ? CblasTrans : CblasNoTrans;
  CBLAS_TRANSPOSE fb = tb ? CblasTrans : CblasNoTrans;
  int64_t at_a = m0 * a.rs, at_b = n0 * b.cs, at_c = m0 * q->ldc + n0;
  if (q->d == NL_F32)
    cblas_sgemm(CblasRowMajor, fa, fb, m, n, k, 1, (const float *)a.p + at_a,
                lda, (const float *)b.p + at_b, ldb, 0, (float *)c + at_c,
                (int)q->ldc);
  else
    cblas_dgemm(CblasRowMajor, fa, fb, m, n, k, 1, (const double *)a.p + at_a,
                lda, (const double *)b.p + at_b, ldb, 0, (double *)c + at_c,
                (int)q->ldc);
}

/* ---- running ---- */

static int take_slot (product *p) {
  uint64_t taken = atomic_load_explicit(&p->taken, memory_order_relaxed);
  int slot;
  do {
    slot = __builtin_ctzll(~(unsigned long long)taken);
  } while (!atomic_compare_exchange_weak_explicit(
      &p->taken, &taken, taken | UINT64_C(1) << slot, memory_order_acquire,
      memory_order_relaxed));
  return slot;
}

/* Moves a, b and c to product `which` of the batch. */
static void step (const nl_gemm_call *q, int64_t which, nl_mat *a, nl_mat *b,
                  char **c) {
  const nl_gemm_batch *batch = q->batch;
  int64_t size = (int64_t)nl_dtype_size(q->d), da = 0, db = 0, dc = 0;
  if (batch->c == NULL) dc = which * q->m * q->n;
  for (int j = batch->ndim - 1; j >= 0; j--) {
    int64_t at = which % batch->shape[j];
    which /= batch->shape[j];
    da += at * batch->a[j];
    db += at * batch->b[j];
    if (batch->c != NULL) dc += at * batch->c[j];
  }
  a->p = (const char *)a->p + da * size;
  b->p = (const char *)b->p + db * size;
  *c += dc * size;
}

static void piece (void *ud, int64_t i) {
  product *p = (product *)ud;
  const nl_gemm_call *q = p->q;
  int64_t each = p->rows * p->cols, which = i / each, rest = i % each;
  int64_t m0, m1, n0, n1;
  nl_mat a = q->a, b = q->b;
  char *c = (char *)q->c;
  cut(q->m, p->kernel->tile_m, p->rows, rest / p->cols, &m0, &m1);
  cut(q->n, p->kernel->tile_n, p->cols, rest % p->cols, &n0, &n1);
  if (m0 == m1 || n0 == n1) return;
  if (q->batch != NULL) step(q, which, &a, &b, &c);
  int slot = take_slot(p);
  nl_gemm_extra extra = { q->done, q->ud, which, slot };
  if (p->blas) {
    blas_piece(q, a, b, c, m0, m1, n0, n1);
    char *at = c + (m0 * q->ldc + n0) * (int64_t)nl_dtype_size(q->d);
    nl_gemm_part part = { which, m0, m1, n0, n1, at, q->ldc, slot };
    if (q->done != NULL) q->done(q->ud, &part);
  } else {
    p->kernel->tile(q->m, q->n, q->k, a, b, c, q->ldc, m0, m1, n0, n1,
                    p->scratch + (size_t)slot * p->scratch_size,
                    q->done != NULL ? &extra : NULL);
  }
  atomic_fetch_and_explicit(&p->taken, ~(UINT64_C(1) << slot),
                            memory_order_release);
}

/* What one thread needs for any piece, in whole cache lines. */
static size_t scratch_for (const product *p) {
  const nl_gemm_call *q = p->q;
  int64_t um = p->kernel->tile_m, un = p->kernel->tile_n;
  int64_t h = (q->m / um / p->rows + 2) * um;
  int64_t w = (q->n / un / p->cols + 2) * un;
  size_t need = p->kernel->work(h < q->m ? h : q->m, w < q->n ? w : q->n,
                                q->k);
  return (need + 63) & ~(size_t)63;
}

/* Decides how q is computed; returns how many threads may take part. */
static int64_t prepare (const nl_ctx *C, const nl_gemm_call *q, bool blas,
                        double ns, product *p) {
  *p = (product){ .q = q, .kernel = C->k->gemm[q->d], .blas = blas,
                  .batches = 1 };
  for (int j = 0; q->batch != NULL && j < q->batch->ndim; j++)
    p->batches *= q->batch->shape[j];
  if (p->batches == 0 || q->m == 0 || q->n == 0) return 0;
  plan(C, p, ns);
  int64_t items = p->batches * p->rows * p->cols;
  p->scratch_size = blas ? 0 : scratch_for(p);
  return C->nthreads < items ? C->nthreads : items;
}

size_t nl__gemm_scratch (const nl_ctx *C, const nl_gemm_call *q) {
  product p;
  int64_t threads = prepare(C, q, false, duration(q), &p);
  return p.scratch_size * (size_t)threads;
}

nl_status nl__gemm_run (nl_ctx *C, const nl_gemm_call *q) {
  if (C->k->gemm[q->d] == NULL)
    return nl_error(C, NL_ERROR, "matmul: no product of %s matrices",
                    nl_dtype_name(q->d));
  product p;
  double ns = duration(q);
  int64_t threads = prepare(C, q, C->gemm_openblas && blas_can(q), ns, &p);
  if (threads == 0) return NL_OK;
  if (p.blas && C->cfg.set_blas_threads && openblas_get_num_threads() != 1)
    openblas_set_num_threads(1);
  _Alignas(64) char small[STACK_BYTES];
  nl_buffer *large = NULL;
  p.scratch = q->scratch != NULL ? (char *)q->scratch : small;
  if (q->scratch == NULL && p.scratch_size * (size_t)threads > sizeof small) {
    large = nl__buffer_new(C, p.scratch_size * (size_t)threads);
    if (large == NULL) return C->status;
    p.scratch = (char *)large->data;
  }
  int64_t each = p.rows * p.cols;
  nl_status st = nl__parallel_for(C, p.batches * each, ns / (double)each,
                                  piece, &p);
  if (large != NULL) nl__buffer_release(C, large);
  return st;
}

nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc) {
  nl_gemm_call q = { .d = d, .m = m, .n = n, .k = k, .a = a, .b = b, .c = c,
                .ldc = ldc };
  return nl__gemm_run(C, &q);
}
