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

#include "ops/lapack.h"

#define NS_PER_FLOP 0.01   /* what a core does about */
#define NS_PER_BYTE 0.02   /* of operands, for products that only read */
#define PIECE_NS 8000.0    /* smaller pieces are not worth a thread */
#define TINY_FMA 200000    /* of products whose duration is below that, with */
#define TINY 50000         /* elements of all three matrices */
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
  bool shared;                 /* A is packed by all threads for all */
  int64_t batches, rows, cols; /* pieces along m and n */
  char *scratch;               /* one for each thread, then the packed A */
  size_t scratch_size, packed_size;
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
   A, which is packed once or cheap to pack, where pieces one below the other
   pack the same B. */
static void grid (product *p, double wanted) {
  int64_t um = p->kernel->tile_m, un = p->kernel->tile_n;
  p->rows = p->cols = 1;
  while ((double)(p->rows * p->cols) < wanted) {
    int64_t h = p->q->m / p->rows, w = p->q->n / p->cols;
    bool tall = h >= 8 * um, wide = w >= 4 * un;
    if (wide && (p->shared || 2 * w >= h || !tall))
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

/* How much of k is summed up at a time. */
static int64_t block_of (int64_t k) {
  return k < NL_GEMM_BLOCK ? k : NL_GEMM_BLOCK;
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
  if (*c != NULL) *c += dc * size;
}

/* What becomes of the parts of product `which`. */
static nl_gemm_extra extra_of (const product *p, int64_t which, int slot) {
  return (nl_gemm_extra){ p->q->done, p->q->ud, which, slot, p->q->ahead,
                          p->q->nahead };
}

static char *scratch_of (const product *p, int slot) {
  return p->scratch + (size_t)slot * p->scratch_size;
}

static void give_slot (product *p, int slot) {
  atomic_fetch_and_explicit(&p->taken, ~(UINT64_C(1) << slot),
                            memory_order_release);
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
  nl_gemm_extra extra = extra_of(p, which, slot);
  if (p->blas) {
    blas_piece(q, a, b, c, m0, m1, n0, n1);
    char *at = c + (m0 * q->ldc + n0) * (int64_t)nl_dtype_size(q->d);
    nl_gemm_part part = { which, m0, m1, n0, n1, at, q->ldc, slot };
    if (q->done != NULL) q->done(q->ud, &part);
  } else {
    p->kernel->tile(q->m, q->n, q->k, a, b, c, q->ldc, m0, m1, n0, n1,
                    scratch_of(p, slot), q->done != NULL ? &extra : NULL);
  }
  give_slot(p, slot);
}

/* ---- pieces of one block of k, with A packed for all ---- */

#define STRIPS_EACH 16 /* packed by one thread at a time */

typedef struct shared_block {
  product *p;
  nl_gemm_block g; /* of the whole; pieces are parts of it */
  nl_mat a;        /* where it begins */
  int64_t count;   /* strips */
  int64_t which;
} shared_block;

static void pack_item (void *ud, int64_t i) {
  shared_block *b = (shared_block *)ud;
  int64_t from = i * STRIPS_EACH, to = from + STRIPS_EACH;
  b->p->kernel->pack(b->g.m, b->g.kb, b->a, from,
                     to < b->count ? to : b->count, (void *)(intptr_t)b->g.a);
}

static void block_item (void *ud, int64_t i) {
  shared_block *b = (shared_block *)ud;
  product *p = b->p;
  nl_gemm_block g = b->g;
  int64_t r = i / p->cols;
  g.s0 = b->count * r / p->rows;
  g.s1 = b->count * (r + 1) / p->rows;
  cut(p->q->n, p->kernel->tile_n, p->cols, i % p->cols, &g.n0, &g.n1);
  if (g.s0 == g.s1 || g.n0 == g.n1) return;
  int slot = take_slot(p);
  nl_gemm_extra extra = extra_of(p, b->which, slot);
  g.scratch = scratch_of(p, slot);
  g.x = p->q->done != NULL ? &extra : NULL;
  p->kernel->block(&g);
  give_slot(p, slot);
}

/* One block of k of at most NL_GEMM_ROWS rows. */
static nl_status run_block (nl_ctx *C, shared_block *b, double ns) {
  int64_t items = (b->count + STRIPS_EACH - 1) / STRIPS_EACH;
  double each = (double)(b->g.m * b->g.kb) / (double)items;
  int64_t pieces = b->p->rows * b->p->cols;
  nl_status st = nl__parallel_for(C, items, each, pack_item, b);
  if (st != NL_OK) return st;
  return nl__parallel_for(C, pieces, ns / (double)pieces, block_item, b);
}

static nl_status run_shared (nl_ctx *C, product *p, double ns, int64_t which,
                             char *packed) {
  const nl_gemm_call *q = p->q;
  nl_mat a = q->a, b = q->b;
  char *c = (char *)q->c;
  int64_t size = (int64_t)nl_dtype_size(q->d);
  if (q->batch != NULL) step(q, which, &a, &b, &c);
  for (int64_t i = 0; i < q->m; i += NL_GEMM_ROWS) {
    int64_t m = q->m - i < NL_GEMM_ROWS ? q->m - i : NL_GEMM_ROWS;
    for (int64_t k = 0; k < q->k; k += NL_GEMM_BLOCK) {
      int64_t kb = q->k - k < NL_GEMM_BLOCK ? q->k - k : NL_GEMM_BLOCK;
      shared_block s = { .p = p, .which = which };
      s.count = (m + p->kernel->tile_m - 1) / p->kernel->tile_m;
      s.a = (nl_mat){ (const char *)a.p + (i * a.rs + k * a.cs) * size, a.rs,
                      a.cs };
      s.g = (nl_gemm_block){
        .m = m, .kb = kb, .i0 = i, .a = packed,
        .b = { (const char *)b.p + k * b.rs * size, b.rs, b.cs },
        .c = c == NULL ? NULL : c + i * q->ldc * size, .ldc = q->ldc,
        .first = k == 0, .last = k + kb == q->k
      };
      double part = (double)m * (double)kb / (double)q->m / (double)q->k;
      nl_status st = run_block(C, &s, ns * part);
      if (st != NL_OK) return st;
    }
  }
  return NL_OK;
}

/* What one thread needs for any piece, in whole cache lines. */
static size_t scratch_for (const product *p) {
  const nl_gemm_call *q = p->q;
  int64_t um = p->kernel->tile_m, un = p->kernel->tile_n;
  int64_t h = (q->m / um / p->rows + 2) * um;
  int64_t w = (q->n / un / p->cols + 2) * un;
  if (h > q->m) h = q->m;
  if (w > q->n) w = q->n;
  size_t tile = p->kernel->work(h, w, q->k);
  size_t block = p->shared ? p->kernel->room(w, block_of(q->k)) : 0;
  size_t need = tile > block ? tile : block;
  return (need + 63) & ~(size_t)63;
}

/* Is q one piece for one thread, whatever its strides? */
static bool tiny (const nl_ctx *C, const nl_gemm_call *q) {
  return q->batch == NULL && !C->gemm_openblas && q->m <= TINY &&
         q->n <= TINY && q->k <= TINY && q->m * q->n * q->k <= TINY_FMA &&
         q->m * q->k + q->k * q->n + q->m * q->n <= TINY;
}

static size_t tiny_scratch (const nl_ctx *C, const nl_gemm_call *q) {
  return (C->k->gemm[q->d]->work(q->m, q->n, q->k) + 63) & ~(size_t)63;
}

/* Without the other products' preparations, which would take longer. */
static nl_status run_tiny (nl_ctx *C, const nl_gemm_call *q) {
  _Alignas(64) char small[STACK_BYTES];
  nl_gemm_extra extra = { q->done, q->ud, 0, 0, NULL, 0 };
  nl_buffer *large = NULL;
  void *scratch = q->scratch != NULL ? q->scratch : small;
  size_t need = q->scratch != NULL ? 0 : tiny_scratch(C, q);
  if (need > sizeof small) {
    large = nl__buffer_new(C, need);
    if (large == NULL) return C->status;
    scratch = large->data;
  }
  C->k->gemm[q->d]->tile(q->m, q->n, q->k, q->a, q->b, q->c, q->ldc, 0, q->m,
                         0, q->n, scratch, q->done != NULL ? &extra : NULL);
  if (large != NULL) nl__buffer_release(C, large);
  return NL_OK;
}

/* Decides how q is computed; returns how many threads may take part.  Strides
   don't count: whoever asks for scratch has none yet. */
static int64_t prepare (const nl_ctx *C, const nl_gemm_call *q, bool blas,
                        double ns, product *p) {
  *p = (product){ .q = q, .kernel = C->k->gemm[q->d], .blas = blas,
                  .batches = 1 };
  for (int j = 0; q->batch != NULL && j < q->batch->ndim; j++)
    p->batches *= q->batch->shape[j];
  if (p->batches == 0 || q->m == 0 || q->n == 0) return 0;
  p->shared = !blas && p->kernel->packs(q->m, q->n, q->k, NULL, NULL);
  plan(C, p, ns);
  p->shared = p->shared && p->rows * p->cols > 1;
  int64_t items = p->batches * p->rows * p->cols;
  if (!blas) p->scratch_size = scratch_for(p);
  if (p->shared)
    p->packed_size = p->kernel->packed(
        q->m < NL_GEMM_ROWS ? q->m : NL_GEMM_ROWS, block_of(q->k));
  return C->nthreads < items ? C->nthreads : items;
}

size_t nl__gemm_scratch (const nl_ctx *C, const nl_gemm_call *q) {
  if (tiny(C, q)) return tiny_scratch(C, q);
  product p;
  int64_t threads = prepare(C, q, false, duration(q), &p);
  return p.scratch_size * (size_t)threads + p.packed_size;
}

bool nl__gemm_spares (const nl_ctx *C, const nl_gemm_call *q) {
  return !C->gemm_openblas && q->k <= NL_GEMM_BLOCK &&
         C->k->gemm[q->d]->packs(q->m, q->n, q->k, NULL, NULL);
}

static nl_status run_pieces (nl_ctx *C, product *p, double ns,
                             int64_t threads) {
  int64_t each = p->rows * p->cols;
  if (!p->shared)
    return nl__parallel_for(C, p->batches * each, ns / (double)each, piece, p);
  char *packed = p->scratch + p->scratch_size * (size_t)threads;
  nl_status st = NL_OK;
  for (int64_t i = 0; i < p->batches && st == NL_OK; i++)
    st = run_shared(C, p, ns, i, packed);
  return st;
}

/* OpenBLAS, asked for since the call was planned, wants memory for c. */
static nl_status run_kept (nl_ctx *C, const nl_gemm_call *q) {
  nl_gemm_call kept = *q;
  size_t bytes = (size_t)(q->m * q->n) * nl_dtype_size(q->d);
  for (int j = 0; q->batch != NULL && j < q->batch->ndim; j++)
    bytes *= (size_t)q->batch->shape[j];
  nl_buffer *c = nl__buffer_new(C, bytes);
  if (c == NULL) return C->status;
  kept.c = c->data;
  nl_status st = nl__gemm_run(C, &kept);
  nl__buffer_release(C, c);
  return st;
}

nl_status nl__gemm_run (nl_ctx *C, const nl_gemm_call *q) {
  if (C->k->gemm[q->d] == NULL)
    return nl_error(C, NL_ERROR, "matmul: no product of %s matrices",
                    nl_dtype_name(q->d));
  if (q->c == NULL && !nl__gemm_spares(C, q)) return run_kept(C, q);
  if (q->c != NULL && tiny(C, q)) return run_tiny(C, q);
  product p;
  double ns = duration(q);
  int64_t threads = prepare(C, q, C->gemm_openblas && blas_can(q), ns, &p);
  if (threads == 0) return NL_OK;
  if (p.blas && !nl__blas_room(C, threads)) return C->status;
  if (p.blas && C->cfg.set_blas_threads && openblas_get_num_threads() != 1)
    openblas_set_num_threads(1);
  _Alignas(64) char small[STACK_BYTES];
  nl_buffer *large = NULL;
  size_t need = p.scratch_size * (size_t)threads + p.packed_size;
  p.scratch = q->scratch != NULL ? (char *)q->scratch : small;
  if (q->scratch == NULL && need > sizeof small) {
    large = nl__buffer_new(C, need);
    if (large == NULL) return C->status;
    p.scratch = (char *)large->data;
  }
  nl_status st = run_pieces(C, &p, ns, threads);
  if (large != NULL) nl__buffer_release(C, large);
  return st;
}

nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc) {
  nl_gemm_call q = { .d = d, .m = m, .n = n, .k = k, .a = a, .b = b, .c = c,
                .ldc = ldc };
  return nl__gemm_run(C, &q);
}
