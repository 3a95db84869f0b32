/* check.h: what the C tests share.  CHECK counts, and prints one line when it
 * fails; a test's main ends with `return check_done();`. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int check_passed, check_failed;

#define CHECK(cond, ...)                                                      \
  ((cond) ? (void)check_passed++                                              \
          : (void)(check_failed++,                                            \
                   printf("%s:%d: %s: ", __FILE__, __LINE__, #cond),          \
                   printf(__VA_ARGS__), printf("\n")))

static inline int check_done (void) {
  printf("%d passed, %d failed\n", check_passed, check_failed);
  return check_failed != 0;
}

#endif
