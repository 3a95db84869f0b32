/* gemm_drive.h: products of matrices over the context's threads. */
#ifndef NL_GEMM_DRIVE_H
#define NL_GEMM_DRIVE_H

#include "core/product.h"

/* The product that core/product.h describes.  The bits are those of
   nl_gemm_kernel whatever the threads; with the context's gemm set to
   "openblas", those of OpenBLAS on pieces that depend on the shape alone (of
   ours where BLAS can't express the strides). */
nl_status nl__gemm_run (nl_ctx *C, const nl_gemm_call *q);
size_t nl__gemm_scratch (const nl_ctx *C, const nl_gemm_call *q);
bool nl__gemm_spares (const nl_ctx *C, const nl_gemm_call *q);

/* The same, for who wants nothing else. */
nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc);

#endif
