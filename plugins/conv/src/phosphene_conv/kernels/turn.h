/* All patches of a few points, turned: each point's values under (channel, tap) in a row of their own. */
#ifndef TURN_H
#define TURN_H
#include "product.h"

typedef struct {
    REAL *values;               /* [point, up to a whole panel][row], zero from depth on for a vector; NULL: no memory */
    ptrdiff_t points, depth, row;
} turned;

#define turn_patches FOR_THIS_SET(turn_patches)
turned turn_patches(const product *job);        /* leave(values) when done */
#endif
