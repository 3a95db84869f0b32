/* plan.c: groups of elementwise equations, and the replay of a plan. */
#include "compile/plan.h"

#include <string.h>

/* ---- making ---- */

typedef struct planner {
  nl_ctx *C;
  const nl_graph *g;
  nl_plan *p;
  int *maker;  /* [nvar] the equation that makes it, -1: an input */
  bool *in_group; /* [nnode] member of the open group */
  int member[NL_GROUP_MAX], nmember;
  int next; /* operands from outside, at most */
} planner;

static bool reads_group (const planner *s, const nl_node *n) {
  for (int i = 0; i < n->nin; i++)
    if (n->in[i] >= 0 && s->maker[n->in[i]] >= 0 &&
        s->in_group[s->maker[n->in[i]]])
      return true;
  return false;
}

static void emit (planner *s, const int *node, int count) {
  nl_plan *p = s->p;
  p->step[p->nstep++] = (nl_step){p->norder, count};
  for (int i = 0; i < count; i++) p->order[p->norder++] = node[i];
}

static void close_group (planner *s) {
  if (s->nmember > 0) emit(s, s->member, s->nmember);
  for (int i = 0; i < s->nmember; i++) s->in_group[s->member[i]] = false;
  s->nmember = 0;
  s->next = 0;
}

static bool same_size (const nl_graph *g, const nl_node *a,
                       const nl_node *b) {
  const nl_aval *x = &g->var[a->out[0]], *y = &g->var[b->out[0]];
  return x->ndim == y->ndim &&
         memcmp(x->shape, y->shape, (size_t)x->ndim * sizeof *x->shape) == 0;
}

static int outside_operands (const planner *s, const nl_node *n) {
  int count = 0;
  for (int i = 0; i < n->nin; i++)
    if (n->in[i] < 0 || s->maker[n->in[i]] < 0 ||
        !s->in_group[s->maker[n->in[i]]])
      count++;
  return count;
}

static bool joins (const planner *s, const nl_node *n) {
  return s->nmember < NL_GROUP_MAX &&
         s->next + outside_operands(s, n) <= NL_EXT_MAX &&
         same_size(s->g, &s->g->node[s->member[0]], n);
}

static void place (planner *s, int k) {
  const nl_node *n = &s->g->node[k];
  if (nl__fusable(s->C, s->g, n)) {
    if (s->nmember > 0 && !joins(s, n)) {
      /* it may stand before the group and leave that open */
      if (!reads_group(s, n)) {
        emit(s, &k, 1);
        return;
      }
      close_group(s);
    }
    s->next += outside_operands(s, n);
    s->in_group[k] = true;
    s->member[s->nmember++] = k;
    return;
  }
  if (s->nmember > 0 && reads_group(s, n)) close_group(s);
  emit(s, &k, 1);
}

static void set_last (const nl_graph *g, nl_plan *p) {
  for (int v = 0; v < g->nvar; v++) p->last[v] = -1;
  for (int k = 0; k < p->nstep; k++)
    for (int m = 0; m < p->step[k].count; m++) {
      const nl_node *n = &g->node[p->order[p->step[k].first + m]];
      for (int i = 0; i < n->nin + n->nout; i++)
        if (n->in[i] >= 0) p->last[n->in[i]] = k;
    }
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] >= 0) p->last[g->out[i]] = p->nstep;
}

nl_plan *nl__plan_new (nl_ctx *C, const nl_graph *g) {
  size_t nodes = (size_t)g->nnode + 1, vars = (size_t)g->nvar + 1;
  size_t bytes = sizeof(nl_plan) + nodes * (sizeof(nl_step) + sizeof(int)) +
                 vars * sizeof(int);
  size_t scratch = vars * sizeof(int) + nodes;
  nl_plan *p = (nl_plan *)nl__alloc(C, bytes);
  int *maker = (int *)nl__alloc(C, scratch);
  if (p == NULL || maker == NULL) {
    nl__free(C, p, bytes);
    nl__free(C, maker, scratch);
    nl_error_clear(C);
    return NULL;
  }
  memset(p, 0, sizeof *p);
  p->bytes = bytes;
  p->step = (nl_step *)(p + 1);
  p->order = (int *)(p->step + nodes);
  p->last = p->order + nodes;
  planner s = {.C = C, .g = g, .p = p, .maker = maker,
               .in_group = (bool *)(maker + vars)};
  memset(s.in_group, 0, nodes);
  for (int v = 0; v < g->nvar; v++) maker[v] = -1;
  for (int k = 0; k < g->nnode; k++)
    for (int i = 0; i < g->node[k].nout; i++)
      maker[g->node[k].out[i]] = k;
  for (int k = 0; k < g->nnode; k++) place(&s, k);
  close_group(&s);
  nl__free(C, maker, scratch);
  set_last(g, p);
  return p;
}

void nl__plan_free (nl_ctx *C, nl_plan *p) {
  if (p != NULL) nl__free(C, p, p->bytes);
}

/* ---- running ---- */

static nl_status run_one (nl_ctx *C, const nl_graph *g, const nl_node *n,
                          nl_value **env) {
  nl_value *few[16], **list = few;
  int total = n->nin + n->nout;
  if (total > 16) {
    list = (nl_value **)nl__alloc(C, (size_t)total * sizeof *list);
    if (list == NULL) return C->status;
  }
  for (int i = 0; i < n->nin; i++)
    list[i] = n->in[i] >= 0 ? env[n->in[i]] : g->constant[~n->in[i]];
  nl_value **out = list + n->nin;
  for (int i = 0; i < n->nout; i++) out[i] = NULL;
  nl_eqn e = {n->prim, n->nin, n->nout, list, NULL, NULL, n->np, n->p, n->obj};
  nl_status st = nl__eval_eqn(C, &e, out);
  for (int i = 0; i < n->nout && st == NL_OK; i++)
    env[n->out[i]] = nl_retain(out[i]);
  if (list != few) nl__free(C, list, (size_t)total * sizeof *list);
  return st;
}

static void drop_dead (nl_ctx *C, const nl_graph *g, const nl_plan *p, int k,
                       nl_value **env) {
  for (int m = 0; m < p->step[k].count; m++) {
    const nl_node *n = &g->node[p->order[p->step[k].first + m]];
    for (int i = 0; i < n->nin + n->nout; i++) {
      int v = n->in[i];
      if (v >= 0 && p->last[v] == k && env[v] != NULL) {
        nl__unref(C, env[v]);
        env[v] = NULL;
      }
    }
  }
}

static nl_status check_inputs (nl_ctx *C, const nl_graph *g,
                               nl_value *const *in) {
  for (int i = 0; i < g->nin; i++) {
    const nl_aval *a = &g->var[g->in[i]];
    bool same = in[i]->ndim == a->ndim && in[i]->dtype == a->dtype;
    for (int d = 0; d < a->ndim && same; d++)
      same = in[i]->shape[d] == a->shape[d];
    if (!same) {
      char s[NL_SHAPE_TEXT], t[NL_SHAPE_TEXT];
      return nl_error(C, NL_ERROR, "call: input %d is %s, captured as [%s] %s",
                      i + 1, nl__value_text(s, in[i]),
                      nl__shape_text(t, a->ndim, a->shape),
                      nl_dtype_name(a->dtype));
    }
  }
  return NL_OK;
}

nl_status nl__plan_run (nl_ctx *C, const nl_graph *g, const nl_plan *p,
                        nl_value *const *in, nl_value **out) {
  nl_value *few[64], **env = few;
  size_t bytes = (size_t)g->nvar * sizeof *env;
  nl_status st = check_inputs(C, g, in);
  if (st != NL_OK) return st;
  if (g->nvar > 64) {
    env = (nl_value **)nl__alloc(C, bytes);
    if (env == NULL) return C->status;
  }
  memset(env, 0, bytes);
  for (int i = 0; i < g->nin; i++)
    if (p->last[g->in[i]] >= 0) env[g->in[i]] = nl_retain(in[i]);
  for (int k = 0; k < p->nstep && st == NL_OK; k++) {
    size_t mark = nl_pool_mark(C);
    if (nl_interrupted(C))
      st = nl_error(C, NL_INTERRUPTED, "interrupted");
    else if (p->step[k].count > 1)
      st = nl__group_run(C, g, p, k, env);
    else
      st = run_one(C, g, &g->node[p->order[p->step[k].first]], env);
    nl_pool_release(C, mark);
    if (st == NL_OK) drop_dead(C, g, p, k, env);
  }
  for (int i = 0; i < g->nout; i++) out[i] = NULL;
  for (int i = 0; i < g->nout && st == NL_OK; i++) {
    nl_value *v = g->out[i] >= 0 ? env[g->out[i]] : g->constant[~g->out[i]];
    out[i] = nl__pool_push(C, nl_retain(v));
    if (out[i] == NULL) st = C->status;
  }
  for (int v = 0; v < g->nvar; v++) nl__unref(C, env[v]);
  if (env != few) nl__free(C, env, bytes);
  return st;
}
