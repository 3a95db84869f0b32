/* linalg.c: linear algebra with Torch7's names and argument orders:
 * inverse det gesv cholesky potrf qr svd symeig lstsq gels.
 *
 * All take matrices or batches of them (the last two dimensions), and
 * Torch7's result tensors in front. */
#include "tensor.h"

#include <string.h>

#define MOST 3 /* results */

typedef struct results {
  int n;              /* how many are returned */
  int given;          /* result tensors among the arguments */
  nl_tensor *t[MOST];
} results;

/* How many tensors the arguments start with. */
static int tensors (lua_State *L, nlb_state *S) {
  int n = 0;
  while (n < 6 && nlb_test_tensor(L, S, n + 1) != NULL) n++;
  return n;
}

/* Makes room for n results of a function of `inputs` tensors; returns the
   index of the first input. */
static int begin (lua_State *L, nlb_state *S, results *r, int n, int inputs) {
  int more = tensors(L, S) - inputs;
  r->n = n;
  r->given = more < 0 ? 0 : more > n ? n : more;
  for (int i = 0; i < inputs; i++) nlb_check_tensor(L, S, r->given + i + 1);
  return r->given + 1;
}

static void make_rest (lua_State *L, nlb_state *S, results *r) {
  for (int i = 0; i < r->n; i++)
    r->t[i] = i < r->given ? nlb_check_tensor(L, S, i + 1)
                           : nlb_new_tensor(L, S);
}

/* Fills the results; those that were given come first on the stack. */
static int finish (lua_State *L, nlb_state *S, results *r,
                   nl_value *const *v) {
  int made = lua_gettop(L) - (r->n - r->given);
  for (int i = 0; i < r->n; i++)
    if (v[i] == NULL) return nlb_raise(L, S);
  for (int i = r->given; i < r->n; i++)
    if (nl_tensor_from(S->C, r->t[i], v[i]) != NL_OK) {
      r->t[i]->storage = NULL;
      return nlb_raise(L, S);
    }
  for (int i = 0; i < r->given; i++) nlb_result(L, S, r->t[i], v[i]);
  nlb_collect(L, S);
  for (int i = 0; i < r->n; i++)
    lua_pushvalue(L, i < r->given ? i + 1 : made + i - r->given + 1);
  return r->n;
}

/* One letter of `allowed` at idx; the first where nothing is there. */
static char letter (lua_State *L, nlb_state *S, int idx,
                    const char *allowed) {
  if (lua_isnoneornil(L, idx)) return allowed[0];
  const char *s = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
  if (strlen(s) != 1 || strchr(allowed, s[0]) == NULL)
    nlb_arg_error(L, idx, "'%c' or '%c' expected, got %s", allowed[0],
                  allowed[1], nlb_describe(L, S, idx));
  return s[0];
}

static nl_value *transposed (nl_ctx *C, nl_value *x) {
  int n = x == NULL ? 0 : nl_ndim(x);
  if (n < 2 || nl_shape(x)[n - 2] != nl_shape(x)[n - 1])
    return x; /* refused by the operation */
  return nl_transpose(C, x, n - 2, n - 1);
}

/* inverse([res,] a) */
static int l_inverse (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  results r;
  int at = begin(L, S, &r, 1, 1);
  make_rest(L, S, &r);
  nl_value *v = nl_inverse(S->C, nlb_value(L, S, at));
  return finish(L, S, &r, &v);
}

/* det(a): a number; one for each matrix of a batch */
static int l_det (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nlb_check_tensor(L, S, 1);
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish_number(L, S, t, nl_det(S->C, nlb_value(L, S, 1)));
}

/* gesv([res,] b, a): x of a x = b */
static int l_gesv (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  results r;
  int at = begin(L, S, &r, 1, 2);
  make_rest(L, S, &r);
  nl_value *b = nlb_value(L, S, at), *a = nlb_value(L, S, at + 1);
  nl_value *v = nl_solve(S->C, a, b);
  return finish(L, S, &r, &v);
}

/* cholesky([res,] a[, 'L' or 'U']), potrf([res,] a[, 'U' or 'L']): upvalue 4
   has the letters, the default first */
static int l_cholesky (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  results r;
  int at = begin(L, S, &r, 1, 1);
  char which = letter(L, S, at + 1,
                      (const char *)lua_touserdata(L, lua_upvalueindex(4)));
  make_rest(L, S, &r);
  nl_value *a = nlb_value(L, S, at);
  if (which == 'U') a = transposed(S->C, a); /* its upper triangle is read */
  nl_value *v = nl_cholesky(S->C, a);
  if (which == 'U') v = transposed(S->C, v);
  return finish(L, S, &r, &v);
}

/* qr([q, r,] a): thin, r's diagonal not negative */
static int l_qr (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  results r;
  nl_value *v[2] = {NULL, NULL};
  int at = begin(L, S, &r, 2, 1);
  make_rest(L, S, &r);
  v[0] = nl_qr(S->C, nlb_value(L, S, at), &v[1]);
  return finish(L, S, &r, v);
}

/* svd([u, s, v,] a[, 'S']): a = u diag(s) v' */
static int l_svd (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  results r;
  nl_value *v[3] = {NULL, NULL, NULL};
  int at = begin(L, S, &r, 3, 1);
  if (letter(L, S, at + 1, "SA") == 'A')
    nlb_arg_error(L, at + 1, "only the thin decomposition, 'S', is computed");
  make_rest(L, S, &r);
  v[1] = nl_svd(S->C, nlb_value(L, S, at), &v[0], &v[2]);
  return finish(L, S, &r, v);
}

/* symeig([e, v,] a[, 'N' or 'V'[, 'U' or 'L']]): the eigenvalues, ascending,
   and with 'V' the eigenvectors as columns */
static int l_symeig (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  results r;
  nl_value *v[2] = {NULL, NULL};
  int at = begin(L, S, &r, 2, 1);
  bool vectors = letter(L, S, at + 1, "NV") == 'V';
  char which = letter(L, S, at + 2, "UL");
  if (!vectors) r.n = 1;
  if (r.given > r.n) r.given = r.n;
  make_rest(L, S, &r);
  nl_value *a = nlb_value(L, S, at);
  if (which == 'U') a = transposed(S->C, a);
  v[0] = nl_eigh(S->C, a, &v[1]);
  return finish(L, S, &r, v);
}

/* lstsq(a, b), gels([res,] b, a): x with the least |a x - b| */
static int l_lstsq (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  bool torch7 = lua_touserdata(L, lua_upvalueindex(4)) != NULL;
  results r;
  int at = begin(L, S, &r, 1, 2);
  make_rest(L, S, &r);
  nl_value *x = nlb_value(L, S, at), *y = nlb_value(L, S, at + 1);
  nl_value *v = torch7 ? nl_lstsq(S->C, y, x) : nl_lstsq(S->C, x, y);
  return finish(L, S, &r, &v);
}

void nlb_open_linalg (lua_State *L, nlb_state *S) {
  static const struct {
    const char *name;
    lua_CFunction f;
    const char *upvalue;
  } list[] = {{"inverse", l_inverse, NULL}, {"det", l_det, NULL},
              {"gesv", l_gesv, NULL},       {"cholesky", l_cholesky, "LU"},
              {"potrf", l_cholesky, "UL"},  {"qr", l_qr, NULL},
              {"svd", l_svd, NULL},         {"symeig", l_symeig, NULL},
              {"lstsq", l_lstsq, NULL},     {"gels", l_lstsq, "gels"}};
  nlb_push_functions(L);
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    nlb_setfunc(L, S, list[i].name, list[i].f, list[i].upvalue);
  lua_pop(L, 1);
}
