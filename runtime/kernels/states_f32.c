/* states_f32.c: noisy thresholds in float32; see states.h. */
#define NL_REAL 32
#define NL_STATES NL_K(states_f32)
#define NL_DENSITY NL_K(density_f32)
#include "kernels/states.h"
