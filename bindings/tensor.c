/* tensor.c: what a tensor is: its sizes, strides, dtype and conversions,
 * storage sharing, resizing; and the helpers that set these fields. */
#include "tensor.h"

#include <string.h>

static const char *const type_names[] = {
    "torch.BoolTensor",  "torch.ByteTensor", "torch.CharTensor",
    "torch.ShortTensor", "torch.IntTensor",  "torch.LongTensor",
    "torch.FloatTensor", "torch.DoubleTensor"};

/* ---- fields ---- */

void nlb_share (nl_tensor *t, const nl_tensor *x) {
  *t = *x;
  if (t->storage != NULL) nl_storage_retain(t->storage);
}

static bool contiguous (const nl_tensor *t) {
  int64_t s = 1;
  for (int i = t->ndim - 1; i >= 0; i--) {
    if (t->size[i] == 1) continue;
    if (t->stride[i] != s) return t->size[i] == 0;
    s *= t->size[i];
  }
  return true;
}

static int64_t numel (const nl_tensor *t) {
  int64_t n = 1;
  if (t->storage == NULL) return 0;
  for (int i = 0; i < t->ndim; i++) n *= t->size[i];
  return n;
}

void nlb_set_whole (nl_tensor *t) {
  t->whole = t->storage != NULL && t->offset == 0 &&
             numel(t) == nl_storage_numel(t->storage) && contiguous(t);
}

void nlb_set_contiguous (nl_tensor *t, int ndim, const int64_t *size) {
  int64_t s = 1;
  t->ndim = ndim;
  for (int i = ndim - 1; i >= 0; i--) {
    t->size[i] = size[i];
    t->stride[i] = s;
    s *= size[i];
  }
  nlb_set_whole(t);
}

void nlb_resize (lua_State *L, nlb_state *S, nl_tensor *t, int ndim,
                 const int64_t *size) {
  int64_t n = 1;
  nlb_check_sizes(L, ndim, size);
  for (int i = 0; i < ndim; i++) n *= size[i];
  if (t->storage == NULL) {
    nl_value *v = nl_value_from(S->C, nlb_dtype_of(t), ndim, size, NULL);
    nl_tensor r = *t;
    if (v == NULL) nlb_raise(L, S);
    if (nl_tensor_from(S->C, &r, v) != NL_OK) nlb_raise(L, S);
    *t = r;
    return;
  }
  if (t->offset + n > nl_storage_numel(t->storage) &&
      nl_storage_resize(S->C, t->storage, t->offset + n) != NL_OK)
    nlb_raise(L, S);
  nlb_set_contiguous(t, ndim, size);
}

/* ---- metadata ---- */

static int t_dim (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushinteger(L, nlb_check_tensor(L, S, 1)->ndim);
  return 1;
}

static int t_size (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (lua_isnoneornil(L, 2))
    nlb_push_sizes(L, t->ndim, t->size);
  else
    lua_pushinteger(L, t->size[nlb_dim(L, 2, t->ndim)]);
  return 1;
}

static int t_len (lua_State *L) { /* Lua passes the operand twice */
  lua_settop(L, 1);
  return t_size(L);
}

static int t_stride (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (lua_isnoneornil(L, 2))
    nlb_push_sizes(L, t->ndim, t->stride);
  else
    lua_pushinteger(L, t->stride[nlb_dim(L, 2, t->ndim)]);
  return 1;
}

static int t_storage_offset (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  lua_pushinteger(L, t->storage == NULL ? 1 : t->offset + 1);
  return 1;
}

static int t_numel (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushinteger(L, numel(nlb_check_tensor(L, S, 1)));
  return 1;
}

static int t_is_contiguous (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, contiguous(nlb_check_tensor(L, S, 1)));
  return 1;
}

static bool same_size (const nl_tensor *a, const nl_tensor *b) {
  return a->ndim == b->ndim &&
         memcmp(a->size, b->size, (size_t)a->ndim * sizeof a->size[0]) == 0;
}

static int t_is_same_size (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *a = nlb_check_tensor(L, S, 1);
  lua_pushboolean(L, same_size(a, nlb_check_tensor(L, S, 2)));
  return 1;
}

/* same_size(x, y): are both tensors, of the same sizes? */
static int f_same_size (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *a = nlb_test_tensor(L, S, 1);
  const nl_tensor *b = nlb_test_tensor(L, S, 2);
  lua_pushboolean(L, a != NULL && b != NULL && same_size(a, b));
  return 1;
}

/* same_rows(x, y, n, m): are x [*, n] and y [*, m] tensors of as many rows? */
static int f_same_rows (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_test_tensor(L, S, 1);
  const nl_tensor *y = nlb_test_tensor(L, S, 2);
  int64_t n = lua_tointeger(L, 3), m = lua_tointeger(L, 4);
  bool same = x != NULL && y != NULL && x->ndim > 0 && y->ndim > 0 &&
              x->size[x->ndim - 1] == n && y->size[y->ndim - 1] == m;
  lua_pushboolean(L, same && n > 0 && m > 0 &&
                         nl_tensor_numel(x) / n == nl_tensor_numel(y) / m);
  return 1;
}

/* is_of(x, "2 x 3 float32"): is x a tensor of these sizes and that dtype? */
static int f_is_of (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  char text[NLB_TEXT];
  const nl_tensor *x = nlb_test_tensor(L, S, 1);
  lua_pushboolean(L, x != NULL && lua_type(L, 2) == LUA_TSTRING &&
                         strcmp(lua_tostring(L, 2), nlb_tensor_text(text, x))
                         == 0);
  return 1;
}

static int t_is_size (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  int64_t size[NL_MAX_DIM];
  int next, n = nlb_sizes(L, 2, size, &next);
  lua_pushboolean(L, n == t->ndim && memcmp(size, t->size,
                                            (size_t)n * sizeof size[0]) == 0);
  return 1;
}

static int t_is_set_to (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *a = nlb_check_tensor(L, S, 1);
  const nl_tensor *b = nlb_check_tensor(L, S, 2);
  size_t bytes = (size_t)a->ndim * sizeof a->size[0];
  lua_pushboolean(L, a->storage == b->storage && a->offset == b->offset &&
                         a->ndim == b->ndim &&
                         memcmp(a->size, b->size, bytes) == 0 &&
                         memcmp(a->stride, b->stride, bytes) == 0);
  return 1;
}

static int t_element_size (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushinteger(L, (lua_Integer)nl_dtype_size(
                         nlb_dtype_of(nlb_check_tensor(L, S, 1))));
  return 1;
}

/* Is the tensor a number in the making: 0-d and weak? */
static int t_is_weak (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  lua_pushboolean(L, t->storage != NULL && nl_storage_weak(t->storage));
  return 1;
}

/* ---- dtype ---- */

static int t_dtype (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushstring(L, nl_dtype_name(nlb_dtype_of(nlb_check_tensor(L, S, 1))));
  return 1;
}

static int convert (lua_State *L, nlb_state *S, const nl_tensor *x,
                    nl_dtype d) {
  if (nlb_dtype_of(x) == d &&
      !(x->storage != NULL && nl_storage_weak(x->storage))) {
    lua_pushvalue(L, 1);
    return 1;
  }
  nl_tensor *r = nlb_new_tensor(L, S);
  if (x->storage == NULL) {
    r->offset = d;
    return 1;
  }
  return nlb_finish(L, S, r,
                    nl_cast(S->C, nlb_read(S, x), d));
}

/* x:type() names the type, x:type(name) converts */
static int t_type (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (lua_isnoneornil(L, 2)) {
    lua_pushstring(L, type_names[nlb_dtype_of(x)]);
    return 1;
  }
  return convert(L, S, x, nlb_dtype(L, 2));
}

static int t_type_as (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  return convert(L, S, x, nlb_dtype_of(nlb_check_tensor(L, S, 2)));
}

#define CONVERSION(name, dtype)                                               \
  static int t_##name (lua_State *L) {                                        \
    nlb_state *S = nlb_enter(L);                                              \
    return convert(L, S, nlb_check_tensor(L, S, 1), dtype);                   \
  }
CONVERSION(float, NL_F32)
CONVERSION(double, NL_F64)
CONVERSION(long, NL_I64)
CONVERSION(int, NL_I32)
CONVERSION(short, NL_I16)
CONVERSION(char, NL_I8)
CONVERSION(byte, NL_U8)
CONVERSION(bool, NL_BOOL)
#undef CONVERSION

/* typename(o): "torch.FloatTensor", "torch.FloatStorage", or nil */
static int f_typename (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_test_tensor(L, S, 1);
  const nl_tensor *s = t == NULL ? nlb_test_storage(L, S, 1) : NULL;
  if (t != NULL) {
    lua_pushstring(L, type_names[nlb_dtype_of(t)]);
  } else if (s != NULL) {
    const char *name = type_names[nlb_dtype_of(s)];
    lua_pushlstring(L, name, strlen(name) - strlen("Tensor"));
    lua_pushliteral(L, "Storage");
    lua_concat(L, 2);
  } else if (nlb_is_sizes(L, 1)) {
    lua_pushliteral(L, "torch.LongStorage");
  } else {
    lua_pushnil(L);
  }
  return 1;
}

static int f_is_tensor (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, nlb_test_tensor(L, S, 1) != NULL);
  return 1;
}

static int f_is_storage (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, nlb_test_storage(L, S, 1) != NULL || nlb_is_sizes(L, 1));
  return 1;
}

/* ---- elements ---- */

void nlb_push_element (lua_State *L, nl_dtype d, const void *p) {
  switch (d) {
    case NL_BOOL: lua_pushboolean(L, *(const uint8_t *)p); break;
    case NL_U8: lua_pushinteger(L, *(const uint8_t *)p); break;
    case NL_I8: lua_pushinteger(L, *(const int8_t *)p); break;
    case NL_I16: lua_pushinteger(L, *(const int16_t *)p); break;
    case NL_I32: lua_pushinteger(L, *(const int32_t *)p); break;
    case NL_I64: lua_pushinteger(L, *(const int64_t *)p); break;
    case NL_F32: lua_pushnumber(L, (double)*(const float *)p); break;
    default: lua_pushnumber(L, *(const double *)p); break;
  }
}

static const char *push_rows (lua_State *L, nl_dtype d, int ndim,
                              const int64_t *size, const char *p) {
  if (ndim == 0) {
    nlb_push_element(L, d, p);
    return p + nl_dtype_size(d);
  }
  lua_createtable(L, size[0] < 1 << 20 ? (int)size[0] : 1 << 20, 0);
  for (int64_t i = 0; i < size[0]; i++) {
    p = push_rows(L, d, ndim - 1, size + 1, p);
    lua_rawseti(L, -2, i + 1);
  }
  return p;
}

/* x:totable(): nested tables of numbers.  The value is held by a tensor on
   the stack, since filling tables may run finalizers. */
static int t_totable (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (x->storage == NULL) {
    lua_newtable(L);
    return 1;
  }
  luaL_checkstack(L, 3 * NL_MAX_DIM, "totable");
  nl_dtype d = nlb_dtype_of(x);
  size_t bytes = (size_t)numel(x) * nl_dtype_size(d);
  void *copy = lua_newuserdatauv(L, bytes ? bytes : 1, 0);
  const void *p = nl_data(S->C, nlb_read(S, x));
  if (p == NULL) nlb_raise(L, S);
  if (bytes > 0) memcpy(copy, p, bytes);
  nl_pool_release(S->C, S->floor);
  push_rows(L, d, x->ndim, x->size, (const char *)copy);
  return 1;
}

/* item(x): the one element as a number or boolean; numbers pass through */
static int t_item (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  if (lua_type(L, 1) == LUA_TNUMBER || lua_type(L, 1) == LUA_TBOOLEAN) {
    lua_settop(L, 1);
    return 1;
  }
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (numel(x) != 1) {
    char text[NLB_TEXT];
    nlb_fail(L, "one element expected, got %s; x[{i, j}] reads one of many",
             nlb_tensor_text(text, x));
  }
  return nlb_push_item(L, S, nlb_read(S, x));
}

/* ---- sharing and resizing ---- */

static int t_resize (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  int64_t size[NL_MAX_DIM];
  int next, n = nlb_sizes(L, 2, size, &next);
  nlb_resize(L, S, t, n, size);
  lua_settop(L, 1);
  return 1;
}

static int t_resize_as (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  const nl_tensor *x = nlb_check_tensor(L, S, 2);
  if (x->storage != NULL) nlb_resize(L, S, t, x->ndim, x->size);
  lua_settop(L, 1);
  return 1;
}

/* Checks that sizes and strides stay inside n elements. */
static void check_inside (lua_State *L, nl_tensor *t, int64_t n) {
  int64_t last = t->offset;
  for (int i = 0; i < t->ndim; i++) {
    int64_t step;
    if (t->stride[i] < 0)
      nlb_fail(L, "stride #%d is negative", i + 1);
    if (t->size[i] == 0) return;
    if (__builtin_mul_overflow(t->size[i] - 1, t->stride[i], &step) ||
        __builtin_add_overflow(last, step, &last))
      nlb_fail(L, "sizes and strides leave any memory");
  }
  if (last >= n)
    nlb_fail(L, "the sizes and strides reach element %I of a storage of %I",
             (LUAI_UACINT)last + 1, (LUAI_UACINT)n);
}

/* A negative stride stands for the one that makes the tensor contiguous. */
static void fill_strides (lua_State *L, nl_tensor *t) {
  for (int i = t->ndim - 1; i >= 0; i--) {
    if (t->stride[i] >= 0) continue;
    t->stride[i] = 1;
    if (i < t->ndim - 1 &&
        __builtin_mul_overflow(t->size[i + 1], t->stride[i + 1],
                               &t->stride[i]))
      nlb_fail(L, "sizes and strides leave any memory");
  }
}

/* Sizes and strides at idx, up to the argument `last`: two lists, the second
   may be left out; or numbers, size, stride, size, stride... */
void nlb_set_strided (lua_State *L, int idx, int last, nl_tensor *t) {
  int64_t list[NL_MAX_DIM], size[NL_MAX_DIM], stride[NL_MAX_DIM];
  int next, n;
  bool lists = lua_type(L, idx) == LUA_TTABLE ||
               nlb_test_storage(L, nlb_state_of(L), idx) != NULL;
  for (int i = 0; i < NL_MAX_DIM; i++) stride[i] = -1;
  if (lists) {
    n = nlb_sizes(L, idx, size, &next);
    if (next <= last && !lua_isnil(L, next) &&
        nlb_sizes(L, next, stride, &next) != n)
      nlb_fail(L, "as many strides as sizes expected");
  } else {
    int k = 0;
    if (last - idx >= NL_MAX_DIM)
      nlb_fail(L, "at most %d pairs of size and stride as numbers; use tables",
               NL_MAX_DIM / 2);
    for (; idx + k <= last; k++)
      list[k] = nlb_integer(L, idx + k, k % 2 ? "stride" : "size");
    n = (k + 1) / 2;
    for (int i = 0; i < k; i++) (i % 2 ? stride : size)[i / 2] = list[i];
  }
  nlb_check_sizes(L, n, size);
  nlb_set_contiguous(t, n, size);
  memcpy(t->stride, stride, sizeof stride);
  fill_strides(L, t);
}

/* (storage[, offset[, sizes[, strides]]]) from idx to `last`, or (tensor) */
void nlb_set_from (lua_State *L, nlb_state *S, int idx, int last,
                   nl_tensor *t) {
  const nl_tensor *x = nlb_test_tensor(L, S, idx);
  nl_tensor r;
  if (x == NULL) x = nlb_test_storage(L, S, idx);
  if (x == NULL)
    nlb_arg_error(L, idx, "tensor or storage expected, got %s",
                  nlb_describe(L, S, idx));
  r = *x;
  if (nlb_test_storage(L, S, idx) != NULL && r.storage != NULL) {
    int64_t n = nl_storage_numel(r.storage);
    int64_t first = idx + 1 > last || lua_isnil(L, idx + 1)
                        ? 1
                        : nlb_integer(L, idx + 1, "storage offset");
    if (first < 1 || first > n + 1)
      nlb_arg_error(L, idx + 1, "offset %I is outside 1..%I",
                    (LUAI_UACINT)first, (LUAI_UACINT)n + 1);
    r.offset = first - 1;
    r.ndim = 1;
    r.size[0] = n - r.offset;
    if (idx + 2 <= last && !lua_isnil(L, idx + 2))
      nlb_set_strided(L, idx + 2, last, &r);
    else
      nlb_set_contiguous(&r, 1, r.size);
    check_inside(L, &r, n);
    nlb_set_whole(&r);
  }
  if (r.storage != NULL) nl_storage_retain(r.storage);
  nl_storage *old = t->storage;
  *t = r;
  if (old != NULL) nl_storage_release(S->C, old);
}

static int t_set (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (lua_gettop(L) > 1) {
    const nl_tensor *x = nlb_test_tensor(L, S, 2);
    if (x == NULL) x = nlb_test_storage(L, S, 2);
    if (x != NULL && nlb_dtype_of(x) != nlb_dtype_of(t))
      nlb_arg_error(L, 2, "%s expected, got %s; convert it first",
                    nl_dtype_name(nlb_dtype_of(t)),
                    nl_dtype_name(nlb_dtype_of(x)));
    nlb_set_from(L, S, 2, lua_gettop(L), t);
  } else {
    nl_dtype d = nlb_dtype_of(t);
    nl_storage *old = t->storage;
    t->storage = NULL;
    t->ndim = 0;
    t->offset = d;
    if (old != NULL) nl_storage_release(S->C, old);
  }
  lua_settop(L, 1);
  return 1;
}

/* from_storage(storage, offset, sizes, strides): a tensor on it */
static int f_from_storage (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int last = lua_gettop(L);
  nl_tensor *t = nlb_new_tensor(L, S);
  nlb_set_from(L, S, 1, last, t);
  return 1;
}

/* storage_id(x): an integer, equal for tensors that share a storage */
static int f_storage_id (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_test_storage(L, S, 1);
  if (t == NULL) t = nlb_check_tensor(L, S, 1);
  lua_pushinteger(L, (lua_Integer)(intptr_t)t->storage);
  return 1;
}

/* tracer_kind(x): "vmap" or "jit" when x's elements can't be read, or nil */
static int f_tracer_kind (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  nl_value *v = nlb_read(S, x);
  if (v == NULL) nlb_raise(L, S);
  if (nl_is_concrete(v) || nl_data(S->C, v) != NULL) return 0;
  lua_pushstring(L, strstr(nl_errmsg(S->C), "vmap") ? "vmap" : "jit");
  nl_error_clear(S->C);
  return 1;
}

static const luaL_Reg methods[] = {
    {":dim", t_dim},
    {":nDimension", t_dim},
    {":size", t_size},
    {":stride", t_stride},
    {":storageOffset", t_storage_offset},
    {":nElement", t_numel},
    {":numel", t_numel},
    {":isContiguous", t_is_contiguous},
    {":isSameSizeAs", t_is_same_size},
    {":isSize", t_is_size},
    {":isSetTo", t_is_set_to},
    {":elementSize", t_element_size},
    {":isWeak", t_is_weak},
    {":dtype", t_dtype},
    {":type", t_type},
    {":typeAs", t_type_as},
    {":float", t_float},
    {":double", t_double},
    {":long", t_long},
    {":int", t_int},
    {":short", t_short},
    {":char", t_char},
    {":byte", t_byte},
    {":bool", t_bool},
    {":totable", t_totable},
    {":item", t_item},
    {":resize", t_resize},
    {":resizeAs", t_resize_as},
    {":set", t_set},
    {NULL, NULL}};

static const luaL_Reg functions[] = {{"isTensor", f_is_tensor},
                                     {"isStorage", f_is_storage},
                                     {"item", t_item},
                                     {"numel", t_numel},
                                     {"nElement", t_numel},
                                     {"size", t_size},
                                     {NULL, NULL}};

static const luaL_Reg core[] = {{"typename", f_typename},
                                {"from_storage", f_from_storage},
                                {"storage_id", f_storage_id},
                                {"tracer_kind", f_tracer_kind},
                                {"same_size", f_same_size},
                                {"same_rows", f_same_rows},
                                {"is_of", f_is_of},
                                {NULL, NULL}};

void nlb_open_tensor (lua_State *L, nlb_state *S) {
  static const luaL_Reg meta[] = {{"__len", t_len}, {NULL, NULL}};
  nlb_setfuncs(L, S, core);
  nlb_push_functions(L);
  nlb_setfuncs(L, S, functions);
  lua_pop(L, 1);
  nlb_push_methods(L);
  nlb_setfuncs(L, S, methods);
  lua_pop(L, 1);
  luaL_getmetatable(L, NLB_TENSOR);
  nlb_setfuncs(L, S, meta);
  lua_pop(L, 1);
  nlb_open_new(L, S);
  nlb_open_view(L, S);
  nlb_open_shape(L, S);
  nlb_open_write(L, S);
}
