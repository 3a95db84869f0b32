/* jvp.c: forward mode.  A tracer is a primal and a tangent. */
#include "core/core.h"

#define FEW 8

static nl_value *dual (nl_ctx *C, nl_trace *T, nl_value *primal,
                       nl_value *tangent) {
  if (primal == NULL || tangent == NULL) return NULL;
  nl_value *v = nl__tracer_like(C, T, primal);
  if (v == NULL) return NULL;
  v->primal = nl_retain(primal);
  v->tangent = nl_retain(tangent);
  return v;
}

/* Runs the rule with the parent current; t_out[] may stay NULL (zero). */
static nl_status push_forward (nl_ctx *C, nl_eqn *e, bool any,
                               nl_value *const *t, nl_value **out,
                               nl_value **t_out) {
  bool zero = !any || (e->prim->flags & NL_NO_GRAD);
  if (!zero && (e->prim->flags & NL_JVP_WHOLE)) {
    e->out = out;
    return e->prim->jvp(C, e, t, t_out);
  }
  nl_status st = nl__bind_eqn(C, e, out);
  if (st != NL_OK || zero) return st;
  if (e->prim->jvp == NULL)
    return nl_error(C, NL_ERROR, "%s: has no jvp rule", e->prim->name);
  e->out = out;
  return e->prim->jvp(C, e, t, t_out);
}

static nl_status jvp_process (nl_ctx *C, nl_trace *T, nl_eqn *e,
                              nl_value **out) {
  int n = e->nin + e->nin + e->nout;
  nl_value *few[3 * FEW], **list = few;
  bool any = false;
  if (n > 3 * FEW) {
    list = (nl_value **)nl__alloc(C, (size_t)n * sizeof *list);
    if (list == NULL) return C->status;
  }
  nl_value **in = list, **t = in + e->nin, **t_out = t + e->nin;
  for (int i = 0; i < e->nin; i++) {
    bool mine = e->in[i]->trace == T;
    in[i] = mine ? e->in[i]->primal : e->in[i];
    t[i] = mine ? e->in[i]->tangent : NULL;
    any = any || mine;
  }
  for (int i = 0; i < e->nout; i++) t_out[i] = NULL;
  nl_eqn primal = *e;
  primal.in = in;
  C->trace = T->parent;
  nl_status st = push_forward(C, &primal, any, t, out, t_out);
  for (int i = 0; i < e->nout && st == NL_OK; i++) {
    if (t_out[i] == NULL) continue;
    if (nl_dtype_is_float((nl_dtype)out[i]->dtype)) /* a number's is one */
      t_out[i] = nl__cast_to(C, t_out[i], (nl_dtype)out[i]->dtype,
                             out[i]->weak);
    out[i] = dual(C, T, out[i], t_out[i]);
    if (out[i] == NULL) st = C->status;
  }
  C->trace = T;
  if (list != few) nl__free(C, list, (size_t)n * sizeof *list);
  return st;
}

const nl_trace_kind nl__jvp_kind = {"jvp", jvp_process, nl__lower_primal,
                                    NULL,  NULL,        sizeof(nl_trace)};

nl_trace *nl_jvp_begin (nl_ctx *C) { return nl__trace_push(C, &nl__jvp_kind); }

nl_value *nl_jvp_input (nl_ctx *C, nl_trace *T, nl_value *primal,
                        nl_value *tangent) {
  char a[NL_SHAPE_TEXT], b[NL_SHAPE_TEXT];
  if (primal == NULL || tangent == NULL) return NULL;
  if (!nl__same_shape(primal, tangent)) {
    nl_error(C, NL_ERROR, "jvp: the primal is %s, its tangent %s",
             nl__value_text(a, primal), nl__value_text(b, tangent));
    return NULL;
  }
  if (!nl_dtype_is_float((nl_dtype)primal->dtype)) {
    nl_error(C, NL_ERROR, "jvp: can't differentiate with respect to %s",
             nl_dtype_name((nl_dtype)primal->dtype));
    return NULL;
  }
  if (tangent->dtype != primal->dtype || tangent->weak != primal->weak)
    tangent =
        nl__cast_to(C, tangent, (nl_dtype)primal->dtype, primal->weak);
  return dual(C, T, primal, tangent);
}

nl_status nl_jvp_end (nl_ctx *C, nl_trace *T) {
  return nl__trace_pop(C, T, false);
}

nl_status nl_jvp_output (nl_ctx *C, nl_trace *T, nl_value *v,
                         nl_value **primal, nl_value **tangent) {
  *primal = *tangent = NULL;
  if (v == NULL) return C->status;
  *tangent = v->trace == T ? v->tangent : NULL;
  *primal = v->trace == T ? v->primal : nl__resolve(C, v);
  return *primal == NULL ? C->status : NL_OK;
}
