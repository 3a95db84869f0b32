/* activation_test.c: the kernels of noisy thresholds and Lagrangians against
 * naive loops in float64, and their bits between the instruction sets, for
 * any length. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "kernels/kernels.h"

enum { MANY = 300 };

static double spread (int i) { return fmod(i * 0.6180339887498949, 1) - 0.5; }

typedef struct arrays { /* of either type, in float64 */
  double x[MANY], z[MANY], t1[MANY], t2[MANY], sd[MANY], y[MANY], a[MANY];
  double one[MANY];
} arrays;

static void round_all (double *v, int n, nl_dtype d) {
  for (int i = 0; i < n && d == NL_F32; i++) v[i] = (double)(float)v[i];
}

static void inputs (arrays *a, double width, nl_dtype d) {
  for (int i = 0; i < MANY; i++) {
    a->x[i] = width * spread(i + 7);
    a->z[i] = 3 * spread(3 * i + 1);
    a->t1[i] = spread(5 * i) - 0.6;
    a->t2[i] = spread(7 * i) + 0.6;
    a->sd[i] = 0.6 + spread(11 * i);
    a->y[i] = a->a[i] = -9;
    a->one[i] = 1;
  }
  a->x[3] = NAN, a->x[5] = INFINITY, a->x[8] = -INFINITY, a->x[9] = a->t2[9];
  a->x[11] = 0, a->x[12] = -1e-30, a->x[13] = 1e-3;
  round_all(a->x, 5 * MANY, d);
}

/* in the element's type and back */
static void pack (const double *in, void *out, nl_dtype d) {
  for (int i = 0; i < MANY; i++)
    if (d == NL_F64) ((double *)out)[i] = in[i];
    else ((float *)out)[i] = (float)in[i];
}

static void unpack (const void *in, double *out, nl_dtype d) {
  for (int i = 0; i < MANY; i++)
    out[i] = d == NL_F64 ? ((const double *)in)[i]
                         : (double)((const float *)in)[i];
}

static bool near (double got, double want, double tolerance, double floor) {
  if (want != want) return got != got;
  if (isinf(want) || isinf(got)) return got == want;
  return fabs(got - want) <= tolerance * fabs(want) + floor;
}

/* ---- thresholds ---- */

static void run_states (const nl_kernels *k, nl_dtype d, const arrays *a,
                        int n, bool each, bool density, double *out) {
  static double x[MANY], z[MANY], t1[MANY], t2[MANY], sd[MANY], y[MANY];
  pack(a->x, x, d), pack(a->z, z, d), pack(a->t1, t1, d);
  pack(a->t2, t2, d), pack(a->sd, sd, d), pack(a->y, y, d);
  nl_thresholds t = {t1, t2, sd, each, each, each, 0, -1, 1, 2};
  (density ? k->density : k->states)[d](n, x, z, &t, y);
  unpack(y, out, d);
}

static double naive_state (const arrays *a, int i, int at, nl_dtype d) {
  double v = a->x[i], noise = a->z[i] * a->sd[at];
  if (d == NL_F32) noise = (double)(float)noise;
  v = d == NL_F32 ? (double)(float)(v + noise) : v + noise;
  return v > a->t2[at] ? 1 : v < a->t1[at] ? -1 : 0;
}

static double naive_density (const arrays *a, int i, int at) {
  double s = a->sd[at], u = (a->t1[at] - a->x[i]) / s;
  double v = (a->t2[at] - a->x[i]) / s;
  return a->z[i] * (exp(-u * u / 2) + 2 * exp(-v * v / 2)) /
         (s * sqrt(2 * acos(-1)));
}

/* ---- Lagrangians ---- */

static double naive_term (int kind, int power, double x) {
  if (kind == NL_LAG_SIGMOID)
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x))) + (x != x ? x : 0);
  if (kind == NL_LAG_TANH && fabs(x) < 0.5)
    return -log1p(-tanh(x) * tanh(x)) / 2;
  if (kind == NL_LAG_TANH)
    return fabs(x) + log1p(exp(-2 * fabs(x))) - log(2);
  if (kind == NL_LAG_EXP) return exp(x);
  if (kind == NL_LAG_REXP) return x <= 0 ? 1 : exp(x) - x;
  return x <= 0 ? 0 : pow(x, power) / power;
}

/* x l' - l; of sigmoid minus an entropy */
static double naive_slope (int kind, int power, double x) {
  double a = fabs(x), e = exp(-a), q = exp(-2 * a);
  if (kind == NL_LAG_SIGMOID)
    return -log1p(e) - (e > 0 ? a * e / (1 + e) : 0);
  if (kind == NL_LAG_TANH && a < 0.5)
    return x * tanh(x) - naive_term(kind, power, x);
  if (kind == NL_LAG_TANH)
    return log(2) - log1p(q) - (q > 0 ? 2 * a * q / (1 + q) : 0);
  if (kind == NL_LAG_EXP) return exp(x) == 0 ? 0 : (x - 1) * exp(x);
  if (kind == NL_LAG_REXP) return x <= 0 ? -1 : (x - 1) * exp(x);
  return x <= 0 ? 0 : pow(x, power) * (1 - 1.0 / power);
}

static double naive_act (int kind, int power, double x) {
  if (kind == NL_LAG_REXP) return x <= 0 ? 0 : expm1(x);
  if (kind == NL_LAG_SIGMOID)
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
  if (kind == NL_LAG_TANH) return tanh(x);
  if (kind == NL_LAG_EXP) return exp(x);
  return x <= 0 ? 0 : pow(x, power - 1);
}

static bool same (double a, double b) { return a == b || (a != a && b != b); }

static void run_terms (const nl_kernels *k, nl_dtype d, const arrays *a, int n,
                       int kind, int power, arrays *out) {
  static double x[MANY], y[MANY], act[MANY], slope[MANY], one[1], beta[MANY];
  static double all[MANY], sum[MANY];
  pack(a->x, x, d), pack(a->y, y, d), pack(a->a, act, d), pack(a->y, slope, d);
  pack(a->one, beta, d), memcpy(one, beta, sizeof one);
  k->lagrangian[d](kind, power, n, x, one, false, y, act, slope);
  unpack(y, out->y, d), unpack(act, out->a, d), unpack(slope, out->z, d);
  /* a beta for each, added to what is there; none of act and slope */
  pack(a->one, sum, d);
  k->lagrangian[d](kind, power, n, x, beta, true, sum, NULL, NULL);
  unpack(sum, all, d);
  for (int i = 0; i < n; i++) {
    double want = d == NL_F32 ? (double)((float)out->y[i] + 1) : out->y[i] + 1;
    CHECK(same(all[i], want), "%s kind %d: a sum at %d", k->isa, kind, i);
  }
  for (int i = n; i < MANY; i++) CHECK(all[i] == 1, "%s: the end", k->isa);
}

static double first_of (const void *v, nl_dtype d) {
  static double all[MANY];
  unpack(v, all, d);
  return all[0];
}

static double run_row (const nl_kernels *k, nl_dtype d, const arrays *a, int n,
                       int kind, arrays *out) {
  static double x[MANY], act[MANY], value[MANY], slope[MANY], beta[MANY];
  pack(a->x, x, d), pack(a->a, act, d), pack(a->one, beta, d);
  k->lagrangian_row[d](kind, n, x, beta, value, act, slope);
  unpack(act, out->a, d);
  double one = first_of(value, d);
  out->z[0] = first_of(slope, d);
  k->lagrangian_row[d](kind, n, x, beta, value, NULL, NULL);
  CHECK(same(first_of(value, d), one),
        "%s: a row's value without its gradient", k->isa);
  k->lagrangian_row[d](kind, n, x, beta, value, act, NULL);
  CHECK(same(first_of(value, d), one),
        "%s: a row's value without its slope", k->isa);
  return one;
}

/* ---- all sets ---- */

static const nl_kernels *set[3];
static int nset;

static void check_states (nl_dtype d, int n, bool each) {
  static arrays a;
  static double got[MANY], before[MANY];
  inputs(&a, 4, d);
  for (int density = 0; density < 2; density++)
    for (int s = 0; s < nset; s++) {
      int bad = 0;
      run_states(set[s], d, &a, n, each, density, got);
      for (int i = 0; i < MANY; i++) {
        int at = each ? i : 0;
        double want = i >= n ? -9
                      : density ? naive_density(&a, i, at)
                                : naive_state(&a, i, at, d);
        double z = (fabs(a.x[i]) + 1.2) / a.sd[at]; /* as exp'(z^2) grows */
        double ulps = d == NL_F64 ? 4e-16 : 2e-7;
        double tolerance = !density ? 0 : isfinite(z) ? ulps * (2 + z * z) : 0;
        if (!near(got[i], want, tolerance, d == NL_F32 ? 1e-37 : 0)) bad++;
      }
      CHECK(bad == 0, "%s %s: %d of %d differ", set[s]->isa,
            density ? "density" : "states", bad, n);
      CHECK(s == 0 || memcmp(got, before, sizeof got) == 0,
            "%s: other bits than %s", set[s]->isa, set[0]->isa);
      memcpy(before, got, sizeof got);
    }
}

static void check_terms (nl_dtype d, int n, int kind, int power,
                         double width) {
  static arrays a, got, before;
  inputs(&a, width, d);
  double tolerance = d == NL_F64 ? 4e-15 : 5e-7;
  double floor = d == NL_F64 ? 1e-300 : 2e-45;
  memset(&got, 0, sizeof got);
  for (int s = 0; s < nset; s++) {
    int bad = 0;
    run_terms(set[s], d, &a, n, kind, power, &got);
    for (int i = 0; i < n; i++) {
      double term = naive_term(kind, power, a.x[i]);
      double act = naive_act(kind, power, a.x[i]);
      double slope = naive_slope(kind, power, a.x[i]);
      if (d == NL_F32) term = (double)(float)term, act = (double)(float)act;
      if (d == NL_F32) slope = (double)(float)slope;
      if (!near(got.y[i], term, tolerance, floor) ||
          !near(got.a[i], act, tolerance, floor) ||
          !near(got.z[i], slope, 4 * tolerance, 200 * floor)) {
        bad++;
        printf("%s kind %d: l(%g) = %.17g, l' = %.17g, slope %.17g, want "
               "%.17g, %.17g and %.17g\n",
               set[s]->isa, kind, a.x[i], got.y[i], got.a[i], got.z[i], term,
               act, slope);
      }
    }
    CHECK(bad == 0, "%s kind %d: %d of %d differ", set[s]->isa, kind, bad, n);
    for (int i = 0; i < n; i++) { /* a NaN's sign is the compiler's choice */
      if (isnan(got.y[i])) got.y[i] = NAN;
      if (isnan(got.a[i])) got.a[i] = NAN;
      if (isnan(got.z[i])) got.z[i] = NAN;
    }
    CHECK(got.y[n - 1] != -9 && (n == MANY || got.y[n] == -9), "the end");
    CHECK(s == 0 || memcmp(&got, &before, sizeof got) == 0,
          "%s kind %d: other bits than %s", set[s]->isa, kind, set[0]->isa);
    before = got;
  }
}

static void check_row (nl_dtype d, int n, int kind, double width) {
  static arrays a, got, before;
  double first = 0, tolerance = d == NL_F64 ? 1e-13 : 2e-6;
  inputs(&a, width, d);
  for (int i = 0; i < MANY; i++)
    if (!isfinite(a.x[i])) a.x[i] = i;
  double most = kind == NL_LAG_GHOSTMAX ? 0 : -INFINITY, sum = 0;
  for (int i = 0; i < n; i++) most = a.x[i] > most ? a.x[i] : most;
  for (int i = 0; i < n; i++) sum += exp(a.x[i] - most);
  if (kind == NL_LAG_GHOSTMAX) sum += exp(-most);
  memset(&got, 0, sizeof got);
  for (int s = 0; s < nset; s++) {
    double value = run_row(set[s], d, &a, n, kind, &got);
    int bad = 0;
    for (int i = 0; i < n; i++)
      if (!near(got.a[i], exp(a.x[i] - most) / sum, tolerance * (1 + width),
                1e-37))
        bad++;
    CHECK(near(value, most + log(sum), tolerance, tolerance), "%s: %.17g",
          set[s]->isa, value);
    double slope = -most - log(sum);
    for (int i = 0; i < n; i++) slope += a.x[i] * exp(a.x[i] - most) / sum;
    CHECK(near(got.z[0], slope, 10 * tolerance * (1 + width), tolerance),
          "%s kind %d: slope %.17g, want %.17g", set[s]->isa, kind, got.z[0],
          slope);
    CHECK(bad == 0, "%s kind %d: %d of %d differ", set[s]->isa, kind, bad, n);
    CHECK(s == 0 || (value == first &&
                     got.z[0] == before.z[0] &&
                     memcmp(got.a, before.a, sizeof got.a) == 0),
          "%s kind %d: other bits than %s", set[s]->isa, kind, set[0]->isa);
    first = value;
    before = got;
  }
}

/* The sum of exponentials has the bits of the kernels' sums. */
static void check_sum (const nl_kernels *k, nl_dtype d, int n) {
  static arrays a, got;
  static double terms[MANY], sum[MANY];
  inputs(&a, 20, d);
  a.x[3] = a.x[5] = 1;
  double value = run_row(k, d, &a, n, NL_LAG_EXP, &got);
  pack(got.a, terms, d);
  k->reduce_blocks[NL_RED_SUM][d](n, 0, 1, terms, sum);
  CHECK(first_of(sum, d) == value, "%s: a sum of %d", k->isa, n);
}

/* Rows whose maximum is infinite or that have a NaN. */
static void check_ends (const nl_kernels *k, nl_dtype d) {
  static arrays a, got;
  inputs(&a, 1, d);
  CHECK(isnan(run_row(k, d, &a, 5, NL_LAG_SOFTMAX, &got)), "NaN in a row");
  a.x[3] = 1;
  CHECK(run_row(k, d, &a, 7, NL_LAG_SOFTMAX, &got) == INFINITY, "inf");
  for (int i = 0; i < 9; i++) a.x[i] = -INFINITY;
  CHECK(run_row(k, d, &a, 9, NL_LAG_SOFTMAX, &got) == -INFINITY, "-inf");
  CHECK(run_row(k, d, &a, 9, NL_LAG_GHOSTMAX, &got) == 0 && got.a[2] == 0,
        "-inf beside a ghost");
  for (int i = 0; i < 9; i++) a.x[i] = -20;
  CHECK(near(run_row(k, d, &a, 9, NL_LAG_GHOSTMAX, &got), 9 * exp(-20), 1e-6,
             0), "a ghost's value has its digits");
}

int main (void) {
  static const char *const names[] = {"generic", "avx2", "avx512"};
  static const int sizes[] = {1, 7, 8, 64, 67, MANY};
  static const double widths[] = {1e-2, 3, 60, 2e4};
  for (int i = 0; i < 3; i++)
    if ((set[nset] = nl__kernels_pick(names[i])) != NULL) nset++;
  for (nl_dtype d = NL_F32; d <= NL_F64; d++) {
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
      for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        check_states(d, sizes[s], w % 2 == 0);
        for (int kind = NL_LAG_SIGMOID; kind <= NL_LAG_REXP; kind++)
          check_terms(d, sizes[s], kind, 0, widths[w]);
        for (int power = 2; power <= 5; power++)
          check_terms(d, sizes[s], NL_LAG_REPU, power, widths[w]);
        check_row(d, sizes[s], NL_LAG_SOFTMAX, widths[w]);
        check_row(d, sizes[s], NL_LAG_GHOSTMAX, widths[w]);
      }
    for (int i = 0; i < nset; i++) {
      check_ends(set[i], d);
      for (int n = 1; n <= MANY; n++) check_sum(set[i], d, n);
    }
  }
  return check_done();
}
