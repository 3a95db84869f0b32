/* ops.h: what the families of operations share among themselves. */
#ifndef NL_OPS_H
#define NL_OPS_H

#include "core/core.h"

/* every primitive is an object of this name; prims.c lists them */
extern const nl_prim nl_prim_add, nl_prim_sub, nl_prim_neg, nl_prim_where,
    nl_prim_mul, nl_prim_div, nl_prim_pow, nl_prim_atan2, nl_prim_hypot,
    nl_prim_logaddexp, nl_prim_max2, nl_prim_min2, nl_prim_remainder,
    nl_prim_fmod, nl_prim_frac, nl_prim_abs, nl_prim_square, nl_prim_log,
    nl_prim_log2, nl_prim_log10, nl_prim_log1p, nl_prim_sin, nl_prim_cos,
    nl_prim_asin, nl_prim_acos, nl_prim_atan, nl_prim_sinh, nl_prim_cosh,
    nl_prim_asinh, nl_prim_acosh, nl_prim_atanh, nl_prim_softplus,
    nl_prim_relu, nl_prim_erf, nl_prim_erfc, nl_prim_lgamma, nl_prim_digamma,
    nl_prim_trigamma, nl_prim_recip, nl_prim_sqrt, nl_prim_exp, nl_prim_exp2,
    nl_prim_expm1, nl_prim_tan, nl_prim_tanh, nl_prim_sigmoid, nl_prim_erfinv,
    nl_prim_rsqrt, nl_prim_cbrt, nl_prim_idiv, nl_prim_sign, nl_prim_floor,
    nl_prim_ceil, nl_prim_round, nl_prim_trunc, nl_prim_lt, nl_prim_le,
    nl_prim_gt, nl_prim_ge, nl_prim_eq, nl_prim_ne, nl_prim_isnan,
    nl_prim_isinf, nl_prim_isfinite, nl_prim_and, nl_prim_or, nl_prim_xor,
    nl_prim_not, nl_prim_shl, nl_prim_shr,
    nl_prim_gamma, nl_prim_sinc, nl_prim_rint;
extern const nl_prim nl_prim_cast, nl_prim_stop_gradient, nl_prim_view,
    nl_prim_view_update, nl_prim_unview, nl_prim_concat, nl_prim_sum,
    nl_prim_prod, nl_prim_max, nl_prim_min, nl_prim_all, nl_prim_any,
    nl_prim_argmax, nl_prim_argmin, nl_prim_matmul, nl_prim_random,
    nl_prim_within;

extern const nl_prim nl_prim_gather, nl_prim_scatter, nl_prim_scatter_add,
    nl_prim_argsort, nl_prim_argmode, nl_prim_cumsum, nl_prim_recurrence,
    nl_prim_softmax, nl_prim_log_softmax, nl_prim_logsumexp, nl_prim_solve,
    nl_prim_det, nl_prim_cholesky, nl_prim_eigh, nl_prim_svd, nl_prim_qr;

extern const nl_prim nl_prim_kaf, nl_prim_kaf_alpha, nl_prim_kaf_back,
    nl_prim_states, nl_prim_density, nl_prim_lagrangian,
    nl_prim_lagrangian_both, nl_prim_lagrangian_all;

extern const nl_prim nl_prim_scan, nl_prim_while, nl_prim_cond;

/* Broadcasts two values together; NULL and an error naming both shapes. */
nl_value *nl__broadcast_pair (nl_ctx *C, const char *what, nl_value **x,
                              nl_value **y);
/* The second derivative of digamma, of primitives. */
nl_value *nl__tetragamma (nl_ctx *C, nl_value *x);
/* For each element the product of the others along dim (scan.c). */
nl_value *nl__prod_others (nl_ctx *C, nl_value *x, int dim);

#endif
