/* states_f64.c: noisy thresholds in float64; see states.h. */
#define NL_REAL 64
#define NL_STATES NL_K(states_f64)
#define NL_DENSITY NL_K(density_f64)
#include "kernels/states.h"
