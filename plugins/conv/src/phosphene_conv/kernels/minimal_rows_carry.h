/* Minimal filtering with tiles in rows (see minimal_rows.h): patches and weights, on their way into the products. */
#ifndef MINIMAL_ROWS_CARRY_H
#define MINIMAL_ROWS_CARRY_H
#include "winograd.h"
#include "room.h"
#include "turn_pixels.h"
#include "minimal_tiles.h"

typedef struct {
    winograd w;                             /* .tiles: the grid; .taps, .weight */
    REAL *patches;
    ptrdiff_t tiles, row, step, block;           /* of the patches: how many; from basis to basis; channels together */
    ptrdiff_t weight_step, panels, share, parts;     /* tiles in a task */
    int failed;
} tile_rows;

/* One row of tiles, LANES channels. */
static void carry_band(void *context, int index)
{
    tile_rows *k = context;
    const product *job = &k->w.tiles;
    ptrdiff_t groups = parts_of(job->channels, LANES), channel = index % groups * LANES, band = index / groups;
    ptrdiff_t n = band / job->grid_height, y = band % job->grid_height * STEP + k->w.taps[0].y, x = k->w.taps[0].x;
    ptrdiff_t width = job->grid_width * STEP + INPUTS - STEP, plane = job->height * job->width;
    ptrdiff_t begin = x > 0 ? x : 0, count = at_most(width - (begin - x), job->width - begin);
    REAL *pixels = room(INPUTS * width * LANES, sizeof(REAL));
    if (!pixels) {
        __atomic_store_n(&k->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    memset(pixels, 0, INPUTS * width * LANES * sizeof(REAL));
    for (ptrdiff_t i = 0; i < INPUTS; i++)
        if (y + i >= 0 && y + i < job->height && count > 0)
            turn_pixels(job->image + (n * job->channels + channel) * plane + (y + i) * job->width + begin, plane,
                        job->channels - channel, count, pixels + (i * width + begin - x) * LANES, LANES);
    REAL *to = k->patches + channel / k->block * BASIS * k->step + band * job->grid_width * k->row + channel % k->block;
    for (ptrdiff_t j = 0; j < job->grid_width; j++, to += k->row) {
        const REAL *from = pixels + j * STEP * LANES;
        REAL half[SIDE * INPUTS * LANES] __attribute__((aligned(64)));
        for (int t = 0; t < INPUTS; t++) carry_patch(from + t * LANES, width * LANES, half + t * LANES, INPUTS * LANES);
        for (int i = 0; i < SIDE; i++) carry_patch(half + INPUTS * i * LANES, LANES, to + SIDE * i * k->step, k->step);
    }
    leave(pixels);
}

/* Weights of COLUMNS filters from `filter` on for some channels: to[basis: weight_step apart][channel][COLUMNS]. */
static inline void carry_filters_over(const tile_rows *k, ptrdiff_t filter, ptrdiff_t first, ptrdiff_t channels, REAL *to)
{
    const product *job = k->w.job;
    REAL taps[16 * 9 * LANES] __attribute__((aligned(64)));
    for (int v = 0; v < COLUMNS; v += LANES) {
        ptrdiff_t f = at_most(filter + v, job->rows - 1), filters = job->rows - filter - v;
        for (ptrdiff_t c = 0; c < channels; c += 16) {
            ptrdiff_t some = at_most(16, channels - c);
            const REAL *from = job->weights + f * job->w_row + (first + c) * job->w_channel;
            if (job->w_channel == 9) turn_pixels(from, job->w_row, filters, 9 * some, taps, LANES);
            else
                for (ptrdiff_t i = 0; i < some; i++)
                    turn_pixels(from + i * job->w_channel, job->w_row, filters, 9, taps + 9 * i * LANES, LANES);
            for (ptrdiff_t i = 0; i < some; i++) {
                REAL half[3 * SIDE * LANES] __attribute__((aligned(64))), ordered[9 * LANES] __attribute__((aligned(64)));
                REAL *out = to + (c + i) * COLUMNS + v;
                for (int t = 0; t < 9; t++) store(ordered + t * LANES, load(taps + (9 * i + k->w.weight[t]) * LANES));
                for (int j = 0; j < 3; j++) carry_weights(ordered + j * LANES, 3 * LANES, half + j * LANES, 3 * LANES, LANES);
                for (int j = 0; j < SIDE; j++)
                    carry_weights(half + 3 * j * LANES, LANES, out + SIDE * j * k->weight_step, k->weight_step, LANES);
            }
        }
    }
}
#endif
