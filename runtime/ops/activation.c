/* activation.c: kernel activation functions, phi(x) = sum_d alpha_d
 * kappa(x, c_d) with D equispaced centres.
 *
 * Three primitives are closed under differentiation, of any order k of kappa's
 * derivative in x:
 *   kaf(x, alpha, sigma)          sum_d alpha_ud kappa^(k)(x_oui, c_d)
 *   kaf_alpha(x, g, sigma)        sum_oi g_oui kappa^(k)(x_oui, c_d), its
 *                                 transpose in alpha
 *   kaf_back(x, alpha, g, sigma)  g kaf^(k+1), and kaf_alpha^(k), at once
 * with x, g (outer, units, inner), alpha (units, D), sigma (1) or (units).
 * For the gaussian d kappa / d sigma = sigma kappa'' + kappa / sigma.
 * How they are computed: activation_run.c. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/activation.h"
#include "ops/along.h"
#include "ops/ops.h"

/* a float as a static parameter */
static int64_t bits_of (double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* ---- shapes: the last input is sigma ---- */

static nl_status wrong (nl_ctx *C, const nl_eqn *e, const nl_value *v) {
  char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
  return nl_error(C, NL_ERROR, "%s: an input is %s, x is %s", e->prim->name,
                  nl__value_text(a, v), nl__value_text(b, e->in[0]));
}

static nl_status check (nl_ctx *C, const nl_eqn *e) {
  const nl_value *x = e->in[0], *sigma = e->in[e->nin - 1];
  bool alpha = e->prim != &nl_prim_kaf_alpha;
  const nl_value *g = alpha ? e->nin == 4 ? e->in[2] : NULL : e->in[1];
  if (x->ndim != 3 || !nl_dtype_is_float((nl_dtype)x->dtype))
    return wrong(C, e, x);
  for (int i = 1; i < e->nin; i++)
    if (e->in[i]->dtype != x->dtype) return wrong(C, e, e->in[i]);
  if (g != NULL && !nl__same_shape(g, x)) return wrong(C, e, g);
  if (alpha && (e->in[1]->ndim != 2 || e->in[1]->shape[0] != x->shape[1] ||
                e->in[1]->shape[1] != e->p[NCENTRES]))
    return wrong(C, e, e->in[1]);
  if (sigma->ndim != 1 ||
      (sigma->shape[0] != 1 && sigma->shape[0] != x->shape[1]))
    return wrong(C, e, sigma);
  if (e->p[KERNEL] == NL_KAF_SOFTPLUS && e->p[ORDER] > 5)
    return nl_error(C, NL_ERROR,
                    "kaf: the softplus kernel has its first 5 derivatives; "
                    "use the gaussian kernel for higher ones");
  return NL_OK;
}

static void alpha_aval (const nl_eqn *e, nl_aval *out) {
  nl__aval(e->in[0], out);
  out->ndim = 2;
  out->shape[0] = e->in[0]->shape[1];
  out->shape[1] = e->p[NCENTRES];
}

static nl_status kaf_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check(C, e) != NL_OK) return C->status;
  nl__aval(e->in[0], out);
  return NL_OK;
}

static nl_status alpha_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check(C, e) != NL_OK) return C->status;
  alpha_aval(e, out);
  return NL_OK;
}

static nl_status back_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (check(C, e) != NL_OK) return C->status;
  nl__aval(e->in[0], out);
  alpha_aval(e, out + 1);
  return NL_OK;
}

/* ---- the primitives as functions, with the static parameters of e ---- */

static nl_value *kaf (nl_ctx *C, const nl_eqn *e, int64_t k, nl_value *x,
                      nl_value *alpha, nl_value *sigma) {
  int64_t p[NP];
  memcpy(p, e->p, sizeof p);
  p[ORDER] = k;
  nl_value *in[3] = {x, alpha, sigma};
  if (x == NULL || alpha == NULL || sigma == NULL) return NULL;
  return nl_bind1(C, &nl_prim_kaf, 3, in, NP, p);
}

static nl_value *kaf_alpha (nl_ctx *C, const nl_eqn *e, int64_t k,
                            nl_value *x, nl_value *g, nl_value *sigma) {
  int64_t p[NP];
  memcpy(p, e->p, sizeof p);
  p[ORDER] = k;
  nl_value *in[3] = {x, g, sigma};
  if (x == NULL || g == NULL || sigma == NULL) return NULL;
  return nl_bind1(C, &nl_prim_kaf_alpha, 3, in, NP, p);
}

/* sigma (1, s, 1) */
static nl_value *wide (nl_ctx *C, nl_value *sigma) {
  if (sigma == NULL) return NULL;
  int64_t shape[3] = {1, sigma->shape[0], 1};
  return nl_reshape(C, sigma, 3, shape);
}

/* d kaf^(k) / d sigma, of x's shape */
static nl_value *slope_sigma (nl_ctx *C, const nl_eqn *e, int64_t k,
                              nl_value *x, nl_value *alpha, nl_value *sigma) {
  nl_value *s = wide(C, sigma);
  return nl_add(C, nl_mul(C, s, kaf(C, e, k + 2, x, alpha, sigma)),
                nl_div(C, kaf(C, e, k, x, alpha, sigma), s));
}

/* v, of x's shape, summed to sigma's */
static nl_value *to_sigma (nl_ctx *C, nl_value *v, const nl_value *sigma) {
  if (v == NULL) return NULL;
  if (sigma->shape[0] > 1) return nl_sum(C, v, 5, false);
  v = nl_sum(C, v, 7, false);
  int64_t one = 1;
  return nl_reshape(C, v, 1, &one);
}

static nl_value *plus (nl_ctx *C, nl_value *a, nl_value *b) {
  return a == NULL ? b : nl_add(C, a, b);
}

static bool has_sigma (const nl_eqn *e) {
  return e->p[KERNEL] == NL_KAF_GAUSSIAN;
}

/* What flows back from ct through kaf^(k)(x, alpha, sigma): added to d[0] (x),
   d[1] (alpha), d[2] (sigma) where need says so. */
static void pull_kaf (nl_ctx *C, const nl_eqn *e, int64_t k, nl_value *ct,
                      nl_value *x, nl_value *alpha, nl_value *sigma,
                      const bool need[3], nl_value *d[3]) {
  if (need[0])
    d[0] = plus(C, d[0], nl_mul(C, ct, kaf(C, e, k + 1, x, alpha, sigma)));
  if (need[1]) d[1] = plus(C, d[1], kaf_alpha(C, e, k, x, ct, sigma));
  if (need[2] && has_sigma(e))
    d[2] = plus(C, d[2],
                to_sigma(C, nl_mul(C, ct, slope_sigma(C, e, k, x, alpha,
                                                      sigma)), sigma));
}

static nl_status kaf_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                          nl_value **ct_in) {
  nl_value *x = e->in[0], *alpha = e->in[1], *sigma = e->in[2], *out[2];
  bool need[3] = {e->need[0], e->need[1], e->need[2]};
  if (need[0] && need[1]) {
    nl_value *in[4] = {x, alpha, ct[0], sigma};
    if (nl_bind(C, &nl_prim_kaf_back, 4, in, NP, e->p, NULL, out) != NL_OK)
      return C->status;
    ct_in[0] = out[0], ct_in[1] = out[1];
    need[0] = need[1] = false;
  }
  pull_kaf(C, e, e->p[ORDER], ct[0], x, alpha, sigma, need, ct_in);
  return C->status;
}

static nl_value *push_kaf (nl_ctx *C, const nl_eqn *e, int64_t k, nl_value *x,
                           nl_value *alpha, nl_value *sigma, nl_value *tx,
                           nl_value *ta, nl_value *ts) {
  nl_value *t = NULL;
  if (tx != NULL) t = nl_mul(C, tx, kaf(C, e, k + 1, x, alpha, sigma));
  if (ta != NULL) t = plus(C, t, kaf(C, e, k, x, ta, sigma));
  if (ts != NULL && has_sigma(e))
    t = plus(C, t, nl_mul(C, wide(C, ts),
                          slope_sigma(C, e, k, x, alpha, sigma)));
  return t;
}

static nl_status kaf_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                          nl_value **t_out) {
  t_out[0] = push_kaf(C, e, e->p[ORDER], e->in[0], e->in[1], e->in[2], t[0],
                      t[1], t[2]);
  return C->status;
}

/* From ct (units, D) through kaf_alpha^(k)(x, g, sigma): x, g, sigma. */
static void pull_alpha (nl_ctx *C, const nl_eqn *e, int64_t k, nl_value *ct,
                        nl_value *x, nl_value *g, nl_value *sigma,
                        const bool need[3], nl_value *d[3]) {
  if (need[0])
    d[0] = plus(C, d[0],
                nl_mul(C, g, kaf(C, e, k + 1, x, ct, sigma)));
  if (need[1]) d[1] = plus(C, d[1], kaf(C, e, k, x, ct, sigma));
  if (need[2] && has_sigma(e))
    d[2] = plus(C, d[2],
                to_sigma(C, nl_mul(C, g, slope_sigma(C, e, k, x, ct, sigma)),
                         sigma));
}

static nl_status alpha_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                            nl_value **ct_in) {
  pull_alpha(C, e, e->p[ORDER], ct[0], e->in[0], e->in[1], e->in[2], e->need,
             ct_in);
  return C->status;
}

static nl_value *push_alpha (nl_ctx *C, const nl_eqn *e, int64_t k,
                             nl_value *x, nl_value *g, nl_value *sigma,
                             nl_value *tx, nl_value *tg, nl_value *ts) {
  nl_value *t = NULL;
  if (tx != NULL)
    t = kaf_alpha(C, e, k + 1, x, nl_mul(C, g, tx), sigma);
  if (tg != NULL) t = plus(C, t, kaf_alpha(C, e, k, x, tg, sigma));
  if (ts != NULL && has_sigma(e)) {
    nl_value *s = wide(C, sigma), *gt = nl_mul(C, g, wide(C, ts));
    t = plus(C, t, kaf_alpha(C, e, k + 2, x, nl_mul(C, gt, s), sigma));
    t = plus(C, t, kaf_alpha(C, e, k, x, nl_div(C, gt, s), sigma));
  }
  return t;
}

static nl_status alpha_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  t_out[0] = push_alpha(C, e, e->p[ORDER], e->in[0], e->in[1], e->in[2], t[0],
                        t[1], t[2]);
  return C->status;
}

/* kaf_back's rules are those of its two parts. */
static nl_status back_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  nl_value *x = e->in[0], *alpha = e->in[1], *g = e->in[2], *sigma = e->in[3];
  int64_t k = e->p[ORDER];
  nl_value *d[3] = {NULL, NULL, NULL};
  if (ct[0] != NULL) {
    bool need[3] = {e->need[0], e->need[1], e->need[3]};
    pull_kaf(C, e, k + 1, nl_mul(C, ct[0], g), x, alpha, sigma, need, d);
    ct_in[1] = d[1];
    if (e->need[2])
      ct_in[2] = nl_mul(C, ct[0], kaf(C, e, k + 1, x, alpha, sigma));
  }
  if (ct[1] != NULL) {
    bool need[3] = {e->need[0], e->need[2], e->need[3]};
    d[1] = ct_in[2];
    pull_alpha(C, e, k, ct[1], x, g, sigma, need, d);
    ct_in[2] = d[1];
  }
  ct_in[0] = d[0];
  ct_in[3] = d[2];
  return C->status;
}

static nl_status back_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  nl_value *x = e->in[0], *alpha = e->in[1], *g = e->in[2], *sigma = e->in[3];
  int64_t k = e->p[ORDER];
  nl_value *dy = push_kaf(C, e, k + 1, x, alpha, sigma, t[0], t[1], t[3]);
  if (dy != NULL) t_out[0] = nl_mul(C, g, dy);
  if (t[2] != NULL)
    t_out[0] = plus(C, t_out[0], nl_mul(C, t[2], kaf(C, e, k + 1, x, alpha,
                                                     sigma)));
  t_out[1] = push_alpha(C, e, k, x, g, sigma, t[0], t[2], t[3]);
  return C->status;
}

/* ---- batch: n times as many units ---- */

/* (n, outer, units, inner) -> (outer, n units, inner), and back */
static nl_value *join (nl_ctx *C, nl_value *v) {
  static const int dims[4] = {1, 0, 2, 3};
  if (v == NULL) return NULL;
  int64_t s[3] = {v->shape[1], v->shape[0] * v->shape[2], v->shape[3]};
  return nl_reshape(C, nl_permute(C, v, dims), 3, s);
}

static nl_value *part (nl_ctx *C, nl_value *v, int64_t n) {
  static const int dims[4] = {1, 0, 2, 3};
  if (v == NULL) return NULL;
  int64_t s[4] = {v->shape[0], n, v->shape[1] / n, v->shape[2]};
  return nl_permute(C, nl_reshape(C, v, 4, s), dims);
}

/* v with the batch axis as one more factor of its units (dim 0) */
static nl_value *more_units (nl_ctx *C, nl_value *v) {
  if (v == NULL) return NULL;
  int64_t s[2] = {v->shape[0] * v->shape[1], v->shape[v->ndim - 1]};
  return nl_reshape(C, v, v->ndim - 1, s);
}

static nl_value *sigma_units (nl_ctx *C, nl_value *sigma, bool batched,
                              int64_t n, int64_t units) {
  int64_t s[2] = {n, units};
  if (!batched && sigma->shape[0] == 1) return sigma;
  return more_units(C, nl_broadcast_to(C, sigma, 2, s));
}

static nl_status kaf_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                            int64_t n, bool *batched_out) {
  const nl_value *x = e->in[0];
  int last = e->nin - 1;
  int64_t units = x->shape[x->ndim - 2];
  nl_value *in[4], *out[2] = {NULL, NULL};
  batched_out[0] = batched_out[e->nout - 1] = true;
  if (e->prim == &nl_prim_kaf && !batched[1] && !batched[2]) {
    int64_t s[3] = {n * x->shape[1], units, x->shape[3]};
    nl_value *y = nl_reshape(C, e->in[0], 3, s);
    y = kaf(C, e, e->p[ORDER], y, e->in[1], e->in[2]);
    e->out[0] = nl_reshape(C, y, 4, x->shape);
    return e->out[0] == NULL ? C->status : NL_OK;
  }
  in[last] = sigma_units(C, e->in[last], batched[last], n, units);
  bool rest[4] = {batched[0], batched[1], last > 2 && batched[2], true};
  rest[last] = true; /* is done; the others all get the axis */
  if (nl__batch_all(C, e, rest, n) != NL_OK) return C->status;
  for (int i = 0; i < last; i++) {
    in[i] = e->in[i]->ndim == 4 ? join(C, e->in[i]) : more_units(C, e->in[i]);
    if (in[i] == NULL) return C->status;
  }
  if (in[last] == NULL ||
      nl_bind(C, e->prim, e->nin, in, NP, e->p, NULL, out) != NL_OK)
    return C->status;
  for (int i = 0; i < e->nout; i++) {
    int64_t s[3] = {n, units, e->p[NCENTRES]};
    e->out[i] = out[i]->ndim == 3 ? part(C, out[i], n)
                                  : nl_reshape(C, out[i], 3, s);
    if (e->out[i] == NULL) return C->status;
  }
  return NL_OK;
}

const nl_prim nl_prim_kaf = {
    .name = "kaf", .nin = 3, .nout = 1, .flags = NL_SAVE_IN,
    .shape = kaf_shape, .eval = nl__kaf_eval, .vjp = kaf_vjp, .jvp = kaf_jvp,
    .batch = kaf_batch};
const nl_prim nl_prim_kaf_alpha = {
    .name = "kaf_alpha", .nin = 3, .nout = 1, .flags = NL_SAVE_IN,
    .shape = alpha_shape, .eval = nl__kaf_eval, .vjp = alpha_vjp,
    .jvp = alpha_jvp, .batch = kaf_batch};
const nl_prim nl_prim_kaf_back = {
    .name = "kaf_back", .nin = 4, .nout = 2, .flags = NL_SAVE_IN,
    .shape = back_shape, .eval = nl__kaf_eval, .vjp = back_vjp, .jvp = back_jvp,
    .batch = kaf_batch};

/* ---- front ---- */

nl_value *nl_kaf (nl_ctx *C, nl_value *x, nl_value *alpha, nl_value *sigma,
                  const char *kernel, double first, double step, int dim) {
  static const char *const names[] = {"gaussian", "relu", "softplus"};
  int64_t p[NP] = {0}, s[3] = {1, 1, 1}, two[2];
  if (x == NULL || alpha == NULL || sigma == NULL) return NULL;
  while (p[KERNEL] < 3 && strcmp(names[p[KERNEL]], kernel) != 0) p[KERNEL]++;
  x = nl__as_float(C, x);
  if (x == NULL) return NULL;
  if (alpha->dtype == NL_F64 && !alpha->weak) x = nl_cast(C, x, NL_F64);
  if (sigma->dtype == NL_F64 && !sigma->weak) x = nl_cast(C, x, NL_F64);
  if (x == NULL) return NULL;
  alpha = nl__cast_to(C, alpha, (nl_dtype)x->dtype, false);
  sigma = nl__cast_to(C, sigma, (nl_dtype)x->dtype, false);
  if (alpha == NULL || sigma == NULL) return NULL;
  int64_t D = alpha->ndim > 0 ? alpha->shape[alpha->ndim - 1] : 0;
  two[0] = alpha->ndim > 1 ? alpha->shape[0] : 1;
  two[1] = D;
  if (p[KERNEL] == 3 || alpha->ndim > 2 || D < 2 || D > MAX_CENTRES ||
      dim >= x->ndim || (two[0] > 1 && dim < 0)) {
    char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR,
             "kaf: alpha [units x D] or [D] with D in 2..%d expected, got %s "
             "for x %s and the %s kernel",
             MAX_CENTRES, nl__value_text(a, alpha), nl__value_text(b, x),
             kernel);
    return NULL;
  }
  for (int i = 0; i < x->ndim; i++)
    s[two[0] == 1 ? 2 : i < dim ? 0 : i > dim ? 2 : 1] *= x->shape[i];
  p[NCENTRES] = D;
  p[FIRST] = bits_of(first);
  p[STEP] = bits_of(step);
  nl_value *in[3] = {nl_reshape(C, x, 3, s), nl_reshape(C, alpha, 2, two),
                     nl_reshape(C, sigma, 1, &sigma->numel)};
  if (in[0] == NULL || in[1] == NULL || in[2] == NULL) return NULL;
  return nl_reshape(C, nl_bind1(C, &nl_prim_kaf, 3, in, NP, p), x->ndim,
                    x->shape);
}
