/* random.c: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011) and the
 * distributions made of it.  A vector computes NL_VD blocks at once, a word of
 * a block in the lower half of a 64-bit lane.  Box-Muller's logarithm, sine
 * and cosine are our own for float32: + - * / and sqrt alone, so that they
 * have the same bits everywhere, at a fraction of a library call's cost. */
#include "kernels/random.h"

NL_SLEEF1(log, u10)

typedef struct {
  vul w[4]; /* the words are the lower halves; the upper are anything */
} words;

/* The blocks of counter, counter + 1, ...: `sets` groups of NL_VD blocks at
   once, as one has to wait for its products. */
NL_INLINE void philox_of (uint64_t key, uint64_t counter, words *x, int sets) {
  const vul m0 = NL_IOTA_D * 0 + 0xd2511f53u, m1 = NL_IOTA_D * 0 + 0xcd9e8d57u;
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int s = 0; s < sets; s++) {
    vul c = NL_IOTA_D + (counter + (uint64_t)(s * NL_VD));
    x[s] = (words){ { c, c >> 32, c ^ c, c ^ c } };
  }
  for (int r = 0; r < 10; r++) {
    for (int s = 0; s < sets; s++) {
      vul *w = x[s].w, a = mul_low(w[0], m0), b = mul_low(w[2], m1);
      w[0] = (b >> 32) ^ w[1] ^ k0;
      w[1] = b;
      w[2] = (a >> 32) ^ w[3] ^ k1;
      w[3] = a;
    }
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
}

NL_INLINE words philox (uint64_t key, uint64_t counter) {
  words x;
  philox_of(key, counter, &x, 1);
  return x;
}

/* a's words in the lower halves of the lanes, b's in the upper */
NL_INLINE vul pair (vul a, vul b) { return (a & 0xffffffff) | (b << 32); }

/* k / 2^53 for integers k < 2^53, exactly and without a conversion that only
   some instruction sets have: 2^52 + j has j as its mantissa. */
NL_INLINE vd unit53 (vul k) {
  const vul magic = NL_IOTA_D * 0 + 0x4330000000000000u;
  vd hi = (vd)((k >> 27) | magic) - 0x1p52;
  vd lo = (vd)((k & 0x7ffffff) | magic) - 0x1p52;
  return hi * 0x1p-26 + lo * 0x1p-53;
}

/* ---- Box-Muller in float32 ---- */

/* log(x) for normal x > 0, within 2 ulp: x = 2^e (1 + f), 1 + f in
   [sqrt(1/2), sqrt(2)), log(1 + f) = f - f^2/2 + f^3 P(f). */
NL_INLINE vf log_pos (vf x) {
  vi i = (vi)x - 0x3f3504f3, e = i >> 23;
  vf f = (vf)((i & 0x7fffff) + 0x3f3504f3) - 1.0f, q = f * f;
  vf p = f * 0.06972518633879546f - 0.11481212058518442f;
  p = p * f + 0.11685784721037067f;
  p = p * f - 0.12425523359933803f;
  p = p * f + 0.14249007240593695f;
  p = p * f - 0.16667807132962642f;
  p = p * f + 0.20000717213085337f;
  p = p * f - 0.24999996925400272f;
  p = p * f + 0.3333333117427613f;
  vf n = __builtin_convertvector(e, vf);
  return n * 0.693359375f + (n * -2.12194440e-4f + (f * q * p - 0.5f * q) + f);
}

/* Two normals from each pair of words: radius sqrt(-2 log u) with u the middle
   of one of 2^30 equal parts of (0, 1), so never 0, angle 2 pi v / 2^32. */
NL_INLINE void box_muller_f (vu u, vu v, vf *a, vf *b) {
  vf x = __builtin_convertvector((vi)((u >> 1) | 1), vf) * 0x1p-31f;
  vf r2 = log_pos(x) * -2.0f, r;
  for (int i = 0; i < NL_VF; i++) r[i] = __builtin_sqrtf(r2[i]);
  vi quarter = (vi)((v + 0x20000000u) >> 30);      /* the nearest axis */
  vf t = __builtin_convertvector((vi)(v << 2) >> 2, vf);
  t = t * 1.4629180792671596e-9f;
  vf q = t * t; /* t is the angle from it, in [-pi/4, pi/4] */
  vf s = q * 2.7557319e-6f - 1.9841270e-4f;
  s = s * q + 8.3333333e-3f;
  s = s * q - 1.6666667e-1f;
  s = s * q * t + t;
  vf c = q * -2.7557319e-7f + 2.4801587e-5f;
  c = c * q - 1.3888889e-3f;
  c = c * q + 4.1666667e-2f;
  c = c * q - 0.5f;
  c = c * q + 1.0f;
  vi swap = -(quarter & 1);
  vf cs = sel_f(swap, s, c), sn = sel_f(swap, c, s);
  cs = (vf)((vi)cs ^ (((quarter + 1) & 2) << 30));
  sn = (vf)((vi)sn ^ ((quarter & 2) << 30));
  *a = r * cs;
  *b = r * sn;
}

/* The same in float64: u from 52 bits, v from 55, the series to 1e-17. */
NL_INLINE void box_muller_d (vul u, vul v, vd *a, vd *b) {
  vd r2 = log_vd(unit53((u >> 11) | 1)) * -2.0, r;
  for (int i = 0; i < NL_VD; i++) r[i] = __builtin_sqrt(r2[i]);
  vul quarter = (v + 0x2000000000000000u) >> 62;
  vul low = (v + 0x2000000000000000u) & 0x3fffffffffffffffu;
  vd t = (unit53(low >> 9) - 0.5) * 1.5707963267948966;
  vd q = t * t;
  vd s = q * -7.647163731819816e-13 + 1.6059043836821613e-10;
  s = s * q - 2.505210838544172e-08;
  s = s * q + 2.7557319223985893e-06;
  s = s * q - 1.984126984126984e-04;
  s = s * q + 8.333333333333333e-03;
  s = s * q - 1.6666666666666666e-01;
  s = s * q * t + t;
  vd c = q * 4.779477332387385e-14 - 1.1470745597729725e-11;
  c = c * q + 2.08767569878681e-09;
  c = c * q - 2.755731922398589e-07;
  c = c * q + 2.48015873015873e-05;
  c = c * q - 1.3888888888888889e-03;
  c = c * q + 4.1666666666666664e-02;
  c = c * q - 0.5;
  c = c * q + 1.0;
  vl swap = -(vl)(quarter & 1);
  vd cs = sel_d(swap, s, c), sn = sel_d(swap, c, s);
  cs = (vd)((vul)cs ^ (((quarter + 1) & 2) << 62));
  sn = (vd)((vul)sn ^ ((quarter & 2) << 62));
  *a = r * cs;
  *b = r * sn;
}

/* ---- the outputs of NL_VD blocks, in order ---- */

NL_INLINE void store2 (void *out, vul a, vul b) {
  memcpy(out, &a, sizeof a);
  memcpy((char *)out + sizeof a, &b, sizeof b);
}

NL_INLINE void bits_group (uint64_t key, uint64_t counter, int64_t *out) {
  words x = philox(key, counter);
  for (int b = 0; b < NL_VD; b++)
    for (int j = 0; j < 4; j++) out[4 * b + j] = (uint32_t)x.w[j][b];
}

NL_INLINE void uniform_f32_group (uint64_t key, uint64_t counter, float *out) {
  words x = philox(key, counter);
  vu a = (vu)pair(x.w[0], x.w[1]), b = (vu)pair(x.w[2], x.w[3]);
  vul u = (vul)(__builtin_convertvector((vi)(a >> 8), vf) * 0x1p-24f);
  vul v = (vul)(__builtin_convertvector((vi)(b >> 8), vf) * 0x1p-24f);
  store2(out, NL_LOWER_D(u, v), NL_UPPER_D(u, v));
}

NL_INLINE void uniform_f64_group (uint64_t key, uint64_t counter,
                                  double *out) {
  words x = philox(key, counter);
  vul u = (vul)unit53(pair(x.w[0], x.w[1]) >> 11);
  vul v = (vul)unit53(pair(x.w[2], x.w[3]) >> 11);
  store2(out, NL_LOWER_D(u, v), NL_UPPER_D(u, v));
}

NL_INLINE void normal_f32_of (words x, float *out) {
  vf a, b;
  box_muller_f((vu)pair(x.w[0], x.w[2]), (vu)pair(x.w[1], x.w[3]), &a, &b);
  store2(out, (vul)NL_LOWER_F(a, b), (vul)NL_UPPER_F(a, b));
}

NL_INLINE void normal_f32_group (uint64_t key, uint64_t counter, float *out) {
  words x[2];
  philox_of(key, counter, x, 2);
  normal_f32_of(x[0], out);
  normal_f32_of(x[1], out + 4 * NL_VD);
}

NL_INLINE void normal_f64_group (uint64_t key, uint64_t counter, double *out) {
  words x = philox(key, counter);
  vd a, b;
  box_muller_d(pair(x.w[0], x.w[1]), pair(x.w[2], x.w[3]), &a, &b);
  store2(out, (vul)NL_LOWER_D(a, b), (vul)NL_UPPER_D(a, b));
}

/* n outputs by groups of `per` outputs of as many blocks; the last may be
   cut */
#define FILL(name, T, per, blocks)                                            \
  void NL_K(random_##name) (uint64_t key, uint64_t counter, int64_t n,        \
                            T *out) {                                         \
    int64_t i = 0;                                                            \
    for (; i + (per) <= n; i += (per), counter += (blocks))                   \
      name##_group(key, counter, out + i);                                    \
    if (i < n) {                                                              \
      T tail[per];                                                            \
      name##_group(key, counter, tail);                                       \
      memcpy(out + i, tail, (size_t)(n - i) * sizeof(T));                     \
    }                                                                         \
  }
FILL(bits, int64_t, 4 * NL_VD, NL_VD)
FILL(uniform_f32, float, 4 * NL_VD, NL_VD)
FILL(uniform_f64, double, 2 * NL_VD, NL_VD)
FILL(normal_f32, float, 8 * NL_VD, 2 * NL_VD)
FILL(normal_f64, double, 2 * NL_VD, NL_VD)
