/* naive.h: plain twins of the kernels, which tests hold them against.  One
 * element after the other, by the C library's functions, in float64 or int64
 * and rounded to the dtype at the end: nothing is fast, all is obvious. */
#ifndef NL_KERNELS_NAIVE_H
#define NL_KERNELS_NAIVE_H

#include "kernels/kernels.h"

/* A map in float64 (the exact ones and sums are rounded to d), in int64. */
double nl__naive_float (nl_map_id id, double x, double y, double z);
int64_t nl__naive_int (nl_map_id id, nl_dtype d, int64_t x, int64_t y,
                       int64_t z);

/* The same on arrays of n elements of dtype d, as nl_map_fn. */
void nl__naive_map (nl_map_id id, nl_dtype d, int64_t n,
                    const void *const *in, void *out);
void nl__naive_cast (nl_dtype from, nl_dtype to, int64_t n, const void *in,
                     void *out);

/* As nl_reduce_fn over everything; scratch: n doubles. */
void nl__naive_reduce (nl_reduce_id id, nl_dtype d, int64_t outer, int64_t n,
                       int64_t inner, const void *x, void *out,
                       double *scratch);

/* One block of Philox 4x32-10. */
void nl__naive_philox (const uint32_t counter[4], const uint32_t key[2],
                       uint32_t out[4]);
/* Word i of the stream of (key, counter). */
uint32_t nl__naive_word (uint64_t key, uint64_t counter, int64_t i);
/* Output i of uniform and normal: float32 when single, else float64. */
double nl__naive_uniform (uint64_t key, uint64_t counter, int64_t i,
                          bool single);
double nl__naive_normal (uint64_t key, uint64_t counter, int64_t i,
                         bool single);

#endif
