/* A tile of rows by a block of units of a step: where its lanes are worked on, and all that happens there but products. */
#ifndef PLACE_H
#define PLACE_H
#include "kernels.h"
#include "tile.h"

typedef struct {
    const step *job;
    ptrdiff_t tile, first_row, rows, filled, block, units;     /* the first `filled` rows have a product */
    void *arrays[MOST_LANES];
    int there[MOST_LANES];                  /* a lane is worked on where it is read */
    REAL room[MOST_LANES][TILE * PANEL] __attribute__((aligned(64)));
} place;

#define open_place FOR_THIS_SET(open_place)
#define close_place FOR_THIS_SET(close_place)
#define ask_for FOR_THIS_SET(ask_for)
#define ask_for_next FOR_THIS_SET(ask_for_next)

/* `height`: rows that the product writes. */
void open_place(place *at, const step *s, ptrdiff_t tile, ptrdiff_t block, ptrdiff_t height);

/* What the function will need of so many of its lanes is asked for, to have come when the product is done. */
void ask_for(const place *at, int from, int to);

/* A step without a product waits for memory alone: what the next tile of rows will need is asked for while this one is done. */
void ask_for_next(const step *s, ptrdiff_t first_row, ptrdiff_t block, ptrdiff_t units);

/* All that follows the products. */
void close_place(place *at);
#endif
