/* kaf.h: sums of kernels at equispaced centres, for one element type (NL_REAL
 * = 32 or 64, set by the file that includes this).  kernels.h says what is
 * computed.
 *
 * Gaussians by a recurrence: with u = x - c_m, K = exp(-u^2 / 2s^2) and r =
 * exp(u step / s^2), the gaussian at c_(m+j) is K r^j q_j, where q_j =
 * exp(-(j step)^2 / 2s^2) does not depend on x and stands in the
 * coefficients.  So a group of centres costs two exponentials.  The groups
 * are so small, and x so far from c_m at most (reach), that nothing
 * overflows; beyond the reach all of the group's gaussians count 0. */
#include "kernels/kernels.h"
#include "kernels/vec.h"

NL_SLEEF1(exp, u10)
NL_SLEEF1(log1p, u10)

#if NL_REAL == 32
typedef vi vbits;
#define vsel sel_f
#define vabs abs_f
#define vexp exp_vf
#define vlog1p log1p_vf
#define KAF NL_K(kaf_f32)
#else
typedef vl vbits;
#define vsel sel_d
#define vabs abs_d
#define vexp exp_vd
#define vlog1p log1p_vd
#define KAF NL_K(kaf_f64)
#endif

enum { WIDE = NL_KAF_LANES };

/* the Hermite polynomial He_k(z): gaussian^(k) = (-1/s)^k He_k gaussian */
NL_INLINE vec hermite (vec z, int k) {
  vec a = vall(1), b = z;
  if (k == 0) return a;
  for (int i = 1; i < k; i++) {
    vec c = z * b - vall((real)i) * a;
    a = b;
    b = c;
  }
  return b;
}

/* One centre of one vector: adds to y and to acc what is wanted; ky or ka
   negative: nothing is. */
NL_INLINE vec term (const real *coef, vec wy, vec wa, vec g, vec y, real *acc,
                    int ky, int ka) {
  if (ka >= 0) vstore(acc, vfma(g, wa, vload(acc)));
  return ky >= 0 ? vfma(vload(coef), wy, y) : y;
}

NL_INLINE vec gaussian (const nl_kaf_tile *k, vec x, vec g, int at, real *acc,
                        int ky, int ka) {
  const real *c = (const real *)k->centre, *coef = (const real *)k->coef + at;
  vec half = vload((const real *)k->half + at);
  vec ratio = vload((const real *)k->ratio + at);
  vec inv = vload((const real *)k->inv + at);
  vec reach = vload((const real *)k->reach + at), y = vall(0);
  for (int d0 = 0; d0 < k->D; d0 += k->group) {
    int d1 = d0 + k->group < k->D ? d0 + k->group : k->D, m = (d0 + d1) / 2;
    vec u = x - vall(c[m]);
    vbits above = u > reach, below = u < -reach;
    u = vsel(above, reach, vsel(below, -reach, u));
    vec near = vsel(above | below, vall(0), vexp(-(u * u) * half));
    vec r = vexp(u * ratio), back = vall(1) / r, p = near;
    for (int d = m; d < d1; d++, p = p * r) {
      vec z = (u + vall(c[m] - c[d])) * inv;
      y = term(coef + d * WIDE, ky > 0 ? p * hermite(z, ky) : p,
               ka > 0 ? p * hermite(z, ka) : p, g, y, acc + d * WIDE, ky, ka);
    }
    p = near * back;
    for (int d = m - 1; d >= d0; d--, p = p * back) {
      vec z = (u + vall(c[m] - c[d])) * inv;
      y = term(coef + d * WIDE, ky > 0 ? p * hermite(z, ky) : p,
               ka > 0 ? p * hermite(z, ka) : p, g, y, acc + d * WIDE, ky, ka);
    }
  }
  return y;
}

/* derivative k of max(0, t); the kink has slope 0 */
NL_INLINE vec relu_of (vec t, int k) {
  if (k > 1) return t * vall(0);
  vec one = k == 0 ? t : vall(1);
  return vsel(t <= vall(0), vall(0), one);
}

/* derivative k of log(1 + exp(t)); for k > 1 from s = sigmoid(t) and n =
   sigmoid(-t): p = s n, d = n - s, then p, p d, p - 6 p^2, ... */
NL_INLINE vec softplus_of (vec t, int k) {
  vec e = vexp(-vabs(t));
  if (k == 0) return vsel(t <= vall(0), vall(0), t) + vlog1p(e);
  vec up = vall(1) / (vall(1) + e), down = e * up;
  vec s = vsel(t < vall(0), down, up), n = vsel(t < vall(0), up, down);
  if (k == 1) return s;
  vec p = s * n, d = n - s;
  if (k == 2) return p;
  if (k == 3) return p * d;
  if (k == 4) return p * (vall(1) - vall(6) * p);
  return p * d * (vall(1) - vall(12) * p);
}

NL_INLINE vec others (const nl_kaf_tile *k, vec x, vec g, int at, real *acc,
                      int ky, int ka) {
  const real *c = (const real *)k->centre, *coef = (const real *)k->coef + at;
  vec y = vall(0);
  for (int d = 0; d < k->D; d++) {
    vec t = x - vall(c[d]), wy = vall(0), wa = vall(0);
    if (k->kernel == NL_KAF_RELU) {
      if (ky >= 0) wy = relu_of(t, ky);
      if (ka >= 0) wa = relu_of(t, ka);
    } else {
      if (ky >= 0) wy = softplus_of(t, ky);
      if (ka >= 0) wa = softplus_of(t, ka);
    }
    y = term(coef + d * WIDE, wy, wa, g, y, acc + d * WIDE, ky, ka);
  }
  return y;
}

/* one row of WIDE elements */
static void row (const nl_kaf_tile *k, const real *x, const real *g, real *y,
                 real *acc) {
  int ky = k->order_y, ka = k->order_acc;
  for (int at = 0; at < WIDE; at += LANES) {
    vec v = vload(x + at), w = g != NULL ? vload(g + at) : vall(1), r;
    real *to = acc + at;
    if (k->kernel != NL_KAF_GAUSSIAN)
      r = others(k, v, w, at, to, ky, ka);
    else if (ky == 0 && ka < 0)
      r = gaussian(k, v, w, at, to, 0, -1);
    else if (ky == 1 && ka == 0)
      r = gaussian(k, v, w, at, to, 1, 0);
    else
      r = gaussian(k, v, w, at, to, ky, ka);
    if (ky >= 0) vstore(y + at, g != NULL ? r * w : r);
  }
}

void KAF (const nl_kaf_tile *k, int64_t rows, int64_t stride, int lanes,
          int last, const void *x, const void *g, void *y, void *acc) {
  const real *px = (const real *)x, *pg = (const real *)g;
  real *py = (real *)y, bx[WIDE] = {0}, bg[WIDE] = {0}, by[WIDE];
  for (int64_t i = 0; i < rows; i++) {
    int n = i == rows - 1 ? last : lanes;
    const real *xi = px + i * stride, *gi = pg != NULL ? pg + i * stride : NULL;
    real *yi = py != NULL ? py + i * stride : by;
    if (n == WIDE) {
      row(k, xi, gi, yi, (real *)acc);
      continue;
    }
    memcpy(bx, xi, (size_t)n * sizeof *bx);
    if (gi != NULL) memcpy(bg, gi, (size_t)n * sizeof *bg);
    row(k, bx, pg != NULL ? bg : NULL, by, (real *)acc);
    if (py != NULL) memcpy(yi, by, (size_t)n * sizeof *by);
  }
}
