/* data.h: what the files of data/ share.  Workers see raw memory that was
 * allocated before for them: never a value, a context or Lua. */
#ifndef NL_DATA_H
#define NL_DATA_H

#include <stdatomic.h>
#include <uv.h>

#include "base/base.h"

/* ---- shuffle.c ---- */

/* Philox 4x32-10 (Salmon et al. 2011): one block of the stream. */
void nl__philox (const uint32_t counter[4], const uint32_t key[2],
                 uint32_t out[4]);

/* ---- thread.c ---- */

/* A thread with a small stack and all signals blocked; 0 or libuv's error. */
int nl__thread_start (uv_thread_t *t, void (*run) (void *arg), void *arg);

/* ---- rows.c: one field of a dataset, as workers see it ---- */

typedef enum nl__how { NL__COPY, NL__TABLE, NL__AFFINE } nl__how;

typedef struct nl__rows {
  const char *src;
  int64_t n;      /* items */
  int64_t numel;  /* elements of an item */
  size_t src_item, dst_item; /* bytes of an item */
  nl_dtype from, to;
  nl__how how;
  double mean, std;
  int ndim; /* of a batch: rows first */
  int64_t shape[NL_MAX_DIM];
  float table[256]; /* NL__TABLE: of each uint8 */
} nl__rows;

/* data: of f->rows.  An error names the field by its number. */
nl_status nl__rows_init (nl_ctx *C, nl__rows *r, const nl_loader_field *f,
                         int number, const void *data);
/* Items index[0..n) to dst, one after the other; ends early on *cancel. */
void nl__rows_gather (const nl__rows *r, const int64_t *index, int64_t n,
                      void *dst, const atomic_int *cancel);
uint64_t nl__rows_hash (const nl__rows *r, uint64_t h);

#endif
