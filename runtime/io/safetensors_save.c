/* safetensors_save.c: writing named arrays, byte for byte as the reference
 * writer does: the arrays ordered by dtype, then by name, the header without
 * spaces but padded with them to a multiple of 8. */
#include "io/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the rank of each nl_dtype in the file's order, and its name there */
static const struct {
  int rank;
  const char *name;
} wire[NL_NDTYPES] = {
    [NL_I64] = {0, "I64"}, [NL_F64] = {1, "F64"}, [NL_F32] = {2, "F32"},
    [NL_I32] = {3, "I32"}, [NL_I16] = {4, "I16"}, [NL_I8] = {5, "I8"},
    [NL_U8] = {6, "U8"},   [NL_BOOL] = {7, "BOOL"},
};

typedef struct text { /* the header under construction */
  nl_ctx *C;
  char *p;
  int n, cap;
  bool failed;
} text;

static void put (text *t, const char *s, size_t n) {
  if (t->failed || n > 200000000 || t->n > 200000000 ||
      !nl__grow(t->C, (void **)&t->p, &t->cap, t->n + (int)n, 1)) {
    t->failed = true;
    return;
  }
  memcpy(t->p + t->n, s, n);
  t->n += (int)n;
}

static void puts_ (text *t, const char *s) { put(t, s, strlen(s)); }

/* A JSON string; what is not ASCII stays as it is. */
static void put_string (text *t, const char *s, size_t n) {
  static const char from[] = "\"\\\b\f\n\r\t", into[] = "\"\\bfnrt";
  puts_(t, "\"");
  for (size_t i = 0; i < n; i++) {
    char esc[8];
    const char *at = s[i] != 0 ? strchr(from, s[i]) : NULL;
    if (at != NULL) {
      esc[0] = '\\';
      esc[1] = into[at - from];
      put(t, esc, 2);
    } else if ((unsigned char)s[i] < ' ') {
      snprintf(esc, sizeof esc, "\\u%04x", (unsigned)s[i]);
      put(t, esc, 6);
    } else {
      put(t, s + i, 1);
    }
  }
  puts_(t, "\"");
}

static int by_name (const nl_named *x, const nl_named *y) {
  size_t n = x->name_len < y->name_len ? x->name_len : y->name_len;
  int c = n == 0 ? 0 : memcmp(x->name, y->name, n);
  return c != 0 ? c
                : (x->name_len > y->name_len) - (x->name_len < y->name_len);
}

static int compare_names (const void *a, const void *b) {
  return by_name(*(const nl_named *const *)a, *(const nl_named *const *)b);
}

static int compare_arrays (const void *a, const void *b) {
  const nl_named *x = *(const nl_named *const *)a;
  const nl_named *y = *(const nl_named *const *)b;
  int c = wire[nl_dtype_of(x->value)].rank - wire[nl_dtype_of(y->value)].rank;
  return c != 0 ? c : by_name(x, y);
}

static nl_status check_text (nl_ctx *C, const char *what, const char *s,
                             size_t n) {
  return nl__utf8_valid(s, n)
             ? NL_OK
             : nl_error(C, NL_ERROR, "safetensors: %s is not UTF-8", what);
}

/* Sorts by name: names must be distinct UTF-8, arrays there. */
static nl_status check (nl_ctx *C, int n, const nl_named **a, bool arrays) {
  nl_status st = NL_OK;
  if (n > 0) qsort(a, (size_t)n, sizeof *a, compare_names);
  for (int i = 0; i < n && st == NL_OK; i++) {
    int len = a[i]->name_len > 80 ? 80 : (int)a[i]->name_len;
    st = check_text(C, "a name", a[i]->name, a[i]->name_len);
    if (st != NL_OK) return st;
    if (i > 0 && by_name(a[i - 1], a[i]) == 0)
      return nl_error(C, NL_ERROR, "safetensors: the name \"%.*s\" comes "
                      "twice", len, a[i]->name);
    if (!arrays) {
      st = check_text(C, "a value of the metadata", a[i]->text,
                      a[i]->text_len);
    } else if (a[i]->value == NULL) {
      st = nl_error(C, NL_ERROR, "safetensors: \"%.*s\" has no array", len,
                    a[i]->name);
    } else if (a[i]->name_len > 65535 || nl_ndim(a[i]->value) > NL_MAX_DIM) {
      st = nl_error(C, NL_ERROR, "safetensors: \"%.*s\": at most 65,535 "
                    "bytes of name and %d dimensions", len, a[i]->name, NL_MAX_DIM);
    } else if (len == 12 && memcmp(a[i]->name, "__metadata__", 12) == 0) {
      st = nl_error(C, NL_ERROR, "safetensors: no array can have the name "
                    "\"__metadata__\"");
    }
  }
  return st;
}

/* ---- the header ---- */

static void put_metadata (text *t, int n, const nl_named **meta) {
  puts_(t, "\"__metadata__\":{");
  for (int i = 0; i < n; i++) {
    if (i > 0) puts_(t, ",");
    put_string(t, meta[i]->name, meta[i]->name_len);
    puts_(t, ":");
    put_string(t, meta[i]->text, meta[i]->text_len);
  }
  puts_(t, "}");
}

static int64_t bytes_of (const nl_value *v) {
  return nl_numel(v) * (int64_t)nl_dtype_size(nl_dtype_of(v));
}

static void put_array (text *t, const nl_named *a, int64_t *at) {
  char buf[64];
  const int64_t *shape = nl_shape(a->value);
  put_string(t, a->name, a->name_len);
  puts_(t, ":{\"dtype\":\"");
  puts_(t, wire[nl_dtype_of(a->value)].name);
  puts_(t, "\",\"shape\":[");
  for (int i = 0; i < nl_ndim(a->value); i++) {
    snprintf(buf, sizeof buf, "%s%lld", i > 0 ? "," : "",
             (long long)shape[i]);
    puts_(t, buf);
  }
  snprintf(buf, sizeof buf, "],\"data_offsets\":[%lld,%lld]}",
           (long long)*at, (long long)(*at + bytes_of(a->value)));
  puts_(t, buf);
  *at += bytes_of(a->value);
}

static nl_status make_header (text *t, int n, const nl_named **a, int nmeta,
                              const nl_named **meta) {
  int64_t at = 0;
  puts_(t, "{");
  if (nmeta > 0) put_metadata(t, nmeta, meta);
  for (int i = 0; i < n; i++) {
    if (i > 0 || nmeta > 0) puts_(t, ",");
    put_array(t, a[i], &at);
  }
  puts_(t, "}");
  while (!t->failed && t->n % 8 != 0) puts_(t, " ");
  if (t->failed && nl_errstatus(t->C) == NL_NOMEM) return NL_NOMEM;
  if (t->failed || t->n > 100000000)
    return nl_error(t->C, NL_ERROR,
                    "safetensors: the header would be longer than 100 MB");
  return NL_OK;
}

/* ---- the file ---- */

static nl_status write_array (nl_ctx *C, nl__save *s, const nl_named *a) {
  size_t mark = nl_pool_mark(C);
  const void *data = nl_data(C, a->value);
  nl_status st = data == NULL ? nl_errstatus(C) : NL_OK;
  if (data != NULL)
    st = nl__save_elements(s, data, (size_t)nl_numel(a->value),
                           nl_dtype_size(nl_dtype_of(a->value)),
                           nl__host_big());
  nl_pool_release(C, mark);
  return st;
}

static nl_status write_file (nl_ctx *C, const char *path, const text *t,
                             int n, const nl_named **a) {
  nl__save s;
  uint8_t b[8];
  for (int i = 0; i < 8; i++) b[i] = (uint8_t)((uint64_t)t->n >> 8 * i);
  nl_status st = nl__save_begin(C, &s, path);
  if (st != NL_OK) return st;
  st = nl__save_write(&s, b, 8);
  if (st == NL_OK) st = nl__save_write(&s, t->p, (size_t)t->n);
  for (int i = 0; i < n && st == NL_OK; i++) st = write_array(C, &s, a[i]);
  if (st == NL_OK) return nl__save_commit(&s);
  nl__save_abort(&s);
  return st;
}

nl_status nl_safetensors_save (nl_ctx *C, const char *path, int n,
                               const nl_named *arrays, int nmeta,
                               const nl_named *meta) {
  if (path == NULL || n < 0 || nmeta < 0)
    return nl_error(C, NL_ERROR, "safetensors: no path or no arrays");
  size_t size = ((size_t)n + (size_t)nmeta) * sizeof(nl_named *);
  const nl_named **a = (const nl_named **)nl__alloc(C, size);
  if (a == NULL) return NL_NOMEM;
  for (int i = 0; i < n; i++) a[i] = &arrays[i];
  for (int i = 0; i < nmeta; i++) a[n + i] = &meta[i];
  text t = {.C = C};
  nl_error_clear(C);
  nl_status st = check(C, n, a, true);
  if (st == NL_OK) st = check(C, nmeta, a + n, false);
  if (st == NL_OK) {
    if (n > 0) qsort(a, (size_t)n, sizeof *a, compare_arrays);
    st = make_header(&t, n, a, nmeta, a + n);
  }
  if (st == NL_OK) st = write_file(C, path, &t, n, a);
  nl__free(C, t.p, (size_t)t.cap);
  nl__free(C, (void *)a, size);
  return st;
}
