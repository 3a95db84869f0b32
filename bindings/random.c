/* random.c: random tensors and numbers: rand randn randperm, the
 * distributions as x:NAME(...) (in place) and torch.NAME(...) (a number),
 * seeds and the generator's state, and keys.
 *
 * Every draw takes {key = k}; without a key it advances the context's
 * generator, which under jit and vmap is data like any other tensor. */
#include "autograd.h"
#include "tensor.h"

#include <string.h>
#include <time.h>

/* Takes the key of the options at the end of the arguments, which leave the
   stack when they hold nothing else; the key's tensor is then argument 1 and
   the others start at 2.  Returns whether there was one. */
static bool take_key (lua_State *L) {
  int n = lua_gettop(L);
  int o = nlb_options(L, &n);
  if (o == 0) return false;
  if (lua_getfield(L, o, "key") == LUA_TNIL) {
    lua_pop(L, 1);
    return false;
  }
  lua_insert(L, 1);
  return true;
}

static nl_value *key_value (lua_State *L, nlb_state *S, bool has) {
  if (!has) return NULL;
  if (nlb_test_tensor(L, S, 1) == NULL)
    nlb_fail(L, "key: a key of random.key(seed) expected, got %s",
             nlb_describe(L, S, 1));
  return nlb_value(L, S, 1);
}

/* rand and randn([res,] sizes...[, {dtype =, key =}]); upvalue 4: the kind */
static int f_draw (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const char *kind = (const char *)lua_touserdata(L, lua_upvalueindex(4));
  nlb_spec spec;
  bool keyed = take_key(L);
  nlb_parse_spec(L, S, 1 + keyed, true, &spec);
  nl_value *key = key_value(L, S, keyed);
  nl_dtype d = spec.dtype;
  if (!nl_dtype_is_float(d)) d = nl_default_dtype(S->C);
  nl_value *v = nl_random(S->C, kind, key, d, spec.ndim, spec.size);
  return nlb_finish_spec(L, S, &spec, nl_cast(S->C, v, spec.dtype));
}

/* ---- distributions: of a uniform or normal array u and two numbers ---- */

typedef struct distribution {
  const char *name, *kind;
  double a, b; /* defaults */
  nl_value *(*f) (nl_ctx *C, nl_value *u, nl_value *a, nl_value *b);
} distribution;

static nl_value *uniform (nl_ctx *C, nl_value *u, nl_value *a, nl_value *b) {
  return nl_add(C, nl_mul(C, u, nl_sub(C, b, a)), a);
}

static nl_value *normal (nl_ctx *C, nl_value *u, nl_value *a, nl_value *b) {
  return nl_add(C, nl_mul(C, u, b), a);
}

static nl_value *bernoulli (nl_ctx *C, nl_value *u, nl_value *a,
                            nl_value *b) {
  (void)b;
  return nl_lt(C, u, a);
}

static nl_value *exponential (nl_ctx *C, nl_value *u, nl_value *a,
                              nl_value *b) {
  (void)b;
  return nl_div(C, nl_neg(C, nl_unary(C, "log1p", nl_neg(C, u))), a);
}

static nl_value *cauchy (nl_ctx *C, nl_value *u, nl_value *a, nl_value *b) {
  nl_value *x = nl_sub(C, u, nl_number(C, 0.5));
  x = nl_unary(C, "tan", nl_mul(C, x, nl_number(C, 3.14159265358979323846)));
  return nl_add(C, nl_mul(C, x, b), a);
}

/* a and b are the mean and standard deviation of the result */
static nl_value *log_normal (nl_ctx *C, nl_value *u, nl_value *a,
                             nl_value *b) {
  nl_value *m = nl_mul(C, a, a), *s = nl_mul(C, b, b);
  nl_value *mean = nl_log(C, nl_div(C, m, nl_sqrt(C, nl_add(C, m, s))));
  nl_value *sd = nl_sqrt(C, nl_unary(C, "log1p", nl_div(C, s, m)));
  return nl_exp(C, nl_add(C, nl_mul(C, u, sd), mean));
}

/* how many trials until the first failure: P(k) = (1 - a) a^(k - 1) */
static nl_value *geometric (nl_ctx *C, nl_value *u, nl_value *a,
                            nl_value *b) {
  (void)b;
  nl_value *x = nl_div(C, nl_unary(C, "log1p", nl_neg(C, u)), nl_log(C, a));
  return nl_add(C, nl_unary(C, "floor", x), nl_number(C, 1));
}

/* integers a..b, all as likely */
static nl_value *integers (nl_ctx *C, nl_value *u, nl_value *a, nl_value *b) {
  nl_value *n = nl_add(C, nl_sub(C, b, a), nl_integer(C, 1));
  return nl_add(C, nl_unary(C, "floor", nl_mul(C, u, n)), a);
}

static const distribution distributions[] = {
    {"uniform", "uniform", 0, 1, uniform},
    {"normal", "normal", 0, 1, normal},
    {"bernoulli", "uniform", 0.5, 0, bernoulli},
    {"exponential", "uniform", 1, 0, exponential},
    {"cauchy", "uniform", 0, 1, cauchy},
    {"logNormal", "normal", 1, 2, log_normal},
    {"geometric", "uniform", 0.5, 0, geometric},
    {"random", "uniform", 1, 4294967296.0, integers}};

static nl_value *parameter (lua_State *L, nlb_state *S, int idx, double def) {
  if (lua_isnoneornil(L, idx)) return nl_number(S->C, def);
  return nlb_value(L, S, idx);
}

/* Raises where a plain number is none that the distribution has; the caller's
   arguments were moved by `shift`. */
static void check_parameters (lua_State *L, const distribution *dist,
                              int idx, int shift) {
  double a = luaL_optnumber(L, idx, dist->a);
  double b = luaL_optnumber(L, idx + 1, dist->b);
  const char *want = NULL;
  bool second = false;
  if (dist->f == bernoulli) {
    if (!(a >= 0 && a <= 1)) want = "a probability from 0 to 1";
  } else if (dist->f == geometric) {
    if (!(a > 0 && a < 1)) want = "a probability between 0 and 1";
  } else if (dist->f == exponential) {
    if (!(a > 0)) want = "a rate above 0";
  } else if (dist->f == normal || dist->f == log_normal) {
    second = true;
    if (!(b >= 0)) want = "a deviation of at least 0";
  } else if (dist->f == cauchy) {
    second = true;
    if (!(b > 0)) want = "a width above 0";
  } else if (dist->f == integers) {
    second = true;
    if (lua_isnoneornil(L, idx + 1)) b = a, a = 1, second = false;
    if (!(b >= a)) want = "a last number that is not below the first";
  }
  if (want != NULL)
    nlb_arg_error(L, idx - shift + second, "%s expected, got %f", want,
                  (LUAI_UACNUMBER)(second || dist->f == integers ? b : a));
}

/* Are the distribution's parameters numbers of Lua, or left out? */
static bool plain (lua_State *L, int idx) {
  for (int i = idx; i <= idx + 1; i++)
    if (!lua_isnoneornil(L, i) && lua_type(L, i) != LUA_TNUMBER) return false;
  return lua_gettop(L) >= idx;
}

/* The array of t's shape, or a number's, from arguments idx, idx + 1. */
static nl_value *draw (lua_State *L, nlb_state *S, const distribution *dist,
                       int idx, int shift, nl_value *key, nl_dtype d,
                       int ndim, const int64_t *size) {
  bool whole = dist->f == integers;
  nl_value *a, *b;
  if (lua_type(L, idx) == LUA_TTABLE) lua_settop(L, idx - 1); /* options */
  if (lua_type(L, idx + 1) == LUA_TTABLE) lua_settop(L, idx);
  if (plain(L, idx)) check_parameters(L, dist, idx, shift);
  if (whole && lua_isnoneornil(L, idx + 1) && !lua_isnoneornil(L, idx)) {
    a = nl_integer(S->C, 1);
    b = nlb_value(L, S, idx);
  } else {
    a = parameter(L, S, idx, dist->a);
    b = parameter(L, S, idx + 1, dist->b);
  }
  nl_value *u = nl_random(S->C, dist->kind, key, whole ? NL_F64 : d, ndim,
                          size);
  return u == NULL ? NULL : dist->f(S->C, u, a, b);
}

/* x:uniform(a, b) and its like fill x. */
static int f_fill (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const distribution *dist =
      (const distribution *)lua_touserdata(L, lua_upvalueindex(4));
  bool keyed = take_key(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1 + keyed);
  nl_dtype d = nlb_dtype_of(t);
  if (t->storage != NULL) {
    nl_value *v = draw(L, S, dist, 2 + keyed, 0, key_value(L, S, keyed),
                       nl_dtype_is_float(d) ? d : nl_default_dtype(S->C),
                       t->ndim, t->size);
    nlb_store(L, S, t, v);
  }
  lua_settop(L, 1 + keyed);
  return 1;
}

/* torch.uniform(a, b) and its like give a number; with a tensor first they
   fill it. */
static int f_number (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const distribution *dist =
      (const distribution *)lua_touserdata(L, lua_upvalueindex(4));
  bool keyed = take_key(L);
  const nl_tensor *x = nlb_test_tensor(L, S, 1 + keyed);
  if (x != NULL && (x->storage == NULL || x->ndim > 0)) {
    if (keyed) nlb_fail(L, "with a key: x:%s(...)", dist->name);
    return f_fill(L);
  }
  nl_tensor *t = nlb_new_tensor(L, S);
  lua_insert(L, 1);
  nl_value *key = keyed ? nlb_value(L, S, 2) : NULL;
  int64_t none = 0;
  nl_value *v = draw(L, S, dist, 2 + keyed, 1, key, NL_F64, 0, &none);
  lua_settop(L, 1);
  if (dist->f == integers) v = nl_cast(S->C, v, NL_I64);
  if (dist->f == bernoulli) v = nl_cast(S->C, v, NL_I64);
  return nlb_finish_number(L, S, t, v);
}

/* randperm([res,] n): 1..n in random order, by sorting random numbers, so that
   transforms can trace it */
static int f_randperm (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  bool keyed = take_key(L);
  int d = nlb_take_dtype(L), at = 1 + keyed;
  nl_tensor *res = nlb_test_tensor(L, S, at);
  if (res != NULL && nlb_is_scalar(L, S, at)) res = NULL;
  int64_t n = nlb_integer(L, at + (res != NULL), "size");
  if (n < 0 || n > (int64_t)1 << 40)
    nlb_arg_error(L, at, "no such size: %I", (LUAI_UACINT)n);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *key = key_value(L, S, keyed);
  nl_value *v = nl_random(S->C, "uniform", key, NL_F64, 1, &n);
  v = nl_add(S->C, nl_argsort(S->C, v, 0, false), nl_integer(S->C, 1));
  if (res == NULL)
    return nlb_finish(L, S, t, nl_cast(S->C, v, d < 0 ? NL_I64 : (nl_dtype)d));
  nlb_result(L, S, res, v);
  lua_pushvalue(L, at);
  return 1;
}

/* ---- seeds and state ---- */

static int f_manual_seed (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  uint64_t seed = (uint64_t)nlb_integer(L, 1, "seed");
  if (nl_seed(S->C, seed) != NL_OK) nlb_raise(L, S);
  S->seed = seed;
  return 0;
}

/* seed(): a new seed from the clock, which is returned */
static int f_seed (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t seed = ((uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u) ^
                  ((uint64_t)now.tv_sec << 20) ^ (uint64_t)(uintptr_t)S;
  seed &= ((uint64_t)1 << 53) - 1;
  if (nl_seed(S->C, seed) != NL_OK) nlb_raise(L, S);
  S->seed = seed;
  lua_pushinteger(L, (lua_Integer)seed);
  return 1;
}

static int f_initial_seed (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)nlb_enter(L)->seed);
  return 1;
}

/* The generator's state as a tensor's fields, borrowing its storage. */
static nl_tensor state_tensor (nlb_state *S) {
  nl_tensor t;
  memset(&t, 0, sizeof t);
  t.storage = nl_random_state(S->C);
  int64_t n = nl_storage_numel(t.storage);
  nlb_set_contiguous(&t, 1, &n);
  return t;
}

static int f_get_state (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor state = state_tensor(S), *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, nl_read(S->C, &state));
}

static int f_set_state (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor state = state_tensor(S);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (nlb_dtype_of(t) != NL_I64 || nl_tensor_numel(t) != state.size[0])
    nlb_arg_error(L, 1, "a state of torch.getRNGState() expected, got %s",
                  nlb_describe(L, S, 1));
  nlb_store(L, S, &state, nlb_read(S, t));
  return 0;
}

/* ---- keys ---- */

static int f_key (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  uint64_t seed = (uint64_t)nlb_integer(L, 1, "seed");
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, nl_random_key(S->C, seed));
}

static int f_split (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_check_tensor(L, S, 1);
  int64_t n = lua_isnoneornil(L, 2) ? 2 : nlb_integer(L, 2, "how many");
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, nl_random_split(S->C, nlb_value(L, S, 1), n));
}

static int f_fold (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  nl_value *key = nlb_value(L, S, 1), *data = nlb_value(L, S, 2);
  return nlb_finish(L, S, t, nl_random_fold(S->C, key, data));
}

/* random_within(key, f, ...): f(...), whose draws without a key come from this
   one's stream */
static int f_within (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_check_tensor(L, S, 1);
  luaL_checkany(L, 2);
  int n = lua_gettop(L);
  luaL_checkstack(L, 10, "a call");
  nl_storage *before = nl_random_enter(S->C, nlb_value(L, S, 1));
  if (before == NULL) nlb_raise(L, S);
  lua_pushcfunction(L, nlb_on_error);
  lua_replace(L, 1);
  int st = lua_pcall(L, n - 2, LUA_MULTRET, 1);
  S->L = L;
  nl_random_leave(S->C, before);
  return st == LUA_OK ? lua_gettop(L) - 1 : lua_error(L);
}

void nlb_open_random (lua_State *L, nlb_state *S) {
  static const luaL_Reg functions[] = {{"randperm", f_randperm},
                                       {"manualSeed", f_manual_seed},
                                       {"seed", f_seed},
                                       {"initialSeed", f_initial_seed},
                                       {"getRNGState", f_get_state},
                                       {"setRNGState", f_set_state},
                                       {NULL, NULL}};
  static const luaL_Reg core[] = {{"random_key", f_key},
                                  {"random_split", f_split},
                                  {"random_fold", f_fold},
                                  {"random_within", f_within},
                                  {NULL, NULL}};
  nlb_setfuncs(L, S, core);
  nlb_push_functions(L);
  nlb_setfuncs(L, S, functions);
  nlb_setfunc(L, S, "rand", f_draw, "uniform");
  nlb_setfunc(L, S, "randn", f_draw, "normal");
  for (size_t i = 0; i < sizeof distributions / sizeof *distributions; i++) {
    const distribution *d = &distributions[i];
    char method[32] = ":";
    nlb_setfunc(L, S, d->name, f_number, d);
    lua_getfield(L, -2, "methods");
    strncat(method, d->name, sizeof method - 2);
    nlb_setfunc(L, S, method, f_fill, d);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}
