/* graph.c: a captured graph: variables, equations, constants, storages.
 *
 * Equations stand in an order in which they can run; each variable is set
 * once, by an input or by one equation.  After graph_finish, last[v] is the
 * equation after which v is dead. */
#include "core/core.h"

#include <stdio.h>
#include <string.h>

void nl_set_where (nl_ctx *C, void (*where) (void *ud, char *buf, size_t size),
                   void *ud) {
  C->where = where;
  C->where_ud = ud;
}

nl_graph *nl__graph_new (nl_ctx *C) {
  nl_graph *g = (nl_graph *)nl__alloc(C, sizeof *g);
  if (g == NULL) return NULL;
  memset(g, 0, sizeof *g);
  g->refs = 1;
  g->C = C;
  return g;
}

static void node_free (nl_ctx *C, nl_node *n) {
  nl__free(C, n->in, (size_t)(n->nin + n->nout) * sizeof *n->in);
  nl__free(C, n->p, (size_t)n->np * sizeof *n->p);
  nl__object_release(C, n->obj);
}

nl_graph *nl_graph_retain (nl_graph *g) {
  if (g != NULL) g->refs++;
  return g;
}

void nl_graph_release (nl_ctx *C, nl_graph *g) {
  if (g == NULL || --g->refs > 0) return;
  for (nl_derived *d = g->derived; d != NULL;) {
    nl_derived *next = d->next;
    nl_graph_release(C, d->g);
    nl_graph_release(C, d->pull);
    nl__free(C, d->mask, (size_t)d->nmask);
    nl__free(C, d->info, (size_t)d->ninfo);
    nl__free(C, d, sizeof *d);
    d = next;
  }
  nl__custom_free(C, g);
  nl__plan_free(C, g->plan);
  for (int i = 0; i < 2; i++) nl_graph_release(C, g->sub[i]);
  for (int i = 0; i < g->nnode; i++) node_free(C, &g->node[i]);
  for (int i = 0; i < g->nconst; i++) nl__unref(C, g->constant[i]);
  for (int i = 0; i < g->ncell; i++)
    nl_storage_release(C, g->cell[i].storage);
  nl__free(C, g->in, (size_t)g->cap_in * sizeof *g->in);
  nl__free(C, g->var, (size_t)g->cap_var * sizeof *g->var);
  nl__free(C, g->node, (size_t)g->cap_node * sizeof *g->node);
  nl__free(C, g->out, (size_t)g->cap_out * sizeof *g->out);
  nl__free(C, g->constant, (size_t)g->cap_const * sizeof *g->constant);
  nl__free(C, g->cell, (size_t)g->cap_cell * sizeof *g->cell);
  nl__free(C, g->last, (size_t)g->cap_last * sizeof *g->last);
  nl__free(C, g->back, (size_t)g->nback * sizeof *g->back);
  nl__free(C, g->raw, g->nraw * sizeof *g->raw);
  nl__free(C, g->give, (size_t)g->ngive * sizeof *g->give);
  nl__free(C, g, sizeof *g);
}

void nl__object_release (nl_ctx *C, void *obj) {
  nl_graph_release(C, (nl_graph *)obj);
}

/* ---- building ---- */

int nl__graph_var (nl_ctx *C, nl_graph *g, const nl_aval *a) {
  if (!nl__grow(C, (void **)&g->var, &g->cap_var, g->nvar + 1,
                sizeof *g->var))
    return -1;
  g->var[g->nvar] = *a;
  return g->nvar++;
}

static bool same_number (const nl_value *a, const nl_value *b) {
  return a->ndim == 0 && b->ndim == 0 && a->dtype == b->dtype &&
         a->weak == b->weak &&
         memcmp(nl__bytes_at(a), nl__bytes_at(b),
                nl_dtype_size((nl_dtype)a->dtype)) == 0;
}

int nl__graph_const (nl_ctx *C, nl_graph *g, nl_value *v) {
  int from = g->nconst > 16 ? g->nconst - 16 : 0; /* the recent ones */
  for (int i = from; i < g->nconst; i++)
    if (g->constant[i] == v || same_number(g->constant[i], v)) return ~i;
  if (!nl__grow(C, (void **)&g->constant, &g->cap_const, g->nconst + 1,
                sizeof *g->constant))
    return 0;
  g->constant[g->nconst++] = nl_retain(v);
  return ~(g->nconst - 1);
}

nl_node *nl__graph_node (nl_ctx *C, nl_graph *g, const nl_eqn *e) {
  if (!nl__grow(C, (void **)&g->node, &g->cap_node, g->nnode + 1,
                sizeof *g->node))
    return NULL;
  nl_node *n = &g->node[g->nnode];
  memset(n, 0, sizeof *n);
  n->prim = e->prim;
  n->nin = e->nin;
  n->nout = e->nout;
  n->np = e->np;
  size_t ints = (size_t)(n->nin + n->nout) * sizeof *n->in;
  n->in = (int *)nl__alloc(C, ints);
  if (n->in == NULL) return NULL;
  memset(n->in, 0, ints);
  n->out = n->in + n->nin;
  if (n->np > 0) {
    n->p = (int64_t *)nl__alloc(C, (size_t)n->np * sizeof *n->p);
    if (n->p == NULL) {
      nl__free(C, n->in, ints);
      return NULL;
    }
    memcpy(n->p, e->p, (size_t)n->np * sizeof *n->p);
  }
  n->obj = nl__object_retain(e->obj);
  int inside = nl__graph_depth((const nl_graph *)e->obj);
  if (inside > g->depth) g->depth = inside;
  g->nnode++;
  return n;
}

int nl__graph_depth (const nl_graph *g) {
  if (g == NULL) return 0;
  const nl_graph *part[5] = {g->sub[0], g->sub[1], g->fwd, g->pull, g->rule};
  int most = g->depth;
  for (int i = 0; i < 5; i++) {
    int d = nl__graph_depth(part[i]);
    if (d > most) most = d;
  }
  return most + 1;
}

static bool push_int (nl_ctx *C, int **list, int *n, int *cap, int x) {
  if (!nl__grow(C, (void **)list, cap, *n + 1, sizeof **list)) return false;
  (*list)[(*n)++] = x;
  return true;
}

bool nl__graph_in (nl_ctx *C, nl_graph *g, int var) {
  return push_int(C, &g->in, &g->nin, &g->cap_in, var);
}

bool nl__graph_out (nl_ctx *C, nl_graph *g, int operand) {
  return push_int(C, &g->out, &g->nout, &g->cap_out, operand);
}

void nl__graph_prune (nl_ctx *C, nl_graph *g) {
  size_t bytes = (size_t)g->nvar + 1;
  bool *live = (bool *)nl__alloc(C, bytes);
  if (live == NULL) { /* an optimisation only */
    nl_error_clear(C);
    return;
  }
  memset(live, 0, bytes);
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] >= 0) live[g->out[i]] = true;
  for (int k = g->nnode - 1; k >= 0; k--) {
    nl_node *n = &g->node[k];
    bool needed = false;
    for (int i = 0; i < n->nout; i++) needed = needed || live[n->out[i]];
    for (int i = 0; i < n->nin && needed; i++)
      if (n->in[i] >= 0) live[n->in[i]] = true;
    if (!needed) {
      node_free(C, n);
      n->prim = NULL;
    }
  }
  int kept = 0;
  for (int k = 0; k < g->nnode; k++)
    if (g->node[k].prim != NULL) g->node[kept++] = g->node[k];
  g->nnode = kept;
  nl__free(C, live, bytes);
}

bool nl__graph_finish (nl_ctx *C, nl_graph *g) {
  if (!nl__grow(C, (void **)&g->last, &g->cap_last, g->nvar + 1,
                sizeof *g->last))
    return false;
  for (int v = 0; v < g->nvar; v++) g->last[v] = -1;
  for (int k = 0; k < g->nnode; k++) {
    nl_node *n = &g->node[k];
    for (int i = 0; i < n->nin; i++)
      if (n->in[i] >= 0) g->last[n->in[i]] = k;
    for (int i = 0; i < n->nout; i++) g->last[n->out[i]] = k;
    g->draws = g->draws || nl__draws(n->prim, n->np, n->p, n->obj);
  }
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] >= 0) g->last[g->out[i]] = g->nnode;
  return true;
}

int nl__graph_drop_unread (nl_ctx *C, nl_graph *f, int ny, nl_graph *p,
                           int nres) {
  size_t bytes = (size_t)p->nvar + 1;
  bool *read = (bool *)nl__alloc(C, bytes);
  if (read == NULL) return -1;
  memset(read, 0, bytes);
  for (int k = 0; k < p->nnode; k++)
    for (int i = 0; i < p->node[k].nin; i++)
      if (p->node[k].in[i] >= 0) read[p->node[k].in[i]] = true;
  for (int i = 0; i < p->nout; i++)
    if (p->out[i] >= 0) read[p->out[i]] = true;
  int n = 0;
  for (int k = 0; k < nres; k++) {
    if (!read[p->in[k]]) continue;
    p->in[n] = p->in[k];
    f->out[ny + n++] = f->out[ny + k];
  }
  for (int k = nres; k < p->nin; k++) p->in[n + k - nres] = p->in[k];
  nl__free(C, read, bytes);
  p->nin -= nres - n;
  f->nout = f->nuser = ny + n;
  nl__graph_prune(C, f);
  return nl__graph_finish(C, f) && nl__graph_finish(C, p) ? n : -1;
}

/* ---- running ---- */

static void drop_dead (nl_ctx *C, const nl_graph *g, int k, nl_value **env) {
  const nl_node *n = &g->node[k];
  for (int i = 0; i < n->nin + n->nout; i++) {
    int v = n->in[i]; /* out follows in */
    if (v >= 0 && g->last[v] == k) {
      nl__unref(C, env[v]);
      env[v] = NULL;
    }
  }
}

static nl_status run_node (nl_ctx *C, const nl_graph *g, int k,
                           nl_value **env) {
  const nl_node *n = &g->node[k];
  nl_value *few[16], **list = few;
  int total = n->nin + n->nout;
  size_t mark = nl_pool_mark(C);
  if (total > 16) {
    list = (nl_value **)nl__alloc(C, (size_t)total * sizeof *list);
    if (list == NULL) return C->status;
  }
  for (int i = 0; i < n->nin; i++)
    list[i] = n->in[i] >= 0 ? env[n->in[i]] : g->constant[~n->in[i]];
  nl_value **out = list + n->nin;
  nl_eqn e = {n->prim, n->nin, n->nout, list, NULL, NULL, n->np, n->p, n->obj};
  nl_status st = nl__bind_eqn(C, &e, out);
  for (int i = 0; i < n->nout && st == NL_OK; i++)
    env[n->out[i]] = nl_retain(out[i]);
  nl_pool_release(C, mark);
  if (list != few) nl__free(C, list, (size_t)total * sizeof *list);
  return st;
}

nl_status nl__graph_interpret (nl_ctx *C, nl_graph *g, nl_value *const *in,
                               nl_value **out) {
  nl_value *few[64], **env = few;
  nl_status st = NL_OK;
  size_t bytes = (size_t)g->nvar * sizeof *env;
  if (g->nvar > 64) {
    env = (nl_value **)nl__alloc(C, bytes);
    if (env == NULL) return C->status;
  }
  memset(env, 0, bytes);
  for (int i = 0; i < g->nin; i++)
    if (g->last[g->in[i]] >= 0) env[g->in[i]] = nl_retain(in[i]);
  for (int k = 0; k < g->nnode && st == NL_OK; k++) {
    if (nl_interrupted(C)) {
      st = nl_error(C, NL_INTERRUPTED, "interrupted");
      break;
    }
    st = run_node(C, g, k, env);
    if (st == NL_OK) drop_dead(C, g, k, env);
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

/* What t's storage holds before write number i: of the writes before, those
   to other parts of it are done. */
static nl_value *held_before (nl_ctx *C, const nl_graph_writes *w, int i,
                              nl_value *const *done) {
  nl_storage *s = w->to[i]->storage;
  for (int k = i - 1; k >= 0 && !w->to[i]->whole; k--)
    if (w->to[k]->storage == s) return done[k];
  return nl__storage_read(C, s);
}

/* What a tensor's storage, which holds old, holds when v is written to the
   tensor: nl_write without the write. */
static nl_value *whole_of (nl_ctx *C, const nl_tensor *t, nl_value *old,
                           nl_value *v) {
  nl_storage *s = t->storage;
  v = nl__cast_to(C, v, s->dtype, s->weak);
  if (v == NULL || old == NULL) return NULL;
  if (!t->whole || v->numel != s->numel)
    v = nl_view_update(C, old, v, t->offset, t->stride);
  else
    v = nl_reshape(C, v, old->ndim, old->shape);
  return nl__dense(C, v);
}

/* Outside transforms: first what may fail or be interrupted, for all that is
   written; then the writes, which can't. */
nl_status nl__step_ready (nl_ctx *C, nl_step *s) {
  const nl_graph *g = s->g;
  const nl_graph_writes *w = s->w;
  for (int i = 0; i < g->nuser; i++) s->out[i] = s->results[i];
  if (w != NULL && w->ready != NULL && w->ready(C, w->ud, s->out) != NL_OK)
    return C->status;
  for (int i = 0; i < g->ncell; i++) {
    if (g->cell[i].out < 0) continue;
    nl_value **v = &s->results[g->cell[i].out];
    if ((*v = nl__dense(C, *v)) == NULL) return C->status;
  }
  for (int i = 0; w != NULL && i < w->n; i++) {
    nl_value **v = &s->results[g->nuser - w->n];
    nl_value *old = held_before(C, w, i, v);
    if ((v[i] = whole_of(C, w->to[i], old, v[i])) == NULL) return C->status;
  }
  s->ready = true;
  return NL_OK;
}

static void write_all (nl_ctx *C, nl_graph *g, nl_value **results,
                       const nl_graph_writes *w) {
  for (int i = 0; i < g->ncell; i++)
    if (g->cell[i].out >= 0)
      nl__storage_set(C, g->cell[i].storage, results[g->cell[i].out]);
  for (int i = 0; w != NULL && i < w->n; i++)
    nl__storage_set(C, w->to[i]->storage, results[g->nuser - w->n + i]);
}

/* Does what tensors get need no look at its elements before it is written? */
static bool written_whole (const nl_graph *g, const nl_graph_writes *w) {
  for (int i = 0; w != NULL && i < w->n; i++) {
    int v = g->out[g->nuser - w->n + i];
    const nl_storage *s = w->to[i]->storage;
    if (v < 0 || !w->to[i]->whole || g->var[v].dtype != s->dtype ||
        g->var[v].weak != s->weak)
      return false;
  }
  return true;
}

static nl_status run_step (nl_ctx *C, nl_graph *g, nl_value *const *in,
                           nl_value **results, nl_value **out,
                           const nl_graph_writes *w) {
  nl_step step = {g, w, results, out, written_whole(g, w), false};
  nl_status st = nl__graph_run_step(C, g, in, results, &step);
  if (st == NL_OK && !step.ready) st = nl__step_ready(C, &step);
  if (st == NL_OK) write_all(C, g, results, w);
  return st;
}

/* In a transform, which puts everything back when it fails. */
static nl_status bind_step (nl_ctx *C, nl_graph *g, nl_value *const *in,
                            nl_value **results, nl_value **out,
                            const nl_graph_writes *w) {
  nl_status st = nl__call(C, g, in, results);
  for (int i = 0; i < g->nuser && st == NL_OK; i++) out[i] = results[i];
  if (st == NL_OK && w != NULL && w->ready != NULL)
    st = w->ready(C, w->ud, out);
  for (int i = 0; i < g->ncell && st == NL_OK; i++)
    if (g->cell[i].out >= 0)
      st = nl__storage_set(C, g->cell[i].storage, results[g->cell[i].out]);
  for (int i = 0; w != NULL && i < w->n && st == NL_OK; i++)
    st = nl_write(C, w->to[i], results[g->nuser - w->n + i]);
  return st;
}

/* The storages' values, as the graph's inputs. */
static nl_status read_cells (nl_ctx *C, nl_graph *g, nl_value **in) {
  for (int i = 0; i < g->ncell; i++) {
    const nl_aval *a = &g->var[g->in[g->cell[i].in]];
    nl_storage *s = g->cell[i].storage;
    nl_value *v = nl__storage_read(C, s);
    int64_t n = 1;
    for (int k = 0; k < a->ndim; k++) n *= a->shape[k];
    if (v != NULL && (v->numel != n || s->dtype != a->dtype))
      return nl_error(C, NL_ERROR,
                      "call: a tensor changed its size or dtype after capture");
    v = nl_reshape(C, v, a->ndim, a->shape);
    if (v == NULL) return C->status;
    in[g->cell[i].in] = v;
  }
  return NL_OK;
}

nl_status nl_graph_step (nl_ctx *C, nl_graph *g, int nin, nl_value *const *in,
                         nl_value **out, const nl_graph_writes *w) {
  int total = g->nin + g->nout;
  if (nin != g->nin - g->ncell)
    return nl_error(C, NL_ERROR, "call: %d inputs expected, got %d",
                    g->nin - g->ncell, nin);
  nl_value *few[64], **list = few;
  if (total > 64) {
    list = (nl_value **)nl__alloc(C, (size_t)total * sizeof *list);
    if (list == NULL) return C->status;
  }
  bool here = C->trace == C->eval;
  for (int i = 0; i < nin; i++) {
    list[i] = in[i];
    here = here && in[i] != NULL && in[i]->trace == NULL;
  }
  nl_status st = read_cells(C, g, list);
  if (st == NL_OK)
    st = (here ? run_step : bind_step)(C, g, list, list + g->nin, out, w);
  for (int i = 0; i < g->nuser && st != NL_OK; i++) out[i] = NULL;
  if (list != few) nl__free(C, list, (size_t)total * sizeof *list);
  return st;
}

nl_status nl_graph_call (nl_ctx *C, nl_graph *g, int nin, nl_value *const *in,
                         nl_value **out) {
  return nl_graph_step(C, g, nin, in, out, NULL);
}

nl_status nl_graph_replaces (nl_ctx *C, nl_graph *g, int n, const int *of) {
  if (n <= 0 || n > g->nuser || g->nback > 0) return NL_OK;
  g->back = (int *)nl__alloc(C, (size_t)n * sizeof *g->back);
  if (g->back == NULL) return C->status;
  memcpy(g->back, of, (size_t)n * sizeof *g->back);
  g->nback = n;
  return NL_OK;
}

nl_status nl_graph_gives (nl_ctx *C, nl_graph *g, int n, const int *of) {
  if (n <= 0 || g->ngive > 0) return NL_OK;
  g->give = (int *)nl__alloc(C, (size_t)n * sizeof *g->give);
  if (g->give == NULL) return C->status;
  memcpy(g->give, of, (size_t)n * sizeof *g->give);
  g->ngive = n;
  return NL_OK;
}

int nl_graph_nout (const nl_graph *g) { return g->nuser; }
bool nl_graph_uses (const nl_graph *g, int i) {
  return g->last[g->in[i]] >= 0;
}
int nl_graph_nstorage (const nl_graph *g) { return g->ncell; }

nl_storage *nl_graph_storage (const nl_graph *g, int i, bool *read,
                              bool *written) {
  int var = g->in[g->cell[i].in];
  *read = g->last[var] >= 0 && !(g->cell[i].out >= 0 && g->last[var] < 0);
  *written = g->cell[i].out >= 0;
  return g->cell[i].storage;
}
