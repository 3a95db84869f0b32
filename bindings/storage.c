/* storage.c: what x:storage() gives: all elements of a tensor's storage, as
 * an object with size, indexing, totable, fill, copy and resize.  It is a
 * one-dimensional tensor's userdata under another metatable. */
#include "tensor.h"

#include <string.h>

static nl_tensor *check_storage (lua_State *L, nlb_state *S) {
  nl_tensor *t = nlb_test_storage(L, S, 1);
  if (t == NULL)
    nlb_fail(L, "a storage expected, got %s", nlb_describe(L, S, 1));
  if (t->storage != NULL) { /* it may have been resized */
    int64_t n = nl_storage_numel(t->storage);
    t->offset = 0;
    nlb_set_contiguous(t, 1, &n);
  }
  return t;
}

/* x:storage() */
static int t_storage (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *x = nlb_check_tensor(L, S, 1);
  if (x->storage == NULL) { /* an empty tensor gets one to share */
    int64_t none = 0;
    nlb_resize(L, S, x, 1, &none);
  }
  nl_tensor *t = nlb_new_storage(L, S);
  int64_t n = nl_storage_numel(x->storage);
  t->storage = nl_storage_retain(x->storage);
  nlb_set_contiguous(t, 1, &n);
  return 1;
}

/* new_storage(dtype, n or table of numbers) */
static int f_new_storage (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_dtype d = nlb_dtype(L, 1);
  int64_t n = 0;
  void *data;
  bool table = lua_type(L, 2) == LUA_TTABLE;
  if (table)
    n = (int64_t)lua_rawlen(L, 2);
  else if (!lua_isnoneornil(L, 2))
    n = nlb_integer(L, 2, "size");
  if (n < 0) nlb_arg_error(L, 2, "size %I is negative", (LUAI_UACINT)n);
  nl_tensor *t = nlb_new_storage(L, S);
  nl_value *v = nl_value_new(S->C, d, 1, &n, &data);
  if (v == NULL) return nlb_raise(L, S);
  size_t elem = nl_dtype_size(d);
  memset(data, 0, (size_t)n * elem);
  for (int64_t i = 0; table && i < n; i++) {
    lua_rawgeti(L, 2, i + 1);
    if (!nlb_put_number(L, -1, d, (char *)data + (size_t)i * elem))
      nlb_fail(L, "element #%I is %s, which is no %s", (LUAI_UACINT)i + 1,
               nlb_describe(L, S, -1), nl_dtype_name(d));
    lua_pop(L, 1);
  }
  return nlb_finish(L, S, t, v);
}

static int s_size (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  lua_pushinteger(L, t->size[0]);
  return 1;
}

/* The view of element `key`, a 0-d tensor. */
static nl_tensor element (lua_State *L, nl_tensor *t) {
  nl_tensor e = *t;
  e.offset = nlb_position(L, 2, t->size[0], "index");
  e.ndim = 0;
  nlb_set_whole(&e);
  return e;
}

static int s_index (lua_State *L) {
  if (lua_type(L, 2) == LUA_TSTRING) {
    nlb_push_storage_methods(L);
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    return 1;
  }
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  nl_tensor e = element(L, t);
  return nlb_push_item(L, S, nl_read(S->C, &e));
}

static int s_newindex (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  nl_tensor e = element(L, t);
  nl_value *v = nlb_value(L, S, 3);
  nlb_fill(L, S, &e, v);
  return 0;
}

static int s_fill (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  nl_value *v = nlb_value(L, S, 2);
  nlb_fill(L, S, t, v);
  lua_settop(L, 1);
  return 1;
}

static int s_copy (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  const nl_tensor *x = nlb_test_storage(L, S, 2);
  if (x == NULL || x->size[0] != t->size[0])
    nlb_arg_error(L, 2, "a storage of %I elements expected, got %s",
                  (LUAI_UACINT)t->size[0], nlb_describe(L, S, 2));
  nlb_assign(L, S, t, nlb_read(S, x));
  lua_settop(L, 1);
  return 1;
}

static int s_resize (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  int64_t n = nlb_integer(L, 2, "size");
  if (n < t->size[0])
    nlb_arg_error(L, 2, "a storage does not shrink: tensors may look at its "
                        "%I elements",
                  (LUAI_UACINT)t->size[0]);
  if (nl_storage_resize(S->C, t->storage, n) != NL_OK) nlb_raise(L, S);
  check_storage(L, S);
  lua_settop(L, 1);
  return 1;
}

static int s_totable (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = check_storage(L, S);
  nl_dtype d = nlb_dtype_of(t);
  size_t elem = nl_dtype_size(d), bytes = (size_t)t->size[0] * elem;
  void *copy = lua_newuserdatauv(L, bytes ? bytes : 1, 0);
  const void *p = nl_data(S->C, nlb_read(S, t));
  if (p == NULL) nlb_raise(L, S);
  if (bytes > 0) memcpy(copy, p, bytes);
  lua_newtable(L);
  for (int64_t i = 0; i < t->size[0]; i++) {
    nlb_push_element(L, d, (char *)copy + (size_t)i * elem);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

void nlb_open_storage (lua_State *L, nlb_state *S) {
  static const luaL_Reg core[] = {{"new_storage", f_new_storage},
                                  {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__index", s_index},
                                  {"__newindex", s_newindex},
                                  {"__len", s_size},
                                  {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {":size", s_size},     {":fill", s_fill},       {":copy", s_copy},
      {":resize", s_resize}, {":totable", s_totable}, {NULL, NULL}};
  static const luaL_Reg tensor[] = {{":storage", t_storage}, {NULL, NULL}};
  nlb_setfuncs(L, S, core);
  nlb_push_methods(L);
  nlb_setfuncs(L, S, tensor);
  lua_pop(L, 1);
  lua_getfield(L, -1, "storage_methods");
  nlb_setfuncs(L, S, methods);
  lua_pop(L, 1);
  luaL_getmetatable(L, NLB_STORAGE);
  nlb_setfuncs(L, S, meta);
  lua_pop(L, 1);
}
