/* donate.c: new values of outer storages in place of the old ones, and results
 * in place of arguments that the caller gives up.
 *
 * The last units of a plan that are groups of elementwise equations can't fail
 * once their arrays are there, and with the context held nothing interrupts
 * them.  So they may write what a storage gets over what it held, when nobody
 * else holds that and nothing reads it any more.  All that may fail comes
 * before: the other units, the arrays, the results, what the caller makes of
 * them (nl__step_ready). */
#include "compile/tiles.h"

#include <string.h>

/* ---- the plan ---- */

/* Do the tiles read x at most where and before they write v? */
static bool reads_before (const nl_plan *p, const nl_tiles *t, int v, int x) {
  int writer = 0;
  while (writer < t->n && t->m[writer].var != v) writer++;
  if (writer == t->n || t->m[writer].slot >= 0) return false;
  for (int i = 0; i < t->next; i++) {
    int op = t->x[i].op;
    if (t->x[i].product || op < 0 || p->home[op].root != x) continue;
    if (t->x[i].kind != DENSE || p->home[op].same != x) return false;
    for (int m = writer + 1; m < t->n; m++)
      for (int k = 0; k < t->m[m].nin; k++)
        if (t->m[m].from[k] == i) return false;
  }
  return true;
}

/* What steps over lines is copied before it is read, which may fail. */
static bool sure_unit (const nl_plan *p, int u) {
  const nl_unit *unit = &p->unit[u];
  if (!unit->group || unit->ntail > 0 || unit->tiles == NULL ||
      (u > 0 && unit[-1].joined))
    return false;
  for (int i = 0; i < unit->tiles->next; i++)
    if (unit->tiles->x[i].kind == ANY) return false;
  return true;
}

/* A result is made into a tensor before its elements are there: it must not
   need a copy. */
static bool results_are_dense (const nl_plan *p, int sure) {
  for (int i = 0; i < p->g->nout; i++) {
    int v = p->g->out[i];
    if (v < 0 || p->home[p->home[v].root].unit < sure) continue;
    if (p->home[v].kind != NL_FRESH &&
        !(p->home[v].kind == NL_SHOWN && p->home[v].value->dense))
      return false;
  }
  return true;
}

/* Of storage i, the graph's and then the caller's: the new value and the old,
   as variables. */
void nl__new_and_old (const nl_graph *g, int i, int *v, int *x) {
  const nl_cell *c = &g->cell[i];
  if (i < g->ncell) {
    *v = c->out < 0 ? -1 : g->out[c->out];
    *x = g->in[c->in];
  } else {
    *v = g->out[g->nuser - g->nback + i - g->ncell];
    *x = g->in[g->back[i - g->ncell]];
  }
}

/* May v, made by the units from `sure` on, take the array of the input x? */
static bool fits (const nl_plan *p, int sure, int v, int x) {
  const nl_home *h = &p->home[v], *old = &p->home[x];
  return nl__same_aval(&p->g->var[v], &p->g->var[x]) && h->kind == NL_FRESH &&
         h->donor < 0 && h->unit >= sure && old->kind == NL_INPUT &&
         old->last <= h->unit &&
         reads_before(p, p->unit[h->unit].tiles, v, x);
}

static bool is_written (const nl_graph *g, int input) {
  for (int i = 0; i < g->nback; i++)
    if (g->back[i] == input) return true;
  return false;
}

#define NEAR 64 /* results that are looked at for each input: new values mostly
                   come in the order of the old ones */

/* Inputs that the caller gives up, for results; how many. */
static int find_given (nl_plan *p, int sure) {
  const nl_graph *g = p->g;
  int n = g->nuser - g->nback, at = 0, found = 0;
  for (int k = 0; k < g->ngive && n > 0; k++) {
    int x = g->in[g->give[k]];
    if (is_written(g, g->give[k])) continue;
    for (int i = 0; i < n && i < NEAR; i++) {
      int v = g->out[(at + i) % n];
      if (v < 0 || !fits(p, sure, v, x)) continue;
      p->home[v].donor = g->ncell + g->nback + k;
      p->home[v].over = x;
      at = (at + i + 1) % n;
      found++;
      break;
    }
  }
  return found;
}

void nl__find_donors (nl_plan *p) {
  const nl_graph *g = p->g;
  int sure = p->nunit, found = 0;
  for (int v = 0; v < g->nvar; v++) p->home[v].donor = -1;
  while (sure > 0 && sure_unit(p, sure - 1)) sure--;
  p->sure = p->nunit;
  if (!results_are_dense(p, sure)) return;
  for (int i = 0; i < g->ncell + g->nback; i++) {
    int v, x;
    nl__new_and_old(g, i, &v, &x);
    if (v < 0 || !fits(p, sure, v, x)) continue;
    p->home[v].donor = i;
    p->home[v].over = x;
    found++;
  }
  found += find_given(p, sure);
  if (found > 0) p->sure = sure;
}

/* ---- a run ---- */

/* Does nobody hold the old value but the storage and this call's read? */
static bool to_be_had (const nl_storage *s, const nl_value *old) {
  return s->value == old && old->refs == 2 && old->dense &&
         old->buf->refs == 1;
}

/* The storage of that donor, or NULL where it is not to be touched. */
static const nl_storage *storage_of (const nl_graph *g, int donor,
                                     const nl_graph_writes *w) {
  int back = donor - g->ncell, given = back - g->nback;
  if (donor < 0) return NULL;
  if (back < 0) return g->cell[donor].storage;
  if (w == NULL || w->n != g->nback) return NULL;
  if (given < 0) return w->to[back]->storage;
  const nl_storage *s = w->given == NULL ? NULL : w->given[given];
  return s != NULL && s->refs == 1 ? s : NULL;
}

/* v's array: the old one of its storage, or NULL. */
static nl_value *take (nl_ctx *C, nl_plan *p, int v, const nl_step *step) {
  const nl_storage *s = storage_of(p->g, p->home[v].donor, step->w);
  const nl_value *old = s == NULL ? NULL : p->env[p->home[v].over];
  if (s == NULL || !to_be_had(s, old)) return NULL;
  nl_value *r = nl__value_alloc(C, (nl_dtype)old->dtype, old->weak, old->ndim,
                                old->shape, false);
  if (r == NULL) return NULL;
  nl__set_dense(r);
  r->offset = old->offset;
  r->buf = nl__buffer_retain(old->buf);
  return r;
}

nl_status nl__donate (nl_ctx *C, nl_plan *p, const nl_step *step) {
  p->ntaken = 0;
  for (int u = p->sure; u < p->nunit; u++)
    for (int m = 0; m < p->unit[u].count; m++) {
      int v = p->g->node[p->order[p->unit[u].first + m]].out[0];
      if (p->home[v].kind != NL_FRESH) continue;
      nl_value *r = take(C, p, v, step);
      if (r == NULL) {
        if (C->status != NL_OK || nl__plan_fresh(C, p, v) != NL_OK)
          return C->status;
        continue;
      }
      p->ntaken++;
      nl__plan_set(p, v, r);
    }
  return NL_OK;
}
