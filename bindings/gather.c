/* gather.c: the index family: index gather scatter masks nonzero onehot, and
 * what x[key] and x[key] = y become when key is a tensor.
 *
 * Indices are of an integer type and count from 1; the runtime counts from 0.
 * Functions are pure, with Torch7's result argument; indexCopy, indexAdd,
 * indexFill, scatter and the masked writes are in place as methods. */
#include "tensor.h"

#include <string.h>

/* The index tensor at idx, counted from 0. */
static nl_value *indices (lua_State *L, nlb_state *S, int idx) {
  const nl_tensor *t = nlb_check_tensor(L, S, idx);
  if (!nl_dtype_is_int(nlb_dtype_of(t)))
    nlb_arg_error(L, idx, "indices of an integer type expected, got %s; "
                          "convert them with :long()",
                  nlb_describe(L, S, idx));
  nl_value *v = nl_cast(S->C, nlb_read(S, t), NL_I64);
  return nl_sub(S->C, v, nl_integer(S->C, 1));
}

/* The mask at idx for x: one of another shape and as many elements counts
   element by element, as in Torch7. */
nl_value *nlb_mask (lua_State *L, nlb_state *S, int idx, const nl_value *x) {
  const nl_tensor *t = nlb_check_tensor(L, S, idx);
  nl_dtype d = nlb_dtype_of(t);
  if (d != NL_BOOL && d != NL_U8)
    nlb_arg_error(L, idx, "a mask of bool or uint8 expected, got %s",
                  nlb_describe(L, S, idx));
  nl_value *m = nl_cast(S->C, nlb_read(S, t), NL_BOOL);
  if (m != NULL && x != NULL && nl_numel(m) == nl_numel(x))
    m = nl_reshape(S->C, m, nl_ndim(x), nl_shape(x));
  return m;
}

static int dim_of (lua_State *L, nlb_state *S, int idx, int x) {
  const nl_tensor *t = nlb_check_tensor(L, S, x);
  if (t->storage == NULL) nlb_fail(L, "the tensor is empty");
  if (lua_type(L, idx) != LUA_TNUMBER && !nlb_is_scalar(L, S, idx))
    nlb_arg_error(L, idx, "a dimension expected, got %s",
                  nlb_describe(L, S, idx));
  return nlb_dim(L, idx, t->ndim);
}

/* 1 when the first argument is Torch7's result tensor: the second is a tensor
   too. */
static int result_first (lua_State *L, nlb_state *S) {
  return nlb_test_tensor(L, S, 1) != NULL && nlb_test_tensor(L, S, 2) != NULL;
}

static int finish (lua_State *L, nlb_state *S, int res, nl_tensor *t,
                   nl_value *v) {
  if (!res) return nlb_finish(L, S, t, v);
  nlb_result(L, S, nlb_check_tensor(L, S, 1), v);
  lua_pushvalue(L, 1);
  return 1;
}

/* ---- reading ---- */

/* x at the indices of any shape along dim: idx's sizes stand for dim's. */
static nl_value *select_any (nl_ctx *C, nl_value *x, int dim, nl_value *idx) {
  if (x == NULL || idx == NULL) return NULL;
  int64_t n = nl_numel(idx), size[2 * NL_MAX_NDIM];
  int k = nl_ndim(idx), ndim = nl_ndim(x);
  if (k == 1) return nl_index_select(C, x, dim, idx);
  nl_value *v = nl_index_select(C, x, dim, nl_reshape(C, idx, 1, &n));
  memcpy(size, nl_shape(x), (size_t)dim * sizeof *size);
  memcpy(size + dim, nl_shape(idx), (size_t)k * sizeof *size);
  memcpy(size + dim + k, nl_shape(x) + dim + 1,
         (size_t)(ndim - dim - 1) * sizeof *size);
  return nl_reshape(C, v, ndim - 1 + k, size);
}

/* index([res,] x, dim, indices) */
static int g_index (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int r = result_first(L, S), d = dim_of(L, S, 2 + r, 1 + r);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, 1 + r), *i = indices(L, S, 3 + r);
  return finish(L, S, r, t, nl_index_select(S->C, x, d, i));
}

/* x[indices] */
static int g_index_select (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (x->ndim == 0) nlb_fail(L, "a tensor with dimensions expected");
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *v = select_any(S->C, nlb_read(S, x), 0, indices(L, S, 2));
  return v != NULL && nl_ndim(v) == 0 ? nlb_finish_number(L, S, t, v)
                                      : nlb_finish(L, S, t, v);
}

/* gather([res,] x, dim, indices) */
static int g_gather (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int r = result_first(L, S), d = dim_of(L, S, 2 + r, 1 + r);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, 1 + r), *i = indices(L, S, 3 + r);
  return finish(L, S, r, t, nl_gather(S->C, x, d, i));
}

/* maskedSelect([res,] x, mask) */
static int g_masked_select (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int r = lua_gettop(L) > 2;
  nlb_check_tensor(L, S, 1 + r);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, 1 + r), *m = nlb_mask(L, S, 2 + r, x);
  return finish(L, S, r, t, nl_masked_select(S->C, x, m));
}

/* nonzero([res,] x): (how many, dimensions) indices, row-major */
static int g_nonzero (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int r = result_first(L, S);
  nlb_check_tensor(L, S, 1 + r);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *v = nl_nonzero(S->C, nlb_value(L, S, 1 + r));
  return finish(L, S, r, t, nl_add(S->C, v, nl_integer(S->C, 1)));
}

/* onehot(labels, classes[, dtype]): labels (...) of 1..classes become
   (..., classes) */
static int g_onehot (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int d = nlb_take_dtype(L);
  int64_t n = nlb_integer(L, 2, "classes");
  if (n < 1)
    nlb_arg_error(L, 2, "at least 1 class expected, got %I", (LUAI_UACINT)n);
  if (nlb_is_scalar(L, S, 1) || nlb_test_tensor(L, S, 1) == NULL)
    nlb_arg_error(L, 1, "a tensor of labels expected, got %s",
                  nlb_describe(L, S, 1));
  nl_tensor *t = nlb_new_tensor(L, S);
  /* float labels are as good: what torch.tensor{1, 2, 3} gives */
  nl_value *labels = nl_cast(S->C, nlb_value(L, S, 1), NL_I64);
  labels = nl_sub(S->C, labels, nl_integer(S->C, 1));
  return nlb_finish(L, S, t,
                    nl_one_hot(S->C, labels, n,
                               d < 0 ? nl_default_dtype(S->C) : (nl_dtype)d));
}

/* ---- writing ---- */

typedef nl_value *(*put_fn) (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                             nl_value *src);

static const struct put {
  const char *name;
  put_fn f;
} puts_[] = {{"indexCopy", nl_index_copy}, {"indexAdd", nl_index_add},
             {"indexFill", nl_index_copy}, {"scatter", nl_scatter},
             {"scatterAdd", nl_scatter_add}};

/* f(x, dim, indices, src or number) as a value; x is argument `at`, and
   `into` the tensor where the result goes, or NULL. */
static nl_value *put (lua_State *L, nlb_state *S, int at,
                      const nl_tensor *into) {
  const struct put *p =
      (const struct put *)lua_touserdata(L, lua_upvalueindex(4));
  int d = dim_of(L, S, at + 1, at);
  nl_dtype dtype = nlb_dtype_of(nlb_check_tensor(L, S, at));
  size_t mark = nl_pool_mark(S->C);
  nl_value *x = nlb_value(L, S, at), *i = indices(L, S, at + 2);
  nl_value *src = nl_cast(S->C, nlb_value(L, S, at + 3), dtype);
  if (into != NULL) nl_into(S->C, into, mark);
  return p->f(S->C, x, d, i, src);
}

/* x:indexAdd(dim, indices, src): in place */
static int g_put_method (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  nlb_store(L, S, t, put(L, S, 1, t));
  lua_settop(L, 1);
  return 1;
}

/* indexAdd([res,] x, dim, indices, src): pure */
static int g_put_function (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int r = result_first(L, S);
  nl_tensor *t = nlb_new_tensor(L, S);
  return finish(L, S, r, t, put(L, S, 1 + r, NULL));
}

/* x[mask] = number or tensor, x:maskedCopy(mask, src) */
static int g_masked_assign (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  nl_value *x = nlb_read(S, t), *m = nlb_mask(L, S, 2, x);
  nl_value *src = nl_cast(S->C, nlb_value(L, S, 3), nlb_dtype_of(t));
  nl_value *v = src != NULL && nl_ndim(src) == 0
                    ? nl_where(S->C, m, src, x)
                    : nl_masked_copy(S->C, x, m, src);
  nlb_store(L, S, t, v);
  lua_settop(L, 1);
  return 1;
}

/* x[indices] = number or tensor */
static int g_index_assign (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (t->ndim == 0) nlb_fail(L, "a tensor with dimensions expected");
  nl_value *x = nlb_read(S, t), *i = indices(L, S, 2);
  nl_value *src = nl_cast(S->C, nlb_value(L, S, 3), nlb_dtype_of(t));
  if (x == NULL || i == NULL || src == NULL) return nlb_raise(L, S);
  int64_t n = nl_numel(i), size[NL_MAX_DIM];
  memcpy(size, t->size, sizeof size);
  size[0] = n;
  i = nl_reshape(S->C, i, 1, &n);
  if (nl_ndim(src) > 0) {
    int64_t all = 1;
    for (int d = 0; d < t->ndim; d++) all *= size[d];
    src = nl_numel(src) == all ? nl_reshape(S->C, src, t->ndim, size)
                               : nl_broadcast_to(S->C, src, t->ndim, size);
  }
  nlb_store(L, S, t, nl_index_copy(S->C, x, 0, i, src));
  return 0;
}

/* ---- running sums and softmax: NAME([res,] x[, dim]) ---- */

static nl_value *cumsum (nl_ctx *C, nl_value *x, int dim) {
  return nl_cumsum(C, x, dim, false);
}

static const struct along {
  const char *name;
  nl_value *(*f) (nl_ctx *C, nl_value *x, int dim);
  bool last; /* the dimension when none is given: the last, or the first */
} alongs[] = {{"cumsum", cumsum, false},
              {"cumprod", nl_cumprod, false},
              {"softmax", nl_softmax, true},
              {"logsoftmax", nl_log_softmax, true}};

static int g_along (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const struct along *a =
      (const struct along *)lua_touserdata(L, lua_upvalueindex(4));
  int r = result_first(L, S) && !nlb_is_scalar(L, S, 2);
  const nl_tensor *x = nlb_check_tensor(L, S, 1 + r);
  if (x->ndim == 0)
    nlb_arg_error(L, 1 + r, "a tensor with dimensions expected, got %s",
                  nlb_describe(L, S, 1 + r));
  int d = lua_isnoneornil(L, 2 + r) ? (a->last ? x->ndim - 1 : 0)
                                    : nlb_dim(L, 2 + r, x->ndim);
  nl_tensor *t = nlb_new_tensor(L, S);
  return finish(L, S, r, t, a->f(S->C, nlb_read(S, x), d));
}

void nlb_open_gather (lua_State *L, nlb_state *S) {
  static const luaL_Reg both[] = {{"index", g_index},
                                  {"gather", g_gather},
                                  {"maskedSelect", g_masked_select},
                                  {"nonzero", g_nonzero},
                                  {NULL, NULL}};
  static const luaL_Reg functions[] = {{"masked_select", g_masked_select},
                                       {"onehot", g_onehot},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {{":indexSelect", g_index_select},
                                     {":maskedCopy", g_masked_assign},
                                     {":maskedAssign", g_masked_assign},
                                     {":indexAssign", g_index_assign},
                                     {NULL, NULL}};
  nlb_set_methods(L, S, both);
  nlb_push_functions(L);
  nlb_setfuncs(L, S, functions);
  lua_getfield(L, -2, "methods");
  nlb_setfuncs(L, S, methods);
  for (size_t i = 0; i < sizeof puts_ / sizeof *puts_; i++) {
    char name[32] = ":";
    strncat(name, puts_[i].name, sizeof name - 2);
    nlb_setfunc(L, S, name, g_put_method, &puts_[i]);
    lua_pushvalue(L, -2);
    nlb_setfunc(L, S, puts_[i].name, g_put_function, &puts_[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  for (size_t i = 0; i < sizeof alongs / sizeof *alongs; i++)
    nlb_set_both(L, S, alongs[i].name, g_along, &alongs[i]);
}
