/* states.h: states of noisy thresholds and the density that their gradient
 * is made of, for one element type (NL_REAL); kernels.h says what is computed.
 * Thresholds and sd are most often numbers: those have loops of their own. */
#include "kernels/exps.h"
#include "kernels/kernels.h"

typedef struct operands { /* t1, t2, sd at an element */
  vec t1, t2, sd;
} operands;

/* n < LANES: the first n lanes; the others are 1. */
NL_INLINE vec some (const real *p, int step, int64_t i, int n) {
  if (step == 0) return vall(p[0]);
  if (n == LANES) return vload(p + i);
  real v[LANES];
  for (int l = 0; l < LANES; l++) v[l] = l < n ? p[i + l] : 1;
  return vload(v);
}

NL_INLINE operands at (const nl_thresholds *t, int64_t i, int n) {
  operands o = {some((const real *)t->t1, t->step1, i, n),
                some((const real *)t->t2, t->step2, i, n),
                some((const real *)t->sd, t->step_sd, i, n)};
  return o;
}

NL_INLINE void put (real *y, vec v, int64_t i, int n) {
  if (n == LANES)
    vstore(y + i, v);
  else
    vstoren(y + i, v, n);
}

/* strict comparisons: NaN and a threshold itself are in the middle */
NL_INLINE vec state_of (vec x, operands o, vec middle, vec low) {
  return vsel(x > o.t2, vall(1), vsel(x < o.t1, low, middle));
}

NL_INLINE vec noisy (const real *x, const real *z, vec sd, int64_t i, int n) {
  vec v = some(x, 1, i, n);
  return z != NULL ? v + some(z, 1, i, n) * sd : v;
}

void NL_STATES (int64_t n, const void *x, const void *noise,
                const nl_thresholds *t, void *y) {
  const real *px = (const real *)x, *pz = (const real *)noise;
  vec middle = vall((real)t->middle), low = vall((real)t->low);
  int64_t i = 0;
  if (!t->step1 && !t->step2 && !t->step_sd) {
    operands o = at(t, 0, 1);
    for (; i + LANES <= n; i += LANES) {
      vec v = noisy(px, pz, o.sd, i, LANES);
      vstore((real *)y + i, state_of(v, o, middle, low));
    }
  }
  for (; i < n; i += LANES) {
    int w = n - i < LANES ? (int)(n - i) : LANES;
    operands o = at(t, i, w);
    put((real *)y, state_of(noisy(px, pz, o.sd, i, w), o, middle, low), i, w);
  }
}

/* e^(-(t - x)^2 / 2 sd^2) */
NL_INLINE vec bell (vec t, vec x, vec inv) {
  vec z = (t - x) * inv;
  return vexp_low(z * z * vall((real)-0.5));
}

NL_INLINE vec density (const nl_thresholds *t, operands o, vec inv, vec x,
                       vec g) {
  const real c = (real)0.39894228040143267794; /* 1 / sqrt(2 pi) */
  vec sum = vall(0);
  if (t->weight1 != 0) sum = bell(o.t1, x, inv) * vall((real)t->weight1);
  if (t->weight2 != 0)
    sum = sum + bell(o.t2, x, inv) * vall((real)t->weight2);
  return sum * (vall(c) * inv) * g;
}

void NL_DENSITY (int64_t n, const void *x, const void *g,
                 const nl_thresholds *t, void *y) {
  const real *px = (const real *)x, *pg = (const real *)g;
  int64_t i = 0;
  if (!t->step1 && !t->step2 && !t->step_sd) {
    operands o = at(t, 0, 1);
    vec inv = vall(1) / o.sd;
    for (; i + LANES <= n; i += LANES)
      vstore((real *)y + i,
             density(t, o, inv, vload(px + i), vload(pg + i)));
  }
  for (; i < n; i += LANES) {
    int w = n - i < LANES ? (int)(n - i) : LANES;
    operands o = at(t, i, w);
    put((real *)y, density(t, o, vall(1) / o.sd, some(px, 1, i, w),
                           some(pg, 1, i, w)), i, w);
  }
}
