/* files.h: folders, whole files and counts for the C tests of io and data. */
#ifndef FILES_H
#define FILES_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef NL_TEST_DIR
#define NL_TEST_DIR "tests"
#endif

static char work_dir[256]; /* a folder of the test's own */

static inline void work_begin (void) {
  const char *tmp = getenv("TMPDIR");
  snprintf(work_dir, sizeof work_dir, "%s/nnlua-test-XXXXXX",
           tmp != NULL && *tmp ? tmp : "/tmp");
  if (mkdtemp(work_dir) == NULL) {
    perror(work_dir);
    exit(1);
  }
}

/* Names in a folder, apart from "." and ".."; with_temps counts only the
   temporaries of saves. */
static inline int count_names (const char *dir, int only_temps) {
  DIR *d = opendir(dir);
  int n = 0;
  if (d == NULL) return -1;
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      n += !only_temps || strstr(e->d_name, ".nltmp") != NULL;
  closedir(d);
  return n;
}

static inline int open_files (void) {
  return count_names("/proc/self/fd", 0);
}

static inline void work_end (void) {
  char path[1024];
  DIR *d = opendir(work_dir);
  for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
    snprintf(path, sizeof path, "%s/%s", work_dir, e->d_name);
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      unlink(path);
  }
  if (d != NULL) closedir(d);
  rmdir(work_dir);
}

static inline char *work_path (char buf[512], const char *name) {
  snprintf(buf, 512, "%.200s/%.300s", work_dir, name);
  return buf;
}

/* malloc'ed; NULL when there is none */
static inline char *slurp (const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return NULL;
  fseek(f, 0, SEEK_END);
  long size = ftell(f);
  rewind(f);
  char *p = (char *)malloc((size_t)size + 1);
  *n = fread(p, 1, (size_t)size, f);
  p[*n] = 0;
  fclose(f);
  return p;
}

static inline void spit (const char *path, const void *p, size_t n) {
  FILE *f = fopen(path, "wb");
  if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
    perror(path);
    exit(1);
  }
}

static inline int same_file (const char *path, const void *p, size_t n) {
  size_t k = 0;
  char *q = slurp(path, &k);
  int same = q != NULL && k == n && memcmp(p, q, n) == 0;
  free(q);
  return same;
}

#endif
