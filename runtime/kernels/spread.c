/* spread.c: an array of equal elements, for maps whose operand is a number or
 * one of each row. */
#include "kernels/maps.h"

#define PIECE 128 /* bytes that are stored together */

void NL_K(spread) (int64_t n, size_t elem, const void *x, void *out) {
  uint64_t word = 0;
  for (size_t i = 0; i < sizeof word; i += elem)
    memcpy((char *)&word + i, x, elem);
  const vul v = (vul){ 0 } + word;
  char *z = out, *end = z + (size_t)n * elem;
  for (; z < end; z += PIECE)
    for (size_t i = 0; i < PIECE; i += sizeof v) memcpy(z + i, &v, sizeof v);
}
