/* decode.c: an IDX file read and unpacked by a thread while the program does
 * something else.  The thread has the file and memory made for it; it sets
 * `done` under the lock when it has finished with both. */
#include "data/data.h"

#include <stdio.h>
#include <string.h>

#define POLL 50000000ull /* nanoseconds between looks at the interruption */

struct nl_decode {
  nl_idx *file;
  nl_value *value; /* a reference, once it was asked for */
  uv_mutex_t lock;
  uv_cond_t ended;
  uv_thread_t thread;
  uv_pid_t pid;
  bool running; /* a thread has to be joined */
  bool done, ok;
  char err[1024];
};

static void run (void *arg) {
  nl_decode *d = (nl_decode *)arg;
  char err[sizeof d->err] = "";
  bool ok = nl_idx_decode(d->file, err, sizeof err);
  uv_mutex_lock(&d->lock);
  memcpy(d->err, err, sizeof err);
  d->ok = ok;
  d->done = true;
  uv_cond_signal(&d->ended);
  uv_mutex_unlock(&d->lock);
}

nl_decode *nl_decode_start (nl_ctx *C, const char *path) {
  nl_decode *d = (nl_decode *)nl__alloc(C, sizeof *d);
  if (d == NULL) return NULL;
  memset(d, 0, sizeof *d);
  d->pid = uv_os_getpid();
  if (uv_mutex_init(&d->lock) != 0) {
    nl__free(C, d, sizeof *d);
    nl_error(C, NL_NOMEM, "decode: the system gives no mutex");
    return NULL;
  }
  if (uv_cond_init(&d->ended) != 0) {
    uv_mutex_destroy(&d->lock);
    nl__free(C, d, sizeof *d);
    nl_error(C, NL_NOMEM, "decode: the system gives no condition variable");
    return NULL;
  }
  d->file = nl_idx_open(C, path);
  if (d->file == NULL) {
    nl_decode_free(C, d);
    return NULL;
  }
  d->running = nl__thread_start(&d->thread, run, d) == 0;
  if (!d->running) run(d); /* no thread to be had: now */
  return d;
}

void nl_decode_info (const nl_decode *d, nl_dtype *dtype, int *ndim,
                     int64_t shape[NL_MAX_DIM]) {
  nl_idx_info(d->file, dtype, ndim, shape);
}

bool nl_decode_ready (nl_decode *d) {
  if (d->value != NULL || d->pid != uv_os_getpid()) return d->value != NULL;
  uv_mutex_lock(&d->lock);
  bool done = d->done;
  uv_mutex_unlock(&d->lock);
  return done;
}

static nl_status await (nl_ctx *C, nl_decode *d) {
  if (d->pid != uv_os_getpid())
    return nl_error(C, NL_ERROR, "decode: it was started in another process");
  uv_mutex_lock(&d->lock);
  while (!d->done && !nl_interrupted(C))
    uv_cond_timedwait(&d->ended, &d->lock, POLL);
  bool done = d->done;
  uv_mutex_unlock(&d->lock);
  if (!done)
    return nl_error(C, NL_INTERRUPTED, "interrupted while waiting for data");
  if (d->running) uv_thread_join(&d->thread);
  d->running = false;
  return d->ok ? NL_OK : nl_error(C, NL_IO, "%s", d->err);
}

nl_value *nl_decode_value (nl_ctx *C, nl_decode *d) {
  if (d == NULL) return NULL;
  if (d->value == NULL && await(C, d) == NL_OK) {
    size_t mark = nl_pool_mark(C);
    d->value = nl_retain(nl_idx_value(C, d->file));
    nl_pool_release(C, mark);
  }
  return d->value;
}

void nl_decode_free (nl_ctx *C, nl_decode *d) {
  if (d == NULL) return;
  bool mine = d->pid == uv_os_getpid();
  if (d->running && mine) {
    nl_idx_cancel(d->file);
    uv_thread_join(&d->thread);
  }
  if (d->value != NULL) nl_release(C, d->value);
  nl_idx_close(C, d->file);
  if (mine) {
    uv_cond_destroy(&d->ended);
    uv_mutex_destroy(&d->lock);
  }
  nl__free(C, d, sizeof *d);
}
