/* custom.c: graphs that carry rules of their own (custom_vjp, custom_jvp).
 *
 * Such a graph is called like any other; call.c takes its forward and
 * pullback graphs, or its jvp rule, where it would have derived them.  The
 * missing direction comes by transposition: jvp of a custom_vjp is the vjp of
 * u -> pull(res, u) applied to the tangents; grad of a custom_jvp the vjp of
 * t -> rule(x, t).  The outer storages that any of the graphs touches are
 * lifted to inputs and outputs of the main one. */
#include "core/core.h"

#include <string.h>

void nl__custom_free (nl_ctx *C, nl_graph *g) {
  nl_graph_release(C, g->fwd);
  nl_graph_release(C, g->pull);
  nl_graph_release(C, g->rule);
  nl__free(C, g->pull_of, (size_t)g->npull * sizeof *g->pull_of);
}

bool nl__custom_check (nl_ctx *C, const nl_graph *g, const uint8_t *mask) {
  for (int i = g->nin - g->nlifted; i < g->nin; i++)
    if (mask[i]) {
      nl_error(C, NL_ERROR, "%s: the function reads a tensor that is "
               "differentiated, but not through an argument, so that its "
               "rule gives no gradient for it; pass it as an argument, or "
               "give the function autograd.stop_gradient(x)",
               g->rule != NULL ? "custom_jvp" : "custom_vjp");
      return false;
    }
  return true;
}

nl_status nl_graph_custom_vjp (nl_ctx *C, nl_graph *g, nl_graph *fwd,
                               nl_graph *pull, const int *of) {
  int user = g->nin - g->ncell, ny = g->nuser, nres = fwd->nuser - ny;
  nl_lift u = {0};
  bool ok = nres >= 0 && fwd->nin - fwd->ncell == user &&
            pull->nin - pull->ncell == nres + ny;
  if (!ok)
    nl_error(C, NL_ERROR, "custom_vjp: the forward function must return the "
             "function's %d results and residuals", ny);
  for (int i = 0; i < pull->ncell && ok; i++)
    /* a recomputation that draws again leaves the generator as it was */
    if (pull->cell[i].out >= 0 && pull->cell[i].storage != C->random) {
      nl_error(C, NL_ERROR, "custom_vjp: the backward function writes to a "
               "tensor made outside it");
      ok = false;
    }
  nl__forget_writes(pull);
  ok = ok && nl__lift_add(C, &u, g) && nl__lift_add(C, &u, fwd) &&
       nl__lift_add(C, &u, pull);
  ok = ok && nl__lift_inputs(C, fwd, &u, user) &&
       nl__lift_outputs(C, fwd, &u, ny, user, true) &&
       nl__lift_inputs(C, pull, &u, nres);
  pull->nout = pull->nuser; /* what it wrote is dropped */
  for (int k = 0; k < u.n && ok; k++) /* cotangents of what is written */
    if (u.list[k].written) ok = nl__dummy_input(C, pull, &u.list[k].aval);
  ok = ok && nl__lift_main(C, g, &u);
  if (ok) {
    nl__drop_cells(C, fwd);
    nl__drop_cells(C, pull);
    ok = nl__graph_finish(C, fwd) && nl__graph_finish(C, pull);
  }
  if (ok) {
    size_t bytes = (size_t)g->nin * sizeof *pull->pull_of;
    pull->pull_of = (int *)nl__alloc(C, bytes);
    ok = pull->pull_of != NULL;
    if (ok) pull->npull = g->nin;
    for (int i = 0; i < g->nin && ok; i++)
      pull->pull_of[i] = i < user ? of[i] : -1;
  }
  nl__lift_close(C, &u);
  g->fwd = fwd;
  g->pull = pull;
  g->nlifted = u.n;
  g->nres = nres + u.n;
  return ok ? NL_OK : C->status;
}

nl_status nl_graph_custom_jvp (nl_ctx *C, nl_graph *g, nl_graph *rule) {
  int user = g->nin - g->ncell, ny = g->nuser;
  nl_lift u = {0};
  bool ok = rule->nuser == 2 * ny;
  if (!ok)
    nl_error(C, NL_ERROR, "custom_jvp: the rule must return the function's "
             "%d results and as many tangents", ny);
  ok = ok && nl__lift_add(C, &u, g) && nl__lift_add(C, &u, rule);
  ok = ok && nl__lift_inputs(C, rule, &u, user) &&
       nl__lift_outputs(C, rule, &u, ny, user, false);
  for (int k = 0; k < u.n && ok; k++)
    if (nl_dtype_is_float(u.list[k].aval.dtype))
      ok = nl__dummy_input(C, rule, &u.list[k].aval);
  for (int k = 0; k < u.n && ok; k++) /* what is written has no tangent */
    if (u.list[k].written) {
      nl_trace *saved = nl_outside_begin(C); /* a constant of the graph's */
      nl_value *zero = nl__zeros_aval(C, &u.list[k].aval);
      nl_outside_end(C, saved);
      int op = zero == NULL ? 0 : nl__graph_const(C, rule, zero);
      ok = op < 0 && nl__graph_out(C, rule, op);
    }
  ok = ok && nl__lift_main(C, g, &u);
  if (ok) {
    nl__drop_cells(C, rule);
    ok = nl__graph_finish(C, rule);
  }
  nl__lift_close(C, &u);
  g->rule = rule;
  g->nlifted = u.n;
  return ok ? NL_OK : C->status;
}

/* ---- the missing directions ---- */

/* The rule's inputs: primals, then a tangent for each float input. */
static bool run_rule (nl_ctx *C, nl_graph *g, nl_value **x, nl_value **t,
                      nl_value **out) {
  nl_value **in = nl__values(C, 2 * g->nin);
  int k = g->nin;
  bool ok = in != NULL;
  for (int i = 0; i < g->nin && ok; i++) {
    const nl_aval *a = nl__in_aval(g, i);
    in[i] = x[i];
    if (!nl_dtype_is_float(a->dtype)) continue;
    in[k++] = t[i] != NULL ? t[i] : nl__zeros_aval(C, a);
    ok = in[k - 1] != NULL;
  }
  ok = ok && nl__graph_interpret(C, g->rule, in, out) == NL_OK;
  nl__values_free(C, in, 2 * g->nin);
  return ok;
}

bool nl__custom_forward (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                         nl_trace *T, nl_value **x, nl_value **y,
                         nl_value **dy) {
  nl_value **t = nl__values(C, g->nin), **out = nl__values(C, g->rule->nout);
  bool ok = t != NULL && out != NULL && nl__custom_linear(C, g, mask);
  for (int i = 0; i < g->nin && ok; i++)
    if (mask[i])
      ok = (t[i] = nl_grad_input(C, T, nl__zeros_aval(C, nl__in_aval(g, i)))) !=
           NULL;
  ok = ok && run_rule(C, g, x, t, out);
  for (int i = 0; i < g->nin && ok; i++)
    if (mask[i]) x[i] = t[i];
  for (int i = 0; i < g->nout && ok; i++) {
    y[i] = out[i];
    dy[i] = out[g->nout + i];
  }
  nl__values_free(C, t, g->nin);
  nl__values_free(C, out, g->rule->nout);
  return ok;
}

/* in: primals, then the tangents of the inputs in mask. */
static bool jvp_by_rule (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                         nl_value **in, nl_value **out, uint8_t *info,
                         int *nout) {
  nl_value **t = nl__values(C, g->nin), **r = nl__values(C, g->rule->nout);
  bool ok = t != NULL && r != NULL;
  int k = g->nin;
  for (int i = 0; i < g->nin && ok; i++)
    if (mask[i]) t[i] = in[k++];
  ok = ok && run_rule(C, g, in, t, r);
  *nout = g->nout;
  for (int i = 0; i < g->nout && ok; i++) out[i] = r[i];
  for (int i = 0; i < g->nout && ok; i++) {
    info[i] = nl_dtype_is_float((nl_dtype)r[i]->dtype);
    if (info[i]) out[(*nout)++] = r[g->nout + i];
  }
  nl__values_free(C, t, g->nin);
  nl__values_free(C, r, g->rule->nout);
  return ok;
}

/* The tangents of y: the transpose of u -> pull(res, u) at the tangents. */
static bool transpose_pull (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                            nl_value **in, nl_value **y_res, nl_value **u,
                            nl_value **du) {
  nl_graph *p = g->pull;
  nl_value **pin = nl__values(C, p->nin), **z = nl__values(C, p->nout);
  nl_value **ct = nl__values(C, p->nout);
  nl_trace *T = nl_grad_begin(C);
  bool ok = pin != NULL && z != NULL && ct != NULL && T != NULL;
  int nu = 0, k = g->nin;
  for (int i = 0; i < g->nres && ok; i++) pin[i] = y_res[g->nout + i];
  for (int i = 0; i < g->nout && ok; i++) {
    nl_value *zero = nl__zeros_aval(C, nl__in_aval(p, g->nres + i));
    if (zero != NULL && nl_dtype_is_float((nl_dtype)zero->dtype))
      zero = u[nu++] = nl_grad_input(C, T, zero);
    pin[g->nres + i] = zero;
    ok = zero != NULL;
  }
  ok = ok && nl__graph_interpret(C, p, pin, z) == NL_OK;
  if (T != NULL) nl_trace_abort(C, T);
  for (int i = 0; i < g->nin && ok; i++) {
    if (!mask[i]) continue;
    nl_value *t = in[k++];
    if (p->pull_of[i] >= 0) ct[p->pull_of[i]] = t;
  }
  ok = ok && nl_grad_pull(C, T, p->nout, z, ct, nu, u, du, false) == NL_OK;
  nl_trace_release(C, T);
  nl__values_free(C, pin, p->nin);
  nl__values_free(C, z, p->nout);
  nl__values_free(C, ct, p->nout);
  return ok;
}

bool nl__custom_jvp_body (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                          nl_value **in, nl_value **out, uint8_t *info,
                          int *nout) {
  if (g->rule != NULL)
    return jvp_by_rule(C, g, mask, in, out, info, nout);
  nl_value **r = nl__values(C, g->fwd->nout), **u = nl__values(C, g->nout);
  nl_value **du = nl__values(C, g->nout);
  bool ok = r != NULL && u != NULL && du != NULL &&
            nl__graph_interpret(C, g->fwd, in, r) == NL_OK &&
            transpose_pull(C, g, mask, in, r, u, du);
  *nout = g->nout;
  for (int i = 0; i < g->nout && ok; i++) out[i] = r[i];
  for (int i = 0, k = 0; i < g->nout && ok; i++) {
    info[i] = nl_dtype_is_float((nl_dtype)r[i]->dtype);
    if (info[i]) out[(*nout)++] = du[k++];
  }
  nl__values_free(C, r, g->fwd->nout);
  nl__values_free(C, u, g->nout);
  nl__values_free(C, du, g->nout);
  return ok;
}

/* ---- vmap ---- */

/* The batched pullback, of residuals and results with an axis as the forward
   graph has it (info); an input that has none gets the examples' sum. */
static nl_graph *batch_pull (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                             const uint8_t *info, int64_t n) {
  nl_graph *p = g->pull, *b = NULL, *r = NULL;
  size_t bytes = (size_t)p->nin + (size_t)p->nout + 1;
  uint8_t *m = (uint8_t *)nl__alloc(C, bytes);
  if (m == NULL) return NULL;
  memcpy(m, info + g->nout, (size_t)g->nres);
  memcpy(m + g->nres, info, (size_t)g->nout);
  b = nl__graph_batch(C, p, m, n, NL_ALL, m + p->nin);
  nl__free(C, m, bytes);
  if (b == NULL) return NULL;
  nl_value **in = nl__values(C, b->nin), **out = nl__values(C, b->nout);
  nl_trace *K = in == NULL || out == NULL ? NULL : nl_capture_begin(C);
  bool ok = K != NULL;
  for (int i = 0; i < b->nin && ok; i++)
    ok = (in[i] = nl__capture_like(C, K, nl__in_aval(b, i))) != NULL;
  ok = ok && nl__graph_interpret(C, b, in, out) == NL_OK;
  for (int i = 0; i < g->nin && ok; i++)
    if (!mask[i] && p->pull_of[i] >= 0) {
      nl_value **o = &out[p->pull_of[i]];
      ok = (*o = nl_sum(C, *o, 1, false)) != NULL;
    }
  if (ok) {
    r = nl_capture_end(C, K, b->nout, out);
  } else if (K != NULL) {
    nl_trace_abort(C, K);
    nl_trace_release(C, K);
  }
  nl__values_free(C, in, b->nin);
  nl__values_free(C, out, b->nout);
  nl_graph_release(C, b);
  if (r != NULL) {
    r->pull_of = (int *)nl__alloc(C, (size_t)g->nin * sizeof *r->pull_of);
    if (r->pull_of == NULL) {
      nl_graph_release(C, r);
      return NULL;
    }
    r->npull = g->nin;
    memcpy(r->pull_of, p->pull_of, (size_t)g->nin * sizeof *r->pull_of);
  }
  return r;
}

bool nl__custom_batch (nl_ctx *C, nl_graph *g, const uint8_t *mask, int64_t n,
                       nl_graph *batched) {
  int most = g->rule != NULL ? g->rule->nout : g->fwd->nout;
  size_t bytes = 2 * (size_t)g->nin + (size_t)most + 1;
  uint8_t *m = (uint8_t *)nl__alloc(C, bytes);
  if (m == NULL) return false;
  memcpy(m, mask, (size_t)g->nin);
  uint8_t *info = m + 2 * g->nin;
  if (g->rule != NULL) {
    for (int i = 0, k = g->nin; i < g->nin; i++)
      if (nl_dtype_is_float(nl__in_aval(g, i)->dtype)) m[k++] = mask[i];
    batched->rule = nl__graph_batch(C, g->rule, m, n, g->nuser, g->nout, NULL,
                                    info);
  } else {
    batched->fwd =
        nl__graph_batch(C, g->fwd, m, n, g->nuser, g->fwd->nout + 1, NULL,
                        info);
    batched->pull =
        batched->fwd == NULL ? NULL : batch_pull(C, g, mask, info, n);
    batched->nres = g->nres;
  }
  nl__free(C, m, bytes);
  return g->rule != NULL ? batched->rule != NULL : batched->pull != NULL;
}
