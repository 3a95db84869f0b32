/* edit.c: the prompt's lines by libedit, where the build found it.
 *
 * libedit is given characters as they come (its callbacks), so that waiting
 * is ours: Ctrl-C ends it at once, and no signal handler of libedit's is
 * needed.  SIGINT is let in while waiting alone. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif
#include "edit.h"

#include <stdlib.h>

#ifdef NNLUA_EDITLINE

#include <editline/readline.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* libedit's callbacks get no pointer of ours. */
static struct {
  lua_State *L;
  int complete; /* stack index, or 0 */
  char *line;
  int done;
  volatile sig_atomic_t continued;
} now;

int nlb_edit_can (void) {
  const char *term = getenv("TERM");
  return isatty(0) && isatty(1) && term != NULL && *term != 0 &&
         strcmp(term, "dumb") != 0;
}

static void take (char *line) {
  now.line = line;
  now.done = 1;
}

static void on_sigcont (int sig) {
  (void)sig;
  now.continued = 1;
}

/* ---- completion ---- */

/* The next of the list on top of the stack that begins as text does: a copy
   that libedit frees, or NULL. */
static char *next_match (const char *text, int state) {
  static lua_Integer at;
  if (state == 0) at = 0;
  lua_rawgeti(now.L, -1, ++at);
  const char *s = lua_tostring(now.L, -1);
  char *copy = s == NULL || strncmp(s, text, strlen(text)) != 0 ? NULL
                                                                : strdup(s);
  lua_pop(now.L, 1);
  return copy;
}

static char **complete (const char *text, int start, int end) {
  lua_State *L = now.L;
  char **list = NULL;
  int top = lua_gettop(L);
  (void)start;
  (void)end;
  rl_attempted_completion_over = 1; /* no names of files */
  if (now.complete == 0 || !lua_checkstack(L, 10)) return NULL;
  lua_pushvalue(L, now.complete);
  lua_pushstring(L, text);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_istable(L, -1))
    list = rl_completion_matches(text, next_match);
  lua_settop(L, top);
  return list;
}

/* ---- reading ---- */

static void set_up (void) {
  static char breaks[] = " \t\n\"'`@$><=;|&{}()[]+-*/^%#~,!?";
  static int ready = 0;
  if (ready) return;
  ready = 1;
  rl_readline_name = "nnlua";
  rl_initialize();
  rl_basic_word_break_characters = breaks;
  rl_completer_word_break_characters = breaks;
  rl_attempted_completion_function = complete;
  rl_completion_append_character = 0;
  using_history();
  stifle_history(1000);
}

/* One more character, or an end.  `open`: the signals while waiting. */
static nlb_edited step (const sigset_t *open,
                        const volatile sig_atomic_t *pending) {
  struct pollfd in = {0, POLLIN, 0};
  int there = 0;
  if (*pending) return NLB_EDIT_INTERRUPTED;
  int n = ppoll(&in, 1, NULL, open);
  if (*pending) return NLB_EDIT_INTERRUPTED;
  if (now.continued) { /* the shell had the terminal */
    now.continued = 0;
    rl_prep_terminal(1);
    rl_forced_update_display();
  }
  if (n <= 0) return NLB_EDIT_LINE;
  if (ioctl(0, FIONREAD, &there) != 0 || there == 0) return NLB_EDIT_END;
  rl_callback_read_char();
  return now.done && now.line == NULL ? NLB_EDIT_END : NLB_EDIT_LINE;
}

nlb_edited nlb_edit_line (lua_State *L, const char *prompt, int complete_at,
                          const volatile sig_atomic_t *pending, char **line) {
  struct sigaction action = {0}, before;
  sigset_t blocked, open;
  nlb_edited got = NLB_EDIT_LINE;
  set_up();
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_sigcont;
  now.L = L;
  now.complete = complete_at;
  now.line = NULL;
  now.done = 0;
  now.continued = 0;
  sigprocmask(SIG_BLOCK, &blocked, &open);
  sigaction(SIGCONT, &action, &before);
  rl_callback_handler_install(prompt, take);
  while (!now.done && got == NLB_EDIT_LINE) got = step(&open, pending);
  rl_callback_handler_remove();
  sigaction(SIGCONT, &before, NULL);
  sigprocmask(SIG_SETMASK, &open, NULL);
  if (got == NLB_EDIT_LINE) {
    size_t n = strlen(now.line);
    if (n > 0 && now.line[n - 1] == '\n') now.line[n - 1] = 0;
    if (strspn(now.line, " \t") < n) add_history(now.line);
    *line = now.line;
  } else {
    free(now.line);
  }
  return got;
}

#else

int nlb_edit_can (void) { return 0; }

nlb_edited nlb_edit_line (lua_State *L, const char *prompt, int complete_at,
                          const volatile sig_atomic_t *pending, char **line) {
  (void)L;
  (void)prompt;
  (void)complete_at;
  (void)pending;
  (void)line;
  return NLB_EDIT_END;
}

#endif
