/* custom_primitive.c: operations of a host's own, with all their rules.
 *
 *     gcc -std=c11 custom_primitive.c $(pkg-config --cflags --libs nnlua) -lm
 *
 * A primitive is one object; nothing is registered: its address is handed to
 * nl_bind1, and from then on every transform and the compiler know what to do.
 * Here are the cube root, elementwise, whose derivative is made of its own
 * output, and roll, which is linear and has a parameter.  Rules are written
 * with the library's functions on values, so each is differentiated, mapped
 * and compiled in its turn. */
#include <math.h>
#include <stdio.h>

#include <nnlua.h>

/* ---- y = cbrt(x), elementwise ---- */

/* Floats only.  The shared rule says that the result is like the input. */
static nl_status cbrt_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (!nl_dtype_is_float(nl_dtype_of(e->in[0])))
    return nl_error(C, NL_ERROR, "cbrt: a float expected, got %s",
                    nl_dtype_name(nl_dtype_of(e->in[0])));
  return nl_shape_same(C, e, out);
}

/* From a concrete value to a new one, which eval gives away: nl_retain. */
static nl_status cbrt_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  void *to = NULL;
  if (cbrt_shape(C, e, &a) != NL_OK) return nl_errstatus(C);
  const void *from = nl_data(C, e->in[0]);
  nl_value *y = nl_value_new(C, a.dtype, a.ndim, a.shape, &to);
  if (from == NULL || y == NULL) return nl_errstatus(C);
  for (int64_t i = 0, n = nl_numel(y); i < n; i++) {
    if (a.dtype == NL_F64) ((double *)to)[i] = cbrt(((const double *)from)[i]);
    else ((float *)to)[i] = cbrtf(((const float *)from)[i]);
  }
  e->out[0] = nl_retain(y);
  return NL_OK;
}

/* dy/dx = 1 / (3 y^2) */
static nl_value *cbrt_deriv (nl_ctx *C, const nl_eqn *e) {
  nl_value *y = e->out[0];
  return nl_div(C, nl_number(C, 1.0 / 3), nl_mul(C, y, y));
}

static const nl_prim cbrt_prim = {
    .name = "cbrt", .nin = 1, .nout = 1,
    .flags = NL_ELEMENTWISE | NL_SAVE_OUT, /* the derivative reads e->out */
    .shape = cbrt_shape, .eval = cbrt_eval, .vjp = nl_vjp_elementwise,
    .jvp = nl_jvp_elementwise, .batch = nl_batch_elementwise,
    .deriv = {cbrt_deriv}};

nl_value *host_cbrt (nl_ctx *C, nl_value *x) {
  return nl_bind1(C, &cbrt_prim, 1, &x, 0, NULL);
}

/* ---- y[..., (i + k) mod n] = x[..., i]: along the last dim ---- */

static nl_status roll_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (nl_ndim(e->in[0]) < 1)
    return nl_error(C, NL_ERROR, "roll: a value of 1 or more dims expected");
  return nl_shape_same(C, e, out);
}

static nl_status roll_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  void *to = NULL;
  if (roll_shape(C, e, &a) != NL_OK) return nl_errstatus(C);
  const char *from = (const char *)nl_data(C, e->in[0]);
  nl_value *y = nl_value_new(C, a.dtype, a.ndim, a.shape, &to);
  if (from == NULL || y == NULL) return nl_errstatus(C);
  size_t bytes = nl_dtype_size(a.dtype);
  int64_t n = a.shape[a.ndim - 1], total = nl_numel(y);
  for (int64_t i = 0; i < total; i++) {
    int64_t at = i % n, k = ((at + e->p[0]) % n + n) % n;
    for (size_t b = 0; b < bytes; b++)
      ((char *)to)[(size_t)(i - at + k) * bytes + b] =
          from[(size_t)i * bytes + b];
  }
  e->out[0] = nl_retain(y);
  return NL_OK;
}

static const nl_prim roll_prim;

nl_value *host_roll (nl_ctx *C, nl_value *x, int64_t k) {
  return nl_bind1(C, &roll_prim, 1, &x, 1, &k);
}

/* The transpose rolls back.  ct[0] is NULL where the cotangent is zero. */
static nl_status roll_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  if (ct[0] != NULL) ct_in[0] = host_roll(C, ct[0], -e->p[0]);
  return nl_errstatus(C);
}

/* The new axis comes first, so the last is the last still. */
static nl_status roll_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                             int64_t n, bool *batched_out) {
  (void)batched;
  (void)n;
  e->out[0] = host_roll(C, e->in[0], e->p[0]);
  batched_out[0] = true;
  return nl_errstatus(C);
}

static const nl_prim roll_prim = {
    .name = "roll", .nin = 1, .nout = 1, .flags = NL_LINEAR,
    .shape = roll_shape, .eval = roll_eval, .vjp = roll_vjp,
    .jvp = nl_jvp_linear, .batch = roll_batch};

/* ---- the gradient of sum(roll(cbrt(x), 1) * x), compiled ---- */

#ifndef NO_MAIN
static nl_value *gradient (nl_ctx *C, nl_value *x) {
  nl_value *g = NULL;
  nl_trace *T = nl_grad_begin(C);
  nl_value *in = nl_grad_input(C, T, x);
  nl_value *y = nl_mul(C, host_roll(C, host_cbrt(C, in), 1), in);
  nl_value *loss = nl_sum(C, y, NL_ALL_DIMS, false);
  if (loss == NULL || nl_grad_end(C, T) != NL_OK) {
    nl_trace_abort(C, T);
  } else {
    nl_value *one = nl_ones_like(C, loss);
    if (one != NULL) nl_grad_pull(C, T, 1, &loss, &one, 1, &in, &g, false);
  }
  nl_trace_release(C, T);
  return g;
}

int main (void) {
  nl_ctx *C = nl_ctx_new(NULL);
  double data[3] = {1, 8, 27};
  int64_t shape[1] = {3};
  if (C == NULL) return 1;
  nl_value *x = nl_value_from(C, NL_F64, 1, shape, data), *out = NULL;
  nl_trace *T = nl_capture_begin(C);
  nl_value *g = gradient(C, nl_capture_input(C, T, x));
  nl_graph *graph = nl_capture_end(C, T, 1, &g);
  if (graph != NULL && nl_graph_call(C, graph, 1, &x, &out) == NL_OK) {
    char *text = nl_graph_text(C, graph);
    const double *p = (const double *)nl_data(C, out);
    if (text != NULL) printf("%s", text);
    if (p != NULL) printf("%.6f %.6f %.6f\n", p[0], p[1], p[2]);
    nl_text_free(C, text);
  }
  bool failed = nl_failed(C);
  if (failed) fprintf(stderr, "%s\n", nl_errmsg(C));
  nl_graph_release(C, graph);
  nl_ctx_free(C);
  return failed;
}
#endif
