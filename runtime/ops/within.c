/* within.c: an array as it is, once another is found to be within bounds.
 *
 *   within(x, of)     x; an error where an element of `of` is not between low
 *                     and high, or NaN
 *
 * Under transforms nobody can read an array to check it; this primitive does,
 * when its equation runs.  It is no elementwise one, so a plan runs it before
 * whatever reads x.  Parameters: low and high (the bits of doubles), which of
 * both is out itself, then the error's text, 8 characters each. */
#include "core/core.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/kernels.h"
#include "ops/ops.h"

enum { LOW, HIGH, OPEN, TEXT, MOST = 48 };

static double number_of (int64_t bits) {
  double v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

nl_value *nl_within (nl_ctx *C, nl_value *x, nl_value *of, double low,
                     double high, int open, const char *text) {
  int64_t p[TEXT + MOST] = {0};
  nl_value *in[2] = {x, of};
  size_t length = strlen(text), most = MOST * sizeof *p - 1;
  if (x == NULL || of == NULL) return NULL;
  if (length > most) length = most;
  memcpy(&p[LOW], &low, sizeof low);
  memcpy(&p[HIGH], &high, sizeof high);
  p[OPEN] = open;
  memcpy(&p[TEXT], text, length);
  return nl_bind1(C, &nl_prim_within, 2, in,
                  TEXT + 1 + (int)(length / sizeof *p), p);
}

static nl_status within_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out) {
  (void)C;
  nl__aval(e->in[0], out);
  return NL_OK;
}

static bool is_within (const nl_eqn *e, double v) {
  double low = number_of(e->p[LOW]), high = number_of(e->p[HIGH]);
  return (e->p[OPEN] & NL_OPEN_LOW ? v > low : v >= low) &&
         (e->p[OPEN] & NL_OPEN_HIGH ? v < high : v <= high);
}

static nl_status refuse (nl_ctx *C, const nl_eqn *e, double v) {
  char text[(MOST + 1) * sizeof(int64_t)] = {0}, number[32] = "NaN";
  memcpy(text, &e->p[TEXT], (size_t)(e->np - TEXT) * sizeof *e->p);
  if (!isnan(v)) snprintf(number, sizeof number, "%.6g", v);
  return nl_error(C, NL_ERROR, "%s, got %s", text, number);
}

static nl_status within_eval (nl_ctx *C, nl_eqn *e) {
  enum { CHUNK = 256 };
  double chunk[CHUNK];
  const nl_value *of = nl__dense(C, e->in[1]);
  if (of == NULL) return C->status;
  size_t elem = nl_dtype_size((nl_dtype)of->dtype);
  for (int64_t at = 0; at < of->numel; at += CHUNK) {
    int64_t n = of->numel - at < CHUNK ? of->numel - at : CHUNK;
    const void *from = nl__bytes_at(of) + (size_t)at * elem;
    const double *v = (const double *)from;
    if (of->dtype != NL_F64) {
      C->k->cast[of->dtype][NL_F64](n, from, chunk);
      v = chunk;
    }
    for (int64_t i = 0; i < n; i++)
      if (!is_within(e, v[i])) return refuse(C, e, v[i]);
  }
  e->out[0] = nl_retain(e->in[0]);
  return NL_OK;
}

static nl_status within_vjp (nl_ctx *C, const nl_eqn *e, nl_value *const *ct,
                             nl_value **ct_in) {
  (void)C;
  (void)e;
  ct_in[0] = ct[0];
  return NL_OK;
}

static nl_status within_jvp (nl_ctx *C, const nl_eqn *e, nl_value *const *t,
                             nl_value **t_out) {
  (void)C;
  (void)e;
  t_out[0] = t[0];
  return NL_OK;
}

/* Every example's elements have the same bounds. */
static nl_status within_batch (nl_ctx *C, nl_eqn *e, const bool *batched,
                               int64_t n, bool *batched_out) {
  (void)n;
  e->out[0] = nl_bind1(C, e->prim, 2, e->in, e->np, e->p);
  batched_out[0] = batched[0];
  return e->out[0] == NULL ? C->status : NL_OK;
}

const nl_prim nl_prim_within = {
    .name = "within", .nin = 2, .nout = 1, .flags = NL_NO_FOLD,
    .shape = within_shape, .eval = within_eval, .vjp = within_vjp,
    .jvp = within_jvp, .batch = within_batch};
