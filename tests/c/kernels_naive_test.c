/* kernels_naive_test.c: elementwise kernels and casts against their naive
 * twins: those that IEEE 754 or integer arithmetic defines are equal, the
 * others within a few units of the last place. */
#include "kernels/naive.h"
#include "kernels_inputs.h"

static _Alignas(64) char data[3][N * 8], want[N * 8], got[N * 8];

/* Functions whose value is exact or rounded once; idiv rounds twice alike. */
static bool is_exact (int id) {
  static const char *const exact =
      " add sub mul div idiv fmod remainder max2 min2 lt le gt ge eq ne where "
      "neg abs sign square recip sqrt relu floor ceil round trunc rint frac "
      "isnan isinf isfinite ";
  char word[32];
  snprintf(word, sizeof word, " %s ", names[id]);
  return strstr(exact, word) != NULL;
}

/* Are got and want equal, or within `ulp` units of want's last place? */
static bool near (double a, double w, double ulp, bool single, double zero) {
  if (a == w || (isnan(a) && isnan(w)) || fabs(a - w) <= zero) return true;
  int least = single ? -126 : -1022; /* exponent of a normal number */
  int e = fabs(w) < ldexp(1, least) ? least : ilogb(w);
  double unit = ldexp(1, e - (single ? 23 : 52));
  double most = single ? 3.4028234e38 : 1.7976931348623157e308;
  if (isinf(a)) return fabs(w) > most * (1 - 1e-6) && a * w > 0;
  return fabs(a - w) <= ulp * unit;
}

/* A result of float32 may differ from float64's rounded one by its own
   computation, and a twin of the C library's by 2 ulp. */
static void compare (const nl_kernels *K, int id, nl_dtype d) {
  bool single = d == NL_F32, near_zeros = id == NL_MAP_lgamma ||
                                          id == NL_MAP_digamma ||
                                          id == NL_MAP_logaddexp;
  double zero = near_zeros ? (single ? 1e-6 : 1e-14) : 0;
  double ulp = id == NL_MAP_trigamma || id == NL_MAP_digamma ? 16
               : id == NL_MAP_lgamma                         ? 8
                                                             : 4;
  for (int i = 0; i < N; i++) {
    double x[2] = { 0, 0 }, w, g;
    for (int k = 0; k < nins[id]; k++)
      x[k] = single ? ((float *)data[k])[i] : ((double *)data[k])[i];
    w = nl__naive_float((nl_map_id)id, x[0], x[1], 0);
    g = single ? ((float *)got)[i] : ((double *)got)[i];
    CHECK(near(g, w, ulp, single, zero), "%s %s(%a, %a) %s is %a, naively %a",
          K->isa, names[id], x[0], x[1], dtypes[d], g, w);
  }
}

static void check_map (const nl_kernels *K, int id, nl_dtype d) {
  const void *in[3] = { data[0], data[1], data[2] };
  nl_dtype r = res_bool[id] ? NL_BOOL : d;
  for (int k = 0; k < nins[id]; k++)
    fill(id == NL_MAP_where && k == 0 ? NL_BOOL : d, data[k], 100 + k);
  K->map[id][d](N, in, got);
  if (nl_dtype_is_float(d) && !is_exact(id)) {
    compare(K, id, d);
    return;
  }
  nl__naive_map((nl_map_id)id, d, N, in, want);
  int64_t at = differ(r, got, want, N);
  CHECK(at < 0, "%s %s %s: element %d differs from the twin's", K->isa,
        names[id], dtypes[d], (int)at);
}

static void check_cast (const nl_kernels *K, nl_dtype from, nl_dtype to) {
  fill(from, data[0], 11);
  K->cast[from][to](N, data[0], got);
  nl__naive_cast(from, to, N, data[0], want);
  int64_t at = differ(to, got, want, N);
  CHECK(at < 0, "%s cast %s to %s: element %d differs from the twin's", K->isa,
        dtypes[from], dtypes[to], (int)at);
}

/* Two maps in one pass: their bits, at odd lengths, in place too. */
static int check_pair (const nl_kernels *K, int f, int g, int at, nl_dtype d) {
  static _Alignas(64) char inner[N * 8];
  nl_map_fn both = K->pair(f, g, at, d);
  if (both == NULL) return 0;
  CHECK(nins[f] <= 2 && at < nins[g], "%s %s after %s: a pair of those",
        K->isa, names[g], names[f]);
  for (int k = 0; k < 3; k++) fill(d, data[k], 40 + k);
  const void *of_f[2] = { data[0], data[1] }, *of_g[2] = { inner, inner };
  const void *in[3] = { data[0], data[nins[f] - 1], data[2] };
  of_g[1 - at] = data[2];
  K->map[f][d](N, of_f, inner);
  K->map[g][d](N, of_g, want);
  for (int k = 0; k < 4; k++) { /* with the result over input k */
    memset(got, 0, sizeof got);
    memcpy(got, data[k % 3], (N - 3) * sizes[d]);
    in[0] = k == 0 ? got : data[0];
    in[1] = (nins[f] == 1 ? k == 0 : k == 1) ? got : data[nins[f] - 1];
    in[2] = k == 2 ? got : data[2];
    both(N - 3, in, got);
    int64_t i = differ(d, got, want, N - 3);
    CHECK(i < 0, "%s %s %s of operand %d after %s: element %d differs", K->isa,
          dtypes[d], names[g], at, names[f], (int)i);
    CHECK(memcmp(got + (N - 3) * sizes[d], "\0\0\0\0\0\0\0", 8) == 0,
          "%s %s after %s wrote beyond its end", K->isa, names[g], names[f]);
  }
  return 1;
}

static void check_pairs (const nl_kernels *K) {
  int pairs = 0;
  for (int f = 0; f < NL_MAP_COUNT; f++)
    for (int g = 0; g < NL_MAP_COUNT; g++)
      for (nl_dtype d = 0; d < NL_NDTYPES; d++)
        for (int at = 0; at < 2; at++) pairs += check_pair(K, f, g, at, d);
  CHECK(pairs == 4 * (4 * 2 + 1) * 2, "%s: %d pairs", K->isa, pairs);
}

static void check_spread (const nl_kernels *K) {
  for (size_t elem = 1; elem <= 8; elem *= 2)
    for (int64_t n = 1; n < 150; n += 1 + n / 5) {
      size_t bytes = (size_t)n * elem;
      memset(got, 0x5a, sizeof got);
      K->spread(n, elem, "abcdefgh", got + 1);
      for (size_t i = 0; i < bytes; i++)
        CHECK(got[1 + i] == "abcdefgh"[i % elem], "%s: byte %d of %d times %d",
              K->isa, (int)i, (int)n, (int)elem);
      CHECK(got[0] == 0x5a && got[1 + bytes + 127] == 0x5a,
            "%s: %d times %d beyond", K->isa, (int)n, (int)elem);
    }
}

int main (void) {
  find_isas();
  for (int i = 0; i < nisas; i++) {
    for (int id = 0; id < NL_MAP_COUNT; id++)
      for (nl_dtype d = 0; d < NL_NDTYPES; d++)
        if (isas[i]->map[id][d]) check_map(isas[i], id, d);
    for (nl_dtype a = 0; a < NL_NDTYPES; a++)
      for (nl_dtype b = 0; b < NL_NDTYPES; b++) check_cast(isas[i], a, b);
    check_pairs(isas[i]);
    check_spread(isas[i]);
  }
  return check_done();
}
