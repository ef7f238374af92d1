/* A product, block by block. */
#ifndef BLOCK_H
#define BLOCK_H
#include "product.h"
#include "strassen.h"

/* Depth of a slice; tiles of a block: that packs its rows and combines panels for them, that only packs rows, that finds all packed.
 * From so many tiles on it pays to combine panels for them. Panels whose sums wait in L2. */
enum { DEPTH = SLICE, MOST_TILES = 12, FEW_TILES = 4, ALL_TILES = 64, ENOUGH = 6, MOST_PANELS = 16, MOST_LEFT = (10 << 20) / sizeof(REAL) };

typedef struct plan {
    const product *job;
    const struct plan *also;                /* whose tiles, all packed, meet the same panels */
    ptrdiff_t also_sums;                    /* where its sums begin */
    ptrdiff_t height, higher;               /* rows of a tile; so many, the first, have one more */
    int in_pairs;
    ptrdiff_t all_tiles;
    ptrdiff_t tiles, panels;                /* a block's */
    ptrdiff_t row_blocks, panel_blocks;
    ptrdiff_t next;                         /* block to be taken */
    ptrdiff_t sums, room;                   /* elements of scratch for one worker: for sums, and in all */
    REAL *scratch;
    ptrdiff_t left_room;                    /* elements of scratch for all tiles, where they are packed before the blocks */
    REAL *left;                             /* that, or NULL */
} plan;

/* How deep the slice from k on is: where panels are combined here, so that it can be halved; what is left over is another slice. */
static inline ptrdiff_t slice_at(const plan *work, ptrdiff_t k)
{
    ptrdiff_t depth = at_most(work->job->depth - k, DEPTH), even = depth / 16 * 16;
    return work->in_pairs && !work->job->combined && can_halve(even) ? even : depth;
}

static inline int is_one_slice(const plan *work) { return slice_at(work, 0) == work->job->depth; }

/* Whether a slice of this depth takes seven multiplications for eight. */
static inline int by_four(const plan *work, ptrdiff_t depth)
{
    return work->in_pairs && can_halve(depth) && (work->job->combined || work->tiles >= ENOUGH);
}

/* Tiles of a slice that lie side by side, and what is combined of each pair. */
typedef struct {
    REAL *tiles, *sides;
} left_slice;

/* Numbers of so many tiles, of all their depth, with what is combined of them. */
static inline ptrdiff_t left_size(ptrdiff_t tiles, ptrdiff_t depth) { return tiles * TILE * depth + tiles / 2 * COMBINED * TILE * (depth / 2); }

#define pack_slice FOR_THIS_SET(pack_slice)
/* Tiles first ... first + count - 1, of the slice from k on. */
void pack_slice(const plan *work, ptrdiff_t first, ptrdiff_t count, ptrdiff_t k, ptrdiff_t depth, left_slice to);

#define left_at FOR_THIS_SET(left_at)
/* Where tiles from `tile` on lie in work->left. */
left_slice left_at(const plan *work, ptrdiff_t tile, ptrdiff_t k, ptrdiff_t depth);

#define multiply_block FOR_THIS_SET(multiply_block)
/* All of block number `block` of the output. */
void multiply_block(const plan *work, ptrdiff_t block, REAL *scratch);
#endif
