/* gemm_drive.h: products of matrices over the context's threads. */
#ifndef NL_GEMM_DRIVE_H
#define NL_GEMM_DRIVE_H

#include "base/base.h"
#include "kernels/kernels.h"

/* c (m, n) = a (m, k) b (k, n) for d NL_F32 or NL_F64; c has contiguous rows
   ldc elements apart and overlaps neither operand, whose strides may be any.
   The bits are those of nl_gemm_kernel whatever the threads; with the
   context's gemm set to "openblas", those of OpenBLAS on pieces that depend
   on the shape alone (of ours where BLAS can't express the strides).  Fails
   with NL_INTERRUPTED between pieces, or NL_NOMEM for the scratch. */
nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc);

/* Axes over which products repeat, outermost first: their sizes and what a
   step along each means in a, b and c, in elements (0: the same matrix). */
typedef struct nl_gemm_batch {
  int ndim;
  const int64_t *shape, *a, *b, *c;
} nl_gemm_batch;

/* A product for each index of the batch, spread over threads together. */
nl_status nl__gemm_batched (nl_ctx *C, nl_dtype d, int64_t m, int64_t n,
                            int64_t k, nl_mat a, nl_mat b, void *c,
                            int64_t ldc, const nl_gemm_batch *batch);

#endif
