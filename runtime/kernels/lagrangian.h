/* lagrangian.h: Lagrangians and their gradients from one pass, for one
 * element type (NL_REAL); kernels.h says what is computed.  Nothing above 0
 * is exponentiated, except by the exponential itself. */
#include "kernels/exps.h"
#include "kernels/kernels.h"

NL_SLEEF1(log, u10)
NL_SLEEF1(log1p, u10)
NL_SLEEF1(expm1, u10)

typedef struct both {
  vec term, act;
} both;

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

/* log(1 + e) = 2 atanh(e / (2 + e)) for 0 <= e <= 1 */
NL_INLINE both sigmoid (vec x) {
  vec e = vexp_low(-vabs(x)), one = vall(1);
  vec log1p = vall(2) * atanh_low(e / (vall(2) + e));
  both b = {vsel(x <= vall(0), vall(0), x) + log1p,
            vsel(x < vall(0), e, one) / (one + e)};
  return b;
}

/* With e = e^-2|x|: tanh = (1 - e) / (1 + e), log cosh = |x| - log 2 +
   log(1 + e); near 0, where these cancel, tanh by its series and log cosh =
   atanh(t^2 / (2 - t^2)). */
NL_INLINE both tanh_of (vec x) {
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
  both b = {vsel(small, l, a - vall(0.69314718f) + l + l), sign_as_f(t, x)};
  return b;
}
#else
#define vlog log_vd

NL_INLINE both sigmoid (vec x) {
  vec e = vexp_low(-vabs(x)), one = vall(1);
  both b = {vsel(x <= vall(0), vall(0), x) + log1p_vd(e),
            vsel(x < vall(0), e, one) / (one + e)};
  return b;
}

/* m = e^-2|x| - 1 has its digits near 0 too: tanh = -m / (2 + m); log cosh =
   |x| + log(1 + e^-2|x|) - log 2, or -log(1 - tanh^2) / 2. */
NL_INLINE both tanh_of (vec x) {
  vec a = vabs(x), m = expm1_vd(a * vall(-2)), t = -m / (vall(2) + m);
  vbits small = a < vall(0.625);
  vec l = log1p_vd(vsel(small, -(t * t), vall(1) + m));
  both b = {vsel(small, l * vall(-0.5), a + l - vall(0.6931471805599453)),
            sign_as_d(t, x)};
  return b;
}
#endif

NL_INLINE both of (vec x, int kind, int power) {
  if (kind == NL_LAG_SIGMOID) return sigmoid(x);
  if (kind == NL_LAG_TANH) return tanh_of(x);
  both b;
  if (kind == NL_LAG_EXP) {
    b.term = b.act = vexp(x);
    return b;
  }
  vec y = vsel(x <= vall(0), vall(0), x);
  b.act = y;
  for (int k = 2; k < power; k++) b.act = b.act * y;
  b.term = b.act * y / vall((real)power);
  return b;
}

NL_INLINE void run (int64_t n, const real *x, real *term, real *act, int kind,
                    int power) {
  for (int64_t i = 0; i < n; i += LANES) {
    if (i + LANES <= n) {
      both b = of(vload(x + i), kind, power);
      vstore(term + i, b.term);
      if (act != NULL) vstore(act + i, b.act);
    } else {
      int w = (int)(n - i);
      both b = of(vloadn(x + i, vmask_of(w)), kind, power);
      vstoren(term + i, b.term, w);
      if (act != NULL) vstoren(act + i, b.act, w);
    }
  }
}

void NL_LAGRANGIAN (int kind, int power, int64_t n, const void *x, void *term,
                    void *act) {
  const real *px = (const real *)x;
  real *pt = (real *)term, *pa = (real *)act;
  if (kind == NL_LAG_SIGMOID)
    run(n, px, pt, pa, NL_LAG_SIGMOID, 0);
  else if (kind == NL_LAG_TANH)
    run(n, px, pt, pa, NL_LAG_TANH, 0);
  else if (kind == NL_LAG_EXP)
    run(n, px, pt, pa, NL_LAG_EXP, 0);
  else if (power == 2)
    run(n, px, pt, pa, NL_LAG_REPU, 2);
  else if (power == 3)
    run(n, px, pt, pa, NL_LAG_REPU, 3);
  else
    run(n, px, pt, pa, NL_LAG_REPU, power);
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

/* e^(x - most), to act where it is wanted, and their sum: element k in lane
   k % 64.  Elements beyond the last count 0.  far: x - most may be above 0 */
NL_INLINE real exps (int64_t n, const real *x, real most, real *act,
                     bool far) {
  vec lane[PARTS], top = vall(most);
  int64_t i = 0;
  for (int k = 0; k < PARTS; k++) lane[k] = vall(0);
  for (; i + 64 <= n; i += 64) {
    for (size_t b = 0; b < 64 * sizeof *x; b += 64) { /* of the next row */
      __builtin_prefetch((const char *)(x + n + i) + b);
      if (act != NULL) __builtin_prefetch((char *)(act + n + i) + b, 1);
    }
    NL_UNROLL
    for (int k = 0; k < PARTS; k++) {
      vec v = vload(x + i + k * LANES) - top;
      vec e = far ? vexp(v) : vexp_low(v);
      lane[k] = lane[k] + e;
      if (act != NULL) vstore(act + i + k * LANES, e);
    }
  }
  for (int k = 0; i < n; i += LANES, k++) {
    int w = n - i < LANES ? (int)(n - i) : LANES;
    vec e = vexp(vloadn(x + i, vmask_of(w)) - top);
    for (int l = w; l < LANES; l++) e[l] = 0;
    lane[k] = lane[k] + e;
    if (act != NULL) vstoren(act + i, e, w);
  }
  return by_halves(lane);
}

void NL_LAGRANGIAN_ROW (int kind, int64_t n, const void *x, void *value,
                        void *act) {
  const real *px = (const real *)x;
  real *pa = (real *)act;
  if (kind == NL_LAG_EXP) {
    *(real *)value = pa != NULL ? exps(n, px, 0, pa, true)
                                : exps(n, px, 0, NULL, true);
    return;
  }
  real most = most_of(n, px);
  if (kind == NL_LAG_GHOSTMAX && most < 0) most = 0;
  bool far = !(vabs(vall(most))[0] < (real)INFINITY);
  if (far) most = 0;
  real sum = far          ? exps(n, px, most, pa, true)
             : pa != NULL ? exps(n, px, most, pa, false)
                          : exps(n, px, most, NULL, false);
  if (kind == NL_LAG_GHOSTMAX) sum += vexp(vall(-most))[0];
  *(real *)value = most + vlog(vall(sum))[0];
  if (pa == NULL) return;
  vec inv = vall(1) / vall(sum);
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) vstore(pa + i, vload(pa + i) * inv);
  for (; i < n; i++) pa[i] = pa[i] * inv[0];
}
