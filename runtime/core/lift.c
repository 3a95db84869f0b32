/* lift.c: outer storages of graphs become inputs and outputs.
 *
 * A graph that is the body of something (a custom rule, a branch, a loop) is
 * called with values alone; so the storages that it and its companions touch
 * are collected, and their values take the place of the cells. */
#include "core/core.h"

#include <string.h>


bool nl__lift_add (nl_ctx *C, nl_lift *u, const nl_graph *g) {
  for (int i = 0; i < g->ncell; i++) {
    nl_storage *s = g->cell[i].storage;
    int k = nl__place_of(&u->places, s);
    if (k < 0) {
      k = u->n;
      if (!nl__grow(C, (void **)&u->list, &u->cap, k + 1, sizeof *u->list) ||
          !nl__place_add(C, &u->places, s, k))
        return false;
      u->list[u->n++] =
          (struct nl_lifted){s, *nl__in_aval(g, g->cell[i].in), false};
    }
    if (g->cell[i].out >= 0) u->list[k].written = true;
  }
  return true;
}

void nl__lift_close (nl_ctx *C, nl_lift *u) {
  nl__free(C, u->list, (size_t)u->cap * sizeof *u->list);
  nl__places_free(C, &u->places);
}

/* list[k]: g's cell for the storage lifted as k, or NULL.  To be freed. */
static const nl_cell **cells_of (nl_ctx *C, const nl_graph *g,
                                 const nl_lift *u) {
  size_t bytes = ((size_t)u->n + 1) * sizeof(nl_cell *);
  const nl_cell **list = (const nl_cell **)nl__alloc(C, bytes);
  if (list == NULL) return NULL;
  memset(list, 0, bytes);
  for (int i = 0; i < g->ncell; i++) {
    int k = nl__place_of(&u->places, g->cell[i].storage);
    if (k >= 0) list[k] = &g->cell[i];
  }
  return list;
}

static void cells_free (nl_ctx *C, const nl_cell **list, const nl_lift *u) {
  nl__free(C, (void *)list, ((size_t)u->n + 1) * sizeof *list);
}

/* New inputs: the first `at` of the caller's, the lifted, the caller's other
   ones. */
bool nl__lift_inputs (nl_ctx *C, nl_graph *g, const nl_lift *u, int at) {
  int user = g->nin - g->ncell, *old = g->in, cap = g->cap_in;
  const nl_cell **cell = cells_of(C, g, u);
  if (cell == NULL) return false;
  g->in = NULL;
  g->nin = g->cap_in = 0;
  bool ok = true;
  for (int i = 0; i < at && ok; i++) ok = nl__graph_in(C, g, old[i]);
  for (int k = 0; k < u->n && ok; k++) {
    int var = cell[k] != NULL ? old[cell[k]->in]
                              : nl__graph_var(C, g, &u->list[k].aval);
    ok = var >= 0 && nl__graph_in(C, g, var);
  }
  for (int i = at; i < user && ok; i++) ok = nl__graph_in(C, g, old[i]);
  cells_free(C, cell, u);
  nl__free(C, old, (size_t)cap * sizeof *old);
  return ok;
}

bool nl__dummy_input (nl_ctx *C, nl_graph *g, const nl_aval *a) {
  int var = nl__graph_var(C, g, a);
  return var >= 0 && nl__graph_in(C, g, var);
}

/* New outputs: the first `ny`, what is written, the others; with the lifted
   inputs (at `at`) as further residuals. */
bool nl__lift_outputs (nl_ctx *C, nl_graph *g, const nl_lift *u, int ny,
                          int at, bool residuals) {
  int user = g->nuser, *old = g->out, cap = g->cap_out;
  const nl_cell **cell = cells_of(C, g, u);
  if (cell == NULL) return false;
  g->out = NULL;
  g->nout = g->cap_out = 0;
  bool ok = true;
  for (int i = 0; i < ny && ok; i++) ok = nl__graph_out(C, g, old[i]);
  for (int k = 0; k < u->n && ok; k++) {
    if (!u->list[k].written) continue;
    bool own = cell[k] != NULL && cell[k]->out >= 0;
    ok = nl__graph_out(C, g, own ? old[cell[k]->out] : g->in[at + k]);
  }
  for (int i = ny; i < user && ok; i++) ok = nl__graph_out(C, g, old[i]);
  for (int k = 0; k < u->n && residuals && ok; k++)
    ok = nl__graph_out(C, g, g->in[at + k]);
  cells_free(C, cell, u);
  nl__free(C, old, (size_t)cap * sizeof *old);
  return ok;
}

void nl__drop_cells (nl_ctx *C, nl_graph *g) {
  for (int i = 0; i < g->ncell; i++)
    nl_storage_release(C, g->cell[i].storage);
  g->ncell = 0;
  g->nuser = g->nout;
}

void nl_graph_called (nl_ctx *C, nl_graph *g) {
  if (g->plan == NULL && g->checkpoint) nl__drop_cells(C, g);
}

/* The main graph's cells are all that is lifted. */
static bool set_cells (nl_ctx *C, nl_graph *g, const nl_lift *u, int user,
                       int ny) {
  nl_cell *list = NULL;
  int cap = 0, out = ny;
  if (u->n > 0 &&
      !nl__grow(C, (void **)&list, &cap, u->n, sizeof *list))
    return false;
  for (int k = 0; k < u->n; k++)
    list[k] = (nl_cell){nl_storage_retain(u->list[k].s), user + k,
                        u->list[k].written ? out++ : -1};
  nl__drop_cells(C, g);
  nl__free(C, g->cell, (size_t)g->cap_cell * sizeof *g->cell);
  g->cell = list;
  g->ncell = u->n;
  g->cap_cell = cap;
  g->nuser = ny;
  return true;
}

bool nl__lift_main (nl_ctx *C, nl_graph *g, const nl_lift *u) {
  int user = g->nin - g->ncell, ny = g->nuser;
  return nl__lift_inputs(C, g, u, user) &&
         nl__lift_outputs(C, g, u, ny, user, false) &&
         set_cells(C, g, u, user, ny) && nl__graph_finish(C, g);
}

void nl__forget_writes (nl_graph *g) {
  for (int i = 0; i < g->ncell; i++) g->cell[i].out = -1;
}

/* ---- building ---- */

nl_graph *nl__graph_build (nl_ctx *C, int nin, const nl_aval *a, int max_out,
                           nl_body_fn body, void *ud) {
  size_t bytes = ((size_t)nin + (size_t)max_out + 1) * sizeof(nl_value *);
  nl_value **in = (nl_value **)nl__alloc(C, bytes), **out = in + nin;
  nl_trace *K = in == NULL ? NULL : nl_capture_begin(C);
  nl_graph *g = NULL;
  bool ok = K != NULL;
  int nout = 0;
  for (int i = 0; i < nin && ok; i++)
    ok = (in[i] = nl__capture_like(C, K, &a[i])) != NULL;
  if (ok && body(C, ud, in, out, &nout)) {
    g = nl_capture_end(C, K, nout, out);
  } else if (K != NULL) {
    nl_trace_abort(C, K);
    nl_trace_release(C, K);
  }
  nl__free(C, in, bytes);
  return g;
}
