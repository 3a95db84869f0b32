/* jit.h: a jitted function and the signatures of its calls. */
#ifndef NLB_JIT_H
#define NLB_JIT_H

#include "autograd.h"
#include "bind.h"

#define NLB_FEW_LEAVES 32 /* so many are searched one by one */
#define NLB_DONATE_MAX 64 /* the last argument that may be donated */
#define NLB_WHY 400       /* bytes of a reason */

typedef struct nlb_jit {
  nlb_state *S;
  int entries;
  struct nlb_entry *recent; /* the entry that was called last, or NULL */
  /* the current call: signature, leaves */
  char *sig;
  size_t len, cap;
  struct nlb_leaf {
    nl_tensor *t; /* the argument, NULL for a number */
    double x;     /* the number */
    bool shared;  /* another leaf has the same storage */
  } *leaf;        /* [n] */
  int *place;     /* [nplace] of more than NLB_FEW_LEAVES: a hash table of
                     storages, 1 + the first leaf that has it, or 0 */
  size_t nplace, cap_place;
  nl_value **v;   /* [n] their values, read by nlb_jit_read */
  int n, cap_n;
  /* the call that `listed` was called with, see jit_match.c */
  const struct nlb_entry *listed; /* NULL: none */
  struct nlb_item *item;
  int nitem, cap_item; /* nitem -1: it can't be listed */
  int nargs, nleaf, dtype;
  char *texts;
  size_t ntext, cap_text;
  uint64_t donate;    /* a bit for each argument that is given up */
  nl_trace *given_up; /* what their tensors are marked with, or NULL */
  int from[NLB_DONATE_MAX + 1]; /* [nargs + 1] each argument's first leaf */
  int anchors; /* stack index of a table for what has just an address, or 0 */
  /* how it went so far, see jit_again.c */
  int64_t captures, replays;
  int made; /* entries */
  int anew;   /* captures for a signature that differs in more than shapes */
  bool said;  /* that these are many */
  char why[NLB_WHY]; /* what differed last, or "" */
} nlb_jit;

/* Of an entry; anchors: what is in its signature by address. */
enum {
  NLB_UV_TEMPLATE = 1, NLB_UV_GUARDS = 2, NLB_UV_ANCHORS = 3,
  NLB_UV_CONSTANTS = 4
};

typedef struct nlb_entry {
  nlb_state *S;
  char *sig; /* [len] its signature */
  size_t len;
  int nguard; /* fields read through autograd.static */
  nl_graph *g;
  bool checked; /* captured twice alike */
  bool writes;  /* to arguments or outer storages */
  int nres, nout;
  int nstep, cap_step, deep;
  struct nlb_step *step; /* [nstep] that push the results, see jit_results.c */
  int nback;
  int *back;    /* [nback] arguments' leaves that are written */
  int ngive;
  int *give;    /* [ngive] leaves, tensors, that the caller gives up */
  int64_t *numel; /* of the graph's storages at capture */
} nlb_entry;

/* jit.c: pushes a new, empty entry. */
nlb_entry *nlb_jit_entry (lua_State *L, nlb_state *S);

/* jit_capture.c */
/* Calls the function at fn under a capture trace and pushes the new entry;
   keep: its graph is shown as captured too. */
nlb_entry *nlb_jit_capture (lua_State *L, nlb_jit *f, nlb_job *j, int fn,
                            int first, int nargs, bool keep);
/* The second capture must agree with the first, or it raises; both are
   entries' stack indices. */
void nlb_jit_check_again (lua_State *L, nlb_jit *f, int first, int second);

/* jit_results.c */
/* The steps to the results of the entry at `at`, from its template. */
void nlb_jit_describe (lua_State *L, nlb_entry *e, int at);
/* Pushes the results, new tensors (listed by output) among them; constants
   and mt, the tensors' metatable, are stack indices. */
void nlb_jit_push_results (lua_State *L, const nlb_entry *e, int constants,
                           int mt, nl_tensor **list);

/* jit_again.c */
/* The entry at now was made though there is one before, at was (0: none); says
   so on the log when that is at most calls; full: the cache was. */
void nlb_jit_anew (lua_State *L, nlb_jit *f, int fn, int was, int now,
                   bool full);
/* The function at fn was replayed. */
void nlb_jit_replayed (lua_State *L, nlb_jit *f, int fn);

/* jit_sign.c */
/* Makes the signature and lists the leaves of a call of the function at fn
   with the arguments first..last; anchors: where to list what is known by its
   address, or 0. */
void nlb_jit_sign (lua_State *L, nlb_jit *f, int fn, int first, int last,
                   int anchors);
/* The first leaf on that storage, or -1. */
int nlb_jit_first (const nlb_jit *f, const nl_storage *s);
/* The leaves' values, in the pool; nothing is allocated in Lua. */
void nlb_jit_read (lua_State *L, nlb_jit *f);
void nlb_jit_free (nlb_jit *f);
/* Lists the call that was signed last; is another call like it?  If so, its
   leaves are listed.  Both leave the stack as it was. */
void nlb_jit_list (lua_State *L, nlb_jit *f, int fn, int first, int last);
bool nlb_jit_match (lua_State *L, nlb_jit *f, int fn, int first, int last);

#endif
