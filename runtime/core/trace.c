/* trace.c: the stack of active traces and how one ends.
 *
 * A trace lists the outer storages whose cells it changed.  When it ends it
 * puts the old values back, makes its parent current, and then writes what
 * its function wrote, as the parent sees it.  An aborted trace only restores.
 * From then on the list has what its parent's cells held before: those writes
 * are all made, or all undone. */
#include "core/core.h"

#include <string.h>

nl_trace *nl__trace_push (nl_ctx *C, const nl_trace_kind *kind) {
  nl_trace *T = (nl_trace *)nl__small_alloc(C, kind->size);
  if (T == NULL) return NULL;
  memset(T, 0, kind->size);
  T->kind = kind;
  T->refs = 1;
  T->alive = true;
  T->stamp = ++C->clock;
  T->parent = nl__trace_retain(C->trace);
  C->trace = T;
  if (kind == &nl__capture_kind) C->ncapture++;
  return T;
}

void nl_trace_release (nl_ctx *C, nl_trace *T) {
  if (T == NULL || --T->refs > 0) return;
  nl_trace_settle(C, T);
  if (T->kind->destroy != NULL) T->kind->destroy(C, T);
  nl__free(C, T->touched, (size_t)T->cap_touched * sizeof *T->touched);
  nl__places_free(C, &T->places);
  nl_trace_release(C, T->parent);
  nl__small_free(C, T, T->kind->size);
}

/* ---- the storages that a trace touched ---- */

#define FEW 16 /* are sought one by one */

int nl__touched_at (const nl_trace *T, const nl_storage *s) {
  if (T->ntouched > FEW) return nl__place_of(&T->places, s);
  for (int i = 0; i < T->ntouched; i++)
    if (T->touched[i].storage == s) return i;
  return -1;
}

bool nl__touch (nl_ctx *C, nl_trace *T, nl_storage *s, nl_value *old,
                int var) {
  int n = T->ntouched;
  if (!nl__grow(C, (void **)&T->touched, &T->cap_touched, n + 1,
                sizeof *T->touched))
    return false;
  T->touched[n] = (nl_touched){s, old, var};
  for (int i = n > FEW ? n : 0; i <= n && n >= FEW; i++)
    if (!nl__place_add(C, &T->places, T->touched[i].storage, i)) return false;
  nl_storage_retain(s);
  T->ntouched++;
  return true;
}

bool nl_trace_wrote (const nl_trace *T, const nl_storage *s) {
  int at = nl__touched_at(T, s);
  if (at < 0) return false;
  return T->kind != &nl__capture_kind || s->value->trace != T ||
         s->value->node != T->touched[at].var;
}

/* Puts the old values back; keeps the new ones in the list when wanted. */
static void restore (nl_ctx *C, nl_trace *T, bool keep) {
  for (int i = T->ntouched - 1; i >= 0; i--) {
    nl_touched *t = &T->touched[i];
    nl_value *now = t->storage->value;
    t->storage->value = t->old;
    t->old = now;
    if (!keep) {
      nl__unref(C, now);
      nl_storage_release(C, t->storage);
    }
  }
  if (!keep) T->ntouched = 0;
}

/* After the end: what the parent's cells held, again; nothing can fail. */
static void undo (nl_ctx *C, nl_trace *T) {
  if (T->ntouched > 0) C->into.storage = NULL;
  restore(C, T, false);
}

void nl_trace_settle (nl_ctx *C, nl_trace *T) {
  for (int i = T->alive ? 0 : T->ntouched; i-- > 0;) {
    nl__unref(C, T->touched[i].old);
    nl_storage_release(C, T->touched[i].storage);
  }
  if (!T->alive) T->ntouched = 0;
}

/* Writes in the parent what the trace's function wrote; the record keeps what
   the cell held. */
static nl_status to_parent (nl_ctx *C, nl_touched *t) {
  nl_value *v = nl__resolve(C, t->old), *was = t->storage->value;
  nl_retain(was);
  nl_status st = v == NULL ? C->status : nl__storage_set(C, t->storage, v);
  nl__unref(C, t->old);
  t->old = was;
  return st;
}

nl_status nl__trace_pop (nl_ctx *C, nl_trace *T, bool discard) {
  nl_status st = NL_OK;
  C->into.storage = NULL;
  restore(C, T, !discard);
  /* what escapes may keep the trace, and the parent's tape or graph what
     escaped: they would hold each other for ever */
  C->trace = T->parent;
  T->parent = NULL;
  nl_trace_release(C, C->trace);
  T->alive = false;
  if (T->kind == &nl__capture_kind) C->ncapture--;
  for (int i = 0; i < T->ntouched && st == NL_OK; i++)
    st = to_parent(C, &T->touched[i]);
  if (st != NL_OK) undo(C, T);
  else if (!T->undoable) nl_trace_settle(C, T);
  return st;
}

void nl_trace_undoable (nl_trace *T) { T->undoable = true; }

nl_status nl_trace_write (nl_ctx *C, nl_trace *T, const nl_tensor *t,
                          nl_value *v) {
  nl_storage *s = t->storage;
  if (s != NULL && v != NULL) {
    if (!nl__touch(C, T, s, s->value, -1)) return C->status;
    nl_retain(s->value);
  }
  return nl_write(C, t, v);
}

void nl_trace_abort (nl_ctx *C, nl_trace *T) {
  if (!T->alive) {
    undo(C, T);
    return;
  }
  while (C->trace != T && C->trace != C->eval)
    nl__trace_pop(C, C->trace, true);
  if (C->trace == T) nl__trace_pop(C, T, true);
}

void nl_trace_where (nl_trace *T, const char *where) {
  size_t n = strlen(where);
  if (n >= sizeof T->where) n = sizeof T->where - 1;
  memcpy(T->where, where, n);
  T->where[n] = 0;
}

nl_trace *nl_trace_current (nl_ctx *C) { return C->trace; }
bool nl_trace_is_eval (nl_ctx *C) { return C->trace == C->eval; }

nl_trace *nl_outside_begin (nl_ctx *C) {
  nl_trace *saved = C->trace;
  C->trace = C->eval;
  return saved;
}

void nl_outside_end (nl_ctx *C, nl_trace *saved) { C->trace = saved; }

/* grad and jvp: an escaped tracer becomes its primal. */
nl_value *nl__lower_primal (nl_ctx *C, nl_trace *T, nl_value *v) {
  (void)C;
  (void)T;
  return v->primal;
}

/* vmap and jit: it has no value outside. */
nl_value *nl__lower_none (nl_ctx *C, nl_trace *T, nl_value *v) {
  (void)v;
  nl_error(C, NL_ERROR,
           "escaped tracer: a value made inside %s was kept and used after it "
           "ended; return it from the function instead",
           T->where[0] ? T->where : T->kind->name);
  return NULL;
}

/* ---- eval, the bottom ---- */

const nl_trace_kind nl__eval_kind = {"eval", NULL, NULL, NULL, NULL,
                                     sizeof(nl_trace)};

bool nl__core_init (nl_ctx *C) {
  nl_trace *T = (nl_trace *)nl__small_alloc(C, sizeof *T);
  if (T == NULL) return false;
  memset(T, 0, sizeof *T);
  T->kind = &nl__eval_kind;
  T->refs = 1;
  T->alive = true;
  C->eval = C->trace = T;
  size_t mark = nl_pool_mark(C);
  nl_value *key = nl_random_key(C, C->cfg.seed);
  C->random = C->generator = nl_storage_new(C, key);
  nl_pool_release(C, mark);
  return C->random != NULL;
}

void nl__core_close (nl_ctx *C) {
  if (C->eval == NULL) return;
  while (C->trace != C->eval) nl__trace_pop(C, C->trace, true);
  nl_pool_release(C, 0);
  nl_storage_release(C, C->random);
  C->random = C->generator = NULL;
  nl__free(C, C->pool, (size_t)C->cap_pool * sizeof *C->pool);
  C->pool = NULL;
  C->cap_pool = 0;
  nl_trace_release(C, C->eval);
  C->eval = NULL;
}
