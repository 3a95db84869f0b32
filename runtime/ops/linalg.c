/* linalg.c: linear algebra on the last two dims, computed in float64 by
 * LAPACK: solve, det, cholesky, eigh, svd, qr, with the usual derivatives
 * (M. Giles, "Collected matrix derivative results", 2008; J. Townsend,
 * "Differentiating the singular value decomposition", 2016).  linalg_rules.c
 * has the rules of the three decompositions. */
#include "ops/linalg.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "ops/along.h"
#include "ops/lapack.h"
#include "ops/ops.h"

enum { GESV, INVERSE, LSTSQ }; /* who solves */

/* ---- shapes ---- */

/* solve's parameter: for whom, in messages */
static const char *name_of (const nl_eqn *e) {
  static const char *const who[] = {"gesv", "inverse", "lstsq"};
  if (e->prim == &nl_prim_solve) return who[e->p[0]];
  return e->prim == &nl_prim_eigh ? "symeig" : e->prim->name;
}

static int64_t rows (const nl_value *v) { return v->shape[v->ndim - 2]; }
static int64_t columns (const nl_value *v) { return v->shape[v->ndim - 1]; }

static nl_status check_matrix (nl_ctx *C, const nl_eqn *e, bool square) {
  const nl_value *a = e->in[0];
  char text[NL_SHAPE_TEXT];
  bool ok = a->ndim >= 2 && nl_dtype_is_float((nl_dtype)a->dtype);
  if (!ok || (square && rows(a) != columns(a)))
    return nl_error(C, NL_ERROR, "%s: a %smatrix of floats expected, got %s",
                    name_of(e), square ? "square " : "",
                    nl__value_text(text, a));
  if (rows(a) > INT_MAX / 2 || columns(a) > INT_MAX / 2)
    return nl_error(C, NL_ERROR, "%s: %s is too large for LAPACK",
                    name_of(e), nl__value_text(text, a));
  return NL_OK;
}

static nl_status solve_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *a = e->in[0], *b = e->in[1];
  if (check_matrix(C, e, true) != NL_OK) return C->status;
  bool ok = a->ndim == b->ndim && a->dtype == b->dtype && rows(b) == rows(a);
  for (int i = 0; i < a->ndim - 2 && ok; i++)
    ok = a->shape[i] == b->shape[i];
  if (!ok || columns(b) > INT_MAX / 2) {
    char s[NL_SHAPE_TEXT], t[NL_SHAPE_TEXT];
    return nl_error(C, NL_ERROR, "%s: the matrix is %s, the right side %s",
                    name_of(e), nl__value_text(s, a), nl__value_text(t, b));
  }
  nl__aval(b, out);
  return NL_OK;
}

static nl_status det_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check_matrix(C, e, true) != NL_OK) return C->status;
  nl__aval(e->in[0], out);
  out->ndim -= 2;
  return NL_OK;
}

static nl_status cholesky_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check_matrix(C, e, true) != NL_OK) return C->status;
  nl__aval(e->in[0], out);
  return NL_OK;
}

static nl_status eigh_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check_matrix(C, e, true) != NL_OK) return C->status;
  nl__aval(e->in[0], &out[0]);
  nl__aval(e->in[0], &out[1]);
  out[0].ndim--;
  return NL_OK;
}

/* svd: u (m, k), s (k), v (n, k); qr: q (m, k), r (k, n) */
static nl_status thin_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *a = e->in[0];
  if (check_matrix(C, e, false) != NL_OK) return C->status;
  int d = a->ndim - 2;
  int64_t m = rows(a), n = columns(a), k = m < n ? m : n;
  for (int i = 0; i < e->prim->nout; i++) nl__aval(a, &out[i]);
  out[0].shape[d + 1] = k;
  if (e->prim == &nl_prim_qr) {
    out[1].shape[d] = k;
    return NL_OK;
  }
  out[1].ndim--;
  out[1].shape[d] = k;
  out[2].shape[d] = n;
  out[2].shape[d + 1] = k;
  return NL_OK;
}

/* ---- eval ---- */

/* Least squares solve by a triangular factor: where an element of its diagonal
   is but rounding, that column depends on those before it. */
static nl_status check_rank (nl_ctx *C, int n, const double *r) {
  double most = 0;
  for (int i = 0; i < n; i++) most = fmax(most, fabs(r[(size_t)i * n + i]));
  for (int i = 0; i < n; i++)
    if (fabs(r[(size_t)i * n + i]) <= most * n * 4 * DBL_EPSILON)
      return nl_error(C, NL_ERROR,
                      "lstsq: the matrix is not of full rank (%d is the first "
                      "of its columns, or rows, that depends on others)",
                      i + 1);
  return NL_OK;
}

/* One matrix; a message where LAPACK says no. */
static nl_status one (nl_ctx *C, const nl_eqn *e, const double *const *in,
                      double *const *out) {
  int m = (int)rows(e->in[0]), n = (int)columns(e->in[0]), info;
  const nl_prim *p = e->prim;
  if (p == &nl_prim_eigh || p == &nl_prim_svd)
    for (int64_t i = 0; i < (int64_t)m * n; i++)
      if (!isfinite(in[0][i]))
        return nl_error(C, NL_ERROR, "%s: the matrix has NaN or inf",
                        name_of(e));
  if (p == &nl_prim_solve && e->p[0] == LSTSQ &&
      check_rank(C, n, in[0]) != NL_OK)
    return C->status;
  if (p == &nl_prim_solve)
    info = nl__lapack_solve(C, n, (int)columns(e->in[1]), in[0], in[1],
                            out[0]);
  else if (p == &nl_prim_det) info = nl__lapack_det(C, n, in[0], out[0]);
  else if (p == &nl_prim_cholesky)
    info = nl__lapack_cholesky(C, n, in[0], out[0]);
  else if (p == &nl_prim_eigh)
    info = nl__lapack_eigh(C, n, in[0], out[0], out[1]);
  else if (p == &nl_prim_svd)
    info = nl__lapack_svd(C, m, n, in[0], out[0], out[1], out[2]);
  else info = nl__lapack_qr(C, m, n, in[0], out[0], out[1]);
  if (info == 0) return NL_OK;
  if (info < 0 && C->status != NL_OK) return C->status;
  if (p == &nl_prim_solve)
    return nl_error(C, NL_ERROR,
                    "%s: the matrix is singular (pivot %d is zero)",
                    name_of(e), info);
  if (p == &nl_prim_cholesky)
    return nl_error(C, NL_ERROR,
                    "cholesky: the matrix is not positive definite (its "
                    "leading minor of order %d is not positive)", info);
  return nl_error(C, NL_ERROR, "%s: did not converge", name_of(e));
}

static int64_t last (int ndim, const int64_t *shape, int from) {
  int64_t n = 1;
  for (int i = from; i < ndim; i++) n *= shape[i];
  return n;
}

static nl_status run (nl_ctx *C, const nl_eqn *e, const nl_aval *a,
                      nl_value *const *in, nl_value *const *out) {
  int lead = e->in[0]->ndim - 2;
  int64_t n = 1;
  nl_status st = NL_OK;
  for (int i = 0; i < lead; i++) n *= e->in[0]->shape[i];
  for (int64_t b = 0; b < n && st == NL_OK; b++) {
    const double *x[2] = {NULL, NULL};
    double *y[3] = {NULL, NULL, NULL};
    for (int i = 0; i < e->nin; i++)
      x[i] = (const double *)(const void *)nl__bytes_at(in[i]) +
             b * last(in[i]->ndim, in[i]->shape, lead);
    for (int i = 0; i < e->prim->nout; i++)
      y[i] = (double *)(void *)nl__bytes_at(out[i]) +
             b * last(a[i].ndim, a[i].shape, lead);
    st = nl_interrupted(C) ? nl_error(C, NL_INTERRUPTED, "interrupted")
                           : one(C, e, x, y);
  }
  return st;
}

static nl_status linalg_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a[3];
  nl_value *in[2] = {NULL, NULL}, *out[3] = {NULL, NULL, NULL};
  void *unused;
  if (e->prim->shape(C, e, a) != NL_OK) return C->status;
  for (int i = 0; i < e->nin; i++)
    if ((in[i] = nl__dense(C, nl_cast(C, e->in[i], NL_F64))) == NULL)
      return C->status;
  for (int i = 0; i < e->prim->nout; i++) {
    out[i] = nl_value_new(C, NL_F64, a[i].ndim, a[i].shape, &unused);
    if (out[i] == NULL) return C->status;
  }
  if (run(C, e, a, in, out) != NL_OK) return C->status;
  for (int i = 0; i < e->prim->nout; i++) {
    e->out[i] = nl_retain(nl_cast(C, out[i], a[i].dtype));
    if (e->out[i] == NULL) return C->status;
  }
  return NL_OK;
}

/* ---- what the rules are written with ---- */

nl_value *nl__mt (nl_ctx *C, nl_value *x) {
  return x == NULL ? NULL : nl_transpose(C, x, x->ndim - 2, x->ndim - 1);
}

nl_value *nl__triangle (nl_ctx *C, const nl_value *like, double lower,
                        double diagonal, double upper) {
  int64_t n = columns(like), shape[2] = {n, n};
  void *data;
  nl_value *v = nl_value_new(C, NL_F64, 2, shape, &data);
  if (v == NULL) return NULL;
  for (int64_t i = 0; i < n; i++)
    for (int64_t k = 0; k < n; k++)
      ((double *)data)[i * n + k] = i > k ? lower : i < k ? upper : diagonal;
  return nl_cast(C, v, (nl_dtype)like->dtype);
}

nl_value *nl__diagonal (nl_ctx *C, nl_value *x) {
  nl_value *eye = x == NULL ? NULL : nl__triangle(C, x, 0, 1, 0);
  return eye == NULL ? NULL
                     : nl_sum(C, nl_mul(C, x, eye), 1u << (x->ndim - 1),
                              false);
}

/* ---- solve ---- */

static nl_value *bind_solve (nl_ctx *C, nl_value *a, nl_value *b,
                             int64_t who) {
  nl_value *in[2] = {a, b};
  return nl_bind1(C, &nl_prim_solve, 2, in, 1, &who);
}

static nl_value *solve (nl_ctx *C, nl_value *a, nl_value *b, int64_t who) {
  a = nl__as_float(C, a);
  b = nl__as_float(C, b);
  if (a == NULL || b == NULL) return NULL;
  if (a->dtype != b->dtype) {
    a = nl_cast(C, a, NL_F64);
    b = nl_cast(C, b, NL_F64);
  }
  if (a == NULL || b == NULL) return NULL;
  bool vector = b->ndim == 1 && a->ndim == 2;
  if (vector) b = nl_unsqueeze(C, b, 1);
  nl_value *x = bind_solve(C, a, b, who);
  return vector && x != NULL ? nl_squeeze(C, x, 1) : x;
}

nl_value *nl_solve (nl_ctx *C, nl_value *a, nl_value *b) {
  return solve(C, a, b, GESV);
}

nl_value *nl__solve_least (nl_ctx *C, nl_value *a, nl_value *b) {
  return solve(C, a, b, LSTSQ);
}

nl_value *nl_inverse (nl_ctx *C, nl_value *a) {
  a = nl__as_float(C, a);
  if (a == NULL) return NULL;
  if (a->ndim < 2 || rows(a) != columns(a)) {
    char text[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "inverse: a square matrix of floats expected, got "
                          "%s",
             nl__value_text(text, a));
    return NULL;
  }
  nl_value *eye = nl__triangle(C, a, 0, 1, 0);
  return bind_solve(C, a, nl_broadcast_to(C, eye, a->ndim, a->shape),
                    INVERSE);
}

static nl_status solve_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                            nl_value **ct_in) {
  nl_value *b = bind_solve(C, nl__mt(C, e->in[0]), ct[0], e->p[0]);
  ct_in[1] = b;
  if (e->need[0])
    ct_in[0] = nl_neg(C, nl_matmul(C, b, nl__mt(C, e->out[0])));
  return b == NULL || (e->need[0] && ct_in[0] == NULL) ? C->status : NL_OK;
}

static nl_status solve_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  nl_value *b = t[1];
  if (t[0] != NULL) {
    nl_value *d = nl_matmul(C, t[0], e->out[0]);
    b = b == NULL ? nl_neg(C, d) : nl_sub(C, b, d);
  }
  t_out[0] = bind_solve(C, e->in[0], b, e->p[0]);
  return t_out[0] == NULL ? C->status : NL_OK;
}

/* ---- det: d det = det tr(a^-1 da) ---- */

static nl_value *apply (nl_ctx *C, const nl_prim *prim, nl_value *a) {
  a = nl__as_float(C, a);
  return a == NULL ? NULL : nl_bind1(C, prim, 1, &a, 0, NULL);
}

nl_value *nl_det (nl_ctx *C, nl_value *a) {
  return apply(C, &nl_prim_det, a);
}

static nl_value *scaled (nl_ctx *C, nl_value *a, nl_value *s) {
  if (a == NULL || s == NULL) return NULL;
  int n = s->ndim;
  return nl_mul(C, a, nl_unsqueeze(C, nl_unsqueeze(C, s, n), n + 1));
}

static nl_status det_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                          nl_value **ct_in) {
  nl_value *inv = nl_inverse(C, e->in[0]);
  ct_in[0] = scaled(C, nl__mt(C, inv), nl_mul(C, ct[0], e->out[0]));
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status det_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                          nl_value **t_out) {
  nl_value *d = nl__diagonal(C, nl_solve(C, e->in[0], t[0]));
  if (d != NULL) d = nl_sum(C, d, 1u << (d->ndim - 1), false);
  t_out[0] = nl_mul(C, d, e->out[0]);
  return t_out[0] == NULL ? C->status : NL_OK;
}

/* ---- cholesky: dl = l phi(l^-1 da l^-T), phi the lower triangle with half
   of the diagonal ---- */

nl_value *nl_cholesky (nl_ctx *C, nl_value *a) {
  return apply(C, &nl_prim_cholesky, a);
}

static nl_value *phi (nl_ctx *C, nl_value *x) {
  return x == NULL ? NULL : nl_mul(C, x, nl__triangle(C, x, 1, 0.5, 0));
}

/* a is symmetric: so are its cotangent and, made so, its tangent */
static nl_value *symmetric (nl_ctx *C, nl_value *x) {
  return nl_mul(C, nl_number(C, 0.5), nl_add(C, x, nl__mt(C, x)));
}

static nl_status cholesky_vjp (nl_ctx *C, const nl_eqn *e,
                               nl_value *const *ct, nl_value **ct_in) {
  nl_value *lt = nl__mt(C, e->out[0]);
  nl_value *p = phi(C, nl_matmul(C, lt, ct[0]));
  /* l^-T p l^-1 */
  nl_value *left = nl_solve(C, lt, p);
  nl_value *both = nl__mt(C, nl_solve(C, lt, nl__mt(C, left)));
  ct_in[0] = symmetric(C, both);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status cholesky_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                               nl_value **t_out) {
  nl_value *l = e->out[0];
  nl_value *half = nl_solve(C, l, symmetric(C, t[0]));
  nl_value *both = nl_solve(C, l, nl__mt(C, half));
  t_out[0] = nl_matmul(C, l, phi(C, both));
  return t_out[0] == NULL ? C->status : NL_OK;
}

/* ---- vmap: one more leading dim ---- */

static nl_status linalg_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  if (nl__batch_all(C, e, batched, n) != NL_OK) return C->status;
  for (int i = 0; i < e->prim->nout; i++) batched_out[i] = true;
  return nl_bind(C, e->prim, e->nin, e->in, e->np, e->p, NULL, e->out);
}

/* ---- the primitives ---- */

#define RULES(id)                                                             \
  .vjp = id##_vjp, .jvp = id##_jvp, .eval = linalg_eval, .batch = linalg_batch
const nl_prim nl_prim_solve = {
    .name = "solve", .nin = 2, .nout = 1, .flags = NL_SAVE_IN | NL_SAVE_OUT,
    .shape = solve_shape, RULES(solve)};
const nl_prim nl_prim_det = {
    .name = "det", .nin = 1, .nout = 1, .flags = NL_SAVE_IN | NL_SAVE_OUT,
    .shape = det_shape, RULES(det)};
const nl_prim nl_prim_cholesky = {
    .name = "cholesky", .nin = 1, .nout = 1, .flags = NL_SAVE_OUT,
    .shape = cholesky_shape, RULES(cholesky)};
const nl_prim nl_prim_eigh = {
    .name = "eigh", .nin = 1, .nout = 2, .flags = NL_SAVE_OUT,
    .shape = eigh_shape, RULES(nl__eigh)};
const nl_prim nl_prim_svd = {
    .name = "svd", .nin = 1, .nout = 3, .flags = NL_SAVE_OUT,
    .shape = thin_shape, RULES(nl__svd)};
const nl_prim nl_prim_qr = {
    .name = "qr", .nin = 1, .nout = 2, .flags = NL_SAVE_IN | NL_SAVE_OUT,
    .shape = thin_shape, RULES(nl__qr)};
