/* scan.c: running sums and products along a dim.
 *
 * Two primitives, each a plain loop from one end, so that bits depend on
 * nothing but the elements before: cumsum, and recurrence(a, b), the first
 * order y_k = a_k y_(k-1) + b_k (y before the first is 0).  A running product
 * is a recurrence, whose derivative is one that runs backwards: right where
 * elements are zero, and differentiable again. */
#include "core/core.h"

#include "ops/along.h"
#include "ops/ops.h"

enum { DIM, REVERSE, NP };

static nl_status scan_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0];
  if (!nl__check_dim(C, e->prim->name, x, (int)e->p[DIM])) return C->status;
  for (int i = 1; i < e->nin; i++)
    if (!nl__same_shape(e->in[i], x) || e->in[i]->dtype != x->dtype) {
      char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
      return nl_error(C, NL_ERROR, "%s: %s and %s differ", e->prim->name,
                      nl__value_text(a, x), nl__value_text(b, e->in[i]));
    }
  if (x->dtype != NL_F32 && x->dtype != NL_F64 && x->dtype != NL_I64)
    return nl_error(C, NL_ERROR, "%s: not defined for %s", e->prim->name,
                    nl_dtype_name((nl_dtype)x->dtype));
  nl__aval(x, out);
  out->weak = false;
  return NL_OK;
}

/* ---- eval ---- */

typedef struct scan_job {
  nl_along a;
  nl_dtype dtype;
  bool reverse;
  const void *x, *b; /* b: of the recurrence, or NULL for a sum */
  void *out;
  int64_t step, chunks; /* of the inner indices */
} scan_job;

/* One outer index, inner [i0, i1): a row of inner elements at a time.
   Integers wrap, as uint64. */
#define SCAN(type)                                                            \
  do {                                                                        \
    const type *x = (const type *)j->x + at, *b = (const type *)j->b;         \
    type *y = (type *)j->out + at;                                            \
    if (b != NULL) b += at;                                                   \
    for (int64_t i = i0; i < i1; i++) y[i] = b != NULL ? b[i] : x[i];         \
    for (int64_t k = 1; k < n; k++) {                                         \
      const type *before = y;                                                 \
      y += row;                                                               \
      x += row;                                                               \
      if (b != NULL) {                                                        \
        b += row;                                                             \
        for (int64_t i = i0; i < i1; i++) y[i] = x[i] * before[i] + b[i];     \
      } else {                                                                \
        for (int64_t i = i0; i < i1; i++) y[i] = before[i] + x[i];            \
      }                                                                       \
    }                                                                         \
  } while (0)

static void scan_item (void *ud, int64_t c) {
  const scan_job *j = (const scan_job *)ud;
  int64_t n = j->a.n, inner = j->a.inner, o = c / j->chunks;
  int64_t i0 = c % j->chunks * j->step, i1 = i0 + j->step;
  int64_t row = j->reverse ? -inner : inner;
  int64_t at = (o * n + (j->reverse ? n - 1 : 0)) * inner;
  if (i1 > inner) i1 = inner;
  if (j->dtype == NL_F32) SCAN(float);
  else if (j->dtype == NL_F64) SCAN(double);
  else SCAN(uint64_t);
}

#define ITEM 8192

static nl_status scan_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  if (scan_shape(C, e, &a) != NL_OK) return C->status;
  nl_value *x = nl__dense(C, e->in[0]);
  nl_value *b = e->nin > 1 ? nl__dense(C, e->in[1]) : x;
  if (x == NULL || b == NULL) return C->status;
  nl_value *r = nl__value_alloc(C, a.dtype, false, a.ndim, a.shape, true);
  if (r == NULL) return C->status;
  e->out[0] = r;
  if (r->numel == 0) return NL_OK;
  scan_job j = {.a = nl__along(a.ndim, a.shape, (int)e->p[DIM]),
                .dtype = a.dtype, .reverse = e->p[REVERSE] != 0,
                .x = nl__bytes_at(x), .out = r->buf->data};
  if (e->nin > 1) j.b = nl__bytes_at(b);
  j.step = ITEM / j.a.n < 16 ? 16 : ITEM / j.a.n;
  if (j.step > j.a.inner) j.step = j.a.inner;
  j.chunks = (j.a.inner + j.step - 1) / j.step;
  return nl__parallel_for(C, j.a.outer * j.chunks,
                          (double)(j.a.n * j.step) * 1.5, scan_item, &j);
}

/* ---- cumsum ---- */

static nl_value *scan (nl_ctx *C, nl_value *x, int dim, bool reverse) {
  int64_t p[NP] = {dim, reverse};
  return nl_bind1(C, &nl_prim_cumsum, 1, &x, NP, p);
}

/* floats as they are, everything else as int64 */
static nl_value *scannable (nl_ctx *C, nl_value *x) {
  x = nl_strong(C, x);
  if (x == NULL || nl_dtype_is_float((nl_dtype)x->dtype)) return x;
  return nl_cast(C, x, NL_I64);
}

nl_value *nl_cumsum (nl_ctx *C, nl_value *x, int dim, bool reverse) {
  x = scannable(C, x);
  return x == NULL ? NULL : scan(C, x, dim, reverse);
}

static nl_status cumsum_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  ct_in[0] = scan(C, ct[0], (int)e->p[DIM], !e->p[REVERSE]);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_cumsum = {
    .name = "cumsum", .nin = 1, .nout = 1, .flags = NL_LINEAR,
    .shape = scan_shape, .eval = scan_eval, .vjp = cumsum_vjp,
    .jvp = nl_jvp_linear, .batch = nl__batch_along};

/* ---- recurrence ---- */

static nl_value *recur (nl_ctx *C, nl_value *a, nl_value *b, int dim,
                        bool reverse) {
  nl_value *in[2] = {a, b};
  int64_t p[NP] = {dim, reverse};
  return nl_bind1(C, &nl_prim_recurrence, 2, in, NP, p);
}

nl_value *nl_recurrence (nl_ctx *C, nl_value *a, nl_value *b, int dim,
                         bool reverse) {
  a = scannable(C, a);
  b = scannable(C, b);
  if (a == NULL || b == NULL) return NULL;
  nl_dtype d = (nl_dtype)(a->dtype > b->dtype ? a->dtype : b->dtype);
  return recur(C, nl_cast(C, a, d), nl_cast(C, b, d), dim, reverse);
}

/* x moved by one along the dim, towards its end, or its start where `back`;
   a zero comes in, an element goes out. */
static nl_value *shifted (nl_ctx *C, nl_value *x, int dim, bool back) {
  int64_t shape[NL_MAX_NDIM];
  if (x == NULL || x->shape[dim] == 0) return x;
  for (int i = 0; i < x->ndim; i++) shape[i] = x->shape[i];
  shape[dim] = 1;
  nl_value *zero = nl_full(C, (nl_dtype)x->dtype, x->ndim, shape, 0);
  nl_value *rest = nl_narrow(C, x, dim, back, x->shape[dim] - 1);
  nl_value *parts[2] = {back ? rest : zero, back ? zero : rest};
  return nl_concat(C, 2, parts, dim);
}

/* With c the recurrence of ct backwards, c_k = ct_k + a_(k+1) c_(k+1):
   db = c, da_k = c_k y_(k-1). */
static nl_status recurrence_vjp (nl_ctx *C, const nl_eqn *e,
                                 nl_value *const *ct, nl_value **ct_in) {
  int dim = (int)e->p[DIM];
  bool back = e->p[REVERSE] != 0;
  nl_value *c = recur(C, shifted(C, e->in[0], dim, !back), ct[0], dim, !back);
  ct_in[1] = c;
  if (e->need[0])
    ct_in[0] = nl_mul(C, c, shifted(C, e->out[0], dim, back));
  return c == NULL || (e->need[0] && ct_in[0] == NULL) ? C->status : NL_OK;
}

static nl_status recurrence_jvp (nl_ctx *C, const nl_eqn *e,
                                 nl_value *const *t, nl_value **t_out) {
  int dim = (int)e->p[DIM];
  bool back = e->p[REVERSE] != 0;
  nl_value *b = t[1];
  if (t[0] != NULL) {
    nl_value *d = nl_mul(C, t[0], shifted(C, e->out[0], dim, back));
    b = b == NULL ? d : nl_add(C, b, d);
  }
  t_out[0] = recur(C, e->in[0], b, dim, back);
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_status recurrence_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                                   int64_t n, bool *batched_out) {
  if (nl__batch_all(C, e, batched, n) != NL_OK) return C->status;
  return nl__batch_along(C, e, batched, n, batched_out);
}

const nl_prim nl_prim_recurrence = {
    .name = "recurrence", .nin = 2, .nout = 1,
    .flags = NL_SAVE_IN | NL_SAVE_OUT, .shape = scan_shape,
    .eval = scan_eval, .vjp = recurrence_vjp, .jvp = recurrence_jvp,
    .batch = recurrence_batch};

/* y_1 = x_1, y_k = x_k y_(k-1): b is x_1 and then -0, which adds nothing */
nl_value *nl_cumprod (nl_ctx *C, nl_value *x, int dim) {
  int64_t shape[NL_MAX_NDIM];
  x = scannable(C, x);
  if (x == NULL || !nl__check_dim(C, "cumprod", x, dim)) return NULL;
  if (x->shape[dim] == 0) return x;
  for (int i = 0; i < x->ndim; i++) shape[i] = x->shape[i];
  shape[dim]--;
  nl_value *b[2] = {
      nl_narrow(C, x, dim, 0, 1),
      nl_full(C, (nl_dtype)x->dtype, x->ndim, shape, -0.0)};
  if (b[0] == NULL || b[1] == NULL) return NULL;
  return recur(C, x, nl_concat(C, 2, b, dim), dim, false);
}

/* The products of the elements before each (from the end where `back`). */
static nl_value *before (nl_ctx *C, nl_value *x, int dim, bool back) {
  int64_t one[NL_MAX_NDIM], rest[NL_MAX_NDIM];
  for (int i = 0; i < x->ndim; i++) one[i] = rest[i] = x->shape[i];
  one[dim] = 1;
  rest[dim]--;
  nl_dtype d = (nl_dtype)x->dtype;
  nl_value *first = nl_full(C, d, x->ndim, one, 1);
  nl_value *more = nl_full(C, d, x->ndim, rest, -0.0);
  nl_value *b[2] = {back ? more : first, back ? first : more};
  if (first == NULL || more == NULL) return NULL;
  return recur(C, shifted(C, x, dim, back), nl_concat(C, 2, b, dim), dim,
               back);
}

nl_value *nl__prod_others (nl_ctx *C, nl_value *x, int dim) {
  x = scannable(C, x);
  if (x == NULL || x->shape[dim] == 0) return x;
  return nl_mul(C, before(C, x, dim, false), before(C, x, dim, true));
}
