/* called.c: what an error says of its place: the script's line, and the
 * function that the script called there.
 *
 * x:addcmul(y, z) multiplies and adds, torch.renorm is written in Lua: the
 * error comes from an operation that the user did not name.  So the stack is
 * walked out to the first frame that is not the library's own; the outermost
 * tensor function on the way is what was called. */
#include "tensor.h"

#include <string.h>

/* Is source a file of the library itself?  `own` is "@" and the folder of its
   packages. */
static bool is_own (const char *source, const char *own) {
  static const char *const packages[] = {"torch/", "nn/",   "optim/",
                                         "autograd/", "data/", "plot/",
                                         "random/", "nnlua/"};
  size_t n = own == NULL ? 0 : strlen(own);
  if (n == 0 || strncmp(source, own, n) != 0) return false;
  for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
    if (strncmp(source + n, packages[i], strlen(packages[i])) == 0)
      return true;
  return false;
}

static bool is_user (const lua_Debug *ar, const char *own) {
  return ar->currentline > 0 && !is_own(ar->source, own);
}

void nlb_push_where (lua_State *L) {
  lua_Debug ar;
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.library");
  const char *own = lua_tostring(L, -1);
  for (int level = 0; level < 64 && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (!is_user(&ar, own)) continue;
    lua_pop(L, 1);
    lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    return;
  }
  lua_pop(L, 1);
  luaL_where(L, 1);
}

/* ---- the function ---- */

enum { METHODS, TORCH, FUNCTIONAL, TABLES };

/* Pushes a table of tensor functions, or nil. */
static bool push_table (lua_State *L, int which) {
  static const char *const package[] = {"nnlua.core", "torch",
                                        "nn.functional"};
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, package[which]);
  if (which == METHODS && lua_istable(L, -1)) {
    lua_getfield(L, -1, "methods");
    lua_remove(L, -2);
  }
  lua_remove(L, -2);
  return lua_istable(L, -1);
}

/* Is the function at f the entry `name` of the table on top? */
static bool is_entry (lua_State *L, int f, const char *name) {
  if (name == NULL) return false;
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  bool is = lua_rawequal(L, -1, f);
  lua_pop(L, 1);
  return is;
}

/* The name of the function at f in the table on top, or NULL: as it was
   called, else as its binding is registered, else the first in the alphabet. */
static const char *entry_name (lua_State *L, int f, const char *hint) {
  const char *name = NULL, *bound = NULL;
  if (is_entry(L, f, hint)) return hint;
  if (lua_iscfunction(L, f) && lua_getupvalue(L, f, 3) != NULL) {
    if (lua_type(L, -1) == LUA_TSTRING) bound = lua_tostring(L, -1);
    lua_pop(L, 1); /* the closure keeps it */
    if (bound != NULL) bound += bound[0] == ':';
    if (is_entry(L, f, bound)) return bound;
  }
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    if (!lua_rawequal(L, -1, f) || lua_type(L, -2) != LUA_TSTRING) continue;
    const char *key = lua_tostring(L, -2);
    if (name == NULL || strcmp(key, name) < 0) name = key;
  }
  return name;
}

/* Pushes the name of the function on top, or nothing. */
static bool push_name (lua_State *L, const char *hint) {
  int f = lua_gettop(L);
  for (int k = 0; k < TABLES; k++) {
    const char *name = push_table(L, k) ? entry_name(L, f, hint) : NULL;
    if (name != NULL) {
      lua_pushfstring(L, "%s%s", k == FUNCTIONAL ? "nn.functional." : "",
                      name);
      return true;
    }
    lua_settop(L, f);
  }
  return false;
}

const char *nlb_push_called (lua_State *L, bool *direct) {
  lua_Debug ar;
  int top = lua_gettop(L);
  luaL_checkstack(L, 16, NULL);
  *direct = false;
  lua_pushnil(L); /* the name */
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.library");
  const char *own = lua_tostring(L, -1);
  for (int level = 0; level < 64 && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Slnf", &ar);
    if (is_user(&ar, own)) break;
    if (push_name(L, ar.name)) {
      lua_replace(L, top + 1);
      *direct = level == 0;
    }
    lua_settop(L, top + 2);
  }
  lua_settop(L, top + 1);
  return lua_tostring(L, -1);
}

/* ---- texts ---- */

/* Does `called`, which may have a package before it, end in the name? */
static bool same (const char *called, const char *name, size_t n) {
  const char *dot = strrchr(called, '.');
  const char *last = dot == NULL ? called : dot + 1;
  return strlen(last) == n && strncmp(last, name, n) == 0;
}

/* Is name (on top of the stack) an operation, not a transform or a place? */
static bool is_operation (lua_State *L, const char *name) {
  if (nl_prim_find(name) != NULL) return true;
  bool is = false;
  for (int k = METHODS; k <= TORCH && !is; k++) {
    int top = lua_gettop(L);
    if (push_table(L, k)) {
      lua_pushstring(L, name);
      lua_rawget(L, -2);
      is = lua_isfunction(L, -1);
    }
    lua_settop(L, top);
  }
  return is;
}

void nlb_push_message (lua_State *L, const char *message) {
  bool direct;
  const char *called = nlb_push_called(L, &direct);
  const char *colon = strstr(message, ": ");
  bool rename = false;
  if (called != NULL && colon != NULL &&
      !same(called, message, (size_t)(colon - message))) {
    lua_pushlstring(L, message, (size_t)(colon - message));
    rename = is_operation(L, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  if (rename)
    lua_pushfstring(L, "%s%s", called, colon);
  else if (called != NULL && strncmp(message, "can't ", 6) == 0)
    lua_pushfstring(L, "%s: %s", called, message);
  else
    lua_pushstring(L, message);
  lua_remove(L, -2);
}

void nlb_push_names (lua_State *L, const char *name) {
  bool direct;
  const char *called = nlb_push_called(L, &direct);
  if (called == NULL || same(called, name, strlen(name)))
    lua_pushfstring(L, "%s: ", name);
  else if (direct)
    lua_pushfstring(L, "%s: ", called);
  else
    lua_pushfstring(L, "%s: %s: ", called, name);
  lua_remove(L, -2);
}
