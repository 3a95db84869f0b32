/* stats.c: mean, variance, standard deviation and p-norms over any set of
 * dims, made of primitives. */
#include "core/core.h"

#include <math.h>

#include "ops/along.h"
#include "ops/ops.h"

/* How many elements go into one of the result. */
static double count (const nl_value *x, uint32_t mask) {
  double n = 1;
  for (int i = 0; i < x->ndim; i++)
    if (mask >> i & 1) n *= (double)x->shape[i];
  return n;
}

nl_value *nl_mean (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim) {
  x = nl__as_float(C, x);
  if (x == NULL) return NULL;
  return nl_div(C, nl_sum(C, x, mask, keepdim),
                nl_number(C, count(x, mask)));
}

nl_value *nl_var (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim,
                  bool unbiased) {
  x = nl__as_float(C, x);
  if (x == NULL) return NULL;
  nl_value *d = nl_sub(C, x, nl_mean(C, x, mask, true));
  return nl_div(C, nl_sum(C, nl_mul(C, d, d), mask, keepdim),
                nl_number(C, fmax(count(x, mask) - unbiased, 0)));
}

nl_value *nl_std (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim,
                  bool unbiased) {
  return nl_sqrt(C, nl_var(C, x, mask, keepdim, unbiased));
}

/* s^(1/p), whose derivative at 0 counts as 0 */
static nl_value *root (nl_ctx *C, nl_value *s, double p) {
  nl_value *zero = nl_eq(C, s, nl_number(C, 0));
  if (zero == NULL) return NULL;
  nl_value *safe = nl_where(C, zero, nl_ones_like(C, s), s);
  safe = p == 2 ? nl_sqrt(C, safe) : nl_pow(C, safe, nl_number(C, 1 / p));
  return nl_where(C, zero, nl_zeros_like(C, s), safe);
}

nl_value *nl_norm (nl_ctx *C, nl_value *x, double p, uint32_t mask,
                   bool keepdim) {
  x = nl__as_float(C, x);
  if (x == NULL) return NULL;
  if (p == 2) return root(C, nl_sum(C, nl_mul(C, x, x), mask, keepdim), 2);
  nl_value *a = nl_unary(C, "abs", x);
  if (isinf(p)) return nl_reduce(C, p > 0 ? "max" : "min", a, mask, keepdim);
  if (p == 1) return nl_sum(C, a, mask, keepdim);
  if (p == 0) {
    nl_value *some = nl_ne(C, x, nl_number(C, 0));
    return nl_cast(C, nl_sum(C, some, mask, keepdim), (nl_dtype)x->dtype);
  }
  return root(C, nl_sum(C, nl_pow(C, a, nl_number(C, p)), mask, keepdim), p);
}
