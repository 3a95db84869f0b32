/* kernels_inputs.h: what the tests of the kernels share: the names, hard and
 * ordinary inputs, and the comparison of results. */
#ifndef KERNELS_INPUTS_H
#define KERNELS_INPUTS_H

#include <math.h>
#include <string.h>

#include "check.h"
#include "kernels/kernels.h"

#define NIN_OF(name, nin, types, res) nin,
#define NAME_OF(name, nin, types, res) #name,
#define TYPES_OF(name, nin, types, res) types,
#define S 0
#define B 1
#define RES_OF(name, nin, types, res) res,
static const int nins[] = { NL_MAPS(NIN_OF) };
static const int res_bool[] = { NL_MAPS(RES_OF) };
static const char *const names[] = { NL_MAPS(NAME_OF) };
static const char *const types[] = { NL_MAPS(TYPES_OF) };

static const size_t sizes[NL_NDTYPES] = { 1, 1, 1, 2, 4, 8, 4, 8 };
static const char *const dtypes[NL_NDTYPES] = { "bool", "u8",  "i8",  "i16",
                                                "i32",  "i64", "f32", "f64" };

#define N 3072 /* elements of an input */
static const nl_kernels *isas[3]; /* the generic one last */
static int nisas;

static void find_isas (void) {
  static const char *const want[] = { "avx512", "avx2", "generic" };
  for (int i = 0; i < 3; i++) {
    const nl_kernels *K = nl__kernels_pick(want[i]);
    if (K) isas[nisas++] = K;
    else printf("skipped: this CPU has no %s\n", want[i]);
  }
}

static uint64_t state = 1;
static inline uint64_t draw (void) { /* splitmix64 */
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline double hard (int i) {
  static const double v[] = {
    0,        -0.0,      1,        -1,         0.5,      -0.5,
    INFINITY, -INFINITY, NAN,      5e-324,     -1e-310,  1.7976931348623157e308,
    1e-40,    -1e-45,    3.4e38,   -3.4e38,    3.5e38,   2147483647,
    2147483648.0, -2147483648.0, -2147483649.0, 9.3e18,  -9.3e18, 9.2e18,
    255,      256,       -129,     127.5,      32768,    88.8,
    709.78,   -745.2,    -104,     1e22,       1e15,     0.99999999,
    16,       3.1415926535897931,  1.5707963267948966,   2.5, -2.5, 1e300,
    125,      39000,     1e-5,     -3,         -0.9999,  20
  };
  return v[i % (int)(sizeof v / sizeof *v)];
}

/* A float of kind i: ordinary, of any magnitude, or hard.  Kinds come mixed,
   as a function of a vector may take another path for one lane's sake. */
static inline double any_float (int i) {
  double u = (double)(draw() >> 11) * 0x1p-53 * 2 - 1;
  switch (i % 8) {
    case 0: case 1: return u;
    case 2: case 3: return u * 8;
    case 4: return u * 100;
    case 5: return ldexp(u, (int)(draw() % 280) - 140);
    case 6: return ldexp(u, (int)(draw() % 2100) - 1060);
    default: return hard((int)(draw() % 1000));
  }
}

static inline void fill (nl_dtype d, void *p, int seed) {
  state = (uint64_t)seed;
  for (int i = 0; i < N; i++) {
    double x = any_float(i);
    uint64_t r = draw();
    if (i % 4 == 1) r %= 16; /* shifts, powers and divisors */
    if (i % 4 == 2) r = 0 - r % 16;
    if (i % 64 == 3) r = i % 128 == 3 ? 0x8000000000000000u : 0x80000000u;
    switch (d) {
      case NL_BOOL: ((uint8_t *)p)[i] = r & 1; break;
      case NL_U8: case NL_I8: ((uint8_t *)p)[i] = (uint8_t)r; break;
      case NL_I16: ((int16_t *)p)[i] = (int16_t)r; break;
      case NL_I32: ((int32_t *)p)[i] = (int32_t)r; break;
      case NL_I64: ((int64_t *)p)[i] = (int64_t)r; break;
      case NL_F32: ((float *)p)[i] = (float)x; break;
      default: ((double *)p)[i] = x;
    }
  }
}

/* The first difference between two arrays, or -1. */
static inline int64_t differ (nl_dtype d, const void *p, const void *q,
                              int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const char *a = (const char *)p + (size_t)i * sizes[d];
    const char *b = (const char *)q + (size_t)i * sizes[d];
    if (memcmp(a, b, sizes[d]) == 0) continue;
    if (d == NL_F32 && isnan(*(const float *)a) && isnan(*(const float *)b))
      continue;
    if (d == NL_F64 && isnan(*(const double *)a) && isnan(*(const double *)b))
      continue;
    return i;
  }
  return -1;
}

#endif
