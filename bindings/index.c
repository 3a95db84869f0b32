/* index.c: x[key] and x[key] = value.
 *
 * A key is an integer (select), a table with one entry for each of the first
 * dimensions (integer: drops it; {}: all; {a}: one, kept; {a, b}: inclusive
 * range), or a mask.  Integers count from 1, negative ones from the end.
 * Everything but a mask makes a view, so assignment writes to the view.
 * Keys that need the index family (masks, LongTensors) are handed to the
 * functions of that name among the methods. */
#include "tensor.h"

#include <string.h>

static void drop (nl_tensor *v, int d) {
  for (int i = d; i < v->ndim - 1; i++) {
    v->size[i] = v->size[i + 1];
    v->stride[i] = v->stride[i + 1];
  }
  v->ndim--;
}

static int key_error (lua_State *L, const nl_tensor *x, int dim, int64_t i) {
  char text[NLB_TEXT];
  return nlb_error(L, "index %I is outside 1..%I of dimension %d of a tensor "
                      "of %s",
                   (LUAI_UACINT)i, (LUAI_UACINT)x->size[dim], dim + 1,
                   nlb_tensor_text(text, x));
}

/* Index i (from 1, or negative) of x's dimension dim, as 0-based. */
static inline int64_t position (lua_State *L, const nl_tensor *x, int dim,
                                int64_t i) {
  if (i >= 1 && i <= x->size[dim]) return i - 1;
  if (i < 0 && i >= -x->size[dim]) return i + x->size[dim];
  return key_error(L, x, dim, i);
}

static int64_t key_integer (lua_State *L, nlb_state *S, int idx) {
  int ok;
  lua_Integer i = lua_tointegerx(L, idx, &ok);
  if (ok && lua_type(L, idx) == LUA_TNUMBER) return i;
  return nlb_error(L, "an index must be an integer, got %s",
                   nlb_describe(L, S, idx));
}

/* Narrows v's dimension d by the table on top: {}, {a} or {a, b}. */
static void apply_range (lua_State *L, nlb_state *S, const nl_tensor *x,
                         int dim, nl_tensor *v, int d) {
  lua_Unsigned n = lua_rawlen(L, -1);
  if (n == 0) return;
  if (n > 2)
    nlb_error(L, "a range is {}, {i} or {first, last}, got %d numbers",
              (int)n);
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, (lua_Integer)n);
  int64_t a = position(L, x, dim, key_integer(L, S, -2));
  int64_t b = position(L, x, dim, key_integer(L, S, -1));
  lua_pop(L, 2);
  if (b < a)
    nlb_error(L, "range {%I, %I} of dimension %d is empty",
              (LUAI_UACINT)a + 1, (LUAI_UACINT)b + 1, dim + 1);
  v->offset += a * v->stride[d];
  v->size[d] = b - a + 1;
}

/* v, a copy of x's fields, becomes the view that the table at idx names. */
static void apply_table (lua_State *L, nlb_state *S, const nl_tensor *x,
                         int idx, nl_tensor *v) {
  lua_Unsigned n = lua_rawlen(L, idx);
  char text[NLB_TEXT];
  int d = 0;
  if (n > (lua_Unsigned)x->ndim)
    nlb_error(L, "%d indices for a tensor of %s", (int)n,
              nlb_tensor_text(text, x));
  for (int dim = 0; dim < (int)n; dim++) {
    lua_rawgeti(L, idx, dim + 1);
    if (lua_type(L, -1) == LUA_TTABLE) {
      apply_range(L, S, x, dim, v, d++);
    } else {
      int64_t i = position(L, x, dim, key_integer(L, S, -1));
      v->offset += i * v->stride[d];
      drop(v, d);
    }
    lua_pop(L, 1);
  }
}

static void check_dims (lua_State *L, const nl_tensor *x) {
  if (x->storage == NULL) nlb_error(L, "an empty tensor can't be indexed");
  if (x->ndim == 0)
    nlb_error(L, "a tensor without dimensions can't be indexed; x:item() "
                 "reads its number");
}

/* The view that key 2 names: true, or false for keys that are no view. */
static bool view_of_key (lua_State *L, nlb_state *S, const nl_tensor *x,
                         nl_tensor *v) {
  int ok;
  lua_Integer i = lua_tointegerx(L, 2, &ok);
  *v = *x;
  if (ok && lua_type(L, 2) == LUA_TNUMBER) {
    check_dims(L, x);
    v->offset += position(L, x, 0, i) * x->stride[0];
    drop(v, 0);
  } else if (lua_type(L, 2) == LUA_TTABLE) {
    check_dims(L, x);
    apply_table(L, S, x, 2, v);
  } else if (nlb_test_tensor(L, S, 2) != NULL) {
    return false;
  } else {
    nlb_error(L, "a tensor can't be indexed by %s", nlb_describe(L, S, 2));
  }
  nlb_set_whole(v);
  return true;
}

/* The name of the method that handles a tensor as a key. */
static const char *method_of_key (lua_State *L, nlb_state *S, bool set) {
  const nl_tensor *k = nlb_test_tensor(L, S, 2);
  nl_dtype d = nlb_dtype_of(k);
  if (d == NL_BOOL || d == NL_U8)
    return set ? "maskedAssign" : "maskedSelect";
  if (nl_dtype_is_float(d))
    nlb_error(L, "an index tensor must be of an integer type or a bool mask, "
                 "got %s; convert it with k:long()",
              nlb_describe(L, S, 2));
  return set ? "indexAssign" : "indexSelect";
}

/* Calls method `name` with the stack's arguments. */
static int call_method (lua_State *L, const char *name) {
  int n = lua_gettop(L);
  lua_getfield(L, lua_upvalueindex(4), name);
  if (lua_isnil(L, -1))
    nlb_error(L, "indexing by a tensor needs the method %s", name);
  lua_insert(L, 1);
  lua_call(L, n, LUA_MULTRET);
  return lua_gettop(L);
}

/* __index: upvalue 4 are the methods, 5 the constructors for x.new */
static int i_index (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, lua_upvalueindex(1));
  if (lua_type(L, 2) == LUA_TSTRING) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(4)) != LUA_TNIL) return 1;
    if (strcmp(lua_tostring(L, 2), "new") != 0) return 1;
    const nl_tensor *t = nlb_check_tensor(L, S, 1);
    lua_rawgeti(L, lua_upvalueindex(5), (lua_Integer)nlb_dtype_of(t) + 1);
    return 1;
  }
  nl_tensor v;
  nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (!view_of_key(L, S, x, &v))
    return call_method(L, method_of_key(L, S, false));
  if (v.ndim == 0 && nl_trace_is_eval(S->C))
    return nlb_push_item(L, S, nl_read(S->C, &v));
  nl_tensor *r = nlb_new_tensor(L, S);
  nlb_share(r, &v);
  return v.ndim == 0 ? nlb_finish_element(L, S, r) : 1;
}

/* __newindex */
static int i_newindex (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *x = nlb_check_tensor(L, S, 1);
  nl_tensor v;
  if (lua_type(L, 2) == LUA_TSTRING)
    nlb_error(L, "a tensor has no field '%s' to set", lua_tostring(L, 2));
  if (!view_of_key(L, S, x, &v))
    return call_method(L, method_of_key(L, S, true));
  const nl_tensor *s = nlb_test_storage(L, S, 3);
  if (s != NULL) {
    nlb_assign(L, S, &v, nlb_read(S, s));
    return 0;
  }
  nlb_assign(L, S, &v, nlb_value(L, S, 3));
  return 0;
}

/* Sets a metamethod with the methods as upvalue 4, what is on top as 5. */
static void set_metamethod (lua_State *L, int core, const char *name,
                            lua_CFunction f) {
  luaL_getmetatable(L, NLB_TENSOR);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  lua_pushvalue(L, -2);
  lua_pushliteral(L, "index");
  lua_getfield(L, core, "methods");
  lua_pushvalue(L, -6);
  lua_remove(L, -7);
  lua_pushcclosure(L, f, 5);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void nlb_open_index (lua_State *L, nlb_state *S) {
  static const char *const order[] = {
      "BoolTensor", "ByteTensor", "CharTensor",  "ShortTensor",
      "IntTensor",  "LongTensor", "FloatTensor", "DoubleTensor"};
  int core = lua_gettop(L);
  (void)S;
  lua_createtable(L, NL_NDTYPES, 0); /* the constructors by dtype */
  lua_getfield(L, core, "new");
  for (int d = 0; d < NL_NDTYPES; d++) {
    lua_getfield(L, -1, order[d]);
    lua_rawseti(L, -3, d + 1);
  }
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  set_metamethod(L, core, "__index", i_index);
  set_metamethod(L, core, "__newindex", i_newindex);
  lua_settop(L, core);
}
