/* control.c: scan, while and cond of flat Lua functions as primitives;
 * lua/autograd/control.lua makes the trees and runs plain loops where no
 * capture is active. */
#include <stdio.h>

#include "autograd.h"
#include "tensor.h"

/* Reads the flat values at first .. first + n - 1 into a job, pushed. */
static nlb_job *read_values (lua_State *L, nlb_state *S, int first, int n,
                             const char *what) {
  nlb_job *in = nlb_job_new(L, S);
  for (int i = 0; i < n; i++) {
    nlb_job_keep(L, in, nlb_flat_value(L, S, first + i, what), NULL);
    nl_pool_release(S->C, S->floor);
  }
  return in;
}

/* Pushes n results. */
static int push_values (lua_State *L, nlb_state *S, nl_value **out, int n) {
  int first = lua_gettop(L) + 1;
  nlb_hold(S);
  luaL_checkstack(L, n + 10, "results");
  for (int i = 0; i < n; i++) nlb_push(L, S, out[i]);
  nlb_settle(L, S, first);
  return n;
}

/* What the carry c, a number, goes in as where it comes out as o: an element
   of a tensor, or with a fraction; NULL where it may stay. */
static nl_value *stronger (nlb_state *S, nl_value *c, const nl_value *o) {
  if (!nl_is_weak(c) || nl_ndim(o) != 0) return NULL;
  if (!nl_is_weak(o)) return nl_cast(S->C, c, nl_dtype_of(o));
  if (nl_dtype_is_float(nl_dtype_of(c)) || !nl_dtype_is_float(nl_dtype_of(o)))
    return NULL;
  return nl_mul(S->C, c, nl_number(S->C, 1));
}

/* Carries that go in as Lua numbers become what they come out as; true:
   capture again, which may show it of others. */
static bool strengthen (lua_State *L, nlb_state *S, nlb_job *in,
                        nlb_job *like, const nlb_job *outs, int nk) {
  bool changed = false;
  for (int i = 0; i < nk && i < outs->n; i++) {
    nl_value *c = in->input[i].v;
    nl_value *v = stronger(S, c, outs->input[i].v);
    if (nl_failed(S->C)) nlb_raise(L, S);
    if (v == NULL) continue;
    nl_retain(v);
    nl_release(S->C, c);
    in->input[i].v = v;
    if (like != in) {
      nl_retain(v);
      nl_release(S->C, like->input[i].v);
      like->input[i].v = v;
    }
    nl_pool_release(S->C, S->floor);
    changed = true;
  }
  return changed;
}

/* "a tensor of 2 x 3 float32", "an integer", into text */
static void value_text (char text[2 * NLB_TEXT], const nl_value *v) {
  char shape[NLB_TEXT];
  bool is_float = nl_dtype_is_float(nl_dtype_of(v));
  if (nl_is_weak(v))
    snprintf(text, 2 * NLB_TEXT, is_float ? "a number" : "an integer");
  else
    snprintf(text, 2 * NLB_TEXT, "a tensor of %s %s",
             nlb_shape_text(shape, nl_ndim(v), nl_shape(v)),
             nl_dtype_name(nl_dtype_of(v)));
}

/* The first of n pairs of values that differ in shape, dtype, or, where that
   counts, in what number they are; -1: none. */
static int unlike (const nlb_job *a, const nlb_job *b, int n, bool weak) {
  for (int i = 0; i < n; i++) {
    const nl_value *x = a->input[i].v, *y = b->input[i].v;
    bool same = nl_ndim(x) == nl_ndim(y) &&
                nl_dtype_of(x) == nl_dtype_of(y) &&
                (!weak || nl_is_weak(x) == nl_is_weak(y));
    for (int d = 0; d < nl_ndim(x) && same; d++)
      same = nl_shape(x)[d] == nl_shape(y)[d];
    if (!same) return i;
  }
  return -1;
}

/* Where in the tree the value number i stands: an entry of the table of paths
   at idx. */
static const char *path_of (lua_State *L, int paths, int i) {
  const char *path = "";
  if (lua_istable(L, paths)) {
    lua_rawgeti(L, paths, i + 1);
    if (lua_isstring(L, -1)) path = lua_tostring(L, -1);
  }
  return path; /* stays on the stack */
}

static void check_carry (lua_State *L, const nlb_job *in, const nlb_job *outs,
                         int n, int name, int paths) {
  char was[2 * NLB_TEXT], is[2 * NLB_TEXT];
  int i = unlike(in, outs, n < outs->n ? n : outs->n, false);
  if (i < 0) return;
  value_text(was, in->input[i].v);
  value_text(is, outs->input[i].v);
  nlb_error(L, "%s: the carry%s goes in as %s and comes out as %s; it must "
            "stay alike", lua_tostring(L, name), path_of(L, paths, i), was, is);
}

static nl_value **block (lua_State *L, int n) {
  return (nl_value **)lua_newuserdatauv(
      L, ((size_t)n + 1) * sizeof(nl_value *), 0);
}

/* What one step gets of a carry or, where `along`, of an x; of an x without
   rows, zeros like one. */
static nl_value *step_input (lua_State *L, nlb_state *S, nl_value *v,
                             bool along) {
  if (!along) return v;
  if (nl_shape(v)[0] == 0)
    v = nl_full(S->C, nl_dtype_of(v), nl_ndim(v) - 1, nl_shape(v) + 1, 0);
  else
    v = nl_squeeze(S->C, nl_narrow(S->C, v, 0, 0, 1), 0);
  if (v == NULL) nlb_raise(L, S);
  return v;
}

/* Of no steps: the carries as they are, and of what a step returns beside
   them no rows. */
static int push_none (lua_State *L, nlb_state *S, const nlb_job *in,
                      const nlb_job *outs, int nk) {
  nl_value **out = block(L, outs->n);
  for (int i = 0; i < outs->n; i++) {
    const nl_value *y = outs->input[i].v;
    int64_t shape[NL_MAX_NDIM + 1] = {0};
    for (int d = 0; d < nl_ndim(y); d++) shape[d + 1] = nl_shape(y)[d];
    out[i] = i < nk ? in->input[i].v
                    : nl_full(S->C, nl_dtype_of(y), nl_ndim(y) + 1, shape, 0);
    if (out[i] == NULL) nlb_raise(L, S);
  }
  return push_values(L, S, out, outs->n);
}

/* body of scan_call(name, paths, f, length, reverse, nk, carry..., xs...);
   paths: where each carry stands in the tree, for errors */
static int scan_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { NAME = 2, PATHS, F, LENGTH, REVERSE, NK, ARGS };
  int n = lua_gettop(L) - ARGS + 1, nk = (int)luaL_checkinteger(L, NK);
  int64_t length = luaL_checkinteger(L, LENGTH);
  const char *name = luaL_checkstring(L, NAME);
  luaL_checkstack(L, n + 30, name);
  nlb_job *in = read_values(L, S, ARGS, n, name);
  nlb_job *like = nlb_job_new(L, S), *outs = nlb_job_new(L, S);
  nlb_graphs *k = nlb_graphs_new(L, S);
  for (int i = 0; i < n; i++) {
    nlb_job_keep(L, like, step_input(L, S, in->input[i].v, i >= nk), NULL);
    nl_pool_release(S->C, S->floor);
  }
  k->g[0] = nlb_capture_flat(L, j, F, like, outs, NULL, 0, name);
  while (strengthen(L, S, in, like, outs, nk)) {
    nl_graph_release(S->C, k->g[0]);
    k->g[0] = NULL;
    nlb_job_close(outs);
    k->g[0] = nlb_capture_flat(L, j, F, like, outs, NULL, 0, name);
  }
  if (length == 0) {
    nl_graph_release(S->C, k->g[0]);
    k->g[0] = NULL;
    return push_none(L, S, in, outs, nk);
  }
  check_carry(L, in, outs, nk, NAME, PATHS);
  nl_value **v = block(L, n + outs->n), **out = v + n;
  for (int i = 0; i < n; i++) v[i] = in->input[i].v;
  nl_graph *g = k->g[0];
  k->g[0] = NULL;
  if (nl_scan(S->C, g, length, lua_toboolean(L, REVERSE), nk, v, n - nk,
              v + nk, out) != NL_OK)
    nlb_raise(L, S);
  return push_values(L, S, out, outs->n);
}

/* What the test wrote would be lost: its graph gives the condition alone. */
static void check_test (lua_State *L, const nl_graph *test) {
  bool read, written;
  for (int i = 0; i < nl_graph_nstorage(test); i++) {
    nl_graph_storage(test, i, &read, &written);
    if (written)
      nlb_error(L, "while_loop: the test writes to a tensor or draws random "
                "numbers, which only the body may; carry what it needs");
  }
}

/* body of while_call(paths, test, body, carry...) */
static int while_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { PATHS = 2, TEST, BODY, ARGS };
  int n = lua_gettop(L) - ARGS + 1;
  luaL_checkstack(L, n + 30, "while_loop");
  nlb_job *in = read_values(L, S, ARGS, n, "while_loop");
  nlb_job *t = nlb_job_new(L, S), *outs = nlb_job_new(L, S);
  nlb_graphs *k = nlb_graphs_new(L, S);
  k->g[0] = nlb_capture_flat(L, j, TEST, in, t, NULL, 0, "while_loop");
  check_test(L, k->g[0]);
  nlb_refuse_writes(L, j, n, "while_loop: the test");
  k->g[1] = nlb_capture_flat(L, j, BODY, in, outs, NULL, 0, "while_loop");
  while (strengthen(L, S, in, in, outs, n)) {
    nlb_job_close(outs);
    nlb_job_close(t);
    for (int i = 0; i < 2; i++) {
      nl_graph_release(S->C, k->g[i]);
      k->g[i] = NULL;
    }
    k->g[0] = nlb_capture_flat(L, j, TEST, in, t, NULL, 0, "while_loop");
    k->g[1] = nlb_capture_flat(L, j, BODY, in, outs, NULL, 0, "while_loop");
  }
  if (outs->n != n)
    nlb_error(L, "while_loop: the body got %d values and returned %d", n,
              outs->n);
  lua_pushstring(L, "while_loop");
  check_carry(L, in, outs, n, lua_gettop(L), PATHS);
  nl_value **v = block(L, 2 * n), **out = v + n;
  for (int i = 0; i < n; i++) v[i] = in->input[i].v;
  nl_graph *test = k->g[0], *body = k->g[1];
  k->g[0] = k->g[1] = NULL;
  if (nl_while(S->C, test, body, n, v, out) != NL_OK) nlb_raise(L, S);
  return push_values(L, S, out, n);
}

static void check_branches (lua_State *L, const nlb_job *a, const nlb_job *b,
                            int paths) {
  char yes[2 * NLB_TEXT], no[2 * NLB_TEXT];
  int i = unlike(a, b, a->n < b->n ? a->n : b->n, true);
  if (i < 0) return;
  value_text(yes, a->input[i].v);
  value_text(no, b->input[i].v);
  nlb_error(L, "cond: where the condition holds result%s is %s, else %s; both "
            "branches must return alike", path_of(L, paths, i), yes, no);
}

/* Numbers that are integers in one branch alone are marked in the table
   paths.float, after which the branches return both as numbers; true: capture
   again. */
static bool mark_floats (lua_State *L, const nlb_job *a, const nlb_job *b,
                         int paths) {
  bool changed = false;
  lua_getfield(L, paths, "float");
  for (int i = 0; i < a->n && i < b->n; i++) {
    const nl_value *x = a->input[i].v, *y = b->input[i].v;
    if (!nl_is_weak(x) || !nl_is_weak(y) || nl_dtype_of(x) == nl_dtype_of(y))
      continue;
    lua_rawgeti(L, -1, i + 1);
    changed = changed || lua_isnil(L, -1); /* not a second time */
    lua_pop(L, 1);
    lua_pushboolean(L, true);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pop(L, 1);
  return changed;
}

/* body of cond_call(paths, pred, f, g, args...); f's capture fills paths */
static int cond_body (lua_State *L) {
  nlb_job *j = (nlb_job *)lua_touserdata(L, 1);
  nlb_state *S = nlb_enter(L);
  enum { PATHS = 2, PRED, YES, NO, ARGS };
  int n = lua_gettop(L) - ARGS + 1;
  luaL_checkstack(L, n + 30, "cond");
  nlb_job *p = read_values(L, S, PRED, 1, "cond");
  nlb_job *in = read_values(L, S, ARGS, n, "cond");
  nlb_job *a = nlb_job_new(L, S), *b = nlb_job_new(L, S);
  nlb_graphs *k = nlb_graphs_new(L, S);
  k->g[0] = nlb_capture_flat(L, j, YES, in, a, NULL, 0, "cond");
  nlb_refuse_writes(L, j, in->n, "cond: a branch");
  k->g[1] = nlb_capture_flat(L, j, NO, in, b, NULL, 0, "cond");
  nlb_refuse_writes(L, j, in->n, "cond: a branch");
  if (mark_floats(L, a, b, PATHS)) {
    nlb_job *const job[] = {a, b};
    for (int i = 0; i < 2; i++) {
      nlb_job_close(job[i]);
      nl_graph_release(S->C, k->g[i]);
      k->g[i] = NULL;
      k->g[i] = nlb_capture_flat(L, j, YES + i, in, job[i], NULL, 0, "cond");
    }
  }
  check_branches(L, a, b, PATHS);
  nl_value **v = block(L, n + a->n), **out = v + n;
  for (int i = 0; i < n; i++) v[i] = in->input[i].v;
  nl_graph *yes = k->g[0], *no = k->g[1];
  k->g[0] = k->g[1] = NULL;
  if (nl_cond(S->C, p->input[0].v, yes, no, n, v, out) != NL_OK)
    nlb_raise(L, S);
  return push_values(L, S, out, a->n);
}

static int capturing (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, nl_capturing(S->C));
  return 1;
}

static int abstract (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, nl_abstract(S->C));
  return 1;
}

/* weak(x): a 0-d tensor as a number that takes others' dtype */
static int weak (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_settop(L, 1);
  nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish_auto(L, S, t, nl_weak(S->C, nlb_value(L, S, 1)));
}

void nlb_open_control (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {{"capturing", capturing},
                                  {"abstract", abstract},
                                  {"weak", weak},
                                  {NULL, NULL}};
  nlb_setfuncs(L, S, list);
  nlb_set_transform(L, S, "scan_call", scan_body);
  nlb_set_transform(L, S, "while_call", while_body);
  nlb_set_transform(L, S, "cond_call", cond_body);
}
