/* plan.c: the units of a plan and their order.
 *
 * An elementwise equation joins a group of its size that makes or reads one
 * of its operands, if that leads to no circle: if no other operand of it
 * depends on the group.  What depends on which of the (at most 64) open groups
 * is kept as bits.  When all bits are taken, all groups are closed. */
#include "compile/plan.h"

#include <string.h>

#define OPEN_MAX 64
#define LATE_MAX 1
#define LARGE 4096 /* elements */

struct nl_scraps {
  struct nl_scraps *next;
  size_t bytes, used;
};

void *nl__plan_alloc (nl_ctx *C, nl_plan *p, size_t bytes) {
  struct nl_scraps *s = p->scraps;
  bytes = (bytes + 63) & ~(size_t)63;
  if (s == NULL || s->bytes - s->used < bytes) {
    size_t all = bytes + 64 > 4096 ? bytes + 64 : 4096;
    s = (struct nl_scraps *)nl__alloc(C, all);
    if (s == NULL) return NULL;
    *s = (struct nl_scraps){p->scraps, all, 64};
    p->scraps = s;
  }
  void *r = (char *)s + s->used;
  s->used += bytes;
  memset(r, 0, bytes);
  return r;
}

void nl__plan_free (nl_ctx *C, nl_plan *p) {
  if (p == NULL) return;
  for (struct nl_scraps *s = p->scraps; s != NULL;) {
    struct nl_scraps *next = s->next;
    nl__free(C, s, s->bytes);
    s = next;
  }
  nl__free(C, p, sizeof *p);
}

/* ---- groups ---- */

typedef struct planner {
  nl_ctx *C;
  const nl_graph *g;
  nl_plan *p;
  int *group_of; /* [nnode] or -1 */
  bool *tail;    /* [nnode] a reduction of the group, not one of it */
  int *reader;   /* [nvar] a group that reads it, or -1 */
  int *reads;    /* [nvar] how often a root is read */
  uint64_t *dep; /* [nvar] the open groups that it depends on */
  int *epoch_of; /* [nvar] when dep was set */
  int ngroup;    /* groups so far; those from `oldest` on are open */
  int oldest, epoch;
  uint64_t of_group[OPEN_MAX]; /* the open groups that a group depends on */
  struct size_of {
    int64_t numel;
    int members, reads, tails;
    int first; /* equation */
    int made;  /* large arrays that it reads and single equations make; */
    int late;  /* those of them made after `first`, which the others await */
    int leader; /* the group that it was merged into, or itself */
  } *size; /* [nnode] of groups */
} planner;

static int leader (const planner *s, int b) {
  while (b >= 0 && s->size[b].leader != b) b = s->size[b].leader;
  return b;
}

static int64_t numel_of (const nl_aval *a) {
  int64_t n = 1;
  for (int i = 0; i < a->ndim; i++) n *= a->shape[i];
  return n;
}

static const nl_home *same_of (const planner *s, int v) {
  return &s->p->home[s->p->home[v].same];
}

/* The open groups that v depends on, by way of other groups too. */
static uint64_t depends (const planner *s, int v) {
  if (v < 0 || s->epoch_of[v] != s->epoch) return 0;
  uint64_t d = s->dep[v], all = d;
  for (uint64_t rest = d; rest != 0; rest &= rest - 1)
    all |= s->of_group[__builtin_ctzll(rest)];
  return all;
}

static int made_in (const planner *s, int v) { /* a group, or -1 */
  if (v < 0) return -1;
  int k = same_of(s, v)->unit; /* for now: the equation that makes it */
  return k < 0 || s->tail[k] ? -1 : leader(s, s->group_of[k]);
}

/* The equation that makes v, if v is large, of no group, and read just once,
   so that its place is free after that; else -1. */
static int large_from (const planner *s, int v) {
  if (v < 0 || made_in(s, v) >= 0) return -1;
  int root = s->p->home[v].root;
  if (s->reads[root] > 1 || numel_of(&s->g->var[root]) < LARGE) return -1;
  return s->p->home[root].unit;
}

/* Adds the large arrays that equation k reads to those of its group, which has
   them all at once: a sum of 20 products in one group would hold 20. */
static void count_large (const planner *s, int k, struct size_of *z) {
  const nl_node *n = &s->g->node[k];
  for (int i = 0; i < n->nin; i++) {
    int made = large_from(s, n->in[i]);
    z->made += made >= 0;
    z->late += made > z->first;
  }
}

/* May equation k join group b without making a circle? */
static bool may_join (const planner *s, int k, int b) {
  const nl_node *n = &s->g->node[k];
  const struct size_of *z = &s->size[b];
  struct size_of after = *z;
  int reads = z->reads;
  count_large(s, k, &after);
  if (after.late > LATE_MAX && after.late > z->late) return false;
  if (b < s->oldest || z->members == NL_GROUP_MAX ||
      z->numel != numel_of(&s->g->var[n->out[0]]))
    return false;
  uint64_t bit = (uint64_t)1 << (b - s->oldest);
  for (int i = 0; i < n->nin; i++) {
    if (made_in(s, n->in[i]) == b) continue;
    if (depends(s, n->in[i]) & bit) return false;
    reads++;
  }
  return reads <= NL_EXT_MAX;
}

static void join (planner *s, int k, int b) {
  const nl_node *n = &s->g->node[k];
  int slot = b - s->oldest;
  uint64_t bit = (uint64_t)1 << slot, more = 0;
  count_large(s, k, &s->size[b]);
  for (int i = 0; i < n->nin; i++) {
    int v = n->in[i];
    if (v < 0) {
      s->size[b].reads++;
      continue;
    }
    if (made_in(s, v) != b) {
      more |= depends(s, v);
      s->size[b].reads++;
      s->reader[s->p->home[v].same] = b;
    }
  }
  s->group_of[k] = b;
  s->size[b].members++;
  s->of_group[slot] |= more;
  for (int i = 0; i < s->ngroup - s->oldest; i++)
    if (s->of_group[i] & bit) s->of_group[i] |= s->of_group[slot];
  s->dep[n->out[0]] = bit;
  s->epoch_of[n->out[0]] = s->epoch;
}

/* Makes one group of a and b, unless one depends on the other or the two are
   too much together. */
static void merge (planner *s, int a, int b) {
  struct size_of *x = &s->size[a], *y = &s->size[b];
  if (a < s->oldest || b < s->oldest || x->numel != y->numel ||
      x->members + y->members >= NL_GROUP_MAX ||
      x->reads + y->reads >= NL_EXT_MAX || x->tails + y->tails > NL_TAIL_MAX)
    return;
  int late = x->late + y->late + (x->first < y->first ? y->made : x->made);
  if (late > LATE_MAX && late > x->late && late > y->late) return;
  int i = a - s->oldest, k = b - s->oldest;
  uint64_t bit_a = (uint64_t)1 << i, bit_b = (uint64_t)1 << k;
  if ((s->of_group[i] & bit_b) || (s->of_group[k] & bit_a)) return;
  x->members += y->members;
  x->reads += y->reads;
  x->tails += y->tails;
  x->made += y->made;
  x->late = late;
  if (y->first < x->first) x->first = y->first;
  y->leader = a;
  s->of_group[i] |= s->of_group[k];
  s->of_group[k] = s->of_group[i] | bit_a; /* what depends on b, does on a */
  for (int g = 0; g < s->ngroup - s->oldest; g++)
    if (g != i && (s->of_group[g] & (bit_a | bit_b)))
      s->of_group[g] |= s->of_group[i] | bit_a;
}

static int open_group (planner *s, int k) {
  if (s->ngroup - s->oldest == OPEN_MAX) {
    s->oldest = s->ngroup;
    s->epoch++;
  }
  int b = s->ngroup++;
  s->of_group[b - s->oldest] = 0;
  s->size[b] = (struct size_of){numel_of(&s->g->var[s->g->node[k].out[0]]), 0,
                                0, 0, k, 0, 0, b};
  return b;
}

/* A reduction of what an open group makes goes with the group. */
static bool join_as_tail (planner *s, int k) {
  const nl_node *n = &s->g->node[k];
  if (n->prim->reduce == 0 || n->nin != 1) return false;
  int b = made_in(s, n->in[0]);
  if (b < s->oldest || s->size[b].tails == NL_TAIL_MAX) return false;
  s->size[b].tails++;
  s->group_of[k] = b;
  s->tail[k] = true;
  s->dep[n->out[0]] = (uint64_t)1 << (b - s->oldest);
  s->epoch_of[n->out[0]] = s->epoch;
  return true;
}

static void group_node (planner *s, int k) {
  const nl_node *n = &s->g->node[k];
  s->group_of[k] = -1;
  s->tail[k] = false;
  if (join_as_tail(s, k)) return;
  if (nl__fusable(s->C, s->g, n)) {
    int b = -1;
    for (int i = 0; i < n->nin; i++) { /* groups that meet here become one */
      int c = made_in(s, n->in[i]);
      if (c < 0) continue;
      if (b < 0) b = c;
      else if (c != b) merge(s, b, c);
    }
    if (b >= 0 && !may_join(s, k, b)) b = -1;
    for (int i = 0; i < n->nin && b < 0; i++) {
      int c = made_in(s, n->in[i]);
      if (c >= 0 && may_join(s, k, c)) b = c;
    }
    for (int i = 0; i < n->nin && b < 0; i++) {
      int c = n->in[i] < 0 ? -1
              : leader(s, s->reader[s->p->home[n->in[i]].same]);
      if (c >= 0 && may_join(s, k, c)) b = c;
    }
    join(s, k, b >= 0 ? b : open_group(s, k));
    return;
  }
  uint64_t d = 0;
  for (int i = 0; i < n->nin; i++) d |= depends(s, n->in[i]);
  for (int i = 0; i < n->nout; i++) {
    s->dep[n->out[i]] = d;
    s->epoch_of[n->out[i]] = s->epoch;
  }
}

/* ---- order ----
 * Each unit has a key, its last equation; of the units that are ready the one
 * with the least key is next. */

typedef struct ordering {
  int n;         /* units */
  int *unit_of;  /* [nnode], -1: it just shows something */
  int *key;      /* [n] */
  int *waits;    /* [n] operands that are not there yet */
  int *heap, nheap;
  int *begin, *edge; /* unit u is awaited by edge[begin[u] .. begin[u + 1]) */
} ordering;

static void heap_push (ordering *o, int u) {
  int i = o->nheap++;
  while (i > 0 && o->key[o->heap[(i - 1) / 2]] > o->key[u]) {
    o->heap[i] = o->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  o->heap[i] = u;
}

static int heap_pop (ordering *o) {
  int top = o->heap[0], u = o->heap[--o->nheap], i = 0;
  for (int c; (c = 2 * i + 1) < o->nheap; i = c) {
    if (c + 1 < o->nheap && o->key[o->heap[c + 1]] < o->key[o->heap[c]]) c++;
    if (o->key[o->heap[c]] >= o->key[u]) break;
    o->heap[i] = o->heap[c];
  }
  o->heap[i] = u;
  return top;
}

/* Calls each(o, from, to) for every operand that another unit makes. */
static void edges (const planner *s, ordering *o,
                   void (*each) (ordering *o, int from, int to)) {
  for (int k = 0; k < s->g->nnode; k++) {
    const nl_node *n = &s->g->node[k];
    int u = o->unit_of[k];
    for (int i = 0; i < n->nin && u >= 0; i++) {
      if (n->in[i] < 0) continue;
      int m = s->p->home[s->p->home[n->in[i]].root].unit;
      if (m >= 0 && o->unit_of[m] != u) each(o, o->unit_of[m], u);
    }
  }
}

static void count_edge (ordering *o, int from, int to) {
  o->begin[from + 1]++;
  o->waits[to]++;
}

static void list_edge (ordering *o, int from, int to) {
  o->edge[o->begin[from]++] = to;
}

static void number_units (const planner *s, ordering *o, int *unit_of_group) {
  for (int b = 0; b < s->ngroup; b++) unit_of_group[b] = -1;
  for (int k = 0; k < s->g->nnode; k++) {
    const nl_node *n = &s->g->node[k];
    int b = leader(s, s->group_of[k]), *u = b >= 0 ? &unit_of_group[b] : NULL;
    if (n->nout == 1 && s->p->home[n->out[0]].kind == NL_SHOWN) {
      o->unit_of[k] = -1;
      continue;
    }
    if (u == NULL || *u < 0) {
      if (u != NULL) *u = o->n;
      o->unit_of[k] = o->n++;
    } else {
      o->unit_of[k] = *u;
    }
    o->key[o->unit_of[k]] = k;
  }
}

/* Units into p->unit, their equations into p->order. */
static bool put_in_order (const planner *s, ordering *o, int *position) {
  nl_plan *p = s->p;
  p->unit = (nl_unit *)nl__plan_alloc(s->C, p,
                                      ((size_t)o->n + 1) * sizeof *p->unit);
  p->order = (int *)nl__plan_alloc(s->C, p,
                                   ((size_t)s->g->nnode + 1) * sizeof(int));
  if (p->unit == NULL || p->order == NULL) return false;
  for (int u = 0; u < o->n; u++)
    if (o->waits[u] == 0) heap_push(o, u);
  while (o->nheap > 0) {
    int u = heap_pop(o);
    position[u] = p->nunit++;
    for (int e = u == 0 ? 0 : o->begin[u - 1]; e < o->begin[u]; e++)
      if (--o->waits[o->edge[e]] == 0) heap_push(o, o->edge[e]);
  }
  for (int k = 0; k < s->g->nnode; k++) {
    if (o->unit_of[k] < 0) continue;
    nl_unit *u = &p->unit[position[o->unit_of[k]]];
    if (s->tail[k]) u->ntail++;
    else u->count++;
  }
  for (int u = 0; u < p->nunit; u++) {
    p->unit[u].first = p->norder;
    p->norder += p->unit[u].count + p->unit[u].ntail;
    p->unit[u].count = p->unit[u].ntail = 0;
  }
  for (int pass = 0; pass < 2; pass++) /* tails after the others */
    for (int k = 0; k < s->g->nnode; k++) {
      if (o->unit_of[k] < 0 || s->tail[k] != (pass == 1)) continue;
      nl_unit *u = &p->unit[position[o->unit_of[k]]];
      u->group = s->group_of[k] >= 0;
      u->into = (s->g->node[k].prim->flags & NL_INTO) != 0;
      p->order[u->first + u->count + u->ntail] = k;
      if (pass == 1) u->ntail++;
      else u->count++;
    }
  for (int v = 0; v < s->g->nvar; v++) { /* equations to units */
    nl_home *h = &p->home[v];
    if (h->unit >= 0 && o->unit_of[h->unit] >= 0)
      h->unit = position[o->unit_of[h->unit]];
    else
      h->unit = -1;
  }
  return true;
}

static bool order_units (const planner *s) {
  size_t nodes = (size_t)s->g->nnode + 1, total = 0;
  for (int k = 0; k < s->g->nnode; k++) total += (size_t)s->g->node[k].nin;
  size_t bytes = (8 * nodes + total) * sizeof(int);
  int *room = (int *)nl__alloc(s->C, bytes);
  if (room == NULL) return false;
  memset(room, 0, bytes);
  ordering o = {.unit_of = room, .key = room + nodes, .waits = room + 2 * nodes,
                .heap = room + 3 * nodes, .begin = room + 4 * nodes,
                .edge = room + 8 * nodes};
  number_units(s, &o, room + 6 * nodes);
  edges(s, &o, count_edge);
  for (int u = 0; u < o.n; u++) o.begin[u + 1] += o.begin[u];
  edges(s, &o, list_edge); /* after it begin[u] is where u's edges end */
  bool ok = put_in_order(s, &o, room + 7 * nodes);
  nl__free(s->C, room, bytes);
  return ok;
}

/* ---- products ---- */

/* Is unit w a product whose result, variable v, unit u is the first to read? */
static bool first_reader (const nl_plan *p, int w, int u, int v) {
  for (int k = w + 1; k < u; k++)
    for (int m = 0; m < p->unit[k].count + p->unit[k].ntail; m++) {
      const nl_node *n = &p->g->node[p->order[p->unit[k].first + m]];
      for (int i = 0; i < n->nin; i++)
        if (n->in[i] >= 0 && p->home[n->in[i]].root == v) return false;
    }
  return true;
}

/* Moves unit w down to stand before unit u. */
static void move_unit (nl_plan *p, int w, int u) {
  nl_unit moved = p->unit[w];
  memmove(&p->unit[w], &p->unit[w + 1], (size_t)(u - 1 - w) * sizeof moved);
  p->unit[u - 1] = moved;
  for (int k = w; k < u; k++)
    for (int m = 0; m < p->unit[k].count + p->unit[k].ntail; m++) {
      const nl_node *n = &p->g->node[p->order[p->unit[k].first + m]];
      for (int i = 0; i < n->nout; i++)
        if (p->home[n->out[i]].kind != NL_SHOWN) p->home[n->out[i]].unit = k;
    }
}

/* Does group u read all of v's elements where it makes its own, and no others
   (no transpose of it, say)? */
static bool reads_in_place (const nl_plan *p, int u, int v) {
  for (int m = 0; m < p->unit[u].count; m++) {
    const nl_node *n = &p->g->node[p->order[p->unit[u].first + m]];
    for (int i = 0; i < n->nin; i++)
      if (n->in[i] >= 0 && p->home[n->in[i]].root == v &&
          p->home[n->in[i]].same != v)
        return false;
  }
  return true;
}

#define NEAR 64 /* units between a product and its group, at most */

/* The product that group u can join, or -1. */
static int product_for (const nl_plan *p, int u) {
  const nl_unit *group = &p->unit[u];
  for (int m = 0; m < group->count; m++) {
    const nl_node *n = &p->g->node[p->order[group->first + m]];
    for (int i = 0; i < n->nin; i++) {
      int v = n->in[i] < 0 ? -1 : p->home[n->in[i]].same;
      int w = v < 0 || p->home[v].root != v ? -1 : p->home[v].unit;
      if (w < 0 || w >= u || u - w > NEAR || !p->unit[w].product ||
          p->unit[w].joined)
        continue;
      const nl_aval *a = &p->g->var[v];
      if (nl__tiles_take_parts(group->tiles, numel_of(a),
                               a->shape[a->ndim - 1]) &&
          first_reader(p, w, u, v) && reads_in_place(p, u, v))
        return w;
    }
  }
  return -1;
}

/* Marks the groups that make what a storage gets: passes over the old array and
   the new, which caches serve better alone than in parts of a product. */
static void mark_updates (nl_plan *p) {
  for (int i = 0; i < p->g->ncell + p->g->nback; i++) {
    int v, x;
    nl__new_and_old(p->g, i, &v, &x);
    int u = v < 0 ? -1 : p->home[p->home[v].root].unit;
    if (u >= 0) p->unit[u].updates = true;
  }
}

static void join_products (nl_plan *p) {
  for (int u = 0; u < p->nunit; u++) {
    const nl_node *n = &p->g->node[p->order[p->unit[u].first]];
    p->unit[u].product = !p->unit[u].group && n->prim->product != NULL &&
                         nl_dtype_is_float(p->g->var[n->out[0]].dtype);
  }
  mark_updates(p);
  for (int u = 0; u < p->nunit; u++) {
    if (!p->unit[u].group || p->unit[u].fused || p->unit[u].updates) continue;
    int w = product_for(p, u);
    if (w < 0) continue;
    move_unit(p, w, u);
    p->unit[u - 1].joined = true;
  }
}

/* ---- making ---- */

static void count_reads (planner *s) {
  const nl_graph *g = s->g;
  for (int k = 0; k < g->nnode; k++) {
    const nl_node *n = &g->node[k];
    if (n->nout == 1 && s->p->home[n->out[0]].kind == NL_SHOWN) continue;
    for (int i = 0; i < n->nin; i++)
      if (n->in[i] >= 0) s->reads[s->p->home[n->in[i]].root]++;
  }
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] >= 0) s->reads[s->p->home[g->out[i]].root] += 2;
}

static bool make_groups (planner *s) {
  size_t nodes = (size_t)s->g->nnode + 1, vars = (size_t)s->g->nvar + 1;
  size_t bytes = vars * (sizeof *s->dep + 3 * sizeof(int)) +
                 nodes * (sizeof *s->size + sizeof(int) + sizeof(bool));
  char *room = (char *)nl__alloc(s->C, bytes);
  if (room == NULL) return false;
  s->dep = (uint64_t *)(void *)room;
  s->size = (struct size_of *)(void *)(s->dep + vars);
  s->group_of = (int *)(void *)(s->size + nodes);
  s->reader = s->group_of + nodes;
  s->epoch_of = s->reader + vars;
  s->reads = s->epoch_of + vars;
  s->tail = (bool *)(s->reads + vars);
  for (int v = 0; v < s->g->nvar; v++) {
    s->reader[v] = -1;
    s->epoch_of[v] = -1;
    s->reads[v] = 0;
  }
  count_reads(s);
  for (int k = 0; k < s->g->nnode; k++) group_node(s, k);
  bool ok = order_units(s);
  nl__free(s->C, room, bytes);
  return ok;
}

static bool make (nl_ctx *C, nl_plan *p, const nl_graph *g) {
  p->g = g;
  p->home = (nl_home *)nl__plan_alloc(C, p,
                                      ((size_t)g->nvar + 1) * sizeof *p->home);
  p->env = (nl_value **)nl__plan_alloc(C, p,
                                       ((size_t)g->nvar + 1) * sizeof *p->env);
  if (p->home == NULL || p->env == NULL || !nl__same_elements(C, p))
    return false;
  planner s = {.C = C, .g = g, .p = p};
  if (!make_groups(&s)) return false;
  for (int u = 0; u < p->nunit; u++)
    if (p->unit[u].group && !nl__tiles_new(C, p, &p->unit[u], u))
      return false;
  join_products(p);
  if (!nl__place(C, p)) return false;
  for (int u = 0; u < p->nunit; u++)
    if (p->unit[u].group && !nl__tiles_place(C, p, &p->unit[u]))
      return false;
  nl__find_donors(p);
  return true;
}

nl_plan *nl__plan_new (nl_ctx *C, const nl_graph *g) {
  nl_plan *p = (nl_plan *)nl__alloc(C, sizeof *p);
  if (p == NULL) return NULL;
  memset(p, 0, sizeof *p);
  if (!make(C, p, g)) {
    nl__plan_free(C, p);
    return NULL;
  }
  return p;
}

bool nl__plan_busy (const nl_plan *p) { return p->busy; }
