/* A product, block by block. */
#ifndef BLOCK_H
#define BLOCK_H
#include "product.h"
#include "strassen.h"

/* Depth of a slice; tiles of a block that packs its rows and combines panels for them, if slices are deep, and at most, and of one that
 * only packs rows. From so many tiles on it pays to combine panels for them. Panels whose sums wait in L2. Numbers of tiles that are
 * kept while panels come by. */
enum { DEPTH = SLICE, MOST_TILES = 12, ALL_TILES = 24, FEW_TILES = 4, ENOUGH = 6, MOST_PANELS = 16, MOST_LEFT = (4 << 20) / sizeof(REAL) };

typedef struct plan {
    const product *job;
    ptrdiff_t height, higher;               /* rows of a tile; so many, the first, have one more */
    int in_pairs, by_four;                  /* pairs of tiles; that take seven multiplications for eight, where a slice can be halved */
    int whole;                              /* a block's tiles are kept, of all their depth, for the next panels */
    int workers;
    ptrdiff_t all_tiles;
    ptrdiff_t tiles, panels;                /* a block's, at most */
    ptrdiff_t row_blocks, panel_blocks;
    ptrdiff_t *next;                        /* of each block of rows: its block of panels to be taken */
    ptrdiff_t sums, room;                   /* elements of scratch for one worker: for sums, and in all */
    REAL *scratch;
} plan;

static inline ptrdiff_t pairs_of(ptrdiff_t tiles) { return parts_of(tiles, 2); }

static inline ptrdiff_t slice_at(const plan *work, ptrdiff_t k) { return at_most(work->job->depth - k, DEPTH); }

static inline int is_one_slice(const plan *work) { return slice_at(work, 0) == work->job->depth; }

/* Tiles of a block that packs its rows and combines panels for them: what fits L2, with what is combined. */
static inline ptrdiff_t most_tiles(ptrdiff_t depth)
{
    return depth < DEPTH ? at_most(MOST_TILES * DEPTH / (depth + 1), ALL_TILES) / 2 * 2 : MOST_TILES;
}

/* Whether a slice of this depth takes seven multiplications for eight: where panels are combined here, all of it but an odd step. */
static inline int by_four(const plan *work, ptrdiff_t depth)
{
    return work->by_four && can_halve(work->job->combined ? depth : depth / 2 * 2);
}

/* Tiles of a slice that lie side by side, and what is combined of each pair. */
typedef struct {
    REAL *tiles, *sides;
} left_slice;

/* Numbers of so many tiles of a slice, with what is combined of them. */
static inline ptrdiff_t left_size(ptrdiff_t tiles, ptrdiff_t depth) { return tiles * TILE * depth + tiles / 2 * COMBINED * TILE * (depth / 2); }

#define multiply_block FOR_THIS_SET(multiply_block)
/* A block of the output: of rows number `rows`, of panels number `panels`. `packed`: its rows are in the scratch from the last one. */
void multiply_block(const plan *work, ptrdiff_t rows, ptrdiff_t panels, int packed, REAL *scratch);
#endif
