/* linalg_rules.c: eigh, svd, qr: their fronts and derivatives.
 *
 * Vectors of equal eigenvalues or singular values are not differentiable;
 * where two are exactly equal their mixing counts as zero, so that what does
 * not depend on it comes out right. */
#include "ops/linalg.h"

#include "ops/along.h"
#include "ops/ops.h"

static nl_value *mm (nl_ctx *C, nl_value *x, nl_value *y) {
  return nl_matmul(C, x, y);
}

/* x with its columns scaled by s (..., k) */
static nl_value *columns (nl_ctx *C, nl_value *x, nl_value *s) {
  return s == NULL ? NULL : nl_mul(C, x, nl_unsqueeze(C, s, s->ndim - 1));
}

static nl_value *rows (nl_ctx *C, nl_value *x, nl_value *s) {
  return s == NULL ? NULL : nl_mul(C, x, nl_unsqueeze(C, s, s->ndim));
}

/* diag(s) */
static nl_value *spread (nl_ctx *C, nl_value *s) {
  if (s == NULL) return NULL;
  return rows(C, nl__triangle(C, s, 0, 1, 0), s);
}

static nl_value *inverse_or_zero (nl_ctx *C, nl_value *x) {
  nl_value *zero = nl_eq(C, x, nl_number(C, 0));
  nl_value *safe = nl_where(C, zero, nl_number(C, 1), x);
  return nl_where(C, zero, nl_number(C, 0), nl_div(C, nl_number(C, 1), safe));
}

/* 1 / (s_j - s_i), 0 where that is no number */
static nl_value *gaps (nl_ctx *C, nl_value *s) {
  if (s == NULL) return NULL;
  return inverse_or_zero(C, nl_sub(C, nl_unsqueeze(C, s, s->ndim - 1),
                                   nl_unsqueeze(C, s, s->ndim)));
}

/* ct, or zeros of like's shape */
static nl_value *or_zero (nl_ctx *C, nl_value *ct, const nl_value *like) {
  return ct != NULL ? ct : nl_zeros_like(C, like);
}

static nl_value *sum3 (nl_ctx *C, nl_value *x, nl_value *y, nl_value *z) {
  return nl_add(C, nl_add(C, x, y), z);
}

static bool decompose (nl_ctx *C, const nl_prim *prim, nl_value *a,
                       nl_value **out) {
  a = nl__as_float(C, a);
  return a != NULL && nl_bind(C, prim, 1, &a, 0, NULL, NULL, out) == NL_OK;
}

/* ---- eigh ---- */

nl_value *nl_eigh (nl_ctx *C, nl_value *a, nl_value **vectors) {
  nl_value *out[2];
  if (!decompose(C, &nl_prim_eigh, a, out)) return NULL;
  if (vectors != NULL) *vectors = out[1];
  return out[0];
}

/* da = v (diag(dw) + f o (v' dv)) v', symmetric */
nl_status nl__eigh_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                        nl_value **ct_in) {
  nl_value *w = e->out[0], *v = e->out[1], *vt = nl__mt(C, v), *in = NULL;
  if (ct[0] != NULL) in = spread(C, ct[0]);
  if (ct[1] != NULL) {
    nl_value *mix = nl_mul(C, gaps(C, w), mm(C, vt, ct[1]));
    in = in == NULL ? mix : nl_add(C, in, mix);
  }
  nl_value *g = mm(C, mm(C, v, in), vt);
  ct_in[0] = nl_mul(C, nl_number(C, 0.5), nl_add(C, g, nl__mt(C, g)));
  return ct_in[0] == NULL ? C->status : NL_OK;
}

/* dw = diag(v' da v), dv = v (f o (v' da v)) */
nl_status nl__eigh_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                        nl_value **t_out) {
  nl_value *w = e->out[0], *v = e->out[1];
  nl_value *a = nl_mul(C, nl_number(C, 0.5),
                       nl_add(C, t[0], nl__mt(C, t[0])));
  nl_value *m = mm(C, mm(C, nl__mt(C, v), a), v);
  t_out[0] = nl__diagonal(C, m);
  t_out[1] = mm(C, v, nl_mul(C, gaps(C, w), m));
  return t_out[0] == NULL || t_out[1] == NULL ? C->status : NL_OK;
}

/* ---- svd: a = u diag(s) v' ---- */

nl_value *nl_svd (nl_ctx *C, nl_value *a, nl_value **u, nl_value **v) {
  nl_value *out[3];
  if (!decompose(C, &nl_prim_svd, a, out)) return NULL;
  if (u != NULL) *u = out[0];
  if (v != NULL) *v = out[2];
  return out[1];
}

/* x - u u' x, the part of x outside of u's columns */
static nl_value *outside (nl_ctx *C, nl_value *u, nl_value *x) {
  return nl_sub(C, x, mm(C, u, mm(C, nl__mt(C, u), x)));
}

nl_status nl__svd_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                       nl_value **ct_in) {
  nl_value *u = e->out[0], *s = e->out[1], *v = e->out[2];
  nl_value *gu = or_zero(C, ct[0], u), *gv = or_zero(C, ct[2], v);
  nl_value *f = gaps(C, nl_mul(C, s, s)), *inv = inverse_or_zero(C, s);
  nl_value *a = mm(C, nl__mt(C, u), gu), *b = mm(C, nl__mt(C, v), gv);
  a = columns(C, nl_mul(C, f, nl_sub(C, a, nl__mt(C, a))), s);
  b = rows(C, nl_mul(C, f, nl_sub(C, b, nl__mt(C, b))), s);
  nl_value *in = nl_add(C, a, b);
  if (ct[1] != NULL) in = nl_add(C, in, spread(C, ct[1]));
  nl_value *vt = nl__mt(C, v);
  nl_value *left = mm(C, columns(C, outside(C, u, gu), inv), vt);
  nl_value *right = mm(C, u, nl__mt(C, columns(C, outside(C, v, gv), inv)));
  ct_in[0] = sum3(C, mm(C, mm(C, u, in), vt), left, right);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

nl_status nl__svd_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                       nl_value **t_out) {
  nl_value *u = e->out[0], *s = e->out[1], *v = e->out[2];
  nl_value *f = gaps(C, nl_mul(C, s, s)), *inv = inverse_or_zero(C, s);
  nl_value *av = mm(C, t[0], v), *atu = mm(C, nl__mt(C, t[0]), u);
  nl_value *p = mm(C, nl__mt(C, u), av), *pt = nl__mt(C, p);
  nl_value *a = nl_add(C, columns(C, p, s), rows(C, pt, s));
  nl_value *b = nl_add(C, rows(C, p, s), columns(C, pt, s));
  t_out[0] = nl_add(C, mm(C, u, nl_mul(C, f, a)),
                    columns(C, outside(C, u, av), inv));
  t_out[1] = nl__diagonal(C, p);
  t_out[2] = nl_add(C, mm(C, v, nl_mul(C, f, b)),
                    columns(C, outside(C, v, atu), inv));
  for (int i = 0; i < 3; i++)
    if (t_out[i] == NULL) return C->status;
  return NL_OK;
}

/* ---- qr: a (m, n) = q (m, k) r (k, n) ---- */

nl_value *nl_qr (nl_ctx *C, nl_value *a, nl_value **r) {
  nl_value *out[2];
  if (!decompose(C, &nl_prim_qr, a, out)) return NULL;
  if (r != NULL) *r = out[1];
  return out[0];
}

/* the first k columns, where the decomposition is */
static nl_value *head (nl_ctx *C, nl_value *x, int64_t k) {
  return x == NULL ? NULL : nl_narrow(C, x, x->ndim - 1, 0, k);
}

static nl_value *tail (nl_ctx *C, nl_value *x, int64_t k) {
  return x == NULL ? NULL : nl_narrow(C, x, x->ndim - 1, k,
                                      x->shape[x->ndim - 1] - k);
}

/* x r^-1 for square r */
static nl_value *over (nl_ctx *C, nl_value *x, nl_value *r) {
  return nl__mt(C, nl_solve(C, nl__mt(C, r), nl__mt(C, x)));
}

/* With a = (x | y), r = (r1 | q'y): dy only adds q dr2 to da and y dr2' to
   dq; the square rest gives [dq + q copyltu(r dr' - dq' q)] r^-T, where
   copyltu mirrors the lower triangle. */
nl_status nl__qr_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                      nl_value **ct_in) {
  nl_value *q = e->out[0], *r = e->out[1];
  int64_t k = r->shape[r->ndim - 2], n = r->shape[r->ndim - 1];
  nl_value *gq = or_zero(C, ct[0], q), *gr = or_zero(C, ct[1], r), *gy = NULL;
  if (n > k) {
    gy = mm(C, q, tail(C, gr, k));
    gq = nl_add(C, gq, mm(C, tail(C, e->in[0], k),
                          nl__mt(C, tail(C, gr, k))));
    gr = head(C, gr, k);
    r = head(C, r, k);
  }
  nl_value *m = nl_sub(C, mm(C, r, nl__mt(C, gr)), mm(C, nl__mt(C, gq), q));
  if (m == NULL) return C->status;
  nl_value *low = nl_mul(C, m, nl__triangle(C, m, 1, 0, 0));
  m = sum3(C, low, nl__mt(C, low), nl_mul(C, m, nl__triangle(C, m, 0, 1, 0)));
  nl_value *g = over(C, nl_add(C, gq, mm(C, q, m)), nl__mt(C, r));
  if (gy != NULL && g != NULL) {
    nl_value *parts[2] = {g, gy};
    g = nl_concat(C, 2, parts, g->ndim - 1);
  }
  ct_in[0] = g;
  return g == NULL || (n > k && gy == NULL) ? C->status : NL_OK;
}

/* With w = q' da r^-1 and o its lower triangle made antisymmetric:
   dq = da r^-1 - q (w - o), dr = q' da - o r */
nl_status nl__qr_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                      nl_value **t_out) {
  nl_value *q = e->out[0], *r = e->out[1];
  int64_t k = r->shape[r->ndim - 2];
  nl_value *c = over(C, head(C, t[0], k), head(C, r, k));
  nl_value *w = mm(C, nl__mt(C, q), c);
  if (w == NULL) return C->status;
  nl_value *low = nl_mul(C, w, nl__triangle(C, w, 1, 0, 0));
  nl_value *o = nl_sub(C, low, nl__mt(C, low));
  t_out[0] = nl_sub(C, c, mm(C, q, nl_sub(C, w, o)));
  t_out[1] = nl_sub(C, mm(C, nl__mt(C, q), t[0]), mm(C, o, r));
  return t_out[0] == NULL || t_out[1] == NULL ? C->status : NL_OK;
}

/* ---- least squares: a x = b, the smallest x where many are as good ---- */

nl_value *nl_lstsq (nl_ctx *C, nl_value *a, nl_value *b) {
  nl_value *q, *r = NULL;
  a = nl__as_float(C, a);
  b = nl__as_float(C, b);
  if (a == NULL || b == NULL) return NULL;
  if (a->ndim < 2 || b->ndim != a->ndim ||
      a->shape[a->ndim - 2] != b->shape[a->ndim - 2]) {
    char s[NL_SHAPE_TEXT], t[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "lstsq: the matrix is %s, the right side %s",
             nl__value_text(s, a), nl__value_text(t, b));
    return NULL;
  }
  if (a->shape[a->ndim - 2] >= a->shape[a->ndim - 1]) {
    q = nl_qr(C, a, &r);
    return nl__solve_least(C, r, mm(C, nl__mt(C, q), b));
  }
  q = nl_qr(C, nl__mt(C, a), &r);
  return mm(C, q, nl__solve_least(C, nl__mt(C, r), b));
}
