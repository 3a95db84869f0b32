/* reduce.c: reductions over any set of dims.
 *
 * The reduced dims' elements are taken in row-major order of their logical
 * indices; the kernels' fixed tree of sums over that order makes the bits
 * independent of layout, threads and vmap.  Parameters: mask of the reduced
 * dims, keepdim, the input's ndim and shape. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/ops.h"

enum { MASK, KEEP, NDIM, SHAPE };

static nl_value *bind_reduce (nl_ctx *C, const nl_prim *prim, nl_value *x,
                              uint32_t mask, bool keepdim) {
  int64_t p[SHAPE + NL_MAX_NDIM];
  if (x == NULL) return NULL;
  mask &= x->ndim == 0 ? 0 : (uint32_t)((1u << x->ndim) - 1);
  p[MASK] = mask;
  p[KEEP] = keepdim;
  p[NDIM] = x->ndim;
  memcpy(p + SHAPE, x->shape, (size_t)x->ndim * sizeof *p);
  return nl_bind1(C, prim, 1, &x, SHAPE + x->ndim, p);
}

nl_value *nl_sum (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim) {
  return bind_reduce(C, &nl_prim_sum, x, mask, keepdim);
}

static int kernel_of (const nl_prim *prim) {
  static const nl_prim *const list[NL_RED_COUNT] = {
      &nl_prim_sum, &nl_prim_prod, &nl_prim_max,    &nl_prim_min,
      &nl_prim_all, &nl_prim_any,  &nl_prim_argmax, &nl_prim_argmin};
  for (int i = 0; i < NL_RED_COUNT; i++)
    if (list[i] == prim) return i;
  return -1;
}

nl_value *nl_reduce (nl_ctx *C, const char *name, nl_value *x, uint32_t mask,
                     bool keepdim) {
  const nl_prim *p = nl_prim_find(name);
  if (x == NULL) return NULL;
  if (p == NULL || kernel_of(p) < 0) {
    nl_error(C, NL_ERROR, "no reduction is named %s", name);
    return NULL;
  }
  bool empty = x->numel == 0;
  if (empty && p != &nl_prim_sum && p != &nl_prim_prod && p != &nl_prim_all &&
      p != &nl_prim_any) {
    for (int i = 0; i < x->ndim; i++)
      if ((mask >> i & 1) && x->shape[i] == 0) {
        char text[NL_SHAPE_TEXT];
        nl_error(C, NL_ERROR, "%s: no elements to choose from in %s", name,
                 nl__value_text(text, x));
        return NULL;
      }
  }
  return bind_reduce(C, p, x, mask, keepdim);
}

static nl_dtype result_dtype (const nl_prim *prim, nl_dtype d) {
  int id = kernel_of(prim);
  if (id == NL_RED_ALL || id == NL_RED_ANY) return NL_BOOL;
  if (id == NL_RED_ARGMAX || id == NL_RED_ARGMIN) return NL_I64;
  if ((id == NL_RED_SUM || id == NL_RED_PROD) && !nl_dtype_is_float(d))
    return NL_I64;
  return d;
}

static nl_status reduce_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0];
  (void)C;
  out->dtype = result_dtype(e->prim, (nl_dtype)x->dtype);
  out->weak = x->weak;
  out->ndim = 0;
  for (int i = 0; i < x->ndim; i++) {
    if (!(e->p[MASK] >> i & 1))
      out->shape[out->ndim++] = x->shape[i];
    else if (e->p[KEEP])
      out->shape[out->ndim++] = 1;
  }
  return NL_OK;
}

/* ---- eval ---- */

typedef struct reduce_job {
  nl_reduce_fn fn;
  void (*blocks) (int64_t n, int64_t b0, int64_t b1, const void *x,
                  void *out);
  int64_t outer, n, inner, step;
  bool over_inner;
  const void *x;
  void *out;
} reduce_job;

static void reduce_item (void *ud, int64_t i) {
  const reduce_job *j = (const reduce_job *)ud;
  int64_t a = i * j->step, b = a + j->step;
  if (j->blocks != NULL) {
    int64_t nb = (j->n + NL_RED_BLOCK - 1) / NL_RED_BLOCK;
    j->blocks(j->n, a, b < nb ? b : nb, j->x, j->out);
  } else if (j->over_inner) {
    j->fn(j->outer, j->n, j->inner, 0, j->outer, a,
          b < j->inner ? b : j->inner, j->x, j->out);
  } else {
    j->fn(j->outer, j->n, j->inner, a, b < j->outer ? b : j->outer, 0,
          j->inner, j->x, j->out);
  }
}

#define ITEM 32768 /* elements worth handing to a thread */

/* A full sum or product: blocks by threads, then the blocks' results. */
static nl_status reduce_all (nl_ctx *C, reduce_job *j, int id, nl_dtype d,
                             nl_dtype rd) {
  int64_t nb = (j->n + NL_RED_BLOCK - 1) / NL_RED_BLOCK;
  size_t bytes = (size_t)nb * nl_dtype_size(rd);
  void *part = nl__alloc(C, bytes), *out = j->out;
  if (part == NULL) return C->status;
  j->blocks = C->k->reduce_blocks[id][d];
  j->step = ITEM / NL_RED_BLOCK;
  j->out = part;
  nl_status st = nl__parallel_for(C, (nb + j->step - 1) / j->step,
                                  ITEM * 0.15, reduce_item, j);
  if (st == NL_OK) C->k->reduce[id][rd](1, nb, 1, 0, 1, 0, 1, part, out);
  nl__free(C, part, bytes);
  return st;
}

/* x with its dims as they stand in memory, where no two of the reduced and no
   two of the others change places by that: each sequence and the results are
   the same then, without a copy of a transpose. */
static nl_value *in_memory_order (nl_ctx *C, nl_value *x, uint32_t *mask) {
  int dims[NL_MAX_NDIM], last[2] = {-1, -1};
  uint32_t moved = 0;
  if (x->dense) return x;
  for (int i = 0; i < x->ndim; i++) {
    int k = i; /* largest stride first */
    for (; k > 0 && x->stride[dims[k - 1]] < x->stride[i]; k--)
      dims[k] = dims[k - 1];
    dims[k] = i;
  }
  for (int k = 0; k < x->ndim; k++) {
    bool reduced = *mask >> dims[k] & 1;
    if (dims[k] < last[reduced]) return x;
    last[reduced] = dims[k];
    moved |= (uint32_t)reduced << k;
  }
  *mask = moved;
  return nl_permute(C, x, dims);
}

/* Shapes x as (outer, n, inner), through a dense copy where its reduced dims
   do not stand together. */
static nl_value *as_three (nl_ctx *C, nl_value *x, uint32_t mask,
                           reduce_job *j) {
  int first = -1, last = -1, k = 0, dims[NL_MAX_NDIM];
  bool together = true;
  x = in_memory_order(C, x, &mask);
  if (x == NULL) return NULL;
  for (int i = 0; i < x->ndim; i++) {
    if (!(mask >> i & 1) || x->shape[i] == 1) continue;
    if (first < 0) first = i;
    for (int m = last + 1; last >= 0 && m < i; m++)
      together = together && x->shape[m] == 1;
    last = i;
  }
  if (!together) {
    for (int i = 0; i < x->ndim; i++)
      if (!(mask >> i & 1)) dims[k++] = i;
    for (int i = 0, m = k; i < x->ndim; i++)
      if (mask >> i & 1) dims[m++] = i;
    x = nl_permute(C, x, dims);
    if (x == NULL) return NULL;
    first = k;
    last = x->ndim - 1;
  }
  j->outer = j->n = j->inner = 1;
  if (first < 0) first = last = x->ndim; /* nothing to reduce: n = 1 */
  for (int i = 0; i < x->ndim; i++) {
    if (i < first) j->outer *= x->shape[i];
    else if (i <= last) j->n *= x->shape[i];
    else j->inner *= x->shape[i];
  }
  return nl__dense(C, x);
}

static nl_status reduce_eval (nl_ctx *C, nl_eqn *e) {
  nl_value *x = e->in[0];
  nl_dtype d = (nl_dtype)x->dtype;
  int id = kernel_of(e->prim);
  nl_aval a;
  reduce_job j;
  memset(&j, 0, sizeof j);
  reduce_shape(C, e, &a);
  j.fn = C->k->reduce[id][d];
  if (j.fn == NULL)
    return nl_error(C, NL_ERROR, "%s: not defined for %s", e->prim->name,
                    nl_dtype_name(d));
  x = as_three(C, x, (uint32_t)e->p[MASK], &j);
  if (x == NULL) return C->status;
  nl_value *r = nl__out(C, e, 0, a.dtype, a.weak, a.ndim, a.shape);
  if (r == NULL) return C->status;
  j.x = nl__bytes_at(x);
  j.out = nl__bytes_at(r);
  if (r->numel == 0) return NL_OK;
  if (x->numel <= ITEM) {
    j.fn(j.outer, j.n, j.inner, 0, j.outer, 0, j.inner, j.x, j.out);
    return NL_OK;
  }
  if (r->numel == 1 && id <= NL_RED_PROD)
    return reduce_all(C, &j, id, d, a.dtype);
  j.over_inner = j.inner > j.outer;
  int64_t items = j.over_inner ? j.inner : j.outer;
  int64_t each = x->numel / items + 1;
  j.step = ITEM / each < 1 ? 1 : ITEM / each;
  if (j.over_inner && j.step < 64) j.step = 64; /* whole vectors */
  return nl__parallel_for(C, (items + j.step - 1) / j.step,
                          (double)(j.step * each) * 0.15, reduce_item, &j);
}

/* ---- derivatives ---- */

/* y (reduced) to the input's shape */
static nl_value *expand (nl_ctx *C, const nl_eqn *e, nl_value *y) {
  int64_t shape[NL_MAX_NDIM];
  int n = (int)e->p[NDIM];
  for (int i = 0; i < n; i++)
    shape[i] = e->p[MASK] >> i & 1 ? 1 : e->p[SHAPE + i];
  return nl_broadcast_to(C, nl_reshape(C, y, n, shape), n, e->p + SHAPE);
}

static nl_status sum_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                          nl_value **ct_in) {
  ct_in[0] = expand(C, e, ct[0]);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

/* d max / dx: shared equally among the elements that attain it */
static nl_value *attained (nl_ctx *C, const nl_eqn *e) {
  nl_value *x = e->in[0];
  nl_value *hit = nl_eq(C, x, expand(C, e, e->out[0]));
  hit = nl_cast(C, hit, nl_dtype_of(x));
  if (hit == NULL) return NULL;
  nl_value *n = nl_sum(C, hit, (uint32_t)e->p[MASK], e->p[KEEP] != 0);
  return nl_div(C, hit, expand(C, e, n));
}

/* d prod / dx: the product of the others, from running products, so that it
   is right where elements are zero, and so is its derivative. */
static nl_value *others (nl_ctx *C, const nl_eqn *e) {
  nl_value *x = e->in[0];
  int dims[NL_MAX_NDIM], back[NL_MAX_NDIM], n = x->ndim, k = 0;
  int64_t shape[NL_MAX_NDIM], all[NL_MAX_NDIM], m = 1;
  if (x->numel == 0 || n == NL_MAX_NDIM)
    return x->numel == 0 ? x : (nl_error(C, NL_ERROR, "prod: too many "
        "dimensions for a gradient"), NULL);
  for (int pass = 0; pass < 2; pass++) /* the reduced dims last */
    for (int i = 0; i < n; i++)
      if ((int)(e->p[MASK] >> i & 1) == pass) dims[k++] = i;
  for (int i = k = 0; i < n; i++) {
    all[i] = x->shape[dims[i]];
    back[dims[i]] = i;
    if (e->p[MASK] >> dims[i] & 1) m *= all[i];
    else shape[k++] = all[i];
  }
  shape[k] = m;
  x = nl_reshape(C, nl_permute(C, x, dims), k + 1, shape);
  x = nl_reshape(C, nl__prod_others(C, x, k), n, all);
  return nl_permute(C, x, back);
}

static nl_value *slope (nl_ctx *C, const nl_eqn *e) {
  return e->prim == &nl_prim_prod ? others(C, e) : attained(C, e);
}

static nl_status choose_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  ct_in[0] = nl_mul(C, expand(C, e, ct[0]), slope(C, e));
  return ct_in[0] == NULL ? C->status : NL_OK;
}

static nl_status choose_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                             nl_value **t_out) {
  nl_value *r = nl_mul(C, t[0], slope(C, e));
  t_out[0] = nl_sum(C, r, (uint32_t)e->p[MASK], e->p[KEEP] != 0);
  return t_out[0] == NULL ? C->status : NL_OK;
}

static nl_status reduce_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  (void)batched;
  (void)n;
  e->out[0] = bind_reduce(C, e->prim, e->in[0], (uint32_t)e->p[MASK] << 1,
                          e->p[KEEP] != 0);
  batched_out[0] = true;
  return e->out[0] == NULL ? C->status : NL_OK;
}

#define REDUCE(id, fl, ...)                                                   \
  const nl_prim nl_prim_##id = {                                              \
      .name = #id, .nin = 1, .nout = 1, .flags = (fl) | NL_INTO, .shape = reduce_shape, \
      .eval = reduce_eval, .batch = reduce_batch, __VA_ARGS__};

REDUCE(sum, NL_LINEAR, .reduce = NL_RED_SUM + 1, .vjp = sum_vjp, .jvp = nl_jvp_linear)
REDUCE(prod, NL_SAVE_IN, .reduce = NL_RED_PROD + 1, .vjp = choose_vjp, .jvp = choose_jvp)
REDUCE(max, NL_SAVE_IN | NL_SAVE_OUT, .reduce = NL_RED_MAX + 1,
       .vjp = choose_vjp, .jvp = choose_jvp)
REDUCE(min, NL_SAVE_IN | NL_SAVE_OUT, .reduce = NL_RED_MIN + 1,
       .vjp = choose_vjp, .jvp = choose_jvp)
REDUCE(all, NL_NO_GRAD, .vjp = NULL)
REDUCE(any, NL_NO_GRAD, .vjp = NULL)
REDUCE(argmax, NL_NO_GRAD, .vjp = NULL)
REDUCE(argmin, NL_NO_GRAD, .vjp = NULL)
