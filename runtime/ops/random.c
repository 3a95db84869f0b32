/* random.c: draws from counter-based streams (Philox 4x32-10).
 *
 * A key is two int64: the stream and the position in it, in blocks of four
 * words.  The primitive gives the sample and the key after it, so the
 * context's generator is an ordinary storage that jit and vmap see as data.
 * Drawing from the generator (from_state) offers itself to vmap: each example
 * draws its own numbers.  Parameters: from_state, kind, dtype, sample's shape;
 * a key with leading dims (..., 2) draws one sample for each. */
#include "core/core.h"

#include <string.h>

#include "kernels/kernels.h"
#include "ops/ops.h"

enum { FROM_STATE, KIND, DTYPE, NDIM, SHAPE };
enum { UNIFORM, NORMAL, BITS };

static const char *const kinds[] = {"uniform", "normal", "bits"};

nl_storage *nl_random_state (nl_ctx *C) { return C->random; }

/* splitmix64's finaliser: neighbouring seeds give unrelated streams */
static uint64_t mix (uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

nl_value *nl_random_key (nl_ctx *C, uint64_t seed) {
  int64_t two = 2, data[2] = {(int64_t)mix(seed), 0};
  return nl_value_from(C, NL_I64, 1, &two, data);
}

nl_status nl_seed (nl_ctx *C, uint64_t seed) {
  nl_value *key = nl_random_key(C, seed);
  return key == NULL ? C->status : nl__storage_set(C, C->random, key);
}

static bool is_key (nl_ctx *C, const nl_value *key) {
  char text[NL_SHAPE_TEXT];
  if (key->dtype == NL_I64 && key->ndim >= 1 &&
      key->shape[key->ndim - 1] == 2)
    return true;
  nl_error(C, NL_ERROR, "random: a key is 2 int64 (random.key(seed)), got %s",
           nl__value_text(text, key));
  return false;
}

nl_storage *nl_random_enter (nl_ctx *C, nl_value *key) {
  nl_storage *before = C->random;
  if (key == NULL || !is_key(C, key)) return NULL;
  if (key->ndim != 1) {
    nl_error(C, NL_ERROR, "random: one key expected, got %d dimensions",
             key->ndim);
    return NULL;
  }
  nl_storage *stream = nl_storage_new(C, key);
  if (stream == NULL) return NULL;
  C->random = stream;
  return before;
}

void nl_random_leave (nl_ctx *C, nl_storage *before) {
  nl_storage *stream = C->random;
  C->random = before;
  nl_storage_release(C, stream);
}

static nl_status draw (nl_ctx *C, int kind, nl_value *key, bool from_state,
                       nl_dtype d, int ndim, const int64_t *shape,
                       nl_value **out) {
  int64_t p[SHAPE + NL_MAX_NDIM], n;
  size_t bytes;
  if (!nl__checked_bytes(ndim, shape, d, &n, &bytes)) {
    char text[NL_SHAPE_TEXT];
    return nl_error(C, NL_NOMEM, "no such size: %s",
                    nl__shape_text(text, ndim, shape));
  }
  p[FROM_STATE] = from_state;
  p[KIND] = kind;
  p[DTYPE] = d;
  p[NDIM] = ndim;
  for (int i = 0; i < ndim; i++) p[SHAPE + i] = shape[i];
  return nl_bind(C, &nl_prim_random, 1, &key, SHAPE + ndim, p, NULL, out);
}

nl_value *nl_random (nl_ctx *C, const char *kind, nl_value *key, nl_dtype d,
                     int ndim, const int64_t *shape) {
  nl_value *out[2];
  int k = 0;
  while (k < 3 && strcmp(kinds[k], kind) != 0) k++;
  if (k == 3 || ndim > NL_MAX_NDIM - 2) {
    nl_error(C, NL_ERROR, "random: no kind %s", kind);
    return NULL;
  }
  if (k == BITS) d = NL_I64;
  if (k != BITS && !nl_dtype_is_float(d)) {
    nl_error(C, NL_ERROR, "random: %s numbers are floats, not %s", kind,
             nl_dtype_name(d));
    return NULL;
  }
  if (key != NULL) {
    if (!is_key(C, key)) return NULL;
    return draw(C, k, key, false, d, ndim, shape, out) == NL_OK ? out[0]
                                                                 : NULL;
  }
  nl_value *state = nl__storage_read(C, C->random);
  if (state == NULL ||
      draw(C, k, state, C->random == C->generator, d, ndim, shape, out) !=
          NL_OK ||
      nl__storage_set(C, C->random, out[1]) != NL_OK)
    return NULL;
  return out[0];
}

/* ---- the primitive ---- */

static nl_status random_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  const nl_value *key = e->in[0];
  int lead = key->ndim - 1, ndim = (int)e->p[NDIM];
  if (lead + ndim > NL_MAX_NDIM)
    return nl_error(C, NL_ERROR, "random: more than %d dimensions",
                    NL_MAX_NDIM);
  out[0].dtype = (nl_dtype)e->p[DTYPE];
  out[0].weak = false;
  out[0].ndim = lead + ndim;
  memcpy(out[0].shape, key->shape, (size_t)lead * sizeof *out->shape);
  memcpy(out[0].shape + lead, e->p + SHAPE, (size_t)ndim * sizeof *out->shape);
  nl__aval(key, &out[1]);
  return NL_OK;
}

typedef struct random_job {
  const nl_kernels *k;
  int kind;
  bool f64;
  uint64_t key, counter;
  int64_t n;
  char *out;
} random_job;

#define STEP 16384 /* outputs of one item; a multiple of four words */

static void random_item (void *ud, int64_t i) {
  const random_job *j = (const random_job *)ud;
  int64_t at = i * STEP, n = j->n - at < STEP ? j->n - at : STEP;
  uint64_t counter = j->counter + (uint64_t)(j->f64 ? at / 2 : at / 4);
  if (j->kind == BITS)
    j->k->random_bits(j->key, counter, n, (int64_t *)j->out + at);
  else if (j->kind == UNIFORM && j->f64)
    j->k->random_uniform_f64(j->key, counter, n, (double *)j->out + at);
  else if (j->kind == UNIFORM)
    j->k->random_uniform_f32(j->key, counter, n, (float *)j->out + at);
  else if (j->f64)
    j->k->random_normal_f64(j->key, counter, n, (double *)j->out + at);
  else
    j->k->random_normal_f32(j->key, counter, n, (float *)j->out + at);
}

static nl_status random_eval (nl_ctx *C, nl_eqn *e) {
  nl_aval a[2];
  if (random_shape(C, e, a) != NL_OK) return C->status;
  nl_value *key = nl__dense(C, e->in[0]);
  if (key == NULL) return C->status;
  nl_value *r = nl__out(C, e, 0, a[0].dtype, false, a[0].ndim, a[0].shape);
  nl_value *next = nl__out(C, e, 1, NL_I64, false, a[1].ndim, a[1].shape);
  if (r == NULL || next == NULL) return C->status;
  const int64_t *k = (const int64_t *)(const void *)nl__bytes_at(key);
  int64_t *after = (int64_t *)(void *)nl__bytes_at(next), n = 1;
  for (int i = 0; i < (int)e->p[NDIM]; i++) n *= e->p[SHAPE + i];
  random_job j = {.k = C->k, .kind = (int)e->p[KIND],
                  .f64 = e->p[DTYPE] == NL_F64, .n = n};
  int64_t blocks = j.f64 ? (n + 1) / 2 : (n + 3) / 4;
  for (int64_t i = 0; i < key->numel / 2; i++) {
    j.key = (uint64_t)k[2 * i];
    j.counter = (uint64_t)k[2 * i + 1];
    j.out = nl__bytes_at(r) + (size_t)(i * n) * nl_dtype_size(a[0].dtype);
    nl_status st = nl__parallel_for(C, (n + STEP - 1) / STEP, STEP * 2.0,
                                    random_item, &j);
    if (st != NL_OK) return st;
    after[2 * i] = k[2 * i];
    after[2 * i + 1] = (int64_t)(j.counter + (uint64_t)blocks);
  }
  return NL_OK;
}

/* From the generator: one draw with the batch axis.  By key: batched keys
   draw one sample each. */
static nl_status random_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  int64_t p[SHAPE + NL_MAX_NDIM];
  if (batched[0]) {
    batched_out[0] = batched_out[1] = true;
    return nl_bind(C, e->prim, 1, e->in, e->np, e->p, NULL, e->out);
  }
  if (e->p[NDIM] + 1 > NL_MAX_NDIM)
    return nl_error(C, NL_ERROR, "vmap: more than %d dimensions",
                    NL_MAX_NDIM);
  memcpy(p, e->p, SHAPE * sizeof *p);
  p[NDIM]++;
  p[SHAPE] = n;
  memcpy(p + SHAPE + 1, e->p + SHAPE, (size_t)e->p[NDIM] * sizeof *p);
  batched_out[0] = true;
  batched_out[1] = false;
  return nl_bind(C, e->prim, 1, e->in, e->np + 1, p, NULL, e->out);
}

const nl_prim nl_prim_random = {
    .name = "random", .nin = 1, .nout = 2, .flags = NL_RANDOM | NL_NO_GRAD | NL_INTO,
    .shape = random_shape, .eval = random_eval, .batch = random_batch};

/* ---- keys from keys: far parts of the stream, made into stream numbers */

static nl_value *derive (nl_ctx *C, nl_value *key, nl_value *from, int ndim,
                         const int64_t *shape) {
  int64_t two = 2, words[NL_MAX_NDIM];
  if (!is_key(C, key)) return NULL;
  nl_value *zero = nl_reshape(C, nl_scalar(C, NL_I64, 0), 1, (int64_t[]){1});
  nl_value *shift = from == NULL ? NULL : nl_reshape(C, from, 1, (int64_t[]){1});
  nl_value *pair[2] = {zero, shift};
  key = nl_add(C, key, nl_concat(C, 2, pair, 0));
  if (key == NULL) return NULL; /* no key would be the generator */
  if (ndim > 0) memcpy(words, shape, (size_t)ndim * sizeof *shape);
  words[ndim] = two;
  nl_value *w = nl_random(C, "bits", key, NL_I64, ndim + 1, words);
  if (w == NULL) return NULL;
  nl_value *lo = nl_narrow(C, w, w->ndim - 1, 0, 1);
  nl_value *hi = nl_narrow(C, w, w->ndim - 1, 1, 1);
  nl_value *id = nl_add(C, lo, nl_mul(C, hi, nl_integer(C, (int64_t)1 << 32)));
  nl_value *parts[2] = {id, nl_zeros_like(C, id)};
  return id == NULL ? NULL : nl_concat(C, 2, parts, id->ndim - 1);
}

nl_value *nl_random_split (nl_ctx *C, nl_value *key, int64_t n) {
  if (key == NULL) return NULL;
  return derive(C, key, nl_cast(C, nl_integer(C, (int64_t)1 << 62), NL_I64), 1,
                &n);
}

nl_value *nl_random_fold (nl_ctx *C, nl_value *key, nl_value *data) {
  if (key == NULL || data == NULL) return NULL;
  nl_value *at = nl_add(C, nl_cast(C, data, NL_I64),
                        nl_integer(C, (int64_t)1 << 61));
  return derive(C, key, at, 0, NULL);
}
