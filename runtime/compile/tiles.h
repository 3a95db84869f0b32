/* tiles.h: a group as tiles.c makes it and tiles_run.c runs it. */
#ifndef NL_TILES_H
#define NL_TILES_H

#include "compile/plan.h"

#define SLOT 4096           /* bytes of a tile */
#define SLOT_STEP (SLOT + 192) /* not a multiple of a page */
#define ITEM 16384          /* elements for a thread */
#define FAR (1 << 20)       /* bytes of arrays that are fetched ahead */
#define FEW 2               /* members that need no fetching */

typedef enum ext_kind {
  DENSE,  /* row-major, without gaps */
  ONE,    /* one number */
  PERIOD, /* one row, repeated */
  COLUMN, /* one number for each row */
  ROW,    /* dense rows, any distance apart */
  ANY
} ext_kind;

typedef struct ext { /* an array from outside */
  int op;
  ext_kind kind;
  size_t elem;
  int64_t s0;         /* from row to row */
  int slot;           /* -1: read where it stands */
  size_t at;          /* the slot's, in a thread's memory */
  bool product;       /* of the product whose parts the group runs on */
  const char *spread; /* ONE, a constant: its tile */
} ext;

/* An array that tiles pass through, read or written. */
typedef struct stream {
  int of; /* an ext, or NL_EXT_MAX + a member */
  size_t elem;
} stream;

typedef struct member {
  nl_map_fn map; /* or */
  void (*cast) (int64_t n, const void *in, void *out);
  int id, nin, from[3]; /* the map's; an ext, or NL_EXT_MAX + a member */
  size_t elem;
  int slot; /* or -1 and */
  int var;  /* its array */
  int block; /* or -1 and a whole block's memory, for a reduction; or -1 */
  size_t at; /* the slot's or block's, in a thread's memory */
} member;

/* A reduction of a member's elements, by the kernels' rule: of rows that lie
   within a tile, or of all, block by block. */
typedef struct tail {
  int from; /* the member */
  int64_t row; /* elements of a row; 0: all */
  nl_reduce_fn reduce, again; /* again: of the blocks' results */
  void (*blocks) (int64_t n, int64_t b0, int64_t b1, const void *x,
                  void *out);
  size_t elem; /* of the result */
  int var;
} tail;

/* What a thread needs: slots, then blocks. */
#define BLOCK_STEP (NL_RED_BLOCK * sizeof(double) + 192)

struct nl_tiles {
  void (*spread) (int64_t n, size_t elem, const void *x, void *out);
  size_t room; /* bytes of that */
  int n, next, nslot, ntail, nblock;
  int nstream; /* 0: arrays are small enough for the caches */
  member *m;
  stream *s;
  ext *x;
  tail tail[NL_TAIL_MAX];
  int64_t numel, rows, cols;
  bool by_rows;  /* tiles are pieces of rows */
  int64_t tile;  /* elements */
  int64_t units; /* tiles in all */
  int64_t step;  /* tiles for a thread */
};

#endif
