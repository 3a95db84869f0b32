/* control.h: shared by the files of control flow.
 *
 * A loop or branch is one primitive whose object is a shell: a graph without
 * equations that describes the outputs and holds the bodies in sub[]. */
#ifndef NL_CONTROL_H
#define NL_CONTROL_H

#include "core/core.h"

/* meta[] of a scan's shell */
enum { SCAN_LENGTH, SCAN_NC, SCAN_NK, SCAN_NX, SCAN_REVERSE };

/* A shell with outputs like a[nout]; takes the bodies' references. */
nl_graph *nl__shell (nl_ctx *C, int nout, const nl_aval *a, nl_graph *sub0,
                     nl_graph *sub1);
void nl__out_aval (const nl_graph *g, int i, nl_aval *a);
nl_status nl__shell_shape (nl_ctx *C, const nl_eqn *e, nl_aval *out);
/* The shell of a scan of body; takes its reference. */
nl_graph *nl__scan_shell (nl_ctx *C, nl_graph *body, int64_t length,
                          bool reverse, int nc, int nk, int nx);
/* a with a leading axis of size n */
bool nl__with_axis (nl_ctx *C, nl_aval *a, int64_t n);
/* The carries that go into the body must come out alike. */
nl_status nl__carry_alike (nl_ctx *C, const char *what, const nl_graph *body,
                           int nk, nl_value *const *carry);

#endif
