/* system.c: threads, default dtype, memory figures, clocks, the interrupt
 * flag and what the terminal is: core.NAME, a few of them torch.NAME. */
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tensor.h"

static int f_set_threads (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  int64_t n = nlb_integer(L, 1, "threads");
  if (n < 1 || n > 64)
    nlb_arg_error(L, 1, "1 to 64 threads expected, got %I", (LUAI_UACINT)n);
  if (nl_set_threads(S->C, (int)n) != NL_OK) nlb_raise(L, S);
  return 0;
}

static int f_get_threads (lua_State *L) {
  lua_pushinteger(L, nl_threads(nlb_enter(L)->C));
  return 1;
}

static int f_set_default (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  nl_dtype d = nlb_dtype(L, 1);
  if (!nl_dtype_is_float(d))
    nlb_arg_error(L, 1, "the default is float32 or float64, got %s",
                  nl_dtype_name(d));
  if (nl_set_default_dtype(S->C, d) != NL_OK) nlb_raise(L, S);
  return 0;
}

static int f_get_default (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  lua_pushstring(L, nl_default_dtype(S->C) == NL_F64 ? "torch.DoubleTensor"
                                                     : "torch.FloatTensor");
  return 1;
}

static int f_default_dtype (lua_State *L) {
  lua_pushstring(L, nl_dtype_name(nl_default_dtype(nlb_enter(L)->C)));
  return 1;
}

/* ---- memory ---- */

static int f_bytes_used (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)nl_bytes_used(nlb_enter(L)->C));
  return 1;
}

/* bytes_peak([reset]): the most so far; then it begins anew */
static int f_bytes_peak (lua_State *L) {
  nl_ctx *C = nlb_enter(L)->C;
  lua_Integer peak = (lua_Integer)nl_bytes_peak(C);
  if (lua_toboolean(L, 1)) nl_bytes_peak_reset(C);
  lua_pushinteger(L, peak);
  return 1;
}

static int f_bytes_cached (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)nl_bytes_cached(nlb_enter(L)->C));
  return 1;
}

static int f_cache_trim (lua_State *L) {
  nl_cache_trim(nlb_enter(L)->C);
  return 0;
}

/* ---- what runs ---- */

static int f_cpu (lua_State *L) {
  lua_pushstring(L, nl_cpu_kernels(nlb_enter(L)->C));
  return 1;
}

static int f_gzip (lua_State *L) {
  lua_pushstring(L, nl_gzip());
  return 1;
}

static int f_gemm (lua_State *L) {
  nlb_state *S = nlb_enter(L);
  if (!lua_isnoneornil(L, 1)) {
    if (lua_type(L, 1) != LUA_TSTRING)
      nlb_arg_error(L, 1, "'own' or 'openblas' expected, got %s",
                    nlb_describe(L, S, 1));
    if (nl_set_gemm(S->C, lua_tostring(L, 1)) != NL_OK) nlb_raise(L, S);
  }
  lua_pushstring(L, nl_gemm(S->C));
  return 1;
}

/* The names of all primitives, for tests and tools. */
static int f_primitives (lua_State *L) {
  int n = nl_prim_count();
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    lua_pushstring(L, nl_prim_at(i)->name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* ---- clocks, in seconds ---- */

static int push_clock (lua_State *L, clockid_t id) {
  struct timespec t;
  if (clock_gettime(id, &t) != 0) t.tv_sec = t.tv_nsec = 0;
  lua_pushnumber(L, (double)t.tv_sec + (double)t.tv_nsec * 1e-9);
  return 1;
}

static int f_clock (lua_State *L) { return push_clock(L, CLOCK_MONOTONIC); }
static int f_time (lua_State *L) { return push_clock(L, CLOCK_REALTIME); }

/* cpu_times(): user and system seconds of the process */
static int f_cpu_times (lua_State *L) {
  struct rusage u;
  if (getrusage(RUSAGE_SELF, &u) != 0) return 0;
  lua_pushnumber(L, (double)u.ru_utime.tv_sec +
                        (double)u.ru_utime.tv_usec * 1e-6);
  lua_pushnumber(L, (double)u.ru_stime.tv_sec +
                        (double)u.ru_stime.tv_usec * 1e-6);
  return 2;
}

/* ---- interrupts and the terminal ---- */

static int f_interrupted (lua_State *L) {
  lua_pushboolean(L, nl_interrupted(nlb_enter(L)->C));
  return 1;
}

static int f_interrupt_clear (lua_State *L) {
  nl_interrupt_clear(nlb_enter(L)->C);
  return 0;
}

/* isatty([fd]): is it a terminal?  1 (standard output) by default */
static int f_isatty (lua_State *L) {
  int fd = lua_isnoneornil(L, 1) ? 1 : (int)nlb_integer(L, 1, "file");
  lua_pushboolean(L, isatty(fd));
  return 1;
}

/* columns([fd]): the terminal's width, or nothing */
static int f_columns (lua_State *L) {
  struct winsize w;
  int fd = lua_isnoneornil(L, 1) ? 1 : (int)nlb_integer(L, 1, "file");
  if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0) return 0;
  lua_pushinteger(L, w.ws_col);
  return 1;
}

void nlb_open_system (lua_State *L, nlb_state *S) {
  static const luaL_Reg torch[] = {
      {"setnumthreads", f_set_threads},
      {"getnumthreads", f_get_threads},
      {"setdefaulttensortype", f_set_default},
      {"setdefaultdtype", f_set_default},
      {"getdefaulttensortype", f_get_default},
      {"getdefaultdtype", f_default_dtype},
      {NULL, NULL}};
  static const luaL_Reg core[] = {{"bytes_used", f_bytes_used},
                                  {"bytes_peak", f_bytes_peak},
                                  {"bytes_cached", f_bytes_cached},
                                  {"cache_trim", f_cache_trim},
                                  {"cpu_kernels", f_cpu},
                                  {"gemm", f_gemm},
                                  {"gzip", f_gzip},
                                  {"primitives", f_primitives},
                                  {"clock", f_clock},
                                  {"time", f_time},
                                  {"cpu_times", f_cpu_times},
                                  {"interrupted", f_interrupted},
                                  {"interrupt_clear", f_interrupt_clear},
                                  {"isatty", f_isatty},
                                  {"columns", f_columns},
                                  {NULL, NULL}};
  nlb_setfuncs(L, S, core);
  nlb_push_functions(L);
  nlb_setfuncs(L, S, torch);
  lua_pop(L, 1);
}
