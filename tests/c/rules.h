/* rules.h: generic checks of an operation's rules for C tests.  An operation
 * is a function of one float64 value; everything else is in its closure. */
#ifndef RULES_H
#define RULES_H

#include <math.h>
#include <string.h>

#include "check.h"
#include "nnlua.h"

typedef nl_value *(*rule_fn) (nl_ctx *C, nl_value *x);

static inline const double *rule_data (nl_ctx *C, nl_value *v) {
  if (v != NULL && nl_dtype_of(v) != NL_F64) v = nl_cast(C, v, NL_F64);
  return v == NULL ? NULL : (const double *)nl_data(C, v);
}

static inline nl_value *rule_vjp (nl_ctx *C, rule_fn f, nl_value *x,
                                  nl_value *ct) {
  nl_trace *T = nl_grad_begin(C);
  nl_value *in = nl_grad_input(C, T, x), *y = f(C, in), *r = NULL;
  nl_grad_end(C, T);
  if (y != NULL) nl_grad_pull(C, T, 1, &y, &ct, 1, &in, &r, false);
  nl_trace_release(C, T);
  return r;
}

static inline nl_value *rule_jvp (nl_ctx *C, rule_fn f, nl_value *x,
                                  nl_value *t) {
  nl_trace *T = nl_jvp_begin(C);
  nl_value *y = f(C, nl_jvp_input(C, T, x, t)), *p, *r = NULL;
  nl_jvp_end(C, T);
  if (y != NULL) nl_jvp_output(C, T, y, &p, &r);
  nl_trace_release(C, T);
  return r != NULL || y == NULL ? r : nl_zeros_like(C, y);
}

static inline nl_value *rule_vmap (nl_ctx *C, rule_fn f, nl_value *x) {
  nl_trace *T = nl_vmap_begin(C, nl_shape(x)[0]);
  nl_value *y = f(C, nl_vmap_input(C, T, x, 0));
  nl_vmap_end(C, T);
  y = nl_vmap_output(C, T, y, 0);
  nl_trace_release(C, T);
  return y;
}

static inline nl_value *rule_jit (nl_ctx *C, rule_fn f, nl_value *x) {
  nl_trace *T = nl_capture_begin(C);
  nl_value *y = f(C, nl_capture_input(C, T, x)), *r = NULL;
  nl_graph *g = nl_capture_end(C, T, 1, &y);
  if (g == NULL) return NULL;
  nl_graph_call(C, g, 1, &x, &r);
  nl_graph_release(C, g);
  return r;
}

/* The operation under test, for functions without a closure. */
static rule_fn rule_f;
static nl_value *rule_ct; /* of f's output */

static inline nl_value *rule_fixed_vjp (nl_ctx *C, nl_value *x) {
  return rule_vjp(C, rule_f, x, rule_ct);
}
static inline nl_value *rule_fixed_jit (nl_ctx *C, nl_value *x) {
  return rule_jit(C, rule_f, x);
}

static inline bool rule_same (nl_ctx *C, const char *name, const char *what,
                              nl_value *got, nl_value *want) {
  bool ok = got != NULL && want != NULL && nl_ndim(got) == nl_ndim(want) &&
            nl_dtype_of(got) == nl_dtype_of(want) &&
            memcmp(nl_shape(got), nl_shape(want),
                   (size_t)nl_ndim(got) * sizeof(int64_t)) == 0;
  CHECK(ok, "%s, %s: no result, or another shape: %s", name, what,
        nl_errmsg(C));
  nl_error_clear(C);
  if (!ok) return false;
  ok = memcmp(nl_data(C, got), nl_data(C, want),
              (size_t)nl_numel(got) * nl_dtype_size(nl_dtype_of(got))) == 0;
  CHECK(ok, "%s, %s: other bits", name, what);
  return ok;
}

static inline void rule_near (nl_ctx *C, const char *name, const char *what,
                              nl_value *got, nl_value *want, double tol) {
  const double *a = rule_data(C, got), *b = rule_data(C, want);
  CHECK(a != NULL && b != NULL && nl_numel(got) == nl_numel(want),
        "%s, %s: %s", name, what, nl_errmsg(C));
  nl_error_clear(C);
  for (int64_t i = 0; a && b && i < nl_numel(got); i++)
    if (!(fabs(a[i] - b[i]) <= tol * (1 + fabs(b[i])))) {
      CHECK(false, "%s, %s: element %lld is %.15g, want %.15g", name, what,
            (long long)i, a[i], b[i]);
      return;
    }
}

/* central differences of f at x in direction t */
static inline nl_value *rule_difference (nl_ctx *C, rule_fn f, nl_value *x,
                                         nl_value *t, double h) {
  nl_value *d = nl_mul(C, t, nl_number(C, h));
  nl_value *y = nl_sub(C, f(C, nl_add(C, x, d)), f(C, nl_sub(C, x, d)));
  return nl_div(C, y, nl_number(C, 2 * h));
}

static inline double rule_dot (nl_ctx *C, nl_value *a, nl_value *b) {
  nl_value *s = nl_sum(C, nl_mul(C, a, b), NL_ALL_DIMS, false);
  const double *p = rule_data(C, s);
  return p == NULL ? (double)NAN : *p;
}

static inline nl_value *rule_normal (nl_ctx *C, uint64_t seed,
                                     const nl_value *like) {
  return nl_random(C, "normal", nl_random_key(C, seed), NL_F64, nl_ndim(like),
                   nl_shape(like));
}

/* f at x: jvp and vjp to second order, jit, vmap, a transposed view. */
static inline void rule_derivatives (nl_ctx *C, const char *name, rule_fn f,
                                     nl_value *x) {
  nl_value *y = f(C, x);
  CHECK(y != NULL, "%s: %s", name, nl_errmsg(C));
  if (y == NULL) {
    nl_error_clear(C);
    return;
  }
  nl_value *t = rule_normal(C, 11, x), *ct = rule_normal(C, 12, y);
  nl_value *jt = rule_jvp(C, f, x, t), *jct = rule_vjp(C, f, x, ct);
  rule_near(C, name, "jvp", jt, rule_difference(C, f, x, t, 1e-6), 1e-7);
  double a = rule_dot(C, ct, jt), b = rule_dot(C, jct, t);
  CHECK(fabs(a - b) <= 1e-12 * (1 + fabs(a)), "%s: <ct, J t> %.15g, <J' ct, t> "
        "%.15g", name, a, b);
  rule_f = f;
  rule_ct = ct;
  rule_same(C, name, "grad(jit)", rule_vjp(C, rule_fixed_jit, x, ct), jct);
  rule_same(C, name, "jit(grad)", rule_jit(C, rule_fixed_vjp, x), jct);
  rule_near(C, name, "jvp of vjp", rule_jvp(C, rule_fixed_vjp, x, t),
            rule_difference(C, rule_fixed_vjp, x, t, 1e-6), 1e-6);
  nl_value *v = rule_normal(C, 13, x);
  nl_value *back = rule_vjp(C, rule_fixed_vjp, x, v);
  a = rule_dot(C, v, rule_jvp(C, rule_fixed_vjp, x, t));
  b = rule_dot(C, back, t);
  CHECK(fabs(a - b) <= 1e-11 * (1 + fabs(a)),
        "%s: second order: %.15g, %.15g", name, a, b);
}

static inline void rule_values (nl_ctx *C, const char *name, rule_fn f,
                                nl_value *x) {
  nl_value *y = f(C, x);
  CHECK(y != NULL, "%s: %s", name, nl_errmsg(C));
  nl_error_clear(C);
  if (y == NULL) return;
  rule_same(C, name, "jit", rule_jit(C, f, x), y);
  int dims[NL_MAX_DIM], nd = nl_ndim(x);
  for (int i = 0; i < nd; i++) dims[i] = nd - 1 - i;
  nl_value *turned = nl_permute(C, x, dims);
  const double *p = rule_data(C, turned);
  turned = nl_value_from(C, NL_F64, nd, nl_shape(turned), p);
  rule_same(C, name, "a transposed view", f(C, nl_permute(C, turned, dims)),
            y);
  nl_value *parts[3], *each[3];
  for (int i = 0; i < 3; i++) {
    parts[i] = nl_mul(C, x, nl_number(C, 1 - 0.5 * i));
    each[i] = nl_unsqueeze(C, f(C, parts[i]), 0);
    parts[i] = nl_unsqueeze(C, parts[i], 0);
  }
  nl_value *all = nl_concat(C, 3, parts, 0);
  rule_same(C, name, "vmap", rule_vmap(C, f, all), nl_concat(C, 3, each, 0));
}

#endif
