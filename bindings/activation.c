/* activation.c: core.kaf, the primitive under nn.functional.kaf. */
#include "tensor.h"

/* kaf(x, alpha, sigma, kernel, boundary, dim): dim 1-based, 0 when alpha is
   shared; alpha's last size is the number of centres. */
static int f_kaf (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *alpha = nlb_check_tensor(L, S, 2);
  nlb_check_tensor(L, S, 1);
  const char *kernel = luaL_checkstring(L, 4);
  double boundary = luaL_checknumber(L, 5);
  int dim = (int)nlb_integer(L, 6, "dim") - 1;
  int64_t D = alpha->ndim > 0 ? alpha->size[alpha->ndim - 1] : 0;
  double step = D > 1 ? 2 * boundary / (double)(D - 1) : 1;
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t,
                    nl_kaf(S->C, nlb_value(L, S, 1), nlb_value(L, S, 2),
                           nlb_value(L, S, 3), kernel, -boundary, step, dim));
}

void nlb_open_activation (lua_State *L, nlb_state *S) {
  static const luaL_Reg core[] = {{"kaf", f_kaf}, {NULL, NULL}};
  nlb_setfuncs(L, S, core);
}
