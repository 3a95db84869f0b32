/* check.c: the grammar of graphs, held after capture and after each pass that
 * changes one: so a pass that errs is found where it errs, not in a replay.
 *
 * Each variable is set once, by an input or an equation, before it is read;
 * constants exist; an elementwise equation's operands have its result's
 * shape. */
#include "core/core.h"

#include <string.h>

static bool broken (nl_ctx *C, const char *pass, const char *what, int k,
                    const nl_node *n) {
  nl_error(C, NL_ERROR, "jit: after %s, equation %d (%s) %s%s%s; this is a "
           "mistake of the compiler's: NNLUA_COMPILE=none goes around it",
           pass, k + 1, n != NULL ? n->prim->name : "return", what,
           n != NULL && n->where[0] ? "; made at " : "",
           n != NULL ? n->where : "");
  return false;
}

static bool known (const nl_graph *g, const bool *set, int op) {
  return op >= 0 ? op < g->nvar && set[op] : ~op < g->nconst;
}

static bool alike (const nl_graph *g, int op, const nl_aval *a) {
  const nl_value *c = op < 0 ? g->constant[~op] : NULL;
  int ndim = c != NULL ? c->ndim : g->var[op].ndim;
  const int64_t *shape = c != NULL ? c->shape : g->var[op].shape;
  return ndim == a->ndim &&
         memcmp(shape, a->shape, (size_t)ndim * sizeof *shape) == 0;
}

static bool check_node (nl_ctx *C, const nl_graph *g, const char *pass,
                        bool *set, int k) {
  const nl_node *n = &g->node[k];
  for (int i = 0; i < n->nin; i++) {
    if (!known(g, set, n->in[i]))
      return broken(C, pass, "reads what is not there yet", k, n);
    if (n->prim->map > 0 && !alike(g, n->in[i], &g->var[n->out[0]]))
      return broken(C, pass, "has operands of several shapes", k, n);
  }
  for (int i = 0; i < n->nout; i++) {
    if (n->out[i] < 0 || n->out[i] >= g->nvar || set[n->out[i]])
      return broken(C, pass, "sets a variable that was set before", k, n);
    set[n->out[i]] = true;
  }
  return true;
}

bool nl__graph_check (nl_ctx *C, const nl_graph *g, const char *pass) {
  size_t bytes = (size_t)g->nvar + 1;
  bool *set = (bool *)nl__alloc(C, bytes), ok = true;
  if (set == NULL) return false;
  memset(set, 0, bytes);
  for (int i = 0; i < g->nin && ok; i++) {
    ok = g->in[i] >= 0 && g->in[i] < g->nvar && !set[g->in[i]];
    if (ok) set[g->in[i]] = true;
    else broken(C, pass, "has an input twice", -1, NULL);
  }
  for (int k = 0; k < g->nnode && ok; k++)
    ok = check_node(C, g, pass, set, k);
  for (int i = 0; i < g->nout && ok; i++)
    if (!known(g, set, g->out[i]))
      ok = broken(C, pass, "reads what is not there", g->nnode, NULL);
  nl__free(C, set, bytes);
  return ok;
}
