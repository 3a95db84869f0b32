/* step_fault_test.c: a training step with rules of its own, a checkpoint, a
 * loop, a branch, random numbers and state, under faults.  Every allocation of
 * capture, compile and replay fails once, and it and all after it: an error,
 * the state as it was, nothing leaked, and the same call again gives the bits
 * of an undisturbed one.  Interrupts at every allocation and at any time from
 * another thread: the state, and the caller's tensors that get results, are
 * all old or all new. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "faults.h"
#include "nnlua.h"

/* ---- the step ---- */

static nl_tensor W, M; /* the state, by reference */
static nl_tensor A, B; /* the caller's, written with it: columns, the whole */
enum { NOUT = 3 };     /* results: the loss, what A and B get */

typedef bool (*body_fn) (nl_ctx *C, nl_value **in, nl_value **out);

/* A graph of body on inputs like those given. */
static nl_graph *graph_of (nl_ctx *C, int nin, nl_value **like, int nout,
                           body_fn body) {
  nl_value *in[4], *out[4];
  bool ok = true;
  for (int i = 0; i < nin; i++) ok = ok && like[i] != NULL;
  nl_trace *T = ok ? nl_capture_begin(C) : NULL;
  if (T == NULL) return NULL;
  for (int i = 0; i < nin; i++) {
    in[i] = nl_capture_input(C, T, like[i]);
    ok = ok && in[i] != NULL;
  }
  if (ok && body(C, in, out)) return nl_capture_end(C, T, nout, out);
  nl_trace_abort(C, T);
  nl_trace_release(C, T);
  return NULL;
}

static bool tanh_body (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = nl_tanh(C, in[0]);
  return out[0] != NULL;
}
static bool tanh_fwd (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = out[1] = nl_tanh(C, in[0]);
  return out[0] != NULL;
}
static bool tanh_pull (nl_ctx *C, nl_value **in, nl_value **out) {
  nl_value *y2 = nl_mul(C, in[0], in[0]);
  out[0] = nl_mul(C, in[1], nl_sub(C, nl_number(C, 1), y2));
  return out[0] != NULL;
}
static bool exp_body (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = nl_mul(C, nl_exp(C, nl_tanh(C, in[0])), in[0]);
  return out[0] != NULL;
}
static bool scan_body (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = nl_add(C, nl_mul(C, in[0], nl_number(C, 0.5)), in[1]);
  out[1] = nl_sum(C, out[0], NL_ALL_DIMS, false);
  return out[1] != NULL;
}
static bool double_body (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = nl_mul(C, in[0], nl_number(C, 2));
  return out[0] != NULL;
}
static bool negate_body (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = nl_neg(C, in[0]);
  return out[0] != NULL;
}

static nl_value *custom (nl_ctx *C, nl_value *x) {
  int of[1] = {0};
  nl_value *y = NULL, *pair[2] = {x, x};
  nl_graph *g = graph_of(C, 1, &x, 1, tanh_body);
  nl_graph *fwd = g == NULL ? NULL : graph_of(C, 1, &x, 2, tanh_fwd);
  nl_graph *pull = fwd == NULL ? NULL : graph_of(C, 2, pair, 1, tanh_pull);
  if (pull == NULL) nl_graph_release(C, fwd);
  else if (nl_graph_custom_vjp(C, g, fwd, pull, of) != NL_OK ||
           nl_graph_call(C, g, 1, &x, &y) != NL_OK)
    y = NULL;
  nl_graph_release(C, g);
  return y;
}

static nl_value *checkpointed (nl_ctx *C, nl_value *x) {
  nl_value *y = NULL;
  nl_graph *g = graph_of(C, 1, &x, 1, exp_body);
  if (g == NULL) return NULL;
  nl_graph_checkpoint(g);
  if (nl_graph_call(C, g, 1, &x, &y) != NL_OK) y = NULL;
  nl_graph_release(C, g);
  return y;
}

static nl_value *looped (nl_ctx *C, nl_value *c, nl_value *xs) {
  if (c == NULL || xs == NULL) return NULL;
  nl_value *first = nl_squeeze(C, nl_narrow(C, xs, 0, 0, 1), 0);
  nl_value *like[2] = {c, first}, *out[2];
  nl_graph *g = graph_of(C, 2, like, 2, scan_body);
  if (g == NULL || nl_scan(C, g, nl_shape(xs)[0], false, 1, &c, 1, &xs, out) !=
                       NL_OK)
    return NULL;
  return nl_add(C, out[0], nl_sum(C, out[1], NL_ALL_DIMS, false));
}

static nl_value *branched (nl_ctx *C, nl_value *x) {
  nl_value *y = NULL;
  nl_graph *yes = graph_of(C, 1, &x, 1, double_body);
  nl_graph *no = yes == NULL ? NULL : graph_of(C, 1, &x, 1, negate_body);
  nl_value *some = nl_gt(C, nl_sum(C, x, NL_ALL_DIMS, false),
                         nl_number(C, 0));
  if (no == NULL || some == NULL) {
    nl_graph_release(C, yes);
    nl_graph_release(C, no);
    return NULL;
  }
  return nl_cond(C, some, yes, no, 1, &x, &y) == NL_OK ? y : NULL;
}

static bool small_body (nl_ctx *C, nl_value **in, nl_value **out) {
  out[0] = nl_lt(C, nl_sum(C, nl_mul(C, in[0], in[0]), NL_ALL_DIMS, false),
                 nl_number(C, 1000));
  return out[0] != NULL;
}

static nl_value *grown (nl_ctx *C, nl_value *x) {
  nl_value *y = NULL;
  nl_graph *test = graph_of(C, 1, &x, 1, small_body);
  nl_graph *body = test == NULL ? NULL : graph_of(C, 1, &x, 1, double_body);
  if (body == NULL) nl_graph_release(C, test);
  else if (nl_while(C, test, body, 1, &x, &y) != NL_OK) y = NULL;
  return y;
}

static nl_value *loss_of (nl_ctx *C, nl_value *w, nl_value *x) {
  int64_t shape[2] = {3, 3};
  nl_value *h = nl_add(C, nl_matmul(C, w, w),
                       nl_random(C, "normal", NULL, NL_F32, 2, shape));
  h = checkpointed(C, custom(C, h));
  h = branched(C, looped(C, h, x));
  return nl_sum(C, h, NL_ALL_DIMS, false);
}

static bool update (nl_ctx *C, nl_value *g) {
  nl_value *m = nl_add(C, nl_mul(C, nl_read(C, &M), nl_number(C, 0.9)), g);
  nl_value *w = nl_sub(C, nl_read(C, &W), nl_mul(C, m, nl_number(C, 0.1)));
  return m != NULL && w != NULL && nl_write(C, &M, m) == NL_OK &&
         nl_write(C, &W, w) == NL_OK;
}

/* The end of a capture: further results for A and B. */
static nl_graph *finish (nl_ctx *C, nl_trace *K, nl_value *loss) {
  nl_value *out[NOUT] = {loss, nl_add(C, nl_read(C, &M), nl_number(C, 1)),
                         nl_add(C, nl_read(C, &W), loss)};
  if (out[1] != NULL && out[2] != NULL)
    return nl_capture_end(C, K, NOUT, out);
  nl_trace_abort(C, K);
  nl_trace_release(C, K);
  return NULL;
}

/* x -> loss; W and M move */
static nl_graph *capture_step (nl_ctx *C, nl_value *x) {
  nl_trace *K = nl_capture_begin(C), *T = NULL;
  nl_value *in = K == NULL ? NULL : nl_capture_input(C, K, x);
  nl_value *loss = NULL, *g = NULL;
  bool ok = in != NULL && (T = nl_grad_begin(C)) != NULL;
  if (ok) {
    nl_value *w = nl_grad_input(C, T, nl_read(C, &W));
    loss = w == NULL ? NULL : loss_of(C, w, in);
    ok = loss != NULL && nl_grad_end(C, T) == NL_OK;
    if (!ok) nl_trace_abort(C, T);
    nl_value *one = ok ? nl_ones_like(C, loss) : NULL;
    ok = one != NULL &&
         nl_grad_pull(C, T, 1, &loss, &one, 1, &w, &g, false) == NL_OK &&
         (loss = nl_grad_primal(C, T, loss)) != NULL && update(C, g);
    nl_trace_release(C, T);
  }
  if (ok) return finish(C, K, loss);
  if (K != NULL) {
    nl_trace_abort(C, K);
    nl_trace_release(C, K);
  }
  return NULL;
}

/* The tangents of the loss along W, for two examples: added to W and M. */
static nl_value *tangents (nl_ctx *C, nl_value *x) {
  int64_t shape[4] = {2, 4, 3, 3};
  nl_value *two = nl_broadcast_to(C, x, 4, shape), *p, *t = NULL;
  nl_trace *V = two == NULL ? NULL : nl_vmap_begin(C, 2);
  if (V == NULL) return NULL;
  nl_value *each = nl_vmap_input(C, V, two, 0);
  nl_trace *J = each == NULL ? NULL : nl_jvp_begin(C);
  nl_value *w = J == NULL ? NULL
                          : nl_jvp_input(C, J, nl_read(C, &W), nl_read(C, &W));
  nl_value *y = w == NULL ? NULL : grown(C, loss_of(C, w, each));
  bool ok = y != NULL && nl_jvp_end(C, J) == NL_OK &&
            nl_jvp_output(C, J, y, &p, &t) == NL_OK && t != NULL &&
            nl_vmap_end(C, V) == NL_OK;
  if (!ok) nl_trace_abort(C, V);
  t = ok ? nl_vmap_output(C, V, t, 0) : NULL;
  nl_trace_release(C, J);
  nl_trace_release(C, V);
  return t;
}

static nl_graph *capture_map (nl_ctx *C, nl_value *x) {
  nl_trace *K = nl_capture_begin(C);
  if (K == NULL) return NULL;
  nl_value *t = tangents(C, nl_capture_input(C, K, x));
  nl_value *sum = nl_sum(C, t, NL_ALL_DIMS, false);
  if (sum != NULL && update(C, nl_mul(C, sum, nl_read(C, &M))))
    return finish(C, K, sum);
  nl_trace_abort(C, K);
  nl_trace_release(C, K);
  return NULL;
}

/* ---- states ---- */

typedef struct state { /* what a step leaves */
  float w[9], m[9], a[12], b[9], loss;
} state;

static bool look (nl_ctx *C, nl_value *loss, state *s) {
  memset(s, 0, sizeof *s);
  const void *w = nl_data(C, nl_read(C, &W)), *m = nl_data(C, nl_read(C, &M));
  nl_tensor whole = A;
  whole.offset = 0;
  whole.ndim = 1;
  whole.size[0] = 12;
  whole.stride[0] = 1;
  const void *a = nl_data(C, nl_read(C, &whole));
  const void *b = nl_data(C, nl_read(C, &B));
  const void *l = loss == NULL ? NULL : nl_data(C, loss);
  if (w == NULL || m == NULL || a == NULL || b == NULL) return false;
  memcpy(s->w, w, sizeof s->w);
  memcpy(s->m, m, sizeof s->m);
  memcpy(s->a, a, sizeof s->a);
  memcpy(s->b, b, sizeof s->b);
  if (l != NULL) memcpy(&s->loss, l, sizeof s->loss);
  return true;
}

static void reset (nl_ctx *C) {
  float w[9] = {0.3f, -0.2f, 0.5f, 0.1f, 0.4f, -0.6f, 0.2f, 0.7f, -0.1f};
  int64_t shape[2] = {3, 3};
  nl_write(C, &W, nl_value_from(C, NL_F32, 2, shape, w));
  nl_write(C, &M, nl_full(C, NL_F32, 2, shape, 0.25));
  nl_write(C, &A, nl_full(C, NL_F32, 2, shape, 3));
  nl_write(C, &B, nl_full(C, NL_F32, 2, shape, 4));
  nl_seed(C, 7);
}

static bool same (const state *a, const state *b, bool loss) {
  return memcmp(a->w, b->w, sizeof a->w) == 0 &&
         memcmp(a->m, b->m, sizeof a->m) == 0 &&
         memcmp(a->a, b->a, sizeof a->a) == 0 &&
         memcmp(a->b, b->b, sizeof a->b) == 0 &&
         (!loss || memcmp(&a->loss, &b->loss, sizeof a->loss) == 0);
}

typedef struct bench {
  fault f;
  nl_ctx *C;
  nl_value *x;
  nl_graph *(*capture) (nl_ctx *C, nl_value *x);
  bool alone; /* A and B are left alone: new values may replace old ones where
                 they stand */
  nl_graph *ready; /* a compiled step, or NULL: each attempt captures */
  nl_tensor ready_ud; /* the result, as a tensor */
  state before, after;
} bench;

/* As bindings do, which may fail too. */
static nl_status result_is_made (nl_ctx *C, void *ud, nl_value *const *out) {
  return nl_tensor_from(C, (nl_tensor *)ud, out[0]);
}

/* One attempt: captures where there is no graph yet, and calls. */
static bool attempt (bench *b, nl_graph **g, state *s) {
  nl_value *out[NOUT];
  nl_tensor *to[2] = {&A, &B};
  nl_graph_writes w = {b->alone ? 0 : 2, to, result_is_made, &b->ready_ud,
                       NULL};
  if (*g == NULL) *g = b->capture(b->C, b->x);
  b->ready_ud.storage = NULL;
  nl_status st = *g == NULL ? nl_errstatus(b->C)
                            : nl_graph_step(b->C, *g, 1, &b->x, out, &w);
  nl_storage_release(b->C, b->ready_ud.storage);
  if (st != NL_OK) return false;
  long at = b->f.at;
  b->f.at = 0;
  bool ok = look(b->C, out[0], s);
  b->f.at = at;
  return ok;
}

/* Fault number k; false: the attempt had no such allocation. */
static bool disturbed (bench *b, int kind, long k) {
  nl_graph *g = nl_graph_retain(b->ready);
  state s;
  const char *what = b->ready != NULL ? "replay" : "capture";
  nl_status wanted = kind == INTERRUPT ? NL_INTERRUPTED : NL_NOMEM;
  size_t mark = nl_pool_mark(b->C);
  reset(b->C);
  nl_pool_release(b->C, mark);
  b->f.hit = false;
  b->f.kind = kind;
  b->f.at = b->f.calls + k;
  bool ok = attempt(b, &g, &s), hit = b->f.hit;
  b->f.at = 0;
  if (!ok) {
    CHECK(nl_errstatus(b->C) == wanted, "%s, allocation %ld: %s", what, k,
          nl_errmsg(b->C));
    nl_error_clear(b->C);
    nl_interrupt_clear(b->C);
    CHECK(nl_trace_is_eval(b->C), "%s, allocation %ld: a trace", what, k);
    CHECK(look(b->C, NULL, &s) && same(&s, &b->before, false),
          "%s, allocation %ld: the state is neither old nor new", what, k);
    ok = attempt(b, &g, &s);
    CHECK(ok, "%s, again after %ld: %s", what, k, nl_errmsg(b->C));
  }
  nl_interrupt_clear(b->C);
  CHECK(!ok || same(&s, &b->after, true), "%s, allocation %ld: other bits",
        what, k);
  nl_error_clear(b->C);
  nl_graph_release(b->C, g);
  nl_pool_release(b->C, mark);
  return hit;
}

static void every_fault (bench *b) {
  const char *what = b->ready != NULL ? "replay" : "capture";
  for (int kind = FAIL_ONCE; kind <= INTERRUPT; kind++) {
    disturbed(b, kind, 1000000); /* caches are warm */
    long live = b->f.live, k = 1;
    while (disturbed(b, kind, k) && check_failed < 20) k++;
    CHECK(k > 5, "%s has %ld allocations only", what, k);
    /* the pool's array may have grown */
    CHECK(b->f.live <= live + 2, "%s: %ld blocks, then %ld", what, live,
          b->f.live);
  }
}

static bool donated (nl_ctx *C, const nl_graph *g) {
  char *text = nl_graph_plan_text(C, g);
  const char *at = text == NULL ? NULL : strstr(text, "donated at the last");
  int n = at == NULL ? 0 : atoi(strchr(at, ':') + 1);
  nl_text_free(C, text);
  return n > 0;
}

static void faults (const char *compile, bool alone,
                    nl_graph *(*capture) (nl_ctx *C, nl_value *x)) {
  bench b;
  memset(&b, 0, sizeof b);
  b.capture = capture;
  b.alone = alone;
  nl_config cfg;
  memset(&cfg, 0, sizeof cfg);
  cfg.struct_size = sizeof cfg;
  cfg.alloc = (nl_allocator){fault_alloc, fault_free, &b.f};
  cfg.no_recycling = true;
  cfg.threads = 1;
  cfg.compile = compile;
  nl_ctx *C = b.C = b.f.C = nl_ctx_new(&cfg);
  int64_t square[2] = {3, 3}, wide[2] = {3, 4}, many[3] = {4, 3, 3};
  nl_tensor_from(C, &W, nl_full(C, NL_F32, 2, square, 0));
  nl_tensor_from(C, &M, nl_full(C, NL_F32, 2, square, 0));
  nl_tensor_from(C, &A, nl_full(C, NL_F32, 2, wide, 0));
  A.size[1] = 3; /* columns 2 to 4, transposed */
  A.offset = 1;
  A.stride[0] = 1;
  A.stride[1] = 4;
  A.whole = false;
  nl_tensor_from(C, &B, nl_full(C, NL_F32, 2, square, 0));
  b.x = nl_retain(nl_full(C, NL_F32, 3, many, 0.125));
  nl_pool_release(C, 0);
  reset(C);
  nl_graph *g = NULL;
  state again;
  CHECK(look(C, NULL, &b.before), "%s", nl_errmsg(C));
  CHECK(attempt(&b, &g, &b.after), "undisturbed: %s", nl_errmsg(C));
  CHECK(!same(&b.before, &b.after, false), "the step does nothing");
  nl_pool_release(C, 0);
  reset(C);
  nl_pool_release(C, 0);
  CHECK(attempt(&b, &g, &again) && same(&again, &b.after, true),
        "the step has other bits: %s", nl_errmsg(C));
  CHECK(g == NULL || donated(C, g) == (alone && strcmp(compile, "tiles") == 0),
        "%s, %s: donation", compile, alone ? "alone" : "with tensors");
  nl_pool_release(C, 0);
  every_fault(&b);
  b.ready = g;
  every_fault(&b);
  nl_graph_release(C, g);
  nl_release(C, b.x);
  nl_storage_release(C, W.storage);
  nl_storage_release(C, M.storage);
  nl_storage_release(C, A.storage);
  nl_storage_release(C, B.storage);
  nl_pool_release(C, 0);
  nl_ctx_free(C);
  CHECK(b.f.live == 0, "%ld blocks left", b.f.live);
}

/* ---- interrupts at any time ---- */

#define STATES 6

typedef struct shooter {
  nl_ctx *C;
  _Atomic bool stop, go;
} shooter;

static void *shoot (void *ud) {
  shooter *s = (shooter *)ud;
  uint32_t r = 1;
  while (!s->stop) {
    r = r * 1664525u + 1013904223u;
    while (!s->go && !s->stop) sched_yield(); /* others may need the core */
    for (volatile uint32_t i = r >> 14; i > 0; i--) {}
    s->go = false;
    nl_interrupt(s->C);
  }
  return NULL;
}

/* The last two states are the caller's, one of them seen through a view. */
static void any_time (bool view) {
  nl_ctx *C = nl_ctx_new(NULL);
  nl_tensor t[STATES], back;
  nl_tensor *to[2] = {view ? &back : &t[STATES - 2], &t[STATES - 1]};
  nl_graph_writes w = {2, to, NULL, NULL, NULL};
  nl_value *out[2];
  int64_t shape[1] = {100000};
  size_t mark = nl_pool_mark(C);
  for (int i = 0; i < STATES; i++)
    nl_tensor_from(C, &t[i], nl_full(C, NL_F64, 1, shape, 0));
  back = t[STATES - 2];
  back.ndim = 2;
  back.size[0] = back.stride[1] = 250;
  back.size[1] = 400;
  back.stride[0] = 1;
  back.whole = false;
  nl_trace *T = nl_capture_begin(C);
  for (int i = 0; i < STATES - 2; i++) { /* t[i] + 1, the long way */
    nl_value *v = nl_read(C, &t[i]), *one = nl_number(C, 1);
    v = nl_sub(C, nl_exp(C, nl_log(C, nl_add(C, v, one))), v);
    v = nl_unary(C, "round", v);
    nl_write(C, &t[i], nl_add(C, nl_read(C, &t[i]), v));
  }
  for (int i = 0; i < 2; i++) {
    nl_value *one = nl_ones_like(C, nl_read(C, to[i]));
    out[i] = nl_add(C, nl_read(C, to[i]), one);
  }
  nl_graph *g = nl_capture_end(C, T, 2, out);
  CHECK(g != NULL, "%s", nl_errmsg(C));
  shooter s = {C, false, false};
  pthread_t thread;
  pthread_create(&thread, NULL, shoot, &s);
  int done = 0, interrupted = 0, wrong = 0;
  for (int k = 0; k < 300 && g != NULL; k++) {
    size_t inner = nl_pool_mark(C);
    s.go = true;
    nl_status st = nl_graph_step(C, g, 0, NULL, out, &w);
    s.go = false;
    nl_interrupt_clear(C);
    if (st == NL_OK) done++;
    else if (st == NL_INTERRUPTED) interrupted++;
    nl_error_clear(C);
    for (int i = 0; i < STATES; i++) {
      const double *p = (const double *)nl_data(C, nl_read(C, &t[i]));
      for (int64_t j = 0; p != NULL && j < shape[0]; j++)
        wrong += p[j] != done;
      nl_interrupt_clear(C);
    }
    nl_error_clear(C);
    nl_pool_release(C, inner);
  }
  s.stop = true;
  pthread_join(thread, NULL);
  CHECK(done + interrupted == 300, "%d + %d", done, interrupted);
  CHECK(g == NULL || donated(C, g) == !view, "donation");
  CHECK(wrong == 0, "%d elements are neither old nor new", wrong);
  nl_interrupt_clear(C);
  nl_graph_release(C, g);
  for (int i = 0; i < STATES; i++) nl_storage_release(C, t[i].storage);
  nl_pool_release(C, mark);
  nl_ctx_free(C);
}

int main (void) {
  const char *compile[] = {"none", "simplify", "tiles"};
  for (int i = 0; i < 3; i++) {
    faults(compile[i], false, capture_step);
    faults(compile[i], false, capture_map);
  }
  faults("tiles", true, capture_map); /* no product is next to the update */
  any_time(true);
  any_time(false);
  return check_done();
}
