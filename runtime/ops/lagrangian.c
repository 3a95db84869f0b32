/* lagrangian.c: Lagrangians, sums of a convex function over elements or over
 * the vectors of the last dim, and their gradients, from one pass.
 *
 *   lagrangian(x)        the value; where a gradient is recorded it computes
 *                        as lagrangian_both and keeps the gradient
 *   lagrangian_both(x)   the value and the gradient, of x's shape
 *
 * The first LEAD dims of x are kept: a value for each.  Terms are summed in
 * the kernels' fixed tree, so that the bits are those of a sum of all terms,
 * whatever the threads. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/along.h"
#include "ops/ops.h"

enum { KIND, POWER, LEAD, NP };

static const char *const kinds[] = {"sigmoid", "tanh",    "exp",
                                    "repu",    "softmax", "ghostmax"};
#define NKINDS (int64_t)(sizeof kinds / sizeof *kinds)

static bool by_rows (const nl_eqn *e) { return e->p[KIND] >= NL_LAG_SOFTMAX; }

static nl_status shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0];
  char text[NL_SHAPE_TEXT];
  if (!nl_dtype_is_float((nl_dtype)x->dtype))
    return nl_error(C, NL_ERROR, "lagrangian: not defined for %s",
                    nl_dtype_name((nl_dtype)x->dtype));
  if (x->ndim < e->p[LEAD] + by_rows(e) ||
      (by_rows(e) && x->shape[x->ndim - 1] == 0))
    return nl_error(C, NL_ERROR,
                    "lagrangian: %s is of vectors along the last dimension, "
                    "got %s",
                    kinds[e->p[KIND]], nl__value_text(text, x));
  nl__aval(x, &out[0]);
  out[0].weak = false;
  out[0].ndim = (int)e->p[LEAD];
  if (e->nout > 1) {
    nl__aval(x, &out[1]);
    out[1].weak = false;
  }
  return NL_OK;
}

/* ---- eval: rows of units, each a block of elements or a vector ---- */

typedef struct lagrangian_job {
  const nl_kernels *k;
  nl_dtype d;
  size_t elem;
  int kind, power;
  int64_t n, unit, units; /* elements of a row and of a unit, units of a row */
  int64_t all, each;      /* units in all, and of an item */
  const char *x;
  char *act, *part; /* act may be NULL; part: a value for each unit */
} lagrangian_job;

static void item (void *ud, int64_t at) {
  const lagrangian_job *j = (const lagrangian_job *)ud;
  _Alignas(64) double term[NL_RED_BLOCK];
  int64_t end = (at + 1) * j->each;
  if (end > j->all) end = j->all;
  for (int64_t u = at * j->each; u < end; u++) {
    int64_t first = u % j->units * j->unit;
    int64_t n = j->n - first < j->unit ? j->n - first : j->unit;
    size_t by = (size_t)(u / j->units * j->n + first) * j->elem;
    char *act = j->act != NULL ? j->act + by : NULL;
    char *to = j->part + (size_t)u * j->elem;
    if (j->kind >= NL_LAG_SOFTMAX || j->kind == NL_LAG_EXP) {
      j->k->lagrangian_row[j->d](j->kind, n, j->x + by, to, act);
      continue;
    }
    j->k->lagrangian[j->d](j->kind, j->power, n, j->x + by, term, act);
    j->k->reduce_blocks[NL_RED_SUM][j->d](n, 0, 1, term, to);
  }
}

static nl_status eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a[2];
  if (shape(C, e, a) != NL_OK) return C->status;
  nl_value *x = nl__dense(C, e->in[0]);
  if (x == NULL) return C->status;
  for (int i = 0; i < e->nout; i++) {
    e->out[i] = nl__value_alloc(C, a[i].dtype, false, a[i].ndim, a[i].shape,
                                true);
    if (e->out[i] == NULL) return C->status;
  }
  lagrangian_job j = {.k = C->k, .d = (nl_dtype)x->dtype,
                      .elem = nl_dtype_size((nl_dtype)x->dtype),
                      .kind = (int)e->p[KIND], .power = (int)e->p[POWER],
                      .x = nl__bytes_at(x)};
  int64_t rows = e->out[0]->numel;
  void *sums = e->out[0]->buf->data;
  if (x->numel == 0) {
    memset(sums, 0, (size_t)rows * j.elem);
    return NL_OK;
  }
  j.n = x->numel / rows;
  j.unit = by_rows(e) ? x->shape[x->ndim - 1] : NL_RED_BLOCK;
  j.units = (j.n + j.unit - 1) / j.unit;
  j.all = rows * j.units;
  int64_t size = j.unit < j.n ? j.unit : j.n;
  j.each = size < NL_RED_BLOCK ? NL_RED_BLOCK / size : 1;
  j.act = e->nout > 1 ? (char *)e->out[1]->buf->data : NULL;
  size_t bytes = j.units > 1 ? (size_t)j.all * j.elem : 0;
  char *part = bytes > 0 ? (char *)nl__alloc(C, bytes) : NULL;
  if (bytes > 0 && part == NULL) return C->status;
  j.part = part != NULL ? part : (char *)sums;
  nl_status st = nl__parallel_for(C, (j.all + j.each - 1) / j.each,
                                  (double)(size * j.each), item, &j);
  if (part != NULL && st == NL_OK)
    C->k->reduce[NL_RED_SUM][j.d](rows, j.units, 1, 0, rows, 0, 1, part, sums);
  if (part != NULL) nl__free(C, part, bytes);
  return st;
}

/* ---- derivatives ---- */

/* v with a value for each of the kept dims, for all of x's elements */
static nl_value *spread (nl_ctx *C, nl_value *v, const nl_value *x) {
  int64_t one[NL_MAX_NDIM];
  if (v == NULL) return NULL;
  for (int i = 0; i < x->ndim; i++) one[i] = i < v->ndim ? v->shape[i] : 1;
  return nl_broadcast_to(C, nl_reshape(C, v, x->ndim, one), x->ndim, x->shape);
}

static nl_value *gather (nl_ctx *C, nl_value *v, const nl_eqn *e) {
  if (v == NULL) return NULL;
  uint32_t mask = ((1u << v->ndim) - 1) & ~((1u << e->p[LEAD]) - 1);
  return mask == 0 ? v : nl_sum(C, v, mask, false);
}

/* A concrete 1: what it multiplies stays as it is. */
static bool is_one (const nl_value *v) {
  if (v->trace != NULL || v->numel != 1) return false;
  const void *p = nl__bytes_at(v);
  return v->dtype == NL_F32   ? *(const float *)p == 1
         : v->dtype == NL_F64 ? *(const double *)p == 1
                              : false;
}

static nl_value *times (nl_ctx *C, nl_value *ct, nl_value *act) {
  return is_one(ct) ? act : nl_mul(C, spread(C, ct, act), act);
}

/* The derivative of the gradient a, applied to v; it is symmetric. */
static nl_value *turn (nl_ctx *C, const nl_eqn *e, nl_value *a, nl_value *v) {
  nl_value *x = e->in[0], *one = nl_number(C, 1);
  int64_t k = e->p[POWER];
  switch (e->p[KIND]) {
  case NL_LAG_SIGMOID:
    return nl_mul(C, v, nl_mul(C, a, nl_unary(C, "sigmoid", nl_neg(C, x))));
  case NL_LAG_TANH:
    return nl_mul(C, v, nl_sub(C, one, nl_mul(C, a, a)));
  case NL_LAG_EXP:
    return nl_mul(C, v, a);
  case NL_LAG_REPU: {
    nl_value *y = nl_unary(C, "relu", x);
    nl_value *d = nl_cast(C, nl_gt(C, x, nl_number(C, 0)), nl_dtype_of(x));
    for (int64_t i = 2; i < k; i++) d = nl_mul(C, d, y);
    return nl_mul(C, v, k > 2 ? nl_mul(C, nl_number(C, (double)(k - 1)), d)
                              : d);
  }
  default: { /* of vectors: a (v - sum a v) */
    nl_value *av = nl_mul(C, a, v);
    nl_value *sum = nl_sum(C, av, 1u << (x->ndim - 1), true);
    return nl_sub(C, av, nl_mul(C, a, sum));
  }
  }
}

static nl_value *plus (nl_ctx *C, nl_value *a, nl_value *b) {
  if (a == NULL) return b;
  return b == NULL ? a : nl_add(C, a, b);
}

static nl_status both_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  nl_value *a = e->out[1];
  if (ct[0] != NULL) ct_in[0] = times(C, ct[0], a);
  if (ct[1] != NULL)
    ct_in[0] = plus(C, ct_in[0], turn(C, e, a, ct[1]));
  return C->status;
}

static nl_status both_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  nl_value *a = e->out[1];
  t_out[0] = gather(C, nl_mul(C, a, t[0]), e);
  t_out[1] = turn(C, e, a, t[0]);
  return C->status;
}

static nl_status value_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  nl_value *out[2];
  if (nl_bind(C, &nl_prim_lagrangian_both, 1, e->in, NP, e->p, NULL, out) !=
      NL_OK)
    return C->status;
  e->out[0] = out[0];
  t_out[0] = gather(C, nl_mul(C, out[1], t[0]), e);
  return C->status;
}

static nl_status pull_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  if (ct[0] != NULL) ct_in[0] = times(C, ct[0], e->in[0]);
  return C->status;
}

static const nl_prim pull_prim = {.name = "lagrangian's pullback", .nin = 1,
                                  .nout = 1, .flags = NL_SAVE_IN,
                                  .vjp = pull_vjp};

/* Where a gradient is recorded both come from one pass. */
static nl_status value_partial (nl_ctx *C, nl_eqn *e, nl_partial *pull) {
  nl_value *out[2];
  if (nl_bind(C, &nl_prim_lagrangian_both, 1, e->in, NP, e->p, NULL, out) !=
      NL_OK)
    return C->status;
  pull->saved = (nl_value **)nl__alloc(C, sizeof *pull->saved);
  if (pull->saved == NULL) return C->status;
  pull->saved[0] = nl_retain(out[1]);
  pull->nsaved = 1;
  pull->prim = &pull_prim;
  e->out[0] = out[0];
  return NL_OK;
}

static nl_status batch (nl_ctx *C, nl_eqn *e, const bool *batched, int64_t n,
                        bool *batched_out) {
  int64_t p[NP];
  (void)batched, (void)n;
  memcpy(p, e->p, sizeof p);
  p[LEAD]++;
  for (int i = 0; i < e->nout; i++) batched_out[i] = true;
  return nl_bind(C, e->prim, 1, e->in, NP, p, NULL, e->out);
}

const nl_prim nl_prim_lagrangian = {
    .name = "lagrangian", .nin = 1, .nout = 1, .flags = NL_JVP_WHOLE,
    .shape = shape, .eval = eval, .jvp = value_jvp, .batch = batch,
    .partial = value_partial};
const nl_prim nl_prim_lagrangian_both = {
    .name = "lagrangian_both", .nin = 1, .nout = 2,
    .flags = NL_SAVE_IN | NL_SAVE_OUT, .shape = shape, .eval = eval,
    .vjp = both_vjp, .jvp = both_jvp, .batch = batch};

/* ---- front ---- */

nl_value *nl_lagrangian (nl_ctx *C, nl_value *x, const char *kind, int power,
                         nl_value **gradient) {
  nl_value *out[2];
  int64_t p[NP] = {0, power, 0};
  if (x == NULL || (x = nl__as_float(C, x)) == NULL) return NULL;
  while (p[KIND] < NKINDS && strcmp(kinds[p[KIND]], kind) != 0) p[KIND]++;
  if (p[KIND] == NKINDS || (p[KIND] == NL_LAG_REPU && power < 2)) {
    nl_error(C, NL_ERROR, "lagrangian: no kind %s of power %d", kind, power);
    return NULL;
  }
  const nl_prim *prim = gradient ? &nl_prim_lagrangian_both
                                 : &nl_prim_lagrangian;
  if (nl_bind(C, prim, 1, &x, NP, p, NULL, out) != NL_OK) return NULL;
  if (gradient != NULL) *gradient = out[1];
  return out[0];
}
