/* pick.c: chooses the kernels of this CPU. */
#include <string.h>

#include "kernels/kernels.h"

extern const nl_kernels nl__kernels_generic;
#if defined(__x86_64__)
extern const nl_kernels nl__kernels_avx2, nl__kernels_avx512;

/* The system must save the registers too, which cpu_supports asks. */
static bool has_avx2 (void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512 (void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

const nl_kernels *nl__kernels_pick (const char *want) {
#if defined(__x86_64__)
  if ((!want || strcmp(want, "avx512") == 0) && has_avx512())
    return &nl__kernels_avx512;
  if ((!want || strcmp(want, "avx2") == 0) && has_avx2())
    return &nl__kernels_avx2;
#endif
  if (!want || strcmp(want, "generic") == 0) return &nl__kernels_generic;
  return NULL;
}
