/* simplify.c: the graph with fewer equations and the same bits.
 *
 * One walk in order.  now[v] is the operand that stands for variable v from
 * here on: v itself, another variable, or a constant.  An equation whose
 * results all have a stand-in is dropped by the pruning that follows. */
#include "core/core.h"

#include <string.h>

#define FOLD_MAX 4096 /* elements of a folded result */

typedef struct simplifier {
  nl_ctx *C;
  nl_graph *g;
  int *now;    /* [nvar] */
  int *maker;  /* [nvar] its equation, -1: an input */
  int *bucket; /* [nbucket] equations by hash, chained by next */
  int *next;   /* [nnode] */
  int nbucket;
} simplifier;

static const nl_aval *aval_of (const simplifier *s, int op, nl_aval *room) {
  if (op >= 0) return &s->g->var[op];
  nl__aval(s->g->constant[~op], room);
  return room;
}

static bool alike (const nl_aval *a, const nl_aval *b) {
  return a->dtype == b->dtype && a->weak == b->weak && a->ndim == b->ndim &&
         memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
}

/* ---- constants ---- */

static bool foldable (const simplifier *s, const nl_node *n) {
  if ((n->prim->flags & (NL_RANDOM | NL_NO_FOLD)) || n->obj != NULL ||
      n->nin == 0 || n->nin > 4 || n->nout != 1)
    return false;
  for (int i = 0; i < n->nin; i++)
    if (n->in[i] >= 0) return false;
  const nl_aval *a = &s->g->var[n->out[0]];
  int64_t numel = 1;
  for (int i = 0; i < a->ndim; i++) numel *= a->shape[i];
  /* a view makes no new elements */
  return numel <= FOLD_MAX || (n->prim->flags & NL_MOVES);
}

static bool fold (simplifier *s, const nl_node *n) {
  nl_ctx *C = s->C;
  nl_value *in[4], *out;
  size_t mark = nl_pool_mark(C);
  nl_trace *saved = nl_outside_begin(C);
  for (int i = 0; i < n->nin; i++) in[i] = s->g->constant[~n->in[i]];
  nl_status st = nl_bind(C, n->prim, n->nin, in, n->np, n->p, NULL, &out);
  nl_outside_end(C, saved);
  int op = st == NL_OK ? nl__graph_const(C, s->g, out) : 0;
  nl_pool_release(C, mark);
  if (op >= 0) { /* it fails again when it runs */
    nl_error_clear(C);
    return false;
  }
  s->now[n->out[0]] = op;
  return true;
}

/* ---- the same array ---- */

/* A view of all elements in their order, in the same shape. */
static bool shows_the_same (const simplifier *s, const nl_node *n) {
  nl_aval room;
  if (!(n->prim->flags & NL_MOVES) || n->p[1] != 0) return false;
  if (!alike(&s->g->var[n->out[0]], aval_of(s, n->in[0], &room))) return false;
  int ndim = (int)n->p[0];
  int64_t want = 1;
  for (int i = ndim - 1; i >= 0; i--) {
    int64_t size = n->p[2 + i], stride = n->p[2 + ndim + i];
    if (size != 1 && stride != want) return false;
    want *= size;
  }
  return true;
}

/* float32 -> float64 -> float32 loses nothing; as weak numbers likewise. */
static int cast_back (const simplifier *s, const nl_node *n) {
  nl_aval room;
  if (!(n->prim->flags & NL_CASTS) || n->in[0] < 0) return -1;
  int k = s->maker[n->in[0]];
  if (k < 0) return -1;
  const nl_node *m = &s->g->node[k];
  if (m->prim != n->prim || m->in[0] < 0) return -1;
  const nl_aval *from = aval_of(s, m->in[0], &room);
  const nl_aval *mid = &s->g->var[m->out[0]];
  bool widens = from->dtype == NL_F32 && mid->dtype == NL_F64;
  if ((widens || from->dtype == mid->dtype) &&
      alike(from, &s->g->var[n->out[0]]))
    return m->in[0];
  return -1;
}

/* ---- equal equations ---- */

static uint64_t hash_node (const nl_node *n) {
  uint64_t h = (uint64_t)(uintptr_t)n->prim ^ (uint64_t)(uintptr_t)n->obj;
  for (int i = 0; i < n->nin; i++)
    h = (h ^ (uint64_t)(int64_t)n->in[i]) * 0x9e3779b97f4a7c15u;
  for (int i = 0; i < n->np; i++)
    h = (h ^ (uint64_t)n->p[i]) * 0x9e3779b97f4a7c15u;
  return h ^ (h >> 29);
}

static bool equal_nodes (const nl_node *a, const nl_node *b) {
  return a->prim == b->prim && a->obj == b->obj && a->nin == b->nin &&
         a->np == b->np && a->nout == b->nout &&
         memcmp(a->in, b->in, (size_t)a->nin * sizeof *a->in) == 0 &&
         (a->np == 0 ||
          memcmp(a->p, b->p, (size_t)a->np * sizeof *a->p) == 0);
}

static bool merge (simplifier *s, int k) {
  const nl_node *n = &s->g->node[k];
  int *head = &s->bucket[hash_node(n) % (uint64_t)s->nbucket];
  for (int m = *head; m >= 0; m = s->next[m])
    if (equal_nodes(&s->g->node[m], n)) {
      for (int i = 0; i < n->nout; i++)
        s->now[n->out[i]] = s->g->node[m].out[i];
      return true;
    }
  s->next[k] = *head;
  *head = k;
  return false;
}

static void visit (simplifier *s, int k) {
  nl_node *n = &s->g->node[k];
  for (int i = 0; i < n->nin; i++)
    if (n->in[i] >= 0) n->in[i] = s->now[n->in[i]];
  if ((n->prim->flags & NL_COMMUTES) && n->nin == 2 && n->in[0] > n->in[1]) {
    int t = n->in[0];
    n->in[0] = n->in[1];
    n->in[1] = t;
  }
  for (int i = 0; i < n->nout; i++) s->maker[n->out[i]] = k;
  if (foldable(s, n) && fold(s, n)) return;
  if (shows_the_same(s, n)) {
    s->now[n->out[0]] = n->in[0];
    return;
  }
  int back = cast_back(s, n);
  if (back >= 0) {
    s->now[n->out[0]] = back;
    return;
  }
  merge(s, k);
}

void nl__simplify (nl_ctx *C, nl_graph *g) {
  simplifier s = {.C = C, .g = g, .nbucket = 2 * g->nnode + 1};
  size_t n = (size_t)(2 * g->nvar + s.nbucket + g->nnode + 1);
  s.now = (int *)nl__alloc(C, n * sizeof *s.now);
  if (s.now == NULL) {
    nl_error_clear(C);
    return;
  }
  s.maker = s.now + g->nvar;
  s.bucket = s.maker + g->nvar;
  s.next = s.bucket + s.nbucket;
  for (int v = 0; v < g->nvar; v++) {
    s.now[v] = v;
    s.maker[v] = -1;
  }
  for (int i = 0; i < s.nbucket; i++) s.bucket[i] = -1;
  for (int k = 0; k < g->nnode; k++) visit(&s, k);
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] >= 0) g->out[i] = s.now[g->out[i]];
  nl__free(C, s.now, n * sizeof *s.now);
}
