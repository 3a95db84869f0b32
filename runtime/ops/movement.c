/* movement.c: the named movements, all made of `view`, and concat. */
#include "core/core.h"

#include <string.h>

#include "ops/ops.h"

static void dense_strides (const nl_value *x, int64_t *stride) {
  int64_t n = 1;
  for (int i = x->ndim - 1; i >= 0; i--) {
    stride[i] = n;
    n *= x->shape[i];
  }
}

nl_value *nl_reshape (nl_ctx *C, nl_value *x, int ndim,
                      const int64_t *shape) {
  int64_t stride[NL_MAX_NDIM], n = 1;
  bool same;
  if (x == NULL) return NULL;
  same = ndim == x->ndim;
  for (int i = ndim - 1; i >= 0; i--) {
    stride[i] = n;
    n *= shape[i];
    same = same && shape[i] == x->shape[i];
  }
  if (same) return x;
  if (n != x->numel) {
    char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "reshape: %s has %lld elements, [%s] %lld",
             nl__value_text(a, x), (long long)x->numel,
             nl__shape_text(b, ndim, shape), (long long)n);
    return NULL;
  }
  return nl_view(C, x, 0, ndim, shape, stride);
}

nl_value *nl_broadcast_to (nl_ctx *C, nl_value *x, int ndim,
                           const int64_t *shape) {
  int64_t stride[NL_MAX_NDIM], dense[NL_MAX_NDIM];
  if (x == NULL) return NULL;
  int lead = ndim - x->ndim;
  bool ok = lead >= 0 && ndim <= NL_MAX_NDIM, same = lead == 0;
  dense_strides(x, dense);
  for (int i = 0; i < ndim && ok; i++) {
    int64_t s = i < lead ? 1 : x->shape[i - lead];
    ok = s == shape[i] || s == 1;
    same = same && s == shape[i];
    stride[i] = s == shape[i] && i >= lead ? dense[i - lead] : 0;
  }
  if (!ok) {
    char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "can't broadcast %s to [%s]", nl__value_text(a, x),
             nl__shape_text(b, ndim, shape));
    return NULL;
  }
  return same ? x : nl_view(C, x, 0, ndim, shape, stride);
}

nl_value *nl_permute (nl_ctx *C, nl_value *x, const int *dims) {
  int64_t size[NL_MAX_NDIM], stride[NL_MAX_NDIM], dense[NL_MAX_NDIM];
  bool same = true;
  if (x == NULL) return NULL;
  dense_strides(x, dense);
  for (int i = 0; i < x->ndim; i++) {
    size[i] = x->shape[dims[i]];
    stride[i] = dense[dims[i]];
    same = same && dims[i] == i;
  }
  return same ? x : nl_view(C, x, 0, x->ndim, size, stride);
}

nl_value *nl_transpose (nl_ctx *C, nl_value *x, int a, int b) {
  int dims[NL_MAX_NDIM];
  if (x == NULL) return NULL;
  for (int i = 0; i < x->ndim; i++) dims[i] = i == a ? b : i == b ? a : i;
  return nl_permute(C, x, dims);
}

nl_value *nl_unsqueeze (nl_ctx *C, nl_value *x, int dim) {
  int64_t shape[NL_MAX_NDIM + 1];
  if (x == NULL) return NULL;
  for (int i = 0, k = 0; i <= x->ndim; i++)
    shape[i] = i == dim ? 1 : x->shape[k++];
  return nl_reshape(C, x, x->ndim + 1, shape);
}

nl_value *nl_squeeze (nl_ctx *C, nl_value *x, int dim) {
  int64_t shape[NL_MAX_NDIM];
  if (x == NULL || x->shape[dim] != 1) return x;
  for (int i = 0, k = 0; i < x->ndim; i++)
    if (i != dim) shape[k++] = x->shape[i];
  return nl_reshape(C, x, x->ndim - 1, shape);
}

nl_value *nl_narrow (nl_ctx *C, nl_value *x, int dim, int64_t start,
                     int64_t length) {
  int64_t size[NL_MAX_NDIM], dense[NL_MAX_NDIM];
  if (x == NULL) return NULL;
  if (dim < 0 || dim >= x->ndim || start < 0 || length < 0 ||
      start > x->shape[dim] - length) {
    char a[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "narrow: %lld elements from %lld at dim %d of %s",
             (long long)length, (long long)start + 1, dim + 1,
             nl__value_text(a, x));
    return NULL;
  }
  if (length == x->shape[dim]) return x;
  dense_strides(x, dense);
  memcpy(size, x->shape, sizeof size);
  size[dim] = length;
  return nl_view(C, x, length == 0 ? 0 : start * dense[dim], x->ndim, size,
                 dense);
}

/* ---- concat(x1 ... xn; dim, sizes along it) ---- */

nl_value *nl_concat (nl_ctx *C, int n, nl_value *const *x, int dim) {
  bool short_of = false;
  nl_dtype d = NL_BOOL;
  if (n < 1) {
    nl_error(C, NL_ERROR, "cat: no tensors");
    return NULL;
  }
  for (int i = 0; i < n; i++) {
    if (x[i] == NULL) return NULL;
    if ((nl_dtype)x[i]->dtype > d) d = (nl_dtype)x[i]->dtype;
    short_of = short_of || x[i]->ndim <= dim;
  }
  if (short_of || dim < 0) {
    nl_error(C, NL_ERROR, "cat: a tensor has no dimension %d", dim + 1);
    return NULL;
  }
  size_t bytes = (size_t)n * sizeof(nl_value *);
  size_t pbytes = ((size_t)n + 1) * sizeof(int64_t);
  nl_value **in = (nl_value **)nl__alloc(C, bytes), *r = NULL;
  int64_t *p = (int64_t *)nl__alloc(C, pbytes);
  bool ok = in != NULL && p != NULL;
  for (int i = 0; i < n && ok; i++) {
    in[i] = nl__cast_to(C, x[i], d, false);
    p[i + 1] = x[i]->shape[dim];
    ok = in[i] != NULL;
  }
  if (ok) {
    p[0] = dim;
    r = nl_bind1(C, &nl_prim_concat, n, in, n + 1, p);
  }
  nl__free(C, in, bytes);
  nl__free(C, p, pbytes);
  return r;
}

static nl_status concat_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  int dim = (int)e->p[0];
  nl__aval(e->in[0], out);
  for (int i = 1; i < e->nin; i++) {
    const nl_value *v = e->in[i];
    bool ok = v->ndim == out->ndim;
    for (int k = 0; k < v->ndim && ok; k++)
      ok = k == dim || v->shape[k] == out->shape[k];
    if (!ok) {
      char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
      return nl_error(C, NL_ERROR,
                      "cat: tensor %d is %s, tensor 1 %s; all sizes but "
                      "dimension %d must be equal",
                      i + 1, nl__value_text(a, v),
                      nl__value_text(b, e->in[0]), dim + 1);
    }
    out->shape[dim] += v->shape[dim];
  }
  return NL_OK;
}

static nl_status concat_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  int dim = (int)e->p[0];
  if (concat_shape(C, e, &a) != NL_OK) return C->status;
  nl_value *r = nl__value_alloc(C, a.dtype, false, a.ndim, a.shape, true);
  if (r == NULL) return C->status;
  e->out[0] = r;
  size_t elem = nl_dtype_size(a.dtype);
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < dim; i++) outer *= a.shape[i];
  for (int i = dim + 1; i < a.ndim; i++) inner *= a.shape[i];
  int64_t row = a.shape[dim] * inner, at = 0;
  for (int i = 0; i < e->nin; i++) {
    int64_t part = e->in[i]->shape[dim] * inner;
    for (int64_t o = 0; o < outer && part > 0; o++)
      nl__gather(e->in[i], o * part, part,
                 (char *)r->buf->data + (size_t)(o * row + at) * elem);
    at += part;
  }
  return NL_OK;
}

static nl_status concat_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  int64_t at = 0;
  for (int i = 0; i + 1 < e->np; i++) {
    if (e->need[i]) {
      ct_in[i] = nl_narrow(C, ct[0], (int)e->p[0], at, e->p[i + 1]);
      if (ct_in[i] == NULL) return C->status;
    }
    at += e->p[i + 1];
  }
  return NL_OK;
}

static nl_status concat_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  for (int i = 0; i < e->nin; i++) {
    nl_value *v = e->in[i];
    int64_t shape[NL_MAX_NDIM];
    if (batched[i]) continue;
    shape[0] = n;
    memcpy(shape + 1, v->shape, (size_t)v->ndim * sizeof *shape);
    e->in[i] = nl_broadcast_to(C, v, v->ndim + 1, shape);
    if (e->in[i] == NULL) return C->status;
  }
  e->out[0] = nl_concat(C, e->nin, e->in, (int)e->p[0] + 1);
  batched_out[0] = true;
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_concat = {
    .name = "concat", .nin = -1, .nout = 1, .flags = NL_LINEAR,
    .shape = concat_shape, .eval = concat_eval, .vjp = concat_vjp,
    .jvp = nl_jvp_linear, .batch = concat_batch};
