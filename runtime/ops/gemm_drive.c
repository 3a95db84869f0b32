/* gemm_drive.c: products over the context's threads. */
#include "ops/gemm_drive.h"

#include <math.h>

#define PRODUCT(type, fma)                                                    \
  do {                                                                        \
    const type *A = (const type *)a.p, *B = (const type *)b.p;                \
    type *c_ = (type *)c;                                                     \
    for (int64_t i = 0; i < m; i++)                                           \
      for (int64_t j = 0; j < n; j++) {                                       \
        type total = 0;                                                       \
        for (int64_t l0 = 0; l0 < k; l0 += 512) {                             \
          type s = 0;                                                         \
          for (int64_t l = l0; l < k && l < l0 + 512; l++)                    \
            s = fma(A[i * a.rs + l * a.cs], B[l * b.rs + j * b.cs], s);       \
          total = l0 == 0 ? s : total + s;                                    \
        }                                                                     \
        c_[i * ldc + j] = total;                                              \
      }                                                                       \
  } while (0)

nl_status nl__gemm (nl_ctx *C, nl_dtype d, int64_t m, int64_t n, int64_t k,
                    nl_mat a, nl_mat b, void *c, int64_t ldc) {
  (void)C;
  if (d == NL_F32)
    PRODUCT(float, fmaf);
  else
    PRODUCT(double, fma);
  return NL_OK;
}
