/* A block of a product: slice by slice of the depth its rows are packed into L2, and meet tile by tile each panel, whose slice stays in
 * L2. Pairs of tiles meet pairs of panels with seven multiplications for eight (strassen.c). Until the last slice the sums stay
 * in L2, in panels. */
#include "block.h"
#include "left.h"
#include <string.h>

enum { LINE = 64 / sizeof(REAL) };

/* One tile's sums to who takes them, or to their places, which may be where they are already. */
static void finish(const product *job, const REAL *sums, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    if (job->take) {
        job->take(job->taker, sums, row, rows, panel);
        return;
    }
    ptrdiff_t unit = panel / job->parts * PANEL, units = at_most(job->units - unit, PANEL);
    const REAL *bias = job->bias ? (const REAL *)job->bias + panel % job->parts * job->units + unit : 0;
    for (ptrdiff_t i = 0; i < rows; i++, sums += PANEL) {
        REAL *out = at(&job->out, row + i, panel, job->parts);
        if (units == PANEL) {
            vector left = load(sums), right = load(sums + LANES);
            if (bias) left += load(bias), right += load(bias + LANES);
            if (job->add) left += load(out), right += load(out + LANES);
            store(out, left);
            store(out + LANES, right);
        } else
            for (ptrdiff_t u = 0; u < units; u++) out[u] = sums[u] + (bias ? bias[u] : 0) + (job->add ? out[u] : 0);
    }
}

/* What the panel's columns sum to, as the product with a row of ones. */
static void sum_panel(const product *job, ptrdiff_t panel, const REAL *ones)
{
    ptrdiff_t unit = panel / job->parts * PANEL;
    REAL sums[PANEL];
    for (ptrdiff_t k = 0; k < job->depth || k == 0; k += DEPTH)
        multiply_tile(1, at_most(job->depth - k, DEPTH), ones, at(&job->b, k, panel, job->parts), sums, k > 0);
    memcpy((REAL *)job->sums + panel % job->parts * job->units + unit, sums, at_most(job->units - unit, PANEL) * sizeof(REAL));
}

static int in_place(const product *job) { return job->out.in_panels && !job->out.places && !job->add && !job->take; }

/* Where the sums of a tile by a panel are gathered: in their places, if the highest tile has one there, or in L2 until the last slice. */
static REAL *sums_of(const plan *work, REAL *sums, ptrdiff_t row, ptrdiff_t tile, ptrdiff_t first_panel, ptrdiff_t panel)
{
    const product *job = work->job;
    if (in_place(job) && row + work->height + (work->higher > 0) <= job->rows) return at(&job->out, row, panel, job->parts);
    if (is_one_slice(work)) return sums + ((panel - first_panel) % 2 * 2 + tile % 2) * TILE * PANEL;
    return sums + ((panel - first_panel) * work->tiles + tile) * TILE * PANEL;
}

/* By the time that sums are done their places have come. */
static void ask_ahead(const product *job, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    for (ptrdiff_t r = 0; r < rows && job->out.data; r++)
        for (ptrdiff_t j = 0; j < PANEL; j += LINE) __builtin_prefetch(at(&job->out, row + r, panel, job->parts) + j, 1);
}

/* Two neighbouring panels that hold numbers to the end, so that they may be added. */
static int is_pair(const product *job, ptrdiff_t panel, ptrdiff_t last_panel)
{
    return panel + 1 < last_panel && (job->combined || ((panel + 1) / job->parts + 1) * PANEL <= job->units);
}

/* A tile's first row. */
static ptrdiff_t start_of(const plan *work, ptrdiff_t tile)
{
    return at_most(tile * work->height + at_most(tile, work->higher), work->job->rows);
}

void multiply_block(const plan *work, ptrdiff_t block, REAL *scratch)
{
    const product *job = work->job;
    ptrdiff_t first_tile = block % work->row_blocks * work->tiles, starts[MOST_TILES + 1], tiles = 0;
    ptrdiff_t first_panel = block / work->row_blocks * work->panels;
    ptrdiff_t last_panel = at_most(first_panel + work->panels, job->parts * parts_of(job->units, PANEL));
    REAL *ones = scratch, *a = ones + TILE * DEPTH, *sums = a + work->tiles * TILE * DEPTH;
    REAL *panels = sums + work->sums, *combined = panels + COMBINED * DEPTH / 2 * PANEL;

    starts[0] = start_of(work, first_tile);
    while (tiles < work->tiles && starts[tiles] < job->rows) tiles++, starts[tiles] = start_of(work, first_tile + tiles);
    for (ptrdiff_t k = 0, depth; k < job->depth || k == 0; k += depth ? depth : 1) {
        depth = slice_at(work, k);
        /* Panels that are combined for this block alone pay where tiles are many. */
        int last = k + depth >= job->depth, by_four = work->in_pairs && can_halve(depth) && (job->combined || tiles >= ENOUGH);
        ptrdiff_t half = depth / 2;
        pack_left(job, starts, tiles, k, depth, a);
        for (ptrdiff_t t = 0; by_four && t + 1 < tiles; t += 2)
            combine_tiles(a + t * TILE * depth, a + (t + 1) * TILE * depth, half, combined + t / 2 * COMBINED * half * TILE);
        for (ptrdiff_t panel = first_panel, width; panel < last_panel; panel += width) {
            const REAL *b[2] = {at(&job->b, k, panel, job->parts), 0}, *sides = panels;
            width = by_four && tiles > 1 && is_pair(job, panel, last_panel) ? 2 : 1;
            if (width == 2) {
                b[1] = at(&job->b, k, panel + 1, job->parts);
                if (job->combined) sides = (const REAL *)job->combined + panel / 2 * combined_size(job->depth) + combined_size(k);
                else combine_panels(b[0], b[1], half, panels);
            }
            for (ptrdiff_t t = 0, pair; t < tiles; t += pair) {
                REAL *c[2][2];
                ptrdiff_t height = starts[t + 1] - starts[t];       /* of two, the first is no less high */
                pair = width == 2 && t + 1 < tiles ? 2 : 1;
                for (int i = 0; i < pair; i++)
                    for (int j = 0; j < width; j++) {
                        c[i][j] = sums_of(work, sums, starts[t + i], t + i, first_panel, panel + j);
                        if (last) ask_ahead(job, starts[t + i], starts[t + i + 1] - starts[t + i], panel + j);
                        if (pair == 2 && k == 0) memset(c[i][j], 0, height * PANEL * sizeof(REAL));
                    }
                const REAL *tile = a + t * TILE * depth;
                if (pair == 2)
                    multiply_four((int)height, half, tile, tile + TILE * depth, combined + t / 2 * COMBINED * half * TILE, b[0], b[1], sides,
                                  c[0][0], c[0][1], c[1][0], c[1][1]);
                else for (int j = 0; j < width; j++) multiply_tile((int)height, depth, tile, b[j], c[0][j], k > 0);
                for (int i = 0; last && i < pair; i++)
                    for (int j = 0; j < width; j++)
                        if (job->take || job->bias || c[i][j] != at(&job->out, starts[t + i], panel + j, job->parts))
                            finish(job, c[i][j], starts[t + i], starts[t + i + 1] - starts[t + i], panel + j);
            }
        }
    }
    if (job->sums && first_tile == 0)
        for (ptrdiff_t panel = first_panel; panel < last_panel; panel++) sum_panel(job, panel, ones);
}
