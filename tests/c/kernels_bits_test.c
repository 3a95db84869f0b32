/* kernels_bits_test.c: elementwise kernels and casts give the same bits in
 * every instruction set, alone or in company, at any length and alignment, in
 * place or not, and write nothing beyond their output.  NaN is NaN, whatever
 * its payload. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernels/kernels.h"

#define NIN_OF(name, nin, types, res) nin,
#define NAME_OF(name, nin, types, res) #name,
#define TYPES_OF(name, nin, types, res) types,
#define S 0
#define B 1
#define RES_OF(name, nin, types, res) res,
static const int nins[] = { NL_MAPS(NIN_OF) }, res_bool[] = { NL_MAPS(RES_OF) };
static const char *const names[] = { NL_MAPS(NAME_OF) };
static const char *const types[] = { NL_MAPS(TYPES_OF) };

static const size_t sizes[NL_NDTYPES] = { 1, 1, 1, 2, 4, 8, 4, 8 };
static const char *const dtypes[NL_NDTYPES] = { "bool", "u8",  "i8",  "i16",
                                                "i32",  "i64", "f32", "f64" };

#define N 3072 /* elements of an input */
#define PAD 64

static const nl_kernels *isas[3]; /* generic last */
static int nisas;

static uint64_t state = 1;
static uint64_t draw (void) { /* splitmix64 */
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static double hard (int i) {
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
static double any_float (int i) {
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

static void fill (nl_dtype d, void *p, int seed) {
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
static int64_t differ (nl_dtype d, const void *p, const void *q, int64_t n) {
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

typedef struct {
  _Alignas(64) char data[3][N * 8 + PAD], want[N * 8 + PAD], got[N * 8 + PAD];
} arrays;
static arrays A;

/* in[k] + i elements */
static void inputs_at (int id, nl_dtype d, int64_t i, const void **in) {
  for (int k = 0; k < nins[id]; k++)
    in[k] = A.data[k] +
            (size_t)i * (id == NL_MAP_where && k == 0 ? 1 : sizes[d]);
}

static void check_lengths (const nl_kernels *K, int id, nl_dtype d,
                           nl_dtype r) {
  const void *in[3];
  for (int64_t n = 0; n <= 70; n++) {
    int64_t start = 1 + 37 * n;
    memset(A.got, 0xa5, sizeof A.got);
    inputs_at(id, d, start, in);
    K->map[id][d](n, in, A.got + 1 * sizes[r]);
    CHECK(differ(r, A.got + sizes[r], A.want + (size_t)start * sizes[r], n) < 0,
          "%s %s %s of %d elements", K->isa, names[id], dtypes[d], (int)n);
    bool beyond = false;
    for (size_t i = 0; i < 32; i++)
      beyond |= (unsigned char)A.got[(size_t)(n + 1) * sizes[r] + i] != 0xa5;
    CHECK(!beyond, "%s %s %s of %d elements wrote beyond", K->isa, names[id],
          dtypes[d], (int)n);
  }
}

static void check_alone (const nl_kernels *K, int id, nl_dtype d, nl_dtype r) {
  const void *in[3];
  for (int64_t i = 0; i < N; i++) {
    inputs_at(id, d, i, in);
    K->map[id][d](1, in, A.got + (size_t)i * sizes[r]);
  }
  int64_t at = differ(r, A.got, A.want, N);
  CHECK(at < 0, "%s %s %s: element %d alone has other bits", K->isa, names[id],
        dtypes[d], (int)at);
}

static void check_in_place (const nl_kernels *K, int id, nl_dtype d,
                            nl_dtype r) {
  const void *in[3];
  for (int k = 0; k < nins[id]; k++) {
    nl_dtype of = id == NL_MAP_where && k == 0 ? NL_BOOL : d;
    if (sizes[of] != sizes[r]) continue;
    inputs_at(id, d, 0, in);
    memcpy(A.got, A.data[k], N * sizes[r]);
    in[k] = A.got;
    K->map[id][d](N, in, A.got);
    int64_t at = differ(r, A.got, A.want, N);
    CHECK(at < 0, "%s %s %s in place of input %d: element %d", K->isa,
          names[id], dtypes[d], k + 1, (int)at);
  }
}

static void check_map (int id, nl_dtype d) {
  nl_dtype r = res_bool[id] ? NL_BOOL : d;
  const void *in[3];
  for (int k = 0; k < nins[id]; k++)
    fill(id == NL_MAP_where && k == 0 ? NL_BOOL : d, A.data[k], 7 * k + 1);
  inputs_at(id, d, 0, in);
  for (int i = nisas - 1; i >= 0; i--) {
    const nl_kernels *K = isas[i];
    char *to = i == nisas - 1 ? A.want : A.got;
    K->map[id][d](N, in, to);
    int64_t at = differ(r, to, A.want, N);
    CHECK(at < 0, "%s %s %s: element %d has other bits than generic's", K->isa,
          names[id], dtypes[d], (int)at);
    check_alone(K, id, d, r);
    check_lengths(K, id, d, r);
    check_in_place(K, id, d, r);
  }
}

static void check_cast (nl_dtype from, nl_dtype to) {
  fill(from, A.data[0], 5);
  isas[nisas - 1]->cast[from][to](N, A.data[0], A.want);
  for (int i = 0; i < nisas; i++)
    for (int64_t n = 0; n <= 71; n++) {
      int64_t m = n == 71 ? N - 1 : n, start = n == 71 ? 0 : 31 * n;
      memset(A.got, 0xa5, sizeof A.got);
      isas[i]->cast[from][to](m, A.data[0] + (size_t)start * sizes[from],
                              A.got + sizes[to]);
      CHECK(differ(to, A.got + sizes[to],
                   A.want + (size_t)start * sizes[to], m) < 0,
            "%s cast %s to %s of %d elements", isas[i]->isa, dtypes[from],
            dtypes[to], (int)m);
      CHECK((unsigned char)A.got[(size_t)(m + 1) * sizes[to]] == 0xa5,
            "%s cast %s to %s wrote beyond", isas[i]->isa, dtypes[from],
            dtypes[to]);
    }
}

int main (void) {
  static const char *const want[] = { "avx512", "avx2", "generic" };
  for (int i = 0; i < 3; i++) {
    const nl_kernels *K = nl__kernels_pick(want[i]);
    if (K) isas[nisas++] = K;
    else printf("skipped: this CPU has no %s\n", want[i]);
  }
  for (int id = 0; id < NL_MAP_COUNT; id++)
    for (nl_dtype d = 0; d < NL_NDTYPES; d++) {
      char c = nl_dtype_is_float(d) ? 'F' : d == NL_BOOL ? 'B' : 'I';
      bool wanted = strchr(types[id], c) != NULL, all = true;
      for (int i = 0; i < nisas; i++)
        all = all && (isas[i]->map[id][d] != NULL) == wanted;
      CHECK(all, "%s %s: in the table against NL_MAPS", names[id], dtypes[d]);
      if (wanted && all) check_map(id, d);
    }
  for (nl_dtype a = 0; a < NL_NDTYPES; a++)
    for (nl_dtype b = 0; b < NL_NDTYPES; b++) check_cast(a, b);
  return check_done();
}
