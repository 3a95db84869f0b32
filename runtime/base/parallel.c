/* parallel.c: loops over a few worker threads of our own.
 *
 * One word, `state`, holds the number of the current job, whether it is still
 * open, and how many workers are in it.  A worker enters a job only by adding
 * itself to that word while the job is open; the caller takes part, closes
 * the job when the indices have run out and waits for those inside.  So a
 * worker that wakes late costs nothing: it finds the job closed.  The job's
 * fields are written only while no worker is inside.
 *
 * Workers spin for some tens of microseconds after a job, because the next
 * one is usually near, then sleep on a condition.  They are pinned to other
 * processors than the caller's: left alone, two spinning threads can share
 * one core for milliseconds while the other idles. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* sched_getcpu, pthread_setaffinity_np */
#endif
#include "base/base.h"

#include <string.h>
#include <uv.h>

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

#define MAX_THREADS 64
#define SPIN_NS 30000u    /* a worker's patience before it sleeps */
#define WORTH_NS 8000.0   /* less work than this stays with the caller */
#define COLD_NS 40000.0   /* as WORTH_NS, when workers have to be woken */
#define NEAR_NS 100000u   /* loops this close together keep workers awake */
#define GRAIN_NS 1000.0   /* a worker takes about this much at a time */
#define STACK_SIZE 1048576 /* bytes: tiles of a fused group take up to 310 KiB */

#define OPEN 0x8000u /* of state: workers may enter the job */
#define INSIDE 0x7fffu /* of state: how many are in it */
#define JOB(s) ((s) >> 16)

struct nl_pool {
  /* the job */
  void (*body) (void *ud, int64_t i);
  void *ud;
  int64_t n, chunk;
  atomic_int *interrupted;
  atomic_bool skipped; /* some index was not run */
  /* the threads */
  nl_ctx *C;
  int wanted;   /* the context's thread count this was built for */
  int nworkers; /* that exist, at most wanted - 1 */
  unsigned spin;
  uint64_t last; /* when a loop last found the workers asleep */
  bool pinned;
  unsigned caller_cpu;
#if !defined(_WIN32)
  pid_t pid; /* threads do not survive a fork */
#endif
  uv_thread_t thread[MAX_THREADS];
  unsigned cpu[MAX_THREADS];
  uv_mutex_t lock;
  uv_cond_t wake, done;
  /* what threads contend for, each on a line of its own */
  _Alignas(64) atomic_uint_least64_t state;
  atomic_int sleepers; /* changes under the lock */
  atomic_bool stop, waiting;
  _Alignas(64) atomic_int_least64_t next; /* the first index not taken */
};

static inline void pause_cpu (void) {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

/* ---- floating point control ---- */

#if defined(__x86_64__)
/* Round to nearest, denormals kept, exceptions masked; their sticky flags as
   they were. */
#define FP_CONTROL 0xffc0u
#define FP_PLAIN 0x1f80u
static inline unsigned fp_get (void) { return _mm_getcsr(); }
static inline void fp_set (unsigned w) { _mm_setcsr(w); }
#elif defined(__aarch64__)
#define FP_CONTROL 0x07ff9f07u /* FPCR: AHP DN FZ RMode, traps, FZ16 */
#define FP_PLAIN 0u
static inline unsigned fp_get (void) {
  uint64_t w;
  __asm__ volatile("mrs %0, fpcr" : "=r"(w));
  return (unsigned)w;
}
static inline void fp_set (unsigned w) {
  uint64_t x = w;
  __asm__ volatile("msr fpcr, %0" : : "r"(x) : "memory");
}
#else
#define FP_CONTROL 0u
#define FP_PLAIN 0u
static inline unsigned fp_get (void) { return 0; }
static inline void fp_set (unsigned w) { (void)w; }
#endif

unsigned nl__fp_enter (void) {
  unsigned old = fp_get();
  if ((old & FP_CONTROL) != FP_PLAIN) fp_set((old & ~FP_CONTROL) | FP_PLAIN);
  return old;
}

void nl__fp_leave (unsigned saved) {
  unsigned now = fp_get();
  if (((now ^ saved) & FP_CONTROL) != 0)
    fp_set((now & ~FP_CONTROL) | (saved & FP_CONTROL));
}

/* ---- workers ---- */

/* Runs indices of the current job until none is left. */
static void take (struct nl_pool *p) {
  int64_t n = p->n, chunk = p->chunk;
  for (;;) {
    int64_t i = atomic_fetch_add_explicit(&p->next, chunk,
                                          memory_order_relaxed);
    if (i >= n) return;
    int64_t end = n - i < chunk ? n : i + chunk;
    for (; i < end; i++) {
      if (atomic_load_explicit(p->interrupted, memory_order_relaxed)) {
        atomic_store_explicit(&p->skipped, true, memory_order_relaxed);
        return;
      }
      p->body(p->ud, i);
    }
  }
}

/* Waits for a job other than `seen`; false when the pool is to end. */
static bool await_job (struct nl_pool *p, uint64_t seen) {
  uint64_t start = 0;
  for (unsigned i = 0; p->spin > 0; i++) {
    if (JOB(atomic_load_explicit(&p->state, memory_order_acquire)) != seen)
      return true;
    if (i % 64 == 0) { /* look at the clock now and then */
      uint64_t now = uv_hrtime();
      if (start == 0) start = now;
      if (now - start > p->spin) break;
    }
    pause_cpu();
  }
  /* Both this and the caller's side are sequentially consistent: either the
     caller sees a sleeper, or we see its job. */
  uv_mutex_lock(&p->lock);
  atomic_fetch_add(&p->sleepers, 1);
  while (JOB(atomic_load(&p->state)) == seen && !atomic_load(&p->stop))
    uv_cond_wait(&p->wake, &p->lock);
  atomic_fetch_sub(&p->sleepers, 1);
  uv_mutex_unlock(&p->lock);
  return !atomic_load(&p->stop);
}

static void leave (struct nl_pool *p) {
  uint64_t s = atomic_fetch_sub(&p->state, 1) - 1;
  if ((s & (OPEN | INSIDE)) == 0 && atomic_load(&p->waiting)) {
    uv_mutex_lock(&p->lock);
    uv_cond_signal(&p->done);
    uv_mutex_unlock(&p->lock);
  }
}

static void worker (void *arg) {
  struct nl_pool *p = (struct nl_pool *)arg;
  uint64_t seen = 0;
  nl__fp_enter();
  while (await_job(p, seen)) {
    uint64_t s = atomic_load(&p->state);
    seen = JOB(s);
    while ((s & OPEN) && JOB(s) == seen) {
      if (atomic_compare_exchange_weak(&p->state, &s, s + 1)) {
        take(p);
        leave(p);
        break;
      }
    }
  }
}

/* ---- where threads run ---- */

#if defined(__linux__)
static void pin (struct nl_pool *p, int i) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(p->cpu[i], &one);
  pthread_setaffinity_np(p->thread[i], sizeof one, &one);
}

/* Gives each worker a processor that is not the caller's, if there are as
   many as threads; else nobody is pinned and nobody spins. */
static void place (struct nl_pool *p) {
  cpu_set_t may;
  int here = sched_getcpu();
  if (here < 0 || sched_getaffinity(0, sizeof may, &may) != 0 ||
      CPU_COUNT(&may) < p->wanted) {
    p->spin = 0;
    return;
  }
  p->caller_cpu = (unsigned)here;
  int n = 0;
  for (unsigned c = 0; c < CPU_SETSIZE && n < p->wanted - 1; c++)
    if (CPU_ISSET(c, &may) && c != p->caller_cpu) p->cpu[n++] = c;
  p->pinned = true;
}

/* The caller may have been moved onto a worker's processor: they swap. */
static void replace (struct nl_pool *p) {
  int here = p->pinned ? sched_getcpu() : -1;
  unsigned c = (unsigned)here;
  if (here < 0 || c == p->caller_cpu) return;
  for (int i = 0; i < p->nworkers; i++) {
    if (p->cpu[i] != c) continue;
    p->cpu[i] = p->caller_cpu;
    pin(p, i);
  }
  p->caller_cpu = c;
}
#else
static void pin (struct nl_pool *p, int i) {
  (void)p;
  (void)i;
}
static void place (struct nl_pool *p) { p->pinned = false; }
static void replace (struct nl_pool *p) { (void)p; }
#endif

/* ---- the pool's life ---- */

static bool after_fork (const struct nl_pool *p) {
#if defined(_WIN32)
  (void)p;
  return false;
#else
  return p->pid != getpid();
#endif
}

/* Starts wanted - 1 workers with every signal blocked, so that the host's
   handlers run in the host's threads; fewer when the system refuses. */
static void start_workers (struct nl_pool *p) {
#if !defined(_WIN32)
  sigset_t all, old;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &old) != 0) return;
#endif
  uv_thread_options_t opt = {.flags = UV_THREAD_HAS_STACK_SIZE,
                             .stack_size = STACK_SIZE};
  for (int i = 0; i < p->wanted - 1; i++) {
    if (uv_thread_create_ex(&p->thread[i], &opt, worker, p) != 0) break;
    if (p->pinned) pin(p, i);
    p->nworkers = i + 1;
  }
#if !defined(_WIN32)
  pthread_sigmask(SIG_SETMASK, &old, NULL);
#endif
}

/* A pool for the context's thread count, or NULL: then the loop runs here. */
static struct nl_pool *pool_new (nl_ctx *C) {
  struct nl_pool *p = (struct nl_pool *)nl__alloc(C, sizeof *p);
  if (p == NULL) { /* a loop can do without */
    nl_error_clear(C);
    return NULL;
  }
  memset(p, 0, sizeof *p);
  p->C = C;
  p->wanted = C->nthreads < MAX_THREADS ? C->nthreads : MAX_THREADS;
  p->spin = SPIN_NS;
#if !defined(_WIN32)
  p->pid = getpid();
#endif
  if (uv_mutex_init(&p->lock) != 0) goto no_lock;
  if (uv_cond_init(&p->wake) != 0) goto no_wake;
  if (uv_cond_init(&p->done) != 0) goto no_done;
  place(p);
  start_workers(p);
  return p;
no_done:
  uv_cond_destroy(&p->wake);
no_wake:
  uv_mutex_destroy(&p->lock);
no_lock:
  nl__free(C, p, sizeof *p);
  return NULL;
}

void nl__pool_free (struct nl_pool *p) {
  if (p == NULL) return;
  if (!after_fork(p)) { /* a child has no workers to join */
    uv_mutex_lock(&p->lock);
    atomic_store(&p->stop, true);
    uv_cond_broadcast(&p->wake);
    uv_mutex_unlock(&p->lock);
    for (int i = 0; i < p->nworkers; i++) uv_thread_join(&p->thread[i]);
    uv_cond_destroy(&p->done);
    uv_cond_destroy(&p->wake);
    uv_mutex_destroy(&p->lock);
  }
  nl__free(p->C, p, sizeof *p);
}

/* The context's pool, made or remade; NULL when there are no workers. */
static struct nl_pool *pool_of (nl_ctx *C) {
  struct nl_pool *p = C->threads;
  int wanted = C->nthreads < MAX_THREADS ? C->nthreads : MAX_THREADS;
  if (p != NULL && after_fork(p)) return NULL;
  if (p == NULL || p->wanted != wanted) {
    nl__pool_free(p);
    p = C->threads = pool_new(C);
  }
  return p != NULL && p->nworkers > 0 ? p : NULL;
}

/* ---- the loop ---- */

/* Waking a sleeper takes 10 us and more: a lone middling loop is better run
   here, one of many is worth waking for. */
static bool worth_waking (struct nl_pool *p, double total) {
  if (total >= COLD_NS || atomic_load(&p->sleepers) == 0) return true;
  uint64_t now = uv_hrtime(), before = p->last;
  p->last = now;
  return now - before < NEAR_NS;
}

static nl_status interrupted (nl_ctx *C) {
  return nl_error(C, NL_INTERRUPTED, "interrupted");
}

static atomic_int *flag_of (nl_ctx *C) {
  return C->held ? &C->never : &C->interrupted;
}

static nl_status run_here (nl_ctx *C, int64_t n,
                           void (*body) (void *ud, int64_t i), void *ud) {
  atomic_int *flag = flag_of(C);
  for (int64_t i = 0; i < n; i++) {
    if (atomic_load_explicit(flag, memory_order_relaxed))
      return interrupted(C);
    body(ud, i);
  }
  return NL_OK;
}

/* Nobody enters any more; waits until those inside have left. */
static void close_job (struct nl_pool *p) {
  uint64_t s = atomic_fetch_and(&p->state, ~(uint64_t)OPEN);
  if ((s & INSIDE) == 0) return;
  uint64_t start = 0;
  for (unsigned i = 0; p->spin > 0; i++) {
    if ((atomic_load(&p->state) & INSIDE) == 0) return;
    if (i % 64 == 63) {
      uint64_t now = uv_hrtime();
      if (start == 0) start = now;
      if (now - start > p->spin) break;
    }
    pause_cpu();
  }
  uv_mutex_lock(&p->lock);
  atomic_store(&p->waiting, true);
  while ((atomic_load(&p->state) & INSIDE) != 0)
    uv_cond_wait(&p->done, &p->lock);
  atomic_store(&p->waiting, false);
  uv_mutex_unlock(&p->lock);
}

nl_status nl__parallel_for (nl_ctx *C, int64_t n, double work,
                            void (*body) (void *ud, int64_t i), void *ud) {
  if (n < 2 || C->nthreads < 2 || (double)n * work < WORTH_NS)
    return run_here(C, n, body, ud);
  struct nl_pool *p = pool_of(C);
  if (p == NULL || !worth_waking(p, (double)n * work))
    return run_here(C, n, body, ud);
  replace(p);
  int64_t even = n / (4 * (int64_t)p->wanted);
  double grain = work > 0 ? GRAIN_NS / work : 1.0;
  int64_t chunk = grain < (double)even ? (int64_t)grain : even;
  p->interrupted = flag_of(C);
  p->body = body;
  p->ud = ud;
  p->n = n;
  p->chunk = chunk < 1 ? 1 : chunk;
  atomic_store_explicit(&p->skipped, false, memory_order_relaxed);
  atomic_store_explicit(&p->next, 0, memory_order_relaxed);
  uint64_t job = JOB(atomic_load(&p->state)) + 1;
  atomic_store(&p->state, job << 16 | OPEN);
  if (atomic_load(&p->sleepers) > 0) {
    uv_mutex_lock(&p->lock);
    uv_cond_broadcast(&p->wake);
    uv_mutex_unlock(&p->lock);
  }
  take(p);
  close_job(p);
  return atomic_load(&p->skipped) ? interrupted(C) : NL_OK;
}
