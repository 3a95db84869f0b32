/* base.h: what every part of the runtime stands on: the context's inner
 * fields, accounted and recycled memory, buffers, checked sizes, parallel
 * loops.  Everything hangs on nl_ctx; there are no mutable globals. */
#ifndef NL_BASE_H
#define NL_BASE_H

#include <stdatomic.h>

#include "nnlua.h"

struct nl_kernels; /* kernels/kernels.h */
struct nl_pool;    /* base/parallel.c: the worker threads */
struct nl_cache;   /* base/memory.c: buffers kept for reuse */

/* nl_dtype_size, where it is asked for at every turn */
static inline size_t nl__elem_size (nl_dtype d) {
  static const uint8_t size[NL_NDTYPES] = { 1, 1, 1, 2, 4, 8, 4, 8 };
  return size[d];
}

/* ---- buffers: refcounted memory of elements ---- */

typedef struct nl_buffer {
  int refs;
  int kept_as; /* its list in the cache */
  size_t size; /* bytes */
  void *data;  /* 64-byte aligned unless the host's */
  void (*free_fn) (void *ud);
  void *ud;
} nl_buffer;

nl_buffer *nl__buffer_new (nl_ctx *C, size_t size); /* not cleared */
nl_buffer *nl__buffer_wrap (nl_ctx *C, void *data, size_t size,
                            void (*free_fn) (void *ud), void *ud);
static inline nl_buffer *nl__buffer_retain (nl_buffer *b) {
  b->refs++;
  return b;
}
void nl__buffer_free (nl_ctx *C, nl_buffer *b);
static inline void nl__buffer_release (nl_ctx *C, nl_buffer *b) {
  if (--b->refs == 0) nl__buffer_free(C, b);
}

/* ---- memory: every byte is asked for here ---- */

/* Fails with NL_NOMEM after one retry through config.collect. */
void *nl__alloc (nl_ctx *C, size_t size);
void nl__free (nl_ctx *C, void *p, size_t size);
/* Grows an array to hold at least `need` elements of `elem` bytes. */
bool nl__grow (nl_ctx *C, void **array, int *cap, int need, size_t elem);
/* Small objects: nl__small_alloc and nl__small_free below. */

bool nl__memory_init (nl_ctx *C);
void nl__memory_close (nl_ctx *C);

/* ---- checked sizes ---- */

/* bytes of an array, or false when the product overflows or is negative */
bool nl__checked_bytes (int ndim, const int64_t *shape, nl_dtype d,
                        int64_t *numel, size_t *bytes);
/* "200 x 28 x 28", "()" for 0-d; returns buf */
#define NL_SHAPE_TEXT 192
char *nl__shape_text (char buf[NL_SHAPE_TEXT], int ndim,
                      const int64_t *shape);

/* ---- parallel loops ---- */

/* Runs body(ud, i) for i in [0, n), on as many threads as the context has.
   Which thread runs which i is open, so body must not depend on it.  Small
   work stays here: `work` is an estimate in nanoseconds of one i.  Ends early
   (NL_INTERRUPTED) when interrupted.  A body must not call anything that
   takes the context. */
nl_status nl__parallel_for (nl_ctx *C, int64_t n, double work,
                            void (*body) (void *ud, int64_t i), void *ud);
void nl__pool_free (struct nl_pool *pool); /* joins; NULL is fine */
/* Sets flush-to-zero off, round to nearest: returns the old control word. */
unsigned nl__fp_enter (void);
void nl__fp_leave (unsigned saved);

/* ---- the context ---- */

struct nl_ctx {
  nl_config cfg;
  nl_dtype default_dtype;
  const struct nl_kernels *k; /* of the chosen instruction set */
  bool gemm_openblas;
  int blas_room; /* calls of OpenBLAS at once that have memory: lapack.h */
  bool simplify; /* captured graphs */
  bool fuse;     /* replay by plans with groups */

  nl_status status; /* of the last failure, until cleared */
  char errmsg[1024];
  atomic_int interrupted;
  atomic_int never; /* stays 0: what loops look at instead while held */
  bool held;        /* nothing is interrupted now, see compile/donate.c */

  bool recycle; /* free lists are in use */
  size_t bytes, peak, cached;
  size_t high; /* bytes that were in use lately, at most: see memory.c */
  int let_go;  /* buffers freed since it was looked at */
  struct nl_cache *cache;
  void *small[64];   /* free lists, class i: (i + 1) * 64 bytes */
  void *slabs;       /* what they were carved from, linked */
  char *slab, *slab_end;

  nl_value **pool; /* values owned by the innermost scope */
  int npool, cap_pool;

  struct nl_pool *threads; /* NULL until needed */
  int nthreads;

  nl_trace *trace; /* current */
  nl_trace *eval;  /* the bottom */
  int ncapture;    /* active capture traces */
  uint64_t clock;  /* stamps storages and traces */
  nl_storage *random;    /* what draws without a key come from */
  nl_storage *generator; /* the same, but inside nl_random_enter */
  struct { /* nl_into: what the next elementwise result may overwrite */
    nl_storage *storage;
    const nl_tensor *tensor;
    int mark; /* of the pool, at the call */
    bool used;
  } into;
  unsigned fp_saved;
  /* The host script's position ("train.lua:12"), for graphs; may be NULL. */
  void (*where) (void *ud, char *buf, size_t size);
  void *where_ud;
};

/* ---- small objects, from free lists by class of 64 bytes ---- */

#define NL_SMALL_MAX 4096 /* bytes; larger ones are nl__alloc's */
void *nl__small_more (nl_ctx *C, size_t size); /* the list is empty */

static inline void *nl__small_alloc (nl_ctx *C, size_t size) {
  if (!C->recycle || size > NL_SMALL_MAX) return nl__alloc(C, size);
  void **list = &C->small[(size - 1) >> 6], *p = *list;
  if (p == NULL) return nl__small_more(C, size);
  *list = *(void **)p;
  return p;
}

static inline void nl__small_free (nl_ctx *C, void *p, size_t size) {
  if (p == NULL) return;
  if (!C->recycle || size > NL_SMALL_MAX) {
    nl__free(C, p, size);
    return;
  }
  void **list = &C->small[(size - 1) >> 6];
  *(void **)p = *list;
  *list = p;
}

#endif
