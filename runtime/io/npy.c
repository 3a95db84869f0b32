/* npy.c: NumPy's array files, versions 1.0, 2.0 and 3.0.
 *
 *   93 NUMPY MAJOR MINOR, the header's length (2 bytes, from version 2 on 4),
 *   the header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), },
 *   padded with spaces and a newline, then the elements.
 *
 * The header is the text of a Python dictionary.  It is parsed by a grammar of
 * exactly these three keys, never evaluated. */
#include "io/io.h"

#include <stdio.h>
#include <string.h>

#define HEADER_MAX 65535 /* what version 1 can express; NumPy reads 10,000 */

typedef struct npy {
  int wire;
  bool swap, fortran;
  int ndim;
  int64_t shape[NL_MAX_DIM];
  char why[120]; /* the first error */
} npy;

typedef struct scan {
  const char *p, *end;
  npy *h;
} scan;

static bool why (npy *h, const char *text) {
  if (h->why[0] == 0) snprintf(h->why, sizeof h->why, "%s", text);
  return false;
}

/* ---- the header's grammar ---- */

static char peek (scan *s) {
  while (s->p < s->end && *s->p == ' ') s->p++;
  return s->p < s->end ? *s->p : 0;
}

static bool take (scan *s, char c) {
  if (peek(s) != c || c == 0) return false;
  s->p++;
  return true;
}

static bool word (scan *s, const char *w) {
  size_t n = strlen(w);
  peek(s);
  if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0) return false;
  s->p += n;
  return true;
}

/* 'text' or "text", without escapes */
static bool quoted (scan *s, char *buf, size_t size) {
  char q = peek(s);
  size_t n = 0;
  if (q != '\'' && q != '"') return false;
  for (s->p++; s->p < s->end && *s->p != q; s->p++) {
    if (*s->p == '\\' || (unsigned char)*s->p < ' ' || n + 1 >= size)
      return false;
    buf[n++] = *s->p;
  }
  buf[n] = 0;
  return take(s, q);
}

/* '<f4' */
static bool dtype_of (npy *h, const char *t) {
  static const struct {
    const char *name;
    int wire;
  } names[] = {{"b1", NL_BOOL}, {"u1", NL_U8},   {"i1", NL_I8},
               {"i2", NL_I16},  {"i4", NL_I32},  {"i8", NL_I64},
               {"f4", NL_F32},  {"f8", NL_F64},  {"f2", NL__F16},
               {"u2", NL__U16}, {"u4", NL__U32}};
  bool big = nl__host_big();
  if (t[0] == '<') big = false;
  if (t[0] == '>') big = true;
  const char *name = strchr("<>|=", t[0]) != NULL && t[0] ? t + 1 : t;
  if (name[0] == 'O')
    return why(h, "it holds Python objects (a pickle, which is code)");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(name, names[i].name) == 0) {
      h->wire = names[i].wire;
      h->swap = big != nl__host_big();
      return true;
    }
  if (strspn(t, "<>|=abcdefghijklmnopqrstuvwxyzUSVM0123456789") != strlen(t))
    return why(h, "its 'descr' is no dtype");
  char text[120];
  snprintf(text, sizeof text,
           "its dtype '%.20s' is not supported; convert it in NumPy first", t);
  return why(h, text);
}

static bool descr (scan *s) {
  char t[32];
  if (peek(s) == '[') return why(s->h, "it holds a structured dtype");
  if (!quoted(s, t, sizeof t)) return why(s->h, "its 'descr' is no dtype");
  return dtype_of(s->h, t);
}

static bool size_of (scan *s, int64_t *x) {
  const char *from = s->p;
  *x = 0;
  for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
    if (__builtin_mul_overflow(*x, 10, x) ||
        __builtin_add_overflow(*x, *s->p - '0', x))
      return why(s->h, "a size in its header overflows");
  if (s->p == from) return why(s->h, "its 'shape' is no tuple of integers");
  if (s->p < s->end && *s->p == 'L') s->p++; /* as Python 2 wrote it */
  return true;
}

/* (), (3,), (3, 2) */
static bool shape (scan *s) {
  npy *h = s->h;
  bool comma = false;
  if (!take(s, '(')) return why(h, "its 'shape' is no tuple");
  h->ndim = 0;
  while (peek(s) != ')') {
    if (h->ndim > 0 && !comma) return why(h, "its 'shape' is no tuple");
    if (h->ndim == NL_MAX_DIM) return why(h, "it has more than 8 dimensions");
    if (!size_of(s, &h->shape[h->ndim])) return false;
    h->ndim++;
    comma = take(s, ',');
  }
  if (h->ndim == 1 && !comma) return why(h, "its 'shape' is no tuple");
  return take(s, ')');
}

static bool order (scan *s) {
  if (word(s, "True"))
    s->h->fortran = true;
  else if (!word(s, "False"))
    return why(s->h, "its 'fortran_order' is neither True nor False");
  return true;
}

static bool parse (npy *h, const char *text, size_t n) {
  static const char *const keys[] = {"descr", "fortran_order", "shape"};
  bool (*const value[])(scan *) = {descr, order, shape};
  bool seen[3] = {false, false, false};
  scan s = {text, text + n, h};
  char key[32];
  while (n > 0 && (s.end[-1] == '\n' || s.end[-1] == ' ')) s.end--, n--;
  if (!take(&s, '{')) return why(h, "its header is no dictionary");
  while (peek(&s) != '}') {
    int k = 0;
    if (!quoted(&s, key, sizeof key) || !take(&s, ':'))
      return why(h, "its header does not parse");
    while (k < 3 && strcmp(key, keys[k]) != 0) k++;
    if (k == 3) return why(h, "its header has an unknown key");
    if (seen[k]) return why(h, "its header has a key twice");
    seen[k] = true;
    if (!value[k](&s)) return why(h, "its header does not parse");
    if (!take(&s, ',') && peek(&s) != '}')
      return why(h, "its header does not parse");
  }
  s.p++;
  if (s.p != s.end) return why(h, "something follows its header");
  if (!seen[0] || !seen[1] || !seen[2])
    return why(h, "its header lacks 'descr', 'fortran_order' or 'shape'");
  return true;
}

/* ---- reading ---- */

/* Column-major src to row-major dst. */
static void reorder (const npy *h, int64_t numel, const char *src, char *dst,
                     size_t size) {
  int64_t at[NL_MAX_DIM] = {0}, stride[NL_MAX_DIM], from = 0, s = 1;
  for (int i = 0; i < h->ndim; i++) {
    stride[i] = s;
    s *= h->shape[i];
  }
  for (int64_t k = 0; k < numel; k++) {
    memcpy(dst + (size_t)k * size, src + (size_t)from * size, size);
    for (int i = h->ndim - 1; i >= 0; i--) { /* the next index */
      from += stride[i];
      if (++at[i] < h->shape[i]) break;
      from -= stride[i] * h->shape[i];
      at[i] = 0;
    }
  }
}

static nl_status fill (nl_ctx *C, nl__file *f, const npy *h, int64_t offset,
                       int64_t numel, void *data) {
  size_t n = (size_t)numel, wire = nl__wire_size(h->wire);
  size_t size = nl_dtype_size(nl__wire_dtype(h->wire));
  bool turn = h->fortran && h->ndim > 1 && numel > 0;
  char *to = turn ? (char *)nl__alloc(C, n * size) : (char *)data;
  if (to == NULL) return NL_NOMEM;
  char *raw = to + n * (size - wire);
  nl_status st = nl__file_exact(C, f, raw, n * wire, offset);
  if (st == NL_OK) {
    if (h->swap) nl__swap(raw, n, wire);
    nl__wire_widen(h->wire, to, n);
    if (turn) reorder(h, numel, to, (char *)data, size);
  }
  if (turn) nl__free(C, to, n * size);
  return st;
}

static nl_status bad (nl_ctx *C, const nl__file *f, const char *what) {
  return nl_error(C, NL_IO, "cannot read \"%s\": %s",
                  nl__path_tail(f->path), what);
}

/* Reads and parses the header; *offset is where the elements begin. */
static nl_status header (nl_ctx *C, nl__file *f, npy *h, int64_t *offset) {
  uint8_t b[12] = {0};
  int64_t n = f->size < 12 ? f->size : 12, len;
  if (n == 0) return bad(C, f, "the file is empty");
  nl_status st = nl__file_exact(C, f, b, (size_t)n, 0);
  if (st != NL_OK) return st;
  if (n < 6 || memcmp(b, "\x93NUMPY", 6) != 0)
    return bad(C, f, "not a NumPy file (.npy)");
  if (n < 10) return bad(C, f, "truncated header");
  if (b[6] < 1 || b[6] > 3) return bad(C, f, "unknown version of .npy");
  bool wide = b[6] > 1;
  if (wide && n < 12) return bad(C, f, "truncated header");
  len = b[8] | b[9] << 8;
  if (wide) len |= (int64_t)b[10] << 16 | (int64_t)b[11] << 24;
  *offset = (wide ? 12 : 10) + len;
  if (*offset > f->size) return bad(C, f, "truncated header");
  if (len > HEADER_MAX) return bad(C, f, "its header is too long");
  char *text = (char *)nl__alloc(C, (size_t)len);
  if (text == NULL) return NL_NOMEM;
  st = nl__file_exact(C, f, text, (size_t)len, *offset - len);
  if (st == NL_OK && !parse(h, text, (size_t)len)) st = bad(C, f, h->why);
  nl__free(C, text, (size_t)len);
  return st;
}

nl_value *nl_npy_read (nl_ctx *C, const char *path) {
  nl__file f;
  npy h;
  int64_t offset = 0, numel, bytes;
  void *data;
  nl_value *v = NULL;
  memset(&h, 0, sizeof h);
  if (path == NULL || nl__file_open(C, &f, path) != NL_OK) return NULL;
  if (header(C, &f, &h, &offset) != NL_OK) {
    nl__file_close(&f);
    return NULL;
  }
  if (!nl__wire_bytes(h.wire, h.ndim, h.shape, &numel, &bytes))
    bad(C, &f, "the sizes in its header overflow");
  else if (bytes != f.size - offset)
    nl_error(C, NL_IO,
             "cannot read \"%s\": %s: its header promises %lld bytes of "
             "elements, %lld are there", path,
             bytes > f.size - offset ? "truncated" : "too long",
             (long long)bytes, (long long)(f.size - offset));
  else
    v = nl_value_new(C, nl__wire_dtype(h.wire), h.ndim, h.shape, &data);
  if (v != NULL && fill(C, &f, &h, offset, numel, data) != NL_OK) v = NULL;
  nl__file_close(&f);
  return v;
}

/* ---- writing ---- */

/* Version 1, as NumPy since 1.25 writes it: with room for the first size to
   grow to 21 digits, to a multiple of 64.  Returns the header's bytes. */
static size_t make_header (nl_dtype d, int ndim, const int64_t *sizes,
                           char buf[512]) {
  static const char *const names[] = {"|b1", "|u1", "|i1", "<i2",
                                      "<i4", "<i8", "<f4", "<f8"};
  char name[4];
  size_t at = 10;
  memcpy(name, names[d], 4);
  if (name[0] == '<' && nl__host_big()) name[0] = '>';
#define PUT(...) at += (size_t)snprintf(buf + at, 512 - at, __VA_ARGS__)
  PUT("{'descr': '%s', 'fortran_order': False, 'shape': (", name);
  for (int i = 0; i < ndim; i++)
    PUT("%s%lld%s", i > 0 ? " " : "", (long long)sizes[i],
        i + 1 < ndim || ndim == 1 ? "," : "");
  PUT("), }");
  if (ndim > 0) {
    char digits[32];
    int k = snprintf(digits, sizeof digits, "%lld", (long long)sizes[0]);
    for (; k < 21; k++) buf[at++] = ' ';
  }
  while ((at + 1) % 64 != 0) buf[at++] = ' ';
  buf[at++] = '\n';
#undef PUT
  memcpy(buf, "\x93NUMPY\x01\x00", 8);
  buf[8] = (char)((at - 10) & 255);
  buf[9] = (char)((at - 10) >> 8);
  return at;
}

nl_status nl_npy_write (nl_ctx *C, const char *path, nl_value *v) {
  char head[512];
  nl__save s;
  if (path == NULL || v == NULL)
    return nl_failed(C) ? C->status
                        : nl_error(C, NL_ERROR, "npy: no path or no array");
  const void *data = nl_data(C, v);
  if (data == NULL) return C->status;
  if (nl_ndim(v) > NL_MAX_DIM)
    return nl_error(C, NL_ERROR, "npy: at most %d dimensions, got %d",
                    NL_MAX_DIM, nl_ndim(v));
  nl_dtype d = nl_dtype_of(v);
  size_t n = make_header(d, nl_ndim(v), nl_shape(v), head);
  nl_status st = nl__save_begin(C, &s, path);
  if (st == NL_OK) st = nl__save_write(&s, head, n);
  if (st == NL_OK)
    st = nl__save_write(&s, data, (size_t)nl_numel(v) * nl_dtype_size(d));
  return st == NL_OK ? nl__save_commit(&s) : st;
}
