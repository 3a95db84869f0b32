/* kernels_golden_test.c: every elementwise kernel of each instruction set
 * against golden/ops_elementwise.txt.  Bounds are in units of the last place
 * of the result's type; `-v` prints the largest error of each function. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernels/kernels.h"

#define NAME_OF(name, nin, types, res) #name,
static const char *const names[] = { NL_MAPS(NAME_OF) };

/* What each function promises, where it is more than SLEEF's 1 ulp and the
   reference's rounding.  `zero`: an absolute bound next to its zeros. */
typedef struct {
  const char *name;
  double f64, f32, zero;
} bound;
static const bound bounds[] = {
  { "erfc", 1.5, 1.5, 0 },       { "sigmoid", 3, 3, 0 },
  { "softplus", 2.5, 2.5, 0 },   { "logaddexp", 3, 3, 1e-15 },
  { "sinh", 2, 2, 0 },         { "cosh", 2, 2, 0 },
  { "tanh", 1.5, 1.5, 0 },
  { "erfinv", 4, 0.51, 0 },      { "digamma", 12, 0.51, 4e-15 },
  { "trigamma", 4, 0.51, 0 },    { "rsqrt", 1.5, 1.5, 0 },
  { "lgamma", 2, 2, 2e-15 },     { "sinc", 3, 3, 0 },
};

static double worst[NL_MAP_COUNT][2]; /* the largest error seen, by dtype */

static int find (const char *name) {
  for (int i = 0; i < NL_MAP_COUNT; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}

/* |got - want| in ulp of want in the result's type; a want beyond float32
   means inf, 0 or a subnormal there */
static double ulps (double got, double want, bool single) {
  if (single) {
    float near = (float)want;
    if (got == near || (isnan(got) && isnan(want))) return 0;
    if (!isfinite(near) || !isfinite(got)) return HUGE_VAL;
    float up = nextafterf(fabsf(near), INFINITY);
    double u = isinf(up) ? 0x1p104 : (double)up - fabs(near);
    return fabs(got - want) / u;
  }
  if (got == want || (isnan(got) && isnan(want))) return 0;
  if (!isfinite(want) || !isfinite(got)) return HUGE_VAL;
  double up = nextafter(fabs(want), INFINITY);
  return fabs(got - want) / (isinf(up) ? 0x1p971 : up - fabs(want));
}

static void check_float (const nl_kernels *K, int id, bool single, double x,
                         double y, double want) {
  double got, in64[2] = { x, y };
  float in32[2] = { (float)x, (float)y }, got32;
  const void *in[2] = { single ? (void *)in32 : in64,
                        single ? (void *)(in32 + 1) : in64 + 1 };
  K->map[id][single ? NL_F32 : NL_F64](1, in, single ? (void *)&got32 : &got);
  if (single) got = got32;
  double limit = 1.01, zero = 0;
  for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
    if (strcmp(bounds[i].name, names[id]) == 0) {
      limit = single ? bounds[i].f32 : bounds[i].f64;
      zero = bounds[i].zero * (single ? 0x1p29 : 1);
    }
  double e = fabs(got - want) <= zero ? 0 : ulps(got, want, single);
  if (e > worst[id][single]) worst[id][single] = e;
  CHECK(e <= limit, "%s %s(%a, %a) is %a, want %a (%g ulp)", K->isa,
        names[id], x, y, got, want, e);
  CHECK(got != 0 || want != 0 || signbit(got) == signbit(want) ||
            strstr("sign remainder", names[id]),
        "%s %s(%a, %a) has a zero of the wrong sign", K->isa, names[id], x, y);
}

static void check_int (const nl_kernels *K, int id, int64_t x, int64_t y,
                       int64_t want) {
  int64_t got;
  const void *in[2] = { &x, &y };
  K->map[id][NL_I64](1, in, &got);
  CHECK(got == want, "%s %s(%lld, %lld) is %lld, want %lld", K->isa, names[id],
        (long long)x, (long long)y, (long long)got, (long long)want);
}

static void read_cases (const nl_kernels *K, FILE *f) {
  char line[256], name[64] = "", type[8] = "", *s;
  int nin = 0, left = 0, id = -1;
  rewind(f);
  while (fgets(line, sizeof line, f)) {
    if (line[0] == '#') continue;
    if (left == 0) {
      CHECK(sscanf(line, "case %63s %7s %d %d", name, type, &nin, &left) == 4,
            "not the head of a case: %s", line);
      id = find(name);
      CHECK(id >= 0, "no kernel %s", name);
      if (id < 0) return;
      continue;
    }
    left--;
    if (strcmp(type, "i64") == 0) {
      int64_t x = strtoll(line, &s, 10), y = strtoll(s, &s, 10);
      check_int(K, id, x, y, strtoll(s, &s, 10));
      continue;
    }
    double x = strtod(line, &s), y = nin == 2 ? strtod(s, &s) : 0;
    check_float(K, id, strcmp(type, "f32") == 0, x, y, strtod(s, &s));
  }
}

/* psi'(x) by mpmath 1.3.0 at 100 bits */
static void check_trigamma (const nl_kernels *K) {
  static const double v[][2] = {
    { 0x1.0624dd2f1a9fcp-10, 0x1.e848348fa1c6dp+19 },
    { 0x1.999999999999ap-4, 0x1.95bbb2c5c8286p+6 },
    { 0x1.0000000000000p-1, 0x1.3bd3cc9be45dep+2 },
    { 0x1.0000000000000p+0, 0x1.a51a6625307d3p+0 },
    { 0x1.8000000000000p+0, 0x1.de9e64df22ef3p-1 },
    { 0x1.0000000000000p+1, 0x1.4a34cc4a60fa6p-1 },
    { 0x1.a000000000000p+1, 0x1.706ef688253b6p-2 },
    { 0x1.3000000000000p+3, 0x1.c6a517beb619ep-4 },
    { 0x1.4000000000000p+3, 0x1.aec2e54649b87p-4 },
    { 0x1.8000000000000p+3, 0x1.63f337df20565p-4 },
    { 0x1.9200000000000p+6, 0x1.47ad61877fb3dp-7 },
    { 0x1.e848000000000p+19, 0x1.0c6f82d72bcaap-20 },
    { 0x1.7e43c8800759cp+996, 0x1.56e1fc2f8f359p-997 },
    { -0x1.0000000000000p-1, 0x1.1de9e64df22efp+3 },
    { -0x1.999999999999ap-4, 0x1.97b0ae50acd4bp+6 },
    { -0x1.4000000000000p+0, 0x1.32e8faa228ebcp+4 },
    { -0x1.d99999999999ap+1, 0x1.daf51eb27b2c2p+3 },
    { -0x1.40083126e978dp+3, 0x1.e848663b222f8p+19 },
    { -0x1.ff7ced916872bp-1, 0x1.e84854a00a608p+19 },
    { 0x1.e9e369aa2b597p-663, INFINITY },
    { 0x1.5798ee2308c3ap-27, 0x1.1c37937e08001p+53 },
    { INFINITY, 0 }, { 0, INFINITY }, { -2, INFINITY }, { NAN, NAN },
  };
  for (size_t i = 0; i < sizeof v / sizeof *v; i++)
    check_float(K, NL_MAP_trigamma, false, v[i][0], 0, v[i][1]);
}

int main (int argc, char **argv) {
  static const char *const isas[] = { "avx512", "avx2", "generic" };
  FILE *f = fopen(NL_TEST_DIR "/golden/ops_elementwise.txt", "r");
  CHECK(f, "can't open golden/ops_elementwise.txt");
  for (int i = 0; f && i < 3; i++) {
    const nl_kernels *K = nl__kernels_pick(isas[i]);
    if (!K) continue;
    read_cases(K, f);
    check_trigamma(K);
  }
  if (f) fclose(f);
  for (int i = 0; argc > 1 && strcmp(argv[1], "-v") == 0 && i < NL_MAP_COUNT;
       i++)
    if (worst[i][0] > 0 || worst[i][1] > 0)
      printf("%-10s f64 %6.2f ulp  f32 %6.2f ulp\n", names[i], worst[i][0],
             worst[i][1]);
  return check_done();
}
