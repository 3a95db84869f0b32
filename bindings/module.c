/* module.c: luaopen_nnlua_core, and the context of a Lua state.
 *
 * One nlb_state for each global Lua state, a userdata in the registry that
 * every binding holds as an upvalue.  It is made before the first tensor, so
 * lua_close finalizes it last; bindings called after that are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua_memory.h"
#include "tensor.h"

/* The allocator's hook: frees what only the collector can free. */
static bool collect (void *ud, size_t wanted) {
  nlb_state *S = (nlb_state *)ud;
  (void)wanted;
  if (S->refused || S->L == NULL) return false;
  S->refused = true; /* a finalizer must not disturb the caller's pool */
  lua_gc(S->L, LUA_GCCOLLECT);
  S->refused = false;
  return true;
}

static int state_gc (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, 1);
  nl_ctx *C = S->C;
  S->refused = true;
  S->C = NULL;
  if (S->pieces != NULL) S->pieces->state = NULL;
  if (C != NULL && S->owns_ctx) nl_ctx_free(C);
  return 0;
}

static int env_int (const char *name) {
  const char *s = getenv(name);
  return s == NULL ? 0 : atoi(s);
}

static void log_line (void *ud, const char *line) {
  (void)ud;
  fprintf(stderr, "nnlua: %s\n", line);
}

/* The program passes its options by its own context; plain lua5.4 has the
   environment. */
static nl_ctx *new_context (nlb_state *S) {
  nl_config cfg;
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.collect = collect;
  cfg.collect_ud = S;
  cfg.log = log_line;
  cfg.cpu = getenv("NNLUA_CPU");
  cfg.threads = env_int("NNLUA_THREADS");
  cfg.gemm = getenv("NNLUA_GEMM");
  cfg.compile = getenv("NNLUA_COMPILE");
  return nl_ctx_new(&cfg);
}

static nlb_state *new_state (lua_State *L, nl_ctx *C) {
  nlb_state *S = (nlb_state *)lua_newuserdatauv(L, sizeof *S, 0);
  memset(S, 0, sizeof *S);
  S->refused = true;
  lua_newtable(L);
  lua_pushcfunction(L, state_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  S->owns_ctx = C == NULL;
  S->C = C != NULL ? C : new_context(S);
  if (S->C == NULL)
    luaL_error(L, "nnlua: no context could be made: not enough memory, or "
                  "the CPU lacks what NNLUA_CPU names");
  S->L = L;
  S->floor = nl_pool_mark(S->C); /* below are the host's values */
  S->refused = false;
  return S;
}

/* The core's table and those that the parts fill. */
static void new_tables (lua_State *L) {
  lua_newtable(L);
  lua_newtable(L);
  lua_setfield(L, -2, "torch");
  lua_newtable(L);
  lua_setfield(L, -2, "methods");
  lua_newtable(L);
  lua_setfield(L, -2, "storage_methods");
  lua_newtable(L); /* of sizes objects, completed in Lua */
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "nnlua.sizes");
  lua_setfield(L, -2, "sizes_metatable");
}

/* Where the library's own Lua files are, so that errors show the position of
   the user's code that called them. */
static int set_library (lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "nnlua.library");
  return 0;
}

/* metamethod(name, f): for what is written in Lua, such as printing. */
static int set_metamethod (lua_State *L) {
  static const char *const allowed[] = {"__tostring", "__name", "__pairs",
                                        "__concat", NULL};
  luaL_checkoption(L, 1, NULL, allowed);
  for (int i = 0; i < 2; i++) {
    luaL_getmetatable(L, i == 0 ? NLB_TENSOR : NLB_STORAGE);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_settable(L, -3);
  }
  return 0;
}

int nlb_open_with (lua_State *L, nl_ctx *C) {
  luaL_checkstack(L, 20, "nnlua");
  if (lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.core") != LUA_TNIL) return 1;
  lua_pop(L, 1);
  nlb_state *S = new_state(L, C);
  new_tables(L);
  nlb_open_box(L, S);
  nlb_open_tensor(L, S);
  nlb_open_storage(L, S);
  nlb_open_ops(L, S);
  nlb_open_index(L, S);
  nlb_open_random(L, S);
  nlb_open_activation(L, S);
  nlb_open_autograd(L, S);
  nlb_open_io(L, S);
  nlb_open_data(L, S);
  nlb_open_system(L, S);
  nlb_open_primitives(L, S);
  nlb_open_linalg(L, S);
  lua_pushcfunction(L, set_library);
  lua_setfield(L, -2, "library");
  lua_pushcfunction(L, set_metamethod);
  lua_setfield(L, -2, "metamethod");
  lua_pushstring(L, nl_version());
  lua_setfield(L, -2, "version");
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "nnlua.core");
  return 1;
}

int luaopen_nnlua_core (lua_State *L) { return nlb_open_with(L, NULL); }
