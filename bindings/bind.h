/* bind.h: shared by the files of bindings/, the only place that sees both
 * lua_State and the runtime (through nnlua.h alone).
 *
 * The order in every binding: (1) check arguments and make the result's
 * userdata while nothing is owned, (2) call the runtime, (3) only then raise.
 * A Lua error that longjmps between two reads leaves values in the context's
 * pool; so each binding starts with nlb_enter, which releases down to the
 * floor of the innermost scope (a transform that runs a Lua function raises
 * the floor while it does). */
#ifndef NLB_BIND_H
#define NLB_BIND_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "nnlua.h"

/* One for each global Lua state, in the registry; bindings get it as their
   first upvalue. */
typedef struct nlb_state {
  nl_ctx *C;
  lua_State *L;     /* the innermost binding's, for callbacks */
  size_t floor;     /* of the context's pool, see above */
  size_t guard;     /* of nlb_push, while a finalizer may run */
  size_t gc_limit;  /* bytes in use that start a collection: see box.c */
  size_t gc_young, gc_full;
  struct nlb_pieces *pieces; /* the program's allocator, or NULL */
  bool owns_ctx;
  bool refused;     /* no binding may run: collecting for memory, or closed */
  uintptr_t key;    /* of the marks in tensors, see box.c */
  int tensor_mt;    /* their metatable's index in the registry */
  uint64_t seed;    /* what manualSeed got last */
  nl_status raised; /* of nlb_raise's last error, whose text is in the
                       registry as "nnlua.raised": for exit codes */
} nlb_state;

/* The userdata of a tensor or a storage. */
typedef struct nlb_box {
  nl_tensor t;
  uintptr_t mark;
} nlb_box;

#define NLB_TENSOR "torch.Tensor"
#define NLB_STORAGE "torch.Storage"

/* Registers functions with the state as upvalue 1, the tensors' metatable as
   upvalue 2 and their name, for messages, as upvalue 3. */
void nlb_setfuncs (lua_State *L, nlb_state *S, const luaL_Reg *list);
nlb_state *nlb_state_of (lua_State *L); /* from the registry: slow */
int nlb_refuse (lua_State *L, nlb_state *S);
/* From a binding's upvalue; sets S->L and releases to the floor. */
static inline nlb_state *nlb_enter (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, lua_upvalueindex(1));
  if (S->refused) nlb_refuse(L, S);
  S->L = L;
  nl_pool_release(S->C, S->floor > S->guard ? S->floor : S->guard);
  return S;
}

/* Raises the context's error, with the position of the Lua caller. */
int nlb_raise (lua_State *L, nlb_state *S);
/* Raises a message of its own, "name: text", with the caller's position. */
int nlb_error (lua_State *L, const char *fmt, ...);

/* The tensor at idx, or NULL when there is none (no error). */
nl_tensor *nlb_test_tensor (lua_State *L, nlb_state *S, int idx);
/* ... or an error "NAME: argument #idx: tensor expected, got table". */
nl_tensor *nlb_check_tensor (lua_State *L, nlb_state *S, int idx);
/* Pushes a new userdata of `size` cleared bytes and `uv` user values, whose
   type `name` has the finalizer gc. */
void *nlb_userdata (lua_State *L, size_t size, int uv, const char *name,
                    lua_CFunction gc);
/* Pushes a new userdata without storage (an empty tensor). */
nl_tensor *nlb_new_tensor (lua_State *L, nlb_state *S);
/* The same where the metatable is on the stack already, at mt. */
nl_tensor *nlb_new_tensor_by (lua_State *L, nlb_state *S, int mt);
/* Fills the userdata on top with v, or raises when v is NULL; steps the
   collector in proportion to the bytes in use.  Returns 1. */
int nlb_finish (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* Pushes v as a new tensor.  Only where raising leaks nothing. */
int nlb_push (lua_State *L, nlb_state *S, nl_value *v);
/* As nlb_push, but a concrete 0-d value becomes a Lua number (or boolean),
   so that a full reduction is a number outside transforms. */
int nlb_push_number (lua_State *L, nlb_state *S, nl_value *v);
/* The value at idx: a tensor's or a number's (weak); or an argument error. */
nl_value *nlb_value (lua_State *L, nlb_state *S, int idx);
/* An integer; integral floats are accepted, 2.5 is an error. */
int64_t nlb_integer (lua_State *L, int idx, const char *what);
/* A 1-based dim (negative counts from the end) of ndim, as 0-based. */
int nlb_dim (lua_State *L, int idx, int ndim);
/* Sizes from idx on: numbers, one table of numbers, or a LongStorage.
   Returns how many, and in *next the index after them. */
int nlb_sizes (lua_State *L, int idx, int64_t size[NL_MAX_DIM], int *next);
/* The dtype named at idx ("float32", "torch.FloatTensor", "double"), or an
   error that lists the names. */
nl_dtype nlb_dtype (lua_State *L, int idx);
/* "tensor of 3 x 4 float32", "number 2.5", "nil": for error messages. */
const char *nlb_describe (lua_State *L, nlb_state *S, int idx);

/* each file's part of the module, registered by luaopen_nnlua_core: pushes
   nothing, adds to the table on top */
void nlb_open_box (lua_State *L, nlb_state *S);
void nlb_open_tensor (lua_State *L, nlb_state *S);
void nlb_open_storage (lua_State *L, nlb_state *S);
void nlb_open_ops (lua_State *L, nlb_state *S);
void nlb_open_index (lua_State *L, nlb_state *S);
void nlb_open_random (lua_State *L, nlb_state *S);
void nlb_open_activation (lua_State *L, nlb_state *S);
void nlb_open_autograd (lua_State *L, nlb_state *S);
void nlb_open_io (lua_State *L, nlb_state *S);
void nlb_open_data (lua_State *L, nlb_state *S);
void nlb_open_primitives (lua_State *L, nlb_state *S);
void nlb_open_linalg (lua_State *L, nlb_state *S);
void nlb_open_system (lua_State *L, nlb_state *S); /* threads, clock, ... */

int luaopen_nnlua_core (lua_State *L);
/* The same with a host's own context, which must outlive the state.  Values
   that the host made since and needs after a call of Lua, it retains: each
   binding cuts the pool back to where it stood now. */
int nlb_open_with (lua_State *L, nl_ctx *C);

#endif
