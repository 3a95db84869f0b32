/* kaf_f32.c: kernel activation functions in float32; see kaf.h. */
#define NL_REAL 32
#include "kernels/kaf.h"
