/* linear.c: is the tangent of a custom_jvp rule linear in the tangents that
 * the rule gets?
 *
 * Reverse mode transposes the rule: it pulls cotangents back through it.  That
 * is the same wherever the tangents are if the rule is linear in them, and
 * means nothing if it is not.  So the pullback is captured with tangents that
 * are inputs of the graph, and no gradient may depend on one. */
#include "core/core.h"

#include <string.h>

typedef struct pullback {
  nl_graph *g;
  const uint8_t *mask;
  int nt; /* tangents of the rule's inputs */
} pullback;

/* in: the rule's inputs, then cotangents of the tangents of its results;
   out: cotangents of the tangents in mask. */
static bool pull_body (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                       int *nout) {
  const pullback *p = (const pullback *)ud;
  nl_graph *g = p->g, *rule = g->rule;
  int ny = g->nout;
  nl_value **x = nl__values(C, rule->nin), **y = nl__values(C, rule->nout);
  nl_value **t = nl__values(C, p->nt);
  nl_trace *T = nl_grad_begin(C);
  bool ok = x != NULL && y != NULL && t != NULL && T != NULL;
  int n = 0, k = g->nin;
  for (int i = 0; i < rule->nin && ok; i++) x[i] = in[i];
  for (int i = 0; i < g->nin && ok; i++) {
    if (!nl_dtype_is_float(nl__in_aval(g, i)->dtype)) continue;
    if (p->mask[i])
      ok = (x[k] = t[n++] = nl_grad_input(C, T, in[k])) != NULL;
    k++;
  }
  ok = ok && nl__graph_interpret(C, rule, x, y) == NL_OK;
  if (T != NULL) nl_trace_abort(C, T);
  ok = ok && nl_grad_pull(C, T, ny, y + ny, in + rule->nin, n, t, out,
                          false) == NL_OK;
  *nout = n;
  nl_trace_release(C, T);
  nl__values_free(C, x, rule->nin);
  nl__values_free(C, y, rule->nout);
  nl__values_free(C, t, p->nt);
  return ok;
}

/* on[k]: does output k of g depend on an input in `from`?  Through control flow
   nothing is said to; without memory neither. */
static void reach (nl_ctx *C, const nl_graph *g, const uint8_t *from,
                   uint8_t *on) {
  size_t bytes = (size_t)g->nvar + 1;
  uint8_t *var = (uint8_t *)nl__alloc(C, bytes);
  memset(on, 0, (size_t)g->nout);
  if (var == NULL) {
    nl_error_clear(C);
    return;
  }
  memset(var, 0, bytes);
  for (int i = 0; i < g->nin; i++) var[g->in[i]] = from[i];
  for (int k = 0; k < g->nnode; k++) {
    const nl_node *e = &g->node[k];
    bool call = e->prim == &nl_prim_call;
    size_t room = (size_t)e->nin + (size_t)e->nout + 1;
    uint8_t *in = (uint8_t *)nl__alloc(C, room), *out = in + e->nin;
    uint8_t any = 0;
    if (in == NULL) {
      nl_error_clear(C);
      continue;
    }
    for (int i = 0; i < e->nin; i++)
      any |= in[i] = e->in[i] >= 0 && var[e->in[i]];
    if (any && call) reach(C, (const nl_graph *)e->obj, in, out);
    for (int i = 0; i < e->nout && any; i++)
      var[e->out[i]] = call ? out[i] : e->obj == NULL;
    nl__free(C, in, room);
  }
  for (int i = 0; i < g->nout; i++) on[i] = g->out[i] >= 0 && var[g->out[i]];
  nl__free(C, var, bytes);
}

/* Does an output of g depend on one of its inputs at .. at + n? */
static bool depends (nl_ctx *C, const nl_graph *g, int at, int n) {
  size_t bytes = (size_t)g->nin + (size_t)g->nout + 1;
  uint8_t *from = (uint8_t *)nl__alloc(C, bytes), *on = from + g->nin;
  bool any = false;
  if (from == NULL) {
    nl_error_clear(C);
    return false;
  }
  for (int i = 0; i < g->nin; i++) from[i] = i >= at && i < at + n;
  reach(C, g, from, on);
  for (int i = 0; i < g->nout; i++) any = any || on[i];
  nl__free(C, from, bytes);
  return any;
}

bool nl__custom_linear (nl_ctx *C, nl_graph *g, const uint8_t *mask) {
  const nl_graph *rule = g->rule;
  int nin = rule->nin + g->nout;
  pullback p = {g, mask, rule->nin - g->nin};
  nl_aval *a = (nl_aval *)nl__alloc(C, (size_t)nin * sizeof *a);
  if (a == NULL) return false;
  for (int i = 0; i < rule->nin; i++) a[i] = *nl__in_aval(rule, i);
  for (int i = 0; i < g->nout; i++)
    a[rule->nin + i] = nl__operand_aval(rule, rule->out[g->nout + i]);
  nl_graph *pull = nl__graph_build(C, nin, a, p.nt, pull_body, &p);
  nl__free(C, a, (size_t)nin * sizeof *a);
  if (pull == NULL) return false;
  bool linear = !depends(C, pull, g->nin, p.nt);
  nl_graph_release(C, pull);
  if (!linear)
    nl_error(C, NL_ERROR, "custom_jvp: the rule's tangent is not linear in "
             "the tangents that it gets, so the function has no gradient; a "
             "rule returns the result and the Jacobian times the tangents");
  return linear;
}
