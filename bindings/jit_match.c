/* jit_match.c: is this call like the last one?
 *
 * A signature (jit_sign.c) sorts the keys of tables and copies all it sees.
 * Most calls are like the call before, and their tables, made alike, even give
 * their keys in the same order; so after a signature was found the arguments
 * are listed in the order of lua_next, and the next call is held against the
 * list, item by item.  Any difference, another order too, is left to the
 * signature. */
#include <stdlib.h>
#include <string.h>

#include "jit.h"
#include "tensor.h"
#include "tree.h"

#define ITEMS 1024

typedef enum op {
  NODE, END, INT_KEY, TEXT_KEY, TENSOR, FLOAT, INT, BOOL, TEXT, NIL, THING,
  CLOSED_TENSOR, CLOSED_FLOAT, CLOSED_THING /* upvalues */
} op;

struct nlb_item {
  op op;
  int leaf;      /* TENSOR, FLOAT: its place among the leaves */
  int64_t i;     /* INT_KEY, INT, BOOL; CLOSED_TENSOR: the offset */
  double x;      /* CLOSED_FLOAT */
  const void *p; /* THING, CLOSED_THING: its address; CLOSED_TENSOR: its
                    storage */
  size_t text, len; /* TEXT_KEY, TEXT: in f->texts */
  int dtype, ndim;
  bool weak;
  int64_t size[NL_MAX_DIM], stride[NL_MAX_DIM];
};

/* ---- listing ---- */

static struct nlb_item *add (nlb_jit *f, op what) {
  if (f->nitem == ITEMS) return NULL;
  if (f->nitem == f->cap_item) {
    int cap = f->cap_item ? 2 * f->cap_item : 32;
    void *p = realloc(f->item, (size_t)cap * sizeof *f->item);
    if (p == NULL) return NULL;
    f->item = (struct nlb_item *)p;
    f->cap_item = cap;
  }
  struct nlb_item *it = &f->item[f->nitem++];
  memset(it, 0, sizeof *it);
  it->op = what;
  return it;
}

static bool add_text (lua_State *L, nlb_jit *f, op what, int idx) {
  size_t n;
  const char *s = lua_tolstring(L, idx, &n);
  struct nlb_item *it = add(f, what);
  if (it == NULL) return false;
  if (f->ntext + n > f->cap_text) {
    size_t cap = (f->ntext + n) * 2;
    char *p = (char *)realloc(f->texts, cap);
    if (p == NULL) return false;
    f->texts = p;
    f->cap_text = cap;
  }
  memcpy(f->texts + f->ntext, s, n);
  it->text = f->ntext;
  it->len = n;
  f->ntext += n;
  return true;
}

static bool add_int (nlb_jit *f, op what, int64_t i) {
  struct nlb_item *it = add(f, what);
  if (it != NULL) it->i = i;
  return it != NULL;
}

static bool add_thing (lua_State *L, nlb_jit *f, op what, int idx) {
  struct nlb_item *it = add(f, what);
  if (it != NULL) it->p = lua_topointer(L, idx);
  return it != NULL;
}

static void shape_of (struct nlb_item *it, const nl_tensor *t) {
  it->dtype = (int)nl_storage_dtype(t->storage);
  it->weak = nl_storage_weak(t->storage);
  it->ndim = t->ndim;
  memcpy(it->size, t->size, (size_t)t->ndim * sizeof *t->size);
  memcpy(it->stride, t->stride, (size_t)t->ndim * sizeof *t->stride);
}

/* A leaf's place, by its address; one that is there twice has none. */
static bool add_tensor (nlb_jit *f, const nl_tensor *t) {
  int at = -1, times = 0;
  for (int i = 0; i < f->n; i++)
    if (f->leaf[i].t == t) {
      at = i;
      times++;
    }
  struct nlb_item *it = times == 1 ? add(f, TENSOR) : NULL;
  if (it == NULL) return false;
  it->leaf = at;
  shape_of(it, t);
  return true;
}

static bool add_value (lua_State *L, nlb_jit *f, bool plain, int depth,
                       int *leaves);

/* plain: the leaves before were listed in the order of the signature, so that
   a number's place is known. */
static bool add_node (lua_State *L, nlb_jit *f, int idx, bool plain,
                      int depth, int *leaves) {
  lua_Integer next = 1;
  if (depth > 20 || !lua_checkstack(L, 10) || add(f, NODE) == NULL)
    return false;
  lua_pushnil(L);
  while (lua_next(L, idx)) {
    bool ok;
    if (lua_isinteger(L, -2)) {
      ok = add_int(f, INT_KEY, lua_tointeger(L, -2));
      plain = plain && lua_tointeger(L, -2) == next++;
    } else {
      ok = lua_type(L, -2) == LUA_TSTRING && add_text(L, f, TEXT_KEY, -2);
      plain = false;
    }
    if (!ok || !add_value(L, f, plain, depth + 1, leaves)) return false;
    lua_pop(L, 1);
  }
  return add(f, END) != NULL;
}

static bool add_value (lua_State *L, nlb_jit *f, bool plain, int depth,
                       int *leaves) {
  int idx = lua_gettop(L);
  struct nlb_item *it;
  nl_tensor *t;
  if (nlb_tree_node(L, idx)) return add_node(L, f, idx, plain, depth, leaves);
  switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
      if (lua_isinteger(L, idx)) return add_int(f, INT, lua_tointeger(L, idx));
      it = plain ? add(f, FLOAT) : NULL;
      if (it != NULL) it->leaf = (*leaves)++;
      return it != NULL;
    case LUA_TBOOLEAN: return add_int(f, BOOL, lua_toboolean(L, idx));
    case LUA_TSTRING: return add_text(L, f, TEXT, idx);
    case LUA_TNIL: return add(f, NIL) != NULL;
    default:
      t = nlb_test_tensor(L, f->S, idx);
      if (t == NULL || t->storage == NULL)
        return t == NULL && add_thing(L, f, THING, idx);
      (*leaves)++;
      return add_tensor(f, t);
  }
}

static bool add_upvalue (lua_State *L, nlb_jit *f) {
  int idx = lua_gettop(L);
  nl_tensor *t = nlb_test_tensor(L, f->S, idx);
  struct nlb_item *it;
  if (t != NULL && t->storage != NULL) {
    it = add(f, CLOSED_TENSOR);
    if (it == NULL) return false;
    it->p = t->storage;
    it->i = t->offset;
    shape_of(it, t);
    return true;
  }
  if (lua_isnil(L, idx)) return add(f, NIL) != NULL;
  if (lua_type(L, idx) == LUA_TSTRING) return add_text(L, f, TEXT, idx);
  if (lua_isboolean(L, idx)) return add_int(f, BOOL, lua_toboolean(L, idx));
  if (lua_isinteger(L, idx)) return add_int(f, INT, lua_tointeger(L, idx));
  if (lua_type(L, idx) != LUA_TNUMBER)
    return add_thing(L, f, CLOSED_THING, idx);
  it = add(f, CLOSED_FLOAT);
  if (it != NULL) it->x = lua_tonumber(L, idx);
  return it != NULL;
}

/* Storages that are shared belong to the signature. */
static bool distinct (const nlb_jit *f) {
  for (int i = 0; i < f->n; i++)
    for (int k = 0; k < i; k++)
      if (f->leaf[i].t != NULL && f->leaf[k].t != NULL &&
          f->leaf[i].t->storage == f->leaf[k].t->storage)
        return false;
  return true;
}

void nlb_jit_list (lua_State *L, nlb_jit *f, int fn, int first, int last) {
  int top = lua_gettop(L), leaves = 0;
  bool ok = f->n <= NLB_FEW_LEAVES && distinct(f) && lua_checkstack(L, 10);
  f->nitem = 0;
  f->ntext = 0;
  f->nargs = last - first + 1;
  f->nleaf = f->n;
  f->dtype = (int)nl_default_dtype(f->S->C);
  if (lua_type(L, fn) == LUA_TFUNCTION && !lua_iscfunction(L, fn))
    for (int i = 1; ok && lua_getupvalue(L, fn, i) != NULL; i++) {
      ok = add_upvalue(L, f);
      lua_settop(L, top);
    }
  for (int i = first; i <= last && ok; i++) {
    lua_pushvalue(L, i);
    ok = add_value(L, f, true, 0, &leaves);
    lua_settop(L, top);
  }
  lua_settop(L, top);
  if (!ok) f->nitem = -1;
}

/* ---- matching ---- */

static bool same_text (lua_State *L, const nlb_jit *f,
                       const struct nlb_item *it, int idx) {
  size_t n;
  if (lua_type(L, idx) != LUA_TSTRING) return false;
  const char *s = lua_tolstring(L, idx, &n);
  return n == it->len && memcmp(s, f->texts + it->text, n) == 0;
}

static bool same_shape (const struct nlb_item *it, const nl_tensor *t) {
  return it->ndim == t->ndim &&
         it->dtype == (int)nl_storage_dtype(t->storage) &&
         it->weak == nl_storage_weak(t->storage) &&
         memcmp(it->size, t->size, (size_t)t->ndim * sizeof *t->size) == 0;
}

static bool same_tensor (lua_State *L, nlb_jit *f, const struct nlb_item *it,
                         int idx) {
  nl_tensor *t = nlb_test_tensor(L, f->S, idx);
  if (t == NULL || t->storage == NULL || !same_shape(it, t)) return false;
  if (it->op == CLOSED_TENSOR)
    return t->storage == it->p && t->offset == it->i &&
           memcmp(it->stride, t->stride,
                  (size_t)t->ndim * sizeof *t->stride) == 0;
  f->leaf[it->leaf] = (struct nlb_leaf){t, 0, false};
  return true;
}

static bool same_thing (lua_State *L, const struct nlb_item *it, int idx) {
  int type = lua_type(L, idx);
  return lua_topointer(L, idx) == it->p && type != LUA_TNIL &&
         type != LUA_TBOOLEAN && type != LUA_TNUMBER && type != LUA_TSTRING;
}

/* Holds the value on top against the items from *at on; the stack's height
   may differ afterwards where they don't match. */
static bool same_value (lua_State *L, nlb_jit *f, int *at) {
  const struct nlb_item *it = &f->item[(*at)++];
  int idx = lua_gettop(L);
  switch (it->op) {
    case NODE:
      if (!nlb_tree_node(L, idx) || !lua_checkstack(L, 10)) return false;
      lua_pushnil(L);
      while (lua_next(L, idx)) {
        it = &f->item[(*at)++];
        if (it->op == INT_KEY) {
          if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != it->i)
            return false;
        } else if (it->op != TEXT_KEY || !same_text(L, f, it, -2)) {
          return false; /* END: there are more keys than before */
        }
        if (!same_value(L, f, at)) return false;
        lua_pop(L, 1);
      }
      return f->item[(*at)++].op == END;
    case TENSOR:
    case CLOSED_TENSOR: return same_tensor(L, f, it, idx);
    case FLOAT:
      if (lua_type(L, idx) != LUA_TNUMBER || lua_isinteger(L, idx))
        return false;
      f->leaf[it->leaf] = (struct nlb_leaf){NULL, lua_tonumber(L, idx), false};
      return true;
    case INT: return lua_isinteger(L, idx) && lua_tointeger(L, idx) == it->i;
    case BOOL:
      return lua_isboolean(L, idx) && lua_toboolean(L, idx) == it->i;
    case TEXT: return same_text(L, f, it, idx);
    case NIL: return lua_isnil(L, idx);
    case CLOSED_FLOAT: {
      double x = lua_tonumber(L, idx);
      return lua_type(L, idx) == LUA_TNUMBER && !lua_isinteger(L, idx) &&
             memcmp(&x, &it->x, sizeof x) == 0;
    }
    case THING: /* a table without a metatable is none */
      return same_thing(L, it, idx) && !nlb_tree_node(L, idx);
    case CLOSED_THING: return same_thing(L, it, idx);
    default: return false; /* END: the table was longer */
  }
}

bool nlb_jit_match (lua_State *L, nlb_jit *f, int fn, int first, int last) {
  int top = lua_gettop(L), at = 0;
  bool ok = f->nitem >= 0 && f->nargs == last - first + 1 &&
            f->dtype == (int)nl_default_dtype(f->S->C) &&
            lua_checkstack(L, 10);
  f->n = f->nleaf; /* there was room for as many */
  if (ok && lua_type(L, fn) == LUA_TFUNCTION && !lua_iscfunction(L, fn))
    for (int i = 1; ok && lua_getupvalue(L, fn, i) != NULL; i++) {
      ok = same_value(L, f, &at);
      lua_settop(L, top);
    }
  for (int i = first; i <= last && ok; i++) {
    lua_pushvalue(L, i);
    ok = same_value(L, f, &at);
    lua_settop(L, top);
  }
  lua_settop(L, top);
  return ok && at == f->nitem && distinct(f);
}
