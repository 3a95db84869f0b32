/* bind.c: what every binding stands on: the state, errors with positions,
 * arguments in, results out, and the collector's steps.
 *
 * Invariant: a result's userdata is made before any value is, so that no Lua
 * allocation (which may run a finalizer, which may run a binding, which
 * releases the pool) happens while a binding owns values. */
#include "bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tensor.h"

/* ---- registration ---- */

static void push_closure (lua_State *L, const char *name, lua_CFunction f,
                          const void *extra) {
  nlb_state_of(L);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  luaL_getmetatable(L, NLB_TENSOR);
  lua_pushstring(L, name);
  if (extra == NULL) {
    lua_pushcclosure(L, f, 3);
  } else {
    lua_pushlightuserdata(L, (void *)extra);
    lua_pushcclosure(L, f, 4);
  }
}

void nlb_setfuncs (lua_State *L, nlb_state *S, const luaL_Reg *list) {
  (void)S;
  for (; list->name != NULL; list++) {
    push_closure(L, list->name, list->func, NULL);
    lua_setfield(L, -2, list->name + (list->name[0] == ':'));
  }
}

void nlb_setfunc (lua_State *L, nlb_state *S, const char *name,
                  lua_CFunction f, const void *upvalue) {
  (void)S;
  push_closure(L, name, f, upvalue);
  lua_setfield(L, -2, name + (name[0] == ':'));
}

void nlb_push_functions (lua_State *L) { lua_getfield(L, -1, "torch"); }
void nlb_push_methods (lua_State *L) { lua_getfield(L, -1, "methods"); }

void nlb_push_sizes_metatable (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.sizes");
}

void nlb_push_storage_methods (lua_State *L) {
  luaL_getmetatable(L, NLB_STORAGE);
  lua_getfield(L, -1, "__metatable");
  lua_remove(L, -2);
}

void nlb_set_both (lua_State *L, nlb_state *S, const char *name,
                   lua_CFunction f, const void *upvalue) {
  char method[64];
  snprintf(method, sizeof method, ":%s", name);
  nlb_push_functions(L);
  nlb_setfunc(L, S, name, f, upvalue);
  lua_pop(L, 1);
  nlb_push_methods(L);
  nlb_setfunc(L, S, method, f, upvalue);
  lua_pop(L, 1);
}

void nlb_set_methods (lua_State *L, nlb_state *S, const luaL_Reg *list) {
  for (; list->name != NULL; list++)
    nlb_set_both(L, S, list->name, list->func, NULL);
}

nlb_state *nlb_state_of (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  nlb_state *S = (nlb_state *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (S == NULL) luaL_error(L, "nnlua: the core is not loaded in this state");
  return S;
}

/* ---- errors ---- */

int nlb_refuse (lua_State *L, nlb_state *S) {
  return luaL_error(L, S->C == NULL
                           ? "nnlua: the Lua state is closing"
                           : "nnlua: no operation may run in a __gc while "
                             "memory is being collected for another one");
}

int nlb_raise (lua_State *L, nlb_state *S) {
  lua_pushstring(L, nl_errmsg(S->C)); /* kept: a finalizer may fail too */
  if (nl_errstatus(S->C) == NL_INTERRUPTED) nl_interrupt_clear(S->C);
  S->raised = nl_errstatus(S->C);
  nl_error_clear(S->C);
  nl_pool_release(S->C, S->floor);
  nlb_push_where(L);
  nlb_push_message(L, lua_tostring(L, -2));
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "nnlua.raised");
  lua_concat(L, 2);
  return lua_error(L);
}

int nlb_error (lua_State *L, const char *fmt, ...) {
  va_list ap;
  nlb_push_where(L);
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 2);
  return lua_error(L);
}

const char *nlb_name (lua_State *L) {
  if (lua_type(L, lua_upvalueindex(3)) == LUA_TSTRING)
    return lua_tostring(L, lua_upvalueindex(3));
  lua_Debug ar;
  if (lua_getstack(L, 0, &ar) && lua_getinfo(L, "n", &ar) && ar.name != NULL)
    return lua_pushstring(L, ar.name);
  return "nnlua";
}

int nlb_fail (lua_State *L, const char *fmt, ...) {
  va_list ap;
  const char *name = nlb_name(L);
  nlb_push_where(L);
  nlb_push_names(L, name + (name[0] == ':'));
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 3);
  return lua_error(L);
}

int nlb_arg_error (lua_State *L, int idx, const char *fmt, ...) {
  va_list ap;
  const char *name = nlb_name(L);
  nlb_push_where(L);
  int arg = lua_absindex(L, idx) - (name[0] == ':');
  nlb_push_names(L, name + (name[0] == ':'));
  if (arg == 0)
    lua_pushliteral(L, "the tensor before ':': ");
  else
    lua_pushfstring(L, "argument #%d: ", arg);
  va_start(ap, fmt);
  lua_pushvfstring(L, fmt, ap);
  va_end(ap);
  lua_concat(L, 4);
  return lua_error(L);
}

char *nlb_shape_text (char buf[NLB_TEXT], int ndim, const int64_t *size) {
  size_t n = 0;
  if (ndim == 0) return strcpy(buf, "()");
  for (int i = 0; i < ndim && n < NLB_TEXT - 32; i++)
    n += (size_t)snprintf(buf + n, NLB_TEXT - n, "%s%lld", i ? " x " : "",
                          (long long)size[i]);
  return buf;
}

char *nlb_tensor_text (char buf[NLB_TEXT], const nl_tensor *t) {
  if (t->storage == NULL) {
    snprintf(buf, NLB_TEXT, "empty tensor of %s",
             nl_dtype_name(nlb_dtype_of(t)));
    return buf;
  }
  nlb_shape_text(buf, t->ndim, t->size);
  size_t n = strlen(buf);
  snprintf(buf + n, NLB_TEXT - n, " %s", nl_dtype_name(nlb_dtype_of(t)));
  return buf;
}

const char *nlb_describe (lua_State *L, nlb_state *S, int idx) {
  char text[NLB_TEXT];
  const nl_tensor *t = nlb_test_tensor(L, S, idx);
  if (t != NULL) {
    nlb_tensor_text(text, t);
    return lua_pushfstring(L, "%s%s", t->storage ? "tensor of " : "", text);
  }
  if (nlb_test_storage(L, S, idx) != NULL) return "a storage";
  switch (lua_type(L, idx)) {
    case LUA_TNONE: return "nothing";
    case LUA_TNUMBER: {
      lua_pushvalue(L, idx);
      const char *s = lua_pushfstring(L, "number %s", lua_tostring(L, -1));
      lua_remove(L, -2);
      return s;
    }
    case LUA_TSTRING: {
      const char *s = lua_tostring(L, idx);
      if (strlen(s) > 40) return "a string";
      return lua_pushfstring(L, "string '%s'", s);
    }
    case LUA_TUSERDATA: return "a foreign object";
    default: return luaL_typename(L, idx);
  }
}

/* ---- arguments ---- */

nl_tensor *nlb_check_tensor (lua_State *L, nlb_state *S, int idx) {
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  if (t == NULL) {
    if (lua_absindex(L, idx) == 1 && nlb_name(L)[0] == ':')
      nlb_fail(L, "call it as x:%s(...) on a tensor x, with a colon; got %s",
               nlb_name(L) + 1, nlb_describe(L, S, idx));
    nlb_arg_error(L, idx, "tensor expected, got %s", nlb_describe(L, S, idx));
  }
  return t;
}

nl_dtype nlb_dtype_of (const nl_tensor *t) {
  return t->storage != NULL ? nl_storage_dtype(t->storage)
                            : (nl_dtype)t->offset;
}

nl_value *nlb_read (nlb_state *S, const nl_tensor *t) {
  if (t->storage != NULL) return nl_read(S->C, t);
  int64_t none = 0;
  return nl_value_from(S->C, nlb_dtype_of(t), 1, &none, NULL);
}

static nl_value *number (lua_State *L, nlb_state *S, int idx) {
  if (lua_isinteger(L, idx)) return nl_integer(S->C, lua_tointeger(L, idx));
  return nl_number(S->C, lua_tonumber(L, idx));
}

nl_value *nlb_value (lua_State *L, nlb_state *S, int idx) {
  const nl_tensor *t;
  nl_value *v = NULL;
  if (lua_type(L, idx) == LUA_TNUMBER)
    v = number(L, S, idx);
  else if ((t = nlb_test_tensor(L, S, idx)) != NULL)
    v = nlb_read(S, t);
  else if (lua_type(L, idx) == LUA_TBOOLEAN)
    v = nl_scalar(S->C, NL_BOOL, lua_toboolean(L, idx));
  else
    nlb_arg_error(L, idx, "tensor or number expected, got %s",
                  nlb_describe(L, S, idx));
  if (v == NULL) nlb_raise(L, S);
  return v;
}

bool nlb_is_scalar (lua_State *L, nlb_state *S, int idx) {
  if (lua_type(L, idx) == LUA_TNUMBER) return true;
  const nl_tensor *t = nlb_test_tensor(L, S, idx);
  return t != NULL && t->storage != NULL && t->ndim == 0;
}

void *nlb_userdata (lua_State *L, size_t size, int uv, const char *name,
                    lua_CFunction gc) {
  void *u = lua_newuserdatauv(L, size, uv);
  memset(u, 0, size);
  if (luaL_newmetatable(L, name)) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return u;
}

int64_t nlb_integer (lua_State *L, int idx, const char *what) {
  int ok;
  lua_Integer i = lua_tointegerx(L, idx, &ok);
  if (ok && lua_type(L, idx) == LUA_TNUMBER) return i;
  nlb_state *S = nlb_state_of(L);
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  if (t != NULL && t->storage != NULL && nl_tensor_numel(t) == 1) {
    /* a traced number is read under grad, refused under vmap and jit */
    double x;
    int64_t n;
    bool is_int;
    nl_value *v = nlb_read(S, t);
    if (nl_item(S->C, v, &x, &n, &is_int) != NL_OK) nlb_raise(L, S);
    if (is_int) return n;
    if (x >= -9007199254740992.0 && x <= 9007199254740992.0 &&
        x == (double)(int64_t)x)
      return (int64_t)x;
  }
  return nlb_arg_error(L, idx, "%s: an integer expected, got %s", what,
                       nlb_describe(L, S, idx));
}

int nlb_dim (lua_State *L, int idx, int ndim) {
  int64_t d = nlb_integer(L, idx, "dimension");
  if (d < 0 && d >= -ndim) return (int)d + ndim;
  if (d < 1 || d > ndim)
    nlb_arg_error(L, idx, "dimension %I is outside 1..%d of the tensor",
                  (LUAI_UACINT)d, ndim);
  return (int)d - 1;
}

int64_t nlb_position (lua_State *L, int idx, int64_t n, const char *what) {
  int64_t i = nlb_integer(L, idx, what);
  if (i < 0 && i >= -n) return i + n;
  if (i < 1 || i > n)
    nlb_arg_error(L, idx, "%s %I is outside 1..%I", what, (LUAI_UACINT)i,
                  (LUAI_UACINT)n);
  return i - 1;
}

static void too_many (lua_State *L, int idx) {
  nlb_arg_error(L, idx, "at most %d dimensions", NL_MAX_DIM);
}

int nlb_sizes (lua_State *L, int idx, int64_t size[NL_MAX_DIM], int *next) {
  int n = 0;
  nlb_state *S;
  if (lua_type(L, idx) == LUA_TTABLE) {
    lua_Unsigned len = lua_rawlen(L, idx);
    if (len > NL_MAX_DIM) too_many(L, idx);
    for (; n < (int)len; n++) {
      int ok;
      lua_rawgeti(L, idx, n + 1);
      size[n] = lua_tointegerx(L, -1, &ok);
      if (!ok)
        nlb_arg_error(L, idx, "size #%d: an integer expected, got %s", n + 1,
                      nlb_describe(L, nlb_state_of(L), -1));
      lua_pop(L, 1);
    }
    *next = idx + 1;
    return n;
  }
  S = nlb_state_of(L);
  const nl_tensor *s = nlb_test_storage(L, S, idx);
  if (s != NULL) { /* the storage of a LongTensor */
    if (s->size[0] > NL_MAX_DIM) too_many(L, idx);
    nl_value *v = nl_cast(S->C, nlb_read(S, s), NL_I64);
    const int64_t *p = v == NULL ? NULL : (const int64_t *)nl_data(S->C, v);
    if (p == NULL) nlb_raise(L, S);
    for (; n < (int)s->size[0]; n++) size[n] = p[n];
    *next = idx + 1;
    return n;
  }
  for (; lua_type(L, idx) == LUA_TNUMBER ||
         (n == 0 && !lua_isnone(L, idx)) || nlb_test_tensor(L, S, idx);
       idx++) {
    if (n == NL_MAX_DIM) too_many(L, idx);
    size[n++] = nlb_integer(L, idx, "size");
  }
  *next = idx;
  return n;
}

void nlb_check_sizes (lua_State *L, int n, const int64_t *size) {
  int64_t numel = 1;
  char text[NLB_TEXT];
  for (int i = 0; i < n; i++) {
    if (size[i] < 0)
      nlb_fail(L, "size #%d is %I; sizes must not be negative", i + 1,
               (LUAI_UACINT)size[i]);
    if (__builtin_mul_overflow(numel, size[i], &numel) ||
        numel > INT64_MAX / 8)
      nlb_fail(L, "a tensor of %s is too large for any memory",
               nlb_shape_text(text, n, size));
  }
}

static const char *const dtype_names[][3] = {
    {"bool", "torch.BoolTensor", "bool"},
    {"uint8", "torch.ByteTensor", "byte"},
    {"int8", "torch.CharTensor", "char"},
    {"int16", "torch.ShortTensor", "short"},
    {"int32", "torch.IntTensor", "int"},
    {"int64", "torch.LongTensor", "long"},
    {"float32", "torch.FloatTensor", "float"},
    {"float64", "torch.DoubleTensor", "double"},
};

static int find_dtype (const char *name) {
  for (int d = 0; d < NL_NDTYPES; d++)
    for (int k = 0; k < 3; k++)
      if (strcmp(name, dtype_names[d][k]) == 0) return d;
  return nl_dtype_parse(name);
}

nl_dtype nlb_dtype (lua_State *L, int idx) {
  int d = lua_type(L, idx) == LUA_TSTRING ? find_dtype(lua_tostring(L, idx))
                                          : -1;
  if (d < 0)
    nlb_arg_error(L, idx,
                  "no dtype of that name: %s; there are bool, uint8, int8, "
                  "int16, int32, int64, float32, float64 and Torch7's names "
                  "such as torch.FloatTensor (tensors live on the CPU)",
                  nlb_describe(L, nlb_state_of(L), idx));
  return (nl_dtype)d;
}

int nlb_options (lua_State *L, int *n) {
  int top = *n;
  if (top == 0 || lua_type(L, top) != LUA_TTABLE || nlb_is_sizes(L, top))
    return 0;
  if (lua_rawlen(L, top) > 0) return 0;
  lua_pushnil(L);
  if (!lua_next(L, top)) return 0;
  bool named = lua_type(L, -2) == LUA_TSTRING;
  lua_pop(L, 2);
  if (!named) return 0;
  *n = top - 1;
  return top;
}

int nlb_take_dtype (lua_State *L) {
  int n = lua_gettop(L), d = -1;
  if (n > 0 && lua_type(L, n) == LUA_TSTRING) {
    d = nlb_dtype(L, n);
    lua_pop(L, 1);
    return d;
  }
  int o = nlb_options(L, &n);
  if (o == 0) return -1;
  lua_getfield(L, o, "dtype");
  if (!lua_isnil(L, -1)) d = nlb_dtype(L, -1);
  lua_settop(L, n);
  return d;
}

void nlb_push_sizes (lua_State *L, int n, const int64_t *size) {
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    lua_pushinteger(L, size[i]);
    lua_rawseti(L, -2, i + 1);
  }
  nlb_push_sizes_metatable(L);
  lua_setmetatable(L, -2);
}

bool nlb_is_sizes (lua_State *L, int idx) {
  if (lua_type(L, idx) != LUA_TTABLE || !lua_getmetatable(L, idx))
    return false;
  nlb_push_sizes_metatable(L);
  bool is = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is;
}

/* ---- results ---- */

static inline void step (lua_State *L, nlb_state *S) {
  if (nl_bytes_used(S->C) > S->gc_limit) nlb_collect(L, S);
}

int nlb_finish (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v) {
  if (v == NULL) return nlb_raise(L, S);
  if (nl_tensor_from(S->C, t, v) != NL_OK) {
    t->storage = NULL;
    return nlb_raise(L, S);
  }
  step(L, S);
  return 1;
}

int nlb_push (lua_State *L, nlb_state *S, nl_value *v) {
  if (v == NULL) return nlb_raise(L, S);
  /* a finalizer that runs now must not release v; should Lua's allocation
     fail, the guard stays, which keeps no more than what the pool holds now */
  size_t guard = S->guard;
  S->guard = nl_pool_mark(S->C);
  nl_tensor *t = nlb_new_tensor(L, S);
  S->guard = guard;
  return nlb_finish(L, S, t, v);
}

int nlb_push_item (lua_State *L, nlb_state *S, nl_value *v) {
  double x;
  int64_t i;
  bool is_int;
  nl_dtype d = v == NULL ? NL_F64 : nl_dtype_of(v);
  if (v == NULL || nl_item(S->C, v, &x, &i, &is_int) != NL_OK)
    return nlb_raise(L, S);
  if (d == NL_BOOL)
    lua_pushboolean(L, i != 0);
  else if (is_int)
    lua_pushinteger(L, i);
  else
    lua_pushnumber(L, x);
  return 1;
}

int nlb_push_number (lua_State *L, nlb_state *S, nl_value *v) {
  if (v != NULL && nl_ndim(v) == 0) {
    if (nl_is_concrete(v)) return nlb_push_item(L, S, v);
    if (nl_dtype_of(v) != NL_BOOL) v = nl_weak(S->C, v);
  }
  return nlb_push(L, S, v);
}

int nlb_finish_auto (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v) {
  if (v != NULL && nl_is_weak(v) && nl_is_concrete(v))
    return nlb_push_item(L, S, v);
  return nlb_finish(L, S, t, v);
}

int nlb_finish_number (lua_State *L, nlb_state *S, nl_tensor *t,
                       nl_value *v) {
  if (v != NULL && nl_ndim(v) == 0) {
    if (nl_is_concrete(v)) return nlb_push_item(L, S, v);
    if (nl_dtype_of(v) != NL_BOOL) v = nl_weak(S->C, v);
  }
  return nlb_finish(L, S, t, v);
}

int nlb_finish_element (lua_State *L, nlb_state *S, nl_tensor *t) {
  nl_tensor view = *t; /* t gives its reference to this frame */
  t->storage = NULL;
  nl_value *v = nl_read(S->C, &view);
  nl_storage_release(S->C, view.storage);
  return nlb_finish_number(L, S, t, v);
}
