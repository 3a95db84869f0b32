/* lagrangian.h: Lagrangians, their gradients and their slopes in beta from one
 * pass, for one element type (NL_REAL); kernels.h says what is computed.
 * Nothing above 0 is exponentiated, except by the exponentials themselves.
 * The slope z l'(z) - l(z) is written so that it does not cancel: for sigmoid
 * and softmax it is minus an entropy.  It is divided by beta^2 before a sum
 * could overflow. */
#include "kernels/exps.h"
#include "kernels/kernels.h"

NL_SLEEF1(log, u10)
NL_SLEEF1(log1p, u10)
NL_SLEEF1(expm1, u10)

typedef struct terms {
  vec term, act, slope;
} terms;

NL_INLINE vec vmax (vec x, vec y) { return vsel(x > y, x, y); }

#if NL_REAL == 32
#define vlog log_vf

/* atanh(s) for s^2 <= 1/9, within 1 ulp */
NL_INLINE vec atanh_low (vec s) {
  vec q = s * s;
  vec p = vfma(vall(0.12212450f), q, vall(0.10694981f));
  p = vfma(p, q, vall(0.14310521f));
  p = vfma(p, q, vall(0.19999339f));
  p = vfma(p, q, vall(0.33333340f));
  return vfma(s * q, p, s);
}

NL_INLINE vec log1p_low (vec e) { /* log(1 + e), 0 <= e <= 1 */
  return vall(2) * atanh_low(e / (vall(2) + e));
}

/* With e = e^-2|x|: tanh = (1 - e) / (1 + e), log cosh = |x| - log 2 +
   log(1 + e); near 0, where these cancel, tanh by its series and log cosh =
   atanh(t^2 / (2 - t^2)).  low: log(1 + e) */
NL_INLINE terms tanh_of (vec x) {
  vec a = vabs(x), q = x * x, e = vexp_low(a * vall(-2)), one = vall(1);
  vbits small = a < vall(0.625f);
  vec p = vfma(vall(0.0022925576f), q, vall(-0.0083437804f));
  p = vfma(p, q, vall(0.021768868f));
  p = vfma(p, q, vall(-0.053959253f));
  p = vfma(p, q, vall(0.133333035f));
  p = vfma(p, q, vall(-0.3333333317f));
  vec t = vsel(small, vfma(a * q, p, a), (one - e) / (one + e));
  vec u = vsel(small, t * t, e);
  vec l = atanh_low(u / vsel(small, vall(2) - u, vall(2) + u));
  vec far = vsel(e == vall(0), vall(0), vall(2) * a * (e / (one + e)));
  terms b = {vsel(small, l, a - vall(0.69314718f) + l + l), sign_as_f(t, x),
             vsel(small, a * t - l, vall(0.69314718f) - (l + l) - far)};
  return b;
}
#define vlog1p log1p_vf

/* e^y, and e^y - 1 = 2^n (e^r - 1) + 2^n - 1, for y >= 0 */
NL_INLINE vec exp_up (vec y, vec *less) {
  vi n;
  vec p = expm1_part(vsel(y > vall(89), vall(89), y), &n);
  vec s = (vec)((n + 127) << 23), e = all_near(y) ? (p + vall(1)) * s : vexp(y);
  *less = vsel(n > 60, e, vfma(s, p, s - vall(1)));
  return e;
}
#else
#define vlog log_vd

NL_INLINE vec log1p_low (vec e) { return log1p_vd(e); }

/* m = e^-2|x| - 1 has its digits near 0 too: tanh = -m / (2 + m); log cosh =
   |x| + log(1 + e^-2|x|) - log 2, or -log(1 - tanh^2) / 2. */
NL_INLINE terms tanh_of (vec x) {
  const vec log2 = vall(0.6931471805599453);
  vec a = vabs(x), m = expm1_vd(a * vall(-2)), t = -m / (vall(2) + m);
  vbits small = a < vall(0.625);
  vec e = vall(1) + m, near = log1p_vd(vsel(small, -(t * t), e));
  vec l = vsel(small, near * vall(-0.5), a + near - log2);
  vec far = vsel(e == vall(0), vall(0), vall(2) * a * (e / (vall(1) + e)));
  terms b = {l, sign_as_d(t, x), vsel(small, a * t - l, log2 - near - far)};
  return b;
}
#define vlog1p log1p_vd

NL_INLINE vec exp_up (vec y, vec *less) {
  *less = expm1_vd(y);
  return vexp(y);
}
#endif

NL_INLINE terms sigmoid (vec x) {
  vec a = vabs(x), e = vexp_low(-a), one = vall(1);
  vec low = e / (one + e), l = log1p_low(e);
  vec far = vsel(e == vall(0), vall(0), a * low);
  terms b = {vsel(x <= vall(0), vall(0), x) + l,
             vsel(x < vall(0), e, one) / (one + e), -(l + far)};
  return b;
}

/* f: what the slope is multiplied by, before it may overflow */
NL_INLINE terms exp_of (vec x, vec f) {
  vec e = all_near(x) ? vexp_near(x) : vexp(x);
  terms b = {e, e, vsel(e == vall(0), vall(0), (x - vall(1)) * f * e)};
  return b;
}

NL_INLINE terms of (vec x, vec f, int kind, int power) {
  if (kind == NL_LAG_SIGMOID || kind == NL_LAG_TANH) {
    terms b = kind == NL_LAG_SIGMOID ? sigmoid(x) : tanh_of(x);
    b.slope = b.slope * f;
    return b;
  }
  if (kind == NL_LAG_EXP) return exp_of(x, f);
  vec y = vsel(x <= vall(0), vall(0), x);
  if (kind == NL_LAG_REXP) {
    vec less, e = exp_up(y, &less);
    terms b = {e - y, less, (y - vall(1)) * f * e};
    return b;
  }
  terms b = {y, y, y};
  for (int k = 2; k < power; k++) b.act = b.act * y;
  b.term = b.act * y / vall((real)power);
  b.slope = b.act * y * vall(1 - 1 / (real)power) * f;
  return b;
}

NL_INLINE void put (real *to, vec v, int n, bool add) {
  if (n == LANES)
    vstore(to, add ? vload(to) + v : v);
  else
    vstoren(to, add ? vloadn(to, vmask_of(n)) + v : v, n);
}

/* units: a beta for each element, and sums that are added to */
NL_INLINE void run (int64_t n, const real *x, const real *beta, real *term,
                    real *act, real *slope, int kind, int power, bool units) {
  vec b = vall(beta[0]), f = vall(1) / (b * b);
  for (int64_t i = 0; i < n; i += LANES) {
    int w = n - i < LANES ? (int)(n - i) : LANES;
    vec v = w == LANES ? vload(x + i) : vloadn(x + i, vmask_of(w));
    if (units)
      b = w == LANES ? vload(beta + i) : vloadn(beta + i, vmask_of(w));
    if (units && slope != NULL) f = vall(1) / (b * b);
    terms t = of(v * b, f, kind, power);
    put(term + i, t.term, w, units);
    if (act != NULL) put(act + i, t.act, w, false);
    if (slope != NULL) put(slope + i, t.slope, w, units);
  }
}

/* Copies without the branch, and without slopes what they cost. */
NL_INLINE void some (int64_t n, const real *x, const real *beta, bool units,
                     real *term, real *act, real *slope, int kind, int power) {
  if (units)
    run(n, x, beta, term, act, slope, kind, power, true);
  else if (slope != NULL)
    run(n, x, beta, term, act, slope, kind, power, false);
  else
    run(n, x, beta, term, act, NULL, kind, power, false);
}

void NL_LAGRANGIAN (int kind, int power, int64_t n, const void *x,
                    const void *beta, bool units, void *term, void *act,
                    void *slope) {
  const real *px = (const real *)x, *pb = (const real *)beta;
  real *pt = (real *)term, *pa = (real *)act, *ps = (real *)slope;
  if (kind == NL_LAG_SIGMOID)
    some(n, px, pb, units, pt, pa, ps, NL_LAG_SIGMOID, 0);
  else if (kind == NL_LAG_TANH)
    some(n, px, pb, units, pt, pa, ps, NL_LAG_TANH, 0);
  else if (kind == NL_LAG_EXP)
    some(n, px, pb, units, pt, pa, ps, NL_LAG_EXP, 0);
  else if (kind == NL_LAG_REXP)
    some(n, px, pb, units, pt, pa, ps, NL_LAG_REXP, 0);
  else if (power == 2)
    some(n, px, pb, units, pt, pa, ps, NL_LAG_REPU, 2);
  else if (power == 3)
    some(n, px, pb, units, pt, pa, ps, NL_LAG_REPU, 3);
  else
    some(n, px, pb, units, pt, pa, ps, NL_LAG_REPU, power);
}

/* ---- one row ---- */

enum { PARTS = 64 / LANES }; /* a sum has 64 lanes, whatever the set */

static real most_of (int64_t n, const real *x) {
  vec m[4], all;
  int64_t i = 0;
  for (int k = 0; k < 4; k++) m[k] = vall((real)-INFINITY);
  for (; i + 4 * LANES <= n; i += 4 * LANES)
    for (int k = 0; k < 4; k++) m[k] = vmax(m[k], vload(x + i + k * LANES));
  all = vmax(vmax(m[0], m[1]), vmax(m[2], m[3]));
  real most = (real)-INFINITY;
  for (int l = 0; l < LANES; l++) most = all[l] > most ? all[l] : most;
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  return most;
}

/* 64 lanes added by halves: 32 to 32, ... 1 to 1 */
static real by_halves (vec *lane) {
  for (int h = PARTS / 2; h > 0; h /= 2)
    for (int k = 0; k < h; k++) lane[k] = lane[k] + lane[k + h];
  real v[LANES];
  vstore(v, lane[0]);
  for (int h = LANES / 2; h > 0; h /= 2)
    for (int l = 0; l < h; l++) v[l] += v[l + h];
  return v[0];
}

enum { FAR = 1, DOT = 2 }; /* how a row is summed */

/* e^v of some vectors; most often all are where the quick form holds, which
   has the same bits. */
enum { SOME = 4 };
NL_INLINE void exps_of (const vec *v, vec *e, bool far) {
  vbits out = vabs(v[0]) > vall(87);
  NL_UNROLL
  for (int k = 1; k < SOME; k++) out = out | (vabs(v[k]) > vall(87));
  if (any_lane((vl)out)) {
    for (int k = 0; k < SOME; k++) e[k] = far ? vexp(v[k]) : vexp_low(v[k]);
    return;
  }
  NL_UNROLL
  for (int k = 0; k < SOME; k++) e[k] = vexp_near(v[k]);
}

/* e^v with v = beta x - most, to act where it is wanted, and the sum: element
   k in lane k % 64.  Elements beyond the last count 0.  FAR: v may be above 0.
   DOT: *dot, which is a factor before, gets the sum of v e^v times it. */
NL_INLINE real exps (int64_t n, const real *x, real beta, real most, real *act,
                     int how, real *dot) {
  vec lane[PARTS], all[PARTS], v[SOME], e[SOME], top = vall(most);
  vec b = vall(beta), zero = vall(0), f = vall(how & DOT ? *dot : 0);
  int64_t i = 0;
  for (int k = 0; k < PARTS; k++) lane[k] = all[k] = zero;
  for (; i + 64 <= n; i += 64) {
    for (size_t c = 0; c < 64 * sizeof *x; c += 64) { /* of the next row */
      __builtin_prefetch((const char *)(x + n + i) + c);
      if (act != NULL) __builtin_prefetch((char *)(act + n + i) + c, 1);
    }
    NL_UNROLL
    for (int p = 0; p < PARTS; p += SOME) {
      const real *from = x + i + p * LANES;
      NL_UNROLL
      for (int k = 0; k < SOME; k++) v[k] = vload(from + k * LANES) * b - top;
      exps_of(v, e, how & FAR);
      NL_UNROLL
      for (int k = 0; k < SOME; k++) {
        lane[p + k] = lane[p + k] + e[k];
        if (how & DOT)
          all[p + k] =
              all[p + k] + vsel(e[k] == zero, zero, v[k] * f * e[k]);
        if (act != NULL) vstore(act + i + (p + k) * LANES, e[k]);
      }
    }
  }
  for (int k = 0; i < n; i += LANES, k++) {
    int w = n - i < LANES ? (int)(n - i) : LANES;
    vec u = vloadn(x + i, vmask_of(w)) * b - top, g = vexp(u);
    for (int l = w; l < LANES; l++) g[l] = 0;
    lane[k] = lane[k] + g;
    if (how & DOT) all[k] = all[k] + vsel(g == zero, zero, u * f * g);
    if (act != NULL) vstoren(act + i, g, w);
  }
  if (how & DOT) *dot = by_halves(all);
  return by_halves(lane);
}

/* The copies of it that are worth having. */
static real sum_of (int64_t n, const real *x, real beta, real most, real *act,
                    bool far, real *dot) {
  real none = 1;
  if (dot != NULL) *dot = 1;
  if (far)
    return exps(n, x, beta, most, act, FAR | DOT, dot != NULL ? dot : &none);
  if (dot != NULL) return exps(n, x, beta, most, act, DOT, dot);
  if (act != NULL) return exps(n, x, beta, most, act, 0, NULL);
  return exps(n, x, beta, most, NULL, 0, NULL);
}

static void exp_row (int64_t n, const real *x, real beta, real *value,
                     real *act, real *slope) {
  real f = 1 / (beta * beta), dot = f;
  if (slope == NULL) {
    *value = act != NULL ? exps(n, x, beta, 0, act, FAR, NULL)
                         : exps(n, x, beta, 0, NULL, FAR, NULL);
    return;
  }
  *value = exps(n, x, beta, 0, act, FAR | DOT, &dot);
  *slope = dot - *value * f;
}

void NL_LAGRANGIAN_ROW (int kind, int64_t n, const void *x, const void *beta,
                        void *value, void *act, void *slope) {
  const real *px = (const real *)x, b = *(const real *)beta;
  real *pa = (real *)act, *ps = (real *)slope, dot = 0;
  if (kind == NL_LAG_EXP) {
    exp_row(n, px, b, (real *)value, pa, ps);
    return;
  }
  real most = most_of(n, px) * b;
  bool ghost = kind == NL_LAG_GHOSTMAX;
  if (ghost && most < 0) most = 0;
  bool far = !(vabs(vall(most))[0] < (real)INFINITY) || !(b > 0);
  if (far) most = 0;
  real sum = sum_of(n, px, b, most, pa, far, ps != NULL ? &dot : NULL), log;
  if (ghost && most == 0) { /* 1 + sum, whose logarithm may be tiny */
    log = vlog1p(vall(sum))[0];
    sum += 1;
  } else {
    real rest = ghost ? vexp(vall(-most))[0] : 0;
    sum += rest;
    dot -= rest > 0 ? rest * most : 0;
    log = vlog(vall(sum))[0];
  }
  *(real *)value = most + log;
  if (ps != NULL) *ps = (dot / sum - log) / (b * b);
  if (pa == NULL) return;
  vec inv = vall(1) / vall(sum);
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) vstore(pa + i, vload(pa + i) * inv);
  for (; i < n; i++) pa[i] = pa[i] * inv[0];
}
