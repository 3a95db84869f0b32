/* gemm_f64.c: the products of float64 matrices; gemm_tile.h has them. */
#define NL_REAL 64
#include "kernels/gemm_tile.h"

const nl_gemm_kernel NL_K(gemm_f64) = GEMM_KERNEL;
