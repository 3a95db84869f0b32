/* linalg.h: what the rules of linear algebra are written with. */
#ifndef NL_OPS_LINALG_H
#define NL_OPS_LINALG_H

#include "core/core.h"

nl_value *nl__mt (nl_ctx *C, nl_value *x); /* the matrices transposed */
/* A square matrix of like's last size and dtype: one number below, one on,
   one above the diagonal. */
nl_value *nl__triangle (nl_ctx *C, const nl_value *like, double lower,
                        double diagonal, double upper);
nl_value *nl__diagonal (nl_ctx *C, nl_value *x); /* (..., n, n) -> (..., n) */
/* nl_solve, for lstsq's messages */
nl_value *nl__solve_least (nl_ctx *C, nl_value *a, nl_value *b);

#define NL__RULE(id)                                                          \
  nl_status id##_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,        \
                      nl_value **ct_in);                                      \
  nl_status id##_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,         \
                      nl_value **t_out);
NL__RULE(nl__eigh)
NL__RULE(nl__svd)
NL__RULE(nl__qr)

#endif
