/* Minimal filtering (see winograd.h) for fewer tiles than fill panels: a batch of a few images, deep layers. Here the
 * register tile's rows are tiles and its columns are filters, so that no number of tiles is too small:
 *
 *   - patches are carried over with channels side by side, for which x is turned on the way, to [block of channels]
 *     [basis][tile][channel], as they will be read;
 *   - a task takes COLUMNS filters; it carries a block of channels' weights over, filters side by side, and meets them with
 *     all tiles, element by element of the basis; the next block adds to the sums, which stay in L2;
 *   - at last the sums come back to pixels, still filters side by side, and are turned on their way out. */
#ifndef MINIMAL_ROWS_H
#define MINIMAL_ROWS_H
#include "minimal_rows_carry.h"
#include "workers.h"

enum { WEIGHTS = 512 * 1024, MOST_SUMS = 384 * 1024, PIXELS = OUTPUTS * OUTPUTS };

/* A tile's sums (basis: `step` apart; COLUMNS filters) to pixels, scaled, shifted, rectified, and out. */
static inline void finish_tile(const tile_rows *k, ptrdiff_t tile, ptrdiff_t filter, const REAL *sums, ptrdiff_t step)
{
    const product *job = k->w.job;
    ptrdiff_t across = k->w.tiles.grid_width, down = k->w.tiles.grid_height;
    ptrdiff_t n = tile / across / down, y = tile / across % down * OUTPUTS, x = tile % across * OUTPUTS;
    ptrdiff_t height = at_most(OUTPUTS, job->grid_height - y), width = at_most(OUTPUTS, job->grid_width - x);
    for (int v = 0; v < COLUMNS; v += LANES) {
        REAL half[OUTPUTS * SIDE * LANES] __attribute__((aligned(64))), pixels[PIXELS * LANES] __attribute__((aligned(64)));
        REAL turned[LANES * PIXELS] __attribute__((aligned(64)));
        ptrdiff_t filters = at_most(LANES, job->rows - filter - v);
        if (filters <= 0) return;
        vector scale = (vector){0} + 1, shift = {0};
        if (job->scale) scale = load_some(job->scale + filter + v, filters);
        if (job->shift) shift = load_some(job->shift + filter + v, filters);
        for (int j = 0; j < SIDE; j++) carry_back(sums + j * step + v, SIDE * step, half + j * LANES, SIDE * LANES);
        for (int i = 0; i < OUTPUTS; i++) carry_back(half + i * SIDE * LANES, LANES, pixels + i * OUTPUTS * LANES, LANES);
        for (int p = 0; p < PIXELS; p++) {
            vector out = load(pixels + p * LANES) * scale + shift;
            store(pixels + p * LANES, job->relu ? rectified(out) : out);
        }
        for (int p = 0; p < PIXELS; p += LANES) turn_pixels(pixels + p * LANES, LANES, LANES, LANES, turned + p, PIXELS);
        REAL *to = job->out + n * job->out_image + (filter + v) * job->out_row + y * job->out_y + x;
        for (ptrdiff_t f = 0; f < filters; f++, to += job->out_row)
            for (ptrdiff_t i = 0; i < height; i++) {
                const REAL *from = turned + f * PIXELS + i * OUTPUTS;
                if (width == OUTPUTS) memcpy(to + i * job->out_y, from, OUTPUTS * sizeof(REAL));
                else memcpy(to + i * job->out_y, from, width * sizeof(REAL));
            }
    }
}

#define ROWS_ARE(count) case count: tile_of(count, 2, depth, a, a_row, 1, b, COLUMNS, sums, COLUMNS, add); break;
static __attribute__((noinline)) void tile_of_rows(int rows, ptrdiff_t depth, const REAL *a, ptrdiff_t a_row, const REAL *b,
                                                   REAL *sums, int add)
{
    switch (rows) {
    ROWS_ARE(1) ROWS_ARE(2) ROWS_ARE(3) ROWS_ARE(4) ROWS_ARE(5) ROWS_ARE(6)
#if ROWS > 6
    ROWS_ARE(7) ROWS_ARE(8) ROWS_ARE(9) ROWS_ARE(10) ROWS_ARE(11) ROWS_ARE(12)
#endif
    }
}

static void meet_filters(void *context, int index)
{
    tile_rows *k = context;
    const product *job = k->w.job;
    ptrdiff_t filter = index % k->panels * COLUMNS, first = index / k->panels * k->share;
    ptrdiff_t tiles = at_most(k->share, k->tiles - first), rows = parts_of(tiles, parts_of(tiles, ROWS));
    ptrdiff_t step = parts_of(tiles, rows) * rows * COLUMNS;
    REAL *weights = room(BASIS * k->weight_step, sizeof(REAL)), *sums = room(BASIS * step, sizeof(REAL));
    if (!weights || !sums) __atomic_store_n(&k->failed, 1, __ATOMIC_RELAXED);
    else {
        for (ptrdiff_t c = 0; c < job->channels; c += k->block) {
            ptrdiff_t channels = at_most(k->block, job->channels - c);
            const REAL *patches = k->patches + c / k->block * BASIS * k->step + first * k->row;
            carry_filters_over(k, filter, c, channels, weights);
            for (int b = 0; b < BASIS; b++)
                for (ptrdiff_t t = 0; t < tiles; t += rows)
                    tile_of_rows((int)at_most(rows, tiles - t), channels, patches + b * k->step + t * k->row, k->row,
                                 weights + b * k->weight_step, sums + b * step + t * COLUMNS, c > 0);
        }
        for (ptrdiff_t t = 0; t < tiles; t++) finish_tile(k, first + t, filter, sums + t * COLUMNS, step);
    }
    leave(sums);
    leave(weights);
}

static int run_in_rows(const product *job)
{
    tile_rows k = {.failed = 0};
    lay_tiles(&k.w, job);
    k.w.tiles.grid_width = parts_of(job->grid_width, OUTPUTS);
    k.tiles = job->images * k.w.tiles.grid_height * k.w.tiles.grid_width;
    k.panels = parts_of(job->rows, COLUMNS);
    ptrdiff_t most = WEIGHTS / (BASIS * COLUMNS * (ptrdiff_t)sizeof(REAL)) / 16 * 16;
    k.block = parts_of(job->channels, parts_of(job->channels, most > 16 ? most : 16));
    k.block = parts_of(k.block, 16) * 16;
    /* Odd numbers of vectors: the basis' elements must not fall into the same sets of the cache. */
    k.row = (k.block / LANES | 1) * LANES;
    k.step = (k.tiles * k.row / LANES | 1) * LANES;
    k.weight_step = (2 * k.block | 1) * LANES;
    ptrdiff_t fitting = MOST_SUMS / (BASIS * COLUMNS * (ptrdiff_t)sizeof(REAL)), parts = parts_of(k.tiles, fitting > ROWS ? fitting : ROWS);
    while (k.panels * parts % job->threads && parts < at_most(job->threads, k.tiles)) parts++;
    k.share = parts_of(k.tiles, parts), k.parts = parts_of(k.tiles, k.share);
    k.patches = room(parts_of(job->channels, k.block) * BASIS * k.step, sizeof(REAL));
    k.failed = !k.patches;
    ptrdiff_t bands = job->images * k.w.tiles.grid_height;
    if (!k.failed) run_tasks(carry_band, &k, (int)(bands * parts_of(job->channels, LANES)), job->threads);
    if (!k.failed) run_tasks(meet_filters, &k, (int)(k.panels * k.parts), job->threads);
    leave(k.patches);
    return k.failed ? -1 : 0;
}
#endif
