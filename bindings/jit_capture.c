/* jit_capture.c: a call of a function under a capture trace becomes an entry;
 * what the function does beside its graph is an error that names it. */
#include <stdlib.h>
#include <string.h>

#include "autograd.h"
#include "jit.h"
#include "tensor.h"
#include "tree.h"

typedef struct capturing {
  nlb_jit *f;
  nlb_job *j;    /* its inputs: what the function gets */
  nlb_job *like; /* the arguments' values */
  nlb_job *outs;
  int at;
} capturing;

/* Leaves in the order of the signature. */
static void input_leaf (lua_State *L, void *ud, int n, const char *path) {
  capturing *c = (capturing *)ud;
  nlb_state *S = c->f->S;
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  bool tensor = t != NULL && t->storage != NULL;
  (void)n;
  (void)path;
  if (!tensor &&
      (lua_type(L, -1) != LUA_TNUMBER || lua_isinteger(L, -1)))
    return;
  nl_value *v = c->like->input[c->at++].v;
  nlb_job_input(L, c->j, nl_capture_input(S->C, c->j->T, v),
                tensor ? t : NULL);
  nl_pool_release(S->C, S->floor);
}

static void output_leaf (lua_State *L, void *ud, int n, const char *path) {
  capturing *c = (capturing *)ud;
  nlb_state *S = c->f->S;
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  (void)n;
  (void)path;
  if (t == NULL || t->storage == NULL) return;
  nlb_job_keep(L, c->outs, nl_read(S->C, t), NULL);
  lua_pushlightuserdata(L, (void *)(size_t)c->outs->n);
  lua_replace(L, -2);
  lua_settop(L, lua_gettop(L));
}

/* The upvalues, to see whether the function changes them. */
static void push_upvalues (lua_State *L, int fn) {
  lua_newtable(L);
  if (lua_type(L, fn) != LUA_TFUNCTION || lua_iscfunction(L, fn)) return;
  for (int i = 1; lua_getupvalue(L, fn, i) != NULL; i++)
    lua_rawseti(L, -2, i);
}

/* Is there a tensor at idx that the capture made? */
static bool is_traced (lua_State *L, nlb_state *S, int idx) {
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  return t != NULL && t->storage != NULL &&
         nl_storage_is_inner(S->C, t->storage);
}

/* A number, boolean or string that became another, a tensor in place of
   something else: that would happen only while the function is captured, and a
   flag that flips would stay as it is.  It is undone. */
static void check_upvalues (lua_State *L, nlb_state *S, int fn, int before) {
  if (lua_type(L, fn) != LUA_TFUNCTION || lua_iscfunction(L, fn)) return;
  const char *name;
  for (int i = 1; (name = lua_getupvalue(L, fn, i)) != NULL; i++) {
    lua_rawgeti(L, before, i);
    bool same = lua_rawequal(L, -1, -2);
    int type = lua_type(L, -1);
    if (!same && (type == LUA_TNUMBER || type == LUA_TBOOLEAN ||
                  type == LUA_TSTRING)) {
      const char *was = luaL_tolstring(L, -1, NULL);
      const char *now = luaL_tolstring(L, -3, NULL);
      lua_rawgeti(L, before, i);
      lua_setupvalue(L, fn, i);
      nlb_error(L, "jit: the function changed its upvalue '%s' from %s to "
                "%s; that would happen only while it is captured. Keep it in "
                "a tensor, or pass it as an argument and return it", name,
                was, now);
    }
    if (!same && is_traced(L, S, -2)) {
      lua_setupvalue(L, fn, i); /* what it was */
      nlb_error(L, "jit: the function set its upvalue '%s' to a new tensor; "
                "that would happen only while it is captured. Write into the "
                "old one (%s:copy(...)), or pass it as an argument and return "
                "it", name, name);
    }
    lua_pop(L, 2);
  }
}

/* Guards of captures nest: an inner one's are the outer's too.  A job that
   fails makes the outer ones current when it is closed. */
static void guards_begin (lua_State *L, nlb_job *j) {
  j->guarding = true;
  lua_newtable(L);
  lua_getfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
  lua_setfield(L, -2, "outer");
  lua_setfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
}

/* A tensor that the capture made, in a field read through autograd.static: the
   function has put it there itself, so it is data, and as a guard would never
   hold again.  Such guards are left to the outer capture alone, of which it
   may be an argument. */
static void guards_drop_own (lua_State *L, nlb_state *S) {
  lua_getfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
  lua_getfield(L, -1, "outer");
  int guards = lua_gettop(L) - 1, outer = guards + 1;
  lua_Integer n = (lua_Integer)lua_rawlen(L, guards), kept = 0;
  lua_Integer m = lua_istable(L, outer) ? (lua_Integer)lua_rawlen(L, outer)
                                        : -1;
  for (lua_Integer i = 1; i + 2 <= n; i += 3) {
    lua_rawgeti(L, guards, i + 2);
    bool own = is_traced(L, S, -1);
    lua_pop(L, 1);
    for (int k = 0; k < 3; k++) {
      lua_rawgeti(L, guards, i + k);
      lua_pushvalue(L, -1);
      if (m >= 0) lua_rawseti(L, outer, ++m);
      else lua_pop(L, 1);
      if (!own) lua_rawseti(L, guards, ++kept);
      else lua_pop(L, 1);
    }
  }
  for (lua_Integer i = kept + 1; i <= n; i++) {
    lua_pushnil(L);
    lua_rawseti(L, guards, i);
  }
  lua_pop(L, 2);
}

/* Pushes the guards and makes the outer ones current. */
static void guards_end (lua_State *L, nlb_job *j) {
  j->guarding = false;
  lua_getfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
  lua_getfield(L, -1, "outer");
  lua_setfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
}

/* Extra outputs: what the function wrote to its arguments. */
static void add_write_backs (lua_State *L, capturing *c, nlb_entry *e) {
  nlb_state *S = c->f->S;
  e->back = (int *)malloc(((size_t)c->j->n + 1) * sizeof *e->back);
  if (e->back == NULL) luaL_error(L, "not enough memory");
  for (int i = 0; i < c->j->n; i++) {
    struct nlb_input *in = &c->j->input[i];
    nl_tensor whole;
    bool resized;
    if (!nlb_job_written(in, &whole, &resized)) continue;
    if (resized)
      nlb_error(L, "jit: an argument can't be resized inside");
    nlb_job_keep(L, c->outs, nl_read(S->C, &whole), NULL);
    e->back[e->nback++] = i;
  }
}

/* Pushes a block of the leaves that are given up; returns how many. */
static int push_given (lua_State *L, const nlb_jit *f, int nargs) {
  int n = 0, *leaf = (int *)lua_newuserdatauv(
      L, ((size_t)f->n + 1) * sizeof *leaf, 0);
  for (int i = 0; i < NLB_DONATE_MAX; i++) {
    if (!(f->donate >> i & 1)) continue;
    if (i >= nargs)
      nlb_error(L, "jit: donates argument #%d, but the function got %d "
                "argument%s", i + 1, nargs, nargs == 1 ? "" : "s");
    for (int k = f->from[i]; k < f->from[i + 1]; k++)
      if (f->leaf[k].t != NULL) leaf[n++] = k;
  }
  return n;
}

static void keep_given (lua_State *L, nlb_entry *e, int block, int n) {
  if (n == 0) return;
  e->give = (int *)malloc((size_t)n * sizeof *e->give);
  if (e->give == NULL) luaL_error(L, "not enough memory");
  memcpy(e->give, lua_touserdata(L, block), (size_t)n * sizeof *e->give);
  e->ngive = n;
  if (nl_graph_gives(e->S->C, e->g, n, e->give) != NL_OK) nlb_raise(L, e->S);
}

/* The sizes of the storages that the graph uses, and whether it writes. */
static void note_storages (lua_State *L, nlb_entry *e) {
  int n = nl_graph_nstorage(e->g);
  e->writes = e->nback > 0;
  e->numel = (int64_t *)malloc(((size_t)n + 1) * sizeof *e->numel);
  if (e->numel == NULL) luaL_error(L, "not enough memory");
  for (int i = 0; i < n; i++) {
    bool read, written;
    e->numel[i] =
        nl_storage_numel(nl_graph_storage(e->g, i, &read, &written));
    e->writes = e->writes || written;
  }
}

/* Begins the capture, whose place is the Lua caller's line. */
static void begin (lua_State *L, nlb_job *j, bool keep) {
  char where[120];
  j->T = nl_capture_begin(j->S->C);
  if (j->T == NULL) nlb_raise(L, j->S);
  if (keep) nl_capture_keep(j->T);
  nlb_where(L, "jit", where);
  nl_trace_where(j->T, where);
}

/* Calls the function under a capture trace and pushes the new entry. */
nlb_entry *nlb_jit_capture (lua_State *L, nlb_jit *f, nlb_job *j, int fn,
                            int first, int nargs, bool keep) {
  nlb_state *S = f->S;
  nlb_job *like = nlb_job_new(L, S), *outs = nlb_job_new(L, S);
  nlb_jit_read(L, f);
  for (int i = 0; i < f->n; i++) {
    nlb_job_keep(L, like, f->v[i], NULL);
    if (f->leaf[i].t != NULL) nl_unread(f->leaf[i].t->storage);
  }
  int given = push_given(L, f, nargs), block = lua_gettop(L);
  push_upvalues(L, fn);
  int before = lua_gettop(L);
  begin(L, j, keep);
  capturing c = {f, j, like, outs, 0};
  guards_begin(L, j);
  int res = lua_gettop(L) + 1;
  lua_pushvalue(L, fn);
  for (int i = 0; i < nargs; i++) {
    int at = first + i;
    nlb_tree_map(L, 1, &at, "jit", input_leaf, &c);
  }
  nlb_job_call(L, j, nargs);
  int nres = lua_gettop(L) - res + 1;
  luaL_checkstack(L, nres + 20, "jit");
  check_upvalues(L, S, fn, before);
  guards_drop_own(L, S);
  nlb_entry *e = nlb_jit_entry(L, S);
  int at = lua_gettop(L);
  e->nres = nres;
  lua_createtable(L, nres, 0);
  for (int i = 0; i < nres; i++) {
    int idx = res + i;
    nlb_tree_map(L, 1, &idx, "jit", output_leaf, &c);
    lua_rawseti(L, at + 1, i + 1);
  }
  lua_setiuservalue(L, at, NLB_UV_TEMPLATE);
  nlb_jit_describe(L, e, at);
  e->nout = outs->n;
  add_write_backs(L, &c, e);
  nl_value **out =
      (nl_value **)lua_newuserdatauv(L, ((size_t)outs->n + 1) * sizeof *out, 0);
  for (int i = 0; i < outs->n; i++) out[i] = outs->input[i].v;
  e->g = nl_capture_end(S->C, j->T, outs->n, out);
  j->T = NULL; /* capture_end took it */
  if (e->g == NULL) nlb_raise(L, S);
  if (nl_graph_replaces(S->C, e->g, e->nback, e->back) != NL_OK)
    nlb_raise(L, S);
  keep_given(L, e, block, given);
  lua_pop(L, 1);
  guards_end(L, j);
  e->nguard = (int)lua_rawlen(L, -1);
  lua_setiuservalue(L, at, NLB_UV_GUARDS);
  note_storages(L, e);
  nlb_job_close(like);
  nlb_job_close(outs);
  return e;
}

/* Do two templates have the same structure and constants? */
static bool same_template (lua_State *L, int a, int b, int depth) {
  bool plain = nlb_tree_node(L, a);
  if (plain != nlb_tree_node(L, b)) return false;
  if (!plain || depth > NLB_TREE_DEPTH) return lua_rawequal(L, a, b);
  luaL_checkstack(L, 10, "jit");
  int n = 0, top = lua_gettop(L);
  bool same = true;
  lua_pushnil(L);
  while (same && lua_next(L, a)) {
    lua_pushvalue(L, -2);
    lua_rawget(L, b);
    same = same_template(L, top + 2, top + 3, depth + 1);
    lua_settop(L, top + 1);
    n++;
  }
  lua_settop(L, top);
  for (lua_pushnil(L); same && lua_next(L, b); lua_pop(L, 1)) n--;
  lua_settop(L, top);
  return same && n == 0;
}

/* The second capture must agree with the first. */
void nlb_jit_check_again (lua_State *L, nlb_jit *f, int first, int second) {
  nlb_state *S = f->S;
  nlb_entry *a = (nlb_entry *)lua_touserdata(L, first);
  nlb_entry *b = (nlb_entry *)lua_touserdata(L, second);
  const char *why = nl_graph_diff(S->C, a->g, b->g);
  if (why == NULL && a->nback != b->nback)
    why = "it wrote other arguments than at the first call";
  if (why == NULL) {
    lua_getiuservalue(L, first, NLB_UV_TEMPLATE);
    lua_getiuservalue(L, second, NLB_UV_TEMPLATE);
    if (!same_template(L, lua_gettop(L) - 1, lua_gettop(L), 0))
      why = "it returned other constants or another table than at the first "
            "call";
    lua_pop(L, 2);
  }
  if (why != NULL) {
    lua_pushstring(L, why);
    nl_error_clear(S->C);
    nlb_error(L, "jit: the function is not the same at its second call: %s. "
              "Keep what changes in tensors or pass it as an argument; floats "
              "that are arguments may change freely", lua_tostring(L, -1));
  }
  a->checked = true;
}
