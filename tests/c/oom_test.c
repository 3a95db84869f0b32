/* oom_test.c: every allocation of a scenario fails once, and once for good:
 * an error, no crash, nothing leaked, and the same scenario works after. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "nnlua.h"

typedef struct counter {
  long live, calls, fail_at; /* fail_at: this call, 0: none */
  bool ever_after;
} counter;

static void *count_alloc (void *ud, size_t size) {
  counter *c = (counter *)ud;
  c->calls++;
  if (c->fail_at != 0 &&
      (c->ever_after ? c->calls >= c->fail_at : c->calls == c->fail_at))
    return NULL;
  void *p = aligned_alloc(64, size);
  if (p != NULL) c->live++;
  return p;
}

static void count_free (void *ud, void *p, size_t size) {
  (void)size;
  ((counter *)ud)->live--;
  free(p);
}

typedef nl_value *(*fn1) (nl_ctx *C, nl_value *x);

static nl_tensor W;

static nl_value *loss (nl_ctx *C, nl_value *x) {
  nl_value *h = nl_tanh(C, nl_matmul(C, nl_read(C, &W), x));
  h = nl_add(C, h, nl_random(C, "normal", NULL, NL_F32, 0, NULL));
  nl_value *parts[2] = {h, nl_exp(C, h)};
  return nl_sum(C, nl_concat(C, 2, parts, 0), NL_ALL_DIMS, false);
}

static nl_value *grad_of (nl_ctx *C, fn1 g, nl_value *x) {
  nl_trace *T = nl_grad_begin(C);
  if (T == NULL) return NULL;
  nl_value *in = nl_grad_input(C, T, x), *y = g(C, in), *r = NULL;
  if (y == NULL || nl_grad_end(C, T) != NL_OK) {
    nl_trace_abort(C, T);
  } else {
    nl_value *one = nl_ones_like(C, y);
    if (one != NULL) nl_grad_pull(C, T, 1, &y, &one, 1, &in, &r, false);
  }
  nl_trace_release(C, T);
  return r;
}

static nl_value *jit_of (nl_ctx *C, fn1 g, nl_value *x) {
  nl_trace *T = nl_capture_begin(C);
  if (T == NULL) return NULL;
  nl_value *y = g(C, nl_capture_input(C, T, x)), *r = NULL;
  nl_graph *graph = nl_capture_end(C, T, 1, &y);
  if (graph == NULL) return NULL;
  if (nl_graph_call(C, graph, 1, &x, &r) != NL_OK) r = NULL;
  nl_graph_release(C, graph);
  return r;
}

static nl_value *jit_loss (nl_ctx *C, nl_value *x) {
  return jit_of(C, loss, x);
}
static nl_value *grad_jit (nl_ctx *C, nl_value *x) {
  return grad_of(C, jit_loss, x);
}

static nl_value *vmapped (nl_ctx *C, nl_value *x) {
  if (x == NULL) return NULL;
  nl_trace *T = nl_vmap_begin(C, nl_shape(x)[1]);
  if (T == NULL) return NULL;
  nl_value *y = grad_jit(C, nl_vmap_input(C, T, x, 1));
  if (y == NULL || nl_vmap_end(C, T) != NL_OK) {
    nl_trace_abort(C, T);
    y = NULL;
  } else {
    y = nl_vmap_output(C, T, y, 0);
  }
  nl_trace_release(C, T);
  return y;
}

/* jit(vmap(grad(jit(loss)))) and an update of W in place */
static bool scenario (nl_ctx *C) {
  int64_t shape[2] = {3, 2}, square[2] = {3, 3};
  float x[6] = {1, 2, 3, 4, 5, 6};
  bool ok = nl_tensor_from(C, &W, nl_full(C, NL_F32, 2, square, 0.1)) == NL_OK;
  if (!ok) return false;
  nl_value *v = nl_value_from(C, NL_F32, 2, shape, x);
  nl_value *g = v == NULL ? NULL : jit_of(C, vmapped, v);
  size_t mark = nl_pool_mark(C);
  nl_value *w = nl_read(C, &W);
  nl_into(C, &W, mark);
  ok = g != NULL && nl_write(C, &W, nl_mul(C, w, w)) == NL_OK;
  ok = ok && nl_data(C, g) != NULL;
  nl_storage_release(C, W.storage);
  return ok;
}

int main (void) {
  counter c = {0, 0, 0, false};
  nl_config cfg;
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.alloc = (nl_allocator){count_alloc, count_free, &c};
  cfg.no_recycling = true;
  cfg.threads = 1;
  nl_ctx *C = nl_ctx_new(&cfg);
  CHECK(C != NULL, "context");
  CHECK(scenario(C), "undisturbed: %s", nl_errmsg(C));
  nl_pool_release(C, 0);
  scenario(C); /* caches are warm */
  nl_pool_release(C, 0);
  long live = c.live, before = c.calls;
  scenario(C);
  nl_pool_release(C, 0);
  long total = c.calls - before;
  CHECK(c.live == live, "steady: %ld blocks, then %ld", live, c.live);
  for (int ever = 0; ever < 2; ever++) {
    for (long k = 1; k <= total; k++) {
      c.ever_after = ever != 0;
      c.fail_at = c.calls + k;
      bool ok = scenario(C);
      c.fail_at = 0;
      nl_pool_release(C, 0);
      CHECK(ok || nl_errstatus(C) == NL_NOMEM, "allocation %ld: %s", k,
            nl_errmsg(C));
      nl_error_clear(C);
      CHECK(nl_trace_is_eval(C), "allocation %ld: a trace is left", k);
      CHECK(c.live <= live + 2, "allocation %ld: %ld blocks, not %ld", k,
            c.live, live);
    }
  }
  CHECK(scenario(C), "after all: %s", nl_errmsg(C));
  nl_pool_release(C, 0);
  nl_ctx_free(C);
  CHECK(c.live == 0, "%ld blocks left", c.live);
  return check_done();
}
