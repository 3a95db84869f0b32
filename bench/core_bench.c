/* core_bench.c: how fast are the processors just now?
 *
 *   core_bench THREADS
 *
 * Answers each line with the seconds that the same arithmetic and copies take,
 * on THREADS processors at once, a thread on each.  Virtual processors share
 * cores with their neighbours, or with each other: then it takes up to twice
 * as long, and bench/run.lua measures again. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* CPU_SET */
#endif
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 64
#define CHAINS 12 /* that do not wait for each other */
#define TURNS 1000000
#define HALF 16384 /* elements */
#define COPIES 1000

typedef float four __attribute__((vector_size(16)));

typedef struct task {
  pthread_t thread;
  pthread_barrier_t *start;
  int cpu; /* or -1 */
  double seconds;
  float result;
  unsigned half[2][HALF];
} task;

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Multiplications and additions from registers alone: nothing but the core's
   units, and who else uses them, is measured. */
static float arithmetic (void) {
  four x[CHAINS], sum = { 0 };
  for (int i = 0; i < CHAINS; i++) x[i] = (four){ 1, 2, 3, (float)i };
  const four a = { 0.999f, 0.998f, 0.997f, 0.996f }, b = a * 0.125f;
  for (int n = 0; n < TURNS; n++) {
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; i++) x[i] = x[i] * a + b;
  }
  for (int i = 0; i < CHAINS; i++) sum += x[i];
  return sum[0] + sum[1] + sum[2] + sum[3];
}

/* Copies between arrays that stand in the second cache, each step of which
   waits for a branch: who shares the core's caches and its front end slows
   these where the arithmetic does not notice. */
static unsigned copies (unsigned *from, unsigned *to) {
  unsigned odd = 1;
  for (int n = 0; n < COPIES; n++) {
    memcpy(to, from, HALF * sizeof *to);
    for (int i = 0; i < HALF; i += 16) odd = odd * 5 + (to[i] & 1u ? odd >> 7 : 3u);
    from[n % HALF] = odd;
  }
  return odd;
}

static void *run (void *arg) {
  task *t = (task *)arg;
  if (t->cpu >= 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(t->cpu, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
  }
  pthread_barrier_wait(t->start);
  double start = now();
  t->result = arithmetic() + (float)copies(t->half[0], t->half[1]);
  t->seconds = now() - start;
  return NULL;
}

/* Seconds of the slowest thread. */
static double measure (int n) {
  static task tasks[MOST];
  pthread_barrier_t start;
  cpu_set_t may;
  int cpu = -1, made = 0;
  double most = 0;
  if (sched_getaffinity(0, sizeof may, &may) != 0) CPU_ZERO(&may);
  pthread_barrier_init(&start, NULL, (unsigned)n);
  for (; made < n; made++) {
    do cpu++;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &may));
    tasks[made].start = &start;
    tasks[made].cpu = cpu < CPU_SETSIZE ? cpu : -1;
    if (pthread_create(&tasks[made].thread, NULL, run, &tasks[made]) != 0) {
      fputs("core_bench: a thread could not be started\n", stderr);
      exit(1);
    }
  }
  for (int i = 0; i < n; i++) {
    pthread_join(tasks[i].thread, NULL);
    if (tasks[i].seconds > most) most = tasks[i].seconds;
  }
  pthread_barrier_destroy(&start);
  return most;
}

int main (int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  char line[128];
  if (threads < 1 || threads > MOST) {
    fputs("core_bench: usage: core_bench THREADS\n", stderr);
    return 2;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL &&
         strcmp(line, "quit\n") != 0)
    printf("%.9g\n", measure(threads));
  return 0;
}
