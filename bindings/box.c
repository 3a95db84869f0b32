/* box.c: the userdata of tensors and storages, and what happens when Lua
 * drops one.
 *
 * A box is an nl_tensor and a mark: its own address, mixed with a key of the
 * context.  The mark says what a userdata is without asking for its
 * metatable.  In the program, whose allocator of Lua's memory is our own, a
 * box that Lua frees is seen there and gives its storage back; so boxes need
 * no finalizer, which would cost more than most operations and keep each
 * tensor for one collection more.  Under other hosts they have one. */
#include "tensor.h"

#include "lua_memory.h"

#define MIB ((size_t)1 << 20)
/* Bytes between young collections, so that they stay in the second cache, of
   which a neighbour may use half; and at most, while these free little. */
#define YOUNG ((size_t)128 << 10)
#define YOUNG_MAX ((size_t)32 << 20)

/* ---- marks ---- */

static uintptr_t key_of (const nl_ctx *C) {
  return (uintptr_t)C * (uintptr_t)0x9e3779b97f4a7c15u ^ (uintptr_t)&key_of;
}

static void release (nl_ctx *C, nl_tensor *t) {
  nl_storage *s = t->storage;
  if (s == NULL) return;
  t->storage = NULL;
  t->ndim = 0;
  t->offset = NL_F32;
  nl_storage_release(C, s);
}

/* Bytes in use at which everything is collected, when `used` are. */
static size_t full_at (size_t used) { return used + used / 2 + 32 * MIB; }

/* What is in use has fallen: the next collections come earlier, or garbage
   would fill what large arrays left and drive results out of the caches. */
static void lower (nlb_state *S) {
  size_t used = nl_bytes_used(S->C), full = full_at(used);
  if (used + S->gc_young < S->gc_limit) S->gc_limit = used + S->gc_young;
  if (full < S->gc_full) S->gc_full = full;
}

/* Lua frees a block of a box's size: is it one? */
static void gone (void *pieces, void *block, size_t size) {
  nlb_pieces *m = (nlb_pieces *)pieces;
  nl_ctx *C = (nl_ctx *)m->gone_ud;
  nlb_box *b =
      (nlb_box *)(void *)((char *)block + size - sizeof(nlb_box));
  uintptr_t key = (uintptr_t)b ^ b->mark;
  if (key != key_of(C) && key != ~key_of(C)) return;
  b->mark = 0;
  release(C, &b->t);
  if (m->state != NULL) lower((nlb_state *)m->state);
}

static int box_gc (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, lua_upvalueindex(1));
  if (S->C == NULL) return 0;
  release(S->C, (nl_tensor *)lua_touserdata(L, 1));
  lower(S);
  return 0;
}

/* Has the host an allocator that tells what it frees? */
static bool watch_blocks (lua_State *L, nlb_state *S) {
  lua_getfield(L, LUA_REGISTRYINDEX, NLB_PIECES);
  nlb_pieces *m = (nlb_pieces *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (m == NULL) return false;
  nlb_box *b = (nlb_box *)lua_newuserdatauv(L, sizeof *b, 0);
  size_t size = m->asked; /* with Lua's own part before the box */
  b->mark = 0;
  lua_pop(L, 1);
  if (size < sizeof *b || size > sizeof *b + 128) return false;
  m->object = size;
  m->gone_ud = S->C;
  m->state = S;
  S->pieces = m;
  m->gone = gone;
  return true;
}

void nlb_open_box (lua_State *L, nlb_state *S) {
  static const char *const type[] = {NLB_TENSOR, NLB_STORAGE};
  S->key = key_of(S->C);
  S->gc_limit = S->gc_young = YOUNG;
  S->gc_full = 32 * MIB;
  bool watched = watch_blocks(L, S);
  for (int i = 0; i < 2; i++) {
    luaL_newmetatable(L, type[i]);
    if (!watched) {
      lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
      lua_pushcclosure(L, box_gc, 1);
      lua_setfield(L, -2, "__gc");
    }
    /* what getmetatable gives to Lua: the methods, to which one may add */
    lua_getfield(L, -2, i == 0 ? "methods" : "storage_methods");
    lua_setfield(L, -2, "__metatable");
    if (i == 0) S->tensor_mt = luaL_ref(L, LUA_REGISTRYINDEX);
    else lua_pop(L, 1);
  }
}

/* ---- making ---- */

static nl_tensor *new_box (lua_State *L, uintptr_t key) {
  nlb_box *b = (nlb_box *)lua_newuserdatauv(L, sizeof *b, 0);
  b->t.storage = NULL; /* the rest is set with the storage */
  b->t.offset = NL_F32;
  b->t.ndim = 0;
  b->t.whole = false;
  b->mark = (uintptr_t)b ^ key;
  return &b->t;
}

nl_tensor *nlb_new_tensor (lua_State *L, nlb_state *S) {
  nl_tensor *t = new_box(L, S->key);
  lua_rawgeti(L, LUA_REGISTRYINDEX, S->tensor_mt);
  lua_setmetatable(L, -2);
  return t;
}

nl_tensor *nlb_new_tensor_by (lua_State *L, nlb_state *S, int mt) {
  nl_tensor *t = new_box(L, S->key);
  lua_pushvalue(L, mt);
  lua_setmetatable(L, -2);
  return t;
}

nl_tensor *nlb_new_storage (lua_State *L, nlb_state *S) {
  nl_tensor *t = new_box(L, ~S->key);
  t->offset = 0;
  t->ndim = 1;
  t->size[0] = 0;
  t->stride[0] = 1;
  luaL_setmetatable(L, NLB_STORAGE);
  return t;
}

/* ---- testing ---- */

/* The size alone tells a box from light userdata and nearly everything else,
   so that reading the mark is safe. */
static inline nl_tensor *test (lua_State *L, int idx, uintptr_t key) {
  if (lua_rawlen(L, idx) != sizeof(nlb_box)) return NULL;
  nlb_box *b = (nlb_box *)lua_touserdata(L, idx);
  return b != NULL && b->mark == ((uintptr_t)b ^ key) ? &b->t : NULL;
}

nl_tensor *nlb_test_tensor (lua_State *L, nlb_state *S, int idx) {
  return test(L, idx, S->key);
}

nl_tensor *nlb_test_storage (lua_State *L, nlb_state *S, int idx) {
  return test(L, idx, ~S->key);
}

/* ---- the collector's steps ---- */

/* Lua does not know of the bytes behind its boxes, so it is told when to
   collect: a young collection after each few hundred KiB, while that frees
   much (the program and plain lua5.4 use the generational mode; a small step
   in the incremental one); everything when it no longer helps. */
void nlb_collect (lua_State *L, nlb_state *S) {
  nl_pool_release(S->C, S->floor);
  size_t before = nl_bytes_used(S->C);
  if (before <= S->gc_limit) return;
  lua_gc(L, LUA_GCSTEP, 0);
  size_t used = nl_bytes_used(S->C);
  if (used > S->gc_full) {
    lua_gc(L, LUA_GCCOLLECT);
    used = nl_bytes_used(S->C);
    S->gc_full = full_at(used);
    S->gc_young = YOUNG;
  } else if (before - used >= S->gc_young / 2) {
    S->gc_young = YOUNG;
  } else if (S->gc_young < YOUNG_MAX) {
    S->gc_young *= 2;
  }
  S->gc_limit = used + S->gc_young;
  if (S->gc_limit > S->gc_full) /* young ones don't help: see at the bound */
    S->gc_limit = used + YOUNG > S->gc_full ? used + YOUNG : S->gc_full;
}
