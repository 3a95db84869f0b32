/* lagrangian.c: Lagrangians l(beta x) / beta, sums of a convex function over
 * elements or over the vectors of the last dim, and their gradients, from one
 * pass.
 *
 *   lagrangian(x, beta)       the value; where a gradient is recorded it
 *                             computes as one of the next two, and keeps what
 *                             they give beside the value
 *   lagrangian_both(x, beta)  the value and the gradient, of x's shape
 *   lagrangian_all(x, beta)   those and the derivative in beta, of its shape
 *
 * The first LEAD dims of x and beta are kept: a value for each.  beta has
 * these dims alone, or one more, for the units of x's last dim, each with a
 * value of its own; not where the vectors are of the last dim.  Terms are
 * summed in the kernels' fixed tree, so that with one beta the bits are those
 * of a sum of all terms, whatever the threads.
 *
 * With z = beta x, a = l'(z) and J = l''(z), which for vectors is a symmetric
 * matrix: d value / d beta = sum (z a - l) / beta^2 =: s; d a / d x = beta J,
 * d a / d beta = J x, d s / d x = J x, d s / d beta = (sum x J x - 2 s) / beta.
 * So all that flows back or forth is made of J applied once. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/along.h"
#include "ops/ops.h"

enum { KIND, POWER, LEAD, NP };

static const char *const kinds[] = {"sigmoid", "tanh", "exp", "rexp",
                                    "repu",    "softmax", "ghostmax"};
#define NKINDS (int64_t)(sizeof kinds / sizeof *kinds)

static bool by_rows (const nl_eqn *e) { return e->p[KIND] >= NL_LAG_SOFTMAX; }

/* Has each unit a beta? */
static bool by_units (const nl_eqn *e) { return e->in[1]->ndim > e->p[LEAD]; }

static nl_status shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0], *beta = e->in[1];
  char text[NL_SHAPE_TEXT], other[NL_SHAPE_TEXT];
  int lead = (int)e->p[LEAD];
  if (!nl_dtype_is_float((nl_dtype)x->dtype))
    return nl_error(C, NL_ERROR, "lagrangian: not defined for %s",
                    nl_dtype_name((nl_dtype)x->dtype));
  if (x->ndim < lead + by_rows(e) ||
      (by_rows(e) && x->shape[x->ndim - 1] == 0))
    return nl_error(C, NL_ERROR,
                    "lagrangian: %s is of vectors along the last dimension, "
                    "got %s",
                    kinds[e->p[KIND]], nl__value_text(text, x));
  bool fits = beta->dtype == x->dtype && beta->ndim >= lead &&
              beta->ndim <= lead + !by_rows(e);
  for (int i = 0; fits && i < lead; i++) fits = beta->shape[i] == x->shape[i];
  if (fits && beta->ndim > lead)
    fits = x->ndim > lead && beta->shape[lead] == x->shape[x->ndim - 1];
  if (!fits)
    return nl_error(C, NL_ERROR,
                    "lagrangian: beta: a number, or one for each unit of the "
                    "last dimension expected, got %s for %s",
                    nl__value_text(other, beta), nl__value_text(text, x));
  nl__aval(beta, &out[0]);
  out[0].weak = false;
  if (e->nout > 1) {
    nl__aval(x, &out[1]);
    out[1].weak = false;
  }
  if (e->nout > 2) out[2] = out[0];
  return NL_OK;
}

/* ---- eval: x as (lead, rows, units); parts of it are items ---- */

typedef struct lagrangian_job {
  const nl_kernels *k;
  nl_dtype d;
  size_t elem;
  int kind, power;
  bool units;
  int64_t n, unit; /* elements of a lead; of a part: a block, a vector, rows */
  int64_t parts, each, all; /* of a lead; of an item; in all */
  int64_t width;            /* sums of a part */
  const char *x, *beta;
  char *act, *sum, *slope; /* act and slope may be NULL */
} lagrangian_job;

/* elements [first, first + n) of a lead into sums `to` and `slope` */
static void one_part (const lagrangian_job *j, int64_t n, const char *x,
                      const char *beta, char *to, char *act, char *slope) {
  _Alignas(64) double term[NL_RED_BLOCK], second[NL_RED_BLOCK];
  if (j->units) {
    int64_t w = j->width;
    size_t bytes = (size_t)w * j->elem;
    memset(to, 0, bytes);
    if (slope != NULL) memset(slope, 0, bytes);
    for (int64_t i = 0; i < n; i += w) {
      size_t by = (size_t)i * j->elem;
      j->k->lagrangian[j->d](j->kind, j->power, w, x + by, beta, true, to,
                             act != NULL ? act + by : NULL, slope);
    }
  } else if (j->kind >= NL_LAG_SOFTMAX || j->kind == NL_LAG_EXP) {
    j->k->lagrangian_row[j->d](j->kind, n, x, beta, to, act, slope);
  } else {
    j->k->lagrangian[j->d](j->kind, j->power, n, x, beta, false, term, act,
                           slope != NULL ? second : NULL);
    j->k->reduce_blocks[NL_RED_SUM][j->d](n, 0, 1, term, to);
    if (slope != NULL)
      j->k->reduce_blocks[NL_RED_SUM][j->d](n, 0, 1, second, slope);
  }
}

static void item (void *ud, int64_t at) {
  const lagrangian_job *j = (const lagrangian_job *)ud;
  int64_t end = (at + 1) * j->each < j->all ? (at + 1) * j->each : j->all;
  for (int64_t u = at * j->each; u < end; u++) {
    int64_t lead = u / j->parts, first = u % j->parts * j->unit;
    int64_t n = j->n - first < j->unit ? j->n - first : j->unit;
    size_t by = (size_t)(lead * j->n + first) * j->elem;
    size_t to = (size_t)(u * j->width) * j->elem;
    size_t b = (size_t)(lead * j->width) * j->elem;
    one_part(j, n, j->x + by, j->beta + b, j->sum + to,
             j->act != NULL ? j->act + by : NULL,
             j->slope != NULL ? j->slope + to : NULL);
  }
}

static void divide (nl_dtype d, int64_t n, void *v, const void *beta) {
  for (int64_t i = 0; i < n; i++)
    if (d == NL_F64)
      ((double *)v)[i] /= ((const double *)beta)[i];
    else
      ((float *)v)[i] /= ((const float *)beta)[i];
}

static void cut (lagrangian_job *j, const nl_eqn *e, const nl_value *x,
                 int64_t leads) {
  j->units = by_units(e);
  j->n = x->numel / leads;
  j->width = j->units ? x->shape[x->ndim - 1] : 1;
  j->unit = by_rows(e) ? x->shape[x->ndim - 1] : NL_RED_BLOCK;
  if (j->units) { /* some rows: 32, or more where they are short */
    int64_t rows = NL_RED_BLOCK / j->width;
    j->unit = (rows < 32 ? 32 : rows) * j->width;
  }
  j->parts = (j->n + j->unit - 1) / j->unit;
  j->all = leads * j->parts;
  int64_t size = j->unit < j->n ? j->unit : j->n;
  j->each = size < NL_RED_BLOCK ? NL_RED_BLOCK / size : 1;
}

static nl_status eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a[3];
  nl_value *in[2];
  if (shape(C, e, a) != NL_OK) return C->status;
  for (int i = 0; i < 2; i++)
    if ((in[i] = nl__dense(C, e->in[i])) == NULL) return C->status;
  for (int i = 0; i < e->nout; i++) {
    e->out[i] = nl__value_alloc(C, a[i].dtype, false, a[i].ndim, a[i].shape,
                                true);
    if (e->out[i] == NULL) return C->status;
  }
  nl_value *x = in[0];
  lagrangian_job j = {.k = C->k, .d = (nl_dtype)x->dtype,
                      .elem = nl_dtype_size((nl_dtype)x->dtype),
                      .kind = (int)e->p[KIND], .power = (int)e->p[POWER],
                      .x = nl__bytes_at(x), .beta = nl__bytes_at(in[1])};
  int64_t sums = e->out[0]->numel;
  void *to[2] = {e->out[0]->buf->data,
                 e->nout > 2 ? e->out[2]->buf->data : NULL};
  if (x->numel == 0) {
    for (int i = 0; i < 2 && to[i] != NULL; i++)
      memset(to[i], 0, (size_t)sums * j.elem);
    return NL_OK;
  }
  int64_t leads = by_units(e) ? sums / x->shape[x->ndim - 1] : sums;
  cut(&j, e, x, leads);
  j.act = e->nout > 1 ? (char *)e->out[1]->buf->data : NULL;
  size_t bytes = j.parts > 1 ? (size_t)(j.all * j.width) * j.elem : 0;
  size_t both = to[1] != NULL ? 2 * bytes : bytes;
  char *part = both > 0 ? (char *)nl__alloc(C, both) : NULL;
  if (both > 0 && part == NULL) return C->status;
  j.sum = part != NULL ? part : (char *)to[0];
  if (to[1] != NULL) j.slope = part != NULL ? part + bytes : (char *)to[1];
  double size = (double)(j.unit < j.n ? j.unit : j.n);
  nl_status st = nl__parallel_for(C, (j.all + j.each - 1) / j.each,
                                  size * (double)j.each, item, &j);
  for (int i = 0; i < 2 && to[i] != NULL && st == NL_OK; i++) {
    if (part == NULL) break;
    C->k->reduce[NL_RED_SUM][j.d](leads, j.parts, j.width, 0, leads, 0,
                                  j.width, part + (i == 0 ? 0 : bytes),
                                  to[i]);
  }
  divide(j.d, sums, to[0], j.beta);
  if (part != NULL) nl__free(C, part, both);
  return st;
}

/* ---- derivatives ---- */

/* v of beta's shape, for all of x's elements */
static nl_value *spread (nl_ctx *C, nl_value *v, const nl_value *x,
                         bool units) {
  int64_t one[NL_MAX_NDIM];
  if (v == NULL) return NULL;
  int lead = v->ndim - units;
  for (int i = 0; i < x->ndim; i++) one[i] = i < lead ? v->shape[i] : 1;
  if (units) one[x->ndim - 1] = v->shape[lead];
  return nl_broadcast_to(C, nl_reshape(C, v, x->ndim, one), x->ndim, x->shape);
}

/* v of x's shape, summed to beta's */
static nl_value *gather (nl_ctx *C, nl_value *v, const nl_eqn *e) {
  if (v == NULL) return NULL;
  uint32_t mask = ((1u << v->ndim) - 1) & ~((1u << e->p[LEAD]) - 1);
  if (by_units(e)) mask &= ~(1u << (v->ndim - 1));
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

/* v, of x's shape, times u, of beta's */
static nl_value *times (nl_ctx *C, const nl_eqn *e, nl_value *u, nl_value *v) {
  if (u == NULL || is_one(u)) return v;
  return nl_mul(C, spread(C, u, e->in[0], by_units(e)), v);
}

static nl_value *plus (nl_ctx *C, nl_value *a, nl_value *b) {
  if (a == NULL) return b;
  return b == NULL ? a : nl_add(C, a, b);
}

static nl_value *number (nl_ctx *C, double v) { return nl_number(C, v); }

/* J v, from z and its gradient a; of saturated sigmoids and tangents 1 - a
   would be rounding alone. */
static nl_value *turn (nl_ctx *C, const nl_eqn *e, nl_value *a, nl_value *v) {
  nl_value *z = times(C, e, e->in[1], e->in[0]), *zero = number(C, 0);
  int64_t k = e->p[POWER];
  switch (e->p[KIND]) {
  case NL_LAG_SIGMOID:
    return nl_mul(C, v, nl_mul(C, a, nl_unary(C, "sigmoid", nl_neg(C, z))));
  case NL_LAG_TANH: {
    nl_value *two = nl_mul(C, z, number(C, 2));
    nl_value *s = nl_mul(C, nl_unary(C, "sigmoid", two),
                         nl_unary(C, "sigmoid", nl_neg(C, two)));
    return nl_mul(C, v, nl_mul(C, number(C, 4), s));
  }
  case NL_LAG_EXP:
    return nl_mul(C, v, a);
  case NL_LAG_REXP: {
    nl_value *up = nl_cast(C, nl_gt(C, z, zero), nl_dtype_of(z));
    return nl_mul(C, v, nl_mul(C, up, nl_add(C, a, number(C, 1))));
  }
  case NL_LAG_REPU: {
    nl_value *y = nl_unary(C, "relu", z);
    nl_value *d = nl_cast(C, nl_gt(C, z, zero), nl_dtype_of(z));
    for (int64_t i = 2; i < k; i++) d = nl_mul(C, d, y);
    return nl_mul(C, v, k > 2 ? nl_mul(C, number(C, (double)(k - 1)), d) : d);
  }
  default: { /* of vectors: a (v - sum a v) */
    nl_value *av = nl_mul(C, a, v);
    nl_value *sum = nl_sum(C, av, 1u << (z->ndim - 1), true);
    return nl_sub(C, av, nl_mul(C, a, sum));
  }
  }
}

static nl_status bind_as (nl_ctx *C, const nl_eqn *e, const nl_prim *prim,
                          nl_value **out) {
  return nl_bind(C, prim, 2, e->in, NP, e->p, NULL, out);
}

/* d value / d beta */
static nl_value *slope_of (nl_ctx *C, const nl_eqn *e) {
  nl_value *out[3];
  if (e->nout > 2) return e->out[2];
  return bind_as(C, e, &nl_prim_lagrangian_all, out) == NL_OK ? out[2] : NULL;
}

/* 2 s v / beta, what d s / d beta has beside sum x J x / beta */
static nl_value *twice (nl_ctx *C, const nl_eqn *e, nl_value *s, nl_value *v) {
  return nl_mul(C, v, nl_div(C, nl_mul(C, number(C, 2), s), e->in[1]));
}

static nl_status both_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  nl_value *x = e->in[0], *beta = e->in[1], *a = e->out[1], *w = NULL;
  nl_value *third = e->nout > 2 ? ct[2] : NULL;
  if (ct[1] != NULL) w = times(C, e, beta, ct[1]);
  if (third != NULL) w = plus(C, w, times(C, e, third, x));
  if (w != NULL) w = turn(C, e, a, w);
  if (e->need[0])
    ct_in[0] = plus(C, ct[0] != NULL ? times(C, e, ct[0], a) : NULL, w);
  if (!e->need[1]) return C->status;
  nl_value *d = NULL;
  if (w != NULL) d = nl_div(C, gather(C, nl_mul(C, x, w), e), beta);
  if (ct[0] != NULL) d = plus(C, d, nl_mul(C, ct[0], slope_of(C, e)));
  if (third != NULL) d = nl_sub(C, d, twice(C, e, slope_of(C, e), third));
  ct_in[1] = d;
  return C->status;
}

/* of the value: sum a tx + s tb */
static nl_value *push (nl_ctx *C, const nl_eqn *e, nl_value *a, nl_value *tx,
                       nl_value *tb, nl_value *s) {
  nl_value *t = NULL;
  if (tx != NULL) t = gather(C, nl_mul(C, a, tx), e);
  return tb == NULL ? t : plus(C, t, nl_mul(C, s, tb));
}

static nl_status both_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  nl_value *x = e->in[0], *beta = e->in[1], *a = e->out[1], *u = NULL;
  nl_value *s = t[1] != NULL ? slope_of(C, e) : NULL;
  if (t[0] != NULL) u = times(C, e, beta, t[0]);
  if (t[1] != NULL) u = plus(C, u, times(C, e, t[1], x));
  t_out[0] = push(C, e, a, t[0], t[1], s);
  t_out[1] = turn(C, e, a, u);
  if (e->nout < 3) return C->status;
  t_out[2] = nl_div(C, gather(C, nl_mul(C, x, t_out[1]), e), beta);
  if (t[1] != NULL) t_out[2] = nl_sub(C, t_out[2], twice(C, e, s, t[1]));
  return C->status;
}

static nl_status value_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  nl_value *out[3] = {NULL, NULL, NULL};
  const nl_prim *prim = t[1] != NULL ? &nl_prim_lagrangian_all
                                     : &nl_prim_lagrangian_both;
  if (bind_as(C, e, prim, out) != NL_OK) return C->status;
  e->out[0] = out[0];
  t_out[0] = push(C, e, out[1], t[0], t[1], out[2]);
  return C->status;
}

/* Saved are the gradient in x and that in beta, or the one that is needed. */
static nl_status pull (nl_ctx *C, const nl_eqn *e, nl_value *ct, bool units,
                       nl_value **ct_in) {
  int at = 0;
  if (ct == NULL) return NL_OK;
  if (e->need[0]) {
    nl_value *a = e->in[at++];
    ct_in[0] = is_one(ct) ? a : nl_mul(C, spread(C, ct, a, units), a);
  }
  if (e->need[1]) ct_in[1] = nl_mul(C, ct, e->in[at]);
  return C->status;
}

static nl_status pull_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  return pull(C, e, ct[0], false, ct_in);
}

static nl_status pull_units_vjp (nl_ctx *C, const nl_eqn *e,
                                 nl_value *const *ct, nl_value **ct_in) {
  return pull(C, e, ct[0], true, ct_in);
}

static const nl_prim pull_prim = {.name = "lagrangian's pullback", .nin = 1,
                                  .nout = 1, .flags = NL_SAVE_IN,
                                  .vjp = pull_vjp};
static const nl_prim pull_units_prim = {.name = "lagrangian's pullback",
                                        .nin = 1, .nout = 1,
                                        .flags = NL_SAVE_IN,
                                        .vjp = pull_units_vjp};

/* Where a gradient is recorded all comes from one pass. */
static nl_status value_partial (nl_ctx *C, nl_eqn *e, nl_partial *p) {
  nl_value *out[3];
  const nl_prim *prim = e->need[1] ? &nl_prim_lagrangian_all
                                   : &nl_prim_lagrangian_both;
  if (bind_as(C, e, prim, out) != NL_OK) return C->status;
  p->nsaved = e->need[0] + e->need[1];
  p->saved = (nl_value **)nl__alloc(C, (size_t)p->nsaved * sizeof *p->saved);
  if (p->saved == NULL) return C->status;
  if (e->need[0]) p->saved[0] = nl_retain(out[1]);
  if (e->need[1]) p->saved[p->nsaved - 1] = nl_retain(out[2]);
  p->prim = by_units(e) ? &pull_units_prim : &pull_prim;
  e->out[0] = out[0];
  return NL_OK;
}

static nl_status batch (nl_ctx *C, nl_eqn *e, const bool *batched, int64_t n,
                        bool *batched_out) {
  int64_t p[NP];
  if (nl__batch_all(C, e, batched, n) != NL_OK) return C->status;
  memcpy(p, e->p, sizeof p);
  p[LEAD]++;
  for (int i = 0; i < e->nout; i++) batched_out[i] = true;
  return nl_bind(C, e->prim, 2, e->in, NP, p, NULL, e->out);
}

const nl_prim nl_prim_lagrangian = {
    .name = "lagrangian", .nin = 2, .nout = 1, .flags = NL_JVP_WHOLE,
    .shape = shape, .eval = eval, .jvp = value_jvp, .batch = batch,
    .partial = value_partial};
const nl_prim nl_prim_lagrangian_both = {
    .name = "lagrangian_both", .nin = 2, .nout = 2,
    .flags = NL_SAVE_IN | NL_SAVE_OUT, .shape = shape, .eval = eval,
    .vjp = both_vjp, .jvp = both_jvp, .batch = batch};
const nl_prim nl_prim_lagrangian_all = {
    .name = "lagrangian_all", .nin = 2, .nout = 3,
    .flags = NL_SAVE_IN | NL_SAVE_OUT, .shape = shape, .eval = eval,
    .vjp = both_vjp, .jvp = both_jvp, .batch = batch};

/* ---- front ---- */

nl_value *nl_lagrangian (nl_ctx *C, nl_value *x, nl_value *beta,
                         const char *kind, int power, nl_value **gradient) {
  nl_value *out[2];
  int64_t p[NP] = {0, power, 0};
  if (x == NULL || beta == NULL || (x = nl__as_float(C, x)) == NULL)
    return NULL;
  while (p[KIND] < NKINDS && strcmp(kinds[p[KIND]], kind) != 0) p[KIND]++;
  if (p[KIND] == NKINDS || (p[KIND] == NL_LAG_REPU && power < 2)) {
    nl_error(C, NL_ERROR, "lagrangian: no kind %s of power %d", kind, power);
    return NULL;
  }
  if (beta->dtype == NL_F64 && !beta->weak) x = nl_cast(C, x, NL_F64);
  if (x == NULL) return NULL;
  beta = nl__cast_to(C, beta, (nl_dtype)x->dtype, false);
  if (beta == NULL) return NULL;
  beta = nl_reshape(C, beta, beta->numel == 1 ? 0 : 1, &beta->numel);
  const nl_prim *prim = gradient ? &nl_prim_lagrangian_both
                                 : &nl_prim_lagrangian;
  nl_value *in[2] = {x, beta};
  if (beta == NULL || nl_bind(C, prim, 2, in, NP, p, NULL, out) != NL_OK)
    return NULL;
  if (gradient != NULL) *gradient = out[1];
  return out[0];
}
