/* loader.c: batches assembled ahead by worker threads.
 *
 * Batch number s of an epoch is built in slot s % nslots.  The caller's thread
 * prepares a slot (allocates the batch's arrays) and publishes it by raising
 * `queued`; workers take the published batches in order (`next_job`); the
 * caller hands out batch `delivered` when its slot is ready:
 *
 *     delivered <= next_job <= queued <= delivered + nslots
 *
 * So order never depends on the workers, at most nslots batches exist, and
 * workers touch only memory that was made for them.  `queued`, `next_job`, the
 * slots' states, `busy` and the statistics are guarded by the lock; all other
 * fields belong to the caller's thread. */
#include "data/data.h"

#include <stdio.h>
#include <string.h>
#ifndef _WIN32
#include <unistd.h>
#endif

#define MAX_WORKERS 64
#define MAX_PREFETCH 1024
#define POLL 50000000ull /* nanoseconds between looks at the interruption */

typedef enum slot_state { SLOT_EMPTY, SLOT_WORK, SLOT_READY, SLOT_FAILED
} slot_state;

typedef struct slot {
  slot_state state;
  int64_t batch, rows;
  nl_value *value[NL_LOADER_FIELDS];
  void *data[NL_LOADER_FIELDS];
  int64_t *index; /* (batch), inside ld->index */
  char err[256];
} slot;

typedef struct worker {
  nl_loader *ld;
  uv_thread_t thread;
  int number;
} worker;

struct nl_loader {
  /* fixed */
  int nfield;
  nl__rows field[NL_LOADER_FIELDS];
  nl_value *rows[NL_LOADER_FIELDS]; /* references */
  int64_t n;                        /* rows of an epoch */
  int64_t *subset;                  /* (n), or NULL */
  int64_t batch, nbatches;
  nl_last last;
  bool shuffle;
  uint64_t seed;
  int (*map) (void *ud, const nl_loader_job *job, char *err, size_t nerr);
  void *map_ud;
  int want_workers, nslots;
  long pid; /* threads do not survive a fork */
  /* the caller's */
  bool closed, started, active;
  int nworkers;
  char why[400]; /* it was closed by an error: which */
  int64_t epoch, delivered;
  int64_t *order; /* (n): the epoch's permutation, or NULL */
  slot *slots;
  int64_t *index; /* (nslots, rows of a full batch) */
  size_t slots_size, index_size; /* bytes */
  worker workers[MAX_WORKERS];
  /* guarded by the lock */
  uv_mutex_t lock;
  uv_cond_t work, ready;
  int64_t queued, next_job;
  int busy;
  bool quit, waiting;
  uint64_t wait_began, waited, worked, overlapped; /* nanoseconds */
  nl_loader_stats stats;
  atomic_int cancel;
};

static long process (void) {
#ifdef _WIN32
  return (long)uv_os_getpid();
#else
  return (long)getpid();
#endif
}

/* ---- a batch ---- */

static int64_t rows_of (const nl_loader *ld, int64_t batch) {
  int64_t left = ld->n - batch * ld->batch;
  return ld->last == NL_LAST_WRAP || left > ld->batch ? ld->batch : left;
}

/* Fills s; runs in a worker, or in the caller where there is none. */
static bool assemble (nl_loader *ld, slot *s, int number) {
  int64_t first = s->batch * ld->batch;
  for (int64_t k = 0; k < s->rows; k++) {
    int64_t p = (first + k) % ld->n;
    if (ld->order != NULL) p = ld->order[p];
    s->index[k] = ld->subset != NULL ? ld->subset[p] : p;
  }
  for (int i = 0; i < ld->nfield; i++)
    nl__rows_gather(&ld->field[i], s->index, s->rows, s->data[i],
                    &ld->cancel);
  if (ld->map == NULL || atomic_load(&ld->cancel)) return true;
  nl_loader_job job = {ld->epoch, s->batch, s->rows, s->index, s->data,
                       number};
  s->err[0] = 0;
  return ld->map(ld->map_ud, &job, s->err, sizeof s->err) == 0;
}

/* The time that the caller has waited, up to now; under the lock. */
static uint64_t waited_at (const nl_loader *ld, uint64_t now) {
  return ld->waited + (ld->waiting ? now - ld->wait_began : 0);
}

static void work (void *arg) {
  worker *w = (worker *)arg;
  nl_loader *ld = w->ld;
  unsigned fp = nl__fp_enter();
  uv_mutex_lock(&ld->lock);
  while (!ld->quit) {
    if (ld->next_job == ld->queued) {
      uv_cond_wait(&ld->work, &ld->lock);
      continue;
    }
    slot *s = &ld->slots[ld->next_job++ % ld->nslots];
    ld->busy++;
    uint64_t t0 = uv_hrtime(), waited = waited_at(ld, t0);
    uv_mutex_unlock(&ld->lock);
    bool ok = assemble(ld, s, w->number);
    uv_mutex_lock(&ld->lock);
    uint64_t t1 = uv_hrtime(), shared = waited_at(ld, t1) - waited;
    ld->worked += t1 - t0;
    ld->overlapped += t1 - t0 > shared ? t1 - t0 - shared : 0;
    s->state = ok ? SLOT_READY : SLOT_FAILED;
    ld->busy--;
    uv_cond_broadcast(&ld->ready);
  }
  uv_mutex_unlock(&ld->lock);
  nl__fp_leave(fp);
}

/* Fewer threads than wanted are no error: the batches are the same. */
static void start_workers (nl_loader *ld) {
  ld->started = true;
  for (int i = 0; i < ld->want_workers; i++) {
    worker *w = &ld->workers[i];
    w->ld = ld;
    w->number = i;
    if (nl__thread_start(&w->thread, work, w) != 0) break;
    ld->nworkers++;
  }
}

/* ---- slots ---- */

static void drop_values (nl_ctx *C, nl_loader *ld, slot *s) {
  for (int i = 0; i < ld->nfield; i++) {
    if (s->value[i] != NULL) nl_release(C, s->value[i]);
    s->value[i] = NULL;
  }
  s->state = SLOT_EMPTY;
}

/* Allocates the arrays of a batch. */
static nl_status prepare (nl_ctx *C, nl_loader *ld, int64_t batch) {
  slot *s = &ld->slots[batch % ld->nslots];
  size_t mark = nl_pool_mark(C);
  s->batch = batch;
  s->rows = rows_of(ld, batch);
  for (int i = 0; i < ld->nfield; i++) {
    nl__rows *r = &ld->field[i];
    int64_t shape[NL_MAX_DIM];
    memcpy(shape, r->shape, sizeof shape);
    shape[0] = s->rows;
    nl_value *v = nl_value_new(C, r->to, r->ndim, shape, &s->data[i]);
    if (v == NULL) {
      drop_values(C, ld, s);
      nl_pool_release(C, mark);
      return nl_errstatus(C) != NL_OK ? nl_errstatus(C) : NL_NOMEM;
    }
    s->value[i] = nl_retain(v);
  }
  nl_pool_release(C, mark);
  s->state = SLOT_WORK;
  return NL_OK;
}

/* Publishes as many batches as there are free slots.  Where memory is short
   it goes on with fewer, as long as one is under way. */
static nl_status top_up (nl_ctx *C, nl_loader *ld) {
  while (ld->queued < ld->nbatches &&
         ld->queued < ld->delivered + ld->nslots) {
    nl_status st = prepare(C, ld, ld->queued);
    if (st != NL_OK) {
      if (ld->queued == ld->delivered) return st;
      nl_error_clear(C);
      return NL_OK;
    }
    uv_mutex_lock(&ld->lock);
    ld->queued++;
    uv_cond_signal(&ld->work);
    uv_mutex_unlock(&ld->lock);
  }
  return NL_OK;
}

/* ---- making ---- */

static nl_status copy_subset (nl_ctx *C, nl_loader *ld,
                              const nl_loader_config *cfg, int64_t total) {
  if (cfg->subset == NULL) return NL_OK;
  for (int64_t i = 0; i < cfg->nsubset; i++)
    if (cfg->subset[i] < 0 || cfg->subset[i] >= total)
      return nl_error(C, NL_ERROR,
                      "loader: subset: item %lld of %lld names row %lld of "
                      "%lld", (long long)i + 1, (long long)cfg->nsubset,
                      (long long)cfg->subset[i] + 1, (long long)total);
  ld->n = cfg->nsubset;
  ld->subset = (int64_t *)nl__alloc(C, (size_t)ld->n * sizeof *ld->subset);
  if (ld->subset == NULL) return NL_NOMEM;
  memcpy(ld->subset, cfg->subset, (size_t)ld->n * sizeof *ld->subset);
  return NL_OK;
}

static nl_status check_config (nl_ctx *C, const nl_loader_config *cfg) {
  if (cfg->nfield < 1 || cfg->nfield > NL_LOADER_FIELDS || cfg->field == NULL)
    return nl_error(C, NL_ERROR, "loader: 1 to %d fields expected, got %d",
                    NL_LOADER_FIELDS, cfg->nfield);
  if (cfg->batch < 1 || cfg->batch > INT32_MAX)
    return nl_error(C, NL_ERROR, "loader: batch: a positive number expected, "
                    "got %lld", (long long)cfg->batch);
  if (cfg->workers < 0 || cfg->workers > MAX_WORKERS)
    return nl_error(C, NL_ERROR, "loader: workers: 0 to %d expected, got %d",
                    MAX_WORKERS, cfg->workers);
  if (cfg->prefetch < 1 || cfg->prefetch > MAX_PREFETCH)
    return nl_error(C, NL_ERROR, "loader: prefetch: 1 to %d expected, got %d",
                    MAX_PREFETCH, cfg->prefetch);
  return NL_OK;
}

/* v itself when its elements stand row-major in it, else a copy in which they
   do: workers read them as long as the loader lives. */
static nl_value *dense (nl_ctx *C, nl_value *v, const void **data) {
  size_t mark = nl_pool_mark(C);
  *data = nl_data(C, v);
  if (*data == NULL) return NULL;
  if (nl_is_concrete(v) && nl_pool_mark(C) == mark) return v;
  v = nl_value_from(C, nl_dtype_of(v), nl_ndim(v), nl_shape(v), *data);
  *data = nl_data(C, v);
  return v;
}

static nl_status add_fields (nl_ctx *C, nl_loader *ld,
                             const nl_loader_config *cfg) {
  for (int i = 0; i < cfg->nfield; i++) {
    const nl_loader_field *f = &cfg->field[i];
    if (f->rows == NULL)
      return nl_failed(C) ? nl_errstatus(C)
                          : nl_error(C, NL_ERROR, "loader: no field %d", i + 1);
    const void *data;
    nl_value *rows = dense(C, f->rows, &data);
    if (rows == NULL) return nl_errstatus(C);
    nl_status st = nl__rows_init(C, &ld->field[i], f, i + 1, data);
    if (st != NL_OK) return st;
    if (ld->field[i].n != ld->field[0].n)
      return nl_error(C, NL_ERROR, "loader: field 1 has %lld items, field %d "
                      "%lld", (long long)ld->field[0].n, i + 1,
                      (long long)ld->field[i].n);
    ld->rows[i] = nl_retain(rows);
    ld->nfield = i + 1;
  }
  ld->n = ld->field[0].n;
  return copy_subset(C, ld, cfg, ld->n);
}

static nl_status make_slots (nl_ctx *C, nl_loader *ld) {
  int64_t full = ld->n / ld->batch, rest = ld->n % ld->batch;
  ld->nbatches = full + (rest > 0 && ld->last != NL_LAST_DROP);
  int64_t rows = ld->nbatches == 0 ? 0 : rows_of(ld, 0);
  if (ld->nslots > ld->nbatches)
    ld->nslots = ld->nbatches > 0 ? (int)ld->nbatches : 1;
  ld->slots_size = (size_t)ld->nslots * sizeof *ld->slots;
  ld->index_size = (size_t)ld->nslots * (size_t)rows * sizeof *ld->index;
  ld->slots = (slot *)nl__alloc(C, ld->slots_size);
  if (ld->slots == NULL) return NL_NOMEM;
  memset(ld->slots, 0, ld->slots_size);
  ld->index = (int64_t *)nl__alloc(C, ld->index_size);
  if (ld->index == NULL) return NL_NOMEM;
  for (int i = 0; i < ld->nslots; i++)
    ld->slots[i].index = ld->index + (size_t)i * (size_t)rows;
  if (!ld->shuffle) return NL_OK;
  ld->order = (int64_t *)nl__alloc(C, (size_t)ld->n * sizeof *ld->order);
  return ld->order == NULL ? NL_NOMEM : NL_OK;
}

static bool make_sync (nl_loader *ld) {
  if (uv_mutex_init(&ld->lock) != 0) return false;
  if (uv_cond_init(&ld->work) != 0) {
    uv_mutex_destroy(&ld->lock);
    return false;
  }
  if (uv_cond_init(&ld->ready) == 0) return true;
  uv_cond_destroy(&ld->work);
  uv_mutex_destroy(&ld->lock);
  return false;
}

nl_loader *nl_loader_new (nl_ctx *C, const nl_loader_config *cfg) {
  if (check_config(C, cfg) != NL_OK) return NULL;
  nl_loader *ld = (nl_loader *)nl__alloc(C, sizeof *ld);
  if (ld == NULL) return NULL;
  memset(ld, 0, sizeof *ld);
  ld->batch = cfg->batch;
  ld->last = cfg->last;
  ld->shuffle = cfg->shuffle;
  ld->seed = cfg->seed;
  ld->map = cfg->map;
  ld->map_ud = cfg->map_ud;
  ld->want_workers = cfg->workers;
  ld->nslots = cfg->workers == 0 ? 1 : cfg->prefetch + cfg->workers;
  ld->pid = process();
  atomic_init(&ld->cancel, 0);
  if (!make_sync(ld)) {
    nl__free(C, ld, sizeof *ld);
    nl_error(C, NL_NOMEM, "loader: the system gives no mutex");
    return NULL;
  }
  if (add_fields(C, ld, cfg) == NL_OK && make_slots(C, ld) == NL_OK)
    return ld;
  nl_loader_free(C, ld);
  return NULL;
}

int64_t nl_loader_batches (const nl_loader *ld) { return ld->nbatches; }

uint64_t nl_loader_fingerprint (const nl_loader *ld) {
  uint64_t h = 0xcbf29ce484222325ull ^ (uint64_t)ld->n;
  for (int i = 0; i < ld->nfield && !ld->closed; i++)
    h = nl__rows_hash(&ld->field[i], h);
  for (int64_t i = 0; ld->subset != NULL && i < ld->n; i++)
    h = (h ^ (uint64_t)ld->subset[i]) * 0x100000001b3ull;
  return h;
}

/* ---- an epoch ---- */

static nl_status usable (nl_ctx *C, const nl_loader *ld) {
  if (ld->pid != process())
    return nl_error(C, NL_ERROR, "loader: it was created in another process; "
                    "make a new one after fork");
  if (!ld->closed) return NL_OK;
  if (ld->why[0] != 0)
    return nl_error(C, NL_ERROR, "loader: closed by an error: %s", ld->why);
  return nl_error(C, NL_ERROR, "loader: it is closed");
}

void nl_loader_stop (nl_ctx *C, nl_loader *ld) {
  if (ld->closed || !ld->active || ld->pid != process()) return;
  uv_mutex_lock(&ld->lock);
  atomic_store(&ld->cancel, 1);
  ld->next_job = ld->queued;
  while (ld->busy > 0) uv_cond_wait(&ld->ready, &ld->lock);
  atomic_store(&ld->cancel, 0);
  uv_mutex_unlock(&ld->lock);
  for (int i = 0; i < ld->nslots; i++) drop_values(C, ld, &ld->slots[i]);
  ld->active = false;
}

nl_status nl_loader_epoch (nl_ctx *C, nl_loader *ld, int64_t epoch,
                           int64_t batch) {
  nl_status st = usable(C, ld);
  if (st != NL_OK) return st;
  if (batch < 0 || batch > ld->nbatches)
    return nl_error(C, NL_ERROR, "loader: batch %lld of %lld",
                    (long long)batch + 1, (long long)ld->nbatches);
  nl_loader_stop(C, ld);
  if (!ld->started) start_workers(ld);
  if (ld->order != NULL) nl_permutation(ld->seed, epoch, ld->n, ld->order);
  ld->epoch = epoch;
  ld->delivered = batch;
  uv_mutex_lock(&ld->lock);
  ld->queued = ld->next_job = batch;
  uv_mutex_unlock(&ld->lock);
  ld->active = true;
  return ld->nworkers == 0 ? NL_OK : top_up(C, ld);
}

/* Without workers: builds the batch here. */
static nl_status build_here (nl_ctx *C, nl_loader *ld, slot *s,
                             nl_loader_info *info) {
  if (s->state == SLOT_READY && s->batch == ld->delivered) return NL_OK;
  uint64_t t0 = uv_hrtime();
  nl_status st = prepare(C, ld, ld->delivered);
  if (st != NL_OK) return st;
  s->state = assemble(ld, s, 0) ? SLOT_READY : SLOT_FAILED;
  uint64_t t1 = uv_hrtime();
  ld->worked += t1 - t0;
  ld->waited += t1 - t0;
  info->wait = (double)(t1 - t0) * 1e-9;
  return NL_OK;
}

/* With workers: until the slot is done or somebody interrupts. */
static nl_status await (nl_ctx *C, nl_loader *ld, slot *s,
                        nl_loader_info *info) {
  bool stopped = false;
  uv_mutex_lock(&ld->lock);
  info->ready = s->state != SLOT_WORK;
  if (!info->ready) {
    ld->waiting = true;
    ld->wait_began = uv_hrtime();
    while (s->state == SLOT_WORK && !stopped) {
      uv_cond_timedwait(&ld->ready, &ld->lock, POLL);
      stopped = nl_interrupted(C);
    }
    uint64_t t = uv_hrtime() - ld->wait_began;
    ld->waiting = false;
    ld->waited += t;
    info->wait = (double)t * 1e-9;
  }
  stopped = s->state == SLOT_WORK;
  uv_mutex_unlock(&ld->lock);
  if (stopped)
    return nl_error(C, NL_INTERRUPTED, "interrupted while waiting for data");
  return NL_OK;
}

/* The error of a batch ends everything; later calls repeat it. */
static nl_status batch_failed (nl_ctx *C, nl_loader *ld, const slot *s) {
  snprintf(ld->why, sizeof ld->why, "epoch %lld, batch %lld: %s",
           (long long)ld->epoch, (long long)s->batch + 1,
           s->err[0] != 0 ? s->err : "no reason given");
  nl_loader_close(C, ld);
  return nl_error(C, NL_ERROR, "loader: %s", ld->why);
}

nl_status nl_loader_next (nl_ctx *C, nl_loader *ld, nl_value **out,
                          nl_loader_info *info) {
  memset(info, 0, sizeof *info);
  nl_status st = usable(C, ld);
  if (st != NL_OK) return st;
  if (!ld->active)
    return nl_error(C, NL_ERROR, "loader: no epoch is under way");
  if (nl_interrupted(C))
    return nl_error(C, NL_INTERRUPTED, "interrupted while waiting for data");
  info->epoch = ld->epoch;
  info->batch = ld->delivered;
  if (ld->delivered == ld->nbatches) {
    ld->active = false;
    return NL_OK;
  }
  slot *s = &ld->slots[ld->delivered % ld->nslots];
  if (ld->nworkers > 0) {
    st = top_up(C, ld);
    if (st == NL_OK) st = await(C, ld, s, info);
  } else {
    st = build_here(C, ld, s, info);
  }
  if (st != NL_OK) return st;
  if (s->state == SLOT_FAILED) return batch_failed(C, ld, s);
  for (int i = 0; i < ld->nfield; i++) {
    out[i] = s->value[i];
    s->value[i] = NULL;
  }
  s->state = SLOT_EMPTY;
  info->rows = s->rows;
  ld->delivered++;
  ld->stats.batches++;
  ld->stats.ready += info->ready;
  /* the workers go on while the caller uses this batch; where memory is
     short the next call says so */
  if (ld->nworkers > 0 && top_up(C, ld) != NL_OK) nl_error_clear(C);
  return NL_OK;
}

/* ---- the end ---- */

static void join (nl_loader *ld) {
  uv_mutex_lock(&ld->lock);
  atomic_store(&ld->cancel, 1);
  ld->quit = true;
  uv_cond_broadcast(&ld->work);
  uv_mutex_unlock(&ld->lock);
  for (int i = 0; i < ld->nworkers; i++)
    uv_thread_join(&ld->workers[i].thread);
}

void nl_loader_close (nl_ctx *C, nl_loader *ld) {
  if (ld->closed) return;
  if (ld->pid == process()) join(ld); /* after a fork there is nobody */
  ld->closed = true;
  ld->active = false;
  for (int i = 0; ld->slots != NULL && i < ld->nslots; i++)
    drop_values(C, ld, &ld->slots[i]);
  for (int i = 0; i < ld->nfield; i++) nl_release(C, ld->rows[i]);
  size_t n = (size_t)ld->n * sizeof(int64_t);
  nl__free(C, ld->subset, n);
  nl__free(C, ld->order, n);
  nl__free(C, ld->slots, ld->slots_size);
  nl__free(C, ld->index, ld->index_size);
  ld->subset = ld->order = ld->index = NULL;
  ld->slots = NULL;
}

void nl_loader_free (nl_ctx *C, nl_loader *ld) {
  if (ld == NULL) return;
  nl_loader_close(C, ld);
  if (ld->pid == process()) {
    uv_cond_destroy(&ld->ready);
    uv_cond_destroy(&ld->work);
    uv_mutex_destroy(&ld->lock);
  }
  nl__free(C, ld, sizeof *ld);
}

void nl_loader_get_stats (nl_loader *ld, nl_loader_stats *s) {
  bool shared = !ld->closed && ld->pid == process();
  if (shared) uv_mutex_lock(&ld->lock);
  *s = ld->stats;
  s->wait_time = (double)ld->waited * 1e-9;
  s->work_time = (double)ld->worked * 1e-9;
  s->overlap_time = (double)ld->overlapped * 1e-9;
  if (shared) uv_mutex_unlock(&ld->lock);
  s->workers = ld->closed ? 0 : ld->nworkers;
}
