/* special.c: functions made of primitives. */
#include "core/core.h"

#include "ops/ops.h"

/* psi''(x) for x > 0: psi''(x) = psi''(x + 1) - 2/x^3 up to x + 8, then
   -1/x^2 - 1/x^3 - 1/(2 x^4) + 1/(6 x^6) - 1/(6 x^8) + 3/(10 x^10)
   - 5/(6 x^12)   (Abramowitz and Stegun 6.4.13).  Negative x by reflection:
   psi''(x) = psi''(1 - x) - 2 pi^3 cot(pi x) / sin^2(pi x). */
static nl_value *positive (nl_ctx *C, nl_value *x) {
  static const double c[] = {-1, -1, -0.5, 0, 1.0 / 6, 0, -1.0 / 6, 0, 0.3,
                             0, -5.0 / 6};
  nl_value *sum = nl_zeros_like(C, x), *one = nl_number(C, 1);
  for (int i = 0; i < 8; i++) {
    nl_value *r = nl_div(C, one, x);
    sum = nl_sub(C, sum, nl_mul(C, nl_number(C, 2),
                                nl_mul(C, r, nl_mul(C, r, r))));
    x = nl_add(C, x, one);
  }
  nl_value *r = nl_div(C, one, x), *p = nl_number(C, c[10]);
  for (int i = 9; i >= 0; i--)
    p = nl_add(C, nl_mul(C, p, r), nl_number(C, c[i]));
  return nl_add(C, sum, nl_mul(C, p, nl_mul(C, r, r)));
}

nl_value *nl__tetragamma (nl_ctx *C, nl_value *x) {
  const double pi = 3.14159265358979323846;
  nl_value *low = nl_lt(C, x, nl_number(C, 0.5));
  nl_value *mirrored = nl_sub(C, nl_number(C, 1), x);
  nl_value *y = positive(C, nl_where(C, low, mirrored, x));
  nl_value *a = nl_mul(C, nl_number(C, pi), x);
  nl_value *s = nl_unary(C, "sin", a), *c = nl_unary(C, "cos", a);
  nl_value *t = nl_div(C, c, nl_mul(C, s, nl_mul(C, s, s)));
  nl_value *add = nl_mul(C, nl_number(C, -2 * pi * pi * pi), t);
  return nl_add(C, y, nl_where(C, low, add, nl_number(C, 0)));
}
