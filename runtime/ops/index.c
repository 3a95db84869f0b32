/* index.c: reading and writing at the places that an index tensor names.
 *
 * Three primitives work along one dim: gather(x, index), scatter(x, index,
 * src) and scatter_add(x, index, src); the index has x's shape but for that
 * dim, counts from 0, and is checked by the kernel before anything is
 * written.  Selecting whole rows is gather with a broadcast index, which the
 * kernels see by its strides and copy row by row.  Writes go in the order of
 * the index along the dim, so the last of equal places wins, sums have fixed
 * bits, and threads only share what is independent. */
#include "core/core.h"

#include <string.h>

#include "ops/along.h"
#include "ops/index.h"
#include "ops/ops.h"

/* parameters: the dim, and who asked, for messages */
enum { DIM, WHO, NP };

static const char *const who_names[] = {
    "gather",    "scatter",  "scatterAdd", "index",
    "indexAdd",  "indexCopy", "indexFill",  "onehot",
    "maskedSelect", "maskedCopy"};

/* ---- shapes ---- */

static nl_status index_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0], *idx = e->in[1];
  const char *who = who_names[e->p[WHO]];
  int dim = (int)e->p[DIM];
  char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
  bool ok = x->ndim == idx->ndim;
  if (!nl__check_dim(C, who, x, dim)) return C->status;
  for (int i = 0; i < x->ndim && ok; i++)
    ok = i == dim || x->shape[i] == idx->shape[i];
  if (!ok || idx->dtype != NL_I64)
    return nl_error(C, NL_ERROR,
                    "%s: the index is %s, the tensor %s; all sizes but "
                    "dimension %d must be equal",
                    who, nl__value_text(a, idx), nl__value_text(b, x),
                    dim + 1);
  if (e->nin > 2 && (!nl__same_shape(e->in[2], idx) ||
                     e->in[2]->dtype != x->dtype))
    return nl_error(C, NL_ERROR,
                    "%s: the source is %s, the index %s; their shapes must "
                    "be equal",
                    who, nl__value_text(a, e->in[2]), nl__value_text(b, idx));
  nl__aval(x, out);
  out->weak = false;
  if (e->nin == 2) out->shape[dim] = idx->shape[dim];
  return NL_OK;
}

/* ---- eval: arrays as (outer, along the dim, inner) with strides ---- */

typedef struct strided {
  const char *p;
  int64_t so, sk, si;
} strided;

/* Do v's dims [from, to) step by one stride? */
static bool collapse (const nl_value *v, int from, int to, int64_t *stride) {
  int64_t want = 0;
  bool first = true;
  *stride = 0;
  for (int i = to - 1; i >= from; i--) {
    if (v->shape[i] == 1) continue;
    if (first) *stride = v->stride[i];
    else if (v->stride[i] != want) return false;
    first = false;
    want = v->stride[i] * v->shape[i];
  }
  return true;
}

/* v as it is where its strides allow, else a dense copy. */
static bool as_strided (nl_ctx *C, nl_value *v, int dim, strided *s) {
  if (!collapse(v, 0, dim, &s->so) || !collapse(v, dim + 1, v->ndim, &s->si)) {
    v = nl__dense(C, v);
    if (v == NULL) return false;
    collapse(v, 0, dim, &s->so);
    collapse(v, dim + 1, v->ndim, &s->si);
  }
  s->p = nl__bytes_at(v);
  s->sk = v->stride[dim];
  return true;
}

typedef struct index_job {
  int64_t outer, n, inner, k; /* n of x, k of the index */
  strided x, idx, src;
  char *out; /* dense */
  size_t elem;
  nl_dtype dtype;
  int64_t step, chunks;
} index_job;

/* Repeats of the index are read once: where it is broadcast over outer or
   inner, it counts as having size 1 there. */
static nl_status check_range (nl_ctx *C, const nl_eqn *e,
                              const index_job *j) {
  const int64_t *idx = (const int64_t *)(const void *)j->idx.p;
  int64_t outer = j->idx.so == 0 && j->outer > 1 ? 1 : j->outer;
  int64_t inner = j->idx.si == 0 && j->inner > 1 ? 1 : j->inner;
  const nl_value *x = e->in[0];
  char text[NL_SHAPE_TEXT];
  for (int64_t o = 0; o < outer; o++)
    for (int64_t k = 0; k < j->k; k++) {
      const int64_t *row = idx + o * j->idx.so + k * j->idx.sk;
      for (int64_t i = 0; i < inner; i++) {
        int64_t at = row[i * j->idx.si];
        if ((uint64_t)at < (uint64_t)j->n) continue;
        if (e->p[WHO] == NL_WHO_ONEHOT)
          return nl_error(C, NL_ERROR, "onehot: label %lld is outside 1..%lld",
                          (long long)at + 1, (long long)j->n);
        return nl_error(C, NL_ERROR,
                        "%s: %lld is outside 1..%lld (dim %d of [%s])",
                        who_names[e->p[WHO]], (long long)at + 1,
                        (long long)j->n, (int)e->p[DIM] + 1,
                        nl__shape_text(text, x->ndim, x->shape));
      }
    }
  return NL_OK;
}

static nl_status index_plan (nl_ctx *C, nl_eqn *e, nl_aval *a,
                             index_job *j) {
  int dim = (int)e->p[DIM];
  memset(j, 0, sizeof *j);
  if (index_shape(C, e, a) != NL_OK) return C->status;
  nl_along al = nl__along(e->in[0]->ndim, e->in[0]->shape, dim);
  j->outer = al.outer;
  j->n = al.n;
  j->inner = al.inner;
  j->k = e->in[1]->shape[dim];
  j->dtype = a->dtype;
  j->elem = nl_dtype_size(a->dtype);
  if (!as_strided(C, e->in[1], dim, &j->idx)) return C->status;
  if (e->nin > 2 && !as_strided(C, e->in[2], dim, &j->src)) return C->status;
  return check_range(C, e, j);
}

#define ITEM 16384 /* elements worth handing to a thread */

/* ---- gather ---- */

/* Rows [r0, r1) of the (outer, k) rows of the result. */
#define GATHER(type)                                                          \
  for (int64_t r = r0, o = r0 / j->k, k = r0 % j->k; r < r1; r++) {           \
    const int64_t *at = idx + o * j->idx.so + k * j->idx.sk;                  \
    const type *x = (const type *)(const void *)j->x.p + o * j->x.so;         \
    type *out = (type *)(void *)j->out + r * j->inner;                        \
    for (int64_t i = 0; i < j->inner; i++)                                    \
      out[i] = x[at[i * j->idx.si] * j->x.sk + i * j->x.si];                  \
    if (++k == j->k) k = 0, o++;                                              \
  }                                                                           \
  break

static void gather_rows (const index_job *j, int64_t r0, int64_t r1) {
  const int64_t *idx = (const int64_t *)(const void *)j->idx.p;
  if (j->idx.si == 0 && j->x.si == 1 && j->inner > 1) { /* whole rows */
    size_t bytes = (size_t)j->inner * j->elem;
    for (int64_t r = r0, o = r0 / j->k, k = r0 % j->k; r < r1; r++) {
      int64_t at = idx[o * j->idx.so + k * j->idx.sk];
      memcpy(j->out + (size_t)r * bytes,
             j->x.p + (o * j->x.so + at * j->x.sk) * (int64_t)j->elem, bytes);
      if (++k == j->k) k = 0, o++;
    }
    return;
  }
  switch (j->elem) {
    case 1: GATHER(uint8_t);
    case 2: GATHER(uint16_t);
    case 4: GATHER(uint32_t);
    default: GATHER(uint64_t);
  }
}

static void gather_item (void *ud, int64_t i) {
  const index_job *j = (const index_job *)ud;
  int64_t first = i * j->step, last = first + j->step;
  int64_t rows = j->outer * j->k;
  gather_rows(j, first, last < rows ? last : rows);
}

static nl_status gather_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  index_job j;
  if (index_plan(C, e, &a, &j) != NL_OK) return C->status;
  nl_value *r = nl__value_alloc(C, a.dtype, false, a.ndim, a.shape, true);
  if (r == NULL) return C->status;
  e->out[0] = r;
  if (r->numel == 0) return NL_OK;
  if (!as_strided(C, e->in[0], (int)e->p[DIM], &j.x)) return C->status;
  j.out = nl__bytes_at(r);
  int64_t rows = j.outer * j.k;
  j.step = ITEM / j.inner < 1 ? 1 : ITEM / j.inner;
  return nl__parallel_for(C, (rows + j.step - 1) / j.step,
                          (double)(j.step * j.inner), gather_item, &j);
}

/* ---- scatter and scatter_add ---- */

/* One outer index, inner [i0, i1): equal places in the order of k. */
#define SCATTER(type, op)                                                     \
  for (int64_t k = 0; k < j->k; k++) {                                        \
    const int64_t *at = idx + o * j->idx.so + k * j->idx.sk;                  \
    const type *s = (const type *)(const void *)j->src.p + o * j->src.so +    \
                    k * j->src.sk;                                            \
    type *out = (type *)(void *)j->out + o * j->n * j->inner;                 \
    if (j->idx.si == 0) {                                                     \
      out += *at * j->inner;                                                  \
      for (int64_t i = i0; i < i1; i++) out[i] op s[i * j->src.si];           \
    } else {                                                                  \
      for (int64_t i = i0; i < i1; i++)                                       \
        out[at[i * j->idx.si] * j->inner + i] op s[i * j->src.si];            \
    }                                                                         \
  }                                                                           \
  break

static void scatter_part (const index_job *j, int64_t o, int64_t i0,
                          int64_t i1) {
  const int64_t *idx = (const int64_t *)(const void *)j->idx.p;
  switch (j->elem) {
    case 1: SCATTER(uint8_t, =);
    case 2: SCATTER(uint16_t, =);
    case 4: SCATTER(uint32_t, =);
    default: SCATTER(uint64_t, =);
  }
}

/* integers wrap */
static void add_part (const index_job *j, int64_t o, int64_t i0, int64_t i1) {
  const int64_t *idx = (const int64_t *)(const void *)j->idx.p;
  switch (j->dtype) {
    case NL_F32: SCATTER(float, +=);
    case NL_F64: SCATTER(double, +=);
    case NL_U8:
    case NL_I8: SCATTER(uint8_t, +=);
    case NL_I16: SCATTER(uint16_t, +=);
    case NL_I32: SCATTER(uint32_t, +=);
    case NL_I64: SCATTER(uint64_t, +=);
    default: SCATTER(uint8_t, |=); /* bool */
  }
}

static void scatter_chunk (const index_job *j, int64_t c, bool add) {
  int64_t o = c / j->chunks, i0 = c % j->chunks * j->step;
  int64_t i1 = i0 + j->step < j->inner ? i0 + j->step : j->inner;
  if (add) add_part(j, o, i0, i1);
  else scatter_part(j, o, i0, i1);
}

static void scatter_item (void *ud, int64_t c) {
  scatter_chunk((const index_job *)ud, c, false);
}
static void add_item (void *ud, int64_t c) {
  scatter_chunk((const index_job *)ud, c, true);
}

/* The result's array, holding x's elements: x's own storage where the host
   announced that it is to be written and nothing else reads it. */
static nl_value *scatter_target (nl_ctx *C, nl_eqn *e, const nl_aval *a) {
  nl_value *x = e->in[0], *r = NULL;
  const nl_storage *s = C->into.storage;
  if (s != NULL && s->value->trace == NULL && x->buf == s->value->buf &&
      e->in[1]->buf != x->buf && e->in[2]->buf != x->buf)
    r = nl__into_target(C, e, a->dtype, a->ndim, a->shape);
  if (r == NULL) {
    r = nl__value_alloc(C, a->dtype, false, a->ndim, a->shape, true);
    if (r != NULL) nl__gather(x, 0, x->numel, r->buf->data);
  } else if (x->offset != r->offset || !x->dense) {
    nl__gather(x, 0, x->numel, nl__bytes_at(r));
  }
  return r;
}

static nl_status scatter_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  index_job j;
  if (index_plan(C, e, &a, &j) != NL_OK) return C->status;
  nl_value *r = scatter_target(C, e, &a);
  if (r == NULL) return C->status;
  e->out[0] = r;
  if (e->in[1]->numel == 0) return NL_OK;
  j.out = nl__bytes_at(r);
  int64_t column = j.k; /* elements for one (outer, inner) */
  j.step = ITEM / column < 64 ? 64 : ITEM / column;
  if (j.step > j.inner) j.step = j.inner;
  j.chunks = (j.inner + j.step - 1) / j.step;
  return nl__parallel_for(
      C, j.outer * j.chunks, (double)(column * j.step) * 1.5,
      e->prim == &nl_prim_scatter ? scatter_item : add_item, &j);
}

/* ---- fronts ---- */

/* An index as int64, or an error that says what came. */
static nl_value *as_index (nl_ctx *C, int who, nl_value *idx) {
  if (idx == NULL) return NULL;
  if (nl_dtype_is_int((nl_dtype)idx->dtype))
    return nl__cast_to(C, idx, NL_I64, false);
  char text[NL_SHAPE_TEXT];
  nl_error(C, NL_ERROR,
           "%s: %s of an integer type expected, got %s; convert with x:long()",
           who_names[who], who == NL_WHO_ONEHOT ? "labels" : "an index",
           nl__value_text(text, idx));
  return NULL;
}

static nl_value *bind_index (nl_ctx *C, const nl_prim *prim, int who,
                             nl_value *x, int dim, nl_value *idx,
                             nl_value *src) {
  int64_t p[NP] = {dim, who};
  x = nl_strong(C, x);
  idx = as_index(C, who, idx);
  if (x == NULL || idx == NULL) return NULL;
  if (prim == &nl_prim_gather) {
    nl_value *in[2] = {x, idx};
    return nl_bind1(C, prim, 2, in, NP, p);
  }
  src = nl__cast_to(C, src, (nl_dtype)x->dtype, false);
  if (src != NULL && src->ndim == 0)
    src = nl_broadcast_to(C, src, idx->ndim, idx->shape);
  if (src == NULL) return NULL;
  nl_value *in[3] = {x, idx, src};
  return nl_bind1(C, prim, 3, in, NP, p);
}

nl_value *nl_gather (nl_ctx *C, nl_value *x, int dim, nl_value *idx) {
  return bind_index(C, &nl_prim_gather, NL_WHO_GATHER, x, dim, idx, NULL);
}

nl_value *nl_scatter (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                      nl_value *src) {
  return bind_index(C, &nl_prim_scatter, NL_WHO_SCATTER, x, dim, idx, src);
}

nl_value *nl_scatter_add (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                          nl_value *src) {
  return bind_index(C, &nl_prim_scatter_add, NL_WHO_SCATTER_ADD, x, dim, idx,
                    src);
}

/* A 1-D index as gather takes it: broadcast over x's other dims. */
static nl_value *rows_index (nl_ctx *C, int who, const nl_value *x, int dim,
                             nl_value *idx) {
  int64_t shape[NL_MAX_NDIM];
  char text[NL_SHAPE_TEXT];
  idx = as_index(C, who, idx);
  if (idx == NULL || !nl__check_dim(C, who_names[who], x, dim)) return NULL;
  if (idx->ndim != 1) {
    nl_error(C, NL_ERROR, "%s: an index of one dimension expected, got %s",
             who_names[who], nl__value_text(text, idx));
    return NULL;
  }
  for (int i = 0; i < x->ndim; i++) shape[i] = 1;
  shape[dim] = idx->shape[0];
  idx = nl_reshape(C, idx, x->ndim, shape);
  for (int i = 0; i < x->ndim; i++)
    if (i != dim) shape[i] = x->shape[i];
  return nl_broadcast_to(C, idx, x->ndim, shape);
}

nl_value *nl__rows (nl_ctx *C, const nl_prim *prim, int who, nl_value *x,
                    int dim, nl_value *idx, nl_value *src) {
  char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
  x = nl_strong(C, x);
  if (x == NULL) return NULL;
  idx = rows_index(C, who, x, dim, idx);
  if (idx == NULL) return NULL;
  if (src != NULL && src->ndim > 0 && !nl__same_shape(src, idx)) {
    nl_error(C, NL_ERROR, "%s: the source must be [%s], got %s",
             who_names[who], nl__shape_text(b, idx->ndim, idx->shape),
             nl__value_text(a, src));
    return NULL;
  }
  return bind_index(C, prim, who, x, dim, idx, src);
}

nl_value *nl_index_select (nl_ctx *C, nl_value *x, int dim, nl_value *idx) {
  return nl__rows(C, &nl_prim_gather, NL_WHO_INDEX, x, dim, idx, NULL);
}

nl_value *nl_index_add (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                        nl_value *src) {
  if (src == NULL) return NULL;
  return nl__rows(C, &nl_prim_scatter_add, NL_WHO_INDEX_ADD, x, dim, idx,
                  src);
}

nl_value *nl_index_copy (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                         nl_value *src) {
  if (src == NULL) return NULL;
  return nl__rows(C, &nl_prim_scatter,
                  src->ndim == 0 ? NL_WHO_INDEX_FILL : NL_WHO_INDEX_COPY, x,
                  dim, idx, src);
}

nl_value *nl_one_hot (nl_ctx *C, nl_value *labels, int64_t n, nl_dtype d) {
  int64_t shape[NL_MAX_NDIM + 1];
  labels = as_index(C, NL_WHO_ONEHOT, labels);
  if (labels == NULL) return NULL;
  memcpy(shape, labels->shape, (size_t)labels->ndim * sizeof *shape);
  shape[labels->ndim] = n;
  nl_value *zero = nl_full(C, d, labels->ndim + 1, shape, 0);
  return bind_index(C, &nl_prim_scatter, NL_WHO_ONEHOT, zero, labels->ndim,
                    nl_unsqueeze(C, labels, labels->ndim),
                    nl_scalar(C, d, 1));
}

/* ---- derivatives ---- */

#define X (e->in[0])
#define INDEX (e->in[1])

static nl_value *again (nl_ctx *C, const nl_eqn *e, const nl_prim *prim,
                        nl_value *x, nl_value *src) {
  if (x == NULL) return NULL;
  return bind_index(C, prim, (int)e->p[WHO], x, (int)e->p[DIM], INDEX, src);
}

static nl_status gather_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  if (!e->need[0]) return NL_OK;
  ct_in[0] = again(C, e, &nl_prim_scatter_add, nl_zeros_like(C, X), ct[0]);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status gather_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                             nl_value **t_out) {
  if (t[0] == NULL) return NL_OK;
  t_out[0] = again(C, e, &nl_prim_gather, t[0], NULL);
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_status add_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                          nl_value **ct_in) {
  ct_in[0] = ct[0];
  if (!e->need[2]) return NL_OK;
  ct_in[2] = again(C, e, &nl_prim_gather, ct[0], NULL);
  return ct_in[2] == NULL ? C->status : NL_OK;
}

/* Which elements of the source were written last to their place. */
static nl_value *winners (nl_ctx *C, const nl_eqn *e) {
  const nl_value *idx = INDEX;
  int dim = (int)e->p[DIM];
  int64_t shape[NL_MAX_NDIM];
  for (int i = 0; i < idx->ndim; i++) shape[i] = 1;
  shape[dim] = idx->shape[dim];
  nl_value *pos = nl_iota(C, NL_I64, idx->shape[dim], 0, 1);
  pos = nl_reshape(C, pos, idx->ndim, shape);
  pos = nl_broadcast_to(C, pos, idx->ndim, idx->shape);
  nl_value *none = nl_full(C, NL_I64, X->ndim, X->shape, 0);
  nl_value *last = again(C, e, &nl_prim_scatter, none, pos);
  return nl_eq(C, again(C, e, &nl_prim_gather, last, NULL), pos);
}

static nl_status scatter_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                              nl_value **ct_in) {
  if (e->need[0]) {
    nl_value *none = nl_full(C, (nl_dtype)X->dtype, INDEX->ndim,
                             INDEX->shape, 0);
    ct_in[0] = again(C, e, &nl_prim_scatter, ct[0], none);
    if (ct_in[0] == NULL) return C->status;
  }
  if (e->need[2]) {
    nl_value *g = again(C, e, &nl_prim_gather, ct[0], NULL);
    ct_in[2] = nl_where(C, winners(C, e), g, nl_zeros_like(C, g));
    if (ct_in[2] == NULL) return C->status;
  }
  return NL_OK;
}

/* both scatters are linear in x and src together */
static nl_status scatter_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                              nl_value **t_out) {
  if (t[0] == NULL && t[2] == NULL) return NL_OK;
  if (t[2] == NULL && e->prim == &nl_prim_scatter_add) {
    t_out[0] = t[0];
    return NL_OK;
  }
  t_out[0] = again(C, e, e->prim, t[0] ? t[0] : nl_zeros_like(C, X),
                   t[2] ? t[2] : nl_zeros_like(C, e->in[2]));
  return t_out[0] == NULL ? C->status : NL_OK;
}

/* ---- vmap ---- */

/* Only the index has the axis: the examples' indices stand side by side along
   the dim, so x is neither copied nor, in the vjp, written once for each. */
static nl_value *gather_side_by_side (nl_ctx *C, nl_eqn *e, int64_t n) {
  nl_value *idx = INDEX;
  int dim = (int)e->p[DIM], nd = X->ndim, to[NL_MAX_NDIM], back[NL_MAX_NDIM];
  int64_t shape[NL_MAX_NDIM];
  if (nd + 1 > NL_MAX_NDIM) {
    nl_error(C, NL_ERROR, "vmap: more than %d dimensions", NL_MAX_NDIM);
    return NULL;
  }
  for (int i = 0; i <= nd; i++) {
    to[i] = i < dim ? i + 1 : i == dim ? 0 : i;
    back[i] = i == 0 ? dim : i <= dim ? i - 1 : i;
  }
  memcpy(shape, X->shape, (size_t)nd * sizeof *shape);
  shape[dim] = n * idx->shape[dim + 1];
  nl_value *flat = nl_reshape(C, nl_permute(C, idx, to), nd, shape);
  nl_value *y = bind_index(C, &nl_prim_gather, (int)e->p[WHO], X, dim, flat,
                           NULL);
  shape[dim] = n;
  for (int i = nd; i > dim; i--) shape[i] = idx->shape[i];
  return nl_permute(C, nl_reshape(C, y, nd + 1, shape), back);
}

static nl_status index_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                              int64_t n, bool *batched_out) {
  int64_t p[NP] = {e->p[DIM] + 1, e->p[WHO]};
  batched_out[0] = true;
  if (e->prim == &nl_prim_gather && !batched[0]) {
    e->out[0] = gather_side_by_side(C, e, n);
  } else if (nl__batch_all(C, e, batched, n) == NL_OK) {
    e->out[0] = nl_bind1(C, e->prim, e->nin, e->in, NP, p);
  }
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_gather = {
    .name = "gather", .nin = 2, .nout = 1, .flags = NL_SAVE_IN,
    .shape = index_shape, .eval = gather_eval, .vjp = gather_vjp,
    .jvp = gather_jvp, .batch = index_batch};
const nl_prim nl_prim_scatter = {
    .name = "scatter", .nin = 3, .nout = 1, .flags = NL_SAVE_IN,
    .shape = index_shape, .eval = scatter_eval, .vjp = scatter_vjp,
    .jvp = scatter_jvp, .batch = index_batch};
const nl_prim nl_prim_scatter_add = {
    .name = "scatter_add", .nin = 3, .nout = 1, .flags = NL_SAVE_IN,
    .shape = index_shape, .eval = scatter_eval, .vjp = add_vjp,
    .jvp = scatter_jvp, .batch = index_batch};
