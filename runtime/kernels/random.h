/* random.h: the names of the random kernels; kernels.h says what they do. */
#ifndef NL_KERNELS_RANDOM_H
#define NL_KERNELS_RANDOM_H

#include "kernels/kernels.h"
#include "kernels/lanes.h"

void NL_K(random_bits) (uint64_t key, uint64_t counter, int64_t n,
                        int64_t *out);
void NL_K(random_uniform_f32) (uint64_t key, uint64_t counter, int64_t n,
                               float *out);
void NL_K(random_uniform_f64) (uint64_t key, uint64_t counter, int64_t n,
                               double *out);
void NL_K(random_normal_f32) (uint64_t key, uint64_t counter, int64_t n,
                              float *out);
void NL_K(random_normal_f64) (uint64_t key, uint64_t counter, int64_t n,
                              double *out);

#endif
