/* safetensors.c: reading named arrays.
 *
 *   N (8 bytes, little-endian), N bytes of JSON, then the arrays' elements:
 *   {"__metadata__": {"k": "v"},
 *    "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
 *
 * Everything is checked when the file is opened: the grammar, that names are
 * distinct, that sizes fit their offsets, and that the arrays fill the rest
 * of the file without a hole or an overlap.  What a lenient reader would let
 * pass (another file hidden in a gap, a name twice) is refused. */
#include "io/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX 100000000 /* the format's own limit */
#define COUNT_MAX 1000000
#define NAME_MAX_BYTES 65535 /* paths in deep trees are long */

typedef struct entry {
  const char *name;
  size_t len;
  int wire, ndim;
  int64_t shape[NL_MAX_DIM];
  int64_t begin, end;
} entry;

typedef struct meta {
  const char *key, *value;
  size_t key_len, value_len;
} meta;

struct nl_safetensors {
  nl__file file;
  size_t header_size;
  char *header; /* names point into it */
  int64_t data; /* where the elements begin */
  entry *entries; /* in the order of their elements */
  int n, cap;
  meta *metas;
  int nmeta, cap_meta;
  nl_ctx *C; /* while the header is parsed */
  char why[200];
  char path[];
};

/* ---- the header ---- */

static bool wire_of (const char *s, size_t n, int *wire) {
  static const struct {
    const char *name;
    int wire;
  } names[] = {{"F64", NL_F64},  {"F32", NL_F32},   {"I64", NL_I64},
               {"I32", NL_I32},  {"I16", NL_I16},   {"I8", NL_I8},
               {"U8", NL_U8},    {"BOOL", NL_BOOL}, {"F16", NL__F16},
               {"BF16", NL__BF16}, {"U16", NL__U16}, {"U32", NL__U32}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strlen(names[i].name) == n && memcmp(s, names[i].name, n) == 0) {
      *wire = names[i].wire;
      return true;
    }
  return false;
}

static bool parse_dtype (nl_safetensors *s, nl__json *j, entry *e) {
  const char *t;
  size_t n;
  if (!nl__json_string(j, &t, &n)) return false;
  if (wire_of(t, n, &e->wire)) return true;
  for (size_t i = 0; i < n; i++)
    if (n > 16 || !(t[i] == '_' || (t[i] >= '0' && t[i] <= '9') ||
                    (t[i] >= 'A' && t[i] <= 'Z')))
      return nl__json_fail(j, "an array has no dtype of this format");
  snprintf(s->why, sizeof s->why, "an array's dtype \"%.*s\" is not supported",
           (int)n, t);
  return nl__json_fail(j, s->why);
}

static bool parse_shape (nl__json *j, entry *e) {
  if (!nl__json_take(j, '[')) return false;
  e->ndim = 0;
  if (nl__json_peek(j) == ']') return nl__json_take(j, ']');
  do {
    if (e->ndim == NL_MAX_DIM)
      return nl__json_fail(j, "an array has more than 8 dimensions");
    if (!nl__json_uint(j, &e->shape[e->ndim++])) return false;
  } while (nl__json_next(j, ']'));
  return j->error == NULL;
}

static bool parse_offsets (nl__json *j, entry *e) {
  return nl__json_take(j, '[') && nl__json_uint(j, &e->begin) &&
         nl__json_take(j, ',') && nl__json_uint(j, &e->end) &&
         nl__json_take(j, ']');
}

static bool is (const char *s, size_t n, const char *word) {
  return strlen(word) == n && memcmp(s, word, n) == 0;
}

/* {"dtype": ..., "shape": ..., "data_offsets": ...}, in any order */
static bool parse_entry (nl_safetensors *s, nl__json *j, entry *e) {
  unsigned seen = 0;
  if (!nl__json_take(j, '{')) return false;
  do {
    const char *k;
    size_t n;
    if (!nl__json_string(j, &k, &n) || !nl__json_take(j, ':')) return false;
    unsigned bit = is(k, n, "dtype") ? 1 : is(k, n, "shape") ? 2
                   : is(k, n, "data_offsets") ? 4 : 0;
    if (bit == 0) return nl__json_fail(j, "an array has an unknown field");
    if (seen & bit) return nl__json_fail(j, "an array has a field twice");
    seen |= bit;
    if (bit == 1 ? !parse_dtype(s, j, e)
                 : bit == 2 ? !parse_shape(j, e) : !parse_offsets(j, e))
      return false;
  } while (nl__json_next(j, '}'));
  if (j->error == NULL && seen != 7)
    return nl__json_fail(j, "an array lacks dtype, shape or data_offsets");
  return j->error == NULL;
}

static bool parse_metadata (nl_safetensors *s, nl__json *j) {
  if (!nl__json_take(j, '{')) return false;
  if (nl__json_peek(j) == '}') return nl__json_take(j, '}');
  do {
    if (!nl__grow(s->C, (void **)&s->metas, &s->cap_meta, s->nmeta + 1,
                  sizeof *s->metas))
      return nl__json_fail(j, "memory");
    meta *m = &s->metas[s->nmeta];
    if (!nl__json_string(j, &m->key, &m->key_len) || !nl__json_take(j, ':'))
      return false;
    if (nl__json_peek(j) != '"')
      return nl__json_fail(j, "a value of its metadata is not a string");
    if (!nl__json_string(j, &m->value, &m->value_len)) return false;
    s->nmeta++;
  } while (nl__json_next(j, '}'));
  return j->error == NULL;
}

static bool parse_member (nl_safetensors *s, nl__json *j, bool *metadata) {
  entry e = {.name = NULL};
  if (!nl__json_string(j, &e.name, &e.len) || !nl__json_take(j, ':'))
    return false;
  if (is(e.name, e.len, "__metadata__")) {
    if (*metadata) return nl__json_fail(j, "its metadata comes twice");
    *metadata = true;
    return parse_metadata(s, j);
  }
  if (e.len > NAME_MAX_BYTES)
    return nl__json_fail(j, "a name is longer than 65,535 bytes");
  if (s->n == COUNT_MAX)
    return nl__json_fail(j, "it has more than a million arrays");
  if (!parse_entry(s, j, &e)) return false;
  if (!nl__grow(s->C, (void **)&s->entries, &s->cap, s->n + 1,
                sizeof *s->entries))
    return nl__json_fail(j, "memory");
  s->entries[s->n++] = e;
  return true;
}

static const char *parse (nl_safetensors *s) {
  nl__json j = {s->header, s->header + s->header_size, NULL};
  bool metadata = false;
  if (s->header_size == 0 || s->header[0] != '{')
    return "its header does not begin with {";
  if (!nl__utf8_valid(s->header, s->header_size))
    return "its header is not UTF-8";
  nl__json_take(&j, '{');
  if (nl__json_peek(&j) == '}')
    nl__json_take(&j, '}');
  else
    while (parse_member(s, &j, &metadata) && nl__json_next(&j, '}')) continue;
  if (j.error != NULL) return j.error;
  while (j.p < j.end && *j.p == ' ') j.p++;
  return j.p < j.end ? "something follows its header" : NULL;
}

/* ---- the arrays against the file ---- */

static int by_name (const void *a, const void *b) {
  const entry *x = (const entry *)a, *y = (const entry *)b;
  int c = memcmp(x->name, y->name, x->len < y->len ? x->len : y->len);
  return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

static int by_key (const void *a, const void *b) {
  const meta *x = (const meta *)a, *y = (const meta *)b;
  int c = memcmp(x->key, y->key,
                 x->key_len < y->key_len ? x->key_len : y->key_len);
  return c != 0 ? c : (x->key_len > y->key_len) - (x->key_len < y->key_len);
}

static int by_begin (const void *a, const void *b) {
  const entry *x = (const entry *)a, *y = (const entry *)b;
  if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
  if (x->end != y->end) return x->end < y->end ? -1 : 1;
  return by_name(a, b);
}

static const char *check (nl_safetensors *s) {
  int64_t at = 0, numel, bytes, left = s->file.size - s->data;
  if (s->n > 0) qsort(s->entries, (size_t)s->n, sizeof *s->entries, by_name);
  for (int i = 1; i < s->n; i++)
    if (by_name(&s->entries[i - 1], &s->entries[i]) == 0)
      return "a name comes twice";
  if (s->nmeta > 0) qsort(s->metas, (size_t)s->nmeta, sizeof *s->metas, by_key);
  for (int i = 1; i < s->nmeta; i++)
    if (by_key(&s->metas[i - 1], &s->metas[i]) == 0)
      return "a key of its metadata comes twice";
  if (s->n > 0) qsort(s->entries, (size_t)s->n, sizeof *s->entries, by_begin);
  for (int i = 0; i < s->n; i++) {
    const entry *e = &s->entries[i];
    if (e->end < e->begin) return "an array ends before it begins";
    if (e->end > left) return "truncated: an array ends past the file's end";
    if (e->begin < at) return "two arrays overlap";
    if (e->begin > at) return "there is a hole before an array";
    if (!nl__wire_bytes(e->wire, e->ndim, e->shape, &numel, &bytes))
      return "an array's sizes overflow";
    if (bytes != e->end - e->begin)
      return "an array's sizes do not fit its offsets";
    at = e->end;
  }
  return at != left ? "something follows the last array" : NULL;
}

static nl_status bad (nl_ctx *C, const nl_safetensors *s, const char *what) {
  return nl_error(C, NL_IO, "cannot read \"%s\": %s",
                  nl__path_tail(s->path), what);
}

static nl_status load_header (nl_ctx *C, nl_safetensors *s) {
  uint8_t b[8];
  uint64_t n = 0;
  if (s->file.size == 0) return bad(C, s, "the file is empty");
  if (s->file.size < 8) return bad(C, s, "truncated: fewer than 8 bytes");
  nl_status st = nl__file_exact(C, &s->file, b, 8, 0);
  if (st != NL_OK) return st;
  for (int i = 7; i >= 0; i--) n = n << 8 | b[i];
  if (n > (uint64_t)(s->file.size - 8))
    return bad(C, s, "truncated, or not a safetensors file: its header would "
                     "be longer than the file");
  if (n > HEADER_MAX) return bad(C, s, "its header is longer than 100 MB");
  s->header = (char *)nl__alloc(C, (size_t)n);
  if (s->header == NULL) return NL_NOMEM;
  s->header_size = (size_t)n;
  s->data = 8 + (int64_t)n;
  st = nl__file_exact(C, &s->file, s->header, (size_t)n, 8);
  if (st != NL_OK) return st;
  s->C = C;
  nl_error_clear(C);
  const char *why = parse(s);
  if (why == NULL) why = check(s);
  if (nl_errstatus(C) == NL_NOMEM) return NL_NOMEM;
  return why == NULL ? NL_OK : bad(C, s, why);
}

nl_safetensors *nl_safetensors_open (nl_ctx *C, const char *path) {
  if (path == NULL) return NULL;
  size_t n = strlen(path) + 1;
  nl_safetensors *s = (nl_safetensors *)nl__alloc(C, sizeof *s + n);
  if (s == NULL) return NULL;
  memset(s, 0, sizeof *s);
  memcpy(s->path, path, n);
  s->file.fd = -1;
  if (nl__file_open(C, &s->file, s->path) == NL_OK &&
      load_header(C, s) == NL_OK)
    return s;
  nl_safetensors_close(C, s);
  return NULL;
}

void nl_safetensors_close (nl_ctx *C, nl_safetensors *s) {
  if (s == NULL) return;
  nl__file_close(&s->file);
  nl__free(C, s->header, s->header_size);
  nl__free(C, s->entries, (size_t)s->cap * sizeof *s->entries);
  nl__free(C, s->metas, (size_t)s->cap_meta * sizeof *s->metas);
  nl__free(C, s, sizeof *s + strlen(s->path) + 1);
}

/* ---- what is in it ---- */

int nl_safetensors_count (const nl_safetensors *s) { return s->n; }
int nl_safetensors_metas (const nl_safetensors *s) { return s->nmeta; }

const char *nl_safetensors_name (const nl_safetensors *s, int i, size_t *len) {
  if (i < 0 || i >= s->n) return NULL;
  *len = s->entries[i].len;
  return s->entries[i].name;
}

const char *nl_safetensors_meta (const nl_safetensors *s, int i, size_t *len,
                                 const char **value, size_t *value_len) {
  if (i < 0 || i >= s->nmeta) return NULL;
  *len = s->metas[i].key_len;
  *value = s->metas[i].value;
  *value_len = s->metas[i].value_len;
  return s->metas[i].key;
}

nl_value *nl_safetensors_read (nl_ctx *C, nl_safetensors *s, int i) {
  void *data;
  if (s == NULL) return NULL;
  if (i < 0 || i >= s->n) {
    nl_error(C, NL_ERROR, "safetensors: array %d of %d", i, s->n);
    return NULL;
  }
  const entry *e = &s->entries[i];
  nl_dtype d = nl__wire_dtype(e->wire);
  nl_value *v = nl_value_new(C, d, e->ndim, e->shape, &data);
  if (v == NULL) return NULL;
  size_t n = (size_t)nl_numel(v), wire = nl__wire_size(e->wire);
  char *raw = (char *)data + n * (nl_dtype_size(d) - wire);
  if (nl__file_exact(C, &s->file, raw, n * wire, s->data + e->begin) != NL_OK)
    return NULL;
  if (nl__host_big()) nl__swap(raw, n, wire);
  nl__wire_widen(e->wire, data, n);
  return v;
}
