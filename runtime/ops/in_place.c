/* in_place.c: what optimizers and Torch7's programs do to dense arrays in
 * place: x = f(x), x = f(x, y), and x + s y, x + s y z, x + s y / z, and fill
 * them, while nothing traces; and the same into a new array.
 *
 * The same kernels in the same order as by nl_bind, so the same bits, but over
 * a tile at a time: neither s y z nor a row that broadcasts ever stands in
 * memory as a whole.  Whatever is not of this kind is left to nl_bind, errors
 * too. */
#include "ops/ops.h"

#include "kernels/kernels.h"

#include <string.h>

#define TILE 4096 /* bytes: a few tiles stay in the first cache */
#define STEP 8192 /* elements that a thread takes at a time */

/* What stands beside x, element by element. */
typedef struct operand {
  const char *dense; /* its elements in x's order, or NULL: */
  nl_value view;     /* as it stands over x's sizes, broadcast, strided */
} operand;

typedef struct job {
  nl_map_fn last, by; /* by: NULL where there is no z */
  nl_map_fn mul;      /* NULL where there is no scale */
  bool beside;        /* last has a second operand */
  bool has_y;         /* else the number */
  size_t elem;
  int64_t n;
  const char *from; /* x before */
  char *x;
  operand y, z;
  const char *number;
} job;

static const void *elements (const operand *o, size_t elem, int64_t at,
                             int64_t n, char *room) {
  if (o->dense != NULL) return o->dense + (size_t)at * elem;
  nl__gather(&o->view, at, n, room);
  return room;
}

static void some (const job *j, int64_t at, int64_t n) {
  _Alignas(64) char tile[TILE], ys[TILE], zs[TILE];
  size_t o = (size_t)at * j->elem;
  const void *p[2];
  const void *term = j->has_y ? elements(&j->y, j->elem, at, n, ys)
                              : j->number;
  if (j->mul != NULL) {
    p[0] = j->number;
    p[1] = term;
    j->mul(n, p, tile);
    term = tile;
  }
  if (j->by != NULL) {
    p[0] = term;
    p[1] = elements(&j->z, j->elem, at, n, zs);
    j->by(n, p, tile);
    term = tile;
  }
  p[0] = j->from + o;
  p[1] = term;
  j->last(n, p, j->x + o);
}

static void step (void *ud, int64_t i) {
  const job *j = (const job *)ud;
  int64_t end = (i + 1) * STEP < j->n ? (i + 1) * STEP : j->n;
  int64_t most = TILE / (int64_t)j->elem;
  for (int64_t at = i * STEP; at < end; at += most)
    some(j, at, end - at < most ? end - at : most);
}

/* The number in a tile, or in its first n elements and what fills 128 bytes
   up. */
static void fill (const nl_ctx *C, nl_dtype d, double x, int64_t n,
                  char *tile) {
  float f = (float)x;
  int64_t most = TILE / (int64_t)nl__elem_size(d);
  C->k->spread(n < most ? n : most, nl__elem_size(d),
               d == NL_F32 ? (void *)&f : (void *)&x, tile);
}

/* Does t stand beside x: an array of x's dtype whose sizes broadcast to x's,
   in memory of its own, or `own`: exactly x's? */
static bool operand_of (const nl_tensor *t, const nl_tensor *x, bool own,
                        operand *o) {
  const nl_storage *s = t->storage, *sx = x->storage;
  int more = x->ndim - t->ndim;
  if (s == NULL || s->value->trace != NULL || s->weak ||
      s->dtype != sx->dtype || more < 0 || !s->value->dense)
    return false;
  bool same = more == 0 && nl_tensor_contiguous(t);
  for (int i = 0; i < t->ndim; i++) {
    same = same && t->size[i] == x->size[more + i];
    if (t->size[i] != x->size[more + i] && t->size[i] != 1) return false;
  }
  if (!own && s->value->buf == sx->value->buf &&
      (!same || s->value->offset + t->offset != sx->value->offset + x->offset))
    return false;
  o->dense = NULL;
  if (same) {
    o->dense = nl__bytes_at(s->value) +
               (size_t)t->offset * nl__elem_size(s->dtype);
    return true;
  }
  nl_value *v = &o->view;
  v->dense = false;
  v->numel = nl_tensor_numel(x);
  v->dtype = s->value->dtype;
  v->ndim = (uint8_t)x->ndim;
  v->buf = s->value->buf;
  v->offset = s->value->offset + t->offset;
  for (int i = 0; i < x->ndim; i++) {
    bool spread = i < more || t->size[i - more] != x->size[i];
    v->shape[i] = x->size[i];
    v->stride[i] = spread ? 0 : t->stride[i - more];
  }
  return !nl__steps_over_lines(v);
}

static void read_of (const nl_tensor *t) {
  if (t != NULL && t->storage->watched) t->storage->reads++;
}

/* Is x a dense array? */
static bool plain (const nl_ctx *C, const nl_tensor *x) {
  const nl_storage *s = x->storage;
  return C->trace == C->eval && s != NULL && s->value->trace == NULL &&
         !s->weak && s->value->dense && nl_tensor_contiguous(x);
}

/* And does nobody else hold it? */
static bool alone (const nl_ctx *C, const nl_tensor *x) {
  return plain(C, x) && x->storage->value->refs == 1 &&
         x->storage->value->buf->refs == 1;
}

static char *bytes_of (const nl_tensor *x) {
  return nl__bytes_at(x->storage->value) +
         (size_t)x->offset * nl__elem_size(x->storage->dtype);
}

nl_status nl_quick_into (nl_ctx *C, const nl_tensor *x, const nl_prim *last,
                         const nl_term *t, nl_tensor *out, bool *done) {
  _Alignas(64) char number[TILE];
  job j;
  *done = false;
  if (out == NULL ? !alone(C, x) : !plain(C, x)) return NL_OK;
  if (last->map == 0 || last->flags & NL_BOOL_OUT) return NL_OK;
  nl_dtype d = x->storage->dtype;
  if (!nl_dtype_is_float(d)) return NL_OK;
  const nl_prim *by = t->divided ? &nl_prim_div : &nl_prim_mul;
  j.last = C->k->map[last->map - 1][d];
  j.by = t->z != NULL ? C->k->map[by->map - 1][d] : NULL;
  j.mul = t->scaled ? C->k->map[nl_prim_mul.map - 1][d] : NULL;
  j.beside = last->nin == 2;
  j.has_y = t->y != NULL;
  j.elem = nl__elem_size(d);
  j.n = nl_tensor_numel(x);
  if (j.last == NULL || j.n == 0 ||
      (j.has_y && !operand_of(t->y, x, out != NULL, &j.y)) ||
      (t->z != NULL && !operand_of(t->z, x, out != NULL, &j.z)))
    return NL_OK;
  if (out != NULL && nl__quick_result(C, d, x, j.n, out) == NULL) return NL_OK;
  if (j.beside && (t->scaled || !j.has_y)) {
    fill(C, d, t->number, j.n, number);
    j.number = number;
  }
  j.from = bytes_of(x);
  j.x = bytes_of(out != NULL ? out : x);
  read_of(x);
  read_of(t->y);
  read_of(t->z);
  *done = true;
  return nl__parallel_for(C, (j.n + STEP - 1) / STEP, STEP * 0.4, step, &j);
}

static void fill_step (void *ud, int64_t i) {
  const job *j = (const job *)ud;
  int64_t end = (i + 1) * STEP < j->n ? (i + 1) * STEP : j->n;
  int64_t most = TILE / (int64_t)j->elem;
  for (int64_t at = i * STEP; at < end; at += most)
    memcpy(j->x + (size_t)at * j->elem, j->number,
           (size_t)(end - at < most ? end - at : most) * j->elem);
}

nl_status nl_quick_fill (nl_ctx *C, const nl_tensor *x, double number,
                         bool *done) {
  _Alignas(64) char tile[TILE];
  *done = false;
  if (!alone(C, x)) return NL_OK;
  nl_dtype d = x->storage->dtype;
  job j;
  j.elem = nl__elem_size(d);
  j.n = nl_tensor_numel(x);
  j.x = bytes_of(x);
  j.number = tile;
  if (nl_dtype_is_float(d)) fill(C, d, number, j.n, tile);
  else if (number == 0) memset(tile, 0, sizeof tile);
  else return NL_OK;
  *done = true;
  return nl__parallel_for(C, (j.n + STEP - 1) / STEP, STEP * 0.2, fill_step,
                          &j);
}
