/* sort.c: the order of elements along a dim.
 *
 * The primitives give positions alone (argsort, argmode); sorted values are
 * gathered by them, so derivatives go through the permutation.  Elements are
 * sorted by keys, unsigned integers in the elements' order: -0 equals 0 and
 * NaN is above everything, as in max.  The sort is stable both ways: equals
 * keep their order. */
#include "core/core.h"

#include <string.h>

#include "ops/along.h"
#include "ops/ops.h"

enum { DIM, DESCENDING, NP };

/* ---- keys ---- */

typedef struct pair {
  uint64_t key;
  int64_t at; /* the element's index along the dim */
} pair;

#define TOP ((uint64_t)1 << 63)

/* The bits of a float of 64 bits (or of 32 in the upper half) as a key. */
static uint64_t float_key (uint64_t bits, uint64_t magnitude, uint64_t inf) {
  if ((bits & magnitude) > inf) return UINT64_MAX; /* NaN */
  if ((bits & magnitude) == 0) return TOP;         /* -0 is 0 */
  return bits & TOP ? ~bits : bits | TOP;
}

#define KEYS(type, expression)                                                \
  for (int64_t k = 0; k < n; k++) {                                           \
    type x = ((const type *)row)[k * stride];                                 \
    to[k].key = (expression);                                                 \
    to[k].at = k;                                                             \
  }                                                                           \
  break

static void make_keys (nl_dtype d, const void *row, int64_t n, int64_t stride,
                       pair *to) {
  uint32_t b32;
  uint64_t b64;
  switch (d) {
    case NL_F32:
      KEYS(float, (memcpy(&b32, &x, 4),
                   float_key((uint64_t)b32 << 32, (uint64_t)0x7fffffff << 32,
                             (uint64_t)0x7f800000 << 32) >> 32));
    case NL_F64:
      KEYS(double, (memcpy(&b64, &x, 8),
                    float_key(b64, INT64_MAX, (uint64_t)0x7ff << 52)));
    case NL_I8: KEYS(int8_t, (uint64_t)x ^ TOP);
    case NL_I16: KEYS(int16_t, (uint64_t)x ^ TOP);
    case NL_I32: KEYS(int32_t, (uint64_t)x ^ TOP);
    case NL_I64: KEYS(int64_t, (uint64_t)x ^ TOP);
    default: KEYS(uint8_t, x);
  }
}

/* ---- the sort ---- */

static void insertion (pair *a, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    pair p = a[i];
    int64_t k = i;
    for (; k > 0 && a[k - 1].key > p.key; k--) a[k] = a[k - 1];
    a[k] = p;
  }
}

/* Bytes from the least to the most significant, those that all keys share
   left out; b is room for n more.  Returns where the result stands. */
static pair *radix (pair *a, pair *b, int64_t n) {
  int64_t count[8][256];
  memset(count, 0, sizeof count);
  for (int64_t i = 0; i < n; i++)
    for (int s = 0; s < 8; s++) count[s][a[i].key >> (8 * s) & 255]++;
  for (int s = 0; s < 8; s++) {
    int64_t *c = count[s], at = 0;
    if (c[a[0].key >> (8 * s) & 255] == n) continue;
    for (int v = 0; v < 256; v++) {
      int64_t m = c[v];
      c[v] = at;
      at += m;
    }
    for (int64_t i = 0; i < n; i++) b[c[a[i].key >> (8 * s) & 255]++] = a[i];
    pair *t = a;
    a = b;
    b = t;
  }
  return a;
}

#define FEW 48 /* elements that insertion sorts faster */

typedef struct sort_job {
  nl_along a;
  nl_dtype dtype;
  bool descending, mode;
  const char *x;
  int64_t *out;
  pair *room; /* 2 n pairs for each item, for n > FEW */
  int64_t each, rows; /* rows of one item, and all */
} sort_job;

/* The last place of the most frequent key; of several the least. */
static int64_t most_frequent (const pair *s, int64_t n) {
  int64_t best = 0, at = 0;
  for (int64_t i = 0, from = 0; i < n; i++) {
    if (i + 1 < n && s[i + 1].key == s[i].key) continue;
    if (i + 1 - from > best) {
      best = i + 1 - from;
      at = s[i].at;
    }
    from = i + 1;
  }
  return at;
}

static void sort_row (const sort_job *j, int64_t row, pair *room) {
  int64_t n = j->a.n, inner = j->a.inner;
  int64_t o = row / inner, i = row % inner;
  pair few[FEW], *s = room == NULL ? few : room;
  make_keys(j->dtype,
            j->x + (size_t)(o * n * inner + i) * nl_dtype_size(j->dtype), n,
            inner, s);
  if (j->descending)
    for (int64_t k = 0; k < n; k++) s[k].key = ~s[k].key;
  if (n <= FEW) insertion(s, n);
  else s = radix(s, room + n, n);
  if (j->mode) {
    j->out[row] = most_frequent(s, n);
    return;
  }
  int64_t *out = j->out + o * n * inner + i;
  for (int64_t k = 0; k < n; k++) out[k * inner] = s[k].at;
}

static void sort_item (void *ud, int64_t item) {
  const sort_job *j = (const sort_job *)ud;
  int64_t first = item * j->each, last = first + j->each;
  pair *room = j->room == NULL ? NULL : j->room + item * 2 * j->a.n;
  for (int64_t r = first; r < last && r < j->rows; r++) sort_row(j, r, room);
}

static nl_status sort_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  if (!nl__check_dim(C, e->prim->name, e->in[0], (int)e->p[DIM]))
    return C->status;
  nl__aval(e->in[0], out);
  out->dtype = NL_I64;
  out->weak = false;
  if (e->prim == &nl_prim_argmode) out->shape[e->p[DIM]] = 1;
  return NL_OK;
}

static nl_status sort_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  if (sort_shape(C, e, &a) != NL_OK) return C->status;
  nl_value *x = nl__dense(C, e->in[0]);
  if (x == NULL) return C->status;
  nl_value *r = nl__value_alloc(C, NL_I64, false, a.ndim, a.shape, true);
  if (r == NULL) return C->status;
  e->out[0] = r;
  if (r->numel == 0) return NL_OK;
  sort_job j = {.a = nl__along(x->ndim, x->shape, (int)e->p[DIM]),
                .dtype = (nl_dtype)x->dtype,
                .descending = e->p[DESCENDING] != 0,
                .mode = e->prim == &nl_prim_argmode,
                .x = nl__bytes_at(x), .out = (int64_t *)r->buf->data};
  j.rows = j.a.outer * j.a.inner;
  int64_t items = nl_threads(C) * 4; /* so that idle threads find work */
  size_t bytes = 0;
  if (items > j.rows) items = j.rows;
  j.each = (j.rows + items - 1) / items;
  if (j.a.n > FEW) {
    bytes = (size_t)(items * 2 * j.a.n) * sizeof(pair);
    j.room = (pair *)nl__alloc(C, bytes);
    if (j.room == NULL) return C->status;
  }
  nl_status st = nl__parallel_for(C, items, (double)(j.each * j.a.n) * 20,
                                  sort_item, &j);
  if (j.room != NULL) nl__free(C, j.room, bytes);
  return st;
}

const nl_prim nl_prim_argsort = {
    .name = "argsort", .nin = 1, .nout = 1, .flags = NL_NO_GRAD,
    .shape = sort_shape, .eval = sort_eval, .batch = nl__batch_along};
const nl_prim nl_prim_argmode = {
    .name = "argmode", .nin = 1, .nout = 1, .flags = NL_NO_GRAD,
    .shape = sort_shape, .eval = sort_eval, .batch = nl__batch_along};

/* ---- fronts ---- */

static nl_value *order (nl_ctx *C, const nl_prim *prim, const char *what,
                        nl_value *x, int dim, bool descending) {
  int64_t p[NP] = {dim, descending};
  if (x == NULL || !nl__check_dim(C, what, x, dim)) return NULL;
  return nl_bind1(C, prim, 1, &x, NP, p);
}

/* The values at the positions; the positions to *index where wanted. */
static nl_value *values (nl_ctx *C, nl_value *x, int dim, nl_value *at,
                         nl_value **index) {
  if (index != NULL) *index = at;
  return at == NULL ? NULL : nl_gather(C, x, dim, at);
}

nl_value *nl_argsort (nl_ctx *C, nl_value *x, int dim, bool descending) {
  return order(C, &nl_prim_argsort, "argsort", x, dim, descending);
}

nl_value *nl_sort (nl_ctx *C, nl_value *x, int dim, bool descending,
                   nl_value **index) {
  nl_value *at = order(C, &nl_prim_argsort, "sort", x, dim, descending);
  return values(C, x, dim, at, index);
}

/* Positions [from, from + k) of the order, where x has as many. */
static nl_value *some (nl_ctx *C, const char *what, nl_value *x, int dim,
                       bool descending, int64_t from, int64_t k,
                       int64_t named) {
  char text[NL_SHAPE_TEXT];
  nl_value *at = order(C, &nl_prim_argsort, what, x, dim, descending);
  if (at == NULL) return NULL;
  if (k < 0 || from < 0 || from > x->shape[dim] - k) {
    nl_error(C, NL_ERROR, "%s: k is %lld, there are %lld elements (dim %d of "
                          "[%s])",
             what, (long long)named, (long long)x->shape[dim], dim + 1,
             nl__shape_text(text, x->ndim, x->shape));
    return NULL;
  }
  return nl_narrow(C, at, dim, from, k);
}

nl_value *nl_topk (nl_ctx *C, nl_value *x, int64_t k, int dim, bool largest,
                   nl_value **index) {
  nl_value *at = some(C, "topk", x, dim, largest, 0, k, k);
  return values(C, x, dim, at, index);
}

nl_value *nl_kthvalue (nl_ctx *C, nl_value *x, int64_t k, int dim,
                       nl_value **index) {
  nl_value *at = some(C, "kthvalue", x, dim, false, k, 1, k + 1);
  return values(C, x, dim, at, index);
}

/* No element to choose from? */
static bool nothing (nl_ctx *C, const char *what, nl_value *x, int dim) {
  char text[NL_SHAPE_TEXT];
  if (x == NULL || !nl__check_dim(C, what, x, dim)) return true;
  if (x->shape[dim] > 0) return false;
  nl_error(C, NL_ERROR, "%s: no elements to choose from in %s", what,
           nl__value_text(text, x));
  return true;
}

nl_value *nl_median (nl_ctx *C, nl_value *x, int dim, nl_value **index) {
  if (nothing(C, "median", x, dim)) return NULL;
  nl_value *at = some(C, "median", x, dim, false, (x->shape[dim] - 1) / 2, 1,
                      0);
  return values(C, x, dim, at, index);
}

nl_value *nl_mode (nl_ctx *C, nl_value *x, int dim, nl_value **index) {
  if (nothing(C, "mode", x, dim)) return NULL;
  nl_value *at = order(C, &nl_prim_argmode, "mode", x, dim, false);
  return values(C, x, dim, at, index);
}
