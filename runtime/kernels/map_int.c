/* map_int.c: elementwise arithmetic of integers.  Everything wraps modulo
 * 2^bits, nothing traps: x // 0, x % 0 and fmod(x, 0) are 0, the least integer
 * divided by -1 is itself.  Shifts are logical and a count of the width or
 * more gives 0, a negative count shifts the other way, as in Lua. */
#include "kernels/maps.h"

/* floor(x / y) */
static inline int64_t floor_div (int64_t x, int64_t y) {
  if (y == 0) return 0;
  if (y == -1) return (int64_t)(0 - (uint64_t)x);
  int64_t q = x / y;
  return q - (x % y != 0 && (x < 0) != (y < 0));
}

/* x - y * floor(x / y): has the sign of y */
static inline int64_t floor_mod (int64_t x, int64_t y) {
  if (y == 0 || y == -1) return 0;
  int64_t r = x % y;
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

/* x - y * trunc(x / y): has the sign of x */
static inline int64_t trunc_mod (int64_t x, int64_t y) {
  return y == 0 || y == -1 ? 0 : x % y;
}

/* x^y modulo 2^64; 1 / x^-y for negative y, as an integer: 0 unless x is 1 or
   -1 */
static inline int64_t int_pow (int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
  uint64_t r = 1;
  for (uint64_t b = (uint64_t)x; y > 0; y >>= 1, b *= b)
    if (y & 1) r *= b;
  return (int64_t)r;
}

/* x, of `bits` bits and zero-extended, shifted left by y */
static inline uint64_t shift_left (uint64_t x, int64_t y, int bits) {
  if (y <= -bits || y >= bits) return 0;
  return y >= 0 ? x << y : x >> -y;
}

static inline uint64_t shift_right (uint64_t x, int64_t y, int bits) {
  if (y <= -bits || y >= bits) return 0;
  return y >= 0 ? x >> y : x << -y;
}

/* One integer type: T, the unsigned type U of its size, and the unsigned type
   W to compute in, at least as wide as int. */
#define INT_ARITH(s, T, U, W)                                                 \
  NL_MAP2(add, s, T, T, (W)x + (W)y)                                          \
  NL_MAP2(sub, s, T, T, (W)x - (W)y)                                          \
  NL_MAP2(mul, s, T, T, (W)x * (W)y)                                          \
  NL_MAP2(idiv, s, T, T, floor_div(x, y))                                     \
  NL_MAP2(fmod, s, T, T, trunc_mod(x, y))                                     \
  NL_MAP2(remainder, s, T, T, floor_mod(x, y))                                \
  NL_MAP2(pow, s, T, T, int_pow(x, y))                                        \
  NL_MAP2(and, s, T, T, x &y)                                                 \
  NL_MAP2(or, s, T, T, x | y)                                                 \
  NL_MAP2(xor, s, T, T, x ^ y)                                                \
  NL_MAP1(not, s, T, T, ~x)                                                   \
  NL_MAP2(shl, s, T, T, shift_left((U)x, y, 8 * (int)sizeof(T)))              \
  NL_MAP2(shr, s, T, T, shift_right((U)x, y, 8 * (int)sizeof(T)))             \
  NL_MAP1(neg, s, T, T, 0 - (W)x)                                             \
  NL_MAP1(square, s, T, T, (W)x * (W)x)                                       \
  NL_MAP1(floor, s, T, T, x)                                                  \
  NL_MAP1(ceil, s, T, T, x)                                                   \
  NL_MAP1(round, s, T, T, x)                                                  \
  NL_MAP1(rint, s, T, T, x)                                                   \
  NL_MAP1(trunc, s, T, T, x)

INT_ARITH(u8, uint8_t, uint8_t, uint32_t)
INT_ARITH(i8, int8_t, uint8_t, uint32_t)
INT_ARITH(i16, int16_t, uint16_t, uint32_t)
INT_ARITH(i32, int32_t, uint32_t, uint32_t)
INT_ARITH(i64, int64_t, uint64_t, uint64_t)

#define INT_SIGNED(s, T, W)                                                   \
  NL_MAP1(abs, s, T, T, x < 0 ? 0 - (W)x : (W)x)                              \
  NL_MAP1(sign, s, T, T, (x > 0) - (x < 0))                                   \
  NL_MAP1(relu, s, T, T, x > 0 ? x : 0)

INT_SIGNED(i8, int8_t, uint32_t)
INT_SIGNED(i16, int16_t, uint32_t)
INT_SIGNED(i32, int32_t, uint32_t)
INT_SIGNED(i64, int64_t, uint64_t)
NL_MAP1(abs, u8, uint8_t, uint8_t, x)
NL_MAP1(sign, u8, uint8_t, uint8_t, x != 0)
NL_MAP1(relu, u8, uint8_t, uint8_t, x)
