/* kaf_test.c: the kernel of kernel activation functions against sums of
 * exponentials in float64, and its bits between the instruction sets. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "kernels/kernels.h"

enum { W = NL_KAF_LANES, D = 20, ROWS = 5 };

static const double first = -3, step = 6.0 / 19;

typedef struct tables {
  double centre[D], half[W], ratio[W], inv[W], reach[W];
  double coef[D * W], shift[D * W], moved[D * W], alpha[D * W], q[D * W];
} tables;

static double spread (int i) { return fmod(i * 0.6180339887498949, 1) - 0.5; }

static int middle (int d, int group) {
  int d0 = d / group * group, d1 = d0 + group < D ? d0 + group : D;
  return (d0 + d1) / 2;
}

static void fill (tables *t, int group) {
  for (int d = 0; d < D; d++) t->centre[d] = first + d * step;
  for (int l = 0; l < W; l++) {
    double s = step * (1.8 + 0.1 * l);
    t->half[l] = 0.5 / (s * s);
    t->ratio[l] = step / (s * s);
    t->inv[l] = 1 / s;
    t->reach[l] = 12.6 * s;
    for (int d = 0; d < D; d++) {
      double v = (d - middle(d, group)) * step / s;
      t->q[d * W + l] = exp(-0.5 * v * v);
      t->alpha[d * W + l] = spread(d * W + l);
      t->coef[d * W + l] = -t->alpha[d * W + l] * t->q[d * W + l] / s;
      t->shift[d * W + l] = -v;
      t->moved[d * W + l] = t->coef[d * W + l] * -v;
    }
  }
}

typedef struct arrays { /* of either type */
  double x[ROWS * W], g[ROWS * W], y[ROWS * W], acc[D * W];
} arrays;

static void inputs (arrays *a) {
  for (int i = 0; i < ROWS * W; i++) {
    a->x[i] = 9 * spread(i + 7);
    a->g[i] = spread(3 * i + 1);
  }
  memset(a->acc, 0, sizeof a->acc);
}

static void to_float (const double *in, float *out, int n) {
  for (int i = 0; i < n; i++) out[i] = (float)in[i];
}

/* y = g sum alpha kappa', acc = sum g kappa; the last row has 3 elements */
static void naive (const tables *t, arrays *a) {
  for (int i = 0; i < ROWS * W; i++) {
    int l = i % W;
    a->y[i] = 0;
    if (i / W == ROWS - 1 && l >= 3) continue;
    for (int d = 0; d < D; d++) {
      double u = a->x[i] - t->centre[d], k = exp(-u * u * t->half[l]);
      a->y[i] -= a->g[i] * t->alpha[d * W + l] * k * u * 2 * t->half[l];
      a->acc[d * W + l] += a->g[i] * k;
    }
  }
}

static void run (const nl_kernels *k, nl_dtype d, const tables *t, int group,
                 arrays *a) {
  static float c[D], half[W], ratio[W], inv[W], reach[W], coef[D * W],
      shift[D * W], moved[D * W], x[ROWS * W], g[ROWS * W], y[ROWS * W], acc[D * W];
  nl_kaf_tile tile = {NL_KAF_GAUSSIAN, D, group, 1, 0, t->centre, t->coef,
                      t->shift, t->half, t->ratio, t->inv, t->reach,
                      t->moved};
  if (d == NL_F64) {
    k->kaf[d](&tile, ROWS, W, W, 3, a->x, a->g, a->y, a->acc);
    return;
  }
  to_float(t->centre, c, D);
  to_float(t->half, half, W);
  to_float(t->ratio, ratio, W);
  to_float(t->inv, inv, W);
  to_float(t->reach, reach, W);
  to_float(t->coef, coef, D * W);
  to_float(t->shift, shift, D * W);
  to_float(t->moved, moved, D * W);
  to_float(a->x, x, ROWS * W);
  to_float(a->g, g, ROWS * W);
  memset(acc, 0, sizeof acc);
  memset(y, 0, sizeof y);
  nl_kaf_tile f = {NL_KAF_GAUSSIAN, D, group, 1, 0, c, coef, shift, half,
                   ratio, inv, reach, moved};
  k->kaf[d](&f, ROWS, W, W, 3, x, g, y, acc);
  for (int i = 0; i < ROWS * W; i++) a->y[i] = (double)y[i];
  for (int i = 0; i < D * W; i++) a->acc[i] = (double)acc[i];
}

static double worst (const double *a, const double *b, const double *scale,
                     int n) {
  double most = 0;
  for (int i = 0; i < n; i++) {
    double q = scale != NULL ? scale[i] : 1, e = fabs(a[i] * q - b[i]);
    if (!(e <= most)) most = e;
  }
  return most;
}

int main (void) {
  static const char *const sets[] = {"generic", "avx2", "avx512"};
  static tables t;
  static arrays want, got, before;
  for (int group = 1; group <= D; group += group == 1 ? 6 : 13) {
    for (nl_dtype d = NL_F32; d <= NL_F64; d++) {
      fill(&t, group);
      inputs(&want);
      naive(&t, &want);
      for (int i = 0; i < 3; i++) {
        const nl_kernels *k = nl__kernels_pick(sets[i]);
        if (k == NULL) continue;
        memset(&got, 0, sizeof got);
        inputs(&got);
        run(k, d, &t, group, &got);
        double near = d == NL_F64 ? 1e-12 : 2e-5;
        double ey = worst(got.y, want.y, NULL, ROWS * W);
        double ea = worst(got.acc, want.acc, t.q, D * W);
        CHECK(ey < near, "%s group %d: y off by %g", sets[i], group, ey);
        CHECK(ea < near, "%s group %d: acc off by %g", sets[i], group, ea);
        if (i > 0)
          CHECK(memcmp(&got, &before, sizeof got) == 0,
                "%s group %d: other bits than %s", sets[i], group, sets[i - 1]);
        before = got;
      }
    }
  }
  return check_done();
}
