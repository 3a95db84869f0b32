/* eval.c: the bottom trace runs kernels.
 *
 * Elementwise primitives run tile by tile: an input that is not dense is
 * gathered (or, when it is one number, spread) into a scratch tile first, so
 * kernels only know contiguous arrays, and threads get whole tiles. */
#include "core/core.h"

#include "kernels/kernels.h"

#define TILE 1024 /* elements; three inputs of 8 bytes fit L1 */

typedef struct map_job {
  const nl_kernels *k;
  nl_map_fn fn;
  int nin;
  const nl_value *in[3];
  bool splat[3];
  size_t elem[3];
  char *out;
  size_t out_elem;
  int64_t n, step; /* elements in all, and in one item of the loop */
} map_job;

static void map_tiles (const map_job *j, int64_t first, int64_t last) {
  _Alignas(64) char scratch[3][TILE * 8];
  const void *p[3];
  for (int i = 0; i < j->nin; i++)
    if (j->splat[i])
      j->k->spread(last - first < TILE ? last - first : TILE, j->elem[i],
                   nl__bytes_at(j->in[i]), scratch[i]);
  for (int64_t at = first; at < last; at += TILE) {
    int64_t n = last - at < TILE ? last - at : TILE;
    for (int i = 0; i < j->nin; i++) {
      if (j->splat[i]) {
        p[i] = scratch[i];
      } else if (j->in[i]->dense) {
        p[i] = nl__bytes_at(j->in[i]) + (size_t)at * j->elem[i];
      } else {
        nl__gather(j->in[i], at, n, scratch[i]);
        p[i] = scratch[i];
      }
    }
    j->fn(n, p, j->out + (size_t)at * j->out_elem);
  }
}

static void map_item (void *ud, int64_t i) {
  const map_job *j = (const map_job *)ud;
  int64_t first = i * j->step, last = first + j->step;
  map_tiles(j, first, last < j->n ? last : j->n);
}

static bool is_splat (const nl_value *v) {
  for (int i = 0; i < v->ndim; i++)
    if (v->stride[i] != 0 && v->shape[i] != 1) return false;
  return true;
}

static nl_status eval_map (nl_ctx *C, nl_eqn *e, nl_value **out) {
  nl_value *in[3];
  const nl_value *x = e->in[e->nin - 1];
  nl_map_fn fn = C->k->map[e->prim->map - 1][x->dtype];
  bool weak = x->weak, dense = true;
  if (fn == NULL)
    return nl_error(C, NL_ERROR, "%s: not defined for %s", e->prim->name,
                    nl_dtype_name((nl_dtype)x->dtype));
  for (int i = 0; i < e->nin; i++) {
    if (!nl__same_shape(e->in[i], x)) {
      nl_aval a;
      return nl_shape_same(C, e, &a);
    }
    if (i > 0 || e->nin < 3) weak = weak && e->in[i]->weak;
    in[i] = nl__steps_over_lines(e->in[i]) ? nl__dense(C, e->in[i]) : e->in[i];
    if (in[i] == NULL) return C->status;
    dense = dense && in[i]->dense;
  }
  nl_dtype d = e->prim->flags & NL_BOOL_OUT ? NL_BOOL : (nl_dtype)x->dtype;
  if (d == NL_BOOL) weak = false;
  nl_value *r = NULL;
  if (C->into.storage != NULL)
    r = nl__into_target(C, e, d, x->ndim, x->shape);
  if (r == NULL) r = nl__dense_like(C, d, weak, x);
  if (r == NULL) return C->status;
  if (dense && r->numel <= 16 * TILE) {
    const void *p[3];
    for (int i = 0; i < e->nin; i++) p[i] = nl__bytes_at(in[i]);
    fn(r->numel, p, nl__bytes_at(r));
  } else {
    map_job j = {.k = C->k, .fn = fn, .nin = e->nin, .out = nl__bytes_at(r),
                 .out_elem = nl__elem_size(d), .n = r->numel,
                 .step = 16 * TILE};
    for (int i = 0; i < e->nin; i++) {
      j.in[i] = in[i];
      j.elem[i] = nl__elem_size((nl_dtype)in[i]->dtype);
      j.splat[i] = is_splat(in[i]);
    }
    nl_status st = nl__parallel_for(C, (r->numel + j.step - 1) / j.step,
                                    (double)j.step * 0.4, map_item, &j);
    if (st != NL_OK) {
      nl__unref(C, r);
      return st;
    }
  }
  out[0] = nl__pool_push(C, r);
  return out[0] == NULL ? C->status : NL_OK;
}

nl_status nl__eval_eqn (nl_ctx *C, nl_eqn *e, nl_value **out) {
  for (int i = 0; i < e->nin; i++)
    if (e->in[i]->trace != NULL)
      return nl_error(C, NL_ERROR,
                      "%s: a value that %s traces was used outside it%s%s",
                      e->prim->name, e->in[i]->trace->kind->name,
                      e->in[i]->trace->where[0] ? "; made by " : "",
                      e->in[i]->trace->where);
  if (e->prim->map > 0) return eval_map(C, e, out);
  if (e->prim->eval == NULL)
    return nl_error(C, NL_ERROR, "%s: has no eval rule", e->prim->name);
  e->out = out;
  for (int i = 0; i < e->nout; i++) out[i] = NULL;
  nl_status st = e->prim->eval(C, e);
  for (int i = 0; i < e->nout; i++) {
    if (st != NL_OK) {
      nl__unref(C, out[i]);
      out[i] = NULL;
    } else if ((out[i] = nl__pool_push(C, out[i])) == NULL) {
      st = C->status;
    }
  }
  return st;
}
