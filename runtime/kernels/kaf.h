/* kaf.h: sums of kernels at equispaced centres, for one element type (NL_REAL
 * = 32 or 64, set by the file that includes this).  kernels.h says what is
 * computed.
 *
 * Gaussians by a recurrence: with u = x - c_m, K = exp(-u^2 / 2s^2) and r =
 * exp(u step / s^2), the gaussian at c_(m+j) is K r^j q_j, where q_j =
 * exp(-(j step)^2 / 2s^2) does not depend on x and stands in the
 * coefficients.  So a group of centres costs two exponentials.  The groups
 * are so small that nothing overflows within the reach; beyond it r stays as
 * it is there, while K goes on to 0: all of the group's gaussians are next to
 * nothing. */
#include "kernels/exps.h"
#include "kernels/kernels.h"

NL_SLEEF1(log1p, u10)

#if NL_REAL == 32
#define vlog1p log1p_vf
#define KAF NL_K(kaf_f32)
#else
#define vlog1p log1p_vd
#define KAF NL_K(kaf_f64)
#endif

enum { WIDE = NL_KAF_LANES, ROWS = 4 /* at most, at once */ };

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

/* One centre of R vectors with gaussians p at z sigmas: adds to y and to acc
   what is wanted; ky or ka negative: nothing is. */
NL_INLINE void gauss_term (const real *coef, const real *shift, const vec *p,
                           const vec *z0, const vec *g, vec *y, real *acc,
                           int ky, int ka, int R) {
  vec s = ky > 0 || ka > 0 ? vload(shift) : vall(0);
  vec sum = ka >= 0 ? vload(acc) : vall(0);
  NL_UNROLL
  for (int i = 0; i < R; i++) {
    vec z = z0[i] + s;
    if (ka >= 0)
      sum = vfma(g[i], ka > 0 ? p[i] * hermite(z, ka) : p[i], sum);
    if (ky >= 0)
      y[i] = vfma(vload(coef), ky > 0 ? p[i] * hermite(z, ky) : p[i], y[i]);
  }
  if (ka >= 0) vstore(acc, sum);
}

/* near = exp(-u^2 half), 0 where that is less than 1e-38, r = exp(v ratio) and
   back = 1 / r, of R vectors. */
NL_INLINE void exps_of (const vec *u, const vec *v, vec half, vec ratio,
                        vec *near, vec *r, vec *back, int R) {
#if NL_REAL == 32
  const vec log2e = vall(1.44269504f);
  vec e[ROWS];
  half = half * -log2e;
  ratio = ratio * log2e;
  NL_UNROLL
  for (int i = 0; i < R; i++) {
    near[i] = vat_least(u[i] * u[i] * half, vall(-127));
    e[i] = v[i] * ratio;
  }
  vexp2s(near, R);
  vexp2_pairs(e, r, back, R);
#else
  NL_UNROLL
  for (int i = 0; i < R; i++) {
    near[i] = vexp_low(-(u[i] * u[i]) * half);
    r[i] = vexp_near(v[i] * ratio);
    back[i] = vall(1) / r[i];
  }
#endif
}

/* Where x is in a group of centres: what is left of a gaussian there, the
   step's ratio and its reciprocal, and the distance in sigmas.  Beyond the
   reach the ratio is that of the reach, where gaussians are next to nothing. */
NL_INLINE void place (const nl_kaf_tile *k, const vec *x, int m, int at, int R,
                      vec *near, vec *r, vec *back, vec *z) {
  vec c = vall(((const real *)k->centre)[m]);
  vec half = vload((const real *)k->half + at);
  vec ratio = vload((const real *)k->ratio + at);
  vec inv = vload((const real *)k->inv + at);
  vec reach = vload((const real *)k->reach + at);
  vec u[ROWS], v[ROWS];
  NL_UNROLL
  for (int i = 0; i < R; i++) {
    u[i] = x[i] - c;
    v[i] = vclamp(u[i], reach);
    z[i] = v[i] * inv;
  }
  NL_UNROLL
  for (int i = 0; i < R; i += 2)
    exps_of(u + i, v + i, half, ratio, near + i, r + i, back + i,
            R < 2 ? R : 2);
}

static inline int group_end (const nl_kaf_tile *k, int d0) {
  return d0 + k->group < k->D ? d0 + k->group : k->D;
}

/* R vectors, one row each: both ways from the middle of each group at once,
   so that several products are under way at any time. */
NL_INLINE void gaussian (const nl_kaf_tile *k, const vec *x, const vec *g,
                         vec *y, int at, real *acc, int ky, int ka, int R) {
  const real *coef = (const real *)k->coef + at;
  const real *shift = (const real *)k->shift + at;
  vec low[2], z[2], r[2], back[2], up[2], down[2];
  NL_UNROLL
  for (int i = 0; i < R; i++) y[i] = low[i] = vall(0);
  for (int d0 = 0; d0 < k->D; d0 += k->group) {
    int d1 = group_end(k, d0), m = (d0 + d1) / 2;
    place(k, x, m, at, R, up, r, back, z);
    NL_UNROLL
    for (int i = 0; i < R; i++) down[i] = up[i] * back[i];
    for (int d = m, e = m - 1; d < d1; d++, e--) {
      gauss_term(coef + d * WIDE, shift + d * WIDE, up, z, g, y,
                 acc + d * WIDE, ky, ka, R);
      if (e >= d0)
        gauss_term(coef + e * WIDE, shift + e * WIDE, down, z, g, low,
                   acc + e * WIDE, ky, ka, R);
      NL_UNROLL
      for (int i = 0; i < R; i++) {
        up[i] = up[i] * r[i];
        down[i] = down[i] * back[i];
      }
    }
  }
  NL_UNROLL
  for (int i = 0; i < R; i++) y[i] = y[i] + low[i];
}

/* The values alone, of R vectors: a polynomial in r and one in 1 / r, whose
   partial sums stay below exp(reach^2 / 2 s^2) times the coefficients. */
NL_INLINE void gauss_value (const nl_kaf_tile *k, const vec *x, vec *y, int at,
                            int R) {
  const real *coef = (const real *)k->coef + at;
  vec near[ROWS], r[ROWS], back[ROWS], z[ROWS], a[ROWS], b[ROWS];
  NL_UNROLL
  for (int i = 0; i < R; i++) y[i] = vall(0);
  for (int d0 = 0; d0 < k->D; d0 += k->group) {
    int d1 = group_end(k, d0), m = (d0 + d1) / 2;
    place(k, x, m, at, R, near, r, back, z);
    NL_UNROLL
    for (int i = 0; i < R; i++) a[i] = b[i] = vall(0);
    const real *pa = coef + (d1 - 1) * WIDE, *pb = coef + d0 * WIDE;
    for (int d = d0; d < m; d++, pa -= WIDE, pb += WIDE) {
      vec ca = vload(pa), cb = vload(pb);
      NL_UNROLL
      for (int i = 0; i < R; i++) {
        a[i] = vfma(a[i], r[i], ca);
        b[i] = vfma(b[i], back[i], cb);
      }
    }
    NL_UNROLL
    for (int i = 0; i < R; i++) {
      if (d1 - m > m - d0) a[i] = vfma(a[i], r[i], vload(pa));
      y[i] = vfma(near[i], vfma(b[i], back[i], a[i]), y[i]);
    }
  }
}

/* acc[d] += t, the gaussians of centres m .. d1 - 1 and m - 1 .. d0 times g */
NL_INLINE void gauss_acc (const vec *near, const vec *r, const vec *back,
                          const vec *g, real *acc, int d0, int d1, int R) {
  int m = (d0 + d1) / 2;
  vec up[ROWS], down[ROWS];
  NL_UNROLL
  for (int i = 0; i < R; i++) {
    up[i] = near[i] * g[i];
    down[i] = up[i] * back[i];
  }
  real *pu = acc + m * WIDE, *pd = acc + (m - 1) * WIDE;
  for (int d = d0; d < m; d++, pu += WIDE, pd -= WIDE) {
    vec su = vload(pu), sd = vload(pd);
    NL_UNROLL
    for (int i = 0; i < R; i++) {
      su = su + up[i];
      sd = sd + down[i];
      up[i] = up[i] * r[i];
      down[i] = down[i] * back[i];
    }
    vstore(pu, su);
    vstore(pd, sd);
  }
  if (d1 - m > m - d0) {
    vec su = vload(pu);
    NL_UNROLL
    for (int i = 0; i < R; i++) su = su + up[i];
    vstore(pu, su);
  }
}

/* y += the first derivative, of R vectors.  With z_d = z + shift_d it is z
   times one polynomial plus another, whose coefficients are moved = coef
   shift. */
NL_INLINE void gauss_slope (const nl_kaf_tile *k, const vec *near,
                            const vec *r, const vec *back, const vec *z,
                            vec *y, int at, int d0, int d1, int R) {
  const real *coef = (const real *)k->coef + at;
  const real *moved = (const real *)k->moved + at;
  int m = (d0 + d1) / 2, up = (d1 - 1) * WIDE, down = d0 * WIDE;
  vec a[2], b[2], ma[2], mb[2];
  NL_UNROLL
  for (int i = 0; i < R; i++) a[i] = b[i] = ma[i] = mb[i] = vall(0);
  for (int d = d0; d < m; d++, up -= WIDE, down += WIDE) {
    vec ca = vload(coef + up), cb = vload(coef + down);
    vec na = vload(moved + up), nb = vload(moved + down);
    NL_UNROLL
    for (int i = 0; i < R; i++) {
      a[i] = vfma(a[i], r[i], ca);
      b[i] = vfma(b[i], back[i], cb);
      ma[i] = vfma(ma[i], r[i], na);
      mb[i] = vfma(mb[i], back[i], nb);
    }
  }
  NL_UNROLL
  for (int i = 0; i < R; i++) {
    if (d1 - m > m - d0) {
      a[i] = vfma(a[i], r[i], vload(coef + up));
      ma[i] = vfma(ma[i], r[i], vload(moved + up));
    }
    a[i] = vfma(b[i], back[i], a[i]);
    ma[i] = vfma(mb[i], back[i], ma[i]);
    y[i] = vfma(near[i], vfma(z[i], a[i], ma[i]), y[i]);
  }
}

/* The first derivative (slope), and the sums over g times the values: the
   backward pass of R vectors, two at a time where registers are short.  Each
   has the same bits without the other. */
NL_INLINE void gauss_back (const nl_kaf_tile *k, const vec *x, const vec *g,
                           vec *y, int at, real *acc, bool slope, bool sums,
                           int R) {
  vec near[ROWS], r[ROWS], back[ROWS], z[ROWS];
  NL_UNROLL
  for (int i = 0; i < R; i++) y[i] = vall(0);
  for (int d0 = 0; d0 < k->D; d0 += k->group) {
    int d1 = group_end(k, d0);
    place(k, x, (d0 + d1) / 2, at, R, near, r, back, z);
    NL_UNROLL
    for (int i = 0; i < R && slope; i += 2)
      gauss_slope(k, near + i, r + i, back + i, z + i, y + i, at, d0, d1,
                  R < 2 ? R : 2);
    if (sums) gauss_acc(near, r, back, g, acc, d0, d1, R);
  }
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
    real *to = acc + d * WIDE;
    if (ka >= 0) vstore(to, vfma(g, wa, vload(to)));
    if (ky >= 0) y = vfma(vload(coef + d * WIDE), wy, y);
  }
  return y;
}

/* R rows of WIDE elements, stride apart; y and g may be NULL */
NL_INLINE void rows_of (const nl_kaf_tile *k, const real *x, const real *g,
                        real *y, real *acc, int64_t stride, int R) {
  int ky = k->order_y, ka = k->order_acc;
  for (int at = 0; at < WIDE; at += LANES) {
    vec v[2], w[2], r[2];
    real *to = acc + at;
    NL_UNROLL
    for (int i = 0; i < R; i++) {
      v[i] = vload(x + i * stride + at);
      w[i] = g != NULL ? vload(g + i * stride + at) : vall(1);
    }
    if (k->kernel != NL_KAF_GAUSSIAN)
      NL_UNROLL
      for (int i = 0; i < R; i++) r[i] = others(k, v[i], w[i], at, to, ky, ka);
    else if (ky == 0 && ka < 0)
      gauss_value(k, v, r, at, R);
    else if (ky == 1 && ka == 0)
      gauss_back(k, v, w, r, at, to, true, true, R);
    else if (ky == 1 && ka < 0)
      gauss_back(k, v, w, r, at, to, true, false, R);
    else if (ky < 0 && ka == 0)
      gauss_back(k, v, w, r, at, to, false, true, R);
    else
      gaussian(k, v, w, r, at, to, ky, ka, R);
    NL_UNROLL
    for (int i = 0; i < R && y != NULL; i++)
      vstore(y + i * stride + at, g != NULL ? r[i] * w[i] : r[i]);
  }
}

static void one (const nl_kaf_tile *k, const real *x, const real *g, real *y,
                 real *acc) {
  rows_of(k, x, g, y, acc, 0, 1);
}

static void two (const nl_kaf_tile *k, const real *x, const real *g, real *y,
                 real *acc, int64_t stride) {
  rows_of(k, x, g, y, acc, stride, 2);
}

/* Values of gaussians, ROWS rows at a time; returns how many rows it did.
   Rows lie on pages of their own, where the processor does not fetch ahead by
   itself. */
static int64_t values (const nl_kaf_tile *k, int64_t rows, int64_t stride,
                       const real *x, real *y) {
  int64_t full = rows - rows % ROWS;
  for (int64_t i = 0; i < full; i += ROWS)
    for (int at = 0; at < WIDE; at += LANES) {
      const real *from = x + i * stride + at;
      real *to = y + i * stride + at;
      vec v[ROWS], r[ROWS];
      NL_UNROLL
      for (int j = 0; j < ROWS; j++) {
        __builtin_prefetch(from + (ROWS + j) * stride);
        v[j] = vload(from + j * stride);
      }
      gauss_value(k, v, r, at, ROWS);
      NL_UNROLL
      for (int j = 0; j < ROWS; j++) vstore(to + j * stride, r[j]);
    }
  return full;
}

/* The backward pass alike. */
static int64_t backward (const nl_kaf_tile *k, int64_t rows, int64_t stride,
                         const real *x, const real *g, real *y, real *acc) {
  int64_t full = rows - rows % ROWS;
  for (int64_t i = 0; i < full; i += ROWS)
    for (int at = 0; at < WIDE; at += LANES) {
      int64_t o = i * stride + at;
      vec v[ROWS], w[ROWS], r[ROWS];
      NL_UNROLL
      for (int j = 0; j < ROWS; j++) {
        __builtin_prefetch(x + o + (ROWS + j) * stride);
        __builtin_prefetch(g + o + (ROWS + j) * stride);
        v[j] = vload(x + o + j * stride);
        w[j] = vload(g + o + j * stride);
      }
      gauss_back(k, v, w, r, at, acc + at, true, true, ROWS);
      NL_UNROLL
      for (int j = 0; j < ROWS; j++) vstore(y + o + j * stride, r[j] * w[j]);
    }
  return full;
}

void KAF (const nl_kaf_tile *k, int64_t rows, int64_t stride, int lanes,
          int last, const void *x, const void *g, void *y, void *acc) {
  const real *px = (const real *)x, *pg = (const real *)g;
  real *py = (real *)y, bx[WIDE] = {0}, bg[WIDE] = {0}, by[WIDE];
  int64_t full = lanes < WIDE ? 0 : last < WIDE ? rows - 1 : rows, i = 0;
  if (k->kernel == NL_KAF_GAUSSIAN && py != NULL) {
    if (pg == NULL && k->order_y == 0 && k->order_acc < 0)
      i = values(k, full, stride, px, py);
    else if (pg != NULL && k->order_y == 1 && k->order_acc == 0)
      i = backward(k, full, stride, px, pg, py, (real *)acc);
  }
  for (; i < full; i += i + 2 <= full ? 2 : 1) {
    int64_t o = i * stride;
    const real *gi = pg != NULL ? pg + o : NULL;
    real *yi = py != NULL ? py + o : NULL;
    if (i + 2 <= full)
      two(k, px + o, gi, yi, (real *)acc, stride);
    else
      one(k, px + o, gi, yi, (real *)acc);
  }
  for (; i < rows; i++) {
    size_t bytes = (size_t)(i == rows - 1 ? last : lanes) * sizeof(real);
    memcpy(bx, px + i * stride, bytes);
    if (pg != NULL) memcpy(bg, pg + i * stride, bytes);
    one(k, bx, pg != NULL ? bg : NULL, by, (real *)acc);
    if (py != NULL) memcpy(py + i * stride, by, bytes);
  }
}
