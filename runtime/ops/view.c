/* view.c: all movement is one primitive.  view(x; offset, sizes, strides)
 * sees x's elements, in row-major order, through strides: transposes,
 * broadcasts (stride 0), slices, reversals and reshapes alike.  Its inverses
 * are view_update (write y through a view of x) and, where a view repeats
 * elements, unview (add them up).  Under eval a view shares the buffer. */
#include "core/core.h"

#include <string.h>

#include "ops/ops.h"

/* view's parameters: ndim, offset, sizes, strides, then the input's ndim and
   shape, so that its vjp needs no saved value */
typedef struct view_params {
  int np;
  int64_t p[3 + 3 * NL_MAX_NDIM];
} view_params;

static void pack (view_params *v, int64_t offset, int ndim,
                  const int64_t *size, const int64_t *stride, int in_ndim,
                  const int64_t *in_shape) {
  int64_t *p = v->p;
  *p++ = ndim;
  *p++ = offset;
  for (int i = 0; i < ndim; i++) *p++ = size[i];
  for (int i = 0; i < ndim; i++) *p++ = stride[i];
  *p++ = in_ndim;
  for (int i = 0; i < in_ndim; i++) *p++ = in_shape[i];
  v->np = (int)(p - v->p);
}

typedef struct view_args {
  int ndim, in_ndim;
  int64_t offset, in_numel;
  const int64_t *size, *stride, *in_shape;
} view_args;

static view_args unpack (const nl_eqn *e) {
  view_args a;
  a.ndim = (int)e->p[0];
  a.offset = e->p[1];
  a.size = e->p + 2;
  a.stride = a.size + a.ndim;
  a.in_ndim = (int)a.stride[a.ndim];
  a.in_shape = a.stride + a.ndim + 1;
  a.in_numel = 1;
  for (int i = 0; i < a.in_ndim; i++) a.in_numel *= a.in_shape[i];
  return a;
}

static void row_major (int ndim, const int64_t *size, int64_t *stride) {
  int64_t n = 1;
  for (int i = ndim - 1; i >= 0; i--) {
    stride[i] = n;
    n *= size[i];
  }
}

static int64_t count (int ndim, const int64_t *size) {
  int64_t n = 1;
  for (int i = 0; i < ndim; i++) n *= size[i];
  return n;
}

/* Every index that the view reaches lies within n elements. */
static bool in_bounds (int64_t n, int64_t offset, int ndim,
                       const int64_t *size, const int64_t *stride) {
  int64_t lo = offset, hi = offset;
  for (int i = 0; i < ndim; i++) {
    int64_t reach;
    if (size[i] == 0) return true;
    if (__builtin_mul_overflow(size[i] - 1, stride[i], &reach)) return false;
    if (__builtin_add_overflow(reach < 0 ? lo : hi, reach,
                               reach < 0 ? &lo : &hi))
      return false;
  }
  return lo >= 0 && hi < n;
}

/* A concrete x by strides of its own, or of a dense copy. */
static nl_value *view_of (nl_ctx *C, nl_value *x, int64_t offset, int ndim,
                          const int64_t *size, const int64_t *stride) {
  nl_value *r = nl__view_strides(C, x, offset, ndim, size, stride);
  if (r == NULL && C->status == NL_OK)
    r = nl__view_strides(C, nl__dense(C, x), offset, ndim, size, stride);
  return r;
}

nl_value *nl_view (nl_ctx *C, nl_value *x, int64_t offset, int ndim,
                   const int64_t *size, const int64_t *stride) {
  view_params v;
  if (x == NULL) return NULL;
  if (ndim > NL_MAX_NDIM || !in_bounds(x->numel, offset, ndim, size, stride)) {
    char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "view: [%s] does not fit into %s",
             nl__shape_text(a, ndim, size), nl__value_text(b, x));
    return NULL;
  }
  if (C->trace == C->eval && x->trace == NULL)
    return view_of(C, x, offset, ndim, size, stride);
  pack(&v, offset, ndim, size, stride, x->ndim, x->shape);
  return nl_bind1(C, &nl_prim_view, 1, &x, v.np, v.p);
}

static nl_status view_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  (void)C;
  out->dtype = (nl_dtype)e->in[0]->dtype;
  out->weak = e->in[0]->weak;
  out->ndim = (int)e->p[0];
  memcpy(out->shape, e->p + 2, (size_t)out->ndim * sizeof *out->shape);
  return NL_OK;
}

static nl_status view_eval (nl_ctx *C, nl_eqn *e) {
  view_args a = unpack(e);
  nl_value *r = view_of(C, e->in[0], a.offset, a.ndim, a.size, a.stride);
  if (r == NULL) return C->status;
  e->out[0] = nl_retain(r);
  return NL_OK;
}

/* Orders dims by |stride|, largest first, those of size 1 left out. */
static int by_stride (const view_args *a, int *order) {
  int n = 0;
  for (int i = 0; i < a->ndim; i++) {
    if (a->size[i] == 1) continue;
    int64_t s = a->stride[i] < 0 ? -a->stride[i] : a->stride[i];
    int j = n++;
    while (j > 0) {
      int64_t t = a->stride[order[j - 1]];
      if ((t < 0 ? -t : t) >= s) break;
      order[j] = order[j - 1];
      j--;
    }
    order[j] = i;
  }
  return n;
}

/* No element is seen twice (sufficient: each stride beyond all that smaller
   ones reach). */
static bool injective (const view_args *a) {
  int order[NL_MAX_NDIM];
  int n = by_stride(a, order);
  int64_t reach = 0;
  for (int i = n - 1; i >= 0; i--) {
    int64_t s = a->stride[order[i]];
    if (s < 0) s = -s;
    if (s <= reach) return false;
    reach += (a->size[order[i]] - 1) * s;
  }
  return true;
}

/* When the view is a permutation of all elements: ct seen backwards. */
static nl_value *inverse (nl_ctx *C, const view_args *a, nl_value *ct) {
  int order[NL_MAX_NDIM];
  int n = by_stride(a, order);
  int64_t dense[NL_MAX_NDIM], size[NL_MAX_NDIM], stride[NL_MAX_NDIM];
  int64_t unit = 1, from = 0, start = a->offset;
  if (count(a->ndim, a->size) != a->in_numel || a->in_numel == 0) return NULL;
  row_major(a->ndim, a->size, dense);
  for (int i = n - 1; i >= 0; i--) {
    int d = order[i];
    int64_t s = a->stride[d];
    size[i] = a->size[d];
    stride[i] = s < 0 ? -dense[d] : dense[d];
    if (s < 0) {
      from += (a->size[d] - 1) * dense[d];
      start += (a->size[d] - 1) * s;
      s = -s;
    }
    if (s != unit) return NULL;
    unit *= a->size[d];
  }
  if (start != 0) return NULL;
  ct = nl_view(C, ct, from, n, size, stride);
  return nl_reshape(C, ct, a->in_ndim, a->in_shape);
}

static nl_value *unview (nl_ctx *C, nl_value *ct, const view_args *a) {
  view_params v;
  pack(&v, a->offset, a->ndim, a->size, a->stride, a->in_ndim, a->in_shape);
  return nl_bind1(C, &nl_prim_unview, 1, &ct, v.np, v.p);
}

static nl_status view_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  view_args a = unpack(e);
  nl_value *g = ct[0], *r = NULL;
  int64_t size[NL_MAX_NDIM], stride[NL_MAX_NDIM];
  uint32_t repeated = 0;
  int n = 0;
  for (int i = 0; i < a.ndim; i++) {
    if (a.stride[i] == 0 && a.size[i] != 1) {
      repeated |= 1u << i;
    } else {
      size[n] = a.size[i];
      stride[n++] = a.stride[i];
    }
  }
  if (repeated) g = nl_sum(C, g, repeated, false);
  if (g == NULL) return C->status;
  a.ndim = n;
  a.size = size;
  a.stride = stride;
  if (!injective(&a)) {
    r = unview(C, g, &a);
  } else if ((r = inverse(C, &a, g)) == NULL && C->status == NL_OK) {
    nl_value *zero = g->weak
        ? nl__cast_to(C, nl_full(C, (nl_dtype)g->dtype, a.in_ndim,
                                 a.in_shape, 0), (nl_dtype)g->dtype, true)
        : nl_full(C, (nl_dtype)g->dtype, a.in_ndim, a.in_shape, 0);
    r = nl_view_update(C, zero, g, a.offset, stride);
  }
  ct_in[0] = r;
  return r == NULL ? C->status : NL_OK;
}

/* With the batch axis first in x, one more dim steps over examples. */
static void with_batch (view_params *v, const view_args *a, int64_t n) {
  int64_t size[NL_MAX_NDIM + 1], stride[NL_MAX_NDIM + 1];
  int64_t in_shape[NL_MAX_NDIM + 1];
  size[0] = in_shape[0] = n;
  stride[0] = a->in_numel;
  memcpy(size + 1, a->size, (size_t)a->ndim * sizeof *size);
  memcpy(stride + 1, a->stride, (size_t)a->ndim * sizeof *stride);
  memcpy(in_shape + 1, a->in_shape, (size_t)a->in_ndim * sizeof *in_shape);
  pack(v, a->offset, a->ndim + 1, size, stride, a->in_ndim + 1, in_shape);
}

static nl_status view_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                             int64_t n, bool *batched_out) {
  view_args a = unpack(e);
  view_params v;
  (void)batched;
  if (a.ndim >= NL_MAX_NDIM || a.in_ndim >= NL_MAX_NDIM)
    return nl_error(C, NL_ERROR, "vmap: more than %d dimensions",
                    NL_MAX_NDIM);
  with_batch(&v, &a, n);
  e->out[0] = nl_bind1(C, e->prim, 1, e->in, v.np, v.p);
  batched_out[0] = true;
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_view = {
    .name = "view", .nin = 1, .nout = 1, .flags = NL_LINEAR | NL_MOVES,
    .shape = view_shape, .eval = view_eval, .vjp = view_vjp,
    .jvp = nl_jvp_linear, .batch = view_batch};

/* ---- unview: the transpose of a view that repeats elements ---- */

static nl_status unview_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  view_args a = unpack(e);
  (void)C;
  out->dtype = (nl_dtype)e->in[0]->dtype;
  out->weak = e->in[0]->weak;
  out->ndim = a.in_ndim;
  memcpy(out->shape, a.in_shape, (size_t)a.in_ndim * sizeof *out->shape);
  return NL_OK;
}

static nl_status unview_eval (nl_ctx *C, nl_eqn *e) {
  view_args a = unpack(e);
  nl_value *ct = nl__dense(C, e->in[0]);
  if (ct == NULL) return C->status;
  nl_value *r = nl__value_alloc(C, (nl_dtype)ct->dtype, ct->weak, a.in_ndim,
                                a.in_shape, true);
  if (r == NULL) return C->status;
  memset(r->buf->data, 0, (size_t)r->numel * nl_dtype_size((nl_dtype)r->dtype));
  int64_t at[NL_MAX_NDIM] = {0}, pos = a.offset;
  for (int64_t i = 0; i < ct->numel; i++) {
    if (ct->dtype == NL_F32)
      ((float *)r->buf->data)[pos] += ((const float *)nl__bytes_at(ct))[i];
    else
      ((double *)r->buf->data)[pos] += ((const double *)nl__bytes_at(ct))[i];
    for (int d = a.ndim - 1; d >= 0; d--) {
      pos += a.stride[d];
      if (++at[d] < a.size[d]) break;
      pos -= at[d] * a.stride[d];
      at[d] = 0;
    }
  }
  e->out[0] = r;
  return NL_OK;
}

static nl_status unview_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  view_args a = unpack(e);
  ct_in[0] = nl_view(C, ct[0], a.offset, a.ndim, a.size, a.stride);
  return ct_in[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_unview = {
    .name = "unview", .nin = 1, .nout = 1, .flags = NL_LINEAR,
    .shape = unview_shape, .eval = unview_eval, .vjp = unview_vjp,
    .jvp = nl_jvp_linear, .batch = view_batch};

/* ---- view_update(x, y; ndim, offset, strides, y's sizes) ---- */

nl_value *nl_view_update (nl_ctx *C, nl_value *x, nl_value *y, int64_t offset,
                          const int64_t *stride) {
  int64_t p[2 + 2 * NL_MAX_NDIM];
  if (x == NULL || y == NULL) return NULL;
  if (x->dtype != y->dtype || x->weak != y->weak)
    y = nl__cast_to(C, y, (nl_dtype)x->dtype, x->weak);
  if (y == NULL) return NULL;
  p[0] = y->ndim;
  p[1] = offset;
  memcpy(p + 2, stride, (size_t)y->ndim * sizeof *p);
  memcpy(p + 2 + y->ndim, y->shape, (size_t)y->ndim * sizeof *p);
  nl_value *in[2] = {x, y};
  return nl_bind1(C, &nl_prim_view_update, 2, in, 2 + 2 * y->ndim, p);
}

static nl_status update_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0], *y = e->in[1];
  view_args a = {y->ndim, 0, e->p[1], 0, y->shape, e->p + 2, NULL};
  char s[NL_SHAPE_TEXT], t[NL_SHAPE_TEXT];
  if (!in_bounds(x->numel, a.offset, a.ndim, a.size, a.stride))
    return nl_error(C, NL_ERROR, "write: [%s] does not fit into %s",
                    nl__shape_text(s, a.ndim, a.size), nl__value_text(t, x));
  if (y->numel > 0 && !injective(&a))
    return nl_error(C, NL_ERROR,
                    "write: [%s] sees an element more than once (an expanded "
                    "tensor); clone it before writing",
                    nl__shape_text(s, a.ndim, a.size));
  nl__aval(x, out);
  return NL_OK;
}

static nl_status update_eval (nl_ctx *C, nl_eqn *e) {
  nl_value *x = e->in[0], *y = e->in[1], *r;
  nl_aval unused;
  if (update_shape(C, e, &unused) != NL_OK) return C->status;
  bool in_place = C->into.storage != NULL && C->into.storage->value == x &&
                  y->buf != x->buf && x->dense && nl__sole_holder(C, x);
  y = nl__dense(C, y);
  if (y == NULL) return C->status;
  if (in_place) {
    r = nl_retain(x);
  } else {
    r = nl__out(C, e, 0, (nl_dtype)x->dtype, x->weak, x->ndim, x->shape);
    if (r == NULL) return C->status;
    if (y->numel < x->numel) nl__gather(x, 0, x->numel, nl__bytes_at(r));
  }
  e->out[0] = r;
  nl_value target; /* the view of r to write through */
  memset(&target, 0, offsetof(nl_value, shape));
  target.dtype = r->dtype;
  target.ndim = y->ndim;
  target.buf = r->buf;
  target.offset = r->offset + e->p[1];
  memcpy(target.shape, y->shape, (size_t)y->ndim * sizeof *y->shape);
  memcpy(target.stride, e->p + 2, (size_t)y->ndim * sizeof *y->shape);
  nl__scatter(&target, 0, y->numel, nl__bytes_at(y));
  return NL_OK;
}

static nl_status update_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  int ndim = (int)e->p[0];
  const int64_t *stride = e->p + 2, *size = stride + ndim;
  if (e->need[0]) {
    nl_value *zero = nl_full(C, (nl_dtype)ct[0]->dtype, ndim, size, 0);
    ct_in[0] = nl_view_update(C, ct[0], zero, e->p[1], stride);
  }
  if (e->need[1])
    ct_in[1] = nl_view(C, ct[0], e->p[1], ndim, size, stride);
  return C->status;
}

static nl_status update_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  nl_value *x = e->in[0], *y = e->in[1];
  int64_t shape[NL_MAX_NDIM], stride[NL_MAX_NDIM];
  int k = (batched[0] ? -1 : 0);
  int64_t numel = batched[0] ? (n > 0 ? x->numel / n : 0) : x->numel;
  if (x->ndim + k + 1 >= NL_MAX_NDIM || (int)e->p[0] + 1 >= NL_MAX_NDIM)
    return nl_error(C, NL_ERROR, "vmap: more than %d dimensions",
                    NL_MAX_NDIM);
  shape[0] = n;
  if (!batched[0]) {
    memcpy(shape + 1, x->shape, (size_t)x->ndim * sizeof *shape);
    x = nl_broadcast_to(C, x, x->ndim + 1, shape);
  }
  if (!batched[1]) {
    memcpy(shape + 1, y->shape, (size_t)y->ndim * sizeof *shape);
    y = nl_broadcast_to(C, y, y->ndim + 1, shape);
  }
  stride[0] = numel;
  memcpy(stride + 1, e->p + 2, (size_t)e->p[0] * sizeof *stride);
  e->out[0] = nl_view_update(C, x, y, e->p[1], stride);
  batched_out[0] = true;
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_view_update = {
    .name = "view_update", .nin = 2, .nout = 1,
    .flags = NL_LINEAR | NL_INTO, .shape = update_shape,
    .eval = update_eval, .vjp = update_vjp, .jvp = nl_jvp_linear,
    .batch = update_batch};
