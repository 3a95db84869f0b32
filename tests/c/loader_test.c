/* loader_test.c: the loader's sequence under many schedules.  The oracle is
 * written out here without threads: which row stands where in which batch.
 * A hook in the workers sleeps by chance, fails or is closed at a chosen
 * batch; whatever the workers do, the caller sees the same arrays. */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "data/data.h"
#include "files.h"
#include "nnlua.h"

static nl_ctx *C;

#define N 97 /* rows */
#define W 5  /* elements of a row */

static uint8_t images[N][W];
static int64_t labels[N];

static void nap (unsigned microseconds) {
  struct timespec t = {0, (long)microseconds * 1000};
  nanosleep(&t, NULL);
}

static int threads (void) { return count_names("/proc/self/task", 0); }

/* Workers are joined, but the kernel may list a thread a moment longer. */
static int threads_settled (int want) {
  for (int i = 0; i < 200 && threads() > want; i++) nap(1000);
  return threads();
}

/* ---- the hook ---- */

typedef struct plan {
  unsigned seed;
  int64_t fail_at; /* batch, or -1 */
} plan;

static int hook (void *ud, const nl_loader_job *job, char *err, size_t nerr) {
  const plan *p = (const plan *)ud;
  unsigned h = (p->seed * 2654435761u) ^ (unsigned)job->batch * 40503u ^
               (unsigned)job->worker * 977u;
  if (p->seed != 0 && h % 3 == 0) nap(h / 3 % 200);
  if (job->batch != p->fail_at) return 0;
  snprintf(err, nerr, "row %lld is bad", (long long)job->index[0] + 1);
  return 1;
}

/* ---- a loader and its oracle ---- */

typedef struct options {
  int64_t batch;
  int workers, prefetch;
  nl_last last;
  bool shuffle, with_subset;
  plan plan;
} options;

static const int64_t subset[] = {90, 3, 3, 17, 55, 0, 96, 41, 8, 29, 70};
#define NSUBSET ((int64_t)(sizeof subset / sizeof *subset))

static nl_loader *make (const options *o, void *plan_ud) {
  int64_t shape[2] = {N, W};
  nl_loader_field f[2];
  memset(f, 0, sizeof f);
  f[0].rows = nl_value_from(C, NL_U8, 2, shape, images);
  f[0].normalize = true;
  f[0].mean = 0.25;
  f[0].std = 0.5;
  f[1].rows = nl_value_from(C, NL_I64, 1, shape, labels);
  nl_loader_config cfg = {
      .struct_size = sizeof cfg, .nfield = 2, .field = f, .batch = o->batch,
      .workers = o->workers, .prefetch = o->prefetch, .last = o->last,
      .shuffle = o->shuffle, .seed = 7, .map = plan_ud ? hook : NULL,
      .map_ud = plan_ud};
  if (o->with_subset) {
    cfg.subset = subset;
    cfg.nsubset = NSUBSET;
  }
  nl_loader *ld = nl_loader_new(C, &cfg);
  CHECK(ld != NULL, "%s", nl_errmsg(C));
  nl_pool_release(C, 0);
  return ld;
}

static int64_t batches_of (const options *o) {
  int64_t n = o->with_subset ? NSUBSET : N;
  return o->last == NL_LAST_DROP ? n / o->batch : (n + o->batch - 1) / o->batch;
}

/* Compares batch b of the epoch with what must be in it. */
static bool right (const options *o, int64_t epoch, int64_t b,
                   nl_value *const *out, const nl_loader_info *info) {
  int64_t n = o->with_subset ? NSUBSET : N, order[N];
  if (o->shuffle)
    nl_permutation(7, epoch, n, order);
  else
    for (int64_t i = 0; i < n; i++) order[i] = i;
  int64_t rows = n - b * o->batch;
  if (rows > o->batch || o->last == NL_LAST_WRAP) rows = o->batch;
  if (info->rows != rows || info->batch != b || info->epoch != epoch)
    return false;
  const float *x = (const float *)nl_data(C, out[0]);
  const int64_t *y = (const int64_t *)nl_data(C, out[1]);
  if (nl_shape(out[0])[0] != rows || nl_shape(out[1])[0] != rows) return false;
  for (int64_t k = 0; k < rows; k++) {
    int64_t r = order[(b * o->batch + k) % n];
    if (o->with_subset) r = subset[r];
    if (y[k] != labels[r]) return false;
    for (int j = 0; j < W; j++)
      if (x[k * W + j] != (float)((images[r][j] / 255.0 - 0.25) / 0.5))
        return false;
  }
  return true;
}

static void drop (nl_value **out) {
  nl_release(C, out[0]);
  nl_release(C, out[1]);
  nl_pool_release(C, 0);
}

/* Takes up to `most` batches; how many came.  Stops at an error. */
static int64_t take (nl_loader *ld, const options *o, int64_t epoch,
                     int64_t first, int64_t most, unsigned slow) {
  int64_t got = 0;
  nl_value *out[2];
  nl_loader_info info;
  while (got < most && nl_loader_next(C, ld, out, &info) == NL_OK &&
         info.rows > 0) {
    CHECK(right(o, epoch, first + got, out, &info),
          "epoch %lld, batch %lld is wrong", (long long)epoch,
          (long long)(first + got));
    drop(out);
    got++;
    if (slow != 0) nap((slow * 31 + (unsigned)got * 17) % 150);
  }
  return got;
}

/* ---- tests ---- */

static void every_option (void) {
  static const int64_t sizes[] = {1, 7, 10, 96, 97, 98, 200};
  static const int counts[] = {0, 1, 3};
  for (int s = 0; s < 7; s++)
    for (int w = 0; w < 3; w++)
      for (int flags = 0; flags < 12; flags++) {
        options o = {sizes[s], counts[w], 2, (nl_last)(flags % 3),
                     flags / 3 % 2 == 1, flags / 6 == 1, {0, -1}};
        nl_loader *ld = make(&o, NULL);
        int64_t n = batches_of(&o);
        CHECK(nl_loader_batches(ld) == n, "%lld batches",
              (long long)nl_loader_batches(ld));
        for (int64_t e = 1; e < 3; e++) {
          CHECK(nl_loader_epoch(C, ld, e, 0) == NL_OK, "%s", nl_errmsg(C));
          CHECK(take(ld, &o, e, 0, 1000, 0) == n, "fewer batches");
        }
        if (n > 1) { /* from the middle, another epoch in between */
          nl_loader_epoch(C, ld, 9, n / 2);
          take(ld, &o, 9, n / 2, 1, 0);
          nl_loader_epoch(C, ld, 4, n - 1);
          CHECK(take(ld, &o, 4, n - 1, 1000, 0) == 1, "the last batch");
        }
        nl_loader_free(C, ld);
      }
}

static void failing (const options *o, unsigned seed) {
  plan p = {seed, (int64_t)(seed % (unsigned)batches_of(o))};
  nl_loader *ld = make(o, &p);
  nl_value *out[2];
  nl_loader_info info;
  char want[80];
  nl_loader_epoch(C, ld, 3, 0);
  CHECK(take(ld, o, 3, 0, 1000, seed % 5) == p.fail_at, "good batches first");
  snprintf(want, sizeof want, "epoch 3, batch %lld: row",
           (long long)p.fail_at + 1);
  for (int i = 0; i < 2; i++) /* the second call repeats the reason */
    CHECK((i == 0 || nl_loader_next(C, ld, out, &info) == NL_ERROR) &&
              strstr(nl_errmsg(C), want) != NULL, "%s", nl_errmsg(C));
  CHECK(nl_loader_epoch(C, ld, 4, 0) == NL_ERROR, "a closed loader");
  nl_loader_free(C, ld);
}

/* One seed: a schedule, and what happens in it. */
static void schedule (unsigned seed) {
  options o = {1 + seed % 23, (int)(seed % 5), 1 + (int)(seed % 4),
               (nl_last)(seed % 3), seed % 2 == 1, false, {seed, -1}};
  if (seed % 4 == 0) {
    failing(&o, seed);
    return;
  }
  nl_loader *ld = make(&o, &o.plan);
  int64_t n = batches_of(&o), cut = (int64_t)(seed / 3 % (unsigned)n) + 1;
  nl_loader_epoch(C, ld, seed, 0);
  switch (seed % 4) {
    case 1: /* all of it, a slow caller */
      CHECK(take(ld, &o, seed, 0, 1000, seed) == n, "seed %u", seed);
      break;
    case 2: /* stopped somewhere, then on from there */
      CHECK(take(ld, &o, seed, 0, cut, 0) == cut, "seed %u", seed);
      nl_loader_stop(C, ld);
      nl_loader_epoch(C, ld, seed, cut);
      CHECK(take(ld, &o, seed, cut, 1000, 0) == n - cut, "seed %u", seed);
      break;
    default: /* closed somewhere, twice */
      take(ld, &o, seed, 0, cut - 1, 0);
      nl_loader_close(C, ld);
      nl_loader_close(C, ld);
  }
  nl_loader_free(C, ld);
}

/* The caller is slow: batches are ready when asked for; and reverse. */
static void overlap (void) {
  options o = {10, 1, 4, NL_LAST_KEEP, true, false, {0, -1}};
  nl_loader_stats s;
  nl_loader *ld = make(&o, NULL);
  nl_loader_epoch(C, ld, 1, 0);
  nap(20000);
  nl_value *out[2];
  nl_loader_info info;
  while (nl_loader_next(C, ld, out, &info) == NL_OK && info.rows > 0) {
    CHECK(info.ready || info.wait > 0, "neither ready nor waited for");
    drop(out);
    nap(5000); /* "training" */
  }
  nl_loader_get_stats(ld, &s);
  CHECK(s.batches == 10 && s.workers == 1, "%lld", (long long)s.batches);
  CHECK(s.ready > 0 && s.overlap_time > 0,
        "%lld batches were ready, %g s overlapped", (long long)s.ready,
        s.overlap_time);
  CHECK(s.overlap_time <= s.work_time, "%g of %g", s.overlap_time,
        s.work_time);
  nl_loader_free(C, ld);
}

/* No more batches exist than may: prefetch + workers, one handed out. */
static int most_ahead (void *ud, const nl_loader_job *job, char *err,
                       size_t nerr) {
  atomic_llong *most = (atomic_llong *)ud;
  (void)err, (void)nerr;
  if (job->batch > atomic_load(most)) atomic_store(most, job->batch);
  return 0;
}

static void back_pressure (void) {
  int64_t shape[2] = {N, W};
  atomic_llong most;
  atomic_init(&most, -1);
  nl_loader_field f = {.rows = nl_value_from(C, NL_U8, 2, shape, images)};
  nl_loader_config cfg = {.struct_size = sizeof cfg, .nfield = 1, .field = &f,
                          .batch = 2, .workers = 2, .prefetch = 3,
                          .map = most_ahead, .map_ud = &most};
  nl_loader *ld = nl_loader_new(C, &cfg);
  nl_value *out[1];
  nl_loader_info info;
  nl_loader_epoch(C, ld, 1, 0);
  for (int i = 0; i < 10; i++) {
    nl_loader_next(C, ld, out, &info);
    nl_release(C, out[0]);
    nap(2000);
    CHECK(atomic_load(&most) <= i + 5, "batch %lld was begun after %d",
          (long long)atomic_load(&most), i);
  }
  nl_loader_free(C, ld);
  nl_pool_release(C, 0);
}

static int sleepy (void *ud, const nl_loader_job *job, char *err,
                   size_t nerr) {
  (void)ud, (void)job, (void)err, (void)nerr;
  nap(400000);
  return 0;
}

static void *interrupter (void *arg) {
  nap(20000);
  nl_interrupt((nl_ctx *)arg);
  return NULL;
}

static void interrupted (void) {
  int64_t shape[2] = {N, W};
  nl_loader_field f = {.rows = nl_value_from(C, NL_U8, 2, shape, images)};
  nl_loader_config cfg = {.struct_size = sizeof cfg, .nfield = 1, .field = &f,
                          .batch = 2, .workers = 1, .prefetch = 1,
                          .map = sleepy};
  nl_loader *ld = nl_loader_new(C, &cfg);
  nl_value *out[1];
  nl_loader_info info;
  pthread_t t;
  nl_loader_epoch(C, ld, 1, 0);
  pthread_create(&t, NULL, interrupter, C);
  CHECK(nl_loader_next(C, ld, out, &info) == NL_INTERRUPTED, "%s",
        nl_errmsg(C));
  pthread_join(t, NULL);
  nl_interrupt_clear(C);
  CHECK(nl_loader_next(C, ld, out, &info) == NL_OK && info.batch == 0,
        "it goes on: %s", nl_errmsg(C));
  nl_release(C, out[0]);
  nl_loader_free(C, ld);
  nl_pool_release(C, 0);
}

static void forked (void) {
  options o = {10, 2, 2, NL_LAST_KEEP, true, false, {0, -1}};
  nl_loader *ld = make(&o, NULL);
  int status = 0;
  nl_loader_epoch(C, ld, 1, 0);
  take(ld, &o, 1, 0, 2, 0);
  pid_t pid = fork();
  if (pid == 0) { /* an error, no hang, and the end works too */
    nl_value *out[2];
    nl_loader_info info;
    bool refused = nl_loader_next(C, ld, out, &info) == NL_ERROR &&
                   strstr(nl_errmsg(C), "another process") != NULL;
    nl_loader_stop(C, ld);
    nl_loader_free(C, ld);
    _exit(refused ? 0 : 1);
  }
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
  CHECK(take(ld, &o, 1, 2, 1000, 0) == 8, "the parent goes on");
  nl_loader_free(C, ld);
}

static void bad_options (void) {
  int64_t shape[2] = {N, W}, wrong = N;
  nl_loader_field f[2] = {{.rows = nl_value_from(C, NL_U8, 2, shape, images)},
                          {.rows = nl_value_from(C, NL_U8, 1, shape, images)}};
  nl_loader_config good = {.struct_size = sizeof good, .nfield = 2,
                           .field = f, .batch = 2, .prefetch = 1}, c;
#define REFUSED(change, text)                                                 \
  do {                                                                        \
    c = good;                                                                 \
    change;                                                                   \
    CHECK(nl_loader_new(C, &c) == NULL, "%s was taken", #change);             \
    CHECK(strstr(nl_errmsg(C), text) != NULL, "%s", nl_errmsg(C));            \
  } while (0)
  REFUSED(c.batch = 0, "batch");
  REFUSED(c.batch = -5, "-5");
  REFUSED(c.workers = -1, "workers");
  REFUSED(c.workers = 1000, "1000");
  REFUSED(c.prefetch = 0, "prefetch");
  REFUSED(c.nfield = 0, "fields");
  REFUSED((c.subset = &wrong, c.nsubset = 1), "row 98 of 97");
  f[1].rows = nl_value_from(C, NL_U8, 1, shape + 1, images);
  REFUSED((void)0, "97 items, field 2 5");
  f[1].rows = nl_scalar(C, NL_F32, 1);
  REFUSED((void)0, "field 2 is a number");
  good.nfield = 1;
  f[0].reshape = true;
  f[0].ndim = 1;
  f[0].shape[0] = 6;
  REFUSED((void)0, "reshaped to 6");
  f[0].reshape = false;
  f[0].normalize = true;
  REFUSED((void)0, "deviation above 0");
#undef REFUSED
  nl_pool_release(C, 0);
}

static void empty (void) {
  int64_t shape[2] = {0, W};
  nl_loader_field f = {.rows = nl_value_from(C, NL_U8, 2, shape, NULL)};
  for (int last = 0; last < 3; last++) {
    nl_loader_config cfg = {.struct_size = sizeof cfg, .nfield = 1,
                            .field = &f, .batch = 4, .workers = 1,
                            .prefetch = 2, .last = (nl_last)last,
                            .shuffle = true};
    nl_loader *ld = nl_loader_new(C, &cfg);
    nl_value *out[1];
    nl_loader_info info = {.rows = 1};
    CHECK(nl_loader_batches(ld) == 0, "batches of nothing");
    CHECK(nl_loader_epoch(C, ld, 1, 0) == NL_OK, "%s", nl_errmsg(C));
    CHECK(nl_loader_next(C, ld, out, &info) == NL_OK && info.rows == 0, "%s",
          nl_errmsg(C));
    nl_loader_free(C, ld);
  }
  nl_pool_release(C, 0);
}

/* Known answers of Random123, then the distribution of positions. */
static void permutations (void) {
  static const uint32_t c[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e,
                                0x03707344},
                        k[2] = {0xa4093822, 0x299f31d0},
                        want[4] = {0xd16cfe09, 0x94fdcceb, 0x5001e420,
                                   0x24126ea1};
  uint32_t out[4];
  nl__philox(c, k, out);
  CHECK(memcmp(out, want, sizeof want) == 0, "%08x %08x", out[0], out[1]);
  enum { EPOCHS = 20000 };
  static int count[N][N];
  int64_t p[N], q[N];
  for (int64_t e = 0; e < EPOCHS; e++) {
    nl_permutation(1, e, N, p);
    for (int i = 0; i < N; i++) count[i][p[i]]++;
  }
  double chi = 0, each = (double)EPOCHS / N, df = (N - 1.0) * (N - 1.0);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      chi += (count[i][j] - each) * (count[i][j] - each) / each;
  CHECK(fabs(chi - df) < 5 * sqrt(2 * df), "chi^2 %g for %g", chi, df);
  nl_permutation(1, 5, N, p);
  nl_permutation(2, 5, N, q);
  CHECK(memcmp(p, q, sizeof p) != 0, "two seeds, one permutation");
  nl_permutation(1, 6, N, q);
  double dot = 0; /* rank correlation of consecutive epochs */
  for (int i = 0; i < N; i++)
    dot += ((double)p[i] - (N - 1) / 2.0) * ((double)q[i] - (N - 1) / 2.0);
  CHECK(fabs(dot / (N * ((double)N * N - 1) / 12)) < 0.4, "correlated");
}

/* An error past the header is found by the thread, told by value. */
static void damaged (void) {
  char path[512];
  size_t size = 0;
  int64_t n = 200000;
  uint8_t *noise = (uint8_t *)malloc((size_t)n);
  for (int64_t i = 0; i < n; i++)
    noise[i] = (uint8_t)((uint64_t)i * 2654435761u >> 13);
  work_begin();
  work_path(path, "damaged.gz");
  CHECK(nl_idx_write(C, path, nl_value_from(C, NL_U8, 1, &n, noise)) == NL_OK,
        "%s", nl_errmsg(C));
  char *gz = slurp(path, &size);
  gz[size - 6] = (char)~gz[size - 6]; /* its check sum */
  spit(path, gz, size);
  nl_decode *k = nl_decode_start(C, path);
  CHECK(k != NULL, "%s", nl_errmsg(C));
  CHECK(nl_decode_value(C, k) == NULL &&
            strstr(nl_errmsg(C), "damaged.gz") != NULL, "%s", nl_errmsg(C));
  nl_decode_free(C, k);
  free(gz);
  free(noise);
  work_end();
}

/* ---- memory runs out ---- */

static int allocs, alloc_at = -1;

static void *poor_alloc (void *ud, size_t size) {
  (void)ud;
  return allocs++ == alloc_at ? NULL
                              : aligned_alloc(64, (size + 63) & ~(size_t)63);
}
static void poor_free (void *ud, void *p, size_t size) {
  (void)ud, (void)size;
  free(p);
}

/* Allocation k fails once: an error, after which the call can be repeated;
   the batches are the right ones. */
static void out_of_memory (int workers) {
  options o = {10, workers, 2, NL_LAST_WRAP, true, true, {0, -1}};
  for (int k = 0; k < 300; k++) {
    size_t bytes = nl_bytes_used(C);
    int errors = 0;
    allocs = 0;
    alloc_at = k;
    int64_t shape[2] = {N, W};
    nl_loader_field f = {.rows = nl_value_from(C, NL_U8, 2, shape, images)};
    nl_loader_config cfg = {.struct_size = sizeof cfg, .nfield = 1,
                            .field = &f, .batch = o.batch,
                            .workers = workers, .prefetch = 2,
                            .shuffle = true, .subset = subset,
                            .nsubset = NSUBSET};
    nl_loader *ld = f.rows == NULL ? NULL : nl_loader_new(C, &cfg);
    nl_pool_release(C, 0);
    errors += ld == NULL;
    if (ld != NULL && nl_loader_epoch(C, ld, 1, 0) != NL_OK) {
      errors++;
      CHECK(nl_loader_epoch(C, ld, 1, 0) == NL_OK, "%s", nl_errmsg(C));
    }
    for (int b = 0; ld != NULL && b < 3; b++) {
      nl_value *out[1];
      nl_loader_info info;
      if (nl_loader_next(C, ld, out, &info) != NL_OK) {
        errors++;
        CHECK(nl_errstatus(C) == NL_NOMEM, "%s", nl_errmsg(C));
        CHECK(nl_loader_next(C, ld, out, &info) == NL_OK, "%s", nl_errmsg(C));
      }
      CHECK(info.rows == (b == 0 ? 10 : b == 1 ? 1 : 0), "batch %d", b);
      if (info.rows > 0) nl_release(C, out[0]);
    }
    nl_loader_free(C, ld);
    nl_pool_release(C, 0);
    nl_error_clear(C);
    CHECK(nl_bytes_used(C) == bytes, "allocation %d: memory leaks", k);
    CHECK(errors <= 1, "allocation %d: %d errors", k, errors);
    if (allocs <= k) return;
  }
  CHECK(false, "no end of allocations");
}

static void decoding (void) {
  char path[512];
  static const char *const names[] = {"images-idx3-ubyte",
                                      "images-idx3-ubyte.gz"};
  for (int i = 0; i < 40; i++) {
    nl_dtype d;
    int ndim;
    int64_t shape[NL_MAX_DIM];
    snprintf(path, sizeof path, "%s/golden/formats/idx/%s", NL_TEST_DIR,
             names[i % 2]);
    nl_decode *k = nl_decode_start(C, path);
    CHECK(k != NULL, "%s", nl_errmsg(C));
    if (k == NULL) return;
    nl_decode_info(k, &d, &ndim, shape);
    CHECK(d == NL_U8 && ndim == 3 && shape[0] == 3, "%d dims", ndim);
    if (i % 4 < 2) {
      const nl_value *v = nl_decode_value(C, k);
      CHECK(v != NULL && nl_numel(v) == 60, "%s", nl_errmsg(C));
      CHECK(nl_decode_ready(k), "its value is there");
    }
    nl_decode_free(C, k);
    nl_pool_release(C, 0);
  }
  damaged();
  CHECK(nl_decode_start(C, "nothing-here") == NULL, "no file");
}

int main (int argc, char **argv) {
  nl_config cfg = {.struct_size = sizeof cfg,
                   .alloc = {poor_alloc, poor_free, NULL}, .threads = 1,
                   .no_recycling = true};
  unsigned seeds = argc > 1 ? (unsigned)atoi(argv[1]) : 200;
  C = nl_ctx_new(&cfg);
  for (int i = 0; i < N; i++) {
    labels[i] = i + 1;
    for (int j = 0; j < W; j++) images[i][j] = (uint8_t)(i * 7 + j * 50);
  }
  int before = threads();
  size_t bytes = nl_bytes_used(C);
  permutations();
  every_option();
  for (unsigned s = 1; s <= seeds; s++) schedule(s);
  overlap();
  back_pressure();
  interrupted();
  forked();
  bad_options();
  empty();
  out_of_memory(0);
  out_of_memory(2);
  alloc_at = -1;
  decoding();
  nl_pool_release(C, 0);
  CHECK(threads_settled(before) <= before, "%d threads, %d before", threads(),
        before);
  CHECK(nl_bytes_used(C) <= bytes + 65536, "%zu bytes, %zu before",
        nl_bytes_used(C), bytes);
  nl_ctx_free(C);
  return check_done();
}
