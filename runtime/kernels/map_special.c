/* map_special.c: special functions.  erfc and lgamma are SLEEF's; the others
 * are computed in float64 for both types, so float32 results are right to the
 * last bit nearly always. */
#include "kernels/maps.h"

NL_SLEEF1(exp, u10)
NL_SLEEF1(log, u10)
NL_SLEEF1(erf, u10)
NL_SLEEF1(erfc, u15)
NL_SLEEF1(lgamma, u10)
NL_SLEEF1(sinpi, u05)
NL_SLEEF1(cospi, u05)

/* y = f(x) for float32 by halves in float64 */
NL_INLINE vf by_halves (vf x, vd (*f)(vd)) {
  double d[NL_VF];
  vd a;
  for (int i = 0; i < NL_VF; i++) d[i] = x[i];
  for (int i = 0; i < NL_VF; i += NL_VD) {
    memcpy(&a, d + i, sizeof a);
    a = f(a);
    memcpy(d + i, &a, sizeof a);
  }
  for (int i = 0; i < NL_VF; i++) x[i] = (float)d[i];
  return x;
}

NL_INLINE vf erfc_f (vf x) { return erfc_vf(x); }
NL_INLINE vd erfc_d (vd x) { return erfc_vd(x); }
NL_MAP_VEC1(erfc)

NL_INLINE vf lgamma_f (vf x) { return lgamma_vf(x); }
NL_INLINE vd lgamma_d (vd x) { return lgamma_vd(x); }
NL_MAP_VEC1(lgamma)

/* erfinv: Winitzki's elementary estimate (2e-3), then Halley's steps on erf,
   or on erfc where |x| >= 1/2, as 1 - |x| is exact there.  Each step cubes the
   error.  Odd; infinite at -1 and 1; NaN outside. */
NL_INLINE vd erfinv_d (vd x) {
  vd a = abs_d(x), c = 1 - a; /* erfc of the result */
  vl tail = a >= 0.5;
  vd l = log_vd(c * (1 + a)), k = 4.330746750799873 + l * 0.5;
  vd y = sqrt_d(sqrt_d(k * k - l * 6.802721088435374) - k);
  y = sel_d(a < 1e-3, a * 0.886226925452758, y);
  for (int i = 0; i < 3; i++) {
    vd e = sel_d(tail, c - erfc_vd(y), erf_vd(y) - a);
    vd s = 0.886226925452758 * e * exp_vd(y * y); /* Newton's step */
    y = y - s / (1 + y * s);
  }
  y = sel_d(a < 1e-9, a * 0.886226925452758, y);
  y = sel_d(a == 1, all_d(HUGE_VAL), y);
  y = sel_d(a > 1, all_d(NAN), y);
  return sign_as_d(y, x);
}
NL_INLINE vf erfinv_f (vf x) { return by_halves(x, erfinv_d); }
NL_MAP_VEC1(erfinv)

/* pi cot(pi z) and (pi / sin(pi z))^2 for z > 0, by z's fraction: exact, and
   SLEEF's functions of pi z give up on large z */
NL_INLINE vd pi_cot_d (vd z) {
  vd f = z - floor_d(z);
  return 3.141592653589793 * cospi_vd(f) / sinpi_vd(f);
}
NL_INLINE vd pi_csc2_d (vd z) {
  vd t = 3.141592653589793 / sinpi_vd(z - floor_d(z));
  return t * t;
}

/* digamma: shifted up to z >= 10 by psi(z) = psi(z + 1) - 1/z, then the
   asymptotic series; psi(x) = psi(1 - x) - pi cot(pi x) below 0.  Poles: -inf
   at 0, inf at -0, NaN at negative integers (SciPy's choice). */
NL_INLINE vd digamma_d (vd x) {
  vl neg = x < 0;
  vd z = sel_d(neg, 1 - x, x), s = all_d(0);
  for (int i = 0; i < 10; i++) {
    vl low = z < 10;
    s = s + sel_d(low, 1 / z, all_d(0));
    z = z + sel_d(low, all_d(1), all_d(0));
  }
  vd r = 1 / z, q = r * r;
  vd p = q * 0.08333333333333333 - 0.021092796092796094;
  p = p * q + 0.007575757575757576;
  p = p * q - 0.004166666666666667;
  p = p * q + 0.003968253968253968;
  p = p * q - 0.008333333333333333;
  p = p * q + 0.08333333333333333;
  vd y = log_vd(z) - 0.5 * r - q * p - s;
  y = sel_d(x == HUGE_VAL, x, y);
  if (!any_lane(neg)) return y;
  y = sel_d(neg, y + pi_cot_d(-x), y);
  return sel_d(neg & (x == floor_d(x)), all_d(NAN), y);
}
NL_INLINE vf digamma_f (vf x) { return by_halves(x, digamma_d); }
NL_MAP_VEC1(digamma)

/* trigamma: the derivative of digamma, in the same way;
   psi'(x) = (pi / sin(pi x))^2 - psi'(1 - x) below 0; inf at the poles. */
NL_INLINE vd trigamma_d (vd x) {
  vl neg = x < 0;
  vd z = sel_d(neg, 1 - x, x), s = all_d(0);
  for (int i = 0; i < 10; i++) {
    vl low = z < 10;
    s = s + sel_d(low, 1 / (z * z), all_d(0));
    z = z + sel_d(low, all_d(1), all_d(0));
  }
  vd r = 1 / z, q = r * r;
  vd p = q * 54.971177944862156 - 7.092156862745098;
  p = p * q + 1.1666666666666667;
  p = p * q - 0.2531135531135531;
  p = p * q + 0.07575757575757576;
  p = p * q - 0.03333333333333333;
  p = p * q + 0.023809523809523808;
  p = p * q - 0.03333333333333333;
  p = p * q + 0.16666666666666666;
  vd y = r + 0.5 * q + r * q * p + s;
  if (!any_lane(neg)) return y;
  return sel_d(neg, pi_csc2_d(-x) - y, y);
}
NL_INLINE vf trigamma_f (vf x) { return by_halves(x, trigamma_d); }
NL_MAP_VEC1(trigamma)
