/* vmap.c: vmap of Lua functions. */
#include "autograd.h"
#include "tensor.h"
#include "tree.h"

/* The axis that in_dims or out_dims (a tree's leaf) gives: 0-based, -1 for
   none (0, false or nil). */
static int axis_of (lua_State *L, int idx, int ndim, const char *which,
                    const char *path) {
  int integral;
  if (!lua_toboolean(L, idx)) return -1;
  lua_Integer d = lua_tointegerx(L, idx, &integral);
  if (ndim == 0 && d != 0)
    nlb_error(L, "vmap: %s%s%s is %s for a tensor without dimensions; 0, not "
              "mapped, was expected", which, path[0] ? " at " : "", path,
              nlb_describe(L, nlb_state_of(L), idx));
  if (lua_type(L, idx) != LUA_TNUMBER || !integral || d > ndim || d < -ndim)
    nlb_error(L, "vmap: %s%s%s is %s; a dimension 1..%d, or 0 for none, was "
              "expected", which, path[0] ? " at " : "", path,
              nlb_describe(L, nlb_state_of(L), idx), ndim);
  if (d == 0) return -1;
  return d < 0 ? (int)d + ndim : (int)d - 1;
}

typedef struct mapped {
  nlb_job *j;
  int64_t n;     /* of the mapped axis, -1: not known yet */
  bool measure;  /* first pass: find n */
  int arg;       /* its number, for messages */
  nl_dtype wide; /* the widest float dtype of the mapped arguments */
} mapped;

/* Dimensions and what they are for: "in_dims" and an argument's number. */
typedef struct purpose {
  const char *dims, *of;
  int number;
} purpose;

/* From the root to a node of a tree. */
typedef struct trail {
  const struct trail *up;
  int key; /* stack index */
} trail;

static void push_path (lua_State *L, const trail *t) {
  if (t == NULL) {
    lua_pushliteral(L, "");
    return;
  }
  push_path(L, t->up);
  const char *path = lua_tostring(L, -1);
  const char *key = luaL_tolstring(L, t->key, NULL);
  if (lua_isinteger(L, t->key)) lua_pushfstring(L, "%s[%s]", path, key);
  else lua_pushfstring(L, "%s%s%s", path, path[0] ? "." : "", key);
}

/* What the spec names and the tree lacks is a slip of the pen. */
static void check_spec (lua_State *L, int tree, int spec, const purpose *p,
                        const trail *up) {
  if (!nlb_tree_node(L, spec)) return;
  lua_pushnil(L);
  while (lua_next(L, spec)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, tree) == LUA_TNIL) {
      trail here = {up, lua_gettop(L) - 1};
      push_path(L, &here);
      nlb_error(L, "vmap: %s of %s #%d has %s, the %s has not", p->dims, p->of,
                p->number, lua_tostring(L, -1), p->of);
    }
    lua_pop(L, 1);
  }
}

/* Pushes a tree like the one at `tree` of its leaves' dimensions: a number in
   the spec stands for all below it, nothing for none (false). */
static void push_spec (lua_State *L, int tree, int spec, const purpose *p,
                       const trail *up, int depth) {
  if (!nlb_tree_node(L, tree)) {
    if (lua_isnil(L, spec)) lua_pushboolean(L, 0);
    else lua_pushvalue(L, spec);
    return;
  }
  if (depth > NLB_TREE_DEPTH)
    nlb_error(L, "vmap: tables nested deeper than %d, perhaps a cycle",
              NLB_TREE_DEPTH);
  luaL_checkstack(L, 10, "vmap");
  check_spec(L, tree, spec, p, up);
  lua_newtable(L);
  int out = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, tree)) { /* key, value */
    trail here = {up, out + 1};
    lua_pushvalue(L, out + 1);
    if (lua_istable(L, spec)) {
      lua_pushvalue(L, out + 1);
      lua_rawget(L, spec);
    } else {
      lua_pushvalue(L, spec);
    }
    push_spec(L, out + 2, out + 4, p, &here, depth + 1);
    lua_remove(L, out + 4);
    lua_rawset(L, out);
    lua_settop(L, out + 1);
  }
}

/* Walks the tree at idx with its spec; pushes the new tree. */
static void map_with_spec (lua_State *L, int idx, int spec, const purpose *p,
                           nlb_leaf_fn f, void *ud) {
  push_spec(L, idx, spec, p, NULL, 0);
  int both[2] = {idx, lua_gettop(L)};
  nlb_tree_map(L, 2, both, "vmap", f, ud);
  lua_remove(L, both[1]);
}

/* leaves: a tensor and its dimension */
static void vmap_leaf (lua_State *L, void *ud, int n, const char *path) {
  mapped *m = (mapped *)ud;
  nlb_state *S = m->j->S;
  int leaf = lua_gettop(L) - 1;
  nl_tensor *t = nlb_test_tensor(L, S, leaf);
  int axis = -1;
  (void)n;
  /* a number that is traced passes as others do */
  if (t != NULL && t->storage != NULL &&
      !(t->ndim == 0 && nl_storage_weak(t->storage)))
    axis = axis_of(L, -1, t->ndim, "in_dims", path);
  lua_settop(L, leaf);
  if (axis < 0) return;
  if (m->measure) {
    if (m->n < 0) m->n = t->size[axis];
    if (nl_storage_dtype(t->storage) == NL_F64) m->wide = NL_F64;
    if (m->n != t->size[axis])
      nlb_error(L, "vmap: the mapped sizes differ: %I before, %I in argument "
                "#%d%s%s", (LUAI_UACINT)m->n, (LUAI_UACINT)t->size[axis],
                m->arg, path[0] ? " at " : "", path);
    return;
  }
  nl_value *v = nl_vmap_input(S->C, m->j->T, nl_read(S->C, t), axis);
  nlb_job_input(L, m->j, v, t);
  m->j->input[m->j->n - 1].axis = axis;
  nl_pool_release(S->C, S->floor);
}

/* The tracers of the outputs, while the trace is current. */
static void keep_leaf (lua_State *L, void *ud, int n, const char *path) {
  nlb_job *keep = (nlb_job *)ud;
  nl_tensor *t = nlb_test_tensor(L, keep->S, -1);
  (void)n;
  (void)path;
  nl_value *v = NULL;
  if (t != NULL && t->storage != NULL)
    v = nl_read(keep->S->C, t);
  else if (lua_type(L, -1) == LUA_TNUMBER)
    v = lua_isinteger(L, -1) ? nl_integer(keep->S->C, lua_tointeger(L, -1))
                             : nl_number(keep->S->C, lua_tonumber(L, -1));
  else
    return;
  nlb_job_keep(L, keep, v, NULL);
}

typedef struct result {
  nlb_job *j, *keep;
  int at;
  nl_dtype wide; /* what numbers come back as */
} result;

/* leaves: a result and its dimension */
static void out_leaf (lua_State *L, void *ud, int n, const char *path) {
  result *r = (result *)ud;
  nlb_state *S = r->j->S;
  int leaf = lua_gettop(L) - 1;
  nl_tensor *t = nlb_test_tensor(L, S, leaf);
  (void)n;
  if ((t == NULL || t->storage == NULL) &&
      lua_type(L, leaf) != LUA_TNUMBER) {
    lua_settop(L, leaf);
    return;
  }
  nl_value *v = r->keep->input[r->at++].v;
  int axis = axis_of(L, -1, nl_ndim(v) + 1, "out_dims", path);
  lua_settop(L, leaf);
  if (axis < 0 && !nl_vmap_mapped(r->j->T, v)) { /* one for all examples */
    if (lua_type(L, leaf) == LUA_TNUMBER) return;
    nlb_push(L, S, v);
    nlb_settle(L, S, lua_gettop(L));
    return;
  }
  if (axis < 0)
    nlb_error(L, "vmap: out_dims%s%s is 0, but each example has its own "
              "result; give its dimension", path[0] ? " at " : "", path);
  nl_dtype was = nl_default_dtype(S->C);
  nl_set_default_dtype(S->C, r->wide);
  v = nl_vmap_output(S->C, r->j->T, v, axis);
  nl_set_default_dtype(S->C, was);
  nlb_push(L, S, v);
}

/* Keeps what the function wrote to its arguments, as keep_leaf. */
static void keep_written (lua_State *L, nlb_job *j, nlb_job *keep) {
  for (int i = 0; i < j->n; i++) {
    struct nlb_input *in = &j->input[i];
    if (!nl_storage_written(in->storage, in->v)) continue;
    nl_tensor whole = {.storage = in->storage, .whole = true};
    int64_t n = 1;
    for (int d = 0; d < in->tensor->ndim; d++)
      if (d != in->axis) whole.size[whole.ndim++] = in->tensor->size[d];
    for (int d = whole.ndim - 1; d >= 0; n *= whole.size[d--])
      whole.stride[d] = n;
    if (n != nl_storage_numel(in->storage)) continue; /* resized inside */
    nlb_job_keep(L, keep, nl_read(j->S->C, &whole), in->tensor)->axis =
        in->axis;
  }
}

/* Writes what was kept from `first` on to the caller's tensors. */
static void write_back (lua_State *L, nlb_job *j, nlb_job *keep, int first) {
  nl_ctx *C = j->S->C;
  for (int i = first; i < keep->n; i++) {
    struct nlb_input *in = &keep->input[i];
    nl_value *v = nl_vmap_output(C, j->T, in->v, (int)in->axis);
    if (nl_trace_write(C, j->T, in->tensor, v) != NL_OK)
      nlb_raise(L, j->S);
    nl_pool_release(C, j->S->floor);
  }
}

/* Pushes the spec of argument or result i: of a table its entry i, else the
   value itself; nil in front stands for 1. */
static void push_dims (lua_State *L, int idx, int i) {
  if (lua_type(L, idx) == LUA_TTABLE)
    lua_rawgeti(L, idx, i);
  else if (lua_isnil(L, idx))
    lua_pushinteger(L, 1);
  else
    lua_pushvalue(L, idx);
}

/* A table of dimensions has entries for the n arguments or results alone. */
static void check_dims (lua_State *L, int idx, int n, const char *dims,
                        const char *of) {
  if (lua_type(L, idx) != LUA_TTABLE) return;
  lua_pushinteger(L, 0);
  int zero = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, idx)) {
    lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
    bool some = lua_toboolean(L, -1) && !lua_rawequal(L, -1, zero);
    if (i > n && some)
      nlb_error(L, "vmap: %s has an entry for %s #%I, but there %s %d %s%s",
                dims, of, (LUAI_UACINT)i, n == 1 ? "is" : "are", n, of,
                n == 1 ? "" : "s");
    if (i < 1) {
      const char *key = luaL_tolstring(L, -2, NULL);
      nlb_error(L, "vmap: %s has an entry %s; it is a table of one entry for "
                "each %s, in their order: a table for one that is a table, as "
                "in {{%s = 1}}", dims, key, of, key);
    }
    lua_pop(L, 1);
  }
  lua_settop(L, zero - 1);
}

static void map_arguments (lua_State *L, mapped *m, int in_dims, int first,
                           int nargs, bool push) {
  for (int i = 0; i < nargs; i++) {
    int at = first + i;
    push_dims(L, in_dims, i + 1);
    int spec = lua_gettop(L);
    m->arg = i + 1;
    purpose p = {"in_dims", "argument", i + 1};
    map_with_spec(L, at, spec, &p, vmap_leaf, m);
    if (push) lua_remove(L, spec);
    else lua_settop(L, spec - 1);
  }
}

/* body of vmap_call(f, in_dims, out_dims, ...) */
static int vmap_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { F = 2, IN_DIMS, OUT_DIMS, ARGS };
  int nargs = lua_gettop(L) - ARGS + 1;
  luaL_checkstack(L, nargs + 20, "vmap");
  mapped m = {.j = j, .n = -1, .measure = true,
              .wide = nl_default_dtype(S->C)};
  check_dims(L, IN_DIMS, nargs, "in_dims", "argument");
  map_arguments(L, &m, IN_DIMS, ARGS, nargs, false);
  if (m.n < 0)
    nlb_error(L, "vmap: no argument has a dimension to map over");
  nlb_job_begin(L, j, "vmap", nl_vmap_begin(S->C, m.n));
  nlb_job *keep = nlb_job_new(L, S);
  int out = lua_gettop(L) + 1;
  lua_pushvalue(L, F);
  m.measure = false;
  map_arguments(L, &m, IN_DIMS, ARGS, nargs, true);
  nlb_job_watch(j);
  nlb_job_call(L, j, nargs);
  nlb_job_check_aliases(L, j, "vmap");
  nlb_job_unwatch(L, j, "vmap");
  int nout = lua_gettop(L) - out + 1;
  if (nout == 0) nlb_error(L, "vmap: the function returned nothing");
  luaL_checkstack(L, nout + 20, "vmap");
  check_dims(L, OUT_DIMS, nout, "out_dims", "result");
  for (int i = 0; i < nout; i++)
    nlb_tree_each(L, out + i, "vmap", keep_leaf, keep);
  int written = keep->n;
  keep_written(L, j, keep);
  if (nl_vmap_end(S->C, j->T) != NL_OK) nlb_raise(L, S);
  write_back(L, j, keep, written);
  result r = {j, keep, 0, m.wide};
  for (int i = 0; i < nout; i++) {
    int at = out + i;
    push_dims(L, OUT_DIMS, i + 1);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_pushinteger(L, 1);
    }
    int spec = lua_gettop(L);
    purpose p = {"out_dims", "result", i + 1};
    map_with_spec(L, at, spec, &p, out_leaf, &r);
    lua_remove(L, spec);
  }
  nlb_job_close(keep);
  nlb_settle(L, S, lua_gettop(L) - nout + 1);
  return nout;
}

void nlb_open_vmap (lua_State *L, nlb_state *S) {
  nlb_set_transform(L, S, "vmap_call", vmap_body);
}
