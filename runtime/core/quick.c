/* quick.c: what most operations of tensors are: elementwise, of arrays of one
 * dtype and one shape, an array and its row, column or a number, while nothing
 * traces.
 *
 * The same kernels as by nl_bind, so the same bits, without values for the
 * operands, a search for a trace, promotion or broadcasting.  Whatever is not
 * of this kind is left to nl_bind, errors and lack of memory too. */
#include "core/core.h"

#include "kernels/kernels.h"

#include <string.h>

#define MOST 16384 /* elements: more go to threads */
#define TILE 256   /* elements over which a smaller operand is spread */
#define ROOM 2048  /* bytes: larger views are gathered the long way */
#define SHORT 64   /* elements: shorter rows are taken several at a time */

/* The elements of a tensor without a trace, in order: its own, or gathered in
   `room` when it is a small view; NULL when it is neither. */
static const nl_value *plain (const nl_tensor *t, const char **data,
                              char *room) {
  nl_storage *s = t->storage;
  if (s == NULL || s->value->trace != NULL || s->weak) return NULL;
  nl_value *v = s->value;
  size_t elem = nl__elem_size(s->dtype);
  if (t->whole || nl_tensor_contiguous(t)) {
    *data = nl__bytes_at(v) + (size_t)t->offset * elem;
  } else {
    int64_t n = nl_tensor_numel(t);
    if (n > (int64_t)(ROOM / elem)) return NULL;
    nl_value view = {.refs = 1, .dtype = v->dtype, .ndim = (uint8_t)t->ndim,
                     .numel = n, .buf = v->buf, .offset = v->offset + t->offset};
    for (int i = 0; i < t->ndim; i++) {
      view.shape[i] = t->size[i];
      view.stride[i] = t->stride[i];
    }
    nl__gather(&view, 0, n, room);
    *data = room;
  }
  if (s->watched) s->reads++;
  return v;
}

static bool same_sizes (const nl_tensor *a, const nl_tensor *b) {
  if (a->ndim != b->ndim) return false;
  for (int i = 0; i < a->ndim; i++)
    if (a->size[i] != b->size[i]) return false;
  return true;
}

/* A new tensor of x's sizes: its value, or NULL. */
nl_value *nl__quick_result (nl_ctx *C, nl_dtype d, const nl_tensor *x,
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

/* Each of `rows` numbers inner times, and up to 15 bytes more, by a number of
   stores that the compiler knows. */
static inline void few (const float *src, int64_t rows, int64_t inner,
                        float *dst, int stores) {
  typedef float floats __attribute__((vector_size(16), aligned(4)));
  for (int64_t i = 0; i < rows; i++, dst += inner) {
    floats f = (floats){0} + src[i];
    for (int k = 0; k < stores; k++) *(floats *)(void *)(dst + 4 * k) = f;
  }
}

/* An operation of a large operand and a smaller one: of `count` pieces of
   `inner` elements, all with the same number (count 1), each with its own
   (COLUMN), or each with the `inner` elements of the small one (ROW). */
typedef struct pieces {
  enum { NUMBER, COLUMN, ROW } kind;
  int64_t count, inner;
} pieces;

typedef struct beside {
  const nl_kernels *k;
  nl_map_fn fn;
  int which; /* the small operand */
  const char *small, *large;
  char *out;
  size_t elem, out_elem;
} beside;

/* elements at .. at + n of the large operand with those in `small` */
static inline void some (const beside *b, const char *small, int64_t at,
                         int64_t n) {
  const void *p[2];
  p[b->which] = small;
  p[1 - b->which] = b->large + (size_t)at * b->elem;
  b->fn(n, p, b->out + (size_t)at * b->out_elem);
}

/* one number beside n elements, by tiles */
static void with_number (const beside *b, const char *number, int64_t first,
                         int64_t n, char *tile) {
  b->k->spread(n < TILE ? n : TILE, b->elem, number, tile);
  for (int64_t at = 0; at < n; at += TILE)
    some(b, tile, first + at, n - at < TILE ? n - at : TILE);
}

/* Each of `rows` numbers inner times, side by side. */
static void spread_each (const beside *b, const char *src, int64_t rows,
                         int64_t inner, char *tile) {
  const float *from = (const float *)(const void *)src;
  float *to = (float *)(void *)tile;
  int stores = b->elem == sizeof(float) && inner <= 16 ? (int)(inner + 3) / 4
                                                       : 0;
  if (stores == 1) few(from, rows, inner, to, 1);
  else if (stores == 2) few(from, rows, inner, to, 2);
  else if (stores == 3) few(from, rows, inner, to, 3);
  else if (stores == 4) few(from, rows, inner, to, 4);
  else
    for (int64_t k = 0; k < rows; k++)
      b->k->spread(inner, b->elem, src + (size_t)k * b->elem,
                   tile + (size_t)(k * inner) * b->elem);
}

static void with_columns (const beside *b, pieces s, char *tile) {
  int64_t most = s.inner < SHORT ? TILE / s.inner : 1;
  for (int64_t i = 0; i < s.count; i += most) {
    const char *from = b->small + (size_t)i * b->elem;
    int64_t rows = s.count - i < most ? s.count - i : most;
    if (most == 1) {
      with_number(b, from, i * s.inner, s.inner, tile);
      continue;
    }
    spread_each(b, from, rows, s.inner, tile);
    some(b, tile, i * s.inner, rows * s.inner);
  }
}

static void with_rows (const beside *b, pieces s, char *tile) {
  size_t row = (size_t)s.inner * b->elem;
  int64_t most = s.inner < SHORT ? TILE / s.inner : 1;
  if (most > s.count) most = s.count;
  const char *from = b->small;
  if (most > 1) { /* copies, by doubling */
    memcpy(tile, b->small, row);
    size_t full = (size_t)most * row;
    for (size_t have = row; have < full; have *= 2)
      memcpy(tile + have, tile, have < full - have ? have : full - have);
    from = tile;
  }
  for (int64_t i = 0; i < s.count; i += most)
    some(b, from, i * s.inner,
         (s.count - i < most ? s.count - i : most) * s.inner);
}

/* How a small tensor broadcasts over a large one of the result's shape: as
   its last dimensions, or as its first ones.  False: in no such way. */
static bool fits (const nl_tensor *small, const nl_tensor *large, pieces *s) {
  int more = large->ndim - small->ndim, i = 0, j = small->ndim;
  if (more < 0) return false;
  const int64_t *over = large->size + more;
  while (i < j && small->size[i] == 1) i++;
  while (j > i && small->size[j - 1] == 1 && over[j - 1] != 1) j--;
  for (int k = i; k < j; k++)
    if (small->size[k] != over[k]) return false;
  bool row = j == small->ndim;
  if (!row && (more > 0 || i > 0)) { /* each element stands for `inner` */
    for (int k = 0; k < more + i; k++)
      if (large->size[k] != 1) return false;
  }
  s->kind = row ? ROW : COLUMN;
  s->count = s->inner = 1;
  for (int k = 0; k < large->ndim; k++)
    *(k < more + (row ? i : j) ? &s->count : &s->inner) *= large->size[k];
  return s->count > 0 && s->inner > 0;
}

bool nl_quick (nl_ctx *C, const nl_prim *p, const nl_tensor *x,
               const nl_tensor *y, double number, nl_tensor *t) {
  _Alignas(64) char room[2][ROOM], tile[TILE * sizeof(double) + 128];
  const nl_tensor *like = x != NULL ? x : y, *small = NULL;
  const char *data[2] = {NULL, NULL};
  if (C->trace != C->eval || p->map == 0) return false;
  const nl_value *a = plain(like, &data[x == NULL], room[0]);
  if (a == NULL) return false;
  nl_dtype d = (nl_dtype)a->dtype;
  nl_dtype r = p->flags & NL_BOOL_OUT ? NL_BOOL : d;
  nl_map_fn fn = C->k->map[p->map - 1][d];
  if (fn == NULL) return false;
  pieces s = {NUMBER, 1, 0};
  bool uneven = p->nin == 2 && (x == NULL || y == NULL);
  if (p->nin == 2 && !uneven) {
    const nl_value *b = plain(y, &data[1], room[1]);
    if (b == NULL || b->dtype != d) return false;
    uneven = !same_sizes(x, y);
    small = uneven ? fits(y, x, &s) ? y : fits(x, y, &s) ? x : NULL : NULL;
    if (uneven && small == NULL) return false;
    if (small == x) like = y;
  }
  if (uneven && !nl_dtype_is_float(d)) return false;
  int64_t n = nl_tensor_numel(like);
  if (n > MOST) return false;
  nl_value *v = nl__quick_result(C, r, like, n, t);
  if (v == NULL) return false;
  if (!uneven) {
    fn(n, (const void *const *)data, v->buf->data);
    return true;
  }
  int which = small != NULL ? small == y : x != NULL;
  _Alignas(16) char one[sizeof(double)];
  if (d == NL_F32) memcpy(one, &(float){(float)number}, sizeof(float));
  else memcpy(one, &number, sizeof number);
  beside b = {C->k, fn, which, small != NULL ? data[which] : one,
              data[1 - which], (char *)v->buf->data, nl__elem_size(d),
              nl__elem_size(r)};
  if (s.kind == NUMBER) with_number(&b, one, 0, n, tile);
  else if (s.kind == COLUMN) with_columns(&b, s, tile);
  else with_rows(&b, s, tile);
  return true;
}
