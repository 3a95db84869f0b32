/* main.c: the program nnlua, a host of the runtime like any other.
 *
 * C does what Lua can't: it finds the program's own Lua files, opens the
 * runtime with the command line's configuration when it is first required,
 * and turns Ctrl-C into a Lua error.  Everything else (options, scripts, the
 * prompt) is lua/nnlua/cli.lua, which reaches this file as `nnlua.sys`.
 *
 * Ctrl-C: the handler sets the runtime's flag, which ends long operations,
 * and a hook in the Lua thread that runs.  A hook belongs to one lua_State,
 * so coroutine.resume, wrap and close are wrapped to keep track of which one
 * runs; the signal handler touches nothing but that pointer and flags. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "edit.h"
#include "lua_memory.h"
#include "start.h"

#define PATH_SIZE PATH_MAX

enum { EXIT_ERROR = 1, EXIT_FILE = 3, EXIT_MEMORY = 4, EXIT_INTERRUPT = 130 };

/* What the signal handler sees. */
static struct {
  nl_ctx *volatile C;          /* NULL until nnlua.core is required */
  lua_State *volatile running; /* the Lua thread that executes now */
  volatile sig_atomic_t pending; /* pressed, not yet an error */
  volatile sig_atomic_t held; /* nothing runs that it could end: the prompt */
  volatile long long last;     /* when it was pressed, in ms; 0: never */
} app;

static nl_config config;
static nlb_core core;        /* zero until nnlua.core is required */
static nlb_state *bindings; /* NULL until nnlua.core is open */
static char gemm_name[32];

/* ---- interrupts ---- */

static long long now_ms (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Takes back an interrupt that became an error, or that nobody needs. */
static void settle (lua_State *L) {
  app.pending = 0;
  lua_sethook(L, NULL, 0, 0);
  if (app.C != NULL) core.interrupt_clear(app.C);
}

/* One Ctrl-C is one error: where the runtime raised it, its flag is clear. */
static void on_hook (lua_State *L, lua_Debug *ar) {
  bool raised = app.C != NULL && !core.interrupted(app.C);
  (void)ar;
  settle(L);
  if (raised) return;
  lua_pushliteral(L, "interrupted!"); /* the traceback says where */
  lua_error(L);
}

static void interrupt_thread (lua_State *L) {
  lua_sethook(L, on_hook,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void on_sigint (int sig) {
  int saved = errno;
  long long now = now_ms();
  (void)sig;
  if (!app.held && app.last != 0 && now - app.last < 1000)
    _exit(EXIT_INTERRUPT);
  app.last = now;
  app.pending = 1;
  if (!app.held) {
    if (app.C != NULL) core.interrupt(app.C);
    if (app.running != NULL) interrupt_thread(app.running);
  }
  errno = saved;
}

static void set_signals (void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_sigint; /* no SA_RESTART: a read has to end */
  sigaction(SIGINT, &action, NULL);
}

/* ---- which thread runs ---- */

static lua_State *enter_thread (lua_State *co) {
  lua_State *before = app.running;
  app.running = co;
  return before;
}

static void leave_thread (lua_State *before) {
  app.running = before;
  /* pressed while the coroutine was on its way out */
  if (app.pending) interrupt_thread(before);
}

/* coroutine.resume and close: the original, upvalue 1, raises nothing once
   its first argument is a coroutine. */
static int tracked_call (lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (co == NULL || co == L) {
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  } else {
    lua_State *before = enter_thread(co);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    leave_thread(before);
  }
  return lua_gettop(L);
}

/* What coroutine.wrap returns: upvalues the original function, its thread. */
static int tracked_wrapped (lua_State *L) {
  lua_State *before;
  int status;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  before = enter_thread(lua_tothread(L, lua_upvalueindex(2)));
  status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  leave_thread(before);
  return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

static int tracked_wrap (lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  if (lua_getupvalue(L, 1, 1) == NULL || !lua_isthread(L, -1)) {
    lua_settop(L, 1); /* another Lua's coroutine library: left alone */
    return 1;
  }
  lua_pushcclosure(L, tracked_wrapped, 2);
  return 1;
}

static void track_coroutines (lua_State *L) {
  static const struct { const char *name; lua_CFunction f; } wrapped[] = {
    {"resume", tracked_call}, {"close", tracked_call}, {"wrap", tracked_wrap}
  };
  size_t i;
  lua_getglobal(L, "coroutine");
  for (i = 0; i < sizeof wrapped / sizeof wrapped[0]; i++) {
    lua_getfield(L, -1, wrapped[i].name);
    lua_pushcclosure(L, wrapped[i].f, 1);
    lua_setfield(L, -2, wrapped[i].name);
  }
  lua_pop(L, 1);
}

/* ---- the runtime ---- */

/* An allocation failed: free what only the collector can free. */
static bool collect_garbage (void *ud, size_t wanted) {
  nlb_state *S = bindings;
  (void)ud;
  (void)wanted;
  if (S == NULL || S->refused || S->L == NULL) return false;
  S->refused = true; /* a finalizer must not disturb the caller's pool */
  lua_gc(S->L, LUA_GCCOLLECT);
  S->refused = false;
  return true;
}

static nlb_state *state_in (lua_State *L) {
  nlb_state *S;
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.state");
  S = (nlb_state *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  return S;
}

/* The loader of nnlua.core: a context made from the command line, then the
   module opened on it. */
static int open_core (lua_State *L) {
  const char *problem;
  lua_settop(L, 0);
  lua_getglobal(L, "package");
  lua_getfield(L, 1, "searchpath");
  lua_pushliteral(L, "nnlua.core");
  lua_getfield(L, 1, "cpath");
  lua_call(L, 2, 2);
  if (lua_isnil(L, 2))
    return luaL_error(L, "the module nnlua/core.so is missing:%s",
                      lua_tostring(L, 3));
  problem = nlb_core_load(&core, lua_tostring(L, 2));
  if (problem != NULL) return luaL_error(L, "nnlua.core: %s", problem);
  if (app.C == NULL) {
    app.C = core.ctx_new(&config);
    if (app.C == NULL) return luaL_error(L, "not enough memory");
  }
  void *pieces;
  if (lua_getallocf(L, &pieces) == nlb_lua_alloc) { /* see box.c */
    lua_pushlightuserdata(L, pieces);
    lua_setfield(L, LUA_REGISTRYINDEX, NLB_PIECES);
  }
  core.open_with(L, app.C);
  bindings = state_in(L);
  if (bindings != NULL) bindings->seed = config.seed;
  return 1;
}

/* ---- nnlua.sys ---- */

/* configure(threads, seed, gemm): nil leaves the default.  Before the runtime
   is opened. */
static int sys_configure (lua_State *L) {
  config.threads = (int)luaL_optinteger(L, 1, 0);
  config.seed = (uint64_t)luaL_optinteger(L, 2, 0);
  if (!lua_isnoneornil(L, 3)) {
    snprintf(gemm_name, sizeof gemm_name, "%s", luaL_checkstring(L, 3));
    config.gemm = gemm_name;
  }
  return 0;
}

static FILE *standard_file (int fd) {
  return fd == 0 ? stdin : fd == 1 ? stdout : stderr;
}

/* isatty(fd): fd 0, 1 or 2 */
static int sys_isatty (lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* columns(fd): the terminal's width, or nil where there is none */
static int sys_columns (lua_State *L) {
  struct winsize w;
  if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &w) != 0
      || w.ws_col == 0)
    return 0;
  lua_pushinteger(L, w.ws_col);
  return 1;
}

/* clock(): seconds of a clock that never goes back */
static int sys_clock (lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + 1e-9 * (lua_Number)t.tv_nsec);
  return 1;
}

/* A line of the editor's, as readline gives it. */
static int edited_line (lua_State *L, const char *prompt) {
  char *line = NULL;
  nlb_edited got;
  sig_atomic_t was = app.held;
  fflush(stdout);
  settle(L);
  app.last = 0;
  app.held = 1;
  got = nlb_edit_line(L, prompt, lua_isfunction(L, 2) ? 2 : 0, &app.pending,
                      &line);
  app.held = was;
  if (got == NLB_EDIT_LINE) {
    lua_pushstring(L, line);
    free(line);
  } else if (got == NLB_EDIT_END) {
    lua_pushnil(L);
  } else {
    settle(L);
    app.last = 0;
    lua_pushboolean(L, 0);
  }
  return 1;
}

/* readline(prompt[, complete]): a line without its end; nil at the end of
   input; false when interrupted.  complete(word) lists what a word may
   become. */
static int sys_readline (lua_State *L) {
  const char *prompt = luaL_checkstring(L, 1);
  if (nlb_edit_can()) return edited_line(L, prompt);
  char *line = NULL;
  size_t size = 0;
  ssize_t n;
  int error;
  sig_atomic_t was = app.held;
  fputs(prompt, standard_file(1));
  fflush(stdout);
  settle(L);
  app.last = 0;
  app.held = 1;
  errno = 0;
  n = getline(&line, &size, stdin);
  error = errno;
  app.held = was;
  if (app.pending || (n < 0 && error == EINTR)) {
    settle(L);
    app.last = 0;
    clearerr(stdin);
    lua_pushboolean(L, 0);
  } else if (n < 0) {
    lua_pushnil(L);
  } else {
    if (n > 0 && line[n - 1] == '\n') n--;
    lua_pushlstring(L, line, (size_t)n);
  }
  free(line);
  return 1;
}

/* hold(): from now on Ctrl-C ends what interruptible() runs, and the wait for
   a line, alone: the prompt itself goes on. */
static int sys_hold (lua_State *L) {
  app.held = 1;
  settle(L);
  return 0;
}

/* interruptible(f, handler, ...): xpcall, which Ctrl-C ends.  Switched in C:
   between two lines of Lua the hook could still strike. */
static int sys_interruptible (lua_State *L) {
  sig_atomic_t was = app.held;
  int status;
  luaL_checkany(L, 2);
  lua_pushvalue(L, 1);
  lua_copy(L, 2, 1);
  lua_replace(L, 2); /* handler, f, ... */
  app.held = 0;
  status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
  app.held = was;
  if (was) settle(L);
  lua_pushboolean(L, status == LUA_OK);
  lua_replace(L, 1);
  return lua_gettop(L);
}

/* editor(): are lines of a terminal edited? */
static int sys_editor (lua_State *L) {
#ifdef NNLUA_EDITLINE
  lua_pushboolean(L, 1);
#else
  lua_pushboolean(L, 0);
#endif
  return 1;
}

/* was_interrupted(): was Ctrl-C pressed since the last time?  Forgets it. */
static int sys_was_interrupted (lua_State *L) {
  lua_pushboolean(L, app.last != 0);
  settle(L);
  app.last = 0;
  return 1;
}

/* failure(message): "memory" or "file" when that message came from a failed
   allocation or file operation, else nil */
static int sys_failure (lua_State *L) {
  const char *message = lua_tostring(L, 1), *raised;
  if (message == NULL) return 0;
  if (strstr(message, "not enough memory") != NULL) {
    lua_pushliteral(L, "memory");
    return 1;
  }
  lua_getfield(L, LUA_REGISTRYINDEX, "nnlua.raised");
  raised = lua_tostring(L, -1);
  if (raised == NULL || strstr(message, raised) == NULL) return 0;
  if (bindings->raised == NL_NOMEM)
    lua_pushliteral(L, "memory");
  else if (bindings->raised == NL_IO)
    lua_pushliteral(L, "file");
  else
    return 0;
  return 1;
}

static const luaL_Reg sys_functions[] = {
  {"configure", sys_configure},
  {"isatty", sys_isatty},
  {"columns", sys_columns},
  {"clock", sys_clock},
  {"readline", sys_readline},
  {"hold", sys_hold},
  {"interruptible", sys_interruptible},
  {"editor", sys_editor},
  {"was_interrupted", sys_was_interrupted},
  {"failure", sys_failure},
  {NULL, NULL}
};

static int open_sys (lua_State *L) {
  luaL_newlib(L, sys_functions);
  lua_pushstring(L, NNLUA_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}

/* ---- its own files ---- */

static bool readable (const char *path) { return access(path, R_OK) == 0; }

/* The folder of the executable, without a slash at its end. */
static bool own_folder (const char *argv0, char *out) {
  char called[PATH_SIZE], *slash;
  ssize_t n = readlink("/proc/self/exe", out, PATH_SIZE - 1);
  if (n > 0) {
    out[n] = '\0';
  } else { /* no /proc: by the name it was called, along PATH */
    const char *path = getenv("PATH");
    bool found = strchr(argv0, '/') != NULL;
    if (found) snprintf(called, sizeof called, "%s", argv0);
    while (!found && path != NULL && *path != '\0') {
      size_t len = strcspn(path, ":");
      snprintf(called, sizeof called, "%.*s/%s", (int)len, path, argv0);
      found = access(called, X_OK) == 0;
      path += len + (path[len] == ':');
    }
    if (!found || realpath(called, out) == NULL) return false;
  }
  slash = strrchr(out, '/');
  if (slash == NULL) return false;
  *slash = '\0';
  return true;
}

/* Puts "DIR/?.lua;DIR/?/init.lua" before package.path (or "DIR/?.so" before
   package.cpath). */
static void prepend (lua_State *L, const char *field, const char *path) {
  char real[PATH_MAX];
  const char *dir = realpath(path, real) != NULL ? real : path;
  lua_getglobal(L, "package");
  if (strcmp(field, "path") == 0)
    lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;", dir, dir);
  else
    lua_pushfstring(L, "%s/?.so;", dir);
  lua_getfield(L, -2, field);
  lua_concat(L, 2);
  lua_setfield(L, -2, field);
  lua_pop(L, 1);
}

/* Build tree (the module lies beside the executable) or installed tree. */
static void set_paths (lua_State *L, const char *argv0) {
  char here[PATH_SIZE], dir[2 * PATH_SIZE];
  if (!own_folder(argv0, here)) return;
  snprintf(dir, sizeof dir, "%s/lua/nnlua/core.so", here);
  if (readable(dir)) {
    snprintf(dir, sizeof dir, "%s/lua", here);
    prepend(L, "cpath", dir);
    snprintf(dir, sizeof dir, "%s/nnlua/cli.lua", NNLUA_SOURCE_LUA);
    if (readable(dir)) {
      prepend(L, "path", NNLUA_SOURCE_LUA);
    } else { /* the whole tree was moved */
      snprintf(dir, sizeof dir, "%s/../lua", here);
      prepend(L, "path", dir);
    }
    return;
  }
  snprintf(dir, sizeof dir, "%s/%s", here, NNLUA_INSTALL_CLUA);
  prepend(L, "cpath", dir);
  snprintf(dir, sizeof dir, "%s/%s", here, NNLUA_INSTALL_LUA);
  prepend(L, "path", dir);
}

/* ---- main ---- */

/* Is there an -E among the options before the script?  It has to be known
   before the libraries are opened. */
static bool ignores_environment (char **argv) {
  static const char *const with_value[] = {
    "-e", "-l", "--threads", "--seed", "--gemm"
  };
  size_t k;
  int i;
  for (i = 1; argv[i] != NULL && argv[i][0] == '-'; i++) {
    if (strcmp(argv[i], "-E") == 0) return true;
    if (argv[i][1] == '\0' || strcmp(argv[i], "--") == 0) return false;
    for (k = 0; k < sizeof with_value / sizeof with_value[0]; k++)
      if (strcmp(argv[i], with_value[k]) == 0 && argv[i + 1] != NULL) i++;
  }
  return false;
}

/* Upvalue-free body of main, protected: (argc, argv) -> exit code */
static int body (lua_State *L) {
  int argc = (int)lua_tointeger(L, 1), i;
  char **argv = (char **)lua_touserdata(L, 2);
  luaL_checkversion(L);
  if (ignores_environment(argv)) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
  set_paths(L, argv[0]);
  track_coroutines(L);
  nlb_check_exit(L, EXIT_FILE);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_core);
  lua_setfield(L, -2, "nnlua.core");
  lua_pushcfunction(L, open_sys);
  lua_setfield(L, -2, "nnlua.sys");
  lua_gc(L, LUA_GCGEN, 0, 0); /* as lua does */
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nnlua.cli");
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    fprintf(stderr, "nnlua: can not load its own files: %s\n",
            lua_tostring(L, -1));
    lua_pushinteger(L, EXIT_FILE);
    return 1;
  }
  lua_getfield(L, -1, "main");
  lua_createtable(L, argc, 1);
  for (i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

/* The exit code of a body that raised: what cli.lua could not handle. */
static int fatal (lua_State *L, int status) {
  const char *message = lua_tostring(L, -1);
  if (app.last != 0) return EXIT_INTERRUPT;
  fprintf(stderr, "nnlua: %s\n", message != NULL ? message
                                                 : "an error without text");
  return status == LUA_ERRMEM ? EXIT_MEMORY : EXIT_ERROR;
}

/* warn(), which "@on" and "@off" switch, as lua does it; off at first. */
static void warning (void *ud, const char *text, int more) {
  bool *on = (bool *)ud, *within = on + 1; /* a message of several pieces */
  if (!*within && !more && text[0] == '@') {
    if (strcmp(text, "@on") == 0) *on = true;
    else if (strcmp(text, "@off") == 0) *on = false;
    return;
  }
  if (*on)
    fprintf(stderr, "%s%s%s", *within ? "" : "Lua warning: ", text,
            more ? "" : "\n");
  *within = more != 0;
}

static void log_line (void *ud, const char *line) {
  (void)ud;
  fprintf(stderr, "nnlua: %s\n", line);
}

int main (int argc, char **argv) {
  int status, code;
  static nlb_pieces pieces; /* zero */
  bool warnings[2] = { false, false };
  lua_State *L;
  nlb_start();
  L = lua_newstate(nlb_lua_alloc, &pieces);
  if (L == NULL) {
    fputs("nnlua: not enough memory\n", stderr);
    return EXIT_MEMORY;
  }
  lua_setwarnf(L, warning, warnings);
  config.struct_size = sizeof config;
  config.collect = collect_garbage;
  config.log = log_line;
  config.set_blas_threads = true;
  config.cpu = getenv("NNLUA_CPU");
  config.compile = getenv("NNLUA_COMPILE");
  app.running = L;
  set_signals();
  lua_pushcfunction(L, body);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  status = lua_pcall(L, 2, 1, 0);
  code = status == LUA_OK ? (int)lua_tointeger(L, -1) : fatal(L, status);
  app.running = NULL;
  bindings = NULL;
  lua_close(L);
  nlb_pieces_free(&pieces);
  if (app.C != NULL) {
    nl_ctx *C = app.C;
    app.C = NULL;
    core.ctx_free(C);
  }
  if (code == 0 && nlb_output_lost()) code = EXIT_FILE;
  return code;
}
