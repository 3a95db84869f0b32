/* control.c: what loops and branches share, and cond. */
#include "ops/control.h"

#include <string.h>

#include "ops/ops.h"

bool nl_capturing (const nl_ctx *C) { return C->ncapture > 0; }

bool nl_abstract (const nl_ctx *C) {
  for (const nl_trace *T = C->trace; T != NULL; T = T->parent)
    if (T->kind == &nl__capture_kind || T->kind == &nl__batch_kind)
      return true;
  return false;
}

nl_graph *nl__shell (nl_ctx *C, int nout, const nl_aval *a, nl_graph *sub0,
                     nl_graph *sub1) {
  nl_graph *g = nl__graph_new(C);
  bool ok = g != NULL;
  for (int i = 0; i < nout && ok; i++) {
    int var = nl__graph_var(C, g, &a[i]);
    ok = var >= 0 && nl__graph_out(C, g, var);
  }
  if (g != NULL) {
    g->sub[0] = sub0;
    g->sub[1] = sub1;
    g->nuser = nout;
  } else {
    nl_graph_release(C, sub0);
    nl_graph_release(C, sub1);
  }
  if (!ok && g != NULL) {
    nl_graph_release(C, g);
    g = NULL;
  }
  return g;
}

void nl__out_aval (const nl_graph *g, int i, nl_aval *a) {
  if (g->out[i] >= 0)
    *a = g->var[g->out[i]];
  else
    nl__aval(g->constant[~g->out[i]], a);
}

nl_status nl__shell_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_graph *g = (const nl_graph *)e->obj;
  (void)C;
  for (int i = 0; i < g->nout; i++) nl__out_aval(g, i, &out[i]);
  return NL_OK;
}

bool nl__with_axis (nl_ctx *C, nl_aval *a, int64_t n) {
  if (a->ndim >= NL_MAX_NDIM) {
    nl_error(C, NL_ERROR, "more than %d dimensions", NL_MAX_NDIM);
    return false;
  }
  memmove(a->shape + 1, a->shape, (size_t)a->ndim * sizeof *a->shape);
  a->shape[0] = n;
  a->ndim++;
  return true;
}

nl_status nl__carry_alike (nl_ctx *C, const char *what, const nl_graph *body,
                           int nk, nl_value *const *carry) {
  for (int i = 0; i < nk; i++) {
    nl_aval a;
    nl__out_aval(body, i, &a);
    const nl_value *c = carry[i];
    bool same = a.ndim == c->ndim && a.dtype == (nl_dtype)c->dtype;
    for (int d = 0; d < a.ndim && same; d++) same = a.shape[d] == c->shape[d];
    if (!same) {
      char s[NL_SHAPE_TEXT], t[NL_SHAPE_TEXT];
      return nl_error(C, NL_ERROR,
                      "%s: carry %d goes in as %s and comes out as %s %s; it "
                      "must stay alike",
                      what, i + 1, nl__value_text(s, c),
                      nl__shape_text(t, a.ndim, a.shape),
                      nl_dtype_name(a.dtype));
    }
  }
  return NL_OK;
}

/* ---- cond(pred, in...): sub[0] where pred holds, else sub[1] ---- */

static bool branch_of (nl_ctx *C, nl_value *pred, bool *yes) {
  double x;
  int64_t i;
  bool is_int;
  if (nl_item(C, pred, &x, &i, &is_int) != NL_OK) return false;
  *yes = is_int ? i != 0 : x != 0;
  return true;
}

static nl_status cond_eval (nl_ctx *C, nl_eqn *e) {
  nl_graph *g = (nl_graph *)e->obj;
  bool yes;
  if (!branch_of(C, e->in[0], &yes)) return C->status;
  return nl__graph_results(
      C, nl__graph_run(C, g->sub[yes ? 0 : 1], e->in + 1, e->out), e);
}

/* meta of a cond: 1 + the result that is the random generator's state, or 0;
   the first result that one branch alone makes, how many of `yes`, then of
   `no`: what the other gives for them nobody reads */
enum { COND_STATE, COND_FROM, COND_YES, COND_NO, COND_META };

static nl_status bind_cond (nl_ctx *C, nl_graph *yes, nl_graph *no, int nout,
                            int nin, nl_value *const *in, nl_value **out,
                            const int64_t *meta) {
  nl_aval *a = (nl_aval *)nl__alloc(C, ((size_t)nout + 1) * sizeof *a);
  nl_graph *shell = NULL;
  if (a == NULL) {
    nl_graph_release(C, yes);
    nl_graph_release(C, no);
    return C->status;
  }
  for (int i = 0; i < nout; i++) nl__out_aval(yes, i, &a[i]);
  shell = nl__shell(C, nout, a, yes, no);
  nl__free(C, a, ((size_t)nout + 1) * sizeof *a);
  if (shell == NULL) return C->status;
  memcpy(shell->meta, meta, COND_META * sizeof *meta);
  nl_status st = nl_bind(C, &nl_prim_cond, nin, in, 0, NULL, shell, out);
  nl_graph_release(C, shell);
  return st;
}

/* Both branches give tangents of all float outputs. */
typedef struct cond_body {
  nl_graph *g;
  const nl_derived *d;
} cond_body;

static bool all_tangents (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                          int *nout) {
  const cond_body *b = (const cond_body *)ud;
  int n = b->g->nout, total = b->d->g->nout, k = n;
  nl_value **r = nl__values(C, total);
  bool ok = r != NULL &&
            nl__graph_interpret(C, b->d->g, in, r) == NL_OK;
  *nout = n;
  for (int i = 0; i < n && ok; i++) out[i] = r[i];
  for (int i = 0; i < n && ok; i++) {
    if (!nl_dtype_is_float((nl_dtype)out[i]->dtype)) continue;
    out[*nout] = b->d->info[i] ? r[k] : nl_zeros_like(C, out[i]);
    ok = out[(*nout)++] != NULL;
    if (b->d->info[i]) k++;
  }
  nl__values_free(C, r, total);
  return ok;
}

static nl_graph *branch_jvp (nl_ctx *C, nl_graph *g, const uint8_t *mask) {
  nl_derived *d = nl__jvp_graph(C, g, mask);
  if (d == NULL) return NULL;
  cond_body b = {g, d};
  nl_aval *a = (nl_aval *)nl__alloc(C, ((size_t)d->g->nin + 1) * sizeof *a);
  if (a == NULL) return NULL;
  for (int i = 0; i < d->g->nin; i++) a[i] = *nl__in_aval(d->g, i);
  nl_graph *r =
      nl__graph_build(C, d->g->nin, a, 2 * g->nout, all_tangents, &b);
  nl__free(C, a, ((size_t)d->g->nin + 1) * sizeof *a);
  return r;
}

static nl_status cond_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  nl_graph *g = (nl_graph *)e->obj;
  int n = e->nin - 1, k = n + 1;
  size_t bytes = (size_t)n + 1;
  uint8_t *mask = (uint8_t *)nl__alloc(C, bytes);
  nl_value **in = nl__values(C, 2 * n + 1), **out = nl__values(C, 2 * e->nout);
  nl_status st = mask == NULL || in == NULL || out == NULL ? C->status : NL_OK;
  if (st == NL_OK) {
    for (int i = 0; i <= n; i++) in[i] = e->in[i];
    for (int i = 0; i < n; i++) {
      mask[i] = t[i + 1] != NULL;
      if (mask[i]) in[k++] = t[i + 1];
    }
    nl_graph *yes = branch_jvp(C, g->sub[0], mask);
    nl_graph *no = yes == NULL ? NULL : branch_jvp(C, g->sub[1], mask);
    if (no == NULL) {
      nl_graph_release(C, yes);
      st = C->status;
    } else {
      st = bind_cond(C, yes, no, yes->nout, k, in, out, g->meta);
    }
  }
  for (int i = 0, m = e->nout; i < e->nout && st == NL_OK; i++) {
    e->out[i] = out[i];
    if (nl_dtype_is_float((nl_dtype)out[i]->dtype)) t_out[i] = out[m++];
  }
  nl__free(C, mask, bytes);
  nl__values_free(C, in, 2 * n + 1);
  nl__values_free(C, out, 2 * e->nout);
  return st;
}

/* Both branches with the axis on the inputs in mask.  All results get it but
   the generator's state, where neither branch makes it an example's own:
   true then. */
static bool batched_branches (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                              int64_t n, nl_graph **b) {
  int nout = g->nout, state = (int)g->meta[COND_STATE] - 1;
  uint8_t *force = (uint8_t *)nl__alloc(C, 2 * (size_t)nout + 1);
  bool shared = state >= 0, again = force != NULL;
  if (force != NULL) memset(force, 1, (size_t)nout);
  while (again) {
    uint8_t *info = force + nout;
    again = false;
    if (state >= 0) force[state] = !shared;
    for (int k = 0; k < 2; k++) {
      b[k] = k > 0 && b[0] == NULL ? NULL
             : nl__graph_batch(C, g->sub[k], mask, n, 0, nout + 1, force, info);
      again = again || (b[k] != NULL && shared && info[state]);
    }
    if (!again) continue;
    shared = false;
    for (int k = 0; k < 2; k++) nl_graph_release(C, b[k]);
  }
  nl__free(C, force, 2 * (size_t)nout + 1);
  return shared;
}

/* The state after both branches drew: that of the one that drew more. */
static nl_value *later (nl_ctx *C, nl_value *a, nl_value *b) {
  int last = a->ndim - 1;
  return nl_where(C, nl_gt(C, nl_narrow(C, a, last, 1, 1),
                           nl_narrow(C, b, last, 1, 1)), a, b);
}

/* Result i of a cond whose branches both ran, with a predicate for each
   example.  What one branch alone makes is taken from it for all: zeros where
   the other one is taken are no matrix that its pullback could solve with. */
static nl_value *selected (nl_ctx *C, const int64_t *meta, int i, nl_value *p,
                           nl_value *yes, nl_value *no) {
  int64_t k = i - meta[COND_FROM], shape[NL_MAX_NDIM] = {p->shape[0]};
  if (i + 1 == meta[COND_STATE]) return later(C, yes, no);
  if (k >= 0 && k < meta[COND_YES]) return yes;
  if (k >= 0 && k < meta[COND_YES] + meta[COND_NO]) return no;
  for (int d = 1; d < yes->ndim; d++) shape[d] = 1;
  return nl_where(C, nl_reshape(C, p, yes->ndim, shape), yes, no);
}

/* vmap: a predicate of each example's own runs both branches. */
static nl_status cond_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                             int64_t n, bool *batched_out) {
  nl_graph *g = (nl_graph *)e->obj, *b[2] = {NULL, NULL};
  int64_t meta[COND_META];
  memcpy(meta, g->meta, sizeof meta);
  if (!batched_branches(C, g, (const uint8_t *)batched + 1, n, b))
    meta[COND_STATE] = 0;
  nl_status st = b[0] == NULL || b[1] == NULL ? C->status : NL_OK;
  if (st == NL_OK && !batched[0]) {
    st = bind_cond(C, b[0], b[1], e->nout, e->nin, e->in, e->out, meta);
  } else if (st == NL_OK) {
    nl_value **other = nl__values(C, e->nout);
    if (other == NULL || nl__call(C, b[0], e->in + 1, e->out) != NL_OK ||
        nl__call(C, b[1], e->in + 1, other) != NL_OK)
      st = C->status;
    for (int i = 0; i < e->nout && st == NL_OK; i++) {
      e->out[i] = selected(C, meta, i, e->in[0], e->out[i], other[i]);
      if (e->out[i] == NULL) st = C->status;
    }
    nl__values_free(C, other, e->nout);
    nl_graph_release(C, b[0]);
    nl_graph_release(C, b[1]);
  } else {
    nl_graph_release(C, b[0]);
    nl_graph_release(C, b[1]);
  }
  for (int i = 0; i < e->nout; i++) batched_out[i] = i + 1 != meta[COND_STATE];
  return st;
}

/* Reverse mode runs through the select of both branches' pullbacks: forward
   gives both sets of residuals (zeros for the branch not taken). */
typedef struct cond_grad {
  nl_graph *g;
  nl_derived *d[2];
  int which, nin;
} cond_grad;

static bool forward_body (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                          int *nout) {
  cond_grad *c = (cond_grad *)ud;
  nl_derived *d = c->d[c->which], *other = c->d[1 - c->which];
  int n = c->g->nout;
  nl_value **r = nl__values(C, d->g->nout);
  bool ok = r != NULL && nl__graph_interpret(C, d->g, in, r) == NL_OK;
  *nout = 0;
  for (int i = 0; i < n && ok; i++) out[(*nout)++] = r[i];
  for (int k = 0; k < 2 && ok; k++) {
    if (k == c->which) {
      for (int i = 0; i < d->nres; i++) out[(*nout)++] = r[n + i];
    } else {
      for (int i = 0; i < other->nres && ok; i++) {
        nl_aval a;
        nl__out_aval(other->g, n + i, &a);
        ok = (out[(*nout)++] = nl__zeros_aval(C, &a)) != NULL;
      }
    }
  }
  nl__values_free(C, r, d->g->nout);
  return ok;
}

/* in: residuals of both, cotangents */
static bool pull_body (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                       int *nout) {
  cond_grad *c = (cond_grad *)ud;
  nl_derived *d = c->d[c->which];
  int n = c->g->nout, both = c->d[0]->nres + c->d[1]->nres;
  nl_value **list = nl__values(C, d->nres + n);
  bool ok = list != NULL;
  int from = c->which == 0 ? 0 : c->d[0]->nres;
  for (int i = 0; i < d->nres && ok; i++) list[i] = in[from + i];
  for (int i = 0; i < n && ok; i++) list[d->nres + i] = in[both + i];
  ok = ok && nl__graph_interpret(C, d->pull, list, out) == NL_OK;
  *nout = d->pull->nout;
  nl__values_free(C, list, d->nres + n);
  return ok;
}

/* saved: pred, residuals; obj: a shell of both pullbacks */
static nl_status cond_pull_vjp (nl_ctx *C, const nl_eqn *e,
                                nl_value *const *ct, nl_value **ct_in) {
  nl_graph *g = (nl_graph *)e->obj;
  int res = e->nin - 1, n = g->sub[0]->nin - res;
  nl_value **in = nl__values(C, e->nin + n), **out = nl__values(C, g->nout);
  nl_status st = in == NULL || out == NULL ? C->status : NL_OK;
  for (int i = 0; i < e->nin && st == NL_OK; i++) in[i] = e->in[i];
  for (int i = 0; i < n && st == NL_OK; i++) {
    const nl_aval *a = nl__in_aval(g->sub[0], res + i);
    nl_value *v = ct[i] != NULL ? nl__cast_to(C, ct[i], a->dtype, a->weak)
                                : nl__zeros_aval(C, a);
    in[e->nin + i] = v;
    if (v == NULL) st = C->status;
  }
  if (st == NL_OK)
    st = nl_bind(C, &nl_prim_cond, e->nin + n, in, 0, NULL, g, out);
  for (int i = 1, j = 0; j < g->nout && st == NL_OK; i++)
    if (e->need[i]) ct_in[i] = out[j++];
  nl__values_free(C, in, e->nin + n);
  nl__values_free(C, out, g->nout);
  return st;
}

static const nl_prim cond_pull = {
    .name = "cond_pull", .nin = -1, .nout = -1, .vjp = cond_pull_vjp};

static bool cond_graphs (nl_ctx *C, nl_graph *g, cond_grad *c, nl_graph **fwd,
                         nl_graph **pull) {
  int n = g->nout, nin = c->nin, res = c->d[0]->nres + c->d[1]->nres;
  int most = nin > res + n ? nin : res + n;
  size_t bytes = ((size_t)most + 1) * sizeof(nl_aval);
  nl_aval *a = (nl_aval *)nl__alloc(C, bytes);
  bool ok = a != NULL;
  for (int i = 0; i < nin && ok; i++) a[i] = *nl__in_aval(g->sub[0], i);
  for (c->which = 0; c->which < 2 && ok; c->which++)
    ok = (fwd[c->which] = nl__graph_build(C, nin, a, n + res, forward_body,
                                          c)) != NULL;
  for (int k = 0, m = 0; k < 2 && ok; k++)
    for (int i = 0; i < c->d[k]->nres; i++)
      nl__out_aval(c->d[k]->g, n + i, &a[m++]);
  for (int i = 0; i < n && ok; i++)
    a[res + i] = *nl__in_aval(c->d[0]->pull, c->d[0]->nres + i);
  for (c->which = 0; c->which < 2 && ok; c->which++)
    ok = (pull[c->which] = nl__graph_build(C, res + n, a, nin, pull_body,
                                           c)) != NULL;
  nl__free(C, a, bytes);
  return ok;
}

static nl_status cond_partial (nl_ctx *C, nl_eqn *e, nl_partial *out) {
  nl_graph *g = (nl_graph *)e->obj, *fwd[2] = {NULL}, *pull[2] = {NULL};
  const uint8_t *mask = (const uint8_t *)e->need + 1;
  cond_grad c = {g, {nl__grad_graphs(C, g->sub[0], mask), NULL}, 0,
                 e->nin - 1};
  c.d[1] = c.d[0] == NULL ? NULL : nl__grad_graphs(C, g->sub[1], mask);
  if (c.d[1] == NULL || !cond_graphs(C, g, &c, fwd, pull)) {
    for (int k = 0; k < 2; k++) {
      nl_graph_release(C, fwd[k]);
      nl_graph_release(C, pull[k]);
    }
    return C->status;
  }
  int n = e->nout, res = c.d[0]->nres + c.d[1]->nres, np = pull[0]->nout;
  int64_t meta[COND_META] = {g->meta[COND_STATE], n, c.d[0]->nres,
                             c.d[1]->nres};
  nl_value **r = nl__values(C, n + res);
  nl_aval *a = (nl_aval *)nl__alloc(C, ((size_t)np + 1) * sizeof *a);
  nl_graph *shell = NULL;
  if (a != NULL)
    for (int i = 0; i < np; i++) nl__out_aval(pull[0], i, &a[i]);
  if (a != NULL) {
    shell = nl__shell(C, np, a, pull[0], pull[1]);
  } else {
    nl_graph_release(C, pull[0]);
    nl_graph_release(C, pull[1]);
  }
  nl__free(C, a, ((size_t)np + 1) * sizeof *a);
  nl_status st = C->status;
  if (shell != NULL && r != NULL) {
    st = bind_cond(C, fwd[0], fwd[1], n + res, e->nin, e->in, r, meta);
  } else {
    nl_graph_release(C, fwd[0]);
    nl_graph_release(C, fwd[1]);
  }
  if (st == NL_OK)
    out->saved = (nl_value **)nl__alloc(C, ((size_t)res + 1) * sizeof *r);
  if (st == NL_OK && out->saved == NULL) st = C->status;
  if (st == NL_OK) {
    for (int i = 0; i < n; i++) e->out[i] = r[i];
    out->saved[0] = nl_retain(e->in[0]);
    for (int i = 0; i < res; i++) out->saved[i + 1] = nl_retain(r[n + i]);
    out->nsaved = res + 1;
    out->prim = &cond_pull;
    out->obj = shell;
  } else {
    nl_graph_release(C, shell);
  }
  nl__values_free(C, r, n + res);
  return st;
}

const nl_prim nl_prim_cond = {
    .name = "cond", .nin = -1, .nout = -1, .flags = NL_JVP_WHOLE,
    .shape = nl__shell_shape, .eval = cond_eval, .jvp = cond_jvp,
    .batch = cond_batch, .partial = cond_partial};

static nl_status branches_alike (nl_ctx *C, const nl_graph *a,
                                 const nl_graph *b) {
  bool same = a->nout == b->nout;
  for (int i = 0; i < a->nout && same; i++) {
    nl_aval x, y;
    nl__out_aval(a, i, &x);
    nl__out_aval(b, i, &y);
    same = x.dtype == y.dtype && x.ndim == y.ndim && x.weak == y.weak &&
           memcmp(x.shape, y.shape, (size_t)x.ndim * sizeof *x.shape) == 0;
  }
  return same ? NL_OK
              : nl_error(C, NL_ERROR, "cond: the two branches return "
                         "different structures, shapes or dtypes");
}

nl_status nl_cond (nl_ctx *C, nl_value *pred, nl_graph *yes, nl_graph *no,
                   int nin, nl_value *const *in, nl_value **out) {
  nl_lift u = {0};
  int ny = yes->nuser;
  bool ok = pred != NULL && ny == no->nuser;
  if (!ok && !nl_failed(C))
    nl_error(C, NL_ERROR, "cond: the branches return %d and %d values", ny,
             no->nuser);
  ok = ok && nl__lift_add(C, &u, yes) && nl__lift_add(C, &u, no);
  for (int k = 0; k < 2 && ok; k++) {
    nl_graph *g = k == 0 ? yes : no;
    ok = nl__lift_inputs(C, g, &u, nin) &&
         nl__lift_outputs(C, g, &u, ny, nin, false);
  }
  int n = 1 + nin + u.n, total = ny + u.n, state = 0;
  for (int k = 0, w = ny; k < u.n; k++)
    if (u.list[k].written) {
      w++;
      if (u.list[k].s == C->random) state = w;
    }
  nl_value **list = nl__values(C, n), **r = nl__values(C, total);
  ok = ok && list != NULL && r != NULL && branches_alike(C, yes, no) == NL_OK;
  nl_graph *two[2] = {yes, no};
  nl_storage **cells = (nl_storage **)nl__alloc(C, ((size_t)u.n + 1) * sizeof *cells);
  ok = ok && cells != NULL;
  if (ok) list[0] = nl__cast_to(C, pred, NL_BOOL, false);
  for (int i = 0; i < nin && ok; i++) list[1 + i] = in[i];
  for (int k = 0; k < u.n && ok; k++) {
    cells[k] = nl_storage_retain(u.list[k].s);
    list[1 + nin + k] = nl_reshape(C, nl__storage_read(C, cells[k]),
                                   u.list[k].aval.ndim, u.list[k].aval.shape);
    ok = list[1 + nin + k] != NULL;
  }
  for (int k = 0; k < 2 && ok; k++) {
    nl__drop_cells(C, two[k]);
    ok = nl__graph_finish(C, two[k]);
  }
  int64_t meta[COND_META] = {state};
  nl_status st = ok ? bind_cond(C, yes, no, yes->nout, n, list, r, meta)
                    : C->status;
  if (!ok) {
    nl_graph_release(C, yes);
    nl_graph_release(C, no);
  }
  for (int i = 0; i < ny && st == NL_OK; i++) out[i] = r[i];
  for (int k = 0, w = ny; k < u.n && st == NL_OK; k++)
    if (u.list[k].written) st = nl__storage_set(C, cells[k], r[w++]);
  for (int k = 0; k < u.n && cells != NULL && ok; k++)
    nl_storage_release(C, cells[k]);
  nl__free(C, cells, ((size_t)u.n + 1) * sizeof *cells);
  nl__values_free(C, list, n);
  nl__values_free(C, r, total);
  nl__lift_close(C, &u);
  return st;
}
