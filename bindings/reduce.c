/* reduce.c: sum prod mean max min argmax argmin all any norm var std
 * logsumexp dist.
 *
 * NAME([result,] x) reduces everything to a number (inside a transform, a
 * weak 0-d tensor); NAME([result,] x, dim) keeps the dimension with size 1.
 * Several dims come as a table; {keepdim = false} as the last argument, or
 * false after the dim, drops them. */
#include "tensor.h"

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

/* ---- bindings ---- */

typedef nl_value *(*reduce_fn) (nl_ctx *C, nl_value *x, uint32_t mask,
                                bool keepdim);

typedef struct plain { /* a reduction without further arguments */
  const char *name;
  reduce_fn f; /* NULL: nl_reduce by name */
  bool arg;    /* argmax, argmin */
} plain;

static const plain plains[] = {
    {"sum", nl_sum, false},       {"mean", nl_mean, false},
    {"prod", NULL, false},        {"all", NULL, false},
    {"any", NULL, false},         {"logsumexp", nl_logsumexp, false},
    {"argmax", NULL, true},       {"argmin", NULL, true}};

static nl_value *positions (lua_State *L, nlb_state *S, const char *name,
                            nl_value *x, bool dims, uint32_t mask,
                            bool keep) {
  int64_t n = nl_numel(x);
  if (!dims) x = nl_reshape(S->C, x, 1, &n);
  if (dims && (mask & (mask - 1)) != 0) nlb_fail(L, "one dimension expected");
  nl_value *v = nl_reduce(S->C, name, x, mask, keep);
  return nl_add(S->C, v, nl_integer(S->C, 1));
}

static int r_plain (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const plain *p = (const plain *)lua_touserdata(L, lua_upvalueindex(4));
  reduction r;
  uint32_t mask;
  parse(L, S, &r, false);
  bool dims = parse_dims(L, S, &r, r.next, &mask);
  nl_tensor *t = dims ? nlb_new_tensor(L, S) : nlb_new_number(L, S);
  nl_value *x = nlb_value(L, S, r.x);
  nl_value *v = p->arg ? positions(L, S, p->name, x, dims, mask, r.keep)
                : p->f != NULL ? p->f(S->C, x, mask, r.keep)
                               : nl_reduce(S->C, p->name, x, mask, r.keep);
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
  nl_tensor *t = dims ? nlb_new_tensor(L, S) : nlb_new_number(L, S);
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
                nl_norm(S->C, nlb_value(L, S, r.x), p, mask, r.keep));
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
  nl_value *x = nlb_value(L, S, r.x);
  nl_value *v = std ? nl_std(S->C, x, mask, r.keep, !biased)
                    : nl_var(S->C, x, mask, r.keep, !biased);
  return finish(L, S, &r, t, v);
}

/* dist(x, y[, p]): the norm of x - y */
static int r_dist (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  double p = plain_number(L, S, 3, 2);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, 1), *y = nlb_value(L, S, 2);
  return nlb_finish_number(
      L, S, t, nl_norm(S->C, nl_sub(S->C, x, y), p, NL_ALL_DIMS, false));
}

void nlb_open_reduce (lua_State *L, nlb_state *S) {
  for (size_t i = 0; i < sizeof plains / sizeof *plains; i++)
    nlb_set_both(L, S, plains[i].name, r_plain, &plains[i]);
  nlb_set_both(L, S, "max", r_extreme, "max");
  nlb_set_both(L, S, "min", r_extreme, "min");
  nlb_set_both(L, S, "norm", r_norm, NULL);
  nlb_set_both(L, S, "var", r_var, NULL);
  nlb_set_both(L, S, "std", r_var, "std");
  nlb_set_both(L, S, "dist", r_dist, NULL);
}
