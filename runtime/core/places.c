/* places.c: where a list has what, by address: a table of open addressing, at
 * most half full. */
#include "core/core.h"

#include <string.h>

/* Of the key, or the hole where it would stand. */
static size_t slot_of (const nl_places *p, const void *key) {
  uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
  size_t i = (size_t)(h >> 32) & (p->size - 1);
  while (p->slot[i].key != NULL && p->slot[i].key != key)
    i = (i + 1) & (p->size - 1);
  return i;
}

int nl__place_of (const nl_places *p, const void *key) {
  if (p->size == 0) return -1;
  const struct nl_place *s = &p->slot[slot_of(p, key)];
  return s->key == NULL ? -1 : s->at;
}

static bool larger (nl_ctx *C, nl_places *p) {
  nl_places q = {NULL, p->size == 0 ? 64 : 4 * p->size, p->n};
  q.slot = (struct nl_place *)nl__alloc(C, q.size * sizeof *q.slot);
  if (q.slot == NULL) return false;
  memset(q.slot, 0, q.size * sizeof *q.slot);
  for (size_t i = 0; i < p->size; i++)
    if (p->slot[i].key != NULL) q.slot[slot_of(&q, p->slot[i].key)] = p->slot[i];
  nl__places_free(C, p);
  *p = q;
  return true;
}

bool nl__place_add (nl_ctx *C, nl_places *p, const void *key, int at) {
  if (2 * (p->n + 1) > p->size && !larger(C, p)) return false;
  struct nl_place *s = &p->slot[slot_of(p, key)];
  if (s->key != NULL) return true;
  *s = (struct nl_place){key, at};
  p->n++;
  return true;
}

void nl__places_free (nl_ctx *C, nl_places *p) {
  nl__free(C, p->slot, p->size * sizeof *p->slot);
  *p = (nl_places){NULL, 0, 0};
}
