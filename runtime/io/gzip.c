/* gzip.c: packed data.  zlib streams (so that a small header can be looked at
 * before anything is allocated, and a bomb is stopped one byte past the size
 * that the header fixed); libdeflate, twice as fast, does whole files whose
 * size is known, and where it refuses, zlib looks again and says why. */
#include "io/io.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#ifdef NL_HAVE_ZLIB
#include <zlib.h>
#ifdef NL_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#define PIECE ((size_t)1 << 20) /* what zlib's 32-bit counts are fed with */

typedef enum gz_end {
  GZ_FULL,  /* the output is full */
  GZ_DONE,  /* the last member ended and nothing follows */
  GZ_CUT,   /* the input ends inside a member */
  GZ_AFTER, /* something else follows the last member */
  GZ_BAD,   /* damaged, z.msg says how */
  GZ_NOMEM, GZ_STOP
} gz_end;

typedef struct gz_stream {
  z_stream z;
  const uint8_t *in;
  size_t nin;   /* not yet given to z */
  bool between; /* a member ended */
  const atomic_int *stop;
} gz_stream;

static bool gz_begin (gz_stream *g, const void *in, size_t nin,
                      const atomic_int *stop) {
  memset(g, 0, sizeof *g);
  g->in = (const uint8_t *)in;
  g->nin = nin;
  g->stop = stop;
  return inflateInit2(&g->z, 15 + 16) == Z_OK;
}

static void gz_feed (gz_stream *g) {
  if (g->z.avail_in > 0 || g->nin == 0) return;
  size_t k = g->nin < PIECE ? g->nin : PIECE;
  g->z.next_in = (Bytef *)(uintptr_t)g->in;
  g->z.avail_in = (uInt)k;
  g->in += k;
  g->nin -= k;
}

/* At a member's end: another one, the end, or rubbish. */
static gz_end gz_more (gz_stream *g) {
  gz_feed(g);
  if (g->z.avail_in == 0) return GZ_DONE;
  if (g->z.next_in[0] != 0x1f) return GZ_AFTER;
  g->between = true; /* a bad second byte is no member either */
  return inflateReset(&g->z) == Z_OK ? GZ_FULL : GZ_BAD;
}

/* Unpacks until out is full or the input ends; *got is what came. */
static gz_end gz_some (gz_stream *g, uint8_t *out, size_t n, size_t *got) {
  *got = 0;
  while (*got < n) {
    if (g->stop != NULL &&
        atomic_load_explicit(g->stop, memory_order_relaxed))
      return GZ_STOP;
    gz_feed(g);
    size_t want = n - *got < PIECE ? n - *got : PIECE;
    g->z.next_out = out + *got;
    g->z.avail_out = (uInt)want;
    int r = inflate(&g->z, Z_NO_FLUSH);
    *got += want - g->z.avail_out;
    if (r == Z_STREAM_END) {
      gz_end e = gz_more(g);
      if (e != GZ_FULL) return e;
    } else if (r == Z_MEM_ERROR) {
      return GZ_NOMEM;
    } else if (r != Z_OK && r != Z_BUF_ERROR) {
      return g->between && g->z.total_out == 0 && g->z.total_in <= 2
                 ? GZ_AFTER : GZ_BAD;
    } else if (g->z.avail_in == 0 && g->nin == 0 && g->z.avail_out > 0) {
      return GZ_CUT;
    }
  }
  return GZ_FULL;
}

static void gz_message (const gz_stream *g, gz_end e, char *err, size_t n) {
  switch (e) {
    case GZ_CUT: snprintf(err, n, "the gzip data ends early"); break;
    case GZ_AFTER:
      snprintf(err, n, "something follows the gzip data");
      break;
    case GZ_NOMEM: snprintf(err, n, "not enough memory to unpack it"); break;
    case GZ_STOP: snprintf(err, n, "interrupted"); break;
    default:
      snprintf(err, n, "the gzip data is damaged (%s)",
               g->z.msg != NULL ? g->z.msg : "no reason given");
  }
}

int nl__gunzip_head (const void *in, size_t nin, void *out, int n, char *err,
                     size_t nerr) {
  gz_stream g;
  size_t got;
  if (!gz_begin(&g, in, nin, NULL)) {
    snprintf(err, nerr, "not enough memory to unpack it");
    return -1;
  }
  gz_end e = gz_some(&g, (uint8_t *)out, (size_t)n, &got);
  inflateEnd(&g.z);
  if (e == GZ_FULL || e == GZ_DONE || e == GZ_CUT || e == GZ_AFTER)
    return (int)got; /* the data's own reader says what is wrong with them */
  gz_message(&g, e, err, nerr);
  return -1;
}

/* size bytes are out; does everything end here, with right check sums? */
static gz_end gz_finish (gz_stream *g, size_t *over) {
  uint8_t one[1];
  return gz_some(g, one, 1, over);
}

static bool by_zlib (const void *in, size_t nin, uint8_t *out, size_t size,
                     const atomic_int *stop, char *err, size_t nerr) {
  uint8_t scratch[32768];
  gz_stream g;
  size_t total = 0, got = 0, over = 0;
  gz_end e = GZ_FULL;
  if (!gz_begin(&g, in, nin, stop)) {
    snprintf(err, nerr, "not enough memory to unpack it");
    return false;
  }
  while (total < size && e == GZ_FULL) {
    size_t k = size - total;
    if (out == NULL && k > sizeof scratch) k = sizeof scratch;
    e = gz_some(&g, out == NULL ? scratch : out + total, k, &got);
    total += got;
  }
  if (total == size && e == GZ_FULL) e = gz_finish(&g, &over);
  inflateEnd(&g.z);
  if (over > 0)
    snprintf(err, nerr, "it unpacks to more than the %zu bytes that its "
             "header promises", size);
  else if (e == GZ_DONE && total < size)
    snprintf(err, nerr, "it unpacks to %zu bytes where its header promises "
             "%zu", total, size);
  else if (e != GZ_DONE)
    gz_message(&g, e, err, nerr);
  return e == GZ_DONE && over == 0 && total == size;
}

#ifdef NL_HAVE_LIBDEFLATE
static bool by_libdeflate (const uint8_t *in, size_t nin, uint8_t *out,
                           size_t size) {
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
  bool ok = d != NULL;
  while (ok && nin > 0) { /* member by member */
    size_t used = 0, made = 0;
    ok = libdeflate_gzip_decompress_ex(d, in, nin, out, size, &used, &made) ==
             LIBDEFLATE_SUCCESS && used > 0;
    in += used;
    nin -= used;
    out += made;
    size -= made;
  }
  if (d != NULL) libdeflate_free_decompressor(d);
  return ok && size == 0;
}
#endif

bool nl__gunzip (const void *in, size_t nin, void *out, size_t size,
                 const atomic_int *stop, char *err, size_t nerr) {
#ifdef NL_HAVE_LIBDEFLATE
  if (out != NULL && by_libdeflate((const uint8_t *)in, nin, (uint8_t *)out,
                                   size))
    return true;
#endif
  return by_zlib(in, nin, (uint8_t *)out, size, stop, err, nerr);
}

/* ---- packing ---- */

struct nl__gzip {
  z_stream z;
  nl_ctx *C;
  nl__save *s;
  uint8_t buf[65536];
};

nl__gzip *nl__gzip_begin (nl_ctx *C, nl__save *s) {
  nl__gzip *g = (nl__gzip *)nl__alloc(C, sizeof *g);
  if (g == NULL) return NULL;
  memset(&g->z, 0, sizeof g->z);
  g->C = C;
  g->s = s;
  if (deflateInit2(&g->z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    nl__free(C, g, sizeof *g);
    nl_error(C, NL_NOMEM, "not enough memory to pack \"%s\"", s->target);
    return NULL;
  }
  return g;
}

static nl_status gz_pack (nl__gzip *g, int flush) {
  int r;
  do {
    g->z.next_out = g->buf;
    g->z.avail_out = sizeof g->buf;
    r = deflate(&g->z, flush);
    nl_status st = nl__save_write(g->s, g->buf, sizeof g->buf -
                                                    g->z.avail_out);
    if (st != NL_OK) return st;
  } while (g->z.avail_in > 0 || (flush == Z_FINISH && r == Z_OK));
  return NL_OK;
}

nl_status nl__gzip_write (nl__gzip *g, const void *p, size_t n) {
  const uint8_t *c = (const uint8_t *)p;
  nl_status st = NL_OK;
  while (n > 0 && st == NL_OK) {
    size_t k = n < PIECE ? n : PIECE;
    g->z.next_in = (Bytef *)(uintptr_t)c;
    g->z.avail_in = (uInt)k;
    st = gz_pack(g, Z_NO_FLUSH);
    c += k;
    n -= k;
  }
  return st;
}

nl_status nl__gzip_end (nl__gzip *g, bool flush) {
  nl_ctx *C = g->C;
  nl_status st = flush ? gz_pack(g, Z_FINISH) : NL_OK;
  deflateEnd(&g->z);
  nl__free(C, g, sizeof *g);
  return st;
}

const char *nl_gzip (void) {
#ifdef NL_HAVE_LIBDEFLATE
  return "zlib and libdeflate";
#else
  return "zlib";
#endif
}

#else /* without zlib */

const char *nl_gzip (void) { return NULL; }

static const char *const without =
    "this build has no zlib; unpack it first (gunzip FILE)";

int nl__gunzip_head (const void *in, size_t nin, void *out, int n, char *err,
                     size_t nerr) {
  (void)in, (void)nin, (void)out, (void)n;
  snprintf(err, nerr, "%s", without);
  return -1;
}

bool nl__gunzip (const void *in, size_t nin, void *out, size_t size,
                 const atomic_int *stop, char *err, size_t nerr) {
  (void)in, (void)nin, (void)out, (void)size, (void)stop;
  snprintf(err, nerr, "%s", without);
  return false;
}

nl__gzip *nl__gzip_begin (nl_ctx *C, nl__save *s) {
  nl_error(C, NL_ERROR,
           "cannot write \"%s\": this build has no zlib; save it without .gz",
           s->target);
  return NULL;
}

nl_status nl__gzip_write (nl__gzip *z, const void *p, size_t n) {
  (void)z, (void)p, (void)n;
  return NL_ERROR;
}

nl_status nl__gzip_end (nl__gzip *z, bool flush) {
  (void)z, (void)flush;
  return NL_ERROR;
}

#endif
