/* matmul.c: products.  The primitive takes (batch..., m, k) and
 * (batch..., k, n) with equal batch dims; the front makes 1-D to N-D
 * arguments of NumPy's matmul into that.  Transposed operands are views and
 * reach the kernel as strides. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/gemm_drive.h"
#include "ops/ops.h"

static nl_status shapes_differ (nl_ctx *C, const nl_value *x,
                                const nl_value *y) {
  char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
  return nl_error(C, NL_ERROR,
                  "matmul: [%s] times [%s]: inner sizes must be equal",
                  nl__shape_text(a, x->ndim, x->shape),
                  nl__shape_text(b, y->ndim, y->shape));
}

/* Parameters: which operands are stored by columns, so that their gradients
   are best computed transposed.  A product's bits do not depend on that. */
enum { X_BY_COLUMNS = 1, Y_BY_COLUMNS = 2 };

static bool by_columns (const nl_value *v) {
  while (v->trace != NULL && v->trace->kind != &nl__capture_kind)
    v = v->primal;
  if (v->trace != NULL) return nl__captured_by_columns(v);
  return v->ndim >= 2 && v->stride[v->ndim - 1] != 1 &&
         v->stride[v->ndim - 2] == 1;
}

static nl_value *bind_matmul (nl_ctx *C, nl_value *x, nl_value *y) {
  nl_value *in[2] = {x, y};
  if (x == NULL || y == NULL) return NULL;
  int64_t p = (by_columns(x) ? X_BY_COLUMNS : 0) |
              (by_columns(y) ? Y_BY_COLUMNS : 0);
  return nl_bind1(C, &nl_prim_matmul, 2, in, 1, &p);
}

/* x and y with the same leading (batch) dims, by broadcasting. */
static nl_value *equal_batches (nl_ctx *C, nl_value **x, nl_value **y) {
  nl_value *v[2] = {*x, *y};
  int n = v[0]->ndim > v[1]->ndim ? v[0]->ndim : v[1]->ndim;
  int64_t shape[NL_MAX_NDIM];
  for (int i = 0; i < n - 2; i++) {
    int64_t s[2];
    for (int k = 0; k < 2; k++) {
      int j = i - (n - v[k]->ndim);
      s[k] = j < 0 ? 1 : v[k]->shape[j];
    }
    if (s[0] != s[1] && s[0] != 1 && s[1] != 1) {
      shapes_differ(C, *x, *y);
      return NULL;
    }
    shape[i] = s[0] == 1 ? s[1] : s[0];
  }
  for (int k = 0; k < 2; k++) {
    memcpy(shape + n - 2, v[k]->shape + v[k]->ndim - 2, 2 * sizeof *shape);
    v[k] = nl_broadcast_to(C, v[k], n, shape);
  }
  *x = v[0];
  *y = v[1];
  return v[0] == NULL ? NULL : v[1];
}

/* (batch..., m, k) times (k, n): one product of (batch * m, k). */
static nl_value *merged (nl_ctx *C, nl_value *x, nl_value *y) {
  int64_t shape[NL_MAX_NDIM], flat[2] = {1, x->shape[x->ndim - 1]};
  for (int i = 0; i < x->ndim - 1; i++) {
    shape[i] = x->shape[i];
    flat[0] *= x->shape[i];
  }
  int n = x->ndim;
  shape[n - 1] = y->shape[1];
  return nl_reshape(C, bind_matmul(C, nl_reshape(C, x, 2, flat), y), n,
                    shape);
}

nl_value *nl_matmul (nl_ctx *C, nl_value *x, nl_value *y) {
  if (x == NULL || y == NULL) return NULL;
  if (x->dtype != y->dtype || x->weak || y->weak) {
    nl_dtype d = x->dtype > y->dtype ? (nl_dtype)x->dtype : (nl_dtype)y->dtype;
    x = nl_cast(C, x, d);
    y = nl_cast(C, y, d);
  }
  if (x == NULL || y == NULL) return NULL;
  bool x1 = x->ndim == 1, y1 = y->ndim == 1;
  if (x->ndim == 0 || y->ndim == 0 ||
      x->shape[x->ndim - 1] != y->shape[y1 ? 0 : y->ndim - 2]) {
    shapes_differ(C, x, y);
    return NULL;
  }
  if (x1) x = nl_unsqueeze(C, x, 0);
  if (y1) y = nl_unsqueeze(C, y, 1);
  nl_value *r;
  if (x == NULL || y == NULL) return NULL;
  if (x->ndim > 2 && y->ndim == 2)
    r = merged(C, x, y);
  else if (x->ndim > 2 || y->ndim > 2)
    r = equal_batches(C, &x, &y) == NULL ? NULL : bind_matmul(C, x, y);
  else
    r = bind_matmul(C, x, y);
  if (y1 && r != NULL) r = nl_squeeze(C, r, r->ndim - 1);
  if (x1 && r != NULL) r = nl_squeeze(C, r, r->ndim - (y1 ? 1 : 2));
  return r;
}

static nl_status matmul_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[0], *y = e->in[1];
  int n = x->ndim;
  bool ok = n == y->ndim && n >= 2 && x->dtype == y->dtype &&
            x->shape[n - 1] == y->shape[n - 2];
  for (int i = 0; i < n - 2 && ok; i++) ok = x->shape[i] == y->shape[i];
  if (!ok) return shapes_differ(C, x, y);
  nl__aval(x, out);
  out->weak = false;
  out->shape[n - 1] = y->shape[n - 1];
  return NL_OK;
}

/* integers: wrapping sums, plain loops */
static void integer_product (int64_t m, int64_t n, int64_t k, const int64_t *a,
                             const int64_t *b, int64_t *c) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      uint64_t s = 0;
      for (int64_t l = 0; l < k; l++)
        s += (uint64_t)a[i * k + l] * (uint64_t)b[l * n + j];
      c[i * n + j] = (int64_t)s;
    }
}

static nl_status integers (nl_ctx *C, nl_eqn *e, const nl_aval *a) {
  nl_value *x = nl__dense(C, nl_cast(C, e->in[0], NL_I64));
  nl_value *y = nl__dense(C, nl_cast(C, e->in[1], NL_I64));
  void *data;
  nl_value *r = x == NULL || y == NULL
                    ? NULL
                    : nl_value_new(C, NL_I64, a->ndim, a->shape, &data);
  if (r == NULL) return C->status;
  int nd = a->ndim;
  int64_t m = a->shape[nd - 2], n = a->shape[nd - 1], k = x->shape[nd - 1];
  int64_t batch = m * n == 0 ? 0 : r->numel / (m * n);
  for (int64_t b = 0; b < batch; b++)
    integer_product(m, n, k, (const int64_t *)nl__bytes_at(x) + b * m * k,
                    (const int64_t *)nl__bytes_at(y) + b * k * n,
                    (int64_t *)data + b * m * n);
  e->out[0] = nl_retain(nl_cast(C, r, a->dtype));
  return e->out[0] == NULL ? C->status : NL_OK;
}

static nl_status matmul_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a;
  if (matmul_shape(C, e, &a) != NL_OK) return C->status;
  if (!nl_dtype_is_float(a.dtype)) return integers(C, e, &a);
  nl_value *r = nl__out(C, e, 0, a.dtype, false, a.ndim, a.shape);
  if (r == NULL) return C->status;
  nl_gemm_call q = {.c = nl__bytes_at(r)};
  nl_gemm_batch batch;
  nl__gemm_of(&q, &batch, e->in[0], e->in[1]);
  return nl__gemm_run(C, &q);
}

static const struct nl_product matmul_product = {
    nl__gemm_scratch, nl__gemm_run, nl__gemm_spares};

static nl_value *swapped (nl_ctx *C, nl_value *v) {
  return v == NULL ? NULL : nl_transpose(C, v, v->ndim - 2, v->ndim - 1);
}

static nl_status matmul_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  nl_value *x = e->in[0], *y = e->in[1], *g = ct[0];
  if (e->need[0])
    ct_in[0] = e->p[0] & X_BY_COLUMNS
                   ? swapped(C, bind_matmul(C, y, swapped(C, g)))
                   : bind_matmul(C, g, swapped(C, y));
  if (e->need[1])
    ct_in[1] = e->p[0] & Y_BY_COLUMNS
                   ? swapped(C, bind_matmul(C, swapped(C, g), x))
                   : bind_matmul(C, swapped(C, x), g);
  return C->status;
}

static nl_status matmul_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                             nl_value **t_out) {
  nl_value *a = t[0] == NULL ? NULL : bind_matmul(C, t[0], e->in[1]);
  nl_value *b = t[1] == NULL ? NULL : bind_matmul(C, e->in[0], t[1]);
  t_out[0] = a == NULL ? b : b == NULL ? a : nl_add(C, a, b);
  return C->status;
}

static nl_status matmul_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  (void)n;
  batched_out[0] = true;
  if (batched[0] && !batched[1] && e->in[1]->ndim == 2)
    e->out[0] = merged(C, e->in[0], e->in[1]);
  else
    e->out[0] = equal_batches(C, &e->in[0], &e->in[1]) == NULL
                    ? NULL
                    : bind_matmul(C, e->in[0], e->in[1]);
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_matmul = {
    .name = "matmul", .nin = 2, .nout = 1, .flags = NL_SAVE_IN | NL_INTO,
    .shape = matmul_shape, .eval = matmul_eval, .vjp = matmul_vjp,
    .jvp = matmul_jvp, .batch = matmul_batch, .product = &matmul_product};
