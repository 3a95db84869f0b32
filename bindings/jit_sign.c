/* jit_sign.c: the signature of a call of a jitted function.
 *
 * It holds what a graph depends on: the arguments' trees, shapes, dtypes,
 * integers, booleans and strings, which of them share memory, the default
 * dtype, and the function's own upvalues (numbers by value, tensors by their
 * storage and shape, all else by address).  Floats are data: leaves, as the
 * tensors are. */
#include <stdlib.h>
#include <string.h>

#include "jit.h"
#include "tensor.h"
#include "tree.h"

static void sig_put (lua_State *L, nlb_jit *f, const void *p, size_t n) {
  if (f->len + n > f->cap) {
    size_t cap = (f->len + n) * 2 + 256;
    char *s = (char *)realloc(f->sig, cap);
    if (s == NULL) luaL_error(L, "not enough memory for a signature");
    f->sig = s;
    f->cap = cap;
  }
  memcpy(f->sig + f->len, p, n);
  f->len += n;
}

static void sig_char (lua_State *L, nlb_jit *f, char c) {
  sig_put(L, f, &c, 1);
}

static void sig_tagged (lua_State *L, nlb_jit *f, char c, const void *p,
                        size_t n) {
  sig_char(L, f, c);
  sig_put(L, f, p, n);
}

/* Integers are not floats of the same value. */
static void sig_number (lua_State *L, nlb_jit *f, char c, int idx) {
  lua_Integer i = lua_tointeger(L, idx);
  lua_Number x = lua_tonumber(L, idx);
  if (lua_isinteger(L, idx)) sig_tagged(L, f, c, &i, sizeof i);
  else sig_tagged(L, f, (char)(c + 1), &x, sizeof x);
}

static void sig_string (lua_State *L, nlb_jit *f, char c, int idx) {
  size_t n;
  const char *s = lua_tolstring(L, idx, &n);
  sig_tagged(L, f, c, &n, sizeof n);
  sig_put(L, f, s, n);
}

/* By its address, which nothing else gets while an entry holds it. */
static void sig_address (lua_State *L, nlb_jit *f, char c, int idx) {
  const void *p = lua_topointer(L, idx);
  sig_tagged(L, f, c, &p, sizeof p);
  if (f->anchors == 0 || p == NULL) return;
  lua_pushvalue(L, idx);
  lua_rawseti(L, f->anchors, (lua_Integer)lua_rawlen(L, f->anchors) + 1);
}

/* ---- leaves ---- */

/* Where the table has s, or the hole where it would stand. */
static size_t place_of (const nlb_jit *f, const nl_storage *s) {
  uint64_t h = (uint64_t)(uintptr_t)s * UINT64_C(0x9e3779b97f4a7c15);
  size_t i = (size_t)(h >> 32) & (f->nplace - 1);
  while (f->place[i] != 0 && f->leaf[f->place[i] - 1].t->storage != s)
    i = (i + 1) & (f->nplace - 1);
  return i;
}

int nlb_jit_first (const nlb_jit *f, const nl_storage *s) {
  if (f->n > NLB_FEW_LEAVES) return f->place[place_of(f, s)] - 1;
  for (int i = 0; i < f->n; i++)
    if (f->leaf[i].t != NULL && f->leaf[i].t->storage == s) return i;
  return -1;
}

static void note_place (nlb_jit *f, int i) {
  if (f->leaf[i].t == NULL) return;
  size_t at = place_of(f, f->leaf[i].t->storage);
  if (f->place[at] == 0) f->place[at] = i + 1;
}

/* A table of at least twice as many places as leaves. */
static void make_places (lua_State *L, nlb_jit *f) {
  size_t n = 4 * (size_t)f->n;
  for (f->nplace = 128; f->nplace < n;) f->nplace *= 2;
  if (f->nplace > f->cap_place) {
    int *p = (int *)realloc(f->place, f->nplace * sizeof *p);
    if (p == NULL) luaL_error(L, "not enough memory for %d arguments", f->n);
    f->place = p;
    f->cap_place = f->nplace;
  }
  memset(f->place, 0, f->nplace * sizeof *f->place);
  for (int i = 0; i < f->n; i++) note_place(f, i);
}

static void add_leaf (lua_State *L, nlb_jit *f, nl_tensor *t, double x,
                      bool shared) {
  if (f->n == f->cap_n) {
    int cap = f->cap_n ? 2 * f->cap_n : 16;
    void *a = realloc(f->v, (size_t)cap * sizeof *f->v);
    if (a != NULL) f->v = (nl_value **)a;
    void *b = realloc(f->leaf, (size_t)cap * sizeof *f->leaf);
    if (b != NULL) f->leaf = (struct nlb_leaf *)b;
    if (a == NULL || b == NULL)
      luaL_error(L, "not enough memory for %d arguments", cap);
    f->cap_n = cap;
  }
  f->leaf[f->n++] = (struct nlb_leaf){t, x, shared};
  if (f->n <= NLB_FEW_LEAVES) return;
  if (f->n == NLB_FEW_LEAVES + 1 || 2 * (size_t)f->n > f->nplace)
    make_places(L, f);
  else
    note_place(f, f->n - 1);
}

void nlb_jit_read (lua_State *L, nlb_jit *f) {
  nl_ctx *C = f->S->C;
  for (int i = 0; i < f->n; i++) {
    const struct nlb_leaf *l = &f->leaf[i];
    f->v[i] = l->t != NULL ? nl_read(C, l->t) : nl_number(C, l->x);
    if (f->v[i] == NULL) nlb_raise(L, f->S);
  }
}

static void sig_tensor (lua_State *L, nlb_jit *f, nl_tensor *t) {
  int64_t head[4] = {nl_storage_dtype(t->storage), t->ndim,
                     nl_storage_weak(t->storage),
                     nlb_jit_first(f, t->storage)};
  sig_tagged(L, f, 'T', head, sizeof head);
  sig_put(L, f, t->size, (size_t)t->ndim * sizeof *t->size);
  if (head[3] >= 0) { /* shares memory with an earlier one: how */
    sig_put(L, f, &t->offset, sizeof t->offset);
    sig_put(L, f, t->stride, (size_t)t->ndim * sizeof *t->stride);
    f->leaf[head[3]].shared = true;
  }
  add_leaf(L, f, t, 0, head[3] >= 0);
}

/* Adds the value on top of the stack, and pops it. */
static void sig_value (lua_State *L, nlb_jit *f, int depth) {
  int idx = lua_gettop(L);
  nl_tensor *t;
  if (nlb_tree_node(L, idx)) {
    if (depth > NLB_TREE_DEPTH)
      nlb_error(L, "jit: tables nested deeper than %d, perhaps a cycle",
                NLB_TREE_DEPTH);
    luaL_checkstack(L, 10, "jit");
    sig_char(L, f, '{');
    int n = nlb_tree_push_keys(L, idx, "jit");
    luaL_checkstack(L, 10, "jit");
    for (int i = 1; i <= n; i++) {
      lua_pushvalue(L, idx + i);
      lua_rawget(L, idx);
      lua_pushvalue(L, idx + i);
      if (lua_type(L, -1) == LUA_TSTRING) sig_string(L, f, 'k', -1);
      else if (lua_isboolean(L, -1))
        sig_char(L, f, lua_toboolean(L, -1) ? 'y' : 'z');
      else sig_number(L, f, 'i', -1);
      lua_pop(L, 1);
      sig_value(L, f, depth + 1);
    }
    sig_char(L, f, '}');
    lua_settop(L, idx - 1);
    return;
  }
  switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
      if (lua_isinteger(L, idx)) {
        sig_number(L, f, 'I', idx);
      } else { /* data */
        sig_char(L, f, 'F');
        add_leaf(L, f, NULL, lua_tonumber(L, idx), false);
      }
      break;
    case LUA_TBOOLEAN:
      sig_char(L, f, lua_toboolean(L, idx) ? '1' : '0');
      break;
    case LUA_TSTRING: sig_string(L, f, 'S', idx); break;
    case LUA_TNIL: sig_char(L, f, 'N'); break;
    default:
      t = nlb_test_tensor(L, f->S, idx);
      if (t != NULL && t->storage != NULL) {
        sig_tensor(L, f, t);
      } else {
        sig_address(L, f, 'P', idx);
      }
  }
  lua_settop(L, idx - 1);
}

/* The function's own upvalues: numbers by value, tensors by storage. */
static void sig_upvalues (lua_State *L, nlb_jit *f, int fn) {
  if (lua_type(L, fn) != LUA_TFUNCTION || lua_iscfunction(L, fn)) return;
  for (int i = 1; lua_getupvalue(L, fn, i) != NULL; i++) {
    nl_tensor *t = nlb_test_tensor(L, f->S, -1);
    if (t != NULL && t->storage != NULL) {
      const void *p = t->storage;
      size_t n = (size_t)t->ndim * sizeof *t->size;
      sig_tagged(L, f, 't', &p, sizeof p);
      sig_put(L, f, &t->offset, sizeof t->offset);
      sig_put(L, f, &t->ndim, sizeof t->ndim);
      sig_put(L, f, t->size, n);
      sig_put(L, f, t->stride, n);
    } else if (lua_type(L, -1) == LUA_TNUMBER) {
      sig_number(L, f, 'n', -1);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
      sig_string(L, f, 's', -1);
    } else if (lua_type(L, -1) == LUA_TBOOLEAN) {
      sig_char(L, f, lua_toboolean(L, -1) ? '1' : '0');
    } else {
      sig_address(L, f, 'p', lua_gettop(L));
    }
    lua_pop(L, 1);
  }
}

void nlb_jit_sign (lua_State *L, nlb_jit *f, int fn, int first, int last,
                   int anchors) {
  f->len = 0;
  f->n = 0;
  f->anchors = anchors;
  luaL_checkstack(L, 10, "jit");
  sig_char(L, f, (char)nl_default_dtype(f->S->C)); /* of new tensors */
  sig_upvalues(L, f, fn);
  for (int i = first; i <= last; i++) {
    sig_char(L, f, ',');
    lua_pushvalue(L, i);
    if (i - first < NLB_DONATE_MAX) f->from[i - first] = f->n;
    sig_value(L, f, 0);
  }
  int n = last - first + 1;
  if (n <= NLB_DONATE_MAX) f->from[n] = f->n;
}

void nlb_jit_free (nlb_jit *f) {
  free(f->sig);
  free(f->v);
  free(f->leaf);
  free(f->place);
  free(f->item);
  free(f->texts);
  f->item = NULL;
  f->texts = NULL;
  f->listed = NULL;
  f->cap_item = 0;
  f->cap_text = 0;
  f->sig = NULL;
  f->v = NULL;
  f->leaf = NULL;
  f->place = NULL;
  f->cap_place = 0;
  f->cap = 0;
  f->cap_n = 0;
}
