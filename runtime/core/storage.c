/* storage.c: mutable cells, read and written through every active trace.
 *
 * A cell holds one value whose elements, in row-major order, are the
 * storage's; the value's own shape is whatever was written last, so that a
 * tensor covering the whole storage reads without a view.  A concrete cell is
 * dense. */
#include "core/core.h"

#include <string.h>

nl_storage *nl_storage_new (nl_ctx *C, nl_value *v) {
  if (v == NULL) return NULL;
  if (v->trace != NULL) v = nl__resolve(C, v);
  if (v != NULL && v->trace == NULL && !v->dense) v = nl__dense(C, v);
  if (v == NULL) return NULL;
  nl_storage *s = (nl_storage *)nl__small_alloc(C, sizeof *s);
  if (s == NULL) return NULL;
  v->refs++;
  *s = (nl_storage){
      .refs = 1, .dtype = (nl_dtype)v->dtype, .weak = v->weak,
      .numel = v->numel, .value = v,
      /* made outside every trace: outer to each, even to those active */
      .stamp = C->trace == C->eval ? 0 : ++C->clock};
  return s;
}

nl_storage *nl_storage_retain (nl_storage *s) {
  if (s != NULL) s->refs++;
  return s;
}

void nl_storage_release (nl_ctx *C, nl_storage *s) {
  if (s == NULL || --s->refs > 0) return;
  nl__unref(C, s->value);
  if (s->outer != NULL) nl_storage_release(C, s->outer);
  nl__small_free(C, s, sizeof *s);
}

int64_t nl_storage_numel (const nl_storage *s) { return s->numel; }
nl_dtype nl_storage_dtype (const nl_storage *s) { return s->dtype; }
bool nl_storage_weak (const nl_storage *s) { return s->weak; }

unsigned nl_watch (nl_storage *s) {
  s->watched++;
  return s->reads;
}

bool nl_unwatch (nl_storage *s, unsigned before) {
  s->watched--;
  return s->reads != before;
}

void nl_unread (nl_storage *s) {
  if (s->watched) s->reads--;
}

void nl_storage_stands_for (nl_storage *s, nl_storage *outer) {
  if (s->outer == NULL && s != outer) s->outer = nl_storage_retain(outer);
}

void nl_storage_stands_alone (nl_ctx *C, nl_storage *s) {
  nl_storage *outer = s->outer;
  s->outer = NULL;
  nl_storage_release(C, outer);
}

unsigned nl_watch_outer (nl_storage *s) {
  unsigned reads = 0;
  for (; s != NULL; s = s->outer) reads += nl_watch(s);
  return reads;
}

bool nl_unwatch_outer (nl_storage *s, unsigned before) {
  unsigned reads = 0;
  for (; s != NULL; s = s->outer) {
    reads += s->reads;
    s->watched--;
  }
  return reads != before;
}

bool nl_storage_is_inner (const nl_ctx *C, const nl_storage *s) {
  return C->trace != C->eval && s->stamp >= C->trace->stamp;
}

bool nl_storage_is_mapped (const nl_ctx *C, const nl_storage *s) {
  for (const nl_trace *T = C->trace; T != NULL; T = T->parent) {
    if (T->kind == &nl__capture_kind) return false;
    if (T->kind == &nl__batch_kind && s->stamp >= T->stamp) return true;
  }
  return false;
}

bool nl_storage_written (const nl_storage *s, const nl_value *v) {
  return s->value != v;
}

/* ---- reading ---- */

/* Outermost first, each active capture makes the storage an input. */
static bool offer (nl_ctx *C, nl_trace *T, nl_storage *s) {
  if (T == NULL) return true;
  if (!offer(C, T->parent, s)) return false;
  if (T->kind != &nl__capture_kind || s->stamp >= T->stamp) return true;
  return nl__capture_offer(C, T, s);
}

/* An escaped tracer in a cell becomes what its trace's end made of it. */
static bool settle (nl_ctx *C, nl_storage *s) {
  nl_value *v = s->value;
  if (v->trace == NULL || v->trace->alive) return true;
  v = nl__resolve(C, v);
  if (v != NULL && v->trace == NULL) v = nl__dense(C, v);
  if (v == NULL) return false;
  nl_retain(v);
  nl__unref(C, s->value);
  s->value = v;
  return true;
}

nl_value *nl__storage_read (nl_ctx *C, nl_storage *s) {
  if (s->value->trace != NULL && !settle(C, s)) return NULL;
  if (C->ncapture > 0 && !offer(C, C->trace, s)) return NULL;
  if (s->watched) s->reads++;
  return nl__pool_push(C, nl_retain(s->value));
}

static bool covers (const nl_tensor *t, const nl_value *v) {
  if (!t->whole || t->ndim != v->ndim) return false;
  for (int i = 0; i < t->ndim; i++)
    if (t->size[i] != v->shape[i]) return false;
  return true;
}

nl_value *nl_read (nl_ctx *C, const nl_tensor *t) {
  if (t->storage == NULL) {
    int64_t zero = 0;
    return nl_value_from(C, C->default_dtype, 1, &zero, NULL);
  }
  nl_value *v = nl__storage_read(C, t->storage);
  if (v == NULL || covers(t, v)) return v;
  return nl_view(C, v, t->offset, t->ndim, t->size, t->stride);
}

/* ---- writing ---- */

static bool list_touched (nl_ctx *C, nl_trace *T, nl_storage *s) {
  if (T->kind == &nl__capture_kind) return true; /* when it was offered */
  if (nl__touched_at(T, s) >= 0) return true;
  if (!nl__touch(C, T, s, s->value, -1)) return false;
  nl_retain(s->value);
  return true;
}

nl_status nl__storage_set (nl_ctx *C, nl_storage *s, nl_value *v) {
  nl_trace *T = C->trace;
  v = nl__resolve(C, v);
  if (v != NULL && v->trace == NULL) v = nl__dense(C, v);
  if (v == NULL) return C->status;
  if (T != C->eval) {
    if (!settle(C, s)) return C->status;
    if (C->ncapture > 0 && !offer(C, T, s)) return C->status;
    if (s->stamp < T->stamp) {
      if (T->kind->may_write != NULL && T->kind->may_write(C, T, v) != NL_OK)
        return C->status;
      if (!list_touched(C, T, s)) return C->status;
    }
  } else if (v->trace != NULL) {
    return nl_error(C, NL_ERROR,
                    "a value that %s traces can't be written outside it",
                    v->trace->kind->name);
  }
  nl_retain(v);
  nl__unref(C, s->value);
  s->value = v;
  return NL_OK;
}

nl_status nl_write (nl_ctx *C, const nl_tensor *t, nl_value *v) {
  nl_storage *s = t->storage;
  bool used = C->into.used;
  C->into.used = false;
  if (v == NULL) {
    C->into.storage = NULL;
    return C->status;
  }
  if (s == NULL) return v->numel == 0 ? NL_OK
      : nl_error(C, NL_ERROR, "write: the tensor is empty");
  v = nl__cast_to(C, v, s->dtype, s->weak);
  if (v == NULL) return C->status;
  if (used && C->into.storage == s && v->trace == NULL &&
      s->value->trace == NULL && v->buf == s->value->buf) {
    C->into.storage = NULL; /* the kernel wrote it where it belongs */
    return NL_OK;
  }
  nl_status st;
  if (t->whole && v->numel == s->numel) {
    /* a cell keeps its value's shape, which a capture's input has too */
    const nl_value *old = s->value;
    if (v->ndim != old->ndim ||
        memcmp(v->shape, old->shape, (size_t)v->ndim * sizeof *v->shape) != 0)
      v = nl_reshape(C, v, old->ndim, old->shape);
    st = v == NULL ? C->status : nl__storage_set(C, s, v);
  } else {
    nl_value *old = nl__storage_read(C, s);
    v = nl_view_update(C, old, v, t->offset, t->stride);
    st = v == NULL ? C->status : nl__storage_set(C, s, v);
  }
  C->into.storage = NULL;
  return st;
}

void nl_into (nl_ctx *C, const nl_tensor *t, size_t mark) {
  /* a trace may hold the old value without its reference being counted yet */
  C->into.storage = C->trace == C->eval ? t->storage : NULL;
  C->into.tensor = t;
  C->into.mark = (int)mark;
  C->into.used = false;
}

/* Is every holder of the cell's value, and of its buffer, the cell itself or
   a read since nl_into? */
bool nl__sole_holder (const nl_ctx *C, const nl_value *cell) {
  int refs = 1, bufs = 1;
  for (int i = C->into.mark; i < C->npool; i++) {
    const nl_value *v = C->pool[i];
    if (v == cell)
      refs++;
    else if (v->trace == NULL && v->buf == cell->buf) {
      if (v->refs != 1) return false;
      bufs++;
    }
  }
  return cell->refs == refs && cell->buf->refs == bufs;
}

static bool overlaps_in_part (const nl_value *in, const nl_value *cell,
                              int64_t offset, int64_t n) {
  if (in->trace != NULL || in->buf != cell->buf) return false;
  if (in->dense && in->offset == offset && in->numel == n) return false;
  int64_t lo = in->offset, hi = in->offset;
  for (int i = 0; i < in->ndim; i++) {
    int64_t reach = (in->shape[i] - 1) * in->stride[i];
    if (reach < 0) lo += reach;
    else hi += reach;
  }
  return hi >= offset && lo < offset + n;
}

nl_value *nl__into_target (nl_ctx *C, const nl_eqn *e, nl_dtype d, int ndim,
                           const int64_t *shape) {
  const nl_tensor *t = C->into.tensor;
  const nl_value *cell = C->into.storage->value;
  if (C->into.used || cell->trace != NULL || d != C->into.storage->dtype ||
      t->ndim != ndim || !nl_tensor_contiguous(t) || C->into.storage->weak)
    return NULL;
  int64_t n = 1;
  for (int i = 0; i < ndim; i++) {
    if (t->size[i] != shape[i]) return NULL;
    n *= shape[i];
  }
  int64_t offset = cell->offset + t->offset;
  if (n == 0 || !nl__sole_holder(C, cell)) return NULL;
  for (int i = 0; i < e->nin; i++)
    if (overlaps_in_part(e->in[i], cell, offset, n)) return NULL;
  nl_value *v = nl__value_alloc(C, d, false, ndim, shape, false);
  if (v == NULL) return NULL;
  nl__set_dense(v);
  v->offset = offset;
  v->buf = nl__buffer_retain(cell->buf);
  C->into.used = true;
  return v;
}

/* ---- tensors ---- */

nl_status nl_tensor_from (nl_ctx *C, nl_tensor *t, nl_value *v) {
  if (v == NULL) return C->status;
  if (v->ndim > NL_MAX_DIM)
    return nl_error(C, NL_ERROR, "a tensor has at most %d dimensions, got %d",
                    NL_MAX_DIM, v->ndim);
  t->storage = nl_storage_new(C, v);
  if (t->storage == NULL) return C->status;
  t->offset = 0;
  t->ndim = v->ndim;
  t->whole = true;
  int64_t n = 1;
  for (int i = v->ndim - 1; i >= 0; i--) {
    t->size[i] = v->shape[i];
    t->stride[i] = n;
    n *= v->shape[i];
  }
  return NL_OK;
}

bool nl_tensor_contiguous (const nl_tensor *t) {
  int64_t n = 1;
  if (t->whole) return true;
  for (int i = t->ndim - 1; i >= 0; i--) {
    if (t->size[i] == 0) return true;
    if (t->size[i] != 1 && t->stride[i] != n) return false;
    n *= t->size[i];
  }
  return true;
}

int64_t nl_tensor_numel (const nl_tensor *t) {
  int64_t n = 1;
  if (t->storage == NULL) return 0;
  for (int i = 0; i < t->ndim; i++) n *= t->size[i];
  return n;
}

nl_status nl_storage_resize (nl_ctx *C, nl_storage *s, int64_t n) {
  if (n == s->numel) return NL_OK;
  if (s->stamp < C->trace->stamp)
    return nl_error(C, NL_ERROR,
                    "resize: a tensor made outside %s can't change its size "
                    "inside it",
                    C->trace->kind->name);
  if (n < 0) return nl_error(C, NL_ERROR, "resize: size %lld", (long long)n);
  nl_value *old = nl__storage_read(C, s), *v = old;
  int64_t one = 1;
  if (n < s->numel) {
    v = nl_view(C, old, 0, 1, &n, &one);
  } else {
    v = nl_full(C, s->dtype, 1, &n, 0);
    if (s->numel > 0)
      v = nl_view_update(C, v, nl_reshape(C, old, 1, &s->numel), 0, &one);
  }
  if (v == NULL) return C->status;
  s->numel = n;
  s->layout++;
  return nl__storage_set(C, s, v);
}
