/* new.c: the constructors: typed ones (torch.FloatTensor and x.new), tensor,
 * zeros, ones, full, empty, eye, range, arange, linspace, logspace; and the
 * reading of nested tables. */
#include "tensor.h"

#include <math.h>
#include <string.h>

static const nl_dtype dtypes[] = {NL_BOOL, NL_U8,  NL_I8,  NL_I16,
                                  NL_I32,  NL_I64, NL_F32, NL_F64};

/* ---- numbers into elements ---- */

static bool put_integer (nl_dtype d, int64_t i, void *p) {
  static const int64_t low[] = {0, 0, INT8_MIN, INT16_MIN, INT32_MIN};
  static const int64_t high[] = {1, UINT8_MAX, INT8_MAX, INT16_MAX,
                                 INT32_MAX};
  if (d < NL_I64 && d > NL_BOOL && (i < low[d] || i > high[d])) return false;
  switch (d) {
    case NL_BOOL: *(uint8_t *)p = i != 0; break;
    case NL_U8: *(uint8_t *)p = (uint8_t)i; break;
    case NL_I8: *(int8_t *)p = (int8_t)i; break;
    case NL_I16: *(int16_t *)p = (int16_t)i; break;
    case NL_I32: *(int32_t *)p = (int32_t)i; break;
    case NL_I64: *(int64_t *)p = i; break;
    case NL_F32: *(float *)p = (float)i; break;
    default: *(double *)p = (double)i; break;
  }
  return true;
}

/* Integers must fit; fractions are cut off towards zero, as Torch7 does. */
bool nlb_put_number (lua_State *L, int idx, nl_dtype d, void *p) {
  if (lua_type(L, idx) == LUA_TBOOLEAN)
    return put_integer(d, lua_toboolean(L, idx), p);
  if (lua_type(L, idx) != LUA_TNUMBER) return false;
  if (lua_isinteger(L, idx)) return put_integer(d, lua_tointeger(L, idx), p);
  double x = lua_tonumber(L, idx);
  if (d == NL_F32) return *(float *)p = (float)x, true;
  if (d == NL_F64) return *(double *)p = x, true;
  if (d == NL_BOOL) return *(uint8_t *)p = x != 0, true;
  if (!(x > -9.3e18 && x < 9.2e18)) return false;
  return put_integer(d, (int64_t)x, p);
}

/* ---- nested tables ---- */

typedef struct table_reader {
  nlb_state *S;
  nl_dtype dtype;
  bool given;    /* the dtype was asked for */
  bool tensors;  /* a leaf is a tensor: values are concatenated */
  int ndim;
  int64_t size[NL_MAX_DIM];
  char *p;         /* the next element */
  nl_value **leaf; /* the next leaf, when there are tensors */
} table_reader;

/* The sizes along the first elements of the table on top. */
static void measure (lua_State *L, table_reader *r, int depth) {
  if (depth == NL_MAX_DIM)
    nlb_fail(L, "the table is nested more than %d deep", NL_MAX_DIM);
  r->size[depth] = (int64_t)lua_rawlen(L, -1);
  r->ndim = depth + 1;
  if (r->size[depth] == 0) return;
  lua_rawgeti(L, -1, 1);
  if (lua_type(L, -1) == LUA_TTABLE)
    measure(L, r, depth + 1);
  else if (lua_type(L, -1) == LUA_TBOOLEAN && !r->given)
    r->dtype = NL_BOOL;
  lua_pop(L, 1);
}

static void ragged (lua_State *L, const table_reader *r, int depth,
                    const int64_t *at) {
  char row[NLB_TEXT];
  nlb_shape_text(row, depth, at);
  nlb_fail(L, "the table is ragged: row %s has %s where others have %I "
              "elements",
           row,
           lua_type(L, -1) == LUA_TTABLE
               ? lua_pushfstring(L, "%I", (LUAI_UACINT)lua_rawlen(L, -1))
               : nlb_describe(L, r->S, -1),
           (LUAI_UACINT)r->size[depth]);
}

static void read_leaf (lua_State *L, table_reader *r, int depth,
                       const int64_t *at) {
  char place[NLB_TEXT];
  if (nlb_test_tensor(L, r->S, -1) != NULL) r->tensors = true;
  if (r->leaf != NULL) {
    *r->leaf++ = nlb_value(L, r->S, -1);
  } else if (r->tensors) {
    return; /* again, with leaf */
  } else if (nlb_put_number(L, -1, r->dtype, r->p)) {
    r->p += nl_dtype_size(r->dtype);
  } else {
    nlb_fail(L, "element [%s] is %s, which is no %s",
             nlb_shape_text(place, depth, at), nlb_describe(L, r->S, -1),
             nl_dtype_name(r->dtype));
  }
}

static void read_rows (lua_State *L, table_reader *r, int depth,
                       int64_t *at) {
  if (lua_type(L, -1) != LUA_TTABLE ||
      (int64_t)lua_rawlen(L, -1) != r->size[depth])
    ragged(L, r, depth, at);
  for (int64_t i = 0; i < r->size[depth]; i++) {
    at[depth] = i + 1;
    lua_rawgeti(L, -1, i + 1);
    if (depth + 1 < r->ndim)
      read_rows(L, r, depth + 1, at);
    else
      read_leaf(L, r, depth + 1, at);
    lua_pop(L, 1);
    if (r->tensors && r->leaf == NULL) return;
  }
}

/* n leaves, tensors of one shape or numbers, as one array. */
static nl_value *join_leaves (lua_State *L, table_reader *r, int64_t n,
                              nl_value **leaf) {
  nl_ctx *C = r->S->C;
  const nl_value *like = leaf[0];
  int64_t shape[NL_MAX_NDIM];
  for (int64_t i = n - 1; i >= 0; i--)
    if (!nl_is_weak(leaf[i])) like = leaf[i];
  if (!r->given && !nl_is_weak(like)) r->dtype = nl_dtype_of(like);
  int k = nl_ndim(like);
  if (r->ndim + k > NL_MAX_DIM)
    nlb_fail(L, "the result would have more than %d dimensions", NL_MAX_DIM);
  memcpy(shape + r->ndim, nl_shape(like), (size_t)k * sizeof shape[0]);
  memcpy(shape, r->size, (size_t)r->ndim * sizeof shape[0]);
  shape[r->ndim - 1] = 1;
  for (int64_t i = 0; i < n; i++) {
    leaf[i] = nl_cast(C, leaf[i], r->dtype);
    leaf[i] = nl_reshape(C, leaf[i], k + 1, shape + r->ndim - 1);
    if (leaf[i] == NULL) nlb_raise(L, r->S);
  }
  nl_value *v = nl_concat(C, (int)n, leaf, 0);
  shape[r->ndim - 1] = r->size[r->ndim - 1];
  return nl_reshape(C, v, r->ndim + k, shape);
}

/* The table at idx as a value of its dtype or `given` (-1: infer). */
static nl_value *from_table (lua_State *L, nlb_state *S, int idx, int given) {
  table_reader r = {.S = S, .given = given >= 0};
  int64_t at[NL_MAX_DIM], n = 1;
  void *data;
  r.dtype = given >= 0 ? (nl_dtype)given : nl_default_dtype(S->C);
  luaL_checkstack(L, 3 * NL_MAX_DIM, "tensor");
  lua_pushvalue(L, idx);
  measure(L, &r, 0);
  nlb_check_sizes(L, r.ndim, r.size);
  for (int i = 0; i < r.ndim; i++) n *= r.size[i];
  nl_value *v = nl_value_new(S->C, r.dtype, r.ndim, r.size, &data);
  if (v == NULL) nlb_raise(L, S);
  r.p = (char *)data;
  read_rows(L, &r, 0, at);
  if (r.tensors) {
    if (n > 1 << 24) nlb_fail(L, "too many tensors in the table");
    nl_value **leaf = (nl_value **)lua_newuserdatauv(
        L, (size_t)n * sizeof(nl_value *), 0);
    nl_pool_release(S->C, S->floor);
    lua_pushvalue(L, idx);
    r.leaf = leaf;
    read_rows(L, &r, 0, at);
    v = join_leaves(L, &r, n, leaf);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  return v;
}

/* tensor(data[, dtype]): from a number, a boolean, a nested table (whose
   elements may be tensors) or a tensor, which is copied */
static int f_tensor (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int d = nlb_take_dtype(L);
  luaL_checkstack(L, 8, "tensor");
  lua_settop(L, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *v;
  if (lua_type(L, 1) == LUA_TTABLE) {
    v = from_table(L, S, 1, d);
  } else {
    v = nlb_value(L, S, 1);
    if (nl_is_weak(v) || d >= 0)
      v = nl_cast(S->C, v, d >= 0 ? (nl_dtype)d : nl_default_dtype(S->C));
  }
  return nlb_finish(L, S, t, v);
}

/* ---- typed constructors ---- */

/* new(sizes, strides): zeros on a storage that they just reach */
static int new_strided (lua_State *L, nlb_state *S, nl_dtype d) {
  nl_tensor shape = {0};
  int64_t n = 1;
  nlb_set_strided(L, 1, lua_gettop(L), &shape);
  for (int i = 0; i < shape.ndim; i++) {
    int64_t step;
    if (shape.size[i] == 0) n = 0;
    if (n == 0) break;
    if (__builtin_mul_overflow(shape.size[i] - 1, shape.stride[i], &step) ||
        __builtin_add_overflow(n, step, &n))
      nlb_fail(L, "sizes and strides leave any memory");
  }
  nlb_check_sizes(L, 1, &n);
  nl_tensor *t = nlb_new_tensor(L, S);
  nlb_finish(L, S, t, nl_value_from(S->C, d, 1, &n, NULL));
  t->ndim = shape.ndim;
  memcpy(t->size, shape.size, sizeof t->size);
  memcpy(t->stride, shape.stride, sizeof t->stride);
  nlb_set_whole(t);
  return 1;
}

/* A LongTensor takes a LongStorage for its elements, as in Torch7; it copies
   them, since a list of sizes is a Lua table. */
static bool is_elements (lua_State *L, nl_dtype d) {
  return lua_type(L, 1) == LUA_TTABLE &&
         (!nlb_is_sizes(L, 1) || (d == NL_I64 && lua_gettop(L) == 1));
}

/* FloatTensor(): empty; (tensor): shares its storage; (storage, ...);
   (table of numbers): data; (sizes...) or (LongStorage): zeros */
static int f_new (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_dtype *fixed =
      (const nl_dtype *)lua_touserdata(L, lua_upvalueindex(4));
  nl_dtype d = fixed != NULL ? *fixed : nl_default_dtype(S->C);
  if (lua_gettop(L) > 1 && nlb_test_tensor(L, S, 1) &&
      !nlb_is_scalar(L, S, 1))
    lua_remove(L, 1); /* x:new(...) */
  nl_tensor *t;
  int64_t size[NL_MAX_DIM];
  int next;
  if (lua_isnoneornil(L, 1)) {
    t = nlb_new_tensor(L, S);
    t->offset = d;
    return 1;
  }
  const nl_tensor *x = nlb_test_tensor(L, S, 1);
  bool storage = x == NULL && (x = nlb_test_storage(L, S, 1)) != NULL;
  if (x != NULL && (storage || x->ndim > 0 || x->storage == NULL)) {
    if (nlb_dtype_of(x) != d)
      nlb_arg_error(L, 1, "a %s of %s expected, got %s; convert it with "
                          "x:type('%s')",
                    storage ? "storage" : "tensor", nl_dtype_name(d),
                    nl_dtype_name(nlb_dtype_of(x)), nl_dtype_name(d));
    int last = lua_gettop(L);
    t = nlb_new_tensor(L, S);
    nlb_set_from(L, S, 1, last, t);
    return 1;
  }
  if (is_elements(L, d)) {
    t = nlb_new_tensor(L, S);
    return nlb_finish(L, S, t, from_table(L, S, 1, d));
  }
  int n = nlb_sizes(L, 1, size, &next);
  if (next == 2 && lua_type(L, 2) == LUA_TTABLE)
    return new_strided(L, S, d);
  if (next <= lua_gettop(L))
    nlb_arg_error(L, next, "sizes expected, got %s",
                  nlb_describe(L, S, next));
  nlb_check_sizes(L, n, size);
  t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, nl_value_from(S->C, d, n, size, NULL));
}

/* ---- of given sizes ---- */

void nlb_parse_spec (lua_State *L, nlb_state *S, int idx, bool sizes,
                     nlb_spec *spec) {
  int next, d = nlb_take_dtype(L);
  spec->res = nlb_test_tensor(L, S, idx);
  if (spec->res != NULL && spec->res->ndim == 0 &&
      spec->res->storage != NULL)
    spec->res = NULL; /* a number that stands for a size */
  if (spec->res != NULL && sizes && lua_gettop(L) == idx) {
    const nl_tensor *like = spec->res; /* zeros(x): a new one like x */
    spec->ndim = like->ndim;
    memcpy(spec->size, like->size, sizeof spec->size);
    if (like->storage == NULL) spec->ndim = 1, spec->size[0] = 0;
    if (d < 0) d = (int)nlb_dtype_of(like);
    spec->res = NULL;
  } else if (sizes) {
    spec->ndim = nlb_sizes(L, idx + (spec->res != NULL), spec->size, &next);
    if (next <= lua_gettop(L))
      nlb_arg_error(L, next, "sizes expected, got %s",
                    nlb_describe(L, S, next));
    nlb_check_sizes(L, spec->ndim, spec->size);
  }
  spec->dtype = d >= 0 ? (nl_dtype)d
                : spec->res != NULL ? nlb_dtype_of(spec->res)
                                    : nl_default_dtype(S->C);
  spec->t = NULL;
  if (spec->res == NULL)
    spec->t = nlb_new_tensor(L, S);
  else
    lua_pushvalue(L, idx);
}

int nlb_finish_spec (lua_State *L, nlb_state *S, nlb_spec *spec,
                     nl_value *v) {
  if (spec->res == NULL) return nlb_finish(L, S, spec->t, v);
  nlb_result(L, S, spec->res, v);
  return 1;
}

static nl_value *filled (nlb_state *S, const nlb_spec *spec, double x) {
  if (x == 0)
    return nl_value_from(S->C, spec->dtype, spec->ndim, spec->size, NULL);
  return nl_copy(S->C,
                 nl_full(S->C, spec->dtype, spec->ndim, spec->size, x));
}

static int f_zeros (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  nlb_parse_spec(L, S, 1, true, &spec);
  return nlb_finish_spec(L, S, &spec, filled(S, &spec, 0));
}

static int f_ones (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  nlb_parse_spec(L, S, 1, true, &spec);
  return nlb_finish_spec(L, S, &spec, filled(S, &spec, 1));
}

/* full({sizes} or sizes..., number[, dtype]) */
static int f_full (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  int d = nlb_take_dtype(L);
  int n = lua_gettop(L);
  if (n < 2 || !(nlb_is_scalar(L, S, n) || lua_isboolean(L, n)))
    nlb_fail(L, "sizes and a number expected: torch.full({2, 3}, 0.5)");
  bool boolean = lua_isboolean(L, n);
  lua_pushvalue(L, n);
  lua_insert(L, 1);
  lua_settop(L, n);
  if (d >= 0 || boolean)
    lua_pushstring(L, d >= 0 ? nl_dtype_name((nl_dtype)d) : "bool");
  nlb_parse_spec(L, S, 2, true, &spec);
  nl_value *v = nl_cast(S->C, nlb_value(L, S, 1), spec.dtype);
  v = nl_copy(S->C, nl_broadcast_to(S->C, v, spec.ndim, spec.size));
  return nlb_finish_spec(L, S, &spec, v);
}

/* ---- sequences ---- */

static double number_arg (lua_State *L, nlb_state *S, int idx,
                          const char *what) {
  double x;
  int64_t i;
  bool is_int;
  if (!nlb_is_scalar(L, S, idx))
    nlb_arg_error(L, idx, "%s: a number expected, got %s", what,
                  nlb_describe(L, S, idx));
  if (lua_type(L, idx) == LUA_TNUMBER) return lua_tonumber(L, idx);
  if (nl_item(S->C, nlb_value(L, S, idx), &x, &i, &is_int) != NL_OK)
    nlb_raise(L, S);
  return x;
}

/* The result of n numbers start + i * step (or base 10 to their power). */
static int sequence (lua_State *L, nlb_state *S, nlb_spec *spec, double start,
                     double step, double n, bool power, double last) {
  void *data;
  if (!(n < 4e15)) nlb_fail(L, "too many elements");
  int64_t count = n > 0 ? (int64_t)n : 0;
  nl_value *v = nl_value_new(S->C, NL_F64, 1, &count, &data);
  if (v == NULL) return nlb_raise(L, S);
  double *p = (double *)data;
  for (int64_t i = 0; i < count; i++) p[i] = start + (double)i * step;
  if (count > 1 && last == last) p[count - 1] = last;
  for (int64_t i = 0; power && i < count; i++) p[i] = pow(10, p[i]);
  return nlb_finish_spec(L, S, spec, nl_cast(S->C, v, spec->dtype));
}

static int first_number (lua_State *L, nlb_state *S) {
  const nl_tensor *t = nlb_test_tensor(L, S, 1);
  return t != NULL && !nlb_is_scalar(L, S, 1) ? 2 : 1;
}

/* range([res,] first, last[, step]): last is included */
static int f_range (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  int at = first_number(L, S);
  nlb_parse_spec(L, S, 1, false, &spec);
  double a = number_arg(L, S, at, "first");
  double b = number_arg(L, S, at + 1, "last");
  bool given = lua_type(L, at + 2) == LUA_TNUMBER;
  double step = given ? lua_tonumber(L, at + 2) : 1;
  if (step == 0) nlb_arg_error(L, at + 2, "the step is 0");
  if ((b - a) / step < 0)
    nlb_fail(L, "with step %f one never gets from %f to %f", step, a, b);
  return sequence(L, S, &spec, a, step, floor((b - a) / step) + 1, false,
                  (double)NAN);
}

/* arange([first,] stop[, step]): stop is excluded */
static int f_arange (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  int at = first_number(L, S);
  nlb_parse_spec(L, S, 1, false, &spec);
  double a = 0, b = number_arg(L, S, at, "stop"), step = 1;
  if (lua_type(L, at + 1) == LUA_TNUMBER) {
    a = b;
    b = lua_tonumber(L, at + 1);
  }
  if (lua_type(L, at + 2) == LUA_TNUMBER) step = lua_tonumber(L, at + 2);
  if (step == 0) nlb_arg_error(L, at + 2, "the step is 0");
  return sequence(L, S, &spec, a, step, ceil((b - a) / step), false,
                  (double)NAN);
}

static int spaced (lua_State *L, bool power) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  int at = first_number(L, S);
  nlb_parse_spec(L, S, 1, false, &spec);
  double a = number_arg(L, S, at, "first");
  double b = number_arg(L, S, at + 1, "last");
  int64_t n = lua_type(L, at + 2) == LUA_TNUMBER
                  ? nlb_integer(L, at + 2, "number of elements")
                  : 100;
  if (n < 1)
    nlb_arg_error(L, at + 2, "at least 1 element expected, got %I",
                  (LUAI_UACINT)n);
  return sequence(L, S, &spec, a, n > 1 ? (b - a) / (double)(n - 1) : 0,
                  (double)n, power, b);
}

static int f_linspace (lua_State *L) { return spaced(L, false); }
static int f_logspace (lua_State *L) { return spaced(L, true); }

/* eye([res,] n[, m]) */
static int f_eye (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_spec spec;
  nlb_parse_spec(L, S, 1, true, &spec);
  if (spec.ndim == 1) spec.size[1] = spec.size[0];
  if (spec.ndim < 1 || spec.ndim > 2) nlb_fail(L, "one or two sizes expected");
  spec.ndim = 2;
  nlb_check_sizes(L, 2, spec.size);
  int64_t n = spec.size[0], m = spec.size[1], k = n < m ? n : m;
  int64_t step = m + 1;
  nl_value *v = nl_value_from(S->C, spec.dtype, 2, spec.size, NULL);
  v = nl_view_update(S->C, v, nl_full(S->C, spec.dtype, 1, &k, 1), 0, &step);
  return nlb_finish_spec(L, S, &spec, v);
}

void nlb_open_new (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {
      {"tensor", f_tensor}, {"zeros", f_zeros},       {"ones", f_ones},
      {"full", f_full},     {"empty", f_zeros},       {"eye", f_eye},
      {"range", f_range},   {"arange", f_arange},     {"linspace", f_linspace},
      {"logspace", f_logspace}, {NULL, NULL}};
  nlb_push_functions(L);
  nlb_setfuncs(L, S, list);
  lua_pop(L, 1);
  /* core.new.float32(...), ..., and core.new.default */
  static const char *const name[] = {
      "BoolTensor", "ByteTensor", "CharTensor",  "ShortTensor",
      "IntTensor",  "LongTensor", "FloatTensor", "DoubleTensor"};
  lua_newtable(L);
  nlb_setfunc(L, S, "Tensor", f_new, NULL);
  for (int d = 0; d < NL_NDTYPES; d++)
    nlb_setfunc(L, S, name[d], f_new, &dtypes[d]);
  lua_setfield(L, -2, "new");
}
