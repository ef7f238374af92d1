/* Minimal filtering (see winograd.h): the output is cut into tiles, each seen by a patch. Patches, weights and sums are
 * carried to a basis in which convolution is a product of numbers:
 *
 *   tile = A' [ sum over channels of (G weights G') * (B' patch B) ] A
 *
 * so that one matrix product for each element of the basis (rows x channels times channels x tiles) does the work, on
 * the same register tile as the direct way. COLUMNS tiles make a panel. Each thread takes a part of the rows and panels and
 * does all of it by itself, in memory of its own: what cores hand each other costs more than packing some of it twice.
 * Weights are carried over once, or, where they would be too large to be worth storing, for each group of panels just
 * before their use.
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
    ptrdiff_t sliver = w->blocks * BASIS * w->weight_step;
    int stored = w->panel_share > w->group && slivers * sliver * (ptrdiff_t)sizeof(REAL) <= STORE;
    REAL *weights = room(stored ? slivers * sliver : BASIS * w->weight_step, sizeof(REAL));
    if (!panels || !fills || !patches || !sums || !weights) __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t at = first_panel; at < last_panel; at += w->group) {
        ptrdiff_t count = at_most(w->group, last_panel - at);
        for (ptrdiff_t q = 0; q < count; q++) lay_out(panels + q, &w->tiles, (at + q) * COLUMNS, fills + q * INPUTS * INPUTS * COLUMNS);
        for (ptrdiff_t c = 0; c < job->channels; c += w->block) {
            ptrdiff_t channels = at_most(w->block, job->channels - c), patch = BASIS * w->patch_step;
            for (ptrdiff_t q = 0; q < count; q++) pack_panel(w, panels + q, c, channels, patches + q * patch, COLUMNS);
            for (ptrdiff_t s = 0; s < slivers; s++) {
                REAL *own = weights + (stored ? s * sliver + c / w->block * BASIS * w->weight_step : 0);
                if (!stored || at == first_panel) pack_sliver(w, first_sliver + s, c, channels, own);
                for (ptrdiff_t q = 0; q < count; q++) {
                    REAL *sum = sums + (whole ? 0 : (s * w->group + q) * SUMS);
                    for (int b = 0; b < BASIS; b++)
                        tile_packed(job->rows - (first_sliver + s) * ROWS, panels[q].points, channels,
                                    own + b * w->weight_step, patches + q * patch + b * w->patch_step, sum + b * TILE,
                                    c > 0);
                    if (c + channels >= job->channels) finish_tiles(w, panels + q, (first_sliver + s) * ROWS, sum);
                }
            }
        }
    }
    leave(weights);
    leave(sums);
    leave(patches);
    leave(fills);
    leave(panels);
}

/* Into how many parts to cut the rows, the panels into the rest: each thread's cycles for a channel, nearly. */
static ptrdiff_t row_parts(const winograd *w, ptrdiff_t threads)
{
    ptrdiff_t best = 1, least = PTRDIFF_MAX;
    for (ptrdiff_t parts = 1; parts <= at_most(threads, w->slivers); parts++) {
        ptrdiff_t slivers = parts_of(w->slivers, parts), panels = parts_of(w->panels, at_most(w->panels, threads / parts));
        ptrdiff_t cycles = slivers * ROWS * (panels * BASIS + BASIS / 2 + 20) + panels * COLUMNS * BASIS * 3 / 2;
        if (cycles < least) best = parts, least = cycles;
    }
    return best;
}

static int run_in_panels(const product *job)
{
    winograd w = {.failed = 0};
    ptrdiff_t threads = job->threads;
    lay_tiles(&w, job);
    w.slivers = parts_of(job->rows, ROWS);
    w.panels = parts_of(job->images * w.tiles.grid_height * w.tiles.grid_width, COLUMNS);
    w.row_parts = row_parts(&w, threads);
    w.panel_parts = at_most(w.panels, threads / w.row_parts);
    w.sliver_share = parts_of(w.slivers, w.row_parts), w.panel_share = parts_of(w.panels, w.panel_parts);

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
    run_tasks(multiply, &w, (int)(w.row_parts * w.panel_parts), job->threads);
    return w.failed ? -1 : 0;
}
#endif
