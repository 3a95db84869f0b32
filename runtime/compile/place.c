/* place.c: where the arrays of a plan stand.
 *
 * First the views: what an equation merely shows needs no array.  A view's
 * header is relative to its root, the array shown, which is dense.  Then, with
 * the units in order, what is returned gets an array of its own, what a
 * primitive makes by itself stays where that put it, and the rest gets a place
 * in the arena for as long as it is read: the first gap that is large
 * enough. */
#include "compile/plan.h"

#include <limits.h>
#include <string.h>

enum { PINNED = INT_MAX / 2, ALIGN = 64, GAPS_SEEN = 64 };

static nl_value *header (nl_ctx *C, nl_plan *p, int v) {
  const nl_aval *a = &p->g->var[v];
  nl_value *h = (nl_value *)nl__plan_alloc(C, p, sizeof *h);
  if (h == NULL) return NULL;
  h->refs = PINNED;
  h->dtype = (uint8_t)a->dtype;
  h->weak = a->weak;
  h->ndim = (uint8_t)a->ndim;
  h->numel = 1;
  for (int i = 0; i < a->ndim; i++) {
    h->shape[i] = a->shape[i];
    h->numel *= a->shape[i];
  }
  nl__set_dense(h);
  return h;
}

/* ---- views ---- */

static bool shows (const nl_graph *g, const nl_node *n) {
  if (n->nin != 1 || n->nout != 1 || n->in[0] < 0) return false;
  if (n->prim->flags & (NL_MOVES | NL_SAME)) return true;
  return (n->prim->flags & NL_CASTS) &&
         g->var[n->in[0]].dtype == g->var[n->out[0]].dtype;
}

/* Makes out a view of in's root, if strides can express it. */
static bool show (nl_ctx *C, nl_plan *p, const nl_node *n, bool *memory) {
  nl_home *from = &p->home[n->in[0]], *to = &p->home[n->out[0]];
  nl_value *h = header(C, p, n->out[0]), *x = from->value;
  if (h == NULL) {
    *memory = false;
    return false;
  }
  if (x == NULL) x = from->value = header(C, p, n->in[0]);
  if (x == NULL) {
    *memory = false;
    return false;
  }
  if (n->prim->flags & NL_MOVES) {
    int ndim = (int)n->p[0];
    if (!nl__compose_view(x, n->p[1], ndim, n->p + 2, n->p + 2 + ndim, h))
      return false;
  } else {
    memcpy(h->stride, x->stride, sizeof h->stride);
    h->offset = x->offset;
    h->dense = x->dense;
  }
  to->kind = NL_SHOWN;
  to->root = from->root;
  to->value = h;
  to->offset = h->offset;
  if (h->dense && x->dense && h->offset == x->offset && h->numel == x->numel)
    to->same = from->same;
  return true;
}

bool nl__same_elements (nl_ctx *C, nl_plan *p) {
  const nl_graph *g = p->g;
  bool memory = true;
  for (int v = 0; v < g->nvar; v++)
    p->home[v] = (nl_home){.root = v, .same = v, .unit = -1, .last = -1,
                           .next_view = -1, .first_view = -1, .input = -1};
  for (int k = 0; k < g->nnode && memory; k++) {
    const nl_node *n = &g->node[k];
    for (int i = 0; i < n->nout; i++) p->home[n->out[i]].unit = k;
    if (shows(g, n)) show(C, p, n, &memory);
  }
  return memory;
}

/* ---- how long ---- */

/* What only tiles of a group read needs no array. */
static void read_operand (nl_plan *p, int op, int u, bool tiles) {
  if (op < 0) return;
  nl_home *root = &p->home[p->home[op].root];
  if (root->unit == u && tiles) return;
  if (root->last < u) root->last = u;
}

static void find_last (nl_plan *p) {
  const nl_graph *g = p->g;
  for (int u = 0; u < p->nunit; u++)
    for (int m = 0; m < p->unit[u].count + p->unit[u].ntail; m++) {
      const nl_unit *unit = &p->unit[u];
      const nl_node *n = &g->node[p->order[unit->first + m]];
      bool tiles = unit->group && (m < unit->count || unit->fused);
      for (int i = 0; i < n->nin; i++) read_operand(p, n->in[i], u, tiles);
    }
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] >= 0) p->home[p->home[g->out[i]].root].last = p->nunit;
}

/* A product's sizes; the batch's strides are none. */
static void sizes_of (const nl_plan *p, const nl_node *n, nl_gemm_call *q,
                      nl_gemm_batch *batch) {
  const nl_aval *x = &p->g->var[n->out[0]];
  const int64_t *in = n->in[0] >= 0 ? p->g->var[n->in[0]].shape
                                    : p->g->constant[~n->in[0]]->shape;
  int nd = x->ndim;
  *batch = (nl_gemm_batch){nd - 2, x->shape, x->shape, x->shape, NULL};
  *q = (nl_gemm_call){.d = x->dtype, .m = x->shape[nd - 2],
                      .n = x->shape[nd - 1], .k = in[nd - 1],
                      .batch = nd == 2 ? NULL : batch};
}

/* Does nothing but the group on its parts read the product of unit u? */
static bool passes_by (nl_ctx *C, const nl_plan *p, int u) {
  const nl_node *n = &p->g->node[p->order[p->unit[u].first]];
  const nl_unit *group = &p->unit[u + 1];
  int v = n->out[0];
  if (!p->unit[u].joined || p->home[v].last != u + 1) return false;
  for (int m = group->count; m < group->count + group->ntail; m++) {
    const nl_node *tail = &p->g->node[p->order[group->first + m]];
    for (int i = 0; i < tail->nin; i++)
      if (tail->in[i] >= 0 && p->home[tail->in[i]].root == v) return false;
  }
  nl_gemm_call q;
  nl_gemm_batch batch;
  sizes_of(p, n, &q, &batch);
  return n->prim->product->spares(C, &q);
}

static void choose_kinds (nl_ctx *C, nl_plan *p) {
  const nl_graph *g = p->g;
  for (int i = 0; i < g->nin; i++) {
    p->home[g->in[i]].kind = NL_INPUT;
    p->home[g->in[i]].input = i;
  }
  for (int u = 0; u < p->nunit; u++)
    for (int m = 0; m < p->unit[u].count + p->unit[u].ntail; m++) {
      const nl_node *n = &g->node[p->order[p->unit[u].first + m]];
      bool group = p->unit[u].group && m < p->unit[u].count;
      for (int i = 0; i < n->nout; i++) {
        nl_home *h = &p->home[n->out[i]];
        bool unread = h->last < 0;
        if (!group && h->last < u) h->last = u; /* it is written at least */
        if (!group && !(n->prim->flags & NL_INTO))
          h->kind = unread ? NL_UNUSED : NL_RESULT;
        else if (h->last == p->nunit) h->kind = NL_FRESH;
        else h->kind = h->last < 0 ? NL_UNUSED : NL_ARENA;
        if (h->kind == NL_ARENA && p->unit[u].product && passes_by(C, p, u))
          h->kind = NL_UNUSED;
      }
    }
}

/* ---- the arena ---- */

typedef struct gap {
  size_t at, size;
} gap;

typedef struct arena {
  nl_ctx *C;
  gap *gap; /* in order of place; none touch */
  int n, cap;
  size_t end;
} arena;

static bool add_gap (arena *a, size_t at, size_t size) {
  int i = a->n;
  if (!nl__grow(a->C, (void **)&a->gap, &a->cap, a->n + 1, sizeof *a->gap))
    return false;
  while (i > 0 && a->gap[i - 1].at > at) {
    a->gap[i] = a->gap[i - 1];
    i--;
  }
  a->gap[i] = (gap){at, size};
  a->n++;
  if (i + 1 < a->n && at + size == a->gap[i + 1].at) {
    a->gap[i].size += a->gap[i + 1].size;
    memmove(&a->gap[i + 1], &a->gap[i + 2],
            (size_t)(a->n - i - 2) * sizeof *a->gap);
    a->n--;
  }
  if (i > 0 && a->gap[i - 1].at + a->gap[i - 1].size == at) {
    a->gap[i - 1].size += a->gap[i].size;
    memmove(&a->gap[i], &a->gap[i + 1],
            (size_t)(a->n - i - 1) * sizeof *a->gap);
    a->n--;
  }
  return true;
}

static size_t take (arena *a, size_t size) {
  for (int i = 0; i < a->n && i < GAPS_SEEN; i++) {
    if (a->gap[i].size < size) continue;
    size_t at = a->gap[i].at;
    a->gap[i].at += size;
    a->gap[i].size -= size;
    if (a->gap[i].size == 0) {
      memmove(&a->gap[i], &a->gap[i + 1],
              (size_t)(a->n - i - 1) * sizeof *a->gap);
      a->n--;
    }
    return at;
  }
  size_t at = a->end;
  a->end += size;
  return at;
}

static size_t bytes_of (const nl_value *h) {
  size_t n = (size_t)h->numel * nl_dtype_size((nl_dtype)h->dtype);
  return n == 0 ? ALIGN : (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* Headers of the arrays that unit u makes; places in the arena. */
static bool place_outputs (nl_plan *p, arena *a, int u) {
  const nl_graph *g = p->g;
  for (int m = 0; m < p->unit[u].count + p->unit[u].ntail; m++) {
    const nl_node *n = &g->node[p->order[p->unit[u].first + m]];
    for (int i = 0; i < n->nout; i++) {
      nl_home *h = &p->home[n->out[i]];
      if (h->kind == NL_UNUSED) continue;
      if (h->value == NULL) h->value = header(a->C, p, n->out[i]);
      if (h->value == NULL) return false;
      if (h->kind == NL_FRESH) p->unit[u].fresh = true;
      if (h->kind != NL_ARENA) continue;
      size_t at = take(a, bytes_of(h->value));
      h->value->buf = &p->arena;
      h->value->offset =
          (int64_t)(at / nl_dtype_size((nl_dtype)h->value->dtype));
      p->env[n->out[i]] = h->value;
    }
  }
  return true;
}

static bool give_back (nl_plan *p, arena *a, int u) {
  for (int i = 0; i < p->unit[u].ndrop; i++) {
    const nl_home *h = &p->home[p->unit[u].drop[i]];
    if (h->kind != NL_ARENA) continue;
    size_t at = (size_t)h->value->offset *
                nl_dtype_size((nl_dtype)h->value->dtype);
    if (!add_gap(a, at, bytes_of(h->value))) return false;
  }
  return true;
}

/* A product's scratch, which is free again at once. */
static bool place_scratch (nl_plan *p, arena *a, int u) {
  nl_unit *unit = &p->unit[u];
  const nl_node *n = &p->g->node[p->order[unit->first]];
  if (!unit->product) return true;
  nl_gemm_call q;
  nl_gemm_batch batch;
  sizes_of(p, n, &q, &batch);
  size_t bytes = n->prim->product->scratch(a->C, &q);
  bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
  if (bytes == 0) return true;
  unit->scratch = take(a, bytes);
  unit->scratch_bytes = bytes;
  return add_gap(a, unit->scratch, bytes);
}

static bool mortal (const nl_plan *p, const nl_home *h) {
  return (h->kind == NL_ARENA || h->kind == NL_RESULT) && h->last >= 0 &&
         h->last < p->nunit;
}

/* Each unit's list of the variables that die with it. */
static bool list_drops (nl_ctx *C, nl_plan *p) {
  const nl_graph *g = p->g;
  int total = 0;
  for (int v = 0; v < g->nvar; v++) {
    nl_home *h = &p->home[v];
    if (!mortal(p, h)) continue;
    p->unit[h->last].ndrop++;
    total++;
  }
  p->drops = (int *)nl__plan_alloc(C, p, ((size_t)total + 1) * sizeof(int));
  if (p->drops == NULL) return false;
  total = 0;
  for (int u = 0; u < p->nunit; u++) {
    p->unit[u].drop = p->drops + total;
    total += p->unit[u].ndrop;
    p->unit[u].ndrop = 0;
  }
  for (int pass = 0; pass < 2; pass++) /* values first */
    for (int v = 0; v < g->nvar; v++) {
      nl_home *h = &p->home[v];
      if (!mortal(p, h) || (h->kind == NL_ARENA) != (pass == 1)) continue;
      nl_unit *u = &p->unit[h->last];
      u->drop[u->ndrop++] = v;
      if (pass == 0) u->nresult = u->ndrop;
    }
  return true;
}

/* Views: of arena arrays they are done, of others they wait in a list. */
static void place_views (nl_plan *p) {
  const nl_graph *g = p->g;
  for (int v = g->nvar - 1; v >= 0; v--) {
    nl_home *h = &p->home[v], *root = &p->home[h->root];
    if (h->kind != NL_SHOWN) continue;
    if (root->kind == NL_ARENA) {
      h->value->buf = &p->arena;
      h->value->offset = root->value->offset + h->offset;
      p->env[v] = h->value;
    } else if (root->kind != NL_UNUSED) {
      h->next_view = root->first_view;
      root->first_view = v;
    }
  }
}

/* What a run holds references to. */
static bool list_owned (nl_ctx *C, nl_plan *p) {
  p->owned = (int *)nl__plan_alloc(C, p,
                                   ((size_t)p->g->nvar + 1) * sizeof(int));
  if (p->owned == NULL) return false;
  for (int v = 0; v < p->g->nvar; v++)
    if (p->home[v].kind == NL_FRESH || p->home[v].kind == NL_RESULT)
      p->owned[p->nowned++] = v;
  return true;
}

bool nl__place (nl_ctx *C, nl_plan *p) {
  arena a = {.C = C};
  p->nthreads = C->nthreads;
  p->gemm_openblas = C->gemm_openblas;
  find_last(p);
  choose_kinds(C, p);
  p->arena.refs = PINNED;
  bool ok = list_drops(C, p) && list_owned(C, p);
  for (int u = 0; u < p->nunit && ok; u++) {
    /* a product and its group run together: all that they read and write has
       to be there at once */
    bool second = u > 0 && p->unit[u - 1].joined;
    ok = (second || place_outputs(p, &a, u)) &&
         (!p->unit[u].joined || place_outputs(p, &a, u + 1)) &&
         place_scratch(p, &a, u) && give_back(p, &a, u);
  }
  nl__free(C, a.gap, (size_t)a.cap * sizeof *a.gap);
  p->arena_bytes = a.end;
  if (ok) place_views(p);
  return ok;
}
