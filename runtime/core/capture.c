/* capture.c: records equations into a graph.
 *
 * Everything bound while a capture is current becomes an equation, even
 * between constants.  An outer storage that is read or written becomes an
 * input: its cell holds the input's tracer until the capture ends; a cell
 * that then holds something else was written and becomes an output. */
#include "core/core.h"

typedef struct capture_trace {
  nl_trace base;
  nl_graph *g;
  bool keep; /* its equations as captured */
} capture_trace;

static nl_value *tracer_of (nl_ctx *C, nl_trace *T, const nl_aval *a) {
  int var = nl__graph_var(C, ((capture_trace *)T)->g, a);
  if (var < 0) return NULL;
  nl_value *t = nl__tracer(C, T, a->dtype, a->weak, a->ndim, a->shape);
  if (t != NULL) t->node = var;
  return t;
}

/* A variable, ~constant, or false with the error recorded. */
static bool operand (nl_ctx *C, nl_trace *T, nl_value *v, int *result) {
  if (v->trace == T) {
    *result = v->node;
    return true;
  }
  if (v->trace != NULL) {
    nl_error(C, NL_ERROR,
             "jit: a value that %s traces was used inside, but not through "
             "an argument or a tensor",
             v->trace->kind->name);
    return false;
  }
  *result = nl__graph_const(C, ((capture_trace *)T)->g, v);
  return *result < 0;
}

/* A graph with as many levels as may be can't be called by an equation of one
   more: a plain one is written out in its place. */
static nl_status write_out (nl_ctx *C, nl_eqn *e, nl_value **out) {
  nl_graph *g = (nl_graph *)e->obj;
  if (e->prim == &nl_prim_call && g->pull == NULL && g->rule == NULL &&
      !g->checkpoint)
    return nl__graph_interpret(C, g, e->in, out);
  return nl_error(C, NL_ERROR, "jit: custom rules, checkpoints, loops and "
                  "branches nest more than %d deep", NL_MAX_NEST);
}

#define FEW 8

static nl_status capture_process (nl_ctx *C, nl_trace *T, nl_eqn *e,
                                  nl_value **out) {
  nl_graph *g = ((capture_trace *)T)->g;
  nl_aval few[FEW], *aval = few;
  nl_status st = NL_OK;
  if (e->obj != NULL && nl__graph_depth((nl_graph *)e->obj) >= NL_MAX_NEST)
    return write_out(C, e, out);
  if (e->nout > FEW) {
    aval = (nl_aval *)nl__alloc(C, (size_t)e->nout * sizeof *aval);
    if (aval == NULL) return C->status;
  }
  if (e->prim->shape == NULL)
    st = nl_error(C, NL_ERROR, "%s: can't be captured by jit", e->prim->name);
  else
    st = e->prim->shape(C, e, aval);
  nl_node *n = st == NL_OK ? nl__graph_node(C, g, e) : NULL;
  if (n == NULL) st = C->status;
  for (int i = 0; i < e->nin && st == NL_OK; i++)
    if (!operand(C, T, e->in[i], &n->in[i])) st = C->status;
  for (int i = 0; i < e->nout && st == NL_OK; i++) {
    out[i] = tracer_of(C, T, &aval[i]);
    if (out[i] == NULL) st = C->status;
    else n->out[i] = out[i]->node;
  }
  if (st == NL_OK && C->where != NULL)
    C->where(C->where_ud, n->where, sizeof n->where);
  if (aval != few) nl__free(C, aval, (size_t)e->nout * sizeof *aval);
  return st;
}

static void capture_destroy (nl_ctx *C, nl_trace *T) {
  nl_graph_release(C, ((capture_trace *)T)->g);
}

const nl_trace_kind nl__capture_kind = {
    "jit", capture_process, nl__lower_none,
    NULL,  capture_destroy, sizeof(capture_trace)};

/* Is s an input already?  A slot may be that of another capture. */
static bool offered (const nl_trace *T, const nl_storage *s) {
  if (s->offered < T->stamp) return false; /* to no capture since T began */
  if (s->slot < T->ntouched && T->touched[s->slot].storage == s) return true;
  return nl__touched_at(T, s) >= 0;
}

bool nl__capture_offer (nl_ctx *C, nl_trace *T, nl_storage *s) {
  if (offered(T, s)) return true;
  nl_aval a;
  nl__aval(s->value, &a);
  nl_value *t = tracer_of(C, T, &a);
  if (t == NULL) return false;
  s->slot = T->ntouched;
  if (!nl__touch(C, T, s, s->value, t->node)) return false;
  if (s->offered < T->stamp) s->offered = T->stamp;
  s->value = nl_retain(t);
  return true;
}

bool nl__captured_by_columns (const nl_value *v) {
  const nl_graph *g = ((const capture_trace *)v->trace)->g;
  int n = v->ndim;
  if (g == NULL) return false; /* it ended */
  for (int k = g->nnode - 1; k >= 0 && k > g->nnode - 8 && n >= 2; k--) {
    const nl_node *node = &g->node[k];
    if (node->nout != 1 || node->out[0] != v->node) continue;
    /* view's parameters: ndim, offset, sizes, strides */
    return node->prim == nl_prim_find("view") && node->p[2 + 2 * n - 1] != 1 &&
           node->p[2 + 2 * n - 2] == 1;
  }
  return false;
}

/* ---- life ---- */

nl_trace *nl_capture_begin (nl_ctx *C) {
  nl_graph *g = nl__graph_new(C);
  nl_trace *T = g == NULL ? NULL : nl__trace_push(C, &nl__capture_kind);
  if (T == NULL) {
    nl_graph_release(C, g);
    return NULL;
  }
  ((capture_trace *)T)->g = g;
  return T;
}

void nl_capture_keep (nl_trace *T) { ((capture_trace *)T)->keep = true; }

nl_value *nl_capture_input (nl_ctx *C, nl_trace *T, const nl_value *v) {
  if (v == NULL) return NULL;
  nl_aval a;
  nl__aval(v, &a);
  nl_value *t = tracer_of(C, T, &a);
  if (t != NULL && !nl__graph_in(C, ((capture_trace *)T)->g, t->node))
    return NULL;
  return t;
}

static bool add_output (nl_ctx *C, nl_trace *T, nl_value *v) {
  int op;
  v = nl__resolve(C, v);
  return v != NULL && operand(C, T, v, &op) &&
         nl__graph_out(C, ((capture_trace *)T)->g, op);
}

/* The storages that were touched: inputs, and outputs where written. */
static bool add_cells (nl_ctx *C, nl_trace *T) {
  nl_graph *g = ((capture_trace *)T)->g;
  for (int i = 0; i < T->ntouched; i++) {
    nl_touched *t = &T->touched[i];
    nl_value *now = t->storage->value;
    bool written = now->trace != T || now->node != t->var;
    if (!nl__grow(C, (void **)&g->cell, &g->cap_cell, g->ncell + 1,
                  sizeof *g->cell) ||
        !nl__graph_in(C, g, t->var))
      return false;
    g->cell[g->ncell++] = (nl_cell){nl_storage_retain(t->storage), g->nin - 1,
                                    written ? g->nout : -1};
    if (written && !add_output(C, T, now)) return false;
  }
  return true;
}

nl_graph *nl_capture_end (nl_ctx *C, nl_trace *T, int nout,
                          nl_value *const *out) {
  nl_graph *g = ((capture_trace *)T)->g;
  bool ok = C->trace == T, keep = ((capture_trace *)T)->keep;
  if (!ok)
    nl_error(C, NL_ERROR, "jit: a transform inside it did not end");
  for (int i = 0; i < nout && ok; i++)
    ok = out[i] != NULL && add_output(C, T, out[i]);
  g->nuser = nout;
  ok = ok && add_cells(C, T);
  nl_trace_abort(C, T); /* restores; what was written is in the graph */
  if (ok) {
    ok = nl__graph_check(C, g, "capture") && (!keep || nl__graph_keep(C, g));
    if (ok && C->simplify) nl__simplify(C, g);
    if (ok) nl__graph_prune(C, g);
    ok = ok && (!C->simplify || nl__graph_check(C, g, "simplify")) &&
         nl__graph_finish(C, g);
  }
  /* the graph may hold storages of tracers that escaped: were it the trace's
     too, they would hold each other for ever */
  if (ok) ((capture_trace *)T)->g = NULL;
  nl_trace_release(C, T);
  return ok ? g : NULL;
}
