/* kaf_f64.c: kernel activation functions in float64; see kaf.h. */
#define NL_REAL 64
#include "kernels/kaf.h"
