/* call_fault_test.c: the derivative, the tangent and the map of a compiled
 * function, and a call that gives its argument up, under faults.  Every
 * allocation fails once, and it and all after it, or brings an interrupt: an
 * error, the argument as it was, the state all old (also where a gradient or
 * the mapped result fails after the function ended), nothing leaked, and the
 * same again gives the bits of an undisturbed call; while the graphs that these
 * need are made, and when they are there. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "faults.h"
#include "nnlua.h"

enum { N = 6 };

static nl_tensor X, W;  /* the argument; what the function reads and writes */
static nl_trace *mark;  /* of what was given up */
static nl_tensor given; /* what X became, until the next reset */

/* ---- the function: x -> tanh(x) * w, and w moves ---- */

static nl_graph *capture (nl_ctx *C) {
  nl_trace *T = nl_capture_begin(C);
  nl_value *x = T == NULL ? NULL : nl_capture_input(C, T, nl_read(C, &X));
  nl_value *w = x == NULL ? NULL : nl_read(C, &W);
  if (T != NULL) nl_capture_keep(T);
  nl_value *y = nl_mul(C, nl_tanh(C, x), w);
  if (y != NULL && nl_write(C, &W, nl_mul(C, w, nl_number(C, 0.5))) == NL_OK)
    return nl_capture_end(C, T, 1, &y);
  if (T != NULL) {
    nl_trace_abort(C, T);
    nl_trace_release(C, T);
  }
  return NULL;
}

static nl_value *call (nl_ctx *C, nl_graph *g, nl_value *x) {
  nl_value *y = NULL;
  return x != NULL && nl_graph_call(C, g, 1, &x, &y) == NL_OK ? y : NULL;
}

/* ---- what is made of it ---- */

typedef nl_value *(*made_fn) (nl_ctx *C, nl_graph *g, nl_value *x);

static nl_value *plain (nl_ctx *C, nl_graph *g, nl_value *x) {
  return call(C, g, x);
}

static nl_value *ended (nl_ctx *C, nl_trace *T, nl_value *r) {
  if (T == NULL) return NULL;
  if (r == NULL) nl_trace_abort(C, T);
  else nl_trace_settle(C, T);
  nl_trace_release(C, T);
  return r;
}

static nl_trace *begun (nl_trace *T) {
  if (T != NULL) nl_trace_undoable(T);
  return T;
}

static nl_value *derivative (nl_ctx *C, nl_graph *g, nl_value *x,
                             made_fn f) {
  nl_trace *T = begun(nl_grad_begin(C));
  nl_value *in = T == NULL ? NULL : nl_grad_input(C, T, x), *r = NULL;
  nl_value *y = in == NULL ? NULL
                           : nl_sum(C, f(C, g, in), NL_ALL_DIMS, false);
  if (y == NULL || nl_grad_end(C, T) != NL_OK) return ended(C, T, NULL);
  nl_value *one = nl_ones_like(C, y);
  if (one == NULL ||
      nl_grad_pull(C, T, 1, &y, &one, 1, &in, &r, false) != NL_OK)
    r = NULL;
  return ended(C, T, r);
}

static nl_value *grad (nl_ctx *C, nl_graph *g, nl_value *x) {
  return derivative(C, g, x, plain);
}

static nl_value *grad_grad (nl_ctx *C, nl_graph *g, nl_value *x) {
  return derivative(C, g, x, grad);
}

static nl_value *jvp (nl_ctx *C, nl_graph *g, nl_value *x) {
  nl_trace *T = begun(nl_jvp_begin(C));
  nl_value *in = T == NULL ? NULL : nl_jvp_input(C, T, x, x), *p, *t = NULL;
  nl_value *y = in == NULL ? NULL : call(C, g, in);
  if (y == NULL || nl_jvp_output(C, T, y, &p, &t) != NL_OK ||
      nl_jvp_end(C, T) != NL_OK)
    t = NULL;
  return ended(C, T, t);
}

/* f for two examples, of which one is taken */
static nl_value *mapped (nl_ctx *C, nl_graph *g, nl_value *x, made_fn f) {
  int64_t two[2] = {2, N};
  nl_value *both = nl_broadcast_to(C, x, 2, two);
  nl_trace *T = both == NULL ? NULL : begun(nl_vmap_begin(C, 2));
  nl_value *in = T == NULL ? NULL : nl_vmap_input(C, T, both, 0);
  nl_value *y = in == NULL ? NULL : f(C, g, in);
  if (y == NULL || nl_vmap_end(C, T) != NL_OK) return ended(C, T, NULL);
  y = nl_vmap_output(C, T, y, 0);
  return ended(C, T, nl_squeeze(C, nl_narrow(C, y, 0, 1, 1), 0));
}

static nl_value *vmap (nl_ctx *C, nl_graph *g, nl_value *x) {
  return mapped(C, g, x, plain);
}

static nl_value *vmap_grad (nl_ctx *C, nl_graph *g, nl_value *x) {
  return mapped(C, g, x, grad);
}

/* X is given up: as bindings do it */
static nl_value *give (nl_ctx *C, nl_graph *g, nl_value *x) {
  nl_storage *from = X.storage, *gone = nl_storage_given(C, from, mark);
  nl_value *y = NULL;
  nl_graph_writes w = {0, NULL, NULL, NULL, &from};
  if (gone == NULL) return NULL;
  if (nl_graph_step(C, g, 1, &x, &y, &w) != NL_OK) {
    nl_storage_release(C, gone);
    return NULL;
  }
  given = X;
  given.storage = gone;
  nl_storage_release(C, X.storage);
  X.storage = NULL;
  return y;
}

/* ---- faults ---- */

typedef struct bench {
  fault f;
  nl_ctx *C;
  made_fn made;
  const char *name;
  nl_graph *ready; /* or NULL: each attempt captures and derives */
  float want[N];
} bench;

static const float before[N] = {0.5f, -1, 2, 0.25f, 3, -0.5f};

static void drop (nl_ctx *C, nl_tensor *t) {
  nl_storage_release(C, t->storage);
  t->storage = NULL;
}

static void reset (nl_ctx *C) {
  int64_t shape[1] = {N};
  size_t pool = nl_pool_mark(C);
  drop(C, &given);
  drop(C, &X);
  nl_tensor_from(C, &X, nl_value_from(C, NL_F32, 1, shape, before));
  nl_write(C, &W, nl_full(C, NL_F32, 1, shape, 2));
  nl_pool_release(C, pool);
}

static bool holds (nl_ctx *C, const nl_tensor *t, const float *want,
                   float each) {
  const float *p = (const float *)nl_data(C, nl_read(C, t));
  for (int i = 0; i < N && p != NULL; i++)
    if (p[i] != (want != NULL ? want[i] : each)) return false;
  return p != NULL;
}

static bool attempt (bench *b, float *out) {
  nl_ctx *C = b->C;
  nl_graph *g = b->ready == NULL ? capture(C) : nl_graph_retain(b->ready);
  int first[1] = {0};
  bool gives = b->made == give;
  if (g != NULL && b->ready == NULL && gives &&
      nl_graph_gives(C, g, 1, first) != NL_OK) {
    nl_graph_release(C, g);
    return false;
  }
  size_t pool = nl_pool_mark(C);
  nl_value *x = g == NULL ? NULL : nl_read(C, &X);
  nl_value *r = x == NULL ? NULL : b->made(C, g, x);
  long at = b->f.at;
  b->f.at = 0;
  const void *p = r == NULL ? NULL : nl_data(C, r);
  if (p != NULL) memcpy(out, p, N * sizeof *out);
  b->f.at = at;
  if (p != NULL) nl_pool_release(C, pool);
  nl_graph_release(C, g);
  return p != NULL;
}

static void check_after (bench *b, bool ok, const float *out, long k) {
  nl_ctx *C = b->C;
  CHECK(nl_trace_is_eval(C), "%s, allocation %ld: a trace", b->name, k);
  CHECK(holds(C, &W, NULL, ok ? 1 : 2), "%s, allocation %ld: the state",
        b->name, k);
  if (!ok || b->made != give)
    CHECK(X.storage != NULL && holds(C, &X, before, 0),
          "%s, allocation %ld: the argument", b->name, k);
  if (!ok) return;
  CHECK(memcmp(out, b->want, sizeof b->want) == 0,
        "%s, allocation %ld: other bits", b->name, k);
  if (b->made != give) return;
  CHECK(nl_read(C, &given) == NULL && strstr(nl_errmsg(C), "donated tensor"),
        "%s: what was given up can be read", b->name);
  nl_error_clear(C);
}

/* Fault number k; false: there was no such allocation. */
static bool disturbed (bench *b, int kind, long k) {
  nl_ctx *C = b->C;
  float out[N];
  reset(C);
  size_t pool = nl_pool_mark(C);
  b->f.hit = false;
  b->f.kind = kind;
  b->f.at = b->f.calls + k;
  bool ok = attempt(b, out), hit = b->f.hit;
  b->f.at = 0;
  if (!ok)
    CHECK(nl_errstatus(C) == (kind == INTERRUPT ? NL_INTERRUPTED : NL_NOMEM),
          "%s, allocation %ld: %s", b->name, k, nl_errmsg(C));
  nl_error_clear(C);
  nl_interrupt_clear(C);
  nl_pool_release(C, pool);
  check_after(b, ok, out, k);
  nl_pool_release(C, pool);
  if (!ok) {
    reset(C);
    ok = attempt(b, out);
    CHECK(ok, "%s, again after %ld: %s", b->name, k, nl_errmsg(C));
    check_after(b, ok, out, k);
  }
  nl_pool_release(C, pool);
  return hit;
}

static void every_fault (bench *b) {
  for (int kind = FAIL_ONCE; kind <= INTERRUPT; kind++) {
    disturbed(b, kind, 1000000); /* caches are warm */
    reset(b->C);
    long live = b->f.live, k = 1;
    while (disturbed(b, kind, k) && check_failed < 20) k++;
    CHECK(k > 3, "%s has %ld allocations only", b->name, k);
    reset(b->C);
    /* the pool's array may have grown */
    CHECK(b->f.live <= live + 2, "%s: %ld blocks, then %ld", b->name, live,
          b->f.live);
  }
}

static void check_taken (nl_ctx *C, const nl_graph *g, bool wanted) {
  char *text = nl_graph_plan_text(C, g);
  bool took = text != NULL && strstr(text, "at the last call: 2") != NULL;
  CHECK(took == wanted, "the result stands in other memory: %s", text);
  nl_text_free(C, text);
}

static void faults (const char *name, made_fn made, const char *compile) {
  bench b;
  memset(&b, 0, sizeof b);
  b.made = made;
  b.name = name;
  nl_config cfg;
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.alloc = (nl_allocator){fault_alloc, fault_free, &b.f};
  cfg.no_recycling = true;
  cfg.threads = 1;
  cfg.compile = compile;
  nl_ctx *C = b.C = b.f.C = nl_ctx_new(&cfg);
  int64_t shape[1] = {N};
  nl_tensor_from(C, &W, nl_full(C, NL_F32, 1, shape, 2));
  nl_pool_release(C, 0);
  mark = nl_given_up(C, "here");
  reset(C);
  CHECK(attempt(&b, b.want), "%s: %s", name, nl_errmsg(C));
  nl_pool_release(C, 0);
  every_fault(&b);
  reset(C);
  nl_graph *g = capture(C);
  int first[1] = {0};
  if (made == give) nl_graph_gives(C, g, 1, first);
  b.ready = g;
  nl_pool_release(C, 0);
  every_fault(&b);
  check_taken(C, g, made == give && strcmp(compile, "tiles") == 0);
  nl_graph_release(C, g);
  drop(C, &X);
  drop(C, &W);
  drop(C, &given);
  nl_trace_release(C, mark);
  nl_pool_release(C, 0);
  nl_ctx_free(C);
  CHECK(b.f.live == 0, "%s: %ld blocks left", name, b.f.live);
}

int main (void) {
  static const char *const compile[] = {"none", "simplify", "tiles"};
  for (int i = 0; i < 3; i++) {
    faults("a call", plain, compile[i]);
    faults("grad", grad, compile[i]);
    faults("grad of grad", grad_grad, compile[i]);
    faults("jvp", jvp, compile[i]);
    faults("vmap", vmap, compile[i]);
    faults("vmap of grad", vmap_grad, compile[i]);
    faults("a gift", give, compile[i]);
  }
  return check_done();
}
