/* Backward for weights by minimal filtering: a chunk's patches and dy, on their way into the products. */
#ifndef MINIMAL_WEIGHTS_CARRY_H
#define MINIMAL_WEIGHTS_CARRY_H
#include "winograd.h"
#include "room.h"
#include "turn_pixels.h"
#include "minimal_patches.h"

/* A part of the work, which one thread does alone: tiles in rows (`bands`) from first_band on, channels from `channel` on,
 * filters from `filter` on. */
typedef struct {
    winograd w;                         /* .tiles, .taps: what pack_panel reads */
    const REAL *dy;
    REAL *dw;
    REAL *patches, *turned, *sums;      /* [basis][channel][tile], [panel][basis][tile][COLUMNS], [basis: sums_step][panel][sliver][TILE] */
    ptrdiff_t all_filters, height, width;                                   /* of dy */
    ptrdiff_t band, bands, channel, channels, filter, filters, chunk_bands;
    ptrdiff_t tiles, row, turned_step, sums_step, slivers, panels;          /* of a chunk */
} gradient;

/* Patches of `tiles` tiles from band `first` on. */
static void carry_channels(const gradient *g, ptrdiff_t first, fill *fills)
{
    for (ptrdiff_t at = 0; at < g->tiles; at += COLUMNS) {
        panel p;
        lay_out(&p, &g->w.tiles, first * g->w.tiles.grid_width + at, fills);
        pack_panel(&g->w, &p, g->channel, g->channels, g->patches + at, g->row);
    }
}

/* A dy A' of one tile: 4 x 4 vectors, `row` from line to line, of which height x width lie within dy. */
static inline void carry_gradient(const REAL *pixels, ptrdiff_t row, ptrdiff_t height, ptrdiff_t width, REAL *to, ptrdiff_t step)
{
    REAL tile[OUTPUTS * OUTPUTS * LANES] __attribute__((aligned(64))), half[SIDE * OUTPUTS * LANES] __attribute__((aligned(64)));
    if (height < OUTPUTS || width < OUTPUTS) {
        memset(tile, 0, sizeof tile);
        for (ptrdiff_t y = 0; y < height; y++)
            for (ptrdiff_t x = 0; x < width; x++) store(tile + (y * OUTPUTS + x) * LANES, load(pixels + y * row + x * LANES));
        pixels = tile, row = OUTPUTS * LANES;
    }
    for (int x = 0; x < OUTPUTS; x++) spread(pixels + x * LANES, row, half + x * LANES, OUTPUTS * LANES);
    for (int i = 0; i < SIDE; i++) spread(half + i * OUTPUTS * LANES, LANES, to + SIDE * i * step, step);
}

/* dy of one band, the chunk's `index`th; `pixels` has room for OUTPUTS rows of dy, LANES filters side by side. */
static void carry_filters(const gradient *g, ptrdiff_t first, ptrdiff_t index, REAL *pixels)
{
    ptrdiff_t across = g->w.tiles.grid_width, down = g->w.tiles.grid_height, plane = g->height * g->width;
    ptrdiff_t n = (first + index) / down, y = (first + index) % down * OUTPUTS, height = at_most(OUTPUTS, g->height - y);
    for (ptrdiff_t f = 0; f < g->panels * COLUMNS; f += LANES) {
        REAL *to = g->turned + f / COLUMNS * BASIS * g->turned_step + index * across * COLUMNS + f % COLUMNS;
        turn_pixels(g->dy + (n * g->all_filters + g->filter + at_most(f, g->filters - 1)) * plane + y * g->width, plane,
                    g->filters - f, height * g->width, pixels, LANES);
        for (ptrdiff_t j = 0; j < across; j++, to += COLUMNS)
            carry_gradient(pixels + j * OUTPUTS * LANES, g->width * LANES, height, at_most(OUTPUTS, g->width - j * OUTPUTS), to,
                           g->turned_step);
    }
}
#endif
