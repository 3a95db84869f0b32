/* while.c: while as a primitive, and the fronts of scan and while, which turn
 * what their bodies touch outside into constants and carries. */
#include "ops/control.h"

#include <string.h>

#include "ops/ops.h"

/* ---- while: sub[0] the test, sub[1] the body; both take constants and
   carries; the body gives carries.  meta: the number of constants, and 1 + the
   carry that is the random generator's state, or 0 ---- */
enum { WHILE_NC, WHILE_STATE };

static nl_graph *while_shell (nl_ctx *C, nl_graph *test, nl_graph *body,
                              int nc, int state) {
  size_t bytes = ((size_t)body->nout + 1) * sizeof(nl_aval);
  nl_aval *a = (nl_aval *)nl__alloc(C, bytes);
  nl_graph *g = NULL;
  if (a == NULL) {
    nl_graph_release(C, test);
    nl_graph_release(C, body);
    return NULL;
  }
  for (int i = 0; i < body->nout; i++) nl__out_aval(body, i, &a[i]);
  g = nl__shell(C, body->nout, a, test, body);
  nl__free(C, a, bytes);
  if (g != NULL) {
    g->meta[WHILE_NC] = nc;
    g->meta[WHILE_STATE] = state;
  }
  return g;
}

static nl_status test_holds (nl_ctx *C, nl_graph *test, nl_value **in,
                             bool *holds) {
  nl_value *p;
  double x;
  int64_t i;
  bool is_int;
  nl_status st = nl__graph_run(C, test, in, &p);
  if (st == NL_OK) st = nl_item(C, p, &x, &i, &is_int);
  *holds = st == NL_OK && (is_int ? i != 0 : x != 0);
  return st;
}

static nl_status while_eval (nl_ctx *C, nl_eqn *e) {
  nl_graph *g = (nl_graph *)e->obj;
  int nc = (int)g->meta[WHILE_NC], nk = g->nout;
  nl_value **in = nl__values(C, e->nin), **r = nl__values(C, nk);
  nl_status st = in == NULL || r == NULL ? C->status : NL_OK;
  bool holds = true;
  for (int i = 0; i < e->nin && in != NULL; i++)
    in[i] = i >= nc ? nl_retain(e->in[i]) : e->in[i];
  while (st == NL_OK) {
    size_t mark = nl_pool_mark(C);
    if (nl_interrupted(C)) st = nl_error(C, NL_INTERRUPTED, "interrupted");
    if (st == NL_OK) st = test_holds(C, g->sub[0], in, &holds);
    if (st == NL_OK && holds)
      st = nl__graph_run(C, g->sub[1], in, r);
    for (int k = 0; k < nk && st == NL_OK && holds; k++) nl_retain(r[k]);
    for (int k = 0; k < nk && st == NL_OK && holds; k++) {
      nl__unref(C, in[nc + k]);
      in[nc + k] = r[k];
    }
    nl_pool_release(C, mark);
    if (!holds) break;
  }
  for (int k = 0; k < nk && in != NULL; k++) {
    if (st == NL_OK) e->out[k] = in[nc + k];
    else nl__unref(C, in[nc + k]);
  }
  nl__values_free(C, in, e->nin);
  nl__values_free(C, r, nk);
  return st;
}

static nl_status bind_while (nl_ctx *C, nl_graph *test, nl_graph *body,
                             int nc, int state, nl_value *const *in,
                             nl_value **out) {
  int n = nc + body->nout;
  nl_graph *g = while_shell(C, test, body, nc, state);
  if (g == NULL) return C->status;
  nl_status st = nl_bind(C, &nl_prim_while, n, in, 0, NULL, g, out);
  nl_graph_release(C, g);
  return st;
}

/* jvp as a loop on primals and tangents: constants' tangents are constants,
   float carries always have tangents. */
typedef struct dual_loop {
  nl_graph *g;
  nl_derived *d; /* of the body; NULL: the test, primals alone */
  const uint8_t *mask;
} dual_loop;

static bool dual_body (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                       int *nout) {
  const dual_loop *l = (const dual_loop *)ud;
  nl_graph *b = l->d != NULL ? l->d->g : l->g->sub[0];
  int nc = (int)l->g->meta[WHILE_NC], nk = l->g->nout, n = nc + nk;
  int k = n, ct = 0;
  nl_value **list = nl__values(C, 2 * n), **r = nl__values(C, b->nout);
  bool ok = list != NULL && r != NULL;
  for (int i = 0; i < nc && ok; i++) ct += l->mask[i];
  /* in: constants, their tangents, carries, their tangents */
  for (int i = 0, t = 0; i < n && ok; i++) {
    int base = i < nc ? 0 : ct;
    list[i] = in[base + i];
    if (i == nc) t = 0;
    if (l->mask[i])
      list[k++] = i < nc ? in[nc + t++] : in[nc + ct + nk + t++];
  }
  ok = ok && nl__graph_interpret(C, b, list, r) == NL_OK;
  *nout = 0;
  if (l->d == NULL) {
    if (ok) out[(*nout)++] = r[0];
  } else {
    for (int i = 0; i < nk && ok; i++) out[(*nout)++] = r[i];
    for (int i = 0, t = nk; i < nk && ok; i++) {
      if (!l->mask[nc + i]) continue;
      out[*nout] = l->d->info[i] ? r[t] : nl_zeros_like(C, r[i]);
      if (l->d->info[i]) t++;
      ok = out[(*nout)++] != NULL;
    }
  }
  nl__values_free(C, list, 2 * n);
  nl__values_free(C, r, b->nout);
  return ok;
}

static nl_status while_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                            nl_value **t_out) {
  nl_graph *g = (nl_graph *)e->obj, *test = NULL, *body = NULL;
  int nc = (int)g->meta[WHILE_NC], nk = g->nout, m = 0, ct = 0;
  size_t abytes = (2 * (size_t)e->nin + 1) * sizeof(nl_aval);
  uint8_t *mask = (uint8_t *)nl__alloc(C, (size_t)e->nin + 1);
  nl_aval *a = (nl_aval *)nl__alloc(C, abytes);
  nl_value **in = nl__values(C, 2 * e->nin), **out = nl__values(C, 2 * nk);
  bool ok = mask != NULL && a != NULL && in != NULL && out != NULL;
  for (int i = 0; i < e->nin && ok; i++) {
    mask[i] = i < nc ? t[i] != NULL
                     : nl_dtype_is_float((nl_dtype)e->in[i]->dtype);
    ct += i < nc && mask[i];
  }
  for (int part = 0; part < 2 && ok; part++) {
    int lo = part == 0 ? 0 : nc, hi = part == 0 ? nc : e->nin;
    for (int i = lo; i < hi; i++) in[m++] = e->in[i];
    for (int i = lo; i < hi; i++)
      if (mask[i])
        in[m++] = t[i] != NULL ? t[i] : nl_zeros_like(C, e->in[i]);
  }
  for (int i = 0; i < m && ok; i++) {
    ok = in[i] != NULL;
    if (ok) nl__aval(in[i], &a[i]);
  }
  dual_loop l = {g, NULL, mask};
  if (ok) test = nl__graph_build(C, m, a, 1, dual_body, &l);
  l.d = test == NULL ? NULL : nl__jvp_graph(C, g->sub[1], mask);
  if (l.d != NULL) body = nl__graph_build(C, m, a, 2 * nk, dual_body, &l);
  nl_status st;
  if (body == NULL) {
    nl_graph_release(C, test);
    st = C->status;
  } else {
    st = bind_while(C, test, body, nc + ct, (int)g->meta[WHILE_STATE], in,
                    out);
  }
  for (int i = 0, k = nk; i < nk && st == NL_OK; i++) {
    e->out[i] = out[i];
    if (mask[nc + i]) t_out[i] = out[k++];
  }
  nl__free(C, mask, (size_t)e->nin + 1);
  nl__free(C, a, abytes);
  nl__values_free(C, in, 2 * e->nin);
  nl__values_free(C, out, 2 * nk);
  return st;
}

/* ---- vmap ---- */

typedef struct batch_loop {
  nl_graph *test, *body; /* batched */
  int nc, nk, state;
  int64_t n;
  bool each; /* the test is each example's own */
} batch_loop;

/* The axis on the inputs in mask and on those carries that then need it: all
   that an example's own test keeps as they were when it is done, but for the
   generator's state, from which each example draws its own. */
static bool batched_loop (nl_ctx *C, const nl_graph *g, uint8_t *mask,
                          batch_loop *l) {
  int nc = l->nc, nk = l->nk;
  uint8_t *carry = mask + nc, *info = carry + nk, *one = info + nk;
  bool again = true;
  while (again) {
    nl_graph_release(C, l->test);
    nl_graph_release(C, l->body);
    l->body = NULL;
    again = false;
    l->test = nl__graph_batch(C, g->sub[0], mask, l->n, 0, 1, NULL, one);
    if (l->test == NULL) return false;
    l->each = *one != 0;
    for (int i = 0; i < nk; i++) {
      bool need = l->each && i + 1 != l->state;
      again = again || (need && !carry[i]);
      carry[i] = carry[i] || need;
    }
    if (again) continue;
    l->body = nl__graph_batch(C, g->sub[1], mask, l->n, 0, nk + 1, carry, info);
    if (l->body == NULL) return false;
    for (int i = 0; i < nk; i++) {
      again = again || (info[i] && !carry[i]);
      carry[i] = carry[i] || info[i];
    }
  }
  return true;
}

static bool any_goes_on (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                         int *nout) {
  const batch_loop *l = (const batch_loop *)ud;
  *nout = 1;
  if (nl__graph_interpret(C, l->test, in, out) != NL_OK) return false;
  out[0] = nl_reduce(C, "any", nl_cast(C, out[0], NL_BOOL), NL_ALL_DIMS,
                     false);
  return out[0] != NULL;
}

static bool masked_step (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                         int *nout) {
  const batch_loop *l = (const batch_loop *)ud;
  nl_value *p;
  bool ok = nl__graph_interpret(C, l->test, in, &p) == NL_OK &&
            nl__graph_interpret(C, l->body, in, out) == NL_OK;
  *nout = l->nk;
  for (int i = 0; i < l->nk && ok; i++) {
    int64_t shape[NL_MAX_NDIM] = {l->n};
    if (i + 1 == l->state) continue;
    for (int d = 1; d < out[i]->ndim; d++) shape[d] = 1;
    out[i] = nl_where(C, nl_reshape(C, p, out[i]->ndim, shape), out[i],
                      in[l->nc + i]);
    ok = out[i] != NULL;
  }
  return ok;
}

/* Where the test is each example's own, the loop runs until no example goes
   on, and those that are done keep their carries. */
static bool until_all_done (nl_ctx *C, const batch_loop *l,
                            nl_value *const *in, nl_graph **test,
                            nl_graph **body) {
  int nin = l->nc + l->nk;
  size_t bytes = ((size_t)nin + 1) * sizeof(nl_aval);
  nl_aval *a = (nl_aval *)nl__alloc(C, bytes);
  if (a == NULL) return false;
  for (int i = 0; i < nin; i++) nl__aval(in[i], &a[i]);
  *test = nl__graph_build(C, nin, a, 1, any_goes_on, (void *)l);
  if (*test != NULL)
    *body = nl__graph_build(C, nin, a, l->nk, masked_step, (void *)l);
  nl__free(C, a, bytes);
  return *body != NULL;
}

static nl_status while_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                              int64_t n, bool *batched_out) {
  nl_graph *g = (nl_graph *)e->obj, *test = NULL, *body = NULL;
  int nc = (int)g->meta[WHILE_NC], nk = g->nout, state = 0;
  size_t bytes = (size_t)(e->nin + nk) + 2;
  uint8_t *mask = (uint8_t *)nl__alloc(C, bytes);
  if (mask == NULL) return C->status;
  for (int i = 0; i < e->nin; i++) mask[i] = batched[i];
  if (g->meta[WHILE_STATE] > 0 && !batched[nc + g->meta[WHILE_STATE] - 1])
    state = (int)g->meta[WHILE_STATE];
  batch_loop l = {NULL, NULL, nc, nk, state, n, false};
  bool ok = batched_loop(C, g, mask, &l);
  if (ok && state > 0 && mask[nc + state - 1]) l.state = 0;
  for (int i = nc; i < e->nin && ok; i++) {
    if (mask[i] && !batched[i]) e->in[i] = nl__repeat(C, e->in[i], n);
    ok = e->in[i] != NULL;
  }
  if (ok && l.each) {
    ok = until_all_done(C, &l, e->in, &test, &body);
    nl_graph_release(C, l.test);
    nl_graph_release(C, l.body);
  } else {
    test = l.test;
    body = l.body;
  }
  for (int i = 0; i < nk; i++) batched_out[i] = mask[nc + i] != 0;
  nl__free(C, mask, bytes);
  if (!ok) {
    nl_graph_release(C, test);
    nl_graph_release(C, body);
    return C->status;
  }
  return bind_while(C, test, body, nc, l.state, e->in, e->out);
}

static nl_status while_partial (nl_ctx *C, nl_eqn *e, nl_partial *pull) {
  (void)e;
  (void)pull;
  return nl_error(C, NL_ERROR, "while_loop: has no gradient under jit, for how "
                  "many steps it takes depends on data; use fori or scan, or "
                  "autograd.jvp");
}

const nl_prim nl_prim_while = {
    .name = "while", .nin = -1, .nout = -1, .flags = NL_JVP_WHOLE,
    .shape = nl__shell_shape, .eval = while_eval, .jvp = while_jvp,
    .batch = while_batch, .partial = while_partial};

/* ---- fronts ---- */

/* Carries with the same dtype and weakness as the body gives them back. */
static bool match_carries (nl_ctx *C, const nl_graph *body, int nk,
                           nl_value **carry) {
  for (int i = 0; i < nk; i++) {
    nl_aval a;
    nl__out_aval(body, i, &a);
    if (carry[i] != NULL && a.ndim == 0 && carry[i]->ndim == 0 &&
        a.weak == carry[i]->weak)
      carry[i] = nl__cast_to(C, carry[i], a.dtype, a.weak);
    if (carry[i] == NULL) return false;
  }
  return true;
}

/* What a loop's front puts together: the values of its primitive's inputs and
   outputs, the cells it reads, and the graph's variables in their new order. */
typedef struct wires {
  int total, nout, ncell;
  nl_value **in, **out;
  nl_storage **cells; /* retained, or NULL */
  int *var;
} wires;

static bool wires_new (nl_ctx *C, wires *w, int total, int nout, int ncell) {
  size_t bytes = ((size_t)ncell + 1) * sizeof(nl_storage *);
  w->total = total;
  w->nout = nout;
  w->ncell = ncell;
  w->in = nl__values(C, total);
  w->out = nl__values(C, nout);
  w->cells = (nl_storage **)nl__alloc(C, bytes);
  w->var = (int *)nl__alloc(C, ((size_t)total + 1) * sizeof *w->var);
  if (w->cells != NULL) memset(w->cells, 0, bytes);
  return w->in != NULL && w->out != NULL && w->cells != NULL && w->var != NULL;
}

static void wires_free (nl_ctx *C, wires *w) {
  for (int k = 0; w->cells != NULL && k < w->ncell; k++)
    nl_storage_release(C, w->cells[k]);
  nl__free(C, w->cells, ((size_t)w->ncell + 1) * sizeof(nl_storage *));
  nl__free(C, w->var, ((size_t)w->total + 1) * sizeof *w->var);
  nl__values_free(C, w->in, w->total);
  nl__values_free(C, w->out, w->nout);
}

/* Reads cell k of u, an input at `at`. */
static bool read_cell (nl_ctx *C, wires *w, const nl_lift *u, int k, int at) {
  const nl_aval *a = &u->list[k].aval;
  w->cells[k] = nl_storage_retain(u->list[k].s);
  w->in[at] = nl_reshape(C, nl__storage_read(C, w->cells[k]), a->ndim,
                         a->shape);
  return w->in[at] != NULL;
}

nl_status nl_scan (nl_ctx *C, nl_graph *body, int64_t length, bool reverse,
                   int nk, nl_value *const *carry, int nx,
                   nl_value *const *xs, nl_value **out) {
  nl_lift u = {0};
  int user = nk + nx, ny = body->nuser - nk, nw = 0, nc = 0;
  bool ok = ny >= 0 && body->nin - body->ncell == user &&
            nl__lift_add(C, &u, body);
  wires w;
  ok = wires_new(C, &w, user + u.n, body->nuser + u.n, u.n) && ok &&
       nl__lift_inputs(C, body, &u, user) &&
       nl__lift_outputs(C, body, &u, nk, user, false);
  if (ok) { /* constants | carries, written | xs */
    for (int k = 0; k < u.n; k++) nw += u.list[k].written;
    nc = u.n - nw;
    int c = 0, last = nc + nk;
    for (int k = 0; k < u.n && ok; k++) {
      int at = u.list[k].written ? last++ : c++;
      w.var[at] = body->in[user + k];
      ok = read_cell(C, &w, &u, k, at);
    }
    for (int k = 0; k < nk; k++) {
      w.var[nc + k] = body->in[k];
      w.in[nc + k] = carry[k];
    }
    for (int k = 0; k < nx; k++) {
      w.var[nc + nk + nw + k] = body->in[nk + k];
      w.in[nc + nk + nw + k] = xs[k];
    }
    nl__drop_cells(C, body);
    if (ok) memcpy(body->in, w.var, (size_t)w.total * sizeof *w.var);
    ok = ok && nl__graph_finish(C, body) &&
         match_carries(C, body, nk, w.in + nc) &&
         nl__carry_alike(C, "scan", body, nk + nw, w.in + nc) == NL_OK;
  }
  nl_status st = C->status;
  if (ok) {
    nl_graph *g = nl__scan_shell(C, body, length, reverse, nc, nk + nw, nx);
    st = g == NULL ? C->status
                   : nl_bind(C, &nl_prim_scan, w.total, w.in, 0, NULL, g,
                             w.out);
    nl_graph_release(C, g);
  } else {
    nl_graph_release(C, body);
    if (st == NL_OK) st = nl_error(C, NL_ERROR, "scan: wrong body");
  }
  for (int i = 0; i < nk && st == NL_OK; i++) out[i] = w.out[i];
  for (int i = 0; i < ny && st == NL_OK; i++) out[nk + i] = w.out[nk + nw + i];
  for (int k = 0, o = nk; k < u.n && st == NL_OK; k++)
    if (u.list[k].written) st = nl__storage_set(C, w.cells[k], w.out[o++]);
  wires_free(C, &w);
  nl__lift_close(C, &u);
  return st;
}

nl_status nl_while (nl_ctx *C, nl_graph *test, nl_graph *body, int nk,
                    nl_value *const *carry, nl_value **out) {
  nl_lift u = {0};
  nl__forget_writes(test);
  bool ok = body->nuser == nk && test->nuser == 1 &&
            nl__lift_add(C, &u, body) && nl__lift_add(C, &u, test);
  int nw = 0, state = 0;
  wires w;
  ok = wires_new(C, &w, nk + u.n, nk + u.n, u.n) && ok;
  if (ok) test->nout = test->nuser;
  ok = ok && nl__lift_inputs(C, body, &u, nk) &&
       nl__lift_inputs(C, test, &u, nk) &&
       nl__lift_outputs(C, body, &u, nk, nk, false);
  for (int k = 0; k < u.n && ok; k++) nw += u.list[k].written;
  int nc = u.n - nw;
  for (int g = 0; g < 2 && ok; g++) { /* constants | carries, written */
    nl_graph *b = g == 0 ? body : test;
    int c = 0, last = nc + nk;
    for (int k = 0; k < u.n; k++)
      w.var[u.list[k].written ? last++ : c++] = b->in[nk + k];
    for (int k = 0; k < nk; k++) w.var[nc + k] = b->in[k];
    memcpy(b->in, w.var, (size_t)w.total * sizeof *w.var);
  }
  int c = 0, last = nc + nk;
  for (int k = 0; k < u.n && ok; k++) {
    int at = u.list[k].written ? last++ : c++;
    ok = read_cell(C, &w, &u, k, at);
    if (u.list[k].written && w.cells[k] == C->random) state = at + 1 - nc;
  }
  for (int k = 0; k < nk && ok; k++) w.in[nc + k] = carry[k];
  if (ok) {
    nl__drop_cells(C, body);
    nl__drop_cells(C, test);
    ok = nl__graph_finish(C, body) && nl__graph_finish(C, test) &&
         match_carries(C, body, nk, w.in + nc) &&
         nl__carry_alike(C, "while_loop", body, nk + nw, w.in + nc) == NL_OK;
  }
  nl_status st = C->status;
  if (ok) {
    st = bind_while(C, test, body, nc, state, w.in, w.out);
  } else {
    nl_graph_release(C, test);
    nl_graph_release(C, body);
    if (st == NL_OK) st = nl_error(C, NL_ERROR, "while_loop: wrong body");
  }
  for (int i = 0; i < nk && st == NL_OK; i++) out[i] = w.out[i];
  for (int k = 0, o = nk; k < u.n && st == NL_OK; k++)
    if (u.list[k].written) st = nl__storage_set(C, w.cells[k], w.out[o++]);
  wires_free(C, &w);
  nl__lift_close(C, &u);
  return st;
}
