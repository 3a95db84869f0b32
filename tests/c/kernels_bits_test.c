/* kernels_bits_test.c: elementwise kernels and casts give the same bits in
 * every instruction set, alone or in company, at any length and alignment, in
 * place or not, and write nothing beyond their output.  NaN is NaN, whatever
 * its payload. */
#include "kernels_inputs.h"

#define PAD 64

typedef struct {
  _Alignas(64) char data[3][N * 8 + PAD], want[N * 8 + PAD], got[N * 8 + PAD];
} arrays;
static arrays A;

/* in[k] + i elements */
static void inputs_at (int id, nl_dtype d, int64_t i, const void **in) {
  for (int k = 0; k < nins[id]; k++)
    in[k] = A.data[k] +
            (size_t)i * (id == NL_MAP_where && k == 0 ? 1 : sizes[d]);
}

static void check_lengths (const nl_kernels *K, int id, nl_dtype d,
                           nl_dtype r) {
  const void *in[3];
  for (int64_t n = 0; n <= 70; n++) {
    int64_t start = 1 + 37 * n;
    memset(A.got, 0xa5, sizeof A.got);
    inputs_at(id, d, start, in);
    K->map[id][d](n, in, A.got + 1 * sizes[r]);
    CHECK(differ(r, A.got + sizes[r], A.want + (size_t)start * sizes[r], n) < 0,
          "%s %s %s of %d elements", K->isa, names[id], dtypes[d], (int)n);
    bool beyond = false;
    for (size_t i = 0; i < 32; i++)
      beyond |= (unsigned char)A.got[(size_t)(n + 1) * sizes[r] + i] != 0xa5;
    CHECK(!beyond, "%s %s %s of %d elements wrote beyond", K->isa, names[id],
          dtypes[d], (int)n);
  }
}

static void check_alone (const nl_kernels *K, int id, nl_dtype d, nl_dtype r) {
  const void *in[3];
  for (int64_t i = 0; i < N; i++) {
    inputs_at(id, d, i, in);
    K->map[id][d](1, in, A.got + (size_t)i * sizes[r]);
  }
  int64_t at = differ(r, A.got, A.want, N);
  CHECK(at < 0, "%s %s %s: element %d alone has other bits", K->isa, names[id],
        dtypes[d], (int)at);
}

static void check_in_place (const nl_kernels *K, int id, nl_dtype d,
                            nl_dtype r) {
  const void *in[3];
  for (int k = 0; k < nins[id]; k++) {
    nl_dtype of = id == NL_MAP_where && k == 0 ? NL_BOOL : d;
    if (sizes[of] != sizes[r]) continue;
    inputs_at(id, d, 0, in);
    memcpy(A.got, A.data[k], N * sizes[r]);
    in[k] = A.got;
    K->map[id][d](N, in, A.got);
    int64_t at = differ(r, A.got, A.want, N);
    CHECK(at < 0, "%s %s %s in place of input %d: element %d", K->isa,
          names[id], dtypes[d], k + 1, (int)at);
  }
}

static void check_map (int id, nl_dtype d) {
  nl_dtype r = res_bool[id] ? NL_BOOL : d;
  const void *in[3];
  for (int k = 0; k < nins[id]; k++)
    fill(id == NL_MAP_where && k == 0 ? NL_BOOL : d, A.data[k], 7 * k + 1);
  inputs_at(id, d, 0, in);
  for (int i = nisas - 1; i >= 0; i--) {
    const nl_kernels *K = isas[i];
    char *to = i == nisas - 1 ? A.want : A.got;
    K->map[id][d](N, in, to);
    int64_t at = differ(r, to, A.want, N);
    CHECK(at < 0, "%s %s %s: element %d has other bits than generic's", K->isa,
          names[id], dtypes[d], (int)at);
    check_alone(K, id, d, r);
    check_lengths(K, id, d, r);
    check_in_place(K, id, d, r);
  }
}

static void check_cast (nl_dtype from, nl_dtype to) {
  fill(from, A.data[0], 5);
  isas[nisas - 1]->cast[from][to](N, A.data[0], A.want);
  for (int i = 0; i < nisas; i++)
    for (int64_t n = 0; n <= 71; n++) {
      int64_t m = n == 71 ? N - 1 : n, start = n == 71 ? 0 : 31 * n;
      memset(A.got, 0xa5, sizeof A.got);
      isas[i]->cast[from][to](m, A.data[0] + (size_t)start * sizes[from],
                              A.got + sizes[to]);
      CHECK(differ(to, A.got + sizes[to],
                   A.want + (size_t)start * sizes[to], m) < 0,
            "%s cast %s to %s of %d elements", isas[i]->isa, dtypes[from],
            dtypes[to], (int)m);
      CHECK((unsigned char)A.got[(size_t)(m + 1) * sizes[to]] == 0xa5,
            "%s cast %s to %s wrote beyond", isas[i]->isa, dtypes[from],
            dtypes[to]);
    }
}

int main (void) {
  find_isas();
  for (int id = 0; id < NL_MAP_COUNT; id++)
    for (nl_dtype d = 0; d < NL_NDTYPES; d++) {
      char c = nl_dtype_is_float(d) ? 'F' : d == NL_BOOL ? 'B' : 'I';
      bool wanted = strchr(types[id], c) != NULL, all = true;
      for (int i = 0; i < nisas; i++)
        all = all && (isas[i]->map[id][d] != NULL) == wanted;
      CHECK(all, "%s %s: in the table against NL_MAPS", names[id], dtypes[d]);
      if (wanted && all) check_map(id, d);
    }
  for (nl_dtype a = 0; a < NL_NDTYPES; a++)
    for (nl_dtype b = 0; b < NL_NDTYPES; b++) check_cast(a, b);
  return check_done();
}
