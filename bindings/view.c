/* view.c: tensors on the storage of another one: narrow select transpose
 * view expand unfold and their like.  Only sizes, strides and offset are
 * computed here; elements are read when somebody reads the view. */
#include "tensor.h"

#include <string.h>

/* The argument's tensor, which must have dimensions. */
static nl_tensor *check_full (lua_State *L, nlb_state *S, int idx) {
  nl_tensor *x = nlb_check_tensor(L, S, idx);
  if (x->storage == NULL) nlb_fail(L, "the tensor is empty");
  return x;
}

/* A view of x in a new userdata on top. */
static nl_tensor *new_view (lua_State *L, nlb_state *S, const nl_tensor *x) {
  nl_tensor *r = nlb_new_tensor(L, S);
  nlb_share(r, x);
  return r;
}

static void drop_dim (nl_tensor *t, int d) {
  for (int i = d; i < t->ndim - 1; i++) {
    t->size[i] = t->size[i + 1];
    t->stride[i] = t->stride[i + 1];
  }
  t->ndim--;
}

static void insert_dim (lua_State *L, nl_tensor *t, int d, int64_t size,
                        int64_t stride) {
  if (t->ndim == NL_MAX_DIM)
    nlb_fail(L, "the result would have more than %d dimensions", NL_MAX_DIM);
  for (int i = t->ndim; i > d; i--) {
    t->size[i] = t->size[i - 1];
    t->stride[i] = t->stride[i - 1];
  }
  t->size[d] = size;
  t->stride[d] = stride;
  t->ndim++;
}

/* A 0-d view on top becomes a number where it can be read. */
static int finish_view (lua_State *L, nlb_state *S, nl_tensor *r) {
  nlb_set_whole(r);
  if (r->ndim > 0) return 1;
  return nlb_finish_element(L, S, r);
}

/* narrow(x, dim, first, size) */
static int v_narrow (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int d = nlb_dim(L, 2, x->ndim);
  int64_t n = x->size[d];
  int64_t first = nlb_integer(L, 3, "first"), size = nlb_integer(L, 4, "size");
  if (first < 0 && first >= -n) first += n + 1;
  if (first < 1 || first > n + (size == 0))
    nlb_arg_error(L, 3, "first element %I is outside 1..%I of dimension %d",
                  (LUAI_UACINT)first, (LUAI_UACINT)n, d + 1);
  if (size < 0 || size > n - first + 1)
    nlb_arg_error(L, 4,
                  "%I elements from element %I on: dimension %d has %I",
                  (LUAI_UACINT)size, (LUAI_UACINT)first, d + 1,
                  (LUAI_UACINT)n);
  nl_tensor *r = new_view(L, S, x);
  r->offset += (first - 1) * x->stride[d];
  r->size[d] = size;
  nlb_set_whole(r);
  return 1;
}

/* sub(x, first1, last1, first2, last2, ...): inclusive ranges */
static int v_sub (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int n = (lua_gettop(L) - 1) / 2;
  if (n < 1 || lua_gettop(L) != 2 * n + 1)
    nlb_fail(L, "pairs of first and last element expected; for subtraction "
                "use x:csub(y) or torch.csub(x, y)");
  if (n > x->ndim)
    nlb_fail(L, "%d ranges for a tensor of %d dimensions", n, x->ndim);
  nl_tensor *r = new_view(L, S, x);
  for (int d = 0; d < n; d++) {
    int64_t a = nlb_position(L, 2 * d + 2, x->size[d], "first element");
    int64_t b = nlb_position(L, 2 * d + 3, x->size[d], "last element");
    if (b < a)
      nlb_arg_error(L, 2 * d + 3, "last element %I is before the first, %I",
                    (LUAI_UACINT)b + 1, (LUAI_UACINT)a + 1);
    r->offset += a * x->stride[d];
    r->size[d] = b - a + 1;
  }
  nlb_set_whole(r);
  return 1;
}

/* select(x, dim, i): without that dimension */
static int v_select (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int d = nlb_dim(L, 2, x->ndim);
  int64_t i = nlb_position(L, 3, x->size[d], "index");
  nl_tensor *r = new_view(L, S, x);
  r->offset += i * x->stride[d];
  drop_dim(r, d);
  return finish_view(L, S, r);
}

static void swap_dims (nl_tensor *t, int a, int b) {
  int64_t size = t->size[a], stride = t->stride[a];
  t->size[a] = t->size[b];
  t->stride[a] = t->stride[b];
  t->size[b] = size;
  t->stride[b] = stride;
}

static int v_transpose (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int a = nlb_dim(L, 2, x->ndim), b = nlb_dim(L, 3, x->ndim);
  nl_tensor *r = new_view(L, S, x);
  swap_dims(r, a, b);
  nlb_set_whole(r);
  return 1;
}

static int v_t (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  if (x->ndim != 2) {
    char text[NLB_TEXT];
    nlb_fail(L, "a matrix expected, got a tensor of %s; use "
                "x:transpose(dim1, dim2)",
             nlb_tensor_text(text, x));
  }
  nl_tensor *r = new_view(L, S, x);
  swap_dims(r, 0, 1);
  nlb_set_whole(r);
  return 1;
}

static int v_permute (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int64_t dims[NL_MAX_DIM];
  int next, n = nlb_sizes(L, 2, dims, &next);
  unsigned seen = 0;
  if (n != x->ndim)
    nlb_fail(L, "%d dimensions named for a tensor of %d", n, x->ndim);
  nl_tensor *r = new_view(L, S, x);
  for (int i = 0; i < n; i++) {
    int64_t d = dims[i] < 0 ? dims[i] + n : dims[i] - 1;
    if (d < 0 || d >= n)
      nlb_fail(L, "dimension %I is outside 1..%d", (LUAI_UACINT)dims[i], n);
    if (seen & (1u << d))
      nlb_fail(L, "dimension %I is named twice", (LUAI_UACINT)dims[i]);
    seen |= 1u << d;
    r->size[i] = x->size[d];
    r->stride[i] = x->stride[d];
  }
  nlb_set_whole(r);
  return 1;
}

/* unfold(x, dim, size, step): windows of that dimension, in a new last one */
static int v_unfold (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int d = nlb_dim(L, 2, x->ndim);
  int64_t size = nlb_integer(L, 3, "size"), step = nlb_integer(L, 4, "step");
  if (size < 1 || size > x->size[d])
    nlb_arg_error(L, 3, "windows of %I elements of %I in dimension %d",
                  (LUAI_UACINT)size, (LUAI_UACINT)x->size[d], d + 1);
  if (step < 1)
    nlb_arg_error(L, 4, "a step of at least 1 expected, got %I",
                  (LUAI_UACINT)step);
  nl_tensor *r = new_view(L, S, x);
  r->size[d] = (x->size[d] - size) / step + 1;
  r->stride[d] = r->size[d] == 1 ? x->stride[d] : x->stride[d] * step;
  insert_dim(L, r, r->ndim, size, x->stride[d]);
  nlb_set_whole(r);
  return 1;
}

/* ---- view and expand, with Torch7's result argument ---- */

/* Sizes with at most one -1, which is inferred from n elements. */
void nlb_infer_size (lua_State *L, int ndim, int64_t *size, int64_t n) {
  int hole = -1;
  int64_t known = 1;
  char text[NLB_TEXT];
  for (int i = 0; i < ndim; i++) {
    if (size[i] == -1 && hole < 0)
      hole = i;
    else if (size[i] < 0)
      nlb_fail(L, size[i] == -1 ? "only one size may be -1"
                                : "size #%d is %I; sizes must not be negative",
               i + 1, (LUAI_UACINT)size[i]);
    else if (__builtin_mul_overflow(known, size[i], &known))
      nlb_fail(L, "the sizes overflow");
  }
  if (hole >= 0 && known > 0 && n % known == 0) {
    size[hole] = n / known;
    return;
  }
  if (hole >= 0 || known != n) {
    nlb_shape_text(text, ndim, size);
    nlb_fail(L, "%I elements can't be seen as %s", (LUAI_UACINT)n, text);
  }
}

/* Strides that show x's elements with other sizes, or false. */
static bool view_strides (const nl_tensor *x, int ndim, const int64_t *size,
                          int64_t *stride) {
  int d = ndim - 1;
  int i = x->ndim - 1;
  if (nl_tensor_numel(x) == 0 || ndim == 0) {
    for (; d >= 0; d--) stride[d] = 1;
    return true;
  }
  while (i >= 0) { /* a run of dims of x that stand without gaps ... */
    int64_t run = x->size[i], base = x->stride[i];
    while (i > 0 && (x->size[i - 1] == 1 ||
                     x->stride[i - 1] == base * run || run == 1)) {
      if (run == 1) base = x->stride[i - 1];
      run *= x->size[i - 1];
      i--;
    }
    i--;
    int64_t part = 1; /* ... is cut into new ones */
    while (d >= 0 && (part < run || size[d] == 1)) {
      stride[d] = base * part;
      part *= size[d--];
    }
    if (part != run) return false;
  }
  while (d >= 0 && size[d] == 1) stride[d--] = 1;
  return d < 0;
}

/* r becomes x with other sizes; r may be an older tensor. */
static void set_view (lua_State *L, nlb_state *S, nl_tensor *r,
                      const nl_tensor *x, int ndim, int64_t *size) {
  nl_tensor v;
  if (x->storage == NULL) nlb_fail(L, "the tensor is empty");
  v = *x;
  nlb_infer_size(L, ndim, size, nl_tensor_numel(x));
  if (!view_strides(x, ndim, size, v.stride))
    nlb_fail(L, "the tensor is not contiguous; use x:contiguous():view(...) "
                "or x:reshape(...)");
  v.ndim = ndim;
  memcpy(v.size, size, (size_t)ndim * sizeof size[0]);
  nlb_set_whole(&v);
  nl_storage_retain(v.storage);
  if (r->storage != NULL) nl_storage_release(S->C, r->storage);
  *r = v;
}

/* Is it result:f(x, ...)?  Then arguments move by one, and the result is
   left on top; else a new tensor is. */
static nl_tensor *result_form (lua_State *L, nlb_state *S, bool is,
                               const nl_tensor **x) {
  nl_tensor *self = nlb_check_tensor(L, S, 1);
  if (!is) {
    *x = self;
    return nlb_new_tensor(L, S);
  }
  *x = nlb_check_tensor(L, S, 2);
  lua_pushvalue(L, 1);
  return self;
}

static bool second_is_tensor (lua_State *L, nlb_state *S) {
  return nlb_test_tensor(L, S, 2) != NULL && !nlb_is_scalar(L, S, 2);
}

static int v_view (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x;
  int64_t size[NL_MAX_DIM];
  bool has = second_is_tensor(L, S);
  int next, n = nlb_sizes(L, 2 + has, size, &next);
  nl_tensor *r = result_form(L, S, has, &x);
  set_view(L, S, r, x, n, size);
  return 1;
}

static int v_view_as (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x;
  int64_t size[NL_MAX_DIM];
  bool has = lua_gettop(L) >= 3;
  const nl_tensor *y = nlb_check_tensor(L, S, 2 + has);
  memcpy(size, y->size, sizeof size);
  nl_tensor *r = result_form(L, S, has, &x);
  set_view(L, S, r, x, y->ndim, size);
  return 1;
}

static void set_expand (lua_State *L, nlb_state *S, nl_tensor *r,
                        const nl_tensor *x, int ndim, const int64_t *size) {
  nl_tensor v = *x;
  int lead = ndim - x->ndim;
  char a[NLB_TEXT], b[NLB_TEXT];
  if (x->storage == NULL) nlb_fail(L, "the tensor is empty");
  if (lead < 0)
    nlb_fail(L, "%d sizes for a tensor of %d dimensions", ndim, x->ndim);
  for (int i = 0; i < ndim; i++) {
    int64_t old = i < lead ? 1 : x->size[i - lead];
    int64_t want = size[i] == -1 && i >= lead ? old : size[i];
    if (want != old && (old != 1 || want < 0))
      nlb_fail(L, "a tensor of %s can't be expanded to %s; only dimensions "
                  "of size 1 can",
               nlb_shape_text(a, x->ndim, x->size),
               nlb_shape_text(b, ndim, size));
    v.size[i] = want;
    v.stride[i] = i < lead || want != old ? 0 : x->stride[i - lead];
  }
  v.ndim = ndim;
  nlb_check_sizes(L, ndim, v.size);
  nlb_set_whole(&v);
  nl_storage_retain(v.storage);
  if (r->storage != NULL) nl_storage_release(S->C, r->storage);
  *r = v;
}

static int v_expand (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x;
  int64_t size[NL_MAX_DIM];
  bool has = second_is_tensor(L, S);
  int next, n = nlb_sizes(L, 2 + has, size, &next);
  nl_tensor *r = result_form(L, S, has, &x);
  set_expand(L, S, r, x, n, size);
  return 1;
}

static int v_expand_as (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x;
  bool has = lua_gettop(L) >= 3;
  const nl_tensor *y = nlb_check_tensor(L, S, 2 + has);
  nl_tensor *r = result_form(L, S, has, &x);
  set_expand(L, S, r, x, y->ndim, y->size);
  return 1;
}

/* ---- dimensions of size 1 ---- */

static int v_squeeze (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int only = lua_isnoneornil(L, 2) ? -1 : nlb_dim(L, 2, x->ndim);
  nl_tensor *r = new_view(L, S, x);
  for (int d = x->ndim - 1; d >= 0; d--)
    if (x->size[d] == 1 && (only < 0 || only == d)) drop_dim(r, d);
  return finish_view(L, S, r);
}

static int v_unsqueeze (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *x = check_full(L, S, 1);
  int d = nlb_dim(L, 2, x->ndim + 1);
  nl_tensor *r = new_view(L, S, x);
  insert_dim(L, r, d, 1, d < x->ndim ? x->size[d] * x->stride[d] : 1);
  nlb_set_whole(r);
  return 1;
}

/* ---- pieces ---- */

#define MAX_PIECES 10000000

/* (x, size, dim) from 1 on; Torch7's result table, if it came first, is 4. */
static void result_table (lua_State *L) {
  bool first = lua_type(L, 1) == LUA_TTABLE;
  lua_settop(L, first ? 4 : 3);
  if (first) lua_rotate(L, 1, -1);
}

/* A table (argument 4, where there is one, emptied) of x's pieces of `size`
   elements of dimension d. */
static int pieces (lua_State *L, nlb_state *S, const nl_tensor *x, int d,
                   int64_t size) {
  if (x->size[d] / size > MAX_PIECES)
    nlb_fail(L, "more than %d pieces", MAX_PIECES);
  if (lua_gettop(L) < 4) lua_newtable(L);
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 0; i--) {
    lua_pushnil(L);
    lua_rawseti(L, -2, i);
  }
  int64_t k = 0;
  for (int64_t at = 0; at < x->size[d]; at += size) {
    nl_tensor *r = new_view(L, S, x);
    r->offset += at * x->stride[d];
    r->size[d] = x->size[d] - at < size ? x->size[d] - at : size;
    nlb_set_whole(r);
    lua_rawseti(L, -2, ++k);
  }
  return 1;
}

static int v_split (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  result_table(L);
  const nl_tensor *x = check_full(L, S, 1);
  int64_t size = nlb_integer(L, 2, "size");
  if (size < 1)
    nlb_arg_error(L, 2, "pieces of at least 1 element expected, got %I",
                  (LUAI_UACINT)size);
  int d = lua_isnoneornil(L, 3) ? 0 : nlb_dim(L, 3, x->ndim);
  if (x->ndim == 0) nlb_fail(L, "a tensor with dimensions expected");
  return pieces(L, S, x, d, size);
}

static int v_chunk (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  result_table(L);
  const nl_tensor *x = check_full(L, S, 1);
  int64_t n = nlb_integer(L, 2, "number of chunks");
  if (n < 1)
    nlb_arg_error(L, 2, "at least 1 chunk expected, got %I", (LUAI_UACINT)n);
  int d = lua_isnoneornil(L, 3) ? 0 : nlb_dim(L, 3, x->ndim);
  if (x->ndim == 0) nlb_fail(L, "a tensor with dimensions expected");
  int64_t all = x->size[d];
  if (n > all) n = all > 0 ? all : 1;
  return pieces(L, S, x, d, all > 0 ? (all - 1) / n + 1 : 1);
}

void nlb_open_view (lua_State *L, nlb_state *S) {
  static const luaL_Reg list[] = {
      {"narrow", v_narrow},       {"select", v_select},
      {"transpose", v_transpose}, {"t", v_t},
      {"permute", v_permute},     {"unfold", v_unfold},
      {"view", v_view},           {"viewAs", v_view_as},
      {"expand", v_expand},       {"expandAs", v_expand_as},
      {"squeeze", v_squeeze},     {"unsqueeze", v_unsqueeze},
      {"split", v_split},         {"chunk", v_chunk},
      {NULL, NULL}};
  static const luaL_Reg methods[] = {{":sub", v_sub}, {NULL, NULL}};
  nlb_set_methods(L, S, list);
  nlb_push_methods(L);
  nlb_setfuncs(L, S, methods);
  lua_pop(L, 1);
}
