/* io.c: files for Lua: whole files, IDX, .npy and safetensors.  Everything
 * that is written goes through the runtime's atomic saves. */
#include "tensor.h"

#include <string.h>

#define NLB_SAFETENSORS "nnlua.safetensors"

/* A file name: a string without zeros. */
static const char *path_at (lua_State *L, nlb_state *S, int idx) {
  size_t n;
  if (lua_type(L, idx) != LUA_TSTRING)
    nlb_arg_error(L, idx, "file name expected, got %s",
                  nlb_describe(L, S, idx));
  const char *path = lua_tolstring(L, idx, &n);
  if (strlen(path) != n) nlb_arg_error(L, idx, "a zero byte in the file name");
  return path;
}

/* ---- whole files ---- */

/* file_read(path) -> string */
static int f_file_read (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  luaL_Buffer b;
  const char *path = path_at(L, S, 1);
  /* the string's memory is asked for while the value is in the pool: a
     finalizer that runs meanwhile must not release it */
  nl_value *v = nl_file_read(S->C, path);
  if (v == NULL) return nlb_raise(L, S);
  size_t n = (size_t)nl_numel(v), floor = S->floor;
  S->floor = nl_pool_mark(S->C);
  lua_gc(L, LUA_GCSTOP);
  char *p = luaL_buffinitsize(L, &b, n);
  memcpy(p, nl_data(S->C, v), n);
  luaL_pushresultsize(&b, n);
  lua_gc(L, LUA_GCRESTART);
  S->floor = floor;
  nl_pool_release(S->C, S->floor);
  return 1;
}

/* file_write_atomic(path, string) */
static int f_file_write (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  size_t n;
  const char *path = path_at(L, S, 1);
  if (lua_type(L, 2) != LUA_TSTRING)
    nlb_arg_error(L, 2, "string expected, got %s", nlb_describe(L, S, 2));
  const char *text = lua_tolstring(L, 2, &n);
  if (nl_file_write(S->C, path, text, n) != NL_OK) return nlb_raise(L, S);
  return 0;
}

/* file_writable(path) -> true, or nil and why a save would fail */
static int f_file_writable (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  if (nl_file_writable(S->C, path_at(L, S, 1)) == NL_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, nl_errmsg(S->C));
  nl_error_clear(S->C);
  return 2;
}

/* ---- one array ---- */

static int read_with (lua_State *L,
                      nl_value *(*read) (nl_ctx *C, const char *path)) {
  nlb_state *S = nlb_enter(L);
  const char *path = path_at(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, read(S->C, path));
}

static int write_with (lua_State *L,
                       nl_status (*write) (nl_ctx *C, const char *path,
                                           nl_value *v)) {
  nlb_state *S = nlb_enter(L);
  const char *path = path_at(L, S, 1);
  const nl_tensor *t = nlb_check_tensor(L, S, 2);
  if (write(S->C, path, nlb_read(S, t)) != NL_OK) return nlb_raise(L, S);
  return 0;
}

static int f_idx_read (lua_State *L) { return read_with(L, nl_idx_read); }
static int f_idx_write (lua_State *L) { return write_with(L, nl_idx_write); }
static int f_npy_read (lua_State *L) { return read_with(L, nl_npy_read); }
static int f_npy_write (lua_State *L) { return write_with(L, nl_npy_write); }

/* ---- safetensors ---- */

/* The open file as a userdata, so that an error in between closes it. */
typedef struct box {
  nl_safetensors *s;
} box;

static int box_gc (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, lua_upvalueindex(1));
  box *b = (box *)lua_touserdata(L, 1);
  if (b != NULL && S->C != NULL) nl_safetensors_close(S->C, b->s);
  if (b != NULL) b->s = NULL;
  return 0;
}

static void push_metadata (lua_State *L, nl_safetensors *s) {
  lua_newtable(L);
  for (int i = 0; i < nl_safetensors_metas(s); i++) {
    size_t n, m;
    const char *value, *key = nl_safetensors_meta(s, i, &n, &value, &m);
    lua_pushlstring(L, key, n);
    lua_pushlstring(L, value, m);
    lua_rawset(L, -3);
  }
}

/* safetensors_load(path) -> {name = tensor}, {key = string} */
static int f_safetensors_load (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const char *path = path_at(L, S, 1);
  lua_settop(L, 1);
  lua_newtable(L);
  box *b = (box *)lua_newuserdatauv(L, sizeof *b, 0);
  b->s = NULL;
  luaL_setmetatable(L, NLB_SAFETENSORS);
  b->s = nl_safetensors_open(S->C, path);
  if (b->s == NULL) return nlb_raise(L, S);
  for (int i = 0; i < nl_safetensors_count(b->s); i++) {
    size_t n;
    const char *name = nl_safetensors_name(b->s, i, &n);
    lua_pushlstring(L, name, n);
    nl_tensor *t = nlb_new_tensor(L, S);
    nlb_finish(L, S, t, nl_safetensors_read(S->C, b->s, i));
    lua_rawset(L, 2);
  }
  lua_pushvalue(L, 2);
  push_metadata(L, b->s);
  nl_safetensors_close(S->C, b->s);
  b->s = NULL;
  return 2;
}

static int count_pairs (lua_State *L, int idx) {
  int n = 0;
  for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) n++;
  return n;
}

static void key_of (lua_State *L, nlb_state *S, int idx, nl_named *e) {
  if (lua_type(L, -2) != LUA_TSTRING)
    nlb_arg_error(L, idx, "its keys must be strings, got %s",
                  nlb_describe(L, S, -2));
  e->name = lua_tolstring(L, -2, &e->name_len);
}

/* safetensors_save(path, {name = tensor} [, {key = string}]) */
static int f_safetensors_save (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const char *path = path_at(L, S, 1);
  if (lua_type(L, 2) != LUA_TTABLE)
    nlb_arg_error(L, 2, "table of tensors by name expected, got %s",
                  nlb_describe(L, S, 2));
  if (!lua_isnoneornil(L, 3) && lua_type(L, 3) != LUA_TTABLE)
    nlb_arg_error(L, 3, "table of strings by name expected, got %s",
                  nlb_describe(L, S, 3));
  lua_settop(L, 3);
  int n = count_pairs(L, 2), m = lua_isnil(L, 3) ? 0 : count_pairs(L, 3);
  nl_named *a = (nl_named *)lua_newuserdatauv(
      L, ((size_t)n + (size_t)m + 1) * sizeof *a, 0);
  memset(a, 0, ((size_t)n + (size_t)m + 1) * sizeof *a);
  nl_named *e = a;
  nl_pool_release(S->C, S->floor); /* a finalizer may have left something */
  lua_pushnil(L);
  for (; lua_next(L, 2); lua_pop(L, 1), e++) {
    key_of(L, S, 2, e);
    const nl_tensor *t = nlb_test_tensor(L, S, -1);
    if (t == NULL)
      nlb_arg_error(L, 2, "\"%s\" must be a tensor, got %s", e->name,
                    nlb_describe(L, S, -1));
    e->value = nlb_read(S, t);
    if (e->value == NULL) return nlb_raise(L, S);
  }
  lua_pushnil(L);
  for (; m > 0 && lua_next(L, 3); lua_pop(L, 1), e++) {
    key_of(L, S, 3, e);
    if (lua_type(L, -1) != LUA_TSTRING)
      nlb_arg_error(L, 3, "\"%s\" must be a string, got %s", e->name,
                    nlb_describe(L, S, -1));
    e->text = lua_tolstring(L, -1, &e->text_len);
  }
  if (nl_safetensors_save(S->C, path, n, a, m, a + n) != NL_OK)
    return nlb_raise(L, S);
  return 0;
}

static const luaL_Reg functions[] = {
    {"file_read", f_file_read},
    {"file_write_atomic", f_file_write},
    {"file_writable", f_file_writable},
    {"idx_read", f_idx_read},
    {"idx_write", f_idx_write},
    {"npy_read", f_npy_read},
    {"npy_write", f_npy_write},
    {"safetensors_load", f_safetensors_load},
    {"safetensors_save", f_safetensors_save},
    {NULL, NULL},
};

void nlb_open_io (lua_State *L, nlb_state *S) {
  luaL_newmetatable(L, NLB_SAFETENSORS);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  lua_pushcclosure(L, box_gc, 1);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  nlb_setfuncs(L, S, functions);
}
