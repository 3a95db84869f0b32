/* start.c: what the program nnlua does before and around Lua, whatever its
 * caller left it: streams, signals, and the runtime's library.
 *
 * The library is loaded when it is first required, not with the program:
 * OpenBLAS makes its threads as it is loaded, and where that fails (a limit
 * of memory or of processes) it waits for ever, or raises SIGINT. */
#include "start.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool find (void *lib, const char *name, void *f, size_t size) {
  void *p = dlsym(lib, name);
  memcpy(f, &p, size); /* ISO C has no cast between them */
  return p != NULL;
}

const char *nlb_core_load (nlb_core *core, const char *path) {
  static const char threads[] = "OPENBLAS_NUM_THREADS";
  bool ours = getenv(threads) == NULL;
  void *lib;
  if (ours) setenv(threads, "1", 1);
  lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (ours) unsetenv(threads); /* not for the script's own children */
  if (lib == NULL) return dlerror();
#define FIND(name, field) \
  if (!find(lib, name, &core->field, sizeof core->field)) return dlerror();
  FIND("nlb_open_with", open_with)
  FIND("nl_ctx_new", ctx_new)
  FIND("nl_ctx_free", ctx_free)
  FIND("nl_interrupt", interrupt)
  FIND("nl_interrupt_clear", interrupt_clear)
  FIND("nl_interrupted", interrupted)
#undef FIND
  return NULL;
}

/* A closed stream's number would be given to the next file that is opened,
   and print would write into it: it is taken, by what refuses its use. */
static void take_streams (void) {
  int fd;
  for (fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF
        && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
      return;
}

void nlb_start (void) {
  take_streams();
  signal(SIGPIPE, SIG_DFL); /* `nnlua script | head` ends without noise */
  signal(SIGCHLD, SIG_DFL); /* ignored, os.execute could not wait */
  signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of its write */
}

bool nlb_output_lost (void) {
  int flags;
  if (fflush(stdout) == 0 && !ferror(stdout)) return false;
  flags = fcntl(STDOUT_FILENO, F_GETFL);
  fprintf(stderr, "nnlua: can not write all of the output: %s\n",
          flags == -1 || (flags & O_ACCMODE) == O_RDONLY
            ? "stdout is closed" : "the disk may be full");
  return true;
}

/* os.exit; upvalues: the original, the code where output was lost */
static int checked_exit (lua_State *L) {
  bool success = lua_isnoneornil(L, 1)
                 || (lua_isboolean(L, 1) ? lua_toboolean(L, 1)
                                         : luaL_checkinteger(L, 1) == 0);
  if (success && nlb_output_lost()) {
    if (lua_gettop(L) == 0) lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_replace(L, 1);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 0);
  return 0;
}

void nlb_check_exit (lua_State *L, int code) {
  lua_getglobal(L, "os");
  lua_getfield(L, -1, "exit");
  lua_pushinteger(L, code);
  lua_pushcclosure(L, checked_exit, 2);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
}
