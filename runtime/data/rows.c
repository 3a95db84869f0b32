/* rows.c: gathering items of an array into a batch, converted on the way. */
#include "data/data.h"

#include <math.h>
#include <string.h>

/* ---- description ---- */

/* The items' sizes as handed out: rows, then the item. */
static nl_status set_shape (nl_ctx *C, nl__rows *r, const nl_loader_field *f,
                            int number) {
  const int64_t *shape = nl_shape(f->rows) + 1;
  int ndim = nl_ndim(f->rows) - 1;
  char have[NL_SHAPE_TEXT], want[NL_SHAPE_TEXT];
  int64_t numel = 1;
  size_t bytes;
  if (f->reshape) {
    if (f->ndim < 0 || f->ndim > NL_MAX_DIM - 1 ||
        !nl__checked_bytes(f->ndim, f->shape, NL_F64, &numel, &bytes) ||
        numel != r->numel)
      return nl_error(C, NL_ERROR,
                      "loader: items of %s (field %d) can't be reshaped to %s",
                      nl__shape_text(have, ndim, shape), number,
                      nl__shape_text(want, f->ndim < 0 ? 0 : f->ndim,
                                     f->shape));
    shape = f->shape;
    ndim = f->ndim;
  }
  if (ndim + 1 > NL_MAX_DIM)
    return nl_error(C, NL_ERROR, "loader: field %d has %d dimensions; at most "
                    "%d", number, ndim + 1, NL_MAX_DIM);
  r->ndim = ndim + 1;
  for (int i = 0; i < ndim; i++) r->shape[i + 1] = shape[i];
  return NL_OK;
}

nl_status nl__rows_init (nl_ctx *C, nl__rows *r, const nl_loader_field *f,
                         int number, const void *data) {
  const int64_t *shape = nl_shape(f->rows);
  int ndim = nl_ndim(f->rows);
  size_t bytes;
  if (ndim < 1)
    return nl_error(C, NL_ERROR, "loader: field %d is a number; an array of "
                    "items expected", number);
  memset(r, 0, sizeof *r);
  r->src = (const char *)data;
  r->n = shape[0];
  r->from = r->to = nl_dtype_of(f->rows);
  if (!nl__checked_bytes(ndim - 1, shape + 1, NL_F64, &r->numel, &bytes))
    return nl_error(C, NL_ERROR, "loader: items of field %d are too large",
                    number);
  nl_status st = set_shape(C, r, f, number);
  if (st != NL_OK) return st;
  if (f->normalize) {
    if (!(f->std > 0) || !isfinite(f->std) || !isfinite(f->mean))
      return nl_error(C, NL_ERROR,
                      "loader: normalize: a finite mean and a standard "
                      "deviation above 0 expected, got {%g, %g}",
                      f->mean, f->std);
    r->how = r->from == NL_U8 ? NL__TABLE : NL__AFFINE;
    r->to = NL_F32;
    r->mean = f->mean;
    r->std = f->std;
    for (int i = 0; i < 256; i++)
      r->table[i] = (float)((i / 255.0 - f->mean) / f->std);
  }
  r->src_item = (size_t)r->numel * nl_dtype_size(r->from);
  r->dst_item = (size_t)r->numel * nl_dtype_size(r->to);
  return NL_OK;
}

/* ---- gathering ---- */

/* Computed in double and rounded once, so that no order of operations or
   instruction set can show. */
static void affine (const nl__rows *r, const char *src, float *dst) {
  const double mean = r->mean, std = r->std;
  const int64_t n = r->numel;
#define LOOP(type)                                                            \
  for (int64_t i = 0; i < n; i++)                                             \
    dst[i] = (float)(((double)((const type *)(const void *)src)[i] - mean) /  \
                     std);                                                    \
  break
  switch (r->from) {
    case NL_BOOL:
    case NL_U8: LOOP(uint8_t);
    case NL_I8: LOOP(int8_t);
    case NL_I16: LOOP(int16_t);
    case NL_I32: LOOP(int32_t);
    case NL_I64: LOOP(int64_t);
    case NL_F32: LOOP(float);
    default: LOOP(double);
  }
#undef LOOP
}

#define IS_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static void look_up (const nl__rows *r, const uint8_t *restrict u,
                     float *restrict f) {
  int64_t i = 0;
  for (; i + 8 <= r->numel; i += 8) {
    uint64_t eight; /* one load; bytes are in the order of memory */
    memcpy(&eight, u + i, 8);
#pragma GCC unroll 8
    for (int j = 0; j < 8; j++)
      f[i + j] = r->table[eight >> (IS_BIG_ENDIAN ? 56 - 8 * j : 8 * j) & 255];
  }
  for (; i < r->numel; i++) f[i] = r->table[u[i]];
}

/* Items are far apart, in no order that a processor could foresee. */
#define AHEAD 3           /* items */
#define AHEAD_BYTES 4096  /* of each, at most */
static void fetch (const char *item, size_t bytes) {
  if (bytes > AHEAD_BYTES) bytes = AHEAD_BYTES;
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(item + i, 0, 1);
}

void nl__rows_gather (const nl__rows *r, const int64_t *index, int64_t n,
                      void *dst, const atomic_int *cancel) {
  char *to = (char *)dst;
  for (int64_t k = 0; k < n && k < AHEAD; k++)
    fetch(r->src + (size_t)index[k] * r->src_item, r->src_item);
  for (int64_t k = 0; k < n; k++, to += r->dst_item) {
    if (cancel != NULL && atomic_load_explicit(cancel, memory_order_relaxed))
      return;
    const char *from = r->src + (size_t)index[k] * r->src_item;
    if (k + AHEAD < n)
      fetch(r->src + (size_t)index[k + AHEAD] * r->src_item, r->src_item);
    if (r->how == NL__COPY) {
      if (r->src_item > 0) memcpy(to, from, r->src_item);
    } else if (r->how == NL__TABLE) {
      look_up(r, (const uint8_t *)from, (float *)(void *)to);
    } else {
      affine(r, from, (float *)(void *)to);
    }
  }
}

/* ---- fingerprint ---- */

static uint64_t fnv (uint64_t h, const void *p, size_t n) {
  const unsigned char *c = (const unsigned char *)p;
  for (size_t i = 0; i < n; i++) h = (h ^ c[i]) * 0x100000001b3ull;
  return h;
}

uint64_t nl__rows_hash (const nl__rows *r, uint64_t h) {
  int64_t head[3] = {r->n, r->numel, (int64_t)r->from};
  int64_t step = r->n / 64 + 1;
  h = fnv(h, head, sizeof head);
  for (int64_t i = 0; i < r->n; i += step)
    h = fnv(h, r->src + (size_t)i * r->src_item,
            r->src_item < 4096 ? r->src_item : 4096);
  return h;
}

/* ---- moments ---- */

nl_status nl_u8_moments (nl_ctx *C, nl_value *v, double *mean, double *std) {
  int64_t count[256] = {0};
  if (v == NULL) return nl_errstatus(C);
  if (nl_dtype_of(v) != NL_U8 || nl_numel(v) == 0)
    return nl_error(C, NL_ERROR, "moments: a uint8 array with elements "
                    "expected, got %lld of %s", (long long)nl_numel(v),
                    nl_dtype_name(nl_dtype_of(v)));
  const uint8_t *p = (const uint8_t *)nl_data(C, v);
  if (p == NULL) return nl_errstatus(C);
  for (int64_t i = 0; i < nl_numel(v); i++) count[p[i]]++;
  double n = (double)nl_numel(v), sum = 0, m, square = 0;
  for (int i = 0; i < 256; i++) sum += (double)count[i] * i;
  m = sum / n;
  for (int i = 0; i < 256; i++) square += (double)count[i] * (i - m) * (i - m);
  *mean = m / 255;
  *std = sqrt(square / n) / 255;
  return NL_OK;
}
