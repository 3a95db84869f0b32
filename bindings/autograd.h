/* autograd.h: shared by the files that bind transforms. */
#ifndef NLB_AUTOGRAD_H
#define NLB_AUTOGRAD_H

#include "bind.h"

#define NLB_GUARDS "nnlua.guards" /* of the innermost capture; see jit.c */

/* A running transform: its trace, the values that it keeps, the tensors that
   it gave to the function.  A userdata, so that whatever happens its __gc
   ends the trace and gives everything back. */
typedef struct nlb_job {
  nlb_state *S;
  nl_trace *T;
  int n, cap;
  struct nlb_input {
    nl_value *v;         /* the tracer, a reference */
    nl_storage *storage; /* the one made for it, a reference */
    nl_tensor *tensor;   /* the caller's, or NULL for a number */
    int64_t axis;        /* vmap */
    nl_storage *outer;   /* the caller's, while it is watched, or NULL */
    unsigned read[2];    /* how often storage, outer: see nl_watch */
  } *input;
  bool guarding; /* its capture's guards are current in the registry */
  bool keep; /* lives on after its transform (vjp) */
} nlb_job;

/* Pushes a job; its trace is set by the caller. */
nlb_job *nlb_job_new (lua_State *L, nlb_state *S);
/* Lists v (kept alive) as the job's next input. */
struct nlb_input *nlb_job_keep (lua_State *L, nlb_job *j, nl_value *v,
                                nl_tensor *original);
/* Pushes a tensor (or weak number) on a new storage that holds v, and lists
   it as the job's next input. */
void nlb_job_input (lua_State *L, nlb_job *j, nl_value *v,
                    nl_tensor *original);
/* Aborts the trace if it is active and releases all. */
void nlb_job_close (nlb_job *j);
/* Calls the function with nargs arguments on the stack; returns where its
   results begin.  The pool's values stay held. */
int nlb_job_call (lua_State *L, nlb_job *j, int nargs);
/* Values in the pool now survive until the transform ends. */
void nlb_hold (nlb_state *S);
/* The job's trace has begun (NULL: an error).  What its function writes is undone
   whenever the transform fails. */
void nlb_job_begin (lua_State *L, nlb_job *j, const char *what, nl_trace *T);
/* Registers NAME as a transform: body is called with a new job first, then
   the arguments, protected. */
void nlb_set_transform (lua_State *L, nlb_state *S, const char *name,
                        lua_CFunction body);
/* A message handler: adds remedies.  (A traceback here would cost more than
   most transforms: it looks for each function's name in all packages.) */
int nlb_on_error (lua_State *L);
/* core.enclosed(f, ...): f(...), which can't yield, and whose to-be-closed
   variables are closed on an error, also where that ends a coroutine. */
int nlb_enclosed (lua_State *L);
/* Did the function write to this argument?  If so, whole: all that it holds
   now, of the argument's sizes; resized: it holds more or less. */
bool nlb_job_written (const struct nlb_input *in, nl_tensor *whole,
                      bool *resized);
/* What the function wrote to its arguments is written to the caller's. */
void nlb_job_write_back (lua_State *L, nlb_job *j);
/* no_gradient.c */
/* Raises for a loss at idx that counts or decides: its gradient would be zeros,
   silently. */
void nlb_refuse_integer (lua_State *L, nlb_state *S, int idx);
/* Raises for a cotangent, at -1, of an integer or bool output, at -2, that is
   more than 0: what is pulled back would be zeros, silently. */
void nlb_refuse_float (lua_State *L, nlb_state *S, const char *path);
/* Do two of the n tensors show an element that one which is written to has?
   Tensors that are NULL show none. */
bool nlb_written_collide (lua_State *L, int n, nl_tensor *const *t,
                          const bool *written);
/* From here on reads of the inputs and of what they stand for count. */
void nlb_job_watch (nlb_job *j);
/* The input that is unused while its storage was read by a closure, or -1.
   Raises for one that a closure writes to, or reads while the function writes
   to it: inside they are apart. */
int nlb_job_unwatch (lua_State *L, nlb_job *j, const char *what);
/* Raises where two arguments show the same memory and the function wrote to
   one: inside they are apart. */
void nlb_job_check_aliases (lua_State *L, nlb_job *j, const char *what);

/* The values of a result: 0-d weak concrete tensors become Lua numbers, in
   tables too. */
void nlb_settle (lua_State *L, nlb_state *S, int first);
/* "grad at train.lua:12", into buf */
void nlb_where (lua_State *L, const char *what, char buf[120]);

/* The tensor's or number's value at idx, or an error. */
nl_value *nlb_flat_value (lua_State *L, nlb_state *S, int idx,
                          const char *what);
/* Captures the function at fn called with arrays like like[n]; results into
   outs, absent ones (false) only counted when of is given: it gets each
   result's output or -1.  Returns the graph (a reference). */
nl_graph *nlb_capture_flat (lua_State *L, nlb_job *j, int fn, nlb_job *like,
                            nlb_job *outs, int *of, int max,
                            const char *what);
/* Raises where the function captured last wrote to one of its n inputs: that
   would not reach the caller. */
void nlb_refuse_writes (lua_State *L, const nlb_job *j, int n,
                        const char *what);
/* Graphs of one call; a userdata, so that an error releases them. */
typedef struct nlb_graphs {
  nlb_state *S;
  nl_graph *g[3];
} nlb_graphs;
nlb_graphs *nlb_graphs_new (lua_State *L, nlb_state *S);

void nlb_open_control (lua_State *L, nlb_state *S);
void nlb_open_tree (lua_State *L, nlb_state *S);
void nlb_open_custom (lua_State *L, nlb_state *S);
void nlb_open_vmap (lua_State *L, nlb_state *S);
void nlb_open_jit (lua_State *L, nlb_state *S);

#endif
