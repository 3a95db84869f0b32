/* reduce_f32.c: sums, products, maxima and minima of float32. */
#include "kernels/reduce.h"

#define T float
#define V vf
#define W NL_VF
#define F(name) name##_f
#include "kernels/sums.h"

void NL_REDUCE(sum, f32) NL_REDUCE_ARGS {
  reduce(SUM, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_REDUCE(prod, f32) NL_REDUCE_ARGS {
  reduce(PROD, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_REDUCE(max, f32) NL_REDUCE_ARGS {
  reduce(MAX, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_REDUCE(min, f32) NL_REDUCE_ARGS {
  reduce(MIN, outer, n, inner, o0, o1, i0, i1, x, out);
}
void NL_BLOCKS(sum, f32) NL_BLOCKS_ARGS { blocks(SUM, n, b0, b1, x, out); }
void NL_BLOCKS(prod, f32) NL_BLOCKS_ARGS { blocks(PROD, n, b0, b1, x, out); }
void NL_BLOCKS(max, f32) NL_BLOCKS_ARGS { blocks(MAX, n, b0, b1, x, out); }
void NL_BLOCKS(min, f32) NL_BLOCKS_ARGS { blocks(MIN, n, b0, b1, x, out); }
