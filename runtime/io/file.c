/* file.c: the system's file operations, and reading with them.  The table's
 * members return -errno; nothing here uses errno after another call. */
#include "io/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)16 << 20) /* an interruption is seen after that much */

/* ---- the system's ---- */

static int64_t result (int64_t r) { return r < 0 ? -errno : r; }

static void fill_stat (const struct stat *s, nl_io_stat *st, bool writable) {
  st->size = (int64_t)s->st_size;
  st->mode = (uint32_t)s->st_mode & 07777;
  st->regular = S_ISREG(s->st_mode);
  st->folder = S_ISDIR(s->st_mode);
  st->writable = writable;
}

static int sys_fstat (int fd, nl_io_stat *st) {
  struct stat s;
  if (fstat(fd, &s) < 0) return -errno;
  fill_stat(&s, st, false);
  return 0;
}

static int sys_stat (const char *path, nl_io_stat *st) {
  struct stat s;
  if (stat(path, &s) < 0) return -errno;
  fill_stat(&s, st, access(path, W_OK) == 0);
  return 0;
}

static int sys_resolve (const char *path, char *buf, size_t size) {
  char *real = realpath(path, NULL);
  if (real == NULL) return -errno;
  size_t n = strlen(real);
  if (n < size) memcpy(buf, real, n + 1);
  free(real);
  return n < size ? 0 : -ENAMETOOLONG;
}

static int sys_list (const char *path,
                     void (*each) (void *arg, const char *name), void *arg) {
  DIR *d = opendir(path);
  if (d == NULL) return -errno;
  for (struct dirent *e; (e = readdir(d)) != NULL;) each(arg, e->d_name);
  closedir(d);
  return 0;
}

/* ---- through the table; interrupted calls are tried again ---- */

#define HAS(member) (io != NULL && io->member != NULL)
#define AGAIN(r, call)                                                        \
  do {                                                                        \
    r = (call);                                                               \
  } while (r == -EINTR)

int nl__io_open (const nl_io *io, const char *path, int flags, int mode) {
  int64_t r;
  AGAIN(r, HAS(open) ? io->open(io->ud, path, flags, mode)
                     : result(open(path, flags | O_CLOEXEC, mode)));
  return (int)r;
}

static int64_t io_read (const nl_io *io, int fd, void *p, size_t n,
                        int64_t offset) {
  int64_t r;
  AGAIN(r, HAS(read) ? io->read(io->ud, fd, p, n, offset)
                     : result(pread(fd, p, n, (off_t)offset)));
  return r;
}

int64_t nl__io_write (const nl_io *io, int fd, const void *p, size_t n) {
  int64_t r;
  AGAIN(r, HAS(write) ? io->write(io->ud, fd, p, n)
                      : result(write(fd, p, n)));
  return r;
}

int nl__io_fsync (const nl_io *io, int fd) {
  int64_t r;
  AGAIN(r, HAS(fsync) ? io->fsync(io->ud, fd) : result(fsync(fd)));
  return (int)r;
}

int nl__io_chmod (const nl_io *io, int fd, int mode) {
  int64_t r;
  AGAIN(r, HAS(chmod) ? io->chmod(io->ud, fd, mode)
                      : result(fchmod(fd, (mode_t)mode)));
  return (int)r;
}

/* Not tried again: the descriptor is gone even when close was interrupted. */
int nl__io_close (const nl_io *io, int fd) {
  int64_t r = HAS(close) ? io->close(io->ud, fd) : result(close(fd));
  return r == -EINTR ? 0 : (int)r;
}

static int io_fstat (const nl_io *io, int fd, nl_io_stat *st) {
  int r;
  AGAIN(r, HAS(fstat) ? io->fstat(io->ud, fd, st) : sys_fstat(fd, st));
  return r;
}

int nl__io_stat (const nl_io *io, const char *path, nl_io_stat *st) {
  int r;
  AGAIN(r, HAS(stat) ? io->stat(io->ud, path, st) : sys_stat(path, st));
  return r;
}

int nl__io_rename (const nl_io *io, const char *from, const char *to) {
  int64_t r;
  AGAIN(r, HAS(rename) ? io->rename(io->ud, from, to)
                       : result(rename(from, to)));
  return (int)r;
}

int nl__io_unlink (const nl_io *io, const char *path) {
  int64_t r;
  AGAIN(r, HAS(unlink) ? io->unlink(io->ud, path) : result(unlink(path)));
  return (int)r;
}

int nl__io_resolve (const nl_io *io, const char *path, char *buf, size_t n) {
  int r;
  AGAIN(r, HAS(resolve) ? io->resolve(io->ud, path, buf, n)
                        : sys_resolve(path, buf, n));
  return r;
}

int nl__io_list (const nl_io *io, const char *path,
                 void (*each) (void *arg, const char *name), void *arg) {
  int r;
  AGAIN(r, HAS(list) ? io->list(io->ud, path, each, arg)
                     : sys_list(path, each, arg));
  return r;
}

/* ---- errors ---- */

const char *nl__errno_text (int err, char *buf, size_t size) {
  buf[0] = 0;
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
  const char *s = strerror_r(err, buf, size);
  return s != NULL ? s : buf;
#else
  if (strerror_r(err, buf, size) != 0)
    snprintf(buf, size, "error %d", err);
  return buf;
#endif
}

const char *nl__path_tail (const char *path) {
  size_t n = strlen(path);
  return n > 500 ? path + n - 500 : path;
}

nl_status nl__file_fail (nl_ctx *C, const char *op, const char *path,
                         int64_t err) {
  char text[128];
  if (err == -ECANCELED)
    return nl_error(C, NL_INTERRUPTED, "interrupted: cannot %s \"%s\"", op,
                    nl__path_tail(path));
  return nl_error(C, NL_IO, "cannot %s \"%s\": %s", op,
                  nl__path_tail(path),
                  nl__errno_text((int)-err, text, sizeof text));
}

/* ---- reading ---- */

nl_status nl__file_open (nl_ctx *C, nl__file *f, const char *path) {
  nl_io_stat st;
  f->io = C->cfg.io;
  f->path = path;
  /* a named pipe must not block here: it is refused below */
  f->fd = nl__io_open(f->io, path, O_RDONLY | O_NONBLOCK, 0);
  if (f->fd < 0) {
    int err = f->fd;
    f->fd = -1;
    return nl__file_fail(C, "open", path, err);
  }
  int r = io_fstat(f->io, f->fd, &st);
  if (r < 0) {
    nl__file_close(f);
    return nl__file_fail(C, "look at", path, r);
  }
  if (!st.regular) {
    nl__file_close(f);
    return nl_error(C, NL_IO, "cannot read \"%s\": %s, not a file", path,
                    st.folder ? "a folder" : "a device or a pipe");
  }
  f->size = st.size;
  return NL_OK;
}

void nl__file_close (nl__file *f) {
  if (f->fd >= 0) nl__io_close(f->io, f->fd);
  f->fd = -1;
}

int64_t nl__file_pread (const nl__file *f, void *p, size_t n, int64_t offset,
                        const atomic_int *stop) {
  size_t got = 0;
  while (got < n) {
    if (stop != NULL && atomic_load_explicit(stop, memory_order_relaxed))
      return -ECANCELED;
    size_t want = n - got < CHUNK ? n - got : CHUNK;
    int64_t r =
        io_read(f->io, f->fd, (char *)p + got, want, offset + (int64_t)got);
    if (r < 0) return r;
    if (r == 0) break;
    got += (size_t)r;
  }
  return (int64_t)got;
}

nl_status nl__file_exact (nl_ctx *C, const nl__file *f, void *p, size_t n,
                          int64_t offset) {
  int64_t r = nl__file_pread(f, p, n, offset, &C->interrupted);
  if (r < 0) return nl__file_fail(C, "read", f->path, r);
  if ((size_t)r < n)
    return nl_error(C, NL_IO,
                    "cannot read \"%s\": it became shorter meanwhile",
                    f->path);
  return NL_OK;
}

nl_value *nl_file_read (nl_ctx *C, const char *path) {
  nl__file f;
  void *p;
  if (path == NULL || nl__file_open(C, &f, path) != NL_OK) return NULL;
  nl_value *v = nl_value_new(C, NL_U8, 1, &f.size, &p);
  if (v != NULL && nl__file_exact(C, &f, p, (size_t)f.size, 0) != NL_OK)
    v = NULL;
  nl__file_close(&f);
  return v;
}
