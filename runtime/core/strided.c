/* strided.c: copying between strided arrays and composing views.
 *
 * Both walk "runs": a value's dims are merged where they follow each other
 * without a gap, and the last merged dim is copied by one loop. */
#include "core/core.h"

#include <string.h>

typedef struct runs {
  int n;
  int64_t size[NL_MAX_NDIM], stride[NL_MAX_NDIM];
  int64_t at[NL_MAX_NDIM]; /* the odometer */
  int64_t pos;             /* element offset of the odometer */
} runs;

/* Merges v's dims; at least one remains. */
static void runs_of (runs *r, const nl_value *v) {
  r->n = 0;
  for (int i = 0; i < v->ndim; i++) {
    if (v->shape[i] == 1) continue;
    if (r->n > 0 && r->stride[r->n - 1] == v->stride[i] * v->shape[i]) {
      r->size[r->n - 1] *= v->shape[i];
      r->stride[r->n - 1] = v->stride[i];
    } else {
      r->size[r->n] = v->shape[i];
      r->stride[r->n++] = v->stride[i];
    }
  }
  if (r->n == 0) {
    r->size[0] = 1;
    r->stride[0] = 1;
    r->n = 1;
  }
}

static void runs_seek (runs *r, int64_t first) {
  r->pos = 0;
  for (int i = r->n - 1; i >= 0; i--) {
    r->at[i] = first % r->size[i];
    first /= r->size[i];
    r->pos += r->at[i] * r->stride[i];
  }
}

/* Steps over `run` elements of the last dim. */
static void runs_step (runs *r, int64_t run) {
  int i = r->n - 1;
  r->at[i] += run;
  r->pos += run * r->stride[i];
  while (i > 0 && r->at[i] == r->size[i]) {
    r->pos -= r->at[i] * r->stride[i];
    r->at[i--] = 0;
    r->at[i]++;
    r->pos += r->stride[i];
  }
}

#define COPY(type)                                                            \
  do {                                                                        \
    const type *s = (const type *)src;                                        \
    type *d = (type *)dst;                                                    \
    for (int64_t i = 0; i < n; i++) d[i * ds] = s[i * ss];                    \
  } while (0)

/* Four bytes by vectors of 16; other sizes one by one. */
typedef uint32_t words __attribute__((vector_size(16), aligned(4), may_alias));

static inline void fill_words (uint32_t *d, uint32_t x, int64_t n) {
  const words all = {x, x, x, x};
  if (n < 4) {
    for (int64_t i = 0; i < n; i++) d[i] = x;
    return;
  }
  for (int64_t i = 0; i < n - 4; i += 4) *(words *)(d + i) = all;
  *(words *)(d + n - 4) = all;
}

static void copy_run (size_t elem, int64_t n, const void *src, int64_t ss,
                      void *dst, int64_t ds) {
  if (ss == 1 && ds == 1) {
    memmove(dst, src, (size_t)n * elem);
    return;
  }
  if (ss == 0 && ds == 1 && elem == 4) {
    fill_words((uint32_t *)dst, *(const uint32_t *)src, n);
    return;
  }
  switch (elem) {
    case 1: COPY(uint8_t); break;
    case 2: COPY(uint16_t); break;
    case 4: COPY(uint32_t); break;
    default: COPY(uint64_t); break;
  }
}

/* Rows of 4 to 16: four stores, which overlap, and no inner loop. */
static void short_columns (int64_t rows, int64_t n, const uint32_t *src,
                           int64_t step, uint32_t *d) {
  int64_t i1 = n > 8 ? 4 : 0, i2 = n > 8 ? n - 8 : 0, i3 = n - 4;
  for (int64_t r = 0; r < rows; r++, d += n, src += step) {
    const words all = {*src, *src, *src, *src};
    *(words *)d = all;
    *(words *)(d + i1) = all;
    *(words *)(d + i2) = all;
    *(words *)(d + i3) = all;
  }
}

void nl__spread_rows (size_t elem, int64_t rows, int64_t n, const char *src,
                      int64_t step, char *dst) {
  if (elem == 4 && n >= 4 && n <= 16) {
    short_columns(rows, n, (const uint32_t *)(const void *)src, step,
                  (uint32_t *)(void *)dst);
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    copy_run(elem, n, src, 0, dst, 1);
    dst += (size_t)n * elem;
    src += step * (int64_t)elem;
  }
}

/* The first `done` of `all` bytes again and again. */
static void repeat (char *d, size_t done, size_t all) {
  while (done < all) {
    size_t more = done < all - done ? done : all - done;
    memcpy(d + done, d, more);
    done += more;
  }
}

#define MANY 65536 /* elements that no longer stay in the first caches */

#define DOWN 16  /* rows of a block of a transpose, */
#define ALONG 64 /* and columns */

/* room[r * ALONG + c] = s[c * step + r] for four columns c. */
static inline void four_columns (const uint32_t *s, int64_t step,
                                 uint32_t *room) {
  for (int r = 0; r < DOWN; r += 4, room += 4 * ALONG) {
    words a = *(const words *)(s + r), b = *(const words *)(s + step + r),
          c = *(const words *)(s + 2 * step + r),
          d = *(const words *)(s + 3 * step + r);
    words ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    words cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    words ba = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    words dc = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(words *)room = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(words *)(room + ALONG) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(words *)(room + 2 * ALONG) = __builtin_shufflevector(ba, dc, 0, 1, 4, 5);
    *(words *)(room + 3 * ALONG) = __builtin_shufflevector(ba, dc, 2, 3, 6, 7);
  }
}

/* The transpose: `rows` rows of n elements, which lie column by column, `step`
   apart.  By blocks, so that each line of memory is read once and written
   once. */
static void flip (int64_t rows, int64_t n, const uint32_t *src, int64_t step,
                  uint32_t *dst) {
  uint32_t room[DOWN * ALONG];
  for (int64_t i = 0; i < rows; i += DOWN) {
    int64_t down = rows - i < DOWN ? rows - i : DOWN;
    for (int64_t k = 0; k < n; k += ALONG) {
      int64_t along = n - k < ALONG ? n - k : ALONG, c = 0;
      const uint32_t *s = src + k * step + i;
      for (; down == DOWN && c + 4 <= along; c += 4)
        four_columns(s + c * step, step, room + c);
      for (; c < along; c++)
        for (int64_t r = 0; r < down; r++) room[r * ALONG + c] = s[c * step + r];
      for (int64_t r = 0; r < down; r++)
        memcpy(dst + (i + r) * n + k, room + r * ALONG,
               (size_t)along * sizeof *dst);
    }
  }
}

/* Whole rows of the last dim, of which `rows` follow each other along the one
   before. */
static void gather_rows (const runs *r, size_t elem, int64_t rows,
                         const char *src, char *dst) {
  int64_t n = r->size[r->n - 1], s1 = r->stride[r->n - 1];
  int64_t s0 = r->stride[r->n - 2];
  size_t bytes = (size_t)n * elem;
  if (s1 == 0) {
    nl__spread_rows(elem, rows, n, src, s0, dst);
  } else if (s0 == 0) {
    copy_run(elem, n, src, s1, dst, 1);
    repeat(dst, bytes, (size_t)rows * bytes);
  } else if (s0 == 1 && elem == 4 && n >= 8 && rows >= DOWN) {
    flip(rows, n, (const uint32_t *)(const void *)src, s1,
         (uint32_t *)(void *)dst);
  } else {
    for (int64_t i = 0; i < rows; i++)
      copy_run(elem, n, src + i * s0 * (int64_t)elem, s1,
               dst + (size_t)i * bytes, 1);
  }
}

void nl__gather (const nl_value *v, int64_t first, int64_t n, void *dst) {
  size_t elem = nl__elem_size((nl_dtype)v->dtype);
  const char *base = nl__bytes_at(v);
  char *d = (char *)dst;
  runs r;
  if (n <= 0) return;
  runs_of(&r, v);
  runs_seek(&r, first);
  int last = r.n - 1;
  while (n > 0) {
    const char *src = base + r.pos * (int64_t)elem;
    int64_t run = r.size[last] - r.at[last], rows = 1;
    if (last > 0 && r.at[last] == 0) {
      rows = n / run;
      if (rows > r.size[last - 1] - r.at[last - 1])
        rows = r.size[last - 1] - r.at[last - 1];
    }
    if (rows > 1) {
      gather_rows(&r, elem, rows, src, d);
      run *= rows;
      r.at[last - 1] += rows - 1; /* runs_step goes on to the next one */
      r.pos += (rows - 1) * r.stride[last - 1];
      runs_step(&r, r.size[last]);
    } else {
      if (run > n) run = n;
      copy_run(elem, run, src, r.stride[last], d, 1);
      runs_step(&r, run);
    }
    d += (size_t)run * elem;
    n -= run;
  }
}

bool nl__steps_over_lines (const nl_value *v) {
  runs r;
  if (v->dense || v->numel < MANY) return false;
  runs_of(&r, v);
  return r.stride[r.n - 1] * (int64_t)nl__elem_size((nl_dtype)v->dtype) >= 64;
}

typedef struct gathering {
  const nl_value *v;
  char *to;
  int64_t step; /* elements in an item: whole rows */
  size_t elem;
} gathering;

static void gather_item (void *ud, int64_t i) {
  const gathering *g = (const gathering *)ud;
  int64_t at = i * g->step, left = g->v->numel - at;
  nl__gather(g->v, at, left < g->step ? left : g->step,
             g->to + (size_t)at * g->elem);
}

nl_status nl__gather_all (nl_ctx *C, const nl_value *v, void *dst) {
  gathering g = {v, (char *)dst, 0, nl__elem_size((nl_dtype)v->dtype)};
  int64_t row = v->ndim > 0 ? v->shape[v->ndim - 1] : 1;
  int64_t rows = row > 0 ? MANY / row : 1;
  g.step = row * (rows < DOWN ? DOWN : rows / DOWN * DOWN);
  if (v->numel <= g.step || v->numel < MANY) {
    nl__gather(v, 0, v->numel, dst);
    return NL_OK;
  }
  return nl__parallel_for(C, (v->numel + g.step - 1) / g.step,
                          (double)g.step * 0.5, gather_item, &g);
}

void nl__scatter (const nl_value *view, int64_t first, int64_t n,
                  const void *src) {
  size_t elem = nl__elem_size((nl_dtype)view->dtype);
  char *base = nl__bytes_at(view);
  const char *s = (const char *)src;
  runs r;
  if (n <= 0) return;
  runs_of(&r, view);
  runs_seek(&r, first);
  while (n > 0) {
    int64_t run = r.size[r.n - 1] - r.at[r.n - 1];
    if (run > n) run = n;
    copy_run(elem, run, s, 1, base + r.pos * (int64_t)elem, r.stride[r.n - 1]);
    s += (size_t)run * elem;
    n -= run;
    runs_step(&r, run);
  }
}

/* A view's dim walks row-major indices by `stride`; it is expressible when it
   stays within one run of v.  lo[] and hi[] collect, for each run, where the
   dims together may get to. */
static bool place_dim (const runs *r, const int64_t *dense, int64_t size,
                       int64_t stride, int64_t *lo, int64_t *hi,
                       int64_t *result) {
  int64_t a = stride < 0 ? -stride : stride;
  for (int g = 0; g < r->n; g++) {
    if (dense[g] > a || a % dense[g] != 0 || r->size[g] == 1) continue;
    int64_t k = stride / dense[g], reach = (size - 1) * k;
    if (reach < 0)
      lo[g] += reach;
    else
      hi[g] += reach;
    *result = k * r->stride[g];
    return true;
  }
  return false;
}

bool nl__compose_view (const nl_value *v, int64_t offset, int ndim,
                       const int64_t *size, const int64_t *stride,
                       nl_value *w) {
  bool ok = true;
  w->offset = v->offset;
  if (v->dense || w->numel == 0 || v->numel == 0) {
    for (int i = 0; i < ndim; i++) w->stride[i] = stride[i];
    w->offset += offset;
  } else {
    runs r;
    int64_t dense[NL_MAX_NDIM], lo[NL_MAX_NDIM], hi[NL_MAX_NDIM], n = 1;
    runs_of(&r, v);
    for (int g = r.n - 1; g >= 0; g--) {
      dense[g] = n;
      n *= r.size[g];
    }
    runs_seek(&r, offset);
    for (int g = 0; g < r.n; g++) lo[g] = hi[g] = r.at[g];
    w->offset += r.pos;
    for (int i = 0; i < ndim && ok; i++) {
      w->stride[i] = 0;
      if (size[i] > 1 && stride[i] != 0)
        ok = place_dim(&r, dense, size[i], stride[i], lo, hi, &w->stride[i]);
    }
    for (int g = 0; g < r.n && ok; g++) ok = lo[g] >= 0 && hi[g] < r.size[g];
  }
  if (!ok) return false;
  /* dims of size 1 get any stride: recognise dense views all the same */
  int64_t want = 1;
  w->dense = true;
  for (int i = ndim - 1; i >= 0; i--) {
    if (w->shape[i] == 1)
      w->stride[i] = want;
    else if (w->stride[i] != want)
      w->dense = false;
    want *= w->shape[i];
  }
  return true;
}

nl_value *nl__view_strides (nl_ctx *C, const nl_value *v, int64_t offset,
                            int ndim, const int64_t *size,
                            const int64_t *stride) {
  if (v == NULL) return NULL;
  nl_value *w =
      nl__value_alloc(C, (nl_dtype)v->dtype, v->weak, ndim, size, false);
  if (w == NULL) return NULL;
  if (!nl__compose_view(v, offset, ndim, size, stride, w)) {
    nl__small_free(C, w, sizeof *w);
    return NULL;
  }
  w->buf = nl__buffer_retain(v->buf);
  return nl__pool_push(C, w);
}
