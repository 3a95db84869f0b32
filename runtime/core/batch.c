/* batch.c: vmap.  A tracer hides the first axis, of size n, of its value. */
#include "core/core.h"

#define FEW 8

typedef struct batch_trace {
  nl_trace base;
  int64_t n;
} batch_trace;

static nl_value *hide (nl_ctx *C, nl_trace *T, nl_value *v) {
  if (v == NULL) return NULL;
  nl_value *t = nl__tracer(C, T, (nl_dtype)v->dtype,
                           v->weak, v->ndim - 1, v->shape + 1);
  if (t != NULL) t->primal = nl_retain(v);
  return t;
}

static nl_status run_rule (nl_ctx *C, nl_trace *T, nl_eqn *e,
                           const bool *batched, nl_value **out) {
  bool few[FEW] = {false}, *batched_out = few;
  if (e->prim->batch == NULL)
    return nl_error(C, NL_ERROR, "%s: has no vmap rule", e->prim->name);
  if (e->nout > FEW) {
    batched_out = (bool *)nl__alloc(C, (size_t)e->nout);
    if (batched_out == NULL) return C->status;
    for (int i = 0; i < e->nout; i++) batched_out[i] = false;
  }
  e->out = out;
  nl_status st = e->prim->batch(C, e, batched, ((batch_trace *)T)->n,
                                batched_out);
  for (int i = 0; i < e->nout && st == NL_OK; i++)
    if (batched_out[i] && (out[i] = hide(C, T, out[i])) == NULL)
      st = C->status;
  if (batched_out != few) nl__free(C, batched_out, (size_t)e->nout);
  return st;
}

static nl_status batch_process (nl_ctx *C, nl_trace *T, nl_eqn *e,
                                nl_value **out) {
  nl_value *few[FEW], **in = few;
  bool few_batched[FEW], *batched = few_batched, any = false;
  size_t block = (size_t)e->nin * (sizeof *in + 1);
  if (e->nin > FEW) {
    in = (nl_value **)nl__alloc(C, block);
    if (in == NULL) return C->status;
    batched = (bool *)(in + e->nin);
  }
  for (int i = 0; i < e->nin; i++) {
    batched[i] = e->in[i]->trace == T;
    in[i] = batched[i] ? e->in[i]->primal : e->in[i];
    any = any || batched[i];
  }
  nl_eqn inner = *e;
  inner.in = in;
  C->trace = T->parent;
  nl_status st;
  if (any || nl__draws(e->prim, e->np, e->p, e->obj))
    st = run_rule(C, T, &inner, batched, out);
  else
    st = nl__bind_eqn(C, &inner, out);
  C->trace = T;
  if (in != few) nl__free(C, in, block);
  return st;
}

static nl_status may_write (nl_ctx *C, nl_trace *T, const nl_value *v) {
  if (v->trace != T) return NL_OK;
  return nl_error(C, NL_ERROR,
                  "vmap: a per-example value can't be written to a tensor "
                  "made outside; return it from the function instead, or make "
                  "what keeps it (an optimizer, an average) inside");
}

const nl_trace_kind nl__batch_kind = {
    "vmap",    batch_process, nl__lower_none,
    may_write, NULL,          sizeof(batch_trace)};

nl_trace *nl_vmap_begin (nl_ctx *C, int64_t n) {
  nl_trace *T = nl__trace_push(C, &nl__batch_kind);
  if (T != NULL) ((batch_trace *)T)->n = n;
  return T;
}

nl_value *nl_vmap_input (nl_ctx *C, nl_trace *T, nl_value *v, int axis) {
  if (v == NULL) return NULL;
  if (axis < 0 || axis >= v->ndim ||
      v->shape[axis] != ((batch_trace *)T)->n) {
    char text[NL_SHAPE_TEXT];
    nl_error(C, NL_ERROR, "vmap: no axis of size %lld at dim %d of %s",
             (long long)((batch_trace *)T)->n, axis + 1,
             nl__value_text(text, v));
    return NULL;
  }
  int dims[NL_MAX_NDIM];
  dims[0] = axis;
  for (int i = 0, k = 1; i < v->ndim; i++)
    if (i != axis) dims[k++] = i;
  nl_trace *now = C->trace;
  C->trace = T->parent;
  v = axis == 0 ? v : nl_permute(C, v, dims);
  C->trace = now;
  return hide(C, T, v);
}

nl_status nl_vmap_end (nl_ctx *C, nl_trace *T) {
  return nl__trace_pop(C, T, false);
}

nl_value *nl__repeat (nl_ctx *C, nl_value *v, int64_t n) {
  int64_t shape[NL_MAX_NDIM];
  if (v == NULL) return NULL;
  if (v->ndim >= NL_MAX_NDIM) {
    nl_error(C, NL_ERROR, "vmap: more than %d dimensions", NL_MAX_NDIM);
    return NULL;
  }
  shape[0] = n;
  for (int i = 0; i < v->ndim; i++) shape[i + 1] = v->shape[i];
  return nl_broadcast_to(C, v, v->ndim + 1, shape);
}

bool nl_vmap_mapped (const nl_trace *T, const nl_value *v) {
  return v != NULL && v->trace == T;
}

nl_value *nl_vmap_output (nl_ctx *C, nl_trace *T, nl_value *v, int axis) {
  int dims[NL_MAX_NDIM];
  if (v == NULL) return NULL;
  bool batched = v->trace == T;
  if (!batched) v = nl__resolve(C, v);
  if (v == NULL) return NULL;
  if (axis < 0 || axis > v->ndim) {
    nl_error(C, NL_ERROR, "vmap: out_dims %d, the output has %d dimensions",
             axis + 1, v->ndim + 1);
    return NULL;
  }
  if (!batched) { /* the same for every example */
    if (v->weak) v = nl_strong(C, v);
    v = nl__repeat(C, v, ((batch_trace *)T)->n);
  } else {
    v = v->primal;
    if (v->weak) v = nl_strong(C, v);
  }
  if (axis == 0 || v == NULL) return v;
  for (int i = 0; i < v->ndim; i++)
    dims[i] = i < axis ? i + 1 : i == axis ? 0 : i;
  return nl_permute(C, v, dims);
}
