/* save.c: files are written whole or not at all.
 *
 * A save goes to a temporary beside its target, named
 *   .NAME.HOST-PID-N.nltmp
 * then fsync, close, rename over the target, fsync of the folder.  Whatever
 * fails, the target is the old file and the temporary is removed.  A killed
 * process leaves its temporary behind: the next save to the same target
 * removes those whose process (on this host) is gone. */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".nltmp"
#define BASE_MAX 180 /* of the target's name inside the temporary's */
#define CHUNK ((size_t)16 << 20)

static const char *base_of (const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static unsigned host_hash (void) {
  char name[256] = "";
  unsigned h = 2166136261u; /* FNV-1a */
  gethostname(name, sizeof name - 1);
  for (const char *p = name; *p; p++) h = (h ^ (unsigned char)*p) * 16777619u;
  return h;
}

/* ---- stale temporaries ---- */

typedef struct sweep {
  nl__save *s;
  char prefix[BASE_MAX + 16]; /* ".NAME.HOST-" */
} sweep;

static void sweep_name (void *arg, const char *name) {
  sweep *w = (sweep *)arg;
  size_t n = strlen(w->prefix), len = strlen(name);
  long pid = 0;
  if (len < n + sizeof SUFFIX || strncmp(name, w->prefix, n) != 0 ||
      strcmp(name + len - (sizeof SUFFIX - 1), SUFFIX) != 0)
    return;
  const char *p = name + n;
  for (; *p >= '0' && *p <= '9' && pid < 100000000; p++)
    pid = pid * 10 + (*p - '0');
  if (*p != '-' || pid <= 0) return;
  if (kill((pid_t)pid, 0) == 0 || errno != ESRCH) return; /* it lives */
  char path[NL__PATH];
  int dir = (int)(base_of(w->s->target) - w->s->target);
  int k = snprintf(path, sizeof path, "%.*s%s", dir, w->s->target, name);
  if (k > 0 && (size_t)k < sizeof path) nl__io_unlink(w->s->io, path);
}

/* The folder of the target as a path of its own. */
static void folder_of (const nl__save *s, char folder[NL__PATH]) {
  size_t n = (size_t)(base_of(s->target) - s->target);
  if (n == 0) {
    memcpy(folder, ".", 2);
  } else {
    memcpy(folder, s->target, n);
    folder[n] = 0;
  }
}

static void sweep_stale (nl__save *s) {
  sweep w = {.s = s};
  char folder[NL__PATH];
  folder_of(s, folder);
  snprintf(w.prefix, sizeof w.prefix, ".%.*s.%08x-", BASE_MAX,
           base_of(s->target), host_hash());
  nl__io_list(s->io, folder, sweep_name, &w); /* a failure is no harm */
}

/* ---- beginning ---- */

static nl_status fail (nl__save *s, const char *op, int64_t err) {
  nl__save_abort(s);
  return nl__file_fail(s->C, op, s->target, err);
}

/* Makes the temporary; mode -1: as the umask says. */
static nl_status make_temp (nl__save *s, int mode) {
  int dir = (int)(base_of(s->target) - s->target);
  for (unsigned n = 0; n < 10000; n++) {
    int k = snprintf(s->temp, sizeof s->temp, "%.*s.%.*s.%08x-%ld-%u" SUFFIX,
                     dir, s->target, BASE_MAX, base_of(s->target),
                     host_hash(), (long)getpid(), n);
    if (k < 0 || (size_t)k >= sizeof s->temp)
      return fail(s, "save", -ENAMETOOLONG);
    int fd = nl__io_open(s->io, s->temp,
                         O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                         mode < 0 ? 0666 : 0600);
    if (fd == -EEXIST) continue; /* another thread's save */
    if (fd < 0) return fail(s, "create a file beside", fd);
    s->fd = fd;
    s->temp_made = true;
    int r = mode < 0 ? 0 : nl__io_chmod(s->io, fd, mode);
    return r < 0 ? fail(s, "set the mode of", r) : NL_OK;
  }
  return fail(s, "create a file beside", -EEXIST);
}

nl_status nl__save_begin (nl_ctx *C, nl__save *s, const char *path) {
  nl_io_stat st;
  size_t n = strlen(path);
  s->C = C;
  s->io = C->cfg.io;
  s->fd = -1;
  s->direct = s->temp_made = false;
  s->target[0] = 0;
  if (n == 0) return nl_error(C, NL_IO, "cannot save: the file name is empty");
  if (n >= NL__PATH) return nl__file_fail(C, "save", path, -ENAMETOOLONG);
  memcpy(s->target, path, n + 1);
  int r = nl__io_stat(s->io, path, &st);
  if (r == -ENOENT && path[n - 1] != '/') {
    sweep_stale(s);
    return make_temp(s, -1);
  }
  if (r < 0) return fail(s, "save", r);
  if (st.folder) return fail(s, "save", -EISDIR);
  if (!st.writable) return fail(s, "save", -EACCES);
  if (!st.regular) { /* /dev/null, a pipe */
    s->direct = true;
    s->fd = nl__io_open(s->io, path, O_WRONLY | O_CLOEXEC, 0);
    return s->fd < 0 ? fail(s, "open", s->fd) : NL_OK;
  }
  char real[NL__PATH]; /* a symbolic link stays one */
  r = nl__io_resolve(s->io, path, real, sizeof real);
  if (r < 0) return fail(s, "find", r);
  memcpy(s->target, real, strlen(real) + 1);
  sweep_stale(s);
  return make_temp(s, (int)st.mode);
}

/* ---- writing ---- */

nl_status nl__save_write (nl__save *s, const void *p, size_t n) {
  const char *c = (const char *)p;
  if (s->fd < 0) return nl_errstatus(s->C) != NL_OK ? s->C->status : NL_IO;
  while (n > 0) {
    if (nl_interrupted(s->C)) return fail(s, "save", -ECANCELED);
    int64_t r = nl__io_write(s->io, s->fd, c, n < CHUNK ? n : CHUNK);
    if (r <= 0) return fail(s, "write", r < 0 ? r : -EIO);
    c += r;
    n -= (size_t)r;
  }
  return NL_OK;
}

nl_status nl__save_elements (nl__save *s, const void *p, size_t n, size_t size,
                             bool swap) {
  char buf[16384];
  const char *c = (const char *)p;
  if (!swap || size == 1) return nl__save_write(s, p, n * size);
  nl_status status = NL_OK;
  while (n > 0 && status == NL_OK) {
    size_t k = sizeof buf / size < n ? sizeof buf / size : n;
    memcpy(buf, c, k * size);
    nl__swap(buf, k, size);
    status = nl__save_write(s, buf, k * size);
    c += k * size;
    n -= k;
  }
  return status;
}

/* Makes the rename itself last through a loss of power. */
static int sync_folder (nl__save *s) {
  char folder[NL__PATH];
  folder_of(s, folder);
  int fd = nl__io_open(s->io, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return fd == -EACCES ? 0 : fd; /* may write but not list */
  int r = nl__io_fsync(s->io, fd);
  nl__io_close(s->io, fd);
  return r == -EINVAL || r == -ENOTSUP ? 0 : r; /* not on this system */
}

nl_status nl__save_commit (nl__save *s) {
  if (s->fd < 0) return nl_errstatus(s->C) != NL_OK ? s->C->status : NL_IO;
  int r = s->direct ? 0 : nl__io_fsync(s->io, s->fd);
  if (r < 0) return fail(s, "write (fsync)", r);
  int fd = s->fd;
  s->fd = -1;
  r = nl__io_close(s->io, fd);
  if (r < 0) return fail(s, "write (close)", r);
  if (s->direct) return NL_OK;
  r = nl__io_rename(s->io, s->temp, s->target);
  if (r < 0) return fail(s, "rename the new file to", r);
  s->temp_made = false;
  r = sync_folder(s);
  if (r < 0) return nl__file_fail(s->C, "fsync the folder of", s->target, r);
  return NL_OK;
}

void nl__save_abort (nl__save *s) {
  if (s->fd >= 0) nl__io_close(s->io, s->fd);
  s->fd = -1;
  if (s->temp_made) nl__io_unlink(s->io, s->temp);
  s->temp_made = false;
}

/* ---- whole files ---- */

nl_status nl_file_write (nl_ctx *C, const char *path, const void *data,
                         size_t size) {
  nl__save s;
  if (path == NULL || (data == NULL && size > 0))
    return nl_error(C, NL_ERROR, "file write: no path or no data");
  nl_status r = nl__save_begin(C, &s, path);
  if (r == NL_OK) r = nl__save_write(&s, data, size);
  if (r == NL_OK) r = nl__save_commit(&s);
  return r;
}

nl_status nl_file_writable (nl_ctx *C, const char *path) {
  nl__save s;
  if (path == NULL) return nl_error(C, NL_ERROR, "file: no path");
  nl_status r = nl__save_begin(C, &s, path);
  if (r == NL_OK) nl__save_abort(&s);
  return r;
}
