/* index.h: what files that are built on gather and scatter share. */
#ifndef NL_OPS_INDEX_H
#define NL_OPS_INDEX_H

#include "core/core.h"

/* whose name an error of an index carries */
enum {
  NL_WHO_GATHER, NL_WHO_SCATTER, NL_WHO_SCATTER_ADD, NL_WHO_INDEX,
  NL_WHO_INDEX_ADD, NL_WHO_INDEX_COPY, NL_WHO_INDEX_FILL, NL_WHO_ONEHOT,
  NL_WHO_MASKED_SELECT, NL_WHO_MASKED_COPY
};

/* A gather or scatter of whole rows: idx is 1-D. */
nl_value *nl__rows (nl_ctx *C, const nl_prim *prim, int who, nl_value *x,
                    int dim, nl_value *idx, nl_value *src);

#endif
