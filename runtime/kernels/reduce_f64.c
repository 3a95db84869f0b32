/* reduce_f64.c: sums, products, maxima and minima of float64. */
#include "kernels/reduce.h"

#define T double
#define V vd
#define W NL_VD
#define F(name) name##_d
#include "kernels/sums.h"

void NL_REDUCE(sum, f64) NL_REDUCE_ARGS {
  reduce(SUM, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_REDUCE(prod, f64) NL_REDUCE_ARGS {
  reduce(PROD, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_REDUCE(max, f64) NL_REDUCE_ARGS {
  reduce(MAX, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_REDUCE(min, f64) NL_REDUCE_ARGS {
  reduce(MIN, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_BLOCKS(sum, f64) NL_BLOCKS_ARGS { blocks(SUM, n, b0, b1, x, out); }
void NL_BLOCKS(prod, f64) NL_BLOCKS_ARGS { blocks(PROD, n, b0, b1, x, out); }
void NL_BLOCKS(max, f64) NL_BLOCKS_ARGS { blocks(MAX, n, b0, b1, x, out); }
void NL_BLOCKS(min, f64) NL_BLOCKS_ARGS { blocks(MIN, n, b0, b1, x, out); }
