/* edit.h: lines from a terminal, edited, with history and completion. */
#ifndef NLB_EDIT_H
#define NLB_EDIT_H

#include <signal.h>

#include <lua.h>

typedef enum nlb_edited {
  NLB_EDIT_LINE, NLB_EDIT_END, NLB_EDIT_INTERRUPTED
} nlb_edited;

/* Was the editor built in, and are stdin and stdout a terminal that it can
   draw on? */
int nlb_edit_can (void);
/* The line, without its end, for free(); it is kept in the history.  complete:
   the stack index of a function from a word to a list of what it may become,
   or 0.  Ends when *pending is set by the handler of SIGINT. */
nlb_edited nlb_edit_line (lua_State *L, const char *prompt, int complete,
                          const volatile sig_atomic_t *pending, char **line);

#endif
