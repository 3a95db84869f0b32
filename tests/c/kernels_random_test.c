/* kernels_random_test.c: Philox's known answers; the same bits in every
 * instruction set, wherever a piece starts and ends; the naive twin; ranges
 * and moments. */
#include "kernels/naive.h"
#include "kernels_inputs.h"

#define MANY 100000

static double a[MANY + 8], b[MANY + 8];

/* The published vectors (Random123's kat_vectors), and more. */
static void check_known (void) {
  static const uint32_t v[][10] = {
    { 0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
    { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd },
    { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 },
    { 0xe1021017, 0x719289a2, 0x61499d37, 0x9188a385, 0xd4b382d3, 0xe8797d2e,
      0xabab0bf0, 0x2046abdd, 0x44e677f2, 0x89a4571b },
    { 0x4cc9fe54, 0x41167fad, 0x87c86fd2, 0x96ba5e8d, 0x40916447, 0x5bef8185,
      0x49ef8bbc, 0xee54e1ca, 0x396cfdcf, 0x9b948a01 },
    { 0xed5f73b4, 0xc1a1b38c, 0xdab4a2a5, 0x8b05e7d3, 0x60bbe2f8, 0x33bbce99,
      0xf28e11a8, 0x477dd902, 0xe3cddedc, 0xfa3192cf },
    { 0xac461ec6, 0x841f79d9, 0x6a5df547, 0x3df75ffa, 0x81d3199a, 0x0cb0b905,
      0xad271850, 0x5bd08d2b, 0x1a98a98a, 0x5d45d4b2 },
  };
  for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
    uint32_t out[4];
    nl__naive_philox(v[i], v[i] + 4, out);
    CHECK(memcmp(out, v[i] + 6, sizeof out) == 0, "Philox's known answer %d",
          (int)i + 1);
  }
}

static void check_bits (const nl_kernels *K) {
  static const uint64_t counters[] = { 0, 1, 0xfffffffe, 0x123456789abcdef0,
                                       UINT64_MAX - 3 };
  int64_t out[70];
  for (size_t c = 0; c < sizeof counters / sizeof *counters; c++)
    for (int n = 0; n <= 67; n++) {
      uint64_t key = 0x299f31d0a4093822u * (c + 1);
      memset(out, 0xa5, sizeof out);
      K->random_bits(key, counters[c], n, out);
      bool same = out[n] == (int64_t)0xa5a5a5a5a5a5a5a5u;
      for (int i = 0; i < n; i++)
        same = same && out[i] == nl__naive_word(key, counters[c], i);
      CHECK(same, "%s: %d words from %llu on", K->isa, n,
            (unsigned long long)counters[c]);
    }
}

typedef void (*draw_fn) (const nl_kernels *K, uint64_t counter, int64_t n,
                         double *out);
static void uniform32 (const nl_kernels *K, uint64_t c, int64_t n,
                       double *out) {
  K->random_uniform_f32(42, c, n, (float *)out);
}
static void uniform64 (const nl_kernels *K, uint64_t c, int64_t n,
                       double *out) {
  K->random_uniform_f64(42, c, n, out);
}
static void normal32 (const nl_kernels *K, uint64_t c, int64_t n,
                      double *out) {
  K->random_normal_f32(42, c, n, (float *)out);
}
static void normal64 (const nl_kernels *K, uint64_t c, int64_t n,
                      double *out) {
  K->random_normal_f64(42, c, n, out);
}

static const struct {
  const char *name;
  draw_fn draw;
  bool single, normal;
} kinds[] = {
  { "uniform f32", uniform32, true, false },
  { "uniform f64", uniform64, false, false },
  { "normal f32", normal32, true, true },
  { "normal f64", normal64, false, true },
};

static double element (bool single, const double *p, int64_t i) {
  return single ? ((const float *)p)[i] : p[i];
}

static void check_kind (size_t k) {
  bool single = kinds[k].single;
  size_t size = single ? 4 : 8;
  kinds[k].draw(isas[nisas - 1], 77, MANY, a);
  for (int j = 0; j < nisas; j++) {
    const nl_kernels *K = isas[j];
    kinds[k].draw(K, 77, MANY, b);
    CHECK(memcmp(a, b, MANY * size) == 0, "%s %s: other bits than generic's",
          K->isa, kinds[k].name);
    for (int n = 0; n < 70; n++) {
      int skip = n % 9; /* blocks */
      memset(b, 0xa5, sizeof b);
      kinds[k].draw(K, 77 + (uint64_t)skip, n, b);
      CHECK(memcmp((char *)a + (size_t)skip * 4 * size / (single ? 1 : 2), b,
                   (size_t)n * size) == 0 &&
                ((unsigned char *)b)[(size_t)n * size] == 0xa5,
            "%s %s: %d from block %d on", K->isa, kinds[k].name, n, skip);
    }
  }
  for (int i = 0; i < 2000; i++) {
    double w = kinds[k].normal ? nl__naive_normal(42, 77, i, single)
                               : nl__naive_uniform(42, 77, i, single);
    double g = element(single, a, i);
    double most = kinds[k].normal ? (single ? 1e-6 : 4e-15) : 0;
    CHECK(fabs(g - w) <= most, "%s %d is %a, naively %a", kinds[k].name, i, g,
          w);
  }
}

static void check_moments (size_t k) {
  bool single = kinds[k].single;
  double s = 0, s2 = 0, s4 = 0, lo = INFINITY, hi = -INFINITY, pairs = 0;
  for (int i = 0; i < MANY; i++) {
    double x = element(single, a, i);
    if (!kinds[k].normal) x = (x - 0.5) * sqrt(12);
    s += x, s2 += x * x, s4 += x * x * x * x;
    if (i % 2) pairs += x * element(single, a, i - 1);
    lo = fmin(lo, x), hi = fmax(hi, x);
  }
  double e = 5 / sqrt(MANY); /* five standard errors of the mean */
  double four = kinds[k].normal ? 3 : 1.8;
  CHECK(fabs(s / MANY) < e, "%s: mean %g", kinds[k].name, s / MANY);
  CHECK(fabs(s2 / MANY - 1) < 1.5 * e, "%s: variance", kinds[k].name);
  CHECK(fabs(s4 / MANY - four) < 10 * e, "%s: 4th moment", kinds[k].name);
  CHECK(fabs(pairs / MANY) < e, "%s: pairs correlate", kinds[k].name);
  if (kinds[k].normal)
    CHECK(lo < -3.5 && hi > 3.5 && hi < 9 && lo > -9, "%s: tails %g %g",
          kinds[k].name, lo, hi);
  else
    CHECK(lo < -1.73 && hi < 1.7320508075688773 && hi > 1.73,
          "%s: range %g %g", kinds[k].name, lo, hi);
}

int main (void) {
  find_isas();
  check_known();
  for (int i = 0; i < nisas; i++) check_bits(isas[i]);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    check_kind(k);
    check_moments(k);
  }
  return check_done();
}
