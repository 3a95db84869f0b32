/* naive.c: see naive.h. */
#include "kernels/naive.h"

#include <math.h>

#define PI 3.14159265358979323846264338327950288L

/* ---- elements ---- */

static bool is_float (nl_dtype d) { return d >= NL_F32; }

static double load_float (nl_dtype d, const void *p, int64_t i) {
  return d == NL_F32 ? ((const float *)p)[i] : ((const double *)p)[i];
}

static int64_t load_int (nl_dtype d, const void *p, int64_t i) {
  switch (d) {
    case NL_BOOL: case NL_U8: return ((const uint8_t *)p)[i];
    case NL_I8: return ((const int8_t *)p)[i];
    case NL_I16: return ((const int16_t *)p)[i];
    case NL_I32: return ((const int32_t *)p)[i];
    default: return ((const int64_t *)p)[i];
  }
}

static void store_float (nl_dtype d, void *p, int64_t i, double x) {
  if (d == NL_F32) ((float *)p)[i] = (float)x;
  else ((double *)p)[i] = x;
}

static void store_int (nl_dtype d, void *p, int64_t i, int64_t x) {
  switch (d) {
    case NL_BOOL: case NL_U8: ((uint8_t *)p)[i] = (uint8_t)x; break;
    case NL_I8: ((int8_t *)p)[i] = (int8_t)x; break;
    case NL_I16: ((int16_t *)p)[i] = (int16_t)x; break;
    case NL_I32: ((int32_t *)p)[i] = (int32_t)x; break;
    default: ((int64_t *)p)[i] = x;
  }
}

/* ---- functions that the C library lacks ---- */

static double psi (double x) {
  if (x == 0) return signbit(x) ? INFINITY : -INFINITY;
  if (x < 0 && x == floor(x)) return NAN;
  if (isinf(x)) return x > 0 ? x : NAN;
  long double z = x, s = 0;
  if (x < 0) {
    long double f = -z - floorl(-z);
    return (double)(psi(1 - x) + PI * cosl(PI * f) / sinl(PI * f));
  }
  for (; z < 30; z++) s -= 1 / z;
  long double q = 1 / (z * z);
  return (double)(s + logl(z) - 1 / (2 * z) -
                  q * (1 / 12.0L - q * (1 / 120.0L - q * (1 / 252.0L - q *
                  (1 / 240.0L - q / 132)))));
}

static double psi1 (double x) {
  if (x == 0 || (x < 0 && x == floor(x))) return isinf(x) ? NAN : INFINITY;
  if (isinf(x)) return 0;
  long double z = x, s = 0;
  if (x < 0) {
    long double t = PI / sinl(PI * (-z - floorl(-z)));
    return (double)(t * t - psi1(1 - x));
  }
  for (; z < 30; z++) s += 1 / (z * z);
  long double q = 1 / (z * z);
  return (double)(s + 1 / z + q / 2 +
                  q / z * (1 / 6.0L - q * (1 / 30.0L - q * (1 / 42.0L - q *
                  (1 / 30.0L - q * 5 / 66)))));
}

/* Newton's method on erf or erfc from a point where the steps only shrink */
static double inverse_erf (double x) {
  long double a = fabs(x), y = 0;
  if (!(a < 1)) return a == 1 ? x * INFINITY : NAN;
  for (int i = 0; i < 200; i++) {
    long double e = a < 0.5L ? a - erfl(y) : erfcl(y) - (1 - a);
    y += e * sqrtl(PI) / 2 * expl(y * y);
  }
  return copysign((double)y, x);
}

static double log_sum (double x, double y) {
  if (isnan(x) || isnan(y)) return NAN;
  long double m = fmax(x, y), d = x == y ? 0 : fabsl((long double)x - y);
  return (double)(m + log1pl(expl(-d)));
}

static double lua_mod (double x, double y) {
  double m = fmod(x, y);
  return (m > 0 && y < 0) || (m < 0 && y > 0) ? m + y : m;
}

/* ---- maps ---- */

static double nan_wins (double x, double y, bool x_is_it) {
  return isnan(x) || (x_is_it && !isnan(y)) ? x : y;
}

static double sinc (double x) {
  const long double pi = 3.14159265358979323846L;
  double n = round(x), sign = fmod(n, 2) == 0 ? 1 : -1;
  if (isinf(x)) return NAN;
  return x == 0 ? 1 : (double)(sign * sinl((x - n) * pi) / (x * pi));
}

static double arithmetic (nl_map_id id, double x, double y, double z) {
  switch (id) {
    case NL_MAP_add: return x + y;
    case NL_MAP_sub: return x - y;
    case NL_MAP_mul: return x * y;
    case NL_MAP_div: return x / y;
    case NL_MAP_fmod: return fmod(x, y);
    case NL_MAP_remainder: return lua_mod(x, y);
    case NL_MAP_max2: return nan_wins(x, y, x > y);
    case NL_MAP_min2: return nan_wins(x, y, x < y);
    case NL_MAP_lt: return x < y;
    case NL_MAP_le: return x <= y;
    case NL_MAP_gt: return x > y;
    case NL_MAP_ge: return x >= y;
    case NL_MAP_eq: return x == y;
    case NL_MAP_ne: return x != y;
    case NL_MAP_where: return x != 0 ? y : z;
    case NL_MAP_neg: return -x;
    case NL_MAP_abs: return fabs(x);
    case NL_MAP_sign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case NL_MAP_square: return x * x;
    case NL_MAP_recip: return 1 / x;
    case NL_MAP_sqrt: return sqrt(x);
    case NL_MAP_relu: return isnan(x) ? x : x > 0 ? x : 0;
    case NL_MAP_floor: return floor(x);
    case NL_MAP_ceil: return ceil(x);
    case NL_MAP_round: return round(x);
    case NL_MAP_rint: return rint(x);
    case NL_MAP_trunc: return trunc(x);
    case NL_MAP_frac: return x - trunc(x);
    case NL_MAP_isnan: return isnan(x);
    case NL_MAP_isinf: return isinf(x) != 0;
    case NL_MAP_isfinite: return isfinite(x);
    default: return NAN;
  }
}

double nl__naive_float (nl_map_id id, double x, double y, double z) {
  switch (id) {
    case NL_MAP_pow: return pow(x, y);
    case NL_MAP_atan2: return atan2(x, y);
    case NL_MAP_hypot: return hypot(x, y);
    case NL_MAP_logaddexp: return log_sum(x, y);
    case NL_MAP_rsqrt: return 1 / sqrt(x);
    case NL_MAP_cbrt: return cbrt(x);
    case NL_MAP_exp: return exp(x);
    case NL_MAP_exp2: return exp2(x);
    case NL_MAP_expm1: return expm1(x);
    case NL_MAP_log: return log(x);
    case NL_MAP_log2: return log2(x);
    case NL_MAP_log10: return log10(x);
    case NL_MAP_log1p: return log1p(x);
    case NL_MAP_sin: return sin(x);
    case NL_MAP_cos: return cos(x);
    case NL_MAP_tan: return tan(x);
    case NL_MAP_asin: return asin(x);
    case NL_MAP_acos: return acos(x);
    case NL_MAP_atan: return atan(x);
    case NL_MAP_sinh: return sinh(x);
    case NL_MAP_cosh: return cosh(x);
    case NL_MAP_tanh: return tanh(x);
    case NL_MAP_asinh: return asinh(x);
    case NL_MAP_acosh: return acosh(x);
    case NL_MAP_atanh: return atanh(x);
    case NL_MAP_sigmoid: return (double)(1 / (1 + expl(-(long double)x)));
    case NL_MAP_softplus: return log_sum(x, 0);
    case NL_MAP_erf: return erf(x);
    case NL_MAP_erfc: return erfc(x);
    case NL_MAP_erfinv: return inverse_erf(x);
    case NL_MAP_lgamma: return lgamma(x);
    case NL_MAP_gamma:
      return x == 0 ? 1 / x : x < 0 && x == floor(x) ? NAN : tgamma(x);
    case NL_MAP_sinc: return sinc(x);
    case NL_MAP_digamma: return psi(x);
    case NL_MAP_trigamma: return psi1(x);
    default: return arithmetic(id, x, y, z);
  }
}

static const int bits_of[NL_NDTYPES] = { 1, 8, 8, 16, 32, 64, 32, 64 };

static int64_t naive_shift (nl_dtype d, int64_t x, int64_t y, bool left) {
  int bits = bits_of[d];
  uint64_t u = (uint64_t)x & (UINT64_MAX >> (64 - bits));
  if (y <= -bits || y >= bits) return 0;
  if (y < 0) left = !left, y = -y;
  return (int64_t)(left ? u << y : u >> y);
}

/* floor(x / y), trunc(x / y) where y is not 0 */
static int64_t quotient (int64_t x, int64_t y, bool to_floor) {
  if (y == -1) return (int64_t)(0 - (uint64_t)x);
  int64_t q = x / y, r = x % y;
  return to_floor && r != 0 && (r < 0) != (y < 0) ? q - 1 : q;
}

int64_t nl__naive_int (nl_map_id id, nl_dtype d, int64_t x, int64_t y,
                       int64_t z) {
  uint64_t u = (uint64_t)x, v = (uint64_t)y, p = 1;
  switch (id) {
    case NL_MAP_add: return (int64_t)(u + v);
    case NL_MAP_sub: return (int64_t)(u - v);
    case NL_MAP_mul: return (int64_t)(u * v);
    case NL_MAP_idiv: return y ? quotient(x, y, true) : 0;
    case NL_MAP_fmod:
      return y ? (int64_t)(u - v * (uint64_t)quotient(x, y, false)) : 0;
    case NL_MAP_remainder:
      return y ? (int64_t)(u - v * (uint64_t)quotient(x, y, true)) : 0;
    case NL_MAP_pow:
      if (y < 0) return x == 1 ? 1 : x != -1 ? 0 : y % 2 ? -1 : 1;
      for (int i = 62; i >= 0; i--) {
        p *= p;
        if (y >> i & 1) p *= u;
      }
      return (int64_t)p;
    case NL_MAP_max2: return x > y ? x : y;
    case NL_MAP_min2: return x < y ? x : y;
    case NL_MAP_lt: return x < y;
    case NL_MAP_le: return x <= y;
    case NL_MAP_gt: return x > y;
    case NL_MAP_ge: return x >= y;
    case NL_MAP_eq: return x == y;
    case NL_MAP_ne: return x != y;
    case NL_MAP_where: return x ? y : z;
    case NL_MAP_and: return x & y;
    case NL_MAP_or: return x | y;
    case NL_MAP_xor: return x ^ y;
    case NL_MAP_not: return d == NL_BOOL ? !x : ~x;
    case NL_MAP_shl: return naive_shift(d, x, y, true);
    case NL_MAP_shr: return naive_shift(d, x, y, false);
    case NL_MAP_neg: return (int64_t)(0 - u);
    case NL_MAP_abs: return x < 0 ? (int64_t)(0 - u) : x;
    case NL_MAP_sign: return x > 0 ? 1 : x < 0 ? -1 : 0;
    case NL_MAP_square: return (int64_t)(u * u);
    case NL_MAP_relu: return x > 0 ? x : 0;
    default: return x; /* floor, ceil, round, trunc, rint */
  }
}

#define NIN_OF(name, nin, types, res) nin,
#define RES_OF(name, nin, types, res) RES_##res,
enum { RES_S, RES_B };
static const int nins[] = { NL_MAPS(NIN_OF) }, results[] = { NL_MAPS(RES_OF) };

void nl__naive_map (nl_map_id id, nl_dtype d, int64_t n,
                    const void *const *in, void *out) {
  nl_dtype r = results[id] == RES_B ? NL_BOOL : d;
  for (int64_t i = 0; i < n; i++) {
    double f[3] = { 0, 0, 0 };
    int64_t v[3] = { 0, 0, 0 };
    for (int k = 0; k < nins[id]; k++) {
      nl_dtype dk = id == NL_MAP_where && k == 0 ? NL_BOOL : d;
      if (is_float(dk)) f[k] = load_float(dk, in[k], i);
      else f[k] = (double)(v[k] = load_int(dk, in[k], i));
    }
    if (!is_float(d))
      store_int(r, out, i, nl__naive_int(id, d, v[0], v[1], v[2]));
    else if (id == NL_MAP_idiv) /* two roundings, each to d */
      store_float(d, out, i,
                  d == NL_F32 ? floorf((float)f[0] / (float)f[1])
                              : floor(f[0] / f[1]));
    else if (is_float(r))
      store_float(d, out, i, nl__naive_float(id, f[0], f[1], f[2]));
    else store_int(r, out, i, nl__naive_float(id, f[0], f[1], f[2]) != 0);
  }
}

static int64_t saturate (double x, double lo, double hi, int64_t least,
                         int64_t greatest) {
  return isnan(x) ? 0 : x <= lo ? least : x >= hi ? greatest : (int64_t)x;
}

void nl__naive_cast (nl_dtype from, nl_dtype to, int64_t n, const void *in,
                     void *out) {
  for (int64_t i = 0; i < n; i++) {
    if (!is_float(from)) {
      int64_t v = load_int(from, in, i);
      if (to == NL_F32) ((float *)out)[i] = (float)v; /* one rounding */
      else if (to == NL_F64) ((double *)out)[i] = (double)v;
      else store_int(to, out, i, to == NL_BOOL ? v != 0 : v);
      continue;
    }
    double x = load_float(from, in, i);
    switch (to) {
      case NL_BOOL: store_int(to, out, i, x != 0); break;
      case NL_U8: store_int(to, out, i, saturate(x, 0, 255, 0, 255)); break;
      case NL_I64:
        store_int(to, out, i, saturate(x, -0x1p63, 0x1p63, INT64_MIN,
                                       INT64_MAX));
        break;
      case NL_F32: case NL_F64: store_float(to, out, i, x); break;
      default: {
        int64_t hi = (1ll << (bits_of[to] - 1)) - 1;
        store_int(to, out, i, saturate(x, (double)(-hi - 1), (double)hi,
                                       -hi - 1, hi));
      }
    }
  }
}

/* ---- reductions ---- */

/* a op b, rounded to d; a float32 sum or product rounded from float64's is
   the rounded exact one */
static double fold (nl_reduce_id id, nl_dtype d, double a, double b) {
  double r = id == NL_RED_SUM    ? a + b
             : id == NL_RED_PROD ? a * b
             : id == NL_RED_MAX  ? nan_wins(a, b, a > b)
                                 : nan_wins(a, b, a < b);
  return d == NL_F32 ? (float)r : r;
}

/* The rule of kernels.h, word for word. */
static double block (nl_reduce_id id, nl_dtype d, const double *v,
                     int64_t n) {
  double lane[64];
  bool there[64] = { false };
  for (int64_t k = 0; k < n; k++) {
    lane[k % 64] = there[k % 64] ? fold(id, d, lane[k % 64], v[k]) : v[k];
    there[k % 64] = true;
  }
  for (int h = 32; h >= 1; h /= 2)
    for (int l = 0; l < h; l++)
      if (there[l + h]) lane[l] = fold(id, d, lane[l], lane[l + h]);
  return lane[0];
}

static double sequence (nl_reduce_id id, nl_dtype d, double *v, int64_t n) {
  if (n == 0)
    return id == NL_RED_SUM    ? 0
           : id == NL_RED_PROD ? 1
           : id == NL_RED_MAX  ? -INFINITY
                               : INFINITY;
  for (int64_t m; n > 1; n = m)
    for (m = 0; m * 4096 < n; m++) /* v[m] belongs to a block already done */
      v[m] = block(id, d, v + m * 4096,
                   n - m * 4096 < 4096 ? n - m * 4096 : 4096);
  return v[0];
}

static int64_t int_fold (nl_reduce_id id, int64_t a, int64_t b) {
  switch (id) {
    case NL_RED_SUM: return (int64_t)((uint64_t)a + (uint64_t)b);
    case NL_RED_PROD: return (int64_t)((uint64_t)a * (uint64_t)b);
    case NL_RED_MAX: return a > b ? a : b;
    case NL_RED_MIN: return a < b ? a : b;
    case NL_RED_ALL: return a && b;
    default: return a || b;
  }
}

static int64_t int_start (nl_reduce_id id, nl_dtype d) {
  int64_t hi = d <= NL_U8 ? (1 << bits_of[d]) - 1
                          : INT64_MAX >> (64 - bits_of[d]);
  switch (id) {
    case NL_RED_MAX: return d <= NL_U8 ? 0 : -hi - 1;
    case NL_RED_MIN: return hi;
    default: return id == NL_RED_PROD || id == NL_RED_ALL;
  }
}

/* argmax and argmin of n elements `step` apart from element `at` on */
static int64_t arg (nl_reduce_id id, nl_dtype d, const void *x, int64_t at,
                    int64_t step, int64_t n) {
  int64_t best = 0;
  for (int64_t k = 1; k < n; k++) {
    int64_t p = at + best * step, q = at + k * step;
    bool better;
    if (is_float(d)) {
      double a = load_float(d, x, p), b = load_float(d, x, q);
      better = !isnan(a) && (isnan(b) || (id == NL_RED_ARGMAX ? b > a : b < a));
    } else {
      int64_t a = load_int(d, x, p), b = load_int(d, x, q);
      better = id == NL_RED_ARGMAX ? b > a : b < a;
    }
    if (better) best = k;
  }
  return best;
}

void nl__naive_reduce (nl_reduce_id id, nl_dtype d, int64_t outer, int64_t n,
                       int64_t inner, const void *x, void *out,
                       double *scratch) {
  for (int64_t o = 0; o < outer; o++)
    for (int64_t i = 0; i < inner; i++) {
      int64_t at = o * n * inner + i, to = o * inner + i;
      if (id >= NL_RED_ARGMAX)
        store_int(NL_I64, out, to, arg(id, d, x, at, inner, n));
      else if (is_float(d) && id <= NL_RED_MIN) {
        for (int64_t k = 0; k < n; k++)
          scratch[k] = load_float(d, x, at + k * inner);
        store_float(d, out, to, sequence(id, d, scratch, n));
      } else {
        int64_t a = int_start(id, d);
        for (int64_t k = 0; k < n; k++)
          a = int_fold(id, a,
                       is_float(d) ? load_float(d, x, at + k * inner) != 0
                                   : load_int(d, x, at + k * inner));
        nl_dtype r = id <= NL_RED_PROD  ? NL_I64
                     : id <= NL_RED_MIN ? d
                                        : NL_BOOL;
        store_int(r, out, to, a);
      }
    }
}

/* ---- random numbers ---- */

void nl__naive_philox (const uint32_t counter[4], const uint32_t key[2],
                       uint32_t out[4]) {
  uint32_t c[4] = { counter[0], counter[1], counter[2], counter[3] };
  uint32_t k0 = key[0], k1 = key[1];
  for (int r = 0; r < 10; r++) {
    uint64_t a = (uint64_t)0xd2511f53u * c[0], b = (uint64_t)0xcd9e8d57u * c[2];
    c[0] = (uint32_t)(b >> 32) ^ c[1] ^ k0;
    c[1] = (uint32_t)b;
    c[2] = (uint32_t)(a >> 32) ^ c[3] ^ k1;
    c[3] = (uint32_t)a;
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  for (int j = 0; j < 4; j++) out[j] = c[j];
}

uint32_t nl__naive_word (uint64_t key, uint64_t counter, int64_t i) {
  uint64_t b = counter + (uint64_t)(i / 4);
  uint32_t c[4] = { (uint32_t)b, (uint32_t)(b >> 32), 0, 0 }, out[4];
  uint32_t k[2] = { (uint32_t)key, (uint32_t)(key >> 32) };
  nl__naive_philox(c, k, out);
  return out[i % 4];
}

static uint64_t two_words (uint64_t key, uint64_t counter, int64_t i) {
  return nl__naive_word(key, counter, 2 * i) |
         (uint64_t)nl__naive_word(key, counter, 2 * i + 1) << 32;
}

double nl__naive_uniform (uint64_t key, uint64_t counter, int64_t i,
                          bool single) {
  return single ? (nl__naive_word(key, counter, i) >> 8) * 0x1p-24
                : (double)(two_words(key, counter, i) >> 11) * 0x1p-53;
}

double nl__naive_normal (uint64_t key, uint64_t counter, int64_t i,
                         bool single) {
  int64_t j = i / 2 * 2;
  long double u, v;
  if (single) {
    u = (nl__naive_word(key, counter, j) >> 1 | 1) * 0x1p-31;
    v = nl__naive_word(key, counter, j + 1) * 0x1p-32;
  } else {
    u = (double)(two_words(key, counter, j) >> 11 | 1) * 0x1p-53;
    v = two_words(key, counter, j + 1) * 0x1p-64L;
  }
  long double r = sqrtl(-2 * logl(u)), a = 2 * PI * v;
  return (double)(i % 2 ? r * sinl(a) : r * cosl(a));
}
