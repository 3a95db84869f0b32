/* cast.c: between dtypes, and between numbers that are weak and strong. */
#include "core/core.h"

#include "kernels/kernels.h"
#include "ops/ops.h"

/* parameters: dtype, weak; then the input's, for the way back */
enum { TO, TO_WEAK, FROM, FROM_WEAK, NP };

nl_value *nl__cast_to (nl_ctx *C, nl_value *x, nl_dtype d, bool weak) {
  if (x == NULL || (x->dtype == d && x->weak == weak)) return x;
  int64_t p[NP] = {d, weak, x->dtype, x->weak};
  return nl_bind1(C, &nl_prim_cast, 1, &x, NP, p);
}

nl_value *nl_cast (nl_ctx *C, nl_value *x, nl_dtype d) {
  return nl__cast_to(C, x, d, false);
}

nl_value *nl_strong (nl_ctx *C, nl_value *x) {
  if (x == NULL || !x->weak) return x;
  return nl__cast_to(C, x,
                     nl_dtype_is_float((nl_dtype)x->dtype) ? C->default_dtype
                                                           : NL_I64,
                     false);
}

nl_value *nl_weak (nl_ctx *C, nl_value *x) {
  if (x == NULL || x->weak) return x;
  return nl__cast_to(
      C, x, nl_dtype_is_float((nl_dtype)x->dtype) ? NL_F64 : NL_I64, true);
}

nl_value *nl_copy (nl_ctx *C, nl_value *x) {
  (void)C;
  return x; /* values do not change */
}

static nl_status cast_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  (void)C;
  nl__aval(e->in[0], out);
  out->dtype = (nl_dtype)e->p[TO];
  out->weak = e->p[TO_WEAK] != 0;
  return NL_OK;
}

#define STEP 16384 /* elements of one item of the parallel loop */

typedef struct cast_job {
  void (*fn) (int64_t n, const void *in, void *out);
  const char *in;
  char *out;
  size_t in_elem, out_elem;
  int64_t n;
} cast_job;

static void cast_item (void *ud, int64_t i) {
  const cast_job *j = (const cast_job *)ud;
  int64_t at = i * STEP, n = j->n - at < STEP ? j->n - at : STEP;
  j->fn(n, j->in + (size_t)at * j->in_elem,
        j->out + (size_t)at * j->out_elem);
}

static nl_status cast_eval (nl_ctx *C, nl_eqn *e) {
  nl_value *x = e->in[0];
  nl_dtype from = (nl_dtype)x->dtype, to = (nl_dtype)e->p[TO];
  nl_value *r;
  if (from == to) { /* only the weakness changes: the same elements */
    r = nl__value_alloc(C, to, e->p[TO_WEAK] != 0, x->ndim, x->shape, false);
    if (r == NULL) return C->status;
    for (int i = 0; i < x->ndim; i++) r->stride[i] = x->stride[i];
    r->dense = x->dense;
    r->offset = x->offset;
    r->buf = nl__buffer_retain(x->buf);
    e->out[0] = r;
    return NL_OK;
  }
  x = nl__dense(C, x);
  if (x == NULL) return C->status;
  r = nl__out(C, e, 0, to, e->p[TO_WEAK] != 0, x->ndim, x->shape);
  if (r == NULL) return C->status;
  if (x->numel <= STEP) {
    C->k->cast[from][to](x->numel, nl__bytes_at(x), nl__bytes_at(r));
    return NL_OK;
  }
  cast_job j = {C->k->cast[from][to], nl__bytes_at(x), nl__bytes_at(r),
                nl_dtype_size(from), nl_dtype_size(to), x->numel};
  return nl__parallel_for(C, (x->numel + STEP - 1) / STEP, STEP * 0.3,
                          cast_item, &j);
}

/* A number that is known, such as the seed of a loss's gradient, stays known:
   rules look whether they multiply by 1. */
static nl_status cast_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  bool known = ct[0]->trace == NULL && ct[0]->ndim == 0;
  nl_trace *saved = known ? nl_outside_begin(C) : C->trace;
  ct_in[0] = nl__cast_to(C, ct[0], (nl_dtype)e->p[FROM], e->p[FROM_WEAK] != 0);
  nl_outside_end(C, saved);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status cast_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  if (!nl_dtype_is_float((nl_dtype)e->p[TO])) return NL_OK;
  t_out[0] = nl__cast_to(C, t[0], (nl_dtype)e->p[TO], e->p[TO_WEAK] != 0);
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_status batch_as_it_is (nl_ctx *C, nl_eqn *e, const bool *batched,
                                 int64_t n, bool *batched_out) {
  (void)batched;
  (void)n;
  e->out[0] = nl_bind1(C, e->prim, 1, e->in, e->np, e->p);
  batched_out[0] = true;
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_cast = {
    .name = "cast", .nin = 1, .nout = 1, .flags = NL_LINEAR | NL_CASTS | NL_INTO,
    .shape = cast_shape, .eval = cast_eval, .vjp = cast_vjp, .jvp = cast_jvp,
    .batch = batch_as_it_is};

/* ---- stop_gradient: itself, and constant where it is differentiated ---- */

nl_value *nl_stop_gradient (nl_ctx *C, nl_value *x) {
  return nl_bind1(C, &nl_prim_stop_gradient, 1, &x, 0, NULL);
}

static nl_status same_eval (nl_ctx *C, nl_eqn *e) {
  (void)C;
  e->out[0] = nl_retain(e->in[0]);
  return NL_OK;
}

const nl_prim nl_prim_stop_gradient = {
    .name = "stop_gradient", .nin = 1, .nout = 1, .flags = NL_NO_GRAD | NL_NO_FOLD | NL_SAME,
    .shape = nl_shape_same, .eval = same_eval, .batch = batch_as_it_is};
