/* write.c: writing to tensors in place: the checks that every writer shares,
 * copy, fill, zero, and the functions that call Lua for each element. */
#include "tensor.h"

#include <string.h>

/* ---- shared checks ---- */

void nlb_writable (lua_State *L, const nl_tensor *t) {
  for (int i = 0; i < t->ndim; i++)
    if (t->stride[i] == 0 && t->size[i] > 1)
      nlb_fail(L,
               "dimension %d of the tensor to be written is expanded, its %I "
               "elements are one; write to x:clone() instead",
               i + 1, (LUAI_UACINT)t->size[i]);
}

static bool same_shape (const nl_tensor *t, const nl_value *v) {
  return t->storage != NULL && t->ndim == nl_ndim(v) &&
         memcmp(t->size, nl_shape(v), (size_t)t->ndim * sizeof t->size[0]) ==
             0;
}

void nlb_store (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v) {
  if (v == NULL) nlb_raise(L, S);
  if (!same_shape(t, v)) {
    char a[NLB_TEXT], b[NLB_TEXT];
    nlb_fail(L,
             "the result has shape %s and does not fit into the tensor of %s "
             "in place; use the form that makes a new tensor",
             nlb_shape_text(a, nl_ndim(v), nl_shape(v)),
             nlb_tensor_text(b, t));
  }
  nlb_writable(L, t);
  if (nl_write(S->C, t, v) != NL_OK) nlb_raise(L, S);
}

static bool broadcasts (const nl_tensor *t, const nl_value *v) {
  int n = nl_ndim(v), lead = t->ndim - n;
  if (lead < 0) return nl_numel(v) == 1;
  for (int i = 0; i < n; i++)
    if (nl_shape(v)[i] != 1 && nl_shape(v)[i] != t->size[i + lead])
      return false;
  return true;
}

void nlb_assign (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v) {
  nlb_writable(L, t);
  if (v == NULL) nlb_raise(L, S);
  if (t->storage == NULL) {
    if (nl_numel(v) <= 1) return; /* nothing to be filled */
    nlb_fail(L, "the tensor is empty; resize it first: x:resizeAs(y)");
  }
  if (!same_shape(t, v)) {
    if (nl_numel(v) == nl_tensor_numel(t)) {
      v = nl_reshape(S->C, v, t->ndim, t->size);
    } else if (broadcasts(t, v)) {
      if (nl_ndim(v) > t->ndim) v = nl_reshape(S->C, v, 0, t->size);
      v = nl_broadcast_to(S->C, v, t->ndim, t->size);
    } else {
      char a[NLB_TEXT], b[NLB_TEXT];
      nlb_fail(L, "%I elements of %s can't be copied to %I of %s",
               (LUAI_UACINT)nl_numel(v),
               nlb_shape_text(a, nl_ndim(v), nl_shape(v)),
               (LUAI_UACINT)nl_tensor_numel(t),
               nlb_shape_text(b, t->ndim, t->size));
    }
    if (v == NULL) nlb_raise(L, S);
  }
  if (nl_write(S->C, t, v) != NL_OK) nlb_raise(L, S);
}

void nlb_result (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v) {
  if (v == NULL) nlb_raise(L, S);
  if (t->storage == NULL) {
    nl_dtype d = nlb_dtype_of(t);
    if (nl_tensor_from(S->C, t, nl_cast(S->C, v, d)) !=
        NL_OK) {
      t->storage = NULL;
      t->offset = d;
      t->ndim = 0;
      nlb_raise(L, S);
    }
    return;
  }
  if (!same_shape(t, v)) {
    int n = nl_ndim(v);
    int64_t size[NL_MAX_NDIM];
    memcpy(size, nl_shape(v), (size_t)n * sizeof size[0]);
    if (n > NL_MAX_DIM) nlb_fail(L, "at most %d dimensions", NL_MAX_DIM);
    nlb_resize(L, S, t, n, size);
  }
  nlb_store(L, S, t, v);
}

/* ---- copy, fill, zero ---- */

/* x:copy(y): as many elements in any shape, or a shape that broadcasts */
static int w_copy (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  const nl_tensor *s = nlb_test_storage(L, S, 2);
  nl_value *v;
  if (lua_type(L, 2) == LUA_TNUMBER)
    nlb_arg_error(L, 2, "tensor expected, got a number; use x:fill(number)");
  if (s != NULL) {
    if ((v = nlb_read(S, s)) == NULL) nlb_raise(L, S);
  } else {
    v = nlb_value(L, S, 2);
  }
  nlb_assign(L, S, t, v);
  lua_settop(L, 1);
  return 1;
}

/* Writes one number to all of t.  Expanded views are fine here. */
void nlb_fill (lua_State *L, nlb_state *S, nl_tensor *t, nl_value *v) {
  nl_tensor one = *t;
  if (t->storage == NULL) return;
  for (int i = 0; i < one.ndim; i++)
    if (one.stride[i] == 0 && one.size[i] > 1) one.size[i] = 1;
  if (v != NULL && nl_dtype_of(v) != nlb_dtype_of(t)) /* one element's cast */
    v = nl_cast(S->C, v, nlb_dtype_of(t));
  if (v == NULL ||
      nl_write(S->C, &one, nl_broadcast_to(S->C, v, one.ndim, one.size)) !=
          NL_OK)
    nlb_raise(L, S);
}

/* nlb_fill with a number, at once where nothing else sees the tensor. */
static bool quick_fill (lua_State *L, nlb_state *S, nl_tensor *t, double x) {
  bool done = false;
  if (x > 9007199254740992.0 || x < -9007199254740992.0)
    return false; /* an integer would be rounded twice */
  if (nl_quick_fill(S->C, t, x, &done) != NL_OK) nlb_raise(L, S);
  return done;
}

static int w_fill (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (!nlb_is_scalar(L, S, 2) && lua_type(L, 2) != LUA_TBOOLEAN)
    nlb_arg_error(L, 2, "a number expected, got %s; use x:copy(tensor)",
                  nlb_describe(L, S, 2));
  if (lua_type(L, 2) != LUA_TNUMBER ||
      !quick_fill(L, S, t, lua_tonumber(L, 2)))
    nlb_fill(L, S, t, nlb_value(L, S, 2));
  lua_settop(L, 1);
  return 1;
}

static int w_zero (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  if (!quick_fill(L, S, t, 0)) nlb_fill(L, S, t, nl_integer(S->C, 0));
  lua_settop(L, 1);
  return 1;
}

/* ---- a Lua function for each element ---- */

/* The elements of argument idx, copied into a userdata on top: the function
   may run any operation meanwhile. */
static const char *elements (lua_State *L, nlb_state *S, int idx,
                             const nl_tensor *like, nl_dtype *d) {
  const nl_tensor *x = nlb_check_tensor(L, S, idx);
  size_t bytes = (size_t)nl_tensor_numel(x) * nl_dtype_size(nlb_dtype_of(x));
  if (nl_tensor_numel(x) != nl_tensor_numel(like))
    nlb_arg_error(L, idx, "%I elements expected, got %I",
                  (LUAI_UACINT)nl_tensor_numel(like),
                  (LUAI_UACINT)nl_tensor_numel(x));
  void *copy = lua_newuserdatauv(L, bytes ? bytes : 1, 0);
  nl_value *v = nlb_read(S, x);
  if (v != NULL && nl_is_tracer(v))
    nlb_fail(L, "a Lua function that is called for each element can't be "
                "traced; use torch functions and torch.where");
  const void *p = nl_data(S->C, v);
  if (p == NULL) nlb_raise(L, S);
  if (bytes > 0) memcpy(copy, p, bytes);
  *d = nlb_dtype_of(x);
  nl_pool_release(S->C, S->floor);
  return (const char *)copy;
}

/* x:apply(f), x:map(y, f), x:map2(y, z, f): x_i = f(x_i, y_i, z_i) where f
   returns a number, x_i where it returns nothing */
static int map_n (lua_State *L, int n) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  const char *p[3];
  nl_dtype d[3];
  lua_settop(L, n + 1);
  if (lua_type(L, n + 1) != LUA_TFUNCTION)
    nlb_arg_error(L, n + 1, "a function expected, got %s",
                  nlb_describe(L, S, n + 1));
  nlb_writable(L, t);
  for (int k = 0; k < n; k++) p[k] = elements(L, S, k + 1, t, &d[k]);
  if (t->storage == NULL) return lua_settop(L, 1), 1;
  char *out = (char *)p[0];
  const nl_tensor shape = *t; /* the function might resize it */
  int64_t numel = nl_tensor_numel(t);
  for (int64_t i = 0; i < numel; i++) {
    lua_pushvalue(L, n + 1);
    for (int k = 0; k < n; k++)
      nlb_push_element(L, d[k], p[k] + (size_t)i * nl_dtype_size(d[k]));
    lua_call(L, n, 1);
    if (!lua_isnil(L, -1) &&
        !nlb_put_number(L, -1, d[0], out + (size_t)i * nl_dtype_size(d[0])))
      nlb_fail(L, "the function returned %s for element #%I; %s expected",
               nlb_describe(L, S, -1), (LUAI_UACINT)i + 1,
               nl_dtype_name(d[0]));
    lua_pop(L, 1);
  }
  S = nlb_enter(L);
  nl_value *v = nl_value_from(S->C, d[0], shape.ndim, shape.size, out);
  nlb_store(L, S, t, v);
  lua_settop(L, 1);
  return 1;
}

static int w_apply (lua_State *L) { return map_n(L, 1); }
static int w_map (lua_State *L) { return map_n(L, 2); }
static int w_map2 (lua_State *L) { return map_n(L, 3); }

/* ---- masks ---- */

/* x:maskedFill(mask, number) */
static int w_masked_fill (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_tensor *t = nlb_check_tensor(L, S, 1);
  size_t mark = nl_pool_mark(S->C);
  nl_value *x = nlb_read(S, t), *mask = nlb_mask(L, S, 2, x);
  nl_value *y = nl_cast(S->C, nlb_value(L, S, 3), nlb_dtype_of(t));
  nl_into(S->C, t, mark);
  nlb_store(L, S, t, nl_where(S->C, mask, y, x));
  lua_settop(L, 1);
  return 1;
}

void nlb_open_write (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {{":copy", w_copy},
                                  {":fill", w_fill},
                                  {":zero", w_zero},
                                  {":apply", w_apply},
                                  {":map", w_map},
                                  {":map2", w_map2},
                                  {":maskedFill", w_masked_fill},
                                  {NULL, NULL}};
  nlb_push_methods(L);
  nlb_setfuncs(L, S, list);
  lua_pop(L, 1);
}
