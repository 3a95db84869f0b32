/* lua_memory.c: see lua_memory.h. */
#include "lua_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 * 1024)

#if defined(__SANITIZE_ADDRESS__)
#define PIECES 0 /* so that every wrong use is seen */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECES 0
#endif
#endif
#ifndef PIECES
#define PIECES 1
#endif

static size_t list_of (size_t size) { return (size - 1) / 16; }

static void *take (nlb_pieces *m, size_t size) {
  size_t i = list_of(size), rounded = (i + 1) * 16;
  void *p = m->list[i];
  if (p != NULL) {
    memcpy(&m->list[i], p, sizeof p); /* the next one */
    return p;
  }
  if ((size_t)(m->end - m->fresh) < rounded) {
    /* what is left is less than a piece: it is lost */
    char *chunk = (char *)malloc(CHUNK);
    if (chunk == NULL) return NULL;
    memcpy(chunk, &m->chunks, sizeof m->chunks);
    m->chunks = chunk;
    m->fresh = chunk + 16;
    m->end = chunk + CHUNK;
  }
  p = m->fresh;
  m->fresh += rounded;
  return p;
}

static void give (nlb_pieces *m, void *p, size_t size) {
  size_t i = list_of(size);
  memcpy(p, &m->list[i], sizeof p);
  m->list[i] = p;
}

/* Other objects may have the size of those that `gone` looks at: what is new
   of a block's last word, where a mark would be, is 0.  While that size isn't
   known, of every block. */
static void *unmarked (const nlb_pieces *m, void *p, size_t old,
                       size_t size) {
  if (p == NULL || size <= old || (size != m->object && m->object != 0))
    return p;
  size_t from = size < sizeof(uintptr_t) ? 0 : size - sizeof(uintptr_t);
  if (from < old) from = old;
  memset((char *)p + from, 0, size - from);
  return p;
}

static void *change (nlb_pieces *m, void *p, size_t old, size_t size) {
  int was = PIECES && old > 0 && old <= NLB_PIECE_MAX;
  int will = PIECES && size > 0 && size <= NLB_PIECE_MAX;
  if (size == 0) {
    if (was) give(m, p, old);
    else free(p);
    return NULL;
  }
  if (!was && !will) return realloc(p, size);
  if (was && will && list_of(old) == list_of(size)) return p;
  void *q = will ? take(m, size) : malloc(size);
  if (q == NULL) return NULL;
  if (old > 0) {
    memcpy(q, p, old < size ? old : size);
    if (was) give(m, p, old);
    else free(p);
  }
  return q;
}

void *nlb_lua_alloc (void *ud, void *p, size_t old, size_t size) {
  nlb_pieces *m = (nlb_pieces *)ud;
  if (p == NULL) { /* old says what kind of object is to come */
    old = 0;
    m->asked = size;
  } else if (size == 0 && old == m->object) {
    m->gone(m, p, old);
  }
  return unmarked(m, change(m, p, old, size), old, size);
}

void nlb_pieces_free (nlb_pieces *m) {
  while (m->chunks != NULL) {
    void *next;
    memcpy(&next, m->chunks, sizeof next);
    free(m->chunks);
    m->chunks = next;
  }
}
