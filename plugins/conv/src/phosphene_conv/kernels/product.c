/* The implicit matrix product (see product.h), blocked as Goto and van de Geijn (2008) block a dense one:
 *
 *   - weights are packed once per call into slivers of ROWS rows, depth by depth as the tile reads them;
 *   - a task takes some panels of COLUMNS grid points and some slivers. It packs the panels' patches for a block of
 *     channels (a panel's block stays in L1, all of them in L2), meets them with each sliver, and goes on to the next
 *     block of channels, keeping the sums in L2;
 *   - after the last block the sums leave for `out` while they are in cache, scaled, shifted and rectified.
 *
 * Threads share out grid points where there are many, else rows. The depth is never split: sums have one order.
 */
#include "product.h"
#include "patches.h"
#include "room.h"
#include "workers.h"

enum { DEPTH = 1024 / sizeof(REAL) + 32, PANELS = 4, UNPACKED = 16 };

typedef struct {
    const product *job;
    REAL *weights;                          /* packed: [sliver][depth][ROWS], of the slivers from packed_from on */
    ptrdiff_t depth, slivers, panels, packed_from;
    ptrdiff_t block_channels, block_panels, sliver_share, panel_share;
    ptrdiff_t row_parts, column_parts;
    int failed;
} plan_of_work;

static void pack_weights(void *context, int part)
{
    const plan_of_work *work = context;
    const product *job = work->job;
    ptrdiff_t parts = 4 * job->threads, count = work->slivers - work->packed_from;
    for (ptrdiff_t k = part * count / parts; k < (part + 1) * count / parts; k++) {
        ptrdiff_t s = work->packed_from + k, rows = at_most(ROWS, job->rows - s * ROWS);
        REAL *to = work->weights + k * work->depth * ROWS;
        if (rows < ROWS) memset(to, 0, work->depth * ROWS * sizeof(REAL));
        for (ptrdiff_t c = 0; c < job->channels; c++)
            for (ptrdiff_t t = 0; t < job->tap_count; t++, to += ROWS) {
                const REAL *from = job->weights + s * ROWS * job->w_row + c * job->w_channel + job->taps[t].weight;
                for (ptrdiff_t i = 0; i < rows; i++) to[i] = from[i * job->w_row];
            }
    }
}

static inline __attribute__((always_inline)) vector finished(const product *job, ptrdiff_t m, vector v)
{
    if (job->scale) v *= job->scale[m];
    if (job->shift) v += job->shift[m];
    return job->relu ? rectified(v) : v;
}

/* One tile's sums to their places. */
static void finish(const product *job, const panel *p, ptrdiff_t first_row, REAL *sums)
{
    ptrdiff_t rows = at_most(ROWS, job->rows - first_row), row = job->out_row;
    REAL *out = job->out + first_row * row;
    if (p->whole) {
        REAL *left = out + p->runs[0].place, *right = out + p->runs[p->first_right].place;
        for (ptrdiff_t i = 0; i < rows; i++, sums += COLUMNS, left += row, right += row) {
            store(left, finished(job, first_row + i, load(sums)));
            store(right, finished(job, first_row + i, load(sums + LANES)));
        }
        return;
    }
    for (ptrdiff_t i = 0; i < rows; i++, sums += COLUMNS, out += row) {
        store(sums, finished(job, first_row + i, load(sums)));
        store(sums + LANES, finished(job, first_row + i, load(sums + LANES)));
        for (int r = 0; r < p->run_count; r++) put_run(p->runs + r, sums, out + p->runs[r].place, job->out_x);
    }
}

static void multiply(void *context, int index)
{
    plan_of_work *work = context;
    const product *job = work->job;
    ptrdiff_t first_sliver = index % work->row_parts * work->sliver_share;
    ptrdiff_t slivers = at_most(work->sliver_share, work->slivers - first_sliver);
    ptrdiff_t first_panel = index / work->row_parts * work->panel_share;
    ptrdiff_t last_panel = at_most(first_panel + work->panel_share, work->panels);
    ptrdiff_t most_depth = work->block_channels * job->tap_count, width = work->block_panels;
    if (slivers <= 0 || first_panel >= last_panel) return;

    panel *panels = room(width, sizeof *panels);
    ptrdiff_t plan = job->tap_count * COLUMNS;
    fill *fills = room(width * plan, sizeof *fills);
    REAL *patches = room(width * most_depth * COLUMNS, sizeof(REAL));
    REAL *sums = room(slivers * width * TILE, sizeof(REAL));
    if (!panels || !fills || !patches || !sums) __atomic_store_n(&work->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t at = first_panel; at < last_panel; at += width) {
        ptrdiff_t count = at_most(width, last_panel - at), c = 0;
        for (ptrdiff_t q = 0; q < count; q++) lay_out(panels + q, job, (at + q) * COLUMNS, fills + q * plan);
        do {
            ptrdiff_t channels = at_most(work->block_channels, job->channels - c), depth = channels * job->tap_count;
            ptrdiff_t k = c * job->tap_count;
            for (ptrdiff_t q = 0; q < count; q++) {
                REAL *patch = patches + q * most_depth * COLUMNS;
                pack_patches(job, panels + q, c, channels, patch, COLUMNS);
                for (ptrdiff_t s = 0; s < slivers; s++) {
                    REAL *sum = sums + (q * slivers + s) * TILE;
                    ptrdiff_t sliver = first_sliver + s;
                    ptrdiff_t rows = job->rows - sliver * ROWS;
                    if (sliver < work->packed_from)
                        tile_in_rows(rows, panels[q].points, depth, job->weights + sliver * ROWS * job->w_row + k,
                                     job->w_row, patch, sum, k > 0);
                    else
                        tile_packed(rows, panels[q].points, depth,
                                    work->weights + ((sliver - work->packed_from) * work->depth + k) * ROWS, patch, sum,
                                    k > 0);
                    if (c + channels >= job->channels) finish(job, panels + q, sliver * ROWS, sum);
                }
            }
            c += channels;
        } while (c < job->channels);
    }
    leave(sums);
    leave(patches);
    leave(fills);
    leave(panels);
}

/* Few panels read the weights too seldom to repay packing them, if they lie depth by depth already. */
static int worth_packing(const product *job, ptrdiff_t panels)
{
    if (panels > UNPACKED || job->w_channel != job->tap_count) return 1;
    for (ptrdiff_t t = 0; t < job->tap_count; t++)
        if (job->taps[t].weight != t) return 1;
    return 0;
}

int run_product(const product *job)
{
    plan_of_work work = {.job = job, .depth = job->channels * job->tap_count};
    ptrdiff_t points = job->images * job->grid_height * job->grid_width, threads = job->threads;
    if (!points || !job->rows) return 0;
    work.slivers = parts_of(job->rows, ROWS);
    work.panels = parts_of(points, COLUMNS);
    work.block_channels = at_most(DEPTH / (job->tap_count ? job->tap_count : 1), job->channels);
    if (work.block_channels < 1) work.block_channels = 1;

    /* Split what divides more evenly; grid points where both do. */
    ptrdiff_t by_panels = work.panels * 100 / (parts_of(work.panels, threads) * threads);
    ptrdiff_t by_slivers = work.slivers * 100 / (parts_of(work.slivers, threads) * threads);
    work.row_parts = by_panels + 3 >= by_slivers ? 1 : threads;
    work.sliver_share = parts_of(work.slivers, work.row_parts);
    work.column_parts = work.row_parts > 1 ? 1 : at_most(work.panels, threads * 4);
    work.panel_share = parts_of(work.panels, work.column_parts);
    work.block_panels = at_most(PANELS, work.panel_share);
    work.column_parts = parts_of(work.panels, work.panel_share);

    work.packed_from = worth_packing(job, work.panels) ? 0 : job->rows / ROWS;
    work.weights = room((work.slivers - work.packed_from) * work.depth * ROWS, sizeof(REAL));
    if (!work.weights) return -1;
    if (work.packed_from < work.slivers) run_tasks(pack_weights, &work, 4 * job->threads, job->threads);
    run_tasks(multiply, &work, (int)(work.row_parts * work.column_parts), job->threads);
    leave(work.weights);
    return work.failed ? -1 : 0;
}
