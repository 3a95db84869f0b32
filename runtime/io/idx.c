/* idx.c: the format of the MNIST files.
 *
 *   00 00 TYPE RANK, RANK sizes of 4 bytes, then the elements; all big-endian.
 *
 * The header fixes the size of what follows exactly, so nothing is allocated
 * before it was compared with the file: of a plain file the length must fit,
 * of a gzip file deflate's best ratio must allow it, and where that would
 * still be a bomb, a first pass counts without keeping. */
#include "io/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEAD_MAX (4 + 4 * NL_MAX_DIM)
#define FRONT 64 /* room for the header before the elements, keeps alignment */
#define PEEK 65536 /* packed bytes looked at for the header */
#define RATIO 1032 /* deflate packs no better */
#define TRUST ((int64_t)8 << 20) /* bytes that are allocated on a promise */

static const struct {
  uint8_t code;
  nl_dtype dtype;
} types[] = {{0x08, NL_U8},  {0x09, NL_I8},  {0x0b, NL_I16},
             {0x0c, NL_I32}, {0x0d, NL_F32}, {0x0e, NL_F64}};

struct nl_idx {
  nl__file file;
  nl_dtype dtype;
  int ndim, head; /* bytes of the header */
  int64_t shape[NL_MAX_DIM];
  int64_t bytes;  /* of the elements */
  bool gzip, decoded;
  uint8_t header[HEAD_MAX];
  uint8_t *packed; /* gzip: the file */
  nl_value *value; /* a reference */
  uint8_t *block;  /* gzip: the value's memory, FRONT bytes before data */
  uint8_t *data;
  atomic_int cancel;
  const atomic_int *stop;
  char path[]; /* of path_size bytes with its end */
};

static nl_status bad (nl_ctx *C, const char *path, const char *what) {
  return nl_error(C, NL_IO, "cannot read \"%s\": %s",
                  nl__path_tail(path), what);
}

/* ---- the header ---- */

/* h has n bytes of the unpacked file's beginning. */
static nl_status parse (nl_ctx *C, nl_idx *f, const uint8_t *h, int n) {
  char text[160];
  int type = -1, rank = n >= 4 ? h[3] : 0;
  if (n < 4) return bad(C, f->path, "truncated IDX header");
  if (h[0] != 0 || h[1] != 0) {
    snprintf(text, sizeof text,
             "not an IDX file (it begins with %02x %02x %02x %02x)", h[0],
             h[1], h[2], h[3]);
    return bad(C, f->path, text);
  }
  for (int i = 0; i < 6; i++)
    if (types[i].code == h[2]) type = i;
  if (type < 0) {
    snprintf(text, sizeof text, "unknown IDX type code 0x%02x", h[2]);
    return bad(C, f->path, text);
  }
  if (rank < 1 || rank > NL_MAX_DIM) {
    snprintf(text, sizeof text, "%d dimensions; 1 to %d are supported", rank,
             NL_MAX_DIM);
    return bad(C, f->path, text);
  }
  if (n < 4 + 4 * rank) return bad(C, f->path, "truncated IDX header");
  f->dtype = types[type].dtype;
  f->ndim = rank;
  f->head = 4 + 4 * rank;
  memcpy(f->header, h, (size_t)f->head);
  for (int i = 0; i < rank; i++) {
    const uint8_t *b = h + 4 + 4 * i;
    f->shape[i] = (int64_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
  }
  int64_t numel;
  if (!nl__wire_bytes((int)f->dtype, rank, f->shape, &numel, &f->bytes) ||
      f->bytes > INT64_MAX - HEAD_MAX)
    return bad(C, f->path, "the sizes in its header overflow");
  return NL_OK;
}

static nl_status check_plain (nl_ctx *C, nl_idx *f) {
  int64_t left = f->file.size - f->head;
  if (left == f->bytes) return NL_OK;
  return nl_error(C, NL_IO,
                  "cannot read \"%s\": %s: its header promises %lld bytes of "
                  "elements, %lld are there", f->path,
                  left < f->bytes ? "truncated" : "too long",
                  (long long)f->bytes, (long long)left);
}

/* Can that many packed bytes hold what the header promises? */
static nl_status check_gzip (nl_ctx *C, nl_idx *f) {
  char err[160];
  int64_t total = f->head + f->bytes, size = f->file.size;
  if ((total - 1024) / RATIO > size)
    return nl_error(C, NL_IO,
                    "cannot read \"%s\": truncated: its header promises %lld "
                    "bytes, the %lld packed ones can't hold them", f->path,
                    (long long)f->bytes, (long long)size);
  f->packed = (uint8_t *)nl__alloc(C, (size_t)size);
  if (f->packed == NULL) return NL_NOMEM;
  if (total <= TRUST || total / 64 <= size) return NL_OK;
  nl_status st = nl__file_exact(C, &f->file, f->packed, (size_t)size, 0);
  if (st != NL_OK) return st;
  if (nl__gunzip(f->packed, (size_t)size, NULL, (size_t)total,
                 &C->interrupted, err, sizeof err))
    return NL_OK;
  if (nl_interrupted(C)) return nl__file_fail(C, "read", f->path, -ECANCELED);
  return bad(C, f->path, err);
}

static nl_status read_header (nl_ctx *C, nl_idx *f) {
  uint8_t h[HEAD_MAX], *peek;
  char err[160];
  int64_t n = f->file.size < HEAD_MAX ? f->file.size : HEAD_MAX;
  if (n == 0) return bad(C, f->path, "the file is empty");
  nl_status st = nl__file_exact(C, &f->file, h, (size_t)n, 0);
  if (st != NL_OK) return st;
  f->gzip = nl__is_gzip(h, n);
  if (!f->gzip) {
    st = parse(C, f, h, (int)n);
    return st == NL_OK ? check_plain(C, f) : st;
  }
  n = f->file.size < PEEK ? f->file.size : PEEK;
  peek = (uint8_t *)nl__alloc(C, PEEK);
  if (peek == NULL) return NL_NOMEM;
  st = nl__file_exact(C, &f->file, peek, (size_t)n, 0);
  int k = st != NL_OK ? 0 : nl__gunzip_head(peek, (size_t)n, h, HEAD_MAX, err,
                                            sizeof err);
  nl__free(C, peek, PEEK);
  if (st != NL_OK) return st;
  if (k < 0) return bad(C, f->path, err);
  if (k < 4) return bad(C, f->path, "the gzip data ends early");
  st = parse(C, f, h, k);
  return st == NL_OK ? check_gzip(C, f) : st;
}

/* ---- memory ---- */

typedef struct block { /* what frees a gzip value's memory */
  nl_ctx *C;
  size_t size;
} block;

static void free_block (void *ud) {
  block *b = (block *)ud;
  nl__free(b->C, b, b->size);
}

/* libdeflate writes header and elements in one go, so the header gets room
   before the elements; the first line says how to free it all. */
static nl_status make_value (nl_ctx *C, nl_idx *f) {
  void *data;
  if (!f->gzip) {
    f->value = nl_retain(nl_value_new(C, f->dtype, f->ndim, f->shape, &data));
    f->data = (uint8_t *)data;
    return f->value == NULL ? C->status : NL_OK;
  }
  size_t size = 2 * FRONT + (size_t)f->bytes;
  uint8_t *p = (uint8_t *)nl__alloc(C, size);
  if (p == NULL) return NL_NOMEM;
  *(block *)(void *)p = (block){C, size};
  f->data = p + 2 * FRONT;
  f->value = nl_retain(nl_value_wrap(C, f->dtype, f->ndim, f->shape, f->data,
                                     free_block, p));
  if (f->value != NULL) return NL_OK;
  nl__free(C, p, size);
  return C->status;
}

nl_idx *nl_idx_open (nl_ctx *C, const char *path) {
  if (path == NULL) return NULL;
  size_t n = strlen(path) + 1;
  nl_idx *f = (nl_idx *)nl__alloc(C, sizeof *f + n);
  if (f == NULL) return NULL;
  memset(f, 0, sizeof *f);
  memcpy(f->path, path, n);
  atomic_init(&f->cancel, 0);
  f->stop = &f->cancel;
  f->file.fd = -1;
  if (nl__file_open(C, &f->file, f->path) == NL_OK &&
      read_header(C, f) == NL_OK && make_value(C, f) == NL_OK)
    return f;
  nl_idx_close(C, f);
  return NULL;
}

void nl_idx_close (nl_ctx *C, nl_idx *f) {
  if (f == NULL) return;
  nl__file_close(&f->file);
  nl__free(C, f->packed, (size_t)f->file.size);
  if (f->value != NULL) nl_release(C, f->value);
  nl__free(C, f, sizeof *f + strlen(f->path) + 1);
}

void nl_idx_info (const nl_idx *f, nl_dtype *d, int *ndim,
                  int64_t shape[NL_MAX_DIM]) {
  *d = f->dtype;
  *ndim = f->ndim;
  memcpy(shape, f->shape, sizeof f->shape);
}

void nl_idx_cancel (nl_idx *f) { atomic_store(&f->cancel, 1); }

/* ---- the elements ---- */

static bool say (nl_idx *f, char *err, size_t nerr, const char *what) {
  snprintf(err, nerr, "cannot read \"%s\": %s", f->path, what);
  return false;
}

bool nl_idx_decode (nl_idx *f, char *err, size_t nerr) {
  char text[160], sys[96];
  void *to = f->gzip ? f->packed : f->data;
  int64_t at = f->gzip ? 0 : f->head;
  int64_t n = f->gzip ? f->file.size : f->bytes;
  if (f->decoded) return true;
  int64_t r = nl__file_pread(&f->file, to, (size_t)n, at, f->stop);
  if (r == -ECANCELED) return say(f, err, nerr, "interrupted");
  if (r < 0)
    return say(f, err, nerr, nl__errno_text((int)-r, sys, sizeof sys));
  if (r < n) return say(f, err, nerr, "it became shorter meanwhile");
  if (f->gzip) {
    uint8_t *out = f->data - f->head;
    if (!nl__gunzip(f->packed, (size_t)n, out,
                    (size_t)(f->head + f->bytes), f->stop, text, sizeof text))
      return say(f, err, nerr, text);
    if (memcmp(out, f->header, (size_t)f->head) != 0)
      return say(f, err, nerr, "it was replaced meanwhile");
  }
  size_t size = nl_dtype_size(f->dtype);
  if (size > 1 && !nl__host_big())
    nl__swap(f->data, (size_t)f->bytes / size, size);
  f->decoded = true;
  return true;
}

nl_value *nl_idx_value (nl_ctx *C, nl_idx *f) {
  if (f == NULL) return NULL;
  if (!f->decoded) {
    nl_error(C, NL_ERROR, "\"%s\" was not decoded yet", f->path);
    return NULL;
  }
  return nl_pool_keep(C, nl_pool_mark(C), f->value);
}

nl_value *nl_idx_read (nl_ctx *C, const char *path) {
  char err[NL__PATH + 256];
  nl_value *v = NULL;
  nl_idx *f = nl_idx_open(C, path);
  if (f == NULL) return NULL;
  f->stop = &C->interrupted;
  if (nl_idx_decode(f, err, sizeof err))
    v = nl_idx_value(C, f);
  else
    nl_error(C, nl_interrupted(C) ? NL_INTERRUPTED : NL_IO, "%s", err);
  nl_idx_close(C, f);
  return v;
}

/* ---- writing ---- */

static nl_status write_all (nl_ctx *C, nl__save *s, bool gzip,
                            const uint8_t *head, size_t nhead,
                            const char *data, size_t n, size_t size) {
  bool swap = !nl__host_big();
  if (!gzip) {
    nl_status st = nl__save_write(s, head, nhead);
    return st == NL_OK ? nl__save_elements(s, data, n, size, swap) : st;
  }
  nl__gzip *z = nl__gzip_begin(C, s);
  if (z == NULL) return C->status;
  nl_status st = nl__gzip_write(z, head, nhead);
  char buf[8192];
  while (n > 0 && st == NL_OK) {
    size_t k = sizeof buf / size < n ? sizeof buf / size : n;
    memcpy(buf, data, k * size);
    if (swap && size > 1) nl__swap(buf, k, size);
    st = nl__gzip_write(z, buf, k * size);
    data += k * size;
    n -= k;
  }
  nl_status end = nl__gzip_end(z, st == NL_OK);
  return st == NL_OK ? end : st;
}

/* The header; returns its bytes, or 0 with an error. */
static size_t make_header (nl_ctx *C, nl_value *v, uint8_t h[HEAD_MAX]) {
  nl_dtype d = nl_dtype_of(v);
  int ndim = nl_ndim(v), type = -1;
  const int64_t *shape = nl_shape(v);
  for (int i = 0; i < 6; i++)
    if (types[i].dtype == d) type = i;
  if (type < 0) {
    nl_error(C, NL_ERROR,
             "IDX holds no %s; convert to uint8, int8, int16, int32, float32 "
             "or float64 first", nl_dtype_name(d));
    return 0;
  }
  if (ndim < 1 || ndim > NL_MAX_DIM) {
    nl_error(C, NL_ERROR, "IDX holds 1 to %d dimensions, got %d", NL_MAX_DIM,
             ndim);
    return 0;
  }
  h[0] = h[1] = 0;
  h[2] = types[type].code;
  h[3] = (uint8_t)ndim;
  for (int i = 0; i < ndim; i++) {
    if (shape[i] > 0xffffffffLL) {
      nl_error(C, NL_ERROR, "IDX holds sizes below 2^32, got %lld",
               (long long)shape[i]);
      return 0;
    }
    for (int k = 0; k < 4; k++)
      h[4 + 4 * i + k] = (uint8_t)(shape[i] >> (24 - 8 * k));
  }
  return 4 + 4 * (size_t)ndim;
}

nl_status nl_idx_write (nl_ctx *C, const char *path, nl_value *v) {
  uint8_t h[HEAD_MAX];
  nl__save s;
  if (path == NULL || v == NULL)
    return nl_failed(C) ? C->status
                        : nl_error(C, NL_ERROR, "IDX: no path or no array");
  const char *data = (const char *)nl_data(C, v);
  size_t len = strlen(path), nhead = make_header(C, v, h);
  if (data == NULL || nhead == 0) return C->status;
  bool gzip = len > 3 && strcmp(path + len - 3, ".gz") == 0;
  nl_status st = nl__save_begin(C, &s, path);
  if (st != NL_OK) return st;
  st = write_all(C, &s, gzip, h, nhead, data, (size_t)nl_numel(v),
                 nl_dtype_size(nl_dtype_of(v)));
  if (st == NL_OK) return nl__save_commit(&s);
  nl__save_abort(&s);
  return st;
}
