/* plan.h: how a graph is replayed.
 *
 * A plan is made once from a graph, whose equations it leaves as they are (the
 * graph can still be differentiated).  plan.c puts equations together in
 * units and orders them, place.c says where each array stands, exec.c runs the
 * units, tiles.c those that are groups of elementwise equations.
 *
 * Arrays are described by headers, ordinary values that live in the plan.  A
 * header's buffer is the plan's arena, or it is set when the array that it
 * shows is there; so units see nothing but values, and a replay allocates the
 * arena and what it returns.  All arrays of a plan are dense, but for views
 * of them.  The bits are those of one equation after the other. */
#ifndef NL_PLAN_H
#define NL_PLAN_H

#include "core/core.h"
#include "core/product.h"
#include "kernels/kernels.h"

#define NL_GROUP_MAX 48 /* equations of a group */
#define NL_EXT_MAX 24   /* arrays that a group reads from outside */
#define NL_TAIL_MAX 4   /* reductions of a group */

/* Where the elements of a variable stand. */
typedef enum nl_kind {
  NL_UNUSED,  /* nowhere: not read, or only tile by tile */
  NL_INPUT,   /* the caller's */
  NL_ARENA,   /* in the arena */
  NL_FRESH,   /* an array of its own, made by the run: it is returned */
  NL_RESULT,  /* a value that a primitive's eval made */
  NL_SHOWN    /* a view of another variable, of its root */
} nl_kind;

typedef struct nl_home {
  uint8_t kind;
  int root;        /* NL_SHOWN: the variable shown; else itself */
  int64_t offset;  /* NL_SHOWN: in the root, in elements */
  int same;        /* the variable with the same elements in the same order,
                      itself or one before */
  int input;       /* NL_INPUT: which */
  int donor;       /* the storage whose old array may become this one, or -1:
                      see donate.c */
  int over;        /* what that holds, a variable */
  int unit;        /* that makes it; -1: an input */
  int last;        /* unit after which it is dead; nunit: never */
  int next_view;   /* of the same root, -1: none */
  int first_view;  /* of a root: its views, to be set when it is made */
  nl_value *value; /* its header */
} nl_home;

typedef struct nl_tiles nl_tiles;

/* A reduction of a dense array, small enough for one call. */
typedef struct nl_late {
  nl_reduce_fn fn; /* NULL: the primitive itself has to do it */
  int64_t outer, n, inner;
  int in, out;     /* variables */
} nl_late;

/* A unit is one equation, or a group of elementwise ones, perhaps with
   reductions of what it makes.  Those are fused (run on tiles, as far as they
   go) or, where tiles don't fit, run after the others. */
typedef struct nl_unit {
  bool group;
  nl_tiles *tiles;  /* of a group */
  int first, count; /* in order[]; reductions follow: */
  int ntail;
  bool fused;
  bool updates;    /* a group: it makes what a storage gets */
  bool fresh;      /* some of its arrays are made by the run */
  int ndrop, nresult;
  int *drop;       /* variables to let go after it, values first */
  nl_late *late;   /* its reductions, if they are not fused */
  bool into;       /* the primitive writes into given arrays */
  bool product;    /* of matrices, see core/product.h */
  bool joined;     /* a product: the next unit, a group that reads it, runs on
                      its parts as they get ready */
  size_t scratch, scratch_bytes; /* a product's, in the arena */
} nl_unit;

struct nl_plan {
  const nl_graph *g;
  bool busy;
  int nunit, norder;
  nl_unit *unit;
  int *order;      /* [norder] equations, unit by unit */
  nl_home *home;   /* [nvar] */
  nl_value **env;  /* [nvar] during a run; headers of arena arrays stay */
  nl_buffer arena; /* data is set by each run */
  size_t arena_bytes;
  int sure;        /* units from here on can't fail; nunit: nothing of that */
  int ntaken;      /* arrays that the last run took over from storages */
  int nthreads; /* of the context when scratch was placed */
  bool gemm_openblas;
  int *drops;      /* all units' lists */
  int nowned;
  int *owned;      /* variables that hold references in a run */
  struct nl_scraps *scraps; /* memory of all parts, freed together */
};

/* Memory that lives as long as the plan; zeroed.  NULL: error recorded. */
void *nl__plan_alloc (nl_ctx *C, nl_plan *p, size_t bytes);

/* plan.c */
bool nl__fusable (nl_ctx *C, const nl_graph *g, const nl_node *n);
/* place.c: homes, headers, the arena; after the units are in order. */
bool nl__place (nl_ctx *C, nl_plan *p);
bool nl__same_elements (nl_ctx *C, nl_plan *p); /* fills home[].same */
/* tiles.c */
/* Makes the group's tiles and decides whether its reductions are fused; before
   the homes have their kinds. */
bool nl__tiles_new (nl_ctx *C, nl_plan *p, nl_unit *u, int unit);
/* Places tiles; after the homes have their kinds. */
bool nl__tiles_place (nl_ctx *C, nl_plan *p, nl_unit *u);
nl_status nl__tiles_run (nl_ctx *C, const nl_plan *p, const nl_tiles *t);
/* Can the group run on parts of a product with n columns? */
bool nl__tiles_take_parts (const nl_tiles *t, int64_t numel, int64_t n);
/* The product q of prim with the group on its parts. */
nl_status nl__tiles_product (nl_ctx *C, const nl_plan *p, const nl_tiles *t,
                             const nl_prim *prim, nl_gemm_call *q);

/* donate.c: which new values may stand where the old ones did. */
void nl__find_donors (nl_plan *p);
void nl__new_and_old (const nl_graph *g, int i, int *v, int *x);
/* Makes the arrays of the units from p->sure on. */
nl_status nl__donate (nl_ctx *C, nl_plan *p, const nl_step *step);
/* exec.c: an array of its own for v, or r (a reference). */
nl_status nl__plan_fresh (nl_ctx *C, nl_plan *p, int v);
void nl__plan_set (nl_plan *p, int v, nl_value *r);

/* An operand's value in a run. */
static inline nl_value *nl__operand (const nl_plan *p, int op) {
  return op >= 0 ? p->env[op] : p->g->constant[~op];
}

#endif
