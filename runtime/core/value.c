/* value.c: immutable arrays, their reference counts and the pool.
 *
 * A value returned by any operation is owned by the pool, a stack that scopes
 * cut back.  So rules can nest calls and forget about intermediate results. */
#include "core/core.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- pool ---- */

nl_value *nl__pool_more (nl_ctx *C, nl_value *v) {
  if (v == NULL) return NULL;
  if (!nl__grow(C, (void **)&C->pool, &C->cap_pool, C->npool + 1,
                sizeof *C->pool)) {
    nl__unref(C, v);
    return NULL;
  }
  C->pool[C->npool++] = v;
  return v;
}

size_t nl_pool_mark (nl_ctx *C) { return (size_t)C->npool; }

void nl_pool_release (nl_ctx *C, size_t mark) {
  while ((size_t)C->npool > mark) {
    nl_value *v = C->pool[--C->npool];
    nl__unref(C, v);
  }
  if ((size_t)C->into.mark >= mark) C->into.storage = NULL;
}

nl_value *nl_pool_keep (nl_ctx *C, size_t mark, nl_value *v) {
  if (v != NULL) v->refs++;
  nl_pool_release(C, mark);
  return nl__pool_push(C, v);
}

nl_value *nl_retain (nl_value *v) {
  if (v != NULL) v->refs++;
  return v;
}

void nl_release (nl_ctx *C, nl_value *v) { nl__unref(C, v); }

/* ---- life ---- */

void nl__set_dense (nl_value *v) {
  int64_t s = 1;
  for (int i = v->ndim - 1; i >= 0; i--) {
    v->stride[i] = s;
    s *= v->shape[i];
  }
  v->dense = true;
}

static nl_value *header_like (nl_ctx *C, nl_dtype d, bool weak,
                              const nl_value *like) {
  nl_value *v = (nl_value *)nl__small_alloc(C, sizeof *v);
  if (v == NULL) return NULL;
  v->refs = 1;
  v->dtype = (uint8_t)d;
  v->weak = weak;
  v->ndim = like->ndim;
  v->dense = false;
  v->trace = NULL;
  v->numel = like->numel;
  v->offset = 0;
  v->buf = NULL;
  for (int i = 0; i < like->ndim; i++) v->shape[i] = like->shape[i];
  return v;
}

/* Elements for a fresh header: itself, or NULL and it is gone. */
static nl_value *with_elements (nl_ctx *C, nl_value *v, size_t bytes) {
  if (v == NULL) return NULL;
  nl__set_dense(v);
  v->buf = nl__buffer_new(C, bytes);
  if (v->buf != NULL) return v;
  if (bytes > 65536 && C->status == NL_NOMEM) {
    char text[NL_SHAPE_TEXT];
    nl_error(C, NL_NOMEM,
             "not enough memory for %s of %s (%.1f MiB); %.1f MiB in use",
             nl__shape_text(text, v->ndim, v->shape),
             nl_dtype_name((nl_dtype)v->dtype), (double)bytes / 1048576.0,
             (double)C->bytes / 1048576.0);
  }
  nl__small_free(C, v, sizeof *v);
  return NULL;
}

nl_value *nl__dense_like (nl_ctx *C, nl_dtype d, bool weak,
                          const nl_value *like) {
  return with_elements(C, header_like(C, d, weak, like),
                       (size_t)like->numel * nl__elem_size(d));
}

nl_value *nl__value_alloc (nl_ctx *C, nl_dtype d, bool weak, int ndim,
                           const int64_t *shape, bool buffer) {
  int64_t numel;
  size_t bytes;
  if (ndim > NL_MAX_NDIM) {
    nl_error(C, NL_ERROR, "%d dimensions: at most %d (nested vmaps add axes)",
             ndim, NL_MAX_NDIM);
    return NULL;
  }
  if (!nl__checked_bytes(ndim, shape, d, &numel, &bytes)) {
    char text[NL_SHAPE_TEXT];
    nl_error(C, NL_NOMEM, "no such size: %s of %s overflows",
             nl__shape_text(text, ndim, shape), nl_dtype_name(d));
    return NULL;
  }
  nl_value *v = (nl_value *)nl__small_alloc(C, sizeof *v);
  if (v == NULL) return NULL;
  v->refs = 1;
  v->dtype = (uint8_t)d;
  v->weak = weak;
  v->ndim = (uint8_t)ndim;
  v->dense = false;
  v->trace = NULL;
  v->numel = numel;
  v->offset = 0;
  v->buf = NULL;
  for (int i = 0; i < ndim; i++) v->shape[i] = shape[i];
  return buffer ? with_elements(C, v, bytes) : v;
}

nl_value *nl__value_like (nl_ctx *C, const nl_value *like) {
  return nl__dense_like(C, (nl_dtype)like->dtype, like->weak, like);
}

void nl__value_free (nl_ctx *C, nl_value *v) {
  if (v->trace == NULL) {
    if (v->buf != NULL) nl__buffer_release(C, v->buf);
  } else {
    nl__unref(C, v->primal);
    nl__unref(C, v->tangent);
    nl_trace_release(C, v->trace);
  }
  nl__small_free(C, v, sizeof *v);
}

static nl_value *traced (nl_ctx *C, nl_trace *T, nl_value *v) {
  if (v == NULL) return NULL;
  v->dense = false;
  v->trace = nl__trace_retain(T);
  v->primal = v->tangent = NULL;
  v->node = v->out = -1;
  return nl__pool_push(C, v);
}

nl_value *nl__tracer (nl_ctx *C, nl_trace *T, nl_dtype d, bool weak, int ndim,
                      const int64_t *shape) {
  return traced(C, T, nl__value_alloc(C, d, weak, ndim, shape, false));
}

nl_value *nl__tracer_like (nl_ctx *C, nl_trace *T, const nl_value *v) {
  return traced(C, T, header_like(C, (nl_dtype)v->dtype, v->weak, v));
}

/* ---- making ---- */

nl_value *nl_value_new (nl_ctx *C, nl_dtype d, int ndim, const int64_t *shape,
                        void **data) {
  nl_value *v = nl__value_alloc(C, d, false, ndim, shape, true);
  if (v == NULL) return NULL;
  *data = v->buf->data;
  return nl__pool_push(C, v);
}

nl_value *nl_value_from (nl_ctx *C, nl_dtype d, int ndim,
                         const int64_t *shape, const void *data) {
  void *p;
  nl_value *v = nl_value_new(C, d, ndim, shape, &p);
  if (v == NULL) return NULL;
  size_t bytes = (size_t)v->numel * nl_dtype_size(d);
  if (data != NULL && bytes > 0)
    memcpy(p, data, bytes);
  else
    memset(p, 0, bytes);
  return v;
}

nl_value *nl_value_wrap (nl_ctx *C, nl_dtype d, int ndim,
                         const int64_t *shape, void *data,
                         void (*free_fn) (void *ud), void *ud) {
  nl_value *v = nl__value_alloc(C, d, false, ndim, shape, false);
  if (v == NULL) return NULL;
  nl__set_dense(v);
  v->buf = nl__buffer_wrap(C, data, (size_t)v->numel * nl_dtype_size(d),
                           free_fn, ud);
  if (v->buf == NULL) {
    nl__small_free(C, v, sizeof *v);
    return NULL;
  }
  return nl__pool_push(C, v);
}

static void store (void *p, nl_dtype d, double x, int64_t n) {
  int64_t i;
#define FILL(type)                                                            \
  for (i = 0; i < n; i++) ((type *)p)[i] = (type)x;                           \
  break
  switch (d) {
    case NL_BOOL:
      memset(p, x != 0, (size_t)n);
      break;
    case NL_U8: FILL(uint8_t);
    case NL_I8: FILL(int8_t);
    case NL_I16: FILL(int16_t);
    case NL_I32: FILL(int32_t);
    case NL_I64: FILL(int64_t);
    case NL_F32: FILL(float);
    default: FILL(double);
  }
#undef FILL
}

nl_value *nl_number (nl_ctx *C, double x) {
  nl_value *v = nl__value_alloc(C, NL_F64, true, 0, NULL, true);
  if (v == NULL) return NULL;
  *(double *)v->buf->data = x;
  return nl__pool_push(C, v);
}

nl_value *nl_integer (nl_ctx *C, int64_t i) {
  nl_value *v = nl__value_alloc(C, NL_I64, true, 0, NULL, true);
  if (v == NULL) return NULL;
  *(int64_t *)v->buf->data = i;
  return nl__pool_push(C, v);
}

nl_value *nl_scalar (nl_ctx *C, nl_dtype d, double x) {
  nl_value *v = nl__value_alloc(C, d, false, 0, NULL, true);
  if (v == NULL) return NULL;
  store(v->buf->data, d, x, 1);
  return nl__pool_push(C, v);
}

/* Filled arrays are a broadcast scalar: no memory until somebody writes. */
nl_value *nl_full (nl_ctx *C, nl_dtype d, int ndim, const int64_t *shape,
                   double x) {
  return nl_broadcast_to(C, nl_scalar(C, d, x), ndim, shape);
}

/* Numbers under vmap are weak with dims. */
static nl_value *full_like (nl_ctx *C, const nl_value *v, int x) {
  if (v == NULL) return NULL;
  if (v->ndim == 0 && v->weak)
    return v->dtype == NL_F64 ? nl_number(C, x) : nl_integer(C, x);
  nl_dtype d = (nl_dtype)v->dtype;
  return nl__cast_to(C, nl_full(C, d, v->ndim, v->shape, x), d, v->weak);
}

nl_value *nl_zeros_like (nl_ctx *C, const nl_value *v) {
  return full_like(C, v, 0);
}

nl_value *nl_ones_like (nl_ctx *C, const nl_value *v) {
  return full_like(C, v, 1);
}

nl_value *nl__zeros_aval (nl_ctx *C, const nl_aval *a) {
  if (a->weak && a->ndim == 0)
    return a->dtype == NL_F64 ? nl_number(C, 0) : nl_integer(C, 0);
  return nl__cast_to(C, nl_full(C, a->dtype, a->ndim, a->shape, 0), a->dtype,
                     a->weak);
}

nl_value *nl_iota (nl_ctx *C, nl_dtype d, int64_t n, double start,
                   double step) {
  void *p;
  nl_value *v = nl_value_new(C, d, 1, &n, &p);
  if (v == NULL) return NULL;
  for (int64_t i = 0; i < n; i++)
    store((char *)p + (size_t)i * nl_dtype_size(d), d,
          start + (double)i * step, 1);
  return v;
}

/* ---- looking ---- */

int nl_ndim (const nl_value *v) { return v->ndim; }
const int64_t *nl_shape (const nl_value *v) { return v->shape; }
nl_dtype nl_dtype_of (const nl_value *v) { return (nl_dtype)v->dtype; }
bool nl_is_weak (const nl_value *v) { return v->weak; }
int64_t nl_numel (const nl_value *v) { return v->numel; }
bool nl_is_tracer (const nl_value *v) { return v->trace != NULL; }
bool nl_is_concrete (const nl_value *v) { return v->trace == NULL; }

void nl__aval (const nl_value *v, nl_aval *a) {
  a->dtype = (nl_dtype)v->dtype;
  a->weak = v->weak;
  a->ndim = v->ndim;
  for (int i = 0; i < v->ndim; i++) a->shape[i] = v->shape[i];
}

char *nl__value_text (char buf[NL_SHAPE_TEXT], const nl_value *v) {
  nl__shape_text(buf, v->ndim, v->shape);
  size_t n = strlen(buf);
  snprintf(buf + n, NL_SHAPE_TEXT - n, " %s",
           nl_dtype_name((nl_dtype)v->dtype));
  return buf;
}

nl_value *nl__dense (nl_ctx *C, nl_value *v) {
  if (v == NULL || v->dense) return v;
  nl_value *r =
      nl__value_alloc(C, (nl_dtype)v->dtype, v->weak, v->ndim, v->shape, true);
  if (r == NULL) return NULL;
  if (nl__gather_all(C, v, r->buf->data) != NL_OK) {
    nl__unref(C, r);
    return NULL;
  }
  return nl__pool_push(C, r);
}

nl_value **nl__values (nl_ctx *C, int n) {
  size_t bytes = (size_t)(n + 1) * sizeof(nl_value *);
  nl_value **a = (nl_value **)nl__alloc(C, bytes);
  if (a != NULL) memset(a, 0, bytes);
  return a;
}

void nl__values_free (nl_ctx *C, nl_value **a, int n) {
  nl__free(C, a, (size_t)(n + 1) * sizeof(nl_value *));
}

/* The concrete value under v's grad and jvp tracers, or an error. */
static nl_value *concrete (nl_ctx *C, nl_value *v, const char *what) {
  v = nl__resolve(C, v);
  while (v != NULL && v->trace != NULL) {
    const nl_trace_kind *kind = v->trace->kind;
    if (kind != &nl__grad_kind && kind != &nl__jvp_kind) {
      nl_error(C, NL_ERROR,
               "%s: a value that %s traces has no elements yet; use "
               "torch.where(torch.gt(x, 0), ...) instead of branching on it%s%s",
               what, kind == &nl__batch_kind ? "vmap" : "jit",
               v->trace->where[0] ? "; inside " : "", v->trace->where);
      return NULL;
    }
    v = v->primal;
  }
  return v;
}

const void *nl_data (nl_ctx *C, nl_value *v) {
  v = nl__dense(C, concrete(C, v, "reading elements"));
  return v == NULL ? NULL : nl__bytes_at(v);
}

static int64_t as_integer (const void *p, nl_dtype d) {
  switch (d) {
    case NL_BOOL:
    case NL_U8: return *(const uint8_t *)p;
    case NL_I8: return *(const int8_t *)p;
    case NL_I16: return *(const int16_t *)p;
    case NL_I32: return *(const int32_t *)p;
    default: return *(const int64_t *)p;
  }
}

nl_status nl_item (nl_ctx *C, nl_value *v, double *x, int64_t *i,
                   bool *is_int) {
  if (v != NULL && v->numel != 1) {
    char text[NL_SHAPE_TEXT];
    return nl_error(C, NL_ERROR, "item: one element expected, got %s",
                    nl__value_text(text, v));
  }
  v = concrete(C, v, "reading a number");
  if (v == NULL) return C->status;
  const void *p = nl__bytes_at(v);
  *is_int = !nl_dtype_is_float((nl_dtype)v->dtype);
  if (*is_int) {
    *i = as_integer(p, (nl_dtype)v->dtype);
    *x = (double)*i;
  } else {
    *x = v->dtype == NL_F32 ? (double)*(const float *)p : *(const double *)p;
    *i = 0;
  }
  return NL_OK;
}
