/* exec.c: a run of a plan.
 *
 * env[v] is a variable's value: the caller's, a header in the arena, or what
 * the run made, which it holds a reference to until the variable is dead. */
#include <string.h>

#include "compile/plan.h"

/* ---- values ---- */

/* Views of a variable that is there now. */
static void set_views (nl_plan *p, int v) {
  nl_value *root = p->env[v];
  for (int w = p->home[v].first_view; w >= 0; w = p->home[w].next_view) {
    nl_value *h = p->home[w].value;
    h->buf = root->buf;
    h->offset = root->offset + p->home[w].offset;
    p->env[w] = h;
  }
}

void nl__plan_set (nl_plan *p, int v, nl_value *r) {
  p->env[v] = r;
  set_views(p, v);
}

nl_status nl__plan_fresh (nl_ctx *C, nl_plan *p, int v) {
  p->env[v] = nl__value_like(C, p->home[v].value);
  if (p->env[v] == NULL) return C->status;
  if (p->home[v].first_view >= 0) set_views(p, v);
  return NL_OK;
}

/* v's elements by a header of its own. */
static nl_value *shown (nl_ctx *C, const nl_value *v) {
  nl_value *r = nl__value_alloc(C, (nl_dtype)v->dtype, v->weak, v->ndim,
                                v->shape, false);
  if (r == NULL) return NULL;
  memcpy(r->stride, v->stride, (size_t)v->ndim * sizeof *r->stride);
  r->dense = v->dense;
  r->offset = v->offset;
  r->buf = nl__buffer_retain(v->buf);
  return r;
}

/* A value of eval's, dense and on a buffer that is not the arena.  One that
   others hold may be a header of a plan's, as where a graph that is called
   returns its argument: that shows something else in the next run. */
static nl_status keep_result (nl_ctx *C, nl_plan *p, int v, nl_value *r) {
  if (r->dense && r->buf != &p->arena) {
    p->env[v] = r->refs == 1 ? nl_retain(r) : shown(C, r);
    if (p->env[v] == NULL) return C->status;
  } else {
    p->env[v] = nl__value_alloc(C, (nl_dtype)r->dtype, r->weak, r->ndim,
                                r->shape, true);
    if (p->env[v] == NULL) return C->status;
    nl__gather(r, 0, r->numel, p->env[v]->buf->data);
  }
  set_views(p, v);
  return NL_OK;
}

/* ---- units ---- */

#define FEW 16

static nl_status run_eval (nl_ctx *C, nl_plan *p, nl_eqn *e,
                           const nl_node *n) {
  size_t mark = nl_pool_mark(C);
  nl_status st = nl__eval_eqn(C, e, e->out);
  for (int i = 0; i < n->nout && st == NL_OK; i++)
    if (p->home[n->out[i]].kind != NL_UNUSED)
      st = keep_result(C, p, n->out[i], e->out[i]);
  nl_pool_release(C, mark);
  return st;
}

/* The primitive writes where it is told. */
static nl_status run_into (nl_ctx *C, nl_plan *p, nl_eqn *e,
                           const nl_node *n) {
  for (int i = 0; i < n->nout; i++) {
    int v = n->out[i];
    if (p->home[v].kind == NL_FRESH && nl__plan_fresh(C, p, v) != NL_OK)
      return C->status;
    e->out[i] = p->env[v];
  }
  size_t mark = nl_pool_mark(C);
  nl_status st = n->prim->eval(C, e);
  for (int i = 0; i < n->nout; i++) {
    nl_value *want = p->env[n->out[i]];
    if (e->out[i] == want || e->out[i] == NULL) continue;
    if (st == NL_OK) /* it could not */
      nl__gather(e->out[i], 0, want->numel, nl__bytes_at(want));
    nl__unref(C, e->out[i]);
  }
  nl_pool_release(C, mark);
  return st;
}

static nl_status run_one (nl_ctx *C, nl_plan *p, const nl_node *n,
                          bool into) {
  nl_value *few[FEW], **list = few;
  int total = n->nin + n->nout;
  if (total > FEW) {
    list = (nl_value **)nl__alloc(C, (size_t)total * sizeof *list);
    if (list == NULL) return C->status;
  }
  for (int i = 0; i < n->nin; i++) list[i] = nl__operand(p, n->in[i]);
  nl_eqn e = {n->prim, n->nin, n->nout, list,   list + n->nin,
              NULL,    n->np,  n->p,    n->obj};
  nl_status st = into ? run_into(C, p, &e, n) : run_eval(C, p, &e, n);
  if (list != few) nl__free(C, list, (size_t)total * sizeof *list);
  return st;
}

/* The arrays that the first n equations of u return. */
static nl_status make_results (nl_ctx *C, nl_plan *p, const nl_unit *u,
                               int n) {
  if (!u->fresh) return NL_OK;
  for (int m = 0; m < n; m++) {
    int v = p->g->node[p->order[u->first + m]].out[0];
    if (p->home[v].kind == NL_FRESH && p->env[v] == NULL &&
        nl__plan_fresh(C, p, v) != NL_OK)
      return C->status;
  }
  return NL_OK;
}

/* A product, alone or with the group that takes its parts. */
static nl_status run_product (nl_ctx *C, nl_plan *p, const nl_unit *u) {
  const nl_node *n = &p->g->node[p->order[u->first]];
  int v = n->out[0];
  if (p->home[v].kind == NL_FRESH && nl__plan_fresh(C, p, v) != NL_OK)
    return C->status;
  nl_gemm_batch batch;
  nl_gemm_call q;
  q.c = p->home[v].kind != NL_UNUSED ? nl__bytes_at(p->env[v]) : NULL;
  q.done = NULL;
  q.ud = q.scratch = NULL;
  nl__gemm_of(&q, &batch, nl__operand(p, n->in[0]), nl__operand(p, n->in[1]));
  if (u->scratch_bytes > 0 && /* for the threads that there were? */
      ((C->nthreads == p->nthreads && C->gemm_openblas == p->gemm_openblas) ||
       n->prim->product->scratch(C, &q) <= u->scratch_bytes))
    q.scratch = (char *)p->arena.data + u->scratch;
  if (!u->joined) return n->prim->product->run(C, &q);
  const nl_unit *group = u + 1;
  if (make_results(C, p, group, group->count) != NL_OK) return C->status;
  return nl__tiles_product(C, p, group->tiles, n->prim, &q);
}

/* The group's reductions that don't go with its tiles. */
static nl_status run_late (nl_ctx *C, nl_plan *p, const nl_unit *u) {
  nl_status st = NL_OK;
  for (int i = 0; i < u->ntail && st == NL_OK; i++) {
    const nl_late *late = &u->late[i];
    if (late->fn == NULL) {
      st = run_one(C, p, &p->g->node[p->order[u->first + u->count + i]], true);
      continue;
    }
    if (p->home[late->out].kind == NL_FRESH)
      st = nl__plan_fresh(C, p, late->out);
    if (st == NL_OK)
      late->fn(late->outer, late->n, late->inner, 0, late->outer, 0,
               late->inner, nl__bytes_at(p->env[late->in]),
               nl__bytes_at(p->env[late->out]));
  }
  return st;
}

static nl_status run_group (nl_ctx *C, nl_plan *p, const nl_unit *u) {
  int n = u->count + (u->fused ? u->ntail : 0);
  nl_status st = make_results(C, p, u, n);
  if (st == NL_OK) st = nl__tiles_run(C, p, u->tiles);
  return st == NL_OK && !u->fused ? run_late(C, p, u) : st;
}

static nl_status run_unit (nl_ctx *C, nl_plan *p, int u) {
  const nl_unit *unit = &p->unit[u];
  if (unit->product) return run_product(C, p, unit);
  if (!unit->group)
    return run_one(C, p, &p->g->node[p->order[unit->first]], unit->into);
  if (u > 0 && unit[-1].joined) return run_late(C, p, unit);
  return run_group(C, p, unit);
}

static void drop (nl_ctx *C, nl_plan *p, const nl_unit *u) {
  for (int i = 0; i < u->nresult; i++) {
    int v = u->drop[i];
    nl__unref(C, p->env[v]);
    p->env[v] = NULL;
  }
}

/* ---- the whole ---- */

static bool shaped (const nl_value *v, const nl_aval *a) {
  for (int i = 0; i < a->ndim; i++)
    if (v->shape[i] != a->shape[i]) return false;
  return true;
}

static nl_status check_inputs (nl_ctx *C, const nl_graph *g,
                               nl_value *const *in) {
  for (int i = 0; i < g->nin; i++) {
    const nl_aval *a = &g->var[g->in[i]];
    if (in[i]->ndim != a->ndim || in[i]->dtype != a->dtype ||
        !shaped(in[i], a)) {
      char s[NL_SHAPE_TEXT], t[NL_SHAPE_TEXT];
      return nl_error(C, NL_ERROR, "call: input %d is %s, captured as [%s] %s",
                      i + 1, nl__value_text(s, in[i]),
                      nl__shape_text(t, a->ndim, a->shape),
                      nl_dtype_name(a->dtype));
    }
  }
  return NL_OK;
}

static nl_status begin (nl_ctx *C, nl_plan *p, nl_value *const *in,
                        nl_buffer **arena) {
  const nl_graph *g = p->g;
  if (p->arena_bytes > 0) {
    *arena = nl__buffer_new(C, p->arena_bytes);
    if (*arena == NULL) return C->status;
    p->arena.data = (*arena)->data;
  }
  for (int i = 0; i < g->nin; i++) {
    p->env[g->in[i]] = nl__dense(C, in[i]);
    if (p->env[g->in[i]] == NULL) return C->status;
    if (p->home[g->in[i]].first_view >= 0) set_views(p, g->in[i]);
  }
  return NL_OK;
}

/* A result, pool-owned: a view that is returned shares its root's buffer. */
static nl_value *result (nl_ctx *C, const nl_plan *p, int op,
                         nl_value *const *in) {
  const nl_home *h = op >= 0 ? &p->home[op] : NULL;
  if (h == NULL) return nl__pool_push(C, nl_retain(p->g->constant[~op]));
  if (h->kind == NL_INPUT) return nl__pool_push(C, nl_retain(in[h->input]));
  if (h->kind != NL_SHOWN) return nl__pool_push(C, nl_retain(p->env[op]));
  return nl__pool_push(C, shown(C, p->env[op]));
}

static void finish (nl_ctx *C, nl_plan *p, nl_buffer *arena) {
  for (int i = 0; i < p->nowned; i++) {
    int v = p->owned[i];
    nl__unref(C, p->env[v]);
    p->env[v] = NULL;
  }
  if (arena != NULL) nl__buffer_release(C, arena);
  p->arena.data = NULL;
  p->busy = false;
}

static nl_status make_out (nl_ctx *C, const nl_plan *p, nl_value *const *in,
                           nl_value **out) {
  for (int i = 0; i < p->g->nout; i++)
    if ((out[i] = result(C, p, p->g->out[i], in)) == NULL) return C->status;
  return NL_OK;
}

/* Before the units that write over what storages hold. */
static nl_status before_sure (nl_ctx *C, nl_plan *p, nl_value *const *in,
                              nl_value **out, nl_step *step) {
  nl_status st = nl__donate(C, p, step);
  if (st == NL_OK) st = make_out(C, p, in, out);
  return st == NL_OK ? nl__step_ready(C, step) : st;
}

nl_status nl__plan_run (nl_ctx *C, nl_plan *p, nl_value *const *in,
                        nl_value **out, nl_step *step) {
  const nl_graph *g = p->g;
  nl_buffer *arena = NULL;
  nl_status st = check_inputs(C, g, in);
  if (st != NL_OK) return st;
  size_t mark = nl_pool_mark(C);
  p->busy = true;
  st = begin(C, p, in, &arena);
  for (int i = 0; i < g->nout; i++) out[i] = NULL;
  for (int u = 0; u < p->nunit && st == NL_OK; u++) {
    const nl_unit *unit = &p->unit[u];
    if (u == p->sure && step != NULL && step->over) {
      st = before_sure(C, p, in, out, step);
      if (st != NL_OK) break;
      C->held = true;
    }
    if (!C->held && nl_interrupted(C))
      st = nl_error(C, NL_INTERRUPTED, "interrupted");
    else
      st = run_unit(C, p, u);
    if (st == NL_OK && unit->nresult > 0) drop(C, p, unit);
  }
  if (C->held) C->held = false;
  else if (st == NL_OK) st = make_out(C, p, in, out);
  (void)mark;
  finish(C, p, arena);
  return st;
}
