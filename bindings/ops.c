/* ops.c: elementwise operations as functions, methods and operators, and the
 * driver that parses the arguments of every operation declared in a table.
 *
 * A primitive is looked up once, when its closure is made, and is the
 * closure's upvalue 5; upvalue 4 is the table's row. */
#include "tensor.h"

#include <stdio.h>
#include <string.h>

/* ---- the driver ---- */

#define MAX_OPERANDS 5

static bool is_operand (lua_State *L, nlb_state *S, int idx) {
  int type = lua_type(L, idx);
  return type == LUA_TNUMBER || type == LUA_TBOOLEAN ||
         nlb_test_tensor(L, S, idx) != NULL;
}

/* Do arguments first..last fit the pattern?  at[i]: the argument of letter
   i, 0 where it is left out. */
static bool match (lua_State *L, nlb_state *S, const char *pattern, int first,
                   int last, int at[MAX_OPERANDS]) {
  int needed = 0, i = first;
  for (const char *p = pattern; *p; p++) needed += *p != 's';
  for (int k = 0; pattern[k]; k++) {
    int left = last - i + 1;
    if (left < needed) return false;
    at[k] = 0;
    if (pattern[k] == 's') {
      if (left > needed && nlb_is_scalar(L, S, i)) at[k] = i++;
    } else {
      if (pattern[k] == 'T' ? nlb_test_tensor(L, S, i) == NULL
                            : !is_operand(L, S, i))
        return false;
      at[k] = i++;
      needed--;
    }
  }
  return i == last + 1;
}

static int usage (lua_State *L, nlb_state *S, const nlb_op *op, bool method) {
  static const char *const names = "xyzuv";
  luaL_Buffer b;
  int n = lua_gettop(L), k = 0;
  lua_pushliteral(L, "");
  for (int i = 1; i <= n; i++) { /* describe pushes more than it returns */
    const char *what = nlb_describe(L, S, i);
    lua_pushfstring(L, "%s%s%s", lua_tostring(L, n + 1), i > 1 ? ", " : "",
                    what);
    lua_replace(L, n + 1);
    lua_settop(L, n + 1);
  }
  luaL_buffinit(L, &b);
  luaL_addstring(&b, method ? "" : "[result,] ");
  for (const char *p = op->pattern; *p; p++) {
    if (method && p == op->pattern && *p != 's') {
      k++;
      continue;
    }
    if (*p == 's') {
      luaL_addstring(&b, "[number,] ");
    } else {
      luaL_addchar(&b, names[k++]);
      luaL_addstring(&b, p[1] ? ", " : "");
    }
  }
  luaL_pushresult(&b);
  return nlb_fail(L, "arguments (%s) expected, got (%s)",
                  lua_tostring(L, -1), lua_tostring(L, n + 1));
}

/* Which arguments are the operands, and which tensor gets the result. */
static nl_tensor *parse (lua_State *L, nlb_state *S, const nlb_op *op,
                         bool method, int at[MAX_OPERANDS], bool *in_place) {
  int n = lua_gettop(L);
  *in_place = false;
  if (method) nlb_check_tensor(L, S, 1);
  if (match(L, S, op->pattern, 1, n, at)) {
    *in_place = method && (op->flags & NLB_INPLACE);
    return *in_place ? nlb_check_tensor(L, S, 1) : NULL;
  }
  if (method && op->method != NULL && match(L, S, op->method, 1, n, at)) {
    int first = at[0]; /* "Tss..." stands for "sTs...": M before beta */
    at[0] = at[1];
    at[1] = first;
    *in_place = true;
    return nlb_check_tensor(L, S, 1);
  }
  if (n > 1 && nlb_test_tensor(L, S, 1) != NULL &&
      match(L, S, op->pattern, 2, n, at))
    return nlb_check_tensor(L, S, 1);
  usage(L, S, op, method);
  return NULL;
}

static nl_value *apply1 (nlb_call *c);
static nl_value *apply2 (nlb_call *c);
static nl_value *divided (nlb_call *c);
static nl_value *scaled (nlb_call *c);
static nl_value *addcmul (nlb_call *c);
static nl_value *addcdiv (nlb_call *c);
static bool quick (lua_State *L, nlb_state *S, const nl_prim *p, int nin,
                   nl_tensor *const x[2], nl_tensor *t);

/* Is the call p(x) or p(x, y) of tensors and numbers alone, for a new result?
   Then what parse would find needs no patterns. */
static bool plain_call (lua_State *L, nlb_state *S, const nlb_op *op, int nin,
                        bool method, nl_tensor *t[2]) {
  if ((op->f != apply1 && op->f != apply2) || lua_gettop(L) != nin ||
      (method && (op->flags & NLB_INPLACE)))
    return false;
  t[0] = nlb_test_tensor(L, S, 1);
  t[1] = nin == 2 ? nlb_test_tensor(L, S, 2) : NULL;
  if (nin == 1 || method) return t[0] != NULL && (nin == 1 || t[1] != NULL);
  return (t[0] != NULL || t[1] != NULL) &&
         (t[0] != NULL || lua_type(L, 1) == LUA_TNUMBER) &&
         (t[1] != NULL || lua_type(L, 2) == LUA_TNUMBER);
}

/* A number that every float dtype takes as it is. */
static bool plain_number (lua_State *L, int idx, double *x) {
  if (lua_type(L, idx) != LUA_TNUMBER) return false;
  *x = lua_tonumber(L, idx);
  return *x >= -9007199254740992.0 && *x <= 9007199254740992.0;
}

/* The operation in place on the tensor x, or into the empty tensor `out`, by
   nl_quick_into: false where that is not possible. */
static bool quick_into (lua_State *L, nlb_state *S, const nlb_op *op,
                        const nl_prim *prim, const int *at, nl_tensor *x,
                        nl_tensor *out) {
  nl_term t = {NULL, NULL, 0, false, op->f == addcdiv};
  bool done = false;
  if (at[0] != 1 || x == NULL || !nl_trace_is_eval(S->C)) return false;
  if (op->f == apply2 || op->f == divided) {
    t.y = nlb_test_tensor(L, S, at[1]);
    if (t.y == NULL && !plain_number(L, at[1], &t.number)) return false;
  } else if (op->f == scaled || op->f == addcmul || op->f == addcdiv) {
    t.y = nlb_test_tensor(L, S, at[2]);
    t.scaled = at[1] != 0;
    if (t.scaled ? t.y == NULL || !plain_number(L, at[1], &t.number)
                 : t.y == NULL && !plain_number(L, at[2], &t.number))
      return false;
    if (op->f != scaled) {
      t.z = nlb_test_tensor(L, S, at[3]);
      if (t.y == NULL || t.z == NULL) return false;
    }
  } else if (op->f != apply1) {
    return false;
  }
  if (nl_quick_into(S->C, x, prim, &t, out, &done) != NL_OK) nlb_raise(L, S);
  if (done && nl_bytes_used(S->C) > S->gc_limit) nlb_collect(L, S);
  return done;
}

static int run (lua_State *L, bool method) {
  nlb_state *S = nlb_enter(L);
  const nlb_op *op = (const nlb_op *)lua_touserdata(L, lua_upvalueindex(4));
  int at[MAX_OPERANDS];
  bool in_place, tensors = false;
  nlb_call c;
  c.C = S->C;
  c.prim = (const nl_prim *)lua_touserdata(L, lua_upvalueindex(5));
  nl_tensor *x[2], *res = NULL, *t = NULL;
  if (plain_call(L, S, op, c.prim != NULL ? c.prim->nin : 0, method, x)) {
    t = nlb_new_tensor(L, S);
    if (quick(L, S, c.prim, c.prim->nin, x, t)) return 1;
    at[0] = 1;
    at[1] = 2;
    in_place = false;
  } else {
    res = parse(L, S, op, method, at, &in_place);
    if (res == NULL) t = nlb_new_tensor(L, S);
  }
  if (in_place && quick_into(L, S, op, c.prim, at, res, NULL)) {
    lua_settop(L, 1);
    return 1;
  }
  if (t != NULL && c.prim != NULL && c.prim->nin == 2 &&
      quick_into(L, S, op, c.prim, at, nlb_test_tensor(L, S, at[0]), t))
    return 1;
  c.mark = nl_pool_mark(S->C);
  for (int k = 0; op->pattern[k]; k++) {
    c.v[k] = at[k] ? nlb_value(L, S, at[k]) : NULL;
    tensors = tensors || (at[k] && lua_type(L, at[k]) == LUA_TUSERDATA);
  }
  c.into = in_place ? res : NULL;
  nl_value *v = op->f(&c);
  if (res == NULL) {
    if (!tensors || (op->flags & NLB_NUMBER))
      return nlb_finish_number(L, S, t, v);
    return nlb_finish_auto(L, S, t, v);
  }
  if (in_place)
    nlb_store(L, S, res, v);
  else
    nlb_result(L, S, res, v);
  lua_settop(L, 1);
  return 1;
}

static int run_function (lua_State *L) { return run(L, false); }
static int run_method (lua_State *L) { return run(L, true); }

static void set_op (lua_State *L, const nlb_op *op, const nl_prim *prim,
                    bool method) {
  char name[64];
  snprintf(name, sizeof name, "%s%s", method ? ":" : "", op->name);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  luaL_getmetatable(L, NLB_TENSOR);
  lua_pushstring(L, name);
  lua_pushlightuserdata(L, (void *)op);
  lua_pushlightuserdata(L, (void *)prim);
  lua_pushcclosure(L, method ? run_method : run_function, 5);
  lua_setfield(L, -2, op->name);
}

void nlb_set_ops (lua_State *L, nlb_state *S, const nlb_op *ops) {
  (void)S;
  nlb_push_functions(L);
  lua_getfield(L, -2, "methods");
  for (; ops->name != NULL; ops++) {
    const nl_prim *prim = ops->prim ? nl_prim_find(ops->prim) : NULL;
    if (ops->prim != NULL && prim == NULL)
      luaL_error(L, "nnlua: the runtime has no primitive %s", ops->prim);
    if (!(ops->flags & NLB_NO_METHOD)) set_op(L, ops, prim, true);
    lua_pushvalue(L, -2);
    set_op(L, ops, prim, false);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
}

/* ---- the operations ---- */

static nl_value *apply1 (nlb_call *c) {
  nlb_into(c);
  return nl_apply1(c->C, c->prim, c->v[0]);
}

static nl_value *apply2 (nlb_call *c) {
  nlb_into(c);
  return nl_apply2(c->C, c->prim, c->v[0], c->v[1]);
}

/* x / y.  Integers divided in place stay integers, cut towards 0 as in
 * Torch7, exactly: x - fmod(x, y) is a multiple of y. */
static nl_value *divided (nlb_call *c) {
  nl_value *x = c->v[0], *y = c->v[1];
  if (c->into != NULL && nl_dtype_is_int(nl_dtype_of(x)) &&
      nl_dtype_is_int(nl_dtype_of(y))) {
    x = nl_sub(c->C, x, nl_binary(c->C, "fmod", x, y));
    nlb_into(c);
    return nl_binary(c->C, "idiv", x, y);
  }
  return apply2(c);
}

/* add and sub: x + s * y */
static nl_value *scaled (nlb_call *c) {
  nl_value *y = c->v[2];
  if (c->v[1] != NULL) y = nl_mul(c->C, c->v[1], y);
  nlb_into(c);
  return nl_apply2(c->C, c->prim, c->v[0], y);
}

/* x + s * y * z */
static nl_value *addcmul (nlb_call *c) {
  nl_value *y = c->v[2];
  if (c->v[1] != NULL) y = nl_mul(c->C, c->v[1], y);
  y = nl_mul(c->C, y, c->v[3]);
  nlb_into(c);
  return nl_add(c->C, c->v[0], y);
}

/* x + s * y / z */
static nl_value *addcdiv (nlb_call *c) {
  nl_value *y = c->v[2];
  if (c->v[1] != NULL) y = nl_mul(c->C, c->v[1], y);
  y = nl_div(c->C, y, c->v[3]);
  nlb_into(c);
  return nl_add(c->C, c->v[0], y);
}

/* x + w * (y - x) */
static nl_value *lerp (nlb_call *c) {
  nl_value *d = nl_sub(c->C, c->v[1], c->v[0]);
  d = nl_mul(c->C, c->v[2], d);
  nlb_into(c);
  return nl_add(c->C, c->v[0], d);
}

static nl_value *clamp (nlb_call *c) {
  nl_value *v = nl_max2(c->C, c->v[0], c->v[1]);
  nlb_into(c);
  return nl_min2(c->C, v, c->v[2]);
}

static nl_value *where (nlb_call *c) {
  return nl_where(c->C, c->v[0], c->v[1], c->v[2]);
}

#define UNARY(name, prim) {name, prim, "V", NULL, apply1, NLB_INPLACE}
#define TEST(name) {name, name, "V", NULL, apply1, 0}
#define BINARY(name, prim) {name, prim, "VV", NULL, apply2, NLB_INPLACE}
#define COMPARE(name) {name, name, "VV", NULL, apply2, 0}

static const nlb_op ops[] = {
    UNARY("abs", "abs"), UNARY("acos", "acos"), UNARY("acosh", "acosh"),
    UNARY("asin", "asin"), UNARY("asinh", "asinh"), UNARY("atan", "atan"),
    UNARY("atanh", "atanh"), UNARY("cbrt", "cbrt"), UNARY("ceil", "ceil"),
    UNARY("cinv", "recip"), UNARY("cos", "cos"), UNARY("cosh", "cosh"),
    UNARY("digamma", "digamma"), UNARY("erf", "erf"), UNARY("erfc", "erfc"),
    UNARY("erfinv", "erfinv"), UNARY("exp", "exp"), UNARY("exp2", "exp2"),
    UNARY("expm1", "expm1"), UNARY("floor", "floor"), UNARY("frac", "frac"),
    UNARY("lgamma", "lgamma"), UNARY("log", "log"), UNARY("log10", "log10"),
    UNARY("log1p", "log1p"), UNARY("log2", "log2"), UNARY("neg", "neg"),
    UNARY("reciprocal", "recip"), UNARY("relu", "relu"),
    UNARY("gamma", "gamma"), UNARY("sinc", "sinc"), UNARY("rint", "rint"),
    UNARY("round", "round"), UNARY("rsqrt", "rsqrt"),
    UNARY("sigmoid", "sigmoid"), UNARY("sign", "sign"), UNARY("sin", "sin"),
    UNARY("sinh", "sinh"), UNARY("softplus", "softplus"),
    UNARY("sqrt", "sqrt"), UNARY("square", "square"), UNARY("tan", "tan"),
    UNARY("tanh", "tanh"), UNARY("trunc", "trunc"), UNARY("bitnot", "not"),
    TEST("isnan"), TEST("isinf"), TEST("isfinite"),
    BINARY("mul", "mul"), BINARY("cmul", "mul"),
    {"div", "div", "VV", NULL, divided, NLB_INPLACE},
    {"cdiv", "div", "VV", NULL, divided, NLB_INPLACE},
    BINARY("idiv", "idiv"), BINARY("pow", "pow"), BINARY("cpow", "pow"),
    BINARY("cmax", "max2"), BINARY("cmin", "min2"),
    BINARY("fmod", "fmod"), BINARY("cfmod", "fmod"),
    BINARY("remainder", "remainder"), BINARY("cremainder", "remainder"),
    BINARY("atan2", "atan2"), BINARY("hypot", "hypot"),
    BINARY("logaddexp", "logaddexp"), BINARY("bitand", "and"),
    BINARY("bitor", "or"), BINARY("bitxor", "xor"), BINARY("lshift", "shl"),
    BINARY("rshift", "shr"),
    COMPARE("lt"), COMPARE("le"), COMPARE("gt"), COMPARE("ge"), COMPARE("eq"),
    COMPARE("ne"),
    {"add", "add", "VsV", NULL, scaled, NLB_INPLACE},
    {"csub", "sub", "VsV", NULL, scaled, NLB_INPLACE},
    {"addcmul", "add", "VsVV", NULL, addcmul, NLB_INPLACE},
    {"addcdiv", "add", "VsVV", NULL, addcdiv, NLB_INPLACE},
    {"lerp", NULL, "VVV", NULL, lerp, NLB_INPLACE},
    {"clamp", NULL, "VVV", NULL, clamp, NLB_INPLACE},
    {"where", NULL, "VVV", NULL, where, NLB_NO_METHOD},
    {NULL, NULL, NULL, NULL, NULL, 0}};

/* torch.sub is subtraction, x:sub a view: no method */
static const nlb_op function_sub[] = {
    {"sub", "sub", "VsV", NULL, scaled, NLB_NO_METHOD},
    {NULL, NULL, NULL, NULL, NULL, 0}};

/* ---- operators ---- */

/* The values of arguments 1 and 2, which are the tensors t or NULL.  A number
   beside a tensor needs none of its own. */
static void operands (lua_State *L, nlb_state *S, nl_tensor *const t[2],
                      nl_value *v[2]) {
  for (int k = 0; k < 2; k++) {
    v[k] = NULL;
    if (t[k] == NULL) continue;
    v[k] = nlb_read(S, t[k]);
    if (v[k] == NULL) nlb_raise(L, S);
  }
  for (int k = 0; k < 2; k++) {
    if (v[k] != NULL) continue;
    double x = lua_type(L, k + 1) == LUA_TNUMBER ? lua_tonumber(L, k + 1) : 0;
    bool plain = lua_type(L, k + 1) == LUA_TNUMBER &&
                 nl_dtype_is_float(nl_dtype_of(v[1 - k])) &&
                 x >= -9007199254740992.0 && x <= 9007199254740992.0;
    v[k] = plain ? nl_number_beside(S->C, x, v[1 - k])
                 : nlb_value(L, S, k + 1);
    if (v[k] == NULL) nlb_raise(L, S);
  }
}

/* An elementwise p of arguments 1 and, with nin 2, 2, which are the tensors x
   or NULL, into t by nl_quick: false where that is not possible. */
static bool quick (lua_State *L, nlb_state *S, const nl_prim *p, int nin,
                   nl_tensor *const x[2], nl_tensor *t) {
  double number = 0;
  if (!nl_trace_is_eval(S->C)) return false;
  if (x[0] == NULL && (nin == 1 || !plain_number(L, 1, &number))) return false;
  if (nin == 2 && x[1] == NULL &&
      (x[0] == NULL || !plain_number(L, 2, &number)))
    return false;
  if (!nl_quick(S->C, p, x[0], nin == 2 ? x[1] : NULL, number, t))
    return false;
  if (nl_bytes_used(S->C) > S->gc_limit) nlb_collect(L, S);
  return true;
}

/* x + y and its like; upvalue 4 is the primitive. */
static int op_binary (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_prim *p = (const nl_prim *)lua_touserdata(L, lua_upvalueindex(4));
  nl_value *v[2];
  nl_tensor *r = nlb_new_tensor(L, S);
  nl_tensor *t[2] = {nlb_test_tensor(L, S, 1), nlb_test_tensor(L, S, 2)};
  if (quick(L, S, p, 2, t, r)) return 1;
  operands(L, S, t, v);
  return nlb_finish_auto(L, S, r, nl_apply2(S->C, p, v[0], v[1]));
}

static int op_unary (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_prim *p = (const nl_prim *)lua_touserdata(L, lua_upvalueindex(4));
  nl_tensor *r = nlb_new_tensor(L, S);
  nl_tensor *t[2] = {nlb_test_tensor(L, S, 1), NULL};
  if (quick(L, S, p, 1, t, r)) return 1;
  nl_value *a = nlb_value(L, S, 1);
  return nlb_finish_auto(L, S, r, nl_apply1(S->C, p, a));
}

/* x * y: by a number, or dot, mv, mm by the number of dimensions */
static int op_mul (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  bool number = lua_type(L, 1) == LUA_TNUMBER || lua_type(L, 2) == LUA_TNUMBER;
  nl_value *v[2];
  nl_tensor *r = nlb_new_tensor(L, S);
  nl_tensor *t[2] = {nlb_test_tensor(L, S, 1), nlb_test_tensor(L, S, 2)};
  const nl_prim *p = (const nl_prim *)lua_touserdata(L, lua_upvalueindex(4));
  if (number && quick(L, S, p, 2, t, r)) return 1;
  operands(L, S, t, v);
  nl_value *a = v[0], *b = v[1];
  int m = nl_ndim(a), n = nl_ndim(b);
  if (number || m == 0 || n == 0)
    return nlb_finish_auto(L, S, r, nl_mul(S->C, a, b));
  if (m > 2 || n > m) {
    char s[NLB_TEXT], u[NLB_TEXT];
    return nlb_fail(L, "x * y is the product of matrices and vectors, got "
                       "tensors of %s and %s; use torch.cmul(x, y) for "
                       "elements, torch.matmul(x, y) for batches",
                    nlb_shape_text(s, m, nl_shape(a)),
                    nlb_shape_text(u, n, nl_shape(b)));
  }
  nl_value *c = nl_matmul(S->C, a, b);
  return m == 1 ? nlb_finish_number(L, S, r, c) : nlb_finish(L, S, r, c);
}

/* x < y reads numbers; a traced one is refused where it has none yet */
static double comparable (lua_State *L, nlb_state *S, int idx) {
  double x;
  int64_t i;
  bool is_int;
  if (lua_type(L, idx) == LUA_TNUMBER) return lua_tonumber(L, idx);
  nl_value *v = nlb_value(L, S, idx);
  if (nl_numel(v) != 1) {
    char text[NLB_TEXT];
    nlb_fail(L, "< and <= compare numbers, got a tensor of %s; use "
                "torch.lt(x, y) for elements",
             nlb_shape_text(text, nl_ndim(v), nl_shape(v)));
  }
  if (nl_item(S->C, v, &x, &i, &is_int) != NL_OK) nlb_raise(L, S);
  return x;
}

static int op_lt (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  double x = comparable(L, S, 1), y = comparable(L, S, 2);
  lua_pushboolean(L, x < y);
  return 1;
}

static int op_le (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  double x = comparable(L, S, 1), y = comparable(L, S, 2);
  lua_pushboolean(L, x <= y);
  return 1;
}

void nlb_open_ops (lua_State *L, nlb_state *S) {
  static const char *const binary[][2] = {
      {"add", "__add"}, {"sub", "__sub"},       {"div", "__div"},
      {"pow", "__pow"}, {"remainder", "__mod"}, {"idiv", "__idiv"},
      {"and", "__band"}, {"or", "__bor"},       {"xor", "__bxor"},
      {"shl", "__shl"}, {"shr", "__shr"}};
  static const luaL_Reg meta[] = {
      {"mul", op_mul}, {"lt", op_lt}, {"le", op_le}, {NULL, NULL}};
  nlb_set_ops(L, S, ops);
  nlb_set_ops(L, S, function_sub);
  luaL_getmetatable(L, NLB_TENSOR);
  for (size_t i = 0; i < sizeof binary / sizeof *binary; i++) {
    nlb_setfunc(L, S, binary[i][0], op_binary, nl_prim_find(binary[i][0]));
    lua_getfield(L, -1, binary[i][0]);
    lua_setfield(L, -2, binary[i][1]);
    lua_pushnil(L);
    lua_setfield(L, -2, binary[i][0]);
  }
  nlb_setfunc(L, S, "__unm", op_unary, nl_prim_find("neg"));
  nlb_setfunc(L, S, "__bnot", op_unary, nl_prim_find("not"));
  for (const luaL_Reg *m = meta; m->name != NULL; m++) {
    char name[16];
    snprintf(name, sizeof name, "__%s", m->name);
    nlb_setfunc(L, S, m->name, m->func, nl_prim_find("mul"));
    lua_getfield(L, -1, m->name);
    lua_setfield(L, -2, name);
    lua_pushnil(L);
    lua_setfield(L, -2, m->name);
  }
  lua_pop(L, 1);
  nlb_open_reduce(L, S);
  nlb_open_product(L, S);
  nlb_open_gather(L, S);
  nlb_open_sort(L, S);
}
