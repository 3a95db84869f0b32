/* kernels.h: the raw loops.  No values, no context, no memory of their own,
 * no errors: sizes were checked by the caller.  One table for each
 * instruction set, filled from the same sources compiled several times; each
 * kernel gives the same bits in every table that has FMA (../base/base.h says
 * why that matters), and tests hold each against a naive twin. */
#ifndef NL_KERNELS_H
#define NL_KERNELS_H

#include "nnlua.h"

/* Elementwise: in[] and out are contiguous and unaligned; out may be exactly
   one of in[], never overlap one in part. */
typedef void (*nl_map_fn) (int64_t n, const void *const *in, void *out);

/* The elementwise functions.  Columns: name, number of inputs, which dtypes
   have a kernel: F floats, I integers, B bool; result: S same dtype, B bool.
   `where` has a bool first and is indexed by its other inputs' dtype.
   map_int.c says what integers give on division by 0, overflow and shifts. */
#define NL_MAPS(X)                                                            \
  X(add, 2, "FI", S) X(sub, 2, "FI", S) X(mul, 2, "FI", S)                    \
  X(div, 2, "F", S) X(idiv, 2, "FI", S) /* floor(x / y), Lua's // */          \
  X(fmod, 2, "FI", S) X(remainder, 2, "FI", S) /* C's; Lua's % */             \
  X(pow, 2, "FI", S) X(atan2, 2, "F", S) X(hypot, 2, "F", S)                  \
  X(logaddexp, 2, "F", S)                                                     \
  X(max2, 2, "FIB", S) X(min2, 2, "FIB", S) /* NaN wins */                    \
  X(lt, 2, "FIB", B) X(le, 2, "FIB", B) X(gt, 2, "FIB", B)                    \
  X(ge, 2, "FIB", B) X(eq, 2, "FIB", B) X(ne, 2, "FIB", B)                    \
  X(where, 3, "FIB", S)                                                       \
  X(and, 2, "IB", S) X(or, 2, "IB", S) X(xor, 2, "IB", S) X(not, 1, "IB", S)  \
  X(shl, 2, "I", S) X(shr, 2, "I", S)                                         \
  X(neg, 1, "FI", S) X(abs, 1, "FI", S) X(sign, 1, "FI", S)                   \
  X(square, 1, "FI", S) X(recip, 1, "F", S) X(sqrt, 1, "F", S)                \
  X(rsqrt, 1, "F", S) X(cbrt, 1, "F", S)                                      \
  X(exp, 1, "F", S) X(exp2, 1, "F", S) X(expm1, 1, "F", S)                    \
  X(log, 1, "F", S) X(log2, 1, "F", S) X(log10, 1, "F", S)                    \
  X(log1p, 1, "F", S)                                                         \
  X(sin, 1, "F", S) X(cos, 1, "F", S) X(tan, 1, "F", S)                       \
  X(asin, 1, "F", S) X(acos, 1, "F", S) X(atan, 1, "F", S)                    \
  X(sinh, 1, "F", S) X(cosh, 1, "F", S) X(tanh, 1, "F", S)                    \
  X(asinh, 1, "F", S) X(acosh, 1, "F", S) X(atanh, 1, "F", S)                 \
  X(sigmoid, 1, "F", S) X(softplus, 1, "F", S) X(relu, 1, "FI", S)            \
  X(erf, 1, "F", S) X(erfc, 1, "F", S) X(erfinv, 1, "F", S)                   \
  X(lgamma, 1, "F", S) X(digamma, 1, "F", S) X(trigamma, 1, "F", S)           \
  X(gamma, 1, "F", S) X(sinc, 1, "F", S)                                      \
  X(floor, 1, "FI", S) X(ceil, 1, "FI", S) X(round, 1, "FI", S)               \
  X(trunc, 1, "FI", S) X(rint, 1, "FI", S) X(frac, 1, "F", S)                 \
  X(isnan, 1, "F", B) X(isinf, 1, "F", B) X(isfinite, 1, "F", B)

#define NL_MAP_ENUM(name, nin, types, res) NL_MAP_##name,
typedef enum nl_map_id { NL_MAPS(NL_MAP_ENUM) NL_MAP_COUNT } nl_map_id;
#undef NL_MAP_ENUM

typedef enum nl_reduce_id {
  NL_RED_SUM, NL_RED_PROD, NL_RED_MAX, NL_RED_MIN, NL_RED_ALL, NL_RED_ANY,
  NL_RED_ARGMAX, NL_RED_ARGMIN, /* int64 results, 0-based, first of equals */
  NL_RED_COUNT
} nl_reduce_id;

/* Reduces the middle of x (outer, n, inner), all contiguous, for outer
   indices [o0, o1) and inner indices [i0, i1); out is (outer, inner).
   Sums (also of products): element k goes to lane k % 64 of its block of 4096
   elements; a block's lanes are combined by halves (32, 16, ... 1), lanes
   beyond the last element being absent, not zero; the blocks' results are
   summed by the same rule, as a sequence of their own.  So the bits do not
   depend on outer, inner, threads or the instruction set.  An empty sum is 0,
   product 1, max -inf (or the least integer), all true, any false, argmax 0.
   NaN wins in max, min, argmax and argmin.  Sums and products of integers and
   bool are int64, all and any bool, others have x's dtype. */
#define NL_RED_BLOCK 4096
typedef void (*nl_reduce_fn) (int64_t outer, int64_t n, int64_t inner,
                              int64_t o0, int64_t o1, int64_t i0, int64_t i1,
                              const void *x, void *out);

/* A strided matrix: element (i, j) at p[i * rs + j * cs], in elements. */
typedef struct nl_mat {
  const void *p;
  int64_t rs, cs;
} nl_mat;

/* A finished part of a product: rows [i0, i1) and columns [j0, j1) of product
   `which` of a batch, c at (i0, j0).  No two parts that are running have the
   same slot. */
typedef struct nl_gemm_part {
  int64_t which, i0, i1, j0, j1;
  void *c;
  int64_t ldc;
  int slot;
} nl_gemm_part;

/* An array like C, rows ld elements apart, that `done` will read or write. */
typedef struct nl_gemm_ahead {
  const char *p;
  int64_t ld;
  size_t elem;
} nl_gemm_ahead;

/* What a tile does beside multiplying: done(ud, part) is called with each part
   after its last block of k, while it is in the first or second cache; which
   and slot are passed on to it.  The parts of the arrays in `ahead` are
   fetched while C's are computed. */
typedef struct nl_gemm_extra {
  void (*done) (void *ud, const nl_gemm_part *part);
  void *ud;
  int64_t which;
  int slot;
  const nl_gemm_ahead *ahead;
  int nahead;
} nl_gemm_extra;

/* The block of k in which sums are defined: part of the contract, never tune
   it. */
#define NL_GEMM_BLOCK 512
/* Rows of A that are packed together: bounds their memory. */
#define NL_GEMM_ROWS 2040

/* One block of k of a product whose A was packed: strips [s0, s1) of the m
   rows at i0, columns [n0, n1).  b is at the block's first k, c at i0.  Where
   c is NULL nobody but x wants the product: its parts stand in scratch. */
typedef struct nl_gemm_block {
  int64_t m, kb, i0, s0, s1, n0, n1;
  const void *a;
  nl_mat b;
  void *c;
  int64_t ldc;
  bool first, last; /* of k's blocks */
  void *scratch;    /* room(n1 - n0, kb) bytes */
  const nl_gemm_extra *x;
} nl_gemm_block;

/* C = A B, A (m, k), B (k, n), C (m, n) row-major with row stride ldc.  Each
   output is an FMA chain over k in blocks of 512, each started from zero, the
   block sums added in order, so its bits depend on nothing else.  Computes
   the tile of rows [m0, m1) and columns [n0, n1), which may be any; a product
   is best cut at multiples of tile_m and tile_n.  scratch: a thread's own
   work(m1 - m0, n1 - n0, k) bytes, aligned to 64.  x: NULL for nothing.

   Of products that packs() tells, threads share the packing of A, in strips
   of at most tile_m rows: pack() strips [s0, s1) of a block of k, into
   packed(m, kb) bytes for all of them, then block() on any pieces.
   ops/gemm_drive.h cuts products and runs them on threads. */
typedef struct nl_gemm_kernel {
  int tile_m, tile_n;
  size_t (*work) (int64_t m, int64_t n, int64_t k); /* grows with m and n */
  void (*tile) (int64_t m, int64_t n, int64_t k, nl_mat a, nl_mat b, void *c,
                int64_t ldc, int64_t m0, int64_t m1, int64_t n0, int64_t n1,
                void *scratch, const nl_gemm_extra *x);
  /* strides of NULL: whatever they are */
  bool (*packs) (int64_t m, int64_t n, int64_t k, const nl_mat *a,
                 const nl_mat *b);
  size_t (*packed) (int64_t m, int64_t kb);
  void (*pack) (int64_t m, int64_t kb, nl_mat a, int64_t s0, int64_t s1,
                void *to);
  size_t (*room) (int64_t n, int64_t kb);
  void (*block) (const nl_gemm_block *g);
} nl_gemm_kernel;

/* Sums of kernels at D centres, for rows of NL_KAF_LANES elements that each
   have coefficients of their own: y = sum_d coef[d] kappa^(order_y)(x, c_d),
   times g where it is given, and acc[d] += g kappa^(order_acc)(x, c_d).  An
   order of -1: not wanted.  Arrays are of the element's type: centre [D]; coef
   and acc [D][LANES]; half = 1 / 2s^2, ratio = step / s^2, inv = 1 / s and
   reach [LANES], of each lane's sigma s;
   shift [D][LANES] = (c_m - c_d) / s, moved = coef shift.  Gaussians go
   without their factors (-1 / s)^order and q of kaf.h, which the caller has in
   coef and puts to acc: the centres of each `group` that follow one another
   are relative to that at (first + end) / 2.  relu has derivatives of any
   order, softplus five. */
enum { NL_KAF_GAUSSIAN, NL_KAF_RELU, NL_KAF_SOFTPLUS };
enum { NL_KAF_LANES = 16 };
typedef struct nl_kaf_tile {
  int kernel, D, group, order_y, order_acc;
  const void *centre, *coef, *shift, *half, *ratio, *inv, *reach, *moved;
} nl_kaf_tile;
/* rows of `lanes` elements (the last of `last`), stride apart; acc may be
   NULL when order_acc is -1, y when order_y is, g means 1. */
typedef void (*nl_kaf_fn) (const nl_kaf_tile *k, int64_t rows, int64_t stride,
                           int lanes, int last, const void *x, const void *g,
                           void *y, void *acc);

/* States of noisy thresholds: 1 above t2, low below t1, middle elsewhere (on a
   threshold and for NaN too), of x plus noise sd (noise may be NULL).
   density: g (weight1 p(t1 - x) + weight2 p(t2 - x)) with p the density of
   normal noise; a weight of 0 leaves its term out.  t1, t2 and sd are of the
   element's type: one number (step 0), or one for each element (step 1). */
typedef struct nl_thresholds {
  const void *t1, *t2, *sd;
  int step1, step2, step_sd;
  double middle, low, weight1, weight2;
} nl_thresholds;
typedef void (*nl_states_fn) (int64_t n, const void *x, const void *noise,
                              const nl_thresholds *t, void *y);

/* Lagrangians of z = beta x: term[i] = l(z[i]), act[i] = l'(z[i]), slope[i] =
   (z[i] l'(z[i]) - l(z[i])) / beta^2; act and slope may be NULL.  units: beta[i] is for
   x[i], and term and slope are added to; else beta is one number.
   sigmoid: log(1 + e^z); tanh: log cosh z; exp: e^z; rexp: e^y - y with y =
   max(z, 0); repu: max(z, 0)^power / power for power >= 2.  A row: softmax:
   log(sum e^z), ghostmax: log(1 + sum e^z), where an infinite maximum counts
   0, their gradients, and as slope (sum z l' - l) / beta^2; exp: the sums of term and
   slope of at most NL_RED_BLOCK elements, with the bits of a sum of terms. */
enum { NL_LAG_SIGMOID, NL_LAG_TANH, NL_LAG_EXP, NL_LAG_REXP, NL_LAG_REPU,
       NL_LAG_SOFTMAX, NL_LAG_GHOSTMAX };
typedef void (*nl_lagrangian_fn) (int kind, int power, int64_t n,
                                  const void *x, const void *beta, bool units,
                                  void *term, void *act, void *slope);
typedef void (*nl_lagrangian_row_fn) (int kind, int64_t n, const void *x,
                                      const void *beta, void *value, void *act,
                                      void *slope);

typedef struct nl_kernels {
  const char *isa; /* "avx512", "avx2", "generic" */
  nl_map_fn map[NL_MAP_COUNT][NL_NDTYPES]; /* NULL where there is none */
  /* Map g whose input `at` is what map f makes, in one pass with the bits of
     the two: of f's inputs (the only one twice) and g's other, or any if it
     has none.  NULL where there is no such pair. */
  nl_map_fn (*pair) (int f, int g, int at, nl_dtype d);
  /* n times one element of `elem` bytes, 1 to 8; may overrun by 127 bytes. */
  void (*spread) (int64_t n, size_t elem, const void *x, void *out);
  void (*cast[NL_NDTYPES][NL_NDTYPES]) (int64_t n, const void *in,
                                        void *out); /* [from][to] */
  nl_reduce_fn reduce[NL_RED_COUNT][NL_NDTYPES];
  /* A full sum, product, maximum or minimum in parts: the results of blocks
     [b0, b1) of the ceil(n / NL_RED_BLOCK) blocks of x go to out[b0 .. b1),
     in the result's dtype.  reduce() of all of out (outer = 1, inner = 1, the
     result's dtype) then gives the same bits as of x. */
  void (*reduce_blocks[NL_RED_ALL][NL_NDTYPES]) (int64_t n, int64_t b0,
                                                 int64_t b1, const void *x,
                                                 void *out);
  const nl_gemm_kernel *gemm[NL_NDTYPES]; /* NULL where there is none */
  /* Philox 4x32-10 of Salmon et al.  Word i of the stream of (key, counter)
     is word i % 4 of the block whose 128-bit counter is counter + i / 4 (its
     upper half 0; the lower wraps) and whose key words are key's low and high
     half.  bits: output i is word i, as an int64.  uniform in [0, 1): from
     the upper 24 bits of word i (f32), the upper 53 of words 2i, 2i + 1, the
     second being the upper (f64).  normal: outputs 2j, 2j + 1 by Box-Muller
     from words 2j, 2j + 1 (f32) or 4j .. 4j + 3 (f64).  So an output depends
     on key, counter and i alone. */
  void (*random_bits) (uint64_t key, uint64_t counter, int64_t n,
                       int64_t *out);
  void (*random_uniform_f32) (uint64_t key, uint64_t counter, int64_t n,
                              float *out);
  void (*random_uniform_f64) (uint64_t key, uint64_t counter, int64_t n,
                              double *out);
  void (*random_normal_f32) (uint64_t key, uint64_t counter, int64_t n,
                             float *out);
  void (*random_normal_f64) (uint64_t key, uint64_t counter, int64_t n,
                             double *out);
  /* NULL where there is none */
  nl_kaf_fn kaf[NL_NDTYPES];
  nl_states_fn states[NL_NDTYPES], density[NL_NDTYPES];
  nl_lagrangian_fn lagrangian[NL_NDTYPES];
  nl_lagrangian_row_fn lagrangian_row[NL_NDTYPES];
} nl_kernels;

/* The best table of this CPU; `want` ("avx512", "avx2", "generic") asks for a
   lesser one.  NULL when the CPU lacks it.  "generic" is always there (with
   FMA by hardware where the CPU has it, so that its bits agree). */
const nl_kernels *nl__kernels_pick (const char *want);

#endif
