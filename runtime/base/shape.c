/* shape.c: dtypes, checked sizes and shapes as text. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static const char *const names[NL_NDTYPES] = {
    "bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64",
};

const char *nl_dtype_name (nl_dtype d) { return names[d]; }

size_t nl_dtype_size (nl_dtype d) { return nl__elem_size(d); }

int nl_dtype_parse (const char *name) {
  for (int i = 0; i < NL_NDTYPES; i++)
    if (strcmp(name, names[i]) == 0) return i;
  return -1;
}

bool nl__checked_bytes (int ndim, const int64_t *shape, nl_dtype d,
                        int64_t *numel, size_t *bytes) {
  int64_t n = 1, b;
  bool zero = false;
  for (int i = 0; i < ndim; i++) {
    if (shape[i] < 0) return false;
    if (shape[i] == 0) zero = true;
    /* an empty array with huge other dims is refused too */
    else if (__builtin_mul_overflow(n, shape[i], &n)) return false;
  }
  if (__builtin_mul_overflow(n, (int64_t)nl__elem_size(d), &b)) return false;
  if (zero) n = b = 0;
  *numel = n;
  *bytes = (size_t)b;
  return true;
}

char *nl__shape_text (char buf[NL_SHAPE_TEXT], int ndim,
                      const int64_t *shape) {
  size_t at = 0;
  if (ndim == 0) return strcpy(buf, "()");
  for (int i = 0; i < ndim && at + 24 < NL_SHAPE_TEXT; i++)
    at += (size_t)snprintf(buf + at, NL_SHAPE_TEXT - at, "%s%lld",
                           i ? " x " : "", (long long)shape[i]);
  return buf;
}
