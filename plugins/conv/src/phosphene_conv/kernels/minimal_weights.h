/* Backward for weights by minimal filtering, the forward algorithm turned round:
 *
 *   dw = G' [ sum over tiles of (A dy A') * (B' patch B) ] G
 *
 * with one product (channels x tiles times tiles x filters) for each element of the basis. Each thread does a part of the
 * work by itself, from x and dy to weights, in memory of its own: what cores hand each other costs more than packing some of
 * it twice. Parts are of the batch, whose weights are added up at the end, and, where there are few tiles, of filters and
 * channels. In a part tiles are taken a chunk at a time, whole rows of them: the chunk's patches (channels in rows of tiles)
 * and dy (filters side by side, for which it is turned on the way) are carried over to the basis, then multiplied.
 */
#ifndef MINIMAL_WEIGHTS_H
#define MINIMAL_WEIGHTS_H
#include "minimal_weights_products.h"
#include "weight_sums.h"

enum { CHUNK = 64, ONLY_CHUNK = 112, LEAST_TILES = SIDE > 6 ? 48 : 96 };       /* tiles: in a chunk; in one that is all; in a part of the batch */

typedef struct {
    gradient all;
    weight_sums sums;
    ptrdiff_t band_parts, filter_parts, channel_parts;
    int failed;
} division;

/* The part's share of `count`, in whole `size`s. */
static inline ptrdiff_t share(ptrdiff_t count, ptrdiff_t size, ptrdiff_t part, ptrdiff_t parts, ptrdiff_t *first)
{
    ptrdiff_t sizes = parts_of(count, size), begin = sizes * part / parts * size, end = sizes * (part + 1) / parts * size;
    *first = begin;
    return at_most(end, count) - begin;
}

static void one_part(void *context, int index)
{
    division *d = context;
    gradient g = d->all;
    ptrdiff_t part = index % d->band_parts, rest = index / d->band_parts, across = g.w.tiles.grid_width;
    g.bands = share(g.bands, 1, part, d->band_parts, &g.band);
    g.filters = share(g.filters, COLUMNS, rest % d->filter_parts, d->filter_parts, &g.filter);
    g.channels = share(g.channels, ROWS, rest / d->filter_parts, d->channel_parts, &g.channel);
    if (d->sums.parts > 1) g.dw = d->sums.partial + part * d->sums.filters * d->sums.kernel;
    ptrdiff_t chunks = g.bands * across <= ONLY_CHUNK ? 1 : parts_of(g.bands, parts_of(CHUNK, across));
    g.chunk_bands = parts_of(g.bands, chunks);
    g.slivers = parts_of(g.channels, ROWS), g.panels = parts_of(g.filters, COLUMNS);
    /* Odd numbers of vectors: neither a basis' parts nor channels must fall into the same sets of the cache. */
    g.row = (parts_of(g.chunk_bands * across, COLUMNS) * 2 + 1) * LANES;
    g.w.patch_step = (g.slivers * ROWS * g.row / LANES | 1) * LANES;
    g.turned_step = (g.chunk_bands * across * 2 + 1) * LANES;
    g.sums_step = g.panels * g.slivers * TILE + LANES;
    ptrdiff_t sizes[] = {BASIS * g.w.patch_step, g.panels * BASIS * g.turned_step, chunks > 1 ? BASIS * g.sums_step : 0,
                         4 * SIDE * (BLOCK + LANES), OUTPUTS * g.width * LANES}, places[6] = {0};
    for (int i = 0; i < 5; i++) places[i + 1] = places[i] + (parts_of(sizes[i], LANES) | 1) * LANES;
    fill fills[INPUTS * INPUTS * COLUMNS];
    REAL *own = room(places[5], sizeof(REAL));       /* all at once: glibc finds it again, and the same pages, next time */
    g.patches = own, g.turned = own + places[1], g.sums = own + places[2];
    if (!own) __atomic_store_n(&d->failed, 1, __ATOMIC_RELAXED);
    else {
        for (ptrdiff_t at = 0; at < g.bands; at += g.chunk_bands) {
            ptrdiff_t bands = at_most(g.chunk_bands, g.bands - at);
            g.tiles = bands * across;
            carry_channels(&g, g.band + at, fills);
            for (ptrdiff_t b = 0; b < bands; b++) carry_filters(&g, g.band + at, b, own + places[4]);
            if (chunks > 1) add_chunk(&g, at > 0);
            else meet_at_once(&g, own + places[3]);
        }
        if (chunks > 1) finish_sums(&g, own + places[3]);
    }
    leave(own);
}

static int minimal_weights(const product *job, const REAL *dy, REAL *dw)
{
    ptrdiff_t kernel = 9 * job->channels, panels = parts_of(job->rows, COLUMNS), slivers = parts_of(job->channels, ROWS);
    division d = {.all = {.dy = dy, .dw = dw, .all_filters = job->rows, .filters = job->rows, .channels = job->channels,
                          .height = job->grid_height, .width = job->grid_width},
                  .sums = {.dw = dw, .filters = job->rows, .kernel = kernel}};
    lay_tiles(&d.all.w, job);
    d.all.bands = job->images * d.all.w.tiles.grid_height;
    ptrdiff_t parts = at_most(d.all.bands * d.all.w.tiles.grid_width / LEAST_TILES, at_most(job->threads, d.all.bands));
    d.band_parts = parts > 1 ? parts : 1;
    ptrdiff_t rest = job->threads / d.band_parts;
    d.filter_parts = at_most(panels, rest < 4 ? rest : rest / 2);
    d.channel_parts = at_most(slivers, rest / d.filter_parts);
    d.failed = divide_sums(&d.sums, d.band_parts) < 0;
    if (!d.failed) run_tasks(one_part, &d, (int)(d.band_parts * d.filter_parts * d.channel_parts), job->threads);
    if (!d.failed) add_parts(&d.sums, job->threads);
    leave(d.sums.partial);
    return d.failed ? -1 : 0;
}
#endif
