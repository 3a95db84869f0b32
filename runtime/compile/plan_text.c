/* plan_text.c: a plan as text, for people and for tests. */
#include "compile/plan.h"

static void put_home (nl_text *t, const nl_plan *p, int v) {
  const nl_home *h = &p->home[v];
  nl__put(t, " %%%d ", v);
  nl__put_aval(t, &p->g->var[v]);
  if (h->kind == NL_ARENA)
    nl__put(t, " at %lld",
            (long long)h->value->offset *
                (long long)nl_dtype_size((nl_dtype)h->value->dtype));
  else if (h->donor >= 0)
    nl__put(t, " over %%%d", h->over);
  else
    nl__put(t, h->kind == NL_FRESH ? " new" : " own");
}

static void put_unit (nl_text *t, const nl_plan *p, const nl_unit *u) {
  const nl_graph *g = p->g;
  int n = u->count + u->ntail;
  if (u->joined) nl__put(t, "with the next:");
  if (u->group) nl__put(t, "{");
  for (int m = 0; m < n; m++) {
    const char *name = g->node[p->order[u->first + m]].prim->name;
    bool late = m >= u->count && !u->fused;
    if (late && m == u->count) nl__put(t, "}");
    nl__put(t, m || !u->group ? " %s" : "%s", name);
  }
  if (u->group && (u->ntail == 0 || u->fused)) nl__put(t, "}");
  nl__put(t, " ->");
  for (int m = 0; m < n; m++) {
    const nl_node *e = &g->node[p->order[u->first + m]];
    for (int i = 0; i < e->nout; i++)
      if (p->home[e->out[i]].kind != NL_UNUSED) put_home(t, p, e->out[i]);
  }
  nl__put(t, "\n");
}

char *nl_graph_plan_text (nl_ctx *C, const nl_graph *g) {
  nl_text t = {C, NULL, 0, 0, false};
  const nl_plan *p = g->plan;
  if (p == NULL) {
    nl__put(&t, "no plan\n");
    return nl__text_end(&t);
  }
  for (int u = 0; u < p->nunit; u++) put_unit(&t, p, &p->unit[u]);
  nl__put(&t, "arena %lld bytes\n", (long long)p->arena_bytes);
  if (p->sure < p->nunit)
    nl__put(&t, "donated at the last call: %d arrays\n", p->ntaken);
  return nl__text_end(&t);
}
