/* graph_text.c: a graph as text, and what differs between two. */
#include "core/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void nl__put (nl_text *t, const char *fmt, ...) {
  char buf[512];
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(buf, sizeof buf, fmt, ap);
  va_end(ap);
  if (n >= (int)sizeof buf) n = (int)sizeof buf - 1;
  if (t->failed || n < 0 ||
      !nl__grow(t->C, (void **)&t->p, &t->cap, t->n + n + 1, 1)) {
    t->failed = true;
    return;
  }
  memcpy(t->p + t->n, buf, (size_t)n + 1);
  t->n += n;
}

/* The capacity is kept in front, for nl_text_free. */
char *nl__text_end (nl_text *t) {
  nl_ctx *C = t->C;
  char *r = NULL;
  if (!t->failed) {
    size_t bytes = (size_t)t->n + 1 + sizeof(size_t);
    r = (char *)nl__alloc(C, bytes);
    if (r != NULL) {
      memcpy(r, &bytes, sizeof bytes);
      memcpy(r + sizeof(size_t), t->p, (size_t)t->n + 1);
    }
  }
  nl__free(C, t->p, (size_t)t->cap);
  return r == NULL ? NULL : r + sizeof(size_t);
}

void nl__put_aval (nl_text *t, const nl_aval *a) {
  char s[NL_SHAPE_TEXT];
  if (a->weak)
    nl__put(t, "number");
  else if (a->ndim == 0)
    nl__put(t, "%s", nl_dtype_name(a->dtype));
  else
    nl__put(t, "%s[%s]", nl_dtype_name(a->dtype),
        nl__shape_text(s, a->ndim, a->shape));
}

static void put_operand (nl_text *t, const nl_graph *g, int op) {
  if (op >= 0) {
    nl__put(t, "%%%d", op);
    return;
  }
  nl_value *v = g->constant[~op];
  if (v->numel == 1 && v->ndim == 0) {
    double x;
    int64_t i;
    bool is_int;
    if (nl_item(t->C, v, &x, &i, &is_int) == NL_OK) {
      if (is_int) nl__put(t, "%lld", (long long)i);
      else nl__put(t, "%.17g", x);
      return;
    }
  }
  nl__put(t, "const%d", ~op);
}

static void put_params (nl_text *t, const nl_node *n) {
  if (n->np == 0) return;
  nl__put(t, " {");
  for (int i = 0; i < n->np; i++)
    nl__put(t, i ? " %lld" : "%lld", (long long)n->p[i]);
  nl__put(t, "}");
}

static void put_inputs (nl_text *t, const nl_graph *g) {
  int user = g->nin - g->ncell;
  for (int i = 0; i < g->nin; i++) {
    nl__put(t, "%%%d = %s ", g->in[i], i < user ? "input" : "tensor");
    nl__put_aval(t, &g->var[g->in[i]]);
    nl__put(t, "\n");
  }
}

static void put_node (nl_text *t, const nl_graph *g, const nl_node *n) {
  for (int i = 0; i < n->nout; i++)
    nl__put(t, i ? ", %%%d" : "%%%d", n->out[i]);
  nl__put(t, " = %s(", n->prim->name);
  for (int i = 0; i < n->nin; i++) {
    if (i) nl__put(t, ", ");
    put_operand(t, g, n->in[i]);
  }
  nl__put(t, ")");
  put_params(t, n);
  nl__put(t, " ");
  if (n->nout > 0) nl__put_aval(t, &g->var[n->out[0]]);
  nl__put(t, "\n");
}

static void put_outputs (nl_text *t, const nl_graph *g, const int *out) {
  nl__put(t, "return");
  for (int i = 0; i < g->nuser; i++) {
    nl__put(t, i ? ", " : " ");
    put_operand(t, g, out[i]);
  }
  nl__put(t, "\n");
  for (int i = 0; i < g->ncell; i++)
    if (g->cell[i].out >= 0) {
      nl__put(t, "write %%%d := ", g->in[g->cell[i].in]);
      put_operand(t, g, out[g->cell[i].out]);
      nl__put(t, "\n");
    }
}

char *nl_graph_text (nl_ctx *C, const nl_graph *g) {
  nl_text t = {C, NULL, 0, 0, false};
  put_inputs(&t, g);
  for (int k = 0; k < g->nnode; k++) put_node(&t, g, &g->node[k]);
  put_outputs(&t, g, g->out);
  return nl__text_end(&t);
}

/* ---- as captured ---- */

/* Simplification changes equations where they stand, but neither variables nor
   constants.  What it would lose is kept in words of 64 bits: the number of
   equations; of each its primitive, the numbers of its inputs and outputs and
   of its parameters, inputs and outputs two in a word, parameters; then the
   graph's outputs, two in a word. */

static size_t ints (int n) { return ((size_t)n + 1) / 2; }

bool nl__graph_keep (nl_ctx *C, nl_graph *g) {
  size_t n = 1 + ints(g->nout);
  for (int k = 0; k < g->nnode; k++)
    n += 3 + ints(g->node[k].nin + g->node[k].nout) + (size_t)g->node[k].np;
  int64_t *at = (int64_t *)nl__alloc(C, n * sizeof *at);
  if (at == NULL) return false;
  g->raw = at;
  g->nraw = n;
  *at++ = g->nnode;
  for (int k = 0; k < g->nnode; k++) {
    const nl_node *e = &g->node[k];
    int count[2] = {e->nin, e->nout};
    memcpy(at, &e->prim, sizeof e->prim);
    memcpy(at + 1, count, sizeof count);
    at[2] = e->np;
    at += 3;
    if (e->nin + e->nout > 0)
      memcpy(at, e->in, (size_t)(e->nin + e->nout) * sizeof *e->in);
    at += ints(e->nin + e->nout);
    if (e->np > 0) memcpy(at, e->p, (size_t)e->np * sizeof *e->p);
    at += e->np;
  }
  if (g->nout > 0) memcpy(at, g->out, (size_t)g->nout * sizeof *g->out);
  return true;
}

char *nl_graph_captured (nl_ctx *C, const nl_graph *g) {
  nl_text t = {C, NULL, 0, 0, false};
  if (g->raw == NULL) return nl_graph_text(C, g);
  int64_t *at = g->raw, n = *at++;
  put_inputs(&t, g);
  for (int64_t k = 0; k < n; k++) {
    nl_node e;
    int count[2];
    memset(&e, 0, sizeof e);
    memcpy(&e.prim, at, sizeof e.prim);
    memcpy(count, at + 1, sizeof count);
    e.nin = count[0];
    e.nout = count[1];
    e.np = (int)at[2];
    e.in = (int *)(void *)(at + 3);
    e.out = e.in + e.nin;
    at += 3 + ints(e.nin + e.nout);
    e.p = at;
    at += e.np;
    put_node(&t, g, &e);
  }
  put_outputs(&t, g, (const int *)(const void *)at);
  return nl__text_end(&t);
}

void nl_text_free (nl_ctx *C, char *p) {
  size_t bytes;
  if (p == NULL) return;
  memcpy(&bytes, p - sizeof(size_t), sizeof bytes);
  nl__free(C, p - sizeof(size_t), bytes);
}

/* ---- comparing two captures of one function ---- */

bool nl__same_aval (const nl_aval *a, const nl_aval *b) {
  return a->dtype == b->dtype && a->weak == b->weak && a->ndim == b->ndim &&
         memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
}

static bool same_constant (const nl_value *a, const nl_value *b) {
  char x[4096], y[4096];
  if (a == b) return true;
  if (a->dtype != b->dtype || a->weak != b->weak || !nl__same_shape(a, b))
    return false;
  size_t elem = nl_dtype_size((nl_dtype)a->dtype);
  int64_t step = (int64_t)(sizeof x / elem);
  for (int64_t at = 0; at < a->numel; at += step) {
    int64_t n = a->numel - at < step ? a->numel - at : step;
    nl__gather(a, at, n, x); /* either may be a view */
    nl__gather(b, at, n, y);
    if (memcmp(x, y, (size_t)n * elem) != 0) return false;
  }
  return true;
}

/* The number that all elements are, as a spread scalar's. */
static bool one_number (nl_ctx *C, const nl_value *v, double *x) {
  size_t elem = nl_dtype_size((nl_dtype)v->dtype);
  char first[16], other[16];
  int64_t whole;
  bool is_int;
  if (v->numel < 1) return false;
  nl__gather(v, 0, 1, first);
  for (int64_t i = 1; i < v->numel; i++) {
    nl__gather(v, i, 1, other);
    if (memcmp(first, other, elem) != 0) return false;
  }
  return nl_item(C, nl__view_strides(C, v, 0, 0, NULL, NULL), x, &whole,
                 &is_int) == NL_OK;
}

static const char *constants_differ (nl_ctx *C, const nl_node *n,
                                     const nl_value *a, const nl_value *b) {
  double x, y;
  if (one_number(C, a, &x) && one_number(C, b, &y))
    nl_error(C, NL_ERROR, "%s%sthe number %.14g became %.14g in %s",
             n->where, n->where[0] ? ": " : "", x, y, n->prim->name);
  else
    nl_error(C, NL_ERROR, "%s%sa constant tensor changed in %s", n->where,
             n->where[0] ? ": " : "", n->prim->name);
  return C->errmsg;
}

/* `inner`: of a graph that an equation calls, which gets its storages' values
   as inputs; they may be new ones in each capture. */
static const char *graphs_differ (nl_ctx *C, const nl_graph *a,
                                  const nl_graph *b, bool inner);

/* to[v] is the variable of b that a's v is.  (Its number does not say it:
   equations that nobody read took some too.) */
static const char *nodes_differ (nl_ctx *C, const nl_graph *a,
                                 const nl_graph *b, int k, int *to) {
  const nl_node *x = &a->node[k], *y = &b->node[k];
  if (x->prim != y->prim || x->nin != y->nin || x->np != y->np ||
      x->nout != y->nout ||
      (x->np > 0 &&
       memcmp(x->p, y->p, (size_t)x->np * sizeof *x->p) != 0)) {
    nl_error(C, NL_ERROR, "%s%s%s became %s or has other parameters",
             y->where, y->where[0] ? ": " : "", x->prim->name, y->prim->name);
    return C->errmsg;
  }
  for (int i = 0; i < x->nin; i++) {
    int p = x->in[i], q = y->in[i];
    if (p >= 0 && to[p] == q) continue;
    if (p < 0 && q < 0) {
      if (same_constant(a->constant[~p], b->constant[~q])) continue;
      return constants_differ(C, y, a->constant[~p], b->constant[~q]);
    }
    nl_error(C, NL_ERROR, "%s%s%s got another operand", y->where,
             y->where[0] ? ": " : "", x->prim->name);
    return C->errmsg;
  }
  for (int i = 0; i < x->nout; i++) to[x->out[i]] = y->out[i];
  if (x->obj != y->obj && x->obj != NULL && y->obj != NULL)
    return graphs_differ(C, (const nl_graph *)x->obj,
                         (const nl_graph *)y->obj, true);
  return NULL;
}

static const char *mapped_differ (nl_ctx *C, const nl_graph *a,
                                  const nl_graph *b, bool inner, int *to) {
  const char *said = NULL;
  for (int i = 0; i < a->nin && i < b->nin; i++) to[a->in[i]] = b->in[i];
  for (int k = 0; k < a->nnode && k < b->nnode && said == NULL; k++)
    said = nodes_differ(C, a, b, k, to);
  if (said != NULL) return said;
  bool cells = a->ncell == b->ncell;
  for (int i = 0; i < a->ncell && cells; i++)
    cells = (inner || a->cell[i].storage == b->cell[i].storage) &&
            (a->cell[i].out < 0) == (b->cell[i].out < 0);
  if (!cells) {
    nl_error(C, NL_ERROR,
             "it used other tensors than at the first call (an upvalue or a "
             "field got a new tensor; or it made an optimizer, an average or a "
             "module anew, whose state is kept between calls: make it once, "
             "outside of the function)");
    return C->errmsg;
  }
  bool same = a->nnode == b->nnode && a->nin == b->nin && a->nout == b->nout;
  for (int i = 0; i < a->nin && same; i++)
    same = nl__same_aval(&a->var[a->in[i]], &b->var[b->in[i]]);
  for (int i = 0; i < a->nout && same; i++) {
    int p = a->out[i], q = b->out[i];
    same = p >= 0 ? to[p] == q
                  : q < 0 && same_constant(a->constant[~p], b->constant[~q]);
  }
  if (same) return NULL;
  nl_error(C, NL_ERROR, "it computed something else than at the first call");
  return C->errmsg;
}

static const char *graphs_differ (nl_ctx *C, const nl_graph *a,
                                  const nl_graph *b, bool inner) {
  const char *said = NULL;
  for (int k = 0; k < 2 && said == NULL; k++)
    if (a->sub[k] != NULL && b->sub[k] != NULL)
      said = graphs_differ(C, a->sub[k], b->sub[k], true);
  if (said != NULL) return said;
  size_t bytes = ((size_t)a->nvar + 1) * sizeof(int);
  int *to = (int *)nl__alloc(C, bytes);
  if (to == NULL) return C->errmsg;
  for (int i = 0; i < a->nvar; i++) to[i] = i; /* of a shell: no equations */
  said = mapped_differ(C, a, b, inner, to);
  nl__free(C, to, bytes);
  return said;
}

const char *nl_graph_diff (nl_ctx *C, const nl_graph *a, const nl_graph *b) {
  return graphs_differ(C, a, b, false);
}
