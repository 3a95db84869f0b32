/* states.c: states of noisy thresholds, whose gradient is that of the state's
 * expectation.
 *
 *   states(x, key, t1, t2, sd)     the states of x + sd noise, and the key
 *                                  after the draw
 *   density(x, g, t1, t2, sd)      g (w1 p(t1 - x) + w2 p(t2 - x)), p being
 *                                  the density of normal noise of that sd
 *
 * t1, t2 and sd are 0-d or of x's shape.  The noise is what `random` draws
 * from that key, drawn and used chunk by chunk.  d E / d x = density, so d E /
 * d t_i = -density_i and d E / d sd = sum_i density_i (t_i - x) / sd, with the
 * single terms density_i; the derivatives of density are made of density too.
 * A key with leading dims belongs to as many leading dims of x. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/along.h"
#include "ops/ops.h"

/* low state and middle state; FROM_STATE as in random.c, where bind sees it */
enum { FROM_STATE, NOISY, LOW, MIDDLE, NP };
enum { W1, W2, NW };

/* ---- shapes ---- */

static nl_status check (nl_ctx *C, const nl_eqn *e, int from) {
  const nl_value *x = e->in[0];
  for (int i = from; i < e->nin; i++) {
    const nl_value *v = e->in[i];
    if (v->dtype == x->dtype && (v->ndim == 0 || nl__same_shape(v, x)))
      continue;
    char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
    return nl_error(C, NL_ERROR, "%s: an input is %s, x is %s", e->prim->name,
                    nl__value_text(a, v), nl__value_text(b, x));
  }
  if (nl_dtype_is_float((nl_dtype)x->dtype)) return NL_OK;
  return nl_error(C, NL_ERROR, "%s: not defined for %s", e->prim->name,
                  nl_dtype_name((nl_dtype)x->dtype));
}

static nl_status states_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0], *key = e->in[1];
  if (check(C, e, 2) != NL_OK) return C->status;
  int lead = key->ndim - 1;
  bool fits = key->dtype == NL_I64 && lead >= 0 && lead <= x->ndim &&
              key->shape[lead] == 2;
  for (int i = 0; fits && i < lead; i++) fits = key->shape[i] == x->shape[i];
  if (!fits) {
    char a[NL_SHAPE_TEXT];
    return nl_error(C, NL_ERROR,
                    "states: a key is 2 int64 (random.key(seed)), got %s",
                    nl__value_text(a, key));
  }
  nl__aval(x, &out[0]);
  nl__aval(key, &out[1]);
  return NL_OK;
}

static nl_status density_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check(C, e, 1) != NL_OK) return C->status;
  nl__aval(e->in[0], out);
  return NL_OK;
}

/* ---- eval ---- */

enum { CHUNK = 1024, ITEM = 8 * CHUNK }; /* whole blocks of random words */

typedef struct states_job {
  const nl_kernels *k;
  nl_thresholds t; /* of element 0 */
  size_t elem;
  bool noisy, f64;
  uint64_t key, counter;
  int64_t first, n; /* of all elements: those that belong to the key */
  const char *x, *g;
  char *y;
} states_job;

static nl_thresholds moved (const states_job *j, int64_t at) {
  nl_thresholds t = j->t;
  size_t by = (size_t)at * j->elem;
  if (t.step1) t.t1 = (const char *)t.t1 + by;
  if (t.step2) t.t2 = (const char *)t.t2 + by;
  if (t.step_sd) t.sd = (const char *)t.sd + by;
  return t;
}

static void states_item (void *ud, int64_t item) {
  const states_job *j = (const states_job *)ud;
  _Alignas(64) double noise[CHUNK];
  nl_dtype d = j->f64 ? NL_F64 : NL_F32;
  for (int64_t at = item * ITEM; at < (item + 1) * ITEM && at < j->n;
       at += CHUNK) {
    int64_t n = j->n - at < CHUNK ? j->n - at : CHUNK, i = j->first + at;
    uint64_t counter = j->counter + (uint64_t)(j->f64 ? at / 2 : at / 4);
    if (j->noisy && j->f64)
      j->k->random_normal_f64(j->key, counter, n, noise);
    else if (j->noisy)
      j->k->random_normal_f32(j->key, counter, n, (float *)(void *)noise);
    nl_thresholds t = moved(j, i);
    j->k->states[d](n, j->x + (size_t)i * j->elem, j->noisy ? noise : NULL, &t,
                    j->y + (size_t)i * j->elem);
  }
}

static void density_item (void *ud, int64_t item) {
  const states_job *j = (const states_job *)ud;
  int64_t at = item * ITEM, n = j->n - at < ITEM ? j->n - at : ITEM;
  nl_thresholds t = moved(j, at);
  size_t by = (size_t)at * j->elem;
  j->k->density[j->f64 ? NL_F64 : NL_F32](n, j->x + by, j->g + by, &t,
                                          j->y + by);
}

/* Dense inputs; the thresholds are the last three. */
static nl_status prepare (nl_ctx *C, nl_eqn *e, nl_value **in, states_job *j) {
  for (int i = 0; i < e->nin; i++)
    if ((in[i] = nl__dense(C, e->in[i])) == NULL) return C->status;
  const nl_value *x = in[0];
  nl_value **last = in + e->nin - 3;
  j->k = C->k;
  j->elem = nl_dtype_size((nl_dtype)x->dtype);
  j->f64 = x->dtype == NL_F64;
  j->n = x->numel;
  j->x = nl__bytes_at(x);
  j->t.t1 = nl__bytes_at(last[0]), j->t.step1 = last[0]->ndim > 0;
  j->t.t2 = nl__bytes_at(last[1]), j->t.step2 = last[1]->ndim > 0;
  j->t.sd = nl__bytes_at(last[2]), j->t.step_sd = last[2]->ndim > 0;
  e->out[0] = nl__value_alloc(C, (nl_dtype)x->dtype, false, x->ndim, x->shape,
                              true);
  if (e->out[0] == NULL) return C->status;
  j->y = (char *)e->out[0]->buf->data;
  return NL_OK;
}

static nl_status states_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a[2];
  nl_value *in[5];
  states_job j = {.noisy = e->p[NOISY], .t.low = (double)e->p[LOW],
                  .t.middle = (double)e->p[MIDDLE]};
  if (states_shape(C, e, a) != NL_OK || prepare(C, e, in, &j) != NL_OK)
    return C->status;
  e->out[1] = nl__value_alloc(C, NL_I64, false, a[1].ndim, a[1].shape, true);
  if (e->out[1] == NULL) return C->status;
  const int64_t *k = (const int64_t *)(const void *)nl__bytes_at(in[1]);
  int64_t *after = (int64_t *)e->out[1]->buf->data, keys = in[1]->numel / 2;
  if (keys > 0) j.n = in[0]->numel / keys;
  int64_t blocks = !j.noisy ? 0 : j.f64 ? (j.n + 1) / 2 : (j.n + 3) / 4;
  for (int64_t i = 0; i < keys; i++) {
    j.key = (uint64_t)k[2 * i];
    j.counter = (uint64_t)k[2 * i + 1];
    j.first = i * j.n;
    nl_status st = nl__parallel_for(C, (j.n + ITEM - 1) / ITEM,
                                    ITEM * (j.noisy ? 2.5 : 0.5), states_item,
                                    &j);
    if (st != NL_OK) return st;
    after[2 * i] = k[2 * i];
    after[2 * i + 1] = (int64_t)(j.counter + (uint64_t)blocks);
  }
  return NL_OK;
}

static nl_status density_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  nl_value *in[5];
  states_job j = {.t.weight1 = (double)e->p[W1],
                  .t.weight2 = (double)e->p[W2]};
  if (density_shape(C, e, &a) != NL_OK || prepare(C, e, in, &j) != NL_OK)
    return C->status;
  j.g = nl__bytes_at(in[1]);
  return nl__parallel_for(C, (j.n + ITEM - 1) / ITEM, ITEM * 1.0, density_item,
                          &j);
}

/* ---- derivatives ---- */

typedef struct unit { /* what the derivatives are made of */
  nl_value *x, *t[2], *sd;
  int64_t w[2];
} unit;

/* The weights are the heights of the two steps. */
static unit unit_of (const nl_eqn *e) {
  unit u = {e->in[0], {e->in[2], e->in[3]}, e->in[4], {0, 0}};
  if (e->prim == &nl_prim_density) {
    u.w[0] = e->p[W1], u.w[1] = e->p[W2];
  } else {
    u.w[0] = e->p[MIDDLE] - e->p[LOW];
    u.w[1] = 1 - e->p[MIDDLE];
  }
  return u;
}

static nl_value *both (nl_ctx *C, const unit *u, nl_value *g, int64_t w1,
                       int64_t w2) {
  nl_value *in[5] = {u->x, g, u->t[0], u->t[1], u->sd};
  int64_t p[NW] = {w1, w2};
  if (g == NULL) return NULL;
  return nl_bind1(C, &nl_prim_density, 5, in, NW, p);
}

/* Term i alone, times g; NULL where it has no weight. */
static nl_value *term (nl_ctx *C, const unit *u, nl_value *g, int i) {
  if (u->w[i] == 0) return NULL;
  return both(C, u, g, i == 0 ? u->w[0] : 0, i == 1 ? u->w[1] : 0);
}

static nl_value *plus (nl_ctx *C, nl_value *a, nl_value *b) {
  if (a == NULL) return b;
  return b == NULL ? a : nl_add(C, a, b);
}

static nl_value *less (nl_ctx *C, nl_value *a) {
  return a == NULL ? NULL : nl_neg(C, a);
}

/* v of x's shape, summed to that of `like`; and the other way round */
static nl_value *sum_to (nl_ctx *C, nl_value *v, const nl_value *like) {
  if (v == NULL || v->ndim == like->ndim) return v;
  return nl_sum(C, v, (1u << v->ndim) - 1, false);
}

static nl_value *spread (nl_ctx *C, nl_value *v, const nl_value *x) {
  return v == NULL ? NULL : nl_broadcast_to(C, v, x->ndim, x->shape);
}

/* (t_i - x) / sd */
static nl_value *distance (nl_ctx *C, const unit *u, int i) {
  return nl_div(C, nl_sub(C, u->t[i], u->x), u->sd);
}

/* sum_i of term_i times z_i, with g: d E / d sd */
static nl_value *by_sd (nl_ctx *C, const unit *u, nl_value *g) {
  nl_value *sum = NULL;
  for (int i = 0; i < 2; i++) {
    nl_value *v = term(C, u, g, i);
    if (v != NULL) sum = plus(C, sum, nl_mul(C, v, distance(C, u, i)));
  }
  return sum;
}

static nl_status states_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  unit u = unit_of(e);
  if (ct[0] == NULL) return NL_OK;
  if (e->need[0]) ct_in[0] = both(C, &u, ct[0], u.w[0], u.w[1]);
  for (int i = 0; i < 2; i++)
    if (e->need[2 + i])
      ct_in[2 + i] = less(C, sum_to(C, term(C, &u, ct[0], i), u.t[i]));
  if (e->need[4]) ct_in[4] = sum_to(C, by_sd(C, &u, ct[0]), u.sd);
  return C->status;
}

static nl_status states_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                             nl_value **t_out) {
  unit u = unit_of(e);
  nl_value *sum = NULL;
  if (t[0] != NULL) sum = both(C, &u, t[0], u.w[0], u.w[1]);
  for (int i = 0; i < 2; i++)
    if (t[2 + i] != NULL)
      sum = plus(C, sum, less(C, term(C, &u, spread(C, t[2 + i], u.x), i)));
  if (t[4] != NULL) sum = plus(C, sum, by_sd(C, &u, spread(C, t[4], u.x)));
  t_out[0] = sum;
  return C->status;
}

/* With z = (t - x) / sd: d p / d x = p z / sd, d p / d sd = p (z^2 - 1) / sd.
   g is a cotangent times e's g, or a tangent. */
static nl_value *slope_x (nl_ctx *C, const unit *u, nl_value *g, int i) {
  nl_value *v = term(C, u, g, i);
  return v == NULL ? NULL
                   : nl_div(C, nl_mul(C, v, distance(C, u, i)), u->sd);
}

static nl_value *slope_sd (nl_ctx *C, const unit *u, nl_value *g, int i) {
  nl_value *v = term(C, u, g, i), *z = distance(C, u, i);
  if (v == NULL || z == NULL) return NULL;
  z = nl_sub(C, nl_mul(C, z, z), nl_number(C, 1));
  return nl_div(C, nl_mul(C, v, z), u->sd);
}

static nl_status density_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                              nl_value **ct_in) {
  unit u = unit_of(e);
  if (ct[0] == NULL) return NL_OK;
  nl_value *g = nl_mul(C, ct[0], e->in[1]);
  if (e->need[1]) ct_in[1] = both(C, &u, ct[0], u.w[0], u.w[1]);
  for (int i = 0; i < 2; i++) {
    nl_value *d = e->need[0] || e->need[2 + i] ? slope_x(C, &u, g, i) : NULL;
    if (e->need[0]) ct_in[0] = plus(C, ct_in[0], d);
    if (e->need[2 + i]) ct_in[2 + i] = less(C, sum_to(C, d, u.t[i]));
    if (e->need[4])
      ct_in[4] = plus(C, ct_in[4], sum_to(C, slope_sd(C, &u, g, i), u.sd));
  }
  return C->status;
}

static nl_status density_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                              nl_value **t_out) {
  unit u = unit_of(e);
  nl_value *sum = NULL, *g = e->in[1];
  if (t[1] != NULL) sum = both(C, &u, t[1], u.w[0], u.w[1]);
  for (int i = 0; i < 2; i++) {
    nl_value *dx = plus(C, t[0], less(C, spread(C, t[2 + i], u.x)));
    if (dx != NULL)
      sum = plus(C, sum, slope_x(C, &u, nl_mul(C, g, dx), i));
    if (t[4] != NULL)
      sum = plus(C, sum, slope_sd(C, &u, nl_mul(C, g, t[4]), i));
  }
  t_out[0] = sum;
  return C->status;
}

/* ---- batch ---- */

/* Input i with the batch axis, like x of shape s; a number may stay one. */
static nl_value *with_axis (nl_ctx *C, nl_value *v, bool batched, bool number,
                            int ndim, const int64_t *s) {
  if (batched && v->ndim == 1 && ndim > 1) { /* a number for each example */
    int64_t one[NL_MAX_NDIM];
    for (int i = 0; i < ndim; i++) one[i] = i == 0 ? s[0] : 1;
    v = nl_reshape(C, v, ndim, one);
  } else if (!batched && v->ndim == 0 && number) {
    return v;
  }
  return v == NULL ? NULL : nl_broadcast_to(C, v, ndim, s);
}

static nl_status states_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  nl_value *in[5], *key = e->in[1];
  const nl_value *x = e->in[0];
  bool draws = e->prim == &nl_prim_states;
  int64_t s[NL_MAX_NDIM] = {n}, k[NL_MAX_NDIM] = {n};
  int ndim = x->ndim + !batched[0];
  if (ndim > NL_MAX_NDIM)
    return nl_error(C, NL_ERROR, "vmap: more than %d dimensions", NL_MAX_NDIM);
  memcpy(s + 1, x->shape + batched[0], (size_t)(ndim - 1) * sizeof *s);
  for (int i = 0; i < 5; i++) {
    in[i] = e->in[i];
    if (i == 1 && draws) continue;
    in[i] = with_axis(C, in[i], batched[i], i > 1, ndim, s);
    if (in[i] == NULL) return C->status;
  }
  /* one draw for all examples from the generator; a key that all share gives
     each the same */
  bool shared = draws && !batched[1] && e->p[FROM_STATE] && key->ndim == 1;
  if (draws && !batched[1] && !shared) {
    memcpy(k + 1, key->shape, (size_t)key->ndim * sizeof *k);
    in[1] = nl_broadcast_to(C, key, key->ndim + 1, k);
    if (in[1] == NULL) return C->status;
  }
  batched_out[0] = true;
  if (draws) batched_out[1] = !shared;
  return nl_bind(C, e->prim, 5, in, e->np, e->p, NULL, e->out);
}

const nl_prim nl_prim_states = {
    .name = "states", .nin = 5, .nout = 2, .flags = NL_SAVE_IN | NL_RANDOM,
    .shape = states_shape, .eval = states_eval, .vjp = states_vjp,
    .jvp = states_jvp, .batch = states_batch};
const nl_prim nl_prim_density = {
    .name = "density", .nin = 5, .nout = 1, .flags = NL_SAVE_IN,
    .shape = density_shape, .eval = density_eval, .vjp = density_vjp,
    .jvp = density_jvp, .batch = states_batch};

/* ---- front ---- */

/* x, t1, t2, sd of one dtype; what is no number has the shape of all. */
static bool align (nl_ctx *C, nl_value **v, int n) {
  if (v[0] == NULL || (v[0] = nl__as_float(C, v[0])) == NULL) return false;
  nl_dtype d = (nl_dtype)v[0]->dtype;
  for (int i = 1; i < n; i++) {
    if (v[i] == NULL) return false;
    if (v[i]->dtype == NL_F64 && !v[i]->weak) d = NL_F64;
  }
  for (int i = 0; i < n; i++) {
    v[i] = nl__cast_to(C, v[i], d, false);
    if (i > 0 && v[i] != NULL && v[i]->numel == 1)
      v[i] = nl_reshape(C, v[i], 0, NULL);
    if (v[i] == NULL) return false;
    nl_value *other = v[i];
    if (v[i]->ndim > 0 &&
        !nl__broadcast_pair(C, "ternary", &v[0], &other)) return false;
  }
  for (int i = 1; i < n; i++) {
    if (v[i]->ndim == 0) continue;
    v[i] = nl_broadcast_to(C, v[i], v[0]->ndim, v[0]->shape);
    if (v[i] == NULL) return false;
  }
  return true;
}

nl_value *nl_states (nl_ctx *C, nl_value *x, nl_value *t1, nl_value *t2,
                     nl_value *sd, int middle, int low, bool noisy,
                     nl_value *key) {
  nl_value *v[4] = {x, t1, t2, sd}, *out[2];
  int64_t p[NP] = {noisy && key == NULL, noisy, low, middle};
  if (!align(C, v, 4)) return NULL;
  if (!noisy) key = nl_random_key(C, 0);
  if (p[FROM_STATE]) key = nl__storage_read(C, C->random);
  if (key == NULL) return NULL;
  if (key->ndim != 1) {
    char a[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR,
             "ternary: a key is 2 int64 (random.key(seed)), got %s",
             nl__value_text(a, key));
    return NULL;
  }
  nl_value *in[5] = {v[0], key, v[1], v[2], v[3]};
  if (nl_bind(C, &nl_prim_states, 5, in, NP, p, NULL, out) != NL_OK ||
      (p[FROM_STATE] && nl__storage_set(C, C->random, out[1]) != NL_OK))
    return NULL;
  return out[0];
}
