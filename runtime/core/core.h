/* core.h: values, storages, traces and graphs as the core's files and ops/
 * see them.  The invariants:
 *  - a value never changes after the operation that made it; only an
 *    operation announced by nl_into may write a buffer, and only when nobody
 *    else holds it;
 *  - a tracer belongs to exactly one trace and holds a reference to it;
 *  - C->trace is the current trace; a rule runs with its trace's parent as
 *    the current one;
 *  - a storage made before a trace (by stamp) is outer to it: the trace puts
 *    the old value back when it ends, then writes in its parent. */
#ifndef NL_CORE_H
#define NL_CORE_H

#include "base/base.h"

struct nl_value {
  int refs;
  uint8_t dtype;
  bool weak;
  uint8_t ndim;
  bool dense;      /* concrete: row-major without gaps */
  nl_trace *trace; /* NULL: concrete */
  int64_t numel;
  union {
    struct { /* concrete */
      nl_buffer *buf;
      int64_t offset; /* elements */
    };
    struct { /* a tracer */
      nl_value *primal;  /* grad, jvp: the primal; batch: the batched value */
      nl_value *tangent; /* jvp */
    };
  };
  int node, out; /* grad: equation on the tape and its output; capture: node
                    is the variable */
  int64_t shape[NL_MAX_NDIM];
  int64_t stride[NL_MAX_NDIM]; /* concrete */
};

typedef struct nl_trace_kind {
  const char *name; /* "grad" */
  /* Interprets e (inputs resolved); fills out[] with pool-owned values. */
  nl_status (*process) (nl_ctx *C, nl_trace *T, nl_eqn *e, nl_value **out);
  /* A value of T as its parent sees it, for storages and escaped tracers;
     NULL: it can't leave (the error is recorded). */
  nl_value *(*lower) (nl_ctx *C, nl_trace *T, nl_value *v);
  /* May v be written to an outer storage?  Called at the write. */
  nl_status (*may_write) (nl_ctx *C, nl_trace *T, const nl_value *v);
  void (*destroy) (nl_ctx *C, nl_trace *T); /* T's own parts */
  size_t size;
} nl_trace_kind;

/* ---- places.c: where a list has what, by address ---- */
typedef struct nl_places {
  struct nl_place {
    const void *key; /* NULL: none */
    int at;
  } *slot;
  size_t size, n; /* slots, a power of two or 0; keys */
} nl_places;
int nl__place_of (const nl_places *p, const void *key); /* -1: nowhere */
/* A key that is there already stays where it is. */
bool nl__place_add (nl_ctx *C, nl_places *p, const void *key, int at);
void nl__places_free (nl_ctx *C, nl_places *p);

typedef struct nl_touched { /* an outer storage that a trace changed */
  nl_storage *storage;
  nl_value *old;
  int var; /* capture: the input that stands for it */
} nl_touched;

struct nl_trace {
  const nl_trace_kind *kind;
  nl_trace *parent; /* a reference */
  int refs;
  bool alive;
  bool undoable; /* its end keeps what the parent's cells held */
  uint64_t stamp;
  nl_touched *touched;
  int ntouched, cap_touched;
  nl_places places; /* of the storages in touched, where they are many */
  char where[120];
};

struct nl_storage {
  int refs;
  nl_dtype dtype;
  bool weak;
  unsigned reads;  /* while watched */
  int watched;     /* it is an argument of that many grads (see nl_watch) */
  nl_storage *outer; /* what it stands for inside a transform, or NULL */
  int64_t numel;
  nl_value *value; /* its elements in row-major order, of any shape */
  uint64_t stamp;
  uint64_t offered; /* stamp of the newest capture that made it an input, */
  int slot;         /* and where in its list */
  uint32_t layout; /* counts resizes */
};

/* ---- value.c ---- */
nl_value *nl__value_alloc (nl_ctx *C, nl_dtype d, bool weak, int ndim,
                           const int64_t *shape, bool buffer);
/* A new array of like's dtype, weakness and shape, with one reference. */
nl_value *nl__value_like (nl_ctx *C, const nl_value *like);
/* The same of another dtype, whose elements are no larger. */
nl_value *nl__dense_like (nl_ctx *C, nl_dtype d, bool weak,
                          const nl_value *like);
/* A tracer of T with v's shape and dtype; pool-owned; payload unset. */
nl_value *nl__tracer (nl_ctx *C, nl_trace *T, nl_dtype d, bool weak, int ndim,
                      const int64_t *shape);
nl_value *nl__tracer_like (nl_ctx *C, nl_trace *T, const nl_value *v);
void nl__value_free (nl_ctx *C, nl_value *v);
nl_value *nl__pool_more (nl_ctx *C, nl_value *v); /* it is full */
/* Takes the reference; NULL gives NULL. */
static inline nl_value *nl__pool_push (nl_ctx *C, nl_value *v) {
  if (v == NULL || C->npool == C->cap_pool) return nl__pool_more(C, v);
  return C->pool[C->npool++] = v;
}
void nl__set_dense (nl_value *v);
nl_value *nl__dense (nl_ctx *C, nl_value *v); /* itself, or a dense copy */
/* A scratch list of n + 1 values, all NULL; freed by its length. */
nl_value **nl__values (nl_ctx *C, int n);
void nl__values_free (nl_ctx *C, nl_value **a, int n);
static inline char *nl__bytes_at (const nl_value *v) {
  return (char *)v->buf->data +
         (size_t)v->offset * nl__elem_size((nl_dtype)v->dtype);
}
static inline bool nl__same_shape (const nl_value *a, const nl_value *b) {
  if (a->ndim != b->ndim) return false;
  for (int i = 0; i < a->ndim; i++)
    if (a->shape[i] != b->shape[i]) return false;
  return true;
}
static inline void nl__unref (nl_ctx *C, nl_value *v) {
  if (v != NULL && --v->refs == 0) nl__value_free(C, v);
}
/* Output i of e for an eval rule of a primitive with NL_INTO: where the caller
   wants it, or a new array. */
static inline nl_value *nl__out (nl_ctx *C, nl_eqn *e, int i, nl_dtype d,
                                 bool weak, int ndim, const int64_t *shape) {
  if (e->out[i] == NULL)
    e->out[i] = nl__value_alloc(C, d, weak, ndim, shape, true);
  return e->out[i];
}
void nl__aval (const nl_value *v, nl_aval *a);
bool nl__same_aval (const nl_aval *a, const nl_aval *b);
nl_value *nl__zeros_aval (nl_ctx *C, const nl_aval *a);
/* "3 x 4 float32" */
char *nl__value_text (char buf[NL_SHAPE_TEXT], const nl_value *v);

/* x with that dtype and weakness (ops/cast.c). */
nl_value *nl__cast_to (nl_ctx *C, nl_value *x, nl_dtype d, bool weak);

/* ---- strided.c: copying between strided arrays ---- */
/* Elements [first, first + n) of v in row-major order, to dst. */
void nl__gather (const nl_value *v, int64_t first, int64_t n, void *dst);
/* `rows` rows of n elements, each of them one number; the numbers are `step`
   elements apart. */
void nl__spread_rows (size_t elem, int64_t rows, int64_t n, const char *src,
                      int64_t step, char *dst);
/* All of them, on all threads. */
nl_status nl__gather_all (nl_ctx *C, const nl_value *v, void *dst);
/* Is v so large, and each element so far from the next, that its tiles would
   be gathered from everywhere?  Then a dense copy is made first. */
bool nl__steps_over_lines (const nl_value *v);
/* src's n elements to the view's elements from `first` on. */
void nl__scatter (const nl_value *view, int64_t first, int64_t n,
                  const void *src);
/* As a concrete value on the same buffer, or NULL (no error) when v's strides
   can't express the view of its row-major elements. */
nl_value *nl__view_strides (nl_ctx *C, const nl_value *v, int64_t offset,
                            int ndim, const int64_t *size,
                            const int64_t *stride);
/* The same into w, whose shape is set: its offset, strides and dense. */
bool nl__compose_view (const nl_value *v, int64_t offset, int ndim,
                       const int64_t *size, const int64_t *stride,
                       nl_value *w);

/* ---- bind.c ---- */
nl_status nl__bind_eqn (nl_ctx *C, nl_eqn *e, nl_value **out);
nl_value *nl__resolve (nl_ctx *C, nl_value *v); /* escaped tracers */

/* ---- eval.c ---- */
nl_status nl__eval_eqn (nl_ctx *C, nl_eqn *e, nl_value **out);

/* ---- quick.c: a new array of x's sizes in the empty tensor t, or NULL
   (without an error) ---- */
nl_value *nl__quick_result (nl_ctx *C, nl_dtype d, const nl_tensor *x,
                            int64_t numel, nl_tensor *t);

/* ---- trace.c ---- */
nl_trace *nl__trace_push (nl_ctx *C, const nl_trace_kind *kind);
/* Ends T, the current trace: restores, makes its parent current, and writes
   what it wrote in the parent unless `discard`. */
nl_status nl__trace_pop (nl_ctx *C, nl_trace *T, bool discard);
static inline nl_trace *nl__trace_retain (nl_trace *T) {
  T->refs++;
  return T;
}
extern const nl_trace_kind nl__eval_kind, nl__grad_kind, nl__jvp_kind,
    nl__batch_kind, nl__capture_kind;
nl_value *nl__lower_primal (nl_ctx *C, nl_trace *T, nl_value *v);
nl_value *nl__lower_none (nl_ctx *C, nl_trace *T, nl_value *v);
/* Where T lists s, or -1; and a new entry for one that it does not list. */
int nl__touched_at (const nl_trace *T, const nl_storage *s);
bool nl__touch (nl_ctx *C, nl_trace *T, nl_storage *s, nl_value *old, int var);

/* ---- batch.c: v for each of n examples, along a new first axis; a number
   stays one ---- */
nl_value *nl__repeat (nl_ctx *C, nl_value *v, int64_t n);

/* ---- storage.c ---- */
/* The storage's value, after every active capture was offered it. */
nl_value *nl__storage_read (nl_ctx *C, nl_storage *s);
nl_status nl__storage_set (nl_ctx *C, nl_storage *s, nl_value *v);
/* Was the captured v just made by a view that steps over columns? */
bool nl__captured_by_columns (const nl_value *v);
bool nl__capture_offer (nl_ctx *C, nl_trace *T, nl_storage *s);
bool nl__sole_holder (const nl_ctx *C, const nl_value *cell);
/* The output for an elementwise result of v's shape announced by nl_into, as
   a value of the storage's buffer (new reference), or NULL. */
nl_value *nl__into_target (nl_ctx *C, const nl_eqn *e, nl_dtype d, int ndim,
                           const int64_t *shape);

/* ---- graph.c ---- */
typedef struct nl_node { /* one equation of a graph */
  const nl_prim *prim;
  int nin, nout, np;
  int *in;  /* a variable, or ~i for constant i */
  int *out; /* variables */
  int64_t *p;
  void *obj;
  char where[48]; /* the script's line, for messages */
} nl_node;

typedef struct nl_cell { /* an outer storage of a graph */
  nl_storage *storage;
  int in;  /* index among the inputs */
  int out; /* index among the outputs, or -1 */
} nl_cell;

typedef struct nl_derived { /* a jvp, batch or pullback graph, made once */
  struct nl_derived *next;
  int kind; /* 'j', 'b', 'f', 'p' */
  int64_t n;
  uint8_t *mask; /* [nin] which inputs */
  int nmask;
  nl_graph *g, *pull; /* 'f': pull is the graph of the pullback */
  uint8_t *info;      /* [nout] which outputs are batched, have tangents */
  int ninfo, nres;
} nl_derived;

struct nl_graph {
  int refs;
  nl_ctx *C;
  int nin, cap_in;
  int *in; /* the inputs' variables: the caller's, then the storages' */
  int nvar, cap_var;
  nl_aval *var;
  int nnode, cap_node;
  nl_node *node;
  int nout, cap_out;
  int *out; /* variables or ~constants */
  int nuser; /* of the outputs, those that are not storages' */
  int nconst, cap_const;
  nl_value **constant;
  int ncell, cap_cell;
  nl_cell *cell;
  nl_graph *fwd, *pull; /* custom_vjp, see custom.c; or NULL */
  int nres;
  bool linear;    /* a pull graph that was derived: in its cotangents */
  int npull;      /* of a pull graph: */
  int *pull_of;   /* [npull] its output for each input of g, or -1 */
  nl_graph *rule; /* custom_jvp; or NULL */
  int nlifted;     /* of a graph with rules: its last inputs, which its
                      functions read from outer storages */
  bool checkpoint; /* its gradient computes it again (checkpoint.c) */
  nl_graph *sub[2]; /* of control flow (ops/control.c): its bodies */
  int64_t meta[6];
  int depth; /* how many graphs its equations nest */
  bool draws; /* an equation draws from the generator, here or in a graph that
                 one calls */
  int cap_last;
  int nback, *back; /* [nback] of the last results of the caller's: the input
                       that each is the new value of (nl_graph_replaces) */
  int ngive, *give; /* [ngive] inputs that the caller gives up */
  int64_t *raw;     /* [nraw] as captured, where that is kept: graph_text.c */
  size_t nraw;
  int *last; /* [nvar] the node after which a variable is dead, or nnode */
  nl_derived *derived;
  struct nl_plan *plan; /* compile/plan.c, made at the first call */
};

nl_graph *nl__graph_new (nl_ctx *C);
int nl__graph_var (nl_ctx *C, nl_graph *g, const nl_aval *a); /* -1: error */
/* ~i, or 0 on error */
int nl__graph_const (nl_ctx *C, nl_graph *g, nl_value *v);
/* With room for operands and results; parameters copied. */
nl_node *nl__graph_node (nl_ctx *C, nl_graph *g, const nl_eqn *e);
/* How many graphs nest in g, itself included. */
int nl__graph_depth (const nl_graph *g);
/* Does a call of g draw from the generator? */
static inline bool nl__graph_draws (const nl_graph *g) {
  return g->draws || (g->sub[0] != NULL && g->sub[0]->draws) ||
         (g->sub[1] != NULL && g->sub[1]->draws);
}
/* Does e? */
static inline bool nl__draws (const nl_prim *prim, int np, const int64_t *p,
                              const void *obj) {
  if (obj != NULL) return nl__graph_draws((const nl_graph *)obj);
  return (prim->flags & NL_RANDOM) && np > 0 && p[0] != 0;
}
#define NL_MAX_NEST 256 /* of graphs: running and releasing them recurses */
bool nl__graph_in (nl_ctx *C, nl_graph *g, int var);
bool nl__graph_out (nl_ctx *C, nl_graph *g, int operand);
/* graph_text.c: keeps the equations as they are now, for nl_graph_captured. */
bool nl__graph_keep (nl_ctx *C, nl_graph *g);
/* Drops equations whose results nobody reads. */
void nl__graph_prune (nl_ctx *C, nl_graph *g);
/* Of f's outputs from ny on, the first `nres` inputs of p, those that p reads
   stay; how many, or -1 with the error recorded.  (A residual that nobody
   reads has a gradient of zeros, which an infinity makes NaN.) */
int nl__graph_drop_unread (nl_ctx *C, nl_graph *f, int ny, nl_graph *p,
                           int nres);
/* compile/check.c: is g a graph?  pass says after what, for the error. */
bool nl__graph_check (nl_ctx *C, const nl_graph *g, const char *pass);
/* compile/simplify.c: folds constants, drops views that show the same array
   and casts there and back, merges equal equations; the bits stay.  Without
   memory the graph stays as it is (no error). */
void nl__simplify (nl_ctx *C, nl_graph *g);
/* ---- graph_text.c: a text under construction ---- */
typedef struct nl_text {
  nl_ctx *C;
  char *p;
  int n, cap;
  bool failed;
} nl_text;
void nl__put (nl_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void nl__put_aval (nl_text *t, const nl_aval *a); /* "float32[3 x 4]" */
char *nl__text_end (nl_text *t); /* for nl_text_free; NULL: no memory */
/* compile/plan.c: replays */
typedef struct nl_plan nl_plan;
nl_plan *nl__plan_new (nl_ctx *C, const nl_graph *g);
void nl__plan_free (nl_ctx *C, nl_plan *p);
bool nl__plan_busy (const nl_plan *p); /* in a run */
/* A call of nl_graph_step outside transforms. */
typedef struct nl_step {
  nl_graph *g;
  const nl_graph_writes *w; /* or NULL */
  nl_value **results, **out; /* all; the caller's */
  bool over;  /* new values may be written over old ones */
  bool ready;
} nl_step;
/* Once the results are there (their elements, unless `over`): what may fail
   before the storages get theirs. */
nl_status nl__step_ready (nl_ctx *C, nl_step *s);
nl_status nl__plan_run (nl_ctx *C, nl_plan *p, nl_value *const *in,
                        nl_value **out, nl_step *step);
bool nl__graph_finish (nl_ctx *C, nl_graph *g); /* liveness */
/* Binds the equations of g, one after the other, under the current trace. */
nl_status nl__graph_interpret (nl_ctx *C, nl_graph *g, nl_value *const *in,
                               nl_value **out);
/* The same, by its plan where eval is current. */
nl_status nl__graph_run (nl_ctx *C, nl_graph *g, nl_value *const *in,
                         nl_value **out);
nl_status nl__graph_run_step (nl_ctx *C, nl_graph *g, nl_value *const *in,
                              nl_value **out, nl_step *step);
/* For eval rules that ran a graph into e->out: references of their own. */
nl_status nl__graph_results (nl_ctx *C, nl_status st, nl_eqn *e);
void nl__object_release (nl_ctx *C, void *obj);
static inline void *nl__object_retain (void *obj) {
  if (obj != NULL) ((nl_graph *)obj)->refs++;
  return obj;
}
extern const nl_prim nl_prim_call;
/* call.c: g with a leading axis of size n on the inputs in mask; info says
   which outputs have it: the first `first` of each `period` do (those that do
   not depend on an input in mask too) and those in force (or NULL), the others
   where they have to.  A new reference. */
nl_graph *nl__graph_batch (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                           int64_t n, int first, int period,
                           const uint8_t *force, uint8_t *info);
#define NL_ALL 1, 1, NULL
/* A tracer of the capture K for an array like a. */
nl_value *nl__capture_like (nl_ctx *C, nl_trace *K, const nl_aval *a);
/* ---- lift.c ---- */
typedef struct nl_lift { /* the outer storages of some graphs, each once */
  int n, cap;
  struct nl_lifted {
    nl_storage *s; /* borrowed: some graph's */
    nl_aval aval;
    bool written;
  } *list;
  nl_places places;
} nl_lift;
void nl__lift_close (nl_ctx *C, nl_lift *u);
bool nl__lift_add (nl_ctx *C, nl_lift *u, const nl_graph *g);
/* New inputs: the first `at` of the caller's, the lifted, the caller's other
   ones. */
bool nl__lift_inputs (nl_ctx *C, nl_graph *g, const nl_lift *u, int at);
/* New outputs: the first `ny`, what is written, the others; with the lifted
   inputs (which begin at `at`) as further residuals. */
bool nl__lift_outputs (nl_ctx *C, nl_graph *g, const nl_lift *u, int ny,
                       int at, bool residuals);
void nl__drop_cells (nl_ctx *C, nl_graph *g);
/* The graph that is called with storages: its cells are all the lifted. */
bool nl__lift_main (nl_ctx *C, nl_graph *g, const nl_lift *u);
/* An input that nothing reads. */
bool nl__dummy_input (nl_ctx *C, nl_graph *g, const nl_aval *a);
void nl__forget_writes (nl_graph *g);
static inline const nl_aval *nl__in_aval (const nl_graph *g, int i) {
  return &g->var[g->in[i]];
}
/* Of an operand: a variable, or ~i for constant i. */
static inline nl_aval nl__operand_aval (const nl_graph *g, int operand) {
  if (operand >= 0) return g->var[operand];
  nl_aval a;
  nl__aval(g->constant[~operand], &a);
  return a;
}
typedef bool (*nl_body_fn) (nl_ctx *C, void *ud, nl_value **in,
                            nl_value **out, int *nout);
/* A graph of what body binds on inputs like a[nin]. */
nl_graph *nl__graph_build (nl_ctx *C, int nin, const nl_aval *a, int max_out,
                           nl_body_fn body, void *ud);
/* ---- custom.c: graphs with rules of their own ---- */
/* call.c: the graphs for grad with respect to the inputs in mask: d->g gives
   outputs and d->nres residuals, d->pull cotangents of those inputs. */
nl_derived *nl__grad_graphs (nl_ctx *C, nl_graph *g, const uint8_t *mask);
/* d->g: primals, tangents of those in mask -> outputs, tangents of those in
   d->info. */
nl_derived *nl__jvp_graph (nl_ctx *C, nl_graph *g, const uint8_t *mask);
bool nl__custom_jvp_body (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                          nl_value **in, nl_value **out, uint8_t *info,
                          int *nout);
/* linear.c: is the rule of custom_jvp linear in the tangents of the inputs in
   mask?  The error is recorded where not. */
bool nl__custom_linear (nl_ctx *C, nl_graph *g, const uint8_t *mask);
bool nl__custom_batch (nl_ctx *C, nl_graph *g, const uint8_t *mask, int64_t n,
                       nl_graph *batched);
void nl__custom_free (nl_ctx *C, nl_graph *g);
/* Refuses to lose the derivative of what a rule's functions read from outside,
   false then. */
bool nl__custom_check (nl_ctx *C, const nl_graph *g, const uint8_t *mask);
/* d->pull was derived; reached: of its outputs, those that are not just
   zeros.  Frees reached[g->nin]. */
bool nl__pull_derived (nl_ctx *C, const nl_graph *g, nl_derived *d,
                       bool *reached);
/* ---- checkpoint.c: d->g and d->pull for d->mask ---- */
bool nl__checkpoint_graphs (nl_ctx *C, nl_graph *g, nl_derived *d);
/* custom_jvp for reverse mode: runs the rule on x (tracers of the capture)
   with tangents that become T's inputs, in place of x where mask is set. */
bool nl__custom_forward (nl_ctx *C, nl_graph *g, const uint8_t *mask,
                         nl_trace *T, nl_value **x, nl_value **y,
                         nl_value **dy);
/* Calls g without its storages: in[] are all its inputs. */
nl_status nl__call (nl_ctx *C, nl_graph *g, nl_value *const *in,
                    nl_value **out);

/* ---- grad.c ---- */
/* nl_grad_pull that also says which inputs a cotangent reached; the others'
   are zeros. */
nl_status nl__grad_pull (nl_ctx *C, nl_trace *T, int nout,
                         nl_value *const *out, nl_value *const *ct, int nin,
                         nl_value *const *in, nl_value **ct_in, bool keep,
                         bool *reached);
/* For call: the saved values of T's tape, see call.c. */
typedef struct nl_tape nl_tape;
int nl__tape_saved (nl_ctx *C, nl_trace *T, nl_value **list, int cap);
void nl__tape_substitute (nl_ctx *C, nl_trace *T, nl_value *const *from,
                          nl_value *const *to, int n);

#endif
