/* jit_results.c: how a replay puts its results together.
 *
 * What the function returned at its capture is kept as a template: tables,
 * constants, and marks where tensors stand.  It is flattened once to steps
 * that push one thing each, so that a replay walks no table. */
#include <limits.h>
#include <stdlib.h>

#include "jit.h"
#include "tensor.h"
#include "tree.h"

typedef enum op {
  TENSOR,   /* pushes a new tensor, result number a */
  CONSTANT, /* pushes constant a */
  TABLE,    /* pushes a table, with room for a integer and b other keys */
  PUT,      /* the value on top goes into the table below it, at a */
  SET       /* value, key, table from the top: the value goes there */
} op;

struct nlb_step {
  op op;
  int a, b;
};

static void add (lua_State *L, nlb_entry *e, op what, int a, int b) {
  if (e->nstep == e->cap_step) {
    int cap = e->cap_step ? 2 * e->cap_step : 16;
    void *p = realloc(e->step, (size_t)cap * sizeof *e->step);
    if (p == NULL) luaL_error(L, "not enough memory for the results of jit");
    e->step = (struct nlb_step *)p;
    e->cap_step = cap;
  }
  e->step[e->nstep++] = (struct nlb_step){what, a, b};
}

/* The value on top is pushed as a constant; pops it. */
static void add_constant (lua_State *L, nlb_entry *e, int constants, int *n) {
  lua_rawseti(L, constants, ++*n);
  add(L, e, CONSTANT, *n, 0);
}

static bool short_key (lua_State *L, int idx) {
  lua_Integer i = lua_tointeger(L, idx);
  return lua_isinteger(L, idx) && i >= 1 && i <= INT_MAX;
}

/* Adds the steps that push the template on top, and pops it. */
static void describe (lua_State *L, nlb_entry *e, int constants, int *n,
                      int depth) {
  int at = lua_gettop(L), list = 0, other = 0;
  if (lua_islightuserdata(L, at)) {
    add(L, e, TENSOR, (int)((size_t)lua_touserdata(L, at) - 1), 0);
    lua_pop(L, 1);
    return;
  }
  if (!nlb_tree_node(L, at)) {
    add_constant(L, e, constants, n);
    return;
  }
  luaL_checkstack(L, 10, "jit");
  if (depth > e->deep) e->deep = depth;
  for (lua_pushnil(L); lua_next(L, at); lua_pop(L, 1))
    ++*(short_key(L, -2) ? &list : &other);
  add(L, e, TABLE, list, other);
  for (lua_pushnil(L); lua_next(L, at);) { /* takes the value off */
    bool put = short_key(L, -2);
    int key = put ? (int)lua_tointeger(L, -2) : 0;
    if (!put) {
      lua_pushvalue(L, -2);
      add_constant(L, e, constants, n);
    }
    describe(L, e, constants, n, depth + 1);
    add(L, e, put ? PUT : SET, key, 0);
  }
  lua_pop(L, 1);
}

void nlb_jit_describe (lua_State *L, nlb_entry *e, int at) {
  int n = 0;
  lua_newtable(L);
  int constants = lua_gettop(L);
  lua_getiuservalue(L, at, NLB_UV_TEMPLATE);
  for (int i = 1; i <= e->nres; i++) {
    lua_rawgeti(L, constants + 1, i);
    describe(L, e, constants, &n, 1);
  }
  lua_pop(L, 1);
  lua_setiuservalue(L, at, NLB_UV_CONSTANTS);
}

void nlb_jit_push_results (lua_State *L, const nlb_entry *e, int constants,
                           int mt, nl_tensor **list) {
  luaL_checkstack(L, e->nres + 3 * e->deep + 10, "jit");
  for (int i = 0; i < e->nstep; i++) {
    const struct nlb_step *s = &e->step[i];
    switch (s->op) {
      case TENSOR: list[s->a] = nlb_new_tensor_by(L, e->S, mt); break;
      case CONSTANT: lua_rawgeti(L, constants, s->a); break;
      case TABLE: lua_createtable(L, s->a, s->b); break;
      case PUT: lua_rawseti(L, -2, s->a); break;
      case SET: lua_rawset(L, -3); break;
    }
  }
}
