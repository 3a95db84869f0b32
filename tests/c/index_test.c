/* index_test.c: indexing, sorting, scans and softmax: values against plain
 * loops, rules against differences and loops, bits against threads. */
#include "rules.h"

#include <stdlib.h>

static int64_t shape34[3] = {3, 4, 2};

static nl_value *ints (nl_ctx *C, int ndim, const int64_t *shape, int64_t n,
                       uint64_t seed) {
  int64_t data[4096], k = 1;
  for (int i = 0; i < ndim; i++) k *= shape[i];
  for (int64_t i = 0; i < k; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    data[i] = (int64_t)(seed >> 33) % n;
  }
  return nl_value_from(C, NL_I64, ndim, shape, data);
}

/* closures: an index for each dim, held for the whole test */
static int dim;
static nl_value *flat_index[3], *full_index[3], *source[3], *rows_source[3];
static nl_value *base, *mask;

static nl_value *f_index (nl_ctx *C, nl_value *x) {
  return nl_index_select(C, x, dim, flat_index[dim]);
}
static nl_value *f_gather (nl_ctx *C, nl_value *x) {
  return nl_gather(C, x, dim, full_index[dim]);
}
static nl_value *f_scatter (nl_ctx *C, nl_value *x) {
  return nl_scatter(C, x, dim, full_index[dim], source[dim]);
}
static nl_value *f_add (nl_ctx *C, nl_value *x) {
  return nl_scatter_add(C, x, dim, full_index[dim], source[dim]);
}
static nl_value *f_scatter_into (nl_ctx *C, nl_value *x) {
  return nl_scatter(C, base, dim, full_index[dim], f_gather(C, x));
}
static nl_value *f_add_into (nl_ctx *C, nl_value *x) {
  return nl_scatter_add(C, base, dim, full_index[dim],
                        nl_mul(C, f_gather(C, x), f_gather(C, x)));
}
static nl_value *f_index_add (nl_ctx *C, nl_value *x) {
  return nl_index_add(C, x, dim, flat_index[dim], f_index(C, x));
}
static nl_value *f_index_copy (nl_ctx *C, nl_value *x) {
  return nl_index_copy(C, x, dim, flat_index[dim], rows_source[dim]);
}
static nl_value *f_sort (nl_ctx *C, nl_value *x) {
  return nl_sort(C, x, dim, false, NULL);
}
static nl_value *f_sort_down (nl_ctx *C, nl_value *x) {
  return nl_sort(C, x, dim, true, NULL);
}
static nl_value *f_topk (nl_ctx *C, nl_value *x) {
  return nl_topk(C, x, 2, dim, true, NULL);
}
static nl_value *f_kth (nl_ctx *C, nl_value *x) {
  return nl_kthvalue(C, x, 1, dim, NULL);
}
static nl_value *f_median (nl_ctx *C, nl_value *x) {
  return nl_median(C, x, dim, NULL);
}
static nl_value *f_mode (nl_ctx *C, nl_value *x) {
  return nl_mode(C, x, dim, NULL);
}
static nl_value *f_cumsum (nl_ctx *C, nl_value *x) {
  return nl_cumsum(C, x, dim, false);
}
static nl_value *f_cumsum_back (nl_ctx *C, nl_value *x) {
  return nl_cumsum(C, x, dim, true);
}
static nl_value *f_cumprod (nl_ctx *C, nl_value *x) {
  return nl_cumprod(C, x, dim);
}
static nl_value *f_recurrence (nl_ctx *C, nl_value *x) {
  return nl_recurrence(C, x, nl_mul(C, x, x), dim, false);
}
static nl_value *f_recurrence_back (nl_ctx *C, nl_value *x) {
  return nl_recurrence(C, x, base, dim, true);
}
static nl_value *f_softmax (nl_ctx *C, nl_value *x) {
  return nl_softmax(C, x, dim);
}
static nl_value *f_log_softmax (nl_ctx *C, nl_value *x) {
  return nl_log_softmax(C, x, dim);
}
static nl_value *f_logsumexp (nl_ctx *C, nl_value *x) {
  return nl_logsumexp(C, x, 1u << dim, true);
}
static nl_value *f_logsumexp2 (nl_ctx *C, nl_value *x) {
  return nl_logsumexp(C, x, 7u & ~(1u << dim), false);
}
static nl_value *f_mean (nl_ctx *C, nl_value *x) {
  return nl_mean(C, x, 1u << dim, true);
}
static nl_value *f_std (nl_ctx *C, nl_value *x) {
  return nl_std(C, x, 7u & ~(1u << dim), false, true);
}
static nl_value *f_norm (nl_ctx *C, nl_value *x) {
  return nl_norm(C, x, 3, 1u << dim, false);
}

static const struct { const char *name; rule_fn f; } list[] = {
    {"index", f_index}, {"gather", f_gather}, {"scatter", f_scatter},
    {"scatter_add", f_add}, {"scatter into", f_scatter_into},
    {"scatter_add into", f_add_into}, {"index_add", f_index_add},
    {"index_copy", f_index_copy}, {"sort", f_sort},
    {"sort down", f_sort_down}, {"topk", f_topk}, {"kthvalue", f_kth},
    {"median", f_median}, {"mode", f_mode}, {"cumsum", f_cumsum},
    {"cumsum back", f_cumsum_back}, {"cumprod", f_cumprod},
    {"recurrence", f_recurrence}, {"recurrence back", f_recurrence_back},
    {"softmax", f_softmax}, {"log_softmax", f_log_softmax},
    {"logsumexp", f_logsumexp}, {"logsumexp over two", f_logsumexp2},
    {"mean", f_mean}, {"std", f_std}, {"norm", f_norm}};

static void closures (nl_ctx *C) {
  base = nl_retain(nl_random(C, "normal", nl_random_key(C, 1), NL_F64, 3,
                             shape34));
  mask = nl_retain(nl_gt(C, base, nl_number(C, 0)));
  for (int d = 0; d < 3; d++) {
    int64_t five = 5, shape[3] = {3, 4, 2}, n = shape[d];
    flat_index[d] = nl_retain(ints(C, 1, &five, n, 5 + (uint64_t)d));
    shape[d] = 5;
    full_index[d] = nl_retain(ints(C, 3, shape, n, 9 + (uint64_t)d));
    source[d] = nl_retain(rule_normal(C, 20 + (uint64_t)d, full_index[d]));
    rows_source[d] = nl_retain(nl_mul(C, source[d], nl_number(C, 2)));
  }
}

static void rules (nl_ctx *C) {
  for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
    for (dim = 0; dim < 3; dim++) {
      size_t mark = nl_pool_mark(C);
      char name[64];
      nl_value *x = rule_normal(C, 2, base);
      snprintf(name, sizeof name, "%s, dim %d", list[i].name, dim);
      rule_values(C, name, list[i].f, x);
      rule_derivatives(C, name, list[i].f, x);
      nl_pool_release(C, mark);
    }
  /* running products where elements are 0 */
  double z[6] = {2, 0, 3, 0, -1, 4};
  int64_t six = 6;
  dim = 0;
  rule_derivatives(C, "cumprod with zeros", f_cumprod,
                   nl_value_from(C, NL_F64, 1, &six, z));
}

/* ---- an index that vmap batches ---- */

static nl_value *table;

static nl_value *look_up (nl_ctx *C, nl_value *x) {
  return nl_index_select(C, table, dim, nl_cast(C, x, NL_I64));
}
static nl_value *look_up_own (nl_ctx *C, nl_value *x) {
  nl_value *t = nl_mul(C, table, nl_sum(C, x, NL_ALL_DIMS, false));
  return nl_gather(C, nl_permute(C, t, (int[]){0, 2, 1}), 2,
                   nl_broadcast_to(C, nl_cast(C, nl_reshape(C, x, 3,
                                                 (int64_t[]){1, 1, 5}),
                                              NL_I64),
                                   3, (int64_t[]){3, 2, 5}));
}

static void batched_index (nl_ctx *C) {
  int64_t shape[2] = {3, 5};
  table = base;
  for (dim = 0; dim < 3; dim++) {
    nl_value *idx = nl_cast(C, ints(C, 2, shape, shape34[dim], 3), NL_F64);
    nl_value *each[3];
    for (int i = 0; i < 3; i++) {
      nl_value *row = nl_squeeze(C, nl_narrow(C, idx, 0, i, 1), 0);
      each[i] = nl_unsqueeze(C, look_up(C, row), 0);
    }
    rule_same(C, "index", "vmap over the index", rule_vmap(C, look_up, idx),
              nl_concat(C, 3, each, 0));
  }
  nl_value *idx = nl_cast(C, ints(C, 2, shape, 4, 3), NL_F64), *each[3];
  for (int i = 0; i < 3; i++)
    each[i] = nl_unsqueeze(
        C, look_up_own(C, nl_squeeze(C, nl_narrow(C, idx, 0, i, 1), 0)), 0);
  rule_same(C, "gather", "vmap over both", rule_vmap(C, look_up_own, idx),
            nl_concat(C, 3, each, 0));
}

/* ---- values ---- */

static int by_value (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void long_sorts (nl_ctx *C) {
  static const nl_dtype types[] = {NL_F32, NL_F64, NL_I64, NL_I32,
                                   NL_I16, NL_I8,  NL_U8,  NL_BOOL};
  for (int64_t n = 1; n < 3000; n = n * 3 + 1)
    for (size_t t = 0; t < 8; t++) {
      size_t mark = nl_pool_mark(C);
      nl_value *x = ints(C, 1, &n, 200, (uint64_t)n), *at;
      x = nl_sub(C, x, nl_integer(C, t > 5 ? 0 : 100));
      if (t < 2) x = nl_div(C, nl_cast(C, x, types[t]), nl_number(C, 7));
      else x = nl_cast(C, x, types[t]);
      double *want = malloc((size_t)n * sizeof *want);
      memcpy(want, rule_data(C, x), (size_t)n * sizeof *want);
      qsort(want, (size_t)n, sizeof *want, by_value);
      for (int down = 0; down < 2; down++) {
        const double *y = rule_data(C, nl_sort(C, x, 0, down, &at));
        const int64_t *p = nl_data(C, at);
        bool ok = true, stable = true;
        for (int64_t i = 0; i < n; i++) {
          ok = ok && y[i] == want[down ? n - 1 - i : i];
          stable = stable && (i == 0 || y[i] != y[i - 1] || p[i] > p[i - 1]);
        }
        CHECK(ok && stable, "sort of %lld %s: %s", (long long)n,
              nl_dtype_name(types[t]), ok ? "not stable" : "wrong order");
      }
      free(want);
      nl_pool_release(C, mark);
    }
}

static void special_order (nl_ctx *C) {
  double x[8] = {0.0, NAN, -0.0, INFINITY, -INFINITY, -NAN, 1, 0.0};
  int64_t up[8] = {4, 0, 2, 7, 6, 3, 1, 5}, down[8] = {1, 5, 3, 6, 0, 2, 7, 4};
  int64_t eight = 8;
  nl_value *v = nl_value_from(C, NL_F64, 1, &eight, x);
  for (int f = 0; f < 2; f++) {
    nl_value *w = f ? nl_cast(C, v, NL_F32) : v;
    CHECK(memcmp(nl_data(C, nl_argsort(C, w, 0, false)), up, 64) == 0,
          "NaN last, -0 equals 0");
    CHECK(memcmp(nl_data(C, nl_argsort(C, w, 0, true)), down, 64) == 0,
          "downwards: NaN first, equals in order");
  }
}

/* The bits of everything with one thread and with many, on large arrays. */
static void threads (nl_ctx *C) {
  int64_t shape[2] = {700, 900}, few = 300;
  nl_value *x = nl_random(C, "normal", nl_random_key(C, 4), NL_F32, 2, shape);
  nl_value *rows = nl_cast(C, nl_mul(C, nl_number(C, 700),
                                     nl_random(C, "uniform",
                                               nl_random_key(C, 5), NL_F64, 1,
                                               &few)), NL_I64);
  for (int d = 0; d < 2; d++) {
    nl_value *r[2][8];
    for (int t = 0; t < 2; t++) {
      nl_set_threads(C, t == 0 ? 1 : 3);
      r[t][0] = nl_softmax(C, x, d);
      r[t][1] = nl_log_softmax(C, x, d);
      r[t][2] = nl_logsumexp(C, x, 1u << d, false);
      r[t][3] = nl_cumsum(C, x, d, t == 9);
      r[t][4] = nl_sort(C, x, d, false, &r[t][5]);
      r[t][6] = nl_index_select(C, x, d, rows);
      r[t][7] = nl_index_add(C, x, d, rows, r[t][6]);
    }
    for (int i = 0; i < 8; i++)
      rule_same(C, "threads", "1 or 3", r[1][i], r[0][i]);
    /* one row alone, dense, has the bits that it has among others */
    nl_value *row = nl_copy(C, nl_narrow(C, x, 1 - d, 17, 1));
    rule_same(C, "softmax", "a row alone", nl_softmax(C, row, d),
              nl_narrow(C, r[0][0], 1 - d, 17, 1));
    rule_same(C, "logsumexp", "a row alone",
              nl_logsumexp(C, row, 1u << d, true),
              nl_narrow(C, nl_reshape(C, r[0][2], 2,
                                      (int64_t[]){d ? 700 : 1, d ? 1 : 900}),
                        1 - d, 17, 1));
  }
  nl_set_threads(C, 2);
}

/* In place: x:indexAdd keeps the buffer, what others hold stays, an index
   that is out of range changes nothing. */
static void in_place (nl_ctx *C) {
  int64_t shape[2] = {4, 3}, two = 2, at[2] = {1, 1}, bad[2] = {0, 4};
  nl_tensor t;
  nl_tensor_from(C, &t, nl_full(C, NL_F32, 2, shape, 1));
  size_t mark = nl_pool_mark(C);
  nl_value *idx = nl_value_from(C, NL_I64, 1, &two, at);
  nl_value *src = nl_full(C, NL_F32, 2, (int64_t[]){2, 3}, 2);
  nl_write(C, &t, nl_add(C, nl_read(C, &t), nl_number(C, 0)));
  nl_pool_release(C, mark);
  idx = nl_value_from(C, NL_I64, 1, &two, at);
  src = nl_full(C, NL_F32, 2, (int64_t[]){2, 3}, 2);
  nl_value *x = nl_read(C, &t);
  const void *before = nl_data(C, x);
  nl_into(C, &t, mark);
  nl_write(C, &t, nl_index_add(C, x, 0, idx, src));
  const float *p = nl_data(C, nl_read(C, &t));
  CHECK(p[0] == 1 && p[3] == 5 && p[5] == 5 && p[6] == 1, "indexAdd");
  CHECK((const void *)p == before, "indexAdd in place keeps the buffer");
  nl_pool_release(C, mark);
  x = nl_read(C, &t);
  idx = nl_value_from(C, NL_I64, 1, &two, bad);
  src = nl_full(C, NL_F32, 2, (int64_t[]){2, 3}, 2);
  nl_into(C, &t, mark);
  CHECK(nl_index_add(C, x, 0, idx, src) == NULL &&
            strcmp(nl_errmsg(C),
                   "indexAdd: 5 is outside 1..4 (dim 1 of [4 x 3])") == 0,
        "%s", nl_errmsg(C));
  nl_error_clear(C);
  nl_pool_release(C, mark);
  p = nl_data(C, nl_read(C, &t));
  CHECK(p[0] == 1 && p[3] == 5, "an error changes nothing");
  nl_value *held = nl_retain(nl_read(C, &t));
  nl_pool_release(C, mark);
  x = nl_read(C, &t);
  idx = nl_value_from(C, NL_I64, 1, &two, at);
  nl_into(C, &t, mark);
  nl_write(C, &t, nl_index_copy(C, x, 0, idx, nl_number(C, 9)));
  CHECK(((const float *)nl_data(C, held))[3] == 5 &&
            ((const float *)nl_data(C, nl_read(C, &t)))[3] == 9,
        "held values stay");
  nl_release(C, held);
  nl_storage_release(C, t.storage);
}

/* ---- masks ---- */

static nl_value *f_select (nl_ctx *C, nl_value *x) {
  return nl_masked_select(C, x, mask);
}
static nl_value *f_mask_copy (nl_ctx *C, nl_value *x) {
  return nl_masked_copy(C, x, mask, nl_mul(C, x, x));
}
static nl_value *f_own_mask (nl_ctx *C, nl_value *x) {
  return nl_masked_select(C, x, nl_gt(C, x, nl_number(C, 0)));
}

static void error_is (nl_ctx *C, nl_value *v, const char *want) {
  CHECK(v == NULL && strcmp(nl_errmsg(C), want) == 0, "got: %s\n  want: %s",
        v == NULL ? nl_errmsg(C) : "no error", want);
  nl_error_clear(C);
}

static void masks (nl_ctx *C) {
  nl_value *x = rule_normal(C, 2, base);
  rule_values(C, "masked_select", f_select, x);
  rule_derivatives(C, "masked_select", f_select, x);
  rule_values(C, "masked_copy", f_mask_copy, x);
  rule_derivatives(C, "masked_copy", f_mask_copy, x);
  nl_value *ct = rule_normal(C, 3, f_own_mask(C, x));
  CHECK(rule_vjp(C, f_own_mask, x, ct) != NULL, "own mask under grad: %s",
        nl_errmsg(C));
  nl_trace *T = nl_vmap_begin(C, 3);
  error_is(C, f_own_mask(C, nl_vmap_input(C, T, x, 0)),
           "maskedSelect: how many elements there are depends on the data, "
           "which vmap doesn't know; use torch.where(mask, x, 0)");
  nl_trace_abort(C, T);
  nl_trace_release(C, T);
  T = nl_capture_begin(C);
  error_is(C, nl_nonzero(C, nl_capture_input(C, T, x)),
           "nonzero: how many elements there are depends on the data, which "
           "jit doesn't know; use torch.where(mask, x, 0)");
  nl_trace_abort(C, T);
  nl_trace_release(C, T);
  double z[6] = {0, 2, NAN, 0, -0.0, 1};
  int64_t want[6] = {0, 1, 0, 2, 1, 2}, s[2] = {2, 3};
  nl_value *at = nl_nonzero(C, nl_value_from(C, NL_F64, 2, s, z));
  CHECK(at != NULL && nl_shape(at)[0] == 3 &&
            memcmp(nl_data(C, at), want, sizeof want) == 0,
        "nonzero: %s", nl_errmsg(C));
  at = nl_nonzero(C, nl_number(C, 1));
  CHECK(at != NULL && nl_shape(at)[0] == 1 && nl_shape(at)[1] == 0,
        "nonzero of 0-d");
}

static void errors (nl_ctx *C) {
  int64_t s[2] = {4, 5}, one = 1, two = 2, three = 3;
  nl_value *x = nl_full(C, NL_F32, 2, s, 1);
  nl_value *i = nl_full(C, NL_I64, 1, &two, 4);
  nl_value *f = nl_full(C, NL_F32, 1, &two, 1);
  error_is(C, nl_index_select(C, x, 0, i),
           "index: 5 is outside 1..4 (dim 1 of [4 x 5])");
  error_is(C, nl_index_select(C, x, 1, nl_neg(C, i)),
           "index: -3 is outside 1..5 (dim 2 of [4 x 5])");
  error_is(C, nl_index_select(C, x, 2, i), "index: no dimension 3 in 4 x 5 "
                                           "float32");
  error_is(C, nl_index_select(C, x, 0, f),
           "index: an index of an integer type expected, got 2 float32; "
           "convert with x:long()");
  error_is(C, nl_index_select(C, x, 0, x),
           "index: an index of an integer type expected, got 4 x 5 float32; "
           "convert with x:long()");
  error_is(C, nl_gather(C, x, 0, i),
           "gather: the index is 2 int64, the tensor 4 x 5 float32; all sizes "
           "but dimension 1 must be equal");
  error_is(C, nl_index_add(C, x, 0, i, nl_full(C, NL_F32, 1, &three, 0)),
           "indexAdd: the source must be [2 x 5], got 3 float32");
  error_is(C, nl_scatter(C, x, 0, nl_full(C, NL_I64, 2, s, 0), f),
           "scatter: the source is 2 float32, the index 4 x 5 int64; their "
           "shapes must be equal");
  error_is(C, nl_one_hot(C, i, 4, NL_F32),
           "onehot: label 5 is outside 1..4");
  error_is(C, nl_topk(C, x, 6, 1, true, NULL),
           "topk: k is 6, there are 5 elements (dim 2 of [4 x 5])");
  error_is(C, nl_kthvalue(C, x, -1, 1, NULL),
           "kthvalue: k is 0, there are 5 elements (dim 2 of [4 x 5])");
  error_is(C, nl_sort(C, nl_number(C, 1), 0, true, NULL),
           "sort: no dimension 1 in () float64");
  int64_t none[2] = {0, 3};
  error_is(C, nl_median(C, nl_full(C, NL_F32, 2, none, 0), 0, NULL),
           "median: no elements to choose from in 0 x 3 float32");
  error_is(C, nl_softmax(C, x, 3), "softmax: no dimension 4 in 4 x 5 float32");
  error_is(C, nl_recurrence(C, x, f, 0, false),
           "recurrence: 4 x 5 float32 and 2 float32 differ");
  /* inside jit the check comes with the data */
  nl_trace *T = nl_capture_begin(C);
  nl_value *y = nl_index_select(C, x, 0, nl_capture_input(C, T, i)), *r;
  nl_graph *g = nl_capture_end(C, T, 1, &y);
  CHECK(g != NULL, "capture: %s", nl_errmsg(C));
  r = NULL;
  nl_graph_call(C, g, 1, &i, &r);
  error_is(C, r, "index: 5 is outside 1..4 (dim 1 of [4 x 5])");
  nl_graph_release(C, g);
  (void)one;
}

static void empties (nl_ctx *C) {
  int64_t s[2] = {0, 3}, zero = 0;
  nl_value *x = nl_full(C, NL_F64, 2, s, 0), *at;
  nl_value *none = nl_full(C, NL_I64, 1, &zero, 0);
  for (int d = 0; d < 2; d++) {
    CHECK(nl_sort(C, x, d, false, &at) && nl_cumsum(C, x, d, true) &&
              nl_cumprod(C, x, d) && nl_softmax(C, x, d) &&
              nl_log_softmax(C, x, d) && nl_index_select(C, x, d, none) &&
              nl_index_add(C, x, d, none, nl_index_select(C, x, d, none)),
          "empty: %s", nl_errmsg(C));
    nl_error_clear(C);
  }
  const double *p = rule_data(C, nl_logsumexp(C, x, 1, false));
  CHECK(p != NULL && isinf(p[0]) && p[0] < 0 && p[2] < 0, "log of no terms");
  nl_value *h = nl_one_hot(C, nl_scalar(C, NL_I64, 2), 3, NL_F64);
  CHECK(h != NULL && nl_ndim(h) == 1 && rule_data(C, h)[2] == 1 &&
            rule_data(C, h)[0] == 0, "one hot of 0-d: %s", nl_errmsg(C));
}

int main (void) {
  nl_ctx *C = nl_ctx_new(NULL);
  CHECK(C != NULL, "context");
  closures(C);
  rules(C);
  nl_pool_release(C, 0);
  size_t used = nl_bytes_used(C);
  rules(C);
  nl_pool_release(C, 0);
  CHECK(nl_bytes_used(C) == used, "%zu bytes used, then %zu", used,
        nl_bytes_used(C));
  batched_index(C);
  long_sorts(C);
  special_order(C);
  threads(C);
  in_place(C);
  masks(C);
  errors(C);
  empties(C);
  CHECK(!nl_failed(C), "left an error: %s", nl_errmsg(C));
  nl_release(C, base);
  nl_release(C, mask);
  for (int d = 0; d < 3; d++) {
    nl_release(C, flat_index[d]);
    nl_release(C, full_index[d]);
    nl_release(C, source[d]);
    nl_release(C, rows_source[d]);
  }
  nl_pool_release(C, 0);
  nl_ctx_free(C);
  return check_done();
}
