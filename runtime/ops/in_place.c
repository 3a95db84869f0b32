/* in_place.c: what optimizers and Torch7's programs do to dense arrays in
 * place: x = f(x), x = f(x, y), and x + s y, x + s y z, x + s y / z, and fill
 * them, while nothing traces.
 *
 * The same kernels in the same order as by nl_bind, so the same bits, but over
 * a tile at a time: s y z never stands in memory as a whole.  Whatever is not
 * of this kind is left to nl_bind, errors too. */
#include "ops/ops.h"

#include "kernels/kernels.h"

#include <string.h>

#define TILE 512  /* elements: three tiles stay in the first cache */
#define STEP 8192 /* elements that a thread takes at a time */

typedef struct job {
  nl_map_fn last, by; /* by: NULL where there is no z */
  nl_map_fn mul;      /* NULL where there is no scale */
  bool beside;        /* last has a second operand */
  size_t elem;
  int64_t n;
  char *x;
  const char *y, *z; /* y: NULL for the number */
  const char *number;
} job;

static void some (const job *j, int64_t at, int64_t n) {
  _Alignas(64) char tile[TILE * sizeof(double)];
  size_t o = (size_t)at * j->elem;
  const void *p[2];
  const void *term = j->y != NULL ? j->y + o : j->number;
  if (j->mul != NULL) {
    p[0] = j->number;
    p[1] = term;
    j->mul(n, p, tile);
    term = tile;
  }
  if (j->by != NULL) {
    p[0] = term;
    p[1] = j->z + o;
    j->by(n, p, tile);
    term = tile;
  }
  p[0] = j->x + o;
  p[1] = term;
  j->last(n, p, j->x + o);
}

static void step (void *ud, int64_t i) {
  const job *j = (const job *)ud;
  int64_t end = (i + 1) * STEP < j->n ? (i + 1) * STEP : j->n;
  for (int64_t at = i * STEP; at < end; at += TILE)
    some(j, at, end - at < TILE ? end - at : TILE);
}

/* The number in n elements of a tile, and in what fills 128 bytes up. */
static void fill (const nl_ctx *C, nl_dtype d, double x, int64_t n,
                  char *tile) {
  float f = (float)x;
  C->k->spread(n, nl__elem_size(d), d == NL_F32 ? (void *)&f : (void *)&x,
               tile);
}

/* Where a dense tensor's elements begin, NULL when it is not one of x's kind:
   its dtype and sizes, and its own memory or exactly x's. */
static const char *operand (const nl_tensor *t, const nl_tensor *x) {
  const nl_storage *s = t->storage, *sx = x->storage;
  if (s == NULL || s->value->trace != NULL || s->weak ||
      s->dtype != sx->dtype || t->ndim != x->ndim || !nl_tensor_contiguous(t))
    return NULL;
  for (int i = 0; i < t->ndim; i++)
    if (t->size[i] != x->size[i]) return NULL;
  if (s->value->buf == sx->value->buf &&
      s->value->offset + t->offset != sx->value->offset + x->offset)
    return NULL;
  return nl__bytes_at(s->value) +
         (size_t)t->offset * nl__elem_size(s->dtype);
}

static void read_of (const nl_tensor *t) {
  if (t != NULL && t->storage->watched) t->storage->reads++;
}

/* Is x a dense array that nobody else holds? */
static bool alone (const nl_ctx *C, const nl_tensor *x) {
  const nl_storage *s = x->storage;
  return C->trace == C->eval && s != NULL && s->value->trace == NULL &&
         !s->weak && s->value->refs == 1 && s->value->buf->refs == 1 &&
         nl_tensor_contiguous(x);
}

static char *bytes_of (const nl_tensor *x) {
  return nl__bytes_at(x->storage->value) +
         (size_t)x->offset * nl__elem_size(x->storage->dtype);
}

nl_status nl_quick_into (nl_ctx *C, const nl_tensor *x, const nl_prim *last,
                         const nl_term *t, bool *done) {
  _Alignas(64) char number[TILE * sizeof(double)];
  *done = false;
  if (!alone(C, x) || last->map == 0 || last->flags & NL_BOOL_OUT) return NL_OK;
  const nl_storage *s = x->storage;
  if (!nl_dtype_is_float(s->dtype)) return NL_OK;
  job j = {.last = C->k->map[last->map - 1][s->dtype], .beside = last->nin == 2,
           .elem = nl__elem_size(s->dtype), .n = nl_tensor_numel(x)};
  if (t->y != NULL && (j.y = operand(t->y, x)) == NULL) return NL_OK;
  if (t->z != NULL) {
    if ((j.z = operand(t->z, x)) == NULL) return NL_OK;
    j.by = C->k->map[(t->divided ? nl_prim_div : nl_prim_mul).map - 1]
                    [s->dtype];
  }
  if (t->scaled) j.mul = C->k->map[nl_prim_mul.map - 1][s->dtype];
  if (j.last == NULL || j.n == 0) return NL_OK;
  if (j.beside && (t->scaled || t->y == NULL)) {
    fill(C, s->dtype, t->number, j.n < TILE ? j.n : TILE, number);
    j.number = number;
  }
  j.x = bytes_of(x);
  read_of(x);
  read_of(t->y);
  read_of(t->z);
  *done = true;
  return nl__parallel_for(C, (j.n + STEP - 1) / STEP, STEP * 0.4, step, &j);
}

static void fill_step (void *ud, int64_t i) {
  const job *j = (const job *)ud;
  int64_t end = (i + 1) * STEP < j->n ? (i + 1) * STEP : j->n;
  for (int64_t at = i * STEP; at < end; at += TILE)
    memcpy(j->x + (size_t)at * j->elem, j->number,
           (size_t)(end - at < TILE ? end - at : TILE) * j->elem);
}

nl_status nl_quick_fill (nl_ctx *C, const nl_tensor *x, double number,
                         bool *done) {
  _Alignas(64) char tile[TILE * sizeof(double)];
  *done = false;
  if (!alone(C, x)) return NL_OK;
  nl_dtype d = x->storage->dtype;
  job j = {.elem = nl__elem_size(d), .n = nl_tensor_numel(x), .x = bytes_of(x),
           .number = tile};
  if (nl_dtype_is_float(d)) fill(C, d, number, j.n < TILE ? j.n : TILE, tile);
  else if (number == 0) memset(tile, 0, sizeof tile);
  else return NL_OK;
  *done = true;
  return nl__parallel_for(C, (j.n + STEP - 1) / STEP, STEP * 0.2, fill_step,
                          &j);
}
