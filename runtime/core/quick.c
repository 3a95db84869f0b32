/* quick.c: what most operations of tensors are: elementwise, of dense arrays
 * of one shape and dtype or an array and a number, while nothing traces.
 *
 * The same kernels as by nl_bind, so the same bits, without values for the
 * operands, a search for a trace, promotion or broadcasting.  Whatever is not
 * of this kind is left to nl_bind, errors and lack of memory too. */
#include "core/core.h"

#include "kernels/kernels.h"

#define MOST 16384 /* elements: more go to threads */
#define TILE 256   /* elements over which a number is spread */

/* The elements of a dense tensor without a trace, or NULL. */
static const nl_value *plain (const nl_tensor *t, const char **data) {
  nl_storage *s = t->storage;
  if (s == NULL || s->value->trace != NULL || s->weak) return NULL;
  if (!t->whole && !nl_tensor_contiguous(t)) return NULL;
  if (s->watched) s->reads++;
  *data = nl__bytes_at(s->value) +
          (size_t)t->offset * nl__elem_size(s->dtype);
  return s->value;
}

static bool same_sizes (const nl_tensor *a, const nl_tensor *b) {
  if (a->ndim != b->ndim) return false;
  for (int i = 0; i < a->ndim; i++)
    if (a->size[i] != b->size[i]) return false;
  return true;
}

/* A new tensor of x's sizes: its value, or NULL. */
static nl_value *result (nl_ctx *C, nl_dtype d, const nl_tensor *x,
                         int64_t numel, nl_tensor *t) {
  nl_storage *s = (nl_storage *)nl__small_alloc(C, sizeof *s);
  nl_value *v = s == NULL ? NULL
                          : (nl_value *)nl__small_alloc(C, sizeof *v);
  nl_buffer *b =
      v == NULL ? NULL : nl__buffer_new(C, (size_t)numel * nl__elem_size(d));
  if (b == NULL) {
    nl__small_free(C, v, sizeof *v);
    nl__small_free(C, s, sizeof *s);
    nl_error_clear(C); /* the long way says it */
    return NULL;
  }
  int64_t n = 1;
  for (int i = x->ndim - 1; i >= 0; i--) {
    v->shape[i] = t->size[i] = x->size[i];
    v->stride[i] = t->stride[i] = n;
    n *= x->size[i];
  }
  v->refs = 1;
  v->dtype = (uint8_t)d;
  v->weak = false;
  v->ndim = (uint8_t)x->ndim;
  v->dense = true;
  v->trace = NULL;
  v->numel = numel;
  v->buf = b;
  v->offset = 0;
  *s = (nl_storage){.refs = 1, .dtype = d, .numel = numel, .value = v};
  t->storage = s;
  t->offset = 0;
  t->ndim = x->ndim;
  t->whole = true;
  return v;
}

/* n numbers, and up to 15 bytes more. */
static void spread (nl_dtype d, double x, int64_t n, void *dst) {
  typedef float floats __attribute__((vector_size(16)));
  typedef double doubles __attribute__((vector_size(16)));
  if (d == NL_F32) {
    floats f = (floats){0} + (float)x, *p = (floats *)dst;
    for (int64_t i = 0; i < n; i += 4) *p++ = f;
  } else {
    doubles f = (doubles){0} + x, *p = (doubles *)dst;
    for (int64_t i = 0; i < n; i += 2) *p++ = f;
  }
}

/* in[which] is a number, spread over one tile. */
static void with_number (nl_map_fn fn, nl_dtype d, int64_t n, double x,
                         const void *const *in, int which, size_t out_elem,
                         char *out) {
  _Alignas(64) char tile[TILE * sizeof(double)];
  const void *p[2];
  size_t elem = nl__elem_size(d);
  spread(d, x, n < TILE ? n : TILE, tile);
  p[which] = tile;
  for (int64_t at = 0; at < n; at += TILE) {
    p[1 - which] = (const char *)in[1 - which] + (size_t)at * elem;
    fn(n - at < TILE ? n - at : TILE, p, out + (size_t)at * out_elem);
  }
}

bool nl_quick (nl_ctx *C, const nl_prim *p, const nl_tensor *x,
               const nl_tensor *y, double number, nl_tensor *t) {
  const nl_tensor *like = x != NULL ? x : y;
  const char *data[2] = {NULL, NULL};
  if (C->trace != C->eval || p->map == 0) return false;
  const nl_value *a = plain(like, &data[x == NULL]);
  if (a == NULL || a->numel > MOST) return false;
  nl_dtype d = (nl_dtype)a->dtype;
  nl_dtype r = p->flags & NL_BOOL_OUT ? NL_BOOL : d;
  nl_map_fn fn = C->k->map[p->map - 1][d];
  if (fn == NULL) return false;
  bool beside = p->nin == 2 && (x == NULL || y == NULL);
  if (beside) {
    if (!nl_dtype_is_float(d)) return false;
  } else if (p->nin == 2) {
    const nl_value *b = plain(y, &data[1]);
    if (b == NULL || b->dtype != d || !same_sizes(x, y)) return false;
  }
  int64_t n = nl_tensor_numel(like);
  nl_value *v = result(C, r, like, n, t);
  if (v == NULL) return false;
  if (beside)
    with_number(fn, d, n, number, (const void *const *)data, x == NULL ? 0 : 1,
                nl__elem_size(r), (char *)v->buf->data);
  else
    fn(n, (const void *const *)data, v->buf->data);
  return true;
}
