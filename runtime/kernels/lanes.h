/* lanes.h: the instruction set that this compilation is for.  Vector types
 * (GCC's and clang's extension, so that arithmetic is written once), the
 * mangled names of this set's functions, and SLEEF's functions on vectors.
 *
 * Every kernel source is compiled once per set with -DNL_ISA=avx512, avx2 or
 * generic.  Bits must agree between the sets: SLEEF's finz functions do on
 * vectors and on scalars with FMA, our own arithmetic uses + - * / and sqrt
 * alone, never a contracted product (-ffp-contract=off). */
#ifndef NL_LANES_H
#define NL_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define NL_PASTE_(a, b) a##b
#define NL_PASTE(a, b) NL_PASTE_(a, b)
#define NL_K(name) NL_PASTE(nl__##name##_, NL_ISA) /* nl__map_add_f32_avx2 */

#define NL_LEVEL_generic 1
#define NL_LEVEL_avx2 2
#define NL_LEVEL_avx512 3
#define NL_LEVEL NL_PASTE(NL_LEVEL_, NL_ISA)

#if NL_LEVEL == 1 && (defined(__x86_64__) || defined(__i386__))
#ifndef FP_FAST_FMA
#define FP_FAST_FMA 1 /* has SLEEF declare its purecfma functions */
#endif
#endif
#include <sleef.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* NL_VF lanes of float32 or NL_VD of float64 are a vector */
#if NL_LEVEL == 3
#define NL_VF 16
#define NL_VD 8
#elif NL_LEVEL == 2
#define NL_VF 8
#define NL_VD 4
#else
#define NL_VF 4
#define NL_VD 2
#endif
#define NL_VBYTES (8 * NL_VD)

typedef float vf __attribute__((vector_size(NL_VBYTES)));
typedef double vd __attribute__((vector_size(NL_VBYTES)));
typedef int32_t vi __attribute__((vector_size(NL_VBYTES)));  /* masks of vf */
typedef int64_t vl __attribute__((vector_size(NL_VBYTES)));  /* masks of vd */
typedef uint32_t vu __attribute__((vector_size(NL_VBYTES)));
typedef uint64_t vul __attribute__((vector_size(NL_VBYTES)));

#define NL_INLINE static inline __attribute__((always_inline, unused))

/* out may be exactly one of the inputs: no iteration depends on another */
#if defined(__clang__)
#define NL_IVDEP _Pragma("clang loop vectorize(assume_safety)")
#define NL_FOUR
#pragma clang diagnostic ignored "-Wpass-failed" /* some have no vector form */
#else
#define NL_IVDEP _Pragma("GCC ivdep")
#define NL_FOUR _Pragma("GCC unroll 4")
#endif

#if NL_LEVEL == 1 && !defined(NL_NEON)
#define NL_UNROLL /* calls to fmaf: nothing to gain */
#elif defined(__clang__)
#define NL_UNROLL _Pragma("clang loop unroll(full)")
#else
#define NL_UNROLL _Pragma("GCC unroll 32")
#endif

/* m ? a : b, where a mask's lanes are all ones or all zeros */
NL_INLINE vf sel_f (vi m, vf a, vf b) {
  return (vf)((m & (vi)a) | (~m & (vi)b));
}
NL_INLINE vd sel_d (vl m, vd a, vd b) {
  return (vd)((m & (vl)a) | (~m & (vl)b));
}
NL_INLINE vf all_f (float x) { return x - (vf){0}; }
NL_INLINE vd all_d (double x) { return x - (vd){0}; }
NL_INLINE vf abs_f (vf x) { return (vf)((vi)x & 0x7fffffff); }
NL_INLINE vd abs_d (vd x) { return (vd)((vl)x & INT64_MAX); }

/* a >= 0 with the sign of b */
NL_INLINE vf sign_as_f (vf a, vf b) {
  return (vf)((vi)a | ((vi)b & INT32_MIN));
}
NL_INLINE vd sign_as_d (vd a, vd b) {
  return (vd)((vl)a | ((vl)b & INT64_MIN));
}
NL_INLINE vd floor_d (vd x) {
  for (int i = 0; i < NL_VD; i++) x[i] = __builtin_floor(x[i]);
  return x;
}
NL_INLINE vf sqrt_f (vf x) {
  for (int i = 0; i < NL_VF; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
NL_INLINE vd sqrt_d (vd x) {
  for (int i = 0; i < NL_VD; i++) x[i] = __builtin_sqrt(x[i]);
  return x;
}

/* Is a lane of the mask set? */
NL_INLINE int any_lane (vl m) {
#if NL_LEVEL == 3
  return _mm512_test_epi64_mask((__m512i)m, (__m512i)m) != 0;
#elif NL_LEVEL == 2
  return !_mm256_testz_si256((__m256i)m, (__m256i)m);
#else
  return (m[0] | m[1]) != 0;
#endif
}

/* ---- lanes that change places ---- */

#define NL_SHUF __builtin_shufflevector
#define NL_IOTA2 { 0, 1 }
#define NL_IOTA4 { 0, 1, 2, 3 }
#define NL_IOTA8 { 0, 1, 2, 3, 4, 5, 6, 7 }
#define NL_IOTA16 { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }
#define NL_IOTA_F ((vi)NL_PASTE(NL_IOTA, NL_VF))
#define NL_IOTA_D ((vul)NL_PASTE(NL_IOTA, NL_VD))

/* the lanes of two vectors in turn: of their lower and of their upper halves */
#define NL_LOWER2(a, b) NL_SHUF(a, b, 0, 2)
#define NL_UPPER2(a, b) NL_SHUF(a, b, 1, 3)
#define NL_LOWER4(a, b) NL_SHUF(a, b, 0, 4, 1, 5)
#define NL_UPPER4(a, b) NL_SHUF(a, b, 2, 6, 3, 7)
#define NL_LOWER8(a, b) NL_SHUF(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define NL_UPPER8(a, b) NL_SHUF(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define NL_LOWER16(a, b)                                                      \
  NL_SHUF(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define NL_UPPER16(a, b)                                                      \
  NL_SHUF(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define NL_LOWER_F NL_PASTE(NL_LOWER, NL_VF)
#define NL_UPPER_F NL_PASTE(NL_UPPER, NL_VF)
#define NL_LOWER_D NL_PASTE(NL_LOWER, NL_VD)
#define NL_UPPER_D NL_PASTE(NL_UPPER, NL_VD)

/* lane i + h in lane i, for i < h and a constant h, a power of 2 */
#define NL_DOWN2(v, h) NL_SHUF(v, v, 1, 1)
#define NL_DOWN4(v, h)                                                        \
  ((h) == 2 ? NL_SHUF(v, v, 2, 3, 2, 3) : NL_SHUF(v, v, 1, 1, 1, 1))
#define NL_DOWN8(v, h)                                                        \
  ((h) == 4   ? NL_SHUF(v, v, 4, 5, 6, 7, 4, 5, 6, 7)                         \
   : (h) == 2 ? NL_SHUF(v, v, 2, 3, 2, 3, 2, 3, 2, 3)                         \
              : NL_SHUF(v, v, 1, 1, 1, 1, 1, 1, 1, 1))
#define NL_DOWN16(v, h)                                                       \
  ((h) == 8 ? NL_SHUF(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12,   \
                      13, 14, 15)                                             \
   : (h) == 4                                                                 \
       ? NL_SHUF(v, v, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7)        \
   : (h) == 2                                                                 \
       ? NL_SHUF(v, v, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3)        \
       : NL_SHUF(v, v, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
NL_INLINE vf down_f (vf v, int h) {
  (void)h;
  return NL_PASTE(NL_DOWN, NL_VF)(v, h);
}
NL_INLINE vd down_d (vd v, int h) {
  (void)h;
  return NL_PASTE(NL_DOWN, NL_VD)(v, h);
}

/* ---- memory ---- */

NL_INLINE vf load_f (const float *p) {
  vf v;
  memcpy(&v, p, sizeof v);
  return v;
}
NL_INLINE vd load_d (const double *p) {
  vd v;
  memcpy(&v, p, sizeof v);
  return v;
}
NL_INLINE void store_f (float *p, vf v) { memcpy(p, &v, sizeof v); }
NL_INLINE void store_d (double *p, vd v) { memcpy(p, &v, sizeof v); }

#if NL_LEVEL == 3
#define NL_MASK_F(n) ((__mmask16)((n) < 16 ? (1u << (n)) - 1 : 0xffff))
#define NL_MASK_D(n) ((__mmask8)((n) < 8 ? (1u << (n)) - 1 : 0xff))
#endif

/* The first n lanes from memory, or to it; n may be 0, or more than there are
   lanes.  Other lanes are `rest`, and their memory is left alone. */
NL_INLINE vf load_part_f (const float *p, int64_t n, float rest) {
#if NL_LEVEL == 3
  return (vf)_mm512_mask_loadu_ps(_mm512_set1_ps(rest), NL_MASK_F(n), p);
#elif NL_LEVEL == 2
  vi m = NL_IOTA_F < (int32_t)n;
  return sel_f(m, (vf)_mm256_maskload_ps(p, (__m256i)m), all_f(rest));
#else
  vf v = all_f(rest);
  for (int i = 0; i < NL_VF && i < n; i++) v[i] = p[i];
  return v;
#endif
}
NL_INLINE vd load_part_d (const double *p, int64_t n, double rest) {
#if NL_LEVEL == 3
  return (vd)_mm512_mask_loadu_pd(_mm512_set1_pd(rest), NL_MASK_D(n), p);
#elif NL_LEVEL == 2
  vl m = (vl)NL_IOTA_D < n;
  return sel_d(m, (vd)_mm256_maskload_pd(p, (__m256i)m), all_d(rest));
#else
  vd v = all_d(rest);
  for (int i = 0; i < NL_VD && i < n; i++) v[i] = p[i];
  return v;
#endif
}
NL_INLINE void store_part_f (float *p, int64_t n, vf v) {
#if NL_LEVEL == 3
  _mm512_mask_storeu_ps(p, NL_MASK_F(n), (__m512)v);
#elif NL_LEVEL == 2
  _mm256_maskstore_ps(p, (__m256i)(NL_IOTA_F < (int32_t)n), (__m256)v);
#else
  for (int i = 0; i < NL_VF && i < n; i++) p[i] = v[i];
#endif
}
NL_INLINE void store_part_d (double *p, int64_t n, vd v) {
#if NL_LEVEL == 3
  _mm512_mask_storeu_pd(p, NL_MASK_D(n), (__m512d)v);
#elif NL_LEVEL == 2
  _mm256_maskstore_pd(p, (__m256i)((vl)NL_IOTA_D < n), (__m256d)v);
#else
  for (int i = 0; i < NL_VD && i < n; i++) p[i] = v[i];
#endif
}

/* ---- functions ---- */

/* The 64-bit products of the lower halves of 64-bit lanes. */
NL_INLINE vul mul_low (vul a, vul b) {
#if NL_LEVEL == 3
  return (vul)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif NL_LEVEL == 2
  return (vul)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (vul)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

/* name_vf and name_vd: SLEEF's function of that name and accuracy.  For the
   generic set they go lane by lane, with FMA where the CPU has it. */
#if NL_LEVEL == 3
#define NL_SLEEF_F(name, ulp) Sleef_finz_##name##f16_##ulp##avx512f
#define NL_SLEEF_D(name, ulp) Sleef_finz_##name##d8_##ulp##avx512f
#elif NL_LEVEL == 2
#define NL_SLEEF_F(name, ulp) Sleef_finz_##name##f8_##ulp##avx2
#define NL_SLEEF_D(name, ulp) Sleef_finz_##name##d4_##ulp##avx2
#endif

#if NL_LEVEL > 1
#define NL_SLEEF1(name, ulp)                                                  \
  NL_INLINE vf name##_vf (vf x) { return (vf)NL_SLEEF_F(name, ulp)(x); }      \
  NL_INLINE vd name##_vd (vd x) { return (vd)NL_SLEEF_D(name, ulp)(x); }
#define NL_SLEEF2(name, ulp)                                                  \
  NL_INLINE vf name##_vf (vf x, vf y) {                                       \
    return (vf)NL_SLEEF_F(name, ulp)(x, y);                                   \
  }                                                                           \
  NL_INLINE vd name##_vd (vd x, vd y) {                                       \
    return (vd)NL_SLEEF_D(name, ulp)(x, y);                                   \
  }
#else

#if defined(__x86_64__) || defined(__i386__)
#define NL_HAS_FMA __builtin_cpu_supports("fma")
#elif defined(FP_FAST_FMA)
#define NL_HAS_FMA 1
#else
#define NL_HAS_FMA 0
#endif
#if defined(FP_FAST_FMA)
#define NL_SLEEF_1(name, ulp)                                                 \
  (NL_HAS_FMA ? Sleef_finz_##name##_##ulp##purecfma                           \
              : Sleef_cinz_##name##_##ulp##purec)
#else
#define NL_SLEEF_1(name, ulp) Sleef_cinz_##name##_##ulp##purec
#endif
#define NL_SLEEF1(name, ulp)                                                  \
  NL_INLINE vf name##_vf (vf x) {                                             \
    for (int i = 0; i < NL_VF; i++) x[i] = NL_SLEEF_1(name##f1, ulp)(x[i]);   \
    return x;                                                                 \
  }                                                                           \
  NL_INLINE vd name##_vd (vd x) {                                             \
    for (int i = 0; i < NL_VD; i++) x[i] = NL_SLEEF_1(name##d1, ulp)(x[i]);   \
    return x;                                                                 \
  }
#define NL_SLEEF2(name, ulp)                                                  \
  NL_INLINE vf name##_vf (vf x, vf y) {                                       \
    for (int i = 0; i < NL_VF; i++)                                           \
      x[i] = NL_SLEEF_1(name##f1, ulp)(x[i], y[i]);                           \
    return x;                                                                 \
  }                                                                           \
  NL_INLINE vd name##_vd (vd x, vd y) {                                       \
    for (int i = 0; i < NL_VD; i++)                                           \
      x[i] = NL_SLEEF_1(name##d1, ulp)(x[i], y[i]);                           \
    return x;                                                                 \
  }
#endif

#endif
