/* exps.h: exponentials in line, for one element type (NL_REAL of vec.h).  In
 * float32 a polynomial in fused multiply-adds, within 1 ulp: a call of the
 * library's costs twice as much, as all registers are saved around it.  In
 * float64 it is SLEEF's. */
#ifndef NL_EXPS_H
#define NL_EXPS_H

#include "kernels/vec.h"

NL_SLEEF1(exp, u10)

#if NL_REAL == 32
typedef vi vbits;
#define vsel sel_f
#define vabs abs_f

/* x = n log 2 + r, |r| <= log(2) / 2: e^r - 1, and n as an integer.  The
   number added and taken away rounds to integers; of a NaN it is NaN. */
NL_INLINE vec expm1_part (vec x, vi *n) {
  const float round = 12582912.0f; /* 1.5 2^23 */
  vec k = vfma(x, vall(1.44269504f), vall(round));
  *n = (vi)k - (vi)vall(round);
  k = k - vall(round);
  vec r = vfma(k, vall(-0.693145751953125f), x);
  r = vfma(k, vall(-1.42860682e-6f), r);
  vec p = vfma(vall(1.3814538e-3f), r, vall(8.3687453e-3f));
  p = vfma(p, r, vall(4.1668391e-2f));
  p = vfma(p, r, vall(0.16666520f));
  p = vfma(p, r, vall(0.49999993f));
  return vfma(r * r, p, r);
}
NL_INLINE vec exp_part (vec x, vi *n) { return expm1_part(x, n) + vall(1); }

/* e^x for |x| <= 87 (or NaN): the result is a normal number */
NL_INLINE vec vexp_near (vec x) {
  vi n;
  vec p = exp_part(x, &n);
  return p * (vec)((n + 127) << 23);
}

/* p[i] = p[i] x[i] + c, of m */
NL_INLINE void next_term (const vec *x, vec *p, float c, int m) {
  vec term = vall(c);
  NL_UNROLL
  for (int i = 0; i < m; i++) p[i] = vfma(p[i], x[i], term);
}

/* x[i] = 2^x[i] for -127 <= x <= 127, of m <= 4 vectors, step by step, so that
   several sums are under way at a time; 2^-127 is 0. */
NL_INLINE void vexp2s (vec *x, int m) {
  const vec round = vall(12582912.0f + 127);
  vec k[4], p[4];
  NL_UNROLL
  for (int i = 0; i < m; i++) {
    k[i] = x[i] + round; /* its low bits are 127 + n */
    x[i] = x[i] - (k[i] - round);
    p[i] = vall(1.5353362e-4f);
  }
  next_term(x, p, 1.3398874e-3f, m);
  next_term(x, p, 9.6184369e-3f, m);
  next_term(x, p, 5.5503324e-2f, m);
  next_term(x, p, 0.24022648f, m);
  next_term(x, p, 0.69314718f, m);
  next_term(x, p, 1.0f, m);
  NL_UNROLL
  for (int i = 0; i < m; i++) x[i] = p[i] * (vec)((vi)k[i] << 23);
}

/* up[i] = 2^x[i] and down[i] = 2^-x[i] for |x| <= 126, of m <= 4 vectors: sum
   and difference of the even powers and the odd ones. */
NL_INLINE void vexp2_pairs (vec *x, vec *up, vec *down, int m) {
  const vec round = vall(12582912.0f);
  vec f[4];
  vi n[4];
  NL_UNROLL
  for (int i = 0; i < m; i++) {
    vec k = x[i] + round;
    n[i] = (vi)k << 23;
    x[i] = x[i] - (k - round);
    f[i] = x[i] * x[i];
    up[i] = vall(1.5353362e-4f);
    down[i] = vall(1.3398874e-3f);
  }
  next_term(f, up, 9.6184369e-3f, m);
  next_term(f, down, 5.5503324e-2f, m);
  next_term(f, up, 0.24022648f, m);
  next_term(f, down, 0.69314718f, m);
  NL_UNROLL
  for (int i = 0; i < m; i++) {
    vec even = up[i] * f[i], odd = down[i];
    up[i] = (vec)((vi)(vfma(x[i], odd, even) + vall(1)) + n[i]);
    down[i] = (vec)((vi)(vfma(-x[i], odd, even) + vall(1)) - n[i]);
  }
}

/* e^x for x <= 89: 2^n in two factors, as n may be -150 or 128 */
NL_INLINE vec vexp_low (vec x) {
  vi n;
  x = sel_f(x < vall(-104), vall(-104), x);
  vec p = exp_part(x, &n);
  vi half = n >> 1;
  return p * (vec)((half + 127) << 23) * (vec)((n - half + 127) << 23);
}

/* e^x for any x */
NL_INLINE vec vexp (vec x) {
  return vexp_low(sel_f(x > vall(89), vall(89), x));
}
#else
typedef vl vbits;
#define vsel sel_d
#define vabs abs_d
NL_INLINE vec vexp (vec x) {
  vl big = x > 709.78;
  vd y = exp_vd(x);
  return any_lane(big) ? sel_d(big, exp_vd(x - 1) * 2.718281828459045, y) : y;
}
NL_INLINE vec vexp_near (vec x) { return exp_vd(x); }
NL_INLINE vec vexp_low (vec x) { return exp_vd(x); }
#endif

/* x, or the nearest of -most and most; NaN is itself */
NL_INLINE vec vclamp (vec x, vec most) {
#if NL_LEVEL == 3
  return (vec)NL_PS(_mm512_min_)(most, NL_PS(_mm512_max_)(-most, x));
#elif NL_LEVEL == 2
  return (vec)NL_PS(_mm256_min_)(most, NL_PS(_mm256_max_)(-most, x));
#else
  return vsel(x > most, most, vsel(x < -most, -most, x));
#endif
}

/* x, or least if that is more; NaN is itself */
NL_INLINE vec vat_least (vec x, vec least) {
#if NL_LEVEL == 3
  return (vec)NL_PS(_mm512_max_)(least, x);
#elif NL_LEVEL == 2
  return (vec)NL_PS(_mm256_max_)(least, x);
#else
  return vsel(x < least, least, x);
#endif
}

/* Are all |x| at most 87, or NaN?  Then vexp_near has vexp's bits. */
NL_INLINE bool all_near (vec x) {
  return !any_lane((vl)(vabs(x) > vall(87)));
}

#endif
