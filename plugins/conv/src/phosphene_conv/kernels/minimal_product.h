/* Minimal filtering (see winograd.h): the output is cut into tiles, each seen by a patch. Patches, weights and sums are
 * carried to a basis in which convolution is a product of numbers:
 *
 *   tile = A' [ sum over channels of (G weights G') * (B' patch B) ] A
 *
 * so that one matrix product for each element of the basis (rows x channels times channels x tiles) does the work, on
 * the same register tile as the direct way. COLUMNS tiles make a panel. Weights are carried over once per call, or,
 * where they would be too large to be worth storing, for each group of panels just before their use.
 */
#ifndef MINIMAL_PRODUCT_H
#define MINIMAL_PRODUCT_H
#include "winograd.h"
#include "room.h"
#include "minimal_patches.h"
#include "minimal_pixels.h"
#include "minimal_slivers.h"
#include "workers.h"

enum { CACHE = SIDE > 6 ? 1400 * 1024 : 1200 * 1024, GROUPED = 700 * 1024, STORE = 16 << 20, MOST_PANELS = 4 };

static void pack_weights(void *context, int sliver)
{
    const winograd *w = context;
    for (ptrdiff_t b = 0; b < w->blocks; b++)
        pack_sliver(w, sliver, b * w->block, at_most(w->block, w->job->channels - b * w->block),
                    w->weights + (sliver * w->blocks + b) * BASIS * w->weight_step);
}

static void multiply(void *context, int index)
{
    winograd *w = context;
    const product *job = w->job;
    ptrdiff_t first_sliver = index % w->row_parts * w->sliver_share;
    ptrdiff_t slivers = at_most(w->sliver_share, w->slivers - first_sliver);
    ptrdiff_t first_panel = index / w->row_parts * w->panel_share;
    ptrdiff_t last_panel = at_most(first_panel + w->panel_share, w->panels);
    int whole = w->block >= job->channels;     /* all channels at once: only one tile's sums need be kept */
    if (slivers <= 0 || first_panel >= last_panel) return;

    panel *panels = room(w->group, sizeof *panels);
    fill *fills = room(w->group * INPUTS * INPUTS * COLUMNS, sizeof *fills);
    REAL *patches = room(w->group * BASIS * w->patch_step, sizeof(REAL));
    REAL *sums = room((whole ? 1 : slivers * w->group) * SUMS, sizeof(REAL));
    REAL *fresh = room(w->weights ? 0 : BASIS * w->weight_step, sizeof(REAL));
    if (!panels || !fills || !patches || !sums || !fresh) __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t at = first_panel; at < last_panel; at += w->group) {
        ptrdiff_t count = at_most(w->group, last_panel - at);
        for (ptrdiff_t q = 0; q < count; q++) lay_out(panels + q, &w->tiles, (at + q) * COLUMNS, fills + q * INPUTS * INPUTS * COLUMNS);
        for (ptrdiff_t c = 0; c < job->channels; c += w->block) {
            ptrdiff_t channels = at_most(w->block, job->channels - c), patch = BASIS * w->patch_step;
            for (ptrdiff_t q = 0; q < count; q++) pack_panel(w, panels + q, c, channels, patches + q * patch, COLUMNS);
            for (ptrdiff_t s = 0; s < slivers; s++) {
                const REAL *weights = fresh;
                if (w->weights)
                    weights = w->weights + ((first_sliver + s) * w->blocks + c / w->block) * BASIS * w->weight_step;
                else pack_sliver(w, first_sliver + s, c, channels, fresh);
                for (ptrdiff_t q = 0; q < count; q++) {
                    REAL *sum = sums + (whole ? 0 : (s * w->group + q) * SUMS);
                    for (int b = 0; b < BASIS; b++)
                        tile_packed(job->rows - (first_sliver + s) * ROWS, panels[q].points, channels,
                                    weights + b * w->weight_step, patches + q * patch + b * w->patch_step, sum + b * TILE,
                                    c > 0);
                    if (c + channels >= job->channels) finish_tiles(w, panels + q, (first_sliver + s) * ROWS, sum);
                }
            }
        }
    }
    leave(fresh);
    leave(sums);
    leave(patches);
    leave(fills);
    leave(panels);
}

static int run_in_panels(const product *job)
{
    winograd w = {.failed = 0};
    ptrdiff_t threads = job->threads;
    lay_tiles(&w, job);
    w.slivers = parts_of(job->rows, ROWS);
    w.panels = parts_of(job->images * w.tiles.grid_height * w.tiles.grid_width, COLUMNS);
    ptrdiff_t by_panels = w.panels * 100 / (parts_of(w.panels, threads) * threads);
    ptrdiff_t by_slivers = w.slivers * 100 / (parts_of(w.slivers, threads) * threads);
    w.row_parts = by_panels + 3 >= by_slivers ? 1 : threads;
    w.sliver_share = parts_of(w.slivers, w.row_parts);
    w.panel_parts = w.row_parts > 1 ? 1 : at_most(w.panels, 4 * threads);
    w.panel_share = parts_of(w.panels, w.panel_parts);
    w.panel_parts = parts_of(w.panels, w.panel_share);

    /* As many channels as the cache holds of one panel's patches, then as many panels. */
    ptrdiff_t row = BASIS * COLUMNS * sizeof(REAL);
    w.block = at_most(job->channels, CACHE / row);
    if (w.block < job->channels) w.block = parts_of(job->channels, parts_of(job->channels, CACHE / 2 / row));
    w.group = at_most(at_most(w.panel_share, MOST_PANELS), GROUPED / (row * w.block));
    if (w.group < 1) w.group = 1;

    /* Odd numbers of vectors: the basis' rows must not fall into the same sets of the cache. */
    w.blocks = parts_of(job->channels, w.block);
    w.weight_step = (parts_of(w.block * ROWS, LANES) | 1) * LANES;
    w.patch_step = (2 * w.block + 1) * LANES;
    ptrdiff_t size = w.slivers * w.blocks * BASIS * w.weight_step;
    if (w.panels > w.group && size * (ptrdiff_t)sizeof(REAL) <= STORE) {
        w.weights = room(size, sizeof(REAL));
        if (!w.weights) return -1;
        run_tasks(pack_weights, &w, (int)w.slivers, job->threads);
    }
    run_tasks(multiply, &w, (int)(w.row_parts * w.panel_parts), job->threads);
    leave(w.weights);
    return w.failed ? -1 : 0;
}
#endif
