/* tensor.h: shared by the files that bind tensors (tensor new view index ops
 * reduce product write random storage).
 *
 * A tensor's userdata is an nl_tensor.  Without a storage it is Torch7's
 * empty tensor (no dimensions, no elements) and keeps its dtype in `offset`.
 * Names of functions are upvalue 3 of each binding; a name that starts with
 * ':' is a method, whose arguments are counted without the tensor itself. */
#ifndef NLB_TENSOR_H
#define NLB_TENSOR_H

#include "bind.h"

#define NLB_TEXT 224 /* of a shape with its dtype */

/* ---- registration ---- */

/* Adds a function to the table on top with upvalues state, metatable, name
   and, as upvalue 4, a light userdata. */
void nlb_setfunc (lua_State *L, nlb_state *S, const char *name,
                  lua_CFunction f, const void *upvalue);
/* Functions of a list into both torch and the methods of tensors; the core's
   table is on top.  Methods get the name ":name". */
void nlb_set_methods (lua_State *L, nlb_state *S, const luaL_Reg *list);
/* One function under that name in both. */
void nlb_set_both (lua_State *L, nlb_state *S, const char *name,
                   lua_CFunction f, const void *upvalue);
/* Pushes core.torch or core.methods; the core's table is on top. */
void nlb_push_functions (lua_State *L);
void nlb_push_methods (lua_State *L);
void nlb_push_sizes_metatable (lua_State *L);
void nlb_push_storage_methods (lua_State *L); /* from the registry */
const char *nlb_name (lua_State *L); /* of the running binding */

/* ---- errors ---- */

/* "NAME: argument #i: text", with the caller's position. */
int nlb_arg_error (lua_State *L, int idx, const char *fmt, ...);
/* "NAME: text". */
int nlb_fail (lua_State *L, const char *fmt, ...);
/* Push parts of a message, see called.c: "script.lua:12: "; the function that
   the script called, or nil (direct: it is the running binding); the runtime's
   message under that function's name; "CALLED: NAME: ". */
void nlb_push_where (lua_State *L);
const char *nlb_push_called (lua_State *L, bool *direct);
void nlb_push_message (lua_State *L, const char *message);
void nlb_push_names (lua_State *L, const char *name);
/* "3 x 4 float32" (or "3 x 4" of sizes alone); returns buf. */
char *nlb_tensor_text (char buf[NLB_TEXT], const nl_tensor *t);
char *nlb_shape_text (char buf[NLB_TEXT], int ndim, const int64_t *size);

/* ---- reading and writing ---- */

nl_dtype nlb_dtype_of (const nl_tensor *t);
/* nl_read, and an array of shape (0) for an empty tensor. */
nl_value *nlb_read (nlb_state *S, const nl_tensor *t);
/* Is the argument a number, or a 0-d tensor that stands for one? */
bool nlb_is_scalar (lua_State *L, nlb_state *S, int idx);
/* Fills the userdata on top; a weak concrete number is pushed instead. */
int nlb_finish_auto (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* A full reduction: a number where it can be, else a weak 0-d tensor in t, the
   userdata on top.  Outside transforms t may be NULL, see nlb_new_number. */
static inline nl_tensor *nlb_new_number (lua_State *L, nlb_state *S) {
  return nl_trace_is_eval(S->C) ? NULL : nlb_new_tensor(L, S);
}
int nlb_finish_number (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* The element that the 0-d view on top, t, shows: as nlb_finish_number. */
int nlb_finish_element (lua_State *L, nlb_state *S, nl_tensor *t);
/* Pushes a concrete value's one element as a number or boolean. */
int nlb_push_item (lua_State *L, nlb_state *S, nl_value *v);
/* Writes v to t in place: same shape, or an error that names both. */
void nlb_store (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* As nlb_store with v broadcast to t, or of the same number of elements. */
void nlb_assign (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* Writes one number to all of t, expanded or not. */
void nlb_fill (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* Torch7's result argument: t gets v's shape first where it differs. */
void nlb_result (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v);
/* Steps the collector when enough bytes are in use; nothing may be owned. */
void nlb_collect (lua_State *L, nlb_state *S);
/* Refuses to write to t when its elements overlap (an expanded view). */
void nlb_writable (lua_State *L, const nl_tensor *t);

/* ---- tensors ---- */

/* Pushes the userdata of a storage, which has none yet. */
nl_tensor *nlb_new_storage (lua_State *L, nlb_state *S);
/* t, a fresh userdata, becomes a view: x's storage, sizes to be set. */
void nlb_share (nl_tensor *t, const nl_tensor *x);
/* After sizes, strides and offset were set. */
void nlb_set_whole (nl_tensor *t);
void nlb_set_contiguous (nl_tensor *t, int ndim, const int64_t *size);
void nlb_resize (lua_State *L, nlb_state *S, nl_tensor *t, int ndim,
                 const int64_t *size);
/* t becomes (storage[, offset[, sizes[, strides]]]) or (tensor) of the
   arguments from idx on. */
void nlb_set_from (lua_State *L, nlb_state *S, int idx, int last,
                   nl_tensor *t);
/* The mask at idx, in x's shape where it has as many elements. */
nl_value *nlb_mask (lua_State *L, nlb_state *S, int idx, const nl_value *x);
/* Sizes and strides from the arguments idx to last, without a storage. */
void nlb_set_strided (lua_State *L, int idx, int last, nl_tensor *t);
nl_tensor *nlb_test_storage (lua_State *L, nlb_state *S, int idx);
/* 1-based index (negative from the end) into n elements, as 0-based. */
int64_t nlb_position (lua_State *L, int idx, int64_t n, const char *what);
/* Pushes a sizes object, a LongStorage in Torch7's words. */
void nlb_push_sizes (lua_State *L, int n, const int64_t *size);
bool nlb_is_sizes (lua_State *L, int idx);
/* A size must not be negative, the product must not overflow. */
void nlb_check_sizes (lua_State *L, int n, const int64_t *size);
/* Sizes with at most one -1, which is inferred from n elements. */
void nlb_infer_size (lua_State *L, int ndim, int64_t *size, int64_t n);
/* Takes a dtype name or {dtype = name} at the end of the arguments off the
   stack; -1 when there is none. */
int nlb_take_dtype (lua_State *L);
/* Takes a table of options off the end of the stack's arguments, leaving it
   at the returned index (0: none) with *n arguments before it. */
int nlb_options (lua_State *L, int *n);

/* What makes a tensor of given sizes takes ([res,] sizes... [, dtype]). */
typedef struct nlb_spec {
  nl_tensor *res; /* Torch7's result argument, or NULL */
  nl_tensor *t;   /* else a new userdata, on top */
  nl_dtype dtype;
  int ndim;
  int64_t size[NL_MAX_DIM];
} nlb_spec;
/* Parses the arguments from idx on; sizes false: none are expected. */
void nlb_parse_spec (lua_State *L, nlb_state *S, int idx, bool sizes,
                     nlb_spec *spec);
int nlb_finish_spec (lua_State *L, nlb_state *S, nlb_spec *spec, nl_value *v);

/* number -> element; false when it does not fit the dtype */
bool nlb_put_number (lua_State *L, int idx, nl_dtype d, void *p);
void nlb_push_element (lua_State *L, nl_dtype d, const void *p);

/* ---- operations from tables ----
 * One row declares torch.NAME([res,] ...) and x:NAME(...).  The pattern has a
 * letter for each operand: V a tensor or number, T a tensor, s a scalar that
 * may be left out.  When the arguments fit the pattern, the function is pure
 * and the method of an NLB_INPLACE operation writes to its tensor; with one
 * tensor more in front, that is the result. */

typedef struct nlb_call {
  nl_ctx *C;
  const nl_prim *prim;
  nl_value *v[5];        /* by the pattern's letters; NULL: left out */
  const nl_tensor *into; /* written in place, or NULL */
  size_t mark;
} nlb_call;

enum { NLB_INPLACE = 1, NLB_NO_METHOD = 2, NLB_NUMBER = 4 };

typedef struct nlb_op {
  const char *name;
  const char *prim;    /* NULL: f needs none */
  const char *pattern;
  const char *method;  /* a second pattern, of method calls alone, whose
                          letters stand for the first one's: see product.c */
  nl_value *(*f) (nlb_call *c);
  unsigned flags;
} nlb_op;

/* Registers a table that ends with a row without name. */
void nlb_set_ops (lua_State *L, nlb_state *S, const nlb_op *ops);
/* Announces the last elementwise step of an operation in place. */
static inline void nlb_into (nlb_call *c) {
  if (c->into != NULL) nl_into(c->C, c->into, c->mark);
}

void nlb_open_new (lua_State *L, nlb_state *S);
void nlb_open_view (lua_State *L, nlb_state *S);
void nlb_open_shape (lua_State *L, nlb_state *S);
void nlb_open_write (lua_State *L, nlb_state *S);
void nlb_open_reduce (lua_State *L, nlb_state *S);
void nlb_open_gather (lua_State *L, nlb_state *S);
void nlb_open_sort (lua_State *L, nlb_state *S);
void nlb_open_product (lua_State *L, nlb_state *S);

#endif
