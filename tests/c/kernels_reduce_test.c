/* kernels_reduce_test.c: reductions against their naive twin, bit for bit, of
 * every dtype, at many shapes, whole and in parts, in every instruction set;
 * and full sums by blocks. */
#include <stdlib.h>

#include "kernels/naive.h"
#include "kernels_inputs.h"

#define MOST (1 << 15) /* elements of an input, and bytes of an output / 8 */

static _Alignas(64) char data[MOST * 8], want[MOST * 8], got[MOST * 8];
static double scratch[MOST];

static const char *const reduces[NL_RED_COUNT] = {
  "sum", "prod", "max", "min", "all", "any", "argmax", "argmin"
};

static nl_dtype result (int id, nl_dtype d) {
  if (id >= NL_RED_ARGMAX) return NL_I64;
  if (id >= NL_RED_ALL) return NL_BOOL;
  return id <= NL_RED_PROD && !nl_dtype_is_float(d) ? NL_I64 : d;
}

/* Inputs whose sums and products are finite, or (wild) any; with many equal
   elements for the first of equals. */
static void fill_for (nl_dtype d, bool wild, int seed) {
  fill(d, data, seed);
  for (int i = N; i < MOST; i++)
    memcpy(data + (size_t)i * sizes[d], data + (size_t)(i % N) * sizes[d],
           sizes[d]);
  for (int i = 0; !wild && i < MOST; i++) {
    double x = (double)(draw() >> 11) * 0x1p-53 + 0.5;
    if (draw() % 8 == 0) x = 1.25;
    if (draw() % 2) x = -x;
    if (draw() % 64 == 0) x = draw() % 2 ? 0.0 : -0.0;
    if (d == NL_F32) ((float *)data)[i] = (float)x;
    if (d == NL_F64) ((double *)data)[i] = x;
  }
}

static void check_shape (int id, nl_dtype d, int64_t outer, int64_t n,
                         int64_t inner) {
  nl_dtype r = result(id, d);
  int64_t m = outer * inner;
  nl__naive_reduce((nl_reduce_id)id, d, outer, n, inner, data, want, scratch);
  for (int i = 0; i < nisas; i++) {
    const nl_kernels *K = isas[i];
    memset(got, 0xa5, (size_t)(m + 8) * 8);
    K->reduce[id][d](outer, n, inner, 0, outer, 0, inner, data, got);
    CHECK(differ(r, got, want, m) < 0 &&
              (unsigned char)got[(size_t)m * sizes[r]] == 0xa5,
          "%s %s %s of (%d, %d, %d)", K->isa, reduces[id], dtypes[d],
          (int)outer, (int)n, (int)inner);
    if (m < 2) continue;
    /* the same in four parts, as threads would */
    int64_t o = outer / 2, c = inner / 3;
    memset(got, 0xa5, (size_t)(m + 8) * 8);
    K->reduce[id][d](outer, n, inner, 0, o, 0, inner, data, got);
    K->reduce[id][d](outer, n, inner, o, outer, 0, c, data, got);
    K->reduce[id][d](outer, n, inner, o, outer, c, inner, data, got);
    CHECK(differ(r, got, want, m) < 0, "%s %s %s of (%d, %d, %d) in parts",
          K->isa, reduces[id], dtypes[d], (int)outer, (int)n, (int)inner);
  }
}

static void check_all_shapes (int id, nl_dtype d) {
  static const int16_t shapes[][3] = {
    { 1, 0, 1 },    { 3, 0, 5 },      { 0, 4, 3 },     { 1, 4095, 1 },
    { 1, 4096, 1 }, { 1, 4097, 1 },   { 1, 8191, 1 },  { 1, 8192, 1 },
    { 1, 8300, 1 }, { 1, 32767, 1 },  { 2, 4200, 1 },  { 40, 10, 1 },
    { 33, 17, 1 },  { 3, 1000, 1 },   { 1, 200, 37 },  { 2, 65, 64 },
    { 3, 64, 65 },  { 5, 63, 3 },     { 1, 300, 100 }, { 2, 4099, 2 },
    { 1, 4160, 7 }, { 1, 129, 128 },  { 1, 1, 1000 },  { 7, 2, 300 },
    { 4, 128, 33 }, { 1, 20, 1500 },  { 100, 3, 2 },   { 1, 8200, 3 },
  };
  for (int wild = 0; wild < 2; wild++) {
    fill_for(d, wild, 17 + wild);
    for (int n = 0; n <= 300; n += n < 70 ? 1 : 13) check_shape(id, d, 1, n, 1);
    for (int n = 0; n <= 70; n++) check_shape(id, d, 3, n, 1);
    for (int n = 1; n <= 200; n += n < 70 ? 1 : 13)
      check_shape(id, d, 1, n, 70);
    for (int c = 2; c <= 70; c += 3) check_shape(id, d, 2, 70, c);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
      check_shape(id, d, shapes[i][0], shapes[i][1], shapes[i][2]);
  }
}

/* More than 4096 blocks: the blocks' results are a sequence of 2 blocks. */
static void check_long (nl_dtype d) {
  int64_t n = (4096 + 70) * 4096 + 77;
  char *x = malloc((size_t)n * sizes[d]), *parts = malloc(5000 * 8);
  double *s = malloc((size_t)n * sizeof *s);
  CHECK(x && parts && s, "no memory");
  for (int64_t i = 0; x && i < n; i++)
    memcpy(x + (size_t)i * sizes[d],
           data + (size_t)(draw() % MOST) * sizes[d], sizes[d]);
  for (int id = NL_RED_SUM; x && parts && s && id <= NL_RED_MIN; id++) {
    nl_dtype r = result(id, d);
    nl__naive_reduce((nl_reduce_id)id, d, 1, n, 1, x, want, s);
    for (int i = 0; i < nisas; i++) {
      const nl_kernels *K = isas[i];
      int64_t nb = (n + NL_RED_BLOCK - 1) / NL_RED_BLOCK;
      K->reduce[id][d](1, n, 1, 0, 1, 0, 1, x, got);
      CHECK(differ(r, got, want, 1) < 0, "%s %s %s of 17 million", K->isa,
            reduces[id], dtypes[d]);
      K->reduce_blocks[id][d](n, nb / 2, nb, x, parts);
      K->reduce_blocks[id][d](n, 0, nb / 2, x, parts);
      K->reduce[id][r](1, nb, 1, 0, 1, 0, 1, parts, got);
      CHECK(differ(r, got, want, 1) < 0, "%s %s %s of 17 million, by blocks",
            K->isa, reduces[id], dtypes[d]);
    }
  }
  free(x);
  free(parts);
  free(s);
}

/* What the twin could get wrong alike: known results. */
static void check_known (const nl_kernels *K) {
  float x[] = { 3, -0.0f, NAN, 7, NAN, -INFINITY }, r;
  int64_t at;
  K->reduce[NL_RED_MAX][NL_F32](1, 6, 1, 0, 1, 0, 1, x, &r);
  CHECK(isnan(r), "%s: NaN must win a maximum", K->isa);
  K->reduce[NL_RED_ARGMIN][NL_F32](1, 6, 1, 0, 1, 0, 1, x, &at);
  CHECK(at == 2, "%s: argmin must be the first NaN, 2, not %d", K->isa,
        (int)at);
  K->reduce[NL_RED_ARGMIN][NL_F32](1, 2, 1, 0, 1, 0, 1, x, &at);
  CHECK(at == 1, "%s: argmin of 3, -0", K->isa);
  K->reduce[NL_RED_SUM][NL_F32](1, 1, 1, 0, 1, 0, 1, x + 1, &r);
  CHECK(r == 0 && signbit(r), "%s: the sum of -0 is -0", K->isa);
  K->reduce[NL_RED_SUM][NL_F32](1, 0, 1, 0, 1, 0, 1, x, &r);
  CHECK(r == 0 && !signbit(r), "%s: the empty sum is 0", K->isa);
  K->reduce[NL_RED_MAX][NL_F32](1, 0, 1, 0, 1, 0, 1, x, &r);
  CHECK(r == -INFINITY, "%s: the empty maximum is -inf", K->isa);
  uint8_t b[300];
  memset(b, 1, sizeof b);
  K->reduce[NL_RED_SUM][NL_BOOL](1, 300, 1, 0, 1, 0, 1, b, &at);
  CHECK(at == 300, "%s: 300 true make %d", K->isa, (int)at);
}

int main (void) {
  find_isas();
  for (int i = 0; i < nisas; i++) check_known(isas[i]);
  for (nl_dtype d = 0; d < NL_NDTYPES; d++)
    for (int id = 0; id < NL_RED_COUNT; id++) check_all_shapes(id, d);
  fill_for(NL_F32, false, 3);
  check_long(NL_F32);
  fill_for(NL_F64, false, 4);
  check_long(NL_F64);
  fill_for(NL_I16, true, 5);
  check_long(NL_I16);
  return check_done();
}
