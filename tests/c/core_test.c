/* core_test.c: the mechanism through the public API: traces, their nesting,
 * storages read and written through them, graphs, unwinding. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "nnlua.h"

typedef nl_value *(*fn1) (nl_ctx *C, nl_value *x);

static double number (nl_ctx *C, nl_value *v) {
  double x = NAN;
  int64_t i;
  bool is_int;
  if (v != NULL) nl_item(C, v, &x, &i, &is_int);
  return x;
}

/* x^3 sin-free: tanh(x) x^2 + exp(x) */
static nl_value *f (nl_ctx *C, nl_value *x) {
  return nl_add(C, nl_mul(C, nl_tanh(C, x), nl_mul(C, x, x)), nl_exp(C, x));
}

static nl_value *grad_of (nl_ctx *C, fn1 g, nl_value *x) {
  nl_trace *T = nl_grad_begin(C);
  nl_value *in = nl_grad_input(C, T, x), *y = g(C, in), *r = NULL;
  if (y == NULL) {
    nl_trace_abort(C, T);
  } else {
    nl_grad_end(C, T);
    nl_value *one = nl_ones_like(C, y);
    nl_grad_pull(C, T, 1, &y, &one, 1, &in, &r, false);
  }
  nl_trace_release(C, T);
  return r;
}

static nl_value *jvp_of (nl_ctx *C, fn1 g, nl_value *x) {
  nl_trace *T = nl_jvp_begin(C);
  nl_value *y = g(C, nl_jvp_input(C, T, x, nl_ones_like(C, x)));
  nl_value *p, *t = NULL;
  nl_jvp_end(C, T);
  nl_jvp_output(C, T, y, &p, &t);
  nl_trace_release(C, T);
  return t != NULL ? t : nl_zeros_like(C, x);
}

static nl_value *vmap_of (nl_ctx *C, fn1 g, nl_value *x) {
  nl_trace *T = nl_vmap_begin(C, nl_shape(x)[0]);
  nl_value *y = g(C, nl_vmap_input(C, T, x, 0));
  nl_vmap_end(C, T);
  y = nl_vmap_output(C, T, y, 0);
  nl_trace_release(C, T);
  return y;
}

static nl_value *jit_of (nl_ctx *C, fn1 g, nl_value *x) {
  nl_trace *T = nl_capture_begin(C);
  nl_value *y = g(C, nl_capture_input(C, T, x)), *r = NULL;
  nl_graph *graph = nl_capture_end(C, T, 1, &y);
  if (graph == NULL) return NULL;
  nl_graph_call(C, graph, 1, &x, &r);
  nl_graph_release(C, graph);
  return r;
}

static nl_value *g1 (nl_ctx *C, nl_value *x) { return grad_of(C, f, x); }
static nl_value *g2 (nl_ctx *C, nl_value *x) { return grad_of(C, g1, x); }
static nl_value *g3 (nl_ctx *C, nl_value *x) { return grad_of(C, g2, x); }
static nl_value *jf (nl_ctx *C, nl_value *x) { return jit_of(C, f, x); }
static nl_value *jg (nl_ctx *C, nl_value *x) { return jit_of(C, g1, x); }
static nl_value *gj (nl_ctx *C, nl_value *x) { return grad_of(C, jf, x); }
static nl_value *ggj (nl_ctx *C, nl_value *x) { return grad_of(C, gj, x); }
static nl_value *gjg (nl_ctx *C, nl_value *x) { return grad_of(C, jg, x); }
static nl_value *fwd (nl_ctx *C, nl_value *x) { return jvp_of(C, f, x); }
static nl_value *fwd_g (nl_ctx *C, nl_value *x) { return jvp_of(C, g1, x); }
static nl_value *g_fwd (nl_ctx *C, nl_value *x) { return grad_of(C, fwd, x); }
static nl_value *fwd_j (nl_ctx *C, nl_value *x) { return jvp_of(C, jf, x); }
static nl_value *fwd_gj (nl_ctx *C, nl_value *x) { return jvp_of(C, gj, x); }
static nl_value *vg (nl_ctx *C, nl_value *x) { return vmap_of(C, g1, x); }
static nl_value *vgj (nl_ctx *C, nl_value *x) { return vmap_of(C, gj, x); }
static nl_value *jvg (nl_ctx *C, nl_value *x) { return jit_of(C, vg, x); }
static nl_value *vjg (nl_ctx *C, nl_value *x) { return vmap_of(C, jg, x); }

static void compositions (nl_ctx *C) {
  double x = 0.7, h = 1e-4;
  double t = tanh(x), s = 1 - t * t;
  double d1 = s * x * x + 2 * t * x + exp(x);
  double d2 = -2 * t * s * x * x + 4 * s * x + 2 * t + exp(x);
  nl_value *v = nl_scalar(C, NL_F64, x);
  nl_value *hi = nl_scalar(C, NL_F64, x + h), *lo = nl_scalar(C, NL_F64, x - h);
  double d3 = (number(C, g2(C, hi)) - number(C, g2(C, lo))) / (2 * h);
  static const struct { const char *name; fn1 fn; int order; } list[] = {
      {"grad", g1, 1}, {"grad^2", g2, 2}, {"grad^3", g3, 3},
      {"jit(grad)", jg, 1}, {"grad(jit)", gj, 1}, {"grad(grad(jit))", ggj, 2},
      {"grad(jit(grad))", gjg, 2}, {"jvp", fwd, 1}, {"jvp(grad)", fwd_g, 2},
      {"grad(jvp)", g_fwd, 2}, {"jvp(jit)", fwd_j, 1},
      {"jvp(grad(jit))", fwd_gj, 2}};
  for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
    double want = list[i].order == 1 ? d1 : list[i].order == 2 ? d2 : d3;
    double got = number(C, list[i].fn(C, v));
    CHECK(fabs(got - want) < (list[i].order == 3 ? 1e-6 : 1e-12) * fabs(want),
          "%s: %.15g, want %.15g (%s)", list[i].name, got, want,
          nl_errmsg(C));
    nl_error_clear(C);
  }
  double xs[3] = {-1, 0.7, 2};
  int64_t three = 3;
  nl_value *batch = nl_value_from(C, NL_F64, 1, &three, xs);
  static const struct { const char *name; fn1 fn; } maps[] = {
      {"vmap(grad)", vg}, {"vmap(grad(jit))", vgj}, {"jit(vmap(grad))", jvg},
      {"vmap(jit(grad))", vjg}};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
    nl_value *r = maps[i].fn(C, batch);
    const double *p = r == NULL ? NULL : nl_data(C, r);
    CHECK(p != NULL, "%s: %s", maps[i].name, nl_errmsg(C));
    for (int k = 0; k < 3 && p != NULL; k++) {
      double want = number(C, g1(C, nl_scalar(C, NL_F64, xs[k])));
      CHECK(p[k] == want, "%s[%d]: %.17g, want %.17g", maps[i].name, k, p[k],
            want);
    }
    nl_error_clear(C);
  }
}

/* a storage W read by a closure: jit(grad) sees it by reference */
static nl_storage *W;
static nl_tensor w_tensor;

static nl_value *uses_w (nl_ctx *C, nl_value *x) {
  return nl_mul(C, nl_read(C, &w_tensor), nl_mul(C, x, x));
}

static nl_value *bumps_w (nl_ctx *C, nl_value *x) {
  nl_value *w = nl_read(C, &w_tensor);
  nl_write(C, &w_tensor, nl_add(C, w, x));
  return nl_mul(C, nl_read(C, &w_tensor), x);
}

static void storages (nl_ctx *C) {
  nl_tensor_from(C, &w_tensor, nl_scalar(C, NL_F64, 3));
  W = w_tensor.storage;
  nl_value *x = nl_scalar(C, NL_F64, 2), *y, *r = NULL;
  nl_trace *T = nl_capture_begin(C);
  y = grad_of(C, uses_w, nl_capture_input(C, T, x));
  nl_graph *g = nl_capture_end(C, T, 1, &y);
  CHECK(g != NULL, "capture: %s", nl_errmsg(C));
  nl_graph_call(C, g, 1, &x, &r);
  CHECK(number(C, r) == 12, "jit(grad) with W = 3: %g", number(C, r));
  nl_write(C, &w_tensor, nl_scalar(C, NL_F64, 5));
  nl_graph_call(C, g, 1, &x, &r);
  CHECK(number(C, r) == 20, "... with W = 5: %g", number(C, r));
  nl_graph_release(C, g);

  /* writes: w = 5 + 2 = 7, result 14, d/dx (w + x) x = w + 2 x = 9 */
  T = nl_capture_begin(C);
  y = bumps_w(C, nl_capture_input(C, T, x));
  g = nl_capture_end(C, T, 1, &y);
  CHECK(number(C, nl_read(C, &w_tensor)) == 5, "capture restores");
  nl_graph_call(C, g, 1, &x, &r);
  CHECK(number(C, r) == 14 && number(C, nl_read(C, &w_tensor)) == 7,
        "jit writes: %g %g", number(C, r), number(C, nl_read(C, &w_tensor)));
  nl_graph_release(C, g);
  nl_write(C, &w_tensor, nl_scalar(C, NL_F64, 5));
  r = grad_of(C, bumps_w, x);
  CHECK(number(C, r) == 9 && number(C, nl_read(C, &w_tensor)) == 7,
        "grad through a write: %g %g", number(C, r),
        number(C, nl_read(C, &w_tensor)));

  /* an aborted trace restores */
  T = nl_grad_begin(C);
  bumps_w(C, nl_grad_input(C, T, x));
  nl_trace_abort(C, T);
  nl_trace_release(C, T);
  CHECK(number(C, nl_read(C, &w_tensor)) == 7, "abort restores");

  /* a per-example write to an outer storage is refused at the write */
  int64_t two = 2;
  double d2[2] = {1, 2};
  T = nl_vmap_begin(C, 2);
  nl_value *b = nl_vmap_input(C, T, nl_value_from(C, NL_F64, 1, &two, d2), 0);
  CHECK(nl_write(C, &w_tensor, b) != NL_OK && strstr(nl_errmsg(C), "vmap"),
        "vmap write: %s", nl_errmsg(C));
  nl_error_clear(C);
  nl_vmap_end(C, T);
  nl_trace_release(C, T);
  nl_storage_release(C, W);
}

static nl_value *noisy (nl_ctx *C, nl_value *x) {
  return nl_add(C, x, nl_random(C, "normal", NULL, NL_F64, 0, NULL));
}

static void randoms (nl_ctx *C) {
  int64_t three = 3;
  nl_seed(C, 1);
  nl_value *zero = nl_full(C, NL_F64, 1, &three, 0);
  nl_value *r = vmap_of(C, noisy, zero);
  const double *p = r == NULL ? NULL : nl_data(C, r);
  CHECK(p != NULL && p[0] != p[1] && p[1] != p[2], "vmap draws fresh: %s",
        nl_errmsg(C));
  nl_trace *T = nl_capture_begin(C);
  nl_value *x = nl_scalar(C, NL_F64, 0), *a, *b, *c, *y;
  y = noisy(C, nl_capture_input(C, T, x));
  nl_graph *g = nl_capture_end(C, T, 1, &y);
  nl_seed(C, 7);
  nl_graph_call(C, g, 1, &x, &a);
  nl_graph_call(C, g, 1, &x, &b);
  nl_seed(C, 7);
  c = noisy(C, x);
  CHECK(number(C, a) != number(C, b), "each replay draws");
  CHECK(number(C, a) == number(C, c), "eager draws the same");
  nl_graph_release(C, g);
  nl_value *k1 = nl_random_split(C, nl_random_key(C, 3), 2);
  CHECK(k1 != NULL && nl_numel(k1) == 4, "split: %s", nl_errmsg(C));
}

static void in_place (nl_ctx *C) {
  int64_t shape[2] = {3, 4}, col[1] = {3}, stride[1] = {4};
  nl_tensor t, v;
  nl_tensor_from(C, &t, nl_full(C, NL_F32, 2, shape, 1));
  v = t;
  v.ndim = 1;
  v.size[0] = col[0];
  v.stride[0] = stride[0];
  v.offset = 2;
  v.whole = false;
  size_t mark = nl_pool_mark(C);
  nl_value *x = nl_read(C, &v);
  x = nl_add(C, x, nl_number(C, 4));
  nl_write(C, &v, x);
  const float *p = nl_data(C, nl_read(C, &t));
  CHECK(p[2] == 5 && p[6] == 5 && p[10] == 5 && p[0] == 1 && p[3] == 1,
        "column written");
  nl_pool_release(C, mark);
  /* donation: the buffer stays, and another holder keeps the old value */
  x = nl_read(C, &t);
  const void *before = nl_data(C, x);
  nl_value *one = nl_number(C, 1);
  nl_into(C, &t, mark);
  nl_write(C, &t, nl_add(C, x, nl_full(C, NL_F32, 2, shape, 1)));
  (void)one;
  CHECK(nl_data(C, nl_read(C, &t)) == before, "in place keeps the buffer");
  nl_pool_release(C, mark);
  nl_value *held = nl_retain(nl_read(C, &t));
  float old = ((const float *)nl_data(C, held))[0];
  nl_pool_release(C, mark);
  x = nl_read(C, &t);
  nl_into(C, &t, mark);
  nl_write(C, &t, nl_add(C, x, x));
  CHECK(((const float *)nl_data(C, held))[0] == old, "held values stay");
  nl_release(C, held);
  nl_pool_release(C, mark);
  nl_storage_release(C, t.storage);
}

int main (void) {
  nl_ctx *C = nl_ctx_new(NULL);
  CHECK(C != NULL, "context");
  compositions(C);
  storages(C);
  randoms(C);
  in_place(C);
  CHECK(!nl_failed(C), "left an error: %s", nl_errmsg(C));
  nl_pool_release(C, 0);
  nl_ctx_free(C);
  return check_done();
}
