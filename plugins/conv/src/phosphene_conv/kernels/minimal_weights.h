/* Backward for weights by minimal filtering, the forward algorithm turned round:
 *
 *   dw = G' [ sum over tiles of (A dy A') * (B' patch B) ] G
 *
 * with one product (channels x tiles times tiles x filters) for each element of the basis. Tiles are taken a chunk at a time,
 * whole rows of them: threads first carry the chunk's patches and dy over to the basis (channels in rows of tiles;
 * filters side by side, for which dy is turned on the way), then share out blocks of (channels, filters), whose sums
 * leave for dw after the last chunk.
 */
#ifndef MINIMAL_WEIGHTS_H
#define MINIMAL_WEIGHTS_H
#include "winograd.h"
#include "room.h"
#include "turn_pixels.h"
#include "minimal_patches.h"
#include "workers.h"

enum { CHUNK = 128, ONLY_CHUNK = 224, GROUP = 16 };     /* tiles; channels in a task */

typedef struct {
    winograd w;                         /* .tiles, .taps: what pack_panel reads */
    const REAL *dy;
    REAL *dw, *patches, *turned, *sums; /* [basis][channel][tile], [panel][basis][tile][COLUMNS], [panel][sliver][SUMS] */
    ptrdiff_t filters, height, width;   /* of dy */
    ptrdiff_t bands, chunk_bands, first_band, chunks, tiles, row, turned_step, slivers, panels;
    int failed, last;
} gradient;

static void carry_channels(void *context, int index)
{
    gradient *g = context;
    const product *job = &g->w.tiles;
    ptrdiff_t groups = parts_of(job->channels, GROUP), channel = index % groups * GROUP, at = index / groups * COLUMNS;
    fill *fills = room(INPUTS * INPUTS * COLUMNS, sizeof *fills);
    panel p;
    if (!fills) {
        __atomic_store_n(&g->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    lay_out(&p, job, g->first_band * job->grid_width + at, fills);
    pack_panel(&g->w, &p, channel, at_most(GROUP, job->channels - channel), g->patches + channel * g->row + at, g->row);
    free(fills);
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

static void carry_filters(void *context, int index)
{
    gradient *g = context;
    ptrdiff_t band = g->first_band + index / g->panels, panel = index % g->panels, across = g->w.tiles.grid_width;
    ptrdiff_t rows = g->w.tiles.grid_height, n = band / rows, y = band % rows * OUTPUTS, height = at_most(OUTPUTS, g->height - y);
    REAL *pixels = room(OUTPUTS * g->width * LANES, sizeof(REAL));
    if (!pixels) {
        __atomic_store_n(&g->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    for (int v = 0; v < 2; v++) {
        ptrdiff_t f = panel * COLUMNS + v * LANES, plane = g->height * g->width;
        REAL *to = g->turned + panel * BASIS * g->turned_step + index / g->panels * across * COLUMNS + v * LANES;
        turn_pixels(g->dy + (n * g->filters + at_most(f, g->filters - 1)) * plane + y * g->width, plane, g->filters - f,
                    height * g->width, pixels, LANES);
        for (ptrdiff_t j = 0; j < across; j++, to += COLUMNS)
            carry_gradient(pixels + j * OUTPUTS * LANES, g->width * LANES, height, at_most(OUTPUTS, g->width - j * OUTPUTS), to,
                           g->turned_step);
    }
    free(pixels);
}

/* A block's sums (basis, ROWS channels, COLUMNS filters) as weights to dw. */
static void finish_weights(const gradient *g, ptrdiff_t channel, ptrdiff_t filter, const REAL *sums)
{
    ptrdiff_t channels = at_most(ROWS, g->w.tiles.channels - channel), kernel = g->w.tiles.channels * 9;
    REAL half[3 * SIDE * LANES] __attribute__((aligned(64))), taps[16 * LANES] __attribute__((aligned(64))) = {0};
    for (ptrdiff_t i = 0; i < channels; i++, sums += COLUMNS)
        for (int v = 0; v < 2; v++) {
            ptrdiff_t f = filter + v * LANES, filters = at_most(LANES, g->filters - f);
            REAL *dw = g->dw + f * kernel + (channel + i) * 9;
            for (int j = 0; j < SIDE; j++) gather_weights(sums + j * TILE + v * LANES, SIDE * TILE, half + j * LANES, SIDE * LANES);
            for (int y = 0; y < 3; y++) gather_weights(half + y * SIDE * LANES, LANES, taps + 3 * y * LANES, LANES);
#if defined(__AVX512F__)
            if (sizeof(REAL) == 4) {
                float turned[256] __attribute__((aligned(64)));
                transpose_16((const float *)taps, 16, turned, 16);
                for (ptrdiff_t l = 0; l < filters; l++)
                    _mm512_mask_storeu_ps((float *)dw + l * kernel, 0x1ff, _mm512_load_ps(turned + l * 16));
                continue;
            }
#endif
            for (ptrdiff_t l = 0; l < filters; l++)
                for (int t = 0; t < 9; t++) dw[l * kernel + t] = taps[t * LANES + l];
        }
}

static void accumulate(void *context, int index)
{
    gradient *g = context;
    ptrdiff_t panel = index % g->panels, sliver = index / g->panels, channel = sliver * ROWS;
    REAL *own = g->sums ? 0 : room(SUMS, sizeof(REAL)), *sums = own ? own : g->sums + (panel * g->slivers + sliver) * SUMS;
    if (!g->sums && !own) {
        __atomic_store_n(&g->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    for (int b = 0; b < BASIS; b++)
        tile_in_rows(g->w.tiles.channels - channel, (int)at_most(COLUMNS, g->filters - panel * COLUMNS), g->tiles,
                     g->patches + b * g->w.patch_step + channel * g->row, g->row,
                     g->turned + (panel * BASIS + b) * g->turned_step, sums + b * TILE, g->first_band > 0);
    if (g->last) finish_weights(g, channel, panel * COLUMNS, sums);
    free(own);
}

static int minimal_weights(const product *job, const REAL *dy, REAL *dw)
{
    gradient g = {.dy = dy, .dw = dw, .filters = job->rows, .height = job->grid_height, .width = job->grid_width};
    lay_tiles(&g.w, job);
    ptrdiff_t across = g.w.tiles.grid_width, total;
    g.bands = job->images * g.w.tiles.grid_height;
    total = g.bands * across;
    g.chunk_bands = total <= ONLY_CHUNK ? g.bands : parts_of(CHUNK, across);
    g.chunks = parts_of(g.bands, g.chunk_bands);
    g.chunk_bands = parts_of(g.bands, g.chunks);
    g.slivers = parts_of(job->channels, ROWS), g.panels = parts_of(job->rows, COLUMNS);
    /* Odd numbers of vectors: neither a basis' parts nor channels must fall into the same sets of the cache. */
    g.row = (parts_of(g.chunk_bands * across, COLUMNS) * 2 + 1) * LANES;
    g.w.patch_step = (g.slivers * ROWS * g.row / LANES | 1) * LANES;
    g.turned_step = (g.chunk_bands * across * 2 + 1) * LANES;
    g.patches = room(BASIS * g.w.patch_step, sizeof(REAL));
    g.turned = room(g.panels * BASIS * g.turned_step, sizeof(REAL));
    g.sums = g.chunks > 1 ? room(g.panels * g.slivers * SUMS, sizeof(REAL)) : 0;
    g.failed = !g.patches || !g.turned || (g.chunks > 1 && !g.sums);
    for (; !g.failed && g.first_band < g.bands; g.first_band += g.chunk_bands) {
        ptrdiff_t bands = at_most(g.chunk_bands, g.bands - g.first_band);
        g.tiles = bands * across, g.last = g.first_band + bands >= g.bands;
        run_tasks(carry_channels, &g, (int)(parts_of(g.tiles, COLUMNS) * parts_of(job->channels, GROUP)), job->threads);
        run_tasks(carry_filters, &g, (int)(bands * g.panels), job->threads);
        if (!g.failed) run_tasks(accumulate, &g, (int)(g.panels * g.slivers), job->threads);
    }
    free(g.sums);
    free(g.turned);
    free(g.patches);
    return g.failed ? -1 : 0;
}
#endif
