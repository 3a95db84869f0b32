/* product.h: products of matrices as plans run them: into memory of theirs,
 * with a function over each finished part.  A primitive that is such a
 * product of its two inputs (batch..., m, k) and (batch..., k, n) says so by
 * its `product`; ops/gemm_drive.c is what runs them.
 *
 *     nl_gemm_call q = { .c = out, .done = bias_and_relu, .ud = &group };
 *     nl__gemm_of(&q, &batch, x, y);            strides, sizes and memory
 *     q.scratch = arena + place;                of prim->product->scratch()
 *     prim->product->run(C, &q);
 *
 * Parts are disjoint and cover the output; `done` sees each once, after its
 * last block of k, while it is in the first or second cache, and may change
 * it: that gives the bits of the whole product followed by the function, as
 * long as the function treats each element by itself (what it reads elsewhere
 * it finds by i0, j0).  It runs on any thread, several at a time, and must
 * not bind, allocate or touch the context; part->slot is below the context's
 * number of threads and no other running part's, an index for scratch of its
 * own.  A part has whole rows and columns of the range it names, about 8192
 * elements, ldc apart at c; where it is cut is a matter of speed, and may differ from call to
 * call.
 *
 * An interrupted run leaves some parts unwritten and not done; c is then
 * garbage.  Nothing that a transaction has to keep may be written by `done`. */
#ifndef NL_PRODUCT_H
#define NL_PRODUCT_H

#include "core/core.h"
#include "kernels/kernels.h"

/* Axes over which products repeat, outermost first: their sizes and what a
   step along each means in a, b and c, in elements (0: the same matrix). */
typedef struct nl_gemm_batch {
  int ndim;
  const int64_t *shape, *a, *b;
  const int64_t *c; /* NULL: dense, m * n apart */
} nl_gemm_batch;

/* c (m, n) = a (m, k) b (k, n) for d NL_F32 or NL_F64.  The strides of a and
   b may be any; c has contiguous rows ldc elements apart and overlaps
   neither.  A c of contiguous columns is the product of the transposed, with
   the same bits: swap a and b, m and n, rs and cs. */
typedef struct nl_gemm_call {
  nl_dtype d;
  int64_t m, n, k;
  nl_mat a, b;
  void *c; /* NULL where spares() allows it: parts stand in scratch */
  int64_t ldc;
  const nl_gemm_batch *batch; /* NULL: one product */
  void (*done) (void *ud, const nl_gemm_part *part); /* NULL: nothing */
  void *ud;
  const nl_gemm_ahead *ahead; /* [nahead] what `done` will go through; not of */
  int nahead;                 /* a batch */
  void *scratch; /* 64-byte aligned; NULL: from the stack or the heap */
} nl_gemm_call;

struct nl_product {
  /* Bytes that run() needs as q's scratch, for its d, m, n, k and batch and
     the context's present threads and kernels; pointers and strides are not
     looked at, so it can be asked before there are any. */
  size_t (*scratch) (const nl_ctx *C, const nl_gemm_call *q);
  /* Fails with NL_INTERRUPTED between parts, or NL_NOMEM when it has to
     allocate scratch itself; with scratch given it allocates nothing. */
  nl_status (*run) (nl_ctx *C, const nl_gemm_call *q);
  /* May c be NULL, for q of these sizes, when nothing but `done` wants the
     product?  Then it never passes through memory. */
  bool (*spares) (const nl_ctx *C, const nl_gemm_call *q);
};

/* Fills all of q but c, done, ud and scratch from the inputs of a product,
   (batch..., m, k) and (batch..., k, n); batch lives as long as q, and the
   values' strides as both. */
static inline void nl__gemm_of (nl_gemm_call *q, nl_gemm_batch *batch,
                                const nl_value *x, const nl_value *y) {
  int nd = x->ndim;
  q->d = (nl_dtype)x->dtype;
  q->m = x->shape[nd - 2];
  q->k = x->shape[nd - 1];
  q->n = q->ldc = y->shape[nd - 1];
  q->a = (nl_mat){ nl__bytes_at(x), x->stride[nd - 2], x->stride[nd - 1] };
  q->b = (nl_mat){ nl__bytes_at(y), y->stride[nd - 2], y->stride[nd - 1] };
  *batch = (nl_gemm_batch){ nd - 2, x->shape, x->stride, y->stride, NULL };
  q->batch = nd == 2 ? NULL : batch;
}

#endif
