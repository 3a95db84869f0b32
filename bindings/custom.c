/* custom.c: custom_vjp, custom_jvp and checkpoint of Lua functions.
 *
 * lua/autograd/custom.lua flattens trees: here functions take and return flat
 * lists of tensors and numbers.  Outside transforms the function just runs;
 * under one it and its rules are captured as graphs, and a call of them is
 * bound. */
#include <stdlib.h>
#include <string.h>

#include "autograd.h"
#include "tensor.h"

nl_value *nlb_flat_value (lua_State *L, nlb_state *S, int idx,
                             const char *what) {
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  nl_value *v;
  if (t != NULL && t->storage != NULL)
    v = nl_read(S->C, t);
  else if (lua_type(L, idx) == LUA_TNUMBER)
    v = lua_isinteger(L, idx) ? nl_integer(S->C, lua_tointeger(L, idx))
                              : nl_number(S->C, lua_tonumber(L, idx));
  else
    return (void)nlb_error(L, "%s: tensors and numbers expected, got %s",
                           what, nlb_describe(L, S, idx)), NULL;
  if (v == NULL) nlb_raise(L, S);
  return v;
}

nl_graph *nlb_capture_flat (lua_State *L, nlb_job *j, int fn, nlb_job *like,
                            nlb_job *outs, int *of, int max,
                            const char *what) {
  nlb_state *S = j->S;
  int base = lua_gettop(L), n = like->n;
  char where[120];
  luaL_checkstack(L, n + 20, what);
  j->T = nl_capture_begin(S->C);
  if (j->T == NULL) nlb_raise(L, S);
  nlb_where(L, what, where);
  nl_trace_where(j->T, where);
  lua_pushvalue(L, fn);
  for (int i = 0; i < n; i++)
    nlb_job_input(L, j, nl_capture_input(S->C, j->T, like->input[i].v), NULL);
  nlb_job_call(L, j, n);
  int nres = lua_gettop(L) - base;
  luaL_checkstack(L, nres + 20, what);
  if (of != NULL && nres != max)
    nlb_error(L, "%s: %d gradients returned for %d arguments", what, nres,
              max);
  for (int i = 0; i < nres; i++) {
    if (of != NULL) of[i] = -1;
    if (of != NULL && !lua_toboolean(L, base + 1 + i)) continue;
    nl_value *v = nlb_flat_value(L, S, base + 1 + i, what);
    if (of != NULL) of[i] = outs->n;
    nlb_job_keep(L, outs, v, NULL);
  }
  nl_value **out = (nl_value **)lua_newuserdatauv(
      L, ((size_t)outs->n + 1) * sizeof *out, 0);
  for (int i = 0; i < outs->n; i++) out[i] = outs->input[i].v;
  nl_graph *g = nl_capture_end(S->C, j->T, outs->n, out);
  j->T = NULL;
  lua_settop(L, base);
  if (g == NULL) nlb_raise(L, S);
  return g;
}

void nlb_refuse_writes (lua_State *L, const nlb_job *j, int n,
                        const char *what) {
  for (int i = j->n - n; i < j->n; i++)
    if (nl_storage_written(j->input[i].storage, j->input[i].v))
      nlb_error(L, "%s writes to a tensor that is its argument, which would "
                "not reach the caller; write to a clone and return that", what);
}

static int graphs_gc (lua_State *L) {
  nlb_graphs *k = (nlb_graphs *)lua_touserdata(L, 1);
  for (int i = 0; i < 3; i++) {
    if (k->S->C != NULL) nl_graph_release(k->S->C, k->g[i]);
    k->g[i] = NULL;
  }
  return 0;
}

nlb_graphs *nlb_graphs_new (lua_State *L, nlb_state *S) {
  nlb_graphs *k = (nlb_graphs *)nlb_userdata(L, sizeof *k, 0, "nnlua.graphs",
                                             graphs_gc);
  *k = (nlb_graphs){S, {NULL, NULL, NULL}};
  return k;
}

/* A cotangent must have its input's shape. */
static void check_gradients (lua_State *L, nlb_job *in, nlb_job *outs,
                             const int *of) {
  for (int i = 0; i < in->n; i++) {
    if (of[i] < 0) continue;
    const nl_value *x = in->input[i].v, *g = outs->input[of[i]].v;
    bool same = nl_ndim(x) == nl_ndim(g);
    for (int d = 0; d < nl_ndim(x) && same; d++)
      same = nl_shape(x)[d] == nl_shape(g)[d];
    if (!same) {
      char a[NLB_TEXT], b[NLB_TEXT];
      nlb_error(L, "custom_vjp: the gradient of argument #%d is [%s], the "
                "argument [%s]", i + 1,
                nlb_shape_text(a, nl_ndim(g), nl_shape(g)),
                nlb_shape_text(b, nl_ndim(x), nl_shape(x)));
    }
  }
}

/* The pullback's graph, whose inputs are residuals, then cotangents of the
   results; outs are the results y, then the residuals. */
static nl_graph *pullback (lua_State *L, nlb_job *j, int bwd, nlb_job *y,
                           nlb_job *outs, nlb_job *grads, int *of, int nargs) {
  nlb_job *in = nlb_job_new(L, j->S);
  int nres = outs->n - y->n;
  for (int i = 0; i < outs->n; i++) {
    int from = i < nres ? y->n + i : i - nres;
    nlb_job_keep(L, in, outs->input[from].v, NULL);
  }
  return nlb_capture_flat(L, j, bwd, in, grads, of, nargs, "custom_vjp");
}

/* body of custom_call(kind, f, fwd or rule, bwd, ...leaves) -> results */
static int custom_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { KIND = 2, F, FWD, BWD, ARGS };
  int nargs = lua_gettop(L) - ARGS + 1;
  const char *what = luaL_checkstring(L, KIND);
  bool vjp = strcmp(what, "custom_vjp") == 0;
  bool checkpoint = strcmp(what, "checkpoint") == 0;
  luaL_checkstack(L, 2 * nargs + 30, what);
  nlb_job *in = nlb_job_new(L, S), *rule_in = nlb_job_new(L, S);
  nlb_job *y = nlb_job_new(L, S), *outs = nlb_job_new(L, S);
  nlb_job *grads = nlb_job_new(L, S);
  for (int i = 0; i < nargs; i++) {
    nl_value *v = nlb_flat_value(L, S, ARGS + i, what);
    nlb_job_keep(L, in, v, NULL);
    nlb_job_keep(L, rule_in, v, NULL);
  }
  nlb_hold(S);
  int *of = (int *)lua_newuserdatauv(L, ((size_t)nargs + 1) * sizeof *of, 0);
  nlb_graphs *k = nlb_graphs_new(L, S);
  k->g[0] = nlb_capture_flat(L, j, F, in, y, NULL, 0, what);
  lua_pushfstring(L, "%s: the function", what);
  nlb_refuse_writes(L, j, nargs, lua_tostring(L, -1));
  lua_pop(L, 1);
  nl_status st = NL_OK;
  if (checkpoint) {
    nl_graph_checkpoint(k->g[0]);
    for (int i = 0; i < nargs; i++) {
      nl_tensor *t = nlb_test_tensor(L, S, ARGS + i);
      if (t != NULL && t->storage != NULL && !nl_graph_uses(k->g[0], i))
        nl_unread(t->storage);
    }
  } else if (vjp) {
    k->g[1] = nlb_capture_flat(L, j, FWD, in, outs, NULL, 0, what);
    k->g[2] = pullback(L, j, BWD, y, outs, grads, of, nargs);
    check_gradients(L, in, grads, of);
    nl_graph *fwd = k->g[1], *pull = k->g[2];
    k->g[1] = k->g[2] = NULL;
    st = nl_graph_custom_vjp(S->C, k->g[0], fwd, pull, of);
  } else {
    for (int i = 0; i < nargs; i++)
      if (nl_dtype_is_float(nl_dtype_of(in->input[i].v)))
        nlb_job_keep(L, rule_in, in->input[i].v, NULL);
    nl_graph *rule = nlb_capture_flat(L, j, FWD, rule_in, outs, NULL, 0, what);
    st = nl_graph_custom_jvp(S->C, k->g[0], rule);
  }
  if (st != NL_OK) nlb_raise(L, S);
  int n = y->n, first = lua_gettop(L) + 1;
  luaL_checkstack(L, n + 10, what);
  nl_value **v = (nl_value **)lua_newuserdatauv(
      L, ((size_t)nargs + (size_t)n + 1) * sizeof *v, 0);
  for (int i = 0; i < nargs; i++) v[i] = in->input[i].v;
  if (nl_graph_call(S->C, k->g[0], nargs, v, v + nargs) != NL_OK)
    nlb_raise(L, S);
  nl_graph_called(S->C, k->g[0]);
  nlb_hold(S);
  for (int i = 0; i < n; i++) nlb_push(L, S, v[nargs + i]);
  nlb_settle(L, S, first + 1);
  nlb_job *jobs[] = {in, rule_in, y, outs, grads};
  for (int i = 0; i < 5; i++) nlb_job_close(jobs[i]); /* not when collected */
  return n;
}

void nlb_open_custom (lua_State *L, nlb_state *S) {
  nlb_set_transform(L, S, "custom_call", custom_body);
}
