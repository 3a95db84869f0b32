/* along.c: what operations along one dim share: the check of the dim, rules for
 * vmap. */
#include "ops/along.h"

#include <string.h>

bool nl__check_dim (nl_ctx *C, const char *what, const nl_value *x, int dim) {
  char text[NL_SHAPE_TEXT];
  if (dim >= 0 && dim < x->ndim) return true;
  nl_error(C, NL_ERROR, "%s: no dimension %d in %s", what, dim + 1,
           nl__value_text(text, x));
  return false;
}

nl_status nl__batch_along (nl_ctx *C, nl_eqn *e, const bool *batched,
                           int64_t n, bool *batched_out) {
  int64_t p[4];
  (void)batched;
  (void)n;
  memcpy(p, e->p, (size_t)e->np * sizeof *p);
  p[0]++;
  batched_out[0] = true;
  return nl_bind(C, e->prim, e->nin, e->in, e->np, p, NULL, e->out);
}

nl_status nl__batch_all (nl_ctx *C, nl_eqn *e, const bool *batched,
                         int64_t n) {
  for (int i = 0; i < e->nin; i++) {
    const nl_value *v = e->in[i];
    int64_t shape[NL_MAX_NDIM + 1];
    if (batched[i]) continue;
    shape[0] = n;
    memcpy(shape + 1, v->shape, (size_t)v->ndim * sizeof *shape);
    e->in[i] = nl_broadcast_to(C, e->in[i], v->ndim + 1, shape);
    if (e->in[i] == NULL) return C->status;
  }
  return NL_OK;
}
