/* memory.c: every byte that the runtime holds is asked for here.
 *
 * Three layers: nl__alloc counts and retries once after the host collected;
 * small objects (values, storages, small buffers) come from free lists of
 * slabs; larger buffers are recycled by size class, because memory fresh from
 * the system costs three times as much to fill as memory used before. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define RECYCLE 0 /* so that every wrong use is seen */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RECYCLE 0
#endif
#endif
#ifndef RECYCLE
#define RECYCLE 1
#endif

#define HUGE_PAGE ((size_t)2 << 20)
#define HUGE_FROM ((size_t)4 << 20) /* bytes */
#define SLAB ((size_t)64 * 1024)
#define NCLASS 192 /* four classes to each power of two */
#define KEEP ((size_t)64 << 20) /* cached bytes that are always allowed */
#define LATELY 1024             /* buffers freed, while `high` is believed */

struct nl_cache {
  nl_buffer *list[NCLASS]; /* linked through ->ud */
};

/* Arrays of megabytes on pages of 2 MiB, where the system has them: faults
   and misses of the translation buffer are what fresh ones cost. */
static void *huge_alloc (size_t size) {
  size_t pages = (size + HUGE_PAGE - 1) / HUGE_PAGE;
  void *p = aligned_alloc(HUGE_PAGE, pages * HUGE_PAGE);
#ifdef MADV_HUGEPAGE
  if (p != NULL) (void)madvise(p, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
  return p;
}

static void *raw_alloc (nl_ctx *C, size_t size) {
  size_t rounded = (size + 63) & ~(size_t)63;
  if (C->cfg.alloc.alloc != NULL)
    return C->cfg.alloc.alloc(C->cfg.alloc.ud, rounded);
  if (rounded < HUGE_FROM) return aligned_alloc(64, rounded);
  return huge_alloc(rounded);
}

static void raw_free (nl_ctx *C, void *p, size_t size) {
  if (C->cfg.alloc.free != NULL)
    C->cfg.alloc.free(C->cfg.alloc.ud, p, (size + 63) & ~(size_t)63);
  else
    free(p);
}

static bool over_limit (const nl_ctx *C, size_t size) {
  return C->cfg.memory_limit != 0 && size > C->cfg.memory_limit - C->bytes;
}

void *nl__alloc (nl_ctx *C, size_t size) {
  void *p = NULL;
  if (size == 0) size = 1;
  if (size <= SIZE_MAX / 2 && !over_limit(C, size)) p = raw_alloc(C, size);
  if (p == NULL && size <= SIZE_MAX / 2) { /* give back, collect, retry */
    nl_cache_trim(C);
    if (C->cfg.collect != NULL && C->cfg.collect(C->cfg.collect_ud, size))
      nl_cache_trim(C);
    if (!over_limit(C, size)) p = raw_alloc(C, size);
  }
  if (p == NULL) {
    nl_error(C, NL_NOMEM,
             "not enough memory: %.1f MiB more wanted, %.1f MiB in use",
             (double)size / 1048576.0, (double)C->bytes / 1048576.0);
    return NULL;
  }
  C->bytes += size;
  if (C->bytes > C->peak) C->peak = C->bytes;
  return p;
}

void nl__free (nl_ctx *C, void *p, size_t size) {
  if (p == NULL) return;
  if (size == 0) size = 1;
  C->bytes -= size;
  raw_free(C, p, size);
}

bool nl__grow (nl_ctx *C, void **array, int *cap, int need, size_t elem) {
  if (need <= *cap) return true;
  int want = *cap < 16 ? 16 : *cap;
  while (want < need) want += want / 2;
  void *p = nl__alloc(C, (size_t)want * elem);
  if (p == NULL) return false;
  if (*array != NULL) {
    memcpy(p, *array, (size_t)*cap * elem);
    nl__free(C, *array, (size_t)*cap * elem);
  }
  *array = p;
  *cap = want;
  return true;
}

/* ---- small objects ---- */

static void *carve (nl_ctx *C, size_t size) {
  if (C->slab == NULL || (size_t)(C->slab_end - C->slab) < size) {
    char *s = (char *)nl__alloc(C, SLAB);
    if (s == NULL) return NULL;
    *(void **)(void *)s = C->slabs; /* its first line links the slabs */
    C->slabs = s;
    C->slab = s + 64;
    C->slab_end = s + SLAB;
  }
  void *p = C->slab;
  C->slab += size;
  return p;
}

void *nl__small_more (nl_ctx *C, size_t size) {
  return carve(C, (size + 63) & ~(size_t)63);
}

/* ---- buffers ---- */

/* The class of a size, and the class's own size in *rounded. */
static int class_of (size_t size, size_t *rounded) {
  int top = 63 - __builtin_clzll((unsigned long long)size | 1);
  if (top < 8) top = 8;
  size_t step = (size_t)1 << (top - 2);
  size_t r = (size + step - 1) & ~(step - 1);
  int sub = (int)((r - ((size_t)1 << top)) / step);
  *rounded = r;
  if (sub < 0) sub = 0;
  int cls = (top - 8) * 4 + sub;
  return cls < NCLASS ? cls : NCLASS - 1;
}

#define HEAD ((sizeof(nl_buffer) + 63) & ~(size_t)63)

/* What may be cached: some beside what is in use, or as much as brings use to
   what it was lately.  A program whose garbage comes and goes by hundreds of
   megabytes keeps them; what is held never exceeds what was in use. */
static size_t allowed (const nl_ctx *C) {
  size_t some = KEEP + C->bytes / 2;
  size_t back = C->high > C->bytes ? C->high - C->bytes : 0;
  return back > some ? back : some;
}

/* Gives cached buffers back, the largest first, until `most` bytes are left. */
static void trim (nl_ctx *C, size_t most) {
  for (int i = NCLASS - 1; i >= 0 && C->cached > most; i--) {
    nl_buffer *b;
    while (C->cached > most && (b = C->cache->list[i]) != NULL) {
      C->cache->list[i] = (nl_buffer *)b->ud;
      C->cached -= b->size;
      C->bytes += b->size; /* nl__free takes it off again */
      nl__free(C, b->data, b->size);
      nl__small_free(C, b, sizeof *b);
    }
  }
}

void nl_cache_trim (nl_ctx *C) {
  if (C->cache != NULL) trim(C, 0);
}

/* A buffer goes: may it be cached?  Now and then, what is high comes nearer
   to what is in use. */
static bool may_keep (nl_ctx *C, size_t size) {
  if (++C->let_go >= LATELY) {
    C->let_go = 0;
    if (C->high > C->bytes) C->high -= (C->high - C->bytes) / 2;
    if (C->cached > allowed(C)) trim(C, allowed(C));
  }
  return C->cached + size <= allowed(C);
}

nl_buffer *nl__buffer_new (nl_ctx *C, size_t size) {
  nl_buffer *b;
  int cls = 0;
  if (HEAD + size <= NL_SMALL_MAX) { /* header and data in one piece */
    b = (nl_buffer *)nl__small_alloc(C, HEAD + size);
    if (b == NULL) return NULL;
    b->data = (char *)b + HEAD;
  } else {
    size_t rounded = size;
    if (C->recycle) {
      cls = class_of(size, &rounded);
      for (b = C->cache->list[cls]; b != NULL && b->size != rounded;) b = NULL;
      if (b != NULL) {
        C->cache->list[cls] = (nl_buffer *)b->ud;
        C->cached -= rounded;
        C->bytes += rounded;
        if (C->bytes > C->peak) C->peak = C->bytes;
        if (C->bytes > C->high) C->high = C->bytes;
        b->refs = 1;
        b->ud = NULL;
        return b;
      }
    }
    b = (nl_buffer *)nl__small_alloc(C, sizeof *b);
    if (b == NULL) return NULL;
    /* what is cached in other sizes makes room, or both would be held */
    if (C->cached + C->bytes + rounded > C->high && C->cached > allowed(C))
      trim(C, allowed(C));
    b->data = nl__alloc(C, rounded);
    if (C->bytes > C->high) C->high = C->bytes;
    if (b->data == NULL) {
      nl__small_free(C, b, sizeof *b);
      return NULL;
    }
    size = rounded;
  }
  b->refs = 1;
  b->kept_as = cls;
  b->size = size;
  b->free_fn = NULL;
  b->ud = NULL;
  return b;
}

static void keeps_it (void *ud) { (void)ud; } /* the host frees it */

nl_buffer *nl__buffer_wrap (nl_ctx *C, void *data, size_t size,
                            void (*free_fn) (void *ud), void *ud) {
  nl_buffer *b = (nl_buffer *)nl__small_alloc(C, sizeof *b);
  if (b == NULL) return NULL;
  *b = (nl_buffer){.refs = 1, .size = size, .data = data,
                   .free_fn = free_fn != NULL ? free_fn : keeps_it, .ud = ud};
  return b;
}

static bool inline_data (const nl_buffer *b) {
  return b->data == (const char *)b + HEAD;
}

void nl__buffer_free (nl_ctx *C, nl_buffer *b) {
  if (inline_data(b)) {
    nl__small_free(C, b, HEAD + b->size);
  } else if (b->free_fn != NULL) {
    b->free_fn(b->ud);
    nl__small_free(C, b, sizeof *b);
  } else {
    if (C->recycle && may_keep(C, b->size)) {
      b->ud = C->cache->list[b->kept_as];
      C->cache->list[b->kept_as] = b;
      C->cached += b->size;
      C->bytes -= b->size;
    } else {
      nl__free(C, b->data, b->size);
      nl__small_free(C, b, sizeof *b);
    }
  }
}

bool nl__memory_init (nl_ctx *C) {
  C->recycle = RECYCLE && !C->cfg.no_recycling;
  C->cache = (struct nl_cache *)nl__alloc(C, sizeof *C->cache);
  if (C->cache == NULL) return false;
  memset(C->cache, 0, sizeof *C->cache);
  return true;
}

void nl__memory_close (nl_ctx *C) {
  nl_cache_trim(C);
  nl__free(C, C->cache, sizeof *C->cache);
  C->cache = NULL;
  for (void *s = C->slabs; s != NULL;) {
    void *next = *(void **)s;
    nl__free(C, s, SLAB);
    s = next;
  }
  C->slabs = NULL;
}

size_t nl_bytes_used (const nl_ctx *C) { return C->bytes; }
size_t nl_bytes_peak (const nl_ctx *C) { return C->peak; }
void nl_bytes_peak_reset (nl_ctx *C) { C->peak = C->bytes; }
size_t nl_bytes_cached (const nl_ctx *C) { return C->cached; }
