/* map_special.c: special functions.  erfc, gamma and lgamma are SLEEF's; the
 * others are computed in float64 for both types, so float32 results are right
 * to the last bit nearly always. */
#include "kernels/maps.h"

NL_SLEEF1(log, u10)
NL_SLEEF1(erfc, u15)
NL_SLEEF1(lgamma, u10)
NL_SLEEF1(tgamma, u10)
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

/* NaN at the negative integers (C23's tgamma says so too) and at -inf, at 0
   infinite with its sign; far below 0 a zero, negative where floor(x) is odd */
NL_INLINE vd gamma_d (vd x) {
  vd y = tgamma_vd(x), n = floor_d(x), half = n * 0.5;
  y = sel_d((x < -185) | ((x < 0) & (y == 0)),
            sel_d(half == floor_d(half), all_d(0), all_d(-0.0)), y);
  y = sel_d((x < 0) & (x == n), all_d(NAN), y);
  return sel_d(x == 0, 1 / x, y);
}
NL_INLINE vf gamma_f (vf x) { return by_halves(x, gamma_d); }
NL_MAP_VEC1(gamma)

/* sin(pi x) / (pi x), NumPy's; by periods, as sinpi is none of large x */
NL_INLINE vd sinc_d (vd x) {
  vd a = abs_d(x), z = a - 2 * floor_d(a * 0.5);
  return sel_d(x == 0, all_d(1), sinpi_vd(z) / (3.141592653589793 * a));
}
NL_INLINE vf sinc_f (vf x) { return by_halves(x, sinc_d); }
NL_MAP_VEC1(sinc)

/* erfinv: x P(w) with w = -log(1 - x^2), or x Q(sqrt(w)) when w > 6 (|x| >
   0.9988), the form of Giles (GPU Computing Gems, 2011).  P and Q are
   Chebyshev fits, good to 1e-16.  Infinite at -1 and 1, NaN outside. */
static const double erfinv_p[] = { /* of w - 3 */
  4.3365108728076584e-21, -1.0208579184069643e-20, -3.9161474183548639e-19,
  2.0411289874716924e-18, 1.2874404438465058e-17, -1.62547328079684e-16,
  2.7405937576493665e-16, 6.3390023944065906e-15, -5.2929720447210152e-14,
  6.1907814794063488e-15, 2.6989652309090837e-12, -1.7328538731928835e-11,
  -3.1425551279949383e-11, 1.1107974232037305e-09, -5.4671789842189004e-09,
  -2.3688726264922951e-08, 4.4998542545718333e-07, -1.7480020967030342e-06,
  -1.2716422638720585e-05, 0.00019506132441372799, -0.00083618177690931658,
  -0.005738135221005968, 0.24163040416615827, 1.6235420064648298
};
static const double erfinv_q[] = { /* of sqrt(w) - 4.225 */
  1.4771508810775747e-15, -2.5576892706756898e-15, -3.5572349048061319e-14,
  9.1083271910698566e-14, 2.1603611251047293e-13, -7.7444550468706306e-13,
  2.9703774720416682e-13, -2.405903651246151e-12, 1.0635628603057269e-11,
  2.239263322246517e-11, -2.1757164533134001e-10, 5.7866436320183007e-10,
  -3.9302950163927881e-10, -2.9794223367026742e-09, 1.4610329951732508e-08,
  -3.5360939243784055e-08, 3.7098266122807513e-08, 8.3115024594077246e-08,
  -5.4183704642771317e-07, 1.6356152189686243e-06, -3.6016906691872867e-06,
  6.5730216926010384e-06, -1.1434231639893858e-05, 2.3870687503628781e-05,
  -6.78558572736708e-05, 0.00022044098532726289, -0.00062952133369861905,
  0.00075914788390821252, 1.0099414864731513, 4.0669744217896913
};

NL_INLINE vd polynomial_d (const double *c, int n, vd x) {
  vd y = all_d(c[0]);
  for (int i = 1; i < n; i++) y = y * x + c[i];
  return y;
}

NL_INLINE vd erfinv_d (vd x) {
  vd w = -log_vd((1 - x) * (1 + x));
  vl far = ~(w <= 6); /* NaN too */
  vd y = polynomial_d(erfinv_p, sizeof erfinv_p / sizeof *erfinv_p, w - 3);
  if (any_lane(far)) {
    vd s = sqrt_d(w) - 4.225;
    vd q = polynomial_d(erfinv_q, sizeof erfinv_q / sizeof *erfinv_q, s);
    y = sel_d(far, q, y);
  }
  y = sel_d(w == HUGE_VAL, w, y);
  return x * y;
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
