/* start.h: what the program does before and around Lua. */
#ifndef NLB_START_H
#define NLB_START_H

#include <stdbool.h>

#include "bind.h"

/* What the program calls of nnlua/core.so and libnnlua.so below it. */
typedef struct nlb_core {
  int (*open_with) (lua_State *L, nl_ctx *C);
  nl_ctx *(*ctx_new) (const nl_config *cfg);
  void (*ctx_free) (nl_ctx *C);
  void (*interrupt) (nl_ctx *C);
  void (*interrupt_clear) (nl_ctx *C);
  bool (*interrupted) (nl_ctx *C);
} nlb_core;

/* Loads core.so at path: NULL, or what went wrong. */
const char *nlb_core_load (nlb_core *core, const char *path);

/* Standard streams that are not open, and signals as the caller left them. */
void nlb_start (void);

/* Did something written to stdout go nowhere?  Says so. */
bool nlb_output_lost (void);

/* os.exit of success ends with this code where output was lost. */
void nlb_check_exit (lua_State *L, int code);

#endif
