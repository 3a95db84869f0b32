/* grad.c: reverse mode.  A tape of equations, each with its vjp rule.
 *
 * A tracer names the output of one entry of the tape.  Pulling back walks the
 * tape from its end, under whatever trace is current then, so cotangents may
 * be tracers of outer transforms.  Entries keep only the values that their
 * rule reads.  grad drops them as it goes; vjp keeps them to run again. */
#include "core/core.h"

#include <string.h>

typedef struct entry {
  const nl_prim *prim; /* NULL: an input */
  int nparent, nin, nout, np;
  int slot;       /* of its first output's cotangent */
  int *parent;    /* [nparent] entries, -1: constant */
  int *pout;      /* [nparent] which output of the parent */
  nl_value **in;  /* [nin] kept or NULL; residuals for a partial rule */
  nl_value **out; /* [nout] kept or NULL */
  int64_t *p;
  void *obj;
  bool released;
} entry;

typedef struct chunk { /* at the start of a buffer, which is recycled */
  struct chunk *next;
  nl_buffer *buf;
  size_t used, size;
} chunk;

struct nl_tape {
  nl_trace base;
  nl_buffer *list; /* of the entries' addresses */
  entry **entry;
  int n, cap, nslot;
  chunk *arena;
};

#define CHUNK ((size_t)16 * 1024)

static void *arena (nl_ctx *C, nl_tape *T, size_t size) {
  size = (size + 15) & ~(size_t)15;
  chunk *k = T->arena;
  if (k == NULL || k->size - k->used < size) {
    size_t want = sizeof *k + 16 + size > CHUNK ? sizeof *k + 16 + size : CHUNK;
    nl_buffer *b = nl__buffer_new(C, want);
    if (b == NULL) return NULL;
    k = (chunk *)b->data;
    k->buf = b;
    k->next = T->arena;
    k->size = want;
    k->used = (sizeof *k + 15) & ~(size_t)15;
    T->arena = k;
  }
  void *p = (char *)k + k->used;
  k->used += size;
  return p;
}

static void entry_release (nl_ctx *C, entry *e) {
  if (e->released) return;
  e->released = true;
  for (int i = 0; i < e->nin; i++) nl__unref(C, e->in[i]);
  for (int i = 0; i < e->nout; i++) nl__unref(C, e->out[i]);
  if (e->obj != NULL) nl__object_release(C, e->obj);
}

static void grad_destroy (nl_ctx *C, nl_trace *base) {
  nl_tape *T = (nl_tape *)base;
  for (int i = 0; i < T->n; i++) entry_release(C, T->entry[i]);
  if (T->list != NULL) nl__buffer_release(C, T->list);
  while (T->arena != NULL) {
    chunk *next = T->arena->next;
    nl__buffer_release(C, T->arena->buf);
    T->arena = next;
  }
}

static bool longer (nl_ctx *C, nl_tape *T) {
  int cap = T->cap == 0 ? 128 : 2 * T->cap;
  nl_buffer *b = nl__buffer_new(C, (size_t)cap * sizeof *T->entry);
  if (b == NULL) return false;
  if (T->n > 0) memcpy(b->data, T->entry, (size_t)T->n * sizeof *T->entry);
  if (T->list != NULL) nl__buffer_release(C, T->list);
  T->list = b;
  T->entry = (entry **)b->data;
  T->cap = cap;
  return true;
}

/* A new entry with room for its arrays in one piece of the arena. */
static entry *tape_add (nl_ctx *C, nl_tape *T, const nl_prim *prim,
                        int nparent, int nin, int nout, int np) {
  size_t size = sizeof(entry) + (size_t)(nin + nout) * sizeof(nl_value *) +
                (size_t)np * sizeof(int64_t) +
                (size_t)nparent * 2 * sizeof(int);
  if (T->n == T->cap && !longer(C, T)) return NULL;
  entry *e = (entry *)arena(C, T, size);
  if (e == NULL) return NULL;
  memset(e, 0, size);
  e->prim = prim;
  e->nparent = nparent;
  e->nin = nin;
  e->nout = nout;
  e->np = np;
  e->slot = T->nslot;
  e->in = (nl_value **)(e + 1);
  e->out = e->in + nin;
  e->p = (int64_t *)(e->out + nout);
  e->parent = (int *)(e->p + np);
  e->pout = e->parent + nparent;
  T->nslot += nout;
  T->entry[T->n++] = e;
  return e;
}

static nl_value *tracer_of (nl_ctx *C, nl_tape *T, nl_value *primal, int node,
                            int out) {
  nl_value *t = nl__tracer_like(C, &T->base, primal);
  if (t == NULL) return NULL;
  t->primal = nl_retain(primal);
  t->node = node;
  t->out = out;
  return t;
}

#define FEW 8

typedef struct gathered { /* an equation's inputs as the parent sees them */
  nl_value *few[FEW];
  bool few_need[FEW];
  nl_value **in;
  bool *need;
  void *block;
  bool any;
} gathered;

static bool gather_inputs (nl_ctx *C, nl_tape *T, const nl_eqn *e,
                           gathered *g) {
  g->in = g->few;
  g->need = g->few_need;
  g->block = NULL;
  g->any = false;
  if (e->nin > FEW) {
    g->block = nl__alloc(C, (size_t)e->nin * (sizeof *g->in + 1));
    if (g->block == NULL) return false;
    g->in = (nl_value **)g->block;
    g->need = (bool *)(g->in + e->nin);
  }
  for (int i = 0; i < e->nin; i++) {
    g->need[i] = e->in[i]->trace == &T->base;
    g->in[i] = g->need[i] ? e->in[i]->primal : e->in[i];
    g->any = g->any || g->need[i];
  }
  return true;
}

static void gathered_free (nl_ctx *C, const nl_eqn *e, gathered *g) {
  if (g->block != NULL)
    nl__free(C, g->block, (size_t)e->nin * (sizeof *g->in + 1));
}

static void set_parents (const nl_eqn *e, const bool *need, entry *t) {
  for (int i = 0; i < e->nin; i++) {
    t->parent[i] = need[i] ? e->in[i]->node : -1;
    t->pout[i] = need[i] ? e->in[i]->out : 0;
  }
}

/* Puts the equation on the tape and wraps its differentiable outputs. */
static nl_status record (nl_ctx *C, nl_tape *T, const nl_eqn *e,
                         const gathered *g, nl_value **out) {
  bool save_in = e->prim->flags & NL_SAVE_IN;
  entry *t = tape_add(C, T, e->prim, e->nin, e->nin, e->nout, e->np);
  if (t == NULL) return C->status;
  int node = T->n - 1;
  if (e->np > 0) memcpy(t->p, e->p, (size_t)e->np * sizeof *t->p);
  t->obj = nl__object_retain(e->obj);
  set_parents(e, g->need, t);
  for (int i = 0; i < e->nin && save_in; i++) t->in[i] = nl_retain(g->in[i]);
  if (e->prim->flags & NL_SAVE_OUT)
    for (int i = 0; i < e->nout; i++) t->out[i] = nl_retain(out[i]);
  for (int i = 0; i < e->nout; i++)
    if (nl_dtype_is_float((nl_dtype)out[i]->dtype) &&
        (out[i] = tracer_of(C, T, out[i], node, i)) == NULL)
      return C->status;
  return NL_OK;
}

static nl_status record_partial (nl_ctx *C, nl_tape *T, const nl_eqn *e,
                                 const gathered *g, nl_eqn *primal,
                                 nl_value **out) {
  nl_partial pull = {NULL, 0, NULL, NULL};
  primal->out = out;
  primal->need = g->need;
  nl_status st = e->prim->partial(C, primal, &pull);
  if (st != NL_OK) return st;
  if (pull.prim == NULL) return NL_OK; /* nothing differentiable */
  entry *t = tape_add(C, T, pull.prim, e->nin, pull.nsaved, e->nout, 0);
  if (t != NULL) {
    for (int i = 0; i < pull.nsaved; i++) t->in[i] = pull.saved[i];
    t->obj = pull.obj;
    set_parents(e, g->need, t);
  } else {
    st = C->status;
    for (int i = 0; i < pull.nsaved; i++) nl__unref(C, pull.saved[i]);
    nl__object_release(C, pull.obj);
  }
  nl__free(C, pull.saved, (size_t)pull.nsaved * sizeof *pull.saved);
  for (int i = 0; i < e->nout && st == NL_OK; i++) {
    if (nl_dtype_is_float((nl_dtype)out[i]->dtype) &&
        (out[i] = tracer_of(C, T, out[i], T->n - 1, i)) == NULL)
      st = C->status;
  }
  return st;
}

static nl_status grad_process (nl_ctx *C, nl_trace *base, nl_eqn *e,
                               nl_value **out) {
  nl_tape *T = (nl_tape *)base;
  gathered g;
  if (!gather_inputs(C, T, e, &g)) return C->status;
  nl_eqn primal = *e;
  primal.in = g.in;
  bool constant = !g.any || (e->prim->flags & NL_NO_GRAD);
  nl_status st;
  C->trace = base->parent;
  if (constant || e->prim->partial == NULL) {
    st = nl__bind_eqn(C, &primal, out);
    if (st == NL_OK && !constant && e->prim->vjp == NULL)
      st = nl_error(C, NL_ERROR, "%s: has no gradient", e->prim->name);
    if (st == NL_OK && !constant) st = record(C, T, e, &g, out);
  } else {
    st = record_partial(C, T, e, &g, &primal, out);
  }
  C->trace = base;
  gathered_free(C, e, &g);
  return st;
}

const nl_trace_kind nl__grad_kind = {"grad",       grad_process,
                                     nl__lower_primal, NULL,
                                     grad_destroy, sizeof(nl_tape)};

/* ---- life ---- */

nl_trace *nl_grad_begin (nl_ctx *C) {
  return nl__trace_push(C, &nl__grad_kind);
}

nl_value *nl_grad_input (nl_ctx *C, nl_trace *T, nl_value *v) {
  if (v == NULL) return NULL;
  if (!nl_dtype_is_float((nl_dtype)v->dtype)) {
    nl_error(C, NL_ERROR,
             "grad: can't differentiate with respect to %s; use floats",
             nl_dtype_name((nl_dtype)v->dtype));
    return NULL;
  }
  nl_tape *tape = (nl_tape *)T;
  if (tape_add(C, tape, NULL, 0, 0, 1, 0) == NULL) return NULL;
  return tracer_of(C, tape, v, tape->n - 1, 0);
}

nl_status nl_grad_end (nl_ctx *C, nl_trace *T) {
  return nl__trace_pop(C, T, false);
}

nl_value *nl_grad_primal (nl_ctx *C, nl_trace *T, nl_value *v) {
  (void)T;
  return nl__resolve(C, v);
}

/* ---- pulling back ---- */

static bool add_to (nl_ctx *C, nl_value **slot, nl_value *ct) {
  if (ct == NULL) return false;
  nl_value *sum = *slot == NULL ? ct : nl_add(C, *slot, ct);
  if (sum == NULL) return false;
  nl_retain(sum);
  nl__unref(C, *slot);
  *slot = sum;
  return true;
}

/* One entry: its outputs' cotangents to its parents' slots. */
static nl_status pull_entry (nl_ctx *C, nl_tape *T, entry *t,
                             nl_value **slots) {
  nl_value *few[FEW], **ct_in = few;
  bool few_need[FEW], *need = few_need;
  nl_status st = NL_OK;
  size_t block = (size_t)t->nparent * (sizeof *ct_in + 1);
  if (t->released)
    return nl_error(C, NL_ERROR,
                    "the pullback ran already; it can run once only");
  if (t->nparent > FEW) {
    ct_in = (nl_value **)nl__alloc(C, block);
    if (ct_in == NULL) return C->status;
    need = (bool *)(ct_in + t->nparent);
  }
  for (int i = 0; i < t->nparent; i++) {
    need[i] = t->parent[i] >= 0;
    ct_in[i] = NULL;
  }
  nl_eqn e = {t->prim, t->nin, t->nout, t->in, t->out, need,
              t->np,   t->p,   t->obj};
  st = t->prim->vjp(C, &e, slots + t->slot, ct_in);
  for (int i = 0; i < t->nparent && st == NL_OK; i++)
    if (need[i] && ct_in[i] != NULL &&
        !add_to(C, &slots[T->entry[t->parent[i]]->slot + t->pout[i]],
                ct_in[i]))
      st = C->status;
  if (ct_in != few) nl__free(C, ct_in, block);
  return st;
}

static bool has_cotangent (const entry *t, nl_value **slots) {
  for (int i = 0; i < t->nout; i++)
    if (slots[t->slot + i] != NULL) return true;
  return false;
}

nl_status nl_grad_pull (nl_ctx *C, nl_trace *base, int nout,
                        nl_value *const *out, nl_value *const *ct, int nin,
                        nl_value *const *in, nl_value **ct_in, bool keep) {
  return nl__grad_pull(C, base, nout, out, ct, nin, in, ct_in, keep, NULL);
}

nl_status nl__grad_pull (nl_ctx *C, nl_trace *base, int nout,
                         nl_value *const *out, nl_value *const *ct, int nin,
                         nl_value *const *in, nl_value **ct_in, bool keep,
                         bool *reached) {
  nl_tape *T = (nl_tape *)base;
  size_t bytes = (size_t)T->nslot * sizeof(nl_value *);
  nl_value **slots = (nl_value **)nl__small_alloc(C, bytes ? bytes : 1);
  nl_status st = NL_OK;
  if (slots == NULL) return C->status;
  memset(slots, 0, bytes);
  for (int i = 0; i < nout && st == NL_OK; i++)
    if (out[i]->trace == base && ct[i] != NULL &&
        !add_to(C, &slots[T->entry[out[i]->node]->slot + out[i]->out], ct[i]))
      st = C->status;
  for (int n = T->n - 1; n >= 0 && st == NL_OK; n--) {
    entry *t = T->entry[n];
    if (t->prim == NULL) continue;
    if (has_cotangent(t, slots)) {
      size_t mark = nl_pool_mark(C);
      if (nl_interrupted(C))
        st = nl_error(C, NL_INTERRUPTED, "interrupted");
      else
        st = pull_entry(C, T, t, slots);
      nl_pool_release(C, mark);
    }
    for (int i = 0; i < t->nout; i++) {
      nl__unref(C, slots[t->slot + i]);
      slots[t->slot + i] = NULL;
    }
    if (!keep) entry_release(C, t);
  }
  for (int i = 0; i < nin && st == NL_OK; i++) {
    nl_value *v = slots[T->entry[in[i]->node]->slot];
    if (reached != NULL) reached[i] = v != NULL;
    ct_in[i] = v != NULL ? nl__cast_to(C, nl__pool_push(C, nl_retain(v)),
                                       (nl_dtype)in[i]->dtype, in[i]->weak)
                         : nl_zeros_like(C, in[i]);
    if (ct_in[i] == NULL) st = C->status;
  }
  for (int i = 0; i < T->nslot; i++) nl__unref(C, slots[i]);
  nl__small_free(C, slots, bytes ? bytes : 1);
  return st;
}

/* ---- for call's partial rule ---- */

/* Values by address: slot[] holds 1 + their index.  Without memory it is
   empty and they are sought one by one. */
typedef struct seen {
  int *slot;
  size_t size; /* a power of two */
  nl_value *const *list;
  int n;
} seen;

static void seen_open (nl_ctx *C, seen *s, nl_value *const *list, int most) {
  *s = (seen){NULL, 64, list, 0};
  while (s->size < 2 * (size_t)most) s->size *= 2;
  s->slot = (int *)nl__alloc(C, s->size * sizeof *s->slot);
  if (s->slot == NULL) nl_error_clear(C);
  else memset(s->slot, 0, s->size * sizeof *s->slot);
}

static void seen_close (nl_ctx *C, seen *s) {
  nl__free(C, s->slot, s->size * sizeof *s->slot);
}

/* v's index in the list, or -1; then, with `add`, list[n] is v from now on. */
static int seen_find (seen *s, const nl_value *v, bool add) {
  if (s->slot == NULL) {
    for (int i = 0; i < s->n; i++)
      if (s->list[i] == v) return i;
    s->n += add;
    return -1;
  }
  size_t i = ((uintptr_t)v >> 6) * 0x9e3779b97f4a7c15u >> 20;
  for (i &= s->size - 1; s->slot[i] != 0; i = (i + 1) & (s->size - 1))
    if (s->list[s->slot[i] - 1] == v) return s->slot[i] - 1;
  if (add) s->slot[i] = ++s->n;
  return -1;
}

/* How many tracers the tape holds; with a list, each once.  (The count without
   a list has repetitions, so it is enough room.) */
int nl__tape_saved (nl_ctx *C, nl_trace *base, nl_value **list, int cap) {
  nl_tape *T = (nl_tape *)base;
  int n = 0;
  seen s;
  if (list != NULL) seen_open(C, &s, list, cap);
  for (int k = 0; k < T->n; k++) {
    entry *t = T->entry[k];
    for (int i = 0; i < t->nin + t->nout; i++) {
      nl_value *v = i < t->nin ? t->in[i] : t->out[i - t->nin];
      if (v == NULL || v->trace == NULL) continue;
      if (list == NULL) {
        n++;
      } else if (n < cap) {
        list[n] = v;
        if (seen_find(&s, v, true) < 0) n++;
      }
    }
  }
  if (list != NULL) seen_close(C, &s);
  return n;
}

void nl__tape_substitute (nl_ctx *C, nl_trace *base, nl_value *const *from,
                          nl_value *const *to, int n) {
  nl_tape *T = (nl_tape *)base;
  seen s;
  seen_open(C, &s, from, n);
  for (int j = 0; j < n; j++) seen_find(&s, from[j], true);
  for (int k = 0; k < T->n; k++) {
    entry *t = T->entry[k];
    for (int i = 0; i < t->nin + t->nout; i++) {
      nl_value **v = i < t->nin ? &t->in[i] : &t->out[i - t->nin];
      int j = *v == NULL ? -1 : seen_find(&s, *v, false);
      if (j < 0) continue;
      nl_retain(to[j]);
      nl__unref(C, *v);
      *v = to[j];
    }
  }
  seen_close(C, &s);
}
