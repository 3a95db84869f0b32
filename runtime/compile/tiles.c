/* tiles.c: a group of elementwise equations, tile by tile.
 *
 * Each equation's kernel runs on a tile before the next equation does, on
 * tiles of scratch memory; results that are read outside the group go to
 * arrays.  Kernels give an element the same bits wherever it stands, so the
 * group has the bits of its equations one by one. */
#include <string.h>

#include "compile/plan.h"
#include "kernels/kernels.h"

#define TILE 512 /* elements: 20 tiles of floats fit 40 KiB */
#define ITEM (32 * TILE)

typedef struct member {
  nl_map_fn map; /* or */
  void (*cast) (int64_t n, const void *in, void *out);
  int nin, slot[3]; /* where its inputs stand */
  size_t elem;
  char *out; /* NULL: its tile */
} member;

typedef struct ext { /* an array from outside */
  const nl_value *v;
  size_t elem;
  enum { DENSE, ONE, STRIDED } kind;
} ext;

typedef struct group {
  int n, next;
  member m[NL_GROUP_MAX];
  ext x[NL_EXT_MAX];
  int64_t numel;
} group;

static nl_map_fn map_of (nl_ctx *C, const nl_node *n, nl_dtype d) {
  return n->prim->map > 0 ? C->k->map[n->prim->map - 1][d] : NULL;
}

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

bool nl__fusable (nl_ctx *C, const nl_graph *g, const nl_node *n) {
  if (n->nout != 1 || n->nin < 1 || n->nin > 3 || n->obj != NULL) return false;
  const nl_aval *a = &g->var[n->out[0]];
  for (int i = 0; i < n->nin; i++)
    if (!operand_shaped(g, n->in[i], a)) return false;
  nl_dtype d = operand_dtype(g, n->in[n->nin - 1]);
  if (n->prim->flags & NL_CASTS) return n->nin == 1 && d != a->dtype;
  return map_of(C, n, d) != NULL;
}

static void run_tiles (const group *q, int64_t first, int64_t last) {
  _Alignas(64) char room[NL_GROUP_MAX + NL_EXT_MAX][TILE * 8];
  const char *at[NL_EXT_MAX + NL_GROUP_MAX];
  int64_t most = last - first < TILE ? last - first : TILE;
  for (int i = 0; i < q->next; i++) {
    if (q->x[i].kind != ONE) continue;
    const char *p = nl__bytes_at(q->x[i].v);
    for (int64_t k = 0; k < most; k++)
      memcpy(room[i] + (size_t)k * q->x[i].elem, p, q->x[i].elem);
  }
  for (int64_t t = first; t < last; t += TILE) {
    int64_t n = last - t < TILE ? last - t : TILE;
    for (int i = 0; i < q->next; i++) {
      const ext *x = &q->x[i];
      at[i] = room[i];
      if (x->kind == DENSE) at[i] = nl__bytes_at(x->v) + (size_t)t * x->elem;
      else if (x->kind == STRIDED) nl__gather(x->v, t, n, room[i]);
    }
    for (int i = 0; i < q->n; i++) {
      const member *m = &q->m[i];
      const void *p[3];
      char *out = m->out != NULL ? m->out + (size_t)t * m->elem
                                 : room[NL_EXT_MAX + i];
      for (int k = 0; k < m->nin; k++) p[k] = at[m->slot[k]];
      if (m->cast != NULL) m->cast(n, p[0], out);
      else m->map(n, p, out);
      at[NL_EXT_MAX + i] = out;
    }
  }
}

static void run_item (void *ud, int64_t i) {
  const group *q = (const group *)ud;
  int64_t a = i * ITEM, b = a + ITEM;
  run_tiles(q, a, b < q->numel ? b : q->numel);
}

static bool is_one (const nl_value *v) {
  for (int i = 0; i < v->ndim; i++)
    if (v->stride[i] != 0 && v->shape[i] != 1) return false;
  return true;
}

/* The slot of an array from outside. */
static int slot_of (group *q, const nl_value *v) {
  for (int i = 0; i < q->next; i++)
    if (q->x[i].v == v) return i;
  ext *x = &q->x[q->next];
  x->v = v;
  x->elem = nl_dtype_size((nl_dtype)v->dtype);
  x->kind = v->dense ? DENSE : is_one(v) ? ONE : STRIDED;
  return q->next++;
}

static void set_member (nl_ctx *C, const nl_graph *g, const nl_node *n,
                        member *m) {
  const nl_aval *a = &g->var[n->out[0]];
  nl_dtype d = operand_dtype(g, n->in[n->nin - 1]);
  m->cast = n->prim->flags & NL_CASTS ? C->k->cast[d][a->dtype] : NULL;
  m->map = m->cast == NULL ? map_of(C, n, d) : NULL;
  m->nin = n->nin;
  m->elem = nl_dtype_size(a->dtype);
  m->out = NULL;
}

/* The result of member i, which is read outside the group. */
static nl_status make_result (nl_ctx *C, const nl_graph *g, int var,
                              member *m, nl_value **env) {
  const nl_aval *a = &g->var[var];
  nl_value *v =
      nl__value_alloc(C, a->dtype, a->weak, a->ndim, a->shape, true);
  if (v == NULL) return C->status;
  env[var] = v;
  m->out = (char *)v->buf->data;
  return NL_OK;
}

nl_status nl__group_run (nl_ctx *C, const nl_graph *g, const nl_plan *p,
                         int step, nl_value **env) {
  const nl_step *s = &p->step[step];
  group q;
  int var[NL_GROUP_MAX];
  q.n = s->count;
  q.next = 0;
  for (int i = 0; i < q.n; i++) {
    const nl_node *n = &g->node[p->order[s->first + i]];
    member *m = &q.m[i];
    var[i] = n->out[0];
    set_member(C, g, n, m);
    for (int k = 0; k < n->nin; k++) {
      int op = n->in[k], j = i - 1; /* made in the group? */
      while (j >= 0 && var[j] != op) j--;
      m->slot[k] = j >= 0 ? NL_EXT_MAX + j
                          : slot_of(&q, op >= 0 ? env[op] : g->constant[~op]);
    }
    if (p->last[var[i]] > step &&
        make_result(C, g, var[i], m, env) != NL_OK)
      return C->status;
  }
  const nl_aval *a = &g->var[var[0]];
  q.numel = 1;
  for (int d = 0; d < a->ndim; d++) q.numel *= a->shape[d];
  if (q.numel <= ITEM) {
    run_tiles(&q, 0, q.numel);
    return NL_OK;
  }
  return nl__parallel_for(C, (q.numel + ITEM - 1) / ITEM,
                          (double)q.n * ITEM * 0.3, run_item, &q);
}
