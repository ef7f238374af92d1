/* How minimal filtering cuts an output into tiles, for any of the changes of basis. */
#ifndef MINIMAL_TILES_H
#define MINIMAL_TILES_H
#include "panel.h"
#ifndef WINOGRAD_BASIS
#define WINOGRAD_BASIS "winograd_basis.h"
#endif
#include WINOGRAD_BASIS

enum { SUMS = BASIS * TILE, IN_STRIP = 16 / STEP };             /* tiles in 16 pixels of a row (minimal_strips.h) */
enum { MOST_ROWS = (ROWS + LANES - 1) / LANES * LANES };        /* whole vectors */

typedef struct {
    const product *job;
    product tiles;                      /* the grid of tiles, with the places of a patch as taps */
    tap taps[INPUTS * INPUTS];
    ptrdiff_t weight[9];                /* where w's tap (i, j) stands */
    ptrdiff_t weight_step, patch_step;  /* between elements of the basis, in packed weights and patches */
    ptrdiff_t slivers, panels, block, blocks, group, row_parts, sliver_share, panel_parts, panel_share;
    int failed;
} winograd;

/* A row of tiles is filled up to whole strips where few are wasted: they are packed quicker. */
static inline ptrdiff_t tiles_in_row(const product *job)
{
    ptrdiff_t tiles = parts_of(job->grid_width, OUTPUTS), whole = parts_of(tiles, IN_STRIP) * IN_STRIP;
    return 5 * whole <= 6 * tiles ? whole : tiles;
}

/* The grid of tiles of `job`, whose taps are 3 x 3. */
static inline void lay_tiles(winograd *w, const product *job)
{
    ptrdiff_t y = job->taps[0].y, x = job->taps[0].x;
    for (int t = 1; t < 9; t++) y = at_most(y, job->taps[t].y), x = at_most(x, job->taps[t].x);
    w->job = job, w->tiles = *job;
    for (int t = 0; t < 9; t++) w->weight[3 * (job->taps[t].y - y) + job->taps[t].x - x] = job->taps[t].weight;
    for (int t = 0; t < INPUTS * INPUTS; t++) w->taps[t] = (tap){y + t / INPUTS, x + t % INPUTS, 0};
    w->tiles.taps = w->taps, w->tiles.tap_count = INPUTS * INPUTS, w->tiles.step_y = w->tiles.step_x = STEP;
    w->tiles.out_x = OUTPUTS, w->tiles.grid_height = parts_of(job->grid_height, OUTPUTS), w->tiles.grid_width = tiles_in_row(job);
}
#endif
