/* tree.c: trees of tensors, see tree.h.
 *
 * Lua's own order of keys is random, and so would be the order of checkpoints
 * and random streams; so every walk sorts. */
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor.h"

#define MAX_TREES 16
#define FEW 16 /* keys that need no memory of Lua's */

bool nlb_tree_node (lua_State *L, int idx) {
  if (lua_type(L, idx) != LUA_TTABLE) return false;
  if (!lua_getmetatable(L, idx)) return true;
  lua_pop(L, 1);
  return false;
}

/* ---- keys ---- */

typedef struct key {
  int kind; /* 0 integer, 1 float, 2 string, 3 boolean */
  lua_Integer i;
  lua_Number x;
  const char *s;
  size_t len;
  int at; /* in the stack */
} key;

static int compare (const void *a, const void *b) {
  const key *x = (const key *)a, *y = (const key *)b;
  if (x->kind != y->kind) return x->kind - y->kind;
  switch (x->kind) {
    case 0:
    case 3: return (x->i > y->i) - (x->i < y->i);
    case 1: return (x->x > y->x) - (x->x < y->x);
    default: {
      size_t n = x->len < y->len ? x->len : y->len;
      int c = memcmp(x->s, y->s, n);
      return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
    }
  }
}

static bool read_key (lua_State *L, int idx, key *k) {
  switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
      k->kind = lua_isinteger(L, idx) ? 0 : 1;
      k->i = lua_tointeger(L, idx);
      k->x = lua_tonumber(L, idx);
      return true;
    case LUA_TSTRING:
      k->kind = 2;
      k->s = lua_tolstring(L, idx, &k->len);
      return true;
    case LUA_TBOOLEAN:
      k->kind = 3;
      k->i = lua_toboolean(L, idx);
      return true;
    default: return false;
  }
}

/* The number of keys. */
static int count_keys (lua_State *L, int idx) {
  int n = 0;
  lua_pushnil(L);
  while (lua_next(L, idx)) {
    lua_pop(L, 1);
    n++;
  }
  return n;
}

/* Pushes the keys as they come, at most `most` (else it returns one more);
   their descriptions, sorted, to list[].  plain: they came as 1..n. */
static int read_keys (lua_State *L, int idx, const char *what, int most,
                      key *list, bool *plain) {
  int n = 0;
  *plain = true;
  lua_pushnil(L);
  while (lua_next(L, idx)) {
    key one;
    lua_pop(L, 1);
    if (!read_key(L, -1, &one))
      nlb_error(L, "%s: a key of a table is a %s; numbers and strings are "
                "keys of trees", what, luaL_typename(L, -1));
    if (n == most) return most + 1;
    one.at = lua_gettop(L);
    int i = n++;
    *plain = *plain && one.kind == 0 && one.i == n;
    for (; i > 0 && n <= FEW && compare(&list[i - 1], &one) > 0; i--)
      list[i] = list[i - 1];
    list[i] = one;
    lua_pushvalue(L, -1);
  }
  if (n > FEW) qsort(list, (size_t)n, sizeof *list, compare);
  return n;
}

/* n keys, which stand from `first` on, into the order of the list. */
static void put_in_order (lua_State *L, int first, int n, const key *list) {
  int i = 0;
  while (i < n && list[i].at == first + i) i++;
  if (i == n) return;
  for (i = 0; i < n; i++) lua_pushvalue(L, list[i].at);
  lua_rotate(L, first, n);
  lua_pop(L, n);
}

/* Pushes the sorted keys; *plain: they are 1..n. */
static int push_keys (lua_State *L, int idx, const char *what, bool *plain) {
  key few[FEW], *list = few;
  int first = lua_gettop(L) + 1;
  luaL_checkstack(L, 2 * FEW + 6, what);
  int n = read_keys(L, idx, what, FEW, few, plain);
  if (n > FEW) {
    lua_settop(L, first - 1);
    n = count_keys(L, idx);
    luaL_checkstack(L, 2 * n + 6, what);
    list = (key *)lua_newuserdatauv(L, (size_t)n * sizeof *list, 0);
    read_keys(L, idx, what, n, list, plain);
    put_in_order(L, first + 1, n, list);
    lua_remove(L, first);
    return n;
  }
  put_in_order(L, first, n, list);
  return n;
}

int nlb_tree_push_keys (lua_State *L, int idx, const char *what) {
  bool plain;
  return push_keys(L, lua_absindex(L, idx), what, &plain);
}

int nlb_tree_keys (lua_State *L, int idx, const char *what) {
  int n = nlb_tree_push_keys(L, idx, what);
  lua_createtable(L, n, 0);
  lua_insert(L, -n - 1);
  for (int i = n; i >= 1; i--) lua_rawseti(L, -i - 1, i);
  return n;
}

/* ---- walking ---- */

typedef struct walk {
  int n;
  const char *what;
  nlb_leaf_fn f;
  void *ud;
  bool build; /* make new nodes */
  int depth;
  size_t len; /* of path */
  char path[256];
} walk;

/* Adds the key on top to the path; returns how long that was. */
static size_t extend (lua_State *L, walk *w) {
  size_t was = w->len, room = sizeof w->path - 1, n = 0;
  const char *text;
  char digits[32];
  if (lua_isinteger(L, -1)) {
    lua_Integer i = lua_tointeger(L, -1);
    if (i >= 0 && i < 10) { /* by far the most */
      memcpy(digits, "[0]", 4);
      digits[1] = (char)('0' + i);
      n = 3;
    } else {
      n = (size_t)snprintf(digits, sizeof digits, "[%lld]", (long long)i);
    }
    text = digits;
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    text = lua_tolstring(L, -1, &n);
    if (was > 0 && was < room) w->path[w->len++] = '.';
  } else {
    text = "[...]";
    n = 5;
  }
  if (n > room - w->len) n = room - w->len;
  memcpy(w->path + w->len, text, n);
  w->len += n;
  w->path[w->len] = 0;
  return was;
}

static void check_same (lua_State *L, walk *w, const int *idx) {
  for (int k = 1; k < w->n; k++)
    if (!nlb_tree_node(L, idx[k]))
      nlb_error(L, "%s: tree #%d has %s at %s where tree #1 has a table",
                w->what, k + 1, nlb_describe(L, nlb_state_of(L), idx[k]),
                w->path[0] ? w->path : "its root");
}

static void check_no_more (lua_State *L, walk *w, const int *idx, int keys) {
  for (int k = 1; k < w->n; k++) {
    if (count_keys(L, idx[k]) == keys) continue;
    lua_pushnil(L);
    while (lua_next(L, idx[k])) {
      lua_pop(L, 1);
      lua_pushvalue(L, -1);
      if (lua_rawget(L, idx[0]) == LUA_TNIL) {
        lua_pop(L, 1);
        extend(L, w);
        nlb_error(L, "%s: tree #%d has %s, tree #1 has not", w->what, k + 1,
                  w->path);
      }
      lua_pop(L, 1);
    }
  }
}

static void visit (lua_State *L, walk *w, const int *idx);

static void visit_node (lua_State *L, walk *w, const int *idx) {
  int child[MAX_TREES];
  if (++w->depth > NLB_TREE_DEPTH)
    nlb_error(L, "%s: tables nested deeper than %d, perhaps a cycle", w->what,
              NLB_TREE_DEPTH);
  luaL_checkstack(L, w->n + 8, w->what);
  check_same(L, w, idx);
  bool plain;
  int result = lua_gettop(L) + 1;
  lua_pushnil(L);
  int n = push_keys(L, idx[0], w->what, &plain), top = result + n;
  if (w->build) {
    lua_createtable(L, plain ? n : 0, plain ? 0 : n);
    lua_replace(L, result);
  }
  check_no_more(L, w, idx, n);
  luaL_checkstack(L, w->n + 8, w->what);
  for (int i = 1; i <= n; i++) {
    lua_pushvalue(L, result + i);
    size_t was = extend(L, w);
    for (int k = 0; k < w->n; k++) {
      lua_pushvalue(L, top + 1);
      if (lua_rawget(L, idx[k]) == LUA_TNIL && k > 0)
        nlb_error(L, "%s: tree #%d has no %s", w->what, k + 1, w->path);
      child[k] = top + 2 + k;
    }
    visit(L, w, child);
    if (w->build) {
      lua_replace(L, top + 2);
      lua_settop(L, top + 2);
      lua_rawset(L, result);
    }
    lua_settop(L, top);
    w->len = was;
    w->path[was] = 0;
  }
  lua_settop(L, result);
  w->depth--;
}

/* Pushes the result for the values at idx[]. */
static void visit (lua_State *L, walk *w, const int *idx) {
  if (nlb_tree_node(L, idx[0])) {
    visit_node(L, w, idx);
    return;
  }
  luaL_checkstack(L, w->n + 8, w->what);
  int top = lua_gettop(L);
  for (int k = 0; k < w->n; k++) lua_pushvalue(L, idx[k]);
  if (w->f != NULL) w->f(L, w->ud, w->n, w->path);
  if (lua_gettop(L) > top + 1) lua_replace(L, top + 1);
  lua_settop(L, top + 1);
}

void nlb_tree_map (lua_State *L, int n, const int *idx, const char *what,
                   nlb_leaf_fn f, void *ud) {
  walk w = {.n = n, .what = what, .f = f, .ud = ud, .build = true};
  int abs[MAX_TREES];
  if (n > MAX_TREES)
    nlb_error(L, "%s: at most %d trees", what, MAX_TREES);
  for (int i = 0; i < n; i++) abs[i] = lua_absindex(L, idx[i]);
  visit(L, &w, abs);
}

void nlb_tree_each (lua_State *L, int idx, const char *what, nlb_leaf_fn f,
                    void *ud) {
  walk w = {.n = 1, .what = what, .f = f, .ud = ud, .build = false};
  int abs = lua_absindex(L, idx);
  visit(L, &w, &abs);
  lua_pop(L, 1);
}

/* ---- Lua: core.tree ---- */

static void call_leaf (lua_State *L, void *ud, int n, const char *path) {
  (void)path;
  lua_pushvalue(L, *(int *)ud);
  lua_insert(L, -n - 1);
  lua_call(L, n, 1);
}

/* tree.map(f, tree, ...): a tree of f(leaf, ...) */
static int tree_map (lua_State *L) {
  int n = lua_gettop(L) - 1, f = 1, idx[MAX_TREES];
  if (n < 1) nlb_error(L, "tree.map: a function and a tree expected");
  if (lua_type(L, 1) != LUA_TFUNCTION && !luaL_getmetafield(L, 1, "__call"))
    nlb_error(L, "tree.map: argument #1: a function expected, got %s",
              nlb_describe(L, nlb_state_of(L), 1));
  for (int i = 0; i < n && i < MAX_TREES; i++) idx[i] = i + 2;
  nlb_tree_map(L, n, idx, "tree.map", call_leaf, &f);
  return 1;
}

typedef struct collected {
  int table;
  lua_Integer n;
} collected;

static void collect_leaf (lua_State *L, void *ud, int n, const char *path) {
  collected *c = (collected *)ud;
  (void)n;
  (void)path;
  if (lua_isnil(L, -1)) return;
  lua_pushvalue(L, -1);
  lua_rawseti(L, c->table, ++c->n);
}

/* tree.leaves(tree, what): an array of its leaves, in sorted key order; what:
   whose errors they are */
static int tree_leaves (lua_State *L) {
  const char *what = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2)
                                                   : "tree.leaves";
  if (lua_isnone(L, 1)) nlb_error(L, "%s: a tree expected", what);
  lua_settop(L, 2);
  lua_newtable(L);
  collected c = {3, 0};
  nlb_tree_each(L, 1, what, collect_leaf, &c);
  return 1;
}

static void take_leaf (lua_State *L, void *ud, int n, const char *path) {
  collected *c = (collected *)ud;
  (void)n;
  (void)path;
  lua_rawgeti(L, c->table, ++c->n);
  lua_replace(L, -2);
}

/* tree.unflatten(tree, leaves): a tree like `tree` with those leaves */
static int tree_unflatten (lua_State *L) {
  if (lua_type(L, 2) != LUA_TTABLE)
    nlb_error(L, "tree.unflatten: argument #2: a table of leaves expected, "
              "got %s", nlb_describe(L, nlb_state_of(L), 2));
  collected c = {2, 0};
  int idx = 1;
  nlb_tree_map(L, 1, &idx, "tree.unflatten", take_leaf, &c);
  lua_Integer have = (lua_Integer)lua_rawlen(L, 2);
  if (have != c.n)
    nlb_error(L, "tree.unflatten: %I leaves for a tree of %I",
              (LUAI_UACINT)have, (LUAI_UACINT)c.n);
  return 1;
}

/* tree.keys(table): its keys, sorted */
static int tree_keys (lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE)
    nlb_error(L, "tree.keys: argument #1: a table expected, got %s",
              nlb_describe(L, nlb_state_of(L), 1));
  nlb_tree_keys(L, 1, "tree.keys");
  return 1;
}

void nlb_open_tree (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {{"map", tree_map},
                                  {"leaves", tree_leaves},
                                  {"unflatten", tree_unflatten},
                                  {"keys", tree_keys},
                                  {NULL, NULL}};
  lua_newtable(L);
  nlb_setfuncs(L, S, list);
  lua_setfield(L, -2, "tree");
}
