/* lagrangian_f32.c: Lagrangians in float32; see lagrangian.h. */
#define NL_REAL 32
#define NL_LAGRANGIAN NL_K(lagrangian_f32)
#define NL_LAGRANGIAN_ROW NL_K(lagrangian_row_f32)
#include "kernels/lagrangian.h"
