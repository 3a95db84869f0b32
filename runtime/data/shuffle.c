/* shuffle.c: the permutation that belongs to a seed and an epoch.
 *
 * Fisher and Yates with Philox: epoch e never needs epoch e - 1.  Key: the
 * seed; counter: the block, then the epoch; each swap draws 64 bits, scaled
 * to its range by the high half of a product (off by less than n / 2^64). */
#include "data/data.h"

/* keeps the stream apart from the tensors' random numbers of the same seed */
#define SHUFFLE 0x6e6e6c7561736866ull

void nl__philox (const uint32_t counter[4], const uint32_t key[2],
                 uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int i = 0; i < 10; i++) {
    uint64_t a = (uint64_t)0xd2511f53u * c0, b = (uint64_t)0xcd9e8d57u * c2;
    c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)b;
    c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)a;
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* floor(x * n / 2^64) */
static uint64_t high (uint64_t x, uint64_t n) {
  uint64_t xl = (uint32_t)x, xh = x >> 32, nl = (uint32_t)n, nh = n >> 32;
  uint64_t mid = xh * nl + ((xl * nl) >> 32);
  uint64_t low = xl * nh + (uint32_t)mid;
  return xh * nh + (mid >> 32) + (low >> 32);
}

void nl_permutation (uint64_t seed, int64_t epoch, int64_t n, int64_t *out) {
  const uint64_t mixed = seed ^ SHUFFLE, e = (uint64_t)epoch;
  const uint32_t key[2] = {(uint32_t)mixed, (uint32_t)(mixed >> 32)};
  uint32_t w[4] = {0};
  for (int64_t i = 0; i < n; i++) out[i] = i;
  for (int64_t i = n - 1, k = 0; i > 0; i--, k++) {
    if (k % 2 == 0) {
      const uint64_t block = (uint64_t)k / 2;
      const uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32),
                             (uint32_t)e, (uint32_t)(e >> 32)};
      nl__philox(c, key, w);
    }
    const uint32_t *pair = w + 2 * (k % 2);
    uint64_t x = (uint64_t)pair[0] | (uint64_t)pair[1] << 32;
    int64_t j = (int64_t)high(x, (uint64_t)i + 1);
    int64_t t = out[i];
    out[i] = out[j];
    out[j] = t;
  }
}
