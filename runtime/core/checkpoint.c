/* checkpoint.c: graphs whose gradient computes them again.
 *
 * Such a graph is called like any other; call.c takes the pair of graphs
 * made here where it would save intermediate results: the forward one saves
 * the inputs alone (outer storages and the random state among them, so that
 * the same numbers are drawn again), the pullback runs the graph on them. */
#include "core/core.h"

#include <string.h>

void nl_graph_checkpoint (nl_graph *g) { g->checkpoint = true; }

typedef struct again {
  nl_graph *g;
  const uint8_t *mask; /* [nin] inputs that want a gradient */
  bool *reached;       /* [nin] of those, which get one */
} again;

/* inputs -> outputs, inputs.  Not by a call of g: g keeps this graph, and
   they would hold each other for ever. */
static bool forward (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                     int *nout) {
  nl_graph *g = ((again *)ud)->g;
  if (nl__graph_interpret(C, g, in, out) != NL_OK) return false;
  for (int i = 0; i < g->nin; i++) out[g->nout + i] = in[i];
  *nout = g->nout + g->nin;
  return true;
}

/* inputs, cotangents of the outputs -> cotangents of the inputs in mask */
static bool pullback (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                      int *nout) {
  const again *a = (const again *)ud;
  nl_graph *g = a->g;
  size_t bytes = ((size_t)g->nin * 2 + (size_t)g->nout + 1) * sizeof *in;
  nl_value **x = (nl_value **)nl__alloc(C, bytes);
  nl_trace *T = x == NULL ? NULL : nl_grad_begin(C);
  bool ok = T != NULL;
  int need = 0;
  for (int i = 0; i < g->nin && ok; i++) {
    x[i] = a->mask[i] ? nl_grad_input(C, T, in[i]) : in[i];
    ok = x[i] != NULL;
  }
  nl_value **y = x + g->nin, **wanted = y + g->nout;
  ok = ok && nl__graph_interpret(C, g, x, y) == NL_OK;
  if (T != NULL) nl_trace_abort(C, T);
  for (int i = 0; i < g->nin && ok; i++)
    if (a->mask[i]) wanted[need++] = x[i];
  ok = ok && nl__grad_pull(C, T, g->nout, y, in + g->nin, need, wanted, out,
                           false, a->reached) == NL_OK;
  *nout = need;
  nl_trace_release(C, T);
  nl__free(C, x, bytes);
  return ok;
}

bool nl__checkpoint_graphs (nl_ctx *C, nl_graph *g, nl_derived *d) {
  int n = g->nin + g->nout;
  again a = {g, d->mask, (bool *)nl__alloc(C, (size_t)g->nin + 1)};
  nl_aval *like = (nl_aval *)nl__alloc(C, ((size_t)n + 1) * sizeof *like);
  if (like == NULL) {
    nl__free(C, a.reached, (size_t)g->nin + 1);
    return false;
  }
  for (int i = 0; i < g->nin; i++) like[i] = *nl__in_aval(g, i);
  for (int i = 0; i < g->nout; i++)
    like[g->nin + i] = nl__operand_aval(g, g->out[i]);
  d->nres = g->nin;
  d->g = nl__graph_build(C, g->nin, like, n, forward, &a);
  if (d->g != NULL && a.reached != NULL) {
    d->g->checkpoint = true; /* to the next order */
    d->pull = nl__graph_build(C, n, like, g->nin, pullback, &a);
  }
  nl__free(C, like, ((size_t)n + 1) * sizeof *like);
  return nl__pull_derived(C, g, d, a.reached);
}
