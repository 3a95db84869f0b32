/* custom_primitive_test.c: the primitives of examples/custom_primitive.c under
 * every transform and composition, and primitives that lack a rule. */
#define NO_MAIN
#include "../../examples/custom_primitive.c"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define N 5

typedef nl_value *(*fn1) (nl_ctx *C, nl_value *x);

static nl_value *both (nl_ctx *C, nl_value *x) {
  nl_value *y = nl_tanh(C, host_cbrt(C, nl_mul(C, x, x)));
  return nl_mul(C, host_roll(C, y, 2), host_cbrt(C, nl_add(C, x, y)));
}

/* the sum, as a value of one element, so that everything maps vectors */
static nl_value *total (nl_ctx *C, nl_value *x) {
  return nl_sum(C, both(C, x), NL_ALL_DIMS, false);
}

static nl_value *grad_of (nl_ctx *C, fn1 f, nl_value *x) {
  nl_trace *T = nl_grad_begin(C);
  nl_value *in = nl_grad_input(C, T, x), *y = f(C, in), *g = NULL;
  if (y == NULL || nl_grad_end(C, T) != NL_OK) {
    nl_trace_abort(C, T);
  } else {
    nl_value *one = nl_ones_like(C, y);
    if (one != NULL) nl_grad_pull(C, T, 1, &y, &one, 1, &in, &g, false);
  }
  nl_trace_release(C, T);
  return g;
}

static nl_value *jvp_of (nl_ctx *C, fn1 f, nl_value *x) {
  nl_trace *T = nl_jvp_begin(C);
  nl_value *y = f(C, nl_jvp_input(C, T, x, nl_ones_like(C, x)));
  nl_value *p, *t = NULL;
  if (y == NULL || nl_jvp_end(C, T) != NL_OK) nl_trace_abort(C, T);
  else if (nl_jvp_output(C, T, y, &p, &t) != NL_OK) t = NULL;
  nl_trace_release(C, T);
  return t;
}

static nl_value *jit_of (nl_ctx *C, fn1 f, nl_value *x) {
  nl_trace *T = nl_capture_begin(C);
  nl_value *y = f(C, nl_capture_input(C, T, x)), *r = NULL;
  nl_graph *g = nl_capture_end(C, T, 1, &y);
  if (g != NULL && nl_graph_call(C, g, 1, &x, &r) != NL_OK) r = NULL;
  nl_graph_release(C, g);
  return r;
}

/* over the rows of a matrix */
static nl_value *vmap_of (nl_ctx *C, fn1 f, nl_value *x) {
  nl_trace *T = nl_vmap_begin(C, nl_shape(x)[0]);
  nl_value *y = f(C, nl_vmap_input(C, T, x, 0)), *r = NULL;
  if (y == NULL || nl_vmap_end(C, T) != NL_OK) nl_trace_abort(C, T);
  else r = nl_vmap_output(C, T, y, 0);
  nl_trace_release(C, T);
  return r;
}

#define DEF(name, op, f)                                                      \
  static nl_value *name (nl_ctx *C, nl_value *x) { return op(C, f, x); }
DEF(gradient, grad_of, total)
DEF(forward, jvp_of, both)
DEF(forward_total, jvp_of, total)
DEF(second, jvp_of, gradient)             /* H 1 */
DEF(second_back, grad_of, forward_total)  /* the same */
DEF(jitted, jit_of, total)
DEF(jit_gradient, jit_of, gradient)
DEF(grad_jitted, grad_of, jitted)
DEF(jit_second, jit_of, second)
DEF(jvp_grad_jitted, jvp_of, grad_jitted)
DEF(mapped, vmap_of, both)
DEF(map_gradient, vmap_of, gradient)
DEF(jit_map_gradient, jit_of, map_gradient)
DEF(map_second, vmap_of, second)
DEF(map_jit_gradient, vmap_of, jit_gradient)

static bool near (nl_ctx *C, nl_value *a, nl_value *b, double tol) {
  if (a == NULL || b == NULL || nl_numel(a) != nl_numel(b)) return false;
  const double *p = (const double *)nl_data(C, a);
  const double *q = (const double *)nl_data(C, b);
  for (int64_t i = 0; p != NULL && q != NULL && i < nl_numel(a); i++)
    if (!(fabs(p[i] - q[i]) <= tol * (1 + fabs(q[i])))) return false;
  return p != NULL && q != NULL;
}

/* (f(x + h 1) - f(x - h 1)) / 2h */
static nl_value *difference (nl_ctx *C, fn1 f, nl_value *x) {
  nl_value *h = nl_number(C, 1e-6);
  return nl_div(C, nl_sub(C, f(C, nl_add(C, x, h)), f(C, nl_sub(C, x, h))),
                nl_number(C, 2e-6));
}

static void transforms (nl_ctx *C) {
  double data[2 * N] = {0.3, -1.2, 2, 0.7, -0.4, 1.1, 0.9, -2, 0.2, 1.5};
  int64_t shape[2] = {2, N};
  nl_value *m = nl_value_from(C, NL_F64, 2, shape, data);
  nl_value *x = nl_squeeze(C, nl_narrow(C, m, 0, 0, 1), 0);
  nl_value *g = gradient(C, x), *h = second(C, x);
  CHECK(near(C, forward(C, x), difference(C, both, x), 1e-7), "jvp");
  CHECK(near(C, nl_sum(C, g, NL_ALL_DIMS, false),
             difference(C, total, x), 1e-7), "grad");
  CHECK(near(C, h, difference(C, gradient, x), 1e-6), "jvp of grad");
  CHECK(near(C, second_back(C, x), h, 1e-12), "grad of jvp");
  CHECK(near(C, jitted(C, x), total(C, x), 0), "jit: the same bits");
  CHECK(near(C, jit_gradient(C, x), g, 0), "jit of grad: the same bits");
  CHECK(near(C, grad_jitted(C, x), g, 1e-14), "grad of jit");
  CHECK(near(C, jit_second(C, x), h, 0), "jit of jvp of grad");
  CHECK(near(C, jvp_grad_jitted(C, x), h, 1e-13), "jvp of grad of jit");
  struct { const char *name; fn1 row, all; } map[] = {
      {"vmap", both, mapped}, {"vmap of grad", gradient, map_gradient},
      {"jit of vmap of grad", gradient, jit_map_gradient},
      {"vmap of jvp of grad", second, map_second},
      {"vmap of jit of grad", gradient, map_jit_gradient}};
  for (size_t k = 0; k < sizeof map / sizeof *map; k++) {
    nl_value *all = map[k].all(C, m);
    for (int64_t i = 0; i < 2; i++) {
      nl_value *row = nl_squeeze(C, nl_narrow(C, m, 0, i, 1), 0);
      nl_value *got = nl_squeeze(C, nl_narrow(C, all, 0, i, 1), 0);
      CHECK(near(C, got, map[k].row(C, row), 1e-14), "%s", map[k].name);
    }
  }
  /* a view whose elements do not stand in order */
  nl_value *t = nl_transpose(C, m, 0, 1);
  CHECK(near(C, host_cbrt(C, t), nl_transpose(C, host_cbrt(C, m), 0, 1), 0),
        "a transposed view");
  CHECK(!nl_failed(C), "%s", nl_errmsg(C));
}

static void fails_with (nl_ctx *C, nl_value *v, const char *text) {
  CHECK(v == NULL && strcmp(nl_errmsg(C), text) == 0, "%s", nl_errmsg(C));
  CHECK(nl_trace_is_eval(C), "a trace is left: %s", text);
  nl_error_clear(C);
}

static const nl_prim bare = {.name = "bare", .nin = 1, .nout = 1};
static const nl_prim some = {.name = "some", .nin = 1, .nout = 1,
                             .shape = cbrt_shape, .eval = cbrt_eval};
static nl_value *call_bare (nl_ctx *C, nl_value *x) {
  return nl_bind1(C, &bare, 1, &x, 0, NULL);
}
static nl_value *call_some (nl_ctx *C, nl_value *x) {
  return nl_bind1(C, &some, 1, &x, 0, NULL);
}

static void mistakes (nl_ctx *C) {
  int64_t shape[1] = {3};
  nl_value *x = nl_full(C, NL_F64, 1, shape, 8);
  nl_value *i = nl_full(C, NL_I64, 1, shape, 8);
  fails_with(C, host_cbrt(C, i), "cbrt: a float expected, got int64");
  fails_with(C, jit_of(C, host_cbrt, i), "cbrt: a float expected, got int64");
  fails_with(C, host_roll(C, nl_number(C, 1), 1),
             "roll: a value of 1 or more dims expected");
  CHECK(host_cbrt(C, NULL) == NULL, "NULL gives NULL");
  nl_error_clear(C);
  fails_with(C, call_bare(C, x), "bare: has no eval rule");
  fails_with(C, jit_of(C, call_bare, x), "bare: can't be captured by jit");
  CHECK(near(C, call_some(C, x), nl_full(C, NL_F64, 1, shape, 2), 1e-15),
        "eval alone");
  CHECK(near(C, jit_of(C, call_some, x), call_some(C, x), 0), "under jit");
  fails_with(C, grad_of(C, call_some, x), "some: has no gradient");
  fails_with(C, jvp_of(C, call_some, x), "some: has no jvp rule");
  fails_with(C, vmap_of(C, call_some, x), "some: has no vmap rule");
}

int main (void) {
  const char *how[] = {"none", "simplify", "tiles"};
  for (int k = 0; k < 3; k++) {
    nl_config cfg;
    memset(&cfg, 0, sizeof cfg);
    cfg.struct_size = sizeof cfg;
    cfg.compile = how[k];
    nl_ctx *C = nl_ctx_new(&cfg);
    transforms(C);
    mistakes(C);
    nl_ctx_free(C);
  }
  return check_done();
}
