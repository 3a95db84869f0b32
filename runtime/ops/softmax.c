/* softmax.c: softmax, log_softmax and logsumexp along one dim.
 *
 * Each is computed part by part while the part is in cache: the maximum, the
 * exponentials of the differences to it, their sum in the kernels' fixed tree.
 * So the bits of a row do not depend on threads, on the number of rows, or on
 * which dim it is.
 * softmax and log_softmax of a row with NaN or inf, or of -inf alone, are NaN;
 * logsumexp is then what the sum of exponentials says. */
#include "core/core.h"

#include <math.h>

#include "kernels/kernels.h"
#include "ops/along.h"
#include "ops/ops.h"

/* The functions' one parameter is the dim; logsumexp keeps it with size 1. */
enum { DIM, NP };

static nl_status softmax_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0];
  if (!nl__check_dim(C, e->prim->name, x, (int)e->p[DIM])) return C->status;
  if (!nl_dtype_is_float((nl_dtype)x->dtype))
    return nl_error(C, NL_ERROR, "%s: not defined for %s", e->prim->name,
                    nl_dtype_name((nl_dtype)x->dtype));
  nl__aval(x, out);
  out->weak = false;
  if (e->prim == &nl_prim_logsumexp) out->shape[e->p[DIM]] = 1;
  return NL_OK;
}

/* ---- eval ---- */

typedef struct softmax_job {
  nl_along a;
  nl_map_fn exp, log, div;
  nl_reduce_fn max, sum;
  bool f64, keep_max; /* is an infinite maximum subtracted? */
  bool logs;          /* log_softmax */
  const void *x;
  void *work;      /* of x's size: exponentials, then the result */
  void *top, *sum_of; /* (outer, inner) each */
  int64_t step, chunks; /* outer indices of an item, or parts of inner */
  bool over_inner;
} softmax_job;

/* For outer [o0, o1), inner [i0, i1), as runs of w elements that stand
   together and share, element by element or (inner = 1) all, their maximum. */
#define ROWS(type, expression)                                                \
  do {                                                                        \
    const type *x = (const type *)j->x, *m = (const type *)j->top,            \
               *s = (const type *)j->sum_of;                                  \
    type *y = (type *)j->work;                                                \
    (void)x, (void)m, (void)s;                                                \
    for (int64_t o = o0; o < o1; o++)                                         \
      for (int64_t k = 0; k < n; k++) {                                       \
        int64_t at = (o * n + k) * inner, to = o * inner;                     \
        for (int64_t i = i0; i < i1; i++) y[at + i] = (expression);           \
      }                                                                       \
  } while (0)
#define COLUMN(type, expression)                                              \
  do {                                                                        \
    const type *x = (const type *)j->x, *m = (const type *)j->top,            \
               *s = (const type *)j->sum_of;                                  \
    type *y = (type *)j->work;                                                \
    for (int64_t to = o0; to < o1; to++) {                                    \
      const type top = m[to], sum = s[to];                                    \
      (void)x, (void)top, (void)sum;                                          \
      for (int64_t at = to * n; at < (to + 1) * n; at++)                      \
        y[at] = (expression);                                                 \
    }                                                                         \
  } while (0)

#define PART                                                                  \
  const softmax_job *j, int64_t o0, int64_t o1, int64_t i0, int64_t i1

/* y = x - max */
static void subtract (PART) {
  int64_t n = j->a.n, inner = j->a.inner;
  if (inner == 1) {
    if (j->f64) COLUMN(double, x[at] - top);
    else COLUMN(float, x[at] - top);
  } else {
    if (j->f64) ROWS(double, x[at + i] - m[to + i]);
    else ROWS(float, x[at + i] - m[to + i]);
  }
}

/* y = x - max - log sum */
static void subtract_both (PART) {
  int64_t n = j->a.n, inner = j->a.inner;
  if (inner == 1) {
    if (j->f64) COLUMN(double, x[at] - top - sum);
    else COLUMN(float, x[at] - top - sum);
  } else {
    if (j->f64) ROWS(double, x[at + i] - m[to + i] - s[to + i]);
    else ROWS(float, x[at + i] - m[to + i] - s[to + i]);
  }
}

#define SPLAT 512 /* copies of a row's sum, a kernel's second input */

static void divide_row (const softmax_job *j, char *y, const char *sum) {
  _Alignas(64) char splat[SPLAT * 8];
  size_t elem = j->f64 ? 8 : 4;
  int64_t n = j->a.n, w = n < SPLAT ? n : SPLAT;
  if (j->f64)
    for (int64_t i = 0; i < w; i++)
      ((double *)(void *)splat)[i] = *(const double *)(const void *)sum;
  else
    for (int64_t i = 0; i < w; i++)
      ((float *)(void *)splat)[i] = *(const float *)(const void *)sum;
  for (int64_t at = 0; at < n; at += w) {
    const void *in[2] = {y + (size_t)at * elem, splat};
    j->div(n - at < w ? n - at : w, in, y + (size_t)at * elem);
  }
}

/* y /= sum, by the kernel: its vectors are wider than what is compiled here */
static void divide (PART) {
  size_t elem = j->f64 ? 8 : 4;
  int64_t n = j->a.n, inner = j->a.inner;
  char *y = (char *)j->work;
  const char *s = (const char *)j->sum_of;
  for (int64_t o = o0; o < o1; o++) {
    if (inner == 1) {
      divide_row(j, y + (size_t)(o * n) * elem, s + (size_t)o * elem);
      continue;
    }
    for (int64_t k = 0; k < n; k++) {
      char *p = y + (size_t)((o * n + k) * inner + i0) * elem;
      const void *in[2] = {p, s + (size_t)(o * inner + i0) * elem};
      j->div(i1 - i0, in, p);
    }
  }
}

/* f over the part of an array of `rows` runs per outer index */
static void map_part (PART, nl_map_fn f, char *array, int64_t rows) {
  int64_t inner = j->a.inner;
  size_t elem = j->f64 ? 8 : 4;
  if (i0 == 0 && i1 == inner) {
    void *p = array + (size_t)(o0 * rows * inner) * elem;
    const void *in[1] = {p};
    f((o1 - o0) * rows * inner, in, p);
    return;
  }
  for (int64_t r = o0 * rows; r < o1 * rows; r++) {
    void *p = array + (size_t)(r * inner + i0) * elem;
    const void *in[1] = {p};
    f(i1 - i0, in, p);
  }
}

/* An infinite maximum says nothing of the sum: 0 is subtracted instead. */
static void settle_max (PART) {
  for (int64_t o = o0; o < o1; o++)
    for (int64_t at = o * j->a.inner + i0; at < o * j->a.inner + i1; at++) {
      if (j->f64) {
        double *m = (double *)j->top;
        if (!isfinite(m[at])) m[at] = 0;
      } else {
        float *m = (float *)j->top;
        if (!isfinite(m[at])) m[at] = 0;
      }
    }
}

static void softmax_part (PART) {
  nl_along a = j->a;
  j->max(a.outer, a.n, a.inner, o0, o1, i0, i1, j->x, j->top);
  if (!j->keep_max) settle_max(j, o0, o1, i0, i1);
  subtract(j, o0, o1, i0, i1);
  map_part(j, o0, o1, i0, i1, j->exp, (char *)j->work, a.n);
  j->sum(a.outer, a.n, a.inner, o0, o1, i0, i1, j->work, j->sum_of);
  if (j->logs || !j->keep_max)
    map_part(j, o0, o1, i0, i1, j->log, (char *)j->sum_of, 1);
  if (j->logs) subtract_both(j, o0, o1, i0, i1);
  else if (j->keep_max) divide(j, o0, o1, i0, i1);
}

static void softmax_item (void *ud, int64_t item) {
  const softmax_job *j = (const softmax_job *)ud;
  int64_t first, last, o = 0;
  if (j->over_inner) {
    o = item / j->chunks;
    first = item % j->chunks * j->step;
    last = first + j->step;
    softmax_part(j, o, o + 1, first, last < j->a.inner ? last : j->a.inner);
  } else {
    first = item * j->step;
    last = first + j->step;
    softmax_part(j, first, last < j->a.outer ? last : j->a.outer, 0,
                 j->a.inner);
  }
}

#define ITEM 4096 /* elements of a part: with its work in L1 and L2 */

static nl_status softmax_run (nl_ctx *C, softmax_job *j) {
  int64_t slab = j->a.n * j->a.inner, items;
  j->over_inner = slab > ITEM && j->a.inner > 16;
  j->chunks = 1;
  if (j->over_inner) {
    j->step = ITEM / j->a.n < 16 ? 16 : ITEM / j->a.n;
    j->chunks = (j->a.inner + j->step - 1) / j->step;
    items = j->a.outer * j->chunks;
    slab = j->a.n;
  } else {
    if (slab < 1) slab = 1;
    j->step = ITEM / slab < 1 ? 1 : ITEM / slab;
    items = (j->a.outer + j->step - 1) / j->step;
  }
  return nl__parallel_for(C, items, (double)(j->step * slab) * 2,
                          softmax_item, j);
}

/* logsumexp from the maxima and the logarithms of the sums */
static void add_max (const softmax_job *j, void *out) {
  int64_t n = j->a.outer * j->a.inner;
  for (int64_t i = 0; i < n; i++) {
    if (j->f64)
      ((double *)out)[i] = ((double *)j->top)[i] + ((double *)j->sum_of)[i];
    else
      ((float *)out)[i] = ((float *)j->top)[i] + ((float *)j->sum_of)[i];
  }
}

static nl_status softmax_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  if (softmax_shape(C, e, &a) != NL_OK) return C->status;
  nl_value *x = nl__dense(C, e->in[0]);
  if (x == NULL) return C->status;
  nl_value *r = nl__value_alloc(C, a.dtype, false, a.ndim, a.shape, true);
  if (r == NULL) return C->status;
  e->out[0] = r;
  if (r->numel == 0) return NL_OK;
  bool sum = e->prim == &nl_prim_logsumexp;
  const nl_kernels *k = C->k;
  softmax_job j = {.a = nl__along(x->ndim, x->shape, (int)e->p[DIM]),
                   .exp = k->map[NL_MAP_exp][a.dtype],
                   .log = k->map[NL_MAP_log][a.dtype],
                   .div = k->map[NL_MAP_div][a.dtype],
                   .max = k->reduce[NL_RED_MAX][a.dtype],
                   .sum = k->reduce[NL_RED_SUM][a.dtype],
                   .f64 = a.dtype == NL_F64, .keep_max = !sum,
                   .logs = e->prim == &nl_prim_log_softmax,
                   .x = nl__bytes_at(x), .work = r->buf->data};
  size_t elem = nl_dtype_size(a.dtype);
  size_t each = (size_t)(j.a.outer * j.a.inner) * elem;
  size_t work = sum ? (size_t)x->numel * elem : 0;
  char *scratch = (char *)nl__alloc(C, 2 * each + work);
  if (scratch == NULL) return C->status;
  j.top = scratch;
  j.sum_of = scratch + each;
  if (sum) j.work = scratch + 2 * each;
  nl_status st = softmax_run(C, &j);
  if (sum && st == NL_OK) add_max(&j, r->buf->data);
  nl__free(C, scratch, 2 * each + work);
  return st;
}

/* ---- fronts ---- */

static nl_value *along (nl_ctx *C, const nl_prim *prim, nl_value *x,
                        int64_t dim) {
  x = nl__as_float(C, x);
  return x == NULL ? NULL : nl_bind1(C, prim, 1, &x, NP, &dim);
}

nl_value *nl_softmax (nl_ctx *C, nl_value *x, int dim) {
  return along(C, &nl_prim_softmax, x, dim);
}

nl_value *nl_log_softmax (nl_ctx *C, nl_value *x, int dim) {
  return along(C, &nl_prim_log_softmax, x, dim);
}

/* Several dims become one at the end. */
nl_value *nl_logsumexp (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim) {
  int dims[NL_MAX_NDIM], kept = 0, all = 0;
  int64_t shape[NL_MAX_NDIM], keep[NL_MAX_NDIM], n = 1;
  if (x == NULL) return NULL;
  for (int i = 0; i < x->ndim; i++) {
    if (mask >> i & 1) {
      n *= x->shape[i];
      if (keepdim) keep[all++] = 1;
    } else {
      dims[kept] = i;
      shape[kept++] = x->shape[i];
      keep[all++] = x->shape[i];
    }
  }
  for (int i = 0, m = kept; i < x->ndim; i++)
    if (mask >> i & 1) dims[m++] = i;
  shape[kept] = n;
  x = nl_reshape(C, nl_permute(C, x, dims), kept + 1, shape);
  return nl_reshape(C, along(C, &nl_prim_logsumexp, x, kept), all, keep);
}

/* ---- derivatives ---- */

static nl_value *row_sum (nl_ctx *C, const nl_eqn *e, nl_value *v) {
  return nl_sum(C, v, 1u << e->p[DIM], true);
}

/* The Jacobian is symmetric: y (t - sum(y t)) is jvp and vjp. */
static nl_value *softmax_slope (nl_ctx *C, const nl_eqn *e, nl_value *t) {
  nl_value *y = e->out[0];
  return nl_mul(C, y, nl_sub(C, t, row_sum(C, e, nl_mul(C, y, t))));
}

static nl_status softmax_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                              nl_value **ct_in) {
  ct_in[0] = softmax_slope(C, e, ct[0]);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status softmax_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                              nl_value **t_out) {
  t_out[0] = softmax_slope(C, e, t[0]);
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_status log_softmax_vjp (nl_ctx *C, const nl_eqn *e,
                                  nl_value *const *ct, nl_value **ct_in) {
  nl_value *s = row_sum(C, e, ct[0]);
  ct_in[0] = nl_sub(C, ct[0], nl_mul(C, nl_exp(C, e->out[0]), s));
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status log_softmax_jvp (nl_ctx *C, const nl_eqn *e,
                                  nl_value *const *t, nl_value **t_out) {
  nl_value *p = nl_exp(C, e->out[0]);
  t_out[0] = nl_sub(C, t[0], row_sum(C, e, nl_mul(C, p, t[0])));
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_value *soft (nl_ctx *C, const nl_eqn *e) {
  return along(C, &nl_prim_softmax, e->in[0], e->p[DIM]);
}

static nl_status lse_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                          nl_value **ct_in) {
  ct_in[0] = nl_mul(C, soft(C, e), ct[0]);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status lse_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                          nl_value **t_out) {
  t_out[0] = row_sum(C, e, nl_mul(C, soft(C, e), t[0]));
  return t_out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_softmax = {
    .name = "softmax", .nin = 1, .nout = 1, .flags = NL_SAVE_OUT,
    .shape = softmax_shape, .eval = softmax_eval, .vjp = softmax_vjp,
    .jvp = softmax_jvp, .batch = nl__batch_along};
const nl_prim nl_prim_log_softmax = {
    .name = "log_softmax", .nin = 1, .nout = 1, .flags = NL_SAVE_OUT,
    .shape = softmax_shape, .eval = softmax_eval, .vjp = log_softmax_vjp,
    .jvp = log_softmax_jvp, .batch = nl__batch_along};
const nl_prim nl_prim_logsumexp = {
    .name = "logsumexp", .nin = 1, .nout = 1, .flags = NL_SAVE_IN,
    .shape = softmax_shape, .eval = softmax_eval, .vjp = lse_vjp,
    .jvp = lse_jvp, .batch = nl__batch_along};
