/* activation.c: the primitives under nn.functional.kaf, .ternary, .binary
 * and .lagrangian. */
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

/* states(x, t1, t2, sd, middle, low, noise[, key]): noise false: none */
static int f_states (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_check_tensor(L, S, 1);
  int middle = (int)luaL_checkinteger(L, 5), low = (int)luaL_checkinteger(L, 6);
  bool noisy = lua_toboolean(L, 7), keyed = !lua_isnoneornil(L, 8);
  if (keyed && nlb_test_tensor(L, S, 8) == NULL)
    nlb_fail(L, "key: a key of random.key(seed) expected, got %s",
             nlb_describe(L, S, 8));
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *key = keyed ? nlb_value(L, S, 8) : NULL;
  return nlb_finish(L, S, t,
                    nl_states(S->C, nlb_value(L, S, 1), nlb_value(L, S, 2),
                              nlb_value(L, S, 3), nlb_value(L, S, 4), middle,
                              low, noisy, key));
}

/* beta, argument 4: a number or a tensor, 1 by default */
static nl_value *beta_of (lua_State *L, nlb_state *S) {
  if (lua_isnoneornil(L, 4)) return nl_number(S->C, 1);
  return nlb_value(L, S, 4);
}

/* lagrangian(x, kind, power[, beta]): a number; where beta has more than one
   entry a tensor of as many */
static int f_lagrangian (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_settop(L, 4); /* a tensor that is made stands above them */
  nlb_check_tensor(L, S, 1);
  const char *kind = luaL_checkstring(L, 2);
  int power = (int)luaL_checkinteger(L, 3);
  const nl_tensor *b = nlb_test_tensor(L, S, 4);
  bool one = b == NULL || nl_tensor_numel(b) == 1;
  nl_tensor *t = one ? nlb_new_number(L, S) : nlb_new_tensor(L, S);
  nl_value *v = nl_lagrangian(S->C, nlb_value(L, S, 1), beta_of(L, S), kind,
                              power, NULL);
  return one ? nlb_finish_number(L, S, t, v) : nlb_finish(L, S, t, v);
}

/* lagrangian_gradient(x, kind, power[, beta]): of x's shape */
static int f_gradient (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_value *gradient = NULL;
  lua_settop(L, 4); /* a tensor that is made stands above them */
  nlb_check_tensor(L, S, 1);
  const char *kind = luaL_checkstring(L, 2);
  int power = (int)luaL_checkinteger(L, 3);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *v = nl_lagrangian(S->C, nlb_value(L, S, 1), beta_of(L, S), kind,
                              power, &gradient);
  return nlb_finish(L, S, t, v == NULL ? NULL : gradient);
}

void nlb_open_activation (lua_State *L, nlb_state *S) {
  static const luaL_Reg core[] = {{"kaf", f_kaf},
                                  {"states", f_states},
                                  {"lagrangian", f_lagrangian},
                                  {"lagrangian_gradient", f_gradient},
                                  {NULL, NULL}};
  nlb_setfuncs(L, S, core);
}
