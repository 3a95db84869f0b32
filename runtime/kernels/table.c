/* table.c: the table of all kernels of one instruction set. */
#include "kernels/random.h"
#include "kernels/reduce.h"

extern const nl_gemm_kernel NL_K(gemm_f32), NL_K(gemm_f64);

#define ACTIVATIONS(s)                                                        \
  void NL_K(kaf_##s) (const nl_kaf_tile *k, int64_t rows, int64_t stride,     \
                      int lanes, int last, const void *x, const void *g,      \
                      void *y, void *acc);                                    \
  void NL_K(states_##s) (int64_t n, const void *x, const void *noise,         \
                         const nl_thresholds *t, void *y);                    \
  void NL_K(density_##s) (int64_t n, const void *x, const void *g,            \
                          const nl_thresholds *t, void *y);                   \
  void NL_K(lagrangian_##s) (int kind, int power, int64_t n, const void *x,   \
                             const void *beta, bool units, void *term,        \
                             void *act, void *slope);                         \
  void NL_K(lagrangian_row_##s) (int kind, int64_t n, const void *x,          \
                                 const void *beta, void *value, void *act,    \
                                 void *slope);
ACTIVATIONS(f32)
ACTIVATIONS(f64)
#define BOTH(name) { [NL_F32] = NL_K(name##_f32), [NL_F64] = NL_K(name##_f64) }

#define NL_TEXT_(x) #x
#define NL_TEXT(x) NL_TEXT_(x)

#define MAP(name, s) [NL_MAP_##name][NL_DT_##s] = NL_MAP(name, s),
#define MAP_INT(name)                                                         \
  MAP(name, u8) MAP(name, i8) MAP(name, i16) MAP(name, i32) MAP(name, i64)
#define MAP_FLOAT(name) MAP(name, f32) MAP(name, f64)
#define MAP_BOOL(name) MAP(name, b)
#define CAST(from, to) [NL_DT_##from][NL_DT_##to] = NL_CAST(from, to),

#define NL_RED_sum NL_RED_SUM
#define NL_RED_prod NL_RED_PROD
#define NL_RED_max NL_RED_MAX
#define NL_RED_min NL_RED_MIN
#define NL_RED_all NL_RED_ALL
#define NL_RED_any NL_RED_ANY
#define NL_RED_argmax NL_RED_ARGMAX
#define NL_RED_argmin NL_RED_ARGMIN
#define REDUCE(name, s) [NL_RED_##name][NL_DT_##s] = NL_REDUCE(name, s),
#define BLOCKS(s)                                                             \
  [NL_RED_SUM][NL_DT_##s] = NL_BLOCKS(sum, s),                                \
  [NL_RED_PROD][NL_DT_##s] = NL_BLOCKS(prod, s),                              \
  [NL_RED_MAX][NL_DT_##s] = NL_BLOCKS(max, s),                                \
  [NL_RED_MIN][NL_DT_##s] = NL_BLOCKS(min, s),

extern const nl_kernels NL_K(kernels);
const nl_kernels NL_K(kernels) = {
  .isa = NL_TEXT(NL_ISA),
  .map = { NL_MAPS_INT(MAP_INT) NL_MAPS_FLOAT(MAP_FLOAT)
           NL_MAPS_BOOL(MAP_BOOL) },
  .pair = NL_K(map_pair),
  .spread = NL_K(spread),
  .cast = { NL_CASTS(CAST) },
  .reduce = { NL_ALL_REDUCES(REDUCE) },
  .reduce_blocks = { BLOCKS(b) BLOCKS(u8) BLOCKS(i8) BLOCKS(i16) BLOCKS(i32)
                     BLOCKS(i64) BLOCKS(f32) BLOCKS(f64) },
  .gemm = { [NL_F32] = &NL_K(gemm_f32), [NL_F64] = &NL_K(gemm_f64) },
  .random_bits = NL_K(random_bits),
  .random_uniform_f32 = NL_K(random_uniform_f32),
  .random_uniform_f64 = NL_K(random_uniform_f64),
  .random_normal_f32 = NL_K(random_normal_f32),
  .random_normal_f64 = NL_K(random_normal_f64),
  .kaf = BOTH(kaf),
  .states = BOTH(states),
  .density = BOTH(density),
  .lagrangian = BOTH(lagrangian),
  .lagrangian_row = BOTH(lagrangian_row),
};
