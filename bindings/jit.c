/* jit.c: jit of Lua functions: captures, guards and replays.
 *
 * A jitted function is a userdata with a cache from signatures (jit_sign.c) to
 * entries.  A signature's first call captures a graph and runs it; its second
 * captures again and must give the same graph; from then on the graph is
 * replayed without the function. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd.h"
#include "jit.h"
#include "tensor.h"
#include "tree.h"

#define JIT "nnlua.jit"
#define ENTRY "nnlua.jit_entry"
#define FEW 32        /* results that need no memory of Lua's */
#define CACHE_MAX 256 /* entries; then the cache starts anew */

/* Of the jitted function; recent: the entry of the last call, newest: the one
   that was made last. */
enum { UV_F = 1, UV_CACHE = 2, UV_RECENT = 3, UV_NEWEST = 4 };
typedef nlb_jit jit;

typedef nlb_entry entry;

/* ---- entries ---- */

static int entry_gc (lua_State *L) {
  entry *e = (entry *)lua_touserdata(L, 1);
  if (e->S->C != NULL) nl_graph_release(e->S->C, e->g);
  e->g = NULL;
  free(e->back);
  free(e->give);
  free(e->numel);
  free(e->sig);
  free(e->step);
  e->step = NULL;
  e->sig = NULL;
  e->back = NULL;
  e->give = NULL;
  e->numel = NULL;
  return 0;
}

nlb_entry *nlb_jit_entry (lua_State *L, nlb_state *S) {
  entry *e = (entry *)nlb_userdata(L, sizeof *e, 4, ENTRY, entry_gc);
  e->S = S;
  return e;
}

/* A nil on top becomes a mark, so that an array can hold it. */
static void mark_nil (lua_State *L) {
  static const char nothing = 0;
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_pushlightuserdata(L, (void *)(uintptr_t)&nothing);
}

/* Have the storages their sizes, and the fields read through autograd.static
   what they held? */
static bool guards_hold (lua_State *L, int idx) {
  const entry *e = (const entry *)lua_touserdata(L, idx);
  bool hold = true, read, written;
  for (int i = 0; i < nl_graph_nstorage(e->g) && hold; i++)
    hold = nl_storage_numel(nl_graph_storage(e->g, i, &read, &written)) ==
           e->numel[i];
  if (!hold || e->nguard == 0) return hold;
  if (lua_getiuservalue(L, idx, NLB_UV_GUARDS) == LUA_TTABLE) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i + 2 <= n && hold; i += 3) {
      lua_rawgeti(L, -1, i);
      lua_rawgeti(L, -2, i + 1);
      lua_rawget(L, -2);
      mark_nil(L);
      lua_rawgeti(L, -3, i + 2);
      hold = lua_rawequal(L, -1, -2);
      lua_pop(L, 3);
    }
  }
  lua_pop(L, 1);
  return hold;
}

/* Pushes the entry for the current signature, or nothing: NULL. */
static entry *find_entry (lua_State *L, jit *f, int ud) {
  if (f->recent != NULL && f->recent->len == f->len &&
      memcmp(f->recent->sig, f->sig, f->len) == 0) {
    lua_getiuservalue(L, ud, UV_RECENT);
    if (guards_hold(L, lua_gettop(L))) return f->recent;
    lua_pop(L, 1);
  }
  lua_getiuservalue(L, ud, UV_CACHE);
  lua_pushlstring(L, f->sig, f->len);
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
      lua_rawgeti(L, -1, i);
      if (guards_hold(L, lua_gettop(L))) {
        entry *e = (entry *)lua_touserdata(L, -1);
        lua_replace(L, -3);
        lua_pop(L, 1);
        f->recent = e;
        f->listed = NULL; /* it was of another, which may be gone now */
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, ud, UV_RECENT);
        return e;
      }
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 2);
  return NULL;
}

/* Stores the entry on top of the stack under the signature string at sig. */
static void store_entry (lua_State *L, jit *f, int ud, int sig) {
  int e = lua_gettop(L);
  if (f->entries >= CACHE_MAX) { /* bounded: start anew */
    lua_newtable(L);
    lua_setiuservalue(L, ud, UV_CACHE);
    f->entries = 0;
  }
  entry *fresh = (entry *)lua_touserdata(L, e);
  const char *text = lua_tolstring(L, sig, &fresh->len);
  fresh->sig = (char *)malloc(fresh->len);
  if (fresh->sig == NULL) luaL_error(L, "not enough memory");
  memcpy(fresh->sig, text, fresh->len);
  lua_getiuservalue(L, ud, UV_CACHE);
  lua_pushvalue(L, sig);
  if (lua_rawget(L, -2) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, sig);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  lua_pushvalue(L, e);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  f->entries++;
  lua_settop(L, e);
}

/* ---- replay ---- */

static bool written_back (const jit *f, const entry *e, const nl_storage *s) {
  for (int b = 0; b < e->nback; b++)
    if (f->leaf[e->back[b]].t->storage == s) return true;
  return false;
}

/* Do arguments show the same elements, of which one is written? */
static bool arguments_collide (lua_State *L, jit *f, const entry *e) {
  bool any = false;
  for (int b = 0; b < e->nback && !any; b++)
    any = f->leaf[e->back[b]].shared;
  if (!any) return false;
  nl_tensor **t = (nl_tensor **)lua_newuserdatauv(
      L, (size_t)f->n * (sizeof *t + sizeof(bool)), 0);
  bool *written = (bool *)(t + f->n);
  for (int i = 0; i < f->n; i++) {
    t[i] = f->leaf[i].shared ? f->leaf[i].t : NULL;
    written[i] = false;
  }
  for (int b = 0; b < e->nback; b++) written[e->back[b]] = true;
  bool found = nlb_written_collide(L, f->n, t, written);
  lua_pop(L, 1);
  return found;
}

/* A written tensor that is also reached another way would go stale. */
static void check_aliases (lua_State *L, jit *f, const entry *e) {
  for (int i = 0; i < nl_graph_nstorage(e->g); i++) {
    bool read, written;
    nl_storage *s = nl_graph_storage(e->g, i, &read, &written);
    if (nlb_jit_first(f, s) >= 0 && (written || written_back(f, e, s)))
      nlb_error(L, "jit: a tensor is an argument and reached by a closure as "
                "well, and one of them is written (views of one storage count "
                "as one tensor); use it one way only, or pass a clone");
  }
  if (arguments_collide(L, f, e))
    nlb_error(L, "jit: two arguments share memory and one of them is "
              "written; clone one");
}

typedef struct results {
  int n;
  nl_tensor **list; /* [n] the results' userdata */
  bool numbers;
} results;

static nl_status fill_results (nl_ctx *C, void *ud, nl_value *const *out) {
  results *r = (results *)ud;
  for (int i = 0; i < r->n; i++) {
    if (nl_tensor_from(C, r->list[i], out[i]) != NL_OK)
      return nl_errstatus(C);
    r->numbers = r->numbers || nl_ndim(out[i]) == 0;
  }
  return NL_OK;
}

/* What a call gives up: [n] the tensors, their storages where results may take
   the memory, the marked ones that they get. */
typedef struct giving {
  int n;
  nl_tensor **t;
  nl_storage **from, **gone;
} giving;

static void forget (nl_ctx *C, giving *g) {
  for (int i = 0; i < g->n; i++) nl_storage_release(C, g->gone[i]);
}

/* Outside transforms; after nlb_jit_read. */
static void prepare (lua_State *L, jit *f, const entry *e, giving *g) {
  nl_ctx *C = f->S->C;
  if (!nl_trace_is_eval(C)) return;
  for (int i = 0; i < e->ngive; i++) {
    const struct nlb_leaf *leaf = &f->leaf[e->give[i]];
    if (!nl_is_concrete(f->v[e->give[i]])) continue;
    nl_storage *s = leaf->t->storage, *gone = nl_storage_given(C, s,
                                                               f->given_up);
    if (gone == NULL) {
      forget(C, g);
      nlb_raise(L, f->S);
    }
    g->t[g->n] = leaf->t;
    g->from[i] = leaf->shared ? NULL : s;
    g->gone[g->n++] = gone;
  }
}

static void give_up (nl_ctx *C, giving *g) {
  for (int i = 0; i < g->n; i++) {
    nl_storage *s = g->t[i]->storage;
    g->t[i]->storage = g->gone[i];
    nl_storage_release(C, s);
  }
}

/* Arguments that the graph does not read were not used. */
static void forget_unused (const jit *f, const entry *e) {
  for (int i = 0; i < f->n; i++)
    if (f->leaf[i].t != NULL && !nl_graph_uses(e->g, i))
      nl_unread(f->leaf[i].t->storage);
}

/* Calls the entry's graph on the current leaves; pushes the results. */
static int replay (lua_State *L, jit *f, const entry *e, int at) {
  nlb_state *S = f->S;
  int n = e->nout + e->nback, first = lua_gettop(L) + 1;
  nl_value *few_out[FEW], **out = few_out;
  nl_tensor *few_list[FEW], **list = few_list;
  luaL_checkstack(L, 10, "jit");
  if (e->writes) check_aliases(L, f, e);
  giving g = {0, NULL, NULL, NULL};
  if (n > FEW || e->ngive > 0) {
    size_t room = (size_t)n * (sizeof *out + sizeof *list) +
                  (size_t)e->ngive * (sizeof *g.t + 2 * sizeof *g.from);
    out = (nl_value **)lua_newuserdatauv(L, room, 0);
    memset(out, 0, room);
    list = (nl_tensor **)(void *)(out + n);
    g.t = list + n;
    g.from = (nl_storage **)(void *)(g.t + e->ngive);
    g.gone = g.from + e->ngive;
  } else {
    lua_pushnil(L);
  }
  /* results' userdata first: once values are in the pool, nothing is
     allocated in Lua */
  lua_rawgeti(L, LUA_REGISTRYINDEX, S->tensor_mt);
  lua_getiuservalue(L, at, NLB_UV_CONSTANTS);
  nlb_jit_push_results(L, e, lua_gettop(L), lua_gettop(L) - 1, list);
  nlb_jit_read(L, f);
  for (int i = 0; i < e->nback; i++)
    list[e->nout + i] = f->leaf[e->back[i]].t;
  results r = {e->nout, list, false};
  if (!nl_trace_is_eval(S->C)) forget_unused(f, e);
  if (e->ngive > 0) prepare(L, f, e, &g);
  nl_graph_writes w = {e->nback, list + e->nout, fill_results, &r,
                       g.n > 0 ? g.from : NULL};
  if (nl_graph_step(S->C, e->g, f->n, f->v, out, &w) != NL_OK) {
    forget(S->C, &g);
    nlb_raise(L, S);
  }
  give_up(S->C, &g);
  lua_rotate(L, first, -3);
  lua_pop(L, 3);
  if (r.numbers) nlb_settle(L, S, first);
  if (nl_bytes_used(S->C) > S->gc_limit) nlb_collect(L, S);
  return e->nres;
}

/* ---- calls ---- */

/* body of jit_call(jitted, ...) where no checked entry exists */
static int jit_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  enum { UD = 2, ARGS };
  jit *f = (jit *)luaL_checkudata(L, UD, JIT);
  int nargs = lua_gettop(L) - ARGS + 1;
  luaL_checkstack(L, nargs + 20, "jit");
  lua_getiuservalue(L, UD, UV_F);
  int fn = lua_gettop(L);
  lua_newtable(L);
  int anchors = lua_gettop(L);
  nlb_jit_sign(L, f, fn, ARGS, ARGS + nargs - 1, anchors);
  lua_pushlstring(L, f->sig, f->len);
  int sig = lua_gettop(L);
  entry *e = find_entry(L, f, UD);
  int known = lua_gettop(L);
  entry *fresh = nlb_jit_capture(L, f, j, fn, ARGS, nargs,
                                 e == NULL);
  int at = lua_gettop(L);
  lua_pushvalue(L, anchors);
  lua_setiuservalue(L, at, NLB_UV_ANCHORS);
  f->captures++;
  if (e == NULL) {
    bool full = f->entries >= CACHE_MAX;
    store_entry(L, f, UD, sig);
    f->made++;
    bool first = lua_getiuservalue(L, UD, UV_NEWEST) == LUA_TNIL;
    nlb_jit_anew(L, f, fn, first ? 0 : at + 1, at, full);
    lua_settop(L, at);
    lua_pushvalue(L, at);
    lua_setiuservalue(L, UD, UV_NEWEST);
    e = fresh;
  } else {
    nlb_jit_check_again(L, f, known, at);
    at = known;
  }
  /* the function may have called this jit again: the leaves anew */
  nlb_jit_sign(L, f, fn, ARGS, ARGS + nargs - 1, 0);
  return replay(L, f, e, at);
}

/* __call: replays a checked entry, else captures.  upvalue 4 is the protected
   body for that. */
static int jit_call (lua_State *L) {
  nlb_enter(L);
  jit *f = (jit *)luaL_checkudata(L, 1, JIT);
  int nargs = lua_gettop(L) - 1;
  luaL_checkstack(L, 20, "jit");
  lua_getiuservalue(L, 1, UV_F);
  int fn = nargs + 2;
  if (f->listed != NULL && f->listed == f->recent &&
      nlb_jit_match(L, f, fn, 2, nargs + 1)) {
    lua_getiuservalue(L, 1, UV_RECENT);
    if (guards_hold(L, fn + 1)) {
      f->replays++;
      return replay(L, f, f->recent, fn + 1);
    }
    lua_settop(L, fn);
  }
  nlb_jit_sign(L, f, fn, 2, nargs + 1, 0);
  const entry *e = find_entry(L, f, 1);
  if (e != NULL && e->checked) {
    if (f->listed != e) nlb_jit_list(L, f, fn, 2, nargs + 1);
    f->listed = e;
    nlb_jit_replayed(L, f, fn);
    return replay(L, f, e, lua_gettop(L));
  }
  lua_settop(L, nargs + 1);
  lua_pushvalue(L, lua_upvalueindex(4));
  lua_insert(L, 1);
  lua_call(L, nargs + 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* ---- Lua ---- */

static int jit_gc (lua_State *L) {
  jit *f = (jit *)lua_touserdata(L, 1);
  if (f->S->C != NULL) nl_trace_release(f->S->C, f->given_up);
  f->given_up = NULL;
  nlb_jit_free(f);
  return 0;
}

/* Which arguments are given up: their numbers from index 2 on. */
static void donate (lua_State *L, jit *f, int last) {
  char where[120];
  for (int i = 2; i <= last; i++) {
    lua_Integer k = lua_tointeger(L, i);
    if (k < 1 || k > NLB_DONATE_MAX)
      nlb_error(L, "jit: donate has %s; an argument's number from 1 to %d was "
                "expected", nlb_describe(L, f->S, i), NLB_DONATE_MAX);
    f->donate |= UINT64_C(1) << (k - 1);
  }
  if (f->donate == 0) return;
  nlb_where(L, "", where);
  f->given_up =
      nl_given_up(f->S->C, strncmp(where, " at ", 4) == 0 ? where + 4 : "");
  if (f->given_up == NULL) nlb_raise(L, f->S);
}

/* jit(f, ...): a callable object, to which the arguments of these numbers are
   given up */
static int jit_new (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int last = lua_gettop(L);
  jit *f = (jit *)lua_newuserdatauv(L, sizeof *f, 4);
  memset(f, 0, sizeof *f);
  f->S = S;
  luaL_setmetatable(L, JIT);
  donate(L, f, last);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, UV_F);
  lua_newtable(L);
  lua_setiuservalue(L, -2, UV_CACHE);
  return 1;
}

/* jit_graphs(jitted, which): an array of its graphs as text: 'captured', 'plan'
   (how they are replayed), else as compiled */
static int jit_graphs (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  luaL_checkudata(L, 1, JIT);
  lua_settop(L, 2);
  const char *which = luaL_optstring(L, 2, "");
  bool plans = strcmp(which, "plan") == 0;
  bool captured = strcmp(which, "captured") == 0;
  lua_newtable(L);
  lua_getiuservalue(L, 1, UV_CACHE);
  lua_Integer n = 0;
  for (lua_pushnil(L); lua_next(L, 4); lua_pop(L, 1))
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -1); i++) {
      lua_rawgeti(L, -1, i);
      const entry *e = (const entry *)lua_touserdata(L, -1);
      char *text = plans      ? nl_graph_plan_text(S->C, e->g)
                   : captured ? nl_graph_captured(S->C, e->g)
                              : nl_graph_text(S->C, e->g);
      if (text == NULL) nlb_raise(L, S);
      lua_pop(L, 1);
      lua_pushstring(L, text);
      nl_text_free(S->C, text);
      lua_rawseti(L, 3, ++n);
    }
  lua_settop(L, 3);
  return 1;
}

/* jit_counts(jitted) -> captures, replays, why it was compiled anew or nil */
static int jit_counts (lua_State *L) {
  const jit *f = (const jit *)luaL_checkudata(L, 1, JIT);
  lua_pushinteger(L, f->captures);
  lua_pushinteger(L, f->replays);
  if (f->anew > 0) lua_pushstring(L, f->why);
  else lua_pushnil(L);
  return 3;
}

static int is_jit (lua_State *L) {
  lua_pushboolean(L, luaL_testudata(L, 1, JIT) != NULL);
  return 1;
}

/* static(t, key): t[key], which guards the captures that read it.  The list of
   guards has at t the key that was read last, so that what each module reads
   of one table is one guard. */
static int static_read (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_gettable(L, 1);
  if (lua_getfield(L, LUA_REGISTRYINDEX, NLB_GUARDS) == LUA_TTABLE) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    lua_pushvalue(L, 1);
    lua_rawget(L, 4);
    bool known = lua_rawequal(L, -1, 2);
    lua_settop(L, 4);
    if (known) {
      lua_settop(L, 3);
      return 1;
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_rawset(L, 4);
    lua_pushvalue(L, 1);
    lua_rawseti(L, 4, n + 1);
    lua_pushvalue(L, 2);
    lua_rawseti(L, 4, n + 2);
    lua_pushvalue(L, 1); /* raw, as the guard will read it */
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    mark_nil(L);
    lua_rawseti(L, 4, n + 3);
  }
  lua_settop(L, 3);
  return 1;
}

/* For graphs: the script's line that binds now. */
static void where (void *ud, char *buf, size_t size) {
  nlb_state *S = (nlb_state *)ud;
  char text[120];
  if (S->L == NULL) return;
  nlb_where(S->L, "", text);
  snprintf(buf, size, "%s", strncmp(text, " at ", 4) == 0 ? text + 4 : "");
}

void nlb_open_jit (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {{"jit", jit_new},
                                  {"jit_graphs", jit_graphs},
                                  {"jit_counts", jit_counts},
                                  {"is_jit", is_jit},
                                  {"static", static_read},
                                  {NULL, NULL}};
  nl_set_where(S->C, where, S);
  nlb_setfuncs(L, S, list);
  nlb_set_transform(L, S, "jit_capture", jit_body);
  luaL_newmetatable(L, JIT);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  luaL_getmetatable(L, NLB_TENSOR);
  lua_pushstring(L, "jit");
  lua_getfield(L, -5, "jit_capture");
  lua_pushcclosure(L, jit_call, 4);
  lua_setfield(L, -2, "__call");
  lua_pushcfunction(L, jit_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushstring(L, "jitted function");
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, "jitted function");
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
}
