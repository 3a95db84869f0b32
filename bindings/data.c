/* data.c: the loader and background decoding for Lua, as userdata with
 * methods.  lua/data/ checks options and gives them their user's shape. */
#include "tensor.h"

#include <string.h>

#define NLB_LOADER "nnlua.loader"
#define NLB_DECODE "nnlua.decode"

typedef struct loader_box {
  nl_loader *ld;
  int nfield;
} loader_box;

typedef struct decode_box {
  nl_decode *d;
} decode_box;

/* ---- options ---- */

static int64_t integer_field (lua_State *L, int idx, const char *name,
                              int64_t otherwise, int64_t low, int64_t high) {
  int64_t x = otherwise;
  if (lua_getfield(L, idx, name) != LUA_TNIL) {
    int ok;
    x = lua_tointegerx(L, -1, &ok);
    if (!ok || lua_type(L, -1) != LUA_TNUMBER || x < low || x > high)
      nlb_fail(L, "%s: integer from %I to %I expected, got %s", name,
               (LUAI_UACINT)low, (LUAI_UACINT)high,
               nlb_describe(L, nlb_state_of(L), -1));
  }
  lua_pop(L, 1);
  return x;
}

static nl_last last_field (lua_State *L, int idx) {
  static const char *const names[] = {"keep", "drop", "wrap"};
  int found = lua_getfield(L, idx, "last") == LUA_TNIL ? 0 : -1;
  for (int i = 0; i < 3 && found < 0 && lua_type(L, -1) == LUA_TSTRING; i++)
    if (strcmp(lua_tostring(L, -1), names[i]) == 0) found = i;
  if (found < 0)
    nlb_fail(L, "last: 'keep', 'drop' or 'wrap' expected, got %s",
             nlb_describe(L, nlb_state_of(L), -1));
  lua_pop(L, 1);
  return (nl_last)found;
}

/* normalize = {mean, std} and shape = {sizes...}, of the first field */
static void convert_fields (lua_State *L, int idx, nl_loader_field *f) {
  if (lua_getfield(L, idx, "normalize") == LUA_TTABLE) {
    int a, b;
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    f->mean = lua_tonumberx(L, -2, &a);
    f->std = lua_tonumberx(L, -1, &b);
    if (!a || !b)
      nlb_fail(L, "normalize: {mean, std} expected, two numbers");
    f->normalize = true;
    lua_pop(L, 2);
  } else if (lua_toboolean(L, -1)) {
    nlb_fail(L, "normalize: {mean, std} expected, got %s",
             nlb_describe(L, nlb_state_of(L), -1));
  }
  lua_pop(L, 1);
  if (lua_getfield(L, idx, "shape") != LUA_TNIL) {
    int next, top = lua_gettop(L);
    f->ndim = nlb_sizes(L, top, f->shape, &next);
    f->reshape = true;
  }
  lua_pop(L, 1);
}

/* The rows (1-based, an int64 tensor) as 0-based ones in a userdata, which is
   left on the stack; NULL: all. */
static const int64_t *subset_field (lua_State *L, nlb_state *S, int idx,
                                    int64_t *n) {
  const int64_t *from;
  nl_value *v;
  if (lua_getfield(L, idx, "rows") == LUA_TNIL) return NULL;
  const nl_tensor *t = nlb_test_tensor(L, S, -1);
  if (t == NULL || t->storage == NULL || t->ndim != 1 ||
      nlb_dtype_of(t) != NL_I64)
    nlb_fail(L, "rows: one-dimensional int64 tensor expected, got %s",
             nlb_describe(L, S, -1));
  *n = nl_tensor_numel(t);
  int64_t *rows = (int64_t *)lua_newuserdatauv(
      L, ((size_t)*n + 1) * sizeof *rows, 0);
  v = nlb_read(S, t);
  from = v == NULL ? NULL : (const int64_t *)nl_data(S->C, v);
  if (from == NULL) nlb_raise(L, S);
  for (int64_t i = 0; i < *n; i++) rows[i] = from[i] - 1;
  return rows;
}

/* ---- the loader ---- */

static loader_box *check_loader (lua_State *L, nlb_state *S) {
  loader_box *b = (loader_box *)luaL_testudata(L, 1, NLB_LOADER);
  if (b == NULL || b->ld == NULL)
    nlb_fail(L, "a loader expected, got %s", nlb_describe(L, S, 1));
  return b;
}

/* loader({tensors...}, {batch=, workers=, ...}) -> userdata */
static int f_loader (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_loader_field field[NL_LOADER_FIELDS];
  nl_loader_config cfg;
  if (lua_type(L, 1) != LUA_TTABLE || lua_type(L, 2) != LUA_TTABLE)
    nlb_fail(L, "a table of tensors and a table of options expected");
  lua_settop(L, 2);
  memset(field, 0, sizeof field);
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.batch = integer_field(L, 2, "batch", 64, 1, INT32_MAX);
  cfg.workers = (int)integer_field(L, 2, "workers", 1, 0, 64);
  cfg.prefetch = (int)integer_field(L, 2, "prefetch", 4, 1, 1024);
  cfg.seed = (uint64_t)integer_field(L, 2, "seed", 1, INT64_MIN, INT64_MAX);
  cfg.last = last_field(L, 2);
  lua_getfield(L, 2, "shuffle");
  cfg.shuffle = lua_toboolean(L, -1);
  convert_fields(L, 2, &field[0]);
  loader_box *b = (loader_box *)lua_newuserdatauv(L, sizeof *b, 0);
  b->ld = NULL;
  luaL_setmetatable(L, NLB_LOADER);
  int result = lua_gettop(L);
  cfg.subset = subset_field(L, S, 2, &cfg.nsubset);
  lua_Unsigned n = lua_rawlen(L, 1);
  if (n < 1 || n > NL_LOADER_FIELDS)
    nlb_fail(L, "1 to %d tensors expected, got %I", NL_LOADER_FIELDS,
             (LUAI_UACINT)n);
  for (int i = 0; i < (int)n; i++) {
    lua_rawgeti(L, 1, i + 1);
    const nl_tensor *t = nlb_test_tensor(L, S, -1);
    if (t == NULL)
      nlb_fail(L, "field %d: tensor expected, got %s", i + 1,
               nlb_describe(L, S, -1));
    field[i].rows = nlb_read(S, t);
  }
  cfg.nfield = b->nfield = (int)n;
  cfg.field = field;
  b->ld = nl_loader_new(S->C, &cfg);
  if (b->ld == NULL) return nlb_raise(L, S);
  lua_settop(L, result);
  return 1;
}

/* ld:epoch(e, batch): begins at a batch, 0-based */
static int m_epoch (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  loader_box *b = check_loader(L, S);
  int64_t e = nlb_integer(L, 2, "epoch");
  int64_t batch = lua_isnoneornil(L, 3) ? 0 : nlb_integer(L, 3, "batch");
  if (nl_loader_epoch(S->C, b->ld, e, batch) != NL_OK) return nlb_raise(L, S);
  return 0;
}

static void push_info (lua_State *L, const nl_loader_info *info) {
  lua_pushinteger(L, info->epoch);
  lua_setfield(L, -2, "epoch");
  lua_pushinteger(L, info->batch + 1);
  lua_setfield(L, -2, "batch");
  lua_pushinteger(L, info->rows);
  lua_setfield(L, -2, "rows");
  lua_pushboolean(L, info->ready);
  lua_setfield(L, -2, "ready");
  lua_pushnumber(L, info->wait);
  lua_setfield(L, -2, "wait");
}

/* ld:next() -> tensors..., info; nothing at the epoch's end.  The results
   are made before the arrays come: after that nothing may raise but by
   releasing them. */
static int m_next (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  loader_box *b = check_loader(L, S);
  nl_tensor *t[NL_LOADER_FIELDS];
  nl_value *out[NL_LOADER_FIELDS];
  nl_loader_info info;
  lua_settop(L, 1);
  for (int i = 0; i < b->nfield; i++) t[i] = nlb_new_tensor(L, S);
  lua_createtable(L, 0, 5);
  memset(&info, 0, sizeof info);
  push_info(L, &info); /* so that filling it in allocates nothing */
  if (nl_loader_next(S->C, b->ld, out, &info) != NL_OK)
    return nlb_raise(L, S);
  if (info.rows == 0) return 0;
  nl_status st = NL_OK;
  for (int i = 0; i < b->nfield; i++) {
    if (st == NL_OK) st = nl_tensor_from(S->C, t[i], out[i]);
    if (st != NL_OK) t[i]->storage = NULL;
    nl_release(S->C, out[i]);
  }
  if (st != NL_OK) return nlb_raise(L, S);
  push_info(L, &info);
  if (nl_bytes_used(S->C) > S->gc_limit) nlb_collect(L, S);
  return b->nfield + 1;
}

static int m_batches (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushinteger(L, nl_loader_batches(check_loader(L, S)->ld));
  return 1;
}

static int m_stop (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_loader_stop(S->C, check_loader(L, S)->ld);
  return 0;
}

static int m_close (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_loader_close(S->C, check_loader(L, S)->ld);
  return 0;
}

/* ld:fingerprint() -> 16 hexadecimal digits */
static int m_fingerprint (lua_State *L) {
  static const char digits[] = "0123456789abcdef";
  nlb_state *S = nlb_enter(L);
  uint64_t h = nl_loader_fingerprint(check_loader(L, S)->ld);
  char text[16];
  for (int i = 0; i < 16; i++) text[i] = digits[h >> (60 - 4 * i) & 15];
  lua_pushlstring(L, text, sizeof text);
  return 1;
}

static int m_stats (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_loader_stats s;
  nl_loader_get_stats(check_loader(L, S)->ld, &s);
  lua_createtable(L, 0, 6);
  lua_pushinteger(L, s.batches);
  lua_setfield(L, -2, "batches");
  lua_pushinteger(L, s.ready);
  lua_setfield(L, -2, "ready");
  lua_pushinteger(L, s.workers);
  lua_setfield(L, -2, "workers");
  lua_pushnumber(L, s.wait_time);
  lua_setfield(L, -2, "wait_time");
  lua_pushnumber(L, s.work_time);
  lua_setfield(L, -2, "work_time");
  lua_pushnumber(L, s.overlap_time);
  lua_setfield(L, -2, "overlap_time");
  return 1;
}

static int loader_gc (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, lua_upvalueindex(1));
  loader_box *b = (loader_box *)lua_touserdata(L, 1);
  if (b != NULL && S->C != NULL) nl_loader_free(S->C, b->ld);
  if (b != NULL) b->ld = NULL;
  return 0;
}

/* ---- decoding in the background ---- */

static decode_box *check_decode (lua_State *L, nlb_state *S) {
  decode_box *b = (decode_box *)luaL_testudata(L, 1, NLB_DECODE);
  if (b == NULL || b->d == NULL)
    nlb_fail(L, "a decoder expected, got %s", nlb_describe(L, S, 1));
  return b;
}

/* decode(path) -> userdata: an IDX file that a thread reads meanwhile */
static int f_decode (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  size_t n;
  if (lua_type(L, 1) != LUA_TSTRING)
    nlb_arg_error(L, 1, "file name expected, got %s", nlb_describe(L, S, 1));
  const char *path = lua_tolstring(L, 1, &n);
  if (strlen(path) != n) nlb_arg_error(L, 1, "a zero byte in the file name");
  decode_box *b = (decode_box *)lua_newuserdatauv(L, sizeof *b, 0);
  b->d = NULL;
  luaL_setmetatable(L, NLB_DECODE);
  b->d = nl_decode_start(S->C, path);
  if (b->d == NULL) return nlb_raise(L, S);
  return 1;
}

/* d:info() -> dtype, sizes */
static int m_info (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_dtype d;
  int ndim;
  int64_t shape[NL_MAX_DIM];
  nl_decode_info(check_decode(L, S)->d, &d, &ndim, shape);
  lua_pushstring(L, nl_dtype_name(d));
  lua_createtable(L, ndim, 0);
  for (int i = 0; i < ndim; i++) {
    lua_pushinteger(L, shape[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 2;
}

static int m_ready (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushboolean(L, nl_decode_ready(check_decode(L, S)->d));
  return 1;
}

/* d:tensor(): waits for the end */
static int m_tensor (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  decode_box *b = check_decode(L, S);
  nl_tensor *t = nlb_new_tensor(L, S);
  return nlb_finish(L, S, t, nl_decode_value(S->C, b->d));
}

static int decode_gc (lua_State *L) {
  nlb_state *S = (nlb_state *)lua_touserdata(L, lua_upvalueindex(1));
  decode_box *b = (decode_box *)lua_touserdata(L, 1);
  if (b != NULL && S->C != NULL) nl_decode_free(S->C, b->d);
  if (b != NULL) b->d = NULL;
  return 0;
}

/* ---- functions ---- */

/* permutation(n, seed, epoch) -> int64 tensor of 1..n in shuffled order */
static int f_permutation (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int64_t n = nlb_integer(L, 1, "n");
  int64_t seed = nlb_integer(L, 2, "seed");
  int64_t epoch = lua_isnoneornil(L, 3) ? 0 : nlb_integer(L, 3, "epoch");
  if (n < 0) nlb_arg_error(L, 1, "n must not be negative");
  nl_tensor *t = nlb_new_tensor(L, S);
  void *p;
  nl_value *v = nl_value_new(S->C, NL_I64, 1, &n, &p);
  if (v != NULL) {
    nl_permutation((uint64_t)seed, epoch, n, (int64_t *)p);
    for (int64_t i = 0; i < n; i++) ((int64_t *)p)[i]++;
  }
  return nlb_finish(L, S, t, v);
}

/* moments(t) -> mean and standard deviation of a uint8 tensor taken as x/255,
   from exact sums */
static int f_moments (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  const nl_tensor *t = nlb_check_tensor(L, S, 1);
  double mean, std;
  if (nl_u8_moments(S->C, nlb_read(S, t), &mean, &std) != NL_OK)
    return nlb_raise(L, S);
  lua_pushnumber(L, mean);
  lua_pushnumber(L, std);
  return 2;
}

static const luaL_Reg functions[] = {
    {"loader", f_loader},           {"decode", f_decode},
    {"permutation", f_permutation}, {"moments", f_moments},
    {NULL, NULL},
};

static const luaL_Reg loader_methods[] = {
    {":epoch", m_epoch}, {":next", m_next},
    {":batches", m_batches}, {":stop", m_stop},
    {":close", m_close}, {":fingerprint", m_fingerprint},
    {":stats", m_stats}, {NULL, NULL},
};

static const luaL_Reg decode_methods[] = {
    {":info", m_info}, {":ready", m_ready}, {":tensor", m_tensor},
    {NULL, NULL},
};

static void new_type (lua_State *L, nlb_state *S, const char *name,
                      const luaL_Reg *methods, lua_CFunction gc) {
  luaL_newmetatable(L, name);
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  lua_pushcclosure(L, gc, 1);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  nlb_setfuncs(L, S, methods);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void nlb_open_data (lua_State *L, nlb_state *S) {
  new_type(L, S, NLB_LOADER, loader_methods, loader_gc);
  new_type(L, S, NLB_DECODE, decode_methods, decode_gc);
  nlb_setfuncs(L, S, functions);
}
