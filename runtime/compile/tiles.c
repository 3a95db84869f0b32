/* tiles.c: a group of elementwise equations, tile by tile.
 *
 * Each equation's kernel runs on a tile before the next equation does.  What
 * only the group reads lives in slots of scratch memory, which are used again
 * when their tile is dead; what is read outside goes to its array.  Kernels
 * give an element the same bits wherever it stands, so the group has the bits
 * of its equations one by one.
 *
 * The elements are counted in row-major order.  Arrays from outside that are
 * no dense arrays come as tiles too: a number is spread over one; a row that
 * is repeated (a bias) is repeated in one, which then fits every tile, as
 * tiles are whole rows; where rows are long, tiles are pieces of a row, and a
 * row is read where it stands.  Anything else is gathered.
 *
 * Where one member alone reads what another makes, a kernel that does the work
 * of both makes one of them, with the same bits: loads and stores are what
 * small maps cost.
 *
 * A reduction of what a member makes takes it tile by tile: whole rows, or
 * blocks of NL_RED_BLOCK elements, in which sums are defined. */
#include "compile/tiles.h"

#include <string.h>

#define LATE_MAX 32768 /* elements that one call reduces */
#define SHORT_ROW 256 /* elements: shorter ones are put together */

/* ---- making ---- */

static nl_dtype operand_dtype (const nl_graph *g, int op) {
  return op >= 0 ? g->var[op].dtype : (nl_dtype)g->constant[~op]->dtype;
}

static bool operand_shaped (const nl_graph *g, int op, const nl_aval *like) {
  const nl_value *c = op < 0 ? g->constant[~op] : NULL;
  int ndim = c != NULL ? c->ndim : g->var[op].ndim;
  const int64_t *shape = c != NULL ? c->shape : g->var[op].shape;
  return ndim == like->ndim &&
         memcmp(shape, like->shape, (size_t)ndim * sizeof *shape) == 0;
}

static nl_map_fn map_of (nl_ctx *C, const nl_node *n, nl_dtype d) {
  return n->prim->map > 0 ? C->k->map[n->prim->map - 1][d] : NULL;
}

bool nl__fusable (nl_ctx *C, const nl_graph *g, const nl_node *n) {
  if (n->nout != 1 || n->nin < 1 || n->nin > 3 || n->obj != NULL) return false;
  const nl_aval *a = &g->var[n->out[0]];
  for (int i = 0; i < n->nin; i++)
    if (!operand_shaped(g, n->in[i], a)) return false;
  nl_dtype d = operand_dtype(g, n->in[n->nin - 1]);
  if (n->prim->flags & NL_CASTS) return n->nin == 1 && d != a->dtype;
  return map_of(C, n, d) != NULL;
}

/* v as rows of columns: strides of both, or false. */
static bool matrix (const nl_value *v, int64_t *rows, int64_t *cols,
                    int64_t *s0, int64_t *s1) {
  int64_t size[2] = {1, 1}, stride[2] = {0, 0};
  int n = 0;
  for (int i = v->ndim - 1; i >= 0; i--) { /* from the last dim on */
    if (v->shape[i] == 1) continue;
    if (n > 0 && v->stride[i] == stride[n - 1] * size[n - 1]) {
      size[n - 1] *= v->shape[i];
    } else {
      if (n == 2) return false;
      size[n] = v->shape[i];
      stride[n++] = v->stride[i];
    }
  }
  *cols = size[0];
  *rows = size[1];
  *s1 = stride[0];
  *s0 = stride[1];
  return n == 2;
}

static bool is_one (const nl_value *v) {
  for (int i = 0; i < v->ndim; i++)
    if (v->stride[i] != 0 && v->shape[i] != 1) return false;
  return true;
}

/* The array from outside behind an operand, as it will be laid out. */
static const nl_value *layout (const nl_plan *p, int op) {
  return op < 0 ? p->g->constant[~op] : p->home[op].value;
}

static void classify (const nl_plan *p, nl_tiles *t, ext *x) {
  const nl_value *v = layout(p, x->op);
  int64_t rows, cols, s1;
  x->elem = nl_dtype_size(operand_dtype(p->g, x->op));
  x->slot = -1;
  x->spread = NULL;
  x->s0 = 0;
  if (v == NULL || v->dense) { /* without views there's no header yet */
    x->kind = DENSE;
    return;
  }
  if (is_one(v)) {
    x->kind = ONE;
    return;
  }
  x->kind = ANY;
  if (!matrix(v, &rows, &cols, &x->s0, &s1)) return;
  if (t->cols == 0) { /* the first decides */
    t->rows = rows;
    t->cols = cols;
  }
  if (rows != t->rows || cols != t->cols) return;
  if (s1 == 0) x->kind = COLUMN;
  else if (s1 == 1) x->kind = x->s0 == 0 ? PERIOD : ROW;
}

static void count_tiles (nl_tiles *t) {
  if (t->by_rows) {
    int64_t pieces = (t->cols + t->tile - 1) / t->tile;
    t->units = t->rows * pieces;
    t->step = ITEM / (t->cols / pieces + 1) + 1;
  } else {
    t->units = (t->numel + t->tile - 1) / t->tile;
    t->step = ITEM / t->tile > 0 ? ITEM / t->tile : 1;
  }
}

static void choose_tiles (nl_tiles *t, size_t widest) {
  t->tile = SLOT / (int64_t)widest;
  t->by_rows = t->cols > SHORT_ROW;
  if (!t->by_rows && t->cols > 0) t->tile -= t->tile % t->cols;
}

/* ---- reductions ---- */

/* How many elements equation n reduces to one: 0 for all of them, -1 where
   they don't stand together at the end of the dims. */
static int64_t reduced_row (const nl_graph *g, const nl_node *n) {
  const nl_aval *a = &g->var[n->in[0]];
  int64_t row = 1, kept = 1;
  for (int d = a->ndim - 1; d >= 0; d--) {
    if (a->shape[d] == 1) continue;
    if (!(n->p[0] >> d & 1)) kept *= a->shape[d];
    else if (kept > 1) return -1;
    else row *= a->shape[d];
  }
  return kept == 1 ? 0 : row;
}

/* Do tiles fit the reduction?  Rows may make them smaller. */
static bool tail_fits (nl_tiles *t, int64_t row) {
  if (row < 0 || t->numel == 0) return false;
  if (row == 0)
    return t->numel <= t->tile ||
           (!t->by_rows && NL_RED_BLOCK % t->tile == 0);
  if (t->by_rows) return row == t->cols && row <= t->tile;
  int64_t both = row > t->cols ? row : t->cols;
  if (both > t->tile || both % row != 0 || (t->cols > 0 && both % t->cols != 0))
    return false;
  t->tile -= t->tile % both;
  return true;
}

static bool set_tail (nl_ctx *C, const nl_plan *p, nl_tiles *t,
                      const nl_node *n) {
  const nl_graph *g = p->g;
  int id = n->prim->reduce - 1, same = p->home[n->in[0]].same;
  nl_dtype d = g->var[n->in[0]].dtype, r = g->var[n->out[0]].dtype;
  tail *q = &t->tail[t->ntail++];
  q->row = reduced_row(g, n);
  q->var = n->out[0];
  q->elem = nl_dtype_size(r);
  q->reduce = C->k->reduce[id][d];
  q->again = C->k->reduce[id][r];
  q->blocks = id < NL_RED_ALL ? C->k->reduce_blocks[id][d] : NULL;
  for (q->from = t->n - 1; t->m[q->from].var != same;) q->from--;
  return q->reduce != NULL && q->again != NULL &&
         (q->row != 0 || q->blocks != NULL) && tail_fits(t, q->row);
}

/* All of the group's reductions or none. */
static bool set_tails (nl_ctx *C, const nl_plan *p, const nl_unit *u,
                       nl_tiles *t) {
  int64_t tile = t->tile;
  bool fits = true;
  for (int i = 0; i < u->ntail && fits; i++)
    fits = set_tail(C, p, t, &p->g->node[p->order[u->first + u->count + i]]);
  for (int i = 0; i < t->ntail && fits; i++) /* with the last one's tiles */
    fits = tail_fits(t, t->tail[i].row);
  if (fits) return true;
  t->ntail = 0;
  t->tile = tile;
  return false;
}

/* Which arrays come as tiles of their own, and where. */
static bool place_exts (nl_ctx *C, nl_plan *p, nl_tiles *t) {
  for (int i = 0; i < t->next; i++) {
    ext *x = &t->x[i];
    if (x->kind == ROW && !t->by_rows) x->kind = ANY;
    if (x->kind == PERIOD && t->by_rows) x->kind = ROW;
    if (x->kind == DENSE || x->kind == ROW) continue;
    if (x->kind == ONE && x->op < 0) {
      int64_t n = t->tile < t->numel ? t->tile : t->numel;
      char *tile = (char *)nl__plan_alloc(C, p, (size_t)n * x->elem);
      if (tile == NULL) return false;
      for (int64_t k = 0; k < n; k++)
        memcpy(tile + (size_t)k * x->elem,
               nl__bytes_at(p->g->constant[~x->op]), x->elem);
      x->spread = tile;
    } else {
      x->slot = t->nslot++;
    }
  }
  return true;
}

static int ext_of (nl_plan *p, nl_tiles *t, int op) {
  for (int i = 0; i < t->next; i++)
    if (t->x[i].op == op) return i;
  t->x[t->next].op = op;
  classify(p, t, &t->x[t->next]);
  return t->next++;
}

/* Takes member `gone` out; those that follow move up. */
static void drop_member (nl_tiles *t, int gone) {
  t->n--;
  for (int i = gone; i < t->n; i++) t->m[i] = t->m[i + 1];
  for (int i = gone; i < t->n; i++)
    for (int k = 0; k < t->m[i].nin; k++)
      if (t->m[i].from[k] > NL_EXT_MAX + gone) t->m[i].from[k]--;
  for (int i = 0; i < t->ntail; i++)
    if (t->tail[i].from > gone) t->tail[i].from--;
}

/* Does nothing but one operand of one member read member i? */
static bool read_once (const nl_plan *p, const nl_tiles *t, int i) {
  int reads = 0;
  for (int k = 0; k < t->ntail; k++) reads += 2 * (t->tail[k].from == i);
  for (int j = i + 1; j < t->n; j++)
    for (int k = 0; k < t->m[j].nin; k++)
      reads += t->m[j].from[k] == NL_EXT_MAX + i;
  return reads == 1 && p->home[t->m[i].var].kind == NL_UNUSED;
}

/* Member j with the one that makes its operand k, in one pass; or false. */
static bool pair_up (nl_ctx *C, const nl_plan *p, nl_tiles *t, int j, int k) {
  member *m = &t->m[j];
  int i = m->from[k] - NL_EXT_MAX;
  if (i < 0 || m->nin > 2 || m->id < 0) return false;
  const member f = t->m[i];
  if (f.id < 0 || f.nin > 2 || !read_once(p, t, i)) return false;
  nl_map_fn both = C->k->pair(f.id, m->id, k, p->g->var[m->var].dtype);
  if (both == NULL) return false;
  m->from[2] = m->nin == 2 ? m->from[1 - k] : f.from[0];
  m->from[0] = f.from[0];
  m->from[1] = f.from[f.nin - 1];
  m->map = both;
  m->nin = 3;
  m->id = -1;
  drop_member(t, i);
  return true;
}

static void pair_members (nl_ctx *C, const nl_plan *p, nl_tiles *t) {
  for (int j = 1; j < t->n; j++)
    for (int k = 0; k < t->m[j].nin; k++)
      if (pair_up(C, p, t, j, k)) {
        j--;
        break;
      }
}

/* Tiles of members: a slot is free again after the last member that reads
   it, which may write into it when its elements are of the same size. */
static void place_members (const nl_plan *p, nl_tiles *t) {
  int last[NL_GROUP_MAX], free_slot[NL_GROUP_MAX], nfree = 0;
  for (int i = 0; i < t->n; i++) last[i] = t->m[i].block = -1;
  for (int i = 0; i < t->n; i++)
    for (int k = 0; k < t->m[i].nin; k++)
      if (t->m[i].from[k] >= NL_EXT_MAX) last[t->m[i].from[k] - NL_EXT_MAX] = i;
  for (int i = 0; i < t->ntail; i++) {
    member *m = &t->m[t->tail[i].from];
    last[t->tail[i].from] = t->n; /* after all members */
    if (t->tail[i].row == 0 && m->block < 0 &&
        p->home[m->var].kind == NL_UNUSED)
      m->block = t->nblock++;
  }
  for (int i = 0; i < t->n; i++) {
    member *m = &t->m[i];
    bool array = p->home[m->var].kind != NL_UNUSED || m->block >= 0;
    int before = nfree;
    for (int k = 0; k < m->nin; k++) {
      int j = m->from[k] - NL_EXT_MAX;
      bool again = k > 0 && m->from[k] == m->from[0];
      again = again || (k > 1 && m->from[k] == m->from[1]);
      if (j >= 0 && last[j] == i && t->m[j].slot >= 0 && !again)
        free_slot[nfree++] = j;
    }
    m->slot = -1;
    for (int f = nfree - 1; f >= 0 && !array && m->slot < 0; f--) {
      const member *old = &t->m[free_slot[f]];
      if (f >= before && old->elem != m->elem) continue;
      m->slot = old->slot;
      free_slot[f] = free_slot[--nfree];
    }
    if (m->slot < 0 && !array) m->slot = t->nslot++;
  }
}

static void place_room (nl_tiles *t) {
  size_t slots = (size_t)t->nslot * SLOT_STEP;
  for (int i = 0; i < t->next; i++)
    t->x[i].at = (size_t)(t->x[i].slot < 0 ? 0 : t->x[i].slot) * SLOT_STEP;
  for (int i = 0; i < t->n; i++) {
    member *m = &t->m[i];
    if (m->slot >= 0) m->at = (size_t)m->slot * SLOT_STEP;
    else if (m->block >= 0) m->at = slots + (size_t)m->block * BLOCK_STEP;
  }
  t->room = slots + (size_t)t->nblock * BLOCK_STEP + 64;
}

/* The arrays that are fetched ahead, if all of them are much memory and there
   is enough to compute meanwhile; few members pass through them as quickly as
   the processor fetches by itself. */
static bool place_streams (nl_ctx *C, nl_plan *p, nl_tiles *t) {
  size_t bytes = (size_t)(t->next + t->n + 1) * sizeof *t->s, all = 0;
  t->s = (stream *)nl__plan_alloc(C, p, bytes);
  if (t->s == NULL) return false;
  for (int i = 0; i < t->next + t->n; i++) {
    const ext *x = &t->x[i];
    const member *m = &t->m[i - t->next];
    bool array = i < t->next
                   ? (x->kind == DENSE || x->kind == ROW) && !x->product
                   : m->slot < 0 && m->block < 0;
    if (!array || (i < t->next && x->kind == ROW && x->s0 == 0)) continue;
    stream *s = &t->s[t->nstream++];
    s->of = i < t->next ? i : NL_EXT_MAX + i - t->next;
    s->elem = i < t->next ? x->elem : m->elem;
    all += (size_t)t->numel * s->elem;
  }
  if (all < FAR || t->n <= FEW) t->nstream = 0;
  return true;
}

/* Reductions that run after the tiles, as the kernel wants them. */
static bool place_late (nl_ctx *C, nl_plan *p, nl_unit *u) {
  size_t bytes = ((size_t)u->ntail + 1) * sizeof *u->late;
  u->late = (nl_late *)nl__plan_alloc(C, p, bytes);
  if (u->late == NULL) return false;
  for (int i = 0; i < u->ntail; i++) {
    const nl_node *n = &p->g->node[p->order[u->first + u->count + i]];
    const nl_value *x = n->in[0] < 0 ? NULL : p->home[n->in[0]].value;
    nl_late *late = &u->late[i];
    if (x == NULL || !x->dense || x->numel == 0 || x->numel > LATE_MAX)
      continue;
    late->in = n->in[0];
    late->out = n->out[0];
    late->outer = late->n = late->inner = 1;
    bool together = true;
    for (int d = x->ndim - 1; d >= 0 && together; d--) { /* from the last on */
      if (x->shape[d] == 1) continue;
      if (!(n->p[0] >> d & 1))
        *(late->n > 1 ? &late->outer : &late->inner) *= x->shape[d];
      else if (late->outer > 1) together = false;
      else late->n *= x->shape[d];
    }
    if (together) late->fn = C->k->reduce[n->prim->reduce - 1][x->dtype];
  }
  return true;
}

bool nl__tiles_place (nl_ctx *C, nl_plan *p, nl_unit *u) {
  if (u->ntail > 0 && !u->fused && !place_late(C, p, u)) return false;
  if (u > p->unit && u[-1].joined) {
    int v = p->g->node[p->order[u[-1].first]].out[0];
    for (int i = 0; i < u->tiles->next; i++) {
      ext *x = &u->tiles->x[i];
      x->product = x->op >= 0 && p->home[x->op].root == v;
    }
  }
  if (!place_exts(C, p, u->tiles)) return false;
  pair_members(C, p, u->tiles);
  place_members(p, u->tiles);
  place_room(u->tiles);
  return place_streams(C, p, u->tiles);
}

bool nl__tiles_new (nl_ctx *C, nl_plan *p, nl_unit *u, int unit) {
  const nl_graph *g = p->g;
  nl_tiles *t = (nl_tiles *)nl__plan_alloc(C, p, sizeof *t);
  size_t members = (size_t)u->count * sizeof(member), widest = 1;
  int reads = 0;
  for (int i = 0; i < u->count; i++)
    reads += g->node[p->order[u->first + i]].nin;
  if (t == NULL) return false;
  u->tiles = t;
  t->m = (member *)nl__plan_alloc(C, p, members);
  t->x = (ext *)nl__plan_alloc(C, p, (size_t)(reads + 1) * sizeof *t->x);
  if (t->m == NULL || t->x == NULL) return false;
  const nl_aval *a = &g->var[g->node[p->order[u->first]].out[0]];
  t->spread = C->k->spread;
  t->n = u->count;
  t->numel = 1;
  for (int d = 0; d < a->ndim; d++) t->numel *= a->shape[d];
  for (int i = 0; i < t->n; i++) {
    const nl_node *n = &g->node[p->order[u->first + i]];
    nl_dtype d = operand_dtype(g, n->in[n->nin - 1]);
    member *m = &t->m[i];
    m->var = n->out[0];
    m->nin = n->nin;
    m->elem = nl_dtype_size(g->var[m->var].dtype);
    if (m->elem > widest) widest = m->elem;
    if (n->prim->flags & NL_CASTS) m->cast = C->k->cast[d][g->var[m->var].dtype];
    else m->map = map_of(C, n, d);
    m->id = m->map != NULL ? n->prim->map - 1 : -1;
    for (int k = 0; k < n->nin; k++) {
      int op = n->in[k], same = op < 0 ? op : p->home[op].same, j = t->n;
      if (op >= 0 && p->home[same].unit == unit) /* one of the group's */
        for (j = i - 1; j >= 0 && t->m[j].var != same;) j--;
      m->from[k] = op >= 0 && p->home[same].unit == unit ? NL_EXT_MAX + j
                                                         : ext_of(p, t, op);
      size_t elem = nl_dtype_size(operand_dtype(g, op));
      if (elem > widest) widest = elem;
    }
  }
  choose_tiles(t, widest);
  u->fused = u->ntail > 0 && set_tails(C, p, u, t);
  count_tiles(t);
  return true;
}

bool nl__tiles_take_parts (const nl_tiles *t, int64_t numel, int64_t n) {
  return t->ntail == 0 && t->numel == numel && numel > 0 &&
         (t->cols == 0 || t->cols == n);
}
