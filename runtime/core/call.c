/* call.c: the primitive that calls a graph, with the graphs of its
 * derivatives made once and kept: jvp, batch, and for grad a forward graph
 * that also gives residuals with the graph that pulls back from them.
 *
 * All of them come from running the graph under the trace in question inside
 * a capture, so no rule is written twice. */
#include "core/core.h"

#include <string.h>

nl_status nl__call (nl_ctx *C, nl_graph *g, nl_value *const *in,
                    nl_value **out) {
  return nl_bind(C, &nl_prim_call, g->nin, in, 0, NULL, g, out);
}

static nl_status call_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_graph *g = (const nl_graph *)e->obj;
  (void)C;
  for (int i = 0; i < g->nout; i++) out[i] = nl__operand_aval(g, g->out[i]);
  return NL_OK;
}

nl_status nl__graph_run (nl_ctx *C, nl_graph *g, nl_value *const *in,
                         nl_value **out) {
  return nl__graph_run_step(C, g, in, out, NULL);
}

nl_status nl__graph_run_step (nl_ctx *C, nl_graph *g, nl_value *const *in,
                              nl_value **out, nl_step *step) {
  if (C->trace != C->eval) return nl__graph_interpret(C, g, in, out);
  if (g->plan == NULL && C->fuse) {
    g->plan = nl__plan_new(C, g);
    if (g->plan == NULL) return C->status;
  }
  return g->plan != NULL && !nl__plan_busy(g->plan)
             ? nl__plan_run(C, g->plan, in, out, step)
             : nl__graph_interpret(C, g, in, out);
}

nl_status nl__graph_results (nl_ctx *C, nl_status st, nl_eqn *e) {
  (void)C;
  for (int i = 0; i < e->nout; i++) {
    if (st == NL_OK) nl_retain(e->out[i]);
    else e->out[i] = NULL; /* the pool's, not new references */
  }
  return st;
}

static nl_status call_eval (nl_ctx *C, nl_eqn *e) {
  nl_graph *g = (nl_graph *)e->obj;
  return nl__graph_results(C, nl__graph_run(C, g, e->in, e->out), e);
}

/* ---- derived graphs ---- */

static nl_derived *find (const nl_graph *g, int kind, const uint8_t *mask,
                         int64_t n) {
  for (nl_derived *d = g->derived; d != NULL; d = d->next)
    if (d->kind == kind && d->n == n &&
        memcmp(d->mask, mask, (size_t)g->nin) == 0)
      return d;
  return NULL;
}

static nl_derived *keep (nl_ctx *C, nl_graph *g, int kind,
                         const uint8_t *mask, int64_t n) {
  nl_derived *d = (nl_derived *)nl__alloc(C, sizeof *d);
  if (d == NULL) return NULL;
  memset(d, 0, sizeof *d);
  d->kind = kind;
  d->n = n;
  d->nmask = g->nin;
  d->ninfo = g->nout;
  d->mask = (uint8_t *)nl__alloc(C, (size_t)d->nmask);
  d->info = (uint8_t *)nl__alloc(C, (size_t)d->ninfo);
  if (d->mask == NULL || d->info == NULL) {
    nl__free(C, d->mask, (size_t)d->nmask);
    nl__free(C, d->info, (size_t)d->ninfo);
    nl__free(C, d, sizeof *d);
    return NULL;
  }
  memcpy(d->mask, mask, (size_t)d->nmask);
  memset(d->info, 0, (size_t)d->ninfo);
  return d;
}

static void discard (nl_ctx *C, nl_derived *d) {
  nl_graph_release(C, d->g);
  nl_graph_release(C, d->pull);
  nl__free(C, d->mask, (size_t)d->nmask);
  nl__free(C, d->info, (size_t)d->ninfo);
  nl__free(C, d, sizeof *d);
}

static nl_derived *publish (nl_graph *g, nl_derived *d) {
  d->next = g->derived;
  g->derived = d;
  return d;
}

nl_value *nl__capture_like (nl_ctx *C, nl_trace *K, const nl_aval *a) {
  nl_value like;
  like.dtype = (uint8_t)a->dtype;
  like.weak = a->weak;
  like.ndim = (uint8_t)a->ndim;
  memcpy(like.shape, a->shape, sizeof a->shape);
  return nl_capture_input(C, K, &like);
}

static const nl_aval *in_aval (const nl_graph *g, int i) {
  return &g->var[g->in[i]];
}

/* ---- jvp ---- */

static bool jvp_body (nl_ctx *C, nl_graph *g, nl_derived *d, nl_value **in,
                      nl_value **out, int *nout) {
  nl_trace *T = nl_jvp_begin(C);
  if (T == NULL) return false;
  bool ok = true;
  int k = g->nin;
  for (int i = 0; i < g->nin && ok; i++) {
    if (!d->mask[i]) continue;
    in[i] = nl_jvp_input(C, T, in[i], in[k++]);
    ok = in[i] != NULL;
  }
  ok = ok && nl__graph_interpret(C, g, in, out) == NL_OK;
  nl_trace_abort(C, T);
  *nout = g->nout;
  for (int i = 0; i < g->nout && ok; i++) {
    nl_value *primal, *tangent;
    ok = nl_jvp_output(C, T, out[i], &primal, &tangent) == NL_OK;
    out[i] = primal;
    d->info[i] = tangent != NULL;
    if (tangent != NULL) out[(*nout)++] = tangent;
  }
  nl_trace_release(C, T);
  return ok;
}

nl_derived *nl__jvp_graph (nl_ctx *C, nl_graph *g, const uint8_t *mask) {
  nl_derived *d = find(g, 'j', mask, 0);
  if (d != NULL) return d;
  if (!nl__custom_check(C, g, mask)) return NULL;
  d = keep(C, g, 'j', mask, 0);
  if (d == NULL) return NULL;
  nl_value **in = nl__values(C, 2 * g->nin), **out = nl__values(C, 2 * g->nout);
  nl_trace *K = in != NULL && out != NULL ? nl_capture_begin(C) : NULL;
  if (K != NULL) {
    bool ok = true;
    int k = g->nin, nout = 0;
    for (int i = 0; i < g->nin && ok; i++)
      ok = (in[i] = nl__capture_like(C, K, in_aval(g, i))) != NULL;
    for (int i = 0; i < g->nin && ok; i++)
      if (mask[i]) ok = (in[k++] = nl__capture_like(C, K, in_aval(g, i))) != NULL;
    if (g->pull != NULL || g->rule != NULL)
      ok = ok && nl__custom_jvp_body(C, g, mask, in, out, d->info, &nout);
    else
      ok = ok && jvp_body(C, g, d, in, out, &nout);
    if (ok) {
      d->g = nl_capture_end(C, K, nout, out);
    } else {
      nl_trace_abort(C, K);
      nl_trace_release(C, K);
    }
  }
  nl__values_free(C, in, 2 * g->nin);
  nl__values_free(C, out, 2 * g->nout);
  if (d->g == NULL) {
    discard(C, d);
    return NULL;
  }
  return publish(g, d);
}

static nl_status call_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  nl_graph *g = (nl_graph *)e->obj;
  nl_value **list = nl__values(C, 2 * e->nin + 2 * e->nout);
  uint8_t *mask = (uint8_t *)nl__alloc(C, (size_t)e->nin);
  nl_status st = NL_OK;
  if (list != NULL && mask != NULL) {
    int n = e->nin, k = e->nout;
    for (int i = 0; i < e->nin; i++) {
      mask[i] = t[i] != NULL;
      list[i] = e->in[i];
      if (mask[i]) list[n++] = t[i];
    }
    nl_value **out = list + 2 * e->nin;
    nl_derived *d = nl__jvp_graph(C, g, mask);
    st = d == NULL ? C->status : nl__call(C, d->g, list, out);
    for (int i = 0; i < e->nout && st == NL_OK; i++) {
      e->out[i] = out[i];
      t_out[i] = d->info[i] ? out[k++] : NULL;
    }
  } else {
    st = C->status;
  }
  nl__values_free(C, list, 2 * e->nin + 2 * e->nout);
  nl__free(C, mask, (size_t)e->nin);
  return st;
}

/* ---- batch ---- */

static bool batch_body (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                        int64_t n, int first, int period,
                        const uint8_t *force, nl_value **in, nl_value **out,
                        uint8_t *info) {
  nl_trace *T = nl_vmap_begin(C, n);
  if (T == NULL) return false;
  bool ok = true;
  for (int i = 0; i < g->nin && ok; i++)
    if (mask[i]) ok = (in[i] = nl_vmap_input(C, T, in[i], 0)) != NULL;
  ok = ok && nl__graph_interpret(C, g, in, out) == NL_OK;
  nl_trace_abort(C, T);
  for (int i = 0; i < g->nout && ok; i++) {
    info[i] = i % period < first || out[i]->trace == T ||
              (force != NULL && force[i]);
    if (info[i])
      out[i] = out[i]->trace == T
                   ? out[i]->primal
                   : nl__repeat(C, nl__resolve(C, out[i]), n);
    if (out[i] == NULL) ok = false;
    else nl__pool_push(C, nl_retain(out[i]));
  }
  nl_trace_release(C, T);
  return ok;
}

nl_graph *nl__graph_batch (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                           int64_t n, int first, int period,
                           const uint8_t *force, uint8_t *info) {
  nl_value **in = nl__values(C, g->nin), **out = nl__values(C, g->nout);
  nl_trace *K = in != NULL && out != NULL ? nl_capture_begin(C) : NULL;
  nl_graph *r = NULL;
  if (K != NULL) {
    bool ok = true;
    for (int i = 0; i < g->nin && ok; i++) {
      nl_aval a = *in_aval(g, i);
      if (mask[i]) { /* the axis comes first */
        ok = a.ndim < NL_MAX_NDIM;
        for (int j = a.ndim; j > 0 && ok; j--) a.shape[j] = a.shape[j - 1];
        a.shape[0] = n;
        a.ndim++;
      }
      ok = ok && (in[i] = nl__capture_like(C, K, &a)) != NULL;
    }
    if (ok && batch_body(C, g, mask, n, first, period, force, in, out, info)) {
      r = nl_capture_end(C, K, g->nout, out);
    } else {
      nl_trace_abort(C, K);
      nl_trace_release(C, K);
    }
  }
  nl__values_free(C, in, g->nin);
  nl__values_free(C, out, g->nout);
  return r;
}

static nl_derived *batch_graph (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                                int64_t n) {
  bool custom = g->pull != NULL || g->rule != NULL;
  nl_derived *d = find(g, 'b', mask, n);
  if (d != NULL) return d;
  d = keep(C, g, 'b', mask, n);
  if (d == NULL) return NULL;
  /* what a custom rule gives, its pullback takes; not so what it writes */
  d->g = nl__graph_batch(C, g, mask, n, custom ? g->nuser : 0,
                         g->nout + 1, NULL, d->info);
  if (d->g == NULL || (custom && !nl__custom_batch(C, g, mask, n, d->g))) {
    discard(C, d);
    return NULL;
  }
  d->g->checkpoint = g->checkpoint;
  d->g->nlifted = g->nlifted;
  if (custom) d->g->nuser = g->nuser;
  return publish(g, d);
}

static nl_status call_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                             int64_t n, bool *batched_out) {
  nl_derived *d =
      batch_graph(C, (nl_graph *)e->obj, (const uint8_t *)batched, n);
  if (d == NULL) return C->status;
  nl_status st = nl__call(C, d->g, e->in, e->out);
  for (int i = 0; i < e->nout && st == NL_OK; i++) batched_out[i] = d->info[i];
  return st;
}

/* ---- grad ---- */

/* A pullback from some of the cotangents (d->mask), the others being zero: it
   is linear in them, so this is its jvp in their direction.  A zero that were
   computed with would meet infinities of outputs that nobody uses. */
typedef struct some_cts {
  nl_graph *g;
  const nl_derived *j; /* its jvp graph */
  const uint8_t *mask;
  int nres;
} some_cts;

static bool some_body (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                       int *nout) {
  const some_cts *s = (const some_cts *)ud;
  int n = s->g->nin, k = s->nres, all = s->j->g->nin, ny = s->j->g->nout;
  nl_value **x = nl__values(C, all), **y = nl__values(C, ny);
  bool ok = x != NULL && y != NULL;
  for (int i = 0; i < s->g->nin && ok; i++) {
    x[i] = i < s->nres ? in[i] : nl__zeros_aval(C, in_aval(s->g, i));
    ok = x[i] != NULL;
    if (s->mask[i]) x[n++] = in[k++];
  }
  ok = ok && nl__graph_interpret(C, s->j->g, x, y) == NL_OK;
  for (int i = s->g->nout; i < ny && ok; i++) out[(*nout)++] = y[i];
  nl__values_free(C, x, all);
  nl__values_free(C, y, ny);
  return ok;
}

static nl_derived *pull_of_some (nl_ctx *C, nl_graph *g, int nres,
                                 const uint8_t *mask) {
  nl_derived *d = find(g, 'z', mask, 0);
  nl_derived *j = d != NULL ? NULL : nl__jvp_graph(C, g, mask);
  if (j == NULL) return d;
  int n = nres;
  some_cts s = {g, j, mask, nres};
  nl_aval *a = (nl_aval *)nl__alloc(C, ((size_t)g->nin + 1) * sizeof *a);
  d = a == NULL ? NULL : keep(C, g, 'z', mask, 0);
  for (int i = 0; i < g->nin && d != NULL; i++)
    if (i < nres) a[i] = *in_aval(g, i);
    else if (mask[i]) a[n++] = *in_aval(g, i);
  if (d != NULL) {
    memcpy(d->info, j->info, (size_t)d->ninfo);
    d->g = nl__graph_build(C, n, a, g->nout, some_body, &s);
  }
  nl__free(C, a, ((size_t)g->nin + 1) * sizeof *a);
  if (d == NULL || d->g != NULL) return d == NULL ? NULL : publish(g, d);
  discard(C, d);
  return NULL;
}

/* The cotangent of an output that was a number is one. */
static nl_value *like_input (nl_ctx *C, nl_value *ct, const nl_aval *a) {
  return ct == NULL ? nl__zeros_aval(C, a)
                    : nl__cast_to(C, ct, a->dtype, a->weak);
}

/* in and out have room for g's; mask: the cotangents that there are. */
static nl_status pull_some (nl_ctx *C, nl_graph *g, int nres,
                            const uint8_t *mask, nl_value **in,
                            nl_value **out) {
  nl_derived *d = pull_of_some(C, g, nres, mask);
  int n = nres, k = 0;
  for (int i = nres; i < g->nin && d != NULL; i++)
    if (mask[i]) in[n++] = in[i];
  if (d == NULL || nl__call(C, d->g, in, out) != NL_OK) return C->status;
  for (int i = 0; i < g->nout; i++) k += d->info[i];
  for (int i = g->nout - 1; i >= 0; i--)
    out[i] = d->info[i] ? out[--k] : NULL;
  return NL_OK;
}

/* Pulls back: in = residuals; the graph's inputs are residuals and then one
   cotangent for each output; its outputs one for each needed input. */
static nl_status pull_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                           nl_value **ct_in) {
  nl_graph *g = (nl_graph *)e->obj;
  nl_value **in = nl__values(C, g->nin), **out = nl__values(C, g->nout);
  uint8_t *mask = (uint8_t *)nl__alloc(C, (size_t)g->nin + 1);
  nl_status st = in == NULL || out == NULL || mask == NULL ? C->status : NL_OK;
  for (int i = 0; i < e->nin && st == NL_OK; i++) in[i] = e->in[i];
  if (mask != NULL) memset(mask, 0, (size_t)g->nin);
  bool some = false;
  for (int k = e->nin; k < g->nin && st == NL_OK; k++) {
    const nl_aval *a = in_aval(g, k);
    nl_value *v = ct[k - e->nin];
    mask[k] = v != NULL;
    some = some || (v == NULL && nl_dtype_is_float(a->dtype));
    in[k] = like_input(C, v, a);
    if (in[k] == NULL) st = C->status;
  }
  if (st == NL_OK)
    st = some && g->linear ? pull_some(C, g, e->nin, mask, in, out)
                      : nl__call(C, g, in, out);
  for (int i = 0; i < g->npull && st == NL_OK; i++)
    if (e->need[i] && g->pull_of[i] >= 0) ct_in[i] = out[g->pull_of[i]];
  nl__values_free(C, in, g->nin);
  nl__values_free(C, out, g->nout);
  nl__free(C, mask, (size_t)g->nin + 1);
  return st;
}

static const nl_prim call_pull = {
    .name = "call_pull", .nin = -1, .nout = -1, .vjp = pull_vjp};

bool nl__pull_derived (nl_ctx *C, const nl_graph *g, nl_derived *d,
                       bool *reached) {
  nl_graph *pull = d->pull;
  if (pull != NULL && reached != NULL)
    pull->pull_of =
        (int *)nl__alloc(C, (size_t)g->nin * sizeof *pull->pull_of);
  bool ok = pull != NULL && pull->pull_of != NULL;
  for (int i = 0, j = 0; i < g->nin && ok; i++) {
    pull->pull_of[i] = d->mask[i] && reached[j] ? j : -1;
    j += d->mask[i];
  }
  if (ok) pull->npull = g->nin;
  if (ok) pull->linear = true;
  nl__free(C, reached, (size_t)g->nin + 1);
  return ok;
}

/* The pullback's graph, from the tape of the forward run; res[] are that
   run's tracers that the tape holds. */
static bool pull_graph (nl_ctx *C, nl_graph *g, nl_derived *d, nl_trace *T,
                        nl_value **res, nl_value **y, nl_value **x) {
  int nin = d->nres + g->nout, need = 0;
  nl_value **in = nl__values(C, nin), **ct = nl__values(C, g->nin);
  bool *reached = (bool *)nl__alloc(C, (size_t)g->nin + 1);
  nl_trace *K = in == NULL || ct == NULL || reached == NULL
                    ? NULL
                    : nl_capture_begin(C);
  bool ok = K != NULL;
  for (int i = 0; i < d->nres && ok; i++) {
    nl_aval a;
    nl__aval(res[i], &a);
    ok = (in[i] = nl__capture_like(C, K, &a)) != NULL;
  }
  for (int i = 0; i < g->nout && ok; i++) {
    nl_aval a;
    nl__aval(y[i], &a);
    ok = (in[d->nres + i] = nl__capture_like(C, K, &a)) != NULL;
  }
  if (ok) nl__tape_substitute(C, T, res, in, d->nres);
  for (int i = 0; i < g->nin; i++)
    if (d->mask[i]) x[need++] = x[i];
  ok = ok && nl__grad_pull(C, T, g->nout, y, in + d->nres, need, x, ct, false,
                           reached) == NL_OK;
  if (ok) {
    d->pull = nl_capture_end(C, K, need, ct);
  } else if (K != NULL) {
    nl_trace_abort(C, K);
    nl_trace_release(C, K);
  }
  nl__values_free(C, in, nin);
  nl__values_free(C, ct, g->nin);
  return nl__pull_derived(C, g, d, reached);
}

/* Runs g under grad inside a capture: the tape and the forward graph. */
static bool forward_graph (nl_ctx *C, nl_graph *g, nl_derived *d) {
  nl_value **x = nl__values(C, g->nin), **y = nl__values(C, g->nout), **out = NULL;
  nl_value **dy = nl__values(C, g->nout), **res = NULL;
  int most = 0;
  nl_trace *K = nl_capture_begin(C), *T = NULL;
  bool ok = x != NULL && y != NULL && dy != NULL && K != NULL;
  for (int i = 0; i < g->nin && ok; i++)
    ok = (x[i] = nl__capture_like(C, K, in_aval(g, i))) != NULL;
  ok = ok && (T = nl_grad_begin(C)) != NULL;
  if (g->rule != NULL) {
    ok = ok && nl__custom_forward(C, g, d->mask, T, x, y, dy);
  } else {
    for (int i = 0; i < g->nin && ok; i++)
      if (d->mask[i]) ok = (x[i] = nl_grad_input(C, T, x[i])) != NULL;
    ok = ok && nl__graph_interpret(C, g, x, y) == NL_OK;
    for (int i = 0; i < g->nout && ok; i++) dy[i] = y[i];
  }
  if (T != NULL) nl_trace_abort(C, T);
  if (ok) {
    most = nl__tape_saved(C, T, NULL, 0);
    res = nl__values(C, most);
    out = nl__values(C, g->nout + most);
    ok = res != NULL && out != NULL;
    if (ok) d->nres = nl__tape_saved(C, T, res, most);
  }
  for (int i = 0; i < g->nout && ok; i++)
    ok = (out[i] = nl__resolve(C, y[i])) != NULL;
  for (int i = 0; i < d->nres && ok; i++) out[g->nout + i] = res[i];
  for (int i = 0; i < d->nres && ok; i++)
    nl__pool_push(C, nl_retain(res[i]));
  if (ok) {
    d->g = nl_capture_end(C, K, g->nout + d->nres, out);
    ok = d->g != NULL && pull_graph(C, g, d, T, res, dy, x);
    if (ok)
      d->nres = nl__graph_drop_unread(C, d->g, g->nout, d->pull, d->nres);
    ok = ok && d->nres >= 0;
  } else if (K != NULL) {
    nl_trace_abort(C, K);
    nl_trace_release(C, K);
  }
  nl__values_free(C, res, most);
  nl__values_free(C, out, g->nout + most);
  nl_trace_release(C, T);
  nl__values_free(C, x, g->nin);
  nl__values_free(C, y, g->nout);
  nl__values_free(C, dy, g->nout);
  return ok;
}

nl_derived *nl__grad_graphs (nl_ctx *C, nl_graph *g, const uint8_t *mask) {
  nl_derived *d = find(g, 'f', mask, 0);
  if (d != NULL) return d;
  if (!nl__custom_check(C, g, mask)) return NULL;
  d = keep(C, g, 'f', mask, 0);
  if (d == NULL) return NULL;
  if (g->pull != NULL) { /* custom_vjp: given */
    d->g = nl_graph_retain(g->fwd);
    d->pull = nl_graph_retain(g->pull);
    d->nres = g->nres;
  } else if (!(g->checkpoint ? nl__checkpoint_graphs(C, g, d)
                            : forward_graph(C, g, d))) {
    discard(C, d);
    return NULL;
  }
  return publish(g, d);
}

/* Residual i, of the forward graph's outputs.  One that is an input is what
   was given: a captured call's outputs are arrays of their own, and a
   checkpoint would keep copies of all that it reads. */
static nl_value *residual (const nl_derived *d, const nl_eqn *e,
                           nl_value *const *out, int i) {
  int var = d->g->out[e->nout + i];
  for (int k = 0; k < e->nin && var >= 0; k++)
    if (d->g->in[k] == var) return e->in[k];
  return out[e->nout + i];
}

static nl_status call_partial (nl_ctx *C, nl_eqn *e, nl_partial *pull) {
  nl_graph *g = (nl_graph *)e->obj;
  nl_derived *d = nl__grad_graphs(C, g, (const uint8_t *)e->need);
  if (d == NULL) return C->status;
  int n = e->nout + d->nres;
  nl_value **out = nl__values(C, n);
  nl_status st = out == NULL ? C->status : nl__call(C, d->g, e->in, out);
  pull->saved = NULL;
  if (st == NL_OK) {
    pull->saved =
        (nl_value **)nl__alloc(C, (size_t)d->nres * sizeof *pull->saved);
    if (pull->saved == NULL) st = C->status;
  }
  if (st == NL_OK) {
    for (int i = 0; i < e->nout; i++) e->out[i] = out[i];
    for (int i = 0; i < d->nres; i++)
      pull->saved[i] = nl_retain(residual(d, e, out, i));
    pull->nsaved = d->nres;
    pull->prim = &call_pull;
    pull->obj = nl_graph_retain(d->pull);
  }
  nl__values_free(C, out, n);
  return st;
}

const nl_prim nl_prim_call = {
    .name = "call", .nin = -1, .nout = -1, .flags = NL_JVP_WHOLE,
    .shape = call_shape, .eval = call_eval, .jvp = call_jvp,
    .batch = call_batch, .partial = call_partial,
};
