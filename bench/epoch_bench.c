/* epoch_bench.c: the matrix products alone of one epoch of training, as bare
 * calls of OpenBLAS's sgemm: what no training on it can undercut.
 *
 *   epoch_bench THREADS [STEPS]
 *
 * Like bench/ours.lua it reads works, a line each, and answers with seconds:
 *   epoch 512 rows    weights [out, in], as modules keep them
 *   epoch 512 columns weights [in, out]
 * 250 steps of batches of 200 (or STEPS, scaled).  A step of a network with n
 * layers is n products forward, n for the weights' gradients, and n - 1 for
 * the gradients of what lies between. */
#define _POSIX_C_SOURCE 200809L
#include <cblas.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 200
#define EPOCH_STEPS 250
#define MOST 784

static const int wide[] = { 784, 512, 512, 10 };
static const int narrow[] = { 784, 128, 10 };

typedef struct net {
  const int *size;
  int layers;
  bool rows;
  float *x[4], *dx[4]; /* (BATCH, size[i]) */
  float *w[3], *dw[3]; /* (size[i], size[i + 1]), or transposed */
} net;

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *filled (int rows, int columns) {
  size_t n = (size_t)rows * (size_t)columns;
  float *p = aligned_alloc(64, (n * sizeof *p + 63) / 64 * 64);
  if (p == NULL) exit(1);
  for (size_t i = 0; i < n; i++)
    p[i] = (float)((int)(i * 7919 % 2001) - 1000) * 1e-4f;
  return p;
}

static void make (net *n, const char *name, bool rows) {
  *n = (net){ .size = narrow, .layers = 2, .rows = rows };
  if (strcmp(name, "512") == 0) n->size = wide, n->layers = 3;
  for (int i = 0; i <= n->layers; i++) {
    n->x[i] = filled(BATCH, n->size[i]);
    n->dx[i] = filled(BATCH, n->size[i]);
    if (i == n->layers) break;
    n->w[i] = filled(n->size[i], n->size[i + 1]);
    n->dw[i] = filled(n->size[i], n->size[i + 1]);
  }
}

static void done (net *n) {
  for (int i = 0; i <= n->layers; i++) {
    free(n->x[i]);
    free(n->dx[i]);
    if (i == n->layers) break;
    free(n->w[i]);
    free(n->dw[i]);
  }
}

/* c (m, n) = a b, over k; row-major, ta and tb: transposed in memory */
static void product (bool ta, bool tb, int m, int n, int k, const float *a,
                     const float *b, float *c) {
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans,
              tb ? CblasTrans : CblasNoTrans, m, n, k, 1, a, ta ? m : k, b,
              tb ? k : n, 0, c, n);
}

static void step (net *n) {
  const int *s = n->size;
  for (int i = 0; i < n->layers; i++)
    product(false, n->rows, BATCH, s[i + 1], s[i], n->x[i], n->w[i],
            n->x[i + 1]);
  for (int i = n->layers - 1; i >= 0; i--) {
    if (n->rows)
      product(true, false, s[i + 1], s[i], BATCH, n->dx[i + 1], n->x[i],
              n->dw[i]);
    else
      product(true, false, s[i], s[i + 1], BATCH, n->x[i], n->dx[i + 1],
              n->dw[i]);
    if (i > 0)
      product(false, !n->rows, BATCH, s[i], s[i + 1], n->dx[i + 1], n->w[i],
              n->dx[i]);
  }
}

int main (int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  int steps = argc > 2 ? atoi(argv[2]) : EPOCH_STEPS;
  if (threads < 1 || steps < 1) {
    fputs("epoch_bench: usage: epoch_bench THREADS [STEPS]\n", stderr);
    return 2;
  }
  if (steps > EPOCH_STEPS) steps = EPOCH_STEPS;
  openblas_set_num_threads(threads);
  char line[128], name[16], layout[16];
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strcmp(line, "quit\n") == 0) break;
    if (strcmp(line, "version\n") == 0) {
      printf("%s, kernels %s\n", openblas_get_config(),
             openblas_get_corename());
      continue;
    }
    if (sscanf(line, "epoch %15s %15s", name, layout) != 2) {
      puts("error: no such work");
      continue;
    }
    net n;
    make(&n, name, strcmp(layout, "rows") == 0);
    for (int i = 0; i < 3; i++) step(&n);
    double start = now();
    for (int i = 0; i < steps; i++) step(&n);
    printf("%.9g\n", (now() - start) * EPOCH_STEPS / steps);
    done(&n);
  }
  return 0;
}
