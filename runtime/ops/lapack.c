/* lapack.c: LAPACK's routines on row-major matrices.
 *
 * LAPACK's matrices are column-major, so a row-major one is its transpose
 * there: symmetric ones pass as they are, the svd swaps u and v, others are
 * copied.  OpenBLAS runs these with as many threads as its host allowed. */
#include "ops/lapack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fortran passes the lengths of characters after all other arguments. */
void dgesv_ (const int *n, const int *nrhs, double *a, const int *lda,
             int *ipiv, double *b, const int *ldb, int *info);
void dgetrf_ (const int *m, const int *n, double *a, const int *lda,
              int *ipiv, int *info);
void dpotrf_ (const char *uplo, const int *n, double *a, const int *lda,
              int *info, size_t len);
void dsyevd_ (const char *jobz, const char *uplo, const int *n, double *a,
              const int *lda, double *w, double *work, const int *lwork,
              int *iwork, const int *liwork, int *info, size_t len1,
              size_t len2);
void dgesdd_ (const char *jobz, const int *m, const int *n, double *a,
              const int *lda, double *s, double *u, const int *ldu,
              double *vt, const int *ldvt, double *work, const int *lwork,
              int *iwork, int *info, size_t len);
void dgeqrf_ (const int *m, const int *n, double *a, const int *lda,
              double *tau, double *work, const int *lwork, int *info);
void dorgqr_ (const int *m, const int *n, const int *k, double *a,
              const int *lda, const double *tau, double *work,
              const int *lwork, int *info);

/* OpenBLAS's BUFFER_SIZE where it is largest (x86), and some. */
#define BLAS_BUFFER ((size_t)129 << 20)
#define BLAS_CALLS 64

bool nl__blas_room (nl_ctx *C, int64_t calls) {
  void *volatile p[BLAS_CALLS]; /* or the compiler does without them */
  int n, want = calls < BLAS_CALLS ? (int)calls : BLAS_CALLS;
  if (want <= C->blas_room) return true; /* it keeps what it has */
  for (n = 0; n < want; n++)
    if ((p[n] = malloc(BLAS_BUFFER)) == NULL) break;
  bool all = n == want;
  while (n > 0) free(p[--n]);
  if (all) C->blas_room = want;
  else
    nl_error(C, NL_NOMEM,
             "not enough memory for OpenBLAS: it takes %d MiB for each thread",
             (int)(BLAS_BUFFER >> 20) - 1);
  return all;
}

/* One allocation for a routine's arrays, given out from its start. */
typedef struct room {
  char *p;
  size_t size, used;
} room;

static bool room_new (nl_ctx *C, room *r, size_t doubles, size_t ints) {
  if (!nl__blas_room(C, 1)) return false;
  r->size = (doubles + 1) * sizeof(double) + (ints + 1) * sizeof(int);
  r->used = 0;
  r->p = (char *)nl__alloc(C, r->size);
  return r->p != NULL;
}

static double *doubles (room *r, size_t n) {
  double *p = (double *)(void *)(r->p + r->used);
  r->used += n * sizeof(double);
  return p;
}

static int *ints (room *r) { return (int *)(void *)(r->p + r->used); }

/* to (n, m) = a (m, n) transposed */
static void transpose (int m, int n, const double *a, double *to) {
  for (int i = 0; i < m; i++)
    for (int k = 0; k < n; k++)
      to[(size_t)k * (size_t)m + (size_t)i] =
          a[(size_t)i * (size_t)n + (size_t)k];
}

static size_t area (int m, int n) { return (size_t)m * (size_t)n; }

int nl__lapack_solve (nl_ctx *C, int n, int m, const double *a,
                      const double *b, double *x) {
  room r;
  int info = 0;
  if (area(n, m) == 0) return 0;
  if (!room_new(C, &r, area(n, n) + area(n, m), (size_t)n)) return -1;
  double *lu = doubles(&r, area(n, n)), *y = doubles(&r, area(n, m));
  transpose(n, n, a, lu);
  transpose(n, m, b, y);
  dgesv_(&n, &m, lu, &n, ints(&r), y, &n, &info);
  transpose(m, n, y, x);
  nl__free(C, r.p, r.size);
  return info;
}

int nl__lapack_det (nl_ctx *C, int n, const double *a, double *det) {
  room r;
  int info = 0;
  *det = 1;
  if (n == 0) return 0;
  if (!room_new(C, &r, area(n, n), (size_t)n)) return -1;
  double *lu = doubles(&r, area(n, n));
  int *pivot = ints(&r);
  memcpy(lu, a, area(n, n) * sizeof *lu); /* det a' = det a */
  dgetrf_(&n, &n, lu, &n, pivot, &info);
  for (int i = 0; i < n; i++) {
    double d = lu[area(i, n + 1)];
    *det *= pivot[i] == i + 1 ? d : -d;
  }
  nl__free(C, r.p, r.size);
  return 0; /* a zero pivot is a determinant too */
}

int nl__lapack_cholesky (nl_ctx *C, int n, const double *a, double *l) {
  int info = 0;
  if (n == 0) return 0;
  if (!nl__blas_room(C, 1)) return -1;
  memcpy(l, a, area(n, n) * sizeof *l);
  dpotrf_("U", &n, l, &n, &info, 1); /* its upper is our lower triangle */
  for (int i = 0; i < n; i++)
    for (int k = i + 1; k < n; k++) l[area(i, n) + (size_t)k] = 0;
  return info;
}

/* Should a column be turned, so that its largest component (the first of
   equals) is positive?  Components stand `step` apart. */
static bool turned (const double *p, int n, size_t step) {
  double most = 0;
  bool minus = false;
  for (int i = 0; i < n; i++) {
    double x = p[(size_t)i * step];
    if (fabs(x) <= most) continue;
    most = fabs(x);
    minus = x < 0;
  }
  return minus;
}

static void turn (double *p, int n, size_t step) {
  for (int i = 0; i < n; i++) p[(size_t)i * step] = -p[(size_t)i * step];
}

int nl__lapack_eigh (nl_ctx *C, int n, const double *a, double *w,
                     double *v) {
  room r;
  int info = 0, lwork = -1, liwork = -1, iquery;
  double query;
  if (n == 0) return 0;
  dsyevd_("V", "U", &n, v, &n, w, &query, &lwork, &iquery, &liwork, &info, 1,
          1);
  lwork = (int)query;
  liwork = iquery;
  if (!room_new(C, &r, area(n, n) + (size_t)lwork, (size_t)liwork)) return -1;
  double *z = doubles(&r, area(n, n)), *work = doubles(&r, (size_t)lwork);
  memcpy(z, a, area(n, n) * sizeof *z);
  dsyevd_("V", "U", &n, z, &n, w, work, &lwork, ints(&r), &liwork, &info, 1,
          1);
  for (int i = 0; i < n; i++)
    if (turned(z + area(i, n), n, 1)) turn(z + area(i, n), n, 1);
  transpose(n, n, z, v);
  nl__free(C, r.p, r.size);
  return info;
}

int nl__lapack_svd (nl_ctx *C, int m, int n, const double *a, double *u,
                    double *s, double *v) {
  room r;
  int k = m < n ? m : n, info = 0, lwork = -1, none = 0;
  double query;
  if (k == 0) return 0;
  /* there a is (n, m): its left vectors are our v, its right ones our u */
  dgesdd_("S", &n, &m, NULL, &n, s, NULL, &n, u, &k, &query, &lwork, &none,
          &info, 1);
  lwork = (int)query;
  if (!room_new(C, &r, area(m, n) + area(n, k) + (size_t)lwork,
                8 * (size_t)k))
    return -1;
  double *copy = doubles(&r, area(m, n)), *left = doubles(&r, area(n, k));
  double *work = doubles(&r, (size_t)lwork);
  memcpy(copy, a, area(m, n) * sizeof *copy);
  dgesdd_("S", &n, &m, copy, &n, s, left, &n, u, &k, work, &lwork, ints(&r),
          &info, 1);
  for (int i = 0; i < k; i++)
    if (turned(u + i, m, (size_t)k)) {
      turn(u + i, m, (size_t)k);
      turn(left + area(i, n), n, 1);
    }
  transpose(k, n, left, v);
  nl__free(C, r.p, r.size);
  return info;
}

int nl__lapack_qr (nl_ctx *C, int m, int n, const double *a, double *q,
                   double *r) {
  room w;
  int k = m < n ? m : n, info = 0, lwork = -1;
  double query[2];
  if (k == 0) return 0;
  dgeqrf_(&m, &n, q, &m, q, &query[0], &lwork, &info);
  dorgqr_(&m, &k, &k, q, &m, q, &query[1], &lwork, &info);
  lwork = (int)(query[0] > query[1] ? query[0] : query[1]);
  if (!room_new(C, &w, area(m, n) + (size_t)k + (size_t)lwork, 0)) return -1;
  double *f = doubles(&w, area(m, n)), *tau = doubles(&w, (size_t)k);
  double *work = doubles(&w, (size_t)lwork);
  transpose(m, n, a, f);
  dgeqrf_(&m, &n, f, &m, tau, work, &lwork, &info);
  for (int i = 0; i < k; i++)
    for (int j = 0; j < n; j++)
      r[area(i, n) + (size_t)j] = j < i ? 0 : f[area(j, m) + (size_t)i];
  if (info == 0) dorgqr_(&m, &k, &k, f, &m, tau, work, &lwork, &info);
  for (int i = 0; i < k; i++)
    if (r[area(i, n + 1)] < 0) {
      turn(r + area(i, n + 1), n - i, 1);
      turn(f + area(i, m), m, 1);
    }
  transpose(k, m, f, q);
  nl__free(C, w.p, w.size);
  return info;
}
