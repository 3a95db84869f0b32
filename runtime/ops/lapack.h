/* lapack.h: one matrix of float64 at a time through LAPACK, row-major.
 * Arguments were checked and are finite where a routine needs that.  Results:
 * 0, or LAPACK's info (> 0), or -1 with the error in the context. */
#ifndef NL_OPS_LAPACK_H
#define NL_OPS_LAPACK_H

#include "base/base.h"

/* Is there memory for the buffers of that many calls of OpenBLAS at once?
   It would try for ever to get them. */
bool nl__blas_room (nl_ctx *C, int64_t calls);
/* x (n, m) of a x = b; info: the pivot that is zero */
int nl__lapack_solve (nl_ctx *C, int n, int m, const double *a,
                      const double *b, double *x);
int nl__lapack_det (nl_ctx *C, int n, const double *a, double *det);
/* l (n, n) lower, l l' = a, from a's lower triangle; info: the order of the
   leading minor that is not positive */
int nl__lapack_cholesky (nl_ctx *C, int n, const double *a, double *l);
/* a = v diag(w) v', w ascending, from a's lower triangle; the largest
   component of each column of v is positive */
int nl__lapack_eigh (nl_ctx *C, int n, const double *a, double *w, double *v);
/* a (m, n) = u (m, k) diag(s) v', v (n, k), k the lesser of both; the largest
   component of each column of u is positive */
int nl__lapack_svd (nl_ctx *C, int m, int n, const double *a, double *u,
                    double *s, double *v);
/* a (m, n) = q (m, k) r (k, n), r's diagonal not negative */
int nl__lapack_qr (nl_ctx *C, int m, int n, const double *a, double *q,
                   double *r);

#endif
