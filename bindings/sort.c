/* sort.c: sort topk kthvalue median mode: (values, indices) along one
 * dimension, the last one unless another is given.
 *
 * NAME([values, indices,] x, ...); indices count from 1. */
#include "tensor.h"

typedef struct pair {
  int at;      /* x's argument; 3 after Torch7's two result tensors */
  nl_tensor *values, *places;
  nl_value *x;
} pair;

/* How many arguments stand before x. */
static int find_x (lua_State *L, nlb_state *S) {
  if (lua_gettop(L) >= 3 && nlb_test_tensor(L, S, 1) &&
      nlb_test_tensor(L, S, 2) && nlb_test_tensor(L, S, 3) &&
      !nlb_is_scalar(L, S, 2))
    return 3;
  nlb_check_tensor(L, S, 1);
  return 1;
}

static void begin (lua_State *L, nlb_state *S, int at, pair *p) {
  p->at = at;
  if (at == 1) {
    p->values = nlb_new_tensor(L, S);
    p->places = nlb_new_tensor(L, S);
  } else {
    p->values = nlb_check_tensor(L, S, 1);
    p->places = nlb_check_tensor(L, S, 2);
  }
  p->x = nlb_value(L, S, at);
}

static int finish (lua_State *L, nlb_state *S, pair *p, nl_value *v,
                   nl_value *index) {
  if (v == NULL) return nlb_raise(L, S);
  index = nl_add(S->C, index, nl_integer(S->C, 1));
  if (p->at == 1) {
    if (index == NULL || nl_tensor_from(S->C, p->values, v) != NL_OK) {
      p->values->storage = NULL;
      return nlb_raise(L, S);
    }
    nlb_finish(L, S, p->places, index);
    return 2;
  }
  nlb_result(L, S, p->values, v);
  nlb_result(L, S, p->places, index);
  lua_settop(L, 2);
  return 2;
}

/* The dimension at idx, the last one when idx is 0 or nothing is there. */
static int dim_at (lua_State *L, nlb_state *S, int idx, int x) {
  int ndim = nlb_check_tensor(L, S, x)->ndim;
  if (ndim == 0)
    nlb_fail(L, "a tensor with dimensions expected, got %s",
             nlb_describe(L, S, x));
  return idx == 0 || lua_isnoneornil(L, idx) ? ndim - 1
                                           : nlb_dim(L, idx, ndim);
}

static bool flag_at (lua_State *L, nlb_state *S, int idx) {
  if (!lua_isnoneornil(L, idx) && !lua_isboolean(L, idx))
    nlb_arg_error(L, idx, "true or false expected, got %s",
                  nlb_describe(L, S, idx));
  return lua_toboolean(L, idx);
}

/* sort(x[, dim][, descending]): stable */
static int s_sort (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int at = find_x(L, S), next = at + 1;
  int d = dim_at(L, S, lua_isboolean(L, next) ? 0 : next, at);
  if (!lua_isboolean(L, next)) next++;
  bool descending = flag_at(L, S, next);
  pair p;
  nl_value *index = NULL;
  begin(L, S, at, &p);
  nl_value *v = nl_sort(S->C, p.x, d, descending, &index);
  return finish(L, S, &p, v, index);
}

/* topk(x, k[, dim][, largest][, sorted]): the k smallest, in order */
static int s_topk (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int at = find_x(L, S), next = at + 2;
  int64_t k = nlb_integer(L, at + 1, "k");
  int d = dim_at(L, S, lua_isboolean(L, next) ? 0 : next, at);
  if (!lua_isboolean(L, next)) next++;
  bool largest = flag_at(L, S, next);
  pair p;
  nl_value *index = NULL;
  begin(L, S, at, &p);
  nl_value *v = nl_topk(S->C, p.x, k, d, largest, &index);
  return finish(L, S, &p, v, index);
}

/* kthvalue(x, k[, dim]): the k-th smallest */
static int s_kthvalue (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int at = find_x(L, S);
  int64_t k = nlb_integer(L, at + 1, "k");
  int d = dim_at(L, S, at + 2, at);
  int64_t n = nlb_check_tensor(L, S, at)->size[d];
  if (k < 1 || k > n)
    nlb_arg_error(L, at + 1, "k %I is outside 1..%I", (LUAI_UACINT)k,
                  (LUAI_UACINT)n);
  pair p;
  nl_value *index = NULL;
  begin(L, S, at, &p);
  nl_value *v = nl_kthvalue(S->C, p.x, k - 1, d, &index);
  return finish(L, S, &p, v, index);
}

/* median(x[, dim]): the lower one of two; mode(x[, dim]): the least of the
   most frequent; upvalue 4 says which */
static int s_middle (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  bool mode = lua_touserdata(L, lua_upvalueindex(4)) != NULL;
  int at = find_x(L, S);
  int d = dim_at(L, S, at + 1, at);
  pair p;
  nl_value *index = NULL;
  begin(L, S, at, &p);
  nl_value *v = mode ? nl_mode(S->C, p.x, d, &index)
                     : nl_median(S->C, p.x, d, &index);
  return finish(L, S, &p, v, index);
}

/* argsort(x[, dim][, descending]) */
static int s_argsort (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_check_tensor(L, S, 1);
  int next = 2;
  int d = dim_at(L, S, lua_isboolean(L, next) ? 0 : next, 1);
  if (!lua_isboolean(L, next)) next++;
  bool descending = flag_at(L, S, next);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *i = nl_argsort(S->C, nlb_value(L, S, 1), d, descending);
  return nlb_finish(L, S, t, nl_add(S->C, i, nl_integer(S->C, 1)));
}

void nlb_open_sort (lua_State *L, nlb_state *S) {
  nlb_set_both(L, S, "sort", s_sort, NULL);
  nlb_set_both(L, S, "argsort", s_argsort, NULL);
  nlb_set_both(L, S, "topk", s_topk, NULL);
  nlb_set_both(L, S, "kthvalue", s_kthvalue, NULL);
  nlb_set_both(L, S, "median", s_middle, NULL);
  nlb_set_both(L, S, "mode", s_middle, "mode");
}
