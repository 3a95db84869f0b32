/* nonzero.c: operations whose result's size depends on the data: nonzero,
 * masked_select, masked_copy.  They read their mask (under grad and jvp its
 * primal) and so have no meaning inside vmap and jit, which say so; what they
 * do with the other tensors is gather and scatter, and differentiable. */
#include "core/core.h"

#include <string.h>

#include "ops/along.h"
#include "ops/index.h"
#include "ops/ops.h"

/* v under grad's and jvp's tracers, dense; or an error. */
static nl_value *readable (nl_ctx *C, const char *who, nl_value *v) {
  v = nl__resolve(C, v);
  while (v != NULL && v->trace != NULL) {
    const nl_trace_kind *kind = v->trace->kind;
    if (kind == &nl__grad_kind || kind == &nl__jvp_kind) {
      v = v->primal;
      continue;
    }
    nl_error(C, NL_ERROR,
             "%s: how many elements there are depends on the data, which %s "
             "doesn't know; use torch.where(mask, x, 0)%s%s",
             who, kind == &nl__batch_kind ? "vmap" : "jit",
             v->trace->where[0] ? "; inside " : "", v->trace->where);
    return NULL;
  }
  return nl__dense(C, v);
}

#define TEST(type)                                                            \
  for (int64_t i = 0; i < v->numel; i++) to[i] = ((const type *)p)[i] != 0;   \
  break

/* Which elements are not zero, as bytes in a value of the pool.  (No
   primitive: inside jit that would be recorded.)  NaN is not zero. */
static const uint8_t *read_mask (nl_ctx *C, const char *who, nl_value *mask) {
  nl_value *v = readable(C, who, mask);
  void *data;
  if (v == NULL) return NULL;
  const void *p = nl__bytes_at(v);
  if (nl_value_new(C, NL_U8, 1, &v->numel, &data) == NULL) return NULL;
  uint8_t *to = (uint8_t *)data;
  switch ((nl_dtype)v->dtype) {
    case NL_F32: TEST(float);
    case NL_F64: TEST(double);
    case NL_I16: TEST(int16_t);
    case NL_I32: TEST(int32_t);
    case NL_I64: TEST(int64_t);
    default: TEST(uint8_t);
  }
  return to;
}

static int64_t count (const uint8_t *mask, int64_t n) {
  int64_t k = 0;
  for (int64_t i = 0; i < n; i++) k += mask[i];
  return k;
}

nl_value *nl_nonzero (nl_ctx *C, nl_value *x) {
  if (x == NULL) return NULL;
  const uint8_t *mask = read_mask(C, "nonzero", x);
  if (mask == NULL) return NULL;
  int64_t shape[2] = {count(mask, x->numel), x->ndim};
  void *data;
  nl_value *r = nl_value_new(C, NL_I64, 2, shape, &data);
  if (r == NULL) return NULL;
  int64_t *out = (int64_t *)data;
  for (int64_t i = 0; i < x->numel; i++) {
    if (!mask[i]) continue;
    int64_t rest = i;
    for (int d = x->ndim - 1; d >= 0; d--) {
      out[d] = rest % x->shape[d];
      rest /= x->shape[d];
    }
    out += x->ndim;
  }
  return r;
}

/* The row-major positions of the mask's elements that are not zero. */
static nl_value *positions (nl_ctx *C, const char *who, nl_value *mask) {
  const uint8_t *m = read_mask(C, who, mask);
  if (m == NULL) return NULL;
  int64_t n = count(m, mask->numel);
  void *data;
  nl_value *r = nl_value_new(C, NL_I64, 1, &n, &data);
  if (r == NULL) return NULL;
  int64_t *out = (int64_t *)data;
  for (int64_t i = 0; i < mask->numel; i++)
    if (m[i]) *out++ = i;
  return r;
}

/* x and mask broadcast to one shape, x as one dimension. */
static nl_value *pair (nl_ctx *C, const char *who, nl_value **x,
                       nl_value **mask) {
  if (*x == NULL || *mask == NULL) return NULL;
  if (nl__broadcast_pair(C, who, x, mask) == NULL) return NULL;
  int64_t n = (*x)->numel;
  return nl_reshape(C, nl_strong(C, *x), 1, &n);
}

nl_value *nl_masked_select (nl_ctx *C, nl_value *x, nl_value *mask) {
  nl_value *flat = pair(C, "maskedSelect", &x, &mask);
  if (flat == NULL) return NULL;
  nl_value *at = positions(C, "maskedSelect", mask);
  return at == NULL ? NULL
                    : nl__rows(C, &nl_prim_gather, NL_WHO_MASKED_SELECT, flat,
                               0, at, NULL);
}

nl_value *nl_masked_copy (nl_ctx *C, nl_value *x, nl_value *mask,
                          nl_value *src) {
  nl_value *whole = x, *flat = pair(C, "maskedCopy", &whole, &mask);
  if (flat == NULL || src == NULL) return NULL;
  nl_value *at = positions(C, "maskedCopy", mask);
  if (at == NULL) return NULL;
  char text[NL_SHAPE_TEXT];
  if (!nl__same_shape(whole, x)) {
    nl_error(C, NL_ERROR, "maskedCopy: the mask is larger than the tensor, %s",
             nl__value_text(text, x));
    return NULL;
  }
  if (src->ndim > 0) {
    int64_t n = src->numel, k = at->shape[0];
    if (n < k) {
      nl_error(C, NL_ERROR,
               "maskedCopy: the mask selects %lld elements, the source %s has "
               "%lld",
               (long long)k, nl__value_text(text, src), (long long)n);
      return NULL;
    }
    src = nl_narrow(C, nl_reshape(C, src, 1, &n), 0, 0, k);
  }
  nl_value *r = nl__rows(C, &nl_prim_scatter, NL_WHO_MASKED_COPY, flat, 0, at,
                         src);
  return nl_reshape(C, r, whole->ndim, whole->shape);
}
