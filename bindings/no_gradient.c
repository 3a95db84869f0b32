/* no_gradient.c: losses, outputs and arguments whose gradients would be
 * silently wrong. */
#include <stdlib.h>
#include <string.h>

#include "autograd.h"
#include "tensor.h"

/* ---- integers and bools ---- */

void nlb_refuse_integer (lua_State *L, nlb_state *S, int idx) {
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  bool number = lua_isinteger(L, idx), truth = lua_isboolean(L, idx);
  if (!number && !truth && (t == NULL || t->storage == NULL || t->ndim > 0))
    return;
  lua_pushvalue(L, idx);
  const char *shown = number ? lua_tostring(L, -1) : NULL;
  nlb_error(L, "grad: the loss is of dtype %s%s%s%s, which has no gradient; "
            "compute it in floats, as with x:float() before it is reduced%s%s"
            "%s", number ? "int64" : truth ? "bool" :
            nl_dtype_name(nl_storage_dtype(t->storage)),
            shown ? " (" : "", shown ? shown : "", shown ? ")" : "",
            shown ? ", or return " : "", shown ? shown : "",
            shown ? ".0 where it is constant" : "");
}

void nlb_refuse_float (lua_State *L, nlb_state *S, const char *path) {
  nl_tensor *out = nlb_test_tensor(L, S, -2);
  nl_tensor *t = nlb_test_tensor(L, S, -1);
  bool tensor = out != NULL && out->storage != NULL;
  const char *dtype = tensor ? nl_dtype_name(nlb_dtype_of(out))
                      : lua_isinteger(L, -2) ? "int64" : "bool";
  if (tensor ? nl_dtype_is_float(nlb_dtype_of(out))
             : path[0] || (!lua_isinteger(L, -2) && !lua_isboolean(L, -2)))
    return; /* a constant within a tree has no cotangent */
  if (t != NULL ? !nl_dtype_is_float(nlb_dtype_of(t))
                : lua_type(L, -1) != LUA_TNUMBER || lua_tonumber(L, -1) == 0)
    return;
  nlb_error(L, "vjp: the cotangent%s%s is %s, but its output is of dtype %s, "
            "which has no gradient; compute the output in floats, or return it "
            "after the first result", path[0] ? " " : "", path,
            nlb_describe(L, S, -1), dtype);
}

/* ---- arguments that share memory ---- */

/* What an argument shows of its storage: elements lo..hi. */
typedef struct span {
  const nl_storage *s;
  int64_t lo, hi;
  const nl_tensor *t;
  bool written;
} span;

static int by_place (const void *a, const void *b) {
  const span *x = (const span *)a, *y = (const span *)b;
  if (x->s != y->s) return x->s < y->s ? -1 : 1;
  return (x->lo > y->lo) - (x->lo < y->lo);
}

static span span_of (const nl_tensor *t, bool written) {
  span p = {t->storage, t->offset, t->offset, t, written};
  for (int d = 0; d < t->ndim; d++) {
    int64_t reach = (t->size[d] - 1) * t->stride[d];
    if (reach < 0) p.lo += reach;
    else p.hi += reach;
  }
  return p;
}

/* Marks t's elements from dimension d on in seen, from the element lo on; is
   one of them there already, and either of the two written? */
static bool mark (const span *p, unsigned char *seen, int d, int64_t at) {
  bool both = false;
  if (d == p->t->ndim) {
    both = p->written ? seen[at] != 0 : (seen[at] & 2) != 0;
    seen[at] |= p->written ? 2 : 1;
    return both;
  }
  for (int64_t i = 0; i < p->t->size[d] && !both; i++)
    both = mark(p, seen, d + 1, at + i * p->t->stride[d]);
  return both;
}

/* Have two of the n spans, all on one storage, an element in common that one
   of them writes?  A byte for each element: views may lie in between others,
   as columns do.  Without memory for that: no. */
static bool collide (const span *p, int n) {
  int64_t lo = p[0].lo, hi = p[0].hi;
  bool found = false;
  for (int i = 1; i < n; i++)
    if (p[i].hi > hi) hi = p[i].hi;
  unsigned char *seen = (unsigned char *)calloc((size_t)(hi - lo) + 1, 1);
  if (seen == NULL) return false;
  for (int i = 0; i < n && !found; i++)
    found = mark(&p[i], seen, 0, p[i].t->offset - lo);
  free(seen);
  return found;
}

/* The sorted spans, cut where none reaches over. */
static bool any_collide (const span *p, int n) {
  for (int i = 0, k; i < n; i = k) {
    int64_t hi = p[i].hi;
    bool written = p[i].written;
    for (k = i + 1; k < n && p[k].s == p[i].s && p[k].lo <= hi; k++) {
      if (p[k].hi > hi) hi = p[k].hi;
      written = written || p[k].written;
    }
    if (written && k - i > 1 && collide(p + i, k - i)) return true;
  }
  return false;
}

bool nlb_written_collide (lua_State *L, int n, nl_tensor *const *t,
                          const bool *written) {
  int k = 0;
  span *p = (span *)lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *p, 0);
  for (int i = 0; i < n; i++)
    if (t[i] != NULL && t[i]->storage != NULL && nl_tensor_numel(t[i]) > 0)
      p[k++] = span_of(t[i], written[i]);
  qsort(p, (size_t)k, sizeof *p, by_place);
  bool found = any_collide(p, k);
  lua_pop(L, 1);
  return found;
}

void nlb_job_check_aliases (lua_State *L, nlb_job *j, const char *what) {
  bool any = false;
  for (int i = 0; i < j->n && !any; i++)
    any = j->input[i].tensor != NULL &&
          nl_storage_written(j->input[i].storage, j->input[i].v);
  if (!any || j->n < 2) return;
  nl_tensor **t = (nl_tensor **)lua_newuserdatauv(
      L, (size_t)j->n * (sizeof *t + sizeof(bool)), 0);
  bool *written = (bool *)(t + j->n);
  for (int i = 0; i < j->n; i++) {
    const struct nlb_input *in = &j->input[i];
    t[i] = in->tensor;
    written[i] = nl_storage_written(in->storage, in->v);
  }
  if (nlb_written_collide(L, j->n, t, written))
    nlb_error(L, "%s: two arguments share memory and one of them is written; "
              "clone one", what);
  lua_pop(L, 1);
}

/* ---- arguments that a closure reaches ---- */

void nlb_job_watch (nlb_job *j) {
  for (int i = 0; i < j->n; i++) {
    struct nlb_input *in = &j->input[i];
    in->read[0] = nl_watch(in->storage);
    if (in->tensor == NULL) continue;
    in->outer = nl_storage_retain(in->tensor->storage);
    in->read[1] = nl_watch_outer(in->outer);
  }
}

int nlb_job_unwatch (lua_State *L, nlb_job *j, const char *what) {
  int wrong = -1;
  bool mixed = false;
  for (int i = 0; i < j->n; i++) {
    struct nlb_input *in = &j->input[i];
    bool used = nl_unwatch(in->storage, in->read[0]);
    bool closure = in->outer != NULL &&
                   nl_unwatch_outer(in->outer, in->read[1]);
    bool written = nl_storage_written(in->storage, in->v);
    if (!used && closure && wrong < 0) wrong = i;
    mixed = mixed || (closure && written) ||
            (in->outer != NULL && nl_trace_wrote(j->T, in->outer));
    nl_storage_release(j->S->C, in->outer);
    in->outer = NULL;
  }
  if (mixed)
    nlb_error(L, "%s: a tensor is an argument and reached by a closure as "
              "well, and one of them is written (views of one storage count as "
              "one tensor); use it one way only, or pass a clone", what);
  return wrong;
}
