/* job.c: what all transforms of Lua functions share.
 *
 * A transform: begins a trace; maps the arguments' trees to traced tensors;
 * calls the function under lua_pcall; ends the trace; reads the results.  The
 * job (a userdata) owns everything meanwhile. */
#include "autograd.h"

#include <stdlib.h>
#include <string.h>

#include "tensor.h"
#include "tree.h"

#define JOB "nnlua.job"

void nlb_job_begin (lua_State *L, nlb_job *j, const char *what, nl_trace *T) {
  char where[120];
  j->T = T;
  if (T == NULL) nlb_raise(L, j->S);
  nl_trace_undoable(T);
  nlb_where(L, what, where);
  nl_trace_where(T, where);
}

void nlb_job_close (nlb_job *j) {
  if (j->S->C == NULL) return;
  nl_ctx *C = j->S->C;
  if (j->T != NULL) nl_trace_abort(C, j->T);
  for (int i = 0; i < j->n; i++) {
    struct nlb_input *in = &j->input[i];
    if (in->outer != NULL) nl_unwatch_outer(in->outer, in->read[1]);
    nl_storage_release(C, in->outer);
    nl_release(C, in->v);
    if (in->storage != NULL) nl_storage_stands_alone(C, in->storage);
    nl_storage_release(C, in->storage);
  }
  if (j->guarding) {
    lua_State *L = j->S->L;
    lua_getfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
    lua_getfield(L, -1, "outer");
    lua_setfield(L, LUA_REGISTRYINDEX, NLB_GUARDS);
    lua_pop(L, 1);
  }
  j->guarding = false;
  j->n = 0;
  free(j->input);
  j->input = NULL;
  j->cap = 0;
  nl_trace_release(C, j->T);
  j->T = NULL;
}

static int job_gc (lua_State *L) {
  nlb_job_close((nlb_job *)lua_touserdata(L, 1));
  return 0;
}

nlb_job *nlb_job_new (lua_State *L, nlb_state *S) {
  nlb_job *j = (nlb_job *)nlb_userdata(L, sizeof *j, 2, JOB, job_gc);
  j->S = S;
  return j;
}

struct nlb_input *nlb_job_keep (lua_State *L, nlb_job *j, nl_value *v,
                                nl_tensor *original) {
  if (v == NULL) nlb_raise(L, j->S);
  if (j->n == j->cap) {
    int cap = j->cap ? 2 * j->cap : 16;
    void *p = realloc(j->input, (size_t)cap * sizeof *j->input);
    if (p == NULL) luaL_error(L, "not enough memory for %d arguments", cap);
    j->input = (struct nlb_input *)p;
    j->cap = cap;
  }
  struct nlb_input *in = &j->input[j->n++];
  *in = (struct nlb_input){nl_retain(v), NULL, original, 0, NULL, {0, 0}};
  return in;
}

void nlb_job_input (lua_State *L, nlb_job *j, nl_value *v,
                    nl_tensor *original) {
  nlb_state *S = j->S;
  nlb_job_keep(L, j, v, original); /* held across Lua's allocation below */
  nl_tensor *t = nlb_new_tensor(L, S);
  if (nl_tensor_from(S->C, t, v) != NL_OK) nlb_raise(L, S);
  j->input[j->n - 1].storage = nl_storage_retain(t->storage);
  if (original != NULL) nl_storage_stands_for(t->storage, original->storage);
}

/* Each transform is told where it stands, so without snprintf. */
#define WHERE 120

static size_t append (char buf[WHERE], size_t at, const char *text) {
  size_t n = strlen(text);
  if (n > WHERE - 1 - at) n = WHERE - 1 - at;
  memcpy(buf + at, text, n);
  buf[at + n] = 0;
  return at + n;
}

static void append_line (char buf[WHERE], int line) {
  char digits[16], *p = digits + sizeof digits - 1;
  *p = 0;
  do *--p = (char)('0' + line % 10);
  while ((line /= 10) > 0);
  *--p = ':';
  append(buf, strlen(buf), p);
}

void nlb_where (lua_State *L, const char *what, char buf[120]) {
  lua_Debug ar;
  buf[0] = 0;
  for (int level = 1; level < 20 && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0) continue;
    lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.library");
    const char *own = lua_tostring(L, -1);
    bool ours = own != NULL && strncmp(ar.source, own, strlen(own)) == 0;
    lua_pop(L, 1);
    if (ours) continue;
    append(buf, append(buf, append(buf, 0, what), " at "), ar.short_src);
    append_line(buf, ar.currentline);
    return;
  }
  append(buf, 0, what);
}

void nlb_hold (nlb_state *S) { S->floor = nl_pool_mark(S->C); }

/* Lua's own functions want numbers; in a transform these are tensors. */
static const char *remedy (const char *message) {
  if (strstr(message, "number expected, got torch.Tensor") != NULL)
    return "; a number that is traced is a tensor: torch.sqrt and its like "
           "take it, torch.item(x) reads its value";
  if (strstr(message, "attempt to concatenate a torch.Tensor") != NULL)
    return "; a number that is traced is a tensor: use tostring(x) or "
           "torch.item(x)";
  if (strstr(message, "attempt to yield across a C-call boundary") != NULL)
    return "; a function that is transformed must not yield, nor may one that "
           "computes with other parameters: return the value instead";
  if (strstr(message, "C stack overflow") != NULL)
    return "; Lua nests about 200 C calls, and a transform takes two or three: "
           "write a recursion as a loop (autograd.fori, scan), or jit its "
           "inner functions beforehand";
  return NULL;
}

int nlb_on_error (lua_State *L) {
  if (lua_type(L, 1) == LUA_TSTRING) {
    const char *more = remedy(lua_tostring(L, 1));
    if (more != NULL && strstr(lua_tostring(L, 1), more) == NULL) {
      lua_pushfstring(L, "%s%s", lua_tostring(L, 1), more);
      lua_replace(L, 1);
    }
  }
  return 1;
}

int nlb_job_call (lua_State *L, nlb_job *j, int nargs) {
  int base = lua_gettop(L) - nargs; /* the function */
  nlb_hold(j->S);
  lua_call(L, nargs, LUA_MULTRET);
  nl_pool_release(j->S->C, j->S->floor);
  j->S->L = L;
  return base;
}

/* Runs the body (upvalue 4) with a new job before its arguments, protected:
   on an error every trace begun since is ended and storages are restored
   before the error goes on, also when it comes after the trace's end. */
static int protect (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  size_t floor = S->floor;
  int nargs = lua_gettop(L);
  nl_error_clear(S->C); /* whatever was left would be taken for ours */
  luaL_checkstack(L, nargs + 20, "transform");
  nlb_job *j = nlb_job_new(L, S);
  lua_insert(L, 1);
  lua_pushcfunction(L, nlb_on_error);
  lua_insert(L, 2);
  lua_pushvalue(L, lua_upvalueindex(4));
  lua_insert(L, 3);
  lua_pushvalue(L, 1);
  lua_insert(L, 4);
  int st = lua_pcall(L, nargs + 1, LUA_MULTRET, 2);
  S->floor = floor;
  S->L = L;
  if (st == LUA_OK && j->T != NULL) nl_trace_settle(S->C, j->T);
  if (st != LUA_OK || !j->keep) nlb_job_close(j);
  nl_pool_release(S->C, floor);
  if (st != LUA_OK) return lua_error(L);
  return lua_gettop(L) - 2;
}

int nlb_enclosed (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int n = lua_gettop(L);
  luaL_checkstack(L, 10, "a call");
  lua_pushcfunction(L, nlb_on_error);
  lua_insert(L, 1);
  int st = lua_pcall(L, n - 1, LUA_MULTRET, 1);
  S->L = L;
  return st == LUA_OK ? lua_gettop(L) - 1 : lua_error(L);
}

void nlb_set_transform (lua_State *L, nlb_state *S, const char *name,
                        lua_CFunction body) {
  luaL_Reg list[] = {{name, body}, {NULL, NULL}};
  nlb_setfuncs(L, S, list); /* the body, with the usual upvalues */
  lua_getfield(L, -1, name);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  luaL_getmetatable(L, NLB_TENSOR);
  lua_pushstring(L, name);
  lua_pushvalue(L, -4);
  lua_pushcclosure(L, protect, 4);
  lua_setfield(L, -3, name);
  lua_pop(L, 1);
}

bool nlb_job_written (const struct nlb_input *in, nl_tensor *whole,
                      bool *resized) {
  int64_t n = 1;
  if (in->tensor == NULL || !nl_storage_written(in->storage, in->v))
    return false;
  *whole = *in->tensor;
  whole->storage = in->storage;
  whole->offset = 0;
  whole->whole = true;
  for (int d = whole->ndim - 1; d >= 0; d--) {
    whole->stride[d] = n;
    n *= whole->size[d];
  }
  *resized = n != nl_storage_numel(in->storage);
  return true;
}

void nlb_job_write_back (lua_State *L, nlb_job *j) {
  nl_ctx *C = j->S->C;
  for (int i = 0; i < j->n; i++) {
    struct nlb_input *in = &j->input[i];
    nl_tensor whole;
    bool resized;
    if (!nlb_job_written(in, &whole, &resized)) continue;
    if (resized) continue; /* inside; the caller's tensor stays */
    size_t mark = nl_pool_mark(C);
    nl_status st = nl_trace_write(C, j->T, in->tensor, nl_read(C, &whole));
    nl_pool_release(C, mark);
    if (st != NL_OK) nlb_raise(L, j->S);
  }
}

/* ---- results ---- */

static bool settle_one (lua_State *L, nlb_state *S, int idx, int depth) {
  if (nlb_tree_node(L, idx) && depth < NLB_TREE_DEPTH) {
    luaL_checkstack(L, 10, "results");
    lua_pushnil(L);
    while (lua_next(L, idx)) {
      if (settle_one(L, S, lua_gettop(L), depth + 1)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, idx); /* an existing key: next stays valid */
      } else {
        lua_pop(L, 1);
      }
    }
    return false;
  }
  nl_tensor *t = nlb_test_tensor(L, S, idx);
  if (t == NULL || t->storage == NULL || t->ndim != 0 ||
      !nl_storage_weak(t->storage))
    return false;
  size_t mark = nl_pool_mark(S->C);
  nl_value *v = nl_read(S->C, t);
  if (v == NULL) nlb_raise(L, S);
  bool concrete = nl_is_concrete(v);
  if (concrete) {
    nlb_push_item(L, S, v);
    lua_replace(L, idx);
  }
  nl_pool_release(S->C, mark);
  return concrete;
}

void nlb_settle (lua_State *L, nlb_state *S, int first) {
  luaL_checkstack(L, 100, "results");
  for (int i = first, top = lua_gettop(L); i <= top; i++)
    settle_one(L, S, i, 0);
}
