/* primitives.c: core.primitives(), the runtime's table of primitives as Lua
 * sees it: for the tests, which want a record for each. */
#include "bind.h"

/* An array of {name, inputs (-1: any number), outputs, elementwise,
   differentiable, linear, and which rules it has: shape, eval, grad, jvp,
   batch}. */
static int primitives (lua_State *L) {
  int n = nl_prim_count();
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    const nl_prim *p = nl_prim_at(i);
    lua_createtable(L, 0, 11);
    lua_pushstring(L, p->name);
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, p->nin);
    lua_setfield(L, -2, "inputs");
    lua_pushinteger(L, p->nout);
    lua_setfield(L, -2, "outputs");
    lua_pushboolean(L, (p->flags & NL_ELEMENTWISE) != 0);
    lua_setfield(L, -2, "elementwise");
    lua_pushboolean(L, (p->flags & NL_NO_GRAD) == 0);
    lua_setfield(L, -2, "differentiable");
    lua_pushboolean(L, (p->flags & NL_LINEAR) != 0);
    lua_setfield(L, -2, "linear");
    lua_pushboolean(L, p->shape != NULL);
    lua_setfield(L, -2, "shape");
    lua_pushboolean(L, p->eval != NULL || p->map > 0);
    lua_setfield(L, -2, "eval");
    lua_pushboolean(L, p->vjp != NULL || p->partial != NULL);
    lua_setfield(L, -2, "grad");
    lua_pushboolean(L, p->jvp != NULL);
    lua_setfield(L, -2, "jvp");
    lua_pushboolean(L, p->batch != NULL);
    lua_setfield(L, -2, "batch");
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

void nlb_open_primitives (lua_State *L, nlb_state *S) {
  (void)S;
  lua_pushcfunction(L, primitives);
  lua_setfield(L, -2, "primitives");
}
