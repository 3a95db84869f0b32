/* prims.c: the table of all primitives. */
#include "ops/ops.h"

#include <string.h>

#define P(name) &nl_prim_##name

static const nl_prim *const table[] = {
    P(add), P(sub), P(neg), P(where), P(mul), P(div), P(pow), P(atan2),
    P(hypot), P(logaddexp), P(max2), P(min2), P(remainder), P(fmod), P(frac),
    P(abs), P(square), P(log), P(log2), P(log10), P(log1p), P(sin), P(cos),
    P(asin), P(acos), P(atan), P(sinh), P(cosh), P(asinh), P(acosh), P(atanh),
    P(softplus), P(relu), P(erf), P(erfc), P(lgamma), P(digamma), P(trigamma), P(gamma),
    P(sinc), P(rint),
    P(recip), P(sqrt), P(exp), P(exp2), P(expm1), P(tan), P(tanh), P(sigmoid),
    P(erfinv), P(rsqrt), P(cbrt), P(idiv), P(sign), P(floor), P(ceil),
    P(round), P(trunc), P(lt), P(le), P(gt), P(ge), P(eq), P(ne), P(isnan),
    P(isinf), P(isfinite), P(and), P(or), P(xor), P(not), P(shl), P(shr),
    P(cast), P(stop_gradient), P(within), P(view), P(view_update), P(unview),
    P(concat),
    P(sum), P(prod), P(max), P(min), P(all), P(any), P(argmax), P(argmin),
    P(matmul), P(random), P(call), P(scan), P(while), P(cond),
    P(gather), P(scatter), P(scatter_add), P(argsort), P(argmode), P(cumsum),
    P(recurrence), P(softmax), P(log_softmax), P(logsumexp), P(solve), P(det),
    P(cholesky), P(eigh), P(svd), P(qr),
    P(kaf), P(kaf_alpha), P(kaf_back), P(states), P(density),
    P(lagrangian), P(lagrangian_both), P(lagrangian_all),
};

int nl_prim_count (void) { return (int)(sizeof table / sizeof table[0]); }

const nl_prim *nl_prim_at (int i) {
  return i >= 0 && i < nl_prim_count() ? table[i] : NULL;
}

const nl_prim *nl_prim_find (const char *name) {
  for (int i = 0; i < nl_prim_count(); i++)
    if (strcmp(table[i]->name, name) == 0) return table[i];
  return NULL;
}
