/* lagrangian_f64.c: Lagrangians in float64; see lagrangian.h. */
#define NL_REAL 64
#define NL_LAGRANGIAN NL_K(lagrangian_f64)
#define NL_LAGRANGIAN_ROW NL_K(lagrangian_row_f64)
#include "kernels/lagrangian.h"
