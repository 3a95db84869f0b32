/* elementwise.c: the front of elementwise operations (dtypes, broadcasting)
 * and the derivatives of each primitive, beside its declaration. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/ops.h"

/* ---- dtypes ---- */

static nl_dtype wider (nl_dtype a, nl_dtype b) {
  if (a > b) {
    nl_dtype t = a;
    a = b;
    b = t;
  }
  if (a == NL_U8 && b == NL_I8) return NL_I16; /* holds both */
  return b;
}

/* The dtype in which numbers of a and b are computed; see nnlua.h. */
static nl_dtype promoted (nl_ctx *C, const nl_value *a, const nl_value *b) {
  nl_dtype da = (nl_dtype)a->dtype, db = (nl_dtype)b->dtype;
  if (a->weak == b->weak) return wider(da, db);
  nl_dtype strong = a->weak ? db : da, weak = a->weak ? da : db;
  if (nl_dtype_is_float(strong)) return strong;
  if (nl_dtype_is_float(weak)) return C->default_dtype;
  return strong == NL_BOOL ? NL_I64 : strong;
}

/* The dtype nearest to d for which the kernel exists. */
static nl_dtype supported (nl_ctx *C, const nl_prim *p, nl_dtype d,
                           bool weak) {
  const nl_map_fn *fn = C->k->map[p->map - 1];
  if (fn[d] != NULL) return d;
  if (d == NL_BOOL && fn[NL_I64] != NULL) return NL_I64;
  return weak ? NL_F64 : C->default_dtype;
}

/* ---- broadcasting ---- */

nl_value *nl__broadcast_pair (nl_ctx *C, const char *what, nl_value **x,
                              nl_value **y) {
  nl_value *a = *x, *b = *y;
  int64_t shape[NL_MAX_NDIM];
  int n = a->ndim > b->ndim ? a->ndim : b->ndim;
  if (nl__same_shape(a, b)) return a;
  for (int i = 0; i < n; i++) {
    int ia = i - (n - a->ndim), ib = i - (n - b->ndim);
    int64_t sa = ia < 0 ? 1 : a->shape[ia], sb = ib < 0 ? 1 : b->shape[ib];
    if (sa != sb && sa != 1 && sb != 1) {
      char ta[NL_SHAPE_TEXT], tb[NL_SHAPE_TEXT];
      nl_error(C, NL_ERROR,
               "%s: can't broadcast [%s] with [%s]: sizes %lld and %lld at "
               "dimension %d",
               what, nl__shape_text(ta, a->ndim, a->shape),
               nl__shape_text(tb, b->ndim, b->shape), (long long)sa,
               (long long)sb, i + 1);
      return NULL;
    }
    shape[i] = sa == 1 ? sb : sa;
  }
  *x = nl_broadcast_to(C, a, n, shape);
  *y = nl_broadcast_to(C, b, n, shape);
  return *y == NULL ? NULL : *x;
}

nl_value *nl_apply1 (nl_ctx *C, const nl_prim *p, nl_value *x) {
  if (x == NULL) return NULL;
  nl_dtype d = supported(C, p, (nl_dtype)x->dtype, x->weak);
  if (d != x->dtype) x = nl__cast_to(C, x, d, x->weak);
  return nl_bind1(C, p, 1, &x, 0, NULL);
}

#define FEW 64 /* elements that are rather written than spread by a stride */

/* A value of like's shape whose elements are all one, to be written to *data:
   n of them, side by side. */
static nl_value *spread_new (nl_ctx *C, nl_dtype d, const nl_value *like,
                             char **data, int64_t *n) {
  nl_value *v =
      nl__value_alloc(C, d, false, like->ndim, like->shape, false);
  if (v == NULL) return NULL;
  *n = v->numel <= FEW ? v->numel : 1;
  v->dense = *n == v->numel;
  if (v->dense) nl__set_dense(v);
  else memset(v->stride, 0, (size_t)v->ndim * sizeof *v->stride);
  v->buf = nl__buffer_new(C, (size_t)(*n > 0 ? *n : 1) * nl_dtype_size(d));
  if (v->buf == NULL) {
    nl__unref(C, v);
    return NULL;
  }
  *data = (char *)v->buf->data;
  return nl__pool_push(C, v);
}

/* Under eval, a number beside an array is spread over its shape at once: what
   its cast and its broadcast give, without their two equations. */
static nl_value *spread_number (nl_ctx *C, const nl_value *num, nl_dtype d,
                                const nl_value *like) {
  char *p;
  int64_t n;
  size_t elem = nl_dtype_size(d);
  nl_value *v = spread_new(C, d, like, &p, &n);
  if (v == NULL) return NULL;
  if (num->dtype == d)
    memcpy(p, nl__bytes_at(num), elem);
  else
    C->k->cast[num->dtype][d](1, nl__bytes_at(num), p);
  for (int64_t i = 1; i < n; i++) memcpy(p + (size_t)i * elem, p, elem);
  return v;
}

nl_value *nl_number_beside (nl_ctx *C, double x, const nl_value *like) {
  char *p;
  int64_t n;
  if (like == NULL) return NULL;
  if (C->trace != C->eval || like->trace != NULL || like->weak ||
      !nl_dtype_is_float((nl_dtype)like->dtype))
    return nl_number(C, x);
  nl_value *v = spread_new(C, (nl_dtype)like->dtype, like, &p, &n);
  if (v == NULL) return NULL;
  if (n < 1) n = 1;
  if (like->dtype == NL_F32)
    for (int64_t i = 0; i < n; i++) ((float *)(void *)p)[i] = (float)x;
  else
    for (int64_t i = 0; i < n; i++) ((double *)(void *)p)[i] = x;
  return v;
}

/* Replaces a weak x or y, where the other one's dtype is computed in. */
static bool spread_weak (nl_ctx *C, const nl_prim *p, nl_value **x,
                         nl_value **y) {
  nl_value *num = (*x)->weak ? *x : *y, *like = (*x)->weak ? *y : *x;
  if (C->trace != C->eval || num->trace != NULL || like->trace != NULL ||
      num->ndim > 0) /* numbers under vmap */
    return false;
  nl_dtype d = (nl_dtype)like->dtype;
  if (promoted(C, num, like) != d || supported(C, p, d, false) != d)
    return false;
  *(num == *x ? x : y) = spread_number(C, num, d, like);
  return true;
}

nl_value *nl_apply2 (nl_ctx *C, const nl_prim *p, nl_value *x, nl_value *y) {
  if (x == NULL || y == NULL) return NULL;
  bool weak = x->weak && y->weak;
  if (x->dtype == y->dtype && !x->weak && !y->weak &&
      C->k->map[p->map - 1][x->dtype] != NULL && nl__same_shape(x, y)) {
    nl_value *in[2] = {x, y};
    return nl_bind1(C, p, 2, in, 0, NULL);
  }
  if (x->weak != y->weak && spread_weak(C, p, &x, &y)) {
    nl_value *in[2] = {x, y};
    return x == NULL || y == NULL ? NULL : nl_bind1(C, p, 2, in, 0, NULL);
  }
  if (x->dtype != y->dtype || x->weak != y->weak) {
    nl_dtype d = promoted(C, x, y);
    x = nl__cast_to(C, x, d, weak);
    y = nl__cast_to(C, y, d, weak);
    if (x == NULL || y == NULL) return NULL;
  }
  nl_dtype s = supported(C, p, (nl_dtype)x->dtype, weak);
  if (weak && p->map - 1 == NL_MAP_pow) s = NL_F64; /* as Lua's ^ */
  if (s != x->dtype) {
    x = nl__cast_to(C, x, s, weak);
    y = nl__cast_to(C, y, s, weak);
    if (x == NULL || y == NULL) return NULL;
  }
  if (nl__broadcast_pair(C, p->name, &x, &y) == NULL) return NULL;
  nl_value *in[2] = {x, y};
  return nl_bind1(C, p, 2, in, 0, NULL);
}

static const nl_prim *find_map (nl_ctx *C, const char *name, int nin) {
  const nl_prim *p = nl_prim_find(name);
  if (p != NULL && p->map > 0 && p->nin == nin) return p;
  nl_error(C, NL_ERROR, "no elementwise function of %d inputs is named %s",
           nin, name);
  return NULL;
}

nl_value *nl_unary (nl_ctx *C, const char *name, nl_value *x) {
  const nl_prim *p = find_map(C, name, 1);
  return p == NULL ? NULL : nl_apply1(C, p, x);
}

nl_value *nl_binary (nl_ctx *C, const char *name, nl_value *x, nl_value *y) {
  const nl_prim *p = find_map(C, name, 2);
  return p == NULL ? NULL : nl_apply2(C, p, x, y);
}

nl_value *nl_where (nl_ctx *C, nl_value *cond, nl_value *x, nl_value *y) {
  if (cond == NULL || x == NULL || y == NULL) return NULL;
  bool weak = x->weak && y->weak && cond->ndim == 0;
  nl_dtype d = promoted(C, x, y);
  if (weak && !(x->dtype == y->dtype)) d = NL_F64;
  cond = nl__cast_to(C, cond, NL_BOOL, false);
  x = nl__cast_to(C, x, d, weak);
  y = nl__cast_to(C, y, d, weak);
  if (x == NULL || y == NULL || cond == NULL) return NULL;
  if (nl__broadcast_pair(C, "where", &x, &y) == NULL) return NULL;
  if (nl__broadcast_pair(C, "where", &cond, &x) == NULL) return NULL;
  if (!nl__same_shape(x, y)) y = nl_broadcast_to(C, y, x->ndim, x->shape);
  nl_value *in[3] = {cond, x, y};
  return nl_bind1(C, &nl_prim_where, 3, in, 0, NULL);
}

/* ---- derivatives ---- */

static nl_value *num (nl_ctx *C, double x) { return nl_number(C, x); }

#define X (e->in[0])
#define Y (e->in[1])
#define OUT (e->out[0])
#define D(name) static nl_value *name (nl_ctx *C, const nl_eqn *e)

/* add, sub and neg are linear: no derivative is multiplied. */
static nl_status signs_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                            nl_value **ct_in) {
  bool minus = e->prim != &nl_prim_add;
  for (int i = 0; i < e->nin; i++) {
    if (!e->need[i]) continue;
    bool flip = minus && i == e->nin - 1;
    ct_in[i] = flip ? nl_neg(C, ct[0]) : ct[0];
    if (ct_in[i] == NULL) return C->status;
  }
  return NL_OK;
}

static nl_status signs_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  if (e->nin == 1)
    t_out[0] = nl_neg(C, t[0]);
  else if (t[0] != NULL && t[1] != NULL)
    t_out[0] = nl_bind1(C, e->prim, 2, t, 0, NULL);
  else if (t[0] != NULL)
    t_out[0] = t[0];
  else
    t_out[0] = e->prim == &nl_prim_add ? t[1] : nl_neg(C, t[1]);
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_status where_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                            nl_value **ct_in) {
  nl_value *zero = nl_zeros_like(C, ct[0]);
  if (e->need[1]) ct_in[1] = nl_where(C, X, ct[0], zero);
  if (e->need[2]) ct_in[2] = nl_where(C, X, zero, ct[0]);
  return C->status;
}

static nl_status where_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  nl_value *a = t[1] != NULL ? t[1] : nl_zeros_like(C, e->in[1]);
  nl_value *b = t[2] != NULL ? t[2] : nl_zeros_like(C, e->in[2]);
  t_out[0] = nl_where(C, X, a, b);
  return C->status;
}

D(mul_x) { (void)C; return Y; }
D(mul_y) { (void)C; return X; }
D(div_x) { return nl_div(C, num(C, 1), Y); }
D(div_y) { return nl_neg(C, nl_div(C, nl_div(C, X, Y), Y)); }
D(one) { return nl_ones_like(C, X); }
D(remainder_y) { return nl_neg(C, nl_binary(C, "idiv", X, Y)); }
D(fmod_y) { return nl_neg(C, nl_unary(C, "trunc", nl_div(C, X, Y))); }
/* x^y at y = 0 has derivative 0 in x, at x = 0 < y derivative 0 in y. */
D(pow_x) {
  nl_value *d = nl_mul(C, Y, nl_pow(C, X, nl_sub(C, Y, num(C, 1))));
  return nl_where(C, nl_eq(C, Y, num(C, 0)), nl_zeros_like(C, X), d);
}
D(pow_y) {
  nl_value *zero = nl_eq(C, X, num(C, 0));
  nl_value *safe = nl_where(C, zero, nl_ones_like(C, X), X);
  return nl_mul(C, nl_pow(C, X, Y), nl_log(C, safe));
}
static nl_value *norm2 (nl_ctx *C, const nl_eqn *e) {
  return nl_add(C, nl_mul(C, X, X), nl_mul(C, Y, Y));
}
D(atan2_x) { return nl_div(C, Y, norm2(C, e)); }
D(atan2_y) { return nl_neg(C, nl_div(C, X, norm2(C, e))); }
D(hypot_x) { return nl_div(C, X, nl_binary(C, "hypot", X, Y)); }
D(hypot_y) { return nl_div(C, Y, nl_binary(C, "hypot", X, Y)); }
D(logaddexp_x) { return nl_unary(C, "sigmoid", nl_sub(C, X, Y)); }
D(logaddexp_y) { return nl_unary(C, "sigmoid", nl_sub(C, Y, X)); }
/* equal arguments share the derivative */
static nl_value *share (nl_ctx *C, nl_value *wins, nl_value *ties) {
  nl_value *half = nl_where(C, ties, num(C, 0.5), num(C, 0));
  return nl_where(C, wins, num(C, 1), half);
}
D(max2_x) { return nl_cast(C, share(C, nl_gt(C, X, Y), nl_eq(C, X, Y)), nl_dtype_of(X)); }
D(max2_y) { return nl_cast(C, share(C, nl_gt(C, Y, X), nl_eq(C, X, Y)), nl_dtype_of(X)); }
D(min2_x) { return nl_cast(C, share(C, nl_lt(C, X, Y), nl_eq(C, X, Y)), nl_dtype_of(X)); }
D(min2_y) { return nl_cast(C, share(C, nl_lt(C, Y, X), nl_eq(C, X, Y)), nl_dtype_of(X)); }
D(abs_x) { return nl_unary(C, "sign", X); }
D(square_x) { return nl_mul(C, num(C, 2), X); }
D(recip_x) { return nl_neg(C, nl_mul(C, OUT, OUT)); }
D(sqrt_x) { return nl_div(C, num(C, 0.5), OUT); }
D(rsqrt_x) { return nl_mul(C, num(C, -0.5), nl_div(C, OUT, X)); }
D(cbrt_x) { return nl_div(C, OUT, nl_mul(C, num(C, 3), X)); }
D(exp_x) { (void)C; return OUT; }
D(exp2_x) { return nl_mul(C, OUT, num(C, 0.69314718055994530942)); }
D(expm1_x) { return nl_add(C, OUT, num(C, 1)); }
D(log_x) { return nl_div(C, num(C, 1), X); }
D(log2_x) { return nl_div(C, num(C, 1.4426950408889634074), X); }
D(log10_x) { return nl_div(C, num(C, 0.43429448190325182765), X); }
D(log1p_x) { return nl_div(C, num(C, 1), nl_add(C, X, num(C, 1))); }
D(sin_x) { return nl_unary(C, "cos", X); }
D(cos_x) { return nl_neg(C, nl_unary(C, "sin", X)); }
D(tan_x) { return nl_add(C, num(C, 1), nl_mul(C, OUT, OUT)); }
/* sqrt((1 - x)(1 + x)) keeps its digits near 1 */
static nl_value *one_minus_square (nl_ctx *C, nl_value *x) {
  return nl_mul(C, nl_sub(C, num(C, 1), x), nl_add(C, num(C, 1), x));
}
D(asin_x) { return nl_unary(C, "rsqrt", one_minus_square(C, X)); }
D(acos_x) { return nl_neg(C, nl_unary(C, "rsqrt", one_minus_square(C, X))); }
D(atan_x) { return nl_div(C, num(C, 1), nl_add(C, num(C, 1), nl_mul(C, X, X))); }
D(sinh_x) { return nl_unary(C, "cosh", X); }
D(cosh_x) { return nl_unary(C, "sinh", X); }
D(tanh_x) { return one_minus_square(C, OUT); }
D(asinh_x) { return nl_unary(C, "rsqrt", nl_add(C, nl_mul(C, X, X), num(C, 1))); }
D(acosh_x) {
  return nl_unary(C, "rsqrt", nl_mul(C, nl_sub(C, X, num(C, 1)), nl_add(C, X, num(C, 1))));
}
D(atanh_x) { return nl_div(C, num(C, 1), one_minus_square(C, X)); }
D(sigmoid_x) { return nl_mul(C, OUT, nl_sub(C, num(C, 1), OUT)); }
D(softplus_x) { return nl_unary(C, "sigmoid", X); }
D(relu_x) { return nl_cast(C, nl_gt(C, X, num(C, 0)), nl_dtype_of(X)); }
static nl_value *bell (nl_ctx *C, nl_value *x, double c) {
  return nl_mul(C, num(C, c), nl_exp(C, nl_neg(C, nl_mul(C, x, x))));
}
D(erf_x) { return bell(C, X, 1.1283791670955125739); } /* 2/sqrt(pi) */
D(erfc_x) { return bell(C, X, -1.1283791670955125739); }
D(erfinv_x) { /* sqrt(pi)/2 exp(y^2) */
  return nl_mul(C, num(C, 0.88622692545275801365), nl_exp(C, nl_mul(C, OUT, OUT)));
}
D(lgamma_x) { return nl_unary(C, "digamma", X); }
D(gamma_x) {
  return nl_mul(C, nl_unary(C, "gamma", X), nl_unary(C, "digamma", X));
}
/* (cos(pi x) - sinc(x)) / x, near 0 the series of it, whose derivatives are
   right in 0 too */
D(sinc_x) {
  nl_value *pi = num(C, 3.14159265358979323846), *z = nl_mul(C, pi, X);
  nl_value *near = nl_lt(C, nl_unary(C, "abs", X), num(C, 0.25));
  nl_value *z2 = nl_mul(C, z, z), *s = num(C, 0);
  static const double c[] = {/* 2k (-1)^k / (2k + 1)!, k = 8 ... 1 */
      16 / 355687428096000., -14 / 1307674368000., 12 / 6227020800.,
      -10 / 39916800., 8 / 362880., -6 / 5040., 4 / 120., -2 / 6.};
  for (int k = 0; k < 8; k++) s = nl_add(C, nl_mul(C, s, z2), num(C, c[k]));
  nl_value *x = nl_where(C, near, num(C, 1), X);
  nl_value *far = nl_div(C, nl_sub(C, nl_unary(C, "cos", nl_mul(C, pi, x)),
                                   nl_unary(C, "sinc", x)), x);
  return nl_where(C, near, nl_mul(C, pi, nl_mul(C, z, s)), far);
}
D(digamma_x) { return nl_unary(C, "trigamma", X); }
/* psi''(x) by its recurrence above 6 and then the asymptotic series */
D(trigamma_x) { return nl__tetragamma(C, X); }

/* ---- the primitives ---- */

#define RULES                                                                 \
  .shape = nl_shape_same, .vjp = nl_vjp_elementwise,                          \
  .jvp = nl_jvp_elementwise, .batch = nl_batch_elementwise
#define MAP(id, n, fl)                                                        \
  .name = #id, .nin = n, .nout = 1, .flags = NL_ELEMENTWISE | (fl),           \
  .map = NL_MAP_##id + 1
#define UNARY_IN(id)                                                          \
  const nl_prim nl_prim_##id = {MAP(id, 1, NL_SAVE_IN), RULES,                \
                                .deriv = {id##_x}};
#define UNARY_OUT(id)                                                         \
  const nl_prim nl_prim_##id = {MAP(id, 1, NL_SAVE_OUT), RULES,               \
                                .deriv = {id##_x}};
#define BINARY(id, fl)                                                        \
  const nl_prim nl_prim_##id = {MAP(id, 2, NL_SAVE_IN | (fl)), RULES,         \
                                .deriv = {id##_x, id##_y}};
/* constant where it is differentiable */
#define FLAT(id, n, fl)                                                       \
  const nl_prim nl_prim_##id = {MAP(id, n, NL_NO_GRAD | (fl)), RULES};

const nl_prim nl_prim_add = {
    MAP(add, 2, NL_LINEAR | NL_COMMUTES), .shape = nl_shape_same,
    .vjp = signs_vjp, .jvp = signs_jvp, .batch = nl_batch_elementwise};
const nl_prim nl_prim_sub = {
    MAP(sub, 2, NL_LINEAR), .shape = nl_shape_same, .vjp = signs_vjp,
    .jvp = signs_jvp, .batch = nl_batch_elementwise};
const nl_prim nl_prim_neg = {
    MAP(neg, 1, NL_LINEAR), .shape = nl_shape_same, .vjp = signs_vjp,
    .jvp = signs_jvp, .batch = nl_batch_elementwise};
const nl_prim nl_prim_where = {
    MAP(where, 3, NL_SAVE_IN), .shape = nl_shape_same, .vjp = where_vjp,
    .jvp = where_jvp, .batch = nl_batch_elementwise};

BINARY(mul, NL_COMMUTES)
BINARY(div, 0)
BINARY(pow, 0)
BINARY(atan2, 0)
BINARY(hypot, NL_COMMUTES)
BINARY(logaddexp, NL_COMMUTES)
BINARY(max2, NL_COMMUTES)
BINARY(min2, NL_COMMUTES)
const nl_prim nl_prim_remainder = {MAP(remainder, 2, NL_SAVE_IN), RULES,
                                   .deriv = {one, remainder_y}};
const nl_prim nl_prim_fmod = {MAP(fmod, 2, NL_SAVE_IN), RULES,
                              .deriv = {one, fmod_y}};
const nl_prim nl_prim_frac = {MAP(frac, 1, NL_SAVE_IN), RULES,
                              .deriv = {one}};

UNARY_IN(abs) UNARY_IN(square) UNARY_IN(log) UNARY_IN(log2) UNARY_IN(log10)
UNARY_IN(log1p) UNARY_IN(sin) UNARY_IN(cos) UNARY_IN(asin) UNARY_IN(acos)
UNARY_IN(atan) UNARY_IN(sinh) UNARY_IN(cosh) UNARY_IN(asinh) UNARY_IN(acosh)
UNARY_IN(atanh) UNARY_IN(softplus) UNARY_IN(relu) UNARY_IN(erf)
UNARY_IN(erfc) UNARY_IN(lgamma) UNARY_IN(digamma) UNARY_IN(trigamma)
UNARY_IN(gamma) UNARY_IN(sinc)
UNARY_OUT(recip) UNARY_OUT(sqrt) UNARY_OUT(exp) UNARY_OUT(exp2)
UNARY_OUT(expm1) UNARY_OUT(tan) UNARY_OUT(tanh) UNARY_OUT(sigmoid)
UNARY_OUT(erfinv)
const nl_prim nl_prim_rsqrt = {MAP(rsqrt, 1, NL_SAVE_IN | NL_SAVE_OUT), RULES,
                               .deriv = {rsqrt_x}};
const nl_prim nl_prim_cbrt = {MAP(cbrt, 1, NL_SAVE_IN | NL_SAVE_OUT), RULES,
                              .deriv = {cbrt_x}};

FLAT(idiv, 2, 0)
FLAT(sign, 1, 0) FLAT(floor, 1, 0) FLAT(ceil, 1, 0) FLAT(round, 1, 0)
FLAT(trunc, 1, 0) FLAT(rint, 1, 0)
FLAT(lt, 2, NL_BOOL_OUT) FLAT(le, 2, NL_BOOL_OUT) FLAT(gt, 2, NL_BOOL_OUT)
FLAT(ge, 2, NL_BOOL_OUT) FLAT(eq, 2, NL_BOOL_OUT) FLAT(ne, 2, NL_BOOL_OUT)
FLAT(isnan, 1, NL_BOOL_OUT) FLAT(isinf, 1, NL_BOOL_OUT)
FLAT(isfinite, 1, NL_BOOL_OUT)
FLAT(and, 2, NL_COMMUTES) FLAT(or, 2, NL_COMMUTES) FLAT(xor, 2, NL_COMMUTES)
FLAT(not, 1, 0) FLAT(shl, 2, 0) FLAT(shr, 2, 0)

/* ---- C names ---- */

#define FRONT1(fn, prim)                                                      \
  nl_value *fn (nl_ctx *C, nl_value *x) { return nl_apply1(C, &prim, x); }
#define FRONT2(fn, prim)                                                      \
  nl_value *fn (nl_ctx *C, nl_value *x, nl_value *y) {                        \
    return nl_apply2(C, &prim, x, y);                                         \
  }
FRONT1(nl_neg, nl_prim_neg)
FRONT1(nl_exp, nl_prim_exp)
FRONT1(nl_log, nl_prim_log)
FRONT1(nl_tanh, nl_prim_tanh)
FRONT1(nl_sqrt, nl_prim_sqrt)
FRONT2(nl_add, nl_prim_add)
FRONT2(nl_sub, nl_prim_sub)
FRONT2(nl_mul, nl_prim_mul)
FRONT2(nl_div, nl_prim_div)
FRONT2(nl_pow, nl_prim_pow)
FRONT2(nl_max2, nl_prim_max2)
FRONT2(nl_min2, nl_prim_min2)
FRONT2(nl_lt, nl_prim_lt)
FRONT2(nl_le, nl_prim_le)
FRONT2(nl_gt, nl_prim_gt)
FRONT2(nl_ge, nl_prim_ge)
FRONT2(nl_eq, nl_prim_eq)
FRONT2(nl_ne, nl_prim_ne)
