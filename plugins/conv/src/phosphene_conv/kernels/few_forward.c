/* Forward for few output points: each output is a long dot product of a row of weights, as it lies in memory, and a
 * patch, turned so that its depth lies in a row too. A tile of dot products, FILTERS x POINTS vectors of partial sums,
 * shares each load among several of them. */
#include "few.h"
#include "room.h"
#include "tile.h"
#include "turn.h"
#include "workers.h"
#include <stdlib.h>

enum { FILTERS = ROWS / 2, POINTS = 4, MOST_POINTS = 32, DEPTH = 2048 / sizeof(REAL) };

typedef struct {
    const product *job;
    turned patches;
    ptrdiff_t out[MOST_POINTS];         /* where each point's output stands in row 0 */
} dots;

/* sums[f][p] += w[f] . patch[p], lane by lane. */
static inline void tile_dot(ptrdiff_t vectors, const REAL *w, ptrdiff_t w_row, const REAL *patch, ptrdiff_t patch_row,
                            vector (*sums)[MOST_POINTS])
{
    vector s[FILTERS][POINTS];
#pragma GCC unroll 6
    for (int f = 0; f < FILTERS; f++)
#pragma GCC unroll 4
        for (int p = 0; p < POINTS; p++) s[f][p] = sums[f][p];
    for (ptrdiff_t k = 0; k < vectors; k++, w += LANES, patch += LANES) {
        vector values[POINTS];
#pragma GCC unroll 4
        for (int p = 0; p < POINTS; p++) values[p] = load(patch + p * patch_row);
#pragma GCC unroll 6
        for (int f = 0; f < FILTERS; f++) {
            vector weights = load(w + f * w_row);
#pragma GCC unroll 4
            for (int p = 0; p < POINTS; p++) s[f][p] += weights * values[p];
        }
    }
#pragma GCC unroll 6
    for (int f = 0; f < FILTERS; f++)
#pragma GCC unroll 4
        for (int p = 0; p < POINTS; p++) sums[f][p] = s[f][p];
}

static void some_filters(void *context, int index)
{
    const dots *d = context;
    const product *job = d->job;
    /* The last group starts early enough to be full, and leaves to its neighbour what both compute. */
    ptrdiff_t mine = (ptrdiff_t)index * FILTERS, first = at_most(mine, job->rows - FILTERS);
    const REAL *w = job->weights + first * job->w_row;
    vector sums[FILTERS][MOST_POINTS];
    REAL rest[FILTERS * LANES] = {0};
    ptrdiff_t whole = d->patches.depth / LANES * LANES;
    memset(sums, 0, sizeof sums);
    for (ptrdiff_t k = 0; k < whole; k += DEPTH)
        for (int p = 0; p < d->patches.points; p += POINTS)
            tile_dot(at_most(DEPTH, whole - k) / LANES, w + k, job->w_row, d->patches.values + p * d->patches.row + k, d->patches.row,
                     (vector(*)[MOST_POINTS])&sums[0][p]);
    if (whole < d->patches.depth) {
        for (int f = 0; f < FILTERS; f++) memcpy(rest + f * LANES, w + f * job->w_row + whole, (d->patches.depth - whole) * sizeof(REAL));
        for (int p = 0; p < d->patches.points; p += POINTS)
            tile_dot(1, rest, LANES, d->patches.values + p * d->patches.row + whole, d->patches.row, (vector(*)[MOST_POINTS])&sums[0][p]);
    }
    for (ptrdiff_t f = mine - first; f < FILTERS; f++) {
        ptrdiff_t m = first + f;
        for (int p = 0; p < d->patches.points; p++) {
            REAL y = sum_of(sums[f][p]);
            if (job->scale) y *= job->scale[m];
            if (job->shift) y += job->shift[m];
            job->out[m * job->out_row + d->out[p]] = job->relu && y < 0 ? 0 : y;
        }
    }
}

int few_forward_wins(const product *job)
{
    ptrdiff_t points = job->images * job->grid_height * job->grid_width;
    if (points < 1 || points > MOST_POINTS || job->rows < FILTERS || job->channels * job->tap_count < 128) return 0;
    if (job->w_channel != job->tap_count) return 0;
    for (ptrdiff_t t = 0; t < job->tap_count; t++)
        if (job->taps[t].weight != t) return 0;
    return 1;
}

int few_forward(const product *job)
{
    dots d = {.job = job, .patches = turn_patches(job)};
    ptrdiff_t plane = job->grid_height * job->grid_width;
    if (!d.patches.values) return -1;
    for (ptrdiff_t p = 0; p < d.patches.points; p++)
        d.out[p] = p / plane * job->out_image + p % plane / job->grid_width * job->out_y + p % job->grid_width * job->out_x;
    run_tasks(some_filters, &d, (int)((job->rows + FILTERS - 1) / FILTERS), job->threads);
    leave(d.patches.values);
    return 0;
}
