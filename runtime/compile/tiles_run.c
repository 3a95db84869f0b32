/* tiles_run.c: runs of groups, on arrays or on the parts of a product. */
#include "compile/tiles.h"

#include <string.h>

typedef struct run {
  const nl_tiles *t;
  const nl_value *v[NL_EXT_MAX];
  const char *x[NL_EXT_MAX]; /* where arrays begin */
  char *out[NL_GROUP_MAX];
  char *tail[NL_TAIL_MAX]; /* results; of a reduction of all: each block's */
  /* of the product whose parts come */
  int64_t product_rows, product_cols, product_elem;
} run;

/* `all` bytes, of which the first `done` are there, by doubling. */
static void repeat (char *to, size_t done, size_t all) {
  while (done < all) {
    size_t more = done < all - done ? done : all - done;
    memcpy(to + done, to, more);
    done += more;
  }
}

/* The tiles that stay the same. */
static void fill_fixed (const run *r, char *room, const char **at) {
  const nl_tiles *t = r->t;
  int64_t n = t->tile < t->numel ? t->tile : t->numel;
  for (int i = 0; i < t->next; i++) {
    const ext *x = &t->x[i];
    char *slot = room + x->at;
    if (x->kind == DENSE) continue;
    at[i] = x->spread != NULL ? x->spread : slot;
    if (x->spread != NULL) continue;
    if (x->kind == ONE) {
      t->spread(n, x->elem, r->x[i], slot);
    } else if (x->kind == PERIOD) {
      size_t row = (size_t)t->cols * x->elem, all = (size_t)n * x->elem;
      size_t done = row < all ? row : all;
      memcpy(slot, r->x[i], done);
      repeat(slot, done, all);
    }
  }
}

/* Where the arrays are `ahead` elements from here. */
static void look_ahead (const run *r, const char *const *at, int64_t first,
                        int64_t ahead, const char **next) {
  const nl_tiles *t = r->t;
  for (int i = 0; i < t->nstream; i++) {
    const stream *s = &t->s[i];
    int m = s->of - NL_EXT_MAX;
    next[i] = (m < 0 ? at[s->of] : r->out[m] + (size_t)first * s->elem) +
              (size_t)ahead * s->elem;
  }
}

/* Elements [i, i + n) of the tile ahead are fetched while this one is computed
   on: in small shares, as few misses can be under way at once.  In line, or
   gcc takes it for a function without effect. */
static inline __attribute__((always_inline)) void
fetch (const nl_tiles *t, const char *const *next, int64_t i, int64_t n) {
  for (int k = 0; k < t->nstream; k++) {
    const char *from = next[k] + (size_t)i * t->s[k].elem;
    const char *end = from + (size_t)n * t->s[k].elem;
    for (; from < end; from += 64) __builtin_prefetch(from);
  }
}

/* Elements [first, first + n); those of the next tile are `ahead` of them. */
static void run_members (const run *r, char *room, const char **at,
                         int64_t first, int64_t n, int64_t ahead) {
  const nl_tiles *t = r->t;
  const char *next[NL_EXT_MAX + NL_GROUP_MAX];
  int64_t share = 0;
  if (t->nstream > 0) {
    share = (n / t->n + 16) & ~(int64_t)15;
    look_ahead(r, at, first, ahead, next);
  }
  for (int i = 0; i < t->n; i++) {
    if (t->nstream > 0 && i * share < n) fetch(t, next, i * share, share);
    const member *m = &t->m[i];
    const void *in[3] = { at[m->from[0]], at[m->from[1]], at[m->from[2]] };
    char *out;
    if (m->slot >= 0)
      out = room + m->at;
    else if (m->block >= 0)
      out = room + m->at + (size_t)(first % NL_RED_BLOCK) * m->elem;
    else
      out = r->out[i] + (size_t)first * m->elem;
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

/* Elements [first, last), which are whole rows where there are rows.  A
   product's stand at `from`. */
static void run_flat (const run *r, int64_t first, int64_t last,
                      const char *from) {
  const nl_tiles *t = r->t;
  char memory[t->room];
  char *room = memory + (-(uintptr_t)memory & 63);
  const char *at[NL_EXT_MAX + NL_GROUP_MAX];
  fill_fixed(r, room, at);
  for (int64_t k = first; k < last; k += t->tile) {
    int64_t n = last - k < t->tile ? last - k : t->tile;
    for (int i = 0; i < t->next; i++) {
      const ext *x = &t->x[i];
      char *slot = room + x->at;
      if (x->kind == DENSE) {
        at[i] = x->product ? from + (size_t)(k - first) * x->elem
                           : r->x[i] + (size_t)k * x->elem;
      } else if (x->kind == COLUMN) {
        nl__spread_rows(x->elem, n / t->cols, t->cols,
                        r->x[i] + k / t->cols * x->s0 * (int64_t)x->elem,
                        x->s0, slot);
      } else if (x->kind == ANY) {
        nl__gather(r->v[i], k, n, slot);
      }
    }
    run_members(r, room, at, k, n, n);
    if (t->ntail > 0) run_tails(r, at, k, n);
  }
}

/* Tiles [first, last), counted row by row. */
static void run_rows (const run *r, int64_t first, int64_t last) {
  const nl_tiles *t = r->t;
  char memory[t->room];
  char *room = memory + (-(uintptr_t)memory & 63);
  const char *at[NL_EXT_MAX + NL_GROUP_MAX];
  int64_t pieces = (t->cols + t->tile - 1) / t->tile;
  fill_fixed(r, room, at);
  for (int64_t u = first; u < last; u++) {
    int64_t row = u / pieces, c = u % pieces * t->tile, k = row * t->cols + c;
    int64_t n = t->cols - c < t->tile ? t->cols - c : t->tile;
    for (int i = 0; i < t->next; i++) {
      const ext *x = &t->x[i];
      char *slot = room + x->at;
      if (x->kind == DENSE)
        at[i] = r->x[i] + (size_t)k * x->elem;
      else if (x->kind == ROW)
        at[i] = r->x[i] + (row * x->s0 + c) * (int64_t)x->elem;
      else if (x->kind == COLUMN)
        t->spread(n, x->elem, r->x[i] + row * x->s0 * (int64_t)x->elem, slot);
      else if (x->kind == ANY)
        nl__gather(r->v[i], k, n, slot);
    }
    run_members(r, room, at, k, n, n);
    if (t->ntail > 0) run_tails(r, at, k, n);
  }
}

static void run_units (const run *r, int64_t first, int64_t last) {
  const nl_tiles *t = r->t;
  int64_t end = last * t->tile;
  if (t->by_rows) run_rows(r, first, last);
  else run_flat(r, first * t->tile, end < t->numel ? end : t->numel, NULL);
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

static nl_status look_up (nl_ctx *C, const nl_plan *p, const nl_tiles *t,
                          run *r) {
  r->t = t;
  for (int i = 0; i < t->next; i++) {
    if (t->x[i].product || t->x[i].spread != NULL)
      continue; /* each part tells where it is */
    nl_value *v = nl__operand(p, t->x[i].op);
    if (t->x[i].kind == ANY && nl__steps_over_lines(v)) v = nl__dense(C, v);
    if (v == NULL) return C->status;
    r->v[i] = v;
    r->x[i] = nl__bytes_at(v);
  }
  for (int i = 0; i < t->n; i++)
    if (t->m[i].slot < 0 && t->m[i].block < 0)
      r->out[i] = nl__bytes_at(p->env[t->m[i].var]);
  return NL_OK;
}

nl_status nl__tiles_run (nl_ctx *C, const nl_plan *p, const nl_tiles *t) {
  _Alignas(8) char few[512];
  char *room = few;
  size_t bytes = sizeof few;
  nl_status st = NL_OK;
  run r;
  if (look_up(C, p, t, &r) != NL_OK) return C->status;
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

/* Elements [c, c + n) of a row, which begins at element k - c; the product's
   stand at `from`, and the next piece is in the next row. */
static void run_piece (const run *r, char *room, const char **at, int64_t row,
                       int64_t c, int64_t k, int64_t n, const char *from) {
  const nl_tiles *t = r->t;
  for (int i = 0; i < t->next; i++) {
    const ext *x = &t->x[i];
    char *slot = room + x->at;
    switch (x->kind) {
      case ONE: break; /* any piece of it will do */
      case DENSE:
        at[i] = x->product ? from : r->x[i] + (size_t)k * x->elem;
        break;
      case PERIOD:
      case ROW: at[i] = r->x[i] + (row * x->s0 + c) * (int64_t)x->elem; break;
      case COLUMN:
        t->spread(n, x->elem, r->x[i] + row * x->s0 * (int64_t)x->elem, slot);
        break;
      case ANY: nl__gather(r->v[i], k, n, slot); break;
    }
  }
  run_members(r, room, at, k, n, r->product_cols);
}

static void run_part (void *ud, const nl_gemm_part *part) {
  const run *r = (const run *)ud;
  const nl_tiles *t = r->t;
  int64_t n = r->product_cols;
  int64_t first = part->which * r->product_rows + part->i0;
  int64_t last = first + part->i1 - part->i0;
  if (!t->by_rows && part->j0 == 0 && part->j1 == n && part->ldc == n) {
    run_flat(r, first * n, last * n, (const char *)part->c); /* whole rows */
    return;
  }
  char memory[t->room];
  char *room = memory + (-(uintptr_t)memory & 63);
  const char *at[NL_EXT_MAX + NL_GROUP_MAX], *c = (const char *)part->c;
  fill_fixed(r, room, at);
  for (int64_t row = first; row < last; row++)
    for (int64_t j = part->j0; j < part->j1; j += t->tile) {
      int64_t in = (row - first) * part->ldc + j - part->j0;
      run_piece(r, room, at, row, j, row * n + j,
                part->j1 - j < t->tile ? part->j1 - j : t->tile,
                c + in * r->product_elem);
    }
}

/* The arrays of the product's shape that the group goes through, unless they
   stay in the caches anyway. */
static int list_ahead (const run *r, const nl_gemm_call *q,
                       nl_gemm_ahead *list) {
  const nl_tiles *t = r->t;
  int n = 0;
  if (t->numel * r->product_elem < FAR) return 0;
  for (int i = 0; i < t->next; i++)
    if (t->x[i].kind == DENSE && !t->x[i].product)
      list[n++] = (nl_gemm_ahead){r->x[i], q->n, t->x[i].elem};
  for (int i = 0; i < t->n; i++) {
    const member *m = &t->m[i];
    bool listed = m->slot >= 0 || m->block >= 0 || r->out[i] == q->c;
    for (int k = 0; k < n && !listed; k++) listed = list[k].p == r->out[i];
    if (!listed) list[n++] = (nl_gemm_ahead){r->out[i], q->n, m->elem};
  }
  return n;
}

nl_status nl__tiles_product (nl_ctx *C, const nl_plan *p, const nl_tiles *t,
                             const nl_prim *prim, nl_gemm_call *q) {
  run r;
  nl_gemm_ahead ahead[NL_EXT_MAX + NL_GROUP_MAX];
  if (look_up(C, p, t, &r) != NL_OK) return C->status;
  r.product_rows = q->m;
  r.product_cols = q->n;
  r.product_elem = (int64_t)nl__elem_size(q->d);
  q->done = run_part;
  q->ud = &r;
  q->ahead = ahead;
  q->nahead = q->batch == NULL ? list_ahead(&r, q, ahead) : 0;
  return prim->product->run(C, q);
}
