/* nnlua.h: the public C API of libnnlua, a tensor and autodiff runtime.
 *
 * Four nouns: a value is an immutable array (concrete, or a tracer of an
 * active transform); a storage is a mutable cell that holds one value; a
 * tensor is offset, sizes and strides on a storage; a primitive is one
 * operation with all its rules.  One verb: nl_bind hands a primitive to the
 * context's current trace.
 *
 * Rules that hold for every function here:
 *  - Nothing aborts, exits, prints or longjmps.  A function that fails
 *    records its message in the context (nl_errmsg) and returns NULL or a
 *    status other than NL_OK.  NULL inputs give NULL, so calls can be nested
 *    and checked once at the end.
 *  - An nl_value* that a function returns belongs to the context's pool: it
 *    lives until the pool scope it was made in ends (nl_pool_mark and
 *    nl_pool_release).  nl_retain keeps it longer, nl_release drops it.
 *  - One context is used by one thread at a time; different contexts are
 *    independent.  Only nl_interrupt may be called from anywhere.
 *  - Sizes are in elements, memory in bytes, dims are 0-based in C. */
#ifndef NNLUA_H
#define NNLUA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define NL_API
#else
#define NL_API __attribute__((visibility("default")))
#endif

#define NL_MAX_NDIM 16 /* of a value: nested vmaps add axes */
#define NL_MAX_DIM 8   /* of a tensor that a user makes */

/* ---- status, dtypes ---- */

typedef enum nl_status {
  NL_OK = 0,
  NL_ERROR,       /* a wrong argument, shape, dtype or state */
  NL_NOMEM,       /* memory, the message says how much for what */
  NL_INTERRUPTED, /* nl_interrupt was called */
  NL_IO           /* a file or the system refused; errno's text inside */
} nl_status;

typedef enum nl_dtype {
  NL_BOOL, NL_U8, NL_I8, NL_I16, NL_I32, NL_I64, NL_F32, NL_F64, NL_NDTYPES
} nl_dtype;

NL_API const char *nl_version (void);
NL_API const char *nl_dtype_name (nl_dtype d); /* "float32" */
NL_API int nl_dtype_parse (const char *name);  /* -1: none of that name */
NL_API size_t nl_dtype_size (nl_dtype d);      /* bytes */
static inline bool nl_dtype_is_float (nl_dtype d) { return d >= NL_F32; }
static inline bool nl_dtype_is_int (nl_dtype d) {
  return d >= NL_U8 && d <= NL_I64;
}

/* ---- context ---- */

typedef struct nl_ctx nl_ctx;
typedef struct nl_value nl_value;
typedef struct nl_storage nl_storage;
typedef struct nl_trace nl_trace;
typedef struct nl_graph nl_graph;
typedef struct nl_prim nl_prim;

typedef struct nl_allocator {
  void *(*alloc) (void *ud, size_t size); /* 64-byte aligned, or NULL */
  void (*free) (void *ud, void *p, size_t size);
  void *ud;
} nl_allocator;

typedef struct nl_config {
  size_t struct_size;     /* sizeof(nl_config), for later versions */
  nl_allocator alloc;     /* all NULL: the C library's */
  const struct nl_io *io; /* file operations; NULL: the system's */
  void (*log) (void *ud, const char *message);
  void *log_ud;
  /* Called when an allocation failed: free what can be freed (collect
     garbage) and return true to have it tried once more. */
  bool (*collect) (void *ud, size_t wanted);
  void *collect_ud;
  int threads;              /* 0: as many as cores */
  const char *gemm;         /* "own" (default) or "openblas" */
  bool set_blas_threads;    /* the library may call openblas_set_num_threads */
  uint64_t seed;            /* of the global generator */
  size_t memory_limit;      /* bytes of buffers; 0: none */
  const char *cpu;          /* NULL: best; "avx512", "avx2", "generic" */
  const char *compile;      /* how far jit goes: "none", "simplify", "tiles" */
  bool no_recycling;        /* every buffer from and back to the allocator */
} nl_config;

/* A context with defaults where cfg is NULL or its fields are 0.  NULL when
   memory is short.  No thread is created before one is needed. */
NL_API nl_ctx *nl_ctx_new (const nl_config *cfg);
NL_API void nl_ctx_free (nl_ctx *C); /* joins its threads; NULL is fine */

NL_API const char *nl_errmsg (const nl_ctx *C); /* of the last failure */
NL_API nl_status nl_errstatus (const nl_ctx *C);
/* Records an error (printf's format) and returns status, never NL_OK. */
NL_API nl_status nl_error (nl_ctx *C, nl_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
NL_API void nl_error_clear (nl_ctx *C);
NL_API bool nl_failed (const nl_ctx *C);

NL_API void nl_interrupt (nl_ctx *C);       /* async-signal-safe */
/* Hands a line to the log of nl_config; without one nothing happens. */
NL_API void nl_say (const nl_ctx *C, const char *line);
NL_API bool nl_interrupted (nl_ctx *C);     /* tests, does not clear */
NL_API void nl_interrupt_clear (nl_ctx *C);

NL_API size_t nl_bytes_used (const nl_ctx *C);  /* of live buffers */
NL_API size_t nl_bytes_peak (const nl_ctx *C);
/* The peak begins anew at what is in use. */
NL_API void nl_bytes_peak_reset (nl_ctx *C);
NL_API size_t nl_bytes_cached (const nl_ctx *C); /* kept for reuse */
NL_API void nl_cache_trim (nl_ctx *C);           /* gives the kept back */

NL_API nl_status nl_set_threads (nl_ctx *C, int n); /* 1..64 */
NL_API int nl_threads (const nl_ctx *C);
NL_API const char *nl_cpu_kernels (const nl_ctx *C); /* "avx512" ... */
NL_API const char *nl_gzip (void); /* what unpacks .gz: "zlib" ...; or NULL */
NL_API const char *nl_gemm (const nl_ctx *C);
NL_API nl_status nl_set_gemm (nl_ctx *C, const char *name);
NL_API nl_dtype nl_default_dtype (const nl_ctx *C); /* of new tensors */
NL_API nl_status nl_set_default_dtype (nl_ctx *C, nl_dtype d);

/* ---- pool scopes and ownership ---- */

NL_API size_t nl_pool_mark (nl_ctx *C);
NL_API void nl_pool_release (nl_ctx *C, size_t mark);
/* The same, but v survives into the enclosing scope.  Returns v. */
NL_API nl_value *nl_pool_keep (nl_ctx *C, size_t mark, nl_value *v);
NL_API nl_value *nl_retain (nl_value *v);
NL_API void nl_release (nl_ctx *C, nl_value *v);

/* ---- values ---- */

NL_API int nl_ndim (const nl_value *v);
NL_API const int64_t *nl_shape (const nl_value *v);
NL_API nl_dtype nl_dtype_of (const nl_value *v);
NL_API bool nl_is_weak (const nl_value *v); /* a 0-d number, Lua's rules */
NL_API int64_t nl_numel (const nl_value *v);
NL_API bool nl_is_tracer (const nl_value *v);
NL_API bool nl_is_concrete (const nl_value *v);

/* A dense copy of data (row-major); NULL data: zeros. */
NL_API nl_value *nl_value_from (nl_ctx *C, nl_dtype d, int ndim,
                                const int64_t *shape, const void *data);
/* A fresh dense value to be filled through *data at once. */
NL_API nl_value *nl_value_new (nl_ctx *C, nl_dtype d, int ndim,
                               const int64_t *shape, void **data);
/* Memory of the host's, not copied; free_fn(ud) when the last holder goes. */
NL_API nl_value *nl_value_wrap (nl_ctx *C, nl_dtype d, int ndim,
                                const int64_t *shape, void *data,
                                void (*free_fn) (void *ud), void *ud);
/* Weak 0-d numbers: take part in operations as Lua numbers do. */
NL_API nl_value *nl_number (nl_ctx *C, double x);
NL_API nl_value *nl_integer (nl_ctx *C, int64_t i);
/* The same for an elementwise operation with `like`: under eval it may come
   in like's dtype and shape at once, the bits are the same. */
NL_API nl_value *nl_number_beside (nl_ctx *C, double x, const nl_value *like);
/* A strong 0-d value of dtype d. */
NL_API nl_value *nl_scalar (nl_ctx *C, nl_dtype d, double x);
NL_API nl_value *nl_full (nl_ctx *C, nl_dtype d, int ndim,
                          const int64_t *shape, double x);
NL_API nl_value *nl_zeros_like (nl_ctx *C, const nl_value *v);
NL_API nl_value *nl_ones_like (nl_ctx *C, const nl_value *v);
/* start, start + step, ...: n elements. */
NL_API nl_value *nl_iota (nl_ctx *C, nl_dtype d, int64_t n, double start,
                          double step);

/* The elements of a concrete value as a dense row-major array, made dense
   first where needed (then pool-owned).  A tracer of grad or jvp gives its
   primal's; of vmap or jit an error that says so. */
NL_API const void *nl_data (nl_ctx *C, nl_value *v);
/* The one element of v as a number; `what` names the use in errors. */
NL_API nl_status nl_item (nl_ctx *C, nl_value *v, double *x, int64_t *i,
                          bool *is_int);

/* ---- storages and tensors ---- */

typedef struct nl_tensor {
  nl_storage *storage; /* NULL: an empty tensor without dimensions */
  int64_t offset;      /* in elements */
  int ndim;
  bool whole;          /* the view is all of the storage, row-major */
  int64_t size[NL_MAX_DIM];
  int64_t stride[NL_MAX_DIM];
} nl_tensor;

/* A new storage holding v, refcount 1. */
NL_API nl_storage *nl_storage_new (nl_ctx *C, nl_value *v);
NL_API nl_storage *nl_storage_retain (nl_storage *s);
NL_API void nl_storage_release (nl_ctx *C, nl_storage *s);
NL_API int64_t nl_storage_numel (const nl_storage *s);
NL_API nl_dtype nl_storage_dtype (const nl_storage *s);
NL_API bool nl_storage_weak (const nl_storage *s);

/* A tensor on a new storage that holds v. */
NL_API nl_status nl_tensor_from (nl_ctx *C, nl_tensor *t, nl_value *v);
/* Reads: offers the storage to the active traces, then views it. */
NL_API nl_value *nl_read (nl_ctx *C, const nl_tensor *t);
/* Writes v (same shape; cast to the storage's dtype) through the view. */
NL_API nl_status nl_write (nl_ctx *C, const nl_tensor *t, nl_value *v);
/* Announces that the next elementwise result, of one primitive, is to be
   written to t by nl_write: it may be computed in place, over values read
   from t's storage since the pool stood at `mark`.  Call it last, when all
   operands are ready. */
NL_API void nl_into (nl_ctx *C, const nl_tensor *t, size_t mark);
/* Changes a storage's size (Torch7's resize): keeps the old elements, new
   ones are zero.  Refused under a transform that did not make it. */
NL_API nl_status nl_storage_resize (nl_ctx *C, nl_storage *s, int64_t n);
/* True when the view's elements stand row-major without gaps. */
NL_API bool nl_tensor_contiguous (const nl_tensor *t);
NL_API int64_t nl_tensor_numel (const nl_tensor *t);

/* ---- operations on values ----
 * Elementwise operations broadcast as NumPy does and promote dtypes: bool <
 * integers (by width) < floats; a weak number takes the tensor's dtype, but a
 * weak float with an integer or bool tensor gives the default float. */

NL_API nl_value *nl_cast (nl_ctx *C, nl_value *x, nl_dtype d);
NL_API nl_value *nl_strong (nl_ctx *C, nl_value *x); /* weak -> default */
/* a 0-d value as a weak number: float64, or int64 for integers and bool */
NL_API nl_value *nl_weak (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_copy (nl_ctx *C, nl_value *x);

/* unary; integers are promoted to the default float where it must be */
NL_API nl_value *nl_unary (nl_ctx *C, const char *name, nl_value *x);
NL_API nl_value *nl_binary (nl_ctx *C, const char *name, nl_value *x,
                            nl_value *y);
/* The same for a primitive found once with nl_prim_find: promotes dtypes,
   broadcasts, binds. */
NL_API nl_value *nl_apply1 (nl_ctx *C, const nl_prim *p, nl_value *x);
/* The same of tensors x and y into the new tensor t, without values between:
   one of x and y may be NULL for `number` (|number| <= 2^53); of p with one
   input y is NULL.  False when that is not possible (a trace, a view, another
   dtype or shape, no memory): then take the values' way; t is as it was. */
NL_API bool nl_quick (nl_ctx *C, const nl_prim *p, const nl_tensor *x,
                      const nl_tensor *y, double number, nl_tensor *t);
/* x = last(x) or last(x, term) in place, where term is y or, without y, the
   number; scaled: number * y; with z: that * z or, divided, that / z.  y and z
   broadcast to x's sizes.  With `out`, an empty tensor, that gets the result
   and x stays.  *done says whether that was possible without values between
   (floats, x dense, in place: nobody else holds its array); if not, nothing
   happened. */
typedef struct nl_term {
  const nl_tensor *y, *z;
  double number;
  bool scaled, divided;
} nl_term;
NL_API nl_status nl_quick_into (nl_ctx *C, const nl_tensor *x,
                                const nl_prim *last, const nl_term *term,
                                nl_tensor *out, bool *done);
/* Every element of x becomes the number (of x's dtype: 0 if it is no float):
   *done as above. */
NL_API nl_status nl_quick_fill (nl_ctx *C, const nl_tensor *x, double number,
                                bool *done);
NL_API nl_value *nl_apply2 (nl_ctx *C, const nl_prim *p, nl_value *x,
                            nl_value *y);
NL_API nl_value *nl_neg (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_exp (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_log (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_tanh (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_sqrt (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_add (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_sub (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_mul (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_div (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_pow (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_max2 (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_min2 (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_lt (nl_ctx *C, nl_value *x, nl_value *y); /* bool */
NL_API nl_value *nl_le (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_gt (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_ge (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_eq (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_ne (nl_ctx *C, nl_value *x, nl_value *y);
NL_API nl_value *nl_where (nl_ctx *C, nl_value *cond, nl_value *x,
                           nl_value *y);

/* movement: all are one primitive, `view`, and cost nothing under eval */
/* x's elements in row-major order, seen at offset with sizes and strides. */
NL_API nl_value *nl_view (nl_ctx *C, nl_value *x, int64_t offset, int ndim,
                          const int64_t *size, const int64_t *stride);
/* x with the elements of that view replaced by y (the view's shape). */
NL_API nl_value *nl_view_update (nl_ctx *C, nl_value *x, nl_value *y,
                                 int64_t offset, const int64_t *stride);
NL_API nl_value *nl_reshape (nl_ctx *C, nl_value *x, int ndim,
                             const int64_t *shape);
NL_API nl_value *nl_broadcast_to (nl_ctx *C, nl_value *x, int ndim,
                                  const int64_t *shape);
NL_API nl_value *nl_permute (nl_ctx *C, nl_value *x, const int *dims);
NL_API nl_value *nl_transpose (nl_ctx *C, nl_value *x, int a, int b);
NL_API nl_value *nl_unsqueeze (nl_ctx *C, nl_value *x, int dim);
NL_API nl_value *nl_squeeze (nl_ctx *C, nl_value *x, int dim);
NL_API nl_value *nl_narrow (nl_ctx *C, nl_value *x, int dim, int64_t start,
                            int64_t length);
NL_API nl_value *nl_concat (nl_ctx *C, int n, nl_value *const *x, int dim);

/* reductions over the dims whose bit is set in mask; keepdim keeps size 1 */
#define NL_ALL_DIMS 0xffffffffu
NL_API nl_value *nl_reduce (nl_ctx *C, const char *name, nl_value *x,
                            uint32_t mask, bool keepdim);
NL_API nl_value *nl_sum (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim);

/* products: 1-D to N-D as NumPy's matmul */
NL_API nl_value *nl_matmul (nl_ctx *C, nl_value *x, nl_value *y);

/* ---- indexing, sorting, softmax ----
 * Indices are of an integer type and count from 0 (messages count from 1); one
 * outside is an error under eval, and under vmap and jit when it is run. */

/* x's entries idx (1-D) along dim; and the ways back: src added to, or put in
   the place of these entries (of equal indices the last stays).  src has the
   selection's shape or is 0-d. */
NL_API nl_value *nl_index_select (nl_ctx *C, nl_value *x, int dim,
                                  nl_value *idx);
NL_API nl_value *nl_index_add (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                               nl_value *src);
NL_API nl_value *nl_index_copy (nl_ctx *C, nl_value *x, int dim,
                                nl_value *idx, nl_value *src);
/* The same element by element: idx has x's shape but along dim;
   y[i][j] = x[idx[i][j]][j] for dim 0. */
NL_API nl_value *nl_gather (nl_ctx *C, nl_value *x, int dim, nl_value *idx);
NL_API nl_value *nl_scatter (nl_ctx *C, nl_value *x, int dim, nl_value *idx,
                             nl_value *src);
NL_API nl_value *nl_scatter_add (nl_ctx *C, nl_value *x, int dim,
                                 nl_value *idx, nl_value *src);
/* labels (...) in 0..n-1 -> (..., n), one 1 in each row */
NL_API nl_value *nl_one_hot (nl_ctx *C, nl_value *labels, int64_t n,
                             nl_dtype d);
/* These read their mask, which vmap and jit can't know: an error there.
   nonzero: (count, ndim) int64, in row-major order.  x and mask broadcast. */
NL_API nl_value *nl_nonzero (nl_ctx *C, nl_value *x);
NL_API nl_value *nl_masked_select (nl_ctx *C, nl_value *x, nl_value *mask);
/* src: as many elements as the mask selects (more are ignored), or 0-d */
NL_API nl_value *nl_masked_copy (nl_ctx *C, nl_value *x, nl_value *mask,
                                 nl_value *src);

/* Stable both ways; NaN above everything.  The positions (int64) go to *index
   unless that is NULL.  topk: in order; kthvalue (k from 0), median (the lower
   of two) and mode (the least of the most frequent) keep dim with size 1. */
NL_API nl_value *nl_argsort (nl_ctx *C, nl_value *x, int dim,
                             bool descending);
NL_API nl_value *nl_sort (nl_ctx *C, nl_value *x, int dim, bool descending,
                          nl_value **index);
NL_API nl_value *nl_topk (nl_ctx *C, nl_value *x, int64_t k, int dim,
                          bool largest, nl_value **index);
NL_API nl_value *nl_kthvalue (nl_ctx *C, nl_value *x, int64_t k, int dim,
                              nl_value **index);
NL_API nl_value *nl_median (nl_ctx *C, nl_value *x, int dim,
                            nl_value **index);
NL_API nl_value *nl_mode (nl_ctx *C, nl_value *x, int dim, nl_value **index);

/* Running sums and products along dim, from its end where `reverse`; int64
   for integers and bool. */
NL_API nl_value *nl_cumsum (nl_ctx *C, nl_value *x, int dim, bool reverse);
NL_API nl_value *nl_cumprod (nl_ctx *C, nl_value *x, int dim);
/* y_k = a_k y_(k-1) + b_k along dim, y before the first being 0 */
NL_API nl_value *nl_recurrence (nl_ctx *C, nl_value *a, nl_value *b, int dim,
                                bool reverse);

NL_API nl_value *nl_softmax (nl_ctx *C, nl_value *x, int dim);
NL_API nl_value *nl_log_softmax (nl_ctx *C, nl_value *x, int dim);
/* Kernel activation functions: sum_d alpha_d kappa(x, first + d step), of x's
   shape.  alpha is (units, D), for the units of x's dim, or (D) for all; sigma
   0-d, (1) or (units), the gaussian's width; kernel "gaussian", "relu" or
   "softplus". */
NL_API nl_value *nl_kaf (nl_ctx *C, nl_value *x, nl_value *alpha,
                         nl_value *sigma, const char *kernel, double first,
                         double step, int dim);
/* States of x + sd noise: 1 above t2, `low` below t1, `middle` elsewhere; with
   the gradient of their expectation.  t1, t2 and sd are numbers or broadcast
   with x.  noisy: drawn from key, or where it is NULL from the generator. */
NL_API nl_value *nl_states (nl_ctx *C, nl_value *x, nl_value *t1, nl_value *t2,
                            nl_value *sd, int middle, int low, bool noisy,
                            nl_value *key);
/* A Lagrangian l(beta x) / beta of all of x, 0-d: of z = beta x, kind "sigmoid"
   (sum log(1 + e^z)), "tanh" (log cosh z), "exp", "rexp" (e^y - y, y = max(z,
   0)), "repu" (max(z, 0)^power / power, power >= 2), or of the vectors along
   the last dim "softmax" (log sum e^z), "ghostmax" (log(1 + sum e^z)).  beta
   is one number above 0; or (units), for the units of the last dim, not with
   the last two kinds: then the value is (units) too.  *gradient, where it is
   wanted, has x's shape. */
NL_API nl_value *nl_lagrangian (nl_ctx *C, nl_value *x, nl_value *beta,
                                const char *kind, int power,
                                nl_value **gradient);
NL_API nl_value *nl_logsumexp (nl_ctx *C, nl_value *x, uint32_t mask,
                               bool keepdim);

/* Over the dims of mask; integers become the default float. */
NL_API nl_value *nl_mean (nl_ctx *C, nl_value *x, uint32_t mask,
                          bool keepdim);
/* unbiased: divided by n - 1 */
NL_API nl_value *nl_var (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim,
                         bool unbiased);
NL_API nl_value *nl_std (nl_ctx *C, nl_value *x, uint32_t mask, bool keepdim,
                         bool unbiased);
/* (sum |x|^p)^(1/p); p 0: how many are not 0; p inf: the largest |x| */
NL_API nl_value *nl_norm (nl_ctx *C, nl_value *x, double p, uint32_t mask,
                          bool keepdim);

/* ---- linear algebra ----
 * On the last two dims; leading dims are a batch.  Computed in float64 by
 * LAPACK, whatever the dtype. */

/* x of a x = b, a (..., n, n), b (..., n, m) or, for one matrix, (n) */
NL_API nl_value *nl_solve (nl_ctx *C, nl_value *a, nl_value *b);
NL_API nl_value *nl_inverse (nl_ctx *C, nl_value *a);
NL_API nl_value *nl_det (nl_ctx *C, nl_value *a);
/* lower l with l l' = a, for symmetric positive a (the lower triangle is
   read) */
NL_API nl_value *nl_cholesky (nl_ctx *C, nl_value *a);
/* ascending eigenvalues of symmetric a (the lower triangle is read); the
   eigenvectors, as columns, to *vectors unless NULL */
NL_API nl_value *nl_eigh (nl_ctx *C, nl_value *a, nl_value **vectors);
/* a (m, n) = u diag(s) v': descending s (k), u (m, k), v (n, k) */
NL_API nl_value *nl_svd (nl_ctx *C, nl_value *a, nl_value **u, nl_value **v);
/* a (m, n) = q r: q (m, k), r (k, n) with a diagonal >= 0 */
NL_API nl_value *nl_qr (nl_ctx *C, nl_value *a, nl_value **r);
/* x with the least |a x - b|, of several the smallest; a of full rank */
NL_API nl_value *nl_lstsq (nl_ctx *C, nl_value *a, nl_value *b);

/* random: kind "uniform" [0,1), "normal", "bits" (int64 with 32 bits).
   key: an int64 value (..., 2), or NULL for the context's generator, which
   advances.  Under vmap it draws for each example; a key draws the same for
   all, unless it is mapped. */
NL_API nl_value *nl_random (nl_ctx *C, const char *kind, nl_value *key,
                            nl_dtype d, int ndim, const int64_t *shape);
NL_API nl_value *nl_random_key (nl_ctx *C, uint64_t seed);
NL_API nl_value *nl_random_split (nl_ctx *C, nl_value *key, int64_t n);
NL_API nl_value *nl_random_fold (nl_ctx *C, nl_value *key, nl_value *data);
NL_API nl_status nl_seed (nl_ctx *C, uint64_t seed);
NL_API nl_storage *nl_random_state (nl_ctx *C); /* borrowed */
/* Until nl_random_leave gets what this returned (NULL: an error), draws without
   a key come from this key's stream: under vmap the same for all examples,
   unless it is mapped.  Both calls are made inside the same trace. */
NL_API nl_storage *nl_random_enter (nl_ctx *C, nl_value *key);
NL_API void nl_random_leave (nl_ctx *C, nl_storage *before);

NL_API nl_value *nl_stop_gradient (nl_ctx *C, nl_value *x);
/* x, once each element of `of` is found to be between low and high, under
   transforms when the equation runs; otherwise an error "TEXT, got VALUE".
   open: which of both is out itself. */
enum { NL_OPEN_LOW = 1, NL_OPEN_HIGH = 2 };
NL_API nl_value *nl_within (nl_ctx *C, nl_value *x, nl_value *of, double low,
                            double high, int open, const char *text);

/* ---- transforms ----
 * A host (or a binding) begins a trace, wraps inputs, runs its function, ends
 * the trace and asks for the outputs.  Traces nest.  On an error inside, the
 * host calls nl_trace_abort with the trace it began: every trace inside is
 * ended too and every storage gets its old value back.  A trace is
 * refcounted: end with nl_trace_release. */

NL_API nl_trace *nl_trace_current (nl_ctx *C); /* borrowed */
NL_API bool nl_trace_is_eval (nl_ctx *C);      /* no transform is active */
NL_API void nl_trace_abort (nl_ctx *C, nl_trace *T);
NL_API void nl_trace_release (nl_ctx *C, nl_trace *T);
/* The storages that T's function wrote get their new values at T's end, all or
   none.  After nl_trace_undoable, nl_trace_abort takes them back after the end
   as well (when a pullback fails, say), with what nl_trace_write wrote, until
   nl_trace_settle.  The old values are kept as long. */
NL_API void nl_trace_undoable (nl_trace *T);
NL_API nl_status nl_trace_write (nl_ctx *C, nl_trace *T, const nl_tensor *t,
                                 nl_value *v);
NL_API void nl_trace_settle (nl_ctx *C, nl_trace *T);
/* Has s, made outside T, another value since T began?  At T's end its parent
   gets it. */
NL_API bool nl_trace_wrote (const nl_trace *T, const nl_storage *s);
/* Counts reads of s: an argument that a function does not use while a closure
   reads its storage is a mistake.  Nests: nl_watch returns how often s was
   read before, and with that nl_unwatch says whether it was since. */
NL_API unsigned nl_watch (nl_storage *s);
NL_API bool nl_unwatch (nl_storage *s, unsigned before);
/* Inside a transform s stands for `outer`, the argument's storage. */
NL_API void nl_storage_stands_for (nl_storage *s, nl_storage *outer);
/* At its end: s may live on in a graph, which would hold the other. */
NL_API void nl_storage_stands_alone (nl_ctx *C, nl_storage *s);
/* The same of s and all that it stands for. */
NL_API unsigned nl_watch_outer (nl_storage *s);
NL_API bool nl_unwatch_outer (nl_storage *s, unsigned before);
/* A read that does not count: what was read is not used. */
NL_API void nl_unread (nl_storage *s);
/* Was it made inside the current transform, and ends with it? */
NL_API bool nl_storage_is_inner (const nl_ctx *C, const nl_storage *s);
/* Was it made inside a vmap, after which no jit began? */
NL_API bool nl_storage_is_mapped (const nl_ctx *C, const nl_storage *s);
/* Has s another value than v (a tracer that it was made with)? */
NL_API bool nl_storage_written (const nl_storage *s, const nl_value *v);
/* Where the transform was called, for messages: "vmap at train.lua:12". */
NL_API void nl_trace_where (nl_trace *T, const char *where);
/* Tells captures where the host's script stands ("train.lua:12"). */
NL_API void nl_set_where (nl_ctx *C,
                          void (*where) (void *ud, char *buf, size_t size),
                          void *ud);
/* Runs outside every transform until nl_outside_end; nests. */
NL_API nl_trace *nl_outside_begin (nl_ctx *C);
NL_API void nl_outside_end (nl_ctx *C, nl_trace *saved);

/* grad: reverse mode */
NL_API nl_trace *nl_grad_begin (nl_ctx *C);
NL_API nl_value *nl_grad_input (nl_ctx *C, nl_trace *T, nl_value *v);
NL_API nl_status nl_grad_end (nl_ctx *C, nl_trace *T);
/* After the end: v as the parent sees it. */
NL_API nl_value *nl_grad_primal (nl_ctx *C, nl_trace *T, nl_value *v);
/* Pulls cotangents ct[] (NULL: zero) of out[] back to in[] (tracers made by
   nl_grad_input): ct_in[i] is pool-owned, zeros where nothing flows.  keep:
   the pullback will run again. */
NL_API nl_status nl_grad_pull (nl_ctx *C, nl_trace *T, int nout,
                               nl_value *const *out, nl_value *const *ct,
                               int nin, nl_value *const *in, nl_value **ct_in,
                               bool keep);

/* jvp: forward mode */
NL_API nl_trace *nl_jvp_begin (nl_ctx *C);
NL_API nl_value *nl_jvp_input (nl_ctx *C, nl_trace *T, nl_value *primal,
                               nl_value *tangent);
NL_API nl_status nl_jvp_end (nl_ctx *C, nl_trace *T);
/* *tangent is NULL where it is zero. */
NL_API nl_status nl_jvp_output (nl_ctx *C, nl_trace *T, nl_value *v,
                                nl_value **primal, nl_value **tangent);

/* vmap: one axis of size n is hidden */
NL_API nl_trace *nl_vmap_begin (nl_ctx *C, int64_t n);
NL_API nl_value *nl_vmap_input (nl_ctx *C, nl_trace *T, nl_value *v,
                                int axis);
NL_API nl_status nl_vmap_end (nl_ctx *C, nl_trace *T);
/* Has v the axis, a value for each example? */
NL_API bool nl_vmap_mapped (const nl_trace *T, const nl_value *v);
/* v with the axis put back at `axis` (repeated where v has none). */
NL_API nl_value *nl_vmap_output (nl_ctx *C, nl_trace *T, nl_value *v,
                                 int axis);

/* capture: records a graph */
NL_API nl_trace *nl_capture_begin (nl_ctx *C);
NL_API nl_value *nl_capture_input (nl_ctx *C, nl_trace *T, const nl_value *v);
/* The graph will keep its equations as captured, for nl_graph_captured. */
NL_API void nl_capture_keep (nl_trace *T);
/* Ends the trace; the graph's outputs are out[], then what it wrote to
   outer storages; its inputs what nl_capture_input made, then the outer
   storages that it read.  Refcount 1; NULL on error (the trace is ended). */
NL_API nl_graph *nl_capture_end (nl_ctx *C, nl_trace *T, int nout,
                                 nl_value *const *out);
NL_API nl_graph *nl_graph_retain (nl_graph *g);
NL_API void nl_graph_release (nl_ctx *C, nl_graph *g);
/* After the one call of g in a capture: a graph that calls it gives it values,
   and a checkpoint need not hold the storages, whose tracers' tape may hold
   it. */
NL_API void nl_graph_called (nl_ctx *C, nl_graph *g);
NL_API int nl_graph_nout (const nl_graph *g); /* without the storages' */
/* Calls g: reads its storages, binds `call`, writes its storages. */
NL_API nl_status nl_graph_call (nl_ctx *C, nl_graph *g, int nin,
                                nl_value *const *in, nl_value **out);
/* A call that writes some of its results too: the last n of them to tensors of
   the caller's, together with the storages that the graph writes.  Outside
   transforms it is all or nothing: whatever fails or is interrupted, does so
   before the first write.  ready, or NULL: called before it with the results,
   may still fail. */
typedef struct nl_graph_writes {
  int n;
  nl_tensor *const *to; /* [n], no two on one storage */
  nl_status (*ready) (nl_ctx *C, void *ud, nl_value *const *out);
  void *ud;
  nl_storage *const *given; /* or NULL: of nl_graph_gives, the storage that each
                               input was read from; NULL there spares it */
} nl_graph_writes;
/* Says so once, before the first call: the last n results are new values of the
   inputs of[n], and written to tensors that these were read from.  Then, as
   with the graph's storages, they may take the old values' memory. */
NL_API nl_status nl_graph_replaces (nl_ctx *C, nl_graph *g, int n,
                                    const int *of);
/* Says so once, before the first call: the caller gives the inputs of[n] up, so
   that results may take their memory where `given` has the only reference to
   their storage and nobody else holds the value. */
NL_API nl_status nl_graph_gives (nl_ctx *C, nl_graph *g, int n,
                                 const int *of);
/* What was given up: a mark (released by nl_trace_release) that says where, and
   storages like s that hold nothing: reading one is an error that says so. */
NL_API nl_trace *nl_given_up (nl_ctx *C, const char *where);
NL_API nl_storage *nl_storage_given (nl_ctx *C, const nl_storage *s,
                                     nl_trace *mark);
NL_API nl_status nl_graph_step (nl_ctx *C, nl_graph *g, int nin,
                                nl_value *const *in, nl_value **out,
                                const nl_graph_writes *w);
/* NULL when equal, else a pool-owned message that says what differs. */
NL_API const char *nl_graph_diff (nl_ctx *C, const nl_graph *a,
                                  const nl_graph *b);
/* Does it read its input number i? */
NL_API bool nl_graph_uses (const nl_graph *g, int i);
NL_API int nl_graph_nstorage (const nl_graph *g);
NL_API nl_storage *nl_graph_storage (const nl_graph *g, int i, bool *read,
                                     bool *written);
/* Gives g (of n inputs, y outputs) rules of its own.  fwd: the same inputs ->
   y..., residuals...; pull: residuals..., cotangents of y... -> cotangents of
   the inputs; of[n] says which output of pull is each input's, -1 for none.
   What they read from outer storages becomes g's.  fwd and pull are used up
   (their references are taken). */
NL_API nl_status nl_graph_custom_vjp (nl_ctx *C, nl_graph *g, nl_graph *fwd,
                                      nl_graph *pull, const int *of);
/* rule: inputs..., tangents of the float inputs... -> y..., tangents of y...;
   its reference is taken. */
NL_API nl_status nl_graph_custom_jvp (nl_ctx *C, nl_graph *g, nl_graph *rule);
/* Gradients of g save its inputs alone and compute it again. */
NL_API void nl_graph_checkpoint (nl_graph *g);
/* Control flow as data.  Graphs take carries (and, for scan, elements of xs)
   and are used up.  What they read from outer storages are constants, what
   they write is carried along and written at the end.
   scan: body: carry[nk]..., x[nx]... -> carry..., y...; xs have a leading axis
   of size `length`; out[]: carries, then the ys stacked.  ny in *nout. */
NL_API nl_status nl_scan (nl_ctx *C, nl_graph *body, int64_t length,
                          bool reverse, int nk, nl_value *const *carry,
                          int nx, nl_value *const *xs, nl_value **out);
/* while: test: carry... -> one bool; body: carry... -> carry... */
NL_API nl_status nl_while (nl_ctx *C, nl_graph *test, nl_graph *body, int nk,
                           nl_value *const *carry, nl_value **out);
/* cond: pred a bool without dims; both branches: in... -> out... */
NL_API nl_status nl_cond (nl_ctx *C, nl_value *pred, nl_graph *yes,
                          nl_graph *no, int nin, nl_value *const *in,
                          nl_value **out);
/* Is a capture active?  Is a capture or a vmap (values without elements)? */
NL_API bool nl_capturing (const nl_ctx *C);
NL_API bool nl_abstract (const nl_ctx *C);
/* The graph as text, one equation a line; malloc'ed, free with nl_text_free. */
NL_API char *nl_graph_text (nl_ctx *C, const nl_graph *g);
/* The same as it was captured, before it was simplified, where its capture was
   told to keep that (nl_capture_keep). */
NL_API char *nl_graph_captured (nl_ctx *C, const nl_graph *g);
/* The same of how it is replayed, one unit a line: groups in braces, where
   each result stands (at a place in the arena, "new": returned, "own": where
   the primitive put it), then the arena's size.  Without a plan (not called
   yet, or compiling is off) a text that says so. */
NL_API char *nl_graph_plan_text (nl_ctx *C, const nl_graph *g);
NL_API void nl_text_free (nl_ctx *C, char *text);

/* ---- primitives ---- */

typedef struct nl_aval { /* what is known of an array without its elements */
  nl_dtype dtype;
  bool weak;
  int ndim;
  int64_t shape[NL_MAX_NDIM];
} nl_aval;

/* One application of a primitive: what every rule gets. */
typedef struct nl_eqn {
  const nl_prim *prim;
  int nin, nout;
  nl_value **in;    /* in a batch rule the batch axis comes first */
  nl_value **out;   /* in vjp and jvp rules; NULL unless saved */
  const bool *need; /* vjp: which inputs want a cotangent */
  int np;
  const int64_t *p; /* the static parameters */
  void *obj;        /* or an object (an nl_graph) */
} nl_eqn;

enum {
  NL_ELEMENTWISE = 1, /* all inputs and outputs of one shape */
  NL_SAVE_IN = 2,     /* the vjp rule reads e->in */
  NL_SAVE_OUT = 4,    /* the vjp rule reads e->out */
  NL_LINEAR = 8,      /* in all its inputs together */
  NL_RANDOM = 16,     /* offers itself to vmap */
  NL_COMMUTES = 32,   /* f(x, y) has the bits of f(y, x) */
  NL_NO_GRAD = 64,    /* its outputs are constant where differentiable */
  NL_BOOL_OUT = 128,  /* elementwise with bool results */
  NL_JVP_WHOLE = 256, /* the jvp rule computes e->out too */
  NL_MOVES = 512,     /* shares its input's elements; parameters of view */
  NL_CASTS = 1024,    /* changes the dtype alone */
  NL_NO_FOLD = 2048,  /* means something even on constants */
  NL_INTO = 4096,     /* eval fills e->out[i] where that is given (a dense
                         array of the right kind) */
  NL_SAME = 8192      /* eval gives its input back */
};

/* What a primitive's `partial` rule hands to the tape: the equation whose vjp
   rule pulls back, with its residuals as inputs. */
typedef struct nl_partial {
  const nl_prim *prim;
  int nsaved;
  nl_value **saved; /* nl__alloc'ed array of new references */
  void *obj;        /* a new reference to a graph, or NULL */
} nl_partial;

struct nl_prim {
  const char *name;
  int nin, nout;  /* nin -1: any number */
  unsigned flags;
  int map;        /* an elementwise kernel's id + 1, or 0 */
  /* Checks the inputs and describes the outputs. */
  nl_status (*shape) (nl_ctx *C, const nl_eqn *e, nl_aval *out);
  /* Computes e->out[] (new references) from concrete e->in[]. */
  nl_status (*eval) (nl_ctx *C, nl_eqn *e);
  /* ct[nout], NULL where zero -> ct_in[nin], NULL where zero. */
  nl_status (*vjp) (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                    nl_value **ct_in);
  /* t[nin], NULL where zero -> t_out[nout], NULL where zero. */
  nl_status (*jvp) (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                    nl_value **t_out);
  /* batched[nin] says which inputs have the axis (of size n, first); fills
     e->out[] and batched_out[]. */
  nl_status (*batch) (nl_ctx *C, nl_eqn *e, const bool *batched, int64_t n,
                      bool *batched_out);
  /* For grad, instead of bind and save: computes e->out[] under the parent
     trace and says how to pull back.  e->need says for which inputs. */
  nl_status (*partial) (nl_ctx *C, nl_eqn *e, nl_partial *pull);
  /* d out / d in[i] for elementwise primitives, used by the shared rules */
  nl_value *(*deriv[3]) (nl_ctx *C, const nl_eqn *e);
  /* how plans run a product of matrices; NULL for all but the library's */
  const struct nl_product *product;
  int reduce; /* a reduction kernel's id + 1, or 0; the first parameter is the
                 mask of the dims that it reduces */
};

/* Binds p to inputs under the current trace; fills out[prim->nout]. */
NL_API nl_status nl_bind (nl_ctx *C, const nl_prim *prim, int nin,
                          nl_value *const *in, int np, const int64_t *p,
                          void *obj, nl_value **out);
/* The same for one output. */
NL_API nl_value *nl_bind1 (nl_ctx *C, const nl_prim *prim, int nin,
                           nl_value *const *in, int np, const int64_t *p);
/* Shared rules. */
NL_API nl_status nl_shape_same (nl_ctx *C, const nl_eqn *e, nl_aval *out);
NL_API nl_status nl_vjp_elementwise (nl_ctx *C, const nl_eqn *e,
                                     nl_value *const *ct, nl_value **ct_in);
NL_API nl_status nl_jvp_elementwise (nl_ctx *C, const nl_eqn *e,
                                     nl_value *const *t, nl_value **t_out);
NL_API nl_status nl_batch_elementwise (nl_ctx *C, nl_eqn *e,
                                       const bool *batched, int64_t n,
                                       bool *batched_out);
NL_API nl_status nl_jvp_linear (nl_ctx *C, const nl_eqn *e,
                                nl_value *const *t, nl_value **t_out);
/* All primitives of the library, for tests and tools. */
NL_API int nl_prim_count (void);
NL_API const nl_prim *nl_prim_at (int i);
NL_API const nl_prim *nl_prim_find (const char *name);

/* ---- files ----
 * A reader allocates only after what a header promises was compared with the
 * bytes that are there.  Saving writes a temporary beside the target, then
 * fsync, rename and fsync of the folder: others see the old file or the new
 * one, whole.  Errors name the file, the operation and the system's text. */

typedef struct nl_io_stat {
  int64_t size;     /* bytes */
  uint32_t mode;    /* permission bits */
  bool regular;     /* a plain file */
  bool folder;
  bool writable;    /* by this process */
} nl_io_stat;

/* The operations on files: every access of the library goes through such a
   table, so that a host can redirect it and a test make each call fail.  A
   NULL member is the system's.  Each returns 0 or more, or -errno; counts may
   be short, and -EINTR is tried again.  read may be called by a thread of the
   loader's. */
typedef struct nl_io {
  void *ud;
  int (*open) (void *ud, const char *path, int flags, int mode);
  int64_t (*read) (void *ud, int fd, void *p, size_t n, int64_t offset);
  int64_t (*write) (void *ud, int fd, const void *p, size_t n);
  int (*fsync) (void *ud, int fd);
  int (*chmod) (void *ud, int fd, int mode);
  int (*close) (void *ud, int fd);
  int (*fstat) (void *ud, int fd, nl_io_stat *st);
  int (*stat) (void *ud, const char *path, nl_io_stat *st);
  int (*rename) (void *ud, const char *from, const char *to);
  int (*unlink) (void *ud, const char *path);
  /* the file's own path, symbolic links followed; size is buf's */
  int (*resolve) (void *ud, const char *path, char *buf, size_t size);
  /* calls each(arg, name) for every name in a folder */
  int (*list) (void *ud, const char *path,
               void (*each) (void *arg, const char *name), void *arg);
} nl_io;

/* The whole file as a uint8 value (n). */
NL_API nl_value *nl_file_read (nl_ctx *C, const char *path);
NL_API nl_status nl_file_write (nl_ctx *C, const char *path, const void *data,
                                size_t size);
/* Tells early whether a save could work: makes and removes a temporary. */
NL_API nl_status nl_file_writable (nl_ctx *C, const char *path);

/* IDX: all six types, 1 to 8 dimensions, plain or gzip (by its magic). */
NL_API nl_value *nl_idx_read (nl_ctx *C, const char *path);
/* uint8 int8 int16 int32 float32 float64; gzip when path ends in ".gz". */
NL_API nl_status nl_idx_write (nl_ctx *C, const char *path, nl_value *v);

/* The same in steps, for reading in another thread: open checks the header
   and allocates, decode does the work and touches no context (false: a
   message in err; it may run in any thread, one at a time), value hands out
   the array after it (pool-owned).  cancel makes decode return early. */
typedef struct nl_idx nl_idx;
NL_API nl_idx *nl_idx_open (nl_ctx *C, const char *path);
NL_API void nl_idx_info (const nl_idx *f, nl_dtype *d, int *ndim,
                         int64_t shape[NL_MAX_DIM]);
NL_API bool nl_idx_decode (nl_idx *f, char *err, size_t nerr);
NL_API void nl_idx_cancel (nl_idx *f);
NL_API nl_value *nl_idx_value (nl_ctx *C, nl_idx *f);
NL_API void nl_idx_close (nl_ctx *C, nl_idx *f); /* NULL is fine */

/* NumPy's .npy, versions 1 to 3, both orders and byte orders.  float16 comes
   as float32, uint16 and uint32 as the next wider integer; objects,
   structures, strings and complex numbers are refused. */
NL_API nl_value *nl_npy_read (nl_ctx *C, const char *path);
NL_API nl_status nl_npy_write (nl_ctx *C, const char *path, nl_value *v);

/* safetensors: open checks all of the header, read makes one array (F16, BF16
   come as float32, U16 and U32 as the next wider integer).  Names and metadata
   are UTF-8, not terminated; they live until close. */
typedef struct nl_safetensors nl_safetensors;
NL_API nl_safetensors *nl_safetensors_open (nl_ctx *C, const char *path);
NL_API int nl_safetensors_count (const nl_safetensors *s);
NL_API const char *nl_safetensors_name (const nl_safetensors *s, int i,
                                        size_t *len);
NL_API nl_value *nl_safetensors_read (nl_ctx *C, nl_safetensors *s, int i);
NL_API int nl_safetensors_metas (const nl_safetensors *s);
NL_API const char *nl_safetensors_meta (const nl_safetensors *s, int i,
                                        size_t *len, const char **value,
                                        size_t *value_len);
NL_API void nl_safetensors_close (nl_ctx *C, nl_safetensors *s);

typedef struct nl_named { /* one array of a file, or one entry of metadata */
  const char *name;
  size_t name_len;
  nl_value *value;  /* an array's */
  const char *text; /* metadata's */
  size_t text_len;
} nl_named;

/* Byte for byte as the reference writer: header padded with spaces to 8
   bytes, arrays by dtype (I64 F64 F32 I32 I16 I8 U8 BOOL), then by name; the
   entries of metadata sorted by name. */
NL_API nl_status nl_safetensors_save (nl_ctx *C, const char *path, int n,
                                      const nl_named *arrays, int nmeta,
                                      const nl_named *meta);

/* ---- loader ----
 * Batches of the rows of arrays, assembled ahead by worker threads.  What
 * comes is a pure function of the rows, seed, epoch, batch and last: the same
 * for any number of workers. */

#define NL_LOADER_FIELDS 8

typedef enum nl_last { NL_LAST_KEEP, NL_LAST_DROP, NL_LAST_WRAP } nl_last;

typedef struct nl_loader_field {
  nl_value *rows; /* (N, ...), concrete; the loader keeps it as it is now */
  bool normalize; /* to float32: (x - mean) / std, a uint8 as x / 255 */
  double mean, std;
  bool reshape;   /* each item is handed out with these sizes */
  int ndim;
  int64_t shape[NL_MAX_DIM];
} nl_loader_field;

typedef struct nl_loader_job { /* one batch under construction */
  int64_t epoch, batch;        /* 0-based batch */
  int64_t rows;                /* how many items */
  const int64_t *index;        /* their rows in the arrays (0-based) */
  void *const *data;           /* of each field, rows items */
  int worker;                  /* which thread; 0 when there are none */
} nl_loader_job;

typedef struct nl_loader_config {
  size_t struct_size;
  int nfield;
  const nl_loader_field *field;
  const int64_t *subset; /* rows to use (0-based, copied); NULL: all */
  int64_t nsubset;
  int64_t batch;  /* items in a batch */
  int workers;    /* 0: batches are assembled by nl_loader_next itself */
  int prefetch;   /* finished batches that may wait, 1 to 1024 */
  nl_last last;   /* the tail that fills no batch: keep it, drop it, or fill
                     it up with the epoch's first rows */
  bool shuffle;   /* a permutation of (seed, epoch) */
  uint64_t seed;
  /* Runs in the worker after a batch was gathered and may change its data.
     Not 0: the batch fails with the message in err. */
  int (*map) (void *ud, const nl_loader_job *job, char *err, size_t nerr);
  void *map_ud;
} nl_loader_config;

typedef struct nl_loader_info {
  int64_t epoch, batch; /* 0-based batch */
  int64_t rows;         /* 0: the epoch is over, no arrays */
  bool ready;           /* it was finished before it was asked for */
  double wait;          /* seconds */
} nl_loader_info;

typedef struct nl_loader_stats {
  int64_t batches;  /* handed out */
  int64_t ready;    /* of these: finished before they were asked for */
  double wait_time; /* seconds the caller waited */
  double work_time; /* seconds of assembling, all workers together */
  double overlap_time; /* of these: while the caller was not waiting */
  int workers;      /* threads that run */
} nl_loader_stats;

typedef struct nl_loader nl_loader;
NL_API nl_loader *nl_loader_new (nl_ctx *C, const nl_loader_config *cfg);
/* Batches of one epoch. */
NL_API int64_t nl_loader_batches (const nl_loader *ld);
/* Begins an epoch at a batch (0-based), ending the one under way. */
NL_API nl_status nl_loader_epoch (nl_ctx *C, nl_loader *ld, int64_t epoch,
                                  int64_t batch);
/* The next batch: out[nfield], which the caller releases.  Errors come at
   their place in the sequence and close the loader; NL_INTERRUPTED and
   NL_NOMEM don't, the call may be repeated. */
NL_API nl_status nl_loader_next (nl_ctx *C, nl_loader *ld, nl_value **out,
                                 nl_loader_info *info);
/* Ends the epoch under way and forgets the batches that wait. */
NL_API void nl_loader_stop (nl_ctx *C, nl_loader *ld);
/* Joins the workers and releases all arrays; may be repeated. */
NL_API void nl_loader_close (nl_ctx *C, nl_loader *ld);
NL_API void nl_loader_free (nl_ctx *C, nl_loader *ld); /* NULL is fine */
NL_API void nl_loader_get_stats (nl_loader *ld, nl_loader_stats *s);
/* A hash of the arrays' shapes and dtypes and of rows spread over them. */
NL_API uint64_t nl_loader_fingerprint (const nl_loader *ld);

/* The permutation of 0..n-1 that belongs to (seed, epoch). */
NL_API void nl_permutation (uint64_t seed, int64_t epoch, int64_t n,
                            int64_t *out);

/* Mean and standard deviation of all elements of a uint8 array, taken as
   x / 255, from exact sums (divided by n, not n - 1). */
NL_API nl_status nl_u8_moments (nl_ctx *C, nl_value *v, double *mean,
                                double *std);

/* An IDX file that a thread reads and unpacks meanwhile; start checks the
   header.  value waits for the end (borrowed: lives until free). */
typedef struct nl_decode nl_decode;
NL_API nl_decode *nl_decode_start (nl_ctx *C, const char *path);
NL_API void nl_decode_info (const nl_decode *d, nl_dtype *dtype, int *ndim,
                            int64_t shape[NL_MAX_DIM]);
NL_API bool nl_decode_ready (nl_decode *d);
NL_API nl_value *nl_decode_value (nl_ctx *C, nl_decode *d);
NL_API void nl_decode_free (nl_ctx *C, nl_decode *d); /* cancels, joins */

#ifdef __cplusplus
}
#endif

#endif
