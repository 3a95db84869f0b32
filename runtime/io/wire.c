/* wire.c: element types of files and their bytes. */
#include "io/io.h"

#include <string.h>

static const struct {
  size_t size;
  nl_dtype dtype;
} wires[NL__NWIRE] = {
    [NL_BOOL] = {1, NL_BOOL}, [NL_U8] = {1, NL_U8},   [NL_I8] = {1, NL_I8},
    [NL_I16] = {2, NL_I16},   [NL_I32] = {4, NL_I32}, [NL_I64] = {8, NL_I64},
    [NL_F32] = {4, NL_F32},   [NL_F64] = {8, NL_F64}, [NL__F16] = {2, NL_F32},
    [NL__BF16] = {2, NL_F32}, [NL__U16] = {2, NL_I32}, [NL__U32] = {4, NL_I64},
};

size_t nl__wire_size (int wire) { return wires[wire].size; }
nl_dtype nl__wire_dtype (int wire) { return wires[wire].dtype; }

bool nl__wire_bytes (int wire, int ndim, const int64_t *shape, int64_t *numel,
                     int64_t *bytes) {
  size_t b;
  /* the larger of the two sizes, so that neither overflows */
  if (!nl__checked_bytes(ndim, shape, wires[wire].dtype, numel, &b))
    return false;
  *bytes = *numel * (int64_t)wires[wire].size;
  return true;
}

void nl__swap (void *p, size_t n, size_t size) {
  char *c = (char *)p;
  for (size_t i = 0; i < n; i++, c += size)
    for (size_t a = 0, b = size - 1; a < b; a++, b--) {
      char t = c[a];
      c[a] = c[b];
      c[b] = t;
    }
}

/* IEEE half to single, exact; NaNs keep their payload. */
static float half_to_float (uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, e = (h >> 10) & 31,
           m = h & 0x3ff, bits;
  float f;
  if (e == 31) {
    bits = sign | 0x7f800000u | m << 13;
  } else if (e != 0) {
    bits = sign | (e + 112) << 23 | m << 13;
  } else if (m == 0) {
    bits = sign;
  } else { /* subnormal: shift the leading one into place */
    e = 113;
    while ((m & 0x400) == 0) {
      m <<= 1;
      e--;
    }
    bits = sign | e << 23 | (m & 0x3ff) << 13;
  }
  memcpy(&f, &bits, sizeof f);
  return f;
}

static float bfloat_to_float (uint16_t h) {
  uint32_t bits = (uint32_t)h << 16;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

void nl__wire_widen (int wire, void *dst, size_t n) {
  size_t from = wires[wire].size, to = nl_dtype_size(wires[wire].dtype);
  const char *src = (const char *)dst + n * (to - from);
  if (wire == NL_BOOL) { /* kernels rely on 0 and 1 */
    uint8_t *b = (uint8_t *)dst;
    for (size_t i = 0; i < n; i++) b[i] = b[i] != 0;
    return;
  }
  if (wire < NL_NDTYPES) return;
  /* element i is read before anything at or after it is overwritten */
  for (size_t i = 0; i < n; i++) {
    uint16_t h = 0;
    uint32_t w = 0;
    if (from == 2)
      memcpy(&h, src + 2 * i, 2);
    else
      memcpy(&w, src + 4 * i, 4);
    switch (wire) {
      case NL__F16: ((float *)dst)[i] = half_to_float(h); break;
      case NL__BF16: ((float *)dst)[i] = bfloat_to_float(h); break;
      case NL__U16: ((int32_t *)dst)[i] = h; break;
      default: ((int64_t *)dst)[i] = w; break;
    }
  }
}
