/* shape.c: movements that make new tensors: clone contiguous reshape
 * repeatTensor cat stack diag tril triu trace. */
#include "tensor.h"

#include <string.h>

/* NAME([res,] x, ...): the tensor to be filled, and x's argument. */
static nl_tensor *result (lua_State *L, nlb_state *S, int *x) {
  bool has = nlb_test_tensor(L, S, 2) != NULL && !nlb_is_scalar(L, S, 2);
  nl_tensor *first = nlb_check_tensor(L, S, 1);
  *x = has ? 2 : 1;
  return has ? first : NULL;
}

static int finish (lua_State *L, nlb_state *S, nl_tensor *res, nl_tensor *t,
                   nl_value *v) {
  if (res == NULL) return nlb_finish(L, S, t, v);
  nlb_result(L, S, res, v);
  lua_pushvalue(L, 1);
  return 1;
}

static int m_clone (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  if (x->storage == NULL) {
    t->offset = x->offset;
    return 1;
  }
  return nlb_finish(L, S, t, nl_copy(S->C, nlb_read(S, x)));
}

static int m_contiguous (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (x->storage != NULL && !nl_tensor_contiguous(x)) return m_clone(L);
  lua_settop(L, 1);
  return 1;
}

static int m_reshape (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int64_t size[NL_MAX_DIM];
  int at, next;
  nl_tensor *res = result(L, S, &at);
  const nl_tensor *x = nlb_check_tensor(L, S, at);
  int n = nlb_sizes(L, at + 1, size, &next);
  nlb_infer_size(L, n, size, nl_tensor_numel(x));
  nl_tensor *t = nlb_new_tensor(L, S);
  return finish(L, S, res, t, nl_reshape(S->C, nlb_read(S, x), n, size));
}

/* repeatTensor([res,] x, counts...): x side by side, counts[d] times */
static int m_repeat (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int64_t count[NL_MAX_DIM], two[2 * NL_MAX_DIM], many[2 * NL_MAX_DIM];
  int64_t size[NL_MAX_DIM];
  int at, next;
  nl_tensor *res = result(L, S, &at);
  const nl_tensor *x = nlb_check_tensor(L, S, at);
  int n = nlb_sizes(L, at + 1, count, &next);
  if (x->storage == NULL) nlb_fail(L, "the tensor is empty");
  if (n < x->ndim)
    nlb_fail(L, "%d counts for a tensor of %d dimensions", n, x->ndim);
  nlb_check_sizes(L, n, count);
  for (int i = 0; i < n; i++) {
    int64_t s = i < n - x->ndim ? 1 : x->size[i - (n - x->ndim)];
    two[2 * i] = 1;
    many[2 * i] = count[i];
    two[2 * i + 1] = many[2 * i + 1] = s;
    if (__builtin_mul_overflow(count[i], s, &size[i]))
      nlb_fail(L, "the sizes overflow");
  }
  nlb_check_sizes(L, n, size);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *v = nl_reshape(S->C, nlb_read(S, x), 2 * n, two);
  v = nl_broadcast_to(S->C, v, 2 * n, many);
  return finish(L, S, res, t, nl_reshape(S->C, v, n, size));
}

/* ---- cat and stack ---- */

/* Values of one dtype, from the widest that occurs. */
static void unify (nlb_state *S, int n, nl_value **v) {
  nl_dtype d = NL_BOOL;
  bool strong = false;
  for (int i = 0; i < n; i++) {
    if (nl_is_weak(v[i])) continue;
    strong = true;
    if (nl_dtype_of(v[i]) > d) d = nl_dtype_of(v[i]);
  }
  if (!strong) d = nl_default_dtype(S->C);
  for (int i = 0; i < n; i++)
    v[i] = nl_cast(S->C, v[i], d);
}

/* dim -1: they get a new dimension. */
static void check_cat (lua_State *L, int n, nl_value *const *v, int dim) {
  char a[NLB_TEXT], b[NLB_TEXT];
  for (int i = 1; i < n; i++) {
    bool same = nl_ndim(v[i]) == nl_ndim(v[0]);
    for (int d = 0; same && d < nl_ndim(v[0]); d++)
      same = d == dim || nl_shape(v[i])[d] == nl_shape(v[0])[d];
    if (!same && dim < 0)
      nlb_fail(L, "tensor #%d is %s, tensor #1 is %s; all must have one shape "
                  "to be stacked along a new dimension (torch.cat joins along "
                  "one that is there)",
               i + 1, nlb_shape_text(a, nl_ndim(v[i]), nl_shape(v[i])),
               nlb_shape_text(b, nl_ndim(v[0]), nl_shape(v[0])));
    if (!same)
      nlb_fail(L, "tensor #%d of %s does not fit tensor #1 of %s along "
                  "dimension %d",
               i + 1, nlb_shape_text(a, nl_ndim(v[i]), nl_shape(v[i])),
               nlb_shape_text(b, nl_ndim(v[0]), nl_shape(v[0])), dim + 1);
  }
}

/* Reads the tensors of the table at `table` (or arguments first..last) into
   an array in a userdata; empty tensors are left out. */
static nl_value **read_list (lua_State *L, nlb_state *S, int table, int first,
                             int last, int *n) {
  lua_Unsigned count =
      table ? lua_rawlen(L, table) : (lua_Unsigned)(last - first + 1);
  if (count > 1 << 24) nlb_fail(L, "too many tensors");
  nl_value **v = (nl_value **)lua_newuserdatauv(
      L, ((size_t)count + 1) * sizeof *v, 0);
  *n = 0;
  for (lua_Unsigned i = 0; i < count; i++) {
    if (table)
      lua_rawgeti(L, table, (lua_Integer)i + 1);
    else
      lua_pushvalue(L, first + (int)i);
    const nl_tensor *t = nlb_test_tensor(L, S, -1);
    if (t == NULL && lua_type(L, -1) != LUA_TNUMBER)
      nlb_fail(L, "tensor expected as #%d, got %s", (int)i + 1,
               nlb_describe(L, S, -1));
    if (t == NULL || t->storage != NULL) v[(*n)++] = nlb_value(L, S, -1);
    lua_pop(L, 1);
  }
  if (*n == 0) nlb_fail(L, "no tensors to be joined");
  return v;
}

/* cat([res,] x, y[, dim]), cat([res,] {x, y, ...}[, dim]): the last
   dimension unless another one is given */
static int f_cat (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int top = lua_gettop(L), table = 0, n, last = top;
  nl_tensor *res = NULL;
  for (int i = 1; i <= 2 && !table; i++)
    if (lua_type(L, i) == LUA_TTABLE) table = i;
  int dim_at = table ? table + 1 : 0;
  if (table == 2) res = nlb_check_tensor(L, S, 1);
  if (!table) {
    if (top > 2 && lua_type(L, top) == LUA_TNUMBER) dim_at = last--;
    if (last == 3) res = nlb_check_tensor(L, S, 1);
    if (last < 2 || last > 3)
      nlb_fail(L, "two tensors or a table of tensors expected");
  }
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value **v = read_list(L, S, table, res ? 2 : 1, last, &n);
  int ndim = nl_ndim(v[0]);
  if (ndim == 0)
    nlb_fail(L, "tensors with dimensions expected; torch.stack joins numbers");
  int dim = dim_at && !lua_isnoneornil(L, dim_at) &&
                    lua_type(L, dim_at) != LUA_TUSERDATA
                ? nlb_dim(L, dim_at, ndim)
                : ndim - 1;
  unify(S, n, v);
  for (int i = 0; i < n; i++)
    if (v[i] == NULL) nlb_raise(L, S);
  check_cat(L, n, v, dim);
  nl_value *joined = nl_concat(S->C, n, v, dim);
  lua_pop(L, 1); /* the array */
  return finish(L, S, res, t, joined);
}

/* stack({x, y, ...}[, dim]): along a new dimension */
static int f_stack (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int n;
  if (lua_type(L, 1) != LUA_TTABLE)
    nlb_arg_error(L, 1, "a table of tensors expected, got %s",
                  nlb_describe(L, S, 1));
  lua_settop(L, 2);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value **v = read_list(L, S, 1, 0, 0, &n);
  int ndim = nl_ndim(v[0]);
  int dim = lua_isnil(L, 2) ? 0 : nlb_dim(L, 2, ndim + 1);
  if (ndim == NL_MAX_DIM)
    nlb_fail(L, "the result would have more than %d dimensions", NL_MAX_DIM);
  unify(S, n, v);
  for (int i = 0; i < n; i++)
    if (v[i] == NULL) nlb_raise(L, S);
  check_cat(L, n, v, -1);
  for (int i = 0; i < n; i++) v[i] = nl_unsqueeze(S->C, v[i], dim);
  nl_value *joined = nl_concat(S->C, n, v, dim);
  lua_pop(L, 1);
  return nlb_finish(L, S, t, joined);
}

/* ---- diagonals and triangles ---- */

/* diag([res,] x[, k]): a vector's matrix, or a matrix's k-th diagonal */
static int m_diag (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int at;
  nl_tensor *res = result(L, S, &at);
  int64_t k = lua_isnoneornil(L, at + 1) ? 0 : nlb_integer(L, at + 1, "k");
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, at), *v;
  const int64_t *size = nl_shape(x);
  if (k > INT32_MAX || k < -INT32_MAX || nl_ndim(x) < 1 || nl_ndim(x) > 2)
    nlb_fail(L, "a vector or a matrix expected, got %s",
             nlb_describe(L, S, at));
  if (nl_ndim(x) == 1) {
    int64_t n = size[0] + (k < 0 ? -k : k), both[2] = {n, n}, step = n + 1;
    nlb_check_sizes(L, 2, both);
    v = nl_full(S->C, nl_dtype_of(x), 2, both, 0);
    v = nl_view_update(S->C, v, x, k < 0 ? -k * n : k, &step);
  } else {
    int64_t rows = size[0] + (k < 0 ? k : 0), cols = size[1] - (k > 0 ? k : 0);
    int64_t n = rows < cols ? rows : cols, step = size[1] + 1;
    if (n < 1)
      nlb_fail(L, "a matrix of %I x %I has no diagonal %I",
               (LUAI_UACINT)size[0], (LUAI_UACINT)size[1], (LUAI_UACINT)k);
    v = nl_view(S->C, x, k < 0 ? -k * size[1] : k, 1, &n, &step);
  }
  return finish(L, S, res, t, v);
}

static int m_trace (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (x->ndim != 2)
    nlb_arg_error(L, 1, "a matrix expected, got %s", nlb_describe(L, S, 1));
  nl_tensor *t = nlb_new_tensor(L, S);
  int64_t n = x->size[0] < x->size[1] ? x->size[0] : x->size[1];
  int64_t step = x->size[1] + 1;
  nl_value *v = nl_view(S->C, nlb_read(S, x), 0, 1, &n, &step);
  return nlb_finish_number(L, S, t, nl_sum(S->C, v, 1, false));
}

/* x where column - row <= k (tril) or >= k (triu), else 0 */
static int triangle (lua_State *L, bool lower) {
  nlb_state *S = nlb_enter(L);
  int at;
  nl_tensor *res = result(L, S, &at);
  int64_t k = lua_isnoneornil(L, at + 1) ? 0 : nlb_integer(L, at + 1, "k");
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, at);
  int n = nl_ndim(x);
  if (n < 2)
    nlb_arg_error(L, at, "a matrix expected, got %s", nlb_describe(L, S, at));
  nl_ctx *C = S->C;
  nl_value *row = nl_iota(C, NL_I64, nl_shape(x)[n - 2], 0, 1);
  nl_value *col = nl_iota(C, NL_I64, nl_shape(x)[n - 1], 0, 1);
  nl_value *d = nl_sub(C, nl_unsqueeze(C, col, 0), nl_unsqueeze(C, row, 1));
  nl_value *keep = lower ? nl_le(C, d, nl_integer(C, k))
                         : nl_ge(C, d, nl_integer(C, k));
  return finish(L, S, res, t, nl_where(C, keep, x, nl_zeros_like(C, x)));
}

static int m_tril (lua_State *L) { return triangle(L, true); }
static int m_triu (lua_State *L) { return triangle(L, false); }

void nlb_open_shape (lua_State *L, nlb_state *S) {
  static const luaL_Reg both[] = {
      {"clone", m_clone},         {"contiguous", m_contiguous},
      {"reshape", m_reshape},     {"repeatTensor", m_repeat},
      {"diag", m_diag},           {"trace", m_trace},
      {"tril", m_tril},           {"triu", m_triu},
      {"cat", f_cat},             {NULL, NULL}};
  static const luaL_Reg functions[] = {{"stack", f_stack}, {NULL, NULL}};
  nlb_set_methods(L, S, both);
  nlb_push_functions(L);
  nlb_setfuncs(L, S, functions);
  lua_pop(L, 1);
}
