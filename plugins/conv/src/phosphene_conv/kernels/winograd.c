/* Minimal filtering (see winograd.h). The output is cut into tiles of 4 x 4, each seen by a patch of 6 x 6. Patches,
 * weights and sums are carried to a basis of 36 in which convolution is a product of numbers:
 *
 *   tile = A' [ sum over channels of (G weights G') * (B' patch B) ] A
 *
 * so that 36 independent matrix products (rows x channels times channels x tiles) do the work, on the same register
 * tile as the direct way. COLUMNS tiles make a panel. Weights are carried over once per call, or, where all 36 would
 * be too large to be worth storing, for each group of panels just before their use.
 */
#include "winograd.h"
#include "room.h"
#include "winograd_parts.h"
#include "workers.h"

enum { CACHE = 1200 * 1024, STORE = 16 << 20, MOST_PANELS = 4 };

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
    fill *fills = room(w->group * BASIS * COLUMNS, sizeof *fills);
    REAL *patches = room(w->group * BASIS * w->patch_step, sizeof(REAL));
    REAL *sums = room((whole ? 1 : slivers * w->group) * SUMS, sizeof(REAL));
    REAL *fresh = room(w->weights ? 0 : BASIS * w->weight_step, sizeof(REAL));
    if (!panels || !fills || !patches || !sums || !fresh) __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t at = first_panel; at < last_panel; at += w->group) {
        ptrdiff_t count = at_most(w->group, last_panel - at);
        for (ptrdiff_t q = 0; q < count; q++) lay_out(panels + q, &w->tiles, (at + q) * COLUMNS, fills + q * BASIS * COLUMNS);
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
    free(fresh);
    free(sums);
    free(patches);
    free(fills);
    free(panels);
}

int winograd_wins(const product *job)
{
    if (job->tap_count != 9 || job->step_y != 1 || job->step_x != 1 || job->out_x != 1) return 0;
    ptrdiff_t y = job->taps[0].y, x = job->taps[0].x;
    for (int t = 1; t < 9; t++) {
        if (job->taps[t].y < y) y = job->taps[t].y;
        if (job->taps[t].x < x) x = job->taps[t].x;
    }
    int seen = 0;
    for (int t = 0; t < 9; t++) {
        ptrdiff_t i = job->taps[t].y - y, j = job->taps[t].x - x;
        if (i > 2 || j > 2) return 0;
        seen |= 1 << (3 * i + j);
    }
    if (seen != 0x1ff || job->channels < 16 || job->rows < 16) return 0;
    /* Cycles per weight, nearly: products, and carrying the weights over. */
    ptrdiff_t points = job->images * job->grid_height * job->grid_width;
    ptrdiff_t tiles = job->images * parts_of(job->grid_height, STEP) * tiles_in_row(job);
    return 9 * parts_of(points, COLUMNS) > 40 * parts_of(tiles, COLUMNS) + 20;
}

int run_winograd(const product *job)
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
    w.group = at_most(at_most(w.panel_share, MOST_PANELS), CACHE / (row * w.block));
    if (w.group < 1) w.group = 1;

    /* Odd numbers of vectors: the basis' 36 rows must not fall into the same sets of the cache. */
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
    free(w.weights);
    return w.failed ? -1 : 0;
}
