/* A product, block by block. */
#ifndef BLOCK_H
#define BLOCK_H
#include "product.h"
#include "strassen.h"

/* Depth of a slice; tiles of a block, and how many are enough for panels to be combined for it; panels whose sums wait in L2. */
enum { DEPTH = SLICE, MOST_TILES = 12, ENOUGH = 6, MOST_PANELS = 16 };

typedef struct {
    const product *job;
    ptrdiff_t height, higher;               /* rows of a tile; so many, the first, have one more */
    int in_pairs;
    ptrdiff_t tiles, panels;                /* a block's */
    ptrdiff_t row_blocks, panel_blocks;
    ptrdiff_t next;                         /* block to be taken */
    ptrdiff_t sums, room;                   /* elements of scratch for one worker: for sums, and in all */
    REAL *scratch;
} plan;

/* How deep the slice from k on is: where panels are combined here, so that it can be halved; what is left over is another slice. */
static inline ptrdiff_t slice_at(const plan *work, ptrdiff_t k)
{
    ptrdiff_t depth = at_most(work->job->depth - k, DEPTH), even = depth / 32 * 32;
    return work->in_pairs && !work->job->combined && can_halve(even) ? even : depth;
}

static inline int is_one_slice(const plan *work) { return slice_at(work, 0) == work->job->depth; }

#define multiply_block FOR_THIS_SET(multiply_block)
/* All of block number `block` of the output. */
void multiply_block(const plan *work, ptrdiff_t block, REAL *scratch);
#endif
