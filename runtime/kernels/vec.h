/* vec.h: the vector operations that the products are written in, for one
 * element type (NL_REAL = 32 or 64, set by the file that includes this) and
 * one instruction set (lanes.h).  Loads and stores are unaligned; the masked
 * ones touch the first n lanes alone, 1 <= n <= LANES. */
#ifndef NL_VEC_H
#define NL_VEC_H

#include <stdbool.h>

#include "kernels/lanes.h"

#if NL_LEVEL > 1
#include <immintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#define NL_NEON 1
#endif

/* for what is too long to be copied into every kernel */
#define NL_CALL static __attribute__((noinline, unused))

#if NL_REAL == 32
typedef float real;
typedef vf vec;
#define LANES NL_VF
#define NL_PS(name) NL_PASTE(name, ps) /* an intrinsic of this type */
#else
typedef double real;
typedef vd vec;
#define LANES NL_VD
#define NL_PS(name) NL_PASTE(name, pd)
#endif

typedef real vec_u __attribute__((vector_size(NL_VBYTES),
                                  aligned(sizeof(real)), may_alias));

NL_INLINE vec vload (const real *p) { return (vec)(*(const vec_u *)p); }
NL_INLINE void vstore (real *p, vec v) { *(vec_u *)p = (vec_u)v; }

/* ---- a * b + c, rounded once ---- */

/* One element.  On x86 without FMA in the flags the C library picks the
   instruction; on a processor without it, two roundings: slow beats stuck. */
NL_INLINE real fma1 (real a, real b, real c) {
#if NL_LEVEL == 1 && (defined(__x86_64__) || defined(__i386__))
  if (!__builtin_cpu_supports("fma")) return a * b + c;
#endif
#if NL_REAL == 32
  return __builtin_fmaf(a, b, c);
#else
  return __builtin_fma(a, b, c);
#endif
}

#if NL_LEVEL == 3
NL_INLINE vec vfma (vec a, vec b, vec c) {
  return (vec)NL_PS(_mm512_fmadd_)(a, b, c);
}
NL_INLINE vec vall (real x) { return (vec)NL_PS(_mm512_set1_)(x); }
#elif NL_LEVEL == 2
NL_INLINE vec vfma (vec a, vec b, vec c) {
  return (vec)NL_PS(_mm256_fmadd_)(a, b, c);
}
NL_INLINE vec vall (real x) { return (vec)NL_PS(_mm256_set1_)(x); }
#else
#if defined(NL_NEON)
NL_INLINE vec vfma (vec a, vec b, vec c) {
#if NL_REAL == 32
  return (vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return (vec)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#endif
}
#else
NL_CALL vec vfma (vec a, vec b, vec c) {
  for (int i = 0; i < LANES; i++) c[i] = fma1(a[i], b[i], c[i]);
  return c;
}
#endif
NL_INLINE vec vall (real x) {
  vec v;
  for (int i = 0; i < LANES; i++) v[i] = x;
  return v;
}
#endif

/* ---- the first n lanes ---- */

#if NL_LEVEL == 3
#if NL_REAL == 32
typedef __mmask16 vmask;
#else
typedef __mmask8 vmask;
#endif
NL_INLINE vmask vmask_of (int n) { return (vmask)((1u << n) - 1); }
NL_INLINE vec vloadn (const real *p, vmask m) {
  return (vec)NL_PS(_mm512_maskz_loadu_)(m, p);
}
NL_INLINE void vstoren (real *p, vec v, int n) {
  NL_PS(_mm512_mask_storeu_)(p, vmask_of(n), v);
}
#elif NL_LEVEL == 2
typedef __m256i vmask;
NL_INLINE vmask vmask_of (int n) {
  static const int32_t ones[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
  int words = n * (int)(sizeof(real) / 4);
  return _mm256_loadu_si256((const __m256i *)(const void *)(ones + 8 - words));
}
NL_INLINE vec vloadn (const real *p, vmask m) {
  return (vec)NL_PS(_mm256_maskload_)(p, m);
}
/* Not maskstore: AMD's processors take dozens of cycles for one. */
NL_CALL void vstoren (real *p, vec v, int n) {
#if NL_REAL == 32
  __m128 x = _mm256_castps256_ps128((__m256)v);
  if (n == LANES) {
    vstore(p, v);
    return;
  }
  if (n & 4) {
    _mm_storeu_ps(p, x);
    x = _mm256_extractf128_ps((__m256)v, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi((__m64 *)(void *)p, x);
    x = _mm_movehl_ps(x, x);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, x);
#else
  __m128d x = _mm256_castpd256_pd128((__m256d)v);
  if (n == LANES) {
    vstore(p, v);
    return;
  }
  if (n & 2) {
    _mm_storeu_pd(p, x);
    x = _mm256_extractf128_pd((__m256d)v, 1);
    p += 2;
  }
  if (n & 1) _mm_store_sd(p, x);
#endif
}
#else
typedef int vmask;
NL_INLINE vmask vmask_of (int n) { return n; }
NL_CALL vec vloadn (const real *p, vmask m) {
  vec v = { 0 };
  for (int i = 0; i < LANES; i++)
    if (i < m) v[i] = p[i];
  return v;
}
NL_CALL void vstoren (real *p, vec v, int n) {
  for (int i = 0; i < LANES; i++)
    if (i < n) p[i] = v[i];
}
#endif

/* ---- transposition of LANES x LANES ----
 * In every 128-bit quarter first, then of the quarters themselves. */

#if NL_LEVEL == 3
#define NL_LO4(a, b) /* of float32, within quarters */                        \
  (vec)_mm512_unpacklo_ps((__m512)(a), (__m512)(b))
#define NL_HI4(a, b) (vec)_mm512_unpackhi_ps((__m512)(a), (__m512)(b))
#define NL_LO8(a, b) (vec)_mm512_unpacklo_pd((__m512d)(a), (__m512d)(b))
#define NL_HI8(a, b) (vec)_mm512_unpackhi_pd((__m512d)(a), (__m512d)(b))
#define NL_EVEN(a, b) /* quarters 0 and 2 of a, then of b */                  \
  (vec)_mm512_shuffle_f32x4((__m512)(a), (__m512)(b), 0x88)
#define NL_ODD(a, b) (vec)_mm512_shuffle_f32x4((__m512)(a), (__m512)(b), 0xdd)
#elif NL_LEVEL == 2
#define NL_LO4(a, b) (vec)_mm256_unpacklo_ps((__m256)(a), (__m256)(b))
#define NL_HI4(a, b) (vec)_mm256_unpackhi_ps((__m256)(a), (__m256)(b))
#define NL_LO8(a, b) (vec)_mm256_unpacklo_pd((__m256d)(a), (__m256d)(b))
#define NL_HI8(a, b) (vec)_mm256_unpackhi_pd((__m256d)(a), (__m256d)(b))
#define NL_EVEN(a, b)                                                         \
  (vec)_mm256_permute2f128_ps((__m256)(a), (__m256)(b), 0x20)
#define NL_ODD(a, b)                                                          \
  (vec)_mm256_permute2f128_ps((__m256)(a), (__m256)(b), 0x31)
#if NL_REAL == 32
#define NL_BOTH(p, q) /* a quarter from each */                               \
  (vec)_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)),          \
                            _mm_loadu_ps(q), 1)
#else
#define NL_BOTH(p, q)                                                         \
  (vec)_mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p)),          \
                            _mm_loadu_pd(q), 1)
#endif
#else
#define NL_LO4(a, b) (vec)__builtin_shufflevector((vf)(a), (vf)(b), 0, 4, 1, 5)
#define NL_HI4(a, b) (vec)__builtin_shufflevector((vf)(a), (vf)(b), 2, 6, 3, 7)
#define NL_LO8(a, b) (vec)__builtin_shufflevector((vd)(a), (vd)(b), 0, 2)
#define NL_HI8(a, b) (vec)__builtin_shufflevector((vd)(a), (vd)(b), 1, 3)
#endif

#define NL_QUARTERS (NL_VBYTES / 16)
#define NL_PER (16 / (int)sizeof(real)) /* elements of a quarter */

/* Rows i .. i + NL_PER - 1, within quarters. */
NL_INLINE void transpose_quarters (vec *r) {
#if NL_REAL == 32
  vec a = NL_LO4(r[0], r[1]), b = NL_HI4(r[0], r[1]);
  vec c = NL_LO4(r[2], r[3]), d = NL_HI4(r[2], r[3]);
  r[0] = NL_LO8(a, c);
  r[1] = NL_HI8(a, c);
  r[2] = NL_LO8(b, d);
  r[3] = NL_HI8(b, d);
#else
  vec a = NL_LO8(r[0], r[1]), b = NL_HI8(r[0], r[1]);
  r[0] = a;
  r[1] = b;
#endif
}

NL_INLINE void vtranspose (vec r[LANES]) {
  NL_UNROLL
  for (int i = 0; i < LANES; i += NL_PER) transpose_quarters(r + i);
#if NL_QUARTERS == 4
  NL_UNROLL
  for (int j = 0; j < NL_PER; j++) {
    vec *a = r + j, *b = a + NL_PER, *c = b + NL_PER, *d = c + NL_PER;
    vec ab = NL_EVEN(*a, *b), cd = NL_EVEN(*c, *d);
    vec ab1 = NL_ODD(*a, *b), cd1 = NL_ODD(*c, *d);
    *a = NL_EVEN(ab, cd);
    *b = NL_EVEN(ab1, cd1);
    *c = NL_ODD(ab, cd);
    *d = NL_ODD(ab1, cd1);
  }
#elif NL_QUARTERS == 2
  NL_UNROLL
  for (int j = 0; j < NL_PER; j++) {
    vec a = NL_EVEN(r[j], r[j + NL_PER]), b = NL_ODD(r[j], r[j + NL_PER]);
    r[j] = a;
    r[j + NL_PER] = b;
  }
#endif
}

/* LANES rows of LANES elements, stride apart, transposed.  Quarters come to
   their places as they are loaded, which saves the second step. */
NL_INLINE void vload_transposed (vec r[LANES], const real *p, int64_t stride) {
#if NL_LEVEL == 2
  NL_UNROLL
  for (int j = 0; j < LANES; j++) {
    const real *at = p + j % NL_PER * stride + j / NL_PER * NL_PER;
    r[j] = NL_BOTH(at, at + NL_PER * stride);
  }
  NL_UNROLL
  for (int j = 0; j < LANES; j += NL_PER) transpose_quarters(r + j);
#else
  NL_UNROLL
  for (int j = 0; j < LANES; j++) r[j] = vload(p + j * stride);
  vtranspose(r);
#endif
}

#endif
