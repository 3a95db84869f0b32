/* thread.c: threads of our own.  libuv's pool would abort the process where
 * no thread can be made; uv_thread_create_ex says so. */
#include "data/data.h"

#ifndef _WIN32
#include <pthread.h>
#include <signal.h>
#endif

int nl__thread_start (uv_thread_t *t, void (*run) (void *arg), void *arg) {
  uv_thread_options_t o = {.flags = UV_THREAD_HAS_STACK_SIZE,
                           .stack_size = (size_t)512 << 10};
#ifndef _WIN32
  sigset_t all, old; /* signals are the host's threads' business */
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &old);
#endif
  int r = uv_thread_create_ex(t, &o, run, arg);
#ifndef _WIN32
  pthread_sigmask(SIG_SETMASK, &old, NULL);
#endif
  return r;
}
