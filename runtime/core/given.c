/* given.c: what is left of a tensor that was given up (jit's donate): a storage
 * of its size and dtype whose value is a tracer of a trace that never was. */
#include "core/core.h"

#include <string.h>

static nl_value *given (nl_ctx *C, nl_trace *T, nl_value *v) {
  (void)v;
  nl_error(C, NL_ERROR,
           "donated tensor: it was given up to the function jitted with "
           "{donate = ...}%s%s, whose results may stand in its memory; use "
           "the results, or leave the argument out of donate",
           T->where[0] ? " at " : "", T->where);
  return NULL;
}

static const nl_trace_kind given_kind = {"jit", NULL, given, NULL, NULL,
                                         sizeof(nl_trace)};

nl_trace *nl_given_up (nl_ctx *C, const char *where) {
  nl_trace *T = (nl_trace *)nl__small_alloc(C, sizeof *T);
  if (T == NULL) return NULL;
  memset(T, 0, sizeof *T);
  T->kind = &given_kind;
  T->refs = 1;
  nl_trace_where(T, where);
  return T;
}

nl_storage *nl_storage_given (nl_ctx *C, const nl_storage *s,
                              nl_trace *mark) {
  size_t pool = nl_pool_mark(C);
  nl_value *v = nl__tracer(C, mark, s->dtype, s->weak, 1, &s->numel);
  nl_storage *r = v == NULL ? NULL
                            : (nl_storage *)nl__small_alloc(C, sizeof *r);
  if (r != NULL)
    *r = (nl_storage){.refs = 1, .dtype = s->dtype, .weak = s->weak,
                      .numel = s->numel, .value = nl_retain(v)};
  nl_pool_release(C, pool);
  return r;
}
