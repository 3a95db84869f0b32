/* io_fault_test.c: every file operation and every allocation fails once, and
 * from then on for ever; saves are killed.  The target is always the old file
 * or the new one, whole; no temporary, descriptor or byte is left; the message
 * names the file and the system's text; the next try gives the same bytes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check.h"
#include "files.h"
#include "nnlua.h"

typedef struct faults { /* which call fails, and how */
  int count, at;
  bool forever, happened, in_unlink;
  int error; /* 0: a short count */
  int allocs, alloc_at;
  bool alloc_forever;
  int kill_at; /* the process kills itself at that call */
} faults;

static faults F;
static nl_ctx *C;

static bool faulty (void) {
  int n = F.count++;
  if (F.kill_at > 0 && n + 1 == F.kill_at) raise(SIGKILL);
  if (F.at < 0 || n < F.at || (n > F.at && !F.forever)) return false;
  F.happened = true;
  return true;
}

static int fails (void) { return faulty() && F.error != 0; }
static int result (int r) { return r < 0 ? -errno : r; }

static int f_open (void *ud, const char *path, int flags, int mode) {
  (void)ud;
  return fails() ? -F.error : result(open(path, flags, mode));
}
static int64_t f_read (void *ud, int fd, void *p, size_t n, int64_t at) {
  (void)ud;
  bool now = faulty();
  if (now && F.error != 0) return -F.error;
  int64_t r = pread(fd, p, now && n > 3 ? 3 : n, (off_t)at);
  return r < 0 ? -errno : r;
}
static int64_t f_write (void *ud, int fd, const void *p, size_t n) {
  (void)ud;
  bool now = faulty();
  if (now && F.error != 0) return -F.error;
  int64_t r = write(fd, p, now && n > 3 ? 3 : n);
  return r < 0 ? -errno : r;
}
static int f_fsync (void *ud, int fd) { /* the disk itself is not tested */
  (void)ud, (void)fd;
  return fails() ? -F.error : 0;
}
static int f_chmod (void *ud, int fd, int mode) {
  (void)ud;
  return fails() ? -F.error : result(fchmod(fd, (mode_t)mode));
}
static int f_close (void *ud, int fd) { /* as Linux: it is closed anyway */
  (void)ud;
  int r = result(close(fd));
  return fails() ? -F.error : r;
}
static int f_fstat (void *ud, int fd, nl_io_stat *st) {
  struct stat s;
  (void)ud;
  if (fails()) return -F.error;
  if (fstat(fd, &s) < 0) return -errno;
  *st = (nl_io_stat){.size = s.st_size, .mode = s.st_mode & 07777,
                     .regular = S_ISREG(s.st_mode)};
  return 0;
}
static int f_stat (void *ud, const char *path, nl_io_stat *st) {
  struct stat s;
  (void)ud;
  if (fails()) return -F.error;
  if (stat(path, &s) < 0) return -errno;
  *st = (nl_io_stat){.size = s.st_size, .mode = s.st_mode & 07777,
                     .regular = S_ISREG(s.st_mode), .writable = true};
  return 0;
}
static int f_rename (void *ud, const char *from, const char *to) {
  (void)ud;
  return fails() ? -F.error : result(rename(from, to));
}
static int f_unlink (void *ud, const char *path) { /* the clean-up works */
  (void)ud;
  return result(unlink(path));
}

static void *f_alloc (void *ud, size_t size) {
  (void)ud;
  int n = F.allocs++;
  if (F.alloc_at >= 0 && (n == F.alloc_at ||
                          (n > F.alloc_at && F.alloc_forever)))
    return NULL;
  return aligned_alloc(64, (size + 63) & ~(size_t)63);
}
static void f_free (void *ud, void *p, size_t size) {
  (void)ud, (void)size;
  free(p);
}

/* ---- what is done under faults ---- */

typedef struct task {
  const char *name, *file;
  nl_status (*run) (const char *path);
  bool saves;
} task;

static const float numbers[6] = {1, 2, 3, 4, 5, 6};
static const int64_t sizes[2] = {2, 3};

static nl_value *array (void) {
  return nl_value_from(C, NL_F32, 2, sizes, numbers);
}

static nl_status save_text (const char *path) {
  return nl_file_write(C, path, "new text", 8);
}
static nl_status save_npy (const char *path) {
  return nl_npy_write(C, path, array());
}
static nl_status save_idx (const char *path) {
  return nl_idx_write(C, path, array());
}
static nl_status save_safetensors (const char *path) {
  nl_named a[2] = {{"w", 1, array(), NULL, 0}, {"b", 1, array(), NULL, 0}};
  nl_named m = {"format", 6, NULL, "pt", 2};
  if (a[0].value == NULL || a[1].value == NULL) return nl_errstatus(C);
  return nl_safetensors_save(C, path, 2, a, 1, &m);
}
static nl_status good (const nl_value *v) {
  return v != NULL ? NL_OK : nl_errstatus(C);
}
static nl_status load_text (const char *path) {
  return good(nl_file_read(C, path));
}
static nl_status load_npy (const char *path) {
  return good(nl_npy_read(C, path));
}
static nl_status load_idx (const char *path) {
  return good(nl_idx_read(C, path));
}
static nl_status load_safetensors (const char *path) {
  nl_safetensors *s = nl_safetensors_open(C, path);
  nl_status st = s != NULL ? NL_OK : nl_errstatus(C);
  for (int i = 0; s != NULL && st == NL_OK && i < nl_safetensors_count(s);
       i++)
    st = good(nl_safetensors_read(C, s, i));
  nl_safetensors_close(C, s);
  return st;
}

static const task tasks[] = {
    {"save text", "a.txt", save_text, true},
    {"save npy", "a.npy", save_npy, true},
    {"save idx", "a.idx", save_idx, true},
    {"save idx.gz", "a.idx.gz", save_idx, true},
    {"save safetensors", "a.safetensors", save_safetensors, true},
    {"load text", "a.txt", load_text, false},
    {"load npy", "a.npy", load_npy, false},
    {"load idx", "a.idx", load_idx, false},
    {"load idx.gz", "a.idx.gz", load_idx, false},
    {"load safetensors", "a.safetensors", load_safetensors, false},
};
#define NTASK (sizeof tasks / sizeof *tasks)

static void reset (void) {
  memset(&F, 0, sizeof F);
  F.at = F.alloc_at = -1;
  nl_pool_release(C, 0);
  nl_error_clear(C);
}

/* The file after a save that failed or not: old, or new and whole. */
static void check_target (const task *t, const char *path, const char *want,
                          size_t n, bool ok, const char *what) {
  size_t k = 0;
  char *now = slurp(path, &k);
  bool is_new = now != NULL && k == n && memcmp(now, want, n) == 0;
  bool is_old = now != NULL && k == 3 && memcmp(now, "old", 3) == 0;
  CHECK(ok ? is_new : is_old || is_new, "%s, %s: the file is torn (%zu)",
        t->name, what, k);
  CHECK(count_names(work_dir, 1) == 0, "%s, %s: a temporary is left", t->name,
        what);
  free(now);
}

/* Fails call k in the given way; false when there is no such call. */
static bool one_fault (const task *t, const char *path, const char *want,
                       size_t n, int k, int error, bool forever) {
  char what[80];
  snprintf(what, sizeof what, "call %d: %s%s", k,
           error ? strerror(error) : "short count", forever ? " ever" : "");
  if (t->saves) spit(path, "old", 3);
  int fds = open_files();
  reset();
  size_t bytes = nl_bytes_used(C);
  F.at = k;
  F.error = error;
  F.forever = forever;
  nl_status st = t->run(path);
  bool happened = F.happened;
  F.at = -1;
  if (error == EINTR || error == 0)
    CHECK(st == NL_OK, "%s, %s: %s", t->name, what, nl_errmsg(C));
  if (st != NL_OK) {
    CHECK(st == NL_IO, "%s, %s: status %d", t->name, what, (int)st);
    CHECK(strstr(nl_errmsg(C), t->file) != NULL &&
              strstr(nl_errmsg(C), strerror(error)) != NULL,
          "%s, %s: \"%s\"", t->name, what, nl_errmsg(C));
  }
  if (t->saves) check_target(t, path, want, n, st == NL_OK, what);
  CHECK(open_files() == fds, "%s, %s: a file is open", t->name, what);
  reset();
  CHECK(nl_bytes_used(C) == bytes, "%s, %s: memory leaks", t->name, what);
  CHECK(t->run(path) == NL_OK, "%s again after %s: %s", t->name, what,
        nl_errmsg(C));
  if (t->saves) check_target(t, path, want, n, true, "again");
  return happened;
}

static void io_faults (const task *t) {
  static const int errors[] = {EIO, ENOSPC, EINTR, 0};
  char path[512];
  size_t n = 0;
  work_path(path, t->file);
  reset();
  CHECK(t->run(path) == NL_OK, "%s: %s", t->name, nl_errmsg(C));
  char *want = slurp(path, &n);
  for (int e = 0; e < 4; e++)
    for (int forever = 0; forever < 2; forever++) {
      if (forever && errors[e] == EINTR) continue; /* it would go on for ever */
      int k = 0;
      while (k < 500 && one_fault(t, path, want, n, k, errors[e], forever))
        k++;
      CHECK(k > 2 && k < 500, "%s made %d calls", t->name, k);
    }
  free(want);
}

static void alloc_faults (const task *t) {
  char path[512];
  size_t n = 0;
  work_path(path, t->file);
  reset();
  t->run(path);
  char *want = slurp(path, &n);
  for (int forever = 0; forever < 2; forever++)
    for (int k = 0; k < 200; k++) {
      if (t->saves) spit(path, "old", 3);
      reset();
      int fds = open_files();
      size_t bytes = nl_bytes_used(C);
      F.alloc_at = k;
      F.alloc_forever = forever;
      nl_status st = t->run(path);
      bool over = F.allocs <= k;
      F.alloc_at = -1;
      CHECK(st == NL_OK || st == NL_NOMEM, "%s: status %d: %s", t->name,
            (int)st, nl_errmsg(C));
      if (t->saves) check_target(t, path, want, n, st == NL_OK, "memory");
      CHECK(open_files() == fds, "%s: a file is open", t->name);
      reset();
      CHECK(nl_bytes_used(C) == bytes, "%s: memory leaks (%d)", t->name, k);
      CHECK(t->run(path) == NL_OK, "%s: %s", t->name, nl_errmsg(C));
      if (over) break;
    }
  free(want);
}

/* A process killed at its k-th call leaves the old or the new file, and the
   next save removes what it left beside it. */
static void killed_saves (const task *t) {
  char path[512];
  size_t n = 0;
  int left = 0, status = 0;
  work_path(path, t->file);
  reset();
  t->run(path);
  char *want = slurp(path, &n);
  for (int k = 1; k < 40; k++) {
    spit(path, "old", 3);
    reset();
    pid_t pid = fork();
    if (pid == 0) {
      F.kill_at = k;
      t->run(path);
      _exit(0);
    }
    waitpid(pid, &status, 0);
    size_t m = 0;
    char *now = slurp(path, &m);
    CHECK((m == 3 && memcmp(now, "old", 3) == 0) ||
              (m == n && memcmp(now, want, n) == 0),
          "%s killed at %d: torn", t->name, k);
    free(now);
    left += count_names(work_dir, 1);
    if (WIFEXITED(status)) break;
    CHECK(t->run(path) == NL_OK, "%s", nl_errmsg(C));
    check_target(t, path, want, n, true, "after a killed one");
  }
  CHECK(WIFEXITED(status) && left > 0, "%s: no temporary was ever left",
        t->name);
  free(want);
}

/* ---- single cases ---- */

static void modes_and_links (void) {
  char path[512], link[512];
  struct stat s;
  reset();
  work_path(path, "mode.txt");
  work_path(link, "link.txt");
  mode_t mask = umask(027);
  CHECK(nl_file_write(C, path, "x", 1) == NL_OK, "%s", nl_errmsg(C));
  umask(mask);
  stat(path, &s);
  CHECK((s.st_mode & 07777) == 0640, "a new file has mode %o",
        (unsigned)s.st_mode);
  chmod(path, 0604);
  CHECK(symlink("mode.txt", link) == 0, "symlink");
  CHECK(nl_file_write(C, link, "yy", 2) == NL_OK, "%s", nl_errmsg(C));
  stat(path, &s);
  CHECK((s.st_mode & 07777) == 0604 && s.st_size == 2, "mode %o, %d bytes",
        (unsigned)s.st_mode, (int)s.st_size);
  lstat(link, &s);
  CHECK(S_ISLNK(s.st_mode), "the link became a file");
  CHECK(nl_file_write(C, "/dev/null", "x", 1) == NL_OK, "%s", nl_errmsg(C));
}

static void refusals (void) {
  static const char *const bad[] = {"", "/nonexistent-folder/x", "/dev",
                                    "/tmp/"};
  char path[512], name[5000];
  reset();
  for (int i = 0; i < 4; i++) {
    nl_error_clear(C);
    CHECK(nl_file_write(C, bad[i], "x", 1) == NL_IO, "\"%s\"", bad[i]);
    CHECK(nl_file_writable(C, bad[i]) == NL_IO, "\"%s\"", bad[i]);
    CHECK(nl_file_read(C, bad[i]) == NULL && nl_errstatus(C) == NL_IO,
          "\"%s\"", bad[i]);
  }
  memset(name, 'a', sizeof name);
  name[sizeof name - 1] = 0;
  CHECK(nl_file_write(C, name, "x", 1) == NL_IO, "a long name");
  CHECK(strstr(nl_errmsg(C), "too long") != NULL, "%s", nl_errmsg(C));
  name[250] = 0;
  work_path(path, name);
  CHECK(nl_file_write(C, path, "x", 1) == NL_OK, "%s", nl_errmsg(C));
  work_path(path, "w.txt");
  CHECK(nl_file_writable(C, path) == NL_OK, "%s", nl_errmsg(C));
  CHECK(access(path, F_OK) != 0, "writable made a file");
  CHECK(count_names(work_dir, 1) == 0, "writable left a temporary");
}

static void interrupted (void) {
  char path[512];
  reset();
  work_path(path, "int.txt");
  spit(path, "old", 3);
  nl_interrupt(C);
  CHECK(nl_file_write(C, path, "x", 1) == NL_INTERRUPTED, "save");
  CHECK(nl_file_read(C, path) == NULL && nl_errstatus(C) == NL_INTERRUPTED,
        "load");
  nl_interrupt_clear(C);
  CHECK(same_file(path, "old", 3), "the old file");
  CHECK(count_names(work_dir, 1) == 0, "a temporary is left");
}

int main (void) {
  nl_io io = {.open = f_open, .read = f_read, .write = f_write,
              .fsync = f_fsync, .chmod = f_chmod, .close = f_close,
              .fstat = f_fstat, .stat = f_stat, .rename = f_rename,
              .unlink = f_unlink};
  nl_config cfg = {.struct_size = sizeof cfg,
                   .alloc = {f_alloc, f_free, NULL},
                   .io = &io, .threads = 1, .no_recycling = true};
  F.at = F.alloc_at = -1;
  C = nl_ctx_new(&cfg);
  work_begin();
  for (size_t i = 0; i < NTASK; i++) io_faults(&tasks[i]);
  for (size_t i = 0; i < NTASK; i++) alloc_faults(&tasks[i]);
  killed_saves(&tasks[0]);
  killed_saves(&tasks[4]);
  modes_and_links();
  refusals();
  interrupted();
  work_end();
  nl_ctx_free(C);
  return check_done();
}
