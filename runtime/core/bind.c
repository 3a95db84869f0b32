/* bind.c: the one door.  nl_bind hands a primitive to the current trace. */
#include "core/core.h"

nl_value *nl__resolve (nl_ctx *C, nl_value *v) {
  while (v != NULL && v->trace != NULL && !v->trace->alive)
    v = v->trace->kind->lower(C, v->trace, v);
  return v;
}

nl_status nl__bind_eqn (nl_ctx *C, nl_eqn *e, nl_value **out) {
  for (int i = 0; i < e->nout; i++) out[i] = NULL;
  for (int i = 0; i < e->nin; i++) {
    nl_value *v = e->in[i];
    if (v == NULL) {
      if (C->status == NL_OK)
        nl_error(C, NL_ERROR, "%s: input %d is missing", e->prim->name, i + 1);
      return C->status;
    }
    if (v->trace != NULL && !v->trace->alive) {
      v = nl__resolve(C, v);
      if (v == NULL) return C->status;
      e->in[i] = v;
    }
  }
  nl_trace *T = C->trace;
  if (T == C->eval) return nl__eval_eqn(C, e, out);
  return T->kind->process(C, T, e, out);
}

#define FEW 8

nl_status nl_bind (nl_ctx *C, const nl_prim *prim, int nin,
                   nl_value *const *in, int np, const int64_t *p, void *obj,
                   nl_value **out) {
  nl_value *few[FEW] = {NULL}, **copy = few;
  if (nin > FEW) {
    copy = (nl_value **)nl__alloc(C, (size_t)nin * sizeof *copy);
    if (copy == NULL) return C->status;
  }
  for (int i = 0; i < nin; i++) copy[i] = in[i];
  int nout = prim->nout >= 0 ? prim->nout : nl_graph_nout((nl_graph *)obj);
  if (prim == &nl_prim_call) nout = ((nl_graph *)obj)->nout;
  nl_eqn e = {prim, nin, nout, copy, NULL, NULL, np, p, obj};
  nl_status st = nl__bind_eqn(C, &e, out);
  if (copy != few) nl__free(C, copy, (size_t)nin * sizeof *copy);
  return st;
}

nl_value *nl_bind1 (nl_ctx *C, const nl_prim *prim, int nin,
                    nl_value *const *in, int np, const int64_t *p) {
  nl_value *out = NULL, *copy[FEW];
  if (nin > FEW) {
    return nl_bind(C, prim, nin, in, np, p, NULL, &out) == NL_OK ? out : NULL;
  }
  for (int i = 0; i < nin; i++) copy[i] = in[i];
  nl_eqn e = {prim, nin, 1, copy, NULL, NULL, np, p, NULL};
  return nl__bind_eqn(C, &e, &out) == NL_OK ? out : NULL;
}

/* ---- rules shared by many primitives ---- */

nl_status nl_shape_same (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *x = e->in[e->nin - 1];
  bool weak = true;
  for (int i = 0; i < e->nin; i++) {
    if (!nl__same_shape(e->in[i], x)) {
      char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
      return nl_error(C, NL_ERROR, "%s: shapes %s and %s differ",
                      e->prim->name, nl__value_text(a, e->in[i]),
                      nl__value_text(b, x));
    }
    /* where's condition is no number */
    if (i > 0 || e->nin < 3) weak = weak && e->in[i]->weak;
  }
  nl__aval(x, out);
  out->weak = weak;
  if (e->prim->flags & NL_BOOL_OUT) {
    out->dtype = NL_BOOL;
    out->weak = false;
  }
  return NL_OK;
}

nl_status nl_vjp_elementwise (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                              nl_value **ct_in) {
  for (int i = 0; i < e->nin; i++) {
    if (!e->need[i] || e->prim->deriv[i] == NULL) continue;
    ct_in[i] = nl_mul(C, ct[0], e->prim->deriv[i](C, e));
    if (ct_in[i] == NULL) return C->status;
  }
  return NL_OK;
}

nl_status nl_jvp_elementwise (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                              nl_value **t_out) {
  nl_value *sum = NULL;
  for (int i = 0; i < e->nin; i++) {
    if (t[i] == NULL || e->prim->deriv[i] == NULL) continue;
    nl_value *part = nl_mul(C, t[i], e->prim->deriv[i](C, e));
    sum = sum == NULL ? part : nl_add(C, sum, part);
    if (sum == NULL) return C->status;
  }
  t_out[0] = sum;
  return NL_OK;
}

nl_status nl_jvp_linear (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                         nl_value **t_out) {
  nl_value *few[FEW] = {NULL}, **in = few;
  nl_status st;
  if (e->nin > FEW) {
    in = (nl_value **)nl__alloc(C, (size_t)e->nin * sizeof *in);
    if (in == NULL) return C->status;
  }
  for (int i = 0; i < e->nin; i++)
    in[i] = t[i] != NULL ? t[i] : nl_zeros_like(C, e->in[i]);
  st = nl_bind(C, e->prim, e->nin, in, e->np, e->p, e->obj, t_out);
  if (in != few) nl__free(C, in, (size_t)e->nin * sizeof *in);
  return st;
}

nl_status nl_batch_elementwise (nl_ctx *C, nl_eqn *e, const bool *batched,
                                int64_t n, bool *batched_out) {
  const nl_value *like = NULL;
  nl_value *in[3];
  (void)n;
  for (int i = 0; i < e->nin; i++)
    if (batched[i]) like = e->in[i];
  for (int i = 0; i < e->nin; i++)
    in[i] = batched[i] ? e->in[i]
                       : nl_broadcast_to(C, e->in[i], like->ndim, like->shape);
  e->out[0] = nl_bind1(C, e->prim, e->nin, in, e->np, e->p);
  batched_out[0] = true;
  return e->out[0] == NULL ? C->status : NL_OK;
}
