/* parallel_test.c: the worker threads of base/parallel.c. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "check.h"

static nl_ctx *make (int threads) {
  nl_config cfg;
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.threads = threads;
  return nl_ctx_new(&cfg);
}

static double seconds (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void nap (long us) {
  struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
  nanosleep(&t, NULL);
}

/* ---- every index once ---- */

static void count (void *ud, int64_t i) { ((unsigned char *)ud)[i]++; }

static void test_each_once (nl_ctx *C) {
  static const int64_t sizes[] = {0, 1, 2, 3, 7, 64, 1000, 100003};
  static const double works[] = {0, 1, 100, 1e5, 1e9};
  unsigned char *seen = malloc(100003);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    for (size_t w = 0; w < sizeof works / sizeof *works; w++) {
      int64_t n = sizes[s], bad = 0;
      memset(seen, 0, 100003);
      nl_status st = nl__parallel_for(C, n, works[w], count, seen);
      for (int64_t i = 0; i < 100003; i++) bad += seen[i] != (i < n);
      CHECK(st == NL_OK && bad == 0, "n = %d, work = %g: %d wrong", (int)n,
            works[w], (int)bad);
    }
  }
  free(seen);
}

/* ---- many loops, close together and apart, with and without sleep ---- */

static void add_one (void *ud, int64_t i) { ((int *)ud)[i] += 1; }

static void test_many (nl_ctx *C) {
  static int sum[17];
  int bad = 0;
  memset(sum, 0, sizeof sum);
  for (int k = 0; k < 20000; k++) {
    nl__parallel_for(C, 17, 1e6, add_one, sum);
    if (k % 1000 == 0) nap(k % 3000); /* some workers fall asleep */
  }
  for (int i = 0; i < 17; i++) bad += sum[i] != 20000;
  CHECK(bad == 0, "%d of 17 cells differ from 20000", bad);
}

/* ---- who runs ---- */

typedef struct {
  pthread_t main;
  atomic_int strangers; /* indices run by a thread other than main */
  atomic_int blocked, plain;
  int want;
} who;

static void ask (void *ud, int64_t i) {
  who *w = (who *)ud;
  (void)i;
  if (!pthread_equal(pthread_self(), w->main)) {
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    if (sigismember(&set, SIGINT) && sigismember(&set, SIGTERM))
      atomic_fetch_add(&w->blocked, 1);
    volatile float tiny = 1e-38f, tenth = 0.1f;
    if (tiny * tenth > 0) atomic_fetch_add(&w->plain, 1);
    atomic_fetch_add(&w->strangers, 1);
  } else { /* gives the others time to come */
    double end = seconds() + 5.0;
    while (atomic_load(&w->strangers) < w->want && seconds() < end) nap(100);
  }
}

static void test_who (nl_ctx *C) {
  who w;
  memset(&w, 0, sizeof w);
  w.main = pthread_self();
  nl__parallel_for(C, 50, 1, ask, &w);
  CHECK(atomic_load(&w.strangers) == 0, "small work left the caller");
  CHECK(nl_set_threads(C, 2) == NL_OK, "%s", nl_errmsg(C));
  w.want = 1;
  nl__parallel_for(C, 50, 1e6, ask, &w);
  int strangers = atomic_load(&w.strangers);
  CHECK(strangers > 0, "large work stayed with the caller");
  CHECK(atomic_load(&w.blocked) == strangers, "signals open in a worker");
  CHECK(atomic_load(&w.plain) == strangers, "denormals flushed in a worker");
  CHECK(nl_set_threads(C, 1) == NL_OK, "%s", nl_errmsg(C));
  w.want = 0;
  nl__parallel_for(C, 50, 1e6, ask, &w);
  CHECK(atomic_load(&w.strangers) == strangers, "one thread is the caller");
  nl_set_threads(C, 2);
}

/* ---- interruption ---- */

typedef struct {
  nl_ctx *C;
  atomic_int ran;
} stopper;

static void stop_at_10 (void *ud, int64_t i) {
  stopper *s = (stopper *)ud;
  (void)i;
  if (atomic_fetch_add(&s->ran, 1) == 10) nl_interrupt(s->C);
}

static void test_interrupt (nl_ctx *C) {
  for (int threads = 1; threads <= 3; threads++) {
    stopper s = {.C = C};
    nl_set_threads(C, threads);
    nl_status st = nl__parallel_for(C, 1000000, 1e4, stop_at_10, &s);
    CHECK(st == NL_INTERRUPTED, "status %d", (int)st);
    CHECK(nl_errstatus(C) == NL_INTERRUPTED, "%s", nl_errmsg(C));
    CHECK(atomic_load(&s.ran) < 100, "%d ran on", atomic_load(&s.ran));
    st = nl__parallel_for(C, 5, 1e4, stop_at_10, &s);
    CHECK(st == NL_INTERRUPTED, "the flag holds until it is cleared");
    nl_interrupt_clear(C);
    nl_error_clear(C);
  }
  nl_set_threads(C, 2);
  test_each_once(C);
}

/* ---- fork, thread counts, contexts side by side, no threads to be had ---- */

static void test_fork (nl_ctx *C) {
  static int sum[100];
  nl__parallel_for(C, 100, 1e6, add_one, sum); /* the pool exists */
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    int bad = 0;
    alarm(20);
    for (int k = 0; k < 10; k++) nl__parallel_for(C, 100, 1e6, add_one, sum);
    for (int i = 0; i < 100; i++) bad += sum[i] != 11;
    nl_ctx_free(C); /* joins nobody */
    _exit(bad == 0 ? 0 : 1);
  }
  int status = -1;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: %d", status);
}

static void test_counts (nl_ctx *C) {
  static const int counts[] = {2, 5, 1, 64, 3, 2};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    static int sum[1000];
    int bad = 0;
    memset(sum, 0, sizeof sum);
    CHECK(nl_set_threads(C, counts[i]) == NL_OK, "%s", nl_errmsg(C));
    for (int k = 0; k < 20; k++) nl__parallel_for(C, 1000, 1e4, add_one, sum);
    for (int j = 0; j < 1000; j++) bad += sum[j] != 20;
    CHECK(bad == 0, "%d threads: %d wrong", counts[i], bad);
  }
}

static void *other_context (void *ud) {
  static int zero;
  (void)ud;
  nl_ctx *C = make(2);
  int *sum = calloc(1000, sizeof *sum);
  intptr_t bad = C == NULL;
  for (int k = 0; k < 200; k++) nl__parallel_for(C, 1000, 1e4, add_one, sum);
  for (int j = 0; j < 1000; j++) bad += sum[j] != 200;
  free(sum);
  nl_ctx_free(C);
  return bad == 0 ? NULL : &zero;
}

static void test_contexts (void) {
  pthread_t t[3];
  for (int i = 0; i < 3; i++)
    pthread_create(&t[i], NULL, other_context, NULL);
  for (int i = 0; i < 3; i++) {
    void *bad = t;
    pthread_join(t[i], &bad);
    CHECK(bad == NULL, "context %d computed wrong sums", i);
  }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static void test_refused (void) {} /* they need address space themselves */
#else
static void test_refused (void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    static int sum[100];
    int bad = 0;
    nl_ctx *C = make(8);
    struct rlimit none = {.rlim_cur = 1, .rlim_max = 1};
    void *hold = malloc(1000); /* the heap is warm */
    free(hold);
    setrlimit(RLIMIT_AS, &none);
    if (nl__parallel_for(C, 100, 1e6, add_one, sum) != NL_OK) _exit(2);
    for (int i = 0; i < 100; i++) bad += sum[i] != 1;
    _exit(bad == 0 ? 0 : 1);
  }
  int status = -1;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: %d", status);
}
#endif

/* ---- the control word ---- */

static void test_fp (void) {
#if defined(__x86_64__)
  unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(0xff80u); /* flush to zero, round towards zero */
  /* valgrind keeps the rounding, not the flushing */
  unsigned kept = __builtin_ia32_stmxcsr() & 0xffc0u;
  volatile float one = 1, third = 3, tiny = 1e-38f, tenth = 0.1f;
  unsigned saved = nl__fp_enter();
  float q = one / third, d = tiny * tenth;
  nl__fp_leave(saved);
  unsigned after = __builtin_ia32_stmxcsr() & 0xffc0u;
  __builtin_ia32_ldmxcsr(before);
  CHECK(q == 1.0f / 3.0f, "rounds to nearest");
  CHECK(d > 0, "keeps denormals");
  CHECK(after == kept, "restored %x, was %x", after, kept);
#endif
}

int main (void) {
  nl_ctx *C = make(2);
  CHECK(C != NULL, "a context");
  if (C == NULL) return check_done();
  test_each_once(C);
  test_many(C);
  test_who(C);
  test_interrupt(C);
  test_counts(C);
  test_fork(C);
  nl_ctx_free(C);
  test_contexts();
  test_refused();
  test_fp();
  return check_done();
}
