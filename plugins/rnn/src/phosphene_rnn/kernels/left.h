/* A product's left side, however it lies, in tiles. */
#ifndef LEFT_H
#define LEFT_H
#include "kernels.h"
#include "tile.h"

/* The place of the panel's row. Panels are counted block by block, in each part by part. */
static inline REAL *at(const grid *g, ptrdiff_t row, ptrdiff_t panel, ptrdiff_t parts)
{
    return (REAL *)g->data + (g->places ? g->places[row] : row) * g->row + panel / parts * g->block + panel % parts * g->part;
}

#define pack_left FOR_THIS_SET(pack_left)
/* Tiles, the t-th of rows starts[t] to starts[t + 1], of their numbers from `start` on, `depth` of them. What a tile lacks in rows
 * is zero, or other rows. */
void pack_left(const product *job, const ptrdiff_t *starts, ptrdiff_t tiles, ptrdiff_t start, ptrdiff_t depth, REAL *to);
#endif
