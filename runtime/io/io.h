/* io.h: what the files of io/ share.  All accesses go through the context's
 * table of operations (nl_io); these helpers try interrupted calls again and
 * go on after short counts, so nobody above thinks of either. */
#ifndef NL_IO_H
#define NL_IO_H

#include <stdatomic.h>

#include "base/base.h"

#define NL__PATH 4096 /* bytes of a path with its end */

/* ---- file.c ---- */

typedef struct nl__file { /* a plain file, open for reading */
  const nl_io *io;
  const char *path; /* the caller's, for messages */
  int fd;
  int64_t size; /* bytes when it was opened */
} nl__file;

/* Opens for reading; refuses what is no plain file. */
nl_status nl__file_open (nl_ctx *C, nl__file *f, const char *path);
void nl__file_close (nl__file *f);
/* Up to n bytes from offset; less only where the file ends; -errno, or
   -ECANCELED when *stop is not 0.  Touches no context. */
int64_t nl__file_pread (const nl__file *f, void *p, size_t n, int64_t offset,
                        const atomic_int *stop);
/* Exactly n bytes, or an error recorded. */
nl_status nl__file_exact (nl_ctx *C, const nl__file *f, void *p, size_t n,
                          int64_t offset);
/* Records `cannot OP "path": text`, or the interruption. */
nl_status nl__file_fail (nl_ctx *C, const char *op, const char *path,
                         int64_t err);
const char *nl__errno_text (int err, char *buf, size_t size);
/* The end of a path that is too long for a message. */
const char *nl__path_tail (const char *path);

int nl__io_open (const nl_io *io, const char *path, int flags, int mode);
int64_t nl__io_write (const nl_io *io, int fd, const void *p, size_t n);
int nl__io_fsync (const nl_io *io, int fd);
int nl__io_chmod (const nl_io *io, int fd, int mode);
int nl__io_close (const nl_io *io, int fd);
int nl__io_stat (const nl_io *io, const char *path, nl_io_stat *st);
int nl__io_rename (const nl_io *io, const char *from, const char *to);
int nl__io_unlink (const nl_io *io, const char *path);
int nl__io_resolve (const nl_io *io, const char *path, char *buf, size_t n);
int nl__io_list (const nl_io *io, const char *path,
                 void (*each) (void *arg, const char *name), void *arg);

/* ---- save.c: the only way that files are written ---- */

typedef struct nl__save {
  nl_ctx *C;
  const nl_io *io;
  int fd;      /* -1: closed */
  bool direct; /* a device: written as it is, no temporary */
  bool temp_made;
  char target[NL__PATH];
  char temp[NL__PATH];
} nl__save;

/* begin, any number of writes, commit.  A step that fails cleans up, and the
   later ones fail too without a new message. */
nl_status nl__save_begin (nl_ctx *C, nl__save *s, const char *path);
nl_status nl__save_write (nl__save *s, const void *p, size_t n);
/* n elements of `size` bytes, their bytes reversed when swap. */
nl_status nl__save_elements (nl__save *s, const void *p, size_t n, size_t size,
                             bool swap);
nl_status nl__save_commit (nl__save *s);
void nl__save_abort (nl__save *s);

/* ---- wire.c: element types of files ---- */

typedef enum nl__wire { /* the first ones are nl_dtype's */
  NL__F16 = NL_NDTYPES, NL__BF16, NL__U16, NL__U32, NL__NWIRE
} nl__wire;

size_t nl__wire_size (int wire);       /* bytes of an element in the file */
nl_dtype nl__wire_dtype (int wire);    /* what it becomes */
static inline bool nl__host_big (void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 0;
}
void nl__swap (void *p, size_t n, size_t size); /* reverses each element */
/* The n elements in the last n * wire_size bytes of dst become n elements
   of wire_dtype in all of it. */
void nl__wire_widen (int wire, void *dst, size_t n);
/* Compares shape with the bytes that are left: sets *numel and *bytes (in the
   file); false when the product overflows. */
bool nl__wire_bytes (int wire, int ndim, const int64_t *shape, int64_t *numel,
                     int64_t *bytes);

/* ---- gzip.c ---- */

static inline bool nl__is_gzip (const uint8_t *p, int64_t n) {
  return n >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}
/* The first bytes of unpacked data, at most n, as far as `in` reaches: how
   many, or -1 with a message. */
int nl__gunzip_head (const void *in, size_t nin, void *out, int n, char *err,
                     size_t nerr);
/* Unpacks all members of in; they must give exactly `size` bytes and nothing
   may follow.  out NULL: only checks.  false: a message in err. */
bool nl__gunzip (const void *in, size_t nin, void *out, size_t size,
                 const atomic_int *stop, char *err, size_t nerr);

typedef struct nl__gzip nl__gzip; /* packs into a file being saved */
nl__gzip *nl__gzip_begin (nl_ctx *C, nl__save *s);
nl_status nl__gzip_write (nl__gzip *z, const void *p, size_t n);
nl_status nl__gzip_end (nl__gzip *z, bool flush); /* frees z */

/* ---- json.c: a strict scanner for headers ---- */

typedef struct nl__json {
  char *p, *end;
  const char *error; /* the first one; then everything gives false */
} nl__json;

bool nl__utf8_valid (const char *s, size_t n);
char nl__json_peek (nl__json *j);          /* after spaces; 0 at the end */
bool nl__json_take (nl__json *j, char c);  /* c must follow */
/* A string, unescaped where it stands. */
bool nl__json_string (nl__json *j, const char **s, size_t *n);
/* An integer from 0 to 2^53 - 1. */
bool nl__json_uint (nl__json *j, int64_t *x);
bool nl__json_fail (nl__json *j, const char *error);
/* After a member or element: true when another follows, false at `close` or
   an error. */
bool nl__json_next (nl__json *j, char close);

#endif
