/* along.h: arrays seen along one dim, as (outer, n, inner): what indexing,
 * sorting, scans and softmax share. */
#ifndef NL_OPS_ALONG_H
#define NL_OPS_ALONG_H

#include "core/core.h"

/* loops of unknown length become vectors from -O3 on */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

typedef struct nl_along {
  int64_t outer, n, inner;
} nl_along;

static inline nl_along nl__along (int ndim, const int64_t *shape, int dim) {
  nl_along a = {1, ndim > 0 ? shape[dim] : 1, 1};
  for (int i = 0; i < dim; i++) a.outer *= shape[i];
  for (int i = dim + 1; i < ndim; i++) a.inner *= shape[i];
  return a;
}

/* Is dim one of x's?  Otherwise an error that names both. */
bool nl__check_dim (nl_ctx *C, const char *what, const nl_value *x, int dim);
/* A batch rule for one input whose first parameter is a dim. */
nl_status nl__batch_along (nl_ctx *C, nl_eqn *e, const bool *batched,
                           int64_t n, bool *batched_out);
/* Gives each input the batch axis, by broadcasting. */
nl_status nl__batch_all (nl_ctx *C, nl_eqn *e, const bool *batched,
                         int64_t n);
/* x as floats of the default dtype where it is not of a float dtype. */
static inline nl_value *nl__as_float (nl_ctx *C, nl_value *x) {
  x = nl_strong(C, x);
  if (x == NULL || nl_dtype_is_float((nl_dtype)x->dtype)) return x;
  return nl_cast(C, x, C->default_dtype);
}

#endif
