/* reduce.c: sum prod mean max min argmax argmin all any norm var std
 * logsumexp dist.
 *
 * NAME([result,] x) reduces everything to a number (inside a transform, a
 * weak 0-d tensor); NAME([result,] x, dim) keeps the dimension with size 1.
 * Several dims come as a table; {keepdim = false} as the last argument, or
 * false after the dim, drops them. */
#include "tensor.h"

#include <math.h>
#include <string.h>

typedef struct reduction {
  nl_tensor *res, *res2; /* Torch7's result arguments, or NULL */
  int x;                 /* the argument reduced */
  int next;              /* the argument after it */
  int last;              /* the last that is no table of options */
  bool keep;
} reduction;

/* Options and result arguments; `pairs`: there are two results. */
static void parse (lua_State *L, nlb_state *S, reduction *r, bool pairs) {
  int top = lua_gettop(L);
  r->last = top;
  r->keep = true;
  int o = nlb_options(L, &r->last);
  if (o != 0) {
    lua_getfield(L, o, "keepdim");
    r->keep = lua_isnil(L, -1) || lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  r->x = 1;
  r->res = r->res2 = NULL;
  if (pairs && r->last >= 3 && nlb_test_tensor(L, S, 1) &&
      nlb_test_tensor(L, S, 2) && nlb_test_tensor(L, S, 3)) {
    r->res = nlb_test_tensor(L, S, 1);
    r->res2 = nlb_test_tensor(L, S, 2);
    r->x = 3;
  } else if (!pairs && r->last >= 2 && nlb_test_tensor(L, S, 1) &&
             nlb_test_tensor(L, S, 2)) {
    r->res = nlb_test_tensor(L, S, 1);
    r->x = 2;
  }
  r->next = r->x + 1;
  if (lua_type(L, r->x) != LUA_TNUMBER) nlb_check_tensor(L, S, r->x);
}

/* The dims of argument idx as a mask; all of them when there is none. */
static bool parse_dims (lua_State *L, nlb_state *S, reduction *r, int idx,
                        uint32_t *mask) {
  const nl_tensor *x = nlb_test_tensor(L, S, r->x);
  int ndim = x == NULL ? 0 : x->storage == NULL ? 1 : x->ndim;
  *mask = NL_ALL_DIMS;
  if (idx > r->last || lua_isnil(L, idx)) {
    if (r->keep) r->keep = false;
    return false;
  }
  *mask = 0;
  if (lua_type(L, idx) == LUA_TTABLE) {
    int n = (int)lua_rawlen(L, idx);
    for (int i = 1; i <= n; i++) {
      lua_rawgeti(L, idx, i);
      int d = nlb_dim(L, -1, ndim);
      if (*mask >> d & 1)
        nlb_arg_error(L, idx, "dimension %d is named twice", d + 1);
      *mask |= 1u << d;
      lua_pop(L, 1);
    }
    if (n == 0) nlb_arg_error(L, idx, "no dimensions in the table");
  } else {
    *mask = 1u << nlb_dim(L, idx, ndim);
  }
  if (idx + 1 <= r->last && lua_isboolean(L, idx + 1))
    r->keep = lua_toboolean(L, idx + 1);
  return true;
}

static int finish (lua_State *L, nlb_state *S, const reduction *r,
                   nl_tensor *t, nl_value *v) {
  if (r->res == NULL) return nlb_finish_number(L, S, t, v);
  nlb_result(L, S, r->res, v);
  lua_pushvalue(L, 1);
  return 1;
}

/* ---- the formulas ---- */

static int64_t count (const nl_value *x, uint32_t mask) {
  int64_t n = 1;
  for (int i = 0; i < nl_ndim(x); i++)
    if (mask >> i & 1) n *= nl_shape(x)[i];
  return n;
}

static nl_value *as_float (nl_ctx *C, nl_value *x) {
  if (x == NULL || nl_dtype_is_float(nl_dtype_of(x))) return x;
  return nl_cast(C, nl_strong(C, x), nl_default_dtype(C));
}

static nl_value *mean (nl_ctx *C, nl_value *x, uint32_t mask, bool keep) {
  x = as_float(C, x);
  if (x == NULL) return NULL;
  return nl_div(C, nl_sum(C, x, mask, keep),
                nl_number(C, (double)count(x, mask)));
}

static nl_value *variance (nl_ctx *C, nl_value *x, uint32_t mask, bool keep,
                           bool biased) {
  x = as_float(C, x);
  if (x == NULL) return NULL;
  double n = (double)count(x, mask) - (biased ? 0 : 1);
  nl_value *d = nl_sub(C, x, mean(C, x, mask, true));
  return nl_div(C, nl_sum(C, nl_mul(C, d, d), mask, keep), nl_number(C, n));
}

/* sqrt whose derivative at 0 is 0 */
static nl_value *root (nl_ctx *C, nl_value *s, double p) {
  nl_value *zero = nl_eq(C, s, nl_number(C, 0));
  nl_value *safe = nl_where(C, zero, nl_ones_like(C, s), s);
  safe = p == 2 ? nl_sqrt(C, safe) : nl_pow(C, safe, nl_number(C, 1 / p));
  return nl_where(C, zero, nl_zeros_like(C, s), safe);
}

/* (sum |x|^p)^(1/p) */
static nl_value *norm (nl_ctx *C, nl_value *x, double p, uint32_t mask,
                       bool keep) {
  x = as_float(C, x);
  if (x == NULL) return NULL;
  if (p == 2) return root(C, nl_sum(C, nl_mul(C, x, x), mask, keep), 2);
  nl_value *a = nl_unary(C, "abs", x);
  if (isinf(p)) return nl_reduce(C, p > 0 ? "max" : "min", a, mask, keep);
  if (p == 1) return nl_sum(C, a, mask, keep);
  if (p == 0) {
    nl_value *some = nl_ne(C, x, nl_number(C, 0));
    return nl_cast(C, nl_sum(C, some, mask, keep), nl_dtype_of(x));
  }
  /* |x|^p at 0 has no derivative by the formula for p < 1 */
  return root(C, nl_sum(C, nl_pow(C, a, nl_number(C, p)), mask, keep), p);
}

/* log sum exp(x), shifted by the maximum where that is finite */
static nl_value *logsumexp (nl_ctx *C, nl_value *x, uint32_t mask,
                            bool keep) {
  x = as_float(C, x);
  if (x == NULL) return NULL;
  if (count(x, mask) == 0) return nl_log(C, nl_sum(C, x, mask, keep));
  nl_value *m = nl_stop_gradient(C, nl_reduce(C, "max", x, mask, true));
  m = nl_where(C, nl_unary(C, "isfinite", m), m, nl_zeros_like(C, m));
  nl_value *s = nl_sum(C, nl_exp(C, nl_sub(C, x, m)), mask, true);
  nl_value *v = nl_add(C, nl_log(C, s), m);
  return keep ? v : nl_sum(C, v, mask, false);
}

/* ---- bindings ---- */

/* sum, prod, all, any, argmax, argmin, mean, logsumexp by upvalue 4 */
static int r_plain (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const char *name = (const char *)lua_touserdata(L, lua_upvalueindex(4));
  reduction r;
  uint32_t mask;
  nl_value *v;
  parse(L, S, &r, false);
  bool dims = parse_dims(L, S, &r, r.next, &mask);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, r.x);
  if (strcmp(name, "mean") == 0) {
    v = mean(S->C, x, mask, r.keep);
  } else if (strcmp(name, "logsumexp") == 0) {
    v = logsumexp(S->C, x, mask, r.keep);
  } else if (strncmp(name, "arg", 3) == 0) {
    int64_t n = nl_numel(x);
    if (!dims) x = nl_reshape(S->C, x, 1, &n);
    if (dims && (mask & (mask - 1)) != 0) nlb_fail(L, "one dimension expected");
    v = nl_reduce(S->C, name, x, mask, r.keep);
    v = nl_add(S->C, v, nl_integer(S->C, 1));
  } else {
    v = nl_reduce(S->C, name, x, mask, r.keep);
  }
  return finish(L, S, &r, t, v);
}

/* max and min: a number, or values and indices along one dimension */
static int r_extreme (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const char *name = (const char *)lua_touserdata(L, lua_upvalueindex(4));
  reduction r;
  uint32_t mask;
  parse(L, S, &r, true);
  if (lua_type(L, r.next) == LUA_TUSERDATA && !nlb_is_scalar(L, S, r.next))
    nlb_arg_error(L, r.next, "a dimension expected, got %s; the elementwise "
                             "form is torch.c%s(x, y)",
                  nlb_describe(L, S, r.next), name);
  bool dims = parse_dims(L, S, &r, r.next, &mask);
  nl_tensor *t = nlb_new_tensor(L, S);
  if (!dims || (mask & (mask - 1)) != 0) {
    nl_value *x = nlb_value(L, S, r.x);
    return nlb_finish_number(L, S, t,
                             nl_reduce(S->C, name, x, mask, r.keep));
  }
  nl_tensor *t2 = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, r.x);
  nl_value *v = nl_reduce(S->C, name, x, mask, r.keep);
  nl_value *i = nl_reduce(S->C, name[1] == 'a' ? "argmax" : "argmin", x, mask,
                          r.keep);
  i = nl_add(S->C, i, nl_integer(S->C, 1));
  if (r.res != NULL) {
    nlb_result(L, S, r.res, v);
    nlb_result(L, S, r.res2, i);
    lua_settop(L, 2);
    return 2;
  }
  if (v == NULL || i == NULL || nl_tensor_from(S->C, t, v) != NL_OK) {
    t->storage = NULL;
    return nlb_raise(L, S);
  }
  nlb_finish(L, S, t2, i);
  return 2;
}

static double plain_number (lua_State *L, nlb_state *S, int idx, double def) {
  double x;
  int64_t i;
  bool is_int;
  if (lua_isnoneornil(L, idx)) return def;
  if (lua_type(L, idx) == LUA_TNUMBER) return lua_tonumber(L, idx);
  if (!nlb_is_scalar(L, S, idx))
    nlb_arg_error(L, idx, "a number expected, got %s",
                  nlb_describe(L, S, idx));
  if (nl_item(S->C, nlb_value(L, S, idx), &x, &i, &is_int) != NL_OK)
    nlb_raise(L, S);
  return x;
}

/* norm([res,] x[, p[, dim]]) */
static int r_norm (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  reduction r;
  uint32_t mask;
  parse(L, S, &r, false);
  bool has_p = r.next <= r.last && !lua_isnil(L, r.next);
  double p = has_p ? plain_number(L, S, r.next, 2) : 2;
  parse_dims(L, S, &r, r.next + 1, &mask);
  nl_tensor *t = nlb_new_tensor(L, S);
  return finish(L, S, &r, t,
                norm(S->C, nlb_value(L, S, r.x), p, mask, r.keep));
}

/* var and std([res,] x[, dim][, biased]) */
static int r_var (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  bool std = lua_touserdata(L, lua_upvalueindex(4)) != NULL;
  reduction r;
  uint32_t mask;
  bool biased = false;
  parse(L, S, &r, false);
  if (r.last >= r.next && lua_isboolean(L, r.last)) {
    biased = lua_toboolean(L, r.last);
    r.last--;
  }
  parse_dims(L, S, &r, r.next, &mask);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *v = variance(S->C, nlb_value(L, S, r.x), mask, r.keep, biased);
  if (std) v = nl_sqrt(S->C, v);
  return finish(L, S, &r, t, v);
}

/* dist(x, y[, p]): the norm of x - y */
static int r_dist (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  double p = plain_number(L, S, 3, 2);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, 1), *y = nlb_value(L, S, 2);
  return nlb_finish_number(
      L, S, t, norm(S->C, nl_sub(S->C, x, y), p, NL_ALL_DIMS, false));
}

static void set (lua_State *L, nlb_state *S, const char *name,
                 lua_CFunction f, const void *upvalue) {
  char method[32] = ":";
  nlb_push_functions(L);
  nlb_setfunc(L, S, name, f, upvalue);
  lua_pop(L, 1);
  nlb_push_methods(L);
  strncat(method, name, sizeof method - 2);
  nlb_setfunc(L, S, method, f, upvalue);
  lua_pop(L, 1);
}

void nlb_open_reduce (lua_State *L, nlb_state *S) {
  static const char *const plain[] = {"sum",    "prod",   "mean", "all", "any",
                                      "argmax", "argmin", "logsumexp"};
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    set(L, S, plain[i], r_plain, plain[i]);
  set(L, S, "max", r_extreme, "max");
  set(L, S, "min", r_extreme, "min");
  set(L, S, "norm", r_norm, NULL);
  set(L, S, "var", r_var, NULL);
  set(L, S, "std", r_var, "std");
  set(L, S, "dist", r_dist, NULL);
}
