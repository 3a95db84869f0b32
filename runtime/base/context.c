/* context.c: the context's life, errors, interruption and settings. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/kernels.h"

#ifndef NNLUA_VERSION
#define NNLUA_VERSION "0.1.0"
#endif

const char *nl_version (void) { return NNLUA_VERSION; }

bool nl__core_init (nl_ctx *C); /* core/storage.c, core/trace.c */
void nl__core_close (nl_ctx *C);

static int cores (void) {
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > 64 ? 64 : (int)n;
}

nl_ctx *nl_ctx_new (const nl_config *cfg) {
  nl_config c;
  memset(&c, 0, sizeof c);
  if (cfg != NULL) {
    size_t size = cfg->struct_size;
    memcpy(&c, cfg, size == 0 || size > sizeof c ? sizeof c : size);
  }
  nl_ctx *C = (nl_ctx *)calloc(1, sizeof *C);
  if (C == NULL) return NULL;
  C->cfg = c;
  C->fp_saved = nl__fp_enter();
  C->default_dtype = NL_F32;
  C->nthreads = c.threads > 0 ? (c.threads > 64 ? 64 : c.threads) : cores();
  C->k = nl__kernels_pick(c.cpu);
  if (C->k == NULL) C->k = nl__kernels_pick(NULL);
  C->simplify = c.compile == NULL || strcmp(c.compile, "none") != 0;
  C->fuse = C->simplify && (c.compile == NULL ||
                            strcmp(c.compile, "simplify") != 0);
  C->gemm_openblas = c.gemm != NULL && strcmp(c.gemm, "openblas") == 0;
  if (!nl__memory_init(C) || !nl__core_init(C)) {
    nl_ctx_free(C);
    return NULL;
  }
  nl_error_clear(C);
  return C;
}

void nl_ctx_free (nl_ctx *C) {
  if (C == NULL) return;
  nl__core_close(C);
  nl__pool_free(C->threads);
  if (C->cache != NULL) nl__memory_close(C);
  nl__fp_leave(C->fp_saved);
  free(C);
}

nl_status nl_error (nl_ctx *C, nl_status status, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(C->errmsg, sizeof C->errmsg, fmt, ap);
  va_end(ap);
  C->status = status == NL_OK ? NL_ERROR : status;
  return C->status;
}

void nl_error_clear (nl_ctx *C) {
  C->status = NL_OK;
  C->errmsg[0] = 0;
}

const char *nl_errmsg (const nl_ctx *C) { return C->errmsg; }
nl_status nl_errstatus (const nl_ctx *C) { return C->status; }
bool nl_failed (const nl_ctx *C) { return C->status != NL_OK; }

void nl_say (const nl_ctx *C, const char *line) {
  if (C->cfg.log != NULL) C->cfg.log(C->cfg.log_ud, line);
}

void nl_interrupt (nl_ctx *C) { atomic_store(&C->interrupted, 1); }
bool nl_interrupted (nl_ctx *C) {
  return atomic_load_explicit(&C->interrupted, memory_order_relaxed) != 0;
}
void nl_interrupt_clear (nl_ctx *C) { atomic_store(&C->interrupted, 0); }

nl_status nl_set_threads (nl_ctx *C, int n) {
  if (n < 1 || n > 64)
    return nl_error(C, NL_ERROR, "setnumthreads: 1 to 64 threads, got %d", n);
  C->nthreads = n;
  return NL_OK;
}

int nl_threads (const nl_ctx *C) { return C->nthreads; }
const char *nl_cpu_kernels (const nl_ctx *C) { return C->k->isa; }
const char *nl_gemm (const nl_ctx *C) {
  return C->gemm_openblas ? "openblas" : "own";
}

nl_status nl_set_gemm (nl_ctx *C, const char *name) {
  bool blas = strcmp(name, "openblas") == 0;
  if (!blas && strcmp(name, "own") != 0)
    return nl_error(C, NL_ERROR,
                    "gemm: \"own\" or \"openblas\" expected, got \"%s\"",
                    name);
  C->gemm_openblas = blas;
  return NL_OK;
}

nl_dtype nl_default_dtype (const nl_ctx *C) { return C->default_dtype; }

nl_status nl_set_default_dtype (nl_ctx *C, nl_dtype d) {
  if (!nl_dtype_is_float(d))
    return nl_error(C, NL_ERROR,
                    "the default dtype must be float32 or float64, got %s",
                    nl_dtype_name(d));
  C->default_dtype = d;
  return NL_OK;
}
