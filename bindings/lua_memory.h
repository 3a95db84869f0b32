/* lua_memory.h: the program's allocator for Lua's own objects.
 *
 * Lua makes and frees small objects all the time (each tensor's userdata is
 * one) and tells the allocator their sizes when they go, so lists of free
 * pieces by size do in ten instructions what malloc and free do in two
 * hundred.  Larger objects are the C library's. */
#ifndef NLB_LUA_MEMORY_H
#define NLB_LUA_MEMORY_H

#include <stddef.h>

#define NLB_PIECES "nnlua.pieces" /* in the registry: the nlb_pieces */
#define NLB_PIECE_MAX 512 /* bytes */

typedef struct nlb_pieces {
  void *list[NLB_PIECE_MAX / 16]; /* free pieces of 16, 32, ... bytes */
  char *fresh, *end;              /* what is left of the newest chunk */
  void *chunks;                   /* all of them, linked */
  size_t asked;                   /* the size of the newest object */
  /* blocks of `object` bytes are shown before they are freed */
  size_t object;
  void (*gone) (void *pieces, void *block, size_t size);
  void *gone_ud;
  void *state; /* of box.c, while it lives */
} nlb_pieces;

/* A lua_Alloc; ud: an nlb_pieces that was all zero at first. */
void *nlb_lua_alloc (void *ud, void *p, size_t old, size_t size);
/* After lua_close. */
void nlb_pieces_free (nlb_pieces *m);

#endif
