/* loop.c: scan, a loop as a primitive.
 *
 * scan's inputs are constants, carries, xs; its shell's meta says how many of
 * each and how long.  Its outputs are the carries, then ys stacked.  Reverse
 * mode: the forward scan also stacks the body's residuals (those that are
 * constants are not stacked), and a scan the other way pulls back, carrying
 * the carries' cotangents and the sums for the constants. */
#include <string.h>

#include "ops/control.h"
#include "ops/ops.h"

nl_graph *nl__scan_shell (nl_ctx *C, nl_graph *body, int64_t length,
                          bool reverse, int nc, int nk, int nx) {
  size_t bytes = ((size_t)body->nout + 1) * sizeof(nl_aval);
  nl_aval *a = (nl_aval *)nl__alloc(C, bytes);
  bool ok = a != NULL;
  int nout = body->nout;
  for (int i = 0; i < nout && ok; i++) {
    nl__out_aval(body, i, &a[i]);
    if (i < nk) continue;
    a[i].weak = false;
    ok = nl__with_axis(C, &a[i], length);
  }
  nl_graph *g = NULL;
  if (ok) g = nl__shell(C, nout, a, body, NULL);
  else nl_graph_release(C, body);
  nl__free(C, a, bytes);
  if (g != NULL) {
    g->meta[SCAN_LENGTH] = length;
    g->meta[SCAN_NC] = nc;
    g->meta[SCAN_NK] = nk;
    g->meta[SCAN_NX] = nx;
    g->meta[SCAN_REVERSE] = reverse;
  }
  return g;
}

/* Binds a scan of body (its reference is taken). */
static nl_status bind_scan (nl_ctx *C, nl_graph *body, int64_t length,
                            bool reverse, int nc, int nk, int nx,
                            nl_value *const *in, nl_value **out) {
  nl_graph *g = nl__scan_shell(C, body, length, reverse, nc, nk, nx);
  if (g == NULL) return C->status;
  nl_status st =
      nl_bind(C, &nl_prim_scan, nc + nk + nx, in, 0, NULL, g, out);
  nl_graph_release(C, g);
  return st;
}

/* ---- eval ---- */

static nl_value *element (nl_ctx *C, nl_value *xs, int64_t i) {
  if (xs->dense) { /* without the views' rules */
    nl_value *v = nl__value_alloc(C, (nl_dtype)xs->dtype, xs->weak,
                                  xs->ndim - 1, xs->shape + 1, false);
    if (v == NULL) return NULL;
    nl__set_dense(v);
    v->offset = xs->offset + i * v->numel;
    v->buf = nl__buffer_retain(xs->buf);
    return nl__pool_push(C, v);
  }
  return nl_squeeze(C, nl_narrow(C, xs, 0, i, 1), 0);
}

static nl_status store_y (nl_ctx *C, nl_value *stack, nl_value *y,
                          int64_t i) {
  y = nl__dense(C, nl__cast_to(C, y, (nl_dtype)stack->dtype, false));
  if (y == NULL) return C->status;
  size_t bytes = (size_t)y->numel * nl_dtype_size((nl_dtype)y->dtype);
  memcpy((char *)stack->buf->data + (size_t)i * bytes, nl__bytes_at(y),
         bytes);
  return NL_OK;
}

static nl_status scan_step (nl_ctx *C, const nl_graph *g, nl_value **in,
                            nl_value *const *xs, nl_value **r,
                            nl_value **stack, int64_t i) {
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK];
  int nx = (int)g->meta[SCAN_NX];
  size_t mark = nl_pool_mark(C);
  nl_status st = NL_OK;
  for (int k = 0; k < nx && st == NL_OK; k++) {
    in[nc + nk + k] = element(C, xs[k], i);
    if (in[nc + nk + k] == NULL) st = C->status;
  }
  if (st == NL_OK) st = nl__graph_run(C, g->sub[0], in, r);
  for (int k = 0; k < g->nout - nk && st == NL_OK; k++)
    st = store_y(C, stack[k], r[nk + k], i);
  for (int k = 0; k < nk && st == NL_OK; k++) nl_retain(r[k]);
  for (int k = 0; k < nk && st == NL_OK; k++) {
    nl__unref(C, in[nc + k]);
    in[nc + k] = r[k];
  }
  nl_pool_release(C, mark);
  return st;
}

static nl_status scan_eval (nl_ctx *C, nl_eqn *e) {
  nl_graph *g = (nl_graph *)e->obj;
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK];
  int ny = g->nout - nk;
  int64_t n = g->meta[SCAN_LENGTH];
  nl_value **in = nl__values(C, e->nin), **r = nl__values(C, g->nout);
  nl_status st = in == NULL || r == NULL ? C->status : NL_OK;
  for (int i = 0; i < e->nin && in != NULL; i++)
    in[i] = i >= nc && i < nc + nk ? nl_retain(e->in[i]) : e->in[i];
  for (int k = 0; k < ny && st == NL_OK; k++) {
    nl_aval a;
    nl__out_aval(g, nk + k, &a);
    e->out[nk + k] = nl__value_alloc(C, a.dtype, false, a.ndim, a.shape, true);
    if (e->out[nk + k] == NULL) st = C->status;
  }
  for (int64_t t = 0; t < n && st == NL_OK; t++) {
    if (nl_interrupted(C)) st = nl_error(C, NL_INTERRUPTED, "interrupted");
    else
      st = scan_step(C, g, in, e->in + nc + nk, r, e->out + nk,
                     g->meta[SCAN_REVERSE] ? n - 1 - t : t);
  }
  for (int k = 0; k < nk && in != NULL; k++) {
    if (st == NL_OK) e->out[k] = in[nc + k];
    else nl__unref(C, in[nc + k]);
  }
  nl__values_free(C, in, e->nin);
  nl__values_free(C, r, g->nout);
  return st;
}

/* ---- rearranged bodies ---- */

/* A body made from another graph: input i of it is input from[i] of the new
   one, output i of the new one is its output to[i] (-1: zeros like output
   like[i]). */
typedef struct rearranged {
  nl_graph *g;
  const int *from, *to, *like;
  int nout;
} rearranged;

static bool rearranged_body (nl_ctx *C, void *ud, nl_value **in,
                             nl_value **out, int *nout) {
  const rearranged *r = (const rearranged *)ud;
  nl_value **list = nl__values(C, r->g->nin), **y = nl__values(C, r->g->nout);
  bool ok = list != NULL && y != NULL;
  for (int i = 0; i < r->g->nin && ok; i++) list[i] = in[r->from[i]];
  ok = ok && nl__graph_interpret(C, r->g, list, y) == NL_OK;
  for (int i = 0; i < r->nout && ok; i++) {
    out[i] = r->to[i] >= 0 ? y[r->to[i]] : nl_zeros_like(C, y[r->like[i]]);
    ok = out[i] != NULL;
  }
  *nout = r->nout;
  nl__values_free(C, list, r->g->nin);
  nl__values_free(C, y, r->g->nout);
  return ok;
}

/* ---- jvp: float carries always have tangents ---- */

static bool float_in (const nl_graph *g, int i) {
  return nl_dtype_is_float(nl__in_aval(g, i)->dtype);
}

static nl_graph *jvp_scan_body (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                                int *nc2, int *nk2, int *nx2) {
  nl_graph *b = g->sub[0];
  int n[3] = {(int)g->meta[SCAN_NC], (int)g->meta[SCAN_NK],
              (int)g->meta[SCAN_NX]};
  nl_derived *d = nl__jvp_graph(C, b, mask);
  if (d == NULL) return NULL;
  int total = d->g->nin, nout = 2 * b->nout, m[3], first = 0, at = 0;
  size_t bytes = ((size_t)total + 2 * (size_t)nout + 1) * sizeof(int);
  size_t abytes = ((size_t)total + 1) * sizeof(nl_aval);
  int *from = (int *)nl__alloc(C, bytes);
  nl_aval *a = (nl_aval *)nl__alloc(C, abytes);
  nl_graph *r = NULL;
  if (from != NULL && a != NULL) {
    int *to = from + total, *like = to + nout, k = 0, o = 0, tan[3];
    int tangent = b->nin; /* tangents follow in d->g, in order of mask */
    for (int s = 0; s < 3; s++) { /* constants, carries, xs */
      m[s] = tan[s] = 0;
      for (int i = 0; i < n[s]; i++) from[first + i] = at + i;
      for (int i = 0; i < n[s]; i++)
        if (mask[first + i]) from[tangent++] = at + n[s] + tan[s]++;
      m[s] = n[s] + tan[s];
      at += m[s];
      first += n[s];
    }
    for (int i = 0; i < total; i++) a[from[i]] = *nl__in_aval(d->g, i);
    int t = b->nout; /* tangent outputs in d->g, in order of info */
    int *tan_of = like; /* reused below: which output holds the tangent */
    for (int i = 0; i < b->nout; i++) tan_of[i] = d->info[i] ? t++ : -1;
    for (int part = 0; part < 2; part++) {
      int lo = part == 0 ? 0 : n[1], hi = part == 0 ? n[1] : b->nout;
      for (int i = lo; i < hi; i++) to[o++] = i;
      for (int i = lo; i < hi; i++) {
        nl_aval y;
        nl__out_aval(b, i, &y);
        if (nl_dtype_is_float(y.dtype)) {
          k = o++;
          to[k] = tan_of[i] >= 0 ? tan_of[i] : ~i;
        }
      }
    }
    for (int i = 0; i < o; i++) { /* ~i: zeros like output i */
      like[i] = to[i] < 0 ? ~to[i] : 0;
      if (to[i] < 0) to[i] = -1;
    }
    rearranged re = {d->g, from, to, like, o};
    r = nl__graph_build(C, total, a, o, rearranged_body, &re);
    *nc2 = m[0];
    *nk2 = m[1];
    *nx2 = m[2];
  }
  nl__free(C, from, bytes);
  nl__free(C, a, abytes);
  return r;
}

static nl_status scan_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                           nl_value **t_out) {
  nl_graph *g = (nl_graph *)e->obj, *b = g->sub[0], *body = NULL;
  int n[3] = {(int)g->meta[SCAN_NC], (int)g->meta[SCAN_NK],
              (int)g->meta[SCAN_NX]};
  int nc = 0, nk = 0, nx = 0, first = 0, at = 0;
  uint8_t *mask = (uint8_t *)nl__alloc(C, (size_t)e->nin + 1);
  nl_value **in = nl__values(C, 2 * e->nin), **out = nl__values(C, 2 * e->nout);
  nl_status st = mask == NULL || in == NULL || out == NULL ? C->status : NL_OK;
  if (st == NL_OK) {
    for (int i = 0; i < e->nin; i++)
      mask[i] = i >= n[0] && i < n[0] + n[1] ? float_in(b, i) : t[i] != NULL;
    for (int s = 0; s < 3; s++) {
      for (int i = 0; i < n[s]; i++) in[at++] = e->in[first + i];
      for (int i = 0; i < n[s]; i++)
        if (mask[first + i])
          in[at++] = t[first + i] != NULL
                         ? t[first + i]
                         : nl_zeros_like(C, e->in[first + i]);
      first += n[s];
    }
    body = jvp_scan_body(C, g, mask, &nc, &nk, &nx);
    if (body == NULL) st = C->status;
  }
  if (st == NL_OK)
    st = bind_scan(C, body, g->meta[SCAN_LENGTH], g->meta[SCAN_REVERSE] != 0,
                   nc, nk, nx, in, out);
  for (int part = 0, o = 0; part < 2 && st == NL_OK; part++) {
    int lo = part == 0 ? 0 : n[1], hi = part == 0 ? n[1] : e->nout;
    for (int i = lo; i < hi; i++) e->out[i] = out[o++];
    for (int i = lo; i < hi; i++)
      if (nl_dtype_is_float((nl_dtype)e->out[i]->dtype)) t_out[i] = out[o++];
  }
  nl__free(C, mask, (size_t)e->nin + 1);
  nl__values_free(C, in, 2 * e->nin);
  nl__values_free(C, out, 2 * e->nout);
  return st;
}

/* ---- vmap ---- */

static nl_value *axis_to (nl_ctx *C, nl_value *v, int from, int to) {
  return nl_transpose(C, v, from, to);
}

/* The body with the axis on the inputs in mask.  A carry that gets it gets it
   from the beginning; one of integers may go without, as has to the random
   generator's state: each example draws its own from it, and the same again
   from the state that is saved for the way back.  info: [nout] which of its
   outputs have it. */
static nl_graph *batched_body (nl_ctx *C, nl_graph *g, uint8_t *mask,
                               int64_t n, uint8_t *info) {
  nl_graph *b = g->sub[0], *r = NULL;
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK];
  uint8_t *force = (uint8_t *)nl__alloc(C, (size_t)b->nout + 1);
  bool again = force != NULL;
  while (again) {
    again = false;
    nl_graph_release(C, r);
    for (int i = 0; i < b->nout; i++) force[i] = i < nk && mask[nc + i];
    r = nl__graph_batch(C, b, mask, n, 0, b->nout + 1, force, info);
    for (int i = 0; r != NULL && i < nk; i++) {
      again = again || (info[i] && !mask[nc + i]);
      mask[nc + i] = mask[nc + i] || info[i];
    }
  }
  nl__free(C, force, (size_t)b->nout + 1);
  return r;
}

static nl_status scan_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                             int64_t n, bool *batched_out) {
  nl_graph *g = (nl_graph *)e->obj;
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK];
  size_t bytes = (size_t)(e->nin + e->nout) + 1;
  uint8_t *mask = (uint8_t *)nl__alloc(C, bytes);
  if (mask == NULL) return C->status;
  for (int i = 0; i < e->nin; i++)
    mask[i] = batched[i] || (i >= nc && i < nc + nk &&
                             nl_dtype_is_float((nl_dtype)e->in[i]->dtype));
  nl_graph *body = batched_body(C, g, mask, n, mask + e->nin);
  nl_status st = body == NULL ? C->status : NL_OK;
  for (int i = nc; i < e->nin && st == NL_OK; i++) {
    if (mask[i] && !batched[i]) e->in[i] = nl__repeat(C, e->in[i], n);
    /* (n, length, ...) -> (length, n, ...) */
    if (i >= nc + nk && batched[i]) e->in[i] = axis_to(C, e->in[i], 0, 1);
    if (e->in[i] == NULL) st = C->status;
  }
  if (st == NL_OK)
    st = bind_scan(C, body, g->meta[SCAN_LENGTH], g->meta[SCAN_REVERSE] != 0,
                   nc, nk, e->nin - nc - nk, e->in, e->out);
  else
    nl_graph_release(C, body);
  for (int i = 0; i < e->nout && st == NL_OK; i++) {
    batched_out[i] = mask[e->nin + i];
    if (i >= nk && batched_out[i]) e->out[i] = axis_to(C, e->out[i], 0, 1);
    if (e->out[i] == NULL) st = C->status;
  }
  nl__free(C, mask, bytes);
  return st;
}

/* ---- grad ---- */

/* Residual k of the body's forward graph is its constant input, or -1. */
static int constant_residual (const nl_graph *g, const nl_derived *d, int k) {
  int op = d->g->out[g->sub[0]->nout + k];
  for (int i = 0; i < (int)g->meta[SCAN_NC]; i++)
    if (op >= 0 && op == d->g->in[i]) return i;
  return -1;
}

typedef struct scan_back {
  nl_graph *g;
  nl_derived *d;
  const uint8_t *mask;
  int nct; /* cotangents carried: of float carries */
  int nacc; /* sums: of needed constants */
  int ninv; /* invariant residuals */
} scan_back;

/* in: invariant residuals | cotangents of carries, sums | stacked residuals,
   cotangents of ys.  out: the same carried | cotangents of xs. */
static bool back_body (nl_ctx *C, void *ud, nl_value **in, nl_value **out,
                       int *nout) {
  const scan_back *s = (const scan_back *)ud;
  nl_graph *g = s->g, *b = g->sub[0];
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK], inv = 0;
  int carry = s->ninv, x = s->ninv + s->nct + s->nacc, c = 0, total;
  nl_value **list = nl__values(C, s->d->pull->nin);
  nl_value **r = nl__values(C, s->d->pull->nout);
  bool ok = list != NULL && r != NULL;
  for (int k = 0; k < s->d->nres && ok; k++)
    list[k] = constant_residual(g, s->d, k) >= 0 ? in[inv++] : in[x++];
  for (int i = 0; i < b->nout && ok; i++) {
    const nl_aval *a = nl__in_aval(s->d->pull, s->d->nres + i);
    nl_value *v;
    if (!nl_dtype_is_float(a->dtype)) v = nl__zeros_aval(C, a);
    else if (i < nk) v = in[carry + c++];
    else v = nl__cast_to(C, in[x++], a->dtype, a->weak);
    list[s->d->nres + i] = v;
    ok = v != NULL;
  }
  ok = ok && nl__graph_interpret(C, s->d->pull, list, r) == NL_OK;
  /* r: cotangents of the inputs in mask, in order */
  total = s->nct + s->nacc;
  int acc = s->nct, ct = 0, k = 0;
  *nout = total;
  for (int i = 0; i < b->nin && ok; i++) {
    if (!s->mask[i]) continue;
    nl_value *v = r[k++];
    if (i < nc) {
      out[acc] = nl_add(C, in[carry + acc], v);
      ok = out[acc++] != NULL;
    } else if (i < nc + nk) {
      out[ct++] = v;
    } else {
      out[(*nout)++] = v;
    }
  }
  nl__values_free(C, list, s->d->pull->nin);
  nl__values_free(C, r, s->d->pull->nout);
  return ok;
}

/* The backward scan's shell. */
static nl_graph *back_shell (nl_ctx *C, scan_back *s) {
  nl_graph *g = s->g, *b = g->sub[0];
  nl_derived *d = s->d;
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK], n = 0, nx = 0;
  size_t bytes = (size_t)(d->nres + b->nin + b->nout + 1) * sizeof(nl_aval);
  nl_aval *a = (nl_aval *)nl__alloc(C, bytes);
  if (a == NULL) return NULL;
  for (int k = 0; k < d->nres; k++)
    if (constant_residual(g, d, k) >= 0) nl__out_aval(d->g, b->nout + k, &a[n++]);
  for (int i = nc; i < nc + nk; i++)
    if (s->mask[i]) a[n++] = *nl__in_aval(b, i);
  for (int i = 0; i < nc; i++)
    if (s->mask[i]) a[n++] = *nl__in_aval(b, i);
  for (int k = 0; k < d->nres; k++)
    if (constant_residual(g, d, k) < 0) {
      nl__out_aval(d->g, b->nout + k, &a[n]);
      a[n++].weak = false;
      nx++;
    }
  for (int i = nk; i < b->nout; i++) {
    nl__out_aval(b, i, &a[n]);
    a[n].weak = false;
    if (nl_dtype_is_float(a[n].dtype)) {
      n++;
      nx++;
    }
  }
  nl_graph *body =
      nl__graph_build(C, n, a, b->nin + 1, back_body, s);
  nl__free(C, a, bytes);
  if (body == NULL) return NULL;
  return nl__scan_shell(C, body, g->meta[SCAN_LENGTH],
                        !g->meta[SCAN_REVERSE], s->ninv, s->nct + s->nacc, nx);
}

/* saved: invariant residuals, stacked residuals.  obj: the backward shell,
   whose sub[1] is the forward shell and meta tells the layout. */
static nl_status scan_pull_vjp (nl_ctx *C, const nl_eqn *e,
                                nl_value *const *ct, nl_value **ct_in) {
  nl_graph *back = (nl_graph *)e->obj, *g = back->sub[1], *b = g->sub[0];
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK];
  int ninv = (int)back->meta[SCAN_NC], n = 0, nin;
  nin = ninv + (int)back->meta[SCAN_NK] + (int)back->meta[SCAN_NX];
  nl_value **in = nl__values(C, nin + 1), **out = nl__values(C, back->nout);
  nl_status st = in == NULL || out == NULL ? C->status : NL_OK;
  if (st != NL_OK) goto done;
  for (int i = 0; i < ninv; i++) in[n++] = e->in[i];
  for (int i = 0; i < nk; i++) {
    nl_aval a;
    nl__out_aval(b, i, &a);
    if (!nl_dtype_is_float(a.dtype)) continue;
    in[n++] = ct[i] != NULL ? nl__cast_to(C, ct[i], a.dtype, a.weak)
                            : nl__zeros_aval(C, &a);
  }
  for (int i = 0; i < nc; i++)
    if (e->need[i]) in[n++] = nl__zeros_aval(C, nl__in_aval(b, i));
  for (int i = ninv; i < e->nin; i++) in[n++] = e->in[i];
  for (int i = nk; i < g->nout; i++) {
    nl_aval a;
    nl__out_aval(g, i, &a);
    if (!nl_dtype_is_float(a.dtype)) continue;
    in[n++] = ct[i] != NULL ? ct[i] : nl__zeros_aval(C, &a);
  }
  st = nl_bind(C, &nl_prim_scan, n, in, 0, NULL, back, out);
  if (st == NL_OK) {
    int k = 0, x = (int)back->meta[SCAN_NK], acc = 0;
    for (int i = nc; i < nc + nk; i++) acc += float_in(b, i);
    for (int i = nc; i < nc + nk; i++)
      if (float_in(b, i)) {
        if (e->need[i]) ct_in[i] = out[k];
        k++;
      }
    for (int i = 0; i < nc; i++)
      if (e->need[i]) ct_in[i] = out[acc++];
    for (int i = nc + nk; i < b->nin; i++)
      if (e->need[i]) ct_in[i] = out[x++];
  }
done:
  nl__values_free(C, in, nin + 1);
  nl__values_free(C, out, back->nout);
  return st;
}

static const nl_prim scan_pull = {
    .name = "scan_pull", .nin = -1, .nout = -1, .vjp = scan_pull_vjp};

/* The forward scan, with the residuals that vary stacked as further ys. */
static nl_status forward_scan (nl_ctx *C, const nl_eqn *e, scan_back *s,
                               nl_value **r) {
  nl_graph *g = s->g, *b = g->sub[0], *f = s->d->g;
  int n = f->nin, nout = b->nout, o = 0;
  size_t bytes = ((size_t)n + 2 * (size_t)f->nout + 1) * sizeof(int);
  size_t abytes = ((size_t)n + 1) * sizeof(nl_aval);
  int *from = (int *)nl__alloc(C, bytes);
  nl_aval *a = (nl_aval *)nl__alloc(C, abytes);
  nl_graph *body = NULL;
  if (from != NULL && a != NULL) {
    int *to = from + n;
    for (int i = 0; i < n; i++) {
      from[i] = i;
      a[i] = *nl__in_aval(f, i);
    }
    for (int i = 0; i < nout; i++) to[o++] = i;
    for (int k = 0; k < s->d->nres; k++)
      if (constant_residual(g, s->d, k) < 0) to[o++] = nout + k;
    rearranged re = {f, from, to, to, o};
    body = nl__graph_build(C, n, a, o, rearranged_body, &re);
  }
  nl__free(C, from, bytes);
  nl__free(C, a, abytes);
  if (body == NULL) return C->status;
  return bind_scan(C, body, g->meta[SCAN_LENGTH], g->meta[SCAN_REVERSE] != 0,
                   (int)g->meta[SCAN_NC], (int)g->meta[SCAN_NK],
                   (int)g->meta[SCAN_NX], e->in, r);
}

static nl_status scan_partial (nl_ctx *C, nl_eqn *e, nl_partial *pull) {
  nl_graph *g = (nl_graph *)e->obj, *b = g->sub[0];
  int nc = (int)g->meta[SCAN_NC], nk = (int)g->meta[SCAN_NK];
  uint8_t *mask = (uint8_t *)nl__alloc(C, (size_t)b->nin + 1);
  if (mask == NULL) return C->status;
  scan_back s = {.g = g, .mask = mask};
  for (int i = 0; i < b->nin; i++) {
    bool carry = i >= nc && i < nc + nk;
    mask[i] = carry ? float_in(b, i) : e->need[i];
    s.nct += carry && mask[i];
    s.nacc += i < nc && mask[i];
  }
  nl_status st = NL_OK;
  nl_value **r = NULL;
  nl_graph *back = NULL;
  int most = 0;
  s.d = nl__grad_graphs(C, b, mask);
  if (s.d == NULL) st = C->status;
  if (st == NL_OK) {
    for (int k = 0; k < s.d->nres; k++)
      s.ninv += constant_residual(g, s.d, k) >= 0;
    most = g->nout + s.d->nres;
    r = nl__values(C, most);
    back = r == NULL ? NULL : back_shell(C, &s);
    if (back == NULL) st = C->status;
  }
  if (st == NL_OK) st = forward_scan(C, e, &s, r);
  if (st == NL_OK) {
    pull->saved = (nl_value **)nl__alloc(
        C, (size_t)s.d->nres * sizeof *pull->saved);
    if (pull->saved == NULL) st = C->status;
  }
  if (st == NL_OK) {
    int n = 0;
    for (int i = 0; i < g->nout; i++) e->out[i] = r[i];
    for (int k = 0; k < s.d->nres; k++)
      if (constant_residual(g, s.d, k) >= 0)
        pull->saved[n++] = nl_retain(e->in[constant_residual(g, s.d, k)]);
    for (int k = 0; k < s.d->nres - s.ninv; k++)
      pull->saved[n++] = nl_retain(r[g->nout + k]);
    back->sub[1] = nl_graph_retain(g);
    pull->nsaved = n;
    pull->prim = &scan_pull;
    pull->obj = back;
  } else {
    nl_graph_release(C, back);
  }
  nl__values_free(C, r, most);
  nl__free(C, mask, (size_t)b->nin + 1);
  return st;
}

const nl_prim nl_prim_scan = {
    .name = "scan", .nin = -1, .nout = -1, .flags = NL_JVP_WHOLE,
    .shape = nl__shell_shape, .eval = scan_eval, .jvp = scan_jvp,
    .batch = scan_batch, .partial = scan_partial};
