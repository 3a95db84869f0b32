/* gemm_drive.h: one product C = A B over the context's threads. */
#ifndef NL_GEMM_DRIVE_H
#define NL_GEMM_DRIVE_H

#include "base/base.h"
#include "kernels/kernels.h"

nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc);

#endif
