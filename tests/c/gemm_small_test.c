/* gemm_small_test.c: products of small sizes give the bits of the naive loop
 * on each instruction set, whatever the layouts; and touch nothing but their
 * own tile. */
#include "gemm_problem.h"

/* all small sizes, on any layout, with odd numbers every other time */
static void test_small (void) {
  for (int i = 0; i < 20 * 20 * 20; i++)
    for (int d = 0; d < 2; d++) {
      problem p = pose(d ? NL_F64 : NL_F32, 1 + i / 400, 1 + i / 20 % 20,
                       1 + i % 20, (i + d) % 2 == 0);
      for (int j = 0; j < 3; j++)
        check_tile(&p, isas[j], (int)below(5), (int)below(5), 0, p.m, 0, p.n);
      drop(&p);
    }
  for (int64_t k = 1; k <= 9; k++) /* each of those with k in registers */
    for (int64_t n = 1; n <= 33; n++) {
      problem p = pose(n % 2 ? NL_F64 : NL_F32, 43, n, k, n % 3 == 0);
      check_all(&p, -1);
      drop(&p);
    }
}

int main (void) {
  if (!has_fma()) return 0;
  test_small();
  return check_done();
}
