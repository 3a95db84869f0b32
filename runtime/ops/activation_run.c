/* activation_run.c: kernel activation functions evaluated; see activation.c.
 *
 * The work is cut into tiles of 16 lanes: units where inner is 1, else
 * elements of one unit.  Sums over elements are kept by lane within a chunk,
 * which depends on the shape alone, then added in the kernels' fixed tree;
 * where lanes are units, as the kernel leaves them, and the sums are scaled
 * and put in order once. */
#include "ops/activation.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/ops.h"

#define W NL_KAF_LANES

static double number_of (int64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

typedef struct kaf_job {
  nl_kaf_tile tile; /* arrays of block 0 */
  nl_kaf_fn run;
  size_t elem;
  int64_t outer, units, inner;
  bool by_units;         /* lanes are units */
  int64_t blocks;        /* of 16 units, or of one */
  int64_t step, chunks;  /* outer indices of a chunk, how many */
  int64_t run_of, runs;  /* elements of an inner part, how many parts */
  const char *x, *g;
  char *y;
  int64_t heads; /* one for each block, or a single one for all */
  char *head;    /* of each: half ratio inv reach [W], then of [D][W] each
                    scale, shift */
  char *coef;    /* of each block: coef, moved [D][W] */
  char *part;  /* (chunks, runs, units, D), by_units (chunks, blocks, D, W),
                  or NULL */
} kaf_job;

static int64_t head_size (const kaf_job *j) {
  return 4 * W + 2 * W * j->tile.D;
}

static const char *head_of (const kaf_job *j, int64_t block) {
  if (j->heads == 1) block = 0;
  return j->head + (size_t)(block * head_size(j)) * j->elem;
}

static inline void put (char *p, size_t elem, int64_t i, double v) {
  if (elem == 8)
    ((double *)(void *)p)[i] = v;
  else
    ((float *)(void *)p)[i] = (float)v;
}

static inline double get (const char *p, size_t elem, int64_t i) {
  return elem == 8 ? ((const double *)(const void *)p)[i]
                   : ((const float *)(const void *)p)[i];
}

static inline const char *scale_of (const kaf_job *j, const char *head) {
  return head + (size_t)(4 * W) * j->elem;
}

/* Adds the lanes of acc [D][W] by halves and scales: to out [D]. */
static void settle (const kaf_job *j, const char *head, const char *acc,
                    char *out) {
  const char *scale = scale_of(j, head);
  for (int d = 0; d < j->tile.D; d++) {
    double v[W];
    for (int l = 0; l < W; l++)
      v[l] = get(acc, j->elem, d * W + l) * get(scale, j->elem, d * W + l);
    for (int h = W / 2; h > 0; h /= 2)
      for (int l = 0; l < h; l++) v[l] += v[l + h];
    put(out, j->elem, d, v[0]);
  }
}

/* Scales the sums of all blocks, [D][W] each, and puts them in order: to out
   [units][D]. */
static inline void settle_units (const kaf_job *j, const char *sums, char *out,
                                 size_t elem) {
  int D = j->tile.D;
  for (int64_t b = 0; b < j->blocks; b++) {
    const char *scale = scale_of(j, head_of(j, b));
    const char *from = sums + (size_t)(b * D * W) * elem;
    int64_t lanes = j->units - b * W < W ? j->units - b * W : W;
    char *to = out + (size_t)(b * W * D) * elem;
    for (int64_t l = 0; l < lanes; l++)
      for (int d = 0; d < D; d++)
        put(to, elem, l * D + d,
            get(from, elem, d * W + l) * get(scale, elem, d * W + l));
  }
}

static void kaf_item (void *ud, int64_t item) {
  const kaf_job *j = (const kaf_job *)ud;
  double local[MAX_CENTRES * W];
  int64_t b = item % j->blocks, run = item / j->blocks % j->runs;
  int64_t chunk = item / j->blocks / j->runs, D = j->tile.D;
  int64_t o0 = chunk * j->step;
  int64_t o1 = o0 + j->step < j->outer ? o0 + j->step : j->outer;
  size_t elem = j->elem;
  const char *t = head_of(j, b);
  nl_kaf_tile k = j->tile;
  k.half = t, k.ratio = t + W * elem, k.inv = t + 2 * W * elem;
  k.reach = t + 3 * W * elem;
  k.shift = t + (size_t)(4 * W + W * D) * elem;
  k.coef = j->coef + (size_t)(2 * b * D * W) * elem;
  k.moved = j->coef + (size_t)((2 * b + 1) * D * W) * elem;
  char *acc = (char *)local;
  size_t sums = (size_t)(D * W) * elem;
  if (j->part != NULL && j->by_units)
    acc = j->part + (size_t)(chunk * j->blocks + b) * sums;
  if (j->part != NULL) memset(acc, 0, sums);
  int64_t unit = b, lanes = 1;
  if (j->by_units) {
    unit = b * W;
    lanes = j->units - unit < W ? j->units - unit : W;
    size_t at = (size_t)(o0 * j->units + unit) * elem;
    j->run(&k, o1 - o0, j->units, (int)lanes, (int)lanes, j->x + at,
           j->g ? j->g + at : NULL, j->y ? j->y + at : NULL, acc);
  } else {
    int64_t i0 = run * j->run_of, n = j->inner - i0;
    if (n > j->run_of) n = j->run_of;
    for (int64_t o = o0; o < o1; o++) {
      size_t at = (size_t)((o * j->units + unit) * j->inner + i0) * elem;
      j->run(&k, (n + W - 1) / W, W, W, (int)((n - 1) % W + 1), j->x + at,
             j->g ? j->g + at : NULL, j->y ? j->y + at : NULL, acc);
    }
  }
  if (j->part != NULL && !j->by_units)
    settle(j, t, acc,
           j->part + (size_t)(((chunk * j->runs + run) * j->units + unit) * D) *
                         elem);
}

/* How far the shape is cut; the sums' order depends on it. */
static void cut (kaf_job *j, const nl_value *x) {
  j->outer = x->shape[0], j->units = x->shape[1], j->inner = x->shape[2];
  j->by_units = j->inner == 1;
  j->blocks = j->by_units ? (j->units + W - 1) / W : j->units;
  j->step = j->by_units ? 32 : (2048 + j->inner - 1) / j->inner;
  if (j->step * 64 < j->outer) j->step = (j->outer + 63) / 64;
  j->chunks = (j->outer + j->step - 1) / j->step;
  j->run_of = 4096;
  if (j->run_of * 64 < j->inner) j->run_of = (j->inner / 64 + W) / W * W;
  j->runs = (j->inner + j->run_of - 1) / j->run_of;
}

/* Which gaussians share exponentials: see kernels/kaf.h.  Half a group spans
   at most 6 sigma (12 in float64), and the reach is 11.8 (34.6) sigma. */
static int group_of (const kaf_job *j, const nl_value *sigma, double step) {
  double least = 1e300, most;
  for (int64_t i = 0; i < sigma->numel; i++) {
    double s = get(nl__bytes_at(sigma), j->elem, i);
    if (!(s >= least)) least = s;
  }
  most = (j->elem == 8 ? 24 : 12) * least / step;
  if (!(most >= 1)) return 1;
  return most < j->tile.D ? (int)most : j->tile.D;
}

/* The head of one block: what depends on its sigmas.  weight [D][W] is what
   alpha has to be multiplied by. */
static void fill_head (nl_ctx *C, const kaf_job *j, const nl_value *sigma,
                       double step, int64_t block, char *t, double *weight) {
  int D = j->tile.D, g = j->tile.group;
  size_t elem = j->elem;
  bool gauss = j->tile.kernel == NL_KAF_GAUSSIAN;
  double q[MAX_CENTRES], last = 0;
  for (int l = 0; l < W; l++) {
    int64_t u = j->by_units ? block * W + l : block;
    if (u >= j->units) u = j->units - 1;
    double s = get(nl__bytes_at(sigma), elem, sigma->numel > 1 ? u : 0);
    put(t, elem, l, 0.5 / (s * s));
    put(t, elem, W + l, g > 1 ? step / (s * s) : 0);
    put(t, elem, 2 * W + l, 1 / s);
    put(t, elem, 3 * W + l, (elem == 8 ? 34.6 : 11.8) * (s < 0 ? -s : s));
    if (gauss && !(s == last && l > 0)) {
      for (int d = 0; d < D; d++) {
        int d0 = d / g * g, d1 = d0 + g < D ? d0 + g : D;
        double v = (d - (d0 + d1) / 2) * step / s;
        q[d] = -0.5 * v * v;
      }
      const void *in[1] = {q};
      C->k->map[NL_MAP_exp][NL_F64](D, in, q);
      last = s;
    }
    double fy = 1, fa = 1;
    for (int k = 0; k < j->tile.order_y && gauss; k++) fy = -fy / s;
    for (int k = 0; k < j->tile.order_acc && gauss; k++) fa = -fa / s;
    for (int d = 0; d < D; d++) {
      int d0 = d / g * g, d1 = d0 + g < D ? d0 + g : D;
      weight[d * W + l] = gauss ? q[d] * fy : 1;
      put(t, elem, 4 * W + d * W + l, gauss ? q[d] * fa : 1);
      put(t, elem, 4 * W + (D + d) * W + l, ((d0 + d1) / 2 - d) * step / s);
    }
  }
}

static inline void fill_coef (const kaf_job *j, const char *head,
                              const double *weight, const char *alpha,
                              int64_t block, char *to, size_t elem) {
  int D = j->tile.D;
  bool slope = j->tile.order_y > 0; /* its kernels read `moved` */
  const char *shift = head + (size_t)(4 * W + D * W) * elem;
  for (int l = 0; l < W; l++) {
    int64_t u = j->by_units ? block * W + l : block;
    if (u >= j->units) u = j->units - 1;
    for (int d = 0; d < D; d++) {
      double a = get(alpha, elem, u * D + d) * weight[d * W + l];
      put(to, elem, d * W + l, a);
      if (!slope) continue;
      put(to, elem, (D + d) * W + l, a * get(shift, elem, d * W + l));
    }
  }
}

/* The tables of all blocks.  alpha may be NULL. */
static void fill_tables (nl_ctx *C, kaf_job *j, const nl_value *sigma,
                         const nl_value *alpha, double step) {
  double weight[MAX_CENTRES * W];
  const char *a = alpha != NULL ? nl__bytes_at(alpha) : NULL;
  for (int64_t b = 0; b < j->blocks; b++) {
    char *head = j->head + (size_t)(b * head_size(j)) * j->elem;
    if (b < j->heads) fill_head(C, j, sigma, step, b, head, weight);
    if (a == NULL) continue;
    char *to = j->coef + (size_t)(2 * b * j->tile.D * W) * j->elem;
    if (j->elem == 8)
      fill_coef(j, head_of(j, b), weight, a, b, to, 8);
    else
      fill_coef(j, head_of(j, b), weight, a, b, to, 4);
  }
}

/* The parts, of n sums each, to out [units][D]. */
static void add_parts (nl_ctx *C, const kaf_job *j, nl_dtype d, int64_t parts,
                       int64_t n, char *out) {
  char *to = j->by_units ? j->part + (size_t)(parts * n) * j->elem : out;
  if (parts > 1)
    C->k->reduce[NL_RED_SUM][d](1, parts, n, 0, 1, 0, n, j->part, to);
  else
    to = j->part;
  if (!j->by_units) return;
  if (j->elem == 8)
    settle_units(j, to, out, 8);
  else
    settle_units(j, to, out, 4);
}

/* All three.  y (or NULL) and sums (or NULL) are the results. */
static nl_status run (nl_ctx *C, const nl_eqn *e, nl_value *const *in,
                      const nl_value *alpha, const nl_value *g, int order_y,
                      int order_acc, nl_value *y, nl_value *sums) {
  const nl_value *x = in[0], *sigma = in[e->nin - 1];
  size_t elem = nl_dtype_size((nl_dtype)x->dtype);
  double first = number_of(e->p[FIRST]), step = number_of(e->p[STEP]);
  kaf_job j = {.tile = {.kernel = (int)e->p[KERNEL], .D = (int)e->p[NCENTRES],
                        .order_y = order_y, .order_acc = order_acc},
               .run = C->k->kaf[x->dtype], .elem = elem,
               .x = nl__bytes_at(x), .g = g ? nl__bytes_at(g) : NULL,
               .y = y ? (char *)y->buf->data : NULL};
  if (sums != NULL)
    memset(sums->buf->data, 0, (size_t)sums->numel * elem);
  if (x->numel == 0) return NL_OK;
  cut(&j, x);
  int64_t D = j.tile.D, parts = j.chunks * j.runs;
  j.heads = sigma->numel > 1 ? j.blocks : 1;
  size_t heads = (size_t)(j.heads * head_size(&j)) * elem;
  size_t coefs = alpha ? (size_t)(2 * j.blocks * D * W) * elem : 0;
  int64_t each_part = j.by_units ? j.blocks * D * W : j.units * D;
  /* by_units: one more, for what is added up */
  int64_t nparts = !sums ? 0 : j.by_units ? parts + (parts > 1)
                   : parts > 1 ? parts : 0;
  size_t part = (size_t)(nparts * each_part) * elem;
  size_t all = (size_t)(D * W) * elem + heads + coefs + part;
  char *work = (char *)nl__alloc(C, all);
  if (work == NULL) return C->status;
  for (int64_t d = 0; d < D; d++) put(work, elem, d, first + (double)d * step);
  j.tile.centre = work;
  j.head = work + (size_t)(D * W) * elem;
  j.coef = j.head + heads;
  j.part = part ? j.coef + coefs : sums ? (char *)sums->buf->data : NULL;
  j.tile.group = group_of(&j, sigma, step);
  fill_tables(C, &j, sigma, alpha, step);
  double each = (double)(x->numel / (parts * j.blocks) + 1);
  nl_status st = nl__parallel_for(C, parts * j.blocks,
                                  each * (double)(D + 20) / 10, kaf_item, &j);
  if (part && st == NL_OK) add_parts(C, &j, (nl_dtype)x->dtype, parts,
                                     each_part, (char *)sums->buf->data);
  nl__free(C, work, all);
  return st;
}

nl_status nl__kaf_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a[2];
  nl_value *in[4];
  bool back = e->prim == &nl_prim_kaf_back;
  bool sums = e->prim != &nl_prim_kaf;
  int k = (int)e->p[ORDER];
  if (e->prim->shape(C, e, a) != NL_OK) return C->status;
  for (int i = 0; i < e->nin; i++)
    if ((in[i] = nl__dense(C, e->in[i])) == NULL) return C->status;
  for (int i = 0; i < e->nout; i++) {
    e->out[i] = nl__value_alloc(C, a[i].dtype, false, a[i].ndim, a[i].shape,
                                true);
    if (e->out[i] == NULL) return C->status;
  }
  if (back) return run(C, e, in, in[1], in[2], k + 1, k, e->out[0], e->out[1]);
  if (sums) return run(C, e, in, NULL, in[1], -1, k, NULL, e->out[0]);
  return run(C, e, in, in[1], NULL, k, -1, e->out[0], NULL);
}
