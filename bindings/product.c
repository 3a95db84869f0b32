/* product.c: products of vectors and matrices: dot mv mm bmm ger matmul and
 * the family res = beta M + alpha A B: addmv addmm addr addbmm baddbmm.
 *
 * M:addmm([beta, [alpha,]] A, B) as a method; one number alone is alpha. */
#include "tensor.h"

/* Checks the numbers of dimensions, or records an error. */
static bool ranks (nlb_call *c, const char *name, nl_value *x, int m,
                   nl_value *y, int n) {
  static const char *const kind[] = {"a number", "a vector", "a matrix",
                                     "a batch of matrices"};
  char a[NLB_TEXT], b[NLB_TEXT];
  if (x == NULL || y == NULL) return false;
  if (nl_ndim(x) == m && nl_ndim(y) == n) return true;
  nl_error(c->C, NL_ERROR, "%s: %s and %s expected, got tensors of %s and %s",
           name, kind[m], kind[n], nlb_shape_text(a, nl_ndim(x), nl_shape(x)),
           nlb_shape_text(b, nl_ndim(y), nl_shape(y)));
  return false;
}

static nl_value *checked (nlb_call *c, const char *name, nl_value *x, int m,
                          nl_value *y, int n) {
  return ranks(c, name, x, m, y, n) ? nl_matmul(c->C, x, y) : NULL;
}

static nl_value *mm (nlb_call *c) {
  return checked(c, "mm", c->v[0], 2, c->v[1], 2);
}
static nl_value *mv (nlb_call *c) {
  return checked(c, "mv", c->v[0], 2, c->v[1], 1);
}
static nl_value *bmm (nlb_call *c) {
  return checked(c, "bmm", c->v[0], 3, c->v[1], 3);
}
static nl_value *matmul (nlb_call *c) {
  return nl_matmul(c->C, c->v[0], c->v[1]);
}

/* of all elements, whatever the shapes */
static nl_value *dot (nlb_call *c) {
  int64_t n = nl_numel(c->v[0]), m = nl_numel(c->v[1]);
  char a[NLB_TEXT], b[NLB_TEXT];
  if (n != m) {
    nl_error(c->C, NL_ERROR,
             "dot: as many elements expected, got tensors of %s and %s",
             nlb_shape_text(a, nl_ndim(c->v[0]), nl_shape(c->v[0])),
             nlb_shape_text(b, nl_ndim(c->v[1]), nl_shape(c->v[1])));
    return NULL;
  }
  return nl_matmul(c->C, nl_reshape(c->C, c->v[0], 1, &n),
                   nl_reshape(c->C, c->v[1], 1, &n));
}

static nl_value *outer (nlb_call *c, const char *name, nl_value *x,
                        nl_value *y) {
  if (!ranks(c, name, x, 1, y, 1)) return NULL;
  return nl_mul(c->C, nl_unsqueeze(c->C, x, 1), nl_unsqueeze(c->C, y, 0));
}

static nl_value *ger (nlb_call *c) {
  return outer(c, "ger", c->v[0], c->v[1]);
}

/* ---- beta M + alpha P ---- */

static bool is_zero (nlb_call *c, nl_value *v) {
  double x;
  int64_t i;
  bool is_int;
  return v != NULL && nl_is_weak(v) && nl_is_concrete(v) &&
         nl_item(c->C, v, &x, &i, &is_int) == NL_OK && x == 0;
}

/* With beta 0, M's elements (NaN in them, say) don't count. */
static nl_value *combine (nlb_call *c, nl_value *product) {
  nl_ctx *C = c->C;
  nl_value *m = c->v[1];
  if (product == NULL) return NULL;
  if (c->v[2] != NULL) product = nl_mul(C, c->v[2], product);
  if (is_zero(c, c->v[0])) {
    if (product == NULL) return NULL;
    return nl_cast(C, product, nl_dtype_of(product));
  }
  if (c->v[0] != NULL) m = nl_mul(C, c->v[0], m);
  nlb_into(c);
  return nl_add(C, m, product);
}

static nl_value *addmm (nlb_call *c) {
  return combine(c, checked(c, "addmm", c->v[3], 2, c->v[4], 2));
}
static nl_value *addmv (nlb_call *c) {
  return combine(c, checked(c, "addmv", c->v[3], 2, c->v[4], 1));
}
static nl_value *addr (nlb_call *c) {
  return combine(c, outer(c, "addr", c->v[3], c->v[4]));
}
static nl_value *baddbmm (nlb_call *c) {
  return combine(c, checked(c, "baddbmm", c->v[3], 3, c->v[4], 3));
}
static nl_value *addbmm (nlb_call *c) {
  nl_value *p = checked(c, "addbmm", c->v[3], 3, c->v[4], 3);
  return combine(c, nl_sum(c->C, p, 1, false));
}

#define PRODUCT(name) {#name, NULL, "TT", NULL, name, 0}
#define ADD(name) {#name, NULL, "sTsTT", "TssTT", name, NLB_INPLACE}

void nlb_open_product (lua_State *L, nlb_state *S) {
  static const nlb_op ops[] = {
      PRODUCT(mm), PRODUCT(mv), PRODUCT(bmm), PRODUCT(ger),
      {"matmul", NULL, "TT", NULL, matmul, NLB_NUMBER},
      {"dot", NULL, "TT", NULL, dot, NLB_NUMBER},
      ADD(addmm), ADD(addmv), ADD(addr), ADD(baddbmm), ADD(addbmm),
      {NULL, NULL, NULL, NULL, NULL, 0}};
  nlb_set_ops(L, S, ops);
}
