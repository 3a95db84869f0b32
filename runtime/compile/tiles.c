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
 * A reduction of what a member makes takes it tile by tile: whole rows, or
 * blocks of NL_RED_BLOCK elements, in which sums are defined. */
#include <string.h>

#include "compile/plan.h"

#define SLOT 4096           /* bytes of a tile */
#define SLOT_STEP (SLOT + 192) /* not a multiple of a page */
#define ITEM 16384          /* elements for a thread */
#define SHORT_ROW 256       /* elements: shorter ones are put together */

typedef enum ext_kind {
  DENSE,  /* row-major, without gaps */
  ONE,    /* one number */
  PERIOD, /* one row, repeated */
  COLUMN, /* one number for each row */
  ROW,    /* dense rows, any distance apart */
  ANY
} ext_kind;

typedef struct ext { /* an array from outside */
  int op;
  ext_kind kind;
  size_t elem;
  int64_t s0;         /* from row to row */
  int slot;           /* -1: read where it stands */
  const char *spread; /* ONE, a constant: its tile */
} ext;

typedef struct member {
  nl_map_fn map; /* or */
  void (*cast) (int64_t n, const void *in, void *out);
  int nin, from[3]; /* an ext, or NL_EXT_MAX + a member */
  size_t elem;
  int slot; /* or -1 and */
  int var;  /* its array */
  int block; /* or -1 and a whole block's memory, for a reduction; or -1 */
} member;

/* A reduction of a member's elements, by the kernels' rule: of rows that lie
   within a tile, or of all, block by block. */
typedef struct tail {
  int from; /* the member */
  int64_t row; /* elements of a row; 0: all */
  nl_reduce_fn reduce, again; /* again: of the blocks' results */
  void (*blocks) (int64_t n, int64_t b0, int64_t b1, const void *x,
                  void *out);
  size_t elem; /* of the result */
  int var;
} tail;

struct nl_tiles {
  int n, next, nslot, ntail, nblock;
  member *m;
  ext *x;
  tail tail[NL_TAIL_MAX];
  int64_t numel, rows, cols;
  bool by_rows;  /* tiles are pieces of rows */
  int64_t tile;  /* elements */
  int64_t units; /* tiles in all */
  int64_t step;  /* tiles for a thread */
};

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

bool nl__tiles_place (nl_ctx *C, nl_plan *p, const nl_unit *u) {
  if (!place_exts(C, p, u->tiles)) return false;
  place_members(p, u->tiles);
  return true;
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

/* ---- running ---- */

typedef struct run {
  const nl_tiles *t;
  const nl_value *v[NL_EXT_MAX];
  const char *x[NL_EXT_MAX]; /* where arrays begin */
  char *out[NL_GROUP_MAX];
  char *tail[NL_TAIL_MAX]; /* results; of a reduction of all: each block's */
  int64_t product_rows;    /* m of the product whose parts come */
} run;

#define BLOCK_STEP (NL_RED_BLOCK * sizeof(double) + 192)

/* A thread's memory for tiles, then for blocks. */
#define ROOM(t)                                                               \
  ((size_t)(t)->nslot * SLOT_STEP + (size_t)(t)->nblock * BLOCK_STEP + 64)

/* `all` bytes, of which the first `done` are there, by doubling. */
static void repeat (char *to, size_t done, size_t all) {
  while (done < all) {
    size_t more = done < all - done ? done : all - done;
    memcpy(to + done, to, more);
    done += more;
  }
}

static void spread (char *to, const char *from, size_t elem, int64_t n) {
  size_t all = (size_t)n * elem, begin = 64 < all ? 64 : all;
  for (size_t i = 0; i < begin; i += elem) memcpy(to + i, from, elem);
  repeat(to, begin, all);
}

/* The tiles that stay the same. */
static void fill_fixed (const run *r, char *room, const char **at) {
  const nl_tiles *t = r->t;
  int64_t n = t->tile < t->numel ? t->tile : t->numel;
  for (int i = 0; i < t->next; i++) {
    const ext *x = &t->x[i];
    char *slot = room + (size_t)(x->slot < 0 ? 0 : x->slot) * SLOT_STEP;
    at[i] = x->spread != NULL ? x->spread : slot;
    if (x->kind == ONE && x->spread == NULL) {
      spread(slot, r->x[i], x->elem, n);
    } else if (x->kind == PERIOD) {
      size_t row = (size_t)t->cols * x->elem, all = (size_t)n * x->elem;
      size_t done = row < all ? row : all;
      memcpy(slot, r->x[i], done);
      repeat(slot, done, all);
    }
  }
}

static void run_members (const run *r, char *room, const char **at,
                         int64_t first, int64_t n) {
  const nl_tiles *t = r->t;
  for (int i = 0; i < t->n; i++) {
    const member *m = &t->m[i];
    const void *in[3];
    char *out;
    if (m->slot >= 0)
      out = room + (size_t)m->slot * SLOT_STEP;
    else if (m->block >= 0)
      out = room + (size_t)t->nslot * SLOT_STEP +
            (size_t)m->block * BLOCK_STEP +
            (size_t)(first % NL_RED_BLOCK) * m->elem;
    else
      out = r->out[i] + (size_t)first * m->elem;
    for (int k = 0; k < m->nin; k++) in[k] = at[m->from[k]];
    if (m->map != NULL) m->map(n, in, out);
    else m->cast(n, in[0], out);
    at[NL_EXT_MAX + i] = out;
  }
}

/* After the members made elements [first, first + n). */
static void run_tails (const run *r, const char *const *at, int64_t first,
                       int64_t n) {
  const nl_tiles *t = r->t;
  for (int i = 0; i < t->ntail; i++) {
    const tail *q = &t->tail[i];
    const char *x = at[NL_EXT_MAX + q->from];
    if (q->row > 0) {
      int64_t rows = n / q->row;
      q->reduce(rows, q->row, 1, 0, rows, 0, 1, x,
                r->tail[i] + (size_t)(first / q->row) * q->elem);
    } else if ((first + n) % NL_RED_BLOCK == 0 || first + n == t->numel) {
      int64_t b = first / NL_RED_BLOCK, before = first - b * NL_RED_BLOCK;
      q->blocks(before + n, 0, 1, x - (size_t)before * t->m[q->from].elem,
                r->tail[i] + (size_t)b * q->elem);
    }
  }
}

/* Elements [first, last), which are whole rows where there are rows. */
static void run_flat (const run *r, int64_t first, int64_t last) {
  const nl_tiles *t = r->t;
  char memory[ROOM(t)];
  char *room = memory + (-(uintptr_t)memory & 63);
  const char *at[NL_EXT_MAX + NL_GROUP_MAX];
  fill_fixed(r, room, at);
  for (int64_t k = first; k < last; k += t->tile) {
    int64_t n = last - k < t->tile ? last - k : t->tile;
    for (int i = 0; i < t->next; i++) {
      const ext *x = &t->x[i];
      char *slot = room + (size_t)(x->slot < 0 ? 0 : x->slot) * SLOT_STEP;
      if (x->kind == DENSE) {
        at[i] = r->x[i] + (size_t)k * x->elem;
      } else if (x->kind == COLUMN) {
        for (int64_t c = 0; c < n; c += t->cols)
          spread(slot + (size_t)c * x->elem,
                 r->x[i] + (k + c) / t->cols * x->s0 * (int64_t)x->elem,
                 x->elem, t->cols);
      } else if (x->kind == ANY) {
        nl__gather(r->v[i], k, n, slot);
      }
    }
    run_members(r, room, at, k, n);
    if (t->ntail > 0) run_tails(r, at, k, n);
  }
}

/* Tiles [first, last), counted row by row. */
static void run_rows (const run *r, int64_t first, int64_t last) {
  const nl_tiles *t = r->t;
  char memory[ROOM(t)];
  char *room = memory + (-(uintptr_t)memory & 63);
  const char *at[NL_EXT_MAX + NL_GROUP_MAX];
  int64_t pieces = (t->cols + t->tile - 1) / t->tile;
  fill_fixed(r, room, at);
  for (int64_t u = first; u < last; u++) {
    int64_t row = u / pieces, c = u % pieces * t->tile, k = row * t->cols + c;
    int64_t n = t->cols - c < t->tile ? t->cols - c : t->tile;
    for (int i = 0; i < t->next; i++) {
      const ext *x = &t->x[i];
      char *slot = room + (size_t)(x->slot < 0 ? 0 : x->slot) * SLOT_STEP;
      if (x->kind == DENSE)
        at[i] = r->x[i] + (size_t)k * x->elem;
      else if (x->kind == ROW)
        at[i] = r->x[i] + (row * x->s0 + c) * (int64_t)x->elem;
      else if (x->kind == COLUMN)
        spread(slot, r->x[i] + row * x->s0 * (int64_t)x->elem, x->elem, n);
      else if (x->kind == ANY)
        nl__gather(r->v[i], k, n, slot);
    }
    run_members(r, room, at, k, n);
    if (t->ntail > 0) run_tails(r, at, k, n);
  }
}

static void run_units (const run *r, int64_t first, int64_t last) {
  const nl_tiles *t = r->t;
  int64_t end = last * t->tile;
  if (t->by_rows) run_rows(r, first, last);
  else run_flat(r, first * t->tile, end < t->numel ? end : t->numel);
}

static void run_item (void *ud, int64_t i) {
  const run *r = (const run *)ud;
  int64_t a = i * r->t->step, b = a + r->t->step;
  run_units(r, a, b < r->t->units ? b : r->t->units);
}

/* Where the blocks' results of reductions of all go. */
static char *block_results (nl_ctx *C, const nl_plan *p, const nl_tiles *t,
                            run *r, char *few, size_t *bytes) {
  int64_t nb = (t->numel + NL_RED_BLOCK - 1) / NL_RED_BLOCK;
  char *room = few;
  int all = 0;
  for (int i = 0; i < t->ntail; i++) {
    r->tail[i] = nl__bytes_at(p->env[t->tail[i].var]);
    if (t->tail[i].row == 0 && nb > 1) all++;
  }
  if ((size_t)nb * 8 * (size_t)all > *bytes) {
    *bytes = (size_t)nb * 8 * (size_t)all;
    room = (char *)nl__alloc(C, *bytes);
    if (room == NULL) return NULL;
  }
  char *next = room;
  for (int i = 0; i < t->ntail; i++)
    if (t->tail[i].row == 0 && nb > 1) {
      r->tail[i] = next;
      next += (size_t)nb * 8;
    }
  return room;
}

static void reduce_blocks (const nl_plan *p, const run *r) {
  const nl_tiles *t = r->t;
  int64_t nb = (t->numel + NL_RED_BLOCK - 1) / NL_RED_BLOCK;
  for (int i = 0; i < t->ntail && nb > 1; i++)
    if (t->tail[i].row == 0)
      t->tail[i].again(1, nb, 1, 0, 1, 0, 1, r->tail[i],
                       nl__bytes_at(p->env[t->tail[i].var]));
}

static void look_up (const nl_plan *p, const nl_tiles *t, run *r) {
  r->t = t;
  for (int i = 0; i < t->next; i++) {
    r->v[i] = nl__operand(p, t->x[i].op);
    r->x[i] = nl__bytes_at(r->v[i]);
  }
  for (int i = 0; i < t->n; i++)
    if (t->m[i].slot < 0 && t->m[i].block < 0)
      r->out[i] = nl__bytes_at(p->env[t->m[i].var]);
}

nl_status nl__tiles_run (nl_ctx *C, const nl_plan *p, const nl_tiles *t) {
  _Alignas(8) char few[512];
  char *room = few;
  size_t bytes = sizeof few;
  nl_status st = NL_OK;
  run r;
  look_up(p, t, &r);
  if (t->ntail > 0) {
    room = block_results(C, p, t, &r, few, &bytes);
    if (room == NULL) return C->status;
  }
  if (t->units <= t->step)
    run_units(&r, 0, t->units);
  else
    st = nl__parallel_for(C, (t->units + t->step - 1) / t->step,
                          (double)t->n * ITEM * 0.3, run_item, &r);
  if (t->ntail > 0 && st == NL_OK) reduce_blocks(p, &r);
  if (room != few) nl__free(C, room, bytes);
  return st;
}

/* ---- on the parts of a product ---- */

bool nl__tiles_take_parts (const nl_tiles *t, int64_t numel, int64_t n) {
  return t->ntail == 0 && t->numel == numel && numel > 0 &&
         (t->cols == 0 || t->cols == n);
}

/* Elements [c, c + n) of a row, which begins at element k - c. */
static void run_piece (const run *r, char *room, const char **at, int64_t row,
                       int64_t c, int64_t k, int64_t n) {
  const nl_tiles *t = r->t;
  for (int i = 0; i < t->next; i++) {
    const ext *x = &t->x[i];
    char *slot = room + (size_t)(x->slot < 0 ? 0 : x->slot) * SLOT_STEP;
    switch (x->kind) {
      case ONE: break; /* any piece of it will do */
      case DENSE: at[i] = r->x[i] + (size_t)k * x->elem; break;
      case PERIOD:
      case ROW: at[i] = r->x[i] + (row * x->s0 + c) * (int64_t)x->elem; break;
      case COLUMN:
        spread(slot, r->x[i] + row * x->s0 * (int64_t)x->elem, x->elem, n);
        break;
      case ANY: nl__gather(r->v[i], k, n, slot); break;
    }
  }
  run_members(r, room, at, k, n);
}

static void run_part (void *ud, const nl_gemm_part *part) {
  const run *r = (const run *)ud;
  const nl_tiles *t = r->t;
  int64_t n = part->ldc, first = part->which * r->product_rows + part->i0;
  int64_t last = first + part->i1 - part->i0;
  if (!t->by_rows && part->j0 == 0 && part->j1 == n) {
    run_flat(r, first * n, last * n);
    return;
  }
  char memory[ROOM(t)];
  char *room = memory + (-(uintptr_t)memory & 63);
  const char *at[NL_EXT_MAX + NL_GROUP_MAX];
  fill_fixed(r, room, at);
  for (int64_t row = first; row < last; row++)
    for (int64_t c = part->j0; c < part->j1; c += t->tile)
      run_piece(r, room, at, row, c, row * n + c,
                part->j1 - c < t->tile ? part->j1 - c : t->tile);
}

nl_status nl__tiles_product (nl_ctx *C, const nl_plan *p, const nl_tiles *t,
                             const nl_prim *prim, nl_gemm_call *q) {
  run r;
  look_up(p, t, &r);
  r.product_rows = q->m;
  q->done = run_part;
  q->ud = &r;
  return prim->product->run(C, q);
}
