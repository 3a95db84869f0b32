/* autograd.c: grad, vjp and jvp of Lua functions; job.c has what transforms
 * share. */
#include "autograd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor.h"
#include "tree.h"

#define JOB "nnlua.job"

/* ---- grad ---- */

static void grad_leaf (lua_State *L, void *ud, int n, const char *path) {
  nlb_job *j = (nlb_job *)ud;
  nlb_state *S = j->S;
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  nl_value *v = NULL;
  (void)n;
  (void)path;
  if (t != NULL && t->storage != NULL &&
      nl_dtype_is_float(nl_storage_dtype(t->storage)))
    v = nl_read(S->C, t);
  else if (lua_type(L, -1) == LUA_TNUMBER)
    v = nl_number(S->C, lua_tonumber(L, -1));
  else
    return; /* integers and everything else pass through */
  v = nl_grad_input(S->C, j->T, v);
  nlb_job_input(L, j, v, t);
  nl_pool_release(S->C, S->floor);
}

/* What an argument's tree becomes: gradients in place of its inputs. */
typedef struct grad_result {
  nlb_job *j;
  nl_value **g;
  int at;
} grad_result;

static void result_leaf (lua_State *L, void *ud, int n, const char *path) {
  grad_result *r = (grad_result *)ud;
  nlb_state *S = r->j->S;
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  bool tensor = t != NULL && t->storage != NULL &&
                nl_dtype_is_float(nl_storage_dtype(t->storage));
  (void)n;
  (void)path;
  if (!tensor && lua_type(L, -1) != LUA_TNUMBER) {
    lua_pushnil(L);
    return;
  }
  nl_value *g = r->g[r->at++];
  if (tensor) {
    nlb_push(L, S, g);
  } else {
    g = nl_weak(S->C, g);
    nlb_push_number(L, S, g);
  }
}

/* Pushes the trees of gradients of the values at arg[]. */
static void push_grads (lua_State *L, nlb_job *j, nl_value **g, int narg,
                        const int *arg) {
  grad_result r = {j, g, 0};
  nlb_hold(j->S);
  for (int i = 0; i < narg; i++)
    nlb_tree_map(L, 1, &arg[i], "grad", result_leaf, &r);
}

/* Is the value at idx something that grad and its like differentiate? */
static bool is_float (lua_State *L, nlb_state *S, int idx) {
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  return lua_type(L, idx) == LUA_TNUMBER ||
         (t != NULL && t->storage != NULL &&
          nl_dtype_is_float(nl_storage_dtype(t->storage)));
}

typedef struct search {
  nlb_state *S;
  int left; /* inputs before the one that is sought, then less than 0 */
  char path[200];
} search;

static void search_leaf (lua_State *L, void *ud, int n, const char *path) {
  search *s = (search *)ud;
  (void)n;
  if (s->left >= 0 && is_float(L, s->S, -1) && s->left-- == 0)
    snprintf(s->path, sizeof s->path, "%s", path);
}

/* Raises for the input number `wrong` of the trees at arg[]; base: the index
   before the first argument's, -1 for a table of primals. */
static void unused (lua_State *L, nlb_state *S, const char *what, int wrong,
                    int narg, const int *arg, int base) {
  search s = {S, wrong, ""};
  int i = 0;
  for (; i < narg && s.left >= 0; i++)
    nlb_tree_each(L, arg[i], what, search_leaf, &s);
  if (base < 0) lua_pushfstring(L, "the primal %s", s.path);
  else
    lua_pushfstring(L, "argument #%d%s%s", arg[i - 1] - base,
                    s.path[0] ? " at " : "", s.path);
  nlb_error(L, "%s: the function does not use %s, which is differentiated, but "
            "a closure reads the same storage; read it through the argument",
            what, lua_tostring(L, -1));
}

/* Pushes a block that holds the gradients for all inputs; returns them. */
static nl_value **pull (lua_State *L, nlb_job *j, int nout, nl_value **out,
                        nl_value **ct, bool keep) {
  size_t n = (size_t)j->n + 1;
  nl_value **g = (nl_value **)lua_newuserdatauv(L, 2 * n * sizeof *g, 0);
  nl_value **in = g + n;
  for (int i = 0; i < j->n; i++) in[i] = j->input[i].v;
  if (nl_grad_pull(j->S->C, j->T, nout, out, ct, j->n, in, g, keep) != NL_OK)
    nlb_raise(L, j->S);
  return g;
}

/* The loss: a float tensor without dimensions, or a float. */
static nl_value *loss_value (lua_State *L, nlb_job *j, int idx) {
  nlb_state *S = j->S;
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  nl_value *v = NULL;
  if (lua_type(L, idx) == LUA_TNUMBER && !lua_isinteger(L, idx))
    v = nl_number(S->C, lua_tonumber(L, idx));
  else if (t != NULL && t->storage != NULL && t->ndim == 0 &&
           nl_dtype_is_float(nl_storage_dtype(t->storage)))
    v = nl_read(S->C, t);
  else
    nlb_refuse_integer(L, S, idx);
  if (v == NULL && !nl_failed(S->C))
    nlb_error(L, "grad: the function must return a scalar loss first, got "
              "%s; reduce it, as with x:sum(), or use autograd.vjp",
              nlb_describe(L, S, idx));
  if (v == NULL) nlb_raise(L, S);
  nlb_hold(S);
  return v;
}

/* Which arguments: an index or a table of indices at idx; args start at
   `first`.  Fills arg[] with stack positions. */
static int argnums (lua_State *L, int idx, int first, int nargs, int *arg) {
  int narg = 0;
  bool list = lua_type(L, idx) == LUA_TTABLE;
  lua_Integer count = list ? luaL_len(L, idx) : 1;
  if (count < 1 || count > 16)
    nlb_error(L, "grad: argnums has %I entries; 1 to 16 were expected",
              (LUAI_UACINT)count);
  for (int i = 1; i <= count; i++) {
    if (list) lua_rawgeti(L, idx, i);
    else lua_pushvalue(L, idx);
    if (!lua_isinteger(L, -1))
      nlb_error(L, "grad: argnums has %s; an integer, or a table of integers, "
                "was expected", nlb_describe(L, nlb_state_of(L), -1));
    lua_Integer k = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (k < 1 || k > nargs)
      nlb_error(L, "grad: differentiates argument #%I, but the function got "
                "%d argument%s", (LUAI_UACINT)k, nargs, nargs == 1 ? "" : "s");
    for (int n = 0; n < narg; n++)
      if (arg[n] == first + (int)k - 1)
        nlb_error(L, "grad: argnums has argument #%I twice", (LUAI_UACINT)k);
    arg[narg++] = first + (int)k - 1;
  }
  return narg;
}

/* What is differentiated: a float tensor, a number, or a table. */
static void check_argument (lua_State *L, nlb_state *S, int at, int number) {
  nl_tensor *t = nlb_test_tensor(L, S, at);
  if (nlb_tree_node(L, at) || lua_type(L, at) == LUA_TNUMBER ||
      (t != NULL && t->storage != NULL &&
       nl_dtype_is_float(nl_storage_dtype(t->storage))))
    return;
  nlb_error(L, "grad: differentiates argument #%d, which is %s; a float "
            "tensor, a number or a table of these was expected", number,
            nlb_describe(L, S, at));
}

/* body of grad_call(f, with_value, argnums, ...) */
static int grad_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  nl_ctx *C = S->C;
  enum { F = 2, WITH_VALUE, ARGNUMS, ARGS };
  int arg[16], nargs = lua_gettop(L) - ARGS + 1;
  if (nargs < 0) nargs = 0;
  luaL_checkstack(L, nargs + 20, "grad");
  int narg = argnums(L, ARGNUMS, ARGS, nargs, arg);
  for (int i = 0; i < narg; i++) check_argument(L, S, arg[i], arg[i] - F - 2);
  nlb_job_begin(L, j, "grad", nl_grad_begin(C));
  int first = lua_gettop(L) + 1; /* the function; later its results */
  lua_pushvalue(L, F);
  for (int i = 0; i < nargs; i++) lua_pushvalue(L, ARGS + i);
  for (int i = 0; i < narg; i++) {
    nlb_tree_map(L, 1, &arg[i], "grad", grad_leaf, j);
    lua_replace(L, first + 1 + arg[i] - ARGS);
  }
  nlb_job_watch(j);
  nlb_job_call(L, j, nargs);
  nlb_job_check_aliases(L, j, "grad");
  if (lua_gettop(L) < first)
    nlb_error(L, "grad: the function returned nothing; it must return a "
              "scalar loss first");
  nl_value *loss = loss_value(L, j, first);
  int wrong = nlb_job_unwatch(L, j, "grad");
  if (wrong >= 0) unused(L, S, "grad", wrong, narg, arg, ARGS - 1);
  if (nl_grad_end(C, j->T) != NL_OK) nlb_raise(L, S);
  nlb_job_write_back(L, j);
  nl_value *one = nl_ones_like(C, loss);
  nlb_hold(S);
  nl_value **g = pull(L, j, 1, &loss, &one, false);
  int block = lua_gettop(L);
  push_grads(L, j, g, narg, arg);
  if (lua_type(L, ARGNUMS) == LUA_TTABLE) {
    lua_createtable(L, narg, 0);
    for (int i = 1; i <= narg; i++) {
      lua_pushvalue(L, block + i);
      lua_rawseti(L, -2, i);
    }
    lua_replace(L, block + 1);
    lua_settop(L, block + 1);
  }
  lua_remove(L, block);
  lua_insert(L, lua_toboolean(L, WITH_VALUE) ? first + 1 : first);
  nlb_settle(L, S, first);
  return lua_gettop(L) - first + 1;
}

/* ---- vjp ---- */

static void output_leaf (lua_State *L, void *ud, int n, const char *path) {
  nlb_job *outs = (nlb_job *)ud;
  nlb_state *S = outs->S;
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  (void)n;
  (void)path;
  if (t == NULL || t->storage == NULL) return;
  nlb_job_keep(L, outs, nl_read(S->C, t), NULL);
}

typedef struct cotangents {
  nlb_job *outs;
  nl_value **ct;
  int at;
} cotangents;

static bool same_shape (const nl_value *a, const nl_value *b) {
  bool same = nl_ndim(a) == nl_ndim(b);
  for (int d = 0; d < nl_ndim(a) && same; d++)
    same = nl_shape(a)[d] == nl_shape(b)[d];
  return same;
}

/* leaves: an output and its cotangent */
static void cotangent_leaf (lua_State *L, void *ud, int n, const char *path) {
  cotangents *c = (cotangents *)ud;
  nlb_state *S = c->outs->S;
  nl_tensor *out = nlb_test_tensor(L, S, -2);
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  (void)n;
  nlb_refuse_float(L, S, path);
  if (out == NULL || out->storage == NULL) return;
  nl_value *want = c->outs->input[c->at].v, *v = NULL;
  if (lua_type(L, -1) == LUA_TNUMBER)
    v = nl_number(S->C, lua_tonumber(L, -1));
  else if (t != NULL && t->storage != NULL)
    v = nl_read(S->C, t);
  else
    nlb_error(L, "vjp: the cotangent%s%s is %s, a tensor was expected",
              path[0] ? " " : "", path, nlb_describe(L, S, -1));
  if (v == NULL) nlb_raise(L, S);
  if (!same_shape(v, want)) {
    char text[NLB_TEXT];
    nlb_error(L, "vjp: the cotangent%s%s is %s, its output [%s]",
              path[0] ? " " : "", path, nlb_describe(L, S, -1),
              nlb_shape_text(text, nl_ndim(want), nl_shape(want)));
  }
  if (!nl_is_weak(want)) v = nl_cast(S->C, v, nl_dtype_of(want));
  c->ct[c->at++] = v;
  nlb_hold(S);
}

/* body of the pullback: job, then upvalues' values (see vjp_body), the
   cotangents */
static int pullback_body (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  enum { OWN = 1, JOB_AT, OUTS, TREE, ARGS, CT };
  nlb_job *j = (nlb_job *)lua_touserdata(L, JOB_AT);
  nlb_job *outs = (nlb_job *)lua_touserdata(L, OUTS);
  if (lua_gettop(L) < CT)
    nlb_error(L, "vjp: the pullback takes a cotangent like the output");
  lua_settop(L, CT);
  size_t n = (size_t)outs->n + 1;
  nl_value **ct = (nl_value **)lua_newuserdatauv(L, 2 * n * sizeof *ct, 0);
  nl_value **out = ct + n;
  for (int i = 0; i < outs->n; i++) {
    out[i] = outs->input[i].v;
    ct[i] = NULL;
  }
  cotangents c = {outs, ct, 0};
  int idx[2] = {TREE, CT};
  nlb_tree_map(L, 2, idx, "vjp", cotangent_leaf, &c);
  nl_value **g = pull(L, j, outs->n, out, ct, true);
  int narg = (int)lua_rawlen(L, ARGS), arg[16];
  luaL_checkstack(L, 2 * narg + 10, "vjp");
  for (int i = 0; i < narg; i++) {
    lua_rawgeti(L, ARGS, i + 1);
    arg[i] = lua_gettop(L);
  }
  push_grads(L, j, g, narg, arg);
  nlb_settle(L, S, lua_gettop(L) - narg + 1);
  return narg;
}

/* upvalues: 1 core.pullback_call, 2.. what the body gets before its
   arguments */
static int pullback (lua_State *L) {
  int n = lua_gettop(L);
  luaL_checkstack(L, 10, "vjp");
  for (int i = 1; i <= 5; i++) lua_pushvalue(L, lua_upvalueindex(i));
  lua_rotate(L, 1, 5);
  lua_call(L, n + 4, LUA_MULTRET);
  return lua_gettop(L);
}

/* body of vjp_call(f, pullback_call, ...) -> out, pullback, extras */
static int vjp_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { F = 2, CALL, FIRST };
  int nargs = lua_gettop(L) - FIRST + 1;
  luaL_checkstack(L, 2 * nargs + 20, "vjp");
  if (nargs > 16) nlb_error(L, "vjp: at most 16 arguments");
  lua_createtable(L, nargs, 0);
  int args = lua_gettop(L);
  for (int i = 1; i <= nargs; i++) {
    lua_pushvalue(L, FIRST + i - 1);
    lua_rawseti(L, args, i);
  }
  nlb_job *outs = nlb_job_new(L, S);
  nlb_job_begin(L, j, "vjp", nl_grad_begin(S->C));
  int out = lua_gettop(L) + 1;
  lua_pushvalue(L, F);
  for (int i = 0; i < nargs; i++) {
    int at = FIRST + i;
    nlb_tree_map(L, 1, &at, "vjp", grad_leaf, j);
  }
  nlb_job_watch(j);
  nlb_job_call(L, j, nargs);
  nlb_job_check_aliases(L, j, "vjp");
  if (lua_gettop(L) < out) nlb_error(L, "vjp: the function returned nothing");
  int wrong = nlb_job_unwatch(L, j, "vjp"), arg[16];
  for (int i = 0; i < nargs; i++) arg[i] = FIRST + i;
  if (wrong >= 0) unused(L, S, "vjp", wrong, nargs, arg, FIRST - 1);
  /* the outputs' tracers, before the end makes primals of the tensors */
  nlb_tree_each(L, out, "vjp", output_leaf, outs);
  if (nl_grad_end(S->C, j->T) != NL_OK) nlb_raise(L, S);
  nlb_job_write_back(L, j);
  lua_pushvalue(L, CALL);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, args + 1);
  nlb_tree_map(L, 1, &out, "vjp", NULL, NULL);
  lua_pushvalue(L, args);
  lua_pushcclosure(L, pullback, 5);
  lua_insert(L, out + 1);
  nlb_settle(L, S, out);
  j->keep = true;
  return lua_gettop(L) - out + 1;
}

/* ---- jvp ---- */

/* leaves: a primal and its tangent */
static void jvp_leaf (lua_State *L, void *ud, int n, const char *path) {
  nlb_job *j = (nlb_job *)ud;
  nlb_state *S = j->S;
  nl_tensor *t = nlb_test_tensor(L, S, -2), *u = nlb_test_tensor(L, S, -1);
  bool number = lua_type(L, -1) == LUA_TNUMBER;
  nl_value *v = NULL, *w = NULL;
  (void)n;
  if (t != NULL && t->storage != NULL &&
      nl_dtype_is_float(nl_storage_dtype(t->storage)))
    v = nl_read(S->C, t);
  else if (lua_type(L, -2) == LUA_TNUMBER)
    v = nl_number(S->C, lua_tonumber(L, -2));
  if (v == NULL && nl_failed(S->C)) nlb_raise(L, S);
  if (v == NULL) { /* passes through */
    lua_pop(L, 1);
    return;
  }
  if (!number && (u == NULL || u->storage == NULL ||
                  !nl_dtype_is_float(nl_storage_dtype(u->storage))))
    nlb_error(L, "jvp: the tangent%s%s is %s, a float tensor was expected",
              path[0] ? " " : "", path, nlb_describe(L, S, -1));
  w = number ? nl_number(S->C, lua_tonumber(L, -1)) : nl_read(S->C, u);
  if (w != NULL && !same_shape(v, w)) {
    char a[NLB_TEXT], b[NLB_TEXT];
    nlb_error(L, "jvp: the tangent%s%s is [%s], its primal [%s]",
              path[0] ? " " : "", path,
              nlb_shape_text(a, nl_ndim(w), nl_shape(w)),
              nlb_shape_text(b, nl_ndim(v), nl_shape(v)));
  }
  nlb_job_input(L, j, nl_jvp_input(S->C, j->T, v, w), t);
  nl_pool_release(S->C, S->floor);
  lua_insert(L, -3);
  lua_pop(L, 2);
}

static void tangent_leaf (lua_State *L, void *ud, int n, const char *path) {
  nlb_job *j = (nlb_job *)ud;
  nlb_state *S = j->S;
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  nl_value *primal, *tangent;
  (void)n;
  (void)path;
  if (lua_type(L, -1) == LUA_TNUMBER) {
    lua_pushnumber(L, 0);
    return;
  }
  if (t == NULL || t->storage == NULL) return;
  if (nl_jvp_output(S->C, j->T, nl_read(S->C, t), &primal, &tangent) != NL_OK)
    nlb_raise(L, S);
  if (tangent == NULL) tangent = nl_zeros_like(S->C, primal);
  nlb_push(L, S, tangent);
}

/* body of jvp_call(f, {primals}, {tangents}) -> out, tangent, extras */
static int jvp_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { F = 2, PRIMALS, TANGENTS };
  lua_settop(L, TANGENTS);
  for (int i = PRIMALS; i <= TANGENTS; i++)
    if (!nlb_tree_node(L, i))
      nlb_error(L, "jvp: argument #%d: a table of %s expected, got %s", i - 1,
                i == PRIMALS ? "arguments" : "tangents",
                nlb_describe(L, S, i));
  int nargs = (int)lua_rawlen(L, PRIMALS), out = lua_gettop(L) + 1;
  luaL_checkstack(L, nargs + 20, "jvp");
  nlb_job_begin(L, j, "jvp", nl_jvp_begin(S->C));
  lua_pushvalue(L, F);
  int idx[2] = {PRIMALS, TANGENTS};
  nlb_tree_map(L, 2, idx, "jvp", jvp_leaf, j);
  int mapped = lua_gettop(L);
  for (int i = 1; i <= nargs; i++) lua_rawgeti(L, mapped, i);
  lua_remove(L, mapped);
  nlb_job_watch(j);
  nlb_job_call(L, j, nargs);
  nlb_job_check_aliases(L, j, "jvp");
  if (lua_gettop(L) < out) nlb_error(L, "jvp: the function returned nothing");
  int wrong = nlb_job_unwatch(L, j, "jvp");
  if (wrong >= 0) unused(L, S, "jvp", wrong, 1, idx, -1);
  /* the tangents, before the end makes primals of the tensors */
  nlb_tree_map(L, 1, &out, "jvp", tangent_leaf, j);
  lua_insert(L, out + 1);
  if (nl_jvp_end(S->C, j->T) != NL_OK) nlb_raise(L, S);
  nlb_job_write_back(L, j);
  nlb_settle(L, S, out);
  return lua_gettop(L) - out + 1;
}

/* ---- outside, stop_gradient ---- */

static int outside_call (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int nargs = lua_gettop(L) - 1;
  if (nargs < 0) nlb_error(L, "outside: a function expected");
  luaL_checkstack(L, 10, "outside");
  nl_trace *saved = nl_outside_begin(S->C);
  size_t floor = S->floor;
  S->floor = nl_pool_mark(S->C);
  lua_pushcfunction(L, nlb_on_error);
  lua_insert(L, 1);
  int st = lua_pcall(L, nargs, LUA_MULTRET, 1);
  nl_pool_release(S->C, S->floor);
  S->floor = floor;
  nl_outside_end(S->C, saved);
  return st == LUA_OK ? lua_gettop(L) - 1 : lua_error(L);
}

static int stop_gradient (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TNUMBER) return 1;
  nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish_auto(L, S, t, nl_stop_gradient(S->C, nlb_value(L, S, 1)));
}

/* apart(x): a tensor of x's elements that is written on its own; they are
   copied when that happens.  All else as it is. */
static int apart (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_settop(L, 1);
  const nl_tensor *x = nlb_test_tensor(L, S, 1);
  if (x == NULL || x->storage == NULL) return 1;
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, nlb_read(S, x));
}

/* All of the storage that x shows. */
static nl_value *whole_of (nlb_state *S, const nl_tensor *x) {
  nl_tensor all = {.storage = x->storage, .ndim = 1, .whole = true};
  all.size[0] = nl_storage_numel(x->storage);
  all.stride[0] = 1;
  return nlb_read(S, &all);
}

/* held(x): a tensor of what x's storage holds now; as long as it lives, a write
   to x goes to other memory.  holds(h, x): nothing was written since. */
static int held (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  return x->storage == NULL ? 1 : nlb_finish(L, S, t, whole_of(S, x));
}

static int holds (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *h = nlb_check_tensor(L, S, 1);
  const nl_tensor *x = nlb_check_tensor(L, S, 2);
  bool same = h->storage == x->storage;
  if (h->storage != NULL && x->storage != NULL) {
    nl_value *a = nlb_read(S, h), *b = whole_of(S, x);
    if (a == NULL || b == NULL) nlb_raise(L, S);
    same = nl_shape(a)[0] == nl_shape(b)[0] && nl_dtype_of(a) == nl_dtype_of(b)
           && (nl_shape(a)[0] == 0 || nl_data(S->C, a) == nl_data(S->C, b));
  }
  lua_pushboolean(L, same);
  return 1;
}

/* within(x, of, low, high, open, text) */
static int within (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  double low = luaL_checknumber(L, 3), high = luaL_checknumber(L, 4);
  int open = (int)luaL_checkinteger(L, 5);
  const char *text = luaL_checkstring(L, 6);
  nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *x = nlb_value(L, S, 1);
  return nlb_finish_auto(
      L, S, t,
      nl_within(S->C, x, nlb_value(L, S, 2), low, high, open, text));
}

static int tracing (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, !nl_trace_is_eval(S->C));
  return 1;
}

/* mapped(x): are x's elements those of one example, made inside a vmap? */
static int mapped (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  lua_pushboolean(L, t->storage != NULL &&
                         nl_storage_is_mapped(S->C, t->storage));
  return 1;
}

void nlb_open_autograd (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {{"outside", outside_call},
                                  {"enclosed", nlb_enclosed},
                                  {"stop_gradient", stop_gradient},
                                  {"apart", apart},
                                  {"held", held},
                                  {"holds", holds},
                                  {"within", within},
                                  {"tracing", tracing},
                                  {"mapped", mapped},
                                  {NULL, NULL}};
  nlb_setfuncs(L, S, list);
  nlb_set_transform(L, S, "grad_call", grad_body);
  nlb_set_transform(L, S, "vjp_call", vjp_body);
  nlb_set_transform(L, S, "pullback_call", pullback_body);
  nlb_set_transform(L, S, "jvp_call", jvp_body);
  nlb_open_tree(L, S);
  nlb_open_vmap(L, S);
  nlb_open_jit(L, S);
  nlb_open_custom(L, S);
  nlb_open_control(L, S);
}
