/* io_formats_test.c: the files of tests/golden/formats: what must be read is
 * read, what is broken is refused with a message, whatever is cut off or
 * flipped; and what the reference writers wrote is written byte for byte.
 * (The values are compared by tests/data/formats_spec.lua.) */
#include "check.h"
#include "files.h"
#include "nnlua.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static nl_ctx *C;

/* ---- a file in memory, through the table of operations ---- */

#define MUTANT "mutant"
#define MUTANT_FD 1000000
static const char *mutant;
static size_t mutant_size;

static int my_open (void *ud, const char *path, int flags, int mode) {
  (void)ud;
  if (strcmp(path, MUTANT) == 0) return MUTANT_FD;
  int fd = open(path, flags, mode);
  return fd < 0 ? -errno : fd;
}

static int64_t my_read (void *ud, int fd, void *p, size_t n, int64_t at) {
  (void)ud;
  if (fd != MUTANT_FD) return (int64_t)pread(fd, p, n, (off_t)at);
  if (at < 0 || (size_t)at >= mutant_size) return 0;
  if (n > mutant_size - (size_t)at) n = mutant_size - (size_t)at;
  memcpy(p, mutant + at, n);
  return (int64_t)n;
}

static int my_fstat (void *ud, int fd, nl_io_stat *st) {
  struct stat s;
  (void)ud;
  memset(st, 0, sizeof *st);
  st->size = (int64_t)mutant_size;
  st->regular = true;
  if (fd == MUTANT_FD) return 0;
  if (fstat(fd, &s) < 0) return -errno;
  st->size = (int64_t)s.st_size;
  return 0;
}

static int my_close (void *ud, int fd) {
  (void)ud;
  return fd == MUTANT_FD ? 0 : close(fd);
}

static void set_mutant (const void *p, size_t n) {
  mutant = (const char *)p;
  mutant_size = n;
}

/* ---- reading ---- */

/* Reads all of a file; false: refused. */
static bool load_safetensors (const char *path) {
  nl_safetensors *s = nl_safetensors_open(C, path);
  bool ok = s != NULL;
  for (int i = 0; ok && i < nl_safetensors_count(s); i++)
    ok = nl_safetensors_read(C, s, i) != NULL;
  nl_safetensors_close(C, s);
  return ok;
}

static bool load (const char *kind, const char *path) {
  if (kind[0] == 's') return load_safetensors(path);
  return (kind[0] == 'n' ? nl_npy_read(C, path) : nl_idx_read(C, path)) !=
         NULL;
}

/* Loads; whatever happens nothing may leak and a refusal must say why. */
static bool try_load (const char *kind, const char *path, const char *what) {
  size_t mark = nl_pool_mark(C), bytes;
  nl_pool_release(C, mark);
  bytes = nl_bytes_used(C);
  nl_error_clear(C);
  bool ok = load(kind, path);
  nl_pool_release(C, mark);
  if (nl_bytes_used(C) != bytes) /* a new slab of small objects is no leak */
    CHECK(nl_bytes_used(C) - bytes <= 65536, "%s: %zu bytes leak", what,
          nl_bytes_used(C) - bytes);
  if (!ok) {
    CHECK(nl_failed(C), "%s: refused without a message", what);
    CHECK(strstr(nl_errmsg(C), path) != NULL, "%s: \"%s\" names no file",
          what, nl_errmsg(C));
    CHECK(strchr(nl_errmsg(C), '?') == NULL, "%s: %s", what, nl_errmsg(C));
  }
  return ok;
}

/* valid, but of a kind that we decline */
static bool declined (const char *name) {
  static const char *const names[] = {"other_c8.npy", "rank0.idx",
                                      "f8_e4m3.safetensors",
                                      "u64.safetensors"};
  for (int i = 0; i < 4; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

/* Every cut and every flipped bit of the beginning: read or refused. */
static void mutate (const char *kind, const char *name, const char *data,
                    size_t n) {
  const char *path = MUTANT;
  char what[400];
  char *copy = (char *)malloc(n + 1);
  for (size_t k = 0; k < n; k++) {
    set_mutant(data, k);
    snprintf(what, sizeof what, "%s cut to %zu", name, k);
    CHECK(!try_load(kind, path, what), "%s was read", what);
  }
  for (size_t bit = 0; bit < 8 * (n < 320 ? n : 320); bit++) {
    memcpy(copy, data, n);
    copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << (bit % 8));
    set_mutant(copy, n);
    snprintf(what, sizeof what, "%s with bit %zu flipped", name, bit);
    try_load(kind, path, what);
  }
  free(copy);
}

static uint64_t state = 88172645463325252u;

static size_t chance (size_t n) { /* xorshift: 0 <= result < n */
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (size_t)(state % n);
}

/* One random change of the m bytes at b, which has room for more. */
static size_t change (char *b, size_t m) {
  static const char *const text[] = {
      "{", "}", "[", "]", "\"", "(", ")", ",", ":", "9223372036854775807",
      "-1", "4294967296", "0", "shape", "'", "\\u0041", "\\ud800", "BOOL",
      "e5", ".5", "True", "\xff", "F16"};
  const char *t = text[chance(sizeof text / sizeof *text)];
  size_t at = chance(m), k = strlen(t), n = chance(m - at);
  switch (chance(5)) {
    case 0:
      b[at] = (char)(b[at] ^ 1 << chance(8));
      return m;
    case 1:
      memmove(b + at + k, b + at, m - at);
      memcpy(b + at, t, k);
      return m + k;
    case 2:
      memmove(b + at, b + at + n, m - at - n);
      return m - n;
    case 3:
      memmove(b + at, b + chance(m - n), n);
      return m;
    default:
      if (at + k <= m) memcpy(b + at, t, k);
      return m;
  }
}

/* Read or refused, under the sanitizers or valgrind: that is the check. */
static void random_changes (const char *kind, const char *name,
                            const char *data, size_t n) {
  char *copy = (char *)malloc(n + 200);
  for (int i = 0; n > 0 && i < 100; i++) {
    size_t m = n;
    memcpy(copy, data, n);
    for (size_t k = 1 + chance(5); k > 0 && m > 0; k--) m = change(copy, m);
    char *exact = (char *)malloc(m + 1); /* so that reading past it shows */
    memcpy(exact, copy, m);
    set_mutant(exact, m);
    try_load(kind, MUTANT, name);
    free(exact);
  }
  free(copy);
}

static void golden (const char *kind) {
  char dir[512], path[1024];
  int n = 0;
  snprintf(dir, sizeof dir, "%s/golden/formats/%s", NL_TEST_DIR, kind);
  DIR *d = opendir(dir);
  CHECK(d != NULL, "%s", dir);
  for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
    if (e->d_name[0] == '.') continue;
    n++;
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    bool broken = strncmp(e->d_name, "bad_", 4) == 0 || declined(e->d_name);
    bool ok = try_load(kind, path, e->d_name);
    CHECK(ok == !broken, "%s: %s", e->d_name, ok ? "read" : nl_errmsg(C));
    size_t size = 0;
    char *data = slurp(path, &size);
    if (!broken && size <= 700) mutate(kind, e->d_name, data, size);
    random_changes(kind, e->d_name, data, size);
    free(data);
  }
  if (d != NULL) closedir(d);
  CHECK(n > 40, "%s has %d files", dir, n);
}

/* ---- writing what was read gives the reference writer's bytes ---- */

static void rewrite_safetensors (const char *name) {
  char from[512], to[512];
  nl_named a[16], m[4];
  snprintf(from, sizeof from, "%s/golden/formats/safetensors/%s.safetensors",
           NL_TEST_DIR, name);
  work_path(to, "out.safetensors");
  nl_safetensors *s = nl_safetensors_open(C, from);
  CHECK(s != NULL, "%s: %s", name, nl_errmsg(C));
  if (s == NULL) return;
  int n = nl_safetensors_count(s), k = nl_safetensors_metas(s);
  for (int i = 0; i < n; i++) { /* any order goes in */
    nl_named *e = &a[n - 1 - i];
    e->name = nl_safetensors_name(s, i, &e->name_len);
    e->value = nl_safetensors_read(C, s, i);
  }
  for (int i = 0; i < k; i++)
    m[i].name = nl_safetensors_meta(s, i, &m[i].name_len, &m[i].text,
                                    &m[i].text_len);
  nl_status st = nl_safetensors_save(C, to, n, a, k, m);
  CHECK(st == NL_OK, "%s: %s", name, nl_errmsg(C));
  nl_safetensors_close(C, s);
  size_t size = 0;
  char *want = slurp(from, &size);
  CHECK(same_file(to, want, size), "%s is written otherwise", name);
  free(want);
  nl_pool_release(C, 0);
}

static void rewrite_npy (const char *name) {
  char from[512], to[512];
  size_t size = 0;
  snprintf(from, sizeof from, "%s/golden/formats/npy/%s.npy", NL_TEST_DIR,
           name);
  work_path(to, "out.npy");
  nl_value *v = nl_npy_read(C, from);
  CHECK(nl_npy_write(C, to, v) == NL_OK, "%s: %s", name, nl_errmsg(C));
  char *want = slurp(from, &size);
  CHECK(same_file(to, want, size), "%s is written otherwise", name);
  free(want);
  nl_pool_release(C, 0);
}

static void rewrite_idx (const char *name) {
  char from[512], to[512], gz[512];
  size_t size = 0;
  snprintf(from, sizeof from, "%s/golden/formats/idx/%s", NL_TEST_DIR, name);
  nl_value *v = nl_idx_read(C, from);
  work_path(to, "out.idx");
  CHECK(nl_idx_write(C, to, v) == NL_OK, "%s: %s", name, nl_errmsg(C));
  char *want = slurp(from, &size);
  CHECK(same_file(to, want, size), "%s is written otherwise", name);
  free(want);
  work_path(gz, "out.idx.gz");
  CHECK(nl_idx_write(C, gz, v) == NL_OK, "%s: %s", name, nl_errmsg(C));
  nl_value *w = nl_idx_read(C, gz);
  CHECK(w != NULL && nl_numel(w) == nl_numel(v) &&
            memcmp(nl_data(C, w), nl_data(C, v),
                   (size_t)nl_numel(v) * nl_dtype_size(nl_dtype_of(v))) == 0,
        "%s through gzip: %s", name, nl_errmsg(C));
  nl_pool_release(C, 0);
}

/* ---- values ---- */

static void some_values (void) {
  static const float want[] = {1, -2.5f, 65504, 5.9604645e-8f};
  static const char half[] =
      "\x93NUMPY\x01\0\x3a\0{'descr': '<f2', 'fortran_order': False, "
      "'shape': (4,)}   \0\x3c\0\xc1\xff\x7b\x01\0";
  const char *path = MUTANT;
  set_mutant(half, sizeof half - 1);
  nl_value *v = nl_npy_read(C, path);
  CHECK(v != NULL && nl_dtype_of(v) == NL_F32 && nl_numel(v) == 4,
        "%s", nl_errmsg(C));
  if (v != NULL)
    CHECK(memcmp(nl_data(C, v), want, sizeof want) == 0, "half floats");
  static const char fortran[] =
      "\x93NUMPY\x01\0\x39\0{'descr': '>i2', 'fortran_order': True, "
      "'shape': (2,3)}  \0\1\0\2\0\3\0\4\0\5\0\6";
  static const int16_t order[] = {1, 3, 5, 2, 4, 6};
  set_mutant(fortran, sizeof fortran - 1);
  v = nl_npy_read(C, path);
  CHECK(v != NULL && nl_dtype_of(v) == NL_I16, "%s", nl_errmsg(C));
  if (v != NULL)
    CHECK(memcmp(nl_data(C, v), order, sizeof order) == 0, "column-major");
  nl_pool_release(C, 0);
}

static void refused_writes (void) {
  char path[512];
  nl_value *v = nl_value_from(C, NL_I64, 0, NULL, NULL);
  work_path(path, "no.idx");
  CHECK(nl_idx_write(C, path, v) == NL_ERROR, "int64 as IDX");
  CHECK(strstr(nl_errmsg(C), "int64") != NULL, "%s", nl_errmsg(C));
  nl_named two[2] = {{"a", 1, v, NULL, 0}, {"a", 1, v, NULL, 0}};
  CHECK(nl_safetensors_save(C, path, 2, two, 0, NULL) == NL_ERROR, "twice");
  two[0].name = "\xff";
  CHECK(nl_safetensors_save(C, path, 2, two, 0, NULL) == NL_ERROR, "UTF-8");
  CHECK(access(path, F_OK) != 0, "a refused save left a file");
  nl_pool_release(C, 0);
}

/* A file that claims much costs little to refuse. */
static void little_memory (void) {
  nl_pool_release(C, 0);
  size_t before = nl_bytes_peak(C);
  static const unsigned char big[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0,
                                      0, 0, 0, 0x40, '{'};
  set_mutant(big, sizeof big);
  CHECK(nl_npy_read(C, MUTANT) == NULL, "a header of 1 GiB");
  CHECK(nl_bytes_peak(C) - before < (size_t)8 << 20, "%zu bytes",
        nl_bytes_peak(C) - before);
}

int main (void) {
  static const char *const st[] = {"f64",  "f32",      "i64",           "i32",
                                   "i16",  "i8",       "u8",            "bool",
                                   "none", "metadata", "metadata_only",
                                   "names", "shapes"};
  static const char *const npy[] = {"b1_c", "u1_c", "i1_c", "i2_c", "i4_c",
                                    "i8_c", "f4_c", "f8_c", "0d", "0d_int",
                                    "1d", "4d", "empty", "empty_3d", "rank8",
                                    "special"};
  static const char *const idx[] = {"u1.idx", "i1.idx", "i2.idx", "i4.idx",
                                    "f4.idx", "f8.idx", "shape_0.idx",
                                    "shape_2x0x3.idx", "images-idx3-ubyte"};
  nl_io io = {.open = my_open, .read = my_read, .fstat = my_fstat,
              .close = my_close};
  nl_config cfg = {.struct_size = sizeof cfg, .io = &io, .threads = 1};
  C = nl_ctx_new(&cfg);
  work_begin();
  int fds = open_files();
  golden("npy");
  golden("safetensors");
  golden("idx");
  for (size_t i = 0; i < sizeof st / sizeof *st; i++)
    rewrite_safetensors(st[i]);
  for (size_t i = 0; i < sizeof npy / sizeof *npy; i++) rewrite_npy(npy[i]);
  for (size_t i = 0; i < sizeof idx / sizeof *idx; i++) rewrite_idx(idx[i]);
  some_values();
  refused_writes();
  little_memory();
  CHECK(open_files() == fds, "%d files open, %d before", open_files(), fds);
  CHECK(count_names(work_dir, 1) == 0, "temporaries are left");
  work_end();
  nl_ctx_free(C);
  return check_done();
}
