/* activation.h: what activation.c's rules and activation_run.c share. */
#ifndef NL_OPS_ACTIVATION_H
#define NL_OPS_ACTIVATION_H

#include "core/core.h"

/* The static parameters: which kernel, the order of its derivative, how many
   centres, and as the bits of float64 the first one and their distance. */
enum { KERNEL, ORDER, NCENTRES, FIRST, STEP, NP };
#define MAX_CENTRES 256

/* eval of kaf, kaf_alpha and kaf_back */
nl_status nl__kaf_eval (nl_ctx *C, nl_eqn *e);

#endif
