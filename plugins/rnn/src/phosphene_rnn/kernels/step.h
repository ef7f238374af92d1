/* A step, tile by tile. */
#ifndef STEP_H
#define STEP_H
#include "kernels.h"
#include "strassen.h"

#define do_tile FOR_THIS_SET(do_tile)
#define do_group FOR_THIS_SET(do_group)
#define groups_of FOR_THIS_SET(groups_of)
#define combine_operands FOR_THIS_SET(combine_operands)

/* All of a step for its tile of rows number `tile` and its block of units number `block`. */
void do_tile(const step *s, ptrdiff_t tile, ptrdiff_t block);

/* How many tiles by how many blocks take part in one go: two tiles, and blocks so that panels are even in number, or one of each. */
typedef struct {
    int tiles, blocks;
} grouping_of_step;
grouping_of_step groups_of(const step *s);

/* Scratch numbers for what is combined of a pair of tiles. */
static inline ptrdiff_t sides_size(const step *s) { return COMBINED * TILE * (s->inputs.depth / 2 + s->state.depth / 2); }

/* What the step's products need of its tiles first, first + 1, ..., last - 1, pair by pair, besides: sides_size numbers of each. */
void combine_operands(const step *s, ptrdiff_t first, ptrdiff_t last, REAL *to);

/* All of a step for tiles from `tile` on, before `last_tile`, and blocks from `block` on, as many as go together (or are left); `sides`:
 * what combine_operands made of the tiles. */
void do_group(const step *s, ptrdiff_t tile, ptrdiff_t last_tile, ptrdiff_t block, const REAL *sides);
#endif
