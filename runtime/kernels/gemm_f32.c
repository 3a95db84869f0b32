/* gemm_f32.c: the products of float32 matrices; gemm_tile.h has them. */
#define NL_REAL 32
#include "kernels/gemm_tile.h"

const nl_gemm_kernel NL_K(gemm_f32) = GEMM_KERNEL;
