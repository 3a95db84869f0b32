/* faults.h: an allocator that fails at a call, at it and all after it, or
 * interrupts there, and counts what lives. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stdlib.h>

#include "nnlua.h"

enum { FAIL_ONCE, FAIL_EVER, INTERRUPT };

typedef struct fault {
  long live, calls, at; /* at: this call, 0: none */
  int kind;
  bool hit;
  nl_ctx *C;
} fault;

static void *fault_alloc (void *ud, size_t size) {
  fault *f = (fault *)ud;
  f->calls++;
  if (f->at != 0 && (f->calls == f->at ||
                     (f->kind == FAIL_EVER && f->calls > f->at))) {
    f->hit = true;
    if (f->kind != INTERRUPT) return NULL;
    nl_interrupt(f->C);
  }
  void *p = aligned_alloc(64, (size + 63) & ~(size_t)63);
  if (p != NULL) f->live++;
  return p;
}

static void fault_free (void *ud, void *p, size_t size) {
  (void)size;
  ((fault *)ud)->live--;
  free(p);
}

#endif
