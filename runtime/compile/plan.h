/* plan.h: how a graph is replayed.
 *
 * A plan is a list of steps over the graph's equations, reordered where that
 * lets elementwise ones stand together.  A step is one equation, or a group
 * of elementwise equations on one shape, which runs tile by tile: what only
 * the group reads stays in a tile that fits the cache.  The bits are those of
 * one equation after the other.  The graph itself is untouched, so that it
 * can still be differentiated. */
#ifndef NL_PLAN_H
#define NL_PLAN_H

#include "core/core.h"

#define NL_GROUP_MAX 20 /* equations of a group */
#define NL_EXT_MAX 12   /* arrays that a group reads from outside */

typedef struct nl_step {
  int first, count; /* in order[]; count > 1: a group */
} nl_step;

struct nl_plan {
  int nstep, norder;
  nl_step *step;
  int *order; /* [norder] equations */
  int *last;  /* [nvar] the step after which a variable is dead; nstep: an
                 output; -1: never read */
  size_t bytes;
};

/* One group: its results into env[]. */
nl_status nl__group_run (nl_ctx *C, const nl_graph *g, const nl_plan *p,
                         int step, nl_value **env);
/* Could the equation be part of a group? */
bool nl__fusable (nl_ctx *C, const nl_graph *g, const nl_node *n);

#endif
